"""What the pictures share keeps hostile text as text and floats out of sight."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from helpers.figures import canvas, palette


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_a_drawing_function_leaves_the_settings_alone_even_when_it_fails():
    @canvas.in_house_style
    def fail() -> None:
        assert mpl.rcParams["axes.spines.top"] is False
        raise ValueError("no")

    before = dict(mpl.rcParams)
    with pytest.raises(ValueError, match="no"):
        fail()
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.1 + 0.2, "0.3"), (-0.0, "0"), (-1500, "−1,500"), (1e6, "1,000,000"), (2.5, "2.5")],
)
def test_ticks_are_written_for_people(value, text):
    assert canvas.figure_text(value) == text


def test_a_fraction_is_written_as_a_percentage():
    _, axes = plt.subplots()
    canvas.percent_axis(axes)
    assert axes.xaxis.get_major_formatter()(0.125, 0) == "12.5%"


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.integers(3, 8))
def test_rounding_is_near_and_done_once(values, digits):
    once = canvas.rounded(values, digits)
    assert once == pytest.approx(values, rel=10.0 ** (1 - digits))
    assert canvas.rounded(once, digits).tolist() == once.tolist()


@given(st.text(min_size=1, max_size=300))
@example("\n0000000000000")
def test_labels_stay_within_their_lines(text):
    lines = canvas.shorter(text, width=12).split("\n")
    assert len(lines) <= 2
    assert all(len(line) <= 12 for line in lines)


def test_the_extreme_is_the_first_of_several_and_skips_the_missing():
    frame = pd.DataFrame({"segment": [1, 2, 3], "n": [np.nan, 7, 7]})
    assert canvas.extreme(frame, "n")["segment"] == 2
    assert canvas.extreme(frame.assign(n=[3, np.nan, 3]), "n", least=True)["segment"] == 1


def test_text_with_a_dollar_is_not_a_formula():
    @canvas.in_house_style
    def draw():
        _, axes = plt.subplots()
        canvas.segment_axis(axes, [1], {1: "$x$ <b>"})
        return axes

    label = draw().get_yticklabels()[0]
    assert label.get_text() == "1  $x$ <b>"
    assert not label.get_parse_math()


def test_cells_without_a_value_have_neither_colour_nor_number():
    _, axes = plt.subplots()
    values = np.array([[1.0, np.nan], [3.0, 3.0]])
    canvas.heat_cells(axes, values, palette.SEQUENTIAL, text=canvas.figure_text)
    assert [text.get_text() for text in axes.texts] == ["1", "3", "3"]
    assert axes.collections[0].get_array().mask.tolist() == [[False, True], [False, False]]


def test_cells_of_one_value_have_the_middle_colour():
    _, axes = plt.subplots()
    canvas.heat_cells(axes, np.full((1, 2), 5.0), palette.SEQUENTIAL, text=canvas.figure_text)
    assert (axes.collections[0].norm.vmin, axes.collections[0].norm.vmax) == (4.0, 6.0)
