"""The order in which the rows of a page are read, where some of them are set in columns.

1. The gutter is sought in the middle of the page: the place that the fewest words lie over.
2. Rows with a word over it span the page. What stands between two of them is a band.
3. A band is in columns if both sides of the gutter hold lines that fill most of their column; what
   looks otherwise is a table, or a line with a tabulator, and is read row by row.
4. Each column may be in columns itself: a page of three columns has two gutters.
5. A band is read column by column, the right one first where the script runs that way.
6. A short band is in columns where it goes on with a gutter that other pages have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from adapters.readers.numbers.raised_digits import joined
from adapters.readers.pdf.right_to_left import as_read, is_right_to_left
from adapters.readers.pdf.rows import Row, Word

_MIDDLE: Final = 0.22  # of the width: a gutter is not nearer to an edge
_STEP: Final = 2  # points between two places that are tried
_FEWEST: Final = 4  # lines of a column
_NARROWEST: Final = 0.25  # of the page's width is a column
_FILLED: Final = 0.6  # of its column: a line that fills it
_PROSE: Final = 0.45  # of the lines fill their column
_GAP: Final = 0.6  # of the size: how wide a gutter is
_SAME_GUTTER: Final = 6.0  # points
_TABULATOR: Final = 4.0  # of the size: a gap in a line that parts cells
_DEEPEST: Final = 2  # gutters in gutters


class Line(NamedTuple):
    """A line as it is read."""

    text: str
    left: float
    right: float
    base: float
    em: float
    region: int  # lines of one column of one band of one page have the same
    raised: frozenset[str]  # its raised marks
    weights: tuple[int, int]  # how bold its first and its last word are
    first: float  # how wide the word is that it begins with, in the order of reading
    hanging: float  # where its second word begins


@dataclass(slots=True)
class _Flow:
    """Rows that are read one after the other."""

    rows: list[Row]


def page_lines(
    rows: Sequence[Row], usual: Sequence[float] = (), *, right_to_left: bool = False
) -> list[Line]:
    """The lines of a page in the order of reading. `usual` are the gutters of other pages."""
    flows = _flows(list(rows), usual, right_to_left=right_to_left, depth=0)
    return [
        _line(row, region) for region, flow in enumerate(flows) for row in flow.rows if row.words
    ]


def page_gutters(rows: Sequence[Row]) -> list[float]:
    """Where the page's gutters are, from left to right; empty for a page in one column."""
    found: list[float] = []
    _flows(list(rows), (), right_to_left=False, depth=0, gutters=found)
    return sorted(found)


def _flows(
    rows: list[Row],
    usual: Sequence[float],
    *,
    right_to_left: bool,
    depth: int,
    gutters: list[float] | None = None,
) -> list[_Flow]:
    gutter = _gutter(rows, usual) if depth < _DEEPEST and len(rows) > 1 else None
    if gutter is None:
        return [_Flow(rows)]
    flows: list[_Flow] = []
    for band in _bands(rows, gutter):
        sides = _sides(band, gutter) if not _spans(band[0], gutter) else None
        if sides is None or not _in_columns(*sides, rows, known=_is_usual(gutter, usual)):
            if flows and depth == 0 and flows[-1].rows and _goes_on(flows[-1], band):
                flows[-1].rows += band
            else:
                flows.append(_Flow(band))
            continue
        if gutters is not None:
            gutters.append(gutter)
        for side in reversed(sides) if right_to_left else sides:
            flows += _flows(
                side, usual, right_to_left=right_to_left, depth=depth + 1, gutters=gutters
            )
        flows.append(_Flow([]))  # what follows begins anew
    return [flow for flow in flows if flow.rows]


def _goes_on(flow: _Flow, band: Sequence[Row]) -> bool:
    return band[0].base >= flow.rows[-1].base


def _is_usual(gutter: float, usual: Sequence[float]) -> bool:
    return any(abs(gutter - other) <= _SAME_GUTTER for other in usual)


