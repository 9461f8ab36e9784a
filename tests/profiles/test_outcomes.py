"""Outcome rates, their intervals and tests, and what segments are made of."""

import itertools

import numpy as np
import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.figures.profiles import outcome_rates_caption
from helpers.narrative.profiles_chapter import first_outcome, outcome_caption, outcome_rows
from helpers.profiles.numbering import number_segments
from helpers.profiles.outcomes import (
    lift_tests,
    makeup,
    makeup_sentences,
    outcome_sentences,
    outcome_table,
    private_columns,
    rates,
    spend_by_category,
    spend_sentences,
    wilson,
)

OUTCOMES = [
    "Response",
    "AcceptedCmp1",
    "AcceptedCmp2",
    "AcceptedCmp3",
    "AcceptedCmp4",
    "AcceptedCmp5",
    "Complain",
]
NAMES = {1: "Spenders", 2: "Savers"}


def test_wilson_by_hand():
    low, high = wilson([0, 9, 5, 0], [9, 9, 10, 0])
    assert low.tolist() == pytest.approx([0.0, 0.70085, 0.23659, np.nan], abs=1e-5, nan_ok=True)
    assert high.tolist() == pytest.approx([0.29915, 1.0, 0.76341, np.nan], abs=1e-5, nan_ok=True)


@pytest.mark.parametrize(("n", "rate"), [(40, 0.1), (40, 0.5), (400, 0.06), (9, 0.15)])
def test_wilson_covers_the_true_rate(n, rate):
    hits = np.random.default_rng(1).binomial(n, rate, 20_000)
    low, high = wilson(hits, np.full(20_000, n))
    assert 0.93 <= float(((low <= rate) & (rate <= high)).mean()) <= 0.99


def test_rates_by_hand():
    table = pd.DataFrame({"a": [1, 1, 0, 0, 0, 0, 0, 1], "b": [True, np.nan] * 4})
    found = rates(table, [1, 1, 1, 1, 2, 2, 2, None], ["a", "b"], floor=2)
    assert found["outcome"].tolist() == ["a", "a", "b", "b"]
    assert found["n"].tolist() == [4, 3, 2, 2]
    assert found["positives"].tolist() == [2, 0, 2, 2]
    assert found["rate"].tolist() == [0.5, 0.0, 1.0, 1.0]
    assert found["overall"].tolist() == pytest.approx([2 / 7, 2 / 7, 1.0, 1.0])
    assert found["lift"].tolist() == pytest.approx([1.75, 0.0, 1.0, 1.0])
    assert (found["low"] <= found["rate"]).all()
    assert (found["rate"] <= found["high"]).all()


def test_small_segments_are_not_broken_down():
    table = pd.DataFrame({"a": [1] * 4 + [0] * 6})
    found = outcome_table(table, [1] * 4 + [2] * 6, ["a"])
    assert found.loc[0, ["positives", "rate", "low", "high", "lift", "p"]].isna().all()
    assert not found.loc[0, "significant"]
    assert found.loc[1, "rate"] == 0.0


def test_an_outcome_that_nobody_has():
    table = pd.DataFrame({"a": [0] * 12})
    found = outcome_table(table, [1] * 6 + [2] * 6, ["a"])
    assert found["lift"].isna().all()
    assert not found["significant"].any()
    assert outcome_sentences(found, NAMES) == {"a": "A: no customer."}


def test_an_outcome_holds_nothing_but_0_and_1():
    with pytest.raises(TableError, match="`a` is declared as an outcome and holds 3"):
        rates(pd.DataFrame({"a": [0, 3]}), [1, 2], ["a"])


@pytest.mark.parametrize(
    ("cells", "p"),
    [
        # R: fisher.test(matrix(c(3, 1, 1, 3), 2)), the lady tasting tea.
        ((3, 1, 1, 3), 0.4857142857142857),
        # R: fisher.test(matrix(c(2, 10, 15, 3), 2)), convictions of twins (Fisher 1962).
        ((2, 10, 15, 3), 0.0005367241),
        # scipy.stats.fisher_exact: one of few, unequal sizes, a tail far out.
        ((1, 1, 10, 188), 0.10723618090452264),
        ((9, 11, 30, 950), 9.87247200989792e-09),
        ((600, 400, 400, 8600), 0.0),
    ],
)
def test_a_p_value_is_fishers(cells, p):
    a, b, c, d = cells
    table = pd.DataFrame({"a": [1] * a + [0] * b + [1] * c + [0] * d})
    found = lift_tests(table, [1] * (a + b) + [2] * (c + d), ["a"], floor=1)
    assert found["p"].tolist() == pytest.approx([p] * 2, rel=1e-6, abs=1e-300)
    # Two segments are one test.
    assert found["p_adjusted"].tolist() == pytest.approx([p] * 2, rel=1e-6, abs=1e-300)


