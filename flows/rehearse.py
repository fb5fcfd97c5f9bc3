"""The flow of a rehearsal: lock 1, read and plan, then the whole cut on the real database, rolled
back.
"""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Any

from prefect import flow, runtime

from adapters.home.plans import save_plan
from adapters.home.runs import REHEARSAL, keep_json
from adapters.planning import plan_document
from blocks.artifacts import publish_rehearsal
from blocks.deployed import refuse_other_parameters
from blocks.form import (
    ActorField,
    AttemptField,
    CodeField,
    DocumentField,
    GranularityField,
    OwnerField,
    ProfileField,
    PublicationTypeField,
)
from blocks.progress import Listener, progress_to, report_progress
from blocks.settings import load_settings
from domain.phases import Mode
from domain.reports.rehearsal import RehearsalReport
from domain.reports.run import phase_answers
from flows.run import in_process
from tasks.change_sets import context_of
from tasks.lock import lock_1, require_lock_1
from tasks.records.knowledge_base import source_text
from tasks.rehearse import rehearsal_wired, rehearse


@flow(
    name="rehearse_document",
    flow_run_name="rehearse {document}",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def rehearse_document(
    document: DocumentField,
    code: CodeField = None,
    profile: ProfileField = None,
    granularity: GranularityField = "basic",
    publication_type: PublicationTypeField = None,
    owner_ref: OwnerField = None,
    attempt: AttemptField = 1,
    actor: ActorField = None,
) -> RehearsalReport:
    """Rehearse one document's cut on the real database and leave nothing there.

    Raises `ProductionExecutionNotAuthorized` unless the switch stands at REHEARSE for this change
    set, and what planning and `tasks.rehearse.rehearse` raise. The switch is turned off when it
    ends, however it ends.
    """
    reading: dict[str, Any] = {
        "code": code,
        "profile": profile,
        "granularity": granularity,
        "publication_type": publication_type,
        "owner_ref": owner_ref,
    }
    refuse_other_parameters(runtime.deployment.name, document, Mode.REHEARSE, **reading)
    with rehearsal_wired() as wiring, lock_1(wiring.switch(), Mode.REHEARSE, document) as lock:
        plan = plan_document(document, database=source_text, **reading)
        ctx = context_of(plan, Mode.REHEARSE, attempt, actor or getpass.getuser())
        lock.require(ctx.change_set_id)
        handle = save_plan(plan, load_settings().state)
        report = rehearse(ctx, handle, len(plan.rows), progress=report_progress)
        _keep(report)
        publish_rehearsal(report)
        return report


def _keep(report: RehearsalReport) -> None:
    """For the approvers' page."""
    answer = {
        "change_set_id": str(report.change_set_id),
        "plan_digest": report.plan_digest,
        "effect_digest": report.effect_digest,
        "target": report.target,
        "units": report.units,
        "phases": phase_answers(report.phases),
        "finished_at": datetime.now(UTC),
    }
    keep_json(load_settings().runs, report.change_set_id, REHEARSAL, answer)


def run_rehearsal(
    document: str, *, progress: Listener | None = None, **options: Any
) -> RehearsalReport:
    """Run `rehearse_document` in this process, as the command line does; `options` are its other
    parameters.

    Raises what the flow raises, and `OrchestratorUnavailable` if the API does not answer: no
    temporary server is started.
    """
    with rehearsal_wired() as wiring, progress_to(progress):
        require_lock_1(wiring.switch(), Mode.REHEARSE)
        with in_process():
            report: RehearsalReport = rehearse_document(document, **options)
            return report
