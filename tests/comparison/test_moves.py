"""Segments are paired by overlap, and each move has the cause that its definition gives it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.comparison import moves


def integers(*values: int | None) -> pd.Series:
    return pd.Series(values, dtype="Int64")


def test_segments_are_paired_so_that_most_customers_stay() -> None:
    # Greedy pairing would take 1-1 (3 customers) and be left with 2-2 (0): 3 stay instead of 4.
    old = integers(1, 1, 1, 1, 1, 2, 2)
    new = integers(1, 1, 1, 2, 2, 1, 1)

    assert moves.counterparts(old, new) == {2: 1, 1: 2}


def test_segments_that_share_nobody_are_no_pair() -> None:
    assert moves.counterparts(integers(1, 1, 2), integers(1, 2, 1)) in ({1: 2, 2: 1}, {1: 1})
    assert moves.counterparts(integers(1, None), integers(None, 2)) == {}
    assert moves.counterparts(integers(1, 1), integers(3, 3)) == {3: 1}


@given(st.lists(st.integers(1, 5), min_size=1, max_size=40), st.permutations([1, 2, 3, 4, 5]))
def test_renumbered_segments_are_paired_with_themselves(old: list[int], to: list[int]) -> None:
    new = [to[one - 1] for one in old]

    assert moves.counterparts(integers(*old), integers(*new)) == {
        to[one - 1]: one for one in set(old)
    }


def test_treatments_do_not_make_a_change() -> None:
    old = pd.DataFrame({"x": [1.0, 40.0, 7.0, np.nan], "d": ["a", "b", None, "c"]})
    new = pd.DataFrame({"x": [1.0, 60.0, 9.0, 5.0], "d": ["a", "b", None, "d"]})

    same = moves.same_values(old, new, {"x": (0.0, 40.0)}, {"x": (7.0, 9.0, 5.0)})

    assert same.tolist() == [True, True, True, False]
    assert moves.same_values(old, new, {}, {}).tolist() == [True, False, False, False]


def customers() -> pd.DataFrame:
    rows = [
        # then, now, from, to, before, expected, changed
        ("stays", True, True, 1, 2, 1, 1, False),
        ("behaves", True, True, 1, 1, 1, 2, True),
        ("model", True, True, 1, 1, 1, 1, True),
        ("same columns", True, True, 1, 1, 1, 2, False),
        ("unpaired", True, True, 1, 3, 1, 1, False),
        ("new", False, True, None, 1, None, 1, False),
        ("gone", True, False, 1, None, 1, None, False),
        ("gained", True, True, None, 1, None, 1, True),
        ("lost", True, True, 1, None, 1, None, True),
        ("never", True, True, None, None, None, None, False),
        ("new without", False, True, None, None, None, None, False),
    ]
    names = ["who", "then", "now", "from", "to", "before", "expected", "changed"]
    frame = pd.DataFrame(rows, columns=names).set_index("who")
    return frame.astype(dict.fromkeys(["from", "to", "before", "expected"], "Int64"))


@pytest.mark.parametrize(
    ("k", "settings", "model", "unpaired"),
    [
        ((3, 3), False, moves.FIT, moves.FIT),
        ((3, 3), True, moves.SETTINGS, moves.SETTINGS),
        ((2, 3), False, moves.K, moves.K),
        ((2, 3), True, moves.SETTINGS, moves.K),
    ],
)
def test_each_move_has_its_cause(
    k: tuple[int, int], settings: bool, model: str, unpaired: str
) -> None:
    found = moves.with_causes(customers(), {2: 1, 1: 2}, k=k, settings=settings)["cause"]

    assert found.where(found.notna(), None).to_dict() == {
        "stays": None,
        "behaves": moves.BEHAVIOUR,
        "model": model,
        "same columns": model,
        "unpaired": unpaired,
        "new": moves.NEW,
        "gone": moves.GONE,
        "gained": moves.GAINED,
        "lost": moves.LOST,
        "never": None,
        "new without": None,
    }


def test_the_seed_and_k_are_no_settings_but_the_day_is_one() -> None:
    old = {
        "seed": 1,
        "k": "auto",
        "k_max": 12,
        "title": "x",
        "nulls": "drop",
        "as_of": "2025-01-01",
    }
    new = {"seed": 2, "k": 5, "k_max": 9, "title": "y", "nulls": "drop", "as_of": "2025-02-01"}

    assert moves.differing_settings(old, new) == ["as_of"]
    assert moves.differing_settings(old, old, labels=(False, True)) == ["labels"]
