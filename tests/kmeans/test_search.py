"""The best partition for every K, whatever the seed, the order of rows and the threads."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from helpers.errors import ClusteringError
from helpers.kmeans import search
from helpers.kmeans.search import Fit, fit_range

FEATURES = [
    "Income",
    "Age",
    "Total_Spending",
    "NumWebPurchases",
    "NumStorePurchases",
    "NumWebVisitsMonth",
    "Recency",
]


def real(folder: Path, *, clipped: bool) -> np.ndarray:
    values = pd.read_csv(folder / "featured.csv")[FEATURES].dropna().to_numpy(np.float64)
    if clipped:
        values = np.clip(values, *np.quantile(values, [0.005, 0.995], axis=0))
    return (values - values.mean(axis=0)) / values.std(axis=0)


def groups(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = np.array([[0, 0, 0], [6, 0, 0], [0, 6, 0], [6, 6, 3]])
    return np.vstack([c + rng.standard_normal((40, 3)) for c in centres])


def independent(rows: np.ndarray, k: int, *, starts: int, seed: int) -> float:
    """Best inertia of another search: scikit-learn's starts and random swaps of its centres."""
    rng = np.random.default_rng(seed)
    best = KMeans(k, n_init=starts, random_state=seed, tol=0).fit(rows)
    for _ in range(4 * starts):
        centres = best.cluster_centers_.copy()
        centres[rng.integers(k)] = rows[rng.integers(rows.shape[0])]
        swapped = KMeans(k, init=centres, n_init=1, tol=0, max_iter=500).fit(rows)
        if swapped.inertia_ < best.inertia_:
            best = swapped
    return float(best.inertia_)


def same(left: Fit, right: Fit) -> bool:
    return bool(np.array_equal(left.labels, right.labels))


def test_the_groups_of_a_small_table_are_found() -> None:
    rows = np.array([[0.0, 0.0], [5.0, 5.0], [0.0, 1.0], [5.0, 6.0], [9.0, 0.0]])
    fits = fit_range(rows, [1, 2, 3], random_state=0)
    assert list(fits) == [1, 2, 3]
    assert fits[3].labels.tolist() == [0, 1, 0, 1, 2]
    np.testing.assert_allclose(fits[3].centres, [[0.0, 0.5], [5.0, 5.5], [9.0, 0.0]])
    assert fits[3].inertia == pytest.approx(1.0)
    assert fits[1].inertia == pytest.approx(((rows - rows.mean(axis=0)) ** 2).sum())
    assert fits[3].labels.dtype == np.int32
    assert fits[3].found >= 3


def test_scikit_learn_stays_at_the_partition() -> None:
    rows = groups()
    for k, fit in fit_range(rows, range(2, 8), random_state=0).items():
        model = KMeans(k, init=fit.centres, n_init=1, tol=0).fit(rows)
        np.testing.assert_array_equal(model.labels_, fit.labels)
        assert model.inertia_ == pytest.approx(fit.inertia, rel=1e-12)
        np.testing.assert_array_equal(np.lexsort(fit.centres.T[::-1]), np.arange(k))


