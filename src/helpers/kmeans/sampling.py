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
        Ascending positions of the `size` rows with the smallest hashes (all rows if there are no
        more). Rows with equal values have equal hashes; ties go to the first in the table,
        which holds the same values.

    Examples
    --------
    >>> sample_rows(np.arange(10.0).reshape(5, 2), 8).tolist()
    [0, 1, 2, 3, 4]
    """
    n = rows.shape[0]
    if n <= size:
        return np.arange(n)
    from helpers.kmeans import kernels

    hashes = np.empty(n, np.uint64)
    kernels.hash_rows(np.ascontiguousarray(rows).view(np.uint64), hashes)
    return np.sort(np.argpartition(hashes, size - 1)[:size])
