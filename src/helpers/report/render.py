"""The report: executed notebooks merged into one HTML file that needs nothing but itself."""

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import nbformat
import pandas as pd
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.ansi import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from pygments.lexers.python import Python3Lexer  # type: ignore[import-untyped]
from pygments.token import (  # type: ignore[import-untyped]
    Comment,
    Keyword,
    Number,
    String,
)
from traitlets.config import Config

from helpers.errors import RunError
from helpers.figures import palette
from helpers.report import components
from helpers.report.sanitizing import clean_fragment, clean_page
from helpers.report.svg import to_data_uri

TEMPLATE: Final = Path(__file__).parent / "template"

HIDDEN_TAGS: Final = frozenset({"parameters", "injected-parameters"})
"""Cells with one of these tags are not in the report; the manifest holds the parameters."""

OPEN: Final = ("summary", "segments", "money", "belief")
"""What stands open, in this order: the first page, then the chapters that are acted on."""

_OPEN_TAG: Final = re.compile(rf"({'|'.join(OPEN)})(?:-(\d{{1,3}}))?")
_KIT: Final = re.compile(r'<div class="kit">(.*)</div>', re.DOTALL)
_LAST: Final = 1000  # rank of an open cell that states none

Open = dict[str, list[tuple[int, "Section"]]]
"""Sections of the open chapters, each with its rank, by the name of their tag."""

_MIME_TYPES: Final = [
    "text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain",
]  # fmt: skip

# Written for the output of the allow-list filter, which closes every tag and quotes every value.
_TAG: Final = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*/?>')
_VOID: Final = frozenset({"br", "hr", "img"})
_HEADING: Final = re.compile(r"h([1-6])")
_TABLE: Final = re.compile(r"<table(?: class=\"dataframe\")?>.*?</table>", re.DOTALL)
_REGION_LABEL: Final = re.compile(r'(<(?:div|pre)[^<>]*? aria-label=")([^"]*)(")')
_IMAGE: Final = re.compile(r"<img((?:\s+[a-z-]+(?:=\"[^\"]*\")?)*)\s*/?>")
_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]{6,}")

_SPECIAL_TITLES: Final = {"sha256": "SHA-256", "sql": "SQL", "id": "ID", "k": "K"}


@dataclass
class Section:
    """
    A heading with what stands under it, up to the next heading.

    Attributes
    ----------
    level
        Level of the heading, from 2 for a chapter's title; None for what has no heading.
    title
        Cleaned HTML of the heading.
    name
        Identifier of the heading, unique in the page.
    paged
        Whether it stands on a page of its own, on paper.
    parts
        Cleaned HTML of its cells, in order.
    code
        Coloured code of its cells, shown folded at its end.
    silent, spoken
        Cells of code that show nothing, and that show something.
    """

    level: int | None = None
    title: Markup = field(default_factory=Markup)
    name: str = ""
    paged: bool = False
    parts: list[str] = field(default_factory=list)
    code: list[Markup] = field(default_factory=list)
    silent: int = 0
    spoken: int = 0

    @property
    def empty(self) -> bool:
        """Whether its cells had nothing to show, so that its prose would lead to nothing."""
        return not self.body or bool(self.silent and not self.spoken)

    @property
    def body(self) -> Markup:
        """All parts as one piece."""
        return Markup("\n".join(part for part in self.parts if part))

    @property
    def label(self) -> Markup:
        """Heading without tags, for the contents."""
        return Markup(_TAG.sub("", self.title))


@dataclass
class Chapter:
    """One notebook: the section of its title first, then the others."""

    sections: list[Section]

    @property
    def name(self) -> str:
        """Identifier of the title."""
        return self.sections[0].name

    @property
    def label(self) -> Markup:
        """Title for the contents."""
        return self.sections[0].label

    @property
    def contents(self) -> list[Section]:
        """Sections that the contents list."""
        return [section for section in self.sections if section.level == 3]


