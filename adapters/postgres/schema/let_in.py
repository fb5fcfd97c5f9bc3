"""A database that cutter was let into: its units are its own, and cutter's schema stands on a port
to them (docs/contract.md). What is done to a schema there leaves out the reference's units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from psycopg import sql

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema.install import grant_statement
from domain.ledger.privileges import (
    CONNECTING,
    EXEC,
    FUNCTIONS,
    OPTIONAL_PORT,
    OURS,
    VERIFY,
    VIEWS,
    core_grants,
    core_tables,
)

SITE_TABLES: Final = ("cutter.iu_word",)
"""What cutter's schema has there, and not where the units are the reference's."""
BEGINS: Final = "-- units of the reference: from here"
ENDS: Final = "-- units of the reference: to here"


def without_units(text: str) -> str:
    """A migration's text without what it does to the reference's units and the port to them.

    Raises ValueError for a mark without its other.

    >>> without_units(f"one\\n{BEGINS}\\ntwo\\n{ENDS}\\nthree\\n")
    'one\\nthree\\n'
    """
    kept: list[str] = []
    inside = False
    for line in text.splitlines(keepends=True):
        if line.rstrip() in (BEGINS, ENDS):
            if inside is (line.rstrip() == BEGINS):
                raise ValueError(f"{line.rstrip()!r} has no other")
            inside = not inside
        elif not inside:
            kept.append(line)
    if inside:
        raise ValueError(f"{BEGINS!r} has no other")
    return "".join(kept)


def no_way(steps: Iterable[str]) -> str:
    """That a database whose units are its own can not take these migrations, and what to do."""
    return (
        f"Cutter was let into this database, whose units are its own, and {', '.join(steps)} does "
        f"not lead on from there: go on with the release that was let in, or take it out with its "
        f"revert.sql and let this one in; units stay, and what was on record about them is kept in "
        f"evidence and backups alone."
    )


def core_privileges(conn: Connection) -> Iterator[sql.Composed]:
    """The statements after which nothing of ours is for everybody, and each principal has its part
    of the matrix.
    """
    for table in (*core_tables(), *VIEWS, *SITE_TABLES):
        yield sql.SQL("REVOKE ALL ON TABLE {} FROM PUBLIC").format(relation(table))
    for name in FUNCTIONS:
        if name.startswith(f"{OURS}.") and name not in OPTIONAL_PORT:
            yield sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(sql.SQL(name))
    for grant in sorted(core_grants()):
        yield grant_statement(grant)
    for table in SITE_TABLES:
        for role in (EXEC, VERIFY):
            names = relation(table), sql.Identifier(role)
            yield sql.SQL("GRANT SELECT ON TABLE {} TO {}").format(*names)
    database = conn.info.dbname
    if not everybody_enters(conn, database):  # else it is not said
        for role in CONNECTING:
            names = sql.Identifier(database), sql.Identifier(role)
            yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(*names)


def apply_core_privileges(conn: Connection) -> None:
    """Grant that part of the matrix, in the transaction of an administrator."""
    with conn.pipeline():
        for one in core_privileges(conn):
            conn.execute(one)


def everybody_enters(conn: Connection, database: str) -> bool:
    """Whether no privilege is needed to come in."""
    keys = {"role": "public", "name": database, "privilege": "CONNECT"}
    row = conn.execute(statement("adopt_has_database"), keys).fetchone()
    return bool(row and row[0])
