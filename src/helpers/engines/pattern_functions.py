"""LIKE and regular expressions, whose patterns are written out."""

from collections.abc import Sequence
from dataclasses import replace

from helpers.engines import patterns
from helpers.engines.functions import call, define
from helpers.engines.text_functions import LENGTH
from helpers.engines.values import Refused, Target, Value

_PATTERNS = "Patterns"


def like(target: Target, text: Value, pattern: Value, escape: str, *, fold: bool) -> Value:
    """`LIKE` and `ILIKE` with a pattern that is written out."""
    text = target.implicit(text, "string")
    if pattern.type == "void" or text.type == "void":
        return target.null("boolean")
    if not isinstance(pattern.constant, str):
        raise Refused(
            "the pattern of `like` must be written out: use `contains`, `startswith` or `endswith`"
        )
    parts = patterns.like_parts(pattern.constant, escape)
    if fold:
        text = call(target, "lower", [text])
        parts = [(one if wild else one.lower(), wild) for one, wild in parts]
    if target.dialect == "bigquery":
        shown = "".join(one if wild else _escaped(one) for one, wild in parts)
        return target.make("boolean", f"{{0:b}} LIKE {target.in_template(shown)}", text)
    needs = any(one in "%_\\" and not wild for one, wild in parts)
    shown = "".join(one if wild or not needs else _escaped(one) for one, wild in parts)
    ending = f" ESCAPE {target.quoted(chr(92))}" if needs else ""
    if target.dialect == "spark":
        ending = ""
    return replace(
        target.make("boolean", f"{{0:b}} LIKE {target.in_template(shown)}{ending}", text), level=4
    )


def _escaped(letter: str) -> str:
    return f"\\{letter}" if letter in "%_\\" else letter


def read_pattern(value: Value) -> patterns.Pattern:
    """A regular expression that is written out."""
    if not isinstance(value.constant, str):
        raise Refused("a regular expression must be written out here")
    return patterns.read_pattern(value.constant)


def _posix(target: Target, text: str, name: str) -> str:
    if not text:
        raise Refused(f"the pattern of `{name}` cannot be written for {target.dialect}")
    return target.in_template(text)


def regexp_like(target: Target, text: Value, pattern: Value) -> Value:
    """`RLIKE`: whether a text holds a match."""
    text = target.implicit(text, "string")
    if pattern.type == "void":
        return target.null("boolean")
    read = read_pattern(pattern)
    if target.dialect == "spark":
        return target.make("boolean", f"{{0:b}} RLIKE {target.in_template(pattern.constant)}", text)
    if target.dialect == "duckdb":
        return target.make(
            "boolean", f"REGEXP_MATCHES({{0}}, {target.in_template(read.seeking)})", text
        )
    if target.dialect == "bigquery":
        return target.make(
            "boolean", f"REGEXP_CONTAINS({{0}}, {target.in_template(read.seeking)})", text
        )
    if target.dialect == "postgres":
        return target.make(
            "boolean", f"{{0:b}} ~ {_posix(target, read.posix_seeking, 'rlike')}", text
        )
    raise Refused(f"`rlike` cannot be written for {target.dialect}")


def _regexp_replace(target: Target, values: Sequence[Value]) -> Value:
    text, pattern, replacement = values
    read = read_pattern(pattern)
    parts = patterns.read_replacement(replacement.constant, read.groups)
    if read.can_be_empty:
        raise Refused(
            f"the pattern '{pattern.constant}' of `regexp_replace` can match nothing at all, which "
            "databases replace in different ways"
        )
    if target.dialect == "spark":
        return target.make("string", "REGEXP_REPLACE({0}, {1}, {2})", *values)
    by = "".join(f"\\{p}" if isinstance(p, int) else p.replace("\\", "\\\\") for p in parts)
    if target.dialect == "duckdb":
        shape, ending = target.in_template(read.text), ", 'g'"
    elif target.dialect == "bigquery":
        shape, ending = target.in_template(read.text), ""
    elif target.dialect == "postgres" and read.is_simple:
        shape, ending = _posix(target, read.posix, "regexp_replace"), ", 'g'"
    else:
        raise Refused(f"this `regexp_replace` cannot be written for {target.dialect}")
    return target.make(
        "string", f"REGEXP_REPLACE({{0}}, {shape}, {target.in_template(by)}{ending})", text
    )


