"""What a notebook's `parameters` cell declares."""

import json

import pytest

from helpers.errors import RunError
from helpers.params.declarations import Declaration, declared_in, parse

CELL = """
# A heading that is no help.
k: "int or str" = "auto"  # number of segments, or auto
clip: list = [0.005, 0.995]  # quantiles  # twice
columns: dict = {
    "a": 1,  # inside
}
as_of: str = "2025-09-12"
"""


def test_declarations_have_name_types_default_and_help():
    found = parse(CELL)
    assert list(found) == ["k", "clip", "columns", "as_of"]
    assert found["k"] == Declaration("k", ("int", "str"), "auto", "number of segments, or auto")
    assert found["clip"].default == [0.005, 0.995]
    assert found["columns"].default == {"a": 1}
    assert found["as_of"].help == ""


@pytest.mark.parametrize("line", ["k = 5", "import os", "k: int", "print(1)", "a.b: int = 1"])
def test_other_statements_are_refused(line):
    with pytest.raises(RunError, match="only lines like"):
        parse(line)


@pytest.mark.parametrize("type_", ["int | str", "Path", "'int | str'", "list[int]"])
def test_types_that_no_check_knows_are_refused(type_):
    with pytest.raises(RunError, match=r"declares `k: .*`: expected one of int, float"):
        parse(f"k: {type_} = 5")


@pytest.mark.parametrize(
    ("types", "value", "fits"),
    [
        (("int",), 5, True),
        (("int",), True, False),
        (("int",), 5.0, False),
        (("float",), 5, True),
        (("float",), "5", False),
        (("bool",), True, True),
        (("bool",), 1, False),
        (("int", "str"), "auto", True),
        (("list",), (1, 2), False),
        (("dict",), {}, True),
        (("str",), None, False),
    ],
)
def test_accepts(types, value, fits):
    assert Declaration("x", types, None, "").accepts(value) is fits


def test_the_tagged_cell_is_found(tmp_path):
    path = tmp_path / "n.ipynb"
    cells = [
        {"cell_type": "code", "metadata": {}, "source": "x: int = 1"},
        {
            "cell_type": "code",
            "metadata": {"tags": ["parameters"]},
            "source": ["k: int = 2\n", "l: int = 3"],
        },
    ]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert [one.default for one in declared_in(path).values()] == [2, 3]
    path.write_text(json.dumps({"cells": cells[:1]}), encoding="utf-8")
    with pytest.raises(RunError, match=r"n\.ipynb has no cell tagged `parameters`"):
        declared_in(path)
