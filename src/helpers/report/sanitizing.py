"""Two fences: only HTML that the report itself writes passes, and no cell of a CSV is a formula."""

import re
from collections.abc import Callable, Mapping
from typing import Final

import nh3
import pandas as pd

_INLINE: Final = {"a", "abbr", "b", "br", "cite", "code", "del", "em", "i", "kbd", "q", "s",
                  "small", "span", "strong", "sub", "sup"}  # fmt: skip
_BLOCKS: Final = {"blockquote", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "h1",
                  "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p", "pre", "summary",
                  "ul"}  # fmt: skip
_TABLES: Final = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
_LANDMARKS: Final = {"footer", "header", "main", "nav", "section"}

# What these hold is never text for a reader.
_DROPPED_WHOLE: Final = {"script", "style", "template", "iframe", "object", "noscript", "title"}

_COLOURED: Final = {f"colour-{i}" for i in range(1, 7)}
_CLASSES: Final[dict[str, set[str]]] = {
    "a": {"skip"},
    "dd": set(),
    "details": {"numbers", "code"},
    "div": {"kit", "note", "note-info", "note-warning", "scroll"},
    "dl": {"facts", "key-figures", "card-facts"},
    "figure": {"figure"},
    "footer": {"method"},
    "header": {"top"},
    "li": {"card"} | _COLOURED,
    "nav": {"contents"},
    "ol": {"points"},
    "p": {"say", "answer", "banner", "back", "heading", "on-paper", "card-title", "card-persona",
          "card-trust", "card-lead", "card-action"},
    "pre": {"text"},
    "section": {"summary", "chapter"},
    "span": {"sign", "badge", "badge-good", "badge-warning", "badge-bad", "badge-neutral",
             "card-label", "k", "s", "c", "m"}
            | {f"marker-{i}" for i in range(1, 13)} | _COLOURED,
    "table": {"dataframe", "wide"},
    "td": {"n", "w", "t"},
    "th": {"n", "w", "t"},
    "ul": {"points", "cards"},
}  # fmt: skip
_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "a": {"href"},
    "div": {"aria-label"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "pre": {"aria-label"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_VALUES: Final[dict[str, dict[str, set[str]]]] = {
    "div": {"role": {"region", "note"}, "tabindex": {"0"}},
    "pre": {"role": {"region"}, "tabindex": {"0"}},
    "span": {"aria-hidden": {"true"}},
    "th": {"scope": {"row", "col", "rowgroup", "colgroup"}},
}
_NAMED: Final = ("h1", "h2", "h3", "h4", "h5", "h6", "main", "section", "nav", "footer")
_PAGE_ATTRIBUTES: Final[dict[str, set[str]]] = {
    **_ATTRIBUTES,
    **{tag: {"id", "aria-labelledby"} for tag in _NAMED},
}

_PICTURE: Final = re.compile(
    r"data:image/(svg\+xml|png|jpeg);base64,[A-Za-z0-9+/]+=*|data:image/svg\+xml,[^\"<>&#\\]+"
)
_LINK: Final = re.compile(r"https?://[^\s]+|mailto:[^\s]+|#[A-Za-z0-9_-]+")
_COUNT: Final = re.compile(r"[0-9]{1,5}")


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """Value of an attribute, or None where its form is not one that the report writes."""
    form = {"src": _PICTURE, "href": _LINK}.get(attribute)
    if attribute in ("width", "height", "colspan", "rowspan", "start"):
        form = _COUNT
    return value if form is None or form.fullmatch(value) else None


def _cleaner(tags: set[str], attributes: Mapping[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags,
        clean_content_tags=_DROPPED_WHOLE,
        attributes={tag: set(names) for tag, names in attributes.items()},
        tag_attribute_values=_VALUES,
        allowed_classes=_CLASSES,
        attribute_filter=_kept,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
        strip_comments=True,
    )


_FRAGMENT: Final = _cleaner(_INLINE | _BLOCKS | _TABLES, _ATTRIBUTES)
_PAGE: Final = _cleaner(_INLINE | _BLOCKS | _TABLES | _LANDMARKS, _PAGE_ATTRIBUTES)


def clean_fragment(html: str) -> str:
    """
    Keep of a cell's HTML what the kit, Markdown and `DataFrame.to_html` write, and nothing else.

    The result is balanced: no fragment can close or open what is around it. It holds no
    identifier, no style and no address but links.

    Parameters
    ----------
    html
        Any text.

    Returns
    -------
    str
        HTML with the tags, attributes and classes of the allow-list. Scripts and style sheets are
        dropped with their content; other tags are dropped and their text is kept.

    Examples
    --------
    >>> clean_fragment('<p onclick="x()">a<script>x()</script><blink>b</blink>')
    '<p>ab</p>'
    """
    return _FRAGMENT.clean(html)


def clean_page(html: str) -> str:
    """
    Keep of the whole body what the page's template and cleaned fragments hold.

    Examples
    --------
    >>> clean_page('<main id="main" onload="x()"><form><p>a</p></form></main>')
    '<main id="main"><p>a</p></main>'
    """
    return _PAGE.clean(html)


# What Excel, LibreOffice or Google Sheets take for the start of a formula, with the wide forms
# that some of them fold, and the white space that they skip.
_STARTS: Final = "=+-@\t\r\n＝＋－＠"
_NUMBER: Final = r"'*[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)?\Z"
_FORMULA: Final = re.compile(rf"(?!{_NUMBER})'*[{re.escape(_STARTS)}]")


def neutralise(frame: pd.DataFrame) -> pd.DataFrame:
    """
    Put an apostrophe before every text that a spreadsheet would take for a formula.

    A text counts as a formula when, after any apostrophes of its own, it starts with one of
    `= + - @`, a tab or a line break, and is not a plain number such as `-12.5`. Such a text gets
    one apostrophe more; all others stay as they are, so `restore` gives back every text exactly.

    This protects whoever opens the file with the separator it was written with. It cannot protect
    an import that is told another separator and cuts a text into several cells.

    Parameters
    ----------
    frame
        Table about to be written as CSV, without its index. Names of columns count as texts.

    Returns
    -------
    pandas.DataFrame
        The same rows and columns; numbers, dates and missing values untouched.

    Examples
    --------
    >>> neutralise(pd.DataFrame({"id": ["=1+1", "a", "-5", "'@x"]}))["id"].tolist()
    ["'=1+1", 'a', '-5', "''@x"]
    """
    return _with_texts(frame, lambda text: f"'{text}" if _FORMULA.match(text) else text)


def restore(frame: pd.DataFrame) -> pd.DataFrame:
    """
    Take away the apostrophes that `neutralise` has put.

    Parameters
    ----------
    frame
        Table read back from a CSV that was written after `neutralise`.

    Returns
    -------
    pandas.DataFrame
        The texts as they were.

    Examples
    --------
    >>> restore(pd.DataFrame({"id": ["'=1+1", "a", "-5", "''@x", "'b"]}))["id"].tolist()
    ['=1+1', 'a', '-5', "'@x", "'b"]
    """
    return _with_texts(
        frame, lambda text: text[1:] if text.startswith("'") and _FORMULA.match(text) else text
    )


def _with_texts(frame: pd.DataFrame, change: Callable[[str], str]) -> pd.DataFrame:
    """Apply a function to every text of a frame and of its header."""

    def changed(value: object) -> object:
        return change(value) if isinstance(value, str) else value

    columns = {
        position: _changed_column(frame.iloc[:, position], changed)
        for position in range(frame.shape[1])
    }
    # By position: names may repeat before they are changed.
    result = pd.DataFrame(columns, index=frame.index)
    result.columns = frame.columns.map(changed) if frame.shape[1] else frame.columns
    return result


def _changed_column(values: pd.Series, changed: Callable[[object], object]) -> pd.Series:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.rename_categories(changed)
    if pd.api.types.is_object_dtype(values):
        return pd.Series(list(map(changed, values)), index=values.index, dtype=object)
    if not pd.api.types.is_string_dtype(values):
        return values
    # Nearly all texts start with something else: those are not looked at one by one.
    suspect = values.str.slice(0, 1).isin([*_STARTS, "'"])
    return values.mask(suspect, values[suspect].map(changed)) if suspect.any() else values
