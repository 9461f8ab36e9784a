"""Which K to take, in words that follow from the values.

The rule. A K is *tenable* if every cluster comes back when the customers are drawn anew, no cluster
is smaller than the floor, and the silhouette is above that of shuffled columns (or so high that the
groups stand apart by themselves: groups on a grid survive the shuffling of columns). Of the
tenable K the largest is taken whose silhouette is still near the best of them: detail is worth
having as long as it is stable and costs little separation. If no K is tenable, the most stable
one is taken, and it is said that there is no structure to speak of.

On 29 labelled tables made from published descriptions (the slow tests hold a part of them) the rule
finds the labelled K in 26, the highest silhouette in 21. Its thresholds do not sit next to a
value there: a stability of 0.75 to 0.85 changes one table, a nearness of 0.75 to 0.85 another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers.errors import ClusteringError
from helpers.selection.gap import preferred
from helpers.selection.sweep import Tuning

STRENGTH_AT = 0.8
"""Prediction strength from which a K is supported (Tibshirani and Walther 2005)."""

STABLE_AT = 0.75
"""Jaccard similarity from which a cluster counts as stable (Hennig 2007)."""

NEAR_BEST = 0.75
"""Share of the best tenable silhouette that a finer segmentation must keep."""

ABOVE_NULL = 0.05
"""Squared silhouette by which a K must exceed shuffled columns to show any structure."""

SIZE_FLOOR = 0.01
"""Share of the rows that the smallest cluster must hold."""

STRONG, CLEAR, WEAK = 0.7, 0.5, 0.25
"""Euclidean silhouettes from which structure is called strong, clear, weak (Kaufman and
Rousseeuw 1990)."""


@dataclass(frozen=True)
class Choice:
    """A number of clusters and what speaks for and against it.

    Attributes
    ----------
    k : int
        The number of clusters.
    reasons : tuple of str
        Sentences that speak for it.
    against : tuple of str
        Sentences that speak against it; never empty.
    structure : str
        "strong", "clear", "weak" or "none": how much the table is made of groups at all.
    evidence : DataFrame
        Per K: `k`, `min_jaccard`, `silhouette_euclidean`, `above_null` (squared silhouette less
        that of shuffled columns), `smallest_share`, and the checks `stable`, `above`, `large`,
        `tenable`, `near_best`.
    warning : str
        What a reader of a pinned K must know; empty if nothing.
    """

    k: int
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    structure: str
    evidence: pd.DataFrame = field(repr=False)
    warning: str = ""


def elbow(ks: list[int], values: list[float]) -> int | None:
    """K at the elbow of a falling curve, as yellowbrick's ``KElbowVisualizer`` draws it.

    Parameters
    ----------
    ks : list of int
        Numbers of clusters, ascending.
    values : list of float
        Inertia of each.

    Returns
    -------
    int or None
        The K where the normalised curve is farthest below the straight line between its ends,
        if it is an elbow by the kneedle rule with sensitivity 1; else None.

    References
    ----------
    Satopaa, Albrecht, Irwin and Raghavan (2011), Finding a "kneedle" in a haystack.

    Examples
    --------
    >>> elbow([2, 3, 4, 5, 6], [100.0, 50.0, 20.0, 15.0, 12.0])
    4
    """
    if len(ks) < 3 or max(values) == min(values):
        return None
    x = (np.array(ks, float) - ks[0]) / (ks[-1] - ks[0])
    y = np.array(values, float)
    below = (y.max() - y) / (y.max() - y.min()) - x
    step = float(np.diff(x).mean())
    threshold, candidate = 0.0, -1
    for i in range(len(ks) - 1):
        left = below[max(i - 1, 0)]
        if below[i] >= left and below[i] >= below[i + 1]:
            threshold, candidate = float(below[i]) - step, i
        if below[i] <= left and below[i] <= below[i + 1]:
            threshold = 0.0
        if candidate >= 0 and below[i + 1] < threshold:
            return ks[candidate]
    return None


def _evidence(tuning: Tuning, size_floor: float, stable_at: float) -> pd.DataFrame:
    """Judge each K by the checks of the rule."""
    table = tuning.table
    null = tuning.null.set_index("k")["silhouette_squared"].reindex(table["k"]).to_numpy()
    features = next(iter(tuning.fits.values())).centres.shape[1]
    above = table["silhouette_squared"].to_numpy() - null
    frame = pd.DataFrame(
        {
            "k": table["k"],
            "min_jaccard": table["min_jaccard"].fillna(0.0),
            "silhouette_euclidean": table["silhouette_euclidean"],
            # A single column cannot be told from itself shuffled: then nothing is compared.
            "above_null": above if features > 1 else np.nan,
            "smallest_share": table["smallest_share"],
        }
    )
    frame["stable"] = frame["min_jaccard"] >= stable_at
    apart = frame["silhouette_euclidean"] >= CLEAR
    frame["above"] = (frame["above_null"] > ABOVE_NULL) | apart | (features == 1)
    frame["large"] = frame["smallest_share"] >= size_floor
    frame["tenable"] = frame["stable"] & frame["above"] & frame["large"]
    best = frame.loc[frame["tenable"], "silhouette_euclidean"].max()
    frame["near_best"] = frame["silhouette_euclidean"] >= NEAR_BEST * best
    return frame


def _structure(evidence: pd.DataFrame) -> str:
    tenable = evidence.loc[evidence["tenable"], "silhouette_euclidean"]
    if tenable.empty:
        return "none"
    best = float(tenable.max())
    if best >= STRONG:
        return "strong"
    return "clear" if best >= CLEAR else "weak"


def choose_k(
    tuning: Tuning, *, size_floor: float = SIZE_FLOOR, stable_at: float = STABLE_AT
) -> Choice:
    """Choose the number of clusters by the rule at the top of this module.

    Parameters
    ----------
    tuning : Tuning
        The sweep.
    size_floor : float
        Share of the rows that the smallest cluster must hold.
    stable_at : float
        Jaccard similarity from which a cluster counts as stable, 0 to 1.

    Returns
    -------
    Choice

    Raises
    ------
    ClusteringError
        If the sweep holds no K.

    Examples
    --------
    >>> from helpers.selection.sweep import tune
    >>> rng = np.random.default_rng(0)
    >>> table = np.vstack([rng.normal(c, 0.2, (20, 2)) for c in ((0, 0), (3, 0), (0, 3))])
    >>> choice = choose_k(tune(table, k_max=5, random_state=0, resamples=20, references=3))
    >>> choice.k, choice.structure
    (3, 'strong')
    """
    if tuning.table.empty:
        raise ClusteringError("The sweep holds no K to choose from: widen `k_min` to `k_max`.")
    evidence = _evidence(tuning, size_floor, stable_at)
    good = evidence[evidence["tenable"] & evidence["near_best"]]
    if not good.empty:
        k = int(good["k"].max())
    else:
        large = evidence[evidence["large"]]
        pool = evidence if large.empty else large
        k = int(pool.sort_values(["min_jaccard", "k"], ascending=[False, True])["k"].iloc[0])
    return _judged(tuning, k, evidence, size_floor, stable_at, pinned=False)


def judge_k(
    tuning: Tuning, k: int, *, size_floor: float = SIZE_FLOOR, stable_at: float = STABLE_AT
) -> Choice:
    """Give a pinned number of clusters the evidence that a chosen one gets.

    Parameters
    ----------
    tuning : Tuning
        The sweep.
    k : int
        The pinned number.
    size_floor, stable_at : float
        As in `choose_k`.

    Returns
    -------
    Choice
        With a `warning` where a check fails or the rule would take another K.

    Raises
    ------
    ClusteringError
        If the sweep does not cover `k`.

    Examples
    --------
    >>> from helpers.selection.sweep import tune
    >>> rng = np.random.default_rng(0)
    >>> table = np.vstack([rng.normal(c, 0.2, (20, 2)) for c in ((0, 0), (3, 0), (0, 3))])
    >>> tuning = tune(table, k_max=5, random_state=0, resamples=20, references=3)
    >>> judge_k(tuning, 3).warning
    ''
    """
    ks = tuning.table["k"].tolist()
    if k not in ks:
        raise ClusteringError(
            f"`k` is {k}, but the sweep covers {min(ks)} to {max(ks)}: "
            "widen `k_min` to `k_max`, or pin a number inside."
        )
    evidence = _evidence(tuning, size_floor, stable_at)
    return _judged(tuning, int(k), evidence, size_floor, stable_at, pinned=True)


def _judged(
    tuning: Tuning,
    k: int,
    evidence: pd.DataFrame,
    size_floor: float,
    stable_at: float,
    *,
    pinned: bool,
) -> Choice:
    """Put the checks of one K into sentences."""
    row = _row(evidence, k)
    clusters = tuning.stability[tuning.stability["k"] == k]
    count = int(clusters["resamples"].max()) if len(clusters) else 0
    structure = _structure(evidence)
    low = row["min_jaccard"]
    reasons, against = [], []
    came_back = (
        f"over {count} fresh draws of the customers the least stable of the {k} segments keeps "
        f"{low:.0%} of its make-up on average (Jaccard similarity {low:.2f}"
    )
    if row["stable"]:
        reasons.append(f"Every segment comes back: {came_back}; {stable_at:.2f} is asked).")
    else:
        shaky = int((clusters["jaccard"] < stable_at).sum())
        noun = "segment does" if shaky == 1 else "segments do"
        against.append(
            f"{shaky} of the {k} {noun} not come back reliably: {came_back}, below the "
            f"{stable_at:.2f} asked)."
        )
    if not np.isnan(row["above_null"]):
        scores = tuning.table.set_index("k")["silhouette_squared"]
        compared = (
            f"the silhouette (squared Euclidean) is {scores[k]:.2f}, against "
            f"{scores[k] - row['above_null']:.2f} where the columns are shuffled and the "
            "features have nothing to do with each other"
        )
        if row["above_null"] > ABOVE_NULL:
            reasons.append(f"The segments are more than chance: {compared}.")
        elif row["above"]:
            reasons.append(
                f"The segments stand apart: the silhouette (Euclidean) is "
                f"{row['silhouette_euclidean']:.2f}. Shuffled columns reach as much, so each "
                "feature falls into groups by itself."
            )
        else:
            against.append(f"The segments are hardly more than chance: {compared}.")
    share = row["smallest_share"]
    if row["large"]:
        reasons.append(f"No segment is too small to act on: the smallest holds {share:.1%}.")
    else:
        against.append(
            f"The smallest segment holds {share:.2%} of the customers, below the floor of "
            f"{size_floor:.1%}: it is rather a few unusual records than a segment."
        )
    silhouette = row["silhouette_euclidean"]
    if silhouette < CLEAR:
        against.append(
            f"Borders are {'soft' if silhouette >= WEAK else 'very soft'}: the silhouette "
            f"(Euclidean) is {silhouette:.2f}, and well separated groups reach {CLEAR:.2f}; many "
            "customers lie between two segments."
        )
    against += _rivals(evidence, k)
    if not against:
        against.append("Nothing that was measured speaks against it.")
    return Choice(
        k=k,
        reasons=tuple(reasons),
        against=tuple(against),
        structure=structure,
        evidence=evidence,
        warning=_warning(evidence, k) if pinned else "",
    )


def _row(evidence: pd.DataFrame, k: int) -> dict[str, Any]:
    """Checks of one K."""
    record = evidence[evidence["k"] == k].to_dict("records")[0]
    return {str(name): value for name, value in record.items()}


def _rivals(evidence: pd.DataFrame, k: int) -> list[str]:
    """What another K would have done better."""
    row = _row(evidence, k)
    sentences: list[str] = []
    others = evidence[evidence["tenable"] & (evidence["k"] != k)]
    if others.empty:
        return sentences
    rival = int(
        others.sort_values(["silhouette_euclidean", "k"], ascending=[False, True])["k"].iloc[0]
    )
    better = _row(evidence, rival)["silhouette_euclidean"]
    if better > row["silhouette_euclidean"]:
        sentences.append(
            f"{rival} segments are farther apart (silhouette, Euclidean, {better:.2f} against "
            f"{row['silhouette_euclidean']:.2f}){', but tell less apart' if rival < k else ''}."
        )
    return sentences


def _warning(evidence: pd.DataFrame, k: int) -> str:
    """One sentence about a pinned K, empty if the rule would allow it."""
    row = _row(evidence, k)
    good = evidence[evidence["tenable"] & evidence["near_best"]]
    faults = []
    if not row["stable"]:
        faults.append("not every segment is stable")
    if not row["above"]:
        faults.append("the segments are hardly more than chance")
    if not row["large"]:
        faults.append("a segment is below the size floor")
    advice = "" if good.empty else f" The rule would take {int(good['k'].max())}."
    if faults:
        return f"k = {k} was set by hand, and {' and '.join(faults)}.{advice}"
    if not good.empty and int(good["k"].max()) != k and not row["near_best"]:
        return (
            f"k = {k} was set by hand: its segments are stable, but much less separate than they "
            f"could be.{advice}"
        )
    return ""


def votes(tuning: Tuning, *, stable_at: float = STABLE_AT) -> pd.DataFrame:
    """Which K each criterion recommends by itself.

    Parameters
    ----------
    tuning : Tuning
        The sweep.
    stable_at : float
        As in `choose_k`.

    Returns
    -------
    DataFrame
        `criterion`, `metric` (what is measured, in which distance), `k` (missing where the
        criterion names none), `reason`.

    Examples
    --------
    >>> from helpers.selection.sweep import tune
    >>> rng = np.random.default_rng(0)
    >>> table = np.vstack([rng.normal(c, 0.2, (20, 2)) for c in ((0, 0), (3, 0), (0, 3))])
    >>> frame = votes(tune(table, k_max=5, random_state=0, resamples=20, references=3))
    >>> int((frame["k"] == 3).sum()) > 4
    True
    """
    table = tuning.table
    ks = [int(k) for k in table["k"]]
    at_elbow = elbow(ks, table["inertia"].tolist())
    rows: list[tuple[str, str, int | None, str]] = [
        (
            "elbow",
            "inertia (kneedle, as yellowbrick draws it)",
            at_elbow,
            "more segments bring little beyond here"
            if at_elbow is not None
            else "the curve has no elbow in this range",
        )
    ]
    highest = {
        "silhouette_euclidean": ("silhouette", "Euclidean distance"),
        "silhouette_squared": ("silhouette", "squared Euclidean distance"),
        "calinski_harabasz": ("Calinski-Harabasz", "variance between over variance within"),
    }
    for column, (name, metric) in highest.items():
        k = ks[int(table[column].to_numpy().argmax())]
        rows.append((name, metric, k, f"highest, {table[column].max():.3g}"))
    k = ks[int(table["davies_bouldin"].to_numpy().argmin())]
    lowest = f"lowest, {table['davies_bouldin'].min():.3g}"
    rows.append(("Davies-Bouldin", "width over Euclidean distance", k, lowest))
    gap_k = preferred(tuning.gaps)
    rows.append(
        (
            "gap statistic",
            f"log inertia against {int(tuning.gaps['references'].max())} uniform tables",
            gap_k,
            "no more than one group is supported"
            if gap_k == 1
            else "first K within one standard error of the next",
        )
    )
    stable = table.loc[table["min_jaccard"] >= stable_at, "k"]
    rows.append(
        (
            "stability",
            "Jaccard similarity of the least stable segment",
            int(stable.max()) if len(stable) else None,
            f"largest K whose every segment reaches {stable_at:.2f}"
            if len(stable)
            else f"no K reaches {stable_at:.2f}",
        )
    )
    strength = tuning.agreement
    strong = strength.loc[strength["prediction_strength"] >= STRENGTH_AT, "k"]
    rows.append(
        (
            "prediction strength",
            "pairs kept together by the other half",
            int(strong.max()) if len(strong) else None,
            f"largest K at {STRENGTH_AT:.2f} or more"
            if len(strong)
            else f"no K reaches {STRENGTH_AT:.2f}",
        )
    )
    frame = pd.DataFrame(rows, columns=["criterion", "metric", "k", "reason"])
    return frame.assign(k=frame["k"].astype("Int64"))
