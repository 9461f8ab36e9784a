"""The bench of the engines counts the memory of all that a command has started."""

import subprocess
import sys
import time

from maintenance.bench_engines import held_by

HOLDS = "import sys; held = bytearray(120 << 20); print('there', flush=True); sys.stdin.read()"


def test_memory_of_children_counts():
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLDS!r}])"
    process = subprocess.Popen(
        [sys.executable, "-c", nested], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1)
        assert 120 / 1024 < held_by(process.pid) < 1
    finally:
        process.communicate(b"")
    assert held_by(process.pid) == 0
