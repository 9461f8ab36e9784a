import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.model.fitted import assign
from helpers.params import loader
from helpers.params.declarations import Declaration
from helpers.pipeline.stages import GIVEN_BY_RUN, all_declarations, stages
from helpers.scaffold import draft, schema
from helpers.scaffold.draft import draft_params
from helpers.scaffold.schema import params_schema
from tests.pipeline.fixtures import make_run

DEFAULTS = {"fence_quantiles": [0.25, 0.75], "fence_reach": 1.5}


def shop(rows: int = 300) -> pd.DataFrame:
    """German headers that need quoting, semicolons, a boolean, dates, an ID that is text."""
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "Kundennummer": [f"K-{number:05d}" for number in rng.permutation(rows)],
            "Käufe: Anzahl": rng.poisson(5, rows),
            "Umsatz (€) `gesamt`": rng.gamma(2, 100, rows).round(2),
            "aktiv?": rng.choice(["true", "false"], rows),
            "Straße #1": rng.choice(["Haupt", "Neben's", "- x: y"], rows),
            "Beitritt": pd.to_datetime("2020-01-31")
            + pd.to_timedelta(rng.integers(0, 900, rows), "D"),
            "PLZ": rng.integers(10000, 99999, rows),
            "immer": 1,
            "leer": None,
        }
    ).assign(Beitritt=lambda frame: frame["Beitritt"].dt.strftime("%d.%m.%Y"))


def few(rows: int = 60) -> pd.DataFrame:
    """No ID, Japanese headers, gaps, nothing to count."""
    rng = np.random.default_rng(4)
    table = pd.DataFrame({"売上": rng.gamma(2, 10, rows), "年齢": rng.normal(40, 9, rows)}).round(2)
    table["会員"] = rng.choice([0, 1], rows)
    table.loc[::3, "年齢"] = np.nan
    return table


def sensors(rows: int = 500) -> pd.DataFrame:
    """Words that YAML takes for something else, a unique measure, an ID by its name."""
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "yes": rng.normal(0, 1, rows),
            "null": rng.integers(0, 100_000, rows),
            "1.5": rng.gamma(1, 1, rows),
            "deviceID": rng.permutation(rows * 3)[:rows],
            "{a: b}": rng.choice([0, 1], rows),
            "mostly zero": np.where(np.arange(rows) < 2, 5, 0),
        }
    )


def measured(rows: int = 200) -> pd.DataFrame:
    """Scores around 0, of which none is an amount, and two categories."""
    rng = np.random.default_rng(6)
    table = pd.DataFrame(rng.normal(size=(rows, 3)), columns=["warm", "wet", "wide"]).round(3)
    return table.assign(town=rng.choice(["A", "B"], rows), kind=rng.choice(["x", "y"], rows))


def drafted(folder: Path, table: pd.DataFrame, **options: str) -> dict[str, object]:
    path = folder / "table.csv"
    table.to_csv(path, index=False, **options)  # type: ignore[call-overload]
    text = draft_params(path)
    return loader.parse(text, name="drafted.yml").values


def test_a_shop_in_german(tmp_path: Path) -> None:
    values = drafted(tmp_path, shop(), sep=";")
    assert values["id_column"] == "Kundennummer"
    assert values["columns"]["Beitritt"] == {"type": "date", "format": "dd.MM.yyyy"}
    assert values["columns"]["aktiv?"] == {"type": "flag"}
    assert values["columns"]["PLZ"] == {"type": "category"}
    assert values["features"] == ["Käufe: Anzahl", "Umsatz (€) `gesamt`", "days_since_beitritt"]
    assert values["value_column"] == "Umsatz (€) `gesamt`"
    assert values["outcomes"] == []
    assert values["category_columns"] == ["aktiv?", "Straße #1"]
    latest = pd.to_datetime(shop()["Beitritt"], dayfirst=True).max()
    assert values["as_of"] == latest.date().isoformat()


def test_few_rows_without_an_id(tmp_path: Path) -> None:
    values = drafted(tmp_path, few())
    assert values["id_column"] == ""
    assert values["features"] == ["売上", "年齢"]
    assert values["value_column"] == "売上"
    assert values["nulls"] == "median"
    assert values["k_max"] == 6
    assert values["category_columns"] == ["会員"]


def test_names_that_yaml_would_misread(tmp_path: Path) -> None:
    values = drafted(tmp_path, sensors())
    assert list(values["columns"]) == ["yes", "null", "1.5", "deviceID", "{a: b}", "mostly zero"]
    assert values["id_column"] == "deviceID"
    assert values["features"] == ["yes", "null", "1.5"]
    # No name says that money is earned.
    assert values["value_column"] == ""


def test_flags_are_features_where_there_is_little_else(tmp_path: Path) -> None:
    table = few().drop(columns="年齢")
    values = drafted(tmp_path, table)
    assert values["features"] == ["売上", "会員"]
    assert values["outcomes"] == []


def test_dates_that_cannot_be_told_are_taken_as_text(tmp_path: Path) -> None:
    table = few().assign(when="01/02/2020")
    table.loc[0, "when"] = "03/04/2021"
    values = drafted(tmp_path, table)
    assert values["columns"]["when"] == {"type": "category"}


