"""Two parts side by side, against R's and textbook intervals."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.profiles.splits import contrast


def test_means_rates_and_their_intervals() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "Age": rng.normal(40, 5, 60),
            "Recency": np.r_[rng.normal(20, 3, 30), rng.normal(70, 3, 30)],
            "Spending": rng.normal(100, 9, 60),
            "Response": np.r_[np.ones(6), np.zeros(24), np.zeros(30)],
        }
    )
    parts = np.r_[np.repeat([1, 2], 30)]
    found = contrast(
        frame,
        parts,
        features=["Age", "Recency"],
        outcomes=["Response"],
        value_column="Spending",
    ).set_index("column")
    assert found.index.tolist() == ["Recency", "Age", "Response", "Spending"]
    assert found["role"].tolist() == ["feature", "feature", "outcome", "value"]
    own = frame["Age"][:30]
    low, high = stats.t.interval(0.95, 29, loc=own.mean(), scale=stats.sem(own))
    assert found.loc["Age", ["first_low", "first_high"]].tolist() == pytest.approx([low, high])
    # Wilson's interval of 6 in 30, by R's prop.test(6, 30, correct = FALSE).
    rate = found.loc["Response", ["first", "first_low", "first_high", "second"]].tolist()
    assert rate == pytest.approx([0.2, 0.0951, 0.3731, 0.0], abs=1e-4)
    assert found.loc["Response", "difference"] == pytest.approx(-0.2)
    assert found.loc["Recency", "difference"] == pytest.approx(50 / frame["Recency"].std(), rel=0.1)


def test_customers_of_neither_part_and_small_parts_are_left_out() -> None:
    frame = pd.DataFrame({"a": [1.0, 1.0, 5.0, 99.0], "hit": [1, 0, 1, 1]})
    found = contrast(
        frame, np.array([1, 1, 2, 0]), features=["a"], outcomes=["hit"], value_column="a"
    ).set_index("column")
    assert found.loc["a", ["first", "second"]].tolist() == [1.0, 5.0]
    assert found.loc["hit", ["first", "second"]].isna().all()
    # Of a single customer there is no interval, and what does not vary has no difference.
    assert found.loc["a", ["second_low", "second_high"]].tolist() == [5.0, 5.0]
    same = contrast(
        frame.assign(a=3.0), np.array([1, 1, 2, 0]), features=["a"], outcomes=[], value_column=""
    )
    assert same["difference"].tolist() == [0.0]


def test_rates_of_five_customers_are_told_and_of_four_are_not() -> None:
    frame = pd.DataFrame({"hit": [1, 0, 0, 0, 0, 1, 1, 0, 0]})
    parts = np.array([1] * 5 + [2] * 4)
    found = contrast(frame, parts, features=[], outcomes=["hit"], value_column="")
    assert found["first"].tolist() == [0.2]
    assert found["second"].isna().all()
