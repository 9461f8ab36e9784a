"""Tables without groups: what they keep, and what stands out against them."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from helpers.kmeans.search import fit_range
from helpers.selection.null_model import (
    copula_draw,
    copula_loadings,
    excess_threshold,
    null_silhouettes,
)
from helpers.selection.scores import score_table


def excess(rows: np.ndarray, k: int) -> tuple[float, float]:
    scores = score_table(rows, fit_range(rows, [k], random_state=0))
    found = null_silhouettes(rows, {k: float(scores["silhouette_squared"][0])}).iloc[0]
    return found["excess"], found["threshold"]


def test_a_draw_keeps_columns_and_correlations() -> None:
    rng = np.random.default_rng(0)
    common = rng.standard_normal((2000, 1))
    rows = np.exp(common + 0.7 * rng.standard_normal((2000, 3)))
    rows[:, 2] = -rows[:, 2]
    drawn = copula_draw(np.sort(rows, axis=0), copula_loadings(rows), rng)
    np.testing.assert_array_equal(np.sort(drawn, axis=0), np.sort(rows, axis=0))
    np.testing.assert_allclose(spearmanr(drawn)[0], spearmanr(rows)[0], atol=0.05)


def test_correlated_and_skewed_clouds_do_not_stand_out_and_groups_do() -> None:
    rng = np.random.default_rng(1)
    spends = np.exp(0.9 * rng.standard_normal((600, 1)) + 0.6 * rng.standard_normal((600, 5)))
    spends = (spends - spends.mean(axis=0)) / spends.std(axis=0)
    found, asked = excess(spends, 2)
    assert found < asked
    groups = np.vstack([rng.normal(c, 1.0, (100, 2)) for c in ((0, 0), (6, 0), (3, 6))])
    found, asked = excess(groups, 3)
    assert found > asked


def test_a_single_column_is_its_own_null() -> None:
    rows = np.random.default_rng(2).standard_normal((200, 1))
    found, _ = excess(rows, 3)
    assert found == pytest.approx(0.0, abs=0.01)


def test_the_threshold_is_three_prediction_errors() -> None:
    assert excess_threshold(0.04, 24) == pytest.approx(3 * 0.04 * np.sqrt(25 / 24))
    assert excess_threshold(0.001, 24) == 0.05


def test_the_order_of_the_rows_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((150, 3))
    one = null_silhouettes(rows, {2: 0.4, 3: 0.4}, tables=3, most=3)
    two = null_silhouettes(rows[rng.permutation(150)], {2: 0.4, 3: 0.4}, tables=3, most=3)
    np.testing.assert_allclose(one.to_numpy(float), two.to_numpy(float), rtol=1e-9)
