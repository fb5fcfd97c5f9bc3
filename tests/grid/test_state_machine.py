"""Cut, revise, die anywhere, resume, halt, lift, revert, cut or revise again, in any order: after
each step all is as the model says.
"""

from __future__ import annotations

import contextlib
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import Phase as HypothesisPhase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from psycopg import IsolationLevel
from psycopg.rows import class_row

from adapters.postgres.connection.statements import statement
from adapters.postgres.permits.permit import halt
from adapters.postgres.phases.transactions import ATTEMPTS, LiveTransactions
from adapters.postgres.record.documents import standing_text
from adapters.postgres.record.status import change_sets
from domain.change_set import CutContext
from domain.errors import (
    ApprovalRefused,
    PhaseInDoubt,
    PlanRefused,
    ProductionExecutionNotAuthorized,
    StopInvariantFailed,
)
from domain.ledger.signed import HistoryRow, broken_link
from domain.phases import Phase, Principal
from tests.grid.model import Document, Job, journal_of, statuses_of, torn_of
from tests.support.boundaries import Connection, Moment
from tests.support.grid import Run, die_in_run, one_phase
from tests.support.live import live_bench, row_hashes
from tests.support.plans import made_plan
from tests.support.postgres import Cluster, fresh_database
from tests.support.reverts import revert_adapter, revert_of, revert_plan
from tests.support.revising import revision_adapter, revision_context, revision_plan
from tests.support.rig import terminate

DEATHS = st.tuples(st.sampled_from(Phase), st.integers(1, 25), st.sampled_from(Moment))
"""A phase, a statement and a moment.

Where the phase has fewer statements, the run just ends after the phase.
"""

TEXTS = ("The text of article {n}, as printed.\n", "What article {n} says was amended.\n")


