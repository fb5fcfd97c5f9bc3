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
from adapters.postgres.connection.rows import Question, read_value
from adapters.postgres.connection.session import snapshot
from adapters.postgres.schema import checks, settings, surroundings
from adapters.postgres.schema.catalog import NAMES, read_facts, read_held
from adapters.postgres.schema.pooler import pooler_differences
from domain.errors import CutterError, DatabaseUnsuitable
from domain.ledger.drift import Difference, Severity, facts_digest

Check = Callable[[Connection], Iterable[Difference]]

COMPARING: Final = "Comparing the database with what a cut needs"
CHECKS: Final[Mapping[str, Check]] = {
    "server": settings.server,
    "standbys": surroundings.standbys,
    "backup client": surroundings.backup_client,
    "what a backup holds": surroundings.what_a_backup_leaves_out,
    "room": surroundings.unbounded,
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


@translated(COMPARING)
def compare_with_reference(conn: Connection) -> list[Difference]:
    """Every difference between this database and what a cut needs; empty if there is none.

    FAILS come first.

    `conn` may be anybody's who can read the catalogs; it must not be inside a transaction. Nothing
    is changed. Raises `DatabaseUnsuitable` inside a transaction or when the server will not let
    itself be examined at all.
    """
    return compare_with_port(conn)[0]


@translated(COMPARING)
def compare_with_port(conn: Connection) -> tuple[list[Difference], str | None]:
    """The same, and what `foreign_port` answers, of one moment; None too where something forbids a
    cut anyhow.
    """
    _require_idle(conn)
    found = pooler_differences(conn)
    try:
        with (
            translated("Comparing"),
            catalog_snapshot(conn, *checks.ASKED_FIRST),
            checks.all_asked(conn),
        ):
            return _with_port(conn, found + compare_together(conn))
    except CutterError as error:
        if error.sqlstate is None:
            raise
    # Something may not be read: now each check apart, which over a slow network takes its time.
    with catalog_snapshot(conn):
        return _with_port(conn, found + compare_apart(conn))


def _with_port(conn: Connection, found: list[Difference]) -> tuple[list[Difference], str | None]:
    forbidden = any(one.severity is Severity.FAILS for one in found)
    return sorted(set(found)), None if forbidden else _port(conn)


def compare_together(conn: Connection) -> list[Difference]:
    """Every check inside the transaction that is open, as `catalog_snapshot` opens it, of what was
    asked for all of them. Raises the error of the first that this session may not make.
    """
    found = list(checks.other_version(conn))
    for name, check in () if found else CHECKS.items():
        with translated(f"Comparing {name}"):
            found += check(conn)
    return found


def compare_apart(conn: Connection) -> list[Difference]:
    """The same, where this session may not read everything: a check that it may not make is a
    difference.
    """
    if other := _whatever_may_be_read(conn, "the schema's version", checks.other_version):
        return other
    return sorted(
        {one for name, check in CHECKS.items() for one in _whatever_may_be_read(conn, name, check)}
    )


@translated("Looking at what is there")
def may_read(conn: Connection, table: str) -> bool:
    """Whether one of our tables is there and this session may read it."""
    return checks.readable(conn, table)


@translated("Reading the catalog")
def catalog_digest(conn: Connection) -> str:
    """SHA-256 over objects and privileges as they are, for an approval to name: another digest
    later means drift.
    """
    with catalog_snapshot(conn):
        return facts_digest(sorted(read_facts(conn, NAMES)), read_held(conn, NAMES))


@contextmanager
def catalog_snapshot(conn: Connection, *first: Question) -> Iterator[None]:
    """A read-only moment with an empty `search_path`, so that the catalog writes every name in
    full; `first` is asked with that.
    """
    _require_idle(conn)
    with snapshot(conn, ("doctor_begin", None), *first):
        yield


@translated("Asking what stands behind the port")
def foreign_port(conn: Connection) -> str | None:
    """SHA-256 over everything behind the port where the units are a site's own; None where they are
    the reference implementation's, which the catalog is compared with.
    """
    with catalog_snapshot(conn):
        return _port(conn)


def _port(conn: Connection) -> str | None:
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
