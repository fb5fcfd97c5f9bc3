"""The proof: green on a sound database, and each of its checks can go red."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.home.proof_baseline import FILE_NAME
from adapters.postgres.connection.lending import LendingConnections
from adapters.postgres.connection.session import ConnectionProvider, PostgresConnections
from adapters.postgres.connection.statements import statement
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from adapters.postgres.rehearsal.proof import VERIFY_PATH
from adapters.postgres.rehearsal.transactions import RehearsalBackup, RehearsalTransactions
from adapters.simulator import Simulator
from domain.change_set import CutContext
from domain.errors import Lock, ProductionExecutionNotAuthorized
from domain.phases import Mode, Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.ports import Credentials, KillSwitch, PhaseExecutor
from domain.reports.proof import ProofReport
from domain.reports.rehearsal import CAN_NOT_PROVE, RehearsalReport
from domain.switch import SwitchReading, SwitchState, off
from tasks.app import App, Executors, live_adapter, production_app
from tasks.change_sets import cut_as
from tasks.proof import ProofParts, prove
from tasks.run import rehearse
from tests.support.live import ArmedSwitch, LiveBench, live_bench, row_hashes, run_phases
from tests.support.plans import context, made_plan
from tests.support.postgres import Database
from tests.support.rehearsals import connector


@dataclass
class Switch:
    """A switch in memory that can be armed and turned off, as the real one can."""

    reading: SwitchReading = field(default_factory=lambda: off("the kill-switch is OFF"))
    stuck: bool = False

    def read(self) -> SwitchReading:
        """Where it stands."""
        return self.reading

    def arm(
        self, state: SwitchState, change_set_id: uuid.UUID, until: datetime, by: str, reason: str
    ) -> None:
        """Arm it."""
        self.reading = SwitchReading(state, "armed", change_set_id, until)

    def disarm(self, why: str, *, only: uuid.UUID | None = None) -> bool:
        """Turn it off, unless it is stuck."""
        if not self.stuck:
            self.reading = off(why)
        return not self.stuck


@dataclass
class Subject:
    """A proof's bench over a test's own database."""

    live: LiveBench
    bench: ProofParts
    switch: Switch
    plan: CutPlan
    ctx: CutContext

    def prove(self, *, new_baseline: bool = False, **changes: Any) -> ProofReport:
        """The proof, with parts of the bench exchanged."""
        return prove(
            dataclasses.replace(self.bench, **changes),
            self.ctx,
            self.plan,
            new_baseline=new_baseline,
        )

    def admin(self, *statements: str) -> None:
        """Change the database behind the proof's back."""
        with self.live.database.connect() as admin:
            for text in statements:
                admin.execute(text.encode())


def app_over(live: LiveBench, switch: Any) -> App:
    """An app that rehearses in a test's own database."""
    return dataclasses.replace(
        production_app(),
        switch=switch,
        rehearsal=lambda _target: RehearsalTransactions(connector(live), watch_every=0.05),
        executors=Executors(
            rehearsing=lambda kind, switch, over: live_adapter(
                kind,
                executor=live.executor,
                verifier=live.verifier,
                switch=switch,
                backup=RehearsalBackup(),
                transactions=over,
            )
        ),
    )


@pytest.fixture
def subject(database: Database, tmp_path: Path) -> Subject:
    live = live_bench(database, tmp_path)
    plan = made_plan(4)
    switch = Switch()
    state = tmp_path / "state"

    def rehearsal(ctx: CutContext, of: CutPlan) -> RehearsalReport:
        return rehearse(app_over(live, switch), cut_as(ctx, of))

    bench = ProofParts(switch, live.connections, connector(live), state, rehearse=rehearsal)
    return Subject(live, bench, switch, plan, context(plan, Mode.LIVE, live.target))


def failed(report: ProofReport) -> dict[int, str]:
    return {check.number: check.evidence for check in report.checks if not check.passed}


