"""Rounding away the digits that depend on the order in which a sum was added."""


def twelve_digits(value: float) -> float:
    """
    Round a sum to the digits that do not depend on the order in which it was added.

    Examples
    --------
    >>> twelve_digits(0.1 + 0.2)
    0.3
    """
    return float(f"{value:.12g}")
