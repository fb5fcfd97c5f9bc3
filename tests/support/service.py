"""A home with everything up: PostgreSQL, Prefect server, worker and deployments, kept by a process
of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun

from service.files import ServerRecord
from service.prefect_server import connected, running
from service.up import down
from tests.support.command import signals_of_a_terminal
from tests.support.postgres import server_folder

PATIENCE: Final = 240.0


@dataclass(frozen=True, slots=True)
class Service:
    """A home with everything up, and the process that keeps it so."""

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


def start_up(home: Path, output: Path, **environment: str) -> subprocess.Popen[bytes]:
    """`up` in a process of its own, as a person starts it, once all of it is there."""
    code = (
        f"from pathlib import Path; from blocks.settings import load_settings; from service.up import up; up(load_settings(Path({str(home)!r})), lambda "
        f"said: print(said, flush=True))"
    )
    environ = os.environ | {"CUTTER_HOME": str(home)} | environment
    with output.open("wb") as out, signals_of_a_terminal():
        keeper = subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=out,
            stderr=out,
            env=environ,
            start_new_session=True,
        )
    wait_for(lambda: "Ctrl-C" in output.read_text() or keeper.poll() is not None)
    return keeper


@contextmanager
def running_service(**environment: str) -> Iterator[Service]:
    """A home with everything up while the block runs."""
    with server_folder() as folder:
        folder.chmod(0o755)
        home, output = folder / "home", folder / "up.out"
        home.mkdir(mode=0o755)
        keeper = start_up(home, output, **environment)
        try:
            record = running(home)
            assert record is not None, output.read_text()
            yield Service(home, record, keeper, output)
        finally:
            down(home)
            keeper.wait(60)


@contextmanager
def service_client(service: Service) -> Iterator[SyncPrefectClient]:
    """A client with the home's login; Prefect's settings in this process are the home's
    meanwhile.
    """
    with connected(service.home, service.record), get_client(sync_client=True) as client:
        yield client


def run_deployment(client: SyncPrefectClient, name: str, **parameters: Any) -> FlowRun:
    """Start a deployment as the form does, and wait for its run to end."""
    found = client.read_deployment_by_name(name)
    return end_of(
        client, client.create_flow_run_from_deployment(found.id, parameters=parameters).id
    )


def end_of(client: SyncPrefectClient, run_id: UUID) -> FlowRun:
    """A flow run once it has ended."""
    wait_for(lambda: (state := client.read_flow_run(run_id).state) is not None and state.is_final())
    return client.read_flow_run(run_id)


def message_of(run: FlowRun) -> str:
    """What a run's state says."""
    return (run.state.message if run.state else None) or ""
