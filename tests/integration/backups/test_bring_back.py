"""A backup onto an empty server: the same major and a newer one, with roles, owners and grants."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.postgres.backups.bring_back import OUR_LOGINS, bring_back
from adapters.postgres.schema.doctor import compare_with_reference
from adapters.postgres.server.binaries import FOLDERS, client_binaries
from adapters.postgres.server.embedded import THROWAWAY_SETTINGS, embedded_server
from domain.errors import RestoreFailed
from domain.ledger.drift import Severity
from domain.ports import Credentials, Endpoint
from tests.support.backups import BackupBench, backup_bench
from tests.support.keys import Keyring
from tests.support.live import scalar
from tests.support.postgres import Database, Server, server_folder, wanted_major

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).parents[3]
RESTORED_BY_HAND = "kb_by_hand"
needs_zstd = pytest.mark.skipif(not shutil.which("zstd"), reason="the program zstd is not here")
PASSWORDS = {name: SecretStr(f"of {name}") for name in OUR_LOGINS}


@pytest.fixture
def bench(database: Database, ring: Keyring, tmp_path: Path) -> BackupBench:
    made = backup_bench(database, ring, tmp_path, rows=30)
    made.execute("GRANT SELECT ON public.annex TO cutter_verify")
    return made


@pytest.fixture(params=[major for major in FOLDERS if major >= wanted_major()])
def empty(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server with nothing of ours, of the backup's major version and of a newer one."""
    with (
        server_folder() as home,
        embedded_server(home, major=request.param, settings=THROWAWAY_SETTINGS) as running,
    ):
        login = Credentials(running.superuser, running.password)
        yield Server(running.host, running.port, login, sslmode="disable")


def test_roles_owners_grants_and_rows_come_back_and_doctor_has_nothing_to_say(
    bench: BackupBench, empty: Server
) -> None:
    backup = Path(bench.back_up().path)
    endpoint = Endpoint(empty.host, empty.port, "kb", sslmode="disable")
    done = bring_back(
        backup, endpoint, empty.admin, gnupg_home=bench.ring.home, passwords=PASSWORDS
    )
    assert set(done.made) >= {"cutter_owner", *OUR_LOGINS}
    assert done.silent == ()
    with empty.connect("kb") as admin:
        owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'cutter'"
        assert admin.execute(owners).fetchall() == [("cutter_owner",)]
        assert scalar(admin, "SELECT count(*) FROM public.annex") == 30
        fails = [one for one in compare_with_reference(admin) if one.severity is Severity.FAILS]
    # The neighbour's grant on its own table is not ours to judge.
    assert fails == []
    for name in OUR_LOGINS:
        empty.connect("kb", Credentials(name, PASSWORDS[name])).close()


def recipe() -> str:
    """The administrator's own means, word by word as the operations guide has them."""
    text = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    after = text[text.index("By a database administrator's own means") :]
    lines = itertools.dropwhile(lambda line: not line.startswith("    "), after.splitlines())
    return "\n".join(
        line.strip() for line in itertools.takewhile(lambda line: line.startswith("    "), lines)
    )


def by_hand(backup: Path, server: Server, keyring: Path, major: int) -> None:
    words = {"KEYRING": keyring, "NAME": RESTORED_BY_HAND, "FILE": backup}
    script = recipe()
    for word, value in words.items():
        script = re.sub(rf"\b{word}\b", str(value), script)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=PROJECT,
        env={
            "PATH": f"{client_binaries(major).bindir}:{os.environ['PATH']}",
            "PGHOST": server.host,
            "PGPORT": str(server.port),
            "PGUSER": server.admin.user,
            "PGPASSWORD": server.admin.password.get_secret_value(),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def has_come_back(server: Server) -> None:
    with server.connect(RESTORED_BY_HAND) as admin:
        assert scalar(admin, "SELECT count(*) FROM public.annex") == 30
        found = compare_with_reference(admin)
        fails = [one.message for one in found if one.severity is Severity.FAILS]
    assert fails == []


@needs_zstd
def test_by_an_administrators_own_means_onto_another_cluster_and_a_newer_major(
    bench: BackupBench, empty: Server
) -> None:
    backup = Path(bench.back_up().path)
    with empty.connect() as admin:
        major = admin.info.server_version // 10_000
    by_hand(backup, empty, bench.ring.home, major)
    has_come_back(empty)


@needs_zstd
def test_by_an_administrators_own_means_onto_the_same_cluster(bench: BackupBench) -> None:
    backup = Path(bench.back_up().path)
    server = bench.database.cluster.server
    try:
        by_hand(backup, server, bench.ring.home, wanted_major())
        has_come_back(server)
    finally:
        with server.connect() as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {RESTORED_BY_HAND} WITH (FORCE)".encode())


def test_a_database_that_is_not_empty_is_left_as_it_is(bench: BackupBench) -> None:
    backup = Path(bench.back_up().path)
    server = bench.database.cluster.server
    with bench.database.connect() as admin:
        before = scalar(admin, "SELECT count(*) FROM public.annex")
    with pytest.raises(RestoreFailed, match="is not empty"):
        bring_back(
            backup,
            bench.database.endpoint,
            server.admin,
            gnupg_home=bench.ring.home,
            passwords={},
        )
    with bench.database.connect() as admin:
        assert scalar(admin, "SELECT count(*) FROM public.annex") == before


def test_a_damaged_backup_leaves_no_database(bench: BackupBench) -> None:
    backup = Path(bench.back_up().path)
    with backup.open("r+b") as file:
        file.seek(backup.stat().st_size // 2)
        file.write(b"\0" * 64)
    server = bench.database.cluster.server
    endpoint = Endpoint(server.host, server.port, "kb_damaged", sslmode=server.sslmode)
    with pytest.raises(RestoreFailed):
        bring_back(backup, endpoint, server.admin, gnupg_home=bench.ring.home, passwords={})
    with server.connect() as admin:
        there = "SELECT count(*) FROM pg_database WHERE datname = 'kb_damaged'"
        assert scalar(admin, there) == 0
