"""The settings for recency, frequency and value run as they are, and their SQL says the same."""

import json
from pathlib import Path

import duckdb
import pandas as pd
import pytest

pytestmark = pytest.mark.slow


def test_recency_frequency_and_value_of_the_sample(make, runs: Path, root: Path) -> None:
    made = make(PARAMS="params/rfm.yml", RUN="test-rfm")
    assert made.returncode == 0, made.stderr
    folder = runs / "test-rfm"

    model = json.loads((folder / "model.json").read_text())
    kinds = {one["name"]: one.get("transform") for one in model["features"]}
    assert {name for name, kind in kinds.items() if kind} == {"Frequency", "Total_Spending"}
    assert "in RFM, by recency, frequency and money?" in (folder / "report.html").read_text()

    connection = duckdb.connect()
    connection.register("customers", pd.read_csv(root / "data/sample.csv"))
    answered = connection.execute((folder / "segments.sql").read_text()).df()
    written = pd.read_csv(folder / "segments.csv")
    both = answered.merge(written, on="ID", suffixes=("_sql", "_csv"))
    assert len(both) == len(written)
    for name in ("segment", "persona", "margin"):
        pd.testing.assert_series_equal(
            both[f"{name}_sql"], both[f"{name}_csv"], check_names=False, check_dtype=False
        )
