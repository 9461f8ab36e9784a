"""Versions stated once: the lock files, and the conda face of them."""

import re

import pytest

from helpers.pins import (
    CONDA_NAMES,
    LOCKS,
    current_environment_text,
    direct_names,
    environment_text,
    locked_versions,
)


def test_environment_yml_is_the_lock_files_conda_face(root):
    assert (root / "environment.yml").read_text(encoding="utf-8") == current_environment_text(root)


def test_every_direct_dependency_is_locked(root):
    runtime, dev = direct_names((root / "pyproject.toml").read_text(encoding="utf-8"))
    assert runtime
    assert dev
    locked = locked_versions((root / "requirements.lock").read_text(encoding="utf-8"))
    locked_dev = locked_versions((root / "requirements-dev.lock").read_text(encoding="utf-8"))
    locked_spark = locked_versions((root / "requirements-spark.lock").read_text(encoding="utf-8"))
    assert set(runtime) <= set(locked)
    assert set(dev) <= set(locked_dev)
    assert "pyspark" in locked_spark
    for other in (locked_dev, locked_spark):
        shared = set(locked) & set(other)
        assert {name: locked[name] for name in shared} == {name: other[name] for name in shared}


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_host(root, name):
    text = (root / name).read_text(encoding="utf-8")
    packages = re.split(r"(?m)^(?=[A-Za-z0-9])", text)
    packages = [one for one in packages if one.strip() and not one.startswith("#")]
    assert len(packages) > 10
    for package in packages:
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+", package), package[:60]
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})(?= \\\n|\n|$)", package)
        assert len(hashes) >= 1, package[:60]
    assert "://" not in text
    assert not re.search(r"--(extra-)?index-url|--find-links|--trusted-host|@ ", text)


def test_conda_names_and_what_conda_lacks():
    text = environment_text({"duckdb": "1.0", "numpy": "2.0"}, {"playwright": "3.0"})
    assert f"  - {CONDA_NAMES['duckdb']}=1.0\n" in text
    assert "  - numpy=2.0\n" in text
    assert "      - playwright==3.0\n" in text
    assert "  - playwright" not in text.split("pip:")[0]
