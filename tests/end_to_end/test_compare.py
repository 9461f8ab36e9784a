"""`make compare` on runs that `make report` has made: the same, reseeded, and a month later."""

import subprocess
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Make

pytestmark = pytest.mark.slow

EACH = 30


def listed(runs: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(runs / name / "moves.csv")


def made(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr


def test_a_run_and_itself_show_no_move_and_a_reseeded_one_no_behaviour(
    sample_run: Path, make: Make, runs: Path, root: Path, tmp_path: Path
) -> None:
    text = (root / "params/default.yml").read_text(encoding="utf-8")
    (tmp_path / "seed.yml").write_text(text.replace("seed: 1234", "seed: 77"), encoding="utf-8")
    made(make(RUN="test-reseeded", PARAMS=str(tmp_path / "seed.yml")))

    made(make("compare", FROM=sample_run.name, TO=sample_run.name))
    made(make("compare", FROM=sample_run.name, TO="test-reseeded"))

    assert listed(runs, "test-sample-to-test-sample").empty
    moved = listed(runs, "test-sample-to-test-reseeded")
    assert (moved["cause"] == "behaviour").sum() == 0


def test_planted_movers_of_the_next_month_are_all_behaviour(
    sample_run: Path, make: Make, runs: Path, root: Path, tmp_path: Path
) -> None:
    table = pd.read_csv(root / "data/sample.csv", dtype=str, keep_default_na=False)
    segments = pd.read_csv(sample_run / "segments.csv")
    clear = segments.sort_values("margin", ascending=False)
    from_first = clear.index[clear["segment"] == 1][:EACH]
    from_last = clear.index[clear["segment"] == clear["segment"].max()][:EACH]
    others = [name for name in table.columns if name != "ID"]
    later = table.copy()
    later.loc[from_first, others] = table.loc[from_last, others].to_numpy()
    later.loc[from_last, others] = table.loc[from_first, others].to_numpy()
    later.to_csv(tmp_path / "later.csv", index=False)
    made(make(RUN="test-later", DATA=str(tmp_path / "later.csv")))

    made(make("compare", FROM=sample_run.name, TO="test-later"))

    moved = listed(runs, "test-sample-to-test-later")
    planted = set(segments.loc[[*from_first, *from_last], "ID"])
    assert len(planted) == 2 * EACH
    assert set(moved.loc[moved["cause"] == "behaviour", "ID"]) == planted


def test_a_run_that_is_not_there_is_said(make: Make, runs: Path) -> None:
    failed = make("compare", FROM="nowhere", TO="nowhere")

    assert failed.returncode == 2
    assert failed.stderr.startswith("\ncompare: FROM=nowhere: `reports/nowhere` is not there.")
    assert "Traceback" not in failed.stderr
    assert [one.name for one in runs.iterdir() if "nowhere" in one.name] == []
