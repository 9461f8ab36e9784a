"""Compiled inner loops of the search for the best K-Means partition.

Every function here has its definition, in plain NumPy, in `reference`; tests hold the two together.
The functions are compiled at their first call and kept in the cache beside this file;
``python -m helpers.kmeans.kernels`` fills that cache ahead of time.

Shapes shared by all: `rows` is (n, d) float64 in C order, `columns` is (w, n) float32, the same
values turned on their side with `w` = d rounded up to a multiple of four (the rest is zero), so
that one instruction handles several rows. Sums are always float64 and run in the order of the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

BLOCK = 256
"""Rows handled together: their columns and results stay in the first-level cache."""

TINY = 16
"""Rows below which a cluster draws rows over that are clearly nearer to another (`border`)."""

SUCCESSES = 20
"""Removals with a split that may follow each other, for each cluster (`split_and_merge`)."""


def _kernel(function: Callable[..., Any]) -> Any:
    """Compile without the interpreter's lock; keep the machine code where a folder allows it."""
    # Reordering is allowed inside one sum (it is fixed when compiled), infinities stay exact.
    options: dict[str, Any] = {
        "nogil": True,
        "fastmath": {"reassoc", "contract"},
        "error_model": "numpy",  # a division by zero gives infinity, as in the definitions
    }
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # neither this folder nor the user's cache folder can be written
        return numba.njit(**options)(function)


@_kernel
def negated_centres(columns, centres):  # type: ignore[no-untyped-def]
    """Return the centres as `columns` are: their negatives, and half their squared lengths.

    Half a squared length and the product of a row with the negative are, for one row, in the same
    order as its distances to the centres.
    """
    k, d = centres.shape
    points = np.zeros((k, columns.shape[0]), columns.dtype)
    halves = np.zeros(k, columns.dtype)
    for c in range(k):
        half = 0.0
        for j in range(d):
            points[c, j] = -centres[c, j]
            half += centres[c, j] * centres[c, j]
        halves[c] = 0.5 * half
    return points, halves


@_kernel
def assign(columns, squares, centres, labels, own, slack):  # type: ignore[no-untyped-def]
    """Label every row by its nearest centre; return how many labels changed.

    `own` receives the distance to that centre, `slack` how much farther the second centre is than
    the nearest one (a distance, not a square): as long as the centres move less than that, the
    label of the row stands.
    """
    width, n = columns.shape
    k = centres.shape[0]
    dtype = columns.dtype.type
    points, halves = negated_centres(columns, centres)
    best = np.empty(BLOCK, columns.dtype)
    next_best = np.empty(BLOCK, columns.dtype)
    owner = np.empty(BLOCK, np.int32)
    value = np.empty(BLOCK, columns.dtype)
    zero = dtype(0.0)
    two = dtype(2.0)
    changed = 0
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        for i in range(size):
            best[i] = dtype(np.inf)
            next_best[i] = dtype(np.inf)
            owner[i] = 0
        for c in range(k):
            half = halves[c]
            for i in range(size):
                value[i] = half
            for j in range(0, width, 4):
                p0, p1, p2, p3 = points[c, j], points[c, j + 1], points[c, j + 2], points[c, j + 3]
                x0 = columns[j, start : start + size]
                x1 = columns[j + 1, start : start + size]
                x2 = columns[j + 2, start : start + size]
                x3 = columns[j + 3, start : start + size]
                for i in range(size):
                    value[i] += (x0[i] * p0 + x1[i] * p1) + (x2[i] * p2 + x3[i] * p3)
            for i in range(size):
                nearer = value[i] < best[i]
                behind = best[i] if nearer else value[i]
                next_best[i] = behind if behind < next_best[i] else next_best[i]
                best[i] = value[i] if nearer else best[i]
                owner[i] = c if nearer else owner[i]
        for i in range(size):
            first = two * best[i] + squares[start + i]
            second = two * next_best[i] + squares[start + i]
            first = first if first > zero else zero
            second = second if second > zero else zero
            own[start + i] = np.sqrt(first)
            slack[start + i] = np.sqrt(second) - own[start + i]
        for i in range(size):
            changed += labels[start + i] != owner[i]
            labels[start + i] = owner[i]
    return changed


@_kernel
def count_and_sum(rows, labels, counts, sums):  # type: ignore[no-untyped-def]
    """Count and sum the rows of each label, in the order of the rows."""
    counts[:] = 0
    sums[:] = 0.0
    for i in range(rows.shape[0]):
        c = labels[i]
        counts[c] += 1
        for j in range(rows.shape[1]):
            sums[c, j] += rows[i, j]


