"""Pictures of the segments: how large, how different, how certain, how valuable.

A segment has one colour, marker and place in all of them, and its name beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures import palette
from helpers.figures.canvas import (
    SMALL,
    Names,
    bare,
    count_axis,
    decimals,
    extreme,
    heat_cells,
    in_house_style,
    named,
    percent_axis,
    records,
    rounded,
    segment_axis,
    segment_label,
    shorter,
)
from helpers.figures.style import WIDTH
from helpers.words import (
    NOT_KNOWN,
    OTHERS,
    comparison,
    label,
    listing,
    number,
    percent,
    plural,
    sentence,
    times,
)

ROW = 0.4
"""Height in inches of one segment's row."""


@in_house_style
def kpi(
    means: pd.DataFrame,
    *,
    overall: float,
    name: str,
    unit: str | None = None,
    names: Names | None = None,
) -> Axes:
    """
    Draw the mean of one feature in each segment, with its interval.

    Parameters
    ----------
    means
        One row a segment, in the order to draw: `segment`, `mean`, and the bounds `low` and
        `high` of its interval (both missing where there is none).
    overall
        Mean of all customers, drawn as a line.
    name, unit
        The feature in words, and its unit.
    names
        Persona of each segment.

    Returns
    -------
    Axes
        One marker a segment, its mean printed beside it.

    Examples
    --------
    >>> means = pd.DataFrame(
    ...     {"segment": [1, 2], "mean": [9.0, 3.0], "low": [8, 2], "high": [10, 4]}
    ... )
    >>> [text.get_text() for text in kpi(means, overall=5.0, name="age").texts]
    ['9', '3', 'all: 5']
    >>> plt.close("all")
    """
    segments = _segments(means)
    _, axes = plt.subplots(figsize=(WIDTH, 1.0 + ROW * len(segments)))
    _intervals(axes, means, overall, unit)
    segment_axis(axes, segments, names)
    axes.set_xlabel(_with_unit(f"mean {name}", unit))
    return axes


def kpi_caption(
    means: pd.DataFrame,
    *,
    overall: float,
    name: str,
    unit: str | None = None,
    names: Names | None = None,
) -> str:
    """
    Name the segments with the highest and the lowest mean, against all customers.

    Examples
    --------
    >>> means = pd.DataFrame({"segment": [1, 2], "mean": [9.0, 3.0]})
    >>> kpi_caption(means, overall=6.0, name="age", unit="years")
    'Mean age is highest in segment 1 (9 years, 50% above the average) and lowest in segment 2 \
(3 years, half the average).'
    """
    top, bottom = extreme(means, "mean"), extreme(means, "mean", least=True)
    if top["mean"] == bottom["mean"]:
        return f"Mean {name} is {number(top['mean'], unit)} in every segment."
    said = [
        f"{word} in {named(row['segment'], names)} ({number(row['mean'], unit)},"
        f" {comparison(row['mean'], overall, unit=unit)})"
        for word, row in (("highest", top), ("lowest", bottom))
    ]
    return sentence(f"Mean {name} is {said[0]} and {said[1]}")


def kpi_alt(
    means: pd.DataFrame,
    *,
    overall: float,
    name: str,
    unit: str | None = None,
    names: Names | None = None,
) -> str:
    """Describe the mean of each segment, and the line of all customers."""
    said = [f"{named(row['segment'], names)} {number(row['mean'], unit)}" for row in records(means)]
    return sentence(
        f"Dot chart of mean {name} by segment, with intervals and a line at the mean of all"
        f" customers, {number(overall, unit)}:",
        "; ".join(said),
    )


