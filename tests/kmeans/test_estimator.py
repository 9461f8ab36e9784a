"""K-Means behaves as scikit-learn's users expect, and finds what `fit_range` finds."""

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans as Reference
from sklearn.datasets import make_blobs
from sklearn.utils.estimator_checks import parametrize_with_checks

from helpers.kmeans.estimator import KMeans


@parametrize_with_checks([KMeans(n_clusters=2)])
def test_it_keeps_the_contract_of_an_estimator(estimator: KMeans, check: Any) -> None:
    check(estimator)


def test_it_is_as_good_as_many_restarts_and_hands_on_the_same_figures() -> None:
    X, _ = make_blobs(300, centers=6, cluster_std=2.0, random_state=3)
    ours = KMeans(n_clusters=6).fit(X)
    theirs = Reference(6, n_init=50, random_state=0).fit(X)

    assert ours.inertia_ <= theirs.inertia_ * (1 + 1e-9)
    assert -ours.score(X) == pytest.approx(ours.inertia_, rel=1e-12)
    np.testing.assert_array_equal(ours.predict(X), ours.labels_)
    np.testing.assert_array_equal(ours.transform(X).argmin(axis=1), ours.labels_)


def test_fewer_distinct_rows_than_clusters_are_refused() -> None:
    with pytest.raises(ValueError, match="distinct"):
        KMeans(n_clusters=3).fit([[0.0], [0.0], [1.0], [1.0]])
