"""The one place where a phase is guarded and dispatched: switch, then simulator or live adapter,
and nothing in between.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

from adapters.evidence.run_log import note
from adapters.home.plans import load_plan
from adapters.simulator import Simulator
from domain.approval.approvals import Effect, SignedApproval
from domain.errors import ProductionExecutionNotAuthorized
from domain.phases import CutContext, Mode, Phase
from domain.plan.cut_plan import CutPlan
from domain.ports import GovernedRecord, KillSwitch, LiveExecutionAdapter, PhaseExecutor
from domain.reports.run import PhaseAnswer, PhaseReport, PlanHandle, counted, in_short
from domain.results import IUCreateResult
from domain.switch import require_switch
from tasks.keepers import EvidenceKeeper

TASK_LOCK: Final = "task"

log = logging.getLogger(__name__)


class RunSwitch(KillSwitch, Protocol):
    """The kill-switch as a run needs it: read before, turned off afterwards."""

    def disarm(self, why: str, *, only: UUID | None = None) -> bool:
        """Turn it off, unless it is armed for another change set than `only`.

        True if that is done. Never raises.
        """
        ...


@dataclass(frozen=True, slots=True)
class Wiring:
    """How a run makes what it needs.

    Held in the run's context, so it is no parameter and Prefect never walks it.
    """

    switch: Callable[[], RunSwitch]
    simulator: Callable[[], Simulator]
    live: Callable[[KillSwitch, CutContext], PhaseExecutor]
    before_live: Callable[[CutContext], None] | None = None
    """What has to hold before a live run's first phase.

    Raises an error of `domain.errors` where it does not.
    """
    authorise: Callable[[CutContext, Effect, Sequence[SignedApproval]], CutContext] | None = None
    """Opens the permit of a live run; the context with what was approved.

    Without it the fence of each phase refuses.
    """
    after_live: Callable[[CutContext], None] | None = None
    """What has to be kept outside the database once a live run is done."""
    evidence: EvidenceKeeper | None = None
    """Keeps the sealed evidence of a live run, however it ended."""


@dataclass(frozen=True, slots=True)
class _Bench:
    """A wiring and the executors it has made for one run: the phases of a run share one."""

    wiring: Wiring
    executors: dict[tuple[Mode, str], PhaseExecutor] = field(default_factory=dict)

    def executor(self, ctx: CutContext) -> PhaseExecutor:
        key = (ctx.mode, str(ctx.change_set_id))
        if key not in self.executors:
            self.executors[key] = (
                self.wiring.simulator()
                if ctx.mode is Mode.DRYRUN
                else self.wiring.live(self.wiring.switch(), ctx)
            )
        return self.executors[key]


_BENCH: ContextVar[_Bench | None] = ContextVar("cutter_bench", default=None)


@contextmanager
def wired(wiring: Wiring | None = None) -> Iterator[Wiring]:
    """Use a wiring for the block, with executors of its own.

    None keeps the wiring in force, else the production one.
    """
    token = _BENCH.set(_Bench(wiring or _bench().wiring))
    try:
        yield _bench().wiring
    finally:
        _BENCH.reset(token)


def _bench() -> _Bench:
    if bench := _BENCH.get():
        return bench
    from tasks.app import production_wiring  # noqa: PLC0415  # it builds on this module's types

    return _Bench(production_wiring())


def run_phase(phase: Phase, ctx: CutContext, plan: PlanHandle) -> PhaseReport:
    """Guard, dispatch and time one phase.

    Raises `ProductionExecutionNotAuthorized` if the switch does not allow it or the executor is not
    the mode's own, and what the executor raises.
    """
    bench = _bench()
    refuse_if_killswitch_off(bench.wiring.switch(), ctx)
    executor = bench.executor(ctx)
    allowed = (
        require_simulator(executor) if ctx.mode is Mode.DRYRUN else require_live_adapter(executor)
    )
    started = time.monotonic()
    answer = in_short(_dispatch(phase, allowed, ctx, plan))
    seconds = time.monotonic() - started
    report = PhaseReport(phase, *counted(answer), seconds, phase in _replayed(allowed), answer)
    log.info("%s: %d %s in %.2f s", phase, report.count, report.counted, seconds)
    ended = f"{phase} has ended"
    note(
        ended,
        count=report.count,
        counted=report.counted,
        seconds=round(seconds, 3),
        replayed=report.replayed,
    )
    return report


def refuse_if_killswitch_off(switch: KillSwitch, ctx: CutContext) -> None:
    """Lock 2: read the switch afresh.

    Raises `ProductionExecutionNotAuthorized`; a dry run does not ask.
    """
    if ctx.mode is not Mode.DRYRUN:
        require_switch(switch.read(), ctx.mode, ctx.change_set_id, TASK_LOCK)


def require_live_adapter(executor: object) -> PhaseExecutor:
    """The executor, if it is the real thing.

    Raises `ProductionExecutionNotAuthorized` for anything else.
    """
    if isinstance(executor, LiveExecutionAdapter) and isinstance(executor, GovernedRecord):
        return executor
    raise ProductionExecutionNotAuthorized(
        TASK_LOCK, f"{type(executor).__name__} is not the live adapter"
    )


def require_simulator(executor: object) -> PhaseExecutor:
    """The executor, if it is the simulator and nothing more.

    Raises `ProductionExecutionNotAuthorized` for anything else.
    """
    if isinstance(executor, Simulator) and not isinstance(
        executor, LiveExecutionAdapter | GovernedRecord
    ):
        return executor
    raise ProductionExecutionNotAuthorized(
        TASK_LOCK, f"a dry run may use the simulator only, not {type(executor).__name__}"
    )


def _dispatch(
    phase: Phase, executor: PhaseExecutor, ctx: CutContext, handle: PlanHandle
) -> PhaseAnswer | Sequence[IUCreateResult]:
    if phase is Phase.PRE_WRITE_BACKUP:
        return executor.pre_write_backup(ctx)
    methods: dict[
        Phase, Callable[[CutContext, CutPlan], PhaseAnswer | Sequence[IUCreateResult]]
    ] = {
        Phase.MARK: executor.mark,
        Phase.REVIEW: executor.review,
        Phase.CUT_LEG_A: executor.cut_leg_a,
        Phase.LEG_B_RECORD: executor.leg_b_record,
        Phase.WRITE_VERIFY: executor.write_verify,
        Phase.LIFECYCLE_ENACT: executor.lifecycle_enact,
    }
    return methods[phase](ctx, load_plan(handle))


def _replayed(executor: PhaseExecutor) -> frozenset[Phase]:
    """What the executor answered from its record.

    Not part of the port: an executor that keeps none replays nothing.
    """
    found: object = getattr(executor, "replayed", None)
    return found if isinstance(found, frozenset) else frozenset()
