"""Lines of a text file: whether they are text at all, which row stands where, which are broken."""

import codecs
import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from helpers.errors import TableError

BLOCK = 1 << 20
# DuckDB's own limit for one row; a longer one is a quote that never ends, or no table.
MAX_ROW_BYTES = 2_000_000
UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Record:
    """One row of a text file as written: where it begins, its fields, and what is wrong."""

    line: int
    fields: int
    fault: str = ""


def open_bytes(path: Path, *, compressed: bool) -> BinaryIO:
    """Open a file to read its bytes, unpacked where it is gzipped."""
    return gzip.open(path, "rb") if compressed else path.open("rb")  # type: ignore[return-value]


class RowCount:
    """
    Counts the rows of a text file, block by block, passing over line breaks inside quotes.

    DuckDB's reader, working in parallel, can leave out a broken line at the end of its part
    without a word; a second count finds that out. A stray quote misleads this one, so that
    `records` has the last word where the two differ.
    """

    def __init__(self) -> None:
        self.rows = 0
        # Rows that end in CR LF, in LF alone, and carriage returns that end none.
        self.with_return = 0
        self.without_return = 0
        self.returns = 0
        self._last = 0
        self._end = b""
        self._is_open = False
        self._has_text = False

    def add(self, block: bytes) -> None:
        """Count on over the next block of the file."""
        if not self._end:
            self._end = b"\n" if b"\n" in block or b"\r" not in block else b"\r"
        values = np.frombuffer(block, dtype=np.uint8)
        ends = values == ord(self._end)
        inside = None
        if self._is_open or b'"' in block:
            inside = (np.cumsum(values == ord('"')) + self._is_open) % 2 == 1
            ends &= ~inside
            self._is_open = bool(inside[-1])
        # A line holds text where a byte other than a line end stands since the last end.
        text = np.cumsum((values != 10) & (values != 13))
        places = np.flatnonzero(ends)
        if self._end == b"\n":
            self._note_returns(block, values, places, inside)
        held = np.diff(text[places], prepend=0) > 0
        if len(held):
            held[0] |= self._has_text
            self.rows += int(held.sum())
            self._has_text = bool(text[-1] > text[places[-1]])
        else:
            self._has_text |= bool(text[-1] > 0)

    def _note_returns(
        self,
        block: bytes,
        values: npt.NDArray[np.uint8],
        places: npt.NDArray[np.int64],
        inside: npt.NDArray[np.bool_] | None,
    ) -> None:
        """Count row ends with a carriage return, and returns where no row ends."""
        paired = 0
        if b"\r" in block or self._last == 13:
            before = np.where(places > 0, values[places - 1], self._last)
            paired = int((before == 13).sum())
            returns = values == 13
            self.returns += int((returns if inside is None else returns & ~inside).sum())
        self.with_return += paired
        self.without_return += len(places) - paired
        self._last = block[-1]

    @property
    def is_mixed(self) -> bool:
        """Whether rows end in more than one way."""
        ways = (self.with_return, self.without_return, self.returns - self.with_return)
        return sum(one > 0 for one in ways) > 1

    def total(self) -> int:
        """Rows in all, the header included, with a last line that does not end."""
        return self.rows + self._has_text


class NotUtf8Error(TableError):
    """A text file that is not written in UTF-8."""

    # Whether the file ends within a letter: it was cut off, whatever its encoding.
    is_cut_off = False


