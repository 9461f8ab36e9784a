"""A page for each segment: who they are, what they buy and where, what to do, how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers import words
from helpers.narrative.front_page import BELIEF

GOALS = {
    "retain": "Keep them",
    "reactivate": "Win them back",
    "grow": "Have them spend more",
    "cross-sell": "Sell them more kinds of goods, or in more channels (cross-sell)",
    "fix friction": "Take away what stops them",
    "investigate": "Find out more before anything else",
}
"""What the objective of a persona means, in plain words."""

APART = 0.03
"""Difference of two shares below which they are alike."""


@dataclass(frozen=True)
class Page:
    """
    What one segment's page says.

    Attributes
    ----------
    segment
        Its number.
    title, lead
        Number and persona; a sentence on who they are.
    figures
        Name and value of the few figures that stand large.
    profile
        One row a feature, what differs most first; empty for a segment that is not told of.
    caption
        What the profile says.
    habits
        Sentences on what they buy, where, and who they are apart from that.
    advice
        What to do: name and text.
    belief
        Sentences on how far to believe it.
    """

    segment: int
    title: str
    lead: str
    figures: dict[str, str]
    profile: pd.DataFrame = field(default_factory=pd.DataFrame)
    caption: str = ""
    habits: list[str] = field(default_factory=list)
    advice: dict[str, str] = field(default_factory=dict)
    belief: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Evidence:
    """
    The frames that the pages are made from, each by segment.

    Attributes
    ----------
    advice
        Personas with what to do, as `helpers.profiles.reliability.hold_back` returns them.
    shares
        As `helpers.profiles.value.value_shares` returns it.
    cards
        From `helpers.profiles.reliability.trust_cards`.
    standing
        From `helpers.profiles.summary.standing`.
    goods, mix, apart, outcomes
        From `spend_by_category`, `channel_mix`, `makeup` and `outcome_table`.
    rules
        The table of `helpers.profiles.differences.rules`.
    """

    advice: pd.DataFrame
    shares: pd.DataFrame
    cards: pd.DataFrame
    standing: pd.DataFrame
    goods: pd.DataFrame
    mix: pd.DataFrame
    apart: pd.DataFrame
    outcomes: pd.DataFrame
    rules: pd.DataFrame


def pages(
    evidence: Evidence,
    *,
    value_name: str,
    labels: Mapping[str, str],
    units: Mapping[str, str],
    floor: int,
) -> list[Page]:
    """
    Write the page of each segment.

    Parameters
    ----------
    evidence : Evidence
        The frames.
    value_name : str
        What the value is called; an empty text where there is none.
    labels, units : mapping of str to str
        Name and unit of each column.
    floor : int
        Of a segment with fewer customers its size is told and nothing else.

    Returns
    -------
    list of Page
        In the order of the segments.
    """
    made = []
    for row in evidence.advice.sort_values("segment").to_dict("records"):
        number = int(row["segment"])
        size, card = _row(evidence.shares, number), _row(evidence.cards, number)
        title = f"Segment {number}: {row['persona']}"
        figures = {
            "customers": words.number(int(size["n"])),
            "of all customers": words.percent(size["share_customers"]),
        }
        if size["n"] < floor:
            made.append(Page(number, title, str(row["summary"]), figures))
            continue
        if value_name:
            figures[f"of the {value_name}"] = words.percent(size["share_value"])
            figures[f"{value_name} each"] = words.number(size["mean"])
        profile = profile_table(_own(evidence.standing, number), labels=labels, units=units)
        made.append(
            Page(
                number,
                title,
                str(row["summary"]),
                figures,
                profile,
                f"Segment {number} against all customers, per customer, what differs most first",
                habits(evidence, number, labels=labels),
                advice_facts(row, evidence, number, labels=labels, floor=floor),
                belief_sentences(card),
            )
        )
    return made


def profile_table(
    standing: pd.DataFrame, *, labels: Mapping[str, str], units: Mapping[str, str]
) -> pd.DataFrame:
    """
    Means of one segment beside those of all, in their units.

    Parameters
    ----------
    standing : pandas.DataFrame
        Rows of one segment of `helpers.profiles.summary.standing`.
    labels, units : mapping of str to str
        Name and unit of each feature.

    Returns
    -------
    pandas.DataFrame
        `per customer`, `these`, `all`, `against all`; the greatest distance in deviations first.

    Examples
    --------
    >>> standing = pd.DataFrame({"feature": ["age", "pay"], "mean": [40.0, 900.0],
    ...     "overall": [41.0, 300.0], "z": [-0.1, 2.0]})
    >>> profile_table(standing, labels={}, units={"age": "years"}).values.tolist()
    [['pay', '900', '300', '3 times the average'], ['age', '40', '41', 'about average']]
    """
    order = standing["z"].abs().to_numpy().argsort(kind="stable")[::-1]
    rows = []
    for row in standing.iloc[order].to_dict("records"):
        name = str(row["feature"])
        unit = units.get(name)
        shown = "percent" if unit == "percent" else None
        rows.append(
            {
                "per customer": words.label(name, labels),
                "these": words.number(row["mean"], shown),
                "all": words.number(row["overall"], shown),
                "against all": words.against_average(row["mean"], row["overall"], unit=shown),
            }
        )
    return pd.DataFrame(rows, columns=["per customer", "these", "all", "against all"])


def habits(evidence: Evidence, number: int, *, labels: Mapping[str, str]) -> list[str]:
    """
    Say what one segment buys, where, who they are apart from that, and how they answered.

    Returns
    -------
    list of str
        A sentence for each of which the table tells something.
    """
    said = []
    goods = _own(evidence.goods, number).dropna(subset=["share"])
    if len(goods):
        said.append(
            _most_and_more(goods, "column", "They spend most on", "of their spending", labels)
        )
    mix = _own(evidence.mix, number).dropna(subset=["share"])
    if len(mix) > 1:
        said.append(_most_and_more(mix, "channel", "", "", labels))
    apart = _own(evidence.apart, number).dropna(subset=["share"])
    for column, cells in apart.groupby("column", sort=False):
        gaps = cells["share"] - cells["overall"]
        if not len(cells) or gaps.max() < APART:
            continue
        top = cells.iloc[int(gaps.to_numpy().argmax())]
        said.append(
            f"{words.label(str(column), labels).capitalize()}: {top['category']} for "
            f"{words.percent(top['share'])} of them, against {words.percent(top['overall'])} of "
            "all customers."
        )
    found = _own(evidence.outcomes, number)
    if "significant" in found and len(found):
        told = found[found["significant"].fillna(False).astype(bool)]
        clauses = [
            f"{words.label(str(row['outcome']), labels)} {words.percent(row['rate'])} "
            f"(all: {words.percent(row['overall'])})"
            for row in told.to_dict("records")
        ]
        if clauses:
            said.append(f"Apart from chance they differ in: {words.listing(clauses)}.")
        else:
            said.append("In no outcome do they differ from all others by more than chance.")
    return said


def advice_facts(
    row: Mapping[Any, Any],
    evidence: Evidence,
    number: int,
    *,
    labels: Mapping[str, str],
    floor: int,
) -> dict[str, str]:
    """
    What to do about one segment: goal, offer, channel, when, how to find them, success.

    Returns
    -------
    dict of str to str
        Name to text; what is not known is left out.
    """
    facts = {"Goal": GOALS[str(row["objective"])], "Offer": str(row["action"])}
    mix = _own(evidence.mix, number).dropna(subset=["share"])
    if len(mix) > 1 and not row["held_back"]:
        top = mix.iloc[int(mix["difference"].to_numpy().argmax())]
        facts["Channel"] = (
            f"{words.label(str(top['channel']), labels).capitalize()}: "
            f"{words.percent(top['share'])} of their orders come this way, against "
            f"{words.percent(top['overall'])} of all."
        )
    facts["When"] = str(row["trigger"])
    if pd.notna(row.get("due")):
        match = round(float(row["due"]) * int(_row(evidence.shares, number)["n"]))
        few = 0 < match < floor
        said = f"fewer than {floor}" if few else words.number(match)
        facts["Who today"] = f"{said} of them, as far as the table tells."
    facts["Success shows in"] = str(row["metric"])
    card = _row(evidence.cards, number)
    if not np.isnan(card["core_share"]):
        core = round(float(card["core_share"]) * int(card["n"]))
        edge = round(float(card["borderline_share"]) * int(card["n"]))
        facts["Whom first"] = (
            f"The {words.number(core)} of them who belong clearly; "
            f"{words.number(edge)} lie on the border with another segment and may as well be "
            "spoken to as that one is."
        )
    rule = _own(evidence.rules, number)
    if len(rule):
        own = rule.iloc[0]
        facts["Find them by"] = (
            f"{own['rule']}: {words.percent(own['precision'])} of those found belong here, and "
            f"{words.percent(own['recall'])} of the segment are found."
        )
    return {name: text for name, text in facts.items() if text}


def belief_sentences(card: Mapping[Any, Any]) -> list[str]:
    """How far to believe one segment: whether it comes back, at the least and on average."""
    word = BELIEF[str(card["verdict"])]
    if np.isnan(card["jaccard"]):
        return [f"{word}: whether other customers would give this segment was not measured."]
    text = (
        f"{word}: when other customers of the same kind are drawn, the segment comes back with "
        f"{words.percent(card['jaccard'])} of its make-up on average"
    )
    if not np.isnan(card["jaccard_low"]):
        text += f", and with {words.percent(card['jaccard_low'])} at the lower bound"
    if card["unstable"]:
        return [f"{text}. It is not acted on, for {card['reason']}."]
    return [f"{text}."]


def _most_and_more(
    shares: pd.DataFrame, column: str, start: str, whole: str, labels: Mapping[str, str]
) -> str:
    """The largest share, and the one that is furthest above that of all customers."""
    most = shares.iloc[int(shares["share"].to_numpy().argmax())]
    gaps = (shares["share"] - shares["overall"]).to_numpy()
    more = shares.iloc[int(gaps.argmax())]
    name = words.label(str(most[column]), labels)
    if column == "channel":
        text = f"Of their orders most are {name}, {words.percent(most['share'])}"
    else:
        text = f"{start} {name}, {words.percent(most['share'])} {whole}"
    if gaps.max() < APART:
        return f"{text}, much as among all customers."
    if more[column] == most[column]:
        return f"{text}, against {words.percent(most['overall'])} among all customers."
    other = words.label(str(more[column]), labels)
    return (
        f"{text}; more than others they take {other}, {words.percent(more['share'])} against "
        f"{words.percent(more['overall'])}."
    )


def _row(frame: pd.DataFrame, number: int) -> dict[Any, Any]:
    """The one row of a segment, by column name."""
    return frame[frame["segment"] == number].to_dict("records")[0]


def _own(frame: pd.DataFrame, number: int) -> pd.DataFrame:
    """Rows of one segment; none of a frame without any."""
    return frame[frame["segment"] == number] if "segment" in frame else frame.iloc[:0]
