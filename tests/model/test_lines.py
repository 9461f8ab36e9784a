"""A model made of order lines: kept whole, scored from raw lines, and written as SQL for them."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from helpers.engines import open_engine
from helpers.errors import RunError, TableError
from helpers.model.fitted import Model, Treatments, assign, build_model, parse_model, write_text
from helpers.model.scoring import score
from helpers.model.scoring_sql import DIALECTS, scorer_sql
from helpers.params.column_types import parse_columns
from helpers.preparation import profiling
from helpers.preparation.loading import LineRecipe, LoadedCustomers, Source, load_customers
from helpers.preparation.scaling import fit_scaling
from maintenance.order_lines import write_lines
from tests.engines.spark import needs_spark, open_spark
from tests.model.postgres import Server, find_programs, running_server

COLUMNS = {
    "Invoice": "category",
    "StockCode": "category",
    "Quantity": "integer",
    "InvoiceDate": "date",
    "Price": "number",
    "Country": "category",
}
RECIPE = LineRecipe(
    group_by="Customer ID",
    line_steps=[{"amount": "Quantity * Price"}],
    line_filters=[{"no customer": "`Customer ID` IS NOT NULL"}, {"no price": "Price > 0"}],
    aggregates=[
        {"Recency": "recency(InvoiceDate, amount)"},
        {"Orders": "net_orders(Invoice, amount)"},
        {"Days": "purchase_days(InvoiceDate, amount)"},
        {"Spent": "sum(amount)"},
        {"Mean": "avg(amount)"},
        {"Home": "share_of(amount, Country, 'United Kingdom', 'UK')"},
        {"Recent": "coalesce(sum(amount) FILTER (WHERE within_days(InvoiceDate, 90)), 0)"},
        {"Articles": "count(DISTINCT StockCode)"},
        {"Country": "max(Country)"},
    ],
)
STEPS = [{"Value": "greatest(Spent, 0)"}, {"Basket": "Value / greatest(Orders, 1)"}]
FEATURES = ["Recency", "Orders", "Value", "Basket", "Days", "Home", "Recent", "Articles", "Mean"]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lines") / "lines.csv"
    write_lines(path, customers=120, seed=3)
    return path


def fitted(
    path: Path, *, recipe: LineRecipe = RECIPE, details: Source | None = None, as_of: str = "last"
) -> tuple[Model, pd.DataFrame, LoadedCustomers]:
    """A model of four segments by hand, and what it says of the customers of its lines."""
    from helpers.engines.sql import parse_steps

    loaded = load_customers(
        open_engine("local"), Source(path, parse_columns(COLUMNS)), recipe=recipe,
        as_of=as_of, null_values=[""], details=details,
    )  # fmt: skip
    treated = profiling.treat(loaded.with_reasons, loaded.facts.columns, id_column="Customer ID")
    derived = treated.derive(parse_steps(STEPS, as_of=loaded.as_of))
    whole = profiling.complete(derived, FEATURES, nulls="drop")
    frame = whole.frame(["Customer ID", *FEATURES, "reason"])
    clustered = frame[frame["reason"].isna()]
    segments = pd.qcut(clustered["Value"].rank(method="first"), 4, labels=[4, 3, 2, 1]).astype(int)
    model = build_model(
        clustered, segments, scaling=fit_scaling(clustered, FEATURES, clip=[0.01, 0.99]),
        personas=["A", "B", "C", "D"], columns=loaded.facts.columns, as_of=loaded.as_of,
        id_column="Customer ID", treatments=Treatments(), sql_steps=STEPS, lines=loaded.model,
    )  # fmt: skip
    placed = assign(model, frame.assign(**{FEATURES[0]: frame[FEATURES[0]].where(
        frame["reason"].isna())}))  # fmt: skip
    expected = pd.DataFrame(
        {
            "id": frame["Customer ID"].astype(str),
            "segment": placed["segment"],
            "margin": placed["margin"],
            "reason": frame["reason"],
        }
    )
    return model, expected, loaded


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """The same customers with the same segments, and margins to their six decimals."""
    held = pd.DataFrame(
        {
            "id": found.iloc[:, 0].astype(str),
            "segment": found["segment"].astype("Float64").astype("Int64"),
            "margin": found["margin"].astype(float),
        }
    ).sort_values("id", ignore_index=True)
    wanted = expected[["id", "segment", "margin"]].sort_values("id", ignore_index=True)
    pd.testing.assert_frame_equal(held, wanted, check_dtype=False, rtol=0, atol=1e-9)


def test_the_model_keeps_how_lines_were_grouped(lines: Path) -> None:
    model, _, loaded = fitted(lines)
    assert model.lines == loaded.model
    assert model.lines is not None
    assert model.lines.last
    assert list(model.lines.columns) == [
        "Customer ID", "Invoice", "StockCode", "Quantity", "InvoiceDate", "Price", "Country",
    ]  # fmt: skip
    assert model.lines.columns["Customer ID"].type == "integer"
    text = write_text(model)
    assert write_text(parse_model(text, name="model.json")) == text
    for bad in (text.replace('"net"', '"gross"'), text.replace("sum(amount)", "sum(now())")):
        with pytest.raises(RunError):
            parse_model(bad, name="model.json")


def test_scoring_the_lines_of_the_run_gives_its_segments(lines: Path, tmp_path: Path) -> None:
    model, expected, _ = fitted(lines)
    found = score(model, lines, tmp_path / "out.csv")
    scored = pd.read_csv(tmp_path / "out.csv")
    same(scored, expected)
    assert scored["Customer ID"].is_monotonic_increasing
    assert scored["reason"].astype(object).fillna("").tolist() == (
        expected["reason"].astype(object).fillna("").tolist()
    )
    assert found.lines is not None
    assert found.lines.used + found.lines.set_aside == found.lines.rows


def test_scoring_later_lines_counts_to_their_end(lines: Path, tmp_path: Path) -> None:
    model, _, _ = fitted(lines)
    table = pd.read_csv(lines, dtype=str)
    early = table[table["InvoiceDate"] < "2025-07-01"]
    early.to_csv(tmp_path / "early.csv", index=False)
    found = score(model, tmp_path / "early.csv", tmp_path / "out.csv")
    assert found.lines is not None
    assert found.lines.as_of == str(
        (pd.Timestamp(early["InvoiceDate"].max()[:10]) + pd.Timedelta(days=1)).date()
    )
    fixed = replace(model, lines=replace(model.lines, last=False))  # type: ignore[type-var]
    again = score(fixed, tmp_path / "early.csv", tmp_path / "fixed.csv")
    assert again.lines is not None
    assert again.lines.as_of == model.as_of


def test_lines_in_another_order_score_the_same_bytes(lines: Path, tmp_path: Path) -> None:
    model, _, _ = fitted(lines)
    shuffled = pd.read_csv(lines, dtype=str).sample(frac=1, random_state=1)
    shuffled.to_csv(tmp_path / "shuffled.csv", index=False)
    for name, path in (("a", lines), ("b", tmp_path / "shuffled.csv")):
        score(model, path, tmp_path / f"{name}.out.csv")
    assert (tmp_path / "a.out.csv").read_bytes() == (tmp_path / "b.out.csv").read_bytes()


DETAILS = "Customer ID,Born\n" + "".join(f"{12000 + n},{1950 + n % 50}\n" for n in range(5, 130))


def test_a_joined_table_is_asked_for(lines: Path, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(DETAILS, encoding="utf-8")
    model, expected, _ = fitted(lines, details=Source(path, {}))
    score(model, lines, tmp_path / "out.csv", details=path)
    same(pd.read_csv(tmp_path / "out.csv"), expected)
    assert {"no order line", "not in the table of customers"} <= set(expected["reason"].dropna())
    with pytest.raises(TableError, match="CUSTOMERS"):
        score(model, lines, tmp_path / "out.csv")
    with pytest.raises(TableError, match="CUSTOMERS"):
        score(fitted(lines)[0], lines, tmp_path / "out.csv", details=path)


def raw(path: Path) -> pd.DataFrame:
    """Raw lines as text, as a database may hold them."""
    return pd.read_csv(path, dtype=str)


def in_duckdb(sql: str, **tables: pd.DataFrame) -> pd.DataFrame:
    with duckdb.connect() as database:
        for name, table in tables.items():
            database.register("held", table)
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM held")
        return database.execute(sql).df()


def test_duckdb_sql_equals_the_run(lines: Path) -> None:
    model, expected, _ = fitted(lines)
    same(in_duckdb(scorer_sql(model), order_lines=raw(lines)), expected)
    numbers = raw(lines).astype({"Quantity": int, "Price": float, "Customer ID": float})
    numbers["InvoiceDate"] = pd.to_datetime(numbers["InvoiceDate"])
    same(in_duckdb(scorer_sql(model), order_lines=numbers), expected)


def test_duckdb_sql_joins_the_table_of_customers(lines: Path, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(DETAILS, encoding="utf-8")
    model, expected, _ = fitted(lines, details=Source(path, {}))
    found = in_duckdb(scorer_sql(model), order_lines=raw(lines), customer_details=raw(path))
    same(found, expected)


@pytest.mark.parametrize("returns", ["drop", "share"])
def test_returns_are_treated_alike(lines: Path, returns: str, tmp_path: Path) -> None:
    model, expected, _ = fitted(lines, recipe=replace(RECIPE, returns=returns))
    same(in_duckdb(scorer_sql(model), order_lines=raw(lines)), expected)
    score(model, lines, tmp_path / "out.csv")
    same(pd.read_csv(tmp_path / "out.csv"), expected)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_reads_its_own_text(lines: Path, dialect: str) -> None:
    import sqlglot

    model, _, _ = fitted(lines)
    sql = scorer_sql(model, dialect=dialect, table="shop.lines")
    assert sqlglot.parse(sql, read=dialect)
    assert "order lines" in sql.splitlines()[0] + sql


def test_postgres_sql_equals_the_run(lines: Path) -> None:
    programs = find_programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL server (Debian: postgresql)")
    model, expected, _ = fitted(lines)
    table = raw(lines)
    with running_server(programs) as server:
        found = _in_postgres(server, scorer_sql(model, dialect="postgres"), table)
    same(found, expected)


def _in_postgres(server: Server, sql: str, table: pd.DataFrame) -> pd.DataFrame:
    from io import StringIO

    columns = ", ".join(f'"{name}" text' for name in table)
    server.psql(f"CREATE TABLE order_lines ({columns})")
    given = table.to_csv(index=False, header=False)
    server.psql("COPY order_lines FROM STDIN (FORMAT csv)", given=given)
    answer = server.psql(f"COPY ({sql.rstrip().rstrip(';')}) TO STDOUT (FORMAT csv, HEADER)")
    return pd.read_csv(StringIO(answer))


class TestSpark:
    pytestmark = needs_spark

    @pytest.fixture
    def session(self) -> Iterator[Any]:
        engine: Any = open_spark()
        yield engine.session
        shutil.rmtree("spark-warehouse", ignore_errors=True)

    def test_spark_sql_equals_the_run(self, lines: Path, session: Any) -> None:
        model, expected, _ = fitted(lines)
        table = session.read.csv(f"file://{lines}", header=True)
        table.createOrReplaceTempView("order_lines")
        found = session.sql(scorer_sql(model, dialect="spark").rstrip().rstrip(";"))
        same(found.toArrow().to_pandas(), expected)
        session.catalog.dropTempView("order_lines")
