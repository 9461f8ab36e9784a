"""The vocabulary of computed prose: every figure and every word of judgement, chosen by value.

A sentence of a report is put together from these functions and from fixed words, so that
no figure is ever typed. All of them are pure, and they depend on no locale and on no clock.

A *unit* is data from the params file: ``money``, ``percent``, ``days``, ``years``, ``orders``,
``visits``, any other plural noun, or ``none``. The currency of a table is seldom known,
so ``money`` alone prints a plain figure and ``money £`` prints the sign before it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

UNKNOWN = "unknown"
"""What stands where a value is missing."""

OTHERS = "all others"
"""The category that rare ones are joined in."""

NOT_KNOWN = "not known"
"""The category of those that have none."""

MINUS = "\u2212"
"""The sign of a negative figure, as wide as a plus."""

ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth"),
    *("seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
)

IRREGULAR = {"person": "people", "child": "children", "man": "men", "woman": "women"}

STABILITY_WORDS = ((0.85, "highly stable"), (0.75, "stable"), (0.60, "doubtful"))
"""From each bound its word (Hennig 2007 and the documentation of his ``clusterboot``)."""

ETA_SQUARED_WORDS = ((0.14, "large"), (0.06, "medium"), (0.01, "small"))
"""From each bound its word (Cohen 1988, section 8.2, as f of 0.10, 0.25 and 0.40)."""

CRAMER_WORDS = ((0.50, "large"), (0.30, "medium"), (0.10, "small"))
"""From each bound of w = V sqrt(m - 1) its word (Cohen 1988, section 7.2)."""


def number(value: float | None, unit: str | None = None, *, digits: int | None = None) -> str:
    """Say a value with a person's rounding, separators and its unit.

    Three rules give the decimals unless ``digits`` fixes them: none from 10 on, one from 1 on,
    two significant figures below. Trailing zeros are dropped.

    Parameters
    ----------
    value : float or None
        The value; for the unit ``percent`` a fraction (0.25 is a quarter).
    unit : str, optional
        ``money``, ``money £`` (any sign), ``percent``, ``none`` or a plural noun such as ``days``.
    digits : int, optional
        Decimals to show, where rounding by size would hide a difference.

    Returns
    -------
    str
        For instance ``"76,750"``, ``"7.9 orders"``, ``"1 day"``; ``"unknown"`` for a missing value.

    Examples
    --------
    >>> number(76750.22, "money"), number(76750.22, "money £"), number(1, "days")
    ('76,750', '£76,750', '1 day')
    >>> number(7.894, "orders"), number(0.326), number(None)
    ('7.9 orders', '0.33', 'unknown')
    """
    if value is None or math.isnan(value):
        return UNKNOWN
    kind, sign = _unit(unit)
    if kind == "percent":
        return percent(value, digits=digits)
    shown = _figure(abs(value), digits)
    minus = MINUS if value < 0 and shown.strip("0.,") and shown != "almost 0" else ""
    if kind == "money":
        return f"{minus}{sign}{shown}"
    text = f"{minus}{shown}"
    if not kind:
        return text
    return f"{text} {singular(kind) if shown == '1' else kind}"


def percent(fraction: float | None, *, digits: int | None = None) -> str:
    """Say a fraction as a percentage.

    No decimal from 10% on, one below; a share that is not nought is never rounded to ``0%``,
    and one that is not whole never to ``100%``.

    Examples
    --------
    >>> percent(0.2618), percent(0.0571), percent(0.0001), percent(0.9996), percent(0.262, digits=1)
    ('26%', '5.7%', 'less than 0.1%', 'more than 99.9%', '26.2%')
    """
    if fraction is None or math.isnan(fraction):
        return UNKNOWN
    size = abs(fraction) * 100
    minus = MINUS if fraction < 0 else ""
    if digits is not None:
        shown = f"{size:,.{digits}f}"
        return f"{minus if shown.strip('0.,') else ''}{shown}%"
    if math.isinf(size):
        return f"{minus}unbounded"
    if size == 0:
        return "0%"
    if size < 0.05:
        return "less than 0.1%" if fraction > 0 else "almost 0%"
    if 99.95 <= size < 100:
        return "more than 99.9%" if fraction > 0 else f"{MINUS}99.9%"
    decimals = 1 if size < 9.95 or 99.5 <= size < 100 else 0
    shown = f"{size:,.{decimals}f}"
    return f"{minus}{shown.removesuffix('.0')}%"


def points(difference: float | None) -> str:
    """Say a difference of two fractions in percentage points, without its sign.

    Examples
    --------
    >>> points(0.114), points(-0.01), points(0.004)
    ('11 percentage points', '1 percentage point', '0.4 percentage points')
    """
    if difference is None or math.isnan(difference):
        return UNKNOWN
    size = abs(difference) * 100
    shown = f"{size:.0f}" if size >= 1.95 else f"{size:.1f}".removesuffix(".0")
    return f"{shown} {'percentage point' if shown == '1' else 'percentage points'}"


def interval(
    low: float | None, high: float | None, unit: str | None = None, *, digits: int | None = None
) -> str:
    """Say two bounds, the unit once.

    Examples
    --------
    >>> interval(0.218, 0.312, "percent", digits=1), interval(43.1, 49.5, "days")
    ('21.8% to 31.2%', '43 to 50 days')
    """
    lower, upper = number(low, unit, digits=digits), number(high, unit, digits=digits)
    kind, _ = _unit(unit)
    if kind not in ("money", "percent", "") and UNKNOWN not in (lower, upper):
        lower = number(low, None, digits=digits)
        upper = f"{number(high, None, digits=digits)} {kind}"
    return f"{lower} to {upper}"


def p_value(p: float | None) -> str:
    """Say a p-value: two decimals, three below 0.1, and never ``0``.

    Examples
    --------
    >>> p_value(0.00005), p_value(0.034), p_value(0.41)
    ('p < 0.001', 'p = 0.034', 'p = 0.41')
    """
    if p is None or math.isnan(p):
        return f"p {UNKNOWN}"
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.0995 else f"p = {p:.2f}"


def times(ratio: float | None, of: str | None = None) -> str:
    """Say a ratio: ``2.4 times``, ``about the same``, ``half``.

    Parameters
    ----------
    ratio : float or None
        Value over reference.
    of : str, optional
        The reference in words; with it the phrase is complete (``2.4 times the average``).

    Examples
    --------
    >>> times(2.41), times(1.02), times(0.5), times(0.33)
    ('2.4 times', 'about the same', 'half', 'a third')
    >>> times(2.41, "the average"), times(1.02, "the average"), times(0.33, "the average")
    ('2.4 times the average', 'about the same as the average', 'a third of the average')
    """
    after = f" {of}" if of else ""
    part = f" of {of}" if of else ""
    if ratio is None or not math.isfinite(ratio) or ratio < 0:
        return f"not comparable with{after}" if of else "not comparable"
    if 0.95 <= ratio <= 1.05:
        return f"about the same as{after}" if of else "about the same"
    if ratio == 0:
        return f"none{part}"
    if ratio < 0.1:
        return f"less than a tenth{part}"
    for low, high, word, join in (
        (0.23, 0.27, "a quarter", part),
        (0.31, 0.36, "a third", part),
        (0.47, 0.53, "half", after),
        (0.64, 0.69, "two thirds", part),
        (1.95, 2.05, "twice", after),
    ):
        if low <= ratio <= high:
            return f"{word}{join}"
    return f"{_figure(ratio, None if ratio >= 1 else 1)} times{after}"


def comparison(
    value: float | None,
    reference: float | None,
    *,
    of: str = "the average",
    unit: str | None = None,
    alike: float = 0.05,
) -> str:
    """Compare a value with a reference.

    Shares are compared in percentage points, other values by their ratio: as a multiple from
    1.95 on, as a percentage above or below in between. Where the reference is nought or the
    signs differ there is no ratio, and the difference is said.

    Parameters
    ----------
    value, reference : float or None
        What is compared, and with what.
    of : str
        The reference in words.
    unit : str, optional
        Unit of both; ``percent`` compares in percentage points.
    alike : float
        Relative difference (for shares: half of it, absolute) up to which the two are the same.

    Examples
    --------
    >>> comparison(1278.58, 607.1), comparison(52.0, 49.0, of="the usual 49 days")
    ('2.1 times the average', '6.1% above the usual 49 days')
    >>> comparison(0.49, 0.42, unit="percent"), comparison(5.0, 0.0)
    ('7 percentage points above the average', '5 above the average')
    >>> comparison(4, 4)
    'about the same as the average'
    """
    if value is None or reference is None or math.isnan(value) or math.isnan(reference):
        return f"not comparable with {of}"
    gap = value - reference
    side = "above" if gap > 0 else "below"
    if _unit(unit)[0] == "percent":
        if abs(gap) <= alike / 2:
            return f"about the same as {of}"
        return f"{points(gap)} {side} {of}"
    if gap == 0:
        return f"about the same as {of}"
    if reference <= 0 or value < 0:
        return f"{number(abs(gap), unit)} {side} {of}"
    ratio = value / reference
    if abs(ratio - 1) <= alike:
        return f"about the same as {of}"
    if ratio >= 1.95 or ratio < 0.1 or 0.47 <= ratio <= 0.53:
        return times(ratio, of)
    return f"{percent(abs(ratio - 1))} {side} {of}"


def against_average(value: float | None, average: float | None, *, unit: str | None = None) -> str:
    """Compare a value with the average of all, short enough for brackets.

    Examples
    --------
    >>> against_average(76750, 52247), against_average(49, 49.1), against_average(1279, 607)
    ('47% above average', 'about average', '2.1 times the average')
    """
    said = comparison(value, average, of="the average", unit=unit)
    said = said.replace("about the same as the average", "about average")
    return re.sub(r"(above|below) the average", r"\1 average", said)


def plural(count: float, noun: str, many: str | None = None) -> str:
    """Say how many of something: ``1 customer``, ``2,216 customers``, ``no customers``.

    Parameters
    ----------
    count : float
        How many.
    noun : str
        The singular.
    many : str, optional
        The plural, where the rules of English spelling do not give it.

    Examples
    --------
    >>> plural(1, "customer"), plural(2216, "customer"), plural(0, "category"), plural(2, "person")
    ('1 customer', '2,216 customers', 'no categories', '2 people')
    """
    several = many or plural_of(noun)
    if math.isnan(count):
        return f"an unknown number of {several}"
    if count == 0:
        return f"no {several}"
    shown = f"{count:,.0f}" if float(count).is_integer() else number(count)
    shown = shown.replace("-", MINUS)
    return f"{shown} {noun if shown == '1' else several}"


def plural_of(noun: str) -> str:
    """Give the plural of an English noun by the rules of spelling."""
    head, _, last = noun.rpartition(" ")
    if last in IRREGULAR:
        ending = IRREGULAR[last]
    elif re.search(r"[^aeiou]y$", last):
        ending = f"{last[:-1]}ies"
    elif re.search(r"(s|x|z|ch|sh)$", last):
        ending = f"{last}es"
    else:
        ending = f"{last}s"
    return f"{head} {ending}".strip()


def singular(noun: str) -> str:
    """Give the singular of a plural noun or of a phrase that starts with one.

    Examples
    --------
    >>> singular("days"), singular("categories"), singular("orders per visit")
    ('day', 'category', 'order per visit')
    """
    first, _, rest = noun.partition(" ")
    back = {many: one for one, many in IRREGULAR.items()}
    if first in back:
        first = back[first]
    elif first.endswith("ies") and len(first) > 4:
        first = f"{first[:-3]}y"
    elif re.search(r"(ss|x|ch|sh)es$", first):
        first = first[:-2]
    elif first.endswith("s") and not first.endswith("ss"):
        first = first[:-1]
    return f"{first} {rest}".strip()


def ordinal(n: int) -> str:
    """Say a position: in letters up to twelfth, then ``13th``.

    Examples
    --------
    >>> ordinal(1), ordinal(12), ordinal(21), ordinal(113)
    ('first', 'twelfth', '21st', '113th')
    """
    if 1 <= n <= len(ORDINALS):
        return ORDINALS[n - 1]
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n:,}{ending}"


def rank_word(rank: int, of: int, *, high: str = "highest", low: str = "lowest") -> str:
    """Say a rank among several, counted from the nearer end (1 is the highest).

    Examples
    --------
    >>> rank_word(1, 6), rank_word(2, 6), rank_word(5, 6), rank_word(6, 6)
    ('highest', 'second highest', 'second lowest', 'lowest')
    """
    if of <= 1:
        return "only"
    from_end = of - rank + 1
    if rank <= from_end:
        return high if rank == 1 else f"{ordinal(rank)} {high}"
    return low if from_end == 1 else f"{ordinal(from_end)} {low}"


def listing(items: Sequence[str], *, conjunction: str = "and") -> str:
    """Join phrases as a person does: ``a``, ``a and b``, ``a, b and c``.

    Items that hold a comma of their own are parted by semicolons.

    Examples
    --------
    >>> listing(["a"]), listing(["a", "b", "c"]), listing(["a", "b"], conjunction="or")
    ('a', 'a, b and c', 'a or b')
    """
    parts = [item for item in items if item]
    if len(parts) < 2:
        return "".join(parts)
    # A thousands separator has no space after it and does not part a list.
    mark = ";" if any(", " in part for part in parts) and len(parts) > 2 else ","
    return f"{f'{mark} '.join(parts[:-1])} {conjunction} {parts[-1]}"


def sentence(*parts: str) -> str:
    """Join parts by spaces, start with a capital and end with a full stop.

    Examples
    --------
    >>> sentence("two segments", "stand out")
    'Two segments stand out.'
    """
    text = " ".join(part.strip() for part in parts if part.strip())
    if not text:
        return ""
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?:" else f"{text}."


def short_names(texts: Iterable[str], *, most: int = 60) -> dict[str, str]:
    """
    Shorten those of several texts that are too long to be shown, and keep them apart.

    Parameters
    ----------
    texts : iterable of str
        Categories, for instance.
    most : int
        Characters that are shown.

    Returns
    -------
    dict of str to str
        Each text that is longer, to its beginning and its length; where two would look alike,
        the later one has a number.

    Examples
    --------
    >>> short_names(["Ulm", "x" * 99, "x" * 98 + "y"], most=3).values()
    dict_values(['xxx… (99 characters)', 'xxx… (99 characters, no. 2)'])
    """
    found: dict[str, str] = {}
    seen: dict[str, int] = {}
    for text in dict.fromkeys(texts):
        if len(text) > most:
            begun = f"{text[:most]}… ({len(text):,} characters"
            seen[begun] = seen.get(begun, 0) + 1
            found[text] = begun + (f", no. {seen[begun]})" if seen[begun] > 1 else ")")
    return found


def label(column: str, labels: Mapping[str, str] | None = None) -> str:
    """Name a column in words: the given label, else its name taken apart.

    Examples
    --------
    >>> label("Total_Spending"), label("NumWebPurchases"), label("Recency", {"Recency": "rest"})
    ('total spending', 'web purchases', 'rest')
    """
    if labels and column in labels:
        return str(labels[column])
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_+", " ", column).split()
    parts = [part if part.isupper() and len(part) > 1 else part.lower() for part in parts]
    if len(parts) > 1 and parts[0] in ("num", "mnt", "nr", "no"):
        parts = parts[1:]
    return " ".join(parts) or column


def quantity(value: float | None, name: str, unit: str | None = None) -> str:
    """Say a value together with what it measures, as the object of ``has``.

    A count takes its name after the figure, anything else before it.

    Parameters
    ----------
    value : float or None
        The value.
    name : str
        The label of the column, for instance ``income`` or ``web orders``.
    unit : str, optional
        Its unit; it is not repeated where the name already holds it.

    Examples
    --------
    >>> quantity(76750.22, "income", "money"), quantity(7.89, "web orders", "orders")
    ('an income of 76,750', '7.9 web orders')
    >>> quantity(73.8, "days since the last order", "days"), quantity(1278.6, "spending", "money")
    ('74 days since the last order', 'spending of 1,279')
    """
    noun = _counted(name, unit, one=number(value) == "1")
    if noun is not None:
        return f"{number(value)} {noun}"
    return f"{with_article(name)} of {number(value, unit)}"


def bounded(low: float, high: float, name: str, unit: str | None = None) -> str:
    """Say the bounds of a value together with what it measures.

    Parameters
    ----------
    low, high : float
        The bounds; infinite where there is none.
    name : str
        The label of the column.
    unit : str, optional
        Its unit.

    Examples
    --------
    >>> bounded(6, math.inf, "web orders", "orders"), bounded(-math.inf, 4, "visits")
    ('at least 6 web orders', 'at most 4 visits')
    >>> bounded(30000, 59500, "income", "money"), bounded(2, 2, "web orders", "orders")
    ('an income of 30,000 to 59,500', '2 web orders')
    """
    if math.isinf(low) and math.isinf(high):
        return f"any {name}"
    if low == high:
        return quantity(low, name, unit)
    last = low if math.isinf(high) else high
    noun = _counted(name, unit, one=last == 1)
    if noun is not None:
        figures, ending = (_exact(low), _exact(high)), f" {noun}"
    else:
        figures, ending = (_with_unit(low, unit), _with_unit(high, unit)), ""
    if math.isinf(low):
        said = f"at most {figures[1]}{ending}"
    elif math.isinf(high):
        said = f"at least {figures[0]}{ending}"
    elif noun is not None or _unit(unit)[0] in ("money", "percent", ""):
        said = f"{figures[0]} to {figures[1]}{ending}"
    else:
        said = f"{_exact(low)} to {figures[1]}"
    return said if noun is not None else f"{with_article(name)} of {said}"


def with_article(name: str) -> str:
    """Put ``a`` or ``an`` before a name, or nothing where English has none.

    Examples
    --------
    >>> with_article("income"), with_article("share"), with_article("spending")
    ('an income', 'a share', 'spending')
    """
    if is_plural(name) or name.endswith("ing") or re.match(r"(a|an|the|its|their) ", name):
        return name
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def is_plural(name: str) -> bool:
    """Tell whether a name counts things: its last word, or the word before ``of``, is a plural."""
    head = re.split(r" (?:of|since|per|a|at|in|from|to|by) ", name)[0].split()
    if not head:
        return False
    last = head[-1]
    regular = bool(re.search(r"[^su]s$", last)) and not last.endswith("is")
    return regular or last in IRREGULAR.values()


def stability_word(jaccard: float | None) -> str:
    """Judge the mean Jaccard of a cluster over resamples.

    ``highly stable`` from 0.85, ``stable`` from 0.75, ``doubtful`` from 0.60 (there is a pattern,
    but which customers belong to it is in doubt), else ``unstable``. Source: Hennig 2007,
    *Cluster-wise assessment of cluster stability*, and his documentation of ``clusterboot``.

    Examples
    --------
    >>> stability_word(0.85), stability_word(0.75), stability_word(0.6), stability_word(0.59)
    ('highly stable', 'stable', 'doubtful', 'unstable')
    """
    return _from(value=jaccard, steps=STABILITY_WORDS, least="unstable")


def effect_word(value: float | None, measure: str = "eta_squared", *, categories: int = 2) -> str:
    """Judge an effect size after Cohen (1988): ``large``, ``medium``, ``small``, ``negligible``.

    Parameters
    ----------
    value : float or None
        The effect size, 0 to 1.
    measure : {"eta_squared", "cramers_v"}
        Which it is. Eta squared: 0.01, 0.06, 0.14. Cramer's V is turned into
        w = V sqrt(m - 1), m the smaller side of the table: 0.10, 0.30, 0.50.
    categories : int
        The smaller number of rows or columns, for Cramer's V.

    Examples
    --------
    >>> effect_word(0.6), effect_word(0.185, "cramers_v"), effect_word(0.005)
    ('large', 'small', 'negligible')
    """
    if measure == "eta_squared":
        return _from(value=value, steps=ETA_SQUARED_WORDS, least="negligible")
    if measure != "cramers_v":
        raise ValueError(f"`measure` is {measure!r}; expected 'eta_squared' or 'cramers_v'")
    w = None if value is None else value * math.sqrt(max(categories, 2) - 1)
    return _from(value=w, steps=CRAMER_WORDS, least="negligible")


def _unit(unit: str | None) -> tuple[str, str]:
    """Part a unit into its kind and, for money, its sign."""
    text = (unit or "").strip()
    if text in ("", "none"):
        return "", ""
    if text == "money" or text.startswith("money "):
        return "money", text[5:].strip()
    return text, ""


def _figure(size: float, digits: int | None = None) -> str:
    """Print a size (not negative) with a person's rounding."""
    if math.isinf(size):
        return "unbounded"
    if digits is not None:
        return f"{size:,.{digits}f}"
    if size == 0:
        return "0"
    # The bounds lie where rounding itself would reach the next step.
    if size >= 9.95:
        return f"{size:,.0f}"
    if size >= 0.995:
        return f"{size:.1f}".removesuffix(".0")
    if size < 0.0005:
        return "almost 0"
    decimals = 2 if size >= 0.0995 else 3
    return f"{size:.{decimals}f}".rstrip("0")


