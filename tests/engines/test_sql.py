"""SQL steps: what is an expression over a row, and what is refused, with which words."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.engines.sql import (
    as_date,
    check_columns,
    column_sql,
    expression_in,
    parse_steps,
    raw_sources,
    text_sql,
)
from helpers.engines.translation import column_types
from helpers.errors import ParamsError, SegmentationError, StepError

AS_OF = "2025-09-12"


def steps(*pairs):
    return parse_steps([dict([pair]) for pair in pairs], as_of=AS_OF)


def in_duckdb(step, **types):
    return step.written(column_types(types), "duckdb").sql


def refusal(sql):
    with pytest.raises(StepError) as caught:
        steps(("Wrong", sql))
    text = str(caught.value)
    assert text.startswith("SQL step `Wrong`")
    assert "\n" not in text
    assert "sqlglot" not in text
    return text


def test_current_date_stands_for_as_of():
    (step,) = steps(("days", "datediff(current_date(), joined)"))
    sql = in_duckdb(step, joined="date")
    assert "2025-09-12" in sql
    assert "CURRENT_DATE" not in sql.upper()
    assert step.sources == ("joined",)


@pytest.mark.parametrize("as_of", ["12.09.2025", "", "today", 20250912, None])
def test_as_of_is_a_date(as_of):
    with pytest.raises(ParamsError, match="is no date"):
        as_date(as_of)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1", "one expression over the columns"),
        ("(SELECT max(a) FROM customers)", "one expression over the columns"),
        ("a IN (SELECT b FROM other)", "one expression over the columns"),
        ("EXISTS (SELECT 1)", "one expression over the columns"),
        ("DROP TABLE customers", "one expression over the columns"),
        ("COPY customers TO 'x'", "one expression over the columns"),
        ("SHOW TABLES", "one expression over the columns"),
        ("SET x = 1", "one expression over the columns"),
        ("*", "one expression over the columns"),
        (":name", "one expression over the columns"),
        ("a; DROP TABLE b", "expected one expression"),
        ("", "expected one expression"),
        ("-- nothing", "expected one expression"),
        ("a AS b", "names its result"),
        ("a +", "not valid Spark SQL"),
        ("datediff(current_date()? to_date(a))", "is called as `datediff(date, date)`"),
        ("'open", "not valid Spark SQL"),
        ("(" * 3000 + "a" + ")" * 3000, "nested too deeply"),
        ("customers.a", "write the column's name alone"),
        ("sum(a)", "an aggregate runs over all"),
        ("max(a) - a", "an aggregate runs over all"),
        ("sum(a) OVER ()", "a window makes"),
        ("row_number() OVER (ORDER BY a)", "a window makes"),
        ("lag(a)", "a window makes"),
        ("explode(array(a))", "several rows of one"),
        ("now()", "depends on the moment"),
        ("current_timestamp", "chance and the clock"),
        ("unix_timestamp()", "depends on the moment"),
        ("rand()", "depends on the moment, on chance"),
        ("uuid()", "depends on the moment, on chance"),
        ("CAST('now' AS TIMESTAMP)", "stands for the moment"),
        ("read_text('/etc/passwd')", "reads a file or the network"),
        ("length(read_csv('x.csv'))", "reads a file or the network"),
        ("glob('*')", "reads a file or the network"),
        ("getenv('HOME')", "on the machine"),
        ("current_setting('threads')", "on the machine"),
        ("input_file_name()", "on the machine"),
    ],
)
def test_what_is_no_expression_over_a_row_is_refused(sql, said, capfd):
    assert said in refusal(sql)
    assert capfd.readouterr() == ("", "")


def test_nothing_that_duckdb_calls_volatile_gets_through():
    names = duckdb.connect().execute(
        # Parts of a date hang on the time zone in their overload for TIMESTAMPTZ alone.
        "SELECT function_name FROM duckdb_functions() WHERE function_name <> 'current_date' "
        "GROUP BY function_name HAVING bool_and(stability <> 'CONSISTENT')"
    )
    passed = []
    for (name,) in names.fetchall():
        for arguments in ("", "a", "'x'", "'x', 1"):
            try:
                steps(("s", f"{name}({arguments})"))
            except SegmentationError:
                continue
            passed.append(f"{name}({arguments})")
    assert passed == []


def test_steps_read_the_table_and_earlier_steps():
    made = steps(("total", "a + b"), ("double", "2 * TOTAL"))
    check_columns(made, ["a", "b"])
    assert raw_sources(made, "double") == {"a", "b"}
    assert raw_sources(made, "a") == {"a"}


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("x", "x + 1")], "which is itself"),
        ([("x", "y"), ("y", "a")], "a later step makes"),
        ([("x", "y"), ("y", "x")], "a later step makes"),
        ([("x", "Incme + 1")], "Did you mean `Income`?"),
        ([("x", "zzzz")], "neither the table nor an earlier step has"),
        ([("INCOME", "a")], "has a column of that name already"),
    ],
)
def test_columns_that_are_not_there(pairs, said):
    with pytest.raises(StepError) as caught:
        check_columns(steps(*pairs), ["a", "Income"])
    assert said in str(caught.value)
    assert f"`{pairs[0][0]}`" in str(caught.value)


@pytest.mark.parametrize(
    ("given_steps", "said"),
    [
        (["a + b"], "entry 1: expected `name: expression`"),
        ([{"x": None}], "expected an expression"),
        ([{"x": True}], "expected an expression"),
        ([{"x": ["a"]}], "expected an expression"),
        ([{"x": "a"}, {"X": "b"}], "stands twice"),
        ([{"": "a"}], "no name for a column"),
        ([{"__row__": "a"}], "no name for a column"),
    ],
)
def test_entries_that_are_no_steps(given_steps, said):
    with pytest.raises(ParamsError) as caught:
        parse_steps(given_steps, as_of=AS_OF)
    assert said in str(caught.value)


def test_a_number_is_an_expression():
    assert in_duckdb(parse_steps({"one": 1}, as_of=AS_OF)[0]) == "1"


@pytest.mark.parametrize("name", ["plain", "my column", "a`b", 'a"b', "ä{b}", "select"])
def test_names_and_texts_survive_both_dialects(name):
    (step,) = steps(("x", column_sql(name)))
    assert step.sources == (name,)
    found = duckdb.connect().execute(f"SELECT {in_duckdb(steps(('x', text_sql(name)))[0])}")
    assert found.fetchone() == (name,)


def test_percentile_interpolates():
    import sqlglot

    sql = expression_in(sqlglot.parse_one("percentile(a, 0.5)", read="spark"), "duckdb")
    found = duckdb.connect().execute(f"SELECT {sql} FROM (VALUES (1), (2), (4), (10)) AS t(a)")
    assert found.fetchone() == (3.0,)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                [
                    "a",
                    "b",
                    "+",
                    "-",
                    "*",
                    "/",
                    "(",
                    ")",
                    ",",
                    ".",
                    "'",
                    '"',
                    "`",
                    ";",
                    "--",
                    "/*",
                    "*/",
                    "SELECT",
                    "FROM",
                    "CASE",
                    "WHEN",
                    "END",
                    "now()",
                    "1",
                    "1e9",
                    "NULL",
                    "CAST",
                    "AS",
                    "DATE",
                    "sum",
                    "read_text",
                    "IN",
                    "NOT",
                    "::",
                    "[",
                    "]",
                    "{",
                    "}",
                    "?",
                    "$1",
                    "@x",
                    "INTERVAL",
                ]
            ),
            max_size=12,
        ).map(" ".join),
    )
)
def test_any_text_is_a_step_or_a_clear_refusal(sql):
    try:
        (step,) = parse_steps([{"x": sql}], as_of=AS_OF)
    except SegmentationError as error:
        assert str(error).startswith("SQL step `x`")  # noqa: PT017
    else:
        try:
            assert in_duckdb(step, a="bigint", b="double")
        except SegmentationError as error:
            assert str(error).startswith("SQL step `x`")  # noqa: PT017
