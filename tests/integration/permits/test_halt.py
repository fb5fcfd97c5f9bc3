"""A halt stops: once it has returned nothing more is committed, wherever a run was at that moment.

Lifting it is on record.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from adapters.postgres.connection.session import PostgresConnections, SessionLimits
from adapters.postgres.permits.permit import (
    OPENED,
    Halt,
    confirm_permit,
    halt,
    halts_in_force,
    lift_halt,
    open_permit,
)
from domain.approval.approvals import SignedApproval
from domain.approval.request import cut_effect
from domain.change_set import CutContext
from domain.errors import (
    ApprovalRefused,
    BadInput,
    PrincipalCapabilityError,
    ProductionExecutionNotAuthorized,
)
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tests.support.end_state import end_state
from tests.support.live import LiveBench, live_bench, row_hashes, run_phases, scalar
from tests.support.permits import PLAN as TWO_UNITS
from tests.support.permits import opened
from tests.support.plans import made_plan
from tests.support.postgres import Cluster, Database, fresh_database
from tests.support.wire import BreakingProxy

PLAN = made_plan(4)
SERIALIZABLE = frozenset({Phase.LEG_B_RECORD, Phase.WRITE_VERIFY})
"""These do not see a halt that came after their snapshot: they end, and the halt returns after they
have.
"""


class Halter:
    """Halts everything from a session of its own, right before the run's statement number `at`,
    once.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.at = self.seen = self.pid = 0
        self.by = Principal.VERIFY
        self.halting: Future[dict[str, tuple[int, str]]] | None = None
        self._admin = database.connect(autocommit=True)
        self._pool = ThreadPoolExecutor(1)

    def arm(self, at: int, by: Principal = Principal.VERIFY) -> None:
        """Fire before statement number `at` from now on."""
        self.at, self.by, self.seen, self.pid, self.halting = at, by, 0, 0, None

    def before(self) -> None:
        """Called before each statement of the run."""
        self.seen += 1
        if self.seen == self.at:
            self.fire()

    def fire(self) -> None:
        """Halt; goes on as soon as the halt has returned, or waits for this very run."""
        self.halting = self._pool.submit(self._halt)
        for _ in range(5000):
            if self.halting.done() or self._waits():
                return
            time.sleep(0.002)
        raise AssertionError("the halt neither returned nor waited")

    def when_returned(self) -> dict[str, tuple[int, str]]:
        """What the tables held when the halt had just returned."""
        assert self.halting is not None
        return self.halting.result(timeout=60)

    def close(self) -> None:
        self._pool.shutdown()
        self._admin.close()

    def _halt(self) -> dict[str, tuple[int, str]]:
        with self.database.connect(self.by, autocommit=True) as conn:
            self.pid = conn.info.backend_pid
            halt(conn, "operator", "a test")
        return row_hashes(self.database)

    def _waits(self) -> bool:
        return bool(
            scalar(
                self._admin,
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s",
                self.pid,
            )
        )


@pytest.fixture
def halter(bench: LiveBench) -> Iterator[Halter]:
    made = Halter(bench.database)

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Cursor:
            made.before()
            super().execute(query, params, **options)
            return self

        def stream(self, query: Any, params: Any = None, **options: Any) -> Iterator[Any]:
            made.before()
            return super().stream(query, params, **options)

    bench.connections = PostgresConnections(
        bench.database.endpoint,
        bench.database.credentials,
        target=bench.target,
        limits=SessionLimits(lock_timeout="2s", statement_timeout="60s"),
        cursor_factory=Cursor,
    )
    yield made
    made.close()


def one_phase(bench: LiveBench, ctx: CutContext, plan: CutPlan, phase: Phase) -> None:
    """One phase by an adapter of its own, as another process would run it."""
    method = getattr(bench.new_adapter(), phase.value)
    _ = method(ctx) if phase is Phase.PRE_WRITE_BACKUP else method(ctx, plan)


def go_on(bench: LiveBench, halter: Halter, ctx: CutContext, plan: CutPlan) -> None:
    """Lift every halt with a name and a reason, and have the run approved again."""
    halter.at = 0
    bench.switch.change_set_id = ctx.change_set_id
    bench.lift()
    bench.approvers.permit(bench.connections, ctx, cut_effect(ctx, plan))


def ready_for(bench: LiveBench, halter: Halter, phase: Phase) -> tuple[CutContext, CutPlan]:
    """A run of a new document that has everything before a phase behind it."""
    halter.at = 0
    with bench.database.connect() as admin:
        number = scalar(admin, "SELECT count(*) FROM cut_permit")
    plan = made_plan(2, code=f"halted.{number}")
    ctx = bench.context(plan)
    if phase is not Phase.PRE_WRITE_BACKUP:
        run_phases(bench.new_adapter(), ctx, plan, until=list(Phase)[list(Phase).index(phase) - 1])
    return ctx, plan


