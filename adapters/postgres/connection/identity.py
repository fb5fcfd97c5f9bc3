"""Who and where a connection is, as the server says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_one
from domain.change_set import TargetFingerprint
from domain.errors import DatabaseUnavailable, DatabaseUnsuitable

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
    identity = read_one(conn, Identity, "session_identity")
    if identity is None:
        raise DatabaseUnsuitable(
            "The server does not say which database this is; grant pg_control_system() and try "
            "again."
        )
    return identity


@translated("Asking which database this is", DatabaseUnavailable)
def read_fingerprint(conn: Connection) -> TargetFingerprint:
    """Which database a connection has reached. Raises what `read_identity` raises."""
    return read_identity(conn).fingerprint


@translated("Asking for the server's version", DatabaseUnavailable)
def server_version(conn: Connection) -> str:
    """The version as the server says it."""
    return conn.info.parameter_status("server_version") or ""


@dataclass(frozen=True, slots=True)
class Backend:
    """A server process, named for ever: a number that is used again has another start."""

    pid: int
    backend_start: datetime


def backend_of(conn: Connection) -> Backend:
    """The process behind a connection.

    Raises `DatabaseUnsuitable` if the server does not show it.
    """
    backend = read_one(conn, Backend, "session_backend")
    if backend is None:
        raise DatabaseUnsuitable(
            "The server does not show this session in pg_stat_activity; `cutter doctor` says "
            "what it needs."
        )
    return backend
