"""How long the sweep takes, beside what one would write without it: everything in turn in one run.

``python -m maintenance.bench_sweep [--rows N ...]`` prints one table.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import resource
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

KS = range(2, 13)
"""The range of every comparison."""

WHOLE_ROWS = 20_000
"""Up to this many rows the version with a silhouette per K is run: it needs n * n distances."""


def customers(rows: int) -> np.ndarray:
    """Make a scaled table of seven features with six overlapping groups and long tails.

    Parameters
    ----------
    rows : int
        Number of rows.

    Returns
    -------
    ndarray of float64, shape (rows, 7)

    Examples
    --------
    >>> customers(100).shape
    (100, 7)
    """
    rng = np.random.default_rng(2026)
    centres = 1.2 * rng.standard_normal((6, 7))
    table = np.empty((rows, 7))
    for start in range(0, rows, 500_000):
        size = min(500_000, rows - start)
        widths = np.array([0.6, 0.8, 0.7, 1.0, 0.9, 0.6, 1.1])
        noise = rng.standard_normal((size, 7)) * widths
        noise[:, 0] = np.exp(0.8 * noise[:, 0])
        table[start : start + size] = centres[rng.integers(0, 6, size)] + noise
    for column in table.T:
        column -= column.mean()
        column /= column.std()
    return table


def ours(table: np.ndarray) -> dict[int, float]:
    """Best partitions and all scores of the sweep."""
    from helpers.kmeans.search import fit_range
    from helpers.selection.scores import score_table

    fits = fit_range(table, KS, random_state=0)
    scores = score_table(table, fits)
    return dict(zip(scores["k"].tolist(), scores["inertia"].tolist(), strict=True))


def fits_only(table: np.ndarray) -> dict[int, float]:
    """Best partitions of the sweep, without scores."""
    from helpers.kmeans.search import fit_range

    return {k: fit.inertia for k, fit in fit_range(table, KS, random_state=0).items()}


def users(table: np.ndarray) -> dict[int, float]:
    """Three elbow pictures and a silhouette per K, ten starts each, as one would write it."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score
    from yellowbrick.cluster import KElbowVisualizer

    for metric in ("distortion", "silhouette", "calinski_harabasz"):
        picture = KElbowVisualizer(
            KMeans(n_init=10, random_state=0),
            k=(2, 13),
            metric=metric,
            timings=False,
            force_model=True,
            ax=plt.figure().gca(),
        )
        picture.fit(table)
        plt.close("all")
    found = {}
    for k in KS:
        model = KMeans(k, n_init=10, random_state=0).fit(table)
        silhouette_score(table, model.labels_)
        found[k] = float(model.inertia_)
    return found


def single(table: np.ndarray) -> dict[int, float]:
    """One scikit-learn K-Means with one start per K."""
    from sklearn.cluster import KMeans

    return {k: float(KMeans(k, n_init=1, random_state=0).fit(table).inertia_) for k in KS}


def silhouettes(table: np.ndarray) -> dict[int, float]:
    """Both silhouettes of six clusters by this package."""
    from helpers.selection.scores import (
        silhouette_samples_euclidean,
        silhouette_samples_squared,
    )

    labels = (np.arange(table.shape[0]) * 6) // table.shape[0]
    silhouette_samples_euclidean(table, labels)
    silhouette_samples_squared(table, labels)
    return {}


def sklearn_silhouettes(table: np.ndarray) -> dict[int, float]:
    """Both silhouettes of six clusters by scikit-learn."""
    from sklearn.metrics import silhouette_samples

    labels = (np.arange(table.shape[0]) * 6) // table.shape[0]
    silhouette_samples(table, labels)
    silhouette_samples(table, labels, metric="sqeuclidean")
    return {}


def _peak() -> float:
    scale = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def _child(task: Callable[[np.ndarray], dict[int, float]], rows: int, pipe: Any) -> None:
    """Run one task in a process of its own, after a small warm-up of its imports and kernels."""
    warnings.simplefilter("ignore")
    table = customers(rows)
    task(customers(200))
    gc.collect()
    before = _peak()
    began = time.perf_counter()
    found = task(table)
    pipe.send((time.perf_counter() - began, max(0.0, _peak() - before), found))
    pipe.close()


