"""Notebooks become one page: order, headings, identifiers, policy, and the same text each time."""

import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import nbformat
import pandas as pd
import pytest

from helpers.errors import RunError
from helpers.figures import palette
from helpers.report import components
from helpers.report.render import render, style_sheet
from tests.report.booklet import MANIFEST, booklet, bundle, code, markdown, write


def made(*notebooks: Path, **changes: object) -> str:
    options = {"title": "Who buys?", "language": "en", "manifest": MANIFEST, "banner": None}
    return render(list(notebooks), **{**options, **changes})


def headings(html: str) -> list[tuple[str, str]]:
    return re.findall(r"<(h[1-6])[^>]*>(.*?)</h", html)


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    return made(*booklet(tmp_path_factory.mktemp("booklet")))


def test_the_outline_of_the_booklet(html: str) -> None:
    assert headings(html) == [
        ("h1", "Who buys?"),
        ("h2", "Summary"),
        ("h3", "The segments at a glance"),
        ("h2", "Contents"),
        ("h2", "Appendix"),
        ("h2", "Who are the customers?"),
        ("h3", "What is in the table?"),
        ("h4", "A smaller question"),
        ("h3", "Is anybody extreme?"),
        ("h2", "How many segments does the data support?"),
        ("h3", "Where is the elbow?"),
        ("h3", "Is it the seed talking?"),
        ("h2", "Who is in each segment, and what should we do?"),
        ("h3", "How do they lie to each other?"),
        ("h3", "What first?"),
        ("h2", "How this report was made"),
    ]


def test_identifiers_are_readable_unique_and_the_contents_lead_to_them(html: str) -> None:
    names = re.findall(r' id="([^"]*)"', html)
    assert "where-is-the-elbow" in names
    assert len(names) == len(set(names))
    contents = html[html.index('<nav class="contents"') : html.index("</nav>")]
    assert re.findall(r'href="#([^"]*)"', contents) == [
        "summary",
        "appendix",
        "who-are-the-customers",
        "how-many-segments-does-the-data-support",
        "who-is-in-each-segment-and-what-should-we-do",
        "method",
    ]


def test_summary_cells_are_moved_not_copied(html: str) -> None:
    assert html.count("Two of six segments bring in half") == 1
    assert html.index("Two of six segments") < html.index('id="contents"')
    assert html.count('<ul class="cards">') == 1


def test_summary_cells_follow_their_rank_across_notebooks(tmp_path: Path) -> None:
    one = write(
        tmp_path / "01_a.ipynb",
        markdown("# A?"),
        code("1", components.say("third"), tags=["summary"]),
        code("1", components.say("second"), tags=["summary-2"]),
    )
    two = write(
        tmp_path / "02_b.ipynb",
        markdown("# B?"),
        code("1", components.say("first"), tags=["summary-1"]),
        code("1", components.say("fourth"), tags=["summary"]),
    )
    page = made(one, two)
    assert re.findall(r">(first|second|third|fourth)<", page) == [
        "first", "second", "third", "fourth",
    ]  # fmt: skip
    assert page.index("fourth") < page.index('id="contents"')


def test_code_is_folded_once_a_section_and_holds_the_opening_and_the_summary(html: str) -> None:
    chapters = html.split('<section class="chapter"')[2:]
    assert [chapter.count('<details class="code">') for chapter in chapters] == [2, 2, 2]
    assert "components.cards(segments)" in chapters[2]
    first = chapters[0]
    opening = first[: first.index('id="what-is-in-the-table"')]
    assert "<details" not in opening
    assert first.index("A smaller question") < first.index('<details class="code">')


def test_parameters_stderr_and_counts_are_left_out(html: str) -> None:
    assert "largest K tried" not in html
    assert "injected" not in html
    assert "someone" not in html
    assert "In [" not in html


def test_a_cells_last_value_is_shown(html: str) -> None:
    assert "2,216 of 2,240 customers can be segmented." in html


def test_prose_keeps_its_markdown(html: str) -> None:
    assert "<strong>checked</strong>" in html
    assert '<a href="https://example.org/data" rel="noopener noreferrer">the data set</a>' in html
    assert "<li>births in 1893 are kept</li>" in html


def test_tables_of_markdown_and_pandas_get_scopes_and_a_region(html: str) -> None:
    assert '<th scope="col" class="n">Nulls</th>' in html
    assert "<tr><td></td>" in re.sub(r"\s", "", html).replace('style="text-align:right;"', "")
    assert 'aria-label="Table"' in html
    assert 'aria-label="Table (2)"' in html
    assert "<th>" not in html


def test_headings_in_outputs_and_quotes_do_not_enter_the_outline(tmp_path: Path) -> None:
    path = write(
        tmp_path / "01_a.ipynb",
        markdown("# A?\n\n> ## quoted\n\n#### deep"),
        code("1", bundle(text_html="<h1>loud</h1>")),
    )
    page = made(path)
    assert [title for _, title in headings(page)][3:5] == ["A?", "deep"]
    assert ("h3", "deep") in headings(page)
    assert '<p class="heading">quoted</p>' in page
    assert '<p class="heading">loud</p>' in page


