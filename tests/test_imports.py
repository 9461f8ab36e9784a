"""Imports point one way: the contracts of `pyproject.toml` hold, and notice what breaks them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECK = (
    "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
)


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """Hold the packages in `folder/src` against the contracts in `folder/pyproject.toml`."""
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, 'src'); {CHECK}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_room_imports_one_above_it(root: Path) -> None:
    done = check(root)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("tables/dates.py", "from helpers import engines", "Rooms import downwards only"),
        ("selection/gap.py", "from helpers.selection import sweep", "No circle between the files"),
        ("words.py", "import maintenance.sample", "Nothing that a run depends on knows"),
    ],
)
def test_an_arrow_up_and_a_circle_are_noticed(
    root: Path, tmp_path: Path, module: str, line: str, broken: str
) -> None:
    shutil.copytree(root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("*.egg-info"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    path = tmp_path / "src/helpers" / module
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    done = check(tmp_path)
    assert done.returncode != 0
    assert any(
        one.startswith(broken) and one.endswith("BROKEN") for one in done.stdout.splitlines()
    )
