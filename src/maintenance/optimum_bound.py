"""A proven lower bound of the inertia of any partition, by a semidefinite relaxation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

Floats = np.ndarray

POWERS = 2
"""Times that a guess of the leading eigenvectors is multiplied by the matrix."""

SPARE = 8
"""Eigenvectors followed beside those that the last iteration used."""


@dataclass(frozen=True)
class Bound:
    """
    What is proven of the best inertia of K clusters.

    Attributes
    ----------
    k : int
        Number of clusters.
    spectral : float
        Total sum of squares less that along the first K - 1 principal axes: no partition has a
        lower inertia (Zha et al. 2001, Ding and He 2004).
    semidefinite : float
        The bound of the relaxation: never below `spectral`.
    iterations : int
        Iterations that it took.
    """

    k: int
    spectral: float
    semidefinite: float
    iterations: int


def lower_bound(
    matrix: Floats, k: int, *, iterations: int = 400, every: int = 50, rtol: float = 2e-5
) -> Bound:
    """
    Bound the inertia of every partition into k clusters from below.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        Scaled features; a few thousand rows at most, since n * n numbers are held several times.
    k : int
        Number of clusters, 2 or more.
    iterations : int
        Iterations at most; more bring the bound nearer to that of the relaxation.
    every : int
        Iterations between two evaluations of the bound.
    rtol : float
        It ends where an evaluation raises the bound by less than this share of it.

    Returns
    -------
    Bound
        Valid whenever the iterations end: each of their multipliers gives a bound.

    Notes
    -----
    A partition is the matrix Z with 1 / size for two rows of one cluster and 0 else; its inertia is
    the total sum of squares less <XX', Z>. All such Z are positive semidefinite with
    eigenvalues of at most 1, have trace K, rows that sum to 1, and no entry below 0 (Peng and Wei
    2007). The least value over all Z of that kind is found by splitting the eigenvalues from the
    entries (the alternating direction method of multipliers).

    With any multipliers U >= 0 of the entries the bound is the total sum of squares plus
    e'(-XX' - U)e / n plus the K - 1 lowest eigenvalues of -XX' - U on the vectors that sum to 0.
    These come from a full decomposition, whose rounding is taken off.

    References
    ----------
    Peng and Wei (2007), Approximating K-means-type clustering via semidefinite programming.
    Piccialli, Sudoso and Wiegele (2022), SOS-SDP, which closes what is left by cuts and branching.

    Examples
    --------
    >>> rows = np.array([[0.0], [1.0], [10.0], [11.0], [20.0], [21.0]])
    >>> round(lower_bound(rows, 3).semidefinite, 3)  # three pairs: 3 * 0.5
    1.5
    """
    # One thread: those of BLAS wait for each other where the machine is busy.
    with threadpool_limits(1):
        return _bound(matrix, k, iterations=iterations, every=every, rtol=rtol)


def _bound(matrix: Floats, k: int, *, iterations: int, every: int, rtol: float) -> Bound:
    rows = np.ascontiguousarray(matrix, np.float64)
    rows = rows - rows.mean(axis=0)
    n = rows.shape[0]
    products = rows @ rows.T
    total = float((rows * rows).sum())
    singular = np.linalg.svd(rows, compute_uv=False) ** 2
    spectral = total - float(singular[: k - 1].sum())
    penalty = total / k**2
    entries = np.full((n, n), 1.0 / n)
    dual = np.zeros((n, n))
    basis = np.linalg.qr(np.random.default_rng(0).standard_normal((n, min(n, k + SPARE))))[0]
    best, before, done = spectral, -np.inf, 0
    for done in range(1, iterations + 1):
        spread, basis = _project_eigenvalues(entries - dual + products / penalty, k, basis)
        shifted = spread + dual
        fresh = np.maximum(shifted, 0.0)
        primal_gap = float(np.linalg.norm(spread - fresh))
        dual_gap = float(np.linalg.norm(fresh - entries))
        entries, dual = fresh, shifted - fresh
        # Both residuals are to fall in step: else the penalty is moved.
        if done % 20 == 0 and done < 300 and not 1 / 3 < primal_gap / (dual_gap + 1e-300) < 3:
            factor = 1.5 if primal_gap > dual_gap else 1 / 1.5
            penalty, dual = penalty * factor, dual / factor
        if done % every == 0:
            best = max(best, total + _dual_value(products - penalty * dual, k))
            if best - before <= rtol * best:
                break
            before = best
    return Bound(k, spectral, best, done)


def _centred(square: Floats) -> Floats:
    """Take the mean of each row and column off a symmetric matrix."""
    means = square.mean(axis=0)
    return square - means[None, :] - means[:, None] + means.mean()


def _project_eigenvalues(square: Floats, k: int, basis: Floats) -> tuple[Floats, Floats]:
    """Find the nearest matrix with row sums 1, trace K and other eigenvalues from 0 to 1.

    The leading eigenvectors are sought in the span of the last ones and of their images: no
    more is needed, since what is wrong in one iteration is corrected by those that follow, and
    the bound itself does not depend on it.
    """
    square = _centred(square)
    parts = [basis]
    for _ in range(POWERS):
        parts.append(square @ parts[-1])
        parts[-1] /= np.linalg.norm(parts[-1], axis=0) + 1e-300
    span = np.linalg.qr(np.hstack(parts))[0]
    values, vectors = np.linalg.eigh(span.T @ square @ span)
    values, vectors = values[::-1], vectors[:, ::-1]
    weights = _capped(values, k - 1)
    used = int((weights > 0).sum())
    leading = span @ vectors[:, : min(used + SPARE, vectors.shape[1])]
    spread = (leading[:, :used] * weights[:used]) @ leading[:, :used].T
    return spread + 1.0 / square.shape[0], leading


def _capped(values: Floats, total: float) -> Floats:
    """Project onto the numbers from 0 to 1 that sum to `total`. Bound: 80 bisections."""
    low, high = float(values.min()) - 1.0, float(values.max())
    for _ in range(80):
        middle = 0.5 * (low + high)
        if np.clip(values - middle, 0.0, 1.0).sum() > total:
            low = middle
        else:
            high = middle
    return np.asarray(np.clip(values - high, 0.0, 1.0))


def _dual_value(gain: Floats, k: int) -> float:
    """Value of the dual for -gain = -XX' - U, less a bound of its rounding."""
    n = gain.shape[0]
    values = np.linalg.eigvalsh(_centred(gain))
    # The eigenvalue of the constant vector is 0: to count it as one more only lowers the value.
    leading = np.maximum(values[::-1][: k - 1], 0.0).sum()
    rounding = 8.0 * n * k * np.finfo(float).eps * float(np.abs(values).max())
    return float(-gain.mean() * n - leading - rounding)
