"""SQL steps: ordered `name: expression` pairs in Spark SQL, checked before anything runs."""

import difflib
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from helpers.engines import functions
from helpers.engines.translation import (
    CAST_CALLS,
    WITH_UNITS,
    SqlColumn,
    Written,
    nearest_function,
    offered,
    translate,
)
from helpers.engines.values import Refused, Target, Value
from helpers.errors import ParamsError, StepError

# What would make a result depend on the moment, on chance, on the machine, or on other files.
# A test holds this list against all that DuckDB calls volatile.
# fmt: off
FORBIDDEN_FUNCTIONS = frozenset(
    {
        "now", "today", "current_timestamp", "localtimestamp", "unix_timestamp", "current_timezone",
        "current_localtimestamp", "get_current_time", "get_current_timestamp",
        "transaction_timestamp", "ago", "current_user", "user", "session_user", "current_role",
        "current_database", "current_catalog", "current_schema", "current_schemas", "current_query",
        "current_query_id", "current_connection_id", "current_transaction_id", "current_setting",
        "version", "vector_type", "rand", "random", "randn", "uuid", "uuidv4", "uuidv7",
        "gen_random_uuid", "shuffle", "setseed", "nextval", "currval", "setval",
        "monotonically_increasing_id", "input_file_name", "spark_partition_id", "java_method",
        "reflect", "try_reflect", "read_csv", "read_csv_auto", "read_parquet", "parquet_scan",
        "read_json", "read_json_auto", "read_text", "read_blob", "glob", "sniff_csv", "query",
        "query_table", "getenv", "getvariable", "http_get", "in_search_path", "stats", "error",
        "sleep_ms", "write_log", "assert_true", "raise_error", "txid_current", "get_block_size",
        "checkpoint",
    }
)
WINDOW_FUNCTIONS = frozenset(
    {
        "cume_dist", "dense_rank", "rank", "rank_dense", "row_number", "ntile", "nth_value",
        "percent_rank", "lag", "lead", "first_value", "last_value", "fill",
    }
)
GENERATORS = frozenset(
    {
        "explode", "explode_outer", "posexplode", "posexplode_outer", "unnest", "inline",
        "inline_outer", "stack", "json_tuple", "regexp_split_to_table", "generate_subscripts",
    }
)
# fmt: on
FORBIDDEN_PREFIXES = ("pg_", "has_", "duckdb_", "inet_", "read_", "parquet_", "pragma_", "http_")
CLOCKS = frozenset({"current_timestamp", "current_user", "session_user", "user", "localtimestamp"})
MOMENTS = frozenset({"now", "today", "tomorrow", "yesterday"})
FORBIDDEN_NODES = (
    exp.Query,
    exp.DDL,
    exp.DML,
    exp.Command,
    exp.Set,
    exp.Table,
    exp.Star,
    exp.CurrentTimestamp,
    exp.CurrentUser,
    exp.Rand,
    exp.Randn,
    exp.Uuid,
    exp.Placeholder,
    exp.Parameter,
    exp.Pragma,
    exp.Attach,
    exp.Detach,
    exp.QueryTransform,
)
# Words by which a statement begins; they are column names as well, so that only what was refused
# anyway is called a statement.
STATEMENT = re.compile(
    r"\s*(select|with|from|copy|attach|detach|install|load|pragma|set|reset|export|import|call|create"
    r"|drop|alter|insert|update|delete|truncate|use|vacuum|checkpoint|merge|explain)\b(?!\s*[(=])",
    re.IGNORECASE,
)
FILE_FUNCTION = re.compile(r"(read|load|parquet|http|sniff|st_read)_.*|.*_(scan|load)|glob|st_read")
# What is no expression over a row is refused by name; sqlglot need not warn of it as well.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


AGGREGATES = frozenset(
    name.casefold()
    for name, made in exp.FUNCTION_BY_NAME.items()
    if issubclass(made, exp.AggFunc) and name.casefold() not in functions.FUNCTIONS
) | {"mean", "std", "every", "some", "collect_list", "collect_set", "mode", "median", "count_if"}
"""Functions that run over many rows."""
TODAY = ("current_date", "curdate")
"""What stands for `as_of`."""


