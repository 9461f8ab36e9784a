"""The kit: what a notebook's cell shows - prose, figures, tables, cards - as one kind of object.

Every function returns a `Shown`. It looks the same in JupyterLab and in the report, because both
show the same HTML, and it has a readable text form for a terminal. All text that comes in is
escaped, whatever it holds; a picture cannot be shown without a caption and a description.
"""

import math
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final, Literal, cast

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.errors import RunError
from helpers.figures import palette
from helpers.figures.style import WIDTH
from helpers.report.svg import to_data_uri, to_svg

Format = Callable[[Any], str]
Tone = Literal["good", "warning", "bad", "neutral"]

MINUS: Final = "\N{MINUS SIGN}"

FIGURE: Final = re.compile(r"(less than )?[-−+]?[\d,]+(\.\d+)?%?")
MISSING: Final = "–"
"""What a table shows for a value that is not there."""

MAX_ROWS: Final = 100
"""Rows of a table that are shown; the caption says how many are left out."""

WIDE: Final = 8
"""Columns above which a table is set smaller on paper."""

COLUMN: Final = 736
"""Width of the text column in CSS pixels: 46 rem. A picture of `style.WIDTH` inches fills it."""

# Descriptions that satisfy a checker and tell a blind reader nothing.
_STOCK_ALT: Final = re.compile(
    r"no (description|alt|caption)\b|<?figure size|^(\W*(an?|the)?\s*)"
    r"(image|figure|fig|picture|plot|chart|graph|diagram|screenshot|untitled)\b(\W*\w+\W*){0,5}$",
    re.IGNORECASE,
)
_MIN_ALT_WORDS: Final = 4

# Control characters, halves of a pair, and the two marks that turn the text after them around.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff\ufffe\uffff\u202d\u202e]"
)

# For JupyterLab, editors and `nbconvert --to html`: the report drops it and has its own style
# sheet. The class thrice outweighs any rule of theirs, of which nothing is left (`revert`); the
# colours of text and ground are theirs, and pictures follow their theme, not the system's.
_RESET: Final = "p,ul,ol,li,dl,dt,dd,div,table,caption,thead,tbody,tr,th,td,figure,figcaption,span"
_LAB_RULES: Final = (
    (f":is({_RESET})", "all:revert"),
    ("", "max-width:46rem;line-height:1.5;color:inherit"),
    (".answer", "font-size:1.2em;font-weight:600"),
    ("figure", "margin:1em 0;display:flex;flex-direction:column"),
    ("figcaption", "order:-1;font-weight:600;padding:.4em 0"),
    ("img", "display:block;max-width:100%;height:auto;background:none"),
    (".scroll", "overflow-x:auto"),
    ("table", "border-collapse:collapse;font-size:.95em;font-variant-numeric:tabular-nums"),
    ("caption", "caption-side:top;text-align:left;font-weight:600;padding:.4em 0"),
    (":is(th,td)", "text-align:left;vertical-align:baseline;padding:.3em 1.1em .3em 0"),
    (":is(th,td).n", "text-align:right;white-space:nowrap"),
    ("tbody tr>*", "border-top:1px solid #8a929c"),
    (".t", "min-width:15rem"),
    (".note", "border-left:3px solid #9a8500;padding-left:.8em"),
    (":is(ul,ol)", "padding-left:1.4em"),
    (":is(.cards,.key-figures)", "display:grid;gap:1em;padding:0;list-style:none"),
    (":is(.cards,.key-figures)", "grid-template-columns:repeat(auto-fill,minmax(14em,1fr))"),
    (".key-figures>div", "display:flex;flex-direction:column-reverse;justify-content:flex-end"),
    (".key-figures dd", "margin:0;font-size:1.6em;font-weight:600;line-height:1.2"),
    (".card", "border:1px solid #8a929c;border-top:4px solid var(--colour,#8a929c);padding:.8em"),
    (".card p", "margin:.3em 0"),
    (".card-persona", "font-weight:600;font-size:1.15em"),
    (".badge", "border:1px solid currentColor;border-radius:3px;padding:0 .5em;font-weight:600"),
    (".card-label", "display:block;font-size:.85em"),
    (":is(.facts,.card-facts)>div", "display:flex;flex-wrap:wrap;column-gap:1em"),
    (".card-facts>div", "justify-content:space-between"),
    (".facts dt", "width:14em;flex:none"),
    (".facts dd", "flex:1 1 14em"),
    (":is(.facts,.card-facts) dd", "margin:0;font-weight:600"),
    (".facts dd", "font-weight:400"),
    ("summary", "cursor:pointer"),
    (".sign", "display:inline-block;width:.7em;height:.7em;margin-right:.4em"),
    (".sign", "background:var(--colour);forced-color-adjust:none"),
    *(
        (f".colour-{number}", f"--colour:{colour}")
        for number, colour in enumerate(palette.SEGMENT_COLOURS, start=1)
    ),
)
_LAB_STYLE: Final = (
    "<style>"
    + "".join(f".kit.kit.kit {where}{{{rule}}}".replace(" {", "{") for where, rule in _LAB_RULES)
    + "[data-jp-theme-light=true] .kit img,.vscode-light .kit img{color-scheme:light}"
    "[data-jp-theme-light=false] .kit img,.vscode-dark .kit img{color-scheme:dark}</style>"
)


