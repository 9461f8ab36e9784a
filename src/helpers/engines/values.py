"""Typed pieces of SQL in one dialect: Spark's types, what it casts without being asked, and how."""

import math
import re
import string
from dataclasses import dataclass, field, replace
from typing import Any

from sqlglot import exp

DIALECTS = ("duckdb", "postgres", "spark", "bigquery", "snowflake")
WIDTH = {"int": 32, "bigint": 64}
NUMERIC = ("int", "bigint", "double")
UNKNOWN = object()
"""Stands for the value of what is no literal."""
ATOM, UNARY, PRODUCT, SUM, COMPARISON, NOT, AND, OR, LOOSE = range(9)
"""How loosely a piece of SQL holds together; what is too loose for its place is bracketed."""
SHORT = 40
"""Letters up to which a piece of SQL is written again rather than named, where it is used twice."""
LARGEST = 1e300
INT_BOUNDS = {"int": (-(2**31), 2**31 - 1), "bigint": (-(2**63), 2**63 - 1)}

TYPE_NAMES: dict[str, dict[str, str]] = {
    "duckdb": {
        "boolean": "BOOLEAN",
        "int": "INTEGER",
        "bigint": "BIGINT",
        "double": "DOUBLE",
        "string": "TEXT",
        "date": "DATE",
        "timestamp": "TIMESTAMP",
    },
    "postgres": {
        "boolean": "BOOLEAN",
        "int": "INTEGER",
        "bigint": "BIGINT",
        "double": "DOUBLE PRECISION",
        "string": "TEXT",
        "date": "DATE",
        "timestamp": "TIMESTAMP",
    },
    "spark": {
        "boolean": "BOOLEAN",
        "int": "INT",
        "bigint": "BIGINT",
        "double": "DOUBLE",
        "string": "STRING",
        "date": "DATE",
        "timestamp": "TIMESTAMP",
    },
    "bigquery": {
        "boolean": "BOOL",
        "int": "INT64",
        "bigint": "INT64",
        "double": "FLOAT64",
        "string": "STRING",
        "date": "DATE",
        "timestamp": "DATETIME",
    },
    "snowflake": {
        "boolean": "BOOLEAN",
        "int": "INT",
        "bigint": "BIGINT",
        "double": "DOUBLE",
        "string": "VARCHAR",
        "date": "DATE",
        "timestamp": "TIMESTAMP",
    },
}

# Blanks and control characters, which Spark strips from a text before it reads a number in it.
BLANKS = r"[\x00-\x20\x7f]*"
INTEGER_TEXT = rf"{BLANKS}[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]*){BLANKS}"
INTEGER_PARTS = rf"^{BLANKS}([+-]?)([0-9]*)(\.[0-9]*)?{BLANKS}$"
DOUBLE_TEXT = rf"{BLANKS}[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[dDfF]?{BLANKS}"
DOUBLE_PARTS = rf"^{BLANKS}([+-]?[0-9.]+([eE][+-]?[0-9]+)?)[dDfF]?{BLANKS}$"
DAY_TEXT = r"([0-9]{4,7}-[0-9]{1,2}-[0-9]{1,2})"


class Refused(Exception):  # noqa: N818
    """A part of an expression is not offered; its text says which and why."""


@dataclass(frozen=True)
class Value:
    """
    A typed piece of SQL in one dialect.

    Attributes
    ----------
    sql : str
        Its text.
    type : str
        Spark's type: void, boolean, int, bigint, double, string, date, timestamp, interval, or
        `array<...>` of one of them.
    level : int
        How loosely it holds together, from `ATOM` to `LOOSE`.
    constant : object
        What a literal stands for; `UNKNOWN` for all else.
    bounds : tuple of int, optional
        Least and greatest value that a whole number can take, where that is known.
    finite : bool
        Whether a double can be neither infinite nor NaN.
    wide : bool
        Whether an int is held in 64 bits by the database.
    date_format : str
        Spark's format of a text that is known to be a date written so.
    """

    sql: str
    type: str
    level: int = ATOM
    constant: Any = UNKNOWN
    bounds: tuple[int, int] | None = None
    finite: bool = True
    wide: bool = False
    date_format: str = ""

    @property
    def is_literal(self) -> bool:
        """Whether its value is written out, and is not NULL."""
        return self.constant is not UNKNOWN and self.constant is not None

    def bracketed(self, most: int = ATOM) -> str:
        """Its text, in brackets where it is looser than `most`."""
        return self.sql if self.level <= most else f"({self.sql})"

    def limits(self) -> tuple[int, int]:
        """Least and greatest value of a whole number."""
        return self.bounds or INT_BOUNDS[self.type]


