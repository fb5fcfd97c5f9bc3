"""Whether a session lock outlives its statement: through a transaction pooler it does not, and then
no writers lock holds.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_one, read_value
from adapters.postgres.connection.statements import statement
from domain.errors import CutterError
from domain.ledger.drift import Difference, Severity

TRIES: Final = 4
"""How often the lock is looked for: a pooler may give the same backend again by chance."""


@dataclass(frozen=True, slots=True)
class _Holder:
    """The backend that answers, and whether it holds the lock."""

    pid: int
    held: bool


def pooler_differences(conn: Connection) -> list[Difference]:
    """What stands between this connection and the server; `conn` is outside any transaction."""
    autocommit, conn.autocommit = conn.autocommit, True
    try:
        with translated("Holding an advisory lock"):
            first, answers = _lock_and_ask(conn)
    except CutterError as error:
        message = f"An advisory lock can not be held for a session (SQLSTATE {error.sqlstate})."
        return [_difference(Severity.FAILS, message)]
    finally:
        conn.autocommit = autocommit
    if any(answer != _Holder(first, held=True) for answer in answers):
        return [
            _difference(
                Severity.FAILS,
                "The connection goes through a transaction pooler, where no writers lock holds; "
                "connect to the server itself.",
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


def _lock_and_ask(conn: Connection) -> tuple[int, list[_Holder | None]]:
    key = {"key": secrets.randbits(62)}
    first = read_value(conn, int, "doctor_lock", key) or 0
    answers = [read_one(conn, _Holder, "doctor_lock_held", key) for _ in range(TRIES)]
    conn.execute(statement("doctor_unlock"), key)
    return first, answers


def _difference(severity: Severity, message: str) -> Difference:
    return Difference(severity, "connection", "pooler", message)
