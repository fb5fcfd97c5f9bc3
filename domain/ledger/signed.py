"""What the two principals sign, and how the history is chained.

The database computes the same hashes.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from domain.change_set import CutContext
from domain.digests import FIELD, records_sha256, text_sha256

FIRST_LINK: Final = "0" * 64
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
PAE_PREFIX: Final = b"iu-cutter change set v1"


class AffectedRow(NamedTuple):
    """One unit that a change set created.

    Hashes are those of the stored title and body, hexadecimal.

    A tuple, and with the ids as their text, which is what is signed: a hundred thousand of them are
    made in one go, and an id that is parsed and printed again costs as much as hashing a body.
    """

    seq: int
    canonical_address: str
    unit_id: str
    version_id: str
    title_sha256: str
    body_sha256: str


def rows_sha256(rows: Iterable[AffectedRow]) -> str:
    """Digest over the affected rows, in plan order."""
    return records_sha256(
        (
            str(r.seq),
            r.canonical_address,
            r.unit_id,
            r.version_id,
            r.title_sha256,
            r.body_sha256,
        )
        for r in rows
    )


@dataclass(frozen=True, slots=True)
class ChangeSetRecord:
    """What is signed: everything that says which cut this is and what it did."""

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

    def canonical_bytes(self) -> bytes:
        """The bytes that the executor signs: length-prefixed fields, so that no two records share
        them (after DSSE's PAE).
        """
        kind, *fields = self.fields
        return pre_authentication_encoding(kind.encode(), fields)

    @property
    def fields(self) -> tuple[str, ...]:
        """What kind of record it is, and every field as text, in the order that is signed."""
        return (
            PAE_PREFIX.decode(),
            str(self.change_set_id),
            str(self.entry_id),
            str(self.envelope_id),
            str(self.decision_id),
            self.document_code,
            self.plan_digest,
            self.target,
            str(self.attempt),
            str(self.unit_count),
            self.rows_sha256,
            self.actor,
        )

    def verification_bytes(self, source_sha256: str, executor_signature: bytes) -> bytes:
        """The bytes that the verifier signs: the executor's, its signature, and the source text's
        hash as recomputed.
        """
        return pre_authentication_encoding(
            b"iu-cutter verification v1",
            (self.canonical_bytes().hex(), executor_signature.hex(), source_sha256),
        )


def change_set_record(
    ctx: CutContext,
    entry_id: uuid.UUID,
    envelope_id: uuid.UUID,
    decision_id: uuid.UUID,
    rows: Sequence[AffectedRow],
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


def pre_authentication_encoding(kind: bytes, fields: Sequence[str]) -> bytes:
    """Length-prefix a kind and its fields (the scheme of DSSE, section 2).

    >>> pre_authentication_encoding(b"k", ["ab", ""])
    b'1 k 2 ab 0 '
    """
    pieces = [kind, *(field.encode() for field in fields)]
    return b" ".join(str(len(piece)).encode() + b" " + piece for piece in pieces)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One step of a backlog entry, as chained."""

    document_code: str
    chain_no: int
    entry_id: uuid.UUID
    from_status: str | None
    to_status: str
    actor: str
    principal: str
    payload_sha256: str
    recorded_at: datetime
    previous_sha256: str
    row_sha256: str

    def computed_sha256(self) -> str:
        """The hash that this row should have; `fn_history_sha256` computes the same."""
        microseconds = (self.recorded_at - EPOCH) // timedelta(microseconds=1)
        fields = (
            self.previous_sha256,
            self.document_code,
            str(self.chain_no),
            str(self.entry_id),
            self.from_status or "",
            self.to_status,
            text_sha256(self.actor),
            self.principal,
            self.payload_sha256,
            str(microseconds),
        )
        return hashlib.sha256(FIELD.join(fields).encode()).hexdigest()


def broken_link(chain: Iterable[HistoryRow]) -> HistoryRow | None:
    """The first row of one document's chain that does not fit, or None if the whole chain holds."""
    previous = FIRST_LINK
    for number, row in enumerate(chain, start=1):
        if (
            row.chain_no != number
            or row.previous_sha256 != previous
            or row.row_sha256 != row.computed_sha256()
        ):
            return row
        previous = row.row_sha256
    return None
