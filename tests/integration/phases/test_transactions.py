"""One transaction a phase: retries, lost connections at every point, doubt at COMMIT, and two
executors at once.
"""

# statements are put together from the names of our own tables
from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import IsolationLevel

from adapters.postgres.connection.lending import LendingConnections
from adapters.postgres.connection.session import PostgresConnections, SessionLimits
from adapters.postgres.permits.permit import find_permit
from adapters.postgres.phases.transactions import LiveTransactions
from domain.change_set import CutContext
from domain.errors import (
    AppendOnlyViolation,
    CutterError,
    DatabaseUnavailable,
    PhaseInDoubt,
    PhaseStop,
    PrincipalCapabilityError,
    StopInvariantFailed,
)
from domain.phases import Phase, Principal
from domain.plan.cut_plan import CutPlan
from tests.support.end_state import end_state, row_counts
from tests.support.live import MUTATION_SURFACE, LiveBench, live_bench, run_phases, scalar
from tests.support.plans import made_plan
from tests.support.postgres import (
    Cluster,
    Connection,
    Database,
    fresh_database,
)
from tests.support.rig import rig
from tests.support.wire import BreakingProxy, Fault

EVERYTHING = (
    "SELECT sha256(convert_to(concat("
    + ", ".join(
        f"(SELECT string_agg(t::text, ';' ORDER BY t::text) FROM {table} AS t)"
        for table in MUTATION_SURFACE
    )
    + "), 'UTF8'))"
)
"""One hash over every row of every table that a cut may change."""


