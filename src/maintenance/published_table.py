"""The published table, prepared by params/default.yml: what several benchmarks run on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from helpers.engines import open_engine, sql
from helpers.params.column_types import parse_columns
from helpers.params.loader import load
from helpers.preparation import loading, profiling
from helpers.preparation.scaling import fit_scaling

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT.parent / "shared" / "seed" / "data" / "customers.csv"
"""Beside the checkout, where it is there at all; no part of the repository."""


def published_customers(path: Path = TABLE) -> tuple[pd.DataFrame, list[str]]:
    """Return the customers that can be clustered, prepared by params/default.yml, and features."""
    values = load(ROOT / "params" / "default.yml").values
    machine = open_engine("local")
    loaded = loading.load_customers(
        machine,
        loading.Source(path, parse_columns(values["columns"])),
        recipe=loading.LineRecipe("", [], [], [], {}, "net"),
        as_of=values["as_of"],
        null_values=values["null_values"],
    )
    treatments = {name: values[name] for name in ("repeats", "impossible", "outliers")}
    treated = profiling.treat(
        loaded.with_reasons, loaded.facts.columns, id_column=values["id_column"], **treatments
    )
    derived = treated.derive(sql.parse_steps(values["sql_steps"], as_of=loaded.as_of))
    features = list(values["features"])
    frame = profiling.complete(derived, features, nulls=values["nulls"]).frame(
        [*features, "reason"]
    )
    return frame[frame["reason"].isna()].reset_index(drop=True), features


def published_matrix(clip: list[float]) -> np.ndarray:
    """Return the scaled features, clipped at two quantiles or not."""
    frame, features = published_customers()
    return fit_scaling(frame, features, clip=clip).transform(frame)
