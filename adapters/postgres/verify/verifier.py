"""VERIFY: the second principal recomputes a change set from the database alone, compares it with
the plan, and signs.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Generator, Mapping
from contextlib import closing
from itertools import zip_longest
from operator import attrgetter
from typing import Final, NamedTuple, NoReturn, Protocol
from uuid import UUID

from psycopg import capabilities

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import Question, asked_ahead, read_all, row_of, unasked
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.writing import Unwritten
from adapters.postgres.permits.permit import check_permit, judgement_questions
from adapters.postgres.verify.steps import (
    Recorded,
    check_executor_signature,
    counts_of,
    recorded_change_set,
    recorded_counts,
    signed_verification,
    verification_failed,
)
from domain.approval.request import cut_effect
from domain.change_set import CutContext
from domain.digests import text_sha256
from domain.errors import Lock, ProductionExecutionNotAuthorized
from domain.ledger.signed import AffectedRow
from domain.phases import Mode
from domain.plan.accepting import left_out_of_shape
from domain.plan.cut_plan import CutPlan, CutplanRow, Gap
from domain.ports import Signer
from domain.results import VerifyResult

UNITS_A_STRETCH: Final = 5000
ROWS_A_CHUNK: Final = 100 if capabilities.has_stream_chunked() else 1
"""How many rows the driver hands on at once while the server reads on. A client library before
PostgreSQL 17's hands on each by itself.
"""


class VerifyWriter(Protocol):
    """Verifies a change set inside a transaction of the verifying principal."""

    def verify(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> Unwritten[VerifyResult]:
        """Recompute, compare, sign, record. Raises `StopInvariantFailed` naming the first fault."""
        ...


class RefusingVerify:
    """The default: no verify writer was given, so nothing is verified."""

    def verify(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> NoReturn:
        """Raises `ProductionExecutionNotAuthorized`."""
        raise ProductionExecutionNotAuthorized(Lock.ADAPTER, "no verify writer was given")


class Stored(NamedTuple):
    """A unit as the database holds it at this moment.

    A tuple, because there may be a hundred thousand.
    """

    # what `_fault` compares with the plan, in the order of `_FAULTS`
    canonical_address: str
    manifest_seq: int
    start_char: int
    end_char: int
    body: str
    title: str
    parent_ref: str | None
    unit_kind: str
    section_type: str
    publication_type: str
    owner_ref: str
    belongs: bool  # to the change set's document
    standing: bool  # a draft, at the version that the change set wrote
    # what is signed of it; the hashes are compared with body and title and never taken for them
    seq: int
    title_sha256: bytes
    body_sha256: bytes
    kept: bool  # the hash beside the body is the manifest's
    unit_id: str
    version_id: str


class Verifier:
    """The verify writer, signing as the verifier."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def verify(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> Unwritten[VerifyResult]:
        """See `VerifyWriter.verify`."""
        with asked_ahead(conn, *unasked(conn, *verify_questions(ctx))):
            recorded = recorded_change_set(conn, ctx)
            self._judge(conn, ctx, plan)
        rows, source = _recompute(conn, recorded, plan)
        change_set = check_executor_signature(ctx, recorded, rows)
        return signed_verification(ctx, self._signer, recorded, change_set, source)

    def _judge(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> None:
        """Whether the plan is what two people have approved, and names every doubt of its shape."""
        if ctx.mode is Mode.LIVE:  # a rehearsal needs no approval: it can not commit
            check_permit(conn, ctx, cut_effect(ctx, plan))
        if fault := left_out_of_shape(plan):
            raise verification_failed(fault.rstrip("."))


def verify_questions(ctx: CutContext) -> tuple[Question, ...]:
    """What `Verifier.verify` reads first."""
    judged = judgement_questions(ctx.change_set_id) if ctx.mode is Mode.LIVE else ()
    return ("verify_change_set", {"change_set_id": ctx.change_set_id}), *judged


def _recompute(
    conn: Connection, recorded: Recorded, plan: CutPlan
) -> tuple[list[AffectedRow], str]:
    """One pass over what is stored: compare each unit with the plan, hash it, and rebuild the
    source text's hash.
    """
    keys = {
        "change_set_id": recorded.change_set_id,
        "envelope_id": recorded.envelope_id,
        "document_code": plan.document_code,
    }
    with asked_ahead(conn, counts_of(recorded), gaps_of(recorded.envelope_id)):
        _check_counts(conn, recorded, plan)
        gaps = deque(_planned_gaps(conn, recorded.envelope_id, plan))
    source = hashlib.sha256()
    rows: list[AffectedRow] = []
    with closing(stored_units(conn, keys, len(plan.rows))) as found:
        for planned, stored in zip_longest(plan.rows, found):
            if planned is None or stored is None:
                where = planned.canonical_address if planned else "one more unit"
                raise verification_failed(f"the plan and the database part at {where}")
            body = stored.body.encode()
            row = _affected(stored, body)
            if fault := _fault(planned, stored) or _hash_fault(row, stored):
                raise verification_failed(f"unit {planned.canonical_address} {fault}")
            while gaps and gaps[0].start < stored.start_char:
                source.update(gaps.popleft().text.encode())
            source.update(body)
            rows.append(row)
    for gap in gaps:
        source.update(gap.text.encode())
    rebuilt = source.hexdigest()
    if not rebuilt == plan.text_sha256 == recorded.text_sha256:
        raise verification_failed(
            f"the stored bodies and gaps do not rebuild the source text (SHA-256 {rebuilt[:12]})"
        )
    return rows, rebuilt


def _check_counts(conn: Connection, recorded: Recorded, plan: CutPlan) -> None:
    counts, units = recorded_counts(conn, recorded), len(plan.rows)
    if counts != (units, units) or recorded.unit_count != units:
        raise verification_failed(
            f"the plan has {units} units, the change set {recorded.unit_count}, the ledger "
            f"{tuple(counts)}"
        )


def stored_gaps(conn: Connection, envelope_id: UUID) -> list[Gap]:
    """The gaps of a manifest, in order."""
    return read_all(conn, Gap, *gaps_of(envelope_id))


def gaps_of(envelope_id: UUID) -> Question:
    """What `stored_gaps` asks."""
    return "verify_gaps", {"envelope_id": envelope_id}


def _planned_gaps(conn: Connection, envelope_id: UUID, plan: CutPlan) -> list[Gap]:
    stored = stored_gaps(conn, envelope_id)
    for planned, found in zip_longest(plan.gaps, stored):
        if planned != found:
            where = planned or found
            raise verification_failed(
                f"the gap at character {where.start if where else 0} is not the plan's"
            )
    return stored


def stored_units(
    conn: Connection, keys: Mapping[str, object], units: int
) -> Generator[Stored, None, None]:
    """The units of a change set as they are stored now, in plan order.

    `keys` are its `change_set_id`, `envelope_id` and `document_code`. In stretches, so that memory
    stays bounded however long the document is; and the server goes on with a stretch while its
    first rows are looked at. Whoever may stop before the end has to close it: the statement still
    runs then.
    """
    with conn.cursor(binary=True, row_factory=row_of(Stored)) as cursor:
        for first in range(1, units + 1, UNITS_A_STRETCH):
            stretch = {**keys, "first": first, "last": first + UNITS_A_STRETCH - 1}
            yield from cursor.stream(statement("verify_units"), stretch, size=ROWS_A_CHUNK)


_FAULTS: Final = (
    "is not in its place",
    "has another place in the manifest",
    "has another place in the manifest",
    "has another place in the manifest",
    "has another body",
    "has another title",
    "has another parent",
    "has another kind",
    "has another section type",
    "has another publication type",
    "has another owner",
    "belongs to another document",
    "is not a draft at the version that was written",
)
"""What it means if the members of the two tuples below differ, in their order."""

_PLANNED: Final = attrgetter(
    "canonical_address",
    "seq",
    "start",
    "end",
    "body",
    "title",
    "parent_ref",
    "unit_kind",
    "section_type",
    "publication_type",
    "owner_ref",
)
"""What the plan says of a unit, in the order in which `Stored` has it."""


def _fault(planned: CutplanRow, stored: Stored) -> str:
    """What is wrong with a stored unit, or nothing.

    Bodies and titles are compared whole, not by hash.
    """
    wanted, found = (*_PLANNED(planned), True, True), stored[: len(_FAULTS)]
    if wanted == found:
        return ""
    return next(
        fault
        for fault, plan, database in zip(_FAULTS, wanted, found, strict=True)
        if plan != database
    )


def _hash_fault(row: AffectedRow, stored: Stored) -> str:
    """Whether the hashes on record are those of the title and body that were just compared with the
    plan.
    """
    if not stored.kept or stored.body_sha256.hex() != row.body_sha256:
        return "has a body hash on record that is not its body's"
    return (
        ""
        if stored.title_sha256.hex() == row.title_sha256
        else "has a title hash in the manifest that is not its title's"
    )


def _affected(stored: Stored, body: bytes) -> AffectedRow:
    return AffectedRow(
        stored.seq,
        stored.canonical_address,
        stored.unit_id,
        stored.version_id,
        text_sha256(stored.title),
        hashlib.sha256(body).hexdigest(),
    )
