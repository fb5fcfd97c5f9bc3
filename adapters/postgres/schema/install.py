"""The schema: made in an empty database, once; later versions come by `upgrade`.

A database that the project did not make is never changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import resources
from typing import Final

from psycopg import sql

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.rows import read_value, read_values
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema.catalog import SCHEMA_VERSION
from adapters.postgres.schema.owner import owner_lent
from domain.errors import DatabaseUnsuitable
from domain.ledger.privileges import (
    ALL_TABLES,
    CONNECTING,
    FUNCTIONS,
    OWNER,
    VIEWS,
    Grant,
    expected_grants,
)
from domain.reading.vocabulary import PUBLICATION_TYPES, SECTION_TYPES, UNIT_KINDS

ADMINISTRATOR: Final = (
    "the administrator's login has to be a superuser, or to have CREATEROLE and to own the "
    "database; `cutter db init --sql` prints what a superuser would run instead"
)
ADMINISTRATORS_FILES: Final = ("schema_10_roles.sql", "schema_12_schema.sql")
"""What the owner can not do for itself."""


@translated("Making the reference schema", hint=ADMINISTRATOR)
def create_schema(conn: Connection) -> bool:
    """Make roles, tables, functions, guards and privileges in one transaction.

    True if made, False if it was there.

    `conn` is an administrator's. Raises `DatabaseUnsuitable` if the database holds tables of these
    names that are not ours.
    """
    with conn.transaction(), ExitStack() as stack:
        lent = OWNER in read_values(conn, str, "server_roles")
        if lent:
            stack.enter_context(owner_lent(conn))
        if _installed_version(conn) is not None:
            return False
        for name, text in schema_sources():
            conn.execute(text.encode())
            if name == ADMINISTRATORS_FILES[0] and not lent:
                stack.enter_context(owner_lent(conn))
            if name == ADMINISTRATORS_FILES[-1]:
                conn.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(OWNER)))
        with conn.cursor() as cursor:
            cursor.executemany(statement("vocabulary_add"), vocabulary())
        conn.execute("RESET ROLE")
        apply_privileges(conn)
        record_version(conn)
    return True


def schema_sources() -> Iterator[tuple[str, str]]:
    """The schema's source files in order: name and text."""
    folder = resources.files("adapters.postgres.schema") / "sql"
    files = (file for part in folder.iterdir() if part.is_dir() for file in part.iterdir())
    for file in sorted(files, key=lambda f: f.name):
        if file.name.startswith("schema_"):
            yield file.name, file.read_text(encoding="utf-8")


def sources_sha256() -> str:
    """SHA-256 over the schema's source files, hexadecimal."""
    digest = hashlib.sha256()
    for name, text in schema_sources():
        digest.update(f"{name}\x1f{text}\x1e".encode())
    return digest.hexdigest()


def record_version(conn: Connection) -> None:
    """Put it on record in the database that it has this program's version of the schema now."""
    conn.execute(
        statement("schema_record"), {"version": SCHEMA_VERSION, "sources_sha256": sources_sha256()}
    )


def installed_version(conn: Connection) -> int | None:
    """The version of our schema that a database has; None if it has none.

    Version 1 kept its tables in the schema `public`.
    """
    if _is_there(conn, "cutter.cutter_schema"):
        return read_value(conn, int, "schema_version")
    return 1 if _is_there(conn, "public.cutter_schema") else None


def _installed_version(conn: Connection) -> int | None:
    version = installed_version(conn)
    if version is not None and version != SCHEMA_VERSION:
        raise DatabaseUnsuitable(wrong_version(version))
    if version is None and _is_there(conn, "public.information_unit"):
        raise DatabaseUnsuitable(
            "This database already has a table information_unit that iu-cutter did not make; "
            "it is never changed. "
            "Check it with `cutter doctor`, or name an empty database."
        )
    return version