@pytest.fixture(scope="module")
def undisturbed(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The end state of a cut of the plan below that nothing disturbed."""
    with fresh_database(cluster) as database:
        made, plan = live_bench(database, tmp_path_factory.mktemp("undisturbed")), made_plan(4)
        run_phases(made.adapter, made.context(plan), plan)
        return end_state(database)


def sessions(database: Database) -> int:
    """Sessions of the product on this database; a moment is given to those that are just ending."""
    with database.connect(autocommit=True) as admin:
        for _ in range(1500):
            open_now = scalar(
                admin,
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name LIKE 'iu-cutter%%' AND backend_type = %s",
                "client backend",
            )
            if open_now == 0:
                return 0
            time.sleep(0.02)
        return int(open_now)


def transactions(bench: LiveBench, attempts: int = 6) -> LiveTransactions:
    return LiveTransactions(bench.connections, attempts=attempts, longest_wait=0.02)


# --- retries
# -------------------------------------------------------------------------------------------------


def failing(times: int, code: str) -> Callable[[Connection], int]:
    """Work that the server ends with a code, then lets through; answers with the number of the try
    that passed.
    """
    tries = 0

    def work(conn: Connection) -> int:
        nonlocal tries
        tries += 1
        if tries <= times:
            conn.execute(
                f"DO $$ BEGIN RAISE EXCEPTION 'made' USING ERRCODE = '{code}'; END $$".encode()
            )
        return tries

    return work


@pytest.mark.parametrize("code", ["40001", "40P01", "55P03", "53300", "57P03"])
def test_passing_trouble_is_retried_as_a_whole_and_bounded(bench: LiveBench, code: str) -> None:
    ctx = bench.context(made_plan(1))
    runner = transactions(bench, attempts=4)
    assert runner.run(ctx, Phase.MARK, IsolationLevel.SERIALIZABLE, failing(3, code)) == 4
    with pytest.raises(PhaseStop) as stop:
        runner.run(ctx, Phase.MARK, IsolationLevel.SERIALIZABLE, failing(4, code))
    assert stop.value.sqlstate == code
    assert "Nothing of it was written" in str(stop.value)
    assert sessions(bench.database) == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("42501", PrincipalCapabilityError),
        ("IU004", PrincipalCapabilityError),
        ("IU002", AppendOnlyViolation),
        *((code, PhaseStop) for code in ("22023", "23514", "57014", "XX000", "ZZ999")),
    ],
)
def test_what_will_not_pass_is_tried_once(
    bench: LiveBench, code: str, kind: type[CutterError]
) -> None:
    work = failing(1, code)
    with pytest.raises(kind) as stop:
        transactions(bench).run(
            bench.context(made_plan(1)), Phase.MARK, IsolationLevel.READ_COMMITTED, work
        )
    assert (type(stop.value), stop.value.sqlstate) == (kind, code)
    with bench.database.connect() as probe:
        assert work(probe) == 2, "it was tried once and no more"
    assert sessions(bench.database) == 0


def test_trouble_in_a_function_that_translates_for_others_is_retried_all_the_same(
    bench: LiveBench,
) -> None:
    """VERIFY judges the permit with functions that answer everybody else with our own errors."""
    ctx, tries = bench.context(made_plan(1)), 0

    def work(conn: Connection) -> int:
        nonlocal tries
        tries += 1
        if tries == 1:
            with bench.database.connect(autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", (conn.info.backend_pid,))
        assert find_permit(conn, ctx.change_set_id) is not None
        return tries

    runner = transactions(bench)
    assert runner.run(ctx, Phase.WRITE_VERIFY, IsolationLevel.SERIALIZABLE, work) == 2


def test_a_real_serialization_failure_is_retried(bench: LiveBench) -> None:
    """Two real sessions: the phase reads, another transaction writes what it read, the phase's own
    write then fails once.
    """
    ctx, tries = bench.context(made_plan(1)), 0
    with bench.database.connect(autocommit=True) as admin:
        admin.execute("CREATE TABLE scratch AS SELECT 1 AS n")
        admin.execute("GRANT ALL ON scratch TO cutter_exec")

        def work(conn: Connection) -> int:
            nonlocal tries
            tries += 1
            before = int(scalar(conn, "SELECT n FROM scratch"))
            if tries == 1:
                admin.execute("UPDATE scratch SET n = n + 10")
            conn.execute("UPDATE scratch SET n = n + 1")
            return before

        assert transactions(bench).run(ctx, Phase.MARK, IsolationLevel.SERIALIZABLE, work) == 11
        assert tries == 2
        assert scalar(admin, "SELECT n FROM scratch") == 12


def test_a_real_deadlock_is_retried(bench: LiveBench) -> None:
    with bench.database.connect(autocommit=True) as admin:
        admin.execute("CREATE TABLE scratch AS SELECT n, 0 AS hits FROM generate_series(1, 2) n")
        admin.execute("GRANT ALL ON scratch TO cutter_exec")
    met = threading.Barrier(2, timeout=60)

    def crossing(code: str, order: tuple[int, int]) -> Callable[[], None]:
        ctx, tries = bench.context(made_plan(1, code=code)), 0

        def work(conn: Connection) -> None:
            nonlocal tries
            tries += 1
            conn.execute("UPDATE scratch SET hits = hits + 1 WHERE n = %s", (order[0],))
            if tries == 1:
                met.wait()
            conn.execute("UPDATE scratch SET hits = hits + 1 WHERE n = %s", (order[1],))

        return lambda: transactions(bench).run(ctx, Phase.MARK, IsolationLevel.READ_COMMITTED, work)

    with ThreadPoolExecutor(2) as pool:
        for done in [
            pool.submit(crossing("a.law", (1, 2))),
            pool.submit(crossing("b.law", (2, 1))),
        ]:
            done.result(timeout=30)
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT array_agg(hits) FROM scratch") == [2, 2]


def test_a_held_writers_lock_is_waited_for_and_then_named(bench: LiveBench) -> None:
    plan = made_plan(1)
    ctx = bench.context(plan)
    limits = SessionLimits(lock_timeout="50ms", statement_timeout="10s")
    short = PostgresConnections(
        bench.database.endpoint, bench.database.credentials, target=bench.target, limits=limits
    )
    with bench.connections.connect(Principal.EXEC) as holder:
        holder.execute(
            "SELECT pg_advisory_lock(hashtextextended('iu-cutter writers:' || %s, 0))",
            (ctx.document_code,),
        )
        with pytest.raises(PhaseStop, match="another run holds this document") as stop:
            LiveTransactions(short, attempts=3, longest_wait=0.01).run(
                ctx, Phase.MARK, IsolationLevel.READ_COMMITTED, lambda _conn: None
            )
        assert stop.value.sqlstate == "55P03"
    assert sessions(bench.database) == 0


# --- the writers lock
# -------------------------------------------------------------------------------------------------


def test_the_lock_of_the_document_spans_begin_to_commit(bench: LiveBench) -> None:
    """Looked at from outside at both ends: when the transaction has just begun, and when COMMIT is
    on its way.
    """
    plan = made_plan(2)
    ctx = bench.context(plan)
    held: list[object] = []
    look = (
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype "
        "= 'advisory' AND l.granted"
        " AND a.state = 'idle in transaction' AND l.classid::bigint = "
        "(hashtextextended('iu-cutter writers:' || %s, 0) >> 32)"
        " & 4294967295"
    )
    with (
        BreakingProxy(bench.database.endpoint) as proxy,
        bench.database.connect(autocommit=True) as admin,
    ):
        proxy.on_commit = lambda: held.append(scalar(admin, look, ctx.document_code))
        bench.connections = PostgresConnections(
            proxy.endpoint, bench.database.credentials, target=bench.target
        )
        run_phases(bench.new_adapter(), ctx, plan)

        def at_begin(conn: Connection) -> None:
            held.append(scalar(admin, look, ctx.document_code))

        transactions(bench).run(ctx, Phase.MARK, IsolationLevel.SERIALIZABLE, at_begin)
        # The backup has two connections: it asks the journal, dumps outside any transaction, and
        # then records. The last phase was looked at inside, too.
        assert held == [1] * (len(Phase) + 1) + [1, 1]
        assert scalar(admin, look, ctx.document_code) == 0


def test_two_documents_do_not_wait_for_each_other(bench: LiveBench) -> None:
    other = bench.context(made_plan(1, code="other.law"))
    ctx = bench.context(made_plan(1))

    def inside(_conn: Connection) -> str:
        return transactions(bench).run(
            other, Phase.MARK, IsolationLevel.READ_COMMITTED, lambda _inner: "done"
        )

    assert transactions(bench).run(ctx, Phase.MARK, IsolationLevel.READ_COMMITTED, inside) == "done"


def test_work_that_hides_a_failed_statement_does_not_pass_for_done(bench: LiveBench) -> None:
    def work(conn: Connection) -> None:
        with pytest.raises(psycopg.errors.DivisionByZero):
            conn.execute("SELECT 1 / 0")

    with pytest.raises(PhaseStop, match="left its transaction in a failed state"):
        transactions(bench).run(
            bench.context(made_plan(1)), Phase.MARK, IsolationLevel.READ_COMMITTED, work
        )
    assert sessions(bench.database) == 0


# --- a backend that goes away at any point
# ----------------------------------------------------------------------------


class Killer:
    """Ends the session's own backend right before its statement number `at`, once."""

    def __init__(self, database: Database) -> None:
        self.at = 0
        self.seen = 0
        self._admin = database.connect(autocommit=True)

    def before(self, conn: Connection) -> None:
        self.seen += 1
        if self.seen == self.at:
            self._admin.execute("SELECT pg_terminate_backend(%s, 5000)", (conn.info.backend_pid,))

    def close(self) -> None:
        self._admin.close()


@pytest.fixture
def killer(bench: LiveBench) -> Iterator[Killer]:
    made = Killer(bench.database)

    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **options: Any) -> Cursor:
            made.before(self.connection)
            super().execute(query, params, **options)
            return self

        def stream(self, query: Any, params: Any = None, **options: Any) -> Iterator[Any]:
            made.before(self.connection)
            return super().stream(query, params, **options)

    database = bench.database
    limits = SessionLimits(lock_timeout="2s", statement_timeout="60s")
    bench.connections = PostgresConnections(
        database.endpoint,
        database.credentials,
        target=bench.target,
        limits=limits,
        cursor_factory=Cursor,
    )
    yield made
    made.close()


