"""Personas: a name, its evidence and a next step for every segment, found by predicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment

from helpers import words
from helpers.params.loader import nearest
from helpers.personas import description
from helpers.personas.catalogue import (
    OBJECTIVES,
    TEXTS,
    VALUE,
    Catalogue,
    Persona,
    load_catalogue,
    static_faults,
)
from helpers.personas.due import Due
from helpers.personas.predicates import (
    Formula,
    Measure,
    Predicate,
    column_formula,
    measure_values,
    row_values,
)
from helpers.personas.templates import Hole, Template, say
from helpers.profiles.numbering import align
from helpers.profiles.privacy import unnamed_persona
from helpers.profiles.summary import standing

__all__ = [
    "OBJECTIVES",
    "Catalogue",
    "assign",
    "catalogue_report",
    "figures",
    "fits",
    "load_catalogue",
    "played",
]

COLUMNS = (
    "segment",
    "persona",
    "summary",
    "evidence",
    "action",
    "objective",
    "trigger",
    "metric",
    "due",
    "fallback",
)

# One more named segment outweighs any gain of fit among the segments that are named already.
_NAMED = 1e4


def assign(
    catalogue: Catalogue,
    features: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    columns: Sequence[str],
    *,
    units: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    value: str | None = None,
    roles: Mapping[str, str] | None = None,
    floor: int = 1,
) -> pd.DataFrame:
    """Name every segment, give the evidence for its name, and say what to do.

    A persona may be given to a segment for which all its predicates hold. Among all ways to do
    so, each persona at most once, the one that names the most segments is taken, and among
    those the one with the greatest total fit. The fit of a persona is the sum over its
    predicates of 1 to 2 (see `Predicate.fit`): a persona that says more about a segment comes
    before one that says less, and one whose bounds are far away before one whose bounds are
    close. A segment that is left over gets a descriptive name of its own.

    Parameters
    ----------
    catalogue : Catalogue
        From `load_catalogue`.
    features : DataFrame of n rows
        The customers. Predicates may use any of its numeric columns; a persona that needs a
        column which is not there does not apply (see `catalogue_report`).
    segments : Series or array of shape (n,)
        Segments numbered from 1; missing for a customer without one.
    columns : sequence of str
        The features from which a fallback name is made.
    units, labels : mapping of str to str, optional
        Unit and name in words of each column; see `helpers.words`.
    value : str, optional
        The value column, to which a catalogue may refer as ``value``.
    roles : mapping of str to str, optional
        Role to column, for a catalogue that speaks of roles; see `played`.
    floor : int
        Segments with fewer customers get no persona: their name says that they are too few (see
        `helpers.profiles.privacy`).

    Returns
    -------
    DataFrame of K rows, by segment
        ``segment``, ``persona`` (never twice), ``summary``, ``evidence``, ``action``,
        ``objective``, ``trigger``, ``metric``, ``due`` (share of the segment that meets the
        trigger today; missing where the table cannot tell), and ``fallback`` (True where no
        persona fits).

    Notes
    -----
    A predicate such as ``z(value) between -0.3 and 0.3`` says that a segment is near all customers.
    It holds only where the segment's mean is so by ratio too (see `description.NEAR`): where a
    few very large values stretch the deviation, a mean far below that of all is few deviations
    away.

    Nothing here depends on how many other columns there are, on a random number or on the
    labels that the fit gave. The names are words for averages: a segment called after its high
    income has customers with a low one.
    """
    profile = _Profile(catalogue, features, segments, value, units, labels, floor, roles)
    return _named(profile, columns)[0]


def figures(
    catalogue: Catalogue,
    features: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    columns: Sequence[str],
    *,
    units: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    value: str | None = None,
    roles: Mapping[str, str] | None = None,
    floor: int = 1,
) -> pd.DataFrame:
    """List every computed figure in the texts of `assign`, so that each can be traced.

    Parameters
    ----------
    catalogue, features, segments, columns, units, labels, value, roles, floor
        As in `assign`.

    Returns
    -------
    DataFrame
        ``segment``, ``text`` (``summary``, ``evidence`` and so on), ``measure`` (what was
        computed), ``value`` (before rounding) and ``said`` (as it stands in the text).
    """
    profile = _Profile(catalogue, features, segments, value, units, labels, floor, roles)
    _, trace = _named(profile, columns)
    return pd.DataFrame(trace, columns=["segment", "text", "measure", "value", "said"])


def played(
    roles: Mapping[str, str],
    *,
    rfm: Mapping[str, str] | None = None,
    recency_column: str = "",
    visits_column: str = "",
) -> dict[str, str]:
    """
    Say which column plays which part, from all that a params file says of it.

    Parameters
    ----------
    roles : mapping of str to str
        Role of `helpers.personas.catalogue.ROLES` to column, as `roles` of the params file.
    rfm : mapping of str to str, optional
        Columns of recency and frequency, as `rfm` of the params file.
    recency_column, visits_column : str
        As in the params file.

    Returns
    -------
    dict of str to str
        Role to column; what `roles` says comes before the rest.

    Examples
    --------
    >>> played({"tenure": "months"}, recency_column="days", visits_column="logins")
    {'recency': 'days', 'activity': 'logins', 'tenure': 'months'}
    """
    given = {
        "recency": recency_column or (rfm or {}).get("recency", ""),
        "frequency": (rfm or {}).get("frequency", ""),
        "activity": visits_column,
    }
    return {role: column for role, column in (given | dict(roles)).items() if column}


def fits(
    catalogue: Catalogue,
    features: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    *,
    value: str | None = None,
    roles: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Hold every persona against every segment.

    Parameters
    ----------
    catalogue, features, segments, value, roles
        As in `assign`.

    Returns
    -------
    DataFrame of K x personas rows
        ``segment``, ``persona``, ``applies`` (False where a column is missing), ``holds`` (all
        predicates), ``fit`` (0 where one does not hold), ``against`` (the predicates that do not
        hold, as they stand in the catalogue).
    """
    profile = _Profile(catalogue, features, segments, value, roles=roles)
    rows = []
    for number in profile.numbers:
        for persona in catalogue.personas:
            missing = profile.missing(persona)
            against = [] if missing else profile.against(persona, number)
            rows.append(
                {
                    "segment": number,
                    "persona": persona.name,
                    "applies": not missing,
                    "holds": not missing and not against,
                    "fit": 0.0 if missing else profile.fit(persona, number),
                    "against": "; ".join(predicate.text for predicate in against),
                }
            )
    return pd.DataFrame(rows, columns=["segment", "persona", "applies", "holds", "fit", "against"])


