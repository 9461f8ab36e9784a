"""No cell of a CSV is a formula: a text that a spreadsheet would run gets an apostrophe."""

import re
from collections.abc import Callable
from typing import Final

import pandas as pd

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
    return _with_texts(frame, restore_text)


def restore_text(text: str) -> str:
    """
    Take away the apostrophe that `neutralise` has put before one text.

    Examples
    --------
    >>> restore_text("'=1+1"), restore_text("'b")
    ('=1+1', "'b")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


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
