"""New customers scored by a run's model: streamed, checked, flagged, and held against the run."""

import math
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers import words
from helpers.engines.base import REASON, Facts, Table
from helpers.engines.local import CONFIG, LocalTable
from helpers.errors import RunError, StepError, TableError
from helpers.model.fitted import DECIMALS, Model
from helpers.model.scoring_sql import (
    Writer,
    feature_ctes,
    free_names,
    margin_sql,
    nearest_ctes,
    needed_columns,
    number,
    persona_sql,
)
from helpers.params.column_types import Column
from helpers.preparation import loading
from helpers.preparation.grouping import LAST
from helpers.preparation.line_findings import LineFindings
from helpers.preparation.loading import LoadedCustomers, Source
from helpers.preparation.profiling import GIVEN_REASON, misfit
from helpers.profiles.results import ROW_COLUMN
from helpers.spreadsheets import neutralise
from helpers.tables.dialects import find_dialect
from helpers.tables.notes import Note
from helpers.tables.reader import ROW, literal, quoted, read_table

MEMORY = "1500MB"
# Rules of thumb for the population stability index (Siddiqi 2006, Credit Risk Scorecards, Wiley).
PSI_SOME = 0.1
PSI_MUCH = 0.25
FAR = "far from every centre"
# As `spreadsheets.neutralise` has it: what a spreadsheet takes for a formula, but numbers.
FORMULA = "'*[=+\\-@\\t\\r\\n＝＋－＠][\\s\\S]*"
NUMBER = "'*[+-]?[0-9]+([.,][0-9]+)*([eE][+-]?[0-9]+)?"


@dataclass(frozen=True)
class Scored:
    """
    What came of scoring a table.

    Attributes
    ----------
    rows : int
        Rows of the table, and of the file that was written.
    scored : int
        Rows that have a segment.
    flagged : int
        Rows with a segment that lie outside what the model saw.
    reasons : pandas.DataFrame
        `reason`, `n`: why rows have no segment.
    flags : pandas.DataFrame
        `flag`, `n`: in which respect rows lie outside; a row can count in several.
    drift : pandas.DataFrame
        As `drift` returns it.
    shares : pandas.DataFrame
        `segment`, `persona`, `n`, `then`, `now` (shares of the customers with a segment).
    labels_given : bool
        Whether the shares of then are those of labels made elsewhere.
    notes : tuple of Note
        What was done to a file that is no plain CSV.
    lines : LineFindings or None
        What was found in order lines, where the table holds such.
    """

    rows: int
    scored: int
    flagged: int
    reasons: pd.DataFrame
    flags: pd.DataFrame
    drift: pd.DataFrame
    shares: pd.DataFrame
    labels_given: bool
    notes: tuple[Note, ...] = ()
    lines: LineFindings | None = None


def score(
    model: Model, table: Path, out: Path, *, details: Path | None = None, memory: str = MEMORY
) -> Scored:
    """
    Score a table of new customers.

    The table passes through DuckDB on disk, beside the file that is written, so that memory
    does not grow with the number of rows.

    Parameters
    ----------
    model : Model
        A run's model.
    table : Path
        CSV, TSV, semicolon file (gzipped or not), Parquet file, or folder of parts. It needs the
        columns that the features are made of; others are checked where they are there.
    out : Path
        The CSV file to write. It is there only when it is whole; one that was there is replaced.
    details : Path, optional
        A table of customers that is joined to order lines, where the run joined one.
    memory : str
        What DuckDB may use, as it writes it.

    Returns
    -------
    Scored
        Counts, drift and shares. The file has one row for each row of the table, in its order (of
        order lines one for each customer, by the ID):
        the ID under its own name, `segment`, `persona`, `margin`, `reason` and `flag`, where rows
        lie outside what the model saw, in words.

    Raises
    ------
    TableError
        Where the table cannot be read or does not hold what the model needs.
    StepError
        Where an SQL step fails on it.
    RunError
        Where the file cannot be written.
    """
    _check_details(model, details)
    with _room(out) as room, duckdb.connect(str(room / "tables.duckdb"), config=CONFIG) as database:
        for setting in (f"memory_limit = '{memory}'", "TimeZone = 'UTC'"):
            database.execute(f"SET {setting}")
        try:
            if model.lines is None:
                lines = None
                whole, notes = _read_customers(database, model, table, room)
            else:
                loaded = _read_lines(database, model, table, details, room)
                whole, lines = cast(LocalTable, loaded.with_reasons), loaded.lines
                notes = loaded.facts.notes
                model = replace(model, as_of=loaded.as_of)
            _make_scored(database, model, whole)
            results = replace(_results(database, model, whole.rows), lines=lines, notes=notes)
            _write(database, model, room / "scored.csv")
            os.replace(room / "scored.csv", out)
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            raise RunError(f"`{out.name}` was not written ({_first(error)}).") from None
    return results


