"""`segments.xlsx` holds what the CSV files of a run hold, and says what it is."""

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from helpers.pipeline import desk_copy
from helpers.pipeline.desk_copy import write_desk_copy

VALUES = {"id_column": "ID", "names": {"Age": "age"}, "units": {"Age": "years"}}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "segments.csv").write_text(
        "ID,segment,persona,margin,reason\n007,1,Calm,0.5,\n'=x,,,,Age is missing\n", "utf-8"
    )
    (tmp_path / "profiles.csv").write_text(
        "segment,persona,n,share,mean_Age\n1,Calm,1,1.0,41.5\n", "utf-8"
    )
    (tmp_path / "tuning.csv").write_text("k,inertia\n2,1.5\n", "utf-8")
    return tmp_path


def read(run: Path, name: str) -> list[list[object]]:
    return (
        CalamineWorkbook.from_path(str(run / "segments.xlsx")).get_sheet_by_name(name).to_python()
    )


def test_the_sheets_hold_the_files(run: Path) -> None:
    write_desk_copy(run, VALUES)
    assert read(run, "segments")[1:] == [
        ["007", 1.0, "Calm", 0.5, ""],
        ["=x", "", "", "", "Age is missing"],
    ]
    assert read(run, "profiles")[1] == [1.0, "Calm", 1.0, 1.0, 41.5]
    assert read(run, "tuning")[1] == [2.0, 1.5]
    told = {tuple(row[:2]): row[2:] for row in read(run, "dictionary")[1:]}
    assert told["segments", "ID"] == ["the customer", ""]
    assert told["profiles", "mean_Age"] == ["mean of age", "years"]
    assert all(said for said, _ in told.values())


def test_more_customers_than_a_sheet_holds_are_said(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_copy, "MOST_ROWS", 2)
    monkeypatch.setattr("helpers.report.xlsx.MOST_ROWS", 2)
    write_desk_copy(run, VALUES)
    assert len(read(run, "segments")) == 2
    assert "the first 1 of 2 customers" in str(read(run, "dictionary")[1][2])
