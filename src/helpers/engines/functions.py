"""
The functions of Spark SQL that an expression may use, and what each is in another database.

`FUNCTIONS` is the list: a function that is not on it is refused. Spark's own meaning is the
contract, without ANSI mode: what has no value is missing, and nothing ends a query.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

from helpers.engines.values import NUMERIC, Refused, Target, Value, element_of, in_words

Build = Callable[[Target, Sequence[Value]], Value]


class Templates(TypedDict, total=False):
    """A function's SQL by dialect; `-` where the dialect cannot say it. See `Target.fill`."""

    duckdb: str
    postgres: str
    spark: str
    bigquery: str
    snowflake: str


@dataclass(frozen=True)
class Function:
    """
    One function of Spark SQL.

    Attributes
    ----------
    names : tuple of str
        Its name and other names for it.
    parameters : tuple of str
        Kind of each argument; `?` after one that may be left out, `*` after one that may be
        repeated.
    build : callable
        Writes it in the dialect of a target, from arguments that are cast already.
    group : str
        Heading under which a help page lists it.
    aggregate : bool
        Whether it makes one value of many rows.
    """

    names: tuple[str, ...]
    parameters: tuple[str, ...]
    build: Build
    group: str
    aggregate: bool = False

    def signature(self) -> str:
        """
        How it is called, for help pages.

        Examples
        --------
        >>> FUNCTIONS["left"].signature()
        'left(string, int)'
        """
        return f"{self.names[0]}({', '.join(self.parameters)})"


FUNCTIONS: dict[str, Function] = {}
"""Name, in lower case, to function: all that an expression may call."""

OPERATORS = (
    "+ - * / % div || = == <> != < <= > >= <=> and or not ! is null, is true, in, between, like, "
    "ilike, rlike, case, cast, try_cast, :: , [ ], interval, & | ^ ~"
)
"""What an expression may use besides functions, for help pages."""

INSTEAD = {
    "hash": "its value is Spark's alone: use the column itself",
    "xxhash64": "its value is Spark's alone: use the column itself",
    "typeof": "the type of a column is no fact about a customer",
    "rand": "chance makes every run another",
    "format_number": "it makes text of a number: use `round`",
    "format_string": "use `concat`",
    "printf": "use `concat`",
    "explode": "it makes several rows of one",
    "from_json": "take the fields out of the JSON before, as columns of the table",
    "get_json_object": "take the fields out of the JSON before, as columns of the table",
    "map": "use `case` to look a value up",
    "struct": "a step makes one value",
    "named_struct": "a step makes one value",
}


def define(
    names: str,
    parameters: str,
    build: Build,
    group: str,
    *,
    aggregate: bool = False,
) -> None:
    """
    Put a function on the list.

    Parameters
    ----------
    names : str
        Its name and other names for it, parted by commas.
    parameters : str
        Kinds of its arguments, parted by commas; see `coerced`.
    build : callable
        Writes it; see `Function`.
    group : str
        Heading under which a help page lists it.
    aggregate : bool
        Whether it makes one value of many rows.
    """
    every = tuple(one.strip() for one in names.split(","))
    kinds = tuple(one.strip() for one in parameters.split(",") if one.strip())
    made = Function(every, kinds, build, group, aggregate)
    for name in every:
        assert name not in FUNCTIONS, name
        FUNCTIONS[name] = made


def define_by_template(
    names: str,
    parameters: str,
    result: str,
    group: str,
    everywhere: str = "",
    *,
    bounds: tuple[int, int] | None = None,
    finite: bool | None = None,
    wide: bool = True,
    **templates: Unpack[Templates],
) -> None:
    """
    Put a function on the list that is a template in each dialect.

    Parameters
    ----------
    names, parameters, group : str
        See `define`.
    result : str
        Spark's type of its value.
    everywhere : str
        The template for all dialects but Spark's, where the function is itself.
    bounds : tuple of int, optional
        Least and greatest whole number that it gives.
    finite : bool, optional
        Whether its value is always finite; as its arguments are, unless given.
    wide : bool
        Whether DuckDB and PostgreSQL hold a whole number of it in 64 bits.
    **templates : str
        Templates of single dialects.
    """
    name = names.split(",")[0].strip()
    always_finite = finite
    given: dict[str, str] = {dialect: str(sql) for dialect, sql in templates.items()}

    def build(target: Target, values: Sequence[Value]) -> Value:
        template = given.get(target.dialect)
        if template is None and target.dialect == "spark":
            slots = ", ".join(f"{{{at}}}" for at in range(len(values)))
            template = f"{name.upper()}({slots})"
        template = template or everywhere
        if not template or template == "-":
            raise Refused(f"`{name}` cannot be written for {target.dialect}")
        are_finite = all(one.finite for one in values)
        made = target.make(
            result,
            template,
            *values,
            finite=are_finite if always_finite is None else always_finite,
        )
        return replace(made, bounds=bounds, wide=wide and result in ("int", "bigint"))

    define(names, parameters, build, group)


