"""`make report`: only what is out of date runs again, aside, and is moved into place when whole."""

import json
import re
import shutil
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.errors import DiskError, ParamsError, RunError, SegmentationError, TableError
from helpers.params import loader as params_files
from helpers.pipeline.checking import check_inputs
from helpers.pipeline.progress import followed
from helpers.pipeline.publish import Placing
from helpers.pipeline.signals import heed
from helpers.pipeline.stages import (
    GIVEN_BY_RUN,
    Stage,
    all_declarations,
    code_fingerprint,
    fingerprint,
    stage_fingerprints,
    stages,
)
from helpers.workspace import (
    FOLDER_VARIABLE,
    ROOT,
    SAMPLE,
    SAMPLE_LINES,
    SPILL,
    display_path,
    note_inputs,
    reports_folder,
    sha256,
)

if TYPE_CHECKING:
    from helpers.pipeline.jupyter_kernels import Kernels

SCORED = "scored"
"""Folder in reports that `make score` writes into."""
RUN_NAME = re.compile(r"[\w][\w. -]{0,99}")
FINGERPRINTS = "handoff/fingerprints.json"


@dataclass(frozen=True)
class Request:
    """What a person asked of `make report`; an empty text is a variable that was not given."""

    params: str
    data: str = ""
    run: str = ""
    labels: str = ""
    engine: str = ""
    sql_dialect: str = ""
    customers: str = ""
    as_of: str = ""


@dataclass(frozen=True)
class Plan:
    """A request that has been checked: what to run, on what, where."""

    run: str
    values: dict[str, Any]
    data: Path
    labels: Path | None
    customers: Path | None
    hashes: dict[str, str]
    is_sample: bool
    params: params_files.Params
    personas: Path

    @property
    def folder(self) -> Path:
        """Where the finished run stands."""
        return reports_folder() / self.run


def make_report(request: Request) -> Path:
    """
    Make a run and its report, or find that nothing has changed.

    Parameters
    ----------
    request : Request
        Names of the files, as given.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    SegmentationError
        With a message for a person; the last good run is then untouched.
    """
    began = time.monotonic()
    chain = stages()
    plan = make_plan(request, chain)
    prints = stage_fingerprints(chain, plan.values, plan.hashes)
    prints["report.html"] = fingerprint(
        code_fingerprint(), *prints.values(), plan.values, plan.is_sample
    )
    placing = Placing(plan.folder)
    with placing.locked():
        known = _read_fingerprints(plan.folder)
        stale = _stale(chain, plan.folder, known, prints)
        report = plan.folder / "report.html"
        finished = report.is_file() and (plan.folder / "segments.xlsx").is_file()
        if not stale and known.get("report.html") == prints["report.html"] and finished:
            _tell(f"nothing has changed: {display_path(report)}")
            return report
        with placing.aside(keep=_kept(chain, stale)) as folder:
            _run_all(chain, stale, plan, folder)
            _finish(plan, chain, folder, prints)
        named = {f"input/{_input_name(role, plan)}": path for role, path in _inputs(plan).items()}
        note_inputs(plan.run, named)
    _tell(f"{'report':<12}  {display_path(report)}  ({time.monotonic() - began:.1f} s in all)")
    return report


def run_alone(notebook: str, folder: Path) -> None:
    """Run one notebook with its default parameters in a folder, for exploring by hand."""
    from helpers.pipeline.execution import execute
    from helpers.pipeline.jupyter_kernels import kernels

    stage = next((one for one in stages() if one.name == notebook), None)
    if stage is None:
        raise RunError(f"`{notebook}` is no notebook of the chain.")
    with kernels(environment={FOLDER_VARIABLE: str(folder)}, cwd=ROOT) as held:
        execute(stage, {}, folder=folder, kernels=held)


