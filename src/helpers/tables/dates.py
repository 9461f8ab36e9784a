"""Which date format a column of text is written in, found from its values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from helpers.errors import TableError
from helpers.params.column_types import Column, strptime_format

ORDERS = ("yyyy{s}MM{s}dd", "dd{s}MM{s}yyyy", "MM{s}dd{s}yyyy")
MARKS = ("-", "/", ".")
# A time of day after the date is left out: days are what customers are described by.
TIME = r"[T ]+\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?"
DATE_LIKE = r"(\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2})(" + TIME + ")?"


@dataclass(frozen=True)
class Candidate:
    """A date format, with how many rows of a column can be read in it."""

    java: str
    strptime: str
    parsed: int = 0
    signature: int = 0

    def parse(self, text: str) -> str:
        """
        Write SQL that reads a text as a date, NULL where it cannot.

        `strptime` alone would read the year 12 out of `04-09-12`, so that the digits are counted.
        """
        digits = self.strptime.replace(".", r"\.")
        for code, pattern in (("%d", r"\d{1,2}"), ("%m", r"\d{1,2}"), ("%Y", r"\d{4}")):
            digits = digits.replace(code, pattern)
        quoted, pattern = (one.replace("'", "''") for one in (self.strptime, digits))
        return (
            f"CASE WHEN regexp_full_match({text}, '{pattern}') "
            f"THEN try_strptime({text}, '{quoted}') END"
        )

    def with_counts(self, *, parsed: int, signature: int) -> "Candidate":
        """Return the same format with what it made of the column."""
        return replace(self, parsed=parsed, signature=signature)


def candidates_for(column: Column) -> list[Candidate]:
    """List the formats to try for a column: the declared one alone, or all that are known."""
    if column.read_as:
        return [Candidate(column.read_as, strptime_format(column.read_as, where="`read_as`"))]
    dates = [order.format(s=mark) for order in ORDERS for mark in MARKS]
    return [Candidate(java, strptime_format(java, where="")) for java in dates]


def without_time(text: str) -> str:
    """Write SQL for a text without the time of day at its end."""
    return f"regexp_replace({text}, '{TIME}$', '')"


def choose_format(
    column: Column,
    candidates: Sequence[Candidate],
    *,
    file: str,
    held: int,
    first_fault: Callable[[Candidate], tuple[int, str, str] | None],
) -> Candidate:
    """
    Choose the one format in which every value of a column can be read.

    Parameters
    ----------
    column : Column
        The declared date column.
    candidates : sequence of Candidate
        Formats with their counts.
    file : str
        Name of the file, for messages.
    held : int
        Number of rows with a value.
    first_fault : callable
        Given a format, the count of rows that cannot be read in it, the place of the first one
        (file and line) and its value.

    Returns
    -------
    Candidate
        The format found. Where two formats read every value as the same dates, the first.

    Raises
    ------
    TableError
        Where no format reads every value (with the first line at fault), or where day and month
        could be exchanged.
    """
    full = [one for one in candidates if one.parsed == held]
    if len({one.signature for one in full}) > 1:
        first, second = full[0], next(one for one in full if one.signature != full[0].signature)
        dates = "the only date" if held == 1 else f"all {held:,} dates"
        raise TableError(
            f"`{file}`: `{column.name}` is ambiguous: {dates} can be read as "
            f"{first.java} and as {second.java}. Declare which with `read_as: {first.java}` "
            f"under `{column.name}` in `columns`."
        )
    if full:
        return full[0]
    best = max(candidates, key=lambda one: one.parsed)
    count, where, value = first_fault(best) or (held, f"`{file}`", "")
    shown = repr(value if len(value) <= 40 else value[:40] + "...")
    if column.read_as or best.parsed == 0:
        in_all = "" if count == 1 else f" ({count:,} values in all)"
        tried = (
            f"not a date in the declared format {column.read_as}{in_all}. Mend the file, or "
            "correct `read_as`."
            if column.read_as
            else "not a date in a known format (yyyy-MM-dd, dd-MM-yyyy, dd/MM/yyyy and the like)"
            f"{in_all}. Mend the file, or declare the column's format with `read_as`."
        )
        raise TableError(f"{where}: `{column.name}` holds {shown}: {tried}")
    others = f"{best.parsed:,} other " + ("value is" if best.parsed == 1 else "values are")
    raise TableError(
        f"{where}: `{column.name}` holds {shown}, but {others} written "
        f"{best.java} ({count:,} {'differs' if count == 1 else 'differ'} in all): "
        "write all dates in one format."
    )


def canonical(parsed: str, column: Column) -> str:
    """Write SQL for a date as text in the column's declared form, which the SQL steps read."""
    format_ = strptime_format(column.format, where="`format`")
    return f"strftime({parsed}, '{format_}')"
