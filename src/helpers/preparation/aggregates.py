"""Aggregates of a params file: Spark SQL over the order lines of one customer.

An aggregate is read as an expression over *parts*, each of which is one function over one or two
expressions of a line. Both kinds of expression are checked and translated like SQL steps.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from helpers.engines.sql import Step, parse_expression
from helpers.engines.translation import read_expression
from helpers.errors import ParamsError, StepError
from helpers.params.loader import nearest

FUNCTIONS = ("count", "count_if", "sum", "avg", "mean", "min", "max", "net_count")
"""What may run over the lines of a customer: its result hangs neither on order nor on chance."""

# Names that do not clash with those of people's columns.
ARGUMENT, PART = "__argument_{}__", "__part_{}__"
MARKED = re.compile(r"__(argument|part)_\d+__")
REFUSED = {
    "first": "which line comes first is chance",
    "last": "which line comes last is chance",
    "any_value": "which line is taken is chance",
    "max_by": "lines may tie",
    "min_by": "lines may tie",
    "mode": "values may tie",
    "collect_list": "a customer needs one value",
    "collect_set": "a customer needs one value",
    "stddev": "its last digits hang on the order of the lines",
    "variance": "its last digits hang on the order of the lines",
    "approx_count_distinct": "it is not exact: use count(DISTINCT ...)",
    "approx_percentile": "it is not exact",
    "percentile_approx": "it is not exact",
}


@dataclass(frozen=True)
class Macro:
    """
    A short name for an aggregate that the trade uses often.

    Attributes
    ----------
    call : str
        How it is written.
    meaning : str
        What it is, for help pages.
    expand : callable
        Makes Spark SQL of its arguments.
    least, most : int
        How many arguments it takes; no upper bound where `most` is 0.
    """

    call: str
    meaning: str
    expand: Callable[..., str]
    least: int
    most: int


def _bought(value: str, amount: str | None) -> str:
    return value if amount is None else f"CASE WHEN ({amount}) > 0 THEN {value} END"


def _between_orders(day: str, amount: str | None = None) -> str:
    bought = _bought(day, amount)
    return f"datediff(max({bought}), min({bought})) / nullif(count(DISTINCT {bought}) - 1, 0)"


def _share_of(amount: str, column: str, *values: str) -> str:
    inside = f"({column}) IN ({', '.join(values)})"
    return (
        f"coalesce(sum(CASE WHEN ({amount}) > 0 AND {inside} THEN {amount} END), 0) / "
        f"sum(CASE WHEN ({amount}) > 0 THEN {amount} END)"
    )


def _share_of_rest(amount: str, column: str, *values: str) -> str:
    outside = f"(({column}) IS NULL OR ({column}) NOT IN ({', '.join(values)}))"
    return (
        f"coalesce(sum(CASE WHEN ({amount}) > 0 AND {outside} THEN {amount} END), 0) / "
        f"sum(CASE WHEN ({amount}) > 0 THEN {amount} END)"
    )


def _return_share(amount: str) -> str:
    return (
        f"coalesce(-sum(CASE WHEN ({amount}) < 0 THEN {amount} END), 0) / "
        f"sum(CASE WHEN ({amount}) > 0 THEN {amount} END)"
    )


MACROS: dict[str, Macro] = {
    "recency": Macro(
        "recency(day [, amount])",
        "days from the last line to `as_of`; with an amount, from the last line that is above 0",
        lambda day, amount=None: f"datediff(current_date(), max({_bought(day, amount)}))",
        *(1, 2),
    ),
    "tenure": Macro(
        "tenure(day [, amount])",
        "days from the first line to `as_of`; with an amount, from the first that is above 0",
        lambda day, amount=None: f"datediff(current_date(), min({_bought(day, amount)}))",
        *(1, 2),
    ),
    "net_orders": Macro(
        "net_orders(order, amount)",
        "distinct orders whose amounts add up to more than 0",
        lambda order, amount: f"net_count({order}, {amount})",
        *(2, 2),
    ),
    "purchase_days": Macro(
        "purchase_days(day, amount)",
        "distinct days on which the amounts add up to more than 0",
        lambda day, amount: f"net_count({day}, {amount})",
        *(2, 2),
    ),
    "days_between_orders": Macro(
        "days_between_orders(day [, amount])",
        "mean days from one day with an order to the next; missing where there is one such day",
        _between_orders,
        *(1, 2),
    ),
    "basket": Macro(
        "basket(amount, order)",
        "mean amount of an order: the sum of the amounts by the number of distinct orders",
        lambda amount, order: f"sum({amount}) / nullif(count(DISTINCT {order}), 0)",
        *(2, 2),
    ),
    "share_of": Macro(
        "share_of(amount, column, 'value', ...)",
        "share of what was bought (amounts above 0) that has one of the values",
        _share_of,
        *(3, 0),
    ),
    "share_of_rest": Macro(
        "share_of_rest(amount, column, 'value', ...)",
        "share of what was bought that has none of the values",
        _share_of_rest,
        *(3, 0),
    ),
    "return_share": Macro(
        "return_share(amount)",
        "what was returned (amounts below 0) as a share of what was bought (amounts above 0)",
        _return_share,
        *(1, 1),
    ),
    "within_days": Macro(
        "within_days(day, n)",
        "whether a line is of the last n days before `as_of`; for use in CASE or FILTER",
        lambda day, n: f"datediff(current_date(), {day}) <= {n}",
        *(2, 2),
    ),
}
"""Name to macro: what `aggregates` and `line_steps` may use beside Spark's own functions."""


