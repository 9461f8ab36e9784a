"""The manifest: what a run was made from, without clock, path or user."""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import PurePath
from typing import Any

from helpers import __version__

# What may reach a number or a picture.
PACKAGES = (
    "duckdb",
    "matplotlib",
    "nbconvert",
    "numba",
    "numpy",
    "pandas",
    "scikit-learn",
    "scipy",
    "seaborn",
    "sqlglot",
    "yellowbrick",
)


def build_manifest(
    *,
    values: Mapping[str, Any],
    hashes: Mapping[str, str],
    is_sample: bool,
    results: Mapping[str, Any],
) -> dict[str, Any]:
    """
    Gather what a run was made from and what it found.

    Parameters
    ----------
    values : mapping
        Every parameter in force, defaults included.
    hashes : mapping of str to str
        SHA-256 of the input files by role (`data`, `personas`, `labels`).
    is_sample : bool
        Whether the table is the synthetic sample.
    results : mapping
        `k`, `customers`, `scores` and whatever the notebooks hand on as headline.

    Returns
    -------
    dict
        Ready for JSON; of a path among the parameters only the file's name is kept, and
        not where Spark ran.
    """
    engine = str(values.get("engine", "local"))
    packages = (*PACKAGES, "pyspark") if engine == "spark" else PACKAGES
    parameters = {
        name: PurePath(value).name if name == "personas" else value
        for name, value in values.items()
        if name not in ("data", "labels", "customers", "spark_master")
    }
    return {
        "k": results["k"],
        "engine": engine,
        "sample": is_sample,
        "customers": results["customers"],
        "scores": results["scores"],
        "data_sha256": hashes["data"],
        "personas_sha256": hashes.get("personas"),
        "labels_given": bool(hashes.get("labels")),
        "segments_sha256": results["segments_sha256"],
        **({"customers_sha256": hashes["customers"]} if hashes.get("customers") else {}),
        "parameters": parameters,
        "versions": {"helpers": __version__, "python": platform.python_version()}
        | {name: version(name) for name in packages},
    }
