"""VERIFY: the second principal recomputes a change set from the database alone, compares it with
the plan, and signs.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any, Final, NamedTuple, NoReturn, Protocol

from psycopg.rows import args_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.statements import statement
from adapters.postgres.permits.permit import check_permit
from adapters.postgres.verify.steps import (
    Recorded,
    check_executor_signature,
    recorded_change_set,
    recorded_counts,
    sign_verification,
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


class VerifyWriter(Protocol):
    """Verifies a change set inside a transaction of the verifying principal."""

    def verify(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> VerifyResult:
        """Recompute, compare, sign, record. Raises `StopInvariantFailed` naming the first fault."""
        ...


class RefusingVerify:
    """The default: no verify writer was given, so nothing is verified."""

    def verify(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> NoReturn:
        """Raises `ProductionExecutionNotAuthorized`."""
        raise ProductionExecutionNotAuthorized(Lock.ADAPTER, "no verify writer was given")


class _Stored(NamedTuple):
    """A unit as the database holds it at this moment.

    A tuple, because there may be a hundred thousand.
    """

    seq: int
    start_char: int
    end_char: int
    manifest_seq: int
    title_sha256: bytes
    body_sha256: bytes
    # the hash beside the body is the manifest's; both are compared with the body and never taken
    # for it
    kept: bool
    belongs: bool  # to the change set's document
    canonical_address: str
    unit_kind: str
    section_type: str
    publication_type: str
    owner_ref: str
    parent_ref: str | None
    title: str
    body: str
    unit_id: uuid.UUID
    version_id: uuid.UUID
    standing: bool  # a draft, at the version that the change set wrote


class Verifier:
    """The verify writer, signing as the verifier."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def verify(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> VerifyResult:
        """See `VerifyWriter.verify`."""
        recorded = recorded_change_set(conn, ctx)
        if ctx.mode is Mode.LIVE:  # a rehearsal needs no approval: it can not commit
            check_permit(conn, ctx, cut_effect(ctx, plan))
        if fault := left_out_of_shape(plan):
            raise verification_failed(fault.rstrip("."))
        rows, source = _recompute(conn, recorded, plan)
        change_set = check_executor_signature(ctx, recorded, rows)
        return sign_verification(conn, ctx, self._signer, recorded, change_set, source)


def _recompute(
    conn: Connection, recorded: Recorded, plan: CutPlan
) -> tuple[list[AffectedRow], str]:
    """One pass over what is stored: compare each unit with the plan, hash it, and rebuild the
    source text's hash.
    """
    _check_counts(conn, recorded, plan)
    keys = {
        "change_set_id": recorded.change_set_id,
        "envelope_id": recorded.envelope_id,
        "document_code": plan.document_code,
    }
    gaps = deque(_stored_gaps(conn, keys, plan))
    source = hashlib.sha256()
    rows: list[AffectedRow] = []
    for planned, stored in zip_longest(plan.rows, _stored_units(conn, keys, len(plan.rows))):
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


def _stored_gaps(conn: Connection, keys: dict[str, object], plan: CutPlan) -> list[Gap]:
    with conn.cursor(row_factory=args_row(Gap)) as cursor:
        stored = cursor.execute(statement("verify_gaps"), keys).fetchall()
    for planned, found in zip_longest(plan.gaps, stored):
        if planned != found:
            where = planned or found
            raise verification_failed(
                f"the gap at character {where.start if where else 0} is not the plan's"
            )
    return stored


def _stored_units(conn: Connection, keys: dict[str, object], units: int) -> Iterator[_Stored]:
    """In stretches, so that memory stays bounded however long the document is."""
    with conn.cursor(binary=True, row_factory=_stored_row) as cursor:
        for first in range(1, units + 1, UNITS_A_STRETCH):
            stretch = {"first": first, "last": first + UNITS_A_STRETCH - 1}
            yield from cursor.execute(statement("verify_units"), {**keys, **stretch}).fetchall()


def _stored_row(_cursor: object) -> Callable[[Sequence[Any]], _Stored]:
    """A row factory: the statement's columns are in the order of the fields."""
    return _Stored._make


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


def _fault(planned: CutplanRow, stored: _Stored) -> str:
    """What is wrong with a stored unit, or nothing.

    Bodies and titles are compared whole, not by hash.
    """
    wanted = (
        planned.canonical_address,
        planned.seq,
        planned.start,
        planned.end,
        planned.body,
        planned.title,
        planned.parent_ref,
        planned.unit_kind,
        planned.section_type,
        planned.publication_type,
        planned.owner_ref,
        True,
        True,
    )
    found = (
        stored.canonical_address,
        stored.manifest_seq,
        stored.start_char,
        stored.end_char,
        stored.body,
        stored.title,
        stored.parent_ref,
        stored.unit_kind,
        stored.section_type,
        stored.publication_type,
        stored.owner_ref,
        stored.belongs,
        stored.standing,
    )
    if wanted == found:
        return ""
    return next(
        fault
        for fault, plan, database in zip(_FAULTS, wanted, found, strict=True)
        if plan != database
    )


def _hash_fault(row: AffectedRow, stored: _Stored) -> str:
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


def _affected(stored: _Stored, body: bytes) -> AffectedRow:
    return AffectedRow(
        stored.seq,
        stored.canonical_address,
        stored.unit_id,
        stored.version_id,
        text_sha256(stored.title),
        hashlib.sha256(body).hexdigest(),
    )
