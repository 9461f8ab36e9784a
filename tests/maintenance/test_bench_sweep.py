"""The bench measures what it says, on a small table."""

import numpy as np
import pytest

from maintenance import bench_sweep


def test_the_made_table_is_scaled_and_the_same_each_time() -> None:
    table = bench_sweep.customers(500)
    np.testing.assert_allclose(table.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(table.std(axis=0), 1.0)
    np.testing.assert_array_equal(table, bench_sweep.customers(500))


def test_the_sweep_is_never_above_a_single_start() -> None:
    table = bench_sweep.customers(400)
    swept, single = bench_sweep.ours(table), bench_sweep.single(table)
    assert list(swept) == list(range(2, 13))
    assert all(swept[k] <= single[k] * (1 + 1e-9) for k in swept)
    assert swept == bench_sweep.fits_only(table)


@pytest.mark.slow
def test_one_table_holds_every_comparison() -> None:
    table = bench_sweep.bench([300, 600])
    assert table["task"].nunique() == 6
    assert (table["seconds"] > 0).all()
    assert (table["least_inertia"].dropna() >= -1e-6).all()
    assert table["growth"].notna().sum() == 6