@in_house_style
def kpis(
    means: pd.DataFrame,
    *,
    overall: Mapping[str, float],
    labels: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    names: Names | None = None,
) -> np.ndarray:
    """
    Draw `kpi` for several features, two panels a row.

    Parameters
    ----------
    means
        One row a segment and feature: `feature`, `segment`, `mean`, `low`, `high`.
    overall
        Mean of all customers by feature.
    labels, units
        Name and unit of each feature.
    names
        Persona of each segment, shown in the left column of panels.

    Returns
    -------
    ndarray of Axes, shape (features,)
        Of more than twelve features those are drawn whose means differ most.

    Examples
    --------
    >>> means = pd.DataFrame(
    ...     {"feature": ["Age", "Pay"], "segment": [1, 1], "mean": [9.0, 2.0], "low": 1, "high": 10}
    ... )
    >>> [axes.get_title(loc="left") for axes in kpis(means, overall={"Age": 5, "Pay": 2})]
    ['age', 'pay']
    >>> plt.close("all")
    """
    features = _most_apart(means, overall)
    segments = _segments(means.drop_duplicates("segment"))
    across = min(2, len(features))
    down = -(-len(features) // across)
    figure, panels = plt.subplots(
        down,
        across,
        figsize=(WIDTH, down * (0.7 + 0.31 * len(segments))),
        squeeze=False,
        sharey=True,
    )
    for place, axes in enumerate(panels.flat):
        if place >= len(features):
            figure.delaxes(axes)
            continue
        feature = features[place]
        rows = means[means["feature"].astype(str) == feature]
        _intervals(axes, rows, float(overall[feature]), (units or {}).get(feature), said=False)
        segment_axis(axes, segments, names, width=20)
        axes.set_title(_with_unit(label(feature, labels), (units or {}).get(feature)))
    return panels.flatten()[: len(features)]


def kpis_caption(
    means: pd.DataFrame,
    *,
    overall: Mapping[str, float],
    labels: Mapping[str, str] | None = None,
) -> str:
    """
    Name the features whose means differ most between the segments.

    Examples
    --------
    >>> means = pd.DataFrame(
    ...     {"feature": ["Age"] * 2 + ["Pay"] * 2, "segment": [1, 2, 1, 2], "mean": [9, 8, 9, 1]}
    ... )
    >>> kpis_caption(means, overall={"Age": 8.5, "Pay": 5.0})
    'Relative to its average, pay differs most between the segments and age least.'
    """
    spread = _spread(means, overall)
    ranked = sorted(spread, key=lambda feature: -spread[feature])
    if len(ranked) == 1:
        return f"The mean of {label(ranked[0], labels)} in each segment."
    said = sentence(
        f"Relative to its average, {label(ranked[0], labels)} differs most between the segments"
        f" and {label(ranked[-1], labels)} least"
    )
    drawn = len(_most_apart(means, overall))
    if drawn == len(ranked):
        return said
    return f"{said} Drawn are the {drawn} of {len(ranked)} features that differ most."


def _spread(means: pd.DataFrame, overall: Mapping[str, float]) -> dict[str, float]:
    """How far the means of each feature lie apart, relative to its average."""
    spread = {}
    for feature, rows in means.groupby(means["feature"].astype(str), sort=False):
        mean = abs(float(overall[str(feature)]))
        width = float(rows["mean"].max() - rows["mean"].min())
        spread[str(feature)] = width / mean if mean else 0.0
    return spread


def _most_apart(means: pd.DataFrame, overall: Mapping[str, float], *, most: int = 12) -> list[str]:
    """The features whose means differ most between the segments, in their order."""
    spread = _spread(means, overall)
    kept = set(sorted(spread, key=lambda feature: -spread[feature])[:most])
    return [feature for feature in spread if feature in kept]


def kpis_alt(
    means: pd.DataFrame,
    *,
    overall: Mapping[str, float],
    labels: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
) -> str:
    """Describe each panel: the highest, the lowest and the overall mean."""
    said = []
    kept = means[means["feature"].astype(str).isin(_most_apart(means, overall))]
    for feature, rows in kept.groupby(kept["feature"].astype(str), sort=False):
        unit = (units or {}).get(str(feature))
        top, bottom = extreme(rows, "mean"), extreme(rows, "mean", least=True)
        said.append(
            f"{label(str(feature), labels)} from {number(bottom['mean'], unit)}"
            f" ({named(bottom['segment'])}) to {number(top['mean'], unit)}"
            f" ({named(top['segment'])}), all customers"
            f" {number(float(overall[str(feature)]), unit)}"
        )
    return sentence(
        f"Dot charts of the mean of {plural(len(said), 'feature')} by segment:", "; ".join(said)
    )


@in_house_style
def z_heatmap(
    z: pd.DataFrame, *, names: Names | None = None, labels: Mapping[str, str] | None = None
) -> Axes:
    """
    Draw how far the mean of each feature lies from the average, in deviations of all customers.

    Parameters
    ----------
    z
        Indexed by segment, one column a feature: (mean - overall) / population deviation. 0 is
        average, 1 one deviation above.
    names
        Persona of each segment.
    labels
        Names of the features.

    Returns
    -------
    Axes
        Blue above, orange below the average; every value is printed.

    Examples
    --------
    >>> z = pd.DataFrame({"Age": [0.5, -0.5]}, index=[1, 2])
    >>> [text.get_text() for text in z_heatmap(z).texts]
    ['+0.5', '−0.5']
    >>> plt.close("all")
    """
    cells = z.to_numpy(dtype=float)
    reach = max(float(np.nanmax(np.abs(cells))), 0.5)
    segments = [int(segment) for segment in z.index]
    _, axes = plt.subplots(figsize=(WIDTH, 0.9 + 0.42 * len(segments)))
    heat_cells(axes, cells, palette.DIVERGING, bounds=(-reach, reach), text=_plus)
    axes.set_xticks(
        range(z.shape[1]),
        labels=[shorter(label(str(name), labels), width=11, lines=3) for name in z.columns],
    )
    axes.set_yticks(
        range(len(segments)), labels=[segment_label(one, names, width=22) for one in segments]
    )
    return axes


def z_heatmap_caption(
    z: pd.DataFrame, *, names: Names | None = None, labels: Mapping[str, str] | None = None
) -> str:
    """
    Name the two means that stand out most.

    Examples
    --------
    >>> z_heatmap_caption(pd.DataFrame({"Age": [0.5, -0.4], "Pay": [0.1, 2.0]}, index=[1, 2]))
    'Furthest from the average: pay in segment 2 (2 deviations above) and age in segment 1 \
(0.5 deviations above).'
    """
    cells = z.to_numpy(dtype=float)
    order = np.argsort(-np.abs(cells), axis=None, kind="stable")[:2]
    row_names = [int(segment) for segment in z.index]
    said = []
    for flat in order:
        row, column = np.unravel_index(flat, cells.shape)
        value = float(cells[row, column])
        said.append(
            f"{label(str(z.columns[column]), labels)} in {named(row_names[int(row)], names)}"
            f" ({number(abs(round(value, 1)), 'deviations')} {'above' if value > 0 else 'below'})"
        )
    return f"Furthest from the average: {listing(said)}."


def z_heatmap_alt(
    z: pd.DataFrame, *, names: Names | None = None, labels: Mapping[str, str] | None = None
) -> str:
    """Describe each row of the heatmap."""
    said = [
        f"{named(int(segment), names)}: "
        + ", ".join(
            f"{label(str(name), labels)} {_plus(float(value))}"
            for name, value in zip(z.columns, row, strict=True)
        )
        for segment, row in zip(z.index, z.to_numpy(dtype=float), strict=True)
    ]
    return sentence(
        "Heatmap of the mean of each feature by segment, in deviations from the average:",
        "; ".join(said),
    )


@in_house_style
def pca_view(
    points: pd.DataFrame,
    centres: pd.DataFrame,
    *,
    explained: tuple[float, float],
    names: Names | None = None,
) -> Axes:
    """
    Draw customers in the plane of the first two principal components: a picture, no score.

    Parameters
    ----------
    points
        A sample of customers: `x`, `y` (coordinates in the plane), `segment`.
    centres
        One row a segment: `segment`, `x`, `y`.
    explained
        Share of the variance that each of the two components explains, 0 to 1.
    names
        Persona of each segment.

    Returns
    -------
    Axes
        The dots are one bitmap; each segment has its colour and marker, and its name at its
        centre.

    Examples
    --------
    >>> points = pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0], "segment": [1, 2]})
    >>> axes = pca_view(points, points, explained=(0.5, 0.25))
    >>> axes.get_xlabel()
    'first principal component (50% of the variance)'
    >>> plt.close("all")
    """
    _, axes = plt.subplots(figsize=(WIDTH, 4.3))
    segments = _segments(centres)
    # Drawn in one order of rows for all segments, so that none lies on top of the others.
    order = np.argsort(rounded(points["x"]) * 7919 % 1.0, kind="stable")
    for part in np.array_split(order, 8):
        rows = points.iloc[part]
        for segment in segments:
            own = rows[rows["segment"] == segment]
            axes.plot(
                rounded(own["x"], 4),
                rounded(own["y"], 4),
                linestyle="none",
                marker=palette.segment_marker(segment),
                color=palette.segment_colour(segment),
                markersize=3.4,
                markeredgewidth=0,
                alpha=0.55,
                rasterized=True,
                zorder=2,
            )
    for row in records(centres):
        segment = int(row["segment"])
        at = (float(rounded([row["x"]], 4)[0]), float(rounded([row["y"]], 4)[0]))
        axes.plot(
            *([value] for value in at),
            marker=palette.segment_marker(segment),
            color=palette.segment_colour(segment),
            markersize=11,
            markeredgecolor=palette.PAPER,
            markeredgewidth=1.6,
            zorder=4,
        )
    _place_labels(axes, centres, names)
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel(f"first principal component ({percent(explained[0])} of the variance)")
    axes.set_ylabel(f"second principal component ({percent(explained[1])})")
    return axes


def pca_caption(points: pd.DataFrame, *, explained: tuple[float, float], total: int) -> str:
    """
    Say how much the plane shows, and that nothing was scored in it.

    Examples
    --------
    >>> points = pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0], "segment": [1, 2]})
    >>> pca_caption(points, explained=(0.5, 0.25), total=9)
    'Two principal components show 75% of the variance of the scaled features; 2 of 9 customers \
are drawn. It is a picture only: nothing is clustered or scored in this plane.'
    """
    drawn = (
        f"{len(points):,} of {plural(total, 'customer')} are drawn"
        if len(points) < total
        else f"all {plural(total, 'customer')} are drawn"
    )
    return (
        f"Two principal components show {percent(sum(explained))} of the variance of the scaled"
        f" features; {drawn}. It is a picture only: nothing is clustered or scored in this plane."
    )


def pca_alt(
    points: pd.DataFrame,
    centres: pd.DataFrame,
    *,
    explained: tuple[float, float],
    names: Names | None = None,
) -> str:
    """Describe where the centres lie, from left to right."""
    order = centres.sort_values("x", kind="stable")
    said = [named(int(segment), names) for segment in order["segment"]]
    return sentence(
        f"Scatter of {plural(len(points), 'customer')} in the plane of the first two principal"
        f" components, which explain {percent(explained[0])} and {percent(explained[1])} of the"
        f" variance. The centres from left to right: {listing(said)}"
    )


@in_house_style
def margins(counts: pd.DataFrame, *, border: float = 0.1, names: Names | None = None) -> np.ndarray:
    """
    Draw how clearly the customers of each segment belong to it.

    Parameters
    ----------
    counts
        One row a segment and bin, ascending: `segment`, `low`, `high` (edges of the margin, -1 to
        1), `n`. A margin is 0 on the border with the nearest other segment, 1 at the centre,
        below 0 nearer to another segment.
    border
        Margin below which a customer counts as borderline, shaded.
    names
        Persona of each segment.

    Returns
    -------
    ndarray of Axes, shape (segments,)
        One row a segment, its borderline share printed at the right.

    Examples
    --------
    >>> counts = pd.DataFrame({"segment": [1, 1], "low": [0, 0.1], "high": [0.1, 1], "n": [1, 3]})
    >>> [text.get_text() for text in margins(counts)[0].texts]
    ['Segment 1', '25%', 'borderline']
    >>> plt.close("all")
    """
    segments = _segments(counts.drop_duplicates("segment"))
    shares = border_shares(counts, border=border).set_index("segment")["share"]
    figure, panels = plt.subplots(
        len(segments),
        1,
        figsize=(WIDTH, 0.95 + 0.5 * len(segments)),
        sharex=True,
        squeeze=False,
    )
    panels = panels[:, 0]
    left = min(0.0, float(counts.loc[counts["n"] > 0, "low"].min()))
    for axes, segment in zip(panels, segments, strict=True):
        own = counts[counts["segment"] == segment]
        density = own["n"] / own["n"].sum() / (own["high"] - own["low"])
        axes.axvspan(left, border, color=palette.GRID, lw=0, zorder=0)
        axes.stairs(
            rounded(density, 4),
            np.append(rounded(own["low"]), rounded(own["high"])[-1]),
            fill=True,
            color=palette.segment_colour(segment),
            hatch=palette.segment_hatch(segment) or None,
            edgecolor=palette.PAPER,
            linewidth=0,
        )
        axes.text(
            -0.01,
            0.1,
            segment_label(segment, names),
            transform=axes.transAxes,
            ha="right",
            va="bottom",
        )
        axes.text(
            1.01,
            0.1,
            percent(float(shares[segment])),
            transform=axes.transAxes,
            ha="left",
            va="bottom",
        )
        axes.set_yticks([])
        axes.set_xlim(left, 1.0)
        axes.grid(visible=False)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="x", length=0)
    panels[0].annotate(
        "borderline",
        (1.01, 1.0),
        xycoords="axes fraction",
        va="bottom",
        fontsize=SMALL,
        color=palette.MUTED,
    )
    count_axis(panels[-1], "x")
    panels[-1].tick_params(axis="x", length=3)
    panels[-1].set_xlabel(f"margin: 0 on the border, 1 at the centre (shaded: below {border:g})")
    figure.set_layout_engine("constrained", hspace=0.0, h_pad=0.02)
    return panels


