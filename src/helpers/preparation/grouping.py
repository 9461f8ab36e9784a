"""Order lines into customers: which lines count, and what is known of a customer from them.

One text of SQL serves every engine and `segments.sql`: lines get a reason or none, those without
are grouped by the customer's key, and sums are exact, so that neither the order of the lines nor
their parts can reach a digit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from helpers.engines.base import REASON
from helpers.engines.sql import Step, WrittenStep, check_columns, parse_expression, write_steps
from helpers.engines.translation import SqlColumn
from helpers.engines.values import Target
from helpers.errors import ParamsError, StepError
from helpers.params.column_types import Column
from helpers.params.loader import nearest
from helpers.preparation.aggregates import (
    Aggregates,
    Part,
    Piece,
    check_arguments,
    expand_macros,
    parse_aggregates,
)

RETURNS = ("net", "drop", "share")
"""What is done with returns, lines whose amount is below 0."""
RETURN_SHARE = "return_share"
ROLES = ("date", "order", "amount")
LAST = "last"
# A double is summed as a decimal of nine places, which adds up to the same in any order.
EXACT = "DECIMAL(38, 9)"
ANY_DAY = "2000-01-01"
"""Stands for `as_of` while that is not known yet."""

KEY, DAY, ORDER, AMOUNT = "__key__", "__day__", "__order__", "__amount__"
LINES, USED, KNOWN = "__lines__", "__used__", "__known__"
RETURNED = f"a return, counted in `{RETURN_SHARE}` alone"
DROPPED = "a return"
NO_LINE = "no order line"
NO_USED_LINE = "none of its order lines is used"
UNKNOWN = "not in the table of customers"
KINDS = {
    "bigint": "integer",
    "double": "number",
    "boolean": "flag",
    "date": "date",
    "string": "category",
}
SQL_TYPES = {"integer": "bigint", "number": "double", "flag": "bigint"}

Cte = tuple[str, str]
# Stands for a line feed within a name, a text or an expression until a query is whole.
LINE_FEED = "\0"


@dataclass(frozen=True)
class Filter:
    """A test that a line must pass, and the reason by which one that fails is set aside."""

    reason: str
    step: Step


@dataclass(frozen=True)
class Roles:
    """Columns of a line or line steps that say when it was ordered, in which order, for what."""

    date: str = ""
    order: str = ""
    amount: str = ""


@dataclass(frozen=True)
class Grouping:
    """
    How order lines become customers, parsed.

    Attributes
    ----------
    group_by : str
        The column that names the customer.
    steps : tuple of Step
        Columns derived of a line, in running order.
    filters : tuple of Filter
        In the order in which they are tried.
    aggregates : Aggregates
        What is known of a customer from its lines.
    roles : Roles
        As the params file gives them; see `find_roles`.
    returns : {"net", "drop", "share"}
        Whether returns count in every aggregate, in none, or as a share of their own.
    as_of : str
        The day that `current_date()` stands for; later lines are set aside.
    """

    group_by: str
    steps: tuple[Step, ...]
    filters: tuple[Filter, ...]
    aggregates: Aggregates
    roles: Roles
    returns: str
    as_of: str

    @property
    def made(self) -> tuple[str, ...]:
        """Names of the columns that customers get from their lines."""
        share = (RETURN_SHARE,) if self.returns == "share" else ()
        return (*(one.name for one in self.aggregates.results), *share)


def parse_grouping(
    *,
    group_by: str,
    line_steps: Sequence[Mapping[str, Any]] | Mapping[str, Any] = (),
    line_filters: Sequence[Mapping[str, Any]] | Mapping[str, Any] = (),
    aggregates: Sequence[Mapping[str, Any]] | Mapping[str, Any] = (),
    line_roles: Mapping[str, str] | None = None,
    returns: str = "net",
    as_of: str = ANY_DAY,
) -> Grouping:
    """
    Parse the params keys that make customers of order lines.

    Parameters
    ----------
    group_by : str
        The column that names the customer.
    line_steps : list of one-entry mappings
        `name: expression` in Spark SQL over a line.
    line_filters : list of one-entry mappings
        `reason: expression`: a line for which the expression is not true is set aside.
    aggregates : list of one-entry mappings
        `name: expression` in Spark SQL over the lines of a customer; see
        `helpers.preparation.aggregates`.
    line_roles : mapping of str to str, optional
        `date`, `order` and `amount`: columns of a line or line steps; found where left out.
    returns : {"net", "drop", "share"}
        What is done with lines whose amount is below 0.
    as_of : str
        An ISO date.

    Returns
    -------
    Grouping
        Ready for `marked_ctes` and `customer_ctes`.

    Raises
    ------
    ParamsError, StepError
        Saying what was expected and what came.

    Examples
    --------
    >>> made = parse_grouping(
    ...     group_by="Customer",
    ...     line_steps=[{"amount": "Quantity * Price"}],
    ...     line_filters=[{"no price": "Price > 0"}],
    ...     aggregates=[{"Spending": "sum(amount)"}],
    ... )
    >>> made.made, made.filters[0].reason
    (('Spending',), 'no price')
    """
    if returns not in RETURNS:
        raise ParamsError(f"`returns` is {returns!r}: expected {', '.join(RETURNS)}.")
    steps = tuple(
        Piece(name, sql, tree, where)
        for name, sql, tree, where in _expressions(line_steps, "line_steps", "line step", as_of)
    )
    taken: set[str] = set()
    for step in steps:
        if step.name.casefold() in taken or step.name.startswith("__"):
            raise ParamsError(f"{step.where}: the name stands twice in `line_steps`, or is taken.")
        taken.add(step.name.casefold())
    filters = tuple(
        Filter(name, Piece(name, sql, tree, where))
        for name, sql, tree, where in _expressions(
            line_filters, "line_filters", "line filter", as_of
        )
    )
    parsed = parse_aggregates(aggregates, as_of=as_of)
    if not parsed.results:
        raise ParamsError(
            "`aggregates` is empty: expected entries like `Spending: sum(amount)`, which say what "
            f"is known of a customer, since `group_by` is `{group_by}`."
        )
    for name in (*(one.name for one in parsed.results), *_share_name(returns)):
        if name.casefold() in (group_by.casefold(), REASON):
            raise ParamsError(f"aggregate `{name}`: the name is taken: choose another.")
    if returns == "share" and RETURN_SHARE in {one.name.casefold() for one in parsed.results}:
        raise ParamsError(
            f"aggregate `{RETURN_SHARE}`: `returns: share` makes a column of that name: choose "
            "another."
        )
    given = dict(line_roles or {})
    for role, column in given.items():
        if role not in ROLES or not isinstance(column, str):
            raise ParamsError(
                f"`line_roles` gives `{role}` the value {column!r}: expected "
                f"{', '.join(ROLES)}, each the name of a column or line step."
                + nearest(str(role), ROLES)
            )
    return Grouping(
        group_by=group_by,
        steps=steps,
        filters=filters,
        aggregates=parsed,
        roles=Roles(**given),
        returns=returns,
        as_of=as_of,
    )


def _share_name(returns: str) -> tuple[str, ...]:
    return (RETURN_SHARE,) if returns == "share" else ()


def _expressions(
    entries: Sequence[Mapping[str, Any]] | Mapping[str, Any], key: str, noun: str, as_of: str
) -> list[tuple[str, str, exp.Expression, str]]:
    found = []
    for position, entry in enumerate([entries] if isinstance(entries, Mapping) else entries, 1):
        if not isinstance(entry, Mapping):
            raise ParamsError(f"{key}, entry {position}: expected `name: expression`.")
        for name, sql in entry.items():
            where = f"{noun} `{name}`"
            if not isinstance(name, str) or not name.strip():
                raise ParamsError(f"{where}: is no name.")
            if not isinstance(sql, str | int | float) or isinstance(sql, bool):
                raise ParamsError(f"{where}: expected an expression, got {sql!r}.")
            expanded = expand_macros(str(sql), where=where)
            tree = parse_expression(expanded, where=where, as_of=as_of)
            found.append((name, str(sql), tree, where))
    return found


def line_types(columns: Mapping[str, Column]) -> dict[str, SqlColumn]:
    """Columns of order lines as the translation of SQL knows them."""
    return {
        name.casefold(): SqlColumn(
            name,
            SQL_TYPES.get(column.type, "string"),
            column.format if column.type == "date" else "",
        )
        for name, column in columns.items()
    }


def find_roles(grouping: Grouping, columns: Mapping[str, Column]) -> Roles:
    """
    Which columns of a line say when it was ordered, in which order, and for what amount.

    What the params file gives in `line_roles` counts. Else the date is the one date column that
    steps and aggregates read, or the one line step made of it; the order is what distinct values
    are counted of; the amount is what is summed, a line step before a column.

    Parameters
    ----------
    grouping : Grouping
        Parsed.
    columns : mapping of str to Column
        Columns of the lines.

    Returns
    -------
    Roles
        Empty texts where nothing was found.

    Raises
    ------
    ParamsError
        Where `line_roles` names a column that is not there.
    """
    known = [*columns, *(step.name for step in grouping.steps)]
    for role in ROLES:
        name = getattr(grouping.roles, role)
        if name and name not in known:
            raise ParamsError(
                f"`line_roles` gives `{role}` the column `{name}`, which neither the table nor a "
                f"line step has.{nearest(name, known)}"
            )
    given = grouping.roles
    return Roles(
        date=given.date or _found_date(grouping, columns),
        order=given.order or _found_order(grouping, columns),
        amount=given.amount or _found_amount(grouping, columns),
    )


def _bare(piece: Step) -> str:
    return piece.tree.name if isinstance(piece.tree, exp.Column) else ""


def _found_date(grouping: Grouping, columns: Mapping[str, Column]) -> str:
    dates = [name for name, column in columns.items() if column.type == "date"]
    pieces = (*grouping.steps, *grouping.aggregates.arguments, *(f.step for f in grouping.filters))
    read = [name for name in dates if any(name in piece.sources for piece in pieces)]
    if len(read) == 1:
        return read[0]
    return dates[0] if len(dates) == 1 else ""


def _found_order(grouping: Grouping, columns: Mapping[str, Column]) -> str:
    pieces = {one.name: one for one in grouping.aggregates.arguments}
    for part in grouping.aggregates.parts:
        if part.function not in ("count_distinct", "net_count"):
            continue
        piece = pieces[part.arguments[0]]
        for name in (_bare(piece), *piece.sources):
            held = columns.get(name)
            if held is not None and held.type != "date" and name != grouping.group_by:
                return name
    return ""


def _found_amount(grouping: Grouping, columns: Mapping[str, Column]) -> str:
    pieces = {one.name: one for one in grouping.aggregates.arguments}
    made = [step.name for step in grouping.steps]
    summed = [
        name
        for part in grouping.aggregates.parts
        if part.function in ("sum", "net_count")
        for name in (_bare(pieces[part.arguments[-1]]), *pieces[part.arguments[-1]].sources)
        if name in made or (name in columns and columns[name].is_number)
    ]
    for name in (*(one for one in summed if one in made), *summed):
        return name
    return ""


def read_columns(grouping: Grouping, columns: Mapping[str, Column]) -> tuple[str, ...]:
    """Columns of the lines that grouping reads, the key first, the others in their order."""
    pieces = [*grouping.steps, *(one.step for one in grouping.filters)]
    names = {name for one in (*pieces, *grouping.aggregates.arguments) for name in one.sources}
    names |= set(vars(find_roles(grouping, columns)).values())
    read = {name.casefold() for name in names} - {grouping.group_by.casefold()}
    return (grouping.group_by, *(name for name in columns if name.casefold() in read))


@dataclass(frozen=True)
class Marked:
    """
    SQL of lines that are marked by what is done with them.

    Attributes
    ----------
    ctes : tuple of (str, str)
        Name and SELECT of each; the last one is `marked`.
    types : dict of str to str
        Spark's type of each argument of the aggregates.
    key_type : str
        Spark's type of the key: bigint or string.
    """

    ctes: tuple[Cte, ...]
    types: dict[str, str]
    key_type: str


def check_lines(grouping: Grouping, columns: Mapping[str, Column]) -> None:
    """
    Refuse what needs the columns of the lines to be seen: unknown columns, sums of text.

    Raises
    ------
    ParamsError, StepError
        Naming the key, the column and the nearest one.
    """
    check_names(grouping, columns)
    roles = find_roles(grouping, columns)
    if grouping.returns != "net" and not roles.amount:
        raise ParamsError(
            f"`returns` is {grouping.returns}, and no amount was found in the lines: name it, as "
            "in `line_roles: {amount: ...}`."
        )
    customer_ctes(grouping, marked_ctes(grouping, columns, "duckdb", source="lines"), "duckdb")


def check_names(grouping: Grouping, columns: Iterable[str]) -> None:
    """
    Refuse names of columns that neither the lines nor a line step has.

    Raises
    ------
    ParamsError, StepError
        Naming the nearest one.
    """
    columns = list(columns)
    if grouping.group_by not in columns:
        raise ParamsError(
            f"`group_by` is `{grouping.group_by}`, which the table lacks."
            + nearest(grouping.group_by, columns)
        )
    check_columns(grouping.steps, columns)
    known = (*columns, *(step.name for step in grouping.steps))
    for piece in (*(one.step for one in grouping.filters), *grouping.aggregates.arguments):
        check_columns([replace(piece, name="__checked__")], known)


def marked_ctes(
    grouping: Grouping, columns: Mapping[str, Column], dialect: str, *, source: str
) -> Marked:
    """
    Write the lines with their key, the reason why one is set aside, and what is aggregated.

    Parameters
    ----------
    grouping : Grouping
        Parsed for the day that is meant.
    columns : mapping of str to Column
        Columns of the lines, which are typed already.
    dialect : {"duckdb", "postgres", "spark", "bigquery", "snowflake"}
        Whose SQL.
    source : str
        SQL name of the lines.

    Returns
    -------
    Marked
        `marked` has `__key__`, `reason` (null where a line is used), `__day__`, `__order__` and
        `__amount__` (null where they are not known) and the arguments of the aggregates.

    Raises
    ------
    StepError
        Where an expression cannot be written, is no test, or sums what is no number.
    """
    target = Target(dialect)
    known = line_types(columns)
    written = write_steps(grouping.steps, known, dialect)
    ctes: list[Cte] = []
    for number, layer in enumerate(_layers(written), start=1):
        shown = [f"{_flat(one.sql)} AS {_name(one.name, dialect)}" for one in layer]
        ctes.append((f"line_steps_{number}", _select(["*", *shown], source)))
        source = f"line_steps_{number}"
    known |= {one.name.casefold(): SqlColumn(one.name, one.type) for one in written}
    roles = find_roles(grouping, columns)
    placed = [
        f"{_key_sql(columns[grouping.group_by], target)} AS {KEY}",
        f"{_day_sql(roles.date, known, columns, dialect)} AS {DAY}",
        f"{_order_sql(roles.order, known, target)} AS {ORDER}",
        f"{_amount_sql(roles.amount, known, dialect)} AS {AMOUNT}",
    ]
    ctes.append(("placed", _select(["*", *placed], source)))
    shown = [KEY, DAY, ORDER, AMOUNT]
    cases = [
        f"WHEN NOT COALESCE({_test(one, known, dialect)}, FALSE) THEN {_text(one.reason, dialect)}"
        for one in grouping.filters
    ]
    cases.append(f"WHEN {KEY} IS NULL THEN {_text(f'no `{grouping.group_by}`', dialect)}")
    if roles.date:
        later = f"{DAY} > {target.day(grouping.as_of).sql}"
        cases.append(f"WHEN {DAY} IS NULL THEN {_text(f'no `{roles.date}`', dialect)}")
        cases.append(f"WHEN {later} THEN {_text(f'after {grouping.as_of}', dialect)}")
    if grouping.returns != "net":
        said = RETURNED if grouping.returns == "share" else DROPPED
        cases.append(f"WHEN {AMOUNT} < 0 THEN {_text(said, dialect)}")
    shown.append("CASE\n  {}\nEND AS {}".format("\n  ".join(cases), REASON))
    types = {}
    for piece in grouping.aggregates.arguments:
        (made,) = write_steps([piece], known, dialect)
        types[piece.name] = made.type
        _check_ordered(grouping, piece, known)
        shown.append(f"{_flat(made.sql)} AS {piece.name}")
    check_arguments(grouping.aggregates, types)
    ctes.append(("marked", _select(shown, "placed")))
    is_whole = columns[grouping.group_by].type == "integer"
    return Marked(tuple(ctes), types, "bigint" if is_whole else "string")


def day_query(
    grouping: Grouping,
    columns: Mapping[str, Column],
    dialect: str,
    *,
    source: str,
    first: bool = False,
) -> str:
    """Write a SELECT of `__day__`: the day after the last date of the lines, or the first date."""
    ctes = list(marked_ctes(grouping, columns, dialect, source=source).ctes)[:-1]
    following = {"duckdb": "CAST(MAX({0}) + 1 AS DATE)", "spark": "DATE_ADD(MAX({0}), 1)"}
    target = Target(dialect)
    day = f"MIN({DAY})" if first else following[dialect].format(DAY)
    return query(ctes, f"SELECT {target.as_type(day, 'string')} AS {DAY} FROM placed")


def _check_ordered(grouping: Grouping, piece: Piece, known: Mapping[str, SqlColumn]) -> None:
    """Refuse the least or greatest of dates that are text which does not rise with them."""
    column = known.get(_bare(piece).casefold())
    if column is None or not column.date_format or column.date_format.startswith("yyyy"):
        return
    for part in grouping.aggregates.parts:
        if part.function in ("min", "max") and piece.name in part.arguments:
            raise StepError(
                f"{piece.where}: `{column.name}` is a text written {column.date_format}, of which "
                f"the greatest is not the latest: write `to_date(`{column.name}`, "
                f"'{column.date_format}')` in its place."
            )


def _key_sql(column: Column, target: Target) -> str:
    name = _name(column.name, target.dialect)
    if column.type == "integer":
        return name
    return f"NULLIF(TRIM({target.as_type(name, 'string')}), '')"


def _day_sql(
    name: str, known: Mapping[str, SqlColumn], columns: Mapping[str, Column], dialect: str
) -> str:
    target = Target(dialect)
    if not name:
        return target.null("date").sql
    column = known[name.casefold()]
    if column.type == "date":
        return _name(column.name, dialect)
    if name in columns and column.date_format == "yyyy-MM-dd":
        # The reader has checked every one.
        return target.as_type(_name(column.name, dialect), "date")
    quoted = f"`{column.name.replace('`', '``')}`"
    sql = f"to_date({quoted}" + (f", '{column.date_format}')" if column.date_format else ")")
    return _written(f"`line_roles`: date `{name}`", sql, known, dialect).sql


def _order_sql(name: str, known: Mapping[str, SqlColumn], target: Target) -> str:
    if not name:
        return target.null("string").sql
    return target.as_type(_name(known[name.casefold()].name, target.dialect), "string")


def _amount_sql(name: str, known: Mapping[str, SqlColumn], dialect: str) -> str:
    target = Target(dialect)
    if not name:
        return target.null("double").sql
    column = known[name.casefold()]
    if column.type not in ("bigint", "double"):
        raise ParamsError(
            f"`line_roles`: the amount `{name}` holds no numbers but {column.type}: name another."
        )
    return target.as_type(_name(column.name, dialect), "double")


def _written(where: str, sql: str, known: Mapping[str, SqlColumn], dialect: str) -> WrittenStep:
    tree = parse_expression(sql, where=where, as_of=ANY_DAY)
    return write_steps([Piece("__role__", sql, tree, where)], known, dialect)[0]


def _test(one: Filter, known: Mapping[str, SqlColumn], dialect: str) -> str:
    (made,) = write_steps([one.step], known, dialect)
    if made.type != "boolean":
        raise StepError(
            f"{one.step.where}: `{one.step.sql}` is no test but a {made.type}: expected what is "
            "true for the lines that are used, like `Quantity > 0`."
        )
    return _flat(made.sql)


def customer_ctes(
    grouping: Grouping,
    marked: Marked,
    dialect: str,
    *,
    source: str = "marked",
    details: str = "",
    detail_columns: Sequence[str] = (),
) -> tuple[list[Cte], dict[str, Column]]:
    """
    Write customers, one row each, from lines that are marked.

    Parameters
    ----------
    grouping : Grouping
        Parsed for the day that is meant.
    marked : Marked
        From `marked_ctes`.
    dialect : str
        Whose SQL.
    source : str
        SQL name of the marked lines.
    details : str
        SQL name of a table of customers with `__joined__`, their key in the type of that of the
        lines; none for "".
    detail_columns : sequence of str
        Columns of that table that customers get.

    Returns
    -------
    list of (str, str)
        The last one, `customers_grouped`, has the key under its own name, `detail_columns`, the
        aggregates, `__lines__` and `__used__` (counts of lines) and `reason`, null for a
        customer who can be described.
    dict of str to Column
        Type of each aggregate.
    """
    target = Target(dialect)
    used = f"{REASON} IS NULL AND {KEY} IS NOT NULL"
    parts = [one for one in grouping.aggregates.parts if one.function != "net_count"]
    nets = [one for one in grouping.aggregates.parts if one.function == "net_count"]
    shown = [KEY, *(f"{_part_sql(one, marked.types, target)} AS {one.name}" for one in parts)]
    ctes: list[Cte] = [
        (
            "line_keys",
            _select(
                [
                    KEY,
                    f"COUNT(*) AS {LINES}",
                    f"COUNT(CASE WHEN {REASON} IS NULL THEN 1 END) AS {USED}",
                ],
                f"{source}\nWHERE {KEY} IS NOT NULL\nGROUP BY {KEY}",
            ),
        ),
        ("grouped", _select(shown, f"{source}\nWHERE {used}\nGROUP BY {KEY}")),
    ]
    items = [f"grouped.{one.name}" for one in parts]
    joins = ["LEFT JOIN grouped ON grouped.__key__ = everyone.__key__"]
    for number, one in enumerate(nets, start=1):
        ctes += _net_ctes(one, marked.types, target, number, source, used)
        items.append(
            f"CASE WHEN everyone.{USED} > 0 THEN COALESCE(net_{number}.n, 0) END AS {one.name}"
        )
        joins.append(f"LEFT JOIN net_{number} ON net_{number}.__key__ = everyone.__key__")
    if grouping.returns == "share":
        ctes.append(_return_cte(target, source))
        items.append(f"return_shares.{RETURN_SHARE}")
        joins.append("LEFT JOIN return_shares ON return_shares.__key__ = everyone.__key__")
    ctes.append(_everyone(dialect, details, detail_columns))
    held = [f"everyone.{name}" for name in (KEY, LINES, USED, REASON)]
    held += [f"everyone.{_name(name, dialect)}" for name in detail_columns]
    ctes.append(("joined", _select([*held, *items], "\n".join(["everyone", *joins]))))
    types = {one.name: _part_type(one, marked.types) for one in grouping.aggregates.parts}
    known = {name.casefold(): SqlColumn(name, type_) for name, type_ in types.items()}
    results = [write_steps([one], known, dialect)[0] for one in grouping.aggregates.results]
    columns = {one.name: _column(one) for one in results}
    shown = [f"{_as_held(one, target)} AS {_name(one.name, dialect)}" for one in results]
    if grouping.returns == "share":
        columns[RETURN_SHARE] = Column(RETURN_SHARE, "number")
        shown.append(RETURN_SHARE)
    first = [f"{KEY} AS {_name(grouping.group_by, dialect)}"]
    first += [_name(name, dialect) for name in detail_columns]
    ctes.append(("customers_grouped", _select([*first, *shown, LINES, USED, REASON], "joined")))
    return ctes, columns


def _column(one: WrittenStep) -> Column:
    if one.type not in KINDS:
        raise StepError(
            f"{one.step.where}: `{one.step.sql}` gives a {one.type}: expected a number, a text, a "
            "date or a test."
        )
    return Column(one.name, KINDS[one.type])


def _as_held(one: WrittenStep, target: Target) -> str:
    """A result in the type in which tables hold it: dates as text, tests as 0 and 1."""
    sql = _flat(one.sql)
    if one.type == "date":
        return target.as_type(sql, "string")
    if one.type == "boolean":
        return f"CASE WHEN {sql} THEN 1 WHEN NOT ({sql}) THEN 0 END"
    return sql


def _part_type(one: Part, types: Mapping[str, str]) -> str:
    if one.function.startswith(("count", "net")):
        return "bigint"
    return types[one.arguments[0]]


def _part_sql(one: Part, types: Mapping[str, str], target: Target) -> str:
    if one.function == "count_rows":
        return "COUNT(*)"
    (argument,) = one.arguments
    type_ = types[argument]
    if one.function == "count":
        return f"COUNT({argument})"
    if one.function == "count_distinct":
        return f"COUNT(DISTINCT {argument})"
    if one.function in ("sum", "sum_distinct"):
        distinct = "DISTINCT " if one.function == "sum_distinct" else ""
        return _total(target, argument, type_, distinct=distinct)
    if type_ == "double":
        # 0 and -0 are equal, and which of them is kept would hang on the order.
        argument = f"{argument} + {target.double(0.0).sql}"
    if type_ == "string" and target.dialect == "postgres":
        argument = f'{argument} COLLATE "C"'
    return f"{one.function.upper()}({argument})"


def _total(target: Target, argument: str, type_: str, *, distinct: str = "") -> str:
    """An exact sum."""
    if type_ == "bigint":
        return target.as_type(f"SUM({distinct}{argument})", "bigint")
    total = f"SUM({distinct}{exact(target, argument)})"
    if target.dialect == "duckdb":
        # From a decimal DuckDB rounds twice; from its digits once, as the others do.
        total = target.as_type(total, "string")
    return target.as_type(total, "double")


def exact(target: Target, argument: str) -> str:
    """A double as a decimal, which adds up to the same in any order."""
    name = "NUMERIC" if target.dialect == "bigquery" else EXACT
    return f"CAST({argument} AS {name})"


def _net_ctes(
    one: Part, types: Mapping[str, str], target: Target, number: int, source: str, used: str
) -> list[Cte]:
    by, amount = one.arguments
    summed = amount if types[amount] == "bigint" else exact(target, amount)
    within = f"{source}\nWHERE {used} AND {by} IS NOT NULL\nGROUP BY {KEY}, {by}"
    return [
        (f"net_lines_{number}", _select([KEY, by, f"SUM({summed}) AS total"], within)),
        (
            f"net_{number}",
            _select([KEY, "COUNT(*) AS n"], f"net_lines_{number}\nWHERE total > 0\nGROUP BY {KEY}"),
        ),
    ]


def _return_cte(target: Target, source: str) -> Cte:
    bought = _total(target, f"CASE WHEN {AMOUNT} > 0 THEN {AMOUNT} END", "double")
    returned = _total(target, f"CASE WHEN {AMOUNT} < 0 THEN {AMOUNT} END", "double")
    share = f"COALESCE(-{returned}, {target.double(0.0).sql}) / NULLIF({bought}, 0)"
    within = (
        f"{source}\nWHERE {KEY} IS NOT NULL AND "
        f"({REASON} IS NULL OR {REASON} = {_text(RETURNED, target.dialect)})\nGROUP BY {KEY}"
    )
    return "return_shares", _select([KEY, f"{share} AS {RETURN_SHARE}"], within)


def _everyone(dialect: str, details: str, detail_columns: Sequence[str]) -> Cte:
    """Every customer of the lines, and of the table of customers where there is one."""
    if not details:
        reason = f"CASE WHEN {USED} = 0 THEN {_text(NO_USED_LINE, dialect)} END AS {REASON}"
        return "everyone", _select([KEY, LINES, USED, reason], "line_keys")
    cases = [
        f"WHEN {details}.__joined__ IS NULL THEN {_text(UNKNOWN, dialect)}",
        f"WHEN line_keys.{KEY} IS NULL THEN {_text(NO_LINE, dialect)}",
        f"WHEN line_keys.{USED} = 0 THEN {_text(NO_USED_LINE, dialect)}",
    ]
    shown = [
        f"COALESCE(line_keys.{KEY}, {details}.__joined__) AS {KEY}",
        f"COALESCE({LINES}, 0) AS {LINES}",
        f"COALESCE({USED}, 0) AS {USED}",
        "CASE\n  {}\nEND AS {}".format("\n  ".join(cases), REASON),
        *(f"{details}.{_name(name, dialect)}" for name in detail_columns),
    ]
    joined = f"line_keys\nFULL OUTER JOIN {details} ON {details}.__joined__ = line_keys.{KEY}"
    return "everyone", _select(shown, joined)


def query(ctes: Sequence[Cte], final: str) -> str:
    """A whole SELECT of named steps."""
    named = ",\n".join(f"{name} AS (\n{body}\n)" for name, body in ctes)
    return f"WITH\n{named}\n{final}".replace(LINE_FEED, "\n")


def _select(items: Sequence[str], source: str) -> str:
    shown = ",\n  ".join(items)
    return f"SELECT\n  {shown}\nFROM {source}"


def _name(name: str, dialect: str) -> str:
    return _flat(exp.to_identifier(name, quoted=True).sql(dialect=dialect))


def _text(text: str, dialect: str) -> str:
    return _flat(exp.Literal.string(text).sql(dialect=dialect))


def _flat(sql: str) -> str:
    return sql.replace("\n", LINE_FEED)


def _layers(steps: Sequence[WrittenStep]) -> list[list[WrittenStep]]:
    """Group steps so that each layer reads columns of earlier layers only."""
    depth: dict[str, int] = {}
    layers: list[list[WrittenStep]] = []
    for one in steps:
        sources = (name.casefold() for name in one.step.sources)
        level = max((depth[name] for name in sources if name in depth), default=0)
        depth[one.name.casefold()] = level + 1
        if level == len(layers):
            layers.append([])
        layers[level].append(one)
    return layers
