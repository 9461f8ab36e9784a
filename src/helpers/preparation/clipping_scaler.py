"""The scaling of a run as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from helpers.errors import SegmentationError
from helpers.preparation.scaling import Scaling, fit_scaling


class ClippingScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """
    Set extremes to quantiles, transform, and standardise each column.

    Parameters
    ----------
    clip : tuple of (float, float) or None
        Lower and upper quantile beyond which a value is set to the quantile; None for no clipping.
    transforms : mapping of str to str, optional
        Column to `log` or `rank`; a column that is not named stays as it is.

    Attributes
    ----------
    scaling_ : Scaling
        Clip bounds, transforms, means and population deviations.
    n_features_in_ : int
        Columns of the table.

    Raises
    ------
    ValueError
        On fitting, where a column is constant or a transform names no column.

    Examples
    --------
    >>> ClippingScaler(clip=None).fit_transform([[1.0], [3.0]]).tolist()
    [[-1.0], [1.0]]
    """

    scaling_: Scaling

    def __init__(
        self,
        clip: tuple[float, float] | None = (0.005, 0.995),
        *,
        transforms: Mapping[str, str] | None = None,
    ) -> None:
        self.clip = clip
        self.transforms = transforms

    def _frame(self, X: ArrayLike, *, reset: bool) -> pd.DataFrame:
        """Check a table and give its columns names."""
        matrix = validate_data(self, X, dtype=np.float64, reset=reset)
        return pd.DataFrame(matrix, columns=self.get_feature_names_out())

    def fit(self, X: ArrayLike, y: Any = None) -> ClippingScaler:
        """
        Take bounds, means and deviations from a table.

        Parameters
        ----------
        X : array-like, shape (n_samples, n_features)
            Features in their units, no gaps.
        y : ignored
            Present for scikit-learn's sake.

        Returns
        -------
        ClippingScaler
            Itself.
        """
        validate_data(self, X, dtype=np.float64)
        frame = self._frame(X, reset=False)
        if len(frame) < 2:
            raise ValueError("n_samples=1: two rows at least are needed for a deviation.")
        try:
            self.scaling_ = fit_scaling(
                frame, list(frame.columns), clip=self.clip or (), transforms=self.transforms
            )
        except SegmentationError as error:
            raise ValueError(str(error)) from error
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """
        Clip, transform and standardise a table.

        Parameters
        ----------
        X : array-like, shape (n_samples, n_features_in_)
            Features in their units, no gaps.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_features_in_)
            In population deviations from the mean; `set_output(transform="pandas")` keeps names
            and index.
        """
        check_is_fitted(self)
        return self.scaling_.transform(self._frame(X, reset=False))