def test_z_is_hypergeometric():
    # scipy.stats.hypergeom(10, 5, 5): mean 2.5, deviation 0.8333.
    table = pd.DataFrame({"a": [1] * 5 + [0] * 5})
    found = lift_tests(table, [1] * 5 + [2] * 5, ["a"])
    assert found["z"].tolist() == pytest.approx([3.0, -3.0])


def test_adjusted_p_values_by_hand():
    # 10 customers in segments of 5, 3 and 2; 5 have `a` and 1 has `b`.
    # Positives of `a` are 5, 0, 0; of `b` 1, 0, 0.
    table = pd.DataFrame({"a": [1] * 5 + [0] * 5, "b": [1] + [0] * 9})
    found = lift_tests(table, [1] * 5 + [2] * 3 + [3] * 2, ["a", "b"], floor=1)
    # hypergeometric of 0..n positives, out of 252 (n = 5), 120 (n = 3), 45 (n = 2):
    # 1, 25, 100, 100, 25, 1; 10, 50, 50, 10; 10, 25, 10. Of `b`: 1/2, 1/2; 0.7, 0.3; 0.8, 0.2.
    assert found["p"].tolist() == pytest.approx([2 / 252, 20 / 120, 20 / 45, 1.0, 1.0, 1.0])
    # 2/252 can be reached by the first test alone; 1/6 by the second (and not by 20/45 of the
    # third, nor by 0.3 and 0.2 of `b`); 20/45 by the third, 0.3 and 0.2 by `b`.
    assert found["p_adjusted"].tolist() == pytest.approx(
        [2 / 252, 20 / 120, 20 / 45 + 0.3 + 0.2, 1.0, 1.0, 1.0]
    )
    assert found["significant"].tolist() == [True] + [False] * 5


def test_no_level_is_exceeded_among_all_ways_to_deal_the_segments():
    table = pd.DataFrame({"a": [1, 1, 1, 0, 0, 0, 0], "b": [0, 0, 1, 1, 0, 0, np.nan]})
    least = []
    for first in itertools.combinations(range(7), 3):
        rest = [place for place in range(7) if place not in first]
        for second in itertools.combinations(rest, 2):
            segments = [1 if i in first else 2 if i in second else 3 for i in range(7)]
            least.append(lift_tests(table, segments, ["a", "b"], floor=1)["p_adjusted"].min())
    assert len(least) == 210
    for level in np.unique(least):
        assert np.mean(np.array(least) <= level) <= level + 1e-12


def test_one_true_lift_among_360_is_found_whatever_their_number():
    random = np.random.default_rng(0)
    segments = random.integers(1, 13, 12_000)
    table = pd.DataFrame(
        random.random((12_000, 30)) < 0.1, columns=[f"o{i}" for i in range(30)]
    ).astype(int)
    table.loc[segments == 4, "o7"] = (random.random((segments == 4).sum()) < 0.6).astype(int)
    found = lift_tests(table, segments, list(table.columns))
    (place,) = found.index[(found["outcome"] == "o7") & (found["segment"] == 4)]
    assert found.loc[place, "z"] > 35
    assert found.loc[place, "p_adjusted"] < 1e-100
    assert set(found.loc[found["significant"], "outcome"]) == {"o7"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rates_of", "sizes"),
    [
        ([0.15, 0.06, 0.07, 0.013], [300, 400, 300]),
        ([0.01, 0.02, 0.015, 0.01, 0.02], [20, 30, 25, 300, 225]),
        ([0.3], [150, 250]),
    ],
)
def test_where_there_is_nothing_the_family_wise_error_is_at_most_five_percent(rates_of, sizes):
    random = np.random.default_rng(5)
    segments = np.repeat(np.arange(1, len(sizes) + 1), sizes)
    names = list("abcde"[: len(rates_of)])
    called = sum(
        lift_tests(
            pd.DataFrame(random.random((sum(sizes), len(names))) < rates_of, columns=names),
            segments,
            names,
        )["significant"].any()
        for _ in range(200)
    )
    # At a true 5 % more than 17 of 200 come once in 100 times (scipy.stats.binom).
    assert called <= 17


def test_a_rare_outcome_of_a_tiny_segment_does_not_drown_a_clear_lift():
    random = np.random.default_rng(0)
    segments = np.array([1] * 400 + [2] * 400 + [3] * 6)
    table = pd.DataFrame(
        {
            "clear": (random.random(806) < np.where(segments == 1, 0.24, 0.14)).astype(int),
            "rare": (random.random(806) < 0.004).astype(int),
        }
    )
    found = lift_tests(table, segments, ["clear", "rare"])
    assert found.loc[0, "significant"]
    assert not found.loc[3:, "significant"].any()


