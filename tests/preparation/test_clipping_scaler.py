"""The scaler behaves as scikit-learn's users expect."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from helpers.preparation.clipping_scaler import ClippingScaler


@parametrize_with_checks([ClippingScaler(), ClippingScaler(clip=None)])
def test_it_keeps_the_contract_of_an_estimator(estimator: ClippingScaler, check: Any) -> None:
    check(estimator)


def test_names_and_index_are_kept_and_a_column_is_transformed_by_name() -> None:
    frame = pd.DataFrame({"age": [20.0, 30.0, 40.0], "spend": [0.0, 0.0, 9.0]}, index=[5, 6, 7])
    scaler = ClippingScaler(clip=None, transforms={"spend": "log"}).set_output(transform="pandas")
    scaled = scaler.fit_transform(frame)

    assert list(scaled.index) == [5, 6, 7]
    assert list(scaled.columns) == ["age", "spend"]
    assert scaled["age"].tolist() == pytest.approx([-(1.5**0.5), 0.0, 1.5**0.5])
    # The logarithms are 0, 0 and ln(10): twice the mean above it, in deviations the root of 2.
    assert scaled["spend"].tolist() == pytest.approx([-(0.5**0.5), -(0.5**0.5), 2**0.5])


def test_a_constant_column_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="feature `flat` is constant"):
        ClippingScaler().fit(pd.DataFrame({"flat": [1.0, 1.0]}))


def test_unless_told_otherwise_the_outer_half_per_cent_is_clipped():
    X = np.arange(1001.0)[:, None]
    bounds = ClippingScaler().fit(X).scaling_
    assert (bounds.low, bounds.high) == ((5.0,), (995.0,))


def test_another_number_of_columns_is_refused_after_fitting():
    fitted = ClippingScaler().fit(np.arange(6.0).reshape(3, 2))
    with pytest.raises(ValueError, match="features"):
        fitted.transform(np.arange(3.0).reshape(3, 1))
    assert fitted.fit(np.arange(3.0).reshape(3, 1)).n_features_in_ == 1
