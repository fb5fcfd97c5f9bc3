"""Whether a lock that a session holds is that session's alone: through a transaction pooler it is
not, and then no writers lock holds.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Final

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import begun, read_one, read_value
from adapters.postgres.connection.session import another_session
from domain.errors import CutterError, DatabaseUnavailable
from domain.ledger.drift import Difference, Severity

TRIES: Final = 4
"""How often the lock is looked for: a pooler may give the same backend again by chance."""


@dataclass(frozen=True, slots=True)
class _Holder:
    """The backend that answers, and whether it holds the lock."""

    pid: int
    held: bool


def pooler_differences(conn: Connection) -> list[Difference]:
    """What stands between this connection and the server; `conn` is outside any transaction.

    Opens a second session like it. Raises `DatabaseUnavailable` if there is none to be had.
    """
    autocommit, conn.autocommit = conn.autocommit, True
    try:
        with (
            translated("Holding an advisory lock"),
            closing(another_session(conn, "doctor")) as second,
            _nothing_prepared(conn, second),
        ):
            first, apart = _kept_apart(conn, second)
    except CutterError as error:
        if isinstance(error, DatabaseUnavailable):
            raise
        message = f"An advisory lock can not be held for a session (SQLSTATE {error.sqlstate})."
        return [_difference(Severity.FAILS, message)]
    finally:
        conn.autocommit = autocommit
    if not apart:
        return [
            _difference(
                Severity.FAILS,
                "The connection goes through a transaction pooler, where no writers lock holds; "
                "connect to the server itself, or let the pooler keep sessions "
                "(pool_mode = session in PgBouncer).",
            )
        ]
    if conn.info.backend_pid != first:
        return [
            _difference(
                Severity.NOTE,
                "Something stands between cutter and the server; it must keep sessions apart.",
            )
        ]
    return []


def _kept_apart(conn: Connection, second: Connection) -> tuple[int, bool]:
    """The backend that took a lock for one session, and whether it answers that session alone.

    A single session can not tell: a pooler with nothing else to do gives it the same backend every
    time. But then it gives that backend to the second one too.
    """
    key = {"key": secrets.randbits(62)}
    first, apart = read_value(conn, int, "doctor_lock", key) or 0, False
    try:
        # Outside a transaction first: of a pool of one backend, a transaction would let nobody in.
        apart = not _shared(second, key)
        if apart:
            # Now inside: a pooler has to keep this one's backend from the other.
            with begun(second, ("doctor_lock_again", key)):
                shared = _shared(second, key)
                answers = [read_one(conn, _Holder, "doctor_lock_held", key) for _ in range(TRIES)]
            apart = not shared and all(one == _Holder(first, held=True) for one in answers)
    finally:
        if apart:
            read_value(conn, bool, "doctor_unlock", key)
        else:
            _give_back(conn, second, key)
    return first, apart


@contextmanager
def _nothing_prepared(*sessions: Connection) -> Iterator[None]:
    """The driver prepares what it sends often, and a backend that two sessions share has each name
    once.
    """
    before = [session.prepare_threshold for session in sessions]
    for session in sessions:
        session.prepare_threshold = None
    try:
        yield
    finally:
        for session, threshold in zip(sessions, before, strict=True):
            session.prepare_threshold = threshold


def _shared(second: Connection, key: Mapping[str, int]) -> bool:
    return read_value(second, bool, "doctor_lock_again", key) is not False


def _give_back(conn: Connection, second: Connection, key: Mapping[str, int]) -> None:
    """Undo every taking of the lock, in whatever backends a pooler has spread them over."""
    for _ in range(4 * TRIES):
        for session in (conn, second):
            read_value(session, bool, "doctor_unlock", key)


def _difference(severity: Severity, message: str) -> Difference:
    return Difference(severity, "connection", "pooler", message)
