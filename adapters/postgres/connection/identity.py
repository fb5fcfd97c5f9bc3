"""Who and where a connection is, as the server says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.rows import kwargs_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import Question, read_one
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.watched import Backend, WatchedConnection
from domain.change_set import TargetFingerprint
from domain.errors import DatabaseUnavailable, DatabaseUnsuitable

NOT_SAID: Final = (
    "The server does not say which database this is; grant pg_control_system() and try again."
)
IDENTITY: Final[Question] = ("session_identity", None)
"""What `read_identity` asks."""
_OF_A_TARGET: Final = ("system_identifier", "database_oid", "database")
OLDEST_MAJOR: Final = 15
NEWEST_MAJOR: Final = 18


@dataclass(frozen=True, slots=True)
class Identity:
    """Who and where a connection is, as the server says."""

    role: str
    database: str
    database_oid: int
    system_identifier: int
    version: int
    standby: bool

    @property
    def fingerprint(self) -> TargetFingerprint:
        """The database that was reached."""
        return TargetFingerprint(self.database, self.database_oid, self.system_identifier)


def assert_suitable(identity: Identity) -> None:
    """Raises `DatabaseUnsuitable` for a server that is too old, too new or read-only."""
    major = identity.version // 10_000
    if not OLDEST_MAJOR <= major <= NEWEST_MAJOR:
        raise DatabaseUnsuitable(
            f"The server is PostgreSQL {major}; this version of cutter works with "
            f"{OLDEST_MAJOR} to {NEWEST_MAJOR}."
        )
    if identity.standby:
        raise DatabaseUnsuitable("The server is a read-only standby; name the primary.")


@translated("Asking which database this is", DatabaseUnavailable)
def read_identity(conn: Connection) -> Identity:
    """Who and where a connection is."""
    identity = read_one(conn, Identity, *IDENTITY)
    if identity is None:
        raise DatabaseUnsuitable(NOT_SAID)
    return identity


@translated("Asking which database this is", DatabaseUnavailable)
def begin_session(
    conn: Connection, target: TargetFingerprint | None, limits: Mapping[str, str]
) -> Identity:
    """Who and where a new connection is.

    Its bounds (`lock_timeout`, `statement_timeout`) and formats are set in the same turn, unless
    this is another database than the target, where nothing is changed, not even for a session.
    """
    wanted = {name: getattr(target, name, None) for name in _OF_A_TARGET}
    with conn.cursor(row_factory=kwargs_row(_beginning)) as cursor:
        found = cursor.execute(statement("session_begin"), {**wanted, **limits}).fetchone()
    if found is None:
        raise DatabaseUnsuitable(NOT_SAID)
    identity, backend = found
    if isinstance(conn, WatchedConnection):
        conn.backend = backend
    return identity


def _beginning(
    *, pid: int | None, backend_start: datetime | None, bounded: bool | None, **identity: Any
) -> tuple[Identity, Backend | None]:
    del bounded  # what the server answers to the settings
    if pid is None or backend_start is None:
        return Identity(**identity), None
    return Identity(**identity), Backend(pid, backend_start)


@translated("Asking which database this is", DatabaseUnavailable)
def read_fingerprint(conn: Connection) -> TargetFingerprint:
    """Which database a connection has reached. Raises what `read_identity` raises."""
    return read_identity(conn).fingerprint


@translated("Asking for the server's version", DatabaseUnavailable)
def server_version(conn: Connection) -> str:
    """The version as the server says it."""
    return conn.info.parameter_status("server_version") or ""


def backend_of(conn: Connection) -> Backend:
    """The process behind a connection.

    Raises `DatabaseUnsuitable` if the server does not show it.
    """
    if isinstance(conn, WatchedConnection) and conn.backend is not None:
        return conn.backend
    backend = read_one(conn, Backend, "session_backend")
    if backend is None:
        raise DatabaseUnsuitable(
            "The server does not show this session in pg_stat_activity; `cutter doctor` says "
            "what it needs."
        )
    return backend
