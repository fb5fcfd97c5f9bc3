"""A synchronous standby that is not there: doctor forbids the cut, and a run that meets it stops in
half a minute and says what it waited for.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.postgres.connection import watched
from adapters.postgres.schema.doctor import compare_with_reference
from adapters.postgres.server.embedded import EmbeddedServer, embedded_server
from domain.change_set import CutContext
from domain.errors import CommitNotAcknowledged
from domain.ledger.drift import Severity
from domain.phases import Phase
from domain.ports import Credentials
from tests.support.live import LiveBench, live_bench, run_phases
from tests.support.permits import PLAN
from tests.support.postgres import (
    Database,
    Server,
    fresh_database,
    prepared_cluster,
    server_folder,
    wheel_major,
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveBench]:
    """A knowledge base on a server of its own, whose settings this module changes."""
    with (
        server_folder() as home,
        embedded_server(home, major=wheel_major(), settings={"fsync": "off"}) as running,
        prepared_cluster(_named(running)) as cluster,
        fresh_database(cluster) as database,
    ):
        yield live_bench(database, tmp_path_factory.mktemp("standby"))


def _named(running: EmbeddedServer) -> Server:
    login = Credentials(running.superuser, running.password)
    return Server(running.host, running.port, login, sslmode="disable")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production, in less time."""
    monkeypatch.setattr(watched, "LOOK_EVERY", 0.3)
    monkeypatch.setattr(watched, "LONGEST_WAIT", 1.0)


@pytest.fixture
def absent(own: LiveBench) -> Iterator[None]:
    """Commits wait for a standby that nobody has started."""
    _settings(own.database, "nobody")
    yield
    _settings(own.database, "")


def _settings(database: Database, names: str) -> None:
    with database.connect(autocommit=True) as admin:
        admin.execute("SET synchronous_commit = off")
        admin.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'".encode())
        admin.execute("SELECT pg_reload_conf()")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with database.connect(autocommit=True) as admin:
            now = admin.execute("SHOW synchronous_standby_names").fetchone()
            if now == (names,):
                return
        time.sleep(0.05)
    pytest.fail("the server does not take the setting")


@pytest.mark.slow
@pytest.mark.usefixtures("absent")
def test_doctor_says_that_every_commit_would_wait(own: LiveBench) -> None:
    with own.database.connect(autocommit=True) as conn:
        (found,) = [one for one in compare_with_reference(conn) if one.name == "standbys"]
    assert found.severity is Severity.FAILS
    assert "nobody" in found.message


@pytest.mark.slow
def test_a_phase_that_waits_for_it_stops_and_the_next_run_goes_on(
    own: LiveBench, impatient: None, tmp_path: Path
) -> None:
    ctx = own.context(PLAN)
    run_phases(own.adapter, ctx, PLAN, until=Phase.PRE_WRITE_BACKUP)
    _settings(own.database, "nobody")
    began = time.monotonic()
    try:
        with pytest.raises(CommitNotAcknowledged, match="synchronous standby \\(nobody\\)"):
            own.new_adapter().mark(ctx, PLAN)
        assert time.monotonic() - began < 30
    finally:
        _settings(own.database, "")
    _resumed(own, ctx)


def _resumed(own: LiveBench, ctx: CutContext) -> None:
    """The standby is back: what was committed is replayed, the rest runs."""
    adapter = own.new_adapter()
    run_phases(adapter, ctx, PLAN)
    assert Phase.MARK in adapter.replayed


@pytest.mark.slow
def test_a_permit_that_waits_for_it_stops_too(own: LiveBench, impatient: None) -> None:
    _settings(own.database, "nobody")
    try:
        with pytest.raises(CommitNotAcknowledged):
            own.context(PLAN, attempt=2)
    finally:
        _settings(own.database, "")
