"""The account of a text: for each line that looks like the start of a unit, what it was taken for.

The reasons are asked in this order, and the first that fits is the line's:

1. It lies in a span that has a reason as a whole: page furniture, what the format sets apart
   (tables, code), a table of contents, a quotation.
2. It heads a unit, or a sub unit.
3. It is a candidate of the profile that is no unit: a cross-reference. But one that reads like a
   unit and was left out is unexplained, unless it follows a colon or the end of a quotation: then
   it is quoted as well.
4. It begins with a word of another language's headings, or with a word between the heading word
   and its number. Several such lines that count on are a series that was not read, and unexplained;
   a single one is a cross-reference.
5. It begins with a number that the series of units lacks (`series`): unexplained.
6. It is an item of a list, in the unit or gap that it stands in.

All but the few lines of rules 3 to 5 are counted by bisection, a unit at a time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, filterfalse
from types import MappingProxyType
from typing import Final, NamedTuple

from adapters.readers.account.heading_lines import HeadingLines, heading_lines
from adapters.readers.account.other_words import (
    series_of_other_words,
    series_of_qualified_words,
)
from adapters.readers.lines.candidates import Candidate
from adapters.readers.profiles.base import Profile
from adapters.readers.text.normalised import LineCounter, View
from domain.reading.doubts import AccountedPart, LineAccount, LineReason, UnexplainedLine
from domain.reading.marks import Level, Mark

SHOWN_CHARS: Final = 80  # of an unexplained line
_ANNOUNCES: Final = frozenset(":：")
_STACK: Final = 3  # lines of a list of references
_NEAR: Final = 200  # characters before a line in which what precedes it stands
_ENDS_QUOTATION: Final = frozenset('”»’"」』')
_SUB: Final = Level.SUB  # looking up a member takes long in a loop

Span = tuple[int, int]


class Facts(NamedTuple):
    """What the engine knows of a text, in offsets of its view. Spans are in order."""

    view: View
    profile: Profile
    units: Sequence[Candidate] = ()
    candidates: Sequence[Candidate] = ()
    contents: Sequence[Span] = ()
    quotations: Sequence[Span] = ()
    excluded: Sequence[Span] = ()
    furniture_lines: int = 0  # that were left out of the view
    left_out: Sequence[Candidate] = ()  # read like units, and were left as text
    depths: Mapping[int, int] = MappingProxyType({})  # of headings that the format declares
    lacking: Sequence[int] = ()  # where lines have numbers that the series of units lacks


def account_of(facts: Facts, marks: Sequence[Mark]) -> LineAccount:
    """The account of a text that was cut at these marks."""
    view = facts.view
    lines = heading_lines(view.text)
    spans = _spans(facts)
    known = set(lines.every)
    more = [c.at for c in facts.candidates if c.at not in known]
    every = sorted([*lines.every, *more]) if more else lines.every
    left = _Left(_without_spans(every, spans))
    for at, reason in _singled_out(facts, lines, spans):
        left.single[at] = reason
    parts = [*_in_spans(every, spans, view), *_parts(facts, left, marks)]
    if facts.furniture_lines:
        parts.append(AccountedPart(0, LineReason.FURNITURE.value, facts.furniture_lines))
    return LineAccount(tuple(sorted(parts)), tuple(_unexplained(view, left.single)))


class _Left:
    """The lines that no span explains, and the reasons of those that were looked at singly."""

    def __init__(self, lines: list[int]) -> None:
        self.lines = lines
        self.single: dict[int, LineReason] = {}


def _spans(facts: Facts) -> list[tuple[int, int, LineReason]]:
    """Rule 1, in order of their starts; of spans that overlap the earlier one holds."""
    found = [
        *((start, end, LineReason.LAYOUT) for start, end in facts.excluded),
        *((start, end, LineReason.CONTENTS) for start, end in facts.contents),
        *((start, end, LineReason.QUOTATION) for start, end in facts.quotations),
    ]
    apart: list[tuple[int, int, LineReason]] = []
    for start, end, reason in sorted(found):
        begin = max(start, apart[-1][1]) if apart else start
        if begin < end:
            apart.append((begin, end, reason))
    return apart


def _without_spans(lines: list[int], spans: Sequence[tuple[int, int, LineReason]]) -> list[int]:
    if not spans:
        return lines
    kept: list[int] = []
    at = 0
    for start, end, _ in spans:
        kept += lines[at : bisect_left(lines, start, at)]
        at = bisect_left(lines, end, at)
    return kept + lines[at:]


def _in_spans(
    lines: Sequence[int], spans: Sequence[tuple[int, int, LineReason]], view: View
) -> Iterator[AccountedPart]:
    for start, end, reason in spans:
        count = bisect_left(lines, end) - bisect_left(lines, start)
        if count:
            yield AccountedPart(view.to_source(start), reason.value, count)


def _singled_out(
    facts: Facts, lines: HeadingLines, spans: Sequence[tuple[int, int, LineReason]]
) -> Iterator[tuple[int, LineReason]]:
    """Rules 3 to 5, each line with its reason; a later one counts."""
    # A unit that opens with the caption above its number has its heading's line below its start.
    text = facts.view.text
    units = {at for u in facts.units for at in (u.at, text.rfind("\n", 0, u.rest_at) + 1)}
    starts = [start for start, _, _ in spans]

    def is_explained(at: int) -> bool:
        i = bisect_right(starts, at) - 1
        return at in units or (i >= 0 and at < spans[i][1])

    forms = {form for word in facts.profile.words for form in word.forms}
    forms |= {form.upper() for form in forms}
    others = [w for w in lines.worded if w.word not in forms and not is_explained(w.at)]
    for worded in others:
        yield worded.at, LineReason.REFERENCE
    qualified = series_of_qualified_words(facts.view.text, facts.profile)
    series = series_of_other_words(facts.view.text, others)
    for at in chain(series, filterfalse(is_explained, qualified)):
        yield at, LineReason.UNEXPLAINED
    for candidate in facts.candidates:
        if not is_explained(candidate.at):
            quoted = LineReason.QUOTATION if candidate.quoted else LineReason.REFERENCE
            yield candidate.at, quoted
    stacked = _stacked_with_references(facts)
    for candidate in facts.left_out:
        if not is_explained(candidate.at) and candidate.at not in stacked:
            yield candidate.at, _reason(facts.view, candidate)
    for at in facts.lacking:
        yield at, LineReason.UNEXPLAINED


def _stacked_with_references(facts: Facts) -> set[int]:
    """Where lines of a list of references begin: heading words line by line with no text between
    them, and plain references among them. `Article 9` is one as well below `Article 8 (1)`.
    """
    stacks: list[list[Candidate]] = [[]]
    units = {unit.at for unit in facts.units}
    for candidate in facts.candidates if facts.left_out else ():
        above = stacks[-1][-1] if stacks[-1] else None
        if candidate.at in units:
            stacks.append([])
        elif above is not None and facts.view.line_end(above.at) + 1 == candidate.at:
            stacks[-1].append(candidate)
        else:
            stacks.append([candidate])
    return {
        c.at
        for stack in stacks
        if len(stack) >= _STACK and any(c.weight < 0.0 for c in stack)
        for c in stack
    }


def _reason(view: View, candidate: Candidate) -> LineReason:
    """Rule 3."""
    before = view.text[max(candidate.at - _NEAR, 0) : candidate.at].rstrip()[-3:]
    if before[-1:] in _ANNOUNCES or not _ENDS_QUOTATION.isdisjoint(before):
        return LineReason.QUOTATION
    return LineReason.UNEXPLAINED


def _parts(facts: Facts, left: _Left, marks: Sequence[Mark]) -> Iterator[AccountedPart]:
    """Rules 2 and 6: of each mark and of each gap between marks; units and sub units as a whole."""
    items, places = _items(facts, left.lines, marks)
    single: Counter[tuple[int, LineReason]] = Counter()
    lines = set(left.lines) if left.single else set()
    for at, reason in left.single.items():
        place = places[max(bisect_right(places, facts.view.to_source(at)) - 1, 0)]
        single[place, reason] += 1
        if at in lines and items[place]:
            items[place] -= 1
    subs = sum(mark.level is _SUB for mark in marks)
    for place, reason, count in (
        (0, LineReason.UNIT, len(marks) - subs),
        (0, LineReason.SUB_UNIT, subs),
        *((place, LineReason.LIST_ITEM, count) for place, count in items.items()),
        *((place, reason, count) for (place, reason), count in single.items()),
    ):
        if count:
            yield AccountedPart(place, reason.value, count)


def _items(
    facts: Facts, lines: Sequence[int], marks: Sequence[Mark]
) -> tuple[Counter[int], list[int]]:
    """How many lines each part holds below its own heading, by the part's start in the source, and
    those starts in order.
    """
    view, items = facts.view, Counter[int]()
    heads = {unit.at: unit.rest_at for unit in facts.units}
    places: list[int] = []
    starts = [view.from_source(mark.start) for mark in marks]
    at = i = 0  # where the part before ends, and its last line
    for mark, start in zip(marks, starts, strict=True):
        if at < start:
            places.append(view.to_source(at))
            items[places[-1]], i = (found := bisect_left(lines, start, i)) - i, found
        places.append(mark.start)
        first = bisect_left(lines, heads.get(start, start) + 1, i)
        at = view.from_source(mark.end) if mark.end < len(view.source) else len(view.text)
        i = bisect_left(lines, at, first)
        if i > first:
            items[mark.start] = i - first
    if at < len(view.text):
        places.append(view.to_source(at))
        items[places[-1]] = len(lines) - i
    return items, places or [0]


def _unexplained(view: View, single: dict[int, LineReason]) -> Iterator[UnexplainedLine]:
    counter = LineCounter(view.text)
    for at in sorted(at for at, reason in single.items() if reason is LineReason.UNEXPLAINED):
        line = max(view.line_number(counter.line_of(at) - 1), 1)
        yield UnexplainedLine(line, shown(view, at))


def shown(view: View, at: int) -> str:
    """The beginning of a line, as a person is shown it: what does not print is left out."""
    words = " ".join(view.line(at).split())[:SHOWN_CHARS]
    return "".join(c for c in words if c.isprintable())


def spans_in_view(view: View, spans: Iterable[Span]) -> list[Span]:
    """Spans of the source, in offsets of its view, whole lines each."""
    return [(view.from_source(start), view.from_source(end)) for start, end in spans]
