"""The bound is one, and the seekers seek."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from helpers.kmeans.search import fit_range
from maintenance import bench_optimum
from maintenance.optimum_bound import _capped, lower_bound


def best_of_all(rows: np.ndarray, k: int) -> float:
    """Least inertia over every way to label the rows."""
    least = np.inf
    for labels in product(range(k), repeat=len(rows)):
        parts = [rows[np.array(labels) == c] for c in range(k)]
        inertia = sum(((part - part.mean(axis=0)) ** 2).sum() for part in parts if len(part))
        least = min(least, float(inertia))
    return least


@pytest.mark.parametrize(("seed", "k"), [(0, 2), (1, 3), (2, 3), (3, 2)])
def test_no_partition_lies_below_the_bound(seed: int, k: int) -> None:
    rows = np.random.default_rng(seed).standard_normal((8, 2))
    bound = lower_bound(rows, k)
    best = best_of_all(rows, k)
    assert bound.spectral <= bound.semidefinite <= best * (1 + 1e-12)
    assert bound.semidefinite >= 0.8 * best


@pytest.mark.parametrize("iterations", [50, 100])
def test_the_bound_holds_wherever_the_iterations_end(iterations: int) -> None:
    rows = np.random.default_rng(5).standard_normal((60, 3))
    fit = fit_range(rows, [4], random_state=0)[4]
    assert lower_bound(rows, 4, iterations=iterations).semidefinite <= fit.inertia


def test_the_optimum_of_groups_that_lie_apart_is_proven() -> None:
    rows = bench_optimum.groups(4, 200, 0.02)
    fit = fit_range(rows, [4], random_state=0)[4]
    bound = lower_bound(rows, 4, iterations=600, rtol=1e-8)
    assert bound.semidefinite <= fit.inertia * (1 + 1e-12)
    assert bound.semidefinite >= fit.inertia * (1 - 1e-4)


def test_eigenvalues_are_capped_and_sum_to_what_is_asked() -> None:
    found = _capped(np.array([5.0, 0.7, 0.6, -3.0]), 2.0)
    np.testing.assert_allclose(found, [1.0, 0.55, 0.45, 0.0])


@pytest.mark.parametrize("name", list(bench_optimum.SEEKERS))
def test_every_seeker_finds_groups_that_lie_apart(name: str) -> None:
    rows = bench_optimum.groups(5, 300, 0.01)
    best = fit_range(rows, [5], random_state=0)[5].inertia
    fitter = bench_optimum.Fitter(rows)
    found = bench_optimum.SEEKERS[name](fitter, 5, np.random.default_rng(0), 0.5)
    assert found == pytest.approx(best, rel=1e-9)


def test_the_document_holds_every_figure() -> None:
    compared = pd.DataFrame({"table": ["t"], "k": [3], "seconds": [0.5], "inertia": [12.5]})
    compared = compared.assign(**dict.fromkeys(bench_optimum.SEEKERS, 0.001))
    bounded = pd.DataFrame(
        {"k": [3], "inertia": [12.5], "spectral": [0.4], "semidefinite": [0.03]}
    ).assign(iterations=50, seconds=9.0)
    text = bench_optimum.document(compared, {"Table": bounded})
    assert "| t | 3 | 0.50 | 12.5 | +1.0e-03 | +1.0e-03 | +1.0e-03 |" in text
    assert "| 3 | 12.5 | 40.00% | 3.0000% | 50 | 9 |" in text
