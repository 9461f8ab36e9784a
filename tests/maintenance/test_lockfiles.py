"""Versions stated once: the lock files, and the conda face of them."""

import re
from email.message import Message

import pytest

from maintenance.lockfiles import (
    CONDA_NAMES,
    ELSEWHERE,
    LICENCES,
    LOCKS,
    current_environment_text,
    direct_names,
    environment_text,
    installed_licences,
    licence_of,
    licences_text,
    locked_packages,
    locked_versions,
    written_licences,
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


def test_the_list_of_licences_is_that_of_the_lock_files(root):
    listed = written_licences((root / LICENCES).read_text(encoding="utf-8"))
    assert {name: version for name, (version, _) in listed.items()} == locked_packages(root)
    here = installed_licences()
    same = {name for name in listed if name in here and here[name][0] == listed[name][0]}
    assert len(same) > 50
    assert {name: listed[name] for name in same} == {name: here[name] for name in same}


def test_no_licence_asks_for_what_a_user_cannot_give(root):
    listed = written_licences((root / LICENCES).read_text(encoding="utf-8"))
    assert [name for name, (_, licence) in listed.items() if "GPL" in licence.upper()] == []
    assert sum(licence == ELSEWHERE for _, licence in listed.values()) < 0.1 * len(listed)


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ([("License-Expression", "MIT"), ("License", "other")], "MIT"),
        (
            [
                ("Classifier", "License :: OSI Approved"),
                ("Classifier", "License :: OSI Approved :: BSD License"),
                ("License", "words"),
            ],
            "BSD License",
        ),
        ([("License", "\nApache 2.0\nmore")], "Apache 2.0"),
        (
            [("License", "Copyright of many " * 9)],
            "see its own files",
        ),
        ([], "see its own files"),
    ],
)
def test_a_licence_is_read_off_the_metadata(fields, licence):
    package = Message()
    for name, value in fields:
        package[name] = value.strip() if "\n" not in value else value.replace("\n", "\n ")
    assert licence_of(package) == licence


def test_what_is_not_installed_keeps_its_licence(tmp_path):
    for name in LOCKS:
        (tmp_path / name).write_text("no-such-package==1.2 \\\n    --hash=sha256:00\n")
    (tmp_path / "docs").mkdir()
    assert written_licences(licences_text(tmp_path)) == {"no-such-package": ("1.2", ELSEWHERE)}
    (tmp_path / LICENCES).write_text("| no-such-package | 1.1 | MIT |\n")
    assert written_licences(licences_text(tmp_path)) == {"no-such-package": ("1.2", "MIT")}
