"""The commands behind the Makefile; what they are given comes as options or as make variables."""

import argparse
import logging
import os
import re
import shlex
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from helpers import __version__
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
    out = (
        _output(given)
        if given
        else reports_folder() / SCORED / run / f"{_stem(table)}.segments.csv"
    )
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
    given = variables.get("OUT")
    out = _output(given) if given else ROOT / "params" / f"{_stem(table)}.yml"
    if out.exists():
        raise ParamsError(f"`{out.name}` is there already: remove it, or name another as OUT=.")
    text, summary = drafted(table, folder=out.parent, sheet=variables.get("SHEET") or "")
    write_whole(out, text)
    print("\n".join(summary))
    shown = out.relative_to(ROOT) if out.is_relative_to(ROOT) else out
    print(f"\ndrafted: {shown}. Read it and change what was guessed wrong; then, or as it is:")
    print(f"  make report DATA={_argument(data)} PARAMS={_argument(str(shown))}")


def _output(given: str) -> Path:
    """Path of a file to write, from where the command was called."""
    return Path.cwd() / Path(given).expanduser()


def _stem(table: Path) -> str:
    """Name of a table without its ending, such that a run may have it too."""
    return re.sub(r"[^\w -]+", "-", table.name.split(".")[0]).strip(" -") or "table"


def _argument(text: str) -> str:
    """A value as a shell passes it to make, which reads a dollar sign as its own."""
    return shlex.quote(text).replace("$", "$$")


def _split(variables: Mapping[str, str], name: str) -> list[str]:
    """Words of a variable, as a shell tells them apart."""
    try:
        return shlex.split(variables.get(name) or "")
    except ValueError as error:
        raise ParamsError(f"{name} is {variables[name]}: {error}.") from None


def compare(variables: Mapping[str, str]) -> None:
    """Say who moved between two runs, or between two days of one table of order lines, and why."""
    from helpers.commands.compare import make_comparison
    from helpers.commands.windows import are_days, make_windows

    before, after = variables.get("FROM") or "", variables.get("TO") or ""
    if are_days(before, after):
        before, after = make_windows(before, after, variables)
    made = make_comparison(reports_folder(), before, after)
    print(f"written: {display_path(made)}, and moves.csv beside it")


def audience(variables: Mapping[str, str]) -> None:
    """Draw treatment and holdout for the customers of a run."""
    from helpers.commands.audience import make_audience, settings_of, summary

    made = make_audience(
        reports_folder(),
        variables.get("RUN") or "default",
        settings_of(variables),
        dialect=variables.get("SQL_DIALECT") or "",
    )
    print("\n".join(summary(made.parent)))
    print(f"written: {display_path(made)}, audience.csv and audiences.sql beside it")


def readout(variables: Mapping[str, str]) -> None:
    """Say what a campaign has changed, from results by ID."""
    from helpers.commands.readout import make_readout
    from helpers.pipeline.runner import find

    data = variables.get("DATA")
    if not data:
        raise TableError("no results were named: give them as DATA=file.")
    made = make_readout(
        reports_folder(),
        variables.get("RUN") or "default",
        find(data),
        bought=variables.get("BOUGHT") or "",
        amount=variables.get("AMOUNT") or "",
        sheet=variables.get("SHEET") or "",
    )
    print(f"written: {display_path(made)}, and readout.csv beside it")


def backtest(variables: Mapping[str, str]) -> None:
    """Say month by month whether frozen segments hold, and when to refit."""
    from helpers.commands.backtest import make_backtest

    made = make_backtest(variables)
    print(f"written: {display_path(made)}, months.csv and segments-by-month.csv beside it")


