"""The kill-switch as a Prefect Variable: what it answers, and what it answers when it can not be
read.
"""

from __future__ import annotations

import asyncio
import http.server
import socket
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect import flow, task
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_EPHEMERAL_ENABLED, temporary_settings

from blocks.stored import VARIABLE
from blocks.switch import VariableKillSwitch
from domain.errors import ConfigMismatch, OrchestratorUnavailable
from domain.switch import SwitchReading, SwitchState
from tests.support.prefect import (
    MODES_OFF,
    PATIENCE,
    arm,
    no_api,
    patient_clients,
    set_variable,
    switch_that_is,
)

pytestmark = pytest.mark.prefect
SOON = timedelta(minutes=5)


@task(task_run_name="read")
def read_in_task() -> SwitchReading:
    """The switch, read inside a task."""
    return VariableKillSwitch().read()


@flow
def read_in_flow() -> list[SwitchReading]:
    """The switch, read in a flow and in its task."""
    return [VariableKillSwitch().read(), read_in_task()]


@flow
async def read_in_async_flow() -> list[SwitchReading]:
    """The switch, read in an async flow, where Prefect's own reading would give a coroutine."""
    return [VariableKillSwitch().read(), read_in_task()]


def test_armed_it_answers_everywhere(api: str) -> None:
    change_set = uuid.uuid4()
    with switch_that_is("armed", change_set):
        readings = [
            VariableKillSwitch().read(),
            *read_in_flow(),
            *asyncio.run(read_in_async_flow()),
        ]
    assert {(r.state, r.change_set_id) for r in readings} == {(SwitchState.LIVE, change_set)}
    assert len(readings) == 5


@pytest.mark.parametrize("how", MODES_OFF)
def test_anything_else_reads_as_off_with_a_sentence(api: str, how: str) -> None:
    change_set = uuid.uuid4()
    with switch_that_is(how, change_set):
        reading = VariableKillSwitch().read()
    assert reading.state is SwitchState.OFF or reading.change_set_id != change_set
    assert "kill-switch" in reading.why


@pytest.mark.parametrize(
    "value", [12345, True, "LIVE", [], {}, {"state": "LIVE"}, {"state": ["LIVE"]}, "null"]
)
def test_strange_values_are_off(api: str, value: Any) -> None:
    set_variable(value)
    assert VariableKillSwitch().read().state is SwitchState.OFF
    set_variable(None)


def test_it_is_read_afresh(api: str) -> None:
    switch = VariableKillSwitch()
    arm(uuid.uuid4())
    assert switch.read().state is SwitchState.LIVE
    assert VariableKillSwitch().disarm("enough")
    assert switch.read().state is SwitchState.OFF


def test_without_an_api_url_no_temporary_server_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        pytest.fail("a temporary server was started")

    monkeypatch.setattr("prefect.server.api.server.SubprocessASGIServer.start", never)
    with temporary_settings({PREFECT_API_URL: None, PREFECT_SERVER_EPHEMERAL_ENABLED: True}):
        reading = VariableKillSwitch().read()
    assert reading.state is SwitchState.OFF
    assert "PREFECT_API_URL is not set" in reading.why


def test_an_api_that_hangs_is_off_in_about_two_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/api"
        with patient_clients(PATIENCE), temporary_settings({PREFECT_API_URL: url}):
            started = time.monotonic()
            reading = VariableKillSwitch().read()
    assert reading.state is SwitchState.OFF
    assert 1.5 < time.monotonic() - started < 20, "Prefect's own client would wait for longer"


class _Busy(http.server.BaseHTTPRequestHandler):
    """Answers 503, which Prefect's client would retry with growing pauses."""

    def do_GET(self) -> None:
        """Answer at once."""
        self.send_response(503)
        self.send_header("Retry-After", "30")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_an_api_that_is_busy_is_off_at_once() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Busy) as busy:
        threading.Thread(target=busy.serve_forever, daemon=True).start()
        with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{busy.server_port}/api"}):
            started = time.monotonic()
            reading = VariableKillSwitch().read()
        busy.shutdown()
    assert reading.state is SwitchState.OFF
    assert time.monotonic() - started < 20, "Prefect's own client would wait as it is told to"


def test_arming_needs_a_change_set_a_future_time_a_name_and_a_reason(api: str) -> None:
    switch, change_set, later = VariableKillSwitch(), uuid.uuid4(), datetime.now(UTC) + SOON
    set_variable(None)
    for wrong in (
        (SwitchState.OFF, change_set, later, "tester", "why"),
        (SwitchState.LIVE, change_set, later - 2 * SOON, "tester", "why"),
        (SwitchState.LIVE, change_set, later.replace(tzinfo=None), "tester", "why"),
        (SwitchState.LIVE, change_set, later, " ", "why"),
        (SwitchState.LIVE, change_set, later, "tester", ""),
    ):
        with pytest.raises(ConfigMismatch):
            switch.arm(*wrong)
    assert "not set" in switch.read().why
    switch.arm(SwitchState.REHEARSE, change_set, later, "tester", "why")
    assert switch.read() == SwitchReading(
        SwitchState.REHEARSE, "the kill-switch stands at REHEARSE", change_set, later
    )
    set_variable(None)


def test_arming_without_an_api_says_so() -> None:
    with no_api(), pytest.raises(OrchestratorUnavailable, match="does not answer"):
        VariableKillSwitch().arm(
            SwitchState.LIVE, uuid.uuid4(), datetime.now(UTC) + SOON, "tester", "why"
        )


def test_disarming_never_raises_and_tells_when_it_did_not_work(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with no_api():
        assert VariableKillSwitch().disarm("the end") is False
    assert "still armed" in caplog.text
    assert VARIABLE == "cutter_kill_switch"


def test_disarming_for_one_change_set_leaves_anothers_release(api: str) -> None:
    mine, other = uuid.uuid4(), uuid.uuid4()
    arm(other)
    assert VariableKillSwitch().disarm("mine has ended", only=mine)
    assert VariableKillSwitch().read().change_set_id == other
    assert VariableKillSwitch().disarm("the other has ended", only=other)
    assert VariableKillSwitch().read().state is SwitchState.OFF
