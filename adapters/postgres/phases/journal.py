"""The phase journal: one row a phase, written in the phase's own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_all, read_one
from adapters.postgres.connection.statements import statement
from adapters.postgres.ledger.steps import entry_of
from domain.change_set import CutContext
from domain.errors import StopInvariantFailed
from domain.phases import Phase


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One recorded phase."""

    phase: str
    plan_digest: str
    result: Any  # JSON: what the phase answered
    actor: str
    principal: str
    recorded_at: datetime


def find(conn: Connection, ctx: CutContext, phase: Phase) -> JournalRow | None:
    """The recorded phase, or None.

    Raises `StopInvariantFailed` if it was recorded for another plan.
    """
    row = read_one(
        conn, JournalRow, "journal_find", {"change_set_id": ctx.change_set_id, "phase": phase.value}
    )
    if row is not None and row.plan_digest != ctx.plan_digest:
        raise StopInvariantFailed(
            f"{phase} of change set {ctx.change_set_id} is on record for another plan "
            f"({row.plan_digest[:12]}, "
            f"now {ctx.plan_digest[:12]}); nothing was written.",
            phase=phase,
        )
    return row


def require(conn: Connection, ctx: CutContext, *phases: Phase) -> None:
    """Raises `StopInvariantFailed` unless all these phases are on record for this change set and
    plan.
    """
    for phase in phases:
        if find(conn, ctx, phase) is None:
            raise StopInvariantFailed(
                f"{phase} of change set {ctx.change_set_id} is not on record; it has to run first."
            )


def require_entry(conn: Connection, ctx: CutContext, status: str) -> None:
    """Raises `StopInvariantFailed` unless the change set's entry stands at `status`: it may have
    been superseded meanwhile.
    """
    entry = entry_of(conn, ctx.change_set_id)
    if entry is None or entry.status != status:
        stands = entry.status if entry else "nothing"
        raise StopInvariantFailed(
            f"The backlog entry of change set {ctx.change_set_id} stands at {stands}, not at "
            f"{status}; no unit was written. "
            "If another plan took its place, cut that one."
        )


def record(conn: Connection, ctx: CutContext, phase: Phase, result: object) -> None:
    """Put a phase on record, in the transaction of its effects."""
    conn.execute(
        statement("journal_record"),
        {
            "change_set_id": ctx.change_set_id,
            "phase": phase.value,
            "plan_digest": ctx.plan_digest,
            "result": Jsonb(result),
            "actor": ctx.actor,
        },
    )


def all_phases(conn: Connection, change_set_id: UUID) -> list[JournalRow]:
    """Every recorded phase of a change set, in the order recorded."""
    return read_all(conn, JournalRow, "journal_all", {"change_set_id": change_set_id})
