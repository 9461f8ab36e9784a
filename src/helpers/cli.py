"""The commands behind the Makefile: their arguments come as make variables."""

import logging
import os
import re
import shlex
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from helpers.errors import ParamsError, RunError, SegmentationError, TableError
from helpers.pipeline import signals
from helpers.pipeline.parent_death import end_with_parent
from helpers.workspace import ROOT, display_path, reports_folder, write_whole

EXIT_FAULT = 2


def report(variables: Mapping[str, str]) -> None:
    """Make a run and its report."""
    from helpers.pipeline.runner import Request, make_report

    make_report(
        Request(
            params=variables.get("PARAMS") or "params/default.yml",
            data=variables.get("DATA") or "",
            run=variables.get("RUN") or "",
            labels=variables.get("LABELS") or "",
            engine=variables.get("ENGINE") or "",
            sql_dialect=variables.get("SQL_DIALECT") or "",
            customers=variables.get("CUSTOMERS") or "",
        )
    )


def score(variables: Mapping[str, str]) -> None:
    """Give new customers the segments of a run."""
    from helpers.model import scoring
    from helpers.model.fitted import read_model
    from helpers.narrative.reading_notes import remark
    from helpers.pipeline.runner import SCORED, check_run_name, find

    run = check_run_name(variables.get("RUN") or "default")
    data = variables.get("DATA")
    if not data:
        raise TableError("no table was named: give the new customers as DATA=file.")
    folder = reports_folder() / run
    if not (folder / "model.json").is_file():
        raise RunError(
            f"`reports/{run}/model.json` is not there: make the run first, or name RUN=."
        )
    table = find(data)
    given = variables.get("OUT")
    # Git ignores what lies in reports, and a run that is made again does not take it along.
    out = find(given) if given else reports_folder() / SCORED / run / f"{_stem(table)}.segments.csv"
    if not given:
        out.parent.mkdir(parents=True, exist_ok=True)
    if out.exists() and table.exists() and out.samefile(table):
        raise RunError(f"OUT is the table itself, `{table.name}`: name another file as OUT=.")
    customers = variables.get("CUSTOMERS")
    details = find(customers) if customers else None
    scored = scoring.score(read_model(folder / "model.json"), table, out, details=details)
    for note in scored.notes:
        print(f"note: {remark(note)}")
    print(scoring.note(scored))
    print(f"written: {out.name if given else display_path(out)}")


def params(variables: Mapping[str, str]) -> None:
    """Draft a params file for a table."""
    from helpers.pipeline.runner import find
    from helpers.scaffold.draft import drafted

    data = variables.get("DATA")
    if not data:
        raise TableError("no table was named: give it as DATA=file.")
    table = find(data)
    out = find(variables.get("OUT") or f"params/{_stem(table)}.yml")
    if out.exists():
        raise ParamsError(f"`{out.name}` is there already: remove it, or name another as OUT=.")
    text, summary = drafted(table, folder=out.parent, sheet=variables.get("SHEET") or "")
    write_whole(out, text)
    print("\n".join(summary))
    shown = out.relative_to(ROOT) if out.is_relative_to(ROOT) else out
    print(f"\ndrafted: {shown}. Read it and change what was guessed wrong; then, or as it is:")
    print(f"  make report DATA={_argument(data)} PARAMS={_argument(str(shown))}")


def _stem(table: Path) -> str:
    """Name of a table without its ending, such that a run may have it too."""
    return re.sub(r"[^\w -]+", "-", table.name.split(".")[0]).strip(" -") or "table"


def _argument(text: str) -> str:
    """A value as a shell passes it to make, which reads a dollar sign as its own."""
    return shlex.quote(text).replace("$", "$$")


def compare(variables: Mapping[str, str]) -> None:
    """Say who moved between two runs, or between two days of one table of order lines, and why."""
    from helpers.commands.compare import make_comparison
    from helpers.commands.windows import are_days, make_windows

    before, after = variables.get("FROM") or "", variables.get("TO") or ""
    if are_days(before, after):
        before, after = make_windows(before, after, variables)
    made = make_comparison(reports_folder(), before, after)
    print(f"written: {display_path(made)}, and moves.csv beside it")


