"""Tables to try the choice of K on: labelled sets, families of groups, clouds without groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import datasets

from tests.selection.benchmarks import BENCHMARKS, scaled

LABELLED = Path(__file__).resolve().parents[3] / "shared" / "labelled"
"""31 sets of others, beside the checkout; never committed."""

NOT_FOR_KMEANS = ("curves1", "long2", "longsquare", "zelnik4")
"""Sets whose groups are elongated or not convex: there K is not owed, but a caution is."""


@dataclass(frozen=True)
class Table:
    """One table with the number of groups it was made of (1 for a cloud)."""

    source: str
    family: str
    name: str
    k: int
    make: Callable[[], np.ndarray] = field(repr=False)

    @property
    def k_max(self) -> int:
        """Largest K tried: the default, or five above the label where that is beyond it."""
        return 12 if self.k < 10 else self.k + 5


def labelled() -> Iterator[Table]:
    """The handed sets, standardised; none where the folder is absent."""
    for path in sorted(LABELLED.glob("*.data.csv")):
        name = path.name.removesuffix(".data.csv")
        labels = pd.read_csv(LABELLED / f"{name}.labels.csv").iloc[:, 0]

        def make(path: Path = path) -> np.ndarray:
            comma = "," in path.read_text().split("\n")[1]
            frame = pd.read_csv(path, sep=";", decimal="," if comma else ".")
            return scaled(frame.to_numpy(np.float64))

        yield Table("labelled", "labelled", name, int(labels.nunique()), make)


def textbook() -> Iterator[Table]:
    """Tables made from published descriptions, and those that scikit-learn carries."""
    for name, maker in BENCHMARKS.items():
        k = maker()[1]

        def make(maker: Callable[[], tuple[np.ndarray, int]] = maker) -> np.ndarray:
            return scaled(maker()[0])

        yield Table("described", "described", name, k, make)


def _centres(rng: np.random.Generator, k: int, d: int, distance: float) -> np.ndarray:
    """Centres of which each is at least `distance` from all others, and near to one of them."""
    centres = [np.zeros(d)]
    while len(centres) < k:
        step = rng.standard_normal(d)
        step *= distance * rng.uniform(1.0, 1.4) / np.linalg.norm(step)
        point = centres[rng.integers(len(centres))] + step
        if all(np.linalg.norm(point - other) >= distance for other in centres):
            centres.append(point)
    return np.array(centres)


def _blobs(
    rng: np.random.Generator,
    k: int,
    d: int,
    distance: float,
    sizes: np.ndarray,
    draw: Callable[[int, int], np.ndarray] | None = None,
) -> np.ndarray:
    """Groups around such centres; `draw` gives the deviations of group number, rows."""
    shape = draw or (lambda number, n: rng.standard_normal((n, d)))
    centres = _centres(rng, k, d, distance)
    return np.vstack([c + shape(i, n) for i, (c, n) in enumerate(zip(centres, sizes, strict=True))])


def _plain(rng: np.random.Generator, k: int, d: int) -> np.ndarray:
    return _blobs(rng, k, d, 7.0, np.full(k, 120))


def _overlapping(rng: np.random.Generator, k: int, d: int) -> np.ndarray:
    return _blobs(rng, k, d, 4.2, np.full(k, 200))


def _sizes(rng: np.random.Generator, k: int, d: int) -> np.ndarray:
    return _blobs(rng, k, d, 6.0, np.array([400] + [80] * (k - 1)))


def _variances(rng: np.random.Generator, k: int, d: int) -> np.ndarray:
    widths = rng.uniform(0.4, 1.4, k)
    return _blobs(
        rng, k, d, 6.5, np.full(k, 150), lambda i, n: widths[i] * rng.standard_normal((n, d))
    )


def _heavy(rng: np.random.Generator, k: int, d: int) -> np.ndarray:
    return _blobs(rng, k, d, 8.0, np.full(k, 150), lambda i, n: rng.standard_t(4, (n, d)))


def _skewed(rng: np.random.Generator, k: int, d: int) -> np.ndarray:
    return _blobs(rng, k, d, 8.0, np.full(k, 150), lambda i, n: 1.2 * rng.gamma(1.5, 1.0, (n, d)))


def _boxes(rng: np.random.Generator, k: int, d: int) -> np.ndarray:
    return _blobs(rng, k, d, 5.5, np.full(k, 120), lambda i, n: rng.uniform(-1.7, 1.7, (n, d)))


def _rounded(rng: np.random.Generator, k: int, d: int) -> np.ndarray:
    return np.round(_blobs(rng, k, d, 6.0, np.full(k, 150)))


def _stretched(rng: np.random.Generator, k: int, d: int) -> np.ndarray:
    turns = [np.linalg.qr(rng.standard_normal((d, d)))[0] for _ in range(k)]
    axes = np.linspace(0.6, 1.5, d)
    return _blobs(
        rng,
        k,
        d,
        8.0,
        np.full(k, 150),
        lambda i, n: (axes * rng.standard_normal((n, d))) @ turns[i],
    )


def _columns_of_noise(rng: np.random.Generator, k: int, d: int) -> np.ndarray:
    rows = _blobs(rng, k, d, 7.0, np.full(k, 150))
    return np.column_stack([scaled(rows), rng.standard_normal((len(rows), 2))])


def _background(rng: np.random.Generator, k: int, d: int) -> np.ndarray:
    rows = _blobs(rng, k, d, 7.0, np.full(k, 150))
    low, high = rows.min(axis=0), rows.max(axis=0)
    return np.vstack([rows, rng.uniform(low, high, (len(rows) // 20, d))])


def _customers(rng: np.random.Generator, k: int, d: int) -> np.ndarray:
    """Spending-like columns: logarithms in groups, shown as amounts to the power of a third."""
    rows = _blobs(rng, k, d, 6.0, rng.integers(80, 300, k))
    return np.exp(rows / 8.0)


FAMILIES: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {
    "plain": _plain,
    "overlapping": _overlapping,
    "unequal sizes": _sizes,
    "unequal variances": _variances,
    "heavy tails": _heavy,
    "skewed": _skewed,
    "boxes": _boxes,
    "rounded": _rounded,
    "stretched": _stretched,
    "columns of noise": _columns_of_noise,
    "background": _background,
    "amounts": _customers,
}
"""Family of groups to its maker: generator, K, dimensions."""

SHAPES = ((2, 2), (2, 6), (3, 2), (3, 4), (4, 3), (5, 2), (5, 8), (7, 3), (9, 2))
"""K and dimensions of the members of every family."""


def families() -> Iterator[Table]:
    """The project's own families, each with the same numbers of groups and dimensions."""
    for number, (family, maker) in enumerate(FAMILIES.items()):
        for member, (k, d) in enumerate(SHAPES):

            def make(
                maker: Callable[[np.random.Generator, int, int], np.ndarray] = maker,
                seed: tuple[int, int] = (number, member),
                k: int = k,
                d: int = d,
            ) -> np.ndarray:
                return scaled(maker(np.random.default_rng(seed), k, d))

            yield Table("families", family, f"{family} {k} in {d}", k, make)


