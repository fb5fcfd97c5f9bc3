"""VERIFY: the second principal recomputes a change set from the database alone, compares it with the plan, and signs."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

import psycopg
from psycopg.rows import class_row

from adapters.postgres.ledger import change_set_record, move_entry, record_signature
from adapters.postgres.statements import statement
from adapters.signing import signature_is_valid
from domain.cut_plan import CutPlan
from domain.digests import text_sha256
from domain.errors import ProductionExecutionNotAuthorized, StopInvariantFailed
from domain.ledger import AffectedRow, ChangeSetRecord
from domain.phases import CutContext, Phase
from domain.ports import Signer
from domain.results import VerifyResult

Connection = psycopg.Connection[Any]


class VerifyWriter(Protocol):
    """Verifies a change set inside a transaction of the verifying principal."""

    def verify(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> VerifyResult:
        """Recompute, compare, sign, record. Raises `StopInvariantFailed` naming the first fault."""
        ...


class RefusingVerify:
    """The default: no verify writer was given, so nothing is verified."""

    def verify(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> NoReturn:
        """Raises `ProductionExecutionNotAuthorized`."""
        raise ProductionExecutionNotAuthorized("adapter", "no verify writer was given")


@dataclass(frozen=True, slots=True)
class _Recorded:
    change_set_id: uuid.UUID
    entry_id: uuid.UUID
    envelope_id: uuid.UUID
    decision_id: uuid.UUID
    document_code: str
    plan_digest: str
    target: str
    attempt: int
    unit_count: int
    rows_sha256: str
    actor: str
    executor_signature: bytes
    payload_sha256: str
    public_key: bytes
    text_sha256: str
    status: str


@dataclass(frozen=True, slots=True)
class _Comparison:
    equal: int
    faults: int
    first_fault: str | None


class Verifier:
    """The verify writer, signing as the verifier."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def verify(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> VerifyResult:
        """See `VerifyWriter.verify`."""
        recorded = _recorded(conn, ctx)
        found = _compare_units(conn, ctx, plan)
        source = _rebuilt_source(conn, ctx, recorded, plan)
        change_set = _check_executor_signature(conn, ctx, recorded)
        payload = change_set.verification_bytes(source, recorded.executor_signature)
        signature = self._signer.sign(payload)
        signature_id = record_signature(conn, ctx, "verifier", self._signer.key_id, payload, signature)
        conn.execute(
            statement("verify_record"),
            {
                "change_set_id": ctx.change_set_id,
                "expected_units": len(plan.rows),
                "found_units": found,
                "source_sha256": source,
                "verifier_signature_id": signature_id,
            },
        )
        conn.execute(
            statement("change_set_verified"), {"change_set_id": ctx.change_set_id, "verifier_signature_id": signature_id}
        )
        move_entry(conn, ctx, recorded.entry_id, "cut_applied", "verified_complete", source)
        return VerifyResult(
            change_set_id=ctx.change_set_id,
            expected_units=len(plan.rows),
            found_units=found,
            source_sha256=source,
            verifier_signature=base64.b64encode(signature).decode(),
            status="verified_complete",
        )


def _stop(message: str) -> StopInvariantFailed:
    return StopInvariantFailed(f"Verification failed: {message}. Nothing was enacted.", phase=Phase.WRITE_VERIFY)


def _recorded(conn: Connection, ctx: CutContext) -> _Recorded:
    with conn.cursor(row_factory=class_row(_Recorded)) as cursor:
        recorded = cursor.execute(statement("verify_change_set"), {"change_set_id": ctx.change_set_id}).fetchone()
    if recorded is None:
        raise _stop(f"change set {ctx.change_set_id} is not on record with a registered executor's signature")
    if recorded.plan_digest != ctx.plan_digest or recorded.target != str(ctx.target):
        raise _stop(f"change set {ctx.change_set_id} is on record for another plan or target")
    return recorded


def _compare_units(conn: Connection, ctx: CutContext, plan: CutPlan) -> int:
    """Units found equal to the plan. The hashes are the server's, of the titles and bodies that it holds now."""
    rows = plan.rows
    expected = {
        "change_set_id": ctx.change_set_id,
        "seq": [row.seq for row in rows],
        "address": [row.canonical_address for row in rows],
        "title_sha256": [bytes.fromhex(text_sha256(row.title)) for row in rows],
        "body_sha256": [bytes.fromhex(text_sha256(row.body)) for row in rows],
        "unit_kind": [row.unit_kind for row in rows],
        "section_type": [row.section_type for row in rows],
        "publication_type": [row.publication_type for row in rows],
        "owner_ref": [row.owner_ref for row in rows],
        "parent_ref": [row.parent_ref for row in rows],
    }
    with conn.cursor(row_factory=class_row(_Comparison)) as cursor:
        result = cursor.execute(statement("verify_units"), expected).fetchone()
    if result is None or result.faults or result.equal != len(rows):
        detail = f"{result.faults} units differ from the plan; the first: {result.first_fault}" if result else "no answer"
        raise _stop(detail)
    return result.equal


def _rebuilt_source(conn: Connection, ctx: CutContext, recorded: _Recorded, plan: CutPlan) -> str:
    row = conn.execute(
        statement("verify_source"), {"change_set_id": ctx.change_set_id, "envelope_id": recorded.envelope_id}
    ).fetchone()
    source = str(row[0]) if row else ""
    if not source == plan.text_sha256 == recorded.text_sha256:
        raise _stop(f"the stored bodies and gaps do not rebuild the source text (SHA-256 {source[:12]})")
    return source


def _check_executor_signature(conn: Connection, ctx: CutContext, recorded: _Recorded) -> ChangeSetRecord:
    """Rebuild what the executor signed from the rows as they are stored now, and check its signature over that."""
    with conn.cursor(row_factory=class_row(AffectedRow)) as cursor:
        rows = cursor.execute(statement("verify_rows"), {"change_set_id": ctx.change_set_id}).fetchall()
    rebuilt = change_set_record(ctx, recorded.entry_id, recorded.envelope_id, recorded.decision_id, rows)
    if not signature_is_valid(recorded.public_key, rebuilt.canonical_bytes(), recorded.executor_signature):
        raise _stop("the executor's signature does not cover what the database holds")
    return rebuilt
