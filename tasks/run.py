"""The one pipeline of any change set: guard, gates, phases, torn, evidence, disarm.

A kind of change set supplies a plan and an adapter (`tasks.change_sets`, `tasks.app.Executors`);
everything else is the same for all of them, in each of three modes:

* DRYRUN: the simulator answers every phase; no gate, nothing is written anywhere but in the home;
* REHEARSE: the live adapter, inside one transaction that is always rolled back;
* LIVE: the gates (`tasks.gates`), then each phase as a Prefect task and a transaction of its own,
  and evidence of it however it ends.

The guard is lock 1 of three: the flow asks the switch before anything, and again once it knows its
change set, and turns it off when the run has ended, however it ended.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from uuid import UUID

from adapters.evidence.run_log import RunLog
from domain.approval.approvals import SignedApproval
from domain.change_set import CutContext
from domain.errors import CutterError, Lock, StopInvariantFailed
from domain.phases import LAST, PHASES, Kind, Mode, Phase, is_torn, spec_of
from domain.ports import KillSwitch
from domain.release.approval import AtPlace
from domain.reports.rehearsal import RehearsalReport, rehearsal_report
from domain.reports.run import PhaseReport, phase_report
from domain.results import EnactBatchResult
from domain.runs.run_plan import RunPlan, kind_of
from domain.switch import require_switch
from tasks.app import App, RunSwitch
from tasks.change_sets import ChangeSet, P
from tasks.dispatch import (
    dispatch,
    refuse_if_killswitch_off,
    require_executor,
)
from tasks.records.knowledge_base import require_standing_base, status

log = logging.getLogger(__name__)


class Run:
    """The phases of one run of one change set, with the one executor that answers them all.

    No dataclass on purpose: the orchestrator does not walk through it when it is handed to a task.
    """

    def __init__(
        self,
        switch: KillSwitch,
        make_executor: Callable[[], object],
        ctx: CutContext,
        plan: RunPlan,
        lines: RunLog | None = None,
    ) -> None:
        """`make_executor` is called once, behind lock 2 of the first phase. `lines` is the log that
        is kept with the evidence of a live run.
        """
        self.ctx = ctx
        self._lines = lines
        kind = kind_of(plan)
        self._of = "" if kind is Kind.CUT else f" of a {kind}"
        self._switch = switch
        self._make_executor = make_executor
        self._made: list[object] = []
        self._plan = plan

    def phase(self, phase: Phase) -> PhaseReport:
        """Guard, dispatch and time one phase.

        Raises `ProductionExecutionNotAuthorized` if the switch does not allow it or the executor is
        not the mode's own, and what the executor raises.
        """
        refuse_if_killswitch_off(self._switch, self.ctx)
        executor = require_executor(self._executor(), self.ctx.mode)
        started = time.monotonic()
        answer = dispatch(phase, executor, self.ctx, self._plan)
        seconds = time.monotonic() - started
        report = phase_report(spec_of(phase), answer, seconds, phase in executor.replayed)
        self._log(report)
        return report

    def _executor(self) -> object:
        if not self._made:
            self._made.append(self._make_executor())
        return self._made[0]

    def _log(self, report: PhaseReport) -> None:
        ended = f"{report.phase}{self._of}"
        log.info("%s: %d %s in %.2f s", ended, report.count, report.counted, report.seconds)
        if self._lines is not None:
            self._lines.note(
                f"{ended} has ended",
                count=report.count,
                counted=report.counted,
                seconds=round(report.seconds, 3),
                replayed=report.replayed,
            )


Step = Callable[[Run, Phase], PhaseReport]
"""How a phase is run: as a Prefect task of its own, or within the caller."""


def within(run: Run, phase: Phase) -> PhaseReport:
    """Run a phase where we are: in a rehearsal, whose phases share one transaction."""
    return run.phase(phase)


def simulate(app: App, change_set: ChangeSet[P], step: Step, done: list[PhaseReport]) -> None:
    """Let the simulator answer every phase, adding to `done` as they end."""
    executors = app.executors
    revises = change_set.kind is Kind.REVISION
    make = executors.revision_simulator if revises else executors.simulator
    _run_phases(app, _run_of(app, change_set, make), step, done)


def rehearse(app: App, change_set: ChangeSet[P]) -> RehearsalReport:
    """Run every phase on the real database, roll all of it back, and say what was shown and what it
    cost.

    Raises `ProductionExecutionNotAuthorized` unless the switch stands at REHEARSE for this change
    set, `RehearsalYielded` if somebody waited for it, and what the phases raise.
    """
    ctx, done = change_set.ctx, list[PhaseReport]()
    require_switch(app.switch.read(), Mode.REHEARSE, ctx.change_set_id, Lock.TASK)
    with app.rehearsal(ctx.target) as transactions:
        make = partial(app.executors.rehearsing, change_set.kind, app.switch, transactions)
        _run_phases(app, _run_of(app, change_set, make), within, done)
        end = transactions.roll_back()
    return rehearsal_report(ctx, change_set.units, tuple(done), _effect_of(done), end)


def go_live(
    app: App,
    change_set: ChangeSet[P],
    approvals: Sequence[SignedApproval] | AtPlace,
    step: Step,
    done: list[PhaseReport],
) -> ChangeSet[P]:
    """Carry a change set out, adding to `done` as its phases end; the change set as it was
    approved.

    Raises what the gates and the phases raise. Whatever stops it after units were written says how
    to finish it, and its evidence is kept all the same.
    """
    app.keepers.require()
    require_standing_base(app, change_set.plan, change_set.ctx)
    with app.sessions(change_set.ctx.target):
        ctx = app.gates.let_by(change_set.ctx, change_set.effect, approvals, app.switch)
        approved = replace(change_set, ctx=ctx)
        with (
            _says_if_torn(app, approved, done),
            app.keepers.evidence_kept(ctx, approved.plan) as lines,
        ):
            make = partial(app.executors.live, approved.kind, app.switch, ctx)
            _run_phases(app, _run_of(app, approved, make, lines), step, done)
            app.keepers.heads(ctx)
    return approved


def _run_of(
    app: App,
    change_set: ChangeSet[P],
    make_executor: Callable[[], object],
    lines: RunLog | None = None,
) -> Run:
    return Run(app.switch, make_executor, change_set.ctx, change_set.plan, lines)


def _run_phases(app: App, run: Run, step: Step, done: list[PhaseReport]) -> None:
    for spec in PHASES:
        app.tell(spec.phase.value, None)
        report = step(run, spec.phase)
        done.append(report)
        app.tell(spec.phase.value, report)


def _effect_of(done: Sequence[PhaseReport]) -> str:
    last = done[-1].answer
    if not isinstance(last, EnactBatchResult) or not last.effect_digest:
        raise StopInvariantFailed("The rehearsal's last phase gave no effect digest.", phase=LAST)
    return last.effect_digest


# --- torn ----------------------------------------------------------------------------------------


@contextmanager
def _says_if_torn(
    app: App, change_set: ChangeSet[P], done: Sequence[PhaseReport]
) -> Iterator[None]:
    """Whatever stops the block says what to do if that leaves the change set torn.

    The error stays the one it was. Prefect shows an error's words as the run's state; what has none
    of its own, such as an interruption, is logged.
    """
    try:
        yield
    except CutterError as error:
        if _left_torn(app, change_set, done):
            error.args = (f"{error} {change_set.how_to_finish}",)
        raise
    except BaseException:
        if _left_torn(app, change_set, done):
            log.error(change_set.how_to_finish)  # noqa: TRY400  # the run's own log has the traceback
        raise


def _left_torn(app: App, change_set: ChangeSet[P], done: Sequence[PhaseReport]) -> bool:
    """Whether the change set is half done: by the journal, else by what the run has seen."""
    try:
        return any(one.torn for one in status(app, change_set.ctx.change_set_id))
    except CutterError:
        return change_set.begun or is_torn([report.phase for report in done])


# --- lock 1 --------------------------------------------------------------------------------------


def require_lock_1(switch: KillSwitch, mode: Mode, change_set: UUID | None = None) -> None:
    """Is the switch armed for this mode, and once it is known for this change set?

    A dry run does not ask. Raises `ProductionExecutionNotAuthorized`.
    """
    if mode is not Mode.DRYRUN:
        require_switch(switch.read(), mode, change_set, Lock.FLOW)


class Lock1:
    """The lock of one run, which learns its change set on the way."""

    def __init__(self, switch: KillSwitch, mode: Mode) -> None:
        self._switch = switch
        self._mode = mode
        self.change_set: UUID | None = None

    def require(self, change_set: UUID) -> None:
        """Is the switch armed for this change set, which the run is found to be of?

        Raises what `require_lock_1` raises.
        """
        self.change_set = change_set
        require_lock_1(self._switch, self._mode, change_set)


@contextmanager
def guarded(switch: RunSwitch, mode: Mode, what: str) -> Iterator[Lock1]:
    """Run the block only if the switch is armed for this mode, and turn it off when the block has
    ended, however it ended.

    A switch that is armed for another change set stays so. `what` says what is run, for the record.
    A dry run neither asks nor turns off. Raises `ProductionExecutionNotAuthorized`.
    """
    require_lock_1(switch, mode)
    lock = Lock1(switch, mode)
    try:
        yield lock
    finally:
        if mode is not Mode.DRYRUN:
            switch.disarm(f"the {mode} run of {what} has ended", only=lock.change_set)
