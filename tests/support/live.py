"""A live adapter over a test's own database, and what tests read from that database."""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from adapters.keys.signing import Ed25519Signer, new_private_key
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.session import (
    ConnectionProvider,
    PostgresConnections,
    SessionLimits,
)
from adapters.postgres.ledger.writer import LedgerWriter
from adapters.postgres.permits.permit import lift_halt
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from adapters.postgres.phases.transactions import LiveTransactions
from adapters.postgres.schema.install import register_key
from adapters.postgres.verify.verifier import Verifier
from domain.approval.request import cut_effect
from domain.change_set import CutContext, TargetFingerprint
from domain.ledger.privileges import LEDGER_TABLES, SOURCE_TABLES, UNIT_TABLES
from domain.phases import Mode, Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.ports import PhaseExecutor
from domain.results import BackupResult
from domain.switch import SwitchReading, SwitchState
from tests.support.approvers import Approvers
from tests.support.plans import context
from tests.support.postgres import Database

MUTATION_SURFACE = (*UNIT_TABLES, *SOURCE_TABLES, *LEDGER_TABLES)


@dataclass
class ArmedSwitch:
    """A switch that is armed for whatever change set the test names."""

    change_set_id: uuid.UUID | None = None
    state: SwitchState = SwitchState.LIVE

    def read(self) -> SwitchReading:
        """Armed for the next hour."""
        return SwitchReading(
            self.state,
            "armed by the test",
            self.change_set_id,
            datetime.now(UTC) + timedelta(hours=1),
        )


@dataclass
class NoteBackup:
    """A backup runner that writes a note instead of a dump: the real one has a suite of its own."""

    folder: Path
    runs: int = 0

    def run(self, ctx: CutContext) -> BackupResult:
        """A small file with a true size and hash."""
        self.runs += 1
        path = self.folder / f"{ctx.change_set_id}.note"
        path.write_bytes(b"a note")
        return BackupResult(
            str(path), 6, hashlib.sha256(b"a note").hexdigest(), "F" * 40, datetime.now(UTC), "16"
        )


@dataclass
class LiveBench:
    """Everything that a live run needs, on one test database."""

    database: Database
    target: TargetFingerprint
    switch: ArmedSwitch
    backup: NoteBackup
    connections: ConnectionProvider
    executor: Ed25519Signer
    verifier: Ed25519Signer
    approvers: Approvers = field(default_factory=Approvers)
    adapter: ProductionLiveExecutionAdapter = field(init=False)

    def __post_init__(self) -> None:
        self.adapter = self.new_adapter()

    def new_adapter(
        self, transactions: LiveTransactions | None = None
    ) -> ProductionLiveExecutionAdapter:
        """Another adapter, as another process would build it."""
        return ProductionLiveExecutionAdapter(
            switch=self.switch,
            connections=self.connections,
            backup=self.backup,
            governance=LedgerWriter(self.executor),
            verify=Verifier(self.verifier),
            transactions=transactions or LiveTransactions(self.connections, longest_wait=0.05),
        )

    def lift(self, by: str = "operator", reason: str = "the test goes on") -> int:
        """Lift every halt, as an administrator; how many."""
        with self.database.connect(autocommit=True) as admin:
            return lift_halt(admin, by, reason)

    def context(
        self, plan: CutPlan, mode: Mode = Mode.LIVE, attempt: int = 1, *, approved: bool = True
    ) -> CutContext:
        """A context for this database, with the switch armed for it and, if live, a permit that two
        approvers have opened.
        """
        ctx = context(plan, mode, self.target, attempt)
        self.switch.change_set_id = ctx.change_set_id
        if approved and mode is Mode.LIVE:
            self.approvers.permit(self.connections, ctx, cut_effect(ctx, plan))
        return ctx


def live_bench(database: Database, folder: Path) -> LiveBench:
    """Register the target and both keys, as an administrator does once."""
    executor, verifier = Ed25519Signer(new_private_key()), Ed25519Signer(new_private_key())
    approvers = Approvers()
    with database.connect() as admin:
        target = read_fingerprint(admin)
        register_key(admin, Principal.EXEC, executor.public_key)
        register_key(admin, Principal.VERIFY, verifier.public_key)
        approvers.register(admin)
    limits = SessionLimits(lock_timeout="2s", statement_timeout="60s")
    connections = PostgresConnections(
        database.endpoint, database.credentials, target=target, limits=limits
    )
    return LiveBench(
        database,
        target,
        ArmedSwitch(),
        NoteBackup(folder),
        connections,
        executor,
        verifier,
        approvers,
    )


def run_phases(
    adapter: PhaseExecutor[Any],
    ctx: CutContext,
    plan: CutPlan,
    until: Phase = Phase.LIFECYCLE_ENACT,
) -> dict[Phase, Any]:
    """Run the phases in order, up to and with `until`; what each answered."""
    return answers_of(adapter, ctx, plan, until)


def answers_of(adapter: object, ctx: CutContext, plan: object, until: Phase) -> dict[Phase, Any]:
    """The same for the phases of any plan, a revert's too."""
    answers: dict[Phase, Any] = {}
    for phase in Phase:
        method = getattr(adapter, phase.value)
        answers[phase] = method(ctx) if phase is Phase.PRE_WRITE_BACKUP else method(ctx, plan)
        if phase is until:
            break
    return answers


def row_hashes(database: Database) -> dict[str, tuple[int, str]]:
    """Count and hash of every row of every table that a cut may change, taken by the
    administrator.
    """
    hashes = {}
    with database.connect() as admin:
        for table in MUTATION_SURFACE:
            query = sql.SQL(
                "SELECT count(*), encode(sha256(coalesce("
                "string_agg(convert_to(t::text, 'UTF8'), '\\x0a' ORDER BY t::text), '')), "
                "'hex') FROM {} AS t"
            ).format(relation(table))
            row = admin.execute(query).fetchone()
            assert row is not None
            hashes[table] = (int(row[0]), str(row[1]))
    return hashes


def scalar(conn: psycopg.Connection[Any], query: str, *parameters: object) -> Any:
    """The first column of the first row."""
    row = conn.execute(query.encode(), parameters or None).fetchone()
    return None if row is None else row[0]


def until_waiting(database: Database, conn: psycopg.Connection[Any]) -> None:
    """Return as soon as this session waits for another's lock."""
    with database.connect(autocommit=True) as admin:
        end = time.monotonic() + 30
        while not scalar(
            admin,
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s",
            conn.info.backend_pid,
        ):
            assert time.monotonic() < end, "it waits for nobody"
            time.sleep(0.01)