def test_a_link_to_a_place_that_is_not_there_is_text(tmp_path: Path) -> None:
    path = write(tmp_path / "01_a.ipynb", markdown("# A?\n\n[dead](#Gone) [live](#a)"))
    page = made(path)
    assert 'href="#Gone"' not in page
    assert 'href="#a" rel="noopener noreferrer">live</a>' in page


def test_repeated_headings_get_identifiers_of_their_own(tmp_path: Path) -> None:
    path = write(tmp_path / "01_a.ipynb", markdown("# Summary"), markdown("## A\n\nx\n\n## A\n\ny"))
    names = re.findall(r'<h[23] id="([^"]*)"', made(path))
    assert names == ["contents", "appendix", "summary-2", "a", "a-2", "method"]


def test_a_notebook_without_a_title_is_named_for_its_file(tmp_path: Path) -> None:
    path = write(tmp_path / "02_k_tuning.ipynb", code("1", components.say("x")))
    assert ("h2", "K tuning") in headings(made(path))


def test_open_parts_stand_before_the_appendix_in_their_order(tmp_path: Path) -> None:
    path = write(
        tmp_path / "01_a.ipynb",
        markdown("# A?\n\ntext"),
        markdown("## How sure?", tags=["belief-1"]),
        code("sure", components.say("quite"), tags=["belief-2"]),
        markdown("## The segments", tags=["segments-1"]),
        code(
            "pages",
            components.together(
                components.page("Segment 1", 1, components.say("one")),
                components.page("Segment 2", 2, components.say("two")),
            ),
            tags=["segments-2"],
        ),
    )
    page = made(path)
    assert [title for _, title in headings(page)][1:] == [
        "Contents", "The segments",
        '<span class="sign marker-1 colour-1" aria-hidden="true"></span>Segment 1',
        '<span class="sign marker-2 colour-2" aria-hidden="true"></span>Segment 2',
        "How sure?", "Appendix", "A?", "How this report was made",
    ]  # fmt: skip
    assert page.count('<section class="page"') == 2
    assert '<a href="#segment-1" rel="noopener noreferrer">Segment 1</a>' in page
    appendix = page[page.index('<details class="appendix">') :]
    assert "quite" not in appendix
    assert "sure" in appendix


def test_a_section_whose_cells_have_nothing_to_show_is_dropped(tmp_path: Path) -> None:
    path = write(
        tmp_path / "01_a.ipynb",
        markdown("# A?\n\ntext"),
        markdown("## Gone\n\nWhat this section would be about."),
        code("nothing = 1", components.say()),
        markdown("## Stays\n\ntext"),
        code("silent = 1", components.say()),
        code("1", components.say("x")),
    )
    page = made(path)
    assert "Gone" not in page
    assert "would be about" not in page
    assert "nothing" in page
    assert "Stays" in page


def test_a_heading_whose_cells_all_moved_is_dropped_and_its_code_kept(tmp_path: Path) -> None:
    path = write(
        tmp_path / "01_a.ipynb",
        markdown("# A?\n\ntext"),
        markdown("## Gone"),
        code("moved = 1", components.say("x"), tags=["summary"]),
        markdown("## Stays\n\ntext"),
    )
    page = made(path)
    assert "Gone" not in page
    assert "moved" in page


def test_the_method_lists_what_the_run_was_made_from(html: str) -> None:
    method = html[html.index('<section class="method"') :]
    assert "<dt>Data SHA-256</dt>" in method
    assert "9b0d6b1c3feee" in method
    assert "<dt>Features</dt><dd>Income, Age" in method
    assert '<th scope="row" class="w">k_max</th><td class="w">12</td>' in method
    assert '<th scope="row" class="w">labels</th><td class="w">none</td>' in method
    assert "<summary>Versions (3)</summary>" in method


def test_the_policy_is_first_and_names_the_style_sheet(html: str) -> None:
    head = html.split("<head>\n")[1]
    assert head.startswith('<meta http-equiv="Content-Security-Policy"')
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]  # type: ignore[index]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'" in head
    assert html.count("<style") == 1
    assert "<script" not in html
    assert " style=" not in re.sub(r'src="data:[^"]*"', "", html)


def test_the_style_sheet_has_the_palettes_colours_and_asks_for_nothing() -> None:
    style = style_sheet()
    for number, colour in enumerate(palette.SEGMENT_COLOURS, start=1):
        assert f".colour-{number}{{--colour:{colour}}}" in style
    assert "url(" not in style
    assert "@import" not in style
    assert "</" not in style
    assert style.count("{") == style.count("}")


