"""What the Prefect server does by itself: tell when a live run ends badly, and end a run that shows
no sign of life.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ActionTypes, ChangeFlowRunState, RunDeployment, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from blocks.notify import NOTIFY_BLOCK

STATUS_CHECK: Final = "status_check/status-check"
LIVE_TAG: Final = "cutter-live"
ENDED_BADLY: Final = "cutter: a live run has ended badly"
NO_HEARTBEAT: Final = "cutter: a run shows no sign of life"
HEARTBEAT_PATIENCE: Final = timedelta(seconds=90)
"""Three of the heartbeats that `service.files` asks of a worker's runs."""

_RUNS: Final = ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"})
_ENDS: Final = frozenset(
    {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")}
)
_HEARTBEAT: Final = "prefect.flow-run.heartbeat"


def ended_badly(status_check: UUID, notify: UUID | None) -> AutomationCore:
    """When a live run fails or crashes, look for torn change sets, and tell the notification block
    if there is one.
    """
    actions: list[ActionTypes] = [
        RunDeployment(
            source="selected", deployment_id=status_check, parameters={"running_too": True}
        )
    ]
    if notify is not None:
        actions.append(
            SendNotification(
                block_document_id=notify,
                subject="cutter: the live run {{ flow_run.name }} has ended badly",
                body="{{ flow_run.state.name }}: {{ flow_run.state.message }}",
            )
        )
    return AutomationCore(
        name=ENDED_BADLY,
        description="Looks for torn change sets; a block named cutter-notify is told too.",
        trigger=EventTrigger(
            posture=Posture.Reactive,
            match=_RUNS,
            match_related=ResourceSpecification(
                {"prefect.resource.id": f"prefect.tag.{LIVE_TAG}", "prefect.resource.role": "tag"}
            ),
            expect={"prefect.flow-run.Failed", "prefect.flow-run.Crashed"},
            for_each={"prefect.resource.id"},
            threshold=1,
        ),
        actions=actions,
    )


def no_heartbeat(patience: timedelta = HEARTBEAT_PATIENCE) -> AutomationCore:
    """When a run that had heartbeats has none for a while and has not ended, mark it crashed: its
    slot is free again.
    """
    return AutomationCore(
        name=NO_HEARTBEAT,
        description=(
            "Marks it as crashed, so that its deployment can run again. The database needs no help."
        ),
        trigger=EventTrigger(
            posture=Posture.Proactive,
            match=_RUNS,
            after={_HEARTBEAT},
            expect={_HEARTBEAT, *_ENDS},
            for_each={"prefect.resource.id"},
            threshold=1,
            within=patience,
        ),
        actions=[
            ChangeFlowRunState(
                state=StateType.CRASHED, message="No sign of life: its process is gone or hangs."
            )
        ],
    )


def keep_automations(client: SyncPrefectClient) -> None:
    """Create both, or bring them up to date; one that a person has turned off stays off."""
    status_check = client.read_deployment_by_name(STATUS_CHECK).id
    notify = next(
        (block.id for block in client.read_block_documents() if block.name == NOTIFY_BLOCK), None
    )
    for wanted in (ended_badly(status_check, notify), no_heartbeat()):
        found = client.read_automations_by_name(wanted.name)
        if found:
            client.update_automation(
                found[0].id, wanted.model_copy(update={"enabled": found[0].enabled})
            )
        else:
            client.create_automation(wanted)
