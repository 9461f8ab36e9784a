"""What a campaign has changed: results by ID held against the groups that were drawn before it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binomtest

from helpers.campaign.intervals import (
    Interval,
    holm,
    rate_difference,
    stratified_rates,
    welch_total,
)
from helpers.campaign.split import HOLDOUT, TREATMENT
from helpers.errors import TableError
from helpers.params.column_types import FALSE, TRUE
from helpers.params.loader import nearest

BOUGHT = ("bought", "converted", "conversion", "purchased", "ordered", "responded", "response")
AMOUNT = ("amount", "revenue", "spent", "spend", "spending", "sales", "value", "turnover")
# A split that chance gives less often than this is a fault rather than chance.
SPLIT_ALPHA = 0.001
MISSING_ALPHA = 0.01


@dataclass(frozen=True)
class Readout:
    """
    What came of a campaign.

    Attributes
    ----------
    segments : pandas.DataFrame
        One row an audience: `audience`, `persona`, `treatment`, `holdout` (customers with a
        result), `rate`, `held_rate`, `lift`, `low`, `high`, `p`, `p_adjusted` (Holm), and where
        amounts are known `money` (earned more by all who were treated), `money_low`, `money_high`.
    together : Interval
        The lift of all segments.
    money : Interval or None
        What all who were treated brought more, and its interval; none without amounts.
    balance : pandas.DataFrame
        `feature`, `difference` (in deviations), `p_adjusted`: the groups before the campaign.
    missing : dict of str to int
        Customers of the audience without a result, by group.
    missing_p : float
        P-value of "as many are missing in either group".
    split_p : float
        P-value of the share that was held out.
    unknown : int
        IDs of the results that are in no audience.
    """

    segments: pd.DataFrame
    together: Interval
    money: Interval | None
    balance: pd.DataFrame
    missing: dict[str, int]
    missing_p: float
    split_p: float
    unknown: int


def find_columns(
    columns: Sequence[str], id_column: str, *, bought: str = "", amount: str = ""
) -> tuple[str, str]:
    """
    Find the columns of a table of results.

    Parameters
    ----------
    columns : sequence of str
        Names of its columns.
    id_column : str
        Name of the ID.
    bought, amount : str
        Names as given; "" for one that is called as people call it.

    Returns
    -------
    tuple of (str, str)
        Who bought, and for how much; "" where there is none. At least one is there.

    Raises
    ------
    TableError
        Naming what is missing.

    Examples
    --------
    >>> find_columns(["ID", "Converted", "Revenue"], "ID")
    ('Converted', 'Revenue')
    """
    if id_column not in columns:
        raise TableError(
            f"the results lack the column `{id_column}`, by which they are joined to the audience."
            + nearest(id_column, columns)
        )
    found = []
    for name, role, known in ((bought, "BOUGHT", BOUGHT), (amount, "AMOUNT", AMOUNT)):
        if name and name not in columns:
            raise TableError(
                f"{role} names the column `{name}`, which the results lack."
                + nearest(name, columns)
            )
        folded = {one.casefold(): one for one in columns if one != id_column}
        found.append(name or next((folded[one] for one in known if one in folded), ""))
    if not any(found):
        raise TableError(
            "the results have neither a column `bought` (1 or 0, yes or no) nor a column "
            "`amount`: name them so, or as BOUGHT= and AMOUNT=."
        )
    return found[0], found[1]


def parse_results(
    results: pd.DataFrame, id_column: str, *, bought: str, amount: str
) -> pd.DataFrame:
    """
    Type the results.

    Parameters
    ----------
    results : pandas.DataFrame
        With the columns that are named.
    id_column, bought, amount : str
        Names; "" for one that there is not.

    Returns
    -------
    pandas.DataFrame
        `id` (text), `bought` (0.0, 1.0 or missing) and, where amounts are known, `amount`.
        Who spent more than 0 bought, where nothing else says so; who did not buy spent 0.

    Raises
    ------
    TableError
        Naming the value and its row.
    """
    ids = results[id_column].astype("string").str.strip()
    if ids.isna().any() or (ids == "").any():
        raise TableError(
            f"{int(ids.isna().sum() + (ids == '').sum())} rows of the results have no ID."
        )
    twice = ids[ids.duplicated()]
    if len(twice):
        raise TableError(
            f"{len(twice):,} rows of the results repeat an ID ({twice.iloc[0]!r} first): expected "
            "one row a customer; add up the amounts of each customer first."
        )
    made = pd.DataFrame({"id": ids.to_numpy(dtype=object)})
    if amount:
        values = pd.to_numeric(results[amount], errors="coerce").astype("float64")
        _refuse(results[amount], values.isna(), amount, "a number")
        made["amount"] = values.to_numpy()
    if bought:
        texts = results[bought].astype("string").str.strip().str.casefold()
        known = dict.fromkeys(TRUE, 1.0) | dict.fromkeys(FALSE, 0.0)
        flags = texts.map(known).astype("float64")
        _refuse(results[bought], flags.isna() & texts.notna() & (texts != ""), bought, "yes or no")
        made["bought"] = flags.to_numpy()
    else:
        made["bought"] = (made["amount"] > 0).astype("float64").where(made["amount"].notna())
    if amount:
        made["amount"] = made["amount"].fillna(made["bought"].map({0.0: 0.0}))
    return made


def _refuse(given: pd.Series, wrong: "pd.Series[bool]", name: str, expected: str) -> None:
    missing = given.isna() | (given.astype("string").str.strip() == "").fillna(True)
    bad = (wrong & ~missing).to_numpy(dtype=bool)
    if bad.any():
        at = int(bad.argmax())
        raise TableError(
            f"`{name}` of the results holds {given.iloc[at]!r} (row {at + 1} of the data), and "
            f"{int(bad.sum()):,} such values in all: expected {expected}."
        )


def read_out(
    audience: pd.DataFrame,
    results: pd.DataFrame,
    *,
    holdout: float,
    personas: Mapping[int, str],
    features: pd.DataFrame | None = None,
) -> Readout:
    """
    Hold treated customers against those held out.

    Parameters
    ----------
    audience : pandas.DataFrame
        One row a customer: `id`, `audience`, `group`.
    results : pandas.DataFrame
        As `parse_results` returns it.
    holdout : float
        Share that was to be held out.
    personas : mapping of int to str
        What each audience is called.
    features : pandas.DataFrame, optional
        Numbers known before the campaign, with the index of `audience`.

    Returns
    -------
    Readout
        Customers without a result take no part in a lift.

    Raises
    ------
    TableError
        Where no ID of the results is one of the audience, or a group has no result at all.
    """
    results = results.set_index("id")
    at = results.index.get_indexer(pd.Index(audience["id"]))
    unknown = len(results) - int((at >= 0).sum())
    if not (at >= 0).any():
        raise TableError(
            f"none of {len(results):,} IDs of the results is in the audience (such as "
            f"{str(audience['id'].iloc[0])!r}): expected the IDs as the run writes them."
        )
    joined = audience.reset_index(drop=True).assign(
        **{
            name: np.where(at >= 0, results[name].to_numpy(dtype=float)[at], np.nan)
            for name in results.columns
        }
    )
    known = joined["bought"].notna()
    groups = joined.loc[known, "group"].value_counts()
    for name in (TREATMENT, HOLDOUT):
        if not groups.get(name):
            raise TableError(
                f"no customer of the group {name} has a result: nothing can be compared."
            )
    held = joined[known]
    counts = _counts(held, personas)
    lifts = [rate_difference(*row) for row in counts[list(COUNTS)].to_numpy().tolist()]
    rows = _lifts(counts, lifts)
    money = None
    if "amount" in held:
        rows, money = _with_money(rows, held)
    missing = joined.loc[~known, "group"].value_counts()
    all_counts = joined["group"].value_counts()
    lost = {name: int(missing.get(name, 0)) for name in (TREATMENT, HOLDOUT)}
    return Readout(
        segments=rows,
        together=stratified_rates(counts[list(COUNTS)].to_numpy()),
        money=money,
        balance=_balance(held["group"], features, known.to_numpy(dtype=bool)),
        missing=lost,
        missing_p=rate_difference(
            lost[TREATMENT],
            int(all_counts.get(TREATMENT, 0)),
            lost[HOLDOUT],
            int(all_counts.get(HOLDOUT, 0)),
        ).p,
        split_p=float(binomtest(int(all_counts.get(HOLDOUT, 0)), len(joined), holdout).pvalue),
        unknown=unknown,
    )


COUNTS = ("bought", "treated", "held_bought", "held")


def _counts(held: pd.DataFrame, personas: Mapping[int, str]) -> pd.DataFrame:
    rows = []
    for number in sorted(personas):
        own = held[held["audience"] == number]
        sides = [own.loc[own["group"] == one, "bought"] for one in (TREATMENT, HOLDOUT)]
        numbers = [int(one) for side in sides for one in (side.sum(), len(side))]
        rows.append(
            {"audience": number, "persona": personas[number]}
            | dict(zip(COUNTS, numbers, strict=True))
        )
    return pd.DataFrame(rows)


def _lifts(counts: pd.DataFrame, lifts: Sequence[Interval]) -> pd.DataFrame:
    rate, reference = (
        (counts[one] / counts[other].where(counts[other] > 0)).astype("float64")
        for one, other in (("bought", "treated"), ("held_bought", "held"))
    )
    p = [one.p for one in lifts]
    return pd.DataFrame(
        {
            "audience": counts["audience"],
            "persona": counts["persona"],
            TREATMENT: counts["treated"],
            HOLDOUT: counts["held"],
            "rate": rate,
            "held_rate": reference,
            "lift": [one.value for one in lifts],
            "low": [one.low for one in lifts],
            "high": [one.high for one in lifts],
            "p": p,
            "p_adjusted": holm(p),
        }
    )


def _with_money(rows: pd.DataFrame, held: pd.DataFrame) -> tuple[pd.DataFrame, Interval | None]:
    """Add what the treated customers of each audience brought more; and all of them together."""
    pairs, weights = [], []
    made: list[Interval] = []
    for number in rows["audience"]:
        own = held[(held["audience"] == number) & held["amount"].notna()]
        pair = tuple(
            own.loc[own["group"] == one, "amount"].to_numpy(dtype=float)
            for one in (TREATMENT, HOLDOUT)
        )
        weight = float(len(pair[0]))
        made.append(welch_total([(pair[0], pair[1])], [weight]))
        if min(len(one) for one in pair) >= 2:
            pairs.append((pair[0], pair[1]))
            weights.append(weight)
    rows = rows.assign(
        money=[one.value for one in made],
        money_low=[one.low for one in made],
        money_high=[one.high for one in made],
    )
    return rows, welch_total(pairs, weights) if pairs else None


def _balance(
    group: pd.Series, features: pd.DataFrame | None, known: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Differences of the groups in what was known before, p-values adjusted for their number."""
    names = ["feature", "difference", "p_adjusted"]
    if features is None or features.empty:
        return pd.DataFrame(columns=names)
    held = features.reset_index(drop=True)[known]
    treated = (group == TREATMENT).to_numpy(dtype=bool)
    rows: list[dict[str, Any]] = []
    for name in held.columns:
        values = held[name].to_numpy(dtype=float)
        sides = [values[side & ~np.isnan(values)] for side in (treated, ~treated)]
        found = welch_total([(sides[0], sides[1])], [1.0])
        spread = (
            math.sqrt(sum(float(np.var(one, ddof=1)) for one in sides) / 2)
            if all(len(one) > 1 for one in sides)
            else math.nan
        )
        rows.append(
            {
                "feature": str(name),
                "difference": found.value / spread if spread else 0.0,
                "p": found.p,
            }
        )
    frame = pd.DataFrame(rows)
    return frame.assign(p_adjusted=holm(frame["p"]))[names]
