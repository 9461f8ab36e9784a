"""The model of a run: all that is needed to give a new customer a segment, as one JSON file."""

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.engines.sql import Step, as_date, parse_steps
from helpers.errors import ParamsError, RunError, SegmentationError
from helpers.params.column_types import KEYS as KEYS_OF_COLUMNS
from helpers.params.column_types import Column, parse_columns
from helpers.preparation.grouping import ANY_DAY, RETURNS
from helpers.preparation.loading import LineModel, LineRecipe
from helpers.preparation.profiling import TREATMENTS
from helpers.preparation.scaling import KINDS, Scaling, Transform

FORMAT = 1
DECIMALS = 6
BINS = 10
# Own distances beyond this quantile of a segment's customers count as far from every centre.
REACH_QUANTILE = 0.999
NULLS = ("drop", "median")
# A column with more values than these is free text rather than a category.
MOST_CATEGORIES = 200
# Columns that a scored file has beside the ID.
WRITTEN = ("segment", "persona", "margin", "reason", "flag")
# Rows that are assigned at once; a row's result does not depend on it.
BLOCK = 1 << 16


@dataclass(frozen=True)
class Treatments:
    """What is done with the faults of a table before features are made."""

    repeats: str = "keep"
    impossible: str = "keep"
    outliers: str = "keep"
    nulls: str = "drop"
    fences: dict[str, tuple[float, float]] = field(default_factory=dict)
    medians: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        repeats: str = "keep",
        impossible: str = "keep",
        outliers: str = "keep",
        nulls: str = "drop",
        found_fences: pd.DataFrame | None = None,
        medians: Mapping[str, float] | None = None,
    ) -> "Treatments":
        """
        Gather the treatments of a run.

        Parameters
        ----------
        repeats, impossible, outliers, nulls : str
            As the params file has them.
        found_fences : pandas.DataFrame, optional
            As `profiling.fences` returns it; kept only where outliers are treated.
        medians : mapping of str to float, optional
            The median of each feature among the rows used; kept only where `nulls` is `median`.

        Returns
        -------
        Treatments
            Without what is not used.
        """
        fences: dict[str, tuple[float, float]] = {}
        if outliers != "keep" and found_fences is not None:
            columns = (found_fences[name].tolist() for name in ("column", "low", "high"))
            fences = {
                str(name): (float(low), float(high))
                for name, low, high in zip(*columns, strict=True)
            }
        held = {name: float(one) for name, one in (medians or {}).items()}
        return cls(repeats, impossible, outliers, nulls, fences, held if nulls == "median" else {})


@dataclass(frozen=True)
class Seen:
    """How one feature was distributed when the model was made."""

    least: float
    most: float
    edges: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Segment:
    """One segment: its persona, its centre in the scaled space, its size and its reach."""

    persona: str
    centre: tuple[float, ...]
    customers: int
    reach: float