def make_plan(request: Request, chain: tuple[Stage, ...]) -> Plan:
    """
    Check a request: the params file against the notebooks, the files that it names, the run's name.

    Raises
    ------
    ParamsError, TableError
        Naming what was expected and what came.
    """
    declarations = all_declarations(chain)
    params_path = find(request.params)
    params = params_files.load(params_path)
    params_files.check(params, declarations, given_by_run=GIVEN_BY_RUN)
    values = {name: one.default for name, one in declarations.items()} | params.values
    if request.engine:
        values["engine"] = request.engine
    if request.sql_dialect:
        values["sql_dialect"] = request.sql_dialect
    if values["engine"] not in ("local", "spark"):
        raise ParamsError(
            f"engine is {values['engine']!r}: expected local or spark."
            + params_files.nearest(str(values["engine"]), ("local", "spark"))
        )
    follow_lines(params, values, as_of=request.as_of)
    run = check_run_name(request.run or params_path.stem)
    data = find(request.data or SAMPLE)
    if not data.exists():
        raise TableError(f"the table `{data.name}` is not there: check the path given as DATA.")
    personas = find(str(values["personas"]))
    params_files.read_text(personas, role="persona catalogue")
    labels = find(request.labels) if request.labels else None
    if labels is not None and not labels.is_file():
        raise TableError(f"the labels `{labels.name}` are not there: check the path of LABELS.")
    customers = find(request.customers) if request.customers else None
    if customers is not None and not customers.exists():
        raise TableError(
            f"the table `{customers.name}` is not there: check the path given as CUSTOMERS."
        )
    hashes = {"data": sha256(data), "personas": sha256(personas)}
    hashes["labels"] = sha256(labels) if labels else ""
    hashes["customers"] = sha256(customers) if customers else ""
    samples = [one for one in (ROOT / SAMPLE, ROOT / SAMPLE_LINES) if one.is_file()]
    return Plan(
        run=run,
        values=values,
        data=data,
        labels=labels,
        customers=customers,
        hashes=hashes,
        is_sample=hashes["data"] in [sha256(one) for one in samples],
        params=params,
        personas=personas,
    )


def follow_lines(params: params_files.Params, values: dict[str, Any], *, as_of: str = "") -> None:
    """
    Set what follows from the table holding order lines: their key is the ID, their end the day.

    Parameters
    ----------
    params : Params
        The file as read.
    values : dict
        Parameters in force, which are changed.
    as_of : str
        A day that counts instead of the file's; "" for that one.

    Raises
    ------
    ParamsError
        Where the file names another ID, or a day is given and it groups no lines.
    """
    key = values["group_by"]
    if not key:
        if as_of:
            raise ParamsError(
                f"FROM and TO are days, which cut order lines, and {params.name} has no "
                "`group_by`: name a params file for order lines as PARAMS, or two runs."
            )
        return
    if params.values.get("id_column") not in (None, "", key):
        raise ParamsError(
            f"{params.where('id_column')}: `id_column` is `{params.values['id_column']}`, and "
            f"order lines are grouped by `{key}`, which is then the ID: leave `id_column` out."
        )
    values["id_column"] = key
    if as_of or "as_of" not in params.values:
        # As `helpers.preparation.grouping.LAST`, whose module would bring pandas with it.
        values["as_of"] = as_of or "last"


def check_run_name(run: str) -> str:
    """
    Refuse a name that is no plain folder name.

    Raises
    ------
    ParamsError
        Saying which letters it may have.
    """
    if run == SCORED:
        raise ParamsError(f"RUN is {run!r}, the folder of what `make score` writes: name another.")
    if not RUN_NAME.fullmatch(run) or run.endswith((".failed", ".")):
        raise ParamsError(
            f"RUN is {run!r}: expected a folder name of letters, digits, blanks, `.`, `_` and `-`."
        )
    return run


def find(given: str) -> Path:
    """
    Path of a file that a person has named: from where make was called, else from the checkout.

    Parameters
    ----------
    given : str
        A path.

    Returns
    -------
    Path
        Absolute; it need not exist.
    """
    path = Path(given).expanduser()
    here = Path.cwd() / path
    return here if here.exists() or path.is_absolute() else ROOT / path


def _stale(
    chain: tuple[Stage, ...], folder: Path, known: Mapping[str, str], prints: Mapping[str, str]
) -> tuple[Stage, ...]:
    """The notebooks from the first on whose result is missing or was made from other inputs."""
    for position, stage in enumerate(chain):
        whole = all((folder / name).exists() for name in stage.leaves)
        if not whole or known.get(stage.name) != prints[stage.name]:
            return chain[position:]
    return ()


def _kept(chain: tuple[Stage, ...], stale: tuple[Stage, ...]) -> tuple[str, ...]:
    return tuple(name for stage in chain if stage not in stale for name in stage.leaves)


