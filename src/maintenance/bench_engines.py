"""When Spark begins to pay: the same report by both engines, on tables of several sizes.

``python -m maintenance.bench_engines [--rows N ...]`` prints one table; both engines take
their turn in one run.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.workspace import ROOT, reports_folder
from maintenance.bench_report import FOR_MAKE, RUN, remove

SIZES = (100_000, 1_000_000, 10_000_000)
ENGINES = ("local", "spark")
PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
PAUSE = 0.5
"""Seconds between two looks at the memory."""


def bench(
    sizes: Sequence[int] = SIZES, *, progress: Callable[[str], None] | None = None
) -> pd.DataFrame:
    """
    Measure `make report` on tables drawn as the sample is, by both engines in turn.

    Parameters
    ----------
    sizes : sequence of int
        Rows of the tables.
    progress : callable, optional
        Called with one short sentence before each measurement.

    Returns
    -------
    pandas.DataFrame
        `rows`, `engine`, `seconds`, `times_local` (seconds over those of the local engine), `GiB`
        (the most memory that the command and all that it started held together), and `outcome`:
        `done`, or the last line that the command said.
    """
    records: list[dict[str, Any]] = []
    try:
        for rows in sizes:
            # Beside the runs, since a folder for temporary files may lie in memory.
            with tempfile.TemporaryDirectory(dir=reports_folder(), prefix=".bench-") as folder:
                table = Path(folder) / "table.parquet"
                subprocess.run(
                    [sys.executable, "-m", "maintenance.sample", "--rows", str(rows), str(table)],
                    cwd=ROOT,
                    check=True,
                )
                local = float("nan")
                for engine in ENGINES:
                    if progress is not None:
                        progress(f"{rows} rows: {engine}")
                    remove()
                    seconds, peak, outcome = _report(table, engine)
                    local = seconds if engine == "local" and outcome == "done" else local
                    records.append(
                        {"rows": rows, "engine": engine, "seconds": seconds}
                        | {"times_local": seconds / local, "GiB": peak, "outcome": outcome}
                    )
    finally:
        remove()
    return pd.DataFrame.from_records(records)


def _report(table: Path, engine: str) -> tuple[float, float, str]:
    """Seconds, peak memory in GiB and outcome of one report."""
    kept = {name: value for name, value in os.environ.items() if name not in FOR_MAKE}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "helpers", "report"],
        cwd=ROOT,
        env=kept | {"RUN": RUN, "DATA": str(table), "ENGINE": engine},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    peaks = [0.0]

    def watch() -> None:
        while process.poll() is None:
            peaks.append(held_by(process.pid))
            time.sleep(PAUSE)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    _, said = process.communicate()
    watcher.join()
    seconds = time.perf_counter() - began
    last = said.strip().splitlines()[-1:] or ["no message"]
    return seconds, max(peaks), "done" if process.returncode == 0 else last[0]


def held_by(pid: int) -> float:
    """
    Memory in GiB that a process and all that it has started hold now, by Linux's own count.

    Pages that several of them share count for each.
    """
    parents: dict[int, list[int]] = {}
    pages: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text()
            pages[int(entry.name)] = int((entry / "statm").read_text().split()[1])
        except (OSError, IndexError):
            continue
        parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    waiting, total = [pid], 0
    while waiting:
        one = waiting.pop()
        total += pages.get(one, 0)
        waiting += parents.get(one, [])
    return total * PAGE / 2**30


def main(arguments: list[str] | None = None) -> None:
    """Print the table for the sizes asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m maintenance.bench_engines", description=__doc__
    )
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES))
    sizes = parser.parse_args(arguments).rows
    table = bench(sizes, progress=lambda line: print(line, file=sys.stderr, flush=True))
    print("the report from a Parquet table, with params/default.yml")
    formats = {
        "rows": "{:,}".format,
        "seconds": "{:.0f}".format,
        "times_local": "{:.1f}".format,
        "GiB": "{:.1f}".format,
    }
    print(table.to_string(index=False, formatters=formats, na_rep=""))


if __name__ == "__main__":
    main()
