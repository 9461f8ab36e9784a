"""The same inputs give the same bytes, wherever and however they are run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.workspace import REPORTS_VARIABLE

pytestmark = pytest.mark.slow


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a run but the executed notebooks, whose metadata hold times."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parent.name != "notebooks"
    }


def test_another_folder_zone_locale_hash_seed_and_thread_count_change_nothing(
    sample_run: Path, root: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "another checkout {1}"
    for name in ("src", "notebooks", "params", "data", "requirements.lock", "pyproject.toml"):
        source = root / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        (elsewhere / name).parent.mkdir(exist_ok=True)
        copy(source, elsewhere / name)
    environment = os.environ | {
        "PYTHONPATH": str(elsewhere / "src"),
        REPORTS_VARIABLE: str(elsewhere / "reports"),
        "PYTHONHASHSEED": "7",
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C",
        "OMP_NUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "1",
        "RUN": "elsewhere",
    }

    made = subprocess.run(
        [sys.executable, "-m", "helpers", "report"],
        cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip

    assert made.returncode == 0, made.stderr
    ours, theirs = contents(sample_run), contents(elsewhere / "reports/elsewhere")
    assert sorted(ours) == sorted(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []
