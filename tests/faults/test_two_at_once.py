"""Two at work in one checkout: each says what it does, and every result is whole."""

import json
import multiprocessing
import re
import time
from pathlib import Path

import pytest

from helpers.pipeline.publish import Placing, standing
from tests.faults.house import Checkout, contents, make_checkout, names, results

WAITING = "another `make report` of this run is at work: waiting for it"


@pytest.fixture(scope="module")
def checkout(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return make_checkout(root, tmp_path_factory.mktemp("two"))


@pytest.mark.slow
def test_runs_and_readers_at_once(checkout: Checkout) -> None:
    """The same run twice, another beside them, and who reads a run while it is replaced."""
    both = [checkout.start(RUN="same"), checkout.start(RUN="same"), checkout.start(RUN="other")]
    said = [one.communicate(timeout=300)[0] for one in both]
    assert [one.returncode for one in both] == [0, 0, 0], said
    waited = next(one for one in said[:2] if WAITING in one)
    made = next(one for one in said[:2] if WAITING not in one)
    assert waited.endswith("nothing has changed: reports/same/report.html\n")
    assert "running" not in waited
    assert "reports/same/report.html" in made
    assert "running" in said[2]
    assert WAITING not in said[2]
    first = results(contents(checkout.reports / "same"))
    assert first == results(contents(checkout.reports / "other"))
    assert names(checkout.reports) == {"same", "other"}

    again = checkout.start(RUN="same", PARAMS="personas-only.yml")
    read = 0
    while again.poll() is None:
        code, text = checkout.run("compare", FROM="same", TO="other")
        assert code == 0, text
        code, text = checkout.run("score", RUN="same", OUT=str(checkout.inputs / "tmp/out.csv"))
        assert code == 0, text
        read += 1
    text, _ = again.communicate(timeout=300)
    assert again.returncode == 0, text
    assert read
    assert names(checkout.reports) == {"same", "other", "same-to-other"}
    assert checkout.temporary() == {"out.csv"}
    assert re.search(r"03_profiles +done", text)


PARTS = ("manifest.json", "model.json", "segments.csv")


def _replace(place: Path, times: int) -> None:
    for number in range(times):
        where = Placing(place)
        with where.locked(), where.aside() as folder:
            for part in PARTS:
                (folder / part).write_text(str(number))


def test_who_reads_a_run_never_meets_two(tmp_path: Path) -> None:
    place = tmp_path / "run"
    _replace(place, 1)
    writer = multiprocessing.get_context("fork").Process(target=_replace, args=(place, 400))
    writer.start()
    seen = []
    while writer.is_alive():
        with standing(place):
            parts = []
            for part in PARTS:
                parts.append((place / part).read_text())
                time.sleep(0.001)
        assert len(set(parts)) == 1
        seen.append(parts[0])
    writer.join()
    assert writer.exitcode == 0
    assert len(set(seen)) > 5
    assert names(tmp_path) == {"run"}


def test_to_read_what_is_not_there_waits_for_nobody(tmp_path: Path) -> None:
    with standing(tmp_path / "nowhere") as place:
        assert not place.exists()


@pytest.mark.slow
def test_a_notebook_that_leaves_early_replaces_nothing(checkout: Checkout) -> None:
    notebook = checkout.root / "notebooks/01_features.ipynb"
    text = notebook.read_text(encoding="utf-8")
    place = checkout.reports / "early"
    place.mkdir()
    (place / "report.html").write_text("the last good one")
    before = contents(place)
    changed = json.loads(text)
    code_cells = [one for one in changed["cells"] if one["cell_type"] == "code"]
    code_cells[2]["source"] = ["import sys\n", "sys.exit(0)\n"]
    notebook.write_text(json.dumps(changed), encoding="utf-8")
    try:
        code, said = checkout.run(RUN="early")
    finally:
        notebook.write_text(text, encoding="utf-8")

    assert code == 2
    assert "01_features ended early: cell" in said
    assert "Traceback" not in said
    assert contents(place) == before
    assert {"early", "early.failed"} == {one for one in names(checkout.reports) if "early" in one}
