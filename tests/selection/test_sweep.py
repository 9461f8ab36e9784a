"""The sweep as a whole: its columns, its seeds, its refusals."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import ClusteringError
from helpers.selection.sweep import TABLE, tune


def groups() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.vstack([rng.normal(c, 0.4, (30, 2)) for c in ((0, 0), (4, 0), (0, 4))])


def test_every_frame_has_one_row_per_k_and_tuning_csv_its_columns() -> None:
    heard: list[str] = []
    tuning = tune(
        groups(), k_max=5, random_state=0, resamples=10, references=5, progress=heard.append
    )
    assert tuple(tuning.table.columns) == TABLE
    for frame in (tuning.table, tuning.null, tuning.audit, tuning.agreement, tuning.scores):
        assert frame["k"].tolist() == [2, 3, 4, 5]
        assert frame.notna().all(axis=None)
    assert tuning.gaps["k"].tolist() == [1, 2, 3, 4, 5]
    assert len(tuning.stability) == 2 + 3 + 4 + 5
    assert tuning.table.set_index("k").loc[3, "min_jaccard"] == 1.0
    assert tuning.rows == 90
    assert heard[0].startswith("searching")


def test_the_same_inputs_give_the_same_bytes_and_order_no_difference() -> None:
    rows = groups()
    order = np.random.default_rng(1).permutation(90)
    options = {"k_max": 4, "random_state": 7, "resamples": 5, "references": 3, "splits": 3}
    first = tune(rows, **options)  # type: ignore[arg-type]
    again = tune(rows[order], **options)  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(first.table, again.table, rtol=1e-12)
    pd.testing.assert_frame_equal(first.stability, again.stability, check_exact=True)


def test_a_tiny_table_lowers_the_range_and_a_tinier_one_is_refused() -> None:
    rows = np.arange(8.0).reshape(8, 1)
    tuning = tune(rows, k_max=12, random_state=0, resamples=3, references=2, splits=2)
    assert tuning.table["k"].tolist() == [2, 3, 4]
    with pytest.raises(ClusteringError, match="3 distinct rows"):
        tune(rows[:3], random_state=0)
    with pytest.raises(ClusteringError, match="begins at 2"):
        tune(rows, k_min=1, random_state=0)
