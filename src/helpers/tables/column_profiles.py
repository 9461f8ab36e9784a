"""What a column of text seems to hold: its type, how it is written, and what does not fit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helpers.params.column_types import Column
from helpers.params.number_formats import NumberFormat
from helpers.tables.dates import DATE_LIKE
from helpers.tables.notes import Note
from helpers.tables.numbers import (
    fitting_formats,
    is_missing_word,
    looks_like_number,
    number_text,
)

# Above this share of numbers or dates among its values, a column is meant to hold them.
NEARLY_ALL = 0.8
PADDED = r"0\d+"
LONG_CODE = 11
# A thousand written in threes: with a comma for decimals elsewhere, this is no fraction.
IN_THREES = r"[+-]?[1-9]\d{0,2}(\.\d{3})+|[+-]?\d{1,3}"


@dataclass(frozen=True)
class Found:
    """A text that does not fit: how often it stands there, and where first (`line 17`)."""

    text: str
    count: int
    place: str = ""


@dataclass(frozen=True)
class ColumnProfile:
    """
    What one column holds.

    `type` is what it can be read as in whole: integer, number, date, flag or category. Where it
    is a category although nearly all values look like numbers or dates, `looks_like` says which,
    `misfits` names the values that stand against it, and `rivals` the readings that all fit.
    `missing_words` are texts among numbers or dates that stand for no value; with them declared
    the column has its type.
    """

    name: str
    type: str
    read_as: str | None = None
    unit: str = ""
    missing_words: tuple[Found, ...] = ()
    looks_like: str = ""
    misfits: tuple[Found, ...] = ()
    n_misfits: int = 0
    rivals: tuple[str, ...] = ()
    held: int = 0

    @property
    def column(self) -> Column:
        """The column as a params file would declare it."""
        words = tuple(one.text for one in self.missing_words)
        return Column(self.name, self.type, read_as=self.read_as, null_values=words)

    def declaration(self) -> dict[str, Any]:
        """
        Entry for `columns` of a params file.

        Examples
        --------
        >>> ColumnProfile("a", "number", "1234,56", missing_words=(Found("NA", 2),)).declaration()
        {'type': 'number', 'read_as': '1234,56', 'null_values': ['NA']}
        """
        found: dict[str, Any] = {"type": self.type}
        if self.read_as:
            found["read_as"] = self.read_as
        if self.missing_words:
            found["null_values"] = [one.text for one in self.missing_words]
        return found


@dataclass(frozen=True)
class TableProfile:
    """What a table holds, before anything is declared: column by column, and how it is written."""

    rows: int
    columns: dict[str, ColumnProfile]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """What a sample of a column suggests: a kind, and the number formats that fit it."""

    kind: str
    formats: tuple[NumberFormat, ...] = ()
    values: Mapping[str, int] = field(default_factory=dict)


def propose(values: Mapping[str, int]) -> Proposal:
    """
    Judge a column by some of its values.

    Parameters
    ----------
    values : mapping of str to int
        Trimmed texts, none of them empty, and how often each stands there.

    Returns
    -------
    Proposal
        `kind` is number or date where nearly all values other than words for missing ones are
        such, else category. Numbers that nothing reads alike have no formats.

    Examples
    --------
    >>> propose({"1,5": 3, "NA": 1}).formats
    (NumberFormat(decimal=',', thousands='', prefix='', suffix='', negative=''),)
    >>> propose({"red": 3, "NA": 1}).kind
    'category'
    """
    kept = {one: count for one, count in values.items() if not is_missing_word(one)}
    total = sum(kept.values())
    if not total:
        return Proposal("category")
    for kind, fits in (("date", _is_date_like), ("number", looks_like_number)):
        like = {one: count for one, count in kept.items() if fits(one)}
        if sum(like.values()) < NEARLY_ALL * total:
            continue
        if kind == "number" and (
            any(re.fullmatch(PADDED, one) for one in like) or _are_groups_of_digits(like)
        ):
            # A number with zeros before it is a code, like a postcode.
            return Proposal("category")
        formats = fitting_formats(like) if kind == "number" else []
        return Proposal(kind, tuple(formats), like)
    return Proposal("category")


def _are_groups_of_digits(values: Mapping[str, int]) -> bool:
    """Whether long texts of digits and blanks are all of one length, as telephone numbers are."""
    lengths = {len(one) for one in values}
    grouped = all(re.fullmatch(r"\d+( \d+)+", one) for one in values)
    return grouped and len(values) > 2 and len(lengths) == 1 and min(lengths) >= LONG_CODE


def _is_date_like(text: str) -> bool:
    return bool(re.fullmatch(DATE_LIKE, text))


def choose_formats(
    proposals: Mapping[str, Proposal], *, separator: str
) -> dict[str, NumberFormat | None]:
    """
    Choose a number format for each column of a table, by what its other columns tell.

    `1,234` alone is 1234 or 1.234. A table is written by one hand: a column that can be read one
    way only decides for the others. Without one, a currency sign or fields parted by commas speak
    for thousands; otherwise nothing is chosen.

    Parameters
    ----------
    proposals : mapping of str to Proposal
        Number columns.
    separator : str
        What parts the fields of the file.

    Returns
    -------
    dict of str to (NumberFormat or None)
        None where the column cannot be read, or in two ways.
    """
    sure = {name: one.formats[0] for name, one in proposals.items() if len(one.formats) == 1}
    decimals = {
        form.decimal for name, form in sure.items() if _shows_decimals(form, proposals[name].values)
    }
    chosen: dict[str, NumberFormat | None] = {}
    for name, one in proposals.items():
        forms = one.formats
        if len(forms) == 1 and forms[0].is_plain and decimals == {","}:
            chosen[name] = NumberFormat(",", ".") if _in_threes(one.values) else forms[0]
        elif len(forms) <= 1:
            chosen[name] = forms[0] if forms else None
        elif len(decimals) == 1:
            (mark,) = decimals
            chosen[name] = next((form for form in forms if form.decimal == mark), None)
        elif separator == "," or forms[0].unit == "money":
            chosen[name] = forms[0]
        else:
            chosen[name] = None
    return chosen


def _shows_decimals(form: NumberFormat, values: Mapping[str, int]) -> bool:
    if form.is_plain and _in_threes(values):
        return False
    return any("." in number_text(one, form) for one in values)


def _in_threes(values: Mapping[str, int]) -> bool:
    return any("." in one for one in values) and all(re.fullmatch(IN_THREES, one) for one in values)
