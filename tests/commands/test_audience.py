"""Audiences and read-outs of small runs: the files, the rules, the same bytes, or one message."""

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from helpers.campaign.audience import Settings, audience_sql, make_audiences
from helpers.campaign.split import groups
from helpers.commands.audience import make_audience, settings_of
from helpers.commands.readout import make_readout
from helpers.comparison.runs import read_run
from helpers.errors import ParamsError, RunError, SegmentationError, TableError
from tests.comparison.fixtures import table, write_run

SETTINGS = Settings(holdout=0.4, salt="spring", rate=0.1, lift=0.2)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    write_run(tmp_path / "march", table(40))
    return tmp_path


def everyone(reports: Path) -> pd.DataFrame:
    return pd.read_csv(reports / "march-audience" / "audience.csv", dtype=str)


def test_each_persona_has_a_file_with_both_groups(reports: Path) -> None:
    made = make_audience(reports, "march", SETTINGS)
    folder = made.parent
    held = everyone(reports)
    assert list(held) == ["ID", "audience", "segment", "persona", "group", "borderline"]
    assert len(held) == 120
    assert held["group"].tolist() == groups(held["ID"], salt="spring", holdout=0.4)
    names = sorted(one.name for one in folder.glob("audience-*.csv"))
    assert names == [
        "audience-1-rich-b.csv",
        "audience-2-middling.csv",
        "audience-3-thrifty.csv",
    ]
    parts = pd.concat([pd.read_csv(folder / name, dtype=str) for name in names])
    assert sorted(parts["ID"]) == sorted(held["ID"])
    plan = json.loads((folder / "audience.json").read_text(encoding="utf-8"))
    assert [one["customers"] for one in plan["audiences"]] == [40, 40, 40]
    assert not any(one["powered"] for one in plan["audiences"])
    page = made.read_text(encoding="utf-8")
    assert "Rich &lt;b&gt;" in page
    assert "MERGE=yes" in page


def test_the_same_run_and_salt_give_the_same_bytes(reports: Path) -> None:
    folder = make_audience(reports, "march", SETTINGS).parent
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    make_audience(reports, "march", SETTINGS)
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before


def test_small_segments_are_merged_on_request(reports: Path) -> None:
    run = read_run(reports / "march", role="RUN")
    merged = Settings(holdout=0.4, salt="spring", rate=0.1, lift=0.2, merge=True)
    made = make_audiences(run, reports / "march", merged)
    assert made.table["segments"].tolist() == [[1, 2, 3]]
    assert made.table["n"].tolist() == [120]


def test_who_has_no_segment_or_is_of_a_small_one_is_in_no_audience(tmp_path: Path) -> None:
    customers = table(20)
    write_run(tmp_path / "march", customers, privacy_floor=21)
    with pytest.raises(RunError, match="no audience"):
        make_audience(tmp_path, "march", SETTINGS)
    segments = tmp_path / "march" / "segments.csv"
    held = pd.read_csv(segments, dtype=str)
    held.loc[:2, ["segment", "persona", "margin"]] = None
    held.to_csv(segments, index=False)
    manifest = tmp_path / "march" / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"privacy_floor": 21', '"privacy_floor": 18'), "utf-8")
    made = make_audiences(read_run(tmp_path / "march", role="RUN"), tmp_path / "march", SETTINGS)
    assert made.table["segments"].tolist() == [[2], [3]]
    assert made.left_out.to_dict("records") == [
        {"reason": "without a segment", "n": 3},
        {"reason": "of a segment with fewer customers than `privacy_floor`", "n": 17},
    ]


def test_rates_come_from_the_first_outcome_of_the_run(tmp_path: Path) -> None:
    customers = table(40).assign(Response=[int(at % 4 == 0) for at in range(120)])
    write_run(tmp_path / "march", customers, outcomes=["Response"])
    run = read_run(tmp_path / "march", role="RUN")
    made = make_audiences(run, tmp_path / "march", Settings())
    assert made.rate_from == "Response"
    assert made.table["rate"].tolist() == pytest.approx([0.25] * 3)


def test_the_sql_draws_the_same_from_the_raw_table(reports: Path) -> None:
    run = read_run(reports / "march", role="RUN")
    made = make_audiences(run, reports / "march", SETTINGS)
    raw = table(40).sample(frac=1, random_state=1)
    with duckdb.connect() as database:
        database.register("customers", raw)
        found = database.execute(audience_sql(run, made, dialect="duckdb")).df()
    wanted = made.customers.set_index("ID")
    found = found.set_index("ID").loc[wanted.index]
    for name in ("audience", "segment", "persona", "group"):
        assert found[name].tolist() == wanted[name].tolist(), name


