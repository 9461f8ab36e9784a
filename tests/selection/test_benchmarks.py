"""The rule for K on labelled tables and on tables without groups; the real table on many seeds."""

from pathlib import Path

import numpy as np
import pytest

from helpers.selection.choice import choose_k
from helpers.selection.sweep import Tuning, tune
from tests.kmeans.test_search import real
from tests.selection.benchmarks import BENCHMARKS, scaled

COMPACT = [
    "iris",
    "wine",
    "breast cancer",
    "s1",
    "s4",
    "unbalance",
    "sizes",
    "square",
    "dim8",
    "ellipsoids10",
    "hepta",
    "tetra",
    "diamonds",
    "wingnut",
    "nested",
    "coarse6",
    "three",
]


def swept(rows: np.ndarray, *, k_max: int, seed: int = 1, resamples: int = 30) -> Tuning:
    return tune(rows, k_max=k_max, random_state=seed, resamples=resamples, references=2, splits=2)


@pytest.mark.slow
def test_the_rule_finds_the_labelled_k_more_often_than_the_highest_silhouette() -> None:
    rule, silhouette = {}, {}
    for name in COMPACT:
        rows, k = BENCHMARKS[name]()
        rows = scaled(np.clip(rows, *np.quantile(rows, [0.005, 0.995], axis=0)))
        tuning = swept(rows, k_max=12 if k < 10 else k + 3)
        highest = tuning.table["silhouette_euclidean"].to_numpy().argmax()
        rule[name] = choose_k(tuning).k == k
        silhouette[name] = tuning.table["k"].tolist()[highest] == k
    assert rule["wine"]
    assert sum(rule.values()) >= 14, rule
    assert sum(rule.values()) >= sum(silhouette.values()) + 2, silhouette


@pytest.mark.slow
@pytest.mark.seed_data
@pytest.mark.parametrize("clipped", [False, True])
def test_the_real_table_has_one_k_for_twenty_seeds_and_five_orders(
    seed_data: Path, clipped: bool
) -> None:
    rows = real(seed_data, clipped=clipped)
    chosen = set()
    for seed in range(20):
        random = np.random.default_rng(seed)
        order = random.permutation(len(rows)) if seed < 5 else np.arange(len(rows))
        choice = choose_k(swept(rows[order], k_max=7, seed=seed, resamples=50))
        chosen.add((choice.k, choice.structure))
    assert chosen == {(3, "weak")}


@pytest.mark.slow
@pytest.mark.seed_data
def test_shuffled_columns_of_the_real_table_have_no_structure(seed_data: Path) -> None:
    rows = real(seed_data, clipped=True)
    for seed in range(3):
        shuffled = np.random.default_rng(seed).permuted(rows, axis=0)
        assert choose_k(swept(shuffled, k_max=7, seed=seed)).structure == "none"
