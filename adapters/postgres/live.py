"""The live adapter: each phase is one journaled transaction on the real knowledge base."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar
from uuid import UUID

import psycopg
from psycopg import IsolationLevel
from psycopg.rows import class_row
from pydantic import TypeAdapter

from adapters.postgres import journal
from adapters.postgres.ledger import GovernanceWriter, RefusingGovernance, move_entry
from adapters.postgres.session import ConnectionProvider, RefusingConnections
from adapters.postgres.statements import statement
from adapters.postgres.transactions import LiveTransactions, PhaseTransactions
from adapters.postgres.verify import RefusingVerify, VerifyWriter
from domain.cut_plan import CutPlan, CutplanRow
from domain.digests import records_sha256
from domain.effect import require_approved_effect
from domain.errors import PhaseStop, ProductionExecutionNotAuthorized, StopInvariantFailed
from domain.phases import CutContext, Mode, Phase, Principal
from domain.ports import BackupRunner, GovernedRecord, KillSwitch, LiveExecutionAdapter
from domain.results import (
    BackupResult,
    EnactBatchResult,
    IUCreateResult,
    LegBResult,
    MarkResult,
    ReviewResult,
    VerifyResult,
)
from domain.switch import SwitchReading, off, require_armed, require_switch

Connection = psycopg.Connection[Any]
R = TypeVar("R")

ROWS_A_STATEMENT: Final = 1000
"""Bounds the memory that one statement's arrays take on both sides; all statements are of one transaction."""


class RefusingSwitch:
    """The default: a switch that stands at OFF."""

    def read(self) -> SwitchReading:
        """Always OFF."""
        return off("no kill-switch was given, which means OFF")


class RefusingBackup:
    """The default: no backup can be made, so nothing is written."""

    def run(self, ctx: CutContext) -> NoReturn:
        """Raises `ProductionExecutionNotAuthorized`."""
        raise ProductionExecutionNotAuthorized("adapter", "no backup runner was given")


