"""The doctor: compares a database with what the adapters need, both ways, and changes nothing.

It works with a principal's rights as well as an administrator's, and on a database that the project
did not make.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import Final

from psycopg.pq import TransactionStatus

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all
from adapters.postgres.connection.session import NEWEST_MAJOR, OLDEST_MAJOR, read_identity
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema.install import SCHEMA_VERSION, sources_sha256
from domain.errors import CutterError, DatabaseUnsuitable
from domain.ledger.drift import (
    Fact,
    Finding,
    Held,
    Severity,
    compare_facts,
    compare_grants,
    compare_settings,
    compare_words,
    facts_digest,
)
from domain.ledger.privileges import (
    ALL_TABLES,
    EXEC,
    FUNCTIONS,
    MEMBERSHIPS,
    ROLES,
    VERIFY,
    Grant,
    Membership,
    RoleAttributes,
    expected_grants,
)
from domain.reading.vocabulary import PUBLICATION_TYPES, SECTION_TYPES, UNIT_KINDS

_NAMES: Final = {
    "tables": list(ALL_TABLES),
    "functions": [name.partition("(")[0] for name in FUNCTIONS],
    "roles": [role.role for role in ROLES],
}
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
_LOOKS_AT_THE_POOL: Final = 4


@translated("Examining the database")
def examine(conn: Connection) -> list[Finding]:
    """Every difference between this database and what a cut needs; empty if there is none.

    FAILS come first.

    `conn` may be anybody's who can read the catalogs; it must not be inside a transaction. Nothing
    is changed. Raises `DatabaseUnsuitable` inside a transaction or when the server will not let
    itself be examined at all.
    """
    findings = _pooler(conn)
    with looking(conn):
        findings += inspect(conn)
    return sorted(set(findings))


def inspect(conn: Connection) -> list[Finding]:
    """Every look inside the transaction that is open, as `looking` opens it."""
    looks = (
        _server,
        _installation,
        _objects,
        _roles,
        _memberships,
        _privileges,
        _pinned_settings,
        _vocabulary,
        _keys,
    )
    return sorted({finding for look in looks for finding in _guarded(conn, look)})


@translated("Reading the catalog")
def catalog_digest(conn: Connection) -> str:
    """SHA-256 over objects and privileges as they are, for an approval to name: another digest
    later means drift.
    """
    with looking(conn):
        return facts_digest(read_facts(conn), _held(conn))


def read_facts(conn: Connection) -> list[Fact]:
    """What the catalog says about the knowledge base's tables and functions.

    Expects `search_path` to be empty.
    """
    rows = read_all(conn, Fact, "doctor_objects", _NAMES)
    return sorted(rows)


@cache
def reference_facts() -> tuple[Fact, ...]:
    """What the reference schema looks like in a catalog, kept as data beside the statements."""
    text = (resources.files("adapters.postgres.schema") / "reference_catalog.json").read_text(
        encoding="utf-8"
    )
    return tuple(Fact(*row) for row in json.loads(text))


@contextmanager
def looking(conn: Connection) -> Iterator[None]:
    """A read-only snapshot with an empty `search_path`, so that the catalog writes every name in
    full.
    """
    if conn.info.transaction_status is not TransactionStatus.IDLE:
        raise DatabaseUnsuitable("The doctor needs a connection that is not inside a transaction.")
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        conn.execute(statement("doctor_begin"))
        yield


def _guarded(conn: Connection, look: Callable[[Connection], Iterable[Finding]]) -> list[Finding]:
    """One look; what this session may not read is a finding of its own.

    An error without a code is no answer of the server's: it goes on.
    """
    what = look.__name__.strip("_").replace("_", " ")
    try:
        with translated(f"Looking at {what}"), conn.transaction():
            return list(look(conn))
    except CutterError as error:
        if error.sqlstate is None:
            raise
        return [
            _fails(
                "doctor",
                what,
                (
                    f"This role can not look at {what} (SQLSTATE {error.sqlstate}); look as an "
                    f"administrator."
                ),
            )
        ]


def _fails(subject: str, name: str, message: str) -> Finding:
    return Finding(Severity.FAILS, subject, name, message)


def _note(subject: str, name: str, message: str) -> Finding:
    return Finding(Severity.NOTE, subject, name, message)


def _pooler(conn: Connection) -> list[Finding]:
    """A session lock must outlive its statement in the same backend; through a transaction pooler
    it does not.
    """
    if conn.info.transaction_status is not TransactionStatus.IDLE:
        raise DatabaseUnsuitable("The doctor needs a connection that is not inside a transaction.")
    autocommit, conn.autocommit = conn.autocommit, True
    key = {"key": secrets.randbits(62)}
    try:
        with translated("Holding an advisory lock"):
            _, first = conn.execute(statement("doctor_lock"), key).fetchone() or (None, None)
            looks = [
                conn.execute(statement("doctor_lock_held"), key).fetchone()
                for _ in range(_LOOKS_AT_THE_POOL)
            ]
            conn.execute(statement("doctor_unlock"), key)
    except CutterError as error:
        return [
            _fails(
                "connection",
                "pooler",
                f"An advisory lock can not be held for a session (SQLSTATE {error.sqlstate}).",
            )
        ]
    finally:
        conn.autocommit = autocommit
    if any(look != (first, True) for look in looks):
        return [
            _fails(
                "connection",
                "pooler",
                (
                    "The connection goes through a transaction pooler, where no writers lock "
                    "holds; connect to the server itself."
                ),
            )
        ]
    if conn.info.backend_pid != first:
        return [
            _note(
                "connection",
                "pooler",
                "Something stands between cutter and the server; it must keep sessions apart.",
            )
        ]
    return []


def _server(conn: Connection) -> Iterator[Finding]:
    identity = read_identity(conn)
    major = identity.version // 10_000
    if not OLDEST_MAJOR <= major <= NEWEST_MAJOR:
        wanted = f"cutter works with {OLDEST_MAJOR} to {NEWEST_MAJOR}"
        yield _fails("server", "version", f"The server is PostgreSQL {major}; {wanted}.")
    if identity.standby:
        yield _fails("server", "standby", "The server is a read-only standby; name the primary.")
    found = dict(
        conn.execute(statement("doctor_settings"), {"settings": list(SETTINGS)}).fetchall()
    )
    if found.get("synchronous_commit") in _DURABLE:
        found["synchronous_commit"] = "on"
    yield from compare_settings(SETTINGS, found)


def _readable(conn: Connection) -> set[str]:
    return {str(name) for (name,) in conn.execute(statement("doctor_readable"), _NAMES).fetchall()}


def _installation(conn: Connection) -> Iterator[Finding]:
    found = _installed(conn)
    if found is None:
        yield _note(
            "schema",
            "origin",
            "The schema was not made by this project, or this role may not see that it was.",
        )
    elif found[0] != SCHEMA_VERSION:
        yield _fails(
            "schema",
            "version",
            f"The schema has version {found[0]}, and {SCHEMA_VERSION} is needed.",
        )
    elif found[1] != sources_sha256():
        yield _note(
            "schema",
            "sources",
            "The schema was made from other sources than those of this version of cutter.",
        )


def _installed(conn: Connection) -> tuple[int, str] | None:
    return (
        conn.execute(statement("doctor_schema")).fetchone()
        if "cutter_schema" in _readable(conn)
        else None
    )


def _objects(conn: Connection) -> list[Finding]:
    made_here = _installed(conn) is not None
    needed = (
        reference_facts()
        if made_here
        else [f for f in reference_facts() if "cutter_schema" not in f.name]
    )
    return compare_facts(needed, read_facts(conn), made_here=made_here)


def _roles(conn: Connection) -> Iterator[Finding]:
    found = {row.role: row for row in read_all(conn, RoleAttributes, "doctor_roles", _NAMES)}
    for wanted in ROLES:
        there = found.get(wanted.role)
        if there is None:
            yield _fails("role", wanted.role, f"The role {wanted.role} is missing.")
            continue
        for attribute, value in zip(RoleAttributes._fields[1:], wanted[1:], strict=True):
            if (has := getattr(there, attribute)) != value:
                message = (
                    f"The role {wanted.role} has {attribute} {_on(has)}, and it must be "
                    f"{_on(value)}."
                )
                yield _fails("role", wanted.role, message)


def _on(value: object) -> str:
    return "on" if value else "off"


def _memberships(conn: Connection) -> Iterator[Finding]:
    found = set(read_all(conn, Membership, "doctor_memberships", _NAMES))
    for member in sorted(set(MEMBERSHIPS) - found):
        yield _fails(
            "membership",
            member.role,
            f"{member.member} should be a member of {member.role}, without inheriting.",
        )
    for member in sorted(found - set(MEMBERSHIPS)):
        how = ", ".join(
            word
            for word, on in (("inherits", member.inherit), ("may become it", member.set_role))
            if on
        )
        message = (
            f"{member.member} is a member of {member.role} ({how or 'without effect'}) and "
            f"should not be so."
        )
        yield _fails("membership", member.role, message)


def _held(conn: Connection) -> list[Held]:
    rows = conn.execute(statement("doctor_grants"), _NAMES).fetchall()
    return [Held(Grant(*map(str, row[:5])), bool(row[5])) for row in rows]


def _privileges(conn: Connection) -> list[Finding]:
    superusers = [str(name) for (name,) in conn.execute(statement("doctor_superusers")).fetchall()]
    logins = [role.role for role in ROLES if role.login]
    connect = {Grant(role, "database", "", "", "CONNECT") for role in logins}
    held = _held(conn)
    if any(entry.grant == Grant("PUBLIC", "database", "", "", "CONNECT") for entry in held):
        connect.clear()  # everybody may, which is a note; nobody lacks it
        held = [
            entry
            for entry in held
            if entry.grant.kind != "database"
            or entry.grant.privilege != "CONNECT"
            or _public(entry)
        ]
    return compare_grants(expected_grants() | connect, held, superusers)


def _public(entry: Held) -> bool:
    return entry.grant.role == "PUBLIC"


def _pinned_settings(conn: Connection) -> Iterator[Finding]:
    for role, setting in conn.execute(statement("doctor_role_settings"), _NAMES).fetchall():
        name, _, value = str(setting).partition("=")
        message = f"{role} gets the setting {setting} in this database."
        if name == "synchronous_commit" and value.lower() in _OFF:
            message = f"{message[:-1]}: {_FORGETS}."
            name = f"{name} of {role}"
        dangerous = str(setting).startswith(_DANGEROUS_PINS)
        yield (_fails if dangerous else _note)("setting", name, message)
    for role, parameter in conn.execute(statement("doctor_parameters"), _NAMES).fetchall():
        yield _fails(
            "privilege",
            str(parameter),
            f"{role} has a privilege on the server's parameter {parameter}.",
        )


def _vocabulary(conn: Connection) -> Iterator[Finding]:
    if "iu_vocabulary" not in _readable(conn):
        return  # that it is missing, or may not be read, is said elsewhere
    words: dict[str, list[str]] = {"unit_kind": [], "section_type": [], "publication_type": []}
    for axis, code in conn.execute(statement("doctor_words")).fetchall():
        words.setdefault(axis, []).append(code)
    for axis, needed in (
        ("unit_kind", UNIT_KINDS),
        ("section_type", SECTION_TYPES),
        ("publication_type", PUBLICATION_TYPES),
    ):
        yield from compare_words(axis, needed, words[axis])


def _keys(conn: Connection) -> Iterator[Finding]:
    if "principal_key" not in _readable(conn):
        return
    there = {str(principal) for (principal, *_) in conn.execute(statement("doctor_keys"))}
    for principal in (EXEC, VERIFY):
        if principal not in there:
            yield _fails(
                "key",
                principal,
                f"No public key that counts is registered for {principal}, so it can not sign.",
            )
