"""Where a table comes in: customers as they lie, or order lines that are grouped to customers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from helpers.engines.base import REASON, Engine, Facts, Table
from helpers.engines.sql import as_date, column_sql
from helpers.errors import ParamsError, TableError
from helpers.params.column_types import Column
from helpers.params.loader import nearest
from helpers.preparation import profiling
from helpers.preparation.grouping import (
    ANY_DAY,
    DAY,
    KEY,
    LAST,
    LINES,
    USED,
    Grouping,
    Marked,
    check_lines,
    customer_ctes,
    day_query,
    find_roles,
    marked_ctes,
    parse_grouping,
    query,
    read_columns,
)
from helpers.preparation.line_findings import LineFindings, find_in_lines
from helpers.preparation.profiling import GIVEN_REASON
from helpers.tables.column_profiles import ColumnProfile
from helpers.tables.notes import Note

LINES_TABLE, MARKED_TABLE, DETAILS_TABLE = "order_lines", "marked", "details"
# A text that is a whole number, as a float is written or not.
WHOLE_KEY = "[+-]?[0-9]{1,18}"


@dataclass(frozen=True)
class LineRecipe:
    """
    How order lines become customers, as written in a params file or a model.

    Attributes
    ----------
    group_by : str
        The column that names the customer; "" where the table is one of customers.
    line_steps, line_filters, aggregates : sequence of one-entry mappings
        `name: expression`, `reason: expression` and `name: expression` in Spark SQL.
    line_roles : mapping of str to str
        Columns that are the date, the order and the amount of a line; found where left out.
    returns : {"net", "drop", "share"}
        What is done with lines whose amount is below 0.
    """

    group_by: str = ""
    line_steps: Sequence[Mapping[str, Any]] | Mapping[str, Any] = ()
    line_filters: Sequence[Mapping[str, Any]] | Mapping[str, Any] = ()
    aggregates: Sequence[Mapping[str, Any]] | Mapping[str, Any] = ()
    line_roles: Mapping[str, str] | None = None
    returns: str = "net"

    def parse(self, as_of: str) -> Grouping:
        """Parse it for a day; see `helpers.preparation.grouping.parse_grouping`."""
        return parse_grouping(
            group_by=self.group_by,
            line_steps=self.line_steps,
            line_filters=self.line_filters,
            aggregates=self.aggregates,
            line_roles=self.line_roles,
            returns=self.returns,
            as_of=as_of,
        )

    def facts(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "group_by": self.group_by,
            "line_steps": _pairs(self.line_steps),
            "line_filters": _pairs(self.line_filters),
            "aggregates": _pairs(self.aggregates),
            "line_roles": dict(self.line_roles or {}),
            "returns": self.returns,
        }


def _pairs(entries: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> list[dict[str, str]]:
    held = [entries] if isinstance(entries, Mapping) else entries
    return [{str(name): str(sql)} for entry in held for name, sql in entry.items()]


@dataclass(frozen=True)
class Source:
    """
    A table file and what is declared of it.

    Attributes
    ----------
    path : Path
        The file or folder.
    columns : mapping of str to Column
        Declared columns.
    sheet : str
        Sheet of a workbook; the first one with a table for "".
    """

    path: Path
    columns: Mapping[str, Column]
    sheet: str = ""


@dataclass(frozen=True)
class LineModel:
    """
    What a model needs to make customers of new order lines.

    Attributes
    ----------
    recipe : LineRecipe
        Filters, steps and aggregates as written; roles as they were found.
    columns : dict of str to Column
        The columns of the lines that are read, the key among them.
    last : bool
        Whether `as_of` follows the lines: the day after the last of them.
    details : tuple of str or None
        Columns that came from a table of customers; none where there was no such table.
    """

    recipe: LineRecipe
    columns: dict[str, Column]
    last: bool
    details: tuple[str, ...] | None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "LineModel":
        """Read what `facts` has written, with `columns` parsed."""
        keys = ("group_by", "line_steps", "line_filters", "aggregates", "line_roles", "returns")
        details = facts["details"]
        return cls(
            LineRecipe(**{key: facts[key] for key in keys}),
            dict(facts["columns"]),
            bool(facts["last"]),
            None if details is None else tuple(details),
        )

    def facts(self) -> dict[str, Any]:
        """Ready for JSON but for `columns`, which are as they are."""
        return {
            **self.recipe.facts(),
            "last": self.last,
            "columns": self.columns,
            "details": None if self.details is None else list(self.details),
        }


@dataclass(frozen=True)
class LoadedCustomers:
    """
    Customers, however they came in.

    Attributes
    ----------
    table : Table
        One row a customer: in the order of the file, or by the key where lines were grouped.
    with_reasons : Table
        The same with a column `reason` where lines were grouped: why a customer cannot be
        described, null for the others.
    facts : Facts
        What was found while reading, of the columns of `table`.
    as_of : str
        The day that `current_date()` stands for.
    lines : LineFindings or None
        What was found in the order lines.
    model : LineModel or None
        What a model needs to make customers of new lines.
    """

    table: Table
    with_reasons: Table
    facts: Facts
    as_of: str
    lines: LineFindings | None = None
    model: LineModel | None = None


def check_recipe(
    recipe: LineRecipe, *, as_of: str, columns: Mapping[str, Column], has_details: bool = False
) -> None:
    """
    Check what needs no table of how customers come in.

    Raises
    ------
    ParamsError, StepError
        Saying what was expected and what came.
    """
    if not recipe.group_by:
        for key in ("aggregates", "line_steps", "line_filters"):
            if getattr(recipe, key):
                raise ParamsError(
                    f"`{key}` makes customers of order lines, and `group_by` is not given: name "
                    "the column that holds the customer."
                )
        if as_of == LAST:
            raise ParamsError(
                "`as_of` is last, which is the day after the last order line, and `group_by` is "
                "not given: write a day, like 2025-09-12."
            )
        if has_details:
            raise ParamsError(
                "CUSTOMERS names a table to be joined to order lines, and `group_by` is not "
                "given: name the column that holds the customer, or give the table as DATA."
            )
        return
    recipe.parse(ANY_DAY if as_of == LAST else as_date(as_of, where="`as_of`").isoformat())
    for name, column in columns.items():
        if column.min is not None or column.max is not None:
            raise ParamsError(
                f"`columns`: `{name}` of an order line has a range: write a line filter, so that "
                f'a line outside gets a reason, as in `line_filters: - "{name} is impossible": '
                f"`{name}` >= 0`."
            )


def load_customers(
    engine: Engine,
    source: Source,
    *,
    recipe: LineRecipe,
    as_of: str,
    null_values: Sequence[str],
    details: Source | None = None,
    with_findings: bool = True,
) -> LoadedCustomers:
    """
    Read a table and make customers of it.

    Parameters
    ----------
    engine : Engine
        Where the table is held.
    source : Source
        The table of customers, or of order lines where `recipe` groups them.
    recipe : LineRecipe
        How lines become customers.
    as_of : str
        An ISO date, or `last`: the day after the last date of the lines.
    null_values : sequence of str
        Texts that stand for a missing value.
    details : Source, optional
        A table of customers that is joined to the lines by their key. Customers of either side
        are kept; one that the other side lacks has a reason.
    with_findings : bool
        Whether order lines are asked for what the report says of them.

    Returns
    -------
    LoadedCustomers
        The customers and what was found.

    Raises
    ------
    TableError, ParamsError, StepError
        Naming file, column and line, or the key of the params file.
    """
    check_recipe(recipe, as_of=as_of, columns=source.columns, has_details=details is not None)
    if not recipe.group_by:
        table, facts = engine.read(
            source.path, columns=source.columns, null_values=null_values, sheet=source.sheet
        )
        profiling.check_schema(table, source.columns, file=source.path.name)
        return LoadedCustomers(table, table, facts, as_of)
    lines, facts = read_lines(engine, source, recipe.group_by, null_values)
    joined = None
    if details is not None:
        joined = read_details(engine, details, recipe.group_by, null_values)
    return group_lines(
        lines, facts, recipe=recipe, as_of=as_of, joined=joined, with_findings=with_findings
    )


def group_lines(
    lines: Table,
    facts: Facts,
    *,
    recipe: LineRecipe,
    as_of: str,
    joined: "Details | None" = None,
    with_findings: bool = True,
) -> LoadedCustomers:
    """
    Make customers of order lines that have been read.

    Parameters
    ----------
    lines : Table
        As `read_lines` returns it; it is released.
    facts : Facts
        What was found while reading.
    recipe : LineRecipe
        How lines become customers.
    as_of : str
        An ISO date, or `last`.
    joined : Details, optional
        A table of customers.
    with_findings : bool
        Whether the lines are asked for what the report says of them.

    Returns
    -------
    LoadedCustomers
        The customers, in the order of their keys, and what was found.

    Raises
    ------
    ParamsError, StepError
        Naming the key of the params file.
    """
    key = recipe.group_by
    columns = dict(facts.columns)
    if joined is not None and not joined.is_whole:
        columns[key] = Column(key, "category")
    day = last_day(lines, columns, recipe) if as_of == LAST else as_of
    grouping = recipe.parse(day)
    check_lines(grouping, columns)
    marked = marked_ctes(grouping, columns, lines.dialect, source=LINES_TABLE)
    sql = query(marked.ctes, "SELECT * FROM marked")
    found = lines.transform(sql, name=LINES_TABLE)
    grouped, made = _group(grouping, marked, found, joined)
    findings = None
    if with_findings:
        held = replace(facts, columns=columns)
        findings = find_in_lines(lines, found, grouped, grouping, facts=held)
    for table in (lines, found):
        table.release()
    shown = {one: column_sql(one) for one in grouped.columns if one not in (LINES, USED, REASON)}
    extra = joined.columns if joined else {}
    roles = find_roles(grouping, columns)
    named = {role: name for role, name in vars(roles).items() if name}
    return LoadedCustomers(
        grouped.select(shown),
        grouped.select({**shown, GIVEN_REASON: REASON}),
        Facts(
            rows=grouped.rows,
            columns={key: Column(key, "id"), **extra, **made},
            undeclared=joined.undeclared if joined else (),
            date_formats=facts.date_formats | (joined.date_formats if joined else {}),
            notes=facts.notes + (joined.notes if joined else ()),
            profiles=facts.profiles | (joined.profiles if joined else {}),
        ),
        grouping.as_of,
        findings,
        LineModel(
            replace(recipe, line_roles=named),
            {name: _as_written(columns[name], facts) for name in read_columns(grouping, columns)},
            as_of == LAST,
            tuple(extra) if joined else None,
        ),
    )


def _as_written(column: Column, facts: Facts) -> Column:
    """A column with the date format that was found in it, by which SQL reads the raw lines."""
    found = facts.date_formats.get(column.name, "")
    if column.type != "date" or column.read_as or found == column.format:
        return column
    return replace(column, read_as=found) if re.fullmatch(r"[yMd./-]+", found) else column


def read_lines(
    engine: Engine, source: Source, group_by: str, null_values: Sequence[str]
) -> tuple[Table, Facts]:
    """
    Read order lines, whose key may repeat and may be missing.

    A key of whole numbers is held as such, however they are written: `17850.0` is 17850.

    Raises
    ------
    TableError
        Naming file, column and line.
    ParamsError
        Where the table lacks the key.
    """
    declared = {name: one for name, one in source.columns.items() if name != group_by}
    table, facts = engine.read(
        source.path, columns=declared, null_values=null_values, sheet=source.sheet
    )
    if group_by not in facts.columns:
        raise ParamsError(
            f"`group_by` is `{group_by}`, which `{source.path.name}` lacks."
            + nearest(group_by, facts.columns)
        )
    if facts.columns[group_by].type not in ("integer", "category"):
        table.release()
        declared[group_by] = Column(group_by, "category")
        table, facts = engine.read(
            source.path, columns=declared, null_values=null_values, sheet=source.sheet
        )
    strict = {name: one for name, one in declared.items() if one.values or one.required}
    if strict:
        profiling.check_schema(table, strict, file=source.path.name)
    undeclared = tuple(name for name in facts.undeclared if name != group_by)
    return table, replace(facts, undeclared=undeclared)


def last_day(lines: Table, columns: Mapping[str, Column], recipe: LineRecipe) -> str:
    """
    The day after the last date of order lines, which `last` stands for.

    Raises
    ------
    ParamsError
        Where no column is known to hold the date, or none of the lines has one.
    """
    grouping = recipe.parse(ANY_DAY)
    check_lines(grouping, columns)
    if not find_roles(grouping, columns).date:
        raise ParamsError(
            "`as_of` is last, and no date was found in the order lines: name its column, as in "
            "`line_roles: {date: ...}`, or write a day."
        )
    sql = day_query(grouping, columns, lines.dialect, source=LINES_TABLE)
    day = lines.answer(sql, name=LINES_TABLE)[DAY].iloc[0]
    if day is None or day != day:
        raise ParamsError("`as_of` is last, and no order line has a date: write a day.")
    return str(day)[:10]


def first_day(lines: Table, columns: Mapping[str, Column], recipe: LineRecipe) -> str:
    """
    The first date of order lines.

    Raises
    ------
    ParamsError
        Where none of the lines has one.
    """
    grouping = recipe.parse(ANY_DAY)
    sql = day_query(grouping, columns, lines.dialect, source=LINES_TABLE, first=True)
    day = lines.answer(sql, name=LINES_TABLE)[DAY].iloc[0]
    if day is None or day != day:
        raise ParamsError("no order line has a date.")
    return str(day)[:10]


@dataclass(frozen=True)
class Details:
    """
    A table of customers, ready to be joined by the key of order lines.

    Attributes
    ----------
    table : Table
        With `__key__`, a text, and the other columns.
    columns : dict of str to Column
        Those others.
    undeclared : tuple of str
        Which of them the params file does not declare.
    date_formats : dict of str to str
        Formats of dates that were found.
    is_whole : bool
        Whether every key is a whole number.
    notes : tuple of Note
        How the file was read.
    profiles : dict of str to ColumnProfile
        What columns were found to hold that the params file does not declare.
    """

    table: Table
    columns: dict[str, Column]
    undeclared: tuple[str, ...]
    date_formats: dict[str, str]
    is_whole: bool
    notes: tuple[Note, ...] = ()
    profiles: dict[str, ColumnProfile] = field(default_factory=dict)


def read_details(engine: Engine, source: Source, key: str, null_values: Sequence[str]) -> Details:
    """
    Read a table of customers; its key must be there, and name one customer a row.

    Raises
    ------
    TableError
        Naming file, column and line.
    """
    name = source.path.name
    columns = {**source.columns, key: Column(key, "id")}
    table, facts = engine.read(
        source.path, columns=columns, null_values=null_values, sheet=source.sheet
    )
    strict = {one: column for one, column in source.columns.items() if one != key}
    profiling.check_schema(table, strict, file=name)
    quote = '"' if table.dialect == "duckdb" else "`"

    def quoted(one: str) -> str:
        return quote + one.replace(quote, quote * 2) + quote

    text = f"TRIM(CAST({quoted(key)} AS {'VARCHAR' if table.dialect == 'duckdb' else 'STRING'}))"
    group = r"\1" if table.dialect == "duckdb" else "$1"
    plain = f"REGEXP_REPLACE({text}, '^([+-]?[0-9]+)[.]0+$', '{group}')"
    others = [one for one in facts.columns if one != key]
    shown = ", ".join([f"{plain} AS {KEY}", *map(quoted, others)])
    made = table.transform(f"SELECT {shown} FROM {DETAILS_TABLE}", name=DETAILS_TABLE)
    table.release()
    whole = f"REGEXP_EXTRACT({KEY}, '^{WHOLE_KEY}$', 0) <> ''"
    counts = made.answer(
        f"SELECT COUNT(DISTINCT {KEY}) AS n, COUNT(CASE WHEN {whole} THEN 1 END) AS whole_keys "
        f"FROM {DETAILS_TABLE}",
        name=DETAILS_TABLE,
    ).iloc[0]
    if int(counts["n"]) != made.rows:
        raise TableError(
            f"`{name}`: `{key}` names a customer twice, written with and without `.0`: every row "
            "needs a key of its own."
        )
    return Details(
        made,
        {one: facts.columns[one] for one in others},
        tuple(one for one in facts.undeclared if one != key),
        facts.date_formats,
        int(counts["whole_keys"]) == made.rows,
        facts.notes,
        facts.profiles,
    )


def _group(
    grouping: Grouping, marked: Marked, found: Table, joined: Details | None
) -> tuple[Table, dict[str, Column]]:
    """Customers of marked lines, with `__lines__`, `__used__` and `reason`."""
    others: dict[str, Table] = {}
    ctes: list[tuple[str, str]] = []
    names: list[str] = []
    if joined is not None:
        names = list(joined.columns)
        taken = {one.casefold() for one in (*grouping.made, REASON)}
        for name in names:
            if name.casefold() in taken:
                raise ParamsError(
                    f"the table of customers has a column `{name}`, which an aggregate makes as "
                    "well: rename one of the two."
                )
        whole = joined.is_whole and marked.key_type == "bigint"
        kind = "BIGINT" if whole else "VARCHAR" if found.dialect == "duckdb" else "STRING"
        others["details_read"] = joined.table
        ctes.append(
            (
                DETAILS_TABLE,
                f"SELECT CAST({KEY} AS {kind}) AS __joined__, * FROM details_read",
            )
        )
    made_ctes, columns = customer_ctes(
        grouping,
        marked,
        found.dialect,
        source=MARKED_TABLE,
        details=DETAILS_TABLE if joined else "",
        detail_columns=names,
    )
    table = found.transform(
        query([*ctes, *made_ctes], "SELECT * FROM customers_grouped"),
        name=MARKED_TABLE,
        others=others,
        order_by=grouping.group_by,
    )
    return table, columns
