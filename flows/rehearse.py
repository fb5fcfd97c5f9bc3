"""The flow of a rehearsal: guard, read and plan, then the whole cut on the real database, rolled
back.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import asdict, replace

from prefect import flow, runtime

from adapters.home.plans import save_plan
from adapters.home.runs import REHEARSAL, keep_json
from blocks.artifacts import publish_rehearsal
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
    OwnerField,
    ProfileField,
    PublicationTypeField,
)
from blocks.in_process import in_process
from blocks.progress import Listener
from domain.phases import Mode
from domain.reading.options import AS_IT_IS, ReadingOptions, reading_said, revising_said
from domain.reports.rehearsal import RehearsalReport
from domain.reports.run import phase_answers
from tasks.app import App, current_app, using
from tasks.carried_out import carried_out
from tasks.change_sets import change_of
from tasks.records.revisions import planned
from tasks.run import guarded, rehearse, require_lock_1


@flow(
    name="rehearse_document",
    flow_run_name="rehearse {document}",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def rehearse_document(
    document: DocumentField,
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
) -> RehearsalReport:
    """Rehearse one document's cut on the real database and leave nothing there.

    A plan with doubts needs the code of each in `accept_doubts`, and raises `DoubtsNotAccepted`
    without. Raises `ProductionExecutionNotAuthorized` unless the switch stands at REHEARSE for this
    change set, and what planning and `tasks.run.rehearse` raise. The switch is turned off when it
    ends, however it ends.
    """
    revising = revising_said(in_force_from, dates, matches, amended_by)
    reading = reading_said(code, profile, granularity, publication_type, owner_ref, revising)
    who, accepted, app = actor or getpass.getuser(), accept_doubts or (), current_app()
    return carried_out(app, lambda: _rehearse(app, document, reading, who, attempt, accepted))


def _rehearse(
    app: App,
    document: str,
    reading: ReadingOptions,
    actor: str,
    attempt: int,
    accepted: Sequence[str],
) -> RehearsalReport:
    refuse_other_parameters(
        runtime.deployment.name, document, Mode.REHEARSE, reading, table_of(app.settings.home)
    )
    with guarded(app.switch, Mode.REHEARSE, document) as lock:
        plan = planned(app, document, reading, attempt=attempt)
        change_set = change_of(app, plan, Mode.REHEARSE, actor, attempt, accepted)
        lock.require(change_set.ctx.change_set_id)
        save_plan(plan, app.settings.state)
        report = rehearse(app, change_set)
        _keep(app, report)
        publish_rehearsal(report)
        return report


def _keep(app: App, report: RehearsalReport) -> None:
    """For the approvers' page."""
    answer = {
        "change_set_id": str(report.change_set_id),
        "plan_digest": report.plan_digest,
        "effect_digest": report.effect_digest,
        "target": report.target,
        "units": report.units,
        "phases": phase_answers(report.phases),
        "finished_at": app.clock(),
    }
    keep_json(app.settings.runs, report.change_set_id, REHEARSAL, answer)


def run_rehearsal(
    document: str,
    reading: ReadingOptions = AS_IT_IS,
    *,
    attempt: int = 1,
    actor: str | None = None,
    accepted: Sequence[str] = (),
    progress: Listener | None = None,
) -> RehearsalReport:
    """Run `rehearse_document` in this process, as the command line does.

    Raises what the flow raises, and `OrchestratorUnavailable` if the API does not answer: no
    temporary server is started.
    """
    app = current_app()
    require_lock_1(app.switch, Mode.REHEARSE)
    with using(replace(app, tell=progress or app.tell)), in_process():
        report: RehearsalReport = rehearse_document(
            document,
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
        return report
