"""What a reader did to a file that was not written as plain CSV, for whoever tells of it."""

from dataclasses import dataclass

KINDS = (
    "encoding",  # text: name of the encoding
    "separator",  # text: what parts the fields
    "separator line",  # line: of `sep=;`
    "title lines",  # line: the last one before the header
    "second header",  # line, text: its first cell
    "no header",  # text: the first cell of the first line
    "line ends",
    "empty column",  # line: position of the column
    "row numbers",  # line: position of the column
    "unnamed column",  # line: position of the column, text: the name given
    "sheet",  # text: the sheet that is read, line: number of sheets
)


@dataclass(frozen=True)
class Note:
    """One thing that was done to a file: its kind, and what it needs to be told."""

    kind: str
    file: str
    text: str = ""
    line: int = 0
