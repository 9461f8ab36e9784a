"""The sample of rows depends on their values alone."""

import numpy as np

from helpers.kmeans.sampling import sample_rows


def test_the_sample_does_not_depend_on_the_order_of_rows() -> None:
    rows = np.random.default_rng(0).normal(size=(150, 3))
    order = np.random.default_rng(1).permutation(150)
    chosen = {tuple(row) for row in rows[sample_rows(rows, 40)]}
    assert len(chosen) == 40
    again = np.ascontiguousarray(rows[order])
    assert {tuple(row) for row in again[sample_rows(again, 40)]} == chosen