@dataclass(frozen=True)
class Shown:
    """
    What a cell shows, as HTML and as text.

    Attributes
    ----------
    html
        Escaped HTML without styling, as the report takes it.
    text
        The same for a terminal.
    """

    html: str
    text: str

    def _repr_html_(self) -> str:
        # The classes keep MathJax of JupyterLab from reading `$5 to $10` as a formula.
        return f'{_LAB_STYLE}<div class="kit mathjax_ignore tex2jax_ignore">{self.html}</div>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


def plain(value: object) -> str:
    """
    Text of any value, with a sign of replacement for characters that cannot be printed.

    Examples
    --------
    >>> len(plain("a" + chr(0) + "b"))
    3
    """
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(value))


def escaped(value: object) -> str:
    """
    HTML of any value in which no character has a meaning.

    Examples
    --------
    >>> escaped('<b> & "c"')
    '&lt;b&gt; &amp; &quot;c&quot;'
    """
    return escape(plain(value), quote=True)


def say(*paragraphs: str) -> Shown:
    """
    Show computed prose: one paragraph for each text, as plain text.

    Parameters
    ----------
    *paragraphs
        Texts; empty ones are left out, so that a sentence may depend on the data.

    Returns
    -------
    Shown

    Examples
    --------
    >>> say("Four segments.", "Two of them are < 10 %.").html
    '<p class="say">Four segments.</p><p class="say">Two of them are &lt; 10 %.</p>'
    """
    kept = [text for text in paragraphs if plain(text).strip()]
    return Shown(
        "".join(f'<p class="say">{escaped(text)}</p>' for text in kept),
        "\n\n".join(plain(text) for text in kept),
    )


def answer(text: str) -> Shown:
    """
    Show the answer to a notebook's question, right under the question.

    Parameters
    ----------
    text
        One or two sentences, as plain text.

    Returns
    -------
    Shown

    Examples
    --------
    >>> answer("The data support four segments.")
    The data support four segments.
    """
    return Shown(f'<p class="answer">{escaped(_filled(text, "answer"))}</p>', plain(text))


def note(text: str, kind: Literal["info", "warning"] = "info") -> Shown:
    """
    Show a remark beside the argument, or a warning.

    Parameters
    ----------
    text
        Plain text.
    kind
        `"warning"` for what a reader must know before acting on the result.

    Returns
    -------
    Shown

    Examples
    --------
    >>> note("Segment 4 has 9 customers.", kind="warning")
    Warning: Segment 4 has 9 customers.
    """
    if kind not in ("info", "warning"):
        raise RunError(f'`kind` of a note is {kind!r}: use "info" or "warning".')
    label = "Warning" if kind == "warning" else "Note"
    return Shown(
        f'<div class="note note-{kind}" role="note"><p><strong>{label}.</strong> '
        f"{escaped(_filled(text, 'note'))}</p></div>",
        f"{label}: {plain(text)}",
    )