@_kernel
def update_centres(rows, labels, counts, sums, centres):  # type: ignore[no-untyped-def]
    """Move each centre to the mean of its rows.

    A label without rows takes over the row that is farthest from its centre, of the labels with
    two rows or more: with at least as many rows as labels there is one, so no count is left at
    zero, and each label that was empty is filled once.
    """
    n, d = rows.shape
    for c in range(counts.size):
        if counts[c] == 0:
            far, farthest = 0, -1.0
            for i in range(n):
                own = labels[i]
                if counts[own] < 2:
                    continue
                distance = 0.0
                for j in range(d):
                    step = rows[i, j] - centres[own, j]
                    distance += step * step
                if distance > farthest:
                    far, farthest = i, distance
            counts[labels[far]] -= 1
            sums[labels[far]] -= rows[far]
            labels[far] = c
            counts[c] = 1
            sums[c] = rows[far]
    for c in range(counts.size):
        for j in range(d):
            centres[c, j] = sums[c, j] / counts[c]


@_kernel
def rounding(n, square):  # type: ignore[no-untyped-def]
    """Bound of the rounding in what `inertia_of_means` returns; less than that is nothing.

    A sum of n terms is wrong by at most n eps of the sum of their sizes. There are two such sums,
    none larger than `square`: that of the squared rows, and, through the sums of the rows of each
    cluster, that of the squared means (a mean has no larger square than its rows). The sums of a
    cluster are kept in step through some iterations of `lloyd`, hence 8 in place of 2.
    """
    return 8.0 * n * 2.0**-52 * square


@_kernel
def inertia_of_means(square, counts, centres):  # type: ignore[no-untyped-def]
    """Inertia of the means: what the squares of the rows leave over the squares of the means.

    Rounding may take the difference below zero; an inertia is never less than that.
    """
    inertia = square
    for c in range(counts.size):
        length = 0.0
        for j in range(centres.shape[1]):
            length += centres[c, j] * centres[c, j]
        inertia -= counts[c] * length
    return max(inertia, 0.0)


@_kernel
def inertia_of(rows, labels, centres):  # type: ignore[no-untyped-def]
    """Sum the squared distances of all rows to the centre of their label."""
    total = 0.0
    for i in range(rows.shape[0]):
        c = labels[i]
        distance = 0.0
        for j in range(rows.shape[1]):
            step = rows[i, j] - centres[c, j]
            distance += step * step
        total += distance
    return total


@_kernel
def nearest_of(columns, start, size, points, halves, first, last, value, best, owner):  # type: ignore[no-untyped-def]
    """Find the nearest of the centres from `first` to `last` for `size` rows from `start` on.

    `points` and `halves` are as `negated_centres` returns them; `owner` receives the centre,
    counted from `first`; the three last are workspaces of `BLOCK` rows.
    """
    width = columns.shape[0]
    dtype = columns.dtype.type
    for i in range(size):
        best[i] = dtype(np.inf)
        owner[i] = 0  # a label in any case, also where no comparison succeeds
    for c in range(first, last):
        half = halves[c]
        if width == 4:
            for i in range(size):
                value[i] = half
        for j in range(0, width - 4, 4):
            p0, p1, p2, p3 = points[c, j], points[c, j + 1], points[c, j + 2], points[c, j + 3]
            x0 = columns[j, start : start + size]
            x1 = columns[j + 1, start : start + size]
            x2 = columns[j + 2, start : start + size]
            x3 = columns[j + 3, start : start + size]
            if j == 0:
                for i in range(size):
                    value[i] = half + ((x0[i] * p0 + x1[i] * p1) + (x2[i] * p2 + x3[i] * p3))
            else:
                for i in range(size):
                    value[i] += (x0[i] * p0 + x1[i] * p1) + (x2[i] * p2 + x3[i] * p3)
        # The last four columns and the comparison in one go: a value is stored once less.
        j = width - 4
        p0, p1, p2, p3 = points[c, j], points[c, j + 1], points[c, j + 2], points[c, j + 3]
        x0 = columns[j, start : start + size]
        x1 = columns[j + 1, start : start + size]
        x2 = columns[j + 2, start : start + size]
        x3 = columns[j + 3, start : start + size]
        label = c - first
        for i in range(size):
            distance = value[i] + ((x0[i] * p0 + x1[i] * p1) + (x2[i] * p2 + x3[i] * p3))
            nearer = distance < best[i]
            best[i] = distance if nearer else best[i]
            owner[i] = label if nearer else owner[i]


@_kernel
def reassign(rows, columns, centres, labels, counts, sums):  # type: ignore[no-untyped-def]
    """Label every row by its nearest centre, and keep `counts` and `sums` in step with the labels.

    A row labelled -1 has not been counted yet. Returns how many labels changed. As `assign`, but
    nothing is asked about the second centre, and only rows that change their label are summed.
    """
    n = columns.shape[1]
    k, d = centres.shape
    points, halves = negated_centres(columns, centres)
    best = np.empty(BLOCK, columns.dtype)
    owner = np.empty(BLOCK, np.int32)
    value = np.empty(BLOCK, columns.dtype)
    changed = 0
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        nearest_of(columns, start, size, points, halves, 0, k, value, best, owner)
        for i in range(size):
            before, after = labels[start + i], owner[i]
            if before == after:
                continue
            changed += 1
            labels[start + i] = after
            counts[after] += 1
            for j in range(d):
                sums[after, j] += rows[start + i, j]
            if before >= 0:
                counts[before] -= 1
                for j in range(d):
                    sums[before, j] -= rows[start + i, j]
    return changed


