"""The best K-Means partition of a matrix for each K, whatever the seed and the order of rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.errors import ClusteringError

Floats = NDArray[np.float64]
Labels = NDArray[np.int32]

NEAR = 1e-5
"""Relative difference of inertia below which two optima count as the same one found again."""

SAME = 1e-4
"""Relative difference of inertia up to which the audit says that a restart came to the best."""

SEARCH_ROWS = 10_000
"""Rows searched at most; the best centres of a larger table are polished on all of its rows."""

GRAIN = 2.0**-20
"""Values of a large table are rounded to multiples of this: then sums of them are exact, and
neither the order of the rows nor the number of threads reaches any digit."""

PASS_WORK = 3e9
"""Distances that the passes over a large table may take: few passes where it is very large."""

FIRST = 4
"""Independent restarts of each K in the first round."""

RESTARTS = 1
"""Independent restarts of each later round of a K that is not settled."""

KICKS = 12
"""Starts of a round from the best solution with two of its centres put on random rows."""

ROUNDS = 24
"""Rounds at most."""

SHORT_ROUNDS = 2
"""Rounds at most on the sample of a large table, whose optimum is not the table's to the digit."""

ENOUGH = 3
"""Independent restarts that must have come to the best solution before a search ends early."""

PATIENCE = 8
"""Rounds without a better solution after which a K rests if only kicks reach its best again."""

ATTEMPTS = 8
"""Pairs of a removed and a split cluster tried before a restart gives up."""

COARSE = 5e-5
"""Share of the inertia below which a restart takes an improvement for none until its last way."""

SHAKES = 12
"""Small displacements of the best centres of a batch: they choose among near-equal partitions."""

SIZES = (0.05, 0.1, 0.2, 0.3)
"""Sizes of the displacements, in standard deviations of the rows within their clusters."""

BATCHES = 16
"""Batches of displacements at most."""

CONFIRMED = 10
"""Displacements that must have led back to the best partition before it is taken as settled."""


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
        How many of these came by themselves within `SAME` (relative) of the best inertia.
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
    best: float = np.inf
    centres: Floats = field(default_factory=lambda: np.empty((0, 0)))
    labels: Labels = field(default_factory=lambda: np.empty(0, np.int32))
    optima: list[float] = field(default_factory=list)
    arrivals: int = 0  # descents of any kind that came near the best
    returned: int = 0  # displacements that led back to it exactly
    resting: int = 0  # rounds without a better one
    exhausted: float = np.inf  # inertia of the solution whose every swap has been tried
    handed: float = np.inf  # inertia of the solution that the neighbours have started from

    def take(self, inertia: float, centres: Floats, labels: Labels) -> None:
        if inertia < self.best * (1.0 - NEAR):
            self.arrivals = 0
        self.arrivals += inertia <= self.best * (1.0 + NEAR)
        # A tie within rounding goes to the smaller centres, so that it does not go to the seed.
        if inertia < self.best * (1.0 - 1e-10) or (
            inertia < self.best * (1.0 + 1e-10) and _key(centres) < _key(self.centres)
        ):
            if inertia < self.best * (1.0 - 1e-10):
                self.returned = 0
            self.best, self.centres, self.labels = inertia, centres, labels

    @property
    def settled(self) -> bool:
        if self.k == 1 or self.found >= ENOUGH:
            return True
        return self.resting >= (PATIENCE if self.arrivals >= ENOUGH else 2 * PATIENCE)

    @property
    def found(self) -> int:
        return sum(value <= self.best * (1.0 + NEAR) for value in self.optima)


def _key(centres: Floats) -> list[list[float]]:
    return sorted(np.round(centres, 9).tolist())


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
        If the matrix is not two-dimensional, holds a value that is not finite, or has fewer
        rows than `k`.

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
    return rows


