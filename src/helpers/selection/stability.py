"""How far a segmentation survives other samples of the same customers, and other seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.kmeans.sampling import sample_rows
from helpers.kmeans.search import (
    Fit,
    Floats,
    _nearest,
    _Table,
    checked,
    conditioned,
    fit_afresh,
    threads,
)

SAMPLE_ROWS = 5_000
"""Rows that are resampled at most; a larger table is represented by a sample of this size."""

CLUSTER_COLUMNS = [
    "k",
    "cluster",
    "n",
    "jaccard",
    "jaccard_low",
    "jaccard_high",
    "jaccard_se",
    "resamples",
]
AGREEMENT_COLUMNS = ["k", "resample_ari", "moved", "wanderers", "rows"]


def contingency(left: NDArray[Any], right: NDArray[Any], shape: tuple[int, int]) -> Floats:
    """Count the rows of each pair of labels.

    Parameters
    ----------
    left, right : ndarray of int, shape (n,)
        Labels from 0.
    shape : tuple of int
        Number of labels of each.

    Returns
    -------
    ndarray of float64, shape `shape`

    Examples
    --------
    >>> contingency(np.array([0, 0, 1]), np.array([1, 1, 0]), (2, 2)).tolist()
    [[0.0, 2.0], [1.0, 0.0]]
    """
    pairs = left.astype(np.int64) * shape[1] + right
    return np.bincount(pairs, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)


def jaccard(table: Floats) -> Floats:
    """Jaccard similarity of each cluster (row of the table) to its nearest counterpart.

    Parameters
    ----------
    table : ndarray, shape (k, m)
        Contingency table.

    Returns
    -------
    ndarray of float64, shape (k,)
        1: the same rows; above 0.85 highly stable, below 0.6 not to be trusted (Hennig 2007).
        NaN for a cluster without rows.

    Examples
    --------
    >>> jaccard(np.array([[3.0, 1.0], [0.0, 4.0]])).round(2).tolist()
    [0.75, 0.8]
    """
    union = table.sum(axis=1, keepdims=True) + table.sum(axis=0, keepdims=True) - table
    share = np.divide(table, union, out=np.zeros_like(table), where=union > 0)
    return np.where(table.sum(axis=1) > 0, share.max(axis=1), np.nan)


def adjusted_rand(table: Floats) -> float:
    """Adjusted Rand index of two labellings from their contingency table (Hubert and Arabie 1985).

    Parameters
    ----------
    table : ndarray, shape (k, m)
        Contingency table.

    Returns
    -------
    float
        1: the same partition; 0: no more agreement than by chance.

    Examples
    --------
    >>> adjusted_rand(np.array([[2.0, 0.0], [0.0, 2.0]]))
    1.0
    """
    cells = float((table * (table - 1)).sum())
    left = float((table.sum(axis=1) * (table.sum(axis=1) - 1)).sum())
    right = float((table.sum(axis=0) * (table.sum(axis=0) - 1)).sum())
    total = float(table.sum())
    pairs = total * (total - 1)
    chance = left * right / pairs if pairs > 0 else 0.0
    most = 0.5 * (left + right)
    return 1.0 if most == chance else (cells - chance) / (most - chance)


@dataclass(frozen=True)
class _Units:
    """Distinct rows, how often each occurs, and the sample that stands for a large table."""

    rows: Floats
    repeats: NDArray[np.int64]
    first: NDArray[np.int64]
    table: _Table


def _units(rows: Floats, sample: int) -> _Units:
    chosen = sample_rows(rows, sample)
    part = rows[chosen]
    order = np.lexsort(part.T[::-1])
    part = part[order]
    fresh = np.concatenate([[True], np.any(part[1:] != part[:-1], axis=1)])
    starts = np.flatnonzero(fresh)
    repeats = np.diff(np.append(starts, part.shape[0]))
    distinct = np.ascontiguousarray(part[starts])
    return _Units(distinct, repeats, chosen[order[starts]], _Table.of(distinct))


def resample(
    matrix: NDArray[Any],
    fits: Mapping[int, Fit],
    *,
    random_state: int,
    resamples: int = 100,
    sample: int = SAMPLE_ROWS,
    progress: Callable[[str], None] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Refit every K on bootstrap samples and see which clusters come back.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        The matrix that was clustered.
    fits : mapping of int to Fit
        Partitions by K.
    random_state : int
        Seed of the resamples and their starts.
    resamples : int
        Number of bootstrap samples.
    sample : int
        Rows at most: a larger table is represented by a sample chosen by a hash of its values.
    progress : callable, optional
        Called with one short sentence as the work goes on.

    Returns
    -------
    clusters : DataFrame
        One row per K and cluster: `k`, `cluster`, `n` (rows of the cluster in the whole table),
        `jaccard` (mean over the resamples), `jaccard_low`, `jaccard_high` (2.5 % and 97.5 %
        quantiles over the resamples), `jaccard_se` (standard error of the mean), `resamples`.
    agreement : DataFrame
        One row per K: `k`, `resample_ari` (mean adjusted Rand index with the partition),
        `moved` (mean share of distinct rows that change cluster), `wanderers` (share of distinct
        rows that change in over 20 % of the resamples), `rows` (distinct rows compared).

    Notes
    -----
    Every refit starts from nothing; one that started from the solution would confirm it too
    easily. Repeated rows do not flatter: distinct rows are drawn, each with all its
    repeats, and each counts once in the comparison. Every distinct row is compared, also those
    outside the resample, by the nearest centre of the refit.

    References
    ----------
    Hennig (2007), Cluster-wise assessment of cluster stability.

    Examples
    --------
    >>> from helpers.kmeans.search import fit_range
    >>> table = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2]])
    >>> fits = fit_range(table, [2], random_state=0)
    >>> resample(table, fits, random_state=0, resamples=20)[0]["n"].tolist()
    [3, 3]
    """
    rows = conditioned(checked(matrix, 1)).rows
    units = _units(rows, sample)
    ks = sorted(k for k in fits if k > 1)
    own = {k: fits[k].labels[units.first] for k in ks}
    count = units.rows.shape[0]

    def one(number: int) -> dict[int, tuple[Floats, float, NDArray[np.bool_]]]:
        from helpers.kmeans import kernels

        rng = np.random.default_rng([random_state, 23, number])
        drawn = np.sort(rng.integers(0, count, count))
        refits = fit_afresh(
            units.rows[np.repeat(drawn, units.repeats[drawn])], ks, rng=rng, restarts=2
        )
        found = {}
        for k, centres in refits.items():
            labels = _nearest(units.table, centres, kernels)
            table = contingency(own[k], labels, (k, k))
            moved = table.argmax(axis=0)[labels] != own[k]
            found[k] = (jaccard(table), adjusted_rand(table), moved)
        return found

    results = []
    with ThreadPoolExecutor(threads()) as workers:
        for number, result in enumerate(workers.map(one, range(resamples)), start=1):
            results.append(result)
            if progress is not None and number % 10 == 0:
                progress(f"{number} of {resamples} resamples refitted")
    clusters, agreement = [], []
    for k in ks:
        kept = [result[k] for result in results if k in result]
        if not kept:
            continue
        values = np.array([found[0] for found in kept])
        sizes = np.bincount(fits[k].labels, minlength=k)
        for c in range(k):
            seen = values[:, c][~np.isnan(values[:, c])]
            seen = seen if seen.size else np.array([0.0])
            low, high = np.quantile(seen, [0.025, 0.975])
            clusters.append(
                {
                    "k": k,
                    "cluster": c,
                    "n": int(sizes[c]),
                    "jaccard": float(seen.mean()),
                    "jaccard_low": float(low),
                    "jaccard_high": float(high),
                    "jaccard_se": float(seen.std() / np.sqrt(seen.size)),
                    "resamples": len(kept),
                }
            )
        moves = np.mean([found[2] for found in kept], axis=0)
        agreement.append(
            {
                "k": k,
                "resample_ari": float(np.mean([found[1] for found in kept])),
                "moved": float(moves.mean()),
                "wanderers": float((moves > 0.2).mean()),
                "rows": count,
            }
        )
    return (
        pd.DataFrame.from_records(clusters, columns=CLUSTER_COLUMNS),
        pd.DataFrame.from_records(agreement, columns=AGREEMENT_COLUMNS),
    )


