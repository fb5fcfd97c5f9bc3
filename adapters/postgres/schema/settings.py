"""The server's version and settings, as far as a cut rests on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.identity import NEWEST_MAJOR, OLDEST_MAJOR, read_identity
from adapters.postgres.connection.rows import read_all
from adapters.postgres.schema.catalog import NAMES
from domain.ledger.drift import Difference, Severity, compare_settings

_LOSABLE: Final = "a crash of the server can lose or tear what was committed"
_FORGETS: Final = (
    "a crash of the server can lose what it has just acknowledged, be it a phase, a permit or "
    "a halt; "
    "turn it on with ALTER SYSTEM, ALTER DATABASE or ALTER ROLE, wherever it was turned off"
)
SETTINGS: Final = {
    "server_encoding": (
        "UTF8",
        Severity.FAILS,
        "documents are Unicode, and hashes are taken over UTF-8",
    ),
    "session_replication_role": (
        "origin",
        Severity.FAILS,
        "otherwise the guards' triggers do not fire",
    ),
    "default_transaction_read_only": ("off", Severity.FAILS, "a phase could not write"),
    "fsync": ("on", Severity.NOTE, _LOSABLE),
    "full_page_writes": ("on", Severity.NOTE, _LOSABLE),
    "synchronous_commit": ("on", Severity.NOTE, _FORGETS),
}
"""What a setting has to be, how much it matters and why.

That commits may be lost is a note: phase and journal go together.
"""
_DURABLE: Final = frozenset({"local", "remote_write", "remote_apply"})
_OFF: Final = frozenset({"off", "false", "no", "0"})
"""How `synchronous_commit` can be written where it is pinned; a setting in force always reads
`off`.
"""
_DANGEROUS_PINS: Final = (
    "session_replication_role",
    "default_transaction_read_only",
    "app.",
    "role=",
)


@dataclass(frozen=True, slots=True)
class _Setting:
    name: str
    setting: str


@dataclass(frozen=True, slots=True)
class _Pin:
    """A setting that is pinned to a role, or to every role, in this database: `NAME=VALUE`."""

    role: str
    setting: str
    undo: str  # the statement that takes it back


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A parameter of the server that a role may set beyond the usual."""

    role: str
    parameter: str


def server(conn: Connection) -> Iterator[Difference]:
    """A version that is too old or too new, a standby, and settings in force."""
    identity = read_identity(conn)
    major = identity.version // 10_000
    if not OLDEST_MAJOR <= major <= NEWEST_MAJOR:
        wanted = f"cutter works with {OLDEST_MAJOR} to {NEWEST_MAJOR}"
        message = f"The server is PostgreSQL {major}; {wanted}."
        yield Difference(Severity.FAILS, "server", "version", message)
    if identity.standby:
        message = "The server is a read-only standby; name the primary."
        yield Difference(Severity.FAILS, "server", "standby", message)
    rows = read_all(conn, _Setting, "doctor_settings", {"settings": list(SETTINGS)})
    found = {row.name: row.setting for row in rows}
    if found.get("synchronous_commit") in _DURABLE:
        found["synchronous_commit"] = "on"
    yield from compare_settings(SETTINGS, found)


def pinned_settings(conn: Connection) -> Iterator[Difference]:
    """Settings that our roles get in this database, and parameters that they may set."""
    for pin in read_all(conn, _Pin, "doctor_role_settings", NAMES):
        name, _, value = pin.setting.partition("=")
        if name == "temp_file_limit":  # asked for: see `surroundings.unbounded`
            continue
        said = f"; {pin.undo} ends it."
        if name == "synchronous_commit" and value.lower() in _OFF:
            said = f": {_FORGETS}."
            name = f"{name} of {pin.role}"
        dangerous = pin.setting.startswith(_DANGEROUS_PINS)
        severity = Severity.FAILS if dangerous else Severity.NOTE
        message = f"{pin.role} gets the setting {pin.setting} in this database{said}"
        yield Difference(severity, "setting", name, message)
    for granted in read_all(conn, _Parameter, "doctor_parameters", NAMES):
        parameter = granted.parameter
        message = f"{granted.role} has a privilege on the server's parameter {parameter}."
        yield Difference(Severity.FAILS, "privilege", parameter, message)
