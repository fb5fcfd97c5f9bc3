"""Source texts and units as the knowledge base holds them, read by the verifying principal."""

from __future__ import annotations

import uuid
from typing import Final, NamedTuple

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all, read_one, read_value, read_values
from domain.reading.source import StoredDocument
from domain.revision.units import Version, VersionUnit

REPEALED: Final = "repealed"


@translated("Reading a source text")
def stored_document(conn: Connection, code: str) -> StoredDocument | None:
    """A document's live source text; None if there is none under this code."""
    return read_one(conn, StoredDocument, "source_document", {"document_code": code})


@translated("Reading the units of a document")
def standing_units(conn: Connection, code: str) -> tuple[VersionUnit, ...]:
    """The living units of a document with their texts, in the order of the text that they were cut
    from; none if it was never cut.
    """
    return standing_text(conn, code).units


@translated("Reading the text between the units of a document")
def standing_gaps(conn: Connection, code: str) -> tuple[str, ...]:
    """The stretches of the text that belong to no living unit, in order."""
    manifest = read_one(conn, _Manifest, "standing_manifest", {"document_code": code})
    return _gaps(conn, manifest)


@translated("Reading what stands of a document")
def standing_text(conn: Connection, code: str) -> Version:
    """What stands of a document: living units with their texts, gaps, and addresses that are
    repealed. Empty if it was never cut.
    """
    keys = {"document_code": code}
    manifest = read_one(conn, _Manifest, "standing_manifest", keys)
    places = {address: place for place, address in enumerate(_addresses(conn, manifest))}
    found = read_all(conn, _Stored, "texts_of_document", keys)
    living = [one for one in found if one.state != REPEALED]
    living.sort(key=lambda one: (places.get(one.address, len(places)), one.address))
    gone = sorted((one.address, one.version_no) for one in found if one.state == REPEALED)
    return Version(
        code,
        f"the knowledge base ({code})",
        tuple(one.unit for one in living),
        _gaps(conn, manifest),
        tuple(gone),
        "" if manifest is None else manifest.text_sha256,
        "" if manifest is None else manifest.title,
    )


@translated("Asking for the digest of what stands")
def standing_digest(conn: Connection, code: str) -> str:
    """The `base_digest` of what stands of a document, computed by the server: no text is read."""
    return read_value(conn, str, "base_digest", {"document_code": code}) or ""


@translated("Looking for documents that are alike")
def documents_alike(conn: Connection, code: str, title: str, text_sha256: str) -> tuple[str, ...]:
    """The codes of other documents that stand with this title or this text: three at most."""
    keys = {"document_code": code, "title": title, "text_sha256": text_sha256}
    return tuple(read_values(conn, str, "documents_alike", keys))


def _addresses(conn: Connection, manifest: _Manifest | None) -> list[str]:
    if manifest is None:
        return []
    return read_values(conn, str, "order_of_manifest", {"envelope_id": manifest.envelope_id})


def _gaps(conn: Connection, manifest: _Manifest | None) -> tuple[str, ...]:
    if manifest is None:
        return ()
    keys = {"envelope_id": manifest.envelope_id}
    return tuple(read_values(conn, str, "gaps_of_manifest", keys))


class _Manifest(NamedTuple):
    """The manifest of what stands, the digest of its text, and the document's title."""

    envelope_id: uuid.UUID
    text_sha256: str
    title: str


class _Stored(NamedTuple):
    """A unit at the version that it stands at."""

    address: str
    title: str
    body: str
    unit_kind: str
    parent: str | None
    version_no: int
    state: str
    section_type: str
    publication_type: str
    owner_ref: str

    @property
    def unit(self) -> VersionUnit:
        """The same for a comparison."""
        return VersionUnit(
            self.address,
            self.title,
            self.body,
            self.unit_kind,
            self.parent,
            version_no=self.version_no,
            section_type=self.section_type,
            publication_type=self.publication_type,
            owner_ref=self.owner_ref,
        )


@translated("Looking for the functions of a revision")
def may_revise(conn: Connection) -> bool:
    """Whether the knowledge base has functions that write versions."""
    return bool(read_value(conn, bool, "may_revise", {}))


@translated("Looking for the function that writes type and owner")
def may_restate(conn: Connection) -> bool:
    """Whether the knowledge base has the function that gives a version another type and owner."""
    return bool(read_value(conn, bool, "may_restate", {}))
