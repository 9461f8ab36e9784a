"""Recency, frequency and monetary value in fifths: segments for those who think in RFM."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers import words
from helpers.errors import ParamsError
from helpers.params.loader import nearest
from helpers.profiles.numbering import align

ROLES = ("recency", "frequency", "monetary")
FIFTHS = 5
ALIKE = 0.3
"""Difference of mean scores below which segments are not told apart by one."""


def check_roles(rfm: Mapping[str, str], columns: list[str]) -> None:
    """
    Check which column plays which part.

    Parameters
    ----------
    rfm : mapping of str to str
        `recency`, `frequency` and `monetary` to the names of columns; empty for none.
    columns : list of str
        Columns that there are.

    Raises
    ------
    ParamsError
        Where a part is missing or unknown, or names no column.
    """
    if rfm and set(rfm) != set(ROLES):
        raise ParamsError(
            f"`rfm` holds {words.listing(sorted(rfm))}: expected {words.listing(ROLES)}, or {{}}."
        )
    for role, name in rfm.items():
        if name not in columns:
            raise ParamsError(
                f"`rfm` gives {role} the column `{name}`, which is not there."
                + nearest(name, columns)
            )


def fifths(values: pd.Series | npt.ArrayLike, *, best_low: bool = False) -> npt.NDArray[np.int64]:
    """
    Score from 1 to 5 by fifths of the customers, 5 the best.

    Parameters
    ----------
    values : Series or array of shape (n,)
        No nulls.
    best_low : bool
        Whether low values are the good ones, as for recency.

    Returns
    -------
    ndarray of int, shape (n,)
        Equal values have the same score: that of the middle of their ranks. So a score may hold
        more or less than a fifth of the customers, and may be missing where many are alike.

    Examples
    --------
    >>> fifths([10, 20, 30, 40, 50]).tolist()
    [1, 2, 3, 4, 5]
    >>> fifths([0, 0, 0, 0, 9], best_low=True).tolist()
    [4, 4, 4, 4, 1]
    """
    held = pd.Series(np.asarray(values, dtype=np.float64))
    middle = (held.rank(method="average", ascending=not best_low) - 0.5) / len(held)
    return np.clip(np.floor(middle.to_numpy() * FIFTHS).astype(np.int64) + 1, 1, FIFTHS)


def rfm_cells(
    table: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    rfm: Mapping[str, str],
    *,
    floor: int = 5,
) -> pd.DataFrame:
    """
    Describe each segment by its customers' scores.

    Parameters
    ----------
    table : DataFrame of n rows
        With the columns that `rfm` names.
    segments : Series or array of shape (n,)
        Segments numbered from 1.
    rfm : mapping of str to str
        As for `check_roles`; the scores are taken among all customers.
    floor : int
        A cell that fewer customers share is not named; a smaller segment is left out.

    Returns
    -------
    DataFrame
        Per segment: `segment`, `n`, the mean scores `recency`, `frequency`, `monetary`,
        `most_common` cell as three digits (R, F, M) with its share `cell_share`, and `cells`, the
        number of cells that it spreads over. Empty where `rfm` is.

    References
    ----------
    Hughes (1994), Strategic Database Marketing, for scores in fifths.

    Examples
    --------
    >>> frame = pd.DataFrame({"r": range(10), "f": range(10), "m": range(10)})
    >>> roles = {"recency": "r", "frequency": "f", "monetary": "m"}
    >>> rfm_cells(frame, [2] * 5 + [1] * 5, roles)["monetary"].tolist()
    [4.2, 1.8]
    """
    names = ["segment", "n", *ROLES, "most_common", "cell_share", "cells"]
    if not rfm:
        return pd.DataFrame(columns=names)
    check_roles(rfm, list(table.columns))
    frame, numbers = align(table, segments)
    known = frame[list(rfm.values())].notna().all(axis=1).to_numpy()
    frame, numbers = frame[known], numbers[known]
    scores = pd.DataFrame(
        {role: fifths(frame[rfm[role]], best_low=role == "recency") for role in ROLES}
    )
    cells = scores.astype(str).agg("".join, axis=1)
    records: list[dict[str, Any]] = []
    for number in np.unique(numbers):
        own = np.asarray(numbers) == number
        if own.sum() < floor:
            continue
        counted = cells[own].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        large = counted.iloc[0] >= floor
        records.append(
            {
                "segment": int(number),
                "n": int(own.sum()),
                **{role: float(scores.loc[own, role].mean()) for role in ROLES},
                "most_common": str(counted.index[0]) if large else None,
                "cell_share": float(counted.iloc[0] / own.sum()) if large else np.nan,
                "cells": len(counted),
            }
        )
    return pd.DataFrame.from_records(records, columns=names)


def rfm_sentences(
    found: pd.DataFrame, names: Mapping[int, str], *, asked: bool = True
) -> list[str]:
    """
    Say who leads by each score, and how many cells the segments spread over.

    Parameters
    ----------
    found : DataFrame
        From `rfm_cells`.
    names : mapping of segment to persona
        What the segments are called.
    asked : bool
        Whether the params file names the columns of the scores.

    Returns
    -------
    list of str
        Empty where there is nothing to compare; where no scores were asked for, that.
    """
    if not asked:
        return [words.sentence("Not scored: the params file names no columns for it")]
    if len(found) < 2:
        return []
    said = []
    for role in ROLES:
        order = found.sort_values([role, "segment"], ascending=[False, True])
        top, bottom = order.iloc[0], order.iloc[-1]
        name = "monetary value" if role == "monetary" else role
        if top[role] - bottom[role] < ALIKE:
            said.append(words.sentence(f"By {name}, the segments hardly differ"))
            continue
        said.append(
            words.sentence(
                f"By {name}, the "
                f"{names[int(top['segment'])]} score highest "
                f"({words.number(top[role], digits=1)} of {FIFTHS}) and the "
                f"{names[int(bottom['segment'])]} lowest ({words.number(bottom[role], digits=1)})"
            )
        )
    widest = found.iloc[int(found["cells"].to_numpy().argmax())]
    said.append(
        words.sentence(
            f"RFM cells cut the table finer than the segments do: the "
            f"{names[int(widest['segment'])]} alone spread over "
            f"{words.plural(int(widest['cells']), 'cell')} of {FIFTHS**3}"
        )
    )
    return said


def rfm_tables(
    found: pd.DataFrame, names: Mapping[int, str]
) -> list[tuple[pd.DataFrame, str, dict[str, Any]]]:
    """
    The scores of the segments for reading.

    Parameters
    ----------
    found : DataFrame
        From `rfm_cells`.
    names : mapping of segment to persona
        What the segments are called.

    Returns
    -------
    list of (DataFrame, str, dict)
        One table, its caption and its formats; none where there are no scores.
    """
    if found.empty:
        return []
    shown = found.assign(
        most_common=[
            f"{cell} ({words.percent(share)})" if cell else "none large enough"
            for cell, share in zip(found["most_common"], found["cell_share"], strict=True)
        ]
    )
    shown.insert(1, "persona", [names[int(one)] for one in shown["segment"]])
    titles = {"n": "customers", "monetary": "monetary value", "most_common": "most common cell"}
    order = ["segment", "persona", "n", *ROLES, "most_common", "cells"]
    best = found.iloc[int(found[list(ROLES)].mean(axis=1).to_numpy().argmax())]
    name = names[int(best["segment"])]
    caption = f"Mean scores, {FIFTHS} the best: the {name} stand highest in all three together"
    one_decimal = dict.fromkeys(("recency", "frequency", "monetary value"), "{:.1f}".format)
    return [(shown[order].rename(columns=titles), caption, one_decimal)]
