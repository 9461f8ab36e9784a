"""Other methods find groups that lie apart, and not the slices of a cloud."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import pairwise_distances

from helpers.kmeans.search import fit_range
from helpers.selection import second_opinions
from helpers.selection.second_opinions import METHODS


def blobs(n: int = 40) -> tuple[np.ndarray, pd.Series]:
    rng = np.random.default_rng(0)
    rows = np.vstack([rng.normal(c, 0.3, (n, 2)) for c in ((0, 0), (4, 0), (0, 4))])
    return rows, pd.Series(np.repeat([1, 2, 3], n))


def test_every_method_finds_groups_that_lie_apart() -> None:
    rows, segments = blobs()
    opinions = second_opinions.second_opinions(rows, segments, found_at=0.9)
    assert opinions.groupby("segment")["method"].apply(list).tolist() == [list(METHODS)] * 3
    assert opinions["found"].all()
    assert (opinions["clusters"] == 3).all()
    assert (opinions["rows"] == 120).all()


def test_the_similarity_is_that_of_the_nearest_cluster() -> None:
    rows, segments = blobs()
    # A fifth of the first group is told to belong to the second: 32 of 40, and 40 of 48.
    opinions = second_opinions.second_opinions(
        rows, segments.where(segments.index >= 8, 2), found_at=0.81
    )
    ward = opinions[opinions["method"] == "Ward"]
    assert ward["jaccard"].tolist() == pytest.approx([32 / 40, 40 / 48, 1.0])
    assert ward["found"].tolist() == [False, True, True]


def test_slices_of_a_cloud_are_not_found_by_most() -> None:
    rows = np.random.default_rng(3).standard_normal((600, 4))
    segments = pd.Series(fit_range(rows, [5], random_state=0)[5].labels + 1)
    found = second_opinions.second_opinions(rows, segments, found_at=0.75)
    assert (found.groupby("segment")["found"].sum() < 3).sum() >= 4


def test_neither_the_order_of_rows_nor_the_size_of_the_table_is_in_the_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(second_opinions, "SAMPLE_ROWS", 90)
    rows, segments = blobs()
    order = np.random.default_rng(1).permutation(len(rows))
    first = second_opinions.second_opinions(rows, segments, found_at=0.75)
    again = second_opinions.second_opinions(rows[order], segments.iloc[order], found_at=0.75)
    pd.testing.assert_frame_equal(first, again)
    assert (first["rows"] == 90).all()


def test_small_segments_are_left_out() -> None:
    rows, segments = blobs()
    opinions = second_opinions.second_opinions(
        rows, segments.where(segments.index > 2, 4), found_at=0.75, floor=4
    )
    assert sorted(opinions["segment"].unique()) == [1, 2, 3]
    assert second_opinions.second_opinions(rows[:3], segments[:3], found_at=0.75, floor=4).empty


def test_no_exchange_of_a_medoid_lowers_the_sum_of_distances() -> None:
    rows = np.random.default_rng(5).standard_normal((40, 2))
    labels = METHODS["k-medoids"](rows, 3)
    distances = pairwise_distances(rows)
    medoids = [
        int(part[distances[np.ix_(part, part)].sum(axis=0).argmin()])
        for part in (np.flatnonzero(labels == c) for c in range(3))
    ]
    total = distances[:, medoids].min(axis=1).sum()
    for place in range(3):
        for row in range(40):
            other = [*medoids[:place], row, *medoids[place + 1 :]]
            assert distances[:, other].min(axis=1).sum() >= total - 1e-9
