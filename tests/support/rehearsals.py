"""A rehearsal over a test's own database, with everything real but the switch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from adapters.postgres.ledger import LedgerWriter
from adapters.postgres.live import ProductionLiveExecutionAdapter
from adapters.postgres.rehearsal import RehearsalBackup, RehearsalTransactions
from adapters.postgres.rehearsal_session import LIMITS, Connection, RehearsalConnections, RehearsalConnector
from adapters.postgres.session import SessionLimits
from adapters.postgres.verify import Verifier
from domain.cut_plan import CutPlan
from domain.phases import CutContext, Mode, Phase
from domain.rehearsal import RehearsalEnd
from domain.switch import SwitchState
from tests.support.live import LiveBench, run_phases


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
    bench: LiveBench, *, limits: SessionLimits = LIMITS, cursor_factory: type[psycopg.Cursor[Any]] = psycopg.Cursor
) -> RehearsalConnections:
    """The rehearsal's login on a bench's database."""
    database = bench.database
    return RehearsalConnections(
        database.endpoint, database.rehearsal_login, target=bench.target, limits=limits, cursor_factory=cursor_factory
    )


def rehearsal_context(bench: LiveBench, plan: CutPlan, attempt: int = 1) -> CutContext:
    """A context for a rehearsal, with the switch at REHEARSE for it."""
    bench.switch.state = SwitchState.REHEARSE
    return bench.context(plan, Mode.REHEARSE, attempt)


def rehearsing_adapter(bench: LiveBench, transactions: RehearsalTransactions) -> ProductionLiveExecutionAdapter:
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
