"""The scheduled watch over one document: a dry run that fails when plan, database or grants are no
longer as accepted.
"""

from __future__ import annotations

import getpass
from typing import Any

from prefect import flow, runtime

from adapters.home.target import registered_target
from adapters.planning import plan_document
from blocks.artifacts import publish_drift
from blocks.deployed import refuse_other_parameters
from blocks.form import (
    CodeField,
    DocumentField,
    GranularityField,
    NewBaselineField,
    OwnerField,
    ProfileField,
    PublicationTypeField,
)
from blocks.settings import load_settings
from domain.errors import DriftFound
from domain.ledger.drift import Severity
from domain.phases import Mode
from domain.plan.cut_plan import CutPlan
from domain.reports.run import CutOutcome
from flows.cut import simulate
from tasks.change_sets import context_of
from tasks.dispatch import wired
from tasks.records.baseline import change_since_baseline, take_baseline
from tasks.records.knowledge_base import diagnose, source_text
from tasks.records.review import with_knowledge_base


@flow(
    name="dry_run",
    flow_run_name="dry run of {document}",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def dry_run(
    document: DocumentField,
    code: CodeField = None,
    profile: ProfileField = None,
    granularity: GranularityField = "basic",
    publication_type: PublicationTypeField = None,
    owner_ref: OwnerField = None,
    new_baseline: NewBaselineField = False,
) -> CutOutcome:
    """Show that a document can still be cut, and that nothing has drifted.

    Writes nothing to the database.

    Raises `DriftFound` naming the first difference, after the artifacts are published; what reading
    and planning raise; and a connection's refusal. A home without a registered database has none to
    examine.
    """
    reading: dict[str, Any] = {
        "code": code,
        "profile": profile,
        "granularity": granularity,
        "publication_type": publication_type,
        "owner_ref": owner_ref,
    }
    refuse_other_parameters(runtime.deployment.name, document, Mode.DRYRUN, **reading)
    plan = plan_document(document, database=source_text, **reading)
    with wired():
        outcome = simulate(
            document, context_of(plan, Mode.DRYRUN, 1, getpass.getuser()), plan, with_knowledge_base
        )
    if new_baseline:
        take_baseline(document, plan, getpass.getuser(), **reading)
    differences = [*_plan_drift(document, plan, reading), *_database_drift()]
    publish_drift(plan.document_code, differences, examined=_has_database())
    if differences:
        more = (
            f" In all there are {len(differences)} differences; `cutter doctor` names them."
            if differences[1:]
            else ""
        )
        raise DriftFound(f"{differences[0]}{more}")
    return outcome


def _plan_drift(document: str, plan: CutPlan, reading: dict[str, Any]) -> list[str]:
    change = change_since_baseline(document, plan, getpass.getuser(), **reading)
    return [change] if change else []


def _database_drift() -> list[str]:
    """Everything in the registered database, grants and all, that forbids a cut."""
    if not _has_database():
        return []
    return [one.message for one in diagnose(register=False)[1] if one.severity is Severity.FAILS]


def _has_database() -> bool:
    return registered_target(load_settings().state) is not None
