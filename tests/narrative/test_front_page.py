"""The first page, from small frames."""

import numpy as np
import pandas as pd
import pytest

from helpers.narrative import front_page

ADVICE = pd.DataFrame(
    {
        "segment": [1, 2, 3],
        "persona": ["Big", "Small", "Odd"],
        "summary": ["They spend.", "They do not.", "Too few."],
        "action": ["Keep them.", "Win them.", "Wait."],
        "held_back": [False, False, True],
    }
)
SHARES = pd.DataFrame(
    {
        "segment": [1, 2, 3],
        "n": [40, 59, 1],
        "share_customers": [0.4, 0.59, 0.01],
        "total": [70.0, 20.0, np.nan],
        "share_value": [0.7, 0.2, np.nan],
        "mean": [1.75, 0.34, np.nan],
    }
)
CARDS = pd.DataFrame({"segment": [1, 2, 3], "verdict": ["stable", "doubtful", "unstable"]})


def headline(kind: str, *, given: bool = False) -> str:
    return front_page.headline(ADVICE, SHARES, {"kind": kind}, value_name="spending", given=given)


def test_that_there_are_no_groups_comes_first() -> None:
    assert headline("groups").startswith("100 customers fall into 3 segments. Big are 40%")
    assert headline("slices").startswith("There are no separate groups: ")
    assert headline("one group").startswith("There are no segments to speak of: ")
    assert headline("slices", given=True).startswith("100 customers in 3 segments that were made")


@pytest.mark.parametrize("kind", ["groups", "slices", "one group"])
@pytest.mark.parametrize("given", [True, False])
def test_page_one_names_no_score(kind: str, given: bool) -> None:
    tuned = {"kind": kind, "structure": "weak"}
    said = " ".join([headline(kind, given=given), front_page.belief(CARDS, tuned, given=given)])
    assert "Jaccard" not in said
    assert "silhouette" not in said


def test_belief_counts_the_segments_that_come_back() -> None:
    tuned = {"kind": "groups", "structure": "weak"}
    assert front_page.belief(CARDS, tuned, given=False) == (
        "How sure is it? Drawing other customers of the same kind gives 1 of the 3 segments again; "
        "the others may be an accident of this table. Their borders are soft: many customers lie "
        "between two of them."
    )


def test_steps_go_by_value_and_leave_out_whom_nothing_is_sure_of() -> None:
    assert front_page.first_steps(ADVICE, SHARES, value_name="spending") == [
        "Big (70% of the spending): Keep them.",
        "Small (20% of the spending): Win them.",
    ]
    none = ADVICE.assign(held_back=True)
    assert front_page.first_steps(none, SHARES, value_name="") == [
        "Run no campaign on these segments yet: none of them is sure enough."
    ]


def test_a_card_tells_nothing_but_the_size_of_a_tiny_segment() -> None:
    last = front_page.cards(ADVICE, SHARES, CARDS, value_name="spending")[2]
    assert set(last) == {"segment", "persona", "trust", "tone", "lead", "customers"}


def test_the_source_says_what_is_not_known() -> None:
    read = {"as_of": None, "rows": 101}
    options = {"file": "a.csv", "customers": 100, "value_name": "spending"}
    assert front_page.source_facts(read, unit="money", **options) == {
        "Source": "a.csv",
        "Customers": "101 customers, 100 of them in a segment",
        "Date of the data": "not stated by the table",
        "Period": "not stated by the table",
        "Currency": "not stated",
    }
    read = {"as_of": "2025-01-01", "rows": 100, "period": {"first": "2024-01-01", "last": "2025"}}
    facts = front_page.source_facts(read, unit="money £", **options)
    assert (facts["Currency"], facts["Period"]) == ("£", "2024-01-01 to 2025")
    assert facts["Date of the data"] == "not stated by the table"
    read["made_with"] = {"sql_steps": [{"Age": "year(current_date()) - Born"}]}
    assert front_page.source_facts(read, unit="", **options)["Date of the data"] == "2025-01-01"