@_kernel
def lloyd(rows, columns, square, centres, labels, counts, target, patience):  # type: ignore[no-untyped-def]
    """Run Lloyd's iterations from `centres` until no label changes; return the inertia.

    `labels` and `counts` are those of the end. `square` is the sum of the squared lengths of the
    rows. The iterations are given up where, at their present pace, they will not come below
    `target`, and end early where an iteration lowers the inertia by less than the share
    `patience` of it, or nothing is left but rounding. Bound: 500 iterations. Every label has a row
    in the end: the last thing that happened to the labels is `update_centres`, or none has changed
    since (the first iteration labels all rows, so it never is the last one).

    Every iteration compares all rows with all centres. Bounds that spare comparisons (Hamerly
    2010) were slower here: they put off one row in ten at a time, several rows at once cost less.
    """
    k, d = centres.shape
    sums = np.zeros((k, d))
    nothing = rounding(rows.shape[0], square)
    labels[:] = -1
    counts[:] = 0
    inertia = np.inf
    for iteration in range(500):
        if reassign(rows, columns, centres, labels, counts, sums) == 0:
            break
        update_centres(rows, labels, counts, sums, centres)
        before = inertia
        inertia = inertia_of_means(square, counts, centres)
        fall = before - inertia
        if inertia <= nothing:
            break
        if iteration > 1 and (inertia - 10.0 * fall > target or fall < patience * inertia):
            break
    return inertia


@_kernel
def border(rows, centres, counts, labels, nearest, near, slack, watched):  # type: ignore[no-untyped-def]
    """List the rows so close to a border that a single move may pay; return how many.

    A move from a cluster of a rows to one of b rows pays where the squared distances differ by
    less than the factor a / (a - 1) * (b + 1) / b, which is near 1 unless a cluster is tiny.
    Clusters of fewer than `TINY` rows are therefore looked at one by one: with the factor of
    the smallest cluster for all, a single outlier would put every row on the list.
    """
    n, d = rows.shape
    k = counts.size
    smallest = n
    for c in range(k):
        if counts[c] >= TINY:
            smallest = min(smallest, counts[c])
    enter = (smallest + 1.0) / smallest
    leave = np.empty(k)
    factors = np.empty(k, np.float32)
    for c in range(k):
        leave[c] = counts[c] / (counts[c] - 1.0) if counts[c] > 1 else 1.0
        # Twice the factor, since the centres will move a little.
        factors[c] = 2.0 * (np.sqrt(enter * leave[c]) - 1.0) + 1e-3
    listed = np.empty(n, np.bool_)
    for i in range(n):
        close = slack[i] <= factors[labels[i]] * near[i] + 1e-5
        listed[i] = close or labels[i] != nearest[i]
    for c in range(k):
        if counts[c] >= TINY:
            continue
        enter = (counts[c] + 1.0) / counts[c]
        for own in range(k):
            factors[own] = (2.0 * np.sqrt(enter * leave[own]) - 1.0 + 1e-3) ** 2
        for i in range(n):
            distance = 0.0
            for j in range(d):
                step = rows[i, j] - centres[c, j]
                distance += step * step
            listed[i] |= distance <= factors[labels[i]] * near[i] * near[i] + 1e-5
    size = 0
    for i in range(n):
        watched[size] = i
        size += listed[i]
    return size


@_kernel
def hartigan_moves(rows, labels, centres, counts, watched, size):  # type: ignore[no-untyped-def]
    """Move single rows while a move lowers the inertia (Hartigan's rule); return the moves.

    Lloyd's iterations stop at partitions that a single move still improves; these do not.
    Only the first `size` rows of `watched` are looked at. Bound: 100 passes over them; without
    rounding it needs none, since every move lowers the inertia and partitions are finite in number.
    A cluster of one row keeps it, so no count falls to zero.
    """
    d = rows.shape[1]
    k = centres.shape[0]
    moves = 0
    for _ in range(100):
        moved = 0
        for s in range(size):
            i = watched[s]
            own = labels[i]
            if counts[own] < 2:
                continue
            leaving = 0.0
            for j in range(d):
                step = rows[i, j] - centres[own, j]
                leaving += step * step
            leaving *= counts[own] / (counts[own] - 1.0)
            lowest, target = np.inf, own
            for c in range(k):
                entering = 0.0
                for j in range(d):
                    step = rows[i, j] - centres[c, j]
                    entering += step * step
                entering *= counts[c] / (counts[c] + 1.0)
                if entering < lowest and c != own:
                    lowest, target = entering, c
            if lowest < leaving * (1.0 - 1e-10):
                moved += 1
                for j in range(d):
                    centres[own, j] -= (rows[i, j] - centres[own, j]) / (counts[own] - 1.0)
                    centres[target, j] += (rows[i, j] - centres[target, j]) / (counts[target] + 1.0)
                counts[own] -= 1
                counts[target] += 1
                labels[i] = target
        moves += moved
        if moved == 0:
            break
    return moves


