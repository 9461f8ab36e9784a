"""Kernels that are started ahead of their turn, so that one imports while another one works."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# jsonschema, which nbformat imports, builds a grammar of several seconds for a check of URIs that
# no notebook needs; without the module it leaves the check out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

ENGINE = "helpers-warm"
START_TIMEOUT = 120


class Kernels:
    """
    One kernel ahead: asking for a kernel starts the next one as well.

    Parameters
    ----------
    count : int
        Number of notebooks that will be executed.
    environment : mapping of str to str
        Variables of the kernels.
    cwd : Path
        Where they start.
    """

    def __init__(self, count: int, *, environment: Mapping[str, str], cwd: Path) -> None:
        self._left = count
        self._environment = dict(environment)
        self._cwd = cwd
        self._waiting: list[Any] = []
        self._started: list[Any] = []
        # Sockets of the file system have short names only.
        self._sockets = Path(tempfile.mkdtemp(prefix="nb-"))
        self._start_one()

    def next(self) -> Any:
        """A started kernel's manager; the one after it is started too."""
        manager = self._waiting.pop(0)
        self._start_one()
        return manager

    def close(self) -> None:
        """End every kernel that was started, also one that is at work."""
        from jupyter_core.utils import run_sync

        for manager in self._started:
            run_sync(manager.shutdown_kernel)(now=True)
            manager.cleanup_connection_file()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _start_one(self) -> None:
        if self._left == 0:
            return
        from jupyter_client.manager import AsyncKernelManager
        from jupyter_core.utils import run_sync

        self._left -= 1
        position = len(self._started)
        manager = AsyncKernelManager(
            kernel_name="python3",
            transport="ipc",
            ip=str(self._sockets / f"k{position}"),
            connection_file=str(self._sockets / f"k{position}.json"),
        )
        run_sync(manager.start_kernel)(
            cwd=str(self._cwd),
            env=os.environ | self._environment,
            extra_arguments=["--IPKernelApp.exec_lines=__import__('helpers.run.warm')"],
        )
        self._started.append(manager)
        self._waiting.append(manager)


@contextmanager
def kernels(count: int, *, environment: Mapping[str, str], cwd: Path) -> Iterator[Kernels]:
    """Hold kernels for `count` notebooks; all are ended at the end, whatever happens."""
    held = Kernels(count, environment=environment, cwd=cwd)
    try:
        yield held
    finally:
        held.close()


def register() -> None:
    """Teach papermill the engine that takes a kernel which is already running."""
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines

    class WarmEngine(NBClientEngine):
        """Papermill's own engine, on a kernel that was started before."""

        @classmethod
        def execute_managed_notebook(
            cls, nb_man: Any, kernel_name: str, *, manager: Any = None, **_: Any
        ) -> Any:
            client = PapermillNotebookClient(
                nb_man, km=manager, timeout=None, startup_timeout=START_TIMEOUT
            )
            return client.execute()

    papermill_engines.register(ENGINE, WarmEngine)
