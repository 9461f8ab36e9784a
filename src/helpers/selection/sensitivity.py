"""Whether the segmentation would hold if the table had been prepared otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from helpers.errors import ClusteringError
from helpers.kmeans.search import Fit, fit_range
from helpers.preparation.scaling import divisor, fit_transform, is_coded
from helpers.selection.stability import adjusted_rand, contingency


def sensitivity(
    features: pd.DataFrame,
    *,
    columns: Sequence[str],
    k: int,
    clip: tuple[float, float] | None,
    random_state: int,
    alternative_clip: tuple[float, float] = (0.005, 0.995),
    transforms: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Repeat the segmentation with repeats dropped, extremes treated otherwise, nulls imputed.

    Parameters
    ----------
    features : DataFrame
        One row per customer, nulls included.
    columns : sequence of str
        The numeric features that are clustered.
    k : int
        Number of clusters.
    clip : pair of float or None
        Quantiles at which the main run clips its extremes; None if it keeps them.
    random_state : int
        Seed of all starts.
    alternative_clip : pair of float
        Quantiles of the variant that clips, if the main run does not.
    transforms : mapping of str to str, optional
        Feature to `log` or `rank`, as in the main run.

    Returns
    -------
    DataFrame
        One row per variant: `variant`; `agreement`: adjusted Rand index with the main run over
        the rows of both, 1 if nothing changes; `moved`: share of these rows that change
        segment; `rows`: rows of the variant; `changed`: rows dropped, clipped or
        imputed by it; `position`: position in `features` of the row with the largest leverage
        among these (missing if none); `feature` and `value`: what makes it extreme; `leverage`:
        its share of the whole sum of squares of the scaled features, unclipped, in percent.
        No identifier of a row is shown.

    Raises
    ------
    ClusteringError
        If a column is missing or the rows left cannot be clustered.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> frame = pd.DataFrame({"a": rng.normal(size=40), "b": rng.normal(size=40)})
    >>> frame.loc[7, "a"] = 300.0
    >>> card = sensitivity(frame, columns=["a", "b"], k=2, clip=None, random_state=0)
    >>> card.loc[card["variant"] == "extremes clipped", ["position", "value"]].values.tolist()
    [[7, 300.0]]
    """
    missing = [name for name in columns if name not in features.columns]
    if missing:
        raise ClusteringError(f"`columns` names {missing[0]!r}, which the features do not hold.")
    values = features.loc[:, list(columns)].to_numpy(np.float64)
    complete = ~np.isnan(values).any(axis=1)
    run = partial(
        _run,
        k=k,
        random_state=random_state,
        kinds=[(transforms or {}).get(name) for name in columns],
    )
    main = run(values[complete], clip=clip)
    labels = np.full(values.shape[0], -1, np.int64)
    labels[complete] = main.labels
    leverages = _leverages(values, complete)
    records = []

    def compare(
        name: str, kept: np.ndarray, other: Fit, changed: np.ndarray, matrix: np.ndarray
    ) -> None:
        both = complete & kept
        theirs = np.full(values.shape[0], -1, np.int64)
        theirs[kept] = other.labels
        table = contingency(labels[both], theirs[both], (k, k))
        record: dict[str, object] = {
            "variant": name,
            "agreement": adjusted_rand(table),
            "moved": 1.0 - _overlap(table) / both.sum(),
            "rows": int(kept.sum()),
            "changed": int(changed.sum()),
            "position": pd.NA,
            "feature": "",
            "value": np.nan,
            "leverage": np.nan,
        }
        if changed.any():
            weight = np.where(changed, np.nan_to_num(leverages).sum(axis=1), -1.0)
            row = int(weight.argmax())
            column = int(np.nan_to_num(leverages[row]).argmax())
            record |= {
                "position": row,
                "feature": columns[column],
                "value": float(matrix[row, column]),
                "leverage": 100.0 * float(weight[row]),
            }
        records.append(record)

    everyone = complete.copy()
    repeats = pd.DataFrame(values).duplicated().to_numpy() & complete
    kept = complete & ~repeats
    dropped = run(values[kept], clip=clip)
    compare("repeats dropped", kept, dropped, repeats, values)
    other_clip = alternative_clip if clip is None else None
    bounds = np.quantile(values[complete], clip or alternative_clip, axis=0)
    extreme = ((values < bounds[0]) | (values > bounds[1])).any(axis=1) & complete
    other = run(values[complete], clip=other_clip)
    name = "extremes clipped" if clip is None else "extremes kept"
    compare(name, everyone, other, extreme, values)
    if not complete.all():
        medians = np.nanmedian(values, axis=0)
        filled = np.where(np.isnan(values), medians, values)
        imputed = run(filled, clip=clip)
        compare("nulls imputed", np.ones_like(complete), imputed, ~complete, filled)
    return pd.DataFrame.from_records(records).astype({"position": "Int64"})


def _scaled(
    values: np.ndarray, clip: tuple[float, float] | None, kinds: Sequence[str | None]
) -> np.ndarray:
    coded = np.array([is_coded(kind) for kind in kinds])
    if clip is not None:
        low, high = np.quantile(values, clip, axis=0)
        values = np.where(coded, values, np.clip(values, low, high))
    columns = [
        column if kind is None or is_coded else fit_transform(np.sort(column), kind).apply(column)
        for column, kind, is_coded in zip(values.T, kinds, coded, strict=True)
    ]
    values = np.column_stack(columns)
    deviation = np.array(
        [
            divisor(float(column.mean()), float(column.std()), kind)
            for column, kind in zip(values.T, kinds, strict=True)
        ]
    )
    return np.asarray((values - values.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0))


def _run(
    values: np.ndarray,
    *,
    k: int,
    clip: tuple[float, float] | None,
    random_state: int,
    kinds: Sequence[str | None],
) -> Fit:
    # The neighbours of k come along: their solutions help to find the best.
    ks = [q for q in (k - 1, k, k + 1) if q >= 1]
    return fit_range(_scaled(values, clip, kinds), ks, random_state=random_state)[k]


def _leverages(values: np.ndarray, complete: np.ndarray) -> np.ndarray:
    """Share of each cell in the sum of squares of the scaled, unclipped features."""
    part = values[complete]
    deviation = part.std(axis=0)
    scaled = (values - part.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    squares = scaled**2
    return np.asarray(squares / np.nansum(squares))


def _overlap(table: np.ndarray) -> float:
    """Rows that agree under the best pairing of the labels."""
    from scipy.optimize import linear_sum_assignment

    left, right = linear_sum_assignment(-table)
    return float(table[left, right].sum())
