"""Expressions mean the same in every database: Spark's answer, or a refusal beforehand."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.engines.functions import FUNCTIONS
from helpers.engines.sql import Step, parse_steps
from helpers.engines.translation import column_types
from helpers.engines.values import Value
from helpers.errors import StepError
from tests.engines.expressions import COLUMNS, calls, drawn, edge_table, forms, operators
from tests.engines.spark import needs_spark, open_spark

AS_OF = "2025-09-12"
BATCH = 80
# ANSI mode ends a query at a number that is too large for its type.
MODEST = "coalesce(a, 0) BETWEEN -1e6 AND 1e6 AND coalesce(x, 0) BETWEEN -1e6 AND 1e6"
TYPES = column_types(COLUMNS)
GROUPS: dict[str, Callable[[], list[str]]] = {
    "every function": lambda: list(calls(signatures())),
    "casts and conditions": lambda: list(forms()),
    "operators": lambda: list(operators())[::3],
    "compositions": lambda: drawn(500, seed=14),
}


def signatures() -> dict[str, tuple[Sequence[str], Sequence[str]]]:
    return {one.names[0]: (one.names, one.parameters) for one in FUNCTIONS.values()}


@dataclass(frozen=True)
class Case:
    """An expression that is offered, as a step."""

    sql: str
    step: Step

    def written(self, dialect: str, *, exact: bool = False) -> Value:
        return self.step.written(TYPES, dialect, exact=exact)


def cases(expressions: Sequence[str], dialect: str = "duckdb") -> list[Case]:
    """Expressions that are not refused in a dialect."""
    found = []
    for sql in dict.fromkeys(expressions):
        try:
            (step,) = parse_steps([{"z": sql}], as_of=AS_OF)
            value = step.written(TYPES, dialect)
        except StepError:
            continue
        if not value.type.startswith(("array", "void")):
            found.append(Case(sql, step))
    return found


def in_spark_itself(sql: str) -> str:
    """An expression as Spark is asked: a number with a point is a double here."""
    dated = re.sub(r"current_date\(\)", f"DATE '{AS_OF}'", sql)
    return re.sub(r"(?<![\w.'])(\d+\.\d+|\.\d+)(?![\w.'])", r"\1D", dated)


def plain(column: pa.ChunkedArray) -> list[Any]:
    """Values that Python can hold: moments and days as numbers, decimals as doubles."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us")).cast(pa.int64()).to_pylist()
    if pa.types.is_date(column.type):
        return column.cast(pa.int32()).to_pylist()
    if pa.types.is_decimal(column.type):
        return [None if one is None else float(one) for one in column.to_pylist()]
    return column.to_pylist()


def equal(one: Any, other: Any) -> bool:
    if one is None or other is None or isinstance(one, bool | str) or isinstance(other, bool | str):
        return type(one) is type(other) and one == other
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    # Java's logarithms and powers may differ from C's in the last bit.
    return one == other or abs(one - other) <= 1e-12 * max(abs(one), abs(other))


Answers = dict[str, list[Any]]


class Spark:
    """Answers in batches; an expression that fails is found by halving its batch."""

    def __init__(self, path: str) -> None:
        from helpers.engines.spark_session import suit_queries

        self.session = open_spark().session
        suit_queries(self.session, rows=1)
        edge = self.session.read.parquet(path)
        edge.createOrReplaceTempView("edge")
        edge.where(MODEST).createOrReplaceTempView("modest")
        self.types: dict[str, str] = {}
        self.errors: dict[str, str] = {}

    def answer(self, expressions: Sequence[str], *, table: str = "edge") -> Answers:
        answers: Answers = {}
        for start in range(0, len(expressions), BATCH):
            answers |= self._batch(expressions[start : start + BATCH], table)
        return answers

    def _batch(self, expressions: Sequence[str], source: str) -> Answers:
        shown = ", ".join(f"{sql} AS c{at}" for at, sql in enumerate(expressions))
        try:
            found = self.session.sql(f"SELECT {shown} FROM {source}")
            table = found.toArrow()
        except Exception as error:
            if len(expressions) == 1:
                self.errors[expressions[0]] = str(error)
                return {}
            half = len(expressions) // 2
            return self._batch(expressions[:half], source) | self._batch(expressions[half:], source)
        self.types |= dict(zip(expressions, (kind for _, kind in found.dtypes), strict=True))
        return {sql: plain(table[f"c{at}"]) for at, sql in enumerate(expressions)}


