"""The best K-Means partition of a matrix for each K that a search finds, and the rows in doubt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.errors import ClusteringError

Floats = NDArray[np.float64]
Labels = NDArray[np.int32]

WIDEST = 1e140
"""Largest span of a column, and one over it the smallest: their squares, summed, are numbers."""

TELLING = 2.0**-22
"""Rows count as distinct where they differ by more than about this share of the largest value:
what the nearest centre is found by, float32, has 24 binary digits."""


@dataclass(frozen=True)
class SearchConfig:
    """How long and how finely the search for the best partition of each K goes on.

    Attributes
    ----------
    min_restarts : int
        Independent starts of each K at least; what they end in is the audit.
    max_cheap_restarts : int
        Starts of a small table; over K, those of any table, since of few optima the same wrong one
        may draw most of the starts.
    cheap_work : int
        Starts times K times rows that cost nothing: a small table starts more often, since its ties
        are exact; and where no start came to its best, it is searched again.
    enough_restarts : int
        Starts that must have come to the best of them before K is compared with no neighbour.
    found_rtol : float
        Relative difference of inertia up to which a start counts as having come to the best.
    audit_rtol : float
        The same in the audit that is shown.
    pool_size : int
        Different solutions of each K that are kept, crossed and handed on to its neighbours.
    n_handed_on : int
        Solutions of each K that its neighbours start from.
    rounds_if_found : int
        Times that K is compared with its neighbours where a start came to its best.
    rounds_if_not_found : int
        The same where none did.
    stall : tuple[int, int]
        Trials without a better solution after which K rests: a number, and one for each cluster.
    stall_on_sample : tuple[int, int]
        The same on the sample of a large table, whose optimum is not the table's to the digit.
    trials_per_cluster : int
        Trials for each cluster at most.
    trial_rtol : float
        Share of the inertia below which a trial takes an improvement for none.
    alike : float
        Solutions are taken for one where all of their centres lie this near to each other: a
        squared distance, as a share of the mean squared distance of a row to its centre.
    close_rtol : float
        Share of the inertia within which solutions are followed to their end before one is chosen.
    perturbation_sizes : tuple[float, ...]
        Sizes of the perturbations, in standard deviations of the rows within their clusters.
    n_perturbations : int
        Perturbations and crossings, in turn, of the best solution at most, divided by K.
    n_confirmations : int
        Perturbations that must have led back to the best partition before it is settled.
    equal_rtol : float
        Share of the inertia within which partitions count as equally good. With other seeds the
        search ended up to 1.4e-4 above the best on the real table, for K up to 12: it cannot tell
        less apart.
    max_rivals : int
        Different partitions of each K near the best that are kept to count the rows in doubt.
    doubtful_share : float
        Share of rows in doubt above which K is searched again from nothing: then quite different
        partitions compete, of which a single search may miss the best.
    max_further_searches : int
        Independent searches of such a K at most, beside the first.
    n_agreeing_searches : int
        Searches that must have ended in the same best partition before such a K is left alone.
    max_rows : int
        Rows searched at most; the best centres of a larger table are polished on all its rows.
    n_candidates : int
        Different solutions of each K that are held against each other on a larger sample.
    middle_rows : int
        Rows of that sample: what is best by a little among `max_rows` need not be so in the table.
    middle_passes : int
        Passes over it at most.
    wide_rows : int
        Rows of a still larger sample, over which the chosen ones go on: where clusters overlap
        centres creep, and a pass over a fifth of the rows brings them as far as one over all.
    wide_passes : int
        Passes over that one at most.
    pass_work : float
        Distances that the passes over a large table may take: few passes where it is very large.
    grain : float
        Values of a large table are rounded to multiples of this: then sums of them are exact, and
        neither the order of the rows nor the number of threads reaches any digit.
    chunk_rows : int
        Rows of a large table whose distances are held at a time.
    """

    min_restarts: int = 8
    max_cheap_restarts: int = 48
    cheap_work: int = 100_000
    enough_restarts: int = 5
    found_rtol: float = 1e-5
    audit_rtol: float = 1e-4
    pool_size: int = 12
    n_handed_on: int = 3
    rounds_if_found: int = 2
    rounds_if_not_found: int = 3
    stall: tuple[int, int] = (20, 4)
    stall_on_sample: tuple[int, int] = (10, 2)
    trials_per_cluster: int = 60
    trial_rtol: float = 1e-4
    alike: float = 0.02
    close_rtol: float = 5e-4
    perturbation_sizes: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3, 0.5)
    n_perturbations: int = 1000
    n_confirmations: int = 20
    equal_rtol: float = 2e-4
    max_rivals: int = 48
    doubtful_share: float = 0.2
    max_further_searches: int = 4
    n_agreeing_searches: int = 3
    max_rows: int = 10_000
    n_candidates: int = 6
    middle_rows: int = 300_000
    middle_passes: int = 60
    wide_rows: int = 2_000_000
    wide_passes: int = 20
    pass_work: float = 6e9
    grain: float = 2.0**-20
    chunk_rows: int = 100_000


CONFIG = SearchConfig()
"""What every search here goes by."""


@dataclass(frozen=True)
class Fit:
    """One K-Means partition and how sure the search is of it.

    Attributes
    ----------
    k : int
        Number of clusters.
    centres : ndarray of float64, shape (k, d)
        Mean of the rows of each cluster, in the space of the matrix, in lexicographic order.
    labels : ndarray of int32, shape (n,)
        Cluster 0..k-1 of each row, in the order of the rows given.
    inertia : float
        Sum of the squared Euclidean distances of the rows to their centre; smaller is tighter.
    restarts : int
        Independent random starts that were tried.
    found : int
        How many of these came by themselves within `SearchConfig.audit_rtol` of the best inertia.
    runner_up : float
        Relative distance of the next local optimum: 0.01 says that the second-best solution that
        the restarts ended in has 1 % more inertia; infinite if every restart ended in the best.
    optima : tuple of float
        Inertia that each restart ended in, ascending: the audit of local optima.
    rows_searched : int
        Rows the search ran on: all of them, or a sample where the table is large.
    searched : float
        Best inertia on the rows searched, which `optima` are to be compared with.
    confirmed : int
        Displacements of the best solution that led back to it exactly.
    rivals : int
        Other partitions that the search has met whose inertia lies within
        `SearchConfig.equal_rtol` of the best.
    in_doubt : int
        Rows searched that one of these puts into another cluster: as good a partition has them
        elsewhere, and another seed may. A count of what was met, so never more than there are.
    """

    k: int
    centres: Floats = field(repr=False)
    labels: Labels = field(repr=False)
    inertia: float
    restarts: int
    found: int
    runner_up: float
    optima: tuple[float, ...] = field(repr=False)
    rows_searched: int = 0
    searched: float = 0.0
    confirmed: int = 0
    rivals: int = 0
    in_doubt: int = 0


@dataclass(frozen=True)
class _Table:
    """A matrix in the shapes that the kernels want."""

    rows: Floats
    columns: NDArray[np.float32]
    squares: NDArray[np.float32]
    square: float

    @classmethod
    def of(cls, rows: Floats) -> _Table:
        n, d = rows.shape
        columns = np.zeros((-(-d // 4) * 4, n), np.float32)
        columns[:d] = rows.T
        squares = np.einsum("ij,ij->i", rows, rows)
        return cls(rows, columns, squares.astype(np.float32), float(squares.sum()))


@dataclass
class _Pool:
    """What the search knows about one K."""

    k: int
    state: NDArray[np.uint64]
    pool: Floats
    values: Floats
    held: int = 0
    optima: tuple[float, ...] = ()
    labels: Labels = field(default_factory=lambda: np.empty(0, np.int32))
    inertia: float = np.inf
    others: list[tuple[float, Labels]] = field(default_factory=list)  # met near the best
    returned: int = 0  # displacements that led back to the best exactly
    rivals: int = 0
    in_doubt: int = 0

    def compare(self) -> None:
        """Count the partitions that are as good as the best one, and the rows that they part."""
        self.rivals, parted = _rivals(self.labels, self.inertia, self.others, self.k)
        self.in_doubt = int(parted.sum())

    @property
    def found(self) -> int:
        """Restarts that came to the best by themselves."""
        return sum(end <= self.values[0] * (1.0 + CONFIG.found_rtol) for end in self.optima)

    @property
    def rounds(self) -> int:
        """How often it is to be compared with its neighbours."""
        if self.k == 1 or self.found >= CONFIG.enough_restarts:
            return 0
        return CONFIG.rounds_if_found if self.found else CONFIG.rounds_if_not_found


def threads() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def checked(matrix: NDArray[Any], k: int) -> Floats:
    """Return the matrix as float64 in C order, or say why it cannot be cut into k clusters.

    Parameters
    ----------
    matrix : ndarray, shape (n, d)
        One row per customer, one column per scaled feature.
    k : int
        Number of clusters wanted.

    Raises
    ------
    ClusteringError
        If the matrix is not two-dimensional, holds a value that is not finite, has fewer
        rows than `k`, or values so far apart or so close together that the squares of their
        differences are not numbers.

    Examples
    --------
    >>> checked(np.array([[1, 2], [3, 4]]), 2).dtype
    dtype('float64')
    """
    rows = np.ascontiguousarray(matrix, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise ClusteringError(
            f"`matrix` must be a table of rows and features, got the shape {rows.shape}."
        )
    if k < 1:
        raise ClusteringError(f"`k` is {k}: the number of clusters must be 1 or more.")
    if rows.shape[0] < k:
        raise ClusteringError(
            f"`k` is {k}, but only {rows.shape[0]} rows can be clustered: "
            "lower `k` (or `k_max`), or bring more rows."
        )
    if not np.isfinite(rows).all():
        row, column = np.argwhere(~np.isfinite(rows))[0]
        raise ClusteringError(
            f"`matrix` holds {rows[row, column]} in row {row}, column {column}: "
            "drop or impute missing values before clustering."
        )
    with np.errstate(over="ignore"):
        span = float((rows.max(axis=0) - rows.min(axis=0)).max())
    if span > WIDEST or 0.0 < span < 1.0 / WIDEST:
        raise ClusteringError(
            f"`matrix` has columns that span {span:g} at most: the squares of such distances "
            "cannot be written as numbers. Standardise the features before clustering."
        )
    return rows


@dataclass(frozen=True)
class Conditioned:
    """A matrix near the origin and of ordinary size, and the way back.

    Attributes
    ----------
    rows : ndarray of float64, shape (n, d)
        ``(matrix - offset) / scale``.
    offset : ndarray of float64, shape (d,)
        Zero for a column whose median lies within eight standard deviations of zero.
    scale : float
        The power of two that is nearest to the largest standard deviation of a column.
    """

    rows: Floats
    offset: Floats
    scale: float


def conditioned(rows: Floats) -> Conditioned:
    """Move and stretch a matrix so that float32 tells its rows apart wherever float64 does well.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, d)
        As `checked` returns it.

    Returns
    -------
    Conditioned
        A standardised matrix comes back as it is, the same object: both steps leave it alone.
        A power of two costs no digit.

    Examples
    --------
    >>> conditioned(np.array([[1e15], [1e15 + 8.0]])).rows.ravel().tolist()
    [-1.0, 1.0]
    """
    spreads = np.array([float(column.std()) for column in rows.T])
    offset = np.zeros(rows.shape[1])
    for j, column in enumerate(rows.T):
        if abs(float(column.mean())) > 8.0 * spreads[j]:
            offset[j] = np.median(column)  # whatever the order of the rows
            spreads[j] = float((column - offset[j]).std())
    widest = float(spreads.max())
    scale = 2.0 ** round(float(np.log2(widest))) if widest > 0.0 else 1.0
    if scale == 1.0 and not offset.any():
        return Conditioned(rows, offset, scale)
    return Conditioned(np.ascontiguousarray((rows - offset) / scale), offset, scale)


def count_distinct(rows: Floats, enough: int) -> int:
    """Count the distinct rows of a matrix, up to `enough` of them.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, d)
        Scaled features.
    enough : int
        Number at which the count may stop.

    Returns
    -------
    int
        `enough` or less. Rows are compared to within `TELLING` of the largest value: the search
        tells no closer ones apart.

    Examples
    --------
    >>> count_distinct(np.array([[0.0], [1.0], [1.0], [1.0 + 1e-12]]), 9)
    2
    """
    largest = max(float(rows.max()), -float(rows.min()))
    grain = 2.0 ** np.ceil(np.log2(largest)) * TELLING if largest > 0.0 else 1.0
    seen = np.empty((0, rows.shape[1]), np.int32)
    start, size = 0, 4 * enough
    while start < rows.shape[0] and seen.shape[0] < enough:  # every turn takes rows that are left
        part = np.rint(rows[start : start + size] / grain).astype(np.int32)
        seen = np.unique(np.vstack([seen, part]), axis=0)
        start, size = start + size, 4 * size
    return min(enough, seen.shape[0])


def fit_range(
    matrix: NDArray[Any],
    ks: Iterable[int],
    *,
    random_state: int,
    progress: Callable[[str], None] | None = None,
) -> dict[int, Fit]:
    """Find the best K-Means partition for every K.

    Each K is started several times by greedy k-means++; a start goes down by Lloyd's iterations
    and ends with single-row moves (Hartigan's rule). Where these starts do not agree, K also
    starts from the best solutions of its neighbours, one centre more or one less, and the
    different solutions found are crossed with each other (of each pair of nearby centres one is
    kept), a centre is moved to another place in half of the trials, and the best few stay: a few
    rounds of this, all K in step. At last small displacements and crossings of the best
    solutions choose among near-equal partitions, which differ in a few rows at a border.

    Where partitions that are equally good put a large share of the rows elsewhere, K is searched
    from nothing again, until several searches have ended in the same best one or enough were made.
    `SearchConfig` holds every number that this goes by.

    Parameters
    ----------
    matrix : ndarray of float64, shape (n, d)
        Scaled features without nulls.
    ks : iterable of int
        Numbers of clusters.
    random_state : int
        Seed of the starts. Another seed may end in another partition only where partitions are
        equally good to within `SearchConfig.equal_rtol`; then `Fit.in_doubt` is not zero.
    progress : callable, optional
        Called with one short sentence as the search goes on.

    Returns
    -------
    dict of int to Fit
        In ascending K.

    Raises
    ------
    ClusteringError
        If the matrix cannot be clustered as asked (see `checked`), or has fewer distinct rows
        than the largest K.

    Notes
    -----
    A table of more than `SearchConfig.max_rows` rows is searched by a sample of that size, chosen
    by a hash of the values. The best solutions of each K are held against each other on a
    larger sample, and the centres of the best are then polished by Lloyd's iterations on all
    rows, for all K in the same pass, in float32 with exact sums.

    Rows are sorted before the search, so neither their order nor the number of threads reaches
    any digit of the result. Lloyd's iterations and the final assignment (each row to the nearest
    mean) are those of scikit-learn's ``KMeans(algorithm="lloyd", tol=0)``: started from `centres`
    it stays where it is.

    References
    ----------
    Arthur and Vassilvitskii (2007), k-means++. Hartigan and Wong (1979), algorithm AS 136.
    Gribel and Vidal (2019), HG-means (the crossing of solutions).

    Examples
    --------
    >>> table = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> fits = fit_range(table, [1, 2], random_state=0)
    >>> fits[2].labels.tolist(), round(fits[2].inertia, 6)
    ([0, 0, 1, 1], 0.01)
    """
    wanted = sorted({int(k) for k in ks})
    if not wanted:
        raise ClusteringError("`ks` is empty: name at least one number of clusters.")
    rows = checked(matrix, wanted[-1])
    if wanted[0] < 1:
        raise ClusteringError(f"`ks` holds {wanted[0]}: the number of clusters must be 1 or more.")
    table = conditioned(rows)
    fit = _fit_large if rows.shape[0] > CONFIG.max_rows else _fit_sorted
    fits = fit(table.rows, wanted, random_state=random_state, progress=progress)
    return {k: _returned(fit, table) for k, fit in fits.items()}


def _returned(fit: Fit, table: Conditioned) -> Fit:
    """Put a fit back into the space of the matrix that it was asked for."""
    if table.scale == 1.0 and not table.offset.any():
        return fit
    square = table.scale * table.scale
    return replace(
        fit,
        centres=fit.centres * table.scale + table.offset,
        inertia=fit.inertia * square,
        optima=tuple(value * square for value in fit.optima),
        searched=fit.searched * square,
    )


def _fit_sorted(
    rows: Floats,
    wanted: list[int],
    *,
    random_state: int,
    progress: Callable[[str], None] | None,
    thorough: bool = True,
    runners_up: dict[int, list[Floats]] | None = None,
) -> dict[int, Fit]:
    """Search all rows given, in lexicographic order; `runners_up` receives other solutions."""
    order = np.lexsort(rows.T[::-1])
    rows = np.ascontiguousarray(rows[order])
    distinct = count_distinct(rows, wanted[-1] + 1)
    if distinct < wanted[-1]:
        raise ClusteringError(
            f"`k` is {wanted[-1]}, but the {rows.shape[0]} rows searched hold only {distinct} "
            "distinct combinations of values that can be told apart: lower `k` (or `k_max`)."
        )
    pools = _search(
        _Table.of(rows),
        wanted,
        beyond=1 < wanted[-1] < distinct,
        random_state=random_state,
        progress=progress,
        thorough=thorough,
    )
    if runners_up is not None:
        for pool in pools:
            runners_up[pool.k] = list(pool.pool[1 : min(pool.held, CONFIG.n_candidates)])
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    return {pool.k: _fit(rows, pool, place) for pool in pools}


def _fit_large(
    rows: Floats,
    ks: list[int],
    *,
    random_state: int,
    progress: Callable[[str], None] | None,
) -> dict[int, Fit]:
    """Search on a sample, choose on a larger one, polish on all rows."""
    from helpers.kmeans.sampling import sample_rows

    n = rows.shape[0]
    part = rows[sample_rows(rows, CONFIG.max_rows)]
    others: dict[int, list[Floats]] = {}
    found = _fit_sorted(
        part, ks, random_state=random_state, progress=progress, thorough=False, runners_up=others
    )
    starts = [[found[k].centres, *others[k]] for k in ks]
    with ThreadPoolExecutor(threads()) as workers:
        chosen = _chosen(rows, starts, workers)
        if n > 2 * CONFIG.wide_rows:
            wide = _Turned.of(rows[sample_rows(rows, CONFIG.wide_rows)], workers)
            labels = np.empty((len(ks), CONFIG.wide_rows), np.int32)
            chosen, _ = _lloyd(wide, chosen, labels, workers, passes=CONFIG.wide_passes)
        table = _Turned.of(rows, workers)
        labels = np.empty((len(ks), n), np.int32)
        passes = int(np.clip(CONFIG.pass_work / (n * sum(ks)), 4, 100))
        centres, _ = _lloyd(table, chosen, labels, workers, passes=passes, progress=progress)
        # The last centres are the means of the labels before them: label once more, for all K.
        tallies = table.tally(centres, labels, workers)
        if any((counts == 0).any() for counts, _ in tallies):
            centres, tallies = _filled(rows, centres, labels, table, workers)
    fits = {}
    for q, (k, (counts, sums)) in enumerate(zip(ks, tallies, strict=True)):
        sample = found[k]
        middle = _means(centres[q], counts, sums)
        ranking = np.lexsort(middle.T[::-1])
        rank = np.empty(k, np.int32)
        rank[ranking] = np.arange(k, dtype=np.int32)
        np.take(rank, labels[q], out=labels[q], mode="clip")
        fits[k] = Fit(
            k=k,
            centres=middle[ranking],
            labels=labels[q],
            inertia=table.inertia(middle, counts),
            restarts=sample.restarts,
            found=sample.found,
            runner_up=sample.runner_up,
            optima=sample.optima,
            rows_searched=sample.rows_searched,
            searched=sample.searched,
            confirmed=sample.confirmed,
            rivals=sample.rivals,
            in_doubt=sample.in_doubt,
        )
    return fits


def _filled(
    rows: Floats,
    centres: list[Floats],
    labels: NDArray[np.int32],
    table: _Turned,
    workers: ThreadPoolExecutor,
) -> tuple[list[Floats], list[tuple[Floats, Floats]]]:
    """Put each centre that no row of a large table is nearest to on the row farthest from its own.

    A sample has no such centre, but in the passes over more rows one may lose the last of its
    own. Bound: a pass for each centre; one that was filled has a row at no distance.
    """
    centres = [points.copy() for points in centres]
    tallies = table.tally(centres, labels, workers)
    for _ in range(sum(len(points) for points in centres)):
        empty = [q for q, (counts, _) in enumerate(tallies) if (counts == 0).any()]
        if not empty:
            break
        for q in empty:
            far, farthest = rows[0], -1.0
            for start in range(0, rows.shape[0], CONFIG.chunk_rows):
                part = rows[start : start + CONFIG.chunk_rows]
                own = centres[q][labels[q, start : start + CONFIG.chunk_rows]]
                distances = np.einsum("ij,ij->i", part - own, part - own)
                # Of equally far rows the smallest, so that their order does not matter.
                ties = part[distances == distances.max()]
                row = ties[np.lexsort(ties.T[::-1])[0]]
                further = float(distances.max())
                if further > farthest or (further == farthest and tuple(row) < tuple(far)):
                    far, farthest = row, further
            centres[q][int((tallies[q][0] == 0).argmax())] = far
        tallies = table.tally(centres, labels, workers)
    return centres, tallies


def _chosen(rows: Floats, starts: list[list[Floats]], workers: ThreadPoolExecutor) -> list[Floats]:
    """Of several solutions of each K the one that ends best on a larger sample."""
    from helpers.kmeans.sampling import sample_rows

    part = (
        rows if rows.shape[0] <= CONFIG.middle_rows else rows[sample_rows(rows, CONFIG.middle_rows)]
    )
    table = _Turned.of(part, workers)
    stacked = [centres for several in starts for centres in several]
    labels = np.empty((len(stacked), part.shape[0]), np.int32)
    ends, inertias = _lloyd(table, stacked, labels, workers, passes=CONFIG.middle_passes)
    chosen, first = [], 0
    for several in starts:
        last = first + len(several)
        best = min(range(first, last), key=lambda place: (inertias[place], place))
        chosen.append(ends[best])
        first = last
    return chosen


def _lloyd(
    table: _Turned,
    starts: list[Floats],
    labels: NDArray[np.int32],
    workers: ThreadPoolExecutor,
    *,
    passes: int,
    progress: Callable[[str], None] | None = None,
) -> tuple[list[Floats], list[float]]:
    """Lloyd's iterations from several starts in the same passes; where each ends, its inertia."""
    centres = list(starts)
    inertias = [np.inf] * len(starts)
    moving = list(range(len(starts)))
    for number in range(passes):
        tallies = table.tally([centres[place] for place in moving], labels, workers)
        if progress is not None:
            rows = table.columns.shape[1]
            progress(f"pass {number + 1} over {rows} rows, {len(moving)} K still moving")
        for place, (counts, sums) in zip(list(moving), tallies, strict=True):
            centres[place] = _means(centres[place], counts, sums)
            inertia = table.inertia(centres[place], counts)
            if inertias[place] - inertia <= 1e-7 * inertia:
                moving.remove(place)
            inertias[place] = inertia
        if not moving:
            break
    return centres, inertias


