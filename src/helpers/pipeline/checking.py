"""What can be known of a run before it begins: a fault of the input is said in seconds."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.errors import ClusteringError, ParamsError, StepError
from helpers.params.loader import Params, nearest

if TYPE_CHECKING:
    from helpers.engines.base import Facts, Table
    from helpers.engines.sql import Step
    from helpers.params.column_types import Column
    from helpers.preparation.loading import LineRecipe

# Texts that a list or a mapping of a params file must hold, and nothing else.
TEXT_LISTS = (
    *("null_values", "features", "outcomes", "histograms", "correlation_columns"),
    *("channels", "category_columns", "spend_columns"),
)
TEXT_MAPPINGS = ("names", "units", "rfm", "roles", "transforms", "line_roles")
ENTRIES = {"box_plots": ("number", "by"), "pivots": ("mean", "rows", "columns")}
# A table of more cells is not read twice: only its names are looked at before the notebooks run.
MOST_CELLS = 2_000_000
# Least and greatest value of a number; more than these a run could not be meant to do.
LIMITS: dict[str, tuple[float, float]] = {
    "fence_reach": (0, 1_000_000),
    "histogram_bins": (1, 1000),
    "k_min": (2, 100),
    "k_max": (2, 100),
    "seed": (0, 2**32 - 1),
    "resamples": (2, 10_000),
    "references": (2, 10_000),
    "size_floor": (0, 1),
    "stable_at": (0, 1),
    "privacy_floor": (0, 1_000_000_000),
}
# Columns that pictures and break-downs read: each must be there, those of the second as numbers.
READ = ("histograms", "correlation_columns", "channels", "category_columns", "spend_columns")
NUMBERS_READ = (
    *("histograms", "correlation_columns", "channels", "spend_columns", "outcomes"),
    *("visits_column", "recency_column", "value_column"),
)
# What a contact costs and brings: a number of 0 or more, or a column.
CONTACT = ("contact_cost", "contact_revenue")


@dataclass(frozen=True)
class Declared:
    """What a params file says of the table, parsed."""

    columns: "dict[str, Column]"
    steps: "tuple[Step, ...]"
    customer_columns: "dict[str, Column]"


@contextmanager
def at(params: Params, key: str) -> Iterator[None]:
    """Say on which line of the params file a fault stands that was found while this is held."""
    try:
        yield
    except (ParamsError, StepError, ClusteringError) as error:
        said = str(error)
        if said.startswith(params.name):
            raise
        raise type(error)(f"{_place(params, key, said)}: {said}") from None


def _place(params: Params, key: str, said: str) -> str:
    """Place of a key; of one of its entries, where the message begins with that one's name."""
    for (outer, inner), line in params.inner.items():
        if outer == key and f"`{inner}`" in said.split(":", 1)[0]:
            return f"{params.name}, line {line}"
    if key in params.lines:
        return params.where(key)
    return f"{params.name} (`{key}` is not given there, so the notebooks' own value holds)"


def check_params(params: Params, values: Mapping[str, Any]) -> Declared:
    """
    Check what needs no table: shapes and ranges of values, columns, SQL steps, features.

    Parameters
    ----------
    params : Params
        The file as read, for its name and lines.
    values : mapping
        Its values, and the notebooks' own where it has none.

    Returns
    -------
    Declared
        The columns and steps.

    Raises
    ------
    ParamsError, StepError
        Naming file and line, what was expected and what came.
    """
    from helpers.engines.sql import as_date, parse_steps, raw_sources
    from helpers.params.column_types import parse_columns
    from helpers.preparation.feature_checks import check_features
    from helpers.preparation.leakage import guard
    from helpers.preparation.profiling import TREATMENTS, check_treatment
    from helpers.preparation.scaling import check_clip, check_transforms

    for key in (*TEXT_LISTS, *TEXT_MAPPINGS, *ENTRIES, *LIMITS, "k", "fence_quantiles", "nulls"):
        with at(params, key):
            _check_shape(key, values[key])
    with at(params, "k_max"):
        _check_range_of_k(values["k"], values["k_min"], values["k_max"])
    for key in TREATMENTS:
        with at(params, key):
            check_treatment(key, values[key])
    with at(params, "columns"):
        columns = parse_columns(values["columns"])
    with at(params, "customer_columns"):
        joined = parse_columns(values["customer_columns"], where="customer_columns")
    day = _check_lines(params, values, columns)
    with at(params, "as_of"):
        as_date(day, where="`as_of`")
    with at(params, "clip_quantiles"):
        check_clip(values["clip_quantiles"])
    with at(params, "sql_steps"):
        steps = parse_steps(values["sql_steps"], as_of=day)
    features = values["features"]
    with at(params, "features"):
        check_features(features, id_column=values["id_column"])
        guard({name: raw_sources(steps, name) for name in features}, values["outcomes"])
    for key in CONTACT:
        with at(params, key):
            _check_amount(key, values[key])
    if "contact_outcome" in params.values:
        with at(params, "contact_outcome"):
            _check_contact_outcome(values)
    with at(params, "transforms"):
        check_transforms(values["transforms"], features)
    with at(params, "sql_dialect"):
        _check_dialect(values["sql_dialect"])
    return Declared(columns, steps, joined)


