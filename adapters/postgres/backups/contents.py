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
from types import MappingProxyType
from typing import Final

from psycopg import sql

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.statements import statement
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
    """A moment of the database that others can look at too, while the transaction that exported it
    is open.
    """

    name: str
    taken_at: datetime  # by the server's clock


@contextlib.contextmanager
def exported_snapshot(conn: Connection) -> Iterator[Snapshot]:
    """A read-only transaction whose moment pg_dump can share.

    `conn` is in autocommit mode and outside a transaction.
    """
    with _reading(conn):
        row = conn.execute(statement("backup_snapshot")).fetchone()
        assert row is not None  # noqa: S101  # a SELECT of two functions
        yield Snapshot(str(row[0]), row[1])


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
    chosen = dict(conn.execute(statement("backup_tables"), {"large": LARGE}).fetchall())
    methods = {
        name: like[name].method if name in like else method for name, method in chosen.items()
    }
    tables = {name: rows_of(conn, name, method) for name, method in methods.items()}
    return Contents(
        _objects(conn), tables, dict(conn.execute(statement("backup_roles")).fetchall())
    )


@contextlib.contextmanager
def _reading(conn: Connection) -> Iterator[None]:
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        conn.execute(statement("backup_settings"), {"lock_timeout": LOCK_TIMEOUT})
        yield


def _objects(conn: Connection) -> dict[str, str]:
    """A digest for each table, function and the schema: everything that the doctor's looks say
    about it, and who may what.
    """
    tables, functions = conn.execute(statement("backup_names")).fetchone() or ([], [])
    names: dict[str, list[str]] = {"tables": tables, "functions": functions}
    lines: dict[str, list[str]] = {}
    for subject, name, detail in conn.execute(statement("doctor_objects"), names).fetchall():
        lines.setdefault(_object(subject, name), []).append(f"{subject}\x1f{name}\x1f{detail}")
    for role, kind, name, column, privilege, grantable in conn.execute(
        statement("doctor_grants"), names
    ).fetchall():
        grant = Grant(role, kind, name, column, privilege)
        if (
            kind != "database" and grant != SERVERS_DEFAULT
        ):  # who may enter a database is not part of its dump
            lines.setdefault(_object(kind, name), []).append(
                f"{role}\x1f{column}\x1f{privilege}\x1f{grantable}"
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
    ('table unit_version', 'table unit_version', 'function f(text)')
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
    rows, digest = conn.execute(words).fetchone() or (0, "")
    return TableRows(int(rows), method, str(digest))
