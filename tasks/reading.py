"""Reading the knowledge base: as the verifying principal, over a connection that can not write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from adapters.home.target import registered_target
from adapters.postgres.connection.sqlstate import explain
from domain.errors import DatabaseUnsuitable
from domain.phases import Principal
from tasks.app import App


@contextmanager
def verifier_connection(app: App, *, any_target: bool = False) -> Iterator[psycopg.Connection[Any]]:
    """A read-only connection as `cutter_verify`.

    `any_target` accepts a database that is not the registered one.
    """
    target = None if any_target else registered_target(app.settings.state)
    conn = app.connections(target).connect(Principal.VERIFY)
    try:
        conn.read_only = True
        yield conn
    except psycopg.Error as error:
        raise DatabaseUnsuitable(explain(error, "Reading the knowledge base")) from None
    finally:
        conn.close()