def render(
    notebooks: Sequence[Path],
    *,
    title: str,
    language: str,
    manifest: Mapping[str, Any],
    banner: str | None = None,
) -> str:
    """
    Make the report of executed notebooks, as the text of one HTML file.

    The report opens with one page, the summary, and with the chapters that are acted on; the rest
    is one closed appendix. Cells tagged `summary`, `segments`, `money` or `belief` are moved into
    the open part of that name; `summary-1`, `summary-2` and so on give them an order across
    notebooks. The first heading of a part is its title, a third-level heading within what a cell
    shows begins a page of its own. In the appendix each notebook is a chapter: its first heading,
    a question, is the chapter's title. Cells tagged `parameters` or `injected-parameters` are
    left out, the manifest lists all parameters once, at the end.

    The text depends on the cells' sources and outputs, on the manifest and on nothing else: not
    on execution counts, identifiers of cells, stderr, the clock or the paths of the notebooks.
    Only their stems appear, in messages of errors, or as the title of a notebook without one.

    Parameters
    ----------
    notebooks
        Executed notebooks, in the order of the chapters.
    title
        Title of the report, plain text.
    language
        Language of the prose, such as `en`.
    manifest
        What the run was made from. Plain values become facts, mappings become tables.
    banner
        A remark at the very top, for instance that the data are synthetic.

    Returns
    -------
    str
        HTML with one inline style sheet, no script, no reference to any address.

    Raises
    ------
    RunError
        When a notebook cannot be read, has a cell that failed or did not run, or shows a picture
        without a description.

    Examples
    --------
    >>> html = render([], title="Who buys?", language="en", manifest={"engine": "local"})
    >>> html.splitlines()[0], "<h1>Who buys?</h1>" in html
    ('<!DOCTYPE html>', True)
    """
    if not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", language):
        raise RunError(f"`language` is {language!r}: use a language tag such as 'en' or 'de-AT'.")
    exporter = _exporter()
    hoisted: Open = {name: [] for name in OPEN}
    appendix = [_chapter(_read(path), path.stem, exporter, hoisted) for path in notebooks]
    parts = {
        name: [section for _, section in sorted(found, key=lambda ranked: ranked[0])]
        for name, found in hoisted.items()
    }
    summary = parts.pop("summary")
    chapters = [
        Chapter(_titled(sections, name)) for name, sections in parts.items() if any(
            section.body for section in sections
        )
    ]  # fmt: skip
    return _page(
        Parts(summary, chapters, appendix),
        title=title, language=language, manifest=manifest, banner=banner,
    )  # fmt: skip


def render_shown(
    summary: Sequence[components.Shown],
    chapters: Sequence[tuple[str, Sequence[tuple[str, Sequence[components.Shown]]]]],
    *,
    title: str,
    language: str,
    manifest: Mapping[str, Any],
    banner: str | None = None,
) -> str:
    """
    Make a report without notebooks, in the same template, of what the kit shows.

    Parameters
    ----------
    summary
        What comes first.
    chapters
        Title of each chapter, a question, and its sections: a title (empty for what stands right
        under the question) and what is shown.
    title, language, manifest, banner
        As `render` takes them.

    Returns
    -------
    str
        HTML as of `render`.

    Examples
    --------
    >>> html = render_shown(
    ...     [components.answer("Nobody.")],
    ...     [("Who moved?", [("", [components.say("Nobody did.")])])],
    ...     title="Moves", language="en", manifest={"from": "a"},
    ... )
    >>> '<h2 id="who-moved">Who moved?</h2>' in html
    True
    """
    made = []
    for question, sections in chapters:
        whole = [Section(level=2, title=Markup(components.escaped(question)))]
        for heading, shown in sections:
            if heading:
                whole.append(Section(level=3, title=Markup(components.escaped(heading))))
            whole[-1].parts += [clean_fragment(part.html) for part in shown]
        made.append(Chapter(whole))
    first = [Section(parts=[clean_fragment(part.html) for part in summary])]
    return _page(
        Parts(first, made, []), title=title, language=language, manifest=manifest, banner=banner
    )


