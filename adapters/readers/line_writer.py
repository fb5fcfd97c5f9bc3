"""Documents that have blocks instead of lines (DOCX, HTML): their text, written block by block,
with what the line engine has to know about it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from adapters.readers.account.find_doubts import doubts_of_warnings
from adapters.readers.engine import Structure, mark_text
from adapters.readers.text.limits import MAX_TEXT_CHARS, MIB
from adapters.readers.text.mojibake import check_letters
from domain.errors import DocumentRefused
from domain.reading.doubts import AccountedPart, LineAccount, LineReason
from domain.reading.marks import Granularity, Level, PlanWarning, ReadDocument, line_of

_REFERENCE: Final = re.compile(r"^[ \t]*\([^()\n]*\w{3,}[ \t\u00a0][^()\n]*\)[ \t]*$", re.MULTILINE)
"""A line of several words wholly in brackets, such as `(Section 4)` above a schedule: it refers to
a unit and never heads one.
"""


@dataclass(slots=True)
class WrittenText:
    """A document's text, and what its format says about it."""

    text: str
    excluded: list[tuple[int, int]] = field(default_factory=list)  # spans in which no unit starts
    tables: list[tuple[int, int]] = field(default_factory=list)
    headings: dict[int, int] = field(default_factory=dict)  # depth, from 1, by start of line
    notes: str = ""  # footnotes, printed apart: they follow the text and belong to no unit
    warnings: list[PlanWarning] = field(default_factory=list)
    paged: bool = True  # it may hold the furniture of pages
    going_on: frozenset[int] = frozenset()  # lines, from 1, that go on with the one before them


class LineWriter:
    """Collects blocks and joins them: a line break between blocks, a tab between the cells of a
    table row.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._cell = False  # the next block is a further cell in the same row
        self.excluded: list[tuple[int, int]] = []
        self.headings: dict[int, int] = {}

    @property
    def length(self) -> int:
        """Characters written so far."""
        return self._length

    def next_start(self) -> int:
        """The offset at which the next block will start."""
        return self._length + (1 if self._parts else 0)

    def next_cell(self) -> None:
        """The next block is the first of a further cell in the same row: a tab will stand before
        it.
        """
        self._cell = bool(self._parts)

    def next_line(self) -> None:
        """The next block stands on a line of its own, whatever was said before."""
        self._cell = False

    def block(self, text: str, *, heading: int | None = None, excluded: bool = False) -> None:
        """Write one block.

        `heading` is its depth from 1; `excluded` says that no unit starts in it.
        """
        if self._parts:
            self._write("\t" if self._cell else "\n")
        start = self._length
        if heading is not None and not self._cell:
            self.headings[start] = heading
        self._cell = False
        self._write(text)
        if excluded and text:
            self.exclude(start, self._length)

    def exclude(self, start: int, end: int) -> None:
        """No unit starts in this span."""
        if end > start:
            self.excluded.append((start, end))

    def text(self) -> str:
        """All blocks; the last line is ended."""
        return "".join(self._parts) + "\n" if self._parts else ""

    def _write(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_TEXT_CHARS:
            raise DocumentRefused(
                f"The document holds more than {MAX_TEXT_CHARS // MIB} Mi characters of text; "
                f"split it."
            )
        self._parts.append(text)


def read_written(
    written: WrittenText,
    *,
    reader: str,
    granularity: Granularity,
    profile: str | None,
    metadata: Mapping[str, str],
) -> ReadDocument:
    """Mark a written text.

    Tables hold no units, unless the document has no others: then its tables are its layout. Raises
    `DocumentRefused` for letters that are none of the text's (see `mojibake`).
    """
    check_letters(written.text)
    mark = partial(
        mark_text,
        written.text,
        profile=profile,
        granularity=granularity,
        headings=written.headings,
        paged=written.paged,
        going_on=written.going_on,
    )
    apart = [*written.excluded, *(match.span() for match in _REFERENCE.finditer(written.text))]
    found = mark(excluded=merge_spans([*apart, *written.tables]))
    warnings = [*written.warnings, *found.warnings]
    if written.tables and not _has_basic_units(found):
        inside = mark(excluded=merge_spans(apart))
        if _has_basic_units(inside):
            found = inside
            line = line_of(written.text, written.tables[0][0])
            reason = "all units stand in tables, which are taken for layout"
            in_tables = PlanWarning("units-in-tables", line, reason)
            warnings = [*written.warnings, *inside.warnings, in_tables]
    return ReadDocument(
        text=written.text + written.notes,
        marks=tuple(found.marks),
        reader=reader,
        profile=found.profile,
        warnings=tuple(sorted(warnings, key=lambda warning: warning.line)),
        metadata=metadata,
        doubts=(*doubts_of_warnings(written.warnings), *found.doubts),
        account=_with_notes(found.account, written),
    )


def _with_notes(account: LineAccount, written: WrittenText) -> LineAccount:
    """The account with the notes, each of which begins with its number."""
    notes = written.notes.count("\n")
    if not notes:
        return account
    part = AccountedPart(len(written.text), LineReason.NOTE.value, notes)
    return replace(account, parts=(*account.parts, part))


def _has_basic_units(found: Structure) -> bool:
    return any(mark.level is Level.BASIC for mark in found.marks)


def merge_spans(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Spans in order, those that touch or overlap joined.

    >>> merge_spans([(5, 9), (0, 3), (2, 4), (7, 8)])
    ((0, 4), (5, 9))
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
