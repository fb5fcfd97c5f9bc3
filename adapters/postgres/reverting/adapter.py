"""The live adapter of a revert: the same journaled phases as a cut's, with another work in each.

Leg A withdraws where a cut's creates; the last phase moves the entry of what is reverted to
`reverted`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import psycopg

from adapters.postgres.connection.rows import read_all, read_one
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
from adapters.postgres.permits.permit import require_permitted
from adapters.postgres.phases import journal
from adapters.postgres.phases.journaled import JournaledPhases, RefusingBackup, RefusingSwitch
from adapters.postgres.phases.transactions import PhaseTransactions
from adapters.postgres.reverting.plan import columns, read_revert_plan, require_still_revertible
from adapters.postgres.reverting.verify import RevertVerifier
from adapters.postgres.verify.steps import check_verifier_signature
from domain.change_set import CutContext
from domain.errors import PhaseStop, RevertRefused, StopInvariantFailed
from domain.ledger.signed import AffectedRow
from domain.phases import EntryStatus, Kind, Lifecycle, Phase
from domain.plan.effect import require_approved_effect
from domain.plan.revert import (
    RESTORED,
    WITHDRAWN,
    RevertPlan,
    RevertUnit,
    planned_revert_effect,
)
from domain.ports import BackupRunner, GovernedRecord, KillSwitch, LiveExecutionAdapter, Signer
from domain.results import (
    EnactBatchResult,
    LegBResult,
    MarkResult,
    ReviewResult,
    VerifyResult,
    WithdrawBatchResult,
)

Connection = psycopg.Connection[Any]
R = TypeVar("R")


class LiveRevertAdapter(
    JournaledPhases[RevertPlan], LiveExecutionAdapter[RevertPlan], GovernedRecord[RevertPlan]
):
    """Carries out a revert, phase by phase.

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
        self._ledger = RevertLedger(executor)
        self._verify = RevertVerifier(verifier)

    def mark(self, ctx: CutContext, plan: RevertPlan) -> MarkResult:
        """Open the revert's entry, resting on what it reverts.

        Raises `RevertRefused` naming what is in the way.
        """
        return self._phase(ctx, plan, Phase.MARK, MarkResult, self._ledger.mark)

    def review(self, ctx: CutContext, plan: RevertPlan) -> ReviewResult:
        """Record what is to be withdrawn, and the decision on it."""
        return self._phase(ctx, plan, Phase.REVIEW, ReviewResult, self._ledger.review)

    def cut_leg_a(self, ctx: CutContext, plan: RevertPlan) -> WithdrawBatchResult:
        """Withdraw every unit, all or nothing.

        What could be in the way is looked for again, in this transaction.
        """

        def work(conn: Connection, ctx: CutContext, plan: RevertPlan) -> WithdrawBatchResult:
            self._require_backup_file(journal.read(conn, ctx))
            journal.require_entry(conn, ctx, EntryStatus.REVIEWED)
            return _withdraw_units(conn, ctx, plan)

        return self._phase(ctx, plan, Phase.CUT_LEG_A, WithdrawBatchResult, work)

    def leg_b_record(self, ctx: CutContext, plan: RevertPlan) -> LegBResult:
        """Record and sign the change set with its withdrawn rows."""
        return self._phase(ctx, plan, Phase.LEG_B_RECORD, LegBResult, self._ledger.record)

    def write_verify(self, ctx: CutContext, plan: RevertPlan) -> VerifyResult:
        """As the second principal: exactly these units are withdrawn, nothing is lost, and nothing
        else has changed.
        """
        return self._phase(ctx, plan, Phase.WRITE_VERIFY, VerifyResult, self._verify.verify)

    def lifecycle_enact(self, ctx: CutContext, plan: RevertPlan) -> EnactBatchResult:
        """Close both entries: the revert's as enacted, that of what it reverted as reverted."""
        return self._phase(ctx, plan, Phase.LIFECYCLE_ENACT, EnactBatchResult, _close)


