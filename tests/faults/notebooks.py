"""The three notebooks in this process, without kernels: quick, and a fault keeps its traceback."""

import io
import json
import os
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from helpers.pipeline.stages import Stage, stages
from helpers.workspace import FOLDER_VARIABLE


def run_notebooks(values: Mapping[str, Any], data: Path, folder: Path) -> None:
    """
    Run the code of the notebooks one after the other on a table, as the chain would.

    Parameters
    ----------
    values : mapping
        Every parameter.
    data : Path
        The table.
    folder : Path
        Where the results go.

    Raises
    ------
    Exception
        Whatever a cell raises.
    """
    import matplotlib.pyplot as plt

    os.environ[FOLDER_VARIABLE] = str(folder)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            for stage in stages():
                _run(stage, {**values, "data": str(data), "labels": ""})
                plt.close("all")
    finally:
        del os.environ[FOLDER_VARIABLE]


def _run(stage: Stage, values: Mapping[str, Any]) -> None:
    names: dict[str, Any] = stage.parameters(values)
    for cell in json.loads(stage.path.read_text(encoding="utf-8"))["cells"]:
        is_parameters = "parameters" in cell["metadata"].get("tags", [])
        if cell["cell_type"] == "code" and not is_parameters:
            exec(compile("".join(cell["source"]), f"{stage.name}:{cell.get('id')}", "exec"), names)
