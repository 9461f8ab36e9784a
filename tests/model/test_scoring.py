import math
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.errors import RunError, StepError, TableError
from helpers.model import scoring
from helpers.model.fitted import bin_counts, describe, write_model
from helpers.model.scoring import (
    chance_level,
    columns_to_read,
    note,
    score,
    stability_index,
)
from helpers.params.column_types import parse_columns
from helpers.spreadsheets import neutralise
from tests.pipeline.fixtures import TINY, make_run, params_file, tiny_run, write_tiny
from tests.pipeline.fixtures import TINY_PARAMS as PARAMS

CHANGES: list[dict[str, object]] = [
    {},
    {"impossible": "drop"},
    {"impossible": "clip", "outliers": "drop", "fence_reach": 0.1},
    {"nulls": "median"},
    {"repeats": "drop", "clip_quantiles": [0.1, 0.9]},
    {"transforms": {"Größe": "rank", "per order": "log"}},
]


@pytest.mark.parametrize("changed", CHANGES, ids=str)
def test_the_table_of_the_run_gives_its_segments(
    changed: dict[str, object], tmp_path: Path
) -> None:
    table = pd.concat([TINY, TINY.iloc[[0, 3]].assign(**{"kunde nr": [3, 2]})])
    model, segments = make_run(write_tiny(tmp_path, table), PARAMS | changed, k=2)
    found = score(model, tmp_path / "tiny.csv", tmp_path / "scored.csv")
    segments.to_csv(tmp_path / "segments.csv", index=False)
    columns = list(segments.columns)
    written = pd.read_csv(tmp_path / "scored.csv", dtype=str, keep_default_na=False)
    assert list(written.columns) == [*columns, "flag"]
    expected = pd.read_csv(tmp_path / "segments.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(written[columns], expected)
    assert (found.rows, found.scored) == (10, int(segments["segment"].notna().sum()))
    assert found.reasons["n"].sum() == found.rows - found.scored
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        *("scored.csv", "segments.csv", "tiny.csv")
    ]


@pytest.mark.seed_data
def test_the_published_table_byte_for_byte(seed_data: Path, tmp_path: Path) -> None:
    path = seed_data / "customers.csv"
    model, segments = make_run(path, params_file("default.yml"), k=5)
    score(model, path, tmp_path / "scored.csv")
    segments.assign(flag="").to_csv(tmp_path / "segments.csv", index=False)
    written = (tmp_path / "scored.csv").read_text().splitlines()
    expected = (tmp_path / "segments.csv").read_text().splitlines()
    assert [line.rsplit(",", 1)[0] for line in written[1:]] == [line[:-1] for line in expected[1:]]
    assert written[0] == "ID,segment,persona,margin,reason,flag"


@pytest.mark.parametrize(
    "transforms",
    [
        {"Frequency": "log", "Total_Spending": "log"},
        {"Recency": "rank", "Frequency": "rank", "Total_Spending": "log", "Wine_Share": "rank"},
    ],
    ids=["as declared", "ranked"],
)
def test_make_score_transforms_as_the_run_did(
    transforms: dict[str, str],
    make: Callable[..., subprocess.CompletedProcess[str]],
    runs: Path,
    root: Path,
    tmp_path: Path,
) -> None:
    table = root / "data/sample.csv"
    model, segments = make_run(table, params_file("rfm.yml") | {"transforms": transforms}, k=4)
    folder = runs / "test-transforms"
    folder.mkdir(exist_ok=True)
    write_model(folder / "model.json", model)
    done = make("score", RUN=folder.name, DATA=str(table), OUT=str(tmp_path / "scored.csv"))
    assert done.returncode == 0, done.stderr
    segments.to_csv(tmp_path / "segments.csv", index=False)
    written, expected = (
        pd.read_csv(tmp_path / name, dtype=str, keep_default_na=False)
        for name in ("scored.csv", "segments.csv")
    )
    pd.testing.assert_frame_equal(written[list(expected.columns)], expected)
    assert len(written) == 2240