def border_shares(counts: pd.DataFrame, *, border: float = 0.1) -> pd.DataFrame:
    """
    Count the borderline customers of each segment from binned margins.

    Parameters
    ----------
    counts
        As for `margins`; a bin that the border cuts counts in proportion.
    border
        Margin below which a customer is borderline.

    Returns
    -------
    DataFrame
        `segment`, `share` (0 to 1).

    Examples
    --------
    >>> counts = pd.DataFrame({"segment": [1, 1], "low": [0, 0.1], "high": [0.1, 1], "n": [1, 3]})
    >>> border_shares(counts)["share"].tolist()
    [0.25]
    """
    part = ((border - counts["low"]) / (counts["high"] - counts["low"])).clip(0.0, 1.0)
    sums = (
        counts.assign(below=part.round(9) * counts["n"])
        .groupby("segment", sort=False)[["below", "n"]]
        .sum()
    )
    return pd.DataFrame({"segment": sums.index, "share": (sums["below"] / sums["n"]).to_numpy()})


def margins_caption(
    counts: pd.DataFrame, *, border: float = 0.1, names: Names | None = None
) -> str:
    """
    Say how many customers are borderline, and in which segment most.

    Examples
    --------
    >>> counts = pd.DataFrame({"segment": [1, 1], "low": [0, 0.1], "high": [0.1, 1], "n": [1, 3]})
    >>> margins_caption(counts)
    '25% of the customers are borderline (a margin below 0.1); most in segment 1 (25%).'
    """
    shares = border_shares(counts, border=border)
    sizes = counts.groupby("segment", sort=False)["n"].sum().to_numpy()
    overall = float((shares["share"].to_numpy() * sizes).sum() / sizes.sum())
    top = extreme(shares, "share")
    return (
        f"{percent(overall)} of the customers are borderline (a margin below {border:g}); most in"
        f" {named(int(top['segment']), names)} ({percent(top['share'])})."
    )