def line_recipe(values: Mapping[str, Any]) -> "LineRecipe":
    """How order lines become customers, from the values of a params file."""
    from helpers.preparation.loading import LineRecipe

    keys = ("group_by", "line_steps", "line_filters", "aggregates", "line_roles", "returns")
    return LineRecipe(**{key: values[key] for key in keys})


LINE_KEYS = {
    "line step": "line_steps",
    "line filter": "line_filters",
    "aggregate": "aggregates",
    "`returns`": "returns",
    "`line_roles`": "line_roles",
    "`columns`": "columns",
    "`as_of`": "as_of",
}
"""How the messages on a key begin that says how lines are grouped."""


@contextmanager
def at_lines(params: Params) -> Iterator[None]:
    """Say on which line a fault stands of the keys that make customers of order lines."""
    try:
        yield
    except (ParamsError, StepError) as error:
        said = str(error)
        if said.startswith(params.name):
            raise
        key = next((key for start, key in LINE_KEYS.items() if said.startswith(start)), "group_by")
        raise type(error)(f"{_place(params, key, said)}: {said}") from None


def _check_lines(params: Params, values: Mapping[str, Any], columns: "dict[str, Column]") -> str:
    """Check how customers come in; return a day that stands for `as_of`."""
    from helpers.preparation.grouping import ANY_DAY, LAST
    from helpers.preparation.loading import check_recipe

    with at_lines(params):
        check_recipe(
            line_recipe(values),
            as_of=values["as_of"],
            columns=columns,
            has_details=bool(values.get("customers")),
        )
    return ANY_DAY if values["as_of"] == LAST else str(values["as_of"])


def _check_shape(key: str, value: Any) -> None:
    """Refuse a list, mapping or number that holds what its parameter has no use for."""
    if key in TEXT_LISTS:
        for one in value:
            if not isinstance(one, str):
                raise ParamsError(
                    f'`{key}` holds {one!r}: expected texts only, so write "{one}" in quotes.'
                )
    elif key in TEXT_MAPPINGS:
        for name, one in value.items():
            if not isinstance(one, str):
                raise ParamsError(f"`{key}` gives `{name}` the value {one!r}: expected a text.")
    elif key in ENTRIES:
        wanted = ENTRIES[key]
        for one in value:
            texts = isinstance(one, Mapping) and all(isinstance(v, str) for v in one.values())
            if not texts or set(one) != set(wanted):
                raise ParamsError(
                    f"`{key}` holds {one!r}: expected entries with {', '.join(wanted)}, "
                    "each the name of a column."
                )
    elif key in LIMITS:
        low, high = LIMITS[key]
        if not low <= value <= high:
            raise ParamsError(f"`{key}` is {_number(value)}: expected {low:,} to {high:,}.")
    elif key == "nulls":
        if value not in ("drop", "median"):
            raise ParamsError(f"`nulls` is {value!r}: expected drop or median.")
    elif key == "fence_quantiles":
        numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
        if len(value) != 2 or not numbers or not 0 <= value[0] < value[1] <= 1:
            raise ParamsError(
                f"`fence_quantiles` is {value!r}: expected two rising numbers from 0 to 1, "
                "like [0.25, 0.75]."
            )


