"""The ladder on groups and slices that are known, and the definition of flexclust."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import entropy

from helpers.selection import ladder
from helpers.selection.ladder import Numbering, nodes_and_links, persistence, reach
from helpers.selection.sweep import Tuning, tune


@pytest.fixture(scope="module")
def tuning() -> Tuning:
    # Two groups near each other, one far away, one long one.
    rng = np.random.default_rng(0)
    rows = np.vstack(
        [
            rng.normal((0, 0), 0.5, (60, 2)),
            rng.normal((5, 0), 0.5, (60, 2)),
            rng.normal((30, 0), 0.5, (60, 2)),
            rng.uniform((8, 20), (22, 21), (90, 2)),
        ]
    )
    return tune(rows, k_max=6, random_state=0, resamples=20, references=2, splits=2)


def numbering(tuning: Tuning, ks: range) -> Numbering:
    return Numbering({k: tuning.fits[k].labels.astype(np.int64) + 1 for k in ks})


def test_a_pair_of_groups_splits_with_a_valley_and_a_long_group_without(tuning: Tuning) -> None:
    steps = ladder.ladder(tuning, numbering(tuning, range(3, 6)), stable_at=0.75)
    assert steps["k"].tolist() == [4, 5]
    assert steps["parent_n"].tolist() == [90, 120]
    assert (steps["first_n"] + steps["second_n"]).tolist() == [90, 120]
    assert steps["valley"].tolist() == [False, True]
    assert steps["moved"].tolist() == pytest.approx([0.0, 0.0])
    assert (steps["first_low"] <= steps["first_jaccard"]).all()


def test_the_ladder_ends_with_the_first_k_that_does_not_come_back(tuning: Tuning) -> None:
    table = tuning.table.assign(min_jaccard=[0.9, 0.9, 0.9, 0.7, 0.9])
    made = Tuning(**(vars(tuning) | {"table": table}))
    assert reach(made, k=3, stable_at=0.75) == range(3, 6)
    assert reach(made, k=6, stable_at=0.75) == range(6, 7)
    steps = ladder.ladder(made, numbering(tuning, range(3, 6)), stable_at=0.75)
    assert steps["stable"].tolist() == [True, False]
    assert ladder.ladder(made, numbering(tuning, range(6, 7)), stable_at=0.75).empty


def test_what_moves_otherwise_is_counted() -> None:
    before = np.repeat([1, 2], [10, 10])
    after = np.repeat([1, 3, 2, 1], [6, 4, 8, 2])
    shared = ladder.flows(Numbering({2: before, 3: after}), 2)
    np.testing.assert_array_equal(shared, [[6, 0, 4], [2, 8, 0]])
    assert ladder._split(shared) == (0, [0, 2])


def test_stability_across_solutions_is_that_of_flexclust() -> None:
    rng = np.random.default_rng(1)
    before, after = rng.integers(1, 5, 400), rng.integers(1, 6, 400)
    found = persistence(Numbering({4: before, 5: after}))
    table = pd.crosstab(before, after).to_numpy()
    # slsaplot: apply(t(t(z) / colSums(z)), 2, entropy) / log(nrow(z))
    expected = 1.0 - entropy(table / table.sum(axis=0), axis=0) / np.log(4)
    np.testing.assert_allclose(found["slsa"], expected, atol=1e-12)
    assert found["n"].tolist() == table.sum(axis=0).tolist()
    assert found["origin"].tolist() == (table.argmax(axis=0) + 1).tolist()


def test_the_picture_is_drawn_from_all_customers(tuning: Tuning) -> None:
    nodes, links = nodes_and_links(tuning, numbering(tuning, range(3, 6)))
    assert nodes.groupby("k")["share"].sum().tolist() == pytest.approx([1.0] * 3)
    assert links.groupby("k")["n"].sum().tolist() == [270, 270]
    alone, none = nodes_and_links(tuning, numbering(tuning, range(3, 4)))
    assert len(alone) == 3
    assert none.empty