@dataclass(frozen=True)
class Step:
    """One derived column: its name, its Spark SQL as written, and the parsed expression."""

    name: str
    sql: str
    tree: exp.Expression

    @property
    def where(self) -> str:
        """How messages call it."""
        return f"SQL step `{self.name}`"

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the columns that the expression reads, sorted."""
        return tuple(sorted({column.name for column in self.tree.find_all(exp.Column)}))

    def written(
        self, columns: Mapping[str, SqlColumn], dialect: str, *, exact: bool = False
    ) -> Value:
        """
        Write the expression in a dialect, with Spark's meaning; see `translate`.

        Raises
        ------
        StepError
            Naming the step, and what in it is not offered.

        Examples
        --------
        >>> from helpers.engines.translation import column_types
        >>> (step,) = parse_steps([{"Share": "a / b"}], as_of="2025-01-01")
        >>> step.written(column_types({"a": "bigint", "b": "bigint"}), "duckdb").sql
        '"a" / NULLIF("b", 0)'
        """
        try:
            return translate(self.tree, columns, dialect, exact=exact)
        except Refused as refused:
            raise StepError(f"{self.where}: `{_short(self.sql)}`: {refused}.") from None
        except RecursionError:
            raise StepError(f"{self.where}: the expression is nested too deeply.") from None


@dataclass(frozen=True)
class WrittenStep:
    """
    A step in the SQL of one database.

    Attributes
    ----------
    step : Step
        The step.
    sql : str
        Its value: whole numbers in 64 bits, and missing where it would be infinite or NaN.
    raw_sql : str
        Its value before that.
    type : str
        Spark's type of the column that it makes.
    may_be_infinite : bool
        Whether the raw value can be infinite or NaN.
    """

    step: Step
    sql: str
    raw_sql: str
    type: str
    may_be_infinite: bool

    @property
    def name(self) -> str:
        """The column's name."""
        return self.step.name


def write_steps(
    steps: Sequence[Step],
    columns: Mapping[str, SqlColumn],
    dialect: str,
    *,
    exact: bool = False,
    widen: bool = True,
) -> tuple[WrittenStep, ...]:
    """
    Write steps in a dialect, each over the table's columns and those of earlier steps.

    Parameters
    ----------
    steps : sequence of Step
        In running order.
    columns : mapping of str to SqlColumn
        The table's columns, by their names in lower case; see `column_types`.
    dialect : {"duckdb", "postgres", "spark", "bigquery", "snowflake"}
        Whose SQL.
    exact : bool
        See `translate`.
    widen : bool
        Whether whole numbers are cast to 64 bits.

    Returns
    -------
    tuple of WrittenStep
        In the same order.

    Raises
    ------
    StepError
        Naming the step, and what in it is not offered, or what the dialect cannot say.

    Examples
    --------
    >>> from helpers.engines.translation import column_types
    >>> steps = parse_steps([{"Root": "sqrt(a)"}], as_of="2025-01-01")
    >>> write_steps(steps, column_types({"a": "double"}), "duckdb")[0].may_be_infinite
    True
    """
    known = dict(columns)
    target = Target(dialect)
    written: list[WrittenStep] = []
    for step in steps:
        value = step.written(known, dialect, exact=exact)
        if value.type == "void":
            raise StepError(f"{step.where}: `{_short(step.sql)}` is always missing.")
        type_ = "bigint" if value.type == "int" else value.type
        sql = value.sql
        if widen and value.type == "int":
            sql = target.as_type(sql, "bigint")
        risky = value.type == "double" and not value.finite
        if risky:
            sql = finite_sql(target, value)
        written.append(WrittenStep(step, sql, value.sql, type_, risky))
        known[step.name.casefold()] = SqlColumn(step.name, type_)
    return tuple(written)


def finite_sql(target: Target, value: Value) -> str:
    """SQL of a double that is missing where it is infinite or NaN."""
    if target.dialect == "bigquery":
        return target.fill("CASE WHEN NOT IS_NAN({0}) AND NOT IS_INF({0}) THEN {0} END", value)
    sql = value.sql
    for special in ("nan", "inf", "-inf"):
        sql = f"NULLIF({sql}, {target.double(float(special)).sql})"
    return sql


def expression_in(tree: exp.Expression, dialect: str) -> str:
    """
    Write a query of this project's own in another dialect.

    It reads and renames only; what people write goes through `translate`.
    """
    return tree.transform(_exact_percentile, dialect).sql(dialect=dialect)


