"""The parent flow of a cut: lock 1, read and plan without writing, then the phases in order."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from prefect import Task, flow, runtime
from prefect.exceptions import PrefectException

from adapters.home.plans import save_plan
from adapters.home.runs import DRY_RUN, keep_json
from adapters.planning import plan_document
from blocks.api import bounded_client
from blocks.approval_form import ApprovalField, OptionalApprovalField, submitter_of
from blocks.artifacts import publish_outcome, publish_plan
from blocks.deployed import refuse_other_parameters
from blocks.form import (
    ActorField,
    AttemptField,
    CodeField,
    DocumentField,
    GranularityField,
    ModeField,
    OwnerField,
    ProfileField,
    PublicationTypeField,
)
from blocks.progress import report_progress
from blocks.settings import load_settings
from domain.approval.approvals import SignedApproval
from domain.approval.request import cut_effect
from domain.errors import ProductionExecutionNotAuthorized
from domain.phases import CutContext, Mode
from domain.plan.cut_plan import CutPlan
from domain.reports.run import CutOutcome, PhaseReport, PlanHandle, run_answer, short_id
from tasks.change_sets import approvals_for, context_of
from tasks.cut_leg_a import cut_leg_a
from tasks.dispatch import Wiring, wired
from tasks.keepers import evidence_kept
from tasks.leg_b_record import leg_b_record
from tasks.lifecycle_enact import lifecycle_enact
from tasks.lock import FLOW_LOCK, lock_1
from tasks.mark import mark
from tasks.pre_write_backup import pre_write_backup
from tasks.records.baseline import accept_plan
from tasks.records.knowledge_base import source_text
from tasks.records.review import Compare, write_review
from tasks.review import review
from tasks.torn import says_if_torn
from tasks.write_verify import write_verify

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
    document: DocumentField,
    mode: ModeField = Mode.DRYRUN,
    approval: OptionalApprovalField = None,
    code: CodeField = None,
    profile: ProfileField = None,
    granularity: GranularityField = "basic",
    publication_type: PublicationTypeField = None,
    owner_ref: OwnerField = None,
    attempt: AttemptField = 1,
    actor: ActorField = None,
) -> CutOutcome:
    """Cut one document, by the simulator (DRYRUN) or for real (LIVE).

    A live run needs two approvals: given here, or kept in this home by `cutter approve`. `actor` is
    who starts the run; the submitter that the approvals name if it is not given. Raises
    `ProductionExecutionNotAuthorized` if the switch does not allow it, `ApprovalRefused`, what
    reading and planning raise, and what the phases raise. A live run turns the switch off when it
    ends, however it ends.
    """
    return _cut(
        document,
        Mode(mode),
        approval.signed() if approval else [],
        attempt,
        actor,
        code=code,
        profile=profile,
        granularity=granularity,
        publication_type=publication_type,
        owner_ref=owner_ref,
    )


@flow(
    name="cut_live",
    flow_run_name="cut {document} LIVE",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def cut_live(
    document: DocumentField,
    approval: ApprovalField,
    code: CodeField = None,
    profile: ProfileField = None,
    granularity: GranularityField = "basic",
    publication_type: PublicationTypeField = None,
    owner_ref: OwnerField = None,
    attempt: AttemptField = 1,
) -> CutOutcome:
    """Cut one document for real, with two approvals that are asked for.

    See `cut_document` for what it raises.
    """
    return _cut(
        document,
        Mode.LIVE,
        approval.signed(),
        attempt,
        None,
        code=code,
        profile=profile,
        granularity=granularity,
        publication_type=publication_type,
        owner_ref=owner_ref,
    )


def _cut(
    document: str,
    mode: Mode,
    given: Sequence[SignedApproval],
    attempt: int,
    actor: str | None,
    **reading: Any,
) -> CutOutcome:
    refuse_other_parameters(runtime.deployment.name, document, mode, **reading)
    refuse_rehearsal(mode)
    with wired() as wiring, lock_1(wiring.switch(), mode, document) as lock:
        plan = plan_document(document, database=source_text, **reading)
        ctx = context_of(plan, mode, attempt, actor or submitter_of(given) or getpass.getuser())
        if mode is Mode.DRYRUN:
            return simulate(document, ctx, plan)
        lock.require(ctx.change_set_id)
        outcome = _live_run(document, _authorised(wiring, ctx, plan, given), plan, wiring)
        accept_plan(document, plan, ctx.actor, **reading)
        return outcome


def simulate(
    document: str, ctx: CutContext, plan: CutPlan, compare: Compare | None = None
) -> CutOutcome:
    """A dry run, by the simulator; what it answered and the review page are kept for the approvers.

    `compare` puts the plan beside what the knowledge base holds, on that page.
    """
    outcome = _run_phases(document, ctx, plan, [])
    runs = load_settings().runs
    keep_json(
        runs,
        ctx.change_set_id,
        DRY_RUN,
        {**run_answer(outcome), "actor": ctx.actor, "finished_at": datetime.now(UTC)},
    )
    write_review(plan, ctx, compare=compare)
    return outcome


def _authorised(
    wiring: Wiring, ctx: CutContext, plan: CutPlan, given: Sequence[SignedApproval]
) -> CutContext:
    """The context of a live run that may begin: the world is as it has to be, and two people have
    approved its effect.
    """
    if wiring.before_live:
        wiring.before_live(ctx)
    return (
        wiring.authorise(ctx, cut_effect(ctx, plan), approvals_for(ctx, given))
        if wiring.authorise
        else ctx
    )


def _live_run(document: str, ctx: CutContext, plan: CutPlan, wiring: Wiring) -> CutOutcome:
    reports: list[PhaseReport] = []
    with says_if_torn(ctx.change_set_id, reports), evidence_kept(wiring.evidence, ctx, plan):
        outcome = _run_phases(document, ctx, plan, reports)
        if wiring.after_live:
            wiring.after_live(ctx)
    return outcome


def refuse_rehearsal(mode: Mode) -> None:
    """Raises `ProductionExecutionNotAuthorized` for a rehearsal: these flows commit what they
    write.
    """
    if mode is Mode.REHEARSE:
        raise ProductionExecutionNotAuthorized(
            FLOW_LOCK, "this flow commits what it writes, so it can not run a rehearsal"
        )


def _run_phases(
    document: str, ctx: CutContext, plan: CutPlan, reports: list[PhaseReport]
) -> CutOutcome:
    """Run every phase, adding to `reports` as they end."""
    handle = save_plan(plan, load_settings().state)
    _name_run(ctx)
    publish_plan(plan)
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


def _outcome(
    document: str, ctx: CutContext, plan: CutPlan, handle: PlanHandle, reports: list[PhaseReport]
) -> CutOutcome:
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
    """Give the flow run the name that people look for, now that the change set is known.

    Without an API it keeps its own.
    """
    run = runtime.flow_run.id
    if run is None:
        return
    with suppress(httpx.HTTPError, PrefectException, ValueError), bounded_client() as client:
        client.update_flow_run(
            run, name=f"{ctx.document_code} {ctx.mode} {short_id(ctx.change_set_id)}"
        )
