"""A database and a login of its own for the orchestrator's state, on a server that we run
ourselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from psycopg import sql
from pydantic import SecretStr

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_value, read_values
from adapters.postgres.connection.session import administrator
from adapters.postgres.server.embedded import EmbeddedServer
from adapters.postgres.server.passwords import set_password
from domain.errors import DatabaseUnavailable
from domain.ports import Credentials, Endpoint

STORE: Final = "prefect"
"""The name of the database and of its owner, who may do nothing in any other database."""


@dataclass(frozen=True, slots=True)
class Store:
    """The orchestrator's database: the URL that SQLAlchemy opens it by, and its oid, by which a new
    one is told from an old.
    """

    url: SecretStr
    oid: int


def prepare_store(server: EmbeddedServer, password: SecretStr) -> Store:
    """Make the database and its owner if they are missing, and set the password.

    Raises `DatabaseUnavailable`.
    """
    maintenance = Endpoint(server.host, server.port, "postgres", "disable")
    superuser = Credentials(server.superuser, server.password)
    with administrator(
        maintenance, superuser, "Preparing the orchestrator's database", DatabaseUnavailable
    ) as admin:
        _make_owner(admin, password)
        if _oid(admin) is None:
            admin.execute(
                sql.SQL("CREATE DATABASE {0} OWNER {0} TEMPLATE template0").format(
                    sql.Identifier(STORE)
                )
            )
            admin.execute(
                sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(STORE))
            )
        oid = _oid(admin)
    secret = quote(password.get_secret_value(), safe="")
    return Store(
        SecretStr(f"postgresql+asyncpg://{STORE}:{secret}@{server.host}:{server.port}/{STORE}"),
        oid or 0,
    )


def _oid(admin: Connection) -> int | None:
    return read_value(admin, int, "server_database", {"name": STORE})


def _make_owner(admin: Connection, password: SecretStr) -> None:
    if STORE not in read_values(admin, str, "server_roles"):
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE").format(
                sql.Identifier(STORE)
            )
        )
    set_password(admin, STORE, password)
