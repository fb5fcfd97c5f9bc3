"""A rehearsal runs the whole cut on the real database and leaves no trace, whatever happens to it."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.postgres.rehearsal import RehearsalBackup, RehearsalTransactions
from adapters.postgres.rehearsal_session import Connection, RehearsalConnections
from adapters.postgres.schema import register_key
from adapters.postgres.statements import statement
from adapters.postgres.transactions import LiveTransactions
from adapters.signing import Ed25519Signer, new_private_key
from domain.cut_plan import CutPlan
from domain.errors import (
    CutterError,
    DatabaseUnsuitable,
    PhaseStop,
    PrincipalCapabilityError,
    ProductionExecutionNotAuthorized,
    RehearsalYielded,
    StopInvariantFailed,
)
from domain.phases import CutContext, Mode, Phase, Principal
from domain.privileges import LEDGER_TABLES
from domain.rehearsal import RehearsalEnd
from domain.results import BackupResult
from domain.switch import SwitchState
from tests.support.live import LiveBench, live_bench, row_hashes, run_phases, scalar
from tests.support.plans import made_plan
from tests.support.postgres import Database
from tests.support.rehearsals import (
    CountingConnector,
    connector,
    rehearsal_context,
    rehearsed,
    rehearsing,
    rehearsing_adapter,
)


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> LiveBench:
    return live_bench(database, tmp_path)


def admin_do(bench: LiveBench, *statements: str) -> None:
    with bench.database.connect() as admin:
        for text in statements:
            admin.execute(text.encode())


def traces(bench: LiveBench) -> dict[str, object]:
    """Everything that another session could find of a rehearsal."""
    with bench.database.connect() as admin:
        return {
            "rows": row_hashes(bench.database),
            "marks": scalar(admin, "SELECT count(*) FROM public.rehearsal_mark"),
            "sequences": scalar(admin, "SELECT coalesce(sum(last_value), 0) FROM pg_sequences"),
            "advisory locks": scalar(
                admin,
                "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE l.locktype = 'advisory' AND d.datname = current_database()",
            ),
            "prepared": scalar(admin, "SELECT count(*) FROM pg_prepared_xacts"),
            "tables": scalar(admin, "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'v', 'S')"),
        }


def settle(bench: LiveBench, before: dict[str, object], seconds: float = 8.0) -> None:
    """Wait until nothing is left, as after a kill the server needs a moment to notice."""
    until = time.monotonic() + seconds
    while (now := traces(bench)) != before and time.monotonic() < until:
        time.sleep(0.1)
    assert now == before


def test_a_whole_rehearsal_answers_like_a_live_run_and_leaves_nothing(bench: LiveBench) -> None:
    plan = made_plan(12)
    before = traces(bench)
    answers, end = rehearsed(bench, plan)
    assert traces(bench) == before
    assert [unit.status for unit in answers[Phase.CUT_LEG_A]] == ["created"] * 14
    assert answers[Phase.WRITE_VERIFY].source_sha256 == plan.text_sha256
    assert answers[Phase.PRE_WRITE_BACKUP].made is False
    assert end.commit_refused
    assert end.cost.dead_tuples > 3 * 14
    assert end.cost.wal_bytes > 0
    assert end.cost.transaction_ids > 0
    bench.switch.state = SwitchState.LIVE
    live = run_phases(bench.adapter, bench.context(plan), plan)
    assert live[Phase.LIFECYCLE_ENACT] == answers[Phase.LIFECYCLE_ENACT]


def test_the_same_plan_can_be_rehearsed_again_and_again(bench: LiveBench) -> None:
    plan = made_plan(3)
    digests = {rehearsed(bench, plan)[0][Phase.LIFECYCLE_ENACT].effect_digest for _ in range(3)}
    assert len(digests) == 1


def test_leaving_early_or_by_an_error_of_our_own_leaves_nothing(bench: LiveBench) -> None:
    plan = made_plan(3)
    before = traces(bench)
    ctx = rehearsal_context(bench, plan)
    with rehearsing(bench) as (adapter, _):
        run_phases(adapter, ctx, plan, until=Phase.CUT_LEG_A)
    assert traces(bench) == before
    with pytest.raises(KeyboardInterrupt):
        _interrupted(bench, ctx, plan)
    assert traces(bench) == before


def _interrupted(bench: LiveBench, ctx: CutContext, plan: CutPlan) -> None:
    with rehearsing(bench) as (adapter, _):
        run_phases(adapter, ctx, plan, until=Phase.CUT_LEG_A)
        raise KeyboardInterrupt


def test_what_a_live_run_has_done_is_read_and_the_rest_rehearsed(bench: LiveBench) -> None:
    plan = made_plan(3)
    run_phases(bench.adapter, bench.context(plan), plan, until=Phase.CUT_LEG_A)
    before = traces(bench)
    ctx = rehearsal_context(bench, plan)
    with rehearsing(bench) as (adapter, transactions):
        run_phases(adapter, ctx, plan)
        assert adapter.replayed == {Phase.PRE_WRITE_BACKUP, Phase.MARK, Phase.REVIEW, Phase.CUT_LEG_A}
        assert transactions.roll_back().commit_refused
    assert traces(bench) == before


# --- a failure at every statement -------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("phase", list(Phase)[1:])
def test_a_trigger_that_fails_stops_the_rehearsal_in_its_phase(bench: LiveBench, phase: Phase) -> None:
    admin_do(
        bench,
        "CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN IF NEW.phase = '{phase}' THEN RAISE EXCEPTION 'x' USING ERRCODE = '23514'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER planted BEFORE INSERT ON public.cut_phase_journal FOR EACH ROW EXECUTE FUNCTION public.planted()",
    )
    before = traces(bench)
    with pytest.raises(PhaseStop) as stop:
        rehearsed(bench, made_plan(2))
    assert (stop.value.phase, stop.value.sqlstate) == (phase, "23514")
    assert traces(bench) == before


# --- the server itself refuses COMMIT ---------------------------------------------------------------------------------


class CommittingConnector:
    """A planted bug: the connection's transactions forget that they were to be rolled back."""

    def __init__(self, bench: LiveBench) -> None:
        self.real = connector(bench)

    def connect(self) -> Connection:
        conn = self.real.connect()
        original = conn.transaction
        conn.transaction = lambda *_, **__: original()  # type: ignore[method-assign]
        return conn


