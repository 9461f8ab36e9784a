"""What 01 refuses and what it says."""

from pathlib import Path

import pandas as pd
import pytest

from helpers.engines.local import LocalEngine
from helpers.errors import ParamsError
from helpers.narrative import features_chapter
from helpers.narrative.features_chapter import Findings
from helpers.params.column_types import parse_columns
from helpers.preparation.feature_checks import check_features


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([], "`features` is empty"),
        (["a", "a"], "`features` names `a` twice"),
        (["ID"], "`features` names the ID column `ID`"),
    ],
)
def test_features_that_say_nothing_are_refused(features: list[str], message: str) -> None:
    with pytest.raises(ParamsError, match=message):
        check_features(features, id_column="ID")


def found(**changes: object) -> Findings:
    values: dict[str, object] = {
        "rows": 10,
        "columns": 3,
        "used": 10,
        "reasons": pd.DataFrame({"reason": [], "n": []}),
        "repeats": 0,
        "constants": (),
        "impossible": pd.DataFrame(columns=["column", "possible", "n", "least", "most"]),
        "fences": pd.DataFrame(columns=["column", "low", "high", "below", "above"]),
        "missing": pd.DataFrame(columns=["column", "missing", "distinct"]),
        "not_finite": {},
        "undeclared": (),
        "date_formats": {},
    }
    return Findings(**(values | changes))  # type: ignore[arg-type]


def test_the_answer_of_a_clean_table() -> None:
    assert features_chapter.answer(found()) == (
        "10 customers with 3 columns each; every one of them can be clustered."
    )


def test_the_answer_names_the_reason() -> None:
    reasons = pd.DataFrame({"reason": ["`Income` is missing"], "n": [1]})

    assert features_chapter.answer(found(used=9, reasons=reasons)) == (
        "10 customers with 3 columns each; 9 of them (90%) can be clustered and 1 is set aside, "
        "because Income is missing."
    )


def test_a_clean_table_reads_as_clean() -> None:
    assert features_chapter.faults_reading(found(), {}) == ["Nothing was found wrong."]


def test_only_so_many_columns_are_drawn_and_the_rest_is_said():
    names = [f"c{n}" for n in range(14)]
    assert features_chapter.drawn(names) == names[:12]
    assert features_chapter.not_drawn(names[:12]) == []
    assert features_chapter.not_drawn(names)[0].startswith(
        "2 more columns that the params file names are"
    )


def counted(folder: Path, name: str, texts: list[str]) -> dict[str, int]:
    path = folder / "t.csv"
    path.write_text(f"{name},n\n" + "".join(f"{text},1\n" for text in texts))
    declared = parse_columns({name: {"type": "category"}})
    table, facts = LocalEngine().read(path, columns=declared, null_values=[""])
    shown = features_chapter.category_counts(table, facts, floor=5)
    held = sum(text != "" for text in texts)
    assert shown["share"].sum() == pytest.approx(held / len(texts))
    return dict(zip(shown["category"], shown["n"], strict=True))


def test_all_categories_of_a_column_are_counted_however_many(tmp_path: Path) -> None:
    towns = ["here"] * 700 + ["there"] * 300 + [f"town {n}" for n in range(40)] + [""] * 50
    assert counted(tmp_path, "town", towns) == {
        "here": 700,
        "there": 300,
        "40 rarer categories": 40,
    }


def test_very_many_categories_and_names_of_people_are_not_shown(tmp_path: Path) -> None:
    towns = ["here"] * 700 + [f"town {n}" for n in range(2500)]
    assert counted(tmp_path, "town", towns) == {"2,501 different ones, not shown": 3200}
    names = ["Smith"] * 60 + [f"name {n}" for n in range(29)]
    assert counted(tmp_path, "Surname", names) == {"30 different ones, not shown": 89}
    assert counted(tmp_path, "town", names) == {"Smith": 60, "29 rarer categories": 29}


def test_infinite_values_are_counted_and_said() -> None:
    treatments = dict.fromkeys(("repeats", "impossible", "outliers"), "keep") | {"nulls": "drop"}
    findings = found(not_finite={"Ratio": 3})
    rows = features_chapter.faults(findings, treatments)
    row = rows[rows["where"] == "Ratio"].iloc[0]
    assert (row["n"], row["done"]) == (3, "taken as missing")
    assert features_chapter.faults_reading(findings, treatments) == [
        "Ratio has no finite value for 3 customers, who count as lacking it."
    ]
