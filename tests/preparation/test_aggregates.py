"""Aggregates of order lines: taken apart, macros written out, what hangs on chance refused."""

import pytest

from helpers.errors import ParamsError, StepError
from helpers.preparation.aggregates import MACROS, expand_macros, parse_aggregates


def parts(sql: str) -> list[tuple[str, list[str]]]:
    made = parse_aggregates([{"A": sql}], as_of="2025-01-01")
    texts = {one.name: one.sql for one in made.arguments}
    return [(one.function, [texts[name] for name in one.arguments]) for one in made.parts]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("count(*)", [("count_rows", [])]),
        ("count(DISTINCT Invoice)", [("count_distinct", ["Invoice"])]),
        ("sum(a) / count(b)", [("sum", ["a"]), ("count", ["b"])]),
        ("avg(a)", [("sum", ["a"]), ("count", ["a"])]),
        ("sum(a) FILTER (WHERE b > 1)", [("sum", ["CASE WHEN b > 1 THEN a END"])]),
        ("count(*) FILTER (WHERE b > 1)", [("count", ["CASE WHEN b > 1 THEN 1 END"])]),
        ("count_if(b > 1)", [("count", ["CASE WHEN b > 1 THEN 1 END"])]),
        ("max(DISTINCT a)", [("max", ["a"])]),
        ("sum(a) + sum(a)", [("sum", ["a"])]),
        ("net_orders(i, a)", [("net_count", ["i", "a"])]),
    ],
)
def test_an_aggregate_is_taken_apart(sql: str, expected: list[tuple[str, list[str]]]) -> None:
    assert parts(sql) == expected


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("sum(a", "not valid Spark SQL"),
        ("a", "outside of an aggregate"),
        ("sum(a) + b", "reads `b` of a line outside"),
        ("sum(sum(a))", "an aggregate within an aggregate"),
        ("first(a)", "which line comes first is chance"),
        ("collect_list(a)", "a customer needs one value"),
        ("stddev(a)", "order of the lines"),
        ("max(a) OVER (PARTITION BY b)", "a window"),
        ("(SELECT 1)", "statements, other tables"),
        ("SELECT sum(a)", "is a statement"),
        ("sum(rand())", "chance"),
        ("max(now())", "the moment"),
        ("sum(a) FILTER (WHERE EXISTS (SELECT 1))", "statements, other tables"),
        ("count(DISTINCT a, b)", "2 arguments"),
        ("min(*)", "`*` is for count alone"),
        ("recency()", "expected `recency(day [, amount])`"),
        ("share_of(a, c)", "expected `share_of"),
        ("7", "holds no aggregate"),
        ("read_csv('x')", "reads a file"),
        ("sum(other.a)", "one table"),
    ],
)
def test_what_is_no_aggregate_of_a_customers_lines_is_refused(sql: str, said: str) -> None:
    with pytest.raises(StepError, match=r"^aggregate `A`") as caught:
        parse_aggregates([{"A": sql}], as_of="2025-01-01")
    assert said in str(caught.value)


def test_names_stand_once_and_hide_nothing() -> None:
    for entries in ([{"A": "sum(a)"}, {"a": "sum(b)"}], [{"__part_1__": "sum(a)"}], ["sum(a)"]):
        with pytest.raises(ParamsError):
            parse_aggregates(entries, as_of="2025-01-01")  # type: ignore[arg-type]


def test_every_macro_is_written_out() -> None:
    for name, macro in MACROS.items():
        given = ", ".join(["a", "b", "'c'"][: max(macro.least, 2) if macro.most != 1 else 1])
        assert name not in expand_macros(f"{name}({given})", where="").casefold().split("(")


def test_a_macro_within_an_expression_keeps_its_place() -> None:
    assert expand_macros("2 * recency(d)", where="") == ("2 * (DATEDIFF(CURRENT_DATE(), MAX(d)))")
