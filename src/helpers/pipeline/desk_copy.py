"""`segments.xlsx`: what a run leaves as tables, in one workbook for a desk."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.narrative import desk_sheets
from helpers.report.xlsx import MOST_ROWS, Sheet, write_workbook
from helpers.spreadsheets import restore_text

NAME = "segments.xlsx"


def write_desk_copy(folder: Path, values: Mapping[str, Any]) -> None:
    """
    Write `segments.xlsx` from the files of a run.

    Its sheets are `dictionary`, `segments` (one row a customer), `profiles` and `tuning`. Texts
    stay texts: an ID `001` is no number, and nothing is a formula. A sheet holds 1,048,576 rows;
    of more customers the first are there, and the dictionary says so.

    Parameters
    ----------
    folder : Path
        The run, with `segments.csv`, `profiles.csv` and `tuning.csv`.
    values : mapping
        Its parameters.
    """
    sheets = []
    id_column = str(values.get("id_column") or "")
    texts = {
        "segments": {id_column, "persona", "reason"},
        "profiles": {"persona"},
        "tuning": set[str](),
    }
    columns: dict[str, list[str]] = {}
    for name, texty in texts.items():
        path = folder / f"{name}.csv"
        columns[name] = _header(path)
        sheets.append(Sheet(name, columns[name], _rows(path), texty))
    customers = _count(folder / "segments.csv")
    dictionary = desk_sheets.dictionary(columns, values)
    if customers > MOST_ROWS - 1:
        dictionary.insert(0, desk_sheets.cut_row(customers, MOST_ROWS - 1))
    first = Sheet("dictionary", desk_sheets.COLUMNS, dictionary, desk_sheets.COLUMNS)
    write_workbook(folder / NAME, [first, *sheets])


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [restore_text(one) for one in next(csv.reader(stream))]


def _rows(path: Path) -> Iterator[Sequence[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        for row in rows:
            yield [restore_text(cell) if cell[:1] == "'" else cell for cell in row]


def _count(path: Path) -> int:
    """Customers of a run; the file is read only as far as it may be too long."""
    if path.stat().st_size < 2 * MOST_ROWS:
        return 0
    with path.open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.reader(stream)) - 1
