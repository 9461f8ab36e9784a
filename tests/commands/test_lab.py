"""What is tried in the lab is kept, and reaches neither git nor a run."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from helpers.commands.lab import copy_notebooks, trust_runs
from helpers.pipeline.stages import Stage, notebook_sources
from helpers.workspace import REPORTS_VARIABLE, Workspace, note_inputs


def write(path: Path, source: str, *, ran: bool = False) -> None:
    cell = {
        "cell_type": "code",
        "source": [source],
        "outputs": [{"output_type": "stream", "text": "1"}] if ran else [],
        "execution_count": 1 if ran else None,
    }
    path.write_text(json.dumps({"cells": [cell]}))


def test_a_copy_is_kept_and_said_to_be_outdated_where_its_original_has_changed(
    tmp_path: Path,
) -> None:
    chain = [Stage("01_a", notebooks=tmp_path), Stage("02_b", notebooks=tmp_path)]
    lab = tmp_path / "lab"
    for stage in chain:
        write(stage.path, "k = 3")
    assert copy_notebooks(chain, lab) == []

    write(lab / "01_a.ipynb", "k = 4")
    write(chain[0].path, "k = 3", ran=True)
    assert copy_notebooks(chain, lab) == []

    write(chain[0].path, "k = 5")
    assert copy_notebooks(chain, lab) == ["01_a.ipynb"]
    assert notebook_sources(lab / "01_a.ipynb") == [["code", "k = 4"]]


def test_running_a_notebook_changes_nothing_that_a_run_depends_on(tmp_path: Path) -> None:
    stage = Stage("01_a", notebooks=tmp_path)
    write(stage.path, "k = 3")
    before = notebook_sources(stage.path)
    write(stage.path, "k = 3", ran=True)
    assert notebook_sources(stage.path) == before
    write(stage.path, "k = 4")
    assert notebook_sources(stage.path) != before


def test_executed_notebooks_of_a_run_are_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    path = tmp_path / "reports/march/notebooks/01_a.ipynb"
    path.parent.mkdir(parents=True)
    shown = nbformat.v4.new_output("display_data", {"text/html": "<b>1</b>"})
    cell = nbformat.v4.new_code_cell("1", outputs=[shown])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    notebook = nbformat.read(path, as_version=4)
    assert not NotebookNotary().check_signature(notebook)
    trust_runs(tmp_path / "reports")
    assert NotebookNotary().check_signature(notebook)


def test_an_executed_notebook_finds_the_table_of_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(REPORTS_VARIABLE, str(tmp_path / "reports"))
    opened_in = tmp_path / "reports/march/notebooks"
    opened_in.mkdir(parents=True)
    (tmp_path / "customers.csv").write_text("ID\n1\n")
    note_inputs("march", {"input/customers.csv": tmp_path / "customers.csv"})
    lab = Workspace(tmp_path / "reports/lab")
    monkeypatch.chdir(opened_in)
    assert lab.table("input/customers.csv") == tmp_path / "customers.csv"
    assert not lab.table("input/other.csv").exists()
    monkeypatch.chdir(tmp_path)
    assert not lab.table("input/customers.csv").exists()
    assert list((tmp_path / "reports/march").iterdir()) == [opened_in]
