"""Live runs as people start them, by a form, a worker and two pasted approvals; and what the server
does by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.events import Event, Resource
from prefect.states import Cancelling, Running, Scheduled

from adapters.postgres.server.embedded import server_status
from adapters.postgres.server.places import embedded_folder
from blocks.deployed import PROJECT
from blocks.notify import NOTIFY_BLOCK
from domain.approval.approvals import Gate
from domain.phases import Phase
from domain.ports import Credentials
from service.automations import ENDED_BADLY, NO_HEARTBEAT, no_heartbeat
from service.prefect_server import deploy_here
from service.prepare import KNOWLEDGE_BASE
from tasks.app import production_app
from tasks.records.requests import Request, request_for_cut
from tests.support.approvers import Approvers
from tests.support.live import row_hashes, scalar
from tests.support.postgres import Cluster, Database, Server
from tests.support.prefect import arm
from tests.support.service import (
    Service,
    end_of,
    message_of,
    run_deployment,
    running_service,
    service_client,
    wait_for,
)
from tests.support.webhook import listening_webhook

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(900)]
TARGET = "documents/safe-target.md"
OTHER = "documents/lending-rules.txt"


@dataclass(frozen=True, slots=True)
class Live:
    """A running service whose knowledge base has two approvers."""

    service: Service
    database: Database
    approvers: Approvers

    def approval(self, request: Request) -> dict[str, str]:
        """What two people paste into the form."""
        signed = self.approvers.sign(request.effect, datetime.now(UTC), submitter=request.submitter)
        by_gate = {one.statement.gate: one.envelope() for one in signed}
        return {"sg_1": by_gate[Gate.SG_1], "sg_2": by_gate[Gate.SG_2]}


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    """A home with everything up. That a backup has to be proven has tests of its own."""
    with (
        running_service(CUTTER_REQUIRE_RESTORE_PROOF="off") as service,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("CUTTER_HOME", str(service.home))
        patch.chdir(PROJECT)
        server = server_status(embedded_folder(service.home))
        assert server is not None
        admin_login = Credentials(server.superuser, server.password)
        cluster = Cluster(
            Server(server.host, server.port, admin_login), "", {}, admin_login, admin_login
        )
        database = Database(cluster, KNOWLEDGE_BASE)
        approvers = Approvers()
        with database.connect() as admin:
            approvers.register(admin)
        yield Live(service, database, approvers)


@pytest.fixture
def client(live: Live) -> Iterator[SyncPrefectClient]:
    """A client with the home's login."""
    with service_client(live.service) as found:
        yield found


def summary_of(client: SyncPrefectClient, run: FlowRun) -> str:
    """The summary that a run has published."""
    return next(
        str(one.data)
        for one in client.read_artifacts()
        if one.flow_run_id == run.id and str(one.key).endswith("-summary")
    )


def test_a_live_run_by_the_form_writes_once_however_often_it_is_started(
    live: Live, client: SyncPrefectClient
) -> None:
    request = request_for_cut(production_app(), TARGET)
    approval = live.approval(request)
    change_set = request.effect.change_set_id

    unarmed = run_deployment(client, "cut_live/live-safe-target", approval=approval)
    assert unarmed.state_name == "Failed"
    assert "Refused at the flow lock" in message_of(unarmed)

    arm(change_set)
    done = run_deployment(client, "cut_live/live-safe-target", approval=approval)
    assert done.state_name == "Completed", message_of(done)
    assert str(change_set)[:8] in done.name
    written = row_hashes(live.database)
    assert written["public.information_unit"][0] == request.effect.units

    client.set_flow_run_state(
        done.id, Scheduled(name="AwaitingRetry"), force=True
    )  # as Retry in the UI does
    wait_for(
        lambda: (state := client.read_flow_run(done.id).state) is not None and state.is_final()
    )
    assert "Refused at the flow lock" in message_of(client.read_flow_run(done.id))

    arm(change_set)
    again = run_deployment(client, "cut_live/live-safe-target", approval=approval)
    assert again.state_name == "Completed", message_of(again)
    assert summary_of(client, again).count("| the journal |") == len(Phase)
    arm(change_set)
    client.set_flow_run_state(done.id, Scheduled(name="AwaitingRetry"), force=True)
    assert end_of(client, done.id).state_name == "Completed"
    assert row_hashes(live.database) == written


def test_a_copied_approval_does_not_serve_another_document(
    live: Live, client: SyncPrefectClient
) -> None:
    before = row_hashes(live.database)
    approval = live.approval(request_for_cut(production_app(), TARGET))
    arm(request_for_cut(production_app(), OTHER).effect.change_set_id)
    run = run_deployment(client, "cut_live/live-lending-rules", approval=approval)
    assert run.state_name == "Failed"
    assert "Not approved" in message_of(run)
    assert row_hashes(live.database) == before


def test_edited_parameters_are_refused_by_the_flow_itself(
    live: Live, client: SyncPrefectClient
) -> None:
    for edited in ({"document": "/etc/hostname"}, {"granularity": "sub"}):
        run = run_deployment(client, "dry_run/dry-run-safe-target", **edited)
        assert run.state_name == "Failed"
        assert "The deployment dry-run-safe-target" in message_of(run)


