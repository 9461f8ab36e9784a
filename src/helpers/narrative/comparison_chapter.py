"""What a comparison shows: tables and sentences, computed, without any customer's ID."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from helpers import words
from helpers.comparison import moves
from helpers.comparison.match import Comparison
from helpers.comparison.moves import NOWHERE
from helpers.comparison.runs import Run

MEANING = {
    moves.BEHAVIOUR: "their own columns changed, and the old model gives the new ones another "
    "segment",
    moves.K: "the runs differ in K; the old model would have left them where they were",
    moves.SETTINGS: "features or settings differ; the old model would have left them where they "
    "were",
    moves.FIT: "same features and settings, but other centres and bounds; the old model would "
    "have left them where they were",
    moves.NEW: "only the new table has them",
    moves.GONE: "only the old table has them",
    moves.GAINED: "in both tables, without a segment before",
    moves.LOST: "in both tables, without a segment now",
}
BY = {
    moves.BEHAVIOUR: "by their own behaviour",
    moves.K: "by the number of segments",
    moves.SETTINGS: "by features or settings",
    moves.FIT: "by the fit",
}
OTHER = "others"
SAME, DIFFERS = "", "differs"
# Features named for each flow of customers whose behaviour moved them.
FEATURES_NAMED = 2
# Share of customers matched below which the reader is warned.
FEW = 0.5


def flows(comparison: Comparison) -> pd.DataFrame:
    """
    Count the customers of each way from a segment to a segment.

    Returns
    -------
    pandas.DataFrame
        `from`, `to` (each run's own numbers, 0 for who is not there or has no segment), `n`.
    """
    held = comparison.customers[["from", "to"]]
    held = held[held.notna().any(axis=1)].fillna(NOWHERE).astype(int)
    counted = held.groupby(["from", "to"], sort=True).size().rename("n")
    return counted.reset_index()


def told(count: int, *, floor: int) -> str:
    """
    Count customers, but never fewer than the privacy floor.

    Examples
    --------
    >>> told(1204, floor=5), told(1, floor=5), told(0, floor=5)
    ('1,204', 'fewer than 5', '0')
    """
    return f"fewer than {floor}" if 0 < count < floor else f"{count:,}"


def shown_flows(counted: pd.DataFrame, *, floor: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Part flows of at least `floor` customers from those that are too small to be told.

    Examples
    --------
    >>> counted = pd.DataFrame({"from": [1, 1], "to": [1, 2], "n": [9, 1]})
    >>> large, small = shown_flows(counted, floor=5)
    >>> large["to"].tolist(), small["to"].tolist()
    ([1], [2])
    """
    large = counted["n"] >= floor
    return counted[large].reset_index(drop=True), counted[~large].reset_index(drop=True)


def flow_table(comparison: Comparison) -> pd.DataFrame:
    """
    Tell who moved where; flows below the privacy floor are one row together.

    Returns
    -------
    pandas.DataFrame
        `from`, `persona before`, `to`, `persona after`, `customers`, `share of segment`; the
        largest flow first. Who stayed, came or went is not in it.
    """
    counted = flows(comparison)
    sizes = counted[counted["to"] != NOWHERE].groupby("from")["n"].sum()
    moved = counted[
        (counted["from"] != NOWHERE)
        & (counted["to"] != NOWHERE)
        & (counted["to"].map(comparison.counterpart) != counted["from"])
    ]
    large, small = shown_flows(moved, floor=comparison.floor)
    large = large.sort_values("n", ascending=False, kind="stable", ignore_index=True)
    table = pd.DataFrame(
        {
            "from": large["from"].astype(str),
            "persona before": large["from"].map(names(comparison.old)),
            "to": large["to"].astype(str),
            "persona after": large["to"].map(names(comparison.new)),
            "customers": large["n"],
            "share of segment": large["n"] / large["from"].map(sizes),
        }
    )
    if small.empty:
        return table
    said = f"{words.plural(len(small), 'way')} of fewer than {comparison.floor} customers"
    other = {"from": OTHER, "persona before": said, "customers": int(small["n"].sum())}
    return pd.concat([table, pd.DataFrame([other])], ignore_index=True)


def cause_table(comparison: Comparison) -> pd.DataFrame:
    """
    Count the customers of each cause; causes below the privacy floor are one row together.

    Returns
    -------
    pandas.DataFrame
        `cause`, `customers`, `share` (of the customers matched; null for who came or went),
        `meaning`.
    """
    counted = comparison.customers["cause"].value_counts()
    rows, small = [], 0
    for cause in moves.CAUSES:
        n = int(counted.get(cause, 0))
        if 0 < n < comparison.floor:
            small += n
        elif n:
            share = n / len(comparison.matched) if cause in moves.MOVES else np.nan
            rows.append((cause, n, share, MEANING[cause]))
    if small:
        said = f"causes of fewer than {comparison.floor} customers each"
        rows.append((OTHER, small, np.nan, said))
    return pd.DataFrame(rows, columns=["cause", "customers", "share", "meaning"])


def answer(comparison: Comparison) -> str:
    """Say in one or two sentences who moved and why."""
    matched, moved = len(comparison.matched), len(comparison.moved)
    both = words.plural(matched, "customer")
    if not moved:
        verb = "is" if matched == 1 else "are"
        return (
            f"Nobody moved: all of the {both} with a segment in both runs {verb} where they were."
        )
    said = f"{moved:,} of {both} ({words.percent(moved / matched)}) changed segment"
    if moved < comparison.floor:
        said = f"Fewer than {comparison.floor} of {both} changed segment"
    table = cause_table(comparison).set_index("cause")["customers"]
    parts = [f"{table[cause]:,} {BY[cause]}" for cause in moves.MOVES if cause in table]
    if not parts:
        return f"{said}: too few by any one cause to be broken down."
    if len(parts) == 1 and sum(table.get(cause, 0) for cause in moves.MOVES) == moved:
        only = next(cause for cause in moves.MOVES if cause in table)
        return f"{said}, {'' if moved == 1 else 'all of them '}{BY[only]}."
    return f"{said}: {words.listing(parts)}."


def finding(comparison: Comparison) -> str:
    """
    Say first what it comes to: whether customers changed, or only the way they are cut.

    Returns
    -------
    str
        Empty where nobody moved, or where the causes cannot be told apart.
    """
    if not len(comparison.moved) or not comparison.told_apart:
        return ""
    causes = comparison.customers["cause"]
    n = int((causes == moves.BEHAVIOUR).sum())
    before, after = comparison.old.model.k, comparison.new.model.k
    cut = (
        f"the cut went from {words.plural(before, 'segment')} to {after}"
        if before != after
        else "features or settings are others"
        if (causes == moves.SETTINGS).any()
        else "the model was fitted anew"
    )
    if not n:
        return f"Nobody's behaviour changed their segment; {cut}."
    if n == len(comparison.moved):
        return "Customers changed, not the way they are cut."
    return f"Some customers changed their behaviour, and {cut}."


def for_the_crm(comparison: Comparison) -> str:
    """Say what to do with the moves in the system that runs the campaigns."""
    if not len(comparison.moved):
        return "For the CRM: nothing to change but the new and the gone customers of moves.csv."
    own = int((comparison.customers["cause"] == moves.BEHAVIOUR).sum())
    if comparison.told_apart and not own:
        return (
            "For the CRM: replace the old segments by the new ones as a whole, and do not read a "
            "move in moves.csv as something that the customer did."
        )
    return (
        "For the CRM: of those in moves.csv only the ones whose cause is "
        f"“{moves.BEHAVIOUR}” did something that a campaign may answer; the others have another "
        "number, no other habit."
    )


def key_figures(comparison: Comparison) -> dict[str, str]:
    """Give the few numbers of the summary; no group below the privacy floor is counted."""
    cause = comparison.customers["cause"]
    moved, matched = len(comparison.moved), len(comparison.matched)
    few = 0 < moved < comparison.floor
    return {
        "customers in both": f"{matched:,}",
        "changed segment": told(moved, floor=comparison.floor)
        if few
        else words.percent(moved / matched),
        "new customers": told(int((cause == moves.NEW).sum()), floor=comparison.floor),
        "gone customers": told(int((cause == moves.GONE).sum()), floor=comparison.floor),
        "segments": f"{comparison.old.model.k} then, {comparison.new.model.k} now",
    }


def warnings(comparison: Comparison) -> list[str]:
    """Say what a reader must know before acting on the comparison."""
    found = []
    if not comparison.told_apart:
        found.append(
            "The new table lacks columns that the old model needs, so that behaviour cannot be "
            "told from the other causes: no move is called behaviour."
        )
    larger = max(int(comparison.customers[side].notna().sum()) for side in ("from", "to"))
    if len(comparison.matched) < FEW * larger:
        found.append(
            f"Only {words.plural(len(comparison.matched), 'customer')} of the larger run's "
            f"{larger:,} could be matched by ID: check that both tables are of the same shop."
        )
    if comparison.repeated:
        verb = "occurs" if comparison.repeated == 1 else "occur"
        found.append(
            f"{words.plural(comparison.repeated, 'ID')} {verb} more than once in a table; the "
            "customers that have one are left out."
        )
    if any(run.model.labels_given for run in (comparison.old, comparison.new)):
        found.append(
            "Segments of labels made elsewhere follow no model: causes are judged by the nearest "
            "centre, which is not always the label."
        )
    return found


def names(run: Run) -> dict[int, str]:
    """Persona of each segment of a run."""
    return dict(enumerate(run.model.personas, start=1))


def segment_table(comparison: Comparison) -> pd.DataFrame:
    """
    Hold each segment against its counterpart: persona, size and mean value.

    Returns
    -------
    pandas.DataFrame
        One row an old segment, then those that are new: `before`, `after` (number and persona),
        `customers before`, `customers after`, `share before`, `share after`, `value before`,
        `value after` (means; null below the privacy floor).
    """
    back = {old: new for new, old in comparison.counterpart.items()}
    pairs: list[tuple[int | None, int | None]] = [
        (number, back.get(number)) for number in names(comparison.old)
    ]
    pairs += [(None, one) for one in names(comparison.new) if one not in comparison.counterpart]
    sides = {
        "before": (comparison.old, [one for one, _ in pairs]),
        "after": (comparison.new, [one for _, one in pairs]),
    }
    table = pd.DataFrame(index=range(len(pairs)))
    for side, (run, numbers) in sides.items():
        sized = _sized(run, floor=comparison.floor)
        at = pd.Series(numbers, dtype="Int64")
        personas = {number: f"{number}  {persona}" for number, persona in names(run).items()}
        table[side] = at.map(personas)
        for column in ("customers", "share", "value"):
            table[f"{column} {side}"] = at.map(sized[column]).astype(
                "Int64" if column == "customers" else "Float64"
            )
    order = [f"{one} {side}" for one in ("customers", "share", "value") for side in sides]
    shown = ["before", "after", *order]
    return table[shown].astype(dict.fromkeys(order, object)).replace({pd.NA: None})


def _sized(run: Run, *, floor: int) -> pd.DataFrame:
    value = str(run.parameters.get("value_column", ""))
    amounts = run.frame([value]) if value else pd.DataFrame()
    held = run.customers[["segment"]].assign(value=amounts.get(value, np.nan))
    held = held[held["segment"].notna()].astype({"segment": int, "value": float})
    # Sorted, so that the order of the rows cannot reach the last digit of a mean.
    groups = held.sort_values(["segment", "value"]).groupby("segment")["value"]
    table = pd.DataFrame({"customers": groups.size(), "value": groups.mean()})
    table["share"] = table["customers"] / table["customers"].sum()
    return table.assign(value=table["value"].where(table["customers"] >= floor))


def segment_sentences(comparison: Comparison) -> list[str]:
    """Say which segments kept their persona, changed it, came or went."""
    old, new = names(comparison.old), names(comparison.new)
    back = {then: now for now, then in comparison.counterpart.items()}
    kept, said = 0, []
    for number, persona in old.items():
        now = back.get(number)
        if now is None:
            said.append(f"Segment {number} “{persona}” has no counterpart any more.")
        elif new[now] != persona:
            said.append(f"Segment {number} “{persona}” is now segment {now} “{new[now]}”.")
        else:
            kept += 1
            if now != number:
                said.append(f"Segment {number} “{persona}” now has the number {now}.")
    said += [
        f"Segment {number} “{persona}” has no counterpart before."
        for number, persona in new.items()
        if number not in comparison.counterpart
    ]
    pairs = words.plural(len(comparison.counterpart), "pair")
    first = (
        f"All {pairs} of segments have the persona that they had."
        if kept == len(comparison.counterpart) and kept > 1
        else f"{kept} of {pairs} of segments kept the persona."
    )
    return [first, *said]


def behaviour_table(comparison: Comparison) -> pd.DataFrame:
    """
    Say what those did whom their behaviour moved: the features that changed most.

    Returns
    -------
    pandas.DataFrame
        `from`, `to`, `customers`, `feature`, `mean before`, `mean after`, the two features of
        each flow whose mean changed most in deviations of the old model; flows below the privacy
        floor are left out.
    """
    scaling = comparison.old.model.scaling
    parameters = comparison.old.parameters
    held = comparison.customers
    rows = []
    chosen = held[held["cause"] == moves.BEHAVIOUR]
    for (old, new), group in chosen.groupby(["from", "to"], sort=True):
        if len(group) < comparison.floor:
            continue
        before = _means(comparison.old_features.loc[group.index])
        after = _means(comparison.new_features.loc[group.index])
        change = ((after - before) / np.asarray(scaling.deviation)).abs().round(9)
        for name in change.sort_values(ascending=False, kind="stable").index[:FEATURES_NAMED]:
            unit = parameters.get("units", {}).get(name)
            rows.append(
                {
                    "from": str(old),
                    "to": str(new),
                    "customers": len(group),
                    "feature": words.label(str(name), parameters.get("names", {})),
                    "mean before": words.number(float(before[name]), unit),
                    "mean after": words.number(float(after[name]), unit),
                }
            )
    columns = ["from", "to", "customers", "feature", "mean before", "mean after"]
    return pd.DataFrame(rows, columns=columns)


def _means(frame: pd.DataFrame) -> pd.Series:
    return pd.Series({name: np.sort(frame[name].dropna()).mean() for name in frame.columns})


def parameter_table(comparison: Comparison) -> pd.DataFrame:
    """
    Put both parameter sets side by side, what differs first.

    Returns
    -------
    pandas.DataFrame
        `parameter`, `before`, `after`, `mark` ("differs" or empty).
    """
    sides = [_facts(run) for run in (comparison.old, comparison.new)]
    keys = [*sides[0], *(name for name in sides[1] if name not in sides[0])]
    table = pd.DataFrame(
        {
            "parameter": keys,
            "before": [sides[0].get(name) for name in keys],
            "after": [sides[1].get(name) for name in keys],
        }
    )
    same = [sides[0].get(name) == sides[1].get(name) for name in keys]
    table = table.assign(mark=np.where(same, SAME, DIFFERS))
    return table.sort_values("mark", ascending=False, kind="stable", ignore_index=True)


def _facts(run: Run) -> dict[str, str]:
    facts = {
        "segments found": str(run.manifest["k"]),
        "table (SHA-256)": str(run.manifest["data_sha256"])[:16],
        "labels made elsewhere": _text(run.model.labels_given),
    }
    for name, value in run.parameters.items():
        facts |= dict(_flat(name, value))
    return facts | {
        f"version: {name}": _text(one) for name, one in run.manifest["versions"].items()
    }


def _flat(name: str, value: Any) -> list[tuple[str, str]]:
    """One row for each entry of a mapping, or of a list of mappings with one entry each."""
    if isinstance(value, Mapping) and value:
        return [(f"{name}: {key}", _text(one)) for key, one in value.items()]
    if (
        isinstance(value, list)
        and value
        and all(isinstance(x, dict) and len(x) == 1 for x in value)
    ):
        return [(f"{name}: {key}", _text(one)) for entry in value for key, one in entry.items()]
    return [(name, _text(value))]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(one)}" for name, one in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(_text, value)) or "none"
    if value is None or value == "":
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def settings_sentence(comparison: Comparison) -> str:
    """Say which settings differ that can move a customer."""
    if not comparison.settings:
        return (
            "The runs have the same features and settings: what moved is not the recipe."
            if comparison.old.model.k == comparison.new.model.k
            else "The runs have the same features and settings, but differ in K."
        )
    listed = words.listing([f"`{name}`" for name in comparison.settings])
    verb = "differs" if len(comparison.settings) == 1 else "differ"
    return f"Of what can give a customer another segment, {listed} {verb}."


def moves_table(comparison: Comparison) -> pd.DataFrame:
    """
    List who moved, came or went, for `moves.csv`.

    Returns
    -------
    pandas.DataFrame
        The ID under its own name, `from`, `to` (each run's own numbers), `cause`.
    """
    held = comparison.customers[comparison.customers["cause"].notna()]
    table = held[["id", "from", "to", "cause"]].reset_index(drop=True)
    return table.rename(columns={"id": str(comparison.new.model.id_column)})
