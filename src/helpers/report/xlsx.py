"""An Excel workbook of plain tables: the same bytes each time, text that stays text, many rows.

Writing a row as text is more than ten times as fast as by XlsxWriter, which would make the run
of a million customers half as long again.
"""

import re
import sys
import zipfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

MOST_ROWS = 1_048_576
"""Rows that a sheet can hold, the header among them."""
MOST_LETTERS = 32_767
LEVEL = 1
EARLIEST = (1980, 1, 1, 0, 0, 0)
# What XML cannot hold; Excel writes it, and what looks like such a text, by its code.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
# What needs no escape, of a length that a cell can hold.
_PLAIN = re.compile(r"[A-Za-z0-9 .,:;/()-]{0,1000}")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TEXT_CELL = '<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>'
BLOCK = 20_000
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/>'
    '<name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill>'
    '<patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf xfId="0"/>'
    '<xf fontId="1" applyFont="1" xfId="0"/>'
    '<xf numFmtId="49" applyNumberFormat="1" xfId="0"/></cellXfs></styleSheet>'
)


@dataclass(frozen=True)
class Sheet:
    """
    One table.

    Attributes
    ----------
    name : str
        At most 31 letters.
    columns : sequence of str
        The header.
    rows : iterable of sequences of str
        Cells as text; an empty one is left out.
    texts : set of str
        Columns whose cells are texts, also those that look like numbers.
    """

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[str]]
    texts: Collection[str] = ()


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> dict[str, int]:
    """
    Write tables as one workbook.

    Parameters
    ----------
    path : Path
        The file.
    sheets : sequence of Sheet
        In order. Of a table with more rows than a sheet can hold the first are written.

    Returns
    -------
    dict of str to int
        Rows of each sheet that were written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_workbook(Path(folder) / "a.xlsx", [Sheet("a", ["ID"], [["001"], ["2"]], {"ID"})])
    {'a': 2}
    """
    written = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as book:
        for name, text in _frame(sheets).items():
            book.writestr(_entry(name), text)
        for at, sheet in enumerate(sheets, start=1):
            with book.open(_entry(f"xl/worksheets/sheet{at}.xml"), "w", force_zip64=True) as out:
                out.write(
                    f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView '
                    'workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
                    'state="frozen"/></sheetView></sheetViews><cols><col min="1" max="'
                    f'{max(len(sheet.columns), 1)}" width="18" customWidth="1"/></cols>'
                    "<sheetData>".encode()
                )
                letters = [_letters(place) for place in range(len(sheet.columns))]
                places = [
                    (one, name in sheet.texts)
                    for one, name in zip(letters, sheet.columns, strict=True)
                ]
                out.write(_header(letters, sheet.columns).encode())
                count, block = 0, []
                for row in sheet.rows:
                    if count + 1 >= MOST_ROWS:
                        break
                    count += 1
                    block.append(_row(count + 1, places, row))
                    if len(block) == BLOCK:
                        out.write("".join(block).encode())
                        block.clear()
                out.write("".join(block).encode())
                out.write(b"</sheetData></worksheet>")
            written[sheet.name] = count
    return written


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EARLIEST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    # `ZipFile.open` takes the level of the entry, whose name has changed in Python 3.13.
    setattr(entry, "compress_level" if sys.version_info >= (3, 13) else "_compresslevel", LEVEL)
    return entry


def _letters(place: int) -> str:
    """
    Name of a column, from 0.

    Examples
    --------
    >>> [_letters(0), _letters(25), _letters(26), _letters(701), _letters(702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def _header(letters: Sequence[str], names: Sequence[str]) -> str:
    cells = "".join(
        _TEXT_CELL % (f"{letter}1", 1, _text(name))
        for letter, name in zip(letters, names, strict=True)
    )
    return f'<row r="1">{cells}</row>'


def _row(number: int, places: Sequence[tuple[str, bool]], cells: Sequence[str]) -> str:
    parts = [f'<row r="{number}">']
    for (letter, is_text), cell in zip(places, cells, strict=True):
        if not cell:
            continue
        if is_text or _NUMBER.fullmatch(cell) is None:
            text = cell if _PLAIN.fullmatch(cell) else _text(cell)
            parts.append(_TEXT_CELL % (f"{letter}{number}", 2, text))
        else:
            parts.append(f'<c r="{letter}{number}"><v>{cell}</v></c>')
    parts.append("</row>")
    return "".join(parts)


def _text(text: str) -> str:
    coded = _CODED.sub("_x005F_", text[:MOST_LETTERS])
    return escape(_UNWRITABLE.sub(lambda one: f"_x{ord(one.group()):04X}_", coded))


def _frame(sheets: Sequence[Sheet]) -> dict[str, str]:
    """The parts of a workbook around its sheets."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name={quoteattr(sheet.name[:31])} sheetId="{at}" r:id="rId{at}"/>'
        for at, sheet in zip(numbers, sheets, strict=True)
    )
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{_DOCUMENT}/worksheet" '
        f'Target="worksheets/sheet{at}.xml"/>'
        for at in numbers
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for at in numbers
    )
    last = len(sheets) + 1
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{kinds}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship '
        f'Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'{relations}<Relationship Id="rId{last}" Type="{_DOCUMENT}/styles" '
        'Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }
