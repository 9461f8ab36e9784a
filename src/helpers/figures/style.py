"""The house style: sizes, fonts and lines of every picture, as one context of matplotlib."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

import matplotlib as mpl
from cycler import cycler

from helpers.figures import palette

WIDTH: Final = 6.4
"""Width in inches of a picture that fills the text column (46 rem)."""

HEIGHT: Final = 3.5
"""Usual height in inches."""

STYLE: Final[Mapping[str, Any]] = {
    "figure.figsize": (WIDTH, HEIGHT),
    "figure.facecolor": palette.PAPER,
    "figure.edgecolor": "none",
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.04,
    "figure.titlesize": 10.5,
    "figure.titleweight": "bold",
    # The font that comes with matplotlib: the same measures on every machine. It is a wide one, so
    # that what a reader's machine shows in its place takes no more room.
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "text.color": palette.INK,
    # A `$` in a category or a column name is a character, not the start of a formula.
    "text.parse_math": False,
    "axes.facecolor": palette.PAPER,
    "axes.edgecolor": palette.AXIS,
    "axes.linewidth": 0.8,
    "axes.labelcolor": palette.INK,
    "axes.labelsize": 9.5,
    "axes.labelpad": 5.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": palette.INK,
    "axes.titlepad": 7.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "axes.formatter.use_locale": False,
    "axes.prop_cycle": cycler(color=list(palette.SEGMENT_COLOURS)),
    "grid.color": palette.GRID,
    "grid.linewidth": 0.8,
    "grid.linestyle": "-",
    "xtick.color": palette.AXIS,
    "ytick.color": palette.AXIS,
    "xtick.labelcolor": palette.MUTED,
    "ytick.labelcolor": palette.MUTED,
    "xtick.labelsize": 8.8,
    "ytick.labelsize": 8.8,
    "xtick.major.width": 0.8,
    "ytick.major.width": 0.8,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "legend.frameon": False,
    "legend.fontsize": 8.8,
    "legend.title_fontsize": 8.8,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.5,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 0.8,
    "hatch.linewidth": 0.9,
    "hatch.color": palette.PAPER,
    "boxplot.flierprops.markersize": 3.0,
    "boxplot.flierprops.markeredgecolor": palette.MUTED,
    "boxplot.boxprops.color": palette.INK,
    "boxplot.whiskerprops.color": palette.INK,
    "boxplot.capprops.color": palette.INK,
    "image.cmap": "viridis",
    "savefig.facecolor": "auto",
    "savefig.transparent": False,
    "savefig.bbox": "standard",
    "savefig.dpi": 180,
    "figure.dpi": 100,
    "path.simplify": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "segments",
    "svg.image_inline": True,
}


# What belongs to the session rather than to the look of a picture (matplotlib's own list of what
# a style may not hold).
_OF_THE_SESSION: Final = (
    "backend", "interactive", "toolbar", "timezone", "webagg", "tk.", "docstring", "date.epoch",
    "figure.max_open_warning", "figure.raise_window", "savefig.directory",
)  # fmt: skip


def _matplotlib_defaults() -> dict[str, Any]:
    """Return matplotlib's own settings, so that no user's file and no import can leave a trace."""
    return {
        name: value
        for name, value in dict.items(mpl.rcParamsDefault)
        if not name.startswith((*_OF_THE_SESSION, "_"))
    }


def house_style(changes: Mapping[str, Any] | None = None) -> AbstractContextManager[None]:
    """
    Context in which every picture of the report is drawn.

    Titles are short and left-aligned, or absent: the caption carries the finding. Text that is
    drawn within the context takes `$` literally, so a logarithmic axis needs a formatter of its
    own (matplotlib's writes a formula).

    The context starts from matplotlib's defaults, not from the current settings: a user's
    `matplotlibrc` or an import that changes them (yellowbrick does) leaves no trace.

    Parameters
    ----------
    changes
        Settings of this picture that differ, by matplotlib's names.

    Returns
    -------
    contextlib.AbstractContextManager
        The settings that were there before are back when the context ends.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> with house_style({"axes.grid": False}):
    ...     figure, axes = plt.subplots()
    >>> figure.get_size_inches().tolist()
    [6.4, 3.5]
    >>> plt.close(figure)
    """
    settings: dict[Any, Any] = {}
    for part in (_matplotlib_defaults(), STYLE, changes or {}):
        settings.update(part)
    return mpl.rc_context(settings)
