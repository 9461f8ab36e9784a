"""Declared columns."""

import pytest

from helpers.errors import ParamsError
from helpers.params.column_types import Column, parse_columns, strptime_format


def test_short_and_long_declarations():
    found = parse_columns(
        {
            "ID": "id",
            "Born": {"type": "integer", "min": 1905, "max": 2010, "required": True},
            "Joined": {"type": "date", "format": "dd-MM-yyyy", "read_as": None},
            "Town": {"type": "category", "values": ["a", 5]},
        }
    )
    assert found["ID"] == Column("ID", "id")
    assert found["Born"] == Column("Born", "integer", 1905, 2010, True)
    assert found["Joined"] == Column("Joined", "date", format="dd-MM-yyyy")
    assert found["Town"].values == ("a", "5")
    assert [one.possible for one in found.values()] == [
        "any value",
        "1905 to 2010",
        *["any value"] * 2,
    ]


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (5, "expected a type (id, integer"),
        (None, "expected a type"),
        ({"min": 0}, "expected a type"),
        ("numbr", "Did you mean `number`?"),
        ({"type": ["a"]}, "is not one of"),
        ({"type": "number", "mn": 0}, "`mn` is not known here. Did you mean `min`?"),
        ({"type": "number", "min": "a"}, "`min` is 'a': expected a number"),
        ({"type": "number", "min": True}, "expected a number"),
        ({"type": "number", "max": float("nan")}, "expected a finite number"),
        ({"type": "number", "min": 5, "max": 1}, "`min` 5 is above `max` 1"),
        ({"type": "category", "min": 5}, "`min` is for numbers, not for a category"),
        ({"type": "date", "format": "dd-MM-yy"}, "is no date format"),
        ({"type": "date", "read_as": "%d"}, "is no date format"),
        ({"type": "number", "required": "yes"}, "`required` is neither"),
        ({"type": "category", "values": "a"}, "expected a list"),
    ],
)
def test_faults_name_the_column(declared, said):
    with pytest.raises(ParamsError) as caught:
        parse_columns({"Income": declared})
    assert "columns: column `Income`" in str(caught.value)
    assert said in str(caught.value)


def test_one_id_only():
    with pytest.raises(ParamsError, match="`a` and `b` are both of type id"):
        parse_columns({"a": "id", "b": "id"})


def test_date_letters():
    assert strptime_format("dd.MM.yyyy", where="") == "%d.%m.%Y"
    for wrong in ("dd-MM", "dd-MM-yyyy HH:mm", "dd'MM'yyyy", "", "yyyy-MM-dd%"):
        with pytest.raises(ParamsError, match="is no date format"):
            strptime_format(wrong, where="here")
