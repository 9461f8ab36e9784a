"""The rule on written-out evidence, the elbow against yellowbrick, and the words."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import ClusteringError
from helpers.selection import choice
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


def checked(**columns: object) -> pd.DataFrame:
    """Evidence for K = 2, 3, 4 that passes every check but valleys, unless said otherwise."""
    good: dict[str, object] = {
        "k": [2, 3, 4],
        "min_jaccard": 0.9,
        "jaccard_se": 0.01,
        "prediction_strength": 0.9,
        "silhouette_euclidean": [0.5, 0.4, 0.3],
        "smallest_share": 0.1,
        "excess": 0.1,
        "null_sd": 0.01,
        "stable": True,
        "doubtful": False,
        "large": True,
        "above": True,
        "apart": False,
        "whole": True,
    }
    return choice._admit(pd.DataFrame(good | columns))


def test_four_groups_are_counted_and_called_strong(groups: Tuning) -> None:
    found = choose_k(groups)
    assert (found.k, found.structure, found.kind, found.basis) == (4, "strong", "groups", "valleys")
    row = found.evidence.set_index("k").loc[4]
    assert row[["stable", "large", "above", "apart", "whole", "admissible"]].all()
    assert found.recommended == 4
    assert not found.fixed


def test_independent_columns_have_no_structure(noise: Tuning) -> None:
    found = choose_k(noise)
    assert found.structure == "none"
    assert found.kind in ("slices", "one group")
    assert not found.evidence["admissible"].any()


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        # Overlapping groups: the highest silhouette of those that pass.
        ({}, (2, "silhouette", "groups")),
        ({"above": [False, True, True]}, (3, "silhouette", "groups")),
        ({"stable": [False, True, True]}, (3, "silhouette", "groups")),
        ({"large": [False, False, True]}, (4, "silhouette", "groups")),
        # Valleys at every border and none within: the most groups, whatever the silhouette.
        ({"apart": [True, True, False]}, (3, "valleys", "groups")),
        # Finer groups that overlap stand out by clearly more against their null.
        (
            {"apart": [True, False, False], "excess": [0.1, 0.18, 0.17]},
            (3, "excess", "groups"),
        ),
        (
            {"apart": [True, False, False], "excess": [0.1, 0.13, 0.14]},
            (2, "valleys", "groups"),
        ),
        # Valleys within: at least that many, and finer while the halves predict each other.
        (
            {"apart": [False, True, False], "whole": [True, False, True]},
            (4, "silhouette", "groups"),
        ),
        ({"whole": [False, False, False]}, (4, "silhouette", "groups")),
        (
            {"whole": [False, True, True], "prediction_strength": [0.9, 0.7, 0.9]},
            (4, "silhouette", "groups"),
        ),
        # Valleys at a K that does not come back still prove groups.
        (
            {"above": False, "apart": [True, False, False], "stable": [False, True, True]},
            (3, "silhouette", "groups"),
        ),
        # A cloud: the fewest slices that come back as well as any.
        ({"above": False, "min_jaccard": [0.8, 0.93, 0.94]}, (3, "stability", "slices")),
        ({"above": False, "stable": False}, (2, "stability", "one group")),
    ],
)
def test_the_rule(columns: dict[str, object], expected: tuple[int, str, str]) -> None:
    assert choice._recommended(checked(**columns)) == expected


def test_a_stability_in_doubt_is_a_close_call_only_where_it_matters() -> None:
    assert choice._close_calls(checked(doubtful=[True, False, False])) == (3,)
    assert choice._close_calls(checked(doubtful=[False, True, True])) == ()


def test_stability_is_in_doubt_within_two_standard_errors(groups: Tuning) -> None:
    stability = groups.stability.assign(jaccard_se=0.02)
    made = altered(replace(groups, stability=stability), min_jaccard=[0.9, 0.78, 0.76, 0.5, 0, 0])
    evidence = choose_k(made).evidence
    assert evidence["stable"].tolist() == [True, True, True, False, False, False]
    assert evidence["doubtful"].tolist() == [False, True, True, False, False, False]


def test_a_fixed_k_is_judged_beside_what_the_rule_would_take(groups: Tuning) -> None:
    found = judge_k(groups, 6)
    assert (found.k, found.recommended, found.fixed) == (6, 4, True)
    with pytest.raises(ClusteringError, match="covers 2 to 7"):
        judge_k(groups, 9)


def test_another_seed_draws_nothing_else(groups: Tuning) -> None:
    rng = np.random.default_rng(0)
    rows = np.vstack([rng.normal(c, 0.5, (40, 2)) for c in ((0, 0), (5, 0), (0, 5), (9, 9))])
    other = tune(rows, k_max=7, **(SMALL | {"random_state": 77}))  # type: ignore[arg-type]
    one, two = choose_k(groups).evidence, choose_k(other).evidence
    pd.testing.assert_frame_equal(one.iloc[:3], two.iloc[:3])


def test_votes_name_every_criterion_and_its_metric(groups: Tuning) -> None:
    frame = votes(groups)
    assert frame.columns.tolist() == ["criterion", "metric", "k", "reason"]
    assert len(frame) == 8
    # The elbow looks at the curve alone; all others count the groups.
    assert frame.loc[frame["criterion"] != "elbow", "k"].tolist() == [4] * 7
    assert frame["criterion"].tolist() == [
        *("elbow", "silhouette", "silhouette", "Calinski-Harabasz", "Davies-Bouldin"),
        *("gap statistic", "stability", "prediction strength"),
    ]
    assert frame["metric"].tolist()[1:5] == [
        "Euclidean distance",
        "squared Euclidean distance",
        "variance between over variance within",
        "width over Euclidean distance",
    ]


@pytest.mark.parametrize(
    ("gaps", "k", "reason"),
    [
        ([0.9, 0.1, 0.1], 1, "no more clustered than a uniform box"),
        ([0.1, 0.9, 0.1], 2, "smallest K within one standard error of the highest gap"),
        ([0.1, 0.2, 0.9], 3, "still rising at the end of the range"),
    ],
)
def test_the_gap_says_why_it_recommends_its_k(
    groups: Tuning, gaps: list[float], k: int, reason: str
) -> None:
    short = replace(
        groups,
        table=groups.table[groups.table["k"] <= 3],
        gaps=groups.gaps[groups.gaps["k"] <= 3].assign(gap=gaps, gap_se=0.01),
    )
    row = votes(short).set_index("criterion").loc["gap statistic"]
    assert (row["k"], row["reason"]) == (k, reason)


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
