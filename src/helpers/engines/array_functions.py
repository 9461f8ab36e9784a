"""Functions over arrays, of which `split` makes most."""

from collections.abc import Sequence

from helpers.engines.functions import Build, define
from helpers.engines.number_functions import to_common
from helpers.engines.pattern_functions import read_pattern
from helpers.engines.text_functions import LENGTH
from helpers.engines.values import Refused, Target, Value, element_of, widest

_ARRAYS = "Arrays"


def _only(target: Target, name: str, *dialects: str) -> None:
    if target.dialect not in ("spark", *dialects):
        raise Refused(f"`{name}` cannot be written for {target.dialect}")


def _array(target: Target, values: Sequence[Value]) -> Value:
    _only(target, "array", "duckdb", "postgres")
    if not values:
        raise Refused("`array` needs elements")
    type_ = widest([one.type for one in values], texts=True)
    if type_ == "void" or element_of(type_):
        raise Refused("`array` needs elements that have a type")
    inner = ", ".join(to_common(target, one, type_).sql for one in values)
    opening = "ARRAY[{}]" if target.dialect != "spark" else "ARRAY({})"
    return Value(
        opening.format(inner).replace("ARRAY[", "[" if target.dialect == "duckdb" else "ARRAY["),
        f"array<{type_}>",
    )


def _split(target: Target, values: Sequence[Value]) -> Value:
    text, pattern = values[:2]
    if len(values) > 2 and values[2].constant not in (0, -1):
        raise Refused("`split` is offered without a limit")
    read = read_pattern(pattern)
    empty = pattern.constant == ""
    if read.can_be_empty and not empty:
        raise Refused(f"the pattern '{pattern.constant}' of `split` can match nothing at all")
    if target.dialect == "spark":
        return target.make("array<string>", "SPLIT({0}, {1})", text, pattern)
    shape = target.in_template(read.literal)
    if read.is_plain:
        if empty and target.dialect != "duckdb":
            raise Refused(f"`split` into letters cannot be written for {target.dialect}")
        template = {
            "duckdb": f"CASE WHEN {{0:b}} = '' THEN [''] ELSE STRING_SPLIT({{0}}, {shape}) END"
            if empty
            else f"STRING_SPLIT({{0}}, {shape})",
            "bigquery": f"SPLIT({{0}}, {shape})",
            # An empty text would have no part at all.
            "postgres": "CASE WHEN {0:b} = '' THEN ARRAY[''] "
            f"ELSE STRING_TO_ARRAY({{0}}, {shape}) END",
        }.get(target.dialect)
        if template is None:
            raise Refused(f"`split` cannot be written for {target.dialect}")
        return target.make("array<string>", template, text)
    shape = target.in_template(read.text)
    if target.dialect == "duckdb":
        return target.make("array<string>", f"STRING_SPLIT_REGEX({{0}}, {shape})", text)
    if target.dialect == "postgres" and read.is_simple and read.posix:
        shape = target.in_template(read.posix)
        return target.make("array<string>", f"REGEXP_SPLIT_TO_ARRAY({{0}}, {shape})", text)
    raise Refused(f"this `split` cannot be written for {target.dialect}")


def item(target: Target, array: Value, place: Value) -> Value:
    """
    An element of an array, counted from 0; missing where there is none.

    Raises
    ------
    Refused
        For what is no array, or a place that is no whole number.
    """
    type_ = element_of(array.type)
    if not type_:
        raise Refused("`[ ]` takes an element out of an array")
    if place.type not in ("int", "bigint"):
        raise Refused("`[ ]` takes the place of an element, a whole number from 0 on")
    if target.dialect == "spark":
        return target.make(type_, "GET({0}, {1})", array, target.cast(place, "int"), finite=False)
    if isinstance(place.constant, int):
        if place.constant < 0:
            return target.null(type_)
        if target.dialect == "bigquery":
            return target.make(
                type_, f"{{0:b}}[SAFE_OFFSET({place.constant})]", array, finite=False
            )
        return Value(f"({array.sql})[{place.constant + 1}]", type_, finite=False)
    _only(target, "[ ]", "duckdb", "postgres")
    return target.make(
        type_,
        "CASE WHEN {1:b} >= 0 THEN ({0})[CAST({1:b} + 1 AS INTEGER)] END",
        array,
        place,
        finite=False,
    )


def _get(target: Target, values: Sequence[Value]) -> Value:
    return item(target, *values)


def _element_at(target: Target, values: Sequence[Value]) -> Value:
    array, place = values
    if place.constant == 0:
        raise Refused("`element_at` counts elements from 1, or from the end with negative numbers")
    if place.constant > 0:
        return item(target, array, target.whole_number(place.constant - 1))
    _only(target, "element_at from the end", "duckdb")
    type_ = element_of(array.type)
    if target.dialect == "spark":
        return target.make(type_, f"TRY_ELEMENT_AT({{0}}, {place.constant})", array, finite=False)
    return Value(f"({array.sql})[{place.constant}]", type_, finite=False)


def _size(target: Target, values: Sequence[Value]) -> Value:
    (array,) = values
    if array.type == "void":
        return target.whole_number(-1)
    if not element_of(array.type):
        raise Refused("`size` counts the elements of an array: `length` counts letters")
    counted = _array_size(target, values)
    return target.make(
        "int", "COALESCE({0}, -1)", counted, bounds=(-1, LENGTH[1]), wide=counted.wide
    )


def _array_size(target: Target, values: Sequence[Value]) -> Value:
    name = {
        "duckdb": "LEN",
        "postgres": "CARDINALITY",
        "spark": "ARRAY_SIZE",
        "bigquery": "ARRAY_LENGTH",
        "snowflake": "ARRAY_SIZE",
    }[target.dialect]
    return target.make("int", f"{name}({{0}})", values[0], bounds=LENGTH, wide=True)


