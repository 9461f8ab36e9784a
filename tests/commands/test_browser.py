"""The comparison in Chromium: it asks for nothing, and all can read it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from helpers.commands.compare import make_comparison
from tests.comparison.fixtures import moved_on, table, write_run
from tests.report import browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    browser.require_chromium()
    with browser.chromium() as chrome:
        yield chrome


@pytest.mark.parametrize("moved", [0, 8])
def test_a_comparison_has_no_findings_in_any_mode(
    moved: int, tmp_path: Path, chrome: Browser
) -> None:
    write_run(tmp_path / "old", table())
    write_run(tmp_path / "new", moved_on(table(), range(moved), 0.0))

    assert browser.inspect(make_comparison(tmp_path, "old", "new"), chrome).all() == []
