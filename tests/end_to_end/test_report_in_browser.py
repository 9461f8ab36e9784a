"""The real reports as a reader meets them: in a browser, in every mode."""

from pathlib import Path

import pytest

from tests.report import browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_the_report_of_the_sample_is_readable_by_everyone(sample_run: Path) -> None:
    browser.require_chromium()
    with browser.chromium() as chrome:
        assert browser.inspect(sample_run / "report.html", chrome).all() == []


@pytest.mark.seed_data
def test_the_report_of_the_published_table_is_readable_by_everyone(published_run: Path) -> None:
    browser.require_chromium()
    with browser.chromium() as chrome:
        assert browser.inspect(published_run / "report.html", chrome).all() == []


@pytest.mark.seed_data
def test_the_report_of_the_published_table_is_below_its_size(seed_run: Path) -> None:
    assert (seed_run / "report.html").stat().st_size < 1_000_000
