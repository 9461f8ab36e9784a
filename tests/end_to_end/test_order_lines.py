"""Order lines of two public shops equal pandas in every cell; a run of synthetic ones, whole."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from helpers.engines import open_engine
from helpers.params.column_types import parse_columns
from helpers.preparation.loading import LineRecipe, LoadedCustomers, Source, load_customers
from helpers.scaffold.order_lines import propose_lines
from helpers.workspace import reports_folder
from maintenance.order_lines import write_lines
from tests.conftest import ROOT
from tests.engines.spark import needs_spark, open_spark

TABLES = ROOT.parent / "shared" / "tables"
KEYS = ("group_by", "line_steps", "line_filters", "aggregates", "line_roles", "returns")

pytestmark = pytest.mark.slow


def table(name: str) -> Path:
    path = TABLES / name
    if not path.exists():
        pytest.skip(f"`{name}` is not beside this checkout (../shared/tables)")
    return path


def bring(engine: Any, path: Path, values: dict[str, Any]) -> LoadedCustomers:
    recipe = LineRecipe(**{key: values[key] for key in KEYS if key in values})
    source = Source(path, parse_columns(values["columns"]))
    return load_customers(engine, source, recipe=recipe, as_of="last", null_values=[""])


def exact(thousandths: pd.Series, by: pd.Series) -> pd.Series:
    """Sums of whole thousandths, each divided once."""
    return thousandths.groupby(by).sum().map(lambda total: int(total) / 1000)


def by_pandas(lines: pd.DataFrame, *, key: str, day: str, order: str) -> pd.DataFrame:
    """Aggregates of lines that are used, which have `thousandths`."""
    end = lines[day].max() + pd.Timedelta(days=1)
    bought = lines[lines["thousandths"] > 0]
    net = lines.groupby([key, order])["thousandths"].sum()
    return pd.DataFrame(
        {
            "Recency": (end - bought.groupby(key)[day].max()).dt.days,
            "Frequency": (net > 0).groupby(level=0).sum(),
            "Spent": exact(lines["thousandths"], lines[key]),
        }
    )


def online_retail(engine: Any) -> None:
    path = table("online_retail_2009_2010.parquet")
    values = yaml.safe_load((ROOT / "params/online-retail.yml").read_text(encoding="utf-8"))
    loaded = bring(engine, path, values)
    found = loaded.table.frame(loaded.table.columns).set_index("Customer ID")
    raw = pd.read_parquet(path)
    assert (len(raw), len(found)) == (525_461, 4_383)
    lines = raw[raw["Customer ID"].notna() & (raw["Price"] > 0)].copy()
    lines["Customer ID"] = lines["Customer ID"].astype("int64")
    lines["thousandths"] = (lines["Price"] * 1000).round().astype("int64") * lines["Quantity"]
    lines["day"] = pd.to_datetime(lines["InvoiceDate"].str[:10])
    expected = by_pandas(lines, key="Customer ID", day="day", order="Invoice")
    key, end = lines["Customer ID"], lines["day"].max() + pd.Timedelta(days=1)
    grouped = lines.groupby("Customer ID")
    last = lines[(end - lines["day"]).dt.days <= 90]
    returned = exact(lines["thousandths"].where(lines["thousandths"] < 0, 0), key)
    kept = exact(lines["thousandths"].where(lines["thousandths"] > 0, 0), key)
    expected = expected.assign(
        Tenure=(end - grouped["day"].min()).dt.days,
        Articles=grouped["StockCode"].nunique(),
        Recent=exact(last["thousandths"], last["Customer ID"]).reindex(expected.index).fillna(0.0),
        Returned=(-returned / kept.where(kept > 0)),
        Country=grouped["Country"].max(),
    )
    assert len(expected) == 4_381
    used = found.loc[expected.index]
    for name in expected:
        if name == "Country":
            assert used[name].tolist() == expected[name].tolist()
        else:
            wanted = expected[name].astype(float).to_numpy()
            np.testing.assert_array_equal(used[name].astype(float).to_numpy(), wanted, name)
    lines_found = loaded.lines
    assert lines_found is not None
    assert lines_found.rows == lines_found.used + lines_found.set_aside == 525_461
    assert lines_found.used == len(lines)
    assert int(lines_found.reasons.set_index("reason").loc["no customer", "n"]) == 107_927
    assert lines_found.customers == 4_383


def cdnow(engine: Any) -> None:
    path = table("CDNOW_master.txt")
    draft = propose_lines(path)
    assert draft is not None
    loaded = bring(engine, path, draft.values)
    found = loaded.table.frame(loaded.table.columns).set_index("customer_id")
    raw = pd.read_csv(path, sep=r"\s+", dtype=str)
    assert (len(raw), len(found)) == (69_659, 23_570)
    lines = raw.assign(
        thousandths=(raw["dollar_value"].astype(float) * 1000).round().astype("int64"),
        day=pd.to_datetime(raw["date"], format="%Y%m%d"),
    )
    expected = by_pandas(lines, key="customer_id", day="day", order="day")
    assert found.index.tolist() == sorted(expected.index)
    expected = expected.loc[found.index]
    for name in ("Frequency", "Spent", "Recency"):
        np.testing.assert_array_equal(
            found[name].astype(float).to_numpy(), expected[name].astype(float).to_numpy(), name
        )


SHOPS: list[Callable[[Any], None]] = [online_retail, cdnow]


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.__name__)
def test_every_cell_equals_pandas(shop: Callable[[Any], None]) -> None:
    shop(open_engine("local"))


@pytest.mark.spark
@needs_spark[1]
@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.__name__)
def test_every_cell_equals_pandas_on_spark(shop: Callable[[Any], None]) -> None:
    shop(open_spark())


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lines") / "lines.csv"
    write_lines(path, customers=150, seed=11)
    return path


@pytest.fixture(scope="module")
def params(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The worked example, with few resamples."""
    values = yaml.safe_load((ROOT / "params/online-retail.yml").read_text(encoding="utf-8"))
    values |= {"k_max": 4, "resamples": 10, "references": 5}
    path = tmp_path_factory.mktemp("params") / "shop.yml"
    path.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    return path


