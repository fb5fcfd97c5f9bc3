"""The service for real: a server on PostgreSQL with a login, a worker, and the deployments with
their schedules.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun

from adapters.postgres.server.embedded import EmbeddedServer, embedded_server, server_status
from adapters.postgres.server.orchestrator_store import STORE
from adapters.postgres.server.places import embedded_folder
from blocks.deployed import deployments
from blocks.settings import load_settings
from domain.errors import ConfigMismatch
from domain.phases import Phase
from service.files import CLIENT_PROFILE, ServiceFiles
from service.prefect_server import running
from service.up import down, status, up
from tests.support.service import (
    Service,
    end_of,
    running_service,
    service_client,
    start_up,
    wait_for,
)

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A home with everything up."""
    with running_service() as found:
        yield found


@pytest.fixture
def client(service: Service) -> Iterator[SyncPrefectClient]:
    """A client with the home's login."""
    with service_client(service) as found:
        yield found


def test_the_api_wants_a_login(service: Service) -> None:
    url = f"{service.record.api_url}/flows/filter"
    assert httpx.post(url, json={}).status_code == 401
    assert httpx.post(url, json={}, auth=("cutter", "wrong")).status_code == 401
    user, _, password = ServiceFiles(service.home).login.read_text().partition(":")
    assert httpx.post(url, json={}, auth=(user, password)).status_code == 200


def test_secrets_are_in_files_of_their_owner_and_not_in_what_is_said(service: Service) -> None:
    files = ServiceFiles(service.home)
    secrets = [
        files.login.read_text().partition(":")[2],
        (files.folder / "store-password").read_text(),
    ]
    for name in (
        "login",
        "store-password",
        "profiles.toml",
        "server.log",
        "worker.log",
        "setup.log",
    ):
        assert stat.S_IMODE((files.folder / name).stat().st_mode) == 0o600
    shown = [
        service.output.read_text(),
        *((files.folder / f"{name}.log").read_text() for name in ("server", "worker", "setup")),
    ]
    shown.append(
        subprocess.run(
            ["ps", "-eww", "-o", "args="], capture_output=True, text=True, check=True
        ).stdout
    )
    shown.append(Path(f"/proc/{service.record.pid}/environ").read_text())
    assert not [1 for secret in secrets for text in shown if secret in text]


def test_the_servers_state_is_in_the_postgresql_of_the_home(
    service: Service, client: SyncPrefectClient
) -> None:
    database = server_status(embedded_folder(service.home))
    assert isinstance(database, EmbeddedServer)
    with psycopg.connect(
        host=database.host,
        port=database.port,
        dbname=STORE,
        user=database.superuser,
        password=database.password.get_secret_value(),
    ) as conn:
        row = conn.execute("SELECT count(*) FROM deployment").fetchone()
    assert row == (len(client.read_deployments()),)
    assert not list(ServiceFiles(service.home).folder.glob("*.db"))


def test_schedules_really_create_runs(client: SyncPrefectClient) -> None:
    def scheduled() -> set[UUID]:
        runs: list[FlowRun] = client.read_flow_runs()
        return {run.deployment_id for run in runs if run.auto_scheduled and run.deployment_id}

    planned = {one.id for one in client.read_deployments() if one.schedules}
    assert len(planned) == sum(bool(one.get("schedules")) for one in deployments())
    wait_for(lambda: scheduled() == planned)


def test_the_forms_on_the_server_ask_for_nothing_that_is_fixed(client: SyncPrefectClient) -> None:
    forms = {one.name: one.parameter_openapi_schema or {} for one in client.read_deployments()}
    assert set(forms["live-safe-target"]["properties"]) == {"approval", "attempt", "accept_doubts"}
    assert forms["live-safe-target"]["required"] == []
    assert set(forms["dry-run-lending-rules"]["properties"]) == {"new_baseline"}
    assert forms["cut"]["required"] == ["document"]
    assert all("anyOf" not in str(form["properties"]) for form in forms.values())


