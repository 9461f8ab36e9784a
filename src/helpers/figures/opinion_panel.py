"""Picture of the second opinions: which other method finds which segment."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures import palette
from helpers.figures.canvas import decimals, heat_cells, in_house_style, records
from helpers.figures.style import WIDTH
from helpers.words import plural, sentence


@in_house_style
def opinion_panel(opinions: pd.DataFrame) -> Axes:
    """
    Draw the similarity of each segment to the nearest cluster of each method.

    Parameters
    ----------
    opinions
        One row per segment and method: `segment`, `method`, `jaccard`, `clusters`.

    Returns
    -------
    Axes
        A row a segment, a column a method: the darker, the more alike.

    Examples
    --------
    >>> opinions = pd.DataFrame({"segment": [1, 2], "method": "Ward", "jaccard": [0.9, 0.4]})
    >>> [text.get_text() for text in opinion_panel(opinions.assign(clusters=2)).texts]
    ['0.90', '0.40']
    >>> plt.close("all")
    """
    table = _table(opinions)
    clusters = opinions.drop_duplicates("method").set_index("method")["clusters"]
    _, axes = plt.subplots(figsize=(WIDTH, 1.0 + 0.36 * len(table)))
    heat_cells(axes, table.to_numpy(float), palette.SEQUENTIAL, text=decimals)
    axes.set_yticks(range(len(table)), labels=[f"segment {segment}" for segment in table.index])
    axes.set_xticks(
        range(table.shape[1]),
        labels=[f"{name}\n{plural(int(clusters[name]), 'cluster')}" for name in table.columns],
    )
    return axes


def opinion_panel_caption(opinions: pd.DataFrame) -> str:
    """
    Say how many segments at least three methods find.

    Examples
    --------
    >>> methods = ["a", "b", "c", "d"]
    >>> opinions = pd.DataFrame({"segment": 1, "method": methods, "found": [True] * 3 + [False]})
    >>> opinion_panel_caption(opinions)
    '1 of 1 segment is found by three or more of 4 other methods'
    """
    found = opinions.groupby("segment")["found"].sum()
    many = int((found >= 3).sum())
    return (
        f"{many} of {plural(len(found), 'segment')} {'is' if many == 1 else 'are'} found by "
        f"three or more of {opinions['method'].nunique()} other methods"
    )


def opinion_panel_alt(opinions: pd.DataFrame) -> str:
    """Describe each row of the picture."""
    said = [
        f"segment {segment}: "
        + ", ".join(f"{row['method']} {decimals(row['jaccard'])}" for row in records(own))
        for segment, own in opinions.groupby("segment", sort=True)
    ]
    return sentence(
        "Jaccard similarity of each segment to the nearest cluster of each method;",
        "; ".join(said),
    )


def _table(opinions: pd.DataFrame) -> pd.DataFrame:
    methods = list(opinions["method"].drop_duplicates())
    return opinions.pivot_table(index="segment", columns="method", values="jaccard")[methods]
