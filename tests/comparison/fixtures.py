"""Small finished runs, written as the notebooks leave them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.model.fitted import assign, build_model, write_model
from helpers.params.column_types import Column
from helpers.preparation.scaling import fit_scaling

STEPS = [{"total": "a + b"}]
PARAMETERS: dict[str, Any] = {
    "id_column": "ID",
    "features": ["a", "total"],
    "sql_steps": STEPS,
    "clip_quantiles": [],
    "nulls": "drop",
    "as_of": "2025-01-01",
    "seed": 1,
    "value_column": "total",
    "privacy_floor": 5,
    "names": {"total": "spending"},
    "units": {"total": "money"},
}
PERSONAS = ("Rich <b>", "Middling", "Thrifty", "Fourth")


def table(each: int = 20) -> pd.DataFrame:
    """Three groups of customers, far apart; IDs that no other figure of a report resembles."""
    rng = np.random.default_rng(5)
    level = np.repeat([100.0, 50.0, 0.0], each)
    noise = rng.integers(-5, 6, size=(2, 3 * each))
    ids = [f"C-{number:05d}" for number in range(70_001, 70_001 + 3 * each)]
    return pd.DataFrame({"ID": ids, "a": level + noise[0], "b": level + noise[1]})


def write_run(
    folder: Path,
    customers: pd.DataFrame,
    centres: Sequence[float] = (100.0, 50.0, 0.0),
    *,
    personas: Sequence[str] | None = None,
    id_column: str | None = "ID",
    **changed: Any,
) -> Path:
    """
    Write a run whose centres lie at levels of `a` and `b`, in that order.

    Scaling comes from the table itself, as in a real run.
    """
    parameters = PARAMETERS | changed
    whole = customers.assign(reason=None)
    for step in parameters["sql_steps"]:
        for name, sql in step.items():
            whole[name] = whole.eval(sql)
    features = list(parameters["features"])
    scaling = fit_scaling(whole, features, clip=[])
    levels = pd.DataFrame({"a": centres, "b": centres})
    for step in parameters["sql_steps"]:
        for name, sql in step.items():
            levels[name] = levels.eval(sql)
    placed = scaling.transform(levels)
    matrix = scaling.transform(whole)
    nearest = ((matrix[:, None] - placed[None]) ** 2).sum(axis=2).argmin(axis=1) + 1
    model = build_model(
        whole,
        nearest,
        scaling=scaling,
        personas=list(personas or PERSONAS[: len(centres)]),
        columns={"ID": Column("ID", "id"), "a": Column("a", "number"), "b": Column("b", "number")},
        as_of=parameters["as_of"],
        id_column=id_column,
        sql_steps=parameters["sql_steps"],
        centres=placed,
    )
    folder.mkdir(parents=True)
    write_model(folder / "model.json", model)
    found = assign(model, whole)
    found.insert(0, "ID", whole["ID"])
    found.assign(reason=None).to_csv(folder / "segments.csv", index=False)
    whole.astype({"reason": "string"}).to_parquet(folder / "features.parquet", index=False)
    write_manifest(folder, {"k": len(centres), "parameters": parameters})
    return folder


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write a manifest with the least that a run's has."""
    held = {"data_sha256": "0" * 64, "sample": True, "versions": {"helpers": "1"}} | dict(facts)
    (folder / "manifest.json").write_text(json.dumps(held), encoding="utf-8")


def moved_on(customers: pd.DataFrame, moved: Sequence[int], to: float) -> pd.DataFrame:
    """The table a month later: some customers have come to another level."""
    later = customers.copy()
    later.loc[list(moved), ["a", "b"]] = to
    return later
