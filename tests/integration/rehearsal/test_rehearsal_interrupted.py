"""A rehearsal that fails at any statement or is killed leaves no trace."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import psycopg
import pytest

from adapters.keys.signing import Ed25519Signer, new_private_key
from adapters.postgres.rehearsal.transactions import RehearsalTransactions
from adapters.postgres.schema.install import register_key
from domain.errors import (
    CutterError,
    PhaseStop,
)
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tests.support.live import LiveBench, run_phases
from tests.support.plans import made_plan
from tests.support.rehearsals import (
    admin_do,
    connector,
    rehearsal_context,
    rehearsed,
    rehearsing_adapter,
    settle,
    traces,
    until_asleep,
)

# --- a failure at every statement
# -------------------------------------------------------------------------------------


class FailAt:
    """Makes cursors whose n-th statement, counted over all of them, fails in the server."""

    def __init__(self, n: int) -> None:
        self.numbers = itertools.count(1)
        self.seen = 0
        outer = self

        class FailingCursor(psycopg.Cursor[Any]):
            def execute(self, query: Any, params: Any = None, **kwargs: Any) -> FailingCursor:
                outer.seen = next(outer.numbers)
                if outer.seen == n:
                    return super().execute(b"SELECT 1 / 0")
                return super().execute(query, params, **kwargs)

            def stream(self, query: Any, params: Any = None, **kwargs: Any) -> Iterator[Any]:
                outer.seen = next(outer.numbers)
                if outer.seen == n:
                    return super().stream(b"SELECT 1 / 0")
                return super().stream(query, params, **kwargs)

        self.cursors = FailingCursor


def statements_of_a_rehearsal(bench: LiveBench, plan: CutPlan) -> int:
    never = FailAt(0)
    _run_failing(bench, plan, never)
    return never.seen


def _run_failing(bench: LiveBench, plan: CutPlan, failing: FailAt) -> None:
    """A rehearsal whose watch sleeps, so that every statement is the rehearsal's own."""
    ctx = rehearsal_context(bench, plan)
    connections = connector(bench, cursor_factory=failing.cursors)
    with RehearsalTransactions(connections, watch_every=60) as transactions:
        run_phases(rehearsing_adapter(bench, transactions), ctx, plan)
        transactions.roll_back()


def _fails_at(bench: LiveBench, numbers: range) -> None:
    plan = made_plan(2)
    before = traces(bench)
    for n in numbers:
        with pytest.raises(CutterError):
            _run_failing(bench, plan, FailAt(n))
        assert traces(bench) == before, f"statement {n}"
    _run_failing(bench, plan, FailAt(0))  # and nothing that is left forbids another


@pytest.mark.slow
def test_a_failure_at_any_statement_leaves_nothing(bench: LiveBench) -> None:
    total = statements_of_a_rehearsal(bench, made_plan(2))
    assert total > 80
    _fails_at(bench, range(1, total, 6))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_a_failure_at_every_statement_leaves_nothing(bench: LiveBench, part: int) -> None:
    total = statements_of_a_rehearsal(bench, made_plan(2))
    _fails_at(bench, range(1 + part, total, 4))


def test_giving_the_lock_back_may_fail_as_the_session_ends_anyhow(bench: LiveBench) -> None:
    plan = made_plan(2)
    before = traces(bench)
    _run_failing(bench, plan, FailAt(statements_of_a_rehearsal(bench, plan)))
    settle(bench, before)


def test_a_trigger_that_fails_stops_the_rehearsal_in_its_phase(bench: LiveBench) -> None:
    before = traces(bench)
    for phase in list(Phase)[1:]:
        admin_do(
            bench,
            "CREATE OR REPLACE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF NEW.phase = '{phase}' THEN RAISE EXCEPTION 'x' USING ERRCODE = "
            f"'23514'; END IF; RETURN NEW; END $$",
            "CREATE OR REPLACE TRIGGER planted BEFORE INSERT ON cutter.cut_phase_journal"
            " FOR EACH ROW EXECUTE FUNCTION public.planted()",
        )
        with pytest.raises(PhaseStop) as stop:
            rehearsed(bench, made_plan(2))
        assert (stop.value.phase, stop.value.sqlstate) == (phase, "23514")
        assert traces(bench) == before, phase


# --- kill -9
# -------------------------------------------------------------------------------------------------


@contextmanager
def _rehearsing_process(bench: LiveBench, until: Phase) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that rehearses 50 units; killed afterwards, whatever happens."""
    keys = {principal: new_private_key() for principal in Principal}
    with bench.database.connect() as admin:
        for principal, pem in keys.items():
            register_key(admin, principal, Ed25519Signer(pem).public_key)
    login = bench.database.rehearsal_login()
    told = {
        "target": asdict(bench.target),
        "endpoint": asdict(bench.database.endpoint),
        "user": login.user,
        "password": login.password.get_secret_value(),
        "units": 50,
        "until": until.value,
        "keys": {principal: pem.decode() for principal, pem in keys.items()},
    }
    command = [sys.executable, "-m", "tests.support.rehearse_and_stop"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(told))
        process.stdin.close()
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize(
    "until", [Phase.CUT_LEG_A, pytest.param(Phase.LIFECYCLE_ENACT, marks=pytest.mark.slow)]
)
def test_kill_9_between_phases_leaves_nothing(bench: LiveBench, until: Phase) -> None:
    before = traces(bench)
    with _rehearsing_process(bench, until) as process:
        assert [_said(process), _said(process)] == ["READY", "DONE"]
        assert traces(bench) != before, "the process holds the document's lock"
        process.kill()
        settle(bench, before)
    plan = made_plan(50)
    assert run_phases(bench.adapter, bench.context(plan), plan)[
        Phase.LIFECYCLE_ENACT
    ].enacted == len(plan.rows)


def test_kill_9_in_mid_statement_leaves_nothing(bench: LiveBench) -> None:
    admin_do(
        bench,
        "CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.phase = 'cut_leg_a' THEN PERFORM pg_sleep(30); END IF; RETURN NEW; "
        "END $$",
        (
            "CREATE TRIGGER planted BEFORE INSERT ON cutter.cut_phase_journal FOR EACH ROW EXECUTE "
            "FUNCTION public.planted()"
        ),
    )
    before = traces(bench)
    with _rehearsing_process(bench, Phase.CUT_LEG_A) as process:
        assert _said(process) == "READY"
        until_asleep(bench)
        process.kill()
        settle(bench, before, seconds=20)  # the statement would sleep for 30
