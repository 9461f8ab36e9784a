"""The persona catalogue: who a segment may be called, what must hold, and what to do then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from helpers.errors import ParamsError
from helpers.params.loader import compose, nearest, read_text
from helpers.personas.due import Due, parse_due
from helpers.personas.predicates import (
    Formula,
    Predicate,
    PredicateError,
    contradictions,
    parse_formula,
    parse_predicate,
)
from helpers.personas.templates import Template, parse_template

OBJECTIVES = ("retain", "reactivate", "grow", "cross-sell", "fix friction", "investigate")
"""What a campaign may be for."""

TEXTS = ("summary", "action", "trigger", "metric")
"""Texts of a persona that are shown, with places for computed values."""

KEYS = ("name", "when", "objective", *TEXTS)
SECTIONS = ("personas", "measures", "phrases", "roles")
VALUE = "value"
"""The name by which a catalogue may speak of the value column, whatever it is called."""

ROLES = {
    "recency": "time since the last order, visit or sign of life",
    "frequency": "how many orders, bookings or transactions",
    "activity": "how often they visit, log in or call",
    "tenure": "how long they have been customers",
    "breadth": "how many products, services or channels they have",
    "risk": "what may be lost by them: claims, debts, a default",
    "income": "what they earn",
    "age": "their age in years",
    "loss": "an outcome that is a loss: left, cancelled, defaulted",
    "response": "an outcome that is a success: answered, subscribed, accepted",
}
"""Parts that a column of any table can play, by which a catalogue may speak of it."""


def check_played(roles: Mapping[str, str], columns: Iterable[str]) -> None:
    """
    Check which column plays which part.

    Parameters
    ----------
    roles : mapping of str to str
        Role to column, as `roles` of the params file.
    columns : iterable of str
        Columns of the table and of the SQL steps.

    Raises
    ------
    ParamsError
        For a role or a column that there is not.
    """
    known = list(columns)
    for role, column in roles.items():
        if role not in ROLES:
            expected = ", ".join(f"`{one}`" for one in ROLES)
            raise ParamsError(
                f"`roles` names `{role}`: expected one of {expected}.{nearest(role, ROLES)}"
            )
        if column not in known:
            raise ParamsError(
                f"`roles` gives `{role}` the column `{column}`, which is neither a column of the "
                f"table nor an SQL step.{nearest(column, known)}"
            )


@dataclass(frozen=True)
class Persona:
    """One entry of the catalogue.

    Attributes
    ----------
    name : str
        Its name, unique in the catalogue.
    when : tuple of Predicate
        What must hold, all of it.
    objective : str
        One of `OBJECTIVES`.
    summary, action, trigger, metric : Template
        Who they are, what to do, when to do it, and what would show success.
    line : int
        Where the entry starts in its file.
    due : Due or None
        Whom the trigger concerns today, where the table can tell.
    """

    name: str
    when: tuple[Predicate, ...]
    objective: str
    summary: Template
    action: Template
    trigger: Template
    metric: Template
    line: int
    due: Due | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Columns and named measures that it needs."""
        found = [name for predicate in self.when for name in predicate.measure.names]
        for key in TEXTS:
            found += getattr(self, key).names
        found += self.due.names if self.due else ()
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class NamedMeasure:
    """A formula with a name, a label and a unit, such as the web's share of orders."""

    name: str
    formula: Formula
    label: str
    unit: str | None


@dataclass(frozen=True)
class Phrase:
    """What customers with much or little of a column are called."""

    high: str
    low: str


@dataclass(frozen=True)
class Catalogue:
    """All personas of a file, its named measures, its phrases, and the roles it speaks of."""

    source: str
    personas: tuple[Persona, ...]
    measures: Mapping[str, NamedMeasure]
    phrases: Mapping[str, Phrase]
    roles: tuple[str, ...] = ()

    def columns(self, names: Iterable[str]) -> tuple[str, ...]:
        """Replace named measures by the columns behind them.

        Examples
        --------
        >>> text = "{personas: [], measures: {a: {formula: x + y, label: a}}}"
        >>> catalogue = parse_catalogue(text)
        >>> catalogue.columns(["a", "z"])
        ('x', 'y', 'z')
        """
        found: list[str] = []
        for name in names:
            if name in self.measures:
                found += self.columns(self.measures[name].formula.names)
            else:
                found.append(name)
        return tuple(dict.fromkeys(found))


