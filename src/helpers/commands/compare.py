"""`make compare`: two finished runs in; one report and one list of moves out, or nothing."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import words
from helpers.comparison import moves
from helpers.comparison.match import Comparison, compare
from helpers.comparison.moves import NOWHERE
from helpers.comparison.runs import read_run
from helpers.errors import RunError
from helpers.figures.flows import alluvial
from helpers.narrative import comparison_chapter
from helpers.pipeline.publish import Placing, standing
from helpers.pipeline.runner import RUN_NAME
from helpers.report import components
from helpers.report.figure_cell import picture
from helpers.report.render import render_shown
from helpers.spreadsheets import neutralise

REPORT = "compare.html"
MOVES = "moves.csv"
SHARES = ("share", "share of segment", "share before", "share after")


def make_comparison(reports: Path, old: str, new: str) -> Path:
    """
    Compare two finished runs and put the report in its place.

    Parameters
    ----------
    reports : Path
        The folder of runs.
    old, new : str
        Names of the runs.

    Returns
    -------
    Path
        `<old>-to-<new>/compare.html`; beside it lies `moves.csv`. The same two runs give the same
        bytes, and nothing is written unless all is.

    Raises
    ------
    RunError
        Where a run is missing or cannot be compared.
    """
    for role, name in (("FROM", old), ("TO", new)):
        if not name:
            raise RunError(f"no run was named: give {role}=, as in FROM=march TO=april.")
        if not RUN_NAME.fullmatch(name) or name.endswith("."):
            raise RunError(f"{role} is {name!r}: expected the name of a run under `reports/`.")
    place = reports / f"{old}-to-{new}"
    if (place / "model.json").exists():
        raise RunError(
            f"`reports/{place.name}` is a run of its own: rename it, nothing was written."
        )
    with standing(reports / old), standing(reports / new):
        found = compare(read_run(reports / old, role="FROM"), read_run(reports / new, role="TO"))
        html = page(found)
        listed = neutralise(comparison_chapter.moves_table(found))
    placing = Placing(place)
    with placing.locked(), placing.aside() as folder:
        (folder / REPORT).write_text(html, encoding="utf-8")
        listed.to_csv(folder / MOVES, index=False, lineterminator="\n", encoding="utf-8")
    return place / REPORT


def page(found: Comparison) -> str:
    """Render the report of a comparison."""
    samples = [bool(run.manifest.get("sample")) for run in (found.old, found.new)]
    banner = None
    if any(samples):
        which = "Both runs were" if all(samples) else "One of the runs was"
        banner = f"{which} made from a synthetic sample, not from real customers."
    return render_shown(
        _summary(found),
        [
            ("Who moved where?", _where(found)),
            ("Why did they move?", _why(found)),
            ("What became of the segments?", _segments(found)),
            ("Were the runs made alike?", _recipe(found)),
        ],
        title=f"From {found.old.name} to {found.new.name}: who moved, and why",
        language="en",
        banner=banner,
        manifest={
            "before": found.old.name,
            "after": found.new.name,
            "table_before_sha256": found.old.manifest["data_sha256"],
            "table_after_sha256": found.new.manifest["data_sha256"],
            "privacy_floor": found.floor,
        },
    )


def _summary(found: Comparison) -> list[components.Shown]:
    warned = [components.note(text, kind="warning") for text in comparison_chapter.warnings(found)]
    return [
        components.answer(
            f"{comparison_chapter.finding(found)} {comparison_chapter.answer(found)}".strip()
        ),
        components.key_figures(comparison_chapter.key_figures(found)),
        *warned,
        components.points(*comparison_chapter.segment_sentences(found)),
        components.say(comparison_chapter.for_the_crm(found)),
    ]


Sections = Sequence[tuple[str, Sequence[components.Shown]]]


def _where(found: Comparison) -> Sections:
    counted = comparison_chapter.flows(found)
    large, small = comparison_chapter.shown_flows(counted, floor=found.floor)
    first = components.say(
        "Customers are matched by ID. Segments are paired so that as many customers as possible "
        "stay in a pair; numbers may differ between the runs, a pair counts as one segment.",
        _small_sentence(small, found.floor),
    )
    shown = [first]
    if len(large):
        shown.append(
            picture(
                alluvial,
                large,
                numbers=_flow_numbers(large),
                old_names=comparison_chapter.names(found.old),
                new_names=comparison_chapter.names(found.new),
                counterpart=found.counterpart,
                sizes=_sizes(counted),
                matched=len(found.matched),
                moved=len(found.moved),
            )
        )
    table = comparison_chapter.flow_table(found)
    if len(table):
        top = table.iloc[0]
        caption = (
            f"The largest move, from segment {top['from']} to segment {top['to']}, is of "
            f"{words.plural(int(top['customers']), 'customer')}."
            if top["from"] != comparison_chapter.OTHER
            else f"No move is of {found.floor} customers or more."
        )
        shown.append(components.table(table, caption=caption, formats=_formats(table, found.floor)))
    return [("", shown)]


def _small_sentence(small: pd.DataFrame, floor: int) -> str:
    if small.empty:
        return ""
    n = comparison_chapter.told(int(small["n"].sum()), floor=floor)
    return (
        f"{n[:1].upper()}{n[1:]} customers went ways that fewer than {floor} customers took; these "
        "ways are not drawn or told apart, so that no customer can be recognised."
    )


def _flow_numbers(large: pd.DataFrame) -> pd.DataFrame:
    def said(values: pd.Series, nowhere: str) -> pd.Series:
        return values.astype(str).mask(values == NOWHERE, nowhere)

    return pd.DataFrame(
        {
            "before": said(large["from"], "no segment"),
            "after": said(large["to"], "no segment"),
            "customers": large["n"],
        }
    )


def _sizes(counted: pd.DataFrame) -> tuple[dict[int, int], dict[int, int]]:
    before, after = (counted.groupby(side)["n"].sum() for side in ("from", "to"))
    return (
        dict(zip(before.index.tolist(), before.tolist(), strict=True)),
        dict(zip(after.index.tolist(), after.tolist(), strict=True)),
    )


def _why(found: Comparison) -> Sections:
    causes = comparison_chapter.cause_table(found)
    if causes.empty:
        return [
            ("", [components.say("Nobody moved, came or went, so that there is no cause to name.")])
        ]
    caption = _cause_caption(causes)
    how = (
        "The old model is asked about each customer's new columns. If these changed and it gives "
        "them another segment, the move is the customer's behaviour. If it would have left the "
        "customer where it was, the new model made the move: by its number of segments, by other "
        "features or settings, or by the fit."
    )
    shown: list[tuple[str, Sequence[components.Shown]]] = [
        (
            "",
            [
                components.say(how),
                components.table(causes, caption=caption, formats=_formats(causes, found.floor)),
            ],
        )
    ]
    behaviour = comparison_chapter.behaviour_table(found)
    if len(behaviour):
        first = behaviour.iloc[0]
        said = (
            f"Those who went from segment {first['from']} to segment {first['to']} changed most "
            f"in {first['feature']}: {first['mean before']} before, {first['mean after']} after."
        )
        shown.append(
            ("What did customers do differently?", [components.table(behaviour, caption=said)])
        )
    return shown


def _cause_caption(causes: pd.DataFrame) -> str:
    """Name the cause of most moves, or say that none is large enough."""
    named = causes[causes["cause"].isin(moves.MOVES)]
    if named.empty:
        return "No cause moved enough customers to be told by itself."
    top = named.sort_values("customers", ascending=False, kind="stable").iloc[0]
    return (
        f"The cause that moved most customers is {top['cause']}: "
        f"{words.plural(int(top['customers']), 'customer')}, {words.percent(top['share'])} of "
        "those in both runs."
    )


def _segments(found: Comparison) -> Sections:
    table = comparison_chapter.segment_table(found)
    caption = _size_caption(table)
    shown = [components.table(table, caption=caption, formats=_formats(table, found.floor))]
    columns = [str(run.parameters.get("value_column", "")) for run in (found.old, found.new)]
    labels = [
        words.label(one, run.parameters.get("names", {}))
        for one, run in zip(columns, (found.old, found.new), strict=True)
    ]
    if columns[0] == columns[1]:
        said = f"Value is the mean of {labels[0]} of a segment's customers."
    else:
        said = (
            f"Value is the mean of {labels[0]} before and of {labels[1]} after: the two are not "
            "to be compared."
        )
    return [("", [components.say(said), *shown])]


def _size_caption(table: pd.DataFrame) -> str:
    """Say which segment's share of the customers changed most."""
    sized = table.dropna(subset=["share before", "share after"]).reset_index(drop=True)
    if sized.empty:
        return "No segment has a counterpart."
    shares = [sized[name].astype(float) for name in ("share before", "share after")]
    change = (shares[1] - shares[0]).abs().round(9).to_numpy()
    at = int(change.argmax())
    if change[at] == 0:
        return "Every segment has the share of customers that it had."
    return (
        f"Segment {sized['before'].iloc[at]} changed its share of customers most: "
        f"{words.percent(shares[0].iloc[at])} before, {words.percent(shares[1].iloc[at])} after."
    )


def _recipe(found: Comparison) -> Sections:
    table = comparison_chapter.parameter_table(found)
    n = int((table["mark"] == comparison_chapter.DIFFERS).sum())
    caption = (
        f"{n} of {len(table)} entries differ." if n else f"None of {len(table)} entries differs."
    )
    said = components.say(comparison_chapter.settings_sentence(found))
    if not n:
        return [("", [said, components.say(caption)])]
    apart = table[table["mark"] == comparison_chapter.DIFFERS].drop(columns="mark")
    return [("", [said, components.table(apart, caption=caption, max_rows=len(apart))])]


def _formats(table: pd.DataFrame, floor: int) -> dict[Hashable, Callable[[Any], str]]:
    formats: dict[Hashable, Callable[[Any], str]] = {
        name: words.percent for name in SHARES if name in table
    }
    formats |= {name: words.number for name in ("value before", "value after") if name in table}
    formats |= {
        name: "{:,}".format for name in ("customers before", "customers after") if name in table
    }
    # What is left over may be of fewer customers than any group that is told.
    formats |= {"customers": partial(comparison_chapter.told, floor=floor)}
    formats = {name: form for name, form in formats.items() if name in table}
    return formats
