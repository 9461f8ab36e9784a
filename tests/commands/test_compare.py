"""Two runs in: the right moves and causes out, the same bytes, nobody's ID, or one message."""

import json
from pathlib import Path

import pandas as pd
import pytest

from helpers.commands.compare import make_comparison, page
from helpers.comparison import moves
from helpers.comparison.match import compare
from helpers.comparison.runs import read_run
from helpers.errors import RunError
from helpers.narrative import comparison_chapter
from tests.comparison.fixtures import PARAMETERS, moved_on, table, write_run


def listed(place: Path) -> pd.DataFrame:
    return pd.read_csv(place.parent / "moves.csv", dtype=str, keep_default_na=False)


def found(folder: Path, old: str = "old", new: str = "new"):
    return compare(read_run(folder / old, role="FROM"), read_run(folder / new, role="TO"))


def test_two_runs_of_the_same_inputs_show_no_move(tmp_path: Path) -> None:
    write_run(tmp_path / "old", table())
    write_run(tmp_path / "new", table())

    place = make_comparison(tmp_path, "old", "new")

    assert place == tmp_path / "old-to-new" / "compare.html"
    assert listed(place).empty
    assert list(listed(place).columns) == ["ID", "from", "to", "cause"]
    assert "Nobody moved: all of the 60 customers" in place.read_text(encoding="utf-8")


def test_a_renumbered_run_in_another_order_plants_no_move(tmp_path: Path) -> None:
    write_run(tmp_path / "old", table())
    write_run(
        tmp_path / "new",
        table().iloc[::-1].reset_index(drop=True),
        (0.0, 100.0, 50.0),
        personas=("Thrifty", "Rich <b>", "Middling"),
    )

    comparison = found(tmp_path)

    assert comparison.counterpart == {1: 3, 2: 1, 3: 2}
    assert comparison.customers["cause"].isna().all()


def test_other_centres_on_the_same_table_are_the_fit_and_never_behaviour(tmp_path: Path) -> None:
    write_run(tmp_path / "old", table())
    # The border between the first two now runs through the first group.
    write_run(tmp_path / "new", table(), (147.0, 50.0, 0.0), seed=2)

    comparison = found(tmp_path)

    assert set(comparison.moved["cause"]) == {moves.FIT}
    assert 0 < len(comparison.moved) < 20


def test_planted_movers_are_all_found_and_named_behaviour(tmp_path: Path) -> None:
    planted = [0, 1, 2, 3, 4, 5, 21, 22, 23, 24, 25]
    later = moved_on(table(), planted[:6], 0.0)
    later = moved_on(later, planted[6:], 101.0)
    later = pd.concat([later.drop(index=[40]), table().tail(1).assign(ID="N-1")])
    write_run(tmp_path / "old", table())
    write_run(tmp_path / "new", later.sample(frac=1, random_state=3).reset_index(drop=True))

    place = make_comparison(tmp_path, "old", "new")

    moved = listed(place).set_index("ID")
    ids = table()["ID"]
    assert moved["cause"].to_dict() == {ids[at]: "behaviour" for at in planted} | {
        ids[40]: "gone customer",
        "N-1": "new customer",
    }
    assert moved.loc[ids[0]].tolist() == ["1", "3", "behaviour"]
    assert moved.loc[ids[21]].tolist() == ["2", "1", "behaviour"]
    behaviour = comparison_chapter.behaviour_table(found(tmp_path))
    assert behaviour[["from", "to", "customers"]].drop_duplicates().values.tolist() == [
        ["1", "3", 6],
        ["2", "1", 5],
    ]
    text = place.read_text(encoding="utf-8")
    assert "11 of 59 customers (19%) changed segment, all of them by their own behaviour." in text


def test_movers_are_told_from_the_fit_where_most_customers_move(tmp_path: Path) -> None:
    """The overlap that pairs the segments is on the new columns: an exodus is no renaming."""
    later = moved_on(table(), range(0, 15), 50.0)
    later = moved_on(later, range(20, 35), 100.0)
    write_run(tmp_path / "old", table())
    write_run(tmp_path / "new", later)

    comparison = found(tmp_path)

    assert comparison.counterpart == {1: 1, 2: 2, 3: 3}
    assert comparison.moved["cause"].tolist() == [moves.BEHAVIOUR] * 30
    assert comparison_chapter.finding(comparison).startswith("Customers changed")


def test_a_split_segment_is_by_k(tmp_path: Path) -> None:
    write_run(tmp_path / "old", table(), (100.0, 25.0))
    write_run(tmp_path / "new", table(), (100.0, 50.0, 0.0))

    comparison = found(tmp_path)

    assert comparison.customers["cause"].value_counts().to_dict() == {moves.K: 20}
    assert comparison_chapter.finding(comparison) == (
        "Nobody's behaviour changed their segment; the cut went from 2 segments to 3."
    )
    assert "replace the old segments" in comparison_chapter.for_the_crm(comparison)