def prediction_strength(
    matrix: NDArray[Any],
    ks: Iterable[int],
    *,
    random_state: int,
    splits: int = 20,
    sample: int = SAMPLE_ROWS,
) -> pd.DataFrame:
    """Cluster two halves apart and see whether the one's centres keep the other's pairs together.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        Scaled features.
    ks : iterable of int
        Numbers of clusters.
    random_state : int
        Seed of the splits and of all starts.
    splits : int
        Number of random halvings; both halves serve as the test half.
    sample : int
        Rows at most: a larger table is represented by a sample chosen by a hash of its values.

    Returns
    -------
    DataFrame
        `k`; `prediction_strength`: the mean over the splits of the smallest share, over the
        clusters, of pairs that stay together: 1 is best, 0.8 or more supports K;
        `prediction_se`: its standard error; `splits`.

    Notes
    -----
    Distinct rows are split, so that a row and its repeat are never on both sides. A cluster that
    has one row in the half, or none, has no pairs: the paper leaves its share open, here it
    counts as 1, as in the R package fpc.

    References
    ----------
    Tibshirani and Walther (2005), Cluster validation by prediction strength.

    Examples
    --------
    >>> table = np.repeat([[0.0], [9.0]], 20, axis=0) + np.random.default_rng(0).random((40, 1))
    >>> prediction_strength(table, [2], random_state=0)["prediction_strength"].tolist()
    [1.0]
    """
    rows = conditioned(checked(matrix, 1)).rows
    units = _units(rows, sample)
    count = units.rows.shape[0]
    wanted = sorted({int(k) for k in ks if k > 1})

    def one(number: int) -> dict[int, float]:
        from helpers.kmeans import kernels

        rng = np.random.default_rng([random_state, 37, number])
        mixed = rng.permutation(count)
        halves = np.sort(mixed[: count // 2]), np.sort(mixed[count // 2 :])
        refits = [
            fit_afresh(units.rows[np.repeat(half, units.repeats[half])], wanted, rng=rng)
            for half in halves
        ]
        found = {}
        for k in wanted:
            if k not in refits[0] or k not in refits[1]:
                continue
            sides = [_nearest(units.table, refit[k], kernels) for refit in refits]
            values = []
            for half, own, other in ((halves[1], 1, 0), (halves[0], 0, 1)):
                table = contingency(sides[own][half], sides[other][half], (k, k))
                sizes = table.sum(axis=1)
                pairs = np.maximum(sizes * (sizes - 1), 1.0)
                # A cluster of one row has no pair that could be parted: it does not lower the
                # least share, as in fpc. Whether it is too small, the floor of sizes says.
                kept = np.where(sizes > 1, (table * (table - 1)).sum(axis=1) / pairs, 1.0)
                values.append(float(kept.min()))
            found[k] = float(np.mean(values))
        return found

    with ThreadPoolExecutor(threads()) as workers:
        results = list(workers.map(one, range(splits)))
    records = []
    for k in wanted:
        values = np.array([result[k] for result in results if k in result])
        if values.size:
            records.append(
                {
                    "k": k,
                    "prediction_strength": float(values.mean()),
                    "prediction_se": float(values.std() / np.sqrt(values.size)),
                    "splits": int(values.size),
                }
            )
    return pd.DataFrame.from_records(
        records, columns=["k", "prediction_strength", "prediction_se", "splits"]
    )


def seed_agreement(
    matrix: NDArray[Any],
    ks: Iterable[int],
    *,
    random_state: int,
    starts: int = 40,
    n_init: int = 10,
    sample: int = SAMPLE_ROWS,
) -> pd.DataFrame:
    """Agreement that two ordinary K-Means runs with different seeds would have.

    An ordinary run keeps the best of `n_init` k-means++ starts. From `starts` such
    starts the chance of each to be the best of `n_init` is known, and with it the
    expected agreement of two runs: no run has to be repeated.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        Scaled features.
    ks : iterable of int
        Numbers of clusters.
    random_state : int
        Seed of the starts.
    starts : int
        Single starts, each taken down by Lloyd's iterations alone.
    n_init : int
        Starts of an ordinary run.
    sample : int
        Rows at most: a larger table is represented by a sample chosen by a hash of its values.

    Returns
    -------
    DataFrame
        `k`; `seed_ari`: expected adjusted Rand index of two runs, 1 if the seed does not
        matter; `seed_starts`.

    Examples
    --------
    >>> table = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> seed_agreement(table, [2], random_state=0)["seed_ari"].tolist()
    [1.0]
    """
    rows = conditioned(checked(matrix, 1)).rows
    part = rows[sample_rows(rows, sample)]
    table = _Table.of(np.ascontiguousarray(part[np.lexsort(part.T[::-1])]))
    wanted = sorted({int(k) for k in ks if k > 1})

    def one(k: int) -> float:
        from helpers.kmeans import kernels

        rng = np.random.default_rng([random_state, 41, k])
        ends: dict[bytes, int] = {}
        found: list[NDArray[Any]] = []
        values = []
        which = []
        for _ in range(starts):
            centres = kernels.kmeans_plusplus(
                table.rows, table.columns, k, rng.random((k, 2 + int(np.log(k))))
            )
            labels, _, inertia = kernels.search(
                table.rows, table.columns, table.squares, table.square, centres, 0, 0.0
            )
            labels = np.argsort(np.lexsort(centres.T[::-1]))[labels]
            key = labels.tobytes()
            if key not in ends:
                ends[key] = len(found)
                found.append(labels)
            values.append(inertia)
            which.append(ends[key])
        order = np.argsort(values, kind="stable")
        # The chance that the best of n_init draws is the r-th best of all starts.
        left = 1.0 - np.arange(starts + 1) / starts
        chance = left[:-1] ** n_init - left[1:] ** n_init
        weights = np.bincount(np.array(which)[order], weights=chance, minlength=len(found))
        agreement = 0.0
        likely = np.flatnonzero(weights > 1e-4)
        for a in likely:
            for b in likely[likely <= a]:
                ari = 1.0 if a == b else adjusted_rand(contingency(found[a], found[b], (k, k)))
                agreement += weights[a] * weights[b] * ari * (1.0 if a == b else 2.0)
        return float(agreement / weights[likely].sum() ** 2)

    with ThreadPoolExecutor(threads()) as workers:
        values = list(workers.map(one, wanted))
    return pd.DataFrame({"k": wanted, "seed_ari": values, "seed_starts": starts})
