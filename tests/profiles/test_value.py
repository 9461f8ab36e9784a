"""Where the value lies, and what to do first."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import TableError
from helpers.profiles.value import (
    gini,
    lorenz,
    top_share,
    value_sentences,
    value_shares,
)

FRAME = pd.DataFrame({"spend": [60.0, 20.0, 10.0, 10.0, 500.0]})
SEGMENTS = [1, 2, 2, 2, None]
NAMES = {1: "Spenders", 2: "Savers"}


def test_value_shares():
    expected = pd.DataFrame(
        {
            "segment": [1, 2],
            "n": [1, 3],
            "share_customers": [0.25, 0.75],
            "total": [60.0, 40.0],
            "share_value": [0.6, 0.4],
            "mean": [60.0, 40 / 3],
            "index": [2.4, 0.4 / 0.75],
        }
    )
    pd.testing.assert_frame_equal(value_shares(FRAME, SEGMENTS, "spend"), expected)


def test_no_value_has_no_shares():
    table = value_shares(pd.DataFrame({"spend": [0.0, 0.0]}), [1, 2], "spend")
    assert table["share_value"].isna().all()


def test_lorenz_starts_and_ends_and_is_thinned():
    table = lorenz([4.0, 1.0, 3.0, 2.0])
    assert table["customers"].tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert table["value"].tolist() == pytest.approx([0.0, 0.1, 0.3, 0.6, 1.0])
    assert len(lorenz(np.arange(1000.0), most=50)) == 51


@given(st.lists(st.floats(0.1, 1e5), min_size=1, max_size=50))
def test_gini_is_twice_the_area_above_the_curve(values):
    curve = lorenz(values, most=1000)
    area = float(np.trapezoid(curve["value"], curve["customers"]))
    assert gini(values) == pytest.approx(1 - 2 * area, abs=1e-9)
    assert -1e-9 <= gini(values) <= 1


def test_top_share_takes_at_least_one_customer():
    assert top_share([1.0, 1.0, 8.0], 0.01) == 0.8
    assert top_share(range(1, 101)) == sum(range(81, 101)) / 5050


@pytest.mark.parametrize("values", [[], [np.nan], [0.0, 0.0], [-1.0, 5.0]])
def test_no_concentration_of_nothing_or_less(values):
    with pytest.raises(TableError, match="concentration cannot be stated"):
        gini(values)


def test_value_sentences():
    shares = value_shares(FRAME, SEGMENTS, "spend")
    assert value_sentences(shares, FRAME["spend"][:4], NAMES, label="spending", top=0.25) == [
        "Spenders are 25% of all customers and bring 60% of all spending.",
        "The best 25% of customers bring 60% of all spending (a Gini coefficient of 0.40).",
    ]


def test_segments_are_told_by_their_share_of_the_value_largest_first():
    shares = pd.DataFrame(
        {
            "segment": [1, 2, 3],
            "share_customers": [0.2, 0.1, 0.7],
            "share_value": [0.3, 0.5, 0.2],
            "index": [1.5, 5.0, 0.3],
        }
    )
    said = value_sentences(shares, [1.0, 2.0], {1: "A", 2: "B", 3: "C"}, label="spending")
    assert said[0] == "B and A are 30% of all customers and bring 80% of all spending."
