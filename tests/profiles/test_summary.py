"""Sizes, averages and where they stand."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.profiles.numbering import number_segments
from helpers.profiles.summary import (
    percentiles,
    profile_table,
    standing,
    wide,
    with_personas,
    z_scores,
)

SEVEN = [
    "Income",
    "Age",
    "Total_Spending",
    "NumWebPurchases",
    "NumStorePurchases",
    "NumWebVisitsMonth",
    "Recency",
]


@pytest.fixture
def features() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "spend": [90.0, 110.0, 10.0, 30.0, 20.0, 999.0],
            "visits": [1, 3, 8, 8, 8, 99],
            "name": list("abcdef"),
        }
    )


SEGMENTS = pd.Series([1, 1, 2, 2, 2, pd.NA], dtype="Int64")


def test_profile_table(features):
    table = profile_table(features, SEGMENTS, ["visits", "spend"])
    expected = pd.DataFrame(
        {
            "segment": [1, 2],
            "n": [2, 3],
            "share": [0.4, 0.6],
            "min_visits": [1.0, 8.0],
            "mean_visits": [2.0, 8.0],
            "max_visits": [3.0, 8.0],
            "min_spend": [90.0, 10.0],
            "mean_spend": [100.0, 20.0],
            "max_spend": [110.0, 30.0],
        }
    )
    pd.testing.assert_frame_equal(table, expected)


def test_profile_table_leaves_its_input_alone(features):
    before = features.copy()
    profile_table(features, SEGMENTS, ["spend"])
    pd.testing.assert_frame_equal(features, before)


def test_missing_values_are_left_out(features):
    features.loc[0, "spend"] = np.nan
    table = profile_table(features, SEGMENTS, ["spend"])
    assert table["mean_spend"].tolist() == [110.0, 20.0]
    assert table["n"].tolist() == [2, 3]


def test_standing(features):
    table = standing(features, SEGMENTS, ["visits", "spend"])
    # visits 1 3 8 8 8: mean 5.6, population variance 9.04; spend: mean 52, variance 1616.
    expected = pd.DataFrame(
        {
            "segment": [1, 1, 2, 2],
            "feature": pd.Categorical(
                ["visits", "spend"] * 2, categories=["visits", "spend"], ordered=True
            ),
            "mean": [2.0, 100.0, 8.0, 20.0],
            "overall": [5.6, 52.0, 5.6, 52.0],
            "z": [-3.6 / 9.04**0.5, 48 / 1616**0.5, 2.4 / 9.04**0.5, -32 / 1616**0.5],
            "percentile": [0.2, 0.8, 0.7, 0.3],
            "rank": pd.array([2, 1, 1, 2], dtype="Int64"),
        }
    )
    pd.testing.assert_frame_equal(table, expected)


def test_equal_means_share_the_better_rank():
    frame = pd.DataFrame({"a": [1.0, 5.0, 5.0]})
    assert standing(frame, [1, 2, 3], ["a"])["rank"].tolist() == [3, 1, 1]


def test_wide_keeps_the_order_of_the_features(features):
    table = wide(standing(features, SEGMENTS, ["visits", "spend"]), "mean")
    assert table.columns.tolist() == ["visits", "spend"]
    assert table.loc[2].tolist() == [8.0, 20.0]


def test_with_personas_stands_after_the_segment(features):
    named = pd.DataFrame({"segment": [2, 1], "persona": ["Browsers", "Spenders"]})
    table = with_personas(profile_table(features, SEGMENTS, ["spend"]), named)
    assert table.columns.tolist()[:3] == ["segment", "persona", "n"]
    assert table["persona"].tolist() == ["Spenders", "Browsers"]


def test_a_constant_feature_stands_at_the_average():
    frame = pd.DataFrame({"a": [0.1, 0.1, 0.1]})
    table = standing(frame, [1, 1, 2], ["a"])
    assert table["z"].tolist() == [0.0, 0.0]
    assert table["percentile"].tolist() == [0.5, 0.5]


def test_percentiles_of_an_empty_population_are_unknown():
    assert np.isnan(percentiles(np.array([np.nan]), np.array([1.0]))).all()


def test_z_scores_keep_an_unknown_mean_unknown():
    assert np.isnan(z_scores(np.array([np.nan]), 1.0, 0.0)[0])


def test_a_deviation_of_rounding_size_is_none():
    """Judged by the mean where that is above 1: 1e6 that wavers by 1e-7 does not vary."""
    assert z_scores(np.array([1e6 + 1e-7]), 1e6, 1e-7).tolist() == [0.0]
    assert z_scores(np.array([1e6 + 1e-5]), 1e6, 1e-5).tolist() == pytest.approx([1.0], rel=1e-4)
    assert z_scores(np.array([0.5 + 0.95e-12]), 0.5, 0.95e-12).tolist() == [0.0]
    assert z_scores(np.array([1e-12]), 0.0, 1e-12).tolist() == [0.0]


@pytest.mark.parametrize(
    ("columns", "message"),
    [(["income"], "lack `income`; they hold `spend`"), (["name"], "`name` holds values")],
)
def test_columns_that_cannot_be_profiled(features, columns, message):
    with pytest.raises(TableError, match=message):
        profile_table(features, SEGMENTS, columns)


@pytest.mark.seed_data
def test_the_published_means_to_the_cent(seed_data):
    table = pd.read_csv(seed_data / "predictions.csv")
    numbered = number_segments(table["prediction"], table["Total_Spending"])
    profile = profile_table(table, numbered, SEVEN).set_index("segment")
    published = {
        1: [356, 76750.22, 59.81, 1278.58, 4.62, 8.39, 2.67, 73.82],
        2: [428, 59285.87, 59.77, 888.53, 7.89, 7.78, 6.45, 46.30],
        3: [328, 73841.62, 54.13, 1138.11, 4.61, 8.62, 2.83, 22.03],
        4: [660, 31549.68, 47.17, 103.82, 2.18, 3.13, 6.81, 43.00],
        5: [435, 41363.56, 64.91, 154.48, 2.47, 3.78, 5.74, 60.96],
        6: [9, 5165.78, 55.22, 88.56, 0.33, 0.22, 17.33, 43.33],
    }
    for segment, figures in published.items():
        row = profile.loc[segment, ["n", *(f"mean_{name}" for name in SEVEN)]]
        assert row.astype(float).round(2).tolist() == figures
    assert len(profile.columns) == 2 + 21


def test_a_persona_for_each_segment_and_no_other_length():
    uneven = {"segment": pd.Series([1, 2]), "persona": pd.Series(["A"])}
    with pytest.raises(ValueError, match="shorter"):
        with_personas(pd.DataFrame({"segment": [1]}), uneven)
