"""Which candidates are units: what people cite, what groups it and what is attached."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain as chained
from typing import Final

from adapters.readers.lines.candidates import Candidate, offset_of
from adapters.readers.lines.contents import find_contents
from adapters.readers.lines.filling import filled
from adapters.readers.lines.ranks import BASIC_RANK
from adapters.readers.lines.sequences import Chain, best_chain
from adapters.readers.lines.weights import QUOTED
from adapters.readers.profiles.base import Profile, UnitRole

_GROUP_WEIGHT: Final = 0.7
_GOOD_WEIGHT: Final = 0.8
_CLEAN_WEIGHT: Final = 1.2
_TITLE_CHARS: Final = 160
_LEAD_CHARS: Final = 500  # a heading stands at most so far before the unit that it groups
_GROUP_CHARS: Final = 200  # the heading of a group of articles and its title
_MANY: Final = 0.3
_MIXED: Final = "mixed"
_FRAME: Final = frozenset((UnitRole.PREAMBLE, UnitRole.CONCLUSIONS))
_BASIC: Final = (
    UnitRole.BASIC
)  # a name of its own: looking up a member takes longer than what is done with it


@dataclass(slots=True)
class Selection:
    """The accepted candidates in order, and what a person should hear of."""

    units: list[Candidate]
    basic_kind: str = ""
    contents: list[tuple[int, int]] = field(default_factory=list)
    repeated: list[Candidate] = field(
        default_factory=list
    )  # a number that comes again inside its own unit
    out_of_sequence: list[Candidate] = field(
        default_factory=list
    )  # reads like a unit but is out of sequence


def select_units(
    candidates: Sequence[Candidate], profile: Profile, listed: Sequence[tuple[int, int]] = ()
) -> Selection:
    """Choose the units among weighed candidates.

    `listed` are the spans of tables of contents that a heading announces.
    """
    candidates = [c for c in candidates if c.depth or not _within(c.at, listed)]
    annexes = _groups(candidates, UnitRole.ANNEX)
    containers = _groups(candidates, UnitRole.CONTAINER)
    kind, items, chain = _basic_kind(candidates, profile, annexes, containers)
    others = [c for c in candidates if c.role in _FRAME and c.weight >= _GROUP_WEIGHT]
    if not chain.chosen:
        return Selection(units=_in_order(annexes, containers, others), contents=list(listed))
    contents = sorted([*listed, *find_contents(items, chain)])
    chain = _outside(items, chain, contents)
    accepted = filled(items, chain)
    for i in chain.restarts:
        items[i].restarts = True
    selection = Selection([], kind, contents)
    accepted = _with_duplicates(items, accepted, selection)
    containers = _in_order(containers, _freed_groups(candidates, accepted))
    groups = groups_outside(_in_order(annexes, containers, others), contents, accepted)
    groups = [g for g in groups if not _is_interruption(g, accepted)]
    groups += _sections_as_groups(candidates, kind, accepted)
    selection.units = _in_order(accepted, groups)
    return selection


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


def _basic_kind(
    candidates: Sequence[Candidate],
    profile: Profile,
    annexes: Sequence[Candidate],
    containers: Sequence[Candidate],
) -> tuple[str, list[Candidate], Chain]:
    """The kind of unit that people cite here: articles where the main body has them, else sections,
    else what else there is.
    """
    cuts, groups = [c.at for c in annexes], [c.at for c in containers]
    kinds: dict[str, list[Candidate]] = {
        word.kind: [] for word in profile.words if word.role is _BASIC
    }
    for c in candidates:
        if c.role is _BASIC:
            kinds[c.kind].append(c)
    found: list[tuple[str, list[Candidate], Chain, int]] = []
    for kind, of_kind in kinds.items():
        items = _items(of_kind)
        chain = (
            _declared_chain(items) if items and items[0].depth else best_chain(items, cuts, groups)
        )
        main = sum(1 for i in chain.chosen if not cuts or items[i].at < cuts[0]) or min(
            len(chain.chosen), 1
        )
        if any(items[i].weight >= _GOOD_WEIGHT for i in chain.chosen):
            found.append((kind, items, chain, main))
    if not found:
        return "", [], Chain((), frozenset())
    if profile.mixed_kinds and len(found) > 1 and all(items[0].depth for _, items, _, _ in found):
        return _mixed([items for _, items, _, _ in found])
    most = max(main for *_, main in found)
    for kind, items, chain, main in found:
        first = items[chain.chosen[0]].at <= min(i[c.chosen[0]].at for _, i, c, _ in found)
        if main == most or (main > 1 and (first or main >= most * _MANY)):
            return kind, items, chain
    raise AssertionError  # the kind with the most units always qualifies


def _items(items: list[Candidate]) -> list[Candidate]:
    """Of the candidates of a kind those that the format declares as headings, if any: other lines
    merely look alike.
    """
    declared = [c for c in items if c.depth]
    clean = sum(c.weight >= _CLEAN_WEIGHT for c in items if not c.depth)
    if declared and len(declared) >= clean:
        return declared
    return items


def _declared_chain(items: Sequence[Candidate]) -> Chain:
    """All headings that the format declares; numbering starts again where it falls back to 1."""
    restarts = {
        i
        for i in range(1, len(items))
        if items[i].order.whole <= 1
        and items[i].order < items[i - 1].order
        and not items[i].order.inserted
    }
    return Chain(tuple(range(len(items))), frozenset(restarts))


def _mixed(kinds: Sequence[Sequence[Candidate]]) -> tuple[str, list[Candidate], Chain]:
    """Declared headings of several kinds as one run.

    Those of a lower kind belong to the one of a higher kind before them.
    """
    for rank, items in enumerate(kinds, start=BASIC_RANK):
        for c in items:
            c.rank = rank
    items = _in_order(*kinds)
    return _MIXED, items, Chain(tuple(range(len(items))), frozenset(_falls_back(items)))


def _falls_back(items: Sequence[Candidate]) -> set[int]:
    """Where the numbers of a kind start again without one of a higher kind in between."""
    last: dict[int, Candidate] = {}
    found = set()
    for i, c in enumerate(items):
        before = last.get(c.rank)
        if (
            before is not None
            and c.order.whole <= 1
            and c.order < before.order
            and not c.order.inserted
        ):
            found.add(i)
        last = {rank: held for rank, held in last.items() if rank < c.rank} | {c.rank: c}
    return found


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


def _freed_groups(
    candidates: Sequence[Candidate], accepted: Sequence[Candidate]
) -> list[Candidate]:
    """Containers right before a unit of the law itself that a quotation seems to hold: it was
    closed before, without a mark.
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
    items: Sequence[Candidate], accepted: list[Candidate], selection: Selection
) -> list[Candidate]:
    """Add headings that repeat the number before them under another title.

    Without titles it is one unit, printed again.
    """
    starts = [c.at for c in accepted]
    chosen = set(starts)
    extra = []
    for c in items:
        if c.at in chosen or c.weight < _CLEAN_WEIGHT or _within(c.at, selection.contents):
            continue
        i = bisect_left(starts, c.at) - 1
        before = accepted[i] if i >= 0 else None
        if before is None or before.order != c.order:
            selection.out_of_sequence.append(c)
        elif _is_titled(c) and _is_titled(before) and c.rest.casefold() != before.rest.casefold():
            extra.append(c)
        else:
            selection.repeated.append(c)
    return _in_order(accepted, extra)


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


def _sections_as_groups(
    candidates: Sequence[Candidate], kind: str, accepted: Sequence[Candidate]
) -> list[Candidate]:
    """Where articles are cited, a heading `Section 2` right before an article groups articles."""
    if kind != "article":
        return []
    starts = [c.at for c in accepted]
    groups = []
    for c in candidates:
        if (
            c.role is _BASIC
            and c.kind == "section"
            and c.weight >= _CLEAN_WEIGHT
            and (not c.rest or c.rest[-1] not in ".;,:")
        ):
            i = bisect_left(starts, c.at)
            if i < len(starts) and starts[i] - c.at < _GROUP_CHARS:
                c.role = UnitRole.CONTAINER
                groups.append(c)
    return groups
