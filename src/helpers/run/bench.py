"""How long a report takes beside the plain chain of commands over the same notebooks.

``python -m helpers.run.bench`` prints one table; everything is measured in turn in one run.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pandas as pd

from helpers.errors import RunError
from helpers.run.stages import stages
from helpers.workspace import FOLDER_VARIABLE, ROOT

RUN = "bench"
FOR_MAKE = ("PARAMS", "DATA", "LABELS", "ENGINE", "SQL_DIALECT")


def plain_chain(folder: Path) -> None:
    """
    Make a report as one would without this project: papermill three times, then nbconvert.

    Parameters
    ----------
    folder : Path
        Where the executed notebooks, their results and the HTML files go.

    Raises
    ------
    RunError
        Where a command fails.
    """
    environment = {FOLDER_VARIABLE: str(folder / "run")}
    executed = [folder / f"{stage.name}.ipynb" for stage in stages()]
    for stage, target in zip(stages(), executed, strict=True):
        _command(
            "papermill", str(stage.path), str(target), "--no-progress-bar", "--cwd", str(ROOT),
            environment=environment,
        )  # fmt: skip
    _command("nbconvert", "--to", "html", *map(str, executed), environment=environment)


def make_report(*, cold: bool) -> None:
    """Make the report of the sample by this project; `cold` removes what an earlier one left."""
    if cold:
        remove()
    _command("helpers", "report", environment={"RUN": RUN})


def remove() -> None:
    """Remove the run that was made for measuring."""
    for made in (ROOT / "reports").glob(f"*{RUN}*"):
        if made.name in (RUN, f".{RUN}.lock", f".{RUN}.making"):
            shutil.rmtree(made) if made.is_dir() else made.unlink()


def bench(rounds: int = 3) -> pd.DataFrame:
    """
    Measure the plain chain, a cold report and a report where nothing has changed, in turn.

    Parameters
    ----------
    rounds : int
        How often each is measured; after a first round that is not counted.

    Returns
    -------
    pandas.DataFrame
        `task`, `seconds` (median), `of_the_plain_chain` (median of the ratios round by round).
    """
    times: dict[str, list[float]] = {}
    try:
        for counted in range(-1, rounds):
            with tempfile.TemporaryDirectory() as folder:
                tasks: Mapping[str, Callable[[], None]] = {
                    "3 x papermill and nbconvert": partial(plain_chain, Path(folder)),
                    "make report, cold": partial(make_report, cold=True),
                    "make report, nothing changed": partial(make_report, cold=False),
                }
                for name, task in tasks.items():
                    began = time.perf_counter()
                    task()
                    if counted >= 0:
                        times.setdefault(name, []).append(time.perf_counter() - began)
    finally:
        remove()
    frame = pd.DataFrame(times)
    ratios = frame.div(frame.iloc[:, 0], axis=0)
    return pd.DataFrame(
        {
            "task": frame.columns,
            "seconds": frame.median().to_numpy(),
            "of_the_plain_chain": ratios.median().to_numpy(),
        }
    )


def _command(module: str, *arguments: str, environment: Mapping[str, str]) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in FOR_MAKE}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env=kept | dict(environment), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise RunError(f"`{module}` failed while it was measured: {last[0]}")


def main() -> None:
    """Print the table."""
    print("the report of the sample, from start to end")
    print(bench().to_string(index=False, float_format="{:.2f}".format))


if __name__ == "__main__":
    main()