@dataclass(frozen=True)
class Piece(Step):
    """A checked expression inside an aggregate, which messages call by the aggregate's name."""

    label: str = ""

    @property
    def where(self) -> str:
        """How messages call it."""
        return self.label


@dataclass(frozen=True)
class Part:
    """
    One function over the lines of a customer.

    Attributes
    ----------
    name : str
        Of the column that it makes.
    function : str
        count_rows, count, count_distinct, sum, sum_distinct, min, max, or net_count: how many
        values of the first argument have a sum of the second that is above 0.
    arguments : tuple of str
        Names of the arguments, which are expressions of a line.
    """

    name: str
    function: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Aggregates:
    """
    What is known of a customer from its lines.

    Attributes
    ----------
    arguments : tuple of Piece
        Expressions over a line.
    parts : tuple of Part
        Functions of the arguments over the lines of a customer.
    results : tuple of Piece
        Expressions over the parts, one for each aggregate.
    sources : dict of str to str
        Name and Spark SQL of each aggregate, as written.
    """

    arguments: tuple[Piece, ...]
    parts: tuple[Part, ...]
    results: tuple[Piece, ...]
    sources: dict[str, str]


def expand_macros(sql: str, *, where: str) -> str:
    """
    Write macros out in Spark SQL.

    Raises
    ------
    StepError
        For a macro with too few or too many arguments.

    Examples
    --------
    >>> expand_macros("recency(day)", where="aggregate `R`")
    'DATEDIFF(CURRENT_DATE(), MAX(day))'
    >>> expand_macros("sum(a) + 1", where="aggregate `A`")
    'sum(a) + 1'
    """
    if not any(f"{name}(" in sql.replace(" ", "").casefold() for name in MACROS):
        return sql
    try:
        tree = read_expression(sql)
    except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, LookupError):
        # What is no expression is refused in its own words where it is parsed.
        return sql
    for node in reversed(list(tree.find_all(exp.Anonymous))):
        macro = MACROS.get(str(node.this).casefold())
        if macro is None:
            continue
        given = [_written(one) for one in node.expressions]
        if len(given) < macro.least or (macro.most and len(given) > macro.most):
            raise StepError(f"{where}: `{_written(node)}`: expected `{macro.call}`.")
        made = exp.paren(read_expression(macro.expand(*given)))
        if node is tree:
            tree = made.this
        else:
            node.replace(made)
    return _written(tree)


def _written(tree: exp.Expression) -> str:
    return str(tree.sql(dialect="spark"))


