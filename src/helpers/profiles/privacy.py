"""Segments of fewer customers than the privacy floor: nothing that is theirs is told.

A mean over one customer is that customer, and a name that says what sets a segment of two apart
speaks of two people. Of such a segment its size is told, and nothing else; who is in it stands in
the lists of customers alone. `privacy_floor` of the params file is the floor.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers import words

OWN_FIGURES = ("total", "share_value", "mean", "index")
"""Columns of `helpers.profiles.value.value_shares` that are figures of the customers."""


def large_segments(shares: pd.DataFrame, *, floor: int) -> list[int]:
    """List the segments that may be broken down.

    Parameters
    ----------
    shares : DataFrame
        ``segment``, ``n``.
    floor : int
        Customers that a segment must have.

    Examples
    --------
    >>> large_segments(pd.DataFrame({"segment": [1, 2], "n": [9, 1]}), floor=5)
    [1]
    """
    return [int(number) for number in shares.loc[shares["n"] >= floor, "segment"]]


def suppress_values(shares: pd.DataFrame, *, floor: int) -> pd.DataFrame:
    """Take the figures of segments below the floor out of a table of shares.

    Parameters
    ----------
    shares : DataFrame
        As `helpers.profiles.value.value_shares` returns it.
    floor : int
        Customers that a segment must have.

    Returns
    -------
    DataFrame
        The same rows; of a segment below the floor ``total``, ``share_value``, ``mean`` and
        ``index`` are missing, ``n`` and ``share_customers`` stay.

    Examples
    --------
    >>> shares = pd.DataFrame({"segment": [1, 2], "n": [9, 1], "total": [90.0, 7.0]})
    >>> suppress_values(shares, floor=5)["total"].tolist()
    [90.0, nan]
    """
    return _blanked(shares, [name for name in OWN_FIGURES if name in shares], floor)


def suppress_profile(profile: pd.DataFrame, *, floor: int) -> pd.DataFrame:
    """Take the figures of segments below the floor out of a table of profiles.

    Parameters
    ----------
    profile : DataFrame
        As `helpers.profiles.summary.profile_table` returns it.
    floor : int
        Customers that a segment must have.

    Returns
    -------
    DataFrame
        The same rows; of a segment below the floor all ``min_``, ``mean_`` and ``max_`` are
        missing.

    Examples
    --------
    >>> profile = pd.DataFrame({"segment": [1], "n": [1], "share": [1.0], "min_a": [7.0]})
    >>> suppress_profile(profile, floor=5)["min_a"].isna().all()
    np.True_
    """
    figures = [name for name in profile if str(name).startswith(("min_", "mean_", "max_"))]
    return _blanked(profile, [str(name) for name in figures], floor)


def unnamed_persona(number: int, *, floor: int, alone: bool) -> dict[str, object]:
    """Give what stands in the place of a persona for a segment below the floor.

    Parameters
    ----------
    number : int
        The segment.
    floor : int
        Customers that a segment must have.
    alone : bool
        Whether it is the only such segment; else its number is part of the name.

    Returns
    -------
    dict
        The columns of `helpers.personas.matching.assign`.

    Examples
    --------
    >>> unnamed_persona(6, floor=5, alone=True)["persona"]
    'Fewer than 5 Customers'
    """
    name = f"Fewer than {floor} Customers"
    return {
        "segment": number,
        "persona": name if alone else f"{name} (Segment {number})",
        "summary": "Too few to be described without describing a single customer.",
        "evidence": "",
        "action": "Run no campaign on this segment by itself.",
        "objective": "investigate",
        "trigger": "The segment appears again, and larger, in a later run.",
        "metric": "Whether the next run finds it again.",
        "fallback": False,
    }


def privacy_sentences(shares: pd.DataFrame, *, floor: int) -> list[str]:
    """Say which segments are not broken down, and which files hold their centres all the same.

    Parameters
    ----------
    shares : DataFrame
        ``segment``, ``n``.
    floor : int
        Customers that a segment must have.

    Returns
    -------
    list of str
        Empty where every segment is large enough.
    """
    large = set(large_segments(shares, floor=floor))
    small = [number for number in shares["segment"] if number not in large]
    if not small:
        return []
    one = len(small) == 1
    which = words.listing([f"segment {number}" for number in small])
    return [
        words.sentence(
            which,
            "has" if one else "have each",
            f"fewer than {words.plural(floor, 'customer')} and",
            f"{'is' if one else 'are'} not broken down, so that no customer can be recognised",
        ),
        words.sentence(
            "the files model.json and segments.sql contain",
            "its centre" if one else "their centres",
            "all the same, without which they could not assign customers as this run did; such a",
            "centre is what so few customers are like, so treat the two files as you would a list",
            "of customers",
        ),
    ]


def _blanked(frame: pd.DataFrame, columns: Sequence[str], floor: int) -> pd.DataFrame:
    small = ~frame["segment"].isin(large_segments(frame, floor=floor))
    return frame.assign(
        **{
            name: frame[name].astype(float).mask(small) if small.any() else frame[name]
            for name in columns
        }
    )
