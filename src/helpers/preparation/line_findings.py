"""What order lines hold: how many are used, what returns took, when people ordered."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.engines.base import REASON, Facts, Table
from helpers.engines.values import Target
from helpers.preparation.grouping import (
    AMOUNT,
    DAY,
    DROPPED,
    KEY,
    ORDER,
    RETURNED,
    Grouping,
    Roles,
    exact,
    find_roles,
)

# Periods of a picture of orders over time: the longest of which there are this many.
MONTHS_FROM, WEEKS_FROM = 120, 28
MARKED = "marked"


@dataclass(frozen=True)
class LineFindings:
    """
    What was found in order lines.

    Attributes
    ----------
    rows : int
        Lines of the table.
    reasons : pandas.DataFrame
        `reason`, `n`, `amount`: lines set aside, most frequent first.
    customers : int
        Customers that are named in the lines.
    duplicates : int
        Lines that equal an earlier one in every column.
    roles : Roles
        Columns that were taken for date, order and amount.
    returns : str
        What is done with returns.
    bought, returned : float
        Sums of the amounts above and below 0 of lines that are used or are returns; 0 where no
        amount is known.
    return_lines, returners : int
        Lines with an amount below 0, and customers who have one.
    orders : pandas.DataFrame
        `orders`, `n`: how many customers have how many orders with something bought.
    order_noun : str
        What was counted there: order, or day.
    periods : pandas.DataFrame
        `start` (date), `orders`, `customers`, `bought`, `returned`: by month, week or day.
    period : str
        month, week or day.
    undeclared : tuple of str
        Columns of the lines that the params file does not declare.
    as_of : str
        The day up to which lines count.
    """

    rows: int
    reasons: pd.DataFrame
    customers: int
    duplicates: int
    roles: Roles
    returns: str
    bought: float
    returned: float
    return_lines: int
    returners: int
    orders: pd.DataFrame
    order_noun: str
    periods: pd.DataFrame
    period: str
    undeclared: tuple[str, ...]
    as_of: str

    @property
    def set_aside(self) -> int:
        """Lines that count in no aggregate."""
        return int(self.reasons["n"].sum())

    @property
    def used(self) -> int:
        """Lines that count."""
        return self.rows - self.set_aside


def find_in_lines(
    lines: Table,
    marked: Table,
    customers: Table,
    grouping: Grouping,
    *,
    facts: Facts,
) -> LineFindings:
    """
    Gather what order lines hold, by aggregate queries.

    Parameters
    ----------
    lines : Table
        As read.
    marked : Table
        From `helpers.preparation.grouping.marked_ctes`.
    customers : Table
        From `customer_ctes`.
    grouping : Grouping
        How the lines were grouped.
    facts : Facts
        Columns of the lines.

    Returns
    -------
    LineFindings
        Counts and frames.
    """
    target = Target(marked.dialect)
    roles = find_roles(grouping, facts.columns)
    reasons = _answer(
        marked,
        f"SELECT {REASON}, COUNT(*) AS n, {_sum(target, AMOUNT)} AS amount FROM {MARKED} "
        f"GROUP BY {REASON}",
    )
    reasons = reasons[reasons[REASON].notna()]
    reasons = reasons.sort_values(["n", REASON], ascending=[False, True], ignore_index=True)
    counted = f"({REASON} IS NULL OR {REASON} IN ('{RETURNED}', '{DROPPED}'))"
    totals = _answer(
        marked,
        f"SELECT {_sum(target, f'CASE WHEN {AMOUNT} > 0 THEN {AMOUNT} END')} AS bought, "
        f"{_sum(target, f'CASE WHEN {AMOUNT} < 0 THEN {AMOUNT} END')} AS returned, "
        f"COUNT(CASE WHEN {AMOUNT} < 0 THEN 1 END) AS n, "
        f"COUNT(DISTINCT CASE WHEN {AMOUNT} < 0 THEN {KEY} END) AS returners "
        f"FROM {MARKED} WHERE {counted}",
    ).iloc[0]
    period, periods = _periods(marked, target, roles)
    named = _answer(
        customers,
        f"SELECT COUNT(CASE WHEN __lines__ > 0 THEN 1 END) AS n FROM {MARKED}",
    )
    return LineFindings(
        rows=facts.rows,
        reasons=reasons,
        customers=int(named["n"].iloc[0]),
        duplicates=_duplicates(lines),
        roles=roles,
        returns=grouping.returns,
        bought=_number(totals["bought"]),
        returned=_number(totals["returned"]),
        return_lines=int(totals["n"]),
        returners=int(totals["returners"]),
        orders=_orders(marked, roles),
        order_noun="order" if roles.order else "day",
        periods=periods,
        period=period,
        undeclared=facts.undeclared,
        as_of=grouping.as_of,
    )


def _answer(table: Table, sql: str) -> pd.DataFrame:
    return table.answer(sql, name=MARKED)


def _number(value: Any) -> float:
    return 0.0 if pd.isna(value) else float(value)


def _sum(target: Target, value: str) -> str:
    return f"CAST(SUM({exact(target, value)}) AS DOUBLE)"


def _duplicates(lines: Table) -> int:
    """Lines that equal an earlier one in every column, told apart by a hash of 64 bits."""
    quote = '"' if lines.dialect == "duckdb" else "`"
    names = ", ".join(quote + one.replace(quote, quote * 2) + quote for one in lines.columns)
    hashed = f"hash({names})" if lines.dialect == "duckdb" else f"xxhash64({names})"
    found = _answer(lines, f"SELECT COUNT(*) - COUNT(DISTINCT {hashed}) AS n FROM {MARKED}")
    return int(found["n"].iloc[0])


def _orders(marked: Table, roles: Roles) -> pd.DataFrame:
    what = ORDER if roles.order else DAY
    bought = f" AND {AMOUNT} > 0" if roles.amount else ""
    found = _answer(
        marked,
        f"SELECT orders, COUNT(*) AS n FROM (SELECT {KEY}, COUNT(DISTINCT {what}) AS orders "
        f"FROM {MARKED} WHERE {REASON} IS NULL{bought} GROUP BY {KEY}) AS counted GROUP BY orders",
    )
    return found.astype("int64").sort_values("orders", ignore_index=True)


def _periods(marked: Table, target: Target, roles: Roles) -> tuple[str, pd.DataFrame]:
    columns = ["start", "orders", "customers", "bought", "returned"]
    if not roles.date:
        return "", pd.DataFrame(columns=columns)
    days = "DATE_DIFF('day', MIN({0}), MAX({0}))"
    if marked.dialect == "spark":
        days = "DATEDIFF(MAX({0}), MIN({0}))"
    span = _answer(
        marked,
        f"SELECT {days.format(DAY)} AS days FROM {MARKED} WHERE {REASON} IS NULL",
    )["days"].iloc[0]
    if pd.isna(span):
        return "", pd.DataFrame(columns=columns)
    period = "month" if span >= MONTHS_FROM else "week" if span >= WEEKS_FROM else "day"
    counted = f"({REASON} IS NULL OR {REASON} IN ('{RETURNED}', '{DROPPED}'))"
    order = ORDER if roles.order else target.as_type(DAY, "string")
    each = order if roles.order else f"CONCAT({target.as_type(KEY, 'string')}, ' ', {order})"
    bought = f"CASE WHEN {AMOUNT} > 0 THEN {each} END" if roles.amount else each
    start = target.as_type(f"DATE_TRUNC('{period}', {DAY})", "date")
    found = _answer(
        marked,
        f"SELECT {target.as_type(start, 'string')} AS start, COUNT(DISTINCT {bought}) AS orders, "
        f"COUNT(DISTINCT {KEY}) AS customers, "
        f"{_sum(target, f'CASE WHEN {AMOUNT} > 0 THEN {AMOUNT} END')} AS bought, "
        f"{_sum(target, f'CASE WHEN {AMOUNT} < 0 THEN {AMOUNT} END')} AS returned "
        f"FROM {MARKED} WHERE {counted} GROUP BY 1",
    )
    found = found.sort_values("start", ignore_index=True)
    return period, found.fillna({"bought": 0.0, "returned": 0.0})[columns]
