"""Functions over numbers, and arithmetic as Spark does it."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Unpack

from helpers.engines.functions import Build, Templates, call, define, define_by_template
from helpers.engines.values import (
    INT_BOUNDS,
    NUMERIC,
    SUM,
    Refused,
    Target,
    Value,
    element_of,
    in_words,
    widest,
)

_NUMBERS = "Numbers"
# PostgreSQL has no sine of the infinite; it is missing here and NaN elsewhere.
_LIMITED = "NULLIF(NULLIF({0}, 'Infinity'), '-Infinity')"
_POSITIVE = "NULLIF(GREATEST({0}, 0), 0)"


def _double(
    names: str,
    everywhere: str,
    *,
    finite: bool | None = None,
    **templates: Unpack[Templates],
) -> None:
    define_by_template(names, "double", "double", _NUMBERS, everywhere, finite=finite, **templates)


def _nan(dialect: str) -> str:
    return Target(dialect).double(math.nan).sql


def _guarded(template: str, test: str) -> Templates:
    """Where a function ends the query outside of its domain: NaN there."""
    tested = f"CASE WHEN {test} THEN {template} WHEN {{0}} IS NOT NULL THEN "
    return {
        "postgres": f"{tested}{_nan('postgres')} END",
        "bigquery": f"{tested}{_nan('bigquery')} END",
        "snowflake": f"{tested}{_nan('snowflake')} END",
    }


_double("ln", f"LN({_POSITIVE})")
_double(
    "log10", f"LOG10({_POSITIVE})", postgres=f"LOG({_POSITIVE})", snowflake=f"LOG(10, {_POSITIVE})"
)
_double("log2", f"LN({_POSITIVE}) / {math.log(2)!r}")
_double(
    "log1p",
    "CASE WHEN {0:b} <= -1 THEN NULL WHEN ABS({0}) < 1e-4 THEN {0:b} * (1 - {0:b} * (0.5 - {0:b} * "
    "(0.3333333333333333 - {0:b} * 0.25))) ELSE LN(1 + {0:b}) END",
)
_double(
    "expm1",
    "CASE WHEN ABS({0}) < 1e-4 THEN {0:b} * (1 + {0:b} * (0.5 + {0:b} * (0.16666666666666666 + "
    "{0:b} * 0.041666666666666664))) ELSE EXP({0}) - 1 END",
    finite=False,
    postgres="-",
)
_double(
    "exp",
    "EXP({0})",
    finite=False,
    postgres="CASE WHEN {0:b} > 709.78 THEN CAST('Infinity' AS DOUBLE PRECISION) "
    "WHEN {0:b} < -708 THEN 0 ELSE EXP({0}) END",
    bigquery="SAFE.EXP({0})",
)
_double("sqrt", "SQRT({0})", finite=False, **_guarded("SQRT({0})", "{0:b} >= 0"))
_double("sin", "SIN({0})", postgres="SIN(" + _LIMITED + ")")
_double("cos", "COS({0})", postgres="COS(" + _LIMITED + ")")
_double("tan", "TAN({0})", postgres="TAN(" + _LIMITED + ")")
_double(
    "cot",
    "1 / TAN({0})",
    finite=False,
    postgres="1 / NULLIF(TAN(" + _LIMITED + "), 0)",
    bigquery="-",
    snowflake="-",
)
_double("sec", "1 / COS({0})", finite=False, postgres="1 / COS(" + _LIMITED + ")")
_double(
    "csc",
    "1 / SIN({0})",
    finite=False,
    postgres="1 / NULLIF(SIN(" + _LIMITED + "), 0)",
    bigquery="-",
    snowflake="-",
)
for _name in ("asin", "acos"):
    _upper = f"{_name.upper()}({{0}})"
    _double(_name, _upper, finite=False, **_guarded(_upper, "{0:b} BETWEEN -1 AND 1"))
_double("atan", "ATAN({0})")
_double("sinh", "SINH({0})", finite=False)
_double("cosh", "COSH({0})", finite=False)
_double("tanh", "TANH({0})")
_double("asinh", "ASINH({0})")
_double("acosh", "ACOSH({0})", finite=False, **_guarded("ACOSH({0})", "{0:b} >= 1"))
_double("atanh", "ATANH({0})", finite=False, **_guarded("ATANH({0})", "{0:b} > -1 AND {0:b} < 1"))
_double("degrees", "DEGREES({0})", finite=False, bigquery="{0:b} * 57.29577951308232")
_double("radians", "RADIANS({0})", bigquery="{0:b} * 0.017453292519943295")
_double("rint", "ROUND_EVEN({0}, 0)", postgres="ROUND({0})", bigquery="-", snowflake="-")
_double(
    "cbrt",
    "CBRT({0})",
    # The root of DuckDB is off by a bit also for cubes of whole numbers.
    duckdb="CASE WHEN POW(ROUND(CBRT({0})), 3) = {0:b} THEN ROUND(CBRT({0})) ELSE CBRT({0}) END",
)
define_by_template("atan2", "double, double", "double", _NUMBERS, "ATAN2({0:b} + 0e0, {1:b} + 0e0)")
define_by_template(
    "hypot",
    "double, double",
    "double",
    _NUMBERS,
    "SQRT({0:b} * {0:b} + {1:b} * {1:b})",
    finite=False,
)
define_by_template("pi", "", "double", _NUMBERS, "PI()", finite=True, bigquery="ACOS(-1)")
define_by_template(
    "e", "", "double", _NUMBERS, "EXP(1)", finite=True, postgres="EXP(CAST(1 AS DOUBLE PRECISION))"
)
define_by_template(
    "isnan",
    "double",
    "boolean",
    _NUMBERS,
    duckdb="COALESCE(ISNAN({0}), FALSE)",
    postgres="COALESCE({0:b} = 'NaN', FALSE)",
    bigquery="COALESCE(IS_NAN({0}), FALSE)",
    snowflake="COALESCE({0:b} = 'NaN'::FLOAT, FALSE)",
)
define_by_template(
    "factorial",
    "int",
    "bigint",
    _NUMBERS,
    duckdb="CASE WHEN {0:b} BETWEEN 0 AND 20 THEN "
    "CAST(FACTORIAL(CAST({0} AS INTEGER)) AS BIGINT) END",
    postgres="CASE WHEN {0:b} BETWEEN 0 AND 20 THEN CAST(FACTORIAL({0}) AS BIGINT) END",
)
define_by_template(
    "bit_count",
    "whole",
    "int",
    _NUMBERS,
    bounds=(0, 64),
    wide=False,
    duckdb="CAST(BIT_COUNT(CAST({0} AS BIGINT)) AS INTEGER)",
)


def _log(target: Target, values: Sequence[Value]) -> Value:
    if len(values) == 1:
        return call(target, "ln", values)
    if target.dialect == "spark":
        return target.make("double", "LOG({0}, {1})", *values, finite=False)
    base, number = (call(target, "ln", [one]) for one in values)
    if target.dialect == "duckdb":
        return target.make("double", "{0:b} / {1:b}", number, base, finite=False)
    return target.make("double", "{0:b} / NULLIF({1}, 0)", number, base, finite=False)


def _power(target: Target, values: Sequence[Value]) -> Value:
    if target.dialect == "spark":
        return target.make("double", "POWER({0}, {1})", *values, finite=False)
    nan, infinite = target.double(math.nan).sql, target.double(math.inf).sql
    known = values[1].is_literal or values[1].finite
    if target.dialect == "duckdb":
        template = "POW({0}, {1})"
        if not known:
            # One to the power of NaN is 1 in C, and NaN in Java.
            odd = "ISNAN({1}) OR (ISINF({1}) AND ABS({0}) = 1)"
            template = f"CASE WHEN {odd} THEN {nan} ELSE {template} END"
    elif target.dialect == "postgres":
        template = (
            f"CASE WHEN {{0:b}} = 0 AND {{1:b}} < 0 THEN {infinite} "
            f"WHEN {{0:b}} < 0 AND {{1:b}} <> TRUNC({{1}}) THEN {nan} "
            # Where the power is too large or too small, PostgreSQL would end the query.
            f"WHEN {{1:b}} * LN(NULLIF(ABS({{0}}), 0)) > 709.78 THEN {infinite} "
            "WHEN {1:b} * LN(NULLIF(ABS({0}), 0)) < -708 THEN 0 ELSE POWER({0}, {1}) END"
        )
    elif target.dialect == "bigquery":
        template = "SAFE.POW({0}, {1})"
    else:
        template = "POWER({0}, {1})"
    return target.make("double", template, *values, finite=False)


def _sign(target: Target, values: Sequence[Value]) -> Value:
    (value,) = values
    if target.dialect == "spark":
        return target.make("double", "SIGN({0})", value, finite=value.finite)
    one, minus = target.double(1.0).sql, target.double(-1.0).sql
    same = (
        "{0:b} = 0" if value.finite else f"{{0:b}} = 0 OR {{0:b}} = {target.double(math.nan).sql}"
    )
    return target.make(
        "double",
        f"CASE WHEN {same} THEN {{0}} WHEN {{0:b}} > 0 THEN {one} "
        f"WHEN {{0:b}} < 0 THEN {minus} END",
        value,
        finite=value.finite,
    )


def _rounded_whole(name: str) -> Build:
    def build(target: Target, values: Sequence[Value]) -> Value:
        (value,) = values
        if value.type in ("int", "bigint"):
            return target.cast(value, "bigint")
        if target.dialect == "spark":
            return target.make("bigint", f"{name}({{0}})", value, wide=True)
        return target.saturated(target.make("double", f"{name}({{0}})", value), "bigint")

    return build


def _shortest(target: Target, places: int) -> str:
    """A template of a double as a decimal number, rounded half up from its shortest text."""
    return {
        "duckdb": f"CAST(CAST({{0}} AS TEXT) AS DECIMAL(38, {places}))",
        "postgres": f"ROUND(CAST(CAST({{0}} AS TEXT) AS NUMERIC), {places})",
        "bigquery": f"ROUND(CAST(CAST({{0}} AS STRING) AS BIGNUMERIC), {places})",
        "snowflake": f"ROUND(CAST({{0}} AS DECIMAL(38, {min(places + 8, 20)})), {places})",
    }[target.dialect]


def _back(target: Target, decimal: str) -> str:
    """A template of a decimal number as a double, to the bit."""
    double = target.type_name("double")
    if target.dialect == "duckdb":
        return f"CAST(CAST({decimal} AS TEXT) AS {double})"
    return f"CAST({decimal} AS {double})"


MOST_PLACES = 15


def _round(target: Target, values: Sequence[Value]) -> Value:
    return _rounded(target, values, even=False)


def _bround(target: Target, values: Sequence[Value]) -> Value:
    return _rounded(target, values, even=True)


def _rounded(target: Target, values: Sequence[Value], *, even: bool) -> Value:
    name = "bround" if even else "round"
    value = values[0]
    places = values[1].constant if len(values) > 1 else 0
    if places is None or abs(places) > MOST_PLACES:
        raise Refused(f"`{name}` takes from -{MOST_PLACES} to {MOST_PLACES} places")
    if target.dialect == "spark":
        sql = f"{name.upper()}({value.sql}, {places})"
        return Value(sql, value.type, finite=value.finite, wide=value.type == "bigint")
    if value.type in ("int", "bigint") and places >= 0:
        return value
    if value.type in ("int", "bigint"):
        return _rounded_tens(target, value, 10**-places, even=even)
    if places < 0:
        # What lies behind the point decides nothing but a tie, which it then is none.
        if even:
            raise Refused("`bround` of a fraction takes no places below 0: use `round`")
        limit = f"ABS({{0}}) < {target.double(1e15).sql}"
        whole = target.make(
            "bigint", f"CAST(CASE WHEN {limit} THEN TRUNC({{0}}) END AS BIGINT)", value
        )
        tens = target.cast(_rounded_tens(target, whole, 10**-places, even=False), "double")
        return target.make(
            "double",
            f"CASE WHEN {limit} THEN {{1}} ELSE {{0}} END",
            value,
            tens,
            finite=value.finite,
        )
    if even and target.dialect in ("bigquery", "snowflake"):
        raise Refused(f"`bround` cannot be written for {target.dialect}")
    up = _shortest(target, places)
    inner = _back(target, up)
    if even:
        exact = _shortest(target, places + 1)
        unit = f"CAST(0.{'0' * (places - 1)}1 AS DECIMAL(38, {places}))" if places else "1"
        step = f"CASE WHEN {{0:b}} > 0 THEN {unit} ELSE -{unit} END"
        ten = 10 ** (places + 1)
        tie = f"{_back(target, exact)} = {{0:b}} AND ABS({exact} * {ten}) % 20 = 5"
        inner = f"CASE WHEN {tie} THEN {_back(target, f'({up} - {step})')} ELSE {inner} END"
    limit = target.double(1e15).sql
    return target.make(
        "double",
        f"CASE WHEN ABS({{0}}) < {limit} THEN {inner} ELSE {{0}} END",
        value,
        finite=value.finite,
    )


def _rounded_tens(target: Target, value: Value, tens: int, *, even: bool) -> Value:
    """A whole number rounded to tens, hundreds and so on."""
    half = tens // 2
    if target.dialect not in ("duckdb", "postgres"):
        raise Refused(f"`round` to tens cannot be written for {target.dialect}")
    wide = "HUGEINT" if target.dialect == "duckdb" else "NUMERIC"
    number = target.make("bigint", f"CAST(ABS(CAST({{0}} AS {wide})) AS {wide})", value)
    divided = (
        f"({{0:b}} + {half}) // {tens}"
        if target.dialect == "duckdb"
        else f"TRUNC(({{0:b}} + {half}) / {tens})"
    )
    if even:
        below = f"{{0:b}} // {tens}" if target.dialect == "duckdb" else f"TRUNC({{0:b}} / {tens})"
        divided = f"CASE WHEN {{0:b}} % {2 * tens} = {half} THEN {below} ELSE {divided} END"
    sql = f"(CASE WHEN {{1:b}} < 0 THEN -1 ELSE 1 END) * ({divided}) * {tens}"
    limit = INT_BOUNDS[value.type]
    low, high = value.limits()
    made = target.make(
        value.type,
        f"CAST({sql} AS {{2}})",
        number,
        value,
        Value(target.type_name(value.type), "void"),
    )
    fits = limit[0] <= low - half and high + half <= limit[1]
    if not fits and target.exact and target.dialect == "duckdb":
        bits = 32 if value.type == "int" else 64
        half_range = 1 << (bits - 1)
        shift, mask = (f"{one}::HUGEINT" for one in (half_range, 2 * half_range - 1))
        wrapped = f"((({sql}) + {shift}) & {mask}) - {shift}"
        return target.make(
            value.type,
            f"CAST({wrapped} AS {{2}})",
            number,
            value,
            Value(target.type_name(value.type), "void"),
        )
    return made


def _absolute(target: Target, values: Sequence[Value]) -> Value:
    (value,) = values
    made = target.make(value.type, "ABS({0})", value, finite=value.finite)
    if value.type == "double":
        return made
    low, high = value.limits()
    least = INT_BOUNDS[value.type][0]
    if low == least and target.exact and target.dialect == "duckdb":
        template = f"CASE WHEN {{0:b}} = {least} THEN {{0}} ELSE ABS({{0}}) END"
        return target.make(value.type, template, value, wide=value.wide)
    bounds = (0, max(abs(low + 1), abs(high), abs(low) if low != least else 0))
    return replace(made, bounds=bounds, wide=value.wide)


def _negative(target: Target, values: Sequence[Value]) -> Value:
    return negated(target, values[0])


def negated(target: Target, value: Value) -> Value:
    """A number with its sign turned."""
    if value.type == "string":
        value = target.cast(value, "double")
    if value.type not in NUMERIC and value.type != "void":
        raise Refused(f"`-` expects a number, got {in_words(value.type)}")
    if value.type == "void":
        return target.null("double")
    if isinstance(value.constant, int) and not isinstance(value.constant, bool):
        low, high = INT_BOUNDS[value.type]
        number = -value.constant if -value.constant <= high else low
        return replace(target.whole_number(number), type=value.type)
    if isinstance(value.constant, float):
        return target.double(-value.constant)
    if value.type == "double":
        return Value(f"-{value.bracketed()}", "double", 1, finite=value.finite)
    return arithmetic(target, "-", replace(target.whole_number(0), type=value.type), value)


SIGNS = {"+": SUM, "-": SUM, "*": 2}


def arithmetic(target: Target, sign: str, one: Value, other: Value) -> Value:
    """
    A sum, difference or product.

    Raises
    ------
    Refused
        Where an operand is no number.
    """
    one, other = (target.cast(v, "double") if v.type == "string" else v for v in (one, other))
    for value in (one, other):
        if value.type not in (*NUMERIC, "void"):
            raise Refused(f"`{sign}` expects numbers, got {in_words(value.type)}")
    type_ = widest([one.type, other.type], texts=False)
    if type_ == "void":
        return target.null("double")
    one, other = (target.null(type_) if v.type == "void" else v for v in (one, other))
    level = SIGNS[sign]
    if type_ == "double":
        if target.dialect == "postgres":
            one, other = target.cast(one, "double"), target.cast(other, "double")
        finite = one.finite and other.finite and (sign != "*" or _is_small(one) or _is_small(other))
        sql = f"{one.bracketed(level)} {sign} {other.bracketed(level - 1)}"
        return Value(sql, "double", level, finite=finite)
    bounds = _bounds(sign, one.limits(), other.limits())
    low, high = INT_BOUNDS[type_]
    fits = low <= bounds[0] and bounds[1] <= high
    if fits or not target.exact or target.dialect != "duckdb":
        if not fits and type_ == "int" and target.dialect in ("duckdb", "postgres"):
            # Held in its own width, the database notices what is too large for it.
            one, other = (
                Value(target.as_type(v.sql, "int"), "int") if v.wide or v.level else v
                for v in (one, other)
            )
        sql = f"{one.bracketed(level)} {sign} {other.bracketed(level - 1)}"
        wide = type_ == "bigint" or (one.wide or other.wide)
        return Value(sql, type_, level, bounds=bounds if fits else None, wide=wide)
    huge = [f"CAST({v.sql} AS HUGEINT)" for v in (one, other)]
    half = 1 << (31 if type_ == "int" else 63)
    name = target.type_name(type_)
    return Value(
        f"CAST((({huge[0]} {sign} {huge[1]} + CAST({half} AS HUGEINT)) & "
        f"CAST({2 * half - 1} AS HUGEINT)) - CAST({half} AS HUGEINT) AS {name})",
        type_,
        wide=type_ == "bigint",
    )


def _is_small(value: Value) -> bool:
    return isinstance(value.constant, int | float) and abs(value.constant) <= 1e9


def _bounds(sign: str, one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    if sign == "+":
        return one[0] + other[0], one[1] + other[1]
    if sign == "-":
        return one[0] - other[1], one[1] - other[0]
    products = [a * b for a in one for b in other]
    return min(products), max(products)


def _divisor(value: Value) -> str:
    if isinstance(value.constant, int | float) and value.constant:
        return "{1:b}"
    return "NULLIF({1}, 0)"


def divided(target: Target, one: Value, other: Value) -> Value:
    """
    A quotient, as a fraction; missing where the divisor is 0.

    Raises
    ------
    Refused
        Where an operand is no number.
    """
    one, other = (target.cast(v, "double") if v.type == "string" else v for v in (one, other))
    for value in (one, other):
        if value.type not in (*NUMERIC, "void"):
            raise Refused(f"`/` expects numbers, got {in_words(value.type)}")
    if "void" in (one.type, other.type):
        return target.null("double")
    whole_numbers = one.type != "double" and other.type != "double"
    large = isinstance(other.constant, int | float) and abs(other.constant) >= 1e-9
    finite = one.finite and other.finite and (whole_numbers or other.type != "double" or large)
    if target.dialect in ("postgres", "snowflake") and whole_numbers:
        if one.is_literal:
            one = target.cast(one, "double")
        else:
            one = Value(target.as_type(one.sql, "double"), "double")
    left = one.bracketed(2)
    if isinstance(other.constant, int | float) and other.constant:
        right = other.bracketed()
    else:
        right = f"NULLIF({other.sql}, 0)"
    return Value(f"{left} / {right}", "double", 2, finite=finite)


def remainder(target: Target, one: Value, other: Value) -> Value:
    """
    What a division leaves, with the sign of the dividend; missing where the divisor is 0.

    Raises
    ------
    Refused
        Where an operand is no number, or the dialect has no such division of fractions.
    """
    one, other = (target.cast(v, "double") if v.type == "string" else v for v in (one, other))
    type_ = widest([one.type, other.type], texts=False)
    if type_ == "void":
        return target.null("double")
    if type_ not in NUMERIC:
        raise Refused(f"`%` expects numbers, got {in_words(type_)}")
    one, other = (target.null(type_) if v.type == "void" else v for v in (one, other))
    if type_ == "double" and target.dialect not in ("duckdb", "spark"):
        raise Refused(f"`%` of fractions cannot be written for {target.dialect}")
    template = "MOD({0}, {1})" if target.dialect == "bigquery" else "{0:b} % {1:b}"
    divisor = Value(
        _divisor(other).replace("{1:b}", other.bracketed()).format("", other.sql), other.type
    )
    if type_ == "double" and target.dialect == "duckdb":
        one, divisor = (Value(target.as_type(v.sql, "double"), "double") for v in (one, divisor))
    if type_ != "double" and target.exact and target.dialect == "duckdb":
        name = target.type_name(type_)
        template = f"CAST(CAST({{0}} AS HUGEINT) % {{1:b}} AS {name})"
    facts = {"bounds": one.bounds, "wide": True} if type_ != "double" else {}
    return target.make(type_, template, one, divisor, finite=one.finite and other.finite, **facts)


def whole_division(target: Target, one: Value, other: Value) -> Value:
    """
    `div`: a quotient without its fraction; missing where the divisor is 0.

    Raises
    ------
    Refused
        Where an operand is no whole number.
    """
    for value in (one, other):
        if value.type not in ("int", "bigint", "void"):
            raise Refused(
                f"`div` expects whole numbers, got {in_words(value.type)}: use `floor(a / b)`"
            )
    one, other = (target.null("bigint") if v.type == "void" else v for v in (one, other))
    divisor = Value(
        _divisor(other).replace("{1:b}", other.bracketed()).format("", other.sql), "bigint"
    )
    template = {
        "duckdb": "CAST({0:b} // {1:b} AS BIGINT)",
        "postgres": "CAST({0:b} / {1:b} AS BIGINT)",
        "spark": "{0:b} DIV {1:b}",
        "bigquery": "DIV({0}, {1})",
        "snowflake": "CAST(TRUNC({0:b} / {1:b}) AS BIGINT)",
    }[target.dialect]
    if target.exact and target.dialect == "duckdb":
        least = INT_BOUNDS["bigint"][0]
        template = (
            f"CASE WHEN {{0:b}} = {least} AND {{1:b}} = -1 THEN {least} "
            "ELSE CAST(CAST({0} AS BIGINT) // {1:b} AS BIGINT) END"
        )
    return target.make("bigint", template, one, divisor, wide=True)


def _modulus(target: Target, values: Sequence[Value]) -> Value:
    return remainder(target, *values)


def _numbers(target: Target, values: Sequence[Value], name: str) -> tuple[str, list[Value]]:
    """The common type of two numbers, and both with NULL and text made numbers."""
    given = [target.cast(one, "double") if one.type == "string" else one for one in values]
    for one in given:
        if one.type not in (*NUMERIC, "void"):
            raise Refused(f"`{name}` expects numbers, got {in_words(one.type)}")
    type_ = widest([one.type for one in given], texts=False)
    type_ = "double" if type_ == "void" else type_
    return type_, [target.null(type_) if one.type == "void" else one for one in given]


def _positive_modulus(target: Target, values: Sequence[Value]) -> Value:
    type_, values = _numbers(target, values, "pmod")
    if target.dialect == "spark":
        one, other = values
        sql = (
            f"PMOD({one.sql}, {_divisor(other).replace('{1:b}', other.sql).format('', other.sql)})"
        )
        return Value(sql, type_, finite=one.finite, wide=True)
    first = remainder(target, *values)
    total = arithmetic(target, "+", first, values[1])
    again = remainder(target, total, values[1])
    return target.make(
        type_,
        "CASE WHEN {0:b} < 0 THEN {1} ELSE {0} END",
        first,
        again,
        finite=first.finite and values[1].finite,
        wide=True,
    )


def _tried(sign: str, name: str) -> Build:
    def build(target: Target, values: Sequence[Value]) -> Value:
        type_, (one, other) = _numbers(target, values, name.lower())
        if type_ == "double":
            return arithmetic(target, sign, one, other)
        if target.dialect == "spark":
            return target.make(type_, f"{name}({{0}}, {{1}})", one, other, wide=type_ == "bigint")
        if target.dialect != "duckdb":
            raise Refused(f"`{name.lower()}` cannot be written for {target.dialect}")
        held = [Value(target.as_type(v.sql, type_), type_) for v in (one, other)]
        return target.make(type_, f"TRY({{0}} {sign} {{1}})", *held, wide=type_ == "bigint")

    return build


def _greatest(name: str) -> Build:
    def build(target: Target, values: Sequence[Value]) -> Value:
        type_ = widest([one.type for one in values], texts=False)
        if element_of(type_) or type_ == "void":
            raise Refused(f"`{name.lower()}` expects values that can be put in order")
        cast = [to_common(target, one, type_) for one in values]
        finite = all(one.finite for one in values)
        inner = ", ".join(one.sql for one in cast)
        if type_ == "string" and target.dialect == "postgres":
            inner = ", ".join(f'{one.bracketed()} COLLATE "C"' for one in cast)
        if target.dialect == "bigquery":
            pick = "MAX" if name == "GREATEST" else "MIN"
            sql = f"(SELECT {pick}(v) FROM UNNEST([{inner}]) AS v)"
        else:
            suffix = "_IGNORE_NULLS" if target.dialect == "snowflake" else ""
            sql = f"{name}{suffix}({inner})"
        bounds = hull(cast) if type_ in ("int", "bigint") else None
        return Value(sql, type_, finite=finite, bounds=bounds, wide=any_wide(cast))

    return build


def hull(values: Sequence[Value]) -> tuple[int, int] | None:
    """Least and greatest whole number that one of several values can take."""
    known = [
        one.limits() for one in values if one.type in ("int", "bigint") and one.constant is not None
    ]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else None


def any_wide(values: Sequence[Value]) -> bool:
    """Whether the database holds a choice of several values in 64 bits."""
    return any(one.wide or one.type == "bigint" for one in values)


def to_common(target: Target, value: Value, type_: str) -> Value:
    """A value brought to a common type, without a cast where the database does it alike."""
    if value.type == type_:
        return value
    if value.type == "int" and type_ == "bigint":
        return replace(value, type="bigint")
    return target.cast(value, type_)


define("log", "double, double?", _log, _NUMBERS)
define("power, pow", "double, double", _power, _NUMBERS)
define("sign, signum", "double", _sign, _NUMBERS)
define("ceil, ceiling", "number", _rounded_whole("CEIL"), _NUMBERS)
define("floor", "number", _rounded_whole("FLOOR"), _NUMBERS)
define("round", "number, 'number'?", _round, _NUMBERS)
define("bround", "number, 'number'?", _bround, _NUMBERS)
define("abs", "number", _absolute, _NUMBERS)
define("negative", "number", _negative, _NUMBERS)
define("positive", "number", lambda target, values: values[0], _NUMBERS)
define("mod", "any, any", _modulus, _NUMBERS)
define("pmod", "any, any", _positive_modulus, _NUMBERS)
define("try_add", "any, any", _tried("+", "TRY_ADD"), _NUMBERS)
define("try_subtract", "any, any", _tried("-", "TRY_SUBTRACT"), _NUMBERS)
define("try_multiply", "any, any", _tried("*", "TRY_MULTIPLY"), _NUMBERS)
define("try_divide", "any, any", lambda target, values: divided(target, *values), _NUMBERS)
define("greatest", "any, any, any*", _greatest("GREATEST"), _NUMBERS)
define("least", "any, any, any*", _greatest("LEAST"), _NUMBERS)
