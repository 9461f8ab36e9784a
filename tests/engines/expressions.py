"""
Expressions of Spark SQL over a small table of edge values, drawn from a grammar.

Every function that is offered is called with every kind of argument, then functions are put into
one another. The same seed gives the same expressions.
"""

import datetime
import random
from collections.abc import Iterator, Sequence

import pyarrow as pa

ROWS = 24
COLUMNS = {
    "a": "bigint",
    "b": "bigint",
    "x": "double",
    "y": "double",
    "t": "string",
    "n": "string",
    "s": "string",
    "g": "string",
    "d": "date",
    "e": "date",
    "m": "timestamp",
    "f": "boolean",
    "k": "bigint",
}
"""Two whole numbers, two fractions, a text, numbers as text, dates as text in two forms, two dates,
a timestamp, a truth value, and a flag of 0 and 1."""


def _around(values: Sequence[object]) -> list[object]:
    return [values[at % len(values)] for at in range(ROWS)]


def edge_table() -> pa.Table:
    """The table: nulls, 0, negatives, fractions, accents, leap days, month ends, large numbers."""
    day, moment = datetime.date, datetime.datetime
    large = 2**63
    values = {
        "a": [
            0,
            1,
            -1,
            None,
            5,
            -7,
            12,
            100,
            -100,
            2**31 - 1,
            -(2**31),
            3 * 10**9,
            1250,
            -1250,
            large - 1,
            -large,
            7,
            25,
            1249,
        ],
        "b": [3, 0, -3, 2, None, 1, 10, -1, 4, 7, 2, 5],
        "x": [
            0.0,
            -0.0,
            1.5,
            -1.5,
            None,
            2.5,
            -2.5,
            0.5,
            1.005,
            2.345,
            1e-05,
            10000000.0,
            123456789.125,
            1000000000000000.0,
            -1e20,
            1e149,
            0.1,
            99.995,
            -0.005,
            3.0,
            1e-20,
            12345.678,
            0.00095,
        ],
        "y": [2.0, 0.0, -3.0, None, 0.25, 1.0, 10.0, -0.5, 100.0, 1e-3, 7.0],
        "t": [
            "",
            "abc",
            None,
            "Zoë",
            "straße",
            " a b ",
            "ABC",
            "a,b,,c",
            "x%y_z",
            "a\\b",
            "É é",
            "12",
            "hello World",
            "a-b-c",
            "foo123bar45",
            "é",
            "İx",
        ],
        "n": [
            "12",
            " 7 ",
            "-3.9",
            "1e3",
            "abc",
            "",
            None,
            "+5",
            ".5",
            "5.",
            "1,000",
            "99999999999",
            "nan",
            "-inf",
            "1d",
            "0x1F",
            "00012",
            "true",
            "no",
            "T",
        ],
        "s": [
            "2020-02-29",
            "2021-01-31",
            None,
            "2020-1-5",
            "2019",
            "2020-13-01",
            "2020-02-30",
            "x",
            "2020-12-31 10:30:00",
            "1999-12-31T23:59:59",
            " 2020-03-01 ",
            "2000-07",
        ],
        "g": [
            "29-02-2020",
            "31-01-2021",
            None,
            "4-9-2012",
            "30-02-2012",
            "01-01-1970",
            "31-12-1999",
            "28-02-2023",
            "",
            "x",
            " 04-09-2012",
        ],
        "d": [
            day(2020, 2, 29),
            day(2021, 1, 31),
            None,
            day(2020, 1, 5),
            day(1970, 1, 1),
            day(1999, 12, 31),
            day(2023, 2, 28),
            day(1900, 3, 1),
            day(2024, 12, 30),
            day(2020, 3, 31),
            day(2012, 7, 30),
        ],
        "e": [
            day(2020, 1, 31),
            day(2020, 2, 29),
            day(2021, 3, 1),
            None,
            day(2019, 2, 28),
            day(2020, 2, 29),
            day(2024, 2, 29),
            day(1999, 12, 31),
        ],
        "m": [
            moment(2020, 2, 29, 10, 30),
            moment(2021, 1, 31, 23, 59, 59, 500000),
            None,
            moment(1970, 1, 1),
            moment(1969, 12, 31, 23),
            moment(2020, 3, 31, 0, 0, 0, 1),
            moment(2024, 2, 29, 12),
        ],
        "f": [True, False, None],
        "k": [0, 1, None, 1],
    }
    types = {
        "bigint": pa.int64(),
        "double": pa.float64(),
        "string": pa.string(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "boolean": pa.bool_(),
    }
    return pa.table(
        {name: pa.array(_around(values[name]), types[kind]) for name, kind in COLUMNS.items()}
    )


# Arguments by the kind that a function asks for.
NUMBERS = ("a", "b", "x", "y", "k", "0", "-3", "2.5", "NULL", "n")
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "double": ("x", "a", "y / 4", "n", "-1", "0", "NULL"),
    "number": NUMBERS,
    "whole": ("a", "b", "5", "-2"),
    "int": ("b", "3", "0", "-2", "y", "n"),
    "bigint": ("a", "0", "b"),
    "days": ("3", "-1", "int(b)", "int(k)"),
    "only string": ("t", "'abc'", "n"),
    "only date": ("d", "e"),
    "only timestamp": ("m",),
    "string": ("t", "n", "'a'", "''", "a", "d", "f", "NULL", "'Zoë'"),
    "date": ("d", "e", "m", "s", "DATE '2020-02-29'", "NULL"),
    "timestamp": ("m", "d", "s"),
    "moment": ("d", "m", "s", "e"),
    "boolean": ("f", "a > 0", "t = 'abc'", "NULL", "x IS NULL"),
    "array": ("split(t, ',')", "split(t, '-')", "array(t, 'a', NULL)", "split(NULL, ',')"),
    "any": ("a", "x", "t", "d", "f", "NULL", "k"),
}
PATTERNS = (
    *(
        "'^a'",
        "'[0-9]+'",
        "'(\\\\d+)'",
        "'(?i)ABC'",
        "'b|c'",
        "'\\\\s'",
        "'a.c'",
        "'(\\\\w)-(\\\\w)'",
    ),
    *("'c$'", "','", "'[^a-z]'", "'é'", "'^$'", "'(foo)?123'", "'x{2,3}'"),
)
UNITS = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND")
FORMATS = (
    *("'dd-MM-yyyy'", "'d-M-yyyy'", "'yyyy-MM-dd'", "'yyyy'", "'yyyy-MM'", "'yyyyMMdd'"),
    "'yyyy-MM-dd HH:mm:ss'",
)
SHOWN = ("'yyyy'", "'MM/dd/yy'", "'E d MMM'", "'EEEE, MMMM'", "'HH:mm'", "'D'", "'h a'", "'yyyyMM'")
LIKES = ("'a%'", "'%b%'", "'_'", "'%\\\\%%'", "'a\\\\\\\\b'", "''", "'É%'", "'%ß%'")
CASTS = (
    *("int", "bigint", "double", "string", "boolean", "date", "timestamp", "tinyint"),
    *("smallint", "decimal(10, 2)", "decimal(5, 0)"),
)
# How calls are written that take literals.
SPECIAL: dict[str, tuple[str, ...]] = {
    "round": tuple(f"round({v}{p})" for v in NUMBERS for p in ("", ", 2", ", 0", ", -1", ", -2")),
    "bround": tuple(f"bround({v}{p})" for v in NUMBERS for p in ("", ", 2", ", 1", ", -1")),
    "sha2": ("sha2(t, 256)", "sha2(a, 0)"),
    "split_part": tuple(
        f"split_part(t, {p}, {n})" for p in ("','", "'-'", "' '") for n in (1, 2, -1, 9)
    ),
    "substring_index": tuple(
        f"substring_index(t, {p}, {n})" for p in ("','", "'-'", "''") for n in (1, 2, -1, -2, 0)
    ),
    "regexp_like": tuple(f"{name}(t, {p})" for p in PATTERNS for name in ("regexp_like", "rlike")),
    "regexp_replace": tuple(
        f"regexp_replace(t, {p}, {r})" for p in PATTERNS for r in ("''", "'#'", "'[$1]'", "'\\\\$'")
    ),
    "regexp_extract": tuple(
        f"regexp_extract(t, {p}{i})" for p in PATTERNS for i in ("", ", 0", ", 1", ", 2")
    ),
    "regexp_substr": tuple(f"regexp_substr(t, {p})" for p in PATTERNS),
    "regexp_extract_all": tuple(f"size(regexp_extract_all(t, {p}, 0))" for p in PATTERNS),
    "regexp_count": tuple(f"regexp_count(t, {p})" for p in PATTERNS),
    "like": tuple(f"like(t, {p})" for p in LIKES),
    "ilike": tuple(f"ilike(t, {p})" for p in LIKES),
    "timestampdiff": tuple(
        f"timestampdiff({u}, {p}, {q})"
        for u in UNITS
        for p, q in (("d", "e"), ("m", "d"), ("e", "s"))
    )
    + tuple(f"datediff({u}, e, d)" for u in UNITS),
    "timestampadd": tuple(
        f"timestampadd({u}, {n}, {v})" for u in UNITS for n in (1, "b") for v in ("d", "m")
    )
    + tuple(f"dateadd({u}, -1, d)" for u in UNITS),
    "trunc": tuple(
        f"trunc({v}, {u})"
        for v in ("d", "s", "m")
        for u in ("'year'", "'MM'", "'mon'", "'quarter'", "'week'", "'YY'")
    ),
    "date_trunc": tuple(
        f"date_trunc({u}, {v})"
        for v in ("d", "m", "s")
        for u in (
            "'year'",
            "'MM'",
            "'week'",
            "'day'",
            "'hour'",
            "'minute'",
            "'second'",
            "'quarter'",
        )
    ),
    "next_day": tuple(
        f"next_day({v}, {u})" for v in ("d", "m") for u in ("'MON'", "'sunday'", "'We'")
    ),
    "months_between": (
        "months_between(d, e)",
        "months_between(m, d)",
        "months_between(d, s, false)",
        "months_between(e, d, true)",
        "months_between(s, m)",
    ),
    "make_date": (
        "make_date(2020, b, b)",
        "make_date(2000 + b, 2, 29)",
        "make_date(year(d), month(e), 31)",
    ),
    "to_date": (
        *tuple(f"to_date({v}, {f})" for v in ("g", "s", "t") for f in FORMATS),
        "to_date(s)",
        "to_date(d)",
        "to_date(m)",
        "to_date(n)",
        "try_to_date(g, 'dd-MM-yyyy')",
        "to_date('04 Sep 2012', 'dd MMM yyyy')",
        "to_date(concat(t, '2020'), 'MMMyyyy')",
    ),
    "to_timestamp": (
        *tuple(f"to_timestamp({v}, {f})" for v in ("g", "s") for f in FORMATS),
        "to_timestamp(s)",
        "to_timestamp(d)",
        "to_timestamp(b)",
        "to_timestamp(n)",
    ),
    "date_format": tuple(f"date_format({v}, {f})" for v in ("d", "m", "s") for f in SHOWN),
    "unix_timestamp": (
        "unix_timestamp(d)",
        "unix_timestamp(m)",
        "unix_timestamp(g, 'dd-MM-yyyy')",
        "to_unix_timestamp(s, 'yyyy-MM-dd')",
        "unix_timestamp(s)",
    ),
    "from_unixtime": ("from_unixtime(b)", "from_unixtime(b * 86400, 'yyyy-MM-dd')"),
    "date_part": tuple(
        f"date_part('{u}', {v})"
        for u in (
            "year",
            "mon",
            "week",
            "day",
            "dow",
            "doy",
            "hour",
            "quarter",
            "dow_iso",
            "yearofweek",
        )
        for v in ("d", "m")
    ),
    "element_at": tuple(f"element_at(split(t, ','), {n})" for n in (1, 2, -1, 9)),
    "slice": ("array_join(slice(split(t, ','), 2, 2), '-')", "size(slice(split(t, '-'), 1, 9))"),
    "split": tuple(f"array_join(split(t, {p}), '|')" for p in (*PATTERNS, "''", "' '", "'[,-]'"))
    + tuple(f"split(t, {p})[{n}]" for p in ("','", "'-'") for n in (0, 1, "b", -1)),
    "get": ("get(split(t, ','), 1)", "get(split(t, ','), b)"),
    "array": (
        "array(a, b)[1]",
        "array(x, 2)[0]",
        "size(array(t, 'a'))",
        "array_max(array(a, b, k))",
    ),
    "array_contains": (
        "array_contains(split(t, ','), 'b')",
        "array_contains(array(a, k), 1)",
        "array_contains(array(t, 'a'), n)",
    ),
    "array_position": ("array_position(split(t, ','), 'b')", "array_position(array(a, b), 2)"),
    "array_remove": (
        "size(array_remove(split(t, ','), 'b'))",
        "size(array_remove(array(t, n), t))",
    ),
    "array_max": ("array_max(array(a, b))", "array_max(array(x, y))", "array_max(split(t, ','))"),
    "array_min": (
        "array_min(array(a, b))",
        "array_min(array(x, y, 1))",
        "array_min(split(t, '-'))",
    ),
    "array_distinct": (
        "size(array_distinct(array(a, b, a)))",
        "array_join(array_distinct(split(t, ',')), '-')",
    ),
    "sort_array": (
        "array_join(sort_array(split(t, ',')), '-')",
        "sort_array(array(b, k), false)[0]",
    ),
    "array_join": ("array_join(split(t, ','), '')", "array_join(array(t, NULL, 'z'), '-')"),
    "decode": (
        "decode(a, 1, 'one', 5, 'five', 'else')",
        "decode(t, 'abc', x, NULL, 1)",
        "decode(n, 12, 'a')",
    ),
    "overlay": ("overlay(t, 'XX', 2)", "overlay(t PLACING 'é' FROM 1 FOR 2)"),
    "nullif": (
        "nullif(a, 0)",
        "nullif(t, '')",
        "nullif(x, a)",
        "nullif(n, 12)",
        "nullif(f, true)",
        "nullif(d, '2020-02-29')",
        "nullif(a, '5')",
    ),
}
OPERATORS = (
    *("+", "-", "*", "/", "%", "div", "=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>", "||"),
    *("&", "|", "^", "AND", "OR"),
)
OPERANDS = ("a", "x", "t", "n", "d", "m", "f", "k", "0", "2.5", "'5'", "NULL", "2147483647")


