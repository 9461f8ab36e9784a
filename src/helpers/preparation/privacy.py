"""Whether the entries of a column may be shown: not of keys, names of people, or very many."""

from helpers.params.column_names import is_bare_key, is_person_key, is_row_number, names_a_person

VERY_MANY = 50
FEW = 20
"""With at most so many different entries, ten rows each, even a column of names tells nobody."""


def has_many_values(*, held: int, distinct: int) -> bool:
    """
    Whether a column has very many different entries, or nearly one for each row.

    Examples
    --------
    >>> has_many_values(held=1000, distinct=51), has_many_values(held=1000, distinct=12)
    (True, False)
    """
    return distinct > VERY_MANY or distinct > max(2.0, 0.5 * held)


def is_private(name: str, *, held: int, distinct: int) -> bool:
    """
    Whether no entry of a column may stand in a draft or a report.

    Parameters
    ----------
    name : str
        Of the column.
    held, distinct : int
        How many rows have an entry, and how many different ones there are.

    Returns
    -------
    bool
        True for keys and for what names people or how to reach them, by the name of the column,
        unless a few entries are shared by many; and wherever there are very many entries.

    Examples
    --------
    >>> is_private("Surname", held=900, distinct=40), is_private("city", held=900, distinct=40)
    (True, False)
    """
    if has_many_values(held=held, distinct=distinct):
        return True
    if distinct <= FEW and held >= 10 * distinct:
        return False
    return names_a_person(name) or is_person_key(name) or is_bare_key(name) or is_row_number(name)


def is_key(name: str, *, held: int, distinct: int) -> bool:
    """
    Whether a column of numbers names rows or customers.

    Such a column measures nothing, and its least and greatest entry are those of single ones.

    Examples
    --------
    >>> is_key("CustomerId", held=900, distinct=900), is_key("spend", held=900, distinct=900)
    (True, False)
    """
    if distinct <= max(FEW, 0.5 * held):
        return False
    return is_person_key(name) or is_bare_key(name) or is_row_number(name)
