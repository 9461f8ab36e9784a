"""Two days in place of two runs."""

import pytest

from helpers.commands.windows import are_days, make_windows
from helpers.errors import ParamsError, TableError


def test_days_are_told_from_names() -> None:
    assert are_days("2024-03-31", "2024-06-30")
    assert not are_days("march", "april")
    assert not are_days("20240331", "20240630")
    for before, after in (("2024-03-31", "june"), ("2024-06-30", "2024-03-31"), ("", "2024-01-01")):
        with pytest.raises(ParamsError):
            are_days(before, after)


def test_days_need_order_lines() -> None:
    with pytest.raises(TableError, match="DATA=file"):
        make_windows("2024-03-31", "2024-06-30", {})
    given = {"DATA": "data/sample.csv", "PARAMS": "params/default.yml"}
    with pytest.raises(ParamsError, match="no `group_by`"):
        make_windows("2024-03-31", "2024-06-30", given)
