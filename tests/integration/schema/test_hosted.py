"""An administrator without superuser, as a hosted service gives one, and the script for who is given
none.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.postgres.connection.session import open_connection
from adapters.postgres.permits.approvers import register_approver
from adapters.postgres.schema.doctor import compare_with_reference
from adapters.postgres.schema.owner import owner_lent
from adapters.postgres.schema.provision import ROLE_NAMES, provision
from adapters.postgres.schema.script import schema_script
from adapters.postgres.server.binaries import binaries
from domain.approval.approvals import Gate
from domain.ledger.drift import Difference, Severity
from domain.phases import Principal
from domain.ports import Credentials, Endpoint
from tests.support.approvers import new_signer
from tests.support.debian import debian_server, needs_debian
from tests.support.postgres import Server, embedded_test_server, wheel_major

DBA = Credentials("dba", SecretStr("a hosted one"))


@pytest.fixture(scope="module", params=["embedded", pytest.param("debian", marks=needs_debian)])
def hosted(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server whose administrator may make roles and databases, and nothing else."""
    if request.param == "embedded":
        with embedded_test_server() as running:
            yield running
    else:
        with debian_server() as (running, _):
            yield running


@pytest.fixture(autouse=True)
def clean(hosted: Server) -> Iterator[None]:
    """No database and no role of ours before and after."""
    yield
    with hosted.connect() as admin:
        admin.execute("DROP DATABASE IF EXISTS kb WITH (FORCE)")
        for role in (*ROLE_NAMES, "dba"):
            admin.execute(f"DROP ROLE IF EXISTS {role}".encode())


def fails(server: Server, login: Credentials) -> list[Difference]:
    endpoint = Endpoint(server.host, server.port, "kb", sslmode="disable")
    with closing(open_connection(endpoint, login, "test")) as conn:
        return [one for one in compare_with_reference(conn) if one.severity is Severity.FAILS]


@pytest.mark.slow
def test_an_administrator_without_superuser_makes_a_knowledge_base(hosted: Server) -> None:
    with hosted.connect() as admin:
        admin.execute("CREATE ROLE dba LOGIN CREATEROLE CREATEDB PASSWORD 'a hosted one'")
    endpoint = Endpoint(hosted.host, hosted.port, "kb", sslmode="disable")
    made = provision(endpoint, DBA)
    assert fails(hosted, made.logins[Principal.VERIFY]) == []
    logged_in = open_connection(endpoint, made.logins[Principal.VERIFY], "test")
    with closing(logged_in) as conn:
        left = [one.name for one in compare_with_reference(conn) if one.subject == "room"]
    assert left == ["files of sorts", "large objects"], "what only a superuser takes away is named"

    with closing(open_connection(endpoint, DBA, "test")) as conn:
        with owner_lent(conn):
            key = new_signer().public_key
            register_approver(conn, "Ann", key, [Gate.SG_1], timedelta(days=1), "dba")
        lent = "SELECT count(*) FROM pg_auth_members WHERE member = 'dba'::regrole"
        can = (
            lent
            + " AND roleid = 'cutter_owner'::regrole AND (to_jsonb(pg_auth_members) ->> 'set_option')::boolean"
        )
        assert conn.execute(can.encode()).fetchone() == (0,)
    provision(endpoint, DBA)  # and again
    with hosted.connect("kb") as admin:
        admin.execute("REASSIGN OWNED BY dba TO postgres")
        admin.execute("DROP OWNED BY dba")


@pytest.mark.slow
def test_a_membership_that_the_server_gives_is_no_failure_and_a_real_one_is(
    hosted: Server,
) -> None:
    with hosted.connect() as admin:
        admin.execute("CREATE ROLE dba LOGIN CREATEROLE CREATEDB PASSWORD 'a hosted one'")
    endpoint = Endpoint(hosted.host, hosted.port, "kb", sslmode="disable")
    made = provision(endpoint, DBA)
    with hosted.connect() as admin:
        options = " WITH INHERIT TRUE, SET TRUE" if admin.info.server_version >= 160_000 else ""
        admin.execute(f"GRANT cutter_exec TO dba{options}".encode())
    (found,) = fails(hosted, made.logins[Principal.VERIFY])
    assert found.message.startswith("dba is a member of cutter_exec (inherits, may become it)")
    with hosted.connect("kb") as admin:
        admin.execute("REASSIGN OWNED BY dba TO postgres")
        admin.execute("DROP OWNED BY dba")


def test_the_script_for_a_superuser_makes_the_same(hosted: Server, tmp_path: Path) -> None:
    script = tmp_path / "init.sql"
    text = schema_script("kb")
    script.write_text("".join(line for line in text.splitlines(True) if "\\password" not in line))
    assert text.count("\\password cutter_") == 4
    password = tmp_path / "pgpass"
    password.write_text(f"*:*:*:*:{hosted.admin.password.get_secret_value()}\n")
    password.chmod(0o600)
    done = subprocess.run(
        [str(binaries(wheel_major()).tool("psql")), "--no-psqlrc", "--quiet", f"--file={script}"],
        env={
            "PGHOST": hosted.host,
            "PGPORT": str(hosted.port),
            "PGUSER": hosted.admin.user,
            "PGDATABASE": "postgres",
            "PGPASSFILE": str(password),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {one.subject for one in fails(hosted, hosted.admin)} == {"key"}
