"""From the rows of all pages to the lines of the document in the order of reading, and what stands
apart from them: notes, and what the margins hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from adapters.readers.pdf.columns import Line, page_gutters, page_lines
from adapters.readers.pdf.margins import margin_rows
from adapters.readers.pdf.notes import note_lines
from adapters.readers.pdf.paragraphs import Placed, going_on
from adapters.readers.pdf.right_to_left import is_right_to_left
from adapters.readers.pdf.rows import Row

_APART: Final = 1.25  # of the usual distance between lines: what a blank line stands for
_OFTEN: Final = 0.08  # of all distances
_FEW: Final = 2  # pages with the same gutter


class Apart(NamedTuple):
    """A line that stands apart from the text, and its page, from 1."""

    page: int
    text: str


@dataclass(slots=True)
class LaidOut:
    """A document in the order of reading."""

    lines: list[str] = field(default_factory=list)  # "" stands for a distance
    pages: list[int] = field(default_factory=list)  # of each line, from 1
    going_on: list[int] = field(default_factory=list)  # indices of lines that go on with the last
    notes: list[Apart] = field(default_factory=list)
    margins: list[Apart] = field(default_factory=list)


def lay_out(pages: Sequence[Sequence[Row]]) -> LaidOut:
    """Put the rows of all pages in order."""
    laid = LaidOut()
    right_to_left = _runs_right_to_left(pages)
    outer = margin_rows(pages)
    inner = []
    for number, (rows, out) in enumerate(zip(pages, outer, strict=True), 1):
        inner.append([row for i, row in enumerate(rows) if i not in out])
        margin = page_lines([rows[i] for i in sorted(out)])
        laid.margins += [Apart(number, line.text) for line in margin]
    usual = _usual_gutters(inner)
    lines = [page_lines(rows, usual, right_to_left=right_to_left) if rows else [] for rows in inner]
    notes = note_lines(lines)
    distance = _usual_distance(lines)
    placed: list[Placed] = []
    for number, (own, apart) in enumerate(zip(lines, notes, strict=True), 1):
        laid.notes += [Apart(number, own[i].text) for i in sorted(apart)]
        kept = [line for i, line in enumerate(own) if i not in apart]
        for last, line in zip([None, *kept], kept, strict=False):
            placed.append(
                Placed(line, number, last is not None and _is_apart(last, line, distance))
            )
    _write(laid, placed, going_on(placed, right_to_left=right_to_left))
    return laid


def _write(laid: LaidOut, placed: Sequence[Placed], going_on: set[int]) -> None:
    for i, (line, page, apart) in enumerate(placed):
        if apart:
            laid.lines.append("")
            laid.pages.append(page)
        if i in going_on:
            laid.going_on.append(len(laid.lines))
        laid.lines.append(line.text)
        laid.pages.append(page)


def _runs_right_to_left(pages: Sequence[Sequence[Row]]) -> bool:
    words = [word.text for rows in pages for row in rows for word in row.words]
    return 2 * sum(map(is_right_to_left, words)) > len(words)


def _usual_gutters(pages: Sequence[Sequence[Row]]) -> list[float]:
    """The gutters that several pages have."""
    counted = Counter(
        round(gutter / 4) * 4 for rows in pages if rows for gutter in set(page_gutters(rows))
    )
    return [float(gutter) for gutter, count in counted.most_common() if count >= _FEW]


def _usual_distance(pages: Sequence[Sequence[Line]]) -> float:
    """The distance from line to line in paragraphs, in sizes of their letters: the least of those
    that come often, since it may be that most paragraphs have one line.
    """
    counted: Counter[float] = Counter()
    for lines in pages:
        for a, b in pairwise(lines):
            if a.region == b.region and b.base > a.base and b.em:
                counted[round((b.base - a.base) / b.em, 1)] += 1
    often = _OFTEN * counted.total()
    return next((distance for distance in sorted(counted) if counted[distance] > often), 0.0)


def _is_apart(last: Line, line: Line, distance: float) -> bool:
    if last.region != line.region or not distance:
        return False
    return line.base - last.base > _APART * distance * max(line.em, last.em)
