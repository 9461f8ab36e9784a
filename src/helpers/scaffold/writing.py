"""The text of a drafted params file, and the summary that is printed beside it."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from helpers import words
from helpers.scaffold.proposal import Draft
from helpers.scaffold.schema import SCHEMA
from helpers.workspace import ROOT

HELP = {
    "title": "title of the report",
    "id_column": 'the column that names a customer; "" for none',
    "sheet": 'sheet of a workbook; "" for the first with a table',
    "null_values": "texts that stand for a missing value",
    "repeats": "rows that repeat another apart from the ID: keep or drop",
    "impossible": "values outside min and max above: keep, clip or drop",
    "outliers": "values outside the quantile fences: keep, clip or drop",
    "nulls": "customers who lack a feature: drop or median",
    "value_column": 'money earned, by which segments are ordered; "" for none',
    "outcomes": "checked against the segments, never a feature",
    "names": "what a column is called in prose",
    "histograms": "numeric columns to draw",
    "box_plots": "a number by a category",
    "correlation_columns": "columns of the correlation picture",
    "pivots": "mean of a number by two categories",
    "clip_quantiles": "[] for no clipping",
    "k": "or a number",
    "k_max": "largest number of segments tried",
    "personas": "the catalogue that names segments",
    "channels": "columns that count orders, one a channel",
    "visits_column": 'column that counts visits; "" for none',
    "recency_column": 'column that counts days since the last order; "" for none',
    "rfm": "columns of recency, frequency and monetary value; {} for none",
    "roles": "columns by the part they play for personas: tenure, risk, loss, ...; {} for none",
    "category_columns": "categories and flags to break the segments down by",
    "spend_columns": "spending by category of goods",
}
WIDTH = 30
WIDEST = 60
"""Column of the comments beside the columns, at most."""


def text_of(draft: Draft, *, folder: Path) -> str:
    """
    Write a draft as YAML with comments.

    Parameters
    ----------
    draft : Draft
        What is proposed.
    folder : Path
        Where the file is to lie: it names the schema for editors from there.

    Returns
    -------
    str
        Ends in a line break.
    """
    values, help_ = draft.values, HELP | draft.help
    steps = values["sql_steps"]
    made = [name for step in steps for name in step]
    first: tuple[str, ...] = (
        ("title", "null_values") if "group_by" in values else ("title", "id_column", "null_values")
    )
    if "sheet" in values:
        first = (*first[:-1], "sheet", first[-1])
    lines = [
        _schema_line(folder),
        f"# Drafted from {plain(draft.file)}: every choice below is a guess from names and values.",
        "# Read it through, change what is wrong, and run it again.",
        *(f"# Note: {plain(note, most=400)}" for note in draft.notes),
        _section("the table"),
        *(_entry(key, values[key], help_[key]) for key in first),
        "columns:                       # type: id, integer, number, category, flag or date;",
        "                               # add min and max for the range of possible values",
        *_beside(
            [f"  {pair(name, declared)}" for name, declared in values["columns"].items()],
            [draft.said[name] for name in values["columns"]],
        ),
        *(_lines_text(draft) if "group_by" in values else []),
        _section("what is done with its faults"),
        *(
            _entry(key, values[key], help_[key])
            for key in ("repeats", "impossible", "outliers", "nulls")
        ),
        _section("features"),
        _entry("as_of", values["as_of"], help_["as_of"]),
        "sql_steps:                     # derived columns in Spark SQL, run in this order"
        if steps
        else _entry("sql_steps", [], "derived columns in Spark SQL: a list of `name: expression`"),
        *_beside(
            [f"  - {pair(*one)}" for step in steps for one in step.items()],
            [draft.said[name] for name in made],
        ),
        "features:                      # the columns that customers are told apart by",
        *(f"  - {in_yaml(name)}" for name in values["features"]),
        *(_entry(key, values[key], help_[key]) for key in ("value_column", "outcomes")),
        _section("how columns are named and measured"),
        _entry("names", values["names"], help_["names"]),
        *_mapping("units", values["units"], "what it is measured in: money, percent, days, ..."),
        _section("pictures of the customers"),
        *(
            _entry(key, values[key], help_[key])
            for key in ("histograms", "box_plots", "correlation_columns", "pivots")
        ),
        _section("tuning"),
        _entry("clip_quantiles", values["clip_quantiles"], help_["clip_quantiles"]),
        *_mapping(
            "transforms", values["transforms"], "feature to log or rank, for one with a long tail"
        ),
        *(_entry(key, values[key], help_.get(key, "")) for key in ("k", "k_min", "k_max")),
        _section("profiles"),
        *(
            _entry(key, values[key], help_[key])
            for key in (
                *("personas", "channels", "visits_column", "recency_column", "rfm", "roles"),
                *("category_columns", "spend_columns"),
            )
        ),
    ]
    return "\n".join(lines) + "\n"


def _lines_text(draft: Draft) -> list[str]:
    """The keys that make customers of order lines."""
    values = draft.values
    aggregates = [one for entry in values["aggregates"] for one in entry.items()]
    lines = [
        _section("from order lines to customers"),
        _entry("group_by", values["group_by"], "the customer of a line: the ID from here on"),
        *_listed("line_steps", values["line_steps"], "columns derived of a line, in Spark SQL"),
        *_listed("line_filters", values["line_filters"], "a line that fails has this reason"),
        *_mapping("line_roles", values["line_roles"], "the date, order and amount of a line"),
        _entry("returns", values["returns"], "lines below 0: net, drop or share"),
        f"{'aggregates:':<{WIDTH}} # of a customer's lines, in Spark SQL",
        *_beside(
            [f"  - {pair(*one)}" for one in aggregates],
            [draft.said[name] for name, _ in aggregates],
        ),
    ]
    return lines


def _listed(key: str, entries: Sequence[dict[str, str]], help_: str) -> list[str]:
    if not entries:
        return [_entry(key, [], help_)]
    pairs = [one for entry in entries for one in entry.items()]
    return [f"{key + ':':<{WIDTH}} # {help_}", *(f"  - {pair(*one)}" for one in pairs)]


def summary_of(draft: Draft) -> list[str]:
    """
    Say what was taken for what, a line for each column.

    Parameters
    ----------
    draft : Draft
        What is proposed.

    Returns
    -------
    list of str
        How many rows and columns, the notes, then the columns by what they are used for.
    """
    values = draft.values
    count = words.plural(len(values["columns"]), "column")
    lines = [f"{plain(draft.file)}: {words.plural(draft.rows, 'row')}, {count}"]
    lines += [f"  note: {plain(note, most=400)}" for note in draft.notes]
    used = {name for name, told in draft.said.items() if not told.startswith("left out")}
    order = [
        [name for name in (values.get("id_column") or values.get("group_by"),) if name],
        values["features"],
        values["outcomes"],
        values["category_columns"],
        [name for name in draft.said if name in used],
        list(draft.said),
    ]
    names = dict.fromkeys(name for group in order for name in group)
    width = min(28, max(len(plain(name)) for name in names))
    lines += [f"  {plain(name):<{width}}  {draft.said[name]}" for name in names]
    if not (values.get("id_column") or values.get("group_by")):
        lines.append("  no column names a customer: rows go by their order")
    if not values["value_column"]:
        lines.append("  no column is money earned: the report counts customers")
    return lines


def plain(text: str, *, most: int = 40) -> str:
    """
    A text for one line of a comment: without line breaks, and short.

    Examples
    --------
    >>> plain("one" + chr(10) + "two")
    'one two'
    """
    shown = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return shown if len(shown) <= most else shown[:most] + "..."


def in_yaml(value: Any) -> str:
    """
    A value on one line of YAML, quoted where it must be.

    Examples
    --------
    >>> in_yaml("yes"), in_yaml(["a", "b: c"])
    ("'yes'", "[a, 'b: c']")
    """
    if isinstance(value, dict):
        return "{" + ", ".join(pair(key, one) for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(in_yaml(one) for one in value) + "]"
    if isinstance(value, str) and not value.isprintable():
        # An escape for what is not printable, which YAML would fold or refuse.
        return "".join(one if one.isprintable() else _escaped(one) for one in json.dumps(value))
    text = yaml.safe_dump(
        [value], default_flow_style=True, allow_unicode=True, width=10**9, sort_keys=False
    )
    return text.strip()[1:-1]


def _escaped(letter: str) -> str:
    return f"\\U{ord(letter):08x}"


def pair(key: str, value: Any) -> str:
    """
    A key and its value on one line of YAML.

    PyYAML itself writes a key of more than 128 characters as a question, which no one reads.

    Examples
    --------
    >>> pair("a: b", {"type": "id"})
    "'a: b': {type: id}"
    """
    return f"{in_yaml(key)}: {in_yaml(value)}"


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


def _beside(entries: Sequence[str], comments: Sequence[str]) -> list[str]:
    """Lines with their comments below one another."""
    width = max([WIDTH, *(len(one) for one in entries if len(one) <= WIDEST)])
    return [
        f"{entry:<{width}} # {plain(comment, most=300)}"
        for entry, comment in zip(entries, comments, strict=True)
    ]


def _entry(key: str, value: Any, help_: str = "") -> str:
    line = f"{key}: {in_yaml(value)}"
    return f"{line:<{WIDTH}} # {help_}" if help_ else line


def _mapping(key: str, value: dict[str, str], help_: str) -> list[str]:
    if not value:
        return [_entry(key, {}, help_)]
    return [f"{key + ':':<{WIDTH}} # {help_}", *(f"  {pair(*one)}" for one in value.items())]


def _section(title: str) -> str:
    return f"\n# --- {title} {'-' * (88 - len(title))}"