def margins_alt(counts: pd.DataFrame, *, border: float = 0.1, names: Names | None = None) -> str:
    """Describe the borderline share of each segment."""
    said = [
        f"{named(int(row['segment']), names)} {percent(row['share'])}"
        for row in records(border_shares(counts, border=border))
    ]
    return sentence(
        f"Histograms of the margin of the customers, one a segment. Share with a margin below"
        f" {border:g}:",
        "; ".join(said),
    )


@in_house_style
def outcome_rates(
    rates: pd.DataFrame, *, overall: float, name: str, names: Names | None = None
) -> Axes:
    """
    Draw the rate of an outcome in each segment with its interval.

    Parameters
    ----------
    rates
        One row a segment, in the order to draw: `segment`, `n` (customers), `rate` (0 to 1), and
        the bounds `low` and `high` of its interval (Wilson 1927).
    overall
        Rate of all customers, drawn as a line.
    name
        The outcome in words, for instance "answered the last campaign".
    names
        Persona of each segment.

    Returns
    -------
    Axes

    Examples
    --------
    >>> rates = pd.DataFrame(
    ...     {"segment": [1], "n": [10], "rate": [0.2], "low": [0.05], "high": [0.5]}
    ... )
    >>> [text.get_text() for text in outcome_rates(rates, overall=0.15, name="answered").texts]
    ['20%', 'all: 15%']
    >>> plt.close("all")
    """
    segments = _segments(rates)
    _, axes = plt.subplots(figsize=(WIDTH, 1.0 + ROW * len(segments)))
    _intervals(axes, rates.rename(columns={"rate": "mean"}), overall, "percent")
    segment_axis(axes, segments, names)
    percent_axis(axes, "x")
    axes.set_xlim(left=0)
    axes.set_xlabel(f"share of customers: {name} (95% interval)")
    return axes