def check_arguments(function: Function, given: int, *, name: str) -> None:
    """
    Refuse a call with too few or too many arguments.

    Raises
    ------
    Refused
        Naming the function and how it is called.
    """
    kinds = function.parameters
    required = sum(not one.endswith(("?", "*")) for one in kinds)
    most = math.inf if any(one.endswith("*") for one in kinds) else len(kinds)
    if not required <= given <= most:
        called = function.signature().replace(function.names[0], name, 1)
        raise Refused(f"`{name}` is called as `{called}`, and has {given} arguments here")


def kind_at(function: Function, position: int) -> str:
    """The kind of an argument, the last one repeated where there may be more of it."""
    kinds = function.parameters
    return (kinds[position] if position < len(kinds) else kinds[-1]).rstrip("?*")


def coerced(target: Target, value: Value, kind: str) -> Value:
    """
    Cast an argument to the kind that a function asks for.

    Raises
    ------
    Refused
        Where Spark would not cast it.
    """
    if kind == "any":
        return value
    if kind == "number":
        if value.type == "void":
            return target.null("double")
        return value if value.type in NUMERIC else target.implicit(value, "double")
    if kind == "whole":
        if value.type == "void":
            return target.null("int")
        if value.type not in ("int", "bigint"):
            raise Refused(f"expected a whole number, got {in_words(value.type)}")
        return value
    if kind == "moment":
        if value.type in ("date", "timestamp"):
            return value
        return target.implicit(value, "timestamp")
    if kind == "array":
        if not element_of(value.type):
            raise Refused(f"expected an array, got {in_words(value.type)}")
        return value
    if kind == "boolean":
        return truth(target, value)
    if kind == "days":
        # Spark takes no bigint here, which all whole numbers of a table are.
        if value.type not in ("int", "bigint", "void", "string"):
            raise Refused(f"expected a whole number of days, got {in_words(value.type)}")
        return target.implicit(value, "int")
    if kind.startswith("only "):
        # Spark casts nothing to these.
        type_ = kind.removeprefix("only ")
        if value.type not in (type_, "void"):
            raise Refused(f"expected {in_words(type_)}, got {in_words(value.type)}")
        return target.cast(value, type_)
    if kind in ("'text'", "'number'"):
        wanted = str if kind == "'text'" else int
        if not isinstance(value.constant, wanted) or isinstance(value.constant, bool):
            what = "a text" if wanted is str else "a whole number"
            raise Refused(f"expected {what} that is written out here")
        return value
    return target.implicit(value, kind)


def truth(target: Target, value: Value) -> Value:
    """
    A condition.

    Raises
    ------
    Refused
        Where it is no truth value.
    """
    if value.type == "void":
        return target.null("boolean")
    if value.type != "boolean":
        hint = f": write `{value.sql} <> 0`" if value.type in NUMERIC and not value.level else ""
        raise Refused(f"expected a condition, got {in_words(value.type)}{hint}")
    return value


def call(target: Target, name: str, values: Sequence[Value], *, aggregates: bool = False) -> Value:
    """
    Write a call of a function.

    Parameters
    ----------
    target : Target
        Writes the dialect.
    name : str
        The function, in lower case.
    values : sequence of Value
        Its arguments.
    aggregates : bool
        Whether functions over many rows may be called.

    Returns
    -------
    Value
        The call.

    Raises
    ------
    Refused
        For a function that is not offered, or arguments that it does not take.
    """
    function = FUNCTIONS.get(name)
    if function is None or (function.aggregate and not aggregates):
        raise Refused(f"`{name}` is not offered here")
    check_arguments(function, len(values), name=name)
    cast = []
    for position, value in enumerate(values):
        try:
            cast.append(coerced(target, value, kind_at(function, position)))
        except Refused as refused:
            raise Refused(f"argument {position + 1} of `{name}`: {refused}") from None
    return function.build(target, cast)