def parse_aggregates(
    entries: Sequence[Mapping[str, Any]] | Mapping[str, Any], *, as_of: str
) -> Aggregates:
    """
    Parse the aggregates of a params file.

    Parameters
    ----------
    entries : list of one-entry mappings, or mapping
        `name: expression`, as written.
    as_of : str
        The day that `current_date()` stands for, as ISO text.

    Returns
    -------
    Aggregates
        Arguments, parts and results, in the order of the entries.

    Raises
    ------
    ParamsError
        For an entry that is not one `name: expression`, or a name that stands twice.
    StepError
        For what is no expression over aggregates of the lines: a subquery, another table, the
        clock, chance, an aggregate that hangs on the order of the lines, a column outside of an
        aggregate.

    Examples
    --------
    >>> basket = {"Basket": "sum(amount) / count(DISTINCT Invoice)"}
    >>> made = parse_aggregates([basket], as_of="2025-01-01")
    >>> [(part.function, part.arguments) for part in made.parts]
    [('sum', ('__argument_1__',)), ('count_distinct', ('__argument_2__',))]
    """
    reader = _Reader(as_of)
    pairs = [entries] if isinstance(entries, Mapping) else list(entries)
    results: dict[str, Piece] = {}
    sources: dict[str, str] = {}
    for position, entry in enumerate(pairs, start=1):
        if not isinstance(entry, Mapping):
            raise ParamsError(f"aggregates, entry {position}: expected `name: expression`.")
        for name, sql in entry.items():
            where = f"aggregate `{name}`"
            if not isinstance(name, str) or not name.strip() or name.startswith("__"):
                raise ParamsError(f"{where}: is no name for a column.")
            if not isinstance(sql, str):
                raise ParamsError(f"{where}: expected an expression, got {sql!r}.")
            if name.casefold() in {one.casefold() for one in results}:
                raise ParamsError(f"{where}: the name stands twice in `aggregates`.")
            results[name] = reader.read(name, sql, where=where)
            sources[name] = sql
    return Aggregates(
        tuple(reader.arguments.values()),
        tuple(reader.parts.values()),
        tuple(results.values()),
        sources,
    )


