"""Whom a trigger concerns today."""

import numpy as np
import pandas as pd
import pytest

from helpers.personas.catalogue import parse_catalogue
from helpers.personas.due import parse_due
from helpers.personas.matching import assign
from helpers.personas.predicates import PredicateError

CATALOGUE = """
personas:
  - name: Late
    when: [mean(days) >= 5]
    objective: reactivate
    summary: They have not ordered.
    action: Write to them.
    trigger: More than {quantile(days, 50) | days} without an order.
    due: %s
    metric: Orders.
"""
CUSTOMERS = pd.DataFrame({"days": [1.0, 2.0, 3.0, 10.0, 20.0, 30.0, 40.0]})
SEGMENTS = pd.Series([1, 1, 1, 2, 2, 2, 2])


@pytest.mark.parametrize(
    ("due", "share"),
    [("days > quantile(days, 50)", 0.5), ("days >= mean(days)", 0.5), ("days < mean(days)", 0.5),
     ("days / 2 <= mean(days)", 1.0)],
)  # fmt: skip
def test_the_share_is_counted_in_the_segment(due: str, share: float) -> None:
    found = assign(parse_catalogue(CATALOGUE % due), CUSTOMERS, SEGMENTS, ["days"])
    assert found["due"].tolist()[1] == share
    assert np.isnan(found["due"].astype(float)[0])


def test_who_is_counted_is_whom_the_sentence_names() -> None:
    """A bound of 25.4 days is said as 25: 25 days count, by `>=`."""
    due = parse_due("days >= mean(days)")
    assert due.share(np.array([24.0, 25.0, 26.0, np.nan]), "25 days") == 0.5
    assert due.share(np.array([0.2, 0.1]), "15%") == 0.5
    assert due.share(np.array([1500.0, 900.0]), "£1,000") == 0.5
    assert np.isnan(due.share(np.array([1.0]), "unknown"))


@pytest.mark.parametrize("text", ["days", "days > ", "> 3", "days > nonsense(days)"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(PredicateError):
        parse_due(text)
