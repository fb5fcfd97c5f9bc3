"""A rehearsal over a test's own database, with everything real but the switch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.session import SessionLimits
from adapters.postgres.ledger.writer import LedgerWriter
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from adapters.postgres.rehearsal.session import (
    LIMITS,
    RehearsalConnections,
    RehearsalConnector,
)
from adapters.postgres.rehearsal.transactions import RehearsalBackup, RehearsalTransactions
from adapters.postgres.verify.verifier import Verifier
from domain.change_set import CutContext
from domain.phases import Mode, Phase
from domain.plan.cut_plan import CutPlan
from domain.reports.rehearsal import RehearsalEnd
from domain.switch import SwitchState
from tests.support.live import LiveBench, row_hashes, run_phases, scalar


@dataclass
class CountingConnector:
    """A connector that counts: whoever must not connect is shown not to have."""

    real: RehearsalConnector
    calls: int = 0

    def connect(self) -> Connection:
        """A connection of the real connector."""
        self.calls += 1
        return self.real.connect()


def connector(
    bench: LiveBench,
    *,
    limits: SessionLimits = LIMITS,
    cursor_factory: type[psycopg.Cursor[Any]] = psycopg.Cursor,
) -> RehearsalConnections:
    """The rehearsal's login on a bench's database."""
    database = bench.database
    return RehearsalConnections(
        database.endpoint,
        database.rehearsal_login,
        target=bench.target,
        limits=limits,
        cursor_factory=cursor_factory,
    )


def rehearsal_context(bench: LiveBench, plan: CutPlan, attempt: int = 1) -> CutContext:
    """A context for a rehearsal, with the switch at REHEARSE for it."""
    bench.switch.state = SwitchState.REHEARSE
    return bench.context(plan, Mode.REHEARSE, attempt)


def rehearsing_adapter(
    bench: LiveBench, transactions: RehearsalTransactions
) -> ProductionLiveExecutionAdapter:
    """The live adapter over a rehearsal's transactions."""
    return ProductionLiveExecutionAdapter(
        switch=bench.switch,
        backup=RehearsalBackup(),
        governance=LedgerWriter(bench.executor),
        verify=Verifier(bench.verifier),
        transactions=transactions,
    )


@contextmanager
def rehearsing(
    bench: LiveBench, connections: RehearsalConnector | None = None
) -> Iterator[tuple[ProductionLiveExecutionAdapter, RehearsalTransactions]]:
    """A rehearsal that is open while the block runs."""
    with RehearsalTransactions(connections or connector(bench), watch_every=0.05) as transactions:
        yield rehearsing_adapter(bench, transactions), transactions


def rehearsed(bench: LiveBench, plan: CutPlan) -> tuple[dict[Phase, Any], RehearsalEnd]:
    """What each phase answered in a rehearsal of the whole cut, and how it ended."""
    ctx = rehearsal_context(bench, plan)
    with rehearsing(bench) as (adapter, transactions):
        answers = run_phases(adapter, ctx, plan)
        return answers, transactions.roll_back()


def admin_do(bench: LiveBench, *statements: str) -> None:
    """Change the database as its administrator."""
    with bench.database.connect() as admin:
        for text in statements:
            admin.execute(text.encode())


def traces(bench: LiveBench) -> dict[str, object]:
    """Everything that another session could find of a rehearsal."""
    with bench.database.connect() as admin:
        return {
            "rows": row_hashes(bench.database),
            "marks": scalar(admin, "SELECT count(*) FROM cutter.rehearsal_mark"),
            "sequences": scalar(admin, "SELECT coalesce(sum(last_value), 0) FROM pg_sequences"),
            "advisory locks": scalar(
                admin,
                "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE l.locktype = 'advisory' AND d.datname = current_database()",
            ),
            "prepared": scalar(admin, "SELECT count(*) FROM pg_prepared_xacts"),
            "tables": scalar(
                admin, "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'v', 'S')"
            ),
        }


def settle(bench: LiveBench, before: dict[str, object], seconds: float = 60.0) -> None:
    """Wait until nothing is left, as after a kill the server needs a moment to notice."""
    until = time.monotonic() + seconds
    while (now := traces(bench)) != before and time.monotonic() < until:
        time.sleep(0.1)
    assert now == before


def until_asleep(bench: LiveBench) -> None:
    """Wait until a statement in this database sleeps."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = "
        "current_database()"
    )
    with bench.database.connect(autocommit=True) as admin:
        for _ in range(1200):
            if scalar(admin, query):
                return
            time.sleep(0.05)
    raise AssertionError("nobody fell asleep")
