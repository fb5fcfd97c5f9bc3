"""Real PostgreSQL for tests: one server a session, the reference schema once in a template, a fresh
copy for each test.

Which server: the one that CUTTER_TEST_DATABASE names (a conninfo string of an administrator; a
server made for tests), else `postgres:16` in a container where a Docker engine answers, else the
embedded one. CUTTER_TEST_PG_MAJOR chooses 16 or 18, or 15 where Debian's is installed.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from adapters.acceptance.server import container_trouble
from adapters.postgres.schema.install import create_schema, restrict_database
from adapters.postgres.server.binaries import FOLDERS
from adapters.postgres.server.embedded import THROWAWAY_SETTINGS, embedded_server, remove_server
from adapters.postgres.server.os_user import reachable_home
from adapters.postgres.server.passwords import set_password
from adapters.postgres.server.throwaway import reap_servers
from domain.ledger.privileges import READ, READER, REHEARSE
from domain.phases import Principal
from domain.ports import Credentials, Endpoint

PREFIX = "iu-cutter-test-"
MADE_HERE = "made by the tests of iu-cutter"
ROLES = ("cutter_owner", *Principal, REHEARSE, READER, READ)
SCRAM_ITERATIONS_FROM = 160_000
"""The version of the server from which on the cost of a password's hash is a setting."""

OUR_NAMES = "-c search_path=cutter,public"
"""Tests name our tables without their schema."""

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Server:
    """A server that tests may make databases and roles on, and its administrator's login."""

    host: str
    port: int
    admin: Credentials
    sslmode: str = "prefer"

    def connect(
        self,
        database: str = "postgres",
        login: Credentials | None = None,
        *,
        autocommit: bool = True,
    ) -> Connection:
        """A connection, the administrator's unless another login is given. The caller closes it."""
        who = login or self.admin
        return psycopg.connect(
            host=self.host,
            port=self.port,
            dbname=database,
            user=who.user,
            password=who.password.get_secret_value(),
            sslmode=self.sslmode,
            autocommit=autocommit,
            options=OUR_NAMES,
        )


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server with the roles of the knowledge base and a template database that holds the
    reference schema.
    """

    server: Server
    template: str
    logins: dict[Principal, Credentials]
    rehearsal: Credentials
    reader: Credentials


@dataclass(frozen=True, slots=True)
class Database:
    """One test's own database: the reference schema and no rows."""

    cluster: Cluster
    name: str

    @property
    def endpoint(self) -> Endpoint:
        """Where the code under test reaches it."""
        server = self.cluster.server
        return Endpoint(server.host, server.port, self.name, sslmode=server.sslmode)

    @property
    def admin(self) -> Credentials:
        """The administrator's login."""
        return self.cluster.server.admin

    def credentials(self, principal: Principal) -> Credentials:
        """A principal's login: this method is a `CredentialsSource`."""
        return self.cluster.logins[principal]

    def rehearsal_login(self) -> Credentials:
        """The login that rehearses."""
        return self.cluster.rehearsal

    def reader(self) -> Connection:
        """A connection of the reader's login, in autocommit. The caller closes it."""
        return self.cluster.server.connect(self.name, self.cluster.reader)

    def connect(
        self, principal: Principal | None = None, *, autocommit: bool = False
    ) -> Connection:
        """A connection as a principal, or as the administrator. The caller closes it."""
        login = self.credentials(principal) if principal else None
        return self.cluster.server.connect(self.name, login, autocommit=autocommit)


def wanted_major() -> int:
    """The major version that the session's own server shall have."""
    return int(os.environ.get("CUTTER_TEST_PG_MAJOR", "16"))


def wheel_major() -> int:
    """The same for a server that has to be an embedded one: the nearest that the wheels carry."""
    return min((major for major in FOLDERS if major >= wanted_major()), default=max(FOLDERS))


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    """The session's server, running while the block runs."""
    if conninfo := os.environ.get("CUTTER_TEST_DATABASE"):
        yield _named_server(conninfo)
        return
    with contextlib.ExitStack() as stack:
        yield _container(stack) or stack.enter_context(embedded_test_server())


@contextlib.contextmanager
def prepared_cluster(server: Server) -> Iterator[Cluster]:
    """The roles with passwords of this session and the template database; taken away again
    afterwards.
    """
    template = f"cutter_template_{uuid.uuid4().hex[:12]}"
    logins = {
        principal: Credentials(principal, SecretStr(secrets.token_urlsafe(24)))
        for principal in Principal
    }
    rehearsal, reader = (
        Credentials(role, SecretStr(secrets.token_urlsafe(24))) for role in (REHEARSE, READER)
    )
    with server.connect() as admin:
        _refuse_roles_of_others(admin)
        _execute(admin, "CREATE DATABASE {}", template)
        try:
            with server.connect(template, autocommit=False) as inside:
                create_schema(inside)
                for role in ROLES:
                    _execute(inside, f"COMMENT ON ROLE {{}} IS '{MADE_HERE}'", role)
                quick_logins(inside)
                for login in (*logins.values(), rehearsal, reader):
                    set_password(inside, login.user, login.password)
            yield Cluster(server, template, logins, rehearsal, reader)
        finally:
            _execute(admin, "DROP DATABASE {} WITH (FORCE)", template)
            with contextlib.suppress(
                psycopg.errors.DependentObjectsStillExist
            ):  # another session's databases need them
                for role in ROLES:
                    _execute(admin, "DROP ROLE IF EXISTS {}", role)


