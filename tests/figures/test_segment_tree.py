"""The picture of the ladder: who comes from whom, and which segments hold."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers.figures import palette
from helpers.figures.segment_tree import (
    segment_tree,
    segment_tree_alt,
    segment_tree_caption,
)

NODES = pd.DataFrame(
    {
        "k": [2, 2, 3, 3, 3],
        "segment": [1, 2, 1, 2, 3],
        "share": [0.6, 0.4, 0.4, 0.3, 0.3],
        "jaccard": [0.95, 0.9, 0.9, 0.8, 0.6],
    }
)
LINKS = pd.DataFrame(
    {
        "k": [3, 3, 3, 3],
        "from": [1, 1, 2, 2],
        "to": [2, 3, 1, 2],
        "share": [0.295, 0.3, 0.4, 0.005],
    }
)


def test_unstable_segments_have_another_colour_and_small_flows_are_left_out() -> None:
    axes = segment_tree(NODES, LINKS, stable_at=0.75, chosen=2)
    colours = [palette.SEGMENT_COLOURS[i] for i in (0, 0, 0, 0, 1)]
    from matplotlib.colors import to_hex

    drawn = [to_hex(one.get_facecolor()[0]) for one in axes.collections]
    assert drawn[-5:] == colours
    assert len(axes.lines) == 3
    plt.close("all")


def test_segments_lie_near_what_they_come_from() -> None:
    axes = segment_tree(NODES, LINKS, stable_at=0.75)
    heights = {
        text.get_text(): text.xy[1] for text in axes.texts[4:] if text.get_text() in ("1", "2", "3")
    }
    # Segments 2 and 3 come from the upper one, segment 1 from the lower.
    assert heights["2"] > heights["1"]
    assert heights["3"] > heights["1"]
    plt.close("all")


@pytest.mark.parametrize(
    ("stable_at", "expected"),
    [
        (0.75, "Every segment comes back up to K = 2; at K = 3, 1 segment does not."),
        (0.5, "Every segment comes back up to K = 3, the last one drawn."),
        (0.93, "Not every segment comes back: at K = 2, 1 segment does not."),
    ],
)
def test_the_caption_says_how_far_segments_come_back(stable_at: float, expected: str) -> None:
    assert segment_tree_caption(NODES, stable_at=stable_at) == expected


def test_the_description_names_every_origin() -> None:
    said = segment_tree_alt(NODES, LINKS)
    assert "K = 3, segment 1: 40% of the customers, Jaccard 0.90, mostly from segment 2" in said
