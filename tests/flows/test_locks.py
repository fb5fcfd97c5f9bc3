"""Three locks read the switch, each on its own: without it nothing is opened, whatever the other
two would say.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.home.target import register_target
from adapters.planning import plan_document
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from adapters.simulator import Simulator
from blocks.switch import VariableKillSwitch
from domain.change_set import CutContext, TargetFingerprint, change_set_id
from domain.errors import Lock, ProductionExecutionNotAuthorized
from domain.phases import Mode, Phase
from domain.plan.cut_plan import CutPlan
from domain.ports import KillSwitch, PhaseExecutor
from domain.switch import SwitchReading, SwitchState, require_switch
from flows.cut import cut_document, run_cut
from tasks.app import using
from tasks.dispatch import require_live_adapter, require_simulator
from tests.support.live import ArmedSwitch
from tests.support.plans import context, made_plan
from tests.support.prefect import (
    MODES_OFF,
    Bench,
    ConnectionWanted,
    app_with,
    arm,
    no_api,
    run_phase,
    switch_that_is,
)

pytestmark = pytest.mark.prefect
TARGET = TargetFingerprint("knowledge", 16_384, 7_000_000_000_000_000_001)


@pytest.fixture
def live_run(law: str, home: Path) -> tuple[CutContext, CutPlan]:
    """A live run of the test law into the registered target: what the flow would make of it."""
    register_target(home / "state", TARGET)
    plan = plan_document(law)
    return context(plan, Mode.LIVE, TARGET), plan


def direct(law: str) -> object:
    """The flow's own function, so that nothing before it can have refused."""
    return cut_document.fn(law, Mode.LIVE)


def through_run(law: str) -> object:
    """As the command line starts it."""
    return run_cut(law, Mode.LIVE)


@pytest.mark.parametrize("start", [direct, through_run])
@pytest.mark.parametrize("how", MODES_OFF)
def test_lock_1_the_flow_refuses(
    api: str,
    law: str,
    bench: Bench,
    live_run: tuple[CutContext, CutPlan],
    how: str,
    start: Callable[[str], object],
) -> None:
    switch = switch_that_is(how, live_run[0].change_set_id)
    with switch, using(bench.app()), pytest.raises(ProductionExecutionNotAuthorized) as refused:
        start(law)
    assert refused.value.lock == "flow"
    assert (bench.touched, bench.made) == (0, [])


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("how", MODES_OFF)
def test_lock_2_the_task_refuses(
    api: str, bench: Bench, live_run: tuple[CutContext, CutPlan], how: str, phase: Phase
) -> None:
    switch = switch_that_is(how, live_run[0].change_set_id)
    with switch, using(bench.app()), pytest.raises(ProductionExecutionNotAuthorized) as refused:
        run_phase(bench.app(), phase, *live_run)
    assert refused.value.lock == "task"
    assert (bench.touched, bench.made) == (0, [])


@pytest.mark.parametrize("how", MODES_OFF)
def test_lock_3_the_adapter_refuses(
    api: str, bench: Bench, live_run: tuple[CutContext, CutPlan], how: str
) -> None:
    ctx, plan = live_run
    adapter = bench.live(VariableKillSwitch(), ctx)
    with switch_that_is(how, ctx.change_set_id):
        for call in (
            lambda: adapter.pre_write_backup(ctx),
            lambda: adapter.mark(ctx, plan),
            lambda: adapter.review(ctx, plan),
            lambda: adapter.cut_leg_a(ctx, plan),
            lambda: adapter.leg_b_record(ctx, plan),
            lambda: adapter.write_verify(ctx, plan),
            lambda: adapter.lifecycle_enact(ctx, plan),
            lambda: adapter.verify_result_count_for(ctx.change_set_id),
        ):
            with pytest.raises(ProductionExecutionNotAuthorized) as refused:
                call()
            assert refused.value.lock == "adapter"
    assert bench.touched == 0


def test_the_flow_asks_again_once_it_knows_the_change_set(
    api: str, law: str, bench: Bench, live_run: tuple[CutContext, CutPlan]
) -> None:
    """Armed for another change set, the first look alone would let the run go on to its phases."""
    with switch_that_is("another", uuid.uuid4()), using(bench.app()):
        require_switch(VariableKillSwitch().read(), Mode.LIVE, None, Lock.FLOW)
        with pytest.raises(ProductionExecutionNotAuthorized, match="is armed for change set"):
            cut_document.fn(law, Mode.LIVE)
        assert VariableKillSwitch().read().change_set_id is not None, (
            "another run's release was taken away"
        )
    assert bench.made == []


