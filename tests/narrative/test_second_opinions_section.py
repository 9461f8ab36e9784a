"""The sentences and the picture about second opinions."""

import matplotlib.pyplot as plt
import pandas as pd

from helpers.figures.opinion_panel import opinion_panel, opinion_panel_alt, opinion_panel_caption
from helpers.narrative import second_opinions_section as section

METHODS = ["Ward", "Gaussian mixture", "k-medoids", "bisecting K-Means", "HDBSCAN"]
OPINIONS = pd.DataFrame(
    {
        "segment": [1] * 5 + [2] * 5 + [3] * 5,
        "method": METHODS * 3,
        "clusters": [3, 3, 3, 3, 0] * 3,
        "jaccard": [0.9, 0.8, 0.75, 0.7, 0.0, 0.9, 0.8, 0.7, 0.7, 0.0, 0.5, 0.5, 0.5, 0.5, 0.0],
        "rows": 2000,
    }
)
OPINIONS["found"] = OPINIONS["jaccard"] >= 0.75


def test_a_segment_that_fewer_than_three_methods_find_has_a_sentence() -> None:
    said = section.sentences(OPINIONS, found_at=0.75)
    assert len(said) == 2
    assert said[0].startswith(
        "Segment 2 is found by 2 of 5 other methods (Ward and Gaussian mixture):"
    )
    assert said[1].startswith("Segment 3 is found by none of 5 other methods:")


def test_segments_that_most_find_have_one_sentence() -> None:
    said = section.sentences(OPINIONS[OPINIONS["segment"] == 1], found_at=0.75)
    assert len(said) == 1
    assert "at least 3 of 5 other methods (Jaccard similarity 0.75 or more)" in said[0]
    assert section.sentences(OPINIONS[:0], found_at=0.75) == []
    assert section.note(OPINIONS[:0], found_at=0.75, total=9) == ""


def test_the_picture_holds_every_similarity_and_its_texts_count_the_same() -> None:
    axes = opinion_panel(OPINIONS)
    assert [text.get_text() for text in axes.texts][:5] == ["0.90", "0.80", "0.75", "0.70", "0.00"]
    assert axes.get_xticklabels()[4].get_text() == "HDBSCAN\nno clusters"
    plt.close("all")
    expected = "1 of 3 segments is found by three or more of 5 other methods"
    assert opinion_panel_caption(OPINIONS) == expected
    assert "segment 2: Ward 0.90, Gaussian mixture 0.80" in opinion_panel_alt(OPINIONS)
