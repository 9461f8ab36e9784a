"""Audiences of a run: whom a campaign reaches, whom it does not, and what it can show."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.campaign import power
from helpers.campaign.split import HOLDOUT, TREATMENT, group_sql, groups
from helpers.comparison.runs import Run
from helpers.errors import ParamsError, RunError
from helpers.model.scoring_sql import Cte, Writer, scorer_sql
from helpers.profiles.reliability import BORDERLINE_BELOW
from helpers.spreadsheets import restore

NO_SEGMENT = "without a segment"
NO_ID = "without an ID"
BELOW_FLOOR = "of a segment with fewer customers than `privacy_floor`"
COLUMNS = ("audience", "segment", "persona", "group", "borderline")
"""What stands behind an ID in `audience.csv`."""
SMALL = "Merged segments"
ASSUMED_RATE = 0.05
NAMED_LIFT = 0.02


@dataclass(frozen=True)
class Settings:
    """
    What a person asked of an audience.

    Attributes
    ----------
    holdout : float
        Share of the customers that is held out.
    salt : str
        Another salt draws others.
    rate : float or None
        Share that is taken to buy without the campaign; that of the run's first outcome in each
        segment unless given.
    lift : float
        Rise of that share which is to be found, as a difference.
    merge : bool
        Whether segments in which it would not be found are put together.
    """

    holdout: float = 0.2
    salt: str = "1"
    rate: float | None = None
    lift: float = NAMED_LIFT
    merge: bool = False


@dataclass(frozen=True)
class Audiences:
    """
    Whom campaigns reach.

    Attributes
    ----------
    id_column : str
        Name of the column of IDs.
    customers : pandas.DataFrame
        One row a customer of an audience, in the order of the run: the ID as text under its own
        name, and `COLUMNS`.
    table : pandas.DataFrame
        One row an audience: `audience`, `persona`, `segments` (list of int), `n`, `treatment`,
        `holdout`, `borderline`, `rate`, `detectable` (a difference of rates, missing where none
        is), `needed` (customers for the named lift) and `powered`.
    left_out : pandas.DataFrame
        `reason`, `n`: customers of no audience.
    rate_from : str
        The outcome that the rates are of; "" where they were given or assumed.
    settings : Settings
        As asked for.
    """

    id_column: str
    customers: pd.DataFrame
    table: pd.DataFrame
    left_out: pd.DataFrame
    rate_from: str
    settings: Settings


def check_settings(settings: Settings) -> None:
    """
    Refuse what cannot be meant.

    Raises
    ------
    ParamsError
        Naming the make variable, what came and what was expected.
    """
    given = {"HOLDOUT": settings.holdout, "LIFT": settings.lift}
    if settings.rate is not None:
        given["RATE"] = settings.rate
    for name, value in given.items():
        if not 0 < value < 1:
            raise ParamsError(
                f"{name} is {value:g}: expected a share between 0 and 1, like {name}=0.02."
            )
    if not settings.salt.strip():
        raise ParamsError("SALT is empty: give any text, like SALT=spring.")


def make_audiences(run: Run, folder: Path, settings: Settings) -> Audiences:
    """
    Draw treatment and holdout for the customers of a run.

    Customers without a segment or an ID and those of segments with fewer customers than
    `privacy_floor` are in no audience. Borderline customers stay in the segment that they were
    given and are marked as such: leaving them out would change whom the lift speaks of.

    Parameters
    ----------
    run : Run
        Finished.
    folder : Path
        Its folder.
    settings : Settings
        As asked for.

    Returns
    -------
    Audiences
        Ready to be written.

    Raises
    ------
    ParamsError, RunError
        Where the settings or the run do not allow it.
    """
    check_settings(settings)
    held, name = _read_customers(run, folder)
    floor = int(run.parameters.get("privacy_floor", 5))
    sizes = held["segment"].value_counts()
    large = sorted(int(one) for one in sizes[sizes >= floor].index)
    reasons = pd.Series(None, index=held.index, dtype=object)
    reasons[held["segment"].notna() & ~held["segment"].isin(large)] = BELOW_FLOOR
    reasons[held["segment"].isna()] = NO_SEGMENT
    reasons[held[name].isna()] = NO_ID
    counted = reasons.value_counts().reindex([NO_SEGMENT, BELOW_FLOOR, NO_ID]).dropna()
    left_out = pd.DataFrame({"reason": counted.index, "n": counted.astype(int).to_numpy()})
    if not large:
        raise RunError(f"no segment of `{run.name}` has {floor} customers: there is no audience.")
    rates, rate_from = _rates(run, held, settings)
    personas = dict(zip(range(1, run.model.k + 1), run.model.personas, strict=True))
    table = _planned(sizes, rates, [[one] for one in large], personas, settings)
    weak = [
        one for row in table.to_dict("records") if not row["powered"] for one in row["segments"]
    ]
    if settings.merge and len(weak) > 1:
        merged = [[one] for one in large if one not in weak]
        table = _planned(sizes, rates, [*merged, weak], personas, settings)
    used = held[reasons.isna()].reset_index(drop=True)
    place = {one: row["audience"] for row in table.to_dict("records") for one in row["segments"]}
    group = groups(used[name].astype(str), salt=settings.salt, holdout=settings.holdout)
    customers = pd.DataFrame(
        {
            name: used[name],
            "audience": used["segment"].map(place).astype("int64"),
            "segment": used["segment"].astype("int64"),
            "persona": used["segment"].map(personas),
            "group": group,
            "borderline": (used["margin"] < BORDERLINE_BELOW).map({True: "yes", False: "no"}),
        }
    )
    return Audiences(name, customers, _counted(table, customers), left_out, rate_from, settings)


def _read_customers(run: Run, folder: Path) -> tuple[pd.DataFrame, str]:
    name = str(run.model.id_column)
    if name.casefold() in COLUMNS:
        raise RunError(
            f"the ID column of `{run.name}` is called `{name}`, as a column of an audience is: "
            "give it another name in the table and make the run again."
        )
    kinds = {"segment": "Int64", "margin": "float64"}
    columns = [name, *kinds]
    try:
        held = pd.read_csv(
            folder / "segments.csv",
            usecols=columns,
            dtype={name: "object", **kinds},
            keep_default_na=False,
            na_values={one: [""] for one in columns},
        )
    except (OSError, ValueError):
        raise RunError(
            f"`segments.csv` of `{run.name}` has no {', '.join(columns)}: make the run again."
        ) from None
    held = restore(held)
    return held, name


def _rates(run: Run, held: pd.DataFrame, settings: Settings) -> tuple[Mapping[int, float], str]:
    """Share that buys without a campaign in each segment, and the outcome that says so."""
    numbers = range(1, run.model.k + 1)
    if settings.rate is not None:
        return dict.fromkeys(numbers, settings.rate), ""
    outcomes = list(run.parameters.get("outcomes") or [])
    frame = run.frame(outcomes[:1]) if outcomes else pd.DataFrame()
    if frame.empty or len(frame) != len(held):
        return dict.fromkeys(numbers, ASSUMED_RATE), ""
    values = pd.to_numeric(frame.iloc[:, 0], errors="coerce").astype("float64")
    if not values.dropna().isin([0.0, 1.0]).all() or not 0 < values.mean() < 1:
        return dict.fromkeys(numbers, ASSUMED_RATE), ""
    by_segment = values.groupby(held["segment"].to_numpy(dtype=float, na_value=math.nan))
    # One customer more of each kind: a segment in which nobody bought is not without a rate.
    rates = (by_segment.sum() + values.mean()) / (by_segment.count() + 1)
    return {one: float(rates.get(float(one), values.mean())) for one in numbers}, str(outcomes[0])


def _planned(
    sizes: pd.Series,
    rates: Mapping[int, float],
    parts: list[list[int]],
    personas: Mapping[int, str],
    settings: Settings,
) -> pd.DataFrame:
    """What each audience can show, by the groups that the holdout gives on average."""
    rows: list[dict[str, Any]] = []
    for at, part in enumerate(parts, start=1):
        n = int(sum(sizes[one] for one in part))
        rate = sum(rates[one] * float(sizes[one]) for one in part) / n
        plan = {"treated": n * (1 - settings.holdout), "held": n * settings.holdout}
        rises = rate + settings.lift < 1
        rows.append(
            {
                "audience": at,
                "persona": personas[part[0]] if len(part) == 1 else SMALL,
                "segments": part,
                "n": n,
                "rate": rate,
                "detectable": power.detectable_lift(rate, **plan),
                "needed": math.ceil(
                    power.sample_size(rate + settings.lift, rate, holdout=settings.holdout)
                )
                if rises
                else None,
                "powered": rises and power.power(rate + settings.lift, rate, **plan) >= power.POWER,
            }
        )
    return pd.DataFrame(rows)


def _counted(table: pd.DataFrame, customers: pd.DataFrame) -> pd.DataFrame:
    """Count the groups that were drawn."""
    counts = pd.crosstab(customers["audience"], customers["group"])
    drawn = counts.reindex(index=table["audience"], columns=[TREATMENT, HOLDOUT], fill_value=0)
    edge = (customers["borderline"] == "yes").groupby(customers["audience"]).sum()
    made = table.assign(
        treatment=drawn[TREATMENT].to_numpy(),
        holdout=drawn[HOLDOUT].to_numpy(),
        borderline=edge.reindex(table["audience"], fill_value=0).to_numpy(),
        detectable=table["detectable"].astype("float64"),
        needed=table["needed"].astype("Int64"),
    )
    order = ["audience", "persona", "segments", "n", TREATMENT, HOLDOUT, "borderline"]
    return made[[*order, "rate", "detectable", "needed", "powered"]]


def file_name(number: int, persona: str) -> str:
    """
    Name of the file of one audience.

    Examples
    --------
    >>> file_name(2, "Loyal: wine & web")
    'audience-2-loyal-wine-web.csv'
    """
    words = re.sub(r"[^\w]+", "-", persona.casefold()).strip("-")[:40].strip("-")
    return f"audience-{number}-{words or 'segment'}.csv"


def audience_sql(run: Run, audiences: Audiences, *, dialect: str) -> str:
    """
    Write the draw as one SELECT over the raw table of the run.

    Parameters
    ----------
    run : Run
        The run.
    audiences : Audiences
        What was drawn.
    dialect : {"duckdb", "postgres", "spark", "bigquery", "snowflake"}
        Whose SQL.

    Returns
    -------
    str
        The ID, `audience`, `segment`, `persona` and `group` of everyone in an audience.

    Raises
    ------
    ParamsError
        For another dialect.
    """
    writer = Writer(dialect)
    model, settings = run.model, audiences.settings
    whole = scorer_sql(model, dialect=dialect).rstrip().removesuffix(";")
    lines = whole.split("\n")
    cut = next(at for at, line in enumerate(lines) if not line.startswith("--"))
    head, body = lines[:cut], "\n".join(lines[cut:])
    found = writer.name(audiences.id_column)
    places = " ".join(
        f"WHEN {one} THEN {int(row['audience'])}"
        for row in audiences.table.to_dict("records")
        for one in row["segments"]
    )
    listed = ", ".join(
        str(one) for row in audiences.table.to_dict("records") for one in row["segments"]
    )
    group = group_sql(writer, found, salt=settings.salt, holdout=settings.holdout)
    shown = ",\n".join(
        (
            f"  {found}",
            f"  CASE segment {places} END AS audience",
            "  segment",
            "  persona",
            f"  {group} AS {writer.name('group')}",
        )
    )
    said = [
        "-- Audiences: who gets the campaign and who is held out, by a hash of the ID and a salt.",
        "-- Below it stands segments.sql, whose head follows.",
        *head,
    ]
    final = f"SELECT\n{shown}\nFROM scored\nWHERE segment IN ({listed}) AND {found} IS NOT NULL"
    return "\n".join(said) + "\n" + writer.query([Cte("scored", body)], final) + ";\n"
