"""`make backtest`: order lines in; a frozen segmentation against one refitted each month out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import words
from helpers.comparison.months import Backtest, Month, Recipe, backtest
from helpers.engines import open_engine
from helpers.engines.base import REASON, Table
from helpers.engines.sql import column_sql, parse_steps, text_sql
from helpers.errors import ParamsError, RunError, TableError
from helpers.figures.months import moved_over_months
from helpers.kmeans.sampling import sample_rows
from helpers.narrative import months_chapter as chapter
from helpers.params.column_types import Column, parse_columns
from helpers.personas import matching
from helpers.personas.catalogue import load_catalogue
from helpers.pipeline.publish import Placing
from helpers.pipeline.runner import Plan, Request, check_run_name, make_plan
from helpers.pipeline.stages import stages
from helpers.preparation import loading, profiling
from helpers.preparation.grouping import LINES, find_roles
from helpers.preparation.loading import LineRecipe, Source, group_lines, read_lines
from helpers.preparation.scaling import Scaling
from helpers.report import components
from helpers.report.figure_cell import picture
from helpers.report.render import render_shown
from helpers.selection.choice import choose_k
from helpers.selection.sweep import tune
from helpers.workspace import reports_folder

REPORT, MONTHS, SEGMENTS = "backtest.html", "months.csv", "segments-by-month.csv"
EVERY = {"week": "W-SUN", "month": "ME", "quarter": "QE"}
SPENT = "spent_since_the_day_before"
TOO_OLD = "before the days that are looked back on"
K_ROWS = 5000
K_RESAMPLES = 20
LOOKBACKS = ("same", "all")


class _Kept:
    """A table that is grouped once for each day, and so is not released in between."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def __getattr__(self, name: str) -> Any:
        return getattr(self.table, name)

    def release(self) -> None:
        """Keep the rows."""


@dataclass(frozen=True)
class _Lines:
    """Order lines as they were read, and how customers are made of them."""

    table: Table
    facts: Any
    recipe: LineRecipe
    joined: loading.Details | None
    date: str
    date_sql: str
    amount: str


def make_backtest(variables: Mapping[str, str]) -> Path:
    """
    Hold a segmentation frozen on the first day against refits, and put the report into place.

    Parameters
    ----------
    variables : mapping of str to str
        Make variables: PARAMS, DATA, CUSTOMERS, RUN, ENGINE, FROM, TO, EVERY, LOOKBACK.

    Returns
    -------
    Path
        `<run>-backtest/backtest.html`; beside it lie `months.csv` and `segments-by-month.csv`. The
        same inputs give the same bytes, and nothing is written unless all is.

    Raises
    ------
    ParamsError, TableError, RunError
        Where no order lines were named, or too few days of them are there.
    """
    every = variables.get("EVERY") or "month"
    if every not in EVERY:
        raise ParamsError(f"EVERY is {every!r}: expected {', '.join(EVERY)}.")
    lookback = variables.get("LOOKBACK") or "same"
    if lookback not in LOOKBACKS:
        raise ParamsError(f"LOOKBACK is {lookback!r}: expected {' or '.join(LOOKBACKS)}.")
    ends = [_day(variables.get(name) or "", name) for name in ("FROM", "TO")]
    params = variables.get("PARAMS") or "params/default.yml"
    if not variables.get("DATA"):
        raise TableError("no order lines were named: give them as DATA=file, and PARAMS=.")
    name = check_run_name(variables.get("RUN") or Path(params).stem)
    place = reports_folder() / f"{name}-backtest"
    if (place / "model.json").exists():
        raise RunError(f"`reports/{place.name}` is a run of its own: rename it.")
    request = Request(
        params=params,
        data=variables.get("DATA") or "",
        run=name,
        engine=variables.get("ENGINE") or "",
        customers=variables.get("CUSTOMERS") or "",
    )
    plan = make_plan(request, stages())
    if not plan.values["group_by"]:
        raise ParamsError(
            f"{plan.params.name} has no `group_by`: a backtest goes by the dates of order lines; "
            "name a params file for such as PARAMS (make params drafts one)."
        )
    lines = _read(plan)
    days = _days(lines, ends, every)
    back = None if lookback == "all" else (days[0][1] - days[0][0]).days + 1
    asked = [one for _, one in days]
    months, extra = _months(lines, plan, asked, back)
    recipe = _recipe(plan.values, extra, _first_k(plan.values, months[0]))
    found = backtest(
        months,
        recipe,
        wanted_k=_wanted_k(plan.values),
        progress=lambda text: print(text, flush=True),
    )
    personas = _personas(plan, months[0], found)
    html = _page(found, plan, recipe, personas, back)
    placing = Placing(place)
    with placing.locked(), placing.aside() as folder:
        (folder / REPORT).write_text(html, encoding="utf-8")
        for file, frame in ((MONTHS, found.months), (SEGMENTS, found.segments)):
            frame.to_csv(folder / file, index=False, lineterminator="\n", encoding="utf-8")
    return place / REPORT


