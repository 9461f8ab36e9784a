"""Drafts of tables of many trades: nothing absurd is a feature, nothing expected is missing."""

from pathlib import Path

import pytest

from helpers.params import loader
from helpers.scaffold.draft import drafted
from tests.scaffold.trades import TRADES


@pytest.mark.parametrize("name", TRADES)
def test_a_draft_says_what_a_person_of_the_trade_would(name: str, tmp_path: Path) -> None:
    trade = TRADES[name]()
    path = tmp_path / f"{name}.csv"
    trade.table.to_csv(path, index=False)
    text, summary = drafted(path)
    values = loader.parse(text, name="drafted.yml").values
    said = "\n".join(summary)

    assert values["id_column"] == trade.id_column, said
    assert set(trade.features) <= set(values["features"]), said
    assert not set(trade.never) & set(values["features"]), said
    assert values["value_column"] == trade.value, said
    assert sorted(values["outcomes"]) == sorted(trade.outcomes), said
    assert set(trade.categories) <= set(values["category_columns"]), said
    for key, column in trade.parts.items():
        assert values[key] == column, said
    for column in trade.table.columns:
        assert any(line.strip().startswith(f"{column[:28]}") for line in summary), column