def points(*items: str, ordered: bool = False) -> Shown:
    """
    Show computed texts as a list.

    Parameters
    ----------
    *items
        Plain texts; empty ones are left out.
    ordered
        Number the items, where their order means something.

    Returns
    -------
    Shown

    Examples
    --------
    >>> points("Retain segment 1.", "Look into segment 4.", ordered=True)
    1. Retain segment 1.
    2. Look into segment 4.
    """
    kept = [item for item in items if plain(item).strip()]
    if not kept:
        return Shown("", "")
    tag = "ol" if ordered else "ul"
    signs = [f"{i}." if ordered else "-" for i in range(1, len(kept) + 1)]
    return Shown(
        f'<{tag} class="points">'
        + "".join(f"<li>{escaped(item)}</li>" for item in kept)
        + f"</{tag}>",
        "\n".join(f"{sign} {plain(item)}" for sign, item in zip(signs, kept, strict=True)),
    )


def facts(pairs: Mapping[str, object] | Iterable[tuple[str, object]]) -> Shown:
    """
    Show names with their values, as a list of definitions.

    Parameters
    ----------
    pairs
        Name and value of each fact, in order.

    Returns
    -------
    Shown

    Examples
    --------
    >>> facts({"Customers": "2,216", "Engine": "local"})
    Customers: 2,216
    Engine: local
    """
    return _definitions(pairs, "facts")


def key_figures(pairs: Mapping[str, object] | Iterable[tuple[str, object]]) -> Shown:
    """
    Show the few numbers of a summary large, each under its name.

    Parameters
    ----------
    pairs
        Name and formatted value of each figure, in order; three to five read well.

    Returns
    -------
    Shown

    Examples
    --------
    >>> key_figures({"Segments": 4, "Customers": "2,216"})
    Segments: 4
    Customers: 2,216
    """
    return _definitions(pairs, "key-figures")


