"""The report in Chromium: it asks for nothing, says nothing, runs nothing, and all can read it."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

from helpers.report.render import render
from tests.report import browser
from tests.report.booklet import MANIFEST, booklet, bundle, code, markdown, write

pytestmark = pytest.mark.browser

PAYLOAD = (
    "<script>window.ran=1</script><img src=x onerror=\"window.ran=2\"><svg onload='window.ran=3'>"
    "<iframe srcdoc='<script>parent.ran=4</script>'></iframe><a href='javascript:ran=5'>x</a>"
    "<style>*{display:none}</style></style></title></textarea><link rel=stylesheet href=//e.test/x>"
    "<base href=//e.test><meta http-equiv=refresh content='0;//e.test'><form action=//e.test>"
    "[x](javascript:ran=6) ![x](//e.test/x.png) $\\href{javascript:ran=7}{x}$ **b** "
    "`c` \"><b onmouseover=window.ran=8> ' & {{ 7*7 }} {% raw %} </main></body></html><!-- "
)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    browser.require_chromium()
    with browser.chromium() as chrome:
        yield chrome


def report(folder: Path, notebooks: list[Path], *, extra: str = "") -> Path:
    path = folder / "report.html"
    html = render(
        notebooks,
        title=f"Who buys, and what to do?{extra}",
        language="en",
        manifest={**MANIFEST, **({extra: {extra: extra}, "x": extra} if extra else {})},
        banner=f"Made from synthetic customers.{extra}",
    )
    path.write_text(html, encoding="utf-8")
    return path


def test_a_report_has_no_findings_in_any_mode(tmp_path: Path, chrome: Browser) -> None:
    assert browser.inspect(report(tmp_path, booklet(tmp_path)), chrome).all() == []


def test_a_report_without_notebooks_has_no_findings(tmp_path: Path, chrome: Browser) -> None:
    assert browser.inspect(report(tmp_path, []), chrome, modes=("light",)).all() == []


def hostile(folder: Path) -> list[Path]:
    """Payloads in all that the kit takes, and in every kind of output that a cell may have."""
    stream = nbformat.v4.new_output("stream", name="stdout", text=PAYLOAD)
    raw = write(
        folder / "04_x<img src=x onerror=window.ran=9>.ipynb",
        markdown(f"{PAYLOAD}\n\n# Title {PAYLOAD}\n\n> # In a quote {PAYLOAD}"),
        markdown(f"## Section {PAYLOAD}\n\n{PAYLOAD}\n\n</section></main><h1>late</h1>"),
        code(
            PAYLOAD,
            stream,
            bundle(text_html=PAYLOAD),
            bundle(text_markdown=f"# {PAYLOAD}\n\n{PAYLOAD}"),
            bundle(text_plain=PAYLOAD),
            bundle(**{"application_javascript": "window.ran=10", "text_plain": PAYLOAD}),
            bundle({"alt": f"A picture of four words {PAYLOAD}"}, image_png="\"><script>"),
            bundle({"alt": f"A picture of four words {PAYLOAD}"},
                   **{"image_svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>"
                                       f"<script>window.ran=11</script>{PAYLOAD}</svg>"}),
            tags=[PAYLOAD],
        ),
        code("1", bundle(text_html=f"<p>{PAYLOAD}"), tags=["summary"]),
    )  # fmt: skip
    return [*booklet(folder, extra=f" {PAYLOAD}"), raw]


def test_no_payload_runs_anywhere(tmp_path: Path, chrome: Browser) -> None:
    findings = browser.inspect(
        report(tmp_path, hostile(tmp_path), extra=f" {PAYLOAD}"),
        chrome,
        modes=("light",),
        axe=False,
    )
    # The two pictures with broken data are shown as their descriptions.
    assert len([alt for alt in findings.alts if "did not load" in alt]) == 2
    findings.alts = [alt for alt in findings.alts if "did not load" not in alt]
    assert findings.all() == []


def test_a_payload_is_shown_as_text(tmp_path: Path, chrome: Browser) -> None:
    path = report(tmp_path, booklet(tmp_path, extra=f" {PAYLOAD}"))
    findings = browser.Findings()
    with browser.opened(chrome, path, findings) as page:
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        text = page.evaluate("document.body.innerText")
    # In every answer, card, caption, header, cell, note and fact of the booklet.
    assert text.count("<script>window.ran=1</script>") > 60


def test_the_checks_see_what_is_wrong(tmp_path: Path, chrome: Browser) -> None:
    """Each kind of finding is made once, so that an empty list means something."""
    (tmp_path / "bad.html").write_text(
        "<!DOCTYPE html><html><head><title>t</title></head><body>"
        "<h2>no h1</h2><h4>jump</h4><p id=a>x</p><p id=a style='width:2000px'>wide</p>"
        "<h2>bare</h2><details>folded</details><h2>full</h2>"
        "<a href='#nowhere'>x</a><img src='missing.png'>"
        "<script>window.ran=1;console.log('x')</script>"
        "<table><tr><th>x</th></tr></table></body></html>"
    )
    findings = browser.inspect(tmp_path / "bad.html", chrome, modes=("light",))
    assert any("missing.png" in address for address in findings.requests)
    assert "log: x" in findings.console
    assert "window.ran = 1" in findings.ran
    assert any("html-has-lang" in rule for rule in findings.axe)
    assert any("'' is no description" in alt for alt in findings.alts)
    assert any("320" in width for width in findings.overflow)
    for expected in ("duplicate id 'a'", "dead anchor '#nowhere'", "1 scripts", "h4 under h2",
                     "attribute 'style'", "1 unscoped without a name or scope",
                     "nothing under the heading 'bare'"):  # fmt: skip
        assert expected in findings.structure


def test_the_keyboard_comes_first_to_the_skip_link_and_reaches_wide_tables(
    tmp_path: Path, chrome: Browser
) -> None:
    path = report(tmp_path, booklet(tmp_path))
    with browser.opened(chrome, path, browser.Findings()) as page:
        page.evaluate("document.querySelector('.appendix').open = true")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        seen = []
        for _ in range(60):
            page.keyboard.press("Tab")
            seen.append(page.evaluate("document.activeElement.className"))
    assert "scroll" in seen


def test_dark_mode_reaches_the_page_and_the_pictures(tmp_path: Path, chrome: Browser) -> None:
    path = report(tmp_path, booklet(tmp_path))
    # Drawn on a canvas, a picture shows the ground that it is painted on.
    ground = """async () => {
        const image = document.querySelector('.figure img');
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 4;
        const pen = canvas.getContext('2d');
        pen.drawImage(image, 0, 0, 4, 4, 0, 0, 4, 4);
        return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
    }"""
    grounds = {}
    for mode in ("light", "dark"):
        with browser.opened(chrome, path, browser.Findings(), **browser.MODES[mode]) as page:
            body = page.evaluate("getComputedStyle(document.body).backgroundColor")
            grounds[mode] = (body, page.evaluate(ground))
    assert grounds["light"] == ("rgb(255, 255, 255)", [255, 255, 255])
    assert grounds["dark"] == ("rgb(21, 25, 30)", [21, 25, 30])


def test_on_a_phone_the_summary_is_seen_first(tmp_path: Path, chrome: Browser) -> None:
    path = report(tmp_path, booklet(tmp_path))
    options = browser.MODES["phone"]
    with browser.opened(chrome, path, browser.Findings(), **options) as page:
        top, contents = page.evaluate(
            "['.summary .answer', '.contents']"
            ".map(name => document.querySelector(name).getBoundingClientRect().top)"
        )
    assert 0 < top < 500
    assert contents > top


def test_it_prints_whole_pages_in_light_tones(tmp_path: Path, chrome: Browser) -> None:
    path = report(tmp_path, booklet(tmp_path))
    with browser.opened(chrome, path, browser.Findings(), color_scheme="dark") as page:
        pdf = page.pdf(prefer_css_page_size=True, print_background=True)
        page.emulate_media(media="print")
        folded = page.evaluate("document.querySelector('.appendix').offsetParent === null")
        page.evaluate("document.querySelector('.appendix').open = true")
        shown = page.evaluate(
            "[...document.querySelectorAll('.code, .numbers')].some(d => d.offsetParent)"
        )
        widths = page.evaluate(
            "[...document.querySelectorAll('.scroll')].filter(s => s.offsetParent)"
            ".map(s => getComputedStyle(s).overflowX)"
        )
    assert pdf.startswith(b"%PDF")
    assert folded
    assert not shown
    assert set(widths) == {"visible"}
