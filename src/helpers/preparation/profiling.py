"""What a table holds and what is wrong with it: the data profile, by aggregate queries."""

import re
import sys
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.engines.base import REASON, Table
from helpers.engines.sql import column_sql, text_sql
from helpers.errors import ParamsError, TableError
from helpers.params.column_types import Column

if TYPE_CHECKING:
    import pandera.pandas as pa

GIVEN_REASON = "__reason__"
"""Column of reasons that customers bring with them, where they were made of order lines."""
TREATMENTS = {
    "repeats": ("keep", "drop"),
    "impossible": ("keep", "clip", "drop"),
    "outliers": ("keep", "clip", "drop"),
}


def summary(table: Table, columns: Sequence[str]) -> pd.DataFrame:
    """
    Summary statistics of numeric columns.

    Parameters
    ----------
    table : Table
        Any table.
    columns : sequence of str
        Numeric columns.

    Returns
    -------
    pandas.DataFrame
        One row a column: `column`, `n`, `missing`, `mean`, `deviation` (population), `min`,
        `q25`, `median`, `q75`, `max`, in the unit of the column.
    """
    parts = {
        "n": "count({c})",
        "missing": "count(*) - count({c})",
        "mean": "avg(CAST({c} AS DOUBLE))",
        "deviation": "stddev_pop(CAST({c} AS DOUBLE))",
        "min": "CAST(min({c}) AS DOUBLE)",
        "q25": "percentile({c}, 0.25)",
        "median": "percentile({c}, 0.5)",
        "q75": "percentile({c}, 0.75)",
        "max": "CAST(max({c}) AS DOUBLE)",
    }
    return _per_column(table, columns, parts)


def cardinality(table: Table, columns: Sequence[str]) -> pd.DataFrame:
    """
    Missing values and distinct values of each column.

    Returns
    -------
    pandas.DataFrame
        One row a column: `column`, `missing`, `distinct` (missing values not counted).
    """
    parts = {"missing": "count(*) - count({c})", "distinct": "count(DISTINCT {c})"}
    if table.in_hand or not columns:
        return _per_column(table, columns, parts)
    # A cluster counts different values of several columns by copying every row for each.
    found = [_per_column(table, [name], parts) for name in columns]
    return pd.concat(found, ignore_index=True)


def _per_column(table: Table, columns: Sequence[str], parts: Mapping[str, str]) -> pd.DataFrame:
    """Ask for several aggregates of several columns in one pass over the table."""
    if not columns:
        return pd.DataFrame(columns=["column", *parts])
    asked = [
        f"{sql.format(c=column_sql(name))} AS `a{position}_{part}`"
        for position, name in enumerate(columns)
        for part, sql in parts.items()
    ]
    answer = table.query(f"SELECT {', '.join(asked)} FROM customers").iloc[0]
    return pd.DataFrame(
        [
            {"column": name} | {part: answer[f"a{position}_{part}"] for part in parts}
            for position, name in enumerate(columns)
        ]
    )


def counts(table: Table, column: str, *, most: int = 1000) -> pd.DataFrame:
    """
    How often each value of a column occurs.

    Returns
    -------
    pandas.DataFrame
        `value` (text), `n`; most frequent first, then by value; at most `most` rows.
    """
    name = column_sql(column)
    return table.query(
        f"SELECT CAST({name} AS STRING) AS value, count(*) AS n FROM customers "
        f"WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY n DESC, value LIMIT {most}"
    )


def correlation(table: Table, columns: Sequence[str]) -> pd.DataFrame:
    """
    Pearson correlation of every pair of columns, over the rows that lack none of them.

    Returns
    -------
    pandas.DataFrame
        Square, indexed by column name; 1 on the diagonal, NaN where a column is constant.
    """
    return pd.DataFrame(table.correlation(columns), index=list(columns), columns=list(columns))


