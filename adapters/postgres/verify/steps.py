"""VERIFY's steps, shared by cuts and reverts: what is on record, whether the executor signed it,
and the verifier's half.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

from adapters.keys.signing import signature_is_valid
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import Question, read_one
from adapters.postgres.connection.writing import Row, Unwritten
from adapters.postgres.ledger.steps import moving, signature_half
from domain.change_set import CutContext
from domain.errors import StopInvariantFailed
from domain.ledger.signed import AffectedRow, ChangeSetRecord, change_set_record
from domain.phases import Mode, Phase
from domain.ports import Signer
from domain.results import VerifyResult

UNSIGNED: Final = bytes(64)
"""What a rehearsal has for the verifier's signature where the verifier's key is elsewhere. What
commits takes no rehearsal (`phases.transactions.LiveTransactions`), so it never counts.
"""


@dataclass(frozen=True, slots=True)
class Recorded(ChangeSetRecord):
    """A change set as the ledger has it, with the executor's half and key, and its manifest's
    digests.
    """

    executor_signature: bytes
    payload_sha256: str
    key_id: str
    public_key: bytes
    manifest_digest: str
    text_sha256: str


def verification_failed(message: str) -> StopInvariantFailed:
    """The error of a verification that found a fault."""
    return StopInvariantFailed(
        f"Verification failed: {message}. Nothing was enacted.", phase=Phase.WRITE_VERIFY
    )


def recorded_change_set(conn: Connection, ctx: CutContext) -> Recorded:
    """The change set on record.

    Raises `StopInvariantFailed` unless it is signed, for this plan and for this target.
    """
    recorded = read_one(conn, Recorded, *change_set_question(ctx))
    if recorded is None:
        raise verification_failed(
            f"change set {ctx.change_set_id} is not on record with a registered executor's "
            f"signature"
        )
    if {recorded.plan_digest, recorded.manifest_digest} != {
        ctx.plan_digest
    } or recorded.target != str(ctx.target):
        raise verification_failed(
            f"change set {ctx.change_set_id} is on record for another plan or target"
        )
    return recorded


def change_set_question(ctx: CutContext) -> Question:
    """What `recorded_change_set` asks."""
    return "verify_change_set", {"change_set_id": ctx.change_set_id}


class Counts(NamedTuple):
    """How many affected rows and unit blocks a change set has on record."""

    affected: int
    blocks: int


def recorded_counts(conn: Connection, recorded: Recorded) -> Counts:
    """What the ledger counts, since a row beyond the plan's would be met nowhere else."""
    return read_one(conn, Counts, *counts_of(recorded)) or Counts(0, 0)


def counts_of(recorded: Recorded) -> Question:
    """What `recorded_counts` asks."""
    keys = {"change_set_id": recorded.change_set_id, "envelope_id": recorded.envelope_id}
    return "verify_counts", keys


def check_executor_signature(
    ctx: CutContext, recorded: Recorded, rows: Sequence[AffectedRow]
) -> ChangeSetRecord:
    """Rebuild what the executor signed from the rows as they are stored now, and check its
    signature over that.
    """
    if hashlib.sha256(recorded.public_key).hexdigest() != recorded.key_id:
        raise verification_failed(
            f"the executor's public key is not the one that was registered as "
            f"{recorded.key_id[:12]}"
        )
    rebuilt = change_set_record(
        ctx, recorded.entry_id, recorded.envelope_id, recorded.decision_id, rows
    )
    if any(
        getattr(recorded, field.name) != getattr(rebuilt, field.name) for field in fields(rebuilt)
    ):
        raise verification_failed(f"change set {ctx.change_set_id} is not on record as it was run")
    payload = rebuilt.canonical_bytes()
    signed = hashlib.sha256(payload).hexdigest() == recorded.payload_sha256
    if not signed or not signature_is_valid(
        recorded.public_key, payload, recorded.executor_signature
    ):
        raise verification_failed("the executor's signature does not cover what the database holds")
    return rebuilt


@dataclass(frozen=True, slots=True)
class _VerifiersHalf:
    source_sha256: str
    signature: bytes
    payload_sha256: str
    key_id: str
    public_key: bytes


def signed_questions(ctx: CutContext) -> tuple[Question, ...]:
    """What `check_verifier_signature` asks."""
    return change_set_question(ctx), _half_question(ctx)


def _half_question(ctx: CutContext) -> Question:
    return "verify_half", {"change_set_id": ctx.change_set_id}


def check_verifier_signature(conn: Connection, ctx: CutContext) -> None:
    """What the executor asks before it enacts: did the verifier's own key sign this change set?

    The verifier's login alone can write a result; only its key can sign one. Raises
    `StopInvariantFailed`.
    """
    recorded = recorded_change_set(conn, ctx)
    half = read_one(conn, _VerifiersHalf, *_half_question(ctx))
    if half is None or hashlib.sha256(half.public_key).hexdigest() != half.key_id:
        raise verification_failed(
            f"change set {ctx.change_set_id} has no half of a registered verifier's key"
        )
    payload = recorded.canonical_bytes()
    executors = signature_is_valid(recorded.public_key, payload, recorded.executor_signature)
    covered = recorded.verification_bytes(half.source_sha256, recorded.executor_signature)
    verifiers = signature_is_valid(half.public_key, covered, half.signature) or (
        ctx.mode is Mode.REHEARSE and half.signature == UNSIGNED
    )
    if not (executors and verifiers and half.source_sha256 == recorded.text_sha256):
        raise verification_failed(
            f"the signatures of change set {ctx.change_set_id} do not cover what is on record"
        )


def signed_verification(
    ctx: CutContext,
    signer: Signer,
    recorded: Recorded,
    change_set: ChangeSetRecord,
    source_sha256: str,
) -> Unwritten[VerifyResult]:
    """Sign as the verifier: its half, the result, and the entry's step to `verified_complete`.

    `source_sha256` is of the source text as it was just rebuilt from what is stored.
    """
    units = change_set.unit_count
    payload = change_set.verification_bytes(source_sha256, recorded.executor_signature)
    signature = signer.sign(payload)
    signature_id, of = uuid.uuid4(), {"change_set_id": ctx.change_set_id}
    half = {"verifier_signature_id": signature_id}
    found = {"expected_units": units, "found_units": units, "source_sha256": source_sha256}
    rows = (
        signature_half(ctx, signature_id, "verifier", signer.key_id, payload, signature),
        Row("verify_record", {**of, **found, **half}),
        Row("change_set_verified", {**of, **half}),
        *moving(ctx, recorded.entry_id, "cut_applied", "verified_complete", source_sha256),
    )
    result = VerifyResult(
        change_set_id=ctx.change_set_id,
        expected_units=units,
        found_units=units,
        source_sha256=source_sha256,
        verifier_signature=base64.b64encode(signature).decode(),
        status="verified_complete",
    )
    return Unwritten(result, rows)
