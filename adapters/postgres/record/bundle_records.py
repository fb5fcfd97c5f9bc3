"""What the knowledge base has on record about one change set: read-only, as `cutter_verify`, in one
snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.identity import IDENTITY, read_fingerprint
from adapters.postgres.connection.rows import asked_ahead, read_all, read_one, read_value
from adapters.postgres.connection.session import snapshot
from adapters.postgres.permits.releases import place_of
from adapters.postgres.phases.journal import all_phases
from domain.approval.approvals import Gate, SignedApproval
from domain.approval.signed_policy import SignedPolicy
from domain.change_set import CutContext, fingerprint_from
from domain.evidence.bundle import (
    ApprovalOnRecord,
    ChainHeadOnRecord,
    ChangeSetOnRecord,
    Half,
    KeyOnRecord,
    PermitOnRecord,
    PhaseOnRecord,
    Records,
    ReleaseOnRecord,
    RowOnRecord,
    Verification,
)
from domain.ledger.signed import ChangeSetRecord, HistoryRow
from domain.phases import Kind, Mode, Phase
from domain.release.approval import SignedRelease

_OF_A_CHANGE_SET: Final = (
    "bundle_entry",
    "bundle_change_set",
    "bundle_verification",
    "bundle_permits",
    "bundle_halves",
    "journal_all",
)
"""What a bundle's records are read with, asked in one turn: all but the rows, of which there may be
a hundred thousand.
"""


@dataclass(frozen=True, slots=True)
class _Entry:
    entry_id: UUID
    status: str
    document_code: str
    plan_digest: str
    attempt: int
    opened_by: str


@translated("Collecting the evidence")
def read_records(conn: Connection, change_set_id: UUID, document_code: str) -> Records:
    """All of it, in one read-only transaction, so that the parts fit each other.

    `conn` is in autocommit and idle.
    """
    key, document = {"change_set_id": change_set_id}, {"document_code": document_code}
    with snapshot(
        conn,
        *((name, key) for name in _OF_A_CHANGE_SET),
        ("history_of_document", document),
        ("bundle_keys", None),
        ("bundle_rows", key),
        IDENTITY,
    ):
        change_set = read_change_set(conn, change_set_id)
        verification = read_verification(conn, change_set_id)
        history = tuple(read_all(conn, HistoryRow, "history_of_document", document))
        return Records(
            permits=read_permits(conn, change_set_id),
            results=read_results(conn, change_set_id),
            change_set=change_set,
            rows=read_rows(conn, change_set_id),
            halves=read_halves(
                conn, change_set_id, change_set.record if change_set else None, verification
            ),
            verification=verification,
            keys=read_keys(conn),
            history=history,
            chain_head=_chain_head(conn, history),
        )


@translated("Reading the context of a change set")
def context_on_record(conn: Connection, change_set_id: UUID) -> CutContext | None:
    """The context of a change set that is on record, or None if it is not."""
    key = {"change_set_id": change_set_id}
    entry = read_one(conn, _Entry, "bundle_entry", key)
    if entry is None:
        return None
    record = read_one(conn, ChangeSetRecord, "bundle_change_set", key)
    return CutContext(
        change_set_id,
        Mode.LIVE,
        entry.document_code,
        entry.plan_digest,
        fingerprint_from(record.target) if record else read_fingerprint(conn),
        entry.opened_by,
        entry.attempt,
    )


@translated("Asking what a change set reverts")
def reverted_by(conn: Connection, change_set_id: UUID) -> UUID | None:
    """The change set that this one reverts, or None if it is no revert."""
    return read_value(conn, UUID, "bundle_reverts", {"change_set_id": change_set_id})


def read_change_set(conn: Connection, change_set_id: UUID) -> ChangeSetOnRecord | None:
    """The entry of a change set and, if leg B has recorded it, the change set; None if nothing is
    on record.
    """
    key = {"change_set_id": change_set_id}
    entry = read_one(conn, _Entry, "bundle_entry", key)
    record = read_one(conn, ChangeSetRecord, "bundle_change_set", key)
    return None if entry is None else ChangeSetOnRecord(entry.entry_id, entry.status, record)


def read_rows(conn: Connection, change_set_id: UUID) -> tuple[RowOnRecord, ...]:
    """The units that a change set touched, hashed by the server from what is stored now."""
    return tuple(read_all(conn, RowOnRecord, "bundle_rows", {"change_set_id": change_set_id}))


def read_halves(
    conn: Connection,
    change_set_id: UUID,
    record: ChangeSetRecord | None,
    verification: Verification | None,
) -> tuple[Half, ...]:
    """The halves of the signature pair with the exact bytes that each has to be over, made from the
    record.
    """
    found = read_all(conn, _columns, "bundle_halves", {"change_set_id": change_set_id})
    signatures = {row["half"]: bytes(row["signature"]) for row in found}
    payloads: dict[str, bytes] = {}
    if record is not None:
        payloads["executor"] = record.canonical_bytes()
        if verification is not None and "executor" in signatures:
            payloads["verifier"] = record.verification_bytes(
                verification.source_sha256, signatures["executor"]
            )
    return tuple(Half(**row, payload=payloads.get(row["half"], b"")) for row in found)


def read_permits(conn: Connection, change_set_id: UUID) -> tuple[PermitOnRecord, ...]:
    """Every permit of a change set, oldest first, with its approvals."""
    found = read_all(conn, _columns, "bundle_permits", {"change_set_id": change_set_id})
    return tuple(_permit(conn, {**row, "kind": Kind(row["kind"])}) for row in found)


def _permit(conn: Connection, columns: dict[str, Any]) -> PermitOnRecord:
    key, moment = {"permit_id": columns["permit_id"]}, {"moment": columns["opened_at"]}
    with asked_ahead(
        conn,
        ("release_place_of_permit", key),
        ("bundle_policy", moment),
        ("bundle_approvals", key),
    ):
        place = place_of(conn, columns["permit_id"])
        columns["policy"] = read_one(conn, _policy, "bundle_policy", moment)
        own = _approvals(conn, columns["permit_id"])
    if place is None:
        return PermitOnRecord(**columns, approvals=own)
    release = ReleaseOnRecord(
        place.release_id,
        place.root,
        place.documents,
        place.opened_at,
        place.place,
        tuple(place.leaf),
        tuple(step.hex() for step in place.path),
    )
    keys = {"release_permit_id": place.release_permit_id}
    approvals = tuple(read_all(conn, _release_approval, "bundle_release_approvals", keys))
    return PermitOnRecord(**columns, approvals=approvals, release=release)


def _columns(**columns: Any) -> dict[str, Any]:
    return columns


def read_keys(conn: Connection) -> tuple[KeyOnRecord, ...]:
    """Every registered key of the two principals."""
    return tuple(read_all(conn, KeyOnRecord, "bundle_keys"))


def read_verification(conn: Connection, change_set_id: UUID) -> Verification | None:
    """What the verifier has recorded, if it has."""
    return read_one(conn, Verification, "bundle_verification", {"change_set_id": change_set_id})


def _approvals(conn: Connection, permit_id: UUID) -> tuple[ApprovalOnRecord, ...]:
    return tuple(read_all(conn, _approval, "bundle_approvals", {"permit_id": permit_id}))


def _approval(*, payload: bytes, signature: bytes, key_id: str, **key: Any) -> ApprovalOnRecord:
    return _on_record(SignedApproval(payload, key_id, signature).envelope(), key_id, **key)


def _release_approval(
    *, payload: bytes, signature: bytes, key_id: str, **key: Any
) -> ApprovalOnRecord:
    return _on_record(SignedRelease(payload, key_id, signature).envelope(), key_id, **key)


def _policy(*, payload: bytes, signature: bytes, key_id: str, **key: Any) -> ApprovalOnRecord:
    return _on_record(SignedPolicy(payload, key_id, signature).envelope(), key_id, **key)


def _on_record(envelope: str, key_id: str, *, gates: list[str], **key: Any) -> ApprovalOnRecord:
    return ApprovalOnRecord(
        envelope=envelope, key_id=key_id, gates=tuple(sorted(map(Gate, gates))), **key
    )


def read_results(conn: Connection, change_set_id: UUID) -> tuple[PhaseOnRecord, ...]:
    """The phase journal of a change set, in the order of the phases."""
    order = [phase.value for phase in Phase]
    rows = sorted(all_phases(conn, change_set_id), key=lambda row: order.index(row.phase))
    return tuple(
        PhaseOnRecord(
            row.phase, row.plan_digest, row.result, row.actor, row.principal, row.recorded_at
        )
        for row in rows
    )


def _chain_head(conn: Connection, history: tuple[HistoryRow, ...]) -> ChainHeadOnRecord | None:
    if not history:
        return None
    last = history[-1]
    return ChainHeadOnRecord(
        str(read_fingerprint(conn)), last.document_code, last.chain_no, last.row_sha256
    )
