"""The pictures of the customers hold the figures they are given, and say them."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from helpers.figures import customers, palette
from helpers.report.svg import to_svg

COUNTS = pd.DataFrame({"low": [0, 10, 20], "high": [10, 20, 30], "n": [2, 4, 2]})
BOXES = pd.DataFrame(
    [
        ["few", 3, 1.0, 2.0, 99.0, 4.0, 5.0],
        ["<b>$x$</b>", 90, 5.0, 20.0, 30.0, 40.0, 80.0],
        ["b", 80, 2.0, 5.0, 10.0, 15.0, 20.0],
    ],
    columns=["category", "n", "low", "q1", "median", "q3", "high"],
)
MATRIX = pd.DataFrame(
    [[1.0, 0.5, -0.004], [0.5, 1.0, -0.8], [-0.004, -0.8, 1.0]],
    index=["Age", "Pay", "Rest"],
    columns=["Age", "Pay", "Rest"],
)
CELLS = pd.DataFrame(
    {
        "rows": ["x", "x", "y", "y"],
        "columns": ["a", "b", "a", "b"],
        "n": [50, 40, 9, 4],
        "mean": [10.0, 20.0, 35.0, 1000.0],
    }
)
FAULTS = pd.DataFrame(
    {"column": ["Age", "Income", "Rest"], "missing": [0, 24, 0], "outside": [3, 8, 0]}
)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def labels(axis) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def test_a_histogram_has_one_bar_a_bin():
    axes = customers.histogram(COUNTS, name="age", unit="years")
    bars = [(bar.get_x(), bar.get_width(), bar.get_height()) for bar in axes.patches]
    assert bars == [(0, 10, 2), (10, 10, 4), (20, 10, 2)]
    assert axes.get_xlabel() == "age (years)"
    assert texts(axes) == []


def test_a_histogram_names_the_few_that_would_stretch_its_axis():
    counts = pd.DataFrame(
        {"low": range(0, 100, 10), "high": range(10, 110, 10), "n": [500, 500, *[0] * 7, 1]}
    )
    axes = customers.histogram(counts, name="income")
    assert [bar.get_height() for bar in axes.patches] == [500, 500]
    assert texts(axes) == ["1 customer above →"]
    assert "1 customer above the last bar not drawn" in customers.histogram_alt(
        counts, name="income"
    )


def test_a_histogram_keeps_a_tail_that_is_more_than_a_few():
    counts = pd.DataFrame(
        {"low": range(0, 100, 10), "high": range(10, 110, 10), "n": [500, 500, *[0] * 7, 9]}
    )
    assert len(customers.histogram(counts, name="income").patches) == 10


def test_open_bins_are_named_and_not_drawn():
    counts = pd.DataFrame(
        {"low": [-np.inf, 0, 10, 20], "high": [0, 10, 20, np.inf], "n": [3, 50, 40, 2]}
    )
    axes = customers.histogram(counts, name="age")
    assert [bar.get_height() for bar in axes.patches] == [50, 40]
    assert texts(axes) == ["← 3 customers below", "2 customers above →"]


def test_quartiles_are_those_of_the_customers_and_not_of_the_bins():
    assert [customers._quantile(COUNTS, share) for share in (0.25, 0.5, 0.75)] == [10, 15, 20]
    text = customers.histogram_caption(COUNTS, name="age", quartiles=(12.0, 21.0), unit="years")
    assert text == (
        "The middle half of 8 customers has an age of 12 to 21 years; the tails are even."
    )
    skewed = COUNTS.assign(n=[40, 10, 5])
    assert customers.histogram_caption(skewed, name="age", quartiles=(1.0, 2.0)).endswith(
        "towards the high end."
    )
    turned = skewed[::-1].assign(low=[0, 10, 20], high=[10, 20, 30])
    text = customers.histogram_caption(turned, name="age", quartiles=(1.0, 2.0))
    assert text.endswith("towards the low end.")


def test_an_empty_histogram_says_so():
    empty = COUNTS.assign(n=0)
    customers.histogram(empty, name="age")
    assert (
        customers.histogram_caption(empty, name="age", quartiles=(np.nan, np.nan))
        == "No customer has an age."
    )
    assert "every customer" in customers.histogram_alt(empty, name="age")


def test_boxes_hold_the_quantiles_and_hide_small_groups():
    axes = customers.box_plots(BOXES, name="age", by="group", unit="years")
    boxes = [box.get_path().get_extents() for box in axes.patches]
    assert [(box.x0, box.x1) for box in boxes] == [(20, 40), (5, 15)]
    assert labels(axes.yaxis) == ["<b>$x$</b>  (90)", "b  (80)"]
    assert texts(axes) == ["30 years", "10 years"]


def test_the_caption_of_boxes_leaves_small_groups_out():
    text = customers.box_plots_caption(BOXES, name="age", by="group", unit="years")
    assert text == (
        "By group, the median age is highest for <b>$x$</b> (30 years) and lowest for b"
        " (10 years); 1 category of fewer than 5 customers is not shown."
    )
    assert "99" not in customers.box_plots_alt(BOXES, name="age", by="group", unit="years")
    nobody = BOXES.assign(n=1)
    customers.box_plots(nobody, name="age", by="group")
    assert customers.box_plots_caption(nobody, name="age", by="group").startswith("No group has 5")


def test_many_categories_are_cut_to_the_largest():
    many = pd.concat([BOXES.assign(category=f"c{i}", n=100 + i) for i in range(9)])
    axes = customers.box_plots(many.reset_index(drop=True), name="age", by="group", most=4)
    assert len(labels(axes.yaxis)) == 4
    assert all(label.startswith(("c7", "c8")) for label in labels(axes.yaxis))


def test_a_correlation_matrix_is_drawn_below_its_diagonal():
    axes = customers.correlation_heatmap(MATRIX, labels={"Rest": "days of rest"})
    assert texts(axes) == ["0.50", "0.00", "−0.80"]
    assert labels(axes.xaxis) == ["age", "pay"]
    assert labels(axes.yaxis) == ["pay", "days of rest"]
    assert customers.correlation_caption(MATRIX, most=2) == (
        "Most closely related: pay and rest (−0.80) and age and pay (0.50)."
    )
    assert customers.correlation_alt(MATRIX).endswith(
        "strongest first: pay with rest −0.80, age with pay 0.50, age with rest 0.00."
    )


def test_a_constant_column_leaves_its_cells_empty():
    matrix = MATRIX.copy()
    matrix.loc["Rest", :] = np.nan
    matrix.loc[:, "Rest"] = np.nan
    assert texts(customers.correlation_heatmap(matrix)) == ["0.50"]
    assert "rest" not in customers.correlation_caption(matrix)


def test_a_pivot_blanks_small_groups():
    axes = customers.pivot_heatmap(CELLS, name="age", rows="group", columns="kind")
    assert texts(axes) == ["10", "20", "35", "–"]
    assert labels(axes.yaxis) == ["x", "y"]
    text = customers.pivot_caption(CELLS, name="age", rows="group", columns="kind", unit="years")
    assert text == (
        "Mean age by group and kind runs from 10 years (x, a) to 35 years (y, a), 3.5 times as"
        " high."
    )
    alt = customers.pivot_alt(CELLS, name="age", rows="group", columns="kind")
    assert alt.endswith("x: a 10, b 20; y: a 35.")
    assert "1,000" not in alt + text


def test_faults_are_stacked_and_the_clean_left_out():
    axes = customers.faults_bar(FAULTS, total=100)
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == pytest.approx([0.24, 0, 0.08, 0.03])
    assert labels(axes.yaxis) == ["income", "age"]
    assert texts(axes) == ["24 missing, 8 outlying", "3 outlying"]
    assert customers.faults_caption(FAULTS, total=100) == (
        "Only income has gaps (24 of 100 customers); outside the fences most of all: income"
        " (8, 8%)."
    )
    assert customers.faults_alt(FAULTS, total=100).endswith(
        "income 24 missing and 8 outlying; age 0 missing and 3 outlying."
    )


def test_a_table_without_faults_says_so():
    clean = FAULTS.assign(missing=0, outside=0)
    customers.faults_bar(clean, total=100)
    assert customers.faults_caption(clean, total=100) == (
        "There is no gap; nothing lies outside the fences."
    )


def test_text_in_a_cell_is_readable_on_its_colour():
    axes = customers.pivot_heatmap(CELLS, name="age", rows="group", columns="kind")
    mesh = axes.collections[0]
    mesh.update_scalarmappable()
    for text, ground in zip(axes.texts[:3], mesh.get_facecolors()[:3], strict=True):
        assert palette.contrast(to_hex(text.get_color()), tuple(ground)) >= 4.5


@pytest.mark.parametrize(
    "draw",
    [
        lambda: customers.histogram(COUNTS, name="age"),
        lambda: customers.box_plots(BOXES, name="age", by="group"),
        lambda: customers.correlation_heatmap(MATRIX),
        lambda: customers.pivot_heatmap(CELLS, name="age", rows="group", columns="kind"),
        lambda: customers.faults_bar(FAULTS, total=100),
    ],
)
def test_the_same_picture_twice_in_the_column_s_width(draw):
    axes = draw()
    assert axes.figure.get_size_inches()[0] <= 7.2
    assert to_svg(axes.figure) == to_svg(draw().figure)
