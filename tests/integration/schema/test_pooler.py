"""Through PgBouncer: kept sessions serve, shared ones are refused before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.postgres.connection.session import PostgresConnections
from domain.errors import DatabaseUnsuitable
from domain.ports import Endpoint
from tasks.gates import refuse_drift
from tests.support.live import live_bench
from tests.support.pgbouncer import needs_pgbouncer, pgbouncer
from tests.support.postgres import Database

pytestmark = needs_pgbouncer


def through(endpoint: Endpoint, database: Database, folder: Path) -> PostgresConnections:
    bench = live_bench(database, folder)
    return PostgresConnections(endpoint, database.credentials, target=bench.target)


def test_a_live_run_is_refused_through_a_transaction_pooler(
    database: Database, tmp_path: Path
) -> None:
    with pgbouncer(database, "transaction") as endpoint:
        connections = through(endpoint, database, tmp_path)
        with pytest.raises(DatabaseUnsuitable, match="transaction pooler"):
            refuse_drift(connections)
    with database.connect(autocommit=True) as admin:
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        assert admin.execute(query).fetchone() == (0,)


def test_a_live_run_passes_through_a_pooler_that_keeps_sessions(
    database: Database, tmp_path: Path
) -> None:
    with pgbouncer(database, "session") as endpoint:
        refuse_drift(through(endpoint, database, tmp_path))