def element_of(type_: str) -> str:
    """The type of an array's elements; empty for what is no array."""
    return type_[6:-1] if type_.startswith("array<") else ""


def widest(types: list[str], *, texts: bool) -> str:
    """
    The type to which Spark brings several values, as in `coalesce`.

    Parameters
    ----------
    types : list of str
        Their types.
    texts : bool
        Whether numbers and dates become text beside a text.

    Returns
    -------
    str
        The common type.

    Raises
    ------
    Refused
        Where they have none.

    Examples
    --------
    >>> widest(["int", "double", "void"], texts=True)
    'double'
    """
    common = "void"
    for one in types:
        if one == common or one == "void":
            continue
        pair = {one, common}
        if common == "void":
            common = one
        elif pair <= set(NUMERIC):
            common = max(pair, key=NUMERIC.index)
        elif pair == {"date", "timestamp"}:
            common = "timestamp"
        elif texts and "string" in pair and pair <= {"string", "date", "timestamp", *NUMERIC}:
            common = "string"
        else:
            raise Refused(f"{in_words(common)} and {in_words(one)} have no common type")
    return common


def compared(one: str, other: str, *, equality: bool) -> str:
    """The type in which Spark compares two values."""
    pair = {one, other} - {"void"}
    if len(pair) < 2:
        return next(iter(pair), "void")
    if "string" in pair:
        (rest,) = pair - {"string"}
        if rest in ("boolean", "date", "timestamp", *NUMERIC):
            return rest
    if equality and "boolean" in pair:
        (rest,) = pair - {"boolean"}
        if rest in NUMERIC:
            return rest
    if pair <= set(NUMERIC) or pair == {"date", "timestamp"}:
        return widest(list(pair), texts=False)
    raise Refused(f"{in_words(one)} cannot be compared with {in_words(other)}")


def in_words(type_: str) -> str:
    """
    A type as a person calls it.

    Examples
    --------
    >>> in_words("bigint")
    'a whole number'
    """
    if element_of(type_):
        return "an array"
    return {
        "void": "NULL",
        "boolean": "a truth value",
        "int": "a whole number",
        "bigint": "a whole number",
        "double": "a number",
        "string": "a text",
        "date": "a date",
        "timestamp": "a timestamp",
        "interval": "an interval",
    }.get(type_, f"a value of type {type_}")


def double_literal(value: float) -> str:
    """
    A figure that a database reads as a double: the exponent keeps it from being a decimal number.

    Examples
    --------
    >>> double_literal(52232.5), double_literal(-1e-07)
    ('52232.5e0', '-1e-07')
    """
    shown = repr(float(value)).removesuffix(".0")
    return shown if "e" in shown else f"{shown}e0"


def whole(template: str) -> bool:
    """Whether a template is one call, one cast or one CASE, which need no brackets around it."""
    if re.fullmatch(r"CASE (?:(?!CASE ).)* END", template, re.DOTALL):
        return True
    if not re.match(r"[A-Za-z_]*\(", template):
        return bool(re.fullmatch(r"[\w.]+|\{\d\}|'[^']*'", template))
    depth = 0
    quoted = False
    for at, letter in enumerate(template):
        if letter == "'":
            quoted = not quoted
        if quoted:
            continue
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and letter == ")":
            return at == len(template) - 1
    return False


