"""Pictures of order lines, before they are grouped to customers."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures import palette
from helpers.figures.canvas import bare, count_axis, extreme, in_house_style, rounded
from helpers.figures.style import WIDTH
from helpers.words import number, plural, sentence

MOST_TICKS = 8


@in_house_style
def orders_over_time(periods: pd.DataFrame, *, period: str, noun: str = "order") -> Axes:
    """
    Draw how many orders each period had.

    Parameters
    ----------
    periods
        One row a period, ascending: `start` (an ISO date) and `orders`.
    period
        month, week or day.
    noun
        What is counted.

    Returns
    -------
    Axes
        One bar a period, those without an order among them.

    Examples
    --------
    >>> periods = pd.DataFrame({"start": ["2024-01-01", "2024-03-01"], "orders": [3, 1]})
    >>> axes = orders_over_time(periods, period="month")
    >>> [int(bar.get_height()) for bar in axes.patches]
    [3, 0, 1]
    >>> plt.close("all")
    """
    whole = filled(periods, period=period)
    heights = rounded(whole["orders"])
    _, axes = plt.subplots(figsize=(WIDTH, 2.5))
    axes.bar(
        np.arange(len(whole)),
        heights,
        width=0.9,
        color=palette.ACCENT,
        edgecolor=palette.PAPER,
        linewidth=0.8,
    )
    bare(axes, left=False, grid="y")
    count_axis(axes, "y", most=5, whole=True)
    step = max(1, -(-len(whole) // MOST_TICKS))
    places = np.arange(0, len(whole), step)
    axes.set_xticks(places, [_shown(whole["start"].iloc[at], period) for at in places])
    axes.set_xlabel(f"{period} of the order")
    axes.set_ylabel(plural(2, noun).removeprefix("2 "))
    return axes


def orders_over_time_caption(periods: pd.DataFrame, *, period: str, noun: str = "order") -> str:
    """
    Name the period with most orders and the one with fewest, the last ones at either end apart.

    The first and the last period are seldom whole, so that they are not called the weakest.

    Examples
    --------
    >>> starts = ["2024-01-01", "2024-02-01", "2024-03-01"]
    >>> periods = pd.DataFrame({"start": starts, "orders": [3, 9, 1]})
    >>> orders_over_time_caption(periods, period="month")
    'Most orders came in February 2024 (9), 2.1 times the mean of a month.'
    """
    whole = filled(periods, period=period)
    if len(whole) < 2:
        return sentence(f"All {plural(int(whole['orders'].sum()), noun)} came in one {period}")
    top = extreme(whole, "orders")
    ratio = float(top["orders"]) / float(whole["orders"].mean())
    many = plural(2, noun).removeprefix("2 ")
    said = (
        f"Most {many} came in {_long(top['start'], period)} ({number(top['orders'])}), "
        f"{ratio:.1f} times the mean of a {period}"
    )
    inner = whole.iloc[1:-1]
    inner = inner[inner["start"] != top["start"]]
    if len(inner):
        low = extreme(inner, "orders", least=True)
        said += f"; fewest in {_long(low['start'], period)} ({number(low['orders'])})"
    return sentence(said)


def orders_over_time_alt(periods: pd.DataFrame, *, period: str, noun: str = "order") -> str:
    """Describe the bars: how many, from when to when, and their range."""
    whole = filled(periods, period=period)
    first, last = (_long(whole["start"].iloc[at], period) for at in (0, -1))
    low, high = int(whole["orders"].min()), int(whole["orders"].max())
    many = plural(2, noun).removeprefix("2 ")
    return sentence(
        f"Bars of {many} by {period}, {plural(len(whole), 'bar')} from {first} to {last},"
        f" the shortest {low:,} and the longest {high:,}"
    )


def filled(periods: pd.DataFrame, *, period: str) -> pd.DataFrame:
    """
    Periods with those between them in which nobody ordered.

    Examples
    --------
    >>> periods = pd.DataFrame({"start": ["2024-01-01", "2024-03-01"], "orders": [3, 1]})
    >>> filled(periods, period="month")["orders"].tolist()
    [3, 0, 1]
    """
    starts = pd.PeriodIndex(
        pd.to_datetime(periods["start"]), freq={"month": "M", "week": "W-SUN", "day": "D"}[period]
    )
    every = pd.period_range(starts.min(), starts.max(), freq=starts.freq)
    held = pd.Series(periods["orders"].to_numpy(), index=starts).reindex(every, fill_value=0)
    return pd.DataFrame(
        {"start": every.to_timestamp().strftime("%Y-%m-%d"), "orders": held.to_numpy()}
    )


def _shown(start: str, period: str) -> str:
    day = pd.Timestamp(start)
    return day.strftime("%b\n%Y" if period == "month" else "%d %b\n%Y")


def _long(start: str, period: str) -> str:
    day = pd.Timestamp(start)
    if period == "month":
        return day.strftime("%B %Y")
    written = f"{day.day} {day.strftime('%B %Y')}"
    return f"the week of {written}" if period == "week" else written