@_kernel
def kmeans_plusplus(rows, columns, k, draws):  # type: ignore[no-untyped-def]
    """Draw k starting centres by greedy k-means++ (Arthur and Vassilvitskii 2007).

    `draws` is (k, tries) of uniform numbers; of the tries of a step the one that lowers the
    inertia most is kept.
    """
    n, d = rows.shape
    tries = draws.shape[1]
    dtype = columns.dtype.type
    centres = np.empty((k, d))
    nearest = np.full(n, dtype(np.inf))
    chosen = np.empty(n, columns.dtype)
    trial = np.empty(n, columns.dtype)
    running = np.empty(n)
    for c in range(k):
        sofar = 0.0
        for i in range(n):
            sofar += nearest[i]
            running[i] = sofar
        lowest = np.inf
        for t in range(tries if c > 0 else 1):
            pick = min(n - 1, int(draws[0, 0] * n))
            if c > 0:
                pick = min(n - 1, np.searchsorted(running, draws[c, t] * sofar, side="right"))
            for i in range(n):
                trial[i] = dtype(0.0)
            for j in range(d):
                x = columns[j, pick]
                for i in range(n):
                    step = columns[j, i] - x
                    trial[i] += step * step
            total = 0.0
            for i in range(n):
                trial[i] = min(trial[i], nearest[i])
                total += trial[i]
            if t == 0 or total < lowest:
                lowest = total
                chosen[:] = trial
                centres[c] = rows[pick]
        nearest[:] = chosen
    return centres


@_kernel
def removals(rows, labels, centres):  # type: ignore[no-untyped-def]
    """Return, for each centre, what the inertia gains if its rows go to their second centre."""
    n, d = rows.shape
    k = centres.shape[0]
    costs = np.zeros(k)
    for i in range(n):
        own = labels[i]
        first, second = 0.0, np.inf
        for c in range(k):
            distance = 0.0
            for j in range(d):
                step = rows[i, j] - centres[c, j]
                distance += step * step
            if c == own:
                first = distance
            elif distance < second:
                second = distance
        costs[own] += second - first
    return costs


@_kernel
def splits(rows, labels, centres, counts):  # type: ignore[no-untyped-def]
    """Split each cluster in two; return what each split saves and the two centres of each.

    Two starts are tried, each followed by a few of Lloyd's iterations inside the cluster:
    the halves along the feature that varies most, and the farthest row against the others.
    """
    n, d = rows.shape
    k = centres.shape[0]
    starts = np.zeros(k + 1, np.int64)
    for c in range(k):
        starts[c + 1] = starts[c] + counts[c]
    place = starts[:-1].copy()
    order = np.empty(n, np.int64)
    for i in range(n):
        order[place[labels[i]]] = i
        place[labels[i]] += 1
    gains = np.zeros(k)
    pairs = np.empty((k, 2, d))
    two = np.empty((2, d))
    sums = np.empty((2, d))
    spreads = np.empty(d)
    for c in range(k):
        pairs[c, 0] = centres[c]
        pairs[c, 1] = centres[c]
        if counts[c] < 2:
            continue
        spreads[:] = 0.0
        far, farthest = order[starts[c]], -1.0
        for o in range(starts[c], starts[c + 1]):
            i = order[o]
            distance = 0.0
            for j in range(d):
                step = rows[i, j] - centres[c, j]
                spreads[j] += step * step
                distance += step * step
            if distance > farthest:
                far, farthest = i, distance
        if farthest <= 0.0:
            continue
        widest = np.argmax(spreads)
        for start in range(2):
            two[0] = centres[c]
            if start == 0:
                shift = np.sqrt(spreads[widest] / counts[c])
                two[1] = centres[c]
                two[0, widest] -= shift
                two[1, widest] += shift
            else:
                two[1] = rows[far]
            gain = 0.0
            for _ in range(6):
                sums[:] = 0.0
                ones = 0
                for o in range(starts[c], starts[c + 1]):
                    i = order[o]
                    zero, one = 0.0, 0.0
                    for j in range(d):
                        step = rows[i, j] - two[0, j]
                        zero += step * step
                        step = rows[i, j] - two[1, j]
                        one += step * step
                    side = 1 if one < zero else 0
                    ones += side
                    for j in range(d):
                        sums[side, j] += rows[i, j]
                zeros = counts[c] - ones
                if ones == 0 or zeros == 0:
                    break
                apart = 0.0
                for j in range(d):
                    two[0, j] = sums[0, j] / zeros
                    two[1, j] = sums[1, j] / ones
                    step = two[1, j] - two[0, j]
                    apart += step * step
                saved = apart * zeros * ones / counts[c]
                if saved <= gain * (1.0 + 1e-6):
                    gain = saved
                    break
                gain = saved
            if gain > gains[c]:
                gains[c] = gain
                pairs[c] = two
    return gains, pairs


