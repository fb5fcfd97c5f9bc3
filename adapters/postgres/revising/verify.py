"""VERIFY of a revision: the second principal recomputes from the database alone what will stand.

The text is rebuilt from the manifest, with the body of each unit as it is stored: of the version
that waits, where the revision wrote one, else of the one that stands.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Final

from psycopg.rows import args_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_all
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.writing import Unwritten
from adapters.postgres.permits.permit import check_permit
from adapters.postgres.revising.base import read_base
from adapters.postgres.verify.steps import (
    Recorded,
    check_executor_signature,
    recorded_change_set,
    recorded_counts,
    signed_verification,
    verification_failed,
)
from domain.approval.request import revision_effect
from domain.change_set import CutContext
from domain.digests import text_sha256
from domain.errors import PlanRefused
from domain.ledger.signed import AffectedRow
from domain.phases import Mode
from domain.plan.accepting import left_out_of_shape
from domain.plan.cut_plan import CutplanRow, Gap
from domain.plan.effect import ManifestBlock
from domain.ports import Signer
from domain.results import VerifyResult
from domain.revision.plan import Act, RevisionPlan, RevisionStep
from domain.revision.units import Version

TEXT: Final = "text"
REPEALED: Final = "repealed"


@dataclass(frozen=True, slots=True)
class _Stored:
    """A version that waits, as the database holds it at this moment."""

    seq: int
    action: str
    canonical_address: str
    unit_id: uuid.UUID
    version_id: uuid.UUID
    title: str
    body: str
    kept: bytes
    unit_kind: str
    section_type: str
    publication_type: str
    owner_ref: str
    parent_ref: str | None
    state: str
    in_force_from: date | None
    document_code: str
    waiting: bool


@dataclass(frozen=True, slots=True)
class Derived:
    """A text that became a version's; `standing` is whether it is the one that stands."""

    seq: int
    address: str
    standing: bool


@dataclass(frozen=True, slots=True)
class _Rest:
    kind: str
    reference: str


