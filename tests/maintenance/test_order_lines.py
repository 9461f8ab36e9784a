"""Synthetic order lines have what real ones have, and the same bytes everywhere."""

from pathlib import Path

import pandas as pd
import pytest

from maintenance.order_lines import COLUMNS, main, write_lines


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lines") / "lines.csv"
    write_lines(made, customers=300, seed=5)
    return made


@pytest.fixture(scope="module")
def lines(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"Customer ID": str, "Invoice": str})


def test_the_faults_of_exports_are_there(lines: pd.DataFrame) -> None:
    assert tuple(lines) == COLUMNS
    assert 0.02 < lines["Customer ID"].isna().mean() < 0.12
    assert lines["Customer ID"].dropna().str.endswith(".0").all()
    returned = lines["Invoice"].str.startswith("C")
    assert (lines.loc[returned, "Quantity"] < 0).all()
    assert 0.005 < returned.mean() < 0.05
    assert 0 < (lines["Price"] == 0).sum() < 0.02 * len(lines)
    assert lines.duplicated().any()
    assert "UK" in set(lines["Country"])
    assert not lines["InvoiceDate"].is_monotonic_increasing


def test_people_buy_once_and_before_christmas(lines: pd.DataFrame) -> None:
    bought = lines[lines["Quantity"] > 0]
    orders = bought.groupby("Customer ID")["Invoice"].nunique()
    assert 0.2 < (orders == 1).mean() < 0.5
    months = bought.drop_duplicates("Invoice")["InvoiceDate"].str[5:7].value_counts()
    assert months["11"] > 1.5 * months["07"]


def test_the_same_customers_and_seed_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.csv"
    assert main(["--customers", "300", "--seed", "5", str(again)]) == 0
    assert again.read_bytes() == path.read_bytes()
    assert main([str(tmp_path)]) == 1
