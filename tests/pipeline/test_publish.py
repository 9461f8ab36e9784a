"""A run comes into place whole or not at all."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from helpers.errors import RunError
from helpers.pipeline import publish, signals
from helpers.pipeline.publish import Placing


def make(place: Path, text: str) -> None:
    where = Placing(place)
    with where.locked(), where.aside() as folder:
        (folder / "report.html").write_text(text)


def hidden(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.name.startswith("."))


def test_a_run_is_put_into_place(tmp_path: Path) -> None:
    make(tmp_path / "run", "first")

    assert (tmp_path / "run/report.html").read_text() == "first"
    assert hidden(tmp_path) == []


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_second_run_replaces_the_first_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:
        monkeypatch.setattr(publish, "_exchange", lambda first, second: False)
    make(tmp_path / "run", "first")
    (tmp_path / "run/old.txt").write_text("of the first run")

    make(tmp_path / "run", "second")

    assert [one.name for one in (tmp_path / "run").iterdir()] == ["report.html"]
    assert (tmp_path / "run/report.html").read_text() == "second"
    assert hidden(tmp_path) == []


def test_a_failed_run_leaves_the_last_one_untouched(tmp_path: Path) -> None:
    make(tmp_path / "run", "first")
    where = Placing(tmp_path / "run")

    def fail() -> None:
        with where.locked(), where.aside() as folder:
            (folder / "report.html").write_text("half")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()

    assert (tmp_path / "run/report.html").read_text() == "first"
    assert hidden(tmp_path) == []


def test_kept_files_start_the_new_run(tmp_path: Path) -> None:
    make(tmp_path / "run", "first")
    where = Placing(tmp_path / "run")

    with where.locked(), where.aside(keep=["report.html"]) as folder:
        assert (folder / "report.html").read_text() == "first"


def test_a_run_caught_between_two_renames_comes_back(tmp_path: Path) -> None:
    make(tmp_path / "run", "first")
    (tmp_path / "run").rename(tmp_path / ".run.old")
    (tmp_path / ".run.making").mkdir()

    with Placing(tmp_path / "run").locked():
        assert (tmp_path / "run/report.html").read_text() == "first"
    assert hidden(tmp_path) == []


def _hold(place: Path) -> None:
    where = Placing(place)
    with where.locked(), where.aside() as folder:
        (folder / "report.html").write_text("half")
        (place.parent / "started").touch()
        time.sleep(60)


def test_a_killed_run_blocks_nobody(tmp_path: Path) -> None:
    make(tmp_path / "run", "first")
    process = multiprocessing.get_context("fork").Process(target=_hold, args=(tmp_path / "run",))
    process.start()
    while not (tmp_path / "started").exists():
        time.sleep(0.01)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert (tmp_path / "run/report.html").read_text() == "first"

    make(tmp_path / "run", "second")

    assert (tmp_path / "run/report.html").read_text() == "second"
    assert hidden(tmp_path) == []


def test_two_at_once_wait_for_each_other(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    runs = [
        context.Process(target=make, args=(tmp_path / "run", text * 1000)) for text in "abcdefgh"
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()

    assert [run.exitcode for run in runs] == [0] * len(runs)
    assert len(set((tmp_path / "run/report.html").read_text())) == 1
    assert hidden(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")

    with (
        pytest.raises(RunError, match="`reports/` cannot be written"),
        Placing(tmp_path / "reports" / "run").locked(),
    ):
        pass


def test_nothing_is_put_into_place_after_a_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "run", "whole")
    monkeypatch.setattr(signals, "_came", [signal.SIGTERM])
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "run", "perhaps damaged")
    assert (tmp_path / "run" / "report.html").read_text() == "whole"