@dataclass(frozen=True)
class Model:
    """
    All that is needed to score: from the columns of the raw table to segment and persona.

    Attributes
    ----------
    id_column : str or None
        Name of the ID column.
    columns : dict of str to Column
        Columns of the raw table, declared or inferred.
    null_values : tuple of str
        Texts that stand for a missing value.
    treatments : Treatments
        What is done with faults.
    as_of : str
        The day that `current_date()` stands for, as ISO text.
    sql_steps : tuple of (str, str)
        Name and Spark SQL of each step, in running order.
    scaling : Scaling
        Features, clip bounds, means and deviations.
    segments : tuple of Segment
        Segment 1 to K.
    labels_given : bool
        Whether the segments were made elsewhere: then a customer of the run has the segment of
        its label, its margin may be negative, and only new customers go to the nearest centre.
    rows : int
        Rows of the table that the model was made from, those set aside among them.
    seen : dict of str to Seen
        Each feature as it was.
    categories : dict of str to tuple of str
        Values that were seen in each category column.
    sheet : str
        Sheet of a workbook that the table was read from, where the params file names one.
    declared : tuple of str
        Which of the columns the params file declares; the others were typed by what they held.
    lines : LineModel or None
        How order lines became customers, whose columns `columns` then are.
    """

    id_column: str | None
    columns: dict[str, Column]
    null_values: tuple[str, ...]
    treatments: Treatments
    as_of: str
    sql_steps: tuple[tuple[str, str], ...]
    scaling: Scaling
    segments: tuple[Segment, ...]
    labels_given: bool
    rows: int
    seen: dict[str, Seen]
    categories: dict[str, tuple[str, ...]]
    declared: tuple[str, ...] = ()
    sheet: str = ""
    lines: LineModel | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, in the order of the matrix."""
        return self.scaling.columns

    @property
    def k(self) -> int:
        """Number of segments."""
        return len(self.segments)

    @property
    def centres(self) -> npt.NDArray[np.float64]:
        """Centres in the scaled space, shape (k, features)."""
        return np.array([one.centre for one in self.segments], dtype=np.float64)

    @property
    def personas(self) -> tuple[str, ...]:
        """Personas of segment 1 to K."""
        return tuple(one.persona for one in self.segments)

    @property
    def customers(self) -> int:
        """Rows that had a segment when the model was made."""
        return sum(one.customers for one in self.segments)

    def steps(self) -> tuple[Step, ...]:
        """The SQL steps, parsed."""
        return parse_steps([{name: sql} for name, sql in self.sql_steps], as_of=self.as_of)


def build_model(
    features: pd.DataFrame,
    segments: pd.Series | npt.ArrayLike,
    *,
    scaling: Scaling,
    personas: Sequence[str],
    columns: Mapping[str, Column],
    as_of: str,
    id_column: str | None = None,
    null_values: Sequence[str] = ("",),
    treatments: Treatments | None = None,
    sql_steps: Sequence[Mapping[str, Any]] | Mapping[str, Any] = (),
    centres: npt.ArrayLike | None = None,
    labels_given: bool = False,
    rows: int | None = None,
    categories: Mapping[str, Sequence[str]] | None = None,
    declared: Sequence[str] | None = None,
    sizes: Sequence[int] | None = None,
    sheet: str = "",
    lines: LineModel | None = None,
) -> Model:
    """
    Make a model from clustered customers.

    Parameters
    ----------
    features : pandas.DataFrame
        One row a clustered customer, with the columns of `scaling`, no nulls.
    segments : Series or array of shape (n,)
        Their segments, 1 to K.
    scaling : Scaling
        As `helpers.preparation.scaling.fit_scaling` returns it.
    personas : sequence of str
        The persona of segment 1 to K; no two alike.
    columns : mapping of str to Column
        Columns of the raw table, declared or inferred.
    as_of : str
        The day that `current_date()` stands for.
    id_column : str, optional
        Name of the ID column; none, or an empty text, where the table has none.
    null_values : sequence of str
        Texts that stand for a missing value.
    treatments : Treatments, optional
        What is done with faults; nothing unless given.
    sql_steps : list of one-entry mappings, or mapping
        `name: expression` in Spark SQL, in running order.
    centres : array of shape (k, features), optional
        Centres in the scaled space, segment 1 first. The means of the segments unless given.
    labels_given : bool
        Whether the segments are labels made elsewhere. Their centres are their means.
    rows : int, optional
        Rows of the whole table; those of `features` unless given.
    categories : mapping of str to sequence of str, optional
        Values seen in each category column; one with more than 200 is left out as free text.
    declared : sequence of str, optional
        Which columns the params file declares; all unless given.
    sizes : sequence of int, optional
        Customers of each segment, where `features` holds a sample of them.
    sheet : str
        Sheet of a workbook that the table was read from, where one was named.
    lines : LineModel, optional
        How order lines became customers, where they did.

    Returns
    -------
    Model
        Ready to be written. It does not depend on the order of the rows.

    Raises
    ------
    RunError
        Where segments, personas and centres do not fit each other.
    TableError
        Where the ID column has a name that a scored file needs.

    Examples
    --------
    >>> from helpers.preparation.scaling import fit_scaling
    >>> frame = pd.DataFrame({"a": [0.0, 1.0, 9.0, 10.0]})
    >>> model = build_model(
    ...     frame, [2, 2, 1, 1], scaling=fit_scaling(frame, ["a"], clip=[]),
    ...     personas=["high", "low"], columns={"a": Column("a", "number")}, as_of="2025-01-01",
    ... )
    >>> assign(model, pd.DataFrame({"a": [2.0]}))["persona"].tolist()
    ['low']
    """
    numbers = np.asarray(segments, dtype=np.float64).astype(np.int64)
    k = len(personas)
    _check_segments(features, numbers, personas)
    matrix = scaling.transform(features)
    members = [np.flatnonzero(numbers == number) for number in range(1, k + 1)]
    if centres is None:
        placed = np.array([_mean(matrix[rows_of]) for rows_of in members])
    else:
        placed = np.asarray(centres, dtype=np.float64)
    if placed.shape != (k, len(scaling.columns)):
        raise RunError(
            f"the centres have shape {placed.shape}: expected one for each of {k} personas and "
            f"one figure for each of {len(scaling.columns)} features."
        )
    own = [
        _own_distances(matrix[rows_of], centre)
        for rows_of, centre in zip(members, placed, strict=True)
    ]
    model = Model(
        id_column=id_column or None,
        columns=dict(columns),
        null_values=tuple(null_values),
        treatments=treatments or Treatments(),
        as_of=as_of,
        sql_steps=_step_pairs(sql_steps),
        scaling=scaling,
        segments=tuple(
            Segment(
                persona=persona,
                centre=tuple(float(one) for one in centre),
                customers=size,
                reach=float(np.quantile(distances, REACH_QUANTILE)),
            )
            for persona, centre, distances, size in zip(
                personas, placed, own, sizes or [len(one) for one in own], strict=True
            )
        ),
        labels_given=labels_given,
        rows=len(features) if rows is None else rows,
        seen={name: describe(features[name]) for name in scaling.columns},
        categories={
            name: tuple(sorted(str(one) for one in values))
            for name, values in (categories or {}).items()
            if len(values) <= MOST_CATEGORIES
        },
        declared=tuple(columns if declared is None else declared),
        sheet=sheet,
        lines=lines,
    )
    return parse_model(write_text(model), name="model.json")


def _check_segments(
    features: pd.DataFrame, numbers: npt.NDArray[np.int64], personas: Sequence[str]
) -> None:
    if len(numbers) != len(features):
        raise RunError(
            f"there are {len(numbers):,} segments for {len(features):,} customers: "
            "expected one a customer."
        )
    found = sorted(set(numbers.tolist()))
    if found != list(range(1, len(personas) + 1)):
        raise RunError(
            f"the segments are {found[:12]}: expected 1 to {len(personas)}, one for each persona."
        )


def _step_pairs(
    steps: Sequence[Mapping[str, Any]] | Mapping[str, Any],
) -> tuple[tuple[str, str], ...]:
    entries = [steps] if isinstance(steps, Mapping) else steps
    return tuple((str(name), str(sql)) for entry in entries for name, sql in entry.items())


def _mean(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    # Sorted first, so that the order of the rows cannot reach the last digit.
    return np.array([np.sort(column).mean() for column in rows.T])


def _own_distances(
    rows: npt.NDArray[np.float64], centre: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    return _distances(rows, centre[np.newaxis])[:, 0]


def describe(values: pd.Series | npt.ArrayLike) -> Seen:
    """
    Range and shares of a feature between its deciles.

    Parameters
    ----------
    values : Series or array of shape (n,)
        The feature, no nulls.

    Returns
    -------
    Seen
        `edges` lie between the distinct inner deciles below the maximum and the next greater
        value, at most 9: a decile itself may be the value of a single customer. Bin 0 holds the
        values up to the first edge, the last bin those above the last edge; `shares` is one
        longer than `edges`. A feature with few distinct values has fewer bins.

    Examples
    --------
    >>> describe([0, 0, 0, 1]).edges, describe([0, 0, 0, 1]).shares
    ((0.5,), (0.75, 0.25))
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    # Inverted, so that each decile is a value that occurs and ties fall on one side of it.
    inner = np.quantile(ordered, np.arange(1, BINS) / BINS, method="inverted_cdf")
    deciles = np.unique(inner[inner < ordered[-1]])
    above = ordered[np.searchsorted(ordered, deciles, side="right")]
    edges = deciles + (above - deciles) / 2
    counted = bin_counts(ordered, edges)
    return Seen(
        least=float(ordered[0]),
        most=float(ordered[-1]),
        edges=tuple(float(one) for one in edges),
        shares=tuple(float(one) for one in counted / len(ordered)),
    )