def strongest_pairs(matrix: pd.DataFrame, *, most: int = 12) -> pd.DataFrame:
    """
    The pairs of columns that go together most.

    Parameters
    ----------
    matrix : pandas.DataFrame
        As `correlation` returns it.
    most : int
        Pairs wanted.

    Returns
    -------
    pandas.DataFrame
        `first`, `second`, `correlation`; the strongest first, whichever its sign.

    Examples
    --------
    >>> matrix = pd.DataFrame([[1, -0.5], [-0.5, 1]], index=["a", "b"], columns=["a", "b"])
    >>> strongest_pairs(matrix).values.tolist()
    [['a', 'b', -0.5]]
    """
    values = matrix.to_numpy()
    pairs = pd.DataFrame(
        [
            {"first": first, "second": second, "correlation": float(values[a, b])}
            for (a, first), (b, second) in combinations(enumerate(matrix.columns), 2)
        ],
        columns=["first", "second", "correlation"],
    ).dropna()
    order = pairs["correlation"].abs().sort_values(ascending=False, kind="stable").index
    return pairs.loc[order].head(most).reset_index(drop=True)


def fences(
    table: Table, columns: Sequence[str], *, quantiles: Sequence[float], reach: float
) -> pd.DataFrame:
    """
    Values outside the quantile fences (Tukey 1977: quartiles and a reach of 1.5).

    Parameters
    ----------
    table : Table
        Any table.
    columns : sequence of str
        Numeric columns.
    quantiles : sequence of float
        Lower and upper quantile.
    reach : float
        How many distances between the two quantiles a fence lies outside of them.

    Returns
    -------
    pandas.DataFrame
        One row a column that holds values: `column`, `low`, `high` (the fences), `below`, `above`
        (counts).
    """
    if not columns:
        return pd.DataFrame(columns=["column", "low", "high", "below", "above"])
    lower, upper = quantiles
    bounds = _per_column(
        table,
        columns,
        {"q1": f"percentile({{c}}, {lower})", "q2": f"percentile({{c}}, {upper})"},
    )
    # A column without any value has no quantiles.
    bounds = bounds.dropna(ignore_index=True)
    if bounds.empty:
        return pd.DataFrame(columns=["column", "low", "high", "below", "above"])
    spread = bounds["q2"] - bounds["q1"]
    bounds = bounds.assign(low=bounds["q1"] - reach * spread, high=bounds["q2"] + reach * spread)
    asked = []
    for position, row in enumerate(bounds.itertuples()):
        name = column_sql(str(row.column))
        asked += [
            f"count(CASE WHEN {name} < {float(row.low)!r} THEN 1 END) AS `b{position}`",  # type: ignore[arg-type]
            f"count(CASE WHEN {name} > {float(row.high)!r} THEN 1 END) AS `a{position}`",  # type: ignore[arg-type]
        ]
    answer = table.query(f"SELECT {', '.join(asked)} FROM customers").iloc[0]
    return bounds.assign(
        below=[int(answer[f"b{position}"]) for position in range(len(bounds))],
        above=[int(answer[f"a{position}"]) for position in range(len(bounds))],
    )[["column", "low", "high", "below", "above"]]


def impossible(table: Table, columns: Mapping[str, Column]) -> pd.DataFrame:
    """
    Values outside the range that the params file declares possible.

    Returns
    -------
    pandas.DataFrame
        One row for each column with a declared range: `column`, `possible` (words), `n`,
        `least`, `most` (the extreme values among the impossible ones, NaN where there are none).
    """
    ranged = {name: one for name, one in columns.items() if _outside(one) != "false"}
    if not ranged:
        return pd.DataFrame(columns=["column", "possible", "n", "least", "most"])
    asked = []
    for position, (name, column) in enumerate(ranged.items()):
        value = f"CASE WHEN {_outside(column)} THEN {column_sql(name)} END"
        asked += [
            f"count({value}) AS `n{position}`",
            f"CAST(min({value}) AS DOUBLE) AS `l{position}`",
            f"CAST(max({value}) AS DOUBLE) AS `m{position}`",
        ]
    answer = table.query(f"SELECT {', '.join(asked)} FROM customers").iloc[0]
    return pd.DataFrame(
        {
            "column": name,
            "possible": column.possible,
            "n": int(answer[f"n{position}"]),
            "least": answer[f"l{position}"],
            "most": answer[f"m{position}"],
        }
        for position, (name, column) in enumerate(ranged.items())
    )


