"""How often a cut asks the server and waits: over a slow network nothing else counts."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.postgres.connection.identity import backend_of, begin_session
from adapters.postgres.connection.lending import KEPT_SECONDS, LendingConnections
from adapters.postgres.connection.session import PostgresConnections, open_connection
from adapters.postgres.phases.transactions import LiveTransactions
from domain.errors import PhaseStop
from domain.phases import Principal
from tasks.gates import refuse_drift, refuse_rollback, refuse_under_halt
from tests.support.live import live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Database
from tests.support.slow_wire import slow_wire

TO_CONNECT = 5
"""The first word, two turns of scram, one for identity and settings, and the last word."""
OF_A_CUT = 71
TO_LOOK = 20
TRIES = 3


def turns_of_a_cut(database: Database, folder: Path, units: int, code: str) -> int:
    """The turns of a cut whose phases all succeed at once: on a busy machine the server may ask
    for a second attempt, which is one cut more to look at, not a cut that takes more turns.
    """
    stops: list[PhaseStop] = []
    while len(stops) < TRIES:
        try:
            return _turns_at_once(database, folder, units, f"{len(stops)}.{code}")
        except PhaseStop as stop:
            stops.append(stop)
    raise ExceptionGroup("no cut went through at once", stops)


def _turns_at_once(database: Database, folder: Path, units: int, code: str) -> int:
    with slow_wire(database.endpoint, 0) as (far, wire):
        bench = live_bench(database, folder)
        bench.connections = PostgresConnections(far, database.credentials, target=bench.target)
        bench.adapter = bench.new_adapter(LiveTransactions(bench.connections, attempts=1))
        plan = made_plan(units, code=code)
        ctx = bench.context(plan)
        before = wire.turns
        run_phases(bench.adapter, ctx, plan)
        return wire.turns - before


def test_turns_do_not_grow_with_the_units_and_are_few(database: Database, tmp_path: Path) -> None:
    few = turns_of_a_cut(database, tmp_path, 5, "few.law")
    many = turns_of_a_cut(database, tmp_path, 400, "many.law")
    assert many == few
    assert many <= OF_A_CUT


@pytest.mark.parametrize("principal", list(Principal))
def test_a_session_begins_in_few_turns(
    database: Database, tmp_path: Path, principal: Principal
) -> None:
    target = live_bench(database, tmp_path).target
    with slow_wire(database.endpoint, 0) as (far, wire):
        PostgresConnections(far, database.credentials, target=target).connect(principal).close()
    assert wire.turns <= TO_CONNECT


def test_the_look_before_a_run_takes_few_turns(database: Database, tmp_path: Path) -> None:
    target = live_bench(database, tmp_path).target
    with slow_wire(database.endpoint, 0) as (far, wire):
        refuse_drift(PostgresConnections(far, database.credentials, target=target))
    assert wire.turns <= TO_LOOK


def test_the_gates_share_a_session(database: Database, tmp_path: Path) -> None:
    target = live_bench(database, tmp_path).target
    with slow_wire(database.endpoint, 0) as (far, wire):
        lent = LendingConnections(PostgresConnections(far, database.credentials, target=target))
        refuse_under_halt(lent)
        refuse_rollback(lent, tmp_path / "heads")
        refuse_drift(lent)
        lent.close()
    assert wire.connections == 2, "theirs, and the one that tells a pooler"


def test_a_session_that_was_left_inside_a_transaction_is_not_lent_again(
    database: Database, tmp_path: Path
) -> None:
    lent = LendingConnections(live_bench(database, tmp_path).connections)
    with lent.session(Principal.VERIFY) as first:
        pass
    with lent.session(Principal.VERIFY) as again:
        assert again is first
        with lent.session(Principal.VERIFY) as other:
            assert other is not first, "it is lent to one at a time"
        first.autocommit = False
        first.execute("SELECT 1")
    assert first.closed
    with lent.session(Principal.VERIFY) as second:
        assert second is other
        second.close()
    with lent.session(Principal.VERIFY) as third:
        assert third is not second, "nor one that is closed"
    lent.close()
    assert third.closed


def test_a_session_that_lay_idle_for_long_or_met_an_error_is_not_lent_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent = LendingConnections(live_bench(database, tmp_path).connections)
    with lent.session(Principal.VERIFY) as first:
        pass
    now = time.monotonic()
    monkeypatch.setattr("time.monotonic", lambda: now + KEPT_SECONDS + 1)
    with lent.session(Principal.VERIFY) as second:
        assert second is not first
    assert first.closed
    with pytest.raises(PhaseStop), lent.session(Principal.VERIFY):
        raise PhaseStop("a refusal")
    assert second.closed
    lent.close()


def test_a_run_begins_one_session_of_each_principal(database: Database, tmp_path: Path) -> None:
    with slow_wire(database.endpoint, 0) as (far, wire):
        bench = live_bench(database, tmp_path)
        lent = LendingConnections(
            PostgresConnections(far, database.credentials, target=bench.target)
        )
        bench.adapter = bench.new_adapter(LiveTransactions(lent))
        run_phases(bench.adapter, bench.context(plan := made_plan(3)), plan)
        lent.close()
    assert wire.connections == len(Principal)


def test_of_another_database_nothing_is_set_and_the_backend_is_known(
    database: Database, tmp_path: Path
) -> None:
    bench = live_bench(database, tmp_path)
    limits = {"lock_timeout": "7s", "statement_timeout": "9s"}
    other = replace(bench.target, database_oid=bench.target.database_oid + 1)
    for target, bounded in ((other, False), (bench.target, True), (None, True)):
        with (
            closing(
                open_connection(database.endpoint, database.credentials(Principal.EXEC), "test")
            ) as conn,
        ):
            begin_session(conn, target, limits)
            shown = conn.execute("SELECT current_setting('lock_timeout')").fetchone()
            assert (shown == ("7s",)) == bounded
            assert backend_of(conn).pid == conn.info.backend_pid


def test_the_wire_is_as_slow_as_it_says(database: Database, tmp_path: Path) -> None:
    target = live_bench(database, tmp_path).target
    with slow_wire(database.endpoint, 0.05) as (far, wire):
        started = time.monotonic()
        PostgresConnections(far, database.credentials, target=target).connect(
            Principal.EXEC
        ).close()
        took = time.monotonic() - started
    assert took >= 0.1 * (wire.turns + 1)
