"""What 01 says of a table in words and hands on: faults, counts and reasons, all computed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers import words
from helpers.engines.base import Facts, Table
from helpers.engines.sql import Step
from helpers.errors import ParamsError
from helpers.narrative import reading_notes
from helpers.params.column_types import Column
from helpers.preparation import profiling
from helpers.preparation.categories import Coding
from helpers.preparation.line_findings import LineFindings
from helpers.preparation.loading import LoadedCustomers
from helpers.preparation.privacy import is_private
from helpers.tables.column_profiles import ColumnProfile
from helpers.tables.notes import Note


@dataclass(frozen=True)
class Findings:
    """What was found in one table."""

    rows: int
    columns: int
    used: int
    reasons: pd.DataFrame
    repeats: int
    constants: tuple[str, ...]
    impossible: pd.DataFrame
    fences: pd.DataFrame
    missing: pd.DataFrame
    not_finite: dict[str, int]
    undeclared: tuple[str, ...]
    date_formats: dict[str, str]
    notes: tuple[Note, ...] = ()
    profiles: Mapping[str, ColumnProfile] = field(default_factory=dict)

    @property
    def set_aside(self) -> int:
        """Number of rows that cannot be clustered."""
        return self.rows - self.used


def gather(
    table: Table, facts: Facts, derived: Table, *, id_column: str, fences: pd.DataFrame
) -> Findings:
    """
    Gather what was found in a table.

    Parameters
    ----------
    table : Table
        As read.
    facts : Facts
        Types, formats and counts of the reading.
    derived : Table
        With the features and the column `reason`.
    id_column : str
        Name of the ID column, or an empty text.
    fences : pandas.DataFrame
        As `quality.fences` returns it.

    Returns
    -------
    Findings
        Counts and frames.
    """
    reasons = profiling.reasons(derived)
    return Findings(
        rows=facts.rows,
        columns=len(facts.columns),
        used=facts.rows - int(reasons["n"].sum()),
        reasons=reasons,
        repeats=profiling.repeats(table, id_column=id_column or None),
        constants=tuple(profiling.constants(table, table.columns)),
        impossible=profiling.impossible(table, facts.columns),
        fences=fences,
        missing=profiling.cardinality(table, table.columns).query("missing > 0"),
        not_finite=derived.not_finite,
        undeclared=facts.undeclared,
        date_formats=facts.date_formats,
        notes=facts.notes,
        profiles=facts.profiles | _declared_formats(facts),
    )


def _declared_formats(facts: Facts) -> dict[str, ColumnProfile]:
    """Profiles of declared columns whose numbers are written in a format of their own."""
    return {
        name: ColumnProfile(name, column.type, column.read_as)
        for name, column in facts.columns.items()
        if column.number_format is not None and name not in facts.undeclared
    }


def answer(found: Findings, *, lines: LineFindings | None = None) -> str:
    """The answer to the question of 01, in two sentences."""
    share = words.percent(found.used / found.rows)
    size = words.plural(found.columns, "column")
    first = f"{words.plural(found.rows, 'customer')} with {size} each; "
    if lines is not None:
        first = (
            f"{words.plural(lines.rows, 'order line')} of "
            f"{words.plural(found.rows, 'customer')}; {_used(lines)}. Of the customers, "
        )
        if found.set_aside == 0:
            return first + "every one can be clustered."
        first += f"{words.number(found.used)} ({share}) can be clustered and "
    if found.set_aside == 0:
        return first + "every one of them can be clustered."
    reason = found.reasons.iloc[0]
    main = str(reason["reason"]).replace("`", "")
    tail = (
        f", because {main}."
        if len(found.reasons) == 1
        else f", most often because {main} ({words.number(reason['n'])})."
    )
    verb = "is" if found.set_aside == 1 else "are"
    if lines is not None:
        return first + f"{words.number(found.set_aside)} {verb} set aside{tail}"
    return (
        first
        + f"{words.number(found.used)} of them ({share}) can be clustered and "
        + f"{words.number(found.set_aside)} {verb} set aside{tail}"
    )


def _used(lines: LineFindings) -> str:
    if lines.used == lines.rows:
        return "every line is used"
    share = words.percent(lines.used / lines.rows)
    verb = "is" if lines.used == 1 else "are"
    return f"{words.number(lines.used)} of the lines ({share}) {verb} used"


def faults(found: Findings, treatments: Mapping[str, str]) -> pd.DataFrame:
    """
    Table of the faults that were looked for, how many there are, and what was done.

    Returns
    -------
    pandas.DataFrame
        `fault`, `where`, `n`, `done`.
    """
    done = {
        "keep": "kept",
        "drop": "set aside",
        "clip": "clipped",
        "median": "filled with the median",
    }
    rows: list[dict[str, Any]] = [
        {
            "fault": "rows that repeat another apart from the ID",
            "where": "whole rows",
            "n": found.repeats,
            "done": done[treatments["repeats"]],
        },
        {
            "fault": "columns that are the same in every row",
            "where": words.listing(found.constants) if found.constants else "none",
            "n": len(found.constants),
            "done": "no feature may be constant",
        },
    ]
    rows += [
        {
            "fault": f"impossible entries (possible: {row.possible})",
            "where": row.column,
            "n": row.n,
            "done": done[treatments["impossible"]],
        }
        for row in found.impossible.itertuples()
        if row.n
    ]
    rows += [
        {
            "fault": "gaps",
            "where": row.column,
            "n": row.missing,
            "done": done[treatments["nulls"]] + " where the column is a feature",
        }
        for row in found.missing.itertuples()
    ]
    rows += [
        {
            "fault": "infinite, or not a number (a root of a negative number, say)",
            "where": name,
            "n": count,
            "done": "taken as missing",
        }
        for name, count in found.not_finite.items()
    ]
    outside = int((found.fences["below"] + found.fences["above"]).sum())
    rows.append(
        {
            "fault": "entries outside the quantile fences",
            "where": words.plural(
                int(((found.fences["below"] + found.fences["above"]) > 0).sum()), "column"
            ),
            "n": outside,
            "done": done[treatments["outliers"]],
        }
    )
    return pd.DataFrame(rows)


def faults_caption(found: Findings) -> str:
    """Caption of the faults table: the finding in one sentence."""
    impossible = int(found.impossible["n"].sum())
    missing = int(found.missing["missing"].sum())
    return (
        f"{words.plural(missing, 'gap')}, {words.plural(found.repeats, 'repeated row')}, "
        f"{words.plural(impossible, 'impossible entry', 'impossible entries')}, "
        f"{words.plural(len(found.constants), 'constant column')}"
    )


def faults_reading(found: Findings, treatments: Mapping[str, str]) -> list[str]:
    """Sentences that read the faults table."""
    sentences = []
    impossible = found.impossible[found.impossible["n"] > 0]
    for row in impossible.to_dict("records"):
        extremes = sorted({float(row["least"]), float(row["most"])})
        span = " to ".join(f"{value:g}" for value in extremes)
        sentences.append(
            f"{row['column']} has "
            f"{words.plural(int(row['n']), 'impossible entry', 'impossible entries')} ({span}): "
            f"expected {row['possible']}."
        )
    for name, count in found.not_finite.items():
        sentences.append(
            f"{name} has no finite value for {words.plural(count, 'customer')}, who count as "
            "lacking it."
        )
    if found.repeats:
        share = words.percent(found.repeats / found.rows)
        verb = "repeats" if found.repeats == 1 else "repeat"
        sentences.append(
            f"{words.plural(found.repeats, 'row')} ({share}) {verb} another in everything but the "
            "ID. They may be the same customer twice, or two customers who behave alike; the "
            "stability of the segments is computed so that repeats do not flatter it."
        )
    if found.constants:
        verb = "is" if len(found.constants) == 1 else "are"
        sentences.append(
            f"{words.listing(found.constants)} {verb} the same in every row and can tell no one "
            "apart."
        )
    if found.set_aside:
        verb = "keeps its ID and gets" if found.set_aside == 1 else "keep their ID and get"
        sentences.append(
            f"{words.plural(found.set_aside, 'customer')} set aside {verb} a reason instead of a "
            "segment in the results; nobody is lost."
        )
    if found.undeclared:
        sentences.append(
            f"{words.plural(len(found.undeclared), 'column')} that the params file does not "
            f"declare ({words.listing(found.undeclared[:6])}) were typed by what stands in them."
        )
    sentences += reading_notes.sentences(found.notes, found.profiles)
    for name, format_ in found.date_formats.items():
        sentences.append(f"Dates in {name} were found to be written as {format_}.")
    return sentences or ["Nothing was found wrong."]


STATISTICS = ("mean", "deviation", "min", "q25", "median", "q75", "max", "low", "high")
YEARS = (1000, 3000)


def readable(statistics: pd.DataFrame) -> pd.DataFrame:
    """
    Write statistics of columns of different size that stand below each other.

    Parameters
    ----------
    statistics : pandas.DataFrame
        One row a column of the table; `mean`, `deviation`, `min`, `q25`, `median`, `q75`, `max`,
        `low` and `high` where they are there.

    Returns
    -------
    pandas.DataFrame
        The same with those as text; a column that holds years has no separators in them.

    Examples
    --------
    >>> frame = pd.DataFrame({"column": ["born", "pay"], "min": [1893, 1730], "max": [1996, 9e5]})
    >>> readable(frame)["min"].tolist()
    ['1893', '1,730']
    """
    ends = statistics[[name for name in ("min", "max", "low", "high") if name in statistics]]
    years = ((ends >= YEARS[0]) & (ends < YEARS[1])).all(axis=1)
    shown = statistics.copy()
    for name in STATISTICS:
        if name in shown:
            shown[name] = [
                f"{value:.0f}" if year and value >= YEARS[0] else words.number(value)
                for value, year in zip(statistics[name], years, strict=True)
            ]
    return shown


def quartiles(statistics: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """
    First and third quartile of each column.

    Parameters
    ----------
    statistics : pandas.DataFrame
        As `helpers.preparation.profiling.summary` returns it.
    """
    pairs = zip(statistics["q25"].astype(float), statistics["q75"].astype(float), strict=True)
    return dict(zip(statistics["column"], pairs, strict=True))


def bins(counts: pd.DataFrame) -> pd.DataFrame:
    """
    Bins of a histogram for reading.

    Parameters
    ----------
    counts : pandas.DataFrame
        As `helpers.preparation.profiling.histogram` returns it.

    Returns
    -------
    pandas.DataFrame
        `bin` in words, `customers`.

    Examples
    --------
    >>> frame = pd.DataFrame({"low": [-np.inf, 20.0, 25.0], "high": [20.0, 25.0, np.inf],
    ...                       "n": [1, 9, 2]})
    >>> bins(frame)["bin"].tolist()
    ['below 20', '20 to below 25', '25 or more']
    """
    said = []
    top = counts["high"].max()
    for low, high in zip(counts["low"], counts["high"], strict=True):
        ends = [f"{one:,.10g}".replace("-", words.MINUS) for one in (low, high)]
        if np.isinf(low):
            said.append(f"below {ends[1]}")
        else:
            # The last edge belongs to its bin.
            to = f"to {'' if high == top else 'below '}{ends[1]}"
            said.append(f"{ends[0]} {'or more' if np.isinf(high) else to}")
    return pd.DataFrame({"bin": said, "customers": counts["n"]})


def summary_caption(summary: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Caption of the summary statistics: the column that is most skewed."""
    spread = (summary["mean"] - summary["median"]).abs() / summary["deviation"].where(
        summary["deviation"] > 0
    )
    if spread.isna().all():
        return "Summary statistics of the numeric columns"
    row = summary.iloc[int(spread.fillna(-1.0).to_numpy().argmax())]
    name = words.label(str(row["column"]), names)
    return (
        f"The most skewed column is {name}: its mean is {words.number(row['mean'])} "
        f"and its median {words.number(row['median'])}"
    )