def _gutter(rows: Sequence[Row], usual: Sequence[float]) -> float | None:
    """Rule 1: the middle of the widest place that the fewest words lie over."""
    left, right = min(row.left for row in rows), max(row.right for row in rows)
    width = right - left
    first, last = int(left + _MIDDLE * width), int(right - _MIDDLE * width)
    places = list(range(first, last + 1, _STEP))
    if len(places) < _STEP:
        return None
    over = [0] * (len(places) + 1)
    for row in rows:
        for word in row.words:
            begin = max(0, -(-(int(word.left) - first) // _STEP))
            end = min(len(places), (int(word.right) - first) // _STEP + 1)
            if begin < end:
                over[begin] += 1
                over[end] -= 1
    counts, count = [], 0
    for change in over[:-1]:
        count += change
        counts.append(count)
    for known in usual:
        at = round((known - first) / _STEP)
        if 0 <= at < len(counts) and counts[at] <= min(counts) + 1:
            return known
    return places[0] + _STEP * _middle_of_lowest(counts)


def _middle_of_lowest(counts: Sequence[int]) -> float:
    low = min(counts)
    best, start = (0, 0), None
    for i, count in enumerate([*counts, low + 1]):
        if count == low:
            start = i if start is None else start
        elif start is not None:
            best = max(best, (i - start, -start))
            start = None
    return -best[1] + (best[0] - 1) / 2


def _spans(row: Row, gutter: float) -> bool:
    return any(word.left < gutter < word.right for word in row.words)


def _bands(rows: Sequence[Row], gutter: float) -> list[list[Row]]:
    """Rule 2. A short line at the end of a band that stands before a row over the whole page
    belongs to that: it is its heading, or ends a text above the columns.
    """
    bands: list[list[Row]] = []
    for row in rows:
        spans = _spans(row, gutter)
        if bands and _spans(bands[-1][0], gutter) == spans:
            bands[-1].append(row)
        else:
            bands.append([row])
    parted: list[list[Row]] = []
    for i, band in enumerate(bands):
        if i + 1 < len(bands) and not _spans(band[0], gutter):
            kept = len(band)
            while kept and band[kept - 1].right < gutter:
                kept -= 1
            parted += [part for part in (band[:kept], band[kept:]) if part]
        else:
            parted.append(band)
    return parted


def _sides(band: Sequence[Row], gutter: float) -> tuple[list[Row], list[Row]]:
    sides: tuple[list[Row], list[Row]] = ([], [])
    for row in band:
        left = [word for word in row.words if word.right <= gutter]
        right = [word for word in row.words if word.right > gutter]
        for side, words in zip(sides, (left, right), strict=True):
            if words:
                side.append(Row(row.base, row.em, words))
    return sides


def _in_columns(left: list[Row], right: list[Row], rows: Sequence[Row], *, known: bool) -> bool:
    """Rule 3, and rule 6 for a gutter that is known."""
    if not left or not right:
        return False
    begin, end = min(row.left for row in rows), max(row.right for row in rows)
    inner = (max(row.right for row in left), min(row.left for row in right))
    widths = (inner[0] - min(row.left for row in left), max(row.right for row in right) - inner[1])
    em = max(row.em for row in left)
    if inner[1] - inner[0] < _GAP * em:
        return False
    if known:
        return True
    if min(widths) < _NARROWEST * (end - begin) or min(len(left), len(right)) < _FEWEST:
        return False
    return all(
        sum(row.right - row.left >= _FILLED * width for row in side) >= _PROSE * len(side)
        for side, width in zip((left, right), widths, strict=True)
    )


def _line(row: Row, region: int) -> Line:
    marks = (p.text.strip() for word in row.words for p in word.parts if p.shift > 0)
    words = row.words
    if is_right_to_left(words[-1].text):
        words = words[::-1]
    second = words[1] if len(words) > 1 else words[0]
    return Line(
        text=_texts(row.words, row.em),
        left=row.left,
        right=row.right,
        base=row.base,
        em=row.em,
        region=region,
        raised=frozenset(mark for mark in marks if mark),
        weights=(words[0].weight, words[-1].weight),
        first=words[0].right - words[0].left,
        hanging=-second.right if words is not row.words else second.left,
    )


def _texts(words: Sequence[Word], em: float) -> str:
    """The words with what parts them, raised and lowered digits kept apart."""
    if any(is_right_to_left(word.text) for word in words):
        return " ".join(as_read([_kept_apart([word], em) for word in words]))
    return _kept_apart(words, em)


def _kept_apart(words: Sequence[Word], em: float) -> str:
    parts: list[str] = []
    shifts: dict[int, int] = {}
    last: Word | None = None
    for word in words:
        if last is not None:
            parts.append("\t" if word.left - last.right > _TABULATOR * em else " ")
        for part in word.parts:
            if part.shift:
                shifts[len(parts)] = part.shift
            parts.append(part.text)
        last = word
    return joined(parts, shifts)
