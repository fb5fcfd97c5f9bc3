"""The server's own log of statements: a witness that the adapter has no hand in."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from psycopg import sql
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from adapters.postgres.connection.driver import Connection
from domain.errors import DatabaseUnavailable

PATIENCE: Final = 10.0  # seconds until the log has what was just executed
_LOGGED: Final = re.compile(r"(?:statement|execute [^:]+): (.*)", re.DOTALL)


def logged_statements(
    log: Path, admin: Connection, database: str
) -> Iterator[tuple[str, str, str]]:
    """Login, application and text of each statement in a database so far.

    Raises `DatabaseUnavailable` if it stands still.
    """
    for line in _up_to_now(log, admin):
        entry = json.loads(line)
        found = _LOGGED.match(str(entry.get("message", "")))
        if found and entry.get("dbname") == database:
            yield str(entry.get("user")), str(entry.get("application_name")), found[1]


def _up_to_now(log: Path, admin: Connection) -> list[str]:
    """The log is written by another process, so a statement of our own shows that it has come this
    far.
    """
    mark = f"acceptance mark {secrets.token_hex(8)}"
    admin.execute(sql.SQL("SELECT {}").format(sql.Literal(mark)))
    until_there = Retrying(
        stop=stop_after_delay(PATIENCE),
        wait=wait_fixed(0.02),
        retry=retry_if_result(lambda lines: not any(mark in line for line in lines)),
    )
    try:
        return until_there(lambda: log.read_text(encoding="utf-8").splitlines())
    except RetryError:
        raise DatabaseUnavailable(
            "The isolated server does not write its log of statements."
        ) from None
