"""Words of one language that must not be taken for those of another."""

import pytest

from helpers.params.vocabulary import says


@pytest.mark.parametrize(
    "name", ["satisfaction", "Satisfied", "satisfacción", "premier_member", "imported", "age"]
)
def test_a_word_that_only_begins_like_money_is_none(name: str) -> None:
    assert not says(name, "earned")
    assert not says(name, "charged")


@pytest.mark.parametrize("name", ["Satış", "satislar", "Premie", "premies", "Umsatz", "ciro"])
def test_money_earned_is_known_in_its_languages(name: str) -> None:
    assert says(name, "earned")
