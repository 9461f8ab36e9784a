"""A sample of rows that depends on their values alone, never on their order."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sample_rows(rows: Floats, size: int) -> NDArray[np.int64]:
    """Choose rows by a hash of their values, so that their order does not matter.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, d)
        Scaled features in C order.
    size : int
        Rows wanted.

    Returns
    -------
    ndarray of int64
        Ascending positions of `size` rows (all rows if there are no more). Rows without a repeat
        are those with the smallest hashes. A row that repeats has its share of the places, and
        its first rows in the table stand for it. Of at most ``size // 50`` different rows each
        has a place in any case.

    Notes
    -----
    The m repeats of a row lie on (0, 1) at equal distances of 1 / m, shifted by its hash, and the
    `size` smallest of all are taken: systematic sampling within the repeats. Equal rows have
    equal hashes, so the smallest hashes alone would be those of a few different rows.

    Examples
    --------
    >>> sample_rows(np.arange(10.0).reshape(5, 2), 8).tolist()
    [0, 1, 2, 3, 4]
    >>> sample_rows(np.array([[0.0]] * 6 + [[1.0]] * 3), 3).tolist()
    [0, 1, 6]
    """
    n = rows.shape[0]
    if n <= size:
        return np.arange(n)
    from helpers.kmeans import kernels

    hashes = np.empty(n, np.uint64)
    kernels.hash_rows(np.ascontiguousarray(rows).view(np.uint64), hashes)
    sorted_hashes = np.sort(hashes)
    if (sorted_hashes[1:] != sorted_hashes[:-1]).all():
        return np.sort(np.argpartition(hashes, size - 1)[:size])
    order = np.argsort(hashes, kind="stable")
    sorted_hashes = hashes[order]
    first = np.flatnonzero(np.r_[True, sorted_hashes[1:] != sorted_hashes[:-1]])
    repeats = np.diff(np.r_[first, n])
    number = np.arange(n) - np.repeat(first, repeats)
    places = (number + sorted_hashes * 2.0**-64) / np.repeat(repeats, repeats)
    if first.size <= size // 50:
        places[first] = -1.0
    # Equal places go by the hash: `order` ascends by it.
    return np.sort(order[np.argsort(places, kind="stable")[:size]])
