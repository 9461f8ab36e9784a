"""The local engine: DuckDB for tables and SQL, in this process."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot
from sqlglot import exp

from helpers.engines.base import TABLE, Facts, Table
from helpers.engines.sql import (
    Step,
    WrittenStep,
    check_columns,
    column_sql,
    expression_in,
    real_numbers,
    write_steps,
)
from helpers.engines.translation import column_types
from helpers.errors import StepError, TableError
from helpers.params.column_types import Column
from helpers.tables.memory import require_memory
from helpers.tables.reader import ROW, quoted, read_table
from helpers.workspace import spill_folder

# Rows of a Parquet row group: fixed, so that the same table gives the same bytes.
GROUP_ROWS = 1 << 17
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    # It makes a join of a long `IN (...)`, and a join on several threads shuffles the rows.
    "disabled_optimizers": "in_clause",
}
"""How every database is opened: closed to what lies outside, rows kept in order."""
SPARK_TYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER"), "int"),
    "BIGINT": "bigint",
    "DOUBLE": "double",
    "FLOAT": "double",
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
}
"""What Spark calls the types of DuckDB that a table holds."""
_numbers = itertools.count()


class LocalEngine:
    """
    Tables in DuckDB, in memory.

    Every table that is read or loaded has a database of its own, which is closed to files and
    network as soon as the table is in it: whatever SQL runs later reaches that table alone.
    """

    name = "local"

    def read(
        self,
        path: Path,
        *,
        columns: Mapping[str, Column],
        null_values: Sequence[str],
        sheet: str = "",
    ) -> tuple["LocalTable", Facts]:
        """
        Read and check a table file.

        Parameters
        ----------
        path : Path
            CSV, TSV, semicolon file (gzipped or not), Parquet file, or folder of parts.
        columns : mapping of str to Column
            Declared columns.
        null_values : sequence of str
            Texts that stand for a missing value.
        sheet : str
            Sheet of a workbook; the first that holds a table unless given.

        Returns
        -------
        LocalTable
            The typed table, rows in file order.
        Facts
            What was found while reading.

        Raises
        ------
        TableError
            Naming file, column and line.
        """
        require_memory(path)
        database = _open_database()
        found = read_table(
            database,
            path,
            into="read",
            columns=dict(columns),
            null_values=tuple(null_values),
            sheet=sheet,
        )
        _close_outside(database)
        facts = Facts(
            rows=found.rows,
            columns=found.columns,
            undeclared=found.undeclared,
            date_formats=found.date_formats,
            notes=found.notes,
            profiles=found.profiles,
        )
        return LocalTable(database, "read", found.rows), facts

    def load(self, path: Path) -> "LocalTable":
        """
        Open what an engine has saved: a Parquet file, or a folder of parts.

        Raises
        ------
        TableError
            Where the file is missing or damaged.
        """
        try:
            parts = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
            saved = pa.concat_tables([pq.ParquetFile(part).read() for part in parts])
        except (OSError, pa.ArrowException):
            raise TableError(
                f"`{path.name}` cannot be read: make it again with 01_features."
            ) from None
        database = _open_database()
        database.register("saved", saved)
        database.execute("CREATE TABLE loaded AS SELECT * FROM saved")
        database.unregister("saved")
        _close_outside(database)
        return LocalTable(database, "loaded", saved.num_rows)


def _open_database() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect(config=CONFIG | {"temp_directory": str(spill_folder())})
    database.execute("SET TimeZone = 'UTC'")
    return database


def _close_outside(database: duckdb.DuckDBPyConnection) -> None:
    # Cannot be undone while the database is open.
    database.execute("SET enable_external_access = false")


class LocalTable:
    """A table of the local engine; its rows are stored in the order of the file."""

    in_hand = True
    dialect = "duckdb"

    def __init__(
        self,
        database: duckdb.DuckDBPyConnection,
        name: str,
        rows: int,
        not_finite: Mapping[str, int] | None = None,
    ) -> None:
        self._database = database
        self._name = name
        self.rows = rows
        self.not_finite = dict(not_finite or {})

    @property
    def name(self) -> str:
        """What it is called in its database."""
        return self._name

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self._types())

    def _types(self) -> dict[str, str]:
        """Spark's type of each column."""
        described = self._database.execute(f"DESCRIBE {quoted(self._name)}").fetchall()
        return {row[0]: _spark_type(row[1]) for row in described}

    def query(self, sql: str) -> pd.DataFrame:
        """
        Answer a Spark SQL query over this table.

        Sums of fractions depend on the order of adding, so that queries run on one thread.

        Parameters
        ----------
        sql : str
            A query in Spark SQL; this table goes by the name `customers`.

        Returns
        -------
        pandas.DataFrame
            The answer.
        """
        tree = sqlglot.parse_one(sql, read="spark")
        for table in tree.find_all(exp.Table):
            if table.name == TABLE:
                table.set("this", exp.to_identifier(self._name, quoted=True))
        self._database.execute("SET threads = 1")
        try:
            return self._database.execute(expression_in(tree, "duckdb")).df()
        finally:
            self._database.execute("RESET threads")

    def select(self, expressions: Mapping[str, str]) -> "LocalTable":
        """
        Make a table of the same rows.

        Parameters
        ----------
        expressions : mapping of str to str
            New column name to Spark SQL over the columns of this table, and over `__row__`, the
            number of the row.

        Returns
        -------
        LocalTable
            With exactly the named columns.
        """
        trees = {
            name: sqlglot.parse_one(sql, read="spark").transform(real_numbers)
            for name, sql in expressions.items()
        }
        shown = ", ".join(
            f"{expression_in(tree, 'duckdb')} AS {quoted(name)}" for name, tree in trees.items()
        )
        source = quoted(self._name)
        if any(
            column.name == ROW for tree in trees.values() for column in tree.find_all(exp.Column)
        ):
            # Only here may the rows change places while the windows are worked out.
            source = f"(SELECT *, row_number() OVER () - 1 AS {ROW} FROM {source}) ORDER BY {ROW}"
        return self._make(f"SELECT {shown} FROM {source}")

    def derive(self, steps: Sequence[Step]) -> "LocalTable":
        """
        Add the columns of SQL steps, one after the other.

        Parameters
        ----------
        steps : sequence of Step
            In running order; a step may read the columns of earlier ones.

        Returns
        -------
        LocalTable
            This table's columns and the new ones.

        Raises
        ------
        StepError
            Naming the step that fails.
        """
        check_columns(steps, self.columns)
        columns = column_types(self._types())
        written = write_steps(steps, columns, "duckdb")
        try:
            made = self._make(f"SELECT * FROM {self._with(written)}")
        except (duckdb.OutOfRangeException, duckdb.ConversionException):
            # A whole number is too large for its type: Spark lets it wrap round, which is slower.
            written = write_steps(steps, columns, "duckdb", exact=True)
            try:
                made = self._make(f"SELECT * FROM {self._with(written)}")
            except duckdb.Error as error:
                raise self._step_error(written, error) from None
        except duckdb.Error as error:
            raise self._step_error(written, error) from None
        if made.rows != self.rows:
            raise StepError(
                "the SQL steps change the number of rows: a step gives one value a row."
            )
        made.not_finite |= self._count_not_finite(written, made)
        return made

    def _with(self, written: Sequence[WrittenStep]) -> str:
        """SQL of this table and the columns of steps, each over those before."""
        source = quoted(self._name)
        for step in written:
            source = f"(SELECT *, {step.sql} AS {quoted(step.name)} FROM {source})"
        return source

    def _count_not_finite(
        self, written: Sequence[WrittenStep], made: "LocalTable"
    ) -> dict[str, int]:
        """How many values of each step are missing because they were infinite or NaN."""
        risky = [step for step in written if step.may_be_infinite]
        if not risky:
            return {}
        gaps = ", ".join(f"count(*) - count({quoted(step.name)})" for step in risky)
        (missing,) = self._database.execute(f"SELECT {gaps} FROM {quoted(made._name)}").fetchall()
        counts: dict[str, int] = {}
        for step, gap in zip(risky, missing, strict=True):
            if gap:
                before = self._with(written[: written.index(step)])
                ((count,),) = self._database.execute(
                    f"SELECT count(*) FROM {before} WHERE ({step.raw_sql}) IS NOT NULL "
                    f"AND ({step.sql}) IS NULL"
                ).fetchall()
                if count:
                    counts[step.name] = count
        return counts

    def _step_error(self, written: Sequence[WrittenStep], error: Exception) -> StepError:
        for position, step in enumerate(written):
            try:
                self._database.execute(
                    f"SELECT * FROM {self._with(written[: position + 1])}"
                ).fetchall()
            except duckdb.Error as own:
                return StepError(f"{step.step.where}: `{step.step.sql}` fails ({_reason(own)}).")
        return StepError(f"the SQL steps fail ({_reason(error)}).")

    def transform(
        self,
        sql: str,
        *,
        name: str,
        others: Mapping[str, Table] | None = None,
        order_by: str = "",
    ) -> "LocalTable":
        """
        Make a table of other rows.

        Parameters
        ----------
        sql : str
            A SELECT in DuckDB's SQL, written by this project and never by a person.
        name : str
            What this table is called in it.
        others : mapping of str to Table, optional
            Further tables, by what they are called in it.
        order_by : str
            A column of the result, whose rows then rise by it; "" for any order.

        Returns
        -------
        LocalTable
            In the database of this table.

        Raises
        ------
        StepError
            Where DuckDB cannot answer.
        """
        order = f" ORDER BY {quoted(order_by)}" if order_by else ""
        with self._named(name, others or {}):
            try:
                return self._make(f"SELECT * FROM ({sql}){order}")
            except duckdb.Error as error:
                raise StepError(f"the order lines cannot be grouped ({_reason(error)}).") from None

    def answer(self, sql: str, *, name: str) -> pd.DataFrame:
        """
        Answer a SELECT of few rows over this table.

        Parameters
        ----------
        sql : str
            In DuckDB's SQL, written by this project and never by a person.
        name : str
            What this table is called in it.

        Returns
        -------
        pandas.DataFrame
            In any order.
        """
        with self._named(name, {}):
            return self._database.execute(sql).df()

    @contextmanager
    def _named(self, name: str, others: Mapping[str, Table]) -> Iterator[None]:
        """Give tables the names that a SELECT has for them, while it runs."""
        named = {one: cast(LocalTable, table) for one, table in others.items()}
        named[name] = self
        for called, table in named.items():
            if table._database is self._database:
                held = f"SELECT * FROM {quoted(table._name)}"
                self._database.execute(f"CREATE TEMP VIEW {quoted(called)} AS {held}")
            else:
                whole = table._database.cursor().sql(f"SELECT * FROM {quoted(table._name)}")
                self._database.register(called, whole.to_arrow_table())
        try:
            yield
        finally:
            for called, table in named.items():
                if table._database is self._database:
                    self._database.execute(f"DROP VIEW {quoted(called)}")
                else:
                    self._database.unregister(called)

    def release(self) -> None:
        """Drop the table: nothing will be asked of it any more."""
        self._database.execute(f"DROP TABLE {quoted(self._name)}")

    def frame(self, columns: Sequence[str]) -> pd.DataFrame:
        """Fetch columns of every row, in order."""
        shown = ", ".join(quoted(name) for name in columns)
        return self._database.execute(f"SELECT {shown} FROM {quoted(self._name)}").df()

    def correlation(self, columns: Sequence[str]) -> npt.NDArray[np.float64]:
        """
        Pearson correlation of every pair of columns, over the rows that lack none of them.

        Returns
        -------
        ndarray of shape (columns, columns)
            1 on the diagonal, NaN where a column is constant.
        """
        pairs = list(itertools.combinations(range(len(columns)), 2))
        names = [column_sql(name) for name in columns]
        values = np.eye(len(columns))
        if not pairs:
            return values
        asked = ", ".join(
            f"corr(CAST({names[a]} AS DOUBLE), CAST({names[b]} AS DOUBLE)) AS `c{a}_{b}`"
            for a, b in pairs
        )
        whole = " AND ".join(f"{name} IS NOT NULL" for name in names)
        answer = self.query(f"SELECT {asked} FROM {TABLE} WHERE {whole}").iloc[0]
        for a, b in pairs:
            found = answer[f"c{a}_{b}"]
            values[a, b] = values[b, a] = np.nan if pd.isna(found) else float(found)
        return values

    def save(self, path: Path) -> None:
        """Write the table to Parquet; the same table gives the same bytes."""
        # A cursor of its own: a result that another call left half read would be in the way.
        found = self._database.cursor().sql(f"SELECT * FROM {quoted(self._name)}")
        reader = found.to_arrow_reader(GROUP_ROWS)
        with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
            left = reader.schema.empty_table()
            for batch in reader:
                left = pa.concat_tables([left, pa.Table.from_batches([batch])])
                while left.num_rows >= GROUP_ROWS:
                    writer.write_table(left.slice(0, GROUP_ROWS).combine_chunks())
                    left = left.slice(GROUP_ROWS)
            if left.num_rows:
                writer.write_table(left.combine_chunks())

    def _make(self, sql: str) -> "LocalTable":
        name = f"made_{next(_numbers)}"
        self._database.execute(f"CREATE TABLE {quoted(name)} AS {sql}")
        ((rows,),) = self._database.execute(f"SELECT count(*) FROM {quoted(name)}").fetchall()
        return LocalTable(self._database, name, rows, self.not_finite)


def _spark_type(type_: str) -> str:
    if type_.endswith("[]"):
        return f"array<{_spark_type(type_[:-2])}>"
    return SPARK_TYPES.get(type_, type_.casefold())


def _reason(error: Exception) -> str:
    # DuckDB begins with the kind of its error, which says nothing to a person.
    return re.sub(r"^[A-Z][\w ]* Error: ", "", str(error).splitlines()[0])[:300].rstrip(".")