def leaderboard(variables: Mapping[str, str]) -> None:
    """Make a run of each of several params files, and hold them against each other."""
    from helpers.commands.leaderboard import make_leaderboard
    from helpers.pipeline.runner import Request, check_run_name, make_plan, make_report
    from helpers.pipeline.stages import stages

    given = _split(variables, "PARAMS")
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
    from helpers.commands.lab import copy_notebooks, trust_runs
    from helpers.pipeline.stages import stages

    folder = reports_folder() / "lab/notebooks"
    top = reports_folder().parent
    shown = display_path(folder)
    print(f"copies to think in: {shown}; what you try there alters no run and is not in git")
    for name in copy_notebooks(stages(), folder):
        print(f"`{shown}/{name}` was copied before `{name}` changed: remove it for a new copy")
    trust_runs(reports_folder())
    # Kernels installed elsewhere under the same name are not this project's.
    environment = {name: value for name, value in os.environ.items() if name != "JUPYTER_PATH"}
    options = [f"--notebook-dir={top}", *_split(variables, "LAB")]
    first = f"{shown}/{stages()[0].path.name}"
    sys.stdout.flush()
    command = [sys.executable, "-P", "-m", "jupyterlab", *options, str(top / first)]
    os.execve(sys.executable, command, environment)


def alone(variables: Mapping[str, str]) -> None:
    """Run one notebook with its defaults in the folder that the environment names."""
    from helpers.pipeline.runner import run_alone
    from helpers.workspace import FOLDER_VARIABLE

    run_alone(variables["NOTEBOOK"], Path(variables[FOLDER_VARIABLE]))


@dataclass(frozen=True)
class Command:
    """
    One command, as `make` and `python -m helpers` offer it.

    Attributes
    ----------
    run : callable
        Does it, given the make variables.
    help : str
        What it does, in one line; "" for a command that the project calls itself.
    variables : tuple of str
        Make variables that it takes; each is an option too, as DATA is `--data`.
    positional : str
        Variable whose words stand without an option; "" for none.
    """

    run: Callable[[Mapping[str, str]], None]
    help: str = ""
    variables: tuple[str, ...] = ()
    positional: str = ""


VARIABLES: dict[str, tuple[str, str]] = {
    "PARAMS": ("FILE", "settings of one segmentation (params/default.yml unless given)"),
    "DATA": ("FILE", "the table: of customers, or of order lines"),
    "CUSTOMERS": ("FILE", "a table of customers that is joined to order lines by their key"),
    "RUN": ("NAME", "name of the run, a folder under reports/"),
    "LABELS": ("FILE", "labels made elsewhere, which are profiled instead of a fit"),
    "ENGINE": ("NAME", "local, or spark for what one machine cannot hold"),
    "SQL_DIALECT": ("NAME", "of segments.sql: duckdb, postgres, spark, bigquery or snowflake"),
    "SHEET": ("NAME", "sheet of a workbook"),
    "FROM": ("RUN", "the earlier run, or a day such as 2025-03-31"),
    "TO": ("RUN", "the later run, or a day"),
    "OUT": ("FILE", "the file to write"),
    "EVERY": ("PERIOD", "week, month or quarter: how often a backtest refits"),
    "LOOKBACK": ("same", "days that each fit sees: as many as the first, or all"),
    "HOLDOUT": ("SHARE", "share of the customers that is held out (0.2 unless given)"),
    "SALT": ("TEXT", "decides who is held out; another one draws others"),
    "RATE": ("SHARE", "share that buys without a campaign (the run's first outcome unless given)"),
    "LIFT": ("SHARE", "rise of that share which is to be found (0.02 unless given)"),
    "MERGE": ("yes", "put segments together that are too small to find it"),
    "BOUGHT": ("COLUMN", "column of the results that says who bought"),
    "AMOUNT": ("COLUMN", "column of the results that says for how much"),
}
"""What each variable is: its kind, and a line of help."""