@dataclass(frozen=True)
class Parts:
    """A report in its order: the first page, what stands open, what is folded away."""

    summary: Sequence[Section]
    chapters: Sequence[Chapter]
    appendix: Sequence[Chapter]

    @property
    def sections(self) -> list[Section]:
        """All sections, in the order of the page."""
        chapters = (*self.chapters, *self.appendix)
        return [*self.summary, *(one for chapter in chapters for one in chapter.sections)]


def _page(
    parts: Parts,
    *,
    title: str,
    language: str,
    manifest: Mapping[str, Any],
    banner: str | None,
) -> str:
    """Name the sections and put them into the template."""
    names = {"main", "summary", "contents", "appendix", "method"}
    for section in parts.sections:
        section.name = section.name or (_name(section.label, names) if section.title else "")
    page = Environment(
        loader=FileSystemLoader(TEMPLATE), autoescape=True, trim_blocks=True
    ).get_template("page.html.j2")
    body = page.render(
        title=components.plain(title),
        banner=components.plain(banner) if banner else None,
        summary=parts.summary,
        chapters=parts.chapters,
        appendix=parts.appendix,
        method=Markup(_method(manifest)),
    )
    body = _with_live_anchors(_with_unique_labels(clean_page(body)))
    return _document(body, title=title, language=language)


def _document(body: str, *, title: str, language: str) -> str:
    """Put the head around a cleaned body: the policy first, so that it holds for all the rest."""
    style = style_sheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    head = [
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{components.escaped(title)}</title>",
        # Without it a browser asks the server for an icon.
        '<link rel="icon" href="data:,">',
        f"<style>{style}</style>",
    ]
    return "\n".join(
        ["<!DOCTYPE html>", f'<html lang="{escape(language)}">', "<head>", *head, "</head>",
         "<body>", body.strip(), "</body>", "</html>", ""]
    )  # fmt: skip


def style_sheet() -> str:
    """
    Style sheet of the report: the palette's colours as custom properties, then the rules.

    Returns
    -------
    str
        CSS; nothing in it comes from the data.
    """
    light = {
        "paper": palette.PAPER, "ink": palette.INK, "muted": palette.MUTED,
        "quiet": palette.AXIS, "rule": palette.GRID,
        "shade": "#f4f5f7", "card": "#ffffff", "link": "#005a8c", "focus": "#c2570c",
        "edge": "rgb(28 33 39 / .16)",
        "good": "#00583f", "good-ground": "#e2f2ec",
        "warning": "#634c00", "warning-ground": "#fbf3da",
        "bad": "#8c2b1e", "bad-ground": "#fbe9e5",
        "code-keyword": "#00507d", "code-string": "#00583f", "code-number": "#8f3f06",
    }  # fmt: skip
    dark = {
        **{name: palette.DARK[tone] for name, tone in light.items() if tone in palette.DARK},
        "shade": "#1f252c", "card": "#191e24", "link": "#7fc1ec", "focus": "#f0a36b",
        "edge": "rgb(0 0 0 / .6)",
        "good": "#7fd6b4", "good-ground": "#12352b",
        "warning": "#e8cf7c", "warning-ground": "#352d10",
        "bad": "#f2a99c", "bad-ground": "#41201a",
        "code-keyword": "#8cc7ee", "code-string": "#8ad5b8", "code-number": "#eeb083",
    }  # fmt: skip

    def properties(tones: Mapping[str, str]) -> str:
        return "".join(f"--{name}:{tone};" for name, tone in tones.items())

    rules = [
        f":root{{color-scheme:light dark;{properties(light)}}}",
        f"@media screen and (prefers-color-scheme:dark){{:root{{{properties(dark)}}}}}",
        *(
            f".colour-{i}{{--colour:{colour}}}"
            for i, colour in enumerate(palette.SEGMENT_COLOURS, start=1)
        ),
    ]
    return "\n".join(rules) + "\n" + (TEMPLATE / "report.css").read_text(encoding="utf-8")


