"""What a segment is called that no persona fits: what tells it apart, in the table's own words."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers import words
from helpers.params.vocabulary import UNITS_OF_TIME, says

DISTINCT = 0.25
"""Below this many deviations a feature says nothing about a segment."""
NEAR = (0.6, 1.75)
"""Ratios to the mean of all between which a segment that is near by deviations must lie too."""
MOST_NAMED = 2
"""Features in a name, unless more are needed to tell it from another one."""
MOST_SAID = 3
SMALL_WORDS = ("of", "a", "an", "the", "per", "since", "in", "from", "to", "by", "as")


@dataclass(frozen=True)
class Words:
    """
    What the columns of a table are called.

    Attributes
    ----------
    units, labels : mapping of str to str
        Unit and name in words of each column; see `helpers.words`.
    phrases : mapping of str to (str, str)
        What customers with much and with little of a column are called, where a catalogue says so.
    flags : frozenset of str
        Columns that are 0 or 1 for every customer: of these a share is told.
    """

    units: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    phrases: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()

    def label(self, column: str) -> str:
        """A column in words."""
        return words.label(column, self.labels)

    def unit(self, column: str) -> str | None:
        """Unit of a column."""
        return "percent" if column in self.flags else self.units.get(column)


@dataclass
class Described:
    """
    The texts of one segment, and each figure in them.

    Attributes
    ----------
    texts : dict of str to str
        ``persona``, ``summary``, ``evidence``, ``action``, ``objective``, ``trigger``, ``metric``.
    figures : list of (str, str, float, str)
        Key of the text, what was computed, its value before rounding, and how it is said.
    """

    texts: dict[str, str] = field(default_factory=dict)
    figures: list[tuple[str, str, float, str]] = field(default_factory=list)

    def add(self, key: str, measure: str, value: float, said: str) -> str:
        """Keep a figure, and hand on how it is said."""
        self.figures.append((key, measure, value, said))
        return said


def described(
    places: pd.DataFrame, members: pd.DataFrame, spoken: Words, *, taken: set[str], total: int
) -> Described:
    """
    Describe a segment by the features that set it apart most.

    Parameters
    ----------
    places : DataFrame
        The rows of the segment of `helpers.profiles.summary.standing`.
    members : DataFrame
        Its customers, with the features.
    spoken : Words
        What the columns are called.
    taken : set of str
        Names that other segments have.
    total : int
        Customers of all segments.

    Returns
    -------
    Described
        Its name is none of `taken`.

    Examples
    --------
    >>> from helpers.profiles.summary import standing
    >>> frame = pd.DataFrame({"charges": [90.0, 110.0, 10.0, 30.0]})
    >>> spoken = Words({"charges": "money"}, {"charges": "monthly charges"})
    >>> places = standing(frame, [1, 1, 2, 2], ["charges"])
    >>> one = described(places.head(1), frame.head(2), spoken, taken=set(), total=4)
    >>> one.texts["persona"], one.texts["summary"]
    ('High Monthly Charges', '2 customers with monthly charges of 100 (67% above average).')
    """
    told = Described()
    order = places.assign(size=places["z"].abs()).sort_values(
        "size", ascending=False, kind="stable"
    )
    distinct = (order["size"] >= DISTINCT) | ~_near_by_ratio(order, members)
    apart = order[distinct].to_dict("records")
    count = told.add("summary", "n", len(members), words.plural(len(members), "customer"))
    told.texts["persona"] = _name(int(places["segment"].iloc[0]), apart, spoken, taken)
    told.texts["objective"] = "investigate"
    if not apart:
        share = len(members) / total
        told.texts |= {
            "summary": words.sentence(count, "who are close to the average throughout"),
            "evidence": words.sentence(
                "No feature of theirs is far from the average of all customers"
            ),
            "action": "Do for them what is done for all customers: nothing measured here asks for "
            "more.",
            "trigger": "A customer who is in another segment in the next run.",
            "metric": words.sentence(
                "Their share of all customers, now",
                told.add("metric", "share", share, words.percent(share)),
            ),
        }
        return told
    said = {
        key: words.listing([_clause(told, key, row, spoken) for row in apart[:most]])
        for key, most in (("summary", MOST_NAMED), ("evidence", MOST_SAID))
    }
    told.texts |= {
        "summary": words.sentence(count, "with", said["summary"]),
        "evidence": words.sentence("Per customer:", said["evidence"]),
        "action": _action(told, apart[0], members, spoken),
        "trigger": _trigger(told, apart[0], members, spoken),
        "metric": _metric(told, apart[0], spoken),
    }
    return told


def _near_by_ratio(places: pd.DataFrame, members: pd.DataFrame) -> pd.Series:
    """Whether a mean is near that of all by ratio, which says nothing of what may be below 0."""
    ratio = places["mean"] / places["overall"].where(places["overall"] > 0)
    signed = [bool((members[str(one)] < 0).any()) for one in places["feature"]]
    return ratio.between(*NEAR) | ratio.isna() | pd.Series(signed, index=places.index)


def _clause(told: Described, key: str, row: Mapping[Hashable, Any], spoken: Words) -> str:
    column, mean, overall = str(row["feature"]), float(row["mean"]), float(row["overall"])
    unit = spoken.unit(column)
    against = words.against_average(mean, overall, unit=unit)
    told.add(key, f"overall mean({column})", overall, against)
    name = spoken.label(column)
    if column in spoken.flags:
        said = f"{name} for {words.percent(mean)}"
    else:
        said = words.quantity(mean, name, unit)
    return f"{told.add(key, f'mean({column})', mean, said)} ({against})"


def _name(number: int, apart: list[dict[Hashable, Any]], spoken: Words, taken: set[str]) -> str:
    parts = [_phrase(row, spoken) for row in apart] or ["Close to the Average"]
    for count in range(min(MOST_NAMED, len(parts)), len(parts) + 1):
        name = ", ".join(parts[:count])
        if name not in taken:
            return name
    return f"{', '.join(parts[:MOST_NAMED])} (Segment {number})"


def _phrase(row: Mapping[Hashable, Any], spoken: Words) -> str:
    """What customers with much or little of a column are called."""
    column, high = str(row["feature"]), float(row["z"]) > 0
    phrase = spoken.phrases.get(column)
    if phrase is not None:
        return phrase[0] if high else phrase[1]
    name, kind = spoken.label(column), (spoken.unit(column) or "").split(" ")[0]
    if column in spoken.flags:
        much = "Mostly" if float(row["mean"]) >= 0.5 else "More Often"
        little = "Hardly Ever" if float(row["mean"]) < 0.05 else "Less Often"
    elif kind == "years" and says(name, "age"):
        return "Older" if high else "Younger"
    elif kind in UNITS_OF_TIME and kind not in name.split():
        much, little = "Long", "Short"
    elif words.is_plural(name) and kind not in ("money", "percent"):
        much, little = "Many", "Few"
    else:
        much, little = "High", "Low"
    titled = [w if w in SMALL_WORDS or not w.islower() else w.capitalize() for w in name.split()]
    return " ".join([much if high else little, *titled])


def _action(
    told: Described, row: Mapping[Hashable, Any], members: pd.DataFrame, spoken: Words
) -> str:
    half = told.add("action", "n", len(members), words.plural(len(members), "customer"))
    return words.sentence(
        f"Make one offer that fits them by {spoken.label(str(row['feature']))} to one half of the",
        f"{half}, drawn by lot, and to the other half only if the first does better",
    )


def _trigger(
    told: Described, row: Mapping[Hashable, Any], members: pd.DataFrame, spoken: Words
) -> str:
    column, high = str(row["feature"]), float(row["z"]) > 0
    name = spoken.label(column)
    if column in spoken.flags:
        return words.sentence(f"A customer for whom it changes: {name}")
    percent = 25 if high else 75
    bound = float(np.percentile(members[column].dropna().to_numpy(dtype=float), percent))
    said = told.add(
        "trigger",
        f"quantile({column}, {percent})",
        bound,
        words.number(bound, spoken.unit(column)),
    )
    verb = ("fall below" if high else "rise above") if words.is_plural(name) else None
    verb = verb or ("falls below" if high else "rises above")
    return words.sentence(f"A customer whose {name} {verb} {said}")


def _metric(told: Described, row: Mapping[Hashable, Any], spoken: Words) -> str:
    column, mean = str(row["feature"]), float(row["mean"])
    unit = spoken.unit(column)
    said = told.add("metric", f"mean({column})", mean, words.number(mean, unit))
    name = spoken.label(column)
    if column in spoken.flags:
        return words.sentence(f"Share of them, {name}, now {said}")
    return words.sentence(f"{name} per customer, now {said}")
