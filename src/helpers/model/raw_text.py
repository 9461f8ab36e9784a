"""SQL that reads a column of raw text as the table reader does, in the dialects of the scorer."""

import re

import sqlglot
from sqlglot import exp

from helpers.params.date_formats import PARTS, date_part
from helpers.params.number_formats import NumberFormat
from helpers.tables.dates import COMPACT, full_year, month_number
from helpers.tables.numbers import digits

TEXT = "raw_text"
"""Stands for the text of a cell in the SQL of this module."""


def number_sql(form: NumberFormat) -> str:
    """
    SQL for the plain text of a number that is written in a format, in DuckDB's dialect.

    Returns
    -------
    str
        Of `raw_text`; null where that is empty.
    """
    return f"nullif({digits(TEXT, form)}, '')"


def id_sql() -> str:
    """SQL for the text of an ID without the `.0` that a float column puts behind it."""
    text = f"trim({TEXT})"
    return f"CASE WHEN {text} LIKE '%.0' THEN split_part({text}, '.', 1) ELSE {text} END"


def date_sql(read_as: str, *, shown_as: str) -> str:
    """
    SQL for a date that a file writes in one format, as text in another, in DuckDB's dialect.

    Parameters
    ----------
    read_as : str
        The format of the file; a time of day behind it is left out.
    shown_as : str
        The format that the SQL steps read: `yyyy`, `MM`, `dd` and marks.

    Returns
    -------
    str
        Of `raw_text`.

    Examples
    --------
    >>> import duckdb
    >>> sql = date_sql("dd MMM yy", shown_as="yyyy-MM-dd").replace(TEXT, "'5. Mai 97'")
    >>> duckdb.execute(f"SELECT {sql}").fetchone()
    ('1997-05-05',)
    """
    date = date_part(read_as, where="`read_as`")
    parts = PARTS.findall(date)
    found: dict[str, str] = {}
    if date == COMPACT:
        for one, at, size in (("y", 1, 4), ("M", 5, 2), ("d", 7, 2)):
            found[one] = f"substring(trim({TEXT}), {at}, {size})"
    else:
        named = any(one.startswith("MMM") for one in parts)
        text, mark = (_unmarked(), " ") if named else _without_time(date)
        found = {
            one[0]: f"trim(split_part({text}, '{mark}', {place}))"
            for place, one in enumerate(parts, start=1)
        }
        if named:
            found["M"] = month_number(found["M"])
        if "yy" in parts:
            found["y"] = full_year(found["y"])
    padded = {
        "yyyy": found["y"],
        "MM": f"lpad({found['M']}, 2, '0')",
        "dd": f"lpad({found['d']}, 2, '0')",
    }
    pieces: list[str] = []
    for one in re.split(f"({PARTS.pattern})", shown_as):
        if one:
            pieces.append(padded.get(one) or "'" + one.replace("'", "''") + "'")
    return f"concat({', '.join(pieces)})"


def _unmarked() -> str:
    """The text with blanks alone between its parts, in small letters."""
    text = f"lower(trim({TEXT}))"
    for mark in ("-", "/", ".", ",", " de "):
        text = f"replace({text}, '{mark}', ' ')"
    return f"replace(replace({text}, '  ', ' '), '  ', ' ')"


def _without_time(date: str) -> tuple[str, str]:
    """The text up to a time of day, and the mark between its parts."""
    marks = [one.strip() for one in PARTS.split(date) if one.strip()]
    mark = marks[0] if marks else " "
    if mark == " ":
        return f"trim({TEXT})", mark
    # `12. 5. 2024 10:00`: the time begins after the part behind the last mark.
    if any(" " in one for one in PARTS.split(date)):
        return f"replace(trim({TEXT}), '{mark} ', '{mark}')", mark
    return f"split_part(split_part(trim({TEXT}), 'T', 1), ' ', 1)", mark


def in_dialect(sql: str, text: str, dialect: str) -> str:
    """
    Write SQL of this module in a dialect.

    Parameters
    ----------
    sql : str
        As a function of this module returns it.
    text : str
        SQL for the text of the cell, in the dialect.
    dialect : str
        One of the scorer's.

    Returns
    -------
    str
        SQL in the dialect.

    Examples
    --------
    >>> in_dialect(id_sql(), "id", "bigquery")
    "CASE WHEN TRIM(id) LIKE '%.0' THEN SPLIT(TRIM(id), '.')[SAFE_OFFSET(0)] ELSE TRIM(id) END"
    """
    tree = sqlglot.parse_one(sql, read="duckdb")
    # From the leaves up, since what is rewritten may hold what must be.
    for node in reversed(list(tree.walk())):
        made = _suited(node, dialect)
        if made is node:
            continue
        if node is tree:
            tree = made
        else:
            node.replace(made)
    return re.sub(rf"\b{TEXT}\b", lambda _: text, str(tree.sql(dialect=dialect)))


def _suited(node: exp.Expression, dialect: str) -> exp.Expression:
    if isinstance(node, exp.SplitPart) and dialect == "bigquery":
        place = int(node.args["part_index"].this) - 1
        found = sqlglot.parse_one(f"SPLIT(x, y)[SAFE_OFFSET({place})]", read="bigquery")
        given = {"x": node.this, "y": node.args["delimiter"]}
        for column in list(found.find_all(exp.Column)):
            column.replace(given[column.name])
        return found
    if isinstance(node, exp.Concat):
        # The texts are there: nothing has to stand in for a null.
        return exp.Anonymous(this="CONCAT", expressions=node.expressions)
    return node
