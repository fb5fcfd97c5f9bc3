"""Where change sets stand, and what to do next: read from the ledger and the phase journal."""

from __future__ import annotations

import uuid
from dataclasses import replace

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all
from adapters.postgres.phases.journal import all_phases
from domain.reports.standing import ChangeSetStatus


@translated("Reading where change sets stand")
def change_sets(
    conn: Connection, change_set_id: uuid.UUID | None = None, document_code: str | None = None
) -> list[ChangeSetStatus]:
    """Every change set on record, oldest first; the one that is named, or those of one document."""
    keys = {"change_set_id": change_set_id, "document_code": document_code}
    found = read_all(conn, ChangeSetStatus, "status_of_change_set", keys)
    return [
        replace(one, phases=tuple(row.phase for row in all_phases(conn, one.change_set_id)))
        for one in found
    ]
