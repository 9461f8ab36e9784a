"""What a params file declares about the columns of its table."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.errors import ParamsError
from helpers.params.loader import nearest

TYPES = ("id", "integer", "number", "category", "flag", "date")
KEYS = ("type", "min", "max", "required", "format", "read_as", "values")
# Java's date letters, as Spark SQL writes them, in the letters of strptime.
DATE_LETTERS = {"yyyy": "%Y", "MM": "%m", "dd": "%d"}


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

    @property
    def is_number(self) -> bool:
        """Whether the column is held as a number."""
        return self.type in ("integer", "number", "flag")

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
        `read_as` (how the file writes it, if that cannot be found out), `values` (allowed
        categories).
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
    for key in ("format", "read_as"):
        if declared.get(key) is not None:
            strptime_format(str(declared[key]), where=f"{where}, `{key}`")
    if not isinstance(declared.get("required", False), bool):
        raise ParamsError(f"{where}: `required` is neither true nor false.")
    values = declared.get("values", [])
    if not isinstance(values, list):
        raise ParamsError(f"{where}: `values` is {values!r}: expected a list.")
    options = {
        key: value for key, value in declared.items() if key != "values" and value is not None
    }
    column = Column(name=name, values=tuple(str(one) for one in values), **options)
    if column.min is not None and column.max is not None and column.min > column.max:
        raise ParamsError(f"{where}: `min` {column.min:g} is above `max` {column.max:g}.")
    return column


def strptime_format(java: str, *, where: str) -> str:
    """
    Write a date format in the letters of Spark SQL in those of `strptime`.

    Parameters
    ----------
    java : str
        For instance `dd-MM-yyyy`; only `dd`, `MM`, `yyyy` and separators are allowed.
    where : str
        Where the format stands, for messages.

    Returns
    -------
    str
        For instance `%d-%m-%Y`.

    Raises
    ------
    ParamsError
        Where another letter is used.

    Examples
    --------
    >>> strptime_format("dd-MM-yyyy", where="")
    '%d-%m-%Y'
    """
    format_ = java
    for letters, code in DATE_LETTERS.items():
        format_ = format_.replace(letters, code)
    rest = format_.replace("%Y", "").replace("%m", "").replace("%d", "")
    complete = all(code in format_ for code in DATE_LETTERS.values())
    if not complete or any(letter.isalnum() or letter in "'\"%" for letter in rest):
        raise ParamsError(f"{where}: {java!r} is no date format: write it like `dd-MM-yyyy`.")
    return format_
