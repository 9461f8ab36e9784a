"""A workbook of plain tables: what is read back, the same bytes, no formula, what a sheet holds."""

import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from helpers.report import xlsx
from helpers.report.xlsx import Sheet, write_workbook

ROWS = [
    ["001", "1", "Loyal & <young>"],
    ["=1+1", "-2.5", "a\nb\tc"],
    ["1e5", "1e-05", "_x0041_ \x01 Ä 用户"],
    ["", "nan", '"quoted"'],
]


def sheet() -> Sheet:
    return Sheet("segments", ["ID", "margin", "persona"], iter(ROWS), {"ID", "persona"})


def test_text_stays_text_and_numbers_are_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert write_workbook(path, [sheet(), Sheet("empty", ["a"], [])]) == {"segments": 4, "empty": 0}
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["segments", "empty"]
    assert book.get_sheet_by_name("segments").to_python() == [
        ["ID", "margin", "persona"],
        ["001", 1.0, "Loyal & <young>"],
        ["=1+1", -2.5, "a\nb\tc"],
        ["1e5", 1e-05, "_x0041_ \x01 Ä 用户"],
        ["", "nan", '"quoted"'],
    ]
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            ElementTree.fromstring(parts.read(name))
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_the_same_tables_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, [sheet()])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_sheet_holds_no_more_than_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 3)
    assert write_workbook(tmp_path / "a.xlsx", [sheet()]) == {"segments": 2}


def test_libreoffice_opens_it(tmp_path: Path) -> None:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("there is no LibreOffice")
    write_workbook(tmp_path / "a.xlsx", [sheet()])
    subprocess.run(
        [program, "--headless", "--convert-to", "csv", "--outdir", str(tmp_path), "a.xlsx"],
        cwd=tmp_path,
        check=True,
        timeout=120,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith("ID,margin,persona\n001,1,")
