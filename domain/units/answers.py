"""What is answered about units: the shape of each answer, the same for programs that ask over HTTP,
for models that ask by tools, and for the pages.

Every answer about a unit says its address, version, day, hash and change set, and from which
database it is, so that it can be held against the knowledge base later.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.reading.address import document_code_of
from domain.units.records import DocumentLine, DocumentText, UnitText, VersionFacts

As = Annotated[
    date | None, Field(description="The day that was asked for; null: as it stands now.")
]
Known = Annotated[
    datetime | None, Field(description="The time as of which it was known; null: now.")
]
Target = Annotated[str, Field(description="The database that this is from: its name and server.")]


class Answer(BaseModel):
    """One answer; it does not change."""

    model_config = ConfigDict(frozen=True)


class VersionAnswer(Answer):
    """One version of a unit."""

    version_no: int = Field(description="Its number, from 1.")
    state: str = Field(description="text, repealed or suspended.")
    in_force_from: date | None = Field(description="Null where the day is not known.")
    change_set_id: UUID | None = Field(description="What wrote it; null where it is not on record.")
    enacted_at: datetime | None = Field(description="When it was enacted; null if not on record.")

    @classmethod
    def of(cls, facts: VersionFacts) -> Self:
        """The version as an answer."""
        return cls(**facts._asdict())


class UnitLine(Answer):
    """A unit at one of its versions, without its text."""

    address: str = Field(description="Its name for ever, such as vn.91-2015~art_5.")
    document: str = Field(description="The code of its document.")
    title: str
    label: str = Field(description="Its number as its address has it, 15b of sec_15b; or empty.")
    unit_kind: str
    section_type: str
    parent: str | None = Field(description="The address of the unit that it stands in.")
    body_sha256: str = Field(description="SHA-256 of the text in UTF-8.")
    version: VersionAnswer

    @classmethod
    def of(cls, unit: UnitText) -> Self:
        """The unit as a line."""
        return cls(**_line(unit))


class UnitAnswer(UnitLine):
    """A unit at one of its versions, whole."""

    body: str = Field(description="The text, byte for byte as it was approved.")
    versions: int = Field(description="How many versions of it were enacted.")
    beyond: str = Field(
        description="What the citation names beyond this unit, which was cut no smaller; or empty."
    )
    as_of: As
    known_at: Known = None
    target: Target

    @classmethod
    def whole(
        cls,
        unit: UnitText,
        target: str,
        *,
        beyond: str = "",
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> Self:
        """The unit as an answer."""
        return cls(
            **_line(unit),
            body=unit.body,
            versions=len(unit.versions),
            beyond=beyond,
            as_of=as_of,
            known_at=known_at,
            target=target,
        )


class ResolvedAnswer(UnitLine):
    """The one unit that a citation means, at the version it stands at."""

    beyond: str = Field(
        description="What the citation names beyond this unit, which was cut no smaller; or empty."
    )
    target: Target

    @classmethod
    def meant(cls, unit: UnitText, target: str, beyond: str) -> Self:
        """The unit as an answer."""
        return cls(**_line(unit), beyond=beyond, target=target)


class DocumentEntry(Answer):
    """A document in the list of documents."""

    code: str
    title: str
    publication_type: str
    units: int
    enacted_at: datetime | None

    @classmethod
    def of(cls, line: DocumentLine) -> Self:
        """The line as an answer."""
        return cls.model_validate(line, from_attributes=True)


class DocumentsAnswer(Answer):
    """Every document that has enacted units, by code."""

    documents: list[DocumentEntry]
    target: Target


class DocumentAnswer(Answer):
    """A document with its units in the order of the text; `parent` says which stands in which."""

    code: str
    title: str
    publication_type: str
    owner_ref: str
    as_of: As
    known_at: Known = None
    target: Target
    units: list[UnitLine]

    @classmethod
    def of(cls, document: DocumentText, known_at: datetime | None = None) -> Self:
        """The document as an answer."""
        return cls(
            code=document.code,
            title=document.title,
            publication_type=document.publication_type,
            owner_ref=document.owner_ref,
            as_of=document.as_of,
            known_at=known_at,
            target=document.target,
            units=[UnitLine.of(unit) for unit in document.units],
        )


class HistoryAnswer(Answer):
    """Every enacted version of a unit, oldest first."""

    address: str
    known_at: Known = None
    target: Target
    versions: list[UnitAnswer]

    @classmethod
    def of(
        cls, versions: Sequence[UnitText], target: str, known_at: datetime | None = None
    ) -> Self:
        """The versions as an answer; there is at least one."""
        answers = [UnitAnswer.whole(one, target, known_at=known_at) for one in versions]
        address = versions[-1].address
        return cls(address=address, known_at=known_at, target=target, versions=answers)


class StretchAnswer(Answer):
    """A stretch of both texts. Where `equal`, they differ in white space at most."""

    old: str
    new: str
    equal: bool


class DifferenceAnswer(Answer):
    """What differs between two versions of a unit, word by word."""

    address: str
    target: Target
    old: UnitLine
    new: UnitLine
    same: bool = Field(description="Whether both have the same text, byte for byte.")
    stretches: list[StretchAnswer] = Field(description="Both texts, in order, none left out.")


class HitAnswer(UnitLine):
    """A unit that was found, and the stretch of its text around the first of the words."""

    snippet: str

    @classmethod
    def around(cls, unit: UnitText, snippet: str) -> Self:
        """The hit as an answer."""
        return cls(**_line(unit), snippet=snippet)


class SearchAnswer(Answer):
    """What a search found, best first."""

    words: str
    by: str = Field(
        description="`full text`; `letters` where no unit has the words; `likeness` where none has "
        "the letters and the database has pg_trgm."
    )
    target: Target
    hits: list[HitAnswer]


class Claim(Answer):
    """A citation in a draft, and what the draft says that it says."""

    cite: str = Field(
        description="An address, or a citation as people write it.", min_length=1, max_length=300
    )
    quote: str = Field(
        "", description="The words that the draft quotes; empty if none.", max_length=50_000
    )
    as_of: date | None = Field(None, description="As it was in force on this day.")
    version: int | None = Field(None, description="The version of this number.", ge=1)


class CheckedClaim(Answer):
    """A citation in a draft, held against the knowledge base."""

    cite: str
    quote: str
    verdict: Literal["VERIFIED", "DIFFERS", "NOT FOUND", "UNVERIFIED"]
    reason: str = Field(description="Why, in one sentence.")
    candidates: list[str] = Field(description="What it can mean, where it can mean several units.")
    unit: UnitAnswer | None = Field(description="What stands there, if it is one unit.")


class ChecksAnswer(Answer):
    """A draft's citations in its order, each with a verdict."""

    target: Target
    checks: list[CheckedClaim]


class Problem(Answer):
    """Why there is no answer (RFC 9457). Each `code` is another answer, not another wording."""

    status: int = Field(description="The status of the answer.")
    code: Literal["bad_request", "not_found", "ambiguous", "cannot_say", "no_proof", "unavailable"]
    title: str = Field(description="What `code` means.")
    detail: str = Field(description="What it is about, in one sentence.")
    candidates: list[str] = Field(description="The addresses that an ambiguous citation can mean.")


def _line(unit: UnitText) -> dict[str, object]:
    return {
        "address": unit.address,
        "document": document_code_of(unit.address),
        "title": unit.title,
        "label": unit.label,
        "unit_kind": unit.unit_kind,
        "section_type": unit.section_type,
        "parent": unit.parent,
        "body_sha256": unit.body_sha256,
        "version": VersionAnswer.of(unit.version),
    }