def fit_range(
    matrix: NDArray[Any],
    ks: Iterable[int],
    *,
    random_state: int,
    progress: Callable[[str], None] | None = None,
) -> dict[int, Fit]:
    """Find the best K-Means partition for every K.

    Each K is started several times by greedy k-means++; a start goes down by Lloyd's iterations,
    leaves local optima by removing one centre and splitting another cluster, and ends with
    single-row moves (Hartigan's rule). After each round every K also starts from the best
    solutions of its neighbours (one cluster split, two merged). A K is settled when
    independent starts have come to its best solution again. At last small displacements of the
    best centres choose among its near-equal partitions, which differ in a few rows at a border.

    Parameters
    ----------
    matrix : ndarray of float64, shape (n, d)
        Scaled features without nulls.
    ks : iterable of int
        Numbers of clusters.
    random_state : int
        Seed of the starts. Another seed should change the audit only, not the partition.
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
    A table of more than `SEARCH_ROWS` rows is searched by a sample of that size, chosen by a hash
    of the values, and the centres are then polished by Lloyd's iterations on all rows, for all K
    in the same pass, in float32 with exact sums.

    Rows are sorted before the search, so neither their order nor the number of threads reaches
    any digit of the result. Lloyd's iterations and the final assignment (each row to the nearest
    mean) are those of scikit-learn's ``KMeans(algorithm="lloyd", tol=0)``: started from `centres`
    it stays where it is.

    References
    ----------
    Arthur and Vassilvitskii (2007), k-means++. Hartigan and Wong (1979), algorithm AS 136.
    Hamerly (2010), Making k-means even faster. Franti and Kivijarvi (2000), Randomised local
    search (the swap of centres).

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
    if rows.shape[0] > SEARCH_ROWS:
        return _fit_large(rows, wanted, random_state=random_state, progress=progress)
    return _fit_sorted(rows, wanted, random_state=random_state, progress=progress)


def _fit_sorted(
    rows: Floats,
    wanted: list[int],
    *,
    random_state: int,
    progress: Callable[[str], None] | None,
    thorough: bool = True,
) -> dict[int, Fit]:
    """Search all rows given, in lexicographic order."""
    order = np.lexsort(rows.T[::-1])
    rows = np.ascontiguousarray(rows[order])
    distinct = 1 + int(np.any(rows[1:] != rows[:-1], axis=1).sum())
    if distinct < wanted[-1]:
        raise ClusteringError(
            f"`k` is {wanted[-1]}, but the rows hold only {distinct} distinct combinations of "
            "values: lower `k` (or `k_max`)."
        )
    # One K more than asked: its best solution, two of its clusters merged, helps the largest K.
    searched = wanted + [wanted[-1] + 1] * (1 < wanted[-1] < distinct)
    pools = _search(
        _Table.of(rows),
        searched,
        random_state=random_state,
        progress=progress,
        thorough=thorough,
    )
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    return {pool.k: _fit(rows, pool, place) for pool in pools if pool.k in wanted}


def _fit_large(
    rows: Floats,
    ks: list[int],
    *,
    random_state: int,
    progress: Callable[[str], None] | None,
) -> dict[int, Fit]:
    """Search on a sample, polish on all rows."""
    from helpers.clustering import kernels
    from helpers.clustering.scores import sample_rows

    n, d = rows.shape
    part = rows[sample_rows(rows, SEARCH_ROWS)]
    found = _fit_sorted(part, ks, random_state=random_state, progress=progress, thorough=False)
    columns = np.zeros((-(-d // 4) * 4, n), np.float32)
    cuts = np.linspace(0, n, 4 * threads() + 1).astype(np.int64)

    def turn(piece: int) -> None:
        kernels.turn(rows, cuts[piece], cuts[piece + 1], GRAIN, columns)

    labels = np.empty((len(ks), n), np.int32)
    centres = {k: found[k].centres for k in ks}
    inertias = dict.fromkeys(ks, np.inf)
    open_ks = list(ks)
    passes = int(np.clip(PASS_WORK / (n * sum(ks)), 4, 100))
    with ThreadPoolExecutor(threads()) as workers:
        list(workers.map(turn, range(cuts.size - 1)))
        square = float(sum(workers.map(lambda j: _exact_square(columns[j]), range(d))))
        for number in range(passes):
            moving = {k: centres[k] for k in open_ks}
            counts, sums = _pass(columns, d, moving, labels, cuts, workers, kernels)
            if progress is not None:
                progress(f"pass {number + 1} over {n} rows, {len(open_ks)} K still moving")
            for k in list(open_ks):
                full = counts[k] > 0
                centres[k] = centres[k].copy()
                centres[k][full] = sums[k][full] / counts[k][full, None]
                inertia = square - float((counts[k][:, None] * centres[k] ** 2).sum())
                if inertias[k] - inertia <= 1e-7 * inertia:
                    open_ks.remove(k)
                inertias[k] = inertia
            if not open_ks:
                break
        # The last centres are the means of the labels before them: label once more, for all K.
        counts, sums = _pass(columns, d, centres, labels, cuts, workers, kernels)
    fits = {}
    for q, k in enumerate(ks):
        sample = found[k]
        middle = centres[k].copy()
        full = counts[k] > 0
        middle[full] = sums[k][full] / counts[k][full, None]
        ranking = np.lexsort(middle.T[::-1])
        rank = np.empty(k, np.int32)
        rank[ranking] = np.arange(k, dtype=np.int32)
        np.take(rank, labels[q], out=labels[q], mode="clip")
        inertia = square - float((counts[k][:, None] * middle**2).sum())
        fits[k] = Fit(
            k=k,
            centres=middle[ranking],
            labels=labels[q],
            inertia=inertia,
            restarts=sample.restarts,
            found=sample.found,
            runner_up=sample.runner_up,
            optima=sample.optima,
            rows_searched=sample.rows_searched,
            searched=sample.searched,
            confirmed=sample.confirmed,
        )
    return fits


def _exact_square(column: NDArray[np.float32]) -> float:
    """Sum of squares without an order: whole multiples of a grain, summed as integers."""
    total = 0
    for start in range(0, column.size, 65_536):
        values = column[start : start + 65_536].astype(np.float64)
        total += int(np.rint(values * values * 2.0**30).astype(np.int64).sum())
    return total / 2.0**30


def _pass(
    columns: NDArray[np.float32],
    d: int,
    centres: dict[int, Floats],
    labels: NDArray[np.int32],
    cuts: NDArray[np.int64],
    workers: ThreadPoolExecutor,
    kernels: Any,
) -> tuple[dict[int, Floats], dict[int, Floats]]:
    """One pass over all rows for several K: labels in place, counts and sums by K."""
    moving = list(centres)
    stacked = np.vstack([centres[k] for k in moving])
    points = np.zeros((stacked.shape[0], columns.shape[0]), np.float32)
    points[:, :d] = -stacked
    halves = (0.5 * (stacked**2).sum(axis=1)).astype(np.float32)
    offsets = np.concatenate([[0], np.cumsum(moving)]).astype(np.int64)
    # Labels of a pass in between are not kept, so any rows of the table will hold them.
    target = labels[: len(moving)]

    def one(piece: int) -> tuple[NDArray[np.int64], Floats]:
        counts = np.zeros(stacked.shape[0], np.int64)
        sums = np.zeros(stacked.shape)
        kernels.tally(
            columns,
            cuts[piece],
            cuts[piece + 1],
            d,
            points,
            halves,
            offsets,
            target,
            counts,
            sums,
        )
        return counts, sums

    parts = list(workers.map(one, range(cuts.size - 1)))
    counts = np.sum([part[0] for part in parts], axis=0).astype(np.float64)
    sums = np.sum([part[1] for part in parts], axis=0)
    places = {k: slice(offsets[q], offsets[q + 1]) for q, k in enumerate(moving)}
    return (
        {k: counts[place] for k, place in places.items()},
        {k: sums[place] for k, place in places.items()},
    )


def _fit(rows: Floats, pool: _Pool, place: NDArray[np.int64]) -> Fit:
    """Number the clusters by their centres and put the labels into the caller's order."""
    from helpers.clustering import reference

    centres = reference.means(rows, pool.labels, pool.k)
    rank = np.empty(pool.k, np.int32)
    ranking = np.lexsort(centres.T[::-1])
    rank[ranking] = np.arange(pool.k, dtype=np.int32)
    optima = tuple(sorted(pool.optima))
    beyond = [value for value in optima if value > pool.best * (1.0 + SAME)]
    return Fit(
        k=pool.k,
        centres=centres[ranking],
        labels=rank[pool.labels][place],
        inertia=pool.best,
        restarts=len(optima),
        found=len(optima) - len(beyond),
        runner_up=beyond[0] / pool.best - 1.0 if beyond and pool.best > 0 else float("inf"),
        optima=optima,
        rows_searched=rows.shape[0],
        searched=pool.best,
        confirmed=pool.returned,
    )