def cardinality_caption(cardinality: pd.DataFrame) -> str:
    """Caption of the counts of distinct values."""
    gaps = int((cardinality["missing"] > 0).sum())
    return (
        f"{words.plural(gaps, 'column')} of {len(cardinality)} "
        f"{'has' if gaps == 1 else 'have'} gaps"
    )


def pairs_caption(pairs: pd.DataFrame) -> str:
    """Caption of the strongest correlations."""
    if pairs.empty:
        return "No two numbers vary together"
    row = pairs.iloc[0]
    return (
        f"{row['first']} and {row['second']} go together most "
        f"(Pearson correlation {row['correlation']:.2f})"
    )


MOST_SHOWN = 12
"""Categories of a column that are shown; the others are counted together."""


def category_counts(table: Table, facts: Facts, *, floor: int) -> pd.DataFrame:
    """
    How often each category occurs, groups below a floor folded into one row.

    Returns
    -------
    pandas.DataFrame
        `column`, `category`, `n`, `share`.
    """
    frames = []
    for name in facts.of_type("category"):
        whole = profiling.cardinality(table, [name]).iloc[0]
        distinct, held = int(whole["distinct"]), facts.rows - int(whole["missing"])
        if is_private(name, held=held, distinct=distinct):
            text = f"{words.number(distinct)} different ones, not shown"
            hidden = pd.DataFrame({"value": [text], "n": [held]})
            frames.append(hidden.assign(column=name, share=hidden["n"] / facts.rows))
            continue
        counts = profiling.counts(table, name, most=MOST_SHOWN)
        shown = _shortened(counts[counts["n"] >= floor], "value")
        rest = distinct - len(shown)
        if rest:
            text = f"{words.number(rest)} rarer {'category' if rest == 1 else 'categories'}"
            left = held - int(shown["n"].sum())
            shown = pd.concat([shown, pd.DataFrame({"value": [text], "n": [left]})])
        frames.append(shown.assign(column=name, share=shown["n"] / facts.rows))
    if not frames:
        return pd.DataFrame(columns=["column", "category", "n", "share"])
    found = pd.concat(frames, ignore_index=True).rename(columns={"value": "category"})
    return found[["column", "category", "n", "share"]]


