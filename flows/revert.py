"""The flow of a revert (SG_3): read what a change set has written, then show, rehearse or withdraw
it.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from prefect import flow

from adapters.home.runs import DRY_RUN, REHEARSAL, keep_json
from adapters.postgres.reverting.plan import RevertRequest
from blocks.approval_form import RevertApprovalField, submitter_of
from blocks.artifacts import publish_revert
from blocks.form import ActorField, ChangeSetField, RevertAttemptField, RevertModeField
from blocks.progress import Listener, progress_to, report_progress
from blocks.settings import load_settings
from domain.approval.approvals import SignedApproval
from domain.errors import CutterError
from domain.phases import Mode, Phase, change_set_from
from domain.plan.revert import how_to_finish
from domain.reports.revert import SHOWN, RevertOutcome, revert_answer
from domain.reports.run import PhaseReport
from flows.run import in_process
from tasks.change_sets import approvals_for, request_for
from tasks.dispatch import Wiring, wired
from tasks.keepers import evidence_kept
from tasks.lock import lock_1, require_lock_1
from tasks.revert import RevertRun, live_revert_adapter, rehearse_revert, revert_phase


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
    approval: RevertApprovalField = None,
    attempt: RevertAttemptField = 1,
    actor: ActorField = None,
) -> RevertOutcome:
    """Revert a change set: show what would happen (DRYRUN), rehearse it in a rollback, or do it
    (LIVE).

    A live run needs approvals for SG_3 and SG_2: given here, or kept in this home by
    `cutter approve --revert`. Raises `ProductionExecutionNotAuthorized` if the switch does not
    allow it, `RevertRefused` naming units that can not be withdrawn, `ApprovalRefused`, and what
    the phases raise. The switch is turned off when a run ends, however it ends.
    """
    mode = Mode(mode)
    reverts = change_set_from(change_set)
    given = approval.signed() if approval else []
    with wired() as wiring, lock_1(wiring.switch(), mode, f"the revert of {reverts}") as lock:
        request = request_for(
            reverts, mode, actor or submitter_of(given) or getpass.getuser(), attempt
        )
        lock.require(request.ctx.change_set_id)
        if mode is Mode.LIVE:
            request = _authorised(wiring, request, given)
        outcome = _RUNS[mode](request, wiring)
        publish_revert(outcome)
        return outcome


def _authorised(
    wiring: Wiring, request: RevertRequest, given: Sequence[SignedApproval]
) -> RevertRequest:
    """The request of a live run that may begin: the world is as it has to be, and two people have
    approved its effect.
    """
    ctx = request.ctx
    if wiring.before_live:
        wiring.before_live(ctx)
    if wiring.authorise:
        ctx = wiring.authorise(ctx, request.effect, approvals_for(ctx, given))
    return request._replace(ctx=ctx)


def _dry_run(request: RevertRequest, _wiring: Wiring) -> RevertOutcome:
    outcome = _outcome(request)
    _keep(DRY_RUN, outcome, request.ctx.actor)
    return outcome


def _rehearsal(request: RevertRequest, _wiring: Wiring) -> RevertOutcome:
    report = rehearse_revert(request.ctx, request.plan, report_progress)
    outcome = replace(_outcome(request, report.phases), effect_digest=report.effect_digest)
    _keep(REHEARSAL, outcome, request.ctx.actor)
    return outcome


def _live_run(request: RevertRequest, wiring: Wiring) -> RevertOutcome:
    switch = wiring.switch()
    run = RevertRun(switch, live_revert_adapter(switch, request.ctx), request.ctx, request.plan)
    reports: list[PhaseReport] = []
    with _says_if_torn(request, reports), evidence_kept(wiring.evidence, request.ctx, request.plan):
        for phase in Phase:
            report_progress(phase.value, None)
            reports.append(revert_phase(run, phase))
            report_progress(phase.value, reports[-1])
        if wiring.after_live:
            wiring.after_live(request.ctx)
    return _outcome(request, tuple(reports))


@contextmanager
def _says_if_torn(request: RevertRequest, reports: Sequence[PhaseReport]) -> Iterator[None]:
    """Whatever stops the block says how to finish a revert that has withdrawn units.

    The error stays the one it was.
    """
    try:
        yield
    except CutterError as error:
        if request.begun or any(report.phase is Phase.CUT_LEG_A for report in reports):
            error.args = (
                f"{error} {how_to_finish(request.plan.reverts, request.ctx.change_set_id)}",
            )
        raise


_RUNS: Final = {Mode.DRYRUN: _dry_run, Mode.REHEARSE: _rehearsal, Mode.LIVE: _live_run}


def _outcome(request: RevertRequest, phases: tuple[PhaseReport, ...] = ()) -> RevertOutcome:
    ctx, plan = request.ctx, request.plan
    return RevertOutcome(
        change_set_id=ctx.change_set_id,
        reverts=plan.reverts,
        document_code=plan.document_code,
        title=plan.title,
        mode=ctx.mode,
        stood=plan.status,
        plan_digest=plan.plan_digest,
        effect_digest=request.effect.effect_digest,
        target=str(ctx.target),
        units=len(plan.units),
        addresses=tuple(unit.canonical_address for unit in plan.units[:SHOWN]),
        recut_attempt=plan.recut_attempt,
        begun=request.begun,
        phases=phases,
    )


def _keep(name: str, outcome: RevertOutcome, actor: str) -> None:
    """Keep what a run showed for the approvers."""
    answer = {**revert_answer(outcome), "actor": actor, "finished_at": datetime.now(UTC)}
    keep_json(load_settings().runs, outcome.change_set_id, name, answer)


def run_revert(
    change_set: str, mode: Mode = Mode.DRYRUN, *, progress: Listener | None = None, **options: Any
) -> RevertOutcome:
    """Run `revert_change_set` in this process, as the command line does; `options` are its other
    parameters.

    Raises what the flow raises, and `OrchestratorUnavailable` if the API does not answer: no
    temporary server is started.
    """
    with wired() as wiring, progress_to(progress):
        require_lock_1(wiring.switch(), mode)
        with in_process():
            outcome: RevertOutcome = revert_change_set(change_set, mode, **options)
            return outcome
