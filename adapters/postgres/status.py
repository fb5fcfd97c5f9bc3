"""Where change sets stand, and what to do next: read from the ledger and the phase journal."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from adapters.postgres.journal import all_phases
from adapters.postgres.statements import statement
from domain.phases import Phase

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class _Row:
    change_set_id: uuid.UUID
    document_code: str
    status: str
    attempt: int
    plan_digest: str
    opened_by: str
    opened_at: datetime
    unit_count: int | None
    applied_at: datetime | None
    verified_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeSetStatus:
    """One change set: what the ledger says, the phases on record, and what to do next."""

    change_set_id: uuid.UUID
    document_code: str
    status: str
    attempt: int
    plan_digest: str
    opened_by: str
    opened_at: datetime
    units: int | None
    phases: tuple[str, ...]

    @property
    def torn(self) -> bool:
        """True if units are in the database and the change set is not finished."""
        return Phase.CUT_LEG_A in self.phases and Phase.LIFECYCLE_ENACT not in self.phases

    @property
    def next_step(self) -> str:
        """What to do, in one sentence."""
        if self.status == "enacted":
            return "Done: verified and enacted."
        if self.status == "superseded":
            return "Nothing: another plan of this document took its place before anything was written."
        missing = next(phase for phase in Phase if phase not in self.phases)
        if self.torn:
            return f"Torn: its units are written and {missing} is missing. Run the same cut again to finish it."
        return f"Unfinished: {missing} comes next. Run the same cut again."


def change_sets(conn: Connection, change_set_id: uuid.UUID | None = None) -> list[ChangeSetStatus]:
    """Every change set on record, oldest first, or the one that is named."""
    with conn.cursor(row_factory=class_row(_Row)) as cursor:
        rows = cursor.execute(statement("status_of_change_set"), {"change_set_id": change_set_id}).fetchall()
    return [
        ChangeSetStatus(
            change_set_id=row.change_set_id,
            document_code=row.document_code,
            status=row.status,
            attempt=row.attempt,
            plan_digest=row.plan_digest,
            opened_by=row.opened_by,
            opened_at=row.opened_at,
            units=row.unit_count,
            phases=tuple(found.phase for found in all_phases(conn, row.change_set_id)),
        )
        for row in rows
    ]
