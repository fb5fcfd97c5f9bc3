"""The ledger's steps, shared by cuts and reverts: entry, manifest, change set, signatures and
history, inside a transaction.

What belongs together is sent in one turn (`conn.pipeline()`): over a slow network each wait for an
answer costs as much as a statement. The server still runs it in this order, up to the first error,
and every answer is in when the block ends. Only short blocks: between its turns the server takes
the session for busy, so no time limit of an idle transaction would end one whose client hangs.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import psycopg

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import Question, read_all, read_one
from adapters.postgres.connection.statements import statement
from domain.change_set import CutContext
from domain.errors import StopInvariantFailed
from domain.ledger.signed import AffectedRow, change_set_record
from domain.phases import Kind, Phase
from domain.plan.cut_plan import Gap
from domain.plan.effect import Block
from domain.ports import Signer
from domain.results import LegBResult, ReviewResult


@dataclass(frozen=True, slots=True)
class _OpenEntry:
    entry_id: uuid.UUID
    change_set_id: uuid.UUID
    status: str
    has_units: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """The backlog entry of a change set, and where it stands."""

    entry_id: uuid.UUID
    status: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The entry, manifest and decision that a change set rests on."""

    entry_id: uuid.UUID
    status: str
    envelope_id: uuid.UUID
    decision_id: uuid.UUID


def open_entry(
    conn: Connection, ctx: CutContext, kind: Kind, title: str, depends: Iterable[tuple[str, str]]
) -> uuid.UUID:
    """Open the backlog entry of a change set with what it rests on (kind and reference), and its
    history; its id. It only sends: the caller's pipeline brings the answers.
    """
    entry_id = uuid.uuid4()
    entry = {
        "entry_id": entry_id,
        "change_set_id": ctx.change_set_id,
        "document_code": ctx.document_code,
        "title": title,
        "plan_digest": ctx.plan_digest,
        "attempt": ctx.attempt,
        "kind": kind.value,
        "actor": ctx.actor,
    }
    conn.execute(statement("entry_open"), entry)
    for name, reference in depends:
        keys = {"entry_id": entry_id, "kind": name, "reference": reference}
        conn.execute(statement("entry_depends"), keys)
    append_history(conn, ctx, entry_id, None, "marked", ctx.plan_digest)
    return entry_id


def seal_manifest(
    conn: Connection,
    ctx: CutContext,
    source_text: str,
    blocks: Sequence[Block],
    gaps: Sequence[Gap],
    reason: str,
) -> ReviewResult:
    """Record the manifest of a change set and the decision on it, and move its entry to `reviewed`.

    `source_text` is the SHA-256 of the text that the blocks were cut from.
    """
    entry = entry_of(conn, ctx.change_set_id)
    if entry is None:
        raise StopInvariantFailed(
            f"Change set {ctx.change_set_id} has no backlog entry; MARK has to run first."
        )
    envelope_id, decision_id = uuid.uuid4(), uuid.uuid4()
    envelope = {
        "envelope_id": envelope_id,
        "entry_id": entry.entry_id,
        "plan_digest": ctx.plan_digest,
        "text_sha256": source_text,
        "unit_blocks": len(blocks),
        "gap_blocks": len(gaps),
    }
    decision = {
        "decision_id": decision_id,
        "envelope_id": envelope_id,
        "actor": ctx.actor,
        "reason": reason,
    }
    manifest = {"envelope_id": envelope_id}
    with entry_moving(conn, ctx, entry.entry_id, "marked", "reviewed", ctx.plan_digest):
        conn.execute(statement("manifest_seal"), envelope)
        conn.execute(statement("manifest_units"), {**manifest, **_unit_blocks(blocks)})
        if gaps:
            conn.execute(statement("manifest_gaps"), {**manifest, **_gap_blocks(gaps)})
        conn.execute(statement("decision_record"), decision)
    return ReviewResult(
        entry.entry_id, envelope_id, decision_id, unit_blocks=len(blocks), gap_blocks=len(gaps)
    )


def record_change_set(
    conn: Connection,
    ctx: CutContext,
    signer: Signer,
    found: Decided,
    rows: Sequence[AffectedRow],
    actions: Sequence[str],
) -> LegBResult:
    """Sign and record a change set with its affected rows and what was done to each, and move its
    entry to `cut_applied`.
    """
    change_set = change_set_record(ctx, found.entry_id, found.envelope_id, found.decision_id, rows)
    payload = change_set.canonical_bytes()
    signature = signer.sign(payload)
    digest = hashlib.sha256(payload).hexdigest()
    affected = {
        "change_set_id": ctx.change_set_id,
        "seq": [row.seq for row in rows],
        "unit_id": [row.unit_id for row in rows],
        "version_id": [row.version_id for row in rows],
        "action": list(actions),
    }
    with entry_moving(conn, ctx, found.entry_id, "reviewed", "cut_applied", digest):
        signature_id = record_signature(conn, ctx, "executor", signer.key_id, payload, signature)
        signed = {**asdict(change_set), "executor_signature_id": signature_id}
        conn.execute(statement("change_set_record"), signed)
        conn.execute(statement("affected_rows_record"), affected)
    return LegBResult(
        change_set_id=ctx.change_set_id,
        entry_id=found.entry_id,
        affected_rows=len(rows),
        payload_sha256=digest,
        executor_signature=base64.b64encode(signature).decode(),
        status="cut_applied",
    )


