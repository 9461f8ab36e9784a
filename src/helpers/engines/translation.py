"""Expressions in Spark SQL, read with Spark's types and written in the SQL of another database."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.spark import Spark

from helpers.engines import (
    array_functions,
    condition_functions,
    date_functions,
    functions,
    number_functions,
    pattern_functions,
    text_functions,
)
from helpers.engines.values import (
    AND,
    COMPARISON,
    LOOSE,
    NOT,
    NUMERIC,
    OR,
    SUM,
    Refused,
    Target,
    Value,
    element_of,
    in_words,
    widest,
)

# Calls whose arguments are written with words between them; all others are read by their names.
WORDED = ("CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "SUBSTRING", "SUBSTR", "OVERLAY")
WITH_UNITS = (
    *("timestampdiff", "timestampadd", "datediff", "date_diff", "dateadd", "date_add"),
    *("datepart", "date_part"),
)


class Written(Spark):
    """Spark SQL as it is written: every function keeps its name and its arguments."""

    class Tokenizer(Spark.Tokenizer):
        """Two quotes within a text are one, as Spark has it since its version 4."""

        STRING_ESCAPES: Sequence[str] = ["\\", "'", '"']

    class Parser(Spark.Parser):
        """Without the functions of other databases that sqlglot makes of Spark's."""

        FUNCTIONS: Mapping[str, Any] = {}
        NO_PAREN_FUNCTIONS: Mapping[Any, Any] = {}
        FUNCTION_PARSERS: Mapping[str, Any] = {
            name: parse for name, parse in Spark.Parser.FUNCTION_PARSERS.items() if name in WORDED
        }
        STRICT_CAST = True


@dataclass(frozen=True)
class SqlColumn:
    """
    A column that an expression may read.

    Attributes
    ----------
    name : str
        As it is spelt in the table.
    type : str
        Spark's type: bigint, double, string, boolean, date, timestamp or `array<...>`.
    date_format : str
        Of a text that is known to be a date: Spark's format of it.
    """

    name: str
    type: str
    date_format: str = ""


def column_types(types: Mapping[str, str]) -> dict[str, SqlColumn]:
    """
    Columns by their names in lower case, as `translate` asks for them.

    Examples
    --------
    >>> column_types({"Income": "double"})["income"].type
    'double'
    """
    return {name.casefold(): SqlColumn(name, type_) for name, type_ in types.items()}


def translate(
    tree: exp.Expression,
    columns: Mapping[str, SqlColumn],
    dialect: str,
    *,
    exact: bool = False,
    aggregates: bool = False,
) -> Value:
    """
    Write an expression of Spark SQL in a dialect, with Spark's meaning.

    Parameters
    ----------
    tree : sqlglot.exp.Expression
        As `read_expression` reads it.
    columns : mapping of str to SqlColumn
        The columns that it may read, by their names in lower case.
    dialect : {"duckdb", "postgres", "spark", "bigquery", "snowflake"}
        Whose SQL.
    exact : bool
        Whether whole numbers that are too large for their type wrap round, as in Spark. Without,
        DuckDB and PostgreSQL end the query there with an error; the SQL is shorter.
    aggregates : bool
        Whether functions over many rows, like `sum`, may be called.

    Returns
    -------
    Value
        Its SQL and Spark's type of it.

    Raises
    ------
    Refused
        Where it holds what is not offered, or what the dialect cannot say.

    Examples
    --------
    >>> tree = read_expression("months / 12 + 1")
    >>> translate(tree, column_types({"months": "bigint"}), "duckdb").sql
    '"months" / 12 + 1'
    """
    return _Translator(Target(dialect, exact), columns, aggregates).value(tree)


def read_expression(sql: str) -> exp.Expression:
    """
    Parse one expression of Spark SQL.

    Raises
    ------
    sqlglot.errors.SqlglotError
        Where it is none.
    """
    return sqlglot.parse_one(sql, read=Written)


