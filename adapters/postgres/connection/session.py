"""Connections: one a phase, for one principal, to one registered target, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, NoReturn, Protocol

import psycopg

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.identity import Identity, assert_suitable, begin_session
from adapters.postgres.connection.refusals import refusal
from adapters.postgres.connection.rows import Question, begun
from adapters.postgres.connection.tls import MUST_BE_TLS, tls_words
from adapters.postgres.connection.watched import WatchedConnection, same_login
from domain.change_set import TargetFingerprint
from domain.errors import (
    ConfigMismatch,
    CutterError,
    DatabaseUnavailable,
    DatabaseUnsuitable,
    Lock,
    PrincipalCapabilityError,
    ProductionExecutionNotAuthorized,
)
from domain.phases import Principal
from domain.ports import Credentials, CredentialsSource, Endpoint

ROLES: Final[Mapping[Principal, str]] = {principal: principal.value for principal in Principal}


class ConnectionProvider(Protocol):
    """Opens connections.

    Connecting is the first thing that touches the database, so tests record calls here.
    """

    def connect(self, principal: Principal) -> Connection:
        """A fresh autocommit connection as a principal, its identity asserted.

        Raises `DatabaseUnavailable`, `DatabaseUnsuitable`, `PrincipalCapabilityError` or
        `ConfigMismatch`.
        """
        ...


class RefusingConnections:
    """The default: no connection at all."""

    def connect(self, principal: Principal) -> NoReturn:
        """Raises `ProductionExecutionNotAuthorized`."""
        raise ProductionExecutionNotAuthorized(
            Lock.ADAPTER, f"no connection provider was given for {principal}"
        )


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session may wait for a lock and for a statement, as PostgreSQL writes
    durations, and for how many seconds its beginning is waited for; None as the endpoint says.
    """

    lock_timeout: str = "10s"
    statement_timeout: str = "600s"
    connect_timeout: int | None = None


class PostgresConnections:
    """Connects with psycopg 3, by discrete keywords, never by a DSN: a driver error can quote a
    DSN.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: CredentialsSource,
        *,
        target: TargetFingerprint | None,
        roles: Mapping[Principal, str] = ROLES,
        limits: SessionLimits = SessionLimits(),
        cursor_factory: type[psycopg.Cursor[Any]] = psycopg.Cursor,
    ) -> None:
        """Keeps what it needs and connects to nothing.

        `target` None accepts any database: for registering one.
        """
        patience = limits.connect_timeout or endpoint.connect_timeout
        self._endpoint = replace(endpoint, connect_timeout=patience)
        self._credentials = credentials
        self._target = target
        self._roles = roles
        self._limits = limits
        self._cursor_factory = cursor_factory

    def connect(self, principal: Principal) -> Connection:
        """See `ConnectionProvider.connect`. The password is loaded here, at the last moment."""
        login = self._credentials(principal)
        conn = open_connection(self._endpoint, login, principal.value, self._cursor_factory)
        try:
            with translated("Beginning a session", DatabaseUnavailable):
                self._begin(conn, principal)
        except BaseException:
            conn.close()
            raise
        return conn

    def _begin(self, conn: Connection, principal: Principal) -> None:
        """Its identity and its bounds in one turn; of another database nothing else is asked."""
        limits = {
            "lock_timeout": self._limits.lock_timeout,
            "statement_timeout": self._limits.statement_timeout,
        }
        self._assert_identity(begin_session(conn, self._target, limits), principal)

    def _assert_identity(self, identity: Identity, principal: Principal) -> None:
        expected = self._roles[principal]
        if identity.role != expected:
            raise PrincipalCapabilityError(
                f"The connection for {principal} is {identity.role}, not {expected}; give it "
                f"the right login."
            )
        if self._target is not None and identity.fingerprint != self._target:
            raise ConfigMismatch(
                f"This is database {identity.fingerprint}, and the registered target is "
                f"{self._target}; "
                "name the right server, or register this one with `cutter doctor --register`."
            )
        assert_suitable(identity)


def open_connection(
    endpoint: Endpoint,
    login: Credentials,
    name: str,
    cursor_factory: type[psycopg.Cursor[Any]] = psycopg.Cursor,
) -> Connection:
    """An autocommit connection. Raises `DatabaseUnavailable` in words of our own."""
    tls: dict[str, Any] = {**tls_words(endpoint, login.user)}
    try:
        return WatchedConnection.connect(
            host=endpoint.host,
            port=endpoint.port,
            dbname=endpoint.database,
            user=login.user,
            password=login.password.get_secret_value(),
            **tls,
            connect_timeout=endpoint.connect_timeout,
            application_name=f"iu-cutter {name}",
            autocommit=True,
            cursor_factory=cursor_factory,
        )
    except psycopg.Error as error:
        raise DatabaseUnavailable(refusal(endpoint, login.user, str(error))) from None


def uses_tls(conn: Connection) -> bool:
    """Whether this session is encrypted, or would not be there otherwise."""
    return conn.pgconn.ssl_in_use or conn.info.get_parameters().get("sslmode") in MUST_BE_TLS


def another_session(conn: Connection, name: str) -> Connection:
    """A second session of the same login on the same server, in autocommit. The caller closes it.

    Raises `DatabaseUnavailable` if the server gives none.
    """
    with translated(
        "A second session", DatabaseUnavailable, hint="let its login have more connections"
    ):
        return psycopg.connect(**same_login(conn, name), autocommit=True)


@contextmanager
def connected(
    connections: ConnectionProvider,
    principal: Principal,
    doing: str,
    as_: Callable[[str], CutterError] = DatabaseUnsuitable,
) -> Iterator[Connection]:
    """A connection as a principal while the block runs.

    Raises what `ConnectionProvider.connect` raises, and as `translated` does whatever the driver
    raises in the block.
    """
    with closing(connections.connect(principal)) as conn, translated(doing, as_):
        yield conn


@contextmanager
def read_only(
    connections: ConnectionProvider,
    principal: Principal = Principal.VERIFY,
    doing: str = "Reading the knowledge base",
    as_: Callable[[str], CutterError] = DatabaseUnsuitable,
) -> Iterator[Connection]:
    """As `connected`, and the server refuses every write in a transaction of the block."""
    with connected(connections, principal, doing, as_) as conn:
        conn.read_only = True
        yield conn


@contextmanager
def snapshot(conn: Connection, *first: Question) -> Iterator[None]:
    """A read-only transaction in which everything is of one moment; `conn` is outside any.

    `first` is asked with its beginning, and what the block reads of that is answered from there.
    """
    with begun(conn, ("session_snapshot", None), *first):
        yield


@contextmanager
def administrator(
    endpoint: Endpoint,
    login: Credentials,
    doing: str,
    as_: Callable[[str], CutterError] = DatabaseUnsuitable,
    *,
    hint: str = "",
) -> Iterator[Connection]:
    """An administrator's connection while the block runs.

    Raises `DatabaseUnavailable` if there is none, and as `translated` does whatever the driver
    raises in the block.
    """
    with (
        closing(open_connection(endpoint, login, "administrator")) as conn,
        translated(doing, as_, hint=hint),
    ):
        yield conn
