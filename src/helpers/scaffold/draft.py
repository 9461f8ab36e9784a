"""A first params file for a table that nobody has described yet, and the schema of such files."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from helpers.engines.base import Facts, Table
from helpers.engines.local import LocalEngine
from helpers.engines.sql import column_sql, parse_steps, text_sql
from helpers.errors import TableError
from helpers.model.fitted import NULLS, WRITTEN
from helpers.params.column_types import KEYS, TYPES, Column
from helpers.params.declarations import Declaration
from helpers.pipeline.checking import LIMITS
from helpers.pipeline.stages import GIVEN_BY_RUN, all_declarations, stages
from helpers.preparation.profiling import TREATMENTS, cardinality
from helpers.tables.dialects import find_dialect
from helpers.workspace import ROOT

# A column with more gaps than this is no feature.
MOST_MISSING = 0.4
# Below this share of whole rows, gaps are filled rather than customers set aside.
FEWEST_WHOLE = 0.8
MOST_FEATURES = 12
MOST_CATEGORIES = 20
MOST_BREAKDOWNS = 6
# What numbers vary by must be seen well inside the clip quantiles.
INNER = (0.01, 0.99)
NO_DATE = "2025-01-01"

# Words in names, as they are written in a few languages.
ID_NAME = re.compile(
    r"(^|[^a-z])(id|nr|no|key|code|uuid|guid|index|number|nummer|kennung|codigo|código)$"
    r"|^(id|nr|no)[^a-z]|nummer$|kennung$"
)
CODE_NAME = re.compile(
    r"(?i)zip|postal|postcode|plz|phone|tel(ef|$|_)|fax|iban|latitude|longitude|(^|_)(lat|lon|lng)$"
)
VALUE_NAMES = (
    r"(?i)(total|gesamt).*(spen|umsatz|amount|betrag|sales|revenue|gasto|valor)|monetary",
    r"(?i)spen[dt]|revenue|umsatz|turnover|sales|ausgab|betrag|gasto|ventas|importe|montant"
    r"|chiffre|fatturato|spesa|omzet|売上|金額|消费|金额|выручк|сумма",
    r"(?i)amount|value|total|income|einkommen|wert|valor|renta|price|preis",
)


@dataclass(frozen=True)
class _Draft:
    """What is proposed for one table."""

    id_column: str
    columns: dict[str, dict[str, Any]]
    steps: list[dict[str, str]]
    features: list[str]
    others: list[str]
    value: str
    flags: list[str]
    categories: list[str]
    as_of: str
    as_of_help: str
    nulls: str
    k_max: int


def draft_params(path: Path, *, folder: Path = ROOT / "params") -> str:
    """
    Draft a params file for a table.

    Parameters
    ----------
    path : Path
        CSV, TSV, semicolon file (gzipped or not), Parquet file, or folder of parts.
    folder : Path
        Where the draft is to lie: it names the schema for editors from there.

    Returns
    -------
    str
        YAML with comments, which runs as it is: types of the columns, the likely ID, numeric
        columns that can tell customers apart, days since each date as an SQL step, categories to
        break segments down by, and pictures. Every choice is a guess from names and values, to be
        read and changed.

    Raises
    ------
    TableError
        Where the table cannot be read, or has no column that can be a feature.
    """
    table, facts = _read(path)
    return _text(_propose(table, facts, path.name), path.name, schema=_schema_line(folder))


def _schema_line(folder: Path) -> str:
    """Name the schema for editors; outside the checkout it would be a path of this machine."""
    place, known = folder.resolve(), ROOT.resolve()
    if not place.is_relative_to(known):
        return (
            f"# Editors complete and check this file once it lies in {Path(SCHEMA).parent}/ of the "
            "checkout\n# and begins with: yaml-language-server: $schema=schema.json"
        )
    up = Path(os.path.relpath(known / SCHEMA, place)).as_posix()
    return f"# yaml-language-server: $schema={up}"


def _read(path: Path) -> tuple[Table, Facts]:
    """Read a table; a column whose dates cannot be told is taken as text."""
    declared: dict[str, Column] = {}
    while True:
        try:
            table, facts = LocalEngine().read(path, columns=declared, null_values=[""])
            break
        except TableError as error:
            columns = [name for name in find_dialect(path).header if name not in declared]
            told = [name for name in columns if f": `{name}` " in str(error)]
            if not told:
                raise
            declared[told[0]] = Column(told[0], "category")
    # Dates keep the form of the file, so that SQL made from the model reads the raw table.
    formats = {name: _date_format(facts, name) for name in facts.of_type("date")}
    dates = {name: Column(name, "date", format=one) for name, one in formats.items()}
    if all(one == "yyyy-MM-dd" for one in formats.values()):
        return table, facts
    return LocalEngine().read(path, columns=declared | dates, null_values=[""])


def _counts(table: Table) -> dict[str, tuple[int, int]]:
    """Missing and distinct values of each column."""
    found = cardinality(table, table.columns)
    columns = (found[name].tolist() for name in ("column", "missing", "distinct"))
    return {str(name): (int(gaps), int(kinds)) for name, gaps, kinds in zip(*columns, strict=True)}


def _propose(table: Table, facts: Facts, file: str) -> _Draft:
    counted = _counts(table)
    id_column = _likely_id(table, facts, counted)
    flags = [name for name in facts.columns if _is_flag(table, facts, counted, name)]
    steps, as_of, as_of_help = _date_steps(table, facts, counted)
    derived = table.derive(parse_steps(steps, as_of=as_of))
    made = [name for step in steps for name in step]
    numbers = [name for name in facts.measured() if name not in (*flags, id_column)]
    usable = _usable(derived, [*numbers, *made], counted)
    if len(usable) < 2:
        usable += _usable(derived, flags, counted, least=2)[: MOST_FEATURES - len(usable)]
    if not usable:
        raise TableError(
            f"`{file}` has no column that could be a feature: expected at least one number that "
            "varies, is mostly there and is no code."
        )
    features = usable[:MOST_FEATURES]
    flags = [name for name in flags if name not in features]
    return _Draft(
        id_column=id_column,
        columns={name: _declared(facts, name, id_column, flags) for name in facts.columns},
        steps=steps,
        features=features,
        others=usable[MOST_FEATURES:],
        value=_likely_value(derived, features),
        flags=flags,
        categories=[
            name for name in facts.of_type("category") if 2 <= counted[name][1] <= MOST_CATEGORIES
        ][:MOST_BREAKDOWNS],
        as_of=as_of,
        as_of_help=as_of_help,
        nulls="median" if _whole_share(derived, features) < FEWEST_WHOLE else "drop",
        k_max=max(2, min(12, facts.rows // 10)),
    )


def _likely_id(table: Table, facts: Facts, counted: Mapping[str, tuple[int, int]]) -> str:
    unique = [
        name
        for name, column in facts.columns.items()
        if column.type in ("integer", "category")
        and counted[name] == (0, facts.rows)
        and name.casefold() not in WRITTEN
    ]
    named = [name for name in unique if _sounds_like_id(name)]
    if named:
        return named[0]
    first = next(iter(facts.columns))
    if first in unique and facts.columns[first].type == "category":
        return first
    return first if first in unique and _is_consecutive(table, first) else ""


def _sounds_like_id(name: str) -> bool:
    return bool(ID_NAME.search(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).casefold()))


def _is_consecutive(table: Table, name: str) -> bool:
    column = column_sql(name)
    found = table.query(f"SELECT max({column}) - min({column}) AS width FROM customers")
    return bool(found["width"].iloc[0] == table.rows - 1)


def _is_flag(table: Table, facts: Facts, counted: Mapping[str, tuple[int, int]], name: str) -> bool:
    if facts.columns[name].type == "flag":
        return True
    if facts.columns[name].type != "integer" or counted[name][1] != 2:
        return False
    column = column_sql(name)
    ends = table.query(f"SELECT min({column}) AS low, max({column}) AS high FROM customers")
    return bool(ends["low"].iloc[0] == 0 and ends["high"].iloc[0] == 1)


def _date_steps(
    table: Table, facts: Facts, counted: Mapping[str, tuple[int, int]]
) -> tuple[list[dict[str, str]], str, str]:
    """Days since each date, as SQL steps, and the latest date of the table to count from."""
    taken = {name.casefold() for name in facts.columns}
    steps, latest = [], []
    for name in facts.of_type("date"):
        if counted[name][0] > MOST_MISSING * facts.rows:
            continue
        date = f"to_date({column_sql(name)}, {text_sql(_date_format(facts, name))})"
        step = f"days_since_{name.casefold()}"
        while step.casefold() in taken:
            step += "_"
        taken.add(step.casefold())
        steps.append({step: f"datediff(current_date(), {date})"})
        found = table.query(f"SELECT CAST(max({date}) AS STRING) AS day FROM customers")
        latest.append((str(found["day"].iloc[0])[:10], name))
    if not latest:
        return [], NO_DATE, "the day that current_date() stands for; no date needs it yet"
    day, name = max(latest)
    return steps, day, f"the day that current_date() stands for: the latest {_plain(name)}"


def _date_format(facts: Facts, name: str) -> str:
    found = facts.date_formats.get(name, "")
    plain = re.fullmatch(r"[yMd./-]+", found) and "yyyy" in found and found != "yyyyMMdd"
    return found if plain else "yyyy-MM-dd"


def _usable(
    table: Table, names: Sequence[str], counted: Mapping[str, tuple[int, int]], *, least: int = 3
) -> list[str]:
    """Those of the columns that vary, are mostly there, and are no codes."""
    if not names:
        return []
    asked = []
    for position, name in enumerate(names):
        column = column_sql(name)
        asked += [
            f"count({column}) AS n{position}",
            f"count(DISTINCT {column}) AS d{position}",
            f"percentile({column}, {INNER[0]}) AS l{position}",
            f"percentile({column}, {INNER[1]}) AS h{position}",
        ]
    answer = table.query(f"SELECT {', '.join(asked)} FROM customers").iloc[0]
    kept = []
    for position, name in enumerate(names):
        held, distinct = int(answer[f"n{position}"]), int(answer[f"d{position}"])
        unique = name in counted and distinct > 0.95 * held
        is_code = bool(CODE_NAME.search(name)) or (unique and _sounds_like_id(name))
        inner = [answer[f"{end}{position}"] for end in "lh"]
        varies = distinct >= least and float(inner[1]) > float(inner[0])
        if held >= (1 - MOST_MISSING) * table.rows and varies and not is_code:
            kept.append(name)
    return kept


def _likely_value(table: Table, features: Sequence[str]) -> str:
    """The column that money is most likely in: by its name, else the one that varies most.

    Empty where every column has values below 0.
    """
    parts = {
        "low": "CAST(min({c}) AS DOUBLE)",
        "mean": "avg(CAST({c} AS DOUBLE))",
        "deviation": "stddev_pop(CAST({c} AS DOUBLE))",
    }
    asked = ", ".join(
        f"{sql.format(c=column_sql(name))} AS {part}{position}"
        for position, name in enumerate(features)
        for part, sql in parts.items()
    )
    answer = table.query(f"SELECT {asked} FROM customers").iloc[0]
    spread = {}
    for position, name in enumerate(features):
        low, mean, deviation = (float(answer[f"{part}{position}"]) for part in parts)
        # A total of amounts, some of them below 0, cannot be shared out among segments.
        if low >= 0 and mean > 0:
            spread[name] = deviation / mean
    if not spread:
        return ""
    for pattern in VALUE_NAMES:
        for name in spread:
            if re.search(pattern, name):
                return name
    return max(spread, key=lambda name: spread[name])


def _whole_share(table: Table, features: Sequence[str]) -> float:
    whole = " AND ".join(f"{column_sql(name)} IS NOT NULL" for name in features)
    answer = table.query(f"SELECT count(*) AS n FROM customers WHERE {whole}")
    return int(answer["n"].iloc[0]) / table.rows


def _declared(facts: Facts, name: str, id_column: str, flags: Sequence[str]) -> dict[str, Any]:
    if name == id_column:
        return {"type": "id"}
    if name in flags:
        return {"type": "flag"}
    type_ = facts.columns[name].type
    return {"type": type_} | ({"format": _date_format(facts, name)} if type_ == "date" else {})


def _plain(text: str) -> str:
    """A name for a comment: on one line, and short."""
    shown = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return shown if len(shown) <= 40 else shown[:40] + "..."


def _yaml(value: Any) -> str:
    """A value on one line of YAML, quoted where it must be."""
    text = yaml.safe_dump(
        [value], default_flow_style=True, allow_unicode=True, width=10**9, sort_keys=False
    )
    return text.strip()[1:-1]


def _entry(key: str, value: Any, help_: str = "") -> str:
    line = f"{key}: {_yaml(value)}"
    return f"{line:<30} # {help_}" if help_ else line


def _section(title: str) -> str:
    return f"\n# --- {title} {'-' * (88 - len(title))}"


def _text(draft: _Draft, file: str, *, schema: str) -> str:
    numeric = [name for name in (draft.value, *draft.features) if name]
    numeric = list(dict.fromkeys(numeric))
    boxes = [{"number": numeric[0], "by": name} for name in draft.categories[:2]]
    pivots = []
    if len(draft.categories) >= 2:
        rows, columns = draft.categories[:2]
        pivots = [{"mean": numeric[0], "rows": rows, "columns": columns}]
    lines = [
        schema,
        f"# Drafted from {_plain(file)}: every choice below is a guess from names and values.",
        "# Read it through, change what is wrong, and run it again.",
        _section("the table"),
        _entry("title", "Customer segments", "title of the report"),
        _entry("id_column", draft.id_column, 'the column that names a customer; "" for none'),
        _entry("null_values", [""], "texts that stand for a missing value"),
        "columns:                       # type: id, integer, number, category, flag or date;",
        "                               # add min and max for the range of possible values",
        *(f"  {_pair(name, declared)}" for name, declared in draft.columns.items()),
        _section("what is done with its faults"),
        _entry("repeats", "keep", "rows that repeat another apart from the ID: keep or drop"),
        _entry("impossible", "keep", "values outside min and max above: keep, clip or drop"),
        _entry("outliers", "keep", "values outside the quantile fences: keep, clip or drop"),
        _entry("nulls", draft.nulls, "customers who lack a feature: drop or median"),
        _section("features"),
        _entry("as_of", draft.as_of, draft.as_of_help),
        "sql_steps:                     # derived columns in Spark SQL, run in this order"
        if draft.steps
        else _entry("sql_steps", [], "derived columns in Spark SQL: a list of `name: expression`"),
        *(f"  - {_pair(*one)}" for step in draft.steps for one in step.items()),
        "features:                      # the columns that customers are told apart by",
        *(f"  - {_yaml(name)}" for name in draft.features),
        *(["# these could be features as well:"] if draft.others else []),
        *(f"#  - {_yaml(name)}" for name in draft.others),
        _entry("value_column", draft.value, "orders the segments: largest total first"),
        _entry("outcomes", draft.flags[:8], "checked against the segments, never a feature"),
        _section("how columns are named and measured"),
        _entry("names", {}, "what a column is called in prose"),
        _entry("units", {}, "what it is measured in: money, percent, days, orders, ..."),
        _section("pictures of the customers"),
        _entry("histograms", numeric[:3], "numeric columns to draw"),
        _entry("box_plots", boxes, "a number by a category"),
        _entry("correlation_columns", numeric[:8], "columns of the correlation picture"),
        _entry("pivots", pivots, "mean of a number by two categories"),
        _section("tuning"),
        _entry("clip_quantiles", [0.005, 0.995], "[] for no clipping"),
        _entry("transforms", {}, "feature to log or rank, for one with a long tail"),
        _entry("k", "auto", "or a number"),
        _entry("k_min", 2),
        _entry("k_max", draft.k_max, "largest number of segments tried"),
        _section("profiles"),
        _entry("personas", "params/personas.yml", "the catalogue that names segments"),
        _entry("channels", [], "columns that count orders, one a channel"),
        _entry("visits_column", "", 'column that counts visits; "" for none'),
        _entry("recency_column", "", 'column that counts days since the last order; "" for none'),
        _entry("rfm", {}, "columns of recency, frequency and monetary value; {} for none"),
        _entry("category_columns", draft.categories, "categories to break the segments down by"),
        _entry("spend_columns", [], "spending by category of goods"),
    ]
    return "\n".join(lines) + "\n"


def _pair(key: str, value: Any) -> str:
    return _yaml({key: value}).removeprefix("{").removesuffix("}")


def params_schema(
    declarations: Mapping[str, Declaration], *, given_by_run: Sequence[str] = ()
) -> dict[str, Any]:
    """
    JSON schema of a params file, for completion and checks in editors.

    Parameters
    ----------
    declarations : mapping of str to Declaration
        Those of all notebooks together.
    given_by_run : sequence of str
        Parameters that the command line sets, which do not belong in the file.

    Returns
    -------
    dict
        Draft 2020-12, ready for JSON.
    """
    known = _known_schemas()
    properties = {}
    for name, declared in sorted(declarations.items()):
        if name in given_by_run:
            continue
        types: list[str] = [JSON_TYPES[one] for one in declared.types]
        schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
        schema |= known.get(name, {})
        properties[name] = {"description": declared.help} | schema | {"default": declared.default}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Params file of a segmentation",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


SCHEMA = "params/schema.json"
"""Where the schema stands, from the top of the checkout."""


def schema_text() -> str:
    """Text of the JSON schema of the notebooks as they are."""
    found = params_schema(all_declarations(stages()), given_by_run=GIVEN_BY_RUN)
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


JSON_TYPES = {
    "int": "integer",
    "float": "number",
    "str": "string",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
}
NAMES = {"items": {"type": "string"}}
QUANTILE = {"type": "number", "minimum": 0, "maximum": 1}


def _known_schemas() -> dict[str, dict[str, Any]]:
    """What is known of single parameters beyond their type."""
    column = {
        "type": "object",
        "required": ["type"],
        "additionalProperties": False,
        "properties": {
            **{key: {} for key in KEYS},
            "type": {"enum": list(TYPES)},
            "min": {"type": "number"},
            "max": {"type": "number"},
            "required": {"type": "boolean"},
            "format": {"type": "string"},
            "read_as": {"type": "string"},
            "values": {"type": "array"},
            "null_values": {"type": "array"},
        },
    }
    step = {"type": "object", "additionalProperties": {"type": ["string", "number"]}}
    treatments = {name: {"enum": list(values)} for name, values in TREATMENTS.items()}
    return {
        **treatments,
        **{name: {"minimum": low, "maximum": high} for name, (low, high) in LIMITS.items()},
        "nulls": {"enum": list(NULLS)},
        "engine": {"enum": ["local", "spark"]},
        "spark_starts": {"enum": ["search", "k-means||"]},
        "columns": {"additionalProperties": {"anyOf": [{"enum": list(TYPES)}, column]}},
        "sql_steps": {"items": step | {"minProperties": 1, "maxProperties": 1}},
        "k": {"anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 2}]},
        "as_of": {"format": "date"},
        "clip_quantiles": {"items": QUANTILE, "maxItems": 2},
        "fence_quantiles": {"items": QUANTILE, "minItems": 2, "maxItems": 2},
        **dict.fromkeys(
            ("null_values", "features", "outcomes", "histograms", "correlation_columns"), NAMES
        ),
        **dict.fromkeys(("channels", "category_columns", "spend_columns"), NAMES),
        "names": {"additionalProperties": {"type": "string"}},
        "units": {"additionalProperties": {"type": "string"}},
    }
