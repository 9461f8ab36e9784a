"""Whether methods that cut otherwise than K-Means find the same segments."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.kmeans.sampling import sample_rows
from helpers.kmeans.search import Floats
from helpers.selection.stability import contingency

SAMPLE_ROWS = 2_000
"""Rows that the other methods are given at most: some of them need all pairs of rows."""

MEDOID_SWAPS = 200
"""Exchanges of a medoid at most."""

STARTS = 5
"""Starts of the mixture, of which the likeliest one is taken."""

Labels = NDArray[np.int64]


def second_opinions(
    matrix: Floats, segments: pd.Series, *, found_at: float, floor: int = 5
) -> pd.DataFrame:
    """Look for each segment among the clusters that five other methods make of the same rows.

    Parameters
    ----------
    matrix : ndarray of float64, shape (n, d)
        Scaled features.
    segments : Series of int, length n
        Segment of each row, from 1.
    found_at : float
        Jaccard similarity from which a segment counts as found, 0 to 1.
    floor : int
        Segments with fewer rows are left out.

    Returns
    -------
    DataFrame
        One row per segment and method: `segment`; `method`; `clusters`, how many the method made;
        `jaccard`, similarity of the segment to the nearest of them, 1 for the same rows, 0 for none
        in common; `found`; `rows`, those that the methods were given.

    Notes
    -----
    Ward's method, a mixture of Gaussians with diagonal covariances, k-medoids (PAM, Euclidean)
    and bisecting K-Means are asked for as many clusters as there are segments. HDBSCAN finds
    its own number and leaves rows out. More than `SAMPLE_ROWS` rows are represented by a sample
    that depends on their values alone; rows are sorted, and every start is fixed, so neither the
    seed nor the order of the rows matters.

    References
    ----------
    Ward (1963). Kaufman and Rousseeuw (1990), PAM; Schubert and Rousseeuw (2021), its exchanges.
    Campello, Moulavi and Sander (2013), HDBSCAN. The similarity is that of Hennig (2007).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = np.vstack([rng.normal(c, 0.2, (30, 2)) for c in (0, 5)])
    >>> opinions = second_opinions(rows, pd.Series(np.repeat([1, 2], 30)), found_at=0.75)
    >>> opinions.groupby("segment")["found"].sum().tolist()
    [5, 5]
    """
    numbers = segments.to_numpy(np.int64)
    place = sample_rows(matrix, SAMPLE_ROWS)
    rows, own = np.ascontiguousarray(matrix[place]), numbers[place]
    order = np.lexsort(np.column_stack([own, rows[:, ::-1]]).T)
    rows, own = rows[order], own[order]
    told, sizes = np.unique(numbers, return_counts=True)
    k = len(told)
    records = []
    for method, cluster in METHODS.items():
        labels = _labels(cluster, rows, k)
        clusters = int(labels.max()) + 1
        # Rows that a method leaves out are one column more, which is nobody's cluster.
        shared = contingency(np.searchsorted(told, own), labels + 1, (k, clusters + 1))
        joined = shared.sum(axis=1)[:, None] + shared.sum(axis=0) - shared
        similar = np.divide(shared, joined, out=np.zeros_like(shared), where=joined > 0)
        best = similar[:, 1:].max(axis=1, initial=0.0)
        for segment, size, value in zip(told, sizes, best, strict=True):
            if size >= floor:
                records.append(
                    {
                        "segment": int(segment),
                        "method": method,
                        "clusters": clusters,
                        "jaccard": float(value),
                        "found": bool(value >= found_at),
                        "rows": len(rows),
                    }
                )
    columns = ["segment", "method", "clusters", "jaccard", "found", "rows"]
    return pd.DataFrame(records, columns=columns)


def _labels(cluster: Callable[[Floats, int], Labels], rows: Floats, k: int) -> Labels:
    """Clusters of a method from 0, -1 where it leaves a row out; the same for any threads."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), warnings.catch_warnings():
        # A mixture that has not come to rest, fewer distinct rows than clusters: a bad opinion.
        warnings.simplefilter("ignore")
        return np.asarray(cluster(rows, k), np.int64)


def _ward(rows: Floats, k: int) -> Labels:
    from sklearn.cluster import AgglomerativeClustering

    return np.asarray(AgglomerativeClustering(k, linkage="ward").fit(rows).labels_)


def _mixture(rows: Floats, k: int) -> Labels:
    from sklearn.mixture import GaussianMixture

    # Not started from K-Means, as by default: it is to have its own opinion.
    model = GaussianMixture(
        k, covariance_type="diag", n_init=STARTS, init_params="k-means++", random_state=0
    )
    return np.asarray(model.fit(rows).predict(rows))


def _bisecting(rows: Floats, k: int) -> Labels:
    from sklearn.cluster import BisectingKMeans

    return np.asarray(BisectingKMeans(k, n_init=STARTS, random_state=0).fit(rows).labels_)


def _hdbscan(rows: Floats, k: int) -> Labels:
    from sklearn.cluster import HDBSCAN

    smallest = min(len(rows), max(5, len(rows) // 50))
    return np.asarray(HDBSCAN(min_cluster_size=smallest, copy=True).fit(rows).labels_)


def _medoids(rows: Floats, k: int) -> Labels:
    """Build k medoids greedily, then make the best exchange of one until none helps (PAM)."""
    from scipy.spatial.distance import cdist

    distances = cdist(rows, rows)
    n = len(rows)
    medoids = [int(distances.sum(axis=0).argmin())]
    while len(medoids) < k:
        nearest = distances[:, medoids].min(axis=1)
        gains = np.maximum(nearest[:, None] - distances, 0.0).sum(axis=0)
        gains[medoids] = -1.0
        medoids.append(int(gains.argmax()))
    for _ in range(MEDOID_SWAPS if k > 1 else 0):
        own = distances[:, medoids]
        labels = own.argmin(axis=1)
        nearest, second = np.partition(own, 1, axis=1)[:, :2].T
        # What everyone loses (less than 0: gains) if a row becomes a medoid beside the others,
        # and what those of one medoid lose beyond that if it goes.
        beside = np.minimum(distances - nearest[:, None], 0.0)
        instead = np.minimum(distances, second[:, None]) - nearest[:, None]
        members = np.zeros((k, n))
        members[labels, np.arange(n)] = 1.0
        change = beside.sum(axis=0) + members @ (instead - beside)
        gone, come = divmod(int(change.argmin()), n)
        if change[gone, come] >= -1e-9 * nearest.sum():
            break
        medoids[gone] = come
    return np.asarray(distances[:, medoids].argmin(axis=1))


METHODS: dict[str, Callable[[Floats, int], Labels]] = {
    "Ward": _ward,
    "Gaussian mixture": _mixture,
    "k-medoids": _medoids,
    "bisecting K-Means": _bisecting,
    "HDBSCAN": _hdbscan,
}
"""Name of each method to what makes its labels from rows and a number of clusters."""