@pytest.mark.parametrize("dialect", ["postgres", "spark", "bigquery", "snowflake"])
def test_every_dialect_reads_its_own_text(reports: Path, dialect: str) -> None:
    import sqlglot

    run = read_run(reports / "march", role="RUN")
    made = make_audiences(run, reports / "march", SETTINGS)
    assert sqlglot.parse(audience_sql(run, made, dialect=dialect), read=dialect)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"HOLDOUT": "half"}, "HOLDOUT is 'half'"),
        ({"HOLDOUT": "1.5"}, "HOLDOUT is 1.5"),
        ({"LIFT": "0"}, "LIFT is 0"),
        ({"RATE": "120%"}, "RATE is 1.2"),
        ({"SALT": "  "}, "SALT is empty"),
        ({"MERGE": "perhaps"}, "MERGE is 'perhaps'"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(variables: dict[str, str], said: str) -> None:
    with pytest.raises(ParamsError, match=said):
        settings_of(variables)
    assert settings_of({"HOLDOUT": "20%"}).holdout == 0.2


def results(reports: Path, path: Path, *, lift: float = 0.5) -> Path:
    """About half of the treated customers bought for 10 each, of the others none."""
    held = everyone(reports)
    bought = [
        int(group == "treatment" and at / len(held) % 0.1 < 0.1 * lift)
        for at, group in enumerate(held["group"])
    ]
    made = pd.DataFrame({"ID": held["ID"], "bought": bought, "amount": [10.0 * b for b in bought]})
    made.to_csv(path, index=False)
    return path


def test_a_read_out_says_what_changed(reports: Path, tmp_path: Path) -> None:
    make_audience(reports, "march", SETTINGS)
    made = make_readout(reports, "march", results(reports, tmp_path / "results.csv"))
    page = made.read_text(encoding="utf-8")
    assert "More of the treated customers bought" in page
    assert "All who were treated brought" in page
    rows = pd.read_csv(made.parent / "readout.csv")
    assert rows["held_rate"].tolist() == [0, 0, 0]
    assert (rows["low"] > 0).all()
    assert "C-7" not in page
    before = made.read_bytes()
    make_readout(reports, "march", tmp_path / "results.csv")
    assert made.read_bytes() == before


def test_missing_unknown_and_unlike_customers_are_warned_of(reports: Path, tmp_path: Path) -> None:
    make_audience(reports, "march", SETTINGS)
    path = results(reports, tmp_path / "results.csv")
    held = pd.read_csv(path)
    rich = everyone(reports)["segment"] == "1"
    treated = everyone(reports)["group"] == "treatment"
    kept = held[~(rich & treated)]
    pd.concat([kept, held.iloc[:1].assign(ID="nobody")]).to_csv(path, index=False)
    page = make_readout(reports, "march", path).read_text(encoding="utf-8")
    assert "have no result" in page
    assert "More are missing in one group than chance explains" in page
    assert "1 ID of the results is in no audience" in page
    assert "differed before the campaign" in page


FAULTS = {
    "no ID": ("customer,bought\n1,1\n", "lack the column `ID`"),
    "no result": ("ID,clicked\nC-70001,1\n", "neither a column `bought`"),
    "not yes or no": ("ID,bought\nC-70001,often\nC-70002,1\n", "'often' \\(row 1"),
    "twice": ("ID,bought\nC-70001,1\nC-70001,0\n", "repeat an ID"),
    "strangers": ("ID,bought\nx,1\ny,0\n", "none of 2 IDs"),
    "no amount": ("ID,amount\nC-70001,much\nC-70002,3\n", "'much'"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_bad_results_are_one_message_and_leave_nothing(
    kind: str, reports: Path, tmp_path: Path
) -> None:
    make_audience(reports, "march", SETTINGS)
    text, said = FAULTS[kind]
    (tmp_path / "results.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SegmentationError, match=said):
        make_readout(reports, "march", tmp_path / "results.csv")
    assert not (reports / "march-readout").exists()


def test_what_is_not_there_is_said(reports: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="make audience RUN=march"):
        make_readout(reports, "march", tmp_path / "results.csv")
    with pytest.raises(RunError, match="is not there"):
        make_audience(reports, "april", SETTINGS)
    make_audience(reports, "march", SETTINGS)
    with pytest.raises(TableError, match="are not there"):
        make_readout(reports, "march", tmp_path / "absent.csv")
    assert not (reports / "april-audience").exists()
