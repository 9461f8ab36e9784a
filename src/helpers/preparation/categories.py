"""Categories as features: indicator columns, weighed as in factor analysis of mixed data."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from helpers import words
from helpers.engines.base import REASON, Table
from helpers.engines.sql import column_sql, text_sql
from helpers.errors import ParamsError
from helpers.params.column_types import Column
from helpers.preparation.privacy import is_private
from helpers.preparation.scaling import FLAG

MOST_LEVELS = 20
"""A category with more entries is no feature until they are grouped."""
LEAST_SHARE = 0.01
"""Entries of fewer customers than this share are joined, lest a few of them make a segment."""
LONGEST = 40
"""Characters of an entry that the name of its column shows."""


@dataclass(frozen=True)
class Coding:
    """
    Features with each category replaced by columns that K-Means can take.

    Attributes
    ----------
    features : tuple of str
        Names of the features, numbers as they are.
    steps : tuple of dict of str to str
        A derived column for each indicator: 1 for customers with the entry, 0 for the others.
    kinds : dict of str to str
        How each of them is scaled; see `helpers.preparation.scaling.fit_scaling`.
    labels : dict of str to str
        What each of them is called in prose.
    """

    features: tuple[str, ...]
    steps: tuple[dict[str, str], ...] = ()
    kinds: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def units(self) -> dict[str, str]:
        """The mean of an indicator is a share."""
        return dict.fromkeys(self.kinds, "percent")

    def facts(self) -> dict[str, Any]:
        """Ready for JSON; empty where no feature is a category."""
        if not self.kinds:
            return {}
        return {
            "coding": {
                "features": list(self.features),
                "steps": list(self.steps),
                "kinds": self.kinds,
                "labels": self.labels,
            }
        }


def coding_of(handed_on: Mapping[str, Any], features: Sequence[str]) -> Coding:
    """
    The coding as `Coding.facts` has written it; the features as they are where there is none.

    Examples
    --------
    >>> coding_of({}, ["spend"]).features
    ('spend',)
    """
    facts = handed_on.get("coding")
    if not facts:
        return Coding(tuple(features))
    return Coding(
        tuple(facts["features"]), tuple(facts["steps"]), dict(facts["kinds"]), dict(facts["labels"])
    )


def code_categories(
    table: Table,
    features: Sequence[str],
    columns: Mapping[str, Column],
    *,
    floor: int = 1,
    labels: Mapping[str, str] | None = None,
) -> Coding:
    """
    Replace the categories among features by indicator columns.

    Parameters
    ----------
    table : Table
        The customers, with a column `reason`: those that have none are counted.
    features : sequence of str
        Numbers, flags and categories. A flag is a number, 0 or 1, and stays.
    columns : mapping of str to Column
        Columns of the table, by which a category is known.
    floor : int
        Entries of fewer customers are joined with other rare ones.
    labels : mapping of str to str, optional
        What columns are called in prose.

    Returns
    -------
    Coding
        A category of two entries becomes one column, which is standardised like a number. One of
        m entries becomes m columns, each (x - p) / sqrt(p (m - 1)) with p the share of its
        customers: divided by the root of the share, as in factor analysis of mixed data, and so
        that a category varies as much as a number does. Two customers with different entries are
        (1/p + 1/q) / (m - 1) apart, squared; with two entries both codings give the same.
        Customers who have none form an entry of their own. Entries of fewer than 1 % of the
        customers, or of fewer than `floor`, are joined; one that is new when the model scores
        counts among these where there are such, and else is 0 in every column.

    Raises
    ------
    ParamsError
        For a category with more than 20 entries, with one only, or that names customers.

    Notes
    -----
    J. Pagès (2004), *Analyse factorielle de données mixtes*, Revue de Statistique Appliquée 52(4),
    divides by the root of the share alone, under which a category varies by m - 1. In K-Means that
    lets a category of many entries outweigh the numbers: on simulated tables with known groups
    the agreement with these is greater with the further division.
    """
    found: list[str] = []
    steps: list[dict[str, str]] = []
    kinds: dict[str, str] = {}
    said: dict[str, str] = {}
    taken = {name.casefold() for name in table.columns}
    for feature in features:
        column = columns.get(feature)
        if column is None or column.type != "category":
            found.append(feature)
            continue
        kept, rare = _entries(table, feature, floor=floor)
        tests = {entry: _is_entry(feature, entry) for entry in kept}
        shown = {entry: words.NOT_KNOWN if entry is None else entry for entry in kept}
        if rare:
            others = " OR ".join(tests.values()) or "1 = 0"
            tests[words.OTHERS], shown[words.OTHERS] = (
                f"NOT coalesce({others}, false)",
                words.OTHERS,
            )
        is_pair = len(tests) == 2
        for entry, test in list(tests.items())[: 1 if is_pair else None]:
            name = _free(f"{feature}: {_short(shown[entry])}", taken)
            found.append(name)
            steps.append({name: f"CASE WHEN {test} THEN 1 ELSE 0 END"})
            kinds[name] = FLAG if is_pair else f"indicator of {len(tests)}"
            said[name] = f"{words.label(feature, labels)}: {_short(shown[entry])}"
    return Coding(tuple(found), tuple(steps), kinds, said)


def _entries(table: Table, column: str, *, floor: int) -> tuple[list[str | None], bool]:
    """Entries that get a column each, by falling count, and whether there are rarer ones."""
    name = column_sql(column)
    counts = table.query(
        f"SELECT CAST({name} AS STRING) AS entry, count(*) AS n FROM customers "
        f"WHERE {REASON} IS NULL GROUP BY 1 ORDER BY n DESC, entry LIMIT {10 * MOST_LEVELS}"
    )
    known = counts["entry"].notna()
    distinct, held = int(known.sum()), int(counts.loc[known, "n"].sum())
    if distinct > MOST_LEVELS:
        raise ParamsError(
            f"feature `{column}` is a category with more than {MOST_LEVELS} entries: group them "
            "in `sql_steps`, for instance by CASE WHEN, or take it out of `features`."
        )
    if is_private(column, held=held, distinct=distinct):
        raise ParamsError(
            f"feature `{column}` names customers rather than describing them: take it out of "
            "`features`."
        )
    if len(counts) < 2:
        raise ParamsError(
            f"feature `{column}` has the same entry for all customers: it cannot tell them apart. "
            "Take it out of `features`."
        )
    fewest = max(floor, math.ceil(LEAST_SHARE * int(counts["n"].sum())))
    pairs = [
        (None if missing else str(entry), int(n))
        for entry, missing, n in zip(counts["entry"], ~known, counts["n"], strict=True)
    ]
    rare = sum(n for _, n in pairs if n < fewest)
    kept = [pair for pair in pairs if pair[1] >= fewest]
    while kept and 0 < rare < fewest:
        rare += kept.pop()[1]
    if len(kept) + bool(rare) < 2:
        raise ParamsError(
            f"feature `{column}` has no two entries of {fewest:,} customers or more: it cannot "
            "tell groups of customers apart. Take it out of `features`."
        )
    return [entry for entry, _ in kept], rare > 0


def _is_entry(column: str, entry: str | None) -> str:
    name = column_sql(column)
    return f"{name} IS NULL" if entry is None else f"{name} = {text_sql(entry)}"


def _short(entry: str) -> str:
    plain = " ".join("".join(one if one.isprintable() else " " for one in entry).split())
    return plain if len(plain) <= LONGEST else plain[:LONGEST] + "..."


def _free(name: str, taken: set[str]) -> str:
    """A name that no column has, and no other indicator."""
    free, number = name, 2
    while free.casefold() in taken:
        free, number = f"{name} ({number})", number + 1
    taken.add(free.casefold())
    return free
