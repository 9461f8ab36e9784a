"""What is said of the money: what a contact brings, whom to contact, whom to test."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from helpers import words
from helpers.profiles.contact import CONTACT, LEAVE_OUT, TEST, Terms

MISSING = (
    "What a campaign would earn is not worked out: add `contact_cost`, `contact_revenue` (each a "
    "number or a column) and `contact_outcome` (one of the outcomes) to the params file."
)
VERBS = {CONTACT: "Contact", LEAVE_OUT: "Do not contact", TEST: "Test first"}


def front_sentences(
    found: pd.DataFrame, terms: Terms, names: Mapping[int, str], *, unit: str | None = None
) -> list[str]:
    """
    Say on page one whom a contact pays for, and what it is worth.

    Parameters
    ----------
    found : pandas.DataFrame
        From `helpers.profiles.contact.contact_profit`; empty without terms.
    terms : Terms
        On what terms customers are contacted.
    names : mapping of segment to persona
        What the segments are called.
    unit : str, optional
        Unit of the money.

    Returns
    -------
    list of str
        One paragraph.
    """
    if not terms.stated:
        return [MISSING]
    if found.empty:
        return ["No segment is large enough to say what contacting it brings."]
    paying = found[found["decision"] == CONTACT]
    unsure = found[found["decision"] == TEST]
    if len(paying):
        low, high = paying["total_low"].sum(), paying["total_high"].sum()
        said = (
            f"Contact {_listed(paying, names)}: expect a profit of "
            f"{words.number(paying['total'].sum(), unit)}, each segment within its own 95% "
            f"interval between {words.number(low, unit)} and {words.number(high, unit)} in all"
        )
    elif len(unsure):
        said = "No segment surely pays for a contact"
    else:
        best = found.iloc[int(found["profit"].to_numpy().argmax())]
        said = (
            f"A paid contact is worth it for no segment: even of the "
            f"{names[int(best['segment'])]} only {words.percent(best['rate'])} answered, and it "
            f"takes {words.percent(best['break_even'])} to earn back what a contact costs. Use "
            "ways that cost less, or a better offer"
        )
    parts = [words.sentence(said)]
    if len(unsure):
        parts.append(words.sentence(f"Test first: {_listed(unsure, names)}"))
    rest = found[found["decision"] == LEAVE_OUT]
    if len(rest) and (len(paying) or len(unsure)):
        parts.append(words.sentence(f"Do not contact {_listed(rest, names)}"))
    return [" ".join(parts)]


def terms_sentences(
    found: pd.DataFrame, terms: Terms, *, labels: Mapping[str, str], unit: str | None = None
) -> list[str]:
    """
    State the terms, and what the calculation takes for granted.

    Parameters
    ----------
    found, terms
        As for `front_sentences`.
    labels : mapping of str to str
        Names of the columns.
    unit : str, optional
        Unit of the money.

    Returns
    -------
    list of str
        Two sentences; one where the terms are not stated.
    """
    if not terms.stated:
        return [MISSING]
    if found.empty:
        return []
    cost, revenue = (
        f"the mean of `{amount}` in its segment"
        if isinstance(amount, str) and found[name].nunique() > 1
        else words.number(float(found[name].iloc[0]), unit)
        + (f" (`{amount}`)" if isinstance(amount, str) else "")
        for name, amount in (("cost", terms.cost), ("revenue", terms.revenue))
    )
    outcome = words.label(terms.outcome, labels)
    said = f"A contact costs {cost} and an answer brings {revenue}"
    if found["break_even"].nunique() == 1:
        said += f", so that it pays from a rate of {words.percent(found['break_even'].iloc[0])} on"
    return [
        f"{said}. The rate is that of “{outcome}”, and it is taken for granted that the next "
        "contact is answered as that one was; the interval holds what chance may have done to it, "
        "not what time or another offer would.",
    ]


def contact_table(
    found: pd.DataFrame, names: Mapping[int, str], *, unit: str | None = None
) -> pd.DataFrame:
    """
    Profit by segment for reading, the best first.

    Returns
    -------
    pandas.DataFrame
        `segment`, `persona`, `what to do`, `answers`, `pays from` (where it differs between the
        segments), `profit per contact`, `profit of all` its customers, `test needs` (contacts).
    """
    rows = []
    alike = found["break_even"].nunique() == 1
    for row in found.to_dict("records"):
        size = row["test_size"]
        answers = words.interval(row["low"], row["high"], "percent", digits=1)
        pays = {} if alike else {"pays from": words.percent(row["break_even"], digits=1)}
        rows.append(
            {
                "segment": int(row["segment"]),
                "persona": names[int(row["segment"])],
                "what to do": VERBS[row["decision"]],
                "answers": f"{words.percent(row['rate'], digits=1)} ({answers})",
                **pays,
                "profit per contact": _ranged(row, "profit", unit, digits=2),
                "profit of all": _ranged(row, "total", unit, digits=0),
                "test needs": "no end" if pd.isna(size) else words.number(int(size)),
            }
        )
    return pd.DataFrame(rows)


def contact_caption(found: pd.DataFrame) -> str:
    """Caption of the table: how many segments pay."""
    pays = int((found["decision"] == CONTACT).sum())
    verb = "pay" if pays > 1 else "pays"
    return (
        f"{pays or 'None'} of {words.plural(len(found), 'segment')} {verb} for a contact "
        "(95% intervals; a test of so many contacts tells the rate seen from the one that pays, "
        "four times in five)"
    )


def comparison_sentence(found: pd.DataFrame, *, unit: str | None = None) -> str:
    """Say what choosing brings against contacting everyone."""
    pays = found[found["decision"] == CONTACT]
    everyone = float(found["total"].sum())
    chosen = float(pays["total"].sum())
    if pays.empty:
        return words.sentence(
            f"Contacting everyone would come to {words.number(everyone, unit)}; contacting nobody "
            "costs nothing"
        )
    return words.sentence(
        f"Contacting everyone would come to {words.number(everyone, unit)}; contacting the "
        f"segments that pay alone comes to {words.number(chosen, unit)}"
    )


def _ranged(row: Mapping[Any, Any], name: str, unit: str | None, *, digits: int) -> str:
    value = words.number(row[name], unit, digits=digits)
    low = words.number(row[f"{name}_low"], unit, digits=digits)
    high = words.number(row[f"{name}_high"], unit, digits=digits)
    return f"{value} ({low} to {high})"


def _listed(rows: pd.DataFrame, names: Mapping[int, str]) -> str:
    who: Sequence[str] = [
        f"{names[int(row['segment'])]} ({words.number(int(row['customers']))})"
        for row in rows.to_dict("records")
    ]
    return words.listing(who)