def _read(path: Path) -> NotebookNode:
    """Read an executed notebook and refuse one that did not come to its end."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat lets through whatever its converters meet
        raise RunError(f"{path.name} cannot be read as a notebook: {error}") from error
    for position, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                raise RunError(
                    f"Cell {position} of {path.name} failed with {output.ename}: {output.evalue}. "
                    "A report is made of notebooks that ran to their end."
                )
        if cell.source.strip() and cell.execution_count is None:
            raise RunError(
                f"Cell {position} of {path.name} did not run. "
                "A report is made of notebooks that ran to their end."
            )
    return notebook


def _chapter(
    notebook: NotebookNode, stem: str, exporter: TemplateExporter, hoisted: Open
) -> Chapter:
    """Sort a notebook's cells into sections, and put those that stand open where they belong."""
    sections = [Section()]
    for position, cell in enumerate(notebook.cells, start=1):
        tags = set(cell.metadata.get("tags", []))
        if tags & HIDDEN_TAGS or cell.cell_type not in ("code", "markdown"):
            continue
        html = _fragment(cell, exporter, f"Cell {position} of {stem}")
        place = _place(tags)
        if cell.cell_type == "code":
            if cell.source.strip():
                sections[-1].code.append(_coloured(cell.source))
            kit = _KIT.fullmatch(html) if place and "<h3" in html else None
            html = kit[1] if kit else _without_headings(html)
            shows = bool(_TAG.sub("", html).strip() or "<img" in html)
            sections[-1].spoken += shows and not place
            sections[-1].silent += bool(cell.outputs) and not shows
        headed = cell.cell_type == "markdown" or "<h3" in html
        for level, piece in _pieces(html) if headed else [(None, html)]:
            if place:
                _hoist(hoisted[place[0]], place[1], level, piece, paged=cell.cell_type == "code")
            elif level is None:
                sections[-1].parts.append(piece)
            else:
                sections.append(_opened(sections, level, piece))
    title = components.escaped(stem.lstrip("0123456789_- ").replace("_", " ").capitalize() or stem)
    return Chapter(_tidy(sections, Markup(title)))


def _place(tags: set[str]) -> tuple[str, int] | None:
    """Open part of a cell, and its rank there; None when it stays where it is."""
    found = [one for tag in sorted(tags) if (one := _OPEN_TAG.fullmatch(tag))]
    ranked = [(int(one[2] or _LAST), OPEN.index(one[1])) for one in found]
    if not ranked:
        return None
    rank, part = min(ranked)
    return OPEN[part], rank


def _hoist(
    into: list[tuple[int, Section]], rank: int, level: int | None, piece: str, *, paged: bool
) -> None:
    """Add a piece to an open part; what stands under a heading stays with it."""
    if level is not None:
        into.append((rank, Section(level=3, title=Markup(piece), paged=paged)))
    elif into and into[-1][0] == rank:
        into[-1][1].parts.append(piece)
    else:
        into.append((rank, Section(parts=[piece])))


def _titled(sections: list[Section], name: str) -> list[Section]:
    """Make the first heading of an open part its title; without one, its name is."""
    first = next((one for one in sections if one.level is not None and not one.paged), None)
    title = first or Section(title=Markup(components.escaped(name.capitalize())))
    title.level = 2
    rest = [one for one in sections if one is not title]
    return [title, *rest]


def _opened(sections: Sequence[Section], level: int, title: str) -> Section:
    """Section of a heading, one level below the title, never more than one below the last."""
    last = next((section.level for section in reversed(sections) if section.level), None)
    if last is None:
        return Section(level=2, title=Markup(title))
    return Section(level=min(max(level + 1, 3), last + 1, 6), title=Markup(title))


def _tidy(sections: list[Section], fallback: Markup) -> list[Section]:
    """Put the title first, gather code at the end of each section, drop what is empty."""
    before, rest = sections[0], sections[1:]
    if not rest:
        rest = [Section(level=2, title=fallback)]
    # What stands before the title, for instance an import, belongs to the title's section.
    rest[0].parts[:0], rest[0].code[:0] = before.parts, before.code
    kept: list[Section] = []
    for position, section in enumerate(rest):
        level = section.level or 2
        following = rest[position + 1].level or 2 if position + 1 < len(rest) else 0
        if kept and section.empty and following <= level:
            # What it would show is in an open part, or the table has nothing of the kind: the
            # code that is left needs no heading of its own.
            kept[-1].code += section.code
        else:
            kept.append(section)
    # Code is folded once for each section of the contents, after its subsections; that of the
    # chapter's opening goes with the first section, so that question and answer stand alone.
    for one, other in pairwise(kept):
        if one.level == 2 or (other.level or 2) > 3:
            other.code[:0], one.code = one.code, []
    return kept


