"""The owner's rights, lent to an administrator who is no superuser, as where a hosted service gives
CREATEROLE and CREATEDB only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from psycopg import sql
from psycopg.pq import TransactionStatus

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_value
from domain.ledger.privileges import OWNER

WITH_OPTIONS: Final = 160_000
"""From this version on a membership says by itself whether it inherits (PostgreSQL 16 release
notes); an administrator who made a role may give it to himself so.
"""


@contextmanager
def owner_lent(conn: Connection) -> Iterator[None]:
    """Let this administrator do what only the owner of the schema may while the block runs.

    A superuser may anyhow. In a transaction that fails, the loan goes with it.
    """
    with translated("Asking who the administrator is"):
        superuser = read_value(conn, bool, "session_is_superuser")
    if superuser:
        yield
        return
    _execute(conn, "GRANT {owner} TO CURRENT_USER", " WITH INHERIT TRUE, SET TRUE")
    try:
        yield
    except BaseException:
        if conn.info.transaction_status is TransactionStatus.IDLE:
            _execute(conn, "REVOKE {owner} FROM CURRENT_USER")
        raise
    _execute(conn, "REVOKE {owner} FROM CURRENT_USER")


@translated("Lending an administrator the owner's rights")
def _execute(conn: Connection, words: str, options: str = "") -> None:
    text = words + (options if conn.info.server_version >= WITH_OPTIONS else "")
    conn.execute(sql.SQL(text).format(owner=sql.Identifier(OWNER)))  # our own words, no input
