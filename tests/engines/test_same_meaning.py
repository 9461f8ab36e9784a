"""Expressions mean the same in every database: Spark's answer, or a refusal beforehand."""

import math
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot

from helpers.engines.functions import FUNCTIONS
from helpers.engines.sql import Step, parse_steps, write_steps
from helpers.engines.translation import column_types, function_list
from helpers.engines.values import Value
from helpers.errors import StepError
from tests.engines.expressions import COLUMNS, calls, drawn, edge_table, forms, operators
from tests.engines.spark import needs_spark, open_spark
from tests.model.postgres import Server, find_programs, running_server

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
    """Types as they are held here: decimals as doubles."""
    if name.startswith("decimal"):
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


# --- the SQL of other databases ------------------------------------------------------------------

POSTGRES_TYPES = {
    "bigint": "bigint",
    "double": "double precision",
    "string": "text",
    "date": "date",
    "timestamp": "timestamp",
    "boolean": "boolean",
}
ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n"}


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    programs = find_programs()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed (Debian: postgresql)")
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with running_server(programs) as server:
        columns = ", ".join(f"{name} {POSTGRES_TYPES[kind]}" for name, kind in COLUMNS.items())
        server.psql(f"CREATE TABLE edge ({columns})")
        rows = ("\t".join(map(in_copy, row.values())) for row in edge_table().to_pylist())
        server.psql("COPY edge FROM STDIN", given="\n".join(rows) + "\n")
        yield server


