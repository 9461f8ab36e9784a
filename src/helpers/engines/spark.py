"""The Spark engine: tables on a cluster, of which the driver sees aggregates and samples."""

import itertools
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import sqlglot
from sqlglot import exp

from helpers.engines.base import TABLE, Facts, Table
from helpers.engines.spark_reading import (
    PARTITION_ROWS,
    numbered,
    numbered_parquet,
    read_table,
)
from helpers.engines.spark_session import reason, spark_session, suit_queries
from helpers.engines.sql import (
    Step,
    WrittenStep,
    check_columns,
    column_sql,
    real_numbers,
    write_steps,
)
from helpers.engines.translation import column_types
from helpers.errors import StepError, TableError
from helpers.params.column_types import Column
from helpers.rounding import twelve_digits
from helpers.tables.reader import ROW

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PART_ROWS = 250_000
"""Rows of a partition at most: their number hangs on the table alone, not on the cluster."""

NARROW = {"tinyint": "int", "smallint": "int", "float": "double"}
_numbers = itertools.count()


class SparkEngine:
    """
    Tables in Spark.

    Parameters
    ----------
    master : str
        Where Spark runs.

    Raises
    ------
    EngineError
        Where Spark or its Java runtime is missing.
    """

    name = "spark"

    def __init__(self, master: str) -> None:
        self.session = spark_session(master)

    def read(
        self,
        path: Path,
        *,
        columns: Mapping[str, Column],
        null_values: Sequence[str],
        sheet: str = "",
    ) -> tuple["SparkTable", Facts]:
        """
        Read and check a table file.

        Parameters
        ----------
        path : Path
            CSV, TSV, semicolon file (gzipped or not), Parquet file, or folder of parts, which
            every worker must see by this path.
        columns : mapping of str to Column
            Declared columns.
        null_values : sequence of str
            Texts that stand for a missing value.
        sheet : str
            Sheet of a workbook; the first that holds a table unless given.

        Returns
        -------
        SparkTable
            The typed table, rows numbered in file order.
        Facts
            What was found while reading.

        Raises
        ------
        TableError
            Naming file, column and line, in the words of the local engine.
        """
        frame, found = read_table(
            self.session,
            path,
            columns=dict(columns),
            null_values=tuple(null_values),
            sheet=sheet,
        )
        facts = Facts(
            rows=found.rows,
            columns=found.columns,
            undeclared=found.undeclared,
            date_formats=found.date_formats,
            notes=found.notes,
            profiles=found.profiles,
        )
        return SparkTable(self.session, _partitioned(frame, found.rows), found.rows), facts

    def load(self, path: Path) -> "SparkTable":
        """
        Open what `SparkTable.save` has written: a Parquet file, or a folder of parts.

        Raises
        ------
        TableError
            Where it is missing or damaged.
        """
        parts = tuple(sorted(path.glob("*.parquet"))) if path.is_dir() else (path,)
        try:
            frame = numbered_parquet(self.session, parts, name=ROW)
            rows = frame.count()
        except (OSError, pa.ArrowException):
            raise TableError(
                f"`{path.name}` cannot be read: make it again with 01_features."
            ) from None
        suit_queries(self.session, rows=rows)
        return SparkTable(self.session, _partitioned(frame, rows), rows)


