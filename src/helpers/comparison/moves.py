"""Who moved between two runs, and why: customers matched by ID, segments aligned by overlap.

A customer moves when its new segment is not the counterpart of its old one. What moved it is
found by asking the old model about the new data, so that one thing changes at a time:

=============  ==============================  =========================================
step           model                           the customer's columns
=============  ==============================  =========================================
where it was   old                             old
expected now   old                             new
where it is    new, in the old one's numbers   new
=============  ==============================  =========================================

A move is the customer's *behaviour* if its own columns changed and the old model gives the new
ones another segment. Otherwise the customer would have stayed, and the model moved it: by the
number of segments (*K*), by other *features or settings*, or, where neither differs, by the *fit*
(other centres and bounds from the same recipe). Where both K and settings differ, the move is K's
if its old or its new segment has no counterpart, else the settings'. The day `as_of` is a setting:
a customer whose columns are the same is not said to have done anything because time has passed.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment

NOWHERE = 0
"""The number that stands for "no segment": not there, or not to be clustered."""

BEHAVIOUR = "behaviour"
K = "number of segments"
SETTINGS = "features or settings"
FIT = "fit"
NEW = "new customer"
GONE = "gone customer"
GAINED = "can be clustered now"
LOST = "can no longer be clustered"
MOVES = (BEHAVIOUR, K, SETTINGS, FIT)
CAUSES = (*MOVES, NEW, GONE, GAINED, LOST)

# Parameters that reach a segment by another way than K, the seed or the day.
SETTING_NAMES = (
    *("features", "sql_steps", "columns", "null_values", "repeats", "impossible", "outliers"),
    *("fence_quantiles", "fence_reach", "nulls", "clip_quantiles", "transforms"),
)


def counterparts(expected: pd.Series, now: pd.Series) -> dict[int, int]:
    """
    Pair the segments of two runs so that as many customers as possible stay in a pair.

    Parameters
    ----------
    expected, now : pandas.Series of Int64, shape (n,)
        For the same customers, the old model's segment and the new run's. Rows in which one is
        missing do not count.

    Returns
    -------
    dict of int to int
        New segment to old segment. A segment without a partner, or whose pair shares no
        customer, is not in it.

    Notes
    -----
    The optimal assignment of Kuhn (1955), as `scipy.optimize.linear_sum_assignment` finds it.

    Examples
    --------
    >>> old = pd.Series([1, 1, 2, 2], dtype="Int64")
    >>> counterparts(old, pd.Series([2, 2, 1, 3], dtype="Int64"))
    {1: 2, 2: 1}
    """
    both = expected.notna() & now.notna()
    if not both.any():
        return {}
    old, new = (side[both].to_numpy(dtype=np.int64) for side in (expected, now))
    counts = np.zeros((new.max() + 1, old.max() + 1), dtype=np.int64)
    np.add.at(counts, (new, old), 1)
    rows, columns = linear_sum_assignment(counts, maximize=True)
    return {
        int(row): int(column)
        for row, column in zip(rows, columns, strict=True)
        if counts[row, column] > 0
    }


def same_values(
    old: pd.DataFrame,
    new: pd.DataFrame,
    bounds: Mapping[str, tuple[float, float]],
    filled: Mapping[str, tuple[float, ...]],
) -> npt.NDArray[np.bool_]:
    """
    Tell whose columns are the same in both tables, whatever the treatments made of them.

    Parameters
    ----------
    old, new : pandas.DataFrame
        The same customers in the same order, with the same columns.
    bounds : mapping of str to (float, float)
        Fences to which either run has clipped a column: values are compared within them.
    filled : mapping of str to tuple of float
        Values that either run has put in the place of a missing one.

    Returns
    -------
    numpy.ndarray of bool, shape (n,)

    Examples
    --------
    >>> old, new = pd.DataFrame({"a": [1.0, 50.0]}), pd.DataFrame({"a": [1.0, 60.0]})
    >>> same_values(old, new, {}, {}).tolist(), same_values(old, new, {"a": (0, 40)}, {}).tolist()
    ([True, False], [True, True])
    """
    same = np.ones(len(old), dtype=bool)
    for name in old.columns:
        one, other = old[name].reset_index(drop=True), new[name].reset_index(drop=True)
        numeric = pd.api.types.is_numeric_dtype(one) and pd.api.types.is_numeric_dtype(other)
        if not numeric:
            one, other = one.astype("string"), other.astype("string")
        missing = [one.isna(), other.isna()]
        if numeric and name in filled:
            missing = [values.isna() | values.isin(filled[name]) for values in (one, other)]
        if numeric and name in bounds:
            one, other = one.clip(*bounds[name]), other.clip(*bounds[name])
        equal = (one == other).fillna(False).astype(bool) | (missing[0] & missing[1])
        same &= equal.to_numpy(dtype=bool)
    return same


def differing_settings(
    old: Mapping[str, Any], new: Mapping[str, Any], *, labels: tuple[bool, bool] = (False, False)
) -> list[str]:
    """
    Name the settings that differ and that can give a customer another segment.

    Parameters
    ----------
    old, new : mapping
        Parameters of the two runs.
    labels : tuple of bool
        Whether the segments of each are labels made elsewhere.

    Returns
    -------
    list of str
        Without K, the seed and what only names or draws.

    Examples
    --------
    >>> differing_settings({"seed": 1, "nulls": "drop"}, {"seed": 2, "nulls": "median"})
    ['nulls']
    """
    found = [name for name in SETTING_NAMES if old.get(name) != new.get(name)]
    found += ["as_of"] if old.get("as_of") != new.get("as_of") else []
    return [*found, "labels"] if labels[0] != labels[1] else found


def with_causes(
    customers: pd.DataFrame,
    counterpart: Mapping[int, int],
    *,
    k: tuple[int, int],
    settings: bool,
) -> pd.DataFrame:
    """
    Say of each customer whether it moved, and why.

    Parameters
    ----------
    customers : pandas.DataFrame
        One row a customer of either run: `then`, `now` (bool: in which table), `from`, `to`
        (Int64: segment in each run's own numbers), `before`, `expected` (Int64: the old model's
        segment of the old and of the new columns), `changed` (bool: the columns differ).
    counterpart : mapping of int to int
        As `counterparts` returns it.
    k : (int, int)
        Segments of the two runs.
    settings : bool
        Whether features or settings differ.

    Returns
    -------
    pandas.DataFrame
        The same rows with `as_from` (Int64: the old number of the new segment, null where it has
        none) and `cause` (one of `CAUSES`, null for who did not move).
    """
    old, new = customers["from"], customers["to"]
    as_from = new.map(counterpart).astype("Int64")
    has = old.notna() & new.notna()
    moved = has & ~(as_from == old).fillna(False).astype(bool)
    otherwise = ~(customers["before"] == customers["expected"]).fillna(True).astype(bool)
    behaviour = moved & customers["changed"] & otherwise
    unpaired = as_from.isna() | ~old.isin(list(counterpart.values()))
    by_k = moved & (k[0] != k[1]) & (unpaired if settings else True)
    cause = pd.Series(None, index=customers.index, dtype=object)
    cause[moved] = SETTINGS if settings else FIT
    cause[by_k] = K
    cause[behaviour] = BEHAVIOUR
    cause[customers["then"] & customers["now"] & old.isna() & new.notna()] = GAINED
    cause[customers["then"] & customers["now"] & old.notna() & new.isna()] = LOST
    cause[~customers["then"] & new.notna()] = NEW
    cause[~customers["now"] & old.notna()] = GONE
    return customers.assign(as_from=as_from, cause=cause)
