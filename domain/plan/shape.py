"""Doubts that the shape of a plan alone shows, whatever reader made it.

A plan may be lossless, have an address for each unit, and still be cut at the wrong lines. These
shapes are seldom right:

1. `large-gap`: text that belongs to no unit. Behind the first unit a gap may hold `_GAP` of the
   text; before it, and between the preamble and it, titles and tables of contents stand, so there
   it may hold more (`_FIRST_GAP`), if what follows is a law at all.
2. `oversized-unit`: the own text of an article, or of what groups articles, is most of the text, or
   very many times the median's: headings in it were missed. So were they where nearly all of the
   text stands below a heading that nobody cites (`_BESIDE`), such as the document's title, and
   where the headings of chapters hold most of it together (`_GROUPS`).
3. `repeated-number`: two articles with one number, below each other's eyes in the same component.
4. `contents-cut`: most articles are one line without an end of a sentence, as a list of titles is,
   or one that stands before all others under the number 0 is; or many are titles that further on
   stand once more above a text.

5. `oversized-unit` as well: the last article is many times as long as most, and lists in it begin
   again: forms and annexes without a heading follow it.

Annexes are left out: they hold whatever was attached, and often most of a decree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final, Protocol

from domain.reading.doubts import Doubt, LineAccount, LineReason
from domain.reading.marks import Level

_GAP: Final = 0.05  # of the text, and
_GAP_CHARS: Final = 600  # characters: a short act's signatures are more than a few percent of it
_FIRST_GAP: Final = 0.6
_MOST: Final = 0.45  # of the text
_MOST_CHARS: Final = 6_000  # a shorter unit is no law that was missed
_BESIDE: Final = 0.8  # of the text; recitals may be long
_BESIDE_CHARS: Final = 3_000
_GROUPS: Final = 0.5  # of the text; a heading and its title are a few words
_TIMES: Final = 15  # the median, and
_MUCH: Final = 0.3  # of the text
_FEWEST: Final = 4  # units of which a median says something
_TAIL_FEWEST: Final = 8  # units of which the last is compared with the median
_TAIL_CHARS: Final = 3_000
_TAIL_TIMES: Final = 8  # the median
_TAIL_LISTS: Final = 2
_LIST: Final = 3  # items
_ITEM: Final = re.compile(r"^[ \t]*(?P<n>\d{1,3})[.．、)]", re.MULTILINE)
_TITLES: Final = 0.6  # of the units
_TITLES_FEWEST: Final = 5
_TITLE_CHARS: Final = 160
_LISTED: Final = 0.25  # of the units
_NO_LETTER: Final = re.compile(r"[\W\d_]+")
_COUNTED: Final = re.compile(r"(?P<base>.+)\.\d{1,3}")
_ZERO: Final = re.compile(r"(?<!\d)0\W*$")
_PAGE: Final = re.compile(r"[.…·\s]{3,}\d+\s*$")  # dots to a page number
_ENDS: Final = frozenset(".;:!?。；：।؛»”\"'")
_BASIC, _CONTAINER, _OTHER = Level.BASIC.value, Level.CONTAINER.value, Level.OTHER.value


class ShapedUnit(Protocol):
    """What is asked of a unit: a row of a plan has it."""

    @property
    def canonical_address(self) -> str: ...
    @property
    def parent_ref(self) -> str | None: ...
    @property
    def unit_kind(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class ShapedGap(Protocol):
    """What is asked of a gap."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def text(self) -> str: ...


def shape_doubts(
    rows: Sequence[ShapedUnit], gaps: Sequence[ShapedGap], chars: int, account: LineAccount
) -> Iterator[Doubt]:
    """The doubts about a plan of a text of so many characters; notes that are printed apart are an
    explained gap.
    """
    places = _Lines(rows, gaps)
    notes = {part.start for part in account.parts if part.reason == LineReason.NOTE}
    others = [gap for gap in gaps if gap.start not in notes]
    yield from _large_gaps(rows, others, chars, places)
    yield from _oversized(rows, chars, places)
    yield from _long_tail(rows, places)
    yield from _repeated(rows, places)
    yield from _titles_only(rows, places)
    yield from _listed_first(rows, places)


