"""What a silhouette is worth on a table like this one that was made without groups."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from helpers.kmeans.search import Floats, checked, conditioned, fit_afresh, nearest, threads
from helpers.selection.scores import sample_rows, silhouette_samples_squared

SAMPLE_ROWS = 5_000
"""Rows of each table at most; a larger table is represented by a sample of this size."""

TABLES, MOST_TABLES = 20, 60
"""Tables drawn, and where these leave a K in doubt."""

MIN_EXCESS = 0.05
"""Silhouette above the null that counts as structure, however sure: what is smaller is real, but
no more than a bend in a cloud (the least that Kaufman and Rousseeuw call structure is 0.25)."""

COLUMNS = (
    *("k", "silhouette_squared", "silhouette_sd", "tables", "rows"),
    *("excess", "threshold"),
)

STREAM = 45_821
"""Start of the random streams of this module: the same in every run, whatever its seed."""


def copula_loadings(rows: Floats) -> Floats:
    """Loadings of the Gaussian copula that has the rank correlations of a table.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, d)
        Scaled features.

    Returns
    -------
    ndarray of float64, shape (d, d)
        Independent normal rows times its transpose have the correlations of the normal scores
        (van der Waerden) of the columns.

    Examples
    --------
    >>> copula_loadings(np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]])).round(3).shape
    (2, 2)
    """
    scores = stats.norm.ppf(stats.rankdata(rows, axis=0) / (rows.shape[0] + 1.0))
    deviation = scores.std(axis=0)
    scaled = (scores - scores.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    variances, axes = np.linalg.eigh(scaled.T @ scaled / rows.shape[0])
    return np.asarray(axes * np.sqrt(np.maximum(variances, 0.0)))


def copula_draw(ordered: Floats, loadings: Floats, rng: np.random.Generator) -> Floats:
    """Draw a table of the same values in each column, correlated by a Gaussian copula.

    Parameters
    ----------
    ordered : ndarray of float64, shape (n, d)
        The columns, each sorted by itself.
    loadings : ndarray of float64, shape (d, d)
        As `copula_loadings` returns them.
    rng : numpy Generator
        Source of the draw.

    Returns
    -------
    ndarray of float64, shape (n, d)

    Examples
    --------
    >>> drawn = copula_draw(np.array([[1.0], [2.0]]), np.eye(1), np.random.default_rng(0))
    >>> sorted(drawn.ravel().tolist())
    [1.0, 2.0]
    """
    normal = rng.standard_normal(ordered.shape) @ loadings.T
    ranks = np.argsort(np.argsort(normal, axis=0, kind="stable"), axis=0, kind="stable")
    return np.ascontiguousarray(np.take_along_axis(ordered, ranks, axis=0))


def null_silhouettes(
    matrix: NDArray[Any],
    observed: Mapping[int, float],
    *,
    tables: int = TABLES,
    most: int = MOST_TABLES,
    sample: int = SAMPLE_ROWS,
) -> pd.DataFrame:
    """Squared silhouette of K-Means on tables that keep the columns and their correlations.

    Each table has the values of every column and the rank correlation of every pair, and nothing
    else that holds the columns together: it is drawn from a Gaussian copula, which has one mode.
    Skewed and correlated columns, as spending has them, give K-Means a silhouette without any
    group; only what goes beyond it is structure.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        Scaled features.
    observed : mapping of int to float
        Squared silhouette of the table itself by K.
    tables : int
        Tables drawn.
    most : int
        Tables drawn where that many leave in doubt whether a K exceeds its null.
    sample : int
        Rows at most: a larger table is represented by a sample chosen by a hash of its values.

    Returns
    -------
    DataFrame
        `k`; `silhouette_squared`, `silhouette_sd`: mean and standard deviation over the tables;
        `tables`; `rows`; `excess`: what the table has above the mean; `threshold`: what it must
        exceed (see `excess_threshold`).

    Notes
    -----
    A table whose columns fall into groups one by one, as points on a grid do, passes these on to
    its null: there the excess is small, and the valleys between clusters tell (see `unimodality`).
    A single column is its own null.

    References
    ----------
    The idea of comparing with a homogeneous model that keeps the data's features is that of Hennig
    and Lin (2015), Flexible parametric bootstrap for testing homogeneity against clustering.

    Examples
    --------
    >>> table = np.random.default_rng(0).random((60, 2))
    >>> null_silhouettes(table, {2: 0.5}, tables=3, most=3)["tables"].tolist()
    [3]
    """
    rows = conditioned(checked(matrix, 1)).rows
    ordered = np.sort(rows[sample_rows(rows, sample)], axis=0)
    part = rows[sample_rows(rows, sample)]
    loadings = copula_loadings(part[np.lexsort(part.T[::-1])])
    wanted = sorted(k for k in observed if k > 1)

    def one(number: int) -> dict[int, float]:
        rng = np.random.default_rng([STREAM, number])
        drawn = copula_draw(ordered, loadings, rng)
        found = {}
        for k, centres in fit_afresh(drawn, wanted, rng=rng, restarts=2).items():
            labels = nearest(drawn, centres)
            if np.unique(labels).size > 1:
                found[k] = float(silhouette_samples_squared(drawn, labels).mean())
        return found

    def summary(results: list[dict[int, float]]) -> pd.DataFrame:
        records = []
        for k in wanted:
            values = np.array([result[k] for result in results if k in result])
            if values.size > 1:
                mean, deviation = float(values.mean()), float(values.std(ddof=1))
                records.append(
                    {
                        "k": k,
                        "silhouette_squared": mean,
                        "silhouette_sd": deviation,
                        "tables": int(values.size),
                        "rows": int(ordered.shape[0]),
                        "excess": observed[k] - mean,
                        "threshold": excess_threshold(deviation, int(values.size)),
                    }
                )
        return pd.DataFrame.from_records(records, columns=list(COLUMNS))

    with ThreadPoolExecutor(threads()) as workers:
        results = list(workers.map(one, range(tables)))
        found = summary(results)
        # The error of a deviation is about one part in sqrt(2 B): the threshold may be so far off.
        doubt = 3.0 / np.sqrt(2.0 * tables) * found["threshold"]
        near = (found["excess"] - found["threshold"]).abs() < doubt
        if (near & (found["excess"] > MIN_EXCESS)).any():
            results += list(workers.map(one, range(tables, most)))
    return summary(results)


def excess_threshold(deviation: float, tables: int) -> float:
    """Silhouette that a table must have above its null's mean to be more than chance.

    Parameters
    ----------
    deviation : float
        Standard deviation over the tables of the null.
    tables : int
        How many there are.

    Returns
    -------
    float
        Three prediction errors of one more such table, a chance of about 1 in 300 by Student's
        law for 20 tables, which leaves 5 % for all of a dozen K together; and `MIN_EXCESS` at
        least.

    Examples
    --------
    >>> excess_threshold(0.001, 20), round(excess_threshold(0.1, 20), 3)
    (0.05, 0.307)
    """
    return max(MIN_EXCESS, 3.0 * deviation * float(np.sqrt(1.0 + 1.0 / tables)))
