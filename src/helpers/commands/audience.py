"""`make audience`: a finished run in; files of IDs with treatment and holdout out, or nothing."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from helpers import words
from helpers.campaign.audience import (
    Audiences,
    Settings,
    audience_sql,
    check_settings,
    file_name,
    make_audiences,
)
from helpers.campaign.split import HOLDOUT, TREATMENT
from helpers.comparison.runs import read_run
from helpers.errors import ParamsError, RunError
from helpers.model.scoring_sql import Writer
from helpers.narrative import campaign_chapter as chapter
from helpers.pipeline.publish import Placing, standing
from helpers.pipeline.runner import check_run_name
from helpers.report import components
from helpers.report.render import render_shown
from helpers.spreadsheets import neutralise

SUFFIX = "-audience"
REPORT = "audience.html"
PLAN = "audience.json"
EVERYONE = "audience.csv"
SQL = "audiences.sql"


def settings_of(variables: Mapping[str, str]) -> Settings:
    """
    Read what a person asked for.

    Raises
    ------
    ParamsError
        Naming the variable, what came and what was expected.

    Examples
    --------
    >>> settings_of({"HOLDOUT": "0.1", "SALT": "spring"}).holdout
    0.1
    """
    default = Settings()
    merge = (variables.get("MERGE") or "no").strip().casefold()
    if merge not in ("yes", "no", "1", "0", "true", "false"):
        raise ParamsError(f"MERGE is {variables['MERGE']!r}: expected yes or no.")
    holdout, lift = _share(variables, "HOLDOUT"), _share(variables, "LIFT")
    settings = Settings(
        holdout=default.holdout if holdout is None else holdout,
        salt=variables.get("SALT") or default.salt,
        rate=_share(variables, "RATE"),
        lift=default.lift if lift is None else lift,
        merge=merge in ("yes", "1", "true"),
    )
    check_settings(settings)
    return settings


def _share(variables: Mapping[str, str], name: str) -> float | None:
    text = (variables.get(name) or "").strip()
    if not text:
        return None
    try:
        return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise ParamsError(f"{name} is {text!r}: expected a share, like 0.2 or 20%.") from None


def make_audience(reports: Path, name: str, settings: Settings, *, dialect: str = "") -> Path:
    """
    Draw the audiences of a run and put them into their place.

    Parameters
    ----------
    reports : Path
        The folder of runs.
    name : str
        The run.
    settings : Settings
        As `settings_of` reads them.
    dialect : str
        Dialect of `audiences.sql`; that of the run's `segments.sql` unless given.

    Returns
    -------
    Path
        `<run>-audience/audience.html`. Beside it lie a file of IDs for each audience, all of them
        in `audience.csv`, `audiences.sql` and `audience.json`, which `make readout` reads. The
        same run and settings give the same bytes, and nothing is written unless all is.

    Raises
    ------
    RunError, ParamsError
        Where the run is missing or cannot be drawn from.
    """
    run_name = check_run_name(name)
    place = reports / f"{run_name}{SUFFIX}"
    if (place / "model.json").exists():
        raise RunError(
            f"`reports/{place.name}` is a run of its own: rename it, nothing was written."
        )
    with standing(reports / run_name) as folder:
        run = read_run(folder, role="RUN")
        dialect = dialect or str(run.parameters.get("sql_dialect") or "duckdb")
        Writer(dialect)
        made = make_audiences(run, folder, settings)
        sql = audience_sql(run, made, dialect=dialect)
        plan = _plan(made, run.name, run.manifest)
        html = page(made, run.name, run.manifest)
    placing = Placing(place)
    with placing.locked(), placing.aside() as folder:
        _write(folder / EVERYONE, made.customers)
        for row in made.table.to_dict("records"):
            own = made.customers[made.customers["audience"] == row["audience"]]
            _write(folder / file_name(int(row["audience"]), str(row["persona"])), own)
        (folder / SQL).write_text(sql, encoding="utf-8")
        (folder / PLAN).write_text(json.dumps(plan, indent=1, ensure_ascii=False) + "\n", "utf-8")
        (folder / REPORT).write_text(html, encoding="utf-8")
    return place / REPORT


def _write(path: Path, frame: pd.DataFrame) -> None:
    neutralise(frame).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _plan(made: Audiences, name: str, manifest: Mapping[str, object]) -> dict[str, object]:
    settings = made.settings
    return {
        "run": name,
        "segments_sha256": manifest.get("segments_sha256", ""),
        "id_column": made.id_column,
        "holdout": settings.holdout,
        "salt": settings.salt,
        "lift": settings.lift,
        "rate_from": made.rate_from,
        "audiences": [
            {
                "audience": int(row["audience"]),
                "persona": str(row["persona"]),
                "segments": list(row["segments"]),
                "customers": int(row["n"]),
                TREATMENT: int(row[TREATMENT]),
                HOLDOUT: int(row[HOLDOUT]),
                "rate": float(row["rate"]),
                "detectable_lift": None if pd.isna(row["detectable"]) else float(row["detectable"]),
                "customers_needed": None if pd.isna(row["needed"]) else int(row["needed"]),
                "powered": bool(row["powered"]),
                "file": file_name(int(row["audience"]), str(row["persona"])),
            }
            for row in made.table.to_dict("records")
        ],
    }


def page(made: Audiences, name: str, manifest: Mapping[str, object]) -> str:
    """Render the page that says who is in an audience and what it can show."""
    table = chapter.audience_table(made)
    shown = components.table(
        table, caption=chapter.audience_caption(made), formats=chapter.audience_formats()
    )
    return render_shown(
        [
            components.answer(chapter.audience_answer(made)),
            components.key_figures(
                {
                    "audiences": len(made.table),
                    "customers": words.number(int(made.table["n"].sum())),
                    "held out": words.percent(made.settings.holdout),
                }
            ),
        ],
        [
            (
                "What can each audience show?",
                [
                    (
                        "",
                        [
                            components.say(chapter.rate_sentence(made)),
                            shown,
                            components.points(*chapter.power_sentences(made)),
                        ],
                    )
                ],
            ),
            ("Who is in no audience?", [("", [components.points(*chapter.rule_sentences(made))])]),
        ],
        title=f"Audiences of {name}",
        language="en",
        banner=(
            "The run was made from a synthetic sample, not from real customers."
            if manifest.get("sample")
            else None
        ),
        manifest={
            "run": name,
            "segments_sha256": manifest.get("segments_sha256", ""),
            "holdout": made.settings.holdout,
            "salt": made.settings.salt,
        },
    )


def summary(made_in: Path) -> list[str]:
    """Lines for the terminal about audiences that were written."""
    plan = json.loads((made_in / PLAN).read_text(encoding="utf-8"))
    return [
        f"{one['file']}: {words.number(one[TREATMENT])} treatment, "
        f"{words.number(one[HOLDOUT])} holdout"
        + ("" if one["powered"] else "; too small for the lift that is to be found")
        for one in plan["audiences"]
    ]
