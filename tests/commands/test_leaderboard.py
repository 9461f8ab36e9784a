"""Segmentations of one table are held against each other by what may be compared."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.commands.leaderboard import (
    Entry,
    alike,
    common,
    leaderboard,
    leaders,
    make_leaderboard,
    page,
    read_entry,
    recommendation,
    side_by_side,
    yardsticks,
)
from helpers.errors import RunError

FRAME = pd.DataFrame(
    {
        "spent": [1.0, 1.0, 1.0, 9.0, 9.0, 9.0, 9.0, 1.0],
        "answered": [0, 0, 0, 1, 1, 1, 1, 0],
        "other": [0, 1, 0, 1, 0, 1, 0, 1],
    }
)


def entry(name: str, segments: list[float | None], **changed: object) -> Entry:
    known = pd.Series(segments, dtype="float64")
    first = Entry(
        name=name,
        parameters={"value_column": "spent", "outcomes": ["answered"], "features": ["other"]},
        data="f00",
        sample=False,
        scores={"min_jaccard": 0.9, "seed_ari": 1.0},
        k=int(known.nunique()),
        segments=known,
        features=FRAME,
    )
    return replace(first, **changed)


EXACT = entry("exact", [2, 2, 2, 1, 1, 1, 1, 2], scores={"min_jaccard": 0.8, "seed_ari": 1.0})
CHANCE = entry("chance", [1, 2, 1, 2, 1, 2, 1, None])


def test_each_run_is_judged_over_the_customers_of_all():
    assert common([EXACT, CHANCE]).sum() == 7
    board = leaderboard([EXACT, CHANCE]).set_index("run")
    assert board["customers"].tolist() == [8, 7]
    assert board.loc["exact", "explained_value"] == pytest.approx(1.0)
    assert board.loc["chance", "explained_value"] < 0.3
    assert board.loc["exact", "outcomes"] > 0.8 > board.loc["chance", "outcomes"]
    sizes = np.array([4 / 7, 3 / 7])
    assert board["evenness"].tolist() == pytest.approx([-(sizes * np.log2(sizes)).sum()] * 2)
    assert not any("silhouette" in name or "inertia" in name for name in board)


def test_each_measure_has_its_own_leader():
    said = leaders(leaderboard([EXACT, CHANCE]))
    assert said[0] == "By least Jaccard, chance leads (0.90 against 0.80 for exact)."
    assert said[1] == "By agreement of seeds, chance and exact are level (1.00)."
    assert said[3].startswith("By value explained, exact leads (1.00 against")


def test_agreement_does_not_hang_on_the_numbers():
    renamed = replace(EXACT, name="renamed", segments=EXACT.segments.map({1: 2, 2: 1}))
    pairs = alike([EXACT, renamed, CHANCE])
    assert pairs["agreement"].tolist()[0] == pytest.approx(1.0)
    assert pairs["agreement"].max() == pairs["agreement"].tolist()[0]


def test_a_yardstick_that_one_run_lacks_is_none():
    without = replace(CHANCE, features=FRAME.drop(columns=["spent", "answered"]))
    board = leaderboard([EXACT, without])
    assert board[["explained_value", "outcomes"]].isna().all(axis=None)
    assert len(leaders(board)) == 3


CLIPPED = FRAME.assign(spent=[1.5, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 1.0])


def test_figures_that_one_run_has_clipped_are_taken_as_the_table_has_them():
    treated = {"parameters": CHANCE.parameters | {"outliers": "clip"}, "features": CLIPPED}
    plain = leaderboard([EXACT, CHANCE])
    for entries in ([EXACT, replace(CHANCE, **treated)], [replace(CHANCE, **treated), EXACT]):
        board = leaderboard(entries).set_index("run").loc[["exact", "chance"]].reset_index()
        pd.testing.assert_frame_equal(board, plain)


def test_figures_that_differ_in_all_runs_are_no_yardstick():
    treated = {"parameters": CHANCE.parameters | {"outliers": "clip"}}
    both = [replace(CHANCE, features=CLIPPED, **treated), replace(EXACT, **treated)]
    steps = {"sql_steps": [{"spent": "wine * 2"}]}
    other = replace(CHANCE, features=CLIPPED, parameters=CHANCE.parameters | steps)
    for entries in (both, [EXACT, other]):
        found = yardsticks(entries)
        assert (found.value, found.outcomes, found.apart) == (None, ["answered"], ["spent"])
        assert leaderboard(entries)["explained_value"].isna().all()
        html = page(entries, leaderboard(entries), alike(entries))
        assert "different figures under one name" in html


def test_the_page_says_what_is_true_by_construction():
    own = replace(EXACT, parameters=EXACT.parameters | {"features": ["spent"]})
    html = page([own, CHANCE], leaderboard([own, CHANCE]), alike([own, CHANCE]))
    assert "Clustered by “spent” itself" in html
    assert "by construction: exact." in html
    assert "<script" not in html
    sampled = replace(EXACT, sample=True)
    html = page([sampled, CHANCE], leaderboard([EXACT, CHANCE]), alike([EXACT, CHANCE]))
    assert "synthetic sample" in html


def test_one_is_recommended_and_personas_stand_side_by_side():
    board = leaderboard([EXACT, CHANCE])
    assert recommendation(board).startswith("Take exact: every segment of it comes back")
    weak = board.assign(min_jaccard=[0.7, 0.9])
    assert recommendation(weak).startswith("Take chance: ")
    assert recommendation(weak).endswith("which holds of no other.")
    assert recommendation(board.assign(min_jaccard=0.5)).startswith("Take none of them yet")
    named = replace(EXACT, personas={1: "Loyal", 2: "Rare"})
    beside = side_by_side([named, CHANCE])
    assert beside["exact"].tolist() == ["Loyal (57%)", "Rare (43%)"]
    html = page([named, CHANCE], board, alike([named, CHANCE]))
    assert "Loyal (57%)" in html
    assert "`" not in re.sub(r"<details.*", "", html.split("</style>")[1], flags=re.S)


def test_what_cannot_be_compared_is_refused_and_nothing_is_written(tmp_path: Path):
    with pytest.raises(RunError, match="different tables"):
        common([EXACT, replace(CHANCE, data="other")])
    with pytest.raises(RunError, match="no customer has a segment in all"):
        common([EXACT, replace(CHANCE, segments=pd.Series([None] * 8, dtype="float64"))])
    with pytest.raises(RunError, match="two params files or more"):
        make_leaderboard([tmp_path / "a"], tmp_path / "board")
    with pytest.raises(RunError, match="`reports/a` is no whole run"):
        make_leaderboard([tmp_path / "a", tmp_path / "b"], tmp_path / "board")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_finished_run_is_read(sample_run: Path):
    read = read_entry(sample_run)
    assert read.sample
    assert read.k == read.segments.nunique()
    assert 0 < read.scores["min_jaccard"] <= 1
    assert len(read.features) == len(read.segments)
