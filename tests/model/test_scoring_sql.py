import csv
import importlib.util
import io
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import sqlglot

from helpers.errors import ParamsError
from helpers.model.fitted import Model
from helpers.model.scoring_sql import DIALECTS, Cte, Writer, number, scorer_sql, typed_column
from helpers.params.column_types import Column, parse_columns
from helpers.tables.reader import read_table
from tests.model.postgres import Server, find_programs, running_server
from tests.pipeline.fixtures import TINY, TINY_PARAMS, make_run, params_file, tiny_run

PERSONAS = ['It\'s \\ "large"\n-- <b>', "*/ small; $1 :x %s {y}", "c", "d", "e", "f"]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    programs = find_programs()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed (Debian: postgresql)")
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with running_server(programs) as server:
        yield server


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Spark session on this machine, in another time zone than the others."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed (the extra `spark`)")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Java is not installed (Debian: openjdk-17-jre-headless)")
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    options = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "America/Lima",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder),
    }
    session = SparkSession.builder.master("local[2]").appName("scorer").config(map=options)
    opened = session.getOrCreate()
    yield opened
    opened.stop()


def in_spark(spark: Any, sql: str, table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Answer a query by Spark over a table with its raw types."""
    table.to_parquet(folder / "raw.parquet", index=False)
    spark.read.parquet(str(folder / "raw.parquet")).createOrReplaceTempView("customers")
    answer = folder / "answer"
    spark.sql(sql.rstrip().rstrip(";")).write.mode("overwrite").parquet(str(answer))
    return pd.read_parquet(answer)


def in_duckdb(sql: str, table: pd.DataFrame) -> pd.DataFrame:
    connection = duckdb.connect()
    connection.register("customers", table)
    return connection.execute(sql).df()


TYPES = {"int": "bigint", "float": "double precision", "bool": "boolean"}


def in_postgres(server: Server, sql: str, table: pd.DataFrame) -> pd.DataFrame:
    """Load a table with its raw types and answer a query over it."""
    columns = []
    for name in table.columns:
        kind = table[name].dropna().infer_objects().dtype.kind
        type_ = {"i": "bigint", "f": "double precision", "b": "boolean"}.get(kind, "text")
        columns.append('"' + name.replace('"', '""') + f'" {type_}')
    server.psql(f"DROP TABLE IF EXISTS customers; CREATE TABLE customers ({', '.join(columns)})")
    server.psql("COPY customers FROM STDIN CSV HEADER", given=table.to_csv(index=False))
    answer = server.psql(f"COPY ({sql.strip().rstrip(';')}) TO STDOUT CSV HEADER")
    # Read with the csv module, which tells a quoted text from a number by nothing but its type.
    return pd.DataFrame(list(csv.DictReader(io.StringIO(answer))))


def as_text(frame: pd.DataFrame, id_column: str) -> dict[str, tuple[str, ...]]:
    """Rows by ID, every cell as the text that `segments.csv` has."""

    def cell(value: object) -> str:
        if pd.isna(value):
            return ""
        return repr(float(value)).removesuffix(".0") if _is_number(value) else str(value)

    shown = frame[[id_column, "segment", "persona", "margin"]]
    return {cell(row[0]): tuple(cell(one) for one in row[1:]) for row in shown.to_numpy(object)}


def _is_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


KINDS = (
    "CASE kind WHEN 'a' THEN 9 ELSE 0 END + CASE orders WHEN 20 THEN 3 WHEN 22 THEN 1 ELSE 0 END"
)
CHANGES: list[dict[str, object]] = [
    {},
    {"impossible": "clip"},
    {"impossible": "drop"},
    {"outliers": "clip", "fence_reach": 0.1},
    {"outliers": "drop", "fence_reach": 0.1},
    {"nulls": "median", "impossible": "drop"},
    {"clip_quantiles": [0.1, 0.8]},
    {"transforms": {"Größe": "rank", "per order": "log"}},
    {"transforms": {"Größe": "log"}, "clip_quantiles": [0.1, 0.8], "nulls": "median"},
    {"features": ["tenure", "member"], "value_column": "tenure"},
    {
        "null_values": ["", "a", "20"],
        "features": ["Größe", "known"],
        "sql_steps": [{"known": KINDS}],
    },
]


@pytest.mark.parametrize("changed", CHANGES, ids=str)
def test_duckdb_equals_the_run(changed: dict[str, object], tmp_path: Path) -> None:
    model, segments = tiny_run(tmp_path, **changed)
    found = in_duckdb(scorer_sql(model), TINY)
    assert as_text(found, "kunde nr") == as_text(segments, "kunde nr")
    assert found["segment"].notna().sum() >= 3


@pytest.mark.parametrize("changed", CHANGES, ids=str)
def test_postgres_equals_the_run(
    changed: dict[str, object], tmp_path: Path, postgres: Server
) -> None:
    model, segments = tiny_run(tmp_path, **changed)
    found = in_postgres(postgres, scorer_sql(model, dialect="postgres"), TINY)
    assert as_text(found, "kunde nr") == as_text(segments, "kunde nr")


def raw_table(path: Path) -> pd.DataFrame:
    """The published table with its raw types: whole numbers, text, nulls."""
    table = pd.read_csv(path)
    return table.astype({"Income": "Int64"})


RANKED = {
    "transforms": {"Recency": "rank", "Total_Spending": "log", "Customer_Since": "rank"},
}
SETTINGS: dict[str, dict[str, Any]] = {
    "default": params_file("default.yml"),
    "sparkflows": params_file("sparkflows.yml"),
    "rfm": params_file("rfm.yml"),
    "rfm, ranked": params_file("rfm.yml") | RANKED,
}
# How many rows have no segment: those without an income, where income is a feature.
WITHOUT = {"default": 24, "sparkflows": 24, "rfm": 0, "rfm, ranked": 0}
ENGINES = ["duckdb", "postgres", pytest.param("spark", marks=pytest.mark.spark)]


def answer(
    engine: str, model: Model, table: pd.DataFrame, folder: Path, request: pytest.FixtureRequest
) -> pd.DataFrame:
    """What the scorer says of a table in one of the engines."""
    sql = scorer_sql(model, dialect=engine)
    if engine == "duckdb":
        return in_duckdb(sql, table)
    server = request.getfixturevalue(engine)
    if engine == "postgres":
        return in_postgres(server, sql, table)
    return in_spark(server, sql, table, folder)


@pytest.fixture(scope="module")
def published(seed_data: Path) -> Callable[[str], tuple[Model, pd.DataFrame, pd.DataFrame]]:
    path = seed_data / "customers.csv"
    made: dict[str, tuple[Model, pd.DataFrame, pd.DataFrame]] = {}

    def make(name: str) -> tuple[Model, pd.DataFrame, pd.DataFrame]:
        if name not in made:
            model, segments = make_run(path, SETTINGS[name], k=6, personas=PERSONAS)
            made[name] = model, segments, raw_table(path)
        return made[name]

    return make


@pytest.mark.seed_data
@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_published_table_row_for_row(
    name: str, engine: str, published: Callable, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    model, segments, table = published(name)
    found = answer(engine, model, table, tmp_path, request)
    expected = as_text(segments, "ID")
    assert as_text(found, "ID") == expected
    assert len(found) == len(expected) == 2240
    assert table["Income"].isna().sum() == 24
    assert sum(row == ("", "", "") for row in expected.values()) == WITHOUT[name]


@pytest.fixture(scope="module")
def million(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], tuple[Model, pd.DataFrame, pd.DataFrame]]:
    """A run of 1,000,000 rows of the sample: its model, its segments by ID and the raw table."""
    from maintenance.sample import write_customers

    path = tmp_path_factory.mktemp("million") / "sample.csv"
    write_customers(path, rows=1_000_000)
    table = raw_table(path)
    made: dict[str, tuple[Model, pd.DataFrame, pd.DataFrame]] = {}

    def make(name: str) -> tuple[Model, pd.DataFrame, pd.DataFrame]:
        if name not in made:
            model, segments = make_run(path, SETTINGS[name], k=5, personas=PERSONAS[:5])
            made[name] = model, by_id(segments), table
        return made[name]

    return make


def by_id(scored: pd.DataFrame) -> pd.DataFrame:
    """ID, segment, persona and margin in the order of the IDs."""
    types = {"ID": "int64", "segment": "float64", "margin": "float64"}
    columns = scored[["ID", "segment", "persona", "margin"]].replace("", None)
    return columns.astype(types).sort_values("ID", ignore_index=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["default", "rfm, ranked"])
@pytest.mark.parametrize("engine", ENGINES)
def test_the_sample_row_for_row(
    name: str, engine: str, million: Callable, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    model, expected, table = million(name)
    found = by_id(answer(engine, model, table, tmp_path, request))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_exact=True)
    assert len(found) == 1_000_000


@pytest.mark.spark
@pytest.mark.parametrize("changed", CHANGES, ids=str)
def test_spark_equals_the_run(changed: dict[str, object], tmp_path: Path, spark: Any) -> None:
    model, segments = tiny_run(tmp_path, **changed)
    found = in_spark(spark, scorer_sql(model, dialect="spark"), TINY, tmp_path)
    assert as_text(found, "kunde nr") == as_text(segments, "kunde nr")


def date(read_as: str, **more: str) -> dict[str, Any]:
    return {"type": "date", "read_as": read_as, **more}


AS_WRITTEN = {
    "id": ({"type": "id", "read_as": "1234.0"}, ["17850.0", "17851.0", "17852.0"]),
    "comma": ({"type": "number", "read_as": "1.234,56"}, ["1.299,99", "(5)", "12,5-"]),
    "dollar": ({"type": "integer", "read_as": "$1,234"}, ["$1,234.00", "-$5", "12"]),
    "blank": ({"type": "number", "read_as": "1 234,56 €"}, ["1\u202f299,5 €", "5,25€", ""]),
    "quote": ({"type": "number", "read_as": "1'234.56"}, ["1’299.50", "1'000", "7"]),
    "share": ({"type": "number", "read_as": "1234.56%"}, ["12%", "-3.5 %", "0%"]),
    "words": ({"type": "number", "null_values": ["NA", "?"]}, ["5.5", " NA ", "?"]),
    "name": ({"type": "category", "null_values": ["NA"]}, ["red", "NA", ""]),
    "short": (date("dd/MM/yy"), ["02/6/24", "16/09/99", ""]),
    "timed": (date("dd-MM-yyyy HH:mm"), ["02-06-2024 18:05", "1-12-2023", "NA"]),
    "iso": (date("yyyy-MM-dd HH:mm"), ["2024-06-02T18:05:01Z", "2023-12-01", ""]),
    "month": (date("dd MMM yyyy"), ["5. März 2024", "1-AUG-2023 10:00", ""]),
    "first": (date("MMM dd, yyyy"), ["Jan 5, 2024", "July 14, 2023", ""]),
    "compact": (date("yyyyMMdd", format="dd.MM.yyyy"), ["19970101", "20241231", ""]),
}


def as_written(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Column]]:
    """Raw texts, what the reader makes of them, and how they are declared."""
    raw = pd.DataFrame({name: cells for name, (_, cells) in AS_WRITTEN.items()})
    path = folder / "raw.csv"
    raw.to_csv(path, index=False, sep=";")
    declared: dict[str, Any] = {name: dict(one) for name, (one, _) in AS_WRITTEN.items()}
    declared["timed"]["null_values"] = ["NA"]
    columns = parse_columns(declared)
    connection = duckdb.connect()
    read_table(connection, path, into="read", columns=columns)
    return raw, connection.execute("SELECT * FROM read").df(), columns


def typed_sql(columns: dict[str, Column], dialect: str) -> str:
    writer = Writer(dialect)
    shown = ", ".join(
        f"{typed_column(writer, column, ('',))} AS {writer.name(name)}"
        for name, column in columns.items()
    )
    return writer.query([Cte("typed", f"SELECT {shown} FROM customers")], "SELECT * FROM typed")


@pytest.mark.parametrize("engine", ENGINES)
def test_raw_text_is_read_as_the_reader_reads_it(
    engine: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    raw, read, columns = as_written(tmp_path)
    if engine == "postgres":
        sql = typed_sql(columns, "postgres")
        found = in_postgres(request.getfixturevalue("postgres"), sql, raw)
    elif engine == "duckdb":
        found = in_duckdb(typed_sql(columns, "duckdb"), raw)
    else:
        spark = request.getfixturevalue("spark")
        found = in_spark(spark, typed_sql(columns, "spark"), raw, tmp_path)
    for name in AS_WRITTEN:
        one, other = ([None if pd.isna(x) else x for x in frame[name]] for frame in (found, read))
        if columns[name].is_number:
            one = [None if x in (None, "") else float(x) for x in one]
        assert [x or None for x in one] == [x or None for x in other], name


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_for_raw_text_is_of_its_dialect(dialect: str, tmp_path: Path) -> None:
    _, _, columns = as_written(tmp_path)
    sql = typed_sql(columns, dialect)
    assert sqlglot.parse_one(sql, read=dialect).sql(dialect=dialect)
    assert ("SPLIT_PART" in sql) == (dialect != "bigquery")
    assert "raw_text" not in sql


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_reads_its_own_text(dialect: str, tmp_path: Path) -> None:
    model, _ = tiny_run(tmp_path, impossible="drop", nulls="median")
    sql = scorer_sql(model, dialect=dialect, table="shop.customers", data_hash="ab" * 32)
    trees = sqlglot.parse(sql, read=dialect)
    assert len(trees) == 1
    assert trees[0].named_selects == ["kunde nr", "segment", "persona", "margin"]
    texts = {one.this for one in trees[0].find_all(sqlglot.exp.Literal) if one.is_string}
    assert set(model.personas) <= texts
    assert "ab" * 32 in sql
    assert "shop.customers" in {one.sql() for one in trees[0].find_all(sqlglot.exp.Table)}


def test_equally_near_centres_give_the_lowest_number(tmp_path: Path) -> None:
    model, _ = tiny_run(tmp_path, features=["Größe", "orders"], sql_steps=[])
    first, second = model.segments
    centre = tuple(-one for one in first.centre)
    model = replace(model, segments=(first, replace(second, centre=centre)))
    middle = dict(zip(model.features, model.scaling.mean, strict=True))
    table = pd.DataFrame({name: [middle.get(name)] for name in TINY.columns})
    found = in_duckdb(scorer_sql(model).replace('CAST("orders" AS BIGINT)', '"orders"'), table)
    assert found[["segment", "margin"]].to_numpy().tolist() == [[1, 0.0]]


def test_one_segment(tmp_path: Path) -> None:
    model, _ = tiny_run(tmp_path)
    model = replace(model, segments=model.segments[:1])
    found = in_duckdb(scorer_sql(model), TINY)
    assert found["segment"].fillna(0).tolist() == [1, 1, 1, 1, 1, 0, 1, 0]
    assert found["margin"].fillna(-1).tolist() == [1, 1, 1, 1, 1, -1, 1, -1]


def test_without_an_id_the_sources_of_the_features_are_handed_through(tmp_path: Path) -> None:
    columns = {name: one for name, one in TINY_PARAMS["columns"].items() if name != "kunde nr"}
    model, segments = tiny_run(tmp_path, id_column="", columns=columns)
    found = in_duckdb(scorer_sql(model), TINY)
    assert list(found.columns) == [
        *("Größe", "orders", "kind", "member"),
        *("segment", "persona", "margin"),
    ]
    assert found["segment"].fillna(0).tolist() == segments["segment"].fillna(0).tolist()
    assert found["member"].fillna(False).tolist() == TINY["member"].fillna(False).tolist()


def test_names_of_the_query_yield_to_columns_of_the_table(tmp_path: Path) -> None:
    names = {"kunde nr": "d_own", "Größe": "d1", "orders": "customer_id"}
    params = TINY_PARAMS | {
        "id_column": "d_own",
        "columns": {names.get(name, name): one for name, one in TINY_PARAMS["columns"].items()},
        "sql_steps": [],
        "features": ["d1", "customer_id"],
        "value_column": "d1",
    }
    table = TINY.rename(columns=names)
    table.to_csv(tmp_path / "t.csv", index=False)
    model, segments = make_run(tmp_path / "t.csv", params, k=2)
    found = in_duckdb(scorer_sql(model), table)
    assert as_text(found, "d_own") == as_text(segments, "d_own")


def test_only_what_the_features_need_is_read(tmp_path: Path) -> None:
    model, _ = tiny_run(tmp_path, features=["orders"], value_column="orders")
    assert "seit" not in scorer_sql(model)
    assert "steps_1" not in scorer_sql(model)


def test_the_head_says_what_differs(tmp_path: Path) -> None:
    model, _ = tiny_run(tmp_path, repeats="drop")
    assert "repeat another one" in scorer_sql(model)
    assert "labels made elsewhere" in scorer_sql(replace(model, labels_given=True))
    assert "labels made elsewhere" not in scorer_sql(model)


def test_an_unknown_dialect_is_refused(tmp_path: Path) -> None:
    model, _ = tiny_run(tmp_path)
    with pytest.raises(ParamsError, match="Did you mean `postgres`"):
        scorer_sql(model, dialect="postgre")


@pytest.mark.parametrize("value", [0.1, 1e-7, -3.0, 1 / 3, 1e300, 5e-324, 123456789012345678.0])
def test_figures_are_read_back_to_the_bit(value: float) -> None:
    answer = duckdb.execute(f"SELECT {number(value)}, typeof({number(value)})").fetchone()
    assert answer == (value, "DOUBLE")
