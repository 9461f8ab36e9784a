"""What the first notebook hands on, as the later ones read it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.params.column_types import Column
from helpers.preparation.loading import LineModel
from helpers.preparation.privacy import is_private


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
