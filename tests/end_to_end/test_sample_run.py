"""From the sample to the report: the files of the contract."""

import json
from pathlib import Path

import pandas as pd
import pytest

from maintenance import sample

TUNING_COLUMNS = [
    "k",
    "inertia",
    "silhouette_euclidean",
    "silhouette_squared",
    "calinski_harabasz",
    "davies_bouldin",
    "gap",
    "gap_se",
    "min_jaccard",
    "seed_ari",
    "smallest_share",
]
FILES = [
    "features.parquet",
    "handoff",
    "manifest.json",
    "model.json",
    "notebooks",
    "profiles.csv",
    "report.html",
    "segments.csv",
    "segments.sql",
    "segments.xlsx",
    "tuning.csv",
]

pytestmark = pytest.mark.slow


def test_the_kept_sample_is_what_the_generator_makes(root: Path, tmp_path: Path) -> None:
    made = sample.write_customers(tmp_path / "sample.csv")

    assert made.read_bytes() == (root / "data/sample.csv").read_bytes()


def test_a_run_leaves_the_files_of_the_contract_and_nothing_else(sample_run: Path) -> None:
    assert sorted(one.name for one in sample_run.iterdir()) == FILES
    assert sorted(one.name for one in (sample_run / "notebooks").iterdir()) == [
        "01_features.ipynb",
        "02_tuning.ipynb",
        "03_profiles.ipynb",
    ]


def test_every_row_of_the_table_has_its_row_in_order(sample_run: Path, root: Path) -> None:
    table = pd.read_csv(root / "data/sample.csv")
    segments = pd.read_csv(sample_run / "segments.csv")

    assert segments.columns.tolist() == ["ID", "segment", "persona", "margin", "reason"]
    assert segments["ID"].tolist() == table["ID"].tolist()
    assert segments.loc[table["Income"].isna(), "reason"].unique().tolist() == [
        "`Income` is missing"
    ]
    assert segments.loc[table["Income"].isna(), ["segment", "persona", "margin"]].isna().all(None)
    assert segments.loc[table["Income"].notna(), "segment"].notna().all()
    assert segments["margin"].dropna().between(0, 1).all()


def test_segments_are_numbered_by_the_value_they_hold(sample_run: Path) -> None:
    customers = pd.read_parquet(sample_run / "features.parquet")
    segments = pd.read_csv(sample_run / "segments.csv")["segment"]
    totals = customers["Total_Spending"].groupby(segments).sum()

    assert totals.is_monotonic_decreasing


def test_profiles_are_those_of_the_segments(sample_run: Path) -> None:
    customers = pd.read_parquet(sample_run / "features.parquet")
    segments = pd.read_csv(sample_run / "segments.csv")
    profiles = pd.read_csv(sample_run / "profiles.csv")
    manifest = json.loads((sample_run / "manifest.json").read_text())

    assert profiles["n"].tolist() == segments["segment"].value_counts().sort_index().tolist()
    assert len(profiles) == manifest["k"]
    for feature in manifest["parameters"]["features"]:
        means = customers[feature].groupby(segments["segment"]).mean()
        assert profiles[f"mean_{feature}"].tolist() == pytest.approx(means.tolist(), rel=1e-12)
    assert profiles["persona"].is_unique


def test_the_tuning_table_has_its_columns_and_a_row_for_every_k(sample_run: Path) -> None:
    tuning = pd.read_csv(sample_run / "tuning.csv")

    assert tuning.columns.tolist() == TUNING_COLUMNS
    assert tuning["k"].tolist() == list(range(2, 13))
    assert tuning["inertia"].is_monotonic_decreasing
    assert tuning.notna().all(None)


def test_the_report_says_that_it_is_made_from_a_sample(sample_run: Path) -> None:
    assert "synthetic sample" in (sample_run / "report.html").read_text(encoding="utf-8")


def test_the_report_needs_nothing_but_itself(sample_run: Path) -> None:
    html = (sample_run / "report.html").read_text(encoding="utf-8")

    assert "<script" not in html
    assert "http-equiv" in html.split("<title>")[0]
    assert len(html) < 1_000_000


def test_no_path_or_user_is_in_what_travels(sample_run: Path, root: Path) -> None:
    for name in FILES:
        if (sample_run / name).is_file():
            held = (sample_run / name).read_bytes()
            assert str(root).encode() not in held, name
            assert str(Path.home()).encode() + b"/" not in held, name