def in_copy(value: object) -> str:
    """A value as PostgreSQL copies it in."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return "".join(ESCAPES.get(letter, letter) for letter in value)
    return str(value).removesuffix("+00:00")


def from_copy(cell: str, type_: str) -> Any:
    """A value that PostgreSQL has copied out; days and moments as numbers."""
    if cell == "\\N":
        return None
    if type_ == "boolean":
        return cell == "t"
    if type_ == "double":
        return float(cell)
    if type_ == "string":
        for letter, escaped in reversed(ESCAPES.items()):
            cell = cell.replace(escaped, letter)
        return cell
    return int(cell)


def answer_of_postgres(server: Server, written: dict[str, Value]) -> Answers:
    shown = {
        "timestamp": "CAST(EXTRACT(EPOCH FROM {}) * 1000000 AS BIGINT)",
        "date": "({}) - DATE '1970-01-01'",
    }
    names = list(written)
    if len(names) > BATCH:
        return answer_of_postgres(server, dict(list(written.items())[:BATCH])) | answer_of_postgres(
            server, dict(list(written.items())[BATCH:])
        )
    items = (shown.get(one.type, "{}").format(one.sql) for one in written.values())
    try:
        copied = server.psql(f"COPY (SELECT {', '.join(items)} FROM edge) TO STDOUT")
    except AssertionError as error:
        # What is too large for its type ends the query there.
        if len(names) == 1 and "out of range" in str(error):
            return {}
        if len(names) == 1:
            raise
        half = len(names) // 2
        halves = names[:half], names[half:]
        first, second = ({one: written[one] for one in part} for part in halves)
        return answer_of_postgres(server, first) | answer_of_postgres(server, second)
    rows = [row.split("\t") for row in copied.removesuffix("\n").split("\n")]
    return {
        one: [from_copy(row[at], written[one].type) for row in rows] for at, one in enumerate(names)
    }


def finite(values: list[Any]) -> list[Any]:
    """Values with what is infinite or NaN missing, as every step ends."""
    return [None if isinstance(one, float) and not math.isfinite(one) else one for one in values]


@pytest.mark.parametrize("group", GROUPS)
def test_postgres_answers_as_duckdb_does(group: str, duck: Duck, postgres: Server) -> None:
    offered = cases(GROUPS[group]())
    asked = cases([one.sql for one in offered], "postgres")
    found = answer_of_postgres(postgres, {one.sql: one.written("postgres") for one in asked})
    # Most of what DuckDB can say PostgreSQL can.
    assert len(found) >= 0.8 * len(offered)
    expected = duck.answer([one for one in asked if one.sql in found])
    assert differences(
        {sql: finite(values) for sql, values in expected.items()},
        {sql: finite(values) for sql, values in found.items()},
        {sql: sql for sql in found},
    ) == []  # fmt: skip


@pytest.mark.parametrize(("dialect", "least"), [("bigquery", 0.5), ("snowflake", 0.4)])
def test_other_dialects_can_be_read_or_are_refused_by_name(dialect: str, least: float) -> None:
    offered = {one.sql for make in GROUPS.values() for one in cases(make()[::3])}
    asked = cases(sorted(offered), dialect)
    for one in asked:
        sqlglot.parse_one(one.written(dialect).sql, read=dialect)
    assert len(asked) >= least * len(offered)
    for sql in sorted(offered - {one.sql for one in asked}):
        with pytest.raises(StepError) as caught:
            Case(sql, parse_steps([{"z": sql}], as_of=AS_OF)[0]).written(dialect)
        assert str(caught.value).startswith("SQL step `z`: ")


# --- by hand: what people write, with Spark's answers --------------------------------------------

ROW = {"x": "double", "a": "bigint", "t": "string", "flag": "bigint", "d": "date"}
VALUES = "2.7e0 AS x, 7 AS a, 'a1b' AS t, 0 AS flag, DATE '2020-02-29' AS d"
ANSWERS: list[tuple[str, Any]] = [
    ("months_between(date '2025-01-01', date '1971-01-01') / 12", 54.0),
    ("cast(x as int)", 2),
    ("cast(-x as int)", -2),
    ("cast('1e3' as int)", None),
    ("cast('1e3' as double)", 1000.0),
    ("ln(flag)", None),
    ("log10(0)", None),
    ("log1p(-1)", None),
    ("timestampdiff(YEAR, d, date '2021-02-28')", 0),
    ("timestampdiff(MONTH, date '2020-01-31', d)", 0),
    ("dayofweek(date '2020-03-01')", 1),
    ("weekday(date '2020-03-01')", 6),
    ("round(1.005, 2)", 1.01),
    ("round(2.5)", 3.0),
    ("round(-2.5)", -3.0),
    ("bround(2.5)", 2.0),
    ("bround(1.005, 2)", 1.0),
    ("round(1250, -2)", 1300),
    ("regexp_replace(t, '([0-9])', '<$1>')", "a<1>b"),
    (r"'50%' LIKE '50\\%'", True),
    (r"'50x' LIKE '50\\%'", False),
    ("substr(t, 0, 2)", "a1"),
    ("substr(t, -5, 3)", "a"),
    ("size(split(NULL, ','))", -1),
    ("isnan(NULL)", False),
    ("a % flag", None),
    ("a div flag", None),
    ("x / flag", None),
    ("-7 % 3", -1),
    ("-7 div 2", -3),
    ("pmod(-7, 3)", 2),
    ("trunc(d, 'MM')", "2020-02-01"),
    ("double('x')", None),
    ("2147483647 + 1", -2147483648),
    ("'10' < 9", False),
    ("'10' < '9'", True),
    ("concat(t, NULL)", None),
    ("'it''s'", "it's"),
    ("'it' 's'", "its"),
    ("concat_ws('-', t, NULL, 'z')", "a1b-z"),
    ("greatest(a, NULL, 3)", 7),
    ("7 / 2", 3.5),
    ("upper('straße')", "STRASSE"),
    ("to_date('4-9-2012', 'dd-MM-yyyy')", None),
    ("to_date('30-02-2012', 'dd-MM-yyyy')", None),
    ("add_months(date '2020-01-31', 1)", "2020-02-29"),
    ("d + interval 1 year", "2021-02-28"),
    ("coalesce(nullif(t, 'a1b'), 'none')", "none"),
]


@pytest.mark.parametrize(("sql", "expected"), ANSWERS)
def test_the_answers_of_spark_by_hand(sql: str, expected: Any) -> None:
    (step,) = parse_steps([{"z": sql}], as_of=AS_OF)
    columns = column_types(ROW)
    try:
        answer = one_answer(step.written(columns, "duckdb"))
    except duckdb.OutOfRangeException:
        answer = one_answer(step.written(columns, "duckdb", exact=True))
    assert (str(answer) if hasattr(answer, "isoformat") else answer) == expected


def one_answer(value: Value) -> Any:
    return duckdb.sql(f"SELECT {value.sql} FROM (SELECT {VALUES})").fetchall()[0][0]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("hash(t)", "`hash` is not offered: its value is Spark's alone"),
        ("typeof(x)", "`typeof` is not offered"),
        ("lenght(t)", "Did you mean `length`?"),
        ("levenshtein(t, 'a')", "`levenshtein` is not offered"),
        ("not flag", 'expected a condition, got a whole number: write `"flag" <> 0`'),
        ("if(flag, 1, 2)", "expected a condition, got a whole number"),
        ("d - date '2020-01-01'", "`datediff(end, start)` counts the days"),
        ("cast(x as string)", "the text of a fraction is not the same everywhere"),
        ("cast(x as float)", "`float` has the digits of single precision: use `double`"),
        ("1.5F * x", "use `double`"),
        ("t div 2", "`div` expects whole numbers, got a text"),
        ("1 | 2 & 3", "put brackets around the inner part"),
        ("t || 1 + 2", "put brackets around the inner part"),
        ("regexp_replace(t, 'b*', '')", "can match nothing at all"),
        ("t rlike '(?=a)'", "holds '(?=a', which is not offered"),
        ("t rlike t", "must be written out"),
        ("t like concat('a', t)", "must be written out"),
        ("to_date(t, 'dd.MM.yy')", "holds `yy`, which is not offered"),
        ("round(x, a)", "expected a whole number that is written out here"),
        ("greatest(t, 1)", "a text and a whole number have no common type"),
        ("coalesce(d, 1)", "the values of `coalesce` differ"),
        ("d > 5", "a date cannot be compared with a whole number"),
        ("abs()", "`abs` is called as `abs(number)`"),
        ("substr(t)", "`substring` is called as `substring(string, int, int?)`"),
        ("NULL", "is always missing"),
        ("filter(array(a), y -> y > 1)", "is not offered"),
    ],
)
def test_what_cannot_mean_the_same_is_refused_by_name(sql: str, said: str) -> None:
    with pytest.raises(StepError) as caught:
        write_steps(parse_steps([{"z": sql}], as_of=AS_OF), column_types(ROW), "duckdb")
    text = str(caught.value)
    assert text.startswith("SQL step `z`")
    assert said in text
    assert "\n" not in text


def test_help_lists_every_function_under_a_heading() -> None:
    listed = function_list()
    assert [name for name in FUNCTIONS if not re.search(rf"\b{name}\b", listed)] == []
    assert listed.startswith("Numbers\n")


def test_the_page_about_sql_lists_what_is_offered(root: Path) -> None:
    page = (root / "docs" / "sql.md").read_text(encoding="utf-8")
    assert f"\n{function_list()}\n" in page, "renew it: python -m helpers.engines.translation"