@dataclass
class Target:
    """
    Writes typed pieces of SQL in one dialect.

    Attributes
    ----------
    dialect : str
        One of `DIALECTS`.
    exact : bool
        Whether whole numbers beyond their width wrap round, as Spark has it. Without, the
        database ends the query there with an error.
    """

    dialect: str
    exact: bool = False
    _names: list[str] = field(default_factory=list)

    # --- literals -------------------------------------------------------------------------------

    def text(self, text: str) -> Value:
        """A text literal."""
        return Value(str(exp.Literal.string(text).sql(self.dialect)), "string", constant=text)

    def quoted(self, text: str) -> str:
        """SQL of a text literal."""
        return self.text(text).sql

    def identifier(self, name: str) -> str:
        """SQL of a column's name."""
        return str(exp.to_identifier(name, quoted=True).sql(self.dialect))

    def whole_number(self, number: int) -> Value:
        """A literal of type int, or bigint where it is too large for that."""
        low, high = INT_BOUNDS["int"]
        type_ = "int" if low <= number <= high else "bigint"
        level = UNARY if number < 0 else ATOM
        return Value(str(number), type_, level, number, (number, number), wide=type_ == "bigint")

    def double(self, number: float) -> Value:
        """A literal of type double."""
        if math.isnan(number) or math.isinf(number):
            shown = "NaN" if math.isnan(number) else ("-" if number < 0 else "") + "Infinity"
            shown = self.as_type(f"'{shown}'", "double")
            return Value(shown, "double", constant=number, finite=False)
        shown = double_literal(number)
        if self.dialect == "postgres":
            return Value(self.as_type(shown, "double"), "double", constant=number)
        return Value(shown, "double", UNARY if shown.startswith("-") else ATOM, number)

    def day(self, iso: str) -> Value:
        """A literal of type date."""
        return Value(self.as_type(f"'{iso}'", "date"), "date", constant=iso)

    def null(self, type_: str) -> Value:
        """A missing value of a type."""
        if type_ == "void":
            return Value("NULL", "void", constant=None)
        return Value(self.as_type("NULL", type_), type_, constant=None)

    def type_name(self, type_: str) -> str:
        """A type's name in this dialect."""
        inner = element_of(type_)
        if inner and self.dialect in ("duckdb", "postgres"):
            return f"{self.type_name(inner)}[]"
        if inner:
            return f"ARRAY<{self.type_name(inner)}>"
        return TYPE_NAMES[self.dialect][type_]

    def as_type(self, sql: str, type_: str) -> str:
        """SQL of a cast that the database does by itself."""
        return f"CAST({sql} AS {self.type_name(type_)})"

    # --- composing ------------------------------------------------------------------------------

    def fill(self, template: str, *values: Value) -> str:
        """
        Put values into a template.

        `{0}` is the first value as it is, `{0:b}` the same in brackets where it needs them. A
        longer value that is used several times is worked out once, under a name.
        """
        used: dict[int, int] = {}
        for _, name, _, _ in string.Formatter().parse(template):
            if name is not None:
                used[int(name)] = used.get(int(name), 0) + 1
        shown = list(values)
        bound: list[tuple[str, str]] = []
        for at, times in sorted(used.items()):
            value = values[at]
            if times > 1 and len(value.sql) > SHORT and not value.is_literal:
                name = f"v{len(self._names) + 1}"
                self._names.append(name)
                bound.append((name, value.sql))
                shown[at] = replace(value, sql=name, level=ATOM)
        body = template.format(*(_Shown(one) for one in shown))
        for name, sql in reversed(bound):
            body = self._let(name, sql, body)
        return body

    def _let(self, name: str, sql: str, body: str) -> str:
        if self.dialect == "duckdb":
            return f"LIST_TRANSFORM([{sql}], LAMBDA {name}: {body})[1]"
        if self.dialect == "spark":
            return f"TRANSFORM(ARRAY({sql}), {name} -> {body})[0]"
        if self.dialect in ("postgres", "bigquery"):
            return f"(SELECT {body} FROM (SELECT {sql} AS {name}) AS t{name})"
        return re.sub(rf"\b{name}\b", lambda _: f"({sql})", body)

    def make(self, type_: str, template: str, *values: Value, **facts: Any) -> Value:
        """A value from a template; see `fill`."""
        level = ATOM if whole(template) else LOOSE
        return Value(self.fill(template, *values), type_, level, **({"finite": True} | facts))

    # --- casts ----------------------------------------------------------------------------------

    def cast(self, value: Value, to: str) -> Value:
        """
        Cast a value as Spark does it without ANSI mode: what cannot be cast is missing.

        Raises
        ------
        Refused
            Where Spark does not cast the one type to the other, or this dialect cannot say it.
        """
        if value.type == to:
            return value
        if value.type == "void":
            return self.null(to)
        if element_of(value.type) or element_of(to) or "interval" in (value.type, to):
            raise Refused(f"{in_words(value.type)} cannot be cast to {in_words(to)}")
        caster = getattr(self, f"_{value.type}_to_{to}", None)
        if caster is None:
            if to in ("int", "bigint"):
                caster = getattr(self, f"_{value.type}_to_whole", None)
            elif value.type in ("int", "bigint"):
                caster = getattr(self, f"_whole_to_{to}", None)
        if caster is None:
            raise Refused(
                f"{in_words(value.type)} cannot be cast to {in_words(to)}{_instead(value.type, to)}"
            )
        if to in ("int", "bigint") and caster.__name__.endswith("_whole"):
            return caster(value, to)
        return caster(value)

    def implicit(self, value: Value, to: str) -> Value:
        """Cast an argument as Spark does it without being asked."""
        pair = (value.type, to)
        allowed = (
            value.type in (to, "void")
            or (value.type == "string" and to != "boolean")
            or (value.type in NUMERIC and to in NUMERIC)
            or (to == "string" and not element_of(value.type) and value.type != "interval")
            or pair in (("date", "timestamp"), ("timestamp", "date"))
        )
        if not allowed:
            raise Refused(f"expected {in_words(to)}, got {in_words(value.type)}")
        return self.cast(value, to)

    def _int_to_bigint(self, value: Value) -> Value:
        if value.is_literal or value.wide:
            return replace(value, type="bigint")
        return Value(self.as_type(value.sql, "bigint"), "bigint", bounds=value.bounds, wide=True)

    def _bigint_to_int(self, value: Value) -> Value:
        low, high = value.limits()
        fits = INT_BOUNDS["int"][0] <= low and high <= INT_BOUNDS["int"][1]
        if fits and (value.is_literal or self.dialect != "spark"):
            return replace(value, type="int", bounds=(low, high))
        if not self.exact:
            return Value(self.as_type(value.sql, "int"), "int")
        return self.wrapped(value, 32)

    def wrapped(self, value: Value, bits: int) -> Value:
        """A whole number, wrapped round to a width."""
        half = 1 << (bits - 1)
        type_ = "bigint" if bits > 32 else "int"
        if value.is_literal:
            return replace(
                self.whole_number((value.constant + half) % (2 * half) - half), type=type_
            )
        if self.dialect == "spark":
            name = {8: "TINYINT", 16: "SMALLINT", 32: "INT"}[bits]
            return Value(f"CAST({value.sql} AS {name})", "int", bounds=(-half, half - 1))
        if self.dialect not in ("duckdb", "postgres"):
            raise Refused(f"whole numbers of {bits} bits cannot be written for {self.dialect}")
        xor = "XOR({0}, {1})" if self.dialect == "duckdb" else "(({0}) # {1})"
        masked = f"{value.bracketed()} & {2 * half - 1}"
        return Value(
            f"{xor.format(masked, half)} - {half}",
            type_,
            LOOSE,
            bounds=(-half, half - 1),
            wide=True,
        )

    def _whole_to_double(self, value: Value) -> Value:
        if value.is_literal:
            return self.double(float(value.constant))
        return Value(self.as_type(value.sql, "double"), "double")

    def _double_to_whole(self, value: Value, to: str) -> Value:
        if value.is_literal and math.isfinite(value.constant):
            low, high = INT_BOUNDS[to]
            return replace(
                self.whole_number(max(low, min(high, math.trunc(value.constant)))), type=to
            )
        if self.dialect == "spark":
            return Value(self.as_type(value.sql, to), to)
        return self.saturated(self.make("double", "TRUNC({0})", value), to)

    def saturated(self, value: Value, to: str) -> Value:
        """A double without a fraction as a whole number, the nearest one of its width."""
        name = self.type_name(to)
        if not self.exact or self.dialect not in ("duckdb", "postgres"):
            return self.make(to, f"CAST({{0}} AS {name})", value, wide=to == "bigint")
        low, high = INT_BOUNDS[to]
        nan = self.double(math.nan).sql
        return self.make(
            to,
            f"CASE WHEN {{0}} = {nan} THEN 0 WHEN {{0:b}} >= {high}.0 THEN {high} "
            f"WHEN {{0:b}} <= {low}.0 THEN {low} ELSE CAST({{0}} AS {name}) END",
            value,
        )

    def _string_to_whole(self, value: Value, to: str) -> Value:
        matches = self.matches(INTEGER_TEXT)
        name = self.type_name(to)
        if self.dialect == "postgres":
            low, high = INT_BOUNDS[to]
            digits = self.quoted(INTEGER_PARTS)
            number = f"CAST(REGEXP_REPLACE({{0}}, {digits}, '\\10\\2') AS NUMERIC)"
            return self.make(
                to,
                f"CASE WHEN {matches} THEN CASE WHEN {number} BETWEEN {low} AND {high} "
                f"THEN CAST({number} AS {name}) END END",
                value,
                wide=to == "bigint",
            )
        if self.dialect == "spark":
            parts = self.in_template(INTEGER_PARTS)
            sign, digits = (f"REGEXP_EXTRACT({{0}}, {parts}, {at})" for at in (1, 2))
            tried = f"TRY_CAST(CONCAT({sign}, '0', {digits}) AS {name})"
        else:
            tried = self._replaced(INTEGER_PARTS, r"\10\2", name)
        return self.make(to, f"CASE WHEN {matches} THEN {tried} END", value, wide=to == "bigint")

    def matches(self, pattern: str) -> str:
        """A template that tells whether a whole text is written so."""
        if self.dialect == "duckdb":
            return f"REGEXP_FULL_MATCH({{0}}, {self.in_template(pattern)})"
        anchored = self.in_template(f"^(?:{pattern})$")
        if self.dialect == "postgres":
            return f"{{0:b}} ~ {anchored}"
        if self.dialect == "bigquery":
            return f"REGEXP_CONTAINS({{0}}, {anchored})"
        if self.dialect == "spark":
            return f"{{0:b}} RLIKE {anchored}"
        plain = self.in_template(pattern.replace("(?:", "("))
        return f"REGEXP_LIKE({{0}}, {plain})"

    def in_template(self, text: str) -> str:
        """SQL of a text literal, for use within a template."""
        return self.quoted(text).replace("{", "{{").replace("}", "}}")

    def _replaced(self, pattern: str, by: str, name: str) -> str:
        """A template that casts a text whose parts are put together anew."""
        cast = "SAFE_CAST" if self.dialect == "bigquery" else "TRY_CAST"
        patterns = f"{self.in_template(pattern)}, {self.in_template(by)}"
        return f"{cast}(REGEXP_REPLACE({{0}}, {patterns}) AS {name})"

    def _string_to_double(self, value: Value) -> Value:
        if isinstance(value.constant, str):
            literal = _parsed_double(value.constant)
            return self.null("double") if literal is None else self.double(literal)
        if self.dialect == "spark":
            return Value(f"TRY_CAST({value.sql} AS DOUBLE)", "double", finite=False)
        name = self.type_name("double")
        matches = self.matches(DOUBLE_TEXT)
        if self.dialect == "postgres":
            digits = self.in_template(DOUBLE_PARTS)
            tried = f"CAST(REGEXP_REPLACE({{0}}, {digits}, '\\1') AS {name})"
        else:
            tried = self._replaced(DOUBLE_PARTS, r"\1", name)
        nan, high, low = (self.double(one).sql for one in (math.nan, math.inf, -math.inf))
        return self.make(
            "double",
            f"CASE WHEN {matches} THEN {tried} ELSE CASE LOWER(TRIM({{0}})) WHEN 'nan' THEN {nan} "
            f"WHEN 'inf' THEN {high} WHEN '+inf' THEN {high} WHEN 'infinity' THEN {high} "
            f"WHEN '+infinity' THEN {high} WHEN '-inf' THEN {low} WHEN '-infinity' THEN {low} "
            "END END",
            value,
            finite=False,
        )

    def _string_to_boolean(self, value: Value) -> Value:
        trimmed = "LOWER(TRIM({0}))"
        return self.make(
            "boolean",
            f"CASE WHEN {trimmed} IN ('t', 'true', 'y', 'yes', '1') THEN TRUE "
            f"WHEN {trimmed} IN ('f', 'false', 'n', 'no', '0') THEN FALSE END",
            value,
        )

    def _whole_to_boolean(self, value: Value) -> Value:
        return self.make("boolean", "{0:b} <> 0", value)

    def _double_to_boolean(self, value: Value) -> Value:
        return self.make("boolean", "{0:b} <> 0", value)

    def _boolean_to_whole(self, value: Value, to: str) -> Value:
        sql = self.fill("CASE WHEN {0} THEN 1 WHEN NOT {0:b} THEN 0 END", value)
        return Value(sql, to, bounds=(0, 1))

    def _boolean_to_double(self, value: Value) -> Value:
        return self._whole_to_double(self._boolean_to_whole(value, "int"))

    def _boolean_to_string(self, value: Value) -> Value:
        return self.make(
            "string", "CASE WHEN {0} THEN 'true' WHEN NOT {0:b} THEN 'false' END", value
        )

    def _whole_to_string(self, value: Value) -> Value:
        if value.is_literal:
            return self.text(str(value.constant))
        return Value(self.as_type(value.sql, "string"), "string")

    def _date_to_string(self, value: Value) -> Value:
        return Value(self.as_type(value.sql, "string"), "string")

    def _timestamp_to_string(self, value: Value) -> Value:
        if self.dialect in ("bigquery", "snowflake"):
            raise Refused(f"the text of a timestamp cannot be written for {self.dialect}")
        return Value(self.as_type(value.sql, "string"), "string")

    def _double_to_string(self, value: Value) -> Value:
        # Java wrote some with a digit more before its version 19.
        raise Refused(
            "the text of a fraction is not the same everywhere: cast it to a whole number first, "
            "like `cast(round(x * 100) as bigint)`"
        )

    def _string_to_date(self, value: Value) -> Value:
        if isinstance(value.constant, str):
            iso = _parsed_day(value.constant)
            return self.null("date") if iso is None else self.day(iso)
        if self.dialect == "spark":
            return Value(f"TRY_CAST({value.sql} AS DATE)", "date")
        after = r"([ T](.|\n)*)?"
        day = rf"^{BLANKS}{DAY_TEXT}{after}$"
        month = rf"{BLANKS}[0-9]{{4,7}}-[0-9]{{1,2}}{BLANKS}"
        year = rf"{BLANKS}[0-9]{{4,7}}{BLANKS}"
        template = (
            f"CASE WHEN {self.matches(year)} THEN TRIM({{0}}) || '-01-01' "
            f"WHEN {self.matches(month)} THEN TRIM({{0}}) || '-01' "
            f"WHEN {self.matches(day[1:-1])} "
            f"THEN REGEXP_REPLACE({{0}}, {self.in_template(day)}, '\\1') END"
        )
        if self.dialect == "postgres":
            dated = self.make("string", template, value)
            parts = [
                replace(
                    self.make("int", f"CAST(SPLIT_PART({{0}}, '-', {at}) AS INTEGER)", dated),
                    bounds=(0, 9999),
                )
                for at in (1, 2, 3)
            ]
            return self.calendar_day(*parts)
        name = {"bigquery": "SAFE_CAST", "snowflake": "TRY_CAST"}.get(self.dialect, "TRY_CAST")
        return self.make("date", f"{name}({template} AS DATE)", value)

    def calendar_day(self, year: Value, month: Value, day: Value) -> Value:
        """The date of a year, month and day; missing where there is no such day."""
        if self.dialect == "duckdb":
            return self.make(
                "date",
                "CASE WHEN {0:b} > 0 THEN TRY(MAKE_DATE({0}, {1}, {2})) END",
                year,
                month,
                day,
            )
        if self.dialect == "bigquery":
            return self.make("date", "SAFE.DATE({0}, {1}, {2})", year, month, day)
        if self.dialect == "spark":
            iso = "CONCAT(CAST({0} AS STRING), '-', CAST({1} AS STRING), '-', CAST({2} AS STRING))"
            padded = iso.replace("CAST({0} AS STRING)", "LPAD(CAST({0} AS STRING), 4, '0')")
            template = f"CASE WHEN {{0:b}} > 0 THEN TRY_CAST({padded} AS DATE) END"
            return self.make("date", template, year, month, day)
        if self.dialect == "postgres":
            last = (
                "CASE WHEN {1:b} IN (4, 6, 9, 11) THEN 30 WHEN {1:b} <> 2 THEN 31 "
                "WHEN {0:b} % 4 = 0 AND ({0:b} % 100 <> 0 OR {0:b} % 400 = 0) THEN 29 ELSE 28 END"
            )
            return self.make(
                "date",
                "CASE WHEN {0:b} BETWEEN 1 AND 9999 AND {1:b} BETWEEN 1 AND 12 THEN "
                f"CASE WHEN {{2:b}} BETWEEN 1 AND {last} THEN MAKE_DATE({{0}}, {{1}}, {{2}}) END "
                "END",
                year,
                month,
                day,
            )
        raise Refused(f"a date of its parts cannot be written for {self.dialect}")

    def _date_to_timestamp(self, value: Value) -> Value:
        return Value(self.as_type(value.sql, "timestamp"), "timestamp")

    def _timestamp_to_date(self, value: Value) -> Value:
        return Value(self.as_type(value.sql, "date"), "date")

    def _string_to_timestamp(self, value: Value) -> Value:
        if self.dialect == "spark":
            # Without a day, Spark would take the time for today's.
            dated = self.in_template(f"^{BLANKS}[0-9]{{4}}")
            return self.make(
                "timestamp",
                f"CASE WHEN {{0:b}} RLIKE {dated} THEN TRY_CAST({{0}} AS TIMESTAMP) END",
                value,
            )
        if self.dialect != "duckdb":
            raise Refused(
                f"a text as a timestamp cannot be written for {self.dialect}: give `to_timestamp` "
                "a format"
            )
        hour, minute = "([01]?[0-9]|2[0-3])", "(:[0-5]?[0-9])"
        time = rf"[ T]{hour}{minute}?{minute}?(\.[0-9]{{0,6}})?"
        zone = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
        pattern = rf"{BLANKS}{DAY_TEXT}({time}{zone})?{BLANKS}"
        full = self.in_template(rf"^{pattern}$")

        def part(at: int, default: str = "") -> str:
            taken = f"REGEXP_EXTRACT({{0}}, {full}, {at})"
            return f"COALESCE(NULLIF({taken}, ''), '{default}')" if default else taken

        time_of_day = f"{part(3, '0')} || {part(4, ':00')} || {part(5, ':00')} || {part(6)}"
        moment = f"{part(1)} || ' ' || {time_of_day}"
        shift = (
            f"CASE WHEN {part(7)} IN ('', 'Z') THEN 0 ELSE "
            f"CAST({part(7)}[1] || '1' AS INTEGER) * "
            f"(60 * CAST({part(7)}[2:3] AS INTEGER) + CAST({part(7)}[5:6] AS INTEGER)) END"
        )
        date = self._string_to_date(value)
        return self.make(
            "timestamp",
            f"CASE WHEN {self.matches(pattern)} THEN "
            f"TRY_CAST({moment} AS TIMESTAMP) - TO_MINUTES({shift}) "
            "WHEN NOT REGEXP_MATCHES({0}, ':') THEN CAST({1} AS TIMESTAMP) END",
            value,
            date,
        )

    def _double_to_timestamp(self, value: Value) -> Value:
        return self._seconds(value, "MAKE_TIMESTAMP(CAST(TRUNC({0:b} * 1000000) AS BIGINT))")

    def _whole_to_timestamp(self, value: Value) -> Value:
        return self._seconds(value, "MAKE_TIMESTAMP({0:b} * 1000000)")

    def _seconds(self, value: Value, template: str) -> Value:
        """Seconds since 1970 as a timestamp; missing where they are beyond all calendars."""
        if self.dialect == "spark":
            template = "CAST({0} AS TIMESTAMP)"
        elif self.dialect != "duckdb":
            raise Refused(f"a number as a timestamp cannot be written for {self.dialect}")
        if value.type == "int":
            return self.make("timestamp", template.replace("{0:b}", "CAST({0} AS BIGINT)"), value)
        test = "{0:b} BETWEEN -9000000000000 AND 9000000000000"
        return self.make("timestamp", f"CASE WHEN {test} THEN {template} END", value)

    def _timestamp_to_double(self, value: Value) -> Value:
        templates = {
            "duckdb": "EPOCH_US({0}) / 1e6",
            "postgres": "CAST(EXTRACT(EPOCH FROM {0}) AS DOUBLE PRECISION)",
            "spark": "CAST({0} AS DOUBLE)",
        }
        if self.dialect not in templates:
            raise Refused(f"a timestamp as a number cannot be written for {self.dialect}")
        return self.make("double", templates[self.dialect], value)

    def _timestamp_to_whole(self, value: Value, to: str) -> Value:
        seconds = self._timestamp_to_double(value)
        if self.dialect == "spark":
            return Value(self.as_type(value.sql, to), to)
        floor = self.make("bigint", "CAST(FLOOR({0}) AS BIGINT)", seconds, wide=True)
        return self.cast(floor, to)


