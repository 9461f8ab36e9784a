"""Tables that do not fit into memory spill into the run's folder, which goes with a killed run."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from helpers.run.placing import Placing
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