class _Reader:
    """Takes expressions apart; what several of them use is worked out once."""

    def __init__(self, as_of: str) -> None:
        self.as_of = as_of
        self.arguments: dict[str, Piece] = {}
        self.parts: dict[tuple[str, ...], Part] = {}

    def read(self, name: str, sql: str, *, where: str) -> Piece:
        expanded = expand_macros(sql, where=where)
        try:
            tree = read_expression(expanded)
        except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, LookupError):
            # Refused in the words of a step.
            parse_expression(sql, where=where, as_of=self.as_of)
            raise StepError(f"{where}: `{sql}` is not valid Spark SQL.") from None
        self._refuse(tree, where)
        tree = tree.transform(lambda node: self._part_of(node, where))
        made = parse_expression(_written(tree), where=where, as_of=self.as_of)
        piece = Piece(name, sql, made, where)
        for column in piece.sources:
            if not MARKED.fullmatch(column):
                raise StepError(
                    f"{where} reads `{column}` of a line outside of an aggregate: a customer has "
                    f"several lines. Write for instance `max({column})` or `sum({column})`; what "
                    "is made of other aggregates belongs into `sql_steps`."
                )
        if not any(MARKED.fullmatch(column) for column in piece.sources):
            raise StepError(
                f"{where}: `{sql}` holds no aggregate: expected an expression like `sum(amount)` "
                "over the lines of a customer."
            )
        return piece

    def _refuse(self, tree: exp.Expression, where: str) -> None:
        for node in tree.find_all(exp.Window):
            raise StepError(
                f"{where}: `{_written(node)}`: a window compares lines with each other, which no "
                "aggregate of a customer needs: write the function without OVER."
            )
        for node in tree.find_all(exp.Anonymous):
            name = str(node.this).casefold()
            if name in REFUSED:
                raise StepError(
                    f"{where}: `{name}` is not offered over lines: {REFUSED[name]}. Offered are "
                    f"{', '.join(FUNCTIONS[:-1])}, and {', '.join(MACROS)}."
                )

    def _part_of(self, node: exp.Expression, where: str) -> exp.Expression:
        condition = None
        call = node
        if isinstance(node, exp.Filter):
            call, condition = node.this, node.expression.this
        name = str(call.this).casefold() if isinstance(call, exp.Anonymous) else ""
        if name not in FUNCTIONS:
            if condition is not None:
                raise StepError(
                    f"{where}: `{_written(node)}`: FILTER belongs to one of "
                    f"{', '.join(FUNCTIONS[:-1])}."
                )
            return node
        for below in call.find_all(exp.Anonymous):
            if below is not call and str(below.this).casefold() in FUNCTIONS:
                raise StepError(
                    f"{where}: `{_written(call)}` holds an aggregate within an aggregate: a line "
                    "has no lines of its own."
                )
        return (
            exp.column(self._part(name, call, condition, where), quoted=True)
            if name not in ("avg", "mean")
            else self._mean(call, condition, where)
        )

    def _mean(
        self, call: exp.Anonymous, condition: exp.Expression | None, where: str
    ) -> exp.Expression:
        total = self._part("sum", call, condition, where)
        count = self._part("count", call, condition, where)
        return exp.paren(read_expression(f"`{total}` / `{count}`"))

    def _part(
        self, name: str, call: exp.Anonymous, condition: exp.Expression | None, where: str
    ) -> str:
        given = list(call.expressions)
        distinct = len(given) == 1 and isinstance(given[0], exp.Distinct)
        if distinct:
            given = list(given[0].expressions)
            if name in ("min", "max"):
                distinct = False
            elif name not in ("count", "sum"):
                raise StepError(f"{where}: `{_written(call)}`: DISTINCT is for count and sum.")
        wanted = 2 if name == "net_count" else 1
        if len(given) != wanted:
            raise StepError(
                f"{where}: `{_written(call)}` has {len(given)} arguments: expected {wanted}."
            )
        texts = [_written(one) for one in given]
        function = f"{name}_distinct" if distinct else name
        if isinstance(given[0], exp.Star):
            if name != "count" or distinct:
                raise StepError(f"{where}: `{_written(call)}`: `*` is for count alone.")
            function, texts = "count_rows", []
        if name == "count_if":
            function, texts = "count", [f"CASE WHEN {texts[0]} THEN 1 END"]
        if condition is not None:
            test = _written(condition)
            if function == "count_rows":
                function, texts = "count", [f"CASE WHEN {test} THEN 1 END"]
            else:
                texts[0] = f"CASE WHEN {test} THEN {texts[0]} END"
        arguments = tuple(self._argument(text, where) for text in texts)
        key = (function, *arguments)
        if key not in self.parts:
            self.parts[key] = Part(PART.format(len(self.parts) + 1), function, arguments)
        return self.parts[key].name

    def _argument(self, text: str, where: str) -> str:
        if text not in self.arguments:
            tree = parse_expression(text, where=where, as_of=self.as_of)
            name = ARGUMENT.format(len(self.arguments) + 1)
            self.arguments[text] = Piece(name, text, tree, where)
        return self.arguments[text].name


def check_arguments(aggregates: Aggregates, types: Mapping[str, str]) -> None:
    """
    Refuse a sum of what is no number.

    Parameters
    ----------
    aggregates : Aggregates
        Parsed.
    types : mapping of str to str
        Name of an argument to Spark's type of it.

    Raises
    ------
    StepError
        Naming the aggregate and the type.
    """
    pieces = {one.name: one for one in aggregates.arguments}
    for part in aggregates.parts:
        summed = (
            part.arguments[-1:] if part.function in ("sum", "sum_distinct", "net_count") else ()
        )
        for name in summed:
            if types[name] not in ("bigint", "double"):
                raise StepError(
                    f"{pieces[name].where}: `{pieces[name].sql}` is summed and is no number but "
                    f"{types[name]}: expected a number, for instance `CAST(... AS double)`."
                )


def nearest_function(name: str) -> str:
    """Hint at the aggregate or macro of the nearest name."""
    return nearest(name, (*FUNCTIONS[:-1], *MACROS))
