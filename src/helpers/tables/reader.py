"""A table file into a typed DuckDB table, with errors that name file, line and column."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from helpers.errors import TableError
from helpers.params.column_types import FALSE, FLOAT_ID, TRUE, Column
from helpers.params.loader import nearest
from helpers.tables.column_profiles import (
    ColumnProfile,
    Found,
    Proposal,
    TableProfile,
    choose_formats,
    propose,
)
from helpers.tables.dates import (
    DATE_LIKE,
    YEAR_FIRST,
    Candidate,
    DateError,
    candidates_for,
    canonical,
    choose_format,
    rarer_candidates,
    without_time,
)
from helpers.tables.dialects import Dialect, find_dialect
from helpers.tables.notes import Note
from helpers.tables.numbers import (
    NumberFormat,
    example_of,
    is_missing_word,
    looks_like_number,
    most_fitting,
    unified,
)
from helpers.tables.numbers import canonical as canonical_number
from helpers.tables.numbers import pattern as number_pattern
from helpers.tables.text_lines import MAX_ROW_BYTES, count_rows, first_broken, lines_of_rows

ROW = "__row__"
NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
INTEGER = r"[+-]?\d+(\.0*)?"
# An ID is held as a number only where writing the number back gives the same text.
PLAIN_INTEGER = r"0|-?[1-9]\d{0,17}"
# A whole number as a float column shows it: an ID is written without the zeros.
FLOAT_TEXT = r"-?\d+\.0+"
# What DuckDB casts to a number as we would, so that the cast alone decides. It also casts 1_000,
# 0x1F, 5.5 (to 6) and text with spaces, which take the longer way.
PLAIN_LETTERS = {"integer": "[0-9+-]*", "number": "[0-9.eE+-]*"}
NOUNS = {
    "integer": "whole number",
    "number": "number",
    "flag": "flag (0 or 1, true or false, yes or no)",
}
SPACES = " \t\u00a0"
MAX_CELL_BYTES = 1_000_000
# The square of a greater number, summed over the customers, is beyond what a double holds.
MOST = "1e150"
FLOAT_TYPES = ("FLOAT", "DOUBLE")
FRACTION_TYPES = (*FLOAT_TYPES, "DECIMAL")
DATE_TYPES = ("DATE", "TIMESTAMP")
WHOLE_TYPES = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
)
QUOTE = "'\"'"
FIRST_ROWS = 10_000
# From this share of rows that repeat an ID on, a table looks like the lines of orders.
LINES_FROM = 0.2
MOST_ASKED = 64
SURVEY = '"survey of raw"'
RESTATED = '"restated raw"'
# Values that do not fit are named up to this many.
MOST_NAMED = 20
LIKENESS = {
    "held": "count(nullif({c}, ''))",
    "flags": "count(*) FILTER (WHERE lower({c}) IN ('true', 'false'))",
    "dates": f"count(*) FILTER (WHERE regexp_full_match({{c}}, '{DATE_LIKE}'))",
    "integers": f"count(*) FILTER (WHERE regexp_full_match({{c}}, '{INTEGER}'))",
    "numbers": f"count(*) FILTER (WHERE regexp_full_match({{c}}, '{NUMBER}'))",
    "padded": r"count(*) FILTER (WHERE regexp_full_match({c}, '0\d+'))",
}


@dataclass(frozen=True)
class Reading:
    """What was found while a table was read."""

    rows: int
    columns: dict[str, Column]
    undeclared: tuple[str, ...]
    date_formats: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, ColumnProfile] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


def quoted(name: str) -> str:
    """
    Write a column name as an SQL identifier.

    Examples
    --------
    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """
    Write a text as an SQL literal.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """
    Write a path as an SQL literal that means this file, whatever its name holds.

    Examples
    --------
    >>> file_literal(Path("/data/a[1]*.csv"))
    "'/data/a[[]1][*].csv'"
    """
    return literal(re.sub(r"([\[*?])", r"[\1]", str(path.absolute())))


def read_table(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    *,
    into: str,
    columns: dict[str, Column],
    null_values: tuple[str, ...] = ("",),
    sheet: str = "",
) -> Reading:
    """
    Read a table file into a DuckDB table, in file order.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Where the table is made.
    path : Path
        CSV, TSV, semicolon or bar file, gzipped or not, a Parquet file or a folder of parts.
    into : str
        Name of the new table. It has the file's columns, and its rows in file order. A number is
        BIGINT or DOUBLE, a flag 0 or 1, a date a text in its declared `format`.
    columns : dict of str to Column
        Declared columns; those of the file that are not declared are typed by what they hold.
    null_values : tuple of str
        Texts that stand for a missing value; an empty cell always does.
    sheet : str
        Sheet of a workbook; the first that holds a table unless given.

    Returns
    -------
    Reading
        Row count, the type of every column, which were not declared, the date formats found, and
        what was done to a file that is no plain CSV.

    Raises
    ------
    TableError
        Naming file, column and, for a text file, the first line at fault.
    """
    dialect = find_dialect(path, sheet=sheet)
    require_columns(path.name, dialect.header, columns)
    nulls = tuple(dict.fromkeys(("", *null_values)))
    try:
        reader = Reader(connection, path, dialect, f"{into}__raw", nulls)
        typed, formats = reader.make(into, columns)
        reader.drop()
    except (duckdb.OutOfMemoryException, MemoryError):
        raise TableError(
            f"`{path.name}` does not fit into memory: use fewer columns or rows, "
            "or `engine: spark`."
        ) from None
    except duckdb.Error as error:
        raise reading_fault(path, dialect, error) from None
    return Reading(
        rows=reader.rows,
        columns=typed,
        undeclared=tuple(name for name in dialect.header if name not in columns),
        date_formats=formats,
        profiles=reader.profiles,
        notes=dialect.notes,
    )


def profile_table(
    path: Path, *, sheet: str = "", null_values: Sequence[str] = ("",)
) -> TableProfile:
    """
    Say of each column of a table file what it can be read as, and what stands against it.

    Parameters
    ----------
    path : Path
        As for `read_table`.
    sheet : str
        Sheet of a workbook; the first that holds a table unless given.
    null_values : sequence of str
        Texts that stand for a missing value in every column.

    Returns
    -------
    TableProfile
        One `ColumnProfile` for each column of the file; nothing is refused but the file itself.

    Raises
    ------
    TableError
        Where the file cannot be read as a table.
    """
    dialect = find_dialect(path, sheet=sheet)
    nulls = tuple(dict.fromkeys(("", *null_values)))
    with duckdb.connect() as connection:
        try:
            reader = Reader(connection, path, dialect, "profiled", nulls)
            profiles = reader.profile()
        except duckdb.Error as error:
            raise reading_fault(path, dialect, error) from None
    return TableProfile(reader.rows, profiles, dialect.notes)


def require_columns(name: str, header: Sequence[str], columns: Mapping[str, Column]) -> None:
    """Refuse a header that lacks a declared column, or has one that is used inside."""
    """Refuse a table that lacks a declared column, or holds a name that is used inside."""
    for column in columns:
        if column not in header:
            raise TableError(
                f"`{name}` has no column `{column}`, which the params file declares in `columns`."
                + (nearest(column, header) or f" It has: {_some(header)}.")
            )
    if ROW in {one.casefold() for one in header}:
        raise TableError(f"`{name}` has a column `{ROW}`, a name that is used inside: rename it.")


def _some(names: Sequence[str], *, most: int = 12) -> str:
    shown = ", ".join("`" + name[:60].replace("\n", "\\n") + "`" for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def _raw_query(
    connection: duckdb.DuckDBPyConnection, dialect: Dialect, nulls: tuple[str, ...]
) -> str:
    """Write SQL for the rows of a table, untyped where it is text, in columns c0, c1, ..."""
    files = ", ".join(file_literal(part) for part in dialect.parts)
    null_list = ", ".join(literal(one) for one in nulls)
    if dialect.kind == "parquet":
        source = f"read_parquet([{files}], union_by_name=true, hive_partitioning=false)"
        described = connection.execute(f"DESCRIBE FROM {source}").fetchall()
        types = [described[position][1] for position in dialect.positions]
        cells = [
            f"CASE WHEN {quoted(name)} NOT IN ({null_list}) THEN {quoted(name)} END"
            if type_ == "VARCHAR"
            else quoted(name)
            for name, type_ in zip(dialect.header, types, strict=True)
        ]
        shown = ", ".join(
            f"{cell} AS c{position}"
            for cell, position in zip(cells, dialect.positions, strict=True)
        )
        return f"SELECT {shown} FROM {source}"
    shape = ", ".join(f"c{position}: 'VARCHAR'" for position in range(dialect.width))
    # In a table of one column a blank line comes as an empty cell: it is no row there either.
    alone = dialect.width == 1
    source = (
        f"read_csv([{files}], auto_detect=false, header=true, "
        f"delim={literal(dialect.separator)}, quote={QUOTE}, escape={QUOTE}, "
        f"columns={{{shape}}}, nullstr=[{literal('') if alone else null_list}], "
        f"compression='{'gzip' if dialect.compressed else 'none'}', "
        f"max_line_size={MAX_ROW_BYTES}, hive_partitioning=false, strict_mode=true, "
        f"parallel={'false' if alone else 'true'})"
    )
    if alone:
        cell = f"CASE WHEN c0 NOT IN ({null_list}) THEN c0 END"
        return f"SELECT {cell} AS c0 FROM {source} WHERE c0 IS NOT NULL"
    kept = ", ".join(f"c{position}" for position in dialect.positions)
    return f"SELECT {'*' if len(dialect.positions) == dialect.width else kept} FROM {source}"


def reading_fault(path: Path, dialect: Dialect, error: duckdb.Error | str) -> TableError:
    """Say in a person's words why DuckDB cannot read a file, having looked at the file itself."""
    if dialect.kind == "parquet":
        return TableError(
            f"`{path.name}` is not a readable Parquet file, or its parts do not fit together: "
            "make or fetch it again."
        )
    for part in dialect.parts:
        broken = first_broken(
            part,
            separator=dialect.separator,
            compressed=dialect.compressed,
            width=dialect.width,
            place=dialect.place_in,
        )
        if broken:
            return TableError(f"`{dialect.name_of(part)}`, {broken}")
    said = str(error)
    why = said if said.endswith("told apart") else "line ends or quotes are not regular"
    return TableError(
        f"`{path.name}` cannot be read as a table ({why}): save it again as CSV, "
        "with one kind of line end."
    )


