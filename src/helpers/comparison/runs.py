"""A finished run as it lies on disk: its model, its parameters, its customers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.engines.base import REASON
from helpers.engines.local import LocalEngine
from helpers.engines.sql import parse_steps
from helpers.errors import RunError, SegmentationError, StepError
from helpers.model.fitted import Model, read_model

FILES = ("manifest.json", "model.json", "segments.csv", "features.parquet")
FACTS = ("k", "parameters", "versions", "data_sha256")
ID = "id"


@dataclass(frozen=True)
class Run:
    """
    A finished run.

    Attributes
    ----------
    name : str
        Its folder's name.
    model : Model
        What it scores with.
    manifest : dict
        What it was made from.
    customers : pandas.DataFrame
        One row a row of the table, in its order: `id` (text, null where there is none) and
        `segment` (Int64).
    features : Path
        Its features, one row a row of `customers`.
    """

    name: str
    model: Model
    manifest: dict[str, Any]
    customers: pd.DataFrame
    features: Path

    @property
    def parameters(self) -> dict[str, Any]:
        """Every parameter in force."""
        return dict(self.manifest["parameters"])

    def frame(self, columns: Sequence[str]) -> pd.DataFrame:
        """Read columns of the features; those that the run does not have are left out."""
        import pyarrow.parquet as pq

        held = set(pq.read_schema(self.features).names)
        return pd.read_parquet(self.features, columns=[one for one in columns if one in held])

    def features_of(self, model: Model) -> pd.DataFrame | None:
        """
        Work out the features of a model from this run's raw columns.

        The model's own steps are run, on the day of this run, so that a step of the same name
        with another expression cannot pass for the same feature.

        Returns
        -------
        pandas.DataFrame or None
            One row a row of `customers`; None where this run's table lacks what they are made of.
        """
        table = LocalEngine().load(self.features)
        known = {*model.columns, *self.model.columns}
        raw = [name for name in table.columns if name in known]
        if REASON not in raw:
            raw.append(REASON)
        steps = parse_steps([{name: sql} for name, sql in model.sql_steps], as_of=self.model.as_of)
        try:
            derived = table.select({name: f"`{name.replace('`', '``')}`" for name in raw})
            derived = derived.derive(steps)
        except (StepError, SegmentationError):
            return None
        if not set(model.features) <= set(derived.columns):
            return None
        frame = derived.frame(list(model.features)).astype("float64")
        return frame.fillna(model.treatments.medians)


def read_run(folder: Path, *, role: str) -> Run:
    """
    Read a finished run.

    Parameters
    ----------
    folder : Path
        `reports/<run>`.
    role : str
        The make variable that named it, for messages.

    Returns
    -------
    Run
        Checked: every file is there, belongs to this version, and has an ID for its customers.

    Raises
    ------
    RunError
        Naming the run, what is missing or wrong, and what to do.
    """
    where = f"{role}={folder.name}"
    if not folder.is_dir():
        others = sorted(one.parent.name for one in folder.parent.glob("[!.]*/model.json"))
        known = f" Runs that are there: {', '.join(others[:12])}." if others else ""
        raise RunError(f"{where}: `reports/{folder.name}` is not there.{known}")
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise RunError(
            f"{where}: `reports/{folder.name}` has no `{missing[0]}`: expected a finished run; "
            "make it again with make report."
        )
    try:
        model = read_model(folder / "model.json")
        manifest = dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
        lacks = [name for name in FACTS if name not in manifest]
        if lacks:
            raise RunError(f"`manifest.json` lacks `{lacks[0]}`: make the run again.")
        if not model.id_column:
            raise RunError(
                "the run has no ID column, so that its customers cannot be matched: name "
                "`id_column` in its params file and make the run again."
            )
        customers = _customers(folder, model.id_column)
    except (SegmentationError, ValueError, TypeError, OSError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunError(f"{where}: {said}") from None
    return Run(folder.name, model, manifest, customers, folder / "features.parquet")


def _customers(folder: Path, id_column: str) -> pd.DataFrame:
    segments = pd.read_csv(folder / "segments.csv", usecols=["segment"], dtype="Int64")
    known = pd.read_parquet(folder / "features.parquet", columns=[id_column])[id_column]
    if len(segments) != len(known):
        raise RunError(
            f"`segments.csv` has {len(segments):,} rows and `features.parquet` {len(known):,}: "
            "expected one run's; make the run again."
        )
    if pd.api.types.is_float_dtype(known) and (known.dropna() % 1 == 0).all():
        known = known.astype("Int64")
    return pd.DataFrame({ID: known.astype("string"), "segment": segments["segment"]})
