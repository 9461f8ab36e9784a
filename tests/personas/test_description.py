"""What tells a segment apart that no persona fits."""

import numpy as np
import pandas as pd

from helpers.personas.description import Words, described
from helpers.profiles.summary import standing


def test_a_mean_far_below_that_of_all_is_named_where_a_few_large_ones_stretch_the_deviation() -> (
    None
):
    spend = pd.DataFrame({"spend": np.r_[np.full(90, 30.0), np.full(9, 60.0), 20_000.0]})
    segments = np.r_[np.full(90, 1), np.full(10, 2)]
    places = standing(spend, segments, ["spend"])
    assert abs(places["z"].iloc[0]) < 0.25

    told = described(places.head(1), spend.head(90), Words(), taken=set(), total=100)

    assert "close to the average" not in told.texts["summary"]
    assert told.texts["persona"] == "Low Spend"


def test_a_mean_that_is_near_by_both_is_close_to_the_average() -> None:
    spend = pd.DataFrame({"spend": [10.0, 20.0, 30.0, 11.0, 19.0, 30.5]})
    places = standing(spend, [1, 1, 1, 2, 2, 2], ["spend"])

    told = described(places.head(1), spend.head(3), Words(), taken=set(), total=6)

    assert "close to the average" in told.texts["summary"]
