"""The three notebooks in the process of the tests, cell by cell, without a kernel."""

import ast
import contextlib
import io
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

from helpers.params import loader
from helpers.params.declarations import parse
from helpers.pipeline.stages import all_declarations, stages
from helpers.report.components import Shown
from helpers.workspace import FOLDER_VARIABLE

QUICK = {"resamples": 4, "references": 2}


def run_notebooks(
    folder: Path, data: Path, params: str, **changes: Any
) -> dict[str, list[tuple[str, str]]]:
    """
    Run 01 to 03 on a table by the text of a params file.

    Returns
    -------
    dict of str to list of (str, str)
        For each notebook the kind (`markdown` or `code`) and the text of what its cells show,
        without pictures.
    """
    declared = all_declarations(stages())
    values = {name: one.default for name, one in declared.items()}
    values |= (
        loader.parse(params, name="drafted.yml").values | QUICK | {"data": str(data)} | changes
    )
    folder.mkdir(parents=True, exist_ok=True)
    before = os.environ.get(FOLDER_VARIABLE)
    os.environ[FOLDER_VARIABLE] = str(folder)
    try:
        return {stage.name: _run(stage.path, values) for stage in stages()}
    finally:
        plt.close("all")
        if before is None:
            del os.environ[FOLDER_VARIABLE]
        else:
            os.environ[FOLDER_VARIABLE] = before


def _run(notebook: Path, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    space: dict[str, Any] = {}
    shown = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            shown.append(("markdown", source))
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            last = _execute(source, space)
        if "parameters" in cell["metadata"].get("tags", []):
            space |= {name: values[name] for name in parse(source)}
        elif isinstance(last, Shown):
            shown.append(("code", last.text))
    return shown


def _execute(source: str, space: dict[str, Any]) -> Any:
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), space)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "<cell>", "eval"), space)
    return None
