"""Every notebook runs on a tiny table, in the chain and alone."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml

from helpers.pipeline.stages import NAMES
from maintenance.sample import make_customers
from tests.conftest import Make

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tiny(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Make variables of a run with few customers, few K and few resamples."""
    folder = tmp_path_factory.mktemp("tiny")
    make_customers(90, seed=3).to_csv(folder / "tiny.csv", index=False)
    values = yaml.safe_load((root / "params/default.yml").read_text(encoding="utf-8"))
    values |= {"k_max": 4, "resamples": 10, "references": 3}
    (folder / "tiny.yml").write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    return {"PARAMS": str(folder / "tiny.yml"), "DATA": str(folder / "tiny.csv")}


def test_the_chain_runs_on_a_tiny_table(make: Make, runs: Path, tiny: dict[str, str]) -> None:
    made = make(RUN="test-tiny", **tiny)

    assert made.returncode == 0, made.stderr
    segments = pd.read_csv(runs / "test-tiny/segments.csv")
    assert len(segments) == 90
    assert pd.read_csv(runs / "test-tiny/tuning.csv")["k"].tolist() == [2, 3, 4]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_by_itself(
    name: str, make: Make, runs: Path, root: Path, tiny: dict[str, str], tmp_path: Path
) -> None:
    """As JupyterLab would run it: started in `notebooks/`, on what earlier ones have handed on."""
    if not (runs / "test-tiny").exists():
        assert make(RUN="test-tiny", **tiny).returncode == 0
    from nbclient import NotebookClient

    notebook = nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4)
    lab = tmp_path / "lab"
    subprocess.run(["cp", "-r", str(runs / "test-tiny"), str(lab)], check=True)
    os.environ["SEGMENTS_RUN_FOLDER"] = str(lab)
    try:
        resources = {"metadata": {"path": str(root / "notebooks")}}
        for cell in notebook.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source += f"\ndata = {tiny['DATA']!r}\nk_max, resamples, references = 4, 10, 3"
        NotebookClient(notebook, timeout=300, resources=resources).execute()
    finally:
        del os.environ["SEGMENTS_RUN_FOLDER"]
    assert all(
        cell.execution_count for cell in notebook.cells if cell.cell_type == "code" and cell.source
    )


def test_a_notebook_opened_first_runs_the_earlier_ones(root: Path, tmp_path: Path) -> None:
    code = (
        "from helpers.workspace import Workspace; from pathlib import Path; "
        f"w = Workspace(Path({str(tmp_path / 'lab')!r})); "
        "print(len(w.read_frame('features.parquet', made_by='01_features')))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "SEGMENTS_RUN_FOLDER"}

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root / "notebooks", env=environment,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "2240"
