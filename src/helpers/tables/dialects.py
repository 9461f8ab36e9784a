"""How a table file is written: kind, encoding, separator and header, found from its bytes."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from helpers.errors import TableError
from helpers.tables import restating, workbooks
from helpers.tables.layout import MOST_TITLE_LINES, Layout, find_layout
from helpers.tables.notes import Note
from helpers.tables.text_lines import UTF8_MARK, NotUtf8Error, check_text, open_bytes

HEAD_BYTES = 1 << 20
# What is enough to tell a separator by, and below the field limit of the csv module.
SAMPLE_CHARACTERS = 1 << 16
ROWS_LOOKED_AT = 600
SEPARATORS = (",", ";", "\t", "|")
SEPARATOR_WORDS = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}
# The first line of a file that Excel is to open: it names the separator.
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?(\n|$)', re.IGNORECASE)
# What pandas calls an index in Parquet that has no name of its own.
INDEX_NAME = re.compile(r"__index_level_\d+__")
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
OTHER_KINDS = {
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"BZh": "packed by bzip2",
    b"\xfd7zXZ": "packed by xz",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
    b"ORC": "an ORC file",
    b"Obj\x01": "an Avro file",
}
TEXT_PART = re.compile(r".+\.(csv|tsv|txt)(\.gz)?", re.IGNORECASE)
PARQUET_PART = re.compile(r".+\.parquet", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """
    How one table is written, the files that it is made of, and their count of rows if text.

    A file that is no plain CSV is read from a copy: `parts` are what is read, `names` what a
    person knows them by. `positions` are the places of the named columns among all `width`
    fields. `line_shift` is how many lines the copy has more above each row; `rows_of` gives the
    rows of a sheet, where a row has no line of its own.
    """

    kind: str
    separator: str = ","
    compressed: bool = False
    header: tuple[str, ...] = ()
    parts: tuple[Path, ...] = ()
    rows: int | None = None
    names: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()
    width: int = 0
    line_shift: int = 0
    rows_of: Sequence[int] = ()
    notes: tuple[Note, ...] = ()

    def name_of(self, part: Path) -> str:
        """Name of a part as a person knows it."""
        return self.names[self.parts.index(part)]

    def place(self, part: Path, row: int, line: int) -> str:
        """
        Where a row stands in a part, in words.

        Parameters
        ----------
        part : Path
            One of `parts`.
        row : int
            Number of the row, 0 for the first.
        line : int
            The line on which it begins in the part.
        """
        where = self.place_in(row, line)
        return f"`{self.name_of(part)}`, {where}" if len(self.parts) > 1 else where

    def place_in(self, row: int, line: int) -> str:
        """Where a row stands within its part, in words; -1 is the header."""
        if self.rows_of:
            return f"row {self.rows_of[row]}" if row >= 0 else "the header"
        return f"line {max(1, line - self.line_shift)}"


_known: dict[tuple[str, int, int, str], Dialect] = {}


def find_dialect(path: Path, *, sheet: str = "") -> Dialect:
    """
    Find out how a table is written, and that it is whole.

    Parameters
    ----------
    path : Path
        A text file of fields parted by commas, semicolons, tabs, bars or runs of blanks (in
        UTF-8, UTF-16 or Windows-1252, gzipped or not), a workbook, a Parquet file, or a folder
        of parts that are all written alike.
    sheet : str
        Sheet of a workbook; the first that holds a table unless given.

    Returns
    -------
    Dialect
        `kind` is `csv` or `parquet`; the header holds the column names without spaces around.
        What was done to a file that is no plain CSV stands in `notes`.

    Raises
    ------
    TableError
        Where the file is missing, empty, neither text nor Parquet, or has no usable header.
    """
    try:
        if path.is_dir():
            return _folder_dialect(path)
        if not path.exists():
            raise TableError(
                f"the table `{path.name}` is not there: check the path that was given as DATA."
            )
        if not path.is_file():
            raise TableError(
                f"`{path.name}` is no regular file but a pipe or a device: "
                "save the table to a file first."
            )
        return _known_dialect(path, sheet)
    except PermissionError:
        raise TableError(f"`{path.name}` may not be read: check its permissions.") from None
    except OSError as error:
        raise TableError(
            f"`{path.name[:80]}` cannot be read ({error.strerror or error}): check the path."
        ) from None


def _known_dialect(path: Path, sheet: str) -> Dialect:
    """Look at a file once, where that made a copy of it."""
    stat = path.stat()
    key = (str(path.absolute()), stat.st_mtime_ns, stat.st_size, sheet)
    known = _known.get(key)
    if known is not None and all(part.exists() for part in known.parts):
        return known
    found = _file_dialect(path, sheet)
    if found.parts != (path,):
        _known[key] = found
    return found


def _folder_dialect(folder: Path) -> Dialect:
    # Spark leaves files like `_SUCCESS` and `.part-0.csv.crc` among its parts.
    files = sorted(
        one for one in folder.iterdir() if one.is_file() and not one.name.startswith((".", "_"))
    )
    parquet = [one for one in files if PARQUET_PART.fullmatch(one.name)]
    text = [one for one in files if TEXT_PART.fullmatch(one.name)]
    if parquet and text:
        raise TableError(
            f"`{folder.name}` holds Parquet parts and text parts: name one table, in one format."
        )
    if not parquet and not text:
        raise TableError(f"`{folder.name}` is a folder without Parquet or CSV parts: name a table.")
    parts = parquet or text
    first, *others = [_file_dialect(one) for one in parts]
    dialects = (first, *others)
    for other in others:
        for what in ("kind", "header", "separator", "compressed", "positions", "line_shift"):
            if getattr(first, what) != getattr(other, what):
                nouns = {"compressed": "compression", "line_shift": "header", "positions": "header"}
                raise TableError(
                    f"`{folder.name}`: the parts `{first.names[0]}` and "
                    f"`{other.names[0]}` differ in their {nouns.get(what, what)}: "
                    "parts of one table are written alike."
                )
    rows = sum(one.rows or 0 for one in dialects) if text else None
    return replace(
        first,
        parts=tuple(one.parts[0] for one in dialects),
        names=tuple(one.names[0] for one in dialects),
        notes=tuple(dict.fromkeys(note for one in dialects for note in one.notes)),
        rows=rows,
    )


def _file_dialect(path: Path, sheet: str = "") -> Dialect:
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(PARQUET):
        return _parquet_dialect(path)
    if workbooks.is_workbook(path, start):
        return _workbook_dialect(path, sheet)
    for magic, what in OTHER_KINDS.items():
        if start.startswith(magic) and not (magic.isalpha() and start.isascii()):
            raise TableError(
                f"`{path.name}` is {what}: expected CSV, TSV, semicolons (gzipped or not), an "
                "Excel workbook or Parquet: export the table as one of these."
            )
    if PARQUET_PART.fullmatch(path.name):
        raise TableError(f"`{path.name}` is not a Parquet file: make or fetch it again.")
    return _text_dialect(path, compressed=start.startswith(GZIP))


def _parquet_dialect(path: Path) -> Dialect:
    names = _parquet_names(path)
    kept = [place for place, name in enumerate(names) if not INDEX_NAME.fullmatch(name)]
    header = tuple(names[place] for place in kept)
    _check_header(path.name, header)
    notes = tuple(
        Note("row numbers", path.name, line=place + 1)
        for place in range(len(names))
        if place not in kept
    )
    return Dialect(
        kind="parquet",
        header=header,
        parts=(path,),
        names=(path.name,),
        positions=tuple(kept),
        width=len(names),
        notes=notes,
    )


def _workbook_dialect(path: Path, sheet: str) -> Dialect:
    found = workbooks.read_sheet(path, sheet)
    notes = [Note("sheet", path.name, text=found.name, line=found.sheets)]
    filled = [(number, row) for number, row in found.rows if any(row)]
    if not filled:
        raise TableError(
            f"`{path.name}`: the sheet `{found.name}` is empty: expected a header row and one row "
            "for each customer."
        )
    rows = [row for _, row in filled[:ROWS_LOOKED_AT]]
    layout = find_layout([[cell.strip() for cell in row] for row in rows])
    names, skipped = _names(rows, layout)
    notes += _layout_notes(path.name, layout, rows, [number for number, _ in filled])
    body = [one for place, one in enumerate(filled) if place not in skipped]
    copy = restating.write_rows(path.name, [names, *(row for _, row in body)])
    made = Dialect(
        kind="csv",
        parts=(copy,),
        names=(path.name,),
        rows=len(body),
        width=len(names),
        rows_of=tuple(number for number, _ in body),
        notes=tuple(notes),
    )
    return _with_columns(made, names, where="")


def _text_dialect(path: Path, *, compressed: bool) -> Dialect:
    nothing = TableError(
        f"`{path.name}` is empty: expected a header line and one line for each customer."
    )
    head = _head(path, compressed=compressed)
    if not head.removeprefix(UTF8_MARK).strip():
        raise nothing
    notes: list[Note] = []
    source, packed = path, compressed
    if head.startswith(UTF16_MARKS):
        source, packed = restating.transcode(path, "utf-16", compressed=compressed), False
        notes.append(Note("encoding", path.name, "UTF-16"))
    try:
        count = check_text(source, compressed=packed)
    except NotUtf8Error as error:
        if error.is_cut_off or not restating.is_western(path, compressed=compressed):
            raise
        source, packed = restating.transcode(path, "cp1252", compressed=compressed), False
        notes.append(Note("encoding", path.name, "Windows-1252"))
        count = check_text(source, compressed=packed)
    if count.is_mixed:
        source, packed = restating.with_one_line_end(source, compressed=packed), False
        notes.append(Note("line ends", path.name))
        count = check_text(source, compressed=packed)
    text = _head(source, compressed=packed).removeprefix(UTF8_MARK).decode("utf-8", "ignore")
    if not text.strip():
        raise nothing
    opening = SEPARATOR_LINE.match(text)
    separator = opening[1] if opening else find_separator(text)
    if separator == BLANKS:
        source, packed = restating.from_blanks(source, compressed=packed), False
        notes.append(Note("separator", path.name, "blanks"))
        separator = ","
        text = _head(source, compressed=packed).decode("utf-8", "ignore")
    return _laid_out(
        Dialect("csv", separator, packed, (), (source,), count.total() - 1, (path.name,)),
        text,
        notes,
        opening=bool(opening),
    )


def _laid_out(dialect: Dialect, text: str, notes: list[Note], *, opening: bool) -> Dialect:
    """Find the header of a text, and copy the file where it does not begin with it."""
    name = dialect.names[0]
    looked_at = [
        one
        for one in restating.first_rows(_sample(text), dialect.separator, most=ROWS_LOOKED_AT)
        if any(cell.strip() for cell in one[2])
    ][int(opening) :]
    layout = find_layout([[cell.strip() for cell in row] for _, _, row in looked_at])
    if layout.is_plain and not opening:
        return _with_columns(
            replace(dialect, notes=tuple(notes)),
            _text_names(name, text, dialect.separator),
            where=", line 1",
        )
    rows = [row for _, _, row in looked_at]
    names, skipped = _names(rows, layout)
    if opening:
        notes.append(Note("separator line", name, dialect.separator, 1))
    notes += _layout_notes(name, layout, rows, [first for first, _, _ in looked_at])
    left_out = {1} if opening else set()
    for place in skipped:
        left_out |= set(range(looked_at[place][0], looked_at[place][1] + 1))
    copy = restating.with_header(
        dialect.parts[0],
        names,
        dialect.separator,
        compressed=dialect.compressed,
        skipped=left_out,
    )
    made = replace(
        dialect,
        parts=(copy,),
        compressed=False,
        rows=check_text(copy, compressed=False).total() - 1,
        line_shift=0 if 1 in left_out else 1,
        notes=tuple(notes),
    )
    return _with_columns(made, names, where=", line 1")


def _names(rows: Sequence[Sequence[str]], layout: Layout) -> tuple[list[str], set[int]]:
    """Names of all fields, and which of the rows hold no values."""
    if layout.header is None:
        return [f"column_{place}" for place in range(1, len(rows[0]) + 1)], set()
    names = [cell.strip() for cell in rows[layout.header]]
    if layout.shift:
        names = ["", *names] if layout.shift == "first" else [*names, ""]
    skipped = set(range(layout.header + 1))
    return names, skipped | ({layout.second_header} if layout.second_header else set())


def _layout_notes(
    name: str, layout: Layout, rows: Sequence[Sequence[str]], lines: Sequence[int]
) -> list[Note]:
    """What is said of a table that does not begin with its header."""
    if layout.header is None:
        return [Note("no header", name, rows[0][0].strip())]
    notes = []
    if layout.header:
        notes.append(Note("title lines", name, line=lines[layout.header] - 1))
    if layout.second_header is not None:
        cells = [cell.strip() for cell in rows[layout.second_header] if cell.strip()]
        notes.append(Note("second header", name, cells[0], lines[layout.second_header]))
    return notes


def _with_columns(dialect: Dialect, names: Sequence[str], *, where: str) -> Dialect:
    """Name the columns of a text; leave out those without a name that hold nothing to be kept."""
    given = list(names)
    notes = list(dialect.notes)
    name = dialect.names[0]
    for place in [place for place, one in enumerate(names) if not one.strip()]:
        kind = _unnamed_kind(dialect, place, len(names))
        notes.append(Note(kind, name, f"column_{place + 1}", place + 1))
        if kind == "unnamed column":
            given[place] = f"column_{place + 1}"
    kept = [place for place, one in enumerate(given) if one.strip()]
    header = tuple(given[place].strip() for place in kept)
    _check_header(name, header, dialect.separator, where=where)
    return replace(
        dialect, header=header, positions=tuple(kept), width=len(names), notes=tuple(notes)
    )


def _unnamed_kind(dialect: Dialect, place: int, width: int) -> str:
    """Whether a column without a name is empty, numbers the rows, or holds something."""
    shape = ", ".join(f"c{position}: 'VARCHAR'" for position in range(width))
    path = str(dialect.parts[0].absolute()).replace("'", "''")
    path = re.sub(r"([\[*?])", r"[\1]", path)
    source = (
        f"read_csv('{path}', auto_detect=false, header=true, delim='{dialect.separator}', "
        f"quote='\"', escape='\"', columns={{{shape}}}, null_padding=true, "
        f"compression='{'gzip' if dialect.compressed else 'none'}')"
    )
    cell = f"nullif(trim(c{place}), '')"
    query = (
        f"SELECT count(*), count({cell}), count(DISTINCT {cell}), "
        f"bool_and(regexp_full_match({cell}, '\\d{{1,18}}(\\.0)?')) FROM {source}"
    )
    try:
        rows, held, different, whole = duckdb.execute(query).fetchone() or (0, 1, 0, False)
    except duckdb.Error:
        # What is wrong with the file is said where it is read.
        return "unnamed column"
    if not held:
        return "empty column"
    is_number = place == 0 and whole and held == different == rows
    return "row numbers" if is_number else "unnamed column"


def _parquet_names(path: Path) -> tuple[str, ...]:
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            return tuple(str(name) for name in pq.ParquetFile(file).schema_arrow.names)
    except Exception:  # pyarrow raises what it likes on a damaged file
        raise TableError(
            f"`{path.name}` is not a readable Parquet file: make or fetch it again."
        ) from None


def _head(path: Path, *, compressed: bool) -> bytes:
    try:
        with open_bytes(path, compressed=compressed) as file:
            return file.read(HEAD_BYTES)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise TableError(
            f"`{path.name}` is a damaged gzip file ({error}): make or fetch it again."
        ) from None


def _text_names(name: str, text: str, separator: str) -> tuple[str, ...]:
    if text.startswith(("\n", "\r")):
        raise TableError(f"`{name}`, line 1: is empty: expected the column names there.")
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        names = [text]
    if len(separator.join(names)) >= SAMPLE_CHARACTERS * 8 or max(map(len, names)) > 1000:
        raise TableError(
            f"`{name}`, line 1: a column name has more than 1,000 characters, or the header has "
            "no end: is a quote or a line break missing?"
        )
    return tuple(one.strip() for one in names)


def _sample(text: str) -> str:
    """The beginning of a text, in whole lines."""
    sample = text[:SAMPLE_CHARACTERS]
    if len(text) > SAMPLE_CHARACTERS and "\n" in sample:
        sample = sample[: sample.rindex("\n") + 1]
    return sample


BLANKS = ""
"""What `find_separator` returns for runs of blanks."""


def find_separator(text: str) -> str:
    r"""
    Separator that cuts the first lines of a text into the same number of fields, at least two.

    Of several that do, the one with the most fields is taken. Runs of blanks are a separator
    where none of the others occurs and they cut every line alike, some fields being numbers. A
    text of one column has none; the comma is returned for it.

    Parameters
    ----------
    text : str
        Head of a table file.

    Returns
    -------
    str
        One of comma, semicolon, tab and bar; empty for runs of blanks.

    Examples
    --------
    >>> find_separator("a;b\n1,5;2,5\n")
    ';'
    >>> find_separator("  id  spend\n0001   5.5\n")
    ''
    """
    sample = _sample(text)

    def widths(separator: str) -> list[int]:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        try:
            return [len(row) for row in rows if row]
        except csv.Error:
            return []

    cut = {separator: widths(separator) for separator in SEPARATORS}
    for with_title in (False, True):
        scores = {one: _evenness(found, with_title=with_title) for one, found in cut.items()}
        best = max(SEPARATORS, key=lambda separator: scores[separator])
        if scores[best][1] >= 2:
            return best
    return BLANKS if _is_cut_by_blanks(sample) else ","


def _evenness(widths: Sequence[int], *, with_title: bool) -> tuple[float, int]:
    """Share of rows that are as wide as the first, and its width; 0 where it is one field."""
    begun = 0
    if with_title:
        # Lines of one field above a table of three columns or more are its title.
        begun = next((at for at, one in enumerate(widths[:MOST_TITLE_LINES]) if one > 2), 0)
    rest = widths[begun:]
    if not rest or rest[0] < 2:
        return (0.0, 0)
    return (sum(one == rest[0] for one in rest) / len(rest), rest[0])


def _is_cut_by_blanks(sample: str) -> bool:
    try:
        rows = [restating.split_blanks(line) for line in sample.splitlines()[:ROWS_LOOKED_AT]]
    except csv.Error:
        return False
    rows = [row for row in rows if row]
    if len(rows) < 2:
        return False
    widths = {len(row) for row in rows[1:]}
    if len(widths) != 1 or widths == {1} or len(rows[0]) not in (max(widths), max(widths) - 1):
        return False
    columns = zip(*rows[1:], strict=True)
    return any(all(re.fullmatch(r"[-+]?[\d.,]+", one) for one in cells) for cells in columns)


def _check_header(
    name: str, header: tuple[str, ...], separator: str | None = None, *, where: str = ""
) -> None:
    where = f"`{name}`{where}"
    words = SEPARATOR_WORDS.get(separator or "", "")
    cut = f" (separated by {words})" if words else ""
    if not header:
        raise TableError(f"{where}: has no column: name a table.")
    seen: dict[str, str] = {}
    for position, column in enumerate(header, start=1):
        if not column.strip():
            raise TableError(
                f"{where}: column {position} of {len(header)}{cut} has no name: give it one."
            )
        twin = seen.get(column.casefold())
        if twin is not None:
            raise TableError(
                f"{where}: the column name `{column[:60]}` stands twice"
                + ("" if twin == column else f" (as `{twin[:60]}` and `{column[:60]}`)")
                + ": rename one of the two."
            )
        seen[column.casefold()] = column