def figure(
    drawn: Axes | Figure,
    *,
    caption: str,
    alt: str,
    numbers: pd.DataFrame,
    formats: Mapping[Hashable, Format] | None = None,
) -> Shown:
    """
    Show a picture with its finding, its description and, folded away, its numbers.

    The matplotlib figure is closed, so that a notebook does not show it a second time.

    Parameters
    ----------
    drawn
        Axes or figure; of axes, the whole figure they are on.
    caption
        The finding, in words computed from the data.
    alt
        What a reader who cannot see the picture needs to know: what is drawn, and its shape.
    numbers
        Aggregates that the picture shows, no customer's record.
    formats
        How to write the numbers, by column; see `table`.

    Returns
    -------
    Shown

    Raises
    ------
    RunError
        When the caption is empty, or the description is empty or says nothing of the data.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> figure_, axes = plt.subplots()
    >>> shown = figure(
    ...     axes,
    ...     caption="Two segments hold most of the spending.",
    ...     alt="Bar chart of spending by segment: 60 and 40 per cent.",
    ...     numbers=pd.DataFrame({"segment": [1, 2], "share": [0.6, 0.4]}),
    ... )
    >>> print(repr(shown).splitlines()[0])
    Figure: Two segments hold most of the spending.
    """
    # `figure` of axes in a subfigure is the subfigure; its root is what can be written.
    whole = drawn.get_figure(root=True) if isinstance(drawn, Artist) else None
    if not isinstance(whole, Figure):
        raise RunError(
            f"`drawn` is a {type(drawn).__name__} without a figure: give Axes or a Figure."
        )
    try:
        caption = _filled(caption, "caption of a figure")
        alt = _described(alt)
        uri = to_data_uri(to_svg(whole))
        width, height = (
            round(float(inches) / WIDTH * COLUMN) for inches in whole.get_size_inches()
        )
    finally:
        plt.close(whole)
    shown_numbers = table(
        numbers, caption="Numbers behind the figure", formats=formats, label=f"Numbers: {caption}"
    )
    return Shown(
        f'<figure class="figure"><img src="{uri}" alt="{escaped(alt)}" width="{width}" '
        f'height="{height}"><figcaption>{escaped(caption)}</figcaption>'
        f'<details class="numbers"><summary>The numbers</summary>{shown_numbers.html}</details>'
        "</figure>",
        f"Figure: {plain(caption)}\n{plain(alt)}\n{shown_numbers.text}",
    )


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    formats: Mapping[Hashable, Format] | None = None,
    header_column: Hashable | None = None,
    segment_column: Hashable | None = None,
    max_rows: int = MAX_ROWS,
    label: str | None = None,
) -> Shown:
    """
    Show a frame as a table that reads well aloud, on paper and on a phone.

    Columns of numbers are aligned to the right. A wide table scrolls by itself.

    Parameters
    ----------
    frame
        What to show. Its index is shown where it says something: it has a name, or holds texts.
    caption
        What the table shows or, better, what it says.
    formats
        A function from a value to its text for each column that needs one; of an index, by its
        name. Missing values are never handed to it.
    header_column
        Column that names the rows. The index where it is shown, else the first column.
    segment_column
        Column of segment numbers whose cells carry the segment's sign and colour.
    max_rows
        Rows that are shown; the caption says how many more there are.
    label
        Name of the scrolling region for a screen reader; the caption unless given.

    Returns
    -------
    Shown

    Raises
    ------
    RunError
        When the caption is empty, or `formats`, `header_column` or `segment_column` name a column
        that the frame does not have.

    Examples
    --------
    >>> frame = pd.DataFrame({"segment": [1, 2], "share": [0.614, 0.386]})
    >>> table(frame, caption="Shares", formats={"share": lambda x: f"{x:.0%}"})
    Shares
    segment share
          1   61%
          2   39%
    """
    caption = _filled(caption, "caption of a table")
    formats = formats or {}
    flat = _with_index_as_columns(frame)
    for role, names in (
        ("formats", list(formats)),
        ("header_column", [] if header_column is None else [header_column]),
        ("segment_column", [] if segment_column is None else [segment_column]),
    ):
        for name in names:
            if name not in flat.columns:
                have = ", ".join(f"`{column}`" for column in flat.columns)
                raise RunError(f"`{role}` of table “{caption}” names `{name}`: there is {have}.")
    hidden = max(len(flat) - max_rows, 0)
    if hidden:
        caption = f"{caption} (first {max_rows:,} of {len(flat):,} rows)"
    flat = flat.iloc[:max_rows]

    columns: list[Hashable] = list(flat.columns)
    place = columns.index(header_column) if header_column is not None else 0
    columns.insert(0, columns.pop(place))
    cells = [_texts(flat[column], formats.get(column)) for column in columns]
    numeric = [
        _is_number(flat[column]) or _are_figures(texts)
        for column, texts in zip(columns, cells, strict=True)
    ]

    signs = [] if segment_column is None else [_sign_of(x) for x in flat[segment_column].tolist()]
    styles = [
        ' class="n"' if right else ' class="w"' if _is_short(texts) else ' class="t"'
        for right, texts in zip(numeric, cells, strict=True)
    ]

    def cell(row: int, position: int) -> str:
        inner = escaped(cells[position][row])
        if segment_column is not None and columns[position] == segment_column:
            inner = signs[row] + inner
        if position == 0:
            return f'<th scope="row"{styles[position]}>{inner}</th>'
        return f"<td{styles[position]}>{inner}</td>"

    head = "".join(
        f'<th scope="col"{style if right else ""}>{escaped(_heading(column))}</th>'
        for column, style, right in zip(columns, styles, numeric, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(cell(row, position) for position in range(len(columns))) + "</tr>"
        for row in range(len(flat))
    )
    names = [plain(_heading(column)) for column in columns]
    as_text = pd.DataFrame(list(zip(*cells, strict=True)), columns=names, dtype=object)
    wide = ' class="wide"' if len(columns) > WIDE else ""
    return Shown(
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escaped(label or caption)}">'
        f"<table{wide}><caption>{escaped(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>",
        f"{plain(caption)}\n{as_text.to_string(index=False) if cells[0] else '(no rows)'}",
    )


