"""The ribbons hold the customers they are given, and say them."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch, Rectangle

from helpers.figures import flows, palette

COUNTED = pd.DataFrame({"from": [0, 1, 1, 2, 2], "to": [2, 1, 3, 0, 2], "n": [10, 30, 20, 5, 35]})
OLD = {1: "Rich", 2: "Poor"}
NEW = {1: "Rich", 2: "Poor", 3: "Between"}
PAIRS = {1: 2, 2: 1}


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def drawn():
    sizes = ({0: 10, 1: 50, 2: 41}, {0: 5, 1: 30, 2: 45, 3: 20})
    return flows.alluvial(COUNTED, old_names=OLD, new_names=NEW, counterpart=PAIRS, sizes=sizes)


def test_bars_are_as_high_as_their_customers_and_counterparts_share_a_colour() -> None:
    bars = [one for one in drawn().patches if isinstance(one, Rectangle)]

    heights = [bar.get_height() for bar in bars]
    unit = heights[0] / 50
    assert heights == pytest.approx([unit * n for n in (50, 40, 10, 45, 30, 20, 5)])
    colours = [to_hex(bar.get_facecolor()) for bar in bars]
    first, second, third = palette.SEGMENT_COLOURS[:3]
    assert colours == [first, second, palette.QUIET, first, second, third, palette.QUIET]


def test_each_flow_is_one_ribbon_as_wide_as_its_customers() -> None:
    axes = drawn()
    ribbons = [one for one in axes.patches if isinstance(one, PathPatch)]

    widths = sorted(
        one.get_path().vertices[0][1] - one.get_path().vertices[7][1] for one in ribbons
    )
    assert [width / widths[0] for width in widths] == pytest.approx([1, 2, 4, 6, 7], rel=1e-3)
    assert "2  Poor\n41" in [text.get_text() for text in axes.texts]


def test_the_caption_states_the_finding_and_the_description_every_ribbon() -> None:
    said = flows.alluvial_caption(COUNTED, counterpart=PAIRS, matched=85, moved=85)
    assert said.endswith("from segment 2 to segment 2 (35 customers).")
    none = flows.alluvial_caption(COUNTED, counterpart=PAIRS, matched=85, moved=0)
    assert none == "All of 85 customers stayed in their segment."
    alt = flows.alluvial_alt(COUNTED, old_names=OLD, new_names=NEW)
    assert "20 customers from segment 1 (Rich) to segment 3 (Between)" in alt
    assert "5 customers from segment 2 (Poor) to no segment" in alt
