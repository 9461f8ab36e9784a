"""Whom a trigger concerns today: a condition on a customer, with computed bounds."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from helpers.personas.predicates import Formula, PredicateError, parse_formula
from helpers.personas.templates import Hole, parse_template
from helpers.words import MINUS

_PARTS = re.compile(r"(.+?)\s*(>=|<=|>|<)\s*(.+)")
_FIGURE = re.compile(rf"({MINUS}?)[^\d]*?([\d,]+(?:\.\d+)?)(%?)")
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Due:
    """
    A condition that a customer meets or not.

    Attributes
    ----------
    text : str
        As written.
    formula : Formula
        Of the customer's columns.
    sign : str
        One of ``>=``, ``<=``, ``>``, ``<``.
    bound : Hole
        What is computed of the segment, as in the texts of a persona.
    """

    text: str
    formula: Formula
    sign: str
    bound: Hole

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that it needs."""
        return tuple(dict.fromkeys((*self.formula.names, *self.bound.names)))

    def share(self, values: npt.NDArray[np.float64], said: str) -> float:
        """
        Share of customers who meet it, against the bound as a reader sees it.

        A bound of 74.6 days is said as 75: who is counted must be whom the sentence names.

        Parameters
        ----------
        values : float64 array
            The formula of each customer of the segment; NaN counts as not met.
        said : str
            The bound as it is said, such as ``75 days`` or ``12%``.

        Returns
        -------
        float
            0 to 1; NaN without customers or without a figure.

        Examples
        --------
        >>> due = parse_due("Recency > quantile(Recency, 75)")
        >>> due.share(np.array([10.0, 75.0, 76.0, 90.0]), "75 days")
        0.5
        """
        found = _FIGURE.search(said)
        if not found or not len(values):
            return float("nan")
        figure = float(found[2].replace(",", "")) / (100 if found[3] else 1)
        bound = -figure if found[1] else figure
        return float(np.mean(_COMPARE[self.sign](values, bound)))


def parse_due(text: str) -> Due:
    """
    Read a condition on a customer: a formula, a comparison, what is computed of the segment.

    Raises
    ------
    PredicateError
        Where it cannot be read.

    Examples
    --------
    >>> parse_due("days >= mean(days)").sign
    '>='
    """
    found = _PARTS.fullmatch(text.strip())
    if not found:
        raise PredicateError("expected a comparison, like `Recency > quantile(Recency, 75)`")
    (bound,) = parse_template("{" + found[3] + "}").holes
    return Due(text, parse_formula(found[1]), found[2], bound)
