"""A run is killed at random moments: the last good run stays, and nothing else does."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.run.kernels import SOCKETS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc"),
]

KILLS = int(os.environ.get("KILLS") or 9)
# A whole run is made after every so many kills; after each one the standing run is asked for.
EVERY = int(os.environ.get("RECOVER_EVERY") or 4)
RUN = "test-kills"
# Longer than a run of the cheap settings waits for anything but work.
PATIENCE = 15
CHEAP = {"k_max": "4", "resamples": "4", "references": "3"}
MARK = "SEGMENTS_TEST_KILLS"


def command(folder: Path, settings: str) -> list[str]:
    """A makefile of one rule, as the project's own has it, without the building of .venv."""
    (folder / "Makefile").write_text(f"report:\n\t@{sys.executable} -m helpers report\n")
    return [
        "make", "-f", str(folder / "Makefile"), "report",
        f"PARAMS={folder / settings}", f"DATA={folder / 'small.csv'}", f"RUN={RUN}",
    ]  # fmt: skip


def start(root: Path, folder: Path, settings: str, mark: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command(folder, settings),
        cwd=root,
        env=os.environ | {MARK: mark, "PYTHONPATH": str(root / "src"), "TMPDIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(root: Path, folder: Path, settings: str, mark: str) -> tuple[int, str]:
    process = start(root, folder, settings, mark)
    _, said = process.communicate(timeout=300)
    return process.returncode, said


def marked(mark: str) -> dict[int, str]:
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


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def kill(process: "subprocess.Popen[str]", mark: str, whom: str, how: signal.Signals) -> None:
    if whom == "group":
        os.killpg(process.pid, how)
        return
    if whom == "make":
        os.kill(process.pid, how)
        return
    word = "ipykernel" if whom == "kernel" else "helpers report"
    targets = [
        pid for pid, line in marked(mark).items() if word in line and not line.startswith("make")
    ]
    for pid in targets[:1]:
        os.kill(pid, how)


def wait_until_gone(mark: str) -> dict[int, str]:
    end = time.monotonic() + PATIENCE
    while (left := marked(mark)) and time.monotonic() < end:
        time.sleep(0.05)
    return left


@pytest.fixture(scope="module")
def folder(root: Path, runs: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    lines = (root / "data/sample.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "small.csv").write_text("".join(lines[:301]), encoding="utf-8")
    text = (root / "params/default.yml").read_text(encoding="utf-8").splitlines()
    cheap = [
        f"{name}: {CHEAP[name]}" if (name := line.split(":")[0]) in CHEAP else line for line in text
    ]
    (folder / "first.yml").write_text("\n".join(cheap) + "\n", encoding="utf-8")
    other = [line.replace("seed: 1234", "seed: 4321") for line in cheap]
    assert other != cheap
    (folder / "second.yml").write_text("\n".join(other) + "\n", encoding="utf-8")
    yield folder
    shutil.rmtree(folder)


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


def test_the_last_good_run_outlives_every_kill(root: Path, runs: Path, folder: Path) -> None:
    began = time.monotonic()
    made, said = finish(root, folder, "first.yml", "whole")
    assert made == 0, said
    length = time.monotonic() - began
    place = runs / RUN
    draw = random.Random(8)
    standing, wanted = "first.yml", "second.yml"
    stopped = 0
    for number in range(KILLS):
        whom, how = CASES[number % len(CASES)]
        before = contents(place)
        mark = f"kill-{number}"
        process = start(root, folder, wanted, mark)
        time.sleep(draw.uniform(0.02, 0.95) * length)
        kill(process, mark, whom, how)
        _, said = process.communicate(timeout=300)
        case = f"kill {number}: {how.name} of {whom}: {said[-500:]}"
        assert wait_until_gone(mark) == {}, case
        assert "Traceback" not in said, said
        if contents(place) == before:
            stopped += 1
            end = "stopped"
        else:
            # The kill came too late, or met a kernel at rest: then the new run is whole.
            assert process.returncode == 0, case
            standing, wanted = wanted, standing
            end = "whole"
        # What stands is known as whole, and nothing is in its way.
        again, said = finish(root, folder, standing, f"again-{number}")
        assert (again, said[:19]) == (0, "nothing has changed"), case + said
        assert [one.name for one in runs.iterdir() if one.name.startswith(f".{RUN}")] == [], case
        if number % EVERY == EVERY - 1 or number == KILLS - 1:
            made, said = finish(root, folder, wanted, f"made-{number}")
            assert made == 0, case + said
            assert contents(place).keys() == before.keys(), case
            assert list(folder.glob(f"{SOCKETS}*")) == [], case
            standing, wanted = wanted, standing
            end += ", made"
        print(f"{number}: {how.name} of {whom}: {end}", flush=True)
    assert stopped >= KILLS // 2