class LifeOfAKnowledgeBase(RuleBasedStateMachine):
    """Two documents of two plans each on one database, with revisions of them, and their model."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        super().__init__()
        self.server = cluster.server
        self.stack = contextlib.ExitStack()
        self.bench = live_bench(self.stack.enter_context(fresh_database(cluster)), folder)
        self.documents = [Document("a.law"), Document("b.law")]
        self.halted = False

    def teardown(self) -> None:
        """Drop the database."""
        self.stack.close()

    # --- what can happen
    # ---------------------------------------------------------------------------------------------

    @precondition(lambda self: not self.halted)
    @rule(which=st.integers(0, 1), units=st.integers(1, 2), death=st.none() | DEATHS)
    def cut(self, which: int, units: int, death: tuple[Phase, int, Moment] | None) -> None:
        """Begin a cut.

        Where units live, or a change set is torn, it is refused at MARK, after its backup.
        """
        doc = self.documents[which]
        plan = made_plan(units, code=doc.code)
        refused = doc.living is not None or doc.torn
        job = Job(self.bench.context(plan, attempt=doc.attempt(plan)), plan, plan)
        if not refused:
            doc.jobs.append(job)
            self._go_on(doc, job, death)
            return
        with pytest.raises((StopInvariantFailed, PlanRefused)):
            self._straight(job)
        job.ended_as = "refused"
        doc.committed(job, {Phase.PRE_WRITE_BACKUP})
        doc.jobs.insert(len(doc.jobs) - 1, job)

    @precondition(lambda self: not self.halted and any(doc.open for doc in self.documents))
    @rule(first=st.integers(0, 1), death=st.none() | DEATHS)
    def resume(self, first: int, death: tuple[Phase, int, Moment] | None) -> None:
        """Go on with a change set that is not finished, as a fresh process; it may die again."""
        doc = self._one([doc for doc in self.documents if doc.open], first)
        assert doc.open is not None
        self._go_on(doc, doc.open, death)

    @precondition(lambda self: not self.halted and any(self._revisable()))
    @rule(
        first=st.integers(0, 1),
        units=st.integers(1, 3),
        text=st.sampled_from(TEXTS),
        death=st.none() | DEATHS,
    )
    def revise(
        self, first: int, units: int, text: str, death: tuple[Phase, int, Moment] | None
    ) -> None:
        """Begin a revision of what stands; nothing happens if this very text does."""
        doc = self._one(list(self._revisable()), first)
        new = made_plan(units, code=doc.code, body=text)
        plan = revision_plan(self.bench, new)
        if not plan.changes_text:
            return
        ctx = revision_context(self.bench, plan, attempt=doc.attempt(plan))
        job = Job(ctx, plan, new, revision=True)
        doc.jobs.append(job)
        self._go_on(doc, job, death)

    @precondition(lambda self: not self.halted and any(self._revertible()))
    @rule(first=st.integers(0, 1), death=st.none() | DEATHS)
    def revert(self, first: int, death: tuple[Phase, int, Moment] | None) -> None:
        """Begin to revert a cut or a revision, torn or enacted."""
        doc, other = self._one(list(self._revertible()), first)
        plan = revert_plan(self.bench, other.ctx.change_set_id)
        job = Job(revert_of(self.bench, plan), plan, other.cut_plan, reverts=other)
        doc.jobs.append(job)
        self._go_on(doc, job, death)

    @precondition(lambda self: not self.halted)
    @rule()
    def halt(self) -> None:
        """Stop everything."""
        with self._executor() as conn:
            halt(conn, "Cleo", "a test")
        self.halted = True

    @precondition(lambda self: self.halted)
    @rule()
    def lift(self) -> None:
        """Let it go on; permits stay revoked, so each run needs approvals again."""
        assert self.bench.lift("Cleo", "a test") == 1
        self.halted = False

    @precondition(lambda self: self.halted)
    @rule(which=st.integers(0, 1))
    def try_while_halted(self, which: int) -> None:
        """Nothing runs and nothing is approved: an unfinished change set answers what is on record
        and no more.
        """
        doc = self.documents[which]
        before = row_hashes(self.bench.database)
        if doc.open:
            self.bench.switch.change_set_id = doc.open.ctx.change_set_id
            with pytest.raises(ProductionExecutionNotAuthorized, match="halted"):
                self._straight(doc.open)
        else:
            plan = made_plan(1, code=doc.code)
            with pytest.raises(ApprovalRefused, match="halted"):
                self.bench.context(plan, attempt=doc.attempt(plan))
        assert row_hashes(self.bench.database) == before

    # --- how
    # ---------------------------------------------------------------------------------------------

    def _revertible(self) -> Iterator[tuple[Document, Job]]:
        found = ((doc, doc.revertible) for doc in self.documents)
        return ((doc, job) for doc, job in found if job)

    def _revisable(self) -> Iterator[Document]:
        return (doc for doc in self.documents if doc.standing and not doc.torn)

    @staticmethod
    def _one(found: list[Any], number: int) -> Any:
        return found[number % len(found)]

    def _executor(self) -> contextlib.closing[Connection]:
        return contextlib.closing(self.bench.connections.connect(Principal.EXEC))

    def _adapter(self, job: Job, attempts: int) -> Any:
        make: Callable[[LiveTransactions], Any] = self.bench.new_adapter
        transactions = LiveTransactions(
            self.bench.connections, attempts=attempts, longest_wait=0.05
        )
        if job.revision:
            return revision_adapter(self.bench, transactions)
        return revert_adapter(self.bench, transactions) if job.reverts else make(transactions)

    def _straight(self, job: Job) -> None:
        adapter = self._adapter(job, ATTEMPTS)
        for phase in Phase:
            one_phase(adapter, job.ctx, phase, job.plan)

    def _permit(self, job: Job) -> CutContext:
        """The switch armed and a permit open, which a halt may have taken back."""
        if job.revision:
            return revision_context(self.bench, job.plan, attempt=job.ctx.attempt)
        return (
            revert_of(self.bench, job.plan)
            if job.reverts
            else self.bench.context(job.plan, attempt=job.ctx.attempt)
        )

    def _go_on(self, doc: Document, job: Job, death: tuple[Phase, int, Moment] | None) -> None:
        assert self._permit(job) == job.ctx
        until, at, when = death or (Phase.LIFECYCLE_ENACT, 0, Moment.BEFORE)
        adapter, run = self._adapter(job, 1 if death else ATTEMPTS), Run()

        def die(conn: Connection, number: int, moment: Moment) -> None:
            if (number, moment) == (at, when):
                terminate(self.server, conn, moment)

        die_in_run(adapter, job.ctx, job.plan, until, die, run)
        assert death or run.stop is None, f"nobody disturbed it: {run.stop}"
        answered = {Phase(phase) for phase in run.answered}
        assert job.done & answered <= adapter.replayed, (
            "what is on record is answered from the record"
        )
        if isinstance(run.stop, PhaseInDoubt) and self._on_record(job, until):
            answered.add(until)  # the one thing that only the journal knows
        doc.committed(job, answered)

    def _on_record(self, job: Job, phase: Phase) -> bool:
        with self.bench.database.connect() as admin:
            keys = {"change_set_id": job.ctx.change_set_id, "phase": phase.value}
            return admin.execute(statement("journal_find"), keys).fetchone() is not None

    # --- what must hold
    # ---------------------------------------------------------------------------------------------

    @invariant()
    def the_database_is_as_the_model_says(self) -> None:
        """Units, journal, ledger, chain and status, in one snapshot."""
        with contextlib.closing(self.bench.connections.connect(Principal.VERIFY)) as conn:
            conn.isolation_level = IsolationLevel.REPEATABLE_READ
            with conn.transaction():
                self._units_and_journal(conn)
                stands = {one.change_set_id: one for one in change_sets(conn)}
                assert {key: one.status for key, one in stands.items()} == statuses_of(
                    self.documents
                )
                assert {key for key, one in stands.items() if one.torn} == torn_of(self.documents)
                for doc in self.documents:
                    assert broken_link(_links(conn, doc.code)) is None

    def _units_and_journal(self, conn: Connection) -> None:
        journal = conn.execute("SELECT change_set_id, phase FROM cut_phase_journal").fetchall()
        assert Counter(journal) == Counter(journal_of(self.documents))
        for doc in self.documents:
            living = (
                "SELECT lifecycle FROM information_unit WHERE document_code = %s AND lifecycle "
                ""
                "<> 'withdrawn'"
            )
            assert (
                Counter(lifecycle for (lifecycle,) in conn.execute(living, (doc.code,)))
                == doc.units()
            )
            if doc.standing and not doc.torn:
                texts = {unit.address: unit.body for unit in standing_text(conn, doc.code).units}
                assert texts == {r.canonical_address: r.body for r in doc.standing.cut_plan.rows}
        assert conn.execute(ORPHANS).fetchall() == []
        ledger: set[uuid.UUID] = {
            row[0] for row in conn.execute("SELECT change_set_id FROM cut_change_set")
        }
        assert ledger == {key for key, phase in journal if phase == Phase.LEG_B_RECORD}


ORPHANS = """
SELECT u.canonical_address FROM information_unit u WHERE NOT EXISTS (
  SELECT FROM manifest_unit_block b JOIN manifest_envelope m USING (envelope_id) JOIN decision_backlog_entry e USING (entry_id)
    JOIN cut_phase_journal j ON j.change_set_id = e.change_set_id AND j.phase = 'cut_leg_a'
   WHERE b.canonical_address = u.canonical_address)
