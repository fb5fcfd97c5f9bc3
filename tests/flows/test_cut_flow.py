"""The parent flow: order, names, artifacts, errors, and the switch turned off at the end."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, TaskRun

from adapters.home.target import register_target
from adapters.planning import plan_document
from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from adapters.simulator import Simulator
from blocks import deployed
from blocks.artifacts import MAX_ROWS, artifact_key
from blocks.switch import VariableKillSwitch
from domain.change_set import SIMULATED_TARGET, CutContext, TargetFingerprint
from domain.errors import (
    BadInput,
    ConfigMissing,
    PhaseStop,
    ProductionExecutionNotAuthorized,
    Refused,
)
from domain.phases import Mode, Phase
from domain.plan.cut_plan import CutPlan
from domain.ports import KillSwitch, PhaseExecutor
from domain.reading.options import ReadingOptions
from domain.reports.run import CutOutcome, PhaseReport
from domain.results import (
    BackupResult,
    EnactBatchResult,
    IUCreateResult,
    LegBResult,
    MarkResult,
    ReviewResult,
    UnitsCreated,
    VerifyResult,
)
from domain.switch import SwitchState
from flows.cut import cut_document, run_cut
from tasks.app import App, using
from tasks.phases import TASKS
from tasks.run import Run
from tests.support.pdf import Page, column, pdf
from tests.support.plans import context, made_plan
from tests.support.prefect import Bench, ConnectionWanted, app_with, arm, no_api, write_law

pytestmark = pytest.mark.prefect
TARGET = TargetFingerprint("knowledge", 16_384, 7_000_000_000_000_000_001)


class RehearsedAdapter(ProductionLiveExecutionAdapter):
    """A live adapter by type whose phases are answered by a simulator, so that a whole live flow
    can run without a server.
    """

    def __init__(self, stop_at: Phase | None = None, error: BaseException | None = None) -> None:
        super().__init__()
        self._inner = Simulator()
        self._stop_at = stop_at
        self._error = error

    def _maybe_stop(self, phase: Phase) -> None:
        if phase is self._stop_at and self._error:
            raise self._error

    def pre_write_backup(self, ctx: CutContext) -> BackupResult:
        """As the simulator answers."""
        self._maybe_stop(Phase.PRE_WRITE_BACKUP)
        return self._inner.pre_write_backup(ctx)

    def mark(self, ctx: CutContext, plan: CutPlan) -> MarkResult:
        """As the simulator answers."""
        self._maybe_stop(Phase.MARK)
        return self._inner.mark(ctx, plan)

    def review(self, ctx: CutContext, plan: CutPlan) -> ReviewResult:
        """As the simulator answers."""
        return self._inner.review(ctx, plan)

    def cut_leg_a(self, ctx: CutContext, plan: CutPlan) -> list[IUCreateResult]:
        """As the simulator answers."""
        self._maybe_stop(Phase.CUT_LEG_A)
        return self._inner.cut_leg_a(ctx, plan)

    def leg_b_record(self, ctx: CutContext, plan: CutPlan) -> LegBResult:
        """As the simulator answers."""
        return self._inner.leg_b_record(ctx, plan)

    def write_verify(self, ctx: CutContext, plan: CutPlan) -> VerifyResult:
        """As the simulator answers."""
        return self._inner.write_verify(ctx, plan)

    def lifecycle_enact(self, ctx: CutContext, plan: CutPlan) -> EnactBatchResult:
        """As the simulator answers."""
        return self._inner.lifecycle_enact(ctx, plan)


def app_of(adapter: PhaseExecutor[Any]) -> App:
    """The real switch, and one live adapter."""

    def live(_switch: KillSwitch, _ctx: CutContext) -> PhaseExecutor[Any]:
        return adapter

    return app_with(live)


@pytest.fixture
def release(law: str, home: Path) -> uuid.UUID:
    """The switch armed for the live run of the test law; the change set's id."""
    register_target(home / "state", TARGET)
    change_set = context(plan_document(law), Mode.LIVE, TARGET).change_set_id
    arm(change_set)
    return change_set


def switch_state() -> SwitchState:
    """Where the real switch stands now."""
    return VariableKillSwitch().read().state


def runs_of(change_set: uuid.UUID, code: str) -> tuple[FlowRun, list[TaskRun]]:
    """The newest flow run with this change set's name, and its task runs, by the API."""
    with get_client(sync_client=True) as client:
        found = [
            run
            for run in client.read_flow_runs()
            if run.name.startswith(code) and str(change_set)[:8] in run.name
        ]
        run = max(found, key=lambda one: one.created or one.expected_start_time)  # type: ignore[arg-type, return-value]
        tasks = client.read_task_runs(
            flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
        )
    return run, sorted(tasks, key=lambda one: one.start_time or one.expected_start_time)  # type: ignore[arg-type, return-value]


