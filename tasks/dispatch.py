"""Where a phase is guarded and dispatched: the switch, then simulator or live adapter.

Lock 2 of three. Nothing else stands between the switch and the executor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.simulator import SimulatedPhases
from domain.change_set import CutContext
from domain.errors import Lock, ProductionExecutionNotAuthorized
from domain.phases import FIRST, Mode, Phase
from domain.ports import GovernedRecord, KillSwitch, LiveExecutionAdapter, PhaseExecutor
from domain.results import IUCreateResult, PhaseAnswer, UnitsCreated
from domain.revision.plan import RevisionPlan
from domain.switch import require_switch


def refuse_if_killswitch_off(switch: KillSwitch, ctx: CutContext) -> None:
    """Lock 2: read the switch afresh.

    Raises `ProductionExecutionNotAuthorized`; a dry run does not ask.
    """
    if ctx.mode is not Mode.DRYRUN:
        require_switch(switch.read(), ctx.mode, ctx.change_set_id, Lock.TASK)


def require_executor(executor: object, mode: Mode) -> PhaseExecutor[Any]:
    """The executor, if it is the one that this mode may use.

    Raises `ProductionExecutionNotAuthorized` for any other.
    """
    return require_simulator(executor) if mode is Mode.DRYRUN else require_live_adapter(executor)


def require_live_adapter(executor: object) -> PhaseExecutor[Any]:
    """The executor, if it is the real thing.

    Raises `ProductionExecutionNotAuthorized` for anything else.
    """
    if isinstance(executor, LiveExecutionAdapter) and isinstance(executor, GovernedRecord):
        return executor
    raise ProductionExecutionNotAuthorized(
        Lock.TASK, f"{type(executor).__name__} is not the live adapter"
    )


def require_simulator(executor: object) -> PhaseExecutor[Any]:
    """The executor, if it is the simulator and nothing more.

    Raises `ProductionExecutionNotAuthorized` for anything else.
    """
    if isinstance(executor, SimulatedPhases) and not isinstance(
        executor, LiveExecutionAdapter | GovernedRecord
    ):
        return executor
    raise ProductionExecutionNotAuthorized(
        Lock.TASK, f"a dry run may use the simulator only, not {type(executor).__name__}"
    )


def dispatch(
    phase: Phase, executor: PhaseExecutor[Any], ctx: CutContext, plan: object
) -> PhaseAnswer:
    """What the executor's method of the phase answers, without its rows.

    Each phase's method bears the phase's name (`domain.ports.PhaseExecutor`); the first of all
    needs no plan.
    """
    method = getattr(executor, phase.value)
    answer: PhaseAnswer | Sequence[IUCreateResult] = (
        method(ctx) if phase is FIRST else method(ctx, plan)
    )
    if not isinstance(answer, Sequence):
        return answer
    return UnitsCreated(len(answer), "written" if isinstance(plan, RevisionPlan) else "created")
