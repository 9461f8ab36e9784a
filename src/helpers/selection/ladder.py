"""What one more segment brings: which one splits in two, and whether the parts hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.kmeans.search import Floats
from helpers.selection.choice import LEVEL
from helpers.selection.stability import contingency
from helpers.selection.sweep import Tuning

STEPS = (
    *("k", "parent", "parent_n", "first", "first_n", "first_jaccard", "first_low", "first_high"),
    *("second", "second_n", "second_jaccard", "second_low", "second_high", "moved", "border_p"),
    *("valley", "stable", "silhouette_before", "silhouette_after"),
)


@dataclass(frozen=True)
class Numbering:
    """Segment numbers of the clusters of every K.

    Attributes
    ----------
    segments : mapping of int to ndarray of int64, shape (n,)
        By K, the segment of each row, numbered from 1 to K.
    """

    segments: Mapping[int, NDArray[np.int64]]

    def of_clusters(self, k: int, labels: NDArray[np.int32]) -> NDArray[np.int64]:
        """Segment of each cluster of a partition whose labels are given."""
        numbers = np.zeros(k, np.int64)
        numbers[labels] = self.segments[k]
        return numbers


def reach(tuning: Tuning, *, k: int, stable_at: float) -> range:
    """K from `k` to the first larger one at which a segment does not come back, both included.

    Parameters
    ----------
    tuning : Tuning
        The sweep.
    k : int
        Where to start.
    stable_at : float
        Jaccard similarity from which a segment counts as stable.
    """
    table = tuning.table.sort_values("k")
    larger = table[table["k"] > k]
    shaky = larger.loc[larger["min_jaccard"] < stable_at, "k"]
    return range(k, int(shaky.iloc[0] if len(shaky) else table["k"].max()) + 1)


def flows(numbering: Numbering, k: int) -> Floats:
    """Rows that segments of K (rows of the table) share with segments of K + 1 (columns)."""
    return contingency(numbering.segments[k] - 1, numbering.segments[k + 1] - 1, (k, k + 1))


def ladder(tuning: Tuning, numbering: Numbering, *, stable_at: float) -> pd.DataFrame:
    """Follow the segments from K to K + 1, K + 2 and on.

    Parameters
    ----------
    tuning : Tuning
        The sweep.
    numbering : Numbering
        Segments of consecutive K, as far as `reach` says.
    stable_at : float
        Jaccard similarity from which a segment counts as stable.

    Returns
    -------
    DataFrame
        One row a step: `k` (after the step); `parent`: segment of the K before that is split, and
        its rows `parent_n`;
        `first`, `second`: the larger and the smaller part, segments of `k`, each with its rows
        `_n`, mean Jaccard `_jaccard` and 2.5 % and 97.5 % quantiles over the resamples (`_low`,
        `_high`); `moved`: share of all rows that change segment otherwise than by this split;
        `border_p`: p-value of the dip between the parts; `valley`: whether they are two groups
        (True) or slices of one (False); `stable`: whether every segment of `k` comes
        back; `silhouette_before`, `silhouette_after`: Euclidean.

    Notes
    -----
    A new segment comes from the old one that holds most of its rows; the one from which two come is
    the parent. There is always one, by counting; of several, the one whose second part is the
    largest.
    """
    table = tuning.table.set_index("k")
    rows: list[dict[str, Any]] = []
    for after in sorted(numbering.segments)[1:]:
        shared = flows(numbering, after - 1)
        parent, parts = _split(shared)
        others = np.delete(shared, parent, axis=0).max(axis=1).sum()
        stayed = shared[parent, parts].sum() + others
        clusters = numbering.of_clusters(after, tuning.fits[after].labels)
        p_value = _border(tuning, after, clusters, parts)
        row: dict[str, Any] = {
            "k": after,
            "parent": parent + 1,
            "parent_n": int(shared[parent].sum()),
            "moved": 1.0 - stayed / shared.sum(),
            "border_p": p_value,
            "valley": p_value < LEVEL,
            "stable": bool(table["min_jaccard"][after] >= stable_at),
            "silhouette_before": table["silhouette_euclidean"][after - 1],
            "silhouette_after": table["silhouette_euclidean"][after],
        }
        stability = tuning.stability[tuning.stability["k"] == after].sort_values("cluster")
        for name, part in zip(("first", "second"), parts, strict=True):
            own = stability.iloc[int(np.flatnonzero(clusters == part + 1)[0])].to_dict()
            row |= {
                name: part + 1,
                f"{name}_n": int(own["n"]),
                f"{name}_jaccard": own["jaccard"],
                f"{name}_low": own["jaccard_low"],
                f"{name}_high": own["jaccard_high"],
            }
        rows.append(row)
    return pd.DataFrame(rows, columns=list(STEPS))


def _split(shared: Floats) -> tuple[int, list[int]]:
    """Segment that is split, and its two largest parts."""
    origins = shared.argmax(axis=0)
    best: tuple[float, int, list[int]] = (-1.0, 0, [])
    for parent in range(shared.shape[0]):
        parts = [int(part) for part in np.flatnonzero(origins == parent)]
        parts.sort(key=lambda part: (-shared[parent, part], part))
        if len(parts) > 1 and shared[parent, parts[1]] > best[0]:
            best = float(shared[parent, parts[1]]), parent, parts[:2]
    return best[1], best[2]


def _border(tuning: Tuning, k: int, clusters: NDArray[np.int64], parts: list[int]) -> float:
    """P-value of the dip between two segments; 0 where they are no neighbours."""
    pair = sorted(int(np.flatnonzero(clusters == part + 1)[0]) for part in parts)
    borders = tuning.borders
    own = borders[
        (borders["k"] == k) & (borders["cluster"] == pair[0]) & (borders["neighbour"] == pair[1])
    ]
    return float(own["p_value"].iloc[0]) if len(own) else 0.0


def persistence(numbering: Numbering) -> pd.DataFrame:
    """Segment-level stability across solutions: how purely each segment comes from one before.

    Parameters
    ----------
    numbering : Numbering
        Segments of consecutive K.

    Returns
    -------
    DataFrame
        One row per K but the first and segment: `k`, `segment`, `n`, `origin` (segment of K - 1
        with most of its rows), `origin_share` (of its rows), `slsa`: 1 less the entropy of its
        origins over that of K - 1 equally likely ones: 1 where all of it was one segment (or a
        part of one) before, 0 where it is gathered evenly from all; NaN from K = 1 to 2.

    References
    ----------
    Dolnicar and Leisch (2017), Using segment level stability to select target segments in
    data-driven market segmentation studies. ``slsaplot`` of the R package flexclust returns the
    entropies.

    Examples
    --------
    >>> before = np.array([1, 1, 2, 2])
    >>> after = np.array([1, 1, 2, 3])
    >>> persistence(Numbering({2: before, 3: after}))["slsa"].tolist()
    [1.0, 1.0, 1.0]
    """
    rows = []
    for k in sorted(numbering.segments):
        if k - 1 not in numbering.segments:
            continue
        shared = flows(numbering, k - 1)
        for place, column in enumerate(shared.T):
            shares = column / column.sum()
            present = shares[shares > 0]
            entropy = float(-(present * np.log(present)).sum())
            rows.append(
                {
                    "k": k,
                    "segment": place + 1,
                    "n": int(column.sum()),
                    "origin": int(column.argmax()) + 1,
                    "origin_share": float(shares.max()),
                    "slsa": 1.0 - entropy / np.log(k - 1) if k > 2 else np.nan,
                }
            )
    columns = ["k", "segment", "n", "origin", "origin_share", "slsa"]
    return pd.DataFrame(rows, columns=columns)


def nodes_and_links(tuning: Tuning, numbering: Numbering) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the picture of the ladder is drawn from.

    Parameters
    ----------
    tuning : Tuning
        The sweep.
    numbering : Numbering
        Segments of consecutive K.

    Returns
    -------
    nodes : DataFrame
        `k`, `segment`, `n`, `share`, `jaccard`, and of `persistence` `origin` and `slsa`.
    links : DataFrame
        `k` (of the right segment), `from`, `to`, `n`, `share` of all rows; none without rows.
    """
    nodes, links = [], []
    ks = sorted(numbering.segments)
    for k in ks:
        clusters = numbering.of_clusters(k, tuning.fits[k].labels)
        own = tuning.stability[tuning.stability["k"] == k].sort_values("cluster")
        total = int(own["n"].sum())
        nodes.append(
            pd.DataFrame(
                {
                    "k": k,
                    "segment": clusters,
                    "n": own["n"].to_numpy(),
                    "share": own["n"].to_numpy() / total,
                    "jaccard": own["jaccard"].to_numpy(),
                }
            ).sort_values("segment")
        )
        if k > ks[0]:
            shared = flows(numbering, k - 1)
            old, new = np.nonzero(shared)
            counts = shared[old, new].astype(np.int64)
            links.append(
                pd.DataFrame(
                    {"k": k, "from": old + 1, "to": new + 1, "n": counts, "share": counts / total}
                )
            )
    origins = persistence(numbering)
    joined = pd.concat(nodes, ignore_index=True).merge(
        origins[["k", "segment", "origin", "slsa"]], on=["k", "segment"], how="left"
    )
    empty = pd.DataFrame(columns=["k", "from", "to", "n", "share"])
    return joined, pd.concat(links, ignore_index=True) if links else empty