RESULTS = (
    *("segments.csv", "segments.xlsx", "profiles.csv", "tuning.csv"),
    *("model.json", "features.parquet"),
)


def test_a_run_of_lines_in_any_order_and_in_parts(
    make: Any, lines: Path, params: Path, tmp_path: Path
) -> None:
    head, *rows = lines.read_text(encoding="utf-8").splitlines()
    folder = tmp_path / "parts"
    folder.mkdir()
    rows.reverse()
    for number, piece in enumerate((rows[:1000], rows[1000:1001], rows[1001:])):
        (folder / f"{number}.csv").write_text("\n".join([head, *piece]) + "\n", encoding="utf-8")
    runs = {"test-lines-one": lines, "test-lines-parts": folder}
    for run, path in runs.items():
        done = make(PARAMS=str(params), DATA=str(path), RUN=run)
        assert done.returncode == 0, done.stderr
    one, other = (reports_folder() / run for run in runs)
    for name in RESULTS:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    segments = pd.read_csv(one / "segments.csv")
    assert segments["Customer ID"].is_monotonic_increasing
    assert segments["Customer ID"].is_unique
    report = (one / "report.html").read_text(encoding="utf-8")
    assert f"{len(rows):,} order lines of" in report
    assert "the day after the last line" in report
    facts = json.loads((one / "handoff/01_features.json").read_text(encoding="utf-8"))
    assert facts["as_of"] == "2026-01-01"
    done = make("score", DATA=str(lines), RUN="test-lines-one", OUT=str(tmp_path / "out.csv"))
    assert done.returncode == 0, done.stderr
    scored = pd.read_csv(tmp_path / "out.csv")
    pd.testing.assert_frame_equal(scored[segments.columns], segments)


def test_two_days_of_one_file_are_compared(make: Any, lines: Path, params: Path) -> None:
    days = {"FROM": "2025-03-31", "TO": "2025-06-30"}
    done = make("compare", PARAMS=str(params), DATA=str(lines), RUN="test-days", **days)
    assert done.returncode == 0, done.stderr
    made = reports_folder() / "test-days-2025-03-31-to-test-days-2025-06-30"
    assert (made / "compare.html").is_file()
    moves = list(csv.DictReader(io.StringIO((made / "moves.csv").read_text(encoding="utf-8"))))
    assert moves
    assert {"behaviour"} <= {one["cause"] for one in moves}