def measured(
    task: Callable[[np.ndarray], dict[int, float]], rows: int
) -> tuple[float, float, dict[int, float]]:
    """Seconds, peak memory above the table in MiB and inertia by K of one task.

    Parameters
    ----------
    task : callable
        One of the functions of this module, table in, inertia by K out.
    rows : int
        Rows of the table.

    Returns
    -------
    tuple
        Seconds, MiB, inertia by K. Imports and compilation are not counted.

    Examples
    --------
    >>> seconds, memory, inertia = measured(silhouettes, 300)  # doctest: +SKIP
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(task, rows, sender))
    process.start()
    sender.close()
    try:
        result: tuple[float, float, dict[int, float]] = receiver.recv()
    finally:
        process.join()
    return result


def bench(sizes: list[int], *, progress: Callable[[str], None] | None = None) -> pd.DataFrame:
    """Measure the sweep and its alternatives on each size, in turn.

    Parameters
    ----------
    sizes : list of int
        Rows of the tables.
    progress : callable, optional
        Called with one short sentence before each measurement.

    Returns
    -------
    DataFrame
        `rows`, `task`, `seconds`, `MiB` (peak above the table), `times_ours` (seconds over those
        of the comparable task of this package), `mean_inertia` and `least_inertia` (percent above
        the sweep's inertia: mean and lowest over K), `growth` (seconds per row over those of the
        size before: 1 is linear).

    Examples
    --------
    >>> bench([500])["task"].tolist()  # doctest: +SKIP
    """
    pairs = [
        ("sweep with all scores", ours, "sweep with all scores", 10**9),
        ("yellowbrick x 3 + silhouette_score", users, "sweep with all scores", WHOLE_ROWS),
        ("sweep, fits alone", fits_only, "sweep, fits alone", 10**9),
        ("KMeans(n_init=1) per K", single, "sweep, fits alone", 10**9),
        ("both silhouettes, K = 6", silhouettes, "both silhouettes, K = 6", WHOLE_ROWS),
        ("scikit-learn's silhouettes", sklearn_silhouettes, "both silhouettes, K = 6", WHOLE_ROWS),
    ]
    records: list[dict[str, Any]] = []
    last: dict[str, tuple[int, float]] = {}
    for rows in sizes:
        seconds_of: dict[str, float] = {}
        best: dict[int, float] = {}
        for name, task, against, limit in pairs:
            if rows > limit:
                continue
            if progress is not None:
                progress(f"{rows} rows: {name}")
            seconds, memory, inertia = measured(task, rows)
            seconds_of[name] = seconds
            best = best or inertia
            above = [100.0 * (inertia[k] / best[k] - 1.0) for k in inertia]
            before = last.get(name)
            records.append(
                {
                    "rows": rows,
                    "task": name,
                    "seconds": seconds,
                    "MiB": memory,
                    "times_ours": seconds / seconds_of[against],
                    "mean_inertia": float(np.mean(above)) if above else np.nan,
                    "least_inertia": float(np.min(above)) if above else np.nan,
                    "growth": (seconds / rows) / (before[1] / before[0]) if before else np.nan,
                }
            )
            last[name] = (rows, seconds)
    return pd.DataFrame.from_records(records)


def main(arguments: list[str] | None = None) -> None:
    """Print the table for the sizes asked for."""
    parser = argparse.ArgumentParser(prog="python -m maintenance.bench_sweep", description=__doc__)
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[2_216, 20_000, 100_000, 1_000_000, 10_000_000]
    )
    sizes = parser.parse_args(arguments).rows
    table = bench(sizes, progress=lambda line: print(line, file=sys.stderr, flush=True))
    print("K = 2 to 12, seven features; inertia in percent above the sweep's, over K")
    print(
        table.to_string(
            index=False,
            formatters={
                "rows": "{:,}".format,
                "seconds": "{:.2f}".format,
                "MiB": "{:.0f}".format,
                "times_ours": "{:.1f}".format,
                "mean_inertia": "{:.3f}".format,
                "least_inertia": "{:.3f}".format,
                "growth": "{:.2f}".format,
            },
            na_rep="",
        )
    )


if __name__ == "__main__":
    main()
