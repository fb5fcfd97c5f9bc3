"""Numbers that a sequence of numbered lines lacks.

A line is no clear heading where a page number, a margin note or a long title without a stop stands
above it, and where it begins with the text of the section at once. Alone it proves nothing. Its
number does where it is exactly the one that the sequence lacks there:

1. Between two of the sequence, and after its last, the next number is taken, then the one after it,
   and so on; before its first all numbers from 1 on, or none. Of several lines with that number the
   clearest is taken. An item of a list is none: right before it stands the number before it, which
   is no unit. Numbers behind margin notes (`margins`) are taken in this way as well.
2. A line that is set as clearly as most of the sequence is taken in its place even where numbers
   before it are missing: `1.` `2.` `4.` `5.` are four units.
3. A list in the last unit that is longer than the sequence would go on with it: of 1, 2, 3 and a
   list from 1 to 7 the items 4 to 7. They are left out if they are no longer than the items of the
   list before them.

Example: of

    7. Duties               unit
    as they stood at the end of that year
    8. (1) The members      unit: 7 and 9 are there, and it stands between them
    9. Fees                 unit

the line with 8 alone would be taken for the end of the sentence above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from adapters.readers.lines.candidates import Candidate
from adapters.readers.lines.weights import QUOTED
from adapters.readers.numbers.paths import STEP, Path

Pair = tuple[Candidate, Path]
"""A numbered line and its path."""

# The least weight of a line whose number is the one that is lacking: what a full line without a
# stop above leaves of a text without a title (1 - 1.5). Between two of the sequence it may stand in
# a quotation that was never closed as well.
_LEAST: Final = -0.6
_FEW: Final = 2  # so many last units after a list prove nothing: they may be as short as its items


def filled(items: Sequence[Pair], chosen: Sequence[Pair]) -> list[Pair]:
    """The sequence with what it lacks, by rules 1 and 2. `items` are all numbered lines."""
    if not chosen:
        return []
    taken = {item.at for item, _ in chosen}
    spare = [
        _Spare(item, path, above)
        for above, (item, path) in zip([None, *items], items, strict=False)
        if len(path) == 1 and item.at not in taken and _may_head(item)
    ]
    clear = median(item.weight for item, _ in chosen)
    out: list[Pair] = []
    k = 0
    for before, after in pairwise([None, *chosen, None]):
        start = k
        while k < len(spare) and (after is None or spare[k].item.at < after[0].at):
            k += 1
        span = spare[start:k]
        if before is None:
            out += _led_in(span, chosen[0][1], taken)
        else:
            out.append(before)
            out += _between(span, before[1], after[1] if after else None, clear, taken)
    return out


def without_list(items: Sequence[Pair], chosen: list[Pair]) -> list[Pair]:
    """The sequence without the rest of a list that its last unit ends with: rule 3."""
    order = {item.at: i for i, (item, _) in enumerate(items)}
    taken = {order[item.at] for item, _ in chosen}
    for k, (item, path) in enumerate(chosen):
        i = order[item.at]
        first = i - path[0] // STEP + 1  # where the list would begin
        if not k or not _is_whole(path) or first < 0 or i - 1 in taken or first == i:
            continue
        counts = [other for _, other in items[first:i]] == [
            (STEP * n,) for n in range(1, path[0] // STEP)
        ]
        rest = range(i, len(items))
        goes_on = counts and len(rest) > _FEW and taken.issuperset(rest)
        if goes_on and max(_sizes(items[i:])) <= max(_sizes(items[first : i + 1])):
            return chosen[:k]
    return chosen


def _sizes(pairs: Sequence[Pair]) -> list[int]:
    return [b.at - a.at for (a, _), (b, _) in pairwise(pairs)]


class _Spare(NamedTuple):
    """A line that may be what is lacking, and the numbered line above it."""

    item: Candidate
    path: Path
    above: Pair | None

    @property
    def letters(self) -> int:
        """How many letters its number ends with."""
        return sum(c.isalpha() for c in self.item.number)

    def is_listed(self, taken: set[int]) -> bool:
        """True for an item of a list: the number before stands right above and is no unit."""
        if self.above is None or self.above[0].at in taken:
            return False
        return self.above[1] == (self.path[0] - STEP,)


def _is_inserted(path: Path, before: Path) -> bool:
    """True for 12AA after 12Z."""
    return path[0] // STEP == before[0] // STEP and not _is_whole(path)


def _may_head(item: Candidate) -> bool:
    """False for what reads like the rest of a sentence or an item of a list."""
    return not item.rest[:1].islower() and item.weight >= _LEAST + QUOTED


def _is_whole(path: Path) -> bool:
    return len(path) == 1 and path[0] % STEP == 0


def _between(
    span: Sequence[_Spare], before: Path, after: Path | None, clear: float, taken: set[int]
) -> list[Pair]:
    """Rules 1 and 2 for the lines between two of the sequence, or after its last."""
    found: list[Pair] = []
    stood = before[0] - before[0] % STEP
    for i, spare in enumerate(span):
        item, path = spare.item, spare.path
        if _is_inserted(path, before) and item.weight >= clear and spare.letters == 2:
            found.append((item, path))
        if not _is_whole(path):
            continue
        if path[0] <= stood or (after is not None and path >= after) or spare.is_listed(taken):
            continue
        if path[0] != stood + STEP and (after is None or item.weight < clear):
            continue
        if after is None and item.weight < _LEAST:
            continue
        if any(s.path == path and s.item.weight > item.weight for s in span[i + 1 :]):
            continue
        found.append((item, path))
        taken.add(item.at)
        stood = path[0]
    return found


def _led_in(span: Sequence[_Spare], first: Path, taken: set[int]) -> list[Pair]:
    """Rule 1 for the lines before the first of the sequence: all numbers from 1 on, or none."""
    wanted = first[0] - first[0] % STEP - STEP
    found: list[Pair] = []
    for spare in reversed(span):
        if wanted > 0 and spare.path[0] == wanted:
            found.append((spare.item, spare.path))
            wanted -= STEP
    if wanted:
        return []
    taken.update(item.at for item, _ in found)
    return found[::-1]
