"""Names of relations as the code writes them, and as the server reads them."""

from __future__ import annotations

from psycopg import sql


def relation(name: str) -> sql.Identifier:
    """The identifier of a table or view that is written with its schema in front.

    >>> relation("cutter.sweep_log").as_string()
    '"cutter"."sweep_log"'
    """
    return sql.Identifier(*name.split(".", 1))