def one_phase(
    bench: LiveBench, ctx: CutContext, plan: CutPlan, phase: Phase, attempts: int
) -> None:
    """One phase by an adapter of its own, as another process would run it."""
    adapter = bench.new_adapter(
        LiveTransactions(bench.connections, attempts=attempts, longest_wait=0.01)
    )
    method = getattr(adapter, phase.value)
    _ = method(ctx) if phase is Phase.PRE_WRITE_BACKUP else method(ctx, plan)


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.slow)])
def test_killed_at_every_statement_and_run_again_it_ends_the_same(
    bench: LiveBench, killer: Killer, undisturbed: dict[str, Any], step: int
) -> None:
    """Each run is ended so many statements later than the last; what was not committed must have
    left nothing at all.
    """
    plan = made_plan(4)
    ctx = bench.context(plan)
    kills = 0
    with bench.database.connect(autocommit=True) as admin:
        for number, phase in enumerate(Phase):
            before = scalar(admin, EVERYTHING)
            for at in range(1 + number % step, 100, step):
                killer.at, killer.seen = at, 0
                try:
                    one_phase(bench, ctx, plan, phase, attempts=1)
                    break
                except (PhaseStop, DatabaseUnavailable):
                    kills += 1
                    assert scalar(admin, EVERYTHING) == before, (
                        f"{phase}, ended before statement {at}, left something"
                    )
            killer.at = 0
    assert kills > 40 // step
    assert end_state(bench.database) == undisturbed
    assert sessions(bench.database) == 0