def committed_although_halted(
    bench: LiveBench, halter: Halter, ctx: CutContext, plan: CutPlan, phase: Phase
) -> bool:
    """Run a phase, and after it the rest of the run, with the halter armed.

    True if the phase ended before the halt returned.

    The point of it all: what the tables hold when the halt returns is what they hold for good.
    """
    before, refusals = row_hashes(bench.database), []
    try:
        one_phase(bench, ctx, plan, phase)
    except ProductionExecutionNotAuthorized as refusal:
        refusals.append(refusal)
    if halter.halting is None:
        return False
    returned = halter.when_returned()
    committed = returned != before
    if not (
        committed and phase is Phase.LIFECYCLE_ENACT
    ):  # then it is complete, and going on only replays
        with pytest.raises(ProductionExecutionNotAuthorized, match="halted") as more:
            run_phases(bench.new_adapter(), ctx, plan)
        refusals.append(more.value)
    assert row_hashes(bench.database) == returned, (
        f"{phase} was committed after the halt had returned"
    )
    assert {refusal.lock for refusal in refusals} <= {"permit"}
    assert committed == (len(refusals) < 2), "a phase is refused or committed, and never both"
    return committed


def halt_at_each(
    bench: LiveBench, halter: Halter, phase: Phase, boundaries: Iterable[int]
) -> list[bool]:
    """Halt at each of the boundaries in turn, until the phase has fewer; whether it was committed,
    one a boundary.
    """
    ctx, plan = ready_for(bench, halter, phase)
    outcomes: list[bool] = []
    for at in boundaries:
        halter.arm(at, list(Principal)[at % 2])
        committed = committed_although_halted(bench, halter, ctx, plan, phase)
        if halter.halting is None:
            break
        outcomes.append(committed)
        go_on(bench, halter, ctx, plan)
        if committed:
            run_phases(bench.new_adapter(), ctx, plan)
            ctx, plan = ready_for(bench, halter, phase)
    go_on(bench, halter, ctx, plan)
    run_phases(bench.new_adapter(), ctx, plan)
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT array_agg(DISTINCT status) FROM decision_backlog_entry") == [
            "enacted"
        ]
    return outcomes


@pytest.mark.slow
@pytest.mark.parametrize("phase", list(Phase))
def test_a_halt_at_every_statement_of_a_phase_lets_nothing_be_committed_after_it(
    bench: LiveBench, halter: Halter, phase: Phase
) -> None:
    outcomes = halt_at_each(bench, halter, phase, range(1, 200))
    assert len(outcomes) >= 8, "every statement from connecting to the second fence"
    assert any(outcomes) == (phase in SERIALIZABLE)
    assert not outcomes[0]


@pytest.mark.one_quick
@pytest.mark.parametrize("phase", list(Phase))
def test_a_halt_in_the_midst_of_a_phase_lets_nothing_be_committed_after_it(
    bench: LiveBench, halter: Halter, phase: Phase
) -> None:
    """Before the first fence, right behind it, and a few statements on: a sample of the grid
    above.
    """
    outcomes = halt_at_each(bench, halter, phase, (3, 4, 5))
    assert outcomes == [False, phase in SERIALIZABLE, phase in SERIALIZABLE]


@pytest.mark.one_quick
@pytest.mark.parametrize("phase", list(Phase))
def test_a_halt_that_meets_a_commit_on_its_way_returns_after_it(
    bench: LiveBench, halter: Halter, phase: Phase
) -> None:
    """Past the second fence nothing can stop a phase any more, so the halt has to wait for it."""
    ctx, plan = ready_for(bench, halter, phase)
    direct, before = bench.connections, row_hashes(bench.database)
    halter.arm(0)
    with BreakingProxy(bench.database.endpoint) as proxy:
        bench.connections = PostgresConnections(
            proxy.endpoint, bench.database.credentials, target=bench.target
        )
        last = 2 if phase is Phase.PRE_WRITE_BACKUP else 1  # the backup has two connections
        proxy.on_commit = lambda: halter.fire() if proxy.commits == last else None
        one_phase(bench, ctx, plan, phase)
    bench.connections = direct
    returned = halter.when_returned()
    assert returned != before
    assert row_hashes(bench.database) == returned
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT max(recorded_at) FROM cut_phase_journal") < scalar(
            admin, "SELECT clock_timestamp()"
        )
        assert str(phase) in scalar(admin, "SELECT array_agg(phase) FROM cut_phase_journal")


