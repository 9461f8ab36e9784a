"""Outcome rates, their intervals and tests, and what segments are made of."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.profiles.numbering import number_segments
from helpers.profiles.outcomes import (
    lift_tests,
    makeup,
    makeup_sentences,
    outcome_sentences,
    outcome_table,
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
    found = outcome_table(table, [1] * 4 + [2] * 6, ["a"], random_state=0, permutations=50)
    assert found.loc[0, ["positives", "rate", "low", "high", "lift", "p"]].isna().all()
    assert not found.loc[0, "significant"]
    assert found.loc[1, "rate"] == 0.0


def test_an_outcome_that_nobody_has():
    table = pd.DataFrame({"a": [0] * 12})
    found = outcome_table(table, [1] * 6 + [2] * 6, ["a"], random_state=0, permutations=50)
    assert found["lift"].isna().all()
    assert not found["significant"].any()
    assert outcome_sentences(found, NAMES) == {"a": "A: no customer."}


def test_an_outcome_holds_nothing_but_0_and_1():
    with pytest.raises(TableError, match="`a` is declared as an outcome and holds 3"):
        rates(pd.DataFrame({"a": [0, 3]}), [1, 2], ["a"])


def test_a_true_lift_is_found_and_a_p_value_is_exact():
    table = pd.DataFrame({"a": [1] * 5 + [0] * 5})
    found = lift_tests(table, [1] * 5 + [2] * 5, ["a"], random_state=0, permutations=20_000)
    # Of the 252 ways to deal five hits, two are as extreme as this one.
    assert found["p"].tolist() == pytest.approx([2 / 252] * 2, abs=0.002)
    assert found["p_adjusted"].tolist() == found["p"].tolist()


def test_a_rare_outcome_of_a_tiny_segment_does_not_drown_a_clear_lift():
    random = np.random.default_rng(0)
    segments = np.array([1] * 400 + [2] * 400 + [3] * 6)
    table = pd.DataFrame(
        {
            "clear": (random.random(806) < np.where(segments == 1, 0.24, 0.14)).astype(int),
            "rare": (random.random(806) < 0.004).astype(int),
        }
    )
    found = lift_tests(table, segments, ["clear", "rare"], random_state=0, permutations=2000)
    assert found.loc[0, "significant"]
    assert not found.loc[3:, "significant"].any()


def test_many_lifts_make_each_harder_to_call():
    random = np.random.default_rng(2)
    table = pd.DataFrame(random.random((300, 5)) < 0.3, columns=list("abcde")).astype(int)
    found = lift_tests(
        table, random.integers(1, 5, 300), list("abcde"), random_state=0, permutations=2000
    )
    least = found.loc[found["p"].idxmin()]
    # Of about fifteen free lifts; never more than Bonferroni's twenty.
    assert 5 * least["p"] < least["p_adjusted"] <= 20 * least["p"] + 0.01
    assert (found["p_adjusted"] >= found["p"]).all()


def test_the_same_seed_gives_the_same_p_values():
    table = pd.DataFrame({"a": [1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]})
    segments = [1] * 6 + [2] * 6
    one = lift_tests(table, segments, ["a"], random_state=3, permutations=200)
    order = np.random.default_rng(0).permutation(12)
    two = lift_tests(
        table.iloc[order], np.array(segments)[order], ["a"], random_state=3, permutations=200
    )
    pd.testing.assert_frame_equal(one, two)


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
    found = outcome_table(customers, segments, OUTCOMES, random_state=1234)
    said = outcome_sentences(found, {n: f"Segment {n}" for n in range(1, 7)})
    assert (
        "Segment 3 with 26.2% (74% above average; 95% interval 21.8% to 31.2%)"
        in (said["Response"])
    )
    assert said["Complain"].endswith("No segment differs by more than chance would explain.")


@pytest.mark.slow
@pytest.mark.seed_data
def test_shuffled_outcomes_call_no_lift_significant(customers):
    segments = number_segments(customers["published"], customers["Total_Spending"])
    flags = customers[OUTCOMES]
    called = sum(
        lift_tests(
            flags.sample(frac=1, random_state=shuffle),
            segments.to_numpy(),
            OUTCOMES,
            random_state=shuffle,
            permutations=499,
        )["significant"].any()
        for shuffle in range(200)
    )
    # Five per cent of 200, give or take two and a half deviations.
    assert called <= 18


def test_without_outcomes_there_are_no_rates():
    found = outcome_table(pd.DataFrame({"a": [1, 2, 3]}), [1, 1, 2], [], random_state=0)
    assert found.empty
    assert {"outcome", "segment", "rate", "significant"} <= set(found.columns)
