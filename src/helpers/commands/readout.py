"""`make readout`: an audience and the results of its campaign in; one report out, or nothing."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import words
from helpers.campaign.readout import Readout, find_columns, parse_results, read_out
from helpers.commands.audience import EVERYONE, PLAN, SUFFIX
from helpers.comparison.runs import ID, Run, read_run
from helpers.engines.local import LocalEngine
from helpers.errors import RunError, SegmentationError, TableError
from helpers.figures.campaign import lift_by_audience
from helpers.narrative import campaign_chapter as chapter
from helpers.params.column_types import Column
from helpers.pipeline.publish import Placing, standing
from helpers.pipeline.runner import check_run_name
from helpers.report import components
from helpers.report.figure_cell import picture
from helpers.report.render import render_shown
from helpers.spreadsheets import neutralise, restore
from helpers.tables.dialects import find_dialect
from helpers.workspace import sha256

REPORT = "readout.html"
TABLE = "readout.csv"
PLACE = "-readout"


def make_readout(
    reports: Path, name: str, results: Path, *, bought: str = "", amount: str = "", sheet: str = ""
) -> Path:
    """
    Say what a campaign has changed, and put the report into its place.

    Parameters
    ----------
    reports : Path
        The folder of runs.
    name : str
        The run whose audience was drawn by `make audience`.
    results : Path
        A table with the ID, who bought, and for how much.
    bought, amount : str
        Names of the columns, where they are called otherwise.
    sheet : str
        Sheet of a workbook.

    Returns
    -------
    Path
        `<run>-readout/readout.html`; beside it lies `readout.csv`. The same files give the same
        bytes, and nothing is written unless all is.

    Raises
    ------
    RunError, TableError
        Where the audience is missing or the results cannot be read.
    """
    run_name = check_run_name(name)
    place = reports / f"{run_name}{PLACE}"
    if (place / "model.json").exists():
        raise RunError(
            f"`reports/{place.name}` is a run of its own: rename it, nothing was written."
        )
    plan, audience = _read_audience(reports / f"{run_name}{SUFFIX}", run_name)
    if not results.exists():
        raise TableError(f"the results `{results.name}` are not there: check the path of DATA.")
    table = _read_results(results, plan["id_column"], bought=bought, amount=amount, sheet=sheet)
    with standing(reports / run_name) as folder:
        run = _run_if_same(folder, plan)
        features = None if run is None else _features(run, audience["id"])
    found = read_out(
        audience,
        table,
        holdout=float(plan["holdout"]),
        personas={int(one["audience"]): str(one["persona"]) for one in plan["audiences"]},
        features=features,
    )
    html = page(found, plan, results, compared=run is not None)
    placing = Placing(place)
    with placing.locked(), placing.aside() as folder:
        (folder / REPORT).write_text(html, encoding="utf-8")
        neutralise(found.segments).to_csv(
            folder / TABLE, index=False, lineterminator="\n", encoding="utf-8"
        )
    return place / REPORT


def _read_audience(folder: Path, run: str) -> tuple[dict[str, Any], pd.DataFrame]:
    try:
        plan = dict(json.loads((folder / PLAN).read_text(encoding="utf-8")))
        name = str(plan["id_column"])
        held = pd.read_csv(
            folder / EVERYONE,
            usecols=[name, "audience", "group"],
            dtype=str,
            keep_default_na=False,
        ).astype({"audience": "int64"})
        for key in ("holdout", "audiences"):
            plan[key]
    except FileNotFoundError:
        raise RunError(
            f"`reports/{folder.name}` holds no audience: draw it first with make audience "
            f"RUN={run}."
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RunError(
            f"the audience in `reports/{folder.name}` cannot be read ({said}): draw it again with "
            f"make audience RUN={run}."
        ) from None
    held = restore(held)
    return plan, held.rename(columns={name: "id"})[["id", "audience", "group"]]


def _read_results(
    path: Path, id_column: str, *, bought: str, amount: str, sheet: str
) -> pd.DataFrame:
    header = find_dialect(path, sheet=sheet).header
    names = find_columns(header, id_column, bought=bought, amount=amount)
    declared = {id_column: Column(id_column, "category")}
    if names[0]:
        declared[names[0]] = Column(names[0], "category")
    table, _ = LocalEngine().read(path, columns=declared, null_values=[""], sheet=sheet)
    frame = table.frame([id_column, *(one for one in names if one)])
    frame[id_column] = (
        frame[id_column].astype("string").str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    )
    return parse_results(frame, id_column, bought=names[0], amount=names[1])


def _run_if_same(folder: Path, plan: Mapping[str, Any]) -> Run | None:
    """The run that the audience was drawn from, if it still stands."""
    try:
        run = read_run(folder, role="RUN")
    except SegmentationError:
        return None
    same = run.manifest.get("segments_sha256", "") == plan.get("segments_sha256", "")
    return run if same else None


def _features(run: Run, ids: pd.Series) -> pd.DataFrame:
    """Features of the run for the customers of the audience, in their order."""
    frame = run.frame(list(run.model.features)).astype("float64")
    frame.index = pd.Index(run.customers[ID].astype("string").to_numpy(dtype=object))
    frame = frame[~frame.index.duplicated()]
    made = frame.reindex(ids.to_numpy(dtype=object)).reset_index(drop=True)
    names = run.parameters.get("names", {})
    return made.rename(columns={name: words.label(name, names) for name in run.model.features})


def page(found: Readout, plan: Mapping[str, Any], results: Path, *, compared: bool) -> str:
    """Render the report of a campaign."""
    rows = found.segments.dropna(subset=["lift"])
    table = components.table(
        chapter.readout_table(found),
        caption=chapter.readout_caption(found),
        formats=chapter.readout_formats(),
    )
    shown = [components.points(*chapter.segment_sentences(found)), table]
    if len(rows):
        numbers = rows[["audience", "persona", "lift", "low", "high"]]
        shown.insert(
            1, picture(lift_by_audience, numbers, numbers=numbers, formats=_points_of(numbers))
        )
    if compared and len(found.balance):
        fair = [
            components.table(
                found.balance.rename(columns={"p_adjusted": "adjusted p"}),
                caption=chapter.balance_caption(found),
                formats={"difference": chapter.signed_deviation, "adjusted p": words.p_value},
            )
        ]
    else:
        fair = [
            components.say(
                "The run that the audience was drawn from is not there any more, so that it cannot "
                "be said whether the groups were alike before."
            )
        ]
    warned = chapter.warnings(found, holdout=float(plan["holdout"]))
    return render_shown(
        [
            components.answer(chapter.readout_answer(found)),
            components.say(chapter.money_sentence(found)),
            *(components.note(one, kind="warning") for one in warned),
        ],
        [
            ("What changed in each audience?", [("", shown)]),
            ("Were the groups alike before?", [("", fair)]),
        ],
        title=f"What the campaign to {plan['run']} has changed",
        language="en",
        manifest={
            "run": plan["run"],
            "results_sha256": sha256(results),
            "segments_sha256": plan.get("segments_sha256", ""),
            "holdout": plan["holdout"],
            "salt": plan["salt"],
        },
    )


def _points_of(numbers: pd.DataFrame) -> dict[Any, Any]:
    return {name: chapter.signed_points for name in ("lift", "low", "high") if name in numbers}
