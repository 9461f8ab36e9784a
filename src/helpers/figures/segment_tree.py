"""Picture of the ladder: where the segments of every K come from, and which of them hold."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures import palette
from helpers.figures.canvas import SMALL, decimals, in_house_style, mark_chosen, records
from helpers.figures.style import WIDTH
from helpers.words import percent, plural, sentence

LEAST_SHARE = 0.01
"""Share of all customers from which a line is drawn between two segments."""


@in_house_style
def segment_tree(
    nodes: pd.DataFrame, links: pd.DataFrame, *, stable_at: float, chosen: int | None = None
) -> Axes:
    """
    Draw the segments of consecutive K as columns, joined by the customers they share.

    Parameters
    ----------
    nodes
        One row per K and segment: `k`, `segment`, `share` (of all customers), `jaccard`.
    links
        One row a pair of segments: `k` (of the right one), `from`, `to`, `share`.
    stable_at
        Jaccard similarity from which a segment counts as stable.
    chosen
        The chosen K, marked.

    Returns
    -------
    Axes
        Each segment is a disc with its number, by area as its share, blue where it comes back and
        orange where not, with its Jaccard similarity beside it.

    Examples
    --------
    >>> nodes = pd.DataFrame({"k": [2, 2], "segment": [1, 2], "share": [0.4, 0.6]})
    >>> links = pd.DataFrame({"k": [], "from": [], "to": [], "share": []})
    >>> axes = segment_tree(nodes.assign(jaccard=[0.9, 0.7]), links, stable_at=0.75)
    >>> [text.get_text() for text in axes.texts]
    ['1', '0.90', '2', '0.70']
    >>> plt.close("all")
    """
    ks = sorted(int(k) for k in nodes["k"].unique())
    places = _places(nodes, links)
    _, axes = plt.subplots(figsize=(WIDTH, 1.2 + 0.55 * max(ks)))
    mark_chosen(axes, chosen)
    for link in records(links):
        if link["share"] >= LEAST_SHARE:
            left, right = places[link["k"] - 1, link["from"]], places[link["k"], link["to"]]
            axes.plot(
                [link["k"] - 1, link["k"]],
                [left, right],
                color=palette.QUIET,
                linewidth=1.0 + 24.0 * round(link["share"], 3),
                alpha=0.5,
                solid_capstyle="butt",
                zorder=1,
            )
    for node in records(nodes):
        at = (node["k"], places[node["k"], node["segment"]])
        colour = palette.SEGMENT_COLOURS[0 if node["jaccard"] >= stable_at else 1]
        axes.scatter(*at, s=180 + 1200 * round(node["share"], 3), color=colour, zorder=2)
        axes.annotate(
            str(int(node["segment"])),
            at,
            ha="center",
            va="center",
            color=palette.TEXT_ON_DARK,
            fontsize=SMALL,
            zorder=3,
        )
        axes.annotate(
            decimals(node["jaccard"]),
            at,
            xytext=(0, -19 - 12 * round(node["share"], 3)),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=7.0,
            color=palette.MUTED,
        )
    axes.set_xticks(ks, [f"K = {k}" for k in ks])
    axes.set_xlim(ks[0] - 0.6, ks[-1] + 0.6)
    axes.set_ylim(-0.12, 1.12)
    axes.set_yticks([])
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.grid(visible=False)
    return axes


def segment_tree_caption(nodes: pd.DataFrame, *, stable_at: float) -> str:
    """
    Say up to which K every segment comes back.

    Examples
    --------
    >>> nodes = pd.DataFrame({"k": [2, 2, 3, 3, 3], "jaccard": [0.9, 0.9, 0.9, 0.8, 0.5]})
    >>> segment_tree_caption(nodes, stable_at=0.75)
    'Every segment comes back up to K = 2; at K = 3, 1 segment does not.'
    """
    least = nodes.groupby("k")["jaccard"].min()
    first = next((int(k) for k in least.index if least[k] < stable_at), None)
    if first is None:
        return f"Every segment comes back up to K = {int(least.index.max())}, the last one drawn."
    own = nodes[nodes["k"] == first]
    count = int((own["jaccard"] < stable_at).sum())
    verb = "does" if count == 1 else "do"
    failing = f"at K = {first}, {plural(count, 'segment')} {verb} not."
    before = [int(k) for k in least.index if k < first]
    if not before:
        return f"Not every segment comes back: {failing}"
    return f"Every segment comes back up to K = {before[-1]}; {failing}"


def segment_tree_alt(nodes: pd.DataFrame, links: pd.DataFrame) -> str:
    """Describe where each segment comes from."""
    said = []
    for node in records(nodes):
        own = links[(links["k"] == node["k"]) & (links["to"] == node["segment"])]
        origin = ""
        if len(own):
            top = own.iloc[int(own["share"].to_numpy().argmax())]
            origin = f", mostly from segment {int(top['from'])} of K = {int(node['k']) - 1}"
        said.append(
            f"K = {int(node['k'])}, segment {int(node['segment'])}: {percent(node['share'])} of"
            f" the customers, Jaccard {decimals(node['jaccard'])}{origin}"
        )
    return sentence(
        "Discs of the segments of consecutive K, joined by the customers they share;",
        "; ".join(said),
    )


def _places(nodes: pd.DataFrame, links: pd.DataFrame) -> dict[tuple[int, int], float]:
    """Height of each segment: in each column near the segments that it comes from."""
    places: dict[tuple[int, int], float] = {}
    for k, own in nodes.groupby("k", sort=True):
        wanted = {}
        for segment in own["segment"]:
            into = links[(links["k"] == k) & (links["to"] == segment)]
            heights = [places.get((int(str(k)) - 1, int(one)), 0.0) for one in into["from"]]
            weight = into["share"].sum() if len(into) else 0.0
            wanted[int(segment)] = (
                float(np.dot(heights, into["share"]) / weight) if weight > 0 else -float(segment)
            )
        order = sorted(wanted, key=lambda segment: (-wanted[segment], segment))
        for place, segment in enumerate(order):
            places[int(str(k)), segment] = 1.0 - (place + 0.5) / len(order)
    return places