COMPARISONS = {exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=", exp.NEQ: "<>"}
EQUALITIES = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)
ORDERINGS = (exp.GT, exp.GTE, exp.LT, exp.LTE)
BITWISE = {exp.BitwiseAnd: "&", exp.BitwiseOr: "|", exp.BitwiseXor: "^"}
CAST_NAMES = {
    "BOOLEAN": "boolean",
    "INT": "int",
    "BIGINT": "bigint",
    "DOUBLE": "double",
    "TEXT": "string",
    "VARCHAR": "string",
    "CHAR": "string",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMPTZ": "timestamp",
    "TIMESTAMPLTZ": "timestamp",
}
NARROWED = {"TINYINT": 8, "SMALLINT": 16}
CAST_CALLS = {
    **{name: name.upper() for name in ("boolean", "int", "bigint", "double", "date", "timestamp")},
    **{name: name.upper() for name in ("tinyint", "smallint", "float", "decimal")},
    "string": "TEXT",
}
"""Functions that are casts by another name."""


class _Translator:
    """Walks a tree from its root; each node becomes a typed piece of SQL."""

    def __init__(self, target: Target, columns: Mapping[str, SqlColumn], aggregates: bool) -> None:
        self.target = target
        self.columns = columns
        self.aggregates = aggregates

    def value(self, node: exp.Expression) -> Value:
        write: Callable[[Any], Value] | None = getattr(
            self, f"_{type(node).__name__.casefold()}", None
        )
        if write is not None:
            return write(node)
        if type(node) in COMPARISONS:
            return self._compared(node)
        if type(node) in BITWISE:
            return self._bitwise(node)
        raise Refused(f"`{_shown(node)}` is not offered")

    # --- literals and columns -------------------------------------------------------------------

    def _literal(self, node: exp.Literal) -> Value:
        if node.is_string:
            return self.target.text(str(node.this))
        return self._number(str(node.this))

    def _number(self, text: str) -> Value:
        # A number with a point is a double here, and a decimal number in Spark itself.
        if text.isdigit() and int(text) < 2**63:
            return self.target.whole_number(int(text))
        return self.target.double(float(text))

    def _rawstring(self, node: exp.RawString) -> Value:
        return self.target.text(str(node.this))

    def _concat(self, node: exp.Concat) -> Value:
        # Texts that stand side by side.
        return self.target.text("".join(str(one.this) for one in node.expressions))

    def _boolean(self, node: exp.Boolean) -> Value:
        return Value("TRUE" if node.this else "FALSE", "boolean", constant=bool(node.this))

    def _null(self, node: exp.Null) -> Value:
        return self.target.null("void")

    def _column(self, node: exp.Column) -> Value:
        column = self.columns.get(node.name.casefold())
        if column is None:
            raise Refused(f"there is no column `{node.name}`")
        return Value(
            self.target.identifier(column.name),
            column.type,
            wide=column.type in ("int", "bigint"),
            date_format=column.date_format,
        )

    def _paren(self, node: exp.Paren) -> Value:
        return self.value(node.this)

    # --- arithmetic -----------------------------------------------------------------------------

    def _neg(self, node: exp.Neg) -> Value:
        inner = node.this
        if isinstance(inner, exp.Literal) and not inner.is_string:
            text = str(inner.this)
            if text.isdigit() and int(text) <= 2**63:
                return self.target.whole_number(-int(text))
        return number_functions.negated(self.target, self.value(inner))

    def _arithmetic(self, node: exp.Binary, sign: str) -> Value:
        _unambiguous(node, (exp.DPipe,))
        left, right = node.this, node.expression
        if isinstance(right, exp.Interval):
            unit, count = _interval(right)
            return date_functions.plus_interval(
                self.target, self.value(left), unit, count if sign == "+" else -count
            )
        if isinstance(left, exp.Interval) and sign == "+":
            unit, count = _interval(left)
            return date_functions.plus_interval(self.target, self.value(right), unit, count)
        one, other = self.value(left), self.value(right)
        if {one.type, other.type} & {"date", "timestamp"} and sign in "+-":
            return date_functions.plus_days(self.target, sign, one, other)
        return number_functions.arithmetic(self.target, sign, one, other)

    def _add(self, node: exp.Add) -> Value:
        return self._arithmetic(node, "+")

    def _sub(self, node: exp.Sub) -> Value:
        return self._arithmetic(node, "-")

    def _mul(self, node: exp.Mul) -> Value:
        return self._arithmetic(node, "*")

    def _div(self, node: exp.Div) -> Value:
        return number_functions.divided(
            self.target, self.value(node.this), self.value(node.expression)
        )

    def _mod(self, node: exp.Mod) -> Value:
        return number_functions.remainder(
            self.target, self.value(node.this), self.value(node.expression)
        )

    def _intdiv(self, node: exp.IntDiv) -> Value:
        return number_functions.whole_division(
            self.target, self.value(node.this), self.value(node.expression)
        )

    def _bitwise(self, node: exp.Binary) -> Value:
        others = tuple(one for one in BITWISE if one is not type(node))
        _unambiguous(node, (*others, exp.DPipe, *ORDERINGS, *EQUALITIES))
        sign = BITWISE[type(node)]
        one, other = (
            functions.coerced(self.target, self.value(side), "whole")
            for side in (node.this, node.expression)
        )
        type_ = widest([one.type, other.type], texts=False)
        if self.target.dialect == "snowflake":
            raise Refused(f"`{sign}` cannot be written for snowflake")
        template = f"{{0:b}} {sign} {{1:b}}"
        if sign == "^":
            template = {"duckdb": "XOR({0}, {1})", "postgres": "{0:b} # {1:b}"}.get(
                self.target.dialect, template
            )
        return self.target.make(type_, template, one, other, wide=True)

    def _bitwisenot(self, node: exp.BitwiseNot) -> Value:
        value = functions.coerced(self.target, self.value(node.this), "whole")
        if self.target.dialect == "snowflake":
            raise Refused("`~` cannot be written for snowflake")
        return self.target.make(value.type, "~{0:b}", value, wide=value.wide)

    def _dpipe(self, node: exp.DPipe) -> Value:
        # Spark reads `||` from left to right among + and -, sqlglot after them.
        _unambiguous(node, (exp.Add, exp.Sub))
        return text_functions.joined(
            self.target, [self.value(node.this), self.value(node.expression)]
        )

    # --- conditions -----------------------------------------------------------------------------

    def _condition(self, node: exp.Expression, *, of: str) -> Value:
        try:
            return functions.truth(self.target, self.value(node))
        except Refused as refused:
            raise Refused(f"`{of}`: {refused}") from None

    def _not(self, node: exp.Not) -> Value:
        inner = node.this
        if isinstance(inner, exp.Is):
            return self._is(inner, negated=True)
        if isinstance(inner, exp.In):
            return self._in(inner, negated=True)
        value = self._condition(inner, of="not")
        return Value(f"NOT {value.bracketed(COMPARISON)}", "boolean", NOT)

    def _and(self, node: exp.And) -> Value:
        return self._joined(node, "AND", AND)

    def _or(self, node: exp.Or) -> Value:
        return self._joined(node, "OR", OR)

    def _joined(self, node: exp.Binary, word: str, level: int) -> Value:
        sides = [self._condition(side, of=word.lower()) for side in (node.this, node.expression)]
        left, right = sides
        return Value(
            f"{left.bracketed(level)} {word} {right.bracketed(level - 1)}", "boolean", level
        )

    def _compared(self, node: exp.Binary) -> Value:
        _unambiguous(node, (*EQUALITIES, *ORDERINGS))
        one, other = self.value(node.this), self.value(node.expression)
        equality = isinstance(node, EQUALITIES)
        left, right = condition_functions.comparable(self.target, one, other, equality=equality)
        sign = COMPARISONS[type(node)]
        return self._comparison(sign, left, right)

    def _comparison(self, sign: str, left: Value, right: Value) -> Value:
        ending = ""
        if "string" in (left.type, right.type) and self.target.dialect == "postgres":
            # By code points, as everywhere else, not by the database's language.
            ending = ' COLLATE "C"' if sign not in ("=", "<>") else ""
        shown = f"{left.bracketed(SUM)} {sign} {right.bracketed(SUM)}{ending}"
        return Value(shown, "boolean", COMPARISON)

    def _eq(self, node: exp.EQ) -> Value:
        _unambiguous(node, (*EQUALITIES, *ORDERINGS))
        return condition_functions.equals(
            self.target, self.value(node.this), self.value(node.expression)
        )

    def _nullsafeeq(self, node: exp.NullSafeEQ) -> Value:
        _unambiguous(node, (*EQUALITIES, *ORDERINGS))
        return condition_functions.equals(
            self.target, self.value(node.this), self.value(node.expression), null_safe=True
        )

    def _nullsafeneq(self, node: exp.NullSafeNEQ) -> Value:
        value = self._nullsafeeq(node)
        return Value(f"NOT {value.bracketed()}", "boolean", NOT)

    def _is(self, node: exp.Is, *, negated: bool = False) -> Value:
        value = self.value(node.this)
        other = node.expression
        word = "IS NOT" if negated else "IS"
        if isinstance(other, exp.Null):
            return condition_functions.is_null(value, negated=negated)
        if isinstance(other, exp.Boolean):
            tested = functions.truth(self.target, value)
            if tested.type == "boolean":
                shown = "TRUE" if other.this else "FALSE"
                return Value(f"{tested.bracketed()} {word} {shown}", "boolean", COMPARISON)
        raise Refused(f"`{_shown(node)}` is not offered")

    def _between(self, node: exp.Between) -> Value:
        if node.args.get("symmetric"):
            raise Refused("`between symmetric` is not offered")
        value, low, high = (self.value(node.args[key]) for key in ("this", "low", "high"))
        sides = [
            self._comparison(
                sign, *condition_functions.comparable(self.target, value, bound, equality=False)
            )
            for sign, bound in ((">=", low), ("<=", high))
        ]
        if self.target.dialect != "postgres" or value.type != "string":
            pairs = [
                condition_functions.comparable(self.target, value, bound, equality=False)
                for bound in (low, high)
            ]
            if pairs[0][0].sql == pairs[1][0].sql:
                shown = (
                    f"{pairs[0][0].bracketed(SUM)} BETWEEN {pairs[0][1].bracketed(SUM)} AND "
                    f"{pairs[1][1].bracketed(SUM)}"
                )
                return Value(shown, "boolean", COMPARISON)
        return Value(" AND ".join(one.bracketed(COMPARISON) for one in sides), "boolean", AND)

    def _in(self, node: exp.In, *, negated: bool = False) -> Value:
        if node.args.get("query") or node.args.get("unnest") or node.args.get("field"):
            raise Refused("`in` takes values that are written out")
        value = self.value(node.this)
        options = [self.value(one) for one in node.expressions]
        type_ = widest([value.type, *(one.type for one in options)], texts=True)
        if type_ == "void":
            return self.target.null("boolean")
        cast = [
            condition_functions.to_compared(self.target, one, type_) for one in (value, *options)
        ]
        inner = ", ".join(one.sql for one in cast[1:])
        word = "NOT IN" if negated else "IN"
        return Value(f"{cast[0].bracketed(SUM)} {word} ({inner})", "boolean", COMPARISON)

    def _like(self, node: exp.Like, *, escape: str = "\\", fold: bool = False) -> Value:
        value = pattern_functions.like(
            self.target, self.value(node.this), self.value(node.expression), escape, fold=fold
        )
        return self._unless(node, value)

    def _ilike(self, node: exp.ILike, *, escape: str = "\\") -> Value:
        return self._like(node, escape=escape, fold=True)

    def _escape(self, node: exp.Escape) -> Value:
        escape = self.value(node.expression).constant
        if not isinstance(escape, str) or len(escape) != 1:
            raise Refused("the escape of `like` is one letter that is written out")
        return self._like(node.this, escape=escape, fold=isinstance(node.this, exp.ILike))

    def _regexplike(self, node: exp.RegexpLike) -> Value:
        value = pattern_functions.regexp_like(
            self.target, self.value(node.this), self.value(node.expression)
        )
        return self._unless(node, value)

    def _unless(self, node: exp.Expression, value: Value) -> Value:
        if not node.args.get("negate"):
            return value
        return Value(f"NOT {value.bracketed()}", "boolean", NOT)

    def _case(self, node: exp.Case) -> Value:
        subject = node.args.get("this")
        results = [self.value(one.args["true"]) for one in node.args["ifs"]]
        default = node.args.get("default")
        otherwise = None if default is None else self.value(default)
        if subject is None:
            tests = []
            for one in node.args["ifs"]:
                if isinstance(one.this, exp.Null):
                    raise Refused("`case when NULL` has no condition")
                tests.append(self._condition(one.this, of="case when"))
            return condition_functions.conditional(self.target, tests, results, otherwise)
        value = self.value(subject)
        tests = [
            condition_functions.equals(self.target, value, self.value(one.this))
            for one in node.args["ifs"]
        ]
        return condition_functions.conditional(self.target, tests, results, otherwise)

    def _if(self, node: exp.If) -> Value:
        default = node.args.get("false")
        if default is None:
            raise Refused("`if` is called as `if(condition, value, otherwise)`")
        test = self._condition(node.this, of="if")
        return condition_functions.conditional(
            self.target, [test], [self.value(node.args["true"])], self.value(default)
        )

    # --- casts ----------------------------------------------------------------------------------

    def _cast(self, node: exp.Cast) -> Value:
        to = node.args["to"]
        inner = node.this
        return self._cast_to(self.value(inner), to.this.value, [str(one) for one in to.expressions])

    def _trycast(self, node: exp.TryCast) -> Value:
        inner = self.value(node.this)
        name = str(node.args["to"].this.value)
        to = CAST_NAMES.get(name)
        literal = isinstance(node.this, exp.Literal) and not node.this.is_string
        if literal:
            # `1.5D`, `1L` and the like.
            return self._cast(node)
        if to is None or (inner.type == "string" and to in ("int", "bigint")):
            raise Refused("`try_cast` of this kind is not offered: use `cast`, which tries as well")
        if inner.type == "double" and to in ("int", "bigint"):
            raise Refused("`try_cast` of a fraction is not offered: use `cast`")
        return self.target.cast(inner, to)

    def _cast_to(self, value: Value, name: str, parameters: list[str]) -> Value:
        if name in CAST_NAMES:
            if parameters:
                raise Refused(f"a cast to {name.lower()}({', '.join(parameters)}) is not offered")
            to = CAST_NAMES[name]
            cast = self.target.cast(value, to)
            # A column need not be held as what it is known to be.
            return replace(cast, date_format="")
        if name in NARROWED:
            return self._narrowed(value, NARROWED[name])
        if name == "FLOAT":
            raise Refused("`float` has the digits of single precision: use `double`")
        if name == "DECIMAL":
            return self._decimal(value, parameters)
        raise Refused(f"a cast to {name.lower()} is not offered")

    def _narrowed(self, value: Value, bits: int) -> Value:
        name = {8: "TINYINT", 16: "SMALLINT"}[bits]
        if value.type not in (*NUMERIC, "void"):
            raise Refused(f"a cast of {in_words(value.type)} to {name.lower()} is not offered")
        if value.type == "void":
            return self.target.null("int")
        if value.type == "double":
            value = self.target.cast(value, "int")
        return self.target.wrapped(value, bits)

    def _decimal(self, value: Value, parameters: list[str]) -> Value:
        """A decimal number, which is a double here as literals are: rounded, and not too large."""
        digits, places = (int(one) for one in (*parameters, *("10", "0")[len(parameters) :]))
        if not 0 <= places <= number_functions.MOST_PLACES or digits > 38:
            raise Refused(f"decimal numbers have up to {number_functions.MOST_PLACES} places here")
        if value.type not in (*NUMERIC, "string", "void"):
            raise Refused(f"{in_words(value.type)} cannot be cast to a decimal number")
        if self.target.dialect == "spark":
            sql = f"CAST(TRY_CAST({value.sql} AS DECIMAL({digits}, {places})) AS DOUBLE)"
            return Value(sql, "double")
        if value.type == "string" and not value.is_literal:
            raise Refused("a cast of a text to a decimal number is not offered: cast to double")
        double = self.target.cast(value, "double")
        rounded = functions.call(self.target, "round", [double, self.target.whole_number(places)])
        limit = self.target.double(float(10 ** (digits - places))).sql
        return self.target.make("double", f"CASE WHEN ABS({{0}}) < {limit} THEN {{0}} END", rounded)

    # --- calls ----------------------------------------------------------------------------------

    def _anonymous(self, node: exp.Anonymous) -> Value:
        name = str(node.this).casefold()
        arguments = list(node.expressions)
        if name in CAST_CALLS and len(arguments) == 1:
            return self._cast_to(self.value(arguments[0]), _dtype(name), [])
        if name in ("first", "last", "any_value"):
            raise Refused(f"`{name}` depends on the order of the rows")
        values = [self.value(one) for one in arguments]
        if len(values) == 3:
            if name in ("datediff", "date_diff"):
                name = "timestampdiff"
            elif name in ("dateadd", "date_add"):
                name = "timestampadd"
        if name == "timestampdiff" and len(values) == 3:
            return date_functions.timestamp_diff(self.target, values)
        return functions.call(self.target, name, values, aggregates=self.aggregates)

    def _var(self, node: exp.Var) -> Value:
        return self.target.text(str(node.this))

    def _extract(self, node: exp.Extract) -> Value:
        return date_functions.extract(self.target, node.name, self.value(node.expression))

    def _trim(self, node: exp.Trim) -> Value:
        side = {"LEADING": "L", "TRAILING": "R"}.get(str(node.args.get("position") or ""), "")
        letters = node.args.get("expression")
        return text_functions.trim(
            self.target,
            self.value(node.this),
            None if letters is None else self.value(letters),
            side,
        )

    def _strposition(self, node: exp.StrPosition) -> Value:
        parts = [node.args["substr"], node.this, node.args.get("position")]
        values = [self.value(one) for one in parts if one is not None]
        return functions.call(self.target, "locate", values)

    def _substring(self, node: exp.Substring) -> Value:
        parts = [node.this, node.args.get("start"), node.args.get("length")]
        values = [self.value(one) for one in parts if one is not None]
        return functions.call(self.target, "substring", values)

    def _overlay(self, node: exp.Overlay) -> Value:
        parts = [node.this, node.expression, node.args.get("from_"), node.args.get("for_")]
        values = [self.value(one) for one in parts if one is not None]
        return functions.call(self.target, "overlay", values)

    def _bracket(self, node: exp.Bracket) -> Value:
        if len(node.expressions) != 1:
            raise Refused("`[ ]` takes one element")
        return array_functions.item(
            self.target, self.value(node.this), self.value(node.expressions[0])
        )

    def _interval(self, node: exp.Interval) -> Value:
        raise Refused("an interval is added to a date or taken from it, and nothing else")