class ProductionLiveExecutionAdapter(LiveExecutionAdapter, GovernedRecord):
    """Fulfils `domain.ports.PhaseExecutor` on PostgreSQL. Constructing it connects to nothing; every default refuses."""

    def __init__(
        self,
        *,
        switch: KillSwitch = RefusingSwitch(),
        connections: ConnectionProvider = RefusingConnections(),
        backup: BackupRunner = RefusingBackup(),
        governance: GovernanceWriter = RefusingGovernance(),
        verify: VerifyWriter = RefusingVerify(),
        transactions: PhaseTransactions | None = None,
    ) -> None:
        self._switch = switch
        self._connections = connections
        self._transactions = transactions or LiveTransactions(connections)
        self._backup = backup
        self._governance = governance
        self._verify = verify
        self._replayed: set[Phase] = set()

    @property
    def replayed(self) -> frozenset[Phase]:
        """Phases that this adapter answered from the journal instead of running them."""
        return frozenset(self._replayed)

    def pre_write_backup(self, ctx: CutContext) -> BackupResult:
        """See `PhaseExecutor.pre_write_backup`. The dump runs outside any transaction, the record of it inside one."""
        phase = Phase.PRE_WRITE_BACKUP
        codec = TypeAdapter(BackupResult)
        self._authorise(ctx)
        recorded = self._transactions.run(
            ctx, phase, IsolationLevel.READ_COMMITTED, lambda conn: journal.find(conn, ctx, phase)
        )
        if recorded is not None:
            self._replayed.add(phase)
            return codec.validate_python(recorded.result)
        made = self._backup.run(ctx)
        return self._journaled(ctx, phase, codec, lambda _conn: made)

    def mark(self, ctx: CutContext, plan: CutPlan) -> MarkResult:
        """See `PhaseExecutor.mark`."""
        return self._phase(ctx, plan, Phase.MARK, MarkResult, self._governance.mark, after=(Phase.PRE_WRITE_BACKUP,))

    def review(self, ctx: CutContext, plan: CutPlan) -> ReviewResult:
        """See `PhaseExecutor.review`."""
        return self._phase(ctx, plan, Phase.REVIEW, ReviewResult, self._governance.review, after=(Phase.MARK,))

    def cut_leg_a(self, ctx: CutContext, plan: CutPlan) -> list[IUCreateResult]:
        """See `PhaseExecutor.cut_leg_a`. The journal keeps count and digest; a replay reads the units themselves."""
        self._authorise(ctx, plan)
        created: list[IUCreateResult] = []

        def work(conn: Connection) -> None:
            recorded = journal.find(conn, ctx, Phase.CUT_LEG_A)
            if recorded is not None:
                created[:] = _replay_created(conn, ctx, recorded)
                self._replayed.add(Phase.CUT_LEG_A)
                return
            self._require_backup_file(conn, ctx)
            journal.require(conn, ctx, Phase.REVIEW)
            journal.require_entry(conn, ctx, "reviewed")
            created[:] = _create_units(conn, ctx, plan.rows)
            summary = {"created": len(created), "units_sha256": _created_sha256(created)}
            journal.record(conn, ctx, Phase.CUT_LEG_A, summary)

        self._transactions.run(ctx, Phase.CUT_LEG_A, IsolationLevel.READ_COMMITTED, work)
        return created

    def leg_b_record(self, ctx: CutContext, plan: CutPlan) -> LegBResult:
        """See `PhaseExecutor.leg_b_record`."""
        return self._phase(
            ctx,
            plan,
            Phase.LEG_B_RECORD,
            LegBResult,
            self._governance.record,
            after=(Phase.CUT_LEG_A,),
            isolation=IsolationLevel.SERIALIZABLE,
        )

    def verify_result_count_for(self, change_set_id: UUID) -> int:
        """See `PhaseExecutor.verify_result_count_for`. Read-only, as the verifier."""
        require_armed(self._switch.read(), change_set_id, "adapter")
        conn = self._connections.connect(Principal.VERIFY)
        try:
            row = conn.execute(statement("verify_result_count"), {"change_set_id": change_set_id}).fetchone()
        except psycopg.Error as error:
            raise PhaseStop(f"Counting verify results stopped with {error.sqlstate}; see `cutter doctor`.") from None
        finally:
            conn.close()
        return int(row[0]) if row else 0

    def write_verify(self, ctx: CutContext, plan: CutPlan) -> VerifyResult:
        """See `PhaseExecutor.write_verify`."""
        return self._phase(
            ctx,
            plan,
            Phase.WRITE_VERIFY,
            VerifyResult,
            self._verify.verify,
            after=(Phase.LEG_B_RECORD,),
            isolation=IsolationLevel.SERIALIZABLE,
        )

    def lifecycle_enact(self, ctx: CutContext, plan: CutPlan) -> EnactBatchResult:
        """See `PhaseExecutor.lifecycle_enact`."""
        return self._phase(ctx, plan, Phase.LIFECYCLE_ENACT, EnactBatchResult, _enact_units, after=(Phase.WRITE_VERIFY,))

    def _authorise(self, ctx: CutContext, plan: CutPlan | None = None) -> None:
        """Lock 3: the adapter asks the switch itself, before it connects. A dry run has no business here at all."""
        if ctx.mode is Mode.DRYRUN:
            raise ProductionExecutionNotAuthorized("adapter", "a dry run is answered by the simulator")
        require_switch(self._switch.read(), ctx.mode, ctx.change_set_id, "adapter")
        if plan is not None and plan.plan_digest != ctx.plan_digest:
            raise StopInvariantFailed("The plan at hand is not the plan of this change set; nothing was written.")

    def _phase(
        self,
        ctx: CutContext,
        plan: CutPlan,
        phase: Phase,
        result_type: type[R],
        work: Callable[[Connection, CutContext, CutPlan], R],
        *,
        after: Sequence[Phase],
        isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
    ) -> R:
        self._authorise(ctx, plan)

        def after_the_others(conn: Connection) -> R:
            journal.require(conn, ctx, *after)
            return work(conn, ctx, plan)

        return self._journaled(ctx, phase, TypeAdapter(result_type), after_the_others, isolation)

    def _journaled(
        self,
        ctx: CutContext,
        phase: Phase,
        codec: TypeAdapter[R],
        work: Callable[[Connection], R],
        isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
    ) -> R:
        def body(conn: Connection) -> R:
            recorded = journal.find(conn, ctx, phase)
            if recorded is not None:
                self._replayed.add(phase)
                return codec.validate_python(recorded.result)
            result = work(conn)
            journal.record(conn, ctx, phase, codec.dump_python(result, mode="json"))
            return result

        return self._transactions.run(ctx, phase, isolation, body)

    def _require_backup_file(self, conn: Connection, ctx: CutContext) -> None:
        """The recorded backup must still be there at the moment of writing: a resumed run may come much later.

        Only a rehearsal may go on without one: a dump does not see what it wrote, and there is nothing to bring back.
        """
        journal.require(conn, ctx, Phase.PRE_WRITE_BACKUP)
        recorded = journal.find(conn, ctx, Phase.PRE_WRITE_BACKUP)
        backup = TypeAdapter(BackupResult).validate_python(recorded.result) if recorded else None
        if backup is not None and not backup.made and ctx.mode is Mode.REHEARSE:
            return
        path = Path(backup.path) if backup else None
        if backup is None or path is None or not backup.made or not path.is_file() or path.stat().st_size != backup.size:
            raise StopInvariantFailed(
                f"The backup of this change set, {path}, is gone or has another size; bring it back first.",
                phase=Phase.CUT_LEG_A,
            )


