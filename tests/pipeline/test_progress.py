"""How far a notebook is, at the terminal and in the lab."""

import time
from pathlib import Path

import pytest

from helpers.pipeline.progress import followed
from helpers.workspace import FOLDER_VARIABLE, PROGRESS, SCRATCH_VARIABLE, Workspace


def test_what_a_notebook_says_is_told_once_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv(SCRATCH_VARIABLE, str(tmp_path))
    told: list[str] = []
    with (
        followed(tmp_path / PROGRESS, told.append, every=0.01),
        Workspace(tmp_path).progress() as progress,
    ):
        for sentence in ("2 of 11 K searched", "refitting"):
            progress(sentence)
            end = time.monotonic() + 20
            while (not told or told[-1] != sentence) and time.monotonic() < end:
                time.sleep(0.01)
    assert told == ["2 of 11 K searched", "refitting"]
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_that_ends_soon_says_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    with followed(tmp_path / "progress", told.append):
        (tmp_path / "progress").write_text("searching\n", encoding="utf-8")
    assert told == []


def test_in_the_lab_the_last_sentence_stands_below_the_cell_until_the_step_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    cleared: list[bool] = []
    monkeypatch.setattr(
        "IPython.display.clear_output", lambda wait=False: cleared.append(wait), raising=True
    )
    with Workspace(tmp_path).progress() as progress:
        progress("searching")
        progress("refitting")
    assert capsys.readouterr().out.splitlines() == ["searching", "refitting"]
    assert cleared == [True, True, False]
