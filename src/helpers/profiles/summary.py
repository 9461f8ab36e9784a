"""The profile of segments: how large each is, and where its averages stand among all customers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import TableError
from helpers.profiles.numbering import align


def profile_table(
    features: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    columns: Sequence[str],
) -> pd.DataFrame:
    """Summarise each segment by its size and the least, mean and greatest of each feature.

    Parameters
    ----------
    features : DataFrame of n rows
        One row per customer, holding ``columns`` as numbers in their own units.
    segments : Series or array of shape (n,)
        Segments numbered from 1; a customer without one is left out.
    columns : sequence of str
        The features to summarise, in the order of the table.

    Returns
    -------
    DataFrame of K rows, by segment
        ``segment``, ``n`` (customers), ``share`` (of the customers that have a segment), then
        ``min_X``, ``mean_X``, ``max_X`` of each feature X. Missing values are left out.

    Raises
    ------
    TableError
        If a column is missing or does not hold numbers, or nobody has a segment.

    Examples
    --------
    >>> frame = pd.DataFrame({"spend": [90.0, 110.0, 10.0, 30.0]})
    >>> profile_table(frame, [1, 1, 2, 2], ["spend"])
       segment  n  share  min_spend  mean_spend  max_spend
    0        1  2    0.5       90.0       100.0      110.0
    1        2  2    0.5       10.0        20.0       30.0
    """
    frame, numbers = align(features, segments)
    values = numeric(frame, columns)
    grouped = values.groupby(numbers)
    sizes = grouped.size()
    parts: dict[str, pd.Series] = {"n": sizes, "share": sizes / len(frame)}
    for column in columns:
        for name in ("min", "mean", "max"):
            parts[f"{name}_{column}"] = getattr(grouped[column], name)()
    table = pd.DataFrame(parts)
    table.insert(0, "segment", table.index)
    return table.reset_index(drop=True)


def standing(
    features: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    columns: Sequence[str],
) -> pd.DataFrame:
    """Place the mean of each segment among all customers and among the other segments.

    Parameters
    ----------
    features, segments, columns
        As in `profile_table`.

    Returns
    -------
    DataFrame of K x len(columns) rows, by segment and then by feature
        - ``segment``, ``feature`` (an ordered categorical in the order of ``columns``);
        - ``mean`` of the segment, ``overall`` mean of all customers with a segment;
        - ``z``: (mean - overall) / population deviation. 0 is average, 1 is one deviation
          above; 0 where the feature is constant;
        - ``percentile``: the share (0 to 1) of customers below the mean, those equal to it
          counting half, so that a median counts 0.5;
        - ``rank``: 1 for the highest mean of the segments; ties share the better rank.

    Examples
    --------
    >>> frame = pd.DataFrame({"spend": [90.0, 110.0, 10.0, 30.0]})
    >>> standing(frame, [1, 1, 2, 2], ["spend"])[["mean", "percentile", "rank"]].values.tolist()
    [[100.0, 0.75, 1], [20.0, 0.25, 2]]
    """
    frame, numbers = align(features, segments)
    values = numeric(frame, columns)
    means = values.groupby(numbers).mean()
    overall, deviation = values.mean(), values.std(ddof=0)
    parts = []
    for column in columns:
        mean = means[column]
        spread = float(deviation[column])
        parts.append(
            pd.DataFrame(
                {
                    "segment": means.index,
                    "feature": column,
                    "mean": mean.to_numpy(),
                    "overall": float(overall[column]),
                    "z": z_scores(mean.to_numpy(), float(overall[column]), spread),
                    "percentile": percentiles(values[column].to_numpy(), mean.to_numpy()),
                    "rank": mean.rank(ascending=False, method="min").to_numpy(),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    table["feature"] = pd.Categorical(table["feature"], categories=list(columns), ordered=True)
    table["rank"] = table["rank"].astype("Int64")
    return table.sort_values(["segment", "feature"], kind="stable", ignore_index=True)


def wide(table: pd.DataFrame, value: str, *, columns: str = "feature") -> pd.DataFrame:
    """Turn a long table into one row per segment, for a heatmap.

    Parameters
    ----------
    table : DataFrame
        Holds ``segment``, the column named by ``columns`` and the one named by ``value``.
    value : str
        What fills the cells, for instance ``z``.
    columns : str
        What is spread over the columns.

    Returns
    -------
    DataFrame indexed by segment

    Examples
    --------
    >>> frame = pd.DataFrame({"b": [1.0, 3.0], "a": [2.0, 2.0]})
    >>> wide(standing(frame, [1, 2], ["b", "a"]), "mean").columns.tolist()
    ['b', 'a']
    """
    order = table[columns].unique()
    spread = table.pivot(index="segment", columns=columns, values=value)[list(order)]
    spread.columns = pd.Index([str(name) for name in order], name=None)
    return spread


def with_personas(table: pd.DataFrame, personas: pd.DataFrame) -> pd.DataFrame:
    """Put each segment's persona beside its number.

    Parameters
    ----------
    table : DataFrame
        Holds ``segment``.
    personas : DataFrame
        Holds ``segment`` and ``persona``, as `helpers.personas.matching.assign` gives them.

    Returns
    -------
    DataFrame
        ``table`` with ``persona`` as the column after ``segment``.

    Examples
    --------
    >>> named = pd.DataFrame({"segment": [1], "persona": ["Loyal"]})
    >>> with_personas(pd.DataFrame({"segment": [1], "n": [7]}), named).columns.tolist()
    ['segment', 'persona', 'n']
    """
    names = dict(zip(personas["segment"], personas["persona"], strict=True))
    order = list(table.columns)
    order.insert(order.index("segment") + 1, "persona")
    return table.assign(persona=table["segment"].map(names))[order]


def z_scores(
    means: npt.NDArray[np.float64], overall: float, deviation: float
) -> npt.NDArray[np.float64]:
    """Express means as deviations from the overall mean; 0 where nothing varies.

    Examples
    --------
    >>> z_scores(np.array([3.0]), 1.0, 2.0).tolist(), z_scores(np.array([1.0]), 1.0, 0.0).tolist()
    ([1.0], [0.0])
    """
    gaps = np.asarray(means, dtype=float) - overall
    # A constant column may keep a deviation of rounding size.
    if not deviation > 1e-12 * max(1.0, abs(overall)):
        return np.where(np.isnan(gaps), np.nan, 0.0)
    return gaps / deviation


def percentiles(
    population: npt.NDArray[np.float64], points: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Give the share of a population below each point, those equal to it counting half.

    Examples
    --------
    >>> percentiles(np.array([1.0, 2.0, 2.0, 9.0]), np.array([2.0, 0.0])).tolist()
    [0.5, 0.0]
    """
    held = np.sort(population[~np.isnan(population)])
    points = np.asarray(points, dtype=float)
    if not len(held):
        return np.full(points.shape, np.nan)
    below = np.searchsorted(held, points, side="left")
    upto = np.searchsorted(held, points, side="right")
    shares = (below + upto) / (2 * len(held))
    return np.where(np.isnan(points), np.nan, shares)


def numeric(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Take the named columns as float64, or say which of them cannot be.

    Raises
    ------
    TableError
        If a column is missing or does not hold numbers.

    Examples
    --------
    >>> numeric(pd.DataFrame({"a": [True, False]}), ["a"])["a"].tolist()
    [1.0, 0.0]
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise TableError(
            f"The features lack {', '.join(f'`{name}`' for name in missing)}; "
            f"they hold {', '.join(f'`{name}`' for name in frame.columns)}."
        )
    out: dict[str, npt.NDArray[np.float64]] = {}
    for column in columns:
        try:
            out[column] = frame[column].to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError) as error:
            raise TableError(
                f"`{column}` holds values that are not numbers, so it cannot be profiled; "
                "leave it out of the features or turn it into a number by a step."
            ) from error
    return pd.DataFrame(out, index=frame.index)
