"""What the executor writes into the governed ledger: MARK, REVIEW and CUT.

Any document, any number of units.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import NoReturn, Protocol

from psycopg.types.json import Jsonb

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import Question, asked_ahead, read_all, read_value, unasked
from adapters.postgres.connection.writing import Row, Unwritten
from adapters.postgres.ledger.steps import (
    decided,
    decided_question,
    open_others,
    opening,
    sealed_manifest,
    signed_change_set,
    supersede_unwritten,
)
from domain.change_set import CutContext
from domain.errors import Lock, ProductionExecutionNotAuthorized, StopInvariantFailed
from domain.ledger.signed import AffectedRow
from domain.phases import Kind, Phase
from domain.plan.cut_plan import CutPlan, already_cut
from domain.ports import Signer
from domain.results import LegBResult, MarkResult, ReviewResult


class GovernanceWriter(Protocol):
    """Writes the executor's part of the ledger inside a phase's transaction."""

    def mark(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> Unwritten[MarkResult]:
        """Open the backlog entry."""
        ...

    def review(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> Unwritten[ReviewResult]:
        """Record manifest and decision."""
        ...

    def record(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> Unwritten[LegBResult]:
        """Record and sign the change set."""
        ...


class RefusingGovernance:
    """The default: no governance writer was given, so nothing is written."""

    def mark(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> NoReturn:
        """Raises `ProductionExecutionNotAuthorized`."""
        raise _not_given()

    review = mark
    record = mark


def _not_given() -> ProductionExecutionNotAuthorized:
    return ProductionExecutionNotAuthorized(Lock.ADAPTER, "no governance writer was given")


class LedgerWriter:
    """The governance writer, signing as the executor."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def mark(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> Unwritten[MarkResult]:
        """MARK: entry, dependencies, sweep log and the first link of its history."""
        with asked_ahead(conn, *unasked(conn, *mark_questions(ctx)), once=True):
            superseded = supersede_unwritten(conn, ctx)
            _refuse_new_version(conn, ctx)
        depends = [
            ("source_text", plan.text_sha256),
            *(("supersedes", str(other)) for other in superseded),
        ]
        entry_id = uuid.uuid4()
        rows = (
            *opening(ctx, entry_id, Kind.CUT, plan.document.title, depends),
            swept(plan, entry_id),
        )
        return Unwritten(MarkResult(entry_id, len(plan.rows), len(plan.warnings)), rows)

    def review(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> Unwritten[ReviewResult]:
        """REVIEW: the manifest (units by hash, gaps by text), the decision, and the entry's step to
        `reviewed`.
        """
        file = f", file {plan.file_sha256}" if plan.file_sha256 else ""
        reason = f"plan {ctx.plan_digest} of {plan.source_name}{file}"
        return sealed_manifest(conn, ctx, plan.text_sha256, plan.rows, plan.gaps, reason)

    def record(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> Unwritten[LegBResult]:
        """CUT: the executor's signature, the change set, its affected rows, and the entry's step to
        `cut_applied`.
        """
        with asked_ahead(conn, *unasked(conn, *record_questions(ctx))):
            found = decided(conn, ctx)
            rows = read_all(conn, AffectedRow, *_cut_rows(ctx))
        if len(rows) != len(plan.rows):
            raise StopInvariantFailed(
                f"The plan has {len(plan.rows)} units and the database holds {len(rows)} as "
                f"drafts; nothing was recorded.",
                phase=Phase.LEG_B_RECORD,
            )
        return signed_change_set(ctx, self._signer, found, rows, ["created"] * len(rows))


def _refuse_new_version(conn: Connection, ctx: CutContext) -> None:
    """Units of this document that another change set has written are not overwritten and not added
    to.
    """
    living = read_value(conn, int, *_living(ctx))
    if living:
        raise already_cut(ctx.document_code, living)


def mark_questions(ctx: CutContext) -> tuple[Question, ...]:
    """What `LedgerWriter.mark` reads before it writes."""
    return open_others(ctx), _living(ctx)


def record_questions(ctx: CutContext) -> tuple[Question, ...]:
    """What `LedgerWriter.record` reads before it writes."""
    return decided_question(ctx), _cut_rows(ctx)


def _cut_rows(ctx: CutContext) -> Question:
    return "cut_rows", {"change_set_id": ctx.change_set_id}


def _living(ctx: CutContext) -> Question:
    return "units_living", {"document_code": ctx.document_code}


def swept(plan: CutPlan, entry_id: uuid.UUID) -> Row:
    """What reading a document found, for the sweep log."""
    values = {
        "entry_id": entry_id,
        "source_name": plan.source_name,
        "reader": plan.reader,
        "profile": plan.profile,
        "granularity": plan.granularity,
        "text_sha256": plan.text_sha256,
        "text_chars": plan.text_chars,
        "units": len(plan.rows),
        "gaps": len(plan.gaps),
        "warnings": Jsonb([asdict(warning) for warning in plan.warnings]),
    }
    return Row("entry_swept", values)