def test_rows_outside_what_the_model_saw_are_flagged(tmp_path: Path) -> None:
    model, _ = tiny_run(tmp_path, features=["Größe", "orders"], sql_steps=[])
    new = pd.DataFrame(
        {
            "kunde nr": [1, 2, 3, 4, 5],
            "Größe": [11.0, 401.0, 9.5, 50.0, None],
            "orders": [2, 21, 1, 0, 1],
            "kind": ["a", "a", "c", None, "d"],
        }
    )
    new.to_parquet(tmp_path / "new.parquet", index=False)
    found = score(model, tmp_path / "new.parquet", tmp_path / "out.csv")
    written = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    assert written["flag"].tolist() == [
        "",
        "`Größe` above 400; far from every centre",
        "`Größe` below 10; far from every centre; `kind` is new: c",
        "`orders` below 1; far from every centre",
        "",
    ]
    assert written["reason"].tolist() == ["", "", "", "", "`Größe` is missing"]
    assert found.flagged == 3
    assert dict(zip(found.flags["flag"], found.flags["n"], strict=True)) == {
        "`Größe` above 400": 1,
        "`Größe` below 10": 1,
        "`orders` below 1": 1,
        "far from every centre": 3,
        "a category that is new": 1,
    }


def test_stability_index_by_hand() -> None:
    assert stability_index([50, 50], [70, 30]) == pytest.approx(
        0.2 * math.log(0.7 / 0.5) - 0.2 * math.log(0.3 / 0.5), abs=1e-15
    )
    # An empty bin counts as half a customer.
    assert stability_index([50, 50], [100, 0]) == pytest.approx(
        (100 / 100.5 - 0.5) * math.log(2 * 100 / 100.5)
        + (0.5 / 100.5 - 0.5) * math.log(2 * 0.5 / 100.5),
        abs=1e-15,
    )


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 999), st.integers(1, 999)), min_size=1, max_size=10))
def test_stability_index_is_symmetric_and_never_negative(pairs: list[tuple[int, int]]) -> None:
    then, now = zip(*pairs, strict=True)
    assert stability_index(then, then) == 0
    assert stability_index(then, now) == pytest.approx(stability_index(now, then), abs=1e-12)
    assert stability_index(then, now) >= 0


def test_the_chance_level_of_large_samples_is_that_of_chi_squared() -> None:
    # scipy.stats.chi2.ppf(0.95, 9) is 16.919, of 1 degree of freedom 3.8415.
    assert chance_level([20_000] * 10, [5_000] * 10, draws=40_000) == pytest.approx(
        16.919 * (1 / 200_000 + 1 / 50_000), rel=0.02
    )
    assert chance_level([70_000, 30_000], [70_000, 30_000], draws=40_000) == pytest.approx(
        3.8415 * 2 / 100_000, rel=0.03
    )


@pytest.mark.parametrize(
    ("then", "now", "level"),
    [
        # The shares of two bins in closed form, 95 % quantiles by scipy 1.17.
        ([5, 5], [5, 5], 0.878889830934),  # betabinom(10, 5, 6); hypergeom gives 0.678
        ([5, 2], [3, 3], 1.383137114740),  # betabinom(6, 5, 3); of (6, 5, 2) it were 0.613
        ([2, 8], [8, 2], 0.677838288310),  # hypergeom(20, 10, 10); betabinom gives 0.416
        ([10, 10], [4, 3], 1.004445521068),  # hypergeom(27, 14, 7); betabinom gives 0.640
    ],
)
def test_the_chance_level_of_small_samples_is_exact(
    then: list[int], now: list[int], level: float
) -> None:
    assert chance_level(then, now) == pytest.approx(level, abs=1e-9)


def test_chance_alone_never_exceeds_its_level_in_more_than_one_case_of_twenty() -> None:
    # All pairs of samples of 12 from two bins, by their probabilities: nothing is drawn here.
    for share in (0.5, 0.2, 0.03):
        weights = [math.comb(12, i) * share**i * (1 - share) ** (12 - i) for i in range(13)]
        exceeded = sum(
            weights[i] * weights[j]
            for i in range(13)
            for j in range(13)
            if stability_index([i, 12 - i], [j, 12 - j])
            > chance_level([i, 12 - i], [j, 12 - j], draws=399) * (1 + 1e-9)
        )
        assert exceeded <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("size", [(50, 50), (100, 100), (200, 200), (1000, 1000), (50, 1000)])