@_kernel
def split_and_merge(rows, columns, square, centres, labels, counts, inertia, attempts, patience):  # type: ignore[no-untyped-def]
    """Leave local optima by removing one centre and splitting another cluster; return the inertia.

    The pairs are tried in the order of what they promise (the saving of the split less the
    cost of the removal), at most `attempts` of them after each success. A success lowers the
    inertia by more than the share `patience`, and by more than its rounding.

    Bound: `SUCCESSES` times k successes. By the rule alone there may be as many as the inertia at
    the start holds of its rounding, which ends but is no bound to wait for. Where nothing but
    rounding is left there is nothing to improve: a share of it may be less than the next rounding.
    """
    n, d = rows.shape
    k = centres.shape[0]
    trial = np.empty((k, d))
    trial_labels = np.empty(n, np.int32)
    trial_counts = np.empty(k, np.int64)
    promises = np.empty(k * k)
    nothing = rounding(n, square)
    for _ in range(SUCCESSES * k):
        if inertia <= nothing:
            break
        costs = removals(rows, labels, centres)
        gains, pairs = splits(rows, labels, centres, counts)
        for a in range(k):
            for b in range(k):
                promises[a * k + b] = np.inf if a == b else costs[a] - gains[b]
        order = np.argsort(promises, kind="mergesort")
        limit = inertia - max(inertia * max(patience, 1e-7), nothing)
        better = False
        for t in range(min(attempts, k * (k - 1))):
            a, b = order[t] // k, order[t] % k
            trial[:] = centres
            trial[b] = pairs[b, 0]
            trial[a] = pairs[b, 1]
            found = lloyd(rows, columns, square, trial, trial_labels, trial_counts, limit, patience)
            if found < limit:
                inertia = found
                centres[:] = trial
                labels[:] = trial_labels
                counts[:] = trial_counts
                better = True
                break
        if not better:
            break
    return inertia


@_kernel
def search(rows, columns, squares, square, centres, attempts, patience):  # type: ignore[no-untyped-def]
    """Go down from `centres` (changed in place) to a partition that no move here improves.

    `patience` is that of `lloyd` and `split_and_merge`; the way from the last success to the end is
    always gone to its end. Returns the labels (int32), the counts and the inertia. Bound: 20
    rounds of single moves. There must be k rows or more; then no label is without one.
    """
    n = rows.shape[0]
    k = centres.shape[0]
    labels = np.full(n, -1, np.int32)
    counts = np.zeros(k, np.int64)
    near = np.empty(n, np.float32)
    slack = np.empty(n, np.float32)
    if k > 1 and attempts > 0:
        inertia = lloyd(rows, columns, square, centres, labels, counts, np.inf, patience)
        split_and_merge(rows, columns, square, centres, labels, counts, inertia, attempts, patience)
    lloyd(rows, columns, square, centres, labels, counts, np.inf, 0.0)
    watched = np.empty(n + 1, np.int64)
    nearest = labels.copy()
    sums = np.empty((k, rows.shape[1]))
    for _ in range(20):
        # Always from fresh means: the running ones gather rounding.
        count_and_sum(rows, labels, counts, sums)
        update_centres(rows, labels, counts, sums, centres)
        assign(columns, squares, centres, nearest, near, slack)
        size = border(rows, centres, counts, labels, nearest, near, slack, watched)
        if hartigan_moves(rows, labels, centres, counts, watched, size) == 0:
            break
    return labels, counts, inertia_of_means(square, counts, centres)


