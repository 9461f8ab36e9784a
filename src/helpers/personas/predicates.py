"""Predicates over the profile of a segment: the small language of the persona catalogue.

A predicate is a measure, a comparison and a figure, for instance ``percentile(Income) >= 80``,
``z(Recency) between -0.5 and 0.5``, ``rank(Total_Spending) is highest`` or
``totals(web / (web + store)) > 45%``. There is no way to name a cluster's number in it.

It is parsed by hand and evaluated over arrays; nothing in it is ever executed as code.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.profiles.numbering import align, segment_numbers
from helpers.profiles.summary import percentiles, z_scores

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Operation:
    """Two parts of a formula and the operator between them."""

    operator: str
    left: Part
    right: Part


Part: TypeAlias = float | str | Operation
"""A figure, a name or an operation."""

MAX_LENGTH = 400
"""Characters of the longest text that is parsed: a bound on the depth of its brackets too."""

MEASURES = {
    "z": "deviations of the segment's mean from the mean of all customers",
    "percentile": "share of customers below the segment's mean, 0 to 100",
    "rank": "place of the segment's mean among the segments, 1 the highest",
    "mean": "mean over the segment's customers",
    "ratio": "the segment's mean over the mean of all customers",
    "totals": "a formula of the segment's totals, for instance a ratio of two",
    "share": "the segment's part of all customers, or of the total of a formula",
    "n": "number of customers",
}
"""What a predicate may measure."""

SCALES = {"z": 0.5, "percentile": 15.0, "rank": 1.0, "share": 0.1}
"""Slack that counts as half of what a predicate can add to the fit; see `Predicate.fit`."""

BOUNDS = {
    "percentile": (0.0, 100.0),
    "rank": (1.0, math.inf),
    "share": (0.0, 1.0),
    "n": (1.0, math.inf),
}
"""Values that a measure can take at all."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|`(?P<quoted>[^`]+)`"
    r"|(?P<mark>>=|<=|[-+*/()<>=,%]))"
)


class PredicateError(ValueError):
    """A predicate or a formula cannot be read; the message says why, without a place."""


@dataclass(frozen=True)
class Formula:
    """Columns joined by ``+ - * /``, brackets and plain figures.

    Attributes
    ----------
    text : str
        As written, with its spaces made regular.
    names : tuple of str
        Columns or named measures in it, in order of appearance.
    """

    text: str
    names: tuple[str, ...]
    _parts: Part = field(repr=False, compare=False)

    @property
    def single(self) -> str | None:
        """The name, where the formula is nothing but one."""
        return self._parts if isinstance(self._parts, str) else None

    def __call__(self, values: Mapping[str, Floats]) -> Floats:
        """Work the formula out; a division by nought gives a missing value."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            result = np.asarray(_work_out(self._parts, values), dtype=float)
        return np.where(np.isfinite(result), result, np.nan)


@dataclass(frozen=True)
class Measure:
    """What is measured of a segment: one of `MEASURES`, of a formula where it takes one."""

    kind: str
    formula: Formula | None = None

    @property
    def text(self) -> str:
        """The measure as one writes it."""
        return f"{self.kind}({self.formula.text})" if self.formula else self.kind

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that it needs."""
        return self.formula.names if self.formula else ()


@dataclass(frozen=True)
class Predicate:
    """A measure and the interval in which it must lie.

    Attributes
    ----------
    text : str
        As written.
    measure : Measure
        What is compared.
    low, high : float
        Bounds; infinite where there is none, NaN for ``is lowest``, which only the number of
        segments fixes.
    low_open, high_open : bool
        Whether the bound itself is left out.
    """

    text: str
    measure: Measure
    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def bounds(self, segments: int) -> tuple[float, float]:
        """Give the bounds for a number of segments."""
        if math.isnan(self.low):
            return float(segments), float(segments)
        return self.low, self.high

    def slack(self, value: float, segments: int) -> float:
        """Give the distance to the nearer bound: negative where the predicate does not hold.

        Examples
        --------
        >>> parse_predicate("z(Income) >= 0.5").slack(0.75, 6)
        0.25
        """
        if math.isnan(value):
            return -math.inf
        low, high = self.bounds(segments)
        slack = min(value - low, high - value)
        on_open = (self.low_open and value == low) or (self.high_open and value == high)
        return -math.ulp(1.0) if on_open else slack

    def holds(self, value: float, segments: int) -> bool:
        """Tell whether a value lies within the bounds."""
        return self.slack(value, segments) >= 0

    def fit(self, value: float, segments: int) -> float:
        """Say how well a value that holds fits: from 1 on the bound to 2 far inside.

        The fit is 1 + s / (s + c), s the slack and c a scale: half a deviation, 15 percentiles,
        one rank, 10 points of a share, else a quarter of the bound.
        """
        slack = self.slack(value, segments)
        if slack < 0:
            return 0.0
        if math.isinf(slack):
            return 2.0
        low, high = self.bounds(segments)
        nearest = low if math.isinf(high) else high
        scale = SCALES.get(self.measure.kind, 0.25 * abs(nearest)) or 1.0
        return 1.0 + slack / (slack + scale)


