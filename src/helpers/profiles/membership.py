"""Which customer belongs to which segment: from the fit, or from labels made elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import ParamsError
from helpers.params.loader import nearest as nearest_name
from helpers.preparation.scaling import Scaling, Transform, squared_distances
from helpers.profiles.numbering import number_segments

SCORES = (
    "inertia",
    "silhouette_euclidean",
    "silhouette_squared",
    "calinski_harabasz",
    "davies_bouldin",
    "smallest_share",
)
# Rows whose distances are held at a time.
BLOCK = 1 << 18


def scaling_from(facts: Mapping[str, Any]) -> Scaling:
    """
    The scaling that 02 has handed on.

    Parameters
    ----------
    facts : mapping
        `columns`, `low`, `high`, `mean`, `deviation`: lists; no bound is null. `transforms`:
        a list of `kind` and `knots`, null for a feature without one, empty where none has one.

    Returns
    -------
    Scaling
        As it was fitted.

    Examples
    --------
    >>> scaling_from({"columns": ["a"], "low": [None], "high": [None], "mean": [0.0],
    ...               "deviation": [1.0]}).low
    (-inf,)
    """
    return Scaling(
        columns=tuple(facts["columns"]),
        low=tuple(-np.inf if one is None else one for one in facts["low"]),
        high=tuple(np.inf if one is None else one for one in facts["high"]),
        mean=tuple(facts["mean"]),
        deviation=tuple(facts["deviation"]),
        transforms=tuple(
            one and Transform(one["kind"], tuple((place, rank) for place, rank in one["knots"]))
            for one in facts.get("transforms", [])
        ),
    )


def nearest_centre(features: pd.DataFrame, scaling: Scaling, centres: Sequence[Any]) -> pd.Series:
    """
    Position of the nearest centre of each customer.

    Parameters
    ----------
    features : pandas.DataFrame
        n rows with the columns of the scaling, no nulls.
    scaling : Scaling
        Into the space of the centres.
    centres : array of shape (k, features)
        In the scaled space.

    Returns
    -------
    pandas.Series
        Shape (n,), 0 to k - 1, with the index of `features`.

    Examples
    --------
    >>> scaling = Scaling(("a",), (-np.inf,), (np.inf,), (0.0,), (1.0,))
    >>> nearest_centre(pd.DataFrame({"a": [0.2, 0.9]}), scaling, [[1.0], [0.0]]).tolist()
    [1, 0]
    """
    placed = np.asarray(centres, dtype=np.float64)
    found = np.empty(len(features), dtype=np.int64)
    for start in range(0, len(features), BLOCK):
        block = scaling.transform(features.iloc[start : start + BLOCK])
        found[start : start + len(block)] = squared_distances(block, placed).argmin(axis=1)
    return pd.Series(found, index=features.index)


def worth(features: pd.DataFrame, *, value_column: str) -> pd.DataFrame:
    """
    What each customer is worth.

    Parameters
    ----------
    features : pandas.DataFrame
        One row a clustered customer.
    value_column : str
        The value column; with an empty text every customer counts one.

    Returns
    -------
    pandas.DataFrame
        `value`, with the index of `features`; a missing value counts nothing.
    """
    if not value_column:
        return pd.DataFrame({"value": 1.0}, index=features.index)
    return pd.DataFrame({"value": features[value_column].astype(float).fillna(0.0)})


def labels_of(labels: np.ndarray, features: pd.DataFrame) -> pd.Series:
    """Labels of a fit with the index of the customers that were fitted."""
    return pd.Series(np.asarray(labels, dtype=np.int64), index=features.index)


def numbered(labels: pd.Series, features: pd.DataFrame, *, value_column: str) -> pd.Series:
    """
    Number segments from 1 by the total of the value column, largest first.

    Parameters
    ----------
    labels : pandas.Series
        One label a customer.
    features : pandas.DataFrame
        With the value column and the index of `labels`.
    value_column : str
        Name of the column; an empty text orders the segments by their size.

    Returns
    -------
    pandas.Series
        1 to K, with the index of `labels`.

    Raises
    ------
    ParamsError
        Where there is no such column, or it holds no numbers.
    """
    if not value_column:
        return number_segments(labels, pd.Series(1.0, index=labels.index))
    if value_column not in features:
        raise ParamsError(
            f"`value_column` is `{value_column}`, which is neither a column nor an SQL step."
            + nearest_name(value_column, features.columns)
        )
    if not pd.api.types.is_numeric_dtype(features[value_column]):
        raise ParamsError(f"`value_column` is `{value_column}`, which holds no numbers.")
    return number_segments(labels, features[value_column])


def centres_by_segment(
    centres: Sequence[Any], raw: pd.Series, segments: pd.Series
) -> list[list[float]]:
    """
    Centres of the fit in the order of the segment numbers.

    Parameters
    ----------
    centres : sequence of sequences of float
        In the scaled space, by position.
    raw : pandas.Series
        Position of the nearest centre of each customer.
    segments : pandas.Series
        1 to K of each customer.

    Returns
    -------
    list of list of float
        The centre of segment 1 first.
    """
    position = dict(zip(segments.to_numpy().tolist(), raw.to_numpy().tolist(), strict=True))
    return [list(centres[position[number]]) for number in sorted(position)]


def stability_by_segment(
    clusters: Sequence[Mapping[str, Any]], raw: pd.Series, segments: pd.Series
) -> pd.DataFrame:
    """
    Stability of the clusters of the fit, by the numbers of the segments.

    Parameters
    ----------
    clusters : sequence of mappings
        `cluster` (position of the centre), `jaccard`, `jaccard_low`, `jaccard_high`.
    raw : pandas.Series
        Position of the nearest centre of each customer.
    segments : pandas.Series
        1 to K of each customer.

    Returns
    -------
    pandas.DataFrame
        `segment`, `jaccard`, `low`, `high`, by segment.
    """
    number = dict(zip(raw.to_numpy().tolist(), segments.to_numpy().tolist(), strict=True))
    table = pd.DataFrame(
        {
            "segment": number[int(one["cluster"])],
            "jaccard": one["jaccard"],
            "low": one["jaccard_low"],
            "high": one["jaccard_high"],
        }
        for one in clusters
        if int(one["cluster"]) in number
    )
    return table.sort_values("segment", ignore_index=True)


def scores_of(matrix: np.ndarray, segments: pd.Series) -> dict[str, float]:
    """
    Scores of the segments as they are, whichever way they came about.

    Parameters
    ----------
    matrix : numpy.ndarray
        Shape (n, d), the scaled features.
    segments : pandas.Series
        Shape (n,), 1 to K.

    Returns
    -------
    dict of str to float
        `inertia`, `silhouette_euclidean`, `silhouette_squared`, `calinski_harabasz`,
        `davies_bouldin`, `smallest_share`, all in the scaled space.
    """
    from helpers.kmeans.search import Fit
    from helpers.selection.scores import score_table

    labels = segments.to_numpy(dtype=np.int32) - 1
    k = int(labels.max()) + 1
    centres = np.array(
        [[np.sort(column).mean() for column in matrix[labels == one].T] for one in range(k)]
    )
    inertia = float(((matrix - centres[labels]) ** 2).sum())
    fit = Fit(k, centres, labels, inertia, restarts=0, found=0, runner_up=np.inf, optima=())
    row = score_table(matrix, {k: fit}).iloc[0]
    return {str(name): float(row[name]) for name in SCORES}
