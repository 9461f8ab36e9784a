"""The reader of tables on Spark: the same questions and messages, answered by a cluster."""

import itertools
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlglot
from sqlglot import exp

from helpers.engines.spark_session import reason, suit_queries
from helpers.errors import TableError
from helpers.params.column_types import Column
from helpers.tables.dates import without_time
from helpers.tables.dialects import Dialect, find_dialect
from helpers.tables.reader import (
    ROW,
    Reader,
    Reading,
    quoted,
    reading_fault,
    require_columns,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Rows of one partition are numbered below this by Spark itself.
PARTITION_ROWS = 1 << 33
# Spark's names of types, as the reader knows them from DuckDB.
TYPES = {
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "timestamp_ntz": "TIMESTAMP",
}
_numbers = itertools.count()
GREATEST = "1.7976931348623157E308D"


def read_table(
    session: "SparkSession",
    path: Path,
    *,
    columns: dict[str, Column],
    null_values: tuple[str, ...],
    sheet: str = "",
) -> tuple["DataFrame", Reading]:
    """
    Read a table file into a typed DataFrame.

    Parameters
    ----------
    session : SparkSession
        Where it is read.
    path : Path
        As for `helpers.tables.reader.read_table`; every worker must see the file by this path.
    columns : dict of str to Column
        Declared columns; the others are typed by what they hold.
    null_values : tuple of str
        Texts that stand for a missing value.
    sheet : str
        Sheet of a workbook; the first that holds a table unless given.

    Returns
    -------
    DataFrame
        The file's columns and `__row__`, the number of the row in the file from 0.
    Reading
        What was found.

    Raises
    ------
    TableError
        As `helpers.tables.reader.read_table` does, in the same words.
    """
    dialect = find_dialect(path, sheet=sheet)
    require_columns(path.name, dialect.header, columns)
    if dialect.compressed and not all(part.suffix == ".gz" for part in dialect.parts):
        raise TableError(
            f"`{path.name}` is gzipped: Spark knows that by the ending .gz: rename it."
        )
    nulls = tuple(dict.fromkeys(("", *null_values)))
    fault: Exception | None = None
    suit_queries(session, rows=_rows(dialect))
    # A text file is cut at line ends and read in pieces; one with line breaks in its cells is not.
    for whole in (False, True) if dialect.kind == "csv" else (False,):
        reader = SparkReader(session, path, dialect, nulls, whole=whole)
        try:
            typed, formats = reader.make(reader.name, columns)
        except TableError:
            if whole or not reader.is_cut_short:
                raise
            continue
        except _spark_errors() as error:
            fault = error
            continue
        finally:
            reader.drop()
        return reader.typed, Reading(
            rows=reader.rows,
            columns=typed,
            undeclared=tuple(name for name in dialect.header if name not in columns),
            date_formats=formats,
            profiles=reader.profiles,
            notes=dialect.notes,
        )
    said = "line ends or quotes are not regular" if fault is None else reason(fault)
    raise reading_fault(path, dialect, said) from None


def _rows(dialect: Dialect) -> int:
    """Rows of a table, as far as its files say."""
    if dialect.rows is not None:
        return dialect.rows
    import pyarrow.parquet as pq

    return sum(int(pq.read_metadata(part).num_rows) for part in dialect.parts)


def _spark_errors() -> tuple[type[Exception], ...]:
    """What Spark raises where the rows are not as expected; not where a query is wrong."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors.exceptions.captured import SparkRuntimeException, UnknownException

    return (Py4JJavaError, SparkRuntimeException, UnknownException)


class SparkReader(Reader):
    """
    Types the raw columns of one table by Spark.

    Parameters
    ----------
    session : SparkSession
        Where the table is read.
    path : Path
        The table, for messages.
    dialect : Dialect
        How it is written.
    nulls : tuple of str
        Texts that stand for a missing value.
    whole : bool
        Whether cells may hold line breaks, so that a file must be read in one piece.
    """

    typed: "DataFrame"

    def __init__(
        self,
        session: "SparkSession",
        path: Path,
        dialect: Dialect,
        nulls: tuple[str, ...],
        *,
        whole: bool,
    ) -> None:
        self.session = session
        self.whole = whole
        self.is_cut_short = False
        self.name = f"read_{next(_numbers)}"
        super().__init__(None, path, dialect, f"{self.name}_raw", nulls)  # type: ignore[arg-type]

    def open(self, nulls: tuple[str, ...]) -> list[str]:
        """Make the raw rows, in columns c0, c1, ... and `rowid`.

        What had to be parsed is kept on the workers' disks; Parquet is as soon read again.
        """
        from pyspark import StorageLevel

        frame = raw_rows(self.session, self.dialect, whole=self.whole)
        types = [
            TYPES.get(kind, "DECIMAL" if kind.startswith("decimal") else kind.upper())
            for kind in (dict(frame.dtypes)[cell] for cell in self.cells.values())
        ]
        null_list = ", ".join(exp.Literal.string(one).sql("spark") for one in nulls)
        shown = [
            f"CASE WHEN {cell} NOT IN ({null_list}) THEN {cell} END AS {cell}"
            if kind == "VARCHAR"
            else cell
            for cell, kind in zip(self.cells.values(), types, strict=True)
        ]
        self.held_rows = frame.selectExpr(*shown, "rowid")
        if self.dialect.kind == "csv":
            self.held_rows.persist(StorageLevel.DISK_ONLY)
        self.held_rows.createOrReplaceTempView(f"{self.name}_raw")
        return types

    def restate(self, shown: Mapping[str, str]) -> None:
        """Put expressions in the place of raw cells."""
        if not shown:
            return
        cells = ", ".join(f"{shown.get(cell, cell)} AS {cell}" for cell in self.cells.values())
        query = to_spark(f"SELECT {cells}, rowid FROM {self.raw}")
        self.session.sql(query).createOrReplaceTempView(f"{self.name}_raw")

    def drop(self) -> None:
        """Let the raw rows go."""
        self.held_rows.unpersist()
        self.session.catalog.dropTempView(f"{self.name}_raw")
        self.session.catalog.dropTempView(self.name)

    def _copy(self) -> str:
        return self.raw

    def answered(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """Ask the survey's questions."""
        shown = ", ".join(f"{sql} AS {key}" for key, sql in asked.items())
        return dict(zip(asked, self._one_row(f"SELECT {shown} FROM {self.raw}"), strict=True))

    def _check_rows(self) -> None:
        if self.whole:
            super()._check_rows()
        else:
            # Fewer rows than lines: cells may hold line breaks, which the second try allows.
            self.is_cut_short = True
            raise TableError(f"`{self.file}` holds fewer rows than lines.")

    def dates_asked(self, name: str) -> dict[str, str]:
        """Nothing: the dates are grouped when they are needed."""
        return {}

    def dates_held(self, name: str) -> str:
        """SQL for the different texts of a date column: `value`, their count `n`, and `date`."""
        text = self._trimmed(name)
        return (
            f"(SELECT value, n, {without_time('value')} AS date FROM (SELECT {text} AS value, "
            f"count(*) AS n FROM {self.raw} WHERE {text} IS NOT NULL GROUP BY 1) "
            f"WHERE value NOT IN ({self.nulls}))"
        )

    def store(self, into: str, shown: Mapping[str, str]) -> None:
        """Make the typed table from an expression for each of its columns."""
        from pyspark import StorageLevel

        made = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in shown.items())
        select = to_spark(f"SELECT {made}, rowid AS {quoted(ROW)} FROM {self.raw}")
        self.typed = self.session.sql(select)
        if self.dialect.kind == "csv":
            self.typed.persist(StorageLevel.DISK_ONLY)
        self.typed.count()
        self.typed.createOrReplaceTempView(into)

    def _rows(self, query: str) -> list[tuple]:
        return [tuple(row) for row in self.session.sql(to_spark(query)).collect()]


