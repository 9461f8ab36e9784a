"""The notebooks as they are committed: their anatomy, their parameters, no outputs."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from helpers.params import loader
from helpers.pipeline.stages import GIVEN_BY_RUN, NAMES, all_declarations, stages

ROOT = Path(__file__).resolve().parents[2]
MOST_STATEMENTS = 9  # of a cell, imports apart


def cells(name: str) -> list[dict[str, Any]]:
    path = ROOT / "notebooks" / f"{name}.ipynb"
    return list(json.loads(path.read_text(encoding="utf-8"))["cells"])


def code(name: str) -> list[str]:
    return [
        "".join(cell["source"])
        for cell in cells(name)
        if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", [])
    ]


@pytest.mark.parametrize("name", NAMES)
def test_no_outputs_are_stored(name: str) -> None:
    stored = [
        cell["id"]
        for cell in cells(name)
        if cell["cell_type"] == "code" and (cell["outputs"] or cell["execution_count"])
    ]
    assert stored == []


@pytest.mark.parametrize("name", NAMES)
def test_the_title_is_a_question_and_the_second_cell_holds_the_parameters(name: str) -> None:
    first, second = cells(name)[:2]

    assert re.fullmatch(r"# .+\?", "".join(first["source"]).strip())
    assert second["metadata"]["tags"] == ["parameters"]


@pytest.mark.parametrize("name", NAMES)
def test_ids_of_cells_are_unique(name: str) -> None:
    ids = [cell["id"] for cell in cells(name)]

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_is_short_and_defines_nothing(name: str) -> None:
    for source in code(name):
        kinds = {type(node) for node in ast.walk(ast.parse(source))}
        assert not kinds & {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef}, source
        steps = [one for one in ast.parse(source).body if not isinstance(one, ast.ImportFrom)]
        assert len(steps) <= MOST_STATEMENTS, source


@pytest.mark.parametrize("name", NAMES)
def test_no_figure_is_typed_into_prose(name: str) -> None:
    for cell in cells(name):
        if cell["cell_type"] == "markdown":
            assert not re.search(r"\d", "".join(cell["source"])), cell["source"]


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_shows_at_most_one_thing(name: str) -> None:
    for source in code(name):
        shown = [
            node
            for node in ast.parse(source).body
            if isinstance(node, ast.Expr)
            and not re.match(
                r"(run|derived|handoff|models|features_chapter|feature_checks|profiling|guard)[.(]",
                ast.unparse(node),
            )
        ]
        assert len(shown) <= 1, source


def test_every_parameter_has_a_help() -> None:
    for name, declaration in all_declarations(stages()).items():
        assert declaration.help, name


def test_the_defaults_of_the_notebooks_are_those_of_the_default_file() -> None:
    declared = all_declarations(stages())
    values = loader.load(ROOT / "params/default.yml").values

    assert {name: declared[name].default for name in declared if name not in GIVEN_BY_RUN} == values


@pytest.mark.parametrize("path", sorted((ROOT / "params").glob("*.yml")), ids=lambda one: one.name)
def test_every_params_file_passes_the_check(path: Path) -> None:
    if not path.name.startswith("personas"):
        loader.check(loader.load(path), all_declarations(stages()), given_by_run=GIVEN_BY_RUN)
