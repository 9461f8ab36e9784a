"""Every figure and word of judgement that prose may hold."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import words

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0, None, "0"),
        (-0.0, None, "0"),
        (0, "orders", "0 orders"),
        (1, "orders", "1 order"),
        (0.996, "orders", "1 order"),
        (1.04, "visits", "1 visit"),
        (-1, "days", "\u22121 day"),
        (7.894, "orders", "7.9 orders"),
        (9.96, "orders", "10 orders"),
        (9.94, "orders", "9.9 orders"),
        (59.77, "years", "60 years"),
        (76750.22, "money", "76,750"),
        (76750.22, "money £", "£76,750"),
        (-1234.5, "money €", "\u2212€1,234"),
        (999.7, None, "1,000"),
        (1_234_567.8, None, "1,234,568"),
        (0.326, None, "0.33"),
        (0.0995, None, "0.1"),
        (0.0213, None, "0.021"),
        (0.0001, None, "almost 0"),
        (-0.0001, None, "almost 0"),
        (0.25, "percent", "25%"),
        (4.87, "orders per visit", "4.9 orders per visit"),
        (1.0, "orders per visit", "1 order per visit"),
        (2, "none", "2"),
        (2, "", "2"),
        (NAN, "days", "unknown"),
        (None, "money", "unknown"),
        (math.inf, None, "unbounded"),
    ],
)
def test_number(value, unit, said):
    assert words.number(value, unit) == said


def test_number_with_fixed_digits():
    assert words.number(0.2863, digits=3) == "0.286"
    assert words.number(-0.0001, digits=2) == "0.00"
    assert words.number(59285.874, "money £", digits=2) == "£59,285.87"


@pytest.mark.parametrize(
    ("fraction", "said"),
    [
        (0, "0%"),
        (0.00049, "less than 0.1%"),
        (0.0005, "0.1%"),
        (0.0571, "5.7%"),
        (0.05, "5%"),
        (0.0994, "9.9%"),
        (0.0996, "10%"),
        (0.2618, "26%"),
        (0.9949, "99%"),
        (0.9951, "99.5%"),
        (0.9996, "more than 99.9%"),
        (1, "100%"),
        (3.5, "350%"),
        (-0.31, "\u221231%"),
        (NAN, "unknown"),
        (None, "unknown"),
    ],
)
def test_percent(fraction, said):
    assert words.percent(fraction) == said


def test_percent_with_fixed_digits():
    assert words.percent(0.2618, digits=1) == "26.2%"
    assert words.percent(-0.0001, digits=1) == "0.0%"


def test_points_have_a_singular():
    assert words.points(0.01) == "1 percentage point"
    assert words.points(-0.114) == "11 percentage points"
    assert words.points(NAN) == "unknown"


def test_interval_says_the_unit_once():
    assert words.interval(0.218, 0.312, "percent", digits=1) == "21.8% to 31.2%"
    assert words.interval(0.5, 1, "days") == "0.5 to 1 days"
    assert words.interval(10, 20, "money £") == "£10 to £20"
    assert words.interval(NAN, 20, "days") == "unknown to 20 days"


def test_p_value_is_never_nought():
    assert words.p_value(0.0) == "p < 0.001"
    assert words.p_value(0.0999) == "p = 0.10"
    assert words.p_value(0.034) == "p = 0.034"
    assert words.p_value(None) == "p unknown"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (2.41, "2.4 times the average"),
        (2.0, "twice the average"),
        (17.2, "17 times the average"),
        (1.02, "about the same as the average"),
        (0.5, "half the average"),
        (0.33, "a third of the average"),
        (0.25, "a quarter of the average"),
        (0.04, "less than a tenth of the average"),
        (0, "none of the average"),
        (0.8, "0.8 times the average"),
        (-2, "not comparable with the average"),
        (math.inf, "not comparable with the average"),
        (NAN, "not comparable with the average"),
    ],
)
def test_times(ratio, said):
    assert words.times(ratio, "the average") == said


def test_times_alone():
    assert [words.times(r) for r in (2.41, 1, 0.5, None)] == [
        "2.4 times",
        "about the same",
        "half",
        "not comparable",
    ]


@pytest.mark.parametrize(
    ("value", "reference", "unit", "said"),
    [
        (1278.58, 607.1, "money", "2.1 times the average"),
        (76750, 52247, "money", "47% above the average"),
        (34, 49, "days", "31% below the average"),
        (49.2, 49.1, "days", "about the same as the average"),
        (0.0, 49.1, "days", "none of the average"),
        (0.49, 0.42, "percent", "7 percentage points above the average"),
        (0.41, 0.42, "percent", "about the same as the average"),
        (5, 0, "orders", "5 orders above the average"),
        (-5, 10, None, "15 below the average"),
        (-5, -10, None, "5 above the average"),
        (0, 0, None, "about the same as the average"),
        (NAN, 1, None, "not comparable with the average"),
        (1, None, None, "not comparable with the average"),
    ],
)
def test_comparison(value, reference, unit, said):
    assert words.comparison(value, reference, unit=unit) == said


def test_against_average_is_short():
    assert words.against_average(0.35, 0.42, unit="percent") == "7 percentage points below average"
    assert words.against_average(10, 20) == "half the average"
    assert words.against_average(NAN, 20) == "not comparable with the average"


@given(
    st.floats(0.01, 1e6, allow_nan=False),
    st.floats(0.01, 1e6, allow_nan=False),
)
def test_a_comparison_takes_the_side_of_the_value(value, reference):
    said = words.comparison(value, reference)
    if "above" in said:
        assert value > reference
    if "below" in said:
        assert value < reference


@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_a_figure_is_near_its_value(value):
    said = words.number(value)
    if said == "almost 0":
        assert abs(value) < 0.001
        return
    read = float(said.replace(",", "").replace(words.MINUS, "-"))
    assert read == pytest.approx(value, rel=0.055, abs=0.0006)
    assert read * value >= 0


@given(st.floats(0, 1, allow_nan=False))
def test_a_percentage_is_whole_or_nought_only_where_it_is(fraction):
    said = words.percent(fraction)
    assert (said == "0%") == (fraction == 0)
    assert (said == "100%") == (fraction == 1)


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [
        (0, "customer", "no customers"),
        (1, "customer", "1 customer"),
        (2216, "customer", "2,216 customers"),
        (2, "category", "2 categories"),
        (2, "day", "2 days"),
        (3, "person", "3 people"),
        (3, "store visit", "3 store visits"),
        (2, "match", "2 matches"),
        (7.9, "order", "7.9 orders"),
        (NAN, "order", "an unknown number of orders"),
    ],
)
def test_plural(count, noun, said):
    assert words.plural(count, noun) == said


def test_plural_takes_a_given_plural():
    assert words.plural(2, "persona", "personae") == "2 personae"


def test_singular_undoes_the_plural():
    for noun in ("day", "category", "person", "match", "class", "child", "box"):
        assert words.singular(words.plural_of(noun)) == noun
    assert words.singular("less") == "less"


@pytest.mark.parametrize(
    ("n", "said"), [(1, "first"), (3, "third"), (12, "twelfth"), (13, "13th"), (22, "22nd")]
)
def test_ordinal(n, said):
    assert words.ordinal(n) == said


def test_ordinal_of_the_teens_beyond_a_hundred():
    assert [words.ordinal(n) for n in (111, 112, 113, 121)] == ["111th", "112th", "113th", "121st"]


def test_rank_word_counts_from_the_nearer_end():
    assert [words.rank_word(r, 5) for r in range(1, 6)] == [
        "highest",
        "second highest",
        "third highest",
        "second lowest",
        "lowest",
    ]
    assert words.rank_word(1, 1) == "only"
    assert words.rank_word(2, 2, high="largest", low="smallest") == "smallest"


def test_listing():
    assert words.listing([]) == ""
    assert words.listing(["a"]) == "a"
    assert words.listing(["a", "b"], conjunction="or") == "a or b"
    assert words.listing(["a", "b", "c"]) == "a, b and c"
    assert words.listing(["a, so", "b", "c"]) == "a, so; b and c"
    assert words.listing(["income of 1,200", "b", "c"]) == "income of 1,200, b and c"


def test_sentence():
    assert words.sentence("half of them", "stay") == "Half of them stay."
    assert words.sentence("done.") == "Done."
    assert words.sentence("", " ") == ""


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("Total_Spending", "total spending"),
        ("NumWebVisitsMonth", "web visits month"),
        ("Income", "income"),
        ("RFMScore", "RFM score"),
        ("größe_m2", "größe m2"),
        ("_", "_"),
    ],
)
def test_label_of_a_column_without_one(column, said):
    assert words.label(column) == said


def test_a_given_label_wins():
    assert words.label("Recency", {"Recency": "days since the last order"}) == (
        "days since the last order"
    )


@pytest.mark.parametrize(
    ("value", "name", "unit", "said"),
    [
        (76750.22, "income", "money", "an income of 76,750"),
        (1278.6, "spending", "money £", "spending of £1,279"),
        (59.8, "age", "years", "an age of 60 years"),
        (7.89, "web orders", "orders", "7.9 web orders"),
        (1, "web orders", "orders", "1 web order"),
        (1, "orders", "orders", "1 order"),
        (73.8, "days since the last order", "days", "74 days since the last order"),
        (1, "days since the last order", "days", "1 day since the last order"),
        (6.4, "web visits a month", "visits", "6.4 web visits a month"),
        (0.49, "web share of orders", "percent", "a web share of orders of 49%"),
        (3.2, "parcels", None, "3.2 parcels"),
        (2, "children at home", None, "2 children at home"),
        (1, "children at home", None, "1 child at home"),
        (3.2, "bonus", None, "a bonus of 3.2"),
        (NAN, "income", "money", "an income of unknown"),
    ],
)
def test_quantity(value, name, unit, said):
    assert words.quantity(value, name, unit) == said


@pytest.mark.parametrize(
    ("low", "high", "name", "unit", "said"),
    [
        (6, math.inf, "web orders", "orders", "at least 6 web orders"),
        (1, math.inf, "web orders", "orders", "at least 1 web order"),
        (-math.inf, 1, "orders", None, "at most 1 order"),
        (2, 2, "web orders", "orders", "2 web orders"),
        (2, 5, "web visits a month", "visits", "2 to 5 web visits a month"),
        (
            -math.inf,
            48,
            "days since the last order",
            "days",
            "at most 48 days since the last order",
        ),
        (59500, math.inf, "income", "money £", "an income of at least £59,500"),
        (1235, 2470, "spending", "money", "spending of 1,235 to 2,470"),
        (18, 30, "age", "years", "an age of 18 to 30 years"),
        (0.105, math.inf, "web share", "percent", "a web share of at least 10.5%"),
        (-math.inf, -2, "balance", "none", "a balance of at most \u22122"),
        (-math.inf, math.inf, "age", "years", "any age"),
    ],
)
def test_bounded(low, high, name, unit, said):
    assert words.bounded(low, high, name, unit) == said


def test_stability_words_at_their_thresholds():
    said = [words.stability_word(v) for v in (0.85, 0.8499, 0.75, 0.7499, 0.6, 0.5999, None)]
    assert said == [
        "highly stable",
        "stable",
        "stable",
        "doubtful",
        "doubtful",
        "unstable",
        "unknown",
    ]


def test_effect_words_at_their_thresholds():
    said = [words.effect_word(v) for v in (0.14, 0.06, 0.01, 0.0099)]
    assert said == ["large", "medium", "small", "negligible"]
    assert words.effect_word(0.185, "cramers_v", categories=2) == "small"
    assert words.effect_word(0.185, "cramers_v", categories=4) == "medium"
    with pytest.raises(ValueError, match="eta_squared"):
        words.effect_word(0.1, "r")


def test_no_phrase_has_double_spaces_or_a_bare_nan():
    for value in (0, 1, -3.2, 0.004, 1e9, NAN, None, math.inf):
        for unit in (None, "money", "money £", "percent", "days", "orders per visit"):
            said = words.number(value, unit)
            assert not re.search(r"  |nan|inf\b|None", said), said
