"""Reading the knowledge base: as the verifying principal, over a connection that can not write."""

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
