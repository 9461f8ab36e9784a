"""`make leaderboard`: several segmentations of one table, by what may be compared between them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers import words
from helpers.engines.sql import parse_steps
from helpers.errors import RunError
from helpers.pipeline.publish import Placing, standing
from helpers.profiles.differences import effect_sizes
from helpers.report import components
from helpers.report.render import render_shown
from helpers.selection.stability import adjusted_rand, contingency
from helpers.spreadsheets import neutralise

REPORT = "leaderboard.html"
TABLE = "leaderboard.csv"
MEASURES = {
    "min_jaccard": "least Jaccard",
    "seed_ari": "agreement of seeds",
    "evenness": "evenness of sizes",
    "explained_value": "value explained",
    "outcomes": "outcomes explained",
}
"""What may be compared, each from 0 to 1, 1 the best; none depends on the space of the features."""

STABLE = 0.75
"""Jaccard from which a segment comes back (Hennig 2007)."""

AS_IS = {"impossible": "keep", "outliers": "keep", "nulls": "drop"}
"""Treatments that leave every figure of a table as it is."""
NO_DAY = "2025-01-01"


@dataclass(frozen=True)
class Entry:
    """One segmentation: its name, its parameters, its scores at the chosen K, its customers."""

    name: str
    parameters: dict[str, Any]
    data: str
    sample: bool
    scores: dict[str, float]
    k: int
    segments: pd.Series
    features: pd.DataFrame
    personas: dict[int, str] = field(default_factory=dict)


def read_entry(folder: Path) -> Entry:
    """
    Read what a run is compared by.

    Parameters
    ----------
    folder : Path
        `reports/<run>`, whole.

    Returns
    -------
    Entry
        `segments`: one a row of the table, missing for a customer without one.

    Raises
    ------
    RunError
        Where the run is missing or not whole.
    """
    try:
        with standing(folder):
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            tuning = pd.read_csv(folder / "tuning.csv").set_index("k")
            listed = pd.read_csv(folder / "segments.csv")
            features = pd.read_parquet(folder / "features.parquet")
        k = int(manifest["k"])
        scores = {name: float(tuning[name].to_dict()[k]) for name in ("min_jaccard", "seed_ari")}
    except (OSError, ValueError, KeyError):
        raise RunError(
            f"`reports/{folder.name}` is no whole run with segments of its own: make it again."
        ) from None
    named = listed.dropna(subset=["segment"]).drop_duplicates("segment")
    return Entry(
        name=folder.name,
        parameters=dict(manifest["parameters"]),
        data=str(manifest["data_sha256"]),
        sample=bool(manifest.get("sample")),
        scores=scores,
        k=k,
        segments=listed["segment"],
        features=features,
        personas=dict(zip(named["segment"].astype(int), named["persona"].astype(str), strict=True)),
    )


def common(entries: Sequence[Entry]) -> np.ndarray:
    """
    Which rows have a segment in every run: only over these is anything compared.

    Raises
    ------
    RunError
        Where the runs are of different tables, or share no customer.
    """
    if len({one.data for one in entries}) > 1:
        raise RunError("the runs are of different tables: give one table as DATA for all of them.")
    kept = np.logical_and.reduce([one.segments.notna().to_numpy() for one in entries])
    if not kept.any():
        raise RunError("no customer has a segment in all of the runs: nothing can be compared.")
    return np.asarray(kept)


@dataclass(frozen=True)
class Yardsticks:
    """
    What every run is held against: the same figures for all of them.

    Attributes
    ----------
    value : str or None
        The value column of the first run.
    outcomes : list of str
        The outcomes that all runs declare, in the order of the first.
    columns : pandas.DataFrame
        Their values, one row a row of the table.
    apart : list of str
        What is not compared, since the runs do not hold the same figures under one name.
    """

    value: str | None
    outcomes: list[str]
    columns: pd.DataFrame
    apart: list[str]


def yardsticks(entries: Sequence[Entry]) -> Yardsticks:
    """
    The value column and the outcomes that every run is held against.

    Runs treat a table in their own ways: one clips what another keeps. Where they differ, the
    figures are those of the runs that leave them as the table has them. A column that runs make by
    different SQL steps, or that every run has treated in another way, is no yardstick.
    """
    kept = common(entries)
    first = entries[0].parameters
    shared = [set(one.parameters.get("outcomes", [])) for one in entries]
    named = [name for name in first.get("outcomes", []) if name in set.intersection(*shared)]
    value = first.get("value_column") or None
    held = set.intersection(*(set(one.features.columns) for one in entries))
    found: dict[str, pd.Series] = {}
    apart = []
    for name in dict.fromkeys([*([value] if value else []), *named]):
        if name not in held:
            continue
        column = _one_column(entries, name, kept)
        if column is None:
            apart.append(name)
        else:
            found[name] = column
    return Yardsticks(
        value=value if value in found else None,
        outcomes=[name for name in named if name in found],
        columns=pd.DataFrame(found, index=entries[0].features.index),
        apart=apart,
    )


def _one_column(entries: Sequence[Entry], name: str, kept: np.ndarray) -> pd.Series | None:
    """Return the column that stands for all runs, if there is one."""

    def same(columns: Sequence[pd.Series]) -> bool:
        # A whole number that some run has clipped to a fraction is held as a fraction there.
        kinds = [pd.api.types.is_numeric_dtype(one) for one in columns]
        rest = [one[kept].reset_index(drop=True) for one in columns]
        rest = [one.astype("float64") for one in rest] if all(kinds) else rest
        return all(one.equals(rest[0]) for one in rest[1:])

    columns = [one.features[name] for one in entries]
    if same(columns):
        return columns[0]
    untouched = [
        one.features[name]
        for one in entries
        if all(one.parameters.get(key, as_is) == as_is for key, as_is in AS_IS.items())
    ]
    made = {_made(one, name) for one in entries}
    return untouched[0] if len(made) == 1 and untouched and same(untouched) else None


def _made(entry: Entry, name: str) -> tuple[tuple[str, str], ...]:
    """The SQL steps that a column is made of; none for a column of the table."""
    steps = parse_steps(
        entry.parameters.get("sql_steps", []), as_of=str(entry.parameters.get("as_of", NO_DAY))
    )
    wanted = {name.casefold()}
    kept = []
    for step in reversed(steps):
        if step.name.casefold() in wanted:
            kept.append((step.name.casefold(), step.tree.sql()))
            wanted |= {source.casefold() for source in step.sources}
    return tuple(kept)


def leaderboard(entries: Sequence[Entry]) -> pd.DataFrame:
    """
    Hold several segmentations of one table against each other.

    Parameters
    ----------
    entries : sequence of Entry
        Two or more.

    Returns
    -------
    DataFrame
        One row a run, in the order given: `run`, `k`, `customers` (with a segment in this run),
        `smallest_share`; `min_jaccard` of the least stable segment and `seed_ari`, both over its
        own customers; over the customers of all runs: `evenness` (entropy of the sizes over that
        of equal ones, 1 for equal sizes), `explained_value` (eta squared of the value column) and
        `outcomes` (mean Cramer's V of the outcomes, its upward bias taken out). Missing where
        there is no such column.

    Notes
    -----
    Silhouettes and inertia are left out on purpose: in another space they mean something else.
    """
    kept = common(entries)
    held = yardsticks(entries)
    value, outcomes = held.value, held.outcomes
    records: list[dict[str, Any]] = []
    for one in entries:
        segments = one.segments[kept].astype(int)
        shares = segments.value_counts(normalize=True).to_numpy()
        own = one.segments.dropna().astype(int).value_counts(normalize=True)
        entropy = -float((shares * np.log(shares)).sum())
        effects = effect_sizes(
            held.columns[kept], segments, [value] if value else [], outcomes
        ).set_index("column")
        records.append(
            {
                "run": one.name,
                "k": one.k,
                "customers": int(one.segments.notna().sum()),
                "smallest_share": float(own.min()),
                **one.scores,
                "evenness": entropy / np.log(one.k) if one.k > 1 else np.nan,
                "explained_value": float(effects["value"].to_dict()[value]) if value else np.nan,
                "outcomes": float(effects.loc[outcomes, "corrected"].mean())
                if outcomes
                else np.nan,
            }
        )
    return pd.DataFrame.from_records(records)


def alike(entries: Sequence[Entry]) -> pd.DataFrame:
    """Adjusted Rand index of every pair of runs: `first`, `second`, `agreement`."""
    kept = common(entries)
    records = []
    for position, one in enumerate(entries):
        for other in entries[position + 1 :]:
            left, right = (
                np.unique(entry.segments[kept], return_inverse=True)[1] for entry in (one, other)
            )
            table = contingency(left, right, (int(left.max()) + 1, int(right.max()) + 1))
            records.append(
                {"first": one.name, "second": other.name, "agreement": adjusted_rand(table)}
            )
    return pd.DataFrame(records, columns=["first", "second", "agreement"])


def leaders(board: pd.DataFrame) -> list[str]:
    """
    Say who leads by each measure, and by how much; no measure is added to another.

    Examples
    --------
    >>> board = pd.DataFrame({"run": ["a", "b"], "min_jaccard": [0.9, 0.7]})
    >>> leaders(board)
    ['By least Jaccard, a leads (0.90 against 0.70 for b).']
    """
    said = []
    for name, title in MEASURES.items():
        if name not in board or board[name].isna().any():
            continue
        order = board.sort_values([name, "run"], ascending=[False, True])
        top, next_ = order.iloc[0], order.iloc[1]
        if round(top[name], 2) == round(next_[name], 2):
            said.append(f"By {title}, {top['run']} and {next_['run']} are level ({top[name]:.2f}).")
        else:
            said.append(
                f"By {title}, {top['run']} leads ({top[name]:.2f} against {next_[name]:.2f} for "
                f"{next_['run']})."
            )
    return said


def recommendation(board: pd.DataFrame) -> str:
    """
    Recommend one segmentation: of those that come back, the one that says most.

    By outcomes where all runs declare some, else by the value, else by how surely it comes back.

    Examples
    --------
    >>> board = pd.DataFrame({"run": ["a", "b", "c"], "min_jaccard": [0.9, 0.8, 0.5],
    ...     "outcomes": [0.1, 0.2, 0.9], "explained_value": [0.5, 0.4, 0.9]})
    >>> recommendation(board)
    'Take b: every segment of it comes back when other customers are drawn, and of those of which \
that holds it accounts for most of the outcomes.'
    """
    firm = board[board["min_jaccard"] >= STABLE]
    if firm.empty:
        return (
            "Take none of them yet: each has a segment that does not come back when other "
            "customers are drawn."
        )
    again = "every segment of it comes back when other customers are drawn"
    if len(firm) == 1:
        return f"Take {firm['run'].iloc[0]}: {again}, which holds of no other."
    told = {
        "outcomes": "accounts for most of the outcomes",
        "explained_value": "accounts for most of the value",
        "min_jaccard": "comes back most surely",
    }
    name, what = next(
        (name, what) for name, what in told.items() if name in firm and firm[name].notna().all()
    )
    best = firm.sort_values([name, "run"], ascending=[False, True]).iloc[0]
    return f"Take {best['run']}: {again}, and of those of which that holds it {what}."


def side_by_side(entries: Sequence[Entry]) -> pd.DataFrame:
    """Set the personas of the runs beside each other, with their shares of the customers."""
    kept = common(entries)
    columns = {}
    for entry in entries:
        shares = entry.segments[kept].value_counts(normalize=True)
        columns[entry.name] = [
            f"{entry.personas.get(int(number), f'Segment {int(number)}')} "
            f"({words.percent(shares[number])})"
            for number in sorted(shares.index)
        ]
    most = max(len(one) for one in columns.values())
    return pd.DataFrame(
        {"segment": range(1, most + 1)}
        | {name: [*held, *[None] * (most - len(held))] for name, held in columns.items()}
    )


def page(entries: Sequence[Entry], board: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """Render the leaderboard in the template of the reports."""
    yardstick = yardsticks(entries)
    value, outcomes = yardstick.value, yardstick.outcomes
    count = words.plural(len(entries), "segmentation")
    kept = int(common(entries).sum())
    by_construction = [
        one.name for one in entries if value and value in one.parameters.get("features", [])
    ]
    held = [f"“{value}”" if value else "no value column", words.plural(len(outcomes), "outcome")]
    shown = board.rename(columns=MEASURES | {"smallest_share": "smallest share", "k": "K"})
    formats: dict[Any, Any] = dict.fromkeys(MEASURES.values(), "{:.2f}".format)
    formats |= {"smallest share": words.percent, "customers": words.number}
    closest = pairs.iloc[int(pairs["agreement"].to_numpy().argmax())]
    summary = [
        components.answer(recommendation(board)),
        components.say(
            f"{count} of one table, held against each other over the "
            f"{words.plural(kept, 'customer')} that all of them place."
        ),
        components.points(*leaders(board)),
    ]
    caveat = (
        f"Clustered by “{value}” itself, which they therefore explain by construction: "
        f"{words.listing(by_construction)}. The outcomes took no part in any of them."
        if by_construction
        else ""
    )
    apart = (
        "Not compared, since the runs hold different figures under one name (other SQL steps, or "
        f"treated in each of them): {words.listing([f'“{name}”' for name in yardstick.apart])}."
        if yardstick.apart
        else ""
    )
    compared = [
        components.table(
            shown,
            caption=f"Stability, sizes, and what the segments account for: {words.listing(held)}",
            formats=formats,
        ),
        components.say(*(text for text in (caveat, apart) if text)),
    ]
    left_out = [
        components.say(
            "Silhouette and inertia are not here: each is measured in the space of its own "
            "features, and figures of different spaces cannot be compared."
        )
    ]
    agreement = [
        components.table(
            pairs,
            caption=(
                f"{closest['first']} and {closest['second']} agree most (adjusted Rand index "
                f"{closest['agreement']:.2f}; 1 is the same segments)"
            ),
            formats={"agreement": "{:.2f}".format},
        )
    ]
    return render_shown(
        summary,
        [
            (
                "Who is in them?",
                [
                    (
                        "",
                        [
                            components.table(
                                side_by_side(entries),
                                caption="Segments of each, by their numbers, with their shares",
                            )
                        ],
                    )
                ],
            ),
            ("Which segmentation holds, and which one says more?", [("", compared)]),
            ("What may not be compared?", [("", left_out)]),
            ("How alike are they?", [("", agreement)]),
        ],
        title="Segmentations of one table, side by side",
        language="en",
        banner="This report was made from a synthetic sample, not from real customers."
        if any(one.sample for one in entries)
        else None,
        manifest={"runs": [one.name for one in entries], "table_sha256": entries[0].data},
    )


def make_leaderboard(folders: Sequence[Path], place: Path) -> Path:
    """
    Compare finished runs of one table and put the report in its place.

    Parameters
    ----------
    folders : sequence of Path
        Two or more finished runs.
    place : Path
        Where `leaderboard.html` and `leaderboard.csv` go, whole or not at all.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    RunError
        Where the runs cannot be compared, or the place is taken by a run.
    """
    if len(folders) < 2:
        raise RunError('a leaderboard needs two params files or more: PARAMS="one.yml other.yml".')
    if (place / "model.json").exists():
        raise RunError(f"`reports/{place.name}` is a run of its own: name another as RUN=.")
    entries = [
        replace(entry, name=entry.name.removeprefix(f"{place.name}-"))
        for entry in map(read_entry, folders)
    ]
    board = leaderboard(entries)
    html = page(entries, board, alike(entries))
    placing = Placing(place)
    with placing.locked(), placing.aside() as folder:
        (folder / REPORT).write_text(html, encoding="utf-8")
        neutralise(board).to_csv(folder / TABLE, index=False, lineterminator="\n", encoding="utf-8")
    return place / REPORT
