"""Who is held out: a salted hash of the ID decides, the same in Python and in every database."""

import hashlib
from collections.abc import Iterable

from helpers.errors import ParamsError
from helpers.model.scoring_sql import Writer

TREATMENT, HOLDOUT = "treatment", "holdout"
BITS = 128
# How a database writes MD5 as 32 hexadecimal digits in lower case.
MD5 = {
    "bigquery": "TO_HEX(MD5({text}))",
    "duckdb": "MD5({text})",
    "postgres": 'MD5({text}) COLLATE "C"',
    "snowflake": "MD5({text})",
    "spark": "MD5({text})",
}


def bound(holdout: float) -> str:
    """
    Hash below which a customer is held out, as 32 hexadecimal digits.

    Raises
    ------
    ParamsError
        Where `holdout` does not lie between 0 and 1.

    Examples
    --------
    >>> bound(0.25)
    '40000000000000000000000000000000'
    """
    if not 0 < holdout < 1:
        raise ParamsError(f"HOLDOUT is {holdout:g}: expected a share between 0 and 1, like 0.2.")
    numerator, denominator = holdout.as_integer_ratio()
    return f"{numerator * 2**BITS // denominator:032x}"


def groups(ids: Iterable[str], *, salt: str, holdout: float) -> list[str]:
    """
    Draw treatment or holdout for each ID.

    Parameters
    ----------
    ids : iterable of str
        As they are written.
    salt : str
        Another salt gives an independent draw.
    holdout : float
        Share that is held out, between 0 and 1.

    Returns
    -------
    list of str
        `treatment` or `holdout`. No ID's draw depends on another one or on the order.

    Examples
    --------
    >>> groups(["1", "2", "3", "4"], salt="spring", holdout=0.5)
    ['treatment', 'holdout', 'treatment', 'treatment']
    """
    limit = bound(holdout)
    return [HOLDOUT if _hash(one, salt) < limit else TREATMENT for one in ids]


def _hash(text: str, salt: str) -> str:
    return hashlib.md5(f"{salt}:{text}".encode(), usedforsecurity=False).hexdigest()


def group_sql(writer: Writer, column: str, *, salt: str, holdout: float) -> str:
    """
    Write the same draw as SQL.

    Parameters
    ----------
    writer : Writer
        Of the dialect.
    column : str
        SQL of the ID.
    salt : str
        As in `groups`.
    holdout : float
        As in `groups`.

    Returns
    -------
    str
        An expression: `treatment` or `holdout`.
    """
    kind = {"bigquery": "STRING", "spark": "STRING"}.get(writer.dialect, "VARCHAR")
    text = f"CONCAT({writer.text(f'{salt}:')}, CAST({column} AS {kind}))"
    digest = MD5[writer.dialect].format(text=text)
    limit = writer.text(bound(holdout))
    return (
        f"CASE WHEN {digest} < {limit} THEN {writer.text(HOLDOUT)} "
        f"ELSE {writer.text(TREATMENT)} END"
    )
