"""One cell of the kill grid: a run that dies at one moment of one statement, what it left, and the
run that finishes it.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final, NoReturn

import psycopg
from psycopg import IsolationLevel

from adapters.postgres.phases.transactions import LiveTransactions
from adapters.postgres.record.status import change_sets
from domain.change_set import CutContext
from domain.errors import CutterError, DatabaseUnavailable, PhaseInDoubt, PhaseStop
from domain.phases import Phase, Principal
from tests.support.boundaries import Connection, Moment, Watcher, lose_answer, watched
from tests.support.end_state import end_state
from tests.support.live import LiveBench, live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Cluster, fresh_database
from tests.support.revising import cut_first, revision_adapter, revision_context, revision_plan
from tests.support.revisions import OLD, harbour_plan, new_texts
from tests.support.rig import Rig, rig, terminate

PLAN: Final = made_plan(3)
AMENDED: Final = harbour_plan([*new_texts()[:4], ("7", "A rule that is new.")], "amended.md")
"""A new text that changes, adds, renumbers and repeals."""
State = dict[str, Any]


class Course(Enum):
    """What is run: a change set of one kind, on a knowledge base that is made ready for it."""

    CUT = "cut"
    REVISION = "revision"

    def begin(self, bench: LiveBench) -> tuple[CutContext, Any]:
        """The context and the plan of a run that may begin."""
        if self is Course.CUT:
            return bench.context(PLAN), PLAN
        cut_first(bench, harbour_plan(sorted(OLD.items())))
        plan = revision_plan(bench, AMENDED)
        return revision_context(bench, plan), plan

    def adapter(self, bench: LiveBench, transactions: LiveTransactions | None = None) -> Any:
        """The live adapter of this kind, as another process would build it."""
        if self is Course.REVISION:
            return revision_adapter(bench, transactions)
        return bench.new_adapter(transactions) if transactions else bench.new_adapter()


class Death(Enum):
    """What ends the run."""

    CLIENT = "client kill -9"
    BACKEND = "backend terminated"
    SERVER = "server stopped immediate"


@dataclass(frozen=True, slots=True)
class Boundary:
    """One statement of one phase, counted from 1."""

    phase: Phase
    statement: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One way to die."""

    death: Death
    boundary: Boundary
    moment: Moment
    course: Course = Course.CUT

    def is_at(self, statement: int, moment: Moment) -> bool:
        """Whether a run has come to the moment of the statement, or of one behind it: what is sent
        in a pipeline is not always waited for.
        """
        return statement >= self.boundary.statement and moment is self.moment

    def __str__(self) -> str:
        return (
            f"{self.course.value}, {self.death.value}, {self.boundary.phase} statement "
            f"{self.boundary.statement}, {self.moment.value}"
        )


@dataclass
class Verdict:
    """What was wrong with a cell: nothing, if every list is empty."""

    cell: Cell
    resumed: bool = False
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    torn_undetected: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Every fault in words."""
        return [*self.lost, *self.duplicated, *self.torn_undetected, *self.other]


# --- which cells there are
# --------------------------------------------------------------------------------------------


def recorded(
    cluster: Cluster, folder: Path, course: Course = Course.CUT
) -> tuple[list[Boundary], State]:
    """Every statement of every phase of a run that nothing disturbs, and the state in which it
    ends.
    """
    found: dict[Boundary, None] = {}
    with fresh_database(cluster) as database:
        bench = live_bench(database, folder)
        ctx, plan = course.begin(bench)
        adapter = course.adapter(bench)
        for phase in Phase:

            def note(
                _conn: Connection, statement: int, moment: Moment, phase: Phase = phase
            ) -> None:
                if moment is Moment.SENT:
                    found[Boundary(phase, statement)] = None

            with watched(note):
                one_phase(adapter, ctx, phase, plan)
        return list(found), end_state(database)


def all_cells(boundaries: list[Boundary], course: Course = Course.CUT) -> list[Cell]:
    """Every death at every moment of every statement."""
    return [
        Cell(death, boundary, moment, course)
        for death in Death
        for boundary in boundaries
        for moment in Moment
    ]


def sample(cells: list[Cell], size: int, seed: int) -> list[Cell]:
    """Some cells, chosen by a seed: as many of each death as there can be, in the grid's own
    order. Every kind of run is drawn from alike.
    """
    chosen = random.Random(seed)  # noqa: S311  # a seed that can be given again, no secret
    kept: set[Cell] = set()
    for number, death in enumerate(Death):
        share = size // len(Death) + (number < size % len(Death))
        of_death = [cell for cell in cells if cell.death is death]
        kept.update(chosen.sample(of_death, min(share, len(of_death))))
    return [cell for cell in cells if cell in kept]


# --- one cell
# -------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """What the run that died has told: the phases that were answered, and how the last one
    stopped.
    """

    answered: list[str] = field(default_factory=list)
    stop: Exception | None = None
    reached: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What one snapshot of the database shows between the death and the resume."""

    committed: frozenset[str]
    units: int
    finished: bool
    called_torn: bool


