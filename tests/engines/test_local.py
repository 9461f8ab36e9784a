"""The local engine: features to the cell, no file but the table's, the same bytes and figures."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from helpers.engines import open_engine
from helpers.engines.sql import parse_steps
from helpers.errors import EngineError, SegmentationError, StepError, TableError
from helpers.params.column_types import parse_columns

SEED_STEPS = [
    {"Dt_Customer_date": "to_date(Dt_Customer, 'dd-MM-yyyy')"},
    {"Age": "2025 - Year_Birth"},
    {"Total_Children": "Kidhome + Teenhome"},
    {
        "Total_Spending": "MntWines + MntFruits + MntMeatProducts + MntFishProducts "
        "+ MntSweetProducts + MntGoldProds"
    },
    {"Customer_Since": "datediff(current_date(), Dt_Customer_date)"},
]
ROWS = "ID,a,b,d\n3,1,x,04-09-2012\n1,,y,28-03-2014\n2,5,x,21-08-2013\n"


def steps(*entries):
    return parse_steps(entries, as_of="2025-09-12")


def open_text(folder, text=ROWS, columns=None):
    path = folder / "t.csv"
    path.write_text(text, encoding="utf-8")
    declared = parse_columns(columns or {"d": {"type": "date", "format": "dd-MM-yyyy"}})
    return open_engine("local").read(path, columns=declared, null_values=[""])


@pytest.mark.seed_data
@pytest.mark.parametrize("declared", [True, False])
def test_the_seed_features_equal_the_published_ones_in_every_cell(seed_data, tmp_path, declared):
    names = pd.read_csv(seed_data / "customers.csv", nrows=0).columns
    columns = dict.fromkeys(names, "integer") | {"Education": "category"} if declared else {}
    columns |= {"Dt_Customer": {"type": "date", "format": "dd-MM-yyyy"}}
    if declared:
        columns |= {"ID": "id", "Income": "number", "Marital_Status": "category"}
    engine = open_engine("local")
    table, facts = engine.read(
        seed_data / "customers.csv", columns=parse_columns(columns), null_values=[""]
    )
    made = table.derive(steps(*SEED_STEPS))
    made.save(tmp_path / "features.parquet")
    expected = pd.read_csv(seed_data / "featured.csv")
    for found in (made, engine.load(tmp_path / "features.parquet")):
        assert found.columns == list(expected.columns)
        frame = found.frame(found.columns)
        frame["Dt_Customer_date"] = frame["Dt_Customer_date"].dt.strftime("%Y-%m-%d")
        pd.testing.assert_frame_equal(frame, expected, check_dtype=False, check_exact=True)
    assert (table.rows, made.rows, facts.rows) == (2240, 2240, 2240)
    assert facts.date_formats == {"Dt_Customer": "dd-MM-yyyy"}


def test_facts_by_type(tmp_path):
    _, facts = open_text(tmp_path)
    assert facts.numeric() == ["ID", "a"]
    assert facts.of_type("category", "date") == ["b", "d"]
    assert facts.undeclared == ("ID", "a", "b")


def test_derive_adds_columns_and_leaves_its_table_as_it_was(tmp_path):
    table, _ = open_text(tmp_path)
    made = table.derive(steps({"c": "a * 2"}, {"e": "coalesce(C, 0) + ID"}))
    assert table.columns == ["ID", "a", "b", "d"]
    assert made.frame(["ID", "e"]).to_dict("list") == {"ID": [3, 1, 2], "e": [5, 1, 12]}


def test_select_keeps_the_order_of_the_rows_through_windows(tmp_path):
    table, _ = open_text(tmp_path)
    made = table.select(
        {"ID": "`ID`", "again": "row_number() OVER (PARTITION BY b ORDER BY `__row__`)"}
    )
    assert made.frame(["ID", "again"]).to_dict("list") == {"ID": [3, 1, 2], "again": [1, 1, 2]}


def test_query_speaks_spark_sql(tmp_path):
    table, _ = open_text(tmp_path)
    found = table.query(
        "SELECT b, count(*) AS n, percentile(a, 0.5) AS m FROM customers GROUP BY b ORDER BY b"
    )
    assert found["n"].tolist() == [2, 1]
    assert found["m"].iloc[0] == 3.0


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("to_date(b, 'dd-MM-yyyy') * a", "Two"),
        ("no_such_function(a)", "Two"),
        ("b div 1", "Two"),
        ("product(a)", "Two"),
    ],
)
def test_a_step_that_fails_is_named(tmp_path, sql, named):
    table, _ = open_text(tmp_path)
    with pytest.raises(StepError) as caught:
        table.derive(steps({"One": "a"}, {"Two": sql}, {"Three": "Two"}))
    assert f"SQL step `{named}`" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_sql_reaches_a_file_once_the_table_is_read(tmp_path):
    table, _ = open_text(tmp_path)
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for sql in (
        f"SELECT * FROM read_csv('{secret}')",
        f"SELECT * FROM read_text('{secret}')",
        f"SELECT * FROM glob('{tmp_path}/*')",
        f"SELECT * FROM '{secret}'",
        f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
        f"ATTACH '{tmp_path}/other.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM secret",
    ):
        with pytest.raises(duckdb.Error):
            table._database.execute(sql)
    assert not (tmp_path / "out.csv").exists()
    for sql in (f"read_text('{secret}')", f"(SELECT a FROM '{secret}')", "getenv('HOME')"):
        with pytest.raises(SegmentationError):
            table.derive(steps({"x": sql}))


def test_tables_do_not_see_one_another(tmp_path):
    engine = open_engine("local")
    (tmp_path / "a.csv").write_text("a\n1\n")
    first, _ = engine.read(tmp_path / "a.csv", columns={}, null_values=[])
    (tmp_path / "a.csv").write_text("a\n2\n")
    second, _ = engine.read(tmp_path / "a.csv", columns={}, null_values=[])
    assert [one.query("SELECT a FROM customers")["a"][0] for one in (first, second)] == [1, 2]


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A table of 300,000 rows with fractions, as text."""
    rng = np.random.default_rng(7)
    path = tmp_path_factory.mktemp("large") / "t.csv"
    pd.DataFrame(
        {
            "ID": np.arange(300_000),
            "x": rng.lognormal(size=300_000),
            "g": rng.integers(0, 9, 300_000),
        }
    ).to_csv(path, index=False)
    return path


