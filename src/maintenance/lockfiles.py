"""Versions are stated once, in the lock files; this renews them, their conda face and licences."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {
    "requirements.lock": (),
    "requirements-dev.lock": ("--group", "dev"),
    "requirements-spark.lock": ("--extra", "spark"),
}
CONDA_NAMES = {"duckdb": "python-duckdb", "matplotlib": "matplotlib-base"}
ONLY_ON_PIP = {"axe-playwright-python", "playwright"}
HEADER = """\
# The conda face of requirements.lock: the same versions under their conda names.
# Renewed by `make lock`; a test compares the two.
name: customer-segments
channels:
  - conda-forge
dependencies:
  - python>=3.11
"""


def direct_names(pyproject: str) -> tuple[list[str], list[str]]:
    r"""
    Names that the project itself asks for.

    Parameters
    ----------
    pyproject : str
        Text of `pyproject.toml`.

    Returns
    -------
    tuple of list of str
        Names of the run-time dependencies, and of the `dev` group, each sorted.

    Examples
    --------
    >>> direct_names('[project]\ndependencies = ["b>=1", "a"]\n[dependency-groups]\ndev = ["c"]')
    (['a', 'b'], ['c'])
    """
    data = tomllib.loads(pyproject)

    def names(requirements: Iterable[str]) -> list[str]:
        return sorted(re.split(r"[<>=!~ \[;]", one, maxsplit=1)[0] for one in requirements)

    return names(data["project"]["dependencies"]), names(data["dependency-groups"]["dev"])


def locked_versions(lock: str) -> dict[str, str]:
    r"""
    Version of each package in the text of a lock file.

    Where a lock holds several versions of one package for several Pythons, the first is taken.

    Parameters
    ----------
    lock : str
        Text of a lock file in the format of pip's requirements.

    Returns
    -------
    dict of str to str
        Package name to version.

    Examples
    --------
    >>> locked_versions("numpy==2.4.6 ; python_version > '3' \\\n    --hash=sha256:00")
    {'numpy': '2.4.6'}
    """
    versions: dict[str, str] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, flags=re.MULTILINE):
        versions.setdefault(name.lower(), version)
    return versions


def environment_text(runtime: dict[str, str], dev: dict[str, str]) -> str:
    """
    Text of `environment.yml` for the given versions.

    Parameters
    ----------
    runtime, dev : dict of str to str
        Package name to version, for running and for testing.

    Returns
    -------
    str
        A conda environment file; packages that conda-forge lacks are under `pip:`.
    """
    versions = runtime | dev
    conda = [
        f"  - {CONDA_NAMES.get(name, name)}={versions[name]}"
        for name in sorted(versions)
        if name not in ONLY_ON_PIP
    ]
    pip = [f"      - {name}=={versions[name]}" for name in sorted(versions) if name in ONLY_ON_PIP]
    return HEADER + "\n".join([*conda, "  - pip", "  - pip:", *pip]) + "\n"


def current_environment_text(root: Path = ROOT) -> str:
    """Text that `environment.yml` should have for the lock files of a checkout."""
    runtime, dev = direct_names((root / "pyproject.toml").read_text(encoding="utf-8"))
    locked = locked_versions((root / "requirements.lock").read_text(encoding="utf-8"))
    locked_dev = locked_versions((root / "requirements-dev.lock").read_text(encoding="utf-8"))
    return environment_text(
        {name: locked[name] for name in runtime}, {name: locked_dev[name] for name in dev}
    )


LICENCES = "docs/licences.md"
LICENCES_HEADER = """\
# Licences of what the lock files name

Written by `make lock` from what each package says of itself; a test compares it with the lock
files. None of these packages is part of this repository: they are installed from their registry.

| package | version | licence |
|---|---|---|
"""
ELSEWHERE = "not installed where this was written"
# What a few packages write where a name is expected.
LONGEST_LICENCE = 60


def licence_of(package: metadata.PackageMetadata) -> str:
    """
    Licence of a package by its own metadata.

    Parameters
    ----------
    package : importlib.metadata.PackageMetadata
        Of an installed package.

    Returns
    -------
    str
        An SPDX expression where there is one, else the names of the classifiers, else the first
        line of the licence field.
    """
    if "License-Expression" in package:
        return package["License-Expression"]
    kinds = [
        one.rsplit(" :: ", 1)[1]
        for one in package.get_all("Classifier") or []
        if one.startswith("License :: ") and not one.endswith("OSI Approved")
    ]
    if kinds:
        return ", ".join(dict.fromkeys(kinds))
    lines = [line.strip() for one in package.get_all("License") or [] for line in one.splitlines()]
    first = next((line for line in lines if line), "")
    return first if 0 < len(first) <= LONGEST_LICENCE else "see its own files"


def installed_licences() -> dict[str, tuple[str, str]]:
    """Version and licence of every installed package, by its name in lower case with hyphens."""
    return {
        re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(): (
            one.version,
            licence_of(one.metadata),
        )
        for one in metadata.distributions()
        if one.metadata["Name"]
    }


def written_licences(text: str) -> dict[str, tuple[str, str]]:
    r"""
    Version and licence of each package in the text of the list.

    Examples
    --------
    >>> written_licences("| package | version | licence |\n|---|---|---|\n| numpy | 2.0 | BSD |")
    {'numpy': ('2.0', 'BSD')}
    """
    rows = re.findall(r"^\| (\S+) \| (\S+) \| (.+) \|$", text, flags=re.MULTILINE)
    return {name: (version, licence) for name, version, licence in rows if name != "package"}


def locked_packages(root: Path = ROOT) -> dict[str, str]:
    """Version of every package that any lock file names."""
    found: dict[str, str] = {}
    for name in LOCKS:
        found = locked_versions((root / name).read_text(encoding="utf-8")) | found
    return found


def licences_text(root: Path = ROOT) -> str:
    """
    Text of the list of licences for the lock files of a checkout.

    What is not installed here (it is for another system, or an extra) keeps what the list said.
    """
    path = root / LICENCES
    before = written_licences(path.read_text(encoding="utf-8")) if path.is_file() else {}
    here = installed_licences()
    rows = []
    for name, version in sorted(locked_packages(root).items()):
        known = here.get(re.sub(r"[-_.]+", "-", name)) or before.get(name)
        rows.append(f"| {name} | {version} | {known[1] if known else ELSEWHERE} |")
    return LICENCES_HEADER + "\n".join(rows) + "\n"


def renew(root: Path = ROOT) -> None:
    """Solve the versions again and rewrite the lock files and `environment.yml`."""
    for name, options in LOCKS.items():
        constraint = () if name == "requirements.lock" else ("-c", "requirements.lock")
        command = [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--upgrade"),
            *("pyproject.toml", *options, *constraint, "--output-file", name),
            *("--universal", "--python-version", "3.11", "--generate-hashes"),
            *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
        ]
        subprocess.run(command, cwd=root, check=True)
    (root / "environment.yml").write_text(current_environment_text(root), encoding="utf-8")
    (root / LICENCES).write_text(licences_text(root), encoding="utf-8")


if __name__ == "__main__":
    renew()
