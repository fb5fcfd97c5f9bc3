"""What a cut needs beside the database: a program that can back it up, and standbys that answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_all, read_one
from adapters.postgres.connection.session import uses_tls
from adapters.postgres.schema.catalog import NAMES
from adapters.postgres.server.binaries import client_binaries
from domain.errors import ToolMissing
from domain.ledger.drift import Difference, Severity
from domain.ledger.privileges import SCHEMAS


@dataclass(frozen=True, slots=True)
class _Standbys:
    """Whom a COMMIT waits for, and how many standbys are connected at all."""

    names: str
    commits: str
    connected: int


@dataclass(frozen=True, slots=True)
class _Unbounded:
    """What the logins could fill the disk with, how, and the statement that takes it from them."""

    what: str
    how: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Outside:
    """Something in our schemas, and what of elsewhere it rests on, each with its kind."""

    thing: str
    rests_on: str


def backup_client(conn: Connection) -> Iterator[Difference]:
    """A pg_dump of the server's major version that speaks TLS where this connection does."""
    try:
        client_binaries(conn.info.server_version // 10_000, tls=uses_tls(conn))
    except ToolMissing as missing:
        yield Difference(Severity.FAILS, "client", "pg_dump", f"No backup can be made: {missing}")


def what_a_backup_leaves_out(conn: Connection) -> Iterator[Difference]:
    """What in our schemas could not be brought back: it rests on what a backup of them does not
    hold, so no backup could be proven.
    """
    for found in read_all(conn, _Outside, "doctor_outside", {"schemas": list(SCHEMAS)}):
        yield Difference(
            Severity.NOTE,
            "backup",
            found.thing,
            f"The {found.thing} rests on the {found.rests_on}, which is no part of a backup of "
            f"{' and '.join(SCHEMAS)}: a restore stops there, no backup can be proven, and "
            f"nothing is cut while CUTTER_REQUIRE_RESTORE_PROOF is on. Move it into a schema or a "
            f"database of its own.",
        )


def unbounded(conn: Connection) -> Iterator[Difference]:
    """What a login in wrong hands could fill the disk with beyond its tables: only a superuser may
    take that away, so a hosted administrator leaves it.
    """
    for found in read_all(conn, _Unbounded, "doctor_unbounded", NAMES):
        yield Difference(
            Severity.NOTE,
            "room",
            found.what,
            f"A login of ours may {found.how}, and so fill the disk; a superuser ends that: "
            f"{found.remedy}.",
        )


def standbys(conn: Connection) -> Iterator[Difference]:
    """Whether COMMITs wait for standbys that are not there."""
    found = read_one(conn, _Standbys, "doctor_standbys")
    if found is None or not found.names or found.commits in ("off", "local"):
        return
    if not found.connected:
        message = (
            f"Each COMMIT waits for a synchronous standby ({found.names}), and no standby is "
            f"connected: a run would wait for ever. Start it, or change synchronous_standby_names."
        )
        yield Difference(Severity.FAILS, "server", "standbys", message)
        return
    message = (
        f"Each COMMIT waits for a synchronous standby ({found.names}); while it does not answer, "
        f"a run stops in the middle."
    )
    yield Difference(Severity.NOTE, "server", "standbys", message)
