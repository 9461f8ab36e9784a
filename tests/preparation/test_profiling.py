"""The data profile and what is done with faults, on rows written out and against pandas."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.engines import open_engine
from helpers.engines.sql import parse_steps
from helpers.errors import ParamsError, TableError
from helpers.params.column_types import parse_columns
from helpers.preparation import profiling

ROWS = """ID,a,b,town,same
1,10,1.5,x,7
2,20,,y,7
3,30,2.5,x,7
4,40,3.5,,7
5,10,1.5,x,7
6,1000,9.5,y,7
"""
COLUMNS = parse_columns(
    {"ID": "id", "a": {"type": "integer", "max": 100}, "b": "number", "town": "category"}
)


def open_text(folder, text=ROWS, columns=COLUMNS):
    path = folder / "t.csv"
    path.write_text(text, encoding="utf-8")
    return open_engine("local").read(path, columns=columns, null_values=[""])[0]


@pytest.fixture
def table(tmp_path):
    return open_text(tmp_path)


def test_summary(table):
    found = profiling.summary(table, ["a", "b"]).set_index("column")
    assert found.loc["a"].tolist() == pytest.approx(
        [6, 0, 185.0, 364.634520, 10, 12.5, 25, 37.5, 1000], rel=1e-5
    )
    assert found.loc["b", ["n", "missing", "median"]].tolist() == [5, 1, 2.5]
    assert profiling.summary(table, []).empty


def test_cardinality_counts_and_constants(table):
    found = profiling.cardinality(table, ["a", "town", "same"])
    assert found.to_dict("list") == {
        "column": ["a", "town", "same"],
        "missing": [0, 1, 0],
        "distinct": [5, 2, 1],
    }
    assert profiling.counts(table, "town").to_dict("list") == {"value": ["x", "y"], "n": [3, 2]}
    assert profiling.counts(table, "town", most=1)["value"].tolist() == ["x"]
    assert profiling.constants(table, table.columns) == ["same"]


def test_correlation_over_whole_rows(table):
    found = profiling.correlation(table, ["a", "b", "same"])
    rows = pd.DataFrame({"a": [10, 30, 40, 10, 1000], "b": [1.5, 2.5, 3.5, 1.5, 9.5]})
    assert found.loc["a", "b"] == pytest.approx(rows.corr().loc["a", "b"])
    assert found.loc["b", "a"] == found.loc["a", "b"]
    assert np.isnan(found.loc["a", "same"])
    assert profiling.correlation(table, ["a"]).to_numpy().tolist() == [[1.0]]


def test_fences_and_impossible_values(table):
    found = profiling.fences(table, ["a"], quantiles=[0.25, 0.75], reach=1.5)
    assert found.to_dict("records") == [
        {"column": "a", "low": -25.0, "high": 75.0, "below": 0, "above": 1}
    ]
    assert profiling.impossible(table, COLUMNS).to_dict("records") == [
        {"column": "a", "possible": "at most 100", "n": 1, "least": 1000.0, "most": 1000.0}
    ]


def test_repeats_are_counted_apart_from_the_id(table):
    assert profiling.repeats(table, id_column="ID") == 1
    assert profiling.repeats(table, id_column=None) == 0


def test_treat_keeps_every_row_and_says_why_one_is_set_aside(table):
    made = profiling.treat(table, COLUMNS, id_column="ID", repeats="drop", impossible="drop")
    assert made.rows == 6
    reasons = made.frame(["reason"])["reason"].fillna("").tolist()
    assert reasons == ["", "", "", "", "repeats an earlier row", "`a` is outside at most 100"]
    assert profiling.reasons(made).to_dict("list") == {
        "reason": ["`a` is outside at most 100", "repeats an earlier row"],
        "n": [1, 1],
    }


def test_treat_clips_to_the_range_and_to_the_fences(table):
    clipped = profiling.treat(table, COLUMNS, id_column="ID", impossible="clip")
    assert clipped.frame(["a"])["a"].tolist() == [10, 20, 30, 40, 10, 100]
    found = profiling.fences(table, ["a", "b"], quantiles=[0.25, 0.75], reach=1.5)
    both = profiling.treat(
        table, COLUMNS, id_column="ID", impossible="clip", outliers="clip", found_fences=found
    )
    assert both.frame(["a"])["a"].tolist() == [10, 20, 30, 40, 10, 75]
    assert both.frame(["b"])["b"].isna().tolist() == [False, True, *[False] * 4]
    dropped = profiling.treat(
        table, COLUMNS, id_column="ID", outliers="drop", found_fences=found[:1]
    )
    assert profiling.reasons(dropped)["reason"].tolist() == ["`a` is outside its fences"]


def test_treat_keeps_by_default_and_refuses_unknown_words(table, tmp_path):
    kept = profiling.treat(table, COLUMNS, id_column="ID")
    assert profiling.reasons(kept).empty
    with pytest.raises(ParamsError, match="`repeats` is 'remove': expected keep or drop"):
        profiling.treat(table, COLUMNS, id_column="ID", repeats="remove")
    own = open_text(tmp_path, "Reason,a\nx,1\n", {})
    with pytest.raises(TableError, match="has a column `reason`"):
        profiling.treat(own, {}, id_column=None)


def test_complete_sets_aside_or_fills(table):
    kept = profiling.treat(table, COLUMNS, id_column="ID", impossible="drop")
    dropped = profiling.complete(kept, ["a", "b"], nulls="drop")
    assert dropped.frame(["reason"])["reason"].fillna("").tolist() == [
        *["", "`b` is missing", "", "", ""],
        "`a` is outside at most 100",
    ]
    filled = profiling.complete(kept, ["a", "b"], nulls="median")
    # The median of 1.5, 2.5, 3.5 and 1.5: the row that is set aside has no say.
    assert filled.frame(["b"])["b"].tolist() == [1.5, 2.0, 2.5, 3.5, 1.5, 9.5]
    assert profiling.reasons(filled)["n"].tolist() == [1]
    with pytest.raises(ParamsError, match="`nulls` is 'zero'"):
        profiling.complete(kept, ["a"], nulls="zero")
    with pytest.raises(ParamsError, match=r"feature `town` is no number \(it holds varchar\)"):
        profiling.complete(kept, ["town"], nulls="drop")
    dated = kept.derive(parse_steps([{"day": "current_date()"}], as_of="2025-01-01"))
    with pytest.raises(ParamsError, match=r"feature `day` is no number \(it holds date\)"):
        profiling.complete(dated, ["day"], nulls="drop")


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"b": {"type": "number", "required": True}}, "`b` in `t.csv` holds no value in 1 row"),
        ({"town": {"type": "category", "values": ["x"]}}, "`town` in `t.csv` holds 'y' in 2 rows"),
        ({"town": {"type": "category", "values": ["x", "y"], "required": True}}, "holds no value"),
    ],
)
def test_check_schema_names_column_value_and_count(table, declared, said):
    with pytest.raises(TableError) as caught:
        profiling.check_schema(table, parse_columns(declared), file="t.csv")
    assert said in str(caught.value)


def test_check_schema_lets_good_tables_pass(table):
    declared = {
        "a": {"type": "integer", "required": True},
        "town": {"type": "category", "values": ["x", "y"]},
    }
    profiling.check_schema(table, parse_columns(declared), file="t.csv")


def test_histogram_boxes_and_pivot(table):
    found = profiling.histogram(table, "a", bins=3)
    assert found["n"].tolist() == [5, 0, 1]
    assert found["low"].tolist() == [10, 341, 672]
    assert profiling.histogram(table, "same", bins=2)["n"].sum() == 6
    boxes = profiling.boxes(table, "a", "town")
    assert boxes[["category", "n", "median"]].values.tolist() == [["y", 2, 510.0], ["x", 3, 10.0]]
    assert profiling.pivot(table, "b", "town", "same").to_dict("records") == [
        {"rows": "x", "columns": "7", "n": 3, "mean": pytest.approx(5.5 / 3)},
        {"rows": "y", "columns": "7", "n": 1, "mean": 9.5},
    ]


NUMBERS = st.one_of(st.none(), st.floats(-1e6, 1e6).map(lambda one: round(one, 3)))


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(NUMBERS, NUMBERS, st.sampled_from("xyz")), min_size=2, max_size=12))
def test_the_profile_agrees_with_pandas(tmp_path, rows):
    frame = pd.DataFrame(rows, columns=["a", "b", "town"]).astype({"a": float, "b": float})
    frame.to_parquet(tmp_path / "t.parquet")
    declared = parse_columns({"a": "number", "b": "number", "town": "category"})
    table, _ = open_engine("local").read(tmp_path / "t.parquet", columns=declared, null_values=[""])
    found = profiling.summary(table, ["a", "b"]).set_index("column")
    for name in ("a", "b"):
        held = frame[name].dropna()
        expected = [len(held), len(frame) - len(held)]
        if len(held):
            expected += [held.mean(), held.std(ddof=0), *held.quantile([0, 0.25, 0.5, 0.75, 1])]
            np.testing.assert_allclose(
                found.loc[name].astype(float), expected, rtol=1e-9, atol=1e-6
            )
    assert profiling.repeats(table, id_column=None) == frame.duplicated().sum()
    treated = profiling.treat(table, declared, id_column=None, repeats="drop")
    dropped = treated.frame(["reason"])["reason"].notna()
    assert dropped.tolist() == frame.duplicated().tolist()
    expected_counts = frame["town"].value_counts().to_dict()
    counts = profiling.counts(table, "town")
    assert dict(zip(counts["value"], counts["n"], strict=True)) == expected_counts
