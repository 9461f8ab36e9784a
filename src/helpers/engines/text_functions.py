"""Functions over texts."""

from collections.abc import Sequence
from typing import Unpack

from helpers.engines.functions import Build, Templates, call, define, define_by_template
from helpers.engines.values import LOOSE, Refused, Target, Value, element_of

MOST_REPEATS = 1_000_000
"""Repeats of a text that may be asked for: a megabyte a row, as a text of one letter."""

_TEXTS = "Texts"
LENGTH = (0, 2**26)
"""Letters that a text of a table can have at most."""


def _text(
    names: str,
    parameters: str,
    result: str,
    everywhere: str = "",
    *,
    bounds: tuple[int, int] | None = None,
    wide: bool = True,
    **templates: Unpack[Templates],
) -> None:
    define_by_template(
        names, parameters, result, _TEXTS, everywhere, bounds=bounds, wide=wide, **templates
    )


_text("length, char_length, character_length, len", "string", "int", "LENGTH({0})", bounds=LENGTH)
_text("upper, ucase", "string", "string", "UPPER(REPLACE({0}, 'ß', 'SS'))")
_text("lower, lcase", "string", "string", "LOWER(REPLACE({0}, 'İ', 'i̇'))")
_text(
    "reverse",
    "string",
    "string",
    "REVERSE({0})",
    duckdb="ARRAY_TO_STRING(LIST_REVERSE(STRING_SPLIT({0}, '')), '')",
)
_text("translate", "string, string, string", "string", "TRANSLATE({0}, {1}, {2})", bigquery="-")
_text(
    "contains",
    "string, string",
    "boolean",
    "CONTAINS({0}, {1})",
    postgres="STRPOS({0}, {1}) > 0",
    bigquery="STRPOS({0}, {1}) > 0",
)
_text(
    "startswith",
    "string, string",
    "boolean",
    "STARTS_WITH({0}, {1})",
    snowflake="STARTSWITH({0}, {1})",
)
_text(
    "endswith",
    "string, string",
    "boolean",
    "ENDS_WITH({0}, {1})",
    postgres="RIGHT({0}, LENGTH({1})) = {1:b}",
    snowflake="ENDSWITH({0}, {1})",
)
_text(
    "ascii",
    "string",
    "int",
    "ASCII({0})",
    bounds=(0, 0x10FFFF),
    wide=False,
    bigquery="-",
    snowflake="-",
)
_text("md5", "only string", "string", "MD5({0})", bigquery="TO_HEX(MD5({0}))")
_text("sha1, sha", "only string", "string", "SHA1({0})", postgres="-", bigquery="TO_HEX(SHA1({0}))")
_text(
    "octet_length",
    "string",
    "int",
    "OCTET_LENGTH({0})",
    bounds=(0, 2**28),
    duckdb="STRLEN({0})",
    bigquery="BYTE_LENGTH({0})",
)
_text(
    "bit_length",
    "string",
    "int",
    "BIT_LENGTH({0})",
    bounds=(0, 2**31 - 1),
    duckdb="STRLEN({0}) * 8",
    bigquery="BYTE_LENGTH({0}) * 8",
)
_text(
    "chr, char",
    "bigint",
    "string",
    duckdb="CASE WHEN {0:b} < 0 THEN '' ELSE CHR(CAST({0} % 256 AS INTEGER)) END",
)
_text(
    "initcap",
    "string",
    "string",
    duckdb="ARRAY_TO_STRING(LIST_TRANSFORM(STRING_SPLIT({0}, ' '), "
    "LAMBDA w: CASE WHEN LEFT(w, 1) = 'ß' THEN 'Ss' ELSE UPPER(LEFT(w, 1)) END "
    "|| LOWER(REPLACE(SUBSTRING(w, 2), 'İ', 'i̇'))), ' ')",
)
_text(
    "find_in_set",
    "string, string",
    "int",
    bounds=(0, 2**26),
    wide=False,
    duckdb="CASE WHEN {0} IS NULL OR {1} IS NULL THEN NULL WHEN CONTAINS({0}, ',') THEN 0 "
    "ELSE COALESCE(CAST(LIST_POSITION(STRING_SPLIT({1}, ','), {0}) AS INTEGER), 0) END",
)