CARD_PARTS: Final = ("title", "persona", "segment", "colour", "lead", "trust", "tone", "action")
"""Keys of a card with a place of their own; every other key becomes a fact of the card."""


def cards(items: Sequence[Mapping[str, Any]]) -> Shown:
    """
    Show segments as cards.

    Parameters
    ----------
    items
        One mapping a card. `title` (or `segment`, then the title is "Segment 3") names it;
        `persona` is its large line; `segment` (a number from 1), or `colour` (one of the
        palette's), gives its colour and sign; `lead` is a sentence under the persona; `trust` is
        a short verdict, with `tone` one of "good", "warning", "bad", "neutral"; `action` closes
        the card. Any other key, such as `size` or `value`, is shown as a fact with its value, in
        the order of the mapping. None and empty texts are left out.

    Returns
    -------
    Shown

    Raises
    ------
    RunError
        When a card has no title, or a colour or tone that does not exist.

    Examples
    --------
    >>> cards([{"segment": 1, "persona": "Loyalists", "size": "328 customers", "action": "Retain"}])
    Segment 1: Loyalists
      Size: 328 customers
      Action: Retain
    """
    shown = [_card(item) for item in items]
    if not shown:
        return Shown("", "")
    return Shown(
        '<ul class="cards">' + "".join(html for html, _ in shown) + "</ul>",
        "\n\n".join(text for _, text in shown),
    )


def _card(item: Mapping[str, Any]) -> tuple[str, str]:
    """HTML and text of one card."""

    def part(name: str) -> str:
        value = item.get(name)
        return "" if value is None else plain(value).strip()

    number = _number_of(item)
    title = part("title") or (f"Segment {number}" if part("segment") else "")
    if not title:
        raise RunError("A card has no `title`: give one, or the number of its `segment`.")
    tone = part("tone") or "neutral"
    if tone not in ("good", "warning", "bad", "neutral"):
        raise RunError(
            f'`tone` of card “{title}” is {tone!r}: use "good", "warning", "bad" or "neutral".'
        )
    sign = "" if number is None else _sign(number)
    pairs = [
        (plain(name).replace("_", " ").strip(), plain(value).strip())
        for name, value in item.items()
        if name not in CARD_PARTS and value is not None and plain(value).strip()
    ]
    pairs = [(name[:1].upper() + name[1:], value) for name, value in pairs]
    html = [f'<li class="card{"" if number is None else f" {_colour_class(number)}"}">']
    html.append(f'<p class="card-title">{sign}{escaped(title)}</p>')
    text = [title + (f": {part('persona')}" if part("persona") else "")]
    if part("persona"):
        html.append(f'<p class="card-persona">{escaped(part("persona"))}</p>')
    if part("trust"):
        html.append(f'<p class="card-trust"><span class="badge badge-{tone}">')
        html.append(f"{escaped(part('trust'))}</span></p>")
        text.append(f"  {part('trust')}")
    if part("lead"):
        html.append(f'<p class="card-lead">{escaped(part("lead"))}</p>')
        text.append(f"  {part('lead')}")
    if pairs:
        html.append(
            '<dl class="card-facts">'
            + "".join(
                f"<div><dt>{escaped(name)}</dt><dd>{escaped(value)}</dd></div>"
                for name, value in pairs
            )
            + "</dl>"
        )
        text += [f"  {name}: {value}" for name, value in pairs]
    if part("action"):
        html.append('<p class="card-action"><span class="card-label">Action</span> ')
        html.append(f"{escaped(part('action'))}</p>")
        text.append(f"  Action: {part('action')}")
    html.append("</li>")
    return "".join(html), "\n".join(text)


