"""Pictures of customers on their way from the segments of one run to those of another."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from helpers.comparison.moves import NOWHERE
from helpers.figures import palette
from helpers.figures.canvas import SMALL, Names, in_house_style, records, rounded, shorter
from helpers.figures.style import WIDTH
from helpers.words import listing, percent, plural, sentence

BAR = 0.045
GAP = 0.035


@in_house_style
def alluvial(
    flows: pd.DataFrame,
    *,
    old_names: Names,
    new_names: Names,
    counterpart: Mapping[int, int],
    sizes: tuple[Mapping[int, int], Mapping[int, int]],
) -> Axes:
    """
    Draw segments of two runs as columns, and their customers as ribbons between them.

    Parameters
    ----------
    flows
        One row a flow: `from`, `to` (segments in each run's own numbers, 0 for "no segment"),
        `n` (customers).
    old_names, new_names
        Persona of each segment.
    counterpart
        New segment to the old one that it continues. It has that one's colour.
    sizes
        Customers of each segment before and after, printed beside it: some may be in flows that
        are too small to be drawn.

    Returns
    -------
    Axes
        Ribbons have the colour of the segment that they leave.
    """
    total = max(int(flows["n"].sum()), 1)
    sides = {
        "from": _order(flows, "from", {}),
        "to": _order(flows, "to", counterpart),
    }
    most = max(map(len, sides.values()))
    _, axes = plt.subplots(figsize=(WIDTH, 1.1 + 0.62 * most))
    spans = {side: _spans(flows, side, order, total, most) for side, order in sides.items()}
    names = {"from": old_names, "to": new_names}
    left, right = (0.0, BAR), (1.0 - BAR, 1.0)
    for side, (start, end), counts in (("from", left, sizes[0]), ("to", right, sizes[1])):
        for segment, (low, high) in spans[side].items():
            number = _number(segment, side, counterpart, len(old_names))
            _bar(axes, start, end, low, high, number)
            axes.text(
                start - 0.02 if side == "from" else end + 0.02,
                (low + high) / 2,
                _label(segment, side, names[side], counts[segment]),
                ha="right" if side == "from" else "left",
                va="center",
                fontsize=SMALL,
                color=palette.INK,
                linespacing=1.15,
            )
    _ribbons(axes, flows, sides, spans, total, counterpart)
    axes.text(BAR / 2, 1.03, "before", ha="center", color=palette.MUTED, fontsize=SMALL)
    axes.text(1 - BAR / 2, 1.03, "after", ha="center", color=palette.MUTED, fontsize=SMALL)
    axes.set_xlim(-0.48, 1.48)
    axes.set_ylim(-0.02, 1.08)
    axes.set_axis_off()
    return axes


def alluvial_caption(
    flows: pd.DataFrame, *, counterpart: Mapping[int, int], matched: int, moved: int
) -> str:
    """
    Say how many stayed, and which way most of the others went.

    Parameters
    ----------
    flows, counterpart
        As `alluvial` takes them.
    matched, moved
        Customers with a segment before and after, and how many of them changed it; some may be in
        flows that are too small to be drawn.

    Examples
    --------
    >>> flows = pd.DataFrame({"from": [1, 1, 2], "to": [1, 2, 2], "n": [8, 2, 10]})
    >>> alluvial_caption(flows, counterpart={1: 1, 2: 2}, matched=20, moved=2)
    '90% of 20 customers stayed in their segment; the largest flow to another one is from segment \
1 to segment 2 (2 customers).'
    """
    if not moved:
        return f"All of {plural(matched, 'customer')} stayed in their segment."
    stayed = percent((matched - moved) / matched)
    said = f"{stayed} of {plural(matched, 'customer')} stayed in their segment"
    both = flows[(flows["from"] != NOWHERE) & (flows["to"] != NOWHERE)]
    others = both[both["to"].map(counterpart) != both["from"]]
    if others.empty:
        return f"{said}; no flow to another one is large enough to be drawn."
    top = records(others.sort_values("n", ascending=False, kind="stable").iloc[[0]])[0]
    return (
        f"{said}; the largest flow to another one is from segment {top['from']} to segment"
        f" {top['to']} ({plural(top['n'], 'customer')})."
    )


def alluvial_alt(flows: pd.DataFrame, *, old_names: Names, new_names: Names) -> str:
    """Describe every ribbon."""
    said = [
        f"{plural(row['n'], 'customer')} from {_place(row['from'], old_names, 'no segment')}"
        f" to {_place(row['to'], new_names, 'no segment')}"
        for row in records(flows)
    ]
    return sentence("Ribbons between the segments before and after:", listing(said))


def _place(segment: int, names: Names, nowhere: str) -> str:
    return nowhere if segment == NOWHERE else f"segment {segment} ({names[segment]})"


def _order(flows: pd.DataFrame, side: str, counterpart: Mapping[int, int]) -> list[int]:
    """Segments of a side from top to bottom: counterparts face each other, "no segment" is last."""
    found = sorted(int(one) for one in flows[side].unique())
    last = max(found, default=0) + len(counterpart) + 1

    def place(segment: int) -> tuple[bool, int, int]:
        facing = segment if side == "from" else counterpart.get(segment, last)
        return segment == NOWHERE, facing, segment

    return sorted(found, key=place)


def _spans(
    flows: pd.DataFrame, side: str, order: list[int], total: int, most: int
) -> dict[int, tuple[float, float]]:
    """Bottom and top of each bar; the whole column fills 0 to 1, gaps between the bars."""
    scale = 1.0 - GAP * (most - 1)
    spans, top = {}, 1.0
    for segment in order:
        height = scale * int(flows.loc[flows[side] == segment, "n"].sum()) / total
        spans[segment] = (top - height, top)
        top -= height + GAP
    return spans


def _ribbons(
    axes: Axes,
    flows: pd.DataFrame,
    sides: Mapping[str, list[int]],
    spans: Mapping[str, Mapping[int, tuple[float, float]]],
    total: int,
    counterpart: Mapping[int, int],
) -> None:
    place = {
        side: {segment: at for at, segment in enumerate(order)} for side, order in sides.items()
    }
    most = max(map(len, sides.values()))
    scale = 1.0 - GAP * (most - 1)
    tops = {side: {one: span[1] for one, span in spans[side].items()} for side in sides}
    ordered = sorted(
        records(flows), key=lambda row: (place["from"][row["from"]], place["to"][row["to"]])
    )
    ends: dict[tuple[int, int], dict[str, float]] = {}
    for row in ordered:
        at = ends.setdefault((row["from"], row["to"]), {})
        at["from"] = tops["from"][row["from"]]
        tops["from"][row["from"]] -= scale * row["n"] / total
    for row in sorted(
        ordered, key=lambda row: (place["to"][row["to"]], place["from"][row["from"]])
    ):
        ends[row["from"], row["to"]]["to"] = tops["to"][row["to"]]
        tops["to"][row["to"]] -= scale * row["n"] / total
    for row in ordered:
        at, height = ends[row["from"], row["to"]], scale * row["n"] / total
        stays = row["to"] != NOWHERE and counterpart.get(row["to"]) == row["from"]
        tone = palette.QUIET if row["from"] == NOWHERE else palette.segment_colour(row["from"])
        _ribbon(axes, at["from"], at["to"], height, tone, alpha=0.3 if stays else 0.65)


def _ribbon(axes: Axes, left: float, right: float, height: float, tone: str, alpha: float) -> None:
    start, end = BAR + 0.006, 1 - BAR - 0.006
    middle = (start + end) / 2
    points = [
        (start, left), (middle, left), (middle, right), (end, right),
        (end, right - height), (middle, right - height), (middle, left - height),
        (start, left - height), (start, left),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    path = Path([tuple(rounded(point)) for point in points], codes)
    axes.add_patch(PathPatch(path, facecolor=tone, alpha=alpha, edgecolor="none", lw=0))


def _bar(axes: Axes, start: float, end: float, low: float, high: float, number: int) -> None:
    known = number != NOWHERE
    low, high = rounded([low, high])
    axes.add_patch(
        Rectangle(
            (start, low),
            end - start,
            high - low,
            facecolor=palette.segment_colour(number) if known else palette.QUIET,
            hatch=palette.segment_hatch(number) if known else "",
            edgecolor=palette.PAPER,
            lw=0,
        )
    )


def _number(segment: int, side: str, counterpart: Mapping[int, int], old: int) -> int:
    """The number whose colour a segment has: its own before, its counterpart's after."""
    if side == "from" or segment == NOWHERE or segment in counterpart:
        return counterpart.get(segment, segment) if side == "to" else segment
    # Segments without a counterpart have the next colours, in their own order.
    return old + segment - sum(one < segment for one in counterpart)


def _label(segment: int, side: str, names: Names, n: int) -> str:
    if segment == NOWHERE:
        said = "new, or no segment" if side == "from" else "gone, or no segment"
    else:
        said = shorter(f"{segment}  {names[segment]}", width=22)
    return f"{said}\n{n:,}"
