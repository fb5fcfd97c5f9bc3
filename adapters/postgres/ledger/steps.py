"""The ledger's steps, shared by cuts and reverts: entry, manifest, change set, signatures and
history, inside a transaction. What only has to be written is handed back, and goes in one turn with
the transaction's end (`connection.writing`).
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import Question, read_all, read_one
from adapters.postgres.connection.writing import Row, Unwritten, write
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


def opening(
    ctx: CutContext,
    entry_id: uuid.UUID,
    kind: Kind,
    title: str,
    depends: Iterable[tuple[str, str]],
) -> tuple[Row, ...]:
    """The backlog entry of a change set with what it rests on (kind and reference), and the first
    link of its history.
    """
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
    return (
        Row("entry_open", entry),
        *(
            Row("entry_depends", {"entry_id": entry_id, "kind": name, "reference": reference})
            for name, reference in depends
        ),
        _chained(ctx, entry_id, None, "marked", ctx.plan_digest),
    )


def sealed_manifest(
    conn: Connection,
    ctx: CutContext,
    source_text: str,
    blocks: Sequence[Block],
    gaps: Sequence[Gap],
    reason: str,
) -> Unwritten[ReviewResult]:
    """The manifest of a change set and the decision on it, and its entry's step to `reviewed`.

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
    between = [Row("manifest_gaps", {**manifest, **_gap_blocks(gaps)})] if gaps else []
    result = ReviewResult(
        entry.entry_id, envelope_id, decision_id, unit_blocks=len(blocks), gap_blocks=len(gaps)
    )
    rows = (
        Row("manifest_seal", envelope),
        Row("manifest_units", {**manifest, **_unit_blocks(blocks)}),
        *between,
        Row("decision_record", decision),
        *moving(ctx, entry.entry_id, "marked", "reviewed", ctx.plan_digest),
    )
    return Unwritten(result, rows)


def signed_change_set(
    ctx: CutContext,
    signer: Signer,
    found: Decided,
    rows: Sequence[AffectedRow],
    actions: Sequence[str],
) -> Unwritten[LegBResult]:
    """Sign a change set: its record with its affected rows and what was done to each, and its
    entry's step to `cut_applied`.
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
    signature_id = uuid.uuid4()
    signed = {**asdict(change_set), "executor_signature_id": signature_id}
    result = LegBResult(
        change_set_id=ctx.change_set_id,
        entry_id=found.entry_id,
        affected_rows=len(rows),
        payload_sha256=digest,
        executor_signature=base64.b64encode(signature).decode(),
        status="cut_applied",
    )
    rows_left = (
        signature_half(ctx, signature_id, "executor", signer.key_id, payload, signature),
        Row("change_set_record", signed),
        Row("affected_rows_record", affected),
        *moving(ctx, found.entry_id, "reviewed", "cut_applied", digest),
    )
    return Unwritten(result, rows_left)


def signature_half(
    ctx: CutContext,
    signature_id: uuid.UUID,
    half: str,
    key_id: str,
    payload: bytes,
    signature: bytes,
) -> Row:
    """One half of the signature pair."""
    values = {
        "signature_id": signature_id,
        "change_set_id": ctx.change_set_id,
        "half": half,
        "key_id": key_id,
        "payload_sha256": hashlib.sha256(payload).hexdigest(),
        "signature": signature,
    }
    return Row("signature_record", values)


def move_entry(
    conn: Connection, ctx: CutContext, entry_id: uuid.UUID, old: str, new: str, payload_sha256: str
) -> None:
    """Compare-and-set an entry's status and chain the step.

    Raises `StopInvariantFailed` if it does not stand at `old`.
    """
    write(conn, moving(ctx, entry_id, old, new, payload_sha256))


def moving(
    ctx: CutContext, entry_id: uuid.UUID, old: str, new: str, payload_sha256: str
) -> tuple[Row, Row]:
    """What `move_entry` writes."""
    unmoved = (
        f"The backlog entry of change set {ctx.change_set_id} does not stand at {old}, so "
        f"it can not move to {new}; "
        "look with `cutter status`."
    )
    keys = {"entry_id": entry_id, "from_status": old, "to_status": new}
    chained = _chained(ctx, entry_id, old, new, payload_sha256)
    return Row("entry_move", keys, unmoved), chained


def _chained(
    ctx: CutContext, entry_id: uuid.UUID, old: str | None, new: str, payload_sha256: str
) -> Row:
    """One step of the document's history."""
    values = {
        "document_code": ctx.document_code,
        "entry_id": entry_id,
        "from_status": old,
        "to_status": new,
        "actor": ctx.actor,
        "payload_sha256": payload_sha256,
    }
    return Row("history_append", values)


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


def _unit_blocks(rows: Sequence[Block]) -> dict[str, Any]:
    """Thousands of rows: what needs no quoting is written as the server's own arrays."""
    return {
        "start": _array(str(row.start) for row in rows),
        "end": _array(str(row.end) for row in rows),
        "address": [row.canonical_address for row in rows],
        "seq": _array(str(row.seq) for row in rows),
        "title_sha256": _array(f'"\\\\x{row.title_sha256}"' for row in rows),
        "body_sha256": _array(f'"\\\\x{row.body_sha256}"' for row in rows),
    }


def _array(words: Iterable[str]) -> str:
    return "{" + ",".join(words) + "}"


def _gap_blocks(gaps: Sequence[Gap]) -> dict[str, list[Any]]:
    return {
        "start": [gap.start for gap in gaps],
        "end": [gap.end for gap in gaps],
        "text": [gap.text for gap in gaps],
    }