def _outside(column: Column) -> str:
    name = column_sql(column.name)
    tests = []
    if column.min is not None and column.is_number:
        tests.append(f"{name} < {column.min!r}")
    if column.max is not None and column.is_number:
        tests.append(f"{name} > {column.max!r}")
    return f"({' OR '.join(tests)})" if tests else "false"


def repeats(table: Table, *, id_column: str | None) -> int:
    """Count the rows that repeat an earlier row in everything but the ID."""
    apart = [column_sql(name) for name in table.columns if name != id_column]
    answer = table.query(
        f"SELECT count(*) AS n FROM (SELECT DISTINCT {', '.join(apart)} FROM customers)"
    )
    return table.rows - int(answer["n"].iloc[0])


def constants(table: Table, columns: Sequence[str]) -> list[str]:
    """Names of the columns that hold one value, or none, in every row."""
    found = cardinality(table, columns)
    single = (found["distinct"] == 0) | ((found["distinct"] == 1) & (found["missing"] == 0))
    return found.loc[single, "column"].tolist()


def schema_of(columns: Mapping[str, Column]) -> "pa.DataFrameSchema":
    """
    The declared columns as a pandera schema.

    Parameters
    ----------
    columns : mapping of str to Column
        Declared columns.

    Returns
    -------
    pandera.pandas.DataFrameSchema
        The kind of each column, whether it may lack values, which values are allowed, and that
        the ID is given and unique. Ranges are not in it: values outside are counted and treated
        (see `impossible` and `treat`).
    """
    pa = _pandera()
    return pa.DataFrameSchema(
        {
            name: pa.Column(
                nullable=not (column.required or column.type == "id"),
                unique=column.type == "id",
                checks=[
                    pa.Check(
                        pd.api.types.is_numeric_dtype if column.is_number else lambda _: True,
                        name=f"is a {column.type}",
                    ),
                    *([pa.Check.isin(list(column.values))] if column.values else []),
                ],
            )
            for name, column in columns.items()
        }
    )


def check_schema(table: Table, columns: Mapping[str, Column], *, file: str) -> None:
    """
    Hold a table against its declared columns, by pandera.

    Columns are fetched one at a time, so that memory stays near that of one column; those of a
    table on a cluster are not fetched but asked the same questions.

    Parameters
    ----------
    table : Table
        The table as read.
    columns : mapping of str to Column
        Declared columns.
    file : str
        Name of the file, for messages.

    Raises
    ------
    TableError
        Naming column, value and count.
    """
    if not table.in_hand:
        _check_by_queries(table, columns, file=file)
        return
    pa = _pandera()
    for name, column in columns.items():
        try:
            schema_of({name: column}).validate(table.frame([name]), lazy=True)
        except pa.errors.SchemaErrors as error:
            cases = error.failure_cases
            held = cases["failure_case"].iloc[0]
            raise misfit(column, held, rows=len(cases), file=file) from None


def _pandera() -> Any:
    """Import pandera, which would import the pandas of PySpark for nothing where it is there."""
    sys.modules.setdefault("pyspark.pandas", None)  # type: ignore[arg-type]
    import pandera.pandas as pa

    return pa


def _check_by_queries(table: Table, columns: Mapping[str, Column], *, file: str) -> None:
    """Ask a table on a cluster what pandera would check: missing values and allowed ones."""
    tests = {}
    for name, column in columns.items():
        parts = []
        if column.required or column.type == "id":
            parts.append(f"{column_sql(name)} IS NULL")
        if column.values:
            allowed = ", ".join(text_sql(one) for one in column.values)
            parts.append(f"CAST({column_sql(name)} AS STRING) NOT IN ({allowed})")
        if parts:
            tests[name] = " OR ".join(parts)
    if not tests:
        return
    asked = ", ".join(
        f"count(CASE WHEN {test} THEN 1 END) AS `n{position}`"
        for position, test in enumerate(tests.values())
    )
    counts = table.query(f"SELECT {asked} FROM customers").iloc[0].tolist()
    for (name, test), count in zip(tests.items(), counts, strict=True):
        if count:
            first = table.query(
                f"SELECT {column_sql(name)} AS held FROM customers WHERE {test} LIMIT 1"
            )
            raise misfit(columns[name], first["held"].iloc[0], rows=int(count), file=file)


