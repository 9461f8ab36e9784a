"""A standalone Spark cluster on loopback addresses, started and ended by the tests."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

WAIT = 120


@dataclass
class Cluster:
    """A master and its workers, each a process of its own."""

    folder: Path
    port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def master(self) -> str:
        """What `spark_master` says."""
        return f"spark://127.0.0.1:{self.port}"

    def start(self, name: str, role: str, *arguments: str) -> None:
        """Start a process of the cluster."""
        environment = os.environ | {
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_NO_DAEMONIZE": "1",
            "SPARK_WORKER_DIR": str(self.folder / f"{name}-work"),
            "SPARK_LOCAL_DIRS": str(self.folder / f"{name}-scratch"),
            "PYSPARK_PYTHON": sys.executable,
            # Else a folder of logs appears in the installed package.
            "SPARK_LOG_DIR": str(self.folder / "logs"),
            "SPARK_DAEMON_MEMORY": "512m",
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [_command(), f"org.apache.spark.deploy.{role}", *arguments],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
            )

    def log(self, name: str) -> str:
        """What a process has said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def wait(self, name: str, pattern: str, times: int = 1) -> None:
        """Wait until a process has said something, so many times."""
        ends = time.monotonic() + WAIT
        while len(re.findall(pattern, self.log(name))) < times:
            if time.monotonic() > ends or self.processes[name].poll() is not None:
                raise AssertionError(f"{name} never said {pattern!r}:\n{self.log(name)[-2000:]}")
            time.sleep(0.2)

    def kill(self, name: str) -> None:
        """End a process as a failing machine would, with the executors that it has started."""
        process = self.processes.pop(name)
        for child in _descendants(process.pid):
            _kill(child)
        _kill(process.pid)
        process.wait()


def _command() -> str:
    import pyspark

    return str(Path(pyspark.__file__).parent / "bin" / "spark-class")


def _descendants(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                found += [int(entry.name), *_descendants(int(entry.name))]
    return found


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, 9)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def cluster(folder: Path, *, workers: int = 2) -> Iterator[Cluster]:
    """Hold a master and workers of one core each."""
    made = Cluster(folder, _free_port())
    try:
        made.start(
            "master", "master.Master",
            *("--host", "127.0.0.1", "--port", str(made.port), "--webui-port", str(_free_port())),
        )  # fmt: skip
        made.wait("master", "I have been elected leader|New state: ALIVE")
        for number in range(workers):
            made.start(
                f"worker-{number}", "worker.Worker",
                *("--host", "127.0.0.1", "--cores", "1", "--memory", "1g"),
                *("--webui-port", str(_free_port()), made.master),
            )  # fmt: skip
        made.wait("master", "Registering worker", workers)
        yield made
    finally:
        for name in list(made.processes):
            made.kill(name)