def _number(value: float) -> str:
    shown = f"{value:,}" if abs(value) < 1e15 else f"{value:.3g}"
    return shown


def _check_range_of_k(k: Any, k_min: int, k_max: int) -> None:
    if k_max < k_min:
        raise ParamsError(
            f"`k_min` is {k_min} and `k_max` is {k_max}: give a range that begins at 2 or more, "
            "the smaller number as `k_min`."
        )
    if isinstance(k, str) and k != "auto":
        raise ParamsError(f"`k` is {k!r}: expected a whole number, or auto.")
    if isinstance(k, int) and not k_min <= k <= k_max:
        raise ParamsError(
            f"`k` is {k:,}: expected a number from `k_min` to `k_max` ({k_min} to {k_max} here), "
            "or auto."
        )


def _check_dialect(dialect: str) -> None:
    from helpers.model.scoring_sql import Writer

    Writer(dialect)


def check_inputs(
    params: Params,
    values: Mapping[str, Any],
    *,
    data: Path,
    personas: Path,
    customers: Path | None = None,
) -> None:
    """
    Check all that can be known before the first notebook runs.

    Parameters
    ----------
    params : Params
        The file as read, for its name and lines.
    values : mapping
        Its values, and the notebooks' own where it has none.
    data, personas : Path
        The table and the persona catalogue.
    customers : Path, optional
        A table of customers that is joined to order lines.

    Raises
    ------
    SegmentationError
        Saying what was expected, what came, where, and what to do.
    """
    from helpers.engines.spark_session import require_spark
    from helpers.personas.catalogue import load_catalogue

    declared = check_params(params, {**values, "customers": str(customers or "")})
    load_catalogue(personas)
    if values["engine"] == "local":
        check_table(params, values, declared, data, customers=customers)
    else:
        require_spark()


def check_table(
    params: Params,
    values: Mapping[str, Any],
    declared: Declared,
    data: Path,
    *,
    customers: Path | None = None,
) -> None:
    """
    Read a table, derive the features and see that they can be clustered as asked.

    Raises
    ------
    SegmentationError
        Where a later notebook would fail on it.
    """
    from helpers.engines.local import LocalEngine
    from helpers.engines.sql import parse_steps
    from helpers.preparation import profiling
    from helpers.preparation.categories import code_categories
    from helpers.preparation.feature_checks import measured, refuse_keys
    from helpers.preparation.loading import Source, load_customers
    from helpers.preparation.scaling import check_transforms
    from helpers.tables.memory import require_memory

    recipe = line_recipe(values)
    if require_memory(data).cells > MOST_CELLS:
        facts = _header_facts(declared, data, values["sheet"])
        if recipe.group_by:
            with at_lines(params):
                facts = _grouped_facts(recipe, declared, facts, customers)
        _check_names(params, values, declared, facts)
        return
    with at_lines(params) if recipe.group_by else nullcontext():
        loaded = load_customers(
            LocalEngine(),
            Source(data, declared.columns, values["sheet"]),
            recipe=recipe,
            as_of=values["as_of"],
            null_values=values["null_values"],
            details=Source(customers, declared.customer_columns) if customers else None,
            with_findings=False,
        )
    table, facts = loaded.table, loaded.facts
    declared = replace(declared, steps=parse_steps(values["sql_steps"], as_of=loaded.as_of))
    _check_names(params, values, declared, facts)
    _check_steps(params, values, declared, facts)
    numbers = measured(table, facts)
    for key in ("features", "histograms", "correlation_columns"):
        with at(params, key):
            refuse_keys(table, [name for name in values[key] if name in facts.measured()], key=key)
    fences = profiling.fences(
        table, numbers, quantiles=values["fence_quantiles"], reach=values["fence_reach"]
    )
    treatments = {key: values[key] for key in profiling.TREATMENTS}
    treated = profiling.treat(
        loaded.with_reasons,
        facts.columns,
        id_column=values["id_column"] or None,
        found_fences=fences,
        **treatments,
    )
    with at(params, "features"):
        coding = code_categories(
            treated, values["features"], facts.columns, floor=values["privacy_floor"]
        )
    with at(params, "transforms"):
        check_transforms(values["transforms"], coding.features)
    with at(params, "sql_steps"):
        derived = treated.derive((*declared.steps, *parse_steps(coding.steps, as_of=loaded.as_of)))
    with at(params, "features"):
        whole = profiling.complete(derived, coding.features, nulls=values["nulls"])
    coded = {"features": list(coding.features), "transforms": values["transforms"] | coding.kinds}
    values = {**values, **coded}
    _check_numbers(params, values, whole)
    _check_clustering(params, values, whole, data.name)
    with at(params, "value_column"):
        _check_value(values["value_column"], whole, data.name)


