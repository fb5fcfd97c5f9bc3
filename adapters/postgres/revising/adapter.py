"""The live adapter of a revision: the same journaled phases as a cut's, with another work in each.

Leg A writes only what changes, as drafts and as versions that nobody stands at; the last phase
enacts the drafts and moves units to their new versions.
"""

from __future__ import annotations

import uuid
from typing import Any

import psycopg

from adapters.postgres.connection.session import ConnectionProvider, RefusingConnections
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.writing import Unwritten
from adapters.postgres.ledger.effect import effect_digest_after
from adapters.postgres.ledger.steps import (
    decided,
    moving,
    opening,
    sealed_manifest,
    signed_change_set,
    supersede_unwritten,
)
from adapters.postgres.ledger.writer import swept
from adapters.postgres.permits.permit import require_permitted
from adapters.postgres.phases import journal
from adapters.postgres.phases.journaled import JournaledPhases, RefusingBackup, RefusingSwitch
from adapters.postgres.phases.transactions import PhaseTransactions
from adapters.postgres.revising.base import require_base_stands, require_standing
from adapters.postgres.revising.verify import RevisionVerifier
from adapters.postgres.revising.write import (
    leg_a_answer,
    replayed_steps,
    write_steps,
    written_rows,
)
from adapters.postgres.verify.steps import check_verifier_signature
from domain.change_set import CutContext
from domain.errors import PhaseStop, StopInvariantFailed
from domain.phases import EntryStatus, Kind, Lifecycle, Phase
from domain.plan.effect import require_approved_effect
from domain.ports import BackupRunner, GovernedRecord, KillSwitch, LiveExecutionAdapter, Signer
from domain.results import (
    EnactBatchResult,
    IUCreateResult,
    LegBResult,
    MarkResult,
    ReviewResult,
    VerifyResult,
)
from domain.revision.plan import RevisionPlan

Connection = psycopg.Connection[Any]


class LiveRevisionAdapter(
    JournaledPhases[RevisionPlan],
    LiveExecutionAdapter[RevisionPlan],
    GovernedRecord[RevisionPlan],
):
    """Carries out a revision, phase by phase.

    Constructing it connects to nothing; every default refuses.
    """

    def __init__(
        self,
        *,
        executor: Signer,
        verifier: Signer,
        switch: KillSwitch = RefusingSwitch(),
        connections: ConnectionProvider = RefusingConnections(),
        backup: BackupRunner = RefusingBackup(),
        transactions: PhaseTransactions | None = None,
    ) -> None:
        super().__init__(
            switch=switch, connections=connections, backup=backup, transactions=transactions
        )
        self._executor = executor
        self._verify = RevisionVerifier(verifier)

    def mark(self, ctx: CutContext, plan: RevisionPlan) -> MarkResult:
        """Open the revision's entry, resting on its base and on the change set that brought it.

        Raises `PlanRefused` if the base has moved, or nothing stands that could be revised.
        """
        return self._phase(ctx, plan, Phase.MARK, MarkResult, _mark)

    def review(self, ctx: CutContext, plan: RevisionPlan) -> ReviewResult:
        """Record the manifest of the whole new text, and the decision on it."""
        return self._phase(ctx, plan, Phase.REVIEW, ReviewResult, _review)

    def cut_leg_a(self, ctx: CutContext, plan: RevisionPlan) -> list[IUCreateResult]:
        """Write what changes, all or nothing. That the base has not moved is looked at again, under
        the writers lock.

        The journal keeps count and digest; a replay reads the versions themselves.
        """
        self._authorise(ctx, plan)
        written: list[IUCreateResult] = []

        def work(conn: Connection) -> Unwritten[None] | None:
            on_record = journal.read(conn, ctx)
            recorded = on_record.find(Phase.CUT_LEG_A)
            if recorded is not None:
                written[:] = replayed_steps(conn, ctx, plan, recorded)
                self._replayed.add(Phase.CUT_LEG_A)
                return None
            self._require_backup_file(on_record)
            self._require_before(on_record, Phase.CUT_LEG_A)
            journal.require_entry(conn, ctx, EntryStatus.REVIEWED)
            require_base_stands(conn, plan)
            written[:] = write_steps(conn, ctx, plan)
            answer = journal.row(ctx, Phase.CUT_LEG_A, leg_a_answer(written))
            return Unwritten(None, (answer,))

        self._run(ctx, Phase.CUT_LEG_A, work)
        return written

    def leg_b_record(self, ctx: CutContext, plan: RevisionPlan) -> LegBResult:
        """Record and sign the change set with a row for each step."""

        def work(conn: Connection, ctx: CutContext, plan: RevisionPlan) -> Unwritten[LegBResult]:
            return _record(conn, ctx, plan, self._executor)

        return self._phase(ctx, plan, Phase.LEG_B_RECORD, LegBResult, work)

    def write_verify(self, ctx: CutContext, plan: RevisionPlan) -> VerifyResult:
        """As the second principal: the units that will stand, with the gaps, are the new text, and
        nothing else was touched.
        """
        return self._phase(ctx, plan, Phase.WRITE_VERIFY, VerifyResult, self._verify.verify)

    def lifecycle_enact(self, ctx: CutContext, plan: RevisionPlan) -> EnactBatchResult:
        """Enact the units that are added, and move the others to their new versions."""
        return self._phase(ctx, plan, Phase.LIFECYCLE_ENACT, EnactBatchResult, _enact)