def _concat(target: Target, values: Sequence[Value]) -> Value:
    if any(element_of(one.type) for one in values):
        raise Refused("`concat` of arrays is not offered")
    texts = [target.implicit(one, "string") for one in values]
    if not texts:
        return target.text("")
    if target.dialect == "spark":
        return Value(f"CONCAT({', '.join(one.sql for one in texts)})", "string")
    if len(texts) == 1:
        return texts[0]
    return Value(" || ".join(one.bracketed() for one in texts), "string", LOOSE)


def joined(target: Target, values: Sequence[Value]) -> Value:
    """`||`: missing where a part is."""
    return _concat(target, values)


def _concat_ws(target: Target, values: Sequence[Value]) -> Value:
    texts = [target.implicit(one, "string") for one in values]
    if target.dialect == "bigquery":
        raise Refused("`concat_ws` cannot be written for bigquery")
    if target.dialect == "snowflake":
        raise Refused("`concat_ws` cannot be written for snowflake")
    if len(texts) == 1 and target.dialect != "spark":
        return target.make("string", "CASE WHEN {0} IS NOT NULL THEN '' END", texts[0])
    return Value(f"CONCAT_WS({', '.join(one.sql for one in texts)})", "string")


def _trimmed(side: str) -> Build:
    def build(target: Target, values: Sequence[Value]) -> Value:
        text = values[0]
        letters = values[1] if len(values) > 1 else target.text(" ")
        if target.dialect == "spark":
            where = {"": "BOTH", "L": "LEADING", "R": "TRAILING"}[side]
            return Value(f"TRIM({where} {letters.sql} FROM {text.sql})", "string")
        name = "BTRIM" if target.dialect == "postgres" and not side else f"{side}TRIM"
        return target.make("string", f"{name}({{0}}, {{1}})", text, letters)

    return build


def _letters_first(side: str) -> Build:
    def build(target: Target, values: Sequence[Value]) -> Value:
        return _trimmed(side)(target, list(reversed(values)))

    return build


def trim(target: Target, text: Value, letters: Value | None, side: str) -> Value:
    """`trim(BOTH x FROM t)`; `side` is L, R or empty for both."""
    given = [text] if letters is None else [text, letters]
    return _trimmed(side)(target, [target.implicit(one, "string") for one in given])


def substring(target: Target, values: Sequence[Value]) -> Value:
    """A part of a text from a place counted from 1, or from its end where that is negative."""
    text = target.implicit(values[0], "string")
    start = target.implicit(values[1], "int")
    length = target.implicit(values[2], "int") if len(values) > 2 else None
    if target.dialect == "spark":
        parts = [text, start] if length is None else [text, start, length]
        return Value(f"SUBSTRING({', '.join(one.sql for one in parts)})", "string")
    name = "SUBSTR" if target.dialect == "bigquery" else "SUBSTRING"
    if isinstance(start.constant, int) and start.constant >= 0:
        first = target.whole_number(max(start.constant, 1))
        if length is None:
            return target.make("string", f"{name}({{0}}, {{1}})", text, first)
        return target.make(
            "string", f"{name}({{0}}, {{1}}, {{2}})", text, first, _at_least_0(target, length)
        )
    begin = target.make(
        "int",
        "CASE WHEN {1:b} > 0 THEN {1:b} - 1 WHEN {1:b} < 0 THEN LENGTH({0}) + {1:b} "
        "WHEN {1:b} = 0 THEN 0 END",
        text,
        start,
    )
    if length is None:
        return target.make(
            "string",
            f"CASE WHEN {{1}} IS NOT NULL THEN {name}({{0}}, GREATEST({{1}}, 0) + 1) END",
            text,
            begin,
        )
    return target.make(
        "string",
        f"CASE WHEN {{1}} IS NOT NULL AND {{2}} IS NOT NULL THEN {name}({{0}}, "
        "GREATEST({1}, 0) + 1, GREATEST(LEAST({1}, 0) + {2:b}, 0)) END",
        text,
        begin,
        length,
    )


def _at_least_0(target: Target, value: Value) -> Value:
    if isinstance(value.constant, int):
        return target.whole_number(max(value.constant, 0))
    return target.make("int", "CASE WHEN {0:b} < 0 THEN 0 ELSE {0} END", value, wide=value.wide)


