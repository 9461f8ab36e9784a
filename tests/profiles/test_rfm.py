"""Scores in fifths, and the segments seen through them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import ParamsError
from helpers.profiles import rfm

ROLES = {"recency": "r", "frequency": "f", "monetary": "m"}
TABLE = pd.DataFrame(
    {
        "r": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        "f": [9, 9, 9, 9, 9, 1, 1, 1, 1, 1],
        "m": [50, 60, 70, 80, 90, 1, 2, 3, 4, None],
    }
)
SEGMENTS = [1] * 5 + [2] * 5
NAMES = {1: "Champions", 2: "Others"}


def test_fifths_hold_a_fifth_each_and_five_is_best():
    assert rfm.fifths(range(10)).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert rfm.fifths(range(10), best_low=True).tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]


@given(st.lists(st.integers(0, 20), min_size=1, max_size=50))
def test_equal_values_have_equal_scores_and_more_is_never_worse(values):
    scores = pd.Series(rfm.fifths(values)).groupby(values).agg(["min", "max"])
    assert (scores["min"] == scores["max"]).all()
    assert (np.diff(scores["min"]) >= 0).all()
    assert scores.to_numpy().min() >= 1
    assert scores.to_numpy().max() <= 5


def test_a_segment_is_described_by_mean_scores_and_its_most_common_cell():
    found = rfm.rfm_cells(TABLE, SEGMENTS, ROLES, floor=2).set_index("segment")
    assert found["n"].tolist() == [5, 4]
    assert found.loc[1, ["recency", "frequency", "monetary"]].tolist() == [4.2, 4.0, 4.2]
    assert found.loc[2, ["most_common", "cell_share", "cells"]].tolist() == ["122", 0.5, 2]
    assert pd.isna(found.loc[1, "most_common"])
    assert found.loc[1, "cells"] == 5


def test_small_cells_are_not_named_and_small_segments_left_out():
    found = rfm.rfm_cells(TABLE, SEGMENTS, ROLES, floor=5)
    assert found["segment"].tolist() == [1]
    assert found["most_common"].isna().all()


def test_what_is_said_follows_the_scores():
    found = rfm.rfm_cells(TABLE, SEGMENTS, ROLES, floor=2)
    said = rfm.rfm_sentences(found, NAMES)
    assert (
        said[1]
        == "By frequency, the Champions score highest (4.0 of 5) and the Others lowest (2.0)."
    )
    alike = found.assign(frequency=3.0)
    assert rfm.rfm_sentences(alike, NAMES)[1] == "By frequency, the segments hardly differ."
    ((shown, caption, formats),) = rfm.rfm_tables(found, NAMES)
    assert {name: write(4.26) for name, write in formats.items()} == {
        "recency": "4.3",
        "frequency": "4.3",
        "monetary value": "4.3",
    }
    assert shown["persona"].tolist() == ["Champions", "Others"]
    assert "the Champions stand highest" in caption


def test_without_columns_nothing_is_said():
    found = rfm.rfm_cells(TABLE, SEGMENTS, {})
    assert rfm.rfm_sentences(found, NAMES) == []
    assert rfm.rfm_sentences(found, NAMES, asked=False) == [
        "Not scored: the params file names no columns for it."
    ]
    assert rfm.rfm_tables(found, NAMES) == []


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ({"recency": "r"}, "`rfm` holds recency: expected recency, frequency and monetary"),
        (ROLES | {"monetary": "M"}, "gives monetary the column `M`, which is not there"),
    ],
)
def test_parts_that_do_not_fit_are_refused(roles, message):
    with pytest.raises(ParamsError, match=message):
        rfm.rfm_cells(TABLE, SEGMENTS, roles)


def test_a_segment_without_a_large_cell_says_so():
    found = rfm.rfm_cells(TABLE, SEGMENTS, ROLES, floor=2)
    ((shown, _, _),) = rfm.rfm_tables(found.assign(most_common="", cell_share=np.nan), NAMES)
    assert shown["most common cell"].tolist() == ["none large enough"] * 2