def _dtype(name: str) -> str:
    return CAST_CALLS[name]


def _interval(node: exp.Interval) -> tuple[str, int]:
    unit = node.args.get("unit")
    inner = node.this
    negative = isinstance(inner, exp.Neg)
    text = str(inner.this.this if negative else inner.this).strip()
    if not isinstance(unit, exp.Var) or not re.fullmatch(r"[+-]?\d+", text):
        raise Refused("an interval is a whole number and one unit, like `interval 3 months`")
    return str(unit.this), -int(text) if negative else int(text)


def _unambiguous(node: exp.Binary, others: tuple[type, ...]) -> None:
    """Refuse operators side by side that Spark reads in another order than sqlglot does."""
    for side in (node.this, node.expression):
        if isinstance(side, others):
            raise Refused(
                f"`{_shown(node)}` can be read in two ways: put brackets around the inner part"
            )


def _shown(node: exp.Expression, most: int = 60) -> str:
    text = " ".join(str(node.sql("spark")).split())
    return text if len(text) <= most else text[:most] + "..."


def nearest_function(name: str) -> str:
    """
    What to say of a function that is not offered: a reason, or the nearest one that is.

    Examples
    --------
    >>> nearest_function("lenght")
    ' Did you mean `length`?'
    """
    close = difflib.get_close_matches(name, [*functions.FUNCTIONS, *CAST_CALLS], n=1)
    return f" Did you mean `{close[0]}`?" if close else ""


