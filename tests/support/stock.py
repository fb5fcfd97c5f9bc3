"""Databases that tests use one after the other: a test's rows are deleted, and a database that it
changed otherwise is dropped.

A copy of the template is some eight megabytes of new files, which takes longer than most tests of
the database do.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from psycopg import sql

from adapters.postgres.connection.names import relation
from tests.support.postgres import Cluster, Connection, Database, fresh_database

MOST_USES: Final = 40
MOST_ROWS: Final = 2000
"""Dead rows make the next test slower; a database that has held more is not worth keeping."""

END_OTHERS: Final = """
SELECT count(pg_terminate_backend(pid, 20000)) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
CATALOGS: Final = """
SELECT relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND NOT relisshared
   AND relname NOT IN ('pg_statistic', 'pg_namespace') ORDER BY 1
"""
OF_THE_DATABASE: Final = """
SELECT d.datacl::text, d.datconnlimit, (SELECT array_agg(s::text) FROM pg_db_role_setting s WHERE s.setdatabase = d.oid),
  (SELECT array_agg(n::text ORDER BY n.oid) FROM pg_namespace n WHERE n.nspname !~ '^pg_(toast_)?temp_')
  FROM pg_database d WHERE d.datname = current_database()
"""


@dataclass
class Kept:
    """A database, how often it was lent, and what it looked like before that."""

    stack: contextlib.ExitStack
    database: Database
    looks: tuple[Any, ...]
    empty: tuple[str, ...]
    uses: int = 0


@dataclass
class Stock:
    """The databases of a session that wait for their next test."""

    cluster: Cluster
    free: list[Kept] = field(default_factory=list)

    @contextlib.contextmanager
    def lend(self) -> Iterator[Database]:
        """A database with the reference schema and no rows, kept for another test if this one
        changed rows and nothing else.
        """
        kept = self.free.pop() if self.free else self._made()
        kept.uses += 1
        try:
            yield kept.database
        finally:
            if kept.uses < MOST_USES and _emptied(kept):
                self.free.append(kept)
            else:
                kept.stack.close()

    def close(self) -> None:
        """Drop all of them."""
        while self.free:
            self.free.pop().stack.close()

    def _made(self) -> Kept:
        stack = contextlib.ExitStack()
        database = stack.enter_context(fresh_database(self.cluster))
        with database.connect(autocommit=True) as admin:
            rows = {table: _count(admin, table) for table in _tables(admin)}
            empty = tuple(table for table, found in rows.items() if not found)
            return Kept(stack, database, _looks(admin, empty), empty)


@contextlib.contextmanager
def stock_of(cluster: Cluster) -> Iterator[Stock]:
    """A stock of databases on a cluster, dropped afterwards."""
    stock = Stock(cluster)
    try:
        yield stock
    finally:
        stock.close()


def _emptied(kept: Kept) -> bool:
    """End what is still connected and delete all rows.

    False where that does not bring the database back to what it was.
    """
    with contextlib.suppress(psycopg.Error), kept.database.connect(autocommit=True) as admin:
        admin.execute(END_OTHERS)
        if _looks(admin, kept.empty) != kept.looks:
            return False
        with admin.transaction():
            admin.execute("SET LOCAL session_replication_role = replica")
            deleted = [
                admin.execute(_over(table, "DELETE FROM {}")).rowcount for table in kept.empty
            ]
        return sum(deleted) <= MOST_ROWS
    return False


def _looks(admin: Connection, empty: tuple[str, ...]) -> tuple[Any, ...]:
    """All that makes a database what it is: its catalogs by their newest row, its settings, and the
    rows that it came with.

    A row that was changed or added carries the number of the transaction that did so, and one that
    is gone is not counted.
    """
    catalogs = [name for (name,) in admin.execute(CATALOGS)]
    newest = sql.SQL(" UNION ALL ").join(
        _over(name, "SELECT count(*), max(xmin::text::bigint) FROM {}") for name in catalogs
    )
    came = [
        admin.execute(_over(table, "SELECT t::text FROM {} t ORDER BY 1")).fetchall()
        for table in _tables(admin, empty)
    ]
    return (*admin.execute(newest), *admin.execute(OF_THE_DATABASE), *came)


def _tables(admin: Connection, but: tuple[str, ...] = ()) -> list[str]:
    found = admin.execute(
        "SELECT schemaname || '.' || tablename FROM pg_tables"
        " WHERE schemaname IN ('cutter', 'public') ORDER BY 1"
    ).fetchall()
    return [table for (table,) in found if table not in but]


def _count(admin: Connection, table: str) -> int:
    (found,) = admin.execute(_over(table, "SELECT count(*) FROM {}")).fetchone() or (0,)
    return int(found)


def _over(table: str, statement: str) -> sql.Composed:
    return sql.SQL(statement).format(relation(table if "." in table else f"pg_catalog.{table}"))
