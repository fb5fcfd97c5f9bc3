"""The reference schema: made in an empty database, once.

A database that the project did not make is never changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib import resources
from typing import Final

from psycopg import sql

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_value
from adapters.postgres.connection.statements import statement
from domain.errors import DatabaseUnsuitable
from domain.ledger.privileges import OWNER, ROLES, Grant, expected_grants
from domain.reading.vocabulary import PUBLICATION_TYPES, SECTION_TYPES, UNIT_KINDS

SCHEMA_VERSION: Final = 1
ADMINISTRATOR: Final = "the administrator's login has to be a superuser"
_ROLES_FILE: Final = "schema_10_roles.sql"


@translated("Making the reference schema", hint=ADMINISTRATOR)
def create_schema(conn: Connection) -> bool:
    """Make roles, tables, functions, guards and privileges in one transaction.

    True if made, False if it was there.

    `conn` is an administrator's. Raises `DatabaseUnsuitable` if the database holds tables of these
    names that are not ours.
    """
    with conn.transaction():
        if _installed_version(conn) is not None:
            return False
        for name, text in schema_sources():
            if name == _ROLES_FILE:
                conn.execute(text.encode())
                conn.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(OWNER)))
            else:
                conn.execute(text.encode())
        _load_vocabulary(conn)
        _apply_privileges(conn)
        conn.execute(
            statement("schema_record"),
            {"version": SCHEMA_VERSION, "sources_sha256": sources_sha256()},
        )
    return True


def schema_sources() -> Iterator[tuple[str, str]]:
    """The schema's source files in order: name and text."""
    folder = resources.files("adapters.postgres.schema") / "sql"
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.startswith("schema_"):
            yield file.name, file.read_text(encoding="utf-8")


def sources_sha256() -> str:
    """SHA-256 over the schema's source files, hexadecimal."""
    digest = hashlib.sha256()
    for name, text in schema_sources():
        digest.update(f"{name}\x1f{text}\x1e".encode())
    return digest.hexdigest()


def _installed_version(conn: Connection) -> int | None:
    if _is_there(conn, "public.cutter_schema"):
        version = read_value(conn, int, "schema_version")
        if version != SCHEMA_VERSION:
            raise DatabaseUnsuitable(
                f"This database has version {version} of the reference schema, and "
                f"{SCHEMA_VERSION} is needed."
            )
        return SCHEMA_VERSION
    if _is_there(conn, "public.information_unit"):
        raise DatabaseUnsuitable(
            "This database already has a table information_unit that iu-cutter did not make; "
            "it is never changed. "
            "Check it with `cutter doctor`, or name an empty database."
        )
    return None


def _is_there(conn: Connection, relation: str) -> bool:
    return read_value(conn, bool, "schema_relation_there", {"relation": relation}) is True


def _load_vocabulary(conn: Connection) -> None:
    words = [
        *(("unit_kind", word) for word in UNIT_KINDS),
        *(("section_type", word) for word in SECTION_TYPES),
        *(("publication_type", word) for word in PUBLICATION_TYPES),
    ]
    with conn.cursor() as cursor:
        cursor.executemany(statement("vocabulary_add"), words)


def _apply_privileges(conn: Connection) -> None:
    """Take everything from PUBLIC, in the transaction that made it, then grant exactly the
    matrix.
    """
    conn.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC")
    conn.execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC")
    own = [grant for grant in sorted(expected_grants()) if grant.kind != "schema"]
    for grant in own:
        conn.execute(_grant_statement(grant))
    conn.execute("RESET ROLE")  # the schema itself is not the owner's to grant
    for grant in expected_grants().difference(own):
        conn.execute(_grant_statement(grant))
    # Needed to make the tables and never again; a migration grants it anew.
    conn.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM {}").format(sql.Identifier(OWNER)))
    restrict_database(conn, conn.info.dbname)


@translated("Restricting who may enter the database", hint=ADMINISTRATOR)
def restrict_database(conn: Connection, database: str) -> None:
    """Let only our own logins (and superusers) into a database.

    A database's privileges are not copied with a template.
    """
    name = sql.Identifier(database)
    logins = sql.SQL(", ").join(sql.Identifier(role.role) for role in ROLES if role.login)
    conn.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    conn.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, logins))


def _grant_statement(grant: Grant) -> sql.Composed:
    column = sql.SQL(" ({})").format(sql.Identifier(grant.column)) if grant.column else sql.SQL("")
    privilege = sql.SQL(grant.privilege) + column  # words of our own matrix, not input
    target = {
        "table": sql.SQL("TABLE {}").format(sql.Identifier("public", grant.name)),
        "column": sql.SQL("TABLE {}").format(sql.Identifier("public", grant.name)),
        "schema": sql.SQL("SCHEMA {}").format(sql.Identifier(grant.name)),
        "function": sql.SQL("FUNCTION public.") + sql.SQL(grant.name),
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
