"""What is tried in the lab is kept, and reaches neither git nor a run."""

import json
from pathlib import Path

from helpers.commands.lab import copy_notebooks
from helpers.pipeline.stages import Stage, notebook_sources


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
