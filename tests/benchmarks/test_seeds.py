"""A few seeds and orders of the rows give one partition of the real table, or a doubt is named."""

from pathlib import Path

import numpy as np
import pytest

from helpers.kmeans.search import CONFIG, Fit, fit_range
from maintenance.published_table import published_customers
from tests.benchmarks import seeds
from tests.benchmarks.tables import labelled


@pytest.mark.slow
@pytest.mark.seed_data
@pytest.mark.parametrize("edition", list(seeds.CLIPS))
def test_seeds_and_orders_give_one_partition_or_a_doubt_that_is_named(
    seed_data: Path, edition: str
) -> None:
    frame, features = published_customers(seed_data / "customers.csv")
    table = seeds.summary(seeds.searches(frame, features, seeds.CLIPS[edition], 3, 2))
    assert table["k"].tolist() == list(seeds.KS)
    assert (table["unnamed"] == 0).all()
    assert (table["worst"] <= CONFIG.equal_rtol).all()
    assert (table.loc[table["k"] <= 8, "partitions"] == 1).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ds-577", "zelnik4"])
def test_a_small_table_is_searched_until_every_seed_ends_in_one_partition(name: str) -> None:
    rows = next((one.make() for one in labelled() if one.name == name), None)
    if rows is None:
        pytest.skip("the labelled sets are not beside this checkout (../shared/labelled)")
    ends = [fit_range(rows, seeds.KS, random_state=seed) for seed in range(40)]
    for k in seeds.KS:
        inertias = [one[k].inertia for one in ends]
        assert max(inertias) <= min(inertias) * (1 + CONFIG.equal_rtol), k


def fit(labels: list[int], inertia: float, in_doubt: int) -> Fit:
    return Fit(
        k=2,
        centres=np.zeros((2, 1)),
        labels=np.array(labels, np.int32),
        inertia=inertia,
        restarts=1,
        found=1,
        runner_up=0.0,
        optima=(inertia,),
        in_doubt=in_doubt,
    )


def test_a_partition_that_differs_without_a_doubt_is_counted() -> None:
    fits = [fit([0, 0, 1, 1], 10.0, 1), fit([0, 1, 1, 1], 10.001, 0), fit([0, 0, 1, 1], 10.0, 1)]
    row = seeds.summary((number, False, {2: one}) for number, one in enumerate(fits)).iloc[0]
    assert (row["partitions"], row["missed"], row["moved"], row["unnamed"]) == (2, 1, 1, 1)
    assert row["worst"] == pytest.approx(1e-4)
    same = seeds.summary((number, False, {2: fits[0]}) for number in range(3)).iloc[0]
    assert (same["partitions"], same["missed"], same["unnamed"]) == (1, 0, 0)