def test_the_flow_asks_before_it_reads_the_document(api: str, home: Path, bench: Bench) -> None:
    """A refused run does not even open the file, so nobody can learn by it what is there."""
    with (
        switch_that_is("off", uuid.uuid4()),
        using(bench.app()),
        pytest.raises(ProductionExecutionNotAuthorized),
    ):
        cut_document.fn(str(home / "none.md"), Mode.LIVE)


def test_an_armed_switch_opens_all_three(
    api: str, bench: Bench, live_run: tuple[CutContext, CutPlan]
) -> None:
    """The same calls reach the connection provider when they are allowed: the refusals above are
    the switch's doing.
    """
    arm(live_run[0].change_set_id)
    with using(bench.app()), pytest.raises(ConnectionWanted):
        run_phase(bench.app(), Phase.PRE_WRITE_BACKUP, *live_run)
    assert bench.touched == 1
    VariableKillSwitch().disarm("the test is over")


def test_each_phase_reads_the_switch_afresh(
    api: str, bench: Bench, live_run: tuple[CutContext, CutPlan]
) -> None:
    arm(live_run[0].change_set_id)
    with using(bench.app()):
        with pytest.raises(ConnectionWanted):
            run_phase(bench.app(), Phase.MARK, *live_run)
        VariableKillSwitch().disarm("somebody halts the run")
        with pytest.raises(ProductionExecutionNotAuthorized, match="is OFF"):
            run_phase(bench.app(), Phase.REVIEW, *live_run)
    assert bench.touched == 1


class _Switch:
    def __init__(self, armed: ArmedSwitch) -> None:
        self._armed = armed

    def read(self) -> SwitchReading:
        return self._armed.read()

    def arm(
        self, state: SwitchState, change_set_id: uuid.UUID, until: datetime, by: str, reason: str
    ) -> None:
        raise AssertionError("nobody arms it here")

    def disarm(self, why: str, *, only: uuid.UUID | None = None) -> bool:
        return True


def test_live_can_not_reach_the_simulator(live_run: tuple[CutContext, CutPlan]) -> None:
    ctx, plan = live_run
    simulator = Simulator()

    def wrong(_switch: KillSwitch, _ctx: CutContext) -> PhaseExecutor[Any]:
        return simulator

    app = app_with(wrong, switch=_Switch(ArmedSwitch(ctx.change_set_id)))
    with pytest.raises(ProductionExecutionNotAuthorized, match="Simulator is not the live adapter"):
        run_phase(app, Phase.CUT_LEG_A, ctx, plan)
    assert simulator.units == {}


def test_dry_run_can_not_reach_the_live_adapter(bench: Bench, tmp_path: Path) -> None:
    plan = made_plan()
    adapter = bench.live(VariableKillSwitch(), context(plan, Mode.LIVE))
    app = app_with(bench.live, simulator=lambda: adapter)  # type: ignore[arg-type, return-value]  # the mistake
    with pytest.raises(ProductionExecutionNotAuthorized, match="simulator only"):
        run_phase(app, Phase.CUT_LEG_A, context(plan), plan)
    assert bench.touched == 0


def test_by_type_neither_passes_for_the_other(bench: Bench) -> None:
    adapter = ProductionLiveExecutionAdapter()
    assert require_live_adapter(adapter) is adapter
    with pytest.raises(ProductionExecutionNotAuthorized):
        require_simulator(adapter)
    with pytest.raises(ProductionExecutionNotAuthorized):
        require_live_adapter(Simulator())


def test_this_flow_runs_no_rehearsal(law: str, home: Path, bench: Bench) -> None:
    with (
        using(bench.app()),
        pytest.raises(ProductionExecutionNotAuthorized, match="can not run a rehearsal"),
    ):
        cut_document.fn(law, Mode.REHEARSE)
    assert bench.made == []


def test_no_api_answers_within_bounds() -> None:
    with no_api():
        started = time.monotonic()
        reading = VariableKillSwitch().read()
    assert reading.state == "OFF"
    assert "does not answer" in reading.why
    assert time.monotonic() - started < 20, "Prefect's own client would try for longer"


def test_the_change_set_of_the_flow_is_the_planned_one(
    law: str, live_run: tuple[CutContext, CutPlan]
) -> None:
    plan = plan_document(law)
    assert live_run[0].change_set_id == change_set_id(
        TARGET, plan.document_code, plan.plan_digest, 1
    )
