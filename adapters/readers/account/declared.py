"""The account of a text whose units the markup declares: XML and Bluebell.

The markup says where units are, and a converter that wrote it may have missed some: an article that
stands as plain paragraphs in the one before it. So lines are accounted for as in other texts, with
the declared units as those that were found:

1. A number that is left out between two units is a doubt where a line between them begins with it,
   behind the unit's own word if it has one. A hole without such a line is a repealed unit.
2. So are the next numbers after the last unit, if two of them at least stand there.
3. What an amendment quotes is none: a line behind a quotation mark, or after a colon.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from adapters.readers.account.account import Facts, account_of, shown
from adapters.readers.account.find_doubts import Judged, unexplained_doubts
from adapters.readers.account.series import neighbours, tail_of, word_of
from adapters.readers.lines.candidates import Candidate
from adapters.readers.numbers.numbering import Order, last_of, order_of, roman_value
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.profiles.detection.codes import profile_of_code
from adapters.readers.profiles.detection.languages import UNKNOWN
from adapters.readers.profiles.registry import PROFILES
from adapters.readers.text.normalised import LineCounter, View
from domain.reading.doubts import Doubt
from domain.reading.marks import Level, Mark

_ROLES: Final = {
    Level.BASIC: UnitRole.BASIC,
    Level.CONTAINER: UnitRole.CONTAINER,
    Level.ANNEX: UnitRole.ANNEX,
}
_QUOTES: Final = frozenset("“”„«»‘’\"'「『")
_ANNOUNCES: Final = frozenset(":：—–-“„«")
_NEAR: Final = 300  # characters before a line in which what precedes it stands


def judge_declared(text: str, marks: Sequence[Mark], language: str) -> Judged:
    """Account for the lines of a text with declared units, and say what is doubtful."""
    view = View(text)
    units = list(_units(view, marks))
    lacking: list[int] = []
    doubts: list[Doubt] = []
    counter = LineCounter(view.text)
    for before, after in neighbours(units):
        found = list(_left_out(view, before, after))
        if found:
            lacking += found
            reason = (
                f"{after.label} follows {before.label}; one of the numbers in between may be in "
                f"the line {shown(view, found[0])!r}."
            )
            line = max(counter.line_of(found[0]) - 1, 1)
            doubts.append(Doubt("number-holes", line, reason))
    tail = [at for at in tail_of(view, units, lambda _: False) if not _is_quoted(view, at)]
    lacking += tail if len(tail) > 1 else []
    account = account_of(Facts(view, _profile(language), units, lacking=lacking), marks)
    doubts += unexplained_doubts(account)
    return Judged(account, tuple(sorted(doubts, key=lambda doubt: (doubt.line, doubt.code))))


def _units(view: View, marks: Sequence[Mark]) -> Iterator[Candidate]:
    """The declared units as candidates; numbers start again where they fall back."""
    last: dict[str, Candidate] = {}
    for mark in marks:
        if mark.level is Level.SUB:
            continue
        at = view.from_source(mark.start)
        number = mark.number
        order = order_of(number) if number[:1].isdigit() else Order(roman_value(number))
        unit = Candidate(
            at=at,
            rest_at=at + len(mark.label),
            word=None,
            kind=mark.unit_kind,
            role=_ROLES.get(mark.level, UnitRole.HEADING),
            label=mark.label,
            number=number,
            order=order,
            sep="",
            rest=mark.title,
            quoted=False,
        )
        before = last.get(mark.unit_kind)
        unit.restarts = before is not None and order <= before.order
        if unit.role is not UnitRole.BASIC:
            last.clear()  # a chapter or an annex may count anew
        last[mark.unit_kind] = unit
        yield unit


def _left_out(view: View, before: Candidate, after: Candidate) -> Iterator[int]:
    """Where lines between two units begin with a number that is left out between them."""
    stood = max(before.order.whole, last_of(before.number))
    if after.order.whole <= stood + 1:
        return
    for found in _lines_of(word_of(before)).finditer(view.text, before.rest_at, after.at):
        at = found.start() + 1
        if stood < int(found["n"]) < after.order.whole and not _is_quoted(view, at):
            stood = int(found["n"])
            yield at


@cache
def _lines_of(word: str) -> re.Pattern[str]:
    """A line that begins with a word and a number, with nothing or a separator after them."""
    lead = rf"[^\w\n(]{{0,8}}{re.escape(word)}" if word else r"[ \t]*"
    return re.compile(rf"\n{lead}[ \t]{{0,3}}(?P<n>\d{{1,6}})(?:[.:)—–](?!\w)|[ \t]*(?=\n))")


def _is_quoted(view: View, at: int) -> bool:
    """Rule 3."""
    before = view.text[max(at - _NEAR, 0) : at].rstrip()[-1:]
    return view.line(at).lstrip()[:1] in _QUOTES or before in _ANNOUNCES


def _profile(language: str) -> Profile:
    return PROFILES.get(profile_of_code(language), UNKNOWN)
