"""What the chapter on K says about one segment more: which splits, what that separates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from helpers import words
from helpers.profiles import splits
from helpers.selection.ladder import Numbering

MOST_FEATURES = 2
"""Features named in a sentence about a split."""

LARGE_DIFFERENCE = 0.5
"""Standard deviations from which a feature is named: a medium effect (Cohen 1988)."""


def contrasts(
    steps: pd.DataFrame, numbering: Numbering, customers: pd.DataFrame, **columns: Any
) -> dict[int, pd.DataFrame]:
    """
    What each split of the ladder separates.

    Parameters
    ----------
    steps : pandas.DataFrame
        As `helpers.selection.ladder.ladder` returns it.
    numbering : Numbering
        The segments of every K.
    customers : pandas.DataFrame
        The customers, in the order of the numbering.
    **columns
        `features`, `outcomes`, `value_column` and `floor` of `helpers.profiles.splits.contrast`.

    Returns
    -------
    dict of int to pandas.DataFrame
        By the K after the step.
    """
    found = {}
    for step in steps.to_dict("records"):
        segments = numbering.segments[int(step["k"])]
        parts = np.where(segments == step["first"], 1, np.where(segments == step["second"], 2, 0))
        found[int(step["k"])] = splits.contrast(customers, parts, **columns)
    return found


def ladder_sentences(
    steps: pd.DataFrame,
    found: Mapping[int, pd.DataFrame],
    *,
    names: Mapping[str, str],
    units: Mapping[str, str],
    total: int,
) -> list[str]:
    """
    Say for each step which segment splits, whether it may be trusted, and what it separates.

    Parameters
    ----------
    steps : pandas.DataFrame
        As `helpers.selection.ladder.ladder` returns it.
    found : mapping of int to pandas.DataFrame
        As `contrasts` returns it.
    names, units : mapping of str to str
        Name and unit of each column.
    total : int
        Customers in all segments.

    Returns
    -------
    list of str
        One text a step.
    """
    return [
        f"{_split(step, total)} {_separates(found[int(step['k'])], names, units)} {_cost(step)}"
        for step in steps.to_dict("records")
    ]


def headline(
    steps: pd.DataFrame,
    found: Mapping[int, pd.DataFrame],
    *,
    names: Mapping[str, str],
    units: Mapping[str, str],
) -> list[str]:
    """Say on page one what the next K would bring: one text, none where it does not come back."""
    if steps.empty or not bool(steps["stable"].iloc[0]):
        return []
    step = steps.to_dict("records")[0]
    k = int(step["k"])
    kind = "two groups" if step["valley"] else "slices of one crowd rather than groups"
    return [
        f"One segment more comes back too: K = {k} splits segment {step['parent']} in two, "
        f"{kind} (Jaccard {step['first_jaccard']:.2f} and {step['second_jaccard']:.2f}). "
        f"{_separates(found[k], names, units)} `k: {k}` in the params file makes that report."
    ]


def contrast_table(
    found: pd.DataFrame, names: Mapping[str, str], units: Mapping[str, str]
) -> pd.DataFrame:
    """
    What one split separates, for reading.

    Returns
    -------
    pandas.DataFrame
        `column`, `larger part`, `smaller part` (each with its interval), `difference`.
    """
    return pd.DataFrame(
        [
            {
                "column": words.label(row["column"], names),
                "larger part": _with_interval(row, "first", units),
                "smaller part": _with_interval(row, "second", units),
                "difference": f"{100 * row['difference']:+.1f} points"
                if row["role"] == "outcome"
                else f"{row['difference']:+.2f} standard deviations",
            }
            for row in found.to_dict("records")
        ]
    )


def contrast_caption(step: Mapping[Any, Any]) -> str:
    """Caption of the table of one split."""
    return (
        f"What sets segments {step['first']} and {step['second']} of K = {step['k']} apart, with"
        " intervals of 95%: outcomes took no part in finding them"
    )


def _split(step: Mapping[Any, Any], total: int) -> str:
    k = int(step["k"])
    kind = (
        "Between them the customers thin out: they are two groups."
        if step["valley"]
        else "The customers do not thin out between them: they are slices of one crowd, not groups."
    )
    parts = [
        f"segment {step[name]} ({words.plural(step[f'{name}_n'], 'customer')}, Jaccard "
        f"{step[f'{name}_jaccard']:.2f}, {step[f'{name}_low']:.2f} to {step[f'{name}_high']:.2f} "
        "over the resamples)"
        for name in ("first", "second")
    ]
    return (
        f"K = {k - 1} to {k}: segment {step['parent']} of K = {k - 1} "
        f"({words.percent(step['parent_n'] / total)} of the customers) splits into "
        f"{words.listing(parts)}. {kind}"
    )


def _separates(found: pd.DataFrame, names: Mapping[str, str], units: Mapping[str, str]) -> str:
    apart = (found["first_high"] < found["second_low"]) | (
        found["second_high"] < found["first_low"]
    )
    large = found["difference"].abs() >= LARGE_DIFFERENCE
    features = found[apart & large & found["role"].eq("feature")].head(MOST_FEATURES)
    others = found[apart & ~found["role"].eq("feature")]
    said = [
        f"{words.label(row['column'], names)} ({_with_interval(row, 'first', units)} against "
        f"{_with_interval(row, 'second', units)})"
        for row in [*features.to_dict("records"), *others.to_dict("records")]
    ]
    if not said:
        return "Nothing that was measured sets them apart by much."
    return f"They differ in {words.listing(said)}."


def _cost(step: Mapping[Any, Any]) -> str:
    k = int(step["k"])
    stands = (
        f"Every segment of K = {k} comes back: `k: {k}` in the params file makes that report."
        if step["stable"]
        else f"Not every segment of K = {k} comes back: here the ladder ends."
    )
    return (
        f"{words.percent(step['moved'])} of the customers change segment otherwise; the silhouette "
        f"(Euclidean) goes from {step['silhouette_before']:.2f} to "
        f"{step['silhouette_after']:.2f}. {stands}"
    )


def _with_interval(row: Mapping[Any, Any], side: str, units: Mapping[str, str]) -> str:
    if row["role"] == "outcome":
        if pd.isna(row[side]):
            return "too few customers"
        rate, low, high = (
            words.percent(row[f"{side}{end}"], digits=1) for end in ("", "_low", "_high")
        )
        return f"{rate}, {low} to {high}"
    unit = units.get(row["column"])
    low, high = row[f"{side}_low"], row[f"{side}_high"]
    plain = unit if unit and unit.startswith(("money", "percent")) else None
    return f"{words.number(row[side], unit)}, {words.interval(low, high, plain)}"
