"""What is said of audiences and of what a campaign has changed."""

import math
from collections.abc import Callable, Hashable
from typing import Any

import pandas as pd

from helpers import words
from helpers.campaign.audience import ASSUMED_RATE, Audiences
from helpers.campaign.intervals import Interval
from helpers.campaign.power import ALPHA, POWER
from helpers.campaign.readout import MISSING_ALPHA, SPLIT_ALPHA, Readout
from helpers.campaign.split import HOLDOUT, TREATMENT
from helpers.profiles.reliability import BORDERLINE_BELOW

CONFIDENCE = words.percent(1 - ALPHA)

NOBODY = "nothing that the groups differ in is known"


def signed_points(difference: float | None) -> str:
    """
    Say a difference of two rates in points, with its sign.

    Examples
    --------
    >>> signed_points(0.0213), signed_points(-0.004), signed_points(float("nan"))
    ('+2.1 points', '−0.4 points', 'not known')
    """
    if difference is None or math.isnan(difference):
        return "not known"
    text = f"{abs(difference) * 100:.1f}"
    sign = "" if text == "0.0" else "+" if difference > 0 else words.MINUS
    return f"{sign}{text} points"


def signed_number(value: float | None) -> str:
    """
    Say an amount with its sign.

    Examples
    --------
    >>> signed_number(1234.5), signed_number(-3.0)
    ('+1,234', '−3')
    """
    if value is None or math.isnan(value):
        return "not known"
    said = words.number(value)
    return f"+{said}" if value > 0 and said.strip("0.") else said


def signed_deviation(value: float) -> str:
    """
    Say a difference in deviations, with its sign.

    Examples
    --------
    >>> signed_deviation(0.214), signed_deviation(-0.001)
    ('+0.21', '0.00')
    """
    text = f"{value:+.2f}"
    return "0.00" if text[1:] == "0.00" else text.replace("-", words.MINUS)


def _span(interval: Interval) -> str:
    """A difference of rates with its interval, the unit once."""
    ends = [signed_points(one).removesuffix(" points") for one in (interval.low, interval.high)]
    return f"{signed_points(interval.value)} ({ends[0]} to {ends[1]})"


# Audiences -------------------------------------------------------------------------------------


def audience_answer(made: Audiences) -> str:
    """Say how many get a campaign and how many are held out."""
    table = made.table
    treated, held = int(table[TREATMENT].sum()), int(table[HOLDOUT].sum())
    verb = "gets" if treated == 1 else "get"
    return (
        f"{words.plural(treated, 'customer')} in {words.plural(len(table), 'audience')} {verb} a "
        f"campaign; {words.number(held)} are held out, so that it can be seen what it changes."
    )


def rate_sentence(made: Audiences) -> str:
    """Say which rate the plan rests on."""
    settings = made.settings
    if settings.rate is not None:
        source = f"{words.percent(settings.rate)} of the customers are taken to buy anyway (RATE)"
    elif made.rate_from:
        source = f"as many customers are taken to buy anyway as have “{made.rate_from}” in the run"
    else:
        source = (
            f"{words.percent(ASSUMED_RATE)} of the customers are taken to buy anyway, since the "
            "run has no outcome that says how many do: give RATE="
        )
    return (
        f"{source[:1].upper()}{source[1:]}. A lift counts as found by a two-sided test at "
        f"{words.percent(ALPHA)} with a power of {words.percent(POWER)}."
    )


def power_sentences(made: Audiences) -> list[str]:
    """Name the audiences that are too small for the lift that is to be found, or say none is."""
    table, lift = made.table, made.settings.lift
    weak = table[~table["powered"]]
    named = f"a lift of {signed_points(lift).removeprefix('+')}"
    if weak.empty:
        return [f"Every audience is large enough to find {named} (LIFT)."]
    said = []
    for row in weak.to_dict("records"):
        found = (
            f"finds a lift from {signed_points(row['detectable']).removeprefix('+')} on"
            if not math.isnan(row["detectable"])
            else "finds no lift at all"
        )
        needed = (
            f"; {words.number(int(row['needed']))} customers would be needed for {named}"
            if not pd.isna(row["needed"])
            else ""
        )
        said.append(
            f"{row['persona']} (audience {row['audience']}, "
            f"{words.plural(int(row['n']), 'customer')}) {found}{needed}."
        )
    if len(weak) > 1 and not made.settings.merge:
        said.append("MERGE=yes puts these segments together into one audience.")
    return said