def test_every_check_passes_and_nothing_changes(subject: Subject) -> None:
    run_phases(
        subject.live.adapter,
        subject.live.context(made_plan(3, code="other.law")),
        made_plan(3, code="other.law"),
    )
    before = row_hashes(subject.live.database)
    for _ in range(2):
        report = subject.prove()
        assert failed(report) == {}
        assert report.passed
        assert [check.number for check in report.checks] == list(range(1, 12))
    assert row_hashes(subject.live.database) == before
    evidence = {check.number: check.evidence for check in report.checks}
    assert evidence[2] == "8 methods, each in LIVE and REHEARSE; 0 connections"
    assert (
        "refused Simulator, _Lookalike, the class ProductionLiveExecutionAdapter, object, NoneType"
        in evidence[3]
    )
    assert "cutter_exec on" in evidence[4]
    assert "cutter_verify on" in evidence[4]
    assert evidence[5] == "status created; units 4, then 5, then 4"
    assert "7 phases, 5 units" in evidence[10]


def test_a_proof_that_lacks_a_check_has_not_passed(subject: Subject) -> None:
    report = subject.prove()
    assert not dataclasses.replace(report, checks=report.checks[:-1]).passed
    assert not dataclasses.replace(report, checks=()).passed


# --- each check can go red
# --------------------------------------------------------------------------------------------


def test_1_9_10_a_switch_that_is_not_off(subject: Subject) -> None:
    armed = SwitchReading(
        SwitchState.LIVE, "armed", uuid.uuid4(), datetime.now(UTC) + timedelta(hours=1)
    )
    subject.switch.reading = armed
    red = failed(subject.prove())
    assert {1, 9, 10} <= red.keys()
    assert str(armed.change_set_id) in red[1]
    assert subject.switch.reading == armed, "another run's release is left alone"


def test_9_a_switch_that_does_not_go_off_again(subject: Subject) -> None:
    subject.switch.stuck = True
    red = failed(subject.prove())
    assert set(red) == {9}
    assert "REHEARSE" in red[9]


def _armed_whatever(
    _switch: KillSwitch, connections: ConnectionProvider, ctx: CutContext
) -> PhaseExecutor[Any]:
    return ProductionLiveExecutionAdapter(
        switch=ArmedSwitch(ctx.change_set_id), connections=connections
    )


class Unlocked(ProductionLiveExecutionAdapter):
    """A method that forgot its lock."""

    def mark(self, ctx: CutContext, plan: CutPlan) -> Any:
        with self._connections.connect(Principal.EXEC) as conn:
            return conn.info.dbname


class RefusesLate(ProductionLiveExecutionAdapter):
    """A method that refuses, but only after it has connected."""

    def review(self, ctx: CutContext, plan: CutPlan) -> Any:
        try:
            self._connections.connect(Principal.EXEC)
        except Exception:  # noqa: BLE001  # what the planted bug does
            raise ProductionExecutionNotAuthorized(Lock.ADAPTER, "late") from None


@pytest.mark.parametrize(
    ("adapter", "evidence"),
    [
        (_armed_whatever, "did not refuse in LIVE: a connection as"),
        (lambda s, c, _ctx: Unlocked(switch=s, connections=c), "mark did not refuse"),
        (
            lambda s, c, _ctx: RefusesLate(switch=s, connections=c),
            "review asked for a connection before it refused",
        ),
        (lambda _s, _c, _ctx: Simulator(), "did not refuse"),
    ],
)
def test_2_an_adapter_that_does_not_refuse_by_itself(
    subject: Subject, adapter: Callable[..., PhaseExecutor[Any]], evidence: str
) -> None:
    red = failed(
        subject.prove(adapter=lambda switch, connections: adapter(switch, connections, subject.ctx))
    )
    assert evidence in red[2]
    assert sum(rows for rows, _ in list(row_hashes(subject.live.database).values())[4:]) == 0


def _nobody(_: object) -> object:
    raise ProductionExecutionNotAuthorized(Lock.TASK, "nobody is taken")


@pytest.mark.parametrize(
    ("require", "evidence"),
    [
        (lambda thing: thing, "Simulator was taken"),
        (
            lambda thing: (
                thing
                if thing is None or isinstance(thing, ProductionLiveExecutionAdapter)
                else _nobody(thing)
            ),
            "NoneType",
        ),
        (_nobody, "nobody is taken"),
        (lambda _: None, "was not handed back"),
    ],
)
def test_3_a_rule_that_takes_the_wrong_thing(
    subject: Subject, require: Callable[[object], object], evidence: str
) -> None:
    assert evidence in failed(subject.prove(require=require))[3]