def bin_counts(values: npt.ArrayLike, edges: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """
    How many values lie in each bin; a value that equals an edge belongs below it.

    Examples
    --------
    >>> bin_counts([0, 1, 1, 5], [1]).tolist()
    [3, 1]
    """
    ends = np.asarray(edges, dtype=np.float64)
    places = np.searchsorted(ends, np.asarray(values, dtype=np.float64), side="left")
    return np.bincount(places, minlength=len(ends) + 1)


def _distances(
    matrix: npt.NDArray[np.float64], centres: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Euclidean distances, added up feature by feature in order, as the SQL scorer does it."""
    squared = np.zeros((len(matrix), len(centres)))
    for position in range(matrix.shape[1]):
        difference = matrix[:, position, np.newaxis] - centres[:, position]
        squared += difference * difference
    return np.sqrt(squared)


def distances(model: Model, features: pd.DataFrame) -> npt.NDArray[np.float64]:
    """
    Distance of each customer to each centre.

    Parameters
    ----------
    model : Model
        A model with k segments.
    features : pandas.DataFrame
        n rows with the features; a row that lacks one has distances that are not a number.

    Returns
    -------
    numpy.ndarray
        Shape (n, k), Euclidean, in the scaled space.
    """
    matrix = model.scaling.transform(features)
    centres = model.centres
    found = np.empty((len(matrix), len(centres)))
    for start in range(0, len(matrix), BLOCK):
        found[start : start + BLOCK] = _distances(matrix[start : start + BLOCK], centres)
    return found


def assign(
    model: Model, features: pd.DataFrame, *, segments: pd.Series | npt.ArrayLike | None = None
) -> pd.DataFrame:
    """
    Give each customer the segment of the nearest centre.

    Parameters
    ----------
    model : Model
        The model.
    features : pandas.DataFrame
        n rows with the features of the model.
    segments : Series or array of shape (n,), optional
        Segments that are known already (labels made elsewhere): then only persona and margin
        are found, and a margin below 0 says that another centre is nearer.

    Returns
    -------
    pandas.DataFrame
        With the index of `features`: `segment` (Int64; of equally near centres the lowest),
        `persona`, and `margin`, 0 on the border to the second-nearest centre and 1 at the
        centre: (d_other - d_own) / max(d_own, d_other) of Euclidean distances in the scaled space,
        rounded to 6 decimals. With one segment the margin is 1. A row that lacks a feature has
        no segment. No row's result depends on another row.

    Examples
    --------
    See `build_model`.
    """
    missing = features.loc[:, list(model.features)].isna().any(axis=1).to_numpy()
    whole = features.loc[~missing]
    found = distances(model, whole)
    if segments is None:
        own = found.argmin(axis=1)
    else:
        own = np.asarray(segments)[~missing].astype(np.int64) - 1
    margins = np.full(len(features), np.nan)
    margins[~missing] = margin(found, own)
    numbers = pd.array(np.zeros(len(features), dtype=np.int64), dtype="Int64")
    numbers[~missing] = own + 1
    numbers[missing] = pd.NA
    personas = np.full(len(features), None, dtype=object)
    personas[~missing] = np.array(model.personas, dtype=object)[own]
    return pd.DataFrame(
        {"segment": numbers, "persona": personas, "margin": margins}, index=features.index
    )


def margin(
    distances: npt.NDArray[np.float64], own: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """
    How far a customer is from the border to the nearest other segment.

    Parameters
    ----------
    distances : numpy.ndarray
        Shape (n, k).
    own : numpy.ndarray
        Shape (n,), the column of the own segment.

    Returns
    -------
    numpy.ndarray
        Shape (n,): 1 at the own centre, 0 on the border, below 0 beyond it; 1 where k is 1.

    Examples
    --------
    >>> margin(np.array([[1.0, 4.0], [2.0, 2.0]]), np.array([0, 0])).tolist()
    [0.75, 0.0]
    """
    if distances.shape[1] == 1:
        return np.ones(len(distances))
    rows = np.arange(len(distances))
    d_own = distances[rows, own]
    others = distances.copy()
    others[rows, own] = np.inf
    d_other = others.min(axis=1)
    wider = np.maximum(d_own, d_other)
    found = (d_other - d_own) / np.where(wider > 0, wider, 1.0)
    # Half a unit and the floor, which every SQL engine does alike; their own rounding differs.
    scale = 10.0**DECIMALS
    return np.floor(found * scale + 0.5) / scale


def write_text(model: Model) -> str:
    """Text of `model.json`: the same model gives the same bytes, figures are exact."""
    facts = {
        "format": FORMAT,
        "id_column": model.id_column,
        "null_values": list(model.null_values),
        "columns": {name: _column_facts(one) for name, one in model.columns.items()},
        "declared": list(model.declared),
        "treatments": _treatment_facts(model.treatments),
        "as_of": model.as_of,
        "sql_steps": [{name: sql} for name, sql in model.sql_steps],
        "features": [
            {
                "name": name,
                "clip_low": _finite(low),
                "clip_high": _finite(high),
                "mean": mean,
                "deviation": deviation,
            }
            | _transform_facts(model.scaling.transform_of(position))
            for position, (name, low, high, mean, deviation) in enumerate(
                zip(
                    model.scaling.columns,
                    model.scaling.low,
                    model.scaling.high,
                    model.scaling.mean,
                    model.scaling.deviation,
                    strict=True,
                )
            )
        ],
        "segments": [
            {
                "segment": number,
                "persona": one.persona,
                "customers": one.customers,
                "centre": list(one.centre),
                "reach": one.reach,
            }
            for number, one in enumerate(model.segments, start=1)
        ],
        "labels_given": model.labels_given,
        "rows": model.rows,
        "seen": {
            name: {
                "least": one.least,
                "most": one.most,
                "edges": list(one.edges),
                "shares": list(one.shares),
            }
            for name, one in model.seen.items()
        },
        "categories": {name: list(values) for name, values in model.categories.items()},
    } | ({"sheet": model.sheet} if model.sheet else {})
    if model.lines is not None:
        columns = {name: _column_facts(one) for name, one in model.lines.columns.items()}
        facts["lines"] = model.lines.facts() | {"columns": columns}
    return json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_model(path: Path, model: Model) -> None:
    """Write `model.json`; see `write_text`."""
    path.write_text(write_text(model), encoding="utf-8")


def _column_facts(column: Column) -> dict[str, Any]:
    facts: dict[str, Any] = {"type": column.type}
    plain = Column(column.name, column.type)
    for key in KEYS_OF_COLUMNS[1:]:
        value = getattr(column, key)
        if value != getattr(plain, key) or (key == "format" and column.type == "date"):
            facts[key] = list(value) if isinstance(value, tuple) else value
    return facts


def _treatment_facts(treatments: Treatments) -> dict[str, Any]:
    return {
        "repeats": treatments.repeats,
        "impossible": treatments.impossible,
        "outliers": treatments.outliers,
        "nulls": treatments.nulls,
        "fences": {name: list(bounds) for name, bounds in treatments.fences.items()},
        "medians": dict(treatments.medians),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def read_model(path: Path) -> Model:
    """
    Read `model.json`.

    Parameters
    ----------
    path : Path
        As `write_model` has written it.

    Returns
    -------
    Model
        Checked in every part.

    Raises
    ------
    RunError
        Where the file is missing, or a part of it is not what it should be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RunError(
            f"`{path.name}` is not in `{path.parent.name}`: is that a finished run?"
        ) from None
    except (OSError, UnicodeDecodeError):
        raise RunError(f"`{path.name}` cannot be read as text: make the run again.") from None
    return parse_model(text, name=path.name)


def parse_model(text: str, *, name: str) -> Model:
    """
    Read the text of `model.json`.

    Parameters
    ----------
    text : str
        JSON.
    name : str
        Name of the file, for messages.

    Returns
    -------
    Model
        Checked in every part.

    Raises
    ------
    RunError
        Naming the part that is wrong, what was expected and what came.
    """
    try:
        facts = json.loads(
            text, object_pairs_hook=lambda pairs: _unrepeated(pairs, name), parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        raise RunError(f"`{name}` is not valid JSON: make the run again.") from None
    return _read(_Part(name, "", facts))


def _unrepeated(pairs: list[tuple[str, Any]], name: str) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise RunError(f"`{name}` holds a key twice: make the run again.")
    return held


def _refuse(constant: str) -> None:
    raise ValueError(constant)


@dataclass(frozen=True)
class _Part:
    """A part of the file, which knows where it stands."""

    file: str
    where: str
    value: Any

    def fault(self, expected: str) -> RunError:
        shown = json.dumps(self.value, ensure_ascii=False)
        shown = shown if len(shown) <= 40 else shown[:40] + "..."
        at = f", `{self.where}`" if self.where else ""
        return RunError(
            f"`{self.file}`{at}: expected {expected}, got {shown}. The file was changed or made by "
            "another version: make the run again."
        )

    def keys(self, *names: str) -> "dict[str, _Part]":
        held = self.mapping()
        for name in names:
            if name not in held:
                raise self.fault(f"the key `{name}`")
        for name in held:
            if name not in names:
                raise held[name].fault("no such key")
        return held

    def mapping(self) -> "dict[str, _Part]":
        if not isinstance(self.value, dict):
            raise self.fault("a mapping")
        dot = f"{self.where}." if self.where else ""
        return {name: _Part(self.file, f"{dot}{name}", one) for name, one in self.value.items()}

    def list(self, length: int | None = None) -> "list[_Part]":
        if not isinstance(self.value, list) or length not in (None, len(self.value)):
            raise self.fault("a list" + ("" if length is None else f" of {length}"))
        return [
            _Part(self.file, f"{self.where}[{position}]", one)
            for position, one in enumerate(self.value)
        ]

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self.fault("a text")
        return self.value

    def texts(self) -> tuple[str, ...]:
        return tuple(one.text() for one in self.list())

    def number(self, *, least: float = -math.inf, above: float = -math.inf) -> float:
        held = self.value
        if isinstance(held, bool) or not isinstance(held, int | float) or not math.isfinite(held):
            raise self.fault("a number")
        if held < least or held <= above:
            raise self.fault(
                f"a number of {least:g} or more" if held < least else f"a number above {above:g}"
            )
        return float(held)

    def numbers(self, length: int | None = None) -> tuple[float, ...]:
        return tuple(one.number() for one in self.list(length))

    def bound(self, infinite: float) -> float:
        return infinite if self.value is None else self.number()

    def count(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 0:
            raise self.fault("a whole number, 0 or more")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.fault("true or false")
        return self.value

    def one_of(self, *allowed: str) -> str:
        if self.value not in allowed:
            raise self.fault(" or ".join(allowed))
        return str(self.value)


KEYS = (
    *("format", "id_column", "null_values", "columns", "declared", "treatments", "as_of"),
    *("sql_steps", "features", "segments", "labels_given", "rows", "seen", "categories"),
)


def _read(part: _Part) -> Model:
    if isinstance(part.value, dict) and part.value.get("format", FORMAT) != FORMAT:
        raise part.mapping()["format"].fault(f"format {FORMAT}")
    # Most tables are no workbooks, and most workbooks have one sheet; few hold order lines.
    held = part.value if isinstance(part.value, dict) else {}
    has_sheet, has_lines = "sheet" in held, "lines" in held
    parts = part.keys(*KEYS, *(one for one in ("sheet", "lines") if one in held))
    scaling = _read_scaling(parts["features"])
    model = Model(
        id_column=None if parts["id_column"].value is None else parts["id_column"].text(),
        columns=_read_columns(parts["columns"]),
        null_values=parts["null_values"].texts(),
        treatments=_read_treatments(parts["treatments"]),
        as_of=parts["as_of"].text(),
        sql_steps=tuple(_read_step(one) for one in parts["sql_steps"].list()),
        scaling=scaling,
        segments=_read_segments(parts["segments"], len(scaling.columns)),
        labels_given=parts["labels_given"].flag(),
        rows=parts["rows"].count(),
        seen=_read_seen(parts["seen"], scaling.columns),
        categories={name: one.texts() for name, one in parts["categories"].mapping().items()},
        declared=parts["declared"].texts(),
        sheet=parts["sheet"].text() if has_sheet else "",
        lines=_read_lines(parts["lines"]) if has_lines else None,
    )
    _check_whole(model, parts)
    return model


def _check_whole(model: Model, parts: Mapping[str, _Part]) -> None:
    """Check what no single part can know: that the parts fit each other."""
    if model.id_column is not None and model.id_column not in model.columns:
        raise parts["id_column"].fault("one of `columns`")
    if model.id_column is not None and model.id_column.casefold() in WRITTEN:
        raise ParamsError(
            f"the ID column is called `{model.id_column}`, a name that scored files use for "
            "something else: rename it in the table and in `id_column`."
        )
    for name in model.declared:
        if name not in model.columns:
            raise parts["declared"].fault("names of `columns`")
    try:
        as_date(model.as_of)
        steps = model.steps()
    except SegmentationError as error:
        raise RunError(f"`{parts['sql_steps'].file}`: {error} Make the run again.") from None
    known = {name.casefold() for name in (*model.columns, *(step.name for step in steps))}
    for name in model.features:
        if name.casefold() not in known:
            raise parts["features"].fault(f"features that are columns or steps, not `{name}`")
    for name, bounds in model.treatments.fences.items():
        if name not in model.columns or bounds[0] > bounds[1]:
            raise parts["treatments"].fault(f"two rising fences for a column, not `{name}`")


def _read_columns(part: _Part) -> dict[str, Column]:
    try:
        return parse_columns({name: one.value for name, one in part.mapping().items()})
    except (ParamsError, TypeError) as error:
        raise RunError(f"`{part.file}`: {error} Make the run again.") from None


LINE_KEYS = (
    *("group_by", "line_steps", "line_filters", "aggregates", "line_roles", "returns", "last"),
    *("columns", "details"),
)


def _read_lines(part: _Part) -> LineModel:
    parts = part.keys(*LINE_KEYS)
    pairs = {}
    for key in ("line_steps", "line_filters", "aggregates"):
        pairs[key] = [dict([_read_step(one)]) for one in parts[key].list()]
    recipe = LineRecipe(
        group_by=parts["group_by"].text(),
        line_roles={name: one.text() for name, one in parts["line_roles"].mapping().items()},
        returns=parts["returns"].one_of(*RETURNS),
        **pairs,
    )
    try:
        recipe.parse(ANY_DAY)
    except SegmentationError as error:
        raise RunError(f"`{part.file}`: {error} Make the run again.") from None
    details = parts["details"]
    return LineModel(
        recipe,
        _read_columns(parts["columns"]),
        parts["last"].flag(),
        None if details.value is None else details.texts(),
    )


def _read_treatments(part: _Part) -> Treatments:
    parts = part.keys("repeats", "impossible", "outliers", "nulls", "fences", "medians")
    fences = {name: one.numbers(2) for name, one in parts["fences"].mapping().items()}
    return Treatments(
        repeats=parts["repeats"].one_of(*TREATMENTS["repeats"]),
        impossible=parts["impossible"].one_of(*TREATMENTS["impossible"]),
        outliers=parts["outliers"].one_of(*TREATMENTS["outliers"]),
        nulls=parts["nulls"].one_of(*NULLS),
        fences={name: (low, high) for name, (low, high) in fences.items()},
        medians={name: one.number() for name, one in parts["medians"].mapping().items()},
    )


def _read_step(part: _Part) -> tuple[str, str]:
    entries = list(part.mapping().items())
    if len(entries) != 1:
        raise part.fault("one `name: expression`")
    ((name, sql),) = entries
    return name, sql.text()


def _transform_facts(one: Transform | None) -> dict[str, Any]:
    """What the file says of a transform; nothing where a feature has none."""
    if one is None:
        return {}
    return {"transform": one.kind, "knots": [list(knot) for knot in one.knots]}


def _read_transform(part: _Part) -> Transform:
    parts = part.keys("name", "clip_low", "clip_high", "mean", "deviation", "transform", "knots")
    kind = parts["transform"].one_of(*KINDS)
    knots = tuple(
        (place, rank) for place, rank in (one.numbers(2) for one in parts["knots"].list())
    )
    rising = all(a < b and c <= d for (a, c), (b, d) in itertools.pairwise(knots))
    if not rising or bool(knots) != (kind == "rank"):
        raise parts["knots"].fault("rising pairs of a value and its rank")
    return Transform(kind, knots)


def _read_scaling(part: _Part) -> Scaling:
    columns, low, high, mean, deviation = [], [], [], [], []
    transforms: list[Transform | None] = []
    for one in part.list():
        transforms.append(_read_transform(one) if "transform" in one.mapping() else None)
        known = ("name", "clip_low", "clip_high", "mean", "deviation")
        parts = one.keys(*known, *(("transform", "knots") if transforms[-1] else ()))
        columns.append(parts["name"].text())
        low.append(parts["clip_low"].bound(-math.inf))
        high.append(parts["clip_high"].bound(math.inf))
        mean.append(parts["mean"].number())
        deviation.append(parts["deviation"].number(above=0))
        if low[-1] > high[-1]:
            raise one.fault("`clip_low` below `clip_high`")
    if not columns or len({name.casefold() for name in columns}) != len(columns):
        raise part.fault("features, each once")
    held = tuple(transforms) if any(transforms) else ()
    return Scaling(tuple(columns), tuple(low), tuple(high), tuple(mean), tuple(deviation), held)


def _read_segments(part: _Part, width: int) -> tuple[Segment, ...]:
    found = []
    for number, one in enumerate(part.list(), start=1):
        parts = one.keys("segment", "persona", "customers", "centre", "reach")
        if parts["segment"].count() != number:
            raise parts["segment"].fault(f"{number}")
        found.append(
            Segment(
                persona=parts["persona"].text(),
                centre=parts["centre"].numbers(width),
                customers=parts["customers"].count(),
                reach=parts["reach"].number(least=0),
            )
        )
    if not found or len({one.persona for one in found}) != len(found):
        raise part.fault("segments whose personas differ")
    return tuple(found)


def _read_seen(part: _Part, features: Sequence[str]) -> dict[str, Seen]:
    found = {}
    for name, one in part.keys(*features).items():
        parts = one.keys("least", "most", "edges", "shares")
        edges = parts["edges"].numbers()
        if any(low >= high for low, high in itertools.pairwise(edges)):
            raise parts["edges"].fault("rising numbers")
        shares = tuple(each.number(least=0) for each in parts["shares"].list(len(edges) + 1))
        if not math.isclose(math.fsum(shares), 1, abs_tol=1e-6):
            raise parts["shares"].fault("shares that add up to 1")
        found[name] = Seen(parts["least"].number(), parts["most"].number(), edges, shares)
    return found
