"""Labels that were made elsewhere, matched to the customers of a run."""

from pathlib import Path

import pandas as pd

from helpers.errors import TableError
from helpers.tables.dialects import find_dialect

COLUMNS = ("segment", "prediction")


def read_labels(
    path: Path, customers: pd.DataFrame, *, id_column: str, usable: pd.Series
) -> pd.Series:
    """
    Read labels and match them to customers.

    Parameters
    ----------
    path : Path
        A CSV (any separator) or Parquet file with a column `segment` or `prediction`. Where it
        has the ID column, rows are matched by it, whatever their order; else they are taken in
        the order of the rows that can be clustered.
    customers : pandas.DataFrame
        One row for each row of the table, with the ID column if there is one.
    id_column : str
        Name of the ID column, or an empty text.
    usable : pandas.Series of bool
        Which rows of `customers` can be clustered.

    Returns
    -------
    pandas.Series
        One label (text) for each row that can be clustered, with the index of `customers`.

    Raises
    ------
    TableError
        Where the column is missing, a customer has no label or two, or the counts differ.
    """
    held = _read(path)
    column = next((name for name in COLUMNS if name in held), None)
    if column is None:
        raise TableError(
            f"`{path.name}` has no column `segment` or `prediction`: labels are expected there."
        )
    wanted = customers.loc[usable]
    if id_column and id_column in held:
        return _by_id(held, column, wanted, id_column, path.name)
    labels = held[column].dropna()
    if len(labels) != len(wanted):
        raise TableError(
            f"`{path.name}` holds {len(labels):,} labels, but {len(wanted):,} customers can be "
            "clustered: without the ID column there must be one label for each of them, in order."
        )
    return pd.Series(labels.to_numpy(), index=wanted.index, name="label")


def _read(path: Path) -> pd.DataFrame:
    dialect = find_dialect(path)
    try:
        if dialect.kind == "parquet":
            frame = pd.read_parquet(path)
            return frame.astype("string").replace({pd.NA: None})
        # Of a file that is no plain CSV, its parts are the copy that was made of it.
        return pd.read_csv(
            dialect.parts[0],
            sep=dialect.separator,
            dtype="string",
            encoding="utf-8-sig",
            compression="gzip" if dialect.compressed else None,
        )
    except (ValueError, OSError) as error:
        raise TableError(
            f"the labels `{path.name}` cannot be read ({str(error).splitlines()[0]})."
        ) from None


def _by_id(
    held: pd.DataFrame, column: str, wanted: pd.DataFrame, id_column: str, file: str
) -> pd.Series:
    labelled = held.loc[held[column].notna(), [id_column, column]]
    twice = labelled[id_column].duplicated()
    if twice.any():
        raise TableError(
            f"`{file}` labels {id_column} {labelled.loc[twice, id_column].iloc[0]!r} twice: "
            "expected one label for each customer."
        )
    labels = wanted[id_column].astype("string").map(labelled.set_index(id_column)[column])
    if labels.isna().any():
        missing = wanted.loc[labels.isna(), id_column]
        raise TableError(
            f"`{file}` has no label for {len(missing):,} of {len(wanted):,} customers "
            f"(first: {id_column} {missing.iloc[0]}): expected one for each."
        )
    return labels.rename("label")