@pytest.mark.parametrize("until", list(Phase))
def test_a_bug_that_commits_is_refused_by_the_server(bench: LiveBench, until: Phase) -> None:
    plan = made_plan(2)
    before = traces(bench)
    ctx = rehearsal_context(bench, plan)
    with rehearsing(bench, CommittingConnector(bench)) as (adapter, transactions):
        run_phases(adapter, ctx, plan, until=until)
        with pytest.raises(PhaseStop, match="a rehearsal never commits") as stop:
            transactions.roll_back()
        assert stop.value.sqlstate == "IU005"
    assert traces(bench) == before


def test_every_table_that_a_cut_writes_marks_a_rehearsal(bench: LiveBench) -> None:
    with bench.database.connect() as admin:
        marked = admin.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname = 'rehearsal_mark' AND t.tgenabled = 'O'"
        ).fetchall()
    assert {name for (name,) in marked} == set(LEDGER_TABLES)


@pytest.mark.parametrize("write", ["information_unit", "unit_version"])
def test_a_rehearsal_that_writes_units_alone_can_not_commit(bench: LiveBench, write: str) -> None:
    run_phases(bench.adapter, bench.context(made_plan(2)), made_plan(2))
    column = "owner_ref" if write == "information_unit" else "actor"
    with bench.database.connect() as admin:
        admin.execute("GRANT UPDATE, SELECT ON ALL TABLES IN SCHEMA public TO cutter_rehearse")
        admin.execute("GRANT INSERT ON public.rehearsal_mark TO cutter_rehearse")
        admin.execute("SET SESSION AUTHORIZATION cutter_rehearse")
        admin.execute("SELECT set_config('app.canonical_writer', 'fn_iu_create', true)")
        admin.execute(f"UPDATE public.{write} SET {column} = 'x'".encode())  # noqa: S608  # one of the two names above
        with pytest.raises(psycopg.Error, match="a rehearsal never commits") as refused:
            admin.commit()
    assert refused.value.sqlstate == "IU005"


def test_where_the_server_would_let_it_commit_nothing_is_rehearsed(bench: LiveBench) -> None:
    admin_do(bench, "DROP TRIGGER rehearsal_never_commits ON public.rehearsal_mark")
    before = traces(bench)
    with pytest.raises(DatabaseUnsuitable, match="would have let cutter_rehearse commit"):
        rehearsed(bench, made_plan(2))
    assert traces(bench) == before