class Reader:
    """
    Types the raw columns of one table, checking as it goes.

    The raw rows are a view: a text file is passed over twice, once to learn what its columns
    hold and once to type them, which takes less time and half the memory of a copy as text. The
    copy is made where the file is packed, and where a fault is to be found.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: Path,
        dialect: Dialect,
        raw: str,
        nulls: tuple[str, ...],
    ) -> None:
        self.connection = connection
        self.file = path.name
        self.dialect = dialect
        self.raw = quoted(raw)
        self.nulls = ", ".join(literal(one) for one in nulls)
        self.cells = {
            name: f"c{position}"
            for name, position in zip(dialect.header, dialect.positions, strict=True)
        }
        self.rows = 0
        self.plain: set[str] = set()
        self.float_ids: set[str] = set()
        self.timed: set[str] = set()
        self.held: dict[str, int] = {}
        self.profiles: dict[str, ColumnProfile] = {}
        self.types = dict(zip(dialect.header, self.open(nulls), strict=True))

    def open(self, nulls: tuple[str, ...]) -> list[str]:
        """Make the raw rows, in columns c0, c1, ..., and return DuckDB's names of their types."""
        self.query = _raw_query(self.connection, self.dialect, nulls)
        self.is_copied = self.dialect.compressed
        self.connection.execute(
            f"CREATE {'TABLE' if self.is_copied else 'VIEW'} {self.raw} AS {self.query}"
        )
        described = self.connection.execute(f"DESCRIBE {self.raw}").fetchall()
        return [row[1] for row in described]

    def drop(self) -> None:
        """Remove the raw rows."""
        self.connection.execute(f"DROP {'TABLE' if self.is_copied else 'VIEW'} {self.raw}")

    def _copy(self) -> str:
        """Make a copy of the raw rows, which knows their numbers, and return its name."""
        if not self.is_copied:
            self.drop()
            self.connection.execute(f"CREATE TABLE {self.raw} AS {self.query}")
            self.is_copied = True
        return self.raw

    def make(
        self, into: str, columns: Mapping[str, Column]
    ) -> tuple[dict[str, Column], dict[str, str]]:
        """Make the typed table; return the column types, and the date formats found."""
        self.profiles = self._infer([name for name in self.types if name not in columns])
        typed = {name: columns.get(name) or self.profiles[name].column for name in self.types}
        self.restate(self._restated(typed))
        self._survey(typed)
        formats: dict[str, str] = {}
        shown: dict[str, str] = {}
        for name, column in typed.items():
            if column.type == "id":
                shown[name] = self._id(name)
            elif column.type == "category":
                shown[name] = self._text(name)
            elif column.type == "date":
                shown[name], formats[name] = self._date(column)
            elif column.type == "flag":
                shown[name] = self._flag(column)
            else:
                shown[name] = self._number(column)
        # What is told of the columns holds for whoever reads the next table by it.
        for name in self.float_ids:
            typed[name] = replace(typed[name], read_as=FLOAT_ID)
        self.store(into, shown)
        self._check_typed(quoted(into), typed, shown)
        return typed, formats

    def profile(self) -> dict[str, ColumnProfile]:
        """Say of every column what it can be read as, dates with their formats."""
        profiles = self._infer(list(self.types))
        typed = {name: one.column for name, one in profiles.items()}
        self.restate(self._restated(typed))
        self._survey(typed)
        for name, column in typed.items():
            profiles[name] = replace(profiles[name], held=self.held[name])
            if column.type == "date":
                profiles[name] = self._date_profile(profiles[name])
        return profiles

    def _date_profile(self, profile: ColumnProfile) -> ColumnProfile:
        try:
            _, found = self._date(profile.column)
        except DateError as error:
            misfits = (Found(error.misfit, error.n_misfits, error.place),) if error.misfit else ()
            return replace(
                profile,
                type="category",
                looks_like="date",
                rivals=error.readings,
                misfits=misfits,
                n_misfits=error.n_misfits,
            )
        # A day from a date type, or written as ISO has it, needs no format.
        plain = ("yyyy-MM-dd", "a date type")
        time = " HH:mm" if profile.name in self.timed else ""
        return replace(profile, read_as=None if found + time in plain else found + time)

    def _restated(self, columns: Mapping[str, Column]) -> dict[str, str]:
        """SQL for the cells that are not read as they stand, by their names."""
        made = {}
        for name, column in columns.items():
            cell, form = self.cells[name], column.number_format
            shown = cell
            if form is not None and self.types[name] == "VARCHAR":
                shown = canonical_number(cell, form)
            if column.null_values:
                words = ", ".join(literal(one.strip(SPACES)) for one in column.null_values)
                test = f"{self._trimmed(name)} IN ({words})"
                shown = f"CASE WHEN {test} THEN NULL ELSE {shown} END"
            if shown != cell:
                made[cell] = shown
        return made

    def restate(self, shown: Mapping[str, str]) -> None:
        """Put expressions in the place of raw cells."""
        if not shown:
            return
        cells = ", ".join(f"{shown.get(cell, cell)} AS {cell}" for cell in self.cells.values())
        if self.is_copied:
            self.connection.execute(f"CREATE TABLE {RESTATED} AS SELECT {cells} FROM {self.raw}")
            self.connection.execute(f"DROP TABLE {self.raw}")
            self.connection.execute(f"ALTER TABLE {RESTATED} RENAME TO {self.raw}")
        else:
            self.query = f"SELECT {cells} FROM ({self.query})"
            self.connection.execute(f"CREATE OR REPLACE VIEW {self.raw} AS {self.query}")

    def store(self, into: str, shown: Mapping[str, str]) -> None:
        """Make the typed table from an expression for each of its columns."""
        self.connection.execute(f"DROP TABLE {SURVEY}")
        made = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in shown.items())
        typing = f"CREATE TABLE {quoted(into)} AS SELECT {made} FROM"
        try:
            self.connection.execute(f"{typing} {self.raw}")
        except duckdb.ConversionException:
            # DuckDB moves a TRY_CAST into its CSV reader and forgets the TRY.
            self.connection.execute(f"{typing} {self._copy()}")

    def _survey(self, columns: Mapping[str, Column]) -> None:
        """Learn in one pass what is needed to type the columns, and refuse absurd cells."""
        asked = {"n": "count(*)"}
        for name, column in columns.items():
            cell, text = self.cells[name], self._text(name)
            asked[f"held_{cell}"] = (
                f"count(nullif(isnan({cell}), true))"
                if self.types[name] in FLOAT_TYPES
                else f"count({cell})"
            )
            if column.type in ("id", "category"):
                asked[f"longest_{cell}"] = f"max(strlen({text}))"
            if column.type == "id":
                asked[f"plain_{cell}"] = _all_match(text, PLAIN_INTEGER)
            if column.type == "date" and not self.types[name].startswith(DATE_TYPES):
                asked |= self.dates_asked(name)
        grouped = {
            type_: [
                name
                for name, one in columns.items()
                if one.type == type_ and self.types[name] == "VARCHAR"
            ]
            for type_ in PLAIN_LETTERS
        }
        for type_, names in grouped.items():
            joined = ", ".join(self.cells[name] for name in names)
            asked[f"plain_{type_}"] = (
                _all_match(f"concat({joined})", PLAIN_LETTERS[type_]) if names else "true"
            )
        answer = self.answered(asked)
        self.rows = answer["n"]
        if self.rows == 0:
            raise TableError(f"`{self.file}` has a header and no row: expected one row a customer.")
        if self.dialect.rows not in (None, self.rows) and self.dialect.width > 1:
            self._check_rows()
        self.held = {name: answer[f"held_{self.cells[name]}"] for name in columns}
        for name in columns:
            if (answer.get(f"longest_{self.cells[name]}") or 0) > MAX_CELL_BYTES:
                raise self._long_cell(name)
            if columns[name].type == "id" and answer[f"plain_{self.cells[name]}"]:
                self.plain.add(name)
            elif columns[name].type == "id" and self._holds_floats(columns[name]):
                self.float_ids.add(name)
        for type_, names in grouped.items():
            if answer[f"plain_{type_}"]:
                self.plain |= set(names)
            else:
                letters = PLAIN_LETTERS[type_]
                apart = ", ".join(_all_match(self.cells[name], letters) for name in names)
                flags = self._one_row(f"SELECT {apart} FROM {self.raw}")
                self.plain |= {name for name, flag in zip(names, flags, strict=True) if flag}

    def _holds_floats(self, column: Column) -> bool:
        """Whether an ID column holds whole numbers as `17850.0`, which a gap makes of them."""
        name = column.name
        if self.types[name] != "VARCHAR" or column.read_as:
            return self.types[name] == "VARCHAR"
        test = f"SELECT {_all_match('c', FLOAT_TEXT)} AND count(c) > 0 FROM"
        cells = f"(SELECT {self._trimmed(name)} AS c FROM {self.raw}"
        return all(
            self._one_row(f"{test} {cells}{cut})")[0] for cut in (f" LIMIT {FIRST_ROWS}", "")
        )

    # What the columns hold

    def _infer(self, names: Sequence[str]) -> dict[str, ColumnProfile]:
        """Type of each column by what it holds: flag, date, integer, number or category."""
        texts = [name for name in names if self.types[name] == "VARCHAR"]
        # Most columns show in their first rows what they are not; the others are asked in full.
        found = self._ask(texts, LIKENESS, limit=FIRST_ROWS)
        kinds = {name: _likely_kind(one) for name, one in found.items()}
        asked = [name for name in texts if kinds[name] != "category" or found[name]["held"] == 0]
        whole = [name for name in asked if kinds[name] == "integer"]
        if whole:
            joined = f"concat_ws('|', {', '.join(self.cells[name] for name in whole)})"
            pattern = rf"(({PLAIN_INTEGER})\|?)*"
            if self._one_row(f"SELECT {_all_match(joined, pattern)} FROM {self.raw}")[0]:
                asked = [name for name in asked if name not in whole]
        found = self._ask(asked, LIKENESS)
        kinds |= {name: _likely_kind(one) for name, one in found.items()}
        kinds |= {name: self._typed_kind(name) for name in names if name not in texts}
        profiles = {name: ColumnProfile(name, kinds[name]) for name in names}
        return profiles | self._as_written(texts, kinds)

    def _as_written(
        self, texts: Sequence[str], kinds: Mapping[str, str]
    ) -> dict[str, ColumnProfile]:
        """Profiles of columns that are no plain numbers or dates, and may be written otherwise."""
        proposals = {
            name: propose(self._sample(name)) for name in texts if kinds[name] == "category"
        }
        numbers = {name: one for name, one in proposals.items() if one.kind == "number"}
        if any(form.decimal == "," for one in numbers.values() for form in one.formats):
            # What a comma means in one column says what a point means in another.
            plain = [name for name in texts if kinds[name] == "number"]
            numbers |= {name: propose(self._sample(name)) for name in plain}
        chosen = choose_formats(numbers, separator=self.dialect.separator)
        found = {}
        for name, form in chosen.items():
            if form is not None and form.is_plain and kinds[name] == "number":
                continue
            profile = self._number_profile(name, numbers[name], form)
            if profile is not None:
                found[name] = profile
        for name, one in proposals.items():
            if one.kind == "date":
                found[name] = self._dates_profile(name)
        return found

    def _sample(self, name: str) -> dict[str, int]:
        """Different texts of a column in its first rows, and how often each stands there."""
        rows = self._rows(
            f"SELECT v, count(*) FROM (SELECT {self._trimmed(name)} AS v FROM {self.raw} "
            f"LIMIT {FIRST_ROWS}) WHERE v <> '' AND v NOT IN ({self.nulls}) GROUP BY v"
        )
        return {str(text): int(count) for text, count in rows}

    def _number_profile(
        self, name: str, proposal: Proposal, form: NumberFormat | None
    ) -> ColumnProfile | None:
        """Hold a format that fits the first rows against all of them."""
        if form is None and len(proposal.formats) > 1:
            readings = tuple(one.example for one in proposal.formats)
            return ColumnProfile(name, "category", looks_like="number", rivals=readings)
        if form is None:
            form = most_fitting(proposal.values)
        misfits = self._misfits(name, self._fits_number("v", form))
        strange = [one for one in misfits if not is_missing_word(one.text)]
        if strange and all(looks_like_number(one.text) for one in strange):
            # The first rows may lack a mark that later ones have.
            values = dict(proposal.values) | {one.text: one.count for one in strange}
            wider = choose_formats({name: propose(values)}, separator=self.dialect.separator)[name]
            if wider is not None and wider != form:
                form = wider
                misfits = self._misfits(name, self._fits_number("v", form))
                strange = [one for one in misfits if not is_missing_word(one.text)]
        if strange:
            return self._with_misfits(name, "number", strange)
        whole, padded = self._counts_of_numbers(name, form)
        if padded:
            return None
        type_ = "integer" if whole else "number"
        return ColumnProfile(
            name,
            type_,
            read_as=None if form.is_plain else example_of(form, type_),
            unit=form.unit,
            missing_words=self._placed(name, misfits),
        )

    def _counts_of_numbers(self, name: str, form: NumberFormat) -> tuple[bool, bool]:
        """Whether all numbers of a column are whole, and whether one has zeros before it."""
        plain = "v" if form.is_plain else canonical_number("v", form)
        fits = self._fits_number("v", form)
        whole, padded = self._one_row(
            f"SELECT bool_and(regexp_full_match({plain}, {literal(INTEGER)})), "
            "coalesce(bool_or(regexp_full_match(v, '0\\d+')), false) "
            f"FROM (SELECT {self._trimmed(name)} AS v FROM {self.raw}) WHERE {fits}"
        )
        return bool(whole), bool(padded)

    def _dates_profile(self, name: str) -> ColumnProfile:
        """Hold the shape of dates against all rows of a column."""
        misfits = self._misfits(name, f"regexp_full_match(v, {literal(DATE_LIKE)})")
        strange = [one for one in misfits if not is_missing_word(one.text)]
        if strange:
            return self._with_misfits(name, "date", strange)
        return ColumnProfile(name, "date", missing_words=self._placed(name, misfits))

    def _with_misfits(self, name: str, like: str, strange: Sequence[Found]) -> ColumnProfile:
        return ColumnProfile(
            name,
            "category",
            looks_like=like,
            misfits=self._placed(name, strange[:MOST_NAMED]),
            n_misfits=sum(one.count for one in strange),
        )

    def _fits_number(self, value: str, form: NumberFormat) -> str:
        if form.is_plain:
            return f"regexp_full_match({value}, {literal(NUMBER)})"
        return f"regexp_full_match({unified(value)}, {literal(number_pattern(form))})"

    def _misfits(self, name: str, fits: str) -> list[Found]:
        """Texts of a column that do not fit, the most frequent first."""
        rows = self._rows(
            f"SELECT v, count(*) AS n FROM (SELECT {self._trimmed(name)} AS v FROM {self.raw}) "
            f"WHERE v <> '' AND v NOT IN ({self.nulls}) AND NOT {fits} "
            f"GROUP BY v ORDER BY n DESC, v LIMIT {FIRST_ROWS}"
        )
        return [Found(str(text), int(count)) for text, count in rows]

    def _placed(self, name: str, found: Sequence[Found]) -> tuple[Found, ...]:
        """Add to each text the place where it stands first."""
        if not found:
            return ()
        texts = ", ".join(literal(one.text) for one in found)
        rows = dict(
            self._rows(
                f"SELECT {self._trimmed(name)} AS v, min(rowid) FROM {self._copy()} "
                f"WHERE {self._trimmed(name)} IN ({texts}) GROUP BY 1"
            )
        )
        places = self._places([int(rows[one.text]) for one in found])
        return tuple(replace(one, place=place) for one, place in zip(found, places, strict=True))

    def _ask(
        self, names: Sequence[str], parts: Mapping[str, str], *, limit: int | None = None
    ) -> dict[str, dict[str, int]]:
        """Ask for several counts of several columns, in one pass for every few dozen of them."""
        if not names:
            return {}
        if len(names) > MOST_ASKED:
            rest = self._ask(names[MOST_ASKED:], parts, limit=limit)
            return self._ask(names[:MOST_ASKED], parts, limit=limit) | rest
        asked = ", ".join(
            sql.replace("{c}", self._trimmed(name)) for name in names for sql in parts.values()
        )
        cut = f" LIMIT {limit}" if limit else ""
        answer = iter(self._one_row(f"SELECT {asked} FROM (SELECT * FROM {self.raw}{cut})"))
        return {name: {part: next(answer) for part in parts} for name in names}

    def _typed_kind(self, name: str) -> str:
        """Type of a column of Parquet by its own type."""
        type_, cell = self.types[name], self.cells[name]
        if type_ == "BOOLEAN":
            return "flag"
        if type_.startswith(DATE_TYPES):
            return "date"
        if type_ in WHOLE_TYPES:
            return "integer"
        if not type_.startswith(FRACTION_TYPES):
            return "category"
        held, whole = self._one_row(
            "SELECT count(*) FILTER (WHERE NOT isnan(x)), "
            "count(*) FILTER (WHERE x = trunc(x) AND abs(x) < 9e18) "
            f"FROM (SELECT CAST({cell} AS DOUBLE) AS x FROM {self.raw})"
        )
        if not held:
            return "category"
        return "integer" if held == whole else "number"

    def _missing(self, name: str) -> str:
        """SQL that is true where a column has no value."""
        cell = self.cells[name]
        if self.types[name] in FLOAT_TYPES:
            return f"({cell} IS NULL OR isnan({cell}))"
        if self.types[name] != "VARCHAR" or name in self.plain:
            return f"({cell} IS NULL)"
        return f"({cell} IS NULL OR {self._trimmed(name)} IN ({self.nulls}))"

    # Typed expressions, NULL where a cell cannot be typed

    def _text(self, name: str) -> str:
        """SQL for the text of a cell; a whole number that is held as a float has no `.0`."""
        cell = self.cells[name]
        if name in self.float_ids:
            text = f"trim({cell}, {literal(SPACES)})"
            whole = f"regexp_full_match({text}, {literal(FLOAT_TEXT)})"
            return f"CASE WHEN {whole} THEN regexp_replace({text}, '\\.0+$', '') ELSE {text} END"
        if self.types[name] == "VARCHAR":
            return cell
        if self.types[name] in FLOAT_TYPES:
            return (
                f"CASE WHEN isnan({cell}) THEN NULL "
                f"WHEN {cell} = trunc({cell}) AND abs({cell}) < 9e15 "
                f"THEN CAST(CAST({cell} AS BIGINT) AS VARCHAR) ELSE CAST({cell} AS VARCHAR) END"
            )
        return f"CAST({cell} AS VARCHAR)"

    def _trimmed(self, name: str) -> str:
        return f"trim({self._text(name)}, {literal(SPACES)})"

    def _number(self, column: Column) -> str:
        whole, type_ = column.type == "integer", self.types[column.name]
        cell = self.cells[column.name]
        if type_ != "VARCHAR" and whole:
            real = f"CAST({cell} AS DOUBLE)"
            test = f"{real} = trunc({real}) AND isfinite({real})"
            return f"CASE WHEN {test} THEN TRY_CAST({cell} AS BIGINT) END"
        plain = column.name in self.plain
        text = cell if plain else self._trimmed(column.name)
        if whole and plain:
            return f"TRY_CAST({text} AS BIGINT)"
        if whole:
            digits = f"regexp_replace({text}, '\\.0*$', '')"
            test = f"regexp_full_match({text}, {literal(INTEGER)})"
            return f"CASE WHEN {test} THEN TRY_CAST({digits} AS BIGINT) END"
        real = f"TRY_CAST({cell if type_ != 'VARCHAR' else text} AS DOUBLE)"
        test = f"isfinite({real}) AND abs({real}) < {MOST}"
        if type_ == "VARCHAR" and not plain:
            test += f" AND regexp_full_match({text}, {literal(NUMBER)})"
        return f"CASE WHEN {test} THEN {real} END"

    def _flag(self, column: Column) -> str:
        trimmed = self._trimmed(column.name)
        text, (true, false) = f"lower({trimmed})", (TRUE, FALSE)
        if column.texts is not None:
            text, (true, false) = trimmed, column.texts
        yes, no = (", ".join(literal(one) for one in texts) for texts in (true, false))
        return f"CASE WHEN {text} IN ({yes}) THEN 1 WHEN {text} IN ({no}) THEN 0 END"

    def _id(self, name: str) -> str:
        if self.held[name] < self.rows:
            (row,) = self._one_row(
                f"SELECT min(rowid) FROM {self._copy()} WHERE {self._missing(name)}"
            )
            raise TableError(
                f"{self._where(row)}: the ID column `{name}` is empty: every row needs an ID. "
                "Mend the file, or declare no ID column."
            )
        text = self._text(name)
        return f"CAST({text} AS BIGINT)" if name in self.plain else text

    def answered(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """Ask the survey's questions; what `dates_held` needs stays in the database."""
        shown = ", ".join(f"{sql} AS {key}" for key, sql in asked.items())
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {SURVEY} AS SELECT {shown} FROM {self.raw}"
        )
        plain_keys = [key for key in asked if not key.startswith("dates_")]
        answer = self._one_row(f"SELECT {', '.join(plain_keys)} FROM {SURVEY}")
        return dict(zip(plain_keys, answer, strict=True))

    def dates_asked(self, name: str) -> dict[str, str]:
        """What the survey must hold for `dates_held`."""
        # A million rows hold a few thousand dates: each of those is tried once.
        return {f"dates_{self.cells[name]}": f"histogram({self._trimmed(name)})"}

    def dates_held(self, name: str) -> str:
        """SQL for the different texts of a date column: `value`, their count `n`, and `date`."""
        return (
            f"(SELECT one.key AS value, one.value AS n, {without_time('one.key')} AS date "
            f"FROM (SELECT unnest(map_entries(dates_{self.cells[name]})) AS one FROM {SURVEY}) "
            f"WHERE one.key NOT IN ({self.nulls}))"
        )

    def _date(self, column: Column) -> tuple[str, str]:
        cell = self.cells[column.name]
        if self.types[column.name].startswith(DATE_TYPES):
            return canonical(f"CAST({cell} AS TIMESTAMP)", column), "a date type"
        values = self.dates_held(column.name)
        held, is_timed = self._one_row(
            f"SELECT coalesce(sum(n), 0), coalesce(bool_or(date <> value), false) FROM {values}"
        )
        missing, text = self._missing(column.name), self._trimmed(column.name)
        date = without_time(text) if is_timed else text
        if is_timed:
            self.timed.add(column.name)
        tried = self._tried(candidates_for(column), values)
        if not column.read_as and all(one.parsed < held for one in tried):
            tried += self._without_year_first(self._tried(rarer_candidates(), values), held, values)
        found = choose_format(
            column,
            tried,
            file=self.file,
            held=int(held),
            first_fault=lambda one: self._placed_fault(
                column.name, f"NOT {missing} AND ({one.parse(date)}) IS NULL"
            ),
        )
        as_declared = canonical(found.parse("date"), column)
        (is_same,) = self._one_row(f"SELECT bool_and({as_declared} = value) FROM {values}")
        shown = text if is_same else canonical(found.parse(date), column)
        return f"CASE WHEN NOT {missing} THEN {shown} END", found.java

    def _tried(self, candidates: Sequence[Candidate], values: str) -> list[Candidate]:
        """Count what each date format makes of the different texts of a column."""
        parsed = [one.parse("date") for one in candidates]
        counts = ", ".join(
            f"coalesce(sum(n) FILTER (WHERE ({one}) IS NOT NULL), 0), "
            f"coalesce(sum(hash(concat(date, CAST({one} AS VARCHAR))) % 1000003), 0)"
            for one in parsed
        )
        tried = self._one_row(f"SELECT {counts} FROM {values}")
        return [
            one.with_counts(parsed=int(count), signature=int(signature))
            for one, count, signature in zip(candidates, tried[::2], tried[1::2], strict=True)
        ]

    def _without_year_first(
        self, tried: list[Candidate], held: int, values: str
    ) -> list[Candidate]:
        """Of `24-06-02` and `02-06-24`, keep those by which the days vary more than the years."""
        full = {one.java for one in tried if one.parsed == held}
        if YEAR_FIRST not in full or len(full) == 1:
            return tried
        first, last = self._one_row(
            "SELECT count(DISTINCT regexp_extract(date, '^(\\d+)', 1)), "
            f"count(DISTINCT regexp_extract(date, '(\\d+)$', 1)) FROM {values}"
        )
        if first == last:
            return tried
        return [one for one in tried if (one.java == YEAR_FIRST) == (last > first)]

    # Faults, with their places

    def _check_rows(self) -> None:
        """Find out which line was left out, where fewer rows came than the file has."""
        dialect = self.dialect
        there = count_rows(
            dialect.parts, separator=dialect.separator, compressed=dialect.compressed
        )
        if there != self.rows:
            raise reading_fault(
                Path(self.file), dialect, f"{self.rows:,} of {there:,} rows can be told apart"
            )

    def _long_cell(self, name: str) -> TableError:
        """Refuse a cell of absurd length: most likely a quote is missing."""
        length = f"strlen({self._text(name)})"
        row, held = self._one_row(
            f"SELECT min(rowid), arg_min({length}, rowid) FROM {self._copy()} "
            f"WHERE {length} > {MAX_CELL_BYTES}"
        )
        return TableError(
            f"{self._where(row)}: `{name}` holds a cell of {held:,} bytes, more than the "
            f"{MAX_CELL_BYTES:,} that are read: shorten it, or remove the column."
        )

    def _check_typed(
        self, table: str, columns: Mapping[str, Column], shown: Mapping[str, str]
    ) -> None:
        """Refuse IDs that repeat, and the first column with a cell that could not be typed."""
        counts = ", ".join(
            f"count({'DISTINCT ' if column.type == 'id' else ''}{quoted(name)})"
            for name, column in columns.items()
        )
        rows, *made = self._one_row(f"SELECT count(*), {counts} FROM {table}")
        if rows != self.rows:
            raise TableError(f"`{self.file}` changed while it was read: make the report again.")
        for (name, column), count in zip(columns.items(), made, strict=True):
            if count == self.held[name]:
                continue
            if column.type == "id":
                raise self._repeated_id(name, repeats=self.rows - count)
            # A cell with nothing but spaces counts as held above, and is missing after all.
            fault = self._fault(name, f"NOT {self._missing(name)} AND ({shown[name]}) IS NULL")
            if fault:
                raise self._refusal(name, NOUNS.get(column.type, column.type), *fault)

    def _repeated_id(self, name: str, *, repeats: int) -> TableError:
        text = self._text(name)
        first, held = self._one_row(
            f"SELECT min(rowid) AS first, {text} AS held FROM {self._copy()} GROUP BY {text} "
            "HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
        )
        (second,) = self._one_row(
            f"SELECT min(rowid) FROM {self._copy()} "
            f"WHERE {text} = {literal(str(held))} AND rowid > {first}"
        )
        places = self._places([first, second])
        more = "1 row repeats" if repeats == 1 else f"{repeats:,} rows repeat"
        return TableError(
            f"`{self.file}`: the ID column `{name}` repeats {_shown(held)} ({places[0]} and "
            f"{places[1]}; {more} an ID in all): every row needs an ID of its own."
            + self._looks_like_lines(name, repeats)
        )

    def _looks_like_lines(self, name: str, repeats: int) -> str:
        """Advice where so many rows repeat an ID that they look like the lines of orders."""
        if repeats < LINES_FROM * self.rows:
            return ""
        return (
            " Several rows of one customer look like order lines: draft a params file that groups "
            f"them by `make params DATA=...`, or write `group_by: {name}` and `aggregates:` with "
            "what is to be known of a customer, like `- Spending: sum(amount)`, in place of "
            "`id_column`."
        )

    def _refusal(self, name: str, noun: str, count: int, row: int, held: str) -> TableError:
        if count == 1:
            where, rows = self._where(row), "1 row"
        else:
            where = f"`{self.file}`"
            rows = f"{count:,} rows (first: {self._places([row])[0]})"
        return TableError(
            f"{where}: `{name}` holds {_shown(held)} in {rows}: not a {noun}. "
            f"{self._advice(name, held)}"
            "Declare it in `null_values` if it stands for a missing value, or mend the file."
        )

    def _advice(self, name: str, held: str) -> str:
        """What may be meant by a value, and how to declare it where one reading fits all."""
        forms = propose(self._sample(name)).formats
        said = _advice(held)
        if not said or not forms or forms[0].is_plain:
            return said
        shown = " or ".join(f"`read_as: {_in_yaml(one.example)}`" for one in forms)
        return f"{said.split(':')[0]}: declare {shown} under `{name}` in `columns`. "

    def _fault(self, name: str, condition: str) -> tuple[int, int, str] | None:
        """Count of rows where a condition holds, the first of them, and what it holds."""
        count, row, held = self._one_row(
            f"SELECT count(*), min(rowid), arg_min({self._text(name)}, rowid) "
            f"FROM {self._copy()} WHERE {condition}"
        )
        return (count, row, str(held)) if count else None

    def _placed_fault(self, name: str, condition: str) -> tuple[int, str, str] | None:
        fault = self._fault(name, condition)
        return (fault[0], self._where(fault[1]), fault[2]) if fault else None

    def _where(self, row: int) -> str:
        return f"`{self.file}`, {self._places([row])[0]}"

    def _places(self, rows: Sequence[int]) -> list[str]:
        """Lines of rows in a text file; in Parquet, which has no lines, their row numbers."""
        dialect = self.dialect
        found: dict[int, tuple[Path, int]] = {}
        if dialect.kind == "csv":
            found = lines_of_rows(
                rows, dialect.parts, separator=dialect.separator, compressed=dialect.compressed
            )
        places = []
        for row in rows:
            if row not in found:
                places.append(f"row {row + 1:,}")
            else:
                places.append(dialect.place(found[row][0], row, found[row][1]))
        return places

    def _one_row(self, query: str) -> tuple:
        rows = self._rows(query)
        return tuple(rows[0]) if rows else ()

    def _rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()


