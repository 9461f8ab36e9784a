"""How long order lines take to become customers, beside a bare GROUP BY of the same aggregates.

``python -m maintenance.bench_lines [--rows N]`` prints a table; each task runs in a process of its
own, so that its memory is its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

from helpers.engines.local import LocalEngine
from helpers.params.column_types import parse_columns
from helpers.preparation.loading import LineRecipe, Source, group_lines, read_lines

ROWS = 10_000_000
LINES_A_CUSTOMER = 10
COLUMNS = {"invoice": "integer", "day": "date", "quantity": "integer", "price": "number"}
RECIPE = LineRecipe(
    group_by="customer",
    line_steps=[{"amount": "quantity * price"}],
    aggregates=[
        {"Recency": "datediff(current_date(), max(day))"},
        {"Tenure": "datediff(current_date(), min(day))"},
        {"Orders": "count(DISTINCT invoice)"},
        {"Spent": "sum(amount)"},
        {"Pieces": "sum(quantity)"},
    ],
)
BARE = """
SELECT customer, date_diff('day', CAST(max(day) AS DATE), DATE '2026-01-01') AS Recency,
    date_diff('day', CAST(min(day) AS DATE), DATE '2026-01-01') AS Tenure,
    count(DISTINCT invoice) AS Orders, sum(quantity * price) AS Spent, sum(quantity) AS Pieces
FROM lines GROUP BY customer
"""


def make_lines(path: Path, rows: int) -> None:
    """Write order lines of a tenth as many customers to Parquet."""
    customers = max(1, rows // LINES_A_CUSTOMER)
    duckdb.sql(
        f"COPY (SELECT CAST(hash(i) % {customers} AS BIGINT) AS customer, "
        f"CAST(hash(i, 1) % {3 * customers} AS BIGINT) AS invoice, "
        "strftime(DATE '2024-01-01' + CAST(hash(i, 2) % 730 AS INTEGER), '%Y-%m-%d') AS day, "
        "CAST(hash(i, 3) % 12 AS BIGINT) + 1 AS quantity, "
        "CAST(hash(i, 4) % 10000 AS BIGINT) / 100 AS price "
        f"FROM range({rows}) AS made(i)) TO '{path}' (FORMAT parquet)"
    )


def bare(path: Path) -> float:
    """Seconds of a bare GROUP BY over a table in memory."""
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE lines AS FROM '{path}'")
        began = time.perf_counter()
        database.execute(f"CREATE TABLE grouped AS {BARE}")
        return time.perf_counter() - began


def grouped(path: Path) -> float:
    """Seconds from lines in memory to customers, with every count that the report shows."""
    source = Source(path, parse_columns(COLUMNS))
    lines, facts = read_lines(LocalEngine(), source, RECIPE.group_by, [""])
    began = time.perf_counter()
    group_lines(lines, facts, recipe=RECIPE, as_of="2026-01-01", with_findings=False)
    return time.perf_counter() - began


def with_findings(path: Path) -> float:
    """The same with every count and picture of lines that the report shows."""
    source = Source(path, parse_columns(COLUMNS))
    lines, facts = read_lines(LocalEngine(), source, RECIPE.group_by, [""])
    began = time.perf_counter()
    group_lines(lines, facts, recipe=RECIPE, as_of="2026-01-01")
    return time.perf_counter() - began


TASKS = {
    "bare GROUP BY in DuckDB": bare,
    "grouped, with reasons and exact sums": grouped,
    "the same, with what 01 says of the lines": with_findings,
}


def bench(rows: int = ROWS) -> pd.DataFrame:
    """
    Measure the tasks in turn, each in a process of its own.

    Parameters
    ----------
    rows : int
        Lines, of a tenth as many customers.

    Returns
    -------
    pandas.DataFrame
        `task`, `seconds`, `of_the_bare_one`, `memory` (GiB at most, reading included).
    """
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.parquet"
        make_lines(path, rows)
        for name in TASKS:
            done = subprocess.run(
                [sys.executable, "-m", "maintenance.bench_lines", "--task", name, str(path)],
                check=True,
                capture_output=True,
                text=True,
            )
            found.append({"task": name} | json.loads(done.stdout))
    frame = pd.DataFrame(found)
    ratio = frame["seconds"] / frame["seconds"].iloc[0]
    return frame.assign(of_the_bare_one=ratio)[["task", "seconds", "of_the_bare_one", "memory"]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m maintenance.bench_lines")
    parser.add_argument("--rows", type=int, default=ROWS, help="order lines (default: %(default)s)")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    parser.add_argument("path", nargs="?", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.task:
        seconds = TASKS[options.task](options.path)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps({"seconds": seconds, "memory": memory}))
        return 0
    frame = bench(options.rows)
    print(f"\n{options.rows:,} order lines to customers:")
    print(frame.round({"seconds": 2, "of_the_bare_one": 2, "memory": 1}).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