@_kernel
def uniform(state):  # type: ignore[no-untyped-def]
    """Draw a number from 0 to 1, 1 excluded, and step `state` (one uint64; splitmix64)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return np.float64(mixed >> np.uint64(11)) * 2.0**-53


@_kernel
def crossover(first_parent, second_parent, state):  # type: ignore[no-untyped-def]
    """Pair each centre of one solution with one of another; of each pair keep one, by chance.

    In an order drawn by chance each centre takes the nearest one that is left.
    """
    k, d = first_parent.shape
    child = first_parent.copy()
    order = np.arange(k)
    for x in range(k - 1, 0, -1):
        y = int(uniform(state) * (x + 1))
        order[x], order[y] = order[y], order[x]
    free = np.ones(k, np.bool_)
    for x in order:
        nearest, least = 0, np.inf
        for y in range(k):
            distance = 0.0
            for j in range(d):
                step = first_parent[x, j] - second_parent[y, j]
                distance += step * step
            if free[y] and distance < least:
                nearest, least = y, distance
        free[nearest] = False
        if uniform(state) < 0.5:
            child[x] = second_parent[nearest]
    return child


@_kernel
def insert_solution(pool, values, size, centres, inertia, near):  # type: ignore[no-untyped-def]
    """Put a solution into a pool that is sorted by inertia; return how many it holds then.

    The worst one of a full pool leaves. Two solutions are the same one if each centre of the
    new one has a centre of the other within the squared distance `near`; the better one stays.
    The inertia must be a number. The new one moves up by a place at a time: at most `size` times.
    """
    k, d = centres.shape
    last = values.size - 1
    for p in range(size):
        farthest = 0.0
        for x in range(k):
            least = np.inf
            for y in range(k):
                distance = 0.0
                for j in range(d):
                    step = pool[p, y, j] - centres[x, j]
                    distance += step * step
                least = min(least, distance)
            farthest = max(farthest, least)
            if farthest > near:
                break
        if farthest <= near:
            if inertia >= values[p]:
                return size
            last = p
            break
    if last == values.size - 1 and size == values.size and inertia >= values[last]:
        return size
    p = min(last, size)
    while p > 0 and values[p - 1] > inertia:
        values[p] = values[p - 1]
        pool[p] = pool[p - 1]
        p -= 1
    values[p] = inertia
    pool[p] = centres
    return max(size, min(last, size) + 1)


@_kernel
def independent_starts(rows, columns, squares, square, state, pool, values, restarts, alike):  # type: ignore[no-untyped-def]
    """Start independently `restarts` times and put what each ends in into the pool.

    A start is drawn by greedy k-means++ and followed to its end (`search`). Returns how many
    solutions the pool holds, and the inertia that each restart ended in.
    """
    k = pool.shape[1]
    ends = np.empty(restarts)
    held = 0
    draws = np.empty((k, 2 + int(np.log(k))))
    for r in range(restarts):
        for c in range(k):
            for t in range(draws.shape[1]):
                draws[c, t] = uniform(state)
        centres = kmeans_plusplus(rows, columns, k, draws)
        _, _, ends[r] = search(rows, columns, squares, square, centres, 0, 0.0)
        near = alike * ends[r] / rows.shape[0]
        held = insert_solution(pool, values, held, centres, ends[r], near)
    return held, ends


@_kernel
def draw_row(columns, squares, centres, labels, own, slack, running, state):  # type: ignore[no-untyped-def]
    """Draw a row by its squared distance to the nearest centre; the last four are workspaces."""
    assign(columns, squares, centres, labels, own, slack)
    total = 0.0
    for i in range(running.size):
        total += own[i] * own[i]
        running[i] = total
    row = np.searchsorted(running, uniform(state) * total, side="right")
    return min(running.size - 1, row)


@_kernel
def genetic_search(  # type: ignore[no-untyped-def]
    rows,
    columns,
    squares,
    square,
    state,
    pool,
    values,
    held,
    below,
    above,
    resting,
    trials,
    alike,
    patience,
):
    """Search for better solutions by crossing and mutating those of a pool.

    `below` holds solutions for one cluster less and `above` for one more: first each of these
    comes in, once with a row drawn for each of its centres, and once without each of its
    centres. Then two of the pool are crossed (`crossover`), in every second trial one centre is put
    on a row drawn by its squared distance. Lloyd's iterations follow each, up to one that lowers
    the inertia by less than the share `patience`. It ends after `resting` trials that found
    nothing better by the share `patience`, or where nothing but rounding is left. Bound: what
    comes in from `below` and `above`, and then `trials`. Returns how many the pool holds.
    """
    n, d = rows.shape
    size, k, _ = pool.shape
    labels = np.full(n, -1, np.int32)
    counts = np.zeros(k, np.int64)
    own = np.empty(n, np.float32)
    slack = np.empty(n, np.float32)
    running = np.empty(n)
    centres = np.empty((k, d))
    grown = below.shape[0] * (k - 1)
    handed = grown + above.shape[0] * (k + 1)
    rested = 0
    nothing = rounding(n, square)
    for trial in range(handed + trials):
        if values[0] <= nothing:
            break
        if trial < grown:
            centres[: k - 1] = below[trial // (k - 1)]
            row = draw_row(columns, squares, centres[: k - 1], labels, own, slack, running, state)
            centres[k - 1] = rows[row]
        elif trial < handed:
            source = above[(trial - grown) // (k + 1)]
            left_out = (trial - grown) % (k + 1)
            centres[:left_out] = source[:left_out]
            centres[left_out:] = source[left_out + 1 :]
        else:
            first_parent = int(min(uniform(state), uniform(state)) * held)
            second_parent = int(min(uniform(state), uniform(state)) * held)
            centres[:] = crossover(pool[first_parent], pool[second_parent], state)
            if first_parent == second_parent or uniform(state) < 0.5:
                row = draw_row(columns, squares, centres, labels, own, slack, running, state)
                centres[int(uniform(state) * k)] = rows[row]
        target = values[size - 1]
        inertia = lloyd(rows, columns, square, centres, labels, counts, target, patience)
        rested += trial >= handed
        if inertia < values[0] * (1.0 - patience):
            rested = 0
        if inertia < target:
            held = insert_solution(pool, values, held, centres, inertia, alike * inertia / n)
        if rested >= resting:
            break
    return held


@_kernel
def lexicographically_before(left, right):  # type: ignore[no-untyped-def]
    """Say whether the centres of `left`, each set in ascending order, come before those of `right`.

    Both are compared to nine digits after the point. Bound: an insertion sort of k centres.
    """
    k, d = left.shape
    both = np.empty((2, k, d))
    for side in range(2):
        centres = left if side == 0 else right
        for c in range(k):
            x = c
            while x > 0:
                less = False
                for j in range(d):
                    step = round(centres[c, j] - both[side, x - 1, j], 9)
                    if step != 0.0:
                        less = step < 0.0
                        break
                if not less:
                    break
                both[side, x] = both[side, x - 1]
                x -= 1
            both[side, x] = centres[c]
    for c in range(k):
        for j in range(d):
            step = round(both[0, c, j] - both[1, c, j], 9)
            if step != 0.0:
                return step < 0.0
    return False


@_kernel
def perturb(  # type: ignore[no-untyped-def]
    rows,
    columns,
    squares,
    square,
    pool,
    values,
    state,
    sizes,
    trials,
    confirmed,
    close,
    others,
    ends,
):
    """Choose among near-equal partitions, which differ in a few rows at a border.

    The solutions of the pool within the share `close` of the best are followed to their ends
    (`search`). Then the best one is displaced, by `sizes` standard deviations of the rows
    within their clusters in turn, or crossed with another, and followed to its end again. It
    ends when `confirmed` displacements have led back to the best exactly, or after `trials`.
    A tie within rounding goes to the smaller centres (`lexicographically_before`), not to the seed.
    Bound: the size of the pool and `trials`.

    `others` (m, n) and `ends` (m,) receive the labels and the inertia of the first m different
    partitions that were met within the share `close` of the best so far.

    Returns the centres, the labels, the inertia, how many displacements led back to it, and how
    many partitions `others` holds.
    """
    n, d = rows.shape
    k = pool.shape[1]
    fine = np.empty_like(pool)
    levels = np.full(values.size, np.inf)
    held = 0
    best = np.inf
    centres = pool[0].copy()
    labels = np.zeros(n, np.int32)
    returned = 0
    shakes = 0
    members = 0
    nothing = rounding(n, square)
    met = 0
    met_centres = np.empty((ends.size, k, d))
    while members < values.size and values[members] <= values[0] * (1.0 + close):
        members += 1
    for trial in range(members + trials):
        displaced = False
        if trial < members:
            start = pool[trial].copy()
        elif held > 1 and trial % 3 == 2:
            start = crossover(fine[0], fine[1 + int(uniform(state) * (held - 1))], state)
        else:
            displaced = True
            shakes += 1
            radius = sizes[shakes % sizes.size] * np.sqrt(best / (n * d))
            start = centres.copy()
            for c in range(k):
                for j in range(d):
                    # Four uniform numbers are near enough to a normal one, of variance 1/3.
                    noise = uniform(state) + uniform(state) + uniform(state) + uniform(state)
                    start[c, j] += radius * np.sqrt(3.0) * (noise - 2.0)
        found, _, inertia = search(rows, columns, squares, square, start, 0, 0.0)
        tie = max(1e-10 * best, nothing) if trial > 0 else 0.0
        if inertia < best - tie:
            best, returned = inertia, 0
            centres, labels = start, found
        elif inertia <= best + tie:
            returned += displaced
            if lexicographically_before(start, centres):
                best, centres, labels = inertia, start, found
        if inertia <= best * (1.0 + close):
            known = met == ends.size
            for m in range(met):
                if abs(ends[m] - inertia) <= tie:
                    same = not lexicographically_before(start, met_centres[m])
                    known |= same and not lexicographically_before(met_centres[m], start)
            if not known:
                others[met], ends[met], met_centres[met] = found, inertia, start
                met += 1
            held = insert_solution(fine, levels, held, start, inertia, 1e-12 * inertia / n)
        if returned >= confirmed:
            break
    return centres, labels, best, returned, met


@_kernel
def distances(columns, start, out):  # type: ignore[no-untyped-def]
    """Put the Euclidean distances of the rows from `start` on to all rows into `out` (float32)."""
    d, n = columns.shape
    dtype = out.dtype.type
    for r in range(out.shape[0]):
        for i in range(n):
            out[r, i] = dtype(0.0)
        for j in range(d):
            x = columns[j, start + r]
            for i in range(n):
                step = columns[j, i] - x
                out[r, i] += step * step
        for i in range(n):
            out[r, i] = np.sqrt(out[r, i])


@_kernel
def hash_rows(bits, hashes):  # type: ignore[no-untyped-def]
    """Mix the bits of each row into one 64-bit number (the finaliser of splitmix64)."""
    for i in range(bits.shape[0]):
        mixed = np.uint64(0x9E3779B97F4A7C15)
        for j in range(bits.shape[1]):
            mixed = mixed ^ bits[i, j]
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed = mixed ^ (mixed >> np.uint64(31))
        hashes[i] = mixed


@_kernel
def to_columns(rows, start, stop, grain, columns):  # type: ignore[no-untyped-def]
    """Put the rows from `start` to `stop`, rounded to multiples of `grain`, into the columns."""
    dtype = columns.dtype.type
    for begin in range(start, stop, BLOCK):
        end = min(stop, begin + BLOCK)
        for j in range(rows.shape[1]):
            for i in range(begin, end):
                columns[j, i] = dtype(np.rint(rows[i, j] / grain) * grain)


@_kernel
def assign_and_sum(columns, start, stop, d, points, halves, offsets, labels, counts, sums):  # type: ignore[no-untyped-def]
    """Label the rows from `start` to `stop` for several K at once, and sum them by label.

    `points` (s, w) are the negative centres of all K below each other, `halves` half their
    squared lengths, `offsets` where each K begins; `labels` is (number of K, n), `counts` (s,)
    and `sums` (s, d) are added to. A block of rows is read once for all K.
    """
    rows = np.zeros((BLOCK, d))
    best = np.empty(BLOCK, columns.dtype)
    owner = np.empty(BLOCK, np.int32)
    value = np.empty(BLOCK, columns.dtype)
    for begin in range(start, stop, BLOCK):
        size = min(BLOCK, stop - begin)
        for j in range(d):
            for i in range(size):
                rows[i, j] = columns[j, begin + i]
        for q in range(offsets.size - 1):
            first = offsets[q]
            last = offsets[q + 1]
            nearest_of(columns, begin, size, points, halves, first, last, value, best, owner)
            for i in range(size):
                own = owner[i]
                labels[q, begin + i] = own
                counts[first + own] += 1
                for j in range(d):
                    sums[first + own, j] += rows[i, j]


@_kernel
def silhouette_sums(  # type: ignore[no-untyped-def]
    rows,
    start,
    stop,
    centres,
    variances,
    labels,
    sizes,
    silhouettes,
    widths,
    squares,
):
    """Sum silhouettes (squared Euclidean), distances and squared distances by cluster.

    For one K and the rows from `start` to `stop`; the three outputs, one number per cluster,
    are added to.
    """
    k, d = centres.shape
    for i in range(start, stop):
        own = labels[i]
        mine, other = 0.0, np.inf
        for c in range(k):
            distance = 0.0
            for j in range(d):
                step = rows[i, j] - centres[c, j]
                distance += step * step
            if c == own:
                mine = distance
            else:
                other = min(other, distance + variances[c])
        widths[own] += np.sqrt(mine)
        squares[own] += mine
        if sizes[own] > 1:
            within = (mine + variances[own]) * (sizes[own] / (sizes[own] - 1.0))
            larger = max(within, other)
            if larger > 0.0:
                silhouettes[own] += (other - within) / larger


def warm() -> None:
    """Compile and cache every function that the package calls."""
    rng = np.random.default_rng(0)
    rows = rng.random((40, 2))
    columns = np.zeros((4, 40), np.float32)
    columns[:2] = rows.T
    squares = (rows * rows).sum(axis=1)
    centres = kmeans_plusplus(rows, columns, 3, rng.random((3, 2)))
    labels, counts, _ = search(
        rows, columns, squares.astype(np.float32), float(squares.sum()), centres, 3, 1e-3
    )
    pool, values, state = np.empty((4, 3, 2)), np.full(4, np.inf), np.zeros(1, np.uint64)
    matrix = rows, columns, squares.astype(np.float32), float(squares.sum())
    held, _ = independent_starts(*matrix, state, pool, values, 3, 0.1)
    none, one = np.empty((0, 2, 2)), np.zeros((1, 4, 2))
    genetic_search(*matrix, state, pool, values, held, none, one, 3, 9, 0.1, 1e-5)
    others = np.empty((2, 40), np.int32)
    perturb(*matrix, pool, values, state, np.ones(1), 3, 1, 1e-3, others, np.empty(2))
    inertia_of(rows, labels, centres)
    removals(rows, labels, centres)
    splits(rows, labels, centres, counts)
    distances(np.ascontiguousarray(rows.T, np.float32), 0, np.empty((4, 40), np.float32))
    hash_rows(rows.view(np.uint64), np.empty(40, np.uint64))
    to_columns(rows, 0, 40, 0.5, columns)
    assign_and_sum(
        columns,
        0,
        40,
        2,
        np.zeros((3, 4), np.float32),
        np.zeros(3, np.float32),
        np.array([0, 3]),
        np.empty((1, 40), np.int32),
        np.zeros(3, np.int64),
        np.zeros((3, 2)),
    )
    sums = np.zeros((3, 3))
    silhouette_sums(rows, 0, 40, centres, sums[0], labels, counts, sums[0], sums[1], sums[2])


if __name__ == "__main__":
    # Import it again under its own name: the cache belongs to that name.
    from helpers.kmeans import kernels

    kernels.warm()