def _check_details(model: Model, details: Path | None) -> None:
    """Refuse a table of customers that the model has no use for, and the lack of one it needs."""
    needed = model.lines is not None and model.lines.details is not None
    if needed and details is None:
        raise TableError(
            "the run joined a table of customers to its order lines: give one as CUSTOMERS=file."
        )
    if details is not None and not needed:
        raise TableError(
            "CUSTOMERS names a table of customers, and the run joined none: leave it out."
        )


def _read_customers(
    database: duckdb.DuckDBPyConnection, model: Model, table: Path, room: Path
) -> tuple[LocalTable, tuple[Note, ...]]:
    """Read a table of customers into the database, which is closed then."""
    header = find_dialect(table, sheet=model.sheet).header
    columns = columns_to_read(model, header)
    found = read_table(
        database,
        table,
        into="read",
        columns=columns,
        null_values=model.null_values,
        sheet=model.sheet,
    )
    _close(database, room)
    declared = {name: one for name, one in columns.items() if name in model.declared}
    _check_declared(database, declared, file=table.name)
    return LocalTable(database, "read", found.rows), found.notes


def _close(database: duckdb.DuckDBPyConnection, room: Path) -> None:
    """From here on, SQL of the model reaches this room alone."""
    database.execute(f"SET allowed_directories = [{literal(str(room))}]")
    database.execute("SET enable_external_access = false")


class _OnDisk:
    """Reads tables into one database on disk, as `LocalEngine` does into one each in memory."""

    name = "local"

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self.database = database
        self.count = 0

    def read(
        self,
        path: Path,
        *,
        columns: Mapping[str, Column],
        null_values: Sequence[str],
        sheet: str = "",
    ) -> tuple[Table, Facts]:
        """Read and check a table file."""
        self.count += 1
        into = f"read_{self.count}"
        found = read_table(
            self.database,
            path,
            into=into,
            columns=dict(columns),
            null_values=tuple(null_values),
            sheet=sheet,
        )
        facts = Facts(found.rows, found.columns, found.undeclared, found.date_formats, found.notes)
        return LocalTable(self.database, into, found.rows), facts

    def load(self, path: Path) -> Table:
        """Nothing is loaded here."""
        raise NotImplementedError(path.name)


def _read_lines(
    database: duckdb.DuckDBPyConnection,
    model: Model,
    table: Path,
    details: Path | None,
    room: Path,
) -> LoadedCustomers:
    """Read order lines into the database, which is closed then, and make customers of them."""
    lines = model.lines
    assert lines is not None
    engine, key = _OnDisk(database), lines.recipe.group_by
    columns = dict(lines.columns)
    for name in find_dialect(table, sheet=model.sheet).header:
        columns.setdefault(name, Column(name, "category"))
    source = Source(table, columns, model.sheet)
    read, facts = loading.read_lines(engine, source, key, model.null_values)
    joined = None
    if details is not None:
        held = {name: model.columns[name] for name in lines.details or ()}
        joined = loading.read_details(engine, Source(details, held), key, model.null_values)
        joined = replace(joined, columns=held)
    _close(database, room)
    as_of = LAST if lines.last else model.as_of
    return loading.group_lines(read, facts, recipe=lines.recipe, as_of=as_of, joined=joined)