def operators() -> Iterator[str]:
    """Every operator between operands of all types."""
    for sign in OPERATORS:
        for left in OPERANDS:
            for right in ("b", "y", "s", "e", "f", "'12'", "NULL", "-1"):
                if not (left in ("2147483647", "a") and right == "e"):
                    # A day beyond all calendars is missing here.
                    yield f"{left} {sign} {right}"


def forms() -> Iterator[str]:
    """What is no function and no binary operator."""
    for value in ("a", "x", "t", "n", "d", "m", "f", "NULL", "'5'", "2.7", "-1e20", "k", "s"):
        for type_ in CASTS:
            if type_ != "timestamp" or value not in ("a", "x", "-1e20"):
                # Seconds beyond all calendars are missing here.
                yield f"cast({value} as {type_})"
        yield f"-{value}"
        yield f"NOT {value}"
        yield f"{value} IS NULL"
        yield f"{value} IS NOT NULL"
        yield f"{value} IN (1, 2)"
        yield f"{value} NOT IN ('5', 'abc', NULL)"
        yield f"{value} BETWEEN 1 AND 10"
        yield f"{value} BETWEEN '2' AND '5'"
        yield f"{value} NOT BETWEEN b AND y"
        yield f"CASE WHEN {value} IS NULL THEN 0 ELSE {value} END"
        yield f"CASE {value} WHEN 1 THEN 'one' WHEN '5' THEN 'five' END"
        yield f"if(a > 0, {value}, NULL)"
        yield f"if({value}, 1, 0)"
        yield f"coalesce({value}, 'none')"
    for pattern in LIKES:
        yield f"t LIKE {pattern}"
        yield f"t NOT LIKE {pattern}"
        yield f"t ILIKE {pattern}"
    for pattern in PATTERNS:
        yield f"t RLIKE {pattern}"
        yield f"NOT t RLIKE {pattern}"
    for unit in ("YEAR", "MONTHS", "WEEK", "DAYS", "HOURS"):
        for value in ("d", "m"):
            yield f"{value} + INTERVAL 2 {unit}"
            yield f"{value} - INTERVAL '1' {unit}"
    for field in ("YEAR", "MONTH", "DAY", "WEEK", "QUARTER", "DOW", "HOUR", "DAYOFWEEK", "DOY"):
        yield f"extract({field} FROM d)"
        yield f"extract({field} FROM m)"
    yield from (
        "f IS TRUE",
        "f IS NOT TRUE",
        "f IS FALSE",
        "a IS DISTINCT FROM b",
        "a IS NOT DISTINCT FROM b",
        "t LIKE 'x!%y%' ESCAPE '!'",
        "t LIKE concat('a', '%')",
        "trim(BOTH 'a' FROM t)",
        "trim(LEADING FROM t)",
        "trim(TRAILING 'é' FROM t)",
        "position('b' IN t)",
        "substring(t FROM 2 FOR 3)",
        "substring(t, b)",
        "substr(t, 0, 2)",
        "substr(t, -2)",
        "substr(t, b, 2)",
        "date_add(d, b)",
        "cast(b as timestamp)",
        "cast(y as timestamp)",
        "d + 1",
        "d + b",
        "1 + d",
        "d - k",
        "a::int",
        "n::double",
        "int(x)",
        "double('x')",
        "string(a)",
        "boolean(n)",
        "date(s)",
        "bigint(n)",
        "decimal(x)",
        "~a",
        "current_date()",
        "datediff(current_date(), d)",
        "t || '-' || n",
        "'a' 'b'",
        "1L",
        "1.5D",
        "0x1F",
        "a > ALL (1, 2)",
    )


