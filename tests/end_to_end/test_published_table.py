"""The published table: its results are reproduced, explained and beaten."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Make

pytestmark = [pytest.mark.slow, pytest.mark.seed_data]

FEATURES = [
    "Income",
    "Age",
    "Total_Spending",
    "NumWebPurchases",
    "NumStorePurchases",
    "NumWebVisitsMonth",
    "Recency",
]
# Published cluster: customers, then the mean of each of the features above.
PUBLISHED = {
    0: (428, 59285.87, 59.77, 888.53, 7.89, 7.78, 6.45, 46.30),
    1: (356, 76750.22, 59.81, 1278.58, 4.62, 8.39, 2.67, 73.82),
    2: (435, 41363.56, 64.91, 154.48, 2.47, 3.78, 5.74, 60.96),
    3: (660, 31549.68, 47.17, 103.82, 2.18, 3.13, 6.81, 43.00),
    4: (9, 5165.78, 55.22, 88.56, 0.33, 0.22, 17.33, 43.33),
    5: (328, 73841.62, 54.13, 1138.11, 4.61, 8.62, 2.83, 22.03),
}
PERSONAS = {
    0: "Digital Power Users",
    1: "High-Income Lapsed Spenders",
    2: "Low-Spend Occasional Shoppers",
    3: "Mass Active Value Seekers",
    4: "Heavy Browsers / Almost No Orders",
    5: "VIP Store Loyalists",
}


def test_features_equal_the_published_ones_in_every_cell(seed_run: Path, seed_data: Path) -> None:
    ours = pd.read_parquet(seed_run / "features.parquet").drop(columns="reason")
    published = pd.read_csv(seed_data / "featured.csv")

    assert ours.columns.tolist() == published.columns.tolist()
    day = pd.to_datetime(ours["Dt_Customer_date"]).dt.strftime("%Y-%m-%d")
    pd.testing.assert_frame_equal(
        ours.assign(Dt_Customer_date=day), published, check_dtype=False, check_exact=True
    )


def test_customers_and_scores_of_the_settings_of_the_first_project(seed_run: Path) -> None:
    segments = pd.read_csv(seed_run / "segments.csv")
    manifest = json.loads((seed_run / "manifest.json").read_text())

    assert segments["segment"].notna().sum() == 2216
    assert segments["reason"].notna().sum() == 24
    assert manifest["k"] == 6
    assert manifest["scores"]["silhouette_squared"] > 0.2863
    assert manifest["scores"]["inertia"] == pytest.approx(7008.21, rel=1e-4)


def test_published_labels_give_the_published_table(published_run: Path, seed_data: Path) -> None:
    profiles = pd.read_csv(published_run / "profiles.csv").set_index("persona")

    assert len(profiles) == len(PUBLISHED)
    for cluster, (n, *means) in PUBLISHED.items():
        row = profiles.loc[PERSONAS[cluster]]
        assert row["n"] == n
        ours = [round(row[f"mean_{name}"], 2) for name in FEATURES]
        assert ours == pytest.approx(means, abs=0.0051)


def test_permuting_the_published_labels_changes_no_output(
    published_run: Path, seed_data: Path, make: Make, tmp_path: Path
) -> None:
    permuted = pd.read_csv(seed_data / "predictions.csv")
    permuted["prediction"] = permuted["prediction"].map(
        dict(zip(range(6), [3, 5, 0, 1, 2, 4], strict=True))
    )
    permuted.to_csv(tmp_path / "labels.csv", index=False)
    before = {path.name: path.read_bytes() for path in published_run.iterdir() if path.is_file()}

    again = make(
        PARAMS="params/sparkflows.yml",
        DATA=str(seed_data / "customers.csv"),
        LABELS=str(tmp_path / "labels.csv"),
        RUN="test-published",
    )

    assert again.returncode == 0, again.stderr
    assert "03_profiles   done" in again.stderr
    after = {path.name: path.read_bytes() for path in published_run.iterdir() if path.is_file()}
    assert after == before


@pytest.mark.parametrize("dialect", ["tsv", "semicolons with mark and ISO dates", "gz"])
def test_another_dialect_gives_the_same_bytes(
    dialect: str, seed_run: Path, seed_data: Path, make: Make, tmp_path: Path, runs: Path
) -> None:
    table = pd.read_csv(seed_data / "customers.csv", dtype=str, keep_default_na=False)
    if dialect == "tsv":
        path = tmp_path / "customers.tsv"
        table.to_csv(path, sep="\t", index=False)
    elif dialect == "gz":
        path = tmp_path / "customers.csv.gz"
        table.to_csv(path, index=False)
    else:
        path = tmp_path / "customers.csv"
        days = pd.to_datetime(table["Dt_Customer"], format="%d-%m-%Y")
        table.assign(Dt_Customer=days.dt.strftime("%Y-%m-%d")).to_csv(
            path, sep=";", index=False, encoding="utf-8-sig"
        )

    made = make(PARAMS="params/sparkflows.yml", DATA=str(path), RUN="test-dialect")

    assert made.returncode == 0, made.stderr
    ours = (runs / "test-dialect/segments.csv").read_bytes()
    assert ours == (seed_run / "segments.csv").read_bytes()
    shutil.rmtree(runs / "test-dialect")


def test_margins_of_published_labels_may_be_negative(published_run: Path) -> None:
    margins = pd.read_csv(published_run / "segments.csv")["margin"].dropna()

    assert margins.between(-1, 1).all()
    assert np.isfinite(margins).all()
