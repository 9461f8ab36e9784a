"""The language in which a persona says what must hold."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.personas.predicates import (
    MAX_LENGTH,
    PredicateError,
    column_formula,
    contradictions,
    measure_values,
    parse_formula,
    parse_measure,
    parse_predicate,
    row_values,
)

FRAME = pd.DataFrame(
    {
        "web": [1.0, 3.0, 0.0, 2.0, 4.0],
        "store": [1.0, 1.0, 0.0, 6.0, np.nan],
        "spend": [10.0, 30.0, 20.0, 100.0, 140.0],
    }
)
SEGMENTS = pd.Series([1, 1, 1, 2, 2], dtype="Int64")


def values(*texts: str, **options: object) -> pd.DataFrame:
    measures = {text: parse_measure(text) for text in texts}
    return measure_values(measures, FRAME, SEGMENTS, **options)


def test_measures_by_hand():
    found = values(
        "n", "share", "share(spend)", "mean(store)", "totals(web / (web + store))", "z(spend)"
    )
    assert found.index.tolist() == [1, 2]
    assert found["n"].tolist() == [3, 2]
    assert found["share"].tolist() == [0.6, 0.4]
    assert found["share(spend)"].tolist() == [0.2, 0.8]
    # The missing store count is left out of the mean.
    assert found["mean(store)"].tolist() == [2 / 3, 6.0]
    assert found["totals(web / (web + store))"].tolist() == [4 / 6, 6 / 12]
    # spend: mean 60, population variance (2500 + 900 + 1600 + 1600 + 6400) / 5 = 2600
    assert found["z(spend)"].tolist() == pytest.approx([-40 / 2600**0.5, 60 / 2600**0.5])


def test_a_ratio_of_means_differs_from_the_mean_ratio():
    found = values("mean(web / (web + store))", "totals(web / (web + store))")
    # Customers: 1/2, 3/4, none (0/0), 2/8, missing.
    assert found.loc[1, "mean(web / (web + store))"] == pytest.approx(0.625)
    assert found.loc[2, "mean(web / (web + store))"] == pytest.approx(0.25)


def test_percentile_counts_ties_half_and_rank_starts_at_the_highest():
    found = values("percentile(web)", "rank(spend)")
    # Means 4/3 and 3; below them lie 2 of 5, and 3 of 5 with one equal to it.
    assert found["percentile(web)"].tolist() == [40.0, 70.0]
    assert found["rank(spend)"].tolist() == [2.0, 1.0]


def test_named_formulas_stand_for_their_columns():
    formulas = {"orders": parse_formula("web + store"), "part": parse_formula("web / orders")}
    found = values("totals(part)", "mean(orders)", formulas=formulas)
    assert found["totals(part)"].tolist() == [4 / 6, 6 / 12]
    assert found["mean(orders)"].tolist() == [2.0, 8.0]


def test_a_ratio_to_nought_is_missing():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [0.0, 0.0]})
    found = measure_values({"x": parse_measure("totals(a / b)")}, frame, [1, 2])
    assert found["x"].isna().all()
    assert not parse_predicate("totals(a / b) > 0").holds(math.nan, 2)


@pytest.mark.parametrize(
    ("text", "written", "result"),
    [
        ("a+b*2", "a + b * 2", 7.0),
        ("(a+b)*2", "(a + b) * 2", 8.0),
        ("a-(b-1)", "a - (b - 1)", -1.0),
        ("a/b/2", "a / b / 2", 1 / 6),
        ("-a", "0 - a", -1.0),
        ("`a` + 1e2", "a + 100", 101.0),
        ("a * (1 / 0)", "a * (1 / 0)", math.nan),
    ],
)
def test_formulas(text, written, result):
    formula = parse_formula(text)
    assert formula.text == written
    assert parse_formula(formula.text).text == written
    assert row_values(formula, pd.DataFrame({"a": [1.0], "b": [3.0]}))[0] == pytest.approx(
        result, nan_ok=True
    )


def test_a_column_may_have_any_name():
    formula = column_formula("net spend, £ (2024)")
    assert formula.text == "`net spend, £ (2024)`"
    assert formula.single == "net spend, £ (2024)"
    assert parse_formula(formula.text).names == formula.names
    assert parse_formula("a + b").single is None


@pytest.mark.parametrize(
    ("text", "value", "slack"),
    [
        ("z(a) >= 0.5", 0.5, 0.0),
        ("z(a) >= -0.5", 0.0, 0.5),
        ("percentile(a) <= 40", 55.0, -15.0),
        ("percentile(a) between 40 and 60", 45.0, 5.0),
        ("rank(a) is highest", 1.0, 0.0),
        ("rank(a) is lowest", 6.0, 0.0),
        ("rank(a) is lowest", 5.0, -1.0),
        ("rank(a) = 2", 2.0, 0.0),
        ("rank(a) <= 2", 1.0, 1.0),
        ("n >= 50", 40.0, -10.0),
        ("z(a) >= 0", math.nan, -math.inf),
    ],
)
def test_slack(text, value, slack):
    assert parse_predicate(text).slack(value, 6) == slack


def test_share_takes_a_percent_sign():
    assert parse_predicate("share >= 25%").bounds(4) == (0.25, math.inf)
    assert parse_predicate("share(a) < 0.25").measure.text == "share(a)"


def test_an_open_bound_leaves_itself_out():
    assert not parse_predicate("z(a) > 1").holds(1.0, 3)
    assert not parse_predicate("z(a) < 1").holds(1.0, 3)
    assert parse_predicate("z(a) >= 1").holds(1.0, 3)
    assert parse_predicate("z(a) > 1").holds(1.001, 3)


def test_fit_grows_from_one_to_two():
    predicate = parse_predicate("z(a) >= 0.5")
    assert predicate.fit(0.4, 3) == 0.0
    assert predicate.fit(0.5, 3) == 1.0
    assert predicate.fit(1.0, 3) == 1.5
    assert predicate.fit(math.inf, 3) == 2.0


@given(st.floats(-5, 5), st.floats(0, 5))
def test_fit_is_monotonic_inside_the_bounds(value, further):
    predicate = parse_predicate("z(a) >= 0.5")
    assert predicate.fit(value + further, 3) >= predicate.fit(value, 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cluster = 3", "`cluster` is no measure"),
        ("z(a) = 3", "expected `>`, `>=`, `<`, `<=`, `between` after `z"),
        ("rank(a) near 3", "or, for a rank, `is`"),
        ("z(a) >", "expected a figure at the end"),
        ("z(a > 1", r"expected `\)` before `>`"),
        ("z() > 1", r"expected a column before `\)`"),
        ("z(3) > 1", "at least one column"),
        ("z(a) > 1 2", "`2` is left over"),
        ("z(a) between 3", "`between` a figure `and` a figure"),
        ("z(a) between 3 and 1", "wrong order"),
        ("z(a.b) > 1", "cannot be read"),
        ("z(__import__('os')) > 1", "cannot be read|expected"),
        ("z(a ** b) > 1", "expected a column"),
        ("", "`nothing` is no measure"),
        ("z(" + "(" * MAX_LENGTH, "longer than"),
    ],
)
def test_what_cannot_be_read_says_why(text, message):
    with pytest.raises(PredicateError, match=message):
        parse_predicate(text)


@given(st.text(max_size=60))
def test_no_text_raises_anything_but_its_own_error(text):
    for read in (parse_predicate, parse_formula, parse_measure):
        try:
            read(text)
        except PredicateError:
            continue


@pytest.mark.parametrize(
    ("texts", "count"),
    [
        (["z(a) > 1", "z(a) < 2"], 0),
        (["z(a) > 1", "z(a) < 1"], 1),
        (["z(a) >= 1", "z(a) <= 1"], 0),
        (["z(a) > 1", "z(b) < 0"], 0),
        (["percentile(a) > 100"], 1),
        (["share < 0%"], 1),
        (["rank(a) is highest", "rank(a) is lowest"], 1),
        (["rank(a) is lowest", "rank(a) >= 2"], 0),
        (["rank(a) < 1"], 1),
        (["z(web/store) > 1", "z(web / store) < 0"], 1),
    ],
)
def test_contradictions(texts, count):
    assert len(contradictions([parse_predicate(text) for text in texts])) == count
