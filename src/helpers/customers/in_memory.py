"""Customers who are all in hand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import pandas as pd

from helpers.model.fitted import Model
from helpers.preparation import handoff
from helpers.preparation.scaling import Scaling, fit_scaling
from helpers.profiles import membership, results, summary, value
from helpers.selection.sweep import Tuning, tune
from helpers.spreadsheets import neutralise

# The sweep that a notebook holds: where only `k` is changed, it is not made again.
_held: WeakValueDictionary[str, Tuning] = WeakValueDictionary()


class LocalPopulation:
    """
    All customers as one frame.

    Parameters
    ----------
    customers : pandas.DataFrame
        One row for each row of the table, with `reason`.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, customers: pd.DataFrame) -> None:
        self.customers = customers
        self.rows = len(customers)
        self.clustered = customers[customers["reason"].isna()]
        self.used = len(self.clustered)

    @property
    def in_use(self) -> pd.DataFrame:
        """The customers in hand that can be clustered."""
        return self.clustered

    def scaling(
        self, features: Sequence[str], *, clip: Sequence[float], transforms: Mapping[str, str]
    ) -> Scaling:
        """Clip bounds, transforms, means and deviations (see `scaling.fit_scaling`)."""
        return fit_scaling(self.clustered, features, clip=clip, transforms=transforms)

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
    ) -> Tuning:
        """
        Fit and judge every K (see `helpers.selection.sweep.tune`); `starts` is Spark's.

        A sweep of the same matrix that is still held by somebody is returned as it is.
        """
        matrix = scaling.transform(self.clustered)
        asked = (matrix.shape, k_min, k_max, random_state, resamples, references)
        digest = hashlib.sha256(repr(asked).encode())
        digest.update(np.ravel(matrix).data)
        key = digest.hexdigest()
        held = _held.get(key)
        if held is None:
            held = _held[key] = tune(
                matrix,
                k_min=k_min,
                k_max=k_max,
                random_state=random_state,
                resamples=resamples,
                references=references,
                progress=progress,
            )
        return held

    def numbered(
        self, labels: pd.Series, *, scaling: Scaling, centres: Sequence[Any], value_column: str
    ) -> pd.Series:
        """Number segments (see `helpers.profiles.membership.numbered`)."""
        return membership.numbered(labels, self.clustered, value_column=value_column)

    def shares(self, segments: pd.Series, *, value_column: str) -> pd.DataFrame:
        """Shares of customers and value (see `helpers.profiles.value.value_shares`)."""
        worth = membership.worth(self.clustered, value_column=value_column)
        return value.value_shares(worth, segments, "value")

    def profile(self, segments: pd.Series, features: Sequence[str]) -> pd.DataFrame:
        """Sizes and figures of the features (see `helpers.profiles.summary.profile_table`)."""
        return summary.profile_table(self.clustered, segments, features)

    def categories(self, handed_on: Mapping[str, Any]) -> dict[str, list[str]]:
        """Values seen in each category column, sorted."""
        return handoff.categories(self.customers, handed_on)

    def write_segments(
        self, path: Path, segments: pd.Series, margins: pd.Series, *, model: Model
    ) -> str:
        """Write `segments.csv` (see `helpers.profiles.results.segments_table`)."""
        table = results.segments_table(
            self.customers,
            segments,
            margins,
            results.personas_by_segment(model.personas),
            id_column=model.id_column or "",
        )
        neutralise(table).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
        return results.digest([segments])
