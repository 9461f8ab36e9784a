"""The first page: what was read, what was found, what to do first, where the list is."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers import words

BELIEF = {
    "highly stable": "Holds firmly",
    "stable": "Holds",
    "doubtful": "May shift",
    "unstable": "Do not act on it",
    "not assessed": "Not tested",
}
"""How far a segment is to be believed, in words of everyday; by the verdict of its card."""


def source_facts(
    read: Mapping[str, Any], *, file: str, customers: int, value_name: str, unit: str | None
) -> dict[str, str]:
    """
    Say what was read: the file, the state of its data, who is in it, what value means.

    Parameters
    ----------
    read : mapping
        What 01 hands on: `as_of`, `rows`, `lines`, `period` of order lines, and the `sql_steps`
        that it was `made_with`: a day that no step counts from is no date of the data.
    file : str
        Name of the table's file, without a path.
    customers : int
        Customers that have a segment.
    value_name, unit : str
        What the value is called, an empty text where there is none; and its unit.

    Returns
    -------
    dict of str to str
        Name to value, in order; what the table does not tell is said to be so.
    """
    rows = int(read["rows"])
    who = words.plural(rows, "customer")
    if customers < rows:
        who += f", {words.number(customers)} of them in a segment"
    span = read.get("period") or {}
    period = f"{span['first']} to {span['last']}" if span else "not stated by the table"
    facts = {"Source": file, "Customers": who}
    steps = read.get("made_with", {}).get("sql_steps", [])
    is_dated = read.get("lines") or any("current_date" in str(one).casefold() for one in steps)
    day = str(read["as_of"]) if is_dated else "not stated by the table"
    facts |= {"Date of the data": day, "Period": period}
    if value_name:
        kind, _, sign = (unit or "").partition(" ")
        other = f"none, {value_name} counts {unit}" if unit else "not stated"
        facts["Currency"] = (sign or "not stated") if kind == "money" else other
    return facts


def headline(
    personas: pd.DataFrame,
    shares: pd.DataFrame,
    tuned: Mapping[str, Any],
    *,
    value_name: str,
    given: bool,
) -> str:
    """
    The report in two or three sentences; where there are no groups, that comes first.

    Parameters
    ----------
    personas : pandas.DataFrame
        `segment`, `persona`.
    shares : pandas.DataFrame
        As `helpers.profiles.value.value_shares` returns it.
    tuned : mapping
        `kind` of the structure, as 02 hands it on.
    value_name : str
        What the value is called; an empty text where there is none.
    given : bool
        Whether the segments are labels made elsewhere.

    Returns
    -------
    str
        How many segments, where they come from, and who brings what.
    """
    names = dict(zip(personas["segment"], personas["persona"], strict=True))
    count = words.plural(len(shares), "segment")
    people = words.plural(int(shares["n"].sum()), "customer")
    kind = "given" if given else str(tuned["kind"])
    origin = {
        "given": f"{people} in {count} that were made elsewhere.",
        "groups": f"{people} fall into {count}.",
        "slices": (
            f"There are no separate groups: the customers are one crowd. It is cut into {count} "
            "that differ in use, not by gaps between them."
        ),
        "one group": (
            f"There are no segments to speak of: the customers are one group. The {count} below "
            "are the least doubtful cut, for a first look only."
        ),
    }[kind]
    told = shares.dropna(subset=["share_value"])
    if told.empty:
        return origin
    top = told.iloc[int(told["share_value"].to_numpy().argmax())]
    share = words.percent(top["share_customers"])
    if not value_name:
        return f"{origin} {names[top['segment']]} are the largest, with {share} of the customers."
    return (
        f"{origin} {names[top['segment']]} are {share} of the customers and bring "
        f"{words.percent(top['share_value'])} of the {value_name}."
    )


def belief(cards: pd.DataFrame, tuned: Mapping[str, Any], *, given: bool) -> str:
    """
    How sure all this is, in words.

    Parameters
    ----------
    cards : pandas.DataFrame
        From `helpers.profiles.reliability.trust_cards`.
    tuned : mapping
        `kind`, `structure`, as 02 hands it on.
    given : bool
        Whether the segments are labels made elsewhere.

    Returns
    -------
    str
        One or two sentences without a score.
    """
    if given:
        return (
            "How sure is it? The segments were made elsewhere, so whether other customers would "
            "give the same ones was not tested."
        )
    firm = cards["verdict"].isin(["highly stable", "stable"])
    if firm.all():
        again = "Drawing other customers of the same kind gives the same segments again"
    elif firm.any():
        again = (
            f"Drawing other customers of the same kind gives {int(firm.sum())} of the "
            f"{words.plural(len(cards), 'segment')} again; the "
            f"{'other one' if (~firm).sum() == 1 else 'others'} may be an accident of this table"
        )
    else:
        again = "None of the segments surely comes back when other customers are drawn"
    structure = {
        "strong": "They are far apart",
        "clear": "They are well apart",
        "reasonable": "They are fairly well apart",
    }.get(str(tuned["structure"]), "Their borders are soft: many customers lie between two of them")
    if tuned["kind"] != "groups":
        structure = "No gap parts them: they are a choice of where to cut"
    return f"How sure is it? {again}. {structure}."


def cards(
    personas: pd.DataFrame, shares: pd.DataFrame, trust: pd.DataFrame, *, value_name: str
) -> list[dict[str, Any]]:
    """
    Cards of the segments: who they are, how many, what they bring, how far to believe it.

    Parameters
    ----------
    personas : pandas.DataFrame
        `segment`, `persona`, `summary`.
    shares : pandas.DataFrame
        As `helpers.profiles.value.value_shares` returns it.
    trust : pandas.DataFrame
        `segment`, `verdict`.
    value_name : str
        What the value is called; an empty text where there is none.

    Returns
    -------
    list of dict
        For `helpers.report.components.cards`, in the order of the segments.
    """
    merged = personas.merge(shares, on="segment").merge(trust[["segment", "verdict"]], on="segment")
    tones = {"highly stable": "good", "stable": "good", "doubtful": "warning", "unstable": "bad"}
    return [
        {
            "segment": int(row["segment"]),
            "persona": row["persona"],
            "trust": BELIEF[str(row["verdict"])],
            "tone": tones.get(str(row["verdict"]), "neutral"),
            "lead": row["summary"],
            "customers": f"{words.number(int(row['n']))} ({words.percent(row['share_customers'])})",
            **(
                {
                    f"share of {value_name}": words.percent(row["share_value"]),
                    f"{value_name} each": words.number(row["mean"]),
                }
                if value_name and pd.notna(row["share_value"])
                else {}
            ),
        }
        for row in merged.to_dict("records")
    ]


def first_steps(
    personas: pd.DataFrame, shares: pd.DataFrame, *, value_name: str, most: int = 3
) -> list[str]:
    """
    What to do first: the segments that can be acted on, the greatest value first.

    Parameters
    ----------
    personas : pandas.DataFrame
        `segment`, `persona`, `action`, `held_back`, as
        `helpers.profiles.reliability.hold_back` returns it.
    shares : pandas.DataFrame
        As `helpers.profiles.value.value_shares` returns it.
    value_name : str
        What the value is called; an empty text where there is none.
    most : int
        Steps at most.

    Returns
    -------
    list of str
        One step each; nothing is multiplied by a judgement.
    """
    table = personas.merge(shares, on="segment")
    table = table[~table["held_back"].astype(bool) & table["share_value"].notna()]
    table = table.sort_values(["total", "segment"], ascending=[False, True])
    steps = []
    for row in table.head(most).to_dict("records"):
        holds = (
            f"{words.percent(row['share_value'])} of the {value_name}"
            if value_name
            else f"{words.percent(row['share_customers'])} of the customers"
        )
        steps.append(f"{row['persona']} ({holds}): {row['action']}")
    return steps or ["Run no campaign on these segments yet: none of them is sure enough."]


def where_the_list_is(shares: pd.DataFrame, *, id_column: str) -> str:
    """
    Say in which file each customer stands, in which columns, and how many of each segment.

    Examples
    --------
    >>> shares = pd.DataFrame({"segment": [1, 2], "n": [7, 1]})
    >>> where_the_list_is(shares, id_column="ID")
    'Who is in which segment stands in segments.csv, beside this report: one row a customer, with \
the columns ID, segment, persona, margin and reason. Filter `segment`: 1 gives 7 customers and 2 \
gives 1.'
    """
    columns = [*([id_column] if id_column else []), "segment", "persona", "margin", "reason"]
    counts = [
        f"{int(row['segment'])} gives {words.plural(int(row['n']), 'customer')}"
        if place == 0
        else f"{int(row['segment'])} gives {words.number(int(row['n']))}"
        for place, row in enumerate(shares.to_dict("records"))
    ]
    return (
        "Who is in which segment stands in segments.csv, beside this report: one row a customer, "
        f"with the columns {words.listing(columns)}. Filter `segment`: {words.listing(counts)}."
    )
