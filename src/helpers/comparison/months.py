"""Many months of one segmentation: frozen on the first day, against one refitted each month.

A frozen segmentation has aged when it places customers elsewhere than a refit does, and more so
than chance explains. What chance gives is drawn: the same number of segments is fitted to as many
customers of the month as the first day had, drawn with replacement, and held against the refit.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.stats import rankdata

from helpers.errors import ClusteringError, TableError
from helpers.kmeans.search import fit_afresh, fit_range
from helpers.preparation.scaling import Scaling, fit_scaling
from helpers.profiles.membership import nearest_centre
from helpers.profiles.numbering import number_segments
from helpers.profiles.rfm import ROLES, fifths
from helpers.selection.stability import adjusted_rand, contingency

Floats = npt.NDArray[np.float64]
ALPHA = 0.05
MATERIAL = 0.05
"""Share of the customers that must be placed elsewhere, beyond chance, for a refit to be due."""
FIRST_DRAWS = 39
MOST_DRAWS = 799
CHANCE_ROWS = 5000
RESAMPLES = 400
DECILES = 10


@dataclass(frozen=True)
class Month:
    """
    The customers as they stand on one day.

    Attributes
    ----------
    day : str
        ISO date; everything up to it is known.
    customers : pandas.DataFrame
        One row a customer that can be clustered, the ID as index: features, and the columns that
        `Recipe` names.
    set_aside : int
        Customers that cannot be clustered.
    """

    day: str
    customers: pd.DataFrame
    set_aside: int = 0


@dataclass(frozen=True)
class Recipe:
    """
    How segments are made and what they are worth.

    Attributes
    ----------
    features : tuple of str
        Columns that customers are told apart by.
    k : int
        Number of segments.
    clip : tuple of float
        Quantiles, or empty.
    transforms : mapping of str to str
        `log` or `rank` of a feature.
    value : str
        Column of the value so far; "" for none.
    spent : str
        Column of what was spent since the month before; "" where that is not known.
    rfm : mapping of str to str
        Columns of recency, frequency and monetary value; empty for none.
    seed : int
        Of the search and of every draw.
    """

    features: tuple[str, ...]
    k: int
    clip: tuple[float, ...] = ()
    transforms: Mapping[str, str] | None = None
    value: str = ""
    spent: str = ""
    rfm: Mapping[str, str] | None = None
    seed: int = 0


@dataclass(frozen=True)
class Due:
    """
    When a refit is due.

    Attributes
    ----------
    day : str
        The first day on which the frozen segments had aged; "" where they never did.
    low, high : str
        Interval of 95 % of that day; `high` is "" where it reaches beyond the last one.
    """

    day: str
    low: str
    high: str


@dataclass(frozen=True)
class Backtest:
    """
    What came of many months.

    Attributes
    ----------
    months : pandas.DataFrame
        One row a day: `day`, `customers`, `new`, `gone`, `ari`, `moved` (share that the refit
        places elsewhere), `moved_low`, `moved_high`, `chance` (median of the draws),
        `chance_high` (their 95 % quantile), `p`, `alarm`, `behaviour` (share of those who were
        there the month before whose own columns gave them another frozen segment), `k_wanted`
        (Int64, missing where not asked).
    segments : pandas.DataFrame
        `day`, `segment` (frozen), `n`, `share`, `value` (mean), `jaccard` (with its refit).
    due : Due
        When a refit is due.
    forecast : pandas.DataFrame
        `by` (segments, RFM deciles, spending deciles), `groups`, `rank_correlation`, `low`,
        `high`, `r_squared`, `less`, `less_low`, `less_high` (segments minus it); empty where it
        is not known what was spent.
    origins : int
        Days whose forecast was held against what came.
    first : pandas.Series
        Frozen segment of each customer on the first day, by the ID.
    """

    months: pd.DataFrame
    segments: pd.DataFrame
    due: Due
    forecast: pd.DataFrame
    origins: int
    first: "pd.Series[int]"


@dataclass(frozen=True)
class _Fitted:
    scaling: Scaling
    centres: Floats

    def place(self, customers: pd.DataFrame) -> npt.NDArray[np.int64]:
        found = nearest_centre(customers, self.scaling, self.centres.tolist())
        return found.to_numpy(dtype=np.int64)


def backtest(
    months: Sequence[Month],
    recipe: Recipe,
    *,
    wanted_k: Callable[[pd.DataFrame, Scaling], int] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Backtest:
    """
    Hold segments that were frozen on the first day against refits on every later one.

    Parameters
    ----------
    months : sequence of Month
        Two or more, in rising order.
    recipe : Recipe
        How segments are made.
    wanted_k : callable, optional
        The number of segments that would be chosen for customers and their scaling.
    progress : callable, optional
        Called with a line for each day.

    Returns
    -------
    Backtest
        It does not depend on the order of the customers. A refit is due on the first day on which
        more customers are placed elsewhere than chance gives (p at 5 % divided by the number of
        days, Bonferroni) and at least `MATERIAL` more of them than the median of chance.

    Raises
    ------
    TableError
        Where there are fewer than two days, or too few customers.
    """
    if len(months) < 2:
        raise TableError("a backtest needs two days or more: widen FROM and TO.")
    frames = [one.customers.sort_index() for one in months]
    first = _fit(frames[0], recipe, months[0].day)
    order = _numbers(first.place(frames[0]), frames[0], recipe)
    rows: list[dict[str, Any]] = []
    segments: list[pd.DataFrame] = []
    placed: list[pd.Series] = []
    elsewhere: list[pd.Series] = []
    pools: list[Floats] = []
    for at, (month, frame) in enumerate(zip(months, frames, strict=True)):
        if progress is not None:
            progress(f"{month.day}: {len(frame):,} customers")
        refit = first if at == 0 else _fit(frame, recipe, month.day)
        frozen = order[first.place(frame)]
        fresh = refit.place(frame)
        table = contingency(frozen - 1, fresh, (recipe.k, recipe.k))
        pairs = dict(zip(*linear_sum_assignment(table, maximize=True), strict=True))
        moved = np.array([pairs[one - 1] for one in frozen.tolist()]) != fresh
        pool = np.zeros(0)
        p = 1.0
        if at:
            size = min(len(frames[0]), CHANCE_ROWS)
            pool, p = _chance(frame, fresh, recipe, size, float(moved.mean()), len(months) - 1, at)
        rows.append(_row(month, frame, table, moved, pool, p, placed, frozen))
        rows[-1]["alarm"] = bool(
            at
            and p <= ALPHA / (len(months) - 1)
            and rows[-1]["moved"] - rows[-1]["chance"] >= MATERIAL
        )
        rows[-1]["k_wanted"] = wanted_k(frame, refit.scaling) if wanted_k else None
        segments.append(_segments(month, frame, frozen, table, pairs, recipe))
        placed.append(pd.Series(frozen, index=frame.index))
        elsewhere.append(pd.Series(moved, index=frame.index))
        pools.append(pool)
    made = pd.DataFrame(rows).astype({"k_wanted": "Int64"})
    rng = np.random.default_rng([recipe.seed, 2])
    crossed, spans = _crossings(elsewhere, pools, rng)
    made["moved_low"], made["moved_high"] = spans
    forecast, origins = _forecast(frames, placed, recipe)
    return Backtest(
        made,
        pd.concat(segments, ignore_index=True),
        _due(made, crossed),
        forecast,
        origins,
        placed[0],
    )


def _fit(frame: pd.DataFrame, recipe: Recipe, day: str) -> _Fitted:
    features = list(recipe.features)
    try:
        scaling = fit_scaling(
            frame, features, clip=recipe.clip, transforms=dict(recipe.transforms or {})
        )
        fit = fit_range(scaling.transform(frame), [recipe.k], random_state=recipe.seed)[recipe.k]
    except ClusteringError as error:
        raise TableError(f"the customers of {day} cannot be clustered: {error}") from None
    return _Fitted(scaling, np.asarray(fit.centres, dtype=np.float64))


def _numbers(
    labels: npt.NDArray[np.int64], frame: pd.DataFrame, recipe: Recipe
) -> npt.NDArray[np.int64]:
    """Number of the segment at each position of the centres, the largest total value first."""
    worth = frame[recipe.value].fillna(0.0) if recipe.value else pd.Series(1.0, index=frame.index)
    numbers = number_segments(
        pd.Series(labels, index=frame.index), worth.astype("float64")
    ).to_numpy(dtype=np.int64)
    made = np.zeros(recipe.k, dtype=np.int64)
    made[labels] = numbers
    if (made == 0).any():
        raise TableError(f"{recipe.k} segments of the first day cannot all be told apart.")
    return made


def _chance(
    frame: pd.DataFrame,
    fresh: npt.NDArray[np.int64],
    recipe: Recipe,
    size: int,
    moved: float,
    days: int,
    at: int,
) -> tuple[Floats, float]:
    """Shares that chance alone places elsewhere, and how seldom it gives as many as came."""
    rng = np.random.default_rng([recipe.seed, 1, at])
    enough = min(MOST_DRAWS, max(FIRST_DRAWS, math.ceil(days / ALPHA) - 1))
    found: list[float] = []
    while len(found) < enough:
        # Few draws are enough to say that a month is like chance, or too little to act on.
        if len(found) == FIRST_DRAWS and (moved < MATERIAL or max(found) >= moved):
            break
        drawn = frame.iloc[rng.integers(0, len(frame), size)]
        try:
            scaling = fit_scaling(
                drawn,
                list(recipe.features),
                clip=recipe.clip,
                transforms=dict(recipe.transforms or {}),
            )
        except ClusteringError:
            found.append(0.0)
            continue
        centres = fit_afresh(scaling.transform(drawn), [recipe.k], rng=rng, restarts=2)
        if recipe.k not in centres:
            found.append(0.0)
            continue
        labels = _Fitted(scaling, centres[recipe.k]).place(frame)
        table = contingency(labels, fresh, (recipe.k, recipe.k))
        kept = table[linear_sum_assignment(table, maximize=True)].sum()
        found.append(1.0 - float(kept) / len(frame))
    pool = np.array(found)
    return pool, (1 + float((pool >= moved).sum())) / (len(pool) + 1)


def _row(
    month: Month,
    frame: pd.DataFrame,
    table: Floats,
    moved: npt.NDArray[np.bool_],
    pool: Floats,
    p: float,
    placed: Sequence[pd.Series],
    frozen: npt.NDArray[np.int64],
) -> dict[str, Any]:
    behaviour, new, gone = math.nan, 0, 0
    if placed:
        before = placed[-1]
        now = pd.Series(frozen, index=frame.index)
        both = before.index.intersection(now.index)
        new, gone = len(now) - len(both), len(before) - len(both)
        if len(both):
            behaviour = float((before.loc[both].to_numpy() != now.loc[both].to_numpy()).mean())
    return {
        "day": month.day,
        "customers": len(frame),
        "new": new,
        "gone": gone,
        "ari": adjusted_rand(table),
        "moved": float(moved.mean()),
        "chance": float(np.median(pool)) if len(pool) else 0.0,
        "chance_high": float(np.quantile(pool, 0.95)) if len(pool) else 0.0,
        "p": p,
        "behaviour": behaviour,
    }


def _segments(
    month: Month,
    frame: pd.DataFrame,
    frozen: npt.NDArray[np.int64],
    table: Floats,
    pairs: Mapping[int, int],
    recipe: Recipe,
) -> pd.DataFrame:
    rows = []
    for number in range(1, recipe.k + 1):
        own = frozen == number
        shared = float(table[number - 1, pairs[number - 1]])
        union = table[number - 1].sum() + table[:, pairs[number - 1]].sum() - shared
        worth = frame.loc[own, recipe.value] if recipe.value else pd.Series(dtype="float64")
        rows.append(
            {
                "day": month.day,
                "segment": number,
                "n": int(own.sum()),
                "share": float(own.mean()),
                "value": float(worth.mean()) if len(worth) else math.nan,
                "jaccard": shared / float(union) if union else math.nan,
            }
        )
    return pd.DataFrame(rows)


def _crossings(
    elsewhere: Sequence[pd.Series], pools: Sequence[Floats], rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], tuple[list[float], list[float]]]:
    """First day on which the material share is passed, over resamples of the customers."""
    ids = elsewhere[0].index
    for one in elsewhere[1:]:
        ids = ids.union(one.index)
    places = [ids.get_indexer(one.index) for one in elsewhere]
    shares = np.zeros((RESAMPLES, len(elsewhere)))
    excess = np.full_like(shares, -1.0)
    for draw in range(RESAMPLES):
        weights = rng.poisson(1.0, len(ids)).astype(np.float64)
        for at, (place, moved) in enumerate(zip(places, elsewhere, strict=True)):
            own = weights[place]
            total = own.sum()
            shares[draw, at] = float(own @ moved.to_numpy(dtype=float)) / total if total else 0.0
            if len(pools[at]):
                excess[draw, at] = shares[draw, at] - rng.choice(pools[at])
    over = excess >= MATERIAL
    first = np.where(over.any(axis=1), over.argmax(axis=1), len(elsewhere))
    low, high = np.quantile(shares, [0.025, 0.975], axis=0)
    return first, (low.tolist(), high.tolist())


def _due(months: pd.DataFrame, crossed: npt.NDArray[np.int64]) -> Due:
    days = months["day"].tolist()
    alarms = np.flatnonzero(months["alarm"].to_numpy(dtype=bool))
    low, high = (int(one) for one in np.quantile(crossed, [0.025, 0.975], method="nearest"))
    if not len(alarms):
        return Due("", days[low] if low < len(days) else "", "")
    at = int(alarms[0])
    low, high = min(low, at), max(high, at)
    return Due(days[at], days[low], days[high] if high < len(days) else "")


# What segments are worth as a forecast ---------------------------------------------------------


def _groups(
    frame: pd.DataFrame, segments: npt.NDArray[np.int64], recipe: Recipe
) -> dict[str, npt.NDArray[np.int64]]:
    """Ways to put the customers of a day into groups, whose mean is the forecast."""
    made = {"segments": segments}
    rfm = dict(recipe.rfm or {})
    if rfm:
        scores = sum(
            fifths(frame[rfm[role]].to_numpy(dtype=float), best_low=role == "recency")
            for role in ROLES
        )
        made["RFM deciles"] = _deciles(np.asarray(scores, dtype=np.float64))
    if recipe.value:
        made["spending deciles"] = _deciles(frame[recipe.value].to_numpy(dtype=float))
    return made


def _deciles(values: Floats) -> npt.NDArray[np.int64]:
    middle = (rankdata(np.nan_to_num(values)) - 0.5) / len(values)
    return np.clip((middle * DECILES).astype(np.int64), 0, DECILES - 1)


def _forecast(
    frames: Sequence[pd.DataFrame], placed: Sequence[pd.Series], recipe: Recipe
) -> tuple[pd.DataFrame, int]:
    """
    Forecast what each customer spends next by the mean of its group a month before.

    The mean is that of what customers of the group on day t - 1 spent up to day t; it is held
    against what customers of the group on day t spent up to day t + 1.
    """
    names = ["by", "groups", "rank_correlation", "low", "high", "r_squared"]
    names += ["less", "less_low", "less_high"]
    if not recipe.spent or len(frames) < 3:
        return pd.DataFrame(columns=names), 0
    came = [_spent_after(frames[at], frames[at + 1], recipe) for at in range(len(frames) - 1)]
    grouped = [
        _groups(frame, one.to_numpy(dtype=np.int64), recipe)
        for frame, one in zip(frames, placed, strict=True)
    ]
    rng = np.random.default_rng([recipe.seed, 3])
    totals: dict[str, list[tuple[float, float, Floats]]] = {name: [] for name in grouped[0]}
    for at in range(1, len(frames) - 1):
        weights = rng.poisson(1.0, (RESAMPLES // 2, len(frames[at]))).astype(np.float64)
        actual = rankdata(came[at])
        for name in totals:
            means = pd.Series(came[at - 1]).groupby(grouped[at - 1][name]).mean()
            guess = pd.Series(grouped[at][name]).map(means).fillna(came[at - 1].mean())
            told = guess.to_numpy(dtype=float)
            ranks = rankdata(told)
            spread = float(((came[at] - came[at].mean()) ** 2).sum())
            error = float(((came[at] - told) ** 2).sum())
            totals[name].append(
                (
                    float(_correlations(np.ones((1, len(actual))), ranks, actual)[0]),
                    1 - error / spread if spread else 0.0,
                    _correlations(weights, ranks, actual),
                )
            )
    rows = []
    own = np.mean([one[2] for one in totals["segments"]], axis=0)
    value = float(np.mean([one[0] for one in totals["segments"]]))
    for name, found in totals.items():
        correlation = float(np.mean([one[0] for one in found]))
        draws = np.mean([one[2] for one in found], axis=0)
        low, high = np.quantile(draws, [0.025, 0.975])
        less = np.quantile(own - draws, [0.025, 0.975])
        rows.append(
            dict(
                zip(
                    names,
                    (
                        *(name, len(np.unique(grouped[1][name])), correlation),
                        *(float(low), float(high), float(np.mean([one[1] for one in found]))),
                        *(value - correlation, float(less[0]), float(less[1])),
                    ),
                    strict=True,
                )
            )
        )
    return pd.DataFrame(rows, columns=names), len(frames) - 2


def _spent_after(frame: pd.DataFrame, later: pd.DataFrame, recipe: Recipe) -> Floats:
    """What the customers of a day spent up to the next one; nothing where they are gone."""
    held = later[recipe.spent].reindex(frame.index).fillna(0.0)
    return held.to_numpy(dtype=np.float64)


def _correlations(weights: Floats, x: Floats, y: Floats) -> Floats:
    """Weighted correlation of two vectors, for each row of weights; 0 where one is constant."""
    total = weights.sum(axis=1)
    mean_x, mean_y = weights @ x / total, weights @ y / total
    cross = weights @ (x * y) / total - mean_x * mean_y
    spread = (weights @ (x * x) / total - mean_x**2) * (weights @ (y * y) / total - mean_y**2)
    root = np.sqrt(np.maximum(spread, 0.0))
    return np.divide(cross, root, out=np.zeros_like(cross), where=root > 1e-9)
