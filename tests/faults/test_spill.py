"""Tables that do not fit into memory spill into a folder that goes with a killed process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from helpers.pipeline.publish import Placing
from helpers.workspace import FOLDER_VARIABLE
from tests.faults.house import names

# A kernel that is killed while its tables lie on disk.
SPILLING = """
import os, signal
from helpers.engines.local import _close_outside, _open_database
database = _open_database()
_close_outside(database)
database.execute("SET memory_limit = '60MB'")
database.execute("SET threads = 1")
database.execute("CREATE TABLE t AS SELECT hash(range) || repeat('x', 40) AS a FROM range(2000000)")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_that_a_killed_run_has_spilled_is_left(tmp_path: Path) -> None:
    reports, elsewhere = tmp_path / "reports", tmp_path / "elsewhere"
    elsewhere.mkdir()
    killed = Placing(reports / "run")
    killed.making.mkdir(parents=True)

    ended = subprocess.run(
        [sys.executable, "-c", SPILLING],
        cwd=elsewhere,
        env=os.environ | {FOLDER_VARIABLE: str(killed.making), "TMPDIR": str(elsewhere)},
        check=False,
    )

    assert ended.returncode == -signal.SIGKILL
    assert any(one.stat().st_size for one in killed.making.rglob("*.tmp"))
    assert names(elsewhere) == set()
    with Placing(reports / "run").locked():
        assert {one for one in names(reports) if "making" in one} == set()
    assert names(reports) == set()


def test_what_a_killed_command_has_spilled_goes_with_the_next(tmp_path: Path) -> None:
    outside = {name: value for name, value in os.environ.items() if name != FOLDER_VARIABLE}

    def run(code: str) -> int:
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=outside | {"TMPDIR": str(tmp_path)},
            check=False,
        ).returncode

    assert run(SPILLING) == -signal.SIGKILL
    assert any(one.stat().st_size for one in tmp_path.rglob("*.tmp"))
    assert run("from helpers.engines.local import _open_database; _open_database()") == 0
    assert names(tmp_path) == set()


def test_two_commands_at_once_do_not_spill_into_one_folder(tmp_path: Path) -> None:
    asked = [
        sys.executable,
        "-c",
        "from helpers.workspace import spill_folder as f; print(f()); input()",
    ]
    outside = {name: value for name, value in os.environ.items() if name != FOLDER_VARIABLE}
    both = [
        subprocess.Popen(
            asked,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=outside | {"TMPDIR": str(tmp_path)},
        )
        for _ in range(2)
    ]
    folders = [one.stdout.readline() for one in both if one.stdout]
    held = names(tmp_path)
    for one in both:
        one.communicate("\n")

    assert len(set(folders)) == len(held) == 2
    assert names(tmp_path) == set()
