"""Yellowbrick's elbow and silhouette pictures: the one module that knows yellowbrick.

Yellowbrick 1.5 wants to fit, to time and to style; here nothing is fitted again. Its visualizers
are given a stand-in clusterer that answers with what is already known, an explicit list of
colours, and axes in the house style. With current releases of scikit-learn and matplotlib it works
when told `force_model=True` (it does not recognise clusterers), when it is given its colours (it
asks matplotlib for a function that is gone) and with `timings=False` (else the picture holds wall
time). Importing it changes 37 settings of matplotlib and the meaning of the colours "b" to "k";
`_visualizers` undoes both.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import colorConverter
from sklearn.base import BaseEstimator, ClusterMixin

from helpers.figures import palette
from helpers.figures.canvas import (
    SMALL,
    Names,
    bare,
    count_axis,
    decimals,
    extreme,
    in_house_style,
    k_axis,
    mark_chosen,
    named,
    records,
    rounded,
    segment_label,
)
from helpers.figures.style import WIDTH
from helpers.words import number, percent, plural, sentence

MOST_BARS = 1000
"""Customers drawn at most in a silhouette plot: of each segment, every m-th of the sorted ones."""


class _Visualizers(NamedTuple):
    """What is used of yellowbrick."""

    elbow: Any
    silhouette: Any
    knee: Any


class FittedSweep(ClusterMixin, BaseEstimator):
    """
    Stand-in clusterer for a sweep over K: `fit` looks up what was fitted before.

    Parameters
    ----------
    n_clusters
        The K that was asked for last.
    inertias
        Inertia by K.

    Examples
    --------
    >>> FittedSweep(inertias={2: 9.0}).set_params(n_clusters=2).fit(None).labels_.tolist()
    [9.0]
    """

    def __init__(self, n_clusters: int = 0, inertias: dict[int, float] | None = None) -> None:
        self.n_clusters = n_clusters
        self.inertias = inertias

    def fit(self, X: object, y: object = None) -> FittedSweep:
        """Look up the inertia of `n_clusters`; nothing is computed."""
        # The elbow visualizer hands `labels_`, and nothing else, to its score.
        self.labels_ = np.array([(self.inertias or {})[self.n_clusters]])
        return self


class FittedClusters(ClusterMixin, BaseEstimator):
    """
    Stand-in clusterer for one K: centres and labels that are known already.

    Parameters
    ----------
    cluster_centers
        Shape (k, d).
    labels
        Cluster 0..k-1 of each row that will be drawn.

    Examples
    --------
    >>> FittedClusters(np.zeros((2, 1)), np.array([0, 1, 1])).predict(None).tolist()
    [0, 1, 1]
    """

    def __init__(self, cluster_centers: np.ndarray, labels: np.ndarray) -> None:
        self.cluster_centers = cluster_centers
        self.labels = labels

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(self.cluster_centers)

    @property
    def cluster_centers_(self) -> np.ndarray:
        """Centres, as a fitted `KMeans` has them."""
        return self.cluster_centers

    @property
    def labels_(self) -> np.ndarray:
        """Labels, as a fitted `KMeans` has them."""
        return self.labels

    def fit(self, X: object, y: object = None) -> FittedClusters:
        """Refuse: a picture never fits."""
        raise RuntimeError("A picture asked for a fit; what is drawn has been fitted already.")

    def predict(self, X: object) -> np.ndarray:
        """Give the known labels, whatever `X`."""
        return self.labels


@in_house_style
def elbow(tuning: pd.DataFrame, *, chosen: int | None = None) -> Axes:
    """
    Draw the inertia over K and yellowbrick's elbow (kneedle; Satopaa et al. 2011).

    Parameters
    ----------
    tuning
        One row a K, ascending: `k`, `inertia` (sum of squared distances to the centres).
    chosen
        The chosen K, marked.

    Returns
    -------
    Axes

    Examples
    --------
    >>> tuning = pd.DataFrame({"k": [2, 3, 4, 5], "inertia": [100.0, 40.0, 35.0, 32.0]})
    >>> [text.get_text() for text in elbow(tuning).texts]
    ['elbow at K = 3']
    >>> plt.close("all")
    """
    _, axes = plt.subplots(figsize=(WIDTH, 2.8))
    mark_chosen(axes, chosen)
    marks = len(axes.texts)
    inertias = {int(row["k"]): float(rounded([row["inertia"]])[0]) for row in records(tuning)}
    visualizer = _visualizers().elbow(
        FittedSweep(inertias=inertias),
        ax=axes,
        k=list(inertias),
        timings=False,
        force_model=True,
    )
    visualizer.scoring_metric = _inertia_score
    with warnings.catch_warnings():
        # "No knee": said by the caption.
        warnings.simplefilter("ignore")
        visualizer.fit(np.zeros((1, 1)))
    curve, *knee = axes.lines
    curve.set(color=palette.ACCENT, marker="o", zorder=3)
    for line in knee:
        line.set(color=palette.SEGMENT_COLOURS[1], linestyle=(0, (4, 3)), linewidth=1.4)
        axes.annotate(
            f"elbow at K = {visualizer.elbow_value_}",
            (visualizer.elbow_value_, 0.98),
            xycoords=("data", "axes fraction"),
            xytext=(6, 0),
            textcoords="offset points",
            va="top",
            fontsize=SMALL,
            color=palette.SEGMENT_COLOURS[1],
        )
    assert len(axes.texts) == marks + len(knee)
    bare(axes, left=False, grid="y")
    k_axis(axes, list(inertias))
    count_axis(axes, "y", most=5)
    axes.set_ylabel("inertia, squared Euclidean")
    return axes


def elbow_at(tuning: pd.DataFrame) -> int | None:
    """
    Find the elbow of the inertia as yellowbrick does; None where the curve has none.

    Examples
    --------
    >>> elbow_at(pd.DataFrame({"k": [2, 3, 4, 5], "inertia": [100.0, 40.0, 35.0, 32.0]}))
    3
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        knee = (
            _visualizers()
            .knee(
                [int(k) for k in tuning["k"]],
                rounded(tuning["inertia"]).tolist(),
                curve_nature="convex",
                curve_direction="decreasing",
            )
            .knee
        )
    return None if knee is None else int(knee)


