"""Passwords of roles: a server is given what it checks them by, and never sees them."""

from __future__ import annotations

from psycopg import sql
from pydantic import SecretStr

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated


@translated("Giving a role a password", hint="the administrator's login has to be a superuser")
def set_password(conn: Connection, role: str, password: SecretStr) -> None:
    """Give a role a password.

    Only its SCRAM verifier is sent, so that no server log can hold the password itself.
    """
    verifier = conn.pgconn.encrypt_password(
        password.get_secret_value().encode(), role.encode(), b"scram-sha-256"
    )
    conn.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(
            sql.Identifier(role), sql.Literal(verifier.decode())
        )
    )
