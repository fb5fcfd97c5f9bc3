"""What the executor writes into the governed ledger: MARK, REVIEW and CUT. Any document, any number of units."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NoReturn, Protocol

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from adapters.postgres.append_only import AppendOnly
from adapters.postgres.statements import statement
from domain.cut_plan import CutPlan, CutplanRow, already_cut
from domain.digests import text_sha256
from domain.errors import ProductionExecutionNotAuthorized, StopInvariantFailed
from domain.ledger import AffectedRow, ChangeSetRecord, rows_sha256
from domain.phases import CutContext, Phase
from domain.ports import Signer
from domain.results import LegBResult, MarkResult, ReviewResult

Connection = psycopg.Connection[Any]


class GovernanceWriter(Protocol):
    """Writes the executor's part of the ledger inside a phase's transaction."""

    def mark(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> MarkResult:
        """Open the backlog entry."""
        ...

    def review(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> ReviewResult:
        """Record manifest and decision."""
        ...

    def record(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> LegBResult:
        """Record and sign the change set."""
        ...


class RefusingGovernance:
    """The default: no governance writer was given, so nothing is written."""

    def mark(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> NoReturn:
        """Raises `ProductionExecutionNotAuthorized`."""
        raise _not_given()

    review = mark
    record = mark


def _not_given() -> ProductionExecutionNotAuthorized:
    return ProductionExecutionNotAuthorized("adapter", "no governance writer was given")


@dataclass(frozen=True, slots=True)
class _OpenEntry:
    entry_id: uuid.UUID
    change_set_id: uuid.UUID
    status: str
    has_units: bool


@dataclass(frozen=True, slots=True)
class _CutContextRow:
    entry_id: uuid.UUID
    status: str
    envelope_id: uuid.UUID
    decision_id: uuid.UUID


class LedgerWriter(AppendOnly):
    """The governance writer, signing as the executor."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def mark(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> MarkResult:
        """MARK: entry, dependencies, sweep log and the first link of its history."""
        entry_id = uuid.uuid4()
        superseded = _supersede_unwritten(conn, ctx)
        _refuse_new_version(conn, ctx)
        conn.execute(
            statement("entry_open"),
            {
                "entry_id": entry_id,
                "change_set_id": ctx.change_set_id,
                "document_code": ctx.document_code,
                "title": plan.document.title,
                "plan_digest": ctx.plan_digest,
                "attempt": ctx.attempt,
                "actor": ctx.actor,
            },
        )
        depends = [("source_text", plan.text_sha256), *(("supersedes", str(other)) for other in superseded)]
        for kind, reference in depends:
            conn.execute(statement("entry_depends"), {"entry_id": entry_id, "kind": kind, "reference": reference})
        conn.execute(statement("entry_swept"), {"entry_id": entry_id, **_sweep(plan)})
        append_history(conn, ctx, entry_id, None, "marked", ctx.plan_digest)
        return MarkResult(entry_id=entry_id, units=len(plan.rows), warnings=len(plan.warnings))

    def review(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> ReviewResult:
        """REVIEW: the manifest (units by hash, gaps by text), the decision, and the entry's step to `reviewed`."""
        entry_id = _entry_of(conn, ctx)
        envelope_id, decision_id = uuid.uuid4(), uuid.uuid4()
        conn.execute(
            statement("manifest_seal"),
            {
                "envelope_id": envelope_id,
                "entry_id": entry_id,
                "plan_digest": ctx.plan_digest,
                "text_sha256": plan.text_sha256,
                "unit_blocks": len(plan.rows),
                "gap_blocks": len(plan.gaps),
            },
        )
        conn.execute(statement("manifest_units"), {"envelope_id": envelope_id, **_unit_blocks(plan.rows)})
        if plan.gaps:
            conn.execute(statement("manifest_gaps"), {"envelope_id": envelope_id, **_gap_blocks(plan)})
        reason = f"plan {ctx.plan_digest} of {plan.source_name}"
        conn.execute(
            statement("decision_record"),
            {"decision_id": decision_id, "envelope_id": envelope_id, "actor": ctx.actor, "reason": reason},
        )
        move_entry(conn, ctx, entry_id, "marked", "reviewed", ctx.plan_digest)
        return ReviewResult(
            entry_id=entry_id,
            envelope_id=envelope_id,
            decision_id=decision_id,
            unit_blocks=len(plan.rows),
            gap_blocks=len(plan.gaps),
        )

    def record(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> LegBResult:
        """CUT: the executor's signature, the change set, its affected rows, and the entry's step to `cut_applied`."""
        found = _cut_context(conn, ctx)
        rows = _stored_rows(conn, found.envelope_id)
        if len(rows) != len(plan.rows):
            raise StopInvariantFailed(
                f"The plan has {len(plan.rows)} units and the database holds {len(rows)} as drafts; nothing was recorded.",
                phase=Phase.LEG_B_RECORD,
            )
        change_set = change_set_record(ctx, found.entry_id, found.envelope_id, found.decision_id, rows)
        payload = change_set.canonical_bytes()
        signature = self._signer.sign(payload)
        signature_id = record_signature(conn, ctx, "executor", self._signer.key_id, payload, signature)
        conn.execute(statement("change_set_record"), {**asdict(change_set), "executor_signature_id": signature_id})
        conn.execute(
            statement("affected_rows_record"),
            {
                "change_set_id": ctx.change_set_id,
                "seq": [row.seq for row in rows],
                "unit_id": [row.unit_id for row in rows],
                "version_id": [row.version_id for row in rows],
            },
        )
        digest = hashlib.sha256(payload).hexdigest()
        move_entry(conn, ctx, found.entry_id, "reviewed", "cut_applied", digest)
        return LegBResult(
            change_set_id=ctx.change_set_id,
            entry_id=found.entry_id,
            affected_rows=len(rows),
            payload_sha256=digest,
            executor_signature=base64.b64encode(signature).decode(),
            status="cut_applied",
        )


def change_set_record(
    ctx: CutContext, entry_id: uuid.UUID, envelope_id: uuid.UUID, decision_id: uuid.UUID, rows: Sequence[AffectedRow]
) -> ChangeSetRecord:
    """The change set that these rows make up."""
    return ChangeSetRecord(
        change_set_id=ctx.change_set_id,
        entry_id=entry_id,
        envelope_id=envelope_id,
        decision_id=decision_id,
        document_code=ctx.document_code,
        plan_digest=ctx.plan_digest,
        target=str(ctx.target),
        attempt=ctx.attempt,
        unit_count=len(rows),
        rows_sha256=rows_sha256(rows),
        actor=ctx.actor,
    )


def record_signature(conn: Connection, ctx: CutContext, half: str, key_id: str, payload: bytes, signature: bytes) -> uuid.UUID:
    """Write one half of the signature pair; returns its id."""
    signature_id = uuid.uuid4()
    conn.execute(
        statement("signature_record"),
        {
            "signature_id": signature_id,
            "change_set_id": ctx.change_set_id,
            "half": half,
            "key_id": key_id,
            "payload_sha256": hashlib.sha256(payload).hexdigest(),
            "signature": signature,
        },
    )
    return signature_id


def move_entry(conn: Connection, ctx: CutContext, entry_id: uuid.UUID, old: str, new: str, payload_sha256: str) -> None:
    """Compare-and-set an entry's status and chain the step. Raises `StopInvariantFailed` if it does not stand at `old`."""
    moved = conn.execute(statement("entry_move"), {"entry_id": entry_id, "from_status": old, "to_status": new})
    if moved.rowcount != 1:
        raise StopInvariantFailed(
            f"The backlog entry of change set {ctx.change_set_id} does not stand at {old}, so it can not move to {new}; "
            "look with `cutter status`."
        )
    append_history(conn, ctx, entry_id, old, new, payload_sha256)


def append_history(
    conn: Connection, ctx: CutContext, entry_id: uuid.UUID, old: str | None, new: str, payload_sha256: str
) -> None:
    """Chain one step to the document's history."""
    conn.execute(
        statement("history_append"),
        {
            "document_code": ctx.document_code,
            "entry_id": entry_id,
            "from_status": old,
            "to_status": new,
            "actor": ctx.actor,
            "payload_sha256": payload_sha256,
        },
    )


def _supersede_unwritten(conn: Connection, ctx: CutContext) -> list[uuid.UUID]:
    """Close other decisions on this document that have written no unit; refuse if one has."""
    with conn.cursor(row_factory=class_row(_OpenEntry)) as cursor:
        others = cursor.execute(
            statement("entry_open_others"), {"document_code": ctx.document_code, "change_set_id": ctx.change_set_id}
        ).fetchall()
    for other in others:
        if other.has_units:
            raise StopInvariantFailed(
                f"Change set {other.change_set_id} of {ctx.document_code} has written units and is not finished "
                f"({other.status}); run it again to finish it, before another cut of this document.",
                phase=Phase.MARK,
            )
        move_entry(conn, ctx, other.entry_id, other.status, "superseded", ctx.plan_digest)
    return [other.entry_id for other in others]


def _refuse_new_version(conn: Connection, ctx: CutContext) -> None:
    """Units of this document that another change set has written are not overwritten and not added to."""
    row = conn.execute(statement("units_living"), {"document_code": ctx.document_code}).fetchone()
    if row and row[0]:
        raise already_cut(ctx.document_code, int(row[0]))


def _entry_of(conn: Connection, ctx: CutContext) -> uuid.UUID:
    row = conn.execute(statement("entry_of_change_set"), {"change_set_id": ctx.change_set_id}).fetchone()
    if row is None:
        raise StopInvariantFailed(f"Change set {ctx.change_set_id} has no backlog entry; MARK has to run first.")
    return uuid.UUID(str(row[0]))


def _cut_context(conn: Connection, ctx: CutContext) -> _CutContextRow:
    with conn.cursor(row_factory=class_row(_CutContextRow)) as cursor:
        found = cursor.execute(statement("cut_context"), {"change_set_id": ctx.change_set_id}).fetchone()
    if found is None:
        raise StopInvariantFailed(
            f"Change set {ctx.change_set_id} has no approved decision on record; REVIEW has to run first."
        )
    return found


def _stored_rows(conn: Connection, envelope_id: uuid.UUID) -> list[AffectedRow]:
    with conn.cursor(row_factory=class_row(AffectedRow)) as cursor:
        return cursor.execute(statement("cut_rows"), {"envelope_id": envelope_id}).fetchall()


def _sweep(plan: CutPlan) -> dict[str, object]:
    return {
        "source_name": plan.source_name,
        "reader": plan.reader,
        "profile": plan.profile,
        "granularity": plan.granularity,
        "text_sha256": plan.text_sha256,
        "text_chars": plan.text_chars,
        "units": len(plan.rows),
        "gaps": len(plan.gaps),
        "warnings": Jsonb([asdict(warning) for warning in plan.warnings]),
    }


def _unit_blocks(rows: Sequence[CutplanRow]) -> dict[str, list[Any]]:
    return {
        "start": [row.start for row in rows],
        "end": [row.end for row in rows],
        "address": [row.canonical_address for row in rows],
        "seq": [row.seq for row in rows],
        "title_sha256": [bytes.fromhex(text_sha256(row.title)) for row in rows],
        "body_sha256": [bytes.fromhex(text_sha256(row.body)) for row in rows],
    }


def _gap_blocks(plan: CutPlan) -> dict[str, list[Any]]:
    return {
        "start": [gap.start for gap in plan.gaps],
        "end": [gap.end for gap in plan.gaps],
        "text": [gap.text for gap in plan.gaps],
    }
