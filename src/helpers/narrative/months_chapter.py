"""What is said of a segmentation over many months: when it ages, who moves, what it forecasts."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import pandas as pd

from helpers import words
from helpers.comparison.months import ALPHA, MATERIAL, Backtest, Recipe

CONFIDENCE = words.percent(1 - ALPHA)


def spoken(day: str) -> str:
    """
    Say a day.

    Examples
    --------
    >>> spoken("2010-06-30")
    '30 June 2010'
    """
    held = pd.Timestamp(day)
    return f"{held.day} {held.strftime('%B %Y')}"


def answer(found: Backtest, recipe: Recipe) -> str:
    """Say when a refit is due, with its interval."""
    months = found.months
    first, last = (spoken(months["day"].iloc[at]) for at in (0, -1))
    if not found.due.day:
        row = months.iloc[int(months["moved"].to_numpy()[1:].argmax()) + 1]
        return (
            f"The {recipe.k} segments of {first} held until {last}: no refit was due. At most, on "
            f"{spoken(row['day'])}, a refit would have placed {words.percent(row['moved'])} of the "
            f"customers elsewhere ({words.percent(row['moved_low'])} to "
            f"{words.percent(row['moved_high'])} with {CONFIDENCE} confidence); chance alone gives "
            f"{words.percent(row['chance'])}."
            + (
                f" Other customers of the same kind might have made it due from "
                f"{spoken(found.due.low)} on."
                if found.due.low
                else ""
            )
        )
    row = months[months["day"] == found.due.day].iloc[0]
    low, high = found.due.low, found.due.high
    span = (
        "that day alone"
        if low == high
        else f"{spoken(low)} to {spoken(high)}"
        if high
        else f"{spoken(low)} or later"
    )
    return (
        f"Refit the segments of {first} by {spoken(found.due.day)} (95% interval: {span}). By then "
        f"a refit places {words.percent(row['moved'])} of the customers elsewhere; chance alone "
        f"gives {words.percent(row['chance'])}."
    )


def key_figures(found: Backtest) -> dict[str, str]:
    """The few figures above the page."""
    last = found.months.iloc[-1]
    return {
        "days looked at": words.number(len(found.months)),
        "refit due": spoken(found.due.day) if found.due.day else "never",
        "placed elsewhere at the end": words.percent(last["moved"]),
        "agreement at the end (ARI)": f"{last['ari']:.2f}".replace("-", words.MINUS),
    }


def how(found: Backtest, recipe: Recipe, back: int | None) -> list[str]:
    """Say what was held against what."""
    seen = (
        f"Each fit looks back on the same number of days, {words.number(back)}, so that a longer "
        "history is not taken for change (LOOKBACK=all looks back on everything)."
        if back is not None
        else "Each fit looks back on everything, so that a longer history counts as change."
    )
    return [
        f"The segmentation of the first day is frozen: its bounds, its means and its {recipe.k} "
        "centres. On every later day it is held against one that is fitted to the customers of "
        f"that day. {seen}",
        "A customer is placed elsewhere if the refit gives it another segment than the counterpart "
        "of its frozen one. What chance gives is drawn: the segments are fitted to as many "
        "customers of the day as the first day had, drawn with replacement. A refit is due once "
        f"more are placed elsewhere than that explains (at {words.percent(ALPHA)} over all days "
        f"together), and {words.percent(MATERIAL)} of all customers or more beyond it.",
    ]


def month_table(found: Backtest) -> pd.DataFrame:
    """One row a day, for reading."""
    rows = found.months
    return pd.DataFrame(
        {
            "day": rows["day"],
            "customers": rows["customers"],
            "agreement (ARI)": rows["ari"],
            "placed elsewhere": rows["moved"],
            "by chance": rows["chance"],
            "refit due": rows["alarm"].map({True: "yes", False: "no"}),
            "K chosen": rows["k_wanted"],
        }
    ).dropna(axis="columns", how="all")


def month_formats() -> dict[Hashable, Callable[[Any], str]]:
    """How the columns of `month_table` are written."""
    return {
        "agreement (ARI)": "{:.2f}".format,
        "placed elsewhere": words.percent,
        "by chance": words.percent,
    }


def month_caption(found: Backtest) -> str:
    """Say on how many days a refit was due."""
    n = int(found.months["alarm"].sum())
    days = len(found.months) - 1
    return f"On {n} of {days} days after the first a refit was due." if n else "No refit was due."


def movers(found: Backtest) -> list[str]:
    """Say how many customers moved by what they did, and how many would by a refit."""
    rows = found.months.iloc[1:]
    own = rows.dropna(subset=["behaviour"])
    said = []
    if len(own):
        top = own.iloc[int(own["behaviour"].to_numpy().argmax())]
        said.append(
            "By their own behaviour, from one day to the next, "
            f"{words.percent(float(own['behaviour'].mean()))} of the customers who were there "
            f"before changed their frozen segment in the mean; most up to {spoken(top['day'])} "
            f"({words.percent(top['behaviour'])})."
        )
    top = rows.iloc[int(rows["moved"].to_numpy().argmax())]
    said.append(
        "By the fit, with nothing changed in what a customer did, "
        f"{words.percent(float(rows['moved'].mean()))} in the mean would be in another segment of "
        f"a refit; most on {spoken(top['day'])} ({words.percent(top['moved'])})."
    )
    new, gone = int(rows["new"].sum()), int(rows["gone"].sum())
    said.append(
        f"{words.plural(new, 'time')} a customer came who was not there on the day before, and "
        f"{words.plural(gone, 'time')} one was gone."
    )
    return said


def segment_table(found: Backtest, personas: Mapping[int, str], *, floor: int) -> pd.DataFrame:
    """One row a frozen segment: the first day against the last; small ones without their value."""
    days = found.months["day"]
    first, last = (
        found.segments[found.segments["day"] == day].set_index("segment")
        for day in (days.iloc[0], days.iloc[-1])
    )
    value = [
        one["value"].where(one["n"] >= floor) if one["value"].notna().any() else None
        for one in (first, last)
    ]
    table = pd.DataFrame(
        {
            "segment": first.index,
            "persona": [personas.get(int(one), "") for one in first.index],
            "share, first day": first["share"].to_numpy(),
            "share, last day": last["share"].to_numpy(),
        }
    )
    if value[0] is not None and value[1] is not None:
        table["mean value, first day"] = value[0].to_numpy()
        table["mean value, last day"] = value[1].to_numpy()
    low = found.segments.groupby("segment")["jaccard"].min()
    return table.assign(**{"least overlap with its refit": low.loc[first.index].to_numpy()})


def segment_formats() -> dict[Hashable, Callable[[Any], str]]:
    """How the columns of `segment_table` are written."""
    names = ("share, first day", "share, last day", "least overlap with its refit")
    means = ("mean value, first day", "mean value, last day")
    return dict.fromkeys(names, words.percent) | dict.fromkeys(means, words.number)


def segment_caption(found: Backtest, personas: Mapping[int, str], value: str) -> str:
    """Say what value is, and whose overlap with its refit is least."""
    low = found.segments.groupby("segment")["jaccard"].min()
    worst = int(low.index[int(low.to_numpy().argmin())])
    said = (
        f"Segment {worst} “{personas.get(worst, '')}” overlaps least with its counterpart of a "
        f"refit: {words.percent(float(low.loc[worst]))} at the least."
    )
    return f"{said} Value is the mean of {value}." if value else said


def segment_sentences(found: Backtest, personas: Mapping[int, str]) -> list[str]:
    """Say of each frozen segment how its share of the customers went."""
    said = []
    for number, rows in found.segments.groupby("segment"):
        shares = rows["share"].to_numpy()
        change = shares[-1] - shares[0]
        name = f"Segment {number} “{personas.get(int(str(number)), '')}”"
        ends = (words.percent(float(shares[0])), words.percent(float(shares[-1])))
        if ends[0] == ends[1]:
            text = f"{name} had {ends[0]} of the customers on the first day and on the last"
        else:
            verb = "grew" if change > 0 else "shrank"
            text = f"{name} {verb} from {ends[0]} of the customers to {ends[1]}"
        worth = rows["value"].to_numpy()
        if pd.notna(worth[0]) and pd.notna(worth[-1]):
            then, now = words.number(float(worth[0])), words.number(float(worth[-1]))
            text += f"; its mean value went from {then} to {now}" if then != now else ""
        said.append(f"{text}.")
    return said


def k_sentences(found: Backtest, recipe: Recipe, *, rows: int) -> list[str]:
    """Say whether the number of segments would change."""
    wanted = found.months["k_wanted"].dropna()
    if wanted.empty:
        return ["It was not asked which number of segments would be chosen."]
    other = found.months.loc[wanted.index][wanted != recipe.k]
    said = (
        f"On each of {words.plural(len(wanted), 'day')} the rule would have chosen "
        f"{recipe.k} segments, as they are."
        if other.empty
        else f"On {len(other)} of {words.plural(len(wanted), 'day')} the rule would have chosen "
        f"another number than {recipe.k}: "
        + words.listing(
            [f"{int(row['k_wanted'])} on {spoken(row['day'])}" for row in other.to_dict("records")]
        )
        + "."
    )
    return [
        said,
        f"The rule was asked with fewer resamples than a report has, of {words.number(rows)} "
        "customers at most: read it as a hint, and make a report to be sure.",
    ]


def forecast_sentences(found: Backtest, recipe: Recipe) -> list[str]:
    """Say how well segments tell what is spent next, against deciles of RFM and of spending."""
    if found.forecast.empty:
        return [
            "What a customer spent after a day is not known for two days or more, so that the "
            "segments cannot be held against it."
        ]
    rows = found.forecast.to_dict("records")
    own = next(row for row in rows if row["by"] == "segments")
    said = [
        "The mean that the customers of a group went on to spend is taken as the forecast for the "
        "customers who are in the group a period later, and held against what they spent "
        f"({words.plural(found.origins, 'day')}). By the {recipe.k} segments the rank correlation "
        f"of the two is {_two(own['rank_correlation'])} ({_two(own['low'])} to "
        f"{_two(own['high'])} with {CONFIDENCE} confidence)."
    ]
    for row in rows:
        name = str(row["by"])
        if row is own:
            continue
        if row["less_low"] > 0:
            verdict = f"The segments tell more than {name} do"
        elif row["less_high"] < 0:
            verdict = f"{name[:1].upper()}{name[1:]} tell more than the segments do"
        else:
            verdict = f"{name[:1].upper()}{name[1:]} do as well as the segments"
        said.append(
            f"{verdict}: {_two(row['rank_correlation'])}, a difference of {_two(row['less'])} "
            f"({_two(row['less_low'])} to {_two(row['less_high'])})."
        )
    return said


def _two(value: float) -> str:
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", words.MINUS)


def forecast_table(found: Backtest) -> pd.DataFrame:
    """One row a way to forecast, for reading."""
    rows = found.forecast
    return pd.DataFrame(
        {
            "forecast by": rows["by"],
            "groups": rows["groups"],
            "rank correlation": [_two(one) for one in rows["rank_correlation"]],
            "95% interval": [
                f"{_two(low)} to {_two(high)}"
                for low, high in zip(rows["low"], rows["high"], strict=True)
            ],
            "variance explained": [_two(one) for one in rows["r_squared"]],
        }
    )


def forecast_caption(found: Backtest, recipe: Recipe) -> str:
    """Name what tells most of what is spent next."""
    best = found.forecast.iloc[int(found.forecast["rank_correlation"].to_numpy().argmax())]
    return f"What tells most of what is spent next: {best['by']}."
