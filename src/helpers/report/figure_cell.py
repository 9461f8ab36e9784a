"""A picture with the caption and the description that are computed beside it from the same data."""

import inspect
import sys
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.errors import RunError
from helpers.report import components


def picture(
    draw: Callable[..., Any],
    *data: Any,
    numbers: pd.DataFrame,
    formats: Mapping[Hashable, Callable[[Any], str]] | None = None,
    **options: Any,
) -> components.Shown:
    """
    Draw, and show the drawing with its finding, its description and its numbers.

    Parameters
    ----------
    draw : callable
        A drawing function of `helpers.figures`. Beside it stand a function for the caption and
        one for the description, under its name with `_caption` and `_alt` behind (or in the place
        of its last word: `pca_view`, `pca_caption`).
    *data
        What all three take.
    numbers : pandas.DataFrame
        Aggregates that the picture shows.
    formats : mapping, optional
        How to write the numbers, by column; see `components.table`.
    **options
        Keyword arguments; each function gets those that it knows.

    Returns
    -------
    components.Shown
        The figure.

    Raises
    ------
    RunError
        Where a drawing function has no caption or description beside it.
    """
    module = sys.modules[draw.__module__]
    texts = {}
    for kind in ("caption", "alt"):
        names = (f"{draw.__name__}_{kind}", f"{draw.__name__.rpartition('_')[0]}_{kind}")
        function = next((getattr(module, name) for name in names if hasattr(module, name)), None)
        if function is None:
            raise RunError(f"`{draw.__name__}` has no `{names[0]}` beside it: write one.")
        texts[kind] = _call(function, data, options)
    drawn = _call(draw, data, options)
    axes: Axes = drawn.flat[0] if isinstance(drawn, np.ndarray) else drawn
    return components.figure(
        axes, caption=texts["caption"], alt=texts["alt"], numbers=numbers, formats=formats
    )


def _call(function: Callable[..., Any], data: tuple[Any, ...], options: dict[str, Any]) -> Any:
    known = inspect.signature(function).parameters
    keywords = {name: value for name, value in options.items() if name in known}
    places = [
        one
        for one in known.values()
        if one.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
    ]
    return function(*data[: len(places)], **keywords)