def offered(name: str, *, aggregates: bool = False) -> bool:
    """Whether a function may be called."""
    function = functions.FUNCTIONS.get(name)
    if function is None:
        return name in CAST_CALLS
    return aggregates or not function.aggregate


def function_list() -> str:
    """
    The functions that an expression may use, by topic, for a help page.

    Examples
    --------
    >>> function_list().splitlines()[0]
    'Numbers'
    """
    groups: dict[str, list[str]] = {}
    for function in dict.fromkeys(functions.FUNCTIONS.values()):
        names = [function.signature(), *function.names[1:]]
        groups.setdefault(function.group, []).append(" = ".join(names))
    groups["Casts"] = [f"{name}(any)" for name in CAST_CALLS if name != "float"]
    return "\n".join(
        f"{group}\n" + "\n".join(f"  {one}" for one in sorted(entries))
        for group, entries in groups.items()
    )


def main() -> None:
    """Print the operators and functions that an expression may use."""
    print(f"Operators\n  {functions.OPERATORS}\n{function_list()}")


__all__ = [
    "LOOSE",
    "SqlColumn",
    "Written",
    "column_types",
    "element_of",
    "function_list",
    "nearest_function",
    "offered",
    "read_expression",
    "translate",
]

if __name__ == "__main__":
    main()
