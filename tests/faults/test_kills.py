"""
A run is killed at random moments: the last good run stays, and nothing else does.

A kill counts only where it hit a living process and the run came to nothing by it. Where the run
had ended already, or went on all the same, the new run must be whole, and another moment is drawn.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from helpers.workspace import REPORTS_VARIABLE
from tests.faults.house import contents, names, results, write_inputs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc"),
]

KILLS = int(os.environ.get("KILLS") or 9)
# A whole run is made after every so many kills; after each one the standing run is asked for.
EVERY = int(os.environ.get("RECOVER_EVERY") or 4)
SEED = int(os.environ.get("KILLS_SEED") or 8)
RUN = "test-kills"
# Longer than a run of the cheap settings waits for anything but work.
PATIENCE = 15
# Moments drawn for one kill before the test gives up finding one that stops the run.
DRAWS = 10
MARK = "SEGMENTS_TEST_KILLS"

CASES = (
    ("group", signal.SIGINT),
    ("make", signal.SIGTERM),
    ("make", signal.SIGKILL),
    ("runner", signal.SIGINT),
    ("runner", signal.SIGTERM),
    ("runner", signal.SIGKILL),
    ("kernel", signal.SIGINT),
    ("kernel", signal.SIGTERM),
    ("kernel", signal.SIGKILL),
)


def command(folder: Path, settings: str) -> list[str]:
    """A makefile of one rule, as the project's own has it, without the building of .venv."""
    (folder / "Makefile").write_text(f"report:\n\t@{sys.executable} -m helpers report\n")
    return [
        "make", "-f", str(folder / "Makefile"), "report",
        f"PARAMS={folder / settings}", f"DATA={folder / 'small.csv'}", f"RUN={RUN}",
    ]  # fmt: skip


def living(mark: str) -> dict[int, str]:
    """Living processes of one run: process id to command line."""
    found = {}
    for one in Path("/proc").iterdir():
        if not one.name.isdigit():
            continue
        try:
            if f"{MARK}={mark}".encode() in (one / "environ").read_bytes().split(b"\0"):
                found[int(one.name)] = (one / "cmdline").read_bytes().decode().replace("\0", " ")
        except OSError:
            continue
    return found


def of_role(processes: dict[int, str], whom: str) -> list[int]:
    """Which processes of a run are its make, its runner or its kernel."""
    word = {"make": "make -f", "runner": "-m helpers report", "kernel": "ipykernel"}[whom]
    return [
        pid
        for pid, line in processes.items()
        if word in line and line.startswith("make") == (whom == "make")
    ]


@dataclass
class House:
    """The checkout, and the folder that holds inputs and temporary files of the runs."""

    root: Path
    folder: Path
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    expected: dict[str, dict[str, bytes]] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)

    @property
    def place(self) -> Path:
        return self.reports / RUN

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    def marked(self, mark: str) -> str:
        """Of this test alone, whatever else runs on the machine."""
        return f"{self.folder.name}-{mark}"

    def start(self, settings: str, mark: str) -> "subprocess.Popen[str]":
        runtime = {"TMPDIR": self.folder, "JUPYTER_RUNTIME_DIR": self.folder / "runtime"}
        return subprocess.Popen(
            command(self.folder, settings),
            cwd=self.root,
            env=os.environ
            | {MARK: self.marked(mark), "PYTHONPATH": str(self.root / "src")}
            | {REPORTS_VARIABLE: str(self.reports)}
            | {name: str(path) for name, path in runtime.items()},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell's background job ignores it, and hands that on.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def make(self, settings: str, mark: str) -> str:
        process = self.start(settings, mark)
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        return said

    def measure(self, settings: str) -> None:
        """See when each process of a run is alive, in seconds from its start."""
        process = self.start(settings, "measured")
        began = time.monotonic()
        while process.poll() is None:
            alive, now = living(self.marked("measured")), time.monotonic() - began
            for whom in ("make", "runner", "kernel"):
                if of_role(alive, whom):
                    self.spans[whom] = (self.spans.get(whom, (now, now))[0], now)
            time.sleep(0.05)
        assert process.returncode == 0, process.communicate()
        self.spans["group"] = self.spans["make"]

    def left(self) -> dict[str, set[str]]:
        """Names of what lies where runs leave something, but what was given to them."""
        runtime = self.folder / "runtime"
        temporary = {one.name for one in runtime.iterdir()} if runtime.is_dir() else set()
        return {
            "temporary": (names(self.folder) - self.given) | temporary,
            "checkout": names(self.root),
            "reports": names(self.reports),
        }


@pytest.fixture
def house(root: Path) -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    write_inputs(root, folder)
    (folder / "reports").mkdir()
    given = {*names(folder), "Makefile", "runtime"}
    yield House(root, folder, given=given)
    shutil.rmtree(folder)


def kill(process: "subprocess.Popen[str]", mark: str, whom: str, how: signal.Signals) -> bool:
    """Send a signal; False where nobody was there to get it."""
    if process.poll() is not None:
        return False
    try:
        if whom == "group":
            os.killpg(process.pid, how)
            return True
        targets = of_role(living(mark), whom)
        for pid in targets[:1]:
            os.kill(pid, how)
    except ProcessLookupError:
        return False
    return bool(targets)


def wait_until_gone(mark: str) -> dict[int, str]:
    end = time.monotonic() + PATIENCE
    while (left := living(mark)) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def test_a_kill_that_meets_nobody_is_no_hit() -> None:
    ended = subprocess.Popen(["true"], text=True, start_new_session=True)
    ended.wait()
    asleep = subprocess.Popen(["sleep", "30"], text=True, start_new_session=True)
    try:
        assert not kill(ended, "nobody", "group", signal.SIGKILL)
        assert not kill(asleep, "nobody", "kernel", signal.SIGKILL)
        assert kill(asleep, "nobody", "group", signal.SIGKILL)
    finally:
        asleep.kill()
        asleep.wait()


def test_what_outlives_its_run_is_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "PATIENCE", 0.2)
    clean = house.left()
    mark = house.marked("orphan")
    orphan = subprocess.Popen(["sleep", "30"], env=os.environ | {MARK: mark})
    leftover = house.folder / "segments-nb-left"
    leftover.mkdir()
    try:
        assert wait_until_gone(mark).keys() == {orphan.pid}
        assert house.left()["temporary"] == {leftover.name}
    finally:
        orphan.kill()
        orphan.wait()
        leftover.rmdir()
    assert wait_until_gone(mark) == {}
    assert house.left() == clean