def _mark(conn: Connection, ctx: CutContext, plan: RevisionPlan) -> Unwritten[MarkResult]:
    superseded = supersede_unwritten(conn, ctx)
    standing = require_standing(conn, ctx.document_code)
    require_base_stands(conn, plan)
    depends = [
        ("source_text", plan.text_sha256),
        ("base", plan.base_digest),
        ("revises", str(standing.entry_id)),
        *((("title", plan.retitled),) if plan.retitled else ()),
        *(("supersedes", str(other)) for other in superseded),
    ]
    text = plan.plan
    entry_id = uuid.uuid4()
    rows = (
        *opening(ctx, entry_id, Kind.REVISION, text.document.title, depends),
        swept(text, entry_id),
    )
    return Unwritten(MarkResult(entry_id, len(text.rows), len(text.warnings)), rows)


def _review(conn: Connection, ctx: CutContext, plan: RevisionPlan) -> Unwritten[ReviewResult]:
    text = plan.plan
    file = f", file {text.file_sha256}" if text.file_sha256 else ""
    # A verifier apart takes file and digests from here: no table holds what they are made of.
    reason = (
        f"revision plan {ctx.plan_digest} of {text.source_name}{file}, "
        f"beside {' '.join(plan.beside)}"
    )
    return sealed_manifest(conn, ctx, text.text_sha256, plan.blocks, plan.gaps, reason)


def _record(
    conn: Connection, ctx: CutContext, plan: RevisionPlan, signer: Signer
) -> Unwritten[LegBResult]:
    rows = written_rows(conn, plan)
    recorded = journal.find(conn, ctx, Phase.CUT_LEG_A)
    if recorded is None or recorded.result != leg_a_answer(rows):
        raise StopInvariantFailed(
            f"The versions that wait for change set {ctx.change_set_id} are not those that it "
            f"wrote, by its journal; nothing was recorded.",
            phase=Phase.LEG_B_RECORD,
        )
    actions = [step.action for step in plan.steps]
    return signed_change_set(ctx, signer, decided(conn, ctx), rows, actions)


def _enact(conn: Connection, ctx: CutContext, plan: RevisionPlan) -> EnactBatchResult:
    check_verifier_signature(conn, ctx)
    keys = {"change_set_id": ctx.change_set_id, "actor": ctx.actor}
    answers = [
        answer
        for name in ("units_enact", "revise_enact")
        for answer in conn.execute(statement(name), keys).fetchall()
    ]
    for address, status in answers:
        require_permitted(ctx, status)
        if status != Lifecycle.ENACTED:
            raise PhaseStop(
                f"Unit {address} was not enacted, with the status {status!r}; no unit was enacted.",
                phase=Phase.LIFECYCLE_ENACT,
            )
    if len(answers) != len(plan.steps):
        raise StopInvariantFailed(
            f"{len(answers)} of {len(plan.steps)} units could be enacted; no unit was enacted."
        )
    entry_id = decided(conn, ctx).entry_id
    closing = moving(ctx, entry_id, EntryStatus.VERIFIED, EntryStatus.ENACTED, ctx.plan_digest)
    digest = effect_digest_after(conn, ctx.change_set_id, closing)
    require_approved_effect(ctx, digest)
    return EnactBatchResult(ctx.change_set_id, len(answers), Lifecycle.ENACTED, digest)
