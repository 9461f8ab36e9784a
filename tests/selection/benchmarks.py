"""Labelled tables with a known number of groups, made from published descriptions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn import datasets

Labelled = tuple[np.ndarray, int]


def scaled(rows: np.ndarray) -> np.ndarray:
    """Standardise by the population deviation; a constant column stays zero."""
    deviation = rows.std(axis=0)
    return (rows - rows.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)


def apart(rng: np.random.Generator, k: int, d: int, distance: float) -> np.ndarray:
    """Draw centres in the unit cube that keep a distance."""
    centres: list[np.ndarray] = []
    while len(centres) < k:
        point = rng.random(d)
        if all(np.linalg.norm(point - other) >= distance for other in centres):
            centres.append(point)
    return np.array(centres)


def balls(seed: int, sizes: list[int], d: int, distance: float, width: float) -> np.ndarray:
    """Round Gaussian groups around centres that keep a distance."""
    rng = np.random.default_rng(seed)
    centres = apart(rng, len(sizes), d, distance)
    return np.vstack(
        [c + width * rng.standard_normal((n, d)) for c, n in zip(centres, sizes, strict=True)]
    )


def ellipsoids(seed: int, sizes: list[int], d: int, spread: float) -> np.ndarray:
    """Gaussian groups of different widths, each with a shape and a direction of its own."""
    rng = np.random.default_rng(seed)
    parts = []
    centres = apart(rng, len(sizes), d, 0.25) * spread
    for centre, n in zip(centres, sizes, strict=True):
        axes = np.linalg.qr(rng.standard_normal((d, d)))[0]
        parts.append(centre + (rng.standard_normal((n, d)) * rng.uniform(0.4, 1.4, d)) @ axes)
    return np.vstack(parts)


def hepta() -> np.ndarray:
    """Seven groups in three dimensions, the middle one denser."""
    rng = np.random.default_rng(1)
    centres = np.vstack([np.zeros(3), 3 * np.eye(3), -3 * np.eye(3)])
    widths = [0.25] + [0.6] * 6
    return np.vstack(
        [c + w * rng.standard_normal((30, 3)) for c, w in zip(centres, widths, strict=True)]
    )


def tetra() -> np.ndarray:
    """Four almost touching balls at the corners of a tetrahedron."""
    rng = np.random.default_rng(2)
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    parts = []
    for corner in corners:
        points = rng.standard_normal((100, 3))
        points *= (1.2 * rng.random(100) ** (1 / 3) / np.linalg.norm(points, axis=1))[:, None]
        parts.append(corner + points)
    return np.vstack(parts)


def diamonds() -> np.ndarray:
    """Two squares that touch at a corner."""
    rng = np.random.default_rng(3)
    square = rng.uniform(-1, 1, (800, 2)) @ np.array([[1, 1], [-1, 1]]) / np.sqrt(2)
    return square + np.where(np.arange(800)[:, None] < 400, [-1.45, 0], [1.45, 0])


def lsun() -> np.ndarray:
    """Two bars and a ball."""
    rng = np.random.default_rng(4)
    ball = 0.5 * rng.standard_normal((100, 2)) * 0.6 + [3.5, 3.2]
    return np.vstack(
        [rng.uniform([0, 2], [1.0, 5], (100, 2)), rng.uniform([0, 0], [5, 1], (200, 2)), ball]
    )


def wingnut() -> np.ndarray:
    """Two rectangles whose density grows towards opposite corners."""
    rng = np.random.default_rng(5)
    half = np.column_stack([2 * np.sqrt(rng.random(500)), 4 * rng.random(500)])
    return np.vstack([half + np.array([0.15, 0.0]), -half - np.array([0.15, -3.0])])


def grid(side: int, width: float, n: int) -> np.ndarray:
    """Groups on a square grid."""
    rng = np.random.default_rng(6)
    points = np.array([(x, y) for x in range(side) for y in range(side)], float)
    return np.vstack([p + width * rng.standard_normal((n, 2)) for p in points])


def rings_of_balls() -> np.ndarray:
    """A ball in the middle of two rings of seven, the inner ring close."""
    rng = np.random.default_rng(7)
    angles = 2 * np.pi * np.arange(7) / 7
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    centres = np.vstack([[[0, 0]], 2.2 * ring, 6 * ring])
    return np.vstack([c + 0.33 * rng.standard_normal((40, 2)) for c in centres])


def nested() -> np.ndarray:
    """Three far groups, each of three close ones."""
    rng = np.random.default_rng(8)
    far = np.array([[0, 0], [14, 0], [7, 12]])
    near = 2.6 * np.array([[0, 1], [0.87, -0.5], [-0.87, -0.5]])
    return np.vstack([f + c + 0.7 * rng.standard_normal((60, 2)) for f in far for c in near])


def coarse(seed: int, d: int, gap: float) -> np.ndarray:
    """Two groups close to each other and a third far away, as in the flowers of Fisher."""
    rng = np.random.default_rng(seed)
    centres = np.zeros((3, d))
    centres[1, 0] = gap
    centres[2, :2] = [gap / 2, 3.2 * gap]
    return np.vstack([c + rng.standard_normal((60, d)) for c in centres])


BENCHMARKS: dict[str, Callable[[], Labelled]] = {
    "iris": lambda: (datasets.load_iris().data, 3),
    "wine": lambda: (datasets.load_wine().data, 3),
    "breast cancer": lambda: (datasets.load_breast_cancer().data, 2),
    "s1": lambda: (balls(11, [130] * 15, 2, 0.17, 0.024), 15),
    "s2": lambda: (balls(12, [130] * 15, 2, 0.17, 0.036), 15),
    "s3": lambda: (balls(13, [130] * 15, 2, 0.17, 0.048), 15),
    "s4": lambda: (balls(14, [130] * 15, 2, 0.17, 0.058), 15),
    "a1": lambda: (balls(15, [100] * 20, 2, 0.14, 0.028), 20),
    "a2": lambda: (balls(16, [60] * 35, 2, 0.105, 0.021), 35),
    "d31": lambda: (balls(17, [70] * 31, 2, 0.11, 0.024), 31),
    "unbalance": lambda: (balls(18, [600] * 3 + [40] * 5, 2, 0.22, 0.025), 8),
    "sizes": lambda: (balls(19, [500, 100, 100, 100], 2, 0.4, 0.075), 4),
    "square": lambda: (grid(2, 0.24, 150), 4),
    "grid": lambda: (grid(5, 0.17, 50), 25),
    "dim8": lambda: (balls(20, [60] * 9, 8, 0.5, 0.07), 9),
    "dim32": lambda: (balls(21, [64] * 16, 32, 0.8, 0.05), 16),
    "ellipsoids2": lambda: (ellipsoids(22, [90, 60, 120, 80, 150, 70], 2, 16.0), 6),
    "ellipsoids10": lambda: (ellipsoids(23, [60, 90, 120, 80], 10, 7.0), 4),
    "hepta": lambda: (hepta(), 7),
    "tetra": lambda: (tetra(), 4),
    "diamonds": lambda: (diamonds(), 2),
    "lsun": lambda: (lsun(), 3),
    "wingnut": lambda: (wingnut(), 2),
    "r15": lambda: (rings_of_balls(), 15),
    "nested": lambda: (nested(), 9),
    "coarse4": lambda: (coarse(24, 4, 4.0), 3),
    "coarse6": lambda: (coarse(25, 6, 4.5), 3),
    "two": lambda: (balls(26, [200, 200], 5, 0.9, 0.2), 2),
    "three": lambda: (balls(27, [70, 70, 70], 7, 0.7, 0.17), 3),
}
"""Name of each table to its maker: raw rows and the number of groups."""
