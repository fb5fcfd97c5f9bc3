"""The flow of a revert (SG_3): read what a change set has written, then show, rehearse or withdraw
it.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from prefect import flow

from adapters.home.runs import DRY_RUN, REHEARSAL, keep_json
from blocks.approval_form import (
    REVERT_ON_RECORD,
    RevertApproval,
    RevertApprovalField,
    submitter_of,
)
from blocks.artifacts import publish_revert
from blocks.form import ActorField, ChangeSetField, RevertAttemptField, RevertModeField
from blocks.in_process import in_process
from blocks.progress import Listener
from domain.approval.approvals import SignedApproval
from domain.phases import Mode
from domain.plan.revert import RevertPlan
from domain.reports.revert import SHOWN, RevertOutcome, revert_answer
from domain.reports.run import PhaseReport
from tasks.app import App, current_app, using
from tasks.carried_out import carried_out
from tasks.change_sets import ChangeSet, approvals_for, revert_of, started_by
from tasks.phases import as_task
from tasks.records.proposals import change_set_named
from tasks.run import go_live, guarded, rehearse, require_lock_1


@flow(
    name="revert_change_set",
    flow_run_name="revert {change_set} {mode}",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def revert_change_set(
    change_set: ChangeSetField,
    mode: RevertModeField = Mode.DRYRUN,
    approval: RevertApprovalField = REVERT_ON_RECORD,
    attempt: RevertAttemptField = 1,
    actor: ActorField = "",
) -> RevertOutcome:
    """Revert a change set: show what would happen (DRYRUN), rehearse it in a rollback, or do it
    (LIVE).

    A live run needs approvals for SG_3 and SG_2: given here, or kept in this home by
    `cutter approve --revert`. Raises `ProductionExecutionNotAuthorized` if the switch does not
    allow it, `RevertRefused` naming units that can not be withdrawn, `ApprovalRefused`, and what
    the phases raise. The switch is turned off when a run ends, however it ends.
    """
    given, app = approval.signed(), current_app()
    return carried_out(
        app,
        lambda: _revert(app, change_set_named(app, change_set), Mode(mode), given, actor, attempt),
    )


def _revert(
    app: App,
    reverts: UUID,
    mode: Mode,
    given: Sequence[SignedApproval],
    actor: str | None,
    attempt: int,
) -> RevertOutcome:
    with guarded(app.switch, mode, f"the revert of {reverts}") as lock:
        planned = revert_of(app, reverts, mode, actor or getpass.getuser(), attempt)
        lock.require(planned.ctx.change_set_id)
        outcome = _run(app, planned, given, actor)
        publish_revert(outcome)
        return outcome


def _run(
    app: App,
    change_set: ChangeSet[RevertPlan],
    given: Sequence[SignedApproval],
    actor: str | None,
) -> RevertOutcome:
    """Show it, rehearse it or do it, as its mode says. A revert has no simulator: it is shown."""
    ctx, done = change_set.ctx, list[PhaseReport]()
    outcome = _outcome(change_set)
    if ctx.mode is Mode.LIVE:
        approvals = approvals_for(app, ctx, given)
        who = actor or submitter_of(approvals) or ctx.actor
        go_live(app, started_by(change_set, who), approvals, as_task, done)
        return replace(outcome, phases=tuple(done))
    if ctx.mode is Mode.REHEARSE:
        report = rehearse(app, change_set)
        outcome = replace(outcome, phases=report.phases, effect_digest=report.effect_digest)
    _keep(app, REHEARSAL if ctx.mode is Mode.REHEARSE else DRY_RUN, outcome, ctx.actor)
    return outcome


def _outcome(change_set: ChangeSet[RevertPlan]) -> RevertOutcome:
    ctx, plan = change_set.ctx, change_set.plan
    return RevertOutcome(
        change_set_id=ctx.change_set_id,
        reverts=plan.reverts,
        document_code=plan.document_code,
        title=plan.title,
        mode=ctx.mode,
        stood=plan.status,
        plan_digest=plan.plan_digest,
        effect_digest=change_set.effect.effect_digest,
        target=str(ctx.target),
        units=len(plan.units),
        addresses=tuple(unit.canonical_address for unit in plan.units[:SHOWN]),
        recut_attempt=plan.recut_attempt,
        begun=change_set.begun,
        phases=(),
    )


def _keep(app: App, name: str, outcome: RevertOutcome, actor: str) -> None:
    """Keep what a run showed for the approvers."""
    answer = {**revert_answer(outcome), "actor": actor, "finished_at": app.clock()}
    keep_json(app.settings.runs, outcome.change_set_id, name, answer)


def run_revert(
    change_set: str,
    mode: Mode = Mode.DRYRUN,
    *,
    approval: RevertApproval | None = None,
    attempt: int = 1,
    actor: str | None = None,
    progress: Listener | None = None,
) -> RevertOutcome:
    """Run `revert_change_set` in this process, as the command line does.

    Raises what the flow raises, and `OrchestratorUnavailable` if the API does not answer: no
    temporary server is started.
    """
    app = current_app()
    require_lock_1(app.switch, mode)
    with using(replace(app, tell=progress or app.tell)), in_process():
        outcome: RevertOutcome = revert_change_set(
            change_set, mode, approval or REVERT_ON_RECORD, attempt=attempt, actor=actor or ""
        )
        return outcome