@dataclass(frozen=True)
class _Start:
    """Where one descent begins, how hard it tries, and whether it counts as independent."""

    pool: _Pool
    centres: Floats
    attempts: int
    patience: float = COARSE
    independent: bool = False


def _search(
    table: _Table,
    ks: list[int],
    *,
    random_state: int,
    progress: Callable[[str], None] | None,
    thorough: bool = True,
) -> list[_Pool]:
    """Search for the best partition for each K; every step of it is the same for any threads."""
    from helpers.clustering import kernels

    pools = [_Pool(k) for k in ks]
    streams = {k: np.random.default_rng([random_state, k]) for k in ks}

    def run(start: _Start) -> tuple[Floats, Labels, float]:
        centres = np.array(start.centres)
        labels, _, inertia = kernels.search(
            table.rows,
            table.columns,
            table.squares,
            table.square,
            centres,
            start.attempts,
            start.patience,
        )
        return centres, labels, inertia

    def restarts(pool: _Pool, count: int) -> list[_Start]:
        tries = 2 + int(np.log(pool.k))
        draws = [streams[pool.k].random((pool.k, tries)) for _ in range(count)]
        sown = (kernels.sow(table.rows, pool.k, drawn) for drawn in draws)
        return [_Start(pool, centres, ATTEMPTS, independent=True) for centres in sown]

    with ThreadPoolExecutor(threads()) as workers:

        def work(starts: list[_Start]) -> list[tuple[_Pool, float]]:
            # The largest first, so that no thread is left alone with a long one at the end;
            # results are taken in the order of the starts whichever thread is faster.
            starts = sorted(starts, key=lambda start: -start.pool.k)
            ends = list(workers.map(run, starts))
            for start, (centres, labels, inertia) in zip(starts, ends, strict=True):
                if start.independent:
                    start.pool.optima.append(inertia)
                start.pool.take(inertia, centres, labels)
            return [(start.pool, end[2]) for start, end in zip(starts, ends, strict=True)]

        work([start for pool in pools for start in restarts(pool, 1 if pool.k == 1 else FIRST)])
        for number in range(ROUNDS if thorough else SHORT_ROUNDS):
            before = {pool.k: pool.best for pool in pools}
            work(_from_neighbours(table, pools))
            # Every pair of a removed and a split cluster of the best solution, once.
            fresh = [pool for pool in pools if pool.k > 2 and pool.best < pool.exhausted]
            work([_Start(pool, pool.centres, pool.k**2, 0.0) for pool in fresh])
            for pool in pools:
                pool.exhausted = pool.best
                pool.resting = 0 if pool.best < before[pool.k] * (1.0 - NEAR) else pool.resting + 1
            open_pools = [pool for pool in pools if not pool.settled]
            if progress is not None:
                done = len(pools) - len(open_pools)
                progress(f"round {number + 1}: {done} of {len(pools)} K settled")
            if not open_pools:
                break
            work(
                [start for pool in open_pools for start in restarts(pool, RESTARTS)]
                + [
                    _Start(pool, _kicked(table, pool, streams[pool.k]), ATTEMPTS)
                    for pool in open_pools
                    if pool.k > 2
                    for _ in range(KICKS)
                ]
            )
        for _ in range(BATCHES if thorough else 0):
            shaken = [pool for pool in pools if pool.k > 1 and pool.returned < CONFIRMED]
            if not shaken:
                break
            ends = work(
                [
                    _Start(pool, _shaken(table, pool, streams[pool.k], number), 0)
                    for pool in shaken
                    for number in range(SHAKES)
                ]
            )
            for pool, inertia in ends:
                pool.returned += inertia <= pool.best * (1.0 + 1e-10)
    return pools


