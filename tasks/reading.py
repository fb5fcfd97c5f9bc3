"""Reading the knowledge base, over a connection that can not write: as the verifying principal, or
as the reader, who sees only what is read out.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

from adapters.home.target import registered_target
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.session import read_only
from tasks.app import App


def verifier_connection(
    app: App, *, any_target: bool = False
) -> AbstractContextManager[Connection]:
    """A read-only connection as `cutter_verify`, closed when the block has ended.

    `any_target` accepts a database that is not the registered one. Raises a connection's refusal,
    and `DatabaseUnsuitable` for whatever goes wrong while reading.
    """
    target = None if any_target else registered_target(app.settings.state)
    return read_only(app.connections(target))


def reader_connection(app: App) -> AbstractContextManager[Connection]:
    """A read-only connection to the registered target for reading out units, closed when the block
    has ended: of `cutter_reader` where the home has its login, else of the verifying principal.

    Raises as `verifier_connection` does.
    """
    target = registered_target(app.settings.state)
    return read_only(app.reading(target) or app.connections(target))
