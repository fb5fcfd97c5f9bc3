"""The parent flow of a cut: lock 1, read and plan without writing, then the phases in order."""

from __future__ import annotations

import getpass
from contextlib import suppress
from typing import Final
from uuid import UUID

import httpx
from prefect import Task, flow, runtime
from prefect.exceptions import PrefectException

from adapters.plan_store import save_plan
from adapters.planning import plan_document
from adapters.target_file import registered_target
from blocks.api import bounded_client
from blocks.settings import load_settings
from domain.cut_plan import CutPlan
from domain.errors import ConfigMissing, ProductionExecutionNotAuthorized
from domain.phases import SIMULATED_TARGET, CutContext, Mode, TargetFingerprint, change_set_id
from domain.ports import KillSwitch
from domain.run_report import CutOutcome, PhaseReport, PlanHandle, short_id
from domain.switch import require_switch
from flows.artifacts import publish_outcome, publish_plan
from flows.deployed import refuse_other_parameters
from flows.knowledge_base import source_text
from flows.progress import report_progress
from tasks.cut_leg_a import cut_leg_a
from tasks.leg_b_record import leg_b_record
from tasks.lifecycle_enact import lifecycle_enact
from tasks.mark import mark
from tasks.phase import wired
from tasks.pre_write_backup import pre_write_backup
from tasks.review import review
from tasks.write_verify import write_verify

FLOW_LOCK: Final = "flow"
PHASES: Final[tuple[Task[[CutContext, PlanHandle], PhaseReport], ...]] = (
    *(pre_write_backup, mark, review, cut_leg_a, leg_b_record, write_verify, lifecycle_enact),
)
"""In the order of `domain.phases.Phase`: nothing is written before there is a backup."""


@flow(
    name="cut_document",
    flow_run_name="cut {document} {mode}",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def cut_document(
    document: str,
    mode: Mode = Mode.DRYRUN,
    code: str | None = None,
    profile: str | None = None,
    granularity: str = "basic",
    publication_type: str | None = None,
    owner_ref: str | None = None,
    attempt: int = 1,
    actor: str | None = None,
) -> CutOutcome:
    """Cut one document, by the simulator (DRYRUN) or for real (LIVE).

    Raises `ProductionExecutionNotAuthorized` if the switch does not allow it, what reading and planning raise, and what the
    phases raise. A live run turns the switch off when it ends, however it ends.
    """
    mode = Mode(mode)
    refuse_other_parameters(runtime.deployment.name, document, mode)
    with wired() as wiring:
        switch = wiring.switch()
        require_lock_1(switch, mode)
        ctx: CutContext | None = None
        try:
            plan = plan_document(
                document,
                code=code,
                profile=profile,
                granularity=granularity,
                publication_type=publication_type,
                owner_ref=owner_ref,
                database=source_text,
            )
            ctx = context_of(plan, mode, attempt, actor or getpass.getuser())
            require_lock_1(switch, mode, ctx.change_set_id)
            if mode is Mode.LIVE and wiring.before_live:
                wiring.before_live(ctx)
            outcome = _run_phases(document, ctx, plan)
            if mode is Mode.LIVE and wiring.after_live:
                wiring.after_live(ctx)
            return outcome
        finally:
            if mode is Mode.LIVE:
                switch.disarm(f"the live run of {document} has ended", only=ctx.change_set_id if ctx else None)


def require_lock_1(switch: KillSwitch, mode: Mode, change_set: UUID | None = None) -> None:
    """Lock 1: is the switch armed for this mode, and once it is known for this change set? A dry run does not ask.

    Raises `ProductionExecutionNotAuthorized`.
    """
    if mode is Mode.REHEARSE:
        raise ProductionExecutionNotAuthorized(FLOW_LOCK, "this flow commits what it writes, so it can not run a rehearsal")
    if mode is Mode.LIVE:
        require_switch(switch.read(), mode, change_set, FLOW_LOCK)


def context_of(plan: CutPlan, mode: Mode, attempt: int, actor: str) -> CutContext:
    """The context of one run of a plan against the registered target. Raises `ConfigMissing` if there is none."""
    target = _target(mode)
    change_set = change_set_id(target, plan.document_code, plan.plan_digest, attempt)
    return CutContext(change_set, mode, plan.document_code, plan.plan_digest, target, actor, attempt)


def _target(mode: Mode) -> TargetFingerprint:
    """The registered target, so that no connection is needed to know the change set's id."""
    settings = load_settings()
    target = registered_target(settings.state)
    if target is None and mode is not Mode.DRYRUN:
        raise ConfigMissing("The target database", "Register it with `cutter doctor --register`, then start again.")
    return target or SIMULATED_TARGET


def _run_phases(document: str, ctx: CutContext, plan: CutPlan) -> CutOutcome:
    handle = save_plan(plan, load_settings().state)
    _name_run(ctx)
    publish_plan(plan)
    reports: list[PhaseReport] = []
    stopped: BaseException | None = None
    try:
        for phase_task in PHASES:
            report_progress(phase_task.name, None)
            report = phase_task(ctx, handle)
            reports.append(report)
            report_progress(phase_task.name, report)
        return _outcome(document, ctx, plan, handle, reports)
    except BaseException as error:
        stopped = error
        raise
    finally:
        publish_outcome(_outcome(document, ctx, plan, handle, reports), stopped)


def _outcome(document: str, ctx: CutContext, plan: CutPlan, handle: PlanHandle, reports: list[PhaseReport]) -> CutOutcome:
    return CutOutcome(
        document=document,
        document_code=ctx.document_code,
        title=plan.document.title,
        mode=ctx.mode,
        change_set_id=ctx.change_set_id,
        plan_digest=ctx.plan_digest,
        target=str(ctx.target),
        units=len(plan.rows),
        gaps=len(plan.gaps),
        warnings=len(plan.warnings),
        plan_path=handle.path,
        phases=tuple(reports),
    )


def _name_run(ctx: CutContext) -> None:
    """Give the flow run the name that people look for, now that the change set is known. Without an API it keeps its own."""
    run = runtime.flow_run.id
    if run is None:
        return
    with suppress(httpx.HTTPError, PrefectException, ValueError), bounded_client() as client:
        client.update_flow_run(run, name=f"{ctx.document_code} {ctx.mode} {short_id(ctx.change_set_id)}")
