"""Plain CSV in UTF-8 from a text file that is written otherwise, line for line."""

import codecs
import csv
import io
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from helpers.errors import TableError
from helpers.tables.text_lines import BLOCK, lines, open_bytes
from helpers.workspace import spill_folder

# Windows-1252 leaves these bytes without a meaning.
UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
HIGH = re.compile(rb"[\x80-\xff]")
# Signs that another encoding than Windows-1252 is meant: words of high letters alone (Cyrillic,
# Greek, Chinese), symbols within words (Polish, Czech), Icelandic letters (most often Turkish).
FOREIGN = re.compile(
    rb"[\xc0-\xff][\xa1-\xff]{2}|[\xa1-\xff]{2}[\xc0-\xff]|(?:[\x81-\xfe][\x40-\xfe]){3,}|[\xd0\xdd\xde\xf0\xfd\xfe]"
    rb"|[A-Za-z][\xa1-\xa9\xab-\xb3\xb5\xb6\xb8\xb9\xbb-\xbf][A-Za-z]"
)
MOST_FOREIGN = 0.1
# Of lines with high bytes, those that are UTF-8 after all are fewer than this in Windows-1252.
MOST_UTF8 = 0.01
_numbers = itertools.count()


def copy_path(name: str) -> Path:
    """
    Path for a copy of a table, in a folder that goes with this process or its run.

    Raises
    ------
    TableError
        Where there is no room for one.
    """
    folder = spill_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TableError(
            f"`{name}` must be written anew to be read, and there is no room for it "
            f"({error.strerror})."
        ) from None
    return folder / f"table-{os.getpid()}-{next(_numbers)}.csv"


def is_western(path: Path, *, compressed: bool) -> bool:
    """
    Whether a file that is not UTF-8 is Windows-1252, of which Latin-1 is a part.

    It is not where a byte has no meaning there, where lines are UTF-8 after all (one of two
    encodings is a fault then), or where whole words consist of high letters as in Cyrillic.

    Parameters
    ----------
    path : Path
        A text file.
    compressed : bool
        Whether it is gzipped.

    Returns
    -------
    bool
        True where it reads as Windows-1252.
    """
    high = utf8 = foreign = 0
    for line in lines(path, compressed=compressed):
        if CONTROL.search(line):
            return False
        if line.isascii():
            continue
        if UNDEFINED.search(line):
            return False
        high += 1
        foreign += bool(FOREIGN.search(line))
        try:
            line.decode("utf-8")
            utf8 += 1
        except UnicodeDecodeError:
            pass
    return high > 0 and utf8 <= MOST_UTF8 * high and foreign <= MOST_FOREIGN * high


def transcode(path: Path, encoding: str, *, compressed: bool) -> Path:
    """
    Copy a text file to UTF-8; its lines stay where they are.

    Raises
    ------
    TableError
        Where it is not written in the encoding.
    """
    target = copy_path(path.name)
    decoder = codecs.getincrementaldecoder(encoding)()
    with open_bytes(path, compressed=compressed) as source, target.open("wb") as file:
        try:
            while block := source.read(BLOCK):
                file.write(decoder.decode(block).encode("utf-8"))
            file.write(decoder.decode(b"", final=True).encode("utf-8"))
        except UnicodeError:
            raise TableError(
                f"`{path.name}` is not whole {encoding.upper()}: save it as UTF-8."
            ) from None
    return target


def with_one_line_end(path: Path, *, compressed: bool) -> Path:
    """Copy a text file with line feeds alone between its rows; breaks within quotes stay."""
    import numpy as np

    target = copy_path(path.name)
    is_open, begun = False, b""
    with open_bytes(path, compressed=compressed) as source, target.open("wb") as file:
        while (block := source.read(BLOCK)) or begun:
            is_last = not block
            block = begun + block
            # A carriage return at the end may belong to a line feed that follows.
            begun = b"\r" if block.endswith(b"\r") and not is_last else b""
            block = block[: len(block) - len(begun)]
            values = np.frombuffer(block, dtype=np.uint8).copy()
            if not len(values):
                continue
            inside = (np.cumsum(values == ord('"')) + is_open) % 2 == 1
            is_open = bool(inside[-1])
            returns = (values == 13) & ~inside
            followed = np.append(values[1:] == 10, False)
            values[returns] = 10
            file.write(values[~(returns & followed)].tobytes())
            if is_last:
                break
    return target


def split_blanks(line: str) -> list[str]:
    """
    Cut a line at runs of blanks; a quoted field may hold some.

    Examples
    --------
    >>> split_blanks(' 00001  19970101 "two words"   3')
    ['00001', '19970101', 'two words', '3']
    """
    text = line.replace("\t", " ").strip()
    if '"' not in text:
        return text.split()
    return next(csv.reader([text], delimiter=" ", skipinitialspace=True), [])


def from_blanks(path: Path, *, compressed: bool) -> Path:
    """Copy a file whose fields are parted by runs of blanks to commas, line for line."""
    target = copy_path(path.name)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for line in lines(path, compressed=compressed):
            fields = split_blanks(line.decode("utf-8-sig").rstrip("\r\n"))
            if fields:
                writer.writerow(fields)
            else:
                file.write("\n")
    return target


def with_header(
    path: Path, header: Sequence[str], separator: str, *, compressed: bool, skipped: Iterable[int]
) -> Path:
    """
    Copy a text file with another header on its first line, and without some lines.

    A line that is left out leaves a blank one, so that the others keep their numbers, those
    above the first row counted from the header.

    Parameters
    ----------
    path : Path
        A text file in UTF-8.
    header : sequence of str
        The new header.
    separator : str
        One character.
    compressed : bool
        Whether the file is gzipped.
    skipped : iterable of int
        Lines that are left out, counted from 1. Where line 1 is not among them, the header
        is put before it and every line moves down by one.
    """
    target = copy_path(path.name)
    left_out = set(skipped)
    text = io.StringIO()
    with target.open("wb") as file:
        for number, line in enumerate(lines(path, compressed=compressed), start=1):
            if number == 1:
                end = line[len(line.rstrip(b"\r\n")) :] or b"\n"
                csv.writer(text, delimiter=separator, lineterminator="").writerow(header)
                file.write(text.getvalue().encode("utf-8") + end)
            if number not in left_out:
                file.write(line.removeprefix(codecs.BOM_UTF8) if number == 1 else line)
            elif number > 1:
                file.write(end)
    return target


def write_rows(name: str, rows: Iterable[Sequence[str]]) -> Path:
    """Write rows as CSV in UTF-8."""
    target = copy_path(name)
    with target.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return target


def first_rows(text: str, separator: str, *, most: int) -> Iterator[tuple[int, int, list[str]]]:
    """Iterate over the first rows of a text, with their first and last lines from 1."""
    if separator == "":
        for number, line in enumerate(text.splitlines()[:most], start=1):
            yield number, number, split_blanks(line)
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    last = 0
    try:
        for row in itertools.islice(reader, most):
            yield last + 1, reader.line_num, row
            last = reader.line_num
    except csv.Error:
        return
