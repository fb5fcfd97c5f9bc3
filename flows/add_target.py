"""Let a document be cut from Prefect's UI: asked for here, signed by somebody with SG_3."""

from __future__ import annotations

from prefect import flow

from blocks.artifacts import publish_plan, publish_target
from blocks.form import (
    CodeField,
    CronField,
    DocumentField,
    GranularityField,
    OwnerField,
    ProfileField,
    PublicationTypeField,
    TargetNameField,
)
from domain.approval.targets import Target
from domain.reading.options import reading_said
from flows.target import deploy_target, schedule_of
from tasks.app import current_app
from tasks.targets import ask_for, require_free, signed_targets


@flow(
    name="add_target",
    flow_run_name="add target {name}",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def add_target(
    name: TargetNameField,
    document: DocumentField,
    code: CodeField = "",
    granularity: GranularityField = "basic",
    profile: ProfileField = "",
    publication_type: PublicationTypeField = "",
    owner_ref: OwnerField = "",
    schedule: CronField = "15 2 * * *",
) -> str:
    """Ask that a document may be cut from this UI; what comes next, in a sentence.

    Its dry run every night and its live run are made once somebody with SG_3 has signed this with
    `cutter target accept`; what is signed already gets its deployments at once.

    Raises `BadInput` for what can not be a target, and what reading and planning raise.
    """
    app = current_app()
    reading = reading_said(code, profile, granularity, publication_type, owner_ref)
    target = Target(name, document, reading, schedule)
    schedule_of(schedule)
    standing = signed_targets(app).get(name)
    if standing is not None and standing.target == require_free(app, target):
        made = " and ".join(deploy_target(app, target))
        said = f"{name} was signed by {standing.person}: the deployments {made} are in place."
    else:
        publish_plan(ask_for(app, target))
        said = (
            f"{name} is asked for, and nothing of it can be run yet. Somebody with SG_3 looks at "
            f"it and signs: `cutter target accept {name} --key KEY`."
        )
    publish_target(target, said)
    return said
