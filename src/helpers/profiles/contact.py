"""What contacting a segment brings: profit per contact, the rate at which it pays, whom to test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from helpers.errors import TableError
from helpers.profiles.numbering import align
from helpers.profiles.outcomes import cohens_h, rates
from helpers.profiles.summary import numeric

CONTACT, LEAVE_OUT, TEST = "contact", "leave out", "test first"
COLUMNS = (
    *("segment", "customers", "n", "positives", "rate", "low", "high", "cost", "revenue"),
    *("break_even", "profit", "profit_low", "profit_high", "total", "total_low", "total_high"),
    *("decision", "test_size"),
)


@dataclass(frozen=True)
class Terms:
    """
    On what terms customers are contacted.

    Attributes
    ----------
    outcome
        The column that says who answered such a contact before: 0 and 1.
    cost, revenue
        Of one contact, and of one answer: a number, or a column that holds it.
    """

    outcome: str
    cost: float | str
    revenue: float | str

    @property
    def stated(self) -> bool:
        """Whether all three are given."""
        return bool(self.outcome) and "" not in (self.cost, self.revenue)

    def known(self, table: pd.DataFrame) -> Terms:
        """Take the terms where a table has their columns, else none: they were another table's."""
        named = [self.outcome, *(x for x in (self.cost, self.revenue) if isinstance(x, str))]
        return self if all(name in table for name in named) else Terms("", "", "")


def contact_profit(
    table: pd.DataFrame,
    segments: pd.Series,
    terms: Terms,
    *,
    customers: Mapping[int, int],
    floor: int = 5,
    level: float = 0.95,
    power: float = 0.8,
) -> pd.DataFrame:
    """
    Expect of a contact, by segment, the rate of answers times their revenue, less the cost.

    Parameters
    ----------
    table : DataFrame of n rows
        Holds the outcome, and the columns of cost and revenue where these are columns.
    segments : Series of shape (n,)
        Segments numbered from 1; missing for a customer without one.
    terms : Terms
        Outcome, cost and revenue. Of a column each segment has its own mean.
    customers : mapping of segment to count
        All customers of each segment; more than the table holds where it is a sample.
    floor : int
        Segments with fewer customers are left out.
    level : float
        Of the intervals (Wilson's, of the rate).
    power : float
        Chance that the test finds what is there.

    Returns
    -------
    DataFrame, the greatest profit of a segment first
        ``segment``, ``customers``; ``n`` (whose outcome is known), ``positives``, ``rate``,
        ``low``, ``high``; ``cost``, ``revenue``; ``break_even`` (the rate at which a contact pays
        for itself: cost over revenue); ``profit`` per contact with ``profit_low`` and
        ``profit_high``, and ``total`` of all customers of the segment likewise; ``decision``:
        ``contact`` where the whole interval lies above 0, ``leave out`` where it lies below,
        else ``test first``; ``test_size``: contacts after which a rate such as the one seen
        is told from the break-even rate, two-sided at 1 - ``level`` with that power (by the
        arcsine transform, Cohen 1988, section 6.3); missing where the two rates are equal.

    Raises
    ------
    TableError
        If a cost is below 0 or a revenue not above 0.

    Examples
    --------
    >>> table = pd.DataFrame({"yes": [1] * 50 + [0] * 50 + [1] * 5 + [0] * 95})
    >>> found = contact_profit(table, pd.Series([1] * 100 + [2] * 100),
    ...     Terms("yes", 3, 11), customers={1: 100, 2: 100})
    >>> found[["segment", "profit", "decision"]].values.tolist()
    [[1, 2.5, 'contact'], [2, -2.45, 'leave out']]
    """
    known = rates(table, segments, [terms.outcome], level=level, floor=floor)
    known = known.dropna(subset=["rate"]).set_index("segment")
    frame, numbers = align(table, segments)
    cost = _mean(frame, numbers, terms.cost, "contact_cost").reindex(known.index)
    revenue = _mean(frame, numbers, terms.revenue, "contact_revenue").reindex(known.index)
    if (cost < 0).any() or not (revenue > 0).all():
        raise TableError(
            "A contact must cost 0 or more and an answer bring more than 0: change `contact_cost` "
            "or `contact_revenue`."
        )
    found = known[["n", "positives", "rate", "low", "high"]].assign(
        customers=[customers[int(number)] for number in known.index],
        cost=cost, revenue=revenue, break_even=cost / revenue,
    )  # fmt: skip
    for end, rate in (("", "rate"), ("_low", "low"), ("_high", "high")):
        found[f"profit{end}"] = found[rate] * revenue - cost
        found[f"total{end}"] = found[f"profit{end}"] * found["customers"]
    found["decision"] = np.select(
        [found["profit_low"] > 0, found["profit_high"] < 0], [CONTACT, LEAVE_OUT], TEST
    )
    found["test_size"] = contacts_needed(
        found["rate"], found["break_even"], level=level, power=power
    )  # fmt: skip
    found = found.reset_index().sort_values(["total", "segment"], ascending=[False, True])
    return found[list(COLUMNS)].reset_index(drop=True)


def nothing() -> pd.DataFrame:
    """Columns of `contact_profit` without a row: what there is where no terms are stated."""
    return pd.DataFrame(columns=list(COLUMNS))


def contacts_needed(
    rate: pd.Series | float, against: pd.Series | float, *, level: float = 0.95, power: float = 0.8
) -> Any:
    """
    Count the contacts that tell a rate from a fixed one.

    Parameters
    ----------
    rate, against : float or Series
        The rate that is expected and the one that it is told from, 0 to 1; of one above 1 there
        is nothing to tell.
    level, power : float
        1 - level is the two-sided chance of a false alarm.

    Returns
    -------
    float or Series
        Contacts, rounded up; missing where the rates are equal.

    Examples
    --------
    >>> float(contacts_needed(0.15, 0.10))
    341.0
    """
    one, other = np.asarray(rate, dtype=float), np.asarray(against, dtype=float)
    wanted = stats.norm.ppf((1 + level) / 2) + stats.norm.ppf(power)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.ceil((wanted / cohens_h(one, other)) ** 2)
    size = np.where(np.isfinite(size), size, np.nan)
    return pd.Series(size, index=rate.index) if isinstance(rate, pd.Series) else size


def _mean(
    frame: pd.DataFrame, numbers: npt.NDArray[np.int64], amount: float | str, key: str
) -> pd.Series[float]:
    """Mean of an amount by segment: its own value, or that of a column."""
    known = np.unique(numbers)
    if not isinstance(amount, str):
        return pd.Series(float(amount), index=known)
    if amount not in frame:
        raise TableError(
            f"`{key}` names `{amount}`, which is no column of the customers: name one, or give a "
            "number."
        )
    return numeric(frame, [amount])[amount].groupby(numbers).mean()
