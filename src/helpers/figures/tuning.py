"""Pictures of the choice of K: what each score says, how stable segments are, who votes for what.

Every picture marks the chosen K by a grey band, and names the metric and the space of a score.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    in_house_style,
    k_axis,
    mark_chosen,
    percent_axis,
    records,
    rounded,
)
from helpers.figures.style import WIDTH
from helpers.selection.gap import preferred
from helpers.words import listing, number, percent, plural, sentence

SILHOUETTES = {
    "silhouette_euclidean": "Euclidean distance",
    "silhouette_squared": "squared Euclidean distance",
}
"""Columns of the tuning table that hold a silhouette, and the metric of each."""


@in_house_style
def silhouettes(tuning: pd.DataFrame, *, chosen: int | None = None) -> np.ndarray:
    """
    Draw the mean silhouette over K, one panel for each metric.

    The two panels have scales of their own: the metrics must not be compared with each other.

    Parameters
    ----------
    tuning
        One row a K, ascending: `k`, `silhouette_euclidean`, `silhouette_squared`; optionally
        `silhouette_euclidean_se`, the standard error where the Euclidean one was sampled.
    chosen
        The chosen K, marked.

    Returns
    -------
    ndarray of Axes, shape (2,)
        The highest point of each panel is labelled with its value.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"k": [2, 3], "silhouette_euclidean": [0.3, 0.2], "silhouette_squared": [0.5, 0.4]}
    ... )
    >>> [axes.get_title(loc="left") for axes in silhouettes(table)]
    ['Euclidean distance', 'squared Euclidean distance']
    >>> plt.close("all")
    """
    _, panels = plt.subplots(1, 2, figsize=(WIDTH, 2.6))
    for axes, (column, metric) in zip(panels, SILHOUETTES.items(), strict=True):
        errors = tuning.get(f"{column}_se")
        _score(axes, tuning, column, best="highest", chosen=chosen, errors=errors)
        axes.set_title(metric, pad=16)
        axes.set_ylabel("mean silhouette")
    return panels


def silhouettes_caption(tuning: pd.DataFrame, *, chosen: int | None = None) -> str:
    """
    Say where each silhouette is highest, and how high the chosen K's is.

    How strong the structure is, is decided in `helpers.selection.choice` alone.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"k": [2, 3], "silhouette_euclidean": [0.31, 0.2], "silhouette_squared": [0.5, 0.4]}
    ... )
    >>> silhouettes_caption(table, chosen=3)
    'Both silhouettes are highest at K = 2. At K = 3 the Euclidean one is 0.20.'
    """
    best = [int(extreme(tuning, column)["k"]) for column in SILHOUETTES]
    if best[0] == best[1]:
        text = f"Both silhouettes are highest at K = {best[0]}."
    else:
        text = (
            f"The silhouette is highest at K = {best[0]} in the Euclidean distance and at"
            f" K = {best[1]} in the squared one; the two metrics are not comparable."
        )
    if chosen is not None and (tuning["k"] == chosen).any():
        value = _at(tuning, "silhouette_euclidean", chosen)
        text += f" At K = {chosen} the Euclidean one is {decimals(value)}."
    return text


def silhouettes_alt(tuning: pd.DataFrame, *, chosen: int | None = None) -> str:
    """Describe both curves by all their values."""
    parts = [f"in {metric}: {_curve(tuning, column)}" for column, metric in SILHOUETTES.items()]
    return sentence(
        f"Two line charts of the mean silhouette over K{_marked(chosen)};", "; ".join(parts)
    )


@in_house_style
def calinski_davies(tuning: pd.DataFrame, *, chosen: int | None = None) -> np.ndarray:
    """
    Draw Calinski-Harabasz (higher is better) and Davies-Bouldin (lower is better) over K.

    Parameters
    ----------
    tuning
        One row a K, ascending: `k`, `calinski_harabasz`, `davies_bouldin`.
    chosen
        The chosen K, marked.

    Returns
    -------
    ndarray of Axes, shape (2,)

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"k": [2, 3], "calinski_harabasz": [900.0, 700.0], "davies_bouldin": [1.3, 1.2]}
    ... )
    >>> calinski_davies(table)[1].get_title(loc="left")
    'Davies-Bouldin: lower is better'
    >>> plt.close("all")
    """
    _, panels = plt.subplots(1, 2, figsize=(WIDTH, 2.6))
    _score(panels[0], tuning, "calinski_harabasz", best="highest", chosen=chosen)
    panels[0].set_title("Calinski-Harabasz: higher is better", pad=16)
    _score(panels[1], tuning, "davies_bouldin", best="lowest", chosen=chosen)
    panels[1].set_title("Davies-Bouldin: lower is better", pad=16)
    return panels


def calinski_davies_caption(tuning: pd.DataFrame) -> str:
    """
    Say which K each index prefers.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"k": [2, 3], "calinski_harabasz": [900.0, 700.0], "davies_bouldin": [1.3, 1.2]}
    ... )
    >>> calinski_davies_caption(table)
    'Calinski-Harabasz prefers K = 2, Davies-Bouldin prefers K = 3.'
    """
    one = int(extreme(tuning, "calinski_harabasz")["k"])
    other = int(extreme(tuning, "davies_bouldin", least=True)["k"])
    if one == other:
        return f"Calinski-Harabasz and Davies-Bouldin both prefer K = {one}."
    return f"Calinski-Harabasz prefers K = {one}, Davies-Bouldin prefers K = {other}."


def calinski_davies_alt(tuning: pd.DataFrame, *, chosen: int | None = None) -> str:
    """Describe both curves by all their values."""
    return sentence(
        f"Two line charts over K{_marked(chosen)};",
        f"Calinski-Harabasz: {_curve(tuning, 'calinski_harabasz', digits=0)};",
        f"Davies-Bouldin: {_curve(tuning, 'davies_bouldin')}",
    )


@in_house_style
def gap(tuning: pd.DataFrame, *, chosen: int | None = None) -> Axes:
    """
    Draw the gap statistic over K with its standard errors (Tibshirani, Walther and Hastie 2001).

    Parameters
    ----------
    tuning
        One row a K, ascending: `k` (1 may be among them), `gap`, `gap_se`; rows without a gap
        are left out.
    chosen
        The chosen K, marked.

    Returns
    -------
    Axes
        The K of the rule, `helpers.selection.gap.preferred`, is labelled.

    Examples
    --------
    >>> table = pd.DataFrame({"k": [1, 2], "gap": [0.9, 0.8], "gap_se": [0.01, 0.01]})
    >>> [text.get_text() for text in gap(table).texts]
    ['K = 1 by the rule']
    >>> plt.close("all")
    """
    known = tuning.dropna(subset=["gap"])
    _, axes = plt.subplots(figsize=(WIDTH, 2.7))
    mark_chosen(axes, chosen)
    k, value = known["k"].to_numpy(), rounded(known["gap"])
    axes.errorbar(
        k,
        value,
        yerr=rounded(known["gap_se"].fillna(0.0)),
        color=palette.ACCENT,
        marker="o",
        capsize=3,
        elinewidth=1.2,
    )
    rule = preferred(tuning)
    if rule is not None:
        at = float(value[k == rule][0])
        axes.plot([rule], [at], "o", ms=11, mfc="none", mec=palette.SEGMENT_COLOURS[1], mew=1.8)
        axes.annotate(
            f"K = {rule} by the rule",
            (rule, at),
            xytext=(9, 8),
            textcoords="offset points",
            fontsize=SMALL,
            color=palette.SEGMENT_COLOURS[1],
        )
    k_axis(axes, [int(one) for one in k])
    count_axis(axes, "y", most=5)
    axes.margins(y=0.2)
    axes.set_ylabel("gap (± 1 standard error)")
    return axes


def gap_caption(tuning: pd.DataFrame) -> str:
    """
    Say which K the rule picks, and that 1 means no clusters against the reference.

    Examples
    --------
    >>> gap_caption(pd.DataFrame({"k": [1, 2], "gap": [0.9, 0.8], "gap_se": [0.01, 0.01]}))
    'The gap statistic prefers K = 1: on a uniform reference the table is no more clustered than \
a uniform box.'
    """
    rule = preferred(tuning)
    if rule is None:
        return "No gap is known."
    if rule == 1:
        return (
            "The gap statistic prefers K = 1: on a uniform reference the table is no more clustered"
            " than a uniform box."
        )
    known = tuning.dropna(subset=["gap"])
    if rule == int(known["k"].max()):
        return (
            f"The gap, on a uniform reference, still rises at K = {rule}, the end of the range: it"
            " names no K inside."
        )
    return (
        f"The gap statistic prefers K = {rule}: the smallest K within a standard error of the"
        " highest gap of the whole curve, on a uniform reference."
    )


def gap_alt(tuning: pd.DataFrame, *, chosen: int | None = None) -> str:
    """Describe the curve by all its values and its largest standard error."""
    known = tuning.dropna(subset=["gap"])
    return sentence(
        f"Line chart of the gap statistic over K{_marked(chosen)}: {_curve(known, 'gap')};",
        f"standard errors of at most {number(known['gap_se'].max())}",
    )


@in_house_style
def stability(
    clusters: pd.DataFrame,
    *,
    thresholds: Sequence[float] = (0.60, 0.75, 0.85),
    chosen: int | None = None,
) -> Axes:
    """
    Draw the stability of every cluster over K, and the line of the least stable ones.

    Parameters
    ----------
    clusters
        One row a cluster of each K: `k`, `jaccard` (mean Jaccard similarity over resamples, 0 to
        1; Hennig 2007).
    thresholds
        Values at which a line is drawn: from these on a cluster is doubtful, stable, highly
        stable.
    chosen
        The chosen K, marked.

    Returns
    -------
    Axes

    Examples
    --------
    >>> clusters = pd.DataFrame({"k": [2, 2, 3, 3, 3], "jaccard": [0.9, 0.8, 0.9, 0.7, 0.6]})
    >>> stability(clusters).lines[-1].get_ydata().tolist()
    [0.8, 0.6]
    >>> plt.close("all")
    """
    _, axes = plt.subplots(figsize=(WIDTH, 3.0))
    mark_chosen(axes, chosen)
    for threshold in thresholds:
        axes.axhline(threshold, color=palette.AXIS, linestyle=(0, (4, 3)), linewidth=1.0)
        axes.annotate(
            decimals(threshold),
            (1.0, threshold),
            xycoords=axes.get_yaxis_transform(),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=palette.MUTED,
            annotation_clip=False,
        )
    values = rounded(clusters["jaccard"])
    axes.plot(
        clusters["k"].to_numpy(),
        values,
        "o",
        color=palette.QUIET,
        markersize=4.5,
        markeredgecolor=palette.PAPER,
        markeredgewidth=0.5,
        label="one cluster",
    )
    least = clusters.assign(jaccard=values).groupby("k")["jaccard"].min()
    axes.plot(
        least.index.to_numpy(),
        least.to_numpy(),
        marker="D",
        color=palette.ACCENT,
        label="least stable cluster",
    )
    k_axis(axes, [int(k) for k in least.index])
    axes.set_ylim(min(0.4, float(values.min()) - 0.05), 1.02)
    count_axis(axes, "y", most=6)
    axes.grid(visible=False)
    axes.set_ylabel("mean Jaccard over resamples")
    axes.legend(loc="lower left")
    return axes


def stability_caption(clusters: pd.DataFrame, *, stable_at: float = 0.75) -> str:
    """
    Say up to which K every cluster is stable, and the least stable cluster after it.

    Examples
    --------
    >>> clusters = pd.DataFrame({"k": [2, 2, 3, 3, 3], "jaccard": [0.9, 0.8, 0.9, 0.7, 0.6]})
    >>> stability_caption(clusters)
    'Every segment is stable (Jaccard of 0.75 or more) at K = 2; at K = 3 the least stable one has \
0.60.'
    """
    least = clusters.groupby("k")["jaccard"].min()
    stable = [int(k) for k in least.index[least >= stable_at]]
    if not stable:
        nearest = int(least.index[int(least.argmax())])
        return (
            f"At no K is every segment stable (Jaccard of {decimals(stable_at)} or more); the"
            f" nearest is K = {nearest}, where the least stable one has"
            f" {decimals(float(least.max()))}."
        )
    after = [int(k) for k in least.index if k > max(stable)]
    text = (
        f"Every segment is stable (Jaccard of {decimals(stable_at)} or more) at K ="
        f" {listing([str(k) for k in stable])}"
    )
    if after:
        text += f"; at K = {after[0]} the least stable one has {decimals(float(least[after[0]]))}"
    return text + "."


def stability_alt(clusters: pd.DataFrame, *, chosen: int | None = None) -> str:
    """Describe the line of the least stable clusters by all its values."""
    least = clusters.groupby("k")["jaccard"].min().reset_index()
    return sentence(
        f"Dots of the Jaccard stability of every cluster over K{_marked(chosen)}, with a line"
        f" through the least stable: {_curve(least, 'jaccard')}"
    )


@in_house_style
def optima(audit: pd.DataFrame, *, near: float = 1e-4, chosen: int | None = None) -> Axes:
    """
    Draw in how many local optima the restarts of each K ended, and how much worse these are.

    Parameters
    ----------
    audit
        One row a restart: `k`, `inertia` it ended in, `best` inertia known.
    near
        Relative difference up to which a restart counts as having found the best.
    chosen
        The chosen K, marked.

    Returns
    -------
    Axes
        One dot for each distinct optimum, larger where more restarts ended there; the share of
        restarts that found the best is printed above each K.

    Examples
    --------
    >>> audit = pd.DataFrame({"k": [2, 2, 3, 3], "inertia": [10.0, 10.0, 8.0, 8.4]})
    >>> audit["best"] = [10.0, 10.0, 8.0, 8.0]
    >>> [text.get_text() for text in optima(audit).texts]
    ['2 of 2', '1 of 2']
    >>> plt.close("all")
    """
    found = _audited(audit, near)
    dots = found.groupby(["k", "excess"], as_index=False).agg(count=("inertia", "size"))
    figure, axes = plt.subplots(figsize=(WIDTH, 3.0))
    mark_chosen(axes, chosen)
    share = dots["count"] / dots.groupby("k")["count"].transform("sum")
    best = (dots["excess"] == 0).to_numpy()
    for chosen_dots, colour, name in (
        (~best, palette.SEGMENT_COLOURS[1], "another local optimum"),
        (best, palette.ACCENT, "the best found"),
    ):
        axes.scatter(
            dots["k"][chosen_dots],
            rounded(dots["excess"][chosen_dots]),
            s=12 + 90 * rounded(share[chosen_dots], 3),
            color=colour,
            marker="o",
            edgecolors=palette.PAPER,
            linewidths=0.6,
            label=name,
            zorder=3,
        )
    ks = sorted(int(k) for k in found["k"].unique())
    top = float(dots["excess"].max())
    for row in records(_restarts(found)):
        axes.text(
            row["k"],
            max(top, 0.002) * 1.22,
            f"{row['best']} of {row['restarts']}",
            ha="center",
            va="center",
            fontsize=SMALL if len(ks) <= 9 else 7.0,
            color=palette.MUTED,
        )
    k_axis(axes, ks)
    percent_axis(axes, "y", most=5)
    axes.set_ylim(-0.08 * max(top, 0.002), max(top, 0.002) * 1.35)
    axes.set_ylabel("inertia above the best")
    figure.legend(loc="outside lower center", ncols=2)
    return axes


def optima_caption(audit: pd.DataFrame, *, near: float = 1e-4) -> str:
    """
    Say where the restarts agree, and where the best solution was hardest to find.

    Examples
    --------
    >>> audit = pd.DataFrame({"k": [2, 2, 3, 3], "inertia": [10.0, 10.0, 8.0, 8.4]})
    >>> audit["best"] = [10.0, 10.0, 8.0, 8.0]
    >>> optima_caption(audit)
    'Every restart ended in the best solution at K = 2; it was hardest to find at K = 3 (1 of 2 \
restarts), where others end up to 5% above it.'
    """
    found = _audited(audit, near)
    table = _restarts(found)
    sure = [str(int(k)) for k in table.loc[table["best"] == table["restarts"], "k"]]
    if len(sure) == len(table):
        return "At every K, every restart ended in the same best solution."
    table = table.assign(rate=table["best"] / table["restarts"])
    worst = extreme(table, "rate", least=True)
    ks = [int(k) for k in table.loc[table["rate"] == worst["rate"], "k"]]
    excess = float(found.loc[found["k"].isin(ks), "excess"].max())
    hard = (
        f"hardest to find at K = {listing([str(k) for k in ks])} ({worst['best'] or 'none'} of"
        f" {plural(worst['restarts'], 'restart')}), where others end up to {percent(excess)}"
        " above it."
    )
    if not sure:
        return f"The best solution was {hard}"
    return f"Every restart ended in the best solution at K = {listing(sure)}; it was {hard}"


def optima_alt(audit: pd.DataFrame, *, near: float = 1e-4) -> str:
    """Describe how many restarts of each K found the best."""
    said = [
        f"K = {int(row['k'])}: {row['best']} of {row['restarts']}"
        for row in records(_restarts(_audited(audit, near)))
    ]
    return sentence(
        "Dots of the local optima of each K by their inertia above the best found; restarts that"
        " found the best, by",
        ", ".join(said),
    )


@in_house_style
def votes(ballot: pd.DataFrame, *, chosen: int | None = None) -> Axes:
    """
    Draw which K each criterion recommends.

    Parameters
    ----------
    ballot
        One row a criterion, in the order to draw: `criterion` (in words, with its metric), `k`
        (the K that it recommends, missing where it recommends none).
    chosen
        The chosen K, marked.

    Returns
    -------
    Axes
        Votes for the chosen K in blue, others in orange with another marker.

    Examples
    --------
    >>> ballot = pd.DataFrame({"criterion": ["elbow", "gap"], "k": [4, None]})
    >>> [text.get_text() for text in votes(ballot, chosen=4).texts if text.get_text() != "chosen"]
    ['K = 4', 'none']
    >>> plt.close("all")
    """
    rows = records(ballot)
    ks = [int(row["k"]) for row in rows if pd.notna(row["k"])]
    if chosen is not None:
        ks.append(chosen)
    low, high = (min(ks), max(ks)) if ks else (1, 2)
    _, axes = plt.subplots(figsize=(WIDTH, 1.0 + 0.32 * len(rows)))
    mark_chosen(axes, chosen)
    for place, row in enumerate(rows):
        if pd.isna(row["k"]):
            axes.text(low, place, "none", ha="center", va="center", color=palette.MUTED)
            continue
        k = int(row["k"])
        agrees = k == chosen or chosen is None
        axes.plot(
            [k],
            [place],
            marker="o" if agrees else "s",
            color=palette.ACCENT if agrees else palette.SEGMENT_COLOURS[1],
            markersize=8,
        )
        axes.annotate(
            f"K = {k}",
            (k, place),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
        )
    k_axis(axes, range(low, high + 1))
    axes.set_xlim(low - 0.6, high + 0.9)
    axes.set_yticks(range(len(rows)), labels=[str(row["criterion"]) for row in rows])
    axes.tick_params(axis="y", labelcolor=palette.INK)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    bare(axes, grid="x")
    return axes


def votes_caption(ballot: pd.DataFrame, *, chosen: int) -> str:
    """
    Count the criteria that agree with the choice.

    Examples
    --------
    >>> ballot = pd.DataFrame({"criterion": ["elbow", "gap"], "k": [4, 1]})
    >>> votes_caption(ballot, chosen=4)
    '1 of 2 criteria recommends the chosen K = 4; the others recommend K = 1.'
    """
    given = ballot["k"].dropna().astype(int)
    agree = int((given == chosen).sum())
    others = sorted(set(given[given != chosen]))
    verb = "recommends" if agree == 1 else "recommend"
    text = f"{agree or 'None'} of {len(ballot)} criteria {verb} the chosen K = {chosen}"
    if others:
        text += f"; the others recommend K = {listing([str(k) for k in others])}"
    missing = len(ballot) - len(given)
    if missing:
        text += f"; {missing} {'recommends' if missing == 1 else 'recommend'} none"
    return text + "."


def votes_alt(ballot: pd.DataFrame, *, chosen: int | None = None) -> str:
    """Describe each vote."""
    said = [
        f"{row['criterion']}: {'none' if pd.isna(row['k']) else 'K = ' + str(int(row['k']))}"
        for row in records(ballot)
    ]
    return sentence(
        f"Chart of the K that each criterion recommends{_marked(chosen)}.", "; ".join(said)
    )


def _score(
    axes: Axes,
    tuning: pd.DataFrame,
    column: str,
    *,
    best: str,
    chosen: int | None,
    errors: pd.Series | None = None,
) -> None:
    """Draw one score over K and label its best value."""
    mark_chosen(axes, chosen)
    values = rounded(tuning[column])
    k = tuning["k"].to_numpy()
    axes.plot(k, values, marker="o", color=palette.ACCENT)
    if errors is not None and (errors.fillna(0.0) > 0).any():
        axes.errorbar(k, values, yerr=rounded(errors.fillna(0.0)), fmt="none", capsize=2.5)
    place = int(np.nanargmax(values) if best == "highest" else np.nanargmin(values))
    up = 1 if best == "highest" else -1
    axes.annotate(
        number(float(values[place]), digits=0 if abs(values[place]) >= 100 else 2),
        (k[place], values[place]),
        xytext=(5, 4 * up),
        textcoords="offset points",
        ha="left" if place < len(k) / 2 else "right",
        va="bottom" if up > 0 else "top",
        fontsize=SMALL,
    )
    k_axis(axes, [int(one) for one in k])
    count_axis(axes, "y", most=5)
    axes.margins(y=0.18)


def _at(tuning: pd.DataFrame, column: str, k: int) -> float:
    return float(tuning.loc[tuning["k"] == k, column].iloc[0])


def _curve(tuning: pd.DataFrame, column: str, *, digits: int = 2) -> str:
    """Say a curve point by point."""
    return ", ".join(
        f"{number(float(row[column]), digits=digits)} at K = {int(row['k'])}"
        for row in records(tuning)
        if pd.notna(row[column])
    )


def _marked(chosen: int | None) -> str:
    return f", K = {chosen} marked as chosen" if chosen is not None else ""


def _audited(audit: pd.DataFrame, near: float) -> pd.DataFrame:
    """Put beside each restart how far above the best of its K it ended: 0 where near enough."""
    excess = (audit["inertia"] / audit["best"] - 1.0).round(6)
    return audit.assign(excess=excess.where(excess > near, 0.0))


def _restarts(found: pd.DataFrame) -> pd.DataFrame:
    """Count the restarts of each K, and those that found the best."""
    counted = found.assign(best=(found["excess"] == 0).astype(int), restarts=1)
    return counted.groupby("k", as_index=False)[["best", "restarts"]].sum()