def _check_steps(
    params: Params, values: Mapping[str, Any], declared: Declared, facts: "Facts"
) -> None:
    """Refuse SQL steps that `segments.sql` could not say in the dialect that is asked for."""
    from helpers.engines.sql import write_steps
    from helpers.model.scoring_sql import needed_steps, typed_columns

    columns = typed_columns(facts.columns)
    with at(params, "sql_steps"):
        write_steps(declared.steps, columns, "duckdb")
        needed = needed_steps(declared.steps, values["features"])
        write_steps(needed, columns, values["sql_dialect"])


def _grouped_facts(
    recipe: "LineRecipe", declared: Declared, lines: "Facts", customers: Path | None
) -> "Facts":
    """What is known of customers without reading their lines: names, each perhaps a number."""
    from helpers.engines.base import Facts
    from helpers.params.column_types import Column
    from helpers.preparation.grouping import ANY_DAY, check_names
    from helpers.tables.dialects import find_dialect

    grouping = recipe.parse(ANY_DAY)
    check_names(grouping, lines.columns)
    joined = find_dialect(customers).header if customers else ()
    names = [name for name in (*joined, *grouping.made) if name != recipe.group_by]
    columns = {
        name: declared.customer_columns.get(name) or Column(name, "number") for name in names
    }
    return Facts(0, {recipe.group_by: Column(recipe.group_by, "id"), **columns}, (), {})


def _header_facts(declared: Declared, data: Path, sheet: str) -> "Facts":
    """What the header alone tells of a table; a column that is not declared may be a number."""
    from helpers.engines.base import Facts
    from helpers.params.column_types import Column
    from helpers.tables.dialects import find_dialect
    from helpers.tables.reader import require_columns

    header = find_dialect(data, sheet=sheet).header
    require_columns(data.name, header, declared.columns)
    columns = {name: declared.columns.get(name) or Column(name, "number") for name in header}
    return Facts(0, columns, (), {})


def _check_names(
    params: Params, values: Mapping[str, Any], declared: Declared, facts: "Facts"
) -> None:
    """Refuse names of columns that neither the table nor a step has."""
    from helpers.engines.sql import check_columns
    from helpers.personas.catalogue import check_played
    from helpers.preparation.feature_checks import check_names
    from helpers.profiles.rfm import check_roles

    with at(params, "sql_steps"):
        check_columns(declared.steps, facts.columns)
    id_column = values["id_column"]
    with at(params, "id_column"):
        check_names([], facts, declared.steps, id_column=id_column)
    with at(params, "features"):
        check_names(values["features"], facts, declared.steps, id_column=id_column)
    known = [*facts.columns, *(step.name for step in declared.steps)]
    asked = {key: list(values[key]) for key in (*READ, "outcomes")}
    asked |= {key: [one for e in values[key] for one in e.values()] for key in ENTRIES}
    for key in ("value_column", "visits_column", "recency_column"):
        asked[key] = [values[key]] if values[key] else []
    if values["visits_column"] and "visits_channel" in params.values:
        asked["visits_channel"] = [values["visits_channel"]] if values["visits_channel"] else []
    for key in CONTACT:
        given = isinstance(values[key], str) and values[key] and key in params.values
        asked[key] = [values[key]] if given else []
    for key, names in asked.items():
        for name in names:
            if name not in known:
                with at(params, key):
                    raise ParamsError(
                        f"`{key}` names `{name}`, which is neither a column of the table nor an "
                        f"SQL step.{nearest(name, known)}"
                    )
    with at(params, "rfm"):
        check_roles(values["rfm"], known)
    with at(params, "roles"):
        check_played(values["roles"], known)


