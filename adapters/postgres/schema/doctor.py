"""The doctor: compares a database with what the adapters need, both ways, and changes nothing.

It works with a principal's rights as well as an administrator's, and on a database that the project
did not make. Each check is a function that yields differences; one that this session may not make
is a difference of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from psycopg.pq import TransactionStatus

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_value
from adapters.postgres.connection.session import snapshot
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema import checks, settings, surroundings
from adapters.postgres.schema.catalog import NAMES, read_facts, read_held
from adapters.postgres.schema.pooler import pooler_differences
from domain.errors import CutterError, DatabaseUnsuitable
from domain.ledger.drift import Difference, Severity, facts_digest

Check = Callable[[Connection], Iterable[Difference]]

CHECKS: Final[Mapping[str, Check]] = {
    "server": settings.server,
    "standbys": surroundings.standbys,
    "backup client": surroundings.backup_client,
    "what a backup holds": surroundings.what_a_backup_leaves_out,
    "installation": checks.installation,
    "objects": checks.objects,
    "roles": checks.roles,
    "memberships": checks.memberships,
    "privileges": checks.privileges,
    "pinned settings": settings.pinned_settings,
    "vocabulary": checks.vocabulary,
    "keys": checks.keys,
}
"""What is compared inside one read-only transaction, by the name that a person knows it by."""


@translated("Comparing the database with what a cut needs")
def compare_with_reference(conn: Connection) -> list[Difference]:
    """Every difference between this database and what a cut needs; empty if there is none.

    FAILS come first.

    `conn` may be anybody's who can read the catalogs; it must not be inside a transaction. Nothing
    is changed. Raises `DatabaseUnsuitable` inside a transaction or when the server will not let
    itself be examined at all.
    """
    _require_idle(conn)
    found = pooler_differences(conn)
    with catalog_snapshot(conn):
        found += compare_in_transaction(conn)
    return sorted(set(found))


def compare_in_transaction(conn: Connection) -> list[Difference]:
    """Every check inside the transaction that is open, as `catalog_snapshot` opens it."""
    if other := _whatever_may_be_read(conn, "the schema's version", checks.other_version):
        return other
    return sorted(
        {one for name, check in CHECKS.items() for one in _whatever_may_be_read(conn, name, check)}
    )


@translated("Reading the catalog")
def catalog_digest(conn: Connection) -> str:
    """SHA-256 over objects and privileges as they are, for an approval to name: another digest
    later means drift.
    """
    with catalog_snapshot(conn):
        return facts_digest(sorted(read_facts(conn, NAMES)), read_held(conn, NAMES))


@contextmanager
def catalog_snapshot(conn: Connection) -> Iterator[None]:
    """A read-only moment with an empty `search_path`, so that the catalog writes every name in
    full.
    """
    _require_idle(conn)
    with snapshot(conn):
        conn.execute(statement("doctor_begin"))
        yield


@translated("Asking what stands behind the port")
def foreign_port(conn: Connection) -> str | None:
    """SHA-256 over everything behind the port where the units are a site's own; None where they are
    the reference implementation's, which the catalog is compared with.
    """
    with catalog_snapshot(conn):
        return read_value(conn, str, "conform_port") if checks.adopted(conn) else None


def _require_idle(conn: Connection) -> None:
    if conn.info.transaction_status is not TransactionStatus.IDLE:
        raise DatabaseUnsuitable("The doctor needs a connection that is not inside a transaction.")


def _whatever_may_be_read(conn: Connection, name: str, check: Check) -> list[Difference]:
    """The differences of one check; an error without a code is no answer of the server's, so that
    one goes on.
    """
    try:
        with translated(f"Comparing {name}"), conn.transaction():
            return list(check(conn))
    except CutterError as error:
        if error.sqlstate is None:
            raise
        message = (
            f"This role can not look at {name} (SQLSTATE {error.sqlstate}); look as an "
            f"administrator."
        )
        return [Difference(Severity.FAILS, "doctor", name, message)]