def rule_sentences(made: Audiences) -> list[str]:
    """State who is in no audience, and what is done with borderline customers."""
    said = [
        f"{words.plural(row['n'], 'customer')} {row['reason'].replace('`', '')} "
        f"{'is' if row['n'] == 1 else 'are'} in no audience."
        for row in made.left_out.to_dict("records")
    ]
    edge = int(made.table["borderline"].sum())
    said.append(
        f"{words.plural(edge, 'borderline customer')} (a margin below {BORDERLINE_BELOW:g}) "
        f"{'stays in its' if edge == 1 else 'stay in their'} segment and "
        f"{'is' if edge == 1 else 'are'} marked in the files."
    )
    share = words.percent(made.settings.holdout)
    said.append(
        f"Who is held out ({share}) is decided by a hash of the ID and the salt "
        f"“{made.settings.salt}”: the same salt gives the same groups, in any order of the rows "
        "and in audiences.sql; another salt gives independent ones."
    )
    return said


def audience_table(made: Audiences) -> pd.DataFrame:
    """One row an audience, for reading."""
    table = made.table
    return pd.DataFrame(
        {
            "audience": table["audience"],
            "persona": table["persona"],
            "segments": [", ".join(str(one) for one in row) for row in table["segments"]],
            "customers": table["n"],
            "treatment": table[TREATMENT],
            "holdout": table[HOLDOUT],
            "buys anyway": table["rate"],
            "lift found from": table["detectable"],
            "customers needed": table["needed"],
        }
    )


def audience_formats() -> dict[Hashable, Callable[[Any], str]]:
    """How the columns of `audience_table` are written."""
    return {
        "buys anyway": words.percent,
        "lift found from": lambda one: signed_points(one).removeprefix("+"),
    }


def audience_caption(made: Audiences) -> str:
    """Name the audience that finds the smallest lift."""
    known = made.table.dropna(subset=["detectable"])
    if known.empty:
        return "No audience is large enough to find any lift."
    best = known.iloc[int(known["detectable"].to_numpy().argmin())]
    return (
        f"{best['persona']} (audience {best['audience']}) finds the smallest lift: from "
        f"{signed_points(float(best['detectable'])).removeprefix('+')} on."
    )


# Read-out --------------------------------------------------------------------------------------


def readout_answer(found: Readout) -> str:
    """Say whether the campaign has changed how many buy, and by how much."""
    one = found.together
    if math.isnan(one.p):
        return "No audience has both a treated and a held-out customer with a result."
    span = _span(one)
    if one.p < ALPHA:
        word = "More" if one.value > 0 else "Fewer"
        return (
            f"{word} of the treated customers bought than of those held out: {span}, with "
            f"{CONFIDENCE} confidence ({words.p_value(one.p)})."
        )
    return (
        f"No change in how many buy was found: {span}, with {CONFIDENCE} confidence "
        f"({words.p_value(one.p)})."
    )


def money_sentence(found: Readout) -> str:
    """Say what the campaign brought in money, before its cost."""
    one = found.money
    if one is None:
        return "The results hold no amounts, so that nothing is said of money."
    if math.isnan(one.value):
        return "Too few amounts are known to say anything of money."
    size = words.number(abs(one.value))
    more = f"{size} {'less' if one.value < 0 else 'more'}" if one.value else "no more"
    tail = "" if one.p < ALPHA else " By the interval it may as well have brought nothing, or less."
    return (
        f"All who were treated brought {more} than they would have without the campaign "
        f"({signed_number(one.low)} to {signed_number(one.high)} with {CONFIDENCE} confidence), "
        f"its cost not subtracted.{tail}"
    )


