"""Servers of other making: another collation, timeouts set by role, and one that only reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.connection.session import PostgresConnections
from adapters.postgres.record.audit import audit_database
from adapters.postgres.record.chain_heads import keep_heads
from domain.errors import DatabaseUnsuitable
from domain.phases import Principal
from domain.ports import Credentials, Endpoint
from tests.support.approved import as_verifier, cut
from tests.support.debian import debian_server, needs_debian
from tests.support.live import live_bench, scalar
from tests.support.plans import made_plan
from tests.support.postgres import Database, fresh_database, prepared_cluster
from tests.support.reverts import reverted
from tests.support.rig import rig

pytestmark = pytest.mark.slow

LOCALES = {
    "C": ("--locale=C",),
    "ICU": ("--locale-provider=icu", "--icu-locale=vi-VN", "--locale=C.UTF-8"),
    "the C library's": ("--locale=C.UTF-8",),
}


@needs_debian
@pytest.mark.parametrize("locale", LOCALES)
def test_a_law_is_cut_verified_and_reverted_in_every_locale(tmp_path: Path, locale: str) -> None:
    with (
        debian_server("--encoding=UTF8", *LOCALES[locale]) as (server, _),
        prepared_cluster(server) as cluster,
        fresh_database(cluster) as database,
    ):
        bench = live_bench(database, tmp_path)
        plan = made_plan(12, body="Điều {n}: đất đai, ă â ê ô ơ ư, “như in”.\r\n")
        ctx = cut(bench, plan)
        with as_verifier(bench) as conn:
            keep_heads(conn, tmp_path / "heads")
            found = audit_database(conn, bench.target, tmp_path / "heads").findings
        assert found == ()
        reverted(bench, ctx.change_set_id)


def test_timeouts_that_are_set_by_role_do_not_end_a_session(
    database: Database, tmp_path: Path
) -> None:
    roles = [principal.value for principal in Principal]
    with database.connect(autocommit=True) as admin:
        for role in roles:
            for name in (
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
            ):
                admin.execute(
                    f"ALTER ROLE {role} IN DATABASE {database.name} SET {name} = '2s'".encode()
                )
    bench = live_bench(database, tmp_path)
    cut(bench, made_plan(3))
    with as_verifier(bench) as conn:
        conn.execute("SELECT pg_sleep(2.2)")
        assert scalar(conn, "SHOW idle_in_transaction_session_timeout") == "2min"


def test_a_server_that_only_reads_is_refused_and_the_primary_asked_for() -> None:
    with rig() as made:
        with made.cluster.server.connect() as admin:
            target = read_fingerprint(admin)
        made.stop()
        (made.home / "data" / "standby.signal").touch()
        made.start()
        endpoint = Endpoint(made.server.host, made.server.port, "postgres", sslmode="disable")

        def login(principal: Principal) -> Credentials:
            return made.cluster.logins[principal]

        connections = PostgresConnections(endpoint, login, target=target)
        with pytest.raises(DatabaseUnsuitable, match="read-only standby; name the primary"):
            connections.connect(Principal.EXEC)
