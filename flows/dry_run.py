"""The scheduled watch over one document: a dry run that fails when plan, database or grants are no
longer as accepted.
"""

from __future__ import annotations

import getpass

from prefect import flow, runtime

from adapters.home.target import registered_target
from blocks.artifacts import publish_drift
from blocks.deployed import refuse_other_parameters, table_of
from blocks.form import (
    CodeField,
    DocumentField,
    GranularityField,
    NewBaselineField,
    OwnerField,
    ProfileField,
    PublicationTypeField,
)
from blocks.in_process import in_process
from domain.errors import DriftFound
from domain.ledger.drift import Severity
from domain.phases import Mode
from domain.plan.cut_plan import CutPlan
from domain.reading.options import AS_IT_IS, ReadingOptions, reading_said
from domain.reports.run import CutOutcome
from domain.revision.plan import RevisionPlan
from flows.cut import dry_run_of
from tasks.app import App, current_app
from tasks.change_sets import change_of
from tasks.records.accepted_plan import change_since_accepted, take_plan
from tasks.records.knowledge_base import diagnose
from tasks.records.review_page import with_knowledge_base
from tasks.records.revisions import planned


@flow(
    name="dry_run",
    flow_run_name="dry run of {document}",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def dry_run(
    document: DocumentField,
    code: CodeField = "",
    profile: ProfileField = "",
    granularity: GranularityField = "basic",
    publication_type: PublicationTypeField = "",
    owner_ref: OwnerField = "",
    new_baseline: NewBaselineField = False,
) -> CutOutcome:
    """Show that a document can still be cut, and that nothing has drifted.

    Writes nothing to the database. A new version of a document that stands is no drift: it is said
    that a revision of it is ready, and what it would change.

    Raises `DriftFound` naming the first difference, after the artifacts are published; what reading
    and planning raise; and a connection's refusal. A home without a registered database has none to
    examine.
    """
    app = current_app()
    reading = reading_said(code, profile, granularity, publication_type, owner_ref)
    refuse_other_parameters(
        runtime.deployment.name, document, Mode.DRYRUN, reading, table_of(app.settings.home)
    )
    return watched(app, document, reading, new_baseline=new_baseline)


def watched(app: App, document: str, reading: ReadingOptions, *, new_baseline: bool) -> CutOutcome:
    """The dry run of a document that this run's deployment may read.

    Raises what `dry_run` raises.
    """
    by = getpass.getuser()
    plan = planned(app, document, reading)
    if isinstance(plan, RevisionPlan) and not plan.changes_text:
        plan = plan.plan  # it stands as it is: the watch is over how it is cut
    change_set = change_of(app, plan, Mode.DRYRUN, by)
    outcome = dry_run_of(app, document, change_set, with_knowledge_base(app))
    changed = None
    if isinstance(plan, CutPlan):
        if new_baseline:
            take_plan(app, document, plan, by, reading)
        changed = change_since_accepted(app, document, plan, by, reading)
    differences = [*([changed] if changed else []), *_database_drift(app)]
    publish_drift(
        plan.document_code, differences, examined=_has_database(app), ready=outcome.changes
    )
    if differences:
        more = (
            f" In all there are {len(differences)} differences; `cutter doctor` names them."
            if differences[1:]
            else ""
        )
        raise DriftFound(f"{differences[0]}{more}")
    return outcome


def _database_drift(app: App) -> list[str]:
    """Everything in the registered database, grants and all, that forbids a cut."""
    if not _has_database(app):
        return []
    return [
        one.message for one in diagnose(app, register=False)[1] if one.severity is Severity.FAILS
    ]


def _has_database(app: App) -> bool:
    return registered_target(app.settings.state) is not None


def run_dry_run(
    document: str, reading: ReadingOptions = AS_IT_IS, *, new_baseline: bool = False
) -> CutOutcome:
    """Run `dry_run` in this process, as the command line does.

    Raises what the flow raises, and `OrchestratorUnavailable` if the API does not answer: no
    temporary server is started.
    """
    with in_process():
        outcome: CutOutcome = dry_run(
            document,
            reading.code or "",
            reading.profile or "",
            reading.granularity,
            reading.publication_type or "",
            reading.owner_ref or "",
            new_baseline,
        )
        return outcome