def test_a_dry_run_runs_every_phase_in_order_by_the_simulator(
    api: str, law: str, home: Path, bench: Bench
) -> None:
    heard: list[tuple[str, bool]] = []

    def listen(phase: str, report: PhaseReport | None) -> None:
        heard.append((phase, report is not None))

    with using(bench.app()):
        outcome = run_cut(law, progress=listen)
    assert [report.phase for report in outcome.phases] == list(Phase)
    assert heard == [(phase.value, done) for phase in Phase for done in (False, True)]
    units = len(plan_document(law).rows)
    assert (outcome.units, outcome.target) == (units, str(SIMULATED_TARGET))
    assert [r.answer for r in outcome.phases if r.phase is Phase.CUT_LEG_A] == [UnitsCreated(units)]
    assert outcome.verification is not None
    assert outcome.backup is not None
    assert not outcome.backup.made
    assert (bench.made, bench.touched) == (["simulator"], 0)


def test_a_pdf_is_cut_like_any_other_document(api: str, tmp_path: Path, home: Path) -> None:
    """The run plans it again, in the same words."""
    path = tmp_path / "boats.pdf"
    lines = [line for n in (1, 2) for line in (f"Article {n}. Boats", "A boat floats.", "")]
    path.write_bytes(pdf([Page(column(lines))]))
    planned = plan_document(str(path))
    outcome = cut_document(str(path))
    assert outcome.plan_digest == planned.plan_digest
    assert outcome.units == 2


def test_the_tasks_are_the_phases_with_nothing_of_prefects_own_between(api: str) -> None:
    assert [one.name for one in TASKS.values()] == [phase.value for phase in Phase]
    for one in TASKS.values():
        assert one.cache_policy == NO_CACHE
        assert one.persist_result is False
        assert one.retries == 0
    assert cut_document.retries == 0
    assert cut_document.persist_result is False


@pytest.mark.slow
def test_runs_have_names_that_people_look_for(api: str, law: str, home: Path) -> None:
    outcome = run_cut(law, reading=ReadingOptions(code="names.law"))
    run, tasks = runs_of(outcome.change_set_id, "names.law")
    short = str(outcome.change_set_id)[:8]
    assert run.name == f"names.law DRYRUN {short}"
    assert run.state_name == "Completed"
    # The test server records no task runs by itself (its recorder is off), so the names are asked
    # of the tasks.
    assert all(task.name.endswith(f"names.law {short}") for task in tasks)


def test_task_run_names_say_phase_document_and_change_set(api: str, tmp_path: Path) -> None:
    plan = made_plan()
    ctx = context(plan)
    run = Run(VariableKillSwitch(), Simulator, ctx, plan)
    names: list[str] = []

    @flow
    def named() -> None:
        for one in TASKS.values():
            one.with_options(on_completion=[lambda _task, ended, _state: names.append(ended.name)])(
                run
            )

    named()
    assert names == [f"{phase} test.law {str(ctx.change_set_id)[:8]}" for phase in Phase]


def test_artifacts_can_be_read_back(api: str, tmp_path: Path, home: Path) -> None:
    many = "# Law\n\n" + "".join(
        f"## Article {n}. Title {n}\n\nText {n}.\n\n" for n in range(1, MAX_ROWS + 51)
    )
    outcome = run_cut(
        write_law(tmp_path, text=many), reading=ReadingOptions(code="artifacts.law-1")
    )
    assert outcome.units > MAX_ROWS
    with get_client(sync_client=True) as client:
        found = {
            one.key: one
            for one in client.read_artifacts()
            if one.key and one.key.startswith("cut-artifacts-law-1")
        }
    assert set(found) == {
        artifact_key("artifacts.law-1", what)
        for what in ("summary", "plan", "verification", "review")
    }
    summary = str(found["cut-artifacts-law-1-summary"].data)
    assert str(outcome.change_set_id) in summary
    assert all(f"| {phase} |" in summary for phase in Phase)
    assert str(found["cut-artifacts-law-1-plan"].data).count('"address"') == MAX_ROWS
    assert outcome.verification is not None
    assert outcome.verification.source_sha256 in str(found["cut-artifacts-law-1-verification"].data)


def test_a_live_run_turns_the_switch_off_when_it_is_done(
    api: str, law: str, release: uuid.UUID
) -> None:
    with using(app_of(RehearsedAdapter())):
        outcome = run_cut(law, Mode.LIVE)
    assert outcome.change_set_id == release
    assert len(outcome.phases) == len(Phase)
    assert switch_state() is SwitchState.OFF


@pytest.mark.one_quick
@pytest.mark.parametrize(
    "error",
    [PhaseStop("the server went away", phase="cut_leg_a"), KeyboardInterrupt(), SystemExit(3)],
)
@pytest.mark.parametrize("stop_at", [Phase.PRE_WRITE_BACKUP, Phase.CUT_LEG_A])
def test_a_live_run_turns_the_switch_off_when_it_fails(
    api: str, law: str, release: uuid.UUID, stop_at: Phase, error: BaseException
) -> None:
    with using(app_of(RehearsedAdapter(stop_at, error))), pytest.raises(type(error)):
        run_cut(law, Mode.LIVE)
    assert switch_state() is SwitchState.OFF


