"""Executing one notebook by papermill, and judging whether it really ran to its end."""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers.errors import RunError, SegmentationError
from helpers.pipeline.disk import FULL, disk_fault, full_disk
from helpers.pipeline.jupyter_kernels import ENGINE, Kernels, register
from helpers.pipeline.stages import Stage
from helpers.workspace import ROOT, reports_folder


def execute(stage: Stage, parameters: Mapping[str, Any], *, folder: Path, kernels: Kernels) -> Path:
    """
    Execute one notebook in the folder of a run.

    Parameters
    ----------
    stage : Stage
        Which notebook.
    parameters : mapping
        Values for its `parameters` cell.
    folder : Path
        The run's folder.
    kernels : Kernels
        Where the kernel comes from; its environment names the run's folder.

    Returns
    -------
    Path
        The executed notebook, `notebooks/<name>.ipynb` in the folder.

    Raises
    ------
    RunError
        Saying which cell failed and why; the executed copy is then named
        `notebooks/<name>.failed.ipynb`.
    DiskError
        Where the disk takes no more; there may be no whole copy then.
    """
    register()
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import execute_notebook

    target = folder / "notebooks" / f"{stage.name}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{stage.name}.failed.ipynb")
    try:
        execute_notebook(
            _as_template(stage.path),
            _as_template(unfinished),
            parameters=dict(parameters),
            engine_name=ENGINE,
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            manager=kernels.manager,
        )
    except PapermillExecutionError as error:
        if (full := full_disk(str(error.evalue))) and error.ename not in _own_errors():
            raise disk_fault(full, folder.parent) from None
        raise RunError(_cell_fault(stage.name, unfinished, error)) from None
    except (SegmentationError, KeyboardInterrupt):
        raise
    except DeadKernelError:
        raise RunError(
            f"{stage.name} stopped: its kernel has ended. Where nobody ended it, the memory ran "
            "out: close other programs, or take a smaller table."
        ) from None
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise disk_fault(error, folder.parent) from None
        raise RunError(
            f"{stage.name} could not be executed ({type(error).__name__}: "
            f"{str(error).splitlines()[0] if str(error) else 'no reason given'})."
        ) from error
    require_finished(unfinished)
    _forget_paths(unfinished)
    unfinished.rename(target)
    return target


def _forget_paths(notebook: Path) -> None:
    """Remove from an executed notebook where it was made: papermill's notes, and warnings."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    noted = content["metadata"].get("papermill", {})
    for name in ("input_path", "output_path", "environment_variables"):
        noted.pop(name, None)
    text = json.dumps(content, indent=1, ensure_ascii=False)
    for place in (str(ROOT), str(reports_folder().parent), sys.prefix, str(Path.home())):
        if place != "/":
            text = text.replace(f"{place}/", "")
    notebook.write_text(text + "\n", encoding="utf-8")


def _as_template(path: Path) -> str:
    """Write a path so that papermill, which fills in names in braces, leaves it as it is."""
    return str(path).replace("{", "{{").replace("}", "}}")


def require_finished(notebook: Path) -> None:
    """
    Refuse an executed notebook of which a code cell did not run to its end.

    Papermill calls a notebook finished that left early (`sys.exit(0)`) or was interrupted.

    Parameters
    ----------
    notebook : Path
        An executed notebook.

    Raises
    ------
    RunError
        Naming the first cell that did not run, or whose output is an error.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    name = notebook.name.removesuffix(".ipynb").removesuffix(".failed")
    for position, cell in enumerate(cells, start=1):
        if cell["cell_type"] != "code" or not "".join(cell["source"]).strip():
            continue
        failed = any(output["output_type"] == "error" for output in cell["outputs"])
        if failed or cell["execution_count"] is None:
            raise RunError(
                f"{name} ended early: cell {position} of {len(cells)} "
                + ("failed." if failed else "never ran.")
            )


def _cell_fault(name: str, notebook: Path, error: Any) -> str:
    """Say which cell failed and why in a few lines."""
    evalue = re.sub(r"\x1b\[[0-9;]*m", "", str(error.evalue)).strip()
    if error.ename in _own_errors():
        return evalue
    heading = _section_of(notebook, int(error.cell_index))
    return (
        f"{name}, cell {int(error.cell_index) + 1}{heading}: {error.ename}: "
        f"{evalue.splitlines()[0] if evalue else 'no message'}"
    )


def _section_of(notebook: Path, position: int) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    for cell in reversed(cells[:position]):
        if cell["cell_type"] == "markdown":
            found = re.search(r"^#+ (.+)$", "".join(cell["source"]), flags=re.MULTILINE)
            if found:
                return f' ("{found.group(1)}")'
    return ""


def _own_errors() -> set[str]:
    def names(parent: type[SegmentationError]) -> set[str]:
        own = {parent.__name__}
        return own.union(*(names(child) for child in parent.__subclasses__()))

    return names(SegmentationError)