def outcome_rates_caption(
    rates: pd.DataFrame,
    *,
    overall: float,
    name: str,
    apart: Collection[int],
    names: Names | None = None,
) -> str:
    """
    Name the segment with the highest rate, and count those that differ by more than chance.

    Parameters
    ----------
    rates, overall, name, names
        As in `outcome_rates`.
    apart
        The segments whose rate differs, as `helpers.profiles.outcomes.lift_tests` decides it.
        The intervals drawn do not: each is of one rate alone.

    Returns
    -------
    str

    Examples
    --------
    >>> rates = pd.DataFrame(
    ...     {"segment": [1, 2], "rate": [0.3, 0.1], "low": [0.2, 0.05], "high": [0.4, 0.2]}
    ... )
    >>> outcome_rates_caption(rates, overall=0.15, name="answered", apart=[1])
    'Answered: 30% in segment 1, twice the average of 15%; 1 of 2 segments differs from the \
average by more than chance.'
    """
    top = extreme(rates, "rate")
    ratio = top["rate"] / overall if overall > 0 else float("nan")
    against = f", {times(ratio, f'the average of {percent(overall)}')}" if overall > 0 else ""
    return sentence(
        f"{name}: {percent(top['rate'])} in {named(int(top['segment']), names)}{against};"
        f" {len(apart) or 'none'} of {plural(len(rates), 'segment')}"
        f" {'differs' if len(apart) == 1 else 'differ'} from the average by more than chance"
    )


def outcome_rates_alt(
    rates: pd.DataFrame, *, overall: float, name: str, names: Names | None = None
) -> str:
    """Describe the rate and the interval of each segment."""
    said = [
        f"{named(int(row['segment']), names)} {percent(row['rate'], digits=1)}"
        f" ({percent(row['low'], digits=1)} to {percent(row['high'], digits=1)})"
        for row in records(rates)
    ]
    return sentence(
        f"Dot chart of the share of customers by segment: {name}; all customers"
        f" {percent(overall, digits=1)}:",
        "; ".join(said),
    )