def _first(error: Exception) -> str:
    return str(error).splitlines()[0][:300]


@contextmanager
def _room(out: Path) -> Iterator[Path]:
    """Make a folder beside a file while that is made; clear away what a killed one left."""
    if out.is_dir():
        raise RunError(f"`{out.name}` is a folder: name a file to write.")
    for left in out.parent.glob(".scoring-*"):
        pid = left.name.removeprefix(".scoring-")
        if pid.isdigit() and not _is_alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    room = out.parent / f".scoring-{os.getpid()}"
    try:
        room.mkdir()
    except OSError as error:
        raise RunError(
            f"`{out.parent.name}/` cannot be written ({error.strerror}): name another file as OUT=."
        ) from None
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True


def columns_to_read(model: Model, header: Sequence[str]) -> dict[str, Column]:
    """
    How the columns of a new table are read.

    Parameters
    ----------
    model : Model
        The model.
    header : sequence of str
        Columns of the new table.

    Returns
    -------
    dict of str to Column
        What the features are made of and the ID, whether the table has them or not; of the
        other columns those that the table has: as declared, or as text where undeclared.

    Examples
    --------
    A new customer has no answer to last year's campaign: an outcome may be absent.
    """
    needed = {*needed_columns(model), *([model.id_column] if model.id_column else [])}
    columns = {name: one for name, one in model.columns.items() if name in needed}
    for name in header:
        if name in model.columns and name in model.declared:
            columns[name] = model.columns[name]
        columns.setdefault(name, Column(name, "category"))
    return columns


def _check_declared(
    database: duckdb.DuckDBPyConnection, declared: Mapping[str, Column], *, file: str
) -> None:
    """
    Hold the table `read` against its declared columns, in memory that does not grow with it.

    `profiling.check_schema` says the same, of a whole column at a time. Types and IDs have been
    checked by the reading.
    """
    tests = {}
    for name, column in declared.items():
        faults = [f"{quoted(name)} IS NULL"] if column.required else []
        if column.values:
            allowed = ", ".join(literal(one) for one in column.values)
            faults.append(f"CAST({quoted(name)} AS VARCHAR) NOT IN ({allowed})")
        if faults:
            tests[name] = " OR ".join(faults)
    asked = [
        f"count(*) FILTER (WHERE {test}), min(rowid) FILTER (WHERE {test})"
        for test in tests.values()
    ]
    if not asked:
        return
    answer = database.execute(f"SELECT {', '.join(asked)} FROM read").fetchone() or ()
    for name, rows, first in zip(tests, answer[::2], answer[1::2], strict=True):
        if rows:
            cell = f"SELECT {quoted(name)} FROM read WHERE rowid = {first}"
            ((held,),) = database.execute(cell).fetchall()
            raise misfit(declared[name], held, rows=rows, file=file)


def _names(model: Model) -> tuple[list[str], list[str]]:
    """SQL names of the features as they are, and scaled."""
    places = range(1, len(model.features) + 1)
    return [f"f_{at}" for at in places], [f"z_{at}" for at in places]