def run_cell(made: Rig, cell: Cell, expected: State, folder: Path) -> Verdict:
    """Die, look, resume as another process would, and judge."""
    verdict = Verdict(cell)
    with fresh_database(made.cluster) as database:
        bench = live_bench(database, folder)
        ctx, plan = cell.course.begin(bench)
        run = (
            _killed(bench, ctx, plan, cell)
            if cell.death is Death.CLIENT
            else _cut_off(made, bench, ctx, plan, cell)
        )
        if not run.reached:
            verdict.other.append("the run did not come to this statement")
            return verdict
        found = look(bench, ctx, cell.course)
        _judge_death(verdict, cell, run, found)
        adapter = cell.course.adapter(bench)
        try:
            run_phases(adapter, ctx, plan)
            verdict.resumed = True
        except PhaseStop as stop:
            verdict.other.append(f"the resume stopped: {stop}")
        if missing := found.committed - {str(phase) for phase in adapter.replayed}:
            verdict.other.append(f"the resume did not answer {sorted(missing)} from the journal")
        _judge_end(verdict, end_state(database), expected)
    return verdict


def one_phase(adapter: Any, ctx: CutContext, phase: Phase, plan: object) -> None:
    """One phase by an adapter of any kind."""
    method = getattr(adapter, phase.value)
    _ = method(ctx) if phase is Phase.PRE_WRITE_BACKUP else method(ctx, plan)


def _single_try(bench: LiveBench, course: Course) -> Any:
    return course.adapter(bench, LiveTransactions(bench.connections, attempts=1))


def die_in_run(
    adapter: Any, ctx: CutContext, plan: object, until: Phase, at: Watcher, run: Run
) -> None:
    """Run up to and with a phase, and tell `at` of that phase's statements."""
    for phase in Phase:
        try:
            with watched(at) if phase is until else contextlib.nullcontext():
                one_phase(adapter, ctx, phase, plan)
            run.answered.append(phase.value)
        except (PhaseStop, DatabaseUnavailable) as stop:
            run.stop = stop
            return
        if phase is until:
            return


def _killed(bench: LiveBench, ctx: CutContext, plan: object, cell: Cell) -> Run:
    """A real process, ended by kill -9; it tells each phase that was answered through a pipe."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _live_and_die(bench, ctx, plan, cell, writing)
    os.close(writing)
    with os.fdopen(reading, "r") as pipe:
        answered = pipe.read().split()
    _, status = os.waitpid(child, 0)
    return Run(answered, reached=os.waitstatus_to_exitcode(status) == -signal.SIGKILL)


def _live_and_die(
    bench: LiveBench, ctx: CutContext, plan: object, cell: Cell, writing: int
) -> NoReturn:
    run = Run(answered=_Told(writing))

    def at(_conn: Connection, statement: int, moment: Moment) -> None:
        if cell.is_at(statement, moment):
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        die_in_run(_single_try(bench, cell.course), ctx, plan, cell.boundary.phase, at, run)
    finally:
        os._exit(3)


class _Told(list[str]):
    """A list that writes what is added to it into a pipe."""

    def __init__(self, writing: int) -> None:
        self._writing = writing
        super().__init__()

    def append(self, phase: str) -> None:
        os.write(self._writing, f"{phase}\n".encode())


def _cut_off(made: Rig, bench: LiveBench, ctx: CutContext, plan: object, cell: Cell) -> Run:
    """The session or the whole server goes; the run lives on and finds out.

    An answer on its way is lost.
    """
    run = Run()

    def at(conn: Connection, statement: int, moment: Moment) -> None:
        if run.reached or not cell.is_at(statement, moment):
            return
        run.reached = True
        if cell.death is Death.BACKEND:
            terminate(made.cluster.server, conn, moment)
            return
        made.crash()
        if moment in (Moment.SENT, Moment.UNREAD):
            lose_answer(conn)

    die_in_run(_single_try(bench, cell.course), ctx, plan, cell.boundary.phase, at, run)
    if run.reached and cell.death is Death.SERVER:
        made.start()
    return run


UNFINISHED: Final = """
SELECT count(*) FROM information_unit u WHERE u.document_code = %s AND (u.lifecycle = 'draft' OR EXISTS (
  SELECT FROM unit_version w WHERE w.unit_id = u.id AND w.replaces = u.current_version_id))
