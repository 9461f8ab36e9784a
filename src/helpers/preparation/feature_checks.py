"""What `features` and `id_column` may name: columns that there are, numbers and categories."""

from collections.abc import Sequence

from helpers.engines.base import Facts
from helpers.engines.sql import Step, check_columns
from helpers.errors import ParamsError
from helpers.params.loader import nearest


def check_features(features: Sequence[str], *, id_column: str) -> None:
    """
    Refuse features that nothing can be clustered by.

    Parameters
    ----------
    features : sequence of str
        As the params file lists them.
    id_column : str
        Name of the ID column, or an empty text.

    Raises
    ------
    ParamsError
        Where there is no feature, one stands twice, or one is the ID.
    """
    if not features:
        raise ParamsError("`features` is empty: name the columns that customers are told apart by.")
    twice = sorted({name for name in features if list(features).count(name) > 1})
    if twice:
        raise ParamsError(f"`features` names `{twice[0]}` twice: a feature would count double.")
    if id_column in features:
        raise ParamsError(f"`features` names the ID column `{id_column}`: an ID says nothing.")


def check_names(
    features: Sequence[str], facts: Facts, steps: Sequence[Step], *, id_column: str
) -> None:
    """
    Refuse features and an ID that neither the table nor a step has, and features that are dates.

    Raises
    ------
    ParamsError
        Naming the column and the nearest one there is.
    """
    check_columns(steps, facts.columns)
    known = [*facts.columns, *(step.name for step in steps)]
    if id_column and id_column not in facts.columns:
        raise ParamsError(
            f"`id_column` is `{id_column}`, which the table lacks."
            + nearest(id_column, facts.columns)
            + ' Write "" where there is none.'
        )
    for name in features:
        if name not in known:
            raise ParamsError(
                f"feature `{name}` is neither a column of the table nor an SQL step."
                + nearest(name, known)
            )
        column = facts.columns.get(name)
        if column is not None and not column.is_number and column.type != "category":
            raise ParamsError(
                f"feature `{name}` is of type {column.type}: K-Means needs numbers, flags or "
                "categories. Derive one from it in `sql_steps`, or declare its type."
            )