def _exact_percentile(node: exp.Expression, dialect: str) -> exp.Expression:
    # Spark's `percentile` interpolates; DuckDB's `quantile` would take a neighbour.
    if dialect == "duckdb" and isinstance(node, exp.Quantile):
        return exp.Anonymous(this="quantile_cont", expressions=[node.this, node.args["quantile"]])
    return node


def real_numbers(node: exp.Expression) -> exp.Expression:
    """Take a number with a point as a double, where Spark would take it as a decimal."""
    if (
        isinstance(node, exp.Literal)
        and not node.is_string
        and not str(node.this).isdigit()
        and not isinstance(node.parent, exp.Cast)
    ):
        return exp.cast(exp.Literal.string(str(node.this)), "double")
    return node


def as_date(as_of: str, *, where: str = "as_of") -> date:
    """
    Read the day that stands for today.

    Parameters
    ----------
    as_of : str
        An ISO date.
    where : str
        Where it stands, for messages.

    Returns
    -------
    date
        The day.

    Raises
    ------
    ParamsError
        Where it is no such date.
    """
    try:
        return date.fromisoformat(as_of)
    except (ValueError, TypeError):
        raise ParamsError(f"{where}: {as_of!r} is no date: write it like 2025-09-12.") from None


def parse_expression(sql: str, *, where: str, as_of: str) -> exp.Expression:
    """
    Parse one Spark SQL expression, and refuse what is not an expression over the row's columns.

    `current_date()` stands for `as_of`, so that nothing reads today's date.

    Parameters
    ----------
    sql : str
        The expression.
    where : str
        Name of the step, for messages.
    as_of : str
        An ISO date.

    Returns
    -------
    sqlglot.exp.Expression
        The parsed expression.

    Raises
    ------
    StepError
        For a statement, a subquery, another table, an aggregate or a window, or a function whose
        result could change between two runs.
    """
    day = as_date(as_of).isoformat()
    try:
        parsed = sqlglot.parse(sql, read=Written)
    except SqlglotError as error:
        _refuse_text(sql, where)
        raise StepError(
            f"{where}: `{_short(sql)}` is not valid Spark SQL ({_first(error)})."
        ) from None
    except RecursionError:
        raise StepError(f"{where}: the expression is nested too deeply.") from None
    except (ValueError, TypeError, AttributeError, LookupError):
        # sqlglot's builders of functions meet arguments that they do not expect.
        raise StepError(
            f"{where}: `{_short(sql)}` is not valid Spark SQL (a function has arguments that it "
            "cannot take)."
        ) from None
    if len(parsed) != 1 or parsed[0] is None:
        got = f"`{_short(sql)}`" if sql.strip() else "nothing"
        raise StepError(
            f"{where}: expected one expression over the columns of a row, got {got}: write one "
            "expression, without a semicolon."
        )
    tree = parsed[0]
    if isinstance(tree, exp.Alias):
        _refuse_text(sql, where)
        raise StepError(f"{where}: `{_short(sql)}` names its result: write the expression alone.")
    try:
        for node in tree.walk():
            reason = _refused(node)
            if reason:
                _refuse_text(sql, where)
                raise StepError(
                    f"{where}: `{_short(sql)}` holds `{_short(node.sql('spark'))}`: {reason}"
                )
        tree = tree.transform(lambda node: _with_units(_with_day(node, day)))
        for node in tree.find_all(exp.Anonymous):
            unknown = _not_offered(node)
            if unknown:
                raise StepError(f"{where}: `{_short(sql)}`: {unknown}")
    except RecursionError:
        raise StepError(f"{where}: the expression is nested too deeply.") from None
    except (SqlglotError, ValueError, TypeError, AttributeError, LookupError):
        # What was parsed in part cannot be written.
        raise StepError(
            f"{where}: `{_short(sql)}` is not valid Spark SQL (a function has arguments that it "
            "cannot take)."
        ) from None
    return tree


def _with_day(node: exp.Expression, day: str) -> exp.Expression:
    """`as_of` in place of `current_date`, which may be written with brackets or without."""
    called = isinstance(node, exp.Anonymous) and not node.expressions
    named = isinstance(node, exp.Column) and not node.this.args.get("quoted")
    name = str(node.this).casefold() if called else node.name.casefold() if named else ""
    if isinstance(node, exp.CurrentDate) or (name in TODAY and (called or name == TODAY[0])):
        return exp.cast(exp.Literal.string(day), "date")
    return node


