"""Runs of numbers inside a sequence of numbered lines: long lists that an amendment puts in.

    26. Amendment of the First Schedule    section
    1. Senators;                           a list inside section 26, and longer than the act
    ...
    50. Chairpersons of:                   its last item
    27. Amendment of the Second Schedule   section: the numbers go on where they stood

By weight alone the list of 50 would win over the 27 sections. What counts is that the numbers go on
after it: a run from 1 that is at least as long as the sequence stood before it, and is followed by
the very next number of that sequence, is a list.

Where such a run was left as text although it counts on from no item of a list, it may be the rest
of the sequence (`runs_left_out`), and a person should look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from adapters.readers.lines.candidates import Candidate
from adapters.readers.numbered.gaps import Pair
from adapters.readers.numbers.paths import STEP, Path

_FIRST: Final[Path] = (STEP,)
_FEWEST: Final = 2  # lines of a run
_AS_CLEAR: Final = 0.3  # so much below the median of the sequence is set like the sequence


def without_insets(good: Sequence[Pair]) -> Sequence[Pair]:
    """The clear lines without long lists inside the sequence that they stand in."""
    runs = list(_runs([pair for pair in good if _is_whole(pair[1])]))
    lists: set[int] = set()
    stood = 0  # the number of the sequence before the run that is asked
    for run, after in zip(runs, [*runs, None][1:], strict=True):
        first, last = run[0][1][0] // STEP, run[-1][1][0] // STEP
        goes_on = after is not None and after[0][1] == ((stood + 1) * STEP,)
        if first == 1 and stood >= _FEWEST and last > stood and goes_on:
            lists.update(item.at for item, _ in run)
        elif first in (1, stood + 1):
            stood = last
    return [pair for pair in good if pair[0].at not in lists] if lists else good


def runs_left_out(
    items: Sequence[Candidate], good: Sequence[Pair], chosen: Sequence[Pair]
) -> list[Candidate]:
    """The lines of runs that begin with no first number and go on with no list, are set as clearly
    as the sequence, and are no part of it. `items` are all numbered lines.
    """
    if not chosen:
        return []
    above = {item.at: before.order.whole for before, item in pairwise(items)}
    taken = {item.at for item, _ in chosen}
    clear = median(item.weight for item, _ in chosen) - _AS_CLEAR
    spare: list[Pair] = []
    found: list[Candidate] = []
    for pair in [*good, None]:
        if pair is not None and (pair[0].at not in taken):
            if _is_whole(pair[1]):
                spare.append(pair)
            continue
        for run in _runs(spare):
            first, path = run[0]
            listed = path == _FIRST or above.get(first.at) == path[0] // STEP - 1
            if len(run) >= _FEWEST and not listed:
                found += [item for item, _ in run if item.weight >= clear]
        spare = []
    return found


def _runs(pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    """The lines in stretches that count on by one."""
    run: list[Pair] = []
    for pair in pairs:
        if run and pair[1][0] != run[-1][1][0] + STEP:
            yield run
            run = []
        run.append(pair)
    if run:
        yield run


def _is_whole(path: Path) -> bool:
    return len(path) == 1 and path[0] % STEP == 0
