"""No outcome forms the segments that it is to check."""

import pytest

from helpers.errors import ParamsError
from helpers.preparation.leakage import guard


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (["Income", "Response"], "`Response`, which `outcomes` declares"),
        (["Income", "response"], "`response`, which `outcomes` declares"),
        ({"Income": ["Income"], "Warmth": ["a", "Response"]}, "`Warmth`, which is computed from"),
        ({"Warmth": ["RESPONSE"]}, "computed from `Response`, a declared outcome"),
    ],
)
def test_an_outcome_may_not_be_a_feature(features, message):
    with pytest.raises(ParamsError, match=message):
        guard(features, ["Complain", "Response"])


def test_other_features_pass():
    guard(["Income"], ["Response"])
    guard({"Spend": ["Wine", "Meat"]}, ["Response"])
    guard([], [])
