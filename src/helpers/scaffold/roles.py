"""What each column of a table is taken for, and why: keys, codes, measures, outcomes, flags."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from helpers import words
from helpers.params.column_names import (
    MEASURE_WORDS,
    ends_as_key,
    has_currency,
    has_measure_word,
    is_bare_key,
    is_code,
    is_count,
    is_person_key,
    is_row_number,
    names_a_person,
    time_unit,
)
from helpers.params.vocabulary import TRUE_FALSE, fold, says, words_of
from helpers.preparation.privacy import has_many_values, is_private
from helpers.scaffold.measures import Measures

MOST_MISSING = 0.4
"""A column with more gaps than this is no feature."""
MOST_ALIKE = 0.95
"""A number of which more rows than this hold the same is no feature."""
MOST_CATEGORIES = 20
FEW_NUMBERS = 10
"""So many different whole numbers, without the name of a measure, are a code."""
SENTINELS = (-1, -9, -99, -999, -9999, -99999, 99, 999, 9999, 99999, 999999, 9999999)
SENTINEL_FROM = 0.005
"""A sentinel is held by at least this share of the rows."""
SCALE_COLUMNS = 4
"""So many columns with the same few whole numbers are the items of a rating scale."""

KINDS = ("key", "measure", "outcome", "flag", "category", "date", "left out")
GOES_FIRST = ("recency", "frequency", "monetary", "tenure", "income", "age", "visits")
"""Parts that a measure can play; such a column is kept before another that says the same."""

# Words of an outcome that are the good or the plain end of it: the other text is what happened.
STAYED = frozenset(
    (
        *(
            "existing",
            "current",
            "active",
            "stayed",
            "retained",
            "good",
            "paid",
            "no",
            "non",
            "not",
        ),
        *("false", "kept", "keep", "in", "none", "normal", "negative", "loyal", "without", "fully"),
        *("nein", "bestand", "bestehend", "aktiv", "actif", "activo", "ativo", "attivo", "actief"),
        *("aktif", "mevcut"),
    )
)


@dataclass(frozen=True)
class Role:
    """
    What one column is taken for.

    `kind` is one of `KINDS`. `part` is what a measure tells: one of `GOES_FIRST`, or `orders`,
    `calls`, `earned`, `birth`, `start` and the like; empty where its name says nothing. `reason`
    is why, as the end of a sentence. `true` and `false` are the texts of a flag, where it has
    such. `sentinel` is a number that stands for a missing value. `is_private` is whether no
    value of it may be shown.
    """

    name: str
    kind: str
    reason: str
    part: str = ""
    unit: str = ""
    true: str = ""
    false: str = ""
    sentinel: float | None = None
    is_private: bool = False
    rank: int = 9

    @property
    def is_key(self) -> bool:
        """Whether it names customers or rows."""
        return self.kind == "key"


@dataclass(frozen=True)
class Context:
    """What the table as a whole is about, from the names of all its columns."""

    is_bank: bool = False
    is_health: bool = False
    has_bodies: bool = False
    scales: frozenset[str] = field(default_factory=frozenset)


def context_of(measures: Mapping[str, Measures]) -> Context:
    """
    Tell what a table is about.

    A table that speaks of loans, limits or debts is a bank's: a payment or a charge there is not
    earned. In one about health charges are claims. Columns that share the same few whole numbers
    are items of one scale.
    """
    shapes: dict[tuple[float, float], list[str]] = {}
    for name, one in measures.items():
        if one.whole and 3 <= one.distinct <= FEW_NUMBERS + 1 and one.high - one.low <= FEW_NUMBERS:
            shapes.setdefault((one.low, one.high), []).append(name)
    items = [name for names in shapes.values() if len(names) >= SCALE_COLUMNS for name in names]
    return Context(
        is_bank=any(says(name, "bank") for name in measures),
        is_health=any(says(name, "health") for name in measures),
        has_bodies=any(says(name, "body") for name in measures),
        scales=frozenset(items),
    )


def roles_of(measures: Mapping[str, Measures]) -> dict[str, Role]:
    """
    Tell what each column of a table is taken for.

    Parameters
    ----------
    measures : mapping of str to Measures
        From `helpers.scaffold.measures.measure`.

    Returns
    -------
    dict of str to Role
        In the same order. At most one key has rank below 9 and is chosen by `likely_id`.
    """
    context = context_of(measures)
    return {name: role_of(one, context) for name, one in measures.items()}


def role_of(one: Measures, context: Context = Context()) -> Role:
    """
    Tell what one column is taken for.

    Parameters
    ----------
    one : Measures
        The column.
    context : Context
        What its table is about.

    Returns
    -------
    Role
        The first rule that fits decides: empty and constant columns, keys, what names a person,
        two values, dates, codes, measures.
    """
    if one.held == 0:
        return Role(one.name, "left out", "every cell is empty")
    if one.distinct == 1:
        return Role(one.name, "left out", "every row holds the same value")
    for rule in (_key, _personal, _result, _two_valued, _date, _text, _special_number, _measure):
        role = rule(one, context)
        if role is not None:
            return role
    raise AssertionError(one.name)


def likely_id(roles: Mapping[str, Role], measures: Mapping[str, Measures]) -> str:
    """
    Choose the column that names a customer.

    Parameters
    ----------
    roles, measures
        Of the table.

    Returns
    -------
    str
        A key that is whole and unique: of a person before any other, never a row number; of
        equal ones the first. Empty where there is none.
    """
    fit = [role for role in roles.values() if role.is_key and measures[role.name].is_unique]
    fit = [role for role in fit if role.rank < 9]
    return min(fit, key=lambda role: role.rank).name if fit else ""


# Keys


def _key(one: Measures, context: Context) -> Role | None:
    if one.type in ("date", "flag") or (one.is_number and not one.whole):
        return None
    if one.is_zero_one or one.distinct == 2:
        return None
    told = words_of(one.name)
    is_named = is_bare_key(one.name) or bool(says(one.name, "person")) or has_measure_word(one.name)
    if one.is_counting and (is_row_number(one.name) or not is_named):
        return _found(one, "key", "numbers the rows", private=True)
    if is_row_number(one.name) and one.is_unique:
        return _found(one, "key", "a row number by its name", private=True)
    is_alone = len(told) == 1 and not ends_as_key(one.name)
    if is_person_key(one.name) and not (is_alone and one.distinct < 0.5 * one.held):
        return _key_role(one, 0, "names a customer by its name")
    if is_bare_key(one.name):
        return _key_role(one, 1, "a key by its name")
    if one.uuids and one.uuids >= 0.95 * one.held:
        return _key_role(one, 2, "holds UUIDs or hashes")
    if says(one.name, "other key") and ends_as_key(one.name):
        if one.distinct <= MOST_CATEGORIES or one.distinct < 0.5 * one.held:
            return None
        return _key_role(one, 3, "a key of something by its name")
    if one.is_number:
        digits = len(f"{one.high:.0f}") == len(f"{one.low:.0f}") >= 5
        is_named = has_measure_word(one.name) or is_code(one.name)
        if one.is_unique and digits and not is_named and one.rows >= 20:
            return _key_role(one, 4, f"a number of {len(f'{one.high:.0f}')} digits")
        return None
    if one.is_unique and one.longest <= 64 and not names_a_person(one.name):
        return _key_role(one, 5, "every row has a text of its own")
    return None


def _key_role(one: Measures, rank: int, why: str) -> Role:
    if one.is_unique:
        return _found(one, "key", f"{why}, unique", private=True, rank=rank)
    if one.held < one.rows and one.held == one.distinct:
        return _found(one, "key", f"{why}, with {words.plural(_gaps(one), 'gap')}", private=True)
    repeats = words.plural(one.held - one.distinct, "row")
    return _found(one, "key", f"{why}; {repeats} repeat another one's", private=True)


def _gaps(one: Measures) -> int:
    return one.rows - one.held


# What names a person, and results of other models


def _personal(one: Measures, context: Context) -> Role | None:
    if one.distinct <= 2 or one.type in ("date", "flag") or (one.is_number and not one.whole):
        return None
    if one.is_number and (one.distinct <= MOST_CATEGORIES or not says(one.name, "contact")):
        return None
    if names_a_person(one.name) and is_private(one.name, held=one.held, distinct=one.distinct):
        return _left(one, "names people or how to reach them", private=True)
    return None


def _result(one: Measures, context: Context) -> Role | None:
    found = says(one.name, "own result")
    if not found or any(word.startswith(("cluster", "segment")) for word in found):
        return None
    return _left(one, "looks like the output of another model")


# Two values


def _two_valued(one: Measures, context: Context) -> Role | None:
    if one.distinct != 2:
        return None
    is_outcome = bool(says(one.name, "outcome"))
    texts = _truth_of(one, is_outcome=is_outcome)
    if texts is None:
        if one.is_number and not (one.whole and one.type == "integer"):
            return _left(one, "only two different values, and neither 0 nor 1")
        return Role(one.name, "category", "two values")
    true, false = texts
    kind = "outcome" if is_outcome else "flag"
    why = "an outcome by its name, two values" if is_outcome else "two values"
    if one.missing_share > MOST_MISSING:
        return Role(one.name, "left out", _too_many_gaps(one))
    return Role(one.name, kind, why, true=true, false=false)


def _truth_of(one: Measures, *, is_outcome: bool) -> tuple[str, str] | None:
    """The texts for true and false; both empty where the reader knows them by itself."""
    if one.type == "flag" or one.is_zero_one:
        return "", ""
    if one.is_number:
        return None
    held = [str(value) for value, _ in one.top]
    folded = {fold(value.strip()): value for value in held}
    if len(folded) < 2:
        return None
    for true, false in TRUE_FALSE:
        if set(folded) == {true, false}:
            return folded[true], folded[false]
    if not is_outcome:
        return None
    told = {value: set(words_of(value)) for value in held}
    happened = [value for value in held if _happened(value, told[value], one.name)]
    if len(happened) == 1:
        (true_text,) = happened
    else:
        true_text = held[-1]
    (false_text,) = [value for value in held if value != true_text]
    return true_text, false_text


def _happened(text: str, told: set[str], name: str) -> bool:
    """Whether a text says that an outcome came about."""
    if told & STAYED:
        return False
    return bool(says(text, "outcome")) or bool(told & set(words_of(name)))


# Dates and texts


def _date(one: Measures, context: Context) -> Role | None:
    if one.type != "date":
        return None
    if one.missing_share > MOST_MISSING:
        return Role(one.name, "left out", _too_many_gaps(one))
    if says(one.name, "birth"):
        return Role(one.name, "date", "a date of birth: age in years is derived", "birth", "years")
    if says(one.name, "start") and not says(one.name, "last"):
        return Role(
            one.name, "date", "a first date: days as a customer are derived", "tenure", "days"
        )
    if says(one.name, "last") and not says(one.name, "other event"):
        return Role(one.name, "date", "a last date: days since are derived", "recency", "days")
    return Role(one.name, "date", "a date: days since are derived", "", "days")


def _text(one: Measures, context: Context) -> Role | None:
    if one.is_number:
        return None
    if one.missing_share > MOST_MISSING:
        return Role(one.name, "left out", _too_many_gaps(one), is_private=_has_many_values(one))
    if one.distinct > 0.5 * one.held and one.held > 4:
        return _left(one, "nearly every row has a text of its own", private=True)
    if one.distinct > MOST_CATEGORIES:
        return _left(
            one,
            f"{one.distinct:,} different texts, more than {MOST_CATEGORIES}",
            private=_has_many_values(one),
        )
    return Role(one.name, "category", f"{words.plural(one.distinct, 'different text')}")


def _has_many_values(one: Measures) -> bool:
    return has_many_values(held=one.held, distinct=one.distinct)


# Numbers that measure nothing


def _special_number(one: Measures, context: Context) -> Role | None:
    name = one.name
    if says(name, "position"):
        return _left(one, "a place on the map", private=True)
    if says(name, "weight") and not context.has_bodies and not says(name, "body"):
        return _left(one, "a case weight: it says for how many a row stands, not what it is like")
    if _is_birth_year(one) or _is_start_year(one):
        return None
    if _is_calendar(one):
        if one.distinct <= 12 and one.held >= 5 * one.distinct:
            return Role(name, "category", "a part of the calendar, which measures nothing")
        return _left(one, "a part of the calendar, which measures nothing")
    if one.whole and is_code(name):
        return _code(one, "a code by its name")
    if one.missing_share > MOST_MISSING:
        return _left(one, _too_many_gaps(one))
    if (
        one.whole
        and one.distinct <= FEW_NUMBERS
        and one.high - one.low <= 20
        and not has_measure_word(name)
        and not says(name, "item")
        and name not in context.scales
        and one.held >= 10 * one.distinct
        and not one.is_counting
        and one.distinct <= 6
        and one.low >= 1
    ):
        return _code(one, "few different whole numbers, and no name of a measure")
    return None


def _code(one: Measures, why: str) -> Role:
    if one.missing_share > MOST_MISSING:
        return _left(one, _too_many_gaps(one))
    if one.distinct <= MOST_CATEGORIES and one.distinct <= 0.5 * one.held:
        return Role(one.name, "category", f"{why}, {one.distinct} different ones")
    return _left(one, f"{why}, {one.distinct:,} different ones", private=_has_many_values(one))


CALENDAR_ENDS = {
    "year": (1900, 2100),
    "month": (1, 12),
    "week": (0, 53),
    "day": (1, 31),
    "weekday": (0, 7),
    "hour": (0, 24),
    "quarter": (1, 4),
    "minute": (0, 59),
    "season": (1, 4),
}


def _is_calendar(one: Measures) -> bool:
    told = [word for word in words_of(one.name) if not word.isdigit()]
    found = says(one.name, "calendar")
    if not one.whole or not found or not told or is_count(one.name):
        return False
    if any(says(one.name, concept) for concept in (*MEASURE_WORDS, "since", "last", "average")):
        return False
    closing = told[-1] in found or (told[-1] in ("number", "no", "nr") and told[-2:-1] != ["per"])
    if not closing and not (len(told) > 2 and told[0] in found and told[1] in ("of", "de", "du")):
        return False
    return one.low >= 0 and (one.high <= 53 or (one.low >= 1900 and one.high <= 2100))


# Measures


def _measure(one: Measures, context: Context) -> Role | None:
    part, unit, why = _part_of(one, context)
    sentinel = _sentinel(one, part)
    if sentinel is not None:
        share = (one.at_low if sentinel == one.low else one.at_high) / one.rows
        if share + one.missing_share > MOST_MISSING:
            return _left(
                one, f"{sentinel:g} stands in {words.percent(share)} of the rows: no value there"
            )
        return Role(one.name, "measure", why, part, unit, sentinel=sentinel)
    if one.missing_share > MOST_MISSING:
        return _left(one, _too_many_gaps(one))
    if one.top_share > MOST_ALIKE:
        value = one.top[0][0]
        return _left(one, f"{words.percent(one.top_share)} hold {_figure(value)}")
    if not one.q99 > one.q01:
        return _left(one, "hardly any two rows differ")
    return Role(one.name, "measure", why, part, unit)


def _figure(value: object) -> str:
    return f"{float(str(value)):g}"


def _part_of(one: Measures, context: Context) -> tuple[str, str, str]:
    """What a measure tells, its unit, and how that is known."""
    name = one.name
    for part, test in PARTS.items():
        if test(one, context):
            return part, _unit(part, one), "by its name"
    unit = time_unit(name)
    if unit:
        return "", unit, "by its name"
    if says(name, "change"):
        return "", "", "a change by its name"
    amounts = not one.whole and one.high >= 100 and bool(says(name, "orders"))
    if says(name, "money") or says(name, "charged") or has_currency(name) or amounts:
        return "", "money", "by its name"
    if name in context.scales:
        return "score", "", "one of several columns on the same scale"
    return "", "", "a number that varies"


def _unit(part: str, one: Measures) -> str:
    time = time_unit(one.name)
    return {
        "recency": time or "days",
        "frequency": "orders",
        "orders": "orders",
        "earned": "money",
        "tenure": time or ("months" if one.high <= 130 else "days"),
        "income": "money",
        "age": "years",
        "birth": "years",
        "start": "years",
        "visits": "visits",
        "calls": "calls",
        "percent": "percent" if one.low >= 0 and one.high <= 1 else "",
    }.get(part, "")


def _is_birth_year(one: Measures) -> bool:
    return one.whole and bool(says(one.name, "birth")) and one.low >= 1850 and one.high <= 2100


def _is_start_year(one: Measures) -> bool:
    is_year = one.whole and one.low >= 1900 and one.high <= 2100 and one.high > one.low
    return is_year and bool(says(one.name, "start") or says(one.name, "since"))


def _is_age(one: Measures, context: Context) -> bool:
    told = words_of(one.name)
    plain = says(one.name, "age") and not says(one.name, "average") and 14 <= one.q50 <= 100
    things = ("account", "policy", "contract", "vehicle", "car", "group")
    other = any(word in told for word in things)
    return bool(plain) and not other and one.low >= -1 and one.high <= 130


def _is_recency(one: Measures, context: Context) -> bool:
    name = one.name
    if not says(name, "recency") and not (says(name, "last") and says(name, "event")):
        return False
    told = words_of(name)
    if says(name, "start") or says(name, "other event") or says(name, "score"):
        return False
    blocked = ("earned", "charged", "not earned") if not says(name, "recency") else ("earned",)
    amounts = [word for concept in blocked for word in says(name, concept)]
    amounts = [word for word in amounts if not time_unit(word) and word not in ("day", "days")]
    within = "last" in told and says(" ".join(told[told.index("last") + 1 :]), "window")
    since = bool(says(name, "since")) or bool(says(name, "recency"))
    return not amounts and (since or not within) and one.low >= -1 and not is_count(name)


def _is_tenure(one: Measures, context: Context) -> bool:
    if one.low < -1 or says(one.name, "other event"):
        return False
    if says(one.name, "tenure"):
        return True
    since_start = says(one.name, "start") and (says(one.name, "since") or time_unit(one.name))
    return bool(since_start) and not says(one.name, "last")


def _is_income(one: Measures, context: Context) -> bool:
    return bool(says(one.name, "income")) and not says(one.name, "earned")


def _is_frequency(one: Measures, context: Context) -> bool:
    if not says(one.name, "frequency") or one.low < 0:
        return False
    return one.high > 1.5 and not says(one.name, "score")


def is_money_earned(one: Measures, context: Context) -> bool:
    """
    Whether a number is money that customers bring, by its name and its values.

    It is where the name speaks of sales, revenue, spending, premiums and the like, or of amounts
    and charges outside of a bank's or a health table, or of purchases that are no whole numbers;
    and where it speaks of nothing else that is money, time, a count or a change of these, and no
    value is below 0.
    """
    name = one.name
    if one.low < 0 or not one.high > 0 or time_unit(name) or is_count(name):
        return False
    told = says(name, "earned")
    rest = " ".join(words_of(name))
    for phrase in told:
        rest = rest.replace(phrase, " ")
    against = [
        word
        for concept in ("not earned", "score", "percent", "children", "age", "visits", "calls")
        for word in says(rest, concept)
    ]
    if against or one.distinct <= 2:
        return False
    if told:
        return True
    if says(name, "charged"):
        return not context.is_bank and not context.is_health
    amounts = not one.whole and one.high >= 100 and not says(name, "average")
    return amounts and bool(says(name, "orders")) and not says(name, "frequency")


def _is_orders(one: Measures, context: Context) -> bool:
    name = one.name
    if not says(name, "orders") or one.low < 0:
        return False
    rest = [word for word in words_of(name) if not word.isdigit()]
    if any(says(name, concept) for concept in ("percent", "score", "frequency", "charged")):
        return False
    if says(name, "change") or "discount" in rest or "cashback" in rest:
        return False
    return one.whole or one.high < 1000


def _is_visits(one: Measures, context: Context) -> bool:
    return bool(says(one.name, "visits")) and one.low >= 0 and not time_unit(one.name)


def _is_calls(one: Measures, context: Context) -> bool:
    return bool(says(one.name, "calls")) and one.whole and one.low >= 0


def _is_percent(one: Measures, context: Context) -> bool:
    shares = says(one.name, "percent") or says(one.name, "frequency")
    return bool(shares) and one.low >= 0 and one.high <= 100


PARTS: dict[str, Callable[[Measures, Context], bool]] = {
    "birth": lambda one, context: _is_birth_year(one),
    "start": lambda one, context: _is_start_year(one),
    "recency": _is_recency,
    "tenure": _is_tenure,
    "age": _is_age,
    "earned": is_money_earned,
    "income": _is_income,
    "frequency": _is_frequency,
    "percent": _is_percent,
    "visits": _is_visits,
    "orders": _is_orders,
    "calls": _is_calls,
    "children": lambda one, context: bool(says(one.name, "children")),
    "score": lambda one, context: bool(says(one.name, "score")),
}
"""What a measure can tell, and the test of each; the first that holds counts."""


def _sentinel(one: Measures, part: str) -> float | None:
    """A number that stands for a missing value: far from all others, and held by many."""
    if not one.is_number or not one.whole:
        return None
    least = max(2, SENTINEL_FROM * one.rows)
    if one.low in SENTINELS and one.low < 0 <= one.above_low and one.at_low >= least:
        return one.low
    if one.high in SENTINELS and one.high > 0 and one.at_high >= least:
        inside = one.below_high
        if inside > 0 and one.high >= 3 * inside and one.low >= 0:
            return one.high
    return None


# Small parts


def _found(one: Measures, kind: str, why: str, *, private: bool = False, rank: int = 9) -> Role:
    return Role(one.name, kind, why, is_private=private, rank=rank)


def _left(one: Measures, why: str, *, private: bool = False) -> Role:
    return Role(one.name, "left out", why, is_private=private)


def _too_many_gaps(one: Measures) -> str:
    return f"{words.percent(one.missing_share)} of the rows have no value"