def parse_formula(text: str) -> Formula:
    """Read a formula of columns: ``+ - * /``, brackets, figures and names.

    A name that is not one word stands in backticks.

    Raises
    ------
    PredicateError
        Saying what was expected where.

    Examples
    --------
    >>> web_share = parse_formula("web/(web+store)")
    >>> web_share.text, web_share.names
    ('web / (web + store)', ('web', 'store'))
    >>> web_share({"web": np.array([1.0, 0.0]), "store": np.array([3.0, 0.0])}).tolist()
    [0.25, nan]
    """
    reader = _Reader(text)
    formula = reader.formula()
    reader.end()
    return formula


def column_formula(name: str) -> Formula:
    """Make the formula that is one column, whatever signs its name holds.

    Examples
    --------
    >>> column_formula("net spend (£)").single
    'net spend (£)'
    """
    return Formula(_written(name), (name,), name)


def parse_measure(text: str) -> Measure:
    """Read a measure such as ``z(Income)``, ``share`` or ``totals(web / (web + store))``.

    Raises
    ------
    PredicateError
        Saying what was expected where.

    Examples
    --------
    >>> parse_measure("z( Income )").text
    'z(Income)'
    """
    reader = _Reader(text)
    measure = reader.measure()
    reader.end()
    return measure


def parse_predicate(text: str) -> Predicate:
    """Read one predicate.

    Parameters
    ----------
    text : str
        A measure, then ``>``, ``>=``, ``<`` or ``<=`` and a figure, or ``between`` two figures
        (both included), or for ranks ``is highest``, ``is lowest`` or ``is`` and a number.

    Raises
    ------
    PredicateError
        Saying what was expected where.

    Examples
    --------
    >>> parse_predicate("share(spend) between 20% and 45%").bounds(6)
    (0.2, 0.45)
    >>> parse_predicate("rank(spend) is lowest").bounds(6)
    (6.0, 6.0)
    """
    reader = _Reader(text)
    measure = reader.measure()
    predicate = reader.bounds(measure)
    reader.end()
    return predicate


def measure_values(
    measures: Mapping[str, Measure],
    features: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    *,
    formulas: Mapping[str, Formula] | None = None,
) -> pd.DataFrame:
    """Evaluate measures on every segment.

    Parameters
    ----------
    measures : mapping of text to Measure
        What to measure.
    features : DataFrame of n rows
        The customers; must hold every column that a measure names.
    segments : Series or array of shape (n,)
        Their segments.
    formulas : mapping of name to Formula, optional
        Named formulas, which a measure may use like a column.

    Returns
    -------
    DataFrame
        Indexed by segment, one column a measure. NaN where a formula has no value, for instance
        a ratio to nought.
    """
    frame, numbers = align(features, segments)
    known = segment_numbers(numbers)
    codes = np.searchsorted(known, numbers)
    sizes = np.bincount(codes, minlength=len(known)).astype(float)
    named = dict(formulas or {})
    rows: dict[str, Floats] = {}

    def by_row(formula: Formula) -> Floats:
        if formula.text not in rows:
            rows[formula.text] = row_values(formula, frame, formulas=named)
        return rows[formula.text]

    def sums(values: Floats) -> Floats:
        found = np.bincount(codes, weights=np.nan_to_num(values), minlength=len(known))
        return np.asarray(found, dtype=float)

    def means(values: Floats) -> Floats:
        counts = np.bincount(codes, weights=~np.isnan(values), minlength=len(known))
        return np.asarray(sums(values) / np.where(counts > 0, counts, np.nan), dtype=float)

    def of_totals(formula: Formula) -> Floats:
        return formula(
            {
                name: of_totals(named[name]) if name in named else sums(_floats(frame, name))
                for name in formula.names
            }
        )

    def rank(values: Floats) -> Floats:
        return np.asarray(pd.Series(values).rank(ascending=False, method="min"), dtype=float)

    def ratio(values: Floats) -> Floats:
        overall = float(np.nanmean(values))
        return means(values) / overall if overall > 0 else np.full(len(known), np.nan)

    def share(values: Floats) -> Floats:
        whole = float(np.nansum(values))
        return sums(values) / whole if whole > 0 else np.full(len(known), np.nan)

    def evaluate(measure: Measure) -> Floats:
        if measure.kind == "n":
            return sizes
        if measure.formula is None:
            return sizes / len(frame)
        if measure.kind == "totals":
            return of_totals(measure.formula)
        values = by_row(measure.formula)
        if np.isnan(values).all():
            return np.full(len(known), np.nan)
        by_kind: dict[str, Callable[[], Floats]] = {
            "mean": lambda: means(values),
            "ratio": lambda: ratio(values),
            "rank": lambda: rank(means(values)),
            "share": lambda: share(values),
            "percentile": lambda: 100 * percentiles(values, means(values)),
            "z": lambda: z_scores(
                means(values), float(np.nanmean(values)), float(np.nanstd(values))
            ),
        }
        return by_kind[measure.kind]()

    return pd.DataFrame(
        {text: evaluate(measure) for text, measure in measures.items()},
        index=pd.Index(known, name="segment"),
    )