def calls(signatures: dict[str, tuple[Sequence[str], Sequence[str]]]) -> Iterator[str]:
    """
    Calls of every function.

    Parameters
    ----------
    signatures : dict of str to tuple
        First name of each function to its names and the kinds of its parameters.

    Yields
    ------
    str
        A call; each argument takes all values of its kind while the others keep one.
    """
    for first, (names, kinds) in signatures.items():
        if first in SPECIAL:
            yield from SPECIAL[first]
            continue
        if not kinds:
            yield from (f"{name}()" for name in names)
            continue
        required = [kind for kind in kinds if not kind.endswith(("?", "*"))]
        for length in range(len(required), len(kinds) + 1):
            plain = [kind.rstrip("?*") for kind in kinds[:length]]
            choices = [ARGUMENTS.get(kind, ("1",)) for kind in plain]
            for at, options in enumerate(choices):
                for option in options:
                    given = [choice[0] for choice in choices]
                    given[at] = option
                    yield f"{first}({', '.join(given)})"
            for shift in (1, 2):
                given = [choice[(shift + at) % len(choice)] for at, choice in enumerate(choices)]
                yield f"{names[-1]}({', '.join(given)})"


LEAVES: dict[str, tuple[str, ...]] = {
    "number": ("x", "y", "a", "2.5", "0.1", "-1.5", "100"),
    "whole": ("a", "b", "k", "3", "-1", "0", "12"),
    "text": ("t", "n", "'abc'", "''", "'Zoë'"),
    "date": ("d", "e", "DATE '2024-02-29'", "current_date()"),
    "truth": ("f", "a > 1", "x < y", "t = 'abc'", "k = 1", "t IS NULL"),
}
TEMPLATES: dict[str, tuple[str, ...]] = {
    "number": (
        "{number} + {number}",
        "{number} - {number}",
        "{number} * {number}",
        "{number} / {number}",
        "({number} + {number}) / {number}",
        "{number} - ({number} - {number})",
        "{number} / ({number} / {number})",
        "-({number})",
        "round({number}, 1)",
        "round({number} / 3, 2)",
        "bround({number}, 1)",
        "sqrt(abs({number}))",
        "ln({number} + 1)",
        "log10({number})",
        "log1p({number})",
        "exp({number} / 100)",
        "pow({number}, 2)",
        "abs({number})",
        "greatest({number}, {number}, 0)",
        "least({number}, {number})",
        "coalesce({number}, 0)",
        "nullif({number}, 0)",
        "CASE WHEN {truth} THEN {number} ELSE {number} END",
        "if({truth}, {number}, {number})",
        "cast({text} as double)",
        "cast({whole} as double) / {whole}",
        "months_between({date}, {date}) / 12",
        "{whole} % 7 + {number}",
        "pmod({number}, 3)",
        "sign({number})",
        "double({text}) * 2",
    ),
    "whole": (
        "{whole} + {whole}",
        "{whole} - {whole}",
        "{whole} * {whole}",
        "{whole} % {whole}",
        "{whole} div {whole}",
        "pmod({whole}, 7)",
        "cast({number} as int)",
        "cast({number} as bigint)",
        "int({text})",
        "floor({number})",
        "ceil({number})",
        "length({text})",
        "instr({text}, 'b')",
        "datediff({date}, {date})",
        "year({date}) * 100 + month({date})",
        "dayofweek({date})",
        "weekday({date})",
        "timestampdiff(MONTH, {date}, {date})",
        "if({truth}, 1, 0)",
        "CASE WHEN {truth} THEN {whole} END",
        "coalesce({whole}, -1)",
        "cast({truth} as int)",
        "int({truth}) + int({truth})",
        "size(split({text}, ','))",
        "abs({whole})",
        "greatest({whole}, {whole})",
    ),
    "text": (
        "concat({text}, '-', {text})",
        "{text} || {text}",
        "upper({text})",
        "lower(trim({text}))",
        "substr({text}, 2, 3)",
        "substring({text}, -2)",
        "coalesce({text}, 'none')",
        "nullif({text}, '')",
        "CASE WHEN {truth} THEN {text} ELSE {text} END",
        "cast({whole} as string)",
        "cast({number} as string)",
        "cast({date} as string)",
        "date_format({date}, 'yyyy-MM')",
        "split({text}, ',')[0]",
        "regexp_replace({text}, '[0-9]+', '#')",
        "regexp_extract({text}, '([a-z]+)', 1)",
        "lpad({text}, 4, '0')",
        "left({text}, 2)",
        "replace({text}, 'a', 'é')",
        "concat_ws('/', {text}, {text})",
        "initcap({text})",
        "reverse({text})",
    ),
    "date": (
        "date_add({date}, 3)",
        "date_sub({date}, int({whole} % 1000))",
        "add_months({date}, int({whole} % 100))",
        "last_day({date})",
        "trunc({date}, 'MM')",
        "to_date({text}, 'yyyy-MM-dd')",
        "cast({text} as date)",
        "to_date(g, 'dd-MM-yyyy')",
        "coalesce({date}, d)",
        "greatest({date}, {date})",
        "if({truth}, {date}, {date})",
        "{date} + INTERVAL 1 MONTH",
        "{date} - 7",
        "make_date(year({date}), 2, 29)",
        "next_day({date}, 'TU')",
    ),
    "truth": (
        "{number} > {number}",
        "{number} <= {whole}",
        "{text} = {text}",
        "{text} < {text}",
        "{date} >= {date}",
        "{whole} = {text}",
        "{number} IS NULL",
        "{text} IN ('abc', '12', '')",
        "{whole} IN (1, 2, 12)",
        "{number} BETWEEN -1 AND {number}",
        "{text} LIKE 'a%'",
        "{text} RLIKE '[0-9]'",
        "({truth}) AND ({truth})",
        "({truth}) OR ({truth})",
        "NOT ({truth})",
        "{truth} AND NOT {truth} OR {truth}",
        "{number} <=> {number}",
        "isnan({number})",
        "startswith({text}, 'a')",
    ),
}


class Grammar:
    """Draws expressions that are put into one another, each of a wanted type."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def draw(self, depth: int) -> str:
        """One expression, `depth` levels deep at most."""
        kind = self.rng.choice(("number", "number", "whole", "text", "date", "truth"))
        return self.of(kind, depth)

    def of(self, kind: str, depth: int) -> str:
        """One expression of a kind."""
        if depth == 0:
            return self.rng.choice(LEAVES[kind])
        return self.fill(self.rng.choice(TEMPLATES[kind]), depth - 1)

    def fill(self, template: str, depth: int) -> str:
        """Replace `{number}` and the like by expressions of that kind."""
        parts = template.split("{")
        text = parts[0]
        for part in parts[1:]:
            kind, rest = part.split("}", 1)
            text += self.of(kind, depth if self.rng.random() < 0.7 else 0) + rest
        return text


def drawn(count: int, *, seed: int) -> list[str]:
    """Expressions that are two to three levels deep, all different."""
    grammar = Grammar(seed)
    made: dict[str, None] = {}
    while len(made) < count:
        made[grammar.draw(grammar.rng.choice((2, 2, 3)))] = None
    return list(made)
