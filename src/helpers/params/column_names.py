"""What the name of a column alone says: a key, a person, a code, a count, a unit."""

import re

from helpers.params.vocabulary import CONCEPTS, UNITS_OF_TIME, fold, says, words_of

MEASURE_WORDS = (
    *("recency", "frequency", "orders", "earned", "charged", "money", "tenure", "income", "age"),
    *("birth", "visits", "calls", "children", "percent", "score"),
)


def plain_words(name: str) -> list[str]:
    """
    The words of a name without its figures.

    Examples
    --------
    >>> plain_words("BILL_AMT1")
    ['bill', 'amt']
    """
    return [word for word in words_of(name) if not word.isdigit()]


def is_row_number(name: str) -> bool:
    """
    Whether a name is that of a row number, or no name at all.

    Examples
    --------
    >>> is_row_number("RowNumber"), is_row_number("Unnamed: 0"), is_row_number("rows")
    (True, True, False)
    """
    nameless = not name.strip() or bool(re.fullmatch(r"(unnamed.*|column_?0*|\W+|v1)", fold(name)))
    return nameless or bool(says(name, "row number"))


def _is_id_word(word: str) -> bool:
    return bool(says(word, "identifier"))


def ends_as_key(name: str) -> bool:
    """
    Whether the last word is a key's, or the first, as in `codigo de cliente`.

    Examples
    --------
    >>> ends_as_key("store_id"), ends_as_key("codigo de cliente"), ends_as_key("num orders")
    (True, True, False)
    """
    rest = plain_words(name)
    if not rest:
        return False
    return _is_id_word(rest[-1]) or (len(rest) > 1 and _is_id_word(rest[0]) and rest[0] not in NUMS)


NUMS = ("num", "no", "n", "number", "nr", "nombre", "numero")
"""Words that begin a count as well as they end a key."""


ONE_PERSON = (
    *(
        "client",
        "cliente",
        "compte",
        "cuenta",
        "conta",
        "conto",
        "contrat",
        "contrato",
        "contratto",
    ),
    *("membre", "miembro", "membro", "socio", "usuario", "utente", "abonne", "assure", "asegurado"),
    *("poliza", "polizza", "police", "apolice", "dossier"),
)
"""Persons and contracts in the singular, whose number is a key."""


def is_person_key(name: str) -> bool:
    """
    Whether a name is that of a customer's key.

    Examples
    --------
    >>> is_person_key("Kundennummer"), is_person_key("CLIENTNUM"), is_person_key("client age")
    (True, True, False)
    """
    if not says(name, "person"):
        return False
    rest = plain_words(name)
    if len(rest) == 1:
        compound = _is_id_word(rest[0])
        return compound or bool(re.fullmatch(_whole("person"), rest[0]))
    if not ends_as_key(name):
        # In the plural it would be how many there are.
        return rest[0] in ("numero", "nr", "no", "nro") and rest[-1] in ONE_PERSON
    return not any(says(word, "code") and word not in ("code", "kod") for word in rest)


def _whole(concept: str) -> str:
    stems = [one for one in fold(CONCEPTS[concept]).split() if "+" not in one]
    return "|".join(re.escape(one).replace(r"\*", ".*") for one in stems)


def is_bare_key(name: str) -> bool:
    """
    Whether a name is a key's and says not of what.

    Examples
    --------
    >>> is_bare_key("ID"), is_bare_key("uuid"), is_bare_key("order id")
    (True, True, False)
    """
    rest = plain_words(name)
    return len(rest) == 1 and rest[0] in (
        *("id", "ids", "uuid", "guid", "key", "pk", "identifier", "identifiant", "matricule"),
        *("identificador", "identificativo", "kennung", "kimlik", "nr", "hash"),
    )


def names_a_person(name: str) -> bool:
    """
    Whether a column names people, or how to reach them.

    Examples
    --------
    >>> names_a_person("Surname"), names_a_person("email"), names_a_person("product name")
    (True, True, False)
    """
    if says(name, "contact") and not is_count(name):
        return True
    found = says(name, "person's name")
    if not found:
        return False
    plain = plain_words(name)
    if plain[-1] == "name" and len(plain) > 1:
        return bool(says(name, "person")) or plain[0] in ("first", "last", "full", "given")
    return plain[-1] in " ".join(found).split() or len(plain) == 1


def is_code(name: str) -> bool:
    """
    Whether whole numbers under this name are codes, as of a region, a branch or a plan.

    Examples
    --------
    >>> is_code("region"), is_code("PLZ"), is_code("NumStorePurchases")
    (True, True, False)
    """
    rest = plain_words(name)
    if not rest or not says(name, "code") or is_count(name):
        return False
    last_is = bool(says(rest[-1], "code")) or (_is_id_word(rest[-1]) and len(rest) > 1)
    if last_is:
        return True
    first_is = bool(says(rest[0], "code")) or " ".join(rest).startswith(("post code", "codigo"))
    return first_is and not has_measure_word(name)


def is_count(name: str) -> bool:
    """
    Whether a name says that something is counted: `number of`, `anzahl`, `... count`.

    Examples
    --------
    >>> is_count("NumOfProducts"), is_count("Sipariş Sayısı"), is_count("customer number")
    (True, True, False)
    """
    rest = plain_words(name)
    if len(rest) < 2:
        return bool(rest) and bool(says(name, "count")) and rest[0] not in NUMS
    first, last = rest[0], rest[-1]
    counts_first = bool(says(first, "count"))
    counts_last = bool(says(last, "count")) and last not in NUMS
    if counts_last and last == "number":
        counts_last = False
    middle = any(
        bool(says(word, "count")) and rest[at + 1 : at + 2] and rest[at + 1] in ("of", "de")
        for at, word in enumerate(rest)
    )
    counted = says(name, "orders") or says(name, "visits") or says(name, "calls")
    money = says(name, "earned") or says(name, "charged")
    plural_total = first == "total" and bool(counted) and not money
    if first in NUMS and (_is_id_word(last) and last not in ("count",)):
        counts_first = False
    return counts_first or counts_last or middle or plural_total


def has_measure_word(name: str) -> bool:
    """
    Whether a name says that something is measured or counted.

    Examples
    --------
    >>> has_measure_word("monthly_fee"), has_measure_word("x1")
    (True, False)
    """
    return (
        any(says(name, concept) for concept in MEASURE_WORDS)
        or is_count(name)
        or bool(time_unit(name))
        or bool(says(name, "average"))
        or has_currency(name)
    )


def has_currency(name: str) -> bool:
    """
    Whether a name has the sign or the letters of a currency.

    Examples
    --------
    >>> has_currency("Umsatz (€)"), has_currency("usd")
    (True, True)
    """
    return bool(re.search(r"[€$£¥₺₹]|(?i:\b(eur|usd|gbp|chf|try|tl)\b)", name))


def time_unit(name: str) -> str:
    """
    The unit of time that a name counts in: a plural, or a singular before `since`.

    Examples
    --------
    >>> time_unit("tage"), time_unit("DaySinceLastOrder"), time_unit("day")
    ('days', 'days', '')
    """
    told = words_of(name)
    for at, word in enumerate(told):
        for unit in UNITS_OF_TIME:
            is_plural = word != unit[:-1]
            if says(word, unit) and (is_plural or (told[at + 1 :] and says(told[at + 1], "since"))):
                return unit
    return ""