def elbow_caption(tuning: pd.DataFrame) -> str:
    """
    Say where the elbow is, and what share of the inertia is left there.

    Examples
    --------
    >>> elbow_caption(pd.DataFrame({"k": [2, 3, 4, 5], "inertia": [100.0, 40.0, 35.0, 32.0]}))
    'The inertia bends most at K = 3, where 40% of that at K = 2 is left.'
    """
    knee = elbow_at(tuning)
    if knee is None:
        return "The inertia falls without a bend: the elbow names no K."
    first = extreme(tuning, "k", least=True)
    left = float(tuning.loc[tuning["k"] == knee, "inertia"].iloc[0]) / first["inertia"]
    if knee == first["k"]:
        return f"The inertia bends most at K = {knee}, the smallest K tried."
    return (
        f"The inertia bends most at K = {knee}, where {percent(left)} of that at"
        f" K = {int(first['k'])} is left."
    )


def elbow_alt(tuning: pd.DataFrame, *, chosen: int | None = None) -> str:
    """Describe the curve by all its values, and the elbow."""
    knee = elbow_at(tuning)
    points = ", ".join(
        f"{number(row['inertia'])} at K = {int(row['k'])}" for row in records(tuning)
    )
    marked = f", K = {chosen} marked as chosen" if chosen is not None else ""
    return sentence(
        f"Line chart of the inertia over K{marked}: {points};",
        f"elbow at K = {knee}" if knee is not None else "no elbow",
    )