def raw_rows(session: "SparkSession", dialect: Dialect, *, whole: bool) -> "DataFrame":
    """
    Rows of a table as written, in columns c0, c1, ..., numbered in the order of the file.

    Parameters
    ----------
    session : SparkSession
        Where it is read.
    dialect : Dialect
        How it is written.
    whole : bool
        Whether a text file must be read in one piece.

    Returns
    -------
    DataFrame
        Lazy; `rowid` counts from 0.
    """
    if dialect.kind == "parquet":
        frame = numbered_parquet(session, dialect.parts, name="rowid")
        cells = [
            f"`{name.replace('`', '``')}` AS c{position}"
            for name, position in zip(dialect.header, dialect.positions, strict=True)
        ]
        return frame.selectExpr(*cells, "rowid")
    cells = [f"c{position}" for position in range(dialect.width)]
    schema = ", ".join(f"{cell} STRING" for cell in cells)
    options = {
        "header": "true",
        "sep": dialect.separator,
        "quote": '"',
        "escape": '"',
        "mode": "FAILFAST",
        "multiLine": str(whole).lower(),
        "encoding": "UTF-8",
    }
    parts = [
        session.read.schema(schema).options(**options).csv(_address(part)) for part in dialect.parts
    ]
    return numbered(reduce(lambda one, other: one.unionAll(other), parts), name="rowid")