def test_nothing_to_tell_customers_apart_by(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no column that could be a feature"):
        drafted(tmp_path, pd.DataFrame({"a": [f"t{n % 25}" for n in range(40)], "b": 1}))
    with pytest.raises(TableError, match="2 customers that differ in the features"):
        drafted(tmp_path, pd.DataFrame({"a": ["x", "y"] * 20, "b": 1}))


def test_categories_are_features_where_there_is_nothing_else(tmp_path: Path) -> None:
    ages, homes = ["19-24", "25-34", "35-44", "65+"] * 10, ["own", "rent"] * 10 + ["own"] * 20
    values = drafted(tmp_path, pd.DataFrame({"age": ages, "home": homes, "note": list("ab" * 20)}))
    assert values["features"] == ["age", "home", "note"]
    assert values["category_columns"] == []
    assert values["histograms"] == []


def test_no_amount_is_made_up(tmp_path: Path) -> None:
    values = drafted(tmp_path, measured())
    assert values["value_column"] == ""
    assert values["box_plots"] == [{"number": "warm", "by": name} for name in ("town", "kind")]
    assert values["pivots"] == [{"mean": "warm", "rows": "town", "columns": "kind"}]


@pytest.mark.parametrize(
    "table",
    [shop(), few(), sensors(), measured()],
    ids=["shop", "few", "sensors", "measured"],
)
def test_a_draft_runs_as_drafted(table: pd.DataFrame, tmp_path: Path) -> None:
    values = drafted(tmp_path, table)
    checked = loader.parse(draft_params(tmp_path / "table.csv"), name="drafted.yml")
    declarations = all_declarations(stages())
    loader.check(checked, declarations, given_by_run=GIVEN_BY_RUN)
    model, segments = make_run(tmp_path / "table.csv", values | DEFAULTS, k=2)
    assert segments["segment"].notna().all()
    assert sorted(segments["segment"].unique()) == [1, 2]
    assert assign(model, pd.DataFrame([model.scaling.mean], columns=model.features)).shape == (1, 3)


def test_the_same_table_gives_the_same_draft(tmp_path: Path) -> None:
    shop().to_csv(tmp_path / "a.csv", index=False)
    assert draft_params(tmp_path / "a.csv") == draft_params(tmp_path / "a.csv")


@pytest.mark.seed_data
def test_the_published_table(seed_data: Path) -> None:
    values = loader.parse(draft_params(seed_data / "customers.csv"), name="drafted.yml").values
    assert values["id_column"] == "ID"
    assert values["as_of"] == "2014-06-29"
    assert {"Income", "Recency", "total_amount", "age"} <= set(values["features"])
    assert not {"Response", "Complain", "Z_Revenue"} & set(values["features"])
    assert values["value_column"] == "total_amount"
    assert len(values["spend_columns"]) == 6
    assert values["rfm"] == {
        "recency": "Recency",
        "frequency": "total_purchases",
        "monetary": "total_amount",
    }


def test_schema_follows_the_declarations() -> None:
    declarations = {
        "k": Declaration("k", ("int", "str"), "auto", "number of segments"),
        "nulls": Declaration("nulls", ("str",), "drop", "gaps"),
        "data": Declaration("data", ("str",), "", ""),
    }
    schema = params_schema(declarations, given_by_run=("data",))
    assert schema["properties"] == {
        "k": {
            "description": "number of segments",
            "type": ["integer", "string"],
            "anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 2}],
            "default": "auto",
        },
        "nulls": {
            "description": "gaps",
            "type": "string",
            "enum": ["drop", "median"],
            "default": "drop",
        },
    }
    assert schema["additionalProperties"] is False


def test_the_project_s_params_files_fit_the_schema(root: Path, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = params_schema(all_declarations(stages()), given_by_run=GIVEN_BY_RUN)
    json.dumps(schema, allow_nan=False)
    validator = jsonschema.Draft202012Validator(schema)
    for name in ("default.yml", "sparkflows.yml", "rfm.yml"):
        assert not list(validator.iter_errors(loader.load(root / "params" / name).values))
    assert not list(validator.iter_errors(drafted(tmp_path, shop())))
    wrong = {"k_mx": 3, "nulls": "mean", "columns": {"a": {"type": "text"}}, "k": 0}
    assert len(list(validator.iter_errors(wrong))) == 4


def test_the_schema_beside_the_params_files_is_current_and_they_name_it(root: Path) -> None:
    assert (root / schema.SCHEMA).read_text(encoding="utf-8") == schema.schema_text()
    for path in (root / "params").glob("*.yml"):
        if not path.name.startswith("personas"):
            assert "$schema=schema.json" in path.read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.parametrize(
    ("folder", "named"),
    [
        ("params", "schema.json"),
        (".", "params/schema.json"),
        ("reports/x", "../../params/schema.json"),
    ],
)
def test_a_draft_finds_the_schema_from_where_it_lies(
    folder: str, named: str, tmp_path: Path
) -> None:
    few().to_csv(tmp_path / "t.csv", index=False)
    text = draft_params(tmp_path / "t.csv", folder=draft.ROOT / folder)
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={named}"
    assert draft_params(tmp_path / "t.csv").startswith(
        "# yaml-language-server: $schema=schema.json"
    )


def test_a_draft_elsewhere_names_no_path_of_the_machine(tmp_path: Path) -> None:
    few().to_csv(tmp_path / "t.csv", index=False)
    text = draft_params(tmp_path / "t.csv", folder=tmp_path)
    assert not text.startswith("# yaml-language-server")
    assert "once it lies in params/" in text.splitlines()[0]
    assert str(draft.ROOT) not in text
    assert str(tmp_path) not in text