def _all_match(value: str, pattern: str) -> str:
    """SQL that is true where every value of a column is as a pattern has it."""
    return f"coalesce(bool_and(regexp_full_match({value}, {literal(pattern)})), true)"


def _likely_kind(counts: Mapping[str, int]) -> str:
    """Type of a text column by how many of its values look like what."""
    held = counts["held"]
    if not held:
        return "category"
    if counts["flags"] == held:
        return "flag"
    if counts["dates"] == held:
        return "date"
    # A number with zeros before it is a code, like a postcode.
    if counts["padded"] or counts["numbers"] < held:
        return "category"
    return "integer" if counts["integers"] == held else "number"


def _in_yaml(text: str) -> str:
    """A text as a value of a params file, in quotes where YAML would read something else."""
    is_plain = re.fullmatch(r"[\w$€£.][\w.,$€£]*", text) is not None
    return text if is_plain else "'" + text.replace("'", "''") + "'"


def _shown(value: object, *, most: int = 40) -> str:
    text = str(value)
    return repr(text if len(text) <= most else text[:most] + "...")


def _advice(held: str) -> str:
    text = held.strip(SPACES)
    if re.search(r"[$€£¥₹%]|(?i:\b(usd|eur|gbp|chf|rs)\b)", text):
        return "It carries a currency or percent sign: write the number alone. "
    if re.fullmatch(r"[+-]?\d{1,3}([,'’ \u00a0\u202f]\d{3})+(\.\d+)?", text):
        return "It looks like thousands separators: write it without them. "
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d+|[+-]?(\d{1,3}([ '\u00a0]\d{3})+|\d+),\d+", text):
        return "It looks like a decimal comma: write it with a point. "
    if re.fullmatch(r"[+-]?\d{19,}(\.0*)?|[+-]?\d[\d.]*[eE]\+?\d{3,}", text):
        return "It is too large to be held exactly: shorten it, or declare it a category. "
    return ""
