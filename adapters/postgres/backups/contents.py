"""What a database's schemas, ours and that of the units, hold at one moment: definitions,
privileges, counts and hashes, all taken by the server.

Taken twice: in the snapshot that a backup is made of, and from what a restore has brought back.
Only equality matters.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Final

from psycopg import sql
from psycopg.rows import kwargs_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.identity import IDENTITY
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.rows import Question, asked_ahead, read_all, read_one, read_value
from adapters.postgres.connection.session import snapshot
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema.catalog import read_facts, read_held
from domain.ledger.backups import EVERYTHING, Contents, Coverage, TableRows
from domain.ledger.drift import Fact
from domain.ledger.privileges import Grant

LARGE: Final = 64 * 1024 * 1024
"""Bytes from which on a table of plain columns is hashed the cheap way: SHA-256 on the server runs
at some 200 MB/s a core.
"""

SERVERS_DEFAULT: Final = Grant("PUBLIC", "schema", "public", "", "USAGE")
"""Every database has it at birth, so pg_dump leaves it out. It shows names only."""

LOCK_TIMEOUT: Final = "60s"  # as long as pg_dump waits
_SETTINGS: Final[Question] = ("backup_settings", {"lock_timeout": LOCK_TIMEOUT})
_ADOPTION: Final[Question] = ("schema_relation_there", {"relation": "cutter.adoption"})
_KINDS_OF_TABLE: Final = (
    "table",
    "column",
    "constraint",
    "unique index",
    "index",
    "trigger",
    "view source",
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


def coverage_of(conn: Connection) -> Coverage:
    """What a backup of this database covers. In one that cutter made, everything in the schemas of
    its own; in one that it was let into, its own schema and the unit tables, and nothing of others.
    """
    if not read_value(conn, bool, *_ADOPTION):
        return EVERYTHING
    if read_value(conn, int, "adopt_adopted") is None:
        return EVERYTHING
    return read_one(conn, Coverage, "backup_coverage") or EVERYTHING


def _questions_of_coverage(conn: Connection) -> tuple[Question, ...]:
    """What tells the coverage, and how large it is where that is everything, which it mostly is."""
    adopted: tuple[Question, ...] = (("adopt_adopted", None),)
    return (
        *(adopted if read_value(conn, bool, *_ADOPTION) else ()),
        ("backup_bytes", asdict(EVERYTHING)),
    )


@contextlib.contextmanager
def exported_snapshot(conn: Connection) -> Iterator[Snapshot]:
    """A read-only transaction whose moment pg_dump can share. Where it is, `read_identity` tells
    without asking again.

    `conn` is in autocommit mode and outside a transaction.
    """
    with (
        _reading(conn, ("backup_snapshot", None), IDENTITY, _ADOPTION),
        asked_ahead(conn, *_questions_of_coverage(conn)),
    ):
        exported = read_one(conn, Snapshot, "backup_snapshot")
        assert exported is not None  # noqa: S101  # a SELECT of two functions
        yield exported


def contents_like(conn: Connection, recorded: Contents) -> Contents:
    """What the database holds, each table hashed and each name written as it was on record."""
    with _reading(conn):
        return read_contents(conn, recorded.tables, qualified=recorded.qualified)


def read_contents(
    conn: Connection,
    like: Mapping[str, TableRows] = MappingProxyType({}),
    *,
    qualified: bool = True,
) -> Contents:
    """What the database holds in the transaction that is open, as `exported_snapshot` opens it.

    A table that `like` names is hashed by the same method, any other by the one that its size and
    columns call for. `qualified` is as `Contents` has it.
    """
    covered = asdict(coverage_of(conn))
    tables = {}
    for table in read_all(conn, _Table, "backup_tables", {**covered, "large": LARGE}):
        name = table.name if qualified else _bare(table.name)
        method = like[name].method if name in like else table.method
        tables[name] = rows_of(conn, table.name, method)
    roles = {role.role: role.login for role in read_all(conn, _Role, "backup_roles", covered)}
    return Contents(_objects(conn, covered, qualified), tables, roles, qualified)


@contextlib.contextmanager
def _reading(conn: Connection, *first: Question) -> Iterator[None]:
    """A snapshot in which values are spelled one way; what `first` asks is asked with that."""
    with snapshot(conn, _SETTINGS, *first):
        yield


def _objects(conn: Connection, covered: dict[str, list[str]], qualified: bool) -> dict[str, str]:
    """A digest for each table, function and the schema: everything that the catalog says about it,
    and who may what.
    """
    dumped = read_one(conn, _Names, "backup_names", covered) or _Names([], [])
    names = {"tables": dumped.tables, "functions": dumped.functions, **covered}
    lines: dict[str, list[str]] = {}
    for found in read_facts(conn, names):
        fact = found if qualified else _without_schema(found)
        lines.setdefault(_object(fact.subject, fact.name, qualified), []).append("\x1f".join(fact))
    for grant, may_grant in read_held(conn, names):
        if grant.kind == "database" or grant == SERVERS_DEFAULT:
            continue  # who may enter a database is not part of its dump
        name = grant.name if qualified else _bare(grant.name)
        lines.setdefault(_object(grant.kind, name, qualified), []).append(
            "\x1f".join((grant.role, grant.column, grant.privilege, str(may_grant)))
        )
    return {
        name: hashlib.sha256("\x1e".join(sorted(found)).encode()).hexdigest()
        for name, found in sorted(lines.items())
    }


def _object(subject: str, name: str, qualified: bool = True) -> str:
    """Which object a fact is about.

    >>> _object("column", "public.unit_version.body"), _object("owner", "table public.unit_version")
    ('table public.unit_version', 'table public.unit_version')
    >>> _object("function source", "public.f(text)")
    'function public.f(text)'
    """
    if subject == "owner":
        return name
    if subject in _KINDS_OF_TABLE:
        return f"table {'.'.join(name.split('.')[: 2 if qualified else 1])}"
    return f"{subject.removesuffix(' source')} {name}"


def _without_schema(fact: Fact) -> Fact:
    """A fact as manifests of format 2 have it: all that there was lay in `public`, which went
    without saying.

    >>> _without_schema(Fact("function", "public.f(public.t)", "sql, returns public.t"))
    Fact(subject='function', name='f(t)', detail='sql, returns t')
    """
    detail = fact.detail
    if fact.subject == "function":
        detail = _bare(detail)
    if fact.subject == "table":
        detail = detail.replace("a view", "not a table")
    return Fact(fact.subject, _bare(fact.name), detail)


def _bare(name: str) -> str:
    return name.replace("public.", "")


def rows_of(conn: Connection, table: str, method: str) -> TableRows:
    """Count and hash of one table's rows.

    Raises KeyError for a method that there is not.
    """
    words = sql.SQL(statement(f"backup_rows_{method}")).format(table=relation(table))
    with conn.cursor(row_factory=kwargs_row(partial(TableRows, method=method))) as cursor:
        return cursor.execute(words).fetchone() or TableRows(0, method, "")