def test_the_number_of_threads_reaches_no_result(large, tmp_path, monkeypatch):
    sql = "SELECT g, sum(x) AS s, stddev_pop(x) AS d FROM customers GROUP BY g ORDER BY g"
    whole = "SELECT sum(x) AS s, avg(x * 1.1) AS m, corr(x, g) AS c FROM customers"
    connect = duckdb.connect
    found, saved = [], []
    for threads in (1, 2, 5):
        monkeypatch.setattr(
            duckdb, "connect", lambda config, n=threads: connect(config=config | {"threads": n})
        )
        table, _ = open_engine("local").read(large, columns={}, null_values=[""])
        table = table.derive(steps({"y": "x * 1.5 + g"}))
        assert table.frame(["ID"])["ID"].is_monotonic_increasing
        found.append((table.query(sql), table.query(whole)))
        table.save(tmp_path / "t.parquet")
        saved.append((tmp_path / "t.parquet").read_bytes())
    for one, other in found[1:]:
        pd.testing.assert_frame_equal(one, found[0][0], check_exact=True)
        pd.testing.assert_frame_equal(other, found[0][1], check_exact=True)
    assert saved[0] == saved[1] == saved[2]


def test_a_long_list_of_values_leaves_the_rows_in_order(tmp_path):
    rows = np.arange(1_000_000)
    pd.DataFrame({"ID": rows, "g": rows % 25}).to_parquet(tmp_path / "t.parquet", index=False)
    table = open_engine("local").load(tmp_path / "t.parquet")
    listed = ", ".join(f"'{one}'" for one in range(8))
    kept = table.derive(steps({"y": f"CASE WHEN g IN ({listed}) THEN 1 ELSE 0 END"}))
    found = kept.frame(["ID", "y"])
    np.testing.assert_array_equal(found["ID"], rows)
    np.testing.assert_array_equal(found["y"], rows % 25 < 8)


def test_load_refuses_what_is_no_parquet(tmp_path):
    (tmp_path / "f.parquet").write_bytes(b"PAR1 and no more")
    for name in ("f.parquet", "nowhere.parquet"):
        with pytest.raises(TableError, match="make it again with 01_features"):
            open_engine("local").load(tmp_path / name)


def test_an_unknown_engine():
    with pytest.raises(EngineError, match="Did you mean `local`"):
        open_engine("lokal")
