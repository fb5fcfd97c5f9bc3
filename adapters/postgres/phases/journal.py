"""The phase journal: one row a phase, written in the phase's own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter, ValidationError

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_all
from adapters.postgres.connection.writing import Row
from adapters.postgres.ledger.steps import entry_of
from domain.change_set import CutContext
from domain.errors import StopInvariantFailed
from domain.phases import Phase

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One recorded phase."""

    phase: str
    plan_digest: str
    result: Any  # JSON: what the phase answered
    actor: str
    principal: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What the journal holds of a change set, read in one turn."""

    ctx: CutContext
    rows: Mapping[str, JournalRow]

    def find(self, phase: Phase) -> JournalRow | None:
        """The recorded phase, or None.

        Raises `StopInvariantFailed` if it was recorded for another plan.
        """
        row, ctx = self.rows.get(phase.value), self.ctx
        if row is not None and row.plan_digest != ctx.plan_digest:
            raise StopInvariantFailed(
                f"{phase} of change set {ctx.change_set_id} is on record for another plan "
                f"({row.plan_digest[:12]}, "
                f"now {ctx.plan_digest[:12]}); nothing was written.",
                phase=phase,
            )
        return row

    def require(self, *phases: Phase) -> None:
        """Raises `StopInvariantFailed` unless all these phases are on record for this change set
        and plan.
        """
        for phase in phases:
            if self.find(phase) is None:
                raise StopInvariantFailed(
                    f"{phase} of change set {self.ctx.change_set_id} is not on record; it has to "
                    f"run first."
                )


def read(conn: Connection, ctx: CutContext) -> OnRecord:
    """What is on record of a change set now."""
    return OnRecord(ctx, {row.phase: row for row in all_phases(conn, ctx.change_set_id)})


def answer(recorded: JournalRow, codec: TypeAdapter[R], ctx: CutContext) -> R:
    """What a phase has answered. Raises `StopInvariantFailed` if that is no answer of it: the
    program writes no other, so somebody else did.
    """
    try:
        return codec.validate_python(recorded.result)
    except ValidationError:
        raise StopInvariantFailed(
            f"{recorded.phase} of change set {ctx.change_set_id} is on record with what no run "
            f"writes, so somebody else wrote it; nothing was written. Whoever had the login "
            f"may have planted more: `cutter halt`, then `cutter db clear {ctx.document_code}`.",
        ) from None


def find(conn: Connection, ctx: CutContext, phase: Phase) -> JournalRow | None:
    """The recorded phase, or None. Raises what `OnRecord.find` raises."""
    return read(conn, ctx).find(phase)


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


def row(ctx: CutContext, phase: Phase, result: object) -> Row:
    """What puts a phase on record, in the transaction of its effects."""
    values = {
        "change_set_id": ctx.change_set_id,
        "phase": phase.value,
        "plan_digest": ctx.plan_digest,
        "result": Jsonb(result),
        "actor": ctx.actor,
    }
    return Row("journal_record", values)


def all_phases(conn: Connection, change_set_id: UUID) -> list[JournalRow]:
    """Every recorded phase of a change set, in the order recorded."""
    return read_all(conn, JournalRow, "journal_all", {"change_set_id": change_set_id})
