"""A notebook counts as finished only where every cell ran to its end."""

import json
from pathlib import Path
from typing import Any

import pytest

from helpers.errors import RunError
from helpers.pipeline.execution import execute, require_finished
from helpers.pipeline.jupyter_kernels import kernels
from helpers.pipeline.stages import Stage


def notebook(path: Path, *cells: tuple[str, int | None, list[dict[str, Any]]]) -> Path:
    path.write_text(
        json.dumps(
            {
                "cells": [
                    {
                        "cell_type": "code",
                        "id": f"c{position}",
                        "metadata": {},
                        "source": source,
                        "execution_count": count,
                        "outputs": outputs,
                    }
                    for position, (source, count, outputs) in enumerate(cells)
                ],
                "metadata": {},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        )
    )
    return path


def test_all_cells_run_is_finished(tmp_path: Path) -> None:
    require_finished(notebook(tmp_path / "01.ipynb", ("1", 1, []), ("2", 2, []), ("", None, [])))


def test_a_cell_that_never_ran_is_refused(tmp_path: Path) -> None:
    path = notebook(tmp_path / "01_x.failed.ipynb", ("1", 1, []), ("2", None, []))

    with pytest.raises(RunError, match="01_x ended early: cell 2 of 2 never ran"):
        require_finished(path)


def test_an_error_output_is_refused(tmp_path: Path) -> None:
    path = notebook(tmp_path / "01_x.ipynb", ("1", 1, [{"output_type": "error"}]))

    with pytest.raises(RunError, match="01_x ended early: cell 1 of 1 failed"):
        require_finished(path)


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ("import sys; sys.exit(0)", "ended early"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        (
            "from helpers.errors import TableError\nraise TableError('`Income` is text')",
            "^`Income` is text$",
        ),
        ("import os; os._exit(1)", "its kernel has ended"),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
            "source stopped: its kernel has ended. Where nobody ended it, the memory ran out",
        ),
        (
            "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(20)",
            "KeyboardInterrupt|ended early",
        ),
        ("raise MemoryError", "MemoryError: no message"),
    ],
)
def test_a_notebook_that_stops_is_a_fault(tmp_path: Path, last: str, message: str) -> None:
    notebook(tmp_path / "source.ipynb", ("x = 1", None, []), (last, None, []), ("2", None, []))

    with kernels(environment={}, cwd=tmp_path) as held, pytest.raises(RunError, match=message):
        execute(Stage("source", notebooks=tmp_path), {}, folder=tmp_path / "run", kernels=held)

    assert not list((tmp_path / "run/notebooks").glob("source.ipynb"))


def test_nothing_of_one_notebook_is_there_for_the_next(tmp_path: Path) -> None:
    notebook(tmp_path / "first.ipynb", ("left = 1", None, []), ("left", None, []))
    notebook(tmp_path / "second.ipynb", ("found = 'left' in globals()", None, []),
             ("assert not found", None, []))  # fmt: skip

    with kernels(environment={}, cwd=tmp_path) as held:
        for name in ("first", "second"):
            made = execute(
                Stage(name, notebooks=tmp_path), {}, folder=tmp_path / "run", kernels=held
            )

    counts = [cell["execution_count"] for cell in json.loads(made.read_text())["cells"]]
    assert counts == [1, 2]


def test_a_kernel_or_a_package_of_the_same_name_elsewhere_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs = tmp_path / "jupyter/kernels/python3"
    specs.mkdir(parents=True)
    spec = {"argv": ["/bin/false"], "display_name": "other", "language": "python"}
    (specs / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    (tmp_path / "helpers.py").write_text("raise SystemExit('not the package')")
    notebook(tmp_path / "source.ipynb", ("import helpers.errors", None, []))

    with kernels(environment={}, cwd=tmp_path) as held:
        made = execute(
            Stage("source", notebooks=tmp_path), {}, folder=tmp_path / "run", kernels=held
        )

    assert json.loads(made.read_text())["cells"][0]["execution_count"] == 1