COMMANDS: dict[str, Command] = {
    "report": Command(
        report,
        "make a run and its report",
        ("PARAMS", "DATA", "CUSTOMERS", "RUN", "LABELS", "ENGINE", "SQL_DIALECT"),
    ),
    "score": Command(
        score, "give new customers the segments of a run", ("DATA", "CUSTOMERS", "RUN", "OUT")
    ),
    "compare": Command(
        compare,
        "say who moved between two runs, or two days of order lines, and why",
        ("FROM", "TO", "PARAMS", "DATA", "CUSTOMERS", "RUN", "ENGINE"),
    ),
    "params": Command(
        params, "draft a params file for a table of your own", ("DATA", "SHEET", "OUT")
    ),
    "leaderboard": Command(
        leaderboard,
        "hold several segmentations of one table against each other",
        ("PARAMS", "DATA", "RUN"),
    ),
    "audience": Command(
        audience,
        "draw whom the campaign of each persona reaches, and who is held out",
        ("RUN", "HOLDOUT", "SALT", "RATE", "LIFT", "MERGE", "SQL_DIALECT"),
    ),
    "readout": Command(
        readout,
        "say what a campaign has changed, from results by ID",
        ("RUN", "DATA", "BOUGHT", "AMOUNT", "SHEET"),
    ),
    "backtest": Command(
        backtest,
        "say month by month whether frozen segments hold, and when to refit",
        (
            *("DATA", "PARAMS", "FROM", "TO", "EVERY", "LOOKBACK", "RUN", "CUSTOMERS"),
            "ENGINE",
        ),
    ),
    "lab": Command(lab, "explore copies of the three notebooks in JupyterLab", positional="LAB"),
    "schema": Command(schema, "renew params/schema.json"),
    "alone": Command(alone, positional="NOTEBOOK"),
}


class _Parser(argparse.ArgumentParser):
    """As argparse's, with a fault told in one message."""

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_FAULT, f"\n{message[:1].lower()}{message[1:]} (see {self.prog} --help)\n")


def parser() -> argparse.ArgumentParser:
    """
    Parser of the command line, from `COMMANDS` and `VARIABLES`.

    Examples
    --------
    >>> vars(parser().parse_args(["score", "--run", "march", "--data", "new.csv"]))
    {'command': 'score', 'RUN': 'march', 'DATA': 'new.csv'}
    """
    top = _Parser(
        prog="python -m helpers",
        description="Customer segmentation that can be trusted, and its report.",
        epilog="An option may also come as the variable that make knows: --data as DATA.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"helpers {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        options: dict[str, Any] = {"description": command.help, "allow_abbrev": False}
        if command.help:
            options["help"] = command.help
        one = commands.add_parser(name, **options)
        for variable in command.variables:
            kind, text = VARIABLES[variable]
            one.add_argument(
                f"--{variable.lower().replace('_', '-')}",
                dest=variable,
                metavar=kind,
                help=text,
                default=argparse.SUPPRESS,
                nargs="+" if (name, variable) == ("leaderboard", "PARAMS") else None,
            )
        if command.positional:
            one.add_argument(
                command.positional,
                nargs="*",
                default=argparse.SUPPRESS,
                help="options of JupyterLab, after --" if name == "lab" else argparse.SUPPRESS,
            )
    return top


def main(arguments: list[str] | None = None) -> int:
    """
    Run a command; a fault of the input is one short message and exit code 2.

    Parameters
    ----------
    arguments : list of str, optional
        The command and its options; those of the process unless given. An option that is left
        out is the variable of its name in the environment, where make puts what it is given.

    Returns
    -------
    int
        0 where all went well.
    """
    try:
        given = vars(parser().parse_args(arguments))
    except SystemExit as left:
        return int(left.code or 0)
    name = given.pop("command")
    signals.watch()
    if "MAKELEVEL" in os.environ:
        # A killed make cannot tell its child to stop.
        end_with_parent(signal.SIGTERM)
    words = {key: one if isinstance(one, str) else shlex.join(one) for key, one in given.items()}
    try:
        COMMANDS[name].run({**os.environ, **words})
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
        print(f"\n{name}: {said}", file=sys.stderr)
        return code
    return 0
