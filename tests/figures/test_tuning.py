"""The pictures of the choice of K hold the scores they are given, and say them."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from helpers.figures import tuning
from helpers.report.svg import to_svg

TABLE = pd.DataFrame(
    {
        "k": [2, 3, 4],
        "silhouette_euclidean": [0.33, 0.27, 0.28],
        "silhouette_squared": [0.51, 0.52, 0.32],
        "calinski_harabasz": [1316.0, 930.0, 770.0],
        "davies_bouldin": [1.25, 1.63, 1.2],
        "gap": [0.90, 0.95, 0.955],
        "gap_se": [0.01, 0.01, 0.01],
    }
)
CLUSTERS = pd.DataFrame({"k": [2, 2, 3, 3, 3], "jaccard": [0.9, 0.8, 0.95, 0.7, 0.6]})
AUDIT = pd.DataFrame(
    {
        "k": [2, 2, 2, 3, 3, 3],
        "inertia": [10, 10, 10.0001, 8, 8.4, 8.4],
        "best": [10, 10, 10, 8, 8, 8],
    }
)
BALLOT = pd.DataFrame({"criterion": ["elbow", "gap", "Jaccard"], "k": [4, 1, None]})


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_silhouettes_have_a_panel_for_each_metric():
    panels = tuning.silhouettes(TABLE, chosen=3)
    assert [axes.get_title(loc="left") for axes in panels] == [
        "Euclidean distance",
        "squared Euclidean distance",
    ]
    assert panels[0].lines[0].get_ydata().tolist() == [0.33, 0.27, 0.28]
    assert panels[1].lines[0].get_ydata().tolist() == [0.51, 0.52, 0.32]
    assert texts(panels[0]) == ["chosen", "0.33"]
    band = panels[0].patches[0]
    assert (band.get_x(), band.get_width()) == (pytest.approx(2.6), pytest.approx(0.8))


def test_sampled_silhouettes_show_their_error():
    plain = tuning.silhouettes(TABLE.assign(silhouette_euclidean_se=0.0))[0]
    sampled = tuning.silhouettes(TABLE.assign(silhouette_euclidean_se=0.01))[0]
    assert len(sampled.collections) == len(plain.collections) + 1


def test_the_caption_of_silhouettes_names_metrics_and_leaves_the_word_to_the_choice():
    assert tuning.silhouettes_caption(TABLE, chosen=4) == (
        "The silhouette is highest at K = 2 in the Euclidean distance and at K = 3 in the squared"
        " one; the two metrics are not comparable. At K = 4 the Euclidean one is 0.28."
    )
    assert "in squared Euclidean distance: 0.51 at K = 2" in tuning.silhouettes_alt(TABLE)


def test_calinski_is_best_high_and_davies_low():
    panels = tuning.calinski_davies(TABLE)
    assert texts(panels[0]) == ["1,316"]
    assert texts(panels[1]) == ["1.20"]
    assert tuning.calinski_davies_caption(TABLE) == (
        "Calinski-Harabasz prefers K = 2, Davies-Bouldin prefers K = 4."
    )
    assert "930 at K = 3" in tuning.calinski_davies_alt(TABLE)


def test_the_gap_marks_the_k_of_the_one_rule():
    table = pd.DataFrame({"k": [1, 2, 3, 4], "gap": [0.5, 0.4, 0.9, 0.7], "gap_se": [0.02] * 4})
    assert texts(tuning.gap(table)) == ["K = 3 by the rule"]
    assert "K = 3" in tuning.gap_caption(table)
    rising = table.assign(gap=[0.5, 0.6, 0.7, 0.9])
    assert "still rises at K = 4" in tuning.gap_caption(rising)


def test_the_gap_is_drawn_with_its_errors():
    axes = tuning.gap(TABLE)
    bars = axes.collections[0].get_segments()
    assert bars[0][:, 1].tolist() == pytest.approx([0.89, 0.91])
    assert tuning.gap_caption(TABLE).startswith("The gap statistic prefers K = 3:")
    assert tuning.gap_alt(TABLE).endswith("standard errors of at most 0.01.")


def test_stability_draws_every_cluster_and_the_least_stable():
    axes = tuning.stability(CLUSTERS, thresholds=(0.6, 0.75))
    *_, dots, line = axes.lines
    assert dots.get_ydata().tolist() == [0.9, 0.8, 0.95, 0.7, 0.6]
    assert line.get_xdata().tolist() == [2, 3]
    assert line.get_ydata().tolist() == [0.8, 0.6]
    assert texts(axes) == ["0.60", "0.75"]


def test_the_caption_of_stability_follows_its_threshold():
    assert tuning.stability_caption(CLUSTERS) == (
        "Every segment is stable (Jaccard of 0.75 or more) at K = 2; at K = 3 the least stable"
        " one has 0.60."
    )
    assert tuning.stability_caption(CLUSTERS, stable_at=0.6).endswith("at K = 2 and 3.")
    assert tuning.stability_caption(CLUSTERS, stable_at=0.9).startswith("At no K is every segment")
    assert tuning.stability_alt(CLUSTERS).endswith("0.80 at K = 2, 0.60 at K = 3.")


def test_the_audit_counts_the_restarts_that_found_the_best():
    axes = tuning.optima(AUDIT, chosen=2)
    assert texts(axes) == ["chosen", "3 of 3", "1 of 3"]
    others, best = axes.collections
    assert others.get_offsets().tolist() == [[3, 0.05]]
    assert best.get_offsets().tolist() == [[2, 0], [3, 0]]
    assert tuning.optima_caption(AUDIT) == (
        "Every restart ended in the best solution at K = 2; it was hardest to find at K = 3 (1 of"
        " 3 restarts), where others end up to 5% above it."
    )
    assert tuning.optima_alt(AUDIT).endswith("K = 2: 3 of 3, K = 3: 1 of 3.")
    assert tuning.optima_caption(AUDIT[:3]).startswith("At every K, every restart")


def test_the_audit_names_every_k_that_was_as_hard():
    hard = pd.DataFrame(
        {"k": [2, 2, 3, 3, 4, 4], "inertia": [9, 9, 8, 8.4, 7, 7.7], "best": [9, 9, 7.9, 7.9, 6, 6]}
    )
    assert tuning.optima_caption(hard) == (
        "Every restart ended in the best solution at K = 2; it was hardest to find at K = 3 and 4"
        " (none of 2 restarts), where others end up to 28% above it."
    )


def test_the_audit_measures_from_the_best_known_even_where_no_restart_found_it():
    missed = AUDIT.assign(best=[9.5, 9.5, 9.5, 8, 8, 8])
    assert texts(tuning.optima(missed)) == ["0 of 3", "1 of 3"]


def test_votes_show_who_agrees():
    axes = tuning.votes(BALLOT, chosen=4)
    assert texts(axes) == ["chosen", "K = 4", "K = 1", "none"]
    assert [(line.get_xdata()[0], line.get_marker()) for line in axes.lines] == [(4, "o"), (1, "s")]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["elbow", "gap", "Jaccard"]
    assert tuning.votes_caption(BALLOT, chosen=4) == (
        "1 of 3 criteria recommends the chosen K = 4; the others recommend K = 1; 1 recommends"
        " none."
    )
    assert tuning.votes_alt(BALLOT).endswith("elbow: K = 4; gap: K = 1; Jaccard: none.")


@pytest.mark.parametrize(
    "draw",
    [
        lambda: tuning.silhouettes(TABLE, chosen=3)[0],
        lambda: tuning.calinski_davies(TABLE, chosen=3)[0],
        lambda: tuning.gap(TABLE, chosen=3),
        lambda: tuning.stability(CLUSTERS, chosen=3),
        lambda: tuning.optima(AUDIT, chosen=3),
        lambda: tuning.votes(BALLOT, chosen=3),
    ],
)
def test_the_same_picture_twice_in_the_column_s_width(draw):
    axes = draw()
    assert axes.figure.get_size_inches()[0] <= 7.2
    assert to_svg(axes.figure) == to_svg(draw().figure)
