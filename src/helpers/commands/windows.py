"""Two days of one table of order lines: a run of the lines up to each of them."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from helpers.errors import ParamsError, TableError
from helpers.pipeline.runner import Request, check_run_name, make_plan, make_report
from helpers.pipeline.stages import stages


def are_days(before: str, after: str) -> bool:
    """
    Whether FROM and TO are days rather than names of runs.

    Raises
    ------
    ParamsError
        Where one is a day and the other is none, or they do not rise.

    Examples
    --------
    >>> are_days("march", "april"), are_days("2024-03-31", "2024-06-30")
    (False, True)
    """
    days = [_as_day(one) for one in (before, after)]
    if days == [None, None]:
        return False
    if None in days:
        raise ParamsError(
            f"FROM is {before!r} and TO is {after!r}: expected two days, like 2024-03-31, or two "
            "names of runs."
        )
    if str(days[0]) >= str(days[1]):
        raise ParamsError(f"FROM={before} is not before TO={after}: give the earlier day as FROM.")
    return True


def _as_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def make_windows(before: str, after: str, variables: Mapping[str, str]) -> tuple[str, str]:
    """
    Make a run of the order lines up to each of two days.

    Parameters
    ----------
    before, after : str
        ISO dates.
    variables : mapping of str to str
        Make variables: PARAMS, DATA, CUSTOMERS, RUN, ENGINE.

    Returns
    -------
    tuple of (str, str)
        Names of the two runs: that of RUN or of the params file, and the day.

    Raises
    ------
    ParamsError, TableError
        Where no order lines were named, before anything runs.
    """
    params = variables.get("PARAMS") or "params/default.yml"
    if not variables.get("DATA"):
        raise TableError(
            "FROM and TO are days: give the order lines that they cut as DATA=file, and PARAMS=."
        )
    stem = check_run_name(variables.get("RUN") or Path(params).stem)
    requests = [
        Request(
            params=params,
            data=variables.get("DATA") or "",
            run=f"{stem}-{day}",
            engine=variables.get("ENGINE") or "",
            sql_dialect=variables.get("SQL_DIALECT") or "",
            customers=variables.get("CUSTOMERS") or "",
            as_of=day,
        )
        for day in (before, after)
    ]
    for one in requests:
        make_plan(one, stages())
    for one in requests:
        make_report(one)
    return requests[0].run, requests[1].run