@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_killed_at_every_statement_one_call_still_finishes(
    bench: LiveBench, killer: Killer, undisturbed: dict[str, Any], shared: bool
) -> None:
    """Within one call: a session lost in mid-phase is replaced, and the phase done from its
    start, whether the session was the phase's own or is shared with the phases before.
    """
    plan = made_plan(4)
    ctx = bench.context(plan)
    if shared:
        bench.connections = LendingConnections(bench.connections)
    # a loss while connecting is told to the operator at once; from here on the phase's own
    # statements run
    first = 3
    for number, phase in enumerate(Phase):
        killer.at, killer.seen = first + number % 3, 0
        one_phase(bench, ctx, plan, phase, attempts=3)
        assert killer.seen > killer.at, "the phase was really interrupted"
    killer.at = 0
    if isinstance(bench.connections, LendingConnections):
        bench.connections.close()
    assert end_state(bench.database) == undisturbed


# --- COMMIT in doubt
# -------------------------------------------------------------------------------------------------


def behind(proxy: BreakingProxy, bench: LiveBench) -> PostgresConnections:
    limits = SessionLimits(lock_timeout="2s", statement_timeout="60s")
    return PostgresConnections(
        proxy.endpoint, bench.database.credentials, target=bench.target, limits=limits
    )


@pytest.mark.one_quick
@pytest.mark.parametrize("fault", list(Fault))
def test_a_connection_lost_at_commit_is_settled_by_lock_and_journal(
    bench: LiveBench, undisturbed: dict[str, Any], fault: Fault
) -> None:
    plan = made_plan(4)
    ctx = bench.context(plan)
    with BreakingProxy(bench.database.endpoint) as proxy:
        bench.connections = behind(proxy, bench)
        for phase in Phase:
            adapter = bench.new_adapter()
            method = getattr(adapter, phase.value)
            passed = proxy.commits
            faults = [fault]
            _arm_first_commit(proxy, faults)
            _ = method(ctx) if phase is Phase.PRE_WRITE_BACKUP else method(ctx, plan)
            assert faults == [], "the fault came to pass"
            assert proxy.commits >= passed + 2, "the whole was tried again"
            # Committed: the second try finds the journal's row and replays. Not committed: it does
            # the work.
            if phase is not Phase.PRE_WRITE_BACKUP:
                assert (phase in adapter.replayed) == (fault is Fault.DROP_ANSWER)
    assert end_state(bench.database) == undisturbed
    assert sessions(bench.database) == 0


def _arm_first_commit(proxy: BreakingProxy, faults: list[Fault]) -> None:
    """Of a connection there is one COMMIT only: the phase's own."""

    def arm() -> None:
        if faults:
            proxy.arm(faults.pop())

    proxy.on_commit = arm


def test_doubt_that_can_not_be_settled_is_said_to_be_doubt(bench: LiveBench) -> None:
    """Committed, answer lost, and the server is then out of reach: neither done nor failed may be
    claimed.
    """
    plan = made_plan(2)
    ctx = bench.context(plan)
    bench.adapter.pre_write_backup(ctx)
    with BreakingProxy(bench.database.endpoint) as proxy:
        bench.connections = behind(proxy, bench)
        faults = [Fault.DROP_ANSWER]
        _arm_first_commit(proxy, faults)
        adapter = bench.new_adapter(LiveTransactions(bench.connections, attempts=1))
        with pytest.raises(PhaseInDoubt, match="the journal knows whether it was committed"):
            adapter.mark(ctx, plan)
        assert sessions(bench.database) == 0
    again = live_bench_like(bench)
    again.mark(ctx, plan)
    assert again.replayed == {Phase.MARK}
    assert row_counts(bench.database)["cutter.decision_backlog_entry"] == 1


def live_bench_like(bench: LiveBench) -> Any:
    """An adapter straight to the server."""
    bench.connections = PostgresConnections(
        bench.database.endpoint, bench.database.credentials, target=bench.target
    )
    return bench.new_adapter()


