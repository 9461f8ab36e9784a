"""The fence around the report: only HTML that the report itself writes passes."""

import re
from collections.abc import Mapping
from typing import Final

import nh3

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
    "details": {"numbers", "code", "appendix"},
    "div": {"kit", "note", "note-info", "note-warning", "scroll", "two", "half"},
    "dl": {"facts", "key-figures", "card-facts", "source"},
    "figure": {"figure"},
    "header": {"top"},
    "li": {"card"} | _COLOURED,
    "nav": {"contents"},
    "ol": {"points"},
    "p": {"say", "answer", "banner", "back", "heading", "on-paper", "card-title", "card-persona",
          "card-trust", "card-lead", "card-action"},
    "pre": {"text"},
    "section": {"summary", "chapter", "page", "method"},
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
