"""Whoever may start a run in Prefect gives it no command: our pool's template takes none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import PrefectHTTPStatusError
from prefect.workers.process import ProcessWorker

from blocks.api import pool_template
from blocks.deployed import CLOSED_POOL, POOL, open_variables
from domain.ledger.drift import Severity
from service.prefect_server import connected, deploy_here
from tasks.app import production_app
from tasks.records.secrets_apart import pool_findings
from tests.support.service import (
    Service,
    end_of,
    message_of,
    run_deployment,
    running_service,
    service_client,
    wait_for,
)

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(900)]
DRY = "dry_run/dry-run-safe-target"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A home with everything up."""
    with running_service() as found:
        yield found


@pytest.fixture
def client(service: Service) -> Iterator[SyncPrefectClient]:
    """A client with the home's login: the login that was stolen."""
    with service_client(service) as found:
        yield found


def started(client: SyncPrefectClient, **job: object) -> FlowRun:
    """A run that brings variables of its own job, once it has ended."""
    found = client.read_deployment_by_name(DRY)
    return end_of(client, client.create_flow_run_from_deployment(found.id, job_variables=job).id)


def test_a_run_can_not_bring_a_command_an_environment_or_a_folder(
    client: SyncPrefectClient, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    for job in (
        {"command": f"touch {mark}"},
        {"env": {"PYTHONSTARTUP": str(mark)}},
        {"working_dir": str(tmp_path)},
    ):
        with pytest.raises(PrefectHTTPStatusError, match=r"(?s)422|400|409"):
            started(client, **job)
    assert not mark.exists()
    done = run_deployment(client, DRY)
    assert done.state_name == "Completed", message_of(done)


def test_in_an_open_pool_the_worker_runs_it_and_deploying_closes_the_pool(
    service: Service, client: SyncPrefectClient, tmp_path: Path
) -> None:
    tmp_path.chmod(0o777)
    mark = tmp_path / "mark"
    template = ProcessWorker.get_default_base_job_template()
    client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=template))
    found = client.read_deployment_by_name(DRY)
    client.create_flow_run_from_deployment(found.id, job_variables={"command": f"touch {mark}"})
    wait_for(mark.exists)  # this is what the template is for
    mark.unlink()
    app = production_app()
    (finding,) = pool_findings(app)
    assert (finding.severity, finding.subject) == (Severity.NOTE, "pool")
    assert "command, env, labels, name, working_dir" in finding.message

    deploy_here(service.home)
    with connected(service.home, service.record):
        assert open_variables(pool_template()) == ()
    assert list(pool_findings(app)) == []
    with pytest.raises(PrefectHTTPStatusError):
        started(client, command=f"touch {mark}")
    assert not mark.exists()


def test_a_template_that_lets_another_thing_in_is_open() -> None:
    assert open_variables(None) == ("anything",)
    jobs = {**CLOSED_POOL["job_configuration"], "env": {"PATH": "{{ path }}"}}
    assert open_variables({"job_configuration": jobs}) == ("env",)
