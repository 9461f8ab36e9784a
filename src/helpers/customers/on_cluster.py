"""Customers on a cluster: figures of all of them, and a sample in hand."""

import io
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from helpers import words
from helpers.customers.in_memory import LocalPopulation
from helpers.engines.base import REASON
from helpers.engines.sql import column_sql
from helpers.errors import ClusteringError, ParamsError
from helpers.kmeans.search import Fit, fit_range
from helpers.model import fitted as models
from helpers.model.fitted import Model
from helpers.params.loader import nearest
from helpers.preparation.privacy import is_private
from helpers.preparation.scaling import (
    Scaling,
    check_clip,
    check_transforms,
    divisor,
    fit_scaling,
    is_coded,
    squared_distances,
)
from helpers.profiles import membership, results, value
from helpers.rounding import twelve_digits
from helpers.selection import sweep
from helpers.selection.scores import score_table
from helpers.spreadsheets import neutralise
from helpers.tables.reader import ROW

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from helpers.engines.spark import SparkTable

STARTS = ("search", "k-means||")
SEGMENT = "__segment__"


class SparkPopulation:
    """
    Customers held by Spark.

    Parameters
    ----------
    table : SparkTable
        One row for each row of the table, with `reason`.
    most : int
        Rows in hand at most.
    random_state : int
        Seed of the sample.
    """

    def __init__(self, table: "SparkTable", *, most: int, random_state: int) -> None:
        from pyspark.sql import functions as f

        if most < 1:
            raise ParamsError(f"`spark_sample` is {most}: expected a number of customers above 0.")
        self.table = table
        self.rows = table.rows
        self.is_whole = table.rows <= most
        drawn = table.data
        if not self.is_whole:
            drawn = drawn.orderBy(f.xxhash64(f.lit(random_state), f.col(ROW)), ROW).limit(most)
        self.customers = _frame(drawn.orderBy(ROW).drop(ROW))
        clustered = table.data.where(f"`{REASON}` IS NULL")
        self.clustered = clustered
        self.in_hand = LocalPopulation(self.customers)
        self.used = self.in_hand.used if self.is_whole else clustered.count()
        self.labelled: DataFrame | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence about the sample; none where everybody is in hand."""
        if self.is_whole:
            return ()
        return (
            "Pictures, tests, intervals and resamples rest on "
            f"{words.number(len(self.customers))} customers drawn from {words.number(self.rows)}; "
            "sizes, totals, means, centres and the scores of every K are those of all customers.",
        )

    @property
    def in_use(self) -> pd.DataFrame:
        """The customers in hand that can be clustered."""
        return self.in_hand.clustered

    def scaling(
        self, features: Sequence[str], *, clip: Sequence[float], transforms: Mapping[str, str]
    ) -> Scaling:
        """
        Clip bounds, transforms, means and deviations of the features of all customers.

        Ranks are cut at the quantiles of the customers in hand.
        """
        drawn = fit_scaling(self.in_hand.clustered, features, clip=clip, transforms=transforms)
        if self.is_whole:
            return drawn
        from pyspark.sql import functions as f

        quantiles = check_clip(clip)
        check_transforms(transforms, features)
        low, high = drawn.low, drawn.high
        columns = [f.col(column_sql(name)).cast("double") for name in features]
        if quantiles:
            asked = [f.percentile(one, f.lit(edge)) for one in columns for edge in quantiles]
            found = list(map(float, cast(Any, self.clustered.select(*asked).first())))
            coded = [is_coded(transforms.get(name)) for name in features]
            low = tuple(-np.inf if c else edge for edge, c in zip(found[::2], coded, strict=True))
            high = tuple(np.inf if c else edge for edge, c in zip(found[1::2], coded, strict=True))
        shaped = Scaling(
            drawn.columns, low, high, (0.0,) * len(low), (1.0,) * len(low), drawn.transforms
        )
        scaled = self._scaled(shaped)
        asked = [one for name in _axes(shaped) for one in (f.avg(name), f.stddev_pop(name))]
        figures = [twelve_digits(one) for one in cast(Any, scaled.select(*asked).first())]
        for name, spread in zip(features, figures[1::2], strict=True):
            if not spread > 0:
                raise ClusteringError(
                    f"feature `{name}` is constant: it cannot tell customers apart. "
                    "Remove it from `features` or clip less."
                )
        divisors = tuple(
            divisor(mean, spread, transforms.get(name))
            for name, mean, spread in zip(features, figures[::2], figures[1::2], strict=True)
        )
        return Scaling(drawn.columns, low, high, tuple(figures[::2]), divisors, drawn.transforms)

    def _scaled(self, scaling: Scaling) -> "DataFrame":
        """Scaled features of all customers that can be clustered, in columns x0, x1, ..."""
        axes = _axes(scaling)

        def scale(blocks: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
            for block in blocks:
                yield pd.DataFrame(scaling.transform(block), columns=axes)

        schema = ", ".join(f"{name} DOUBLE" for name in axes)
        return self.clustered.select(*map(column_sql, scaling.columns)).mapInPandas(scale, schema)

    def tune(
        self,
        scaling: Scaling,
        *,
        k_min: int,
        k_max: int,
        random_state: int,
        resamples: int,
        references: int,
        starts: str = "search",
        progress: Callable[[str], None] | None = None,
    ) -> sweep.Tuning:
        """
        Fit every K by MLlib on all customers, and judge it.

        Parameters
        ----------
        scaling : Scaling
            Into the space that is clustered.
        k_min, k_max, random_state, resamples, references, progress
            As for `helpers.selection.sweep.tune`.
        starts : {"search", "k-means||"}
            `search` starts from the best partition of the customers in hand, `k-means||` as MLlib
            does by itself.

        Returns
        -------
        Tuning
            Inertia and scores are those of all customers; the Euclidean silhouette, stability,
            gap and null are those of the customers in hand, and say so.

        Raises
        ------
        ParamsError
            For other starts.
        """
        from pyspark import StorageLevel
        from pyspark.ml.feature import VectorAssembler

        from helpers.customers import mllib

        if starts not in STARTS:
            raise ParamsError(
                f"`spark_starts` is {starts!r}: expected search or k-means||."
                + nearest(str(starts), STARTS)
            )
        drawn, ks = sweep.check_range(
            scaling.transform(self.in_hand.clustered), k_min=k_min, k_max=k_max
        )
        axes = list(_axes(scaling))
        rows = VectorAssembler(inputCols=axes, outputCol=mllib.FEATURES).transform(
            self._scaled(scaling)
        )
        rows = rows.persist(StorageLevel.DISK_ONLY)
        try:
            searched: dict[int, Fit] = {}
            if starts == "search":
                searched = fit_range(drawn, ks, random_state=random_state, progress=progress)
            centres = {}
            for k in ks:
                if progress is not None:
                    progress(f"MLlib's K-Means for K = {k}")
                centres[k] = (
                    mllib.polish(rows, searched[k].centres)
                    if searched
                    else mllib.start_afresh(rows, k, random_state=random_state)
                )
            scored = mllib.score(rows, axes, centres, progress=progress)
        finally:
            rows.unpersist()
        fits = {k: _fit(drawn, centres[k], scored[k].inertia, searched.get(k)) for k in ks}
        scores = score_table(drawn, fits)
        for column in ("silhouette_squared", "calinski_harabasz", "davies_bouldin"):
            scores[column] = [getattr(scored[k], column) for k in scores["k"]]
        scores["smallest_share"] = [
            float(scored[k].counts.min() / scored[k].counts.sum()) for k in scores["k"]
        ]
        return sweep.judge(
            drawn,
            fits,
            scores,
            random_state=random_state,
            resamples=resamples,
            references=references,
            total=self.used,
            progress=progress,
        )

    def numbered(
        self, labels: pd.Series, *, scaling: Scaling, centres: Sequence[Any], value_column: str
    ) -> pd.Series:
        """Number segments from 1 by the total of the value column over all customers."""
        drawn = membership.numbered(labels, self.in_hand.clustered, value_column=value_column)
        if self.is_whole:
            return drawn
        self._label(scaling, centres, value_column)
        totals = self._totals(value_column)
        keys = zip(-totals["total"], -totals["n"], totals["segment"], strict=True)
        order = [int(position) for _, _, position in sorted(keys)]
        number = {position: place for place, position in enumerate(order, start=1)}
        self._renumber(number)
        return labels.map(number).astype("Int64").rename("segment")

    def _label(self, scaling: Scaling, centres: Sequence[Any], value_column: str) -> None:
        """Give every customer that can be clustered the position of the nearest centre."""
        from pyspark import StorageLevel
        from pyspark.sql import functions as f

        if self.labelled is not None:
            self.labelled.unpersist()
        names = list(dict.fromkeys([*scaling.columns, *([value_column] if value_column else [])]))

        def label(blocks: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
            for block in blocks:
                yield block.assign(**{SEGMENT: membership.nearest_centre(block, scaling, centres)})

        data = self.clustered.select(*(f.col(column_sql(name)).cast("double") for name in names))
        schema = ", ".join(f"{column_sql(name)} DOUBLE" for name in names)
        labelled = data.mapInPandas(label, f"{schema}, {SEGMENT} BIGINT")
        self.labelled = labelled.persist(StorageLevel.DISK_ONLY)

    def _renumber(self, number: Mapping[int, int]) -> None:
        from pyspark.sql import functions as f

        assert self.labelled is not None
        pairs = [f.lit(one).cast("bigint") for pair in number.items() for one in pair]
        self.labelled = self.labelled.withColumn(SEGMENT, f.create_map(*pairs)[f.col(SEGMENT)])

    def _totals(self, value_column: str) -> pd.DataFrame:
        """Customers and total of the value column by segment."""
        from pyspark.sql import functions as f

        assert self.labelled is not None
        worth = f.lit(1.0)
        if value_column:
            worth = f.coalesce(f.col(column_sql(value_column)).cast("double"), f.lit(0.0))
        return _frame(
            self.labelled.groupBy(f.col(SEGMENT).alias("segment"))
            .agg(
                f.count(f.lit(1)).alias("n"),
                f.sum(worth).alias("total"),
                f.avg(worth).alias("mean"),
            )
            .orderBy("segment")
        )

    def shares(self, segments: pd.Series, *, value_column: str) -> pd.DataFrame:
        """Each segment's share of all customers and of their value."""
        if self.is_whole:
            return self.in_hand.shares(segments, value_column=value_column)
        return value.shares_of(self._totals(value_column))

    def profile(self, segments: pd.Series, features: Sequence[str]) -> pd.DataFrame:
        """Size of each segment, and least, mean and greatest of each feature."""
        if self.is_whole:
            return self.in_hand.profile(segments, features)
        from pyspark.sql import functions as f

        assert self.labelled is not None
        asked = [f.count(f.lit(1)).alias("n")]
        for name in features:
            figure = f.col(column_sql(name)).cast("double")
            asked += [
                f.min(figure).alias(f"min_{name}"),
                f.avg(figure).alias(f"mean_{name}"),
                f.max(figure).alias(f"max_{name}"),
            ]
        found = _frame(
            self.labelled.groupBy(f.col(SEGMENT).alias("segment")).agg(*asked).orderBy("segment")
        )
        found.insert(2, "share", found["n"] / found["n"].sum())
        return found

    def categories(self, handed_on: Mapping[str, Any]) -> dict[str, list[str]]:
        """Values seen in each category column, sorted; of many, as many as tell that they are."""
        if self.is_whole:
            return self.in_hand.categories(handed_on)
        from pyspark.sql import functions as f

        found = {}
        for name, facts in handed_on["columns"].items():
            if facts["type"] == "category":
                text = f.col(column_sql(name)).cast("string").alias("value")
                seen = self.table.data.select(text).where("value IS NOT NULL").distinct()
                rows = seen.limit(models.MOST_CATEGORIES + 1).collect()
                if not is_private(name, held=self.table.rows, distinct=len(rows)):
                    found[name] = sorted(row["value"] for row in rows)
        return found

    def write_segments(
        self, path: Path, segments: pd.Series, margins: pd.Series, *, model: Model
    ) -> str:
        """
        Write one row for each row of the table, in its order; return the hash of the numbers.

        The parts are written by the cluster beside `path` and joined there, byte by byte.
        """
        if self.is_whole:
            return self.in_hand.write_segments(path, segments, margins, model=model)
        from helpers.engines.spark import ordered

        aside = path.with_name(f"{path.name}.parts")
        known = [model.id_column] if model.id_column else []
        wanted = list(dict.fromkeys([ROW, *known, *model.features, REASON]))
        text = models.write_text(model)

        def write(blocks: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
            scorer = models.parse_model(text, name="model.json")
            personas = results.personas_by_segment(scorer.personas)
            for block in blocks:
                if not len(block):
                    continue
                used = block[block[REASON].isna()]
                found = models.assign(scorer, used)
                table = results.segments_table(
                    block.set_index(block[ROW] + 1),
                    found["segment"].set_axis(used[ROW] + 1),
                    found["margin"].set_axis(used[ROW] + 1),
                    personas,
                    id_column=scorer.id_column or "",
                )
                shown = neutralise(table).to_csv(
                    None, index=False, header=False, lineterminator="\n"
                )
                yield pd.DataFrame({"value": [shown.removesuffix("\n")]})

        data = ordered(self.table.data.select(*map(column_sql, wanted)))
        data.mapInPandas(write, "value STRING").write.mode("overwrite").text(
            f"file://{aside.absolute()}"
        )
        header = [model.id_column or results.ROW_COLUMN, *results.RESULT_COLUMNS]
        with path.open("wb") as whole:
            empty = neutralise(pd.DataFrame(columns=header))
            whole.write(empty.to_csv(None, index=False, lineterminator="\n").encode())
            for part in sorted(aside.glob("part-*.txt")):
                with part.open("rb") as file:
                    shutil.copyfileobj(file, whole)
        shutil.rmtree(aside)
        pieces = pd.read_csv(
            path, usecols=["segment"], chunksize=1_000_000, dtype={"segment": "Int64"}
        )
        return results.digest(piece["segment"].dropna() for piece in pieces)


def _fit(drawn: np.ndarray, centres: np.ndarray, inertia: float, searched: Fit | None) -> Fit:
    """Describe a fit of all customers with the labels of those in hand."""
    labels = squared_distances(drawn, centres).argmin(axis=1).astype(np.int32)
    return Fit(
        k=len(centres),
        centres=centres,
        labels=labels,
        inertia=inertia,
        restarts=searched.restarts if searched else 1,
        found=searched.found if searched else 1,
        runner_up=searched.runner_up if searched else float("inf"),
        optima=searched.optima if searched else (inertia,),
        rows_searched=searched.rows_searched if searched else len(drawn),
        searched=searched.searched if searched else inertia,
        confirmed=searched.confirmed if searched else 0,
        rivals=searched.rivals if searched else 0,
        in_doubt=searched.in_doubt if searched else 0,
    )


def _axes(scaling: Scaling) -> tuple[str, ...]:
    return tuple(f"x{position}" for position in range(len(scaling.columns)))


def _frame(data: "DataFrame") -> pd.DataFrame:
    """Fetch a small DataFrame in the types that a saved table has when pandas reads it."""
    from helpers.engines.spark import plain_times

    held = io.BytesIO()
    pq.write_table(plain_times(data.toArrow()), held)
    held.seek(0)
    return pd.read_parquet(held)
