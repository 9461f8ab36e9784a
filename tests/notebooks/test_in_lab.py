"""The notebooks in a real JupyterLab: run, changed by hand, run again, and legible."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from helpers.pipeline.stages import NAMES
from maintenance.sample import make_customers
from tests.notebooks import lab
from tests.report import browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]
FEW = "k_max, resamples, references = 4, 10, 3"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    browser.require_chromium()
    with browser.chromium() as chrome:
        yield chrome


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab on the copies of the notebooks, beside a small table."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "reports").mkdir()
    make_customers(120, seed=3).to_csv(folder / "reports/few.csv", index=False)
    with lab.jupyterlab(folder / "reports", folder / "settings") as address:
        yield address.format("reports/lab/notebooks/{}.ipynb")


def prepared(page: Page, name: str, address: str) -> None:
    """Let a notebook read the small table and try few K."""
    if name != "02_tuning":
        table = '"../../few.csv"'
        lab.change(page, 'data: str = "data/sample.csv"', f"data: str = {table}")
    else:
        lab.change(page, "references: int = 20", f"{FEW}  #")


def legible(page: Page, name: str) -> list[str]:
    """Texts over others, and texts too pale, in both themes."""
    found = []
    for theme in lab.THEMES:
        lab.change_theme(page, theme)
        found += [f"{theme}: {pair}" for pair in lab.overlaps(page)]
        rules = {"runOnly": ["color-contrast"]}
        violations = Axe().run(page, context=".kit", options=rules).response["violations"]
        found += [f"{theme}: {node['target']}" for one in violations for node in one["nodes"]]
        if folder := os.environ.get("LAB_PICTURES"):
            lab.pictures(page, Path(folder), f"{name}-{theme}")
    lab.change_theme(page, "light")
    return found


@pytest.mark.timeout(1200)
def test_each_notebook_runs_and_runs_again_after_a_change(chrome: Browser, address: str) -> None:
    for name in NAMES:
        with lab.opened(chrome, address.format(name)) as page:
            prepared(page, name, address)
            assert lab.errors(lab.run_all(page)) == []
            assert legible(page, name) == []
            if name == "02_tuning":
                faults(page)
                lab.change(page, 'k: "int or str" = "auto"', 'k: "int or str" = 3')
                lab.change(page, "tuned = everyone.tune(", "before = tuned; tuned = everyone.tune(")
                lab.change(page, "matrix = scaling", "assert tuned.rows\nmatrix = scaling")
                lab.change(page, "floors = {", "assert tuned is before\nfloors = {")
            else:
                lab.change(page, "privacy_floor: int = 5", "privacy_floor: int = 6")
            cells = lab.run_all(page)
            assert lab.errors(cells) == []
            if name == "02_tuning":
                (answer,) = [one for one in cells if "tuning_chapter.answer(" in one["source"]]
                assert "3 segments" in str(answer["outputs"])
            # What is changed in the lab alone is not profiled in silence.
            if name == "03_profiles":
                lab.change(page, '    "Age",\n', "")
                (error,) = lab.errors(lab.run_all(page))
                assert "01_features ran with" in error


def faults(page: Page) -> None:
    """Each fault of the features is one message without a traceback."""
    right = '"NumWebVisitsMonth",\n    "Recency",\n]'
    for wrong, expected in (
        (right.replace('"Recency"', '"Recncy"'), "Did you mean `Recency`?"),
        (right.replace('"Recency"', '"Education"'), "which holds no numbers"),
        (right.replace('"Recency"', '"MntWines"'), "01_features ran with"),
    ):
        lab.change(page, right, wrong)
        cells = lab.run_all(page)
        (error,) = lab.errors(cells)
        assert expected in error
        (shown,) = [
            one for cell in cells for one in cell["outputs"] if one["output_type"] == "error"
        ]
        assert len(shown["traceback"]) == 1
        assert "\n" not in shown["traceback"][0]
        lab.change(page, wrong, right)