def _means(centres: Floats, counts: Floats, sums: Floats) -> Floats:
    """Means of the labels; a centre without rows stays where it is."""
    moved = centres.copy()
    full = counts > 0
    moved[full] = sums[full] / counts[full, None]
    return moved


@dataclass(frozen=True)
class _Turned:
    """A large table on its side, cut into pieces that threads take."""

    columns: NDArray[np.float32]
    d: int
    cuts: NDArray[np.int64]
    square: float

    @classmethod
    def of(cls, rows: Floats, workers: ThreadPoolExecutor) -> _Turned:
        from helpers.kmeans import kernels

        n, d = rows.shape
        columns = np.zeros((-(-d // 4) * 4, n), np.float32)
        cuts = np.linspace(0, n, 4 * threads() + 1).astype(np.int64)

        def turn(piece: int) -> None:
            kernels.to_columns(rows, cuts[piece], cuts[piece + 1], CONFIG.grain, columns)

        list(workers.map(turn, range(cuts.size - 1)))
        square = float(sum(workers.map(lambda j: _exact_square(columns[j]), range(d))))
        return cls(columns, d, cuts, square)

    def inertia(self, means: Floats, counts: Floats) -> float:
        """What the squares of the rows leave over the squares of the means of their labels."""
        return self.square - float((counts[:, None] * means**2).sum())

    def tally(
        self, centres: list[Floats], labels: NDArray[np.int32], workers: ThreadPoolExecutor
    ) -> list[tuple[Floats, Floats]]:
        """One pass over all rows: labels in place, counts and sums of each set of centres."""
        from helpers.kmeans import kernels

        stacked = np.vstack(centres)
        points = np.zeros((stacked.shape[0], self.columns.shape[0]), np.float32)
        points[:, : self.d] = -stacked
        halves = (0.5 * (stacked**2).sum(axis=1)).astype(np.float32)
        offsets = np.concatenate([[0], np.cumsum([len(one) for one in centres])]).astype(np.int64)
        # Labels of a pass in between are not kept, so any rows of the table will hold them.
        target = labels[: len(centres)]

        def one(piece: int) -> tuple[NDArray[np.int64], Floats]:
            counts = np.zeros(stacked.shape[0], np.int64)
            sums = np.zeros(stacked.shape)
            kernels.assign_and_sum(
                self.columns,
                self.cuts[piece],
                self.cuts[piece + 1],
                self.d,
                points,
                halves,
                offsets,
                target,
                counts,
                sums,
            )
            return counts, sums

        parts = list(workers.map(one, range(self.cuts.size - 1)))
        counts = np.sum([part[0] for part in parts], axis=0).astype(np.float64)
        sums = np.sum([part[1] for part in parts], axis=0)
        places = [slice(offsets[q], offsets[q + 1]) for q in range(len(centres))]
        return [(counts[place], sums[place]) for place in places]


def _exact_square(column: NDArray[np.float32]) -> float:
    """Sum of squares without an order: whole multiples of a grain, summed as integers."""
    total = 0
    for start in range(0, column.size, 65_536):
        values = column[start : start + 65_536].astype(np.float64)
        total += int(np.rint(values * values * 2.0**30).astype(np.int64).sum())
    return total / 2.0**30


def _fit(rows: Floats, pool: _Pool, place: NDArray[np.int64]) -> Fit:
    """Number the clusters by their centres and put the labels into the caller's order."""
    from helpers.kmeans import kernels, reference

    centres = reference.means(rows, pool.labels, pool.k)
    # Row by row, so that the numbers the clusters had do not reach the last digit.
    best = kernels.inertia_of(rows, pool.labels, centres)
    rank = np.empty(pool.k, np.int32)
    ranking = np.lexsort(centres.T[::-1])
    rank[ranking] = np.arange(pool.k, dtype=np.int32)
    optima = tuple(sorted(pool.optima))
    square = float(np.einsum("ij,ij->", rows, rows))
    nothing = kernels.rounding(rows.shape[0], square)
    beyond = [value for value in optima if value > best * (1.0 + CONFIG.audit_rtol) + nothing]
    return Fit(
        k=pool.k,
        centres=centres[ranking],
        labels=rank[pool.labels][place],
        inertia=best,
        restarts=len(optima),
        found=len(optima) - len(beyond),
        runner_up=beyond[0] / best - 1.0 if beyond and best > 0 else float("inf"),
        optima=optima,
        rows_searched=rows.shape[0],
        searched=best,
        confirmed=pool.returned,
        rivals=pool.rivals,
        in_doubt=pool.in_doubt,
    )


def _rivals(
    labels: Labels, best: float, others: list[tuple[float, Labels]], k: int
) -> tuple[int, NDArray[np.bool_]]:
    """Count the partitions that are as good as the best one, and mark the rows they part from it.

    Clusters are paired so that as many rows as possible stay.
    """
    from scipy.optimize import linear_sum_assignment

    parted = np.zeros(labels.size, np.bool_)
    rivals = 0
    for end, other in others:
        if end > best * (1.0 + CONFIG.equal_rtol) or np.array_equal(other, labels):
            continue
        pairs = np.bincount(other.astype(np.int64) * k + labels, minlength=k * k).reshape(k, k)
        left, right = linear_sum_assignment(-pairs)
        moved = right[np.argsort(left)][other] != labels
        rivals += bool(moved.any())
        parted |= moved
    return rivals, parted


def _search(
    table: _Table,
    ks: list[int],
    *,
    beyond: bool,
    random_state: int,
    progress: Callable[[str], None] | None,
    thorough: bool = True,
) -> list[_Pool]:
    """Search for the best partition for each K; every step of it is the same for any threads.

    With `beyond` one K more is searched, but not settled: it helps the largest K.
    """
    from helpers.kmeans import kernels

    d = table.rows.shape[1]
    matrix = (table.rows, table.columns, table.squares, table.square)
    resting = CONFIG.stall if thorough else CONFIG.stall_on_sample
    nothing = kernels.rounding(table.rows.shape[0], table.square)
    pools = []
    for k in ks + [ks[-1] + 1] * beyond:
        state = np.random.default_rng([random_state, k]).integers(0, 2**64, 1, np.uint64)
        size = CONFIG.pool_size if k > 1 else 1
        pools.append(_Pool(k, state, np.empty((size, k, d)), np.full(size, np.inf)))

    def exchange(pool: _Pool, handed: dict[int, Floats], known: dict[int, Floats]) -> None:
        below, above = (handed.get(k, np.empty((0, k, d))) for k in (pool.k - 1, pool.k + 1))
        if pool.k + 1 in known:
            # Without one of its centres: what was tried once ends where it ended then.
            old = known[pool.k + 1]
            above = above[[not any(np.array_equal(one, other) for other in old) for one in above]]
        pool.held = kernels.genetic_search(
            *matrix,
            pool.state,
            pool.pool,
            pool.values,
            pool.held,
            below,
            above,
            resting[0] + resting[1] * pool.k,
            CONFIG.trials_per_cluster * pool.k,
            CONFIG.alike,
            CONFIG.trial_rtol,
        )

    def start(pool: _Pool) -> None:
        most = CONFIG.max_cheap_restarts
        cheap = min(most, CONFIG.cheap_work // (pool.k * table.rows.shape[0]))
        count = max(CONFIG.min_restarts, most // pool.k, cheap) if pool.k > 1 else 1
        pool.held, ends = kernels.independent_starts(
            *matrix, pool.state, pool.pool, pool.values, count, CONFIG.alike
        )
        pool.optima = tuple(ends.tolist())

    def settle(pool: _Pool) -> None:
        shakes = CONFIG.n_perturbations // pool.k if thorough and pool.k > 1 else 0
        others, ends = (
            np.empty((CONFIG.max_rivals, table.rows.shape[0]), np.int32),
            np.empty(CONFIG.max_rivals),
        )
        _, pool.labels, pool.inertia, pool.returned, met = kernels.perturb(
            *matrix,
            pool.pool,
            pool.values,
            pool.state,
            np.array(CONFIG.perturbation_sizes),
            shakes,
            CONFIG.n_confirmations,
            CONFIG.close_rtol,
            others,
            ends,
        )
        pool.others = list(zip(ends[:met].tolist(), others[:met], strict=True))
        pool.compare()

    def doubtful(pool: _Pool) -> bool:
        n = table.rows.shape[0]
        cheap = CONFIG.min_restarts * pool.k * n <= CONFIG.cheap_work
        unmet = pool.k > 1 and all(
            end > pool.inertia * (1.0 + CONFIG.found_rtol) for end in pool.optima
        )
        return pool.in_doubt > CONFIG.doubtful_share * n or (cheap and unmet)

    def settle_doubtful(pool: _Pool) -> None:
        settle(pool)
        agreed = 1
        for _ in range(CONFIG.max_further_searches if thorough else 0):
            if not doubtful(pool) or agreed == CONFIG.n_agreeing_searches:
                break
            other = _Pool(
                pool.k, pool.state, np.empty_like(pool.pool), np.full(CONFIG.pool_size, np.inf)
            )
            start(other)
            exchange(other, {}, {})
            settle(other)
            tie = max(1e-10 * pool.inertia, nothing)
            if other.inertia < pool.inertia - tie:
                agreed = 1
                pool.labels, pool.inertia, pool.returned = other.labels, other.inertia, 0
            elif other.inertia <= pool.inertia + tie:
                agreed += 1
            pool.returned += other.returned * (agreed > 1)
            pool.others += other.others
            pool.compare()

    with ThreadPoolExecutor(threads()) as workers:

        def work(task: Callable[[_Pool], None], verb: str, chosen: list[_Pool]) -> None:
            # The largest first, so that no thread is left alone with a long one at the end.
            for done, _ in enumerate(workers.map(task, chosen[::-1]), start=1):
                if progress is not None:
                    progress(f"{done} of {len(chosen)} K {verb}")

        work(start, "searched", pools)
        known: dict[int, Floats] = {}
        for done in range(max(CONFIG.rounds_if_found, CONFIG.rounds_if_not_found)):
            # Handed on as they are now, so that it does not matter which K is the first.
            handed = {
                pool.k: pool.pool[: min(CONFIG.n_handed_on, pool.held)].copy() for pool in pools
            }
            unsure = [pool for pool in pools if pool.rounds > done]
            task = partial(exchange, handed=handed, known=known)
            work(task, "compared with their neighbours", unsure)
            known = handed
        work(settle_doubtful, "settled", pools[: len(ks)])
    return pools[: len(ks)]


def fit_afresh(
    rows: Floats, ks: Iterable[int], *, rng: np.random.Generator, restarts: int = 1
) -> dict[int, Floats]:
    """Fit every K quickly and from nothing: the centres for one resample.

    Each K starts `restarts` times by greedy k-means++, and once from this resample's own
    solution for the K before, with one cluster split; each start leaves local optima as in
    `fit_range`, with less patience.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, d)
        Scaled features of the resample; rows may repeat.
    ks : iterable of int
        Numbers of clusters; one above the number of distinct rows is left out.
    rng : numpy Generator
        Source of the starts.
    restarts : int
        Independent starts of each K.

    Returns
    -------
    dict of int to ndarray of float64, shape (k, d)
        Centres by K, within about 0.1 % of the best inertia.

    Examples
    --------
    >>> table = np.array([[0.0], [0.2], [5.0], [5.2]])
    >>> fit_afresh(table, [2], rng=np.random.default_rng(0))[2].round(1).ravel().tolist()
    [0.1, 5.1]
    """
    from helpers.kmeans import kernels

    table = _Table.of(np.ascontiguousarray(rows, dtype=np.float64))
    wanted = sorted({int(k) for k in ks})
    distinct = count_distinct(table.rows, max(wanted, default=1))
    found: dict[int, Floats] = {}
    before: tuple[Floats, Labels] | None = None
    for k in wanted:
        if k == 1:
            found[1] = table.rows.mean(axis=0, keepdims=True)
            continue
        if k > distinct:
            break
        starts = [
            kernels.kmeans_plusplus(
                table.rows, table.columns, k, rng.random((k, 2 + int(np.log(k))))
            )
            for _ in range(restarts)
        ]
        if before is not None and before[0].shape[0] == k - 1:
            centres, labels = before
            counts = np.bincount(labels, minlength=k - 1)
            gains, pairs = kernels.splits(table.rows, labels, centres, counts)
            widest = int(gains.argmax())
            start = np.vstack([centres, pairs[widest, 1]])
            start[widest] = pairs[widest, 0]
            starts.append(start)
        best = np.inf
        for start in starts:
            labels, _, inertia = kernels.search(
                table.rows, table.columns, table.squares, table.square, start, 6, 1e-3
            )
            if inertia < best:
                best, before = inertia, (start, labels)
        assert before is not None
        found[k] = np.asarray(before[0])[np.lexsort(np.asarray(before[0]).T[::-1])]
    return found


def nearest(rows: Floats, centres: Floats) -> Labels:
    """Label each row by the nearest centre.

    Parameters
    ----------
    rows : ndarray of float64, shape (n, d)
        Scaled features.
    centres : ndarray of float64, shape (k, d)
        Centres in the same space.

    Returns
    -------
    ndarray of int32, shape (n,)
        Row of `centres`; compared in float32, so a row within a millionth of a border may be
        given to either side.

    Examples
    --------
    >>> nearest(np.array([[0.0], [4.0]]), np.array([[1.0], [5.0]])).tolist()
    [0, 1]
    """
    from helpers.kmeans import kernels

    table = _Table.of(np.ascontiguousarray(rows, dtype=np.float64))
    return _nearest(table, centres, kernels)


def _nearest(table: _Table, centres: Floats, kernels: Any) -> Labels:
    n = table.rows.shape[0]
    labels = np.full(n, -1, np.int32)
    work = np.empty((2, n), np.float32)
    kernels.assign(table.columns, table.squares, centres, labels, work[0], work[1])
    return labels
