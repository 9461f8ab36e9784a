"""What sets two parts of a segment apart: features, outcomes and value, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from helpers.profiles.outcomes import rates

COLUMNS = (
    *("column", "role", "first", "first_low", "first_high"),
    *("second", "second_low", "second_high", "difference"),
)


def contrast(
    customers: pd.DataFrame,
    parts: npt.NDArray[np.int64],
    *,
    features: Sequence[str],
    outcomes: Sequence[str],
    value_column: str,
    floor: int = 5,
) -> pd.DataFrame:
    """Set two parts side by side.

    Parameters
    ----------
    customers : DataFrame of n rows
        Holds the columns named.
    parts : ndarray of int64, shape (n,)
        1 and 2 for the customers of the two parts, 0 for all others.
    features : sequence of str
        Numeric columns that the customers were told apart by.
    outcomes : sequence of str
        Columns of 0 and 1 that they were not told apart by.
    value_column : str
        What they are worth; "" for none.
    floor : int
        Parts with fewer customers get no outcome rate.

    Returns
    -------
    DataFrame
        One row a column, largest difference first within each role: `column`; `role`: "feature",
        "outcome" or "value" (the value column, where it is no feature); mean or rate of either
        part (`first`, `second`) with its 95 % interval (`_low`, `_high`; Student's for a mean,
        Wilson's for a rate); `difference`: second less first, in standard deviations
        of both parts together, or in points of the rate.

    Examples
    --------
    >>> frame = pd.DataFrame({"Recency": [1.0, 3.0, 71.0, 73.0]})
    >>> found = contrast(
    ...     frame, np.array([1, 1, 2, 2]), features=["Recency"], outcomes=[], value_column=""
    ... )
    >>> found[["first", "second"]].values.tolist()
    [[2.0, 72.0]]
    """
    concerned = parts > 0
    frame, numbers = customers[concerned], parts[concerned]
    named = [(name, "feature") for name in features]
    if value_column and value_column not in features:
        named.append((value_column, "value"))
    rows: list[dict[str, Any]] = []
    for name, role in named:
        values = frame[name].astype(float)
        row: dict[str, Any] = {"column": name, "role": role}
        for side, number in (("first", 1), ("second", 2)):
            part = values[numbers == number].dropna()
            reach = 0.0
            if len(part) > 1:
                reach = float(stats.t.ppf(0.975, len(part) - 1) * part.std() / np.sqrt(len(part)))
            mean = float(part.mean())
            row |= {side: mean, f"{side}_low": mean - reach, f"{side}_high": mean + reach}
        deviation = float(values.std())
        difference = (row["second"] - row["first"]) / deviation if deviation > 0 else 0.0
        rows.append(row | {"difference": difference})
    if outcomes:
        counted = rates(frame, numbers, outcomes, floor=floor)
        for name in outcomes:
            row = {"column": name, "role": "outcome"}
            for side, number in (("first", 1), ("second", 2)):
                own = counted["outcome"].eq(name) & counted["segment"].eq(number)
                for column, suffix in (("rate", ""), ("low", "_low"), ("high", "_high")):
                    row[f"{side}{suffix}"] = float(counted.loc[own, column].iloc[0])
            rows.append(row | {"difference": row["second"] - row["first"]})
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    order = found["role"].map({"feature": 0, "outcome": 1, "value": 2})
    size = -found["difference"].abs()
    return found.iloc[np.lexsort((size, order))].reset_index(drop=True)
