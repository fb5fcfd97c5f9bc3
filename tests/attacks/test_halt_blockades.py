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
from domain.ledger.privileges import READER, REHEARSE
from domain.phases import Principal
from domain.plan.cut_plan import CutPlan
from tests.support.live import LiveBench, scalar
from tests.support.revising import bodies, cut_first, revision_context, revision_plan, what_stands
from tests.support.revisions import CODE, FIRST, harbour_plan, new_texts

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


@pytest.mark.parametrize("login", [REHEARSE, READER])
def test_neither_does_a_rehearsal_or_a_reader(
    bench: LiveBench, cut: CutContext, login: str
) -> None:
    """All their connections, each idle in a transaction in which it reads and listens."""
    cluster = bench.database.cluster
    who = {REHEARSE: cluster.rehearsal, READER: cluster.reader}[login]
    with ExitStack() as stack:
        with suppress(psycopg.OperationalError):
            for _ in range(200):
                thief = stack.enter_context(cluster.server.connect(bench.database.name, who))
                thief.execute("BEGIN")
                if login == REHEARSE:
                    thief.execute("SET LOCAL ROLE cutter_exec")
                    thief.execute("SELECT count(*) FROM cutter.cut_permit")
                thief.execute("LISTEN cutter_unit_change")
                thief.execute("LOCK TABLE cutter.v_unit_change IN ACCESS SHARE MODE")
        for by in LOGINS:
            halted_quickly(bench, by)


REVISING = {
    "a version": "SELECT fn_iu_revise(canonical_address, version_id, 't', 'b', 'm', 'article',"
    " 'body', NULL, NULL) FROM cutter.iu_unit WHERE lifecycle = 'enacted' LIMIT 1",
    "a repeal": "SELECT fn_iu_repeal(canonical_address, version_id, 'm', NULL) FROM cutter.iu_unit"
    " WHERE lifecycle = 'enacted' LIMIT 1",
    "a unit more": "SELECT fn_iu_add(document_code || '~art_99', 't', 'b', 'm', 'article', 'body',"
    " 'law', 'o', NULL, NULL) FROM cutter.iu_unit LIMIT 1",
    "a batch": "SELECT fn_iu_create_batch(ARRAY[min(document_code) || '~art_98'], ARRAY['t'],"
    " ARRAY['b'], 'm', ARRAY['article'], ARRAY['body'], ARRAY['law'], ARRAY['o'],"
    " ARRAY[NULL]::text[]) FROM cutter.iu_unit",
}


@pytest.mark.parametrize("writes", REVISING.values(), ids=REVISING)
def test_what_a_revision_has_written_and_not_committed_does_not_stop_it(
    bench: LiveBench, writes: str
) -> None:
    """With a genuine permit in hand, a thief writes what a revision may, and stays."""
    cut_first(bench, harbour_plan(FIRST))
    revision_context(bench, revision_plan(bench, harbour_plan(new_texts())))
    thief = bench.database.connect(Principal.EXEC)
    (answer,) = thief.execute(writes.encode()).fetchall()
    assert any(word in str(answer) for word in ("revised", "repealed", "created")), answer
    for by in LOGINS:
        halted_quickly(bench, by)
    with suppress(psycopg.Error):  # if it is committed, it is a draft that nobody enacts
        thief.commit()
    thief.close()
    assert bodies(what_stands(bench, CODE)) == [
        (row.canonical_address, row.body) for row in harbour_plan(FIRST).rows
    ]