def _correlated(rng: np.random.Generator, n: int, d: int, high: float = 0.9) -> np.ndarray:
    """Normal rows with a random correlation matrix."""
    loadings = rng.uniform(-high, high, (d, 2)) / np.sqrt(2)
    own = np.sqrt(np.maximum(1.0 - (loadings**2).sum(axis=1), 0.05))
    return rng.standard_normal((n, 2)) @ loadings.T + rng.standard_normal((n, d)) * own


def _one_factor(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Spends that follow one common inclination to spend."""
    common = rng.standard_normal((n, 1))
    return np.exp(0.9 * common + 0.6 * rng.standard_normal((n, d)))


def _counts(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    return rng.poisson(rng.gamma(1.5, 2.5, (n, d))).astype(np.float64)


def _outliers(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    rows = rng.standard_normal((n, d))
    rows[: n // 100] *= 8.0
    return rows


CLOUDS: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {
    "uniform": lambda rng, n, d: rng.random((n, d)),
    "normal": lambda rng, n, d: rng.standard_normal((n, d)),
    "correlated normal": _correlated,
    "log-normal": lambda rng, n, d: np.exp(rng.standard_normal((n, d))),
    "correlated log-normal": lambda rng, n, d: np.exp(_correlated(rng, n, d)),
    "one common factor": _one_factor,
    "gamma-Poisson counts": _counts,
    "heavy tails": lambda rng, n, d: rng.standard_t(3, (n, d)),
    "one per cent of outliers": _outliers,
}
"""Kind of cloud without groups to its maker: generator, rows, dimensions."""


def clouds(each: int = 20) -> Iterator[Table]:
    """Clouds without groups: 300 to 1,500 rows, 2 to 8 columns (five spends)."""
    for number, (kind, maker) in enumerate(CLOUDS.items()):
        for member in range(each):

            def make(
                maker: Callable[[np.random.Generator, int, int], np.ndarray] = maker,
                seed: tuple[int, ...] = (77, number, member),
                d: int = 5 if kind == "one common factor" else (2, 3, 5, 8)[member % 4],
                n: int = (300, 600, 1000, 1500)[member // 4 % 4],
            ) -> np.ndarray:
                return scaled(maker(np.random.default_rng(seed), n, d))

            yield Table("clouds", kind, f"{kind} {member + 1}", 1, make)


RUSPINI = """
    4 5 10 9 13 13 12 15 18 19 22 27 28 24 27 28 30 31 32 36 28 32 35 33 38 41 38 38 32 34 44 44
    44 46 47 49 50 53 52 55 54 60 63 86 85 85 78 74 97 98 98 99 99 101 108 110 108 111 115 117
    70 77 83 61 69 78 66 58 64 69 66 61 76 72 64
    53 63 59 77 49 69 88 75 61 65 74 72 76 58 55 60 52 60 61 72 147 149 153 154 151 150 145 143
    143 141 156 149 143 142 149 152 142 144 152 155 124 136 139 132 115 96 94 96 122 116 124 119
    128 115 111 111 116 126 117 115 4 12 21 15 15 16 18 13 20 21 23 25 27 31 30
"""
"""The 75 points of Ruspini (1970), as R's package cluster has them."""


def known() -> Iterator[Table]:
    """What every textbook counts: flowers, wines, cancers and the 3 x 3 grid."""

    def grid() -> np.ndarray:
        rng = np.random.default_rng(6)
        points = np.array([(x, y) for x in range(3) for y in range(3)], float)
        return scaled(np.vstack([p + 0.12 * rng.standard_normal((60, 2)) for p in points]))

    yield Table(
        "textbook",
        "textbook",
        "ruspini",
        4,
        lambda: scaled(np.array(RUSPINI.split(), float).reshape(2, -1).T),
    )
    yield Table("textbook", "textbook", "3 x 3 grid", 9, grid)
    yield Table("textbook", "textbook", "wine", 3, lambda: scaled(datasets.load_wine().data))
