"""From features to the matrix that is clustered: clip the extremes, then standardise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import ClusteringError, ParamsError


@dataclass(frozen=True)
class Scaling:
    """What turns a feature into a column of the matrix, and back."""

    columns: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def transform(self, features: pd.DataFrame) -> np.ndarray:
        """
        Clip and standardise.

        Parameters
        ----------
        features : pandas.DataFrame
            With the columns of this scaling, no nulls.

        Returns
        -------
        numpy.ndarray
            Shape (rows, columns), float64, in population deviations from the mean.

        Examples
        --------
        >>> fitted = fit_scaling(pd.DataFrame({"a": [1.0, 2.0, 3.0]}), ["a"], clip=[])
        >>> fitted.transform(pd.DataFrame({"a": [2.0]}))
        array([[0.]])
        """
        values = features.loc[:, list(self.columns)].to_numpy(dtype=np.float64)
        clipped = np.clip(values, self.low, self.high)
        return np.ascontiguousarray((clipped - self.mean) / self.deviation)

    def restore(self, matrix: np.ndarray) -> np.ndarray:
        """Back from the matrix to the units of the features."""
        return matrix * np.asarray(self.deviation) + np.asarray(self.mean)


def check_clip(clip: Sequence[float]) -> tuple[float, float] | None:
    """
    Check the clip quantiles.

    Parameters
    ----------
    clip : sequence of float
        Empty for no clipping, else the lower and the upper quantile.

    Returns
    -------
    tuple of float or None
        The two quantiles, or None.

    Raises
    ------
    ParamsError
        Where they are not two rising numbers from 0 to 1.
    """
    if len(clip) == 0:
        return None
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in clip)
    if len(clip) != 2 or not numbers or not 0 <= clip[0] < clip[1] <= 1:
        raise ParamsError(
            f"`clip_quantiles` is {list(clip)!r}: expected two rising numbers from 0 to 1, "
            "like [0.005, 0.995], or [] for no clipping."
        )
    return float(clip[0]), float(clip[1])


def fit_scaling(
    features: pd.DataFrame, columns: Sequence[str], *, clip: Sequence[float]
) -> Scaling:
    """
    Clip bounds, means and deviations of features.

    Each is computed from the sorted column, so that the order of the rows cannot reach a result.

    Parameters
    ----------
    features : pandas.DataFrame
        One row a customer, no nulls in `columns`.
    columns : sequence of str
        The features.
    clip : sequence of float
        Lower and upper quantile (linear interpolation) beyond which a value is set to the
        quantile; empty for no clipping.

    Returns
    -------
    Scaling
        Means and population deviations are those of the clipped values.

    Raises
    ------
    ClusteringError
        Where a feature is constant, so that no deviation can be taken.
    """
    quantiles = check_clip(clip)
    low, high, mean, deviation = [], [], [], []
    for name in columns:
        values = np.sort(features[name].to_numpy(dtype=np.float64))
        bounds = np.quantile(values, quantiles) if quantiles else (values[0], values[-1])
        clipped = np.clip(values, *bounds)
        spread = float(clipped.std())
        if not spread > 1e-12 * max(1.0, float(np.abs(clipped).max())):
            raise ClusteringError(
                f"feature `{name}` is constant ({clipped[0]:g}"
                + (" after clipping" if values[0] != values[-1] else "")
                + "): it cannot tell customers apart. Remove it from `features`"
                + (" or clip less." if values[0] != values[-1] else ".")
            )
        low.append(float(bounds[0]) if quantiles else -np.inf)
        high.append(float(bounds[1]) if quantiles else np.inf)
        mean.append(float(clipped.mean()))
        deviation.append(spread)
    return Scaling(tuple(columns), tuple(low), tuple(high), tuple(mean), tuple(deviation))