def _make_scored(database: duckdb.DuckDBPyConnection, model: Model, whole: LocalTable) -> None:
    """Make the table `scored`: ID, segment, margin, reason, features, and what is flagged."""
    writer = Writer("duckdb")
    id_name, unseen = free_names(model, "customer_id", "unseen")
    carried = {id_name: writer.name(model.id_column)} if model.id_column else {}
    source, order, repeats = quoted(whole.name), "", []
    given = [f"WHEN {GIVEN_REASON} IS NOT NULL THEN {GIVEN_REASON}"] if model.lines else []
    if model.treatments.repeats == "drop":
        ours = (model.id_column, GIVEN_REASON)
        apart = ", ".join(quoted(name) for name in whole.columns if name not in ours)
        source = f"(SELECT *, row_number() OVER () AS {ROW} FROM {source})"
        carried[ROW] = ROW
        order = f" ORDER BY {ROW}"
        repeats = [
            f"WHEN row_number() OVER (PARTITION BY {apart} ORDER BY {ROW}) > 1 "
            "THEN 'repeats an earlier row'"
        ]
    features, scaled = _names(model)
    ctes = feature_ctes(
        model,
        writer,
        source=source,
        carried=carried,
        typed=True,
        extra_columns={unseen: _unseen_sql(model, whole.columns)},
        extra_reasons=repeats,
        first_reasons=given,
        tell_missing=True,
        feature_names=features,
    )
    handed = [*carried, unseen, *features, REASON]
    ctes += nearest_ctes(
        model,
        writer,
        source="features",
        carried=handed,
        has_reason=True,
        feature_names=features,
        scaled_names=scaled,
    )
    kinds = _flag_kinds(model)
    shown = [
        f"{id_name if model.id_column else 'NULL'} AS id",
        "segment",
        f"{margin_sql(model)} AS margin",
        REASON,
        *features,
        *(f"coalesce({test}, false) AS flag_{at}" for at, (_, test) in enumerate(kinds, start=1)),
        f"CASE WHEN {REASON} IS NULL AND {unseen} <> '' THEN {unseen} END AS unseen",
    ]
    final = f"SELECT {', '.join(shown)} FROM nearest{order}"
    try:
        database.execute(f"CREATE TABLE scored AS {writer.query(ctes, final)}")
    except (duckdb.IOException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as error:
        whole.derive(model.steps())
        raise StepError(f"the SQL steps fail ({_first(error)}).") from None


def _unseen_sql(model: Model, columns: Sequence[str]) -> str:
    """SQL that names the categories of a row that the model never saw; else an empty text."""
    cases = []
    for name, values in model.categories.items():
        if name not in columns:
            continue
        known = ", ".join(literal(one) for one in values) or "NULL"
        said = f"{literal(f'`{name}` is new: ')} || left({quoted(name)}, 40)"
        cases.append(f"CASE WHEN {quoted(name)} NOT IN ({known}) THEN {said} END")
    return f"concat_ws('; ', {', '.join(cases)})" if cases else "''"


def _flag_kinds(model: Model) -> list[tuple[str, str]]:
    """In which respects a row can lie outside what the model saw: words, and SQL that tests it."""
    kinds = []
    bounds = zip(
        model.features, _names(model)[0], model.scaling.low, model.scaling.high, strict=True
    )
    for name, column, low, high in bounds:
        low = max(low, model.seen[name].least)
        high = min(high, model.seen[name].most)
        kinds.append((f"`{name}` below {low:.6g}", f"{column} < {number(low)}"))
        kinds.append((f"`{name}` above {high:.6g}", f"{column} > {number(high)}"))
    reach = " ".join(
        f"WHEN {at} THEN {number(one.reach)}" for at, one in enumerate(model.segments, start=1)
    )
    kinds.append((FAR, f"d_own > CASE segment {reach} END"))
    return [(said, f"segment IS NOT NULL AND {test}") for said, test in kinds]


def _results(database: duckdb.DuckDBPyConnection, model: Model, rows: int) -> Scored:
    kinds = _flag_kinds(model)
    any_flag = " OR ".join(
        [*(f"flag_{at}" for at in range(1, len(kinds) + 1)), "unseen IS NOT NULL"]
    )
    asked = ["count(segment)", f"count(*) FILTER (WHERE {any_flag})", "count(unseen)"]
    asked += [f"count(*) FILTER (WHERE flag_{at})" for at in range(1, len(kinds) + 1)]
    for name, column in zip(model.features, _names(model)[0], strict=True):
        asked += [
            f"count(*) FILTER (WHERE segment IS NOT NULL AND {column} <= {number(edge)})"
            for edge in model.seen[name].edges
        ]
    answer = list(database.execute(f"SELECT {', '.join(asked)} FROM scored").fetchone() or ())
    scored, flagged, unseen, *rest = (int(one) for one in answer)
    counted = pd.DataFrame(
        {
            "flag": [*(said for said, _ in kinds), "a category that is new"],
            "n": [*rest[: len(kinds)], unseen],
        }
    )
    cumulative = iter(rest[len(kinds) :])
    bins = {
        name: np.diff([0, *(next(cumulative) for _ in model.seen[name].edges), scored])
        for name in model.features
    }
    reasons = database.execute(
        f"SELECT {REASON}, count(*) AS n FROM scored WHERE {REASON} IS NOT NULL "
        f"GROUP BY 1 ORDER BY n DESC, 1"
    ).df()
    sizes = dict(
        database.execute(
            "SELECT segment, count(*) FROM scored WHERE segment IS NOT NULL GROUP BY 1"
        ).fetchall()
    )
    now = np.array([sizes.get(number_, 0) for number_ in range(1, model.k + 1)])
    return Scored(
        rows=rows,
        scored=scored,
        flagged=flagged,
        reasons=reasons,
        flags=counted[counted["n"] > 0].sort_values(
            "n", ascending=False, kind="stable", ignore_index=True
        ),
        drift=drift(model, bins, now),
        shares=_shares(model, now),
        labels_given=model.labels_given,
    )


def _shares(model: Model, now: npt.NDArray[np.int64]) -> pd.DataFrame:
    then = np.array([one.customers for one in model.segments])
    return pd.DataFrame(
        {
            "segment": range(1, model.k + 1),
            "persona": model.personas,
            "n": now,
            "then": then / then.sum(),
            "now": now / max(now.sum(), 1),
        }
    )


def stability_index(then: npt.ArrayLike, now: npt.ArrayLike) -> float:
    """
    Population stability index of counts in bins.

    The sum over the bins of (now - then) ln(now / then), of shares: 0 where the shares are the
    same (Siddiqi 2006, *Credit Risk Scorecards*). A bin without anyone counts as half a customer,
    so that the logarithm exists.

    Parameters
    ----------
    then, now : array of shape (bins,)
        Counts; none of the two may be all zero.

    Returns
    -------
    float
        Below 0.1 is read as no change to speak of, from 0.25 as a change that calls for a new
        model; both are rules of thumb.

    Examples
    --------
    >>> stability_index([50, 50], [50, 50]), round(stability_index([50, 50], [70, 30]), 3)
    (0.0, 0.169)
    """
    return float(_stability_indices(then, now))


def _stability_indices(then: npt.ArrayLike, now: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Give `stability_index` along the last axis."""
    before, after = (
        held / held.sum(axis=-1, keepdims=True)
        for held in (np.maximum(np.asarray(one, dtype=np.float64), 0.5) for one in (then, now))
    )
    return np.asarray(np.sum((after - before) * np.log(after / before), axis=-1))


def chance_level(then: npt.ArrayLike, now: npt.ArrayLike, *, draws: int = 4999) -> float:
    """
    Largest stability index that chance alone gives in 19 of 20 cases.

    Parameters
    ----------
    then, now : integer array of shape (bins,)
        Counts of the two samples.
    draws : int
        Random draws of each of the two distributions below, always the same ones.

    Returns
    -------
    float
        0 of a single bin; infinity where a sample is empty.

    Notes
    -----
    Two samples of one population differ in two ways by chance, and the larger level is taken.

    - Bins that stood beforehand, such as segments: given how many customers of both samples lie
      in each bin, those of one sample are multivariate hypergeometric (a permutation test).
    - Bins that were cut at quantiles of the first sample, whose own counts are even by
      construction: the shares of the population between order statistics are Dirichlet
      (Wilks 1962, *Mathematical Statistics*, 8.7), and the second sample is multinomial of them.

    Both hold for samples of any size. Chi squared, times 1/then + 1/now, holds for large ones
    alone (Yurdakul 2018, *Statistical Properties of Population Stability Index*): of ten bins and
    50 customers in each sample 9 % exceed it, and 10 % of 50 held against 1,000.

    Examples
    --------
    >>> chance_level([10, 10], [0, 0]), chance_level([9], [5])
    (inf, 0.0)
    >>> 0.03 < chance_level([100] * 10, [100] * 10) < 0.04
    True
    """
    before, after = np.asarray(then, dtype=np.int64), np.asarray(now, dtype=np.int64)
    if len(before) < 2:
        return 0.0
    size = int(after.sum())
    if not before.sum() or not size:
        return float("inf")
    random = np.random.default_rng(0)
    both = before + after
    drawn = random.multivariate_hypergeometric(both, size, size=draws, method="marginals")
    # Above the last edge one interval more is open than there are customers.
    intervals = np.maximum(before, 0.5)
    intervals[-1] += 1
    cut = random.multinomial(size, random.dirichlet(intervals, size=draws))
    place = math.ceil(0.95 * (draws + 1)) - 1
    return max(
        float(np.sort(indices)[place])
        for indices in (_stability_indices(both - drawn, drawn), _stability_indices(before, cut))
    )


def drift(
    model: Model, bins: dict[str, npt.NDArray[np.int64]], segments: npt.NDArray[np.int64]
) -> pd.DataFrame:
    """
    How far a table has moved from the one that the model was made from.

    Parameters
    ----------
    model : Model
        The model.
    bins : dict of str to array
        For each feature, how many customers lie in each bin of `model.seen`.
    segments : array of shape (k,)
        How many customers each segment has.

    Returns
    -------
    pandas.DataFrame
        One row a feature and one for the shares of the segments: `what`, `psi`, `by_chance` (what
        chance alone gives in 19 of 20 cases), `reading` (within chance, little, some or much).
    """
    n = model.customers
    parts = {
        name: (np.rint(np.array(model.seen[name].shares) * n).astype(np.int64), bins[name])
        for name in model.features
    }
    parts["segment"] = (np.array([one.customers for one in model.segments]), segments)
    rows = []
    for what, (then, now) in parts.items():
        empty = not now.sum()
        psi = float("nan") if empty else stability_index(then, now)
        chance = chance_level(then, now)
        rows.append({"what": what, "psi": psi, "by_chance": chance, "reading": _word(psi, chance)})
    return pd.DataFrame(rows)


def _word(psi: float, chance: float) -> str:
    if np.isnan(psi):
        return "unknown"
    # Equal counts in another order of bins differ in their last bits.
    if psi <= chance * (1 + 1e-9):
        return "within chance"
    return "much" if psi >= PSI_MUCH else "some" if psi >= PSI_SOME else "little"


def _write(database: duckdb.DuckDBPyConnection, model: Model, out: Path) -> None:
    writer = Writer("duckdb")
    kinds = _flag_kinds(model)
    said = ", ".join(
        f"CASE WHEN flag_{at} THEN {literal(text)} END" for at, (text, _) in enumerate(kinds, 1)
    )
    flag = f"nullif(concat_ws('; ', {said}, unseen), '')"
    texts = {"persona": persona_sql(model, writer), REASON: REASON, "flag": flag}
    margin = f"CASE WHEN margin IS NOT NULL THEN printf('%.{DECIMALS}f', margin) END AS margin"
    shown = ["segment", *(f"{_harmless(sql)} AS {name}" for name, sql in texts.items())]
    shown.insert(2, margin)
    if model.id_column:
        id_type = database.execute("SELECT typeof(id) FROM scored LIMIT 1").fetchone()
        value = _harmless("id") if id_type == ("VARCHAR",) else "id"
        (name,) = neutralise(pd.DataFrame(columns=[model.id_column])).columns
        shown.insert(0, f"{value} AS {quoted(name)}")
    else:
        shown.insert(0, f"row_number() OVER () AS {ROW_COLUMN}")
    query = f"SELECT {', '.join(shown)} FROM scored".replace("\0", "\n")
    database.execute(f"COPY ({query}) TO {literal(str(out))} (FORMAT csv, HEADER)")


def _harmless(value: str) -> str:
    """SQL for a text that no spreadsheet takes for a formula."""
    return (
        f"CASE WHEN regexp_full_match({value}, {literal(FORMULA)}) "
        f"AND NOT regexp_full_match({value}, {literal(NUMBER)}) "
        f"THEN '''' || {value} ELSE {value} END"
    )


def note(scored: Scored) -> str:
    """
    Say in a few lines what came of scoring, and how far the table has moved.

    Parameters
    ----------
    scored : Scored
        As `score` returns it.

    Returns
    -------
    str
        Text for a terminal.
    """
    lines = _said_of_lines(scored.lines)
    noun = "customer" if scored.lines else "row"
    lines += [
        f"{words.plural(scored.rows, noun)}: {words.number(scored.scored)} with a segment, "
        f"{words.number(scored.rows - scored.scored)} without."
    ]
    lines += [
        f"  {row['reason']}: {words.number(int(row['n']))}"
        for row in scored.reasons.head(5).to_dict("records")
    ]
    if scored.flagged:
        share = words.percent(scored.flagged / scored.scored)
        lines.append(
            f"{words.number(scored.flagged)} ({share}) lie outside what the model saw (`flag`):"
        )
        lines += [
            f"  {row['flag']}: {words.number(int(row['n']))}"
            for row in scored.flags.head(8).to_dict("records")
        ]
    lines.append(_drift_line(scored.drift))
    lines += [
        f"  {row['what']}: {row['psi']:.3f}, {row['reading']}"
        for row in scored.drift.sort_values("psi", ascending=False, kind="stable").to_dict(
            "records"
        )
        if row["reading"] in ("some", "much", "unknown")
    ]
    lines.append("Segments, share then and now:")
    lines += [
        f"  {row['segment']} {row['persona']}: {words.percent(row['then'])}, "
        f"{words.percent(row['now'])} ({words.number(int(row['n']))})"
        for row in scored.shares.to_dict("records")
    ]
    if scored.labels_given:
        lines.append(
            "The shares of then are those of labels made elsewhere, not of nearest centres."
        )
    return "\n".join(lines)


def _said_of_lines(found: LineFindings | None) -> list[str]:
    if found is None:
        return []
    said = [
        f"{words.plural(found.rows, 'order line')}: {words.number(found.used)} used, "
        f"{words.number(found.set_aside)} set aside; days are counted to {found.as_of}."
    ]
    return said + [
        f"  {row['reason']}: {words.number(int(row['n']))}"
        for row in found.reasons.head(5).to_dict("records")
    ]


def _drift_line(drift: pd.DataFrame) -> str:
    much = int((drift["reading"] == "much").sum())
    some = int((drift["reading"] == "some").sum())
    rule = f"population stability index, read as some from {PSI_SOME} and much from {PSI_MUCH}"
    if much:
        return f"Drift ({rule}): much in {much} of {len(drift)}. Think of making the run again."
    if some:
        return f"Drift ({rule}): some in {some} of {len(drift)}, much in none."
    if (drift["reading"] == "unknown").all():
        return f"Drift ({rule}): unknown, since no row has a segment."
    return f"Drift ({rule}): none to speak of."