"""
"""Units that wait to be enacted, or to be moved to a version."""


def look(bench: LiveBench, ctx: CutContext, course: Course = Course.CUT) -> Found:
    """What the database holds and what the status says about it, in one snapshot: a dead client's
    COMMIT may still come.
    """
    with contextlib.closing(bench.connections.connect(Principal.VERIFY)) as conn:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        with conn.transaction():
            said = change_sets(conn, ctx.change_set_id)
            journal = conn.execute(
                "SELECT phase FROM cut_phase_journal WHERE change_set_id = %s", (ctx.change_set_id,)
            )
            committed = frozenset(str(phase) for (phase,) in journal)
            torn = any(one.torn for one in said)
            if course is Course.REVISION:
                ((waiting,),) = conn.execute(UNFINISHED, (ctx.document_code,)).fetchall()
                return Found(committed, waiting, waiting == 0, torn)
            where = "FROM information_unit WHERE document_code = %s AND lifecycle <> 'withdrawn'"
            living = conn.execute(
                f"SELECT lifecycle {where}".encode(), (ctx.document_code,)
            ).fetchall()
    finished = bool(living) and all(lifecycle == "enacted" for (lifecycle,) in living)
    return Found(committed, len(living), finished, torn)


def _judge_death(verdict: Verdict, cell: Cell, run: Run, found: Found) -> None:
    torn = found.units > 0 and not found.finished
    if torn != found.called_torn:
        verdict.torn_undetected.append(
            f"{found.units} units are there, and the status says torn: {found.called_torn}"
        )
    if gone := set(run.answered) - found.committed:
        verdict.lost.append(f"{sorted(gone)} had been answered and is not on record")
    claims_nothing = run.stop is not None and not isinstance(run.stop, PhaseInDoubt)
    if claims_nothing and cell.boundary.phase in found.committed:
        verdict.other.append(f"committed, and the run said: {run.stop}")


def _judge_end(verdict: Verdict, state: State, expected: State) -> None:
    for table, rows in expected.items():
        if missing := rows - state[table]:
            verdict.lost.append(f"{table} lacks {sum(missing.values())} rows")
        if beyond := state[table] - rows:
            verdict.duplicated.append(f"{table} has {sum(beyond.values())} rows beyond")


def run_cells(cells: list[Cell], tell: Callable[[Verdict], None]) -> None:
    """Run these cells one after the other on a rig of their own."""
    with rig() as made:
        folder = made.home / "notes"
        folder.mkdir()
        courses = {cell.course for cell in cells}
        expected = {course: recorded(made.cluster, folder, course)[1] for course in courses}
        for cell in cells:
            try:
                tell(run_cell(made, cell, expected[cell.course], folder))
            except (CutterError, psycopg.Error, subprocess.SubprocessError) as error:
                tell(Verdict(cell, other=[f"{type(error).__name__}: {error}"]))
                made.start()


def cells_of_a_run() -> list[Cell]:
    """Every cell that there is, counted by a run that nothing disturbs."""
    with rig() as made:
        folder = made.home / "notes"
        folder.mkdir()
        return [
            cell
            for course in Course
            for cell in all_cells(recorded(made.cluster, folder, course)[0], course)
        ]
