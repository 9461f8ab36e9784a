"""A matplotlib figure as SVG text that is the same on every machine and readable in the dark."""

import base64
import re
from io import BytesIO, StringIO
from typing import Any, Final
from urllib.parse import quote

from matplotlib.figure import Figure
from PIL import Image

from helpers.figures import palette
from helpers.figures.style import house_style

RASTER_DPI: Final = 180
"""Resolution of the parts of a picture that are drawn with `rasterized=True`."""

_PREAMBLE: Final = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.S
)
_OWN_STYLE: Final = re.compile(r'<style type="text/css">.*?</style>', re.DOTALL)
_ID: Final = re.compile(r' id="([^"]*)"')
_REFERENCE: Final = re.compile(r'(?:xlink:)?href="#([^"]*)"|url\(#([^)"]*)\)')
_COORDINATES: Final = re.compile(r'( (?:d|x|y|x1|x2|y1|y2)="|translate\()([^")]*)')
_PATH: Final = re.compile(r' d="([^"]*)"')
_CONTENT: Final = re.compile(r">[^<>]*[^<>\s][^<>]*</text>")
_UNTURNED: Final = re.compile(r' transform="rotate\(-?0 [^)]*\)"')
_FONT: Final = re.compile(r"font-family: 'DejaVu Sans';? ?|text-anchor: start;? ?")
_TURN: Final = re.compile(r'(transform="rotate\()([^)]*)\)"')
FONTS: Final = "'DejaVu Sans',Verdana,'Noto Sans',Roboto,Arial,sans-serif"
"""What text within a picture is set in: it was measured in the first, as wide as the second."""

_BITMAP: Final = re.compile(r'"data:image/png;base64,([^"]*)"')
_NAMESPACE: Final = re.compile(r' xmlns:xlink="[^"]*"')
_STYLE_SPACE: Final = re.compile(r' style="[^"]*"')
_GROUP: Final = re.compile(r"<g(?: [^>]*)?>|</g>")
_SAFE: Final = " !$'()*+,-./:;=?@[]_~|{}^`"
_NUMBER: Final = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def to_svg(figure: Figure) -> str:
    """
    Write a figure as SVG, with its text as text: as outlines it took more than half of a report.

    Three things make the text the same wherever it is made: nothing in it depends on the clock or
    on the version of matplotlib's header, identifiers are numbered in the order of the drawing
    (matplotlib hashes raw floats into them), and coordinates are rounded to a hundredth of a point.

    A style sheet inside exchanges the neutral tones of `helpers.figures.palette` when the reader's
    system is set to dark, in an `<img>` too.

    Parameters
    ----------
    figure
        What to write. Artists with `rasterized=True` become one bitmap, the axes stay vectors.

    Returns
    -------
    str
        One `<svg>` element, without prologue.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> with house_style():
    ...     figure, axes = plt.subplots()
    >>> to_svg(figure).startswith("<svg")
    True
    >>> plt.close(figure)
    """
    stream = StringIO()
    # Ticks are made when a figure is drawn, which may be now: they belong to the style too.
    with house_style():
        # All None: matplotlib would write the date, its own version and an address.
        nothing: dict[str, Any] = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(stream, format="svg", metadata=nothing, dpi=RASTER_DPI)
    text = _CONTENT.sub(_escaped, _PREAMBLE.sub("", stream.getvalue()))
    text = _number_ids(_round_coordinates(_plain_text(text)))
    text = _BITMAP.sub(_fewer_colours, _PATH.sub(_tighter, text))
    text = _OWN_STYLE.sub(lambda _: f"<style>{_style_sheet()}</style>", text, count=1)
    text = re.sub(r">\s+<", "><", " ".join(text.split()))
    text = _NAMESPACE.sub("", text).replace("xlink:href=", "href=")
    text = _STYLE_SPACE.sub(lambda one: one[0].replace("; ", ";").replace(": ", ":"), text)
    return _ungrouped(text) + "\n"


