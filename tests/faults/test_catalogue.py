"""Bad input: each fault gets its message at once, and what is odd but right works."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from helpers import cli
from helpers.engines.local import LocalEngine
from helpers.errors import SegmentationError
from helpers.pipeline import checking, runner
from helpers.pipeline.stages import stages
from helpers.tables.memory import MEMORY_VARIABLE
from tests.conftest import Make
from tests.faults.catalogue import ODD, PARAMS, SETTINGS, TABLES, Case

RUN = "test-catalogue"
BROKEN = TABLES + SETTINGS
SECONDS = 5


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def standing(runs: Path) -> Iterator[Path]:
    """A run that stands already, by its name; no fault may touch it."""
    place = runs / RUN
    place.mkdir(exist_ok=True)
    (place / "report.html").write_text("the last good report", encoding="utf-8")
    yield place
    shutil.rmtree(place)


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("PARAMS", "DATA", "RUN", "LABELS", "ENGINE", "SQL_DIALECT", "MAKELEVEL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_catalogue_is_large_and_its_names_are_its_own() -> None:
    names = [case.name for case in (*BROKEN, *ODD)]
    assert len(BROKEN) >= 60
    assert len(set(names)) == len(names)
    assert sum(case.real for case in BROKEN) >= 12


def check_message(said: str, case: Case) -> None:
    """One message, no traceback, nothing of the machinery in it."""
    for part in case.holds:
        assert part in said, said
    assert said.startswith("\nreport: ")
    assert len(said.strip().splitlines()) == 1, said
    assert len(said) < 700
    for word in (
        "Traceback",
        "Error:",
        "duckdb.",
        "sqlglot",
        "helpers.",
        "NoneType",
        "/site-packages/",
    ):
        assert word not in said, said


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_a_fault_has_its_message_before_any_notebook(
    case: Case,
    standing: Path,
    tmp_path: Path,
    variables: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    data, params = case.write(tmp_path)
    before = contents(standing.parent)

    def no_notebook(*_: object) -> None:
        raise AssertionError("a notebook was about to run")

    variables.setattr("helpers.pipeline.jupyter_kernels.kernels", lambda **_: nullcontext(object()))
    variables.setattr(runner, "_run", no_notebook)
    variables.setattr("signal.signal", lambda *_: None)
    for name, value in {"PARAMS": params, "DATA": data, "RUN": RUN}.items():
        variables.setenv(name, str(value))
    began = time.process_time()

    code = cli.main(["report"])

    out, said = capfd.readouterr()
    assert code == cli.EXIT_FAULT
    assert out == ""
    check_message(said, case)
    assert time.process_time() - began < SECONDS
    assert contents(standing.parent) == before


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in BROKEN if case.real], ids=lambda case: case.name)
def test_a_fault_has_its_message_from_the_command(
    case: Case, standing: Path, tmp_path: Path, make: Make
) -> None:
    data, params = case.write(tmp_path)
    before = contents(standing.parent)

    failed = make(PARAMS=str(params), DATA=str(data), RUN=RUN)

    assert failed.returncode == cli.EXIT_FAULT
    assert failed.stdout == ""
    check_message(failed.stderr, case)
    assert contents(standing.parent) == before


@pytest.mark.parametrize("case", ODD, ids=lambda case: case.name)
def test_what_is_odd_and_right_is_read_as_it_is_meant(case: Case, tmp_path: Path) -> None:
    data, params = case.write(tmp_path)
    plan = runner.make_plan(runner.Request(params=str(params), data=str(data)), stages())

    checking.check_inputs(plan.params, plan.values, data=plan.data, personas=plan.personas)

    declared = checking.check_params(plan.params, plan.values)
    table, _ = LocalEngine().read(plan.data, columns=declared.columns, null_values=[""])
    for name, first in case.read_as.items():
        assert table.frame([name])[name].tolist()[: len(first)] == first


@pytest.mark.slow
def test_an_odd_path_makes_a_whole_report(make: Make, runs: Path, tmp_path: Path) -> None:
    (case,) = (one for one in ODD if one.real)
    data, params = case.write(tmp_path)
    odd = params.rename(data.with_suffix(".yml"))

    made = make(PARAMS=str(odd), DATA=str(data), RUN=f"{RUN} ü")

    assert made.returncode == 0, made.stderr
    assert str(tmp_path) not in (runs / f"{RUN} ü" / "report.html").read_text(encoding="utf-8")


def test_the_settings_of_the_catalogue_are_right_themselves(tmp_path: Path) -> None:
    data, params = Case("nothing").write(tmp_path)
    plan = runner.make_plan(runner.Request(params=str(params), data=str(data)), stages())
    checking.check_inputs(plan.params, plan.values, data=plan.data, personas=plan.personas)
    assert PARAMS.splitlines()[11].startswith("  - Tenure")
    assert "PATH" in os.environ


def refused(folder: Path, case: Case) -> str:
    data, params = case.write(folder)
    plan = runner.make_plan(runner.Request(params=str(params), data=str(data)), stages())
    with pytest.raises(SegmentationError) as caught:
        checking.check_inputs(plan.params, plan.values, data=plan.data, personas=plan.personas)
    return str(caught.value)


def test_a_table_larger_than_memory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, "5000")
    monkeypatch.setattr("helpers.engines.local.read_table", None)
    said = refused(tmp_path, Case("large"))
    assert "`table.csv` has about 41 rows of 5 columns" in said
    assert "0.011 MB of memory, but 0.005 MB are free" in said


def test_of_a_large_table_the_names_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "MOST_CELLS", 10)
    monkeypatch.setattr("helpers.engines.local.read_table", None)
    by_name = {case.name: case for case in BROKEN}
    for name in ("an unknown feature", "a declared column that is missing", "a cycle"):
        said = refused(tmp_path, by_name[name])
        assert all(part in said for part in by_name[name].holds)
