"""What a database's schema `public` holds at one moment: definitions, privileges, counts and
hashes, all taken by the server.

Taken twice: in the snapshot that a backup is made of, and from what a restore has brought back.
Only equality matters.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Final

from psycopg import sql
from psycopg.rows import kwargs_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_all, read_one
from adapters.postgres.connection.session import snapshot
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema.catalog import read_facts, read_held
from domain.ledger.backups import Contents, TableRows
from domain.ledger.privileges import Grant

LARGE: Final = 64 * 1024 * 1024
"""Bytes from which on a table of plain columns is hashed the cheap way: SHA-256 on the server runs
at some 200 MB/s a core.
"""

SERVERS_DEFAULT: Final = Grant("PUBLIC", "schema", "public", "", "USAGE")
"""Every database has it at birth, so pg_dump leaves it out. It shows names only."""

LOCK_TIMEOUT: Final = "60s"  # as long as pg_dump waits
_KINDS_OF_TABLE: Final = (
    "table",
    "column",
    "constraint",
    "unique index",
    "index",
    "trigger",
    "rule",
    "policy",
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment of the database that other sessions can read too, as long as the transaction that
    exported it is open.
    """

    name: str
    taken_at: datetime  # by the server's clock


@dataclass(frozen=True, slots=True)
class _Table:
    """A table with rows of its own, and how they are hashed."""

    name: str
    method: str


@dataclass(frozen=True, slots=True)
class _Role:
    role: str
    login: bool


@dataclass(frozen=True, slots=True)
class _Names:
    tables: list[str]
    functions: list[str]


@contextlib.contextmanager
def exported_snapshot(conn: Connection) -> Iterator[Snapshot]:
    """A read-only transaction whose moment pg_dump can share.

    `conn` is in autocommit mode and outside a transaction.
    """
    with _reading(conn):
        exported = read_one(conn, Snapshot, "backup_snapshot")
        assert exported is not None  # noqa: S101  # a SELECT of two functions
        yield exported


def contents_like(conn: Connection, recorded: Contents) -> Contents:
    """What the database holds, each table hashed as it was on record."""
    with _reading(conn):
        return read_contents(conn, recorded.tables)


def read_contents(
    conn: Connection, like: Mapping[str, TableRows] = MappingProxyType({})
) -> Contents:
    """What the database holds in the transaction that is open, as `exported_snapshot` opens it.

    A table that `like` names is hashed by the same method, any other by the one that its size and
    columns call for.
    """
    methods = {
        table.name: like[table.name].method if table.name in like else table.method
        for table in read_all(conn, _Table, "backup_tables", {"large": LARGE})
    }
    tables = {name: rows_of(conn, name, method) for name, method in methods.items()}
    roles = {role.role: role.login for role in read_all(conn, _Role, "backup_roles")}
    return Contents(_objects(conn), tables, roles)


@contextlib.contextmanager
def _reading(conn: Connection) -> Iterator[None]:
    with snapshot(conn):
        conn.execute(statement("backup_settings"), {"lock_timeout": LOCK_TIMEOUT})
        yield


def _objects(conn: Connection) -> dict[str, str]:
    """A digest for each table, function and the schema: everything that the catalog says about it,
    and who may what.
    """
    dumped = read_one(conn, _Names, "backup_names") or _Names([], [])
    names = {"tables": dumped.tables, "functions": dumped.functions}
    lines: dict[str, list[str]] = {}
    for fact in read_facts(conn, names):
        lines.setdefault(_object(fact.subject, fact.name), []).append("\x1f".join(fact))
    for grant, may_grant in read_held(conn, names):
        if grant.kind == "database" or grant == SERVERS_DEFAULT:
            continue  # who may enter a database is not part of its dump
        lines.setdefault(_object(grant.kind, grant.name), []).append(
            "\x1f".join((grant.role, grant.column, grant.privilege, str(may_grant)))
        )
    return {
        name: hashlib.sha256("\x1e".join(sorted(found)).encode()).hexdigest()
        for name, found in sorted(lines.items())
    }


def _object(subject: str, name: str) -> str:
    """Which object a fact is about.

    >>> _object("column", "unit_version.body"), _object("owner", "table unit_version")
    ('table unit_version', 'table unit_version')
    >>> _object("function source", "f(text)")
    'function f(text)'
    """
    if subject == "owner":
        return name
    if subject in _KINDS_OF_TABLE:
        return f"table {name.partition('.')[0]}"
    return f"{subject.removesuffix(' source')} {name}"


def rows_of(conn: Connection, table: str, method: str) -> TableRows:
    """Count and hash of one table's rows.

    Raises KeyError for a method that there is not.
    """
    words = sql.SQL(statement(f"backup_rows_{method}")).format(
        table=sql.Identifier("public", table)
    )
    with conn.cursor(row_factory=kwargs_row(partial(TableRows, method=method))) as cursor:
        return cursor.execute(words).fetchone() or TableRows(0, method, "")
