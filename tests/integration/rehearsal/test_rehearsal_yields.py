"""A rehearsal is in nobody's way: it waits for nobody, and makes way for whoever waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import pytest

from adapters.postgres.connection.statements import statement
from domain.errors import (
    PhaseStop,
    RehearsalYielded,
)
from domain.phases import Phase, Principal
from domain.switch import SwitchState
from tests.support.live import LiveBench, run_phases
from tests.support.permits import released
from tests.support.plans import made_plan
from tests.support.rehearsals import (
    admin_do,
    rehearsal_context,
    rehearsed,
    rehearsing,
    traces,
    until_asleep,
)

BUSY: Final = 10.0
"""Seconds that a busy machine may make of a moment. Who waits here gives up sooner and says so: a
live run after the 2 s of its lock timeout, a rehearsal after 1 s, `_waits` after 5 s.
"""

# --- in nobody's way
# -------------------------------------------------------------------------------------------------


def test_a_live_run_that_waits_gets_the_document_within_a_second(bench: LiveBench) -> None:
    plan = made_plan(3)
    rehearsal = rehearsal_context(bench, plan)
    with rehearsing(bench) as (adapter, _):
        run_phases(adapter, rehearsal, plan, until=Phase.CUT_LEG_A)
        bench.switch.state = SwitchState.LIVE
        started = time.monotonic()
        run_phases(bench.adapter, bench.context(plan), plan)
        assert time.monotonic() - started < BUSY
        bench.switch.state = SwitchState.REHEARSE
        with pytest.raises(RehearsalYielded, match="made way and was rolled back"):
            adapter.leg_b_record(rehearsal, plan)


def _waits(bench: LiveBench, what: str) -> Callable[[], None]:
    def run() -> None:
        with bench.database.connect(Principal.EXEC) as conn:
            conn.execute("SET lock_timeout = '5s'")
            conn.execute(what.encode())

    return run


@pytest.mark.parametrize(
    "what",
    [
        (
            "SELECT public.fn_iu_create('test.law~art_1', 't', 'b', 'a', 'article', 'body', 'law', "
            "'o')"
        ),
        "SELECT pg_advisory_xact_lock(hashtextextended('iu-cutter writers:test.law', 0))",
    ],
)
def test_whoever_waits_for_a_rehearsal_in_mid_statement_waits_no_longer_than_a_moment(
    bench: LiveBench, what: str
) -> None:
    admin_do(
        bench,
        "CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.phase = 'leg_b_record' THEN PERFORM pg_sleep(20); END IF; RETURN "
        "NEW; END $$",
        (
            "CREATE TRIGGER planted BEFORE INSERT ON cutter.cut_phase_journal FOR EACH ROW EXECUTE "
            "FUNCTION public.planted()"
        ),
    )
    plan = made_plan(3)
    released(bench.database)
    stopped: list[PhaseStop] = []

    def rehearse() -> None:
        try:
            rehearsed(bench, plan)
        except PhaseStop as stop:
            stopped.append(stop)

    before = traces(bench)
    thread = threading.Thread(target=rehearse)
    thread.start()
    until_asleep(bench)
    started = time.monotonic()
    _waits(bench, what)()
    assert time.monotonic() - started < BUSY, "the rehearsal sleeps for longer"
    thread.join()
    assert isinstance(stopped[0], RehearsalYielded)
    admin_do(bench, "SELECT 1")
    if "pg_advisory" in what:
        assert traces(bench) == before


def test_a_rehearsal_does_not_wait_for_a_document_that_is_held(bench: LiveBench) -> None:
    plan = made_plan(2)
    with bench.database.connect(Principal.EXEC, autocommit=True) as holder:
        holder.execute(statement("writers_lock"), {"document_code": plan.document_code})
        started = time.monotonic()
        with pytest.raises(RehearsalYielded, match=r"Another run holds test\.law"):
            rehearsed(bench, plan)
        assert time.monotonic() - started < BUSY
        assert rehearsed(bench, made_plan(2, code="other.law"))[1].commit_refused


def test_a_rehearsal_that_is_blocked_gives_up_after_its_lock_timeout(bench: LiveBench) -> None:
    with bench.database.connect() as holder:
        holder.execute("LOCK TABLE public.information_unit IN SHARE MODE")
        started = time.monotonic()
        with pytest.raises(PhaseStop) as stop:
            rehearsed(bench, made_plan(2))
        assert stop.value.sqlstate == "55P03"
        assert time.monotonic() - started < BUSY


def test_another_session_hears_of_a_live_run_and_not_of_a_rehearsal(bench: LiveBench) -> None:
    admin_do(
        bench,
        "CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_notify('cut', NEW.phase); RETURN NEW; END $$",
        (
            "CREATE TRIGGER planted BEFORE INSERT ON cutter.cut_phase_journal FOR EACH ROW EXECUTE "
            "FUNCTION public.planted()"
        ),
    )
    plan = made_plan(2)
    with bench.database.connect(autocommit=True) as listener:
        listener.execute("LISTEN cut")
        rehearsed(bench, plan)
        assert list(listener.notifies(timeout=0.3)) == []
        bench.switch.state = SwitchState.LIVE
        run_phases(bench.adapter, bench.context(plan), plan)
        heard = listener.notifies(timeout=30, stop_after=len(Phase))
        assert [note.payload for note in heard] == list(Phase)
        assert list(listener.notifies(timeout=0.3)) == []
