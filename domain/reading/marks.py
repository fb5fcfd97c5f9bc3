"""Marks: where each unit of a document starts and ends in its text, as a reader found it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Protocol

from domain.reading.doubts import NO_ACCOUNT, Doubt, LineAccount


class Level(StrEnum):
    """What a mark is for the cut."""

    CONTAINER = "container"  # groups basic units: a part, a chapter
    BASIC = "basic"  # what people cite: an article, or a section where there are no articles
    SUB = "sub"  # below a basic unit: a paragraph, a point
    ANNEX = "annex"  # the head of an annex, whose units are a component
    OTHER = "other"  # preamble, conclusions, text between units


class Granularity(StrEnum):
    """How deep to cut."""

    BASIC = "basic"  # articles or sections
    SUB = "sub"  # the paragraphs and points below them as well


class Mark(NamedTuple):
    """One unit in the text: `text[start:end]`, half-open, in characters.

    Marks come in text order and never overlap: a parent's own text ends where its first child
    starts. So marks and the gaps between them, joined, are the text.
    """

    start: int
    end: int
    level: Level
    unit_kind: str  # of `vocabulary.UNIT_KINDS`: "article", "chapter", "point" ...
    label: str  # as printed: "Điều 12a.", "§ 15b"; "" for a unit without one
    # NFC, spaces and the final dot dropped: "12a", "184-A", "XXVIII", "3..6"; "" without one
    number: str
    title: str  # the printed heading without its label; "" if none
    parent: int | None = None  # index of the parent's mark; always smaller than this mark's own
    # the part of a document with a numbering of its own: "annex_1"; "" for the main body
    component: str = ""


@dataclass(frozen=True, slots=True)
class PlanWarning:
    """Something ambiguous that a person should look at."""

    # "number-skipped", "duplicate-number", "unbalanced-quotation", "text-before-first-unit" ...
    code: str
    line: int  # from 1, in the text
    reason: str  # one sentence


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """What a reader makes of a document.

    For text formats `text` is the file's own bytes decoded, BOM, line ends and all.
    """

    text: str
    marks: tuple[Mark, ...]
    reader: str  # "markdown", "docx", "akn" ...
    profile: str  # "vi", "de", "en" ..., as detected or as named
    warnings: tuple[PlanWarning, ...] = ()
    # what the document says about itself: document_code, title, owner ...
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    # SHA-256 of the file, hexadecimal, where the text is not the file's own but was taken out of it
    # by rules of ours, as out of a PDF; "" for the others
    file_sha256: str = ""
    # what makes the cut doubtful, and what each line that looks like a unit's start was taken for
    doubts: tuple[Doubt, ...] = ()
    account: LineAccount = NO_ACCOUNT
    # of each mark its address without the document's code, where the document says them itself:
    # an export of ours does; empty for all others
    addresses: tuple[str, ...] = ()


class Reader(Protocol):
    """A format. Adding one is one file and one line in `adapters.readers.by_content`.

    A reader raises `DocumentRefused` for whatever it can not read, and nothing else.
    """

    name: str

    def accepts(self, head: bytes, suffix: str) -> bool:
        """True if a document that starts with `head` (at least 4 KiB, or all of it), named
        `*suffix`, is this reader's.
        """
        ...

    def read(self, data: bytes, *, granularity: Granularity, profile: str | None) -> ReadDocument:
        """Read a whole document. `profile` names a structure profile; None detects it."""
        ...


def line_of(text: str, offset: int) -> int:
    """The line, from 1, that a character offset is on.

    >>> line_of("a\\nb\\nc", 4)
    3
    """
    return text.count("\n", 0, offset) + 1


def gaps_between(text_chars: int, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches of `[0, text_chars)` that no span covers.

    Spans must be in order and not overlap.

    >>> gaps_between(10, [(2, 4), (4, 7)])
    [(0, 2), (7, 10)]
    """
    gaps: list[tuple[int, int]] = []
    at = 0
    for start, end in spans:
        if start > at:
            gaps.append((at, start))
        at = end
    if at < text_chars:
        gaps.append((at, text_chars))
    return gaps