def row_values(
    formula: Formula, frame: pd.DataFrame, *, formulas: Mapping[str, Formula] | None = None
) -> Floats:
    """Work a formula out for every customer.

    Parameters
    ----------
    formula : Formula
        Of columns of ``frame`` and of the names in ``formulas``.
    frame : DataFrame of n rows
        The customers.
    formulas : mapping of name to Formula, optional
        Named formulas.

    Returns
    -------
    float64 array of shape (n,)
        NaN where the formula has no value.

    Examples
    --------
    >>> row_values(parse_formula("a / 2"), pd.DataFrame({"a": [1, 4]})).tolist()
    [0.5, 2.0]
    """
    named = formulas or {}
    return formula(
        {
            name: row_values(named[name], frame, formulas=named)
            if name in named
            else _floats(frame, name)
            for name in formula.names
        }
    )


def contradictions(predicates: list[Predicate]) -> list[str]:
    """Say which predicates cannot hold together, in words.

    Two kinds are found: bounds that no value of the measure can meet (a percentile above 100),
    and bounds on one measure that exclude each other.

    Examples
    --------
    >>> low, high = parse_predicate("z(a) < 0"), parse_predicate("z(a) > 1")
    >>> contradictions([low, high])
    ['`z(a) < 0` and `z(a) > 1` cannot hold together']
    """
    found = []
    for predicate in predicates:
        least, most = BOUNDS.get(predicate.measure.kind, (-math.inf, math.inf))
        if not math.isnan(predicate.low) and not _meet(
            predicate, Predicate("", predicate.measure, least, most)
        ):
            found.append(f"`{predicate.text}` can never hold")
    for i, first in enumerate(predicates):
        for second in predicates[i + 1 :]:
            if first.measure.text == second.measure.text and not _meet(first, second):
                found.append(f"`{first.text}` and `{second.text}` cannot hold together")
    return found


def _floats(frame: pd.DataFrame, name: str) -> Floats:
    return np.asarray(frame[name].to_numpy(dtype=float, na_value=np.nan), dtype=float)


def _meet(first: Predicate, second: Predicate) -> bool:
    """Tell whether two intervals share a point; "lowest" shares one with any but "highest"."""
    if math.isnan(first.low) or math.isnan(second.low):
        other = second if math.isnan(first.low) else first
        # Being the lowest of several excludes being the first of them.
        return math.isnan(other.low) or other.high > 1
    low, high = max(first.low, second.low), min(first.high, second.high)
    if low < high:
        return True
    if low > high:
        return False
    for one in (first, second):
        if (one.low_open and one.low == low) or (one.high_open and one.high == high):
            return False
    return True


def _work_out(parts: Part, values: Mapping[str, Floats]) -> Floats | float:
    if isinstance(parts, float):
        return parts
    if isinstance(parts, str):
        return np.asarray(values[parts], dtype=float)
    a, b = _work_out(parts.left, values), _work_out(parts.right, values)
    if parts.operator == "+":
        return a + b
    if parts.operator == "-":
        return a - b
    if parts.operator == "*":
        return a * b
    # A plain figure may divide a plain figure, and Python would raise.
    return np.divide(a, b)