def segment_sentences(found: Readout) -> list[str]:
    """Name the segments in which the campaign changed something, and say when none is."""
    rows = found.segments
    clear = rows[rows["p_adjusted"] < ALPHA]
    said = []
    for row in clear.to_dict("records"):
        interval = Interval(row["lift"], row["low"], row["high"], row["p"])
        said.append(
            f"{row['persona']}: {words.percent(row['rate'])} of the treated customers bought "
            f"against {words.percent(row['held_rate'])} of those held out, "
            f"{_span(interval)} "
            f"(adjusted {words.p_value(row['p_adjusted'])})."
        )
    if clear.empty:
        said.append(
            f"In none of {words.plural(len(rows), 'audience')} by itself is a change found, once "
            "it is allowed for how many were looked at."
        )
    unknown = rows[rows["p"].isna()]
    if len(unknown):
        said.append(
            f"{words.listing(unknown['persona'].tolist())}: one of the two groups has no result."
        )
    return said


def warnings(found: Readout, *, holdout: float) -> list[str]:
    """Warn of what makes the two groups no fair comparison."""
    said = []
    if found.split_p < SPLIT_ALPHA:
        said.append(
            f"The share that is held out in the audience is not the {words.percent(holdout)} that "
            "was drawn: the files have been changed since."
        )
    lost = sum(found.missing.values())
    if lost:
        text = (
            f"{words.plural(lost, 'customer')} of the audience have no result "
            f"({words.number(found.missing[TREATMENT])} treated, "
            f"{words.number(found.missing[HOLDOUT])} held out) and take no part in any figure."
        )
        if found.missing_p < MISSING_ALPHA:
            text += (
                " More are missing in one group than chance explains, so that the groups may no "
                "longer be alike."
            )
        said.append(text)
    if found.unknown:
        said.append(
            f"{words.plural(found.unknown, 'ID')} of the results "
            f"{'is' if found.unknown == 1 else 'are'} in no audience and left out."
        )
    apart = found.balance[found.balance["p_adjusted"] < ALPHA]
    if len(apart):
        named = [
            f"“{row['feature']}” ({signed_deviation(row['difference'])} deviations)"
            for row in apart.to_dict("records")
        ]
        said.append(
            f"The groups differed before the campaign already, in {words.listing(named)}: a part "
            "of the lift may be that."
        )
    return said


def readout_table(found: Readout) -> pd.DataFrame:
    """One row an audience, for reading."""
    rows = found.segments
    table = pd.DataFrame(
        {
            "audience": rows["audience"],
            "persona": rows["persona"],
            "treatment": rows[TREATMENT],
            "holdout": rows[HOLDOUT],
            "bought, treatment": rows["rate"],
            "bought, holdout": rows["held_rate"],
            "lift": [
                _span(Interval(*row)) if not math.isnan(row[0]) else "not known"
                for row in rows[["lift", "low", "high", "p"]].to_numpy().tolist()
            ],
            "adjusted p": rows["p_adjusted"],
        }
    )
    if "money" in rows:
        table["brought more"] = [
            f"{signed_number(value)} ({signed_number(low)} to {signed_number(high)})"
            if not math.isnan(value)
            else "not known"
            for value, low, high in rows[["money", "money_low", "money_high"]].to_numpy().tolist()
        ]
    return table


def readout_formats() -> dict[Hashable, Callable[[Any], str]]:
    """How the columns of `readout_table` are written."""
    return {
        "bought, treatment": words.percent,
        "bought, holdout": words.percent,
        "adjusted p": words.p_value,
    }


def readout_caption(found: Readout) -> str:
    """Name the audience with the largest lift."""
    known = found.segments.dropna(subset=["lift"])
    if known.empty:
        return "No audience can be read."
    best = known.iloc[int(known["lift"].to_numpy().argmax())]
    return (
        f"The largest lift is that of {best['persona']} (audience {best['audience']}): "
        f"{signed_points(float(best['lift']))}; intervals of 95%, p-values by Holm."
    )


def balance_caption(found: Readout) -> str:
    """Name what the groups differ in most."""
    rows = found.balance
    if rows.empty:
        return NOBODY
    top = rows.iloc[int(rows["difference"].abs().to_numpy().argmax())]
    size = f"{abs(float(top['difference'])):.2f}"
    return f"Before the campaign the groups differ most in {top['feature']} ({size} deviations)."
