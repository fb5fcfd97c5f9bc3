"""Which candidates are units: what people cite, what groups it, and what is attached.

The rules, in the order in which they are applied to weighed candidates:

1. What a table of contents lists under its own heading is left out, if the format does not declare
   it as headings; and so is a heading right below the same heading (`printed_again`).
2. Annex heads and containers are those that stand alone or with a short title (`_is_group`). They
   come before the cited units, since numbering may start again after them.
3. The kind that people cite is found with its sequence (`basic_kind`). Without one, groups alone
   are left, and the engine looks for units without heading words.
4. Tables of contents without a heading of their own are found by their repeating what comes later
   (`contents`), and left out. Only the sequence shows them, so this comes after rule 3.
5. Numbers that the sequence lacks are filled in where they stand in a quotation that was never
   closed (`filling`).
   Where the format declares the units, clear headings that it does not declare are warnings.
6. A heading that repeats the number before it is a unit of its own if its title is another, as real
   laws have it, or if it is the first below another container; and so is 56a after 56b, if it
   stands nowhere else. Otherwise it is one of the warnings: `repeated` or `out_of_sequence`.
7. Containers, annex heads, preamble and conclusions are taken with the accepted units as a measure:
   those in a table of contents are dropped, those that an unclosed quotation seems to hold are put
   back, an annex head in the middle of a run that simply goes on is only mentioned there, and where
   articles are cited a section right before one groups articles.
8. Provisions that are numbered apart (`Geçici Madde 1`) have sequences of their own, which neither
   end nor interrupt that of the articles.

Example: of the lines

    Chapter I               container
    Article 1. Scope        unit
    Article 2. Terms        unit
    Article 9. Old text     out_of_sequence: after it the numbers go on with 3
    Article 3. Duties       unit
    Article 3. Licences     unit, for its title is another
    Annex A                 annex
    Article 1. Forms        unit, at which numbering restarts

all but the fourth are units.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain as chained
from typing import Final

from adapters.readers.lines.basic_kind import CLEAN_WEIGHT, find_basic_kind
from adapters.readers.lines.candidates import Candidate, offset_of, series_of
from adapters.readers.lines.contents import find_contents, repeated_lists
from adapters.readers.lines.filling import filled
from adapters.readers.lines.printed_again import without_repeats_below
from adapters.readers.lines.sequences import Chain, best_chain
from adapters.readers.lines.weights import QUOTED
from adapters.readers.profiles.base import Profile, UnitRole

# Of containers and annex heads: between a heading without a separator (1) and one that the line
# before runs into (0.5), as for cited units.
_GROUP_WEIGHT: Final = 0.7
_UNMARKED: Final = 1.0  # a heading without a separator and with nothing against it
_TITLE_CHARS: Final = 160  # a longer line is a sentence
_LEAD_CHARS: Final = 500  # a heading stands at most so far before the unit that it groups
_GROUP_CHARS: Final = 200  # the heading of a group of articles and its title
_COUNTED: Final = 3  # undeclared headings that count are no chance
_GROUPING: Final = {"article": "section", "section": "article"}  # by the kind that is cited
_FRAME: Final = frozenset((UnitRole.PREAMBLE, UnitRole.CONCLUSIONS))
_BASIC: Final = UnitRole.BASIC  # looking up a member takes long in an inner loop


@dataclass(slots=True)
class Selection:
    """The accepted candidates in order, and what warnings are made of."""

    units: list[Candidate]
    basic_kind: str = ""
    # The spans of tables of contents, in order.
    contents: list[tuple[int, int]] = field(default_factory=list)
    # Clear headings that were left as text: of a number that comes again inside its own unit ...
    repeated: list[Candidate] = field(default_factory=list)
    # ... and of a number that does not fit where it stands.
    out_of_sequence: list[Candidate] = field(default_factory=list)


def select_units(
    candidates: Sequence[Candidate], profile: Profile, listed: Sequence[tuple[int, int]] = ()
) -> Selection:
    """Choose the units among weighed candidates, by the rules at the head of this file.

    `listed` are the spans of tables of contents that a heading announces.
    """
    candidates = without_repeats_below(candidates)
    listed = sorted([*listed, *_repeated(candidates)])
    candidates = [c for c in candidates if c.depth or not _within(c.at, listed)]
    provisions = [c for c in candidates if series_of(c)]
    candidates = [c for c in candidates if not series_of(c)]
    annexes = _groups(candidates, UnitRole.ANNEX)
    containers = _groups(candidates, UnitRole.CONTAINER)
    kind, items, chain = find_basic_kind(candidates, profile, annexes, containers)
    others = [c for c in candidates if c.role in _FRAME and c.weight >= _GROUP_WEIGHT]
    if not chain.chosen:
        return Selection(units=_in_order(annexes, containers, others), contents=list(listed))
    contents = sorted([*listed, *find_contents(items, chain)])
    chain = _outside(items, chain, contents)
    accepted = filled(items, chain)
    for i in chain.restarts:
        items[i].restarts = True
    selection = Selection([], kind, contents)
    selection.out_of_sequence += _undeclared(candidates, kind, items)
    accepted = _with_duplicates(items, accepted, selection, [c.at for c in containers])
    containers = _in_order(containers, _freed_groups(candidates, accepted))
    groups = groups_outside(_in_order(annexes, containers, others), contents, accepted)
    groups = [g for g in groups if not _is_interruption(g, accepted)]
    groups += _other_kind_as_groups(candidates, kind, accepted)
    beside = _beside(provisions, [c.at for c in annexes], accepted)
    selection.units = _in_order(accepted, groups, beside)
    return selection


def _beside(
    provisions: Sequence[Candidate], annexes: Sequence[int], accepted: Sequence[Candidate]
) -> list[Candidate]:
    """Rule 8: what is numbered apart from the units, after the first of them. One that goes on with
    the number before it may stand below its title, which a heading of the kind seldom fills.
    """
    series: dict[str, list[Candidate]] = {}
    for c in provisions:
        if c.at > accepted[0].at:
            series.setdefault(series_of(c), []).append(c)
    found: list[Candidate] = []
    for items in series.values():
        chain = best_chain(items, annexes, ())
        chosen = [items[i] for i in chain.chosen]
        before = [0, *(c.order.whole for c in chosen)]
        found += [
            c
            for c, stood in zip(chosen, before, strict=False)
            if c.weight >= _GROUP_WEIGHT or (c.weight > 0 and c.sep and c.order.whole == stood + 1)
        ]
    return found


def _repeated(candidates: Sequence[Candidate]) -> list[tuple[int, int]]:
    """The tables of contents that list the candidates of one kind, if no format declares those."""
    kinds: dict[str, list[Candidate]] = {}
    for c in candidates:
        if c.role is _BASIC and not c.depth:
            kinds.setdefault(c.kind, []).append(c)
    return [span for items in kinds.values() for span in repeated_lists(items)]


def _in_order(*parts: Sequence[Candidate]) -> list[Candidate]:
    return sorted(chained.from_iterable(parts), key=offset_of)


def _groups(candidates: Sequence[Candidate], role: UnitRole) -> list[Candidate]:
    """Containers or annex heads.

    Where the format declares both them and what they group, only those that it declares.
    """
    groups = [c for c in candidates if c.role is role and _is_group(c)]
    declares = any(c.depth and c.role is _BASIC for c in candidates) and any(
        c.depth for c in groups
    )
    return [c for c in groups if c.depth] if declares else groups


def _is_group(c: Candidate) -> bool:
    """A container or annex head stands alone or is followed by a short title; whole sentences are
    references.
    """
    if c.depth:
        return True
    if c.weight < _GROUP_WEIGHT or len(c.rest) > _TITLE_CHARS:
        return False
    return bool(c.sep) or not c.rest or c.rest[0] in "([" or c.rest[-1] not in ".;,"


def _outside(
    items: Sequence[Candidate], chain: Chain, contents: Sequence[tuple[int, int]]
) -> Chain:
    """The chain without what a table of contents lists."""
    if not contents:
        return chain
    kept = tuple(i for i in chain.chosen if not _within(items[i].at, contents))
    return Chain(kept, frozenset(i for i in chain.restarts if i in kept and i != kept[0]))


def _within(at: int, spans: Sequence[tuple[int, int]]) -> bool:
    i = bisect_right(spans, (at, 1 << 60)) - 1
    return i >= 0 and spans[i][0] <= at < spans[i][1]


def _undeclared(
    candidates: Sequence[Candidate], kind: str, items: Sequence[Candidate]
) -> list[Candidate]:
    """Clear headings that the format does not declare and that count from 1, after the first that
    it does: those of an annex that was converted as plain text.
    """
    if not items or not items[0].depth:
        return []
    known = {c.at for c in items}
    found: list[Candidate] = []
    run: list[Candidate] = []
    for c in candidates:
        clear = c.weight >= CLEAN_WEIGHT and not (c.depth or c.quoted or c.at in known)
        if c.at > items[0].at and c.kind == kind and clear:
            if c.order.whole == 1:
                run = []
            if c.order.whole == len(run) + 1:
                run.append(c)
                found += run if len(run) == _COUNTED else run[_COUNTED:][-1:]
    return found


def _freed_groups(
    candidates: Sequence[Candidate], accepted: Sequence[Candidate]
) -> list[Candidate]:
    """Containers right before a unit that was accepted although a quotation seems to hold it: the
    quotation ended before them, without a mark. Their weight gets back what it lost as quoted.
    """
    held = [c.at for c in accepted if c.weight < 0.0]
    freed = []
    for c in candidates if held else ():
        i = bisect_left(held, c.at)
        if (
            c.role is UnitRole.CONTAINER
            and c.weight < 0.0
            and not c.quoted
            and i < len(held)
            and held[i] - c.at < _LEAD_CHARS
        ):
            c.weight -= QUOTED
            freed += [c] if _is_group(c) else []
    return freed


def _with_duplicates(
    items: Sequence[Candidate],
    accepted: list[Candidate],
    selection: Selection,
    containers: Sequence[int],
) -> list[Candidate]:
    """Add headings that repeat the number before them under another title, or as the first of
    another container: an amendment put a chapter in whose first article has the number of the one
    before. Otherwise it is one unit, printed again. `containers` are offsets, sorted.
    """
    starts = [c.at for c in accepted]
    chosen = set(starts)
    extra = []
    for c in items:
        if c.at in chosen or _within(c.at, selection.contents):
            continue
        i = bisect_left(starts, c.at) - 1
        before = accepted[i] if i >= 0 else None
        if before is not None and _is_inserted_late(c, before, accepted):
            extra.append(c)
        elif c.weight < CLEAN_WEIGHT:
            continue
        elif before is None or before.order != c.order:
            selection.out_of_sequence.append(c)
        elif _is_titled(c) and _is_titled(before) and c.rest.casefold() != before.rest.casefold():
            extra.append(c)
        elif bisect_left(containers, c.at) > bisect_left(containers, before.at):
            c.restarts = True
            extra.append(c)
        else:
            selection.repeated.append(c)
    return _in_order(accepted, extra)


def _is_inserted_late(c: Candidate, before: Candidate, accepted: Sequence[Candidate]) -> bool:
    """True for 56a after 56b, where no 56a stands elsewhere: what was inserted stands in the order
    in which it was.
    """
    return (
        c.weight >= _UNMARKED
        and bool(c.order.inserted)
        and c.order.whole == before.order.whole
        and c.order < before.order
        and all(c.order != other.order for other in accepted)
    )


def _is_titled(c: Candidate) -> bool:
    return bool(c.rest) and bool(c.sep) and len(c.rest) < _TITLE_CHARS and c.rest[-1] not in ".;:,"


def groups_outside(
    groups: Sequence[Candidate], contents: Sequence[tuple[int, int]], accepted: Sequence[Candidate]
) -> list[Candidate]:
    """Containers that are not part of a table of contents.

    Its last lines may list groups and annexes after the last unit.
    """
    kept = [g for g in groups if not _within(g.at, contents)]
    starts = [c.at for c in accepted]
    for start, end in contents:
        i = bisect_left(starts, end)
        body = starts[i] if i < len(starts) else end
        near = [g for g in kept if end <= g.at < body]
        drop = {g.at for g in near} - {g.at for g in _last_run(near)}
        drop |= {
            g.at
            for g in kept
            if start - _LEAD_CHARS <= g.at < start and not any(s < start for s in starts)
        }
        kept = [g for g in kept if g.at not in drop]
    return kept


def _last_run(groups: Sequence[Candidate]) -> list[Candidate]:
    """The groups at the end among which no kind comes twice and none is an annex."""
    run: list[Candidate] = []
    for g in reversed(groups):
        if g.role is UnitRole.ANNEX or g.kind in {r.kind for r in run}:
            break
        run.append(g)
    return run


def _is_interruption(group: Candidate, accepted: Sequence[Candidate]) -> bool:
    """True for an annex head in the middle of a run of numbers that simply goes on: the line only
    mentions an annex.
    """
    if group.role is not UnitRole.ANNEX:
        return False
    i = bisect_left(accepted, group.at, key=offset_of)
    return (
        0 < i < len(accepted)
        and not accepted[i].restarts
        and accepted[i - 1].order < accepted[i].order
    )


def _other_kind_as_groups(
    candidates: Sequence[Candidate], kind: str, accepted: Sequence[Candidate]
) -> list[Candidate]:
    """Where articles are cited, a heading `Section 2` right before an article groups articles, if
    most such headings stand so: those of a short last section of each article do as well. Where
    sections are cited, so does a heading `Article II`.
    """
    if (other := _GROUPING.get(kind)) is None:
        return []
    sections = [c for c in candidates if c.kind == other and c.weight >= CLEAN_WEIGHT]
    starts = [c.at for c in accepted]
    near = [
        i
        for c in sections
        if (i := bisect_left(starts, c.at)) < len(starts) and starts[i] - c.at < _GROUP_CHARS
    ]
    return groups_before(sections, accepted) if 2 * len(near) > len(sections) else []


def groups_before(
    candidates: Sequence[Candidate], accepted: Sequence[Candidate]
) -> list[Candidate]:
    """The headings with a word of a cited kind that stand right before a unit of another kind, and
    so group those: they become containers.
    """
    starts = [c.at for c in accepted]
    groups = []
    for c in candidates:
        if (
            c.role is _BASIC
            and c.weight >= CLEAN_WEIGHT
            and (not c.rest or c.rest[-1] not in ".;:,")
            and not c.rest.startswith("(1)")  # its own text begins
        ):
            i = bisect_left(starts, c.at)
            if i < len(starts) and starts[i] - c.at < _GROUP_CHARS:
                c.role = UnitRole.CONTAINER
                groups.append(c)
    return groups