class _Reader:
    """Tokens of one text, read from left to right."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise PredicateError(f"it is longer than {MAX_LENGTH} characters")
        self.text = " ".join(text.split())
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        place = 0
        while place < len(self.text):
            match = _TOKEN.match(self.text, place)
            if match is None:
                raise PredicateError(f"{self.text[place:].strip()[:12]!r} cannot be read")
            kind = match.lastgroup or ""
            self.tokens.append(("name" if kind == "quoted" else kind, match[kind]))
            place = match.end()

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def expect(self, mark: str) -> None:
        if self.peek() != mark:
            raise PredicateError(f"expected `{mark}` {self.here()}")
        self.at += 1

    def here(self) -> str:
        return f"before `{self.peek()}`" if self.peek() else "at the end"

    def end(self) -> None:
        if self.peek():
            raise PredicateError(f"`{self.peek()}` is left over at the end")

    def measure(self) -> Measure:
        kind = self.take()
        if kind not in MEASURES:
            named = kind or "nothing"
            raise PredicateError(
                f"`{named}` is no measure; expected one of "
                f"{', '.join(f'`{name}`' for name in MEASURES)}"
            )
        if kind == "n" or (kind == "share" and self.peek() != "("):
            return Measure(kind)
        self.expect("(")
        formula = self.formula()
        self.expect(")")
        return Measure(kind, formula)

    def bounds(self, measure: Measure) -> Predicate:
        operator = self.take()
        if operator == "between":
            low = self.figure()
            if self.take() != "and":
                raise PredicateError("expected `between` a figure `and` a figure")
            high = self.figure()
            if low > high:
                raise PredicateError("the figures of `between` stand in the wrong order")
            return Predicate(self.text, measure, low, high)
        if operator in ("is", "=") and measure.kind == "rank":
            if self.peek() == "highest":
                self.take()
                return Predicate(self.text, measure, 1.0, 1.0)
            if self.peek() == "lowest":
                self.take()
                return Predicate(self.text, measure, math.nan, math.nan)
            place = self.figure()
            return Predicate(self.text, measure, place, place)
        if operator in (">", ">="):
            return Predicate(self.text, measure, self.figure(), math.inf, low_open=operator == ">")
        if operator in ("<", "<="):
            return Predicate(
                self.text, measure, -math.inf, self.figure(), high_open=operator == "<"
            )
        also = " or, for a rank, `is`" if measure.kind == "rank" else ""
        raise PredicateError(
            f"expected `>`, `>=`, `<`, `<=`, `between`{also} after `{measure.text}`"
        )

    def figure(self) -> float:
        sign = -1.0 if self.peek() == "-" else 1.0
        if self.peek() in ("-", "+"):
            self.take()
        if self.kind() != "number":
            raise PredicateError(f"expected a figure {self.here()}")
        value = sign * float(self.take())
        if self.peek() == "%":
            self.take()
            return value / 100
        return value

    def formula(self) -> Formula:
        names: list[str] = []
        parts = self.sum(names)
        if not names:
            raise PredicateError("a formula needs at least one column")
        return Formula(_written(parts), tuple(dict.fromkeys(names)), parts)

    def sum(self, names: list[str]) -> Part:
        left = self.product(names)
        while self.peek() in ("+", "-") and self.kind() == "mark":
            operator = self.take()
            left = Operation(operator, left, self.product(names))
        return left

    def product(self, names: list[str]) -> Part:
        left = self.atom(names)
        while self.peek() in ("*", "/") and self.kind() == "mark":
            operator = self.take()
            left = Operation(operator, left, self.atom(names))
        return left

    def atom(self, names: list[str]) -> Part:
        kind = self.kind()
        if kind == "number":
            return float(self.take())
        if kind == "name":
            names.append(self.peek())
            return self.take()
        if self.peek() == "-":
            self.take()
            return Operation("-", 0.0, self.atom(names))
        if self.peek() == "(":
            self.take()
            inner = self.sum(names)
            self.expect(")")
            return inner
        raise PredicateError(f"expected a column {self.here()}")


def _written(parts: Part, inside: int = 0) -> str:
    """Write a formula out, with the brackets that it needs."""
    if isinstance(parts, float):
        return f"{parts:g}"
    if isinstance(parts, str):
        return parts if re.fullmatch(r"[^\W\d]\w*", parts) else f"`{parts}`"
    level = 1 if parts.operator in "+-" else 2
    # The right side of a minus or a division needs brackets at its own level too.
    text = f"{_written(parts.left, level)} {parts.operator} {_written(parts.right, level + 1)}"
    return f"({text})" if level < inside else text
