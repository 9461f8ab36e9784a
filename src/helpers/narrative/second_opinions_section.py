"""What the chapter on K says about the opinions of other methods."""

from __future__ import annotations

import pandas as pd

from helpers import words

ENOUGH = 3
"""Methods that must find a segment: with fewer the segment is remarked on."""


def sentences(opinions: pd.DataFrame, *, found_at: float) -> list[str]:
    """
    Say which segments hardly any other method finds.

    Parameters
    ----------
    opinions : pandas.DataFrame
        As `helpers.selection.second_opinions.second_opinions` returns it.
    found_at : float
        Jaccard similarity from which a segment counts as found.

    Returns
    -------
    list of str
        One text for each segment that fewer than three methods find, or one for all.

    Examples
    --------
    >>> methods = ["Ward", "k-medoids", "HDBSCAN"]
    >>> opinions = pd.DataFrame({"segment": 2, "method": methods, "found": [True, False, False]})
    >>> sentences(opinions, found_at=0.75)
    ['Segment 2 is found by 1 of 3 other methods (Ward): where it ends depends on the method, so \
treat its borders as a choice.']
    """
    methods = opinions["method"].nunique()
    said = []
    for segment, own in opinions.groupby("segment", sort=True):
        finders = list(own.loc[own["found"], "method"])
        if len(finders) >= ENOUGH:
            continue
        named = f" ({words.listing(finders)})" if finders else ""
        said.append(
            f"Segment {segment} is found by {len(finders) or 'none'} of {methods} other methods"
            f"{named}: where it ends depends on the method, so treat its borders as a choice."
        )
    if said or opinions.empty:
        return said
    return [
        f"Each segment is found by at least {ENOUGH} of {methods} other methods "
        f"(Jaccard similarity {found_at:.2f} or more): it is no peculiarity of K-Means."
    ]


def note(opinions: pd.DataFrame, *, found_at: float, total: int) -> str:
    """
    Say what was asked of the other methods, and of how many customers.

    Examples
    --------
    >>> note(pd.DataFrame({"rows": [2000]}), found_at=0.75, total=90000)
    'A segment counts as found where a cluster of the method shares most customers with it \
(Jaccard similarity 0.75 or more). The methods were given 2,000 of 90,000 customers, and asked \
for as many clusters as there are segments; HDBSCAN finds its own number and leaves out \
customers who lie between groups.'
    """
    if opinions.empty:
        return ""
    rows = int(opinions["rows"].iloc[0])
    given = words.number(rows)
    given = f"{given} of {words.number(total)}" if rows < total else f"all {given}"
    return (
        "A segment counts as found where a cluster of the method shares most customers with it "
        f"(Jaccard similarity {found_at:.2f} or more). The methods were given {given} customers, "
        "and asked for as many clusters as there are segments; HDBSCAN finds its own number and "
        "leaves out customers who lie between groups."
    )