def catalogue_report(
    catalogue: Catalogue,
    features: pd.DataFrame | None = None,
    segments: pd.Series | npt.ArrayLike | None = None,
    *,
    value: str | None = None,
    roles: Mapping[str, str] | None = None,
    floor: int = 1,
    tolerance: float = 0.02,
) -> pd.DataFrame:
    """Report what is doubtful in a catalogue, by itself and on a table.

    Parameters
    ----------
    catalogue : Catalogue
        From `load_catalogue`.
    features, segments, value, roles, floor
        As in `assign`; without them only the catalogue itself is looked at.
    tolerance : float
        Relative difference of fits up to which two personas fit a segment equally.

    Returns
    -------
    DataFrame
        ``kind``, ``persona``, ``segment`` (missing where none is meant) and ``message``. Kinds:

        - ``contradiction``: predicates that cannot hold together;
        - ``same predicates``: two personas that nothing can tell apart;
        - ``typed figure``: a figure typed into a text;
        - ``not applicable``: the table lacks a column that the persona needs;
        - ``ambiguous``: two personas fit one segment equally, none better;
        - ``shared``: one persona is the best fit of two segments, and only one can have it;
        - ``unnamed``: no persona was left for a segment.
    """
    rows: list[dict[str, Any]] = [
        {"kind": kind, "persona": name, "segment": pd.NA, "message": message}
        for kind, name, message in static_faults(catalogue)
    ]
    if features is not None and segments is not None:
        profile = _Profile(catalogue, features, segments, value, floor=floor, roles=roles)
        rows += _doubts(catalogue, profile, tolerance)
    report = pd.DataFrame(rows, columns=["kind", "persona", "segment", "message"])
    return report.astype({"segment": "Int64"})


