"""From accepted units in order to marks: parents, components, spans.

1. A unit's parent is the last unit before it with a lower rank (`lines.ranks`). Preamble,
   conclusions and headings have no parent.
2. An annex opens a component: a part of the document with a numbering of its own, such as
   `annex_1`. An attachment inside an annex opens one below it: `annex_1_att_2`.
3. Where numbering starts again without an annex, a part is counted (`part_2`, `annex_1_2`), but not
   below a container, which tells the units apart by itself.
4. A unit's text ends where the next unit starts, but for a preamble that a table of contents
   follows.

Example: the ranks of `Chapter I`, `Article 1`, `Article 2`, `Annex I`, `Article 1` are 10, 1000,
1000, -1, 1000. Articles 1 and 2 have the chapter for parent. The last article has the annex for
parent and the component `annex_I`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.ranks import BASIC_RANK, DEPTH_STEP, WORD_RANK
from adapters.readers.profiles.base import Profile, UnitRole
from adapters.readers.text.normalised import View
from domain.reading.address_steps import step_of
from domain.reading.marks import Level, Mark

_LEVELS: Final = {
    UnitRole.BASIC: Level.BASIC,
    UnitRole.SUB: Level.SUB,
    UnitRole.CONTAINER: Level.CONTAINER,
    UnitRole.ANNEX: Level.ANNEX,
    UnitRole.PREAMBLE: Level.OTHER,
    UnitRole.CONCLUSIONS: Level.OTHER,
    UnitRole.HEADING: Level.OTHER,
}
# Names of their own: looking up a member takes long in an inner loop.
_BASIC, _CONTAINER, _ANNEX = UnitRole.BASIC, UnitRole.CONTAINER, UnitRole.ANNEX
# The ranks of an attachment's annex and of annex heads, outside of everything else.
_OUTER_RANK, _ANNEX_RANK = -2, -1
_LOOSE: Final = frozenset((UnitRole.PREAMBLE, UnitRole.CONCLUSIONS, UnitRole.HEADING))


def set_ranks(units: Sequence[Candidate], profile: Profile) -> None:
    """Rank containers above basic units.

    They are ranked by the depth that the format declares where it does for all of them, else by
    their kinds. The kind also decides between two that are declared as deep, a chapter and a
    section, where all of them have words.
    """
    containers = [u for u in units if u.role is _CONTAINER]
    declared = all(u.depth for u in containers)
    ranks = _container_ranks(containers, profile)
    by_kind = all(u.word is not None for u in containers)
    for unit in units:
        if unit.role is _CONTAINER:
            unit.rank = (
                unit.depth * DEPTH_STEP + (ranks[unit.kind] if by_kind else 0)
                if declared
                else WORD_RANK + ranks[unit.kind]
            )
        elif unit.role is _BASIC:
            unit.rank = unit.rank or BASIC_RANK


def _container_ranks(containers: Sequence[Candidate], profile: Profile) -> dict[str, int]:
    """The order of container kinds, outermost first, from 0.

    A kind whose numbers start again after one of another kind is below that one, whatever the usual
    order: in some laws titles divide chapters. Kinds that do not tell stand as in the profile.
    """
    default = {kind: i for i, kind in enumerate(dict.fromkeys(word.kind for word in profile.words))}
    under: dict[tuple[str, str], int] = {}  # how often the first kind restarted after the second
    since: dict[str, set[str]] = {}  # kinds that came after the last container of each kind
    for c in containers:
        if c.order.whole == 1 or c.number == "A":  # numbering starts again
            for other in since.get(c.kind, set()):
                under[c.kind, other] = under.get((c.kind, other), 0) + 1
        for seen in since.values():
            seen.add(c.kind)
        since[c.kind] = set()

    def compare(a: str, b: str) -> int:
        restarts = under.get((a, b), 0) - under.get((b, a), 0)
        return restarts or default.get(a, 99) - default.get(b, 99)

    kinds = sorted({c.kind for c in containers}, key=cmp_to_key(compare))
    return {kind: i for i, kind in enumerate(kinds)}


def build_marks(view: View, units: Sequence[Candidate]) -> list[Mark]:
    """The marks of ranked units that have their titles: rule 4 says where each ends."""
    starts = view.to_sources([u.at for u in units])
    ends = [*starts[1:], len(view.source)][: len(starts)]
    for i, unit in enumerate(units):
        if unit.until:
            ends[i] = view.to_source(unit.until)
    return _Builder(view.source).build(units, starts, ends)


class _Builder:
    """Walks the units once, with the open units and the component that numbering is in."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.stack: list[tuple[int, int]] = []  # open units: rank, index of the mark
        self.component = ""
        self.annex: int | None = None  # the mark of the annex that attachments belong to
        self.marks: list[Mark] = []
        self.counted: dict[str, int] = {}  # parts of each component
        self.fresh = False  # no basic unit came since the head of an annex

    def build(
        self, units: Sequence[Candidate], starts: Sequence[int], ends: Sequence[int]
    ) -> list[Mark]:
        for unit, start, end in zip(units, starts, ends, strict=True):
            if unit.role is _ANNEX:
                self._annex(unit, start, end)
            else:
                self._unit(unit, start, end)
        return self.marks

    def _unit(self, unit: Candidate, start: int, end: int) -> None:
        if unit.restarts and not self.fresh:
            self._restart()
        if unit.role is _BASIC:
            self.fresh = False
        parent = None
        if unit.role not in _LOOSE:
            while self.stack and self.stack[-1][0] >= unit.rank:
                self.stack.pop()
            parent = self.stack[-1][1] if self.stack else None
            self.stack.append((unit.rank, len(self.marks)))
        self.marks.append(_mark(unit, start, end, parent, self.component))

    def _restart(self) -> None:
        """Rule 3: numbering starts again without a head of its own."""
        if self.stack and self.stack[-1][0] < BASIC_RANK:
            return
        base = self.component or "part"
        count = self.counted[base] = self.counted.get(base, 1) + 1
        self.component = f"{base}_{count}"
        self.stack = self.stack[:1] if self.annex is not None else []

    def _annex(self, unit: Candidate, start: int, end: int) -> None:
        """Rule 2. The component is named after the head's own step of an address."""
        nested = unit.kind == "attachment" and self.annex is not None
        outer = self.marks[self.annex].component if nested and self.annex is not None else ""
        parent = self.annex if nested else None
        mark = _mark(unit, start, end, parent, outer)
        step = str(step_of(mark, self.source)[0])
        self.component = f"{outer}_{step}" if outer else step
        if not nested:
            mark = _mark(unit, start, end, None, self.component)
            self.annex = len(self.marks)
        self.stack = [] if parent is None else [(_OUTER_RANK, parent)]
        self.stack.append((_ANNEX_RANK, len(self.marks)))
        self.marks.append(mark)
        self.fresh = True


def _mark(unit: Candidate, start: int, end: int, parent: int | None, component: str) -> Mark:
    return Mark(
        start,
        end,
        _LEVELS[unit.role],
        unit.kind,
        unit.label,
        unit.number,
        unit.title,
        parent,
        component,
    )
