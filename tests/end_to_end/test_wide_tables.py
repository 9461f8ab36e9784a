"""The report stays small, however many features, segments and categories there are."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Make

pytestmark = pytest.mark.slow

FEATURES = [f"a feature with quite a long name, number {n}" for n in range(30)]
LARGEST = 2_500_000


def wide(rows: int) -> pd.DataFrame:
    """Twelve groups in thirty features; a category of its own for each row, and long ones."""
    draw = np.random.default_rng(0)
    centres = draw.normal(0, 5, (12, 30))
    values = 40 + centres[np.arange(rows) % 12] + draw.normal(0, 1, (rows, 30))
    frame = pd.DataFrame(values.round(4), columns=FEATURES)
    frame.insert(0, "ID", np.arange(rows))
    frame["code"] = [f"value {n}" for n in range(rows)]
    frame["town"] = ["x" * 10_000 + f" town {n % 20}" for n in range(rows)]
    return frame


def settings() -> dict[str, Any]:
    first, second = FEATURES[:2]
    return {
        "id_column": "ID",
        "columns": {"ID": "id", "code": "category", "town": "category"},
        "as_of": "2025-01-01",
        "sql_steps": [],
        "features": FEATURES,
        "value_column": first,
        "outcomes": [],
        "names": {},
        "units": {},
        "histograms": FEATURES,
        "box_plots": [{"number": first, "by": "code"}, {"number": second, "by": "town"}],
        "correlation_columns": FEATURES,
        "pivots": [{"mean": first, "rows": "code", "columns": "town"}],
        "k": 12,
        "k_max": 12,
        "resamples": 2,
        "references": 2,
        "channels": FEATURES[:4],
        "visits_column": "",
        "recency_column": "",
        "category_columns": ["code", "town"],
        "spend_columns": FEATURES,
        "privacy_floor": 0,
    }


def test_many_features_segments_and_categories_are_folded(
    make: Make, runs: Path, tmp_path: Path
) -> None:
    wide(400).to_csv(tmp_path / "wide.csv", index=False)
    (tmp_path / "wide.yml").write_text(json.dumps(settings()), encoding="utf-8")

    made = make(RUN="test-wide", PARAMS=str(tmp_path / "wide.yml"), DATA=str(tmp_path / "wide.csv"))

    assert made.returncode == 0, made.stderr
    html = (runs / "test-wide/report.html").read_text(encoding="utf-8")
    assert len(html.encode()) < LARGEST
    for note in (
        "18 more columns that the params file names are not drawn",
        "Drawn are 16 of 30 columns.",
        "Drawn are the 12 of 30 features that differ most.",
        "… (10,007 characters",
    ):
        assert note in html
