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

MOST_REFERENCES = 100
"""Reference tables at most."""

SURE = 0.95
"""Share of the draws of the references that must prefer the same K before no more are added."""

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
        Reference tables (B of the paper) of a batch, 2 or more. Batches are added until another
        draw of the references would hardly change the preferred K, `MOST_REFERENCES` in all.
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
        while len(others) < MOST_REFERENCES and not _settled(own, others, random_state):
            batch = range(len(others) + 1, min(len(others) + references, MOST_REFERENCES) + 1)
            others += list(workers.map(one, batch))
    gaps, errors = _gaps(own, others)
    return pd.DataFrame(
        {
            "k": list(gaps),
            "gap": list(gaps.values()),
            "gap_se": list(errors.values()),
            "log_inertia": [_log(own[k]) for k in gaps],
            "references": len(others),
            "rows": int(chosen.shape[0]),
        }
    )


def _log(inertia: float) -> float:
    return float(np.log(max(inertia, np.finfo(float).tiny)))


def _gaps(
    own: dict[int, float], others: list[dict[int, float]]
) -> tuple[dict[int, float], dict[int, float]]:
    """Gap and standard error of every K that the table and all references bear."""
    scale = float(np.sqrt(1.0 + 1.0 / len(others)))
    gaps, errors = {}, {}
    for k in own:
        if all(k in other for other in others):
            logs = np.array([_log(other[k]) for other in others])
            gaps[k] = float(logs.mean()) - _log(own[k])
            errors[k] = float(logs.std()) * scale
    return gaps, errors


def _settled(own: dict[int, float], others: list[dict[int, float]], seed: int) -> bool:
    """Whether other draws of as many references would prefer the same K (by the bootstrap)."""
    gaps, errors = _gaps(own, others)
    if not gaps:
        return True
    logs = np.array([[_log(other[k]) for k in gaps] for other in others])
    base = np.array([_log(own[k]) for k in gaps])
    rng = np.random.default_rng([seed, 13])
    drawn = logs[rng.integers(0, len(others), (200, len(others)))]
    means = drawn.mean(axis=1) - base
    top = means.argmax(axis=1)
    every = np.arange(200)
    bars = means[every, top] - np.array(list(errors.values()))[top]
    choices = (means >= bars[:, None]).argmax(axis=1)
    ks = np.array(list(gaps))
    frame = pd.DataFrame({"k": ks, "gap": gaps.values(), "gap_se": errors.values()})
    return float((ks[choices] == preferred(frame)).mean()) >= SURE


def preferred(gaps: pd.DataFrame) -> int | None:
    """Smallest K whose gap is within one standard error of the highest gap of the whole curve.

    Parameters
    ----------
    gaps : DataFrame
        Columns `k`, `gap`, `gap_se`, as `gap_statistic` returns them; rows without a gap are
        left out.

    Returns
    -------
    int or None
        The K of the rule; None where no gap is known. 1 says that the table is no more clustered
        than a uniform box.

    Notes
    -----
    This is the rule "global-SE-max" (``globalSEmax`` of R's ``cluster::maxSE``). The rule of the
    paper stops at the first K that the next one does not exceed by more than its standard error:
    where the curve dips before it rises, as it does for groups that lie in groups, that names too
    small a K, often 1.

    References
    ----------
    Tibshirani, Walther and Hastie (2001); Maechler et al., the R package cluster.

    Examples
    --------
    >>> preferred(pd.DataFrame({"k": [1, 2, 3], "gap": [0.3, 0.2, 0.8], "gap_se": [0.1] * 3}))
    3
    """
    known = gaps.dropna(subset=["gap"]).sort_values("k")
    if known.empty:
        return None
    top = int(known["gap"].to_numpy().argmax())
    bar = float(known["gap"].iloc[top] - known["gap_se"].fillna(0.0).iloc[top])
    return int(known["k"][known["gap"] >= bar].iloc[0])
