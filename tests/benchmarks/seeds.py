"""Whether the best partition of the real table depends on the seed or on the order of the rows.

``python -m tests.benchmarks.seeds [SEEDS ORDERS]`` prepares ``../shared/seed/data/customers.csv``
by ``params/default.yml``, clipped and not, and searches K = 2 to 12 from each seed, and from as
many seeds more with the rows in another order each.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from helpers.kmeans.search import Fit, fit_range
from helpers.preparation.scaling import fit_scaling
from maintenance.published_table import published_customers

KS = range(2, 13)
CLIPS: dict[str, list[float]] = {"clipped": [0.005, 0.995], "unclipped": []}
"""Name of each edition of the table to its `clip_quantiles`."""


def moved(left: Fit, right: Fit) -> int:
    """Count the rows that two partitions do not share, clusters paired so that most rows stay."""
    pairs = np.bincount(left.labels.astype(np.int64) * left.k + right.labels, minlength=left.k**2)
    pairs = pairs.reshape(left.k, left.k)
    return int(left.labels.size - pairs[linear_sum_assignment(-pairs)].sum())


def searches(
    frame: pd.DataFrame, features: list[str], clip: list[float], seeds: int, orders: int
) -> Iterator[tuple[int, bool, dict[int, Fit]]]:
    """Yield the seed, whether rows are in another order, and fits with labels in the first one."""
    for number in range(seeds + orders):
        shuffled = number >= seeds
        place = np.arange(len(frame))
        if shuffled:
            place = np.random.default_rng(number).permutation(len(frame))
        part = frame.iloc[place]
        rows = fit_scaling(part, features, clip=clip).transform(part)
        fits = fit_range(rows, KS, random_state=number)
        for fit in fits.values():
            labels = np.empty_like(fit.labels)
            labels[place] = fit.labels
            fit.labels[:] = labels
        yield number, shuffled, fits


def summary(found: Iterable[tuple[int, bool, dict[int, Fit]]]) -> pd.DataFrame:
    """Hold the partitions of all searches against each other.

    Returns
    -------
    DataFrame
        Per K: `k`; `partitions`, how many different ones; `missed`, searches that did not end in
        the best; `worst`, relative inertia of the worst above it; `moved`, rows that differ
        at most from the best; `unnamed`, searches that were not alone in their partition and
        whose audit names no doubt; `least_doubt` and `most_doubt`, the rows in doubt by the audits.
    """
    fits = [one for _, _, one in found]
    records = []
    for k in fits[0]:
        mine = [one[k] for one in fits]
        best = min(mine, key=lambda fit: fit.inertia)
        apart = [moved(best, fit) for fit in mine]
        doubts = [fit.in_doubt for fit in mine]
        one_partition = max(apart) == 0
        records.append(
            {
                "k": k,
                "partitions": len({fit.labels.tobytes() for fit in mine}),
                "missed": sum(value > 0 for value in apart),
                "worst": max(fit.inertia for fit in mine) / best.inertia - 1.0,
                "moved": max(apart),
                "unnamed": 0 if one_partition else sum(doubt == 0 for doubt in doubts),
                "least_doubt": min(doubts),
                "most_doubt": max(doubts),
            }
        )
    return pd.DataFrame(records)


def main(seeds: int = 40, orders: int = 10) -> None:
    """Print one table for each edition."""
    frame, features = published_customers()
    for name, clip in CLIPS.items():
        found = []
        for number, shuffled, fits in searches(frame, features, clip, seeds, orders):
            found.append((number, shuffled, fits))
            print(name, number, "rows in another order" * shuffled, file=sys.stderr, flush=True)
        print(f"{name}: {len(frame)} customers, {seeds} seeds and {orders} orders")
        print(summary(found).to_string(index=False), flush=True)


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:]))