@in_house_style
def silhouette_plot(
    silhouettes: pd.DataFrame,
    *,
    mean: float | None = None,
    metric: str = "Euclidean distance",
    names: Names | None = None,
) -> Axes:
    """
    Draw the silhouette of each customer, segment by segment, in yellowbrick's picture.

    Parameters
    ----------
    silhouettes
        One row a customer (of all, or of a sample): `segment`, `silhouette` (1 is best, 0 lies
        between two segments, below 0 is nearer to another one).
    mean
        Mean over all customers, drawn as a line; of the rows given unless stated.
    metric
        The metric of the silhouettes, in words.
    names
        Persona of each segment.

    Returns
    -------
    Axes
        At most `MOST_BARS` customers are drawn, of each segment every m-th of the sorted ones;
        the height of a segment stays in proportion to its size.

    Examples
    --------
    >>> rows = pd.DataFrame({"segment": [1, 1, 2], "silhouette": [0.5, 0.25, -0.25]})
    >>> [text.get_text() for text in silhouette_plot(rows).texts]
    ['mean 0.17']
    >>> plt.close("all")
    """
    segments = sorted({int(segment) for segment in silhouettes["segment"]})
    thinned = _thinned(silhouettes)
    labels = np.searchsorted(segments, thinned["segment"].to_numpy())
    mean = float(silhouettes["silhouette"].mean()) if mean is None else mean
    _, axes = plt.subplots(figsize=(WIDTH, 3.9))
    visualizer = _visualizers().silhouette(
        FittedClusters(np.zeros((len(segments), 1)), labels),
        ax=axes,
        colors=[palette.segment_colour(segment) for segment in segments],
        is_fitted=True,
        force_model=True,
    )
    # What its `fit` would compute again, before it draws.
    visualizer.n_samples_ = len(thinned)
    visualizer.n_clusters_ = len(segments)
    visualizer.silhouette_samples_ = rounded(thinned["silhouette"], 4)
    visualizer.silhouette_score_ = float(rounded([mean])[0])
    visualizer.draw(labels)
    visualizer.finalize()
    for segment, area in zip(segments, axes.collections, strict=True):
        area.set(alpha=0.85, linewidth=0, hatch=palette.segment_hatch(segment) or None)
    (line,) = axes.lines
    line.set(color=palette.INK, linestyle=(0, (4, 3)), linewidth=1.4)
    axes.annotate(
        f"mean {decimals(mean)}",
        (float(rounded([mean])[0]), 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(4, -2),
        textcoords="offset points",
        va="top",
        fontsize=SMALL,
        bbox={"facecolor": palette.PAPER, "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
    )
    legend = axes.get_legend()
    if legend is not None:
        legend.remove()
    axes.set_title("")
    axes.set_yticks(
        visualizer.y_tick_pos_,
        labels=[segment_label(segment, names, width=22) for segment in segments],
    )
    axes.tick_params(axis="y", labelcolor=palette.INK)
    # Yellowbrick stacks from below; the first segment is on top in every picture.
    axes.invert_yaxis()
    bare(axes)
    count_axis(axes, "x", most=8)
    axes.set_ylabel("")
    axes.set_xlabel(f"silhouette of a customer ({metric})")
    return axes


def silhouette_caption(
    silhouettes: pd.DataFrame,
    *,
    mean: float | None = None,
    metric: str = "Euclidean distance",
    names: Names | None = None,
) -> str:
    """
    Say the mean, which segment is best and worst separated, and how many lie below 0.

    Examples
    --------
    >>> rows = pd.DataFrame({"segment": [1, 1, 2], "silhouette": [0.5, 0.25, -0.25]})
    >>> silhouette_caption(rows)
    'The mean silhouette is 0.17 (Euclidean distance), highest in segment 1 (0.38) and lowest in \
segment 2 (−0.25); 33% of the customers are nearer to another segment.'
    """
    by = silhouettes.groupby("segment")["silhouette"].mean().reset_index()
    top, bottom = extreme(by, "silhouette"), extreme(by, "silhouette", least=True)
    mean = float(silhouettes["silhouette"].mean()) if mean is None else mean
    below = float((silhouettes["silhouette"] < 0).mean())
    return (
        f"The mean silhouette is {decimals(mean)} ({metric}), highest in"
        f" {named(int(top['segment']), names)} ({decimals(top['silhouette'])}) and lowest in"
        f" {named(int(bottom['segment']), names)} ({decimals(bottom['silhouette'])});"
        f" {percent(below)} of the customers are nearer to another segment."
    )


def silhouette_alt(
    silhouettes: pd.DataFrame, *, metric: str = "Euclidean distance", names: Names | None = None
) -> str:
    """Describe each segment by its mean and the share of its customers below 0."""
    grouped = silhouettes.assign(below=silhouettes["silhouette"] < 0).groupby("segment")
    table = grouped[["silhouette", "below"]].mean().reset_index()
    said = [
        f"{named(int(row['segment']), names)} mean {decimals(row['silhouette'])},"
        f" {percent(row['below'])} below 0"
        for row in records(table)
    ]
    return sentence(
        f"Silhouette plot of {plural(len(silhouettes), 'customer')} by segment ({metric}):",
        "; ".join(said),
    )


@lru_cache(maxsize=1)
def _visualizers() -> _Visualizers:
    """Import yellowbrick and undo what its import does to matplotlib."""
    letters = {name: colorConverter.colors[name] for name in "bgrmyck"}
    with mpl.rc_context(), warnings.catch_warnings():
        # It uses distutils and arguments that matplotlib is about to drop.
        warnings.simplefilter("ignore")
        from yellowbrick.cluster import KElbowVisualizer, SilhouetteVisualizer
        from yellowbrick.utils.kneed import KneeLocator
    colorConverter.colors.update(letters)
    colorConverter.cache.clear()
    return _Visualizers(KElbowVisualizer, SilhouetteVisualizer, KneeLocator)


def _inertia_score(X: object, labels: np.ndarray, metric: str = "euclidean") -> float:
    """Score for the elbow visualizer: the inertia that `FittedSweep` looked up."""
    return float(labels[0])


def _thinned(silhouettes: pd.DataFrame) -> pd.DataFrame:
    """Keep of each segment every m-th customer by rising silhouette, from the middle of a step."""
    step = -(-len(silhouettes) // MOST_BARS)
    ordered = silhouettes.sort_values(["segment", "silhouette"], kind="stable")
    place = ordered.groupby("segment").cumcount()
    size = ordered.groupby("segment")["silhouette"].transform("size")
    # A segment smaller than a step keeps the customer in its middle.
    return ordered[(place % step == step // 2) | ((size <= step // 2) & (place == size // 2))]
