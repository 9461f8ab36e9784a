"""The sample of rows depends on their values alone."""

import numpy as np

from helpers.kmeans.sampling import sample_rows


def test_the_sample_does_not_depend_on_the_order_of_rows() -> None:
    rows = np.random.default_rng(0).normal(size=(150, 3))
    order = np.random.default_rng(1).permutation(150)
    chosen = {tuple(row) for row in rows[sample_rows(rows, 40)]}
    assert len(chosen) == 40
    again = np.ascontiguousarray(rows[order])
    assert {tuple(row) for row in again[sample_rows(again, 40)]} == chosen


def test_repeats_have_their_share_of_the_sample() -> None:
    rows = np.repeat([[0.0], [1.0], [2.0]], [6000, 3000, 1], axis=0)
    order = np.random.default_rng(0).permutation(len(rows))
    for given in (rows, rows[order]):
        counts = np.bincount(given[sample_rows(given, 900), 0].astype(int))
        assert counts.sum() == 900
        np.testing.assert_allclose(counts, [600, 300, 1], atol=1)


def test_some_repeats_leave_the_other_rows_as_likely_as_they_were() -> None:
    rows = np.random.default_rng(0).normal(size=(4000, 2))
    rows[:1000] = rows[0]
    chosen = sample_rows(rows, 400)
    assert abs((chosen < 1000).sum() - 100) <= 5
    alone = rows[1000:]  # which of them, their hashes say, as without any repeat
    same = sample_rows(alone, (chosen >= 1000).sum())
    assert np.isin(chosen[chosen >= 1000] - 1000, same).mean() > 0.99
