"""What is said of a file that is no plain CSV, from the notes of its reader."""

from collections.abc import Mapping, Sequence

from helpers import words
from helpers.tables.column_profiles import ColumnProfile, Found
from helpers.tables.dialects import SEPARATOR_WORDS
from helpers.tables.notes import Note

# Values that do not fit are named up to this many.
MOST_NAMED = 6


def remark(note: Note) -> str:
    """
    Say what was done to a file, without a capital and a full stop.

    Examples
    --------
    >>> remark(Note("encoding", "a.csv", "Windows-1252"))
    '`a.csv` is written in Windows-1252 and was read as such'
    """
    file, text, line = f"`{_short(note.file)}`", note.text, note.line
    said = {
        "encoding": f"{file} is written in {text} and was read as such",
        "separator": f"the fields of {file} are parted by runs of {text}",
        "separator line": f"line {line} of {file} says that fields are parted by "
        f"{SEPARATOR_WORDS.get(text, repr(text))}: it is no row and was skipped",
        "title lines": f"{_lines(line)} of {file} above the header were taken for a title and "
        "skipped",
        "second header": f"line {line} of {file} (`{_short(text)}`...) describes the columns as a "
        "second header: it was skipped",
        "no header": f"{file} begins with values (`{_short(text)}`...) instead of column names: "
        "its columns were named `column_1`, `column_2` and so on",
        "line ends": f"the lines of {file} end in more than one way; all of them were read",
        "empty column": f"column {line} of {file} has no name and no values and was left out",
        "row numbers": f"column {line} of {file} has no name and numbers the rows: it was left "
        "out; give it a name to keep it",
        "unnamed column": f"column {line} of {file} has no name: it was named `{text}`",
        "sheet": f"{file} has {words.plural(line, 'sheet')}: `{_short(text)}` was read"
        + ("" if line == 1 else "; `sheet` names another"),
    }
    return said[note.kind]


def _lines(last: int) -> str:
    return "line 1" if last == 1 else f"lines 1 to {last}"


def _short(text: str) -> str:
    shown = "".join(one if one.isprintable() else " " for one in text)
    return shown if len(shown) <= 40 else shown[:40]


def column_remark(profile: ColumnProfile) -> str:
    """
    Say how a column was read that is not written plainly, or why it could not be read.

    Returns
    -------
    str
        Empty where there is nothing to say.

    Examples
    --------
    >>> column_remark(ColumnProfile("pay", "number", read_as="1.234,56"))
    '`pay` writes 1234.56 as `1.234,56`'
    """
    name = f"`{_short(profile.name)}`"
    said = []
    if profile.read_as and profile.type == "date":
        said.append(f"writes dates as `{profile.read_as}`")
    elif profile.read_as:
        said.append(f"writes {_example(profile.type)} as `{profile.read_as}`")
    if profile.missing_words:
        said.append(f"has {counted(profile.missing_words)}: taken for missing values")
    if profile.rivals:
        said.append(
            f"could be read as {profile.looks_like}s in two ways, "
            f"{words.listing([f'`{one}`' for one in profile.rivals], conjunction='or')}: declare "
            "one as its `read_as`; until then it is text"
        )
    elif profile.looks_like:
        said.append(
            f"has {profile.looks_like}s but for {counted(profile.misfits)}"
            f"{_and_more(profile)}: until they are mended, or declared in its `null_values`, it "
            "is text"
        )
    return f"{name} {words.listing(said)}" if said else ""


def _example(type_: str) -> str:
    return "1234" if type_ == "integer" else "1234.56"


def counted(found: Sequence[Found]) -> str:
    """
    List texts with how often and where they stand.

    Examples
    --------
    >>> counted([Found("n/a", 2, "line 7"), Found("?", 1, "line 9")])
    "'n/a' in 2 rows (first: line 7) and '?' in 1 row (line 9)"
    """
    shown = []
    for one in found[:MOST_NAMED]:
        first = "first: " if one.count > 1 else ""
        place = f" ({first}{one.place})" if one.place else ""
        shown.append(f"{_short(one.text)!r} in {words.plural(one.count, 'row')}{place}")
    return words.listing(shown)


def _and_more(profile: ColumnProfile) -> str:
    more = profile.n_misfits - sum(one.count for one in profile.misfits[:MOST_NAMED])
    return f", and {words.plural(more, 'row')} more" if more > 0 else ""


def sentences(notes: Sequence[Note], profiles: Mapping[str, ColumnProfile]) -> list[str]:
    """
    Whole sentences of all that was done to read a file.

    Parameters
    ----------
    notes : sequence of Note
        Of the file.
    profiles : mapping of str to ColumnProfile
        Of the columns that the params file does not declare.
    """
    said = [*map(remark, notes), *map(column_remark, profiles.values())]
    return [_sentence(one) for one in said if one]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