class RevertLedger:
    """The executor's part of a revert's ledger, signing as the executor."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def mark(self, conn: Connection, ctx: CutContext, plan: RevertPlan) -> Unwritten[MarkResult]:
        """MARK: the entry, the dependency `reverts`, and the first link of its history."""
        _require_same_plan(conn, ctx, plan)
        superseded = supersede_unwritten(conn, ctx, besides=plan.reverts)
        depends = [
            ("reverts", str(plan.entry_id)),
            *(("supersedes", str(other)) for other in superseded),
        ]
        entry_id = uuid.uuid4()
        rows = opening(ctx, entry_id, Kind.REVERT, plan.title, depends)
        return Unwritten(MarkResult(entry_id, len(plan.units), warnings=0), rows)

    def review(
        self, conn: Connection, ctx: CutContext, plan: RevertPlan
    ) -> Unwritten[ReviewResult]:
        """REVIEW: the manifest of what is withdrawn, the decision, and the entry's step to
        `reviewed`.
        """
        reason = f"revert plan {ctx.plan_digest} of change set {plan.reverts}"
        return sealed_manifest(conn, ctx, plan.text_sha256, plan.manifest, plan.gaps, reason)

    def record(self, conn: Connection, ctx: CutContext, plan: RevertPlan) -> Unwritten[LegBResult]:
        """CUT: the executor's signature, the change set, its withdrawn rows, and the entry's step
        to `cut_applied`.
        """
        rows = taken_back_rows(conn, plan)
        if len(rows) != len(plan.units):
            raise StopInvariantFailed(
                f"The plan has {len(plan.units)} units and {len(rows)} of them are withdrawn; "
                f"nothing was recorded.",
                phase=Phase.LEG_B_RECORD,
            )
        actions = [unit.action for unit in plan.units]
        return signed_change_set(ctx, self._signer, decided(conn, ctx), rows, actions)


@dataclass(frozen=True, slots=True)
class _Reverted:
    entry_id: uuid.UUID
    status: str


def taken_back_rows(conn: Connection, plan: RevertPlan) -> list[AffectedRow]:
    """Those of the plan's units that are withdrawn or moved back, in its order, hashed from what
    is stored.
    """
    known = columns(plan)
    keys = {name: known[name] for name in ("unit_id", "version_id", "action")}
    return read_all(conn, AffectedRow, "revert_rows", keys)


def _require_same_plan(conn: Connection, ctx: CutContext, plan: RevertPlan) -> None:
    """Raises `RevertRefused` unless the database still makes this plan and nothing is in its
    way.
    """
    if read_revert_plan(conn, plan.reverts).plan_digest != ctx.plan_digest:
        raise RevertRefused(
            f"Change set {plan.reverts} is not as it was when its revert was planned; plan it "
            f"again with `cutter revert "
            f"{plan.reverts}`. Nothing was written."
        )
    require_still_revertible(conn, plan)


def _withdraw_units(conn: Connection, ctx: CutContext, plan: RevertPlan) -> WithdrawBatchResult:
    _require_same_plan(conn, ctx, plan)
    keys = {"decision_id": decided(conn, ctx).decision_id, "actor": ctx.actor}
    # Back to the version before first: what was moved below a unit that is withdrawn leaves it.
    answers = sum(map(_waits, plan.units))
    for done, name in ((RESTORED, "revert_restore"), (WITHDRAWN, "revert_withdraw")):
        moved = (unit for unit in plan.units if unit.action == done and not _waits(unit))
        units = replace(plan, units=tuple(moved))
        if not units.units:  # a port that can not revise has no function for it
            continue
        for address, status in conn.execute(statement(name), keys | columns(units)).fetchall():
            require_permitted(ctx, status)
            if status != done:
                raise PhaseStop(
                    f"Unit {address} was not {done}, with the status {status!r}; no unit was "
                    f"{done}.",
                    phase=Phase.CUT_LEG_A,
                )
            answers += 1
    if answers != len(plan.units):
        raise StopInvariantFailed(
            f"{answers} of {len(plan.units)} units were answered for; no unit was withdrawn."
        )
    return WithdrawBatchResult(ctx.change_set_id, answers)


def _waits(unit: RevertUnit) -> bool:
    """Whether it is a version that nobody stands at: nothing has to be moved back from it, and once
    its entry is closed nobody can enact it.
    """
    return unit.action == RESTORED and unit.lifecycle == Lifecycle.DRAFT


def _close(conn: Connection, ctx: CutContext, plan: RevertPlan) -> EnactBatchResult:
    check_verifier_signature(conn, ctx)
    own = decided(conn, ctx)
    reverted = read_one(conn, _Reverted, "revert_reverted", {"change_set_id": ctx.change_set_id})
    if reverted is None or (reverted.entry_id, reverted.status) != (plan.entry_id, plan.status):
        raise StopInvariantFailed(
            f"What change set {ctx.change_set_id} reverts does not stand at {plan.status} any more."
        )
    closing = (
        *moving(ctx, own.entry_id, EntryStatus.VERIFIED, EntryStatus.ENACTED, ctx.plan_digest),
        *moving(ctx, plan.entry_id, plan.status, EntryStatus.REVERTED, ctx.plan_digest),
    )
    digest = effect_digest_after(conn, ctx.change_set_id, closing)
    planned = planned_revert_effect(plan)
    require_approved_effect(
        replace(ctx, approved_effect_digest=ctx.approved_effect_digest or planned), digest
    )
    return EnactBatchResult(ctx.change_set_id, len(plan.units), WITHDRAWN, digest)
