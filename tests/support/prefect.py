"""A Prefect server for tests, started once a session, and what tests put in place of the production
wiring.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final, NoReturn

import prefect
import pytest
from prefect.client.schemas.actions import VariableCreate, VariableUpdate
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOGGING_TO_API_ENABLED,
    PREFECT_SERVER_ANALYTICS_ENABLED,
    PREFECT_SERVER_EPHEMERAL_ENABLED,
    PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED,
    PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED,
    PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED,
    temporary_settings,
)
from prefect.testing.utilities import prefect_test_harness

from adapters.postgres.phases.cut import ProductionLiveExecutionAdapter
from adapters.simulator import Simulator
from blocks.api import TIMEOUT, bounded_client
from blocks.settings import load_settings
from blocks.stored import VARIABLE
from blocks.switch import VariableKillSwitch
from domain.change_set import CutContext
from domain.phases import Kind, Mode, Phase, Principal
from domain.plan.cut_plan import CutPlan
from domain.ports import KillSwitch, PhaseExecutor
from domain.reports.run import PhaseReport
from domain.results import BackupResult
from domain.switch import SwitchState
from tasks.app import App, Executors, RunSwitch, production_app
from tasks.gates import Gates
from tasks.keepers import Keepers
from tasks.run import Run

MODES_OFF = ("off", "missing", "malformed", "expired", "another", "unreachable")
"""Every way in which the switch does not allow a run."""

PATIENCE: Final = TIMEOUT
"""The product's own, in seconds, whatever this session's tests wait for."""

MIGRATED = Path(sys.prefix) / f"prefect-{prefect.__version__}.db"
"""An empty database that has been through all of Prefect's migrations, which take three times as
long as a server's start.
"""

LAW = """# The law of tests

## Chapter 1. General

### Article 1. Scope

This law is for tests.

### Article 2. Words

A test that can not fail is none.
"""


@contextlib.contextmanager
def prefect_server() -> Iterator[str]:
    """Prefect's own harness with what tests do not look at turned off, which makes it several times
    faster; the API's URL.
    """
    quiet: dict[Any, Any] = {
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        PREFECT_LOGGING_TO_API_ENABLED: False,
        PREFECT_SERVER_ANALYTICS_ENABLED: False,
        PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED: False,
        PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED: False,
        PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED: False,
    }
    with (
        temporary_settings(quiet),
        _database_begun() as database,
        prefect_test_harness(server_startup_timeout=120),
    ):
        if not MIGRATED.exists():
            _keep(database)
        with patient_clients():
            set_variable({"state": "OFF"})  # the first answers take a server longest
            set_variable(None)
            forget_blocks()
            yield PREFECT_API_URL.value()


@contextlib.contextmanager
def patient_clients(seconds: float = 60.0) -> Iterator[None]:
    """Let this process wait for the API: a busy machine may take longer than the product does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("blocks.api.TIMEOUT", seconds)
        yield