def _number_of(item: Mapping[str, Any]) -> int | None:
    """Segment whose colour a card has."""
    if item.get("segment") is not None:
        return int(item["segment"])
    colour = item.get("colour")
    if colour is None:
        return None
    if str(colour).lower() not in palette.SEGMENT_COLOURS:
        have = ", ".join(palette.SEGMENT_COLOURS)
        raise RunError(f"`colour` of a card is {str(colour)!r}: use one of {have}.")
    return palette.SEGMENT_COLOURS.index(str(colour).lower()) + 1


def _colour_class(segment: int) -> str:
    return f"colour-{palette.SEGMENT_COLOURS.index(palette.segment_colour(segment)) + 1}"


def _sign(segment: int) -> str:
    """Sign of a segment: its marker in its colour, silent for a screen reader."""
    marker = palette.SEGMENT_MARKERS.index(palette.segment_marker(segment)) + 1
    return f'<span class="sign marker-{marker} {_colour_class(segment)}" aria-hidden="true"></span>'


def _sign_of(value: object) -> str:
    """Sign of a cell in a column of segments; nothing for a value that is no segment's number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return ""
    return _sign(int(value)) if value >= 1 and value == int(value) else ""


def _definitions(pairs: Mapping[str, object] | Iterable[tuple[str, object]], style: str) -> Shown:
    items = list(pairs.items() if isinstance(pairs, Mapping) else pairs)
    if not items:
        return Shown("", "")
    texts = [(plain(name), *_texts(pd.Series([value], dtype=object))) for name, value in items]
    return Shown(
        f'<dl class="{style}">'
        + "".join(
            f"<div><dt>{escaped(name)}</dt><dd>{escaped(value)}</dd></div>" for name, value in texts
        )
        + "</dl>",
        "\n".join(f"{name}: {plain(value)}" for name, value in texts),
    )


def _filled(text: str, role: str) -> str:
    if not plain(text).strip():
        raise RunError(f"The {role} is empty: say what it shows.")
    return text


def is_stock_alt(alt: str) -> bool:
    """
    Whether a description is empty or could stand under any picture.

    Examples
    --------
    >>> is_stock_alt("Image of a plot"), is_stock_alt("Spending falls from segment 1 to 4.")
    (True, False)
    """
    words = plain(alt).split()
    return len(words) < _MIN_ALT_WORDS or _STOCK_ALT.search(" ".join(words)) is not None


def _described(alt: str) -> str:
    if is_stock_alt(alt):
        raise RunError(
            f"`alt` of a figure is {alt!r}: describe what the picture shows, with its data."
        )
    return alt


def _with_index_as_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Put an index that says something in front, as columns of unique names."""
    rows = frame.index
    # Whole numbers without a name count rows, also those that a filter has left.
    counts_rows = rows.nlevels == 1 and rows.name is None and pd.api.types.is_integer_dtype(rows)
    levels = 0 if counts_rows else rows.nlevels
    names: list[Hashable] = ["" if name is None else name for name in rows.names[:levels]]
    parts = [pd.Series(rows.get_level_values(level).array) for level in range(levels)]
    names += list(frame.columns)
    parts += [frame.iloc[:, i].reset_index(drop=True) for i in range(frame.shape[1])]
    if not parts:
        raise RunError("A table has no columns: give a frame that has some.")
    unique: list[Hashable] = []
    for name in names:
        # Two columns of one name stay two columns.
        while name in unique:
            name = _Twin(name)
        unique.append(name)
    flat = pd.concat(parts, axis=1)
    return flat.set_axis(pd.Index(unique, dtype=object, tupleize_cols=False), axis=1)


@dataclass(frozen=True)
class _Twin:
    """A second column of the same name."""

    name: Hashable

    def __str__(self) -> str:
        return _heading(self.name)


def _heading(name: Hashable) -> str:
    if isinstance(name, tuple):
        name = " / ".join(str(part) for part in name if str(part))
    return str(name) if str(name).strip() else "Row"


def _is_short(texts: Sequence[str]) -> bool:
    """Whether the cells of a column look best on one line each."""
    return max(map(len, texts), default=0) <= 32


