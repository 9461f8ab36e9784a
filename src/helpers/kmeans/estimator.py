"""K-Means as a scikit-learn estimator: the same partition whatever the seed and the row order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted, validate_data

from helpers.errors import ClusteringError
from helpers.kmeans.search import Fit, fit_range, nearest
from helpers.preparation.scaling import squared_distances


class KMeans(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    """
    K-Means that searches for the best partition instead of taking the best of a few starts.

    Parameters
    ----------
    n_clusters : int
        Number of clusters.
    random_state : int
        Seed of the starts; the search goes on until it hardly matters.

    Attributes
    ----------
    cluster_centers_ : ndarray of float64, shape (n_clusters, n_features_in_)
        Means of the clusters.
    labels_ : ndarray of int32, shape (n_samples,)
        Cluster of each row, from 0.
    inertia_ : float
        Sum of squared distances of the rows to the centres of their clusters.
    audit_ : Fit
        What the search saw: restarts, their inertias, how often the best came back.
    n_features_in_ : int
        Columns of the matrix.

    Raises
    ------
    ValueError
        On fitting, where there are fewer distinct rows than clusters.

    See Also
    --------
    helpers.kmeans.search.fit_range : All K of a sweep in one go.

    Examples
    --------
    >>> X = [[0.0, 0.0], [0.0, 1.0], [9.0, 9.0], [9.0, 8.0]]
    >>> fitted = KMeans(n_clusters=2).fit(X)
    >>> fitted.inertia_
    1.0
    >>> (fitted.predict([[8.0, 8.0]]) == fitted.labels_[2]).tolist()
    [True]
    """

    cluster_centers_: NDArray[np.float64]
    labels_: NDArray[np.int32]
    inertia_: float
    audit_: Fit

    def __init__(self, n_clusters: int = 8, *, random_state: int = 0) -> None:
        self.n_clusters = n_clusters
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: Any = None) -> KMeans:
        """
        Find the best partition of the rows.

        Parameters
        ----------
        X : array-like, shape (n_samples, n_features)
            Scaled features.
        y : ignored
            Present for scikit-learn's sake.

        Returns
        -------
        KMeans
            Itself.
        """
        matrix = validate_data(self, X, dtype=np.float64, order="C")
        if len(matrix) < self.n_clusters:
            raise ValueError(f"n_samples={len(matrix)} should be >= n_clusters={self.n_clusters}.")
        try:
            fit = fit_range(matrix, [self.n_clusters], random_state=self.random_state)[
                self.n_clusters
            ]
        except ClusteringError as error:
            raise ValueError(str(error)) from error
        self.audit_ = fit
        self.cluster_centers_ = np.array(fit.centres)
        self.labels_ = np.asarray(fit.labels, dtype=np.int32)
        self.inertia_ = float(fit.inertia)
        self._n_features_out = self.n_clusters
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.int32]:
        """
        Nearest centre of each row.

        Parameters
        ----------
        X : array-like, shape (n_samples, n_features_in_)
            Rows in the same space.

        Returns
        -------
        ndarray of int32, shape (n_samples,)
            Clusters, from 0.
        """
        check_is_fitted(self)
        matrix = validate_data(self, X, dtype=np.float64, order="C", reset=False)
        return np.asarray(nearest(matrix, self.cluster_centers_), dtype=np.int32)

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:
        """
        Euclidean distance of each row to each centre.

        Parameters
        ----------
        X : array-like, shape (n_samples, n_features_in_)
            Rows in the same space.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_clusters)
            In the unit of the matrix.
        """
        check_is_fitted(self)
        matrix = validate_data(self, X, dtype=np.float64, order="C", reset=False)
        return np.asarray(np.sqrt(squared_distances(matrix, self.cluster_centers_)))

    def score(self, X: ArrayLike, y: Any = None) -> float:
        """
        Negative inertia of rows under the fitted centres; nearer to 0 is tighter.

        Parameters
        ----------
        X : array-like, shape (n_samples, n_features_in_)
            Rows in the same space.
        y : ignored
            Present for scikit-learn's sake.

        Returns
        -------
        float
            Minus the sum of squared distances to the nearest centre.
        """
        return -float((self.transform(X).min(axis=1) ** 2).sum())