def misfit(column: Column, held: Any, *, rows: int, file: str) -> TableError:
    """
    Say that a column holds what its declaration does not allow.

    Parameters
    ----------
    column : Column
        As declared.
    held : Any
        What it holds in the first of these rows; missing for no value.
    rows : int
        How many rows are so.
    file : str
        Name of the file.

    Returns
    -------
    TableError
        To be raised.
    """
    shown = "no value" if pd.isna(held) else repr(str(held)[:40])
    allowed = f"one of {', '.join(column.values)}" if column.values else "a value"
    in_rows = "1 row" if rows == 1 else f"{rows:,} rows"
    return TableError(
        f"`{column.name}` in `{file}` holds {shown} in {in_rows}: expected {allowed}. "
        "Mend the file, or change the declaration in `columns`."
    )


def check_treatment(name: str, value: str) -> None:
    """
    Refuse a treatment that is not known.

    Raises
    ------
    ParamsError
        Naming the parameter and what it may be.
    """
    if value not in TREATMENTS[name]:
        raise ParamsError(f"`{name}` is {value!r}: expected {' or '.join(TREATMENTS[name])}.")


def treat(
    table: Table,
    columns: Mapping[str, Column],
    *,
    id_column: str | None,
    repeats: str = "keep",
    impossible: str = "keep",
    outliers: str = "keep",
    found_fences: pd.DataFrame | None = None,
) -> Table:
    """
    Do with the faults of a table what the params file says.

    No row is lost: a row that is dropped stays, with the reason in a new column.

    Parameters
    ----------
    table : Table
        The table as read; reasons that it brings in a column `__reason__` come first.
    columns : mapping of str to Column
        Its columns, declared or inferred.
    id_column : str or None
        Name of the ID column.
    repeats : {"keep", "drop"}
        Rows that repeat an earlier one in everything but the ID.
    impossible : {"keep", "clip", "drop"}
        Values outside the declared range: clipped to the range, or the row dropped.
    outliers : {"keep", "clip", "drop"}
        Values outside the fences.
    found_fences : pandas.DataFrame, optional
        As `fences` returns it.

    Returns
    -------
    Table
        The same rows in the same order with a column `reason`, null where the row is used.

    Raises
    ------
    ParamsError
        For an unknown treatment.
    TableError
        Where the table has a column `reason` of its own.
    """
    for name, value in (("repeats", repeats), ("impossible", impossible), ("outliers", outliers)):
        check_treatment(name, value)
    if REASON in {name.casefold() for name in table.columns}:
        raise TableError(f"the table has a column `{REASON}`, a name that runs write: rename it.")
    clips: dict[str, list[tuple[float | None, float | None]]] = {}
    drops: list[tuple[str, str]] = []
    for name, column in columns.items():
        outside = _outside(column)
        if outside != "false" and impossible == "clip":
            clips.setdefault(name, []).append((column.min, column.max))
        if outside != "false" and impossible == "drop":
            drops.append((outside, f"`{name}` is outside {column.possible}"))
    for name, low, high in _bounds(found_fences):
        if outliers == "clip":
            clips.setdefault(name, []).append((low, high))
        if outliers == "drop":
            test = f"({column_sql(name)} < {low!r} OR {column_sql(name)} > {high!r})"
            drops.append((test, f"`{name}` is outside its fences"))
    if repeats == "drop":
        apart = ", ".join(
            column_sql(name) for name in table.columns if name not in (id_column, GIVEN_REASON)
        )
        test = f"row_number() OVER (PARTITION BY {apart} ORDER BY `__row__`) > 1"
        drops.append((test, "repeats an earlier row"))
    selected = {}
    for name in table.columns:
        if name == GIVEN_REASON:
            continue
        selected[name] = column_sql(name)
        for low_bound, high_bound in clips.get(name, []):
            selected[name] = _clipped(selected[name], low_bound, high_bound)
    cases = " ".join(f"WHEN {test} THEN {text_sql(text)}" for test, text in drops)
    if GIVEN_REASON in table.columns:
        cases = f"WHEN {GIVEN_REASON} IS NOT NULL THEN {GIVEN_REASON} {cases}"
    selected[REASON] = f"CASE {cases} END" if cases else "CAST(NULL AS STRING)"
    return table.select(selected)


