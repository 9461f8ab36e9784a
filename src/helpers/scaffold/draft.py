"""A params file drafted for a table, tried on it before it is handed over."""

from dataclasses import replace
from pathlib import Path

from helpers.errors import SegmentationError, TableError
from helpers.params.loader import check, parse
from helpers.pipeline.checking import check_params, check_table
from helpers.pipeline.runner import follow_lines
from helpers.pipeline.stages import GIVEN_BY_RUN, all_declarations, stages
from helpers.scaffold.order_lines import propose_lines
from helpers.scaffold.proposal import Draft, propose
from helpers.scaffold.writing import summary_of, text_of
from helpers.tables.dialects import find_dialect
from helpers.workspace import ROOT


def draft_params(path: Path, *, folder: Path = ROOT / "params") -> str:
    """
    Draft a params file for a table.

    Parameters
    ----------
    path : Path
        A table: anything that `make report` reads.
    folder : Path
        Where the draft is to lie: it names the schema for editors from there.

    Returns
    -------
    str
        YAML with comments, which runs as it is. Every choice is a guess from names and values,
        stated beside its column with the reason, to be read and changed.

    Raises
    ------
    TableError
        Where the table cannot be read, or holds nothing that customers can be told apart by.
    """
    return drafted(path, folder=folder)[0]


def drafted(
    path: Path, *, folder: Path = ROOT / "params", sheet: str = ""
) -> tuple[str, list[str]]:
    """
    Draft a params file, and say what was taken for what.

    Parameters
    ----------
    path, folder : Path
        As for `draft_params`.
    sheet : str
        Sheet of a workbook; the first one with a table unless given. Where there are several,
        the draft names it.

    Returns
    -------
    text : str
        As `draft_params` returns it.
    summary : list of str
        Lines to print, one a column.
    """
    proposed = propose_lines(path, sheet=sheet) or propose(path, sheet=sheet)
    for note in find_dialect(path, sheet=sheet).notes:
        if note.kind == "sheet" and note.line > 1:
            proposed = replace(proposed, values=proposed.values | {"sheet": note.text})
    text = text_of(proposed, folder=folder)
    _try_out(proposed, text, path)
    return text, summary_of(proposed)


def _try_out(proposed: Draft, text: str, path: Path) -> None:
    """See that the draft is read again as it was meant, and that the table can be clustered."""
    declarations = all_declarations(stages())
    read = parse(text, name="the draft")
    check(read, declarations, given_by_run=GIVEN_BY_RUN)
    if read.values != proposed.values:
        raise TableError(
            f"`{path.name}` has a column name that a params file cannot hold: rename the column."
        )
    values = {name: one.default for name, one in declarations.items()} | read.values
    follow_lines(read, values)
    try:
        check_table(read, values, check_params(read, values), path)
    except SegmentationError as error:
        said = str(error).removeprefix("the draft").lstrip(", :")
        raise TableError(f"no segmentation of `{path.name}` can be drafted: {said}") from None
