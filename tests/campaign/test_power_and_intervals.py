"""Power, sizes and intervals equal what statsmodels 0.15 gives; chance gives no more alarms."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from helpers.campaign.intervals import holm, rate_difference, stratified_rates, welch_total
from helpers.campaign.power import detectable_lift, power, sample_size
from helpers.campaign.readout import read_out
from helpers.campaign.split import HOLDOUT, TREATMENT
from helpers.errors import ParamsError
from helpers.profiles.outcomes import wilson

# NormalIndPower().power(proportion_effectsize(rate, reference), treated, 0.05, held / treated)
POWER = [
    (0.12, 0.1, 4000, 4000, 0.8163135759806979),
    (0.06, 0.05, 9000, 1000, 0.2607191760054198),
    (0.33, 0.3, 700, 300, 0.1548488503054262),
    (0.021, 0.02, 50000, 12500, 0.10872387587302278),
    (0.1, 0.3, 120, 60, 0.903559817779477),
]
# solve_power(..., power=0.8), both groups together
SIZES = [
    (0.12, 0.1, 0.5, 7669.191479768062),
    (0.06, 0.05, 0.1, 45236.64107891045),
    (0.33, 0.3, 0.3, 8956.183271394342),
    (0.021, 0.02, 0.2, 984875.1949794615),
    (0.1, 0.3, 0.25, 157.35447010908283),
]
# confint_proportions_2indep(..., method="newcomb"), proportion_confint(..., method="wilson")
RATES = [
    (60, 400, 10, 100, -0.030822589252056845, 0.10892675907896365, 0.11834499530337544,
     0.18831361073063213),
    (5, 1000, 0, 200, -0.014061480244803373, 0.011650955373375117, 0.0021375355273244604,
     0.011650955373375117),
    (300, 900, 90, 300, -0.02855880281127217, 0.09160809406608972, 0.30330118328788336,
     0.36478219895546793),
    (0, 50, 2, 50, -0.13460090687507023, 0.0370014683177109, 0.0, 0.07134759913335874),
    (1200, 20000, 250, 5000, 0.0028465072927066036, 0.016627732559800903, 0.05679238816361519,
     0.06337660356575688),
]  # fmt: skip


@pytest.mark.parametrize(("rate", "reference", "treated", "held", "wanted"), POWER)
def test_power_is_that_of_statsmodels(
    rate: float, reference: float, treated: int, held: int, wanted: float
) -> None:
    assert power(rate, reference, treated=treated, held=held) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(("rate", "reference", "holdout", "wanted"), SIZES)
def test_sizes_are_those_of_statsmodels(
    rate: float, reference: float, holdout: float, wanted: float
) -> None:
    total = sample_size(rate, reference, holdout=holdout)
    assert total == pytest.approx(wanted, rel=1e-9)
    groups = {"treated": total * (1 - holdout), "held": total * holdout}
    if rate > reference:
        assert detectable_lift(reference, **groups) == pytest.approx(rate - reference, abs=1e-9)


@pytest.mark.parametrize("row", RATES)
def test_intervals_are_those_of_statsmodels(row: tuple[float, ...]) -> None:
    counts, wanted = [int(one) for one in row[:4]], row[4:]
    found = rate_difference(*counts)
    assert (found.low, found.high) == pytest.approx(wanted[:2], abs=1e-9)
    assert wilson(*counts[:2]) == pytest.approx(wanted[2:], abs=1e-9)


def test_welch_and_holm_are_those_of_statsmodels() -> None:
    treated, held = [0.0, 0, 0, 12.5, 40, 0, 8, 0, 99, 3], [0.0, 0, 5, 0, 0, 31]
    found = welch_total([(treated, held)], [1.0])
    assert (found.low, found.high) == pytest.approx((-14.013317885790514, 34.513317885790514))
    assert found.p == pytest.approx(0.3773405447308101)
    weighted = welch_total([(treated, held)], [10.0])
    assert weighted.high == pytest.approx(345.13317885790514)
    adjusted = holm([0.01, 0.04, 0.03, 0.2, 0.005])
    assert adjusted.tolist() == pytest.approx([0.04, 0.09, 0.09, 0.2, 0.025])


def test_what_cannot_be_found_is_said() -> None:
    assert detectable_lift(0.99, treated=10, held=5) is None
    with pytest.raises(ParamsError, match="LIFT"):
        sample_size(0.1, 0.1, holdout=0.2)


SEGMENTS = {1: (2000, 0.10), 2: (1500, 0.05), 3: (600, 0.30), 4: (900, 0.08)}


def campaign(rng: np.random.Generator, lift: float) -> pd.DataFrame:
    """One campaign to four segments, a fifth held out."""
    parts = []
    for number, (size, rate) in SEGMENTS.items():
        group = np.where(rng.random(size) < 0.2, HOLDOUT, TREATMENT)
        bought = rng.random(size) < rate + lift * (group == TREATMENT)
        parts.append(pd.DataFrame({"audience": number, "group": group, "bought": bought * 1.0}))
    made = pd.concat(parts, ignore_index=True)
    return made.assign(id=[str(one) for one in range(len(made))])


def read(made: pd.DataFrame):
    personas = {number: f"P{number}" for number in SEGMENTS}
    results = made[["id", "bought"]]
    return read_out(made, results, holdout=0.2, personas=personas)


@pytest.mark.slow
def test_a_thousand_null_campaigns_raise_an_alarm_as_often_as_was_said() -> None:
    rng = np.random.default_rng(20)
    together = any_segment = 0
    for _ in range(1000):
        found = read(campaign(rng, 0.0))
        together += found.together.p < 0.05
        any_segment += bool((found.segments["p_adjusted"] < 0.05).any())
    assert 35 <= together <= 65
    assert 35 <= any_segment <= 65


@pytest.mark.slow
@pytest.mark.parametrize("number", SEGMENTS)
def test_a_planted_lift_is_found_at_the_power_that_was_promised(number: int) -> None:
    size, rate = SEGMENTS[number]
    lift = detectable_lift(rate, treated=size * 0.8, held=size * 0.2)
    assert lift is not None
    rng = np.random.default_rng(number)
    runs, hits = 2000, 0
    for _ in range(runs):
        held = int(rng.binomial(size, 0.2))
        found = rate_difference(
            int(rng.binomial(size - held, rate + lift)), size - held,
            int(rng.binomial(held, rate)), held,
        )  # fmt: skip
        hits += found.p < 0.05 and found.value > 0
    low, high = binom.interval(0.999, runs, 0.8)
    # The normal law that power rests on errs by up to 1.5 points at these sizes.
    assert low - 0.015 * runs <= hits <= high + 0.015 * runs


def test_segments_weigh_as_many_customers_as_they_have() -> None:
    found = stratified_rates([[60, 400, 10, 100], [30, 800, 8, 200], [0, 0, 1, 5]])
    one, other = rate_difference(60, 400, 10, 100), rate_difference(30, 800, 8, 200)
    assert found.value == pytest.approx((500 * one.value + 1000 * other.value) / 1500)
    assert found.low < found.value < found.high
