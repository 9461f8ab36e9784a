"""K-Means and its scores by MLlib, on rows that only the cluster sees."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.preparation.scaling import squared_distances
from helpers.rounding import twelve_digits
from helpers.selection.scores import calinski_harabasz, davies_bouldin

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Floats = npt.NDArray[np.float64]

FEATURES = "features"
"""The column of a matrix that holds a row's scaled features as a vector."""

INIT_STEPS = 2
"""Steps of k-means||: Spark's default, and the seed project's setting."""

MOST_ITERATIONS = 300
TOLERANCE = 1e-4
"""MLlib's own: centres that move less have arrived."""


@dataclass(frozen=True)
class Scored:
    """One partition of all rows, scored on the cluster."""

    counts: npt.NDArray[np.int64]
    inertia: float
    silhouette_squared: float
    calinski_harabasz: float
    davies_bouldin: float


def start_afresh(rows: "DataFrame", k: int, *, random_state: int) -> Floats:
    """
    Fit K-Means as MLlib starts it by itself, by k-means||.

    Parameters
    ----------
    rows : DataFrame
        With the column `features`.
    k : int
        Number of clusters.
    random_state : int
        Seed of the starts.

    Returns
    -------
    ndarray of shape (k, d)
        Centres, numbered as MLlib numbers them.

    References
    ----------
    Bahmani et al. (2012), Scalable k-means++.
    """
    from pyspark.ml.clustering import KMeans

    estimator = KMeans(
        featuresCol=FEATURES,
        k=k,
        maxIter=MOST_ITERATIONS,
        seed=random_state,
        tol=TOLERANCE,
        initMode="k-means||",
        initSteps=INIT_STEPS,
    )
    return np.array(estimator.fit(rows).clusterCenters())


def polish(rows: "DataFrame", centres: Floats) -> Floats:
    """
    Run MLlib's K-Means from given centres.

    Parameters
    ----------
    rows : DataFrame
        With the column `features`.
    centres : ndarray of shape (k, d)
        Where it starts.

    Returns
    -------
    ndarray of shape (k, d)
        Centres in the same order.

    Notes
    -----
    Only the older, RDD-based side of MLlib takes an initial model. It is called inside the Java
    process, so that no row passes through Python.
    """
    from pyspark.mllib.util import MLUtils

    session = rows.sparkSession
    context = session.sparkContext
    java: Any = context._jvm
    gateway: Any = context._gateway

    def vector(values: Floats) -> Any:
        array = gateway.new_array(java.double, len(values))
        for position, one in enumerate(values):
            array[position] = float(one)
        return java.org.apache.spark.mllib.linalg.Vectors.dense(array)

    old = MLUtils.convertVectorColumnsFromML(rows.select(FEATURES), FEATURES)
    linalg = java.org.apache.spark.mllib.linalg
    encoder = java.org.apache.spark.sql.Encoders.udt(linalg.VectorUDT())
    data = getattr(old._jdf, "as")(encoder).rdd()
    array = gateway.new_array(linalg.Vector, len(centres))
    for position, centre in enumerate(centres):
        array[position] = vector(centre)
    clustering = java.org.apache.spark.mllib.clustering
    estimator = clustering.KMeans().setK(len(centres)).setMaxIterations(MOST_ITERATIONS)
    estimator = estimator.setEpsilon(TOLERANCE).setSeed(0)
    model = estimator.setInitialModel(clustering.KMeansModel(array)).run(data)
    return np.array([list(centre.toArray()) for centre in model.clusterCenters()])


def labelled(rows: "DataFrame", columns: list[str], centres: Mapping[int, Floats]) -> "DataFrame":
    """
    Label every row by the nearest centre, for all K in one pass.

    Parameters
    ----------
    rows : DataFrame
        With the scaled features in `columns`.
    columns : list of str
        Names of the scaled features.
    centres : mapping of int to ndarray of shape (k, d)
        Centres by K.

    Returns
    -------
    DataFrame
        `columns`, and for every K `label_K` (int) and `square_K` (squared distance to the centre).
    """
    names = [f"{what}_{k}" for k in centres for what in ("label", "square")]
    kinds = [
        f"{what}_{k} {kind}"
        for k in centres
        for what, kind in (("label", "INT"), ("square", "DOUBLE"))
    ]
    schema = ", ".join([f"{name} DOUBLE" for name in columns] + kinds)

    def label(blocks: Any) -> Any:
        for block in blocks:
            values = block[columns].to_numpy(dtype=np.float64)
            found: dict[str, Any] = {}
            for k, placed in centres.items():
                squares = squared_distances(values, placed)
                found[f"label_{k}"] = squares.argmin(axis=1).astype(np.int32)
                found[f"square_{k}"] = squares.min(axis=1)
            yield pd.concat([block[columns], pd.DataFrame(found, index=block.index)[names]], axis=1)

    return rows.select(*columns).mapInPandas(label, schema=schema)


def score(
    rows: "DataFrame",
    columns: list[str],
    centres: Mapping[int, Floats],
    *,
    progress: Callable[[str], None] | None = None,
) -> dict[int, Scored]:
    """
    Score partitions of all rows by aggregation.

    Parameters
    ----------
    rows : DataFrame
        With the scaled features in `columns`.
    columns : list of str
        Names of the scaled features.
    centres : mapping of int to ndarray of shape (k, d)
        Centres by K; a row belongs to the nearest.
    progress : callable, optional
        Called with one short sentence as the work goes on.

    Returns
    -------
    dict of int to Scored
        The squared silhouette is that of MLlib's ClusteringEvaluator; the others are by the
        definitions of `helpers.selection.scores`, from counts, sums and mean distances.

    Notes
    -----
    Figures are rounded to 12 digits, which do not depend on the order in which sums are added.
    """
    from pyspark import StorageLevel
    from pyspark.ml.evaluation import ClusteringEvaluator
    from pyspark.ml.feature import VectorAssembler
    from pyspark.sql import functions as f

    held = labelled(rows, columns, centres).persist(StorageLevel.DISK_ONLY)
    assembled = VectorAssembler(inputCols=columns, outputCol=FEATURES).transform(held)
    found = {}
    try:
        middle = np.array(held.select(*(f.avg(name) for name in columns)).first())
        for k, placed in centres.items():
            if progress is not None:
                progress(f"scoring K = {k}")
            label, square = f"label_{k}", f.col(f"square_{k}")
            sums = (
                held.groupBy(label)
                .agg(
                    f.count(f.lit(1)).alias("n"),
                    f.sum(square).alias("squares"),
                    f.avg(f.sqrt(square)).alias("width"),
                )
                .orderBy(label)
                .collect()
            )
            counts = np.zeros(k, dtype=np.int64)
            widths = np.zeros(k)
            inertia = 0.0
            for row in sums:
                counts[row[label]], widths[row[label]] = row["n"], row["width"]
                inertia += row["squares"]
            evaluator = ClusteringEvaluator(predictionCol=label, featuresCol=FEATURES)
            silhouette = evaluator.evaluate(assembled) if np.count_nonzero(counts) > 1 else np.nan
            found[k] = Scored(
                counts=counts,
                inertia=twelve_digits(inertia),
                silhouette_squared=twelve_digits(silhouette),
                calinski_harabasz=twelve_digits(calinski_harabasz(placed, counts, inertia, middle)),
                davies_bouldin=twelve_digits(davies_bouldin(placed, widths)),
            )
    finally:
        held.unpersist()
    return found