def test_the_last_good_run_outlives_every_kill(house: House) -> None:
    place = house.place
    house.make("first.yml", "warm")
    house.measure("second.yml")
    house.expected["second.yml"] = results(contents(place))
    house.make("first.yml", "whole")
    house.expected["first.yml"] = results(contents(place))
    assert house.expected["first.yml"] != house.expected["second.yml"]
    whole = house.left()
    assert whole["temporary"] == set()
    draw = random.Random(SEED)
    standing, wanted = "first.yml", "second.yml"
    failed: set[str] = set()
    counts: Counter[str] = Counter()
    for number in range(KILLS):
        whom, how = CASES[number % len(CASES)]
        first, last = house.spans[whom]
        for attempt in range(DRAWS):
            before = contents(place)
            mark = f"kill-{number}-{attempt}"
            moment = draw.uniform(max(first, 0.02), last)
            process = house.start(wanted, mark)
            time.sleep(moment)
            hit = kill(process, house.marked(mark), whom, how)
            _, said = process.communicate(timeout=300)
            case = f"kill {number}: {how.name} of {whom} at {moment:.2f} s: {said[-500:]}"
            orphans = wait_until_gone(house.marked(mark))
            assert orphans == {}, case
            assert "Traceback" not in said, case
            after = contents(place)
            if after != before:
                # It came too late, or met a kernel at rest: then the new run is whole.
                assert results(after) == house.expected[wanted], case
                standing, wanted = wanted, standing
            else:
                assert process.returncode != 0, case
            counts["redrawn"] += not hit or after != before
            if hit and after == before:
                break
        else:
            pytest.fail(f"no moment of {DRAWS} stopped the run: {how.name} of {whom}")
        assert hit, case
        assert after == before, case
        counts["stopped"] += 1
        counts[f"{how.name} of {whom}"] += 1
        # What stands is known as whole, and nothing is in its way.
        assert house.make(standing, f"again-{number}").startswith("nothing has changed"), case
        left = house.left()
        # The notebook of a run whose kernel was killed stays to be read until the next whole run.
        failed |= {f"{RUN}.failed"} if whom == "kernel" else set()
        assert left["reports"] <= whole["reports"] | failed, case
        assert left["reports"] >= whole["reports"], case
        assert left["checkout"] == whole["checkout"], case
        if number % EVERY == EVERY - 1 or number == KILLS - 1:
            house.make(wanted, f"made-{number}")
            assert results(contents(place)) == house.expected[wanted], case
            assert house.left() == whole, case
            failed = set()
            standing, wanted = wanted, standing
            counts["recovered"] += 1
        print(f"{number}: {how.name} of {whom} at {moment:.2f} s: {dict(counts)}", flush=True)
    assert counts["stopped"] == KILLS
    length = house.spans["make"][1]
    print(f"{KILLS} kills over a run of {length:.1f} s: {dict(counts)}")
