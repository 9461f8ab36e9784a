"""The numbers of segments: 1 to K by a stated order, whatever the fit called them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.errors import TableError


def number_segments(
    labels: pd.Series | npt.ArrayLike, value: pd.Series | npt.ArrayLike
) -> pd.Series:
    """Give segments the numbers 1 to K, the largest total of a value column first.

    Equal totals are ordered by size (larger first), then by mean (larger first), then by the
    customers' values from the highest down, and at last by who comes first in the table. The
    raw labels never take part, so permuting them changes nothing.

    Parameters
    ----------
    labels : Series or array of shape (n,)
        Raw labels: numbers or texts. A missing label stays missing.
    value : Series or array of shape (n,)
        The value column, in the rows' order. A missing value adds nothing.

    Returns
    -------
    Series of shape (n,), dtype Int64, name ``segment``
        1 for the segment with the largest total; ``<NA>`` for a row without a label. It carries
        the index of ``labels`` where that is a Series, else the one of ``value``.

    Raises
    ------
    TableError
        If the two differ in length, or no row has a label.

    Notes
    -----
    Totals are summed without rounding error (``math.fsum``), so that the order of the rows
    cannot turn a tie.

    Examples
    --------
    >>> number_segments(["b", "a", "b", None], [10, 30, 5, 99]).tolist()
    [2, 1, 2, <NA>]
    """
    raw = labels if isinstance(labels, pd.Series) else pd.Series(_plain(labels))
    amounts = value if isinstance(value, pd.Series) else pd.Series(_plain(value))
    if len(raw) != len(amounts):
        raise TableError(
            f"There are {len(raw):,} labels for {len(amounts):,} values; expected one label a row."
        )
    index = labels.index if isinstance(labels, pd.Series) else amounts.index
    codes, _ = pd.factorize(raw.to_numpy(), use_na_sentinel=True)
    kinds = int(codes.max()) + 1 if len(codes) else 0
    if kinds == 0:
        raise TableError("No row has a label, so there is no segment to number.")
    figures = amounts.to_numpy(dtype=float, na_value=np.nan)

    order = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(kinds + 1))
    members = [order[low:high] for low, high in itertools.pairwise(bounds)]
    keys = [_key(rows, figures) for rows in members]
    ranked = _ranked(keys, members, figures)

    numbers = np.empty(kinds, dtype=np.int64)
    numbers[ranked] = np.arange(1, kinds + 1)
    numbered = pd.array(np.where(codes >= 0, numbers[codes], 0), dtype="Int64")
    numbered[codes < 0] = pd.NA
    return pd.Series(numbered, index=index, name="segment")


def align(
    features: pd.DataFrame, segments: pd.Series | npt.ArrayLike
) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Pair a features frame with its segments and leave out the rows without one.

    Parameters
    ----------
    features : DataFrame of n rows
        The customers.
    segments : Series or array of shape (n,)
        Their segments, in the same order; missing for a customer without one.

    Returns
    -------
    frame : DataFrame of m rows
        The customers that have a segment, with a fresh index.
    numbers : int64 array of shape (m,)
        Their segments.

    Raises
    ------
    TableError
        If the lengths differ, if no customer has a segment, or a segment is not a whole number.

    Examples
    --------
    >>> frame, numbers = align(pd.DataFrame({"a": [5, 6, 7]}), [1, None, 2])
    >>> frame["a"].tolist(), numbers.tolist()
    ([5, 7], [1, 2])
    """
    series = segments if isinstance(segments, pd.Series) else pd.Series(_plain(segments))
    if len(series) != len(features):
        raise TableError(
            f"There are {len(series):,} segments for {len(features):,} customers; "
            "expected one a customer, missing where there is none."
        )
    known = series.notna().to_numpy()
    if not known.any():
        raise TableError("No customer has a segment, so there is nothing to profile.")
    try:
        held = series[known].astype(float).to_numpy()
    except (TypeError, ValueError):
        held = np.array([np.nan])
    if not np.all(held == np.floor(held)):
        raise TableError(
            "The segments hold something that is not a whole number; number raw labels with "
            "`number_segments` first."
        )
    frame = features if known.all() else features.loc[known]
    return frame.reset_index(drop=True), held.astype(np.int64)


def segment_numbers(numbers: npt.NDArray[np.int64]) -> list[int]:
    """List the segments that occur, in their order.

    Examples
    --------
    >>> segment_numbers(np.array([2, 1, 2]))
    [1, 2]
    """
    return [int(number) for number in np.unique(numbers)]


def _plain(values: Any) -> Any:
    """Keep what pandas can hold as it is, and turn anything else into a list."""
    if isinstance(values, (np.ndarray, pd.Index)) or hasattr(values, "dtype"):
        return values
    return list(values)


def _key(rows: npt.NDArray[np.intp], figures: npt.NDArray[np.float64]) -> tuple[float, ...]:
    held = figures[rows]
    held = held[~np.isnan(held)]
    total = math.fsum(held)
    return (-total, -len(rows), -total / len(held) if len(held) else math.inf)


def _ranked(
    keys: Sequence[tuple[float, ...]],
    members: Sequence[npt.NDArray[np.intp]],
    figures: npt.NDArray[np.float64],
) -> list[int]:
    """Order the segments; the costly last keys are worked out for ties alone."""
    counts: dict[Hashable, int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1

    def full(code: int) -> tuple[Any, ...]:
        if counts[keys[code]] == 1:
            return (*keys[code], (), 0)
        held = np.sort(np.nan_to_num(-figures[members[code]], nan=np.inf))
        return (*keys[code], tuple(held), int(members[code].min()))

    return sorted(range(len(keys)), key=full)
