"""Headings that are printed again, so that only one of them begins a unit.

1. Right below itself: a page gives the heading as a link and then as the text has it. The second
   line belongs to the heading.

       Article 1
       Article 1.
       The flag is white.

2. In a table of contents without a heading of its own that lists titles alone, and chapters in
   between: the chapters stand before the first unit, and again where they begin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.profiles.base import UnitRole

_BLANKS: Final = 8  # characters from a heading to the same below it: its stop, line ends, marks


def without_repeats_below(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, in order, without those that rule 1 leaves out: what comes after a heading
    then comes after the second line. What the format declares stays.
    """
    kept: list[Candidate] = []
    for c in candidates:
        if c.depth or not kept or not _is_below(kept[-1], c):
            kept.append(c)
        else:
            first = kept[-1]
            first.title_above = first.rest or first.title_above
            first.rest_at, first.rest, first.sep = c.rest_at, c.rest, c.sep or first.sep
            first.weight = max(first.weight, c.weight)
    return kept


def _is_below(first: Candidate, second: Candidate) -> bool:
    if (first.kind, first.order, first.number) != (second.kind, second.order, second.number):
        return False
    if second.at - first.rest_at > len(first.rest) + _BLANKS:
        return False
    words, again = first.rest.casefold(), second.rest.casefold()
    return not words or not again or words == again


def without_listed_groups(units: Sequence[Candidate]) -> list[Candidate]:
    """The units, in order, without the groups that rule 2 leaves out.

    One chapter alone is no list: a second act may begin with a chapter of the same name.
    """
    first = next((u.at for u in units if u.role is UnitRole.BASIC), 0)
    later: set[tuple[str, str, str]] = set()
    listed: list[Candidate] = []
    for unit in reversed(units):
        if unit.role is UnitRole.CONTAINER and not unit.depth:
            if unit.at < first and _named(unit) in later:
                listed.append(unit)
            later.add(_named(unit))
    dropped: set[int] = set()
    for kind, count in Counter(unit.kind for unit in listed).items():
        if count > 1:
            before = [u for u in units if u.kind == kind and u.at < first and not u.depth]
            dropped |= {u.at for u in before[: _begins_again(before)]} | {
                u.at for u in listed if u.kind == kind
            }
    return [unit for unit in units if unit.at not in dropped]


def _begins_again(groups: Sequence[Candidate]) -> int:
    """Where the last run of groups begins whose numbers count on; 0 for the first."""
    falls = (i for i in range(len(groups) - 1, 0, -1) if groups[i].order <= groups[i - 1].order)
    return next(falls, 0)


def _named(group: Candidate) -> tuple[str, str, str]:
    return group.kind, group.number, group.rest.casefold().rstrip(" .")
