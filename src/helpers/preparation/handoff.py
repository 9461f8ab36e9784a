"""What a notebook hands on, as the later ones read it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.errors import RunError
from helpers.params.column_types import Column
from helpers.preparation.loading import LineModel
from helpers.preparation.privacy import is_private
from helpers.preparation.scaling import check_columns

MADE_WITH = "made_with"
"""What is handed on says under this name which parameters and inputs it was made with."""


def made_with(facts: Mapping[str, Any], **inputs: Any) -> dict[str, Any]:
    """
    Facts to hand on, with the parameters and hashes of inputs that they were made with.

    Examples
    --------
    >>> made_with({"rows": 3}, features=["a"])
    {'rows': 3, 'made_with': {'features': ['a']}}
    """
    return {**facts, MADE_WITH: inputs}


def require_same(handed_on: Mapping[str, Any], made_by: str, **inputs: Any) -> None:
    """
    Refuse what an earlier notebook has handed on where it was made with something else.

    Parameters
    ----------
    handed_on : mapping
        As `made_with` returned it.
    made_by : str
        Name of that notebook.
    **inputs
        What this notebook goes by, under the names that were given there.

    Raises
    ------
    RunError
        Naming the first that differs, with both values.

    Examples
    --------
    >>> require_same(made_with({}, k=3), "02_tuning", k=4)
    Traceback (most recent call last):
        ...
    helpers.errors.RunError: `k` is 4 here, and 02_tuning ran with 3: give both the same and run \
02_tuning again.
    """
    known = handed_on.get(MADE_WITH, {})
    for name, value in inputs.items():
        if name not in known:
            raise RunError(f"{made_by} was run by an older version: run it again.")
        if known[name] == value:
            continue
        if isinstance(value, str) and len(value) == 64:
            raise RunError(f"the {name} is another one than {made_by} has read: run it again.")
        raise RunError(
            f"`{name}` is {value!r} here, and {made_by} ran with {known[name]!r}: give both the "
            f"same and run {made_by} again."
        )


def require_features(
    handed_on: Mapping[str, Any], made_by: str, customers: pd.DataFrame, features: Sequence[str]
) -> None:
    """
    Refuse features that the earlier notebook did not prepare, and say what is wrong with them.

    Raises
    ------
    ParamsError
        Where a feature is none that could be scaled (see `scaling.check_columns`).
    RunError
        Where the features are others.
    """
    if handed_on.get(MADE_WITH, {}).get("features") != features:
        check_columns(customers, features)
    require_same(handed_on, made_by, features=features)


def columns_of(handed_on: Mapping[str, Any]) -> dict[str, Column]:
    """The columns of the raw table, as `handoff` has written them."""
    columns = {}
    for name, facts in handed_on["columns"].items():
        texts = {key: tuple(facts.get(key, ())) for key in ("values", "null_values")}
        columns[name] = Column(**(facts | texts))
    return columns


def lines_of(handed_on: Mapping[str, Any]) -> LineModel | None:
    """How order lines became customers, as `handoff` has written it; none where they did not."""
    facts = handed_on.get("lines")
    if not facts:
        return None
    return LineModel.of(facts | {"columns": columns_of(facts)})


def fences_of(handed_on: Mapping[str, Any]) -> pd.DataFrame:
    """The fences, as `handoff` has written them: `column`, `low`, `high`."""
    return pd.DataFrame(handed_on["fences"])


def declared(handed_on: Mapping[str, Any]) -> list[str]:
    """Names of the columns that the params file declares."""
    return [name for name in handed_on["columns"] if name not in handed_on["undeclared"]]


def categories(customers: pd.DataFrame, handed_on: Mapping[str, Any]) -> dict[str, list[str]]:
    """Values seen in each category column, sorted; none of those that tell customers apart."""
    found = {}
    for name, facts in handed_on["columns"].items():
        if facts["type"] == "category":
            held = customers[name].dropna().astype(str)
            seen = sorted(held.unique())
            if not is_private(name, held=len(held), distinct=len(seen)):
                found[name] = seen
    return found