def numbered(frame: "DataFrame", *, name: str) -> "DataFrame":
    """Number the rows of a DataFrame from 0 in the order of its partitions."""
    from pyspark.sql import functions as f

    marked = frame.withColumn(name, f.monotonically_increasing_id())
    if marked.rdd.getNumPartitions() == 1:
        return marked
    sizes = (
        marked.groupBy(f.floor(f.col(name) / f.lit(PARTITION_ROWS)).alias("part"))
        .count()
        .orderBy("part")
        .collect()
    )
    starts, start = [], 0
    for part, size in sizes:
        starts += [f.lit(part).cast("bigint"), f.lit(start).cast("bigint")]
        start += size
    if not starts:
        return marked
    first = f.create_map(*starts)[f.shiftright(f.col(name), 33)]
    return marked.withColumn(name, first + f.col(name).bitwiseAND(f.lit(PARTITION_ROWS - 1)))


def numbered_parquet(session: "SparkSession", parts: tuple[Path, ...], *, name: str) -> "DataFrame":
    """Read the parts of a Parquet table and number its rows in the order of the parts."""
    import pyarrow.parquet as pq
    from pyspark.sql import functions as f

    starts, start = [], 0
    for part in parts:
        starts += [f.lit(part.name), f.lit(start).cast("bigint")]
        with part.open("rb") as file:
            start += pq.ParquetFile(file).metadata.num_rows
    frame = session.read.option("mergeSchema", str(len(parts) > 1).lower()).parquet(
        *map(_address, parts)
    )
    first = f.create_map(*starts)[f.col("_metadata.file_name")]
    return frame.withColumn(name, first + f.col("_metadata.row_index"))


def _address(path: Path) -> str:
    """Name a file for Spark: as an address, since in a path it would read patterns."""
    escaped = "".join(f"\\{one}" if one in "\\*?[]{}" else one for one in str(path.absolute()))
    return f"file://{escaped}"


def to_spark(sql: str) -> str:
    """
    Write a query of the reader, which is in DuckDB's SQL, in Spark's.

    Examples
    --------
    >>> to_spark("SELECT isfinite(a)")
    'SELECT (a BETWEEN -1.7976931348623157E308D AND 1.7976931348623157E308D)'
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    # From the leaves up, since what is rewritten may hold what must be.
    for node in reversed(list(tree.walk())):
        made = _rewritten(node)
        if made is not node:
            node.replace(made)
    return str(tree.sql(dialect="spark"))


def _rewritten(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.RegexpFullMatch):
        pattern = f"^(?:{node.expression.this})\\z"
        return exp.RegexpLike(this=node.this, expression=exp.Literal.string(pattern))
    if isinstance(node, exp.Concat):
        # DuckDB leaves nulls out.
        return exp.Anonymous(
            this="concat_ws", expressions=[exp.Literal.string(""), *node.expressions]
        )
    if isinstance(node, exp.IsNan):
        # Of a null Spark says that it is not NaN, where DuckDB says null.
        return exp.paren(
            exp.EQ(this=node.this, expression=exp.cast(exp.Literal.string("NaN"), "double"))
        )
    if isinstance(node, exp.Trunc):
        return exp.Anonymous(this="rint", expressions=[node.this])
    if isinstance(node, exp.TimeToStr):
        format_ = _java(node.args["format"].this)
        return exp.Anonymous(
            this="date_format", expressions=[node.this, exp.Literal.string(format_)]
        )
    if isinstance(node, exp.Anonymous):
        name = str(node.this).lower()
        if name == "isfinite":
            low, high = exp.Var(this=f"-{GREATEST}"), exp.Var(this=GREATEST)
            return exp.paren(exp.Between(this=node.expressions[0], low=low, high=high))
        if name == "strlen":
            return exp.Anonymous(this="octet_length", expressions=node.expressions)
        if name == "try_strptime":
            text, format_ = node.expressions
            # One letter stands for one digit or two.
            java = _java(format_.this).replace("dd", "d").replace("MM", "M")
            return exp.Anonymous(
                this="try_to_timestamp", expressions=[text, exp.Literal.string(java)]
            )
    return node


def _java(strptime: str) -> str:
    """Date letters of `strptime` in those of Java."""
    return strptime.replace("%d", "dd").replace("%m", "MM").replace("%Y", "yyyy")