def to_data_uri(svg: str) -> str:
    """
    Pack SVG text for the `src` of an image.

    Signs that mean something in an address are written by their codes; that takes a fifth less
    room than base64.

    Examples
    --------
    >>> to_data_uri('<svg id="a"/>')
    "data:image/svg+xml,%3Csvg id='a'/%3E"
    """
    # Double quotes would end the attribute that the address stands in.
    single = svg.strip().replace("'", "&#39;").replace('"', "'")
    return "data:image/svg+xml," + quote(single, safe=_SAFE)


def _ungrouped(text: str) -> str:
    """Take away groups that say nothing; those right below the root carry the tone of its text."""
    kept: list[bool] = []

    def tag(found: re.Match[str]) -> str:
        if found[0] == "</g>":
            return "</g>" if kept.pop() else ""
        kept.append(found[0] != "<g>" or not kept)
        return found[0] if kept[-1] else ""

    return _GROUP.sub(tag, text).replace("<g/>", "")


def _style_sheet() -> str:
    """Return the rules of a picture: the tone of its text, and the exchange in the dark."""
    # Black is matplotlib's default and left out of its `style`; such shapes inherit from here.
    rules = [f"text{{font-family:{FONTS}}}"]
    rules += ["*{stroke-linejoin:round;stroke-linecap:butt}", f"svg>g{{fill:{palette.INK}}}"]
    dark = [f"svg>g{{fill:{palette.DARK[palette.INK]}}}"]
    for light, tone in palette.DARK.items():
        for paint in ("fill", "stroke"):
            dark.append(f'[style*="{paint}:{light}"]{{{paint}:{tone}!important}}')
    return "".join(rules) + "@media (prefers-color-scheme:dark){" + "".join(dark) + "}"


def _round_coordinates(text: str) -> str:
    """Round positions to a hundredth; factors of scale and of opacity keep their digits."""
    return _COORDINATES.sub(lambda found: found[1] + _shorter_all(found[2]), text)


def _shorter_all(numbers: str) -> str:
    """Round each of several numbers to a hundredth."""

    def shorter(number: re.Match[str]) -> str:
        return f"{round(float(number[0]), 2) + 0.0:g}" if abs(float(number[0])) < 1e4 else number[0]

    return _NUMBER.sub(shorter, numbers)


def _escaped(content: re.Match[str]) -> str:
    """Write in a text what would else look like an attribute or a reference."""
    return content[0].replace("#", "&#35;").replace('"', "&quot;").replace("'", "&#39;")


def _plain_text(text: str) -> str:
    """Leave out of the texts the font, which the style sheet names once, and turns by nothing."""
    text = _FONT.sub("", _UNTURNED.sub("", text))
    return _TURN.sub(lambda turn: f'{turn[1]}{_shorter_all(turn[2])})"', text)


def _tighter(path: re.Match[str]) -> str:
    """Leave out of a path the white space that it does not need."""
    outline = re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(path[1].split()))
    return f' d="{outline.replace(" -", "-")}"'


def _fewer_colours(bitmap: re.Match[str]) -> str:
    """Write a bitmap with a table of 255 colours: a scatter needs no more, and takes less room."""
    stream = BytesIO()
    with Image.open(BytesIO(base64.b64decode(bitmap[1]))) as image:
        table = image.convert("RGBA").quantize(255, method=Image.Quantize.FASTOCTREE)
    table.save(stream, "PNG", optimize=True)
    return f'"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode("ascii")}"'


def _number_ids(text: str) -> str:
    """Name identifiers that are referred to by their order, and drop those that are not."""
    referred = {one or other for one, other in _REFERENCE.findall(text)}
    names: dict[str, str] = {}

    def name(old: str) -> str:
        return names.setdefault(old, f"i{len(names) + 1}")

    def definition(found: re.Match[str]) -> str:
        return f' id="{name(found[1])}"' if found[1] in referred else ""

    def reference(found: re.Match[str]) -> str:
        return f'xlink:href="#{name(found[1])}"' if found[1] else f"url(#{name(found[2])})"

    return _REFERENCE.sub(reference, _ID.sub(definition, text))
