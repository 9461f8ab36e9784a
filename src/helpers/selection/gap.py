"""The gap statistic: how much tighter the clusters are than those of a table without any."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.kmeans import reference
from helpers.kmeans.sampling import sample_rows
from helpers.kmeans.search import Floats, checked, fit_afresh, nearest, threads

SAMPLE_ROWS = 5_000
"""Rows of each reference table at most; a larger table is represented by a sample of this size."""


def inertias(rows: Floats, centres: dict[int, Floats]) -> dict[int, float]:
    """Inertia of the partitions that the centres make of the rows.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, d)
        Scaled features.
    centres : dict of int to ndarray, shape (k, d)
        Centres by K.

    Returns
    -------
    dict of int to float
        Sum of squared distances to the nearest centre, by K.

    Examples
    --------
    >>> inertias(np.array([[0.0], [2.0]]), {1: np.array([[1.0]])})
    {1: 2.0}
    """
    return {k: reference.inertia(rows, nearest(rows, c), c) for k, c in centres.items()}


def gap_statistic(
    matrix: NDArray[Any],
    ks: Iterable[int],
    *,
    random_state: int,
    references: int = 20,
    sample: int = SAMPLE_ROWS,
) -> pd.DataFrame:
    """Compare the log inertia of each K with that of uniform tables of the same shape.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        Scaled features.
    ks : iterable of int
        Numbers of clusters; K = 1 is always added, since the statistic may prefer it.
    random_state : int
        Seed of the reference tables and of all starts.
    references : int
        Reference tables (B of the paper), 2 or more.
    sample : int
        Rows at most: a larger table is represented by a sample chosen by a hash of its values.

    Returns
    -------
    DataFrame
        `k`; `gap`: mean log inertia of the references less that of the table, higher is
        better; `gap_se`: ``sd * sqrt(1 + 1 / B)`` of the paper; `log_inertia`; `references`;
        `rows`: rows of the table and of each reference.

    Notes
    -----
    References are uniform in the box along the principal axes of the table (variant b of the
    paper). A single extreme row stretches the box and so raises the gap of every K.
    Table and references are fitted by the same short search, so that neither has the advantage.

    References
    ----------
    Tibshirani, Walther and Hastie (2001), Estimating the number of clusters in a data set via
    the gap statistic.

    Examples
    --------
    >>> table = np.repeat([[0.0, 0.0], [9.0, 9.0]], 30, axis=0)
    >>> table = table + np.random.default_rng(0).random((60, 2))
    >>> frame = gap_statistic(table, [2, 3], random_state=0)
    >>> preferred(frame)
    2
    """
    rows = checked(matrix, 1)
    chosen = rows[sample_rows(rows, sample)]
    chosen = chosen[np.lexsort(chosen.T[::-1])]
    wanted = sorted({1, *(int(k) for k in ks)})
    middle = chosen.mean(axis=0)
    _, _, axes = np.linalg.svd(chosen - middle, full_matrices=False)
    turned = (chosen - middle) @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)

    def one(number: int) -> dict[int, float]:
        rng = np.random.default_rng([random_state, 11, number])
        drawn = chosen
        if number > 0:
            drawn = rng.uniform(low, high, turned.shape) @ axes
        return inertias(drawn, fit_afresh(drawn, wanted, rng=rng, restarts=2))

    with ThreadPoolExecutor(threads()) as workers:
        own, *others = list(workers.map(one, range(references + 1)))
    ks_found = [k for k in wanted if k in own and all(k in other for other in others)]
    tiny = np.finfo(float).tiny
    records = []
    for k in ks_found:
        logs = np.log([max(other[k], tiny) for other in others])
        log_inertia = float(np.log(max(own[k], tiny)))
        records.append(
            {
                "k": k,
                "gap": float(logs.mean()) - log_inertia,
                "gap_se": float(logs.std()) * float(np.sqrt(1.0 + 1.0 / references)),
                "log_inertia": log_inertia,
                "references": references,
                "rows": int(chosen.shape[0]),
            }
        )
    return pd.DataFrame.from_records(records)


def preferred(gaps: pd.DataFrame) -> int:
    """Smallest K whose gap is not below that of the next one by more than its standard error.

    Parameters
    ----------
    gaps : DataFrame
        Columns `k`, `gap`, `gap_se`, as `gap_statistic` returns them.

    Returns
    -------
    int
        The K of the paper's rule; the largest K if no K satisfies it.

    Examples
    --------
    >>> preferred(pd.DataFrame({"k": [1, 2, 3], "gap": [0.1, 0.9, 0.8], "gap_se": [0.1] * 3}))
    2
    """
    ordered = gaps.sort_values("k")
    ks, values, errors = (ordered[name].to_list() for name in ("k", "gap", "gap_se"))
    for here in range(len(ks) - 1):
        if values[here] >= values[here + 1] - errors[here + 1]:
            return int(ks[here])
    return int(ks[-1])