def test_a_worker_runs_a_deployment_and_its_state_and_artifacts_can_be_read(
    client: SyncPrefectClient,
) -> None:
    deployment = client.read_deployment_by_name("dry_run/dry-run-safe-target")
    run = client.create_flow_run_from_deployment(deployment.id)
    ended = end_of(client, run.id)
    assert ended.state_name == "Completed", ended.state
    assert " DRYRUN " in ended.name
    found = [one for one in client.read_artifacts() if one.flow_run_id == run.id]
    assert {str(one.key).rpartition("-")[2] for one in found} == {
        "summary",
        "plan",
        "verification",
        "review",
        "drift",
    }
    summary = next(str(one.data) for one in found if one.key and one.key.endswith("-summary"))
    assert all(f"| {phase} |" in summary for phase in Phase)


def test_a_second_up_is_refused_and_status_tells(service: Service) -> None:
    with pytest.raises(ConfigMismatch, match="up already"):
        up(load_settings(service.home), print)
    assert status(service.home).kept_up_by == service.keeper.pid
    assert status(service.home).prefect_ui == service.record.ui_url


def test_the_environment_of_the_processes_has_nothing_of_the_users_prefect(
    service: Service,
) -> None:
    environment = ServiceFiles(service.home).environment(
        CLIENT_PROFILE, os.environ | {"PREFECT_API_KEY": "users"}
    )
    assert "PREFECT_API_KEY" not in environment
    assert not [value for key, value in environment.items() if "AUTH" in key]


def test_down_stops_all_of_it(service: Service) -> None:
    assert down(service.home)
    assert service.keeper.wait(60) == 0
    gone = status(service.home)
    assert (gone.database, gone.prefect_ui, gone.kept_up_by) == (None, None, None)
    with embedded_server(embedded_folder(service.home)) as again:
        assert again.port


def test_down_also_stops_what_a_killed_up_has_left(service: Service) -> None:
    keeper = start_up(service.home, service.output)
    left = running(service.home)
    assert left is not None, service.output.read_text()
    worker = int(ServiceFiles(service.home).process_note("worker").read_text().split()[0])
    keeper.kill()
    keeper.wait(60)
    assert running(service.home) is not None, "nothing was left to stop"
    assert down(service.home)
    gone = status(service.home)
    assert (gone.database, gone.prefect_ui, gone.kept_up_by) == (None, None, None)
    listed = subprocess.run(
        ["ps", "-o", "args=", "-p", f"{left.pid},{worker}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "prefect" not in listed.stdout
    assert not down(service.home)


@pytest.mark.parametrize("part", ["worker", "Prefect server", "PostgreSQL"])
def test_up_ends_all_of_it_and_says_why_when_a_part_has_died(service: Service, part: str) -> None:
    keeper = start_up(service.home, service.output)
    os.kill(process_of(service.home, part), signal.SIGKILL)
    assert keeper.wait(120) != 0
    assert f"{part} has ended by itself" in service.output.read_text()
    gone = status(service.home)
    assert (gone.database, gone.prefect_ui, gone.kept_up_by) == (None, None, None)


def test_a_child_of_postgresql_that_dies_ends_nothing(service: Service) -> None:
    """The server starts again by itself, and the service goes on over it."""
    keeper = start_up(service.home, service.output)
    postmaster = process_of(service.home, "PostgreSQL")
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    with pytest.raises(subprocess.TimeoutExpired):
        keeper.wait(15)
    assert process_of(service.home, "PostgreSQL") == postmaster
    with service_client(service) as client:
        wait_for(lambda: client.read_deployments() != [])
    assert down(service.home)
    assert keeper.wait(60) == 0


def process_of(home: Path, part: str) -> int:
    """The first process of a part of the service."""
    if part == "PostgreSQL":
        (note,) = embedded_folder(home).rglob("postmaster.pid")
    else:
        note = ServiceFiles(home).process_note("worker" if part == "worker" else "server")
    return int(note.read_text().split()[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_each_signal_ends_up_in_good_order(service: Service, number: signal.Signals) -> None:
    keeper = start_up(service.home, service.output)
    keeper.send_signal(number)
    assert keeper.wait(120) == 0
    gone = status(service.home)
    assert (gone.database, gone.prefect_ui, gone.kept_up_by) == (None, None, None)
