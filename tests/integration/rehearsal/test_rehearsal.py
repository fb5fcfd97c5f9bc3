"""A rehearsal runs the whole cut on the real database and leaves no trace, whatever happens to
it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.statements import statement
from adapters.postgres.phases.transactions import LiveTransactions
from adapters.postgres.rehearsal.session import RehearsalConnections
from adapters.postgres.rehearsal.transactions import RehearsalBackup, RehearsalTransactions
from domain.change_set import CutContext
from domain.errors import (
    DatabaseUnsuitable,
    PhaseStop,
    PrincipalCapabilityError,
    ProductionExecutionNotAuthorized,
    StopInvariantFailed,
)
from domain.ledger.privileges import LEDGER_TABLES, PERMIT_TABLES
from domain.phases import Mode, Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.reports.rehearsal import RehearsalEnd
from domain.results import BackupResult
from domain.switch import SwitchState
from tests.support.live import LiveBench, row_hashes, run_phases
from tests.support.plans import made_plan
from tests.support.rehearsals import (
    CountingConnector,
    admin_do,
    connector,
    rehearsal_context,
    rehearsed,
    rehearsing,
    rehearsing_adapter,
    traces,
)


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
        assert adapter.replayed == {
            Phase.PRE_WRITE_BACKUP,
            Phase.MARK,
            Phase.REVIEW,
            Phase.CUT_LEG_A,
        }
        assert transactions.roll_back().commit_refused
    assert traces(bench) == before


# --- the server itself refuses COMMIT
# ---------------------------------------------------------------------------------


class CommittingConnector:
    """A planted bug: the connection's transactions forget that they were to be rolled back."""

    def __init__(self, bench: LiveBench) -> None:
        self.real = connector(bench)

    def connect(self) -> Connection:
        conn = self.real.connect()
        original = conn.transaction
        conn.transaction = lambda *_, **__: original()  # type: ignore[method-assign]
        return conn


def test_a_bug_that_commits_is_refused_by_the_server_after_any_phase(bench: LiveBench) -> None:
    plan = made_plan(2)
    before = traces(bench)
    ctx = rehearsal_context(bench, plan)
    for until in Phase:
        with rehearsing(bench, CommittingConnector(bench)) as (adapter, transactions):
            run_phases(adapter, ctx, plan, until=until)
            with pytest.raises(PhaseStop, match="a rehearsal never commits") as stop:
                transactions.roll_back()
        assert stop.value.sqlstate == "IU005"
        assert traces(bench) == before, until


def test_every_table_that_a_cut_writes_marks_a_rehearsal(bench: LiveBench) -> None:
    with bench.database.connect() as admin:
        marked = admin.execute(
            "SELECT 'cutter.' || c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgname = 'rehearsal_mark' AND t.tgenabled = 'O'"
        ).fetchall()
    assert {name for (name,) in marked} == {
        *LEDGER_TABLES,
        *PERMIT_TABLES,
        "cutter.restore_proof",
        "cutter.release_backup",
        "cutter.release_work",
    }


@pytest.mark.parametrize("write", ["information_unit", "unit_version"])
def test_a_rehearsal_that_writes_units_alone_can_not_commit(bench: LiveBench, write: str) -> None:
    run_phases(bench.adapter, bench.context(made_plan(2)), made_plan(2))
    column = "owner_ref" if write == "information_unit" else "actor"
    with bench.database.connect() as admin:
        admin.execute("GRANT UPDATE, SELECT ON ALL TABLES IN SCHEMA public TO cutter_rehearse")
        admin.execute("GRANT USAGE ON SCHEMA cutter TO cutter_rehearse")
        admin.execute("GRANT INSERT ON cutter.rehearsal_mark TO cutter_rehearse")
        admin.execute("SET SESSION AUTHORIZATION cutter_rehearse")
        admin.execute("SELECT set_config('app.canonical_writer', 'fn_iu_create', true)")
        admin.execute(f"UPDATE {write} SET {column} = 'x'".encode())  # one of the two names above
        with pytest.raises(psycopg.Error, match="a rehearsal never commits") as refused:
            admin.commit()
    assert refused.value.sqlstate == "IU005"


def test_where_the_server_would_let_it_commit_nothing_is_rehearsed(bench: LiveBench) -> None:
    admin_do(bench, "DROP TRIGGER rehearsal_never_commits ON cutter.rehearsal_mark")
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


# --- locks and identities
# ---------------------------------------------------------------------------------------------


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


def test_what_is_for_a_rehearsal_does_not_run_live_nor_the_other_way_round(
    bench: LiveBench,
) -> None:
    plan = made_plan(2)
    live = bench.context(plan)
    with (
        rehearsing(bench) as (adapter, _),
        pytest.raises(ProductionExecutionNotAuthorized, match="may not run LIVE"),
    ):
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


def test_a_live_run_does_not_go_on_without_a_backup_that_was_made(
    bench: LiveBench, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    wrong = RehearsalConnections(
        database.endpoint, lambda: database.credentials(Principal.EXEC), target=bench.target
    )
    with pytest.raises(PrincipalCapabilityError, match="not cutter_rehearse"):
        wrong.connect()


def test_the_login_has_nothing_of_its_own_and_in_each_phase_only_what_its_principal_has(
    bench: LiveBench,
) -> None:
    with connector(bench).connect() as conn:
        for query in (
            "SELECT count(*) FROM public.information_unit",
            "SELECT count(*) FROM cutter.verify_result",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(query.encode())
        for role, forbidden in (
            ("cutter_exec", "DELETE FROM cutter.cut_phase_journal"),
            ("cutter_exec", "INSERT INTO cutter.verify_result DEFAULT VALUES"),
            ("cutter_exec", "INSERT INTO cutter.rehearsal_mark DEFAULT VALUES"),
            ("cutter_verify", "INSERT INTO cutter.review_decision DEFAULT VALUES"),
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
        seen = conn.execute("SELECT phase, principal FROM cutter.cut_phase_journal").fetchall()
    assert dict(seen) == {
        phase: "cutter_verify" if phase is Phase.WRITE_VERIFY else "cutter_exec" for phase in Phase
    }


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
        LiveTransactions(bench.connections).run(
            ctx, Phase.MARK, psycopg.IsolationLevel.READ_COMMITTED, lambda _: None
        )