def _exporter() -> TemplateExporter:
    """Nbconvert's exporter of one cell, with our template and filters."""
    markdown = MarkdownWithMath(renderer=IPythonRenderer(escape=False, exclude_anchor_links=True))
    exporter = TemplateExporter(
        config=Config({"NbConvertBase": {"display_data_priority": _MIME_TYPES}}),
        template_name="base",
        template_file="cell.html.j2",
        extra_template_paths=[str(TEMPLATE)],
    )
    exporter.register_filter(
        "prose", lambda source: _aligned(markdown.render(components.plain(source)))
    )
    exporter.register_filter("clean", clean_fragment)
    exporter.register_filter(
        "text", lambda text: components.escaped(_ADDRESS.sub("", strip_ansi(text)))
    )
    exporter.register_filter("alt", _alt)
    exporter.register_filter("base64", lambda data: re.sub(r"[^A-Za-z0-9+/=]", "", str(data)))
    exporter.register_filter("svg_uri", lambda svg: to_data_uri(str(svg)))
    return exporter


def _aligned(html: str) -> str:
    """Turn the alignment of Markdown's tables into the class of numbers."""
    return html.replace(' style="text-align:right"', ' class="n"')


def _alt(output: NotebookNode) -> str:
    """Escaped description of a picture, from the metadata of its type or of the output."""
    metadata = output.get("metadata", {})
    places = [metadata, *(metadata.get(kind) for kind in _MIME_TYPES)]
    found = (place["alt"] for place in places if isinstance(place, Mapping) and place.get("alt"))
    return components.escaped(next(found, ""))


def _fragment(cell: NotebookNode, exporter: TemplateExporter, where: str) -> str:
    """Cleaned HTML of one cell: its prose, or what it shows."""
    if cell.cell_type == "code" and not cell.outputs:
        return ""
    # Only what is shown reaches the exporter: no attachment, identifier or count.
    alone = nbformat.v4.new_notebook(cells=[cell])
    html, _ = exporter.from_notebook_node(alone)
    html = _finished_tables(clean_fragment(html))

    def kept(found: re.Match[str]) -> str:
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', found[1]))
        alt = attributes.get("alt", "")
        if "src" not in attributes:
            # Its address was not of this file, and the filter has taken it: the words remain.
            return escape(unescape(alt))
        if components.is_stock_alt(unescape(alt)):
            raise RunError(
                f"{where} shows a picture without a description: "
                "show it through `components.figure`."
            )
        return found[0]

    html = _IMAGE.sub(kept, html)
    return html.strip()


def _finished_tables(html: str) -> str:
    """Give tables that are not the kit's (of pandas, of Markdown) a region, scopes and no stubs."""

    def finished(found: re.Match[str]) -> str:
        table = found[0]
        if "<caption>" in table:
            return table
        head, mark, body = table.partition("</thead>")
        head = head.replace("<th></th>", "<td></td>").replace("<th>", '<th scope="col">')
        head = head.replace('<th class="n">', '<th scope="col" class="n">')
        body = body.replace("<th></th>", "<td></td>").replace("<th>", '<th scope="row">')
        return (
            '<div class="scroll" role="region" tabindex="0" aria-label="Table">'
            f"{head}{mark}{body}</div>"
        )

    return _TABLE.sub(finished, html).replace(
        '<pre class="text">',
        '<pre class="text" role="region" tabindex="0" aria-label="Text output">',
    )


def _tags(html: str) -> Iterator[tuple[int, int, str, bool, int]]:
    """Start, end, name, whether it closes, and depth of each tag of cleaned HTML."""
    depth = 0
    for found in _TAG.finditer(html):
        closes, name = found[1] == "/", found[2]
        if closes:
            depth -= 1
        yield found.start(), found.end(), name, closes, depth
        if not closes and name not in _VOID:
            depth += 1


