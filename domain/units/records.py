"""What is read back of a document that was cut: its units in order, each with the version that is
asked for and what is known of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from domain.reading.address import number_of_address

TEXT: Final = "text"
REPEALED: Final = "repealed"
SUSPENDED: Final = "suspended"


class VersionFacts(NamedTuple):
    """One enacted version of a unit, without its text.

    `in_force_from` is None where the day is not known, and `change_set_id` and `enacted_at` where
    they are not on record.
    """

    version_no: int
    state: str = TEXT
    in_force_from: date | None = None
    change_set_id: UUID | None = None
    enacted_at: datetime | None = None


class UnitText(NamedTuple):
    """A unit at one of its versions.

    `versions` are all that were enacted, oldest first; it may be empty where nobody asked for them.
    """

    address: str
    title: str
    body: str
    body_sha256: str
    unit_kind: str
    section_type: str
    parent: str | None
    version: VersionFacts
    versions: tuple[VersionFacts, ...] = ()

    @property
    def label(self) -> str:
        """The unit's number as its address has it, as `cutter.v_unit` says it: 15b of sec_15b."""
        return number_of_address(self.address)


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document as it stands, or as it was in force on a day: its units in the order of the text.

    `target` names the database that it is from.
    """

    code: str
    title: str
    publication_type: str
    owner_ref: str
    units: tuple[UnitText, ...]
    as_of: date | None = None
    target: str = ""


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """What is said of a document once."""

    title: str
    publication_type: str
    owner_ref: str


class EverUnit(NamedTuple):
    """A unit that was ever enacted, at the version that stands or stood last.

    `standing` is text, repealed or suspended; or withdrawn, where its change set was reverted.
    """

    address: str
    title: str
    unit_kind: str
    version_no: int
    standing: str
    change_set_id: UUID | None


class UnitChange(NamedTuple):
    """One entry of the feed: what an enacted change set did to one unit.

    `seq` counts from 1 in each document, without a hole. `kind` is created, revised or repealed, or
    by a revert withdrawn, or restored to the version before. `body_sha256` is of the text that
    stands since, None where nothing does.
    """

    document_code: str
    seq: int
    change_set_id: UUID
    address: str
    version_no: int | None
    kind: str
    body_sha256: str | None
    changed_at: datetime


class WholeText(NamedTuple):
    """The whole text of a document as one change set has it, every character of it."""

    document_code: str
    change_set_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document in a list of documents."""

    code: str
    title: str
    publication_type: str
    units: int
    enacted_at: datetime | None