def _with_units(node: exp.Expression) -> exp.Expression:
    """The unit of `timestampdiff(month, ...)`, which is no column."""
    if isinstance(node, exp.Anonymous) and str(node.this).casefold() in WITH_UNITS:
        first = node.expressions[0] if node.expressions else None
        if len(node.expressions) == 3 and isinstance(first, exp.Column):
            first.replace(exp.Literal.string(first.name))
    return node


def _not_offered(node: exp.Anonymous) -> str:
    """Say that a function is not offered, why, and which one is; empty where it is."""
    name = str(node.this).casefold()
    if offered(name):
        given = len(node.expressions)
        if name in CAST_CALLS or (name in WITH_UNITS and given == 3):
            return ""
        try:
            functions.check_arguments(functions.FUNCTIONS[name], given, name=name)
        except Refused as refused:
            return f"{refused}."
        return ""
    instead = functions.INSTEAD.get(name)
    if instead:
        return f"`{name}` is not offered: {instead}."
    return (
        f"`{name}` is not offered: it is no function that both engines answer alike."
        f"{nearest_function(name)}"
    )


def _refuse_text(sql: str, where: str) -> None:
    """Refuse by its first words what cannot be an expression: a statement, or a call for a file."""
    if STATEMENT.match(sql):
        raise StepError(
            f"{where}: `{_short(sql)}` is a statement: expected one expression over the columns "
            "of a row, like `Kidhome + Teenhome`."
        )
    called = re.match(r"\s*(\w+)\s*\(", sql)
    if called and FILE_FUNCTION.fullmatch(called.group(1).casefold()):
        raise StepError(f"{where}: `{_short(sql)}` {READS_A_FILE}")


READS_A_FILE = (
    "reads a file or the network: a step sees the columns of a row and nothing else. Put what it "
    "needs into the table."
)


def _refused(node: exp.Expression) -> str:
    """Say why a part of an expression is refused in a step, or return an empty text."""
    if isinstance(node, FORBIDDEN_NODES):
        return (
            "a step is one expression over the columns of a row; statements, other tables, "
            "chance and the clock are refused."
        )
    name = _function_name(node)
    if isinstance(node, exp.Window) or name in WINDOW_FUNCTIONS:
        return (
            "a window makes a customer's value depend on the other customers, so that new ones "
            "could not be scored: use the row's own columns."
        )
    if isinstance(node, exp.AggFunc) or (name in AGGREGATES and not offered(name)):
        return (
            "an aggregate runs over all customers, a step over one row: use the row's own columns, "
            "and `greatest` or `least` to compare them."
        )
    if isinstance(node, exp.UDTF | exp.Explode) or name in GENERATORS:
        return "it makes several rows of one: a step gives each customer one value."
    if isinstance(node, exp.Column) and node.args.get("table"):
        return "a step sees one table: write the column's name alone."
    if FILE_FUNCTION.fullmatch(name):
        return f"it {READS_A_FILE}"
    # Of a given moment it counts the seconds, of none it tells the clock's.
    counts = name == "unix_timestamp" and bool(node.expressions)
    if (name in FORBIDDEN_FUNCTIONS and not counts) or name.startswith(FORBIDDEN_PREFIXES):
        return (
            "its result depends on the moment, on chance or on the machine. "
            "`current_date()` may be used: it stands for `as_of`."
        )
    if (
        isinstance(node, exp.Column)
        and not node.this.args.get("quoted")
        and name_of(node) in CLOCKS
    ):
        return (
            "a step is one expression over the columns of a row; statements, other tables, "
            "chance and the clock are refused."
        )
    if isinstance(node, exp.Cast) and node.this.name.strip().casefold() in MOMENTS:
        return "it stands for the moment. `current_date()` may be used: it stands for `as_of`."
    return ""


def name_of(column: exp.Column) -> str:
    """A column's name in lower case."""
    return str(column.name).casefold()


def _short(sql: str, *, most: int = 80) -> str:
    sql = " ".join(sql.split())
    return sql if len(sql) <= most else sql[:most] + "..."


def _function_name(node: exp.Expression) -> str:
    if isinstance(node, exp.Anonymous):
        return str(node.this).casefold()
    return node.sql_name().casefold() if isinstance(node, exp.Func) else ""


def _first(error: Exception) -> str:
    text = str(error).splitlines()[0].split("\x1b")[0]
    # sqlglot names its own classes, which say nothing to a person.
    return re.sub(r" for <class '[\w.]*\.(\w+)'>", r" in `\1`", text).rstrip(". ")


