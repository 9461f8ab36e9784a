"""Models made from tables by the same steps as the notebooks, for the tests of this room."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from sklearn.cluster import KMeans

from helpers.engines.local import LocalEngine
from helpers.engines.sql import parse_steps
from helpers.model.fitted import Model, Treatments, assign, build_model
from helpers.params.column_types import parse_columns
from helpers.preparation.profiling import complete, counts, fences, treat
from helpers.preparation.scaling import fit_scaling
from helpers.profiles.membership import labels_of, numbered
from helpers.profiles.results import segments_table

ROOT = Path(__file__).resolve().parents[2]

# Names that need quoting in SQL, a date as text, a flag, a category, nulls.
TINY = pd.DataFrame(
    {
        "kunde nr": [11, 12, 13, 14, 15, 16, 17, 18],
        "Größe": [10.0, 11.5, 12.0, 90.0, 95.5, None, 400.0, 93.0],
        "seit": [
            *("01-02-2020", "15-03-2020", "28-02-2021", "05-06-2024"),
            *(None, "01-01-2020", "30-12-2023", "29-02-2024"),
        ],
        "orders": [1, 2, 3, 20, 22, 5, 21, None],
        "kind": ["a", "b", "a", "it's", "b", "a", "b", "a"],
        "member": [True, False, True, True, False, None, False, True],
    }
).astype({"orders": "Int64"})
TINY_PARAMS: dict[str, Any] = {
    "id_column": "kunde nr",
    "null_values": [""],
    "columns": {
        "kunde nr": "id",
        "Größe": {"type": "number", "min": 0, "max": 200},
        "seit": {"type": "date", "format": "dd-MM-yyyy"},
        "orders": {"type": "integer"},
        "kind": {"type": "category"},
        "member": {"type": "flag"},
    },
    "as_of": "2025-01-01",
    "sql_steps": [
        {"seit date": "to_date(seit, 'dd-MM-yyyy')"},
        {"tenure": "datediff(current_date(), `seit date`)"},
        {"per order": "`größe` / Orders"},
        {"known": "CASE WHEN kind = 'it''s' THEN 2 ELSE 0 END + coalesce(member, 0)"},
    ],
    "features": ["Größe", "per order", "known"],
    "value_column": "Größe",
    "clip_quantiles": [],
    "repeats": "keep",
    "impossible": "keep",
    "outliers": "keep",
    "nulls": "drop",
    "fence_quantiles": [0.25, 0.75],
    "fence_reach": 1.5,
    "personas": ['It\'s \\ "large"\n-- <b>', "small"],
}


def write_tiny(folder: Path, table: pd.DataFrame = TINY) -> Path:
    """The tiny table as a CSV file."""
    path = folder / "tiny.csv"
    table.to_csv(path, index=False)
    return path


def params_file(name: str) -> dict[str, Any]:
    """Values of a params file of the project."""
    return dict(yaml.safe_load((ROOT / "params" / name).read_text(encoding="utf-8")))


def make_run(
    path: Path, params: Mapping[str, Any], *, k: int, personas: Sequence[str] = ()
) -> tuple[Model, pd.DataFrame]:
    """A model of a table, and what `segments.csv` says: ID, segment, persona, margin, reason."""
    columns = parse_columns(params["columns"])
    id_column = params["id_column"] or None
    table, facts = LocalEngine().read(path, columns=columns, null_values=params["null_values"])
    numeric = facts.measured()
    found = fences(table, numeric, quantiles=params["fence_quantiles"], reach=params["fence_reach"])
    treated = treat(
        table,
        facts.columns,
        id_column=id_column,
        found_fences=found,
        **{name: params[name] for name in ("repeats", "impossible", "outliers")},
    )
    derived = treated.derive(parse_steps(params["sql_steps"], as_of=params["as_of"]))
    features = list(params["features"])
    before = derived.frame([*features, "reason"])
    medians = before[before["reason"].isna()][features].median()
    shown = [id_column] if id_column else []
    whole = complete(derived, features, nulls=params["nulls"]).frame([*shown, *features, "reason"])
    used = whole[whole["reason"].isna()]
    scaling = fit_scaling(
        used, features, clip=params["clip_quantiles"], transforms=params.get("transforms")
    )
    labels = KMeans(k, n_init=3, random_state=0).fit(scaling.transform(used)).labels_
    segments = numbered(labels_of(labels, used), used, value_column=params["value_column"])
    categories = {name: counts(table, name)["value"].tolist() for name in facts.of_type("category")}
    model = build_model(
        used,
        segments.astype(np.int64),
        scaling=scaling,
        personas=list(personas) or [f"persona {number}" for number in range(1, k + 1)],
        columns=facts.columns,
        declared=list(columns),
        as_of=params["as_of"],
        id_column=id_column,
        null_values=params["null_values"],
        treatments=Treatments.of(
            **{name: params[name] for name in ("repeats", "impossible", "outliers", "nulls")},
            found_fences=found,
            medians=medians.to_dict(),
        ),
        sql_steps=params["sql_steps"],
        rows=len(whole),
        categories=categories,
    )
    assigned = assign(model, used)
    personas = pd.Series(model.personas, index=range(1, k + 1))
    known = whole.loc[:, [*shown, "reason"]]
    segments = assigned["segment"]
    return model, segments_table(
        known, segments, assigned["margin"], personas, id_column=id_column or ""
    )


def tiny_run(folder: Path, **changed: Any) -> tuple[Model, pd.DataFrame]:
    """Model and segments of the tiny table."""
    params = TINY_PARAMS | changed
    return make_run(write_tiny(folder), params, k=2, personas=params["personas"])