def _bounds(found_fences: pd.DataFrame | None) -> list[tuple[str, float, float]]:
    if found_fences is None:
        return []
    columns = (found_fences[name].tolist() for name in ("column", "low", "high"))
    return [(str(name), float(low), float(high)) for name, low, high in zip(*columns, strict=True)]


def complete(table: Table, features: Sequence[str], *, nulls: str) -> Table:
    """
    Do with missing features what the params file says.

    Parameters
    ----------
    table : Table
        With the features and a column `reason`.
    features : sequence of str
        Numeric columns.
    nulls : {"drop", "median"}
        `drop` sets the row aside with a reason; `median` fills the value with the median of
        the rows that are used.

    Returns
    -------
    Table
        The same rows in the same order.

    Raises
    ------
    ParamsError
        For another treatment, and for a feature that is no number.
    """
    if nulls not in ("drop", "median"):
        raise ParamsError(f"`nulls` is {nulls!r}: expected drop or median.")
    _check_numbers(table, features)
    selected = {name: column_sql(name) for name in table.columns}
    if nulls == "median":
        for name, median in medians(table, features).items():
            # Beside a literal of both engines a whole number would become a decimal one.
            selected[name] = (
                f"coalesce(CAST({column_sql(name)} AS DOUBLE), CAST({median!r} AS DOUBLE))"
            )
    cases = " ".join(
        f"WHEN {selected[name]} IS NULL THEN {text_sql(f'`{name}` is missing')}"
        for name in features
    )
    selected[REASON] = f"CASE WHEN {REASON} IS NOT NULL THEN {REASON} {cases} END"
    return table.select(selected)


NUMBERS = re.compile(r"u?(tiny|small|big|huge)?int|u?integer|float|double|decimal.*|boolean")


def not_numbers(table: Table, columns: Sequence[str]) -> dict[str, str]:
    """
    Columns of a table that hold no numbers, and what they hold instead.

    Returns
    -------
    dict of str to str
        Column to the engine's name of its type, in lower case.
    """
    if not columns:
        return {}
    asked = ", ".join(
        f"typeof({column_sql(name)}) AS `t{position}`" for position, name in enumerate(columns)
    )
    kinds = table.query(f"SELECT {asked} FROM customers LIMIT 1").iloc[0]
    found = {name: str(kind).lower() for name, kind in zip(columns, kinds, strict=True)}
    return {name: kind for name, kind in found.items() if not NUMBERS.fullmatch(kind)}


def _check_numbers(table: Table, features: Sequence[str]) -> None:
    for name, kind in not_numbers(table, features).items():
        raise ParamsError(
            f"feature `{name}` is no number (it holds {kind}): a customer can be "
            "told apart by numbers only. Mend its SQL step, or remove it from `features`."
        )


def medians(table: Table, features: Sequence[str]) -> dict[str, float]:
    """
    Median of each feature among the rows that are used.

    Parameters
    ----------
    table : Table
        With the features and a column `reason`.
    features : sequence of str
        Numeric columns.

    Returns
    -------
    dict of str to float
        By feature; one that no used row has is left out.
    """
    asked = ", ".join(
        f"percentile({column_sql(name)}, 0.5) AS `m{position}`"
        for position, name in enumerate(features)
    )
    found = table.query(f"SELECT {asked} FROM customers WHERE {REASON} IS NULL").iloc[0]
    return {
        name: float(found[f"m{position}"])
        for position, name in enumerate(features)
        if not pd.isna(found[f"m{position}"])
    }


def reasons(table: Table) -> pd.DataFrame:
    """
    Why rows are set aside.

    Returns
    -------
    pandas.DataFrame
        `reason`, `n`; most frequent first.
    """
    return table.query(
        f"SELECT {REASON}, count(*) AS n FROM customers WHERE {REASON} IS NOT NULL "
        f"GROUP BY 1 ORDER BY n DESC, {REASON}"
    )


def _clipped(value: str, low: float | None, high: float | None) -> str:
    inner = value
    if low is not None:
        inner = f"greatest({inner}, {low!r})"
    if high is not None:
        inner = f"least({inner}, {high!r})"
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE {inner} END"


