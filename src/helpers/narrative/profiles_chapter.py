"""What 03 says as a whole: the answer, the cards of the summary, and what it hands on."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers import words
from helpers.profiles import behaviour
from helpers.profiles.outcomes import private_columns
from helpers.profiles.privacy import large_segments

RULE_COLUMNS = ["segment", "rule", "precision", "recall", "found"]
SHARES = ("customers", "value", "share", "rate", "low", "high", "overall")


def answer(personas: pd.DataFrame, shares: pd.DataFrame, *, value_name: str) -> str:
    """
    Answer the question of 03.

    Parameters
    ----------
    personas : pandas.DataFrame
        `segment`, `persona`.
    shares : pandas.DataFrame
        As `helpers.profiles.value.value_shares` returns it.
    value_name : str
        What the value is called; an empty text where there is none.

    Returns
    -------
    str
        Which segment brings the most, or without a value is the largest, and which the smallest.
    """
    names = dict(zip(personas["segment"], personas["persona"], strict=True))
    told = shares.dropna(subset=["share_value"])
    if told.empty:
        return "Every segment is too small to be described without describing single customers."
    smallest = shares.iloc[int(shares["n"].to_numpy().argmin())]
    who = (
        f"The smallest segment is {names[smallest['segment']]}, with"
        if pd.notna(smallest["share_value"])
        else f"The smallest segment, {int(smallest['segment'])}, has only"
    )
    last = f"{who} {words.plural(int(smallest['n']), 'customer')}."
    column = "share_value" if value_name else "n"
    first = told.iloc[int(told[column].to_numpy().argmax())]
    share = words.percent(first["share_customers"])
    if not value_name:
        return (
            f"{names[first['segment']]} are the largest segment, with {share} of the customers. "
            f"{last}"
        )
    return (
        f"{names[first['segment']]} bring the most: {share} of the customers, "
        f"{words.percent(first['share_value'])} of the {value_name}. {last}"
    )


def not_shown(table: pd.DataFrame, columns: Sequence[str], labels: Mapping[str, str]) -> list[str]:
    """A sentence on the columns to break down by of which no entry may be shown; none of these."""
    private = [words.label(name, labels) for name in private_columns(table, columns)]
    if not private:
        return []
    return [
        words.sentence(
            "Not broken down by", words.listing(private), "which may tell single customers apart"
        )
    ]


def share_formats(frame: pd.DataFrame) -> dict[Hashable, Callable[[Any], str]]:
    """Formats for those columns of a frame that hold shares, 0 to 1."""
    return {name: words.percent for name in SHARES if name in frame}


def both_shares(shares: pd.DataFrame) -> pd.DataFrame:
    """Share of customers and of value: `segment`, `customers`, `value`; of whom it is told."""
    told = shares.dropna(subset=["share_value"])
    return told[["segment", "share_customers", "share_value"]].rename(
        columns={"share_customers": "customers", "share_value": "value"}
    )


def where_valued(value_name: str, frame: pd.DataFrame) -> list[pd.DataFrame]:
    """The frame as the only item of a list; an empty list where nothing is earned."""
    return [frame] if value_name else []


def fifths(curve: pd.DataFrame) -> pd.DataFrame:
    """
    A Lorenz curve at every fifth of the customers.

    Parameters
    ----------
    curve : pandas.DataFrame
        `customers`, `value`: cumulative shares.

    Returns
    -------
    pandas.DataFrame
        `customers`, `value` at 0.2, 0.4, 0.6, 0.8 and 1.

    Examples
    --------
    >>> fifths(pd.DataFrame({"customers": [0.0, 1.0], "value": [0.0, 1.0]}))["value"].tolist()
    [0.2, 0.4, 0.6, 0.8, 1.0]
    """
    at = [0.2, 0.4, 0.6, 0.8, 1.0]
    return pd.DataFrame(
        {"customers": at, "value": np.interp(at, curve["customers"], curve["value"])}
    )


def broken_down(frame: pd.DataFrame, shares: pd.DataFrame, *, floor: int) -> pd.DataFrame:
    """
    Leave out the segments that are too small to be broken down.

    Parameters
    ----------
    frame : pandas.DataFrame
        With a column or an index `segment`.
    shares : pandas.DataFrame
        `segment`, `n`.
    floor : int
        Customers that a segment must have.

    Returns
    -------
    pandas.DataFrame
        The rows of the other segments.

    Examples
    --------
    >>> shares = pd.DataFrame({"segment": [1, 2], "n": [9, 1]})
    >>> broken_down(pd.DataFrame({"segment": [1, 2]}), shares, floor=5)["segment"].tolist()
    [1]
    """
    number = frame["segment"] if "segment" in frame else frame.index.to_series()
    return frame[number.isin(large_segments(shares, floor=floor))]


def most_apart(makeup: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """
    The column whose make-up differs most between the segments, with its counts.

    Parameters
    ----------
    makeup : pandas.DataFrame
        As `helpers.profiles.outcomes.makeup` returns it.

    Returns
    -------
    list of (str, pandas.DataFrame)
        One pair, or none where there is no category; counts below the floor are left out.
    """
    whole = makeup.dropna(subset=["n"])
    if whole.empty:
        return []
    spread = whole.groupby(["column", "category"], sort=False)["share"].agg(
        lambda one: one.max() - one.min()
    )
    column = spread.groupby("column", sort=False).max().idxmax()
    own = whole[whole["column"] == column].drop(columns="column").reset_index(drop=True)
    # A segment whose every category is too rare to be told has no bar.
    return [(str(column), own[own.groupby("segment")["share"].transform("max") > 0])]


def outcome_rows(
    found: pd.DataFrame, people: Mapping[int, str], names: Mapping[str, str]
) -> pd.DataFrame:
    """
    Rates of the outcomes for reading.

    Parameters
    ----------
    found : pandas.DataFrame
        As `helpers.profiles.outcomes.outcome_table` returns it.
    people : mapping of int to str
        Persona of each segment.
    names : mapping of str to str
        Names of the columns.

    Returns
    -------
    pandas.DataFrame
        `outcome`, `segment`, `persona`, `rate` with its interval, `lift`, `apart from chance`;
        a segment below the privacy floor has no figures.
    """
    rows = []
    for row in found.to_dict("records"):
        known = pd.notna(row["rate"])
        rows.append(
            {
                "outcome": words.label(row["outcome"], names),
                "segment": row["segment"],
                "persona": people[row["segment"]],
                "rate": (
                    f"{words.percent(row['rate'])} "
                    f"[{words.percent(row['low'])}, {words.percent(row['high'])}]"
                    if known
                    else "too few to say"
                ),
                "lift": f"{row['lift']:.2f}" if known and pd.notna(row["lift"]) else "",
                "apart from chance": ("yes" if row["significant"] else "no") if known else "",
            }
        )
    columns = ["outcome", "segment", "persona", "rate", "lift", "apart from chance"]
    return pd.DataFrame(rows, columns=columns)


def outcome_caption(found: pd.DataFrame) -> str:
    """Caption of the outcome table: how many lifts are apart from chance."""
    if found.empty:
        return "The params file names no outcome"
    apart = int(found["significant"].sum())
    known = int(found["rate"].notna().sum())
    return (
        f"{apart or 'None'} of {words.plural(known, 'rate')} "
        f"{'differs' if apart == 1 else 'differ'} from the average by more than chance, "
        "all considered together; each interval is of its rate alone"
    )


def first_outcome(
    found: pd.DataFrame, names: Mapping[str, str]
) -> list[tuple[pd.DataFrame, dict[str, Any]]]:
    """The first outcome with the options of its picture; none where there is no outcome."""
    known = found.dropna(subset=["rate"])
    if known.empty:
        return []
    outcome = known["outcome"].iloc[0]
    own = known[known["outcome"] == outcome].reset_index(drop=True)
    options = {
        "overall": float(own["overall"].iloc[0]),
        "name": words.label(str(outcome), names),
        "apart": own.loc[own["significant"], "segment"].tolist(),
    }
    return [(own[["segment", "n", "rate", "low", "high"]], options)]


def conversion_sentences(
    features: pd.DataFrame,
    segments: pd.Series,
    people: Mapping[int, str],
    columns: tuple[str, str],
    *,
    labels: Mapping[str, str],
    floor: int,
    leave_out: Sequence[int],
) -> list[str]:
    """
    Say who orders most for its visits; nothing where there are no such columns.

    Parameters
    ----------
    features, segments, people
        The customers, their segments, the persona of each segment.
    columns : tuple of str
        `visits_channel` and `visits_column`. Visits of the web shop lead to web orders: those of
        other channels are never set against them.
    labels : mapping of str to str
        Names of the columns.
    floor, leave_out
        As for `helpers.profiles.behaviour.conversion` and `conversion_sentences`.

    Returns
    -------
    list of str
    """
    channel, visits = columns
    if not visits:
        return []
    if channel not in features:
        return [
            "Orders are not set against visits: the params file does not say which column counts "
            "the orders that these visits lead to (`visits_channel`)."
        ]
    table = behaviour.conversion(features, segments, channel, visits, floor=floor)
    return behaviour.conversion_sentences(
        table,
        people,
        orders=words.label(channel, labels),
        visits=words.label(visits, labels),
        leave_out=leave_out,
    )


def recency_sentences(
    features: pd.DataFrame,
    segments: pd.Series,
    people: Mapping[int, str],
    recency_column: str,
    value_column: str,
    *,
    floor: int,
    leave_out: Sequence[int],
    units: Mapping[str, str],
    labels: Mapping[str, str],
) -> list[str]:
    """Say which valuable segments have gone quiet; nothing where there are no such columns."""
    if not recency_column or not value_column:
        return []
    table = behaviour.recency_value(features, segments, recency_column, value_column, floor=floor)
    return behaviour.recency_sentences(
        table,
        people,
        labels=labels,
        recency=recency_column,
        unit=units.get(recency_column),
        value_label=words.label(value_column, labels),
        leave_out=leave_out,
    )


def means_table(
    means: pd.DataFrame, *, labels: Mapping[str, str], units: Mapping[str, str]
) -> pd.DataFrame:
    """
    Means with their intervals for reading: each feature in its unit, with decimals of its own.

    Parameters
    ----------
    means : pandas.DataFrame
        As `helpers.profiles.differences.mean_intervals` returns it.
    labels, units : mapping of str to str
        Name and unit of each feature.

    Returns
    -------
    pandas.DataFrame
        `feature`, `segment`, `customers`, `mean`, `low`, `high`. As many decimals as tell the
        ends of the narrowest interval of the feature apart.

    Examples
    --------
    >>> means = pd.DataFrame({"feature": ["pay", "visits"], "segment": 1, "n": 9,
    ...     "mean": [52247.3, 2.43], "low": [51000.2, 2.38], "high": [53100.9, 2.47]})
    >>> means_table(means, labels={}, units={})[["mean", "low", "high"]].values.tolist()
    [['52,247', '51,000', '53,101'], ['2.43', '2.38', '2.47']]
    """
    parts = []
    for feature, rows in means.groupby(means["feature"].astype(str), sort=False):
        unit = units.get(str(feature))
        # The unit stands in the name of the feature or is read off it; only shares need a sign.
        shown = "percent" if unit == "percent" else None
        width = (rows["high"] - rows["low"]).where(lambda wide: wide > 0).min()
        width = width * 100 if shown else width
        digits: int | None = (
            None if pd.isna(width) else int(np.clip(-np.floor(np.log10(width)), 0, 6))
        )
        figures = {
            name: [words.number(value, shown, digits=digits) for value in rows[name]]
            for name in ("mean", "low", "high")
        }
        front = {"feature": words.label(str(feature), labels), "segment": rows["segment"]}
        parts.append(pd.DataFrame({**front, "customers": rows["n"], **figures}))
    return pd.concat(parts, ignore_index=True)


def least_mean_most(
    profile: pd.DataFrame,
    features: Sequence[str],
    *,
    labels: Mapping[str, str],
    units: Mapping[str, str],
) -> pd.DataFrame:
    """
    The table of profiles with one row a segment and feature, for reading.

    Parameters
    ----------
    profile : pandas.DataFrame
        `segment`, `persona`, then `min_`, `mean_` and `max_` of each feature.
    features : sequence of str
        The features, in order.
    labels, units : mapping of str to str
        Name and unit of each feature.

    Returns
    -------
    pandas.DataFrame
        `feature`, `segment`, `persona`, `least`, `mean`, `greatest`, the last three as text.
    """
    shown = {name: "percent" if units.get(name) == "percent" else None for name in features}
    frames = [
        pd.DataFrame(
            {
                "feature": words.label(name, labels),
                "segment": profile["segment"],
                "persona": profile["persona"],
                **{
                    title: [words.number(one, shown[name]) for one in profile[f"{kind}_{name}"]]
                    for title, kind in (("least", "min"), ("mean", "mean"), ("greatest", "max"))
                },
            }
        )
        for name in features
    ]
    return pd.concat(frames, ignore_index=True)


def plane(
    matrix: Any, segments: pd.Series, *, most: int, random_state: int, floor: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[float, float]]:
    """
    Customers and centres in the plane of the first two principal components.

    A picture only: nothing is scored in it. The sign of a component is arbitrary, so each is
    turned such that its largest loading is positive.

    Parameters
    ----------
    matrix : numpy.ndarray
        Shape (n, d), the scaled features; d of 1 gives a second coordinate of 0.
    segments : pandas.Series
        1 to K.
    most : int
        Customers shown at most, drawn with `random_state`.
    random_state : int
        Seed of the draw.
    floor : int
        Segments with fewer customers are not in the picture: a position is a customer's.

    Returns
    -------
    points : pandas.DataFrame
        `x`, `y`, `segment`.
    centres : pandas.DataFrame
        `segment`, `x`, `y`.
    explained : tuple of float
        Share of the variance that each component explains.
    """
    values, vectors = np.linalg.eigh(np.cov(matrix, rowvar=False).reshape(matrix.shape[1], -1))
    order = np.argsort(values)[::-1][:2]
    axes = vectors[:, order]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(axes.shape[1])])
    flat = (matrix - matrix.mean(axis=0)) @ axes
    if flat.shape[1] == 1:
        flat = np.column_stack([flat, np.zeros(len(flat))])
    shares = values[order] / values.sum()
    placed = pd.DataFrame({"x": flat[:, 0], "y": flat[:, 1], "segment": segments.to_numpy()})
    placed = placed[placed.groupby("segment")["x"].transform("size") >= floor]
    centres = placed.groupby("segment", as_index=False)[["x", "y"]].mean()
    # Sorted before the draw, so that the order of the rows does not reach the picture.
    points = placed.sort_values(["x", "y", "segment"], ignore_index=True)
    if len(points) > most:
        points = points.sample(most, random_state=random_state).sort_index()
    return points, centres, (float(shares[0]), float(shares[1]) if len(shares) > 1 else 0.0)


def margin_counts(
    margins: pd.Series, segments: pd.Series, told: Collection[int], *, bins: int = 40
) -> pd.DataFrame:
    """
    Counts of margins by segment in bins from -1 to 1.

    Parameters
    ----------
    margins, segments : pandas.Series
        Margin and segment of each customer.
    told : collection of int
        The segments to be counted.

    Returns
    -------
    pandas.DataFrame
        `segment`, `low`, `high`, `n`; bins outside a segment's range are left out.
    """
    edges = np.round(np.linspace(-1, 1, bins + 1), 6)
    frames = []
    for number in sorted(set(segments.unique()) & set(told)):
        counts, _ = np.histogram(margins[segments == number], edges)
        used = np.flatnonzero(counts)
        span = slice(used[0], used[-1] + 1)
        frames.append(
            pd.DataFrame(
                {
                    "segment": number,
                    "low": edges[:-1][span],
                    "high": edges[1:][span],
                    "n": counts[span],
                }
            )
        )
    if not frames:
        return pd.DataFrame(columns=["segment", "low", "high", "n"])
    return pd.concat(frames, ignore_index=True)


def with_core(cards: pd.DataFrame) -> list[int]:
    """Segments whose margins are told: neither unstable nor below the privacy floor."""
    return [int(number) for number in cards.loc[cards["core_share"].notna(), "segment"]]


def doubts(report: pd.DataFrame) -> list[str]:
    """
    What is doubtful in the persona catalogue, in sentences.

    Parameters
    ----------
    report : pandas.DataFrame
        As `helpers.personas.matching.catalogue_report` returns it.

    Returns
    -------
    list of str
        One sentence a doubt; personas that need columns which the table lacks are counted only.
    """
    lacking = report[report["kind"] == "not applicable"]
    sentences = report.loc[report["kind"] != "not applicable", "message"].tolist()
    if not sentences:
        sentences = ["The catalogue names every segment without a contradiction or a tie."]
    if len(lacking):
        count = words.plural(int(lacking["persona"].nunique()), "persona")
        verb = "needs" if lacking["persona"].nunique() == 1 else "need"
        sentences.append(f"{count} of the catalogue {verb} columns that this table lacks.")
    return sentences


def trust_table(cards: pd.DataFrame, personas: pd.DataFrame) -> pd.DataFrame:
    """
    The trust cards as a table for reading.

    Returns
    -------
    pandas.DataFrame
        `segment`, `persona`, `customers`, `share`, `Jaccard`, `core`, `borderline`, `verdict`,
        all formatted.
    """
    names = dict(zip(personas["segment"], personas["persona"], strict=True))
    rows = []
    for row in cards.to_dict("records"):
        jaccard = "not assessed"
        if pd.notna(row["jaccard"]):
            jaccard = f"{row['jaccard']:.2f}"
            if pd.notna(row["jaccard_low"]):
                jaccard += f" [{row['jaccard_low']:.2f}, {row['jaccard_high']:.2f}]"
        rows.append(
            {
                "segment": row["segment"],
                "persona": names[row["segment"]],
                "customers": words.number(row["n"]),
                "share": words.percent(row["share"]),
                "Jaccard": jaccard,
                "core": _told(row["core_share"]),
                "borderline": _told(row["borderline_share"]),
                "verdict": row["verdict"],
            }
        )
    return pd.DataFrame(rows)


def _told(share: float) -> str | None:
    return None if pd.isna(share) else words.percent(share)


def trust_caption(cards: pd.DataFrame, names: Mapping[int, str]) -> str:
    """Caption of the trust table: which segments are unstable."""
    bad = cards.loc[cards["unstable"], "segment"]
    if bad.empty:
        return f"None of the {words.plural(len(cards), 'segment')} is unstable"
    verb = "is" if len(bad) == 1 else "are"
    return f"{words.listing([names[number] for number in bad])} {verb} unstable"


def handoff(
    shares: pd.DataFrame,
    scores: Mapping[str, float],
    digest: str,
    tuned: Mapping[str, Any],
) -> dict[str, Any]:
    """
    What 03 hands on to the manifest.

    Parameters
    ----------
    shares : pandas.DataFrame
        As `shares_of_value` returns it.
    scores : mapping
        Scores of the segments.
    digest : str
        SHA-256 of the segments' numbers, as `results.digest` returns it.
    tuned : mapping
        What 02 has handed on.

    Returns
    -------
    dict
        `k`, `customers`, `scores`, `segments_sha256` (of the numbers in order), `structure`.
    """
    return {
        "k": len(shares),
        "customers": int(shares["n"].sum()),
        "scores": dict(scores),
        "structure": tuned["structure"],
        "segments_sha256": digest,
    }


def handoff_sentence(shares: pd.DataFrame, read: Mapping[str, Any]) -> str:
    """The last sentence of 03."""
    return (
        f"{words.plural(int(read['rows']), 'row')} written to segments.csv, "
        f"{words.number(int(shares['n'].sum()))} of them with one of "
        f"{words.plural(len(shares), 'segment')}; model.json and segments.sql assign new ones."
    )
