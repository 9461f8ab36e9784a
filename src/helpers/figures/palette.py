"""The palette: one colour, marker and hatch per segment, and the neutral tones of every picture.

The six hues keep a contrast of 3:1 or more on the light and on the dark paper, so a picture needs
no second set of data colours in dark mode. Colour is never the only sign: from the seventh segment
on the hues repeat, and the marker and the hatch tell the segments apart.

The neutral tones (`INK`, `MUTED`, `AXIS`, `GRID`, `PAPER`) are exchanged for their dark twins by
the media query that `helpers.report.svg` writes into each picture. Text that lies on a coloured
area must therefore not use them: `text_on` gives a tone that stays as it is.
"""

from typing import Final

from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb

Colour = str | tuple[float, float, float] | tuple[float, float, float, float]

SEGMENT_COLOURS: Final = ("#0072b2", "#c2570c", "#00866a", "#b0508a", "#7a6a00", "#5b6ec7")
SEGMENT_MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "p", "h")
SEGMENT_HATCHES: Final = ("", "////", "....", "xxxx", "----", "oo")

INK: Final = "#1c2127"  # text, and lines that carry meaning
MUTED: Final = "#59616b"  # tick labels, secondary text
AXIS: Final = "#8a929c"  # spines and ticks
GRID: Final = "#e3e6ea"  # grid lines, quiet fills
PAPER: Final = "#ffffff"  # ground of the page and of every picture
ACCENT: Final = SEGMENT_COLOURS[0]  # data that belong to no segment
QUIET: Final = "#8c939d"  # data in the background, beside an accent

DARK: Final = {
    INK: "#e6e9ed",
    MUTED: "#a7afb9",
    AXIS: "#7c848e",
    GRID: "#333a43",
    PAPER: "#15191e",
    "#000000": "#e6e9ed",
}

TEXT_ON_LIGHT: Final = "#030507"  # never exchanged in dark mode
TEXT_ON_DARK: Final = "#fffffe"  # never exchanged in dark mode

# Neither map touches a tone of `DARK`: a cell of a heatmap looks the same in both modes.
SEQUENTIAL: Final = LinearSegmentedColormap.from_list(
    "segments_sequential", ["#f1f4f6", "#a9cbe2", "#4a97c9", "#0072b2", "#00436b"]
)
DIVERGING: Final = LinearSegmentedColormap.from_list(
    "segments_diverging",
    ["#8a3a05", "#c2570c", "#e9b48f", "#f3f2ef", "#94c3e0", "#0072b2", "#00436b"],
)


def _position(segment: int) -> int:
    """Check a segment's number and count it from 0."""
    if segment < 1:
        raise ValueError(f"`segment` is {segment}: segments are numbered from 1.")
    return int(segment) - 1


def segment_colour(segment: int) -> str:
    """
    Colour of a segment, the same in every picture, card and table.

    Parameters
    ----------
    segment
        Number of the segment, from 1.

    Returns
    -------
    str
        `#rrggbb`. The hues repeat after six: see `segment_marker` and `segment_hatch`.

    Examples
    --------
    >>> segment_colour(1), segment_colour(7)
    ('#0072b2', '#0072b2')
    """
    return SEGMENT_COLOURS[_position(segment) % len(SEGMENT_COLOURS)]


def segment_marker(segment: int) -> str:
    """
    Marker of a segment; together with the colour it is unique for 72 segments.

    Examples
    --------
    >>> segment_marker(1), segment_marker(7)
    ('o', 'X')
    """
    position = _position(segment)
    # One step further on each round of twelve, or the pairs of colour and marker would repeat.
    return SEGMENT_MARKERS[(position + position // 12) % len(SEGMENT_MARKERS)]


def segment_hatch(segment: int) -> str:
    """
    Hatch of a segment's bars and areas: none for the first six, then one a round of the hues.

    Examples
    --------
    >>> segment_hatch(6), segment_hatch(7)
    ('', '////')
    """
    return SEGMENT_HATCHES[_position(segment) // len(SEGMENT_COLOURS) % len(SEGMENT_HATCHES)]


def luminance(colour: Colour) -> float:
    """
    Relative luminance of a colour, 0 for black and 1 for white (WCAG 2.2, "relative luminance").

    Examples
    --------
    >>> luminance("#000000"), luminance("#ffffff")
    (0.0, 1.0)
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return round(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2], 12)


def contrast(one: Colour, other: Colour) -> float:
    """
    Contrast ratio of two colours: 1 is none, 21 is black on white; pictures need 3, text 4.5.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def text_on(ground: Colour) -> str:
    """
    Tone for text on a coloured area, readable there and left alone in dark mode.

    Parameters
    ----------
    ground
        Colour of the area, in any form that matplotlib knows (a colour map's RGBA too).

    Examples
    --------
    >>> text_on("#0072b2") == TEXT_ON_DARK, text_on("#f3f2ef") == TEXT_ON_LIGHT
    (True, True)
    """
    ground = to_hex(ground)
    return max((TEXT_ON_LIGHT, TEXT_ON_DARK), key=lambda tone: contrast(tone, ground))
