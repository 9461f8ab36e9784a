"""What each notebook declares in its `parameters` cell: name, type, default and help."""

import ast
import io
import json
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.errors import RunError

TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
    "list": (list,),
    "dict": (dict,),
}


@dataclass(frozen=True)
class Declaration:
    """One parameter of a notebook."""

    name: str
    types: tuple[str, ...]
    default: Any
    help: str

    def accepts(self, value: object) -> bool:
        """
        Whether a value has one of the declared types.

        A whole number is accepted where a `float` is declared; `True` is no number.

        Examples
        --------
        >>> Declaration("k", ("int", "str"), "auto", "").accepts(6)
        True
        >>> Declaration("k", ("int", "str"), "auto", "").accepts(True)
        False
        """
        if isinstance(value, bool) and "bool" not in self.types:
            return False
        return any(isinstance(value, TYPES[name]) for name in self.types)

    @property
    def wanted(self) -> str:
        """
        The declared types in words.

        Examples
        --------
        >>> Declaration("k", ("int", "str"), "auto", "").wanted
        'a whole number or a text'
        """
        words = {
            "int": "a whole number",
            "float": "a number",
            "str": "a text",
            "bool": "true or false",
            "list": "a list",
            "dict": "a mapping",
        }
        return " or ".join(words[name] for name in self.types)


def parameters_source(notebook: Path) -> str:
    """
    Source of the cell that is tagged `parameters`.

    Parameters
    ----------
    notebook : Path
        A notebook file.

    Returns
    -------
    str
        The cell's source.

    Raises
    ------
    RunError
        Where no cell has the tag.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if "parameters" in cell.get("metadata", {}).get("tags", []):
            source = cell["source"]
            return source if isinstance(source, str) else "".join(source)
    raise RunError(f"{notebook.name} has no cell tagged `parameters`: tag the one that holds them.")


def parse(source: str) -> dict[str, Declaration]:
    """
    Read the declarations out of a `parameters` cell.

    Parameters
    ----------
    source : str
        Annotated assignments of literals; the comment at the end of an assignment's first line
        is its help.

    Returns
    -------
    dict of str to Declaration
        In the order of the cell.

    Raises
    ------
    RunError
        Where a statement is not an annotated assignment of a literal.

    Examples
    --------
    >>> parse("k_max: int = 12  # largest K tried")["k_max"]
    Declaration(name='k_max', types=('int',), default=12, help='largest K tried')
    """
    comments = {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found: dict[str, Declaration] = {}
    for statement in ast.parse(source).body:
        if not (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and statement.value is not None
        ):
            raise RunError(
                f"a `parameters` cell holds `{ast.unparse(statement)}`: "
                "only lines like `name: type = literal  # help` belong there."
            )
        types = _types(statement.annotation)
        name = statement.target.id
        unknown = [one for one in types if one not in TYPES]
        if unknown:
            raise RunError(
                f"a `parameters` cell declares `{name}: {unknown[0]}`: expected one of "
                f'{", ".join(TYPES)}, or a choice like "int or str".'
            )
        found[name] = Declaration(
            name=name,
            types=types,
            default=ast.literal_eval(statement.value),
            help=comments.get(statement.lineno, ""),
        )
    return found


def _types(annotation: ast.expr) -> tuple[str, ...]:
    # A choice of types is written as a text, since papermill's own reader knows no other form.
    if isinstance(annotation, ast.Constant):
        return tuple(str(annotation.value).split(" or "))
    return (ast.unparse(annotation),)


def declared_in(notebook: Path) -> dict[str, Declaration]:
    """Read the declarations of one notebook, in the order of its `parameters` cell."""
    return parse(parameters_source(notebook))
