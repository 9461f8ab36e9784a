"""No output of a run tells where, by whom or in which environment it was made; no pickle."""

import ast
import getpass
import os
import re
import socket
import zipfile
from pathlib import Path

import pytest

from tests.conftest import Make

SECRET = "planted-9f31c7e2-secret"
PICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
READERS = {"read_pickle", "to_pickle", "allow_pickle"}


def pickling(source: str) -> list[str]:
    """Names in a source by which a pickle could be written or read."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [one.name for one in node.names if one.name.split(".")[0] in PICKLERS]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PICKLERS:
            found.append(str(node.module))
        elif isinstance(node, ast.Attribute) and node.attr in READERS:
            found.append(node.attr)
        elif isinstance(node, ast.keyword) and node.arg in READERS:
            found.append(str(node.arg))
    return found


def test_no_pickle_is_written_or_read(root: Path) -> None:
    found = {
        str(path.relative_to(root)): names
        for path in sorted((root / "src").rglob("*.py"))
        if (names := pickling(path.read_text(encoding="utf-8")))
    }

    assert found == {}


@pytest.mark.parametrize(
    "source",
    ["import pickle", "from joblib import load", "pd.read_pickle(x)", "load(x, allow_pickle=True)"],
)
def test_a_pickle_would_be_found(source: str) -> None:
    assert pickling(source)


def unpacked(path: Path) -> bytes:
    """What a file holds; of a workbook its parts, since packed bytes may spell any word."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as parts:
        return b"\n".join(name.encode() + b"\n" + parts.read(name) for name in parts.namelist())


@pytest.mark.slow
def test_no_output_tells_of_its_maker(root: Path, make: Make, runs: Path) -> None:
    made = make(RUN="test-secret", SEGMENTS_TOKEN=SECRET, AWS_SECRET_ACCESS_KEY=SECRET)
    assert made.returncode == 0, made.stderr
    forbidden = {
        SECRET,
        str(root),
        str(runs.parent),
        str(Path.home()),
        socket.gethostname(),
        "SEGMENTS_TOKEN",
    }
    user = os.environ.get("USER") or getpass.getuser()
    # `root` is also what a stylesheet calls the page.
    words = {one for one in forbidden | ({user} - {"root"}) if len(one) > 1}

    told = [
        (str(path.relative_to(runs)), word)
        for path in sorted((runs / "test-secret").rglob("*"))
        if path.is_file()
        for word in sorted(words)
        if re.search(rb"(?<!\w)" + re.escape(word.encode()) + rb"(?!\w)", unpacked(path))
    ]

    assert told == []
