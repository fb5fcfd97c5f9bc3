"""Candidates: the lines that look like the heading of a unit, found with one compiled pattern a
profile.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from operator import attrgetter
from typing import Final, NamedTuple

from adapters.readers.numbers.number_words import word_value
from adapters.readers.numbers.numbering import Order, clean_number, order_of, roman_value
from adapters.readers.profiles.base import HeadingWord, NumberPlace, Profile, UnitRole
from adapters.readers.text.normalised import View

MAX_TITLE_CHARS: Final = 300
_LEAD: Final = r" \t#>*_\\“”„«»‘’\"'\[("  # may stand before a heading
AMENDED: Final = r"[►▼][A-Z]\d{0,3}"
"""`►M1`: which amendment wrote what follows, in consolidated laws of the EU."""
_GAP: Final = r"(?:[ \t]*+(?:\n[ \t]*+)?)"
# `III4` at a line's end is III with a footnote
_END: Final = r"(?:(?<=[IVX])\d{1,2}(?=[ \t]*\n))?(?![\w/%])(?!,\d)"
# between a number and the words after it; `2.4 Scope` is number 2 with footnote 4 where 2.4 is none
_SEPARATOR: Final = (
    r"[.:)\]\-–—*_|]*+(?:[ \t]++[\-–—:.](?=[ \t\n])|(?<=\d\.)\d{1,3}(?=[ \t])"
    r"|(?<=\d[a-zđ]\.)\d{1,3}(?=[ \t]))?"
)
_QUOTES: Final = frozenset("“”„«»‘’\"'")
_ORDINAL_SIGN: Final = re.compile(
    r"(?<=\d)\.?[ºª°ş](?!\w)"
)  # the last is what a wrong code page made of the first
_ORDINAL_LETTER: Final = re.compile(r"(?<=\d)[ ]?o(?!\w)")
_THOUSANDS: Final = re.compile(r"(?<=\d)\.(?=\d{3}(?!\d))")
_SIGNS: Final = frozenset("#*_")
_TRAILING: Final = re.compile(r"[ \t]+#+$|[*_]+$")


_new_order: Final = partial(
    tuple.__new__, Order
)  # without the arguments' names and defaults, which take longer

offset_of: Final = attrgetter("at")
"""The order of candidates in the text."""


@dataclass(slots=True)
class Candidate:
    """A line that may head a unit.

    Offsets are the view's; `at` is the start of its line, `rest_at` what follows the number.
    """

    at: int
    rest_at: int
    word: HeadingWord | None
    kind: str
    role: UnitRole
    label: str
    number: str
    order: Order
    sep: str
    rest: str
    quoted: bool
    depth: int = 0  # of the heading that the format declares; 0 for none
    weight: float = 0.0
    title: str = ""
    title_end: int = 0  # where the heading ends, in the view
    rank: int = 0  # 0 highest: what a unit's parent is decided by
    restarts: bool = False  # numbering starts again here


class _Branch(NamedTuple):
    """Words that take the same numbers, told apart by their form, spaces folded.

    The others are groups of the pattern.
    """

    words: dict[str, HeadingWord]
    groups: tuple[int, ...]  # lead, label, form, number, separator, rest of the line


@dataclass(frozen=True, slots=True)
class _Scanner:
    """One pattern for all words of a profile, and its branches by the group that holds word and
    number.
    """

    pattern: re.Pattern[str]
    branches: dict[int, _Branch]


@cache
def _scanner(profile: Profile) -> _Scanner:
    groups: dict[tuple[object, ...], list[HeadingWord]] = {}
    for word in profile.words:
        groups.setdefault((word.role, word.place, word.numbers, word.bare), []).append(word)
    branches = [_branch(words, i, profile) for i, words in enumerate(groups.values())]
    prefixes = "|".join(profile.prefixes)
    first = _first_letters(profile)
    starts = rf"(?=[{_LEAD}►▼{first}]{'|' if prefixes else ''}{prefixes})"
    line = rf"\n{starts}(?:{AMENDED}[ \t]+)?(?P<lead>[{_LEAD}]*+)(?:{prefixes})?"
    pattern = re.compile(f"{line}(?=[{first}])(?:{'|'.join(branches)})")
    at = pattern.groupindex
    found = {
        at[f"w{i}"]: _Branch(
            _by_form(words), (at["lead"], *(at[f"{group}{i}"] for group in "lfnsr"))
        )
        for i, words in enumerate(groups.values())
    }
    return _Scanner(pattern, found)


def _by_form(words: Sequence[HeadingWord]) -> dict[str, HeadingWord]:
    found = {}
    for word in reversed(words):
        for form in word.forms:
            found[form] = found[form.upper()] = replace(word, is_plural=form in word.plurals)
    return found


def _branch(words: Sequence[HeadingWord], i: int, profile: Profile) -> str:
    """Words, their number and the rest of the line, whose group is the last to close."""
    separator = rf"(?P<s{i}>{_SEPARATOR})"
    label = _numbered(words, i, profile)
    return rf"(?P<w{i}>(?P<l{i}>{label})[ \t]*+{separator}[ \t]*+(?P<r{i}>[^\n]*+))"


def _numbered(words: Sequence[HeadingWord], i: int, profile: Profile) -> str:
    forms = f"(?P<f{i}>{_forms(words)})"
    numbers = "|".join(words[0].numbers)
    if words[0].place is NumberPlace.NONE:
        return rf"{forms}(?P<n{i}>)(?=[ \t]*[.:*_]*[ \t]*(?:\n|\Z))"
    if words[0].place is NumberPlace.BEFORE:
        return rf"(?P<n{i}>{numbers})[ \t]*{forms}{_END}"
    joined = (
        rf"(?:(?:[-–]|[ ]*(?:,|\b(?:{'|'.join(profile.joins)})\b)[ ]*)(?:§[ ]?)?\d+[a-z]?)?"
        if profile.joins
        else ""
    )
    number = rf"{_GAP}(?P<n{i}>(?:{numbers}){joined}){_END}"
    alone = r"(?=[ \t]*(?:[(:.*–-]|\n|\Z))"
    return rf"{forms}(?:{number}|{alone})" if words[0].bare else rf"{forms}{number}"


def _forms(words: Sequence[HeadingWord]) -> str:
    forms = dict.fromkeys(form for word in words for f in word.forms for form in (f, f.upper()))
    return "|".join(
        re.escape(form).replace(r"\ ", r"[ \t]+") for form in sorted(forms, key=len, reverse=True)
    )


def _first_letters(profile: Profile) -> str:
    """What a heading may start with, as in a character class."""
    forms = {
        form
        for word in profile.words
        if word.place is not NumberPlace.BEFORE
        for form in word.forms
    }
    letters = "".join(sorted({letter for form in forms for letter in (form[0], form[0].upper())}))
    return re.escape(letters) + "".join(dict.fromkeys(word.initials for word in profile.words))


def find_candidates(view: View, profile: Profile) -> list[Candidate]:
    """Every line that starts like a unit of the profile, in text order."""
    if not profile.words:
        return []
    scanner = _scanner(profile)
    return [_candidate(scanner.branches, m) for m in scanner.pattern.finditer(view.text)]


def _candidate(branches: dict[int, _Branch], m: re.Match[str]) -> Candidate:
    words, groups = branches[
        m.lastindex or 0
    ]  # of all groups, the one around a branch is closed last
    lead, printed, form, number, sep, rest = m.group(*groups)
    word = words.get(form) or words[" ".join(form.split())]
    if word.iberian:
        printed, number = (
            _ORDINAL_LETTER.sub("", printed),
            _THOUSANDS.sub("", _ORDINAL_LETTER.sub("", number)),
        )
    if not number:
        number, order = "", Order(0)
    elif number.isdecimal():
        order = _new_order((int(number[:9]), ()))
    else:
        written, number = number, clean_number(number)
        order = _order(number, written)
    label = printed if printed == f"{form} {number}" else _label(printed, form)  # nearly all are
    return Candidate(
        m.start() + 1,
        m.start(groups[-1]),
        word,
        word.kind,
        word.role,
        label + "." if sep[:1] == "." else label,
        number,
        order,
        sep.strip(),
        heading_words(rest) if rest else "",
        bool(lead) and not _QUOTES.isdisjoint(lead),
    )


def _label(printed: str, form: str) -> str:
    """The words and the number as people cite them: spaces folded, one between word and number, no
    sign of an ordinal.
    """
    label = " ".join(printed.split())
    if label.startswith(form) and label[len(form) : len(form) + 1].isdigit() and form[-1].isalpha():
        label = f"{form} {label[len(form) :]}"
    return label if label.isascii() else _ORDINAL_SIGN.sub("", label)


def _order(number: str, written: str) -> Order:
    order = order_of(number)
    if not order[0] and (value := roman_value(number) or word_value(written)):
        return Order(value)
    return order


def heading_words(line: str) -> str:
    """A heading without the closing signs of its mark-up.

    >>> heading_words("Definitions ##"), heading_words("Definitions**")
    ('Definitions', 'Definitions')
    """
    line = line.strip()
    return _TRAILING.sub("", line).strip() if line[-1:] in _SIGNS else line