def _counted(name: str, unit: str | None, *, one: bool) -> str | None:
    """Give the noun that a figure counts, or None where the name comes before the figure."""
    kind, _ = _unit(unit)
    parts = name.split()
    held = kind not in ("", "money", "percent") and kind.split()[0] in parts
    if not held and (kind in ("money", "percent") or not is_plural(name)):
        return None
    if not one:
        return name
    if held:
        return " ".join(singular(part) if part == kind.split()[0] else part for part in parts)
    return singular(name)


def _exact(value: float) -> str:
    """Print a threshold as it is, without rounding it by its size."""
    return f"{value:,.15g}".replace("-", MINUS)


def _with_unit(value: float, unit: str | None) -> str:
    """Print a threshold as it is, with its unit."""
    kind, sign = _unit(unit)
    if kind == "percent":
        return f"{_exact(value * 100)}%"
    if kind == "money":
        return f"{MINUS if value < 0 else ''}{sign}{_exact(abs(value))}"
    if not kind:
        return _exact(value)
    return f"{_exact(value)} {singular(kind) if value == 1 else kind}"


def _from(value: float | None, steps: Sequence[tuple[float, str]], least: str) -> str:
    if value is None or math.isnan(value):
        return UNKNOWN
    return next((word for bound, word in steps if value >= bound), least)