def test_a_deferred_constraint_that_only_commit_would_raise_is_caught(bench: LiveBench) -> None:
    admin_do(
        bench,
        "CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '23514'; END $$",
        "CREATE CONSTRAINT TRIGGER planted AFTER INSERT ON public.unit_version"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.planted()",
    )
    plan = made_plan(2)
    with pytest.raises(PhaseStop) as rehearsal:
        rehearsed(bench, plan)
    bench.switch.state = SwitchState.LIVE
    with pytest.raises(PhaseStop) as live:
        run_phases(bench.adapter, bench.context(plan), plan)
    assert (rehearsal.value.phase, rehearsal.value.sqlstate) == (Phase.CUT_LEG_A, "23514")
    assert (live.value.phase, live.value.sqlstate) == (Phase.CUT_LEG_A, "23514")


# --- in nobody's way --------------------------------------------------------------------------------------------------


def test_a_live_run_that_waits_gets_the_document_within_a_second(bench: LiveBench) -> None:
    plan = made_plan(3)
    rehearsal = rehearsal_context(bench, plan)
    with rehearsing(bench) as (adapter, _):
        run_phases(adapter, rehearsal, plan, until=Phase.CUT_LEG_A)
        bench.switch.state = SwitchState.LIVE
        started = time.monotonic()
        run_phases(bench.adapter, bench.context(plan), plan)
        assert time.monotonic() - started < 2.0
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
        "SELECT public.fn_iu_create('test.law~art_1', 't', 'b', 'a', 'article', 'body', 'law', 'o')",
        "SELECT pg_advisory_xact_lock(hashtextextended('iu-cutter writers:test.law', 0))",
    ],
)
def test_whoever_waits_for_a_rehearsal_in_mid_statement_waits_no_longer_than_a_moment(bench: LiveBench, what: str) -> None:
    admin_do(
        bench,
        "CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.phase = 'leg_b_record' THEN PERFORM pg_sleep(20); END IF; RETURN NEW; END $$",
        "CREATE TRIGGER planted BEFORE INSERT ON public.cut_phase_journal FOR EACH ROW EXECUTE FUNCTION public.planted()",
    )
    plan = made_plan(3)
    stopped: list[PhaseStop] = []

    def rehearse() -> None:
        try:
            rehearsed(bench, plan)
        except PhaseStop as stop:
            stopped.append(stop)

    before = traces(bench)
    thread = threading.Thread(target=rehearse)
    thread.start()
    _until_asleep(bench)
    started = time.monotonic()
    _waits(bench, what)()
    assert time.monotonic() - started < 2.0
    thread.join()
    assert isinstance(stopped[0], RehearsalYielded)
    admin_do(bench, "SELECT 1")
    if "pg_advisory" in what:
        assert traces(bench) == before


def _until_asleep(bench: LiveBench) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
    with bench.database.connect(autocommit=True) as admin:
        for _ in range(200):
            if scalar(admin, query):
                return
            time.sleep(0.05)
    raise AssertionError("nobody fell asleep")


def test_a_rehearsal_does_not_wait_for_a_document_that_is_held(bench: LiveBench) -> None:
    plan = made_plan(2)
    with bench.database.connect(Principal.EXEC, autocommit=True) as holder:
        holder.execute(statement("writers_lock"), {"document_code": plan.document_code})
        started = time.monotonic()
        with pytest.raises(RehearsalYielded, match=r"Another run holds test\.law"):
            rehearsed(bench, plan)
        assert time.monotonic() - started < 1.0
        assert rehearsed(bench, made_plan(2, code="other.law"))[1].commit_refused


def test_a_rehearsal_that_is_blocked_gives_up_after_its_lock_timeout(bench: LiveBench) -> None:
    with bench.database.connect() as holder:
        holder.execute("LOCK TABLE public.information_unit IN SHARE MODE")
        started = time.monotonic()
        with pytest.raises(PhaseStop) as stop:
            rehearsed(bench, made_plan(2))
        assert stop.value.sqlstate == "55P03"
        assert time.monotonic() - started < 3.0