def _left(target: Target, values: Sequence[Value]) -> Value:
    text, count = values
    if target.dialect == "spark":
        return target.make("string", "LEFT({0}, {1})", text, count)
    return target.make(
        "string", "LEFT({0}, {1})", text, _narrow(target, _at_least_0(target, count))
    )


def _right(target: Target, values: Sequence[Value]) -> Value:
    text, count = values
    if target.dialect == "spark":
        return target.make("string", "RIGHT({0}, {1})", text, count)
    return target.make(
        "string", "RIGHT({0}, {1})", text, _narrow(target, _at_least_0(target, count))
    )


def _narrow(target: Target, value: Value) -> Value:
    """An int that the database holds as one."""
    if value.is_literal:
        return value
    return Value(target.as_type(value.sql, "int"), "int", bounds=value.bounds)


def _padded(name: str) -> Build:
    def build(target: Target, values: Sequence[Value]) -> Value:
        text, count = values[0], values[1]
        filler = values[2] if len(values) > 2 else target.text(" ")
        if target.dialect == "spark":
            return target.make("string", f"{name}({{0}}, {{1}}, {{2}})", text, count, filler)
        count = _narrow(target, _at_least_0(target, count))
        if filler.constant == "":
            return target.make("string", "LEFT({0}, {1})", text, count)
        if filler.is_literal:
            return target.make("string", f"{name}({{0}}, {{1}}, {{2}})", text, count, filler)
        return target.make(
            "string",
            f"CASE WHEN {{2:b}} = '' THEN LEFT({{0}}, {{1}}) ELSE {name}({{0}}, {{1}}, {{2}}) END",
            text,
            count,
            filler,
        )

    return build


def _repeat(target: Target, values: Sequence[Value]) -> Value:
    text, count = values
    if count.is_literal and isinstance(count.constant, int) and count.constant > MOST_REPEATS:
        raise Refused(f"a text repeated more than {MOST_REPEATS:,} times would fill the memory")
    if target.dialect == "spark":
        return target.make("string", "REPEAT({0}, {1})", text, count)
    return target.make(
        "string", "REPEAT({0}, {1})", text, _narrow(target, _at_least_0(target, count))
    )


def _space(target: Target, values: Sequence[Value]) -> Value:
    return _repeat(target, [target.text(" "), values[0]])


def _replace_text(target: Target, values: Sequence[Value]) -> Value:
    by = values[2] if len(values) > 2 else target.text("")
    if target.dialect == "spark":
        return target.make("string", "REPLACE({0}, {1}, {2})", values[0], values[1], by)
    return target.make("string", "REPLACE({0}, {1}, {2})", values[0], values[1], by)


def _instr(target: Target, values: Sequence[Value]) -> Value:
    text, part = values
    template = {
        "duckdb": "INSTR({0}, {1})",
        "postgres": "STRPOS({0}, {1})",
        "spark": "INSTR({0}, {1})",
        "bigquery": "STRPOS({0}, {1})",
        "snowflake": "POSITION({1}, {0})",
    }[target.dialect]
    return target.make("int", template, text, part, bounds=LENGTH, wide=True)


def locate(target: Target, values: Sequence[Value]) -> Value:
    """Where a part begins in a text, from a place on; 0 where it does not."""
    part, text = values[0], values[1]
    if len(values) == 2 or (values[2].constant == 1):
        return _instr(target, [text, part])
    start = values[2]
    if target.dialect == "spark":
        return target.make("int", "LOCATE({0}, {1}, {2})", part, text, start, bounds=LENGTH)
    if target.dialect not in ("duckdb", "postgres"):
        raise Refused(f"`locate` from a place on cannot be written for {target.dialect}")
    find = "INSTR" if target.dialect == "duckdb" else "STRPOS"
    rest = f"{find}(SUBSTRING({{1}}, {{2}}), {{0}})"
    return target.make(
        "int",
        f"CASE WHEN {{2}} IS NULL THEN 0 WHEN {{0}} IS NULL OR {{1}} IS NULL THEN NULL "
        "WHEN {2:b} < 1 THEN 0 "
        "WHEN {0:b} = '' THEN 1 "
        f"WHEN {rest} > 0 THEN {rest} + {{2:b}} - 1 ELSE 0 END",
        part,
        text,
        start,
        bounds=LENGTH,
        wide=True,
    )