def _check_numbers(params: Params, values: Mapping[str, Any], table: "Table") -> None:
    """Refuse a column that is to be drawn or added up and holds no numbers."""
    from helpers.preparation.profiling import not_numbers

    for key in NUMBERS_READ:
        names = values[key] if isinstance(values[key], list) else [values[key]]
        for name, kind in not_numbers(table, [one for one in names if one]).items():
            with at(params, key):
                raise ParamsError(
                    f"`{key}` names `{name}`, which holds no numbers but {kind}: name another "
                    "column, or derive a number from it in `sql_steps`."
                )


def _check_clustering(params: Params, values: Mapping[str, Any], table: "Table", file: str) -> None:
    """Refuse features that are constant or endless, and fewer customers than segments."""
    import numpy as np

    from helpers.preparation.scaling import fit_scaling
    from helpers.tables.reader import MOST

    features = values["features"]
    frame = table.frame([*features, "reason"])
    usable = frame[frame["reason"].isna()]
    wanted = values["k"] if isinstance(values["k"], int) else values["k_min"]
    fewest = 2 * wanted
    if len(usable) < fewest:
        reasons = frame["reason"].dropna().value_counts()
        most = f" (most often because {reasons.index[0]})" if len(reasons) else ""
        raise ClusteringError(
            f"`{file}` has {_rows(len(frame))}, of which {len(usable):,} can be clustered{most}: "
            f"expected at least {fewest:,} customers for {wanted} segments. Bring more rows, "
            "lower `k` or `k_min`, or name other `features`."
        )
    held = usable[features].to_numpy(dtype=np.float64)
    sound = np.abs(held) < float(MOST)
    if not sound.all():
        row, column = np.argwhere(~sound)[0]
        with at(params, "sql_steps"):
            raise StepError(
                f"SQL step `{features[column]}` gives {held[row, column]} for row "
                f"{int(usable.index[row]) + 1:,} of `{file}`: expected finite numbers "
                f"below {MOST}. Guard the step, for instance by `CASE WHEN`, or set the row's "
                "value to null."
            )
    with at(params, "features"):
        scaling = fit_scaling(
            usable, features, clip=values["clip_quantiles"], transforms=values["transforms"]
        )
    distinct = len(np.unique(scaling.transform(usable), axis=0)) if len(usable) < 5000 else fewest
    if distinct < fewest:
        raise ClusteringError(
            f"`{file}` holds {distinct:,} customers that differ in the features: expected at least "
            f"{fewest:,} for {wanted} segments. Bring more rows, lower `k` or `k_min`, or name "
            "other `features`."
        )


def _check_value(name: str, table: "Table", file: str) -> None:
    """Refuse a value that is negative or nothing, of which no customer can have a share."""
    if not name:
        return
    frame = table.frame([name, "reason"])
    held = frame.loc[frame["reason"].isna(), name].astype(float)
    if (held < 0).any():
        row = held.index[held < 0][0]
        raise ParamsError(
            f"`value_column` names `{name}`, which is {held[row]:g} in row {int(row) + 1:,} of "
            f"`{file}`: expected amounts of 0 or more, since segments have shares of their sum. "
            f"Derive one in `sql_steps`, like `greatest(`{name}`, 0)`, or name another column."
        )
    if not held.sum() > 0:
        raise ParamsError(
            f"`value_column` names `{name}`, which holds nothing above 0 in `{file}`: name "
            'another column, or "" to count every customer as one.'
        )


def _check_amount(key: str, value: object) -> None:
    """Refuse a cost below 0 and a revenue that is not above it."""
    if isinstance(value, str):
        return
    least = "0 or more" if key == "contact_cost" else "more than 0"
    sound = isinstance(value, int | float) and 0 <= value < float("inf")
    if not sound or (key == "contact_revenue" and not value):
        raise ParamsError(f"`{key}` is {value!r}: expected an amount of {least}, or a column.")


def _check_contact_outcome(values: Mapping[str, Any]) -> None:
    """Refuse an outcome of contacts that is none of the outcomes: it could form the segments."""
    name, outcomes = values["contact_outcome"], values["outcomes"]
    if name and name not in outcomes:
        known = ", ".join(f"`{one}`" for one in outcomes) or "none"
        raise ParamsError(
            f"`contact_outcome` is `{name}`: expected one of `outcomes` ({known})."
            f"{nearest(name, outcomes)}"
        )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