def _is_number(values: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(values):
        return False
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_timedelta64_dtype(values):
        return True
    present = [value for value in values.tolist() if not _is_missing(value)]
    return bool(present) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in present
    )


def _are_figures(texts: Sequence[str]) -> bool:
    """Whether texts are all figures, which stand under each other by their last digit."""
    said = [text for text in texts if text != MISSING]
    return bool(said) and all(FIGURE.fullmatch(text) for text in said)


def _is_missing(value: object) -> bool:
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(cast(Any, value))))


def _texts(values: pd.Series, form: Format | None = None) -> list[str]:
    """Texts of a column: floats without a format of their own share their number of decimals."""
    items = [x.item() if isinstance(x, np.generic) else x for x in values.tolist()]
    decimals = 0
    whole = [x for x in items if isinstance(x, int) and not isinstance(x, bool)]
    if form is None and whole and all(1000 <= x < 3000 for x in whole):
        form = str  # these may be years
    if form is None:
        sizes = [abs(x) for x in items if isinstance(x, float) and math.isfinite(x) and x]
        # Four digits of the largest, and as many fewer as say the same for all.
        decimals = min(max(3 - math.floor(math.log10(max(sizes))), 0), 6) if sizes else 0
        while decimals and all(round(x, decimals) == round(x, decimals - 1) for x in sizes):
            decimals -= 1
    return [_text(value, form, decimals) for value in items]


def _text(value: object, form: Format | None, decimals: int) -> str:
    """Text of a value: by its format, or in the plain way of its type."""
    if _is_missing(value):
        return MISSING
    if form is not None:
        return str(form(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS)
    if isinstance(value, float):
        if not math.isfinite(value):
            return "infinite" if value > 0 else f"{MINUS}infinite"
        text = f"{value:,.{decimals}f}" if abs(value) < 1e15 else f"{value:.3e}"
        return text.replace("-", MINUS) if text.strip("-0.,") else text.lstrip("-")
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat(" ")
    return str(value)


def page(title: str, segment: int | None, *parts: Shown) -> Shown:
    """
    Show what stands under a heading of its own, such as a segment's.

    In an open part of the report it begins a new page on paper.

    Parameters
    ----------
    title
        The heading, plain text.
    segment
        Number of the segment whose sign stands before it; None for none.
    *parts
        What stands under it.

    Returns
    -------
    Shown

    Examples
    --------
    >>> page("Segment 1", None, say("Who they are."))
    Segment 1
    <BLANKLINE>
    Who they are.
    """
    sign = "" if segment is None else _sign(segment)
    below = together(*(part for part in parts if part.html))
    return Shown(
        f"<h3>{sign}{escaped(_filled(title, 'title of a page'))}</h3>{below.html}",
        f"{plain(title)}\n\n{below.text}",
    )


def beside(left: Shown, right: Shown) -> Shown:
    """
    Show two objects side by side where there is room, else one below the other.

    Examples
    --------
    >>> beside(say("One."), say("Two.")).html
    '<div class="two"><div class="half"><p class="say">One.</p></div><div class="half"><p \
class="say">Two.</p></div></div>'
    """
    return Shown(
        f'<div class="two"><div class="half">{left.html}</div>'
        f'<div class="half">{right.html}</div></div>',
        f"{left.text}\n\n{right.text}",
    )


def source(pairs: Mapping[str, object] | Iterable[tuple[str, object]]) -> Shown:
    """
    Show where the data come from, as one line of names and values.

    Examples
    --------
    >>> source({"Source": "customers.csv"})
    Source: customers.csv
    """
    return _definitions(pairs, "source")


def together(*parts: Shown) -> Shown:
    """
    Show several objects as one, one below the other.

    Parameters
    ----------
    *parts
        What the functions of this module return.

    Returns
    -------
    Shown

    Examples
    --------
    >>> together(say("One."), say("Two.")).html
    '<p class="say">One.</p><p class="say">Two.</p>'
    """
    return Shown("".join(part.html for part in parts), "\n\n".join(part.text for part in parts))