@contextlib.contextmanager
def _database_begun() -> Iterator[Path]:
    """The database of Prefect's harness: a copy of one that Prefect has set up for this environment
    before, if it has.
    """
    folder = Path(mkdtemp())  # which the harness removes
    database = folder / "prefect-test.db"
    if MIGRATED.exists():
        shutil.copyfile(MIGRATED, database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("prefect.testing.utilities.mkdtemp", lambda: str(folder))
        yield database


def _keep(database: Path) -> None:
    """Keep a copy for the next session. Two of them do not disturb each other."""
    whole = MIGRATED.with_suffix(f".{uuid.uuid4().hex}")
    with (
        contextlib.closing(sqlite3.connect(database)) as made,
        contextlib.closing(sqlite3.connect(whole)) as kept,
    ):
        made.backup(kept)
    whole.replace(MIGRATED)


@contextlib.contextmanager
def no_api() -> Iterator[None]:
    """An API that refuses connections, and no temporary one instead."""
    nowhere = {PREFECT_API_URL: "http://127.0.0.1:9/api", PREFECT_SERVER_EPHEMERAL_ENABLED: False}
    with temporary_settings(nowhere):
        yield


def set_variable(value: Any) -> None:
    """Store any value as the switch, right or wrong; None removes it."""
    with bounded_client() as client:
        found = client.read_variable_by_name(VARIABLE)
        if value is None:
            if found is not None:
                client.delete_variable_by_name(VARIABLE)
        elif found is None:
            client.create_variable(VariableCreate(name=VARIABLE, value=value))
        else:
            client.update_variable(VariableUpdate(name=VARIABLE, value=value))


@contextlib.contextmanager
def switch_that_is(how: str, change_set_id: uuid.UUID) -> Iterator[None]:
    """The real switch, in one of the ways of `MODES_OFF`, or `armed` for the change set."""
    later, before = (datetime.now(UTC) + timedelta(minutes=sign * 10) for sign in (1, -1))
    armed = {"state": "LIVE", "change_set_id": str(change_set_id), "until": later.isoformat()}
    values: dict[str, Any] = {
        "armed": armed,
        "unreachable": armed,
        "missing": None,
        "off": {"state": "OFF"},
        "malformed": json.dumps(armed)[:-5],
        "expired": armed | {"until": before.isoformat()},
        "another": armed | {"change_set_id": str(uuid.uuid4())},
    }
    set_variable(values[how])
    try:
        with no_api() if how == "unreachable" else contextlib.nullcontext():
            yield
    finally:
        set_variable(None)


def arm(change_set_id: uuid.UUID, state: SwitchState = SwitchState.LIVE) -> None:
    """Arm the switch of this home for ten minutes."""
    VariableKillSwitch(load_settings().switch_variable).arm(
        state, change_set_id, datetime.now(UTC) + timedelta(minutes=10), "tester", "a test"
    )


@dataclass
class RecordingConnections:
    """A connection provider that only takes note: the first call that it gets would have reached
    the database.
    """

    calls: list[Principal] = field(default_factory=list)

    def connect(self, principal: Principal) -> NoReturn:
        """Note the call. Raises `ConnectionWanted`."""
        self.calls.append(principal)
        raise ConnectionWanted(principal)


class ConnectionWanted(Exception):
    """The code under test wanted a connection."""


@dataclass
class RecordingBackup:
    """A backup runner that only takes note."""

    runs: int = 0

    def run(self, ctx: CutContext) -> BackupResult:
        """Note the call. Raises `ConnectionWanted`."""
        self.runs += 1
        raise ConnectionWanted(ctx.change_set_id)


@dataclass
class Bench:
    """The real switch, simulator and live adapter, over connections that only take note."""

    connections: RecordingConnections = field(default_factory=RecordingConnections)
    backup: RecordingBackup = field(default_factory=RecordingBackup)
    made: list[str] = field(default_factory=list)

    def live(self, switch: KillSwitch, ctx: CutContext) -> PhaseExecutor[Any]:
        """The real live adapter, for cuts."""
        self.made.append(f"live {ctx.mode}")
        return ProductionLiveExecutionAdapter(
            switch=switch, connections=self.connections, backup=self.backup
        )

    def simulator(self) -> Simulator:
        """The real simulator."""
        self.made.append("simulator")
        return Simulator()

    @property
    def touched(self) -> int:
        """How often the database would have been reached."""
        return len(self.connections.calls) + self.backup.runs

    def app(self) -> App:
        """All of it as an app whose gates let every run by: the locks are what is tried."""
        return app_with(self.live, simulator=self.simulator)


Live = Callable[[KillSwitch, CutContext], PhaseExecutor[Any]]


def app_with(
    live: Live,
    *,
    simulator: Callable[[], Simulator] = Simulator,
    switch: RunSwitch | None = None,
) -> App:
    """The production app of the settings in force, with another live adapter, whose gates let every
    run by and whose keepers keep nothing.
    """
    return replace(
        production_app(),
        switch=switch or VariableKillSwitch(),
        executors=Executors(simulator=simulator, live=lambda _kind, switch, ctx: live(switch, ctx)),
        gates=Gates(
            settings=lambda _ctx: None,
            halt=lambda _ctx: None,
            history=lambda _ctx: None,
            drift=lambda _ctx: None,
            proven_backup=lambda _ctx: None,
            permit=lambda ctx, _effect, _approvals: ctx,
        ),
        keepers=Keepers(evidence=lambda *_: Path(), heads=lambda _ctx: None),
    )


def run_phase(app: App, phase: Phase, ctx: CutContext, plan: CutPlan) -> PhaseReport:
    """One phase of a run, guarded and dispatched as the pipeline does it."""
    executors = app.executors
    make = (
        executors.simulator
        if ctx.mode is Mode.DRYRUN
        else partial(executors.live, Kind.CUT, app.switch, ctx)
    )
    return Run(app.switch, make, ctx, plan).phase(phase)


def write_law(folder: Path, name: str = "test-law.md", text: str = LAW) -> str:
    """A small document of two articles; its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def forget_blocks(*names: str) -> None:
    """Remove the block documents of these names, or every one, so that no test finds another's."""
    with bounded_client() as client:
        for found in client.read_block_documents():
            if found.id is not None and (not names or found.name in names):
                client.delete_block_document(found.id)
