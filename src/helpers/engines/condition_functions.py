"""Conditions, comparisons, and functions over missing values."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from helpers.engines.functions import call, define
from helpers.engines.number_functions import any_wide, hull, to_common
from helpers.engines.values import (
    ATOM,
    LOOSE,
    NUMERIC,
    SUM,
    UNKNOWN,
    Refused,
    Target,
    Value,
    compared,
    element_of,
    widest,
)

_MISSING = "Conditions and missing values"


def chosen(target: Target, values: Sequence[Value], *, name: str) -> list[Value]:
    """Branches brought to a common type."""
    try:
        type_ = widest([one.type for one in values], texts=True)
    except Refused as refused:
        raise Refused(f"the values of `{name}` differ: {refused}") from None
    return [to_common(target, one, type_) for one in values]


def _chosen_facts(values: Sequence[Value]) -> dict[str, Any]:
    type_ = values[0].type
    return {
        "finite": all(one.finite for one in values),
        "bounds": hull(values) if type_ in ("int", "bigint") else None,
        "wide": any_wide(values),
    }


def _coalesce(target: Target, values: Sequence[Value]) -> Value:
    cast = chosen(target, values, name="coalesce")
    sql = f"COALESCE({', '.join(one.sql for one in cast)})"
    return Value(sql, cast[0].type, **_chosen_facts(cast))


def conditional(
    target: Target, conditions: Sequence[Value], results: Sequence[Value], default: Value | None
) -> Value:
    """`CASE WHEN`, its branches brought to a common type."""
    branches = [*results, default if default is not None else target.null("void")]
    cast = chosen(target, branches, name="case")
    whens = " ".join(
        f"WHEN {test.sql} THEN {result.sql}"
        for test, result in zip(conditions, cast[:-1], strict=True)
    )
    otherwise = "" if default is None else f" ELSE {cast[-1].sql}"
    return Value(f"CASE {whens}{otherwise} END", cast[0].type, **_chosen_facts(cast))


def equals(target: Target, one: Value, other: Value, *, null_safe: bool = False) -> Value:
    """`=` and `<=>`, the sides brought to the type in which Spark compares them."""
    left, right = comparable(target, one, other, equality=True)
    if not null_safe:
        return Value(f"{left.bracketed(SUM)} = {right.bracketed(SUM)}", "boolean", 4)
    if target.dialect == "spark":
        return Value(f"{left.bracketed(SUM)} <=> {right.bracketed(SUM)}", "boolean", 4)
    return Value(f"{left.bracketed()} IS NOT DISTINCT FROM {right.bracketed()}", "boolean", LOOSE)


def comparable(target: Target, one: Value, other: Value, *, equality: bool) -> tuple[Value, Value]:
    """Two values in the type in which Spark compares them."""
    type_ = compared(one.type, other.type, equality=equality)
    if element_of(type_):
        raise Refused("arrays are not compared")
    if type_ == "void":
        return one, other
    return to_compared(target, one, type_), to_compared(target, other, type_)


def to_compared(target: Target, value: Value, type_: str) -> Value:
    """A value for a comparison in a type: numbers need no cast beside one another."""
    if value.type in ("int", "bigint") and type_ in NUMERIC and target.dialect != "spark":
        if type_ == "double" and target.dialect != "duckdb":
            return target.cast(value, "double")
        if type_ == "double" and not value.is_literal:
            return target.cast(value, "double")
        return value
    if value.type in NUMERIC and type_ in NUMERIC:
        return value
    return target.cast(value, type_)


def _nullif(target: Target, values: Sequence[Value]) -> Value:
    one, other = values
    left, right = comparable(target, one, other, equality=True)
    if left is one and one.type != "void":
        return replace(
            one, sql=f"NULLIF({one.sql}, {right.sql})", level=ATOM, constant=UNKNOWN, date_format=""
        )
    if one.type == "void":
        raise Refused("the first value of `nullif` is NULL")
    return target.make(
        one.type,
        "CASE WHEN {1:b} = {2:b} THEN NULL ELSE {0} END",
        one,
        left,
        right,
        finite=one.finite,
    )


def _if(target: Target, values: Sequence[Value]) -> Value:
    return conditional(target, [values[0]], [values[1]], values[2])


def _nvl2(target: Target, values: Sequence[Value]) -> Value:
    return conditional(target, [is_null(values[0], negated=True)], [values[1]], values[2])


def is_null(value: Value, *, negated: bool = False) -> Value:
    """`IS NULL` and `IS NOT NULL`."""
    return Value(f"{value.bracketed()} IS {'NOT ' if negated else ''}NULL", "boolean", 4)


def _decode(target: Target, values: Sequence[Value]) -> Value:
    if len(values) < 3:
        raise Refused("`decode` is called as `decode(value, search, result, ..., otherwise)`")
    pairs = list(values[1:])
    default = pairs.pop() if len(pairs) % 2 else None
    results = [*pairs[1::2], *([] if default is None else [default])]
    if len({one.type for one in results} - {"void"}) > 1:
        raise Refused("the values of `decode` differ in type: use `case`")
    tests = [equals(target, values[0], one, null_safe=True) for one in pairs[::2]]
    return conditional(target, tests, pairs[1::2], default)


def _nullifzero(target: Target, values: Sequence[Value]) -> Value:
    return _nullif(target, [values[0], target.whole_number(0)])


def _zeroifnull(target: Target, values: Sequence[Value]) -> Value:
    return _coalesce(target, [values[0], target.whole_number(0)])


def _nanvl(target: Target, values: Sequence[Value]) -> Value:
    if target.dialect == "spark":
        return target.make("double", "NANVL({0}, {1})", *values, finite=False)
    test = call(target, "isnan", [values[0]])
    return target.make(
        "double",
        "CASE WHEN {1} THEN {2} ELSE {0} END",
        values[0],
        test,
        values[1],
        finite=values[1].finite and values[0].finite,
    )


def _elt(target: Target, values: Sequence[Value]) -> Value:
    tests = [equals(target, values[0], target.whole_number(at)) for at in range(1, len(values))]
    return conditional(target, tests, [target.implicit(v, "string") for v in values[1:]], None)


define("coalesce", "any, any*", _coalesce, _MISSING)
define("ifnull, nvl", "any, any", _coalesce, _MISSING)
define("nvl2", "any, any, any", _nvl2, _MISSING)
define("nullif", "any, any", _nullif, _MISSING)
define("nullifzero", "any", _nullifzero, _MISSING)
define("zeroifnull", "any", _zeroifnull, _MISSING)
define("nanvl", "double, double", _nanvl, _MISSING)
define("if", "boolean, any, any", _if, _MISSING)
define("decode", "any, any, any, any*", _decode, _MISSING)
define("elt", "int, any, any*", _elt, _MISSING)
define("isnull", "any", lambda target, values: is_null(values[0]), _MISSING)
define("isnotnull", "any", lambda target, values: is_null(values[0], negated=True), _MISSING)
define(
    "equal_null",
    "any, any",
    lambda target, values: equals(target, *values, null_safe=True),
    _MISSING,
)