def _shortened(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Texts of columns that are too long to be shown, shortened."""
    return frame.assign(
        **{name: frame[name].replace(words.short_names(frame[name].dropna())) for name in columns}
    )


MOST_DRAWN = 12


def drawn(columns: Sequence[str]) -> list[str]:
    """Columns that get a picture each: the first twelve."""
    return list(columns[:MOST_DRAWN])


def not_drawn(columns: Sequence[str]) -> list[str]:
    """A sentence on the columns that get no picture, where there are any."""
    rest = len(columns) - MOST_DRAWN
    if rest <= 0:
        return []
    verb = "is" if rest == 1 else "are"
    return [
        f"{words.plural(rest, 'more column')} that the params file names {verb} not drawn, so that "
        "the report stays small; the numbers are in the summary above."
    ]


def fences_caption(fences: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Caption of the fences: the column with the most values outside."""
    if fences.empty:
        return "No numeric column"
    outside = fences["below"] + fences["above"]
    row = fences.iloc[int(outside.to_numpy().argmax())]
    return (
        "Most entries outside the fences: "
        f"{words.label(str(row['column']), names)} ({words.number(int(outside.max()))})"
    )


def steps_table(steps: Sequence[Step]) -> pd.DataFrame:
    """The SQL steps as a table: `column`, `Spark SQL`, `reads`."""
    return pd.DataFrame(
        {
            "column": [step.name for step in steps],
            "Spark SQL": [step.sql for step in steps],
            "reads": [", ".join(step.sources) for step in steps],
        }
    )


def steps_caption(steps: Sequence[Step], as_of: str) -> str:
    """Caption of the steps."""
    return f"{words.plural(len(steps), 'derived column')}; current_date() stands for {as_of}"


def features_caption(found: Findings, features: Sequence[str]) -> str:
    """Caption of the features' summary."""
    return (
        f"The {words.plural(len(features), 'feature')} that {words.plural(found.used, 'customer')} "
        "are told apart by"
    )


def boxes(
    table: Table,
    wanted: Sequence[Mapping[str, str]],
    names: Mapping[str, str],
    units: Mapping[str, str],
    *,
    floor: int,
) -> list[tuple[pd.DataFrame, dict[str, Any]]]:
    """
    Quantile summaries for box plots, each with the options of its picture.

    Parameters
    ----------
    table : Table
        With the columns.
    wanted : list of mappings
        `number` and `by`: a numeric column and a category.
    names, units : mapping of str to str
        Name and unit of a column.
    floor : int
        Groups of fewer customers are left out of the numbers.

    Returns
    -------
    list of (pandas.DataFrame, dict)
        As `quality.boxes` returns it, and keyword arguments for `picture`.
    """
    found = []
    for pair in wanted:
        number, by = _keys(pair, ("number", "by"), "box_plots")
        cells = _shortened(profiling.boxes(table, number, by), "category")
        if not (cells["n"] >= floor).any() or private_columns(table, [by]):
            continue
        options = {
            "name": words.label(number, names),
            "by": words.label(by, names),
            "unit": units.get(number),
            "floor": floor,
            "numbers": cells[cells["n"] >= floor],
        }
        found.append((cells, options))
    return found


def pivots(
    table: Table,
    wanted: Sequence[Mapping[str, str]],
    names: Mapping[str, str],
    units: Mapping[str, str],
    *,
    floor: int,
) -> list[tuple[pd.DataFrame, dict[str, Any]]]:
    """
    Means of a number by two categories, each with the options of its picture.

    Parameters
    ----------
    table, names, units, floor
        As for `boxes`.
    wanted : list of mappings
        `mean`, `rows` and `columns`: a numeric column and two categories.

    Returns
    -------
    list of (pandas.DataFrame, dict)
        As `quality.pivot` returns it, and keyword arguments for `picture`.
    """
    found = []
    for entry in wanted:
        number, rows, columns = _keys(entry, ("mean", "rows", "columns"), "pivots")
        cells = _shortened(profiling.pivot(table, number, rows, columns), "rows", "columns")
        if not (cells["n"] >= floor).any() or private_columns(table, [rows, columns]):
            continue
        options = {
            "name": words.label(number, names),
            "rows": words.label(rows, names),
            "columns": words.label(columns, names),
            "unit": units.get(number),
            "floor": floor,
            "numbers": cells[cells["n"] >= floor],
        }
        found.append((cells, options))
    return found


def not_broken_down(
    table: Table,
    wanted: Sequence[Mapping[str, str]],
    pictures: Sequence[tuple[pd.DataFrame, Mapping[str, Any]]],
    names: Mapping[str, str],
    *,
    floor: int,
) -> list[str]:
    """
    Say which box plots or pivots were left out, and why.

    Parameters
    ----------
    table : Table
        With the columns.
    wanted : list of mappings
        As for `boxes` or `pivots`.
    pictures : list of (pandas.DataFrame, mapping)
        Those that were made of them.
    names : mapping of str to str
        Name of a column.
    floor : int
        Customers that a group must have.

    Returns
    -------
    list of str
        A sentence for each.
    """
    keys = ("by", "rows", "columns")
    made = [[options[key] for key in ("name", *keys) if key in options] for _, options in pictures]
    said = []
    for entry in wanted:
        groups = [entry[key] for key in keys if key in entry]
        number = words.label(entry.get("number") or entry["mean"], names)
        shown = [words.label(name, names) for name in groups]
        if [number, *shown] in made:
            continue
        private = private_columns(table, groups)
        why = (
            f"{words.listing([words.label(name, names) for name in private])} may tell single "
            "customers apart"
            if private
            else f"no group has {words.plural(floor, 'customer')} or more"
        )
        said.append(words.sentence(f"{number} is not broken down by {words.listing(shown)}: {why}"))
    return said


def private_columns(table: Table, columns: Sequence[str]) -> list[str]:
    """Those of the columns of which no entry may be shown."""
    found = profiling.cardinality(table, columns)
    return [
        str(name)
        for name, missing, distinct in zip(
            *(found[key].tolist() for key in ("column", "missing", "distinct")), strict=True
        )
        if is_private(str(name), held=table.rows - int(missing), distinct=int(distinct))
    ]


def _keys(entry: Mapping[str, str], keys: Sequence[str], parameter: str) -> list[str]:
    if not isinstance(entry, Mapping) or set(entry) != set(keys):
        raise ParamsError(
            f"`{parameter}` holds {entry!r}: expected entries with {words.listing(keys)}."
        )
    return [str(entry[key]) for key in keys]


def handoff(
    found: Findings,
    loaded: LoadedCustomers,
    fences: pd.DataFrame,
    derived: Table,
    features: Sequence[str],
    *,
    sheet: str = "",
    coding: Coding | None = None,
) -> dict[str, Any]:
    """
    What 01 hands on beside the features: counts, types, fences, medians and how lines were grouped.

    With `sheet`, the one that the params file names for a workbook, and `coding`, how categories
    became features.

    Returns
    -------
    dict
        Ready for JSON.
    """
    lines = None
    if loaded.model is not None:
        columns = {name: asdict(column) for name, column in loaded.model.columns.items()}
        lines = loaded.model.facts() | {"columns": columns}
    return (
        {
            "as_of": loaded.as_of,
            "lines": lines,
            "rows": found.rows,
            "used": found.used,
            "reasons": dict(zip(found.reasons["reason"], found.reasons["n"].map(int), strict=True)),
            "repeats": found.repeats,
            "columns": {name: _stated(column) for name, column in loaded.facts.columns.items()},
            "undeclared": list(loaded.facts.undeclared),
            "fences": fences[["column", "low", "high"]].to_dict("list"),
            "medians": profiling.medians(derived, features),
            "period": period(loaded),
        }
        | ({"sheet": sheet} if sheet else {})
        | (coding.facts() if coding else {})
    )


def period(loaded: LoadedCustomers) -> dict[str, str]:
    """
    Span of the order lines that count: `first` and `last`, a month or a day each.

    Returns
    -------
    dict
        Empty where the table is one of customers, or no date of its lines is known.
    """
    if loaded.lines is None or loaded.lines.periods.empty:
        return {}
    form = "%Y-%m" if loaded.lines.period == "month" else "%Y-%m-%d"
    starts = pd.to_datetime(loaded.lines.periods["start"])
    return {"first": starts.min().strftime(form), "last": starts.max().strftime(form)}


def coding_sentences(coding: Coding) -> list[str]:
    """What was done with categories among the features; nothing where there are none."""
    if not coding.kinds:
        return []
    listed = words.listing([f"`{name}`" for name in coding.kinds])
    return [
        f"Categories among the features enter as {words.plural(len(coding.kinds), 'column')} of 0 "
        f"and 1: {listed}. The columns of a category with more than two entries are divided by the "
        "root of their share and of the number of entries less one, so that it varies as much as a "
        "number does (after the factor analysis of mixed data)."
    ]


def _stated(column: Column) -> dict[str, Any]:
    facts = asdict(column)
    return {key: one for key, one in facts.items() if one or key != "null_values"}


def handoff_sentence(found: Findings) -> str:
    """The last sentence of 01."""
    return (
        f"{words.plural(found.rows, 'row')} handed on, {words.number(found.used)} of them to be "
        "clustered."
    )