@pytest.fixture(scope="module")
def undisturbed(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The end state of a cut that nobody halted."""
    with fresh_database(cluster) as database:
        made = live_bench(database, tmp_path_factory.mktemp("undisturbed"))
        run_phases(made.adapter, made.context(PLAN), PLAN)
        return end_state(database)


@pytest.mark.slow
def test_a_run_that_is_halted_in_every_phase_and_resumed_ends_the_same(
    bench: LiveBench, halter: Halter, undisturbed: dict[str, Any]
) -> None:
    ctx = bench.context(PLAN)
    for number, phase in enumerate(Phase):
        halter.arm(3 + number)
        committed_although_halted(bench, halter, ctx, PLAN, phase)
        assert halter.halting is not None, "the phase was really halted"
        go_on(bench, halter, ctx, PLAN)
        one_phase(bench, ctx, PLAN, phase)
    assert end_state(bench.database) == undisturbed
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM cut_halt WHERE lifted_by = 'operator'") == len(
            Phase
        )
        assert scalar(
            admin, "SELECT count(*) FROM cut_permit WHERE revoke_reason = 'halted: a test'"
        ) == len(Phase)
        assert scalar(admin, "SELECT count(*) FROM cut_permit WHERE used_at IS NOT NULL") == 1


# --- what a halt stands for
# -------------------------------------------------------------------------------------------


def test_no_permit_opens_while_everything_is_halted(
    bench: LiveBench, pair: list[SignedApproval]
) -> None:
    effect = pair[0].statement.effect
    with bench.connections.connect(Principal.EXEC) as conn:
        halt(conn, "operator", "a test")
        assert "everything is halted" in opened(conn, [one.payload for one in pair])
        with pytest.raises(ApprovalRefused, match="everything is halted; lift the halt first"):
            open_permit(conn, pair, effect, "operator")
        bench.lift("operator", "the test goes on")
        open_permit(conn, pair, effect, "operator")


def test_a_halt_stands_over_permits_whatever_becomes_of_them(bench: LiveBench) -> None:
    """A halt is more than revoking: with the second half of it undone, nothing runs."""
    ctx = bench.context(PLAN)
    with bench.database.connect(Principal.VERIFY, autocommit=True) as conn:
        conn.execute("SELECT cutter.fn_halt('operator', 'a test')")
    with pytest.raises(ProductionExecutionNotAuthorized, match="everything is halted"):
        bench.adapter.pre_write_backup(ctx)
    with bench.database.connect(Principal.EXEC, autocommit=True) as conn:
        journal = (
            "INSERT INTO cut_phase_journal (change_set_id, phase, plan_digest, result, actor) "
            ""
            "VALUES (%s, %s, %s, '{}', 'x')"
        )
        with pytest.raises(psycopg.Error, match="everything is halted") as refused:
            conn.execute(journal.encode(), (ctx.change_set_id, "mark", PLAN.plan_digest))
        assert refused.value.sqlstate == "IU006"
        bench.lift()
    with pytest.raises(ProductionExecutionNotAuthorized, match="its permit is from before a halt"):
        bench.adapter.pre_write_backup(ctx)


def test_a_halt_takes_back_a_permit_that_is_just_being_opened(
    bench: LiveBench, pair: list[SignedApproval], halter: Halter
) -> None:
    """The opener has looked and seen no halt, and commits when the halt has returned and even when
    it is lifted: its permit is from before, and counts for nothing.
    """
    effect = pair[0].statement.effect
    ctx = bench.context(TWO_UNITS, approved=False)
    with bench.database.connect(Principal.EXEC) as conn:
        signatures = [one.signature for one in pair]
        assert opened(conn, [one.payload for one in pair], signatures) == OPENED
        halter.fire()
        halter.when_returned()
        bench.lift()
        conn.commit()
    with (
        bench.connections.connect(Principal.VERIFY) as verifier,
        pytest.raises(ApprovalRefused, match="no such permit is open"),
    ):
        confirm_permit(verifier, ctx, effect)
    with pytest.raises(ProductionExecutionNotAuthorized, match="from before a halt"):
        bench.adapter.pre_write_backup(ctx)


def test_a_halt_waits_longer_than_the_limits_of_its_session(
    bench: LiveBench, pair: list[SignedApproval]
) -> None:
    """A phase in flight may take longer than a session would wait for a lock, or a statement may
    last.
    """
    limits = SessionLimits(lock_timeout="50ms", statement_timeout="100ms")
    short = PostgresConnections(
        bench.database.endpoint, bench.database.credentials, target=bench.target, limits=limits
    )
    bench.context(PLAN)
    with (
        bench.database.connect() as flight,
        short.connect(Principal.VERIFY) as conn,
        ThreadPoolExecutor(1) as pool,
    ):
        flight.execute("SELECT FROM cut_permit FOR SHARE")
        halting = pool.submit(halt, conn, "operator", "a test")
        time.sleep(0.4)
        assert not halting.done()
        flight.rollback()
        assert halting.result(timeout=60) == 1


@pytest.mark.parametrize("principal", list(Principal))
def test_both_principals_may_halt_and_neither_may_lift(
    bench: LiveBench, principal: Principal
) -> None:
    ctx = bench.context(PLAN)
    with bench.connections.connect(principal) as conn:
        assert halt(conn, "Carl", "smoke") == 1
        assert [(one.halted_by, one.reason) for one in halts_in_force(conn)] == [("Carl", "smoke")]
        assert isinstance(halts_in_force(conn)[0], Halt)
    for other in Principal:
        with (
            bench.connections.connect(other) as conn,
            pytest.raises(PrincipalCapabilityError, match="42501"),
        ):
            lift_halt(conn, "Carl", "no smoke")
    with pytest.raises(ProductionExecutionNotAuthorized, match="everything is halted"):
        bench.adapter.pre_write_backup(ctx)
    with bench.connections.connect(Principal.EXEC) as conn:
        assert bench.lift("Carl", "no smoke") == 1
        assert halts_in_force(conn) == []
    with pytest.raises(
        ProductionExecutionNotAuthorized, match="it has no permit, or its permit was revoked"
    ):
        bench.adapter.pre_write_backup(ctx)
    with bench.database.connect() as admin:
        row = admin.execute(
            "SELECT halted_by, lifted_by, lift_reason, lifted_at > halted_at FROM cut_halt"
        ).fetchall()
    assert row == [("Carl", "Carl", "no smoke", True)]


def test_halting_again_changes_nothing_but_is_on_record_and_one_lift_lifts_all(
    bench: LiveBench,
) -> None:
    bench.context(PLAN)
    with (
        bench.connections.connect(Principal.VERIFY) as one,
        bench.connections.connect(Principal.EXEC) as two,
    ):
        assert [halt(one, "Carl", "smoke"), halt(two, "Dora", "more smoke")] == [1, 0]
        assert [found.halted_by for found in halts_in_force(one)] == ["Carl", "Dora"]
        assert bench.lift("Carl", "no smoke") == 2
        assert bench.lift("Carl", "still none") == 0


def test_two_halts_at_once_are_two_halts(bench: LiveBench) -> None:
    def halting(number: int) -> None:
        with bench.connections.connect(list(Principal)[number % 2]) as conn:
            halt(conn, f"operator {number}", "a test")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(halting, range(8)))
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(DISTINCT halt_no) FROM cut_halt") == 8


def test_halts_of_one_microsecond_neither_wait_nor_are_refused(bench: LiveBench) -> None:
    one_after_another = """DO $$ DECLARE started timestamptz := clock_timestamp(); BEGIN
        WHILE clock_timestamp() < started + interval '1 s' LOOP
          PERFORM cutter.fn_halt('Carl', 'smoke');
          COMMIT;
        END LOOP; END $$"""

    def halting() -> None:
        with bench.connections.connect(Principal.EXEC) as conn:
            conn.execute("SET lock_timeout = '5s'")
            conn.execute(one_after_another)

    with (
        ThreadPoolExecutor(1) as pool,
        bench.database.connect(autocommit=True) as admin,
        bench.connections.connect(Principal.VERIFY) as begun_and_left,
        begun_and_left.transaction(),
    ):
        beside = pool.submit(halting)
        while not scalar(admin, "SELECT count(*) FROM cut_halt") and not beside.done():
            time.sleep(0.001)
        begun_and_left.execute(
            "SELECT count(cutter.fn_halt('Dora', 'more')) FROM generate_series(1, 3000)"
        )
        beside.result(60)
    with bench.database.connect() as admin:
        assert (scalar(admin, "SELECT count(*) FROM cut_halt") or 0) > 3000


@pytest.mark.parametrize(
    ("by", "reason"), [("", "why"), ("Carl", ""), (" ", "why"), ("Carl", "\t\n"), ("", "")]
)
def test_a_halt_and_its_lifting_need_a_name_and_a_reason(
    bench: LiveBench, by: str, reason: str
) -> None:
    with bench.connections.connect(Principal.EXEC) as conn:
        with pytest.raises(BadInput, match="a name and a reason"):
            halt(conn, by, reason)
        with pytest.raises(psycopg.errors.CheckViolation):
            conn.execute("SELECT cutter.fn_halt(%s, %s)", (by, reason))
        assert halts_in_force(conn) == []
        halt(conn, "Carl", "smoke")
        with pytest.raises(BadInput, match="by a named person for a reason"):
            bench.lift(by, reason)
        for name, why in ((by, reason), (None, "why"), ("Carl", None)):
            with (
                bench.database.connect(autocommit=True) as admin,
                pytest.raises(psycopg.errors.CheckViolation),
            ):
                admin.execute("SELECT cutter.fn_halt_lift(%s, %s)", (name, why))
        assert len(halts_in_force(conn)) == 1
