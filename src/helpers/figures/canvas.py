"""What the pictures share: the house style around a drawing, forms of ticks, segment labels."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.ticker import FuncFormatter, MaxNLocator

from helpers.figures import palette
from helpers.figures.style import house_style
from helpers.words import MINUS

P = ParamSpec("P")
Drawn = TypeVar("Drawn")

SMALL = 8.0
"""Size in points of notes and of figures within a picture: 13 px at the report's full width."""

Names = Mapping[int, str]
"""Persona of each segment, where there is one."""


def in_house_style(draw: Callable[P, Drawn]) -> Callable[P, Drawn]:
    """
    Run a function that draws within the house style.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> @in_house_style
    ... def draw():
    ...     return plt.subplots()[1]
    >>> draw().spines["top"].get_visible()
    False
    >>> plt.close("all")
    """

    @wraps(draw)
    def within(*args: P.args, **kwargs: P.kwargs) -> Drawn:
        with house_style():
            return draw(*args, **kwargs)

    return within


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """
    Rows of a frame, by column name.

    Examples
    --------
    >>> records(pd.DataFrame({"segment": [1], "n": [7]}))
    [{'segment': 1, 'n': 7}]
    """
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def extreme(frame: pd.DataFrame, column: str, *, least: bool = False) -> dict[str, Any]:
    """
    Row with the greatest value of a column (or the least), the first one of several.

    Examples
    --------
    >>> extreme(pd.DataFrame({"segment": [1, 2], "n": [7, 9]}), "n")
    {'segment': 2, 'n': 9}
    """
    values = frame[column].to_numpy(dtype=float)
    place = int(np.nanargmin(values) if least else np.nanargmax(values))
    return records(frame.iloc[[place]])[0]


def figure_text(value: float) -> str:
    """
    Write a tick: thousands parted by commas, a true minus, no trailing zeros.

    Examples
    --------
    >>> figure_text(20000.0), figure_text(-0.25)
    ('20,000', '−0.25')
    """
    return f"{round(value, 9) + 0.0:,.10g}".replace("-", MINUS)


def decimals(value: float, digits: int = 2) -> str:
    """
    Write a value with fixed decimals, a true minus and no minus before nought.

    Examples
    --------
    >>> decimals(-0.253), decimals(-0.001)
    ('−0.25', '0.00')
    """
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", MINUS)


def count_axis(axes: Axes, which: str = "x", *, most: int = 6, whole: bool = False) -> None:
    """Give an axis few round ticks, written by `figure_text`."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(most, integer=whole, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: figure_text(value)))


def percent_axis(axes: Axes, which: str = "x", *, most: int = 6) -> None:
    """Give an axis of fractions few round ticks, written as percentages."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{figure_text(value * 100)}%"))


def k_axis(axes: Axes, ks: Sequence[int]) -> None:
    """Give the x axis one tick for each K."""
    axes.set_xticks(list(ks), labels=[str(k) for k in ks])
    axes.set_xlim(min(ks) - 0.5, max(ks) + 0.5)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel("number of segments K")


def bare(axes: Axes, *, left: bool = True, grid: str = "x") -> None:
    """Take away the left spine and tick marks, and all grid lines but those across `grid`."""
    axes.grid(visible=False)
    if grid:
        axes.grid(visible=True, axis="x" if grid == "x" else "y")
    if left:
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)


def segment_label(segment: int, names: Names | None = None, *, width: int = 24) -> str:
    r"""
    Label of a segment: its number and, on lines of at most `width` characters, its persona.

    Examples
    --------
    >>> segment_label(2, {2: "High-income lapsed spenders"}, width=16)
    '2  High-income\nlapsed spenders'
    >>> segment_label(3)
    'Segment 3'
    """
    if not names or segment not in names:
        return f"Segment {segment}"
    return shorter(f"{segment}  {names[segment]}", width=width)


