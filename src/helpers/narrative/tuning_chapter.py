"""What 02 says beside its pictures, what these are drawn from, and what it hands on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from helpers import words
from helpers.errors import ParamsError
from helpers.kmeans.sampling import sample_rows
from helpers.kmeans.search import Fit
from helpers.preparation.scaling import Scaling
from helpers.selection.choice import Choice
from helpers.selection.scores import silhouette_samples_euclidean
from helpers.selection.sweep import Tuning

MOST_BARS = 5_000
"""Customers in the silhouette plot; of a larger table a sample chosen by its values."""


def pinned(k: int | str, tuned_ks: Sequence[int]) -> int | None:
    """
    The number of segments that the params file asks for.

    Parameters
    ----------
    k : int or str
        A number, or `auto`.
    tuned_ks : sequence of int
        Every K that was tried.

    Returns
    -------
    int or None
        None for `auto`.

    Raises
    ------
    ParamsError
        For anything else, or a number that was not tried.

    Examples
    --------
    >>> pinned("auto", [2, 3]), pinned(3, [2, 3])
    (None, 3)
    """
    if k == "auto":
        return None
    if isinstance(k, bool) or not isinstance(k, int):
        raise ParamsError(f"`k` is {k!r}: expected a whole number, or auto.")
    if k not in tuned_ks:
        raise ParamsError(
            f"`k` is {k}: expected a number from `k_min` to `k_max` "
            f"({min(tuned_ks)} to {max(tuned_ks)} here), or auto."
        )
    return k


def answer(chosen: Choice, *, given: bool) -> str:
    """
    Answer the question of 02.

    Parameters
    ----------
    chosen : Choice
        The number of segments with what speaks for and against it.
    given : bool
        Whether the params file pins the number.

    Returns
    -------
    str
        How many segments, on whose word, and how strong the structure is.
    """
    structure = (
        "there is no structure to speak of"
        if chosen.structure == "none"
        else f"the structure behind them is {chosen.structure}"
    )
    count = words.plural(chosen.k, "segment")
    if given:
        return f"{count}, because the params file asks for them; {structure}."
    if chosen.structure == "none":
        return f"None that stand: {structure}. What follows shows {count}, the least doubtful cut."
    return f"{count}: as many as come back when other customers are drawn; {structure}."


def ballot(votes: pd.DataFrame) -> pd.DataFrame:
    """
    The votes for reading, each criterion with its metric.

    Parameters
    ----------
    votes : pandas.DataFrame
        As `helpers.selection.choice.votes` returns it.

    Returns
    -------
    pandas.DataFrame
        `criterion` (with its metric where two criteria have one name), `metric`, `k`, `reason`.
    """
    twice = votes["criterion"].duplicated(keep=False)
    short = votes["metric"].str.removesuffix(" distance")
    return votes.assign(
        criterion=votes["criterion"].where(~twice, votes["criterion"] + ", " + short)
    )


def sensitivity_table(
    card: pd.DataFrame, names: Mapping[str, str], units: Mapping[str, str]
) -> pd.DataFrame:
    """
    The sensitivity card for reading.

    Parameters
    ----------
    card : pandas.DataFrame
        As `helpers.selection.sensitivity.sensitivity` returns it.
    names, units : mapping of str to str
        Name and unit of each feature.

    Returns
    -------
    pandas.DataFrame
        `instead`, `rows concerned`, `agreement (adjusted Rand)`, `customers who move`,
        `most responsible`.
    """
    rows = []
    for row in card.to_dict("records"):
        responsible = "nobody"
        if row["feature"]:
            name = words.label(row["feature"], names)
            value = words.number(row["value"], units.get(row["feature"]))
            share = words.percent(row["leverage"] / 100)
            responsible = f"{name} of {value} ({share} of all squared deviations)"
        rows.append(
            {
                "instead": row["variant"],
                "rows concerned": words.number(row["changed"]),
                "agreement (adjusted Rand)": f"{row['agreement']:.2f}",
                "customers who move": words.percent(row["moved"]),
                "most responsible": responsible,
            }
        )
    return pd.DataFrame(rows)


def sensitivity_caption(card: pd.DataFrame) -> str:
    """Caption of the sensitivity card: the decision that matters most."""
    worst = card.iloc[int(card["agreement"].to_numpy().argmin())]
    if worst["agreement"] > 0.99:
        return "None of these decisions changes the segments"
    return (
        f"The decision that matters most is {worst['variant']}: with it, "
        f"{words.percent(worst['moved'])} of the customers are in another segment"
    )


def ends_of_restarts(fits: Mapping[int, Fit]) -> pd.DataFrame:
    """
    The inertia that every restart ended in.

    Returns
    -------
    pandas.DataFrame
        `k`, `inertia` that it ended in, `best` inertia of the search: one row a restart.
    """
    return pd.DataFrame(
        [
            {"k": k, "inertia": value, "best": fit.searched}
            for k, fit in sorted(fits.items())
            for value in fit.optima
        ]
    )


def ends_counted(ends: pd.DataFrame) -> pd.DataFrame:
    """
    How many restarts of each K ended in each local optimum.

    Parameters
    ----------
    ends : pandas.DataFrame
        `k`, `inertia`, `best`: one row a restart.

    Returns
    -------
    pandas.DataFrame
        `k`, `inertia`, `restarts`.
    """
    return ends.groupby(["k", "inertia"], as_index=False).agg(restarts=("best", "size"))


def audit_table(audit: pd.DataFrame) -> pd.DataFrame:
    """
    The audit of local optima for reading.

    Parameters
    ----------
    audit : pandas.DataFrame
        Per K: `k`, `inertia`, `found`, `tried`, `confirmed`, `runner_up`, `seed_ari`,
        `seed_starts`.

    Returns
    -------
    pandas.DataFrame
        `K`, `best inertia`, `found again`, `led back`, `next local optimum`, `agreement of
        ordinary runs`.
    """
    gaps = [
        "none met" if not np.isfinite(gap) else f"{100 * gap:.3f}% above"
        for gap in audit["runner_up"]
    ]
    return pd.DataFrame(
        {
            "K": audit["k"],
            "best inertia": audit["inertia"].map("{:,.1f}".format),
            "found again": [
                f"{found} of {words.plural(tried, 'start')}"
                for found, tried in zip(audit["found"], audit["tried"], strict=True)
            ],
            "led back": audit["confirmed"],
            "next local optimum": gaps,
            "agreement of ordinary runs": audit["seed_ari"].map("{:.2f}".format),
        }
    )


def audit_caption(audit: pd.DataFrame) -> str:
    """Caption of the audit: where the usual ten starts begin to disagree."""
    apart = audit.loc[audit["seed_ari"] < 0.99, "k"]
    if apart.empty:
        return "Ordinary runs with other seeds find the same segments for every K"
    worst = audit.iloc[int(audit["seed_ari"].to_numpy().argmin())]
    return (
        f"From K = {int(apart.iloc[0])} on, ordinary runs with other seeds find other segments; "
        f"they agree least at K = {int(worst['k'])} (adjusted Rand index {worst['seed_ari']:.2f})"
    )


def null_table(tuned: Tuning) -> pd.DataFrame:
    """
    Silhouettes of the customers beside those of shuffled columns.

    Returns
    -------
    pandas.DataFrame
        `K`, `customers`, `shuffled columns`, `difference in deviations`.
    """
    merged = tuned.table[["k", "silhouette_squared"]].merge(
        tuned.null[["k", "silhouette_squared", "silhouette_sd"]], on="k", suffixes=("", "_null")
    )
    spread = merged["silhouette_sd"].where(merged["silhouette_sd"] > 0)
    return pd.DataFrame(
        {
            "K": merged["k"],
            "customers": merged["silhouette_squared"],
            "shuffled columns": merged["silhouette_squared_null"],
            "difference in deviations": (
                (merged["silhouette_squared"] - merged["silhouette_squared_null"]) / spread
            ),
        }
    )


def null_caption(tuned: Tuning, k: int) -> str:
    """Caption of the comparison with shuffled columns, for the chosen K."""
    table = null_table(tuned).set_index("K").loc[k]
    tables = int(tuned.null["tables"].iloc[0])
    return (
        f"At K = {k} the silhouette (squared Euclidean, scaled features) is "
        f"{table['customers']:.3f}; on {words.plural(tables, 'table')} with shuffled columns it is "
        f"{table['shuffled columns']:.3f}"
    )


def agreement_table(tuned: Tuning) -> pd.DataFrame:
    """
    Agreement between resamples and between halves, for reading.

    Returns
    -------
    pandas.DataFrame
        `K`, `least stable segment`, `agreement of resamples`, `customers who move`,
        `prediction strength`.
    """
    merged = tuned.agreement.merge(tuned.table[["k", "min_jaccard"]], on="k")
    return pd.DataFrame(
        {
            "K": merged["k"],
            "least stable segment (Jaccard)": merged["min_jaccard"],
            "agreement of resamples (adjusted Rand)": merged["resample_ari"],
            "customers who move in a resample": merged["moved"].map(words.percent),
            "prediction strength": merged["prediction_strength"],
        }
    )


def agreement_caption(tuned: Tuning, k: int) -> str:
    """Caption of the agreement table, for the chosen K."""
    moved = float(tuned.agreement.loc[tuned.agreement["k"] == k, "moved"].iloc[0])
    resamples = int(tuned.stability["resamples"].iloc[0])
    return (
        f"At K = {k}, {words.percent(moved)} of the customers change segment in the average "
        f"of {words.plural(resamples, 'resample')}"
    )


def scores_table(scores: pd.DataFrame) -> pd.DataFrame:
    """
    The columns of `tuning.csv` for reading, each with its metric in words.

    Parameters
    ----------
    scores : pandas.DataFrame
        As `tuning.Tuning.table`.

    Returns
    -------
    pandas.DataFrame
        One row a K, texts.
    """
    forms: dict[str, tuple[str, Callable[[Any], str]]] = {
        "k": ("K", str),
        "inertia": ("inertia", "{:,.1f}".format),
        "silhouette_euclidean": ("silhouette, Euclidean", "{:.3f}".format),
        "silhouette_squared": ("silhouette, squared Euclidean", "{:.3f}".format),
        "calinski_harabasz": ("Calinski-Harabasz", "{:,.1f}".format),
        "davies_bouldin": ("Davies-Bouldin", "{:.3f}".format),
        "gap": ("gap", "{:.3f}".format),
        "gap_se": ("gap, standard error", "{:.3f}".format),
        "min_jaccard": ("least Jaccard", "{:.3f}".format),
        "seed_ari": ("agreement of seeds", "{:.3f}".format),
        "smallest_share": ("smallest share", words.percent),
    }
    return pd.DataFrame(
        {
            title: [form(value) if pd.notna(value) else None for value in scores[name]]
            for name, (title, form) in forms.items()
        }
    )


def scores_caption(scores: pd.DataFrame, k: int) -> str:
    """Caption of all scores: the silhouette and the inertia of the chosen K."""
    row = scores.loc[scores["k"] == k].iloc[0]
    return (
        f"At K = {k} the silhouette (Euclidean) is {row['silhouette_euclidean']:.2f} and the "
        f"inertia {row['inertia']:,.0f}"
    )


def silhouette_bars(matrix: np.ndarray, segments: pd.Series) -> pd.DataFrame:
    """
    Silhouette of each customer (Euclidean, scaled features), or of a sample of them.

    Parameters
    ----------
    matrix : numpy.ndarray
        Shape (n, d), the scaled features.
    segments : pandas.Series
        Shape (n,), 1 to K.

    Returns
    -------
    pandas.DataFrame
        `segment`, `silhouette`.
    """
    numbers = segments.to_numpy(dtype=np.int64)
    rows = np.arange(len(numbers))
    if len(rows) > MOST_BARS:
        rows = sample_rows(matrix, MOST_BARS)
    shown = silhouette_samples_euclidean(matrix[rows], numbers[rows])
    return pd.DataFrame({"segment": numbers[rows], "silhouette": shown})


def bars_by_segment(bars: pd.DataFrame) -> pd.DataFrame:
    """
    Mean silhouette and share of misplaced customers of each segment.

    Returns
    -------
    pandas.DataFrame
        `segment`, `mean silhouette`, `nearer to another segment` (share).
    """
    grouped = bars.groupby("segment")["silhouette"]
    return pd.DataFrame(
        {
            "mean silhouette": grouped.mean().map("{:.3f}".format),
            "nearer to another segment": grouped.agg(lambda one: (one < 0).mean()).map(
                words.percent
            ),
        }
    ).reset_index()


def centres_and_sizes(matrix: np.ndarray, segments: pd.Series) -> tuple[np.ndarray, pd.DataFrame]:
    """
    Centres in the scaled space and sizes, in the order of the segment numbers.

    Returns
    -------
    numpy.ndarray
        Shape (K, d).
    pandas.DataFrame
        `segment`, `n`.
    """
    numbers = segments.to_numpy(dtype=np.int64)
    known = np.unique(numbers)
    centres = np.array([matrix[numbers == one].mean(axis=0) for one in known])
    sizes = [int((numbers == one).sum()) for one in known]
    return centres, pd.DataFrame({"segment": known, "n": sizes})


def handoff(tuned: Tuning, scaling: Scaling, chosen: Choice) -> dict[str, Any]:
    """
    What 02 hands on: the choice, the way into the scaled space, the centres, their stability.

    Returns
    -------
    dict
        Ready for JSON; a missing bound is null.
    """
    bounds = {
        name: [None if isinstance(one, float) and not np.isfinite(one) else one for one in values]
        for name, values in asdict(scaling).items()
    }
    clusters = tuned.stability[tuned.stability["k"] == chosen.k]
    scores = tuned.table[tuned.table["k"] == chosen.k].drop(columns="k").iloc[0].to_dict()
    return {
        "k": chosen.k,
        "structure": chosen.structure,
        "reasons": list(chosen.reasons),
        "against": list(chosen.against),
        "scores": {str(name): float(value) for name, value in scores.items()},
        "scaling": bounds,
        "centres": tuned.fits[chosen.k].centres.tolist(),
        "stability": [
            {
                "cluster": int(row["cluster"]),
                "jaccard": float(row["jaccard"]),
                "jaccard_low": float(row["jaccard_low"]),
                "jaccard_high": float(row["jaccard_high"]),
            }
            for row in clusters.to_dict("records")
        ],
    }