@pytest.mark.parametrize("bins", ["fixed", "deciles", "deciles of few values"])
def test_small_samples_of_one_population_are_within_chance(
    size: tuple[int, int], bins: str
) -> None:
    rng = np.random.default_rng(3)
    exceeded = 0
    for _ in range(600):
        if bins == "fixed":
            then, now = (rng.multinomial(n, [0.1] * 10) for n in size)
        else:
            draw = rng.normal if bins == "deciles" else partial(rng.poisson, 3)
            first, second = (draw(size=n) for n in size)
            edges = describe(first).edges
            then, now = bin_counts(first, edges), bin_counts(second, edges)
        exceeded += stability_index(then, now) > chance_level(then, now, draws=399)
    # At a true 5 % more than 43 of 600 come once in 100 times (scipy.stats.binom).
    assert exceeded <= 43


def test_a_moved_table_is_told_from_the_same_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"a": rng.gamma(2, 10, 3000), "b": rng.normal(5, 1, 3000)})
    table.to_csv(tmp_path / "t.csv", index=False)
    params = PARAMS | {
        "id_column": "",
        "columns": {},
        "sql_steps": [],
        "features": ["a", "b"],
        "value_column": "a",
    }
    model, _ = make_run(tmp_path / "t.csv", params, k=3)
    same = score(model, tmp_path / "t.csv", tmp_path / "same.csv")
    assert same.drift["reading"].tolist() == ["within chance"] * 3
    assert "none to speak of" in note(same)
    table.assign(a=table["a"] * 1.6).to_csv(tmp_path / "moved.csv", index=False)
    moved = score(model, tmp_path / "moved.csv", tmp_path / "out.csv")
    readings = dict(zip(moved.drift["what"], moved.drift["reading"], strict=True))
    assert readings["a"] == "much"
    assert readings["b"] == "within chance"
    said = note(moved)
    index = moved.drift.set_index("what").loc["a", "psi"]
    assert "Think of making the run again" in said
    assert f"\n  a: {index:.3f}, much\n" in said
    assert "  b: " not in said
    written = pd.read_csv(tmp_path / "out.csv")
    assert list(written.columns) == ["row", "segment", "persona", "margin", "reason", "flag"]
    assert written["row"].tolist() == list(range(1, 3001))
    np.testing.assert_allclose(
        moved.shares["now"], [np.mean(written["segment"] == one) for one in (1, 2, 3)]
    )


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_rows_of_a_large_table_stay_in_its_order(kind: str, tmp_path: Path) -> None:
    kinds = list("abcdefghijkl")
    model, _ = tiny_run(tmp_path, features=["Größe", "orders"], sql_steps=[])
    model = replace(model, categories={"kind": tuple(kinds)})
    n = 400_000
    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "kunde nr": rng.permutation(n),
            "Größe": rng.integers(0, 400, n) / 4,
            "orders": rng.integers(0, 30, n),
            "kind": rng.choice([*kinds, "new"], n),
        }
    )
    path = tmp_path / f"new.{kind}"
    table.to_csv(path, index=False) if kind == "csv" else table.to_parquet(path, index=False)
    score(model, path, tmp_path / "out.csv")
    written = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    assert written["kunde nr"].equals(table["kunde nr"])
    assert written["flag"].str.contains("`kind` is new").equals(table["kind"] == "new")


def test_only_what_is_needed_must_be_there(tmp_path: Path) -> None:
    model, _ = tiny_run(tmp_path, features=["Größe", "orders"], sql_steps=[])
    assert list(columns_to_read(model, ["extra", "Größe"])) == [
        *("kunde nr", "Größe", "orders", "extra")
    ]
    write_tiny(tmp_path, TINY.drop(columns=["seit", "member", "kind"]).assign(extra="x"))
    assert score(model, tmp_path / "tiny.csv", tmp_path / "out.csv").scored == 6
    write_tiny(tmp_path, TINY.drop(columns=["orders"]))
    with pytest.raises(TableError, match="has no column `orders`"):
        score(model, tmp_path / "tiny.csv", tmp_path / "out.csv")


BROKEN = [
    ({"Größe": "much"}, "`Größe` holds 'much'"),
    ({"kunde nr": 1}, "the ID column `kunde nr` repeats"),
    ({"seit": "2020-31-31"}, "`seit` holds"),
]


@pytest.mark.parametrize(("columns", "message"), BROKEN)
def test_a_bad_table_leaves_what_was_there(
    columns: dict[str, object], message: str, tmp_path: Path
) -> None:
    model, _ = tiny_run(tmp_path)
    (tmp_path / "out.csv").write_text("kept")
    write_tiny(tmp_path, TINY.assign(**columns))
    with pytest.raises(TableError, match=message):
        score(model, tmp_path / "tiny.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "kept"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.csv", "tiny.csv"]