def _create_units(conn: Connection, ctx: CutContext, rows: Sequence[CutplanRow]) -> list[IUCreateResult]:
    created: list[IUCreateResult] = []
    for at in range(0, len(rows), ROWS_A_STATEMENT):
        chunk = rows[at : at + ROWS_A_STATEMENT]
        with conn.cursor(binary=True, row_factory=class_row(IUCreateResult)) as cursor:
            results = cursor.execute(statement("units_create"), {"actor": ctx.actor, **_columns(chunk)}).fetchall()
        for result in results:
            if result.status != "created":
                raise PhaseStop(
                    f"Unit {result.canonical_address} was refused with the status {result.status!r}; no unit was written.",
                    phase=Phase.CUT_LEG_A,
                )
        created += results
    if len(created) != len(rows):
        raise StopInvariantFailed(f"{len(created)} of {len(rows)} units were answered for; no unit was written.")
    return created


def _columns(rows: Sequence[CutplanRow]) -> dict[str, list[str | None]]:
    return {
        "address": [row.canonical_address for row in rows],
        "title": [row.title for row in rows],
        "body": [row.body for row in rows],
        "unit_kind": [row.unit_kind for row in rows],
        "section_type": [row.section_type for row in rows],
        "publication_type": [row.publication_type for row in rows],
        "owner_ref": [row.owner_ref for row in rows],
        "parent_ref": [row.parent_ref for row in rows],
    }


def _created_sha256(created: Sequence[IUCreateResult]) -> str:
    return records_sha256((unit.canonical_address, str(unit.unit_id), str(unit.version_id)) for unit in created)


def _replay_created(conn: Connection, ctx: CutContext, recorded: journal.JournalRow) -> list[IUCreateResult]:
    with conn.cursor(row_factory=class_row(IUCreateResult)) as cursor:
        created = cursor.execute(statement("units_created"), {"change_set_id": ctx.change_set_id}).fetchall()
    if recorded.result != {"created": len(created), "units_sha256": _created_sha256(created)}:
        raise StopInvariantFailed(
            f"The units of change set {ctx.change_set_id} are not those that it wrote; look with `cutter status`.",
            phase=Phase.CUT_LEG_A,
        )
    return created


def _enact_units(conn: Connection, ctx: CutContext, plan: CutPlan) -> EnactBatchResult:
    answers = conn.execute(statement("units_enact"), {"change_set_id": ctx.change_set_id, "actor": ctx.actor}).fetchall()
    for address, status in answers:
        if status != "enacted":
            raise PhaseStop(
                f"Unit {address} was not enacted, with the status {status!r}; no unit was enacted.", phase=Phase.LIFECYCLE_ENACT
            )
    if len(answers) != len(plan.rows):
        raise StopInvariantFailed(f"{len(answers)} of {len(plan.rows)} units could be enacted; no unit was enacted.")
    entry = conn.execute(statement("entry_of_change_set"), {"change_set_id": ctx.change_set_id}).fetchone()
    if entry is None:
        raise StopInvariantFailed(f"Change set {ctx.change_set_id} has no backlog entry; no unit was enacted.")
    move_entry(conn, ctx, entry[0], "verified_complete", "enacted", ctx.plan_digest)
    return EnactBatchResult(ctx.change_set_id, len(answers), "enacted", _effect_digest(conn, ctx))


def _effect_digest(conn: Connection, ctx: CutContext) -> str:
    """What the tables hold now, as one hash by the server. Raises `StopInvariantFailed` if another effect was approved."""
    row = conn.execute(statement("effect_digest"), {"change_set_id": ctx.change_set_id}).fetchone()
    digest = str(row[0]) if row else ""
    require_approved_effect(ctx, digest)
    return digest
