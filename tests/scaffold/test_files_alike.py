"""One table in several files: the same segments by the run, by score and by SQL."""

import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from helpers.model.fitted import read_model
from helpers.model.scoring import score
from helpers.scaffold.draft import drafted
from tests.scaffold.in_process import run_notebooks

ROWS = 60


def table() -> pd.DataFrame:
    """Customers of a telephone company, with flags in words and a category among the features."""
    rng = np.random.default_rng(8)
    group = np.arange(ROWS) % 3
    return pd.DataFrame(
        {
            "Kundennummer": [f"{n:05d}" for n in rng.permutation(ROWS) + 1],
            "Umsatz": (group * 400 + rng.normal(600, 40, ROWS)).round(2),
            "Monate": (group * 4 + rng.integers(1, 20, ROWS)).astype(int),
            "Tarif": np.where(rng.random(ROWS) < 0.9, np.array(["S", "M", "L'"])[group], "M"),
            "Internet": np.where(
                rng.random(ROWS) < 0.8, np.where(group == 2, "Ja", "Nein"), "Nein"
            ),
            "Gekündigt": rng.choice(["Ja", "Nein"], ROWS, p=[0.3, 0.7]),
        }
    )


def written(kind: str, folder: Path) -> Path:
    held = table()
    path = folder / f"kunden.{'xlsx' if kind == 'workbook' else 'csv'}"
    if kind == "workbook":
        held.to_excel(path, index=False)
    elif kind == "UTF-16":
        held.to_csv(path, index=False, sep="\t", encoding="utf-16")
    elif kind == "decimal comma":
        held.to_csv(path, index=False, sep=";", decimal=",", encoding="cp1252")
    else:
        held.to_csv(path, index=False)
    return path


def raw(kind: str, path: Path) -> pd.DataFrame:
    """The same file as somebody would load it into a database: every column a text."""
    if kind == "workbook":
        return pd.read_excel(path, dtype=str, engine="calamine")
    options = {
        "UTF-16": {"sep": "\t", "encoding": "utf-16"},
        "decimal comma": {"sep": ";", "encoding": "cp1252"},
    }
    return pd.read_csv(path, dtype=str, **options.get(kind, {}))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "workbook", "UTF-16", "decimal comma"])
def test_a_table_has_the_same_segments_however_it_is_written(kind: str, tmp_path: Path) -> None:
    path = written(kind, tmp_path)
    text, _ = drafted(path)
    assert "outcomes: [Gekündigt]" in text
    # By hand: a flag and a category become features.
    text = re.sub(r"features:[^\n]*\n", r"\g<0>  - Internet\n  - Tarif\n", text, count=1)
    text = re.sub(r"category_columns: .*", "category_columns: []", text)
    text = re.sub(r"(box_plots|pivots): .*", r"\1: []", text)
    run = tmp_path / "run"
    run_notebooks(run, path, text, k=3, k_max=3)
    segments = pd.read_csv(run / "segments.csv", dtype=str)
    assert segments["segment"].notna().all()
    truth = pd.Series(np.arange(ROWS) % 3)
    assert pd.crosstab(truth, segments["segment"]).max(axis=1).sum() >= 0.95 * ROWS

    model = read_model(run / "model.json")
    assert {"Internet", "Tarif: S", "Tarif: M", "Tarif: L'"} <= set(model.features)
    score(model, path, tmp_path / "scored.csv")
    scored = pd.read_csv(tmp_path / "scored.csv", dtype=str)
    pd.testing.assert_frame_equal(scored[list(segments.columns)], segments)

    connection = duckdb.connect()
    connection.register("customers", raw(kind, path))
    found = connection.execute((run / "segments.sql").read_text(encoding="utf-8")).df()
    assert found["segment"].astype(str).tolist() == segments["segment"].tolist()
    assert found["Kundennummer"].tolist() == segments["Kundennummer"].tolist()
    np.testing.assert_allclose(found["margin"], segments["margin"].astype(float), atol=1e-6)
