"""The dip against published values, and valleys where they are known to be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from helpers.kmeans.search import fit_range
from helpers.selection.unimodality import (
    PROBABILITIES,
    QUANTILES,
    SIZES,
    dip_p_value,
    dip_statistic,
    separation,
    spread_ties,
)


def nearest_law(x: np.ndarray, mode: int) -> float:
    """Distance of the sample's steps from the nearest law with its mode at one of the values."""
    n = x.size
    # Unknowns: the law at each value, twice at the mode, where it may jump; then the distance.
    places = np.concatenate([x[: mode + 1], x[mode:]])
    step = np.minimum(np.arange(n + 1), np.concatenate([np.arange(mode + 1), np.arange(mode, n)]))
    rows, bounds = [], []

    def ask(weights: dict[int, float], bound: float) -> None:
        rows.append([weights.get(i, 0.0) for i in range(n + 2)])
        bounds.append(bound)

    for i in range(n):
        ask({i: 1.0, i + 1: -1.0}, 0.0)
    for i in [*range(mode - 1), *range(mode + 1, n - 1)]:
        before, after = 1 / (places[i + 1] - places[i]), 1 / (places[i + 2] - places[i + 1])
        sign = 1.0 if i < mode else -1.0
        ask({i: -sign * before, i + 1: sign * (before + after), i + 2: -sign * after}, 0.0)
    for i in range(n + 1):
        if i != mode + 1:
            ask({i: 1.0, n + 1: -1.0}, step[i] / n)
        if i != mode:
            ask({i: -1.0, n + 1: -1.0}, -(step[i] + 1) / n)
    cost = [0.0] * (n + 1) + [1.0]
    return float(linprog(cost, rows, bounds, bounds=[(0, 1)] * (n + 1) + [(0, None)]).fun)


@given(st.lists(st.integers(0, 60), min_size=5, max_size=9, unique=True))
@settings(max_examples=30, deadline=None)
def test_the_dip_is_the_distance_from_the_nearest_law_with_one_mode(values: list[int]) -> None:
    sample = np.sort(np.array(values, float))
    nearest = min(nearest_law(sample, mode) for mode in range(sample.size))
    assert dip_statistic(sample) == pytest.approx(max(nearest, 0.5 / sample.size), abs=1e-7)


def test_the_dip_of_known_samples() -> None:
    assert dip_statistic(np.array([0.0, 0.0, 1.0, 1.0])) == 0.25
    assert dip_statistic(np.arange(100.0)) == pytest.approx(1 / 200)
    assert dip_statistic(np.full(8, 3.0)) == pytest.approx(1 / 16)


@pytest.mark.parametrize(("n", "p", "published"), [(50, 0.05, 0.0702), (100, 0.05, 0.0510)])
def test_p_values_agree_with_hartigan_and_hartigan(n: int, p: float, published: float) -> None:
    # Their table 1 rests on 9,999 samples.
    assert dip_p_value(published, n) == pytest.approx(p, abs=0.006)


def test_p_values_are_the_chances_of_uniform_samples() -> None:
    rng = np.random.default_rng(0)
    found = np.array([dip_p_value(dip_statistic(rng.random(70)), 70) for _ in range(4000)])
    for level in (0.5, 0.1, 0.01):
        error = 4 * np.sqrt(level * (1 - level) / found.size)
        assert (found <= level).mean() == pytest.approx(level, abs=error + 0.002)


def test_quantiles_grow_with_the_chance_and_with_the_sample() -> None:
    assert QUANTILES.shape == (len(SIZES), len(PROBABILITIES))
    assert (np.diff(QUANTILES, axis=1) > 0).all()
    assert (np.diff(QUANTILES[:-1, :6], axis=0) > 0).all()


def test_rounding_is_no_valley_and_a_gap_beside_it_is_one() -> None:
    rng = np.random.default_rng(1)
    flags = (rng.random((600, 4)) < [0.3, 0.5, 0.2, 0.6]).astype(float)
    borders, _ = separation(flags, fit_range(flags, [2, 4], random_state=0))
    assert (borders.groupby("k")["p_value"].max() > 0.05).all()
    counts = np.concatenate([rng.poisson(3, (300, 2)), rng.poisson(30, (300, 2))]).astype(float)
    borders, _ = separation(counts, fit_range(counts, [2], random_state=0))
    assert borders["p_value"].tolist() == [pytest.approx(0.0002)]


def test_ties_are_spread_within_half_the_way_to_their_neighbours() -> None:
    rows = np.array([[1.0], [1.0], [2.0], [2.0], [5.0]])
    spread = spread_ties(rows)
    assert (np.abs(spread[:2] - 1.0) <= 0.5).all()
    assert ((spread[2:4] >= 1.5) & (spread[2:4] <= 3.5)).all()
    assert spread[4] == 5.0
    np.testing.assert_array_equal(spread, spread_ties(rows))


def test_slices_of_a_cloud_have_no_valley_at_every_border_even_in_many_columns() -> None:
    for seed, d in ((0, 2), (1, 40)):
        rows = np.random.default_rng(seed).standard_normal((400, d))
        borders, shapes = separation(rows, fit_range(rows, [2, 3, 5], random_state=0))
        assert (borders.groupby("k")["p_value"].max() > 0.05).all()
        assert (shapes["split_p"] > 0.005).all()


def test_two_groups_in_one_cluster_show_within_it() -> None:
    rng = np.random.default_rng(2)
    rows = np.vstack([rng.normal(c, 1.0, (150, 2)) for c in ((0, 0), (8, 0), (40, 0))])
    borders, shapes = separation(rows, fit_range(rows, [2, 3], random_state=0))
    assert (borders["p_value"] < 0.005).all()
    lowest = shapes.groupby("k")["split_p"].min()
    assert lowest[2] < 0.001 < 0.05 < lowest[3]


def test_elongation_is_length_over_width() -> None:
    rows = np.random.default_rng(3).standard_normal((2000, 2)) * [5.0, 1.0]
    rows = np.vstack([rows, rows + np.array([0.0, 60.0])])
    _, shapes = separation(rows, fit_range(rows, [2], random_state=0))
    assert shapes["elongation"].tolist() == pytest.approx([5.0, 5.0], rel=0.05)


def test_neither_the_order_of_the_rows_nor_a_seed_reaches_the_result() -> None:
    rng = np.random.default_rng(4)
    rows = np.round(np.vstack([rng.normal(c, 1.0, (80, 3)) for c in (0, 3)]), 1)
    order = rng.permutation(len(rows))
    first = separation(rows, fit_range(rows, [2, 3], random_state=0))
    other = separation(rows[order], fit_range(rows[order], [2, 3], random_state=9))
    for one, two in zip(first, other, strict=True):
        np.testing.assert_allclose(one.to_numpy(float), two.to_numpy(float), rtol=1e-9)
