"""What the tests of faults share: cheap settings, a checkout of its own, and what lies in a run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.workspace import INPUTS, REPORTS_VARIABLE

CHEAP = {"k_max": "4", "resamples": "4", "references": "3"}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def results(run: dict[str, bytes]) -> dict[str, bytes]:
    """What is the same in every run of the same inputs: all but the executed notebooks."""
    return {name: held for name, held in run.items() if not name.startswith("notebooks/")}


def names(folder: Path) -> set[str]:
    """What lies in a folder; beside runs, the notes on where their inputs are apart."""
    return {one.name for one in folder.iterdir()} - {INPUTS}


def write_inputs(root: Path, folder: Path) -> None:
    """Write `small.csv`, 300 customers, and cheap settings: `first.yml`, and two that differ."""
    lines = (root / "data/sample.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "small.csv").write_text("".join(lines[:301]), encoding="utf-8")
    text = (root / "params/default.yml").read_text(encoding="utf-8").splitlines()
    cheap = [
        f"{name}: {CHEAP[name]}" if (name := line.split(":")[0]) in CHEAP else line for line in text
    ]
    personas = (root / "params/personas.yml").read_text(encoding="utf-8")
    (folder / "personas.yml").write_text(personas + "\n# a remark\n", encoding="utf-8")
    changes = {
        "first.yml": ("", ""),
        "second.yml": ("histogram_bins: 30", "histogram_bins: 20"),
        "personas-only.yml": ("params/personas.yml", str(folder / "personas.yml")),
    }
    for name, (old, new) in changes.items():
        changed = [line.replace(old, new) if old else line for line in cheap]
        assert not old or changed != cheap
        (folder / name).write_text("\n".join(changed) + "\n", encoding="utf-8")


@dataclass
class Checkout:
    """A copy of what the runs need, so that its `reports/` can be filled, shut and mounted over."""

    root: Path
    inputs: Path

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    def start(
        self,
        command: str = "report",
        *,
        prefix: Sequence[str] = (),
        before: Callable[[], None] | None = None,
        **variables: str,
    ) -> "subprocess.Popen[str]":
        given = {"PARAMS": "first.yml", "DATA": "small.csv", "RUN": "run"} | variables
        for name in ("PARAMS", "DATA"):
            given[name] = str(self.inputs / given[name])
        own = {
            "PYTHONPATH": str(self.root / "src"),
            "TMPDIR": str(self.inputs / "tmp"),
            REPORTS_VARIABLE: str(self.reports),
        }
        return subprocess.Popen(
            [*prefix, sys.executable, "-m", "helpers", command],
            cwd=self.root,
            env=os.environ | own | given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=before,
        )

    def run(
        self,
        command: str = "report",
        *,
        prefix: Sequence[str] = (),
        before: Callable[[], None] | None = None,
        **variables: str,
    ) -> tuple[int, str]:
        process = self.start(command, prefix=prefix, before=before, **variables)
        said, _ = process.communicate(timeout=300)
        return process.returncode, said

    def temporary(self) -> set[str]:
        return names(self.inputs / "tmp")


def make_checkout(root: Path, folder: Path) -> Checkout:
    top, inputs = folder / "checkout", folder / "inputs"
    for name in ("src", "notebooks", "params", "data"):
        shutil.copytree(root / name, top / name)
    (top / "reports").mkdir()
    (inputs / "tmp").mkdir(parents=True)
    write_inputs(root, inputs)
    return Checkout(top, inputs)
