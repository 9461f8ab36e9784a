"""What the notebooks may ask of an engine, whichever one runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.engines.sql import Step
from helpers.params.column_types import Column
from helpers.tables.column_profiles import ColumnProfile
from helpers.tables.notes import Note

TABLE = "customers"
REASON = "reason"


@dataclass(frozen=True)
class Facts:
    """What was found while a table was read."""

    rows: int
    columns: dict[str, Column]
    undeclared: tuple[str, ...]
    date_formats: dict[str, str]
    notes: tuple[Note, ...] = ()
    profiles: dict[str, ColumnProfile] = field(default_factory=dict)

    def numeric(self) -> list[str]:
        """Names of the columns that are held as numbers, in table order."""
        return [name for name, column in self.columns.items() if column.is_number]

    def measured(self) -> list[str]:
        """Names of the columns that measure something: numbers that are not flags."""
        return self.of_type("integer", "number")

    def of_type(self, *types: str) -> list[str]:
        """Names of the columns of the given types, in table order."""
        return [name for name, column in self.columns.items() if column.type in types]


class Table(Protocol):
    """One table in the hands of an engine; rows keep the order of the file."""

    rows: int
    in_hand: bool  # whether whole columns may be fetched
    dialect: str  # of the SQL that `transform` takes
    not_finite: dict[str, int]  # values of steps that are missing as infinite or NaN, where any

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""

    def query(self, sql: str) -> pd.DataFrame:
        """Answer a Spark SQL query over this table, which goes by the name `customers`."""

    def select(self, expressions: Mapping[str, str]) -> "Table":
        """Make a table of the same rows with columns from Spark SQL expressions."""

    def derive(self, steps: Sequence[Step]) -> "Table":
        """Make a table with the columns of the steps added, one after the other."""

    def transform(
        self,
        sql: str,
        *,
        name: str,
        others: "Mapping[str, Table] | None" = None,
        order_by: str = "",
    ) -> "Table":
        """Make a table of other rows by a SELECT in `dialect` over this table and others."""

    def answer(self, sql: str, *, name: str) -> pd.DataFrame:
        """Answer a SELECT in `dialect` of few rows over this table."""

    def release(self) -> None:
        """Let the rows go: nothing will be asked of this table any more."""

    def frame(self, columns: Sequence[str]) -> pd.DataFrame:
        """Fetch columns of every row, in order."""

    def correlation(self, columns: Sequence[str]) -> npt.NDArray[np.float64]:
        """Pearson correlation of every pair of columns, over the rows that lack none of them."""

    def save(self, path: Path) -> None:
        """Write the table to Parquet."""


class Engine(Protocol):
    """Reads tables and hands them on."""

    name: str

    def read(
        self,
        path: Path,
        *,
        columns: Mapping[str, Column],
        null_values: Sequence[str],
        sheet: str = "",
    ) -> tuple[Table, Facts]:
        """Read and check a table file."""

    def load(self, path: Path) -> Table:
        """Open what `Table.save` has written."""
