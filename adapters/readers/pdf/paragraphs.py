"""Which printed lines go on with the line before them, so that a paragraph is seen as a whole.

A line that only looks like the beginning of something, since a printed line ended before it, is no
heading, no quotation and no item of a list. But a heading that is taken for the end of a paragraph
is a unit that is missed, so a line goes on only where all of this holds:

1. The line before it was full: the next word had no room in it.
2. Both have one size, and the line's first word is as bold as the last one before it.
3. It begins where lines of its column begin, or below the words after a number.
4. It stands at the usual distance, in the same column.
5. It does not begin as an item or a section does (`0.2.3.`, `(a)`, `Section 4.`) after the end of a
   sentence.
6. The document shows where its paragraphs begin: nearly all lines after one that was not full are
   indented or stand apart. Where it does not, and from one column or page to the next, the words
   have to tell: no sentence ends before the line, and it begins with a small letter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from adapters.readers.pdf.columns import Line

_ALIKE: Final = 0.04  # of the size
_BOLDER: Final = 1.2
_INDENTED: Final = 0.5  # of the size
_BLANK: Final = 0.2  # of the size: the least room between two words
_CLASS: Final = 12.0  # points: columns that begin so near each other are alike
_ENOUGH: Final = 10  # lines of such columns
_MANY: Final = 0.05  # of all lines
_NEAR: Final = 0.12  # of a column's width: lines that end so near its end are full
_FULL: Final = 0.2  # of the lines of prose
_SLACK: Final = 6.0  # points
_OUTLIERS: Final = 0.01  # of them may stand out on the right
_SHOWN: Final = 0.9  # of the paragraphs begin in a way that can be seen
_FEWEST: Final = 5  # paragraphs that tell
_LEADER: Final = re.compile(
    r"(?:[.…·_]{3}|\t|(?:\.[ ]){3})[ .]*[\divxl]+$"
)  # an entry of a contents list
# How what is numbered begins.
_NUMBERED: Final = re.compile(
    r"(?:\d{1,3}(?:(?:\.\d{1,3}){1,5}\.?|[.)])|\(\w{1,4}\)|[a-zA-Z][.)]|§§?[ ]?\d{1,4}\w?\.?"
    r"|[^\W\d_]{3,14}\.?[ ]\d{1,4}[a-z]?[.:])[ \t]"
)
_ENDS: Final = ".;:!?…。；：।؛؟”»"


class Placed(NamedTuple):
    """A line, the number of its page, and whether it stands apart from the one before it."""

    line: Line
    page: int
    apart: bool


@dataclass(slots=True)
class _Column:
    """Where lines of columns that are alike begin and end."""

    begins: float
    ends: float


def going_on(lines: Sequence[Placed], *, right_to_left: bool = False) -> set[int]:
    """The indices of the lines that go on with the line before them."""
    columns = _columns(lines, right_to_left=right_to_left)
    pairs = [
        (i, _Pair(lines[i - 1], lines[i], columns, right_to_left=right_to_left))
        for i in range(1, len(lines))
    ]
    shown = _shown([pair for _, pair in pairs])
    return {i for i, pair in pairs if pair.goes_on(shown=shown)}


def _columns(lines: Sequence[Placed], *, right_to_left: bool) -> dict[tuple[int, int], _Column]:
    """The columns by page and region.

    A region with short lines only, such as a list, does not show where its column ends. So the ends
    are those of regions of prose, and a region has the next of them.
    """
    regions: dict[tuple[int, int], _Region] = {}
    for page, own in groupby(lines, key=lambda placed: (placed.page, placed.line.region)):
        regions[page] = _Region([placed.line for placed in own], right_to_left=right_to_left)
    alike: dict[tuple[int, int], list[_Region]] = defaultdict(list)
    for region in regions.values():
        alike[region.begin_class, round(region.end / _CLASS)].append(region)
    prose: dict[int, list[float]] = defaultdict(list)
    for (begin, _), members in alike.items():
        ends = sorted(end for region in members for end in region.ends)
        edge = ends[-1 - int(_OUTLIERS * len(ends))]
        near = edge - _NEAR * (edge - min(region.begin for region in members))
        full = sum(end >= near for end in ends)
        if len(ends) >= max(_ENOUGH, _MANY * len(lines)) and full >= _FULL * len(ends):
            prose[begin].append(edge)
    found = {}
    for key, region in regions.items():
        known = [edge for edge in prose[region.begin_class] if edge >= region.end - _SLACK]
        if known:
            found[key] = _Column(region.begin, min(known))
    return found


class _Region:
    """The lines of one column on one page."""

    def __init__(self, lines: Sequence[Line], *, right_to_left: bool) -> None:
        self.begin = min(_begin(line, right_to_left=right_to_left) for line in lines)
        self.ends = [_end(line, right_to_left=right_to_left) for line in lines]
        self.end = max(self.ends)

    @property
    def begin_class(self) -> int:
        """The same for columns that begin at one place."""
        return round(self.begin / _CLASS)


def _begin(line: Line, *, right_to_left: bool) -> float:
    return -line.right if right_to_left else line.left


def _end(line: Line, *, right_to_left: bool) -> float:
    return -line.left if right_to_left else line.right


class _Pair:
    """A line and the one before it."""

    def __init__(
        self,
        before: Placed,
        after: Placed,
        columns: dict[tuple[int, int], _Column],
        *,
        right_to_left: bool,
    ) -> None:
        a, b = before.line, after.line
        column = columns.get((before.page, a.region))
        own = columns.get((after.page, b.region))
        self.known = column is not None and own is not None
        self.same_flow = before.page == after.page and a.region == b.region
        self.apart = after.apart
        room = column.ends - _end(a, right_to_left=right_to_left) if column else 0.0
        self.full = room < b.first + _BLANK * b.em
        begin = _begin(b, right_to_left=right_to_left)
        from_edge = begin - own.begins if own else 0.0
        below = abs(begin - a.hanging) <= _INDENTED / 2 * b.em and self.same_flow
        with_above = self.same_flow and abs(begin - _begin(a, right_to_left=right_to_left)) < (
            _INDENTED / 2 * b.em
        )
        self.indented = from_edge > _INDENTED * b.em
        self.aligned = not self.indented or below or with_above
        self.alike = abs(a.em - b.em) <= _ALIKE * b.em and _alike(a.weights[1], b.weights[0])
        self.words = _words_go_on(a.text, b.text)
        self.listed = bool(_LEADER.search(a.text))
        self.numbered = a.text.rstrip()[-1:] in _ENDS and bool(_NUMBERED.match(b.text.lstrip()))

    def goes_on(self, *, shown: bool) -> bool:
        """True if the line goes on with the one before it."""
        if not (self.known and self.full and self.alike and self.aligned) or (
            self.apart or self.listed or self.numbered
        ):
            return False
        return self.words or (shown and self.same_flow)


def _alike(a: int, b: int) -> bool:
    low, high = sorted((max(a, 1), max(b, 1)))
    return high <= _BOLDER * low


def _words_go_on(before: str, after: str) -> bool:
    return before.rstrip()[-1:] not in _ENDS and after.lstrip()[:1].islower()


def _shown(pairs: Sequence[_Pair]) -> bool:
    """Rule 6: the paragraphs of the document can be seen."""
    begun = [pair for pair in pairs if pair.known and pair.same_flow and not pair.full]
    seen = sum(pair.apart or pair.indented or not pair.alike for pair in begun)
    return len(begun) >= _FEWEST and seen >= _SHOWN * len(begun)
