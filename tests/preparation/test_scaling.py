"""Clipping and standardising."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import ClusteringError, ParamsError
from helpers.preparation.scaling import Transform, check_clip, fit_scaling, fit_transform

FRAME = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0, 100.0], "b": [0, 0, 1, 1, 1], "c": [7] * 5})


def test_without_clipping_the_deviation_is_that_of_the_population():
    scaling = fit_scaling(FRAME, ["a", "b"], clip=[])
    assert scaling.mean == (22.0, 0.6)
    assert scaling.deviation == pytest.approx((np.std(FRAME["a"]), np.sqrt(0.24)))
    matrix = scaling.transform(FRAME)
    assert matrix.flags.c_contiguous
    assert matrix.dtype == np.float64
    np.testing.assert_allclose(matrix.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(matrix.std(axis=0), 1)
    restored = matrix * scaling.deviation + scaling.mean
    np.testing.assert_allclose(restored, FRAME[["a", "b"]])


def test_clipping_sets_extremes_to_the_quantiles():
    scaling = fit_scaling(FRAME, ["a"], clip=[0.25, 0.75])
    assert (scaling.low, scaling.high) == ((2.0,), (4.0,))
    assert scaling.mean == (3.0,)
    matrix = scaling.transform(pd.DataFrame({"a": [-9.0, 3.0, 999.0]}))
    np.testing.assert_allclose(matrix[:, 0] * scaling.deviation[0] + 3.0, [2.0, 3.0, 4.0])


def test_a_logarithm_is_taken_after_clipping_and_before_standardising():
    frame = pd.DataFrame({"a": [0.0, np.e - 1, np.e**2 - 1, 1e9], "b": [1.0, 2.0, 3.0, 4.0]})
    scaling = fit_scaling(frame, ["a", "b"], clip=[0, 2 / 3], transforms={"a": "log"})
    assert scaling.mean[0] == pytest.approx(np.mean([0, 1, 2, 2]))
    matrix = scaling.transform(frame)
    np.testing.assert_allclose(matrix[:, 0] * scaling.deviation[0] + scaling.mean[0], [0, 1, 2, 2])
    assert scaling.transforms[1] is None
    assert Transform("log").apply(np.array([1 - np.e])) == pytest.approx(-1)


def test_a_rank_is_the_share_below_and_ties_share_theirs():
    form = fit_transform(np.array([0.0, 0.0, 0.0, 5.0]), "rank")
    assert form.knots == ((0.0, 0.375), (5.0, 0.875))
    assert form.apply(np.array([-1.0, 2.5, 99.0])).tolist() == [0.375, 0.625, 0.875]


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60), st.sampled_from(["log", "rank"]))
def test_transforms_never_turn_the_order_of_values(values, kind):
    ordered = np.sort(np.array(values))
    assert (np.diff(fit_transform(ordered, kind).apply(ordered)) >= 0).all()


@pytest.mark.parametrize(
    ("transforms", "message"),
    [
        ({"A": "log"}, "`transforms` names `A`, which is no feature"),
        ({"a": "logg"}, "the transform 'logg': expected log or rank"),
    ],
)
def test_a_transform_that_there_is_not_is_refused(transforms, message):
    with pytest.raises(ParamsError, match=message):
        fit_scaling(FRAME, ["a"], clip=[], transforms=transforms)


def test_constant_features_are_refused():
    with pytest.raises(ClusteringError, match=r"`c` is constant \(7\).*Remove it from"):
        fit_scaling(FRAME, ["c"], clip=[])
    with pytest.raises(ClusteringError, match=r"constant \(1 after clipping\).*or clip less"):
        fit_scaling(FRAME, ["b"], clip=[0.5, 0.9])


@pytest.mark.parametrize(
    "clip", [[0.1], [0.9, 0.1], [0.1, 0.1], [-0.1, 1], [0, 1.1], [0, True], ["a", "b"]]
)
def test_clip_quantiles_are_two_rising_numbers(clip):
    with pytest.raises(ParamsError, match="`clip_quantiles` is"):
        check_clip(clip)


def test_no_clipping_is_an_empty_list():
    assert check_clip([]) is None
    assert check_clip([0, 1]) == (0.0, 1.0)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=40).filter(lambda one: np.ptp(one) > 1),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_rows_reaches_no_bit(values, random):
    shuffled = list(values)
    random.shuffle(shuffled)
    scalings = [fit_scaling(pd.DataFrame({"a": one}), ["a"], clip=[]) for one in (values, shuffled)]
    assert scalings[0] == scalings[1]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("Income", r"`features` is 'Income': expected a list of columns, like \[\"Age\"\]\."),
        ([1], r"`features` is \[1\]: expected a list"),
        ([], "`features` is empty"),
        (["Incme"], "`features` names `Incme`, which the customers lack. Did you mean `Income`?"),
        (["Education"], "`features` names `Education`, which holds no numbers"),
        (["Gaps"], "`features` names `Gaps`, which 1 of 2 customers lack: name it in the first"),
    ],
)
def test_features_that_cannot_be_scaled_are_named(columns, message):
    frame = pd.DataFrame({"Income": [1.0, 2.0], "Education": ["a", "b"], "Gaps": [np.nan, 1.0]})
    with pytest.raises(ParamsError, match=message):
        fit_scaling(frame, columns, clip=[])


def test_a_spread_is_judged_by_the_largest_value():
    """A feature of 1e6 that wavers in its last digit is constant; one around 0 is not."""
    level = np.array([1e6, 1e6, 1e6 + 5e-7])
    with pytest.raises(ClusteringError, match="constant"):
        fit_scaling(pd.DataFrame({"a": level}), ["a"], clip=[])
    with pytest.raises(ClusteringError, match="constant"):
        fit_scaling(pd.DataFrame({"a": np.append(level, 0.0)[[0, 1, 2]]}), ["a"], clip=[])
    assert fit_scaling(pd.DataFrame({"a": [0.0, 3e-12]}), ["a"], clip=[]).deviation == (1.5e-12,)
    with pytest.raises(ClusteringError, match="constant"):
        fit_scaling(pd.DataFrame({"a": [0.0, 1.9e-12]}), ["a"], clip=[])
