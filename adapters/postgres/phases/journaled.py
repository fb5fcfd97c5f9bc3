"""What every live adapter is built on: lock 3, one journaled transaction a phase, and the backup
that must be there.

The work of a phase is handed in; guarding, journalling and replaying it is the same for a cut and
for a revert.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Generic, NoReturn, Protocol, TypeVar
from uuid import UUID

import psycopg
from psycopg import IsolationLevel
from pydantic import TypeAdapter

from adapters.postgres.connection.rows import Question
from adapters.postgres.connection.session import ConnectionProvider, RefusingConnections, connected
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.writing import Unwritten, unwritten
from adapters.postgres.phases import journal
from adapters.postgres.phases.transactions import LiveTransactions, PhaseTransactions
from domain.change_set import CutContext
from domain.errors import Lock, PhaseStop, ProductionExecutionNotAuthorized, StopInvariantFailed
from domain.phases import Isolation, Mode, Phase, Principal, spec_of
from domain.ports import BackupRunner, KillSwitch
from domain.results import BackupResult
from domain.switch import SwitchReading, off, require_armed, require_switch

Connection = psycopg.Connection[Any]
R = TypeVar("R")

_ISOLATION: Final[Mapping[Isolation, IsolationLevel]] = {
    Isolation.READ_COMMITTED: IsolationLevel.READ_COMMITTED,
    Isolation.SERIALIZABLE: IsolationLevel.SERIALIZABLE,
}


class PinnedPlan(Protocol):
    """A plan that is pinned by its digest: of a cut, or of a revert."""

    @property
    def plan_digest(self) -> str:
        """SHA-256 over everything that the plan says, hexadecimal."""
        ...


P = TypeVar("P", bound=PinnedPlan)


class RefusingSwitch:
    """The default: a switch that stands at OFF."""

    def read(self) -> SwitchReading:
        """Always OFF."""
        return off("no kill-switch was given, which means OFF")


class RefusingBackup:
    """The default: no backup can be made, so nothing is written."""

    def run(self, ctx: CutContext) -> NoReturn:
        """Raises `ProductionExecutionNotAuthorized`."""
        raise ProductionExecutionNotAuthorized(Lock.ADAPTER, "no backup runner was given")


class JournaledPhases(Generic[P]):
    """The machinery of a live adapter for plans of one kind.

    Constructing it connects to nothing; every default refuses.
    """

    def __init__(
        self,
        *,
        switch: KillSwitch = RefusingSwitch(),
        connections: ConnectionProvider = RefusingConnections(),
        backup: BackupRunner = RefusingBackup(),
        transactions: PhaseTransactions | None = None,
    ) -> None:
        self._switch = switch
        self._connections = connections
        self._transactions = transactions or LiveTransactions(connections)
        self._backup = backup
        self._replayed: set[Phase] = set()

    @property
    def replayed(self) -> frozenset[Phase]:
        """Phases that this adapter answered from the journal instead of running them."""
        return frozenset(self._replayed)

    def pre_write_backup(self, ctx: CutContext) -> BackupResult:
        """See `PhaseExecutor.pre_write_backup`.

        The dump runs outside any transaction, the record of it inside one.
        """
        phase = Phase.PRE_WRITE_BACKUP
        codec = TypeAdapter(BackupResult)
        self._authorise(ctx)
        recorded = self._run(ctx, phase, lambda conn: journal.find(conn, ctx, phase))
        if recorded is not None:
            self._replayed.add(phase)
            return journal.answer(recorded, codec, ctx)
        made = self._backup.run(ctx)
        return self._journaled(ctx, phase, codec, lambda _conn, _on_record: made)

    def verify_result_count_for(self, change_set_id: UUID) -> int:
        """See `PhaseExecutor.verify_result_count_for`. Read-only, as the verifier."""
        require_armed(self._switch.read(), change_set_id, Lock.ADAPTER)
        doing = "Counting verify results"
        with connected(self._connections, Principal.VERIFY, doing, PhaseStop) as conn:
            row = conn.execute(
                statement("verify_result_count"), {"change_set_id": change_set_id}
            ).fetchone()
        return int(row[0]) if row else 0

    def _authorise(self, ctx: CutContext, plan: P | None = None) -> None:
        """Lock 3: the adapter asks the switch itself, before it connects.

        A dry run has no business here at all.
        """
        if ctx.mode is Mode.DRYRUN:
            raise ProductionExecutionNotAuthorized(
                Lock.ADAPTER, "a dry run is answered by the simulator"
            )
        require_switch(self._switch.read(), ctx.mode, ctx.change_set_id, Lock.ADAPTER)
        if plan is not None and plan.plan_digest != ctx.plan_digest:
            raise StopInvariantFailed(
                "The plan at hand is not the plan of this change set; nothing was written."
            )

    def _phase(
        self,
        ctx: CutContext,
        plan: P,
        phase: Phase,
        result_type: type[R],
        work: Callable[[Connection, CutContext, P], R | Unwritten[R]],
        ahead: tuple[Question, ...] = (),
    ) -> R:
        """One phase with its row in the journal: recorded once, replayed from there afterwards.

        `ahead` is what the work reads first.
        """
        self._authorise(ctx, plan)

        def after_the_others(conn: Connection, on_record: journal.OnRecord) -> R | Unwritten[R]:
            self._require_before(on_record, phase)
            return work(conn, ctx, plan)

        return self._journaled(ctx, phase, TypeAdapter(result_type), after_the_others, ahead)

    def _require_before(self, on_record: journal.OnRecord, phase: Phase) -> None:
        """Raises `StopInvariantFailed` unless the phase before this one is on record."""
        if (before := spec_of(phase).after) is not None:
            on_record.require(before)

    def _run(
        self,
        ctx: CutContext,
        phase: Phase,
        work: Callable[[Connection], R | Unwritten[R]],
        ahead: tuple[Question, ...] = (),
    ) -> R:
        """One transaction of a phase, as its principal and at its isolation."""
        isolation = _ISOLATION[spec_of(phase).isolation]
        return self._transactions.run(ctx, phase, isolation, work, ahead)

    def _journaled(
        self,
        ctx: CutContext,
        phase: Phase,
        codec: TypeAdapter[R],
        work: Callable[[Connection, journal.OnRecord], R | Unwritten[R]],
        ahead: tuple[Question, ...] = (),
    ) -> R:
        def body(conn: Connection) -> R | Unwritten[R]:
            on_record = journal.read(conn, ctx)
            recorded = on_record.find(phase)
            if recorded is not None:
                self._replayed.add(phase)
                return journal.answer(recorded, codec, ctx)
            last = unwritten(work(conn, on_record))
            answer = codec.dump_python(last.result, mode="json")
            return Unwritten(last.result, (*last.rows, journal.row(ctx, phase, answer)))

        return self._run(ctx, phase, body, ahead)

    def _require_backup_file(self, on_record: journal.OnRecord) -> None:
        """The recorded backup must still be there at the moment of writing: a resumed run may come
        much later.

        Only a rehearsal may go on without one: a dump does not see what it wrote, and there is
        nothing to bring back.
        """
        on_record.require(Phase.PRE_WRITE_BACKUP)
        recorded = on_record.find(Phase.PRE_WRITE_BACKUP)
        backup = (
            journal.answer(recorded, TypeAdapter(BackupResult), on_record.ctx) if recorded else None
        )
        if backup is not None and not backup.made and on_record.ctx.mode is Mode.REHEARSE:
            return
        path = Path(backup.path) if backup else None
        if (
            backup is None
            or path is None
            or not backup.made
            or not path.is_file()
            or path.stat().st_size != backup.size
        ):
            raise StopInvariantFailed(
                f"The backup of this change set, {path}, is gone or has another size; bring it "
                f"back first.",
                phase=Phase.CUT_LEG_A,
            )