def histogram(table: Table, column: str, *, bins: int) -> pd.DataFrame:
    """
    Counts of a numeric column in bins of equal width.

    Where few values lie far out, the bins span what lies between the 0.5 % and the 99.5 %
    quantile, and one open bin at either end counts the rest; else a single absurd value would
    leave all others in one bin. Bins of whole numbers are whole numbers wide.

    Parameters
    ----------
    table : Table
        Any table.
    column : str
        A numeric column.
    bins : int
        Bins wanted; whole-number widths may give fewer.

    Returns
    -------
    pandas.DataFrame
        `low`, `high` (edges, the last one closed; infinite for an open bin), `n`; one row a bin.
    """
    value = f"CAST({column_sql(column)} AS DOUBLE)"
    ends = table.query(
        f"SELECT min({value}) AS least, max({value}) AS most, percentile({value}, 0.005) AS low, "
        f"percentile({value}, 0.995) AS high, "
        f"count(CASE WHEN {value} <> floor({value}) THEN 1 END) AS broken FROM customers"
    ).iloc[0]
    if pd.isna(ends["least"]):
        return pd.DataFrame({"low": [], "high": [], "n": []})
    edges = _edges(ends, bins)
    tests = " ".join(
        f"WHEN {value} < {float(edge)!r} THEN {bin_}" for bin_, edge in enumerate(edges)
    )
    found = table.query(
        f"SELECT CASE {tests} WHEN {value} = {float(edges[-1])!r} THEN {len(edges) - 1} "
        f"ELSE {len(edges)} END AS bin, count(*) AS n FROM customers "
        f"WHERE {column_sql(column)} IS NOT NULL GROUP BY 1"
    )
    n = np.zeros(len(edges) + 1, dtype=np.int64)
    n[found["bin"].to_numpy(dtype=np.int64)] = found["n"].to_numpy()
    bounds = np.concatenate([[-np.inf], edges, [np.inf]])
    counts = pd.DataFrame({"low": bounds[:-1], "high": bounds[1:], "n": n})
    return counts[np.isfinite(counts["low"] + counts["high"]) | (counts["n"] > 0)].reset_index(
        drop=True
    )


def _edges(ends: pd.Series, bins: int) -> np.ndarray:
    least, most = float(ends["least"]), float(ends["most"])
    low, high = float(ends["low"]), float(ends["high"])
    if most - least <= 1.5 * (high - low) or high <= low:
        low, high = least, most
    if int(ends["broken"]) == 0:
        low = float(np.floor(low))
        width = max(1.0, float(np.ceil((high - low + 1) / bins)))
        return low + width * np.arange(int((high - low) // width) + 2)
    return np.linspace(low, high if high > low else low + 1, bins + 1)


def boxes(table: Table, number: str, category: str) -> pd.DataFrame:
    """
    Quantile summary of a number by category, for box plots.

    Returns
    -------
    pandas.DataFrame
        `category`, `n`, `low` (5 %), `q1`, `median`, `q3`, `high` (95 %), by falling median.
    """
    value = column_sql(number)
    quantiles = {"low": 0.05, "q1": 0.25, "median": 0.5, "q3": 0.75, "high": 0.95}
    asked = ", ".join(f"percentile({value}, {q}) AS {name}" for name, q in quantiles.items())
    return table.query(
        f"SELECT CAST({column_sql(category)} AS STRING) AS category, count({value}) AS n, {asked} "
        f"FROM customers WHERE {column_sql(category)} IS NOT NULL AND {value} IS NOT NULL "
        "GROUP BY 1 ORDER BY median DESC, category"
    )


def pivot(table: Table, number: str, rows: str, columns: str) -> pd.DataFrame:
    """
    Mean of a number by two categories.

    Returns
    -------
    pandas.DataFrame
        `rows`, `columns` (the categories), `n`, `mean`; sorted by both.
    """
    value = column_sql(number)
    return table.query(
        f"SELECT CAST({column_sql(rows)} AS STRING) AS `rows`, "
        f"CAST({column_sql(columns)} AS STRING) AS `columns`, count({value}) AS n, "
        f"avg(CAST({value} AS DOUBLE)) AS mean FROM customers "
        f"WHERE {value} IS NOT NULL AND {column_sql(rows)} IS NOT NULL "
        f"AND {column_sql(columns)} IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