class _Profile:
    """Everything that the predicates and texts of a catalogue measure on one table."""

    def __init__(
        self,
        catalogue: Catalogue,
        features: pd.DataFrame,
        segments: pd.Series | npt.ArrayLike,
        value: str | None,
        units: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
        floor: int = 1,
        roles: Mapping[str, str] | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.floor = floor
        self.table, self.codes = align(features, segments)
        self.frame = self.table
        self.own_units, self.own_labels = dict(units or {}), dict(labels or {})
        self.units, self.labels = dict(self.own_units), dict(self.own_labels)
        self._overall: dict[str, float] = {}
        self._least: dict[str, float] = {}
        self.numeric = {
            str(column)
            for column in self.table.columns
            if pd.api.types.is_numeric_dtype(self.table[column])
        }
        # A column of the table has its own name before any measure of a catalogue.
        measures = {
            name: measure
            for name, measure in catalogue.measures.items()
            if name not in self.table.columns
        }
        self.formulas: dict[str, Formula] = {
            name: measure.formula for name, measure in measures.items()
        }
        for name, measure in measures.items():
            self.units.setdefault(name, measure.unit or "")
            self.labels.setdefault(name, measure.label)
        self.parts = {
            role: column
            for role, column in (roles or {}).items()
            if role in catalogue.roles and column in self.numeric
        }
        if value in self.numeric:
            self.parts[VALUE] = str(value)
        self._play_parts()
        usable = [persona for persona in catalogue.personas if not self.missing(persona)]
        wanted = [p.measure for persona in usable for p in persona.when]
        wanted += [
            hole.measure
            for persona in usable
            for key in TEXTS
            for hole in getattr(persona, key).holes
        ]
        for predicate in (p for persona in usable for p in persona.when):
            if predicate.measure.formula and predicate.measure.kind != "totals":
                wanted.append(Measure("mean", predicate.measure.formula))
        wanted.append(Measure("n"))
        self.values = measure_values(
            {measure.text: measure for measure in wanted},
            self.frame,
            self.codes,
            formulas=self.formulas,
        )
        self.numbers = [int(number) for number in self.values.index]
        sizes = self.values[Measure("n").text]
        self.small = [number for number in self.numbers if sizes.loc[number] < floor]
        self.told = [number for number in self.numbers if number not in self.small]
        self.personas = usable

    def _play_parts(self) -> None:
        """Let each role stand for its column, also where that or another one has its name."""
        inner = {role: f"\0{role}" for role in self.parts}
        self.frame = self.table.assign(
            **{inner[role]: self.table[column] for role, column in self.parts.items()}
        )
        for role, column in self.parts.items():
            self.formulas[role] = column_formula(inner[role])
            self.units[role] = self.own_units.get(column, "")
            self.labels[role] = words.label(column, self.own_labels)
        self.numeric |= set(inner.values()) if self.parts else set()

    def missing(self, persona: Persona) -> list[str]:
        """Columns that a persona needs and the table does not hold as numbers."""
        needs: list[str] = []
        for name in persona.names:
            if name in (VALUE, *self.catalogue.roles) and name not in self.parts:
                needs.append(name)
            elif name in self.formulas:
                needs += [n for n in self._behind(name) if n not in self.numeric]
            elif name not in self.numeric:
                needs.append(name)
        return list(dict.fromkeys(needs))

    def _behind(self, name: str) -> list[str]:
        if name not in self.formulas:
            return [name]
        return [column for inner in self.formulas[name].names for column in self._behind(inner)]

    def value(self, measure: Measure, number: int) -> float:
        return float(self.values[measure.text].loc[number])

    def against(self, persona: Persona, number: int) -> list[Predicate]:
        count = len(self.numbers)
        return [
            p
            for p in persona.when
            if not p.holds(self.value(p.measure, number), count) or not self._is_near(p, number)
        ]

    def _is_near(self, predicate: Predicate, number: int) -> bool:
        """Whether a segment that is near all by deviations is so by ratio as well."""
        formula, low, high = predicate.measure.formula, predicate.low, predicate.high
        is_near = predicate.measure.kind == "z" and -1 < low < 0 < high < 1
        if formula is None or not is_near:
            return True
        overall = self.overall(formula)
        if formula.text not in self._least:
            values = row_values(formula, self.frame, formulas=self.formulas)
            self._least[formula.text] = float(np.nanmin(values, initial=np.inf))
        if not overall > 0 or self._least[formula.text] < 0:
            return True
        ratio = self.value(Measure("mean", formula), number) / overall
        return description.NEAR[0] <= ratio <= description.NEAR[1]

    def fit(self, persona: Persona, number: int) -> float:
        if self.against(persona, number):
            return 0.0
        count = len(self.numbers)
        return sum(p.fit(self.value(p.measure, number), count) for p in persona.when)

    def overall(self, formula: Formula, *, totals: bool = False) -> float:
        """Mean of a formula over all customers, or the formula of all totals."""
        key = f"{'totals' if totals else 'mean'} {formula.text}"
        if key not in self._overall:
            if totals:
                everyone = np.ones(len(self.frame), dtype=np.int64)
                measure = {"all": Measure("totals", formula)}
                found = measure_values(measure, self.frame, everyone, formulas=self.formulas)
                self._overall[key] = float(found["all"].iloc[0])
            else:
                values = row_values(formula, self.frame, formulas=self.formulas)
                known = values[~np.isnan(values)]
                self._overall[key] = float(known.mean()) if len(known) else float("nan")
        return self._overall[key]

    def quantile(self, formula: Formula, percent: float, number: int) -> float:
        held = row_values(formula, self.frame, formulas=self.formulas)[self.codes == number]
        held = held[~np.isnan(held)]
        return float(np.percentile(held, percent)) if len(held) else float("nan")

    def due(self, due: Due, number: int) -> float:
        """Share of a segment that meets a trigger today."""
        values = row_values(due.formula, self.frame, formulas=self.formulas)
        return due.share(values[self.codes == number], _said(self, due.bound, number)[0])

    def unit(self, formula: Formula | None) -> str | None:
        """Give the unit of a formula, which is known where it is one name."""
        if formula is None or formula.single is None:
            return None
        return self.units.get(formula.single)

    def label(self, formula: Formula) -> str:
        if formula.single is not None:
            return words.label(formula.single, self.labels)
        named = {name: words.label(name, self.labels) for name in formula.names}
        text = formula.text
        for name, said in named.items():
            text = text.replace(name, said)
        return text


@dataclass
class _Trace:
    """Figures of the texts of one segment."""

    segment: int
    rows: list[dict[str, Any]]

    def add(self, text: str, measure: str, value: float, said: str) -> str:
        self.rows.append(
            {
                "segment": self.segment,
                "text": text,
                "measure": measure,
                "value": value,
                "said": said,
            }
        )
        return said


def _named(profile: _Profile, columns: Sequence[str]) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    chosen = _matched(profile)
    places = standing(profile.table, profile.codes, columns)
    spoken = _words(profile, columns)
    taken = {persona.name for persona in chosen.values()}
    trace: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for number in profile.numbers:
        notes = _Trace(number, trace)
        if number in profile.small:
            alone = len(profile.small) == 1
            rows.append(unnamed_persona(number, floor=profile.floor, alone=alone))
        elif number in chosen:
            rows.append(_row(profile, chosen[number], number, notes))
        else:
            own = places[places["segment"] == number]
            row = description.described(
                own,
                profile.table[profile.codes == number],
                spoken,
                taken=taken,
                total=len(profile.table),
            )
            taken.add(row.texts["persona"])
            rows.append({"segment": number, **row.texts, "fallback": True})
            for key, measure, value, said in row.figures:
                notes.add(key, measure, value, said)
    return pd.DataFrame(rows, columns=list(COLUMNS)), trace


def _words(profile: _Profile, columns: Sequence[str]) -> description.Words:
    """What the columns of a profile are called, and in what they are measured."""
    phrases = {name: (one.high, one.low) for name, one in profile.catalogue.phrases.items()}
    flags = [one for one in columns if profile.table[one].dropna().isin([0, 1]).all()]
    return description.Words(profile.own_units, profile.own_labels, phrases, frozenset(flags))


def _matched(profile: _Profile) -> dict[int, Persona]:
    """Give each segment at most one persona and each persona at most one segment."""
    if not profile.personas or not profile.told:
        return {}
    fit = np.array([[profile.fit(p, number) for p in profile.personas] for number in profile.told])
    rows, places = linear_sum_assignment(np.where(fit > 0, fit + _NAMED, 0.0), maximize=True)
    return {
        profile.told[row]: profile.personas[place]
        for row, place in zip(rows, places, strict=True)
        if fit[row, place] > 0
    }


def _row(profile: _Profile, persona: Persona, number: int, notes: _Trace) -> dict[str, Any]:
    filled = {key: _fill(profile, getattr(persona, key), number, notes, key) for key in TEXTS}
    return {
        "segment": number,
        "persona": persona.name,
        "evidence": _evidence(profile, persona, number, notes),
        "objective": persona.objective,
        "due": profile.due(persona.due, number) if persona.due else None,
        "fallback": False,
        **filled,
    }


def _fill(profile: _Profile, template: Template, number: int, notes: _Trace, key: str) -> str:
    said = {}
    for hole in template.holes:
        text, value = _said(profile, hole, number)
        said[hole.text] = text if hole.kind == "label" else notes.add(key, hole.text, value, text)
    return template.filled(said)


def _said(profile: _Profile, hole: Hole, number: int) -> tuple[str, float]:
    unit = profile.unit(hole.formula)
    overall = float("nan")
    if hole.formula is not None and hole.kind == "label":
        return profile.label(hole.formula), overall
    if hole.formula is not None and hole.kind == "quantile":
        value = profile.quantile(hole.formula, hole.percent, number)
    elif hole.formula is not None and hole.kind == "overall":
        value = profile.overall(hole.formula)
    else:
        value = profile.value(hole.measure, number)
    if hole.formula is not None and hole.kind == "times":
        overall = profile.overall(hole.formula)
    text = say(hole, value, overall=overall, segments=len(profile.numbers), unit=unit)
    return text, value


def _evidence(profile: _Profile, persona: Persona, number: int, notes: _Trace) -> str:
    """Say what the predicates measured, each quantity once."""
    clauses: dict[str, str] = {}
    size = ""
    for predicate in persona.when:
        measure = predicate.measure
        if measure.formula is None or measure.kind == "share":
            size = size or _size(profile, measure, number, notes)
            continue
        totals = measure.kind == "totals"
        formula = measure.formula
        if formula.text in clauses:
            continue
        shown = measure if totals else Measure("mean", formula)
        clauses[formula.text] = _clause(
            profile,
            formula,
            profile.value(shown, number),
            profile.overall(formula, totals=totals),
            notes,
            shown.text,
        )
    parts = []
    if clauses:
        parts.append(words.sentence("Per customer:", words.listing(list(clauses.values()))))
    if size:
        parts.append(size)
    return " ".join(parts)


def _clause(
    profile: _Profile,
    formula: Formula,
    value: float,
    overall: float,
    notes: _Trace,
    measure: str,
) -> str:
    unit = profile.unit(formula)
    against = words.against_average(value, overall, unit=unit)
    notes.add("evidence", f"overall {measure}", overall, against)
    said = words.quantity(value, profile.label(formula), unit)
    return f"{notes.add('evidence', measure, value, said)} ({against})"


def _size(profile: _Profile, measure: Measure, number: int, notes: _Trace) -> str:
    value = profile.value(measure, number)
    if measure.kind == "n":
        said = notes.add("evidence", "n", value, words.plural(value, "customer"))
        return words.sentence("The segment has", said)
    said = notes.add("evidence", measure.text, value, words.percent(value))
    if measure.formula is None:
        return words.sentence("It makes up", said, "of all customers")
    return words.sentence("It has", said, "of all", profile.label(measure.formula))


def _doubts(catalogue: Catalogue, profile: _Profile, tolerance: float) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []

    def report(kind: str, persona: str, segment: int | None, message: str) -> None:
        rows.append(
            {
                "kind": kind,
                "persona": persona,
                "segment": pd.NA if segment is None else segment,
                "message": message,
            }
        )

    for persona in catalogue.personas:
        missing = profile.missing(persona)
        if missing:
            lacks = words.listing([f"`{name}`" for name in missing])
            hint = "".join(nearest(name, sorted(profile.numeric)) for name in missing[:1])
            report(
                "not applicable",
                persona.name,
                None,
                f"`{persona.name}` needs {lacks}, which the table does not hold as numbers.{hint}",
            )
    chosen = _matched(profile)
    best_of: dict[str, list[int]] = {}
    for number in profile.told:
        scored = sorted(
            ((profile.fit(p, number), i, p.name) for i, p in enumerate(profile.personas)),
            key=lambda one: (-one[0], one[1]),
        )
        scored = [one for one in scored if one[0] > 0]
        if scored:
            best_of.setdefault(scored[0][2], []).append(number)
        if len(scored) > 1 and scored[0][0] - scored[1][0] <= tolerance * scored[0][0]:
            pair = f"`{scored[0][2]}` and `{scored[1][2]}`"
            took = chosen[number].name if number in chosen else "neither"
            report(
                "ambiguous",
                scored[0][2],
                number,
                f"Segment {number}: {pair} fit equally well; `{took}` was taken. "
                "Add a predicate that tells them apart.",
            )
        if number not in chosen:
            report(
                "unnamed",
                "",
                number,
                f"Segment {number}: no persona was left for it, so its name is descriptive.",
            )
    for name, numbers in best_of.items():
        if len(numbers) > 1:
            found = words.listing([str(number) for number in numbers])
            got = [number for number, persona in chosen.items() if persona.name == name]
            given = f"segment {got[0]} got it" if got else "neither got it"
            report(
                "shared",
                name,
                None,
                f"`{name}` is the best fit of segments {found}; {given}. "
                "Add a persona for the other, or a predicate that tells them apart.",
            )
    return rows
