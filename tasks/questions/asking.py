"""The questions: plain functions over the reader of units. HTTP, tools and commands are shells
over these.

Every function raises `UnitNotFound` where the answer is no, `CannotSay` where there is none or more
than one, and other `BadInput` for what can not be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final, NamedTuple

from adapters.likeness import RapidLikeness
from adapters.writers.formats import written
from domain.errors import BadInput, DatabaseUnsuitable, NoProof
from domain.evidence.citation import proof_text
from domain.revision.words import word_difference
from domain.units.answers import (
    ChecksAnswer,
    Claim,
    DifferenceAnswer,
    DocumentAnswer,
    DocumentEntry,
    DocumentsAnswer,
    HistoryAnswer,
    HitAnswer,
    ResolvedAnswer,
    SearchAnswer,
    StretchAnswer,
    UnitAnswer,
    UnitLine,
)
from domain.units.drafts import MOST_CLAIMS, checked
from domain.units.formats import Format
from domain.units.reader import UnitReader
from domain.units.records import UnitText
from tasks.records.units import unit_meant

MOST_CHARS: Final = 300
MOST_HITS: Final = 100


class Asked(NamedTuple):
    """A unit that is asked for: by address or citation, in a document or in all, and which of its
    versions: the one it stands at if neither a day nor a number is given; as far as it is known, or
    was known at a time.
    """

    cite: str
    code: str | None = None
    as_of: date | None = None
    version_no: int | None = None
    known_at: datetime | None = None


def documents(reader: UnitReader, target: str) -> DocumentsAnswer:
    """Every document that has enacted units."""
    entries = [DocumentEntry.of(line) for line in reader.documents()]
    return DocumentsAnswer(documents=entries, target=target)


def document(
    reader: UnitReader, code: str, as_of: date | None = None, known_at: datetime | None = None
) -> DocumentAnswer:
    """A document's units, without their texts, as it stands or was in force on a day, as far as it
    is known or was known at a time.
    """
    moment = in_a_zone(known_at)
    return DocumentAnswer.of(reader.document(asked_text(code), as_of, moment), moment)


def exported(
    reader: UnitReader,
    code: str,
    to: Format,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> str:
    """The same with its texts, in one of the formats that a document is written in."""
    return written(reader.document(asked_text(code), as_of, in_a_zone(known_at)), to)


def unit(reader: UnitReader, asked: Asked, target: str) -> UnitAnswer:
    """One unit at one version."""
    if asked.as_of is not None and asked.version_no is not None:
        raise BadInput("Ask for a version or for a day, not for both.")
    meant = unit_meant(reader, asked_text(asked.cite), _code(asked))
    moment = in_a_zone(asked.known_at)
    found = reader.unit(
        meant.address, version_no=asked.version_no, as_of=asked.as_of, known_at=moment
    )
    beyond = "__".join(map(str, meant.missing))
    return UnitAnswer.whole(found, target, beyond=beyond, as_of=asked.as_of, known_at=moment)


def resolved(reader: UnitReader, asked: Asked, target: str) -> ResolvedAnswer:
    """The one unit that a citation means, without its text."""
    meant = unit_meant(reader, asked_text(asked.cite), _code(asked))
    beyond = "__".join(map(str, meant.missing))
    return ResolvedAnswer.meant(reader.unit(meant.address), target, beyond)


def history(reader: UnitReader, asked: Asked, target: str) -> HistoryAnswer:
    """Every enacted version of one unit, that is known or was known at a time."""
    moment = in_a_zone(asked.known_at)
    address = unit_meant(reader, asked_text(asked.cite), _code(asked)).address
    return HistoryAnswer.of(reader.history(address, moment), target, moment)


def difference(
    reader: UnitReader, asked: Asked, old: int, new: int, target: str
) -> DifferenceAnswer:
    """What differs between two versions of one unit, by their numbers, word by word."""
    address = unit_meant(reader, asked_text(asked.cite), _code(asked)).address
    before = reader.unit(address, version_no=old)
    after = reader.unit(address, version_no=new)
    return difference_of(before, after, target)


def difference_of(before: UnitText, after: UnitText, target: str) -> DifferenceAnswer:
    """What differs between two versions that are known, word by word."""
    stretches = word_difference(before.body, after.body, RapidLikeness())
    return DifferenceAnswer(
        address=after.address,
        target=target,
        old=UnitLine.of(before),
        new=UnitLine.of(after),
        same=before.body == after.body,
        stretches=[StretchAnswer(**one._asdict()) for one in stretches],
    )


def proof(reader: UnitReader, asked: Asked, prove: Callable[[UnitText], dict[str, Any]]) -> str:
    """What proves the text of one unit as it stands, as one line of JSON.

    Raises `NoProof` where nothing that is kept here does.
    """
    address = unit_meant(reader, asked_text(asked.cite), _code(asked)).address
    standing = reader.unit(address)
    try:
        return proof_text(prove(standing))
    except (BadInput, DatabaseUnsuitable) as error:
        raise NoProof(str(error)) from None


def search(
    reader: UnitReader, words: str, target: str, code: str | None = None, limit: int = 20
) -> SearchAnswer:
    """The units that have the words, best first."""
    asked = asked_text(words).strip()
    if not asked:
        raise BadInput("Say which words to search for.")
    if code is not None:
        reader.about(asked_text(code))
    found = reader.search(asked, code, limit)
    hits = [HitAnswer.around(hit.unit, hit.snippet) for hit in found.hits]
    return SearchAnswer(words=asked, by=found.by, target=target, hits=hits)


def checks(
    reader: UnitReader, claims: Iterable[Claim], target: str, code: str | None = None
) -> ChecksAnswer:
    """A draft's citations, each held against what it cites."""
    every = list(claims)
    if len(every) > MOST_CLAIMS:
        raise BadInput(f"{len(every):,} citations are more than the {MOST_CLAIMS} of one draft.")
    meant = partial(unit_meant, reader, code=code if code is None else asked_text(code))
    for claim in every:
        asked_text(claim.cite)
    return ChecksAnswer(
        target=target, checks=[checked(reader, claim, meant, target) for claim in every]
    )


def in_a_zone(moment: datetime | None) -> datetime | None:
    """A time without a zone is UTC, as everywhere here."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def asked_text(text: str) -> str:
    """A text that can be asked with. Raises `BadInput` for one that no text of a base can be."""
    if len(text) > MOST_CHARS:
        raise BadInput(f"That is longer than {MOST_CHARS} characters; ask for less.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInput("That is no text of Unicode.") from None
    if "\0" in text:
        raise BadInput("That has a character that no text has (U+0000).")
    return text


def _code(asked: Asked) -> str | None:
    return None if asked.code is None else asked_text(asked.code)