class _Lines:
    """Tells the line, from 1, on which a piece of the text begins."""

    def __init__(self, rows: Sequence[ShapedUnit], gaps: Sequence[ShapedGap]) -> None:
        self._pieces = (rows, gaps)
        self._found: dict[int, int] = {}

    def of(self, start: int) -> int:
        if not self._found:
            rows, gaps = self._pieces
            parts = [(row.start, row.body) for row in rows] + [
                (gap.start, gap.text) for gap in gaps
            ]
            line = 1
            for at, text in sorted(parts):
                blank = text[: len(text) - len(text.lstrip())]
                self._found[at] = line + blank.count("\n")
                line += text.count("\n")
        return self._found.get(start, 1)


def _large_gaps(
    rows: Sequence[ShapedUnit], gaps: Sequence[ShapedGap], chars: int, places: _Lines
) -> Iterator[Doubt]:
    first = next((row.start for row in rows if row.unit_kind != "preamble"), chars)
    for gap in gaps:
        size = len(gap.text.strip()) if gap.end - gap.start > _GAP * chars else 0
        if size > (_FIRST_GAP if gap.start < first else _GAP) * chars and size > _GAP_CHARS:
            yield Doubt(
                "large-gap",
                places.of(gap.start),
                f"{size:,} characters from here on, {_percent(size, chars)} of the text, belong "
                f"to no unit.",
            )


def _oversized(rows: Sequence[ShapedUnit], chars: int, places: _Lines) -> Iterator[Doubt]:
    sizes = [len(row.body) for row in rows if row.level == _BASIC]
    usual = median(sizes) if len(sizes) >= _FEWEST else 0
    yield from _groups_hold_most(rows, chars, places)
    for row in rows:
        size = row.end - row.start
        if row.level == _OTHER and size > _BESIDE * chars and size >= _BESIDE_CHARS:
            name = row.label or row.title[:60]
            why = f"{name!r}, which is no article or section, holds {_percent(size, chars)}"
            yield Doubt(
                "oversized-unit",
                places.of(row.start),
                f"{why} of the text; look whether units in it were missed.",
            )
        if size <= _MUCH * chars or row.level not in (_BASIC, _CONTAINER) or size < _MOST_CHARS:
            continue
        name = row.label or row.title[:60]
        if size > _MOST * chars:
            why = f"{name} holds {_percent(size, chars)} of the text"
        elif usual and size > _TIMES * usual:
            why = f"{name} is {size / usual:.0f} times as long as most units"
        else:
            continue
        yield Doubt(
            "oversized-unit",
            places.of(row.start),
            f"{why}; look whether units in it were missed.",
        )


def _groups_hold_most(rows: Sequence[ShapedUnit], chars: int, places: _Lines) -> Iterator[Doubt]:
    groups = [r for r in rows if r.level == _CONTAINER and "!" not in r.canonical_address]
    held = sum(row.end - row.start for row in groups)
    largest = max(groups, key=lambda row: row.end - row.start, default=None)
    cited = any(row.level == _BASIC for row in rows)
    if largest is None or not cited or held <= _GROUPS * chars or held < _MOST_CHARS:
        return
    alone = largest.end - largest.start
    if alone > _MOST * chars and alone >= _MOST_CHARS:  # it is named alone
        return
    yield Doubt(
        "oversized-unit",
        places.of(largest.start),
        f"The headings that group units hold {_percent(held, chars)} of the text themselves, "
        f"{largest.label or largest.title[:60]} the most; look whether units in them were missed.",
    )


