"""Whether there is a valley between two clusters, or the border cuts one group.

A cluster that K-Means finds may be a group of its own or a slice of a larger one. Along the line
through the centres of two clusters a pair of groups has two modes, and slices of one group
have one. Hartigan's dip tells the two apart without assuming a shape: its null is any
distribution with a single mode, and no such cloud, however skewed or long-tailed, is called two
groups more often than the level of the test says.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from helpers.kmeans.search import Fit, Floats, checked, conditioned, fit_afresh, nearest, threads
from helpers.selection.scores import sample_rows

SAMPLE_ROWS = 5_000
"""Rows that are tested at most; a larger table is represented by a sample of this size."""

BORDERS = ("k", "cluster", "neighbour", "p_value")
SHAPES = ("k", "cluster", "split_p", "elongation")

STREAM = 20_871
"""Start of the random streams of this module: the same in every run, whatever its seed."""

SIZES = (5, 10, 20, 50, 100, 200, 500, 1000, 5000, 20_000)
PROBABILITIES = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9998)
QUANTILES = np.array(
    [
        [0.2721, 0.3297, 0.3605, 0.3954, 0.4168, 0.4327, 0.4393, 0.443, 0.4455, 0.4463, 0.447],
        [0.3092, 0.3476, 0.3757, 0.4129, 0.4418, 0.4772, 0.5051, 0.5282, 0.5535, 0.5712, 0.6066],
        [0.328, 0.369, 0.3955, 0.4353, 0.4706, 0.5106, 0.5392, 0.5656, 0.597, 0.6212, 0.6685],
        [0.3454, 0.3872, 0.4155, 0.4584, 0.4963, 0.5424, 0.5741, 0.6035, 0.6399, 0.665, 0.7191],
        [0.3547, 0.3978, 0.4269, 0.4711, 0.5109, 0.5577, 0.5893, 0.6197, 0.6585, 0.6858, 0.7457],
        [0.3616, 0.4056, 0.4356, 0.4808, 0.5211, 0.5702, 0.604, 0.6369, 0.6748, 0.7036, 0.7653],
        [0.368, 0.4125, 0.4427, 0.4891, 0.5307, 0.58, 0.6139, 0.6466, 0.6861, 0.7143, 0.7708],
        [0.3713, 0.4163, 0.4467, 0.4931, 0.5348, 0.5853, 0.6198, 0.6532, 0.6948, 0.727, 0.7892],
        [0.3765, 0.4215, 0.4527, 0.5002, 0.5414, 0.5895, 0.6262, 0.6602, 0.7018, 0.7285, 0.7956],
        [0.3774, 0.4233, 0.4558, 0.5037, 0.5446, 0.5915, 0.6287, 0.661, 0.6953, 0.7183, 0.7925],
    ]
)
"""Quantiles of sqrt(n) times the dip of n uniform values, one row for each of `SIZES`: from 10,000
(n = 20,000) to 400,000 (n up to 500) samples. The uniform is the single-moded law whose dips are
the largest (Hartigan and Hartigan 1985), for large n; so the p-values err on the safe side."""


@njit("float64(float64[::1])", cache=True, nogil=True)
def _dip_of_sorted(x: NDArray[np.float64]) -> float:
    """Dip of ascending values, by the algorithm of Hartigan (1985)."""
    n = x.size
    if n < 4 or x[0] == x[n - 1]:
        return 0.5 / n
    # Knots of the greatest convex minorant to the left of each value, and of the least concave
    # majorant to its right.
    convex = np.zeros(n, np.int64)
    concave = np.full(n, n - 1, np.int64)
    for j in range(1, n):
        convex[j] = j - 1
        while convex[j] > 0:
            a = convex[j]
            b = convex[a]
            if (x[j] - x[a]) * (a - b) < (x[a] - x[b]) * (j - a):
                break
            convex[j] = b
    for j in range(n - 2, -1, -1):
        concave[j] = j + 1
        while concave[j] < n - 1:
            a = concave[j]
            b = concave[a]
            if (x[j] - x[a]) * (a - b) < (x[a] - x[b]) * (j - a):
                break
            concave[j] = b
    low, high = 0, n - 1
    dip = 1.0  # in units of 1 / (2 n): no sample has less
    left = np.empty(n, np.int64)
    right = np.empty(n, np.int64)
    # Every turn but the last narrows [low, high], so that there are at most n of them.
    while True:
        left[0] = high
        lefts = 1
        while left[lefts - 1] > low:
            left[lefts] = convex[left[lefts - 1]]
            lefts += 1
        right[0] = low
        rights = 1
        while right[rights - 1] < high:
            right[rights] = concave[right[rights - 1]]
            rights += 1
        # The largest distance between minorant and majorant, over the knots of both.
        at_left, at_right = lefts - 1, rights - 1
        distance = 0.0
        if lefts != 2 or rights != 2:
            i, j = lefts - 2, 1
            while True:
                a, b = left[i], right[j]
                if a > b:
                    c = left[i + 1]
                    gap = (b - c + 1) - (x[b] - x[c]) * (a - c) / (x[a] - x[c])
                    j += 1
                    if gap >= distance:
                        distance, at_left, at_right = gap, i + 1, j - 1
                else:
                    c = right[j - 1]
                    gap = (x[a] - x[c]) * (b - c) / (x[b] - x[c]) - (a - c - 1)
                    i -= 1
                    if gap >= distance:
                        distance, at_left, at_right = gap, i + 1, j
                i = max(i, 0)
                j = min(j, rights - 1)
                if left[i] == right[j]:
                    break
        else:
            distance = 1.0
        if distance < dip:
            break
        # How far the sample is from the minorant below and from the majorant above that place.
        for q in range(at_left, lefts - 1):
            a, b = left[q + 1], left[q]
            if b - a > 1 and x[b] != x[a]:
                slope = (b - a) / (x[b] - x[a])
                for p in range(a, b + 1):
                    dip = max(dip, (p - a + 1) - (x[p] - x[a]) * slope)
        for q in range(at_right, rights - 1):
            a, b = right[q], right[q + 1]
            if b - a > 1 and x[b] != x[a]:
                slope = (b - a) / (x[b] - x[a])
                for p in range(a, b + 1):
                    dip = max(dip, (x[p] - x[a]) * slope - (p - a - 1))
        if low == left[at_left] and high == right[at_right]:
            break
        low, high = left[at_left], right[at_right]
    return dip / (2.0 * n)


def dip_statistic(values: NDArray[np.floating]) -> float:
    """Largest distance of the distribution of a sample from the nearest one with a single mode.

    Parameters
    ----------
    values : ndarray, shape (n,)
        The sample, in any order.

    Returns
    -------
    float
        From 1 / (2 n), for perfectly even values, to 0.25, for two points far apart.

    References
    ----------
    Hartigan and Hartigan (1985), The dip test of unimodality. Hartigan (1985), algorithm AS 217.

    Examples
    --------
    >>> dip_statistic(np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0]))
    0.25
    """
    return float(_dip_of_sorted(np.sort(np.asarray(values, dtype=np.float64))))


def dip_p_value(dip: float, size: int) -> float:
    """Chance that as many uniform values have a dip as large as this one.

    Parameters
    ----------
    dip : float
        As `dip_statistic` returns it.
    size : int
        Number of values.

    Returns
    -------
    float
        Interpolated in `QUANTILES`; 0.0002 where it is beyond them, 1 for fewer than five values.

    Examples
    --------
    >>> round(dip_p_value(0.0471, 100), 2), round(dip_p_value(0.25, 100), 4)
    (0.1, 0.0002)
    """
    if size < SIZES[0]:
        return 1.0
    place = np.log(min(size, SIZES[-1]))
    known = np.array([np.interp(place, np.log(SIZES), column) for column in QUANTILES.T])
    value = np.sqrt(size) * dip
    if value <= known[0]:
        return float(1.0 - PROBABILITIES[0] * value / known[0])
    return float(np.exp(np.interp(value, known, np.log(1.0 - np.array(PROBABILITIES)))))


def spread_ties(matrix: NDArray[np.floating]) -> Floats:
    """Spread values that occur several times evenly over the room that their rounding leaves.

    Whole numbers and flags lie in heaps with nothing between, which is no valley but the grain of
    the column. Each repeated value is replaced by draws from the interval half-way to the values
    below and above; a value that occurs once stays.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        Scaled features.

    Returns
    -------
    ndarray of float64, shape (n, d)
        The same for the same matrix, whatever the seed of a run.

    Examples
    --------
    >>> spread = spread_ties(np.array([[0.0], [0.0], [1.0], [1.0], [4.0]]))
    >>> bool((np.abs(spread[:2]) <= 0.5).all()), spread[4].tolist()
    (True, [4.0])
    """
    rows = np.array(matrix, dtype=np.float64)
    rng = np.random.default_rng([STREAM, 1])
    for column in rows.T:
        values, which, counts = np.unique(column, return_inverse=True, return_counts=True)
        draws = rng.random(column.size)
        if values.size < 2 or counts.max() == 1:
            continue
        middles = (values[1:] + values[:-1]) / 2.0
        low = np.concatenate([[2.0 * values[0] - middles[0]], middles])
        high = np.concatenate([middles, [2.0 * values[-1] - middles[-1]]])
        tied = counts[which] > 1
        column[tied] = (low[which] + draws * (high[which] - low[which]))[tied]
    return rows


def _margins(rows: Floats, own: Floats, other: Floats) -> Floats:
    """How much farther the other centre is than the own one, ascending: 0 at the border.

    In squared distance, and so in proportion to the distance from the border. Each row's own
    weight in its centre is taken out, as in Hartigan's rule for moving a row: where there are many
    columns, a centre lies nearer to its own rows than to others of the same law, which would look
    like a valley.
    """
    weight = (len(rows) / max(len(rows) - 1.0, 1.0)) ** 2
    distances = ((rows - other) ** 2).sum(axis=1) - weight * ((rows - own) ** 2).sum(axis=1)
    return np.sort(np.asarray(distances, dtype=np.float64))


def _p_value(left: Floats, right: Floats) -> float:
    """P-value of the dip of two sides of a border, both given by their margins."""
    values = np.sort(np.concatenate([-left, right]))
    if values.size < SIZES[0]:
        return 1.0
    return dip_p_value(float(_dip_of_sorted(values)), values.size)


def _halves_p_value(rows: Floats, rng: np.random.Generator) -> float:
    """P-value of the dip between the two halves that K-Means makes of one cluster."""
    if len(rows) < SIZES[0] or not np.any(rows[1:] != rows[:-1]):
        return 1.0
    labels = nearest(rows, fit_afresh(rows, [2], rng=rng, restarts=3)[2])
    sides = [rows[labels == 0], rows[labels == 1]]
    if min(len(side) for side in sides) == 0:
        return 1.0
    first, second = (side.mean(axis=0) for side in sides)
    return _p_value(_margins(sides[0], first, second), _margins(sides[1], second, first))


def _elongation(rows: Floats) -> float:
    """Deviation along the longest axis over that along the others; 1 is round."""
    if len(rows) < 3 or rows.shape[1] < 2:
        return 1.0
    variances = np.linalg.eigvalsh(np.cov(rows, rowvar=False))
    others = float(variances[:-1].mean())
    if variances[-1] <= 0:
        return 1.0
    return float(np.sqrt(variances[-1]) / np.sqrt(others)) if others > 0 else np.inf


def separation(
    matrix: NDArray[np.floating], fits: Mapping[int, Fit], *, sample: int = SAMPLE_ROWS
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Test every border between clusters for a valley, and every cluster for one within.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        The matrix that was clustered.
    fits : mapping of int to Fit
        Partitions by K.
    sample : int
        Rows at most: a larger table is represented by a sample chosen by a hash of its values.

    Returns
    -------
    borders : DataFrame
        One row for each pair of neighbouring clusters of each K: `k`, `cluster`, `neighbour` (the
        larger number), `p_value` of the dip along the line through their centres: below a level,
        there is a valley between them; above it, they may be slices of one group.
    shapes : DataFrame
        One row per K and cluster: `k`, `cluster`, `split_p` (p-value of the dip between its own
        halves: small where it holds two groups), `elongation` (standard deviation along its
        longest axis over that along the others: K-Means expects 1).

    Notes
    -----
    Two clusters are neighbours if the one's centre is the second-nearest of any row of the other.
    All of them have to be looked at: cells of one cloud may narrow towards a border, which makes
    a valley there, but not at all borders at once.

    Of the larger of two clusters the rows nearest to the smaller one are compared, as many as that
    one has: what has a single mode has a single mode on every interval, and a small group beside
    a large one would not move the dip.

    Rows are sorted and ties spread (see `spread_ties`), so that neither the order of the rows nor
    a seed reaches the result.

    Examples
    --------
    >>> from helpers.kmeans.search import fit_range
    >>> rng = np.random.default_rng(0)
    >>> table = np.concatenate([rng.normal(0.0, 1.0, (100, 1)), rng.normal(9.0, 1.0, (100, 1))])
    >>> borders, shapes = separation(table, fit_range(table, [2, 3], random_state=0))
    >>> (borders.groupby("k")["p_value"].max() < 0.005).tolist()
    [True, False]
    """
    table = conditioned(checked(matrix, 1))
    rows = table.rows
    chosen = sample_rows(rows, sample)
    chosen = chosen[np.lexsort(rows[chosen].T[::-1])]
    spread = spread_ties(rows[chosen])

    def one(k: int) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
        rng = np.random.default_rng([STREAM, 2, k])
        labels = fits[k].labels[chosen]
        centres = (fits[k].centres - table.offset) / table.scale
        groups = [spread[labels == c] for c in range(k)]
        borders: list[dict[str, float]] = []
        for c, neighbour in _neighbours(groups, centres):
            left = _margins(groups[c], centres[c], centres[neighbour])
            right = _margins(groups[neighbour], centres[neighbour], centres[c])
            size = min(left.size, right.size)
            p_value = _p_value(left[:size], right[:size])
            borders.append({"k": k, "cluster": c, "neighbour": neighbour, "p_value": p_value})
        shapes = [
            {
                "k": k,
                "cluster": c,
                "split_p": _halves_p_value(group, rng),
                "elongation": _elongation(group),
            }
            for c, group in enumerate(groups)
        ]
        return borders, shapes

    ks = sorted(k for k in fits if k > 1)
    with ThreadPoolExecutor(threads()) as workers:
        results = list(workers.map(one, ks))
    return (
        pd.DataFrame([row for borders, _ in results for row in borders], columns=list(BORDERS)),
        pd.DataFrame([row for _, shapes in results for row in shapes], columns=list(SHAPES)),
    )


def _neighbours(groups: list[Floats], centres: Floats) -> list[tuple[int, int]]:
    """Pairs of clusters of which one is second-nearest to a row of the other."""
    pairs = set()
    for c, group in enumerate(groups):
        distances = np.stack([((group - centre) ** 2).sum(axis=1) for centre in centres], axis=1)
        distances[:, c] = np.inf
        for other in np.unique(distances.argmin(axis=1)):
            pairs.add((min(c, int(other)), max(c, int(other))))
    return sorted(pairs)
