"""A table that does not fit into memory is refused before it is read, with both figures."""

import gzip
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from helpers.engines.local import LocalEngine
from helpers.errors import TableError
from helpers.tables import memory
from helpers.tables.memory import MEMORY_VARIABLE, Extent, available, extent, require_memory

LINES = "a,b,c\n" + "1,22,333\n" * 20_000
FRAME = pd.DataFrame({"a": range(20_000), "b": 1.5, "c": "x"})


def written(folder: Path, kind: str) -> Path:
    path = folder / f"t.{kind}"
    if kind == "csv":
        path.write_text(LINES)
    elif kind == "csv.gz":
        path.write_bytes(gzip.compress(LINES.encode()))
    elif kind == "parquet":
        FRAME.to_parquet(path)
    else:
        path.mkdir()
        (path / "_SUCCESS").write_text("")
        for part in ("1.csv", "2.csv"):
            (path / part).write_text("a,b,c\n" + "1,22,333\n" * 10_000)
    return path


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet", "parts"])
def test_the_extent_is_judged_without_reading_the_whole(tmp_path: Path, kind: str) -> None:
    found = extent(written(tmp_path, kind))
    assert found.columns == 3
    assert found.rows == pytest.approx(20_000, rel=0.02)


def test_a_large_packed_file_is_judged_by_its_size(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(memory, "HEAD_BYTES", 9_000)
    path = written(tmp_path, "csv.gz")
    assert extent(path).size == memory.UNPACKED * path.stat().st_size


def test_memory_grows_with_cells_and_with_text() -> None:
    assert Extent(1000, 10, 0).memory == 1000 * 10 * memory.BYTES_A_CELL
    assert Extent(10, 1, 10**9).memory == memory.TIMES_TEXT * 10**9


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet", "parts"])
def test_too_large_a_table_is_refused_with_both_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = written(tmp_path, kind)
    monkeypatch.setenv(MEMORY_VARIABLE, "2000000")
    with pytest.raises(TableError) as caught:
        LocalEngine().read(path, columns={}, null_values=[""])
    said = str(caught.value)
    assert f"`{path.name}` has about 20," in said or "about 19," in said
    assert "of 3 columns and would take about 3 MB of memory, but 2 MB are free" in said
    assert "Parquet" in said
    assert "`engine: spark`" in said
    monkeypatch.setenv(MEMORY_VARIABLE, "4000000")
    require_memory(path)


def test_what_is_broken_is_left_to_the_reader(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1" + b"x" * 99)
    (tmp_path / "broken.csv.gz").write_bytes(b"\x1f\x8b")
    for name in ("broken.parquet", "broken.csv.gz", "nowhere.csv"):
        assert extent(tmp_path / name) == Extent(0, 0, 0)


def test_this_machine_has_some_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MEMORY_VARIABLE, raising=False)
    assert (available() or 10**9) > 10**7


def test_a_workbook_is_judged_by_its_largest_sheet(tmp_path):
    path = tmp_path / "t.xlsx"
    book = xlsxwriter.Workbook(path)
    for rows in (3, 2_000):
        sheet = book.add_worksheet()
        for row in range(rows):
            sheet.write_row(row, 0, [row, 2.5, 3])
    book.close()
    found = extent(path)
    assert found.rows == pytest.approx(2_000, rel=0.1)
    assert found.columns == 3
    path.write_bytes(b"PK\x03\x04" + b"x" * 99)
    assert extent(path).rows == 0
