"""The proof: eleven checks on the real database, of which nothing can stay there."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NoReturn
from uuid import UUID

from adapters.home.plans import save_plan
from adapters.home.proof_baseline import keep_baseline, kept_baseline
from adapters.postgres.connection.elsewhere import VerifierElsewhere
from adapters.postgres.connection.session import ConnectionProvider
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from adapters.postgres.rehearsal import proof
from adapters.postgres.rehearsal.session import RehearsalConnector
from adapters.simulator import Simulator
from domain.change_set import CutContext, TargetFingerprint
from domain.errors import CheckFailed, CutterError, Lock, ProductionExecutionNotAuthorized
from domain.phases import Mode
from domain.plan.accepting import require_accepted
from domain.plan.cut_plan import CutPlan
from domain.plan.effect import planned_effect
from domain.ports import KillSwitch, PhaseExecutor
from domain.reports.proof import TITLES, Check, ProofCheck, ProofReport, Surface
from domain.reports.rehearsal import RehearsalReport
from domain.switch import SwitchState
from tasks.app import App, RunSwitch
from tasks.change_sets import cut_as
from tasks.dispatch import require_live_adapter
from tasks.run import rehearse

ARMED_FOR: Final = timedelta(minutes=15)
ORDER: Final = (1, 2, 3, 4, 5, 6, 10, 11, 7, 8, 9)


Rehearse = Callable[[CutContext, CutPlan], RehearsalReport]


def _no_rehearsal(_ctx: CutContext, _plan: CutPlan) -> NoReturn:
    raise ProductionExecutionNotAuthorized(Lock.TASK, "no way to rehearse was given")


@dataclass(frozen=True, slots=True)
class ProofParts:
    """What a proof checks at: the real thing in production, and in a test what shall be found
    out.
    """

    switch: RunSwitch
    connections: ConnectionProvider
    rehearsals: RehearsalConnector
    state: Path
    adapter: Callable[[KillSwitch, ConnectionProvider], PhaseExecutor[CutPlan]] = (
        lambda switch, connections: ProductionLiveExecutionAdapter(
            switch=switch, connections=connections
        )
    )
    require: Callable[[object], object] = require_live_adapter
    rehearse: Rehearse = _no_rehearsal


def parts_of(app: App, target: TargetFingerprint) -> ProofParts:
    """The parts of an app, for one database. Opens nothing."""

    def rehearsed(ctx: CutContext, plan: CutPlan) -> RehearsalReport:
        require_accepted(plan, ())  # a doubtful document proves nothing
        save_plan(plan, app.settings.state)
        return rehearse(app, cut_as(ctx, plan))

    return ProofParts(
        app.switch,
        app.connections(target),
        app.rehearsals(target),
        app.settings.state,
        rehearse=rehearsed,
    )


def prove(
    parts: ProofParts, ctx: CutContext, plan: CutPlan, *, new_baseline: bool = False
) -> ProofReport:
    """Make every check; none stops the others.

    `ctx` names the change set that is rehearsed. Raises nothing of its own.
    """
    before: list[Surface] = []

    def untouched() -> str:
        now = proof.read_surface(parts.connections)
        if not before:
            raise CheckFailed("The tables could not be read before the run.")
        before[0].require_equal(now, "Changed while this proof ran")
        return f"{now}, before and after"

    checks: dict[int, Check] = {
        1: lambda: _is_off(parts.switch),
        2: lambda: _refuses(parts, ctx, plan),
        3: lambda: _takes_the_real_one(parts),
        4: lambda: proof.principals_connect(parts.connections),
        5: lambda: proof.create_keeps_its_contract(parts.rehearsals),
        6: lambda: _verify_path(parts.connections),
        7: untouched,
        8: lambda: _equals_baseline(parts, ctx, before),
        9: lambda: _is_off(parts.switch),
        10: lambda: _rehearsed(parts, ctx, plan),
        11: lambda: proof.nothing_is_missing(parts.connections),
    }
    _read_before(parts, ctx, before, new_baseline)
    made = [_make(number, checks[number]) for number in ORDER]
    return ProofReport(
        str(ctx.target), ctx.change_set_id, tuple(sorted(made, key=lambda check: check.number))
    )


def _read_before(
    parts: ProofParts, ctx: CutContext, before: list[Surface], new_baseline: bool
) -> None:
    """What checks 7 and 8 compare with; if it can not be read, they say so."""
    try:
        before.append(proof.read_surface(parts.connections))
        if new_baseline:
            keep_baseline(parts.state, ctx.target, before[0])
    except CutterError:
        return


def _make(number: int, check: Check) -> ProofCheck:
    started = time.monotonic()
    try:
        passed, evidence = True, check()
    except CutterError as error:
        passed, evidence = False, str(error)
    except Exception as error:  # noqa: BLE001  # a check that breaks has not been passed, and the others are still made
        passed, evidence = False, f"The check itself broke: {type(error).__name__}."
    return ProofCheck(number, TITLES[number], passed, evidence, time.monotonic() - started)


def _is_off(switch: KillSwitch) -> str:
    reading = switch.read()
    if reading.state is not SwitchState.OFF:
        raise CheckFailed(
            f"It stands at {reading.state} for change set {reading.change_set_id}; turn it off "
            f"first."
        )
    return reading.why


def _refuses(parts: ProofParts, ctx: CutContext, plan: CutPlan) -> str:
    tripwire = proof.Tripwire()
    adapter = parts.adapter(parts.switch, tripwire)
    contexts = [dataclasses.replace(ctx, mode=mode) for mode in (Mode.LIVE, Mode.REHEARSE)]
    return proof.refuses_before_connecting(adapter, tripwire, contexts, plan)


def _verify_path(connections: ConnectionProvider) -> str:
    if isinstance(connections, VerifierElsewhere):
        return "not planned from here: the verifier's login is elsewhere"
    return proof.verify_path_is_valid(connections)


class _Lookalike(Simulator):
    """Has every method of the live adapter and is not one."""


def _takes_the_real_one(parts: ProofParts) -> str:
    real = parts.adapter(parts.switch, parts.connections)
    others: list[object] = [
        Simulator(),
        _Lookalike(),
        ProductionLiveExecutionAdapter,
        object(),
        None,
    ]
    return proof.takes_only_the_real_adapter(parts.require, real, others)


def _equals_baseline(parts: ProofParts, ctx: CutContext, before: list[Surface]) -> str:
    now = proof.read_surface(parts.connections)
    kept = kept_baseline(parts.state, ctx.target)
    if kept is None:
        if not before:
            raise CheckFailed(
                "The tables could not be read before the run, so no baseline could be kept."
            )
        path = keep_baseline(parts.state, ctx.target, before[0])
        before[0].require_equal(now, "Changed since this proof began")
        return f"none was kept yet; this run's own beginning is kept now in {path}"
    baseline, taken_at = kept
    baseline.require_equal(
        now, f"Changed since {taken_at} (after a cut, take a new one with --new-baseline)"
    )
    return f"{now}, as on {taken_at}"


def _rehearsed(parts: ProofParts, ctx: CutContext, plan: CutPlan) -> str:
    _is_off(parts.switch)  # armed for somebody else's run, it is left alone
    rehearsing = dataclasses.replace(ctx, mode=Mode.REHEARSE)
    with _armed(parts.switch, ctx.change_set_id):
        report = parts.rehearse(rehearsing, plan)
    if report.effect_digest != planned_effect(plan):
        raise CheckFailed(
            f"The effect is {report.effect_digest[:16]}, and the plan's is "
            f"{planned_effect(plan)[:16]}."
        )
    if report.already_done or not report.commit_refused:
        raise CheckFailed(
            "Not every phase was rehearsed, or the server would not have refused COMMIT."
        )
    cost = report.cost
    return (
        f"{len(report.phases)} phases, {report.units} units, effect "
        f"{report.effect_digest[:16]} as planned; the server refuses "
        f"COMMIT; left {cost.wal_bytes} bytes of WAL, {cost.dead_tuples} dead tuples"
    )


@contextmanager
def _armed(switch: RunSwitch, change_set: UUID) -> Iterator[None]:
    switch.arm(
        SwitchState.REHEARSE,
        change_set,
        datetime.now(UTC) + ARMED_FOR,
        "cutter prove",
        "check 10 of a proof",
    )
    try:
        yield
    finally:
        switch.disarm("the proof's rehearsal has ended", only=change_set)