def test_a_live_run_that_ends_badly_is_looked_into(live: Live, client: SyncPrefectClient) -> None:
    check = client.read_deployment_by_name("status_check/status-check").id

    def checks() -> list[FlowRun]:
        return [
            one
            for one in client.read_flow_runs()
            if one.deployment_id == check and one.parameters.get("running_too")
        ]

    before = len(checks())
    run_deployment(
        client,
        "cut_live/live-safe-target",
        approval=live.approval(request_for_cut(production_app(), TARGET)),
    )  # not armed
    wait_for(lambda: len(checks()) > before)
    newest = max(checks(), key=lambda one: one.created or datetime.min.replace(tzinfo=UTC))
    assert end_of(client, newest.id).state_name == "Completed", "nothing is torn"


def test_a_live_run_that_ends_badly_is_told_to_the_notification_block(
    live: Live, client: SyncPrefectClient
) -> None:
    with listening_webhook() as webhook:
        block = CustomWebhookNotificationBlock(
            name="on call",
            url=webhook.url,
            json_data={"subject": "{{subject}}", "body": "{{body}}"},
        )
        block.save(NOTIFY_BLOCK, overwrite=True)
        deploy_here(live.service.home)
        try:
            run = run_deployment(
                client,
                "cut_live/live-safe-target",
                approval=live.approval(request_for_cut(production_app(), TARGET)),
            )
            wait_for(lambda: webhook.posted)
        finally:
            CustomWebhookNotificationBlock.delete(NOTIFY_BLOCK)
            deploy_here(live.service.home)
    (told,) = webhook.posted
    assert told["subject"] == f"cutter: the live run {run.name} has ended badly"
    assert told["body"] == f"Failed: {message_of(run)}"


def test_a_run_that_is_cancelled_at_a_worker_writes_no_more(
    live: Live, client: SyncPrefectClient
) -> None:
    """As Cancel in the UI does, while the run waits for a table that somebody has locked."""
    request = request_for_cut(production_app(), OTHER)
    approval = live.approval(request)
    before = row_hashes(live.database)["public.information_unit"]
    wanted = client.read_deployment_by_name("cut_live/live-lending-rules").id
    with live.database.connect(autocommit=False) as admin:
        admin.execute("LOCK TABLE information_unit IN SHARE MODE")
        arm(request.effect.change_set_id)
        run = client.create_flow_run_from_deployment(wanted, parameters={"approval": approval})
        wait_for(lambda: _waits_for_a_lock(live.database))
        client.set_flow_run_state(run.id, Cancelling(), force=True)
        assert end_of(client, run.id).state_name == "Cancelled"
        admin.rollback()
    assert row_hashes(live.database)["public.information_unit"] == before
    arm(request.effect.change_set_id)
    done = run_deployment(client, "cut_live/live-lending-rules", approval=approval)
    assert done.state_name == "Completed", message_of(done)
    assert client.read_flow_run(run.id).state_name == "Cancelled"


def _waits_for_a_lock(database: Database) -> bool:
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with database.connect() as admin:
        return bool(scalar(admin, waits))


def send_heartbeat(client: SyncPrefectClient, run: FlowRun) -> None:
    """What a run's process sends, here to this server: Prefect's own emitter keeps the server that
    it met first.
    """
    event = Event(
        event="prefect.flow-run.heartbeat",
        resource=Resource({"prefect.resource.id": f"prefect.flow-run.{run.id}"}),
    )
    client.request("POST", "/events", json=[event.model_dump(mode="json")]).raise_for_status()


def test_a_run_without_a_sign_of_life_is_marked_as_crashed(client: SyncPrefectClient) -> None:
    short = no_heartbeat(timedelta(seconds=10)).model_copy(update={"name": "the same, sooner"})
    automation = client.create_automation(short)
    try:
        halt = client.read_deployment_by_name("halt/halt").id
        run = client.create_flow_run_from_deployment(
            halt, parameters={"reason": "none"}, state=Running()
        )
        send_heartbeat(client, run)
        wait_for(
            lambda: (
                (state := client.read_flow_run(run.id).state) is not None
                and state.type is StateType.CRASHED
            )
        )
    finally:
        client.delete_automation(automation)


def test_a_redeploy_leaves_paused_what_a_person_has_paused(
    live: Live, client: SyncPrefectClient
) -> None:
    name = "dry_run/dry-run-lending-rules"
    watch = client.read_deployment_by_name(name)
    client.update_deployment_schedule(watch.id, watch.schedules[0].id, active=False)
    off = client.read_automations_by_name(NO_HEARTBEAT)[0]
    client.pause_automation(off.id)
    done = deploy_here(live.service.home)
    assert done.paused == ("dry-run-lending-rules/nightly",)
    again = client.read_deployment_by_name(name)
    assert [one.active for one in again.schedules] == [False]
    assert all(
        one.active
        for each in client.read_deployments()
        if each.name != again.name
        for one in each.schedules
    )
    kept = {found.name: found.enabled for found in client.read_automations()}
    assert kept == {NO_HEARTBEAT: False, ENDED_BADLY: True}
