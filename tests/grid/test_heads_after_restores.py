"""How the heads that are kept outside behave when a database comes back, as docs/operations.md says:
the same one as it was, or another one with the same rows.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from psycopg import sql

from adapters.home.chain_heads import read
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.record.chain_heads import compare_heads, keep_heads
from adapters.postgres.server.binaries import binaries
from adapters.postgres.server.embedded import SUPERUSER, start_server
from adapters.postgres.server.os_user import reachable_binaries, system_user
from tests.support.approved import as_verifier, cut
from tests.support.live import live_bench
from tests.support.plans import made_plan
from tests.support.postgres import fresh_database, wheel_major
from tests.support.rig import DURABLE, Rig, rig

pytestmark = pytest.mark.slow


def upgrade(made: Rig) -> None:
    """The data of a server that is down, led to 18 by pg_upgrade."""
    user, home = system_user(), made.home
    new = reachable_binaries(binaries(18), home, user)
    work, password = home / "upgrading", home / "password"
    work.mkdir(mode=0o700)
    password.write_text(made.server.password.get_secret_value(), encoding="ascii")
    for path in (work, password):
        user.own(path)

    def run(program: Path, *arguments: object) -> None:
        done = subprocess.run(
            [str(program), *map(str, arguments)],
            cwd=work,
            env={
                "PATH": "/usr/bin:/bin",
                "LC_ALL": "C",
                "PGPASSWORD": made.server.password.get_secret_value(),
            },
            capture_output=True,
            text=True,
            check=False,
            **user.run_as,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    run(
        new.tool("initdb"),
        *("-D", work / "data", "-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={password}"),
        *("--encoding=UTF8", "--locale=C", "--data-checksums"),
    )
    old = made.server.bindir
    run(
        new.tool("pg_upgrade"),
        *("-b", old, "-B", new.tool("initdb").parent, "-d", home / "data", "-D", work / "data"),
        *("-U", SUPERUSER, "--socketdir", work),
    )
    shutil.rmtree(home / "data")
    (work / "data").rename(home / "data")


def test_an_older_copy_of_the_clusters_files_is_behind_its_heads(tmp_path: Path) -> None:
    heads = tmp_path / "heads"
    with rig() as made, fresh_database(made.cluster) as database:
        bench = live_bench(database, tmp_path)
        cut(bench, made_plan(2, code="first.law"))
        made.stop()
        copy = made.home / "copy"
        shutil.copytree(made.home / "data", copy, symlinks=True)
        made.start()
        cut(bench, made_plan(2, code="second.law"))
        with as_verifier(bench) as conn:
            keep_heads(conn, heads)
        made.stop()
        owner = (made.home / "data").stat()
        shutil.rmtree(made.home / "data")
        shutil.copytree(copy, made.home / "data", symlinks=True)
        for path in (made.home / "data", *(made.home / "data").rglob("*")):
            shutil.chown(path, owner.st_uid, owner.st_gid)
        (made.home / "data").chmod(0o700)
        made.start()
        with as_verifier(bench) as conn:
            assert read_fingerprint(conn) == bench.target
            (fault,) = compare_heads(conn, heads)
        assert fault.document_code == "second.law"
        assert "was cut off: 0 steps are left" in fault.message


def test_the_same_rows_in_another_database_have_heads_of_their_own(tmp_path: Path) -> None:
    """What `cutter backup restore`, pg_restore and pg_upgrade make: another oid or identifier."""
    heads = tmp_path / "heads"
    with rig() as made, fresh_database(made.cluster) as database:
        bench = live_bench(database, tmp_path)
        cut(bench, made_plan(2, code="first.law"))
        with as_verifier(bench) as conn:
            kept = keep_heads(conn, heads)
        with made.cluster.server.connect() as admin:
            for again in (
                "ALTER DATABASE {} RENAME TO of_before",
                "CREATE DATABASE {} TEMPLATE of_before",
            ):
                admin.execute(sql.SQL(again).format(sql.Identifier(database.name)))
        with database.connect() as admin:
            target = read_fingerprint(admin)
            assert (target.database, target.system_identifier) == (
                bench.target.database,
                bench.target.system_identifier,
            )
            assert target != bench.target
            assert compare_heads(admin, heads) == []
            assert len(keep_heads(admin, heads)) == 1
        assert [one.target for one in read(heads)] == [kept[0].target, str(target)]
        with made.cluster.server.connect() as admin:
            admin.execute("DROP DATABASE of_before")


@pytest.mark.skipif(wheel_major() != 16, reason="an upgrade begins at 16")
def test_after_pg_upgrade_it_is_another_database_with_the_same_history(tmp_path: Path) -> None:
    heads = tmp_path / "heads"
    with rig() as made, fresh_database(made.cluster) as database:
        bench = live_bench(database, tmp_path)
        cut(bench, made_plan(2, code="first.law"))
        with as_verifier(bench) as conn:
            kept = keep_heads(conn, heads)
        made.stop()
        upgrade(made)
        start_server(made.home, major=18, settings=DURABLE)
        with database.connect() as admin:
            target = read_fingerprint(admin)
            assert target.database == bench.target.database
            assert target.system_identifier != bench.target.system_identifier
            assert compare_heads(admin, heads) == []
            (again,) = keep_heads(admin, heads)
        assert (again.chain_no, again.row_sha256) == (kept[0].chain_no, kept[0].row_sha256)