def load_catalogue(path: Path | str) -> Catalogue:
    """Read and check a persona catalogue.

    Parameters
    ----------
    path : Path or str
        A YAML file: ``personas``, a list of entries with the keys ``name``, ``when``,
        ``objective``, ``summary``, ``action``, ``trigger`` and ``metric``; and, if wanted,
        ``measures`` (named formulas), ``phrases`` (words for much and little of a column) and
        ``roles`` (names of `ROLES` that stand for whichever column plays that part).

    Returns
    -------
    Catalogue

    Raises
    ------
    ParamsError
        Naming file, line and key, what was expected, and the nearest valid name.
    """
    path = Path(path)
    return parse_catalogue(read_text(path, role="persona catalogue"), name=path.name)


def parse_catalogue(text: str, *, name: str = "personas.yml") -> Catalogue:
    """Read a catalogue from its text; see `load_catalogue`.

    Examples
    --------
    >>> catalogue = parse_catalogue('''
    ... personas:
    ...   - name: Big Spenders
    ...     when: [z(spend) >= 0.5]
    ...     objective: retain
    ...     summary: They spend {times(spend)}.
    ...     action: Thank them.
    ...     trigger: A year without an order.
    ...     metric: Repeat orders.
    ... ''')
    >>> catalogue.personas[0].name, catalogue.personas[0].names
    ('Big Spenders', ('spend',))
    """
    return _Checker(name).catalogue(compose(text, name=name))


def static_faults(catalogue: Catalogue) -> list[tuple[str, str, str]]:
    """List what is wrong with a catalogue before any table is seen.

    Returns
    -------
    list of (kind, persona, message)
        ``contradiction``: predicates that cannot hold together, so that the persona never
        applies; ``same predicates``: two personas that hold for the same segments;
        ``typed figure``: a figure typed into a text, which no data will ever correct.
    """
    found = []
    seen: dict[frozenset[str], str] = {}
    for persona in catalogue.personas:
        for fault in contradictions(list(persona.when)):
            found.append(("contradiction", persona.name, f"`{persona.name}`: {fault}."))
        needs = frozenset(predicate.text for predicate in persona.when)
        if needs in seen:
            message = f"`{seen[needs]}` and `{persona.name}` have the same predicates."
            found.append(("same predicates", persona.name, message))
        seen.setdefault(needs, persona.name)
        for key in TEXTS:
            for figure in getattr(persona, key).typed_figures:
                message = (
                    f"`{persona.name}`: `{key}` holds the typed figure {figure}; "
                    "let it be computed, for instance by `{mean(column)}`."
                )
                found.append(("typed figure", persona.name, message))
    return found


