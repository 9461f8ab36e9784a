"""Bugs planted in the core, one at a time: some test must catch each of them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

NEEDED = ("src", "tests", "notebooks", "params", "data", "pyproject.toml", "requirements.lock")
PLANTED = [
    (
        "preparation/scaling.py",
        "(shaped - self.mean)",
        "(shaped + self.mean)",
        "preparation/test_scaling.py",
    ),
    (
        "preparation/scaling.py",
        "np.quantile(values, quantiles)",
        "np.quantile(values, [0, 1])",
        "preparation/test_scaling.py",
    ),
    (
        "selection/scores.py",
        "counts[c] / max(counts[c] - 1.0, 1.0)",
        "counts[c] / max(counts[c], 1.0)",
        "selection/test_scores.py",
    ),
    (
        "selection/gap.py",
        "np.sqrt(1.0 + 1.0 / len(others))",
        "np.sqrt(1.0)",
        "selection/test_gap.py",
    ),
    (
        "selection/stability.py",
        "table.sum(axis=0, keepdims=True) - table\n",
        "table.sum(axis=0, keepdims=True)\n",
        "selection/test_stability.py",
    ),
    (
        "selection/choice.py",
        'sound = frame["stable"] & frame["large"]',
        'sound = frame["large"]',
        "selection/test_choice.py",
    ),
    (
        "profiles/outcomes.py",
        "np.clip(centre - reach, 0, 1)",
        "np.clip(rate - reach, 0, 1)",
        "profiles/test_outcomes.py",
    ),
    ("spreadsheets.py", '"=+-@', '"+-@', "test_spreadsheets.py"),
    (
        "model/fitted.py",
        "found = (d_other - d_own)",
        "found = (d_own - d_other)",
        "model/test_fitted.py",
    ),
    (
        "profiles/rfm.py",
        'best_low=role == "recency"',
        "best_low=False",
        "profiles/test_rfm.py",
    ),
    (
        "commands/leaderboard.py",
        "one.segments[kept].astype(int)",
        "one.segments.dropna().astype(int)",
        "commands/test_leaderboard.py",
    ),
]


@pytest.fixture(scope="module")
def copy(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout without its runs, so that a bug never stands in the real one."""
    place = tmp_path_factory.mktemp("planted") / "checkout"
    place.mkdir()
    for name in NEEDED:
        source = root / name
        ignored = shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=ignored)
        else:
            shutil.copy(source, place / name)
    (place / "reports").mkdir()
    return place


def exit_code(copy: Path, tests: str) -> int:
    """Exit code of the tests of one file: 0 where all pass, 1 where one fails."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not slow", f"tests/{tests}"],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy / "src"), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode


@pytest.mark.parametrize(("file", "right", "wrong", "tests"), PLANTED)
def test_a_planted_bug_is_caught(file: str, right: str, wrong: str, tests: str, copy: Path) -> None:
    path = copy / "src/helpers" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(right) == 1, "the planted bug has lost its place"
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    try:
        assert exit_code(copy, tests) == 1
    finally:
        path.write_text(text, encoding="utf-8")


def test_without_a_bug_nothing_is_caught(copy: Path) -> None:
    assert exit_code(copy, "preparation/test_scaling.py") == 0
