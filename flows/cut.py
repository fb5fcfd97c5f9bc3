"""The parent flow of a cut: guard, read and plan without writing, then the pipeline."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace

import httpx
from prefect import flow, runtime
from prefect.exceptions import PrefectException

from adapters.home.plans import save_plan
from blocks.api import bounded_client
from blocks.approval_form import (
    ON_RECORD,
    Approval,
    ApprovalField,
    submitter_of,
)
from blocks.artifacts import publish_outcome, publish_plan
from blocks.deployed import refuse_other_parameters, table_of
from blocks.form import (
    AcceptDoubtsField,
    ActorField,
    AmendedByField,
    AttemptField,
    CodeField,
    DatesField,
    DocumentField,
    GranularityField,
    InForceFromField,
    MatchesField,
    ModeField,
    OwnerField,
    ProfileField,
    PublicationTypeField,
)
from blocks.in_process import in_process
from blocks.progress import Listener
from domain.approval.approvals import SignedApproval
from domain.change_set import CutContext
from domain.errors import Lock, ProductionExecutionNotAuthorized
from domain.phases import Mode
from domain.reading.options import AS_IT_IS, ReadingOptions, reading_said, revising_said
from domain.reports.run import CutOutcome, PhaseReport, short_id
from domain.runs.run_plan import DocumentPlan, cut_plan_of
from tasks.app import App, current_app, using
from tasks.carried_out import carried_out
from tasks.change_sets import ChangeSet, approvals_for, change_of, started_by
from tasks.phases import as_task
from tasks.records.accepted_plan import accept_plan
from tasks.records.dry_runs import keep_dry_run, outcome_of
from tasks.records.knowledge_base import what_forbids_a_cut
from tasks.records.proposals import as_proposed
from tasks.records.review_page import Compare, write_review
from tasks.records.revisions import planned
from tasks.run import go_live, guarded, require_lock_1, simulate


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
    approval: ApprovalField = ON_RECORD,
    code: CodeField = "",
    profile: ProfileField = "",
    granularity: GranularityField = "basic",
    publication_type: PublicationTypeField = "",
    owner_ref: OwnerField = "",
    attempt: AttemptField = 1,
    actor: ActorField = "",
    accept_doubts: AcceptDoubtsField = (),
    in_force_from: InForceFromField = "",
    dates: DatesField = "",
    matches: MatchesField = (),
    amended_by: AmendedByField = "",
) -> CutOutcome:
    """Cut one document, or revise one that stands, by the simulator (DRYRUN) or for real (LIVE).

    A live run of a plan with doubts needs the code of each in `accept_doubts`, and raises
    `DoubtsNotAccepted` without.

    A live run needs two approvals: given here, or kept in this home by `cutter approve`. `actor` is
    who starts the run; the submitter that the approvals name if it is not given. Raises
    `ProductionExecutionNotAuthorized` if the switch does not allow it, `ApprovalRefused`, what
    reading and planning raise, and what the phases raise. A live run turns the switch off when it
    ends, however it ends.
    """
    revising = revising_said(in_force_from, dates, matches, amended_by)
    reading = reading_said(code, profile, granularity, publication_type, owner_ref, revising)
    given, accepted = approval.signed(), accept_doubts or ()
    app, wanted = current_app(), Mode(mode)
    refuse_other_parameters(
        runtime.deployment.name, document, wanted, reading, table_of(app.settings.home)
    )
    return carried_out(
        app,
        lambda: cut_allowed(app, document, wanted, given, attempt, actor, reading, accepted),
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
    approval: ApprovalField = ON_RECORD,
    code: CodeField = "",
    profile: ProfileField = "",
    granularity: GranularityField = "basic",
    publication_type: PublicationTypeField = "",
    owner_ref: OwnerField = "",
    attempt: AttemptField = 1,
    accept_doubts: AcceptDoubtsField = (),
) -> CutOutcome:
    """Cut one document, or revise one that stands, for real, as it was proposed.

    It needs two approvals: those that this home keeps, or what is pasted here. What was said of a
    new version and of its doubts when it was proposed counts. See `cut_document` for what it
    raises.
    """
    reading = reading_said(code, profile, granularity, publication_type, owner_ref)
    given, app = approval.signed(), current_app()
    refuse_other_parameters(
        runtime.deployment.name, document, Mode.LIVE, reading, table_of(app.settings.home)
    )
    reading, accepted = as_proposed(app, document, reading, accept_doubts or ())
    return carried_out(
        app,
        lambda: cut_allowed(app, document, Mode.LIVE, given, attempt, None, reading, accepted),
    )


def cut_allowed(
    app: App,
    document: str,
    mode: Mode,
    given: Sequence[SignedApproval],
    attempt: int,
    actor: str | None,
    reading: ReadingOptions,
    accepted: Sequence[str],
) -> CutOutcome:
    """Cut a document that this run's deployment may cut. Raises what `cut_document` raises."""
    refuse_rehearsal(mode)
    with guarded(app.switch, mode, document) as lock:
        plan = planned(app, document, reading, attempt=attempt, live=mode is Mode.LIVE)
        who = actor or getpass.getuser()
        change_set = change_of(app, plan, mode, who, attempt, accepted)
        if mode is Mode.DRYRUN:
            outcome = dry_run_of(app, document, change_set)
            return replace(outcome, forbidden=what_forbids_a_cut(app))
        lock.require(change_set.ctx.change_set_id)
        approvals = approvals_for(app, change_set.ctx, given)
        change_set = started_by(change_set, actor or submitter_of(approvals) or who)
        outcome = _live_run_of(app, document, change_set, approvals)
        accept_plan(app, document, cut_plan_of(plan), change_set.ctx.actor, reading)
        return outcome


