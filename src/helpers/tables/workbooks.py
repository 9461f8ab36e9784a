"""A sheet of an Excel workbook as rows of text: dates stay dates, numbers numbers, text text."""

import datetime as dt
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import TableError
from helpers.params.loader import nearest

ZIP = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
# A whole number beyond this is not exact as a workbook holds it.
MOST_WHOLE = 2**53
# Rows at the top of a sheet by which it is told whether it holds a table.
MOST_ROWS_TRIED = 1000


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, how many there are, and its rows with their numbers from 1."""

    name: str
    sheets: int
    rows: Sequence[tuple[int, list[str]]]


def is_workbook(path: Path, start: bytes) -> bool:
    """
    Whether a file is a workbook, by how it begins.

    Raises
    ------
    TableError
        For a zip file that is none.
    """
    if start.startswith(OLD_WORKBOOK):
        return True
    if not start.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, OSError):
        raise TableError(
            f"`{path.name}` is a zip file or an Excel workbook that is damaged: "
            "make or fetch it again."
        ) from None
    if any(one.startswith("xl/") or one == "content.xml" for one in names):
        return True
    raise TableError(
        f"`{path.name}` is a zip file: unpack it and name the table that it holds "
        "(CSV, an Excel workbook or Parquet)."
    )


def read_sheet(path: Path, sheet: str) -> Sheet:
    """
    Read a sheet of a workbook.

    Parameters
    ----------
    path : Path
        An `.xlsx`, `.xls`, `.xlsb` or `.ods` file.
    sheet : str
        Name of the sheet; where it is empty, the first one that holds a table.

    Returns
    -------
    Sheet
        Cells as text: a whole number without `.0`, a date as `yyyy-MM-dd`, with the time of
        day where it has one, true and false as words. An error such as `#N/A` is empty.

    Raises
    ------
    TableError
        Where the workbook is damaged or locked, or has no such sheet.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(path))
        names = list(book.sheet_names)
    except CalamineError as error:
        why = "locked by a password" if "password" in str(error).casefold() else "damaged"
        raise TableError(
            f"`{path.name}` is an Excel workbook that is {why}: save it again, "
            "or export the table as CSV."
        ) from None
    if not names:
        raise TableError(f"`{path.name}` is an Excel workbook without a sheet.")
    if sheet and sheet not in names:
        shown = ", ".join(f"`{one}`" for one in names[:12])
        raise TableError(
            f"`{path.name}` has no sheet `{sheet}`.{nearest(sheet, names)} It has: {shown}."
        )
    first: Sheet | None = None
    for name in [sheet] if sheet else names:
        try:
            found = book.get_sheet_by_name(name)
            cells = found.to_python(skip_empty_area=True)
        except CalamineError:
            raise TableError(
                f"`{path.name}`: the sheet `{name}` cannot be read: export it as CSV."
            ) from None
        top = found.start[0] if found.start else 0
        rows = [(top + at, [*map(as_text, row)]) for at, row in enumerate(cells, start=1)]
        if sheet or _holds_table(rows):
            return Sheet(name, len(names), rows)
        first = first or Sheet(name, len(names), rows)
    assert first is not None
    return first


def _holds_table(rows: Sequence[tuple[int, list[str]]]) -> bool:
    """Whether two rows have two cells or more: a cover sheet or a chart has not."""
    return sum(sum(map(bool, row)) > 1 for _, row in rows[:MOST_ROWS_TRIED]) > 1


def as_text(cell: object) -> str:
    """
    Text of a cell.

    Examples
    --------
    >>> as_text(17850.0), as_text(0.5), as_text("001"), as_text(dt.datetime(2024, 5, 6)), as_text(True)
    ('17850', '0.5', '001', '2024-05-06', 'true')
    """  # noqa: E501
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < MOST_WHOLE else repr(cell)
    if isinstance(cell, dt.datetime):
        day = cell.replace(microsecond=0)
        return str(day.date()) if day.time() == dt.time() else day.isoformat(sep=" ")
    return "" if cell is None else str(cell)
