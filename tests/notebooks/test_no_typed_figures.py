"""No figure is typed where prose is made: each comes from a value."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = [
    *(
        path
        for room in ("profiles", "personas", "kmeans", "selection", "figures", "narrative")
        for path in (ROOT / "src/helpers" / room).glob("*.py")
    ),
    ROOT / "src/helpers/words.py",
]
# Ends of scales, and bounds that the words for tiny values state.
DEFINITIONS = re.compile(
    r"SHA-256|almost 0|less than 0\.1%|more than 99\.9%|p < 0\.001"
    r"|[01]: (all alike|one holds everything)"
    r"|margin: 0 on the border, 1 at the centre|nearer than 0| below 0|prefers K = 1|± 1 standard"
    r"|the top 20% hold|95% interval|intervals of 95%"
    # Sources and places.
    r"|: 1 at the centre, 0 on the border|, 0 to 1$|, 1 at most$"
    r"|leaves out 0|column\"?s? of 0 and 1| of 0 and 1: "
    r"|Hennig \(2007\)|[Ll]ines? 1\b|`column_[12]`"
)
# Not prose: errors and the names of things that are compared.
NOT_SHOWN = {"bench.py", "templates.py", "predicates.py", "catalogue.py"}


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Texts in a module that hold a figure: no docstrings, formats, queries or errors."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    apart: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            apart |= {id(one.value) for one in body if isinstance(one, ast.Expr)}
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            apart |= {id(one) for one in ast.walk(node.format_spec)}
        if isinstance(node, ast.Raise):
            apart |= {id(one) for one in ast.walk(node)}
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("query", "re.sub")):
            apart |= {id(one) for one in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
            rest = DEFINITIONS.sub("", node.value)
            if " " in rest.strip() and re.search(r"\d", rest):
                yield node.lineno, node.value


@pytest.mark.parametrize("path", ROOMS, ids=lambda one: one.name)
def test_no_sentence_holds_a_typed_figure(path: Path) -> None:
    if path.name not in NOT_SHOWN:
        assert list(texts(path)) == []


def test_a_typed_figure_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(
        'def f(x):\n    """Of 5."""\n    return f"holds 35% of {x:.2f}"\n'
    )

    assert list(texts(tmp_path / "m.py")) == [(3, "holds 35% of ")]
