"""Everything that is measured about every K, in one object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from helpers.errors import ClusteringError
from helpers.kmeans.search import Fit, checked, conditioned, count_distinct, fit_range
from helpers.selection.gap import gap_statistic
from helpers.selection.null_model import null_silhouettes
from helpers.selection.scores import score_table
from helpers.selection.stability import prediction_strength, resample, seed_agreement
from helpers.selection.unimodality import separation

TABLE = (
    "k",
    "inertia",
    "silhouette_euclidean",
    "silhouette_squared",
    "calinski_harabasz",
    "davies_bouldin",
    "gap",
    "gap_se",
    "min_jaccard",
    "seed_ari",
    "smallest_share",
)
"""Columns of `tuning.csv`."""

STREAM = 1_987
"""Start of the random streams of resamples, halves and references, whatever the seed of the run."""


@dataclass(frozen=True)
class Tuning:
    """What the sweep over K has found.

    Attributes
    ----------
    table : DataFrame
        The columns of `tuning.csv`, one row per K: `k`, `inertia`, `silhouette_euclidean`,
        `silhouette_squared`, `calinski_harabasz`, `davies_bouldin`, `gap`, `gap_se`,
        `min_jaccard` (of the least stable cluster), `seed_ari` (of two ordinary runs with ten
        starts), `smallest_share`.
    fits : mapping of int to Fit
        Best partition of each K.
    stability : DataFrame
        Per K and cluster: `k`, `cluster`, `n`, `jaccard`, `jaccard_low`, `jaccard_high`,
        `jaccard_se`, `resamples` (see `stability.resample`).
    null : DataFrame
        Per K, on tables without groups that have the same columns and correlations: `k`,
        `silhouette_squared`, `silhouette_sd`, `tables`, `rows`, `excess`, `threshold` (see
        `null_model.null_silhouettes`).
    borders : DataFrame
        Per K and pair of neighbouring clusters: `k`, `cluster`, `neighbour`, `p_value` (see
        `unimodality.separation`).
    shapes : DataFrame
        Per K and cluster: `k`, `cluster`, `split_p`, `elongation` (see `unimodality.separation`).
    audit : DataFrame
        Per K: `k`, `inertia`, `found`, `tried`, `confirmed`, `rivals` and `in_doubt` (see `Fit`),
        `rows_searched`, `runner_up` (relative gap to the
        next local optimum), `seed_ari`, `seed_starts`.
    agreement : DataFrame
        Per K: `k`, `resample_ari`, `moved`, `wanderers`, `rows`, `prediction_strength`,
        `prediction_se`, `splits`.
    gaps : DataFrame
        Per K from 1 on: `k`, `gap`, `gap_se`, `log_inertia`, `references`, `rows`.
    scores : DataFrame
        `scores.score_table`, with the standard error and the rows of the Euclidean silhouette.
    rows : int
        Rows of the matrix.
    """

    table: pd.DataFrame = field(repr=False)
    fits: Mapping[int, Fit] = field(repr=False)
    stability: pd.DataFrame = field(repr=False)
    null: pd.DataFrame = field(repr=False)
    borders: pd.DataFrame = field(repr=False)
    shapes: pd.DataFrame = field(repr=False)
    audit: pd.DataFrame = field(repr=False)
    agreement: pd.DataFrame = field(repr=False)
    gaps: pd.DataFrame = field(repr=False)
    scores: pd.DataFrame = field(repr=False)
    rows: int = 0


def tune(
    matrix: NDArray[Any],
    *,
    k_min: int = 2,
    k_max: int = 12,
    random_state: int,
    resamples: int = 100,
    references: int = 20,
    splits: int = 20,
    progress: Callable[[str], None] | None = None,
) -> Tuning:
    """Fit and judge every K from `k_min` to `k_max`.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        Scaled features without nulls.
    k_min, k_max : int
        Range of K, both included; `k_min` is 2 or more. Where the table has too few
        distinct rows, `k_max` comes down to half of them.
    random_state : int
        Seed of all starts of the search.
    resamples : int
        Bootstrap samples of the stability.
    references : int
        Reference tables of the gap statistic.
    splits : int
        Halvings of the prediction strength.
    progress : callable, optional
        Called with one short sentence as the work goes on.

    Returns
    -------
    Tuning

    Raises
    ------
    ClusteringError
        If the range is empty or the matrix cannot be clustered.

    Notes
    -----
    Tables of more than 5,000 rows are resampled, halved and compared with references by a
    sample of that size, chosen by a hash of the values; the `rows` columns say so.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> table = np.vstack([rng.normal(c, 0.1, (20, 2)) for c in (0, 3, 6)])
    >>> tuning = tune(table, k_max=4, random_state=0, resamples=5, references=3, splits=3)
    >>> tuning.table["k"].tolist()
    [2, 3, 4]
    """
    rows, ks = check_range(matrix, k_min=k_min, k_max=k_max)
    if progress is not None:
        progress(f"searching the best partition for each of {len(ks)} K")
    fits = fit_range(rows, ks, random_state=random_state, progress=progress)
    return judge(
        rows,
        fits,
        score_table(rows, fits),
        random_state=random_state,
        resamples=resamples,
        references=references,
        splits=splits,
        progress=progress,
    )


def check_range(matrix: NDArray[Any], *, k_min: int, k_max: int) -> tuple[NDArray[Any], range]:
    """Return the matrix as it is to be clustered, and the numbers of clusters that it bears.

    Raises
    ------
    ClusteringError
        If the range is empty or the matrix cannot be clustered.
    """
    if k_min < 2 or k_max < k_min:
        raise ClusteringError(
            f"`k_min` is {k_min} and `k_max` is {k_max}: give a range that begins at 2 or more."
        )
    rows = checked(matrix, k_min)
    distinct = count_distinct(conditioned(rows).rows, 2 * k_max)
    if distinct < 2 * k_min:
        raise ClusteringError(
            f"The table holds {distinct} distinct rows that can be told apart: too few to compare "
            f"{k_min} segments or more. Bring more rows or other features."
        )
    return rows, range(k_min, min(k_max, distinct // 2) + 1)


def judge(
    rows: NDArray[Any],
    fits: Mapping[int, Fit],
    scores: pd.DataFrame,
    *,
    random_state: int,
    resamples: int = 100,
    references: int = 20,
    splits: int = 20,
    total: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Tuning:
    """Judge fits that were made: stability, gap, null model, valleys, other seeds.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, d)
        The matrix, or a sample of it.
    fits : mapping of int to Fit
        Partitions by K, with the labels of `rows`.
    scores : DataFrame
        Their scores, as `scores.score_table` returns them.
    random_state : int
        Seed of the ordinary runs that are compared with each other. What is drawn to judge a K
        comes from fixed streams instead: another seed must not choose another K.
    resamples, references, splits, progress
        As for `tune`.
    total : int, optional
        Rows that the fits were made on; those of `rows` unless given.

    Returns
    -------
    Tuning
    """
    ks = list(fits)

    def say(sentence: str) -> None:
        if progress is not None:
            progress(sentence)

    matrix = checked(rows, 1)
    # What is fitted again is conditioned here; valleys are looked for between the given centres.
    rows = conditioned(matrix).rows
    say(f"refitting on {resamples} resamples")
    clusters, agreement = resample(
        rows, fits, random_state=STREAM, resamples=resamples, progress=progress
    )
    say("comparing halves and seeds")
    strength = prediction_strength(rows, ks, random_state=STREAM, splits=splits)
    seeds = seed_agreement(rows, ks, random_state=random_state)
    say("comparing with tables without clusters, and looking for valleys between clusters")
    gaps = gap_statistic(rows, ks, random_state=STREAM, references=references)
    observed = dict(zip(scores["k"].tolist(), scores["silhouette_squared"].tolist(), strict=True))
    null = null_silhouettes(rows, observed)
    borders, shapes = separation(matrix, fits)
    lowest = clusters.groupby("k", as_index=False).agg(min_jaccard=("jaccard", "min"))
    table = (
        scores.merge(gaps[["k", "gap", "gap_se"]], on="k", how="left")
        .merge(lowest, on="k", how="left")
        .merge(seeds[["k", "seed_ari"]], on="k", how="left")
        .loc[:, list(TABLE)]
    )
    audit = pd.DataFrame(
        {
            "k": list(fits),
            "inertia": [fit.inertia for fit in fits.values()],
            "found": [fit.found for fit in fits.values()],
            "tried": [fit.restarts for fit in fits.values()],
            "confirmed": [fit.confirmed for fit in fits.values()],
            "rivals": [fit.rivals for fit in fits.values()],
            "in_doubt": [fit.in_doubt for fit in fits.values()],
            "rows_searched": [fit.rows_searched for fit in fits.values()],
            "runner_up": [fit.runner_up for fit in fits.values()],
        }
    ).merge(seeds, on="k", how="left")
    return Tuning(
        table=table,
        fits=fits,
        stability=clusters,
        null=null,
        borders=borders,
        shapes=shapes,
        audit=audit,
        agreement=agreement.merge(strength, on="k", how="left"),
        gaps=gaps,
        scores=scores,
        rows=rows.shape[0] if total is None else total,
    )