def test_another_session_hears_of_a_live_run_and_not_of_a_rehearsal(bench: LiveBench) -> None:
    admin_do(
        bench,
        "CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_notify('cut', NEW.phase); RETURN NEW; END $$",
        "CREATE TRIGGER planted BEFORE INSERT ON public.cut_phase_journal FOR EACH ROW EXECUTE FUNCTION public.planted()",
    )
    plan = made_plan(2)
    with bench.database.connect(autocommit=True) as listener:
        listener.execute("LISTEN cut")
        rehearsed(bench, plan)
        assert list(listener.notifies(timeout=0.3)) == []
        bench.switch.state = SwitchState.LIVE
        run_phases(bench.adapter, bench.context(plan), plan)
        assert [note.payload for note in listener.notifies(timeout=0.3)] == list(Phase)


# --- kill -9 ------------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("until", [Phase.CUT_LEG_A, pytest.param(Phase.LIFECYCLE_ENACT, marks=pytest.mark.slow)])
def test_kill_9_between_phases_leaves_nothing(bench: LiveBench, until: Phase) -> None:
    before = traces(bench)
    with _rehearsing_process(bench, until) as process:
        assert [_said(process), _said(process)] == ["READY", "DONE"]
        assert traces(bench) != before, "the process holds the document's lock"
        process.kill()
        settle(bench, before)
    plan = made_plan(50)
    assert run_phases(bench.adapter, bench.context(plan), plan)[Phase.LIFECYCLE_ENACT].enacted == len(plan.rows)


def test_kill_9_in_mid_statement_leaves_nothing(bench: LiveBench) -> None:
    admin_do(
        bench,
        "CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.phase = 'cut_leg_a' THEN PERFORM pg_sleep(30); END IF; RETURN NEW; END $$",
        "CREATE TRIGGER planted BEFORE INSERT ON public.cut_phase_journal FOR EACH ROW EXECUTE FUNCTION public.planted()",
    )
    before = traces(bench)
    with _rehearsing_process(bench, Phase.CUT_LEG_A) as process:
        assert _said(process) == "READY"
        _until_asleep(bench)
        process.kill()
        settle(bench, before, seconds=5)


# --- locks and identities ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["off", "live", "another change set"])
def test_unless_the_switch_stands_at_rehearse_nothing_connects(bench: LiveBench, how: str) -> None:
    plan = made_plan(2)
    ctx = rehearsal_context(bench, plan)
    if how == "another change set":
        rehearsal_context(bench, made_plan(3))
    else:
        bench.switch.state = SwitchState.OFF if how == "off" else SwitchState.LIVE
    counting = CountingConnector(connector(bench))
    with rehearsing(bench, counting) as (adapter, transactions):
        for phase in Phase:
            method = getattr(adapter, phase.value)
            with pytest.raises(ProductionExecutionNotAuthorized):
                method(ctx) if phase is Phase.PRE_WRITE_BACKUP else method(ctx, plan)
        with pytest.raises(PhaseStop, match="Nothing was rehearsed"):
            transactions.roll_back()
    assert counting.calls == 0
    rehearsed(bench, plan)  # the same, armed, does connect


def test_the_switch_is_asked_again_before_each_phase(bench: LiveBench) -> None:
    plan = made_plan(2)
    ctx = rehearsal_context(bench, plan)
    before = traces(bench)
    with rehearsing(bench) as (adapter, _):
        run_phases(adapter, ctx, plan, until=Phase.REVIEW)
        bench.switch.state = SwitchState.OFF
        with pytest.raises(ProductionExecutionNotAuthorized):
            adapter.cut_leg_a(ctx, plan)
    assert traces(bench) == before


def test_what_is_for_a_rehearsal_does_not_run_live_nor_the_other_way_round(bench: LiveBench) -> None:
    plan = made_plan(2)
    live = bench.context(plan)
    with rehearsing(bench) as (adapter, _), pytest.raises(ProductionExecutionNotAuthorized, match="may not run LIVE"):
        adapter.pre_write_backup(live)
    with pytest.raises(ProductionExecutionNotAuthorized, match="may not run LIVE"):
        RehearsalBackup().run(live)
    rehearsal = rehearsal_context(bench, plan)
    with pytest.raises(ProductionExecutionNotAuthorized, match="these transactions commit"):
        bench.adapter.mark(rehearsal, plan)
    refusing = RehearsalTransactions()
    with refusing, pytest.raises(ProductionExecutionNotAuthorized, match="no rehearsal login"):
        rehearsing_adapter(bench, refusing).pre_write_backup(rehearsal)
    assert sum(rows for rows, _ in list(row_hashes(bench.database).values())[4:]) == 0


