"""From features to the matrix that is clustered: clip the extremes, transform, standardise."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import ClusteringError, ParamsError
from helpers.params.loader import nearest

KINDS = ("log", "rank")
FLAG = "flag"
INDICATOR = re.compile(r"indicator of (\d+)")
"""Kinds of the 0 and 1 of a category: of two entries, and of as many as the kind says."""
STEPS = 20
"""Parts into which the ranks of a feature are cut; between two cuts a rank is interpolated."""


@dataclass(frozen=True)
class Transform:
    """
    A rising function of one feature: a logarithm, or the rank among the customers.

    Attributes
    ----------
    kind : str
        `log`: ln(1 + x), mirrored below 0; `rank`: the share of customers below, 0 to 1.
    knots : tuple of (float, float)
        For `rank`: values of the feature and their ranks, rising; straight lines between them.
    """

    kind: str
    knots: tuple[tuple[float, float], ...] = ()

    def apply(self, values: np.ndarray) -> np.ndarray:
        """
        Transform values.

        Examples
        --------
        >>> Transform("rank", ((0.0, 0.0), (10.0, 1.0))).apply(np.array([-3.0, 2.5, 99.0]))
        array([0.  , 0.25, 1.  ])
        """
        if self.kind == "log":
            return np.asarray(np.sign(values) * np.log1p(np.abs(values)))
        places, ranks = zip(*self.knots, strict=True)
        return np.asarray(np.interp(values, places, ranks))


def fit_transform(values: np.ndarray, kind: str) -> Transform:
    """
    Fit a transform to the values of a feature, sorted.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Rising, no nulls.
    kind : str
        `log` or `rank`.

    Returns
    -------
    Transform
        For `rank`, a value that many share has the mean of their ranks.

    Examples
    --------
    >>> fit_transform(np.array([0.0, 0.0, 1.0, 5.0]), "rank").knots[0]
    (0.0, 0.25)
    """
    if kind == "log":
        return Transform(kind)
    places = np.unique(np.quantile(values, np.arange(STEPS + 1) / STEPS, method="inverted_cdf"))
    below = np.searchsorted(values, places, side="left")
    upto = np.searchsorted(values, places, side="right")
    ranks = (below + upto) / (2.0 * len(values))
    return Transform(kind, tuple(zip(places.tolist(), ranks.tolist(), strict=True)))


def check_transforms(transforms: Mapping[str, str], features: Sequence[str]) -> None:
    """
    Check which feature gets which transform.

    Raises
    ------
    ParamsError
        For a name that is no feature, or a transform that there is not.
    """
    from helpers.params.loader import nearest

    for name, kind in transforms.items():
        if name not in features:
            raise ParamsError(
                f"`transforms` names `{name}`, which is no feature.{nearest(name, features)}"
            )
        if kind not in KINDS and not is_coded(kind):
            raise ParamsError(
                f"`transforms` gives `{name}` the transform {kind!r}: expected log or rank."
                + nearest(str(kind), KINDS)
            )


@dataclass(frozen=True)
class Scaling:
    """What turns a feature into a column of the matrix."""

    columns: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    transforms: tuple[Transform | None, ...] = ()

    def transform_of(self, position: int) -> Transform | None:
        """Transform of the feature at a position, where it has one."""
        return self.transforms[position] if self.transforms else None

    def transform(self, features: pd.DataFrame) -> np.ndarray:
        """
        Clip, transform and standardise.

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
        shaped = np.clip(values, self.low, self.high)
        for position, one in enumerate(self.transforms):
            if one is not None:
                shaped[:, position] = one.apply(shaped[:, position])
        return np.ascontiguousarray((shaped - self.mean) / self.deviation)