def _day(text: str, name: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ParamsError(f"{name} is {text!r}: expected a day, like 2025-03-31.") from None


def _read(plan: Plan) -> _Lines:
    values = plan.values
    engine = open_engine(values["engine"], spark_master=values["spark_master"])
    declared = parse_columns(values["columns"])
    key, nulls = values["group_by"], values["null_values"]
    recipe = LineRecipe(
        key,
        values["line_steps"],
        values["line_filters"],
        values["aggregates"],
        values["line_roles"],
        values["returns"],
    )
    loading.check_recipe(
        recipe, as_of=loading.LAST, columns=declared, has_details=plan.customers is not None
    )
    source = Source(plan.data, declared, values["sheet"])
    table, facts = read_lines(engine, source, key, nulls)
    joined = None
    if plan.customers is not None:
        columns = parse_columns(values["customer_columns"], where="customer_columns")
        joined = loading.read_details(engine, Source(plan.customers, columns), key, nulls)
    roles = find_roles(recipe.parse(loading.ANY_DAY), facts.columns)
    if not roles.date:
        raise ParamsError(
            "no date of an order line is known: name its column in `line_roles`, as in "
            "`line_roles: {date: ...}`."
        )
    column = facts.columns.get(roles.date, Column(roles.date, "date"))
    sql = column_sql(roles.date)
    if column.type == "date" and column.format and not column.format.startswith("yyyy"):
        sql = f"to_date({sql}, {text_sql(column.format)})"
    kept: Any = _Kept(table)
    return _Lines(kept, facts, recipe, joined, roles.date, sql, roles.amount)


def _days(lines: _Lines, ends: Sequence[date | None], every: str) -> list[tuple[date, date]]:
    """The days that are asked about, each with the first day of the lines."""
    columns = lines.facts.columns
    first = date.fromisoformat(loading.first_day(lines.table, columns, lines.recipe))
    last = date.fromisoformat(loading.last_day(lines.table, columns, lines.recipe))
    known = [
        one.date()
        for one in pd.date_range(
            first, pd.Timestamp(last) - pd.Timedelta(days=1), freq=EVERY[every]
        )
    ]
    start = ends[0] or next((one for one in known if (one - first) * 3 >= last - first), last)
    if not first < start < last:
        raise ParamsError(
            f"FROM is {start}, and the lines go from {first} to {last - pd.Timedelta(days=1)}: "
            "expected a day between."
        )
    stop = ends[1] or last
    days = [start, *(one for one in known if start < one <= stop)]
    if len(days) < 3:
        raise TableError(
            f"the lines from {first} on have {words.plural(len(days), 'day')} to ask about from "
            f"{start} to {min(stop, last)} (EVERY={every}): a backtest needs three or more."
        )
    return [(first, one) for one in days]


def _months(
    lines: _Lines, plan: Plan, days: Sequence[date], back: int | None
) -> tuple[list[Month], bool]:
    values = plan.values
    recipe = lines.recipe
    if back is not None:
        within = f"datediff(current_date(), {lines.date_sql}) < {back}"
        recipe = replace(recipe, line_filters=[*_listed(recipe.line_filters), {TOO_OLD: within}])
    months, before = [], days[0]
    for day in days:
        gap = max((day - before).days - 1, 0)
        held = recipe
        if lines.amount:
            amount, when = column_sql(lines.amount), f"within_days({lines.date_sql}, {gap})"
            since = f"coalesce(sum({amount}) FILTER (WHERE {when}), 0)"
            held = replace(recipe, aggregates=[*_listed(recipe.aggregates), {SPENT: since}])
        months.append(_month(lines, values, held, day.isoformat()))
        before = day
    return months, bool(lines.amount)


def _listed(entries: Any) -> list[Mapping[str, Any]]:
    return [entries] if isinstance(entries, Mapping) else list(entries)


def _month(lines: _Lines, values: Mapping[str, Any], recipe: LineRecipe, day: str) -> Month:
    """Customers as 01_features makes them of the lines up to a day."""
    loaded = group_lines(
        lines.table, lines.facts, recipe=recipe, as_of=day, joined=lines.joined, with_findings=False
    )
    fences = profiling.fences(
        loaded.table,
        loaded.facts.measured(),
        quantiles=values["fence_quantiles"],
        reach=values["fence_reach"],
    )
    treated = profiling.treat(
        loaded.with_reasons,
        loaded.facts.columns,
        id_column=values["group_by"],
        repeats=values["repeats"],
        impossible=values["impossible"],
        outliers=values["outliers"],
        found_fences=fences,
    )
    derived = treated.derive(parse_steps(values["sql_steps"], as_of=day))
    whole = profiling.complete(derived, values["features"], nulls=values["nulls"])
    frame = whole.frame([one for one in whole.columns if one != LINES])
    usable = frame[REASON].isna()
    if int(usable.sum()) < 2 * max(2, int(values["k_min"])):
        raise TableError(
            f"too few customers can be clustered by {day}: choose a later day as FROM."
        )
    ids = frame[values["group_by"]].astype(str)
    customers = frame[usable].set_index(pd.Index(ids[usable].to_numpy(dtype=object)))
    return Month(day, customers.drop(columns=REASON), int((~usable).sum()))


def _recipe(values: Mapping[str, Any], has_amount: bool, k: int) -> Recipe:
    return Recipe(
        features=tuple(values["features"]),
        k=k,
        clip=tuple(values["clip_quantiles"]),
        transforms=dict(values["transforms"]),
        value=str(values["value_column"]),
        spent=SPENT if has_amount else "",
        rfm=dict(values["rfm"]),
        seed=int(values["seed"]),
    )


def _choose(values: Mapping[str, Any], frame: pd.DataFrame, scaling: Scaling) -> int:
    matrix = scaling.transform(frame)
    tuned = tune(
        matrix[sample_rows(matrix, K_ROWS)],
        k_min=int(values["k_min"]),
        k_max=int(values["k_max"]),
        random_state=int(values["seed"]),
        resamples=min(K_RESAMPLES, int(values["resamples"])),
        references=2,
        splits=2,
    )
    floors = {"size_floor": values["size_floor"], "stable_at": values["stable_at"]}
    return int(choose_k(tuned, **floors).k)


def _first_k(values: Mapping[str, Any], month: Month) -> int:
    from helpers.preparation.scaling import fit_scaling

    if values["k"] != "auto":
        return int(values["k"])
    scaling = fit_scaling(
        month.customers,
        values["features"],
        clip=values["clip_quantiles"],
        transforms=values["transforms"],
    )
    return _choose(values, month.customers, scaling)


def _wanted_k(values: Mapping[str, Any]) -> Any:
    return lambda frame, scaling: _choose(values, frame, scaling)


def _personas(plan: Plan, month: Month, found: Backtest) -> dict[int, str]:
    """What the frozen segments are called by their customers on the first day."""
    values = plan.values
    frame = month.customers.sort_index()
    named = matching.assign(
        load_catalogue(plan.personas),
        frame.reset_index(drop=True),
        found.first.reset_index(drop=True),
        list(values["features"]),
        value=values["value_column"] or None,
        roles=matching.played(
            values["roles"],
            rfm=values["rfm"],
            recency_column=values["recency_column"],
            visits_column=values["visits_column"],
        ),
        floor=int(values["privacy_floor"]),
        units=values["units"],
        labels=values["names"],
    )
    return {
        int(number): str(persona)
        for number, persona in zip(named["segment"], named["persona"], strict=True)
    }


def _page(
    found: Backtest, plan: Plan, recipe: Recipe, personas: Mapping[int, str], back: int | None
) -> str:
    value = words.label(recipe.value, plan.values["names"]) if recipe.value else ""
    months = chapter.month_table(found)
    segments = chapter.segment_table(found, personas, floor=int(plan.values["privacy_floor"]))
    chance = found.months[["day", "moved", "moved_low", "moved_high", "chance", "chance_high"]]
    drawn = picture(
        moved_over_months,
        chance,
        numbers=chance,
        formats=dict.fromkeys(list(chance.columns[1:]), words.percent),
        due=found.due.day,
    )
    forecast = [components.say(*chapter.forecast_sentences(found, recipe))]
    if len(found.forecast):
        forecast.append(
            components.table(
                chapter.forecast_table(found), caption=chapter.forecast_caption(found, recipe)
            )
        )
    return render_shown(
        [
            components.answer(chapter.answer(found, recipe)),
            components.key_figures(chapter.key_figures(found)),
            drawn,
        ],
        [
            (
                "When do the segments age?",
                [
                    (
                        "",
                        [
                            components.say(*chapter.how(found, recipe, back)),
                            components.table(
                                months,
                                caption=chapter.month_caption(found),
                                formats=chapter.month_formats(),
                            ),
                        ],
                    )
                ],
            ),
            ("Who moved, and why?", [("", [components.points(*chapter.movers(found))])]),
            (
                "What became of each segment?",
                [
                    (
                        "",
                        [
                            components.points(*chapter.segment_sentences(found, personas)),
                            components.table(
                                segments,
                                caption=chapter.segment_caption(found, personas, value),
                                formats=chapter.segment_formats(),
                                segment_column="segment",
                            ),
                        ],
                    )
                ],
            ),
            (
                "Would another number of segments be chosen?",
                [("", [components.say(*chapter.k_sentences(found, recipe, rows=K_ROWS))])],
            ),
            ("Do the segments say what comes next?", [("", forecast)]),
        ],
        title=f"{plan.values['title']}: month by month",
        language="en",
        banner=(
            "This report was made from a synthetic sample, not from real customers."
            if plan.is_sample
            else None
        ),
        manifest={
            "table_sha256": plan.hashes["data"],
            "from": found.months["day"].iloc[0],
            "to": found.months["day"].iloc[-1],
            "k": recipe.k,
            "features": list(recipe.features),
            "seed": recipe.seed,
        },
    )
