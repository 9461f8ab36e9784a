"""How long report and scoring take, each beside what one would write without this project.

``python -m maintenance.bench_report [--rows N ...]`` prints two tables; everything is
measured in turn in one run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.errors import RunError
from helpers.pipeline.stages import stages
from helpers.workspace import FOLDER_VARIABLE, ROOT, reports_folder

RUN = "bench"
FOR_MAKE = ("PARAMS", "DATA", "LABELS", "ENGINE", "SQL_DIALECT")
SCORED_ROWS = (1_000_000, 10_000_000)
WHOLE_ROWS = 1_000_000
"""Up to this many rows pandas scores as well: it holds all of them at once."""


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
    for made in reports_folder().glob(f"*{RUN}*"):
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


def score_in_pandas(model: Path, table: Path, out: Path) -> None:
    """
    Score a table as one would by hand: all of it in memory, without any check or flag.

    Parameters
    ----------
    model : Path
        `model.json` of a run with `params/default.yml`.
    table : Path
        CSV with the columns of the sample.
    out : Path
        The CSV file to write: `ID`, `segment`, `persona`, `margin`.
    """
    from helpers.model.fitted import assign, read_model

    held = read_model(model)
    frame = pd.read_csv(table)
    spent = [str(name) for name in frame if str(name).startswith("Mnt")]
    frame["Age"] = pd.Timestamp(held.as_of).year - frame["Year_Birth"]
    frame["Total_Spending"] = frame[spent].sum(axis=1)
    known = frame.dropna(subset=list(held.features))
    frame[["ID"]].join(assign(held, known)).to_csv(out, index=False)


def bench_scoring(
    sizes: Sequence[int] = SCORED_ROWS, *, progress: Callable[[str], None] | None = None
) -> pd.DataFrame:
    """
    Measure `make score` on tables of several sizes, beside pandas where the table is small enough.

    Parameters
    ----------
    sizes : sequence of int
        Rows of the tables, drawn as the sample is.
    progress : callable, optional
        Called with one short sentence before each measurement.

    Returns
    -------
    pandas.DataFrame
        `rows`, `task`, `seconds`, `per_million` (seconds for a million rows) and `MiB`, the peak
        memory of the process; imports are counted.
    """
    records: list[dict[str, Any]] = []
    try:
        make_report(cold=True)
        model = reports_folder() / RUN / "model.json"
        for rows in sizes:
            # Beside the runs, since a folder for temporary files may lie in memory.
            with tempfile.TemporaryDirectory(dir=reports_folder(), prefix=".bench-") as folder:
                for name, arguments, environment in _scorings(model, Path(folder), rows):
                    if progress is not None:
                        progress(f"{rows} rows: {name}")
                    seconds, peak = measured(arguments, environment)
                    per_million = seconds / rows * 1e6
                    records.append(
                        {"rows": rows, "task": name, "seconds": seconds}
                        | {"per_million": per_million, "MiB": peak}
                    )
    finally:
        remove()
    return pd.DataFrame.from_records(records)


def _scorings(
    model: Path, folder: Path, rows: int
) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """Name, command and environment of each scoring of a table that is made beforehand."""
    for kind in ("CSV", "Parquet"):
        table, out = folder / f"new.{kind.lower()}", folder / "scored.csv"
        _command("maintenance.sample", "--rows", str(rows), str(table), environment={})
        variables = {"RUN": RUN, "DATA": str(table), "OUT": str(out)}
        yield f"make score, {kind}", ["-m", "helpers", "score"], variables
        if kind == "CSV" and rows <= WHOLE_ROWS:
            code = (
                "import sys, pathlib; from maintenance.bench_report import score_in_pandas; "
                "score_in_pandas(*map(pathlib.Path, sys.argv[1:]))"
            )
            yield (
                "pandas, without checks, CSV",
                ["-c", code, str(model), str(table), str(out)],
                {},
            )
        table.unlink()


def measured(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """
    Seconds and peak memory in MiB of a Python process and of what it starts.

    Raises
    ------
    RunError
        Where it fails.
    """
    kept = {name: value for name, value in os.environ.items() if name not in FOR_MAKE}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT, env=kept | dict(environment), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RunError(f"`{' '.join(arguments)}` failed while it was measured.")
    scale = 1024**2 if sys.platform == "darwin" else 1024
    return seconds, used.ru_maxrss / scale


def _command(module: str, *arguments: str, environment: Mapping[str, str]) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in FOR_MAKE}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env=kept | dict(environment), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise RunError(f"`{module}` failed while it was measured: {last[0]}")


def main(arguments: list[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m maintenance.bench_report", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=list(SCORED_ROWS))
    sizes = parser.parse_args(arguments).rows
    print("the report of the sample, from start to end")
    print(bench().to_string(index=False, float_format="{:.2f}".format))
    print("new customers scored: seconds, and the most memory that the process had")
    table = bench_scoring(sizes, progress=lambda line: print(line, file=sys.stderr, flush=True))
    formats = {
        "rows": "{:,}".format,
        "seconds": "{:.1f}".format,
        "per_million": "{:.2f}".format,
        "MiB": "{:.0f}".format,
    }
    print(table.to_string(index=False, formatters=formats))


if __name__ == "__main__":
    main()