def _read_fingerprints(folder: Path) -> dict[str, str]:
    try:
        return dict(json.loads((folder / FINGERPRINTS).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _stage_inputs(plan: Plan, folder: Path) -> None:
    """Link the inputs into the run's folder, so that no path of a machine reaches a notebook."""
    inputs = folder / "input"
    inputs.mkdir(exist_ok=True)
    for role, source in _inputs(plan).items():
        (inputs / _input_name(role, plan)).symlink_to(source.resolve())


def _inputs(plan: Plan) -> dict[str, Path]:
    """Files of a run by their roles."""
    given = {"data": plan.data, "labels": plan.labels, "customers": plan.customers}
    return {role: path for role, path in given.items() if path is not None}


def _input_name(role: str, plan: Plan) -> str:
    """Name of an input in the run's folder; of two that are called alike, one has its role too."""
    files = _inputs(plan)
    name = files[role].name
    clash = role != "data" and [one.name for one in files.values()].count(name) > 1
    return f"{role}-{name}" if clash else name


def _run_all(chain: tuple[Stage, ...], stale: tuple[Stage, ...], plan: Plan, folder: Path) -> None:
    """Check the inputs and run the notebooks, whose kernel starts while the inputs are checked."""
    from helpers.pipeline.jupyter_kernels import kernels

    kernel = kernels(environment={FOLDER_VARIABLE: str(folder)}, cwd=ROOT)
    with kernel if stale else nullcontext() as held:
        check_inputs(
            plan.params,
            plan.values,
            data=plan.data,
            personas=plan.personas,
            customers=plan.customers,
        )
        # What the rendering imports is there by the time the notebooks are done.
        threading.Thread(target=import_module, args=["helpers.report.render"], daemon=True).start()
        _stage_inputs(plan, folder)
        for stage in chain:
            if held is None or stage not in stale:
                _tell(f"{stage.name:<12}  unchanged")
            else:
                _run(stage, plan, folder, held)


def _run(stage: Stage, plan: Plan, folder: Path, held: "Kernels") -> None:
    from helpers.pipeline.execution import execute

    heed()
    began = time.monotonic()
    _tell(f"{stage.name:<12}  running ...")
    given = {
        role: f"input/{_input_name(role, plan)}" if role in _inputs(plan) else ""
        for role in GIVEN_BY_RUN
    }
    # The catalogue's path is the one value that a person gives relative to where she stands.
    given["personas"] = _relative(find(str(plan.values["personas"])))
    try:
        with followed(held.progress, lambda sentence: _tell(f"{stage.name:<12}  {sentence}")):
            execute(stage, stage.parameters(plan.values | given), folder=folder, kernels=held)
    except DiskError:
        raise
    except SegmentationError as error:
        copy = keep_failed(stage, plan, folder)
        raise RunError(
            f"{error}\n  {stage.name} as far as it came: {display_path(copy)}"
            if copy
            else str(error)
        ) from None
    for name in stage.leaves:
        if not (folder / name).exists():
            raise RunError(f"{stage.name} ran but left no `{name}`.")
    _tell(f"{stage.name:<12}  done in {time.monotonic() - began:.1f} s")


def _relative(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def keep_failed(stage: Stage, plan: Plan, folder: Path) -> Path | None:
    """Keep the executed copy of a failed notebook beside the run, under another name."""
    unfinished = folder / "notebooks" / f"{stage.name}.failed.ipynb"
    if not unfinished.is_file():
        return None
    kept = plan.folder.with_name(f"{plan.run}.failed")
    kept.mkdir(exist_ok=True)
    return Path(shutil.move(unfinished, kept / unfinished.name))


def _finish(plan: Plan, chain: tuple[Stage, ...], folder: Path, prints: dict[str, str]) -> None:
    """Render the report and write what belongs to the run as a whole."""
    from helpers.pipeline.desk_copy import write_desk_copy
    from helpers.pipeline.manifest import build_manifest
    from helpers.report.render import render

    _tell(f"{'report':<12}  rendering ...")
    results = json.loads((folder / "handoff/03_profiles.json").read_text(encoding="utf-8"))
    manifest = build_manifest(
        values=plan.values, hashes=plan.hashes, is_sample=plan.is_sample, results=results
    )
    banner = (
        "This report was made from a synthetic sample, not from real customers."
        if plan.is_sample
        else None
    )
    html = render(
        [folder / "notebooks" / f"{stage.name}.ipynb" for stage in chain],
        title=str(plan.values["title"]),
        language="en",
        manifest=manifest,
        banner=banner,
    )
    shutil.rmtree(folder / "input")
    shutil.rmtree(folder / SPILL, ignore_errors=True)
    (folder / "report.html").write_text(html, encoding="utf-8")
    write_desk_copy(folder, plan.values)
    _write_json(folder / "manifest.json", manifest)
    _write_json(folder / FINGERPRINTS, prints)
    shutil.rmtree(plan.folder.with_name(f"{plan.run}.failed"), ignore_errors=True)


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
