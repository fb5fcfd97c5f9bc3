"""Lines in the own text of groups that a series of units begins with.

What groups units, a part or a chapter, has a title and seldom more. Where numbered lines count on
in its own text, and from one group into the next, they are units of a kind that was not cut: the
sections of an act whose schedule holds a treaty, of which the articles were.

Annexes are left out, and what stands below them: forms are numbered through their parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from adapters.readers.lines.candidates import Candidate
from adapters.readers.profiles.base import UnitRole
from adapters.readers.text.normalised import View

_FEWEST: Final = 4  # lines that count on
_GROUPS: Final = 2  # that hold them
_NUMBERED: Final = re.compile(
    r"\n[^\w\n(\[]*+(?:[^\W\d_]{1,12}\.?[ ]|§[ ]?)?(?P<n>\d{1,4})[A-Z]{0,2}"
    r"(?:[.:)](?!\d)|[ \t]{2,}|[ ]?[—–]|[ ](?=[A-ZÀ-ÖØ-Þ]))[ \t]*(?=[^\s,;])"
)


class _Line(NamedTuple):
    at: int
    number: int
    group: int  # where that begins


def counting_in_groups(
    view: View, units: Sequence[Candidate], is_set_apart: Callable[[int], bool]
) -> list[int]:
    """Where the lines begin, in the order of the text."""
    lines = [line for line in _numbered(view, units) if not is_set_apart(line.at)]
    found: list[int] = []
    for run in _runs(lines):
        numbers = {line.number for line in run}
        if len(numbers) >= _FEWEST and len({line.group for line in run}) >= _GROUPS:
            found += [line.at for line in run]
    return found


def _numbered(view: View, units: Sequence[Candidate]) -> Iterator[_Line]:
    if not any(unit.role is UnitRole.BASIC for unit in units):
        return
    for unit, after in pairwise(units):
        if unit.role is UnitRole.ANNEX:
            return
        if unit.role is UnitRole.CONTAINER:
            start = max(unit.title_end, unit.rest_at) - 1
            for found in _NUMBERED.finditer(view.text, start, after.at):
                yield _Line(found.start() + 1, int(found["n"]), unit.at)


def _runs(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """The lines as runs in which each number is that of the line before or the next one."""
    run: list[_Line] = []
    for line in lines:
        if run and line.number - run[-1].number not in (0, 1):
            yield run
            run = []
        run.append(line)
    if run:
        yield run
