"""Sentences of the second notebook follow from the frames that they are given."""

import numpy as np
import pandas as pd

from helpers.narrative.tuning_chapter import audit_doubt, audit_table

AUDIT = pd.DataFrame(
    {
        "k": [2, 3, 4],
        "inertia": [30.0, 20.0, 10.0],
        "found": [8, 3, 0],
        "tried": [8, 8, 8],
        "confirmed": [20, 20, 3],
        "rivals": [0, 1, 4],
        "in_doubt": [0, 1, 793],
        "rows_searched": [2216, 2216, 2216],
        "runner_up": [np.inf, 0.01, 0.0001],
        "seed_ari": [1.0, 0.9, 0.8],
    }
)


def test_the_audit_names_the_customers_in_doubt() -> None:
    shown = audit_table(AUDIT).set_index("K")["in doubt"]
    assert shown.tolist() == ["none met", "at least 1 of 2,216", "at least 793 of 2,216"]


def test_doubt_is_said_for_the_chosen_k() -> None:
    assert audit_doubt(AUDIT, 2).startswith("At K = 2 the search met no other partition")
    assert "1 other partition whose inertia is within 0.02%" in audit_doubt(AUDIT, 3)
    assert "It puts at least" in audit_doubt(AUDIT, 3)
    assert "4 other partitions" in audit_doubt(AUDIT, 4)
    assert "They put at least 793 of 2,216 customers into another segment" in audit_doubt(AUDIT, 4)
