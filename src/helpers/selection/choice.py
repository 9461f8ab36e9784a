"""Which K to take: frames and values; `helpers.narrative.tuning_chapter` puts them into words.

The rule answers two questions. *Is there more than one group?* There is, if for some K a valley
lies at every border between two clusters (Hartigan's dip, see `unimodality`), or if for some K
whose clusters all come back the silhouette exceeds what tables with the same columns and the same
correlations reach without any group (see `null_model`). A cloud without groups, however skewed,
passes neither but by the chance that the tests leave.

*How many?* A K is **admissible** if all of its clusters come back when the customers are drawn
anew, none is smaller than the floor, and it shows structure in one of the two ways.

1. Where a valley lies at every border of an admissible K and none within its clusters, its
   clusters are groups: the largest such K is taken, or a finer admissible one that exceeds its
   null by clearly more (groups that overlap have no valley between them).
2. Otherwise groups overlap, and of the admissible K the one with the highest silhouette is taken,
   but not fewer clusters than valleys show; and while a cluster of it still holds a valley, the
   next larger admissible K whose halves predict each other.
3. Without structure the fewest clusters are taken that come back as well as any: slices of one
   cloud.

Constants are levels of tests or come from the literature; no draw depends on the seed of the run.
docs/criteria.md holds the rule against every single criterion, family by family.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.errors import ClusteringError, ParamsError
from helpers.selection.gap import preferred
from helpers.selection.sweep import Tuning

STRENGTH_AT = 0.8
"""Prediction strength from which a K is supported (Tibshirani and Walther 2005)."""

STABLE_AT = 0.75
"""Jaccard similarity from which a cluster counts as stable (Hennig 2007)."""

LEVEL = 0.005
"""Level of the dip tests: 5 % in all, shared among the ten or so K that a sweep tries."""

SIZE_FLOOR = 0.01
"""Share of the rows that the smallest cluster must hold."""

STRONG, CLEAR, WEAK = 0.7, 0.5, 0.25
"""Euclidean silhouettes from which structure is called strong, clear, weak (Kaufman and
Rousseeuw 1990)."""

ELONGATED = 3.0
"""Times as long as wide from which a cluster is no longer what K-Means takes it for."""


@dataclass(frozen=True)
class Choice:
    """A number of clusters and what was measured about it.

    Attributes
    ----------
    k : int
        The number of clusters.
    recommended : int
        The number that the rule takes; another than `k` only where `k` was fixed by hand.
    structure : str
        "strong", "clear", "weak" or "none": how much the table is made of groups at all.
    kind : str
        "groups" where there are some; else "slices", where a K comes back when the customers
        are drawn anew, so that it cuts one cloud reliably; else "one group".
    basis : str
        What the recommendation rests on: "valleys", "excess", "silhouette" or "stability".
    evidence : DataFrame
        Per K: `k`, `min_jaccard`, `jaccard_se` (of the least stable cluster),
        `prediction_strength`, `silhouette_euclidean`, `excess` (squared silhouette above the
        null's), `threshold` (what it must exceed), `null_sd` (over the null's tables),
        `border_p` (largest p-value of a dip at a border), `split_p` (smallest p-value of a dip
        within a cluster, times K), `smallest_share`, `elongation` (largest of a cluster), and the
        checks `stable`, `doubtful` (stability nearer to its bar than two standard errors),
        `large`, `above` (the null), `apart` (valleys at every border), `whole` (none within),
        `admissible`.
    close_calls : tuple of int
        Other numbers that the rule would take if one stability in doubt came out otherwise.
    fixed : bool
        Whether `k` was fixed by hand.
    """

    k: int
    recommended: int
    structure: str
    kind: str
    basis: str
    evidence: pd.DataFrame = field(repr=False)
    close_calls: tuple[int, ...] = ()
    fixed: bool = False


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
    """Check each K."""
    if not 0 <= stable_at <= 1:
        raise ParamsError(f"`stable_at` is {stable_at}: expected a Jaccard similarity, 0 to 1.")
    if not 0 <= size_floor < 1:
        raise ParamsError(f"`size_floor` is {size_floor}: expected a share of customers, 0 to 1.")
    table = tuning.table.set_index("k")
    least = tuning.stability.sort_values(["k", "jaccard"]).groupby("k").first()
    null = tuning.null.set_index("k")
    strength = tuning.agreement.set_index("k")["prediction_strength"]
    shapes = tuning.shapes.groupby("k").agg(
        split_p=("split_p", "min"), elongation=("elongation", "max")
    )
    frame = pd.DataFrame(
        {
            "min_jaccard": table["min_jaccard"].fillna(0.0),
            "jaccard_se": least["jaccard_se"],
            "prediction_strength": strength,
            "silhouette_euclidean": table["silhouette_euclidean"],
            "excess": null["excess"],
            "threshold": null["threshold"],
            "null_sd": null["silhouette_sd"],
            "border_p": tuning.borders.groupby("k")["p_value"].max(),
            "split_p": (shapes["split_p"] * shapes.index).clip(upper=1.0),
            "smallest_share": table["smallest_share"],
            "elongation": shapes["elongation"],
        },
        index=table.index,
    )
    frame["stable"] = frame["min_jaccard"] >= stable_at
    error = 2.0 * frame["jaccard_se"].fillna(0.0)
    frame["doubtful"] = (frame["min_jaccard"] - stable_at).abs() < error
    frame["large"] = frame["smallest_share"] >= size_floor
    frame["above"] = frame["excess"] > frame["threshold"]
    frame["apart"] = frame["border_p"] < LEVEL
    frame["whole"] = frame["split_p"] >= LEVEL
    return _admit(frame.rename_axis("k").reset_index())


def _admit(frame: pd.DataFrame) -> pd.DataFrame:
    """Add `admissible` to the checks of each K."""
    sound = frame["stable"] & frame["large"]
    admissible = sound & (frame["above"] | frame["apart"])
    if not admissible.any() and (frame["apart"] & frame["large"]).any():
        # Valleys prove that there are groups, though not at a K whose clusters come back.
        admissible = sound
    return frame.assign(admissible=admissible)


def _close_calls(evidence: pd.DataFrame) -> tuple[int, ...]:
    """Other K that the rule would take if a stability in doubt came out on the other side."""
    others = set()
    for place in evidence.index[evidence["doubtful"]]:
        flipped = evidence.copy()
        flipped.loc[place, "stable"] = not evidence.loc[place, "stable"]
        others.add(_recommended(_admit(flipped))[0])
    return tuple(sorted(others - {_recommended(evidence)[0]}))


def _recommended(evidence: pd.DataFrame) -> tuple[int, str, str]:
    """K by the rule at the top of this module, its basis, and the kind of answer."""
    admissible = evidence[evidence["admissible"]]
    if admissible.empty:
        stable = evidence["stable"] & evidence["large"]
        pool = evidence[evidence["large"]] if evidence["large"].any() else evidence
        best = pool["min_jaccard"].max()
        near = pool["min_jaccard"] + 2.0 * pool["jaccard_se"].fillna(0.0) >= best
        kind = "slices" if stable.any() else "one group"
        return int(pool.loc[near, "k"].min()), "stability", kind
    apart = admissible[admissible["apart"]]
    certain = apart[apart["whole"]]
    if not certain.empty:
        base = certain.iloc[-1]
        error = 3.0 * np.hypot(admissible["null_sd"], base["null_sd"])
        better = admissible["excess"] - base["excess"] > error
        finer = admissible[better & admissible["above"] & (admissible["k"] > base["k"])]
        if finer.empty:
            return int(base["k"]), "valleys", "groups"
        place = int(finer["excess"].to_numpy().argmax())
        return int(finer["k"].iloc[place]), "excess", "groups"
    pool = admissible[admissible["k"] >= (apart["k"].max() if len(apart) else 0)]
    row = pool.iloc[int(pool["silhouette_euclidean"].to_numpy().argmax())]
    finer = pool[(pool["k"] > row["k"]) & (pool["prediction_strength"] >= STRENGTH_AT)]
    taken, done = int(row["k"]), bool(row["whole"])
    for k, whole in zip(finer["k"], finer["whole"], strict=True):
        if not done:
            taken, done = int(k), bool(whole)
    return taken, "silhouette", "groups"


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
    >>> choice.k, choice.structure, choice.basis
    (3, 'strong', 'valleys')
    """
    if tuning.table.empty:
        raise ClusteringError("The sweep holds no K to choose from: widen `k_min` to `k_max`.")
    return _choice(_evidence(tuning, size_floor, stable_at), None)


