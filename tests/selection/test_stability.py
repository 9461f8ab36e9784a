"""Agreement measures against scikit-learn and by hand; resamples that neither flatter nor flip."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from helpers.kmeans.search import fit_range
from helpers.selection import stability
from helpers.selection.stability import (
    adjusted_rand,
    contingency,
    jaccard,
    prediction_strength,
    resample,
    seed_agreement,
)


def groups(distance: float, n: int = 40) -> np.ndarray:
    rng = np.random.default_rng(0)
    centres = distance * np.array([[0, 0], [1, 0], [0, 1]])
    return np.vstack([c + rng.standard_normal((n, 2)) for c in centres])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=2, max_size=40))
@settings(max_examples=100, deadline=None)
def test_adjusted_rand_equals_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    left, right = np.array(pairs).T
    found = adjusted_rand(contingency(left, right, (4, 5)))
    assert found == pytest.approx(adjusted_rand_score(left, right), abs=1e-12)


def test_jaccard_by_hand() -> None:
    table = np.array([[3.0, 1.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(jaccard(table), [3 / 4, 4 / 5, np.nan])


def test_separate_groups_come_back_and_a_needless_cut_does_not() -> None:
    rows = groups(12)
    fits = fit_range(rows, [3, 4], random_state=0)
    clusters, agreement = resample(rows, fits, random_state=0, resamples=20)
    three, four = (clusters[clusters["k"] == k] for k in (3, 4))
    assert three["jaccard"].tolist() == [1.0, 1.0, 1.0]
    assert four["jaccard"].min() < 0.75
    assert (four["jaccard_low"] <= four["jaccard"]).all()
    assert (four["jaccard"] <= four["jaccard_high"]).all()
    assert three["n"].tolist() == [40, 40, 40]
    assert agreement["moved"].tolist()[0] == 0.0
    assert agreement["moved"].tolist()[1] > 0.02
    strength = prediction_strength(rows, [3, 4], random_state=0, splits=8)
    assert strength["prediction_strength"].tolist()[0] == 1.0
    assert strength["prediction_strength"].tolist()[1] < 0.8


def test_a_row_alone_does_not_decide_the_prediction_strength() -> None:
    # One far row: it is a cluster of its own in one half, and no pair of the other is parted.
    rows = np.vstack([groups(12), [[90.0, 90.0]]])
    strength = prediction_strength(rows, [4], random_state=0, splits=8)
    with_far_row_in_the_half = strength["prediction_strength"].tolist()[0]
    assert with_far_row_in_the_half > 0.7
    assert prediction_strength(rows[:-1], [3], random_state=0)["prediction_strength"].tolist() == [
        1
    ]


def test_repeated_rows_do_not_flatter() -> None:
    rows = np.random.default_rng(1).random((60, 2))
    heavy = np.vstack([rows, np.repeat(rows[:2], 300, axis=0)])
    fits = fit_range(heavy, [2], random_state=0)
    clusters, agreement = resample(heavy, fits, random_state=0, resamples=20)
    assert agreement["rows"].tolist() == [60]
    assert clusters["n"].sum() == 660
    assert clusters["jaccard"].min() < 0.9


def test_the_same_seed_gives_the_same_figures_and_the_order_of_rows_none() -> None:
    rows = groups(3)
    order = np.random.default_rng(3).permutation(rows.shape[0])
    first = resample(rows, fit_range(rows, [3], random_state=0), random_state=5, resamples=6)
    again = resample(
        rows[order], fit_range(rows[order], [3], random_state=1), random_state=5, resamples=6
    )
    for left, right in zip(first, again, strict=True):
        assert left.to_csv() == right.to_csv()


def test_another_seed_moves_stability_little() -> None:
    rows = groups(3.5)
    fits = fit_range(rows, [3], random_state=0)
    found = [
        resample(rows, fits, random_state=seed, resamples=100)[0]["jaccard"].min()
        for seed in range(4)
    ]
    assert max(found) - min(found) < 0.06


def test_the_sample_of_a_large_table_is_stated() -> None:
    rows = groups(8, n=200)
    fits = fit_range(rows, [3], random_state=0)
    _, agreement = resample(rows, fits, random_state=0, resamples=4, sample=90)
    assert agreement["rows"].tolist() == [90]


def test_ordinary_runs_agree_on_groups_and_disagree_without() -> None:
    noise = np.random.default_rng(2).random((300, 5))
    assert seed_agreement(groups(12), [3], random_state=0)["seed_ari"].tolist() == [1.0]
    assert seed_agreement(noise, [7], random_state=0)["seed_ari"].tolist()[0] < 0.95


def test_each_cluster_has_the_mean_the_interval_and_the_error_of_its_own_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = groups(12)[:80]
    fits = fit_range(rows, [2], random_state=0)
    values = iter([np.array([number / 100, 0.9]) for number in range(101)])
    monkeypatch.setattr(stability, "threads", lambda: 1)
    monkeypatch.setattr(stability, "jaccard", lambda _: next(values))
    clusters, _ = resample(rows, fits, random_state=0, resamples=101)
    assert clusters["cluster"].tolist() == [0, 1]
    first, second = clusters.to_dict("records")
    assert first["jaccard"] == pytest.approx(0.5)
    assert (first["jaccard_low"], first["jaccard_high"]) == pytest.approx((0.025, 0.975))
    assert first["jaccard_se"] == pytest.approx(np.sqrt((101**2 - 1) / 12) / 100 / np.sqrt(101))
    assert (second["jaccard"], second["jaccard_se"]) == pytest.approx((0.9, 0.0))
    assert clusters["resamples"].tolist() == [101, 101]


def test_a_wanderer_is_elsewhere_in_more_than_a_fifth_of_the_resamples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = groups(12)[:80]
    fits = fit_range(rows, [2], random_state=0)
    own = fits[2].labels
    drawn = iter(range(10))

    def nearest(*_: object) -> np.ndarray:
        number, labels = next(drawn), own.copy()
        labels[0] = 1 - labels[0] if number < 3 else labels[0]
        labels[1] = 1 - labels[1] if number < 2 else labels[1]
        return labels

    told: list[str] = []
    monkeypatch.setattr(stability, "threads", lambda: 1)
    monkeypatch.setattr(stability, "_nearest", nearest)
    _, agreement = resample(rows, fits, random_state=0, resamples=10, progress=told.append)
    assert agreement["moved"].tolist() == pytest.approx([5 / 10 / 80])
    assert agreement["wanderers"].tolist() == [1 / 80]
    assert told == ["10 of 10 resamples refitted"]


def test_two_equally_likely_ends_agree_as_much_as_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the runs end in one partition and half in another: E(ARI) by hand."""
    rows = groups(12)[:80]
    ends = iter([0, 1] * 10)
    one, other = np.arange(80) % 2, np.arange(80) // 40

    def search(*_: object) -> tuple[np.ndarray, None, float]:
        return (other if next(ends) else one), None, 1.0

    from helpers.kmeans import kernels

    monkeypatch.setattr(stability, "threads", lambda: 1)
    monkeypatch.setattr(kernels, "search", search)
    monkeypatch.setattr(kernels, "kmeans_plusplus", lambda *_: np.array([[0.0, 0.0], [1.0, 1.0]]))
    found = seed_agreement(rows, [2], random_state=0, starts=20, n_init=1)
    between = adjusted_rand_score(one, other)
    assert found["seed_ari"].tolist() == pytest.approx([0.5 + 0.5 * between], abs=1e-12)