def test_doubt_stays_doubt_while_the_lock_can_not_be_taken(bench: LiveBench) -> None:
    """The answer to COMMIT was lost, then somebody else holds the document: `nothing was written`
    would be a guess.
    """
    plan = made_plan(2)
    ctx = bench.context(plan)
    bench.adapter.pre_write_backup(ctx)
    with (
        BreakingProxy(bench.database.endpoint) as proxy,
        bench.connections.connect(Principal.EXEC) as rival,
        bench.database.connect(autocommit=True) as admin,
        ThreadPoolExecutor(1) as pool,
    ):
        limits = SessionLimits(lock_timeout="100ms", statement_timeout="60s")
        bench.connections = PostgresConnections(
            proxy.endpoint, bench.database.credentials, target=bench.target, limits=limits
        )
        faults = [Fault.DROP_ANSWER]
        _arm_first_commit(proxy, faults)
        count = proxy.on_commit
        grab = "SELECT pg_advisory_lock(hashtextextended('iu-cutter writers:' || %s, 0))"

        def queue_up_before_the_commit() -> None:
            count()
            if not faults and proxy.commits == 1:
                pool.submit(rival.execute, grab, (ctx.document_code,))
                while not scalar(
                    admin,
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
                ):
                    time.sleep(0.01)

        proxy.on_commit = queue_up_before_the_commit
        adapter = bench.new_adapter(
            LiveTransactions(bench.connections, attempts=3, longest_wait=0.01)
        )
        with pytest.raises(PhaseInDoubt, match="is in doubt"):
            adapter.mark(ctx, plan)
    assert row_counts(bench.database)["cutter.decision_backlog_entry"] == 1


@pytest.mark.slow
def test_a_server_that_is_restarted_in_mid_phase_and_in_between_loses_and_doubles_nothing(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    with rig() as own, fresh_database(own.cluster) as database:
        bench, plan = live_bench(database, tmp_path), made_plan(4)
        ctx = bench.context(plan)
        restarts = 0

        def restart() -> None:
            nonlocal restarts
            own.stop()
            own.start()
            restarts += 1

        class Restarting(psycopg.Cursor[Any]):
            seen = 0
            at = 0

            def execute(self, query: Any, params: Any = None, **options: Any) -> Restarting:
                Restarting.seen += 1
                if Restarting.seen == Restarting.at:
                    restart()
                super().execute(query, params, **options)
                return self

        for phase in Phase:
            restart()
            Restarting.seen, Restarting.at = 0, 5
            bench.connections = PostgresConnections(
                database.endpoint,
                database.credentials,
                target=bench.target,
                cursor_factory=Restarting,
            )
            one_phase(bench, ctx, plan, phase, attempts=5)
        assert restarts == 2 * len(Phase)
        assert end_state(database) == undisturbed
        assert sessions(database) == 0


# --- two at once
# -------------------------------------------------------------------------------------------------


def both(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Run two at the same moment; what each answered or raised."""
    start = threading.Barrier(2, timeout=60)

    def guarded(action: Callable[[], object]) -> object:
        start.wait()
        try:
            return action()
        except PhaseStop as stop:
            return stop

    with ThreadPoolExecutor(2) as pool:
        return [
            future.result(timeout=60)
            for future in [pool.submit(guarded, first), pool.submit(guarded, second)]
        ]


@pytest.mark.parametrize("turns", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_two_executors_of_one_change_set_have_exactly_one_effect(
    bench: LiveBench, turns: int
) -> None:
    for turn in range(turns):
        plan = made_plan(2, code=f"race.{turn}")
        ctx = bench.context(plan)
        one, two = bench.new_adapter(), bench.new_adapter()
        answers = both(partial(run_phases, one, ctx, plan), partial(run_phases, two, ctx, plan))
        assert answers[0] == answers[1], "both see the one result"
        assert not one.replayed & two.replayed - {Phase.PRE_WRITE_BACKUP}, (
            "each phase was done by one of them"
        )
    assert row_counts(bench.database)["public.information_unit"] == turns * 3
    assert row_counts(bench.database)["cutter.cut_phase_journal"] == turns * len(Phase)
    assert sessions(bench.database) == 0


def test_of_two_change_sets_of_one_document_one_is_refused(bench: LiveBench) -> None:
    for turn in range(3):
        plans = [made_plan(2, code=f"rival.{turn}"), made_plan(3, code=f"rival.{turn}")]
        runs = [bench.context(plan) for plan in plans]
        adapters = [_armed(bench, ctx).new_adapter() for ctx in runs]
        answers = both(
            *(partial(run_phases, *each) for each in zip(adapters, runs, plans, strict=True))
        )
        stops = [answer for answer in answers if isinstance(answer, PhaseStop)]
        assert len(stops) == 1, answers
        assert isinstance(stops[0], StopInvariantFailed)
    with bench.database.connect() as admin:
        assert (
            scalar(admin, "SELECT count(*) FROM decision_backlog_entry WHERE status = 'enacted'")
            == 3
        )
        assert (
            scalar(admin, "SELECT count(*) FROM information_unit WHERE lifecycle <> 'enacted'") == 0
        )


def _armed(bench: LiveBench, ctx: CutContext) -> LiveBench:
    """The same bench with a switch of its own, armed for one change set."""
    made = live_bench(bench.database, bench.backup.folder)
    made.switch.change_set_id = ctx.change_set_id
    return made