def _split_part(target: Target, values: Sequence[Value]) -> Value:
    text, separator, place = values
    if place.constant == 0:
        raise Refused("`split_part` counts its parts from 1")
    if separator.constant == "":
        raise Refused("`split_part` needs a separator")
    if target.dialect == "bigquery":
        raise Refused("`split_part` cannot be written for bigquery")
    return target.make("string", "SPLIT_PART({0}, {1}, {2})", text, separator, place)


def _substring_index(target: Target, values: Sequence[Value]) -> Value:
    text, separator, count = values
    if target.dialect == "spark":
        return target.make("string", "SUBSTRING_INDEX({0}, {1}, {2})", *values)
    if target.dialect != "duckdb":
        raise Refused(f"`substring_index` cannot be written for {target.dialect}")
    number = count.constant
    if separator.constant == "" or number == 0:
        return target.make("string", "CASE WHEN {0} IS NOT NULL THEN '' END", text)
    cut = f"1, {number}" if number > 0 else f"{number}, -1"
    return target.make(
        "string",
        f"ARRAY_TO_STRING(LIST_SLICE(STRING_SPLIT({{0}}, {{1}}), {cut}), {{1}})",
        text,
        separator,
    )


def _sha2(target: Target, values: Sequence[Value]) -> Value:
    if values[1].constant not in (0, 256):
        raise Refused("`sha2` is offered with 256 bits")
    template = {
        "duckdb": "SHA256({0})",
        "postgres": "ENCODE(SHA256(CONVERT_TO({0}, 'UTF8')), 'hex')",
        "spark": "SHA2({0}, 256)",
        "bigquery": "TO_HEX(SHA256({0}))",
        "snowflake": "SHA2({0}, 256)",
    }[target.dialect]
    return target.make("string", template, values[0])


def overlay(target: Target, values: Sequence[Value]) -> Value:
    """A text with a part replaced, from a place on."""
    text, by = (target.implicit(one, "string") for one in values[:2])
    start = target.implicit(values[2], "int")
    length = target.implicit(values[3], "int") if len(values) > 3 else call(target, "length", [by])
    if not isinstance(start.constant, int) or start.constant < 1:
        raise Refused("`overlay` takes a place from 1 on that is written out")
    if len(values) > 3 and (not isinstance(length.constant, int) or length.constant < 0):
        raise Refused("`overlay` takes a length from 0 on that is written out")
    if target.dialect == "spark":
        extra = f" FOR {length.sql}" if len(values) > 3 else ""
        return Value(f"OVERLAY({text.sql} PLACING {by.sql} FROM {start.sql}{extra})", "string")
    before = substring(
        target, [text, target.whole_number(1), target.whole_number(start.constant - 1)]
    )
    after = target.make("string", "SUBSTRING({0}, {1:b} + {2:b})", text, start, length)
    return joined(target, [before, by, after])


define("concat", "any*", _concat, _TEXTS)
define("concat_ws", "string, string*", _concat_ws, _TEXTS)
define("trim", "string", _trimmed(""), _TEXTS)
define("btrim", "string, string?", _trimmed(""), _TEXTS)
define("substring, substr", "string, int, int?", substring, _TEXTS)
define("left", "string, int", _left, _TEXTS)
define("right", "string, int", _right, _TEXTS)
define("lpad", "string, int, string?", _padded("LPAD"), _TEXTS)
define("rpad", "string, int, string?", _padded("RPAD"), _TEXTS)
define("repeat", "string, int", _repeat, _TEXTS)
define("space", "int", _space, _TEXTS)
define("replace", "string, string, string?", _replace_text, _TEXTS)
define("instr", "string, string", _instr, _TEXTS)
define("locate, position", "string, string, int?", locate, _TEXTS)
define("split_part", "string, 'text', 'number'", _split_part, _TEXTS)
define("substring_index", "string, 'text', 'number'", _substring_index, _TEXTS)
define("sha2", "only string, 'number'", _sha2, _TEXTS)
define("overlay", "string, string, int, int?", overlay, _TEXTS)
for _side in ("L", "R"):
    define(
        f"{_side.lower()}trim",
        "string, string?",
        _letters_first(_side),
        _TEXTS,
    )
