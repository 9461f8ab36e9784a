"""The three notebooks in their order, and what each of them depends on."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from helpers.params.declarations import Declaration, declared_in
from helpers.workspace import ROOT, sha256

NAMES = ("01_features", "02_tuning", "03_profiles")
PACKAGE = Path(__file__).resolve().parents[1]
IMPORT = re.compile(r"from (helpers[\w.]*) import (\([^)]*\)|[^\n]*)|import (helpers[\w.]*)")
# Set by the command line and by the runner, never by a params file.
GIVEN_BY_RUN = ("data", "labels", "customers")
# What a run leaves, beside `report.html` and `manifest.json`.
MADE_BY = {
    "01_features": ("features.parquet", "handoff/01_features.json"),
    "02_tuning": ("tuning.csv", "handoff/02_tuning.json"),
    "03_profiles": (
        "segments.csv",
        "profiles.csv",
        "model.json",
        "segments.sql",
        "handoff/03_profiles.json",
    ),
}


@dataclass(frozen=True)
class Stage:
    """One notebook of the chain."""

    name: str
    notebooks: Path = ROOT / "notebooks"

    @property
    def path(self) -> Path:
        """The notebook's file."""
        return self.notebooks / f"{self.name}.ipynb"

    @cached_property
    def declarations(self) -> dict[str, Declaration]:
        """What its `parameters` cell declares."""
        return declared_in(self.path)

    @property
    def code(self) -> str:
        """SHA-256 over the package's modules that it imports, directly or through others."""
        code = [source for kind, source in notebook_sources(self.path) if kind == "code"]
        return fingerprint(_hashes(imported_files("\n".join(code))))

    @property
    def leaves(self) -> tuple[str, ...]:
        """Files of the run's folder that it writes, its executed copy among them."""
        return (*MADE_BY[self.name], f"notebooks/{self.name}.ipynb")

    def parameters(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the given values that this notebook declares."""
        return {name: values[name] for name in self.declarations if name in values}


def stages() -> tuple[Stage, ...]:
    """The notebooks in running order."""
    return tuple(Stage(name) for name in NAMES)


def all_declarations(chain: tuple[Stage, ...]) -> dict[str, Declaration]:
    """Declarations of all notebooks together; one that several share has one meaning."""
    merged: dict[str, Declaration] = {}
    for stage in chain:
        merged |= stage.declarations
    return merged


def notebook_sources(path: Path) -> list[list[str]]:
    """
    What a person has written into a notebook: kind and source of each cell, no outputs.

    Parameters
    ----------
    path : Path
        A notebook file.

    Returns
    -------
    list of [str, str]
        In the order of the cells; the same after "run all" and save as before.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [[cell["cell_type"], "".join(cell["source"])] for cell in cells]


def fingerprint(*parts: object) -> str:
    """
    SHA-256 over values, by their JSON text.

    Examples
    --------
    >>> fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    True
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def imported_files(source: str) -> set[Path]:
    """
    The package's files that a source text imports, directly or through others.

    Parameters
    ----------
    source : str
        Python.

    Returns
    -------
    set of Path
        Modules and the `__init__` of their rooms; imports inside functions count too.

    Examples
    --------
    >>> sorted(path.name for path in imported_files("from helpers.rounding import twelve_digits"))
    ['__init__.py', 'rounding.py']
    """
    found = set(_imported_by(source))
    waiting = list(found)
    while waiting:
        new = _imports_of(waiting.pop()) - found
        found |= new
        waiting += new
    return found


@cache
def _imports_of(path: Path) -> frozenset[Path]:
    return _imported_by(path.read_text(encoding="utf-8"))


def _imported_by(source: str) -> frozenset[Path]:
    """Files that a source text itself imports."""
    files: set[Path] = set()
    for room, names, module in IMPORT.findall(source):
        listed = re.findall(r"\w+", re.sub(r" as \w+|#.*", "", names))
        for name in (module or room, *(f"{room}.{one}" for one in listed)):
            files |= _files_of(name)
    return frozenset(files)


def _files_of(module: str) -> set[Path]:
    """The file of a module and the `__init__` of the rooms above it; nothing for another name."""
    path = PACKAGE.joinpath(*module.split(".")[1:])
    files = {path.with_suffix(".py"), path / "__init__.py"}
    files |= {above / "__init__.py" for above in path.parents if above.is_relative_to(PACKAGE)}
    return {one for one in files if one.is_file()}


def _hashes(files: set[Path]) -> list[list[str]]:
    return [[one.relative_to(PACKAGE).as_posix(), sha256(one)] for one in sorted(files)]


def code_fingerprint() -> str:
    """SHA-256 over all of the package's own files, the template of the report among them."""
    kinds = {".py", ".j2", ".css", ".html"}
    return fingerprint(_hashes({one for one in PACKAGE.rglob("*") if one.suffix in kinds}))


def stage_fingerprints(
    chain: tuple[Stage, ...], values: Mapping[str, Any], hashes: Mapping[str, str]
) -> dict[str, str]:
    """
    What each notebook's result depends on, as one hash a notebook.

    Parameters
    ----------
    chain : tuple of Stage
        In running order.
    values : mapping
        Parameters of the run.
    hashes : mapping of str to str
        SHA-256 of the input files: `data`, `personas`, `labels`.

    Returns
    -------
    dict of str to str
        Stage name to fingerprint; a later one changes with every earlier one.
    """
    lock = ROOT / "requirements.lock"
    previous = fingerprint(sha256(lock) if lock.is_file() else "")
    found = {}
    for stage in chain:
        inputs = {name: hashes[name] for name in hashes if name in stage.declarations}
        settings = {
            name: value for name, value in stage.parameters(values).items() if name not in hashes
        }
        previous = fingerprint(previous, stage.code, notebook_sources(stage.path), settings, inputs)
        found[stage.name] = previous
    return found