def _regexp_extract(target: Target, values: Sequence[Value]) -> Value:
    text, pattern = values[:2]
    group = values[2].constant if len(values) > 2 else 1
    read = read_pattern(pattern)
    if not 0 <= group <= read.groups:
        raise Refused(f"the pattern of `regexp_extract` has no group {group}")
    if target.dialect == "spark":
        return target.make("string", f"REGEXP_EXTRACT({{0}}, {{1}}, {group})", text, pattern)
    if target.dialect == "duckdb":
        shape = target.in_template(read.seeking if group else read.text)
        return target.make("string", f"REGEXP_EXTRACT({{0}}, {shape}, {group})", text)
    if target.dialect == "postgres" and read.is_simple and (group or not read.groups):
        shape = _posix(target, read.posix_seeking if group else read.posix, "regexp_extract")
        found = f"COALESCE((REGEXP_MATCH({{0}}, {shape}))[{group or 1}], '')"
        return target.make("string", f"CASE WHEN {{0}} IS NOT NULL THEN {found} END", text)
    if target.dialect == "bigquery" and (group == 1 == read.groups or group == 0 == read.groups):
        found = f"COALESCE(REGEXP_EXTRACT({{0}}, {target.in_template(read.text)}), '')"
        return target.make("string", f"CASE WHEN {{0}} IS NOT NULL THEN {found} END", text)
    raise Refused(f"this `regexp_extract` cannot be written for {target.dialect}")


def _regexp_substr(target: Target, values: Sequence[Value]) -> Value:
    text, pattern = values
    read = read_pattern(pattern)
    if read.can_be_empty:
        raise Refused(
            f"the pattern '{pattern.constant}' of `regexp_substr` can match nothing at all"
        )
    if target.dialect == "spark":
        return target.make("string", "REGEXP_SUBSTR({0}, {1})", text, pattern)
    found = _regexp_extract(target, [text, pattern, target.whole_number(0)])
    return target.make("string", "NULLIF({0}, '')", found)


def _regexp_all(target: Target, values: Sequence[Value]) -> Value:
    text, pattern = values[:2]
    group = values[2].constant if len(values) > 2 else 1
    read = read_pattern(pattern)
    if not 0 <= group <= read.groups:
        raise Refused(f"the pattern of `regexp_extract_all` has no group {group}")
    if read.can_be_empty:
        raise Refused(f"the pattern '{pattern.constant}' can match nothing at all")
    if target.dialect == "spark":
        return target.make(
            "array<string>", f"REGEXP_EXTRACT_ALL({{0}}, {{1}}, {group})", text, pattern
        )
    if target.dialect != "duckdb":
        raise Refused(f"`regexp_extract_all` cannot be written for {target.dialect}")
    shape = target.in_template(read.text)
    return target.make("array<string>", f"REGEXP_EXTRACT_ALL({{0}}, {shape}, {group})", text)


def _regexp_count(target: Target, values: Sequence[Value]) -> Value:
    if target.dialect == "spark":
        read_pattern(values[1])
        made = target.make("int", "REGEXP_COUNT({0}, {1})", *values)
        if read_pattern(values[1]).can_be_empty:
            raise Refused(f"the pattern '{values[1].constant}' can match nothing at all")
        return made
    matches = _regexp_all(target, [*values, target.whole_number(0)])
    return target.make("int", "LEN({0})", matches, bounds=LENGTH, wide=True)


define("regexp_like, regexp, rlike", "string, 'text'", lambda t, v: regexp_like(t, *v), _PATTERNS)
define("regexp_replace", "string, 'text', 'text'", _regexp_replace, _PATTERNS)
define("regexp_extract", "string, 'text', 'number'?", _regexp_extract, _PATTERNS)
define("regexp_substr", "string, 'text'", _regexp_substr, _PATTERNS)
define("regexp_extract_all", "string, 'text', 'number'?", _regexp_all, _PATTERNS)
define("regexp_count", "string, 'text'", _regexp_count, _PATTERNS)
define("ilike", "string, 'text'", lambda t, v: like(t, v[0], v[1], "\\", fold=True), _PATTERNS)
define("like", "string, 'text'", lambda t, v: like(t, v[0], v[1], "\\", fold=False), _PATTERNS)
