"""Texts of the persona catalogue with places for computed values, such as ``{mean(Income)}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from helpers import words
from helpers.personas.predicates import (
    Formula,
    Measure,
    PredicateError,
    parse_formula,
    parse_measure,
)

_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_CALL = re.compile(r"\s*(overall|times|quantile|label)\s*\((.*)\)\s*", re.DOTALL)

FIELDS = {
    "customers": "how many customers, with the noun",
    "n": "how many customers",
    "share": "their part of all customers, or of the total of a formula",
    "mean": "the mean of a formula over the segment",
    "totals": "a formula of the segment's totals",
    "percentile": "the share of customers below the segment's mean",
    "rank": "the place of the segment's mean, in words",
    "z": "deviations from the mean of all",
    "overall": "the mean over all customers",
    "times": "the segment's mean against the mean of all, in words",
    "quantile": "a quantile of the segment, such as `quantile(Recency, 75)`",
    "label": "the name of a column in words",
}
"""What may stand between braces."""


@dataclass(frozen=True)
class Hole:
    """A place in a template: what to compute, and in which unit to say it.

    Attributes
    ----------
    text : str
        As written between the braces.
    kind : str
        One of `FIELDS`.
    formula : Formula or None
        What it is computed from.
    percent : float
        Which quantile, for ``quantile``.
    unit : str or None
        The unit after ``|``; None takes that of the column.
    """

    text: str
    kind: str
    formula: Formula | None = None
    percent: float = 50.0
    unit: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that it needs."""
        return self.formula.names if self.formula else ()

    @property
    def measure(self) -> Measure:
        """The measure that gives its value."""
        if self.kind in ("customers", "n"):
            return Measure("n")
        if self.kind in ("overall", "times", "quantile", "label"):
            return Measure("mean", self.formula)
        return Measure(self.kind, self.formula)


@dataclass(frozen=True)
class Template:
    """A text and its holes, in turn."""

    text: str
    parts: tuple[str | Hole, ...]

    @property
    def holes(self) -> tuple[Hole, ...]:
        """Places to fill."""
        return tuple(part for part in self.parts if isinstance(part, Hole))

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the text needs."""
        return tuple(dict.fromkeys(name for hole in self.holes for name in hole.names))

    @property
    def typed_figures(self) -> tuple[str, ...]:
        """Figures that are typed into the text rather than computed."""
        plain = " ".join(part for part in self.parts if isinstance(part, str))
        return tuple(re.findall(r"\d[\d.,]*", plain))

    def filled(self, said: Mapping[str, str]) -> str:
        """Fill the holes with what is said for each, keyed by its text."""
        filled = "".join(p if isinstance(p, str) else said[p.text] for p in self.parts)
        return filled[:1].upper() + filled[1:]


def parse_template(text: str) -> Template:
    """Read a text with holes; ``{{`` and ``}}`` stand for the braces themselves.

    Raises
    ------
    PredicateError
        Saying which hole cannot be read and why.

    Examples
    --------
    >>> template = parse_template("They spend {mean(spend) | money} and are {share} of all.")
    >>> [hole.kind for hole in template.holes], template.names
    (['mean', 'share'], ('spend',))
    >>> template.filled({"mean(spend) | money": "90", "share": "4%"})
    'They spend 90 and are 4% of all.'
    """
    parts: list[str | Hole] = []
    at = 0
    for match in _HOLE.finditer(text):
        parts.append(text[at : match.start()])
        at = match.end()
        if match[0] in ("{{", "}}"):
            parts.append(match[0][0])
        elif match[0] in ("{", "}"):
            raise PredicateError(
                f"a `{match[0]}` stands alone; write `{match[0] * 2}` for the sign"
            )
        else:
            parts.append(_hole(match[1]))
    parts.append(text[at:])
    return Template(" ".join(text.split()), tuple(part for part in parts if part != ""))


def say(hole: Hole, value: float, *, overall: float, segments: int, unit: str | None) -> str:
    """Say the value of a hole.

    Parameters
    ----------
    hole : Hole
        Which of `FIELDS`, but not ``label``.
    value : float
        What its measure gave for the segment.
    overall : float
        The mean over all customers, for ``times``.
    segments : int
        How many segments there are, for ``rank``.
    unit : str or None
        Unit of the formula; the hole's own comes before it.

    Examples
    --------
    >>> hole = parse_template("{times(spend)}").holes[0]
    >>> say(hole, 1279.0, overall=607.0, segments=6, unit="money")
    '2.1 times the average'
    """
    unit = hole.unit or unit
    if hole.kind == "customers":
        return words.plural(value, "customer")
    if hole.kind == "n":
        return f"{value:,.0f}"
    if hole.kind == "share":
        return words.percent(value)
    if hole.kind == "percentile":
        return words.percent(value / 100)
    if hole.kind == "rank":
        return words.UNKNOWN if value != value else words.rank_word(round(value), segments)
    if hole.kind == "z":
        return words.number(value)
    if hole.kind == "times":
        return words.against_average(value, overall, unit=unit)
    return words.number(value, unit)


def _hole(inside: str) -> Hole:
    body, _, unit = inside.partition("|")
    text, body = inside, body.strip()
    chosen = unit.strip() or None
    try:
        if body == "customers":
            return Hole(text, "customers")
        call = _CALL.fullmatch(body)
        if call is None:
            measure = parse_measure(body)
            return Hole(text, measure.kind, measure.formula, unit=chosen)
        kind, argument = call[1], call[2]
        percent = 50.0
        if kind == "quantile":
            argument, comma, last = argument.rpartition(",")
            if not comma or not re.fullmatch(r"\s*\d{1,2}(\.\d+)?\s*", last):
                raise PredicateError("expected a column and a figure below 100")
            percent = float(last)
        return Hole(text, kind, parse_formula(argument), percent, chosen)
    except PredicateError as error:
        known = "" if "no measure" not in str(error) else f" (in braces also: {', '.join(FIELDS)})"
        raise PredicateError(f"`{{{inside}}}` cannot be read: {error}{known}") from None