def test_declared_values_are_checked(tmp_path: Path) -> None:
    columns = PARAMS["columns"] | {"kind": {"type": "category", "values": ["a", "b", "it's"]}}
    model, _ = tiny_run(tmp_path, columns=columns)
    assert score(model, tmp_path / "tiny.csv", tmp_path / "out.csv").rows == 8
    write_tiny(tmp_path, TINY.assign(kind=["a", "b", "c", "a", "a", "c", "b", "a"]))
    with pytest.raises(TableError, match=r"`kind` in `tiny\.csv` holds 'c' in 2 rows"):
        score(model, tmp_path / "tiny.csv", tmp_path / "other.csv")
    assert not (tmp_path / "other.csv").exists()
    columns = PARAMS["columns"] | {"orders": {"type": "integer", "required": True}}
    model = replace(model, columns=parse_columns(columns))
    with pytest.raises(TableError, match=r"`orders` in `tiny\.csv` holds no value in 1 row: exp"):
        score(model, write_tiny(tmp_path), tmp_path / "other.csv")


def test_a_step_that_fails_is_named(tmp_path: Path) -> None:
    model, _ = tiny_run(tmp_path)
    steps = (*model.sql_steps[:2], ("per order", "kind div 2"), model.sql_steps[3])
    model = replace(model, sql_steps=steps)
    with pytest.raises(StepError, match="`per order`"):
        score(model, tmp_path / "tiny.csv", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    model, _ = tiny_run(tmp_path)
    with pytest.raises(RunError, match="is a folder"):
        score(model, tmp_path / "tiny.csv", tmp_path)
    with pytest.raises(RunError, match="cannot be written"):
        score(model, tmp_path / "tiny.csv", tmp_path / "tiny.csv" / "out.csv")


def test_what_a_killed_one_left_is_cleared(tmp_path: Path) -> None:
    model, _ = tiny_run(tmp_path)
    left, other = tmp_path / ".scoring-999999999", tmp_path / f".scoring-{os.getppid()}"
    left.mkdir()
    other.mkdir()
    score(model, tmp_path / "tiny.csv", tmp_path / "out.csv")
    assert not left.exists()
    assert other.exists()


def test_formulas_are_made_harmless(tmp_path: Path) -> None:
    table = TINY.assign(**{"kunde nr": ["=1", "+2", "-a", "@b", "\tc", "'d", '＝e,"f', "g=1"]})
    params = PARAMS | {"personas": []}
    path = write_tiny(tmp_path, table)
    model, _ = make_run(path, params, k=2, personas=["=cmd|' /C calc'!A0", "plain"])
    score(model, path, tmp_path / "out.csv")
    written = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    as_written = neutralise(table[["kunde nr"]])["kunde nr"].tolist()
    assert written["kunde nr"].tolist() == as_written
    assert as_written[:2] == ["'=1", "+2"]
    assert set(written["persona"]) == {"'=cmd|' /C calc'!A0", "plain", ""}


def test_what_became_of_order_lines_is_said() -> None:
    reasons = pd.DataFrame({"reason": ["no customer", "no amount"], "n": [1200, 3]})
    found = SimpleNamespace(rows=1, used=9000, set_aside=1203, as_of="2025-01-01", reasons=reasons)
    assert scoring._said_of_lines(None) == []
    assert scoring._said_of_lines(found) == [  # type: ignore[arg-type]
        "1 order line: 9,000 used, 1,203 set aside; days are counted to 2025-01-01.",
        "  no customer: 1,200",
        "  no amount: 3",
    ]


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        (["much", "some", "within chance"], "much in 1 of 3. Think of making the run again."),
        (["some", "some", "none"], "some in 2 of 3, much in none."),
        (["unknown", "unknown"], "unknown, since no row has a segment."),
        (["none", "unknown"], "none to speak of."),
    ],
)
def test_drift_is_said_by_its_worst_reading(readings: list[str], expected: str) -> None:
    said = scoring._drift_line(pd.DataFrame({"reading": readings}))
    rule = "population stability index, read as some from 0.1 and much from 0.25"
    assert said == f"Drift ({rule}): {expected}"
