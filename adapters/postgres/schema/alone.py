"""Takes tables away from everybody else for as long as an upgrade lasts, all of them at once.

One by one, as migrations come to them, they would be taken in another order than readers take them,
and the server ends one of two who wait for each other: an upgrade, or somebody's query.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import psycopg
from psycopg import sql

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.rows import read_values
from adapters.postgres.connection.statements import statement
from domain.errors import UpgradeRefused

AT_ONCE: Final = "200ms"
"""How long one turn waits for a table: shorter than the server takes to look for a deadlock, and
whoever comes later waits behind it.
"""
PATIENCE: Final = 10.0
PAUSE: Final = 0.1
"""Seconds: how long it is tried, and how long others go on between two turns."""


def take_alone(conn: Connection, names: Sequence[str], *, views: bool) -> None:
    """Hold these tables, and with `views` those of the names that are views, in ACCESS EXCLUSIVE
    mode until the end of the transaction; those that are not there are passed over.

    Raises `UpgradeRefused`, with none of them held, where somebody has one for longer than
    `PATIENCE`.
    """
    kinds = ["r", "v"] if views else ["r"]
    there = read_values(conn, str, "upgrade_there", {"names": list(names), "kinds": kinds})
    tables = sql.SQL(", ").join(relation(name) for name in there)
    lock = sql.SQL(statement("upgrade_alone_with")).format(tables=tables)
    until = time.monotonic() + PATIENCE
    while not _taken(conn, lock):
        if time.monotonic() > until:
            raise UpgradeRefused(
                f"Somebody has held one of cutter's tables for {PATIENCE:.0f} s; nothing was "
                f"changed. End that session or wait for it (pg_stat_activity, pg_locks), and run "
                f"`cutter db upgrade --apply` again."
            )
        time.sleep(PAUSE)


def _taken(conn: Connection, lock: sql.Composed) -> bool:
    try:
        with conn.transaction():  # a savepoint: with it go the tables that were taken
            conn.execute(statement("upgrade_wait"), {"lock_timeout": AT_ONCE})
            conn.execute(lock)
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
        return False
    return True