def test_a_live_run_turns_the_switch_off_when_its_document_is_bad(
    api: str, home: Path, release: uuid.UUID
) -> None:
    with pytest.raises(BadInput):
        run_cut(str(home / "none.md"), Mode.LIVE)
    assert switch_state() is SwitchState.OFF


def test_a_dry_run_leaves_anothers_release_alone(api: str, law: str, release: uuid.UUID) -> None:
    run_cut(law)
    assert switch_state() is SwitchState.LIVE
    VariableKillSwitch().disarm("the test is over")


def test_live_without_a_registered_target_names_it(
    api: str, law: str, home: Path, bench: Bench
) -> None:
    arm(uuid.uuid4())
    with using(bench.app()), pytest.raises(ConfigMissing, match="target database"):
        run_cut(law, Mode.LIVE)
    assert bench.touched == 0
    assert switch_state() is SwitchState.OFF


def test_errors_reach_the_caller_unchanged(api: str, law: str, release: uuid.UUID) -> None:
    stop = PhaseStop("the server went away", phase="cut_leg_a", sqlstate="57P01")
    with (
        using(app_of(RehearsedAdapter(Phase.CUT_LEG_A, stop))),
        pytest.raises(PhaseStop) as caught,
    ):
        run_cut(law, Mode.LIVE)
    assert caught.value is stop
    assert caught.value.sqlstate == "57P01"


def test_the_real_wiring_names_the_first_missing_setting_before_it_connects(
    api: str, law: str, release: uuid.UUID
) -> None:
    with pytest.raises(ConfigMissing, match="DOT_CUTTER_DB_HOST"):
        run_cut(law, Mode.LIVE)


def test_live_needs_an_api_and_starts_none(law: str, home: Path, bench: Bench) -> None:
    with (
        no_api(),
        using(bench.app()),
        pytest.raises(ProductionExecutionNotAuthorized, match="does not answer"),
    ):
        run_cut(law, Mode.LIVE)


def test_each_run_has_executors_of_its_own(api: str, law: str, home: Path, bench: Bench) -> None:
    with using(bench.app()):
        first, second = run_cut(law), run_cut(law)
    assert bench.made == ["simulator", "simulator"]
    assert not first.replayed
    assert not second.replayed
    assert first.change_set_id == second.change_set_id


def test_it_runs_from_a_coroutine_too(api: str, law: str, home: Path) -> None:
    @flow
    async def outer() -> CutOutcome:
        outcome: CutOutcome = cut_document(law)
        return outcome

    import asyncio

    assert len(asyncio.run(outer()).phases) == len(Phase)


@task(cache_policy=NO_CACHE, persist_result=False)
def hand_over(_run: Run) -> None:
    """A task that is given what every phase is given."""


def seconds_of(call: Callable[[], object]) -> float:
    """The shorter of two tries."""
    found = []
    for _ in range(2):
        started = time.monotonic()
        call()
        found.append(time.monotonic() - started)
    return min(found)


@pytest.mark.slow
def test_a_plan_of_100_000_rows_does_not_slow_prefect(api: str, tmp_path: Path) -> None:
    small, large = made_plan(10, code="small.law"), made_plan(100_000, code="large.law")
    handed = {
        plan.document_code: Run(VariableKillSwitch(), Simulator, context(plan), plan)
        for plan in (small, large)
    }

    @flow
    def over(code: str) -> None:
        for _ in Phase:
            hand_over(handed[code])

    over("small.law")
    assert seconds_of(lambda: over("large.law")) < 2 * seconds_of(lambda: over("small.law")) + 0.1


def test_deployments_may_only_do_what_they_are_for() -> None:
    deployed.refuse_other_parameters("dry-run-safe-target", "documents/safe-target.md", Mode.DRYRUN)
    deployed.refuse_other_parameters("cut", "any.md", Mode.LIVE)
    for name, document, mode in (
        ("dry-run-safe-target", "documents/safe-target.md", Mode.LIVE),
        ("dry-run-safe-target", "/etc/passwd", Mode.DRYRUN),
        ("somebody-elses", "documents/safe-target.md", Mode.DRYRUN),
        ("cut", "any.md", Mode.REHEARSE),
    ):
        with pytest.raises(Refused):
            deployed.refuse_other_parameters(name, document, mode)


def test_connections_wanted_by_a_live_run_are_really_wanted(
    api: str, law: str, release: uuid.UUID, bench: Bench
) -> None:
    """The recording provider is what the live adapter of a released run calls: 0 calls elsewhere
    mean 0 connections.
    """
    with using(bench.app()), pytest.raises(ConnectionWanted):
        run_cut(law, Mode.LIVE)
    assert bench.touched == 1
