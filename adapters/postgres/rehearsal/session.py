"""A rehearsal's own sessions: its login, and a watch that ends it as soon as anybody waits for
it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, Protocol

import psycopg

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_value
from adapters.postgres.connection.session import PostgresConnections, SessionLimits
from adapters.postgres.connection.statements import statement
from adapters.postgres.connection.watched import Backend
from domain.change_set import TargetFingerprint
from domain.errors import CutterError, Lock, ProductionExecutionNotAuthorized
from domain.ledger.privileges import REHEARSE
from domain.phases import Principal
from domain.ports import Credentials, Endpoint

LIMITS: Final = SessionLimits(lock_timeout="1s", statement_timeout="60s")
"""A rehearsal gives up early: it is in nobody's way, and nobody waits for it."""

SETTINGS_REFUSED: Final = "`cutter doctor` says what the server needs"

LOGIN: Final[Mapping[Principal, str]] = dict.fromkeys(Principal, REHEARSE)


class RehearsalConnector(Protocol):
    """Opens connections of the rehearsal's login."""

    def connect(self) -> Connection:
        """A fresh autocommit connection. Raises what `ConnectionProvider.connect` raises."""
        ...


class RefusingRehearsals:
    """The default: no connection at all."""

    def connect(self) -> NoReturn:
        """Raises `ProductionExecutionNotAuthorized`."""
        raise ProductionExecutionNotAuthorized(Lock.ADAPTER, "no rehearsal login was given")


class RehearsalConnections:
    """Connects as `cutter_rehearse` with the same checks of identity, target and server as any
    other connection.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Callable[[], Credentials],
        *,
        target: TargetFingerprint | None,
        limits: SessionLimits = LIMITS,
        cursor_factory: type[psycopg.Cursor[Any]] = psycopg.Cursor,
    ) -> None:
        """Keeps what it needs and connects to nothing. The login is loaded when it connects."""
        self._connections = PostgresConnections(
            endpoint,
            lambda _principal: credentials(),
            target=target,
            roles=LOGIN,
            limits=limits,
            cursor_factory=cursor_factory,
        )

    def connect(self) -> Connection:
        """See `RehearsalConnector.connect`."""
        conn = self._connections.connect(Principal.EXEC)
        try:
            with translated("Setting up a rehearsal's session", hint=SETTINGS_REFUSED):
                conn.execute(statement("rehearsal_settings"))
        except BaseException:
            conn.close()
            raise
        return conn


class Watch:
    """Asks from a second connection, time and again, whether anybody waits for the rehearsal, and
    ends it at once if so.

    That makes two connections a rehearsal; its login may have four.
    """

    def __init__(self, conn: Connection, watched: Backend, every: float) -> None:
        self._conn = conn
        self._watched = watched
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="rehearsal watch", daemon=True)
        self.yielded = False
        self.lost = False

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more, and close the connection."""
        self._over.set()
        self._thread.join()
        self._conn.close()

    def _watch(self) -> None:
        try:
            with translated("Watching a rehearsal"):
                while not self._over.wait(self._every):
                    if self._in_the_way():
                        self.yielded = True
                        self._end()
                        return
        except CutterError:
            self.lost = True
            self._over.set()

    def _in_the_way(self) -> bool:
        watched = {"pid": self._watched.pid}
        return read_value(self._conn, bool, "rehearsal_in_the_way", watched) is True

    def _end(self) -> None:
        """Its transaction is rolled back by the server and its locks are free, whatever the program
        is doing just then.
        """
        keys = {"pid": self._watched.pid, "backend_start": self._watched.backend_start}
        self._conn.execute(statement("session_end_backend"), keys)