def test_every_property_that_the_style_sheet_uses_is_set() -> None:
    style = style_sheet()
    used = set(re.findall(r"var\((--[a-z-]+)", style))
    assert used - set(re.findall(r"(--[a-z-]+):", style)) == set()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_tones_of_text_have_contrast(mode: str) -> None:
    roots = re.findall(r":root\{(.*?)\}", style_sheet())
    tones = dict(
        re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", roots[0] if mode == "light" else roots[1])
    )
    for ground in ("paper", "shade", "card"):
        for tone in ("ink", "muted", "link", "code-keyword", "code-string", "code-number"):
            assert palette.contrast(tones[tone], tones[ground]) >= 4.5, (tone, ground)
    for tone in ("good", "warning", "bad"):
        assert palette.contrast(tones[tone], tones[f"{tone}-ground"]) >= 4.5, tone
    assert palette.contrast(tones["focus"], tones["paper"]) >= 3


def test_the_language_and_the_banner(tmp_path: Path) -> None:
    page = made(language="de", banner="Synthetic.")
    assert '<html lang="de">' in page
    assert '<p class="banner">Synthetic.</p>' in page
    assert 'class="banner"' not in made()
    with pytest.raises(RunError, match="`language`"):
        made(language='en" onload="x')


def test_two_builds_in_two_folders_are_the_same_text(tmp_path: Path, html: str) -> None:
    (tmp_path / "a b").mkdir()
    paths = booklet(tmp_path / "a b")
    for path in paths:
        # What changes from run to run: counts, identifiers, wall time.
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata["papermill"] = {"duration": 3.2, "output_path": str(path)}
        for cell in notebook.cells:
            cell.id = f"x{cell.id}"
            cell.metadata["papermill"] = {"start_time": "2025"}
            if cell.cell_type == "code":
                cell.execution_count = 99
        nbformat.write(notebook, path)
    assert made(*paths) == html


def test_another_process_with_another_hash_seed_makes_the_same_text(
    tmp_path: Path, html: str, root: Path
) -> None:
    script = (
        "import sys, pathlib; from tests.report.booklet import MANIFEST, booklet\n"
        "from helpers.report.render import render\n"
        "paths = booklet(pathlib.Path(sys.argv[1]))\n"
        "page = render(paths, title='Who buys?', language='en', manifest=MANIFEST, banner=None)\n"
        "sys.stdout.buffer.write(page.encode())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        check=True,
        cwd=root,
        # matplotlib's list of fonts takes long to make, so that one folder is shared.
        env={
            "PYTHONHASHSEED": "7",
            "TZ": "Asia/Tokyo",
            "LC_ALL": "C",
            "HOME": str(tmp_path),
            "MPLCONFIGDIR": matplotlib.get_cachedir(),
        },
    )
    assert done.stdout.decode() == html


def test_addresses_of_objects_are_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "01_a.ipynb", code("1", bundle(text_plain="<Fit at 0x7f3a9c01d2e0>")))
    page = made(path)
    assert "&lt;Fit&gt;" in page


def test_a_failed_cell_is_refused(tmp_path: Path) -> None:
    error = nbformat.v4.new_output("error", ename="KeyError", evalue="'x'", traceback=["secret"])
    path = write(tmp_path / "01_a.ipynb", markdown("# A?"), code("1", error))
    with pytest.raises(RunError, match=r"Cell 2 of 01_a.ipynb failed with KeyError: 'x'"):
        made(path)


def test_a_cell_that_did_not_run_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "01_a.ipynb", code("1", count=None))
    with pytest.raises(RunError, match=r"Cell 1 of 01_a.ipynb did not run"):
        made(path)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"cells": 3}'])
def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "01_a.ipynb"
    if content is not None:
        path.write_text(content)
    with pytest.raises(RunError, match=r"01_a.ipynb cannot be read as a notebook"):
        made(path)


def test_a_picture_needs_a_description(tmp_path: Path) -> None:
    bare = write(tmp_path / "01_a.ipynb", markdown("# A?"), code("1", bundle(image_png="iVBO")))
    with pytest.raises(RunError, match="Cell 2 of 01_a shows a picture without a description"):
        made(bare)
    told = {"image/png": {"alt": "Line that falls from 10 to 4."}}
    good = write(tmp_path / "02_b.ipynb", code("1", bundle(told, image_png="iVBO\nRw==")))
    expected = '<img src="data:image/png;base64,iVBORw==" alt="Line that falls from 10 to 4.">'
    assert expected in made(good)


def test_a_picture_from_an_address_leaves_its_words(tmp_path: Path) -> None:
    path = write(tmp_path / "01_a.ipynb", markdown("![the words](https://example.org/x.png)"))
    page = made(path)
    assert "the words" in page
    assert "x.png" not in page


def test_what_one_output_leaves_open_does_not_swallow_the_next(tmp_path: Path) -> None:
    open_ended = bundle(text_html="<table><tr><td>one<!-- <div>")
    path = write(
        tmp_path / "01_a.ipynb", code("1", open_ended, components.say("two")), markdown("three")
    )
    page = made(path)
    assert '<p class="say">two</p>' in page
    assert "<p>three</p>" in page


def test_pandas_frames_pass_without_their_style(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a<b": ["<i>"]})
    path = write(tmp_path / "01_a.ipynb", code("1", bundle(text_html=frame._repr_html_())))
    page = made(path)
    assert '<th scope="col">a&lt;b</th>' in page
    assert "<td>&lt;i&gt;</td>" in page
    assert page.count("<style") == 1