"""
"""Units that no change set has written."""


def _links(conn: Connection, code: str) -> list[HistoryRow]:
    with conn.cursor(row_factory=class_row(HistoryRow)) as cursor:
        return cursor.execute(statement("history_of_document"), {"document_code": code}).fetchall()


def _play(cluster: Cluster, folder: Path, *, games: int, steps: int, derandomize: bool) -> None:
    class Life(LifeOfAKnowledgeBase):
        def __init__(self) -> None:
            super().__init__(cluster, folder)

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=games,
            stateful_step_count=steps,
            derandomize=derandomize,
            deadline=None,
            phases=[
                HypothesisPhase.generate
            ],  # each step is a real run: to shrink would take many minutes
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
def test_a_few_lives(cluster: Cluster, tmp_path: Path) -> None:
    _play(cluster, tmp_path, games=4, steps=8, derandomize=True)


@pytest.mark.slow
def test_a_law_is_revised_taken_back_revised_and_taken_back(
    cluster: Cluster, tmp_path: Path
) -> None:
    """One life that chance would seldom live, with a death in each run, a halt and a resume."""
    life = LifeOfAKnowledgeBase(cluster, tmp_path)
    with contextlib.closing(contextlib.ExitStack()) as ending:
        ending.callback(life.teardown)
        torn = (Phase.LEG_B_RECORD, 8, Moment.BEFORE)

        def lived(step: Callable[[], None]) -> None:
            step()
            life.the_database_is_as_the_model_says()

        lived(lambda: life.cut(0, 2, None))
        for units in (1, 3):
            lived(lambda units=units: life.revise(0, units, TEXTS[1], torn))  # type: ignore[misc]
            lived(lambda: life.revert(0, torn))
            lived(life.halt)
            lived(lambda: life.try_while_halted(0))
            lived(life.lift)
            lived(lambda: life.resume(0, None))
            lived(lambda units=units: life.revise(0, units, TEXTS[1], torn))  # type: ignore[misc]
            lived(lambda: life.resume(0, None))
            lived(lambda: life.revert(0, torn))
            lived(lambda: life.resume(0, None))
        lived(lambda: life.revert(0, None))
        assert life.documents[0].units() == Counter()
        assert [job.status for job in life.documents[0].jobs].count("reverted") == 5


def test_what_is_torn_holds_a_law_though_its_revert_had_only_begun(
    cluster: Cluster, tmp_path: Path
) -> None:
    life = LifeOfAKnowledgeBase(cluster, tmp_path)
    with contextlib.closing(contextlib.ExitStack()) as ending:
        ending.callback(life.teardown)
        life.cut(0, 1, None)
        life.revise(0, 1, TEXTS[1], (Phase.LEG_B_RECORD, 7, Moment.BEFORE))
        life.revert(0, (Phase.PRE_WRITE_BACKUP, 1, Moment.SENT))
        life.the_database_is_as_the_model_says()
        new = made_plan(2, code="a.law")
        other = revision_plan(life.bench, new)
        ctx = revision_context(life.bench, other)
        with pytest.raises(StopInvariantFailed, match="has written units and is not finished"):
            life._straight(Job(ctx, other, new, revision=True))


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_many_lives(cluster: Cluster, tmp_path: Path) -> None:
    _play(cluster, tmp_path, games=25, steps=20, derandomize=False)
