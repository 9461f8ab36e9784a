"""Power of a comparison of two rates: what can be found, and how many customers that takes."""

import math

from scipy.optimize import brentq
from scipy.stats import norm

from helpers.errors import ParamsError
from helpers.profiles.outcomes import cohens_h

ALPHA = 0.05
POWER = 0.8


def power(
    rate: float, reference: float, *, treated: float, held: float, alpha: float = ALPHA
) -> float:
    """
    Probability that a two-sided test finds a difference of two rates.

    Parameters
    ----------
    rate, reference : float
        Of the treated customers and of those held out.
    treated, held : float
        How many of each.
    alpha : float
        Level of the test.

    Returns
    -------
    float
        As `statsmodels.stats.power.NormalIndPower` gives it; 0 where a group is empty.

    Examples
    --------
    >>> round(power(0.12, 0.10, treated=4000, held=4000), 6)
    0.816314
    """
    if treated <= 0 or held <= 0:
        return 0.0
    shift = float(cohens_h(rate, reference)) * math.sqrt(1 / (1 / treated + 1 / held))
    bound = norm.isf(alpha / 2)
    return float(norm.sf(bound - shift) + norm.cdf(-bound - shift))


def detectable_lift(
    reference: float, *, treated: float, held: float, wanted: float = POWER, alpha: float = ALPHA
) -> float | None:
    """
    Find the smallest rise of a rate that a test finds with a given power.

    Parameters
    ----------
    reference : float
        Rate without the campaign.
    treated, held : float
        How many customers get the campaign, and how many do not.
    wanted, alpha : float
        Power and level.

    Returns
    -------
    float or None
        A difference of two rates; none where not even a rate of 1 would be found.

    Examples
    --------
    >>> round(detectable_lift(0.10, treated=4000, held=4000), 4)
    0.0196
    """
    reached = {"treated": treated, "held": held, "alpha": alpha}
    if power(1.0, reference, **reached) < wanted:
        return None
    rate = brentq(lambda one: power(one, reference, **reached) - wanted, reference, 1.0, xtol=1e-14)
    return float(rate - reference)


def sample_size(
    rate: float,
    reference: float,
    *,
    holdout: float,
    wanted: float = POWER,
    alpha: float = ALPHA,
) -> float:
    """
    Count the customers, held out or not, that a test of two rates takes.

    Parameters
    ----------
    rate, reference : float
        Of the treated customers and of those held out; they differ.
    holdout : float
        Share that is held out, between 0 and 1.
    wanted, alpha : float
        Power and level.

    Returns
    -------
    float
        Customers of both groups together, not rounded.

    Raises
    ------
    ParamsError
        Where the rates are the same.

    Examples
    --------
    >>> round(sample_size(0.12, 0.10, holdout=0.5), 2)
    7669.19
    """
    if rate == reference:
        raise ParamsError("LIFT is 0: expected a difference that is to be found, like LIFT=0.02.")

    def missing(logarithm: float) -> float:
        total = math.exp(logarithm)
        groups = {"treated": total * (1 - holdout), "held": total * holdout}
        return power(rate, reference, **groups, alpha=alpha) - wanted

    return math.exp(brentq(missing, -20.0, 60.0, xtol=1e-13, maxiter=500))