def dry_run_of(
    app: App, document: str, change_set: ChangeSet[DocumentPlan], compare: Compare | None = None
) -> CutOutcome:
    """A dry run, by the simulator; what it answered and the review page are kept for the approvers.

    `compare` puts the plan beside what the knowledge base holds, on that page.
    """
    ctx = change_set.ctx
    with _Published(app, document, change_set) as run:
        simulate(app, change_set, as_task, run.done)
    outcome = run.outcome()
    keep_dry_run(app, outcome, ctx.actor)
    write_review(app, change_set.plan, ctx, compare=compare)
    return outcome


def _live_run_of(
    app: App,
    document: str,
    change_set: ChangeSet[DocumentPlan],
    approvals: Sequence[SignedApproval],
) -> CutOutcome:
    with _Published(app, document, change_set) as run:
        go_live(app, change_set, approvals, as_task, run.done)
    return run.outcome()


class _Published:
    """A run that is shown in Prefect: its plan when it begins, what it did when it has ended."""

    def __init__(self, app: App, document: str, change_set: ChangeSet[DocumentPlan]) -> None:
        self.done: list[PhaseReport] = []
        self._document = document
        self._change_set = change_set
        self._path = save_plan(change_set.plan, app.settings.state).path

    def __enter__(self) -> _Published:
        _name_run(self._change_set.ctx)
        publish_plan(cut_plan_of(self._change_set.plan))
        return self

    def __exit__(self, _kind: object, stopped: BaseException | None, _trace: object) -> None:
        publish_outcome(self.outcome(), stopped)

    def outcome(self) -> CutOutcome:
        """The run as far as it has come."""
        return outcome_of(self._document, self._change_set, self._path, self.done)


def refuse_rehearsal(mode: Mode) -> None:
    """Raises `ProductionExecutionNotAuthorized` for a rehearsal: these flows commit what they
    write.
    """
    if mode is Mode.REHEARSE:
        raise ProductionExecutionNotAuthorized(
            Lock.FLOW, "this flow commits what it writes, so it can not run a rehearsal"
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


def run_cut(
    document: str,
    mode: Mode = Mode.DRYRUN,
    reading: ReadingOptions = AS_IT_IS,
    *,
    approval: Approval | None = None,
    attempt: int = 1,
    actor: str | None = None,
    accepted: Sequence[str] = (),
    progress: Listener | None = None,
) -> CutOutcome:
    """Run `cut_document` in this process, as the command line does.

    No temporary Prefect server is started for a live run. Raises what the flow raises, and
    `OrchestratorUnavailable` if the API does not answer.
    """
    app = current_app()
    # Prefect itself would fail, or wait for minutes, before the flow could read the switch.
    refuse_rehearsal(mode)
    require_lock_1(app.switch, mode)
    with using(replace(app, tell=progress or app.tell)), in_process(own_server=mode is Mode.DRYRUN):
        outcome: CutOutcome = cut_document(
            document,
            mode,
            approval or ON_RECORD,
            reading.code or "",
            reading.profile or "",
            reading.granularity,
            reading.publication_type or "",
            reading.owner_ref or "",
            attempt,
            actor or "",
            tuple(accepted),
            **asdict(reading.revising),
        )
        return outcome