def _sought(target: Target, array: Value, value: Value, name: str) -> Value:
    if value.type == "void":
        raise Refused(f"`{name}` looks for a value, not for NULL")
    type_ = element_of(array.type)
    common = widest([type_, value.type], texts=False)
    if common != type_:
        raise Refused(f"`{name}` looks for an element of another type than the array's")
    return to_common(target, value, type_)


def _contains(target: Target, values: Sequence[Value]) -> Value:
    array, value = values
    value = _sought(target, array, value, "array_contains")
    _only(target, "array_contains", "duckdb", "postgres")
    if target.dialect == "spark":
        return target.make("boolean", "ARRAY_CONTAINS({0}, {1})", array, value)
    if target.dialect == "postgres":
        return target.make("boolean", "{1:b} = ANY({0})", array, value)
    return target.make(
        "boolean",
        "CASE WHEN {1} IS NULL OR {0} IS NULL THEN NULL WHEN LIST_CONTAINS({0}, {1}) THEN TRUE "
        "WHEN LIST_COUNT({0}) = LEN({0}) THEN FALSE END",
        array,
        value,
    )


def _position(target: Target, values: Sequence[Value]) -> Value:
    array, value = values
    value = _sought(target, array, value, "array_position")
    _only(target, "array_position", "duckdb")
    if target.dialect == "spark":
        return target.make("bigint", "ARRAY_POSITION({0}, {1})", array, value, wide=True)
    return target.make(
        "bigint",
        "CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN "
        "CAST(COALESCE(LIST_POSITION({0}, {1}), 0) AS BIGINT) END",
        array,
        value,
        bounds=LENGTH,
        wide=True,
    )


def _extreme(name: str) -> Build:
    def build(target: Target, values: Sequence[Value]) -> Value:
        _only(target, f"array_{name}", "duckdb")
        type_ = element_of(values[0].type)
        called = f"ARRAY_{name.upper()}" if target.dialect == "spark" else f"LIST_{name.upper()}"
        return target.make(type_, f"{called}({{0}})", values[0], finite=False)

    return build


def _join(target: Target, values: Sequence[Value]) -> Value:
    _only(target, "array_join", "duckdb", "postgres")
    if element_of(values[0].type) != "string":
        raise Refused("`array_join` joins texts")
    if target.dialect == "spark":
        return target.make("string", "ARRAY_JOIN({0}, {1})", *values)
    return target.make("string", "ARRAY_TO_STRING({0}, {1})", *values)


def _distinct(target: Target, values: Sequence[Value]) -> Value:
    _only(target, "array_distinct", "duckdb")
    (array,) = values
    if target.dialect == "spark":
        return target.make(array.type, "ARRAY_DISTINCT({0})", array)
    return target.make(
        array.type, "LIST_FILTER({0}, LAMBDA x, i: LIST_POSITION({0}, x) = i)", array
    )


def _sort(target: Target, values: Sequence[Value]) -> Value:
    _only(target, "sort_array", "duckdb")
    array = values[0]
    rising = values[1].constant if len(values) > 1 else True
    if not isinstance(rising, bool):
        raise Refused("the second argument of `sort_array` is true or false")
    if target.dialect == "spark":
        return target.make(array.type, f"SORT_ARRAY({{0}}, {str(rising).upper()})", array)
    order = "'ASC', 'NULLS FIRST'" if rising else "'DESC', 'NULLS LAST'"
    return target.make(array.type, f"LIST_SORT({{0}}, {order})", array)


def _slice(target: Target, values: Sequence[Value]) -> Value:
    _only(target, "slice", "duckdb")
    array, start, length = values
    if start.constant < 1 or length.constant < 0:
        raise Refused("`slice` takes a place from 1 on and a length from 0 on")
    if target.dialect == "spark":
        return target.make(array.type, "SLICE({0}, {1}, {2})", *values)
    end = start.constant + length.constant - 1
    return target.make(array.type, f"LIST_SLICE({{0}}, {start.constant}, {end})", array)


def _remove(target: Target, values: Sequence[Value]) -> Value:
    array, value = values
    value = _sought(target, array, value, "array_remove")
    _only(target, "array_remove", "duckdb")
    if target.dialect == "spark":
        return target.make(array.type, "ARRAY_REMOVE({0}, {1})", array, value)
    return target.make(
        array.type,
        "CASE WHEN {1} IS NOT NULL THEN LIST_FILTER({0}, LAMBDA x: x IS DISTINCT FROM {1}) END",
        array,
        value,
    )


define("array", "any*", _array, _ARRAYS)
define("split", "string, 'text', 'number'?", _split, _ARRAYS)
define("get", "array, whole", _get, _ARRAYS)
define("element_at, try_element_at", "array, 'number'", _element_at, _ARRAYS)
define("size, cardinality", "any", _size, _ARRAYS)
define("array_size", "array", _array_size, _ARRAYS)
define("array_contains", "array, any", _contains, _ARRAYS)
define("array_position", "array, any", _position, _ARRAYS)
define("array_max", "array", _extreme("max"), _ARRAYS)
define("array_min", "array", _extreme("min"), _ARRAYS)
define("array_join", "array, string", _join, _ARRAYS)
define("array_distinct", "array", _distinct, _ARRAYS)
define("sort_array", "array, any?", _sort, _ARRAYS)
define("slice", "array, 'number', 'number'", _slice, _ARRAYS)
define("array_remove", "array, any", _remove, _ARRAYS)
