"""The model as SQL: one SELECT from the raw table to ID, segment, persona and margin."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import exp
from sqlglot.errors import SqlglotError

from helpers.engines.base import REASON
from helpers.engines.sql import Step, raw_sources, write_steps
from helpers.engines.translation import SqlColumn
from helpers.engines.values import DIALECTS, double_literal
from helpers.errors import ParamsError
from helpers.model import raw_text
from helpers.model.fitted import DECIMALS, Model
from helpers.params.column_types import FALSE, TRUE, Column
from helpers.params.loader import nearest
from helpers.preparation.grouping import customer_ctes, marked_ctes
from helpers.preparation.loading import LineModel
from helpers.preparation.profiling import GIVEN_REASON
from helpers.preparation.scaling import Transform

# Where a CTE is not computed once by itself, expressions that are used often would be repeated.
MATERIALIZED = {"postgres": "MATERIALIZED "}
FAR = 1e308
# Stands for a line feed within a name or a text until a query is whole.
LINE_FEED = "\0"


@dataclass(frozen=True)
class Cte:
    """One named step of a query."""

    name: str
    body: str


class Writer:
    """Writes pieces of SQL in one dialect."""

    def __init__(self, dialect: str) -> None:
        if dialect not in DIALECTS:
            raise ParamsError(
                f"`SQL_DIALECT` is {dialect!r}: expected {', '.join(DIALECTS)}."
                + nearest(dialect, DIALECTS)
            )
        self.dialect = dialect

    def name(self, name: str) -> str:
        """A column name, quoted."""
        return self._sql(exp.to_identifier(name, quoted=True))

    def text(self, text: str) -> str:
        """A text literal."""
        return self._sql(exp.Literal.string(text))

    def texts(self, texts: Iterable[str]) -> str:
        """Text literals, parted by commas."""
        return ", ".join(self.text(one) for one in texts)

    def cast(self, name: str, type_: str) -> str:
        """A column, cast."""
        return self._sql(exp.cast(exp.column(name, quoted=True), type_))

    def table(self, table: str) -> str:
        """A table, named in this dialect, with its schema or without."""
        return self._sql(exp.to_table(table, dialect=self.dialect))

    def null(self, type_: str) -> str:
        """A missing value of a type."""
        return self._sql(exp.cast(exp.null(), type_))

    def query(self, ctes: Sequence[Cte], final: str) -> str:
        """A whole SELECT."""
        hint = MATERIALIZED.get(self.dialect, "")
        named = ",\n".join(f"{one.name} AS {hint}(\n{_indented(one.body)}\n)" for one in ctes)
        return f"WITH\n{named}\n{final}".replace(LINE_FEED, "\n")

    def _sql(self, tree: exp.Expression) -> str:
        return _on_one_line(tree.sql(dialect=self.dialect))


def _on_one_line(sql: str) -> str:
    # Line feeds within names and texts must not be indented.
    return sql.replace("\n", LINE_FEED)


number = double_literal


def less(value: float) -> str:
    """
    The subtraction of a figure, without two signs in a row.

    Examples
    --------
    >>> less(2.5), less(-2.5)
    ('- 2.5e0', '+ 2.5e0')
    """
    return f"+ {number(-value)}" if value < 0 else f"- {number(value)}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))


def _select(items: Sequence[str], source: str) -> str:
    shown = ",\n".join(_indented(item) for item in items)
    return f"SELECT\n{shown}\nFROM {source}"


# Types of the columns that the steps read; a date is a text in its declared format.
SPARK_TYPES = {
    "id": "bigint",
    "integer": "bigint",
    "number": "double",
    "flag": "bigint",
    "category": "string",
    "date": "string",
}


def typed_columns(columns: Mapping[str, Column]) -> dict[str, SqlColumn]:
    """The columns of a table as SQL steps read them, by their names in lower case."""
    return {
        name.casefold(): SqlColumn(
            name, SPARK_TYPES[one.type], one.format if one.type == "date" else ""
        )
        for name, one in columns.items()
    }


def needed_steps(steps: Sequence[Step], features: Sequence[str]) -> tuple[Step, ...]:
    """The SQL steps that the features are made of, in running order."""
    wanted = {name.casefold() for name in features}
    kept: list[Step] = []
    for step in reversed(steps):
        if step.name.casefold() in wanted:
            kept.append(step)
            wanted |= {source.casefold() for source in step.sources}
    return tuple(reversed(kept))


def needed_columns(model: Model) -> tuple[str, ...]:
    """Columns of the raw table that scoring reads, the ID apart, in the order of the table."""
    steps = model.steps()
    sources = {one.casefold() for name in model.features for one in raw_sources(steps, name)}
    treated = {drop.column.casefold() for drop in _drops(model)}
    return tuple(
        name
        for name in model.columns
        if name.casefold() in sources | treated and name != model.id_column
    )


@dataclass(frozen=True)
class _Drop:
    """Rows that a treatment sets aside: those beyond bounds of a column."""

    column: str
    low: float | None
    high: float | None
    reason: str


def _drops(model: Model) -> list[_Drop]:
    """Order and words as in `helpers.preparation.profiling.treat`."""
    found: list[_Drop] = []
    if model.treatments.impossible == "drop":
        for name, column in model.columns.items():
            if column.is_number and (column.min is not None or column.max is not None):
                reason = f"`{name}` is outside {column.possible}"
                found.append(_Drop(name, column.min, column.max, reason))
    if model.treatments.outliers == "drop":
        for name, (low, high) in model.treatments.fences.items():
            found.append(_Drop(name, low, high, f"`{name}` is outside its fences"))
    return found


def _clips(model: Model, name: str) -> list[tuple[float | None, float | None]]:
    column = model.columns[name]
    found: list[tuple[float | None, float | None]] = []
    ranged = column.min is not None or column.max is not None
    if model.treatments.impossible == "clip" and column.is_number and ranged:
        found.append((column.min, column.max))
    if model.treatments.outliers == "clip" and name in model.treatments.fences:
        found.append(model.treatments.fences[name])
    return found


def typed_column(writer: Writer, column: Column, null_values: Sequence[str]) -> str:
    """A column of the raw table in the type that the SQL steps read."""
    text = writer.cast(column.name, "text")
    if column.type == "id":
        if not column.read_as:
            return writer.name(column.name)
        return _on_one_line(raw_text.in_dialect(raw_text.id_sql(), text, writer.dialect))
    # What one column alone has for a missing value is held against its text without blanks.
    own = [f"TRIM({text}) IN ({writer.texts(column.null_values)})"] if column.null_values else []
    if column.type in ("category", "date"):
        trimmed = text
        if column.type == "date":
            # A time of day is left out, as the run has it.
            trimmed = f"SUBSTRING(TRIM({text}), 1, {len(column.format)})"
        missing = dict.fromkeys(("", *null_values))
        if column.type == "date" and column.read_as not in (None, column.format):
            tests = [f"TRIM({text}) = ''", f"{text} IN ({writer.texts(missing)})", *own]
            sql = raw_text.date_sql(str(column.read_as), shown_as=column.format)
            shown = _on_one_line(raw_text.in_dialect(sql, text, writer.dialect))
            return f"CASE WHEN {text} IS NULL OR {' OR '.join(tests)} THEN NULL ELSE {shown} END"
        if len(missing) == 1 and not own:
            return f"NULLIF({trimmed}, '')"
        tests = [f"{text} IN ({writer.texts(missing)})", *own]
        return f"CASE WHEN {' OR '.join(tests)} THEN NULL ELSE {trimmed} END"
    if column.type == "flag":
        trimmed = f"TRIM({text})"
        folded, (true, false) = f"LOWER({trimmed})", (TRUE, FALSE)
        if column.texts is not None:
            folded, (true, false) = trimmed, column.texts
        return (
            f"CASE WHEN {folded} IN ({writer.texts(true)}) THEN 1 "
            f"WHEN {folded} IN ({writer.texts(false)}) THEN 0 END"
        )
    held = _number(writer, column, text)
    missing = dict.fromkeys(form for one in null_values for form in _forms(one))
    tests = [*([f"{text} IN ({writer.texts(missing)})"] if missing else []), *own]
    if not tests:
        return held
    return f"CASE WHEN {' OR '.join(tests)} THEN NULL ELSE {held} END"


def _number(writer: Writer, column: Column, text: str) -> str:
    """A number column, of text where the file writes its numbers in a format."""
    whole = column.type == "integer"
    form = column.number_format
    if form is None:
        return writer.cast(column.name, "bigint" if whole else "double")
    plain = _on_one_line(raw_text.in_dialect(raw_text.number_sql(form), text, writer.dialect))
    # By way of a double, since not every database reads `1234.00` as a whole number.
    number_ = exp.cast(exp.column("raw_number"), "double")
    tree = exp.cast(number_, "bigint") if whole else number_
    return str(tree.sql(dialect=writer.dialect)).replace("raw_number", plain)


def _forms(null_value: str) -> list[str]:
    """Texts as which a database shows a number that stands for a missing value."""
    if not null_value.strip():
        return []
    try:
        return [null_value, repr(float(null_value))]
    except ValueError:
        return [null_value]


def clipped(value: str, low: float | None, high: float | None) -> str:
    """SQL for a value set to its bounds where it is beyond them; a missing one stays missing."""
    tests = []
    if low is not None and math.isfinite(low):
        tests.append(f"WHEN {value} < {number(low)} THEN {number(low)}")
    if high is not None and math.isfinite(high):
        tests.append(f"WHEN {value} > {number(high)} THEN {number(high)}")
    return f"CASE {' '.join(tests)} ELSE {value} END" if tests else value


def transformed(value: str, form: Transform | None) -> str:
    """
    SQL for a transformed value; a missing one stays missing.

    Examples
    --------
    >>> transformed("x", Transform("log"))
    'CASE WHEN x < 0 THEN -LN(1 - x) ELSE LN(1 + x) END'
    >>> transformed("x", Transform("rank", ((0.0, 0.1), (2.0, 0.9))))
    'CASE WHEN x <= 0e0 THEN 0.1e0 WHEN x < 2e0 THEN 0.4e0 * (x - 0e0) + 0.1e0 \
WHEN x >= 2e0 THEN 0.9e0 END'
    """
    if form is None:
        return value
    if form.kind == "log":
        return f"CASE WHEN {value} < 0 THEN -LN(1 - {value}) ELSE LN(1 + {value}) END"
    (first, low), (last, high) = form.knots[0], form.knots[-1]
    cases = [f"WHEN {value} <= {number(first)} THEN {number(low)}"]
    for (place, rank), (following, next_rank) in pairwise(form.knots):
        slope = (next_rank - rank) / (following - place)
        cases.append(
            f"WHEN {value} < {number(following)} THEN "
            f"{number(slope)} * ({value} {less(place)}) + {number(rank)}"
        )
    cases.append(f"WHEN {value} >= {number(last)} THEN {number(high)}")
    return f"CASE {' '.join(cases)} END"


def feature_ctes(
    model: Model,
    writer: Writer,
    *,
    source: str,
    carried: Mapping[str, str],
    typed: bool = False,
    extra_columns: Mapping[str, str] | None = None,
    extra_reasons: Sequence[str] = (),
    first_reasons: Sequence[str] = (),
    tell_missing: bool = False,
    feature_names: Sequence[str] | None = None,
) -> list[Cte]:
    """
    Steps from the raw table to the features.

    Parameters
    ----------
    model : Model
        The model.
    writer : Writer
        Writes the dialect.
    source : str
        SQL name of the raw table.
    carried : mapping of str to str
        SQL name to SQL expression over the raw table: columns that are handed through.
    typed : bool
        Whether the columns have the types that the steps read already.
    extra_columns : mapping of str to str, optional
        SQL name to SQL expression over the typed columns: handed through as well.
    extra_reasons : sequence of str
        `WHEN ... THEN ...` over the typed columns: further rows to set aside.
    first_reasons : sequence of str
        The same, tried before all others.
    tell_missing : bool
        Whether a row that lacks a feature gets a reason; without, its feature is null.
    feature_names : sequence of str, optional
        SQL names for the features; their own, quoted, unless given.

    Returns
    -------
    list of Cte
        The last one, `features`, has the carried columns, each feature as a double and, where
        rows are set aside, `reason`, null in the rows that are used.
    """
    columns = needed_columns(model)
    ctes: list[Cte] = []
    handed = [_named(writer, expression, name) for name, expression in carried.items()]
    if not typed:
        shown = [
            f"{typed_column(writer, model.columns[name], model.null_values)} AS {writer.name(name)}"
            for name in columns
        ]
        ctes.append(Cte("typed", _select([*handed, *shown], source)))
        handed, source = list(carried), "typed"
    clips = {name: _clips(model, name) for name in columns}
    drops = [_drop_case(writer, drop) for drop in _drops(model)]
    cases = [*first_reasons, *drops, *extra_reasons]
    extras = [f"{sql} AS {name}" for name, sql in (extra_columns or {}).items()]
    if any(clips.values()) or cases or extras:
        shown = [_treated(writer, name, clips[name]) for name in columns]
        reason = [f"CASE\n  {_lines(cases)}\nEND AS {REASON}"] if cases else []
        ctes.append(Cte("treated", _select([*handed, *shown, *extras, *reason], source)))
        handed, source = [*carried, *(extra_columns or {})], "treated"
    steps = needed_steps(model.steps(), model.features)
    known = [*columns, *(step.name for step in steps)]
    written = {
        one.name: _on_one_line(one.sql)
        for one in write_steps(steps, typed_columns(model.columns), writer.dialect, widen=False)
    }
    for position, layer in enumerate(_layers(steps), start=1):
        shown = [f"{written[step.name]} AS {writer.name(step.name)}" for step in layer]
        ctes.append(Cte(f"steps_{position}", _select(["*", *shown], source)))
        source = f"steps_{position}"
    shown, missing = [], [f"WHEN {REASON} IS NOT NULL THEN {REASON}"] if cases else []
    names = feature_names or [writer.name(name) for name in model.features]
    for name, shown_as in zip(model.features, names, strict=True):
        spelt = _spelt(name, known)
        value = writer.cast(spelt, "double")
        if name in model.treatments.medians:
            value = f"COALESCE({value}, {number(model.treatments.medians[name])})"
        elif tell_missing:
            told = writer.text(f"`{name}` is missing")
            missing.append(f"WHEN {writer.name(spelt)} IS NULL THEN {told}")
        shown.append(f"{value} AS {shown_as}")
    if tell_missing and missing:
        shown.append(f"CASE\n  {_lines(missing)}\nEND AS {REASON}")
    elif cases:
        shown.append(REASON)
    elif tell_missing:
        shown.append(f"{writer.null('text')} AS {REASON}")
    ctes.append(Cte("features", _select([*handed, *shown], source)))
    return ctes


def _named(writer: Writer, expression: str, name: str) -> str:
    return name if expression == name else f"{expression} AS {name}"


def _lines(parts: Sequence[str]) -> str:
    return "\n  ".join(parts)


def _treated(writer: Writer, name: str, clips: Sequence[tuple[float | None, float | None]]) -> str:
    value = writer.name(name)
    for low, high in clips:
        value = clipped(value, low, high)
    return _named(writer, value, writer.name(name))


def _spelt(name: str, known: Sequence[str]) -> str:
    return next(one for one in known if one.casefold() == name.casefold())


def _drop_case(writer: Writer, drop: _Drop) -> str:
    name = writer.name(drop.column)
    tests = []
    if drop.low is not None:
        tests.append(f"{name} < {number(drop.low)}")
    if drop.high is not None:
        tests.append(f"{name} > {number(drop.high)}")
    return f"WHEN {' OR '.join(tests)} THEN {writer.text(drop.reason)}"


def _layers(steps: Sequence[Step]) -> list[list[Step]]:
    """Group steps so that each layer reads columns of earlier layers only."""
    depth: dict[str, int] = {}
    layers: list[list[Step]] = []
    for step in steps:
        sources = (one.casefold() for one in step.sources)
        level = max((depth[one] for one in sources if one in depth), default=0)
        depth[step.name.casefold()] = level + 1
        if level == len(layers):
            layers.append([])
        layers[level].append(step)
    return layers


def nearest_ctes(
    model: Model,
    writer: Writer,
    *,
    source: str,
    carried: Sequence[str],
    has_reason: bool,
    feature_names: Sequence[str] | None = None,
    scaled_names: Sequence[str] | None = None,
) -> list[Cte]:
    """
    Steps from features to the nearest and the second-nearest centre.

    Parameters
    ----------
    model : Model
        The model.
    writer : Writer
        Writes the dialect.
    source : str
        Where the carried columns and the features are.
    carried : sequence of str
        SQL names that are handed through.
    has_reason : bool
        Whether `source` has a column `reason`; a row with a reason gets no segment.
    feature_names : sequence of str, optional
        SQL names of the features in `source`; their own, quoted, unless given.
    scaled_names : sequence of str, optional
        SQL names for the scaled features; those of the features unless given.

    Returns
    -------
    list of Cte
        The last one, `nearest`, has the carried columns, `segment`, `d_own` and `d_other`, the
        distances to the nearest centre and to the next.
    """
    features = list(feature_names or (writer.name(name) for name in model.features))
    names = list(scaled_names or features)
    scaling = model.scaling
    rows = zip(features, scaling.low, scaling.high, scaling.mean, scaling.deviation, strict=True)
    guard = [REASON] if has_reason and REASON not in carried else []
    before: list[Cte] = []
    if scaling.transforms:
        # Under the names of the scaled ones, since the features themselves may be carried.
        bounds = zip(names, features, scaling.low, scaling.high, strict=True)
        items = [_named(writer, clipped(one, low, high), name) for name, one, low, high in bounds]
        before = [Cte("clipped", _select([*carried, *items, *guard], source))]
        source = "clipped"
    shown = []
    for position, (name, row) in enumerate(zip(names, rows, strict=True)):
        feature, low, high, mean, deviation = row
        value = name if before else clipped(feature, low, high)
        value = transformed(value, scaling.transform_of(position))
        shown.append(f"({value} {less(mean)}) / {number(deviation)} AS {name}")
    scaled = Cte("scaled", _select([*carried, *shown, *guard], source))
    columns = [f"d{at}" for at in range(1, model.k + 1)]
    items = []
    for column, segment in zip(columns, model.segments, strict=True):
        terms = [
            f"({name} {less(centre)}) * ({name} {less(centre)})"
            for name, centre in zip(names, segment.centre, strict=True)
        ]
        root = "SQRT(\n  " + "\n  + ".join(terms) + "\n)"
        if has_reason:
            root = f"CASE WHEN {REASON} IS NULL THEN {root} END"
        items.append(f"-- {_one_line(segment.persona)}\n{root} AS {column}")
    return [
        *before,
        scaled,
        Cte("distances", _select([*carried, *items], "scaled")),
        *_ranked(writer, columns),
    ]


def _ranked(writer: Writer, columns: Sequence[str]) -> list[Cte]:
    if len(columns) == 1:
        one = f"CASE WHEN {columns[0]} IS NOT NULL THEN 1 END AS segment"
        items = ["*", one, f"{columns[0]} AS d_own", f"{writer.null('double')} AS d_other"]
        return [Cte("nearest", _select(items, "distances"))]
    least = f"LEAST({', '.join(columns)}) AS d_own"
    # Of equally near centres the first one counts.
    cases = "\n  ".join(f"WHEN {one} THEN {at}" for at, one in enumerate(columns, start=1))
    others = ",\n  ".join(
        f"CASE WHEN segment = {at} THEN {number(FAR)} ELSE {one} END"
        for at, one in enumerate(columns, start=1)
    )
    return [
        Cte("own", _select(["*", least], "distances")),
        Cte("numbered", _select(["*", f"CASE d_own\n  {cases}\nEND AS segment"], "own")),
        Cte("nearest", _select(["*", f"LEAST(\n  {others}\n) AS d_other"], "numbered")),
    ]


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", "".join(one if one.isprintable() else " " for one in text)).strip()


def persona_sql(model: Model, writer: Writer) -> str:
    """SQL for the persona of a segment."""
    cases = "\n  ".join(
        f"WHEN {at} THEN {writer.text(one.persona)}" for at, one in enumerate(model.segments, 1)
    )
    return f"CASE segment\n  {cases}\nEND"


def margin_sql(model: Model) -> str:
    """SQL for the margin, rounded as `helpers.model.fitted.margin` does it."""
    if model.k == 1:
        return f"CASE WHEN segment IS NOT NULL THEN {number(1)} END"
    scale = number(10.0**DECIMALS)
    return (
        f"CASE\n  WHEN d_other = 0 THEN {number(0)}\n"
        f"  ELSE FLOOR((d_other - d_own) / d_other * {scale} + {number(0.5)}) / {scale}\nEND"
    )


def scorer_sql(
    model: Model, *, dialect: str = "duckdb", table: str = "", data_hash: str = ""
) -> str:
    """
    Write the model as one SELECT.

    Parameters
    ----------
    model : Model
        The model.
    dialect : {"duckdb", "postgres", "spark", "bigquery", "snowflake"}
        Whose SQL.
    table : str
        Name of the raw table, with its schema where it has one; `customers` unless given, or
        `order_lines` where the run made its customers of such.
    data_hash : str
        SHA-256 of the table that the model was made from, for the comment at its head.

    Returns
    -------
    str
        SQL that yields, for each row of the raw table, the ID (or, where there is none, the
        columns that the features are made of), `segment`, `persona` and `margin`. A row that
        lacks what it needs has nulls. Equal to `segments.csv` in every row, the margin to its 6
        decimals, except for rows that were set aside as repeats, which SQL gives their segment,
        and for segments that are labels made elsewhere.

    Raises
    ------
    ParamsError
        For an unknown dialect, or a table name that is none.
    """
    writer = Writer(dialect)
    table = table or ("customers" if model.lines is None else "order_lines")
    try:
        source = writer.table(table)
    except SqlglotError:
        raise ParamsError(f"`{table}` is no name of a table.") from None
    identity = [model.id_column] if model.id_column else list(needed_columns(model))

    def handed(name: str) -> str:
        column = model.columns[name]
        return typed_column(writer, column, ()) if column.type == "id" else writer.name(name)

    # Carried under names of their own, since a feature can have the name of a raw column.
    aliases = (
        ["customer_id"] if model.id_column else [f"raw_{at + 1}" for at in range(len(identity))]
    )
    carried = dict(zip(free_names(model, *aliases), (handed(one) for one in identity), strict=True))
    before: list[Cte] = []
    reasons = []
    if model.lines is not None:
        before = line_ctes(model, model.lines, writer, source=source)
        source, reasons = before[-1].name, [f"WHEN {GIVEN_REASON} IS NOT NULL THEN {GIVEN_REASON}"]
    ctes = before + feature_ctes(
        model,
        writer,
        source=source,
        carried=carried,
        typed=model.lines is not None,
        first_reasons=reasons,
    )
    ctes += nearest_ctes(
        model,
        writer,
        source="features",
        carried=list(carried),
        has_reason=bool(_drops(model) or reasons),
    )
    outputs = [
        *(f"{name} AS {column}" for name, column in carried.items()),
        "segment",
        f"{persona_sql(model, writer)} AS persona",
        f"{margin_sql(model)} AS margin",
    ]
    query = writer.query(ctes, _select(outputs, "nearest"))
    return f"{_header(model, dialect, data_hash)}{query};\n"


DETAILS = "customer_details"
"""Name of the table of customers in `segments.sql`, where order lines were joined to one."""


def line_ctes(model: Model, lines: LineModel, writer: Writer, *, source: str) -> list[Cte]:
    """
    Steps from a raw table of order lines to customers, whose columns are those of the model.

    Parameters
    ----------
    model : Model
        The model.
    lines : LineModel
        How its customers were made.
    writer : Writer
        Writes the dialect.
    source : str
        SQL name of the raw lines.

    Returns
    -------
    list of Cte
        The last one has the model's columns and `__reason__`, null where a customer can be
        described.
    """
    key = lines.recipe.group_by
    shown = [
        f"{typed_column(writer, column, model.null_values)} AS {writer.name(name)}"
        for name, column in lines.columns.items()
        if name != key
    ]
    whole = lines.columns[key].type == "integer"
    shown.insert(0, f"{_key_column(writer, key, model.null_values, whole)} AS {writer.name(key)}")
    ctes = [Cte("typed_lines", _select(shown, source))]
    grouping = lines.recipe.parse(model.as_of)
    marked = marked_ctes(grouping, lines.columns, writer.dialect, source="typed_lines")
    ctes += [Cte(*one) for one in marked.ctes]
    details = lines.details
    if details is not None:
        held = [
            f"{typed_column(writer, model.columns[name], model.null_values)} AS {writer.name(name)}"
            for name in details
        ]
        joined = _key_column(writer, key, model.null_values, whole)
        ctes.append(Cte("details", _select([f"{joined} AS __joined__", *held], DETAILS)))
    made, _ = customer_ctes(
        grouping,
        marked,
        writer.dialect,
        details="details" if details is not None else "",
        detail_columns=details or (),
    )
    ctes += [Cte(*one) for one in made]
    names = [writer.name(name) for name in model.columns]
    ctes.append(Cte("by_customer", _select([*names, f"{REASON} AS {GIVEN_REASON}"], made[-1][0])))
    return ctes


def _key_column(writer: Writer, key: str, null_values: Sequence[str], whole: bool) -> str:
    """The key of raw order lines; `17850.0` is 17850 where every key of the run was whole."""
    text = writer.cast(key, "text")
    held = text
    if whole:
        decimal = writer.cast(key, "decimal(38, 1)")
        held = f"CAST({decimal} AS {'INT64' if writer.dialect == 'bigquery' else 'BIGINT'})"
    missing = writer.texts(dict.fromkeys(("", *null_values)))
    return f"CASE WHEN {text} IN ({missing}) THEN NULL ELSE {held} END"


def free_names(model: Model, *names: str) -> list[str]:
    """Names that no column and no step has: the given ones, lengthened where one is taken."""
    taken = {name.casefold() for name in (*model.columns, *(step.name for step in model.steps()))}
    while taken & set(names):
        names = tuple(f"{name}_" for name in names)
    return list(names)


def _header(model: Model, dialect: str, data_hash: str) -> str:
    read = [name for name in (model.id_column, *needed_columns(model)) if name]
    columns = model.columns
    if model.lines is not None:
        read, columns = list(model.lines.columns), model.lines.columns
    lines = [
        f"Segments of customers as one SELECT ({dialect}): {model.k} "
        f"{'segment' if model.k == 1 else 'segments'} found in {model.customers:,} customers.",
    ]
    if data_hash:
        lines.append(f"Made from the table with SHA-256 {data_hash}.")
    lines += [
        f"Today is {model.as_of} in it, as in the run.",
        "Use: put the name of your table after the first FROM. It needs these columns:",
        *(f"  {_one_line(name)}: {_wanted(columns[name])}" for name in read),
        "A row that lacks a feature gets no segment. The margin is 1 at the centre of the segment",
        "and 0 on the border to the next.",
    ]
    if model.lines is not None:
        lines += _line_notes(model, model.lines)
    if model.labels_given:
        lines += [
            "The segments of the run are labels made elsewhere; this gives each customer the",
            "segment whose mean is nearest, which can differ from the label.",
        ]
    if model.treatments.repeats == "drop":
        lines.append("Rows that repeat another one are scored here; the run set them aside.")
    return "".join(f"-- {line}\n" for line in lines)


def _line_notes(model: Model, lines: LineModel) -> list[str]:
    """What the head of the query says of order lines."""
    notes = [
        "Your table holds order lines, and the answer has one row for each customer, by",
        f"{_one_line(lines.recipe.group_by)}.",
    ]
    if lines.last:
        notes += [
            f"{model.as_of} is the day after the last line of the run: put another day in its",
            "place for later lines, wherever it stands.",
        ]
    if lines.details is not None:
        notes.append(f"It needs a table {DETAILS} of the customers too, with the same key and:")
        notes += [f"  {_one_line(name)}: {_wanted(model.columns[name])}" for name in lines.details]
    return notes


def _wanted(column: Column) -> str:
    if column.read_as and column.type in ("integer", "number", "date"):
        noun = "dates" if column.type == "date" else "numbers"
        example = "" if column.type == "date" else "1234.56 as "
        return f"{noun} as text, which writes {example}{_one_line(column.read_as)}"
    return {
        "id": "the ID, handed through",
        "integer": "whole numbers",
        "number": "numbers",
        "flag": f"{column.true} or {column.false}" if column.true else "true or false, 1 or 0",
        "category": "text",
        "date": f"dates as text written {column.format}",
    }[column.type]