def test_a_live_run_does_not_go_on_without_a_backup_that_was_made(bench: LiveBench, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = made_plan(2)

    def not_made(ctx: Any) -> BackupResult:
        note = Path(bench.backup.folder / "note")
        note.write_bytes(b"x")
        made = RehearsalBackup().run(rehearsal_context(bench, plan))
        bench.switch.state = SwitchState.LIVE
        return BackupResult(str(note), 1, made.sha256, "", made.finished_at, "16", made=False)

    monkeypatch.setattr(bench.backup, "run", not_made)
    with pytest.raises(StopInvariantFailed, match="backup"):
        run_phases(bench.adapter, bench.context(plan), plan)


def test_a_rehearsal_is_for_one_change_set_once(bench: LiveBench) -> None:
    plan, other = made_plan(2), made_plan(3)
    ctx = rehearsal_context(bench, plan)
    with rehearsing(bench) as (adapter, transactions):
        adapter.pre_write_backup(ctx)
        another = rehearsal_context(bench, other)
        with pytest.raises(PhaseStop, match="one change set, once"):
            adapter.pre_write_backup(another)
        assert isinstance(transactions.roll_back(), RehearsalEnd)
        rehearsal_context(bench, plan)
        with pytest.raises(PhaseStop, match="one change set, once"):
            adapter.pre_write_backup(ctx)


def test_another_login_is_not_taken_for_the_rehearsal(bench: LiveBench) -> None:
    database = bench.database
    wrong = RehearsalConnections(database.endpoint, lambda: database.credentials(Principal.EXEC), target=bench.target)
    with pytest.raises(PrincipalCapabilityError, match="not cutter_rehearse"):
        wrong.connect()


def test_the_login_has_nothing_of_its_own_and_in_each_phase_only_what_its_principal_has(bench: LiveBench) -> None:
    with connector(bench).connect() as conn:
        for query in ("SELECT count(*) FROM public.information_unit", "SELECT count(*) FROM public.verify_result"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(query.encode())
        for role, forbidden in (
            ("cutter_exec", "DELETE FROM public.cut_phase_journal"),
            ("cutter_exec", "INSERT INTO public.verify_result DEFAULT VALUES"),
            ("cutter_exec", "INSERT INTO public.rehearsal_mark DEFAULT VALUES"),
            ("cutter_verify", "INSERT INTO public.review_decision DEFAULT VALUES"),
            ("cutter_owner", "SELECT 1"),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                _try_as(conn, role, forbidden)


def _try_as(conn: Connection, role: str, what: str) -> None:
    with conn.transaction():
        conn.execute(statement("rehearsal_role"), {"role": role})
        conn.execute(what.encode())


def test_a_verifying_phase_runs_as_the_verifier(bench: LiveBench) -> None:
    plan = made_plan(2)
    ctx = rehearsal_context(bench, plan)
    with rehearsing(bench) as (adapter, transactions):
        run_phases(adapter, ctx, plan)
        conn = transactions._conn  # the only place where what was not committed can be seen
        assert conn is not None
        seen = conn.execute("SELECT phase, principal FROM public.cut_phase_journal").fetchall()
    assert dict(seen) == {phase: "cutter_verify" if phase is Phase.WRITE_VERIFY else "cutter_exec" for phase in Phase}


def test_a_statement_that_failed_and_was_hidden_is_not_taken_for_success(bench: LiveBench) -> None:
    ctx = rehearsal_context(bench, made_plan(2))

    def swallow(conn: Connection) -> None:
        with pytest.raises(psycopg.Error):
            conn.execute("SELECT 1 / 0")

    with rehearsing(bench) as (_, transactions), pytest.raises(PhaseStop, match="failed state"):
        transactions.run(ctx, Phase.MARK, psycopg.IsolationLevel.READ_COMMITTED, swallow)


def test_live_transactions_are_for_live_runs_only(bench: LiveBench) -> None:
    ctx = bench.context(made_plan(2), Mode.REHEARSE)
    with pytest.raises(ProductionExecutionNotAuthorized, match="these transactions commit"):
        LiveTransactions(bench.connections).run(ctx, Phase.MARK, psycopg.IsolationLevel.READ_COMMITTED, lambda _: None)
