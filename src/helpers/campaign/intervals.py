"""Intervals and tests of two groups: rates, amounts, and several pairs of groups at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, t

from helpers.campaign.power import ALPHA
from helpers.profiles.outcomes import cohens_h, wilson


@dataclass(frozen=True)
class Interval:
    """A difference with its interval of 95 % and the p-value of "no difference"."""

    value: float
    low: float
    high: float
    p: float


def rate_difference(
    bought: int, treated: int, held_bought: int, held: int, *, alpha: float = ALPHA
) -> Interval:
    """
    Difference of two rates.

    Parameters
    ----------
    bought, treated : int
        Buyers among the treated customers.
    held_bought, held : int
        Buyers among those held out.
    alpha : float
        1 - confidence.

    Returns
    -------
    Interval
        By Newcombe's hybrid score method; the test is that of the arcsines, to which the power of
        `helpers.campaign.power` belongs.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    >>> found = rate_difference(60, 400, 10, 100)
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4), round(found.p, 4)
    (0.05, -0.0308, 0.1089, 0.1743)
    """
    if not treated or not held:
        return Interval(math.nan, math.nan, math.nan, math.nan)
    rate, reference = bought / treated, held_bought / held
    lows, highs = wilson([bought, held_bought], [treated, held], level=1 - alpha)
    (low, held_low), (high, held_high) = lows.tolist(), highs.tolist()
    difference = rate - reference
    return Interval(
        difference,
        difference - math.hypot(rate - low, held_high - reference),
        difference + math.hypot(high - rate, reference - held_low),
        _two_sided(float(cohens_h(rate, reference)) / math.sqrt(1 / treated + 1 / held)),
    )


def _two_sided(z: float) -> float:
    return float(2 * norm.sf(abs(z)))


def stratified_rates(counts: npt.ArrayLike, *, alpha: float = ALPHA) -> Interval:
    """
    Difference of rates over several segments, each weighing as many customers as it has.

    Parameters
    ----------
    counts : array of shape (segments, 4)
        `bought`, `treated`, `held_bought`, `held` of each, as in `rate_difference`.
    alpha : float
        1 - confidence.

    Returns
    -------
    Interval
        The interval puts those of the segments together (MOVER); the test weighs the arcsines of
        the segments by their precision.

    References
    ----------
    Donner and Zou (2012), Statistical Methods in Medical Research 21, 347-359 (MOVER).

    Examples
    --------
    >>> one = rate_difference(60, 400, 10, 100)
    >>> both = stratified_rates([[60, 400, 10, 100]])
    >>> round(both.low - one.low, 12), round(both.p - one.p, 12)
    (0.0, 0.0)
    """
    table = [[int(one) for one in row] for row in np.asarray(counts).tolist() if row[1] and row[3]]
    if not table:
        return Interval(math.nan, math.nan, math.nan, math.nan)
    found = [rate_difference(*row, alpha=alpha) for row in table]
    sizes = np.array([row[1] + row[3] for row in table], dtype=float)
    weights = sizes / sizes.sum()
    values = np.array([one.value for one in found])
    below = values - np.array([one.low for one in found])
    above = np.array([one.high for one in found]) - values
    value = float(weights @ values)
    precision = np.array([1 / (1 / row[1] + 1 / row[3]) for row in table])
    arcsines = np.array([cohens_h(row[0] / row[1], row[2] / row[3]) for row in table])
    return Interval(
        value,
        value - float(np.sqrt(((weights * below) ** 2).sum())),
        value + float(np.sqrt(((weights * above) ** 2).sum())),
        _two_sided(float(precision @ arcsines) / math.sqrt(float(precision.sum()))),
    )


def welch_total(
    pairs: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]],
    weights: Sequence[float],
    *,
    alpha: float = ALPHA,
) -> Interval:
    """
    Weighted sum of differences of means, of groups whose variances differ.

    Parameters
    ----------
    pairs : sequence of (array, array)
        Amounts of the treated customers and of those held out, for each segment.
    weights : sequence of float
        Weight of each difference, such as the number of treated customers.
    alpha : float
        1 - confidence.

    Returns
    -------
    Interval
        By Welch's t with Satterthwaite's degrees of freedom. Not a number where a group has fewer
        than two customers.

    References
    ----------
    Welch (1947), Biometrika 34, 28-35. Satterthwaite (1946), Biometrics Bulletin 2, 110-114.

    Examples
    --------
    >>> found = welch_total([([1.0, 2.0, 3.0], [0.0, 1.0, 2.0])], [1.0])
    >>> round(found.value, 6), round(found.low, 6), round(found.p, 6)
    (1.0, -1.266958, 0.287864)
    """
    value = variance = below = 0.0
    for (treated, held), weight in zip(pairs, weights, strict=True):
        groups = [np.asarray(one, dtype=float) for one in (treated, held)]
        if min(len(one) for one in groups) < 2:
            return Interval(math.nan, math.nan, math.nan, math.nan)
        value += weight * float(groups[0].mean() - groups[1].mean())
        for one in groups:
            part = weight * weight * float(one.var(ddof=1)) / len(one)
            variance += part
            below += part * part / (len(one) - 1)
    if variance == 0 or not pairs:
        return Interval(value, value, value, 1.0 if value == 0 else 0.0)
    freedom = variance * variance / below
    half = float(t.isf(alpha / 2, freedom)) * math.sqrt(variance)
    p = float(2 * t.sf(abs(value) / math.sqrt(variance), freedom))
    return Interval(value, value - half, value + half, p)


def holm(p_values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """
    Adjust p-values step by step for how many there are (Holm 1979).

    Parameters
    ----------
    p_values : array of shape (n,)
        Those that are not a number stay so and do not count.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(6).tolist()
    [0.03, 0.06, 0.06]
    """
    given = np.asarray(p_values, dtype=float)
    adjusted = np.full(len(given), np.nan)
    known = np.flatnonzero(~np.isnan(given))
    order = known[np.argsort(given[known], kind="stable")]
    steps = given[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
