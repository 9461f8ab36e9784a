"""Pictures of the customers before any clustering: what is there, how it is spread, what is odd."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures import palette
from helpers.figures.canvas import (
    SMALL,
    bare,
    count_axis,
    decimals,
    extreme,
    heat_cells,
    in_house_style,
    percent_axis,
    records,
    rounded,
    shorter,
)
from helpers.figures.style import WIDTH
from helpers.words import (
    bounded,
    comparison,
    interval,
    label,
    listing,
    number,
    percent,
    plural,
    sentence,
    with_article,
)

FLOOR = 5
"""Groups of fewer customers are not broken down, unless a caller says otherwise."""

TAIL = 0.002
"""Share of the customers that a histogram may leave beyond its edge, and say so."""


@in_house_style
def histogram(counts: pd.DataFrame, *, name: str, unit: str | None = None) -> Axes:
    """
    Draw the spread of a number from counts in bins.

    Parameters
    ----------
    counts
        One row a bin, ascending: `low`, `high` (edges), `n` (customers). The first `low` may be
        minus infinity and the last `high` infinity: such a bin is named in a note, not drawn.
    name
        What the number is, in words.
    unit
        Its unit, as `helpers.words.number` knows it.

    Returns
    -------
    Axes
        One bar a bin. Where a few customers (`TAIL`) would stretch the axis, their bins are left
        out, and a note in the picture counts them.

    Examples
    --------
    >>> counts = pd.DataFrame({"low": [0, 10], "high": [10, 20], "n": [3, 1]})
    >>> axes = histogram(counts, name="age", unit="years")
    >>> [int(bar.get_height()) for bar in axes.patches]
    [3, 1]
    >>> plt.close("all")
    """
    shown, below, above = _shown(counts)
    _, axes = plt.subplots(figsize=(WIDTH, 2.7))
    low, high = rounded(shown["low"]), rounded(shown["high"])
    axes.bar(
        low,
        shown["n"].to_numpy(dtype=float),
        width=high - low,
        align="edge",
        color=palette.ACCENT,
        edgecolor=palette.PAPER,
        linewidth=0.8,
    )
    bare(axes, left=False, grid="y")
    count_axis(axes, "x")
    count_axis(axes, "y", most=5, whole=True)
    axes.set_xlabel(_with_unit(name, unit))
    axes.set_ylabel("customers")
    notes = []
    if below:
        notes.append((0.0, "left", f"← {plural(below, 'customer')} below"))
    if above:
        notes.append((1.0, "right", f"{plural(above, 'customer')} above →"))
    for place, side, text in notes:
        axes.text(
            place,
            1.0,
            text,
            transform=axes.transAxes,
            ha=side,
            va="bottom",
            fontsize=SMALL,
            color=palette.MUTED,
        )
    return axes


def histogram_caption(
    counts: pd.DataFrame, *, name: str, quartiles: tuple[float, float], unit: str | None = None
) -> str:
    """
    Say where the middle half of the customers lies, and which side the tail is on.

    Parameters
    ----------
    counts, name, unit
        As for `histogram`.
    quartiles
        First and third quartile of the customers themselves: bins are too coarse for them.

    Examples
    --------
    >>> counts = pd.DataFrame({"low": [0, 10, 20], "high": [10, 20, 30], "n": [2, 4, 2]})
    >>> histogram_caption(counts, name="age", quartiles=(11.0, 19.0), unit="years")
    'The middle half of 8 customers has an age of 11 to 19 years; the tails are even.'
    """
    total = int(counts["n"].sum())
    if not total:
        return f"No customer has {with_article(name)}."
    low, middle, high = (_quantile(counts, share) for share in (0.02, 0.5, 0.98))
    up, down = high - middle, middle - low
    if up > 1.3 * down:
        tail = "the tail is longer towards the high end"
    elif down > 1.3 * up:
        tail = "the tail is longer towards the low end"
    else:
        tail = "the tails are even"
    return sentence(
        f"The middle half of {plural(total, 'customer')} has"
        f" {bounded(_as_said(quartiles[0]), _as_said(quartiles[1]), name, unit)}; {tail}"
    )


def histogram_alt(counts: pd.DataFrame, *, name: str, unit: str | None = None) -> str:
    """Describe the bars: how many, from where to where, which one is the longest."""
    total = int(counts["n"].sum())
    if not total:
        return f"Histogram of {name} without any bar: it is missing of every customer."
    shown, below, above = _shown(counts)
    longest = extreme(shown, "n")
    left_out = [
        plural(count, "customer") + side
        for count, side in ((below, " below the first bar"), (above, " above the last bar"))
        if count
    ]
    return sentence(
        f"Histogram of {name} in {plural(len(shown), 'bar')} from"
        f" {_range(shown['low'].iloc[0], shown['high'].iloc[-1], unit)}.",
        f"The longest bar, {_range(longest['low'], longest['high'], unit)},"
        f" covers {int(longest['n']):,} of {plural(total, 'customer')}"
        + (f"; {listing(left_out)} not drawn" if left_out else ""),
    )


@in_house_style
def box_plots(
    summary: pd.DataFrame,
    *,
    name: str,
    by: str,
    unit: str | None = None,
    floor: int = FLOOR,
    most: int = 14,
) -> Axes:
    """
    Draw the spread of a number in each category from its quantiles.

    Parameters
    ----------
    summary
        One row a category, in the order to draw: `category`, `n` (customers), `low`, `q1`,
        `median`, `q3`, `high` (the whiskers being whatever quantiles the caller states).
    name, by
        The number and the category, in words.
    unit
        Unit of the number.
    floor
        Categories of fewer customers are left out; the caption counts them.
    most
        Categories drawn at most, the largest ones; the caption counts the others.

    Returns
    -------
    Axes
        Lying boxes, the first category on top; the median is printed beside each box.

    Examples
    --------
    >>> summary = pd.DataFrame(
    ...     [["a", 9, 1, 2, 3, 4, 6]],
    ...     columns=["category", "n", "low", "q1", "median", "q3", "high"],
    ... )
    >>> [text.get_text() for text in box_plots(summary, name="age", by="group").texts]
    ['3']
    >>> plt.close("all")
    """
    summary = _largest(summary[summary["n"] >= floor], most)
    _, axes = plt.subplots(figsize=(WIDTH, 0.75 + 0.36 * max(len(summary), 1)))
    stats = [
        {
            "whislo": row["low"],
            "q1": row["q1"],
            "med": row["median"],
            "q3": row["q3"],
            "whishi": row["high"],
            "fliers": [],
        }
        for row in records(summary)
    ]
    if stats:
        axes.bxp(
            [{key: value and _round(value) for key, value in one.items()} for one in stats],
            positions=range(len(stats)),
            orientation="horizontal",
            widths=0.55,
            patch_artist=True,
            showfliers=False,
            boxprops={"facecolor": palette.SEQUENTIAL(0.25), "edgecolor": palette.ACCENT},
            medianprops={"color": palette.ACCENT, "linewidth": 2.4, "solid_capstyle": "butt"},
            whiskerprops={"color": palette.AXIS},
            capprops={"color": palette.AXIS},
            manage_ticks=False,
        )
    for place, row in enumerate(records(summary)):
        axes.annotate(
            number(float(row["median"]), unit),
            (_round(row["high"]), place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=palette.INK,
        )
    labels = [
        f"{shorter(str(row['category']), width=22, lines=1)}  ({row['n']:,})"
        for row in records(summary)
    ]
    axes.set_yticks(range(len(summary)), labels=labels)
    axes.set_ylim(max(len(summary), 1) - 0.4, -0.6)
    axes.tick_params(axis="y", labelcolor=palette.INK)
    bare(axes)
    count_axis(axes, "x")
    axes.set_xlabel(f"{_with_unit(name, unit)}; median beside the box")
    axes.set_ylabel(f"{by}  (customers)")
    return axes


def box_plots_caption(
    summary: pd.DataFrame, *, name: str, by: str, unit: str | None = None, floor: int = FLOOR
) -> str:
    """
    Say which category has the highest median and which the lowest, and how far apart they are.

    Examples
    --------
    >>> summary = pd.DataFrame({"category": ["a", "b"], "n": [9, 8], "median": [30.0, 10.0]})
    >>> box_plots_caption(summary, name="age", by="group", unit="years")
    'By group, the median age is highest for a (30 years) and lowest for b (10 years).'
    """
    large = summary[summary["n"] >= floor]
    if large.empty:
        return f"No {by} has {floor} or more customers, so the {name} is not broken down."
    top = extreme(large, "median")
    bottom = extreme(large, "median", least=True)
    small = len(summary) - len(large)
    hidden = (
        f"; {plural(small, 'category')} of fewer than {floor} customers"
        f" {'is' if small == 1 else 'are'} not shown"
        if small
        else ""
    )
    if len(large) == 1:
        return sentence(
            f"The median {name} is {number(top['median'], unit)} for {top['category']}{hidden}"
        )
    return sentence(
        f"By {by}, the median {name} is highest for {top['category']}"
        f" ({number(top['median'], unit)}) and lowest for {bottom['category']}"
        f" ({number(bottom['median'], unit)}){hidden}"
    )


def box_plots_alt(
    summary: pd.DataFrame,
    *,
    name: str,
    by: str,
    unit: str | None = None,
    floor: int = FLOOR,
    most: int = 14,
) -> str:
    """Describe the boxes: the median and the middle half of each category."""
    shown = _largest(summary, most)
    parts = [
        f"{row['category']}: median {number(float(row['median']), unit)}, middle half"
        f" {number(float(row['q1']), unit)} to {number(float(row['q3']), unit)}"
        for row in records(shown[shown["n"] >= floor])
    ]
    return sentence(
        f"Box plots of {name} by {by}, one box for each of {plural(len(parts), 'category')}.",
        "; ".join(parts),
    )


@in_house_style
def correlation_heatmap(matrix: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> Axes:
    """
    Draw a correlation matrix below its diagonal, each value printed in its cell.

    Parameters
    ----------
    matrix
        Square, symmetric, -1 to 1, indexed and headed by column names; NaN where a column is
        constant (the cell stays empty).
    labels
        Names of the columns in words.

    Returns
    -------
    Axes
        Blue for columns that rise together, orange for those that run against each other. Of
        more than sixteen columns those with the strongest relations are drawn.

    Examples
    --------
    >>> matrix = pd.DataFrame([[1, 0.5], [0.5, 1]], index=["a", "b"], columns=["a", "b"])
    >>> [text.get_text() for text in correlation_heatmap(matrix).texts]
    ['0.50']
    >>> plt.close("all")
    """
    matrix = _most_related(matrix)
    names = [label(str(column), labels) for column in matrix.columns]
    cells = matrix.to_numpy(dtype=float)
    size = len(names)
    below = np.where(np.tri(size, k=-1, dtype=bool), cells, np.nan)[1:, :-1]
    height = 1.0 + 0.42 * max(size - 1, 1)
    _, axes = plt.subplots(figsize=(min(WIDTH, 2.6 + 0.75 * size), height))
    heat_cells(axes, below, palette.DIVERGING, bounds=(-1.0, 1.0), text=decimals)
    axes.set_yticks(range(size - 1), labels=[shorter(name, width=24) for name in names[1:]])
    axes.set_xticks(
        range(size - 1), labels=[shorter(name, width=12, lines=3) for name in names[:-1]]
    )
    return axes


def correlation_caption(
    matrix: pd.DataFrame, *, labels: Mapping[str, str] | None = None, most: int = 3
) -> str:
    """
    Name the strongest pairs.

    Examples
    --------
    >>> matrix = pd.DataFrame([[1, 0.5], [0.5, 1]], index=["Age", "Pay"], columns=["Age", "Pay"])
    >>> correlation_caption(matrix)
    'Most closely related: age and pay (0.50).'
    """
    pairs = _pairs(matrix)
    if not pairs:
        return "No two columns vary together: there is no correlation to show."
    said = [
        f"{label(one, labels)} and {label(other, labels)} ({decimals(value)})"
        for value, one, other in pairs[:most]
    ]
    drawn = len(_most_related(matrix))
    rest = f" Drawn are {drawn} of {len(matrix)} columns." if drawn < len(matrix) else ""
    # The capital of a label is kept: the sentence starts with words of its own.
    return f"Most closely related: {listing(said)}.{rest}"


def _most_related(matrix: pd.DataFrame, *, most: int = 16) -> pd.DataFrame:
    """The rows and columns with the strongest relations, in their order."""
    if len(matrix) <= most:
        return matrix
    cells = np.abs(np.nan_to_num(matrix.to_numpy(dtype=float)))
    np.fill_diagonal(cells, 0.0)
    kept = np.sort(np.argsort(-cells.max(axis=0), kind="stable")[:most])
    return matrix.iloc[kept, kept]


def correlation_alt(matrix: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> str:
    """Describe the matrix: every pair from the strongest to the weakest, up to ten."""
    pairs = _pairs(matrix)
    said = [
        f"{label(one, labels)} with {label(other, labels)} {decimals(value)}"
        for value, one, other in pairs[:10]
    ]
    rest = f"; {plural(len(pairs) - 10, 'weaker pair')}" if len(pairs) > 10 else ""
    return (
        f"Heatmap of the correlation between {plural(len(matrix), 'column')}, strongest first:"
        f" {', '.join(said) or 'none'}{rest}."
    )


@in_house_style
def pivot_heatmap(
    cells: pd.DataFrame,
    *,
    name: str,
    rows: str,
    columns: str,
    unit: str | None = None,
    floor: int = FLOOR,
    most: int = 12,
) -> Axes:
    """
    Draw the mean of a number by two categories.

    Parameters
    ----------
    cells
        One row a pair of categories: `rows`, `columns` (the categories), `n`, `mean`.
    name, rows, columns
        The number and the two categories, in words.
    unit
        Unit of the number.
    floor
        Pairs of fewer customers are left blank, with a dash; a category without any larger pair
        is left out.
    most
        Categories drawn at most on each side, the largest ones.

    Returns
    -------
    Axes
        Categories by falling number of customers; the darker, the higher the mean.

    Examples
    --------
    >>> cells = pd.DataFrame(
    ...     {
    ...         "rows": ["x", "x", "y"],
    ...         "columns": ["a", "b", "b"],
    ...         "n": [9, 2, 8],
    ...         "mean": [4.0, 8.0, 6.0],
    ...     }
    ... )
    >>> axes = pivot_heatmap(cells, name="age", rows="group", columns="kind")
    >>> [text.get_text() for text in axes.texts]
    ['–', '4', '6']
    >>> plt.close("all")
    """
    means, counts = _pivoted(cells, floor=floor, most=most)
    height = 1.15 + 0.36 * len(means)
    _, axes = plt.subplots(figsize=(WIDTH, height))
    heat_cells(
        axes,
        means.to_numpy(dtype=float),
        palette.SEQUENTIAL,
        text=lambda value: number(value, "money" if unit == "money" else None),
        empty=np.where(counts.to_numpy() > 0, "–", ""),
    )
    axes.set_yticks(range(len(means)), labels=[shorter(str(v), width=20) for v in means.index])
    axes.set_xticks(
        range(means.shape[1]), labels=[shorter(str(v), width=11) for v in means.columns]
    )
    axes.set_xlabel(columns)
    axes.set_ylabel(rows)
    axes.set_title(
        f"mean {_with_unit(name, unit)}; – fewer than {floor} customers",
        fontsize=SMALL,
        fontweight="normal",
        color=palette.MUTED,
    )
    return axes


def pivot_caption(
    cells: pd.DataFrame,
    *,
    name: str,
    rows: str,
    columns: str,
    unit: str | None = None,
    floor: int = FLOOR,
) -> str:
    """
    Say which pair of categories has the highest mean and which the lowest.

    Examples
    --------
    >>> cells = pd.DataFrame(
    ...     {"rows": ["x", "y"], "columns": ["a", "a"], "n": [9, 7], "mean": [40.0, 80.0]}
    ... )
    >>> pivot_caption(cells, name="age", rows="group", columns="kind", unit="years")
    'Mean age by group and kind runs from 40 years (x, a) to 80 years (y, a), twice as high.'
    """
    large = cells[cells["n"] >= floor].dropna(subset=["mean"])
    if large.empty:
        return f"No pair of {rows} and {columns} has {floor} or more customers."
    top, bottom = extreme(large, "mean"), extreme(large, "mean", least=True)
    ratio = top["mean"] / bottom["mean"] if bottom["mean"] > 0 else np.nan
    more = ""
    if 1.95 <= ratio <= 2.05:
        more = ", twice as high"
    elif ratio > 1.05:
        more = (
            f", {number(ratio)} times as high"
            if ratio >= 1.95
            else f", {comparison(top['mean'], bottom['mean'], of='the lowest')}"
        )
    return sentence(
        f"Mean {name} by {rows} and {columns} runs from {number(bottom['mean'], unit)}"
        f" ({bottom['rows']}, {bottom['columns']}) to {number(top['mean'], unit)}"
        f" ({top['rows']}, {top['columns']}){more}"
    )


def pivot_alt(
    cells: pd.DataFrame,
    *,
    name: str,
    rows: str,
    columns: str,
    unit: str | None = None,
    floor: int = FLOOR,
    most: int = 12,
) -> str:
    """Describe the table of means, row by row."""
    means, _ = _pivoted(cells, floor=floor, most=most)
    lines = []
    for category, row in means.iterrows():
        said = [f"{other} {number(mean, unit)}" for other, mean in row.items() if pd.notna(mean)]
        if said:
            lines.append(f"{category}: {', '.join(said)}")
    return sentence(
        f"Heatmap of mean {name} by {rows} and {columns}; pairs of fewer than {floor} customers"
        " are blank.",
        "; ".join(lines),
    )


@in_house_style
def faults_bar(
    faults: pd.DataFrame, *, total: int, labels: Mapping[str, str] | None = None, most: int = 16
) -> Axes:
    """
    Draw the share of missing and of outlying values in each column.

    Parameters
    ----------
    faults
        One row a column: `column`, `missing`, `outside` (counts of values). Columns without
        either are not drawn.
    total
        Rows of the table.
    labels
        Names of the columns in words.
    most
        Columns drawn at most, those with the most faults.

    Returns
    -------
    Axes
        Stacked bars, the column with the most faults on top, its counts printed beside it.

    Examples
    --------
    >>> faults = pd.DataFrame({"column": ["Age", "Income"], "missing": [0, 2], "outside": [0, 1]})
    >>> [text.get_text() for text in faults_bar(faults, total=10).texts]
    ['2 missing, 1 outlying']
    >>> plt.close("all")
    """
    shown = _faulty(faults).head(most)
    _, axes = plt.subplots(figsize=(WIDTH, 1.0 + 0.3 * max(len(shown), 1)))
    missing = rounded(shown["missing"] / total)
    outside = rounded(shown["outside"] / total)
    places = np.arange(len(shown))
    common: dict[str, Any] = {"height": 0.6, "edgecolor": palette.PAPER, "linewidth": 0.8}
    axes.barh(
        places, missing, color=palette.SEGMENT_COLOURS[1], hatch="////", label="missing", **common
    )
    axes.barh(
        places, outside, left=missing, color=palette.ACCENT, label="outside the fences", **common
    )
    for place, row in zip(places, records(shown), strict=True):
        parts = [
            f"{count:,} {word}"
            for count, word in ((row["missing"], "missing"), (row["outside"], "outlying"))
            if count
        ]
        axes.annotate(
            ", ".join(parts),
            (missing[place] + outside[place], place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
        )
    axes.set_yticks(places, labels=[shorter(label(c, labels), width=26) for c in shown["column"]])
    axes.tick_params(axis="y", labelcolor=palette.INK)
    axes.set_ylim(max(len(shown), 1) - 0.4, -0.6)
    bare(axes)
    percent_axis(axes, "x")
    axes.set_xlabel(f"share of {plural(total, 'customer')}")
    # Room on the right for the counts beside the longest bar.
    axes.set_xlim(0, max(float((missing + outside).max(initial=0.0)), 1e-3) * 1.35)
    if len(shown):
        axes.legend(loc="lower right")
    return axes


def faults_caption(
    faults: pd.DataFrame, *, total: int, labels: Mapping[str, str] | None = None
) -> str:
    """
    Say how many columns lack values, and which has the most outlying ones.

    Examples
    --------
    >>> faults = pd.DataFrame({"column": ["Age", "Income"], "missing": [0, 2], "outside": [0, 1]})
    >>> faults_caption(faults, total=20)
    'Only income has gaps (2 of 20 customers); outside the fences most of all: income (1, 5%).'
    """
    lacking = faults[faults["missing"] > 0]
    parts = []
    if len(lacking) == 1:
        row = extreme(lacking, "missing")
        parts.append(
            f"only {label(row['column'], labels)} has gaps"
            f" ({row['missing']:,} of {plural(total, 'customer')})"
        )
    elif len(lacking):
        row = extreme(lacking, "missing")
        parts.append(
            f"{plural(len(lacking), 'column')} have gaps, most of all"
            f" {label(row['column'], labels)} ({row['missing']:,} of {plural(total, 'customer')})"
        )
    else:
        parts.append("there is no gap")
    if (faults["outside"] > 0).any():
        row = extreme(faults, "outside")
        parts.append(
            f"outside the fences most of all: {label(row['column'], labels)}"
            f" ({row['outside']:,}, {percent(row['outside'] / total)})"
        )
    else:
        parts.append("nothing lies outside the fences")
    return sentence("; ".join(parts))


def faults_alt(
    faults: pd.DataFrame, *, total: int, labels: Mapping[str, str] | None = None, most: int = 16
) -> str:
    """Describe the bars: missing and outlying values of each column that has any."""
    shown = _faulty(faults).head(most)
    said = [
        f"{label(row['column'], labels)} {row['missing']:,} missing and {row['outside']:,} outlying"
        for row in records(shown)
    ]
    return sentence(
        f"Bars of gaps and outlying entries by column, of {plural(total, 'customer')}.",
        "; ".join(said) or "No column has any",
    )


def _shown(counts: pd.DataFrame) -> tuple[pd.DataFrame, int, int]:
    """Part the bins worth drawing from the customers below and above them."""
    finite = np.isfinite(counts["low"]) & np.isfinite(counts["high"])
    n = counts["n"].to_numpy(dtype=float)
    total = n.sum()
    first, last = 0, len(n)
    if total:
        first, last = int(np.argmax(finite)), len(n) - int(np.argmax(finite[::-1]))
        inner = np.flatnonzero(n * finite)
        spare = TAIL * total
        # One side at a time, so that both together stay within the allowance.
        low = int(np.searchsorted(np.cumsum(n), spare, side="right"))
        if len(inner) and low - first > (last - first) / 4:
            first, spare = low, spare - n[:low].sum()
        high = len(n) - int(np.searchsorted(np.cumsum(n[::-1]), spare, side="right"))
        if len(inner) and last - high > (last - first) / 4:
            last = high
    return counts.iloc[first:last], int(n[:first].sum()), int(n[last:].sum())


def _quantile(counts: pd.DataFrame, share: float) -> float:
    """Quantile by linear interpolation within a bin; an open bin counts as its closed edge."""
    n = counts["n"].to_numpy(dtype=float)
    low = np.where(np.isfinite(counts["low"]), counts["low"], counts["high"])
    high = np.where(np.isfinite(counts["high"]), counts["high"], counts["low"])
    reached = np.cumsum(n)
    bin_ = int(np.searchsorted(reached, share * n.sum()))
    before = reached[bin_] - n[bin_]
    part = (share * n.sum() - before) / n[bin_] if n[bin_] else 0.0
    return float(low[bin_] + part * (high[bin_] - low[bin_]))


def _as_said(value: float) -> float:
    """Round a value as `helpers.words.number` does, with which other sentences say it."""
    size = abs(value)
    return round(value, 0 if size >= 9.95 else 1 if size >= 0.995 else 2)


def _range(low: float, high: float, unit: str | None) -> str:
    """Say two values read off bins: no more than three significant figures."""
    return interval(float(f"{low:.3g}"), float(f"{high:.3g}"), unit)


def _with_unit(name: str, unit: str | None) -> str:
    """Name a number and, where it is not plain from the name, its unit."""
    if not unit or unit == "none" or unit in name:
        return name
    if unit.startswith("money"):
        sign = unit[5:].strip()
        return f"{name} ({sign})" if sign else name
    return f"{name} ({unit})"


def _largest(summary: pd.DataFrame, most: int) -> pd.DataFrame:
    """Keep the largest categories, in the given order."""
    if len(summary) <= most:
        return summary
    kept = summary["n"].sort_values(ascending=False, kind="stable").index[:most]
    return summary[summary.index.isin(kept)]


def _round(value: object) -> float:
    return float(rounded(np.array([value]))[0])


def _pairs(matrix: pd.DataFrame) -> list[tuple[float, str, str]]:
    """Pairs of columns by falling strength of their correlation."""
    names = [str(name) for name in matrix.columns]
    cells = matrix.to_numpy(dtype=float)
    pairs = [
        (round(float(cells[i, j]), 9), names[j], names[i])
        for i in range(len(names))
        for j in range(i)
        if np.isfinite(cells[i, j])
    ]
    return sorted(pairs, key=lambda pair: (-abs(pair[0]), pair[1:]))


def _pivoted(cells: pd.DataFrame, *, floor: int, most: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Means (blank below the floor) and counts, the largest categories first."""
    order = {}
    for side in ("rows", "columns"):
        sizes = cells.groupby(side)["n"].sum().sort_values(ascending=False, kind="stable")
        order[side] = list(sizes.index[:most])
    grids = [
        cells.pivot(index="rows", columns="columns", values=value)
        .reindex(index=order["rows"], columns=order["columns"])
        .astype(float)
        for value in ("mean", "n")
    ]
    counts = grids[1].fillna(0.0)
    large = counts >= floor
    if not large.to_numpy().any():
        return grids[0].where(large), counts
    # A row or column that is blank throughout says nothing but its own name.
    kept = (large.any(axis=1), large.any(axis=0))
    return grids[0].where(large).loc[kept], counts.loc[kept]


def _faulty(faults: pd.DataFrame) -> pd.DataFrame:
    """Columns that have faults, the most faults first."""
    count = faults["missing"] + faults["outside"]
    order = count.sort_values(ascending=False, kind="stable").index
    return faults.loc[order][count.loc[order] > 0]
