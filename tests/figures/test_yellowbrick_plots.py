"""Yellowbrick draws what was fitted already, and leaves matplotlib as it was."""

import os
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_samples, silhouette_score

from helpers.figures import palette, yellowbrick_plots
from helpers.report.svg import to_svg


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def matrix() -> np.ndarray:
    generator = np.random.default_rng(3)
    centres = np.array([[0.0, 0, 0], [4, 0, 0], [0, 5, 0], [4, 4, 4]])
    return centres[generator.integers(0, 4, 200)] + generator.normal(0, 0.8, (200, 3))


@pytest.fixture(scope="module")
def fits(matrix) -> dict[int, KMeans]:
    return {k: KMeans(k, n_init=4, random_state=0).fit(matrix) for k in range(2, 8)}


@pytest.fixture(scope="module")
def tuning(fits) -> pd.DataFrame:
    return pd.DataFrame({"k": list(fits), "inertia": [fit.inertia_ for fit in fits.values()]})


def rows_of(fit: KMeans, matrix: np.ndarray) -> pd.DataFrame:
    values = silhouette_samples(matrix, fit.labels_)
    return pd.DataFrame({"segment": fit.labels_ + 1, "silhouette": values})


def test_the_elbow_equals_that_of_a_real_fit(tuning, matrix):
    axes = yellowbrick_plots.elbow(tuning)
    curve, line = axes.lines
    with plt.rc_context():
        real = yellowbrick_plots._visualizers().elbow(
            KMeans(n_init=4, random_state=0),
            ax=plt.subplots()[1],
            k=(2, 8),
            timings=False,
            force_model=True,
        )
        real.fit(matrix)
    assert curve.get_xdata().tolist() == real.k_values_ == [2, 3, 4, 5, 6, 7]
    assert curve.get_ydata() == pytest.approx(real.k_scores_, rel=1e-5)
    assert line.get_xdata()[0] == real.elbow_value_ == yellowbrick_plots.elbow_at(tuning) == 4


def test_a_curve_without_a_bend_has_no_elbow():
    straight = pd.DataFrame({"k": [2, 3, 4], "inertia": [30.0, 20.0, 10.0]})
    assert yellowbrick_plots.elbow_at(straight) is None
    assert len(yellowbrick_plots.elbow(straight, chosen=3).lines) == 1
    assert "names no K" in yellowbrick_plots.elbow_caption(straight)
    assert yellowbrick_plots.elbow_alt(straight).endswith("no elbow.")


def test_the_silhouette_plot_equals_that_of_a_real_fit(fits, matrix):
    fit = fits[4]
    axes = yellowbrick_plots.silhouette_plot(rows_of(fit, matrix))
    with plt.rc_context():
        real = yellowbrick_plots._visualizers().silhouette(
            fit, ax=plt.subplots()[1], colors=["r"] * 4, is_fitted=True, force_model=True
        )
        real.fit(matrix)
        real.finalize()
    for own, other in zip(axes.collections, real.ax.collections, strict=True):
        expected = other.get_paths()[0].vertices
        assert own.get_paths()[0].vertices == pytest.approx(expected, abs=1e-4)
    assert axes.lines[0].get_xdata()[0] == pytest.approx(silhouette_score(matrix, fit.labels_))
    assert sorted(axes.get_ylim()) == sorted(real.ax.get_ylim())
    assert axes.get_xlim() == real.ax.get_xlim()


def test_segments_have_the_colours_of_the_palette_and_the_first_is_on_top(fits, matrix):
    axes = yellowbrick_plots.silhouette_plot(rows_of(fits[4], matrix), names={2: "Loyal"})
    colours = [to_hex(area.get_facecolor()[0]) for area in axes.collections]
    assert colours == [palette.segment_colour(i) for i in (1, 2, 3, 4)]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["Segment 1", "2  Loyal", "Segment 3", "Segment 4"]
    bottom, top = axes.get_ylim()
    assert bottom > top


def test_a_large_table_is_thinned_in_proportion_and_keeps_small_segments():
    rows = pd.DataFrame(
        {
            "segment": np.repeat([1, 2, 3], [40_000, 10_000, 2]),
            "silhouette": np.linspace(-0.2, 0.8, 50_002),
        }
    )
    thin = yellowbrick_plots._thinned(rows)
    assert thin["segment"].value_counts().to_dict() == {1: 784, 2: 196, 3: 1}
    means = [frame.groupby("segment")["silhouette"].mean() for frame in (rows, thin)]
    assert (means[0] - means[1]).abs().max() < 0.001


def test_the_mean_line_may_be_that_of_all_customers():
    rows = pd.DataFrame({"segment": [1, 1, 2], "silhouette": [0.5, 0.25, -0.25]})
    axes = yellowbrick_plots.silhouette_plot(rows, mean=0.3)
    assert axes.lines[0].get_xdata()[0] == 0.3
    assert yellowbrick_plots.silhouette_caption(rows, mean=0.3).startswith(
        "The mean silhouette is 0.30"
    )


def test_captions_and_descriptions_hold_the_computed_values(tuning):
    left = tuning["inertia"][2] / tuning["inertia"][0]
    assert yellowbrick_plots.elbow_caption(tuning) == (
        f"The inertia bends most at K = 4, where {left:.0%} of that at K = 2 is left."
    )
    assert yellowbrick_plots.elbow_alt(tuning, chosen=4).count(" at K = ") == 7


def test_the_same_pictures_twice(tuning, fits, matrix):
    rows = rows_of(fits[4], matrix)
    for draw in (
        lambda: yellowbrick_plots.elbow(tuning, chosen=4),
        lambda: yellowbrick_plots.silhouette_plot(rows),
    ):
        assert to_svg(draw().figure) == to_svg(draw().figure)


def test_a_stand_in_is_never_fitted():
    with pytest.raises(RuntimeError, match="fitted already"):
        yellowbrick_plots.FittedClusters(np.zeros((2, 1)), np.array([0, 1])).fit(None)


def test_importing_yellowbrick_leaves_no_trace():
    """In a process of its own, where nothing has imported it before."""
    code = """
import matplotlib as mpl
from matplotlib.colors import to_rgba
from helpers.figures import yellowbrick_plots
import pandas as pd
settings, letters = dict(mpl.rcParams), [to_rgba(letter) for letter in "bgrmyck"]
yellowbrick_plots.elbow(pd.DataFrame({"k": [2, 3, 4, 5], "inertia": [100.0, 40.0, 35.0, 32.0]}))
import sys
assert "yellowbrick" in sys.modules
changed = [name for name in settings if mpl.rcParams[name] != settings[name]]
assert not changed, changed
assert [to_rgba(letter) for letter in "bgrmyck"] == letters
"""
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | {"MPLBACKEND": "agg"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
