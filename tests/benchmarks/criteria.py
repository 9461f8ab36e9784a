"""K as each criterion names it by itself, from one sweep: what the rule is held against."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.kmeans.search import Fit, fit_afresh, nearest
from helpers.selection.choice import LEVEL, STABLE_AT, STRENGTH_AT, choose_k, elbow
from helpers.selection.gap import preferred
from helpers.selection.scores import silhouette_samples_squared
from helpers.selection.stability import adjusted_rand, contingency
from helpers.selection.sweep import Tuning

NOISE_LEVELS, NOISE_RUNS, WITHIN = 6, 3, (2, 3, 4, 5)
"""Of Stadion: levels of the noise up to the square root of the number of columns, runs of each,
numbers of clusters tried within a cluster."""


def answers(rows: np.ndarray, tuning: Tuning) -> dict[str, int | None]:
    """K by each criterion; 1 or None where it names no groups."""
    table = tuning.table
    ks = [int(k) for k in table["k"]]

    def best(values: pd.Series) -> int:
        return ks[int(values.to_numpy().argmax())]

    strong = tuning.agreement.loc[tuning.agreement["prediction_strength"] >= STRENGTH_AT, "k"]
    stable = table.loc[table["min_jaccard"] >= STABLE_AT, "k"]
    border = tuning.borders.groupby("k")["p_value"].max()
    parted = [int(k) for k in border.index[border < LEVEL]]
    chosen = choose_k(tuning)
    return {
        "elbow (kneedle)": elbow(ks, table["inertia"].tolist()),
        "silhouette, Euclidean": best(table["silhouette_euclidean"]),
        "silhouette, squared": best(table["silhouette_squared"]),
        "Calinski-Harabasz": best(table["calinski_harabasz"]),
        "Davies-Bouldin": best(-table["davies_bouldin"]),
        "gap, rule of the paper": gap_of_the_paper(tuning.gaps),
        "gap, first-SE-max": gap_at_first_maximum(tuning.gaps),
        "gap, global-SE-max": preferred(tuning.gaps),
        "prediction strength": int(strong.max()) if len(strong) else 1,
        "bootstrap Jaccard": int(stable.max()) if len(stable) else 1,
        "Stadion": stadion(rows, dict(tuning.fits)),
        "composite (mean rank)": best(-composite(tuning)),
        "dip at every border": max(parted, default=1),
        "rule before": rule_before(rows, tuning),
        "rule": chosen.k if chosen.kind == "groups" else 1,
    }


def gap_of_the_paper(gaps: pd.DataFrame) -> int:
    """First K that the next one does not exceed by more than its standard error."""
    k, gap, error = (gaps.sort_values("k")[name].tolist() for name in ("k", "gap", "gap_se"))
    for i in range(len(k) - 1):
        if gap[i] >= gap[i + 1] - error[i + 1]:
            return int(k[i])
    return int(k[-1])


def gap_at_first_maximum(gaps: pd.DataFrame) -> int:
    """Smallest K within one standard error of the first local maximum."""
    k, gap, error = (gaps.sort_values("k")[name].tolist() for name in ("k", "gap", "gap_se"))
    top = next((i for i in range(len(k) - 1) if gap[i] >= gap[i + 1]), len(k) - 1)
    return int(next(k[i] for i in range(top + 1) if gap[i] >= gap[top] - error[top]))


def composite(tuning: Tuning) -> pd.Series:
    """Mean rank of six indexes, 1 for the best: an index of indexes without weights."""
    table = tuning.table
    better = table[["silhouette_euclidean", "silhouette_squared", "calinski_harabasz"]].assign(
        davies_bouldin=-table["davies_bouldin"],
        min_jaccard=table["min_jaccard"],
        prediction_strength=tuning.agreement["prediction_strength"].to_numpy(),
    )
    return better.rank(ascending=False).mean(axis=1)


def stadion(rows: np.ndarray, fits: dict[int, Fit]) -> int:
    """Stability of a partition under noise less that of the best splits of its clusters.

    Mourer, Forest, Lebbah, Azzag and Lacaille (2023), the extended form (noisy rows are given to
    the nearest centre, nothing is refitted), with the maximum over the path of noise levels up to
    where K = 1 is better for all that follow.
    """
    rng = np.random.default_rng(2023)
    levels = np.linspace(0.0, np.sqrt(rows.shape[1]), NOISE_LEVELS + 1)[1:]
    noise = [[rng.uniform(-e, e, rows.shape) for _ in range(NOISE_RUNS)] for e in levels]

    def path(part: np.ndarray, centres: np.ndarray) -> np.ndarray:
        k = len(centres)
        own = nearest(rows[part], centres)
        return np.array(
            [
                np.mean(
                    [
                        adjusted_rand(
                            contingency(own, nearest(rows[part] + one[part], centres), (k, k))
                        )
                        for one in runs
                    ]
                )
                for runs in noise
            ]
        )

    everyone = np.ones(len(rows), bool)
    paths = []
    for k in [1, *fits]:
        labels = np.zeros(len(rows), np.int64) if k == 1 else fits[k].labels
        between = np.ones(NOISE_LEVELS) if k == 1 else path(everyone, fits[k].centres)
        within = np.zeros(NOISE_LEVELS)
        for c in range(k):
            part = labels == c
            distinct = len(np.unique(rows[part], axis=0))
            splits = fit_afresh(rows[part], [m for m in WITHIN if m < distinct], rng=rng)
            inner = [path(part, centres) for centres in splits.values()]
            within += part.mean() * (np.mean(inner, axis=0) if inner else 1.0)
        paths.append(between - within)
    scores = np.array(paths)
    open_levels = np.flatnonzero((scores[1:] > scores[0]).any(axis=0))
    last = int(open_levels[-1]) + 1 if open_levels.size else 1
    return [1, *fits][int(scores[:, : last + 1].max(axis=1).argmax())]


def rule_before(rows: np.ndarray, tuning: Tuning) -> int:
    """The rule that this one replaces: the largest stable K near the best silhouette."""
    table = tuning.table.set_index("k")
    ks = [int(k) for k in table.index]
    nulls: dict[int, list[float]] = {k: [] for k in ks}
    for number in range(6):
        rng = np.random.default_rng([53, number])
        shuffled = np.ascontiguousarray(rng.permuted(rows, axis=0))
        for k, centres in fit_afresh(shuffled, ks, rng=rng).items():
            labels = nearest(shuffled, centres)
            nulls[k].append(float(silhouette_samples_squared(shuffled, labels).mean()))
    above = table["silhouette_squared"] - pd.Series({k: np.mean(v) for k, v in nulls.items()})
    silhouette = table["silhouette_euclidean"]
    good = (
        (table["min_jaccard"] >= STABLE_AT)
        & ((above > 0.05) | (silhouette >= 0.5))
        & (table["smallest_share"] >= 0.01)
    )
    near = good & (silhouette >= 0.75 * silhouette[good].max())
    return int(table.index[near].max()) if near.any() else 1
