"""Date formats in Java's letters, as Spark SQL and params files write them."""

import re

from helpers.errors import ParamsError

# Java's date letters, as Spark SQL writes them, in the letters of strptime.
DATE_LETTERS = {"yyyy": "%Y", "MM": "%m", "dd": "%d"}
# What else a file may hold: two digits of a year, the name of a month, a time of day.
PARTS = re.compile(r"yyyy|yy|MMMM|MMM|MM|dd")
TIME_PART = re.compile(r"[ T]'?T?'?HH:mm(:ss)?( ?a)?|'T'HH:mm(:ss)?( ?a)?")


def strptime_format(java: str, *, where: str) -> str:
    """
    Write a date format in the letters of Spark SQL in those of `strptime`.

    Parameters
    ----------
    java : str
        For instance `dd-MM-yyyy`; only `dd`, `MM`, `yyyy` and separators are allowed.
    where : str
        Where the format stands, for messages.

    Returns
    -------
    str
        For instance `%d-%m-%Y`.

    Raises
    ------
    ParamsError
        Where another letter is used.

    Examples
    --------
    >>> strptime_format("dd-MM-yyyy", where="")
    '%d-%m-%Y'
    """
    format_ = java
    for letters, code in DATE_LETTERS.items():
        format_ = format_.replace(letters, code)
    rest = format_.replace("%Y", "").replace("%m", "").replace("%d", "")
    complete = all(code in format_ for code in DATE_LETTERS.values())
    if not complete or any(letter.isalnum() or letter in "'\"%" for letter in rest):
        raise ParamsError(f"{where}: {java!r} is no date format: write it like `dd-MM-yyyy`.")
    return format_


def date_part(read_as: str, *, where: str) -> str:
    """
    Check the format in which a file writes dates, and leave out its time of day.

    Parameters
    ----------
    read_as : str
        `yyyy` or `yy`, `MM` or `MMM` (a name), and `dd`, in any order, then a time or none.
    where : str
        Where it stands, for messages.

    Returns
    -------
    str
        The part for the date.

    Raises
    ------
    ParamsError
        Where it is no date format.

    Examples
    --------
    >>> date_part("dd/MM/yy HH:mm", where="")
    'dd/MM/yy'
    """
    time = TIME_PART.search(read_as)
    date = read_as[: time.start()] if time and time.end() == len(read_as) else read_as
    letters = sorted(one[0] for one in PARTS.findall(date))
    rest = PARTS.sub("", date)
    if letters != ["M", "d", "y"] or any(one.isalnum() or one in "'\"%" for one in rest):
        raise ParamsError(
            f"{where}: {read_as!r} is no date format: write it like `dd-MM-yyyy`, `dd/MM/yy`, "
            "`dd MMM yyyy` or `yyyyMMdd`, with ` HH:mm` behind where a time of day follows."
        )
    return date
