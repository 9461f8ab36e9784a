"""What the workbook of a run says of its columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from helpers import words

COLUMNS = ("sheet", "column", "what it is", "unit")
MEANING = {
    ("segments", "segment"): "number of the segment, the largest total value first",
    ("segments", "persona"): "name of the segment",
    ("segments", "margin"): "how clearly the customer belongs: 1 at the centre, 0 on the border",
    ("segments", "reason"): "why the customer has no segment",
    ("profiles", "segment"): "number of the segment",
    ("profiles", "persona"): "name of the segment",
    ("profiles", "n"): "customers",
    ("profiles", "share"): "share of the customers that have a segment",
    ("tuning", "k"): "number of segments that was tried",
    ("tuning", "inertia"): "sum of squared distances to the centres, in the scaled space",
    ("tuning", "silhouette_euclidean"): "mean silhouette, Euclidean distance",
    ("tuning", "silhouette_squared"): "mean silhouette, squared Euclidean distance",
    ("tuning", "calinski_harabasz"): "variance between the segments over that within",
    ("tuning", "davies_bouldin"): "width of the segments over their distance; low is good",
    ("tuning", "gap"): "gap statistic",
    ("tuning", "gap_se"): "standard error of the gap statistic",
    ("tuning", "min_jaccard"): "stability of the least stable segment, 0 to 1",
    ("tuning", "seed_ari"): "agreement of two ordinary runs with other seeds, 1 at most",
    ("tuning", "smallest_share"): "share of the customers in the smallest segment",
}
ENDS = {"min_": "least", "mean_": "mean", "max_": "greatest"}


def dictionary(
    columns: Mapping[str, Sequence[str]], values: Mapping[str, Any]
) -> list[tuple[str, ...]]:
    """
    Say of every column of every sheet what it is.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        Columns of each sheet.
    values : mapping
        Parameters of the run: `names`, `units`, `id_column`.

    Returns
    -------
    list of tuple of str
        Rows of `COLUMNS`.

    Examples
    --------
    >>> dictionary({"profiles": ["mean_Age"]}, {"names": {"Age": "age"}, "units": {"Age": "years"}})
    [('profiles', 'mean_Age', 'mean of age', 'years')]
    """
    names, units = dict(values.get("names") or {}), dict(values.get("units") or {})
    rows: list[tuple[str, ...]] = []
    for sheet, held in columns.items():
        for column in held:
            said, unit = MEANING.get((sheet, column), ""), ""
            for start, word in ENDS.items():
                if sheet == "profiles" and column.startswith(start) and not said:
                    feature = column.removeprefix(start)
                    said = f"{word} of {words.label(feature, names)}"
                    unit = str(units.get(feature, ""))
            if not said and column == values.get("id_column"):
                said = "the customer"
            rows.append((sheet, column, said, unit))
    return rows


def cut_row(customers: int, shown: int) -> tuple[str, ...]:
    """Say that a sheet cannot hold every customer."""
    return (
        "segments",
        "",
        f"the first {words.number(shown)} of {words.number(customers)} customers, which is what a "
        "sheet can hold; segments.csv has all of them",
        "",
    )
