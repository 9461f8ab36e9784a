"""The gap statistic against its definition and its rule."""

import numpy as np
import pandas as pd
import pytest

from helpers.kmeans.search import fit_range
from helpers.selection import gap
from helpers.selection.gap import gap_statistic, inertias, preferred


def test_groups_are_counted_and_a_uniform_table_has_one() -> None:
    rng = np.random.default_rng(0)
    three = np.vstack([rng.normal(c, 0.3, (40, 2)) for c in ((0, 0), (5, 0), (0, 5))])
    assert preferred(gap_statistic(three, range(2, 7), random_state=0)) == 3
    assert preferred(gap_statistic(rng.random((150, 2)), range(2, 5), random_state=0)) == 1


def test_log_inertia_and_error_follow_the_paper() -> None:
    rows = np.random.default_rng(1).standard_normal((80, 2))
    frame = gap_statistic(rows, [2, 3], random_state=0, references=5)
    best = fit_range(rows, [1, 2, 3], random_state=0)
    np.testing.assert_allclose(
        frame["log_inertia"], [np.log(best[k].inertia) for k in (1, 2, 3)], atol=2e-3
    )
    assert (frame["references"] >= 5).all()
    assert (frame["gap_se"] > 0).all()
    # At K = 1 the references are boxes: their inertia is known.
    axes = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2]
    sides = np.ptp((rows - rows.mean(axis=0)) @ axes.T, axis=0)
    expected = np.log(80 * (sides**2 / 12).sum()) - np.log(best[1].inertia)
    assert frame["gap"][0] == pytest.approx(expected, abs=0.1)


def test_the_rule_looks_at_the_whole_curve() -> None:
    frame = pd.DataFrame({"k": [1, 2, 3, 4], "gap": [0.4, 0.3, 0.85, 0.9], "gap_se": [0.06] * 4})
    assert preferred(frame) == 3
    assert preferred(frame.assign(gap_se=0.01)) == 4
    assert preferred(frame.assign(gap=[0.9, 0.3, 0.85, 0.9], gap_se=0.01)) == 1
    assert preferred(frame.assign(gap=np.nan)) is None


def test_seven_tight_groups_are_counted_although_the_curve_dips() -> None:
    rng = np.random.default_rng(3)
    centres = 20 * np.array([(0, 0), (1, 0), (0, 1), (9, 9), (9, 10), (10, 9), (10, 10)])
    frame = gap_statistic(
        np.vstack([rng.normal(c, 1.0, (40, 2)) for c in centres]), range(2, 10), random_state=0
    )
    assert preferred(frame) == 7


def test_references_are_added_until_the_choice_is_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(5).standard_normal((60, 2))
    options = {"random_state": 0, "references": 4}
    monkeypatch.setattr(gap, "threads", lambda: 1)
    monkeypatch.setattr(gap, "fit_afresh", lambda *_, **__: {})
    # Every reference says the same: the first batch is enough.
    monkeypatch.setattr(gap, "inertias", lambda *_: {1: 9.0, 2: 3.0})
    assert gap_statistic(rows, [2], **options)["references"].tolist() == [4, 4]
    # The gap of K = 2 is one standard error above that of K = 1: no batch makes it sure.
    logs = iter([0.0, *([0.06, 2.06] * 50)])
    monkeypatch.setattr(gap, "inertias", lambda *_: {1: 1.0, 2: np.exp(next(logs))})
    assert gap_statistic(rows, [2], **options)["references"].tolist() == [100, 100]


def test_inertias_by_hand() -> None:
    rows = np.array([[0.0], [2.0], [10.0]])
    assert inertias(rows, {2: np.array([[1.0], [10.0]])}) == {2: 2.0}


def test_gap_and_standard_error_are_those_of_the_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    # Log inertia of the table, then of three references.
    logs = iter([5.0, 6.0, 7.0, 8.0])
    monkeypatch.setattr(gap, "threads", lambda: 1)
    monkeypatch.setattr(gap, "fit_afresh", lambda *_, **__: {})
    monkeypatch.setattr(gap, "inertias", lambda *_: {1: np.exp(next(logs))})
    rows = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0]])
    found = gap.gap_statistic(rows, [1], random_state=0, references=3).iloc[0]
    assert found["gap"] == pytest.approx(7.0 - 5.0)
    assert found["gap_se"] == pytest.approx(np.sqrt(2 / 3) * np.sqrt(1 + 1 / 3))


def test_every_reference_is_a_new_uniform_table_in_the_box(monkeypatch: pytest.MonkeyPatch) -> None:
    tables: list[np.ndarray] = []

    def keep(rows: np.ndarray, _: object) -> dict[int, float]:
        tables.append(rows)
        return {1: 1.0}

    monkeypatch.setattr(gap, "threads", lambda: 1)
    monkeypatch.setattr(gap, "fit_afresh", lambda *_, **__: {})
    monkeypatch.setattr(gap, "inertias", keep)
    rows = np.random.default_rng(1).standard_normal((50, 2)) * [9.0, 1.0]
    gap_statistic(rows, [1], random_state=0, references=3)
    own, *references = tables
    assert sorted(own[:, 0]) == sorted(rows[:, 0])
    middle, (_, _, axes) = rows.mean(axis=0), np.linalg.svd(rows - rows.mean(axis=0))
    low, high = ((rows - middle) @ axes.T).min(axis=0), ((rows - middle) @ axes.T).max(axis=0)
    for one in references:
        turned = one @ axes.T
        assert (turned >= low - 1e-9).all()
        assert (turned <= high + 1e-9).all()
        assert not np.isin(one[:, 0], rows[:, 0]).any()
    assert len(references) == 3
    assert not np.allclose(references[0], references[1])
