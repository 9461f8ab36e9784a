"""What is proposed for a table that nobody has described yet, and why."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from helpers import words
from helpers.engines.base import Facts, Table
from helpers.engines.local import LocalEngine
from helpers.engines.sql import column_sql, parse_steps, text_sql
from helpers.errors import TableError
from helpers.narrative.reading_notes import column_remark, remark
from helpers.params.column_names import time_unit
from helpers.params.column_types import Column
from helpers.params.vocabulary import says, words_of
from helpers.preparation.categories import LEAST_SHARE, MOST_LEVELS
from helpers.scaffold import features as choosing
from helpers.scaffold.measures import (
    Measures,
    association,
    correlations,
    measure,
    measure_columns,
)
from helpers.scaffold.roles import GOES_FIRST, MOST_MISSING, Role, likely_id, roles_of
from helpers.tables.column_profiles import TableProfile
from helpers.tables.reader import profile_table

FEWEST_WHOLE = 0.8
"""Below this share of whole rows, gaps are filled rather than customers set aside."""
FEWEST_CUSTOMERS = 4
"""Two segments of two."""
MOST_BREAKDOWNS = 8
NO_DATE = "2025-01-01"
TIMES_OF_DAY = {"day", "eve", "evening", "night", "intl", "weekend", "weekday", "morning"}
"""Words that part one sum, although they are of time."""
NO_LOG = ("age", "birth", "start", "percent", "score")
"""Parts that are no amounts: no logarithm is taken of them, however long their tail."""


@dataclass(frozen=True)
class Draft:
    """
    What is proposed for one table.

    `said` is what each column was taken for and why, in the order of the table; derived columns
    follow. `values` are those of the params file. `notes` are sentences about the table.
    """

    file: str
    rows: int
    values: dict[str, Any]
    said: dict[str, str]
    help: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass
class _Found:
    """What is known of a table while a draft is made of it."""

    table: Table
    facts: Facts
    measures: dict[str, Measures]
    roles: dict[str, Role]
    profile: TableProfile
    notes: list[str]
    steps: list[dict[str, str]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Role] = field(default_factory=dict)

    def taken(self, name: str) -> str:
        """A name for a derived column that no column has yet."""
        known = {one.casefold() for one in (*self.facts.columns, *self.parts)}
        while name.casefold() in known:
            name += "_"
        return name

    def derive(self, name: str, sql: str, role: Role) -> str:
        """Propose a derived column."""
        free = self.taken(name)
        self.steps.append({free: sql})
        self.parts[free] = replace(role, name=free)
        return free


def propose(path: Path, *, sheet: str = "") -> Draft:
    """
    Propose a segmentation of a table.

    Parameters
    ----------
    path : Path
        The table.

    Returns
    -------
    Draft
        Values that run as they are, and what each column was taken for.

    Raises
    ------
    TableError
        Where the table cannot be read, has no column that could be a feature, or too few
        customers that differ.
    """
    table, facts, profile, notes = read_raw(path, sheet=sheet)
    measures = measure(table, facts)
    found = _Found(table, facts, measures, _roles(measures, profile), profile, notes)
    _refuse_alike(found, path.name)
    as_of, as_of_help = _derive_dates(found)
    _derive_years(found, as_of)
    _derive_known(found)
    _derive_totals(found)
    return _drafted(found, path.name, as_of, as_of_help)


def _roles(measures: Mapping[str, Measures], profile: TableProfile) -> dict[str, Role]:
    """Roles of the columns; a column that looks like numbers is nothing else in silence."""
    roles = roles_of(measures)
    for name, one in profile.columns.items():
        role = roles[name]
        if one.looks_like and role.kind in ("category", "left out", "key") and one.rivals:
            why = f"{one.looks_like}s that can be read in more than one way"
            roles[name] = replace(role, kind="left out", reason=why)
        elif one.looks_like and role.kind in ("category", "left out", "key"):
            why = f"nearly all {one.looks_like}s, but for {words.plural(one.n_misfits, 'row')}"
            roles[name] = replace(role, kind="left out", reason=why)
        elif one.unit and role.kind == "measure":
            # A share of 12% is read as 12.
            unit = "%" if one.unit == "percent" else role.unit or one.unit
            roles[name] = replace(role, unit=unit, reason=f"{one.unit} by how it is written")
    return roles


# Reading


def read_raw(path: Path, *, sheet: str = "") -> tuple[Table, Facts, TableProfile, list[str]]:
    """
    Read a table as its profile says; what does not fit is text, and said.

    Dates keep the form of the file, so that SQL made from the model reads the raw table.
    """
    profile = profile_table(path, sheet=sheet)
    declared = {name: one.column for name, one in profile.columns.items()}
    table, facts = LocalEngine().read(path, columns=declared, null_values=[""], sheet=sheet)
    formats = {name: _date_format(facts, name) for name in facts.of_type("date")}
    dates = {
        name: replace(declared[name], format=one)
        for name, one in formats.items()
        if one != declared[name].format
    }
    if dates:
        table, facts = LocalEngine().read(
            path, columns=declared | dates, null_values=[""], sheet=sheet
        )
    return table, facts, profile, _notes(profile)


def _notes(profile: TableProfile) -> list[str]:
    """What was done to read the file, and what nearly looks like numbers or dates."""
    said = [*map(remark, profile.notes), *map(column_remark, profile.columns.values())]
    return [one for one in said if one]


def _date_format(facts: Facts, name: str) -> str:
    found = facts.date_formats.get(name, "")
    plain = re.fullmatch(r"[yMd./-]+", found) and "yyyy" in found and found != "yyyyMMdd"
    return found if plain else "yyyy-MM-dd"


def _refuse_alike(found: _Found, file: str) -> None:
    if found.table.rows < FEWEST_CUSTOMERS:
        raise TableError(
            f"`{file}` has {words.plural(found.table.rows, 'row')}: expected at least "
            f"{FEWEST_CUSTOMERS} customers, two segments of two."
        )
    rest = [
        name
        for name, role in found.roles.items()
        if not role.is_key and found.measures[name].distinct > 1
    ]
    if not rest:
        raise TableError(
            f"`{file}`: its {found.table.rows:,} rows are all equal"
            + (" apart from the ID" if any(one.is_key for one in found.roles.values()) else "")
            + ", so that nothing tells customers apart: bring a table whose columns vary."
        )


# Derived columns


def _derive_dates(found: _Found) -> tuple[str, str]:
    """Days since each date or age at it, and the latest date of the table to count from."""
    latest = []
    for name in found.facts.of_type("date"):
        role = found.roles[name]
        if role.kind != "date":
            continue
        date = f"to_date({column_sql(name)}, {text_sql(_date_format(found.facts, name))})"
        answer = found.table.query(f"SELECT CAST(max({date}) AS STRING) AS day FROM customers")
        day = str(answer["day"].iloc[0])[:10]
        if role.part == "birth":
            years = f"floor(datediff(current_date(), {date}) / 365.25)"
            found.derive("age", years, replace(role, part="age"))
            continue
        found.derive(f"days_since_{name.casefold()}", f"datediff(current_date(), {date})", role)
        latest.append((day, name))
    if not latest:
        return NO_DATE, "the day that current_date() stands for; no date needs it yet"
    day, name = max(latest)
    return day, f"the day that current_date() stands for: the latest {_plain(name)}"


def _derive_years(found: _Found, as_of: str) -> None:
    """Age from a year of birth, years as a customer from the year of the beginning."""
    for name, role in found.roles.items():
        if role.kind == "measure" and role.part in ("birth", "start"):
            part = "age" if role.part == "birth" else "tenure"
            made = "age" if part == "age" else f"years_since_{name.casefold()}"
            sql = f"year(current_date()) - {column_sql(name)}"
            found.derive(made, sql, replace(role, part=part, unit="years"))


def _derive_known(found: _Found) -> None:
    """A column without its sentinel, where a number stands for a missing value."""
    for name, role in list(found.roles.items()):
        if role.kind == "measure" and role.sentinel is not None:
            made = found.derive(
                f"{name}_known",
                f"nullif({column_sql(name)}, {role.sentinel:g})",
                replace(role, sentinel=None),
            )
            found.names[made] = words.label(name)


def _derive_totals(found: _Found) -> None:
    """The sum of several columns of money earned or of orders by channel, where none is there."""
    roles = {name: role for name, role in found.roles.items() if role.kind == "measure"}
    for part, concepts in (("earned", ("earned", "charged")), ("orders", ("orders",))):
        own = [name for name, role in roles.items() if role.part == part]
        if part == "orders":
            own = _channels(found)
        together = _summable(own, concepts)
        if len(together) < 2:
            continue
        shared = [word for word in words_of(together[0]) if _in_all(word, together)]
        shared = [word for word in shared if word not in ("total", "num", "number", "of")]
        shown = "_".join("amount" if word in ("mnt", "amt") else word for word in shared[:2])
        sql = " + ".join(f"coalesce({column_sql(name)}, 0)" for name in together)
        if all(not found.measures[name].missing_share for name in together):
            sql = " + ".join(column_sql(name) for name in together)
        made = found.derive(f"total_{shown or part}", sql, roles[together[0]])
        listed = words.listing([f"`{one}`" for one in together])
        found.parts[made] = replace(found.parts[made], reason=f"the sum of {listed}")


def _in_all(word: str, names: Sequence[str]) -> bool:
    return all(word in words_of(name) for name in names)


def _summable(names: Sequence[str], concepts: Sequence[str]) -> list[str]:
    """
    Columns that are parts of one sum: alike but for one kind of goods or channel each.

    None where one of them is the total already, where they are means, or where they differ by a
    figure or a span of time, as the months of a series do.
    """
    if len(names) < 2:
        return []
    told = {name: set(words_of(name)) for name in names}
    common = set.intersection(*told.values())
    if not common or not any(says(word, one) for word in common for one in concepts):
        return []
    for name in names:
        rest = " ".join(sorted(told[name] - common))
        if not rest or any(word.isdigit() for word in told[name] - common):
            return []
        if set(rest.split()) <= TIMES_OF_DAY:
            continue
        if any(says(rest, one) for one in ("total", "window", "average", "calendar", "last")):
            return []
        if says(name, "average"):
            return []
    return list(names)


# The proposal


@dataclass(frozen=True)
class _Choice:
    """Which columns do what."""

    id_column: str
    features: list[str]
    value: str
    logged: list[str]
    outcomes: list[str]
    categories: list[str]
    not_broken: dict[str, str]


def _drafted(found: _Found, file: str, as_of: str, as_of_help: str) -> Draft:
    derived = found.table.derive(parse_steps(found.steps, as_of=as_of))
    made = {name: Column(name, "number") for name in found.parts}
    measured = found.measures | measure_columns(derived, made)
    choice = _choose(found, file, derived, measured)
    values = _values(found, choice, derived, measured) | {"as_of": as_of}
    _drop_unused(found, values)
    return Draft(
        file=file,
        rows=found.table.rows,
        values=values,
        said=_said(found, choice),
        help={"as_of": as_of_help},
        notes=tuple(found.notes),
    )


def _drop_unused(found: _Found, values: dict[str, Any]) -> None:
    """Take back derived columns that nothing uses, and say so of what they were made from."""
    used = {*values["features"], values["value_column"], values["recency_column"]}
    used |= {*values["rfm"].values(), *values["roles"].values()}
    kept = []
    for step in found.steps:
        for name, sql in step.items():
            if name in used:
                kept.append(step)
                continue
            why = found.said.get(name, "left out: nothing uses it").removeprefix("left out: ")
            role = found.parts.pop(name)
            values["units"].pop(name, None)
            values["names"].pop(name, None)
            for column in found.facts.columns:
                if column_sql(column) in sql and not role.reason.startswith("the sum of"):
                    found.said[column] = f"left out: `{name}`, made from it, {why}"
    found.steps = kept
    values["sql_steps"] = kept


def _choose(found: _Found, file: str, derived: Table, measured: Mapping[str, Measures]) -> _Choice:
    candidates = _candidates(found, measured)
    logged = [
        name
        for name, role in candidates.items()
        if role.part not in NO_LOG and role.unit != "percent" and measured[name].has_long_tail
    ]
    found.said |= {name: f"left out: {why}" for name, why in _replaced(found, candidates).items()}
    candidates = {name: role for name, role in candidates.items() if name not in found.said}
    value = _value(candidates, measured)
    matrix = correlations(derived, {name: _shaped(name, name in logged) for name in candidates})
    told = [
        choosing.Candidate(
            name,
            "monetary" if name == value else role.part if role.part in GOES_FIRST else "",
            measured[name].missing_share,
            measured[name].top_share,
        )
        for name, role in candidates.items()
    ]
    features, given_up = choosing.choose(told, matrix, keep=_kept(candidates, value))
    found.said |= {name: f"left out: {why}" for name, why in given_up.items()}
    if len(features) < 2:
        # Where hardly any number measures something flags tell customers apart, and where none
        # does, categories too.
        rest = [name for name, role in found.roles.items() if role.kind == "flag"]
        if not features:
            rest += [name for name, role in found.roles.items() if _could_be_coded(found, role)]
        features += rest[: choosing.MOST_FEATURES - len(features)]
    _refuse_without_features(found, file, features)
    broken = [
        name
        for name, role in found.roles.items()
        if role.kind in ("category", "flag") and name not in features
    ]
    told_by = dict.fromkeys(broken, 0.0)
    if len(broken) > MOST_BREAKDOWNS:
        shaped = {name: _shaped(name, name in logged) for name in features}
        told_by = {name: association(derived, name, shaped) for name in broken}
    categories, not_broken = choosing.breakdowns(told_by, most=MOST_BREAKDOWNS)
    return _Choice(
        id_column=likely_id(found.roles, found.measures),
        features=features,
        value=value,
        logged=logged,
        outcomes=[name for name, role in found.roles.items() if role.kind == "outcome"],
        categories=categories,
        not_broken=not_broken,
    )


def _could_be_coded(found: _Found, role: Role) -> bool:
    """Whether words can be a feature, not codes: see `helpers.preparation.categories`."""
    one = found.measures[role.name]
    if role.kind != "category" or one.distinct > MOST_LEVELS or len(one.top) < 2:
        return False
    if one.is_number:
        return False
    # Its second most frequent entry is one that enough customers share.
    return one.top[1][1] >= max(5, math.ceil(LEAST_SHARE * one.rows))


def _kept(candidates: Mapping[str, Role], value: str) -> list[str]:
    """The value, and the first column of each other part that a segmentation goes by."""
    kept: dict[str, str] = {}
    for name, role in candidates.items():
        kept.setdefault(role.part, name)
    kept = {part: name for part, name in kept.items() if part in (*GOES_FIRST, "orders")}
    return [*([value] if value else []), *kept.values()]


def _candidates(found: _Found, measured: Mapping[str, Measures]) -> dict[str, Role]:
    """Columns that could be features: measures as they are, and derived ones."""
    known = {
        name: role
        for name, role in found.roles.items()
        if role.kind == "measure" and role.sentinel is None and role.part not in ("birth", "start")
    }
    for name, role in found.parts.items():
        one = measured[name]
        if one.distinct >= 3 and one.missing_share <= MOST_MISSING and one.q99 > one.q01:
            known[name] = role
        else:
            found.said[name] = "left out: hardly any two rows differ"
    return known


def _shaped(name: str, is_logged: bool) -> str:
    column = column_sql(name)
    return f"ln(1 + {column})" if is_logged else column


def _replaced(found: _Found, candidates: Mapping[str, Role]) -> dict[str, str]:
    """Parts of a sum of money that is a feature itself; the sum of orders is none."""
    gone: dict[str, str] = {}
    for step in found.steps:
        for name, sql in step.items():
            role = found.parts[name]
            if not role.reason.startswith("the sum of"):
                continue
            if role.part == "orders":
                gone[name] = "the sum of the channels, each of which is a feature"
                continue
            for part in candidates:
                if part != name and f"{column_sql(part)}" in sql:
                    gone[part] = f"counted in `{name}`"
    return gone


def _value(candidates: Mapping[str, Role], measured: Mapping[str, Measures]) -> str:
    """The column of money earned: a total before any other, a mean last; empty for none."""
    own = [name for name, role in candidates.items() if role.part == "earned"]

    def standing(name: str) -> tuple[int, int, int, int, int]:
        totals = name.startswith("total_") or bool(says(name, "total"))
        return (
            bool(says(name, "average")),
            not totals,
            not says(name, "earned"),
            len(words_of(name)),
            own.index(name),
        )

    fit = [name for name in own if measured[name].low >= 0 and measured[name].mean > 0]
    return min(fit, key=standing) if fit else ""


def _refuse_without_features(found: _Found, file: str, usable: Sequence[str]) -> None:
    if usable:
        return
    counted: dict[str, list[str]] = {}
    for name, role in found.roles.items():
        counted.setdefault(role.kind, []).append(name)
    texts = counted.get("category", []) + counted.get("flag", []) + counted.get("outcome", [])
    why = [
        f"`{name}`: {found.said.get(name, found.roles[name].reason).removeprefix('left out: ')}"
        for name in (*counted.get("left out", []), *counted.get("measure", []))
    ]
    held = []
    if texts:
        held.append(
            f"{words.plural(len(texts), 'category', 'categories')} or flags "
            f"({words.listing([f'`{_plain(one)}`' for one in texts[:6]])})"
        )
    if counted.get("key"):
        held.append(words.plural(len(counted["key"]), "key"))
    shown = f" It holds {words.listing(held)}." if held else ""
    rest = f" Left out: {'; '.join(why[:6])}." if why else ""
    rest += "".join(f" {note[0].upper() + note[1:]}." for note in found.notes[:6])
    raise TableError(
        f"`{file}` has no column that could be a feature: K-Means needs at least one number that "
        f"measures something, varies and is mostly there, or a category of few entries."
        f"{shown}{rest} Derive a number in `sql_steps`, "
        "for instance the middle of a band by CASE WHEN."
    )


def _values(
    found: _Found, choice: _Choice, derived: Table, measured: Mapping[str, Measures]
) -> dict[str, Any]:
    """Values of the params file."""
    features, value, categories = choice.features, choice.value, choice.categories
    parts = found.roles | found.parts
    recency = _first(parts, "recency", measured, features)
    frequency = _first(parts, "frequency", measured, features) or _first_orders(found, features)
    rfm = {"recency": recency, "frequency": frequency, "monetary": value}
    numeric = [
        name
        for name in dict.fromkeys((value, *features))
        if name and parts[name].kind != "category"
    ]
    pivots = []
    if len(categories) >= 2 and numeric:
        pivots = [{"mean": numeric[0], "rows": categories[0], "columns": categories[1]}]
    return {
        "title": "Customer segments",
        "id_column": choice.id_column,
        "null_values": [""],
        "columns": {name: _declared(found, name, choice) for name in found.facts.columns},
        "repeats": "keep",
        "impossible": "keep",
        "outliers": "keep",
        "nulls": "median" if _whole_share(derived, features) < FEWEST_WHOLE else "drop",
        "as_of": "",
        "sql_steps": found.steps,
        "features": features,
        "value_column": value,
        "outcomes": choice.outcomes,
        "names": _plain_names(choice, measured) | found.names,
        "units": _units(parts, found),
        "histograms": numeric[:3],
        "box_plots": [
            {"number": number, "by": name} for number in numeric[:1] for name in categories[:2]
        ],
        "correlation_columns": numeric[:8],
        "pivots": pivots,
        "clip_quantiles": [0.005, 0.995],
        "transforms": {name: "log" for name in features if name in choice.logged},
        "k": "auto",
        "k_min": 2,
        "k_max": max(2, min(12, found.table.rows // 10)),
        "personas": "params/personas-roles.yml",
        "channels": _channels(found),
        "visits_column": _first(parts, "visits", measured, features),
        "recency_column": recency,
        "rfm": rfm if all(rfm.values()) and len(set(rfm.values())) == len(rfm) else {},
        "roles": _played(found, choice, measured, frequency),
        "category_columns": categories,
        "spend_columns": _parts_of_value(found, value),
    }


PLAIN_NAMES = {
    "recency": "time since the last order",
    "frequency": "orders",
    "monetary": "spending",
}
"""What columns are called in prose whose names are those of RFM alone."""


def _plain_names(choice: _Choice, measured: Mapping[str, Measures]) -> dict[str, str]:
    """Names in prose for columns that are called recency, frequency or monetary alone."""
    named = {}
    for name in choice.features:
        plain = PLAIN_NAMES.get(" ".join(words_of(name)), "")
        if plain and plain not in {one.casefold() for one in measured}:
            named[name] = plain
    return named


def _played(
    found: _Found, choice: _Choice, measured: Mapping[str, Measures], frequency: str
) -> dict[str, str]:
    """Columns by the part that they play for personas; recency and visits have their own keys."""
    parts = found.roles | found.parts

    def speaking(concept: str, names: Sequence[str]) -> str:
        return next((name for name in names if says(name, concept)), "")

    counts = [
        name
        for name in choice.features
        if parts[name].kind == "measure" and parts[name].part not in ("earned", "income", "age")
    ]
    losses = [name for name in counts if measured[name].low >= 0 and not time_unit(name)]
    narrow = [
        name
        for name in losses
        if parts[name].unit != "money" and measured[name].whole and measured[name].high <= 1000
    ]
    told = {
        "frequency": frequency,
        "tenure": _first(parts, "tenure", measured, choice.features),
        "breadth": speaking("breadth", narrow),
        "risk": speaking("losing", [*losses, *choice.outcomes]),
        "income": _first(parts, "income", measured, choice.features),
        "age": _first(parts, "age", measured, choice.features),
        "loss": speaking("leaving", choice.outcomes),
        "response": speaking("answering", choice.outcomes),
    }
    kept = {part: name for part, name in told.items() if name in choice.features}
    return kept | {part: told[part] for part in told if told[part] in choice.outcomes}


def _units(parts: Mapping[str, Role], found: _Found) -> dict[str, str]:
    return {
        name: role.unit
        for name, role in parts.items()
        if role.unit
        and (role.kind == "measure" or name in found.parts)
        and (name in found.parts or role.part not in ("birth", "start"))
    }


def _first(
    parts: Mapping[str, Role], part: str, measured: Mapping[str, Measures], features: Sequence[str]
) -> str:
    """The column that plays a part, features before others; empty where none does."""
    own = [
        name
        for name, role in parts.items()
        if role.part == part
        and role.kind in ("measure", "date")
        and role.sentinel is None
        and measured[name].type != "date"
    ]
    fit = [name for name in features if name in own] or own
    return fit[0] if fit else ""


def _first_orders(found: _Found, features: Sequence[str]) -> str:
    sums = [name for name, role in found.parts.items() if role.part == "orders"]
    if sums:
        return sums[0]
    own = [name for name in features if (found.roles | found.parts)[name].part == "orders"]
    return own[0] if own else ""


def _channels(found: _Found) -> list[str]:
    """Columns that count orders by channel, each with its own."""
    own = [
        name
        for name, role in found.roles.items()
        if role.kind == "measure" and role.part == "orders" and says(name, "channel")
    ]
    return own if len({says(name, "channel") for name in own}) >= 2 else []


def _parts_of_value(found: _Found, value: str) -> list[str]:
    """Columns that the value is the sum of."""
    sql = next((step[value] for step in found.steps if value in step), "")
    return [name for name in found.facts.columns if value and column_sql(name) in sql]


def _said(found: _Found, choice: _Choice) -> dict[str, str]:
    """What each column was taken for and why."""
    used_by: dict[str, list[str]] = {}
    for step in found.steps:
        for name, sql in step.items():
            for column in found.facts.columns:
                if column_sql(column) in sql:
                    used_by.setdefault(column, []).append(name)
    said = {}
    for name, role in (found.roles | found.parts).items():
        said[name] = _said_of(found, choice, role, _uses(used_by, name))
        gaps = _gap_count(found, name) if name in found.measures else 0
        if gaps and role.kind != "left out":
            said[name] += f"; {words.plural(gaps, 'row')} without"
    return said


def _said_of(found: _Found, choice: _Choice, role: Role, uses: str) -> str:
    name = role.name
    if name in choice.features:
        return _said_of_feature(choice, role)
    if name == choice.id_column:
        return f"the ID: {role.reason}"
    if name in choice.outcomes:
        return f"outcome: {role.reason}{_texts(role)}"
    if name in choice.categories:
        noun = "flag" if role.kind == "flag" else "category"
        return f"{noun} to break down by: {role.reason}{_texts(role)}"
    if name in choice.not_broken:
        return f"not broken down by: {choice.not_broken[name]}"
    if name in found.said:
        return found.said[name]
    if role.kind == "date" and uses:
        return f"{role.reason.split(':')[0]}: used by {uses}"
    if role.sentinel is not None and uses:
        return f"{role.sentinel:g} stands for a missing value: used by {uses}"
    if uses:
        return f"used by {uses}"
    return f"left out, a key: {role.reason}" if role.is_key else f"left out: {role.reason}"


def _said_of_feature(choice: _Choice, role: Role) -> str:
    told = ["the value"] if role.name == choice.value else []
    if role.part in GOES_FIRST and role.part != role.unit:
        told.append(role.part)
    told += [role.unit, "long tail: log" if role.name in choice.logged else ""]
    shown = ", ".join(dict.fromkeys(one for one in told if one))
    return f"feature{': ' + shown if shown else ''} ({role.reason})"


def _gap_count(found: _Found, name: str) -> int:
    return found.measures[name].rows - found.measures[name].held


def _texts(role: Role) -> str:
    return f", true where {role.true!r}" if role.true else ""


def _uses(used_by: Mapping[str, list[str]], name: str) -> str:
    return words.listing([f"`{one}`" for one in used_by.get(name, [])])


def _declared(found: _Found, name: str, choice: _Choice) -> dict[str, Any]:
    role, type_ = found.roles[name], found.facts.columns[name].type
    if name == choice.id_column:
        return {"type": "id"}
    if role.kind in ("flag", "outcome"):
        texts = {"true": role.true, "false": role.false} if role.true else {}
        return {"type": "flag"} | texts
    if role.kind in ("key", "category") or (role.kind == "left out" and role.is_private):
        nulls = found.profile.columns[name].declaration().get("null_values")
        return {"type": "category"} | ({"null_values": nulls} if nulls else {})
    declared = found.profile.columns[name].declaration() | {"type": type_}
    if type_ == "date":
        declared["format"] = _date_format(found.facts, name)
        if declared.get("read_as") == declared["format"]:
            del declared["read_as"]
    return declared


def _whole_share(table: Table, features: Sequence[str]) -> float:
    whole = " AND ".join(f"{column_sql(name)} IS NOT NULL" for name in features)
    answer = table.query(f"SELECT count(*) AS n FROM customers WHERE {whole}")
    return int(answer["n"].iloc[0]) / table.rows


def _plain(text: str) -> str:
    """A name for a comment: on one line, and short."""
    shown = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return shown if len(shown) <= 40 else shown[:40] + "..."
