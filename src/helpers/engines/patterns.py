"""Java's regular expressions and date formats, and LIKE, in the forms that other databases read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from helpers.engines.values import Refused

TERMINATORS = r"\n\r\x{85}\x{2028}\x{2029}"
CLASSES = {
    "d": "0-9",
    "w": "a-zA-Z0-9_",
    "s": r" \t\n\x0B\f\r",
}
END = "\ue000"
"""Stands for `$` until it is known whether a line feed at the end may be taken along."""
LETTERS = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f"}
SPECIAL = set(r"\.[]{}()*+?^$|")


@dataclass
class Pattern:
    """
    A regular expression that was read, for engines other than Java's.

    Attributes
    ----------
    text : str
        The same for RE2, as DuckDB and BigQuery have it.
    posix : str
        The same for PostgreSQL; empty where it cannot say it.
    groups : int
        How many groups it captures.
    can_be_empty : bool
        Whether it can match nothing at all.
    is_plain : bool
        Whether it stands for one text only; `literal` is that text.
    seeking, posix_seeking : str
        The same where it matters only whether and where it begins: `$` may take a line feed along.
    is_simple : bool
        Whether leftmost-longest engines find the same match as those that try one after the other.
    """

    text: str = ""
    posix: str = ""
    groups: int = 0
    can_be_empty: bool = True
    is_plain: bool = True
    literal: str = ""
    is_simple: bool = True
    seeking: str = ""
    posix_seeking: str = ""


class _Reader:
    """Reads a Java pattern from left to right."""

    def __init__(self, java: str) -> None:
        self.java = java
        self.at = 0
        self.folds = False
        self.found = Pattern()
        self.no_posix = False

    def refuse(self, what: str) -> Refused:
        return Refused(f"the pattern '{self.java}' holds {what}, which is not offered")

    def peek(self, length: int = 1) -> str:
        return self.java[self.at : self.at + length]

    def read(self) -> Pattern:
        if self.peek(4) == "(?i)":
            self.folds = True
            self.at = 4
            if not self.java.isascii():
                raise self.refuse("(?i) beside letters with accents")
        text, empty = self.alternatives()
        if self.at < len(self.java):
            raise self.refuse("a bracket that nothing opens")
        found = self.found
        found.can_be_empty = empty
        found.text = text.replace(END, "$")
        # Java takes `$` to be before a line feed at the end as well.
        found.seeking = text.replace(END, rf"(?:\r\n|[{TERMINATORS}])?\z")
        found.is_plain = found.is_plain and not self.folds
        found.posix = "" if self.no_posix else _posix(found.text)
        found.posix_seeking = "" if self.no_posix else _posix(found.seeking.replace(r"\z", "$"))
        return found

    def alternatives(self) -> tuple[str, bool]:
        branches = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            branches.append(self.sequence())
            self.found.is_plain = self.found.is_simple = False
        return "|".join(text for text, _ in branches), any(empty for _, empty in branches)

    def sequence(self) -> tuple[str, bool]:
        parts: list[str] = []
        empty = True
        while self.at < len(self.java) and self.peek() not in "|)":
            part, width, single = self.atom()
            part, optional = self.quantified(part, single=single)
            parts.append(part)
            empty = empty and (width == 0 or optional)
        return "".join(parts), empty

    def quantified(self, part: str, *, single: bool) -> tuple[str, bool]:
        found = re.compile(r"[*+?]|\{\d+(,\d*)?\}").match(self.java, self.at)
        if not found:
            return part, False
        self.found.is_plain = False
        self.at = found.end()
        text = found.group()
        if text.startswith("{") and max(map(int, re.findall(r"\d+", text))) > 1000:
            raise self.refuse("a number of repeats above 1,000")
        if self.peek() == "+":
            raise self.refuse("a possessive quantifier")
        lazy = self.peek() == "?"
        if lazy:
            self.at += 1
            self.found.is_simple = False
        if not single:
            self.found.is_simple = False
        if re.compile(r"[*+?{]").match(self.java, self.at):
            raise self.refuse("a quantifier of a quantifier")
        optional = text in "*?" or text.startswith("{0")
        return part + text + ("?" if lazy else ""), optional

    def atom(self) -> tuple[str, int, bool]:
        """One part: its text, the least number of letters that it takes, and whether it is one."""
        letter = self.peek()
        self.at += 1
        if letter == "(":
            return self.group()
        if letter == "[":
            self.found.is_plain = False
            return self.set(), 1, True
        if letter == "\\":
            return self.escape()
        if letter == ".":
            self.found.is_plain = False
            return f"[^{TERMINATORS}]", 1, True
        if letter == "^":
            self.found.is_plain = False
            return "^", 0, False
        if letter == "$":
            self.found.is_plain = False
            if self.at < len(self.java) and self.peek() not in ")|":
                raise self.refuse("$ within it")
            return END, 0, False
        if letter in "*+?{":
            raise self.refuse(f"'{letter}' with nothing before it")
        return self.plain(letter), 1, True

    def plain(self, letter: str) -> str:
        self.found.literal += letter
        if self.folds and letter.isalpha():
            return f"[{letter.lower()}{letter.upper()}]"
        if letter in "\x00" + END:
            raise self.refuse("a character of no text")
        return f"\\{letter}" if letter in SPECIAL else letter

    def group(self) -> tuple[str, int, bool]:
        self.found.is_plain = False
        opening = "("
        if self.peek() == "?":
            if self.peek(2) != "?:":
                raise self.refuse(f"'({self.peek(3)}'")
            opening = "(?:"
            self.at += 2
        else:
            self.found.groups += 1
        inner, empty = self.alternatives()
        if self.peek() != ")":
            raise self.refuse("a bracket that nothing closes")
        self.at += 1
        return f"{opening}{inner})", 0 if empty else 1, False

    def escape(self) -> tuple[str, int, bool]:
        letter = self.peek()
        self.at += 1
        if letter.lower() in CLASSES and letter:
            self.found.is_plain = False
            negated = "^" if letter.isupper() else ""
            return f"[{negated}{CLASSES[letter.lower()]}]", 1, True
        if letter in LETTERS and letter:
            self.found.literal += {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}[letter]
            return LETTERS[letter], 1, True
        if letter in ("b", "B"):
            self.found.is_plain = False
            self.no_posix = True
            return f"\\{letter}", 0, False
        if not letter or letter.isalnum():
            raise self.refuse(f"'\\{letter}'")
        return self.plain(letter), 1, True

    def set(self) -> str:
        text = "["
        if self.peek() == "^":
            self.at += 1
            text += "^"
        first = True
        while True:
            letter = self.peek()
            if not letter:
                raise self.refuse("a bracket that nothing closes")
            self.at += 1
            if letter == "]" and not first:
                return text + "]"
            first = False
            if letter in "[]" or self.java[self.at - 1 : self.at + 1] == "&&":
                raise self.refuse(f"'{letter}' within square brackets")
            if letter == "\\":
                letter = self.peek()
                self.at += 1
                if letter in CLASSES and letter:
                    text += CLASSES[letter]
                elif letter in LETTERS and letter:
                    text += LETTERS[letter]
                elif letter and letter.isascii() and not letter.isalnum():
                    text += f"\\{letter}"
                else:
                    raise self.refuse(f"'\\{letter}' within square brackets")
                continue
            if self.folds and letter.isalpha():
                if self.peek() == "-" and self.peek(2)[1:] not in ("", "]"):
                    last = self.peek(2)[1:]
                    self.at += 2
                    if not last.isalpha() or letter.islower() != last.islower():
                        raise self.refuse(f"'{letter}-{last}' beside (?i)")
                    for case in (str.lower, str.upper):
                        text += f"{case(letter)}-{case(last)}"
                else:
                    text += letter.lower() + letter.upper()
                continue
            plain = letter.isalnum() or letter in "-_ ," or not letter.isascii()
            text += letter if plain else f"\\{letter}"


def _posix(text: str) -> str:
    """The same pattern for PostgreSQL, which writes letters by number otherwise."""
    return re.sub(
        r"\\x\{([0-9a-fA-F]+)\}", lambda m: f"\\u{int(m.group(1), 16):04x}", text
    ).replace(r"\x0B", r"\x0b")


def read_pattern(java: str) -> Pattern:
    """
    Read a regular expression in Java's syntax.

    Raises
    ------
    Refused
        Where it holds what the other engines do not know, or understand otherwise.

    Examples
    --------
    >>> read_pattern("a[0-9]+").text
    'a[0-9]+'
    >>> read_pattern(",").literal
    ','
    """
    return _Reader(java).read()


def read_replacement(java: str, groups: int) -> list[str | int]:
    r"""
    Read the replacement of `regexp_replace`: texts, and numbers of groups.

    Examples
    --------
    >>> read_replacement(r"[$1]\$", 1)
    ['[', 1, ']$']
    """
    parts: list[str | int] = []
    at = 0

    def add(text: str) -> None:
        if parts and isinstance(parts[-1], str):
            parts[-1] += text
        else:
            parts.append(text)

    while at < len(java):
        letter = java[at]
        at += 1
        if letter == "\\":
            if at == len(java):
                raise Refused("the replacement ends in a backslash")
            add(java[at])
            at += 1
        elif letter == "$":
            if not java[at : at + 1].isdigit():
                raise Refused("the replacement holds a $ that is followed by no number of a group")
            number = int(java[at])
            at += 1
            while java[at : at + 1].isdigit() and number * 10 + int(java[at]) <= groups:
                number = number * 10 + int(java[at])
                at += 1
            if number > groups or number > 9:
                raise Refused(f"the pattern has no group {number}")
            parts.append(number)
        else:
            add(letter)
    return parts


def like_parts(pattern: str, escape: str) -> list[tuple[str, bool]]:
    """
    Read a pattern of LIKE: letters, and whether each stands for others (`%`, `_`).

    Raises
    ------
    Refused
        Where the escape stands before another letter, or at the end.
    """
    parts: list[tuple[str, bool]] = []
    at = 0
    while at < len(pattern):
        letter = pattern[at]
        at += 1
        if letter == escape:
            following = pattern[at : at + 1]
            if following not in ("%", "_", escape) or not following:
                raise Refused(
                    f"the pattern '{pattern}' holds the escape {escape} before something other "
                    "than %, _ or itself"
                )
            parts.append((following, False))
            at += 1
        else:
            parts.append((letter, letter in "%_"))
    return parts


class DatePart(NamedTuple):
    """One field or separator of a date format."""

    letters: str
    is_field: bool


# Java's letters: strptime or strftime of DuckDB, to_char of PostgreSQL, how it is written.
READ_FIELDS = {
    "yyyy": ("%Y", "YYYY", r"[0-9]{4}"),
    "MM": ("%m", "MM", r"[0-9]{2}"),
    "M": ("%m", "MM", r"[0-9]{1,2}"),
    "dd": ("%d", "DD", r"[0-9]{2}"),
    "d": ("%d", "DD", r"[0-9]{1,2}"),
    "HH": ("%H", "HH24", r"[0-9]{2}"),
    "H": ("%H", "HH24", r"[0-9]{1,2}"),
    "mm": ("%M", "MI", r"[0-9]{2}"),
    "ss": ("%S", "SS", r"[0-9]{2}"),
    "MMM": ("%b", "", "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"),
    "MMMM": (
        "%B",
        "",
        "(?:January|February|March|April|May|June|July|August|September|October|November|December)",
    ),
}
SHOWN_FIELDS = {
    "yyyy": ("%Y", "YYYY"),
    "y": ("%Y", "FMYYYY"),
    "yy": ("%y", "YY"),
    "MM": ("%m", "MM"),
    "M": ("%-m", "FMMM"),
    "MMM": ("%b", "Mon"),
    "MMMM": ("%B", "FMMonth"),
    "dd": ("%d", "DD"),
    "d": ("%-d", "FMDD"),
    "D": ("%-j", "FMDDD"),
    "E": ("%a", "Dy"),
    "EE": ("%a", "Dy"),
    "EEE": ("%a", "Dy"),
    "EEEE": ("%A", "FMDay"),
    "HH": ("%H", "HH24"),
    "H": ("%-H", "FMHH24"),
    "hh": ("%I", "HH12"),
    "h": ("%-I", "FMHH12"),
    "mm": ("%M", "MI"),
    "m": ("%-M", "FMMI"),
    "ss": ("%S", "SS"),
    "s": ("%-S", "FMSS"),
    "SSS": ("%g", "MS"),
    "a": ("%p", "AM"),
}


def date_parts(java: str, fields: Mapping[str, tuple[str, ...]]) -> list[DatePart]:
    """
    Cut a date format of Java into its fields and what stands between them.

    Raises
    ------
    Refused
        Where it holds a field that is not offered.

    Examples
    --------
    >>> [part.letters for part in date_parts("dd-MM-yyyy", READ_FIELDS)]
    ['dd', '-', 'MM', '-', 'yyyy']
    """
    parts: list[DatePart] = []
    for found in re.finditer(r"'((?:[^']|'')*)'|([a-zA-Z])\2*|[^a-zA-Z']|'", java):
        text = found.group()
        if text.startswith("'"):
            if found.group(1) is None:
                raise Refused(f"the date format '{java}' holds an open quote")
            parts.append(DatePart(found.group(1).replace("''", "'") or "'", False))
        elif text[0].isalpha():
            if text not in fields:
                raise Refused(
                    f"the date format '{java}' holds `{text}`, which is not offered: "
                    f"{', '.join(fields)} are"
                )
            parts.append(DatePart(text, True))
        elif text in "[]{}#":
            raise Refused(f"the date format '{java}' holds `{text}`, which is not offered")
        else:
            parts.append(DatePart(text, False))
    return parts
