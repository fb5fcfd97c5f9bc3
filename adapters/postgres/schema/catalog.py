"""What the server's catalog says of tables, functions and privileges, in its own words."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg.rows import kwargs_row

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_all
from adapters.postgres.connection.statements import statement
from domain.ledger.drift import Fact, Held
from domain.ledger.privileges import Grant

Names = Mapping[str, list[str]]
"""What is asked about: `tables` and `functions` by their names."""


def read_facts(conn: Connection, names: Names) -> list[Fact]:
    """Everything about these tables and functions. Expects `search_path` to be empty."""
    return read_all(conn, Fact, "doctor_objects", names)


def read_held(conn: Connection, names: Names) -> list[Held]:
    """Every privilege on them, on the schema and on the database, but the owners' own."""
    with conn.cursor(row_factory=kwargs_row(_held)) as cursor:
        return cursor.execute(statement("doctor_grants"), names).fetchall()


def _held(*, role: str, kind: str, name: str, sub: str, privilege: str, is_grantable: bool) -> Held:
    return Held(Grant(role, kind, name, sub, privilege), is_grantable)
