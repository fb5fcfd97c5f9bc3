"""What begins no run starts no Prefect server: it reads what the home's own has stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from adapters.postgres.server.embedded import EmbeddedServer, embedded_server
from adapters.postgres.server.orchestrator_store import STORE
from adapters.postgres.server.orchestrator_values import OrchestratorValues
from adapters.postgres.server.places import embedded_folder
from blocks.secrets import _load as load_from_api
from blocks.secrets import login_block, secret_value
from blocks.settings import load_settings
from blocks.switch import VariableKillSwitch
from domain.errors import OrchestratorUnavailable, ProductionExecutionNotAuthorized
from domain.phases import Principal
from domain.switch import SwitchState
from service.prefect_server import connected, running
from service.up import down
from tasks.app import looking_app
from tests.support.command import cutter_process
from tests.support.imported import ONLY_FOR_RUNS, imported
from tests.support.service import Service, running_service

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(600)]
CHANGE_SET = UUID(int=7)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A home with everything up, and the switch armed for a change set."""
    with running_service() as found:
        with connected(found.home, found.record):
            until = datetime.now(UTC) + timedelta(minutes=30)
            switch_of(found).arm(SwitchState.LIVE, CHANGE_SET, until, "Ada", "a test")
        yield found


def switch_of(service: Service) -> VariableKillSwitch:
    """The home's switch, as its server's API has it."""
    return VariableKillSwitch(load_settings(service.home).switch_variable)


@pytest.fixture
def server(service: Service) -> Iterator[EmbeddedServer]:
    """The home's PostgreSQL."""
    with embedded_server(embedded_folder(service.home)) as found:
        yield found


def test_the_store_says_what_the_api_says(service: Service, server: EmbeddedServer) -> None:
    values = OrchestratorValues(server, secret_value)
    prefix = load_settings(service.home).block_prefix
    with connected(service.home, service.record):
        for principal in Principal:
            stored = values.secret(login_block(principal, prefix))
            assert stored is not None
            assert stored == load_from_api(login_block(principal, prefix))
        by_api = switch_of(service).read()
    app = looking_app(load_settings(service.home), values)
    assert app.switch.read() == by_api
    assert app.switch.read().change_set_id == CHANGE_SET
    assert values.secret("no-such-block") is None
    assert values.variable("no_such_variable") is None


def test_who_looks_can_not_let_a_run_go(service: Service, server: EmbeddedServer) -> None:
    app = looking_app(load_settings(service.home), OrchestratorValues(server, secret_value))
    with pytest.raises(ProductionExecutionNotAuthorized):
        app.switch.arm(SwitchState.LIVE, CHANGE_SET, datetime.now(UTC), "Ada", "a test")
    with pytest.raises(ProductionExecutionNotAuthorized):
        app.keepers.require()
    assert app.switch.disarm("a test", only=UUID(int=8))
    assert app.switch.read().state is SwitchState.LIVE, "it is armed for another change set"


def test_a_block_that_does_not_decrypt_is_named_and_not_shown(
    service: Service, server: EmbeddedServer
) -> None:
    login = f"host={server.host} port={server.port} dbname={STORE} user={server.superuser}"
    name = login_block(Principal.EXEC, load_settings(service.home).block_prefix)
    data = "SELECT data FROM block_document WHERE name = %s"
    change = "UPDATE block_document SET data = to_json(%s::text) WHERE name = %s"
    with psycopg.connect(login, password=server.password.get_secret_value()) as conn:
        (before,) = conn.execute(data, [name]).fetchone() or ("",)
        conn.execute(change, ["not what Fernet makes", name])
        conn.commit()
        try:
            with pytest.raises(OrchestratorUnavailable, match=name) as error:
                OrchestratorValues(server, secret_value).secret(name)
            assert "Fernet makes" not in str(error.value)
        finally:
            conn.execute(change, [before, name])


def test_with_the_service_down_the_commands_answer_and_start_none(service: Service) -> None:
    down(service.home)
    service.keeper.wait(60)
    shown = {
        command: cutter_process(*command.split(), home=service.home)
        for command in ("status", "switch show", "doctor", "approver list", "backup list", "audit")
    }
    assert {command: done.returncode for command, done in shown.items()} == dict.fromkeys(shown, 0)
    assert "No change set is on record" in shown["status"].stdout
    assert f"LIVE: the kill-switch stands at LIVE\nfor change set {CHANGE_SET}" in (
        shown["switch show"].stdout
    )
    assert running(service.home) is None
    off = ("switch", "off", "--reason", "a test")
    for command in (("status",), ("switch", "show"), ("doctor",), ("inbox",), ("units",), off):
        arguments = ["--home", str(service.home), *command]
        assert imported(arguments, ONLY_FOR_RUNS) == set(), command


def test_a_stop_starts_no_server_and_the_server_finds_the_switch_off(service: Service) -> None:
    """After the test above: the service is down, and the switch was armed when it went."""
    started = time.monotonic()
    halted = cutter_process("halt", "--reason", "smoke", "--by", "Ada", home=service.home)
    assert time.monotonic() - started < 10, "a Prefect server takes longer to start"
    assert (halted.returncode, running(service.home)) == (0, None)
    assert "Halted. The kill-switch is OFF" in halted.stdout
    shown = cutter_process("switch", "show", home=service.home).stdout.splitlines()
    assert "smoke" in shown[0]
    assert shown[1] == "OFF: the kill-switch is OFF"
    lifted = cutter_process("lift", "--reason", "out", "--by", "Ada", home=service.home)
    assert (lifted.returncode, lifted.stdout.partition(" lifted")[0]) == (0, "1 halt")
