"""Formulas become text, and every text comes back."""

import io
import re

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.spreadsheets import neutralise, restore

# Every kind of start, apostrophes and digits, in any order.
TEXTS = st.one_of(st.text(), st.text("'=+-@\t\r\n＝1.5eE,a "))


@settings(max_examples=400, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
@example(["=1", "'=1", "''=1", "-5", "'-5", "", "'", "-", "+49 30", "1e5", "-1e5x", "\t1", "-5\n"])
def test_every_text_comes_back_and_no_formula_is_left(texts: list[str]) -> None:
    frame = pd.DataFrame({"x": pd.Series(texts, dtype=object)})
    safe = neutralise(frame)
    pd.testing.assert_frame_equal(restore(safe), frame)
    for text in safe["x"]:
        harmless = re.fullmatch(r"[+-]?\d+([.,]\d+)*([eE][+-]?\d+)?", text)
        assert harmless or not text.startswith(tuple("=+-@\t\r\n＝＋－＠"))


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=6, unique=True))
def test_different_texts_stay_different(texts: list[str]) -> None:
    assert neutralise(pd.DataFrame({"x": texts}, dtype=object))["x"].nunique() == len(texts)


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_the_texts_of_every_type_and_the_header(dtype: str) -> None:
    frame = pd.DataFrame(
        {"=a": pd.Series(["@x", "b", None, "'=y"], dtype=dtype), "n": [-1, 2, 3, 4]}
    )
    safe = neutralise(frame)
    assert list(safe.columns) == ["'=a", "n"]
    assert safe["'=a"].tolist()[:2] == ["'@x", "b"]
    assert safe["'=a"].tolist()[3] == "''=y"
    assert safe["'=a"].isna().tolist() == [False, False, True, False]
    assert safe["n"].tolist() == [-1, 2, 3, 4]
    pd.testing.assert_frame_equal(restore(safe), frame)


@pytest.mark.parametrize(
    "text",
    ["a", "", "12 Main St", "/x", ".5", ",x", "<b>", ";x", "'", "'a", "-5", "+4,5", "1e-5", " =x"],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert neutralise(pd.DataFrame({"x": [text]}))["x"].tolist() == [text]


def test_the_frame_is_left_alone_and_its_index_kept() -> None:
    frame = pd.DataFrame({"a": ["=x", "y"]}, index=[7, 9])
    before = frame.copy()
    assert list(neutralise(frame).index) == [7, 9]
    pd.testing.assert_frame_equal(frame, before)


def test_columns_of_one_name_and_frames_without_columns() -> None:
    twice = pd.DataFrame([["=a", "=b"]], columns=["x", "x"])
    assert neutralise(twice).to_numpy().tolist() == [["'=a", "'=b"]]
    empty = pd.DataFrame(index=[1, 2])
    assert neutralise(empty).shape == (2, 0)


def test_it_survives_a_csv_file() -> None:
    frame = pd.DataFrame({"id": ["=HYPERLINK(1)", "'=x", "-5", "a,b", '"q"'], "share": [-0.5] * 5})
    text = neutralise(frame).to_csv(index=False)
    pd.testing.assert_frame_equal(restore(pd.read_csv(io.StringIO(text), dtype={"id": str})), frame)