def _pieces(html: str) -> list[tuple[int | None, str]]:
    """Cut at the headings that stand in nothing: (level, title) and (None, what is between)."""
    pieces: list[tuple[int | None, str]] = []
    done = opened = 0
    for start, end, name, closes, depth in _tags(html):
        found = _HEADING.fullmatch(name)
        if not found or depth:
            continue
        if closes:
            pieces.append((int(found[1]), html[opened:start].strip()))
            done = end
        else:
            pieces.append((None, _without_headings(html[done:start]).strip()))
            opened = end
    pieces.append((None, _without_headings(html[done:]).strip()))
    return [(level, piece) for level, piece in pieces if piece]


def _without_headings(html: str) -> str:
    """Turn headings into bold lines, where they would tear the order of the real ones."""

    def line(found: re.Match[str]) -> str:
        if not _HEADING.fullmatch(found[2]):
            return found[0]
        return "</p>" if found[1] else '<p class="heading">'

    return _TAG.sub(line, html)


def _coloured(source: str) -> Markup:
    """Python code with keywords, strings, numbers and comments marked."""
    marks = ((Keyword, "k"), (String, "s"), (Number, "m"), (Comment, "c"))
    html = []
    for kind, text in Python3Lexer(stripnl=False, ensurenl=False).get_tokens(
        components.plain(source)
    ):
        mark = next((mark for parent, mark in marks if kind in parent), None)
        html.append(f'<span class="{mark}">{escape(text)}</span>' if mark else escape(text))
    return Markup("".join(html))


def _name(label: str, taken: set[str]) -> str:
    """Readable identifier of a heading, unique among those that are taken."""
    letters = unicodedata.normalize("NFKD", unescape(str(label)))
    slug = re.sub(r"[^a-z0-9]+", "-", letters.lower())[:60].strip("-") or "section"
    name, count = slug, 1
    while name in taken:
        count += 1
        name = f"{slug}-{count}"
    taken.add(name)
    return name


def _with_unique_labels(html: str) -> str:
    """Number the labels of scrolling regions that occur twice."""
    counts: dict[str, int] = {}

    def labelled(found: re.Match[str]) -> str:
        counts[found[2]] = count = counts.get(found[2], 0) + 1
        return f"{found[1]}{found[2]}{f' ({count})' if count > 1 else ''}{found[3]}"

    return _REGION_LABEL.sub(labelled, html)


def _with_live_anchors(html: str) -> str:
    """Take the address from links to places that the page does not have."""
    names = set(re.findall(r' id="([^"]*)"', html))
    return re.sub(
        r'<a href="#([^"]*)"', lambda found: found[0] if found[1] in names else "<a", html
    )


def _method(manifest: Mapping[str, Any]) -> str:
    """What the run was made from: plain values as facts, mappings as folded tables."""
    plain_values = [
        (_readable(name), _flat(value))
        for name, value in manifest.items()
        if not isinstance(value, Mapping)
    ]
    html = [components.facts(plain_values).html]
    for name, value in manifest.items():
        if isinstance(value, Mapping) and value:
            frame = pd.DataFrame({"Name": map(str, value), "Value": map(_flat, value.values())})
            caption = _readable(name)
            table = components.table(frame, caption=caption, max_rows=len(frame)).html
            label = f"{components.escaped(caption)} ({len(frame)})"
            html.append(f"<details><summary>{label}</summary>{table}</details>")
    return "\n".join(part for part in html if part)


def _flat(value: object) -> str:
    """Text of a manifest's value."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, Sequence) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(str(item) for item in value) or "none"
    return json.dumps(value, ensure_ascii=False, default=str)


def _readable(name: object) -> str:
    """Name of a manifest's key as a reader would write it."""
    words = str(name).replace("_", " ").split()
    words = [_SPECIAL_TITLES.get(word.lower(), word) for word in words]
    text = " ".join(words)
    return text[:1].upper() + text[1:]
