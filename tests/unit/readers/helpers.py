"""Shared by the readers' tests: read a text and say what was found in few words."""

from __future__ import annotations

from adapters.readers.by_content import read_document
from adapters.readers.engine import Structure, mark_text
from domain.reading.marks import Granularity, Level, ReadDocument


def marked(
    text: str, *, profile: str | None = None, granularity: Granularity = Granularity.BASIC
) -> Structure:
    """The structure of plain text."""
    return mark_text(text, profile=profile, granularity=granularity)


def read(
    text: str, suffix: str = ".txt", granularity: Granularity = Granularity.BASIC
) -> ReadDocument:
    """The document that a text is, under a file name with that suffix."""
    return read_document(text.encode(), name=f"document{suffix}", granularity=granularity)


def numbers(found: Structure | ReadDocument, level: Level = Level.BASIC) -> list[str]:
    """The numbers of the units on one level, in order; a title in the place of a missing number."""
    return [mark.number or mark.title for mark in found.marks if mark.level is level]


def codes(found: Structure | ReadDocument) -> list[str]:
    """The codes of the warnings."""
    return [warning.code for warning in found.warnings]
