"""A halt always wins: nobody's lock, and nobody's connections, keep it waiting for a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import psycopg
import pytest

from adapters.postgres.permits.permit import halt, halts_in_force
from domain.change_set import CutContext
from domain.errors import DatabaseUnavailable, ProductionExecutionNotAuthorized
from domain.phases import Principal
from domain.plan.cut_plan import CutPlan
from tests.support.live import LiveBench, scalar

LOGINS = list(Principal)
FENCE = "SELECT cutter.fn_permit_fence(%s, 'mark', %s, false)"


@contextmanager
def idle(bench: LiveBench, login: Principal, query: str, *values: object) -> Iterator[None]:
    """A session of a stolen login that has run this in a transaction and does nothing more."""
    thief = bench.database.connect(login)
    try:
        thief.execute(query.encode(), values)
        yield
    finally:
        thief.close()


def halted_quickly(bench: LiveBench, by: Principal) -> None:
    """It halts within a second, measured with the connection."""
    before = time.monotonic()
    with bench.connections.connect(by) as conn:
        halt(conn, "operator", "smoke")
    assert time.monotonic() - before < 1
    with bench.database.connect() as admin:
        assert halts_in_force(admin)


@pytest.mark.parametrize("by", LOGINS)
@pytest.mark.parametrize("thief", LOGINS)
def test_a_halt_that_was_begun_and_left_stops_no_other(
    bench: LiveBench, plan: CutPlan, thief: Principal, by: Principal
) -> None:
    bench.context(plan)
    with idle(bench, thief, "SELECT cutter.fn_halt('mallory', 'left')"):
        halted_quickly(bench, by)


@pytest.mark.parametrize("thief", LOGINS)
def test_no_advisory_lock_stops_it(bench: LiveBench, plan: CutPlan, thief: Principal) -> None:
    bench.context(plan)
    lock = "SELECT pg_advisory_lock(hashtextextended('iu-cutter halt', 0))"
    with idle(bench, thief, lock):
        halted_quickly(bench, Principal.VERIFY)


@pytest.mark.parametrize("thief", LOGINS)
def test_a_permit_that_is_held_does_not_stop_it(
    bench: LiveBench, plan: CutPlan, thief: Principal
) -> None:
    """The session that holds the row is ended, and what it wrote is rolled back."""
    ctx = bench.context(plan)
    with idle(bench, thief, FENCE, ctx.change_set_id, ctx.plan_digest):
        halted_quickly(bench, Principal.VERIFY)
        with bench.database.connect() as admin:
            revoked = "SELECT revoke_reason FROM cut_permit"
            assert scalar(admin, revoked) == "halted: smoke"
    with pytest.raises(ProductionExecutionNotAuthorized, match="everything is halted"):
        bench.adapter.pre_write_backup(ctx)


def test_nobody_ends_sessions_while_nothing_is_halted(
    bench: LiveBench, plan: CutPlan, steal: Callable[[Principal], psycopg.Connection[object]]
) -> None:
    ctx = bench.context(plan)
    flight = bench.database.connect(Principal.EXEC)
    flight.execute(FENCE, (ctx.change_set_id, ctx.plan_digest))
    assert scalar(steal(Principal.VERIFY), "SELECT cutter.fn_halt_clear()") == 0
    flight.commit()
    flight.close()


@pytest.mark.parametrize("thief", LOGINS)
def test_whoever_takes_all_of_a_logins_connections_leaves_the_others(
    bench: LiveBench, cut: CutContext, thief: Principal
) -> None:
    with ExitStack() as stack:
        with suppress(psycopg.OperationalError):
            for _ in range(200):
                stack.enter_context(bench.database.connect(thief))
        with pytest.raises(DatabaseUnavailable):
            bench.connections.connect(thief)
        (other,) = set(Principal) - {thief}
        halted_quickly(bench, other)
