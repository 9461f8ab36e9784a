"""The trust card of a segment: its size, its stability, its edges, and a verdict."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers import words
from helpers.errors import TableError
from helpers.profiles.numbering import align, segment_numbers

CORE_FROM = 0.30
"""Margin from which a customer belongs to the core: the other centre is 1.43 times as far."""

BORDERLINE_BELOW = 0.10
"""Margin below which a customer is borderline: the other centre is less than 1.11 times as far."""

QUANTILES = {"p10": 0.10, "p25": 0.25, "median": 0.50, "p75": 0.75, "p90": 0.90}

UNSTABLE = "unstable"


def trust_cards(
    segments: pd.Series | npt.ArrayLike,
    *,
    margins: pd.Series | npt.ArrayLike | None = None,
    jaccard: pd.DataFrame | None = None,
    matrix: npt.NDArray[np.float64] | None = None,
    size_floor: float = 0.02,
    least_customers: int = 10,
    stability_floor: float = 0.60,
    stable_at: float = 0.75,
    core_from: float = CORE_FROM,
    borderline_below: float = BORDERLINE_BELOW,
    floor: int = 1,
) -> pd.DataFrame:
    """Judge how far each segment can be believed.

    Parameters
    ----------
    segments : Series or array of shape (n,)
        Segments numbered from 1; missing for a customer without one.
    margins : Series or array of shape (n,), optional
        Margin of each customer: (distance to the nearest other centre - distance to the own)
        over the larger of the two. 1 at the centre, 0 on the border, below 0 beyond it.
    jaccard : DataFrame, optional
        ``segment``, ``jaccard`` and, if known, ``low`` and ``high``: the mean overlap of the
        segment with its nearest match over resamples. 1: found again every time.
    matrix : float64 array of shape (n, d) or of the rows with a segment, optional
        The scaled features; with it the nearest segment is named.
    size_floor : float
        Share of customers below which a segment is unstable.
    least_customers : int
        Number of customers below which it is unstable, whatever its share.
    stability_floor : float
        Mean Jaccard below which it is unstable (0.60 in Hennig 2007).
    stable_at : float
        Jaccard that the mean and the lower bound, where there is one, must reach for it to be
        stable; in between it is doubtful (0.75 in Hennig 2007).
    core_from, borderline_below : float
        Margins that make a customer core or borderline.
    floor : int
        Of segments with fewer customers no margin and no nearest segment is told: they would be
        those of single customers.

    Returns
    -------
    DataFrame of K rows, by segment
        ``segment``, ``n``, ``share``; ``jaccard``, ``jaccard_low``, ``jaccard_high``;
        ``margin_p10`` to ``margin_p90``, ``core_share``, ``borderline_share`` (NaN without
        margins, and of an unstable segment: a core is measured from a centre that another sample
        would not have); ``verdict`` (``highly stable``, ``stable``, ``doubtful``, ``unstable`` or
        ``not assessed``), ``unstable`` (bool), ``reason`` (a clause), ``nearest`` (the segment
        whose centre is closest, missing without a matrix; of an unstable segment the closest of
        those that are not, so that advice never leads to a segment that is itself in doubt).

    Examples
    --------
    >>> cards = trust_cards([1] * 90 + [2] * 9, jaccard=pd.DataFrame(
    ...     {"segment": [1, 2], "jaccard": [0.91, 0.75]}))
    >>> cards[["segment", "verdict", "reason"]].values.tolist()[1]
    [2, 'unstable', 'it has only 9 customers']
    """
    series = segments if isinstance(segments, pd.Series) else pd.Series(np.asarray(segments))
    held = pd.DataFrame({"margin": _of_length(margins, len(series), "margins")})
    frame, numbers = align(held, series)
    known = segment_numbers(numbers)
    found = _stability(jaccard, known)
    nearest = _nearest_of(matrix, series, known)
    rows = []
    for number in known:
        margin = frame.loc[numbers == number, "margin"].to_numpy(dtype=float)
        count = len(margin)
        margin = margin[~np.isnan(margin)]
        verdict, reason = _verdict(
            count,
            count / len(frame),
            found[number],
            size_floor=size_floor,
            least_customers=least_customers,
            stability_floor=stability_floor,
            stable_at=stable_at,
        )
        if count < floor or verdict == UNSTABLE:
            margin = margin[:0]
        row: dict[str, object] = {
            "segment": number,
            "n": count,
            "share": count / len(frame),
            **found[number],
        }
        for name, part in QUANTILES.items():
            row[f"margin_{name}"] = float(np.quantile(margin, part)) if len(margin) else np.nan
        row["core_share"] = float(np.mean(margin >= core_from)) if len(margin) else np.nan
        row["borderline_share"] = (
            float(np.mean(margin < borderline_below)) if len(margin) else np.nan
        )
        row |= {
            "verdict": verdict,
            "unstable": verdict == UNSTABLE,
            "reason": reason,
            "nearest": pd.NA if count < floor else nearest.get(number, pd.NA),
        }
        rows.append(row)
    cards = pd.DataFrame(rows).astype({"nearest": "Int64"})
    settled = {number for number, row in zip(known, rows, strict=True) if not row["unstable"]}
    into = _nearest_of(matrix, series, known, among=settled)
    cards["nearest"] = pd.Series(
        [
            into.get(number, pd.NA) if unstable and count >= floor else nearest_one
            for number, unstable, count, nearest_one in zip(
                known, cards["unstable"], cards["n"], cards["nearest"], strict=True
            )
        ],
        dtype="Int64",
    )
    return cards


def nearest_segments(
    matrix: npt.NDArray[np.float64],
    segments: pd.Series | npt.ArrayLike,
    *,
    among: Collection[int] | None = None,
) -> pd.DataFrame:
    """Find for each segment the one whose centre is closest: what it would merge into.

    Parameters
    ----------
    matrix : float64 array of shape (n, d)
        The scaled features.
    segments : Series or array of shape (n,)
        Segments numbered from 1; missing for a customer without one.
    among : collection of int, optional
        Segments that may be named as nearest; all of them unless given.

    Returns
    -------
    DataFrame of K rows
        ``segment``, ``nearest`` (missing where there is no other to name), ``distance`` between
        the two centres, in the scaled space.

    Examples
    --------
    >>> nearest_segments(np.array([[0.0], [1.0], [5.0]]), [1, 2, 3])["nearest"].tolist()
    [2, 1, 2]
    """
    frame, numbers = align(pd.DataFrame(np.asarray(matrix, dtype=float)), segments)
    known = segment_numbers(numbers)
    centres = frame.groupby(numbers).mean().to_numpy()
    gaps = np.linalg.norm(centres[:, None, :] - centres[None, :, :], axis=2)
    np.fill_diagonal(gaps, np.inf)
    if among is not None:
        gaps[:, [number not in among for number in known]] = np.inf
    found = np.isfinite(gaps).any(axis=1)
    places = gaps.argmin(axis=1)
    return pd.DataFrame(
        {
            "segment": known,
            "nearest": pd.array(
                [known[i] if has else pd.NA for i, has in zip(places, found, strict=True)],
                dtype="Int64",
            ),
            "distance": np.where(found, gaps.min(axis=1), np.nan),
        }
    )


def hold_back(personas: pd.DataFrame, cards: pd.DataFrame) -> pd.DataFrame:
    """Put an investigation in place of the campaign of every unstable segment.

    Parameters
    ----------
    personas : DataFrame
        From `helpers.personas.matching.assign`.
    cards : DataFrame
        From `trust_cards`.

    Returns
    -------
    DataFrame
        ``personas`` with ``objective``, ``action``, ``trigger`` and ``metric`` replaced where
        the card says unstable, and with a column ``held_back`` (bool).
    """
    names = dict(zip(personas["segment"], personas["persona"], strict=True))
    by_segment = cards.set_index("segment")
    rows = []
    for row in personas.to_dict("records"):
        card = by_segment.loc[row["segment"]]
        held = bool(card["unstable"])
        instead: dict[Hashable, object] = {}
        if held:
            instead.update(_investigation(card, names))
            if "due" in row:
                instead["due"] = np.nan
        rows.append({**row, **instead, "held_back": held})
    return pd.DataFrame(rows, columns=[*personas.columns, "held_back"])


def card_sentences(
    cards: pd.DataFrame,
    names: Mapping[int, str],
    *,
    core_from: float = CORE_FROM,
    borderline_below: float = BORDERLINE_BELOW,
) -> dict[int, str]:
    """Say each trust card in two or three sentences.

    Parameters
    ----------
    cards : DataFrame
        From `trust_cards`.
    names : mapping of segment to persona
        What the segments are called.
    core_from, borderline_below : float
        The margins that the cards were made with.

    Returns
    -------
    dict of segment to str
    """
    said = {}
    for card in cards.to_dict("records"):
        size = words.plural(card["n"], "customer")
        parts = [
            words.sentence(
                f"{names[card['segment']]}: {size}, {words.percent(card['share'])} of all;",
                f"{card['verdict']}, for {card['reason']}",
            )
        ]
        if not np.isnan(card["core_share"]):
            core, edge = card["core_share"], card["borderline_share"]
            parts.append(
                words.sentence(
                    f"{words.percent(core)} of them belong to its core (a margin of",
                    f"{words.number(core_from)} or more) and {words.percent(edge)} are borderline",
                    f"(below {words.number(borderline_below)})",
                )
            )
        if card["unstable"] and not pd.isna(card["nearest"]):
            parts.append(
                words.sentence("It would merge into", _called(int(card["nearest"]), names))
            )
        said[card["segment"]] = " ".join(parts)
    return said


def _investigation(card: pd.Series, names: Mapping[int, str]) -> dict[str, str]:
    merge = ""
    if not pd.isna(card["nearest"]):
        into = _called(int(card["nearest"]), names)
        merge = words.sentence("Until then treat its customers as", into)
    return {
        "objective": "investigate",
        "action": " ".join(
            part
            for part in (
                words.sentence("Run no campaign on this segment yet, for", str(card["reason"])),
                merge,
            )
            if part
        ),
        "trigger": "The segment appears again, large and stable enough, in a later run.",
        "metric": "Whether the next run finds it again.",
    }


def _called(number: int, names: Mapping[int, str]) -> str:
    return f"{names[number]} (segment {number})"


def _verdict(
    count: int,
    share: float,
    stability: Mapping[str, float],
    *,
    size_floor: float,
    least_customers: int,
    stability_floor: float,
    stable_at: float,
) -> tuple[str, str]:
    jaccard, low = stability["jaccard"], stability["jaccard_low"]
    faults = []
    if count < least_customers:
        faults.append(f"it has only {words.plural(count, 'customer')}")
    elif share < size_floor:
        faults.append(f"it has only {words.percent(share)} of all customers")
    if jaccard < stability_floor:
        faults.append(f"redrawn samples find it with an overlap of only {words.percent(jaccard)}")
    if faults:
        return UNSTABLE, ", and ".join(faults)
    if np.isnan(jaccard):
        return "not assessed", "its stability was not measured"
    again = f"redrawn samples find it with an overlap of {words.percent(jaccard)}"
    if np.isnan(low):
        low = jaccard
    else:
        again += f" on average and {words.percent(low)} at the lower bound"
    if min(jaccard, low) < stable_at:
        return "doubtful", f"{again}, so that its edges may shift"
    word = words.stability_word(min(jaccard, low))
    # A caller may set a lower bar than Hennig's.
    return ("stable" if word in ("doubtful", "unstable") else word), again


def _of_length(
    values: pd.Series | npt.ArrayLike | None, length: int, name: str
) -> npt.NDArray[np.float64]:
    if values is None:
        return np.full(length, np.nan)
    held = pd.Series(values).to_numpy(dtype=float, na_value=np.nan)
    if len(held) != length:
        raise TableError(f"There are {len(held):,} {name} for {length:,} customers.")
    return held


def _stability(jaccard: pd.DataFrame | None, known: list[int]) -> dict[int, dict[str, float]]:
    nothing = {"jaccard": np.nan, "jaccard_low": np.nan, "jaccard_high": np.nan}
    found = {number: dict(nothing) for number in known}
    if jaccard is None:
        return found
    for row in jaccard.to_dict("records"):
        if row["segment"] in found:
            found[int(row["segment"])] = {
                "jaccard": float(row["jaccard"]),
                "jaccard_low": float(row.get("low", np.nan)),
                "jaccard_high": float(row.get("high", np.nan)),
            }
    return found


def _nearest_of(
    matrix: npt.NDArray[np.float64] | None,
    series: pd.Series,
    known: list[int],
    *,
    among: Collection[int] | None = None,
) -> dict[int, object]:
    if matrix is None or len(known) < 2:
        return {}
    if len(matrix) != len(series):
        series = series[series.notna()]
    table = nearest_segments(matrix, series, among=among)
    return dict(zip(table["segment"], table["nearest"], strict=True))
