"""What segments did afterwards: outcome rates with intervals, make-up, and spend by category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from helpers import words
from helpers.errors import TableError
from helpers.profiles.numbering import align, segment_numbers
from helpers.profiles.summary import numeric
from helpers.words import NOT_KNOWN, OTHERS

# Cells of the tables that one block of permutations may hold: 16 MB of int64.
_BLOCK = 2_000_000

COLUMNS = (
    *("outcome", "segment", "n", "positives", "rate", "low", "high", "overall", "lift"),
    *("z", "p", "p_adjusted", "significant"),
)


def wilson(
    positives: npt.ArrayLike, n: npt.ArrayLike, *, level: float = 0.95
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Bound proportions by Wilson's score interval (1927).

    Parameters
    ----------
    positives, n : array-like
        How many of how many; NaN bounds where n is 0.
    level : float
        Share of such intervals that hold the true proportion, about.

    Returns
    -------
    low, high : float64 arrays
        Within 0 and 1; of 0 in 9 it is 0 to 0.30, not 0 to 0.

    Examples
    --------
    >>> low, high = wilson([86], [328])
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (0.218, 0.312)
    """
    x, size = np.asarray(positives, dtype=float), np.asarray(n, dtype=float)
    z = float(stats.norm.ppf((1 + level) / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = x / size
        centre = (rate + z**2 / (2 * size)) / (1 + z**2 / size)
        reach = z / (1 + z**2 / size) * np.sqrt(rate * (1 - rate) / size + z**2 / (4 * size**2))
    # Rounding may leave a bound a hair outside.
    low = np.where(x == 0, 0.0, np.clip(centre - reach, 0, 1))
    high = np.where(x == size, 1.0, np.clip(centre + reach, 0, 1))
    nothing = ~(size > 0)
    return np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


def rates(
    table: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    outcomes: Sequence[str],
    *,
    level: float = 0.95,
    floor: int = 5,
) -> pd.DataFrame:
    """Count each outcome per segment and set its rate against that of all customers.

    Parameters
    ----------
    table : DataFrame of n rows
        Holds the outcomes as 0 and 1 (or as booleans); a missing one is left out.
    segments : Series or array of shape (n,)
        Segments numbered from 1; missing for a customer without one.
    outcomes : sequence of str
        The outcome columns.
    level : float
        Of the Wilson intervals.
    floor : int
        Segments with fewer customers are not broken down: their figures are missing.

    Returns
    -------
    DataFrame, by outcome (in the given order) and segment
        ``outcome``, ``segment``, ``n`` (customers whose outcome is known), ``positives``,
        ``rate``, ``low``, ``high``, ``overall`` (rate of all), ``lift`` (rate over overall: 1 is
        average; NaN where nobody has the outcome).

    Raises
    ------
    TableError
        If a column is missing or holds anything but 0 and 1.

    Examples
    --------
    >>> table = pd.DataFrame({"Response": [1, 1, 0, 0, 0, 0, 0, 0]})
    >>> rates(table, [1] * 4 + [2] * 4, ["Response"], floor=1)[["rate", "lift"]].values.tolist()
    [[0.5, 2.0], [0.0, 0.0]]
    """
    frame, numbers = align(table, segments)
    flags = _flags(frame, outcomes)
    known = segment_numbers(numbers)
    codes = np.searchsorted(known, numbers)
    sizes = np.bincount(codes)
    rows = []
    for outcome in outcomes:
        held = flags[outcome].to_numpy()
        there = ~np.isnan(held)
        overall = float(held[there].mean()) if there.any() else np.nan
        counted = np.bincount(codes[there], minlength=len(known))
        hits = np.bincount(codes[there], weights=held[there], minlength=len(known))
        for place, number in enumerate(known):
            shown = sizes[place] >= floor and counted[place] >= floor
            positives = float(hits[place]) if shown else np.nan
            rate = positives / counted[place] if shown else np.nan
            rows.append(
                {
                    "outcome": outcome,
                    "segment": number,
                    "n": int(counted[place]),
                    "positives": positives,
                    "rate": rate,
                    "overall": overall,
                    "lift": rate / overall if overall > 0 else np.nan,
                }
            )
    found = pd.DataFrame(rows)
    low, high = wilson(found["positives"], found["n"], level=level)
    hidden = found["rate"].isna()
    found.insert(5, "low", np.where(hidden, np.nan, low))
    found.insert(6, "high", np.where(hidden, np.nan, high))
    return found.astype({"positives": "Int64"})


def lift_tests(
    table: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    outcomes: Sequence[str],
    *,
    random_state: int,
    permutations: int = 5000,
    level: float = 0.05,
    floor: int = 5,
) -> pd.DataFrame:
    r"""Test every lift at once by permutation.

    Parameters
    ----------
    table, segments, outcomes
        As in `rates`.
    random_state : int
        Seed of the permutations.
    permutations : int
        How many; the least p-value is 1 / (permutations + 1).
    level : float
        Chance of calling any lift at all significant where there is none.
    floor : int
        Segments with fewer customers are not tested.

    Returns
    -------
    DataFrame, by outcome and segment
        ``outcome``, ``segment``; ``z``: positives minus expected, in deviations of the
        permutations; ``p``: of this lift alone; ``p_adjusted``: with all lifts considered;
        ``significant``: whether ``p_adjusted`` is at most ``level``.

    Notes
    -----
    The segments are shuffled among the customers, whose outcomes stay together. Each shuffle
    gives every lift a p-value among the shuffles, and ``p_adjusted`` is the share of shuffles
    whose least p-value is at most the one found (Westfall and Young 1993, min-p), so that a
    small segment with a rare outcome does not drown the others. Shuffled outcomes therefore call
    any lift significant in at most ``level`` of all cases.

    Shuffles are drawn as random tables with the given margins, over the distinct patterns of
    outcomes (Patefield 1981), so that their cost does not grow with the number of customers.

    Examples
    --------
    >>> table = pd.DataFrame({"Response": [1] * 20 + [0] * 20})
    >>> lift_tests(table, [1] * 20 + [2] * 20, ["Response"], random_state=0)["significant"].all()
    np.True_
    """
    frame, numbers = align(table, segments)
    flags = _flags(frame, outcomes).to_numpy()
    known, codes = np.unique(numbers, return_inverse=True)
    patterns, places = _patterns(np.where(np.isnan(flags), -1, flags).astype(np.int64))
    counts = np.zeros((len(patterns), len(known)), dtype=np.int64)
    np.add.at(counts, (places, codes), 1)
    positive = (patterns == 1).astype(float)
    there = (patterns >= 0).astype(float)
    tested = counts.sum(axis=0) >= floor

    sizes_all = counts.sum(axis=1).astype(float)
    hits_all = (positive.T @ sizes_all)[None, :, None]
    known_all = (there.T @ sizes_all)[None, :, None]

    def deviations(tables: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Give |z| of shape (tables, outcomes, segments)."""
        hits, sizes = positive.T @ tables, there.T @ tables
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = hits_all / known_all
            spread = sizes * rate * (1 - rate) * (known_all - sizes) / (known_all - 1)
            z = (hits - sizes * rate) / np.sqrt(spread)
        # Where nobody or everybody has the outcome, or a segment holds all, nothing deviates.
        return np.where(np.isfinite(z) & tested[None, None, :], z, 0.0)

    found = deviations(counts[None].astype(float))[0]
    shuffles = stats.random_table(counts.sum(axis=1), counts.sum(axis=0))
    random = np.random.default_rng(random_state)
    # The table found counts as one of the shuffles, which makes the test exact.
    sizes_of = np.empty((permutations + 1, *found.shape), dtype=np.float32)
    sizes_of[0] = np.abs(found)
    step = max(1, _BLOCK // max(1, counts.size))
    for start in range(1, permutations + 1, step):
        stop = min(start + step, permutations + 1)
        tables = shuffles.rvs(size=stop - start, random_state=random)
        sizes_of[start:stop] = np.abs(
            deviations(tables.reshape(stop - start, *counts.shape).astype(float))
        )
    # Float32 and this rounding make shuffles with equal counts tie, whatever their last bit.
    ranks = stats.rankdata(-np.round(sizes_of, 4), method="max", axis=0)
    each = ranks / (permutations + 1)
    p = each[0]
    least = np.sort(each.min(axis=(1, 2)))
    adjusted = np.searchsorted(least, p, side="right") / (permutations + 1)
    rows = [
        {
            "outcome": outcome,
            "segment": int(number),
            "z": found[i, j] if tested[j] else np.nan,
            "p": p[i, j] if tested[j] else np.nan,
            "p_adjusted": adjusted[i, j] if tested[j] else np.nan,
            "significant": bool(tested[j] and adjusted[i, j] <= level),
        }
        for i, outcome in enumerate(outcomes)
        for j, number in enumerate(known)
    ]
    return pd.DataFrame(rows)


def outcome_table(
    table: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    outcomes: Sequence[str],
    *,
    random_state: int,
    permutations: int = 5000,
    level: float = 0.95,
    floor: int = 5,
) -> pd.DataFrame:
    """Join `rates` and `lift_tests`.

    Parameters
    ----------
    table, segments, outcomes, random_state, permutations, floor
        As in these two.
    level : float
        Of the intervals; the tests use 1 - ``level``.

    Returns
    -------
    DataFrame
        The columns of `rates`, then ``z``, ``p``, ``p_adjusted`` and ``significant``; without
        rows where there is no outcome.
    """
    if not outcomes:
        return pd.DataFrame(columns=list(COLUMNS))
    counted = rates(table, segments, outcomes, level=level, floor=floor)
    tested = lift_tests(
        table,
        segments,
        outcomes,
        random_state=random_state,
        permutations=permutations,
        level=1 - level,
        floor=floor,
    )
    return counted.merge(tested, on=["outcome", "segment"], how="left", validate="one_to_one")


def outcome_sentences(
    found: pd.DataFrame,
    names: Mapping[int, str],
    *,
    labels: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> dict[str, str]:
    """Say for each outcome who stands out, or that nobody does.

    Parameters
    ----------
    found : DataFrame
        From `outcome_table`.
    names : mapping of segment to persona
        What the segments are called.
    labels : mapping of str to str, optional
        Names of the outcomes in words.
    level : float
        The level that the intervals were made with.

    Returns
    -------
    dict of outcome to str
    """
    said = {}
    for outcome, own in found.groupby("outcome", sort=False):
        name = words.label(str(outcome), labels)
        overall = float(own["overall"].iloc[0])
        whole = words.sentence(f"{name}: {words.percent(overall)} of all customers")
        apart = own[own["significant"].astype(bool)].sort_values(
            "rate", ascending=False, kind="stable"
        )
        if not overall > 0:
            said[str(outcome)] = words.sentence(f"{name}: no customer")
            continue
        if apart.empty:
            said[str(outcome)] = f"{whole} No segment differs by more than chance would explain."
            continue
        parts = [_outcome_clause(row, names, level) for _, row in apart.iterrows()]
        verb = "differs" if len(parts) == 1 else "differ"
        who = words.plural(len(parts), "segment")
        said[str(outcome)] = " ".join(
            (whole, words.sentence(f"{who} {verb} by more than chance: {words.listing(parts)}"))
        )
    return said


def makeup(
    table: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    columns: Sequence[str],
    *,
    floor: int = 5,
    most: int = 12,
) -> pd.DataFrame:
    """Count the categories in each segment.

    Parameters
    ----------
    table : DataFrame of n rows
        Holds the categories; a missing one counts as ``not known``.
    segments : Series or array of shape (n,)
        Segments numbered from 1; missing for a customer without one.
    columns : sequence of str
        The category columns.
    floor : int
        Categories that fewer customers have are joined as ``all others``; segments with fewer
        customers are left out; a count below it (but not 0) is missing.
    most : int
        Largest number of categories shown for a column; the rarest are joined too.

    Returns
    -------
    DataFrame, by column, segment and category (the most frequent first)
        ``column``, ``segment``, ``category``, ``n``, ``share`` of the segment, ``overall`` share
        of all customers, ``lift`` (share over overall).

    Examples
    --------
    >>> table = pd.DataFrame({"town": ["A"] * 6 + ["B"] * 6})
    >>> found = makeup(table, [1] * 6 + [2] * 6, ["town"])
    >>> found[["segment", "category", "share"]].values.tolist()[:2]
    [[1, 'A', 1.0], [1, 'B', 0.0]]
    """
    frame, numbers = align(table, segments)
    missing = [column for column in columns if column not in frame]
    if missing:
        raise TableError(f"The table lacks {', '.join(f'`{name}`' for name in missing)}.")
    parts = []
    for column in columns:
        texts = _joined(_texts(frame[column]), floor, most)
        counts = pd.crosstab(numbers, texts.to_numpy())
        ranked = list(counts.sum().sort_values(ascending=False, kind="stable").index)
        # Categories of equal size stay in the order of their names; "all others" comes last.
        order = sorted(ranked, key=lambda category: category == OTHERS)
        overall = counts.sum() / len(frame)
        for number, row in counts.iterrows():
            size = int(row.sum())
            if size < floor:
                continue
            for category in order:
                n = int(row[category])
                hidden = 0 < n < floor
                share = np.nan if hidden else n / size
                parts.append(
                    {
                        "column": column,
                        "segment": int(str(number)),
                        "category": category,
                        "n": pd.NA if hidden else n,
                        "share": share,
                        "overall": float(overall[category]),
                        "lift": share / float(overall[category]),
                    }
                )
    names = ["column", "segment", "category", "n", "share", "overall", "lift"]
    return pd.DataFrame(parts, columns=names).astype({"n": "Int64"})


def makeup_sentences(
    found: pd.DataFrame,
    names: Mapping[int, str],
    *,
    labels: Mapping[str, str] | None = None,
    apart: float = 0.05,
) -> dict[int, str]:
    """Say for each segment which category is most above its share among all customers.

    Parameters
    ----------
    found : DataFrame
        From `makeup`.
    names : mapping of segment to persona
        What the segments are called.
    labels : mapping of str to str, optional
        Names of the columns in words.
    apart : float
        Difference of shares below which a column is not worth a word.

    Returns
    -------
    dict of segment to str
    """
    said = {}
    for number, own in found.groupby("segment"):
        parts = []
        for column, cells in own.groupby("column", sort=False):
            cells = cells[(cells["category"] != OTHERS) & cells["share"].notna()]
            gaps = cells["share"] - cells["overall"]
            if cells.empty or gaps.max() < apart:
                continue
            top = cells.iloc[int(gaps.to_numpy().argmax())]
            parts.append(
                f"{words.percent(top['share'])} have "
                f"{_category(top['category'], words.label(str(column), labels))} "
                f"(against {words.percent(top['overall'])} of all customers)"
            )
        name = names[int(str(number))]
        said[int(str(number))] = (
            words.sentence(f"Of the {name}, {words.listing(parts)}")
            if parts
            else words.sentence(f"The {name} are made up much like all customers")
        )
    return said


def spend_by_category(
    table: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    columns: Sequence[str],
    *,
    floor: int = 5,
) -> pd.DataFrame:
    """Split the spending of each segment by category.

    Parameters
    ----------
    table : DataFrame of n rows
        Holds one column of spending per category.
    segments : Series or array of shape (n,)
        Segments numbered from 1; missing for a customer without one.
    columns : sequence of str
        The spending columns.
    floor : int
        Segments with fewer customers are left out.

    Returns
    -------
    DataFrame, by segment and column
        ``segment``, ``column``, ``total``, ``mean`` per customer, ``share`` of the segment's
        spending, ``overall`` share in all spending, ``lift`` (share over overall).

    Examples
    --------
    >>> table = pd.DataFrame({"wine": [30.0, 10.0], "meat": [10.0, 30.0]})
    >>> spend_by_category(table, [1, 2], ["wine", "meat"], floor=1)["share"].tolist()
    [0.75, 0.25, 0.25, 0.75]
    """
    frame, numbers = align(table, segments)
    values = numeric(frame, columns)
    totals, sizes = values.groupby(numbers).sum(), values.groupby(numbers).size()
    whole = values.sum()
    parts = []
    for (number, row), size in zip(totals.iterrows(), sizes, strict=True):
        if size < floor:
            continue
        for column in columns:
            share = float(row[column] / row.sum()) if row.sum() > 0 else np.nan
            overall = float(whole[column] / whole.sum()) if whole.sum() > 0 else np.nan
            parts.append(
                {
                    "segment": int(str(number)),
                    "column": column,
                    "total": float(row[column]),
                    "mean": float(row[column]) / size,
                    "share": share,
                    "overall": overall,
                    "lift": share / overall if overall > 0 else np.nan,
                }
            )
    names = ["segment", "column", "total", "mean", "share", "overall", "lift"]
    return pd.DataFrame(parts, columns=names)


def spend_sentences(
    found: pd.DataFrame, names: Mapping[int, str], *, labels: Mapping[str, str] | None = None
) -> dict[int, str]:
    """Say what each segment spends most on, and what it favours more than others do.

    Parameters
    ----------
    found : DataFrame
        From `spend_by_category`.
    names : mapping of segment to persona
        What the segments are called.
    labels : mapping of str to str, optional
        Names of the spending columns in words.

    Returns
    -------
    dict of segment to str
    """
    said = {}
    for number, own in found.groupby("segment"):
        own = own[own["share"].notna()]
        name = names[int(str(number))]
        if own.empty:
            said[int(str(number))] = words.sentence(f"{name} spend nothing")
            continue
        most = own.iloc[int(own["share"].to_numpy().argmax())]
        text = (
            f"{name} spend most on {words.label(str(most['column']), labels)}, "
            f"{words.percent(float(most['share']))} of their spending"
        )
        gaps = own["share"] - own["overall"]
        top = own.iloc[int(gaps.to_numpy().argmax())]
        if gaps.max() >= 0.02 and top["column"] != most["column"]:
            text += (
                f", and favour {words.label(str(top['column']), labels)} "
                f"({words.percent(float(top['share']))} against "
                f"{words.percent(float(top['overall']))} of all spending)"
            )
        elif gaps.max() >= 0.02:
            text += f" against {words.percent(float(most['overall']))} of all spending"
        said[int(str(number))] = words.sentence(text)
    return said


def _outcome_clause(row: pd.Series, names: Mapping[int, str], level: float) -> str:
    kind = f"{words.percent(level)} interval"
    name = names[row["segment"]]
    if row["rate"] == 0:
        return f"{name} with none ({kind} up to {words.percent(row['high'], digits=1)})"
    bounds = words.interval(row["low"], row["high"], "percent", digits=1)
    against = words.against_average(row["lift"], 1.0)
    rate = words.percent(row["rate"], digits=1)
    return f"{name} with {rate} ({against}; {kind} {bounds})"


def _category(category: str, name: str) -> str:
    """Say a category as the object of "have"."""
    if category.isdigit() and words.is_plural(name):
        return f"no {name}" if int(category) == 0 else words.quantity(int(category), name)
    return f"{category} as {name}"


def _patterns(
    states: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """List the distinct rows of -1, 0 and 1, and say which of them each row is."""
    places = np.zeros(len(states), dtype=np.int64)
    for column in states.T:
        # Renumbered after each column, so that the codes stay small.
        _, places = np.unique(places * 3 + column + 1, return_inverse=True)
        places = places.reshape(-1)
    firsts = np.unique(places, return_index=True)[1]
    return states[firsts], places


def _flags(frame: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    held = numeric(frame, outcomes)
    for outcome in outcomes:
        column = held[outcome].dropna()
        odd = column[~column.isin([0.0, 1.0])]
        if not odd.empty:
            raise TableError(
                f"`{outcome}` is declared as an outcome and holds {odd.iloc[0]:g}; "
                "expected 0, 1 or nothing."
            )
    return held


def _texts(column: pd.Series) -> pd.Series:
    """Categories as texts: a whole number without its point."""
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    texts = column.astype("string").fillna(NOT_KNOWN).astype(object)
    long = words.short_names(texts.unique())
    return texts.replace(long) if long else texts


def _joined(texts: pd.Series, floor: int, most: int) -> pd.Series:
    counts = texts.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    kept = list(counts[counts >= floor].index)
    if len(counts) > most:
        kept = kept[: most - 1]
    # One category alone would be named by its absence.
    return texts if len(kept) >= len(counts) else texts.where(texts.isin(kept), OTHERS)
