"""A report in headless Chromium: what it asks for, says, runs, and how accessible it is."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from helpers.report.components import is_stock_alt

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MODES: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "wide": {"viewport": {"width": 1600, "height": 1000}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "print": {"viewport": {"width": 794, "height": 1123}, "color_scheme": "light"},
    "forced colours": {"viewport": {"width": 1280, "height": 900}, "forced_colors": "active"},
}

_UNFOLD = "document.querySelectorAll('details').forEach(d => d.open = true)"
_FACTS = """() => {
    const all = [...document.querySelectorAll('*')];
    const ids = all.map(e => e.id).filter(Boolean);
    const broken = [...document.images].filter(i => !(i.complete && i.naturalWidth > 0));
    return {
        alts: [...document.images].map(i => i.getAttribute('alt') ?? ''),
        broken: broken.map(i => i.alt),
        duplicates: ids.filter((id, n) => ids.indexOf(id) !== n),
        dead: [...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute('href'))
            .filter(href => !document.getElementById(href.slice(1))),
        scripts: document.querySelectorAll('script').length,
        handlers: all.flatMap(e => [...e.attributes].map(a => a.name))
            .filter(name => name.startsWith('on') || name === 'style' || name === 'srcdoc'),
        addresses: all.flatMap(e => [...e.attributes])
            .filter(a => ['src', 'href', 'action', 'data', 'xlink:href'].includes(a.name))
            .map(a => a.value).filter(v => !/^(#|https?:|mailto:|data:image\\/|data:,)/.test(v)),
        headings: [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1]),
        bare: [...document.querySelectorAll('h2,h3,h4,h5,h6')].filter((h, n, all) => {
            const next = all[n + 1];
            if (next && next.tagName > h.tagName) return false;
            const range = document.createRange();
            range.setStartAfter(h);
            next ? range.setEndBefore(next) : range.setEndAfter(document.body.lastChild);
            const held = range.cloneContents();
            held.querySelectorAll('details:not(.appendix)').forEach(d => d.remove());
            return !held.textContent.trim() && !held.querySelector('img,svg');
        }).map(h => h.textContent.trim()),
        tables: [...document.querySelectorAll('table')]
            .filter(t => !t.caption && !t.closest('[aria-label]')).length,
        unscoped: document.querySelectorAll('th:not([scope])').length,
        ran: window.ran ?? null,
    };
}"""


@dataclass
class Findings:
    """
    What is wrong with a report; every field is empty for a good one.

    Attributes
    ----------
    requests
        Addresses asked for, other than the file itself and data within it.
    console
        Messages on the console, errors of the page and dialogs.
    ran
        Marks that a payload left: it set `window.ran`, or opened a dialog.
    axe
        Violations found by axe-core, as "mode: rule (impact) at element", all parts unfolded.
    alts
        Descriptions of pictures that are missing or stock; pictures that did not load.
    structure
        Duplicate identifiers, dead anchors, scripts, handlers, foreign addresses, headings that
        skip a level, tables without name or scopes.
    overflow
        Widths at which the page scrolls to the side, with parts folded and unfolded.
    """

    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    axe: list[str] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    structure: list[str] = field(default_factory=list)
    overflow: list[str] = field(default_factory=list)

    def all(self) -> list[str]:
        """Every finding, with the name of its kind."""
        return [f"{kind}: {item}" for kind, items in vars(self).items() for item in items]


def chromium_path() -> str | None:
    """Debian's Chromium, where it is installed."""
    return shutil.which("chromium")


def require_chromium() -> None:
    """Skip the test where there is no Chromium, saying so; fail in CI, which installs it."""
    if chromium_path() is None:
        message = "Chromium is not installed (Debian's package `chromium`): the report is not seen"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


@contextmanager
def chromium() -> Iterator[Browser]:
    """One headless browser, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def inspect(
    path: Path, chrome: Browser, *, modes: tuple[str, ...] = tuple(MODES), axe: bool = True
) -> Findings:
    """
    Open a report in every mode and collect what is wrong with it.

    Parameters
    ----------
    path
        The HTML file.
    chrome
        From `chromium`.
    modes
        Some of `MODES`.
    axe
        Run axe-core too, about a second for each mode.

    Returns
    -------
    Findings
    """
    findings = Findings()
    for mode in modes:
        with opened(chrome, path, findings, **MODES[mode]) as page:
            if mode == "print":
                page.emulate_media(media="print")
            if mode == modes[0]:
                _collect(page, findings)
            page.evaluate(_UNFOLD)
            if axe:
                findings.axe += _violations(page, mode)
    # With the policy out of the way only the filter is left to stop a payload.
    with opened(chrome, path, findings, bypass_csp=True) as page:
        _collect(page, Findings(ran=findings.ran))
    with opened(chrome, path, findings) as page:
        for state in ("folded", "unfolded"):
            if state == "unfolded":
                page.evaluate(_UNFOLD)
            for width in (320, 390, 768, 1280, 1440, 1920):
                page.set_viewport_size({"width": width, "height": 800})
                needed = page.evaluate("document.documentElement.scrollWidth")
                if needed > width:
                    findings.overflow.append(f"{needed} px at {width} px, {state}")
    return findings


@contextmanager
def opened(browser: Browser, path: Path, findings: Findings, **options: Any) -> Iterator[Page]:
    """Open a report in a fresh context whose requests, messages and dialogs are collected."""
    context = browser.new_context(**options)
    page = context.new_page()
    address = path.resolve().as_uri()

    def asked(request: Any) -> None:
        if request.url != address and not request.url.startswith("data:"):
            findings.requests.append(request.url)

    def dialog(shown: Any) -> None:
        findings.ran.append(f"dialog: {shown.message}")
        shown.dismiss()

    page.on("request", asked)
    page.on("console", lambda message: findings.console.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: findings.console.append(f"error: {error}"))
    page.on("dialog", dialog)
    try:
        page.goto(address, wait_until="load")
        yield page
    finally:
        context.close()


def _collect(page: Page, findings: Findings) -> None:
    facts = page.evaluate(_FACTS)
    if facts["ran"] is not None:
        findings.ran.append(f"window.ran = {facts['ran']!r}")
    findings.alts += [f"{alt!r} is no description" for alt in facts["alts"] if is_stock_alt(alt)]
    findings.alts += [f"did not load: {alt!r}" for alt in facts["broken"]]
    findings.structure += [f"duplicate id {name!r}" for name in facts["duplicates"]]
    findings.structure += [f"dead anchor {name!r}" for name in facts["dead"]]
    findings.structure += [f"attribute {name!r}" for name in facts["handlers"]]
    findings.structure += [f"address {address[:80]!r}" for address in facts["addresses"]]
    findings.structure += [f"nothing under the heading {title!r}" for title in facts["bare"]]
    if facts["scripts"]:
        findings.structure.append(f"{facts['scripts']} scripts")
    levels = facts["headings"]
    if levels[:1] != [1] or levels.count(1) != 1:
        findings.structure.append(f"the page has no single h1 at its top: {levels}")
    findings.structure += [
        f"h{below} under h{above}" for above, below in pairwise(levels) if below > above + 1
    ]
    for name in ("tables", "unscoped"):
        if facts[name]:
            findings.structure.append(f"{facts[name]} {name} without a name or scope")


def _violations(page: Page, mode: str) -> list[str]:
    # Evaluated through the devtools, which the page's policy does not bind.
    found = Axe().run(page).response["violations"]
    return [
        f"{mode}: {rule['id']} ({rule['impact']}) at {node['target']}"
        for rule in found
        for node in rule["nodes"]
    ]
