"""Profit per contact, from rates; sizes of tests as statsmodels has them."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import TableError
from helpers.profiles.contact import Terms, contact_profit, contacts_needed, nothing

# 130 of 608, 104 of 566, 99 of 1,042 and 2 of 4 answered.
SIZES = {1: 608, 2: 566, 3: 1042, 4: 4}
ANSWERS = {1: 130, 2: 104, 3: 99, 4: 2}
SEGMENTS = pd.Series(np.repeat(list(SIZES), list(SIZES.values())))
TABLE = pd.DataFrame(
    {
        "yes": [int(i < ANSWERS[s]) for s, n in SIZES.items() for i in range(n)],
        "cost": np.where(SEGMENTS == 1, 1.0, 3.0),
        "worth": np.where(SEGMENTS == 2, 20.0, 11.0),
    }
)


def test_profit_and_its_interval_are_those_of_the_rate() -> None:
    found = contact_profit(TABLE, SEGMENTS, Terms("yes", 3, 11), customers=SIZES, floor=5)
    assert found["segment"].tolist() == [1, 2, 3]
    # Bounds of statsmodels 0.14, proportion_confint(method="wilson"), times 11 less 3.
    low = np.array([0.183075871, 0.154008700, 0.0786636398]) * 11 - 3
    high = np.array([0.248149330, 0.217746380, 0.114330680]) * 11 - 3
    assert found["profit_low"].to_numpy() == pytest.approx(low, abs=1e-7)
    assert found["profit_high"].to_numpy() == pytest.approx(high, abs=1e-7)
    assert found["profit"].tolist() == pytest.approx([k / n * 11 - 3 for k, n in (
        (130, 608), (104, 566), (99, 1042))])  # fmt: skip
    assert found["break_even"].tolist() == pytest.approx([3 / 11] * 3)
    assert found["total"].tolist() == pytest.approx([130 * 11 - 608 * 3, 104 * 11 - 566 * 3,
                                                     99 * 11 - 1042 * 3])  # fmt: skip
    assert found["decision"].tolist() == ["leave out"] * 3


def test_a_segment_pays_is_left_out_or_is_tested_by_its_interval() -> None:
    found = contact_profit(TABLE, SEGMENTS, Terms("yes", 2, 11), customers=SIZES, floor=5)
    assert dict(zip(found["segment"], found["decision"], strict=True)) == {
        1: "contact", 2: "test first", 3: "leave out",
    }  # fmt: skip


def test_cost_and_revenue_may_be_columns() -> None:
    found = contact_profit(
        TABLE, SEGMENTS, Terms("yes", "cost", "worth"), customers=SIZES, floor=5
    ).set_index("segment")
    assert found["cost"].to_dict() == {1: 1.0, 2: 3.0, 3: 3.0}
    assert found["break_even"].to_dict() == pytest.approx({1: 1 / 11, 2: 3 / 20, 3: 3 / 11})
    assert found.loc[2, "profit"] == pytest.approx(104 / 566 * 20 - 3)


def test_totals_are_of_all_customers_where_the_table_is_a_sample() -> None:
    many = {number: size * 10 for number, size in SIZES.items()}
    found = contact_profit(TABLE, SEGMENTS, Terms("yes", 3, 11), customers=many, floor=5)
    assert found["total"].tolist() == pytest.approx([(130 * 11 - 608 * 3) * 10,
                                                     (104 * 11 - 566 * 3) * 10,
                                                     (99 * 11 - 1042 * 3) * 10])  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "against", "exact"),
    # statsmodels 0.14: NormalIndPower().solve_power(proportion_effectsize(rate, against),
    # alpha=0.05, power=0.8, ratio=0).
    [(0.15, 0.10, 340.1763), (130 / 608, 3 / 11, 414.9686), (0.095, 3 / 11, 35.1875),
     (0.02, 0.03, 1894.1475)],
)  # fmt: skip
def test_the_size_of_a_test_is_that_of_statsmodels(
    rate: float, against: float, exact: float
) -> None:
    assert float(contacts_needed(rate, against)) == np.ceil(exact)


def test_equal_rates_are_never_told_apart() -> None:
    assert np.isnan(contacts_needed(0.1, 0.1))


def test_terms_that_make_no_sense_are_refused() -> None:
    with pytest.raises(TableError, match="must cost 0 or more"):
        contact_profit(TABLE, SEGMENTS, Terms("yes", -1, 11), customers=SIZES)
    with pytest.raises(TableError, match="no column of the customers"):
        contact_profit(TABLE, SEGMENTS, Terms("yes", "price", 11), customers=SIZES)


def test_terms_are_stated_whole_or_not_at_all() -> None:
    assert Terms("yes", 0, 11).stated
    assert not Terms("yes", "", 11).stated
    assert not Terms("", 3, 11).stated
    assert Terms("yes", "cost", 11).known(TABLE).stated
    assert not Terms("yes", "price", 11).known(TABLE).stated
    assert nothing().empty
