"""The service for real: a server on PostgreSQL with a login, a worker, and the deployments with their schedules."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun

from adapters.postgres.embedded import EmbeddedServer, embedded_server, server_status
from adapters.postgres.orchestrator_store import STORE
from adapters.postgres.places import embedded_folder
from domain.errors import ConfigMismatch
from domain.phases import Phase
from flows.service import connected, running
from flows.service_files import CLIENT_PROFILE, ServerRecord, ServiceFiles
from flows.up import down, status, up
from tests.support.postgres import server_folder

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(600)]
PATIENCE = 240.0


@dataclass(frozen=True, slots=True)
class Service:
    """A home with everything up, kept by a process of its own."""

    home: Path
    record: ServerRecord
    keeper: subprocess.Popen[bytes]
    output: Path


def wait_for(what: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Until it is true; a failure if that takes too long."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            pytest.fail("it did not come about")
        time.sleep(0.5)


def start_up(home: Path, output: Path) -> subprocess.Popen[bytes]:
    """`up` in a process of its own, as a person starts it, once all of it is there."""
    code = f"from pathlib import Path; from flows.up import up; up(Path({str(home)!r}), lambda said: print(said, flush=True))"
    environment = os.environ | {"CUTTER_HOME": str(home)}
    with output.open("wb") as out:
        keeper = subprocess.Popen([sys.executable, "-c", code], stdout=out, stderr=out, env=environment, start_new_session=True)
    wait_for(lambda: "Ctrl-C" in output.read_text() or keeper.poll() is not None)
    return keeper


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A home with everything up."""
    with server_folder() as folder:
        folder.chmod(0o755)
        home, output = folder / "home", folder / "up.out"
        home.mkdir(mode=0o755)
        keeper = start_up(home, output)
        try:
            record = running(home)
            assert record is not None, output.read_text()
            yield Service(home, record, keeper, output)
        finally:
            down(home)
            keeper.wait(60)


@pytest.fixture
def client(service: Service) -> Iterator[SyncPrefectClient]:
    """A client with the home's login."""
    with connected(service.home, service.record), get_client(sync_client=True) as found:
        yield found


def test_the_api_wants_a_login(service: Service) -> None:
    url = f"{service.record.api_url}/flows/filter"
    assert httpx.post(url, json={}).status_code == 401
    assert httpx.post(url, json={}, auth=("cutter", "wrong")).status_code == 401
    user, _, password = ServiceFiles(service.home).login.read_text().partition(":")
    assert httpx.post(url, json={}, auth=(user, password)).status_code == 200


def test_secrets_are_in_files_of_their_owner_and_not_in_what_is_said(service: Service) -> None:
    files = ServiceFiles(service.home)
    secrets = [files.login.read_text().partition(":")[2], (files.folder / "store-password").read_text()]
    for name in ("login", "store-password", "profiles.toml", "server.log", "worker.log", "setup.log"):
        assert stat.S_IMODE((files.folder / name).stat().st_mode) == 0o600
    shown = [
        service.output.read_text(),
        *((files.folder / f"{name}.log").read_text() for name in ("server", "worker", "setup")),
    ]
    shown.append(subprocess.run(["ps", "-eww", "-o", "args="], capture_output=True, text=True, check=True).stdout)
    shown.append(Path(f"/proc/{service.record.pid}/environ").read_text())
    assert not [1 for secret in secrets for text in shown if secret in text]


def test_the_servers_state_is_in_the_postgresql_of_the_home(service: Service, client: SyncPrefectClient) -> None:
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
    assert len(planned) == 2
    wait_for(lambda: scheduled() == planned)


def test_a_worker_runs_a_deployment_and_its_state_and_artifacts_can_be_read(client: SyncPrefectClient) -> None:
    deployment = client.read_deployment_by_name("cut_document/dry-run-safe-target")
    run = client.create_flow_run_from_deployment(deployment.id)
    wait_for(lambda: (state := client.read_flow_run(run.id).state) is not None and state.is_final())
    ended = client.read_flow_run(run.id)
    assert ended.state_name == "Completed", ended.state
    assert " DRYRUN " in ended.name
    found = [one for one in client.read_artifacts() if one.flow_run_id == run.id]
    assert len(found) == 3
    summary = next(str(one.data) for one in found if one.key and one.key.endswith("-summary"))
    assert all(f"| {phase} |" in summary for phase in Phase)


def test_parameters_changed_by_hand_are_refused(client: SyncPrefectClient) -> None:
    deployment = client.read_deployment_by_name("cut_document/dry-run-safe-target")
    run = client.create_flow_run_from_deployment(deployment.id, parameters={"document": "/etc/hostname", "mode": "LIVE"})
    wait_for(lambda: (state := client.read_flow_run(run.id).state) is not None and state.is_final())
    state = client.read_flow_run(run.id).state
    assert state is not None
    assert state.name == "Failed"
    assert "may not run LIVE" in (state.message or "")


def test_a_second_up_is_refused_and_status_tells(service: Service) -> None:
    with pytest.raises(ConfigMismatch, match="up already"):
        up(service.home, print)
    assert status(service.home).kept_up_by == service.keeper.pid
    assert status(service.home).prefect_ui == service.record.ui_url


def test_the_environment_of_the_processes_has_nothing_of_the_users_prefect(service: Service) -> None:
    environment = ServiceFiles(service.home).environment(CLIENT_PROFILE, os.environ | {"PREFECT_API_KEY": "users"})
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
    listed = subprocess.run(["ps", "-o", "args=", "-p", f"{left.pid},{worker}"], capture_output=True, text=True, check=False)
    assert "prefect" not in listed.stdout
    assert not down(service.home)
