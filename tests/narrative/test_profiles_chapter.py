"""What 03 says of the segments, from small frames."""

import numpy as np
import pandas as pd
import pytest

from helpers.narrative import profiles_chapter

PERSONAS = pd.DataFrame({"segment": [1, 2, 3], "persona": ["Big", "Small", "Fewer than 5"]})
SHARES = pd.DataFrame(
    {
        "segment": [1, 2, 3],
        "n": [40, 59, 1],
        "share_customers": [0.4, 0.59, 0.01],
        "share_value": [0.7, 0.2, np.nan],
    }
)


def test_the_answer_tells_the_size_of_a_small_segment_and_nothing_else() -> None:
    said = profiles_chapter.answer(PERSONAS, SHARES, value_name="spending")
    assert said == (
        "Big bring the most: 40% of the customers, 70% of the spending. The smallest segment, 3, "
        "has only 1 customer."
    )
    assert profiles_chapter.answer(PERSONAS, SHARES, value_name="").startswith(
        "Small are the largest segment, with 59% of the customers."
    )
    assert profiles_chapter.answer(PERSONAS, SHARES[:2], value_name="spending").endswith(
        "The smallest segment is Big, with 40 customers."
    )


def test_nothing_is_told_where_every_segment_is_small() -> None:
    none = SHARES.assign(share_value=np.nan)
    assert profiles_chapter.answer(PERSONAS, none, value_name="spending").startswith("Every")
    assert profiles_chapter.both_shares(none).empty


@pytest.mark.parametrize(
    ("low", "high"), [(0.031, 0.032), (2.38, 2.47), (45.1, 46.9), (51_000.2, 53_100.9)]
)
def test_the_ends_of_an_interval_are_told_apart_beside_a_feature_of_another_size(
    low: float, high: float
) -> None:
    """Decimals shared by a column gave `2 [2, 2]` beside an income."""
    means = pd.DataFrame(
        {
            "feature": ["pay", "other"],
            "segment": 1,
            "n": 9,
            "mean": [52247.3, (low + high) / 2],
            "low": [51000.2, low],
            "high": [53100.9, high],
        }
    )
    table = profiles_chapter.means_table(means, labels={}, units={})
    assert table["low"][0] == "51,000"
    assert table["low"][1] != table["high"][1]


def test_a_segment_whose_categories_are_all_rare_has_no_bar() -> None:
    rows = [(1, "a", 8, 0.8), (1, "b", 2, 0.2), (2, "a", pd.NA, np.nan), (2, "b", 0, 0.0)]
    counts = pd.DataFrame(rows, columns=["segment", "category", "n", "share"])
    ((name, told),) = profiles_chapter.most_apart(counts.assign(column="kind"))
    assert name == "kind"
    assert told["segment"].unique().tolist() == [1]