def test_4_a_principal_that_is_another(subject: Subject) -> None:
    database = subject.live.database

    def one_login(principal: Principal) -> Credentials:
        return database.credentials(Principal.EXEC)

    red = failed(
        subject.prove(
            connections=PostgresConnections(
                database.endpoint, one_login, target=subject.live.target
            )
        )
    )
    assert "The connection for cutter_verify is cutter_exec" in red[4]


def test_5_a_contract_that_is_not_kept(subject: Subject) -> None:
    subject.admin("DELETE FROM public.iu_vocabulary WHERE code = 'article'")
    assert failed(subject.prove())[5].startswith(
        "status unit_kind: unknown article; units 0, then 0, then 0"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            (
                "ALTER TABLE cutter.sweep_log RENAME TO sweeps; ALTER TABLE cutter.verify_result "
                "RENAME COLUMN verdict TO v"
            ),
            "42703",
        ),
        ("REVOKE SELECT ON cutter.manifest_unit_block FROM cutter_verify", "42501"),
        ("REVOKE INSERT ON cutter.verify_result FROM cutter_verify", "42501"),
        ("DROP TABLE cutter.verify_result CASCADE", "42P01"),
    ],
)
def test_6_a_schema_on_which_the_verifier_could_not_work(
    subject: Subject, change: str, code: str
) -> None:
    subject.admin(change)
    assert code in failed(subject.prove())[6]


def test_7_a_table_that_changes_meanwhile(subject: Subject) -> None:
    rehearsal = subject.bench.rehearse

    def meddling(ctx: CutContext, plan: CutPlan) -> RehearsalReport:
        subject.admin(
            "INSERT INTO cutter.source_document VALUES ('x.law', 'x.txt', '', 'law', 'o')"
        )
        return rehearsal(ctx, plan)

    red = failed(subject.prove(rehearse=meddling))
    assert red[7] == "Changed while this proof ran: cutter.source_document."
    assert "source_document" in red[8]


def test_7_a_sequence_that_takes_a_step(subject: Subject) -> None:
    subject.admin(
        "CREATE SEQUENCE public.steps",
        "GRANT SELECT ON public.steps TO cutter_verify",
        "CREATE FUNCTION public.planted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS"
        " $$ BEGIN PERFORM nextval('public.steps'); RETURN NEW; END $$",
        (
            "CREATE TRIGGER planted BEFORE INSERT ON public.unit_version FOR EACH ROW EXECUTE "
            "FUNCTION public.planted()"
        ),
    )
    assert failed(subject.prove())[7] == "Changed while this proof ran: sequences."


@pytest.mark.slow
def test_8_the_baseline_of_a_series(subject: Subject) -> None:
    assert subject.prove().passed
    subject.admin("INSERT INTO cutter.source_document VALUES ('x.law', 'x.txt', '', 'law', 'o')")
    red = failed(subject.prove())
    assert set(red) == {8}
    assert red[8].startswith("Changed since ")
    assert "source_document" in red[8]
    assert subject.prove(new_baseline=True).passed
    assert subject.prove().passed


@pytest.mark.one_quick
@pytest.mark.parametrize("how", ["damaged", "of another database"])
def test_8_a_baseline_that_is_none(subject: Subject, how: str) -> None:
    subject.prove()
    path = subject.bench.state / FILE_NAME
    kept = json.loads(path.read_text())
    path.write_text("{}" if how == "damaged" else json.dumps(kept | {"target": "another"}))
    assert "--new-baseline" in failed(subject.prove())[8]


def test_10_a_cut_that_would_fail(subject: Subject) -> None:
    subject.admin("REVOKE INSERT ON cutter.sweep_log FROM cutter_exec")
    red = failed(subject.prove())
    assert "42501" in red[10]
    assert "sweep_log" in red[11]


def test_10_a_cut_with_another_effect_or_one_that_is_done(subject: Subject) -> None:
    rehearsal = subject.bench.rehearse

    def other_effect(ctx: CutContext, plan: CutPlan) -> RehearsalReport:
        return dataclasses.replace(rehearsal(ctx, plan), effect_digest="0" * 64)

    assert "The effect is 0000000000000000" in failed(subject.prove(rehearse=other_effect))[10]
    run_phases(subject.live.adapter, subject.live.context(subject.plan), subject.plan)
    assert "Not every phase was rehearsed" in failed(subject.prove(new_baseline=True))[10]


