"""Numbers that run from 1 a second time beside a sequence: an appendix without a heading.

    4. Changes             the sequence
    5. Closing             its end
    1. Forms               a run of its own: nothing above says that it is a list
    2. Fees
    To pay, do this:
    1. Fill in the form.   a list in unit 2: a colon announces it
    2. Sign it.
    3. Records             the run goes on

Lines that count on from each other are runs, each opened by a 1 inside the unit that stands before
it. Where the numbers go on that stood before a run, the run was a list, and so is one that a colon
announces. A number that two open runs wait for goes to the inner one, unless its line is shorter
than all of the items there, as a title is; than most of them, where a colon announces them. What
is left open at the end are the sequence and the runs beside it. They count as units where

1. they have two lines at least, and most are no shorter than a line;
2. they are set as clearly as the sequence, and not each of them longer than every title there.

So a sequence never goes on from one run into another: of 1 to 4 and 1 to 9 the units 1 to 4 are
not those of the first run, or of the second, with the rest in their gaps. Each run that begins
again is a doubt (`account.find_doubts`), since nothing but its numbers says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from adapters.readers.numbered.gaps import Pair
from adapters.readers.numbers.paths import STEP, Path
from adapters.readers.text.normalised import View

_FIRST: Final[Path] = (STEP,)
_FEWEST: Final = 2  # lines of a run
_MOST: Final = 50  # runs that are open at a time, so that the time stays linear
_AS_CLEAR: Final = 0.3  # so much below the median of the sequence is set like the sequence
_THIN_CHARS: Final = 80  # from one number to the next, half of them at least: an item of a list
_NEAR: Final = 20  # characters before a line in which a colon announces it
_ANNOUNCES: Final = frozenset(":：")


def of_one_run(view: View, chosen: list[Pair], good: Sequence[Pair]) -> list[Pair]:
    """The sequence, or the heaviest run where it goes on from one run or list into another.

    `good` are the clear lines that it was chosen from.
    """
    if not chosen or any(not item.number[0].isdigit() for item, _ in chosen):
        return chosen
    taken = {item.at for item, _ in chosen}
    runs = [run for run in _runs_beside(view, good) if _is_thick(run)]
    if not runs:
        return chosen
    heaviest = max(runs, key=lambda run: sum(item.weight for item, _ in run))
    crosses = sum(not taken.isdisjoint(item.at for item, _ in run) for run in runs) > 1
    return heaviest if crosses or len(heaviest) >= len(chosen) else chosen


def with_restarts(
    view: View, chosen: list[Pair], good: Sequence[Pair], end: int | None
) -> list[Pair]:
    """The sequence with the runs before and after it. `good` are the clear lines of the text;
    annexes start at `end`.
    """
    whole = [item for item, path in chosen if len(path) == 1]
    if not whole:
        return chosen
    bound = median(item.weight for item in whole) - _AS_CLEAR
    longest = max(len(item.rest) for item in whole)
    clear = [
        (item, path)
        for item, path in good
        if item.weight >= (bound if len(path) == 1 else 0.0) and (end is None or item.at < end)
    ]
    first, last = chosen[0][0].at, chosen[-1][0].at

    def beside(pairs: Sequence[Pair]) -> list[Pair]:
        runs = [
            run
            for run in _runs_beside(view, pairs)
            if _is_thick(run) and min(len(item.rest) for item, _ in run) <= longest
        ]
        for run in runs:
            run[0][0].restarts = True
        return [pair for run in runs for pair in run]

    earlier: list[Pair] = []
    if chosen[0][1] == _FIRST:
        earlier = beside([pair for pair in clear if pair[0].at < first])
    if earlier:
        earlier[0][0].restarts = False
        chosen[0][0].restarts = True
    return [*earlier, *chosen, *beside([pair for pair in clear if pair[0].at > last])]


def _runs_beside(view: View, pairs: Sequence[Pair]) -> list[list[Pair]]:
    """The runs that no other one holds, in order, without lists that a colon announces."""
    opened: list[_Run] = []
    for pair in pairs:
        path = pair[1]
        waiting = [k for k, run in enumerate(opened) if _goes_on(run.pairs[-1][1], path)]
        while len(waiting) > 1 and opened[waiting[-1]].leaves(pair):
            waiting.pop()
        if waiting:
            opened[waiting[-1]].pairs.append(pair)
            del opened[waiting[-1] + 1 :]
        elif path == _FIRST:
            run = _Run(view, pair)
            if opened and len(opened[-1].pairs) < _FEWEST and not run.is_announced:
                opened.pop()
            if len(opened) < _MOST:
                opened.append(run)
    return [run.pairs for run in opened if not run.is_announced]


class _Run:
    """Lines that count on from each other, and whether a colon announces the first."""

    def __init__(self, view: View, first: Pair) -> None:
        self.pairs = [first]
        above = view.text[max(first[0].at - _NEAR, 0) : first[0].at].rstrip()[-1:]
        self.is_announced = above in _ANNOUNCES

    def leaves(self, pair: Pair) -> bool:
        """True where a line goes on with an outer run, although this one waits for its number."""
        sizes = [len(item.rest) for item, _ in self.pairs]
        return len(pair[0].rest) < (median(sizes) if self.is_announced else min(sizes))


def _is_thick(run: Sequence[Pair]) -> bool:
    """Rule 1."""
    sizes = sorted(b.at - a.at for (a, _), (b, _) in pairwise(run))
    return len(run) >= _FEWEST and sizes[len(sizes) // 2] >= _THIN_CHARS


def _goes_on(before: Path, path: Path) -> bool:
    """True for 2.1 and 3 after 2, for 2.2 and 3 after 2.1."""
    *above, last = path
    if tuple(above) == before:
        return last == STEP
    return (
        len(above) < len(before)
        and path == (*above, before[len(above)] + STEP)
        and (before[: len(above)] == tuple(above))
    )
