"""Texts with places for computed values."""

import math

import pytest

from helpers.personas.predicates import PredicateError
from helpers.personas.templates import parse_template, say


def said(hole: str, value: float, overall: float = math.nan, unit: str | None = None) -> str:
    return say(parse_template(hole).holes[0], value, overall=overall, segments=6, unit=unit)


@pytest.mark.parametrize(
    ("hole", "value", "text"),
    [
        ("{customers}", 1, "1 customer"),
        ("{n}", 2216, "2,216"),
        ("{share}", 0.156, "16%"),
        ("{share(spend)}", 0.31, "31%"),
        ("{percentile(spend)}", 83.2, "83%"),
        ("{rank(spend)}", 2, "second highest"),
        ("{rank(spend)}", math.nan, "unknown"),
        ("{z(spend)}", -0.83, "\u22120.83"),
        ("{mean(spend)}", 1278.58, "1,279"),
        ("{mean(spend) | days}", 1, "1 day"),
        ("{totals(a / b) | percent}", 0.5, "50%"),
        ("{quantile(spend, 75)}", 86, "86"),
    ],
)
def test_say(hole, value, text):
    assert said(hole, value) == text


def test_the_unit_of_the_column_is_used_unless_the_hole_has_its_own():
    assert said("{mean(spend)}", 90, unit="money £") == "£90"
    assert said("{mean(spend) | none}", 90, unit="money £") == "90"


def test_times_compares_with_all():
    assert said("{times(spend)}", 1278.58, overall=607) == "2.1 times the average"


def test_holes_name_their_columns_once():
    template = parse_template("{mean(a + b)} and {quantile(a, 5)} of {label(c)}")
    assert template.names == ("a", "b", "c")
    assert template.holes[1].percent == 5.0


def test_braces_of_their_own_are_doubled():
    assert parse_template("a {{b}} c").filled({}) == "A {b} c"


def test_a_filled_text_starts_with_a_capital():
    assert parse_template("{customers} in all").filled({"customers": "no customers"}) == (
        "No customers in all"
    )


def test_typed_figures_are_found():
    assert parse_template("within 90 days, {quantile(a, 75)}").typed_figures == ("90",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{mode(a)}", "no measure"),
        ("{mean(a}", r"expected `\)`"),
        ("a { b", "stands alone"),
        ("a } b", "stands alone"),
        ("{quantile(a)}", "a figure below 100"),
        ("{quantile(a, 100)}", "a figure below 100"),
        ("{}", "`nothing` is no measure"),
        ("{a.__class__}", "no measure|cannot be read"),
    ],
)
def test_what_cannot_be_read_says_why(text, message):
    with pytest.raises(PredicateError, match=message):
        parse_template(text)
