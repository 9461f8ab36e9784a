"""Where the value lies, how concentrated it is, and what to do first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers import words
from helpers.errors import TableError
from helpers.profiles.numbering import align
from helpers.profiles.summary import numeric

MOVABLE: Mapping[str, float] = {
    "retain": 0.30,
    "reactivate": 0.25,
    "grow": 0.20,
    "cross-sell": 0.15,
    "fix friction": 0.10,
    "investigate": 0.05,
}
"""Share of a segment's value that a campaign is taken to bear on, by objective.

These are assumptions, not measurements: they only say that keeping a customer comes before
winning one back, and that before growing one. Replace them by what past campaigns have shown.
"""


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


def next_steps(
    personas: pd.DataFrame,
    shares: pd.DataFrame,
    cards: pd.DataFrame,
    *,
    movable: Mapping[str, float] = MOVABLE,
    unit: str | None = None,
) -> pd.DataFrame:
    """Rank what to do next by the value of a segment and what its objective bears on.

    Parameters
    ----------
    personas : DataFrame
        From `helpers.personas.matching.assign`, after `helpers.profiles.reliability.hold_back`.
    shares : DataFrame
        From `value_shares`.
    cards : DataFrame
        From `helpers.profiles.reliability.trust_cards`.
    movable : mapping of objective to float
        Share of the value that a campaign bears on: a judgement, see `MOVABLE`.
    unit : str, optional
        Unit of the value column.

    Returns
    -------
    DataFrame, the first step first
        ``rank``, ``segment``, ``persona``, ``objective``, ``action``, ``value`` (the segment's
        total), ``movable``, ``priority`` (the product of the two), ``arithmetic`` (the product in
        words) and ``verdict`` of its card. Unstable segments and those whose value is not told
        are no steps and left out.

    Raises
    ------
    TableError
        If an objective has no share in ``movable``.

    Notes
    -----
    How stable a segment is takes no part in the product: a probability it is not. It stands
    beside it, for the reader to weigh.

    Examples
    --------
    >>> personas = pd.DataFrame({"segment": [1, 2], "persona": ["A", "B"],
    ...     "objective": ["grow", "retain"], "action": ["", ""]})
    >>> shares = pd.DataFrame({"segment": [1, 2], "total": [1000.0, 1000.0]})
    >>> cards = pd.DataFrame({"segment": [1, 2], "verdict": ["stable", "stable"],
    ...     "unstable": [False, False]})
    >>> next_steps(personas, shares, cards)[["persona", "arithmetic"]].values.tolist()
    [['B', '1,000 × 0.3 = 300'], ['A', '1,000 × 0.2 = 200']]
    """
    unknown = sorted(set(personas["objective"]) - set(movable))
    if unknown:
        raise TableError(
            f"No share of the value is stated for the objective `{unknown[0]}`; "
            f"expected one of {', '.join(f'`{name}`' for name in movable)}."
        )
    table = (
        personas[["segment", "persona", "objective", "action"]]
        .merge(shares[["segment", "total"]], on="segment")
        .merge(cards[["segment", "verdict", "unstable"]], on="segment")
    )
    table = table[table["total"].notna() & ~table["unstable"].astype(bool)]
    value, weight = table["total"], table["objective"].map(dict(movable)).astype(float)
    table = table.drop(columns=["total", "unstable"]).assign(
        value=value, movable=weight, priority=value * weight
    )
    table["arithmetic"] = [
        f"{words.number(a, unit)} × {words.number(b)} = {words.number(c, unit)}"
        for a, b, c in zip(value, weight, table["priority"], strict=True)
    ]
    table = table.sort_values(["priority", "segment"], ascending=[False, True], ignore_index=True)
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return table


def step_sentences(
    steps: pd.DataFrame, names: Mapping[int, str], *, label: str = "value"
) -> list[str]:
    """Say what comes first, how the ranking was made, and who is not in it.

    Parameters
    ----------
    steps : DataFrame
        From `next_steps`.
    names : mapping of segment to persona
        What the segments are called.
    label : str
        The value column in words; an empty text where every customer counts as one.

    Returns
    -------
    list of str
    """
    left = [name for number, name in names.items() if number not in set(steps["segment"])]
    verb = "is" if len(left) == 1 else "are"
    rest = words.sentence(
        f"{words.listing(left)} {verb} not ranked: too small or not stable enough to act on"
    )
    if steps.empty:
        return [rest]
    first = steps.iloc[0]
    said = [
        words.sentence(
            f"first come the {first['persona']} (objective: {first['objective']}):",
            str(first["arithmetic"]),
        ),
        words.sentence(
            f"this is the {label or 'number of customers'} of the segment so far, times the share",
            "of it that such a campaign is taken to bear on; the steps are ranked by it, and",
            "it is no forecast",
        ),
    ]
    return [" ".join(said), *([rest] if left else [])]


def _amounts(values: pd.Series | npt.ArrayLike) -> npt.NDArray[np.float64]:
    held = np.sort(pd.Series(values).to_numpy(dtype=float, na_value=np.nan))
    held = held[~np.isnan(held)]
    if not len(held) or held[0] < 0 or held.sum() <= 0:
        raise TableError(
            "The value column holds negative amounts or nothing above 0, so that its "
            "concentration cannot be stated."
        )
    return held
