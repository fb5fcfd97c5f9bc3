"""The lines of a page as they are written, and in which of them no unit may start.

These are, besides what markup sets apart (navigation, notes, tables):

1. entries of a table of contents: lines of which most is a link to elsewhere on the page;
2. lists of links: at least `_RUN` lines in a row that are nothing but links;
3. former wordings: lines that are struck through, where the same number comes again unstruck;
4. items of numbered lists, where headings of one depth count 1, 2, 3 and so on above them.

A span that holds most of the text is never set apart, whatever it calls itself: it is the document.
"""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from adapters.readers.line_writer import LineWriter
from adapters.readers.numbers.raised_digits import joined

_BREAK: Final = re.compile(r" *\n *")
_SPACES: Final = re.compile(r" {2,}")
# A cell with a number or a dash alone, at the start of a row: `(a)`, `–`.
_ENUMERATOR: Final = re.compile(r"(?:\(?[0-9A-Za-zĐđ]{1,6}[.)]{0,2}|[-–—•])\t")
# A word and a number at the start of a line: `Art. 5`, `§ 12a`.
_LABEL: Final = re.compile(r"\W*(\w+\.?\s*[0-9]+[\w.º°-]*)")
_NEAR_NUMBERS: Final = ".,;:)]"  # stand right after a number, without a space
_RUN: Final = 3  # so many lines that are nothing but links are a list of links
# A heading that counts: `5. Scope`, `Zorb 5`, whatever the word.
_COUNTED: Final = re.compile(r"\W*(?:[^\W\d_][^\s\d]*[^\w\n]{0,3})?(\d{1,4})(?![\w%])")
_MOSTLY: Final = 0.6  # of the characters of an entry of a table of contents, which may end in dots
_WHOLLY: Final = 0.9  # of the characters of a line that is a link, or struck through


@dataclass(slots=True)
class Line:
    """A line that is being collected, with how much of it is linked or struck through."""

    parts: list[str] = field(default_factory=list)
    shown: int = 0
    linked: int = 0
    struck: int = 0
    shifts: dict[int, int] = field(default_factory=dict)  # of parts raised or lowered
    numbered: bool = False  # what was added last is a number, apart from the words after it
    links: set[str] = field(default_factory=set)  # the targets of its links
    ids: set[str] = field(default_factory=set)  # of its elements, which links may point to

    def add(self, text: str, *, linked: bool = False, struck: bool = False, shift: int = 0) -> None:
        """Add text as the page shows it; `shift` is 1 for raised text and -1 for lowered."""
        if not text:
            return
        if self.numbered and text[0] not in _NEAR_NUMBERS:
            self.parts.append(" ")
        self.numbered = False
        if shift:
            self.shifts[len(self.parts)] = shift
        self.parts.append(text)
        shown = len(text.strip())
        self.shown += shown
        self.linked += shown if linked else 0
        self.struck += shown if struck else 0

    def text(self, *, verbatim: bool) -> str:
        """The line with its white space as a browser shows it; "" if it shows nothing."""
        text = joined(self.parts, self.shifts) if self.shifts else "".join(self.parts)
        if verbatim:
            return text.strip("\n") if text.strip() else ""
        if "\n" in text:
            text = _BREAK.sub("\n", text)
        if "  " in text:
            text = _SPACES.sub(" ", text)
        return text.strip(" \n")


class PageLines:
    """The lines of a page and the spans that were found while they were written."""

    def __init__(self) -> None:
        self.writer = LineWriter()
        self._apart: list[tuple[int, int]] = []
        self._tables: list[tuple[int, int, int]] = []
        self._entries: list[tuple[int, int]] = []
        self._run: list[tuple[int, int]] = []
        self._struck: list[tuple[int, int, str]] = []
        self._items: list[tuple[int, int, int]] = []
        self._labels: set[str] = set()

    def add(
        self, text: str, line: Line, *, heading: int | None, own_ids: set[str], item: int = 0
    ) -> None:
        """Write a line, and note whether no unit may start in it. `own_ids` are those around it: a
        heading that links to itself is no entry of a table of contents.

        `item` is the number that its list gives it, 0 for a line that is no item.
        """
        self.writer.block(text, heading=heading)
        span = (self.writer.length - len(text), self.writer.length)
        self._note_label(text, line, span)
        if item and heading is None:
            self._items.append((*span, item))
        if heading is not None or line.linked < _MOSTLY * line.shown:
            self._end_run()
            return
        own = own_ids | line.ids
        if all(link.startswith("#") and link[1:] not in own for link in line.links):
            self._entries.append(span)
        elif line.linked >= _WHOLLY * line.shown and not any(
            link[1:] in own for link in line.links
        ):
            self._run.append(span)

    def stand_apart(self, start: int) -> None:
        """What was written from `start` on is navigation, notes or page furniture."""
        if self.writer.length > start:
            self._apart.append((start, self.writer.length))
        self.writer.next_line()

    def table(self, start: int, *, rows: int, presentation: bool) -> None:
        """What was written from `start` on is a table."""
        self.writer.next_line()
        if not presentation and self.writer.length > start:
            self._tables.append((start, self.writer.length, rows))

    def excluded(self, text: str) -> list[tuple[int, int]]:
        """The spans outside of tables where no unit starts."""
        self._end_run()
        former = [(start, end) for start, end, label in self._struck if label in self._labels]
        return [
            *(span for span in self._apart if not _is_most(span, text)),
            *self._entries,
            *former,
            *self._items_below_headings(text),
        ]

    def _items_below_headings(self, text: str) -> list[tuple[int, int]]:
        """The items of numbered lists below headings that count the units: lists in an article."""
        runs: dict[int, list[int]] = {}
        for start, depth in sorted(self.writer.headings.items()):
            run = runs.setdefault(depth, [])
            counted = _COUNTED.match(text, start)
            if counted and int(counted[1]) == len(run) + 1:
                run.append(start)
        first = min((run[0] for run in runs.values() if len(run) >= _RUN), default=len(text))
        below = [item for item in self._items if item[0] > first]
        return [] if self._count_on(below) else [(start, end) for start, end, _ in below]

    def _count_on(self, items: list[tuple[int, int, int]]) -> bool:
        """True if the items of a list count on from those above another heading, as articles do
        that stand in lists below the headings of chapters.
        """
        headings = sorted(self.writer.headings)
        return any(
            after == before + 1 and bisect(headings, at) < bisect(headings, later)
            for (at, _, before), (later, _, after) in pairwise(items)
        )

    def tables(self, text: str) -> list[tuple[int, int]]:
        """The tables that hold data.

        One that holds most of the text, or one number and its text, is layout.
        """
        spans = (
            (start, end)
            for start, end, rows in self._tables
            if rows != 1 or not _ENUMERATOR.match(text, start)
        )
        return [span for span in spans if not _is_most(span, text)]

    def _note_label(self, text: str, line: Line, span: tuple[int, int]) -> None:
        match = _LABEL.match(text)
        if match is None:
            return
        label = match[1].casefold()
        if line.struck >= _WHOLLY * line.shown:
            self._struck.append((*span, label))
        else:
            self._labels.add(label)

    def _end_run(self) -> None:
        if len(self._run) >= _RUN:
            self._entries += self._run
        self._run.clear()


def _is_most(span: tuple[int, int], text: str) -> bool:
    """True for a span that covers more than half of the text."""
    return (span[1] - span[0]) * 2 > len(text)