def test_many_lifts_make_each_harder_to_call():
    random = np.random.default_rng(2)
    table = pd.DataFrame(random.random((300, 5)) < 0.3, columns=list("abcde")).astype(int)
    found = lift_tests(table, random.integers(1, 5, 300), list("abcde"))
    least = found.loc[found["p"].idxmin()]
    # Never more than Bonferroni's twenty.
    assert 10 * least["p"] < least["p_adjusted"] <= 20 * least["p"]
    assert (found["p_adjusted"] >= found["p"]).all()


def test_a_segment_whose_outcome_is_hardly_known_is_neither_shown_nor_called():
    table = pd.DataFrame({"a": [1] * 4 + [np.nan] * 6 + [0] * 30})
    found = outcome_table(table, [1] * 10 + [2] * 30, ["a"])
    assert found.loc[0, "n"] == 4
    assert found.loc[0, ["rate", "z", "p", "p_adjusted"]].isna().all()
    assert found["significant"].tolist() == [False, True]
    # Now the test of segment 2 is not that of segment 1 as well.
    assert found.loc[1, "p_adjusted"] == found.loc[1, "p"]


def test_the_order_of_the_rows_changes_nothing():
    table = pd.DataFrame({"a": [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]})
    segments = [1] * 6 + [2] * 6
    one = lift_tests(table, segments, ["a"])
    order = np.random.default_rng(0).permutation(12)
    two = lift_tests(table.iloc[order], np.array(segments)[order], ["a"])
    pd.testing.assert_frame_equal(one, two)


def test_sentence_table_and_picture_tell_of_the_same_segments():
    # The intervals of two segments exclude the average; among 24 rates one lift is called.
    table = pd.DataFrame({f"o{i}": (np.arange(1000) % 10 == i).astype(int) for i in range(8)})
    table["o0"] = [1] * 58 + [0] * 342 + [1] * 28 + [0] * 372 + [1] * 15 + [0] * 185
    segments = np.repeat([1, 2, 3], [400, 400, 200])
    people = {1: "Ones", 2: "Twos", 3: "Threes"}
    found = outcome_table(table, segments, list(table.columns))
    ((drawn, options),) = first_outcome(found, {})
    outside = (drawn["low"] > options["overall"]) | (drawn["high"] < options["overall"])
    assert outside.tolist() == [True, True, False]
    assert found["significant"].tolist() == [True] + [False] * 23
    said = outcome_sentences(found, people)["o0"]
    assert "1 segment differs by more than chance: Ones with 14.5%" in said
    assert "Twos" not in said
    shown = outcome_rows(found, people, {})
    assert shown["apart from chance"].tolist() == ["yes"] + ["no"] * 23
    assert outcome_caption(found).startswith("1 of 24 rates differs from the average")
    assert options["apart"] == [1]
    assert outcome_rates_caption(drawn, **options, names=people).endswith(
        "; 1 of 3 segments differs from the average by more than chance."
    )


def test_a_segment_below_the_floor_is_counted_neither_way():
    table = pd.DataFrame({"a": [1] * 4 + [0] * 6})
    found = outcome_table(table, [1] * 4 + [2] * 6, ["a"])
    assert outcome_rows(found, NAMES, {})["apart from chance"].tolist() == ["", "yes"]
    assert outcome_caption(found).startswith("1 of 1 rate differs")


def test_makeup_by_hand():
    table = pd.DataFrame(
        {"town": ["A"] * 10 + ["B"] * 5 + ["C"] * 2, "kids": [0.0] * 16 + [np.nan]}
    )
    found = makeup(table, [1] * 10 + [2] * 7, ["town", "kids"], floor=3)
    town = found[found["column"] == "town"]
    assert town["category"].tolist() == ["A", "B", "all others"] * 2
    assert town["n"].tolist() == [10, 0, 0, 0, 5, pd.NA]
    assert town["share"].tolist() == pytest.approx([1, 0, 0, 0, 5 / 7, np.nan], nan_ok=True)
    assert town["overall"].tolist() == pytest.approx([10 / 17, 5 / 17, 2 / 17] * 2)
    kids = found[found["column"] == "kids"]
    assert kids["category"].tolist() == ["0", "all others"] * 2


def test_makeup_leaves_out_small_segments_and_joins_rare_categories():
    table = pd.DataFrame({"town": list("ABCDEFGH") * 5 + ["A"] * 2})
    found = makeup(table, [1] * 40 + [2] * 2, ["town"], most=4)
    assert found["segment"].unique().tolist() == [1]
    assert found["category"].tolist() == ["A", "B", "C", "all others"]
    assert found["n"].tolist() == [5, 5, 5, 25]


