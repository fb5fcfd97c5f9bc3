"""A connection that does not wait for ever: the server bounds the wait for locks and statements,
but not that of a COMMIT for a synchronous standby.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import psycopg
from psycopg.rows import class_row

from adapters.postgres.connection.statements import statement
from domain.errors import CommitNotAcknowledged

T = TypeVar("T")

LOOK_EVERY: Final = 10.0
"""Seconds of waiting after which a second session looks what for."""
LONGEST_WAIT: Final = 30.0
"""Seconds that a COMMIT may wait for a standby."""
FOR_A_STANDBY: Final = "SyncRep"
"""The server's name for that wait (PostgreSQL manual, section 28.2, wait events of type IPC)."""


@dataclass(frozen=True, slots=True)
class _Waits:
    """What a backend waits for, and the standbys that the server wants to hear of."""

    event: str
    standbys: str


@dataclass(frozen=True, slots=True)
class Backend:
    """A server process, named for ever: a number that is used again has another start."""

    pid: int
    backend_start: datetime


def same_login(conn: psycopg.Connection[Any], name: str) -> dict[str, Any]:
    """The keywords that open another session like this one."""
    words: dict[str, Any] = {**conn.info.get_parameters(), "password": conn.info.password}
    return {**words, "application_name": f"iu-cutter {name}"}


class WatchedConnection(psycopg.Connection[Any]):
    """The driver's connection; whoever waits long on it is told what for.

    Raises `CommitNotAcknowledged` out of any call that has waited `LONGEST_WAIT` for a standby. The
    server still has the COMMIT then: whether it happened, the journal says later.
    """

    backend: Backend | None = None
    """The process that serves it, as the server said when the session began."""

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **options: Any) -> T:
        """Wait for the server, as the driver does, looking up from time to time."""
        return super().wait(self._looking_up(gen), *args, **options)

    def _looking_up(self, gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        began = looked = time.monotonic()
        try:
            wish = next(gen)
            while True:
                ready = yield wish
                now = time.monotonic()
                if not ready and now - looked >= LOOK_EVERY:
                    self._look(now - began)
                    looked = time.monotonic()
                wish = gen.send(ready)
        except StopIteration as end:
            found: T = end.value
            return found

    def _look(self, waited: float) -> None:
        waits = self._waits()
        if waits is None or waits.event != FOR_A_STANDBY or waited < LONGEST_WAIT:
            return
        where = f"{self.info.host}:{self.info.port}"
        self.pgconn.finish()  # its backend keeps waiting, and ends with the COMMIT
        raise CommitNotAcknowledged(
            f"PostgreSQL at {where} has waited {waited:.0f} s with a COMMIT for its synchronous "
            f"standby ({waits.standbys}), which does not answer. Start the standby, or change "
            f"synchronous_standby_names; then run this again: the journal knows what was committed."
        )

    def _waits(self) -> _Waits | None:
        """What this session waits for; None if the server does not say."""
        try:
            with (
                closing(psycopg.connect(**same_login(self, "watch"), autocommit=True)) as other,
                other.cursor(row_factory=class_row(_Waits)) as cursor,
            ):
                keys = {"pid": self.info.backend_pid}
                return cursor.execute(statement("session_waits"), keys).fetchone()
        except psycopg.Error:
            return None
