"""How good each partition is: every score names its metric and the space is the matrix's own."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import ClusteringError
from helpers.kmeans.reference import means
from helpers.kmeans.sampling import sample_rows
from helpers.kmeans.search import Fit, Floats, checked, conditioned, threads
from helpers.rounding import twelve_digits

EXACT_ROWS = 20_000
"""Up to this many rows the Euclidean silhouette is exact; above, it is taken on a sample."""

SAMPLE_ROWS = 5_000
"""Rows of that sample: each is compared with all others of the sample."""

CHUNK = 100_000
"""Rows handled together where a whole column of intermediate results would not fit beside."""

COLUMNS = (
    "k",
    "inertia",
    "silhouette_euclidean",
    "silhouette_squared",
    "calinski_harabasz",
    "davies_bouldin",
    "smallest_share",
    "silhouette_euclidean_se",
    "silhouette_rows",
)


def _checked_labels(rows: Floats, labels: NDArray[Any]) -> tuple[NDArray[np.int64], int]:
    """Return labels as 0..k-1 and k, or say what is wrong with them."""
    labels = np.asarray(labels)
    if labels.shape != (rows.shape[0],):
        raise ClusteringError(
            f"`labels` has the shape {labels.shape}, the matrix {rows.shape[0]} rows: "
            "give one label per row."
        )
    values, numbered = np.unique(labels, return_inverse=True)
    if values.size < 2:
        raise ClusteringError(
            f"`labels` names {values.size} cluster: a silhouette compares two or more."
        )
    return numbered.astype(np.int64), int(values.size)


def _sums(rows: Floats, labels: NDArray[np.int64], k: int) -> tuple[Floats, Floats]:
    """Sums and counts of the rows of each label."""
    counts = np.bincount(labels, minlength=k).astype(np.float64)
    columns = [np.bincount(labels, weights=column, minlength=k) for column in rows.T]
    return np.stack(columns, axis=1).astype(np.float64), counts


def silhouette_samples_squared(matrix: NDArray[Any], labels: NDArray[Any]) -> Floats:
    """Silhouette of each row in squared Euclidean distance, in closed form.

    The mean squared distance of a row to a cluster is its squared distance to the cluster's mean
    plus the cluster's variance, so O(n K d) is enough. This is the score of Spark's
    ``ClusteringEvaluator``; it is not comparable with `silhouette_samples_euclidean`.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        Scaled features.
    labels : ndarray, shape (n,)
        Any labels; two or more different ones.

    Returns
    -------
    ndarray of float64, shape (n,)
        1 is best, 0 is on a border, below 0 is misplaced. A row alone in its cluster scores 0.

    Raises
    ------
    ClusteringError
        If the labels do not fit the matrix or name fewer than two clusters.

    References
    ----------
    Rousseeuw (1987), Silhouettes.

    Examples
    --------
    >>> silhouette_samples_squared(np.array([[0.0], [1.0], [9.0]]), np.array([0, 0, 1])).round(3)
    array([0.988, 0.984, 0.   ])
    """
    rows = checked(matrix, 1)
    numbered, k = _checked_labels(rows, labels)
    rows = rows - rows.mean(axis=0)  # less is lost where the squares are subtracted
    sums, counts = _sums(rows, numbered, k)
    means = sums / counts[:, None]
    squares = np.einsum("ij,ij->i", rows, rows)
    within = np.bincount(numbered, weights=squares, minlength=k) / counts
    variance = np.maximum(within - np.einsum("ij,ij->i", means, means), 0.0)
    own = np.zeros(rows.shape[0])
    other = np.full(rows.shape[0], np.inf)
    for c in range(k):
        distance = ((rows - means[c]) ** 2).sum(axis=1) + variance[c]
        mine = numbered == c
        # The row's own distance of zero is in its own cluster's sum: leave it out.
        own[mine] = distance[mine] * (counts[c] / max(counts[c] - 1.0, 1.0))
        other = np.where(mine, other, np.minimum(other, distance))
    return _silhouette(own, other, counts[numbered])


def _silhouette(own: Floats, other: Floats, sizes: Floats) -> Floats:
    larger = np.maximum(own, other)
    usable = (sizes > 1) & (larger > 0) & np.isfinite(other)
    return np.where(usable, (other - own) / np.where(usable, larger, 1.0), 0.0)


def silhouette_samples_euclidean(matrix: NDArray[Any], labels: NDArray[Any]) -> Floats:
    """Silhouette of each row in Euclidean distance, exact, in O(n * n * d).

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        Scaled features.
    labels : ndarray, shape (n,)
        Any labels; two or more different ones.

    Returns
    -------
    ndarray of float64, shape (n,)
        1 is best, 0 is on a border, below 0 is misplaced. A row alone in its cluster scores 0.

    Raises
    ------
    ClusteringError
        If the labels do not fit the matrix or name fewer than two clusters.

    References
    ----------
    Rousseeuw (1987), Silhouettes; scikit-learn's ``silhouette_samples`` agrees to 1e-6.

    Examples
    --------
    >>> silhouette_samples_euclidean(np.array([[0.0], [1.0], [9.0]]), np.array([0, 0, 1])).round(3)
    array([0.889, 0.875, 0.   ])
    """
    rows = checked(matrix, 1)
    numbered, k = _checked_labels(rows, labels)
    return _euclidean(rows, [(numbered, k)])[0]


@cache
def _pools() -> Any:
    """Thread pools of the libraries loaded; to look for them takes longer than a product."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _euclidean(rows: Floats, partitions: list[tuple[NDArray[np.int64], int]]) -> list[Floats]:
    """Euclidean silhouettes of several partitions from one sweep over all distances.

    Each block of distances is multiplied by all partitions' indicator columns at once: the
    product holds the sum of the distances of each row to each cluster of each partition.
    """
    from helpers.kmeans import kernels

    n = rows.shape[0]
    everyone = np.arange(n)
    firsts = np.cumsum([0] + [k for _, k in partitions])
    flags = np.zeros((n, firsts[-1]), np.float32)
    for first, (numbered, _) in zip(firsts, partitions, strict=False):
        flags[everyone, first + numbered] = 1.0
    # Distances do not change by centring, but what float32 keeps of them does.
    columns = np.ascontiguousarray((rows - rows.mean(axis=0)).T, dtype=np.float32)
    sums = np.empty_like(flags)
    block = max(16, min(n // 16, 2_000_000 // n))  # many, so that no thread waits long

    def sweep(start: int) -> None:
        stop = min(n, start + block)
        distances = np.empty((stop - start, n), np.float32)
        kernels.distances(columns, start, distances)
        np.matmul(distances, flags, out=sums[start:stop])

    def score(number: int) -> Floats:
        numbered, k = partitions[number]
        counts = np.bincount(numbered, minlength=k).astype(np.float64)
        part = sums[:, firsts[number] : firsts[number] + k].astype(np.float64)
        own = part[everyone, numbered] / np.maximum(counts[numbered] - 1.0, 1.0)
        part /= counts
        part[everyone, numbered] = np.inf
        return _silhouette(own, part.min(axis=1), counts[numbered])

    # One thread for each product: the blocks already share the processors, and a product that is
    # cut up by the number of threads might be rounded by it.
    with _pools().limit(limits=1), ThreadPoolExecutor(threads()) as workers:
        list(workers.map(sweep, range(0, n, block)))
        return list(workers.map(score, range(len(partitions))))


def margins(matrix: NDArray[Any], centres: NDArray[Any], labels: NDArray[Any]) -> Floats:
    """How far each row is from the border of its cluster.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        Scaled features.
    centres : ndarray, shape (k, d)
        Centres in the same space, two or more.
    labels : ndarray of int, shape (n,)
        Row of `centres` that each row belongs to.

    Returns
    -------
    ndarray of float64, shape (n,)
        ``(d_other - d_own) / max(d_own, d_other)`` with the Euclidean distances to the own and
        to the nearest other centre: 1 at the centre, 0 on the border, below 0 nearer to
        another centre than to its own.

    Raises
    ------
    ClusteringError
        If there are fewer than two centres, or a label names none of them.

    Examples
    --------
    >>> margins(np.array([[0.0], [4.0], [5.0]]), np.array([[0.0], [10.0]]), np.array([0, 0, 0]))
    array([1.        , 0.33333333, 0.        ])
    """
    rows = checked(matrix, 1)
    points = np.asarray(centres, dtype=np.float64)
    owners = np.asarray(labels)
    if points.ndim != 2 or points.shape[0] < 2 or points.shape[1] != rows.shape[1]:
        raise ClusteringError(
            f"`centres` has the shape {points.shape}: a margin needs two or more centres of "
            f"{rows.shape[1]} features."
        )
    if owners.shape != (rows.shape[0],) or owners.min() < 0 or owners.max() >= points.shape[0]:
        raise ClusteringError(
            f"`labels` must hold one number from 0 to {points.shape[0] - 1} for each of the "
            f"{rows.shape[0]} rows."
        )
    found = np.empty(rows.shape[0])
    for start in range(0, rows.shape[0], CHUNK):
        part = slice(start, start + CHUNK)
        own = np.zeros(rows[part].shape[0])
        other = np.full(own.size, np.inf)
        for c, point in enumerate(points):
            distance = np.sqrt(((rows[part] - point) ** 2).sum(axis=1))
            mine = owners[part] == c
            own[mine] = distance[mine]
            other = np.where(mine, other, np.minimum(other, distance))
        larger = np.maximum(own, other)
        found[part] = np.where(larger > 0, (other - own) / np.where(larger > 0, larger, 1.0), 0.0)
    return found


def score_table(
    matrix: NDArray[Any],
    fits: Mapping[int, Fit],
    *,
    exact_rows: int = EXACT_ROWS,
    sample: int = SAMPLE_ROWS,
) -> pd.DataFrame:
    """Score each partition in the space of the matrix.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        The matrix that was clustered.
    fits : mapping of int to Fit
        Partitions by K, as `fit_range` returns them.
    exact_rows : int
        Up to this many rows the Euclidean silhouette is exact.
    sample : int
        Rows it is taken on above that, chosen by a hash of their values.

    Returns
    -------
    DataFrame
        One row per K, ascending:
        `k`;
        `inertia`: sum of squared Euclidean distances to the centres, smaller is tighter;
        `silhouette_euclidean`, `silhouette_squared`: mean silhouette in the Euclidean distance
        and in its square, -1 to 1, higher is better, never comparable with each other;
        `calinski_harabasz`: variance between over variance within, higher is better;
        `davies_bouldin`: mean over clusters of the worst ratio of widths to distance, lower is
        better; `smallest_share`: rows of the smallest cluster over all rows;
        `silhouette_euclidean_se`: standard error of the Euclidean silhouette, 0 where exact;
        `silhouette_rows`: rows it was computed on. Scores of K = 1 are NaN.

    Raises
    ------
    ClusteringError
        If the labels of a fit do not belong to the matrix.

    Notes
    -----
    A sampled silhouette cannot rank neighbouring K: read it with its standard error.

    References
    ----------
    Rousseeuw (1987); Calinski and Harabasz (1974); Davies and Bouldin (1979).

    Examples
    --------
    >>> from helpers.kmeans.search import fit_range
    >>> table = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> scores = score_table(table, fit_range(table, [2], random_state=0))
    >>> scores.loc[0, ["k", "silhouette_euclidean", "smallest_share"]].round(2).tolist()
    [2.0, 0.98, 0.5]
    """
    rows = checked(matrix, 1)
    n = rows.shape[0]
    ks = sorted(fits)
    for k in ks:
        if fits[k].labels.shape != (n,):
            raise ClusteringError(
                f"The fit for k = {k} labels {fits[k].labels.size} rows, the matrix has {n}."
            )
    several = [k for k in ks if k > 1]
    # All scores in the space where digits are left for the distances; the inertia goes back.
    inertias = {k: fits[k].inertia for k in ks}
    moved = conditioned(rows)
    if moved.rows is not rows:
        rows, square = moved.rows, moved.scale * moved.scale
        fits = {
            # The means again: far from the origin those of the fit may have become equal.
            k: replace(fit, centres=means(rows, fit.labels, k), inertia=fit.inertia / square)
            for k, fit in fits.items()
        }
    chosen = np.arange(n) if n <= exact_rows else sample_rows(rows, sample)
    euclidean: dict[int, tuple[float, float]] = {}
    if several:
        parts = []
        for k in several:
            values, numbered = np.unique(fits[k].labels[chosen], return_inverse=True)
            parts.append((numbered.astype(np.int64), int(values.size)))
        for k, scores in zip(several, _euclidean(rows[chosen], parts), strict=True):
            error = 0.0 if chosen.size == n else float(scores.std(ddof=1) / np.sqrt(scores.size))
            euclidean[k] = float(scores.mean()), error
    weighed = {k: _weighed(rows, fits[k]) for k in several} if chosen.size < n else {}
    middle = rows.mean(axis=0)

    def record(k: int) -> dict[str, float]:
        fit = fits[k]
        counts = np.bincount(fit.labels, minlength=k)
        one: dict[str, float] = {
            "k": k,
            "inertia": inertias[k],
            "smallest_share": float((counts / n).min()),
            "silhouette_rows": int(chosen.size),
        }
        if k == 1:
            return one
        one["silhouette_euclidean"], one["silhouette_euclidean_se"] = euclidean[k]
        one["calinski_harabasz"] = calinski_harabasz(fit.centres, counts, fit.inertia, middle)
        if k in weighed:
            one["silhouette_squared"], widths = weighed[k]
        else:
            one["silhouette_squared"] = float(silhouette_samples_squared(rows, fit.labels).mean())
            widths = _widths(rows, fit)
        one["davies_bouldin"] = davies_bouldin(fit.centres, widths)
        return one

    with ThreadPoolExecutor(threads()) as workers:
        records = list(workers.map(record, ks))
    return pd.DataFrame.from_records(records).reindex(columns=list(COLUMNS))


def calinski_harabasz(
    centres: Floats, counts: NDArray[np.int64], inertia: float, middle: Floats
) -> float:
    """Variance between clusters over variance within (Calinski and Harabasz 1974).

    Parameters
    ----------
    centres : ndarray of float64, shape (k, d)
        Means of the clusters.
    counts : ndarray of int64, shape (k,)
        Their rows.
    inertia : float
        Sum of the squared distances of the rows to their centre.
    middle : ndarray of float64, shape (d,)
        Mean of all rows.

    Returns
    -------
    float
        Higher is better; NaN where nothing is left within.
    """
    n, k = int(counts.sum()), len(centres)
    between = float((counts * ((centres - middle) ** 2).sum(axis=1)).sum())
    if inertia <= 0 or n == k:
        return float("nan")
    return between / (k - 1) / (inertia / (n - k))


def _widths(rows: Floats, fit: Fit) -> Floats:
    """Mean Euclidean distance of the rows of each cluster to its centre."""
    distances = np.sqrt(((rows - fit.centres[fit.labels]) ** 2).sum(axis=1))
    counts = np.bincount(fit.labels, minlength=fit.k)
    sums = np.bincount(fit.labels, weights=distances, minlength=fit.k)
    return np.asarray(sums / counts, dtype=np.float64)


def davies_bouldin(centres: Floats, widths: Floats) -> float:
    """Mean over clusters of the worst ratio of widths to distance (Davies and Bouldin 1979).

    Parameters
    ----------
    centres : ndarray of float64, shape (k, d)
        Means of the clusters.
    widths : ndarray of float64, shape (k,)
        Mean Euclidean distance of the rows of each to its centre.

    Returns
    -------
    float
        Lower is better.
    """
    apart = np.sqrt(((centres[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    return float(((widths[:, None] + widths[None, :]) / apart).max(axis=1).mean())


def _weighed(rows: Floats, fit: Fit) -> tuple[float, Floats]:
    """Squared silhouette and widths of a large table: two passes and no table beside it."""
    from helpers.kmeans import kernels

    n = rows.shape[0]
    sizes = np.bincount(fit.labels, minlength=fit.k)
    cuts = np.linspace(0, n, 65).astype(np.int64)
    variances = np.zeros(fit.k)

    def one(piece: int) -> Floats:
        out = np.zeros((3, fit.k))
        kernels.silhouette_sums(
            rows,
            cuts[piece],
            cuts[piece + 1],
            fit.centres,
            variances,
            fit.labels,
            sizes,
            out[0],
            out[1],
            out[2],
        )
        return out

    with ThreadPoolExecutor(threads()) as workers:
        first = np.sum(list(workers.map(one, range(cuts.size - 1))), axis=0)
        variances = first[2] / sizes
        total = np.sum(list(workers.map(one, range(cuts.size - 1))), axis=0)
    return twelve_digits(total[0].sum() / n), first[1] / sizes