class _Shown:
    """A value within a template: `{0}` is its text, `{0:b}` the same in brackets if need be."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def __format__(self, spec: str) -> str:
        return self.value.bracketed() if spec == "b" else self.value.sql


def _instead(type_: str, to: str) -> str:
    if type_ == "date" and to in NUMERIC:
        return ": `datediff` counts days between two dates, `year` and `month` take parts of one"
    if type_ in NUMERIC and to == "date":
        return ": `make_date` makes a date of year, month and day"
    return ""


def _parsed_double(text: str) -> float | None:
    """A text as Spark reads it as a double."""
    text = text.strip("".join(map(chr, range(33))) + "\x7f")
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?", text, re.ASCII):
        return float(text.rstrip("dDfF"))
    named = re.fullmatch(r"([+-]?)(inf|infinity)|(nan)", text, re.IGNORECASE)
    if not named:
        return None
    return math.nan if named.group(3) else float(f"{named.group(1)}inf")


def _parsed_day(text: str) -> str | None:
    """A text as Spark reads it as a date, as ISO text."""
    from datetime import date

    text = text.strip("".join(map(chr, range(33))) + "\x7f")
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?", text, re.DOTALL)
    if not found:
        return None
    try:
        return date(*(int(part or 1) for part in found.groups())).isoformat()
    except ValueError:
        return None
