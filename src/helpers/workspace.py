"""The folder of one run: where notebooks find what earlier ones hand on, and leave their own."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import scratch
from helpers.errors import RunError

# Finding that nothing has changed must not wait for pandas.
if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
FOLDER_VARIABLE = "SEGMENTS_RUN_FOLDER"
# Another folder of the runs than `reports/`, such as one that the tests make and remove.
REPORTS_VARIABLE = "SEGMENTS_REPORTS"
# Where a kernel may leave what must be gone when it is.
SCRATCH_VARIABLE = "SEGMENTS_SCRATCH"
# File in there that says how far a notebook is.
PROGRESS = "progress"
SAMPLE = "data/sample.csv"
# Made by `make lines`; synthetic as well.
SAMPLE_LINES = "data/order-lines.csv"
SPILL = "spill"
# One file a run, beside the runs: where on this machine the inputs lie that its notebooks name.
INPUTS = ".inputs"


def reports_folder() -> Path:
    """Folder of all runs: `reports/` of the checkout, unless the environment names another."""
    given = os.environ.get(REPORTS_VARIABLE)
    return Path(given).resolve() if given else ROOT / "reports"


def display_path(path: Path) -> str:
    """
    Path of something among the runs, for a message.

    Examples
    --------
    >>> display_path(reports_folder() / "default" / "report.html")
    'reports/default/report.html'
    """
    return path.relative_to(reports_folder().parent).as_posix()


@dataclass(frozen=True)
class Workspace:
    """One run's folder."""

    folder: Path

    def path(self, name: str) -> Path:
        """Path of a file of the run; its folder is made."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def table(self, data: str) -> Path:
        """
        Path of the table that a notebook is to read.

        Parameters
        ----------
        data : str
            A path: absolute, or relative to the run's folder, to the top of the checkout or to
            the notebook.

        Returns
        -------
        Path
            An existing file where there is one, else the path as given.
        """
        given = Path(data).expanduser()
        places = [self.folder / given, ROOT / given, given, *_input_of_run(data)]
        return next((place for place in places if place.exists()), given)

    def read_frame(self, name: str, *, made_by: str) -> "pd.DataFrame":
        """
        Read a frame that an earlier notebook has handed on.

        Parameters
        ----------
        name : str
            File name in the run's folder (CSV or Parquet).
        made_by : str
            The notebook that makes it; it is run first where the file is missing.

        Returns
        -------
        pandas.DataFrame
            The frame.
        """
        import pandas as pd

        path = self.need(name, made_by=made_by)
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)

    def write_frame(self, name: str, frame: "pd.DataFrame") -> None:
        """Write a frame as CSV (UTF-8, line feeds, shortest exact numbers) or Parquet."""
        path = self.path(name)
        if path.suffix == ".parquet":
            frame.to_parquet(path, index=False)
        else:
            frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")

    def read_facts(self, name: str, *, made_by: str) -> dict[str, Any]:
        """Read a JSON file that an earlier notebook has handed on."""
        facts = json.loads(self.need(name, made_by=made_by).read_text(encoding="utf-8"))
        return dict(facts)

    def write_facts(self, name: str, facts: dict[str, Any]) -> None:
        """Write a JSON file; keys keep their order, numbers are exact."""
        text = json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False)
        self.path(name).write_text(text + "\n", encoding="utf-8")

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """
        Give a function that says how far a long step is, in a sentence.

        In the lab the last sentence stands below the cell until the step is done; under
        `make report` it goes to the terminal. Nothing of it stays in the notebook.
        """
        scratch = os.environ.get(SCRATCH_VARIABLE)
        if FOLDER_VARIABLE in os.environ:

            def tell(sentence: str) -> None:
                if scratch:
                    with (Path(scratch) / PROGRESS).open("a", encoding="utf-8") as stream:
                        stream.write(f"{sentence}\n")

            yield tell
            return
        from IPython.display import clear_output

        def show(sentence: str) -> None:
            clear_output(wait=True)
            print(sentence, flush=True)

        yield show
        clear_output()

    def need(self, name: str, *, made_by: str) -> Path:
        """
        Path of a file that an earlier notebook makes; that one is run first where it is missing.

        Under `make report` the order is given, so that a missing file is an error there.

        Raises
        ------
        RunError
            Where the file is missing although the earlier notebook has run.
        """
        path = self.folder / name
        if not path.exists() and FOLDER_VARIABLE not in os.environ:
            _run_alone(made_by, self.folder)
        if not path.exists():
            raise RunError(f"`{name}` is missing: run {made_by} first.")
        return path


def note_inputs(run: str, paths: dict[str, Path]) -> None:
    """
    Keep where the inputs of a run lie, so that its executed notebooks can be run again here.

    Parameters
    ----------
    run : str
        Name of the run; nothing is written into its folder.
    paths : dict of str to Path
        What its notebooks call each input, and where it is.
    """
    folder = reports_folder() / INPUTS
    folder.mkdir(exist_ok=True)
    held = {name: str(path.resolve()) for name, path in paths.items()}
    write_whole(folder / f"{run}.json", json.dumps(held))


def _input_of_run(data: str) -> list[Path]:
    """Path of an input of the run whose executed notebook was opened, where it is known here."""
    run = Path.cwd().parent
    if run.parent != reports_folder():
        return []
    try:
        known = json.loads((run.parent / INPUTS / f"{run.name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [Path(known[data])] if data in known else []


def open_workspace() -> Workspace:
    """
    Open the folder of the run that a notebook belongs to.

    Under `make report` that is the run being made; a notebook opened by hand works in
    `reports/lab`, so that exploring never alters a finished run.
    """
    folder = os.environ.get(FOLDER_VARIABLE)
    workspace = Workspace(Path(folder) if folder else reports_folder() / "lab")
    workspace.folder.mkdir(parents=True, exist_ok=True)
    return workspace


def spill_folder() -> Path:
    """
    Where tables that do not fit into memory spill.

    Under `make report` that is the folder of the run being made, which goes with it however it
    ends; elsewhere a temporary folder of this process alone.
    """
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder:
        return Path(folder) / SPILL
    try:
        return scratch.own_folder(scratch.SPILL)
    except OSError:
        # Most tables never spill: one that does will say that there is no room.
        return Path(tempfile.gettempdir()) / SPILL


def _run_alone(notebook: str, folder: Path) -> None:
    """Run an earlier notebook with its defaults, for one that was opened by hand."""
    print(f"{notebook} has not run here yet: running it first, with its default parameters.")
    subprocess.run(
        [sys.executable, "-m", "helpers", "alone", notebook],
        env=os.environ | {FOLDER_VARIABLE: str(folder)},
        check=False,
    )


def write_whole(path: Path, text: str) -> None:
    """
    Write a text file aside and move it into place, so that it is there whole or not at all.

    Raises
    ------
    RunError
        Where the folder is missing or cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise RunError(
            f"`{path.name}` cannot be written to the folder `{path.parent.name}` "
            f"({error.strerror}): name another file as OUT=."
        ) from None


def sha256(path: Path) -> str:
    """
    SHA-256 of a file's bytes; of a folder, that of its parts' names and bytes in order.

    Parameters
    ----------
    path : Path
        A file or folder.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    for file in files:
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode() + b"\0")
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