def test_11_something_that_the_live_path_would_miss(subject: Subject) -> None:
    subject.admin(
        "REVOKE EXECUTE ON FUNCTION public.fn_iu_enact(text, uuid, text) FROM cutter_exec"
    )
    assert "fn_iu_enact" in failed(subject.prove())[11]


def test_a_database_that_is_gone_makes_checks_red_and_not_a_traceback(subject: Subject) -> None:
    nowhere = dataclasses.replace(subject.live.database.endpoint, port=9)
    database = subject.live.database
    red = failed(
        subject.prove(connections=PostgresConnections(nowhere, database.credentials, target=None))
    )
    assert set(red) == {4, 6, 7, 8, 11}
    assert "does not answer" in red[4]


# --- what the checks rest on
# ------------------------------------------------------------------------------------------


def test_check_6_looks_at_every_statement_that_the_verifier_sends(subject: Subject) -> None:
    sent: set[str] = set()

    class Recording(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Recording:
            if self.connection.info.user == Principal.VERIFY:
                sent.add(str(query))
            return super().execute(query, params, **kwargs)

        def stream(self, query: Any, params: Any = None, **kwargs: Any) -> Iterator[Any]:
            sent.add(str(query))
            return super().stream(query, params, **kwargs)

    live = subject.live
    live.connections = lent = LendingConnections(
        PostgresConnections(
            live.database.endpoint,
            live.database.credentials,
            target=live.target,
            cursor_factory=Recording,
        )
    )
    adapter = live.new_adapter()
    ctx = live.context(subject.plan)
    run_phases(adapter, ctx, subject.plan)
    adapter.verify_result_count_for(ctx.change_set_id)
    lent.close()
    of_a_release = {statement("release_approvals")}
    assert sent == {statement(name) for name in VERIFY_PATH} - of_a_release


def test_a_rehearsal_through_the_phase_functions_says_what_it_can_not_prove(
    subject: Subject,
) -> None:
    ctx = dataclasses.replace(subject.ctx, mode=Mode.REHEARSE)
    subject.switch.arm(
        SwitchState.REHEARSE, ctx.change_set_id, datetime.now(UTC) + timedelta(hours=1), "t", "t"
    )
    told: list[tuple[str, bool]] = []
    app = dataclasses.replace(
        app_over(subject.live, subject.switch),
        tell=lambda phase, done: told.append((phase, done is not None)),
    )
    report = rehearse(app, cut_as(ctx, subject.plan))
    assert [phase.phase for phase in report.phases] == list(Phase)
    assert told == [(phase, ended) for phase in Phase for ended in (False, True)]
    assert report.can_not_prove == CAN_NOT_PROVE
    assert report.commit_refused
    assert report.already_done == ()
    assert report.seconds > 0


@pytest.mark.parametrize("state", [SwitchState.OFF, SwitchState.LIVE])
def test_without_the_switch_at_rehearse_not_even_the_wiring_is_asked(
    subject: Subject, state: SwitchState
) -> None:
    ctx = dataclasses.replace(subject.ctx, mode=Mode.REHEARSE)
    subject.switch.arm(state, ctx.change_set_id, datetime.now(UTC) + timedelta(hours=1), "t", "t")

    def none(_: object) -> RehearsalTransactions:
        raise AssertionError("a rehearsal was begun")

    refusing = dataclasses.replace(app_over(subject.live, subject.switch), rehearsal=none)
    with pytest.raises(ProductionExecutionNotAuthorized, match="task lock"):
        rehearse(refusing, cut_as(ctx, subject.plan))


def test_a_rehearsal_that_made_way_is_a_red_check_and_the_switch_is_off(subject: Subject) -> None:
    with subject.live.database.connect(Principal.EXEC, autocommit=True) as holder:
        holder.execute(statement("writers_lock"), {"document_code": subject.plan.document_code})
        assert set(failed(subject.prove())) == {10}
    assert subject.switch.read().state is SwitchState.OFF
