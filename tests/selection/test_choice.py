"""The rule on written-out evidence, the elbow against yellowbrick, and the words."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import ClusteringError
from helpers.selection.choice import choose_k, elbow, judge_k, votes
from helpers.selection.sweep import Tuning, tune

SMALL = {"random_state": 0, "resamples": 30, "references": 5, "splits": 5}


@pytest.fixture(scope="module")
def groups() -> Tuning:
    rng = np.random.default_rng(0)
    rows = np.vstack([rng.normal(c, 0.5, (40, 2)) for c in ((0, 0), (5, 0), (0, 5), (9, 9))])
    return tune(rows, k_max=7, **SMALL)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def noise() -> Tuning:
    rows = np.random.default_rng(1).standard_normal((300, 5))
    return tune(rows, k_max=6, **SMALL)  # type: ignore[arg-type]


def altered(tuning: Tuning, **columns: list[float]) -> Tuning:
    return replace(tuning, table=tuning.table.assign(**columns))


def test_four_groups_are_counted_and_called_strong(groups: Tuning) -> None:
    choice = choose_k(groups)
    assert (choice.k, choice.structure, choice.warning) == (4, "strong", "")
    assert len(choice.reasons) == 3
    assert choice.against
    assert "0.75 is asked" in choice.reasons[0]


def test_independent_columns_have_no_structure(noise: Tuning) -> None:
    choice = choose_k(noise)
    assert choice.structure == "none"
    assert any("hardly more than chance" in sentence for sentence in choice.against)


def test_the_largest_tenable_k_near_the_best_silhouette_is_taken(groups: Tuning) -> None:
    made = altered(
        groups,
        min_jaccard=[1.0, 0.9, 0.85, 0.9, 0.5, 0.9],
        silhouette_euclidean=[0.6, 0.5, 0.46, 0.3, 0.5, 0.5],
        silhouette_squared=[0.9] * 6,
        smallest_share=[0.3, 0.2, 0.2, 0.1, 0.1, 0.001],
    )
    choice = choose_k(made)
    assert choice.k == 4  # 5 is far below 0.6, 6 is not stable, 7 holds a splinter
    assert choice.evidence["tenable"].tolist() == [True, True, True, True, False, False]
    assert "2 segments are farther apart" in choice.against[-1]


def test_a_pinned_k_is_warned_of_only_where_it_deserves_it(groups: Tuning) -> None:
    assert judge_k(groups, 4).warning == ""
    assert "not every segment is stable" in judge_k(groups, 6).warning
    assert "The rule would take 4" in judge_k(groups, 6).warning
    assert judge_k(groups, 4).reasons == choose_k(groups).reasons
    with pytest.raises(ClusteringError, match="covers 2 to 7"):
        judge_k(groups, 9)


def test_votes_name_every_criterion_and_its_metric(groups: Tuning) -> None:
    frame = votes(groups)
    assert frame.columns.tolist() == ["criterion", "metric", "k", "reason"]
    assert len(frame) == 8
    # The elbow looks at the curve alone; all others count the groups.
    assert frame.loc[frame["criterion"] != "elbow", "k"].tolist() == [4] * 7


@given(st.lists(st.floats(0.1, 100.0), min_size=3, max_size=12, unique=True))
@settings(max_examples=30, deadline=None)
def test_the_elbow_is_the_one_that_yellowbrick_draws(values: list[float]) -> None:
    kneed = pytest.importorskip("yellowbrick.utils.kneed")
    falling = sorted(values, reverse=True)
    ks = list(range(2, 2 + len(falling)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = kneed.KneeLocator(
            ks, falling, curve_nature="convex", curve_direction="decreasing"
        ).knee
    assert elbow(ks, falling) == (None if theirs is None else int(theirs))


def test_a_flat_or_short_curve_has_no_elbow() -> None:
    assert elbow([2, 3], [5.0, 1.0]) is None
    assert elbow([2, 3, 4], [1.0, 1.0, 1.0]) is None


def test_an_empty_sweep_is_refused(groups: Tuning) -> None:
    with pytest.raises(ClusteringError, match="no K"):
        choose_k(replace(groups, table=pd.DataFrame(columns=groups.table.columns)))
