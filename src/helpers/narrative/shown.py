"""What is shown at all."""

from typing import Any


def if_any(*data: Any) -> list[tuple[Any, ...]]:
    """
    What is drawn, where there is something to draw.

    Parameters
    ----------
    *data
        The data of one picture or table.

    Returns
    -------
    list of tuple
        The data once, or nothing where the first of them has no row: every segment may be too
        small to be broken down.

    Examples
    --------
    >>> len(if_any([1], "more")), len(if_any([], "more"))
    (1, 0)
    """
    return [data] if len(data[0]) else []
