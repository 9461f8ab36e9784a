"""How a table file is written: kind, compression, separator and header, found from its bytes."""

import csv
import gzip
import io
import re
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

from helpers.errors import TableError
from helpers.tables.text_lines import UTF8_MARK, check_text, open_bytes

HEAD_BYTES = 1 << 20
# What is enough to tell a separator by, and below the field limit of the csv module.
SAMPLE_CHARACTERS = 1 << 16
SEPARATORS = (",", ";", "\t", "|")
SEPARATOR_WORDS = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
OTHER_KINDS = {
    b"PK\x03\x04": "a zip file or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
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
    """How one table is written, the files that it is made of, and their count of rows if text."""

    kind: str
    separator: str = ","
    compressed: bool = False
    header: tuple[str, ...] = ()
    parts: tuple[Path, ...] = ()
    rows: int | None = None


def find_dialect(path: Path) -> Dialect:
    """
    Find out how a table is written, and that it is whole.

    Parameters
    ----------
    path : Path
        A CSV, TSV, semicolon or bar file (with or without a byte order mark, gzipped or not), a
        Parquet file, or a folder of parts that are all written alike.

    Returns
    -------
    Dialect
        `kind` is `csv` or `parquet`; the header holds the column names without spaces around.

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
        return _file_dialect(path)
    except PermissionError:
        raise TableError(f"`{path.name}` may not be read: check its permissions.") from None
    except OSError as error:
        raise TableError(
            f"`{path.name[:80]}` cannot be read ({error.strerror or error}): check the path."
        ) from None


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
    for other in others:
        for what in ("kind", "header", "separator", "compressed"):
            if getattr(first, what) != getattr(other, what):
                noun = "compression" if what == "compressed" else what
                raise TableError(
                    f"`{folder.name}`: the parts `{first.parts[0].name}` and "
                    f"`{other.parts[0].name}` differ in their {noun}: "
                    "parts of one table are written alike."
                )
    rows = sum(one.rows or 0 for one in (first, *others)) if text else None
    return replace(first, parts=tuple(parts), rows=rows)


def _file_dialect(path: Path) -> Dialect:
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(PARQUET):
        header = _parquet_names(path)
        _check_header(path.name, header)
        return Dialect(kind="parquet", header=header, parts=(path,))
    for magic, what in OTHER_KINDS.items():
        if start.startswith(magic) and not (magic.isalpha() and start.isascii()):
            raise TableError(
                f"`{path.name}` is {what}: expected CSV, TSV, semicolons (gzipped or not) or "
                "Parquet: export the table as one of these."
            )
    if PARQUET_PART.fullmatch(path.name):
        raise TableError(f"`{path.name}` is not a Parquet file: make or fetch it again.")
    compressed = start.startswith(GZIP)
    head = _head(path, compressed=compressed)
    if not head.removeprefix(UTF8_MARK).strip():
        raise TableError(
            f"`{path.name}` is empty: expected a header line and one line for each customer."
        )
    if head.startswith(UTF16_MARKS):
        raise TableError(f"`{path.name}` is written in UTF-16: save it as UTF-8.")
    rows = check_text(path, compressed=compressed)
    text = head.removeprefix(UTF8_MARK).decode("utf-8", errors="ignore")
    separator = find_separator(text)
    header = _text_names(path.name, text, separator)
    _check_header(path.name, header, separator)
    return Dialect("csv", separator, compressed, header, (path,), rows - 1)


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


def find_separator(text: str) -> str:
    r"""
    Separator that cuts the first lines of a text into the same number of fields, at least two.

    Of several that do, the one with the most fields is taken. A text of one column has none;
    the comma is returned for it.

    Parameters
    ----------
    text : str
        Head of a table file.

    Returns
    -------
    str
        One of comma, semicolon, tab and bar.

    Examples
    --------
    >>> find_separator("a;b\n1,5;2,5\n")
    ';'
    """
    sample = text[:SAMPLE_CHARACTERS]
    if len(text) > SAMPLE_CHARACTERS and "\n" in sample:
        sample = sample[: sample.rindex("\n") + 1]

    def score(separator: str) -> tuple[float, int]:
        rows = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        widths = [len(row) for row in rows if row]
        if not widths or widths[0] < 2:
            return (0.0, 0)
        return (sum(width == widths[0] for width in widths) / len(widths), widths[0])

    scores = {separator: score(separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: scores[separator])
    return best if scores[best][1] >= 2 else ","


def _check_header(name: str, header: tuple[str, ...], separator: str | None = None) -> None:
    where = f"`{name}`, line 1" if separator else f"`{name}`"
    cut = f" (separated by {SEPARATOR_WORDS[separator]})" if separator else ""
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
