"""Where change sets stand, and what to do next: read from the ledger and the phase journal."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg.rows import class_row

from adapters.postgres.journal import all_phases
from adapters.postgres.statements import statement
from domain.phases import Phase
from domain.revert import REVERTED, escalation

Connection = psycopg.Connection[Any]

_SUPERSEDED: Final = "Nothing: another plan of this document took its place before anything was written."
_DONE: Final = {
    ("enacted", False): "Done: verified and enacted.",
    ("enacted", True): "Done: verified, and the units of what it reverts are withdrawn.",
    ("superseded", False): _SUPERSEDED,
    ("superseded", True): _SUPERSEDED,
    (REVERTED, False): "Reverted: its units are withdrawn. The same plan can be cut again with --attempt {next}.",
}
"""What to do about a change set that is at its end, by its status and whether it is a revert."""


@dataclass(frozen=True, slots=True)
class _Row:
    change_set_id: uuid.UUID
    document_code: str
    kind: str
    status: str
    attempt: int
    plan_digest: str
    opened_by: str
    opened_at: datetime
    unit_count: int | None
    applied_at: datetime | None
    verified_at: datetime | None
    reverts: uuid.UUID | None


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
    reverts: uuid.UUID | None = None
    """What a revert reverts; None for a cut."""

    @property
    def torn(self) -> bool:
        """True if units are written, or withdrawn, and the change set is not finished."""
        begun = Phase.CUT_LEG_A in self.phases and Phase.LIFECYCLE_ENACT not in self.phases
        return begun and self.status != REVERTED

    @property
    def next_step(self) -> str:
        """What to do, in one sentence."""
        done = _DONE.get((self.status, self.reverts is not None))
        if done is not None:
            return done.format(next=self.attempt + 1)
        missing = next(phase for phase in Phase if phase not in self.phases)
        if self.reverts:
            begun = (
                f"Torn: its units are withdrawn and {missing} is missing" if self.torn else f"Unfinished: {missing} comes next"
            )
            return f"{begun}. Finish it, approved by SG_3 and SG_2: `cutter revert {self.reverts} --live`."
        if self.torn:
            return f"Torn: its units are written and {missing} is missing. {escalation(self.change_set_id)}"
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
            reverts=row.reverts,
            phases=tuple(found.phase for found in all_phases(conn, row.change_set_id)),
        )
        for row in rows
    ]