def parse_steps(
    steps: Sequence[Mapping[str, Any]] | Mapping[str, Any], *, as_of: str
) -> tuple[Step, ...]:
    """
    Parse the SQL steps of a params file.

    Parameters
    ----------
    steps : list of one-entry mappings, or mapping
        `name: expression`, in the order in which they run.
    as_of : str
        The day that `current_date()` stands for, as ISO text.

    Returns
    -------
    tuple of Step
        In the same order.

    Raises
    ------
    ParamsError
        For an entry that is not one `name: expression`, or a name that stands twice.
    StepError
        See `parse_expression`.
    """
    entries = [steps] if isinstance(steps, Mapping) else list(steps)
    parsed: list[Step] = []
    for position, entry in enumerate(entries, start=1):
        if not isinstance(entry, Mapping):
            raise ParamsError(f"sql_steps, entry {position}: expected `name: expression`.")
        for name, sql in entry.items():
            where = f"SQL step `{name}`"
            if not isinstance(name, str) or not name.strip() or name.casefold() == "__row__":
                raise ParamsError(f"{where}: is no name for a column.")
            if not isinstance(sql, str | int | float) or isinstance(sql, bool):
                raise ParamsError(f"{where}: expected an expression, got {sql!r}.")
            if any(one.name.casefold() == name.casefold() for one in parsed):
                raise ParamsError(f"{where}: the name stands twice in `sql_steps`.")
            tree = parse_expression(str(sql), where=where, as_of=as_of)
            parsed.append(Step(name, str(sql), tree))
    return tuple(parsed)


def check_columns(steps: Iterable[Step], columns: Iterable[str]) -> None:
    """
    Refuse a step that reads a column which is not there yet, or makes one that is there already.

    Parameters
    ----------
    steps : iterable of Step
        In running order.
    columns : iterable of str
        Columns of the table.

    Raises
    ------
    StepError
        Naming the step, the column, and the nearest name or the later step that makes it.
    """
    steps = tuple(steps)
    known = {name.casefold(): name for name in columns}
    for position, step in enumerate(steps):
        later = {one.name.casefold() for one in steps[position + 1 :]}
        for source in step.sources:
            if source.casefold() in known:
                continue
            where = f"{step.where} reads `{source}`"
            if source.casefold() == step.name.casefold():
                raise StepError(f"{where}, which is itself: a step can read earlier columns only.")
            if source.casefold() in later:
                raise StepError(f"{where}, which a later step makes: move that one before it.")
            close = difflib.get_close_matches(source.casefold(), known, n=1)
            hint = f" Did you mean `{known[close[0]]}`?" if close else ""
            raise StepError(f"{where}, which neither the table nor an earlier step has.{hint}")
        if step.name.casefold() in known:
            raise StepError(
                f"{step.where}: the table has a column of that name already: rename it."
            )
        known[step.name.casefold()] = step.name


def raw_sources(steps: Sequence[Step], name: str) -> frozenset[str]:
    """
    Columns of the raw table that a feature is made of, through all steps.

    Parameters
    ----------
    steps : sequence of Step
        In running order.
    name : str
        A feature: a step's name or a raw column.

    Returns
    -------
    frozenset of str
        Names of raw columns.

    Examples
    --------
    >>> steps = parse_steps([{"a": "x + y"}, {"b": "a * z"}], as_of="2025-01-01")
    >>> sorted(raw_sources(steps, "b"))
    ['x', 'y', 'z']
    """
    behind: dict[str, frozenset[str]] = {}
    for step in steps:
        # A step sees earlier ones only; that another is meant is refused by `check_columns`.
        found = (behind.get(one.casefold(), frozenset({one})) for one in step.sources)
        behind[step.name.casefold()] = frozenset().union(*found)
    return behind.get(name.casefold(), frozenset({name}))


def column_sql(name: str) -> str:
    """
    Write a column name as an identifier of Spark SQL.

    Examples
    --------
    >>> column_sql("my column")
    '`my column`'
    """
    return str(exp.column(name, quoted=True).sql(dialect="spark"))


def text_sql(text: str) -> str:
    """
    Write a text as a literal of Spark SQL.

    Examples
    --------
    >>> text_sql("a")
    "'a'"
    """
    return str(exp.Literal.string(text).sql(dialect="spark"))
