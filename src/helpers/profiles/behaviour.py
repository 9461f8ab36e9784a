"""Insight across segments: channel mix, recency against value, conversion, and who leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers import words
from helpers.profiles.numbering import align, segment_numbers
from helpers.profiles.summary import numeric

APART = 0.03
"""Difference of shares below which two channel mixes are called alike."""


PACES = {
    "valuable and quiet": "is longer ago than average",
    "valuable and usual": "is about as long ago as average",
    "valuable and recent": "is more recent than average",
}
"""What is said of the last order of segments whose mean value is above average."""


def channel_mix(
    features: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    channels: Sequence[str],
    *,
    floor: int = 5,
) -> pd.DataFrame:
    """Split the orders of each segment by channel.

    Parameters
    ----------
    features : DataFrame of n rows
        Holds one column of orders per channel.
    segments : Series or array of shape (n,)
        Segments numbered from 1; missing for a customer without one.
    channels : sequence of str
        The order columns.
    floor : int
        Segments with fewer customers are left out.

    Returns
    -------
    DataFrame, by segment and channel
        ``segment``, ``channel``, ``orders`` (total), ``mean`` per customer, ``share`` of the
        segment's orders, ``overall`` share in all orders, ``difference`` of the two (0.05 is five
        percentage points).

    Examples
    --------
    >>> frame = pd.DataFrame({"web": [3, 1], "store": [1, 3]})
    >>> channel_mix(frame, [1, 2], ["web", "store"], floor=1)["share"].tolist()
    [0.75, 0.25, 0.25, 0.75]
    """
    frame, numbers = align(features, segments)
    values = numeric(frame, channels)
    whole = values.sum()
    rows = []
    for number in segment_numbers(numbers):
        own = values[numbers == number]
        if len(own) < floor:
            continue
        totals = own.sum()
        for channel in channels:
            share = _over(totals[channel], totals.sum())
            overall = _over(whole[channel], whole.sum())
            rows.append(
                {
                    "segment": number,
                    "channel": channel,
                    "orders": float(totals[channel]),
                    "mean": float(totals[channel]) / len(own),
                    "share": share,
                    "overall": overall,
                    "difference": share - overall,
                }
            )
    names = ["segment", "channel", "orders", "mean", "share", "overall", "difference"]
    return pd.DataFrame(rows, columns=names)


def conversion(
    features: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    channel: str,
    visits: str,
    *,
    floor: int = 5,
) -> pd.DataFrame:
    """Set the orders of each segment in one channel against its visits there.

    Parameters
    ----------
    features : DataFrame of n rows
        Holds both columns.
    segments : Series or array of shape (n,)
        Segments numbered from 1; missing for a customer without one.
    channel : str
        The orders that those visits may have led to: web orders for visits of the web shop.
    visits : str
        The column of visits.
    floor : int
        Segments with fewer customers are left out.

    Returns
    -------
    DataFrame of at most K rows, by segment
        ``segment``, ``orders`` and ``visits`` per customer, ``ratio`` (total orders over total
        visits), ``overall`` (the same of all customers), ``lift`` (ratio over overall). Orders and
        visits need not cover the same time, so that the ratio compares segments and is no rate.

    Examples
    --------
    >>> frame = pd.DataFrame({"web": [4, 1], "visits": [2, 4]})
    >>> conversion(frame, [1, 2], "web", "visits", floor=1)["ratio"].tolist()
    [2.0, 0.25]
    """
    frame, numbers = align(features, segments)
    values = numeric(frame, list(dict.fromkeys([channel, visits])))
    orders = values[channel]
    overall = _over(orders.sum(), values[visits].sum())
    rows = []
    for number in segment_numbers(numbers):
        inside = numbers == number
        n = int(inside.sum())
        if n < floor:
            continue
        bought, seen = float(orders[inside].sum()), float(values.loc[inside, visits].sum())
        ratio = _over(bought, seen)
        rows.append(
            {
                "segment": number,
                "orders": bought / n,
                "visits": seen / n,
                "ratio": ratio,
                "overall": overall,
                "lift": _over(ratio, overall),
            }
        )
    names = ["segment", "orders", "visits", "ratio", "overall", "lift"]
    return pd.DataFrame(rows, columns=names)


def recency_value(
    features: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    recency: str,
    value: str,
    *,
    floor: int = 5,
    apart: float = 0.1,
) -> pd.DataFrame:
    """Place each segment by how long ago its customers bought and what they are worth.

    Parameters
    ----------
    features : DataFrame of n rows
        Holds both columns.
    segments : Series or array of shape (n,)
        Segments numbered from 1; missing for a customer without one.
    recency, value : str
        The columns; a high recency is a long time.
    floor : int
        Segments with fewer customers are left out.
    apart : float
        Relative difference from the mean recency up to which a segment orders at the usual pace.

    Returns
    -------
    DataFrame of at most K rows, by segment
        ``segment``, ``recency`` and ``value`` (means), ``overall_recency``, ``overall_value``,
        ``share_value``, ``place``: ``valuable`` or ``modest`` (against the mean value of all)
        and ``recent``, ``usual`` or ``quiet`` (against their mean recency).

    Examples
    --------
    >>> frame = pd.DataFrame({"days": [5, 90], "spend": [10.0, 100.0]})
    >>> recency_value(frame, [2, 1], "days", "spend", floor=1)["place"].tolist()
    ['valuable and quiet', 'modest and recent']
    """
    frame, numbers = align(features, segments)
    values = numeric(frame, list(dict.fromkeys([recency, value])))
    days, worth = float(values[recency].mean()), float(values[value].mean())
    total = float(values[value].sum())
    rows = []
    for number in segment_numbers(numbers):
        own = values[numbers == number]
        if len(own) < floor:
            continue
        mean_days, mean_worth = float(own[recency].mean()), float(own[value].mean())
        much = "valuable" if mean_worth >= worth else "modest"
        if mean_days > days * (1 + apart):
            pace = "quiet"
        else:
            pace = "recent" if mean_days < days * (1 - apart) else "usual"
        rows.append(
            {
                "segment": number,
                "recency": mean_days,
                "value": mean_worth,
                "overall_recency": days,
                "overall_value": worth,
                "share_value": _over(float(own[value].sum()), total),
                "place": f"{much} and {pace}",
            }
        )
    names = ["segment", "recency", "value", "overall_recency", "overall_value", "share_value"]
    return pd.DataFrame(rows, columns=[*names, "place"])


def leader(table: pd.DataFrame, column: str, *, leave_out: Iterable[int] = ()) -> pd.DataFrame:
    """Rank segments by a column and say by how much each leads the next.

    Parameters
    ----------
    table : DataFrame
        Holds ``segment`` and ``column``.
    column : str
        What to rank by, the highest first.
    leave_out : iterable of int
        Segments too unstable to lead anything.

    Returns
    -------
    DataFrame
        ``rank``, ``segment``, ``value``, ``ahead`` (ratio to the next segment's value; NaN for
        the last one).

    Examples
    --------
    >>> leader(pd.DataFrame({"segment": [1, 2], "a": [2.0, 3.0]}), "a")["ahead"].tolist()
    [1.5, nan]
    """
    kept = table[~table["segment"].isin(list(leave_out)) & table[column].notna()]
    ranked = kept.sort_values([column, "segment"], ascending=[False, True], ignore_index=True)
    values = ranked[column].to_numpy(dtype=float)
    following = np.append(values[1:], np.nan)
    ahead = np.divide(values, following, out=np.full(len(values), np.nan), where=following > 0)
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(values) + 1),
            "segment": ranked["segment"],
            "value": values,
            "ahead": ahead,
        }
    )


def channel_sentences(
    mix: pd.DataFrame,
    names: Mapping[int, str],
    *,
    labels: Mapping[str, str] | None = None,
    leave_out: Iterable[int] = (),
) -> list[str]:
    """Say for each channel which segment uses it most, and by how much.

    Parameters
    ----------
    mix : DataFrame
        From `channel_mix`.
    names : mapping of segment to persona
        What the segments are called.
    labels : mapping of str to str, optional
        Names of the channels in words.
    leave_out : iterable of int
        Segments too unstable to lead anything.

    Returns
    -------
    list of str
        One sentence a channel; a channel that all segments use alike is said to be so.
    """
    out = set(leave_out)
    said = []
    for channel, own in mix.groupby("channel", sort=False):
        ranked = leader(own, "share", leave_out=out)
        if ranked.empty:
            continue
        name = words.label(str(channel), labels)
        first, last = ranked.iloc[0], ranked.iloc[-1]
        overall = float(own["overall"].iloc[0])
        verb = "are" if words.is_plural(name) else "is"
        whole = f"{name} {verb} {words.percent(overall)} of all orders"
        if first["value"] - last["value"] < APART:
            said.append(words.sentence(f"{whole}, in every segment about alike"))
            continue
        said.append(
            words.sentence(
                f"{whole}: most among the {names[first['segment']]}",
                f"({words.percent(first['value'])}), least among the {names[last['segment']]}",
                f"({words.percent(last['value'])})",
            )
        )
    return said


def conversion_sentences(
    table: pd.DataFrame,
    names: Mapping[int, str],
    *,
    orders: str = "orders",
    visits: str = "visits",
    leave_out: Iterable[int] = (),
) -> list[str]:
    """Say who orders most for its visits, by how much, and who least.

    Parameters
    ----------
    table : DataFrame
        From `conversion`.
    names : mapping of segment to persona
        What the segments are called.
    orders, visits : str
        The two columns in words.
    leave_out : iterable of int
        Segments too unstable to lead anything.

    Returns
    -------
    list of str
        One sentence, or none where fewer than two segments can be compared.
    """
    ranked = leader(table, "ratio", leave_out=leave_out)
    if len(ranked) < 2:
        return []
    parts = [
        f"among the {names[row['segment']]} ({words.percent(row['value'])})"
        for row in (ranked.iloc[0].to_dict(), ranked.iloc[-1].to_dict())
    ]
    overall = words.percent(float(table["overall"].iloc[0]))
    return [
        words.sentence(
            f"there are {overall} as many {orders} as {visits}: most {parts[0]}, least {parts[1]};",
            "the two need not cover the same time, so that this compares segments and is no rate",
        )
    ]


def recency_sentences(
    table: pd.DataFrame,
    names: Mapping[int, str],
    *,
    labels: Mapping[str, str] | None = None,
    recency: str = "recency",
    unit: str | None = "days",
    value_label: str = "value",
    leave_out: Iterable[int] = (),
) -> list[str]:
    """Say which valuable segments have gone quiet, and which are still active.

    Parameters
    ----------
    table : DataFrame
        From `recency_value`.
    names : mapping of segment to persona
        What the segments are called.
    labels : mapping of str to str, optional
        Names of the columns in words.
    recency : str
        The recency column, to be named.
    unit : str, optional
        Its unit.
    value_label : str
        The value column in words.
    leave_out : iterable of int
        Segments too unstable to be spoken of.

    Returns
    -------
    list of str
    """
    kept = table[~table["segment"].isin(list(leave_out))]
    said = []
    name = words.label(recency, labels)
    for place, who in PACES.items():
        own = kept[kept["place"] == place].sort_values(
            ["share_value", "segment"], ascending=[False, True]
        )
        if own.empty:
            continue
        parts = [
            f"{names[row['segment']]} ({words.quantity(row['recency'], name, unit)})"
            for _, row in own.iterrows()
        ]
        average = words.number(float(own["overall_recency"].iloc[0]), unit)
        share = words.percent(float(own["share_value"].sum()))
        said.append(
            words.sentence(
                f"{share} of all {value_label} lies with customers of above-average {value_label}",
                f"whose last order {who}: the {words.listing(parts)},",
                f"where the average is {average}",
            )
        )
    return said


def _over(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole > 0 else float("nan")
