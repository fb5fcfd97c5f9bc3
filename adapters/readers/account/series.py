"""Holes in the series of units, and the lines that could fill them.

The numbers of units are expected to follow each other. Where one is left out, and after the last
one, the text is searched for a line that has the missing number in its first words: below junk of
a conversion, behind a marginal note, after an entity. Such a line is very likely a unit that was
missed, and the place that a person should look at.

1. A hole is a number left out between two units of the same kind and rank, unless a note in
   brackets between them is about it: `[3. Deleted by Act 54.]`.
2. After the last unit of a series the next number counts only if the one after it stands there as
   well, behind the same word: a list may go on by chance, but rarely twice.

3. What a table of contents lists is expected as a unit, `50A` as well as 50.

What stands in a quotation, a table of contents or a span that the format sets apart fills nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from adapters.readers.lines.candidates import Candidate, series_of
from adapters.readers.numbers.numbering import last_of
from adapters.readers.profiles.base import UnitRole
from adapters.readers.text.normalised import View

_BASIC: Final = UnitRole.BASIC
_MOST: Final = 40  # numbers of one hole that are looked for
_NOTE: Final = re.compile(r"\n[ \t]*\[[^\n\]]{1,400}")  # what an editor says of a number
_RANGE: Final = re.compile(r"(?<![\w.])(\d{1,4})(?:[ ]?(?:[-–—]|to|and)[ ]?(\d{1,4}))?(?!\w)")
_MARGIN: Final = 40  # characters of a line before a number that may be a marginal note
_ITEM: Final = re.compile(
    r"\n[^\w\n(\[]*(?:[^\W\d_]{1,12}\.?[ ]|§[ ]?)?(?P<n>\d{1,4}[A-Za-z]{0,2})\.(?!\d)"
)
_JUNK: Final = 16  # characters of a line before a word that may be signs, tags or an entity


class Hole(NamedTuple):
    """Numbers that are left out between two units, and where a line has one of them."""

    before: Candidate
    after: Candidate
    found: tuple[int, ...]


def holes_in(
    view: View, units: Sequence[Candidate], is_set_apart: Callable[[int], bool]
) -> Iterator[Hole]:
    """Rule 1, in the order of the text."""
    for before, after in _neighbours(units):
        if after.order.whole <= before.order.whole + 1:
            continue
        stood = max(before.order.whole, last_of(before.number))
        left_out = range(stood + 1, after.order.whole)[:_MOST]
        noted = _noted(view, before.at, after.at) if left_out else ()
        missing = [number for number in left_out if number not in noted]
        if missing and not are_letters(before.number, after.number):
            found = _lines_with(view, before.at, after.at, missing)
            yield Hole(before, after, tuple(at for at in found if not is_set_apart(at)))


def _neighbours(units: Sequence[Candidate]) -> Iterator[tuple[Candidate, Candidate]]:
    """Units that should follow each other: of one series, kind and rank."""
    last: dict[str, Candidate] = {}
    for unit in units:
        if unit.role is not _BASIC or not unit.order.whole:
            continue
        before = last.get(series_of(unit))
        last[series_of(unit)] = unit
        same = before and (before.kind, before.rank) == (unit.kind, unit.rank)
        if before and same and not unit.restarts:
            yield before, unit


def are_letters(before: str, after: str) -> bool:
    """True for letters that follow each other: D after C is not 500 after 100.

    >>> are_letters("C", "D"), are_letters("C", "E"), are_letters("IX", "XI")
    (True, False, False)
    """
    return len(before) == len(after) == 1 and ord(after) == ord(before) + 1


def _noted(view: View, start: int, end: int) -> set[int]:
    """The numbers that notes in brackets are about, ranges whole: `[3. Deleted by Act 54.]`,
    `[Part IV: s. 33-37 deleted.]`.
    """
    numbers: set[int] = set()
    for note in _NOTE.finditer(view.text, start, end):
        for found in _RANGE.finditer(note[0]):
            first, last = int(found[1]), int(found[2] or found[1])
            numbers.update(range(first, min(last, first + _MOST) + 1))
    return numbers


def _lines_with(view: View, start: int, end: int, numbers: Sequence[int]) -> Iterator[int]:
    """The first line in a stretch that has each number, with a separator, in its first words."""
    listed = "|".join(map(str, numbers))
    pattern = re.compile(
        rf"\n(?P<lead>[^\n]{{0,{_MARGIN}}}?)(?<![\w.,/\-(])(?P<n>{listed})[.):—–](?=[ \t\n(]|[A-Z])"
    )
    seen: set[str] = set()
    for found in pattern.finditer(view.text, start, end):
        if found["n"] not in seen:
            seen.add(found["n"])
            yield found.start() + 1


def tail_of(
    view: View, units: Sequence[Candidate], is_set_apart: Callable[[int], bool]
) -> list[int]:
    """Rule 2: where lines begin that go on with the last unit's number."""
    cited = [unit for unit in units if unit.role is _BASIC]
    last = cited[-1] if cited else None
    if last is None or not last.number.isdecimal():
        return []
    end = next((unit.at for unit in units if unit.at > last.at), len(view.text))
    word = last.label[: last.label.rfind(last.number)].strip() if last.number in last.label else ""
    at = max(last.title_end, last.rest_at) - 1
    found: list[int] = []
    while (place := _next(view, word, last.order.whole + 1 + len(found), at, end)) >= 0:
        if not is_set_apart(place):
            found.append(place)
        at = place
        if len(found) >= _MOST:
            break
    return found if len(found) > 1 else []


def _next(view: View, word: str, number: int, start: int, end: int) -> int:
    """Where a line begins with a word and a number, junk of a conversion aside; else -1."""
    lead = rf"[^\w\n]{{0,{_JUNK}}}(?:&\w{{2,8}};)?[^\w\n]{{0,{_JUNK}}}" if word else r"[^\w\n(]*+"
    pattern = rf"\n{lead}{re.escape(word)}[ \t]{{0,3}}{number}(?:[.:)—–]|[ \t]*(?=\n))"
    found = re.compile(pattern).search(view.text, max(start, 0), end)
    return found.start() + 1 if found else -1


def listed_only(
    view: View, units: Sequence[Candidate], contents: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, str]]:
    """Rule 3: the lines of tables of contents whose number no unit has, each with that number.

    A table of which most lines are no units' lists something else.
    """
    numbers = {unit.number.casefold() for unit in units} if contents else set()
    numbers |= set(map(str, _noted(view, 0, len(view.text)))) if contents else set()
    for start, end in contents:
        listed = [
            (found.start() + 1, found["n"]) for found in _ITEM.finditer(view.text, start, end)
        ]
        missing = [(at, number) for at, number in listed if number.casefold() not in numbers]
        if 2 * len(missing) < len(listed):
            yield from missing
