"""Fixtures that every room of the tests may use."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from helpers.cli import main
from helpers.workspace import REPORTS_VARIABLE, reports_folder

# The same examples in every run, however slow the machine; HYPOTHESIS_PROFILE=explore draws others.
settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

ROOT = Path(__file__).resolve().parent.parent

# What a person gives to make; a test gives its own.
VARIABLES = (
    *("PARAMS", "DATA", "CUSTOMERS", "RUN", "LABELS", "ENGINE", "OUT", "FROM", "TO"),
    *("SQL_DIALECT", "HOLDOUT", "SALT", "RATE", "LIFT", "MERGE", "BOUGHT", "AMOUNT", "EVERY"),
    "LOOKBACK",
)

Make = Callable[..., subprocess.CompletedProcess[str]]


def pytest_configure(config: pytest.Config) -> None:
    """Give the runs of each process a folder of their own: `reports/` is a person's."""
    folder = Path(tempfile.mkdtemp(prefix="segments-tests-")) / "reports"
    folder.mkdir()
    os.environ[REPORTS_VARIABLE] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(reports_folder().parent, ignore_errors=True)


@pytest.fixture(scope="session")
def root() -> Path:
    """Top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def seed_data() -> Path:
    """Folder of the published table; the test is skipped where it is absent."""
    folder = ROOT.parent / "shared" / "seed" / "data"
    if not (folder / "customers.csv").is_file():
        pytest.skip("the published table is not beside this checkout (../shared/seed/data)")
    return folder


@pytest.fixture(scope="session")
def make(root: Path) -> Make:
    """Run `python -m helpers COMMAND` with make variables, as the Makefile does."""

    def run(command: str = "report", **variables: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if name not in VARIABLES}
        return subprocess.run(
            [sys.executable, "-m", "helpers", command],
            cwd=root,
            env=clean | variables,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return run


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Make]:
    """As `make`, in this process: for commands that end before they start a notebook."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    hook = sys.unraisablehook
    # A command of make's ends with it; this process does not.
    for name in ("MAKELEVEL", *VARIABLES):
        monkeypatch.delenv(name, raising=False)

    def run(command: str = "report", **variables: str) -> subprocess.CompletedProcess[str]:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = main([command])
        said = capsys.readouterr()
        return subprocess.CompletedProcess([command], code, said.out, said.err)

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)
    sys.unraisablehook = hook


def _whole(run: subprocess.CompletedProcess[str]) -> None:
    assert run.returncode == 0, run.stderr


@pytest.fixture(scope="session")
def runs() -> Path:
    """Folder of the runs of this session, shared by its workers and removed at its end."""
    return reports_folder()


@pytest.fixture(scope="session")
def sample_run(make: Make, runs: Path) -> Path:
    """A run of the synthetic sample with the default parameters."""
    _whole(make(RUN="test-sample"))
    return runs / "test-sample"


@pytest.fixture(scope="session")
def seed_run(make: Make, runs: Path, seed_data: Path) -> Path:
    """A run of the published table with the settings of the first project."""
    _whole(
        make(
            PARAMS="params/sparkflows.yml",
            DATA=str(seed_data / "customers.csv"),
            RUN="test-sparkflows",
        )
    )
    return runs / "test-sparkflows"


@pytest.fixture(scope="session")
def published_run(make: Make, runs: Path, seed_data: Path, seed_run: Path) -> Path:
    """The published labels, profiled."""
    _whole(
        make(
            PARAMS="params/sparkflows.yml",
            DATA=str(seed_data / "customers.csv"),
            LABELS=str(seed_data / "predictions.csv"),
            RUN="test-published",
        )
    )
    return runs / "test-published"
