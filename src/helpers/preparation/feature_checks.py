"""What `features` and `id_column` may name: columns that there are, numbers and categories."""

from collections.abc import Sequence

from helpers.engines.base import Facts, Table
from helpers.engines.sql import Step, check_columns
from helpers.errors import ParamsError
from helpers.params.loader import nearest
from helpers.preparation import profiling
from helpers.preparation.privacy import is_key


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


def measured(table: Table, facts: Facts) -> list[str]:
    """
    Columns that measure something: numbers that are neither flags nor keys.

    Parameters
    ----------
    table : Table
        The customers.
    facts : Facts
        Of the same columns.

    Returns
    -------
    list of str
        In table order; see `helpers.preparation.privacy.is_key` for what is left out.
    """
    numbers = facts.measured()
    keys = set(keys_among(table, numbers))
    return [name for name in numbers if name not in keys]


def keys_among(table: Table, columns: Sequence[str]) -> list[str]:
    """Those of the columns that name rows or customers."""
    # Only what a key is called is counted, since that takes a pass over the column.
    named = [name for name in columns if is_key(name, held=table.rows, distinct=table.rows)]
    found = profiling.cardinality(table, named)
    return [
        str(name)
        for name, missing, distinct in zip(
            *(found[key].tolist() for key in ("column", "missing", "distinct")), strict=True
        )
        if is_key(str(name), held=table.rows - int(missing), distinct=int(distinct))
    ]


def refuse_keys(table: Table, columns: Sequence[str], *, key: str) -> None:
    """
    Refuse columns that name customers where numbers are asked for.

    Parameters
    ----------
    table : Table
        The customers.
    columns : sequence of str
        Columns of it.
    key : str
        The parameter that names them.

    Raises
    ------
    ParamsError
        Naming the column.
    """
    for name in keys_among(table, columns)[:1]:
        raise ParamsError(
            f"`{key}` names `{name}`, a key: it tells customers apart one by one and measures "
            "nothing. Take it out, or rename the column if it is none."
        )
