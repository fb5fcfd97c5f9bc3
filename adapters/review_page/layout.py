"""What stands where on the review page: parts of the text with their lines, the tree, and which
place a warning means.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from domain.plan.cut_plan import CutPlan, CutplanRow
from domain.reading.doubts import LineReason
from domain.reading.marks import PlanWarning

DEEPEST: Final = 32
"""Units below this depth stand beside each other: HTML parsers flatten what is nested hundreds deep
(HTML, section 13.2.6).
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A unit or, without a row, a gap of the text.

    `place` is its id on the page; lines count from 1.
    """

    place: str
    row: CutplanRow | None
    text: str
    start: int
    first_line: int
    last_line: int

    @property
    def blank(self) -> bool:
        """Whether there is nothing but white space."""
        return not self.text.strip()

    @property
    def lines(self) -> str:
        """For a person.

        >>> Part("g1", None, "a", 0, 3, 3).lines
        'line 3'
        """
        one = self.first_line == self.last_line
        return f"line {self.first_line}" if one else f"lines {self.first_line} to {self.last_line}"


@dataclass(frozen=True, slots=True)
class TreeStep:
    """One step of a walk through the tree: `open` and `close` a unit with others below it, or a
    `leaf`.
    """

    kind: str
    row: CutplanRow | None = None
    below: int = 0


def parts_of(plan: CutPlan) -> list[Part]:
    """Every row and gap in document order; joined, their texts are the source text.

    Time is linear but for the sort.
    """
    rows = [(row.start, row.end, f"u{row.seq}", row, row.body) for row in plan.rows]
    gaps = [(gap.start, gap.end, f"g{n}", None, gap.text) for n, gap in enumerate(plan.gaps, 1)]
    parts: list[Part] = []
    line = 1
    for start, _, place, row, text in sorted([*rows, *gaps], key=lambda part: part[:2]):
        breaks = text.count("\n")
        last = max(line, line + breaks - text.endswith("\n"))
        parts.append(Part(place, row, text, start, line, last))
        line += breaks
    return parts


class Places:
    """Finds the part that a line or an offset is in."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._lines = [part.first_line for part in parts]
        self._starts = [part.start for part in parts]

    def of_line(self, line: int) -> Part:
        """The first part that starts on a line; else the part that the line is in."""
        at = bisect_left(self._lines, line)
        if at < len(self._lines) and self._lines[at] == line:
            return self._parts[at]
        return self._parts[max(at - 1, 0)]

    def of_offset(self, offset: int) -> Part:
        """The part that a character is in."""
        return self._parts[max(bisect_right(self._starts, offset) - 1, 0)]


def warnings_by_place(plan: CutPlan, places: Places) -> dict[str, list[tuple[int, PlanWarning]]]:
    """The warnings of each place, with their numbers from 1."""
    found: dict[str, list[tuple[int, PlanWarning]]] = defaultdict(list)
    for number, warning in enumerate(plan.warnings, 1):
        found[places.of_line(warning.line).place].append((number, warning))
    return dict(found)


def account_by_place(plan: CutPlan, places: Places) -> dict[str, str]:
    """What the lines of each place that look like units were taken for, but for its own heading.

    In words: `3 list item, 1 cross-reference`.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for start, reason, lines in plan.account.parts:
        if reason != LineReason.UNIT:
            found[places.of_offset(start).place][reason] += lines
    return {
        place: ", ".join(f"{count:,} {reason}" for reason, count in counts.items())
        for place, counts in found.items()
    }


def tree_steps(rows: Sequence[CutplanRow]) -> Iterator[TreeStep]:
    """A walk through the units by `parent_ref`, children in plan order.

    Needs no recursion, so depth can not break it.
    """
    children: dict[str | None, list[CutplanRow]] = defaultdict(list)
    for row in rows:
        children[row.parent_ref].append(row)
    walk: list[tuple[Iterator[CutplanRow], bool]] = [(iter(children[None]), False)]
    shown_depth = 1
    while walk:
        siblings, nested = walk[-1]
        if (sibling := next(siblings, None)) is None:
            walk.pop()
            shown_depth -= nested
            if nested:
                yield TreeStep("close")
            continue
        below = children.get(sibling.canonical_address, [])
        nests = bool(below) and shown_depth < DEEPEST
        yield TreeStep("open", sibling, len(below)) if nests else TreeStep("leaf", sibling)
        if below:
            walk.append((iter(below), nests))
            shown_depth += nests


def in_groups(digest: str, size: int = 8) -> list[str]:
    """A digest in groups that eyes can compare; joined they are the digest.

    >>> in_groups("0123456789ab")
    ['01234567', '89ab']
    """
    return [digest[at : at + size] for at in range(0, len(digest), size)]
