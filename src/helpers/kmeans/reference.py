"""Plain NumPy definitions of what `kernels` compiles, kept to check it and to be read first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def squared_distances(rows: Floats, centres: Floats) -> Floats:
    """Squared Euclidean distance of every row to every centre, shape (n, k)."""
    return np.stack([((rows - centre) ** 2).sum(axis=1) for centre in centres], axis=1)


def assign(rows: Floats, centres: Floats) -> NDArray[np.int32]:
    """Label of the nearest centre of every row; a tie goes to the lower label."""
    return squared_distances(rows, centres).argmin(axis=1).astype(np.int32)


def means(rows: Floats, labels: NDArray[Any], k: int) -> Floats:
    """Mean of the rows of each of k labels, summed in the order of the rows."""
    counts = np.bincount(labels, minlength=k)
    sums = [np.bincount(labels, weights=column, minlength=k) for column in rows.T]
    return np.stack(sums, axis=1) / counts[:, None]


def inertia(rows: Floats, labels: NDArray[Any], centres: Floats) -> float:
    """Sum of the squared distances of all rows to the centre of their label."""
    return float(((rows - centres[labels]) ** 2).sum())


def lloyd(rows: Floats, centres: Floats, *, iterations: int = 500) -> NDArray[np.int32]:
    """Labels after Lloyd's iterations from `centres`, which must leave no label empty."""
    labels = assign(rows, centres)
    for _ in range(iterations):
        again = assign(rows, means(rows, labels, centres.shape[0]))
        if np.array_equal(again, labels):
            break
        labels = again
    return labels


def best_move(rows: Floats, labels: NDArray[Any], k: int) -> tuple[float, int, int]:
    """Largest fall of the inertia by moving one row: the fall, the row and its new label.

    The fall is negative where every move raises the inertia (Hartigan's rule).
    """
    centres = means(rows, labels, k)
    counts = np.bincount(labels, minlength=k).astype(np.float64)
    squares = squared_distances(rows, centres)
    everyone = np.arange(rows.shape[0])
    sizes = counts[labels]
    leaving = squares[everyone, labels] * sizes / np.maximum(sizes - 1.0, 1.0)
    entering = squares * (counts / (counts + 1.0))
    entering[everyone, labels] = np.inf
    falls = np.where(sizes > 1, leaving - entering.min(axis=1), -np.inf)
    row = int(falls.argmax())
    return float(falls[row]), row, int(entering[row].argmin())


def removals(rows: Floats, labels: NDArray[Any], centres: Floats) -> Floats:
    """Rise of the inertia if the rows of each centre go to their second-nearest centre."""
    squares = squared_distances(rows, centres)
    everyone = np.arange(rows.shape[0])
    own = squares[everyone, labels]
    squares[everyone, labels] = np.inf
    rises = squares.min(axis=1) - own
    return np.bincount(labels, weights=rises, minlength=centres.shape[0]).astype(np.float64)


def distances(rows: Floats) -> Floats:
    """Euclidean distance of every row to every row, shape (n, n)."""
    return np.sqrt(squared_distances(rows, rows))
