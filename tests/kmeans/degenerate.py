"""Degenerate tables, drawn by hypothesis: each ends in time, or is refused with its reason.

``python -m tests.kmeans.degenerate TABLES SECONDS`` tries so many tables in this process; one whose
tuning, or whose fits of up to 14 clusters, take more seconds of processor time, however busy the
machine, ends the process with a traceback of all threads: a hang is a failure. Run it with
``NUMBA_BOUNDSCHECK=1`` and a ``NUMBA_CACHE_DIR`` of its own, and every index of the compiled
kernels is checked too; they are six times as slow then.
"""

import faulthandler
import signal
import sys
import time
from collections import Counter

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.errors import ClusteringError
from helpers.kmeans import kernels
from helpers.kmeans.search import checked, conditioned, count_distinct, fit_afresh, fit_range
from helpers.selection.sweep import tune

SIZES = [2, 5, 12, 13, 14, 15, 16, 17, 18, 19, 20, 60, 300, 3012]
SCALES = [*[1.0] * 12, 1e-300, 1e-160, 1e-130, 1e-12, 1e-5, 1e7, 1e130, 1e300]
OFFSETS = [*[0.0] * 5, 1.0, 1e4, 1e9, 1e15, -1e15]


def _few_values(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.integers(0, rng.integers(1, 6, d) + 1, (n, d)).astype(float)


def _flags(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return (rng.random((n, d)) < rng.random(d)).astype(float)


def _normal(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.standard_normal((n, d))


def _repeats(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    different = rng.standard_normal((rng.integers(1, 14), d))
    return different[rng.geometric(0.3, n) % len(different)]


def _equal_but_one(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    rows = np.full((n, d), rng.random())
    rows[-1] = 10.0 ** rng.integers(-3, 10)
    return rows


def _clumps(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    tiny = 10.0 ** -rng.integers(2, 18)
    return rng.integers(0, 3, (n, 1)) + tiny * rng.standard_normal((n, d))


def _outlier(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    rows = rng.standard_normal((n, d))
    rows[0, 0] = 10.0 ** rng.integers(2, 14)
    return rows


def _lattice(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return np.stack(np.unravel_index(np.arange(n) % 4**d, (4,) * d), axis=1).astype(float)


KINDS = [
    _few_values,
    _flags,
    _normal,
    _repeats,
    _equal_but_one,
    _clumps,
    _outlier,
    _lattice,
]


@st.composite
def tables(draw: st.DrawFn) -> np.ndarray:
    """Draw a table with few rows, few values, ties, repeats, or values of odd sizes."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, d = draw(st.sampled_from(SIZES)), draw(st.integers(1, 5))
    rows = draw(st.sampled_from(KINDS))(rng, n, d)
    if draw(st.booleans()):
        deviation = rows.std(axis=0)
        rows = (rows - rows.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    with np.errstate(over="ignore"):
        rows = rows * draw(st.sampled_from(SCALES)) + draw(st.sampled_from(OFFSETS))
        if draw(st.booleans()):
            rows[:, 0] *= draw(st.sampled_from(SCALES))
    return rows


def tuned(rows: np.ndarray, seed: int) -> str:
    """Tune the table; return what came of it."""
    try:
        tuning = tune(rows, random_state=seed, resamples=3, references=2, splits=2)
    except ClusteringError as error:
        return "refused: " + " ".join(str(error).split()[-4:])
    _check_fits(rows, tuning.fits)
    assert tuning.table["k"].tolist() == list(tuning.fits)
    for name in ("silhouette_euclidean", "silhouette_squared", "smallest_share", "seed_ari"):
        assert np.isfinite(tuning.table[name]).all(), name
    return "tuned"


def fitted(rows: np.ndarray, seed: int) -> None:
    """Fit as many clusters as the table has distinct rows, and be refused one more."""
    try:
        near = conditioned(checked(rows, 1)).rows
    except ClusteringError as error:
        if "cannot be written as numbers" in str(error) or "in row" in str(error):
            return
        raise
    distinct = count_distinct(near, 14)
    _check_fits(rows, fit_range(rows, range(1, distinct + 1), random_state=seed))
    if distinct < 14:
        try:
            fit_range(rows, [distinct + 1], random_state=seed)
        except ClusteringError:
            pass
        else:
            raise AssertionError("more clusters than distinct rows were not refused")
    afresh = fit_afresh(near, range(1, 20), rng=np.random.default_rng(seed))
    assert list(afresh) == list(range(1, min(19, count_distinct(near, 19)) + 1))
    assert all(np.isfinite(centres).all() for centres in afresh.values())


def _check_fits(rows: np.ndarray, fits: object) -> None:
    for k, fit in fits.items():  # type: ignore[attr-defined]
        assert np.isfinite(fit.centres).all()
        assert np.isfinite(fit.inertia)
        assert fit.inertia >= 0
        assert np.unique(fit.labels).tolist() == list(range(k))
        assert (fit.centres >= rows.min(axis=0) - np.abs(rows).max(axis=0) * 1e-12).all()
        assert (fit.centres <= rows.max(axis=0) + np.abs(rows).max(axis=0) * 1e-12).all()
        assert 0 <= fit.found <= fit.restarts


def main(number: int, seconds: float) -> None:
    """Try so many tables; print how they ended and how long the slowest took."""
    faulthandler.register(signal.SIGPROF, chain=True)  # and then the signal ends the process
    ends: Counter[str] = Counter()
    slowest = 0.0
    kernels.warm()  # compiling is not searching

    @given(tables(), st.integers(0, 99))
    @settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def run(rows: np.ndarray, seed: int) -> None:
        nonlocal slowest
        for task in (tuned, fitted):
            signal.setitimer(signal.ITIMER_PROF, seconds)
            began = time.process_time()
            outcome = task(rows, seed)
            slowest = max(slowest, time.process_time() - began)
            signal.setitimer(signal.ITIMER_PROF, 0.0)
            if outcome:
                ends[outcome] += 1

    run()
    print(f"{sum(ends.values())} tables, slowest {slowest:.2f} s: {dict(ends)}")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
