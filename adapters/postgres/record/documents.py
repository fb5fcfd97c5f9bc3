"""Source texts and units as the knowledge base holds them, read by the verifying principal."""

from __future__ import annotations

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all, read_one, read_values
from domain.errors import BadInput
from domain.reading.source import StoredDocument
from domain.revision.units import VersionUnit


@translated("Reading a source text")
def stored_document(conn: Connection, code: str) -> StoredDocument:
    """A document's live source text. Raises `BadInput` if there is none under this code."""
    found = read_one(conn, StoredDocument, "source_document", {"document_code": code})
    if found is None:
        raise BadInput(
            f"The knowledge base has no source text for {code}; name a code of the table "
            f"source_document."
        )
    return found


@translated("Reading the units of a document")
def standing_units(conn: Connection, code: str) -> tuple[VersionUnit, ...]:
    """The living units of a document with their texts, in the order of the text that they were cut
    from; none if it was never cut.
    """
    return tuple(read_all(conn, VersionUnit, "texts_of_document", {"document_code": code}))


@translated("Reading the text between the units of a document")
def standing_gaps(conn: Connection, code: str) -> tuple[str, ...]:
    """The stretches of the text that belong to no living unit, in order."""
    return tuple(read_values(conn, str, "gaps_of_document", {"document_code": code}))
