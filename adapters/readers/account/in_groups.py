"""Lines in the text of groups, and of what was cut in their place, that units begin with.

What groups units, a part or a chapter, has a title and seldom more. Where numbered lines count on
in its own text, and from one group into the next, they are units of a kind that was not cut: the
sections of an act whose schedule holds a treaty, of which the articles were.

The same holds within units that have no Arabic number, such as the chapters I to V of a regulation
whose sections 1 to 40 count on through them: those are what people cite. A list in a unit begins
with 1 again.

Annexes are left out, and what stands below them: forms are numbered through their parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from adapters.readers.lines.candidates import Candidate
from adapters.readers.profiles.base import UnitRole
from adapters.readers.text.normalised import View

_FEWEST: Final = 4  # lines that count on
_GROUPS: Final = 2  # that hold them
_FEWEST_IN_UNITS: Final = 6  # lines that count on through units
_UNITS: Final = 3  # that hold them
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
    if not any(unit.role is UnitRole.BASIC for unit in units):
        return []
    found: list[int] = []
    for asked, fewest, holders in (
        (_is_group, _FEWEST, _GROUPS),
        (_is_without_figure, _FEWEST_IN_UNITS, _UNITS),
    ):
        lines = _numbered(view, units, asked)
        for run in _runs([line for line in lines if not is_set_apart(line.at)]):
            numbers = {line.number for line in run}
            if len(numbers) >= fewest and len({line.group for line in run}) >= holders:
                found += [line.at for line in run]
    return sorted(found)


def _is_group(unit: Candidate) -> bool:
    return unit.role is UnitRole.CONTAINER


def _is_without_figure(unit: Candidate) -> bool:
    return unit.role is UnitRole.BASIC and not any(char.isdigit() for char in unit.number)


def _numbered(
    view: View, units: Sequence[Candidate], is_asked: Callable[[Candidate], bool]
) -> Iterator[_Line]:
    ends = [*(unit.at for unit in units[1:]), len(view.text)]
    for unit, end in zip(units, ends, strict=True):
        if unit.role is UnitRole.ANNEX:
            return
        if is_asked(unit):
            start = max(unit.title_end, unit.rest_at) - 1
            for found in _NUMBERED.finditer(view.text, start, end):
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