def _long_tail(rows: Sequence[ShapedUnit], places: _Lines) -> Iterator[Doubt]:
    cited = [row for row in rows if row.level == _BASIC]
    if len(cited) < _TAIL_FEWEST or len(cited[-1].body) < _TAIL_CHARS:
        return
    last, usual = cited[-1], median(len(row.body) for row in cited)
    if len(last.body) <= _TAIL_TIMES * usual or _lists_in(last.body) < _TAIL_LISTS:
        return
    yield Doubt(
        "oversized-unit",
        places.of(last.start),
        f"{last.label or last.title[:60]}, the last unit, is {len(last.body) / max(usual, 1):.0f} "
        f"times as long as most, and lists in it begin again; look whether annexes lie in it.",
    )


def _lists_in(text: str) -> int:
    """How many lists count from 1 to 3 at least.

    >>> _lists_in("1. a\\n2. b\\n3. c\\n1. d\\n2. e\\n3. f\\n1. g\\n")
    2
    """
    found = stood = 0
    for item in _ITEM.finditer(text):
        number = int(item["n"])
        if number != stood + 1 and number != 1:
            continue
        stood = number
        found += stood == _LIST
    return found


def _repeated(rows: Sequence[ShapedUnit], places: _Lines) -> Iterator[Doubt]:
    cited = [row for row in rows if row.level == _BASIC]
    counted = [
        (row, found) for row in cited if (found := _COUNTED.fullmatch(row.canonical_address))
    ]
    labels = {row.canonical_address: row.label for row in cited} if counted else {}
    for row, found in counted:
        label = labels.get(found["base"])
        if label and label.rstrip(". ").casefold() == row.label.rstrip(". ").casefold():
            yield Doubt(
                "repeated-number",
                places.of(row.start),
                f"{row.label} has the number of a unit before it.",
            )


def _titles_only(rows: Sequence[ShapedUnit], places: _Lines) -> Iterator[Doubt]:
    cited = [row for row in rows if row.level == _BASIC]
    alone = [row for row in cited if row.end - row.start <= 2 * _TITLE_CHARS and _is_title(row)]
    if cited and _ZERO.search(cited[0].label) and _is_title(cited[0]):
        yield Doubt(
            "contents-cut",
            places.of(cited[0].start),
            f"{cited[0].label} is a line without text below it before all other units, as in a "
            f"table of contents.",
        )
    if len(cited) >= _TITLES_FEWEST and len(alone) >= _TITLES * len(cited):
        below = {row.parent_ref for row in rows}
        if sum(row.canonical_address in below for row in alone) * 2 < len(alone):
            yield Doubt(
                "contents-cut",
                places.of(alone[0].start),
                f"{len(alone)} of {len(cited)} units are a line without text below it, as in a "
                f"table of contents.",
            )


def _listed_first(rows: Sequence[ShapedUnit], places: _Lines) -> Iterator[Doubt]:
    """A contents list that was cut beside the text: its lines are titles of later units."""
    cited = [row for row in rows if row.level == _BASIC]
    enough = max(_TITLES_FEWEST, _LISTED * len(cited))
    if sum(len(row.body.strip()) <= _TITLE_CHARS for row in cited) < enough:
        return
    titles = [_words(row.title) for row in cited]
    last = {title: at for at, title in enumerate(titles) if title}
    listed = [
        row
        for at, row in enumerate(cited)
        if last.get(titles[at], at) > at
        and len(row.body.strip()) <= _TITLE_CHARS
        and len(cited[last[titles[at]]].body) > 2 * len(row.body)
    ]
    different = {_words(row.title) for row in listed}
    if len(different) >= enough:
        yield Doubt(
            "contents-cut",
            places.of(listed[0].start),
            f"The titles of {len(listed)} of {len(cited)} units, which are a line or two, stand "
            f"once more above a text further on, as after a table of contents.",
        )


def _words(title: str) -> str:
    return _NO_LETTER.sub(" ", title).strip().casefold()


def _is_title(row: ShapedUnit) -> bool:
    """Whether a unit is one line that does not end like a sentence."""
    words = row.body.strip()
    if "\n" in words or len(words) > _TITLE_CHARS:
        return False
    return words[-1:] not in _ENDS or words == row.label or _PAGE.search(words) is not None


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(whole, 1):.0f} %"
