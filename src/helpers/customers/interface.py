"""What the notebooks may ask about the customers of a run, on one machine or on a cluster."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from helpers.preparation.scaling import Scaling

if TYPE_CHECKING:
    from helpers.model.fitted import Model
    from helpers.selection.sweep import Tuning


class Population(Protocol):
    """
    All customers of a run, some of whom are in hand as a frame.

    On one machine that is everybody. On a cluster it is everybody where they are few, else a
    sample for pictures, tests and resamples, while sizes, totals, means and scores are those of
    all customers.

    Attributes
    ----------
    rows : int
        Rows of the table, those set aside among them.
    used : int
        Customers that can be clustered.
    customers : pandas.DataFrame
        The rows in hand, in the order of the table, with `reason`.
    """

    rows: int
    used: int
    customers: pd.DataFrame

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence about the sample; none where everybody is in hand."""

    @property
    def in_use(self) -> pd.DataFrame:
        """The customers in hand that can be clustered."""

    def scaling(
        self, features: Sequence[str], *, clip: Sequence[float], transforms: Mapping[str, str]
    ) -> Scaling:
        """Clip bounds, transforms, means and deviations of the features of all customers."""

    def tune(
        self,
        scaling: Scaling,
        *,
        k_min: int,
        k_max: int,
        random_state: int,
        resamples: int,
        references: int,
        starts: str,
        progress: Callable[[str], None] | None = None,
    ) -> "Tuning":
        """Fit and judge every K; the labels of the fits are those of the customers in hand."""

    def numbered(
        self, labels: pd.Series, *, scaling: Scaling, centres: Sequence[Any], value_column: str
    ) -> pd.Series:
        """Number segments from 1 by the total of the value column over all customers."""

    def shares(self, segments: pd.Series, *, value_column: str) -> pd.DataFrame:
        """Each segment's share of all customers and of their value."""

    def profile(self, segments: pd.Series, features: Sequence[str]) -> pd.DataFrame:
        """Size of each segment, and least, mean and greatest of each feature."""

    def categories(self, handed_on: Mapping[str, Any]) -> dict[str, list[str]]:
        """Values seen in each category column, sorted."""

    def write_segments(
        self, path: Path, segments: pd.Series, margins: pd.Series, *, model: "Model"
    ) -> str:
        """Write one row for each row of the table, in its order; return the hash of the numbers."""
