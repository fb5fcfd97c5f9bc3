"""What stands in the margins of the pages: running heads and feet, page numbers.

A row belongs to a margin by these rules:

1. It is one of the outermost rows of its page, above or below the text.
2. It comes again at the same height on other pages: with the same words, whatever its digits, and
   without another such page between; or it begins or ends with the number of its page, which most
   pages have.
3. Such rows stand at that height on most pages that have a row there. So the first line of the text
   is none, even if some pages begin alike: annexes with the same form.
4. A single word with a number (`Article 5`), or a number with a sign of its own (`5.`, `(a)`), is
   how an author numbers, and never in a margin, whatever it counts. But the first row of pages
   that has one part at the left and one far at the right says what the page holds: `Section 2` and
   `Cap. 405`.
5. Where a height belongs to a margin, so do other rows of the same size that stand there.
6. The innermost of them stands apart from the text: a sentence that comes again at the foot of a
   page does not.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from adapters.readers.pdf.right_to_left import as_read
from adapters.readers.pdf.rows import Row
from adapters.readers.text.furniture import may_be_head

_OUTERMOST: Final = 4  # rows of a head or of a foot
_SAME_HEIGHT: Final = 3.0  # points
_SAME_SIZE: Final = 0.05
_FEWEST: Final = 3  # pages with the same row, or all of two
_MOST: Final = 0.4  # of the pages that have a row at a height
_IN_STEP: Final = 0.7  # of the rows with the same words have a number that counts the pages
_FAR: Final = 3.0  # letters: parts of a head that stand at the left and the right
_APART: Final = 1.15  # lines: how far from the text
_TOLD_BY: Final = 8  # rows of a page that tell how far its lines stand apart
_NEXT: Final = 2  # pages from one running head to the next
_LONGEST: Final = 200  # characters
_DIGITS: Final = re.compile(r"\d+")
_AUTHORS: Final = re.compile(r"#[a-z]{0,2}[.)] ")  # how an author numbers: `24d. Forfeiture`
_PAGE_WORD: Final = re.compile(
    r"page|seite|p[áa]gina|pag\.?|trang|sida|side|str\.?|strona", re.IGNORECASE
)
_ROMAN: Final = re.compile(r"[ivxlc]{1,8}", re.IGNORECASE)
# A number alone, with what may stand around the number of a page: `3`, `- 3 -`, `[3]`, `3/12`.
_NUMBER: Final = re.compile(r"[\s\-–—|\[(]*#[\s\-–—|\])]*(?:(?:/|of|von|de|sur|di)\s*#[\s|\])]*)?")


class _Place(NamedTuple):
    """A row among the outermost of its page."""

    page: int
    row: int  # its index on the page
    height: float  # from the top, downwards
    mask: str  # its text with # for digits
    numbers: tuple[int, ...]
    folios: tuple[int, ...]
    em: float
    outer: int  # how many rows stand further out
    spread: bool  # parts of it stand far from each other, at the left and the right


class _Height(NamedTuple):
    """A height that belongs to a margin, and the size of most rows there."""

    height: float
    em: float


def margin_rows(pages: Sequence[Sequence[Row]]) -> list[set[int]]:
    """For each page, the indices of its rows that stand in a margin. Rows are in order."""
    found: list[set[int]] = [set() for _ in pages]
    if len(pages) < _FEWEST - 1:
        return found
    steps = _usual_steps(pages)
    for top in (True, False):
        places = [place for i, rows in enumerate(pages) for place in _outermost(i, rows, top=top)]
        again = _come_again(places, len(pages)) | _with_folio(places, len(pages))
        heights = _heights(places, again)
        for i, rows in enumerate(pages):
            own = [place for place in places if place.page == i]
            found[i].update(_of_page(own, rows, again, heights, steps[i], top=top))
    return found


def _outermost(page: int, rows: Sequence[Row], *, top: bool) -> Iterator[_Place]:
    order = range(len(rows)) if top else range(len(rows) - 1, -1, -1)
    for outer, i in enumerate(list(order)[:_OUTERMOST]):
        text = " ".join(as_read([word.text for word in rows[i].words]))
        if len(text) > _LONGEST:
            continue
        mask = _DIGITS.sub("#", text).casefold()
        numbers = tuple(int(n[:6]) for n in _DIGITS.findall(text))
        if _ROMAN.fullmatch(text.strip(" -–—")):
            mask = "roman"
        yield _Place(
            page,
            i,
            rows[i].base,
            mask,
            numbers,
            _folios(text),
            rows[i].em,
            outer,
            _is_spread(rows[i]),
        )


def _is_spread(row: Row) -> bool:
    return any(b.left - a.right > _FAR * row.em for a, b in pairwise(row.words))


def _come_again(places: Sequence[_Place], pages: int) -> set[tuple[int, int]]:
    """Rule 2: pages and indices of the rows."""
    groups: dict[str, list[_Place]] = defaultdict(list)
    for place in places:
        groups[place.mask].append(place)
    again: set[tuple[int, int]] = set()
    least = min(_FEWEST, pages)
    for mask, members in groups.items():
        for level in _levels(members):
            if len({place.page for place in level}) >= least and _is_furniture(mask, level):
                again.update((place.page, place.row) for place in level)
    return again


def _levels(places: Sequence[_Place]) -> Iterator[list[_Place]]:
    """The places by their height."""
    level: list[_Place] = []
    for place in sorted(places, key=lambda place: place.height):
        if level and place.height - level[0].height > _SAME_HEIGHT:
            yield level
            level = []
        level.append(place)
    if level:
        yield level


def _is_furniture(mask: str, level: Sequence[_Place]) -> bool:
    """Rules 2 and 4."""
    if mask == "roman":
        return True
    if "#" not in mask or all(place.spread for place in level):
        return _follow_each_other(level)
    number = bool(_NUMBER.fullmatch(mask))
    if not number and len({place.numbers for place in level}) == 1:
        return _follow_each_other(level)
    if not number and not may_be_head(mask):
        return False
    return _counts_pages(level)


def _follow_each_other(level: Sequence[_Place]) -> bool:
    """True for a running head, which the next page has or the one after that; false for a word that
    each chapter begins with.
    """
    pages = sorted({place.page for place in level})
    return sum(b - a <= _NEXT for a, b in pairwise(pages)) >= len(pages) / 2


def _with_folio(places: Sequence[_Place], pages: int) -> set[tuple[int, int]]:
    """Pages and indices of the rows that begin or end with the number of their page."""
    offsets = Counter(
        offset for place in places for offset in {n - place.page for n in place.folios}
    )
    if not offsets:
        return set()
    offset, count = offsets.most_common(1)[0]
    if count < max(_FEWEST, _MOST * pages):
        return set()
    return {(place.page, place.row) for place in places if place.page + offset in place.folios}


def _folios(text: str) -> tuple[int, ...]:
    """The numbers that a row begins and ends with, where they may be that of its page: with no
    other word, or with several.

    >>> _folios("12 Boats Act"), _folios("Article 5"), _folios("7")
    ((12,), (), (7, 7))
    """
    words = text.split()
    if len(words) == 2 and not _PAGE_WORD.fullmatch(words[0]):
        return ()
    return tuple(int(word) for word in (words[0], words[-1]) if word.isdecimal() and len(word) < 6)


def _counts_pages(level: Sequence[_Place]) -> bool:
    offsets = Counter(n - place.page for place in level for n in set(place.numbers))
    return offsets.most_common(1)[0][1] >= _IN_STEP * len(level)


def _heights(places: Sequence[_Place], again: set[tuple[int, int]]) -> list[_Height]:
    """Rule 3: the heights that belong to a margin."""
    heights: list[_Height] = []
    for level in _levels([p for p in places if (p.page, p.row) in again]):
        height = median(place.height for place in level)
        there = [p for p in places if abs(p.height - height) <= _SAME_HEIGHT]
        pages = {place.page for place in there}
        if len({place.page for place in level}) >= _MOST * len(pages):
            heights.append(_Height(height, median(place.em for place in level)))
    return heights


def _of_page(
    places: Sequence[_Place],
    rows: Sequence[Row],
    again: set[tuple[int, int]],
    heights: Sequence[_Height],
    step: float,
    *,
    top: bool,
) -> list[int]:
    """The rows of a page that stand in the margin, from the outermost on."""
    least = _APART * step
    taken: list[int] = []
    apart = 0
    for place in places:
        there = [h for h in heights if abs(place.height - h.height) <= _SAME_HEIGHT]
        if not there:
            break
        inner = place.row + (1 if top else -1)
        is_apart = not 0 <= inner < len(rows) or abs(rows[inner].base - place.height) >= least
        alike = any(abs(place.em - h.em) <= _SAME_SIZE * h.em for h in there)
        other = is_apart and alike and not _AUTHORS.match(place.mask)  # rules 4 to 6
        if (place.page, place.row) not in again and not other:
            break
        taken.append(place.row)
        apart = len(taken) if is_apart else apart
    return taken[:apart]


def _usual_steps(pages: Sequence[Sequence[Row]]) -> list[float]:
    """The distance from line to line on each page. A page of a few rows, such as the last one, has
    that of the other pages.
    """
    own = [_usual_step(rows) if len(rows) >= _TOLD_BY else 0.0 for rows in pages]
    told = [step for step in own if step]
    usual = median(told) if told else 0.0
    return [step or usual or _usual_step(rows) for step, rows in zip(own, pages, strict=True)]


def _usual_step(rows: Sequence[Row]) -> float:
    """The distance from line to line in the paragraphs of a page."""
    steps = sorted(b.base - a.base for a, b in pairwise(rows) if b.base - a.base > 1)
    return steps[len(steps) // 4] if steps else 0.0
