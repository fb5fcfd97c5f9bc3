"""Runs of a signed target: what is cut, and how it is read, stands in what somebody with SG_3 has
signed, so the forms do not ask for it.
"""

from __future__ import annotations

from typing import Final, TypeVar

import httpx
from prefect import Flow, flow, runtime
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.utilities.callables import parameter_schema

from blocks.approval_form import ON_RECORD, ApprovalField
from blocks.deployed import POOL, table_of
from blocks.form import AttemptField, NewBaselineField
from domain.approval.targets import LIVE, WATCH, Target
from domain.errors import BadInput, OrchestratorUnavailable
from domain.phases import Mode
from domain.reports.run import CutOutcome
from flows.cut import cut_allowed
from flows.dry_run import watched
from tasks.app import App, current_app
from tasks.carried_out import carried_out
from tasks.records.proposals import as_proposed
from tasks.targets import target_of

_SLUG: Final = "nightly"
_T = TypeVar("_T")


@flow(
    name="cut_target",
    flow_run_name="cut of a target LIVE",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def cut_target(approval: ApprovalField = ON_RECORD, attempt: AttemptField = 1) -> CutOutcome:
    """Cut the target of this deployment for real; see `cut_live`.

    Raises `Refused` for a target that nobody has signed, and what `cut_live` raises.
    """
    given, app = approval.signed(), current_app()
    target = target_of(app, runtime.deployment.name, LIVE)
    reading, accepted = as_proposed(app, target.document, target.reading, ())
    return carried_out(
        app,
        lambda: cut_allowed(
            app, target.document, Mode.LIVE, given, attempt, None, reading, accepted
        ),
    )


@flow(
    name="watch_target",
    flow_run_name="dry run of a target",
    retries=0,
    persist_result=False,
    validate_parameters=True,
)
def watch_target(new_baseline: NewBaselineField = False) -> CutOutcome:
    """Show that the target of this deployment can still be cut; see `dry_run`.

    Raises `Refused` for a target that nobody has signed, and what `dry_run` raises.
    """
    app = current_app()
    target = target_of(app, runtime.deployment.name, WATCH)
    return watched(app, target.document, target.reading, new_baseline=new_baseline)


def schedule_of(cron: str) -> CronSchedule:
    """When a target's dry run begins. Raises `BadInput` for what is no such time."""
    try:
        return CronSchedule(cron=cron, timezone="UTC")
    except ValueError:
        raise BadInput(
            f"{cron[:80]!r} is no schedule; write five fields of cron, such as 15 2 * * * for a "
            f"quarter past two each night."
        ) from None


def deploy_target(app: App, target: Target) -> tuple[str, str]:
    """Make or update both deployments of a signed target; their names.

    What a person has paused stays so. Runs work in the folder of the home's table. Raises
    `BadInput` for its schedule, and `OrchestratorUnavailable`.
    """
    schedule = schedule_of(target.cron)
    folder = str(table_of(app.settings.home).parent)
    try:
        with get_client(sync_client=True) as client:
            _put(client, watch_target, target.deployments[0], folder, schedule)
            _put(client, cut_target, target.deployments[1], folder, None)
    except (httpx.HTTPError, PrefectException) as error:
        raise OrchestratorUnavailable(
            f"The Prefect server did not take the deployments of {target.name} "
            f"({type(error).__name__}); `cutter deploy` makes them once it answers."
        ) from None
    return target.deployments


def retract_target(name: str) -> None:
    """Delete both deployments of a target that was removed; one that is not there is no failure.

    Raises `OrchestratorUnavailable`. Without this a run of one is refused, too.
    """
    try:
        with get_client(sync_client=True) as client:
            for one, prefix in ((watch_target, WATCH), (cut_target, LIVE)):
                there = _there(client, one, f"{prefix}{name}")
                if there is not None:
                    client.delete_deployment(there.id)
    except (httpx.HTTPError, PrefectException) as error:
        raise OrchestratorUnavailable(
            f"The Prefect server did not delete the deployments of {name} "
            f"({type(error).__name__}); delete them there."
        ) from None


def _put(
    client: SyncPrefectClient,
    of: Flow[..., CutOutcome],
    name: str,
    folder: str,
    schedule: CronSchedule | None,
) -> None:
    there = _there(client, of, name)
    active = not (there and there.schedules and not there.schedules[0].active)
    one = (
        [DeploymentScheduleCreate(schedule=schedule, active=active, slug=_SLUG)] if schedule else []
    )
    client.create_deployment(
        flow_id=client.create_flow_from_name(of.name),
        name=name,
        schedules=one,
        paused=bool(there and there.paused),
        concurrency_limit=1,
        concurrency_options=ConcurrencyOptions(
            collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
        ),
        description=of.description,
        work_pool_name=POOL,
        tags=["cutter"] if schedule else ["cutter", "cutter-live"],
        entrypoint=f"{__name__}.{of.fn.__name__}",
        pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": folder}}],
        parameter_openapi_schema=parameter_schema(of).model_dump_for_openapi(),
        enforce_parameter_schema=True,
        job_variables={"stream_output": False},
    )


def _there(
    client: SyncPrefectClient, of: Flow[..., CutOutcome], name: str
) -> DeploymentResponse | None:
    try:
        return client.read_deployment_by_name(f"{of.name}/{name}")
    except ObjectNotFound:
        return None
