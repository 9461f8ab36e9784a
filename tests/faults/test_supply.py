"""What the package may not use: code that runs what it reads, or that reaches the network."""

import ast
import json
from pathlib import Path

import pytest

from tests.faults.test_secrets import pickling

NETWORK = {"requests", "urllib3", "http", "httpx", "socket", "ftplib", "smtplib", "ssl"}
RUNS_TEXT = {"eval", "exec", "compile", "__import__"}
LOADS_YAML = {
    "load",
    "load_all",
    "full_load",
    "unsafe_load",
    "Loader",
    "FullLoader",
    "UnsafeLoader",
}


def unsafe(source: str) -> list[str]:
    """Names in a source that load YAML unsafely, run text as code, or reach the network."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "yaml" and node.attr in LOADS_YAML:
                found.append(f"yaml.{node.attr}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in RUNS_TEXT:
                found.append(node.func.id)
        elif isinstance(node, ast.Import):
            found += [one.name for one in node.names if one.name.split(".")[0] in NETWORK]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in NETWORK:
            found.append(str(node.module))
    return found


def sources(root: Path) -> dict[str, str]:
    """Source of every module and of every notebook."""
    found = {str(one): one.read_text(encoding="utf-8") for one in (root / "src").rglob("*.py")}
    for path in (root / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(one["source"]) for one in cells if one["cell_type"] == "code"]
        found[str(path)] = "\n".join(code)
    return found


def test_nothing_unsafe_is_used(root: Path) -> None:
    read = sources(root)
    assert len(read) > 50
    found = {name: unsafe(text) + pickling(text) for name, text in sorted(read.items())}
    assert {name: names for name, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        *("yaml.load(text, Loader=yaml.Loader)", "yaml.unsafe_load(x)", "eval(text)"),
        *("exec(text)", "import socket", "from http.client import HTTPConnection"),
    ],
)
def test_what_is_unsafe_would_be_found(source: str) -> None:
    assert unsafe(source)