class _Checker:
    """Walks the YAML nodes of one file, which know their lines."""

    def __init__(self, name: str) -> None:
        self.name = name

    def fail(self, node: yaml.Node, message: str) -> ParamsError:
        return ParamsError(f"{self.name}, line {node.start_mark.line + 1}: {message}")

    def catalogue(self, top: yaml.MappingNode) -> Catalogue:
        sections = self.keys(top, SECTIONS, needed=("personas",), what="a persona catalogue")
        measures = self.measures(sections["measures"]) if "measures" in sections else {}
        phrases = self.phrases(sections["phrases"]) if "phrases" in sections else {}
        roles = self.roles(sections["roles"], measures) if "roles" in sections else ()
        listed = sections["personas"]
        if not isinstance(listed, yaml.SequenceNode):
            raise self.fail(
                listed, "`personas` must be a list, each entry starting with `- name:`."
            )
        personas: list[Persona] = []
        lines: dict[str, int] = {}
        for node in listed.value:
            persona = self.persona(node)
            folded = persona.name.casefold()
            if folded in lines:
                raise self.fail(
                    node,
                    f"`{persona.name}` stands on line {lines[folded]} already: names must differ.",
                )
            lines[folded] = persona.line
            personas.append(persona)
        return Catalogue(self.name, tuple(personas), measures, phrases, roles)

    def roles(self, node: yaml.Node, measures: Mapping[str, NamedMeasure]) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.fail(node, "`roles` must be a list, like [recency, tenure].")
        found: list[str] = []
        for one in node.value:
            name = self.text(one, "roles")
            if name not in ROLES:
                expected = ", ".join(f"`{role}`" for role in ROLES)
                raise self.fail(
                    one, f"`{name}` is no role; expected {expected}.{nearest(name, ROLES)}"
                )
            if name in measures:
                raise self.fail(one, f"`{name}` is a measure already: name the measure otherwise.")
            found.append(name)
        return tuple(dict.fromkeys(found))

    def keys(
        self, node: yaml.Node, known: Iterable[str], *, needed: Iterable[str], what: str
    ) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, f"{what} must be written as `key: value` lines.")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value not in known:
                hint = nearest(str(key.value), known)
                expected = ", ".join(f"`{one}`" for one in known)
                raise self.fail(
                    key, f"`{key.value}` is no key of {what}; expected {expected}.{hint}"
                )
            found[key.value] = value
        for key in needed:
            if key not in found:
                raise self.fail(node, f"{what} lacks the key `{key}`.")
        return found

    def text(self, node: yaml.Node, key: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self.fail(
                node,
                f"`{key}` must be a text; put it in quotes if it starts with a bracket or a brace.",
            )
        return " ".join(node.value.split())

    def persona(self, node: yaml.Node) -> Persona:
        entry = self.keys(node, (*KEYS, "due"), needed=KEYS, what="a persona")
        name = self.text(entry["name"], "name")
        objective = self.text(entry["objective"], "objective")
        if objective not in OBJECTIVES:
            expected = ", ".join(f"`{one}`" for one in OBJECTIVES)
            raise self.fail(
                entry["objective"],
                f"`objective` of `{name}` is `{objective}`; expected one of {expected}."
                + nearest(objective, OBJECTIVES),
            )
        texts = {key: self.template(entry[key], key, name) for key in TEXTS}
        return Persona(
            name=name,
            when=self.predicates(entry["when"], name),
            objective=objective,
            line=node.start_mark.line + 1,
            due=self.due(entry["due"], name) if "due" in entry else None,
            **texts,
        )

    def due(self, node: yaml.Node, name: str) -> Due:
        text = self.text(node, "due")
        try:
            return parse_due(text)
        except PredicateError as error:
            raise self.fail(node, f"`due` of `{name}`: `{text}`: {error}.") from None

    def predicates(self, node: yaml.Node, name: str) -> tuple[Predicate, ...]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.fail(node, f"`when` of `{name}` must be a list of predicates.")
        found = []
        for one in node.value:
            text = self.text(one, "when")
            try:
                found.append(parse_predicate(text))
            except PredicateError as error:
                raise self.fail(one, f"`when` of `{name}`: `{text}`: {error}.") from None
        return tuple(found)

    def template(self, node: yaml.Node, key: str, name: str) -> Template:
        text = self.text(node, key)
        try:
            return parse_template(text)
        except PredicateError as error:
            raise self.fail(node, f"`{key}` of `{name}`: {error}.") from None

    def measures(self, node: yaml.Node) -> dict[str, NamedMeasure]:
        found: dict[str, NamedMeasure] = {}
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, "`measures` must be written as `key: value` lines.")
        later = {key.value: key.start_mark.line + 1 for key, _ in node.value}
        for key, value in node.value:
            what = f"the measure `{key.value}`"
            if key.value == VALUE:
                raise self.fail(key, f"`{VALUE}` is the value column; choose another name.")
            entry = self.keys(
                value, ("formula", "label", "unit"), needed=("formula", "label"), what=what
            )
            text = self.text(entry["formula"], "formula")
            try:
                formula = parse_formula(text)
            except PredicateError as error:
                raise self.fail(
                    entry["formula"], f"`formula` of {what}: `{text}`: {error}."
                ) from None
            for name in formula.names:
                # Only measures above may be used, so that no two can call each other.
                if name in later and name not in found:
                    raise self.fail(
                        entry["formula"],
                        f"{what} uses `{name}` of line {later[name]}: define that one above it.",
                    )
            unit = self.text(entry["unit"], "unit") if "unit" in entry else None
            label = self.text(entry["label"], "label")
            found[key.value] = NamedMeasure(key.value, formula, label, unit)
        return found

    def phrases(self, node: yaml.Node) -> dict[str, Phrase]:
        if not isinstance(node, yaml.MappingNode):
            raise self.fail(node, "`phrases` must be written as `key: value` lines.")
        found: dict[str, Phrase] = {}
        for key, value in node.value:
            what = f"the phrase for `{key.value}`"
            entry = self.keys(value, ("high", "low"), needed=("high", "low"), what=what)
            found[key.value] = Phrase(
                self.text(entry["high"], "high"), self.text(entry["low"], "low")
            )
        return found