def squared_distances(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """
    Squared Euclidean distance of every row to every centre.

    Parameters
    ----------
    rows : numpy.ndarray
        Shape (n, d).
    centres : numpy.ndarray
        Shape (k, d).

    Returns
    -------
    numpy.ndarray
        Shape (n, k). Added feature by feature, so that no row's result depends on how many rows
        there are.

    Examples
    --------
    >>> squared_distances(np.array([[0.0, 3.0]]), np.array([[4.0, 0.0], [0.0, 1.0]])).tolist()
    [[25.0, 4.0]]
    """
    squares = np.zeros((len(rows), len(centres)))
    for position in range(rows.shape[1]):
        squares += (rows[:, position, np.newaxis] - centres[:, position]) ** 2
    return squares


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


def is_coded(kind: str | None) -> bool:
    """
    Whether a column is the 0 and 1 of a category.

    Examples
    --------
    >>> is_coded("indicator of 3"), is_coded("flag"), is_coded("log"), is_coded(None)
    (True, True, False, False)
    """
    return kind == FLAG or bool(INDICATOR.fullmatch(str(kind)))


def divisor(mean: float, deviation: float, kind: str | None) -> float:
    """
    What a column is divided by.

    Parameters
    ----------
    mean, deviation : float
        Of the column; the mean of an indicator is its share p.
    kind : str or None
        The deviation counts, unless it is one of m indicators: for these sqrt(p (m - 1)), so that
        their variances add up to 1, as that of a number does.

    Examples
    --------
    >>> divisor(0.25, 0.433, "indicator of 5"), divisor(0.25, 0.433, None)
    (1.0, 0.433)
    """
    found = INDICATOR.fullmatch(str(kind))
    return float(np.sqrt(mean * (int(found[1]) - 1))) if found else deviation


def check_columns(features: pd.DataFrame, columns: Sequence[str]) -> None:
    """
    Refuse features that cannot be scaled: none, no list, unknown, text, or with gaps.

    Parameters
    ----------
    features : pandas.DataFrame
        One row a customer.
    columns : sequence of str
        The features.

    Raises
    ------
    ParamsError
        Naming the feature, and the nearest column where there is none of its name.

    Examples
    --------
    >>> check_columns(pd.DataFrame({"Income": [1.0]}), ["Incme"])
    Traceback (most recent call last):
        ...
    helpers.errors.ParamsError: `features` names `Incme`, which the customers lack. Did you mean \
`Income`?
    """
    if isinstance(columns, str) or not all(isinstance(one, str) for one in columns):
        raise ParamsError(f'`features` is {columns!r}: expected a list of columns, like ["Age"].')
    if not columns:
        raise ParamsError("`features` is empty: name the columns that customers are told apart by.")
    for name in columns:
        if name not in features.columns:
            raise ParamsError(
                f"`features` names `{name}`, which the customers lack."
                + nearest(name, map(str, features.columns))
            )
        column = features[name]
        if not pd.api.types.is_numeric_dtype(column):
            raise ParamsError(
                f"`features` names `{name}`, which holds no numbers: name it in the first "
                "notebook too, which codes categories, or leave it out."
            )
        gaps = int(column.isna().sum())
        if gaps:
            raise ParamsError(
                f"`features` names `{name}`, which {gaps} of {len(column)} customers lack: name it "
                "in the first notebook too, which sets such customers aside or fills the gaps."
            )


def fit_scaling(
    features: pd.DataFrame,
    columns: Sequence[str],
    *,
    clip: Sequence[float],
    transforms: Mapping[str, str] | None = None,
) -> Scaling:
    """
    Clip bounds, transforms, means and deviations of features.

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
    transforms : mapping of str to str, optional
        Feature to `log` or `rank`; a feature that is not named stays as it is. What
        `is_coded`, 0 or 1, is never clipped and divided by its `divisor`.

    Returns
    -------
    Scaling
        Means and population deviations are those of the clipped, transformed values.

    Raises
    ------
    ClusteringError
        Where a feature is constant, so that no deviation can be taken.
    ParamsError
        Where a transform is unknown or names no feature, or a feature cannot be scaled.
    """
    quantiles = check_clip(clip)
    check_columns(features, columns)
    kinds = dict(transforms or {})
    check_transforms(kinds, columns)
    low, high, mean, deviation, fitted = [], [], [], [], []
    for name in columns:
        values = np.sort(features[name].to_numpy(dtype=np.float64))
        coded = is_coded(kinds.get(name))
        clips = quantiles and not coded
        bounds = np.quantile(values, quantiles) if quantiles and clips else (values[0], values[-1])
        clipped = np.clip(values, *bounds)
        form = fit_transform(clipped, kinds[name]) if name in kinds and not coded else None
        fitted.append(form)
        clipped = clipped if form is None else form.apply(clipped)
        spread = float(clipped.std())
        if not spread > 1e-12 * max(1.0, float(np.abs(clipped).max())):
            raise ClusteringError(
                f"feature `{name}` is constant ({clipped[0]:g}"
                + (" after clipping" if values[0] != values[-1] else "")
                + "): it cannot tell customers apart. Remove it from `features`"
                + (" or clip less." if values[0] != values[-1] else ".")
            )
        low.append(float(bounds[0]) if clips else -np.inf)
        high.append(float(bounds[1]) if clips else np.inf)
        mean.append(float(clipped.mean()))
        deviation.append(divisor(mean[-1], spread, kinds.get(name)))
    held = tuple(fitted) if any(fitted) or any(kinds[name] in KINDS for name in kinds) else ()
    return Scaling(tuple(columns), tuple(low), tuple(high), tuple(mean), tuple(deviation), held)