def shorter(text: str, *, width: int, lines: int = 2) -> str:
    r"""
    Break a text into lines, and end it by an ellipsis where these do not hold it.

    Line breaks of its own count as blanks.

    Examples
    --------
    >>> shorter("a category whose name goes on and on", width=10)
    'a category\nwhose…'
    """
    kept = textwrap.wrap(
        text,
        width,
        max_lines=lines,
        placeholder="…",
        drop_whitespace=True,
        break_on_hyphens=False,
    )
    return "\n".join(kept)


def segment_axis(
    axes: Axes, segments: Sequence[int], names: Names | None = None, *, width: int = 24
) -> None:
    """Label the rows 0, 1, ... of the y axis with segments, the first one on top."""
    axes.set_yticks(
        range(len(segments)),
        labels=[segment_label(segment, names, width=width) for segment in segments],
    )
    axes.tick_params(axis="y", labelcolor=palette.INK)
    axes.set_ylim(len(segments) - 0.4, -0.6)
    bare(axes)


def mark_chosen(axes: Axes, k: int | None) -> None:
    """Mark the chosen K by a band behind the data."""
    if k is not None:
        axes.axvspan(k - 0.4, k + 0.4, color=palette.GRID, lw=0, zorder=0)
        axes.annotate(
            "chosen",
            (k, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=SMALL,
            color=palette.MUTED,
        )


def rounded(values: Iterable[Any], digits: int = 6) -> np.ndarray:
    """
    Round to significant digits, so that the last bits of a float leave no trace in a picture.

    Examples
    --------
    >>> rounded(np.array([0.1 + 0.2, 123456.789, 0.0])).tolist()
    [0.3, 123457.0, 0.0]
    """
    return np.array([float(f"{float(value):.{digits}g}") for value in values], dtype=float)


def named(segment: int, names: Names | None = None) -> str:
    """
    Name a segment within a sentence.

    Examples
    --------
    >>> named(2, {2: "Loyal"}), named(2)
    ('segment 2 “Loyal”', 'segment 2')
    """
    known = names.get(segment) if names else None
    return f"segment {segment} “{known}”" if known else f"segment {segment}"


def heat_cells(
    axes: Axes,
    values: np.ndarray,
    colours: Colormap,
    *,
    text: Callable[[float], str],
    bounds: tuple[float, float] | None = None,
    empty: np.ndarray | None = None,
) -> None:
    """
    Fill axes with coloured cells and print each value in its cell.

    Parameters
    ----------
    axes
        Where to draw; cell (row, column) is centred on (column, row), the first row on top.
    values
        Shape (rows, columns); NaN leaves a cell without colour.
    colours
        Colour map of `helpers.figures.palette`.
    text
        How to write a value.
    bounds
        Values at the two ends of the colour map; the range of the values unless given.
    empty
        Text of each cell without a value.
    """
    values = np.round(values, 9)
    rows, columns = values.shape
    known = values[np.isfinite(values)]
    low, high = bounds or ((known.min(), known.max()) if known.size else (0.0, 1.0))
    if not high > low:
        # One value only: the middle of the map.
        low, high = low - 1.0, high + 1.0
    axes.pcolormesh(
        np.arange(columns + 1) - 0.5,
        np.arange(rows + 1) - 0.5,
        np.ma.masked_invalid(values),
        cmap=colours,
        vmin=low,
        vmax=high,
        edgecolors=palette.PAPER,
        linewidth=1.5,
    )
    for row, column in np.ndindex(rows, columns):
        value = values[row, column]
        if np.isfinite(value):
            said = text(float(value))
            place = min(max((float(value) - low) / (high - low), 0.0), 1.0)
            tone = palette.text_on(colours(place))
        else:
            said, tone = ("" if empty is None else str(empty[row, column])), palette.MUTED
        if said:
            axes.text(column, row, said, ha="center", va="center", color=tone, fontsize=SMALL)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.grid(visible=False)
    axes.tick_params(length=0, labelcolor=palette.INK)
    for spine in axes.spines.values():
        spine.set_visible(False)
