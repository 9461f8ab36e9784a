"""Where a table begins within its first rows: title lines, header, a second header."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from helpers.tables.dates import DATE_LIKE
from helpers.tables.numbers import is_missing_word, looks_like_number

# More lines than this before a header are no title.
MOST_TITLE_LINES = 20
# Rows that a header is held against.
ROWS_COMPARED = 500
YEARS = range(1900, 2101)

Row = Sequence[str]


@dataclass(frozen=True)
class Layout:
    """
    Where in the rows of a file the table lies.

    `header` is the place of the header among them, none where the first row holds values;
    `second_header` that of a line below it which describes the columns. `shift` says that rows
    have a field more than the header: `first`, which has no name then, or `last`.
    """

    header: int | None = 0
    second_header: int | None = None
    shift: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether the table begins with its header and goes on with its rows."""
        return self == Layout()


def find_layout(rows: Sequence[Row]) -> Layout:
    """
    Find the header of a table.

    Parameters
    ----------
    rows : sequence of sequences of str
        The first rows, cells trimmed; rows of blanks only are left out.

    Returns
    -------
    Layout
        Lines above the header that hold one cell are a title. A first row that holds numbers
        where the others do is no header, unless it counts (0, 1, 2) or names years.

    Examples
    --------
    >>> find_layout([["Customers of 2024"], ["id", "spend", "age"], ["a", "1", "2"]]).header
    1
    >>> find_layout([["a", "1.5"], ["b", "2.5"]]).header is None
    True
    """
    if not rows:
        return Layout()
    width = _usual_width(rows)
    start = _first_full(rows, width)
    body = [row for row in rows[start + 1 : start + 1 + ROWS_COMPARED] if len(row) == width]
    shift = ""
    if body and len(rows[start]) == width - 1 >= 1:
        shift = _shift(body)
    first = ["", *rows[start]] if shift == "first" else rows[start]
    numeric = _numeric_columns(body)
    if not shift and _holds_values(first, body, numeric):
        return Layout(header=None if start == 0 else start - 1)
    second = None
    if len(body) > 2 and start + 1 < len(rows):
        below = _numeric_columns(body[1:])
        if _describes(rows[start + 1], below):
            second = start + 1
    return Layout(start, second, shift)


def _usual_width(rows: Sequence[Row]) -> int:
    counts = Counter(len(row) for row in rows[:ROWS_COMPARED])
    return max(counts, key=lambda one: (counts[one], one))


def _first_full(rows: Sequence[Row], width: int) -> int:
    """Place of the first row that is more than a title of one cell."""
    if width < 3:
        return 0
    for place, row in enumerate(rows[: MOST_TITLE_LINES + 1]):
        if sum(bool(cell) for cell in row) > 1:
            # Only where a table follows at once are the lines before it a title.
            return place if len(row) in (width, width - 1) else 0
    return 0


def _shift(body: Sequence[Row]) -> str:
    """Which field has no place in a header that is one short: one of row numbers, or of nothing."""
    if all(not row[-1] for row in body):
        return "last"
    if len(body[0]) < 3 or not all(re.fullmatch(r"\d{1,9}", row[0]) for row in body):
        return ""
    firsts = [int(row[0]) for row in body]
    # As R writes the names of rows; `1,5` below one name is a number with a decimal comma.
    return "first" if firsts[0] in (0, 1) and _is_run(firsts) else ""


def _numeric_columns(body: Sequence[Row]) -> list[int]:
    """Columns that hold nothing but numbers, dates and words for missing ones."""
    if not body:
        return []
    return [
        column
        for column in range(len(body[0]))
        if any(_is_value(row[column]) for row in body)
        and all(_is_value(row[column]) or is_missing_word(row[column] or "-") for row in body)
    ]


def _is_value(cell: str) -> bool:
    return bool(cell) and (looks_like_number(cell) or bool(re.fullmatch(DATE_LIKE, cell)))


def _holds_values(first: Row, body: Sequence[Row], numeric: Sequence[int]) -> bool:
    """Whether a row that should be the header holds numbers wherever the rows below do."""
    cells = [first[column] if column < len(first) else "" for column in numeric]
    if not cells or not all(_is_value(one) for one in cells):
        return False
    if not all(re.fullmatch(r"\d+", one) for one in cells):
        return True
    figures = [int(one) for one in cells]
    if len(figures) > 1 and figures[0] in (0, 1) and _is_run(figures):
        return False
    if all(one in YEARS for one in figures) and all(a < b for a, b in pairwise(figures)):
        return len(figures) == 1 and _is_alike(first, body, numeric)
    return True


def _is_run(figures: Sequence[int]) -> bool:
    return all(b == a + 1 for a, b in pairwise(figures))


def _is_alike(first: Row, body: Sequence[Row], numeric: Sequence[int]) -> bool:
    """Whether the other cells of a row are of the shapes that stand below them."""
    others = [column for column in range(len(first)) if column not in numeric]
    return bool(others) and all(
        _shape(first[column]) in {_shape(row[column]) for row in body} for column in others
    )


def _shape(cell: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell))


def _describes(row: Row, numeric: Sequence[int]) -> bool:
    """Whether a row has words in two columns or more that hold numbers everywhere else."""
    cells = [row[column] for column in numeric if column < len(row) and row[column]]
    strange = [one for one in cells if not _is_value(one) and not is_missing_word(one)]
    return len(strange) >= 2 and len(strange) == len(cells)
