"""VERIFY of a revert: the second principal recomputes from the database that exactly its units are
withdrawn, and signs.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, replace

from psycopg.rows import class_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_all, read_one
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.writing import Unwritten
from adapters.postgres.ledger.steps import Entry
from adapters.postgres.permits.permit import check_permit
from adapters.postgres.reverting.base import rebuilt_base
from adapters.postgres.reverting.plan import columns
from adapters.postgres.verify.steps import (
    Recorded,
    check_executor_signature,
    recorded_change_set,
    recorded_counts,
    signed_verification,
    verification_failed,
)
from domain.approval.request import revert_effect
from domain.change_set import CutContext
from domain.ledger.signed import AffectedRow
from domain.phases import Mode
from domain.plan.revert import RevertFault, RevertPlan, RevertUnit
from domain.ports import Signer
from domain.results import VerifyResult


@dataclass(frozen=True, slots=True)
class _RecordedRow:
    seq: int
    unit_id: uuid.UUID
    version_id: uuid.UUID
    action: str
    canonical_address: str | None
    body_sha256: str | None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the source text; None where nothing that was withdrawn stands."""

    start_char: int
    piece: str | None


class RevertVerifier:
    """Verifies a revert inside a transaction of the verifying principal."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def verify(
        self, conn: Connection, ctx: CutContext, plan: RevertPlan
    ) -> Unwritten[VerifyResult]:
        """Recompute, compare, sign, record. Raises `StopInvariantFailed` naming the first fault."""
        recorded = recorded_change_set(conn, ctx)
        if ctx.mode is Mode.LIVE:  # a rehearsal needs no approval: it can not commit
            check_permit(conn, ctx, revert_effect(ctx, plan))
        _check_what_it_reverts(conn, ctx, plan)
        _check_recorded(conn, recorded, plan)
        rows = _check_withdrawn(conn, plan)
        _check_nothing_else(conn, plan)
        if plan.stands:
            source = rebuilt_base(conn, recorded, plan)
        else:
            source = _rebuilt(conn, recorded, plan)
        change_set = check_executor_signature(ctx, recorded, rows)
        return signed_verification(ctx, self._signer, recorded, change_set, source)


def _check_what_it_reverts(conn: Connection, ctx: CutContext, plan: RevertPlan) -> None:
    reverted = read_one(conn, Entry, "revert_reverted", {"change_set_id": ctx.change_set_id})
    if reverted != Entry(plan.entry_id, plan.status):
        raise verification_failed(
            f"change set {ctx.change_set_id} does not rest on what it reverts, standing at "
            f"{plan.status}"
        )


def _check_recorded(conn: Connection, recorded: Recorded, plan: RevertPlan) -> None:
    """The ledger's rows and the manifest's blocks are the plan's, one for one."""
    keys = {"change_set_id": recorded.change_set_id, "envelope_id": recorded.envelope_id}
    found = read_all(conn, _RecordedRow, "revert_recorded", keys)
    planned = [_planned_row(unit, plan) for unit in plan.units]
    if plan.stands:  # its manifest names what stands, which is looked at by itself
        found = [replace(row, canonical_address=None, body_sha256=None) for row in found]
    if (
        found != planned
        or recorded_counts(conn, recorded) != (len(planned), len(plan.manifest))
        or recorded.unit_count != len(planned)
    ):
        at = next(
            (
                u.canonical_address
                for u, p, f in zip(plan.units, planned, found, strict=False)
                if p != f
            ),
            "the end",
        )
        raise verification_failed(f"the ledger's withdrawn rows are not the plan's, at {at}")


def _planned_row(unit: RevertUnit, plan: RevertPlan) -> _RecordedRow:
    block = (None, None) if plan.stands else (unit.canonical_address, unit.body_sha256)
    return _RecordedRow(unit.seq, unit.unit_id, unit.version_id, unit.action, *block)


def _check_withdrawn(conn: Connection, plan: RevertPlan) -> list[AffectedRow]:
    """Every planned unit is withdrawn, at the version and with the text that its change set wrote;
    hashed by the server now.
    """
    known = columns(plan)
    keys = {name: known[name] for name in ("unit_id", "version_id", "action")}
    rows = read_all(conn, AffectedRow, "revert_rows", keys)
    found = {row.seq: row for row in rows}
    for unit in plan.units:
        if (row := found.get(unit.seq)) is None:
            raise verification_failed(f"unit {unit.canonical_address} is not {unit.action}")
        if row != _as_planned(unit):
            raise verification_failed(
                f"unit {unit.canonical_address} is not what its change set wrote"
            )
    return rows


def _as_planned(unit: RevertUnit) -> AffectedRow:
    return AffectedRow(
        unit.seq,
        unit.canonical_address,
        str(unit.unit_id),
        str(unit.version_id),
        unit.title_sha256,
        unit.body_sha256,
    )


def _check_nothing_else(conn: Connection, plan: RevertPlan) -> None:
    keys = {
        "entry_id": plan.entry_id,
        "document_code": plan.document_code,
        "revision": bool(plan.stands),
    }
    left = read_one(conn, RevertFault, "revert_leftovers", keys)
    if left is not None:
        raise verification_failed(f"unit {left}")


def _rebuilt(conn: Connection, recorded: Recorded, plan: RevertPlan) -> str:
    """The source text's hash from what was withdrawn and the gaps: a revert loses nothing."""
    source = hashlib.sha256()
    keys = {"entry_id": plan.entry_id, "unit_id": [u.unit_id for u in plan.units]}
    with conn.cursor(row_factory=class_row(_Piece)) as cursor:
        for found in cursor.execute(statement("revert_source"), keys):
            if found.piece is None:
                raise verification_failed(
                    f"nothing that was withdrawn stands at character {found.start_char} of the "
                    f"source text"
                )
            source.update(found.piece.encode())
    rebuilt = source.hexdigest()
    if not rebuilt == plan.text_sha256 == recorded.text_sha256:
        raise verification_failed(
            f"what was withdrawn does not rebuild the source text (SHA-256 {rebuilt[:12]})"
        )
    return rebuilt
