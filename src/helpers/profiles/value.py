"""Where the value lies, and how concentrated it is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers import words
from helpers.errors import TableError
from helpers.profiles.numbering import align
from helpers.profiles.summary import numeric


def value_shares(
    features: pd.DataFrame, segments: pd.Series | npt.ArrayLike, value: str
) -> pd.DataFrame:
    """Set each segment's share of customers beside its share of the value.

    Parameters
    ----------
    features : DataFrame of n rows
        Holds the value column.
    segments : Series or array of shape (n,)
        Segments numbered from 1; missing for a customer without one.
    value : str
        The value column.

    Returns
    -------
    DataFrame of K rows, by segment
        ``segment``, ``n``, ``share_customers``, ``total``, ``share_value``, ``mean`` per customer,
        ``index`` (share of value over share of customers: 1 is average, 2 is twice it). Shares of
        value are missing where the total is not above 0.

    Examples
    --------
    >>> frame = pd.DataFrame({"spend": [60.0, 20.0, 10.0, 10.0]})
    >>> value_shares(frame, [1, 2, 2, 2], "spend")[["share_value", "index"]].values.tolist()
    [[0.6, 2.4], [0.4, 0.5333333333333333]]
    """
    frame, numbers = align(features, segments)
    grouped = numeric(frame, [value])[value].groupby(numbers)
    table = pd.DataFrame({"n": grouped.size(), "total": grouped.sum(), "mean": grouped.mean()})
    return shares_of(table.rename_axis("segment").reset_index())


def shares_of(totals: pd.DataFrame) -> pd.DataFrame:
    """Set shares of customers beside shares of the value, from counts and totals.

    Parameters
    ----------
    totals : DataFrame of K rows, by segment
        ``segment``, ``n`` customers, ``total`` and ``mean`` of the value.

    Returns
    -------
    DataFrame of K rows
        As for `value_shares`.
    """
    whole = float(totals["total"].sum())
    customers = totals["n"] / totals["n"].sum()
    share = totals["total"] / (whole if whole > 0 else np.nan)
    return pd.DataFrame(
        {
            "segment": totals["segment"],
            "n": totals["n"],
            "share_customers": customers,
            "total": totals["total"],
            "share_value": share,
            "mean": totals["mean"],
            "index": share / customers,
        }
    )


def lorenz(values: pd.Series | npt.ArrayLike, *, most: int = 200) -> pd.DataFrame:
    """Trace the Lorenz curve: what share of the value the poorest share of customers brings.

    Parameters
    ----------
    values : Series or array of shape (n,)
        The value column; missing values are left out.
    most : int
        Largest number of points beside the first; more customers are thinned evenly.

    Returns
    -------
    DataFrame
        ``customers`` and ``value``, both cumulative shares from 0 to 1. The diagonal would mean
        that all customers bring the same.

    Raises
    ------
    TableError
        If a value is negative or the total is not above 0: there is no such curve then.

    Examples
    --------
    >>> lorenz([1.0, 3.0])["value"].tolist()
    [0.0, 0.25, 1.0]
    """
    held = _amounts(values)
    n = len(held)
    places = np.unique(np.round(np.linspace(0, n, min(n, most) + 1)).astype(int))
    heaped = np.concatenate([[0.0], np.cumsum(held)])
    return pd.DataFrame({"customers": places / n, "value": heaped[places] / heaped[-1]})


def gini(values: pd.Series | npt.ArrayLike) -> float:
    """Measure the concentration of a value: 0 all alike, near 1 all with one customer.

    Twice the area between the Lorenz curve and the diagonal.

    Raises
    ------
    TableError
        As for `lorenz`.

    Examples
    --------
    >>> gini([1.0, 1.0]), gini([0.0, 0.0, 0.0, 8.0])
    (0.0, 0.75)
    """
    held = _amounts(values)
    n = len(held)
    weights = 2 * np.arange(1, n + 1) - n - 1
    return float(np.sum(weights * held) / (n * held.sum()))


def top_share(values: pd.Series | npt.ArrayLike, top: float = 0.2) -> float:
    """Give the share of the value that the best customers bring, for instance the top fifth.

    Examples
    --------
    >>> top_share([1.0, 1.0, 1.0, 1.0, 6.0], 0.2)
    0.6
    """
    held = _amounts(values)
    count = max(1, round(top * len(held)))
    return float(held[len(held) - count :].sum() / held.sum())


def value_sentences(
    shares: pd.DataFrame,
    values: pd.Series | npt.ArrayLike,
    names: Mapping[int, str],
    *,
    label: str = "value",
    top: float = 0.2,
) -> list[str]:
    """Say who brings the value and how concentrated it is.

    Parameters
    ----------
    shares : DataFrame
        From `value_shares`.
    values : Series or array
        The value column of the same customers.
    names : mapping of segment to persona
        What the segments are called.
    label : str
        The value column in words.
    top : float
        The share of best customers to speak of.

    Returns
    -------
    list of str
        Two sentences, or one where the segments are all average.
    """
    ranked = shares.sort_values("share_value", ascending=False, kind="stable")
    leaders = ranked[ranked["index"] > 1]
    said = []
    if not leaders.empty:
        who = words.listing([names[number] for number in leaders["segment"]])
        said.append(
            words.sentence(
                f"{who} are {words.percent(leaders['share_customers'].sum())} of all customers",
                f"and bring {words.percent(leaders['share_value'].sum())} of all {label}",
            )
        )
    said.append(
        words.sentence(
            f"the best {words.percent(top)} of customers bring",
            f"{words.percent(top_share(values, top))} of all {label}",
            f"(a Gini coefficient of {words.number(gini(values), digits=2)})",
        )
    )
    return said


def _amounts(values: pd.Series | npt.ArrayLike) -> npt.NDArray[np.float64]:
    held = np.sort(pd.Series(values).to_numpy(dtype=float, na_value=np.nan))
    held = held[~np.isnan(held)]
    if not len(held) or held[0] < 0 or held.sum() <= 0:
        raise TableError(
            "The value column holds negative amounts or nothing above 0, so that its "
            "concentration cannot be stated."
        )
    return held
