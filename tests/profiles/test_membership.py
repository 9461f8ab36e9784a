"""Who belongs where: nearest centres, the order of the segments, what is known of each."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from helpers.errors import ParamsError
from helpers.preparation.scaling import Transform
from helpers.profiles import membership

RAW = pd.Series([2, 0, 1, 1, 0, 0])
SEGMENTS = pd.Series([3, 1, 2, 2, 1, 1])


def test_a_scaling_comes_back_as_it_was_fitted() -> None:
    facts = {
        "columns": ["a", "b"],
        "low": [None, 1.0],
        "high": [None, 5.0],
        "mean": [0.5, 3.0],
        "deviation": [2.0, 4.0],
    }
    plain = membership.scaling_from(facts)
    assert (plain.low, plain.high) == ((-np.inf, 1.0), (np.inf, 5.0))
    assert (plain.columns, plain.mean, plain.deviation) == (("a", "b"), (0.5, 3.0), (2.0, 4.0))
    assert plain.transforms == ()
    ranked = [None, {"kind": "rank", "knots": [[0.0, 0.25], [1.0, 0.75]]}]
    assert membership.scaling_from(facts | {"transforms": ranked}).transforms == (
        None,
        Transform("rank", ((0.0, 0.25), (1.0, 0.75))),
    )


def test_customers_of_several_blocks_go_to_the_nearest_centre(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scaling = membership.scaling_from(
        {"columns": ["a"], "low": [None], "high": [None], "mean": [1.0], "deviation": [2.0]}
    )
    monkeypatch.setattr(membership, "BLOCK", 2)
    frame = pd.DataFrame({"a": [1.0, 3.0, 9.0, 2.0, -5.0]}, index=[7, 8, 9, 10, 11])
    found = membership.nearest_centre(frame, scaling, [[4.0], [0.0], [0.9]])
    assert found.to_dict() == {7: 1, 8: 2, 9: 0, 10: 2, 11: 1}


def test_worth_is_the_value_column_or_one_for_everybody() -> None:
    frame = pd.DataFrame({"Spending": [3, None, 5]}, index=[4, 5, 6])
    expected = pd.DataFrame({"value": [3.0, 0.0, 5.0]}, index=[4, 5, 6])
    pd.testing.assert_frame_equal(membership.worth(frame, value_column="Spending"), expected)
    pd.testing.assert_frame_equal(
        membership.worth(frame, value_column=""), expected.assign(value=1.0)
    )


def test_segments_are_numbered_by_their_value_or_their_size() -> None:
    frame = pd.DataFrame({"Spending": [90.0, 1, 1, 1, 1, 1], "Town": list("abcdef")})
    labels = membership.labels_of(RAW.to_numpy(), frame)
    by_value = membership.numbered(labels, frame, value_column="Spending")
    assert by_value.tolist() == [1, 2, 3, 3, 2, 2]
    assert membership.numbered(labels, frame, value_column="").tolist() == SEGMENTS.tolist()
    with pytest.raises(ParamsError, match=r"`Spendin`, which is neither.*Did you mean `Spending`"):
        membership.numbered(labels, frame, value_column="Spendin")
    with pytest.raises(ParamsError, match="`Town`, which holds no numbers"):
        membership.numbered(labels, frame, value_column="Town")


def test_centres_and_stability_go_with_the_segment_of_their_cluster() -> None:
    centres = [[0.0, 0.1], [1.0, 1.1], [2.0, 2.1]]
    assert membership.centres_by_segment(centres, RAW, SEGMENTS) == centres
    swapped = SEGMENTS.map({1: 3, 2: 1, 3: 2})
    assert membership.centres_by_segment(centres, RAW, swapped) == [
        centres[1],
        centres[2],
        centres[0],
    ]
    clusters = [
        {"cluster": c, "jaccard": 0.5 + c / 10, "jaccard_low": c / 10, "jaccard_high": 0.9 + c / 99}
        for c in range(4)
    ]
    found = membership.stability_by_segment(clusters, RAW, swapped)
    expected = pd.DataFrame(
        {
            "segment": [1, 2, 3],
            "jaccard": [0.6, 0.7, 0.5],
            "low": [0.1, 0.2, 0.0],
            "high": [0.9 + 1 / 99, 0.9 + 2 / 99, 0.9],
        }
    )
    pd.testing.assert_frame_equal(found, expected)


def test_scores_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([1, 2, 3], [20, 10, 30])
    matrix = rng.normal(size=(60, 3)) + 4.0 * labels[:, None]
    found = membership.scores_of(matrix, pd.Series(labels))
    centres = np.array([matrix[labels == one].mean(axis=0) for one in (1, 2, 3)])
    expected = {
        "inertia": ((matrix - centres[labels - 1]) ** 2).sum(),
        "silhouette_euclidean": metrics.silhouette_score(matrix, labels),
        "silhouette_squared": metrics.silhouette_score(matrix, labels, metric="sqeuclidean"),
        "calinski_harabasz": metrics.calinski_harabasz_score(matrix, labels),
        "davies_bouldin": metrics.davies_bouldin_score(matrix, labels),
        "smallest_share": 10 / 60,
    }
    assert found == pytest.approx(expected, rel=1e-6)