def _partitioned(frame: "DataFrame", rows: int) -> "DataFrame":
    """Cut a table into as many partitions as its rows ask for, in their order."""
    wanted = -(-rows // PART_ROWS)
    return frame.coalesce(wanted) if wanted < frame.rdd.getNumPartitions() else frame


class SparkTable:
    """
    A table of the Spark engine; a hidden column numbers its rows in the order of the file.

    Parameters
    ----------
    session : SparkSession
        Where it is.
    data : pyspark.sql.DataFrame
        Its columns and `__row__`.
    rows : int
        Their count.
    """

    in_hand = False
    dialect = "spark"

    def __init__(
        self,
        session: "SparkSession",
        data: "DataFrame",
        rows: int,
        not_finite: Mapping[str, int] | None = None,
    ) -> None:
        self.session = session
        self.data = data
        self.rows = rows
        self.not_finite = dict(not_finite or {})
        self._answers: dict[str, pd.DataFrame] = {}
        self._kept: DataFrame | None = None

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return [name for name in self.data.columns if name != ROW]

    def query(self, sql: str) -> pd.DataFrame:
        """
        Answer a Spark SQL query over this table.

        Parameters
        ----------
        sql : str
            A query in Spark SQL; this table goes by the name `customers`.

        Returns
        -------
        pandas.DataFrame
            The answer.
        """
        if sql in self._answers:
            return self._answers[sql].copy()
        view = f"view_{next(_numbers)}"
        tree = sqlglot.parse_one(sql, read="spark")
        for table in tree.find_all(exp.Table):
            if table.name == TABLE:
                table.set("this", exp.to_identifier(view))
        self.data.drop(ROW).createOrReplaceTempView(view)
        try:
            found = to_pandas(self.session.sql(tree.transform(real_numbers).sql(dialect="spark")))
            # A table does not change, and several pages of a report ask the same.
            self._answers[sql] = found
            return found.copy()
        finally:
            self.session.catalog.dropTempView(view)

    def select(self, expressions: Mapping[str, str]) -> "SparkTable":
        """
        Make a table of the same rows.

        Parameters
        ----------
        expressions : mapping of str to str
            New column name to Spark SQL over the columns of this table, and over `__row__`, the
            number of the row.

        Returns
        -------
        SparkTable
            With exactly the named columns.
        """
        from pyspark.sql import functions as f

        shown = [
            f.expr(_in_spark(sqlglot.parse_one(sql, read="spark"))).alias(name)
            for name, sql in expressions.items()
        ]
        return self._of(self.data.select(*shown, ROW))

    def derive(self, steps: Sequence[Step]) -> "SparkTable":
        """
        Add the columns of SQL steps, one after the other.

        Parameters
        ----------
        steps : sequence of Step
            In running order; a step may read the columns of earlier ones.

        Returns
        -------
        SparkTable
            This table's columns and the new ones.

        Raises
        ------
        StepError
            Naming the step that fails.
        """
        from pyspark.errors import PySparkException
        from pyspark.sql import functions as f

        check_columns(steps, self.columns)
        types = {name: NARROW.get(kind, kind) for name, kind in self.data.dtypes if name != ROW}
        written = write_steps(steps, column_types(types), "spark")
        data = self.data
        before: dict[str, DataFrame] = {}
        for step in written:
            before[step.name] = data
            try:
                data = data.withColumn(step.name, f.expr(step.sql))
            except PySparkException as error:
                raise StepError(
                    f"{step.step.where}: `{step.step.sql}` fails ({reason(error)})."
                ) from None
        made = self._of(
            data.select(*map(column_sql, self.columns), *(column_sql(s.name) for s in steps), ROW)
        )
        made.not_finite |= _count_not_finite(written, before)
        return made

    def transform(
        self,
        sql: str,
        *,
        name: str,
        others: Mapping[str, Table] | None = None,
        order_by: str = "",
    ) -> "SparkTable":
        """
        Make a table of other rows.

        Parameters
        ----------
        sql : str
            A SELECT in Spark SQL.
        name : str
            What this table is called in it.
        others : mapping of str to Table, optional
            Further tables, by what they are called in it.
        order_by : str
            A column of the result, whose rows then rise by it; "" for any order.

        Returns
        -------
        SparkTable
            Kept on the workers' disks, so that it is worked out once.

        Raises
        ------
        StepError
            Where Spark cannot answer.
        """
        from py4j.protocol import Py4JJavaError
        from pyspark import StorageLevel
        from pyspark.errors import PySparkException
        from pyspark.sql import functions as f

        with self._named(name, others or {}):
            try:
                made = self.session.sql(sql)
                if order_by:
                    made = made.orderBy(column_sql(order_by))
                made = made.persist(StorageLevel.DISK_ONLY)
                rows = made.count()
                # Numbered from what is kept: sorted again, the parts might be cut elsewhere.
                placed = (
                    numbered(made, name=ROW)
                    if order_by
                    else made.withColumn(ROW, f.monotonically_increasing_id())
                )
            except (PySparkException, Py4JJavaError) as error:
                raise StepError(f"the order lines cannot be grouped ({reason(error)}).") from None
        table = SparkTable(self.session, placed, rows)
        table._kept = made
        return table

    def answer(self, sql: str, *, name: str) -> pd.DataFrame:
        """
        Answer a SELECT of few rows over this table.

        Parameters
        ----------
        sql : str
            In Spark SQL, written by this project and never by a person.
        name : str
            What this table is called in it.

        Returns
        -------
        pandas.DataFrame
            In any order.
        """
        with self._named(name, {}):
            return to_pandas(self.session.sql(sql))

    @contextmanager
    def _named(self, name: str, others: Mapping[str, Table]) -> Iterator[None]:
        """Give tables the names that a SELECT has for them, while it runs."""
        named = {one: cast(SparkTable, table) for one, table in others.items()}
        named[name] = self
        for called, table in named.items():
            table.data.drop(ROW).createOrReplaceTempView(called)
        try:
            yield
        finally:
            for called in named:
                self.session.catalog.dropTempView(called)

    def release(self) -> None:
        """Let the rows go: nothing will be asked of this table any more."""
        (self.data if self._kept is None else self._kept).unpersist()

    def frame(self, columns: Sequence[str]) -> pd.DataFrame:
        """Fetch columns of every row, in order: for tables that are known to be small."""
        return to_pandas(self.data.orderBy(ROW).select(*map(column_sql, columns)))

    def correlation(self, columns: Sequence[str]) -> npt.NDArray[np.float64]:
        """
        Pearson correlation of every pair of columns by MLlib, over the rows that lack none of them.

        Returns
        -------
        ndarray of shape (columns, columns)
            1 on the diagonal, NaN where a column is constant.
        """
        from pyspark.ml.feature import VectorAssembler
        from pyspark.ml.stat import Correlation
        from pyspark.sql import functions as f

        names = [f"c{position}" for position in range(len(columns))]
        numbers = [
            f.col(column_sql(column)).cast("double").alias(name)
            for column, name in zip(columns, names, strict=True)
        ]
        whole = self.data.select(*numbers).dropna()
        values = np.full((len(columns), len(columns)), np.nan)
        if len(columns) > 1 and len(whole.take(2)) > 1:
            rows = VectorAssembler(inputCols=names, outputCol="all").transform(whole)
            found = Correlation.corr(rows.select("all"), "all").first()
            assert found is not None
            values = np.vectorize(twelve_digits)(found[0].toArray())
        np.fill_diagonal(values, 1.0)
        return np.asarray(values, dtype=np.float64)

    def save(self, path: Path) -> None:
        """Write the table to Parquet: a file, or a folder of parts where it is large."""
        aside = path.with_name(f"{path.name}.parts")
        ordered(self.data).drop(ROW).write.mode("overwrite").option("compression", "zstd").parquet(
            f"file://{aside.absolute()}"
        )
        settle(aside, path, ending="parquet")

    def _of(self, data: "DataFrame") -> "SparkTable":
        return SparkTable(self.session, data, self.rows, self.not_finite)


def _count_not_finite(
    written: Sequence[WrittenStep], before: Mapping[str, "DataFrame"]
) -> dict[str, int]:
    """How many values of each step are missing because they were infinite or NaN."""
    from pyspark.sql import functions as f

    counts: dict[str, int] = {}
    for step in written:
        if step.may_be_infinite:
            lost = f.expr(f"({step.raw_sql}) IS NOT NULL AND ({step.sql}) IS NULL")
            count = before[step.name].where(lost).count()
            if count:
                counts[step.name] = count
    return counts


def ordered(data: "DataFrame") -> "DataFrame":
    """Put numbered rows into their order, unless their partitions hold them in it already.

    To look costs one pass over the numbers, to sort one over all columns and their way to another
    machine. A partition of several files need not hold them in their order: Spark packs the
    largest first.
    """
    from pyspark.sql import functions as f

    here = f.monotonically_increasing_id()
    place = f.col(ROW) - here.bitwiseAND(f.lit(PARTITION_ROWS - 1))
    parts = (
        data.select(f.floor(here / f.lit(PARTITION_ROWS)).alias("part"), place.alias("start"))
        .groupBy("part")
        .agg(f.min("start").alias("least"), f.max("start").alias("most"), f.count("*").alias("n"))
        .orderBy("part")
        .collect()
    )
    following = 0
    for _, least, most, rows in parts:
        if least != following or most != following:
            return data.orderBy(ROW)
        following += rows
    return data


def settle(aside: Path, path: Path, *, ending: str) -> None:
    """Give what Spark has written its name: the part itself where there is one, else the folder."""
    parts = sorted(one for one in aside.glob(f"part-*.{ending}"))
    if len(parts) == 1:
        parts[0].replace(path)
    else:
        path.mkdir()
        for number, part in enumerate(parts):
            part.replace(path / f"part-{number:05}.{ending}")
    shutil.rmtree(aside)


def to_pandas(data: "DataFrame") -> pd.DataFrame:
    """Fetch a small DataFrame, in the types in which the local engine answers."""
    held = plain_times(data.toArrow())
    with duckdb.connect(config={"python_enable_replacements": False}) as database:
        return database.from_arrow(held).df()


def plain_times(table: pa.Table) -> pa.Table:
    """Moments without a time zone, as the local engine has them."""
    fields = [
        one.with_type(pa.timestamp("us")) if pa.types.is_timestamp(one.type) else one
        for one in table.schema
    ]
    return table.cast(pa.schema(fields))


def _in_spark(tree: exp.Expression) -> str:
    return str(tree.transform(real_numbers).sql(dialect="spark"))
