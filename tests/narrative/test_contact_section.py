"""What is said of the money, from small frames."""

import pandas as pd
import pytest

from helpers.narrative import contact_section
from helpers.profiles.contact import Terms, contact_profit, nothing

NAMES = {1: "Loyal", 2: "Rare"}
TERMS = Terms("yes", 3, 11)


def earned(first: int, second: int) -> pd.DataFrame:
    answers = [1] * first + [0] * (200 - first) + [1] * second + [0] * (200 - second)
    segments = pd.Series([1] * 200 + [2] * 200)
    table = pd.DataFrame({"yes": answers})
    return contact_profit(table, segments, TERMS, customers={1: 200, 2: 200})


def test_page_one_says_whom_a_contact_pays_for_and_whom_not() -> None:
    (said,) = contact_section.front_sentences(earned(100, 10), TERMS, NAMES)
    assert said.startswith("Contact Loyal (200): expect a profit of 500, ")
    assert said.endswith(" Do not contact Rare (200).")


def test_page_one_says_that_nobody_pays() -> None:
    (said,) = contact_section.front_sentences(earned(20, 10), TERMS, NAMES)
    assert said.startswith("A paid contact is worth it for no segment: even of the Loyal only 10%")
    assert "27%" in said


def test_what_is_unsure_is_tested() -> None:
    (said,) = contact_section.front_sentences(earned(56, 10), TERMS, NAMES)
    assert said == (
        "No segment surely pays for a contact. Test first: Loyal (200). Do not contact Rare (200)."
    )


@pytest.mark.parametrize("terms", [Terms("", "", ""), Terms("yes", 3, "")])
def test_without_terms_one_line_says_what_to_add(terms: Terms) -> None:
    assert contact_section.front_sentences(nothing(), terms, {}) == [contact_section.MISSING]
    assert contact_section.terms_sentences(nothing(), terms, labels={}) == [contact_section.MISSING]
    for name in ("contact_cost", "contact_revenue", "contact_outcome"):
        assert name in contact_section.MISSING


def test_the_table_has_the_rate_from_which_a_contact_pays_only_where_it_differs() -> None:
    table = contact_section.contact_table(earned(100, 10), NAMES, unit="money £")
    assert table.columns.tolist() == [
        "segment", "persona", "what to do", "answers", "profit per contact", "profit of all",
        "test needs",
    ]  # fmt: skip
    assert table["what to do"].tolist() == ["Contact", "Do not contact"]
    assert table["profit of all"][0].startswith("£500 (")
    uneven = earned(100, 10).assign(break_even=[0.2, 0.3])
    assert "pays from" in contact_section.contact_table(uneven, NAMES)


def test_choosing_is_held_against_contacting_everyone() -> None:
    said = contact_section.comparison_sentence(earned(100, 10))
    assert said == (
        "Contacting everyone would come to 10; contacting the segments that pay alone comes to 500."
    )
