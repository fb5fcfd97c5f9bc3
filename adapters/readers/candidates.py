"""Candidates: the lines that look like the heading of a unit, found with one compiled pattern a profile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Final, NamedTuple

from adapters.readers.lines import View
from adapters.readers.numbering import Order, clean_number, order_of, roman
from adapters.readers.profiles.base import Place, Profile, Role, Word

MAX_TITLE_CHARS: Final = 300
_LEAD: Final = r" \t#>*_\\“”„«»‘’\"'\[("  # may stand before a heading
_GAP: Final = r"(?:[ \t]*+(?:\n[ \t]*+)?)"
_END: Final = r"(?:(?<=[IVX])\d{1,2}(?=[ \t]*\n))?(?![\w/%])(?!,\d)"  # `III4` at a line's end is III with a footnote
_TAIL: Final = re.compile(
    r"[ \t]*+(?P<sep>[.:)\]\-–—*_|]*+(?:[ \t]++[\-–—:.](?=[ \t\n]))?)[ \t]*+(?P<rest>[^\n]*+)"
)  # what separates a number from the words after it, and the rest of the line
_QUOTES: Final = frozenset("“”„«»‘’\"'")
_ORDINAL_SIGN: Final = re.compile(r"(?<=\d)[ºª°ş](?!\w)")  # the last is what a wrong code page made of the first
_SIGNS: Final = frozenset("#*_")
_TRAILING: Final = re.compile(r"[ \t]+#+$|[*_]+$")


place_of: Final = attrgetter("at")
"""The order of candidates in the text."""


@dataclass(slots=True)
class Candidate:
    """A line that may head a unit. Offsets are the view's; `at` is the start of its line, `rest_at` what follows the number."""

    at: int
    rest_at: int
    word: Word | None
    kind: str
    role: Role
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
    """Words that take the same numbers, told apart by their form, spaces folded. `form` and `number` are groups."""

    words: dict[str, Word]
    form: int
    number: int  # 0 for words without one


@dataclass(frozen=True, slots=True)
class _Scanner:
    """One pattern for all words of a profile, and its branches by the group that holds word and number."""

    pattern: re.Pattern[str]
    branches: dict[int, _Branch]


@cache
def _scanner(profile: Profile) -> _Scanner:
    groups: dict[tuple[object, ...], list[Word]] = {}
    for word in profile.words:
        groups.setdefault((word.role, word.place, word.numbers, word.bare), []).append(word)
    branches = [_branch(words, i, profile) for i, words in enumerate(groups.values())]
    prefixes = "|".join(profile.prefixes)
    first = _first_letters(profile)
    line = (
        rf"\n(?=[{_LEAD}{first}]{'|' if prefixes else ''}{prefixes})(?P<lead>[{_LEAD}]*+)(?:{prefixes})?"  # most lines end here
    )
    pattern = re.compile(f"{line}(?=[{first}])(?:{'|'.join(branches)})")
    at = pattern.groupindex
    return _Scanner(
        pattern,
        {at[f"w{i}"]: _Branch(_by_form(words), at[f"f{i}"], at.get(f"n{i}", 0)) for i, words in enumerate(groups.values())},
    )


def _by_form(words: Sequence[Word]) -> dict[str, Word]:
    return {form: word for word in reversed(words) for f in word.forms for form in (f, f.upper())}


def _branch(words: Sequence[Word], i: int, profile: Profile) -> str:
    forms = f"(?P<f{i}>{_forms(words)})"
    numbers = "|".join(words[0].numbers)
    if words[0].place is Place.NONE:
        return rf"(?P<w{i}>{forms}(?=[ \t]*[.:*_]*[ \t]*(?:\n|\Z)))"
    if words[0].place is Place.BEFORE:
        return rf"(?P<w{i}>(?P<n{i}>{numbers})[ \t]*{forms}{_END})"
    joined = rf"(?:(?:[-–]|[ ]*(?:,|\b(?:{'|'.join(profile.joins)})\b)[ ]*)(?:§[ ]?)?\d+[a-z]?)?" if profile.joins else ""
    number = rf"{_GAP}(?P<n{i}>(?:{numbers}){joined}){_END}"
    alone = r"(?=[ \t]*(?:[(:.*–-]|\n|\Z))"
    return rf"(?P<w{i}>{forms}(?:{number}|{alone}))" if words[0].bare else rf"(?P<w{i}>{forms}{number})"


def _forms(words: Sequence[Word]) -> str:
    forms = dict.fromkeys(form for word in words for f in word.forms for form in (f, f.upper()))
    return "|".join(re.escape(form).replace(r"\ ", r"[ \t]+") for form in sorted(forms, key=len, reverse=True))


def _first_letters(profile: Profile) -> str:
    """What a heading may start with, as in a character class."""
    forms = {form for word in profile.words if word.place is not Place.BEFORE for form in word.forms}
    letters = "".join(sorted({letter for form in forms for letter in (form[0], form[0].upper())}))
    return re.escape(letters) + "".join(dict.fromkeys(word.initials for word in profile.words))


def find_candidates(view: View, profile: Profile) -> list[Candidate]:
    """Every line that starts like a unit of the profile, in text order."""
    if not profile.words:
        return []
    scanner = _scanner(profile)
    return [_candidate(view.text, scanner, m) for m in scanner.pattern.finditer(view.text)]


def _candidate(text: str, scanner: _Scanner, m: re.Match[str]) -> Candidate:
    whole = m.lastindex or 0  # of all groups, the one around a branch is closed last
    words, form_group, number_group = scanner.branches[whole]
    lead, printed, form, number = m.group(1, whole, form_group, number_group)
    word = words.get(form) or words[" ".join(form.split())]
    number = clean_number(number) if number_group and number else ""
    tail = _TAIL.match(text, m.end())
    sep, rest = tail.groups() if tail else ("", "")
    return Candidate(
        m.start() + 1,
        tail.start(2) if tail else m.end(),
        word,
        word.kind,
        word.role,
        _label(printed) + ("." if sep.startswith(".") else ""),
        number,
        Order(int(number[:9])) if number.isdecimal() else _order(number),
        sep.strip() if sep else "",
        heading_words(rest) if rest else "",
        bool(lead) and not _QUOTES.isdisjoint(lead),
    )


def _label(printed: str) -> str:
    label = " ".join(printed.split())
    return label if label.isascii() else _ORDINAL_SIGN.sub("", label)


def _order(number: str) -> Order:
    order = order_of(number)
    if not order[0] and (value := roman(number)):
        return Order(value)
    return order


def heading_words(line: str) -> str:
    """A heading without the closing signs of its mark-up.

    >>> heading_words("Definitions ##"), heading_words("Definitions**")
    ('Definitions', 'Definitions')
    """
    line = line.strip()
    return _TRAILING.sub("", line).strip() if line[-1:] in _SIGNS else line