def test_a_step_of_the_same_name_with_another_meaning_is_a_setting(tmp_path: Path) -> None:
    write_run(tmp_path / "old", table(), (100.0, 50.0, 0.0))
    write_run(tmp_path / "new", table(), (147.0, 50.0, 0.0), sql_steps=[{"total": "b"}])

    comparison = found(tmp_path)

    assert comparison.told_apart
    assert comparison.settings == ["sql_steps"]
    assert set(comparison.moved["cause"]) == {moves.SETTINGS}


def test_numbers_agree_between_the_tables(tmp_path: Path) -> None:
    write_run(tmp_path / "old", table())
    write_run(tmp_path / "new", moved_on(table(), [0, 1, 2, 3, 4, 5, 30], 0.0))
    comparison = found(tmp_path)

    assert comparison_chapter.flows(comparison)["n"].sum() == 60
    assert comparison_chapter.flow_table(comparison)["customers"].tolist() == [6, 1]
    assert (
        comparison_chapter.cause_table(comparison)["customers"].sum() == len(comparison.moved) == 7
    )
    sizes = comparison_chapter.segment_table(comparison)
    assert sizes["customers after"].tolist() == [14, 19, 27]
    assert sizes["value before"].iloc[0] == pytest.approx((table()["a"] + table()["b"])[:20].mean())


def test_no_id_and_no_way_of_few_is_in_the_report(tmp_path: Path) -> None:
    write_run(tmp_path / "old", table())
    write_run(tmp_path / "new", moved_on(table(), [0, 1, 2, 30], 0.0))

    comparison = found(tmp_path)
    text = page(comparison)

    assert [one for one in table()["ID"] if one in text] == []
    assert comparison_chapter.flow_table(comparison)["from"].tolist() == [comparison_chapter.OTHER]
    assert comparison_chapter.cause_table(comparison)["cause"].tolist() == [
        comparison_chapter.OTHER
    ]
    assert comparison_chapter.behaviour_table(comparison).empty
    assert "Fewer than 5 of 60 customers changed segment: too few by any one cause" in text
    assert ">fewer than 5<" in text


def test_the_same_runs_give_the_same_bytes_again(tmp_path: Path) -> None:
    write_run(tmp_path / "old", table())
    write_run(tmp_path / "new", moved_on(table(), range(8), 0.0))
    place = make_comparison(tmp_path, "old", "new")
    before = [one.read_bytes() for one in sorted(place.parent.iterdir())]

    make_comparison(tmp_path, "old", "new")

    assert [one.read_bytes() for one in sorted(place.parent.iterdir())] == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["new", "old", "old-to-new"]


def test_parameters_that_differ_are_marked_and_come_first(tmp_path: Path) -> None:
    write_run(tmp_path / "old", table())
    write_run(tmp_path / "new", table(), seed=2, title="x")

    marked = comparison_chapter.parameter_table(found(tmp_path))

    assert marked.loc[marked["mark"] == "differs", "parameter"].tolist() == ["seed", "title"]
    assert marked["mark"].tolist()[:3] == ["differs", "differs", ""]
    assert len(marked) > len(PARAMETERS)


def broken(folder: Path, case: str) -> tuple[str, str]:
    """Break one thing, and say what names to compare and what to expect."""
    write_run(folder / "old", table())
    new = folder / "new"
    if case == "disjoint":
        write_run(new, table().assign(ID=[f"X{at}" for at in range(60)]))
        return "new", "FROM=old and TO=new share no customer"
    if case == "no id":
        write_run(new, table(), id_column=None)
        return "new", "TO=new: the run has no ID column"
    if case == "absent":
        return "new", "TO=new: `reports/new` is not there. Runs that are there: old."
    if case == "path":
        return "../old", "TO is '../old': expected the name of a run"
    if case == "unnamed":
        return "", "no run was named: give TO="
    write_run(new, table())
    if case == "unfinished":
        (new / "features.parquet").unlink()
        return "new", "TO=new: `reports/new` has no `features.parquet`"
    if case == "older":
        facts = json.loads((new / "model.json").read_text(encoding="utf-8"))
        facts["format"] = 0
        (new / "model.json").write_text(json.dumps(facts), encoding="utf-8")
        return "new", "TO=new: `model.json`, `format`: expected format 1, got 0"
    if case == "manifest":
        (new / "manifest.json").write_text('{"k": 3}', encoding="utf-8")
        return "new", "TO=new: `manifest.json` lacks `parameters`"
    (folder / "old-to-new").mkdir()
    (folder / "old-to-new" / "model.json").write_text("{}", encoding="utf-8")
    return "new", "`reports/old-to-new` is a run of its own"


CASES = [
    *("disjoint", "no id", "absent", "path", "unnamed", "unfinished", "older", "manifest", "taken"),
]


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_compared_is_one_message_and_writes_nothing(
    case: str, tmp_path: Path
) -> None:
    name, message = broken(tmp_path, case)
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(RunError) as caught:
        make_comparison(tmp_path, "old", name)

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_repeated_ids_are_left_out_and_said(tmp_path: Path) -> None:
    twice = table()
    twice.loc[1, "ID"] = twice.loc[0, "ID"]
    write_run(tmp_path / "old", table())
    write_run(tmp_path / "new", twice)

    comparison = found(tmp_path)

    assert comparison.repeated == 1
    assert len(comparison.matched) == 58
    assert "1 ID occurs more than once" in page(comparison)
