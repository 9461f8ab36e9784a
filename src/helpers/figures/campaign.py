"""Pictures of what a campaign has changed."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures import palette
from helpers.figures.canvas import bare, in_house_style
from helpers.figures.style import WIDTH
from helpers.words import MINUS, listing, plural, sentence


@in_house_style
def lift_by_audience(rows: pd.DataFrame) -> Axes:
    """
    Draw the lift of each audience with its interval.

    Parameters
    ----------
    rows
        `audience`, `persona`, `lift`, `low`, `high`: differences of rates.

    Returns
    -------
    Axes
        One dot an audience, the first on top, and a line at no change.

    Examples
    --------
    >>> rows = pd.DataFrame({"audience": [1], "persona": ["A"], "lift": [0.02], "low": [0.01],
    ...                      "high": [0.03]})
    >>> axes = lift_by_audience(rows)
    >>> axes.get_xlabel()
    'change of the share that buys, in points'
    >>> plt.close("all")
    """
    places = np.arange(len(rows))[::-1]
    values, low, high = (
        rows[name].to_numpy(dtype=float).round(6) * 100 for name in ("lift", "low", "high")
    )
    _, axes = plt.subplots(figsize=(WIDTH, 0.9 + 0.42 * len(rows)))
    axes.axvline(0, color=palette.MUTED, linewidth=1)
    axes.hlines(places, low, high, color=palette.ACCENT, linewidth=2)
    axes.plot(values, places, "o", color=palette.ACCENT, markersize=6)
    axes.set_yticks(
        places, [f"{row['audience']} {_short(row['persona'])}" for row in rows.to_dict("records")]
    )
    axes.set_ylim(-0.6, len(rows) - 0.4)
    bare(axes, left=False, grid="x")
    axes.set_xlabel("change of the share that buys, in points")
    return axes


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:29]}…"


def _said(value: float) -> str:
    return f"{value * 100:+.1f}".replace("-", MINUS)


def lift_by_audience_caption(rows: pd.DataFrame) -> str:
    """
    Say in how many audiences the interval leaves out 0.

    Examples
    --------
    >>> rows = pd.DataFrame({"audience": [1], "persona": ["A"], "lift": [0.02], "low": [0.01],
    ...                      "high": [0.03]})
    >>> lift_by_audience_caption(rows)
    'The interval of 1 of 1 audience leaves out 0, each looked at by itself.'
    """
    clear = int(((rows["low"] > 0) | (rows["high"] < 0)).sum())
    return sentence(
        f"The interval of {clear} of {plural(len(rows), 'audience')} leaves out 0, each looked at"
        " by itself"
    )


def lift_by_audience_alt(rows: pd.DataFrame) -> str:
    """Describe the dots and their intervals."""
    said = [
        f"{row['persona']} {_said(row['lift'])} ({_said(row['low'])} to {_said(row['high'])})"
        for row in rows.to_dict("records")
    ]
    return sentence(
        f"Dots of the change of the share that buys, in points, with intervals: {listing(said)}"
    )
