"""Functions over dates, timestamps and intervals."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Unpack

from helpers.engines import patterns
from helpers.engines.functions import Templates, call, define, define_by_template
from helpers.engines.number_functions import arithmetic, whole_division
from helpers.engines.values import Refused, Target, Value, in_words

_DATES = "Dates and times"
DAYS = (-4_000_000, 4_000_000)
"""Days between any two dates of the years 1 to 9999."""
WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
PARTS = {
    "year": "year",
    "y": "year",
    "years": "year",
    "yr": "year",
    "yrs": "year",
    "quarter": "quarter",
    "qtr": "quarter",
    "month": "month",
    "mon": "month",
    "mons": "month",
    "months": "month",
    "week": "weekofyear",
    "w": "weekofyear",
    "weeks": "weekofyear",
    "day": "day",
    "d": "day",
    "days": "day",
    "dayofweek": "dayofweek",
    "dow": "dayofweek",
    "dayofweek_iso": "weekday_iso",
    "dow_iso": "weekday_iso",
    "doy": "dayofyear",
    "yearofweek": "year_of_week",
    "hour": "hour",
    "h": "hour",
    "hours": "hour",
    "hr": "hour",
    "hrs": "hour",
    "minute": "minute",
    "m": "minute",
    "min": "minute",
    "mins": "minute",
    "minutes": "minute",
}
TRUNCATED = {
    "year": ("year", "yyyy", "yy"),
    "quarter": ("quarter",),
    "month": ("month", "mon", "mm"),
    "week": ("week",),
    "day": ("day", "dd"),
    "hour": ("hour",),
    "minute": ("minute",),
    "second": ("second",),
}
MICROSECONDS = {
    "day": 86_400_000_000,
    "hour": 3_600_000_000,
    "minute": 60_000_000,
    "second": 1_000_000,
}
UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")


def _part(
    names: str,
    bounds: tuple[int, int],
    *,
    kind: str = "date",
    wide: bool = True,
    **templates: Unpack[Templates],
) -> None:
    define_by_template(names, kind, "int", _DATES, bounds=bounds, wide=wide, **templates)


def _field(name: str, *, bigquery: str = "", postgres: str = "") -> Templates:
    upper = name.upper()
    return {
        "duckdb": f"{upper}({{0}})",
        "postgres": f"CAST(EXTRACT({postgres or upper} FROM {{0}}) AS INTEGER)",
        "bigquery": f"EXTRACT({bigquery or upper} FROM {{0}})",
        "snowflake": f"{upper}({{0}})",
    }


_part("year", (0, 9999), **_field("year"))
_part("quarter", (1, 4), **_field("quarter"))
_part("month", (1, 12), **_field("month"))
_part("day, dayofmonth", (1, 31), **_field("day"))
_part(
    "dayofyear",
    (1, 366),
    **_field("dayofyear", bigquery="DAYOFYEAR", postgres="DOY"),
)
_part(
    "weekofyear",
    (1, 53),
    duckdb="WEEK({0})",
    postgres="CAST(EXTRACT(WEEK FROM {0}) AS INTEGER)",
    bigquery="EXTRACT(ISOWEEK FROM {0})",
    snowflake="WEEKISO({0})",
)
_part(
    "dayofweek",
    (1, 7),
    duckdb="DAYOFWEEK({0}) + 1",
    postgres="CAST(EXTRACT(DOW FROM {0}) AS INTEGER) + 1",
    bigquery="EXTRACT(DAYOFWEEK FROM {0})",
    snowflake="DAYOFWEEKISO({0}) % 7 + 1",
)
_part(
    "weekday",
    (0, 6),
    duckdb="ISODOW({0}) - 1",
    postgres="CAST(EXTRACT(ISODOW FROM {0}) AS INTEGER) - 1",
    bigquery="MOD(EXTRACT(DAYOFWEEK FROM {0}) + 5, 7)",
    snowflake="DAYOFWEEKISO({0}) - 1",
)
_part("hour", (0, 23), kind="timestamp", **_field("hour"))
_part("minute", (0, 59), kind="timestamp", **_field("minute"))
_part(
    "second",
    (0, 59),
    kind="timestamp",
    duckdb="SECOND({0})",
    postgres="CAST(FLOOR(EXTRACT(SECOND FROM {0})) AS INTEGER)",
    bigquery="EXTRACT(SECOND FROM {0})",
    snowflake="SECOND({0})",
)
_part(
    "unix_date",
    DAYS,
    kind="only date",
    duckdb="DATE_DIFF('DAY', DATE '1970-01-01', {0})",
    postgres="{0:b} - DATE '1970-01-01'",
    bigquery="UNIX_DATE({0})",
    snowflake="DATEDIFF(DAY, DATE '1970-01-01', {0})",
)
define_by_template(
    "last_day",
    "date",
    "date",
    _DATES,
    duckdb="LAST_DAY({0})",
    postgres="CAST(DATE_TRUNC('month', {0}) + INTERVAL '1 month' - INTERVAL '1 day' AS DATE)",
    bigquery="LAST_DAY({0})",
    snowflake="LAST_DAY({0})",
)
define_by_template(
    "dayname", "date", "string", _DATES, duckdb="STRFTIME({0}, '%a')", postgres="TO_CHAR({0}, 'Dy')"
)
define_by_template(
    "monthname",
    "date",
    "string",
    _DATES,
    duckdb="STRFTIME({0}, '%b')",
    postgres="TO_CHAR({0}, 'Mon')",
)
define_by_template(
    "date_from_unix_date",
    "int",
    "date",
    _DATES,
    duckdb="DATE '1970-01-01' + CAST({0} AS INTEGER)",
    postgres="DATE '1970-01-01' + {0:b}",
    bigquery="DATE_FROM_UNIX_DATE({0})",
    snowflake="DATEADD(DAY, {0}, DATE '1970-01-01')",
)


def _as_date(target: Target, value: Value) -> Value:
    """A date that the database is told to take as one, which a column may need."""
    if target.dialect != "duckdb" or value.sql.endswith(" AS DATE)"):
        return value
    return Value(target.as_type(value.sql, "date"), "date")


def _datediff(target: Target, values: Sequence[Value]) -> Value:
    end, start = values
    template = {
        "duckdb": "DATE_DIFF('DAY', {1}, {0})",
        "postgres": "{0:b} - {1:b}",
        "spark": "DATEDIFF({0}, {1})",
        "bigquery": "DATE_DIFF({0}, {1}, DAY)",
        "snowflake": "DATEDIFF(DAY, {1}, {0})",
    }[target.dialect]
    made = target.make("int", template, _as_date(target, end), _as_date(target, start))
    return replace(made, bounds=DAYS, wide=target.dialect == "duckdb")


def add_days(target: Target, date: Value, days: Value) -> Value:
    """A date some days later."""
    if (
        isinstance(days.constant, int)
        and days.constant >= 0
        and target.dialect in ("duckdb", "postgres")
    ):
        return Value(f"{date.bracketed(3)} + {days.constant}", "date", 3)
    template = {
        "duckdb": "{0:b} + CAST({1} AS INTEGER)",
        "postgres": "{0:b} + CAST({1} AS INTEGER)",
        "spark": "DATE_ADD({0}, {1})",
        "bigquery": "DATE_ADD({0}, INTERVAL {1} DAY)",
        "snowflake": "DATEADD(DAY, {1}, {0})",
    }[target.dialect]
    if target.exact and target.dialect == "duckdb":
        template = f"TRY({template})"
    return target.make("date", template, date, days)


def take_days(target: Target, date: Value, days: Value) -> Value:
    """A date some days earlier."""
    if target.dialect == "spark":
        return target.make("date", "DATE_SUB({0}, {1})", date, days)
    return add_days(
        target,
        date,
        arithmetic(target, "-", target.whole_number(0), days)
        if not days.is_literal
        else target.whole_number(-(days.constant or 0))
        if days.constant is not None
        else days,
    )


def add_months(target: Target, date: Value, months: Value) -> Value:
    """A date some months later, at the end of a shorter month at the latest."""
    template = {
        "duckdb": "CAST({0:b} + TO_MONTHS({1}) AS DATE)",
        "postgres": "CAST({0:b} + {1:b} * INTERVAL '1 month' AS DATE)",
        "spark": "ADD_MONTHS({0}, {1})",
        "bigquery": "DATE_ADD({0}, INTERVAL {1} MONTH)",
        "snowflake": "DATEADD(MONTH, {1}, {0})",
    }[target.dialect]
    return target.make("date", template, date, months)


MONTHS_OF = {"year": 12, "quarter": 3, "month": 1}
DAYS_OF = {"week": 7, "day": 1}


def shifted(target: Target, moment: Value, unit: str, count: Value) -> Value:
    """
    A timestamp some units of time later.

    Raises
    ------
    Refused
        Where the dialect is not one in which timestamps are written.
    """
    if target.dialect == "spark":
        return target.make(
            "timestamp", f"TIMESTAMPADD({unit.upper()}, {{1}}, {{0}})", moment, count
        )
    if target.dialect not in ("duckdb", "postgres"):
        raise Refused(f"a timestamp and {unit}s cannot be added for {target.dialect}")
    factor = MONTHS_OF.get(unit) or DAYS_OF.get(unit) or 1
    base = "month" if unit in MONTHS_OF else "day" if unit in DAYS_OF else unit
    number = count if factor == 1 else arithmetic(target, "*", count, target.whole_number(factor))
    if target.dialect == "duckdb":
        template = f"{{0:b}} + TO_{base.upper()}S({{1}})"
    else:
        template = f"{{0:b}} + {{1:b}} * INTERVAL '1 {base}'"
    return target.make("timestamp", template, moment, number)


def _unit(value: Value, name: str) -> str:
    unit = str(value.constant).casefold().rstrip("s") if isinstance(value.constant, str) else ""
    if unit not in UNITS:
        raise Refused(f"`{name}` counts in one of {', '.join(UNITS)}")
    return unit


def timestamp_add(target: Target, values: Sequence[Value]) -> Value:
    """`timestampadd(unit, count, moment)`."""
    unit = _unit(values[0], "timestampadd")
    moment = target.cast(values[2], "timestamp") if values[2].type != "timestamp" else values[2]
    return shifted(target, moment, unit, target.implicit(values[1], "int"))


def timestamp_diff(target: Target, values: Sequence[Value]) -> Value:
    """`timestampdiff(unit, start, end)`: whole units between two moments."""
    unit = _unit(values[0], "timestampdiff")
    start, end = values[1], values[2]
    for one in (start, end):
        if one.type not in ("date", "timestamp", "string", "void"):
            raise Refused(f"`timestampdiff` expects dates, got {in_words(one.type)}")
    if target.dialect == "spark":
        start, end = (target.implicit(one, "timestamp") for one in (start, end))
        return target.make(
            "bigint", f"TIMESTAMPDIFF({unit.upper()}, {{0}}, {{1}})", start, end, wide=True
        )
    dates = start.type == "date" and end.type == "date"
    if not dates:
        start, end = (target.implicit(one, "timestamp") for one in (start, end))
    if dates and unit in ("week", "day"):
        days = target.cast(_datediff(target, [end, start]), "bigint")
        if unit == "day":
            return days
        return whole_division(target, days, target.whole_number(7))
    if unit in MONTHS_OF:
        months = _months(target, start, end, dates=dates)
        factor = MONTHS_OF[unit]
        if factor == 1:
            return months
        return whole_division(target, months, target.whole_number(factor))
    if target.dialect not in ("duckdb", "postgres"):
        raise Refused(f"`timestampdiff` in {unit}s cannot be written for {target.dialect}")
    size = MICROSECONDS[unit if unit != "week" else "day"] * (7 if unit == "week" else 1)
    start, end = (target.cast(one, "timestamp") for one in (start, end))
    difference = arithmetic(target, "-", _micros(target, end), _micros(target, start))
    return whole_division(target, difference, target.whole_number(size))


def _micros(target: Target, moment: Value) -> Value:
    template = {
        "duckdb": "EPOCH_US({0})",
        "postgres": "CAST(EXTRACT(EPOCH FROM {0}) * 1000000 AS BIGINT)",
    }[target.dialect]
    limit = 4 * 10**17
    return target.make("bigint", template, moment, bounds=(-limit, limit), wide=True)


def _months(target: Target, start: Value, end: Value, *, dates: bool) -> Value:
    """Whole months between two moments."""
    year, month, day = (f"{name}" for name in ("year", "month", "day"))

    def number(date: Value) -> Value:
        parts = [call(target, name, [date]) for name in (year, month, day)]
        return target.make(
            "bigint", "({0:b} * 12 + {1:b}) * 32 + {2:b}", *parts, bounds=(0, 10**7), wide=True
        )

    if dates:
        first, last = start, end
    else:
        # A day is not over before its time of day is.
        if target.dialect not in ("duckdb", "postgres"):
            raise Refused(f"`timestampdiff` of timestamps cannot be written for {target.dialect}")
        first = target.cast(start, "date")
        last = target.make(
            "date",
            "CAST({1} AS DATE) + CASE WHEN CAST({1} AS DATE) > CAST({0} AS DATE) AND "
            "CAST({1} AS TIME) < CAST({0} AS TIME) THEN -1 "
            "WHEN CAST({1} AS DATE) < CAST({0} AS DATE) AND CAST({1} AS TIME) > CAST({0} AS TIME) "
            "THEN 1 ELSE 0 END",
            start,
            end,
        )
    difference = arithmetic(target, "-", number(last), number(first))
    return whole_division(target, difference, target.whole_number(32))


def _date_add(target: Target, values: Sequence[Value]) -> Value:
    return add_days(target, values[0], values[1])


def _date_sub(target: Target, values: Sequence[Value]) -> Value:
    return take_days(target, values[0], values[1])


def _add_months(target: Target, values: Sequence[Value]) -> Value:
    return add_months(target, values[0], values[1])


def _months_between(target: Target, values: Sequence[Value]) -> Value:
    end, start = values[:2]
    rounds = values[2].constant if len(values) > 2 else True
    if not isinstance(rounds, bool):
        raise Refused("the third argument of `months_between` is true or false")
    if target.dialect == "spark":
        both = [target.implicit(one, "timestamp") for one in (end, start)]
        return target.make("double", f"MONTHS_BETWEEN({{0}}, {{1}}, {str(rounds).upper()})", *both)
    if target.dialect not in ("duckdb", "postgres"):
        raise Refused(f"`months_between` cannot be written for {target.dialect}")
    dates = end.type == start.type == "date"
    if not dates:
        end, start = (target.implicit(one, "timestamp") for one in (end, start))
    if target.dialect == "duckdb":
        year, month, day = "YEAR({%d})", "MONTH({%d})", "DAY({%d})"
        last = "DAY(LAST_DAY({%d}))"
        seconds = "(HOUR({%d}) * 3600 + MINUTE({%d}) * 60 + SECOND({%d}))"
    else:
        year, month, day = (
            f"CAST(EXTRACT({one} FROM {{%d}}) AS INTEGER)" for one in ("YEAR", "MONTH", "DAY")
        )
        last = (
            "CAST(EXTRACT(DAY FROM DATE_TRUNC('month', {%d}) + INTERVAL '1 month' - "
            "INTERVAL '1 day') AS INTEGER)"
        )
        seconds = "CAST(FLOOR(EXTRACT(EPOCH FROM CAST({%d} AS TIME))) AS INTEGER)"

    def at(template: str, position: int) -> str:
        return template.replace("%d", str(position))

    months = f"({at(year, 0)} - {at(year, 1)}) * 12 + {at(month, 0)} - {at(month, 1)}"
    over = f"({at(day, 0)} - {at(day, 1)}) * 86400"
    if not dates:
        over = f"{over} + {at(seconds, 0)} - {at(seconds, 1)}"
    share = f"CAST({over} AS {target.type_name('double')}) / 2678400"
    fraction = f"{months} + {share}"
    if rounds:
        fraction = f"FLOOR(({fraction}) * 1e8 + 0.5) / 1e8"
    same = (
        f"{at(day, 0)} = {at(day, 1)} OR ({at(day, 0)} = {at(last, 0)} AND "
        f"{at(day, 1)} = {at(last, 1)})"
    )
    double = target.type_name("double")
    return target.make(
        "double",
        f"CASE WHEN {same} THEN CAST({months} AS {double}) ELSE CAST({fraction} AS {double}) END",
        end,
        start,
    )


def _truncation(value: Value, name: str, most: str) -> str | None:
    if not isinstance(value.constant, str):
        raise Refused(f"the unit of `{name}` must be written out")
    wanted = value.constant.casefold()
    units = list(TRUNCATED)
    for unit in units[: units.index(most) + 1]:
        if wanted in TRUNCATED[unit]:
            return unit
    return None


def _week_start(target: Target, date: Value) -> Value | None:
    if target.dialect == "snowflake":
        return target.make("date", "DATEADD(DAY, 1 - DAYOFWEEKISO({0}), {0})", date)
    if target.dialect == "bigquery":
        return target.make("date", "DATE_TRUNC({0}, ISOWEEK)", date)
    return None


def _trunc(target: Target, values: Sequence[Value]) -> Value:
    date, unit_value = values
    unit = _truncation(unit_value, "trunc", "week")
    if unit is None:
        raise Refused("`trunc` takes year, quarter, month (mm) or week")
    if target.dialect == "spark":
        return target.make("date", f"TRUNC({{0}}, '{unit}')", date)
    week = _week_start(target, date) if unit == "week" else None
    if week is not None:
        return week
    if target.dialect == "bigquery":
        return target.make("date", f"DATE_TRUNC({{0}}, {unit.upper()})", date)
    return target.make("date", f"CAST(DATE_TRUNC('{unit}', {{0}}) AS DATE)", date)


def _date_trunc(target: Target, values: Sequence[Value]) -> Value:
    unit = _truncation(values[0], "date_trunc", "second")
    if unit is None:
        raise Refused(f"`date_trunc` takes {', '.join(TRUNCATED)}")
    moment = target.implicit(values[1], "timestamp")
    if target.dialect == "spark":
        return target.make("timestamp", f"DATE_TRUNC('{unit}', {{0}})", moment)
    if target.dialect not in ("duckdb", "postgres"):
        raise Refused(f"`date_trunc` cannot be written for {target.dialect}: use `trunc`")
    return target.make("timestamp", f"CAST(DATE_TRUNC('{unit}', {{0}}) AS TIMESTAMP)", moment)


def _next_day(target: Target, values: Sequence[Value]) -> Value:
    date, day = values
    named = str(day.constant).casefold()
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    number = next((at for at, name in enumerate(full) if named in (name, name[:3], name[:2])), None)
    if number is None:
        raise Refused(f"`next_day` takes a day of the week, not '{day.constant}'")
    if target.dialect == "spark":
        return target.make("date", f"NEXT_DAY({{0}}, '{full[number]}')", date)
    weekday = call(target, "weekday", [date])
    ahead = target.make(
        "int",
        f"MOD({number + 6} - {{0:b}}, 7) + 1",
        weekday,
        bounds=(1, 7),
        wide=True,
    )
    return add_days(target, date, ahead)


def _make_date(target: Target, values: Sequence[Value]) -> Value:
    return target.calendar_day(*values)


def _to_date(target: Target, values: Sequence[Value]) -> Value:
    value = values[0]
    if len(values) == 1 or value.type in ("date", "timestamp"):
        return target.implicit(value, "date")
    text = target.implicit(value, "string")
    moment, _ = _parsed(target, text, values[1].constant, "to_date")
    return _timestamp_date(target, moment)


def _timestamp_date(target: Target, moment: Value) -> Value:
    if moment.type == "date":
        return moment
    return target.cast(moment, "date")


def _to_timestamp(target: Target, values: Sequence[Value]) -> Value:
    value = values[0]
    if len(values) == 1 or value.type in ("date", "timestamp"):
        if value.type in ("string", "date", "timestamp", "void", "int", "bigint", "double"):
            return target.cast(value, "timestamp")
        raise Refused(f"`to_timestamp` expects a text, got {in_words(value.type)}")
    text = target.implicit(value, "string")
    moment, _ = _parsed(target, text, values[1].constant, "to_timestamp")
    return target.cast(moment, "timestamp")


STRPTIME_OF_BIGQUERY = {"%Y": "%Y", "%m": "%m", "%d": "%d"}


def _parsed(target: Target, text: Value, java: str, name: str) -> tuple[Value, bool]:
    """A text that is written in a format, as a date or timestamp; missing where it is not."""
    parts = patterns.date_parts(java, patterns.READ_FIELDS)
    fields = [part.letters for part in parts if part.is_field]
    codes = [patterns.READ_FIELDS[one][0][1] for one in fields]
    if "Y" not in codes or len(set(codes)) < len(codes):
        raise Refused(f"the date format '{java}' must hold the year once, as yyyy")
    if {"M", "S"} & set(codes) and "H" not in codes:
        raise Refused(f"the date format '{java}' holds minutes without hours (HH)")
    if ("d" in codes and not {"m", "b", "B"} & set(codes)) or len({"m", "b", "B"} & set(codes)) > 1:
        raise Refused(f"the date format '{java}' must hold the month once beside the day")
    if target.dialect == "spark":
        return target.make(
            "timestamp", f"TRY_TO_TIMESTAMP({{0}}, {target.in_template(java)})", text
        ), False
    shape = "".join(
        patterns.READ_FIELDS[part.letters][2] if part.is_field else re.escape(part.letters)
        for part in parts
    )
    folds = "(?i)" if {"b", "B"} & set(codes) else ""
    strptime = "".join(
        patterns.READ_FIELDS[part.letters][0] if part.is_field else part.letters.replace("%", "%%")
        for part in parts
    )
    known = bool(text.date_format) and text.date_format == java
    shape = shape.replace(r"\-", "-").replace(r"\ ", " ").replace(r"\/", "/")
    timed = bool({"H"} & set(codes))
    if target.dialect == "duckdb":
        tried = f"CAST(TRY_STRPTIME({{0}}, {target.in_template(strptime)}) AS TIMESTAMP)"
        if known:
            return target.make("timestamp", tried, text), True
        test = f"REGEXP_FULL_MATCH({{0}}, {target.in_template(folds + shape)})"
        return target.make("timestamp", f"CASE WHEN {test} THEN {tried} END", text), True
    if timed or folds:
        raise Refused(f"`{name}` with '{java}' cannot be written for {target.dialect}")
    if known and target.dialect in ("postgres", "bigquery"):
        template = {
            "postgres": f"TO_DATE({{0}}, {target.in_template(_postgres_format(parts))})",
            "bigquery": f"SAFE.PARSE_DATE({target.in_template(strptime)}, {{0}})",
        }[target.dialect]
        return target.make("date", template, text), True
    if target.dialect == "postgres":
        return _postgres_day(target, text, parts, shape), True
    if target.dialect == "bigquery":
        test = f"REGEXP_CONTAINS({{0}}, {target.in_template(f'^{shape}$')})"
        tried = f"SAFE.PARSE_DATE({target.in_template(strptime)}, {{0}})"
        return target.make("date", f"CASE WHEN {test} THEN {tried} END", text), True
    if any(len(one) == 1 for one in fields):
        raise Refused(f"`{name}` with '{java}' cannot be written for {target.dialect}")
    return target.make(
        "date", f"TRY_TO_DATE({{0}}, {target.in_template(java.upper())})", text
    ), True


def _postgres_format(parts: Sequence[patterns.DatePart]) -> str:
    return "".join(
        patterns.READ_FIELDS[part.letters][1] if part.is_field else part.letters for part in parts
    )


def _postgres_day(
    target: Target, text: Value, parts: Sequence[patterns.DatePart], shape: str
) -> Value:
    """A date from its parts, since PostgreSQL ends the query at a day that there is not."""
    order = [part.letters for part in parts if part.is_field]
    grouped = "".join(
        f"({patterns.READ_FIELDS[part.letters][2]})"
        if part.is_field
        else re.sub(r"\\([- /])", r"\1", re.escape(part.letters))
        for part in parts
    )
    pattern = target.in_template(f"^{grouped}$")

    def part(code: str) -> Value:
        place = next(
            (at for at, one in enumerate(order, 1) if patterns.READ_FIELDS[one][0][1] == code), None
        )
        if place is None:
            return target.whole_number(1)
        made = target.make(
            "int", f"CAST((REGEXP_MATCH({{0}}, {pattern}))[{place}] AS INTEGER)", text
        )
        return replace(made, bounds=(0, 9999))

    return target.calendar_day(part("Y"), part("m"), part("d"))


def _date_format(target: Target, values: Sequence[Value]) -> Value:
    moment, java = values[0], values[1].constant
    parts = patterns.date_parts(java, patterns.SHOWN_FIELDS)
    if moment.type == "string":
        moment = target.implicit(moment, "timestamp")
    if target.dialect == "spark":
        return target.make("string", f"DATE_FORMAT({{0}}, {target.in_template(java)})", moment)
    if target.dialect == "duckdb":
        shape = "".join(
            patterns.SHOWN_FIELDS[p.letters][0] if p.is_field else p.letters.replace("%", "%%")
            for p in parts
        )
        return target.make("string", f"STRFTIME({{0}}, {target.in_template(shape)})", moment)
    if target.dialect == "postgres":
        shape = "".join(
            patterns.SHOWN_FIELDS[p.letters][1]
            if p.is_field
            else (
                '"' + p.letters.replace("\\", "\\\\").replace('"', '\\"') + '"'
                if p.letters.isalnum()
                else p.letters
            )
            for p in parts
        )
        return target.make("string", f"TO_CHAR({{0}}, {target.in_template(shape)})", moment)
    raise Refused(f"`date_format` cannot be written for {target.dialect}")


def _unix_timestamp(target: Target, values: Sequence[Value]) -> Value:
    value = values[0]
    if value.type in ("date", "timestamp"):
        moment = target.cast(value, "timestamp")
    elif value.type in ("string", "void"):
        java = values[1].constant if len(values) > 1 else "yyyy-MM-dd HH:mm:ss"
        moment, _ = _parsed(target, target.implicit(value, "string"), java, "unix_timestamp")
        moment = target.cast(moment, "timestamp")
    else:
        raise Refused(f"`unix_timestamp` expects a date, got {in_words(value.type)}")
    if target.dialect == "spark":
        return target.make("bigint", "UNIX_TIMESTAMP({0})", moment, wide=True)
    return target.cast(moment, "bigint")


def _unix_seconds(target: Target, values: Sequence[Value]) -> Value:
    return target.cast(values[0], "bigint")


def _from_unixtime(target: Target, values: Sequence[Value]) -> Value:
    shape = values[1] if len(values) > 1 else target.text("yyyy-MM-dd HH:mm:ss")
    return _date_format(target, [target.cast(values[0], "timestamp"), shape])


def extract(target: Target, field: str, value: Value) -> Value:
    """
    `extract(field FROM date)` and `date_part`.

    Raises
    ------
    Refused
        For a field that is not offered.
    """
    name = PARTS.get(field.casefold())
    if name == "weekday_iso":
        made = arithmetic(
            target, "+", call(target, "weekday", [_dated(target, value)]), target.whole_number(1)
        )
        return made
    if name == "year_of_week" and target.dialect in ("duckdb", "postgres", "spark"):
        date = _dated(target, value)
        template = {
            "duckdb": "ISOYEAR({0})",
            "postgres": "CAST(EXTRACT(ISOYEAR FROM {0}) AS INTEGER)",
            "spark": "EXTRACT(YEAROFWEEK FROM {0})",
        }[target.dialect]
        return target.make("int", template, date, bounds=(0, 9999), wide=True)
    if name is None or name == "year_of_week":
        raise Refused(
            f"`extract` of {field} is not offered: year, quarter, month, week, day, dayofweek, "
            "doy, hour and minute are"
        )
    return call(target, name, [value])


def _dated(target: Target, value: Value) -> Value:
    return target.implicit(value, "date")


def _date_part(target: Target, values: Sequence[Value]) -> Value:
    return extract(target, str(values[0].constant), values[1])


def plus_interval(target: Target, value: Value, unit: str, count: int) -> Value:
    """
    A date or timestamp and an interval.

    Raises
    ------
    Refused
        For what is no date, or a unit that is not offered.
    """
    unit = unit.casefold().rstrip("s")
    if unit not in UNITS:
        raise Refused(f"an interval counts in one of {', '.join(UNITS)}")
    if value.type not in ("date", "timestamp"):
        raise Refused(f"an interval is added to a date, not to {in_words(value.type)}")
    number = target.whole_number(count)
    if value.type == "date" and unit in MONTHS_OF:
        return add_months(target, value, target.whole_number(count * MONTHS_OF[unit]))
    if value.type == "date" and unit in DAYS_OF:
        return add_days(target, value, target.whole_number(count * DAYS_OF[unit]))
    return shifted(target, target.cast(value, "timestamp"), unit, number)


def plus_days(target: Target, sign: str, one: Value, other: Value) -> Value:
    """
    A date and a number of days, with `+` or `-`.

    Raises
    ------
    Refused
        For two dates, or a number with a fraction.
    """
    if one.type in ("date", "timestamp") and other.type in ("date", "timestamp", "string"):
        raise Refused(
            "a date minus a date is an interval, not a number: `datediff(end, start)` counts the "
            "days between them"
        )
    date, days = (one, other) if one.type == "date" else (other, one)
    if date.type != "date" or days.type not in ("int", "bigint") or (sign == "-" and days is one):
        raise Refused(f"`{sign}` cannot take {in_words(one.type)} and {in_words(other.type)}")
    days = target.implicit(days, "int")
    return add_days(target, date, days) if sign == "+" else take_days(target, date, days)


define("datediff, date_diff", "date, date", _datediff, _DATES)
define("date_add, dateadd", "date, days", _date_add, _DATES)
define("date_sub", "date, days", _date_sub, _DATES)
define("add_months", "date, int", _add_months, _DATES)
define("months_between", "moment, moment, any?", _months_between, _DATES)
define("timestampdiff", "'text', any, any", timestamp_diff, _DATES)
define("timestampadd", "'text', int, any", timestamp_add, _DATES)
define("trunc", "date, 'text'", _trunc, _DATES)
define("date_trunc", "'text', any", _date_trunc, _DATES)
define("next_day", "date, 'text'", _next_day, _DATES)
define("make_date", "int, int, int", _make_date, _DATES)
define("to_date, try_to_date", "any, 'text'?", _to_date, _DATES)
define("to_timestamp, try_to_timestamp", "any, 'text'?", _to_timestamp, _DATES)
define("date_format", "any, 'text'", _date_format, _DATES)
define("unix_timestamp, to_unix_timestamp", "any, 'text'?", _unix_timestamp, _DATES)
define("unix_seconds", "only timestamp", _unix_seconds, _DATES)
define("from_unixtime", "bigint, 'text'?", _from_unixtime, _DATES)
define("date_part, datepart", "'text', any", _date_part, _DATES)