@contextlib.contextmanager
def fresh_database(cluster: Cluster) -> Iterator[Database]:
    """A copy of the template, dropped afterwards whoever is still connected."""
    name = f"cutter_test_{uuid.uuid4().hex[:12]}"
    with cluster.server.connect() as admin:
        _execute(admin, f"CREATE DATABASE {{}} TEMPLATE {cluster.template} STRATEGY wal_log", name)
        restrict_database(admin, name)
    try:
        yield Database(cluster, name)
    finally:
        with cluster.server.connect() as admin:
            _execute(admin, "DROP DATABASE {} WITH (FORCE)", name)


@contextlib.contextmanager
def empty_database(cluster: Cluster) -> Iterator[Endpoint]:
    """A database with nothing in it, for what is brought back from a backup. Dropped afterwards."""
    server, name = cluster.server, f"cutter_empty_{uuid.uuid4().hex[:12]}"
    with server.connect() as admin:
        _execute(admin, "CREATE DATABASE {} TEMPLATE template0", name)
    try:
        yield Endpoint(server.host, server.port, name, sslmode=server.sslmode)
    finally:
        with server.connect() as admin:
            _execute(admin, "DROP DATABASE {} WITH (FORCE)", name)


@contextlib.contextmanager
def server_folder() -> Iterator[Path]:
    """A folder for one embedded server that its system user can reach.

    Removed afterwards, server and all.
    """
    home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_temporary_root()))
    try:
        yield home
    finally:
        with contextlib.suppress(FileNotFoundError):  # another session's reaper may be at it too
            remove_server(home)
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def embedded_test_server() -> Iterator[Server]:
    """A server in a folder of its own, gone afterwards; what killed sessions have left goes first."""
    reap_servers_of_killed_sessions()
    with bare_server() as server:
        with server.connect() as admin:
            quick_logins(admin)
            set_password(admin, server.admin.user, server.admin.password)
        yield server


@contextlib.contextmanager
def bare_server() -> Iterator[Server]:
    """A server of the wanted major without any role or database of ours: the embedded one, or
    Debian's of a major that the wheels do not carry.
    """
    if wanted_major() not in FOLDERS:
        from tests.support.debian import debian_server  # which needs `Server`

        words: dict[str, Any] = dict(THROWAWAY_SETTINGS)
        with debian_server("--encoding=UTF8", "--locale=C.UTF-8", **words) as (server, _):
            yield server
        return
    with (
        server_folder() as home,
        embedded_server(home, major=wanted_major(), settings=THROWAWAY_SETTINGS) as running,
    ):
        login = Credentials(running.superuser, running.password)
        yield Server(running.host, running.port, login, sslmode="disable")


def quick_logins(conn: Connection) -> None:
    """Let random passwords have no slow hash, which would take longer than all else that a
    connection does; nothing where the server does not know the setting.
    """
    if conn.info.server_version >= SCRAM_ITERATIONS_FROM:
        conn.execute("SET scram_iterations = 1")


def reap_servers_of_killed_sessions() -> None:
    """Stop and remove what sessions ended by kill -9 have left.

    A folder in use is left alone: its lock is held.
    """
    reap_servers(_temporary_root(), PREFIX)


def _temporary_root() -> Path:
    root = Path(tempfile.gettempdir())
    return reachable_home(root / PREFIX, Path("/var/tmp") / PREFIX).parent  # noqa: S108  # names in it are random


def _named_server(conninfo: str) -> Server:
    with psycopg.connect(conninfo) as probe:
        login = Credentials(probe.info.user, SecretStr(probe.info.password))
        mode = str(conninfo_to_dict(conninfo).get("sslmode", "prefer"))
        return Server(probe.info.host, probe.info.port, login, sslmode=mode)


def _container(stack: contextlib.ExitStack) -> Server | None:
    """PostgreSQL in a container, stopped with the stack.

    None where no engine answers or it can not get the image.
    """
    if not (os.environ.get("DOCKER_HOST") or Path("/var/run/docker.sock").exists()):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the Docker libraries' own making
        import docker  # type: ignore[import-untyped]
        import requests
        from testcontainers.postgres import PostgresContainer

        try:
            with contextlib.closing(docker.from_env(timeout=2)) as engine:
                engine.ping()
            container = PostgresContainer(
                f"postgres:{wanted_major()}", password=secrets.token_urlsafe(24), driver=None
            )
            stack.callback(container.stop)
            container.start()
        except (docker.errors.DockerException, requests.RequestException, OSError) as error:
            why = container_trouble(wanted_major(), error)
            if os.environ.get("CUTTER_TEST_CONTAINER") == "required":
                raise RuntimeError(why) from error
            print(f"No container, so the tests use the embedded server: {why}", file=sys.__stderr__)
            return None
    login = Credentials(container.username, SecretStr(container.password))
    return Server(
        container.get_container_host_ip(),
        int(container.get_exposed_port(5432)),
        login,
        sslmode="disable",
    )


def _refuse_roles_of_others(admin: Connection) -> None:
    """The tests set the roles' passwords, so they must not meet a server where somebody uses these
    roles.
    """
    found = admin.execute(
        "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY(%s)"
        " AND shobj_description(oid, 'pg_authid') IS DISTINCT FROM %s",
        (list(ROLES), MADE_HERE),
    ).fetchone()
    if found:
        raise RuntimeError(
            f"The test server already has a role {found[0]} that the tests did not make. Name "
            f"another server."
        )


def _execute(conn: Connection, statement: str, name: str) -> None:
    conn.execute(sql.SQL(statement).format(sql.Identifier(name)))  # our own words, no input
