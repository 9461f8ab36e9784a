"""Pictures of a segmentation over many months."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures import palette
from helpers.figures.canvas import bare, in_house_style
from helpers.figures.style import WIDTH
from helpers.words import percent, plural, sentence

MOST_TICKS = 8


@in_house_style
def moved_over_months(months: pd.DataFrame, *, due: str = "") -> Axes:
    """
    Draw the share that a refit places elsewhere, with what chance gives.

    Parameters
    ----------
    months
        `day` (ISO), `moved`, `moved_low`, `moved_high`, `chance`, `chance_high`: shares.
    due
        The day on which a refit is due; "" for none.

    Returns
    -------
    Axes
        One dot a day with its interval; the band of chance below.

    Examples
    --------
    >>> months = pd.DataFrame({"day": ["2025-01-31", "2025-02-28"], "moved": [0.0, 0.1],
    ...     "moved_low": [0.0, 0.08], "moved_high": [0.0, 0.12], "chance": [0.0, 0.01],
    ...     "chance_high": [0.0, 0.02]})
    >>> axes = moved_over_months(months, due="2025-02-28")
    >>> axes.get_ylabel()
    'placed elsewhere, %'
    >>> plt.close("all")
    """
    places = np.arange(len(months))
    shares = {
        name: months[name].to_numpy(dtype=float).round(6) * 100
        for name in ("moved", "moved_low", "moved_high", "chance", "chance_high")
    }
    _, axes = plt.subplots(figsize=(WIDTH, 2.8))
    axes.fill_between(
        places, 0, shares["chance_high"], color=palette.GRID, linewidth=0, label="by chance"
    )
    axes.vlines(places, shares["moved_low"], shares["moved_high"], color=palette.ACCENT)
    axes.plot(places, shares["moved"], "-o", color=palette.ACCENT, label="by a refit")
    days = months["day"].tolist()
    if due in days:
        axes.axvline(days.index(due), color=palette.INK, linewidth=1, linestyle="--")
    bare(axes, left=False, grid="y")
    step = max(1, -(-len(months) // MOST_TICKS))
    ticks = places[::step]
    axes.set_xticks(ticks, [_short(days[at]) for at in ticks])
    axes.set_ylim(bottom=0)
    axes.set_ylabel("placed elsewhere, %")
    axes.legend(frameon=False)
    return axes


def _short(day: str) -> str:
    held = pd.Timestamp(day)
    return f"{held.day} {held.strftime('%b')}\n{held.year}"


def moved_over_months_caption(months: pd.DataFrame, *, due: str = "") -> str:
    """
    Name the day on which most are placed elsewhere.

    Examples
    --------
    >>> months = pd.DataFrame({"day": ["2025-01-31", "2025-02-28"], "moved": [0.0, 0.1],
    ...     "chance": [0.0, 0.01]})
    >>> moved_over_months_caption(months)
    'A refit places most customers elsewhere on 2025-02-28: 10%, where chance alone gives 1%.'
    """
    top = months.iloc[int(months["moved"].to_numpy().argmax())]
    text = sentence(
        f"A refit places most customers elsewhere on {top['day']}: {percent(float(top['moved']))},"
        f" where chance alone gives {percent(float(top['chance']))}"
    )
    return f"{text} The dashed line marks when a refit is due." if due else text


def moved_over_months_alt(months: pd.DataFrame, *, due: str = "") -> str:
    """Describe the dots by day."""
    said = "; ".join(
        f"{row['day']}: {percent(float(row['moved']))} (chance {percent(float(row['chance']))})"
        for row in months.to_dict("records")
    )
    return sentence(
        f"Dots of the share of the customers that a refit places elsewhere on"
        f" {plural(len(months), 'day')}, over a band of what chance gives: {said}"
    )