def leaderboard(variables: Mapping[str, str]) -> None:
    """Make a run of each of several params files, and hold them against each other."""
    from helpers.commands.leaderboard import make_leaderboard
    from helpers.pipeline.runner import Request, check_run_name, make_plan, make_report
    from helpers.pipeline.stages import stages

    given = (variables.get("PARAMS") or "").split()
    stems = [Path(one).stem for one in given]
    if len(given) < 2 or len(set(stems)) < len(stems):
        raise ParamsError(
            f"PARAMS names {len(set(stems))} params files: expected two or more of different "
            'names, as in PARAMS="params/default.yml params/rfm.yml".'
        )
    name = check_run_name(variables.get("RUN") or "leaderboard")
    if (reports_folder() / name / "model.json").exists():
        raise RunError(f"`reports/{name}` is a run of its own: name another as RUN=.")
    data = variables.get("DATA") or ""
    requests = [
        Request(params=one, data=data, run=f"{name}-{stem}")
        for one, stem in zip(given, stems, strict=True)
    ]
    # What is wrong with the last one is said before the first one has run for minutes.
    for one in requests:
        make_plan(one, stages())
    reports = [make_report(one) for one in requests]
    made = make_leaderboard([one.parent for one in reports], reports_folder() / name)
    print(f"written: {display_path(made)}, and leaderboard.csv beside it")


def schema(variables: Mapping[str, str]) -> None:
    """Write the JSON schema of params files beside them."""
    from helpers.scaffold.schema import SCHEMA, schema_text

    write_whole(ROOT / SCHEMA, schema_text())
    print(f"written: {SCHEMA}")


def lab(variables: Mapping[str, str]) -> None:
    """Open copies of the notebooks in JupyterLab, in this process."""
    from helpers.commands.lab import copy_notebooks
    from helpers.pipeline.stages import stages

    folder = reports_folder() / "lab/notebooks"
    top = reports_folder().parent
    shown = display_path(folder)
    print(f"copies to think in: {shown}; what you try there alters no run and is not in git")
    for name in copy_notebooks(stages(), folder):
        print(f"`{shown}/{name}` was copied before `{name}` changed: remove it for a new copy")
    # Kernels installed elsewhere under the same name are not this project's.
    environment = {name: value for name, value in os.environ.items() if name != "JUPYTER_PATH"}
    options = [f"--notebook-dir={top}", *shlex.split(variables.get("LAB") or "")]
    first = f"{shown}/{stages()[0].path.name}"
    sys.stdout.flush()
    command = [sys.executable, "-P", "-m", "jupyterlab", *options, str(top / first)]
    os.execve(sys.executable, command, environment)


def alone(variables: Mapping[str, str]) -> None:
    """Run one notebook with its defaults in the folder that the environment names."""
    from helpers.pipeline.runner import run_alone
    from helpers.workspace import FOLDER_VARIABLE

    run_alone(sys.argv[2], Path(variables[FOLDER_VARIABLE]))


COMMANDS: dict[str, Callable[[Mapping[str, str]], None]] = {
    "report": report,
    "score": score,
    "params": params,
    "compare": compare,
    "leaderboard": leaderboard,
    "schema": schema,
    "lab": lab,
    "alone": alone,
}


def main(arguments: list[str] | None = None) -> int:
    """
    Run a command; a fault of the input is one short message and exit code 2.

    Parameters
    ----------
    arguments : list of str, optional
        The command's name; those of the process unless given.

    Returns
    -------
    int
        0 where all went well.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        print(f"expected a command: {', '.join(COMMANDS)}", file=sys.stderr)
        return EXIT_FAULT
    signals.watch()
    if "MAKELEVEL" in os.environ:
        # A killed make cannot tell its child to stop.
        end_with_parent(signal.SIGTERM)
    try:
        command(os.environ)
    except (Exception, KeyboardInterrupt) as error:
        # A library that is stopped may say so in its own way: DuckDB has an error for it.
        if signals.asked() or isinstance(error, KeyboardInterrupt):
            # What was being awaited is not waited for; asyncio would say so with a traceback.
            logging.getLogger("asyncio").setLevel(logging.CRITICAL + 1)
            said, code = "stopped; what was there before is untouched", 130
        elif isinstance(error, SegmentationError):
            said, code = str(error), EXIT_FAULT
        elif isinstance(error, OSError):
            said, code = error.strerror or str(error), EXIT_FAULT
        else:
            raise
        print(f"\n{arguments[0]}: {said}", file=sys.stderr)
        return code
    return 0
