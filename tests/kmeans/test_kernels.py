"""The compiled kernels against their NumPy definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.kmeans import kernels, reference


def table(seed: int, n: int = 120, d: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = 3 * rng.standard_normal((4, d))
    return centres[rng.integers(0, 4, n)] + rng.standard_normal((n, d))


def turned(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    n, d = rows.shape
    columns = np.zeros((-(-d // 4) * 4, n), np.float32)
    columns[:d] = rows.T
    squares = (rows**2).sum(axis=1)
    return columns, squares.astype(np.float32), float(squares.sum())


@given(st.integers(0, 10_000), st.integers(2, 9), st.sampled_from([20, 256, 257, 600]))
@settings(max_examples=30, deadline=None)
def test_assign_equals_its_definition(seed: int, k: int, n: int) -> None:
    rows = table(seed, n)
    centres = rows[np.random.default_rng(seed).choice(n, k, replace=False)].copy()
    columns, squares, _ = turned(rows)
    labels = np.full(n, -1, np.int32)
    own, slack = np.empty(n, np.float32), np.empty(n, np.float32)
    assert kernels.assign(columns, squares, centres, labels, own, slack) == n
    distances = np.sort(np.sqrt(reference.squared_distances(rows, centres)), axis=1)
    clear = distances[:, 1] - distances[:, 0] > 1e-3  # float32 may swap the two at a border
    np.testing.assert_array_equal(labels[clear], reference.assign(rows, centres)[clear])
    # Near a centre the square root of a float32 difference keeps only three digits.
    np.testing.assert_allclose(slack, distances[:, 1] - distances[:, 0], atol=2e-2)
    np.testing.assert_allclose(own, distances[:, 0], atol=2e-2)
    assert kernels.assign(columns, squares, centres, labels, own, slack) == 0


@given(st.integers(0, 10_000), st.integers(2, 9), st.sampled_from([20, 256, 257, 600]))
@settings(max_examples=30, deadline=None)
def test_reassign_keeps_counts_and_sums_in_step_with_the_labels(seed: int, k: int, n: int) -> None:
    rows = table(seed, n)
    rng = np.random.default_rng(seed)
    columns, _, _ = turned(rows)
    labels, counts, sums = np.full(n, -1, np.int32), np.zeros(k, np.int64), np.zeros((k, 5))
    for changes in range(3):
        before = labels.copy()
        centres = rows[rng.choice(n, k, replace=False)].copy()
        changed = kernels.reassign(rows, columns, centres, labels, counts, sums)
        distances = np.sort(np.sqrt(reference.squared_distances(rows, centres)), axis=1)
        clear = distances[:, 1] - distances[:, 0] > 1e-3
        np.testing.assert_array_equal(labels[clear], reference.assign(rows, centres)[clear])
        assert changed == (labels != before).sum()
        assert changes or changed == n
        np.testing.assert_array_equal(counts, np.bincount(labels, minlength=k))
        full = counts > 0
        np.testing.assert_allclose(
            sums[full] / counts[full, None], reference.means(rows, labels, k)[full], atol=1e-12
        )


@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_no_single_move_is_missed_where_clusters_are_tiny(seed: int, k: int, far: int) -> None:
    # A row of an outlier's cluster, or near one, moves at distances that are not alike at all.
    rows = table(seed)
    rng = np.random.default_rng(seed)
    rows[:far] = rng.uniform(4.0, 40.0) * rng.standard_normal((far, 5))
    columns, squares, square = turned(rows)
    centres = rows[[0, *rng.choice(np.arange(far, 120), k - 1, replace=False)]].copy()
    labels, _, inertia = kernels.search(rows, columns, squares, square, centres, 0, 0.0)
    fall, _, _ = reference.best_move(rows, labels, k)
    assert fall <= inertia * 1e-9


@given(st.integers(0, 10_000), st.integers(1, 8))
@settings(max_examples=30, deadline=None)
def test_search_ends_where_neither_lloyd_nor_a_single_move_finds_better(seed: int, k: int) -> None:
    rows = table(seed)
    columns, squares, square = turned(rows)
    centres = kernels.kmeans_plusplus(rows, columns, k, np.random.default_rng(seed).random((k, 2)))
    labels, counts, inertia = kernels.search(rows, columns, squares, square, centres, 5, 1e-4)
    np.testing.assert_allclose(centres, reference.means(rows, labels, k), rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(counts, np.bincount(labels, minlength=k))
    assert inertia == pytest.approx(reference.inertia(rows, labels, centres), rel=1e-12)
    np.testing.assert_array_equal(reference.lloyd(rows, centres), labels)
    if k > 1:
        fall, _, _ = reference.best_move(rows, labels, k)
        assert fall <= inertia * 1e-9


def test_improve_leaves_a_local_optimum_that_lloyd_stays_in() -> None:
    # Two centres share the left group and one spans the two on the right.
    groups = [[0.0, 0.0], [10.0, 0.0], [10.0, 6.0]]
    rng = np.random.default_rng(0)
    rows = np.vstack([g + 0.3 * rng.standard_normal((30, 2)) for g in np.array(groups)])
    columns, squares, square = turned(rows)
    start = np.array([[0.0, 0.5], [0.0, -0.5], [10.0, 3.0]])
    _, _, stuck = kernels.search(rows, columns, squares, square, start.copy(), 0, 0.0)
    _, _, free = kernels.search(rows, columns, squares, square, start.copy(), 6, 0.0)
    assert stuck > 500
    assert free < 20


def test_removals_equals_its_definition() -> None:
    rows = table(3)
    centres = rows[:5].copy()
    labels = reference.assign(rows, centres)
    np.testing.assert_allclose(
        kernels.removals(rows, labels, centres), reference.removals(rows, labels, centres)
    )


def test_splits_finds_the_two_halves_and_the_single_far_row() -> None:
    rows = np.array([[0.0], [1.0], [10.0], [11.0], [50.0], [50.0], [50.0], [90.0]])
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1], np.int32)
    gains, pairs = kernels.splits(rows, labels, np.array([[5.5], [60.0]]), np.array([4, 4]))
    np.testing.assert_allclose(gains, [100.0, 1200.0])
    np.testing.assert_allclose(np.sort(pairs[:, :, 0], axis=1), [[0.5, 10.5], [50.0, 90.0]])


def test_an_empty_label_takes_over_the_farthest_row() -> None:
    rows = np.array([[0.0], [1.0], [2.0], [30.0]])
    columns, squares, square = turned(rows)
    centres = np.array([[1.0], [500.0]])
    labels, counts, inertia = kernels.search(rows, columns, squares, square, centres, 0, 0.0)
    assert labels.tolist() == [0, 0, 0, 1]
    assert counts.tolist() == [3, 1]
    assert inertia == pytest.approx(2.0)


def test_a_pool_keeps_the_best_of_the_different_solutions() -> None:
    pool, values = np.zeros((2, 2, 1)), np.full(2, np.inf)
    held = 0
    for first, second, inertia in [(0, 9, 5.0), (9.1, 0, 4.0), (0, 5, 6.0), (0, 4, 7.0), (1, 8, 3)]:
        solution = np.array([[first], [second]], dtype=float)
        held = kernels.insert_solution(pool, values, held, solution, inertia, 0.1)
    assert held == 2
    assert values.tolist() == [3.0, 4.0]
    assert pool.ravel().tolist() == [1.0, 8.0, 9.1, 0.0]


def test_a_child_takes_each_centre_from_one_of_its_parents() -> None:
    mother = np.array([[0.0], [5.0], [9.0]])
    father = np.array([[9.1], [0.1], [5.1]])
    children = {
        tuple(kernels.crossover(mother, father, np.array([seed], np.uint64)).ravel())
        for seed in range(100)
    }
    assert children == {(a, b, c) for a in (0.0, 0.1) for b in (5.0, 5.1) for c in (9.0, 9.1)}


def test_the_smaller_centres_precede_whatever_their_order() -> None:
    left, right = np.array([[3.0, 1.0], [0.0, 2.0]]), np.array([[0.0, 2.0], [3.0, 1.5]])
    assert kernels.lexicographically_before(left, right)
    assert not kernels.lexicographically_before(right, left)
    assert not kernels.lexicographically_before(left, left[::-1].copy())


def test_distances_equals_its_definition() -> None:
    rows = table(4, n=50)
    out = np.empty((20, 50), np.float32)
    kernels.distances(np.ascontiguousarray(rows.T, np.float32), 7, out)
    np.testing.assert_allclose(out, reference.distances(rows)[7:27], atol=1e-5)


def test_hash_depends_on_the_values_of_the_row_alone() -> None:
    rows = table(5, n=30)
    hashes = np.empty(30, np.uint64)
    kernels.hash_rows(rows.view(np.uint64), hashes)
    turned_round = np.empty(30, np.uint64)
    kernels.hash_rows(np.ascontiguousarray(rows[::-1]).view(np.uint64), turned_round)
    assert hashes.tolist() == turned_round[::-1].tolist()
    assert len(set(hashes.tolist())) == 30


def test_turned_columns_are_whole_multiples_of_the_grain() -> None:
    rows = table(6, n=300)
    columns = np.zeros((8, 300), np.float32)
    kernels.to_columns(rows, 10, 300, 2.0**-20, columns)
    np.testing.assert_array_equal(columns[:5, 10:] * 2.0**20 % 1.0, 0.0)
    np.testing.assert_allclose(columns[:5, 10:], rows[10:].T, atol=2.0**-20)
    assert not columns[5:].any()
    assert not columns[:, :10].any()