def wrong_version(version: int | None) -> str:
    """What to do about a database whose schema is of another version than this program's.

    >>> wrong_version(SCHEMA_VERSION + 1).partition(": ")[2]
    'install a newer release of iu-cutter.'
    """
    what = (
        "install a newer release of iu-cutter"
        if version and version > SCHEMA_VERSION
        else "look with `cutter db upgrade --plan`"
    )
    return (
        f"The schema has version {version}, and this program works with {SCHEMA_VERSION}: {what}."
    )


def _is_there(conn: Connection, name: str) -> bool:
    return read_value(conn, bool, "schema_relation_there", {"relation": name}) is True


def vocabulary() -> list[tuple[str, str]]:
    """The words of the controlled vocabularies: axis and code."""
    return [
        *(("unit_kind", word) for word in UNIT_KINDS),
        *(("section_type", word) for word in SECTION_TYPES),
        *(("publication_type", word) for word in PUBLICATION_TYPES),
    ]


def apply_privileges(conn: Connection) -> None:
    """Take everything on our tables, views and functions from PUBLIC, in the transaction that made
    them, then grant exactly the matrix. `conn` is an administrator's.
    """
    with conn.pipeline():  # some hundreds, while readers may be waiting for an upgrade to end
        for one in privilege_statements(conn.info.dbname):
            conn.execute(one)


def privilege_statements(database: str) -> Iterator[sql.Composed]:
    """What `apply_privileges` executes, in order."""
    for name in (*ALL_TABLES, *VIEWS):
        yield sql.SQL("REVOKE ALL ON TABLE {} FROM PUBLIC").format(relation(name))
    for name in FUNCTIONS:
        # The signatures are words of our own matrix, not input.
        yield sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(sql.SQL(name))
    for grant in sorted(expected_grants()):
        yield grant_statement(grant)
    # Needed to make the tables and never again; a migration that needs it grants it anew.
    yield sql.SQL("REVOKE CREATE ON SCHEMA public FROM {}").format(sql.Identifier(OWNER))
    yield from _restrictions(database)


@translated("Restricting who may enter the database", hint=ADMINISTRATOR)
def restrict_database(conn: Connection, database: str) -> None:
    """Let only our own logins, whoever reads and superusers into a database.

    A database's privileges are not copied with a template.
    """
    for one in _restrictions(database):
        conn.execute(one)


def _restrictions(database: str) -> Iterator[sql.Composed]:
    name = sql.Identifier(database)
    logins = sql.SQL(", ").join(map(sql.Identifier, CONNECTING))
    yield sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name)
    yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, logins)


def grant_statement(grant: Grant) -> sql.Composed:
    """The statement that grants one privilege of the matrix."""
    column = sql.SQL(" ({})").format(sql.Identifier(grant.column)) if grant.column else sql.SQL("")
    privilege = sql.SQL(grant.privilege) + column  # words of our own matrix, not input
    target = {
        "table": sql.SQL("TABLE {}").format(relation(grant.name)),
        "column": sql.SQL("TABLE {}").format(relation(grant.name)),
        "schema": sql.SQL("SCHEMA {}").format(sql.Identifier(grant.name)),
        "function": sql.SQL("FUNCTION ") + sql.SQL(grant.name),
    }[grant.kind]
    return sql.SQL("GRANT {} ON {} TO {}").format(privilege, target, sql.Identifier(grant.role))


@translated("Registering a principal's key", hint=ADMINISTRATOR)
def register_key(conn: Connection, principal: str, public_key: bytes) -> str:
    """Register a principal's raw public Ed25519 key; again is no change. Returns its key id."""
    key_id = hashlib.sha256(public_key).hexdigest()
    conn.execute(
        statement("principal_key_register"),
        {"key_id": key_id, "principal": principal, "public_key": public_key},
    )
    return key_id


@translated("Retiring a principal's earlier keys", hint=ADMINISTRATOR)
def retire_other_keys(conn: Connection, principal: str, key_id: str) -> int:
    """Retire every key of a principal but this one; how many. What they have signed stays valid as
    of when they signed it.
    """
    return conn.execute(
        statement("principal_keys_retire"), {"principal": principal, "key_id": key_id}
    ).rowcount