def _shaken(table: _Table, pool: _Pool, stream: np.random.Generator, number: int) -> Floats:
    """Displace all centres of the best solution a little."""
    radius = np.sqrt(pool.best / table.rows.size)
    noise = stream.standard_normal(pool.centres.shape)
    return np.asarray(pool.centres + SIZES[number % len(SIZES)] * radius * noise)


def _kicked(table: _Table, pool: _Pool, stream: np.random.Generator) -> Floats:
    """Put two centres of the best solution on rows drawn by their distance to it."""
    centres = pool.centres.copy()
    squares = ((table.rows - centres[pool.labels]) ** 2).sum(axis=1)
    running = np.cumsum(squares)
    picks = np.searchsorted(running, stream.random(2) * running[-1], side="right")
    centres[stream.choice(pool.k, 2, replace=False)] = table.rows[
        np.minimum(picks, running.size - 1)
    ]
    return centres


def _from_neighbours(table: _Table, pools: list[_Pool]) -> list[_Start]:
    """Starts for each K out of the best solutions for K - 1 (split) and K + 1 (merged).

    A solution is handed on once.
    """
    from helpers.clustering import kernels

    by_k = {pool.k: pool for pool in pools}
    starts: list[_Start] = []
    for pool in pools:
        if pool.best >= pool.handed:
            continue
        pool.handed = pool.best
        below, above = by_k.get(pool.k - 1), by_k.get(pool.k + 1)
        if below is not None and below.k > 1:
            costs = kernels.removals(table.rows, pool.labels, pool.centres)
            starts += [
                _Start(below, np.delete(pool.centres, c, axis=0), ATTEMPTS)
                for c in np.argsort(costs, kind="stable")[:2]
            ]
        if above is not None and pool.k > 1:
            counts = np.bincount(pool.labels, minlength=pool.k)
            gains, pairs = kernels.splits(table.rows, pool.labels, pool.centres, counts)
            for c in np.argsort(-gains, kind="stable")[:2]:
                centres = np.vstack([pool.centres, pairs[c, 1]])
                centres[c] = pairs[c, 0]
                starts.append(_Start(above, centres, ATTEMPTS))
    return starts


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
    from helpers.clustering import kernels

    table = _Table.of(np.ascontiguousarray(rows, dtype=np.float64))
    found: dict[int, Floats] = {}
    before: tuple[Floats, Labels] | None = None
    for k in sorted({int(k) for k in ks}):
        if k == 1:
            found[1] = table.rows.mean(axis=0, keepdims=True)
            continue
        if k > table.rows.shape[0]:
            break
        starts = [
            kernels.sow(table.rows, k, rng.random((k, 2 + int(np.log(k))))) for _ in range(restarts)
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
    from helpers.clustering import kernels

    table = _Table.of(np.ascontiguousarray(rows, dtype=np.float64))
    return _nearest(table, centres, kernels)


def _nearest(table: _Table, centres: Floats, kernels: Any) -> Labels:
    n = table.rows.shape[0]
    labels = np.full(n, -1, np.int32)
    work = np.empty((2, n), np.float32)
    kernels.assign(table.columns, table.squares, centres, labels, work[0], work[1])
    return labels
