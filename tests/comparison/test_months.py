"""Frozen segments over many months: a planted change is caught where it comes, chance is not."""

import numpy as np
import pandas as pd
import pytest

from helpers.comparison import months
from helpers.comparison.months import Month, Recipe, backtest
from helpers.errors import TableError
from helpers.narrative import months_chapter

RECIPE = Recipe(("a", "b"), 3, value="value", spent="spent", seed=1)
BEFORE = np.array([[0.0, 0.0], [3.0, 0.0], [1.5, 2.6]])
AFTER = np.array([[0.0, 0.0], [0.0, 3.0], [5.0, 2.6]])


def stream(seed: int, *, change: int | None = None, n: int = 150, days: int = 9) -> list[Month]:
    """Three kinds of customers, drawn afresh each month; half of one kind turn into another."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, n, p=[0.3, 0.45, 0.25])
    turned = np.where((kind == 1) & (np.arange(n) % 2 == 0), 0, kind)
    made = []
    for month in range(days):
        changed = change is not None and month + 1 >= change
        own = turned if changed else kind
        place = (AFTER if changed else BEFORE)[own] + rng.normal(0, 0.8, (n, 2))
        frame = pd.DataFrame(
            {
                "a": place[:, 0],
                "b": place[:, 1],
                "value": 10.0 + own,
                "spent": (own + 1) * rng.gamma(2.0, 5.0, n),
            },
            index=[f"C{one:05}" for one in np.arange(n) + 3 * month],
        )
        made.append(Month(f"2025-{month + 1:02}-28", frame))
    return made


def test_a_planted_change_in_month_7_is_caught_there() -> None:
    found = backtest(stream(4, change=7, n=300), RECIPE)
    assert found.due.day == "2025-07-28"
    assert found.due.low <= "2025-07-28" <= (found.due.high or "9")
    assert not found.months["alarm"].iloc[:6].any()
    row = found.months.iloc[6]
    assert row["moved"] - row["chance"] >= months.MATERIAL
    assert "by 28 July 2025" in months_chapter.answer(found, RECIPE)


def test_nothing_depends_on_the_order_of_the_customers() -> None:
    given = stream(5, days=4)
    turned = [Month(one.day, one.customers.iloc[::-1]) for one in given]
    one, other = backtest(given, RECIPE), backtest(turned, RECIPE)
    pd.testing.assert_frame_equal(one.months, other.months)
    pd.testing.assert_frame_equal(one.segments, other.segments)
    pd.testing.assert_frame_equal(one.forecast, other.forecast)


def test_shares_customers_and_forecast_are_counted() -> None:
    found = backtest(stream(6, days=4), RECIPE, wanted_k=lambda frame, scaling: 2)
    assert found.months["new"].tolist() == [0, 3, 3, 3]
    assert found.months["gone"].tolist() == [0, 3, 3, 3]
    assert found.months["k_wanted"].tolist() == [2, 2, 2, 2]
    assert found.segments.groupby("day")["share"].sum().round(9).tolist() == [1.0] * 4
    assert found.segments.groupby("day")["n"].sum().tolist() == [150] * 4
    assert found.origins == 2
    rows = found.forecast.set_index("by")
    assert list(rows.index) == ["segments", "spending deciles"]
    # Value tells the kind without noise here, the segments with some.
    assert rows.loc["spending deciles", "less"] < 0
    assert rows.loc["segments", "low"] < rows.loc["segments", "rank_correlation"]
    assert any("On 4 of 4 days" in one for one in months_chapter.k_sentences(found, RECIPE, rows=9))


def test_the_weighted_correlation_is_that_of_numpy() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=30), rng.normal(size=30)
    weights = rng.integers(0, 4, (2, 30)).astype(float)
    found = months._correlations(weights, x, y)
    for row, value in zip(weights, found, strict=True):
        repeated = np.repeat(np.arange(30), row.astype(int))
        assert value == pytest.approx(np.corrcoef(x[repeated], y[repeated])[0, 1])


def test_too_few_days_or_customers_are_refused() -> None:
    with pytest.raises(TableError, match="two days"):
        backtest(stream(1, days=1), RECIPE)
    few = [Month(one.day, one.customers.iloc[:2]) for one in stream(1, days=2)]
    with pytest.raises(TableError, match="cannot be clustered"):
        backtest(few, RECIPE)


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer draws before a month that is like chance is left alone; the level stays as it is."""
    monkeypatch.setattr(months, "FIRST_DRAWS", 9)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_of_a_hundred_streams_without_a_change_few_raise_an_alarm(few_draws: None) -> None:
    alarms = sum(bool(backtest(stream(seed), RECIPE).due.day) for seed in range(100))
    assert alarms <= 5


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_planted_change_is_caught_in_every_one_of_twenty_streams(few_draws: None) -> None:
    days = [backtest(stream(seed, change=7), RECIPE).due.day for seed in range(200, 220)]
    assert days.count("2025-07-28") >= 19
