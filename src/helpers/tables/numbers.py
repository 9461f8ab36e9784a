"""Numbers as people write them: which format fits, and SQL that reads it."""

import re
from collections.abc import Mapping
from dataclasses import replace

from helpers.params.number_formats import (
    BLANKS,
    CURRENCY_CODES,
    CURRENCY_SIGNS,
    NumberFormat,
    parse_number_format,
)

# Written among numbers and dates where there is none; folded to lower case.
MISSING_WORDS = frozenset(
    (
        *("na", "n/a", "n.a.", "#n/a", "#na", "<na>", "nan", "-nan", "null", "(null)", "none"),
        *("nil", "nat", "\\n", "unknown", "unbekannt", "inconnu", "desconocido", "sconosciuto"),
        *("onbekend", "desconhecido", "bilinmiyor", "missing", "not available", "not applicable"),
        *("n.d.", "nd", "k.a.", "k. a.", "keine angabe", "(blank)", "blank", "(leer)", "empty"),
        *("-", "--", "---", "–", "—", "?", "??", ".", "..", "...", "*"),
        *("inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "∞", "-∞"),
        *("#div/0!", "#value!", "#null!", "#ref!", "#num!", "#name?", "1.#inf", "1.#qnan"),
        *("0000-00-00", "0000-00-00 00:00:00", "00.00.0000", "00/00/0000"),
    )
)
PLAIN = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
MARKS = ",.'’" + BLANKS
MARK_PAIRS = (
    *(("", "."), ("", ","), (",", "."), (".", ",")),
    *((" ", "."), (" ", ","), ("'", "."), ("'", ",")),
)
# A sign, an affix and a number between: what of a text can be a number at all.
SHAPE = re.compile(
    rf"[(]?[+−-]?(?P<prefix>[^\d(+−\-]*?)[(]?[+−-]?(?P<body>(?:\d[\d{MARKS}]*|[.,]\d+)"
    r"(?:[eE][+-]?\d+)?)"
    r"(?P<suffix>[^\d]*)"
)


def is_missing_word(text: str) -> bool:
    """
    Whether a text is one of those that stand for no value among numbers.

    Examples
    --------
    >>> is_missing_word(" N/A"), is_missing_word("inf"), is_missing_word("none of them")
    (True, True, False)
    """
    return text.strip().casefold() in MISSING_WORDS


def pattern(form: NumberFormat) -> str:
    """
    Regular expression for a whole text that is a number in a format.

    It is for texts as `unified` leaves them, and means the same to DuckDB, Java and Python.

    Examples
    --------
    >>> shape = pattern(NumberFormat(",", ".", suffix="€"))
    >>> [bool(re.fullmatch(shape, one)) for one in ("1.299,99 €", "(5)", "-12,5", "1.29,5")]
    [True, True, True, False]
    """
    decimal = re.escape(form.decimal)
    whole = r"\d+"
    if form.thousands:
        mark = "[ ]" if form.thousands == " " else re.escape(form.thousands)
        # Lakhs and crores are parted in twos before the last three.
        inner = rf"{mark}\d{{2,3}}" if form.thousands == "," else rf"{mark}\d{{3}}"
        whole = rf"(?:[1-9]\d{{0,2}}(?:{inner})*{mark}\d{{3}}|\d+)"
    # Without a minus in the exponent, since a minus anywhere makes the number negative.
    number = rf"(?:{whole}(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][+]?\d+)?"
    before = _affix(form.prefix, rf"{_escaped(form.prefix)}[ ]?")
    after = _affix(form.suffix, rf"[ ]?{_escaped(form.suffix)}")
    return (
        rf"[+-][ ]?{before}{number}{after}|{before}[+-]?[ ]?{number}{after}"
        rf"|{before}{number}[ ]?-{after}|{before}{number}{after}[ ]?-"
        rf"|\([ ]?{before}{number}{after}[ ]?\)|{before}\([ ]?{number}[ ]?\){after}"
    )


def _escaped(affix: str) -> str:
    return "".join(
        one if one.isalnum() else f"[{one}]" if one not in "^\\]" else f"\\{one}"
        for one in unified_text(affix.strip())
    )


def _affix(affix: str, shape: str) -> str:
    """A currency may be left out; without its sign a percentage may be a share."""
    if not affix.strip():
        return ""
    return f"(?:{shape})" + ("" if "%" in affix or "‰" in affix else "?")


def unified_text(text: str) -> str:
    """Write blanks, apostrophes and minus signs of a text in the one way that is read."""
    for one in BLANKS[1:]:
        text = text.replace(one, " ")
    return text.replace("’", "'").replace("−", "-")


def unified(text: str) -> str:
    """Write SQL that does to a text what `unified_text` does, without blanks around it."""
    for one in BLANKS[1:]:
        text = f"replace({text}, '{one}', ' ')"
    return f"trim(replace(replace({text}, '’', ''''), '−', '-'))"


def digits(text: str, form: NumberFormat) -> str:
    """
    Write SQL that turns a number in a format into a plain one, both as texts.

    Parameters
    ----------
    text : str
        SQL for a text that `pattern` fits.
    form : NumberFormat
        Its format.

    Returns
    -------
    str
        SQL of functions that every dialect has: `replace`, `concat`, `LIKE`.

    Examples
    --------
    >>> import duckdb
    >>> form = NumberFormat(",", ".", suffix="€")
    >>> [duckdb.execute(f"SELECT {digits(repr(one), form)}").fetchone()[0]
    ...  for one in ("1.299,99 €", "(5)", "12-")]
    ['1299.99', '-5', '-12']
    """
    bare = unified(text)
    for affix in (form.prefix, form.suffix):
        if affix.strip():
            quoted = unified_text(affix.strip()).replace("'", "''")
            bare = f"replace({bare}, '{quoted}', '')"
    plain = bare
    for mark in dict.fromkeys((" ", "(", ")", "+", "-", form.thousands)):
        if mark:
            plain = f"replace({plain}, '{mark.replace(chr(39), chr(39) * 2)}', '')"
    if form.decimal != ".":
        plain = f"replace({plain}, '{form.decimal}', '.')"
    negative = f"{bare} LIKE '%-%' OR {bare} LIKE '%(%'"
    return f"CASE WHEN {negative} THEN concat('-', {plain}) ELSE {plain} END"


def canonical(cell: str, form: NumberFormat) -> str:
    """
    Write SQL for a cell as plain number text, as it is where it does not fit the format.

    Parameters
    ----------
    cell : str
        SQL for the text of a cell.
    form : NumberFormat
        The declared format.

    Returns
    -------
    str
        SQL in DuckDB's dialect.
    """
    shape = pattern(form).replace("'", "''")
    fits = f"regexp_full_match({unified(cell)}, '{shape}')"
    return f"CASE WHEN {fits} THEN {digits(cell, form)} ELSE {cell} END"


def looks_like_number(text: str) -> bool:
    """
    Whether a text is a number in some format, its marks and signs left aside.

    Examples
    --------
    >>> [looks_like_number(one) for one in ("€ 12,50", "1.299,99", "C001", "5 of 7", "12%")]
    [True, True, False, False, True]
    """
    return bool(re.fullmatch(PLAIN, text)) or _common_affixes([unified_text(text)]) is not None


def fitting_formats(values: Mapping[str, int]) -> list[NumberFormat]:
    """
    Formats in which all numbers of a column can be read, the likeliest first.

    Parameters
    ----------
    values : mapping of str to int
        Texts of the column and how often each stands there; words for missing values are passed
        over.

    Returns
    -------
    list of NumberFormat
        The plain format comes first where it fits. More than one means that the marks could mean
        another number: `1,234` is 1234 or 1.234. Empty where nothing fits all.

    Examples
    --------
    >>> [one.example for one in fitting_formats({"$1,234.50": 2, "$99": 1})]
    ['$1,234.56']
    >>> [one.example for one in fitting_formats({"1,234": 2, "2,345": 1})]
    ['1,234.56', '1234,56']
    """
    words = [one for one in values if not is_missing_word(one)]
    texts = [one for one in (unified_text(one).strip() for one in words) if one]
    if not texts:
        return []
    if all(re.fullmatch(PLAIN, one.strip()) for one in words):
        return [NumberFormat()]
    affixes = _common_affixes(texts)
    if affixes is None:
        return []
    fits = []
    for thousands, decimal in MARK_PAIRS:
        form = NumberFormat(decimal, thousands, *affixes)
        shape = re.compile(pattern(form))
        if all(shape.fullmatch(one) for one in texts):
            fits.append(form)
    return [
        replace(form, negative=_negative(words)) if form.is_plain else form
        for form in _different(fits, texts)
    ]


def _negative(words: list[str]) -> str:
    """How negative numbers are written that are plain ones otherwise."""
    if any(one.strip().startswith("(") for one in words):
        return "()"
    return "−" if any("−" in one for one in words) else "-"


def _common_affixes(texts: list[str]) -> tuple[str, str] | None:
    """The one currency, percent sign or the like that stands before or after the numbers."""
    prefixes, suffixes = set(), set()
    for one in texts:
        found = SHAPE.fullmatch(one)
        if found is None:
            return None
        prefixes.add(found["prefix"].strip())
        suffixes.add(found["suffix"].strip(" )-"))
    prefixes.discard("")
    suffixes.discard("")
    if len(prefixes) > 1 or len(suffixes) > 1:
        return None
    prefix, suffix = next(iter(prefixes), ""), next(iter(suffixes), "")
    money = (*CURRENCY_SIGNS, *CURRENCY_CODES)
    # A letter before a number makes it a code, like `C001`.
    if (prefix and prefix not in money) or (suffix and suffix not in (*money, "%")):
        return None
    return prefix, suffix


def _different(fits: list[NumberFormat], texts: list[str]) -> list[NumberFormat]:
    """Leave out formats that read the same numbers, and order the others by likelihood."""
    found: dict[tuple[str, ...], NumberFormat] = {}
    for form in fits:
        found.setdefault(tuple(number_text(one, form) for one in texts), form)
    # A mark before every three digits is likelier one of thousands.
    return sorted(found.values(), key=lambda one: one.thousands == "")


def number_text(text: str, form: NumberFormat) -> str:
    """
    Plain text of a number that is written in a format, as `digits` makes it.

    Examples
    --------
    >>> number_text("($1,234.50)", NumberFormat(thousands=",", prefix="$"))
    '-1234.50'
    """
    bare = unified_text(text).strip()
    for affix in (form.prefix, form.suffix):
        bare = bare.replace(unified_text(affix.strip()), "")
    sign = "-" if "-" in bare or "(" in bare else ""
    for mark in (" ", "(", ")", "+", "-", form.thousands):
        bare = bare.replace(mark, "") if mark else bare
    return sign + bare.replace(form.decimal, ".")


def most_fitting(values: Mapping[str, int]) -> NumberFormat:
    """
    Format in which most of a column's numbers can be read, where none reads them all.

    Examples
    --------
    >>> most_fitting({"1.5": 7, "2.25": 4, "3,5": 1}).is_plain
    True
    """
    affixes = [_common_affixes([unified_text(one)]) or ("", "") for one in values]
    forms = [
        NumberFormat(decimal, thousands, *affix)
        for affix in dict.fromkeys(affixes)
        for thousands, decimal in MARK_PAIRS
    ]

    def fitting(form: NumberFormat) -> int:
        shape = re.compile(PLAIN if form.is_plain else pattern(form))
        texts = ((unified_text(one).strip(), count) for one, count in values.items())
        return sum(count for one, count in texts if shape.fullmatch(one))

    return max([NumberFormat(), *forms], key=fitting)


def example_of(form: NumberFormat, type_: str) -> str:
    """The number 1234.56 in a format, or 1234 where the numbers are whole ones."""
    whole = form.example.replace(f"{form.decimal}56", "", 1)
    default = parse_number_format(whole, where="").decimal
    return whole if type_ == "integer" and default == form.decimal else form.example
