"""A COMMIT whose answer is lost, with a server that is restarted at that moment or does not notice
that its client is gone.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from adapters.postgres.connection.statements import statement
from adapters.postgres.phases.transactions import LiveTransactions
from domain.errors import DatabaseUnavailable, PhaseInDoubt
from domain.phases import Phase, Principal
from tests.support.boundaries import Connection, Moment, half_open, lose_answer, watched
from tests.support.end_state import end_state
from tests.support.grid import PLAN, Boundary, Course, one_phase, recorded
from tests.support.live import LiveBench, live_bench, scalar
from tests.support.postgres import Cluster, Database, fresh_database
from tests.support.rig import Rig, rig

# statements that assert who and where a session is: a loss there is told to the operator at once
CONNECTING = 4
PRODUCT = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
    "application_name LIKE 'iu-cutter%%'"
)


def last_statements(boundaries: list[Boundary]) -> dict[Phase, int]:
    """The number of each phase's last COMMIT."""
    return {boundary.phase: boundary.statement for boundary in boundaries}


def patient(bench: LiveBench) -> LiveTransactions:
    return LiveTransactions(bench.connections, attempts=5, longest_wait=0.05)


# --- a server that is stopped at once and started again
# ---------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("course", list(Course))
@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.SENT, Moment.UNREAD])
def test_a_commit_lost_with_its_server_is_settled_in_the_same_call(
    tmp_path: Path, moment: Moment, course: Course
) -> None:
    with rig() as made:
        boundaries, undisturbed = recorded(made.cluster, tmp_path, course)
        last = last_statements(boundaries)
        with fresh_database(made.cluster) as database:
            bench = live_bench(database, tmp_path)
            ctx, plan = course.begin(bench)
            for phase in Phase:
                adapter, crashes = course.adapter(bench, patient(bench)), 0

                def crash(conn: Connection, number: int, at: Moment, phase: Phase = phase) -> None:
                    nonlocal crashes
                    if not crashes and (number, at) == (last[phase], moment):
                        crashes += 1
                        _power_cut(made, conn, at)

                with watched(crash):
                    one_phase(adapter, ctx, phase, plan)
                assert crashes == 1, "the server really went"
                if moment is not Moment.SENT:  # there it may have come in time or not
                    assert (phase in adapter.replayed) == (moment is Moment.UNREAD), phase
            assert end_state(database) == undisturbed


def _power_cut(made: Rig, conn: Connection, at: Moment) -> None:
    made.crash()
    if at is not Moment.BEFORE:
        lose_answer(conn)
    made.start()


@pytest.mark.slow
@pytest.mark.parametrize("course", list(Course))
@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.UNREAD])
def test_a_commit_lost_with_a_server_that_stays_away_is_doubt_until_it_is_back(
    tmp_path: Path, moment: Moment, course: Course
) -> None:
    with rig() as made:
        boundaries, undisturbed = recorded(made.cluster, tmp_path, course)
        with fresh_database(made.cluster) as database:
            bench = live_bench(database, tmp_path)
            ctx, plan = course.begin(bench)
            for phase in Phase:

                def crash(conn: Connection, number: int, at: Moment, phase: Phase = phase) -> None:
                    if (number, at) == (last_statements(boundaries)[phase], moment):
                        made.crash()
                        lose_answer(conn)

                with watched(crash), pytest.raises(PhaseInDoubt, match="is in doubt"):
                    one_phase(course.adapter(bench, patient(bench)), ctx, phase, plan)
                made.start()
                again = course.adapter(bench)
                one_phase(again, ctx, phase, plan)
                assert (phase in again.replayed) == (moment is Moment.UNREAD)
            assert end_state(database) == undisturbed


# --- a server that does not notice
# ------------------------------------------------------------------------------------


def _finishes(
    cluster: Cluster, folder: Path, cells: list[tuple[Boundary, Moment]], undisturbed: object
) -> None:
    """Each phase loses its client's end once, at the statement that is named for it, and still ends
    in the same call.
    """
    with fresh_database(cluster) as database, half_open() as cut_off:
        bench = live_bench(database, folder)
        ctx = bench.context(PLAN)
        for boundary, moment in cells:
            lost: list[int] = []
            lose = partial(_lose, lost, boundary.statement, moment, cut_off)
            try:
                with watched(lose):
                    one_phase(bench.new_adapter(patient(bench)), ctx, boundary.phase, PLAN)
            except (
                DatabaseUnavailable
            ):  # the backup connects twice, and a loss while connecting is told at once
                assert boundary.phase is Phase.PRE_WRITE_BACKUP
                one_phase(bench.new_adapter(patient(bench)), ctx, boundary.phase, PLAN)
            assert len(lost) == 1, f"{boundary} {moment} really lost its client"
        assert end_state(database) == undisturbed


def _lose(
    lost: list[int],
    number: int,
    moment: Moment,
    cut_off: Callable[[Connection], None],
    conn: Connection,
    seen: int,
    at: Moment,
) -> None:
    if not lost and seen >= number and at is moment:
        lost.append(conn.info.backend_pid)
        cut_off(conn)


def _draw(boundaries: list[Boundary], chance: random.Random) -> list[tuple[Boundary, Moment]]:
    after = [boundary for boundary in boundaries if boundary.statement > CONNECTING]
    drawn = [
        chance.choice([boundary for boundary in after if boundary.phase is phase])
        for phase in Phase
    ]
    return [(boundary, chance.choice(list(Moment)[:-1])) for boundary in drawn]


@pytest.mark.parametrize(
    "rounds", [1, pytest.param(12, marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_a_client_lost_without_notice_does_not_keep_its_own_successor_out(
    cluster: Cluster, tmp_path: Path, rounds: int
) -> None:
    boundaries, undisturbed = recorded(cluster, tmp_path)
    chance = random.Random(rounds)  # noqa: S311  # the same draw each time, no secret
    for _ in range(rounds):
        _finishes(cluster, tmp_path, _draw(boundaries, chance), undisturbed)


def test_a_lock_taken_by_a_session_that_was_lost_before_it_could_say_so_is_freed(
    cluster: Cluster, tmp_path: Path
) -> None:
    """The answer to the lock itself is lost: the half-open session holds it, and nothing has been
    begun.
    """
    boundaries, undisturbed = recorded(cluster, tmp_path)
    taking = {boundary.phase: CONNECTING + 2 for boundary in boundaries}
    _finishes(
        cluster,
        tmp_path,
        [(Boundary(phase, at), Moment.UNREAD) for phase, at in taking.items()],
        undisturbed,
    )


def test_a_lost_backend_is_ended_by_its_number_and_its_start(
    database: Database, tmp_path: Path
) -> None:
    """A number is used again by another session: only with the right start is it the one that was
    lost.
    """
    bench = live_bench(database, tmp_path)
    end = statement("session_end_backend")
    with contextlib.closing(bench.connections.connect(Principal.EXEC)) as mine:
        with contextlib.closing(bench.connections.connect(Principal.EXEC)) as other:
            found = other.execute(statement("session_backend")).fetchone()
            assert found is not None
            pid, started = found
            for nearly in (started - timedelta(microseconds=1), started + timedelta(seconds=1)):
                assert mine.execute(end, {"pid": pid, "backend_start": nearly}).fetchall() == []
            assert scalar(other, "SELECT 1") == 1
            assert mine.execute(end, {"pid": pid, "backend_start": started}).fetchall() == [(True,)]
        with database.connect() as admin:
            assert scalar(admin, PRODUCT) == 1
