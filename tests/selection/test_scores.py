"""Every score against scikit-learn or against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from helpers.errors import ClusteringError
from helpers.kmeans.search import fit_range
from helpers.selection import scores
from helpers.selection.scores import (
    margins,
    score_table,
    silhouette_samples_euclidean,
    silhouette_samples_squared,
)


def table(seed: int = 0, n: int = 150) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 2.5 * rng.standard_normal((5, 4))[rng.integers(0, 5, n)] + rng.standard_normal((n, 4))


@given(st.integers(0, 10_000), st.integers(2, 7))
@settings(max_examples=25, deadline=None)
def test_silhouettes_equal_scikit_learn_for_any_labels(seed: int, k: int) -> None:
    rows = table(seed)
    labels = np.random.default_rng(seed).integers(0, k, rows.shape[0])
    labels[0] = k  # alone in its cluster
    squared = metrics.silhouette_samples(rows, labels, metric="sqeuclidean")
    euclidean = metrics.silhouette_samples(rows, labels)
    np.testing.assert_allclose(silhouette_samples_squared(rows, labels), squared, atol=1e-12)
    np.testing.assert_allclose(silhouette_samples_euclidean(rows, labels), euclidean, atol=2e-6)


def test_silhouettes_far_from_the_origin_keep_their_digits() -> None:
    rows = table() + 1000.0
    labels = np.arange(rows.shape[0]) % 3
    squared = metrics.silhouette_samples(rows - 1000.0, labels, metric="sqeuclidean")
    np.testing.assert_allclose(silhouette_samples_squared(rows, labels), squared, atol=1e-9)


@pytest.mark.parametrize("offset", [1e3, 1e9])
def test_euclidean_silhouettes_far_from_the_origin_keep_their_digits(offset: float) -> None:
    rows = np.rint(table() * 64) / 64  # so that the offset costs float64 nothing
    labels = np.arange(rows.shape[0]) % 3
    expected = metrics.silhouette_samples(rows, labels)
    found = silhouette_samples_euclidean(rows + offset, labels)
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_a_row_alone_scores_zero_and_repeated_rows_do_not_divide_by_zero() -> None:
    rows = np.array([[1.0], [1.0], [1.0], [4.0]])
    assert silhouette_samples_squared(rows, np.array([0, 0, 1, 2])).tolist() == [0, 0, 0, 0]
    assert silhouette_samples_euclidean(rows, np.array([0, 0, 0, 1])).tolist() == [1, 1, 1, 0]


@pytest.mark.parametrize("samples", [silhouette_samples_euclidean, silhouette_samples_squared])
def test_one_cluster_or_labels_of_another_table_are_refused(samples: object) -> None:
    with pytest.raises(ClusteringError, match="two or more"):
        samples(np.zeros((4, 1)), np.zeros(4, int))  # type: ignore[operator]
    with pytest.raises(ClusteringError, match="one label per row"):
        samples(np.zeros((4, 1)), np.zeros(3, int))  # type: ignore[operator]


def test_score_table_equals_scikit_learn() -> None:
    rows = table()
    fits = fit_range(rows, range(1, 7), random_state=0)
    found = score_table(rows, fits)
    expected = pd.DataFrame(
        [
            {
                "k": k,
                "inertia": ((rows - fits[k].centres[fits[k].labels]) ** 2).sum(),
                "silhouette_euclidean": metrics.silhouette_score(rows, fits[k].labels),
                "silhouette_squared": metrics.silhouette_score(
                    rows, fits[k].labels, metric="sqeuclidean"
                ),
                "calinski_harabasz": metrics.calinski_harabasz_score(rows, fits[k].labels),
                "davies_bouldin": metrics.davies_bouldin_score(rows, fits[k].labels),
                "smallest_share": np.bincount(fits[k].labels).min() / 150,
                "silhouette_euclidean_se": 0.0,
                "silhouette_rows": 150,
            }
            for k in range(2, 7)
        ]
    )
    pd.testing.assert_frame_equal(found[1:].reset_index(drop=True), expected, rtol=1e-6)
    assert found.loc[0, "k"] == 1
    assert found.loc[0, ["silhouette_squared", "davies_bouldin"]].isna().all()


def test_a_large_table_is_sampled_and_says_so() -> None:
    rows = table(n=3000)
    fits = fit_range(rows, [3], random_state=0)
    exact = score_table(rows, fits).loc[0]
    sampled = score_table(rows, fits, exact_rows=1000, sample=800).loc[0]
    assert sampled["silhouette_rows"] == 800
    assert 0 < sampled["silhouette_euclidean_se"] < 0.02
    assert sampled["silhouette_euclidean"] == pytest.approx(
        exact["silhouette_euclidean"], abs=5 * sampled["silhouette_euclidean_se"]
    )
    for column in ("silhouette_squared", "calinski_harabasz", "davies_bouldin", "inertia"):
        assert sampled[column] == pytest.approx(exact[column], rel=1e-11)


def test_the_number_of_threads_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table()
    fits = fit_range(rows, range(2, 5), random_state=0)
    several = score_table(rows, fits)
    monkeypatch.setattr(scores, "threads", lambda: 1)
    pd.testing.assert_frame_equal(score_table(rows, fits), several, check_exact=True)


def test_margins_worked_out_by_hand() -> None:
    rows = np.array([[0.0, 0.0], [0.0, 3.0], [0.0, 5.0], [0.0, 6.0]])
    centres = np.array([[0.0, 0.0], [0.0, 10.0], [40.0, 0.0]])
    found = margins(rows, centres, np.array([0, 0, 0, 0]))
    np.testing.assert_allclose(found, [1.0, 4 / 7, 0.0, -2 / 6])


def test_margins_refuse_one_centre_and_labels_without_one() -> None:
    with pytest.raises(ClusteringError, match="two or more centres"):
        margins(np.zeros((2, 1)), np.zeros((1, 1)), np.zeros(2, int))
    with pytest.raises(ClusteringError, match="from 0 to 1"):
        margins(np.zeros((2, 1)), np.zeros((2, 1)), np.array([0, 2]))
