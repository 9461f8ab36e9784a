"""The pictures of the segments hold the figures they are given, and say them."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.figures import palette, profiles
from helpers.report.svg import to_svg

NAMES = {1: "Loyal", 2: "Heavy browsers who order next to nothing"}
SIZES = pd.DataFrame({"segment": [1, 2, 7], "n": [60, 30, 10], "share": [0.6, 0.3, 0.1]})
MEANS = pd.DataFrame(
    {
        "segment": [1, 2],
        "mean": [1278.58, 154.48],
        "low": [1200.0, 140.0],
        "high": [1350.0, 170.0],
    }
)
PANELS = pd.concat(
    [MEANS.assign(feature="Spend"), MEANS.assign(feature="Age", mean=[50, 48], low=np.nan)]
)
Z = pd.DataFrame({"Age": [0.54, -0.04], "Spend": [1.2, -1.6]}, index=[1, 2])
POINTS = pd.DataFrame({"x": [0.0, 0.1, 3.0], "y": [0.0, 0.2, 1.0], "segment": [1, 1, 2]})
CENTRES = pd.DataFrame({"segment": [1, 2], "x": [0.05, 3.0], "y": [0.1, 1.0]})
MARGINS = pd.DataFrame(
    {
        "segment": [1, 1, 2, 2],
        "low": [0.0, 0.2, 0.0, 0.2],
        "high": [0.2, 1.0, 0.2, 1.0],
        "n": [20, 80, 12, 8],
    }
)
RATES = pd.DataFrame(
    {
        "segment": [1, 2],
        "n": [328, 435],
        "rate": [0.262, 0.0575],
        "low": [0.218, 0.039],
        "high": [0.312, 0.083],
    }
)
CURVE = pd.DataFrame({"customers": [0.0, 0.5, 0.8, 1.0], "value": [0.0, 0.1, 0.4, 1.0]})
SHARES = pd.DataFrame({"segment": [1, 2], "customers": [0.25, 0.75], "value": [0.6, 0.4]})
MAKE_UP = pd.DataFrame(
    {
        "segment": [1, 1, 2, 2, 2],
        "category": ["Single", "Married", "Single", "Married", "<i>YOLO</i>"],
        "n": [30, 10, 20, 19, 1],
    }
)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def rows(axes) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


def test_a_mean_has_its_interval_and_the_line_of_all_customers():
    axes = profiles.kpi(MEANS, overall=607.1, name="spending", unit="money", names=NAMES)
    line, interval, marker, *_ = axes.lines
    assert line.get_xdata() == [607.1, 607.1]
    assert interval.get_xdata() == pytest.approx([1200.0, 1350.0])
    assert marker.get_xdata() == [1278.58]
    assert texts(axes) == ["1,279", "154", "all: 607"]
    assert profiles.kpi_caption(MEANS, overall=607.1, name="spending", unit="money") == (
        "Mean spending is highest in segment 1 (1,279, 2.1 times the average) and lowest in"
        " segment 2 (154, 75% below the average)."
    )
    assert "customers, 607: segment 1 1,279; segment 2 154." in profiles.kpi_alt(
        MEANS, overall=607.1, name="spending", unit="money"
    )


def test_a_mean_without_an_interval_is_a_marker_alone():
    axes = profiles.kpi(MEANS.assign(low=np.nan, high=np.nan), overall=607.1, name="spending")
    assert len(axes.lines) == 3


def test_small_multiples_have_a_panel_a_feature():
    overall = {"Spend": 607.0, "Age": 49.0}
    panels = profiles.kpis(PANELS, overall=overall, units={"Age": "years"}, names=NAMES)
    assert [axes.get_title(loc="left") for axes in panels] == ["spend", "age (years)"]
    assert rows(panels[0])[0] == "1  Loyal"
    assert profiles.kpis_caption(PANELS, overall=overall) == (
        "Relative to its average, spend differs most between the segments and age least."
    )
    assert "age from 48 years (segment 2) to 50 years (segment 1)" in profiles.kpis_alt(
        PANELS, overall=overall, units={"Age": "years"}
    )


def test_an_odd_number_of_panels_leaves_no_empty_axes():
    three = pd.concat([MEANS.assign(feature=name) for name in "abc"])
    panels = profiles.kpis(three, overall=dict.fromkeys("abc", 1.0))
    assert len(panels) == len(panels[0].figure.axes) == 3


def test_deviations_are_printed_with_their_sign():
    axes = profiles.z_heatmap(Z, names=NAMES)
    assert texts(axes) == ["+0.5", "+1.2", "0.0", "−1.6"]
    mesh = axes.collections[0]
    assert (mesh.norm.vmin, mesh.norm.vmax) == (-1.6, 1.6)
    assert profiles.z_heatmap_caption(Z) == (
        "Furthest from the average: spend in segment 2 (1.6 deviations below) and spend in"
        " segment 1 (1.2 deviations above)."
    )
    assert "segment 1: age +0.5, spend +1.2" in profiles.z_heatmap_alt(Z)


def test_the_plane_shows_points_as_one_bitmap_and_names_the_centres():
    axes = profiles.pca_view(POINTS, CENTRES, explained=(0.47, 0.146), names=NAMES)
    assert sum(len(line.get_xdata()) for line in axes.lines if line.get_rasterized()) == 3
    markers = [line.get_marker() for line in axes.lines if not line.get_rasterized()]
    assert markers == [palette.segment_marker(1), palette.segment_marker(2)]
    assert sorted(texts(axes)) == ["1  Loyal", "2  Heavy browsers\nwho order next to…"]
    assert axes.get_ylabel() == "second principal component (15%)"
    assert to_svg(axes.figure).count("<image") == 1
    text = profiles.pca_caption(POINTS, explained=(0.47, 0.146), total=2216)
    assert text.startswith("Two principal components show 62% of the variance")
    assert "3 of 2,216 customers are drawn" in text
    assert "picture only" in text
    alt = profiles.pca_alt(POINTS, CENTRES, explained=(0.47, 0.146))
    assert alt.endswith("The centres from left to right: segment 1 and segment 2.")


def test_margins_have_the_share_below_the_border():
    shares = profiles.border_shares(MARGINS, border=0.1)
    assert shares["share"].tolist() == pytest.approx([0.1, 0.3])
    panels = profiles.margins(MARGINS, names=NAMES)
    assert [texts(axes)[1] for axes in panels] == ["10%", "30%"]
    # Density: the areas of the two bins are their shares.
    values, edges, _ = panels[0].patches[1].get_data()
    assert (values * np.diff(edges)).tolist() == pytest.approx([0.2, 0.8])
    assert profiles.margins_caption(MARGINS) == (
        "13% of the customers are borderline (a margin below 0.1); most in segment 2 (30%)."
    )
    assert profiles.margins_alt(MARGINS).endswith("segment 1 10%; segment 2 30%.")


def test_negative_margins_are_drawn():
    below = MARGINS.assign(low=[-0.2, 0.2, 0.0, 0.2])
    assert profiles.margins(below)[0].get_xlim() == (-0.2, 1.0)


def test_rates_have_their_wilson_intervals():
    axes = profiles.outcome_rates(RATES, overall=0.15, name="answered", names=NAMES)
    assert axes.lines[1].get_xdata() == pytest.approx([0.218, 0.312])
    assert texts(axes) == ["26%", "5.8%", "all: 15%"]
    assert profiles.outcome_rates_caption(RATES, overall=0.15, name="answered", apart=[1, 2]) == (
        "Answered: 26% in segment 1, 1.7 times the average of 15%; 2 of 2 segments differ from"
        " the average by more than chance."
    )
    assert "segment 1 26.2% (21.8% to 31.2%)" in profiles.outcome_rates_alt(
        RATES, overall=0.15, name="answered"
    )


def test_no_answer_at_all_is_said_without_a_ratio():
    nobody = RATES.assign(rate=0.0, low=0.0, high=0.02)
    text = profiles.outcome_rates_caption(nobody, overall=0.0, name="answered", apart=[])
    assert text.startswith("Answered: 0% in segment 1; none of 2 segments differ from")
    profiles.outcome_rates(nobody, overall=0.0, name="answered")


def test_the_lorenz_curve_and_its_gini():
    axes = profiles.lorenz(CURVE)
    assert axes.lines[1].get_ydata().tolist() == [0.0, 0.1, 0.4, 1.0]
    assert texts(axes) == ["even", "the top 20% hold 60%"]
    # 1 - (0.5 x 0.1 + 0.3 x 0.5 + 0.2 x 1.4) = 0.52
    assert profiles.gini(CURVE) == pytest.approx(0.52)
    assert "the lower half 10%; the Gini coefficient is 0.52" in profiles.lorenz_caption(CURVE)
    assert "the lowest 80% hold 40%" in profiles.lorenz_alt(CURVE)


def test_customers_and_value_are_joined_by_a_line():
    axes = profiles.customers_and_value(SHARES)
    assert axes.lines[0].get_xdata().tolist() == [0.25, 0.6]
    assert texts(axes) == ["25%", "60%", "75%", "40%"]
    assert [text.get_ha() for text in axes.texts] == ["right", "left", "left", "right"]
    assert profiles.customers_and_value_caption(SHARES) == (
        "Segment 1 holds 60% of spending with 25% of the customers; segment 2 holds 40% with 75%."
    )
    assert profiles.customers_and_value_alt(SHARES).endswith(
        "segment 1 25% and 60%; segment 2 75% and 40%."
    )


def test_make_up_is_stacked_to_the_whole():
    axes = profiles.make_up(MAKE_UP, name="marital status")
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches[-2:]]
    assert ends == pytest.approx([1.0, 1.0])
    assert texts(axes) == ["75%", "50%", "25%", "48%"]
    legend = [text.get_text() for text in axes.figure.legends[0].get_texts()]
    assert legend == ["Single", "Married", "<i>YOLO</i>"]
    assert profiles.make_up_caption(MAKE_UP, name="marital status") == (
        "By marital status the segments differ most in Single: 75% of segment 1, 50% of segment 2."
    )
    assert "segment 1: Single 75%, Married 25%;" in profiles.make_up_alt(MAKE_UP, name="status")


def test_numbers_rise_and_the_legend_is_read_along_its_rows():
    children = ["1", "0", "2", "all others", "3"]
    counts = pd.DataFrame({"segment": 1, "category": children, "n": [50, 40, 30, 20, 10]})
    assert list(profiles.make_up_shares(counts).columns) == ["0", "1", "2", "3", "all others"]
    axes = profiles.make_up(counts, name="children")
    # Four columns, filled one after the other: the fifth stands below the first.
    legend = [text.get_text() for text in axes.figure.legends[0].get_texts()]
    assert legend == ["0", "all others", "1", "2", "3"]


def test_rare_categories_are_joined_and_an_order_is_kept():
    table = profiles.make_up_shares(MAKE_UP, most=2)
    assert list(table.columns) == ["Single", "other"]
    assert table.loc[2].tolist() == pytest.approx([0.5, 0.5])
    ordered = profiles.make_up_shares(MAKE_UP, order=["<i>YOLO</i>", "Married", "Single"])
    assert list(ordered.columns) == ["<i>YOLO</i>", "Married", "Single"]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: profiles.kpi(MEANS, overall=607.1, name="spending"),
        lambda: profiles.kpis(PANELS, overall={"Spend": 607.0, "Age": 49.0})[0],
        lambda: profiles.z_heatmap(Z),
        lambda: profiles.pca_view(POINTS, CENTRES, explained=(0.47, 0.15)),
        lambda: profiles.margins(MARGINS)[0],
        lambda: profiles.outcome_rates(RATES, overall=0.15, name="answered"),
        lambda: profiles.lorenz(CURVE),
        lambda: profiles.customers_and_value(SHARES),
        lambda: profiles.make_up(MAKE_UP, name="marital status"),
    ],
)
def test_the_same_picture_twice_in_the_column_s_width(draw):
    axes = draw()
    assert axes.figure.get_size_inches()[0] <= 7.2
    assert to_svg(axes.figure) == to_svg(draw().figure)
