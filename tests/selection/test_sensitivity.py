"""The sensitivity card on a small table and on the real one."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.errors import ClusteringError
from helpers.selection import sensitivity as sensitivities
from helpers.selection.sensitivity import sensitivity


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = np.vstack([rng.normal(c, 0.3, (30, 2)) for c in ((0, 0), (6, 0), (0, 6))])
    table = pd.DataFrame(rows, columns=["a", "b"])
    table.loc[12, "a"] = 4000.0
    table.loc[[3, 40], "b"] = np.nan
    return pd.concat([table, table.iloc[[0, 1]]], ignore_index=True)


def test_the_extreme_row_is_named_and_nothing_else_matters() -> None:
    card = sensitivity(
        frame(), columns=["a", "b"], k=3, clip=None, random_state=0, alternative_clip=(0.02, 0.98)
    ).set_index("variant")
    assert card.index.tolist() == ["repeats dropped", "extremes clipped", "nulls imputed"]
    clipped = card.loc["extremes clipped"]
    assert (clipped["position"], clipped["feature"], clipped["value"]) == (12, "a", 4000.0)
    assert clipped["agreement"] < 0.8
    assert card.loc["repeats dropped", "agreement"] == 1.0
    assert card["rows"].tolist() == [88, 90, 92]
    assert card["changed"].tolist()[::2] == [2, 2]
    assert card.loc["nulls imputed", "position"] in (3, 40)


def test_a_clipped_main_run_is_compared_with_the_extremes_kept() -> None:
    card = sensitivity(frame().dropna(), columns=["a", "b"], k=3, clip=(0.02, 0.98), random_state=0)
    assert card["variant"].tolist() == ["repeats dropped", "extremes kept"]
    assert card.loc[1, "agreement"] < 0.8


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ClusteringError, match="'c'"):
        sensitivity(frame(), columns=["a", "c"], k=3, clip=None, random_state=0)


def test_leverage_and_movers_by_hand() -> None:
    """Two groups of five; the repeat is the far one, so that without it the cut is the same."""
    table = pd.DataFrame({"a": [0.0, 1, 2, 3, 4, 20, 21, 22, 23, 23], "b": [0.0] * 9 + [0.0]})
    table["b"] = [0.0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    card = sensitivity(table, columns=["a", "b"], k=2, clip=None, random_state=0)
    row = card.set_index("variant").loc["repeats dropped"]
    z = (table - table.mean()) / table.std(ddof=0)
    shares = z**2 / (z**2).to_numpy().sum()
    assert (row["position"], row["feature"], row["value"]) == (9, "a", 23.0)
    assert row["leverage"] == pytest.approx(100 * shares.sum(axis=1)[9])
    assert (row["moved"], row["rows"], row["changed"]) == (0.0, 9, 1)


def test_the_share_that_moved_is_of_the_rows_that_both_hold() -> None:
    assert sensitivities._overlap(np.array([[3.0, 1.0], [2.0, 4.0]])) == 7.0
    assert sensitivities._overlap(np.array([[1.0, 3.0], [4.0, 2.0]])) == 7.0
    card = sensitivity(
        frame(), columns=["a", "b"], k=3, clip=None, random_state=0, alternative_clip=(0.02, 0.98)
    ).set_index("variant")
    # The row of 4,000 was a segment alone; clipped, it joins one and another is parted.
    moved = card.loc["extremes clipped", "moved"] * 90
    assert moved == pytest.approx(round(moved), abs=1e-9)
    assert 1 < moved < 45


@pytest.mark.seed_data
def test_the_real_table_names_the_income_of_666666(seed_data: Path) -> None:
    features = pd.read_csv(seed_data / "featured.csv")
    columns = [
        "Income",
        "Age",
        "Total_Spending",
        "NumWebPurchases",
        "NumStorePurchases",
        "NumWebVisitsMonth",
        "Recency",
    ]
    card = sensitivity(features, columns=columns, k=6, clip=None, random_state=0)
    row = card[card["variant"] == "extremes clipped"].iloc[0]
    assert (row["feature"], row["value"]) == ("Income", 666_666.0)
    assert features.loc[row["position"], "Income"] == 666_666.0
    assert card["rows"].tolist() == [2011, 2216, 2240]
