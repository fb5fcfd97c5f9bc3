"""Source texts and units as the knowledge base holds them, read by the verifying principal."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import class_row

from adapters.planning import StoredDocument
from adapters.postgres.statements import statement
from domain.errors import BadInput
from domain.plan_diff import UnitOnRecord

Connection = psycopg.Connection[Any]


def stored_document(conn: Connection, code: str) -> StoredDocument:
    """A document's live source text. Raises `BadInput` if there is none under this code."""
    with conn.cursor(row_factory=class_row(StoredDocument)) as cursor:
        found = cursor.execute(statement("source_document"), {"document_code": code}).fetchone()
    if found is None:
        raise BadInput(f"The knowledge base has no source text for {code}; name a code of the table source_document.")
    return found


def units_on_record(conn: Connection, code: str) -> list[UnitOnRecord]:
    """The living units of a document, by address; none if it was never cut."""
    with conn.cursor(row_factory=class_row(UnitOnRecord)) as cursor:
        return cursor.execute(statement("units_of_document"), {"document_code": code}).fetchall()
