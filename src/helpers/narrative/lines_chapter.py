"""What 01 says of order lines: how many count, what returns took, who bought once."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers import words
from helpers.engines.base import Table
from helpers.preparation import profiling
from helpers.preparation.grouping import DROPPED, RETURNED
from helpers.preparation.line_findings import LineFindings
from helpers.preparation.loading import LoadedCustomers

FORMATS = {"share": words.percent}
LINES = "order line"


def source(loaded: LoadedCustomers, *, file: str) -> list[str]:
    """
    Say what a row of the table is, and how customers were made of it.

    Parameters
    ----------
    loaded : LoadedCustomers
        From `helpers.preparation.loading.load_customers`.
    file : str
        Name of the table.

    Returns
    -------
    list of str
        Sentences.
    """
    lines = loaded.lines
    if lines is None:
        return [f"Each row of {file} is one customer; nothing was grouped."]
    said = [f"Each row of {file} is an order line; the lines of a customer were added up."]
    read = [
        f"{noun} in “{name}”"
        for noun, name in (
            ("its date", lines.roles.date),
            ("its order", lines.roles.order),
            ("its amount", lines.roles.amount),
        )
        if name
    ]
    if read:
        said.append(f"A line has {words.listing(read)}.")
    if lines.roles.date:
        day = pd.Timestamp(loaded.as_of)
        is_last = loaded.model is not None and loaded.model.last
        tail = ", the day after the last line." if is_last else "; later lines are set aside."
        said.append(f"Days are counted up to {day.day} {day.strftime('%B %Y')}{tail}")
    return said


def ledgers(loaded: LoadedCustomers, derived: Table) -> list[tuple[pd.DataFrame, str]]:
    """
    Lines in and lines out, customers in and customers out, each row with its reason.

    Parameters
    ----------
    loaded : LoadedCustomers
        Customers made of order lines.
    derived : Table
        Those customers, with the column `reason`.

    Returns
    -------
    list of (DataFrame, str)
        Each table adds up to its last row. Nothing where no lines were grouped.
    """
    lines = loaded.lines
    if lines is None:
        return []
    used = {"order lines": "used", "n": lines.used}
    rows: list[dict[str, Any]] = [used]
    rows += [
        {"order lines": _plain(row["reason"]), "n": int(row["n"])}
        for row in lines.reasons.to_dict("records")
    ]
    rows.append({"order lines": "in all", "n": lines.rows})
    share = words.percent(lines.used / lines.rows)
    verb = "is" if lines.used == 1 else "are"
    caption = (
        f"Of {words.plural(lines.rows, LINES)}, {words.number(lines.used)} ({share}) {verb} used"
        + _aside(lines.set_aside)
        if lines.set_aside
        else f"Every one of {words.plural(lines.rows, LINES)} is used"
    )
    reasons = profiling.reasons(derived)
    clustered = derived.rows - int(reasons["n"].sum())
    people: list[dict[str, Any]] = [{"customers": "can be clustered", "n": clustered}]
    people += [
        {"customers": _plain(row["reason"]), "n": int(row["n"])}
        for row in reasons.to_dict("records")
    ]
    people.append({"customers": "in all", "n": derived.rows})
    said = (
        f"Of {words.plural(derived.rows, 'customer')}, {words.number(clustered)} can be clustered"
        + _aside(derived.rows - clustered)
        if derived.rows > clustered
        else f"Every one of {words.plural(derived.rows, 'customer')} can be clustered"
    )
    made = []
    for held, text in ((rows, caption), (people, said)):
        frame = pd.DataFrame(held)
        made.append((frame.assign(share=frame["n"] / frame["n"].iloc[-1]), text))
    return made


def _aside(count: int) -> str:
    return f" and {words.number(count)} {'is' if count == 1 else 'are'} set aside"


def _plain(reason: object) -> str:
    return str(reason).replace("`", "")


def findings(lines: LineFindings | None, units: Mapping[str, str]) -> list[str]:
    """
    Say what the lines tell of orders: who bought once, what returns took, what repeats.

    Parameters
    ----------
    lines : LineFindings or None
        What was found; none where no lines were grouped.
    units : mapping of str to str
        What a column is measured in, for the amount.

    Returns
    -------
    list of str
        Sentences.
    """
    if lines is None:
        return []
    unit = units.get(lines.roles.amount)
    return [
        *_once(lines),
        *_returns(lines, unit),
        *_apart(lines, unit),
        *_duplicates(lines),
        *_undeclared(lines),
    ]


def _once(lines: LineFindings) -> list[str]:
    buyers = int(lines.orders.query("orders > 0")["n"].sum())
    if not buyers:
        return []
    once = int(lines.orders.query("orders == 1")["n"].sum())
    on = "on one day only" if lines.order_noun == "day" else "once"
    said = (
        f"{words.number(once)} of {words.plural(buyers, 'customer')} who bought something "
        f"({words.percent(once / buyers)}) did so {on}."
    )
    named = lines.customers - buyers
    if named:
        verb, their = ("has bought", "Its") if named == 1 else ("bought", "Their")
        said += (
            f" {words.plural(named, 'more customer')} of the lines {verb} nothing that counts. "
            f"{their} lines are returns or bring nothing, so that there is no last order to count "
            "days from."
        )
    return [said]


def _returns(lines: LineFindings, unit: str | None) -> list[str]:
    if not lines.roles.amount:
        return ["No amount of a line is known, so that returns cannot be told."]
    if not lines.return_lines:
        return ["No line has an amount below 0: the table holds no returns."]
    done = {
        "net": "They are subtracted from what was bought.",
        "drop": "They are set aside, so that amounts are those that were bought.",
        "share": "They are set aside, and count in `return_share` alone.".replace("`", ""),
    }[lines.returns]
    share = -lines.returned / lines.bought if lines.bought else None
    part = f", {words.percent(share)} of what was bought" if share is not None else ""
    verb = "is a return" if lines.return_lines == 1 else "are returns"
    return [
        f"{words.plural(lines.return_lines, 'line')} of "
        f"{words.plural(lines.returners, 'customer')} {verb}, an amount below 0. They took back "
        f"{words.number(-lines.returned, unit)} of {words.number(lines.bought, unit)}{part}. {done}"
    ]


def _apart(lines: LineFindings, unit: str | None) -> list[str]:
    """Name the largest amount that is set aside for another reason than being a return."""
    if not lines.roles.amount:
        return []
    others = lines.reasons[~lines.reasons["reason"].isin([RETURNED, DROPPED])]
    others = others[others["amount"].abs() > 0]
    if others.empty:
        return []
    row = others.iloc[int(others["amount"].abs().to_numpy().argmax())]
    return [
        f"Lines set aside because of “{_plain(row['reason'])}” add up to "
        f"{words.number(float(row['amount']), unit)}, which is in no customer's figures."
    ]


def _duplicates(lines: LineFindings) -> list[str]:
    if not lines.duplicates:
        return ["No line repeats another."]
    share = words.percent(lines.duplicates / lines.rows)
    verb = "repeats" if lines.duplicates == 1 else "repeat"
    meant = (
        "two lines of one article in an order"
        if lines.order_noun == "order"
        else "two purchases of the same on one day"
    )
    return [
        f"{words.plural(lines.duplicates, 'line')} ({share}) {verb} another in every column, the "
        f"time of day apart. They count: {meant} may be meant. Where a file was exported twice, "
        "remove them before."
    ]


def _undeclared(lines: LineFindings) -> list[str]:
    if not lines.undeclared:
        return []
    return [
        f"{words.plural(len(lines.undeclared), 'column')} of the lines that the params file does "
        f"not declare ({words.listing(list(lines.undeclared[:6]))}) were typed by what they hold."
    ]


def periods(lines: LineFindings | None) -> list[tuple[pd.DataFrame, dict[str, Any]]]:
    """
    Orders over time, for a picture; nothing where no date is known or all is of one period.

    Returns
    -------
    list of (DataFrame, dict)
        `start`, `orders`, `customers`, `bought`, `returned`, and the options of
        `helpers.figures.lines.orders_over_time`.
    """
    if lines is None or len(lines.periods) < 2:
        return []
    noun = "order" if lines.order_noun == "order" else "purchase"
    shown = lines.periods.drop(columns=[] if lines.roles.amount else ["bought", "returned"])
    return [(shown, {"period": lines.period, "noun": noun})]