def test_makeup_sentences():
    table = pd.DataFrame({"kids": [0] * 10 + [1] * 10, "town": ["A"] * 20})
    found = makeup(table, [1] * 10 + [2] * 10, ["kids", "town"])
    assert makeup_sentences(found, NAMES, labels={"kids": "children at home"}) == {
        1: "Of the Spenders, 100% have no children at home (against 50% of all customers).",
        2: "Of the Savers, 100% have 1 child at home (against 50% of all customers).",
    }
    alike = makeup(table, [1, 2] * 10, ["town"])
    assert makeup_sentences(alike, NAMES)[1] == (
        "The Spenders are made up much like all customers."
    )


def test_spend_by_category_by_hand():
    table = pd.DataFrame({"wine": [60.0, 20.0, 5.0, 5.0], "meat": [20.0, 0.0, 5.0, 5.0]})
    found = spend_by_category(table, [1, 1, 2, 2], ["wine", "meat"], floor=2)
    assert found["total"].tolist() == [80.0, 20.0, 10.0, 10.0]
    assert found["mean"].tolist() == [40.0, 10.0, 5.0, 5.0]
    assert found["share"].tolist() == [0.8, 0.2, 0.5, 0.5]
    assert found["overall"].tolist() == [0.75, 0.25, 0.75, 0.25]
    assert spend_sentences(found, NAMES) == {
        1: "Spenders spend most on wine, 80% of their spending against 75% of all spending.",
        2: "Savers spend most on wine, 50% of their spending, and favour meat (50% against 25% of "
        "all spending).",
    }


def test_no_spending_at_all():
    found = spend_by_category(pd.DataFrame({"wine": [0.0] * 5}), [1] * 5, ["wine"])
    assert spend_sentences(found, NAMES) == {1: "Spenders spend nothing."}


@pytest.fixture(scope="module")
def customers(seed_data) -> pd.DataFrame:
    table = pd.read_csv(seed_data / "featured.csv")
    table = table[table["Income"].notna()].reset_index(drop=True)
    published = pd.read_csv(seed_data / "predictions.csv")["prediction"]
    return table.assign(published=published)


@pytest.mark.seed_data
def test_the_published_response_rates(customers):
    segments = number_segments(customers["published"], customers["Total_Spending"])
    raw = customers["published"].groupby(segments.to_numpy()).first()
    found = rates(customers, segments, ["Response"])
    found.index = found["segment"].map(raw)
    shown = (100 * found[["rate", "low", "high"]]).round(1)
    assert shown.loc[5].tolist() == [26.2, 21.8, 31.2]
    assert shown.loc[2].tolist() == [5.7, 3.9, 8.3]
    assert found.loc[4, ["positives", "n"]].tolist() == [0, 9]


@pytest.mark.seed_data
def test_the_published_lifts(customers):
    segments = number_segments(customers["published"], customers["Total_Spending"])
    found = outcome_table(customers, segments, OUTCOMES)
    said = outcome_sentences(found, {n: f"Segment {n}" for n in range(1, 7)})
    assert (
        "Segment 3 with 26.2% (74% above average; 95% interval 21.8% to 31.2%)"
        in (said["Response"])
    )
    assert said["Complain"].endswith("No segment differs by more than chance would explain.")


@pytest.mark.slow
@pytest.mark.seed_data
def test_shuffled_outcomes_call_no_lift_significant(customers):
    segments = number_segments(customers["published"], customers["Total_Spending"]).to_numpy()
    flags = customers[OUTCOMES]
    called = sum(
        lift_tests(flags.sample(frac=1, random_state=shuffle), segments, OUTCOMES)[
            "significant"
        ].any()
        for shuffle in range(200)
    )
    # Five per cent of 200, give or take two and a half deviations.
    assert called <= 17


def test_without_outcomes_there_are_no_rates():
    found = outcome_table(pd.DataFrame({"a": [1, 2, 3]}), [1, 1, 2], [])
    assert found.empty
    assert {"outcome", "segment", "rate", "significant"} <= set(found.columns)


def test_nothing_is_shown_of_a_column_of_names():
    surnames = [f"Smith{n % 30}" for n in range(180)]
    table = pd.DataFrame({"Surname": surnames, "town": ["A", "B", "C"] * 60})
    found = makeup(table, [1, 2] * 90, ["Surname", "town"])
    assert found["column"].unique().tolist() == ["town"]
    assert private_columns(table, ["Surname", "town"]) == ["Surname"]