def record_signature(
    conn: Connection, ctx: CutContext, half: str, key_id: str, payload: bytes, signature: bytes
) -> uuid.UUID:
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


def move_entry(
    conn: Connection, ctx: CutContext, entry_id: uuid.UUID, old: str, new: str, payload_sha256: str
) -> None:
    """Compare-and-set an entry's status and chain the step.

    Raises `StopInvariantFailed` if it does not stand at `old`.
    """
    with entry_moving(conn, ctx, entry_id, old, new, payload_sha256):
        pass


@contextmanager
def entry_moving(
    conn: Connection, ctx: CutContext, entry_id: uuid.UUID, old: str, new: str, payload_sha256: str
) -> Iterator[None]:
    """What the block sends, and after it `move_entry`, in one turn. Raises what that raises."""
    keys = {"entry_id": entry_id, "from_status": old, "to_status": new}
    moved = conn.cursor()
    try:
        with conn.pipeline():
            yield
            moved.execute(statement("entry_move"), keys)
            append_history(conn, ctx, entry_id, old, new, payload_sha256)
    except psycopg.DatabaseError:
        # The history is right to refuse a step that was not taken; any other error is its own.
        if moved.rowcount != 0:
            raise
    if moved.rowcount == 0:
        raise StopInvariantFailed(
            f"The backlog entry of change set {ctx.change_set_id} does not stand at {old}, so "
            f"it can not move to {new}; "
            "look with `cutter status`."
        )


def append_history(
    conn: Connection,
    ctx: CutContext,
    entry_id: uuid.UUID,
    old: str | None,
    new: str,
    payload_sha256: str,
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


def supersede_unwritten(
    conn: Connection, ctx: CutContext, besides: uuid.UUID | None = None
) -> list[uuid.UUID]:
    """Close other decisions on this document that have written no unit, and tell which; refuse if
    one has.

    `besides` is a change set that stays as it is: what a revert reverts.
    """
    others = read_all(conn, _OpenEntry, *open_others(ctx))
    others = [other for other in others if other.change_set_id != besides]
    for other in others:
        if other.has_units:
            raise StopInvariantFailed(
                f"Change set {other.change_set_id} of {ctx.document_code} has written units "
                f"and is not finished "
                f"({other.status}); run it again to finish it, before another cut of this "
                f"document.",
                phase=Phase.MARK,
            )
        move_entry(conn, ctx, other.entry_id, other.status, "superseded", ctx.plan_digest)
    return [other.entry_id for other in others]


def open_others(ctx: CutContext) -> Question:
    """What `supersede_unwritten` asks."""
    keys = {"document_code": ctx.document_code, "change_set_id": ctx.change_set_id}
    return "entry_open_others", keys


def entry_of(conn: Connection, change_set_id: uuid.UUID) -> Entry | None:
    """The backlog entry of a change set, or None if MARK has not run."""
    return read_one(conn, Entry, *entry_question(change_set_id))


def entry_question(change_set_id: uuid.UUID) -> Question:
    """What `entry_of` asks."""
    return "entry_of_change_set", {"change_set_id": change_set_id}


def decided(conn: Connection, ctx: CutContext) -> Decided:
    """What a change set rests on. Raises `StopInvariantFailed` if REVIEW is not on record."""
    found = read_one(conn, Decided, *decided_question(ctx))
    if found is None:
        raise StopInvariantFailed(
            f"Change set {ctx.change_set_id} has no approved decision on record; REVIEW has to "
            f"run first."
        )
    return found


def decided_question(ctx: CutContext) -> Question:
    """What `decided` asks."""
    return "cut_context", {"change_set_id": ctx.change_set_id}


def _unit_blocks(rows: Sequence[Block]) -> dict[str, list[Any]]:
    return {
        "start": [row.start for row in rows],
        "end": [row.end for row in rows],
        "address": [row.canonical_address for row in rows],
        "seq": [row.seq for row in rows],
        "title_sha256": [bytes.fromhex(row.title_sha256) for row in rows],
        "body_sha256": [bytes.fromhex(row.body_sha256) for row in rows],
    }


def _gap_blocks(gaps: Sequence[Gap]) -> dict[str, list[Any]]:
    return {
        "start": [gap.start for gap in gaps],
        "end": [gap.end for gap in gaps],
        "text": [gap.text for gap in gaps],
    }