@given(st.integers(0, 2**31), st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_neither_the_seed_nor_the_order_of_rows_matters(seed: int, random: object) -> None:
    rows = groups()
    order = np.random.default_rng(random.randrange(2**31)).permutation(160)  # type: ignore[attr-defined]
    expected = fit_range(rows, range(2, 7), random_state=1)
    for k, fit in fit_range(rows[order], range(2, 7), random_state=seed).items():
        np.testing.assert_array_equal(fit.labels, expected[k].labels[order])
        np.testing.assert_array_equal(fit.centres, expected[k].centres)
        assert fit.inertia == expected[k].inertia


def test_an_independent_search_finds_nothing_better() -> None:
    rows = groups(3)
    for k, fit in fit_range(rows, range(2, 9), random_state=0).items():
        assert fit.inertia <= independent(rows, k, starts=10, seed=k) * (1 + 1e-9)


def test_the_number_of_threads_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = groups(1)
    several = fit_range(rows, range(2, 7), random_state=5)
    monkeypatch.setattr(search, "threads", lambda: 1)
    for k, fit in fit_range(rows, range(2, 7), random_state=5).items():
        assert same(fit, several[k])
        assert fit.optima == several[k].optima
        assert fit.centres.tobytes() == several[k].centres.tobytes()


def test_the_matrix_given_is_not_changed() -> None:
    rows = groups()
    before = rows.copy()
    fit_range(rows, [3], random_state=0)
    np.testing.assert_array_equal(rows, before)


def test_the_audit_counts_the_restarts() -> None:
    fit = fit_range(groups(), [4], random_state=0)[4]
    assert fit.restarts == len(fit.optima) >= fit.found >= 1
    assert min(fit.optima) == pytest.approx(fit.inertia)
    assert fit.runner_up > 0
    assert fit.searched == fit.inertia
    assert fit.confirmed >= search.CONFIG.n_confirmations
    assert fit.rows_searched == 160


@pytest.mark.parametrize(
    ("rows", "ks", "words"),
    [
        (np.zeros((3, 2)), [4], "only 3 rows"),
        (np.zeros((9, 2)), [2], "only 1 distinct"),
        (np.array([[1.0, np.nan]]), [1], "row 0, column 1"),
        (np.zeros(4), [1], "shape"),
        (np.zeros((4, 1)), [], "empty"),
        (np.zeros((4, 1)), [0], "1 or more"),
    ],
)
def test_a_matrix_that_cannot_be_clustered_says_why(
    rows: np.ndarray, ks: list[int], words: str
) -> None:
    with pytest.raises(ClusteringError, match=words):
        fit_range(rows, ks, random_state=0)


def test_importing_the_module_does_not_wait_for_the_compiler() -> None:
    code = "import helpers.kmeans.search, sys; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


KNOWN = """
 2 10218.6201  9727.8835
 3  9007.7527  8427.2124
 4  8158.8017  7585.7580
 5  7567.2546  6989.1622
 6  7008.1914  6485.2500
 7  6533.7303  6099.7278
 8  6151.6529  5786.6935
 9  5851.8176  5544.1790
10  5615.5871  5321.1735
11  5387.4142  5111.0107
12  5190.9334  4941.4753
"""
"""Best inertia that any search has reached on the real table: K, as it is, clipped."""

LINES = [line.split() for line in KNOWN.split("\n") if line]
BEST = {
    False: {int(k): float(inertia) for k, inertia, _ in LINES},
    True: {int(k): float(inertia) for k, _, inertia in LINES},
}


@pytest.mark.seed_data
@pytest.mark.parametrize("clipped", [False, True])
def test_the_real_table_reaches_the_best_known_inertia(seed_data: Path, clipped: bool) -> None:
    rows = real(seed_data, clipped=clipped)
    order = np.random.default_rng(7).permutation(rows.shape[0])
    first = fit_range(rows, range(2, 13), random_state=1)
    again = fit_range(rows[order], range(2, 13), random_state=2)
    for k, best in BEST[clipped].items():
        assert first[k].inertia <= best * (1 + 1e-4)
        assert again[k].inertia <= best * (1 + 1e-4)
        if k <= 8:
            np.testing.assert_array_equal(first[k].labels[order], again[k].labels)


@pytest.mark.slow
@pytest.mark.seed_data
@pytest.mark.parametrize("clipped", [False, True])
def test_twenty_seeds_and_five_orders_give_one_partition(seed_data: Path, clipped: bool) -> None:
    rows = real(seed_data, clipped=clipped)
    first = fit_range(rows, range(2, 13), random_state=0)
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(rows.shape[0])
        order = order if seed < 5 else np.arange(rows.shape[0])
        for k, fit in fit_range(rows[order], range(2, 13), random_state=100 + seed).items():
            assert fit.inertia <= BEST[clipped][k] * (1 + 1e-4)
            if k <= 8:
                np.testing.assert_array_equal(first[k].labels[order], fit.labels)


@pytest.mark.slow
@pytest.mark.seed_data
def test_an_independent_search_of_the_real_table_finds_nothing_better(seed_data: Path) -> None:
    rows = real(seed_data, clipped=False)
    for k, fit in fit_range(rows, range(2, 13), random_state=0).items():
        assert fit.inertia <= independent(rows, k, starts=20, seed=k) * (1 + 1e-4)


def crowd(n: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    centres = 4 * rng.standard_normal((5, 3))
    rows = centres[rng.integers(0, 5, n)] + rng.standard_normal((n, 3))
    return (rows - rows.mean(axis=0)) / rows.std(axis=0)


def test_a_large_table_is_searched_by_a_sample_and_polished_on_all_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "CONFIG", search.SearchConfig(max_rows=1_000))
    rows = crowd(6_000)
    order = np.random.default_rng(1).permutation(6_000)
    fits = fit_range(rows, [1, 3, 5, 6], random_state=0)
    again = fit_range(rows[order], [1, 3, 5, 6], random_state=0)
    monkeypatch.setattr(search, "threads", lambda: 1)
    alone = fit_range(rows, [1, 3, 5, 6], random_state=0)
    monkeypatch.setattr(search, "CONFIG", search.SearchConfig())
    exact = fit_range(rows, [1, 3, 5, 6], random_state=0)
    for k, fit in fits.items():
        assert fit.rows_searched == 1_000
        # Which of five equal groups a sixth centre cuts best, a sample cannot tell.
        assert fit.inertia <= exact[k].inertia * (1 + (3e-3 if k == 6 else 2e-4))
        assert fit.inertia == pytest.approx(((rows - fit.centres[fit.labels]) ** 2).sum(), rel=1e-5)
        for other in (again[k], alone[k]):
            assert fit.centres.tobytes() == other.centres.tobytes()
            assert fit.inertia == other.inertia
        np.testing.assert_array_equal(fit.labels[order], again[k].labels)
        np.testing.assert_array_equal(fit.labels, alone[k].labels)
    assert np.mean(fits[5].labels == exact[5].labels) > 0.999


def test_a_runner_up_of_the_sample_that_ends_better_on_the_table_is_chosen() -> None:
    rng = np.random.default_rng(4)
    rows = np.vstack([rng.normal(centre, 0.1, (200, 2)) for centre in (0.0, 4.0, 9.0)])
    good = np.array([[0.0, 0.0], [4.0, 4.0], [9.0, 9.0]])
    # Two centres in one group and one between the others: Lloyd's iterations do not leave that.
    bad = np.array([[-0.1, -0.1], [0.1, 0.1], [6.5, 6.5]])
    with ThreadPoolExecutor(2) as workers:
        (chosen,) = search._chosen(rows, [[bad, good]], workers)
        (kept,) = search._chosen(rows, [[bad]], workers)
    np.testing.assert_allclose(chosen, good, atol=0.05)
    assert np.abs(kept - good).max() > 1


def test_rows_in_doubt_are_those_that_partitions_as_good_put_elsewhere() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1], np.int32)
    renamed = 1 - labels
    one_moved = np.array([1, 1, 0, 0, 0, 0], np.int32)  # and the clusters have other numbers
    worse = np.array([0, 1, 0, 1, 0, 1], np.int32)
    others = [(10.0, labels), (10.0, renamed), (10.001, one_moved), (10.1, worse)]
    rivals, parted = search._rivals(labels, 10.0, others, 2)
    assert rivals == 1
    assert parted.tolist() == [False, False, True, False, False, False]


def test_a_square_cut_either_way_is_in_doubt_and_separate_groups_are_not() -> None:
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    fit = fit_range(np.repeat(corners, 5, axis=0), [2], random_state=0)[2]
    assert fit.rivals >= 1
    assert fit.in_doubt in (10, 20)  # the other cut moves a corner of each half, by any pairing
    separate = fit_range(10 * groups(), [4], random_state=0)[4]
    assert (separate.rivals, separate.in_doubt) == (0, 0)
