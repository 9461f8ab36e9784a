"""The result tables of a run: one row a customer, one row a segment."""

import hashlib
from collections.abc import Iterable, Sequence

import pandas as pd

ROW_COLUMN = "row"
RESULT_COLUMNS = ("segment", "persona", "margin", "reason")


def segments_table(
    customers: pd.DataFrame,
    segments: pd.Series,
    margins: pd.Series,
    personas: pd.Series,
    *,
    id_column: str,
) -> pd.DataFrame:
    """
    One row for each row of the table, in its order.

    Parameters
    ----------
    customers : pandas.DataFrame
        Every row, with `reason` and the ID column if there is one.
    segments, margins : pandas.Series
        By the index of the rows that were clustered.
    personas : pandas.Series
        Persona by segment number.
    id_column : str
        Name of the ID column; without one, rows are numbered from 1 in a column `row`.

    Returns
    -------
    pandas.DataFrame
        The ID column under its own name, `segment`, `persona`, `margin` (6 decimals), `reason`
        (null for a customer with a segment).
    """
    known = (
        customers[id_column].rename(id_column)
        if id_column
        else pd.Series(range(1, len(customers) + 1), index=customers.index, name=ROW_COLUMN)
    )
    numbers = segments.astype("Int64").reindex(customers.index)
    return pd.DataFrame(
        {
            known.name: known,
            "segment": numbers,
            "persona": numbers.map(personas),
            "margin": margins.reindex(customers.index).map("{:.6f}".format, na_action="ignore"),
            "reason": customers["reason"],
        }
    )


def personas_by_segment(personas: Sequence[str]) -> pd.Series:
    """
    Index personas by the number of their segment.

    Examples
    --------
    >>> personas_by_segment(["Loyal", "New"]).to_dict()
    {1: 'Loyal', 2: 'New'}
    """
    return pd.Series(list(personas), index=range(1, len(personas) + 1), dtype=object)


def digest(segments: Iterable[pd.Series]) -> str:
    """
    SHA-256 of the segments' numbers in the order of the table, written with commas between.

    Parameters
    ----------
    segments : iterable of pandas.Series
        1 to K of each clustered customer, in pieces of any size.

    Returns
    -------
    str
        64 hexadecimal digits, the same however the table was cut.

    Examples
    --------
    >>> digest([pd.Series([1, 2])]) == digest([pd.Series([1]), pd.Series([2])])
    True
    """
    found = hashlib.sha256()
    comma = ""
    for piece in segments:
        if len(piece):
            found.update((comma + ",".join(map(str, piece.tolist()))).encode())
            comma = ","
    return found.hexdigest()
