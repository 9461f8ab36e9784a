"""Which measures become features: redundant ones give way, and of many the most telling stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from helpers import words
from helpers.scaffold.roles import GOES_FIRST

SAME = 0.95
"""Two columns whose correlation is at least this, in size, say the same thing twice."""
MOST_FEATURES = 12


@dataclass(frozen=True)
class Candidate:
    """A column that could be a feature."""

    name: str
    part: str
    missing_share: float
    top_share: float

    def strength(self, position: int) -> tuple[int, float, float, int]:
        """Order of giving way: the greatest gives way first."""
        place = GOES_FIRST.index(self.part) if self.part in GOES_FIRST else len(GOES_FIRST)
        return (place, round(self.missing_share, 3), round(self.top_share, 2), position)


def choose(
    candidates: Sequence[Candidate],
    correlation: pd.DataFrame,
    *,
    most: int = MOST_FEATURES,
    keep: Sequence[str] = (),
) -> tuple[list[str], dict[str, str]]:
    """
    Choose features among candidates.

    Parameters
    ----------
    candidates : sequence of Candidate
        In the order of the table.
    correlation : pandas.DataFrame
        Square, over their names.
    most : int
        How many features there may be.
    keep : sequence of str
        Names that stay whatever else does.

    Returns
    -------
    features : list of str
        In the order of the table.
    left_out : dict of str to str
        The others, each with its reason.

    Notes
    -----
    As long as two go together by `SAME` or more, and then as long as there are more than `most`,
    one of the two that go together most gives way: the one that plays no part such as recency,
    value or age; of two such, the one with more gaps, then the one of which more rows hold the
    same, then the later.

    Examples
    --------
    >>> told = [Candidate(name, "", 0.0, 0.1) for name in "abc"]
    >>> matrix = pd.DataFrame([[1, 0.99, 0], [0.99, 1, 0], [0, 0, 1.0]], list("abc"), list("abc"))
    >>> choose(told, matrix)
    (['a', 'c'], {'b': 'says the same as `a` (correlation 0.99)'})
    """
    position = {one.name: at for at, one in enumerate(candidates)}
    known = {one.name: one for one in candidates}
    left = list(position)
    gone: dict[str, str] = {}
    values = correlation.loc[left, left].to_numpy(dtype=float)
    signed = {(a, b): float(values[i, j]) for a, i in position.items() for b, j in position.items()}
    while len(left) > 1:
        pair = _closest(signed, left, keep)
        if pair is None or (abs(signed[pair]) < SAME and len(left) <= most):
            break
        first, second = sorted(
            pair, key=lambda name: (name not in keep, *known[name].strength(position[name]))
        )
        value = signed[first, second]
        if abs(signed[pair]) >= SAME:
            gone[second] = f"says the same as `{first}` (correlation {value:.2f})"
        else:
            gone[second] = (
                f"one of more than {most}: goes most with `{first}` (correlation {value:.2f})"
            )
        left.remove(second)
    return left, gone


def _closest(
    signed: Mapping[tuple[str, str], float], left: Sequence[str], keep: Sequence[str]
) -> tuple[str, str] | None:
    best, found = -1.0, None
    for at, a in enumerate(left):
        for b in left[at + 1 :]:
            value = round(abs(signed[a, b]), 6)
            if value > best and not (a in keep and b in keep):
                best, found = value, (a, b)
    return found


def breakdowns(telling: Mapping[str, float], *, most: int) -> tuple[list[str], dict[str, str]]:
    """
    Choose the categories and flags to break segments down by.

    Parameters
    ----------
    telling : mapping of str to float
        Share of the variance of a feature that each tells of, 0 to 1.
    most : int
        How many there may be: those that tell most of a feature.

    Returns
    -------
    chosen : list of str
        In the given order.
    left_out : dict of str to str
        The others, each with its reason.

    Examples
    --------
    >>> breakdowns({"a": 0.02, "b": 0.3}, most=1)
    (['b'], {'a': 'one of more than 1, and tells less of the features (2% of the variance of one)'})
    """
    ranked = sorted(telling, key=lambda name: -round(telling[name], 6))
    chosen = set(ranked[:most])
    reasons = {
        name: f"one of more than {most}, and tells less of the features "
        f"({words.percent(telling[name])} of the variance of one)"
        for name in telling
        if name not in chosen
    }
    return [name for name in telling if name in chosen], reasons
