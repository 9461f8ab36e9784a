"""Which date format a column of text is written in, found from its values."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from helpers.errors import TableError
from helpers.params.column_types import Column
from helpers.params.date_formats import PARTS, date_part, strptime_format

ORDERS = ("yyyy{s}MM{s}dd", "dd{s}MM{s}yyyy", "MM{s}dd{s}yyyy")
MARKS = ("-", "/", ".")
SHORT_ORDERS = ("dd{s}MM{s}yy", "MM{s}dd{s}yy")
# With a slash or a point nobody writes two digits of the year first.
YEAR_FIRST = "yy-MM-dd"
COMPACT = "yyyyMMdd"
NAMED = ("dd MMM yyyy", "MMM dd, yyyy", "yyyy MMM dd", "dd MMM yy", "MMM dd, yy")
# Two digits below this are of this century, the others of the last, as spreadsheets have it.
TURN_OF_CENTURY = "30"
# English, German, French, Spanish, Italian, Dutch, Portuguese and Turkish, long and short.
MONTHS = {
    1: "january jan januar jänner januari janvier janv enero ene gennaio gen janeiro ocak oca",
    2: "february feb februar februari février fevrier févr fevr fév febrero febbraio fevereiro fev"
    " şubat subat şub",
    3: "march mar märz maerz mär mrz mars marzo maart mrt março marco mart",
    4: "april apr avril avr abril abr aprile nisan nis",
    5: "may mai mayo maggio mag mei maio mayıs mayis",
    6: "june jun juni juin junio giugno giu junho haziran haz",
    7: "july jul juli juillet juil julio luglio lug julho temmuz tem",
    8: "august aug augustus août aout agosto ago ağustos agustos ağu",
    9: "september sept sep septembre septiembre settembre set setembro eylül eylul eyl",
    10: "october oct oktober okt octobre octubre ottobre ott outubro out ekim eki",
    11: "november nov novembre noviembre novembro kasım kasim kas",
    12: "december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro aralık"
    " aralik ara",
}
MONTH_NAME = "|".join(
    sorted((one for names in MONTHS.values() for one in names.split()), key=len, reverse=True)
)
DAY = r"(?:0?[1-9]|[12]\d|3[01])"
MONTH = r"(?:0?[1-9]|1[0-2])"
BETWEEN = r"[-/. ]+(?:de )?"
# A time of day after the date is left out: days are what customers are described by.
TIME = (
    r"[T ]+\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp]\.?[Mm]\.?)?"
    r"( ?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?))?"
)
DATE_LIKE = (
    r"(\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"
    rf"|{DAY}[-/.]{DAY}[-/.]\d{{2}}|\d{{2}}-{MONTH}-{DAY}"
    r"|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    rf"|(?i:\d{{1,4}}\.?{BETWEEN}(?:{MONTH_NAME})\.?,?{BETWEEN}\d{{1,4}}"
    rf"|(?:{MONTH_NAME})\.?[-/. ]+\d{{1,2}},?[-/. ]+\d{{2,4}}))(" + TIME + ")?"
)


class DateError(TableError):
    """A column of dates that cannot be read, or in two ways."""

    readings: tuple[str, ...] = ()
    n_misfits: int = 0
    misfit: str = ""
    place: str = ""


@dataclass(frozen=True)
class Candidate:
    """A date format, with how many rows of a column can be read in it."""

    java: str
    parsed: int = 0
    signature: int = 0

    def parse(self, text: str) -> str:
        """
        Write SQL that reads a text as a date, NULL where it cannot.

        `strptime` alone would read the year 12 out of `04-09-12`, so that the digits are counted.
        """
        date = date_part(self.java, where="`read_as`")
        if set(PARTS.findall(date)) == {"yyyy", "MM", "dd"} and date != COMPACT:
            strptime = strptime_format(date, where="")
            digits = strptime.replace(".", r"\.")
            for code, pattern in (("%d", r"\d{1,2}"), ("%m", r"\d{1,2}"), ("%Y", r"\d{4}")):
                digits = digits.replace(code, pattern)
            return (
                f"CASE WHEN regexp_full_match({text}, {_quoted(digits)}) "
                f"THEN try_strptime({text}, {_quoted(strptime)}) END"
            )
        pattern, iso = _in_parts(f"lower({text})", date)
        return (
            f"CASE WHEN regexp_full_match(lower({text}), {_quoted(pattern)}) "
            f"THEN try_strptime({iso}, '%Y-%m-%d') END"
        )

    def with_counts(self, *, parsed: int, signature: int) -> "Candidate":
        """Return the same format with what it made of the column."""
        return replace(self, parsed=parsed, signature=signature)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _in_parts(text: str, date: str) -> tuple[str, str]:
    """Pattern of a format with a group for each part, and SQL for the ISO date of its groups."""
    parts = PARTS.findall(date)
    named = any(one.startswith("MMM") for one in parts)
    shapes = {
        "yyyy": r"(\d{4})",
        "yy": r"(\d{2})",
        "MM": r"(\d{2})" if date == COMPACT else r"(\d{1,2})",
        "MMM": rf"({MONTH_NAME})",
        "MMMM": rf"({MONTH_NAME})",
        "dd": r"(\d{2})" if date == COMPACT else r"(\d{1,2})",
    }
    if named:
        # A name cannot be taken for anything else: what stands between does not matter.
        between = {"M": rf"\.?,?{BETWEEN}", "d": rf"\.?,?{BETWEEN}", "y": rf",?{BETWEEN}"}
        pattern = "".join(
            shapes[one] + (between[one[0]] if one is not parts[-1] else "") for one in parts
        )
    else:
        marks = PARTS.split(date)
        pattern = re.escape(marks[0]) if marks[0] else ""
        for one, mark in zip(parts, marks[1:], strict=True):
            pattern += shapes[one] + (re.escape(mark) if mark else "")
    groups = {
        one[0]: f"regexp_extract({text}, {_quoted(pattern)}, {at})"
        for at, one in enumerate(parts, start=1)
    }
    year, month = groups["y"], groups["M"]
    if "yy" in parts:
        year = full_year(year)
    if named:
        month = month_number(month)
    return pattern, f"concat({year}, '-', {month}, '-', {groups['d']})"


def full_year(digits: str) -> str:
    """Write SQL for the four digits of a year of which two are written."""
    return (
        f"CASE WHEN {digits} < '{TURN_OF_CENTURY}' THEN concat('20', {digits}) "
        f"ELSE concat('19', {digits}) END"
    )


def month_number(name: str) -> str:
    """Write SQL for the number of a month, given its name in small letters."""
    cases = " ".join(
        f"WHEN {name} IN ({', '.join(map(_quoted, names.split()))}) THEN '{number:02}'"
        for number, names in MONTHS.items()
    )
    return f"CASE {cases} END"


def candidates_for(column: Column) -> list[Candidate]:
    """List the formats to try first: the declared one alone, or those of four-digit years."""
    if column.read_as:
        return [Candidate(column.read_as)]
    return [Candidate(order.format(s=mark)) for order in ORDERS for mark in MARKS]


def rarer_candidates() -> list[Candidate]:
    """List the formats to try where none of the usual ones reads every value."""
    short = [order.format(s=mark) for order in SHORT_ORDERS for mark in MARKS]
    return [Candidate(java) for java in (*short, YEAR_FIRST, COMPACT, *NAMED)]


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
        ambiguous = DateError(
            f"`{file}`: `{column.name}` is ambiguous: {dates} can be read as "
            f"{first.java} and as {second.java}. Declare which with `read_as: {first.java}` "
            f"under `{column.name}` in `columns`."
        )
        ambiguous.readings = (first.java, second.java)
        raise ambiguous
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
        raise _misfit(f"{where}: `{column.name}` holds {shown}: {tried}", count=count, value=value)
    others = f"{best.parsed:,} other " + ("value is" if best.parsed == 1 else "values are")
    raise _misfit(
        f"{where}: `{column.name}` holds {shown}, but {others} written "
        f"{best.java} ({count:,} {'differs' if count == 1 else 'differ'} in all): "
        "write all dates in one format.",
        count=count,
        value=value,
    )


def _misfit(message: str, *, count: int, value: str) -> DateError:
    fault = DateError(message)
    fault.n_misfits, fault.misfit = count, value
    fault.place = message.split(":", 1)[0].split(", ", 1)[-1]
    return fault


def canonical(parsed: str, column: Column) -> str:
    """Write SQL for a date as text in the column's declared form, which the SQL steps read."""
    format_ = strptime_format(column.format, where="`format`")
    return f"strftime({parsed}, '{format_}')"
