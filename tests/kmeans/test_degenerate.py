"""Tables of few values, ties and odd sizes: the search ends, and no index leaves its array."""

import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from helpers.errors import ClusteringError
from helpers.kmeans import kernels, search
from helpers.kmeans.search import conditioned, count_distinct, fit_afresh, fit_range
from helpers.selection.sweep import tune


def degenerate(root: Path, tables: int, seconds: int, **variables: str) -> str:
    done = subprocess.run(
        [
            *(sys.executable, "-W", "error::RuntimeWarning"),
            *("-m", "tests.kmeans.degenerate", str(tables), str(seconds)),
        ],
        cwd=root,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


def test_degenerate_tables_end_or_are_refused(root: Path) -> None:
    assert "20 tables" in degenerate(root, 20, 10)


@pytest.mark.slow
def test_degenerate_tables_end_with_every_index_checked(root: Path, tmp_path: Path) -> None:
    checks = {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    assert "150 tables" in degenerate(root, 150, 60, **checks)


def test_a_column_of_hardly_any_width_is_tuned_without_an_overflow() -> None:
    rows = np.array([[3e-160, 1.0], [1e-160, 0.0], [0.0, 0.0], [5e-160, 4.0]] * 3)
    rows[4:, 1] += np.arange(8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shapes = tune(rows, random_state=0, resamples=3, references=2, splits=2).shapes
    assert np.isfinite(shapes["elongation"]).all()
    assert (shapes["elongation"] > 1e100).any()


def flags(seed: int, n: int = 2000) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = (rng.random((n, 4)) < [0.3, 0.5, 0.2, 0.6]).astype(float)
    return (rows - rows.mean(axis=0)) / rows.std(axis=0)


def test_as_many_clusters_as_distinct_rows_leave_no_inertia() -> None:
    fit = fit_range(flags(0), [15, 16], random_state=1234)[16]
    assert fit.inertia < 1e-9
    assert len(np.unique(flags(0)[np.unique(fit.labels, return_index=True)[1]], axis=0)) == 16
    with pytest.raises(ClusteringError, match="only 16 distinct"):
        fit_range(flags(0), [17], random_state=1234)


def test_equal_rows_are_never_in_two_clusters() -> None:
    rows = flags(1)
    for k, fit in fit_range(rows, range(2, 17), random_state=3).items():
        pairs = np.unique(np.column_stack([rows, fit.labels]), axis=0)
        assert len(pairs) == 16, k


def test_a_fresh_fit_counts_distinct_rows() -> None:
    rows = np.repeat([[0.0], [1.0], [5.0]], 40, axis=0)
    found = fit_afresh(rows, range(2, 9), rng=np.random.default_rng(0))
    assert list(found) == [2, 3]
    assert found[3].ravel().tolist() == [0.0, 1.0, 5.0]


def test_an_inertia_is_never_below_zero() -> None:
    # The squares of these leave less than nothing over those of their means.
    rows = np.repeat([[0.1, 0.7], [0.3, -0.9]], [3, 700], axis=0)
    square = float((rows * rows).sum())
    below = [
        square * (1 - shift) - float((counts * (rows[[0, 5]] ** 2).sum(axis=1)).sum())
        for shift in (0.0, 1e-14)
        for counts in [np.array([3, 700])]
    ]
    assert min(below) < 0
    left = kernels.inertia_of_means(square * (1 - 1e-14), np.array([3, 700]), rows[[0, 5]])
    assert left == 0.0
    assert kernels.rounding(703, square) > abs(min(below))


@pytest.mark.parametrize(("scale", "offset"), [(1e-9, 0.0), (1e12, 0.0), (1.0, 1e15), (8.0, -1e9)])
def test_size_and_place_of_a_table_do_not_change_its_partition(scale: float, offset: float) -> None:
    rows = np.rint(64 * np.random.default_rng(0).standard_normal((200, 3))) / 8
    moved = rows * scale + offset
    plain = fit_range(rows, range(2, 6), random_state=0)
    for k, fit in fit_range(moved, range(2, 6), random_state=0).items():
        np.testing.assert_array_equal(fit.labels, plain[k].labels)
        assert fit.inertia == pytest.approx(plain[k].inertia * scale**2)
        means = [moved[fit.labels == c].mean(axis=0) for c in range(k)]
        np.testing.assert_allclose(fit.centres, means, rtol=1e-12, atol=scale * 1e-9)


def test_a_standardised_matrix_is_left_as_it_is() -> None:
    rows = flags(2)
    rows[:, 3] = 0.0
    assert conditioned(rows).rows is rows


@pytest.mark.parametrize("rows", [[[1e200], [-1e200]], [[0.0], [1e-200]], [[-1.7e208], [1.7e208]]])
def test_spans_whose_squares_are_no_numbers_are_refused(rows: list[list[float]]) -> None:
    with pytest.raises(ClusteringError, match="Standardise the features"):
        fit_range(np.array(rows), [2], random_state=0)


def test_distinct_rows_are_counted_past_the_first_ones() -> None:
    rows = np.zeros((10_000, 2))
    rows[-3:, 0] = [1.0, 2.0, 2.0 + 1e-9]
    assert count_distinct(rows, 5) == 3
    assert count_distinct(rows, 2) == 2
    assert count_distinct(-rows, 5) == 3


def test_a_large_table_of_few_distinct_rows_is_searched_by_all_of_them() -> None:
    rows = flags(3, n=30_000)
    fits = fit_range(rows, [4, 16], random_state=0)
    assert fits[16].inertia < 1e-6
    small = fit_range(flags(3, n=30_000)[::3], [4], random_state=0)[4]
    assert fits[4].inertia == pytest.approx(3 * small.inertia, rel=0.03)


def test_a_centre_that_lost_its_rows_in_a_large_table_is_filled() -> None:
    rows = np.array([[0.0], [0.0], [1.0], [9.0], [-9.0]])
    with ThreadPoolExecutor(2) as workers:
        table = search._Turned.of(rows, workers)
        labels = np.empty((2, 5), np.int32)
        starts = [np.array([[0.0], [50.0], [60.0]]), np.array([[0.0], [9.0]])]
        centres, tallies = search._filled(rows, starts, labels, table, workers)
    assert centres[0].ravel().tolist() == [0.0, -9.0, 9.0]  # of two as far the smaller one first
    assert [counts.tolist() for counts, _ in tallies] == [[3, 1, 1], [4, 1]]
    assert labels[0].tolist() == [0, 0, 0, 2, 1]
