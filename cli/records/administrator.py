"""The administrator of the knowledge base, as a command logs in for him."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.session import administrator as connected_administrator
from adapters.postgres.schema.owner import owner_lent
from adapters.postgres.server.embedded import EmbeddedServer
from cli.records.database import read_password
from cli.services import home_settings
from domain.errors import CutterError, DatabaseUnsuitable
from domain.ports import Credentials


@contextmanager
def administrator(
    embedded: EmbeddedServer | None,
    admin: str,
    password_file: Path | None,
    doing: str = "The administrator's work",
    as_: Callable[[str], CutterError] = DatabaseUnsuitable,
) -> Iterator[Connection]:
    """An administrator's connection to the knowledge base: of the home's own server, or of the one
    that the settings name. He may do what the owner may. Closed when the block has ended.

    `doing` and `as_` say how what the driver raises in the block is told.
    """
    login = (
        Credentials(embedded.superuser, embedded.password)
        if embedded is not None and password_file is None
        else Credentials(admin, read_password(admin, password_file))
    )
    endpoint = home_settings().endpoint()
    with (
        connected_administrator(endpoint, login, doing, as_) as conn,
        owner_lent(conn),
    ):
        yield conn