def check_text(path: Path, *, compressed: bool) -> RowCount:
    """
    Refuse a file that is not whole, or not text in UTF-8, and count its rows.

    It is read to its end once: a Latin-1 letter a million lines down, or the wrong checksum at
    the end of a gzip file, is found before anything is made of the table.

    Parameters
    ----------
    path : Path
        A file.
    compressed : bool
        Whether it is gzipped.

    Returns
    -------
    RowCount
        Of rows, the header included; blank lines are none.

    Raises
    ------
    TableError
        Naming the first line at fault.
    """
    count = RowCount()
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    try:
        with open_bytes(path, compressed=compressed) as file:
            while block := file.read(BLOCK):
                nul = block.find(b"\0")
                if nul >= 0:
                    raise _nul_fault(path, offset + nul, compressed=compressed)
                if not block.isascii() or decoder.getstate()[0]:
                    decoder.decode(block)
                offset += len(block)
                count.add(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        begun = len(decoder.getstate()[0])
        place = offset - begun + error.start
        fault = NotUtf8Error(
            f"`{path.name}`, line {_line_at(path, place, compressed=compressed)}: byte "
            f"0x{error.object[error.start]:02X} is not UTF-8 (Latin-1 perhaps): "
            "save the file as UTF-8."
        )
        fault.is_cut_off = error.reason == "unexpected end of data"
        raise fault from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise TableError(
            f"`{path.name}` is a damaged gzip file ({error}): make or fetch it again."
        ) from None
    return count


def _nul_fault(path: Path, offset: int, *, compressed: bool) -> TableError:
    line = _line_at(path, offset, compressed=compressed)
    with open_bytes(path, compressed=compressed) as file:
        head = file.read(64)
    if offset < 2 and max(head[::2].count(0), head[1::2].count(0)) > 0.8 * len(head) / 2:
        return TableError(
            f"`{path.name}`, line {line}: looks like UTF-16 without a mark: save it as UTF-8."
        )
    return TableError(
        f"`{path.name}`, line {line}: holds a NUL byte, so it is no text file: "
        "expected CSV, TSV, semicolons or Parquet; save text as UTF-8."
    )


def _line_at(path: Path, offset: int, *, compressed: bool) -> int:
    feeds = returns = 0
    with open_bytes(path, compressed=compressed) as file:
        while offset > 0 and (block := file.read(min(BLOCK, offset))):
            feeds += block.count(b"\n")
            returns += block.count(b"\r")
            offset -= len(block)
    return 1 + (feeds or returns)


def lines(path: Path, *, compressed: bool) -> Iterator[bytes]:
    """Iterate over the lines of a file with their ends: LF, CR LF, or CR alone."""
    with open_bytes(path, compressed=compressed) as file:
        head = file.read(BLOCK)
        if b"\n" in head or b"\r" not in head:
            file.seek(0)
            yield from file
        else:
            yield from (head + file.read()).splitlines(keepends=True)


def records(lines: Iterable[bytes], *, separator: str) -> Iterator[Record]:
    r"""
    Cut lines into rows, as RFC 4180 has it: a quoted field may hold separators and line breaks.

    Parameters
    ----------
    lines : iterable of bytes
        With their ends.
    separator : str
        One character.

    Yields
    ------
    Record
        One for each row, the header included; blank lines are passed over.

    Examples
    --------
    >>> list(records([b'a,b\n', b'\n', b'"x\n', b'y",2\n', b'3\n'], separator=","))
    [Record(line=1, fields=2, fault=''), Record(line=3, fields=2, fault=''), Record(line=5, fields=1, fault='')]
    """  # noqa: E501
    cut = separator.encode()
    opening = re.compile(rb' *"')
    closing = re.compile(rb" *(?:(" + re.escape(cut) + rb")|[\r\n]*\Z)")
    begun, fields, size, fault, is_open = 1, 1, 0, "", False
    for number, line in enumerate(lines, start=1):
        position = 0
        if not is_open:
            if not line.strip(b"\r\n"):
                continue
            begun, fields, size, fault = number, 1, 0, ""
        size += len(line)
        if size > MAX_ROW_BYTES:
            fault = fault or f"has more than {MAX_ROW_BYTES:,} bytes: is a quote missing?"
        if not is_open and b'"' not in line:
            yield Record(begun, line.count(cut) + 1, fault)
            continue
        while True:
            if not is_open:
                quote = opening.match(line, position)
                if quote:
                    position, is_open = quote.end(), True
                else:
                    position = line.find(cut, position) + 1
                    if not position:
                        break
                    fields += 1
                    continue
            end = line.find(b'"', position)
            if end < 0:
                break
            position = end + 1
            if line[position : position + 1] == b'"':
                position += 1
                continue
            is_open = False
            after = closing.match(line, position)
            if after is None:
                fault = fault or (
                    "a quoted value goes on after its closing quote: double the quotes inside "
                    "a value, or remove those around it."
                )
                position = line.find(cut, position) + 1
                if not position:
                    break
            elif after.group(1) is None:
                break
            else:
                position = after.end()
            fields += 1
        if not is_open:
            yield Record(begun, fields, fault)
    if is_open:
        yield Record(begun, fields, "a quoted value never ends: add the closing quote.")


def first_broken(
    path: Path,
    *,
    separator: str,
    compressed: bool,
    width: int,
    place: Callable[[int, int], str] = lambda row, line: f"line {line}",
) -> str | None:
    """
    Say which row of a file is the first that is not written as it should be.

    Parameters
    ----------
    path : Path
        A text file in UTF-8.
    separator : str
        One character.
    compressed : bool
        Whether it is gzipped.
    width : int
        Number of columns.
    place : callable
        Given the number of a row (-1 for the header) and its line, where it stands in words.

    Returns
    -------
    str or None
        `line 7: ...` and the mend, or None where nothing was found.
    """
    ends = ""
    found = records(
        _note_ends(lines(path, compressed=compressed), noted := [""]), separator=separator
    )
    for row, record in enumerate(found, start=-1):
        if record.fault:
            return f"{place(row, record.line)}: {record.fault}"
        if record.fields != width:
            fields = "1 field" if record.fields == 1 else f"{record.fields} fields"
            return (
                f"{place(row, record.line)}: has {fields} where the header has {width}: "
                "mend the line (a missing quote or a stray separator)."
            )
        ends = ends or noted[0]
        if noted[0] not in ("", ends):
            return (
                f"{place(row, record.line)}: ends in {noted[0]} where the lines before end in "
                f"{ends}: save the file with one kind of line end."
            )
    return None


def _note_ends(lines: Iterable[bytes], noted: list[str]) -> Iterator[bytes]:
    """Pass lines on, noting how the last one ends."""
    for line in lines:
        if line.endswith(b"\r\n"):
            noted[0] = "CR LF"
        else:
            noted[0] = "LF" if line.endswith(b"\n") else ""
        if b"\r" in line.removesuffix(b"\r\n") and line.count(b'"') == 0:
            noted[0] = "CR"
        yield line


def lines_of_rows(
    rows: Iterable[int], paths: Iterable[Path], *, separator: str, compressed: bool
) -> dict[int, tuple[Path, int]]:
    """
    Find the lines on which rows begin.

    Parameters
    ----------
    rows : iterable of int
        Row numbers, 0 for the first below the header, counted on over all parts.
    paths : iterable of Path
        The parts of a table, each with a header.
    separator : str
        One character.
    compressed : bool
        Whether they are gzipped.

    Returns
    -------
    dict of int to (Path, int)
        Row number to its part and line; a row that is not there is left out.
    """
    wanted = set(rows)
    found: dict[int, tuple[Path, int]] = {}
    row = -1
    for path in paths:
        header_passed = False
        for record in records(lines(path, compressed=compressed), separator=separator):
            if not header_passed:
                header_passed = True
                continue
            row += 1
            if row in wanted:
                found[row] = (path, record.line)
                if len(found) == len(wanted):
                    return found
    return found


def count_rows(paths: Iterable[Path], *, separator: str, compressed: bool) -> int:
    """Count the rows of a table below the headers of its parts, quotes taken as they are meant."""
    return sum(
        sum(1 for _ in records(lines(path, compressed=compressed), separator=separator)) - 1
        for path in paths
    )
