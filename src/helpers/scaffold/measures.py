"""What each column of a table holds, in the figures that its role is told by."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.engines.base import Facts, Table
from helpers.engines.sql import column_sql
from helpers.params.column_types import Column

UUID = "^[{(]?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}[)}]?$"
HASH = "^[0-9a-fA-F]{24,}$"
FIRST_VALUES = 3
"""Most frequent values that are kept of a column."""


@dataclass(frozen=True)
class Measures:
    """
    Figures of one column.

    `type` is as the table was read. `top` has the most frequent values with their counts, which
    never leave this module's callers where a column is private. The figures from `low` on are
    those of a number, NaN for a text.
    """

    name: str
    type: str
    rows: int
    held: int
    distinct: int
    top: tuple[tuple[object, int], ...]
    low: float = math.nan
    high: float = math.nan
    above_low: float = math.nan
    below_high: float = math.nan
    at_low: int = 0
    at_high: int = 0
    q01: float = math.nan
    q05: float = math.nan
    q50: float = math.nan
    q95: float = math.nan
    q99: float = math.nan
    mean: float = math.nan
    whole: bool = False
    longest: int = 0
    uuids: int = 0

    @property
    def is_number(self) -> bool:
        """Whether it was read as numbers."""
        return self.type in ("integer", "number", "flag")

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.held == self.rows == self.distinct

    @property
    def missing_share(self) -> float:
        """Share of the rows without a value."""
        return 1 - self.held / self.rows if self.rows else 0.0

    @property
    def top_share(self) -> float:
        """Share of the values that are the most frequent one."""
        return self.top[0][1] / self.held if self.top and self.held else 0.0

    @property
    def is_zero_one(self) -> bool:
        """Whether it holds 0 and 1, both, and nothing else."""
        return self.is_number and self.distinct == 2 and (self.low, self.high) == (0.0, 1.0)

    @property
    def is_counting(self) -> bool:
        """Whether it numbers the rows, from 0 or 1 on."""
        return (
            self.whole
            and self.held == self.rows == self.distinct
            and self.low in (0.0, 1.0)
            and self.high - self.low == self.rows - 1
        )

    @property
    def has_long_tail(self) -> bool:
        """
        Whether a logarithm is in place.

        It is where nothing is below 0, there are at least 8 different values, and the way from
        the median up to the 95th percentile is at least three times that down to the 5th.
        """
        if not self.is_number or self.low < 0 or self.distinct < 8 or not self.q95 > self.q50:
            return False
        return self.q95 - self.q50 >= 3 * (self.q50 - self.q05)


PARTS = {
    "low": "CAST(min({c}) AS DOUBLE)",
    "high": "CAST(max({c}) AS DOUBLE)",
    "q01": "percentile({c}, 0.01)",
    "q05": "percentile({c}, 0.05)",
    "q50": "percentile({c}, 0.5)",
    "q95": "percentile({c}, 0.95)",
    "q99": "percentile({c}, 0.99)",
    "mean": "avg(CAST({c} AS DOUBLE))",
    "fractions": "sum(CASE WHEN {c} <> round({c}) THEN 1 ELSE 0 END)",
}
ENDS = {
    "above_low": "CAST(min(CASE WHEN {c} > {low} THEN {c} END) AS DOUBLE)",
    "below_high": "CAST(max(CASE WHEN {c} < {high} THEN {c} END) AS DOUBLE)",
    "at_low": "sum(CASE WHEN {c} = {low} THEN 1 ELSE 0 END)",
    "at_high": "sum(CASE WHEN {c} = {high} THEN 1 ELSE 0 END)",
}
TEXTS = {
    "longest": "max(length({c}))",
    "uuids": "sum(CASE WHEN regexp_like({c}, '" + UUID + "') OR regexp_like({c}, '" + HASH + "') "
    "THEN 1 ELSE 0 END)",
}


def measure(table: Table, facts: Facts) -> dict[str, Measures]:
    """
    Measure every column of a table, by aggregate queries.

    Parameters
    ----------
    table : Table
        As read.
    facts : Facts
        Its columns with their types.

    Returns
    -------
    dict of str to Measures
        In the order of the table.
    """
    return measure_columns(table, facts.columns)


def measure_columns(table: Table, columns: Mapping[str, Column]) -> dict[str, Measures]:
    """Measure some columns of a table; see `measure`."""
    names = list(columns)
    counted = _asked(table, names, {"held": "count({c})", "distinct": "count(DISTINCT {c})"})
    numbers = [name for name in names if columns[name].is_number and counted[name]["held"]]
    figures = _asked(table, numbers, PARTS)
    ends = _asked(table, numbers, ENDS, given=figures)
    texts = _asked(
        table, [name for name in names if columns[name].type in ("category", "id")], TEXTS
    )
    found = {}
    for name in names:
        own: dict[str, Any] = {
            key: float(value) for key, value in figures.get(name, {}).items() if key != "fractions"
        }
        tail = ends.get(name, {})
        own |= {key: _float(tail[key]) for key in ("above_low", "below_high") if key in tail}
        whole_counts = {key: int(tail[key]) for key in ("at_low", "at_high") if key in tail}
        found[name] = Measures(
            name=name,
            type=columns[name].type,
            rows=table.rows,
            held=int(counted[name]["held"]),
            distinct=int(counted[name]["distinct"]),
            top=_top(table, name),
            **own,
            **whole_counts,
            whole=name in figures and not figures[name]["fractions"],
            **{key: _whole(value) for key, value in texts.get(name, {}).items()},
        )
    return found


def correlations(table: Table, expressions: Mapping[str, str]) -> pd.DataFrame:
    """
    Pearson correlation of every pair, over the rows that have both.

    Parameters
    ----------
    table : Table
        Any table.
    expressions : mapping of str to str
        Name to Spark SQL.

    Returns
    -------
    pandas.DataFrame
        Square, 0 where a correlation is not defined.
    """
    names = list(expressions)
    matrix = pd.DataFrame(0.0, index=names, columns=names)
    pairs = [(a, b) for at, a in enumerate(names) for b in names[at + 1 :]]
    for start in range(0, len(pairs), 500):
        block = pairs[start : start + 500]
        asked = ", ".join(
            f"corr(CAST({expressions[a]} AS DOUBLE), CAST({expressions[b]} AS DOUBLE)) AS p{at}"
            for at, (a, b) in enumerate(block)
        )
        answer = table.query(f"SELECT {asked} FROM customers").iloc[0]
        for at, (a, b) in enumerate(block):
            value = _float(answer[f"p{at}"])
            matrix.loc[a, b] = matrix.loc[b, a] = 0.0 if math.isnan(value) else value
    return matrix


def association(table: Table, category: str, numbers: Mapping[str, str]) -> float:
    """
    How much a category tells of the numbers: the greatest share of variance between its groups.

    Parameters
    ----------
    table : Table
        Any table.
    category : str
        A column.
    numbers : mapping of str to str
        Name to Spark SQL.

    Returns
    -------
    float
        Eta squared of the number that it tells most of, 0 to 1.
    """
    if not numbers:
        return 0.0
    cells = [f"CAST({sql} AS DOUBLE)" for sql in numbers.values()]
    asked = ", ".join(
        f"count({cell}) AS n{at}, avg({cell}) AS m{at}" for at, cell in enumerate(cells)
    )
    column = column_sql(category)
    groups = table.query(f"SELECT {asked} FROM customers GROUP BY {column}")
    spread = ", ".join(
        f"avg({cell}) AS m{at}, var_pop({cell}) AS v{at}" for at, cell in enumerate(cells)
    )
    whole = table.query(f"SELECT {spread} FROM customers").iloc[0]
    best = 0.0
    for at in range(len(cells)):
        variance = _float(whole[f"v{at}"])
        if variance > 0:
            n = groups[f"n{at}"].to_numpy(dtype=float)
            means = groups[f"m{at}"].fillna(0.0).to_numpy(dtype=float)
            between = float((n * (means - _float(whole[f"m{at}"])) ** 2).sum() / n.sum())
            best = max(best, between / variance)
    return best


def _asked(
    table: Table,
    names: Sequence[str],
    parts: Mapping[str, str],
    *,
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, dict[str, Any]]:
    """Ask for several figures of several columns, a few dozen columns at a time."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(names), 50):
        block = names[start : start + 50]
        asked = ", ".join(
            f"{_filled(sql, name, given)} AS {part}_{at}"
            for at, name in enumerate(block)
            for part, sql in parts.items()
        )
        answer = table.query(f"SELECT {asked} FROM customers").iloc[0]
        found |= {
            name: {part: answer[f"{part}_{at}"] for part in parts} for at, name in enumerate(block)
        }
    return found


def _filled(sql: str, name: str, given: Mapping[str, Mapping[str, Any]] | None) -> str:
    for key in ("low", "high") if given is not None else ():
        sql = sql.replace(f"{{{key}}}", repr(_float(given[name][key])) if given else "")
    return sql.replace("{c}", column_sql(name))


def _top(table: Table, name: str) -> tuple[tuple[object, int], ...]:
    column = column_sql(name)
    answer = table.query(
        f"SELECT {column} AS value, count(*) AS n FROM customers WHERE {column} IS NOT NULL "
        f"GROUP BY {column} ORDER BY n DESC, value LIMIT {FIRST_VALUES}"
    )
    return tuple(zip(answer["value"].tolist(), answer["n"].astype(int).tolist(), strict=True))


def _whole(value: object) -> int:
    return 0 if pd.isna(value) else int(value)  # type: ignore[call-overload]


def _float(value: object) -> float:
    return math.nan if pd.isna(value) else float(value)  # type: ignore[arg-type,call-overload]