def judge_k(
    tuning: Tuning, k: int, *, size_floor: float = SIZE_FLOOR, stable_at: float = STABLE_AT
) -> Choice:
    """Give a number of clusters that was fixed by hand the evidence that a chosen one gets.

    Parameters
    ----------
    tuning : Tuning
        The sweep.
    k : int
        The number.
    size_floor, stable_at : float
        As in `choose_k`.

    Returns
    -------
    Choice
        With the number that the rule would take in `recommended`.

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
    >>> judge_k(tuning, 4).recommended
    3
    """
    ks = tuning.table["k"].tolist()
    if k not in ks:
        raise ClusteringError(
            f"`k` is {k}, but the sweep covers {min(ks)} to {max(ks)}: "
            "widen `k_min` to `k_max`, or fix a number inside."
        )
    return _choice(_evidence(tuning, size_floor, stable_at), int(k))


def _choice(evidence: pd.DataFrame, fixed: int | None) -> Choice:
    recommended, basis, kind = _recommended(evidence)
    k = recommended if fixed is None else fixed
    silhouette = float(evidence.set_index("k")["silhouette_euclidean"][recommended])
    structure = "none"
    if kind == "groups":
        structure = "strong" if silhouette >= STRONG else "clear" if silhouette >= CLEAR else "weak"
    return Choice(
        k=k,
        recommended=recommended,
        structure=structure,
        kind=kind,
        basis=basis,
        evidence=evidence,
        close_calls=_close_calls(evidence),
        fixed=fixed is not None,
    )


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
            "no more clustered than a uniform box"
            if gap_k == 1
            else "smallest K within one standard error of the highest gap"
            if gap_k != max(ks)
            else "still rising at the end of the range",
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
