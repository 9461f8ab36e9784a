"""What 02 says beside its pictures, what these are drawn from, and what it hands on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from helpers import words
from helpers.errors import ParamsError
from helpers.kmeans.sampling import sample_rows
from helpers.kmeans.search import CONFIG, Fit
from helpers.preparation.scaling import Scaling
from helpers.selection.choice import CLEAR, ELONGATED, LEVEL, WEAK, Choice
from helpers.selection.scores import silhouette_samples_euclidean
from helpers.selection.sweep import Tuning

LEAST_P = 0.001
"""P-values below this are not told apart in a sentence."""

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


def answer(chosen: Choice) -> str:
    """
    Answer the question of 02.

    Parameters
    ----------
    chosen : Choice
        The number of segments with what was measured about it.

    Returns
    -------
    str
        How many segments, on whose word, whether they are groups or slices, and how sure the
        number is.
    """
    count = words.plural(chosen.k, "segment")
    if chosen.fixed:
        structure = {
            "groups": f"the structure behind them is {chosen.structure}",
            "slices": "they are slices of one cloud, without groups behind them",
            "one group": "the customers are one group, without segments to speak of",
        }[chosen.kind]
        return f"{count}, because the params file asks for them; {structure}."
    if chosen.kind == "slices":
        return (
            f"No groups: the customers are one cloud. What follows cuts it into {chosen.k} slices, "
            "which come back when other customers are drawn but have no gap between them."
        )
    if chosen.kind == "one group":
        return (
            "One group: no cut of the customers comes back when others are drawn. What follows "
            f"shows {count}, the least doubtful cut."
        )
    if chosen.basis == "valleys":
        basis = "as many as there are groups with a valley between every two neighbours"
    elif chosen.basis == "excess":
        basis = "the number that stands out most against customers without groups"
    else:
        basis = "the number that is best apart of those that come back and are more than chance"
    return f"{count}: {basis}. The structure behind them is {chosen.structure}; {sureness(chosen)}."


def sureness(chosen: Choice) -> str:
    """How sure the number of segments is: which others would do, and what hangs on a hair."""
    evidence = chosen.evidence
    others = evidence.loc[evidence["admissible"] & (evidence["k"] != chosen.k), "k"]
    span = f"from {int(evidence['k'].min())} to {int(evidence['k'].max())}"
    if others.empty:
        text = f"no other number {span} passes the checks"
    else:
        listed = words.listing([str(int(k)) for k in others])
        verb = "passes" if len(others) == 1 else "pass"
        text = f"of the other numbers {span}, {listed} {verb} the checks too"
    if chosen.close_calls:
        listed = words.listing([str(k) for k in chosen.close_calls], conjunction="or")
        text += f", and the call is close: it might have been {listed}"
    return text


def reasons(chosen: Choice, tuned: Tuning, *, stable_at: float) -> list[str]:
    """
    What speaks for the number of segments, a sentence for each check that it passes.

    Parameters
    ----------
    chosen : Choice
        The number of segments with what was measured about it.
    tuned : Tuning
        The sweep.
    stable_at : float
        Jaccard similarity that is asked.

    Returns
    -------
    list of str
    """
    row = _checks(chosen)
    said = []
    if row["apart"]:
        said.append(
            "The segments are groups of their own: between every two neighbours there are fewer "
            "customers than on both sides (dip test along the line through their centres, largest "
            f"p-value {_p_value(row['border_p'])})."
        )
    if row["above"]:
        said.append(f"The segments are more than chance: {_compared(row, tuned, chosen.k)}.")
    if row["stable"]:
        said.append(
            f"Every segment comes back: {_came_back(row, tuned, chosen.k)}; {stable_at:.2f} "
            "is asked)."
        )
    if row["large"]:
        share = row["smallest_share"]
        said.append(f"No segment is too small to act on: the smallest holds {share:.1%}.")
    return said


def against(chosen: Choice, tuned: Tuning, *, size_floor: float, stable_at: float) -> list[str]:
    """
    What speaks against the number of segments, and what to be careful about.

    Parameters
    ----------
    chosen : Choice
        The number of segments with what was measured about it.
    tuned : Tuning
        The sweep.
    size_floor : float
        Share of the customers that a segment is asked to hold.
    stable_at : float
        Jaccard similarity that is asked.

    Returns
    -------
    list of str
        At least one.
    """
    row = _checks(chosen)
    k = chosen.k
    said = []
    if not row["stable"]:
        clusters = tuned.stability[tuned.stability["k"] == k]
        shaky = int((clusters["jaccard"] < stable_at).sum())
        noun = f"{'segment' if k == 1 else 'segments'} {'does' if shaky == 1 else 'do'}"
        said.append(
            f"{shaky} of the {k} {noun} not come back reliably: {_came_back(row, tuned, k)}, "
            f"below the {stable_at:.2f} asked)."
        )
    if not row["above"] and not pd.isna(row["excess"]):
        said.append(
            f"By the silhouette the segments are hardly more than chance: "
            f"{_compared(row, tuned, k)}."
        )
    if not row["apart"]:
        closed = tuned.borders[tuned.borders["k"] == k]
        without = int((closed["p_value"] >= LEVEL).sum())
        said.append(
            f"Not every segment is a group of its own: at {without} of {len(closed)} borders "
            "between neighbours the customers do not thin out, so that the border is a cut "
            "through a crowd rather than a gap."
        )
    if not row["whole"]:
        said.append(
            "A segment holds more than one group: the customers thin out in the middle of it "
            f"(dip test, p-value {_p_value(row['split_p'])})."
        )
    if row["elongation"] > ELONGATED:
        said.append(
            f"A segment is {row['elongation']:.1f} times as long as it is wide. K-Means takes "
            "segments to be round, and may cut long or bent groups in the wrong place."
        )
    if not row["large"]:
        said.append(
            f"The smallest segment holds {row['smallest_share']:.2%} of the customers, below the "
            f"floor of {size_floor:.1%}: it is rather a few unusual records than a segment."
        )
    silhouette = row["silhouette_euclidean"]
    if silhouette < CLEAR:
        said.append(
            f"Borders are {'soft' if silhouette >= WEAK else 'very soft'}: the silhouette "
            f"(Euclidean) is {silhouette:.2f}, and well separated groups reach {CLEAR:.2f}; many "
            "customers lie between two segments."
        )
    said += _rivals(chosen)
    return said or ["Nothing that was measured speaks against it."]


def warning(chosen: Choice) -> str:
    """One sentence about a number that was fixed by hand; empty where the rule allows it."""
    row = _checks(chosen)
    if not chosen.fixed:
        return ""
    advice = f" The rule would take {chosen.recommended}."
    faults = []
    if not row["stable"]:
        faults.append("not every segment is stable")
    if not (row["above"] or row["apart"]):
        faults.append("the segments are slices rather than groups")
    if not row["large"]:
        faults.append("a segment is below the size floor")
    if faults:
        said = ", and ".join(faults)
        return f"k = {chosen.k} was set by hand: {said}." + advice
    return ""


def _checks(chosen: Choice) -> dict[str, Any]:
    """Evidence about the chosen K."""
    record = chosen.evidence[chosen.evidence["k"] == chosen.k].to_dict("records")[0]
    return {str(name): value for name, value in record.items()}


def _p_value(value: float) -> str:
    return f"below {LEAST_P}" if value < LEAST_P else f"{value:.3f}"


def _came_back(row: Mapping[str, Any], tuned: Tuning, k: int) -> str:
    count = int(tuned.stability["resamples"].max())
    return (
        f"over {count} fresh draws of the customers the least stable of the {k} segments keeps "
        f"{row['min_jaccard']:.0%} of its make-up on average (Jaccard similarity "
        f"{row['min_jaccard']:.2f} ± {2.0 * row['jaccard_se']:.2f}"
    )


def _compared(row: Mapping[str, Any], tuned: Tuning, k: int) -> str:
    score = float(tuned.table.set_index("k")["silhouette_squared"][k])
    return (
        f"the silhouette (squared Euclidean) is {score:.2f}, against {score - row['excess']:.2f} "
        "on tables without groups whose columns have the same entries and the same correlations; "
        f"{row['threshold']:.2f} more is asked"
    )


def _rivals(chosen: Choice) -> list[str]:
    """What another K would have done better."""
    evidence = chosen.evidence
    others = evidence[evidence["admissible"] & (evidence["k"] != chosen.k)]
    if others.empty:
        return []
    best = others.iloc[int(others["silhouette_euclidean"].to_numpy().argmax())]
    own = _checks(chosen)["silhouette_euclidean"]
    if best["silhouette_euclidean"] <= own:
        return []
    rival = int(best["k"])
    return [
        f"{rival} segments are farther apart (silhouette, Euclidean, "
        f"{best['silhouette_euclidean']:.2f} against {own:.2f})"
        f"{', but tell less apart' if rival < chosen.k else ''}."
    ]


def labels_sentences(*, given: bool) -> list[str]:
    """Say what this chapter is about where the segments are labels made elsewhere."""
    if not given:
        return []
    return [
        "The segments of this report are labels that were made elsewhere. This chapter says how "
        "many segments the customers support by themselves; what it says of a K is said of the cut "
        "that was searched, not of the labels. Only its last section shows the labels."
    ]


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


def sensitivity_table(card: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """
    The sensitivity card for reading.

    Parameters
    ----------
    card : pandas.DataFrame
        As `helpers.selection.sensitivity.sensitivity` returns it.
    names : mapping of str to str
        Name of each feature.

    Returns
    -------
    pandas.DataFrame
        `instead`, `rows concerned`, `agreement (adjusted Rand)`, `customers who move`,
        `most responsible` (the feature; the value is a single customer's and not told).
    """
    rows = []
    for row in card.to_dict("records"):
        responsible = "nobody"
        if row["feature"]:
            name = words.label(row["feature"], names)
            share = words.percent(row["leverage"] / 100)
            responsible = f"one value of {name} ({share} of all squared deviations)"
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
        Per K: `k`, `inertia`, `found`, `tried`, `confirmed`, `rivals`, `in_doubt`,
        `rows_searched`, `runner_up`, `seed_ari`, `seed_starts`.

    Returns
    -------
    pandas.DataFrame
        `K`, `best inertia`, `found again`, `found again after a push`, `next local optimum`,
        `in doubt`,
        `agreement of ordinary runs`.
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
            "found again after a push": audit["confirmed"],
            "next local optimum": gaps,
            "in doubt": [
                f"at least {words.number(doubt)} of {words.number(rows)}" if doubt else "none met"
                for doubt, rows in zip(audit["in_doubt"], audit["rows_searched"], strict=True)
            ],
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


def audit_doubt(audit: pd.DataFrame, k: int) -> str:
    """
    Say whether another partition into k segments is as good, and how many customers it moves.

    Parameters
    ----------
    audit : pandas.DataFrame
        As for `audit_table`.
    k : int
        The chosen number of segments.

    Returns
    -------
    str

    Examples
    --------
    >>> audit = pd.DataFrame({"k": [3], "rivals": [2], "in_doubt": [50], "rows_searched": [2000]})
    >>> audit_doubt(audit, 3)
    'At K = 3 the search met 2 other partitions whose inertia is within 0.02% of the best. They \
put at least 50 of 2,000 customers into another segment: these are in doubt, and another seed may \
move them.'
    """
    row = audit.loc[audit["k"] == k].iloc[0]
    within = words.percent(CONFIG.equal_rtol, digits=2)
    if not row["in_doubt"]:
        return (
            f"At K = {k} the search met no other partition whose inertia is within {within} of "
            "the best."
        )
    rivals = words.plural(int(row["rivals"]), "other partition")
    put = "They put" if row["rivals"] > 1 else "It puts"
    doubt, rows = words.number(int(row["in_doubt"])), words.number(int(row["rows_searched"]))
    return (
        f"At K = {k} the search met {rivals} whose inertia is within {within} of the best. {put} "
        f"at least {doubt} of {rows} customers into another segment: these are in doubt, and "
        "another seed may move them."
    )


def stability_scale() -> str:
    """Say where the thresholds of the Jaccard similarity come from, and why they are strict."""
    return (
        "The thresholds are Hennig's. He set them with the default of his R package "
        "fpc, by which a customer who is drawn twice counts once. Here a customer counts as often "
        "as drawn, and the same segments score lower: the thresholds are stricter than meant."
    )


def null_table(tuned: Tuning) -> pd.DataFrame:
    """
    Silhouettes of the customers beside those of tables without groups, and the valleys.

    Returns
    -------
    pandas.DataFrame
        `K`, `customers`, `without groups`, `excess`, `asked`, `borders with a valley`.
    """
    merged = tuned.table[["k", "silhouette_squared"]].merge(
        tuned.null[["k", "silhouette_squared", "excess", "threshold"]],
        on="k",
        how="left",
        suffixes=("", "_null"),
    )
    borders = tuned.borders.assign(valley=tuned.borders["p_value"] < LEVEL).groupby("k")["valley"]
    counted = borders.sum().astype(str) + " of " + borders.size().astype(str)
    return pd.DataFrame(
        {
            "K": merged["k"],
            "customers": merged["silhouette_squared"],
            "without groups": merged["silhouette_squared_null"],
            "excess": merged["excess"],
            "asked": merged["threshold"],
            "borders with a valley": merged["k"].map(counted),
        }
    )


def null_caption(tuned: Tuning, k: int) -> str:
    """Caption of the comparison with tables without groups, for the chosen K."""
    table = null_table(tuned).set_index("K").loc[k]
    if pd.isna(table["without groups"]):
        return "Tables without groups that have so few different values cannot be cut so finely"
    tables = int(tuned.null["tables"].max())
    return (
        f"At K = {k} the silhouette (squared Euclidean, scaled features) is "
        f"{table['customers']:.3f}; on {words.plural(tables, 'table')} without groups, with the "
        f"same columns and correlations, it is {table['without groups']:.3f}. A valley lies at "
        f"{table['borders with a valley']} borders"
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


def silhouette_bars(matrix: np.ndarray, segments: pd.Series, *, floor: int = 1) -> pd.DataFrame:
    """
    Silhouette of each customer (Euclidean, scaled features), or of a sample of them.

    Parameters
    ----------
    matrix : numpy.ndarray
        Shape (n, d), the scaled features.
    segments : pandas.Series
        Shape (n,), 1 to K.
    floor : int
        Segments with fewer customers are left out: a bar is a customer's.

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
    told = np.isin(numbers[rows], _large(numbers, floor))
    return pd.DataFrame({"segment": numbers[rows][told], "silhouette": shown[told]})


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


def _large(numbers: np.ndarray, floor: int) -> np.ndarray:
    """Segments of at least so many customers."""
    known, sizes = np.unique(numbers, return_counts=True)
    return known[sizes >= floor]


def handoff(
    tuned: Tuning, scaling: Scaling, chosen: Choice, *, size_floor: float, stable_at: float
) -> dict[str, Any]:
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
        "kind": chosen.kind,
        "reasons": reasons(chosen, tuned, stable_at=stable_at),
        "against": against(chosen, tuned, size_floor=size_floor, stable_at=stable_at),
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