class Duck:
    """Answers in batches, with numbers that wrap round where they are too large."""

    def __init__(self, table: pa.Table) -> None:
        self.database = duckdb.connect()
        self.database.execute("SET TimeZone = 'America/Lima'")
        held = table.set_column(
            table.column_names.index("m"), "m", table["m"].cast(pa.timestamp("us"))
        )
        self.database.register("edge", held)
        self.database.execute(f"CREATE VIEW modest AS SELECT * FROM edge WHERE {MODEST}")

    def answer(self, asked: Sequence[Case], *, table: str = "edge") -> Answers:
        answers: Answers = {}
        for start in range(0, len(asked), BATCH):
            answers |= self._batch(asked[start : start + BATCH], table)
        return answers

    def _batch(self, asked: Sequence[Case], source: str) -> Answers:
        try:
            return self._query(asked, source)
        except (duckdb.OutOfRangeException, duckdb.ConversionException):
            if len(asked) == 1:
                return self._query(asked, source, exact=True)
            half = len(asked) // 2
            return self._batch(asked[:half], source) | self._batch(asked[half:], source)

    def _query(self, asked: Sequence[Case], source: str, *, exact: bool = False) -> Answers:
        written = [one.written("duckdb", exact=exact).sql for one in asked]
        shown = ", ".join(f"{sql} AS c{at}" for at, sql in enumerate(written))
        table = self.database.sql(f"SELECT {shown} FROM {source}").to_arrow_table()
        return {one.sql: plain(table[f"c{at}"]) for at, one in enumerate(asked)}


@pytest.fixture(scope="module")
def duck() -> Duck:
    return Duck(edge_table())


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    path = str(tmp_path_factory.mktemp("edge") / "edge.parquet")
    pq.write_table(edge_table(), path)
    opened = Spark(path)
    yield opened
    opened.session.conf.set("spark.sql.ansi.enabled", "false")


def differences(expected: Answers, found: Answers, names: dict[str, str]) -> list[str]:
    """Where answers differ: the expression, the first row that does, and both values."""
    said = []
    for sql, own in names.items():
        if sql not in expected:
            continue
        rows = list(zip(expected[sql], found[own], strict=True))
        wrong = [(at, pair) for at, pair in enumerate(rows) if not equal(*pair)]
        if wrong:
            said.append(f"{own}: {len(wrong)} rows, first in row {wrong[0][0]}: {wrong[0][1]}")
    return said


def spark_type(name: str) -> str:
    """Types as they are held here: decimals and single precision as doubles."""
    if name.startswith("decimal") or name == "float":
        return "double"
    return "int" if name in ("tinyint", "smallint") else name


def test_enough_expressions_of_every_function() -> None:
    offered = [one for make in GROUPS.values() for one in cases(make())]
    assert len(offered) >= 2000
    written = " ".join(one.sql for one in offered)
    assert [name for name in signatures() if not re.search(rf"\b{name}\(", written)] == []
    assert [one.sql for one in offered] == [
        one.sql for make in GROUPS.values() for one in cases(make())
    ]


@pytest.mark.spark
@needs_spark[1]
@pytest.mark.parametrize("group", GROUPS)
def test_duckdb_answers_as_spark_does(group: str, duck: Duck, spark: Spark) -> None:
    asked = cases(GROUPS[group]())
    named = {one.sql: in_spark_itself(one.sql) for one in asked}
    expected = spark.answer(list(dict.fromkeys(named.values())))
    # Days are added as whole numbers of any width here, of 32 bits in Spark: it is told so.
    kinder = [sql for sql, own in named.items() if own not in expected]
    assert [
        (sql, spark.errors[named[sql]][:200])
        for sql in kinder
        if not re.search(r"date_(add|sub)\(.*BIGINT", spark.errors[named[sql]])
    ] == []
    told = {one.sql: one.written("spark").sql for one in asked if one.sql in kinder}
    again = spark.answer(list(told.values()))
    assert len(again) == len(set(told.values()))
    expected = {sql: expected.get(named[sql], again.get(told.get(sql, ""), [])) for sql in named}
    found = duck.answer(asked)
    assert differences(expected, found, {sql: sql for sql in named}) == []
    types = {one.sql: one.written("duckdb").type for one in asked if one.sql not in kinder}
    assert {
        sql: (spark.types[named[sql]], type_)
        for sql, type_ in types.items()
        if spark_type(spark.types[named[sql]]) != type_
    } == {}


@pytest.mark.spark
@needs_spark[1]
@pytest.mark.parametrize("ansi", [False, True])
def test_what_spark_is_told_means_the_same_in_either_mode(
    ansi: bool, duck: Duck, spark: Spark
) -> None:
    asked = [
        one
        for name, make in GROUPS.items()
        for one in cases(make())[:: 2 if name == "compositions" else 4]
        if not re.search("2147483647|1e20", one.sql)
    ]
    told = {one.sql: one.written("spark").sql for one in asked}
    spark.session.conf.set("spark.sql.ansi.enabled", str(ansi).lower())
    try:
        answered = spark.answer(list(dict.fromkeys(told.values())), table="modest")
    finally:
        spark.session.conf.set("spark.sql.ansi.enabled", "false")
    assert [
        (sql, spark.errors[own][:200]) for sql, own in told.items() if own not in answered
    ] == []
    expected = duck.answer(asked, table="modest")
    found = {sql: answered[own] for sql, own in told.items()}
    assert differences(expected, found, {sql: sql for sql in told}) == []