@in_house_style
def lorenz(curve: pd.DataFrame, *, value: str = "spending") -> Axes:
    """
    Draw how concentrated a value is (Lorenz 1905).

    Parameters
    ----------
    curve
        Points of the curve, ascending from (0, 0) to (1, 1): `customers` (share of the customers,
        poorest first), `value` (share of the value that they hold). A few hundred suffice.
    value
        The value in words.

    Returns
    -------
    Axes
        The share of the top fifth of the customers is marked.

    Examples
    --------
    >>> curve = pd.DataFrame({"customers": [0.0, 0.8, 1.0], "value": [0.0, 0.4, 1.0]})
    >>> [text.get_text() for text in lorenz(curve).texts]
    ['even', 'the top 20% hold 60%']
    >>> plt.close("all")
    """
    x, y = rounded(curve["customers"], 4), rounded(curve["value"], 4)
    _, axes = plt.subplots(figsize=(4.4, 3.9))
    axes.plot([0, 1], [0, 1], color=palette.AXIS, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.text(
        0.25,
        0.27,
        "even",
        rotation=45,
        rotation_mode="anchor",
        transform_rotates_text=True,
        ha="center",
        va="bottom",
        fontsize=SMALL,
        color=palette.MUTED,
    )
    axes.fill_between(x, y, x, color=palette.ACCENT, alpha=0.15, linewidth=0)
    axes.plot(x, y, color=palette.ACCENT)
    held = 1.0 - float(np.interp(0.8, curve["customers"], curve["value"]))
    axes.plot([0.8], [round(1.0 - held, 4)], "o", color=palette.ACCENT)
    axes.annotate(
        f"the top 20% hold {percent(held)}",
        (0.8, round(1.0 - held, 4)),
        xytext=(0.97, round((1.0 - held) * 0.3, 4)),
        ha="right",
        va="center",
        fontsize=SMALL,
        arrowprops={"arrowstyle": "-", "color": palette.AXIS, "shrinkB": 4},
    )
    percent_axis(axes, "x")
    percent_axis(axes, "y")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_aspect("equal")
    axes.set_xlabel(f"customers, lowest {value} first")
    axes.set_ylabel(f"share of {value}")
    return axes


def lorenz_caption(curve: pd.DataFrame, *, value: str = "spending") -> str:
    """
    Say what the top fifth and the lower half hold, and the Gini coefficient.

    Examples
    --------
    >>> curve = pd.DataFrame({"customers": [0.0, 0.5, 0.8, 1.0], "value": [0.0, 0.1, 0.4, 1.0]})
    >>> lorenz_caption(curve)
    'The top fifth of the customers hold 60% of spending, the lower half 10%; the Gini coefficient \
is 0.52 (0: all alike, 1: one holds everything).'
    """
    x, y = curve["customers"].to_numpy(dtype=float), curve["value"].to_numpy(dtype=float)
    top, half = 1.0 - float(np.interp(0.8, x, y)), float(np.interp(0.5, x, y))
    return (
        f"The top fifth of the customers hold {percent(top)} of {value}, the lower half"
        f" {percent(half)}; the Gini coefficient is {decimals(gini(curve))} (0: all alike,"
        " 1: one holds everything)."
    )


def lorenz_alt(curve: pd.DataFrame, *, value: str = "spending") -> str:
    """Describe the curve at every fifth of the customers."""
    at = np.interp([0.2, 0.4, 0.6, 0.8], curve["customers"], curve["value"])
    said = [
        f"the lowest {percent(share)} hold {percent(float(held))}"
        for share, held in zip((0.2, 0.4, 0.6, 0.8), at, strict=True)
    ]
    return sentence(f"Lorenz curve of {value} below the diagonal of even shares:", listing(said))


def gini(curve: pd.DataFrame) -> float:
    """
    Gini coefficient of a Lorenz curve: twice the area between it and the diagonal.

    Examples
    --------
    >>> gini(pd.DataFrame({"customers": [0.0, 1.0], "value": [0.0, 1.0]}))
    0.0
    """
    x, y = curve["customers"].to_numpy(dtype=float), curve["value"].to_numpy(dtype=float)
    return float(1.0 - ((y[1:] + y[:-1]) * np.diff(x)).sum())


@in_house_style
def customers_and_value(
    shares: pd.DataFrame, *, value: str = "spending", names: Names | None = None
) -> Axes:
    """
    Draw the share of customers of each segment against its share of the value.

    Parameters
    ----------
    shares
        One row a segment, in the order to draw: `segment`, `customers`, `value` (shares, 0 to 1).
    value
        The value in words.
    names
        Persona of each segment.

    Returns
    -------
    Axes
        A line from the hollow marker (customers) to the full one (value).

    Examples
    --------
    >>> shares = pd.DataFrame({"segment": [1], "customers": [0.25], "value": [0.6]})
    >>> [text.get_text() for text in customers_and_value(shares).texts]
    ['25%', '60%']
    >>> plt.close("all")
    """
    segments = _segments(shares)
    figure, axes = plt.subplots(figsize=(WIDTH, 1.25 + ROW * len(segments)))
    for place, row in enumerate(records(shares)):
        segment, colour = int(row["segment"]), palette.segment_colour(int(row["segment"]))
        marker = palette.segment_marker(segment)
        ends = rounded([row["customers"], row["value"]])
        axes.plot(ends, [place, place], color=colour, linewidth=2.2, zorder=2)
        common: dict[str, Any] = {"marker": marker, "markersize": 8, "zorder": 3}
        axes.plot([ends[0]], [place], color=colour, mfc=palette.PAPER, mew=1.8, **common)
        axes.plot([ends[1]], [place], color=colour, mew=1.8, **common)
        side = 1 if ends[1] >= ends[0] else -1
        for end, way in ((0, -side), (1, side)):
            axes.annotate(
                percent((row["customers"], row["value"])[end]),
                (ends[end], place),
                xytext=(8 * way, 0),
                textcoords="offset points",
                ha="left" if way > 0 else "right",
                va="center",
                fontsize=SMALL,
            )
    segment_axis(axes, segments, names)
    percent_axis(axes, "x")
    both = shares[["customers", "value"]].to_numpy(dtype=float)
    high = float(both.max())
    # A tiny share has the longest label, "less than 0.1%", on its left.
    axes.set_xlim((-0.24 if both.min() < 0.001 else -0.08) * high, 1.12 * high)
    axes.set_xlabel("share of all")
    for face, said in ((palette.PAPER, "share of customers"), (palette.MUTED, f"share of {value}")):
        axes.plot(
            [], [], "o", color=palette.MUTED, markerfacecolor=face, markersize=7, label=said
        )  # fmt: skip
    figure.legend(loc="outside lower center", ncols=2)
    return axes


def customers_and_value_caption(
    shares: pd.DataFrame, *, value: str = "spending", names: Names | None = None
) -> str:
    """
    Name the segment that holds most for its size, and the one that holds least.

    Examples
    --------
    >>> shares = pd.DataFrame({"segment": [1, 2], "customers": [0.25, 0.75], "value": [0.6, 0.4]})
    >>> customers_and_value_caption(shares)
    'Segment 1 holds 60% of spending with 25% of the customers; segment 2 holds 40% with 75%.'
    """
    ratio = shares.assign(ratio=shares["value"] / shares["customers"])
    top, bottom = extreme(ratio, "ratio"), extreme(ratio, "ratio", least=True)
    text = (
        f"{named(int(top['segment']), names)} holds {percent(top['value'])} of {value} with"
        f" {percent(top['customers'])} of the customers"
    )
    if bottom["segment"] != top["segment"]:
        text += (
            f"; {named(int(bottom['segment']), names)} holds {percent(bottom['value'])} with"
            f" {percent(bottom['customers'])}"
        )
    return sentence(text)


def customers_and_value_alt(
    shares: pd.DataFrame, *, value: str = "spending", names: Names | None = None
) -> str:
    """Describe both shares of each segment."""
    said = [
        f"{named(int(row['segment']), names)} {percent(row['customers'])} and"
        f" {percent(row['value'])}"
        for row in records(shares)
    ]
    return sentence(
        f"Chart of the share of customers and the share of {value} of each segment:",
        "; ".join(said),
    )


@in_house_style
def make_up(
    counts: pd.DataFrame,
    *,
    name: str,
    names: Names | None = None,
    order: Sequence[str] | None = None,
    most: int = 6,
) -> Axes:
    """
    Draw the categorical make-up of each segment as stacked bars.

    Parameters
    ----------
    counts
        One row a segment and category: `segment`, `category`, `n` and, where not every category
        of a segment is told, `share` of the segment: its bar ends where what is told ends.
    name
        The category in words.
    names
        Persona of each segment.
    order
        Order of the categories; unless given, numbers rise and others go by falling count.
    most
        Categories drawn at most; the others are joined as "other".

    Returns
    -------
    Axes
        The tone tells the categories apart (none is a segment's colour) beside the shares, which
        are printed where a bar has room.

    Examples
    --------
    >>> counts = pd.DataFrame({"segment": [1, 1], "category": ["a", "b"], "n": [3, 1]})
    >>> [text.get_text() for text in make_up(counts, name="kind").texts]
    ['75%', '25%']
    >>> plt.close("all")
    """
    table = make_up_shares(counts, order=order, most=most)
    segments = [int(segment) for segment in table.index]
    figure, axes = plt.subplots(figsize=(WIDTH, 1.3 + ROW * len(segments)))
    left = np.zeros(len(segments))
    tones = np.linspace(0.92, 0.08, max(table.shape[1], 2))
    for place, category in enumerate(table.columns):
        width = rounded(table[category])
        colour = palette.SEQUENTIAL(tones[place])
        axes.barh(
            range(len(segments)),
            width,
            left=left,
            height=0.68,
            color=colour,
            edgecolor=palette.PAPER,
            linewidth=1.0,
            label=shorter(str(category), width=18, lines=1),
        )
        for row, share in enumerate(width):
            if share >= 0.06:
                axes.text(
                    float(left[row] + share / 2),
                    row,
                    percent(float(share), digits=0),
                    ha="center",
                    va="center",
                    fontsize=SMALL,
                    color=palette.text_on(colour),
                )
        left = np.round(left + width, 6)
    segment_axis(axes, segments, names)
    bare(axes, grid="")
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.set_xlim(0, 1)
    ncols = min(table.shape[1], 4)
    handles, labels = axes.get_legend_handles_labels()
    # A legend fills its columns one after the other; here it is read along its rows.
    along = [place for column in range(ncols) for place in range(column, len(labels), ncols)]
    figure.legend(
        [handles[place] for place in along],
        [labels[place] for place in along],
        loc="outside lower center",
        ncols=ncols,
        title=name,
    )
    return axes


def make_up_shares(
    counts: pd.DataFrame, *, order: Sequence[str] | None = None, most: int = 6
) -> pd.DataFrame:
    """
    Turn counts by segment and category into shares of each segment.

    Parameters
    ----------
    counts, order, most
        As for `make_up`.

    Returns
    -------
    DataFrame indexed by segment
        One column a category; rare categories joined as "other". Rows sum to 1, or with `share`
        to what is told of the segment.

    Examples
    --------
    >>> counts = pd.DataFrame({"segment": [1, 1], "category": ["a", "b"], "n": [3, 1]})
    >>> make_up_shares(counts).loc[1].tolist()
    [0.75, 0.25]
    """
    sums = counts.groupby("category")["n"].sum().sort_values(ascending=False, kind="stable")
    kept = [str(name) for name in sums.index]
    if len(kept) > most:
        kept = kept[: most - 1]
    joins = {OTHERS, NOT_KNOWN}
    if order is None and all(name.isdecimal() or name in joins for name in kept):
        kept = sorted(kept, key=lambda name: (name in joins, int(name) if name.isdecimal() else 0))
    elif order is not None:
        kept = sorted(kept, key=lambda one: order.index(one) if one in order else len(order))
    known = counts["category"].astype(str)
    joined = counts.assign(category=known.where(known.isin(kept), "other"))
    told = "share" in counts
    grid = joined.pivot_table(
        index="segment",
        columns="category",
        values="share" if told else "n",
        aggfunc="sum",
        fill_value=0,
        sort=False,
    )
    columns = [*kept, *(["other"] if len(kept) < len(sums) and "other" not in kept else [])]
    grid = grid.reindex(columns=columns, fill_value=0).astype(float)
    return grid if told else grid.div(grid.sum(axis=1), axis=0)


def make_up_caption(
    counts: pd.DataFrame, *, name: str, names: Names | None = None, most: int = 6
) -> str:
    """
    Name the category whose share differs most between segments.

    Examples
    --------
    >>> counts = pd.DataFrame(
    ...     {"segment": [1, 1, 2, 2], "category": ["a", "b"] * 2, "n": [3, 1, 1, 1]}
    ... )
    >>> make_up_caption(counts, name="kind")
    'By kind the segments differ most in a: 75% of segment 1, 50% of segment 2.'
    """
    table = make_up_shares(counts, most=most)
    category = str((table.max() - table.min()).idxmax())
    segments = [int(segment) for segment in table.index]
    top = segments[int(table[category].argmax())]
    bottom = segments[int(table[category].argmin())]
    if table[category].max() == table[category].min():
        return f"By {name} the segments do not differ."
    if percent(float(table[category].max())) == percent(float(table[category].min())):
        return f"By {name} the segments hardly differ."
    # A count is what customers have so many of.
    share = (
        f"the share with {category if int(category) else 'none'}" if category.isdecimal() else ""
    )
    return (
        f"By {name} the segments differ most in {share or category}:"
        f" {percent(float(table[category].max()))} of {named(top, names)},"
        f" {percent(float(table[category].min()))} of {named(bottom, names)}."
    )


def make_up_alt(
    counts: pd.DataFrame, *, name: str, names: Names | None = None, most: int = 6
) -> str:
    """Describe the shares of each segment."""
    table = make_up_shares(counts, most=most)
    said = [
        f"{named(int(segment), names)}: "
        + ", ".join(
            f"{category} {percent(float(share))}"
            for category, share in zip(table.columns, row, strict=True)
            if share > 0
        )
        for segment, row in zip(table.index, table.to_numpy(dtype=float), strict=True)
    ]
    return sentence(f"Stacked bars of the make-up of each segment by {name}.", "; ".join(said))


def _segments(frame: pd.DataFrame) -> list[int]:
    return [int(segment) for segment in frame["segment"]]


def _beside(axes: Axes, value: float, place: float, text: str, *, gap: float = 5.0) -> None:
    """Print a figure to the right of a value."""
    axes.annotate(
        text,
        (float(rounded([value])[0]), place),
        xytext=(gap, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL,
        # Readable across the line of the overall mean too.
        bbox={"facecolor": palette.PAPER, "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
    )


def _intervals(
    axes: Axes, means: pd.DataFrame, overall: float, unit: str | None, *, said: bool = True
) -> None:
    """Draw the mean of each segment with its interval, and a line at the overall mean."""
    axes.axvline(float(rounded([overall])[0]), color=palette.AXIS, linewidth=1.2, zorder=1)
    for place, row in enumerate(records(means)):
        segment = int(row["segment"])
        mean = float(rounded([row["mean"]])[0])
        right = mean
        if pd.notna(row.get("low")) and pd.notna(row.get("high")):
            low, high = rounded([row["low"], row["high"]])
            axes.plot(
                [low, high],
                [place, place],
                color=palette.segment_colour(segment),
                linewidth=2.4,
                zorder=2,
            )
            right = high
        axes.plot(
            [mean],
            [place],
            marker=palette.segment_marker(segment),
            color=palette.segment_colour(segment),
            markersize=8,
            markeredgecolor=palette.PAPER,
            markeredgewidth=0.8,
            zorder=3,
        )
        _beside(axes, max(mean, right), place, number(row["mean"], _plain(unit)), gap=7.0)
    axes.annotate(
        f"all: {number(overall, _plain(unit))}" if said else number(overall, _plain(unit)),
        (float(rounded([overall])[0]), 0.0),
        xycoords=("data", "axes fraction"),
        xytext=(3, 3),
        textcoords="offset points",
        va="bottom",
        fontsize=SMALL,
        color=palette.MUTED,
    )
    count_axis(axes, "x", most=5)
    # Room for the figures right of the last marker, and for the line's label below the last row.
    low, high = axes.get_xlim()
    axes.set_xlim(low, high + 0.14 * (high - low))


def _plain(unit: str | None) -> str | None:
    """Drop a unit that the axis already names."""
    return unit if unit and unit.startswith(("money", "percent")) else None


def _with_unit(name: str, unit: str | None) -> str:
    if not unit or unit in ("none", "percent") or unit in name:
        return name
    if unit.startswith("money"):
        return f"{name} ({unit[5:].strip()})" if unit[5:].strip() else name
    return f"{name} ({unit})"


def _plus(value: float) -> str:
    """Write a deviation with its sign."""
    text = decimals(value, 1)
    return text if text.startswith("\u2212") or text == "0.0" else f"+{text}"


def _place_labels(axes: Axes, centres: pd.DataFrame, names: Names | None) -> None:
    """Write each segment's name above its centre, or below where a neighbour's would lie."""
    rows = records(centres.sort_values("y", ascending=False, kind="stable"))
    wide = float(np.ptp(axes.get_xlim())) * 0.3
    tall = float(np.ptp(axes.get_ylim())) * 0.12
    taken: list[tuple[float, float]] = []
    for row in rows:
        offsets = ((1, 0.5), (-1, -0.5))
        way = next(
            (
                way
                for way, shift in offsets
                if all(
                    abs(row["x"] - x) > wide or abs(row["y"] + shift * tall - y) > tall
                    for x, y in taken
                )
            ),
            1,
        )
        taken.append((row["x"], row["y"] + way * tall / 2))
        axes.annotate(
            segment_label(int(row["segment"]), names, width=20),
            (float(rounded([row["x"]], 4)[0]), float(rounded([row["y"]], 4)[0])),
            xytext=(0, 9 * way),
            textcoords="offset points",
            ha="center",
            va="bottom" if way > 0 else "top",
            fontsize=SMALL,
            fontweight="bold",
            bbox={"facecolor": palette.PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 1.2},
            zorder=5,
        )