class RevisionVerifier:
    """Verifies a revision inside a transaction of the verifying principal."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def verify(
        self, conn: Connection, ctx: CutContext, plan: RevisionPlan
    ) -> Unwritten[VerifyResult]:
        """Recompute, compare, sign, record. Raises `StopInvariantFailed` naming the first fault."""
        recorded = recorded_change_set(conn, ctx)
        self._judge(conn, ctx, plan)
        standing = _untouched(conn, plan)
        _check_counts(conn, recorded, plan)
        _check_rests_on(conn, recorded, plan)
        stored = _check_written(conn, ctx, plan)
        _check_lineage(conn, ctx, plan)
        source = _rebuilt(conn, recorded, plan, standing, stored)
        rows = [_affected(one) for one in stored]
        change_set = check_executor_signature(ctx, recorded, rows)
        return signed_verification(ctx, self._signer, recorded, change_set, source)

    def _judge(self, conn: Connection, ctx: CutContext, plan: RevisionPlan) -> None:
        """Whether the plan is what two people have approved, and names every doubt of its shape."""
        if ctx.mode is Mode.LIVE:  # a rehearsal needs no approval: it can not commit
            check_permit(conn, ctx, revision_effect(ctx, plan))
        if fault := left_out_of_shape(plan.plan):
            raise verification_failed(fault.rstrip("."))


def _untouched(conn: Connection, plan: RevisionPlan) -> Version:
    """What stands, which still has to be the base: so nothing that stands was touched."""
    try:
        return read_base(conn, plan)
    except PlanRefused:
        raise verification_failed(
            f"what stands of {plan.document_code} is not the base that the revision starts from"
        ) from None


def _check_counts(conn: Connection, recorded: Recorded, plan: RevisionPlan) -> None:
    counts, wanted = recorded_counts(conn, recorded), (len(plan.steps), len(plan.rows))
    if counts != wanted or recorded.unit_count != len(plan.steps):
        raise verification_failed(
            f"the plan has {wanted[0]} steps and {wanted[1]} units, the change set "
            f"{recorded.unit_count}, the ledger {tuple(counts)}"
        )


def _check_rests_on(conn: Connection, recorded: Recorded, plan: RevisionPlan) -> None:
    found = read_all(conn, _Rest, "revise_rests_on", {"entry_id": recorded.entry_id})
    named = {(one.kind, one.reference) for one in found if one.kind != "revises"}
    revises = sum(one.kind == "revises" for one in found)
    wanted = {
        ("source_text", plan.text_sha256),
        ("base", plan.base_digest),
        ("entry", text_sha256(plan.plan.document.title)),
        *((("title", plan.retitled),) if plan.retitled else ()),
    }
    if named != wanted or revises != 1:
        raise verification_failed(
            "the entry does not rest on the base, the text and the title of its plan"
        )


def _check_written(conn: Connection, ctx: CutContext, plan: RevisionPlan) -> list[_Stored]:
    stored = read_all(conn, _Stored, "revise_recorded", {"change_set_id": ctx.change_set_id})
    for number, (step, found) in enumerate(zip_longest(plan.steps, stored), 1):
        if step is None or found is None:
            where = step.address if step else "one more unit"
            raise verification_failed(f"the plan and the database part at {where}")
        if fault := _fault(number, step, found, plan.document_code):
            raise verification_failed(f"unit {step.address} {fault}")
    return stored


def _fault(number: int, step: RevisionStep, found: _Stored, document: str) -> str:
    """What is wrong with a version that waits, or nothing. Texts are compared whole."""
    pairs: dict[str, tuple[object, object]] = {
        "is not in its place": (found.seq, number),
        "has another address": (found.canonical_address, step.address),
        "was done something else to": (found.action, step.action),
        "has another body": (found.body, step.body),
        "has another title": (found.title, step.title),
        "has another state": (found.state, REPEALED if step.act is Act.REPEAL else TEXT),
        "is in force from another day": (found.in_force_from, step.in_force_from),
        "belongs to another document": (found.document_code, document),
        "does not wait as it was written": (found.waiting, True),
        "has a hash beside its body that is not its body's": (
            found.kept.hex(),
            text_sha256(found.body),
        ),
    }
    if step.row is not None:
        pairs |= _of_the_row(found, step.row)
    return next((fault for fault, (one, other) in pairs.items() if one != other), "")


def _of_the_row(found: _Stored, row: CutplanRow) -> dict[str, tuple[object, object]]:
    return {
        "has another kind": (found.unit_kind, row.unit_kind),
        "has another section type": (found.section_type, row.section_type),
        "has another publication type": (found.publication_type, row.publication_type),
        "has another owner": (found.owner_ref, row.owner_ref),
        "has another parent": (found.parent_ref, row.parent_ref),
    }


def _check_lineage(conn: Connection, ctx: CutContext, plan: RevisionPlan) -> None:
    """Every text that a version came from is on record, is the one that stands, and none other."""
    found = read_all(conn, Derived, "revise_lineage", {"change_set_id": ctx.change_set_id})
    planned = {
        (number, address)
        for number, step in enumerate(plan.steps, 1)
        for address in step.derived_from
    }
    if {(one.seq, one.address) for one in found} != planned or not all(
        one.standing for one in found
    ):
        raise verification_failed("the lineage on record is not the plan's")


def _rebuilt(
    conn: Connection,
    recorded: Recorded,
    plan: RevisionPlan,
    standing: Version,
    stored: Sequence[_Stored],
) -> str:
    """The SHA-256 of the text that will stand, rebuilt from what is stored."""
    keys = {"envelope_id": recorded.envelope_id}
    found = {
        unit.address: (unit.body, *hashes)
        for unit, hashes in zip(standing.units, standing.hashes, strict=True)
    }
    found |= {
        one.canonical_address: (one.body, text_sha256(one.title), text_sha256(one.body))
        for one in stored
    }
    pieces = [(gap.start, gap.text) for gap in _gaps(conn, keys, plan)]
    for row, block in zip_longest(
        plan.plan.rows, read_all(conn, ManifestBlock, "revise_manifest", keys)
    ):
        unit = found.get(row.canonical_address) if row else None
        if row is None or block is None or unit is None or not _names(block, row):
            where = row.canonical_address if row else "one more unit"
            raise verification_failed(f"the plan and the manifest part at {where}")
        body, title_sha256, body_sha256 = unit
        if body_sha256 != block.body_sha256:
            raise verification_failed(f"unit {row.canonical_address} has another body")
        if title_sha256 != block.title_sha256:
            raise verification_failed(f"unit {row.canonical_address} has another title")
        pieces.append((block.start, body))
    source = hashlib.sha256("".join(text for _, text in sorted(pieces)).encode()).hexdigest()
    if not source == plan.text_sha256 == recorded.text_sha256:
        raise verification_failed(
            f"the stored bodies and gaps do not rebuild the source text (SHA-256 {source[:12]})"
        )
    return source


def _gaps(conn: Connection, keys: dict[str, uuid.UUID], plan: RevisionPlan) -> list[Gap]:
    with conn.cursor(row_factory=args_row(Gap)) as cursor:
        stored = cursor.execute(statement("verify_gaps"), keys).fetchall()
    if tuple(stored) != plan.gaps:
        raise verification_failed("the gaps on record are not the plan's")
    return stored


def _names(block: ManifestBlock, row: CutplanRow) -> bool:
    """Whether the manifest's block is the plan's row."""
    return (block.seq, block.canonical_address, block.start, block.end) == (
        row.seq,
        row.canonical_address,
        row.start,
        row.end,
    )


def _affected(stored: _Stored) -> AffectedRow:
    return AffectedRow(
        stored.seq,
        stored.canonical_address,
        str(stored.unit_id),
        str(stored.version_id),
        text_sha256(stored.title),
        text_sha256(stored.body),
    )
