"""Reading out what was cut: the port that every command, export and service reads units through.

Reading *in* is `domain/reading`: a file becomes marks. Reading *out* is this: units that were
verified and enacted, and nothing else. Drafts and what was withdrawn are not found here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from domain.units.records import (
    DocumentLine,
    DocumentText,
    DocumentWords,
    EverUnit,
    UnitChange,
    UnitText,
    VersionFacts,
    WholeText,
)

FULL_TEXT: Final = "full text"
LETTERS: Final = "letters"
LIKENESS: Final = "likeness"


class Hit(NamedTuple):
    """A unit that has the words, and the stretch of its text around the first of them."""

    unit: UnitText
    snippet: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, best first. `by` says how: by words; by letters where the words found
    nothing, as in scripts that put no space between them; by likeness where the letters found
    nothing either, if the database can. Where nothing was found, it is what was tried last.
    """

    by: str
    hits: tuple[Hit, ...]


class UnitReader(Protocol):
    """Reads out enacted units. Every method raises `DatabaseUnsuitable` where reading fails."""

    def documents(self) -> tuple[DocumentLine, ...]:
        """The documents that have units, by code."""
        ...

    def document(
        self, code: str, as_of: date | None = None, known_at: datetime | None = None
    ) -> DocumentText:
        """A document with its units in the order of the text, as it stands or was in force on a
        day, as far as it is known or was known at a time. Raises `UnitNotFound`.
        """
        ...

    def unit(
        self,
        address: str,
        *,
        version_no: int | None = None,
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> UnitText:
        """A unit at the version it stands at, or at the one asked for, as far as it is known or was
        known at a time. Raises `UnitNotFound`.
        """
        ...

    def history(self, address: str, known_at: datetime | None = None) -> tuple[UnitText, ...]:
        """Every enacted version of a unit, oldest first, that is known or was known at a time.
        Raises `UnitNotFound`.
        """
        ...

    def about(self, code: str) -> DocumentWords:
        """What is said of a document that has units which stand. Raises `UnitNotFound`."""
        ...

    def ever(self, code: str | None = None) -> tuple[EverUnit, ...]:
        """Every unit that was ever enacted, of a document or of all, by address: also those that
        are repealed or withdrawn. Raises `UnitNotFound` for a document that never had any.
        """
        ...

    def addresses(self, code: str) -> tuple[str, ...]:
        """The addresses of a document's units, in the order of the text; none if there is none."""
        ...

    def whole_text(self, code: str, change_set_id: UUID | None = None) -> WholeText:
        """The text of a document as a change set has it that was enacted, also one that was
        reverted since; without one, the last that stands. Raises `UnitNotFound`.
        """
        ...

    def changes(
        self, code: str | None = None, since: int = 0, limit: int = 1000
    ) -> tuple[UnitChange, ...]:
        """What was enacted, in order: of a document after an entry of its feed, or of all."""
        ...

    def search(self, words: str, code: str | None = None, limit: int = 20) -> Found:
        """The units whose title or text has the words."""
        ...


def in_force(versions: Iterable[VersionFacts], on: date) -> VersionFacts | None:
    """The version in force on a day: the last by (day, number) not after it; None if there was
    none yet.

    A version of an unknown day counts from the day of the one before it: it took its place, and
    when is not known. The first of an unknown day counts from ever.

    >>> first, second = VersionFacts(1), VersionFacts(2, in_force_from=date(2027, 1, 1))
    >>> in_force([first, second], date(2026, 12, 31)).version_no
    1
    >>> in_force([first, second, VersionFacts(3)], date(2027, 1, 1)).version_no
    3
    """
    found: tuple[date, VersionFacts] | None = None
    day = date.min
    for version in sorted(versions, key=lambda one: one.version_no):
        day = version.in_force_from or day
        if day <= on and (found is None or day >= found[0]):
            found = (day, version)
    return found[1] if found else None


def snippet(text: str, words: str, width: int = 160) -> str:
    """The stretch of a text around the first of the words, on one line.

    >>> snippet("The board meets twice a year.", "year", 20)
    '... twice a year.'
    """
    flat = " ".join(text.split())
    low = flat.casefold()
    places = [low.find(word) for word in words.casefold().replace('"', " ").split()]
    at = min((place for place in places if place >= 0), default=0)
    start = max(0, min(at - width // 3, len(flat) - width))
    if start:
        start = flat.find(" ", start, at) + 1 or start
    end = start + width
    return ("... " if start else "") + flat[start:end] + (" ..." if end < len(flat) else "")
