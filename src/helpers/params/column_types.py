"""What a params file declares about the columns of its table."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.errors import ParamsError
from helpers.params.date_formats import date_part, strptime_format
from helpers.params.loader import nearest
from helpers.params.number_formats import NumberFormat, parse_number_format

TYPES = ("id", "integer", "number", "category", "flag", "date")
KEYS = (
    *("type", "min", "max", "required", "format", "read_as", "values", "null_values"),
    *("true", "false"),
)
# Types whose `read_as` is the example of a number, and whose is a date format.
NUMBER_TYPES = ("integer", "number")
# The number 1234 as a column of floats shows it: an ID so written is read without the `.0`.
FLOAT_ID = "1234.0"
# Texts of a flag that declares none, in small letters.
TRUE = ("1", *(f"1.{'0' * places}" for places in range(1, 7)), "true", "yes", "t", "y")
FALSE = ("0", *(f"0.{'0' * places}" for places in range(1, 7)), "false", "no", "f", "n")


@dataclass(frozen=True)
class Column:
    """One declared column."""

    name: str
    type: str
    min: float | None = None
    max: float | None = None
    required: bool = False
    format: str = "yyyy-MM-dd"
    read_as: str | None = None
    values: tuple[str, ...] = ()
    null_values: tuple[str, ...] = ()
    true: str = ""
    false: str = ""

    @property
    def number_format(self) -> NumberFormat | None:
        """
        How the file writes the column's numbers; none where they are plain.

        Examples
        --------
        >>> Column("Price", "number", read_as="1.234,56").number_format
        NumberFormat(decimal=',', thousands='.', prefix='', suffix='', negative='')
        """
        if self.read_as is None or self.type not in NUMBER_TYPES:
            return None
        return parse_number_format(self.read_as, where=f"column `{self.name}`, `read_as`")

    @property
    def is_number(self) -> bool:
        """Whether the column is held as a number."""
        return self.type in ("integer", "number", "flag")

    @property
    def texts(self) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
        """
        The texts of a flag for true and for false, where it declares them.

        Each as declared, in small letters, in capitals and with one capital, so that no database
        has to fold the letters of another language.

        Examples
        --------
        >>> Column("Churn", "flag", true="Yes", false="No").texts
        (('Yes', 'yes', 'YES'), ('No', 'no', 'NO'))
        """
        if not self.true:
            return None
        forms = (
            tuple(dict.fromkeys((one, one.lower(), one.upper(), one.capitalize())))
            for one in (self.true, self.false)
        )
        true, false = forms
        return true, false

    @property
    def possible(self) -> str:
        """
        The range of possible values, in words.

        Examples
        --------
        >>> Column("Income", "number", min=0).possible
        'at least 0'
        """
        if self.min is not None and self.max is not None:
            return f"{self.min:g} to {self.max:g}"
        if self.min is not None:
            return f"at least {self.min:g}"
        return f"at most {self.max:g}" if self.max is not None else "any value"


def parse_columns(columns: Mapping[str, Any], *, where: str = "columns") -> dict[str, Column]:
    """
    Check the declared columns of a params file.

    Parameters
    ----------
    columns : mapping of str to (str or mapping)
        Column name to its type, or to a mapping of `type` and, where wanted, `min`, `max`
        (possible values), `required` (no nulls allowed), `format` (how SQL steps see a date),
        `read_as` (how the file writes it: a date format, or of numbers the example of 1234.56,
        such as `1.234,56`), `values` (allowed categories), `null_values` (texts that stand for a
        missing value in this column alone), `true` and `false` (the texts of a flag, both or
        neither).
    where : str
        Where the declaration stands, for messages.

    Returns
    -------
    dict of str to Column
        In the declared order.

    Raises
    ------
    ParamsError
        Naming the column and key.

    Examples
    --------
    >>> parse_columns({"Age": {"type": "integer", "min": 0}})["Age"].possible
    'at least 0'
    """
    parsed = {}
    for name, given in columns.items():
        declared = {"type": given} if isinstance(given, str) else given
        parsed[name] = _parse_column(name, declared, f"{where}: column `{name}`")
    ids = [one.name for one in parsed.values() if one.type == "id"]
    if len(ids) > 1:
        raise ParamsError(f"{where}: `{ids[0]}` and `{ids[1]}` are both of type id: declare one.")
    return parsed


def _parse_column(name: str, declared: Any, where: str) -> Column:
    if not isinstance(declared, Mapping) or "type" not in declared:
        raise ParamsError(f"{where}: expected a type ({', '.join(TYPES)}), got {declared!r}.")
    for key in declared:
        if key not in KEYS:
            raise ParamsError(f"{where}: `{key}` is not known here.{nearest(str(key), KEYS)}")
    if declared["type"] not in TYPES:
        raise ParamsError(
            f"{where}: type {declared['type']!r} is not one of {', '.join(TYPES)}."
            + nearest(str(declared["type"]), TYPES)
        )
    for key in ("min", "max"):
        bound = declared.get(key)
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, int | float)):
            raise ParamsError(f"{where}: `{key}` is {bound!r}: expected a number.")
        if bound is not None and not math.isfinite(bound):
            raise ParamsError(f"{where}: `{key}` is {bound!r}: expected a finite number.")
        if bound is not None and declared["type"] not in ("integer", "number", "flag"):
            raise ParamsError(f"{where}: `{key}` is for numbers, not for a {declared['type']}.")
    _check_formats(declared, where)
    if not isinstance(declared.get("required", False), bool):
        raise ParamsError(f"{where}: `required` is neither true nor false.")
    declared = dict(declared)
    _check_flag(declared, where)
    lists = {key: declared.get(key, []) for key in ("values", "null_values")}
    for key, given in lists.items():
        if not isinstance(given, list):
            raise ParamsError(f"{where}: `{key}` is {given!r}: expected a list.")
    options = {
        key: value for key, value in declared.items() if key not in lists and value is not None
    }
    options |= {key: str(options[key]) for key in ("format", "read_as") if key in options}
    texts = {key: tuple(str(one) for one in given) for key, given in lists.items()}
    column = Column(**({"name": name} | options | texts))
    if column.min is not None and column.max is not None and column.min > column.max:
        raise ParamsError(f"{where}: `min` {column.min:g} is above `max` {column.max:g}.")
    return column


def _check_formats(declared: Mapping[str, Any], where: str) -> None:
    for key in ("format", "read_as"):
        given = declared.get(key)
        if given is None:
            continue
        if key == "read_as" and declared["type"] in NUMBER_TYPES:
            parse_number_format(str(given), where=f"{where}, `{key}`")
        elif key == "read_as" and declared["type"] == "id":
            if str(given) != FLOAT_ID:
                raise ParamsError(
                    f"{where}: `read_as` of an ID is {given!r}: expected {FLOAT_ID}, for whole "
                    "numbers as a column of floats shows them."
                )
        elif key == "read_as":
            date_part(str(given), where=f"{where}, `{key}`")
        else:
            strptime_format(str(given), where=f"{where}, `{key}`")


def _check_flag(declared: dict[str, Any], where: str) -> None:
    """Refuse texts of a flag that are no two texts, and take YAML's true and false as texts."""
    given = {key: declared[key] for key in ("true", "false") if declared.get(key) not in (None, "")}
    if not given:
        declared.pop("true", None)
        declared.pop("false", None)
        return
    if declared["type"] != "flag":
        raise ParamsError(f"{where}: `{next(iter(given))}` is for flags, not {declared['type']}.")
    if len(given) != 2:
        raise ParamsError(
            f"{where}: `{next(iter(given))}` stands alone: declare the texts of `true` and of "
            "`false`."
        )
    for key, text in given.items():
        if isinstance(text, bool):
            text = str(text).lower()
        declared[key] = str(text).strip()
    if declared["true"].casefold() == declared["false"].casefold():
        raise ParamsError(
            f"{where}: `true` and `false` are both {declared['true']!r}: expected two different "
            "texts."
        )
