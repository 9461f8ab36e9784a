"""The kernel of a chain of notebooks: started ahead of its turn, emptied between notebooks."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from helpers.errors import DiskError
from helpers.pipeline.disk import disk_fault
from helpers.scratch import held_folder
from helpers.workspace import PROGRESS, SCRATCH_VARIABLE

# jsonschema, which nbformat imports, builds a grammar of several seconds for a check of URIs that
# no notebook needs; without the module it leaves the check out.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

ENGINE = "helpers-warm"
START_TIMEOUT = 120
SOCKETS = "segments-nb-"


# What one notebook leaves behind must not be there for the next: its names, open pictures, and the
# count of its cells.
RESET = """
import matplotlib.pyplot as _pyplot
_pyplot.close("all")
get_ipython().reset(new_session=True)
"""


class Kernels:
    """
    One kernel for a chain of notebooks, started at once, so that it imports while others work.

    What all notebooks import is imported once; the engine of papermill that `register` teaches
    empties the kernel before each notebook.

    Parameters
    ----------
    environment : mapping of str to str
        Variables of the kernel.
    cwd : Path
        Where it starts.
    """

    def __init__(self, *, environment: Mapping[str, str], cwd: Path) -> None:
        from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
        from jupyter_client.manager import AsyncKernelManager
        from jupyter_core.utils import run_sync

        class OwnInterpreter(KernelSpecManager):
            """Whatever kernels are installed elsewhere under this name: the one that runs here."""

            def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
                return KernelSpec(
                    argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                    display_name=kernel_name,
                    language="python",
                )

        # Sockets of the file system have short names only.
        try:
            self._sockets, self._held = held_folder(SOCKETS)
        except OSError as error:
            raise _no_room(error) from None
        self.manager: Any = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=OwnInterpreter(),
            transport="ipc",
            ip=str(self._sockets / "k"),
            connection_file=str(self._sockets / "k.json"),
        )
        try:
            run_sync(self.manager.start_kernel)(
                cwd=str(cwd),
                env=os.environ | {SCRATCH_VARIABLE: str(self._sockets)} | dict(environment),
                extra_arguments=[
                    "--IPKernelApp.exec_lines=__import__('helpers.pipeline.warm_up')",
                    # A file called helpers.py where the kernel starts is not the package.
                    "--IPKernelApp.ignore_cwd=True",
                    # Else the cells of every run go into the history in the user's home.
                    "--HistoryManager.enabled=False",
                ],
            )
        except OSError as error:
            shutil.rmtree(self._sockets, ignore_errors=True)
            os.close(self._held)
            raise _no_room(error) from None

    @property
    def progress(self) -> Path:
        """File in which a notebook says how far it is."""
        return self._sockets / PROGRESS

    def close(self) -> None:
        """End the kernel, also one that is at work."""
        from jupyter_core.utils import run_sync

        try:
            run_sync(self.manager.shutdown_kernel)(now=True)
            self.manager.cleanup_connection_file()
        finally:
            shutil.rmtree(self._sockets, ignore_errors=True)
            os.close(self._held)


def _no_room(error: OSError) -> DiskError:
    return disk_fault(
        error, Path(tempfile.gettempdir()), otherwise=", or name another folder as TMPDIR="
    )


@contextmanager
def kernels(*, environment: Mapping[str, str], cwd: Path) -> Iterator[Kernels]:
    """Hold a kernel for a chain of notebooks; it is ended at the end, whatever happens."""
    held = Kernels(environment=environment, cwd=cwd)
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
            with client.setup_kernel():
                asked = client.kc.execute(RESET, silent=True, store_history=False)
                client.wait_for_reply(asked)
                return client.execute()

    papermill_engines.register(ENGINE, WarmEngine)
