"""What the schema, its roles and its privileges have to be, and where this database differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.identity import IDENTITY
from adapters.postgres.connection.rows import (
    Question,
    asked_ahead,
    read_all,
    read_one,
    read_value,
    read_values,
)
from adapters.postgres.schema.catalog import (
    CORE_NAMES,
    NAMES,
    SCHEMA_VERSION,
    core_facts,
    read_facts,
    read_held,
    reference_facts,
)
from adapters.postgres.schema.install import installed_version, sources_sha256, wrong_version
from adapters.postgres.schema.settings import SETTINGS
from domain.ledger.drift import (
    Difference,
    Severity,
    compare_facts,
    compare_grants,
    compare_words,
)
from domain.ledger.privileges import (
    CONNECTING,
    EXEC,
    MEMBERSHIPS,
    OURS,
    OWNER,
    PORT_VIEWS,
    READ,
    ROLES,
    SCHEMAS,
    VERIFY,
    Grant,
    Membership,
    RoleAttributes,
    core_grants,
    expected_grants,
)
from domain.reading.vocabulary import PUBLICATION_TYPES, SECTION_TYPES, UNIT_KINDS

ASKED_FIRST: Final[Sequence[Question]] = (
    *(
        (name, NAMES)
        for name in (
            "doctor_readable",
            "doctor_roles",
            "doctor_memberships",
            "doctor_role_settings",
            "doctor_parameters",
            "doctor_unbounded",
        )
    ),
    ("doctor_superusers", None),
    ("doctor_settings", {"settings": list(SETTINGS)}),
    IDENTITY,
    ("doctor_standbys", None),
)
"""What the checks read whoever asks, for the transaction to begin with."""
_OF_A_TABLE: Final = {
    "cutter.cutter_schema": "doctor_schema",
    "cutter.adoption": "adopt_adopted",
    "public.iu_vocabulary": "doctor_words",
    "cutter.principal_key": "doctor_keys",
}
"""What they read of a table; only where this session may read it."""

_OURS = {
    "tables": [*CORE_NAMES["tables"], *PORT_VIEWS],
    "functions": [name for name in NAMES["functions"] if name.startswith(f"{OURS}.")],
    "schemas": [OURS],
    "roles": NAMES["roles"],
}
"""What is ours and the port: of these, nobody has more than the matrix says."""


@dataclass(frozen=True, slots=True)
class _Installed:
    """The reference schema that was made here, and from which sources."""

    version: int
    sources_sha256: str


@dataclass(frozen=True, slots=True)
class _Word:
    axis: str
    code: str


def installation(conn: Connection) -> Iterator[Difference]:
    """Whether the project made this schema, in which version and from which sources."""
    found = _installed(conn)
    if found is None:
        yield _note(
            "schema",
            "origin",
            "The schema was not made by this project, or this role may not see that it was.",
        )
    elif found.sources_sha256 != sources_sha256():
        yield _note(
            "schema",
            "sources",
            "The schema was made from other sources than those of this version of cutter.",
        )


def other_version(conn: Connection) -> Iterator[Difference]:
    """That this is a schema of another version: then nothing else can be compared."""
    found = _installed(conn)
    version = found.version if found else installed_version(conn)
    if version not in (None, SCHEMA_VERSION):
        yield _fails("schema", "version", wrong_version(version))


def objects(conn: Connection) -> list[Difference]:
    """Tables, columns, constraints, indexes, triggers and functions, with their owners."""
    if adopted(conn):
        found = sorted(read_facts(conn, CORE_NAMES))
        return compare_facts(core_facts(), found, made_here=True)
    made_here = _installed(conn) is not None
    needed = (
        reference_facts()
        if made_here
        else [f for f in reference_facts() if "cutter_schema" not in f.name]
    )
    return compare_facts(needed, sorted(read_facts(conn, NAMES)), made_here=made_here)


def roles(conn: Connection) -> Iterator[Difference]:
    """The attributes of our roles."""
    found = {row.role: row for row in read_all(conn, RoleAttributes, "doctor_roles", NAMES)}
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


def memberships(conn: Connection) -> Iterator[Difference]:
    """Who may become whom."""
    found = set(read_all(conn, Membership, "doctor_memberships", NAMES))
    wanted = _memberships_of(conn)
    for member in sorted(wanted - found):
        if member.member == OWNER:  # of roles that were there before, it is made no member
            yield _note(
                "membership",
                member.role,
                f"{OWNER} is no member of {member.role}: a halt can not end its sessions, and "
                "waits for a phase that is in flight.",
            )
            continue
        if member.role == READ:  # of a login that was there before, as well
            message = (
                f"{member.member} is no member of {READ}, so it can not read out units: GRANT "
                f"{READ} TO {member.member};"
            )
            yield _note("membership", READ, message)
            continue
        yield _fails(
            "membership",
            member.role,
            f"{member.member} should be a member of {member.role}, without inheriting.",
        )
    for member in sorted(found - wanted):
        if member.role == READ:  # whoever reads out units is one, as its administrator decides
            continue
        if _administers(member):
            message = (
                f"{member.member} administers the role {member.role}, as the server lets whoever "
                f"makes a role; it is not one by that."
            )
            yield _note("membership", member.role, message)
            continue
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


def _memberships_of(conn: Connection) -> set[Membership]:
    """What a server of this version can hold: before 16 every member may become the role."""
    older = conn.info.server_version < 160_000
    return {one._replace(set_role=True) if older else one for one in MEMBERSHIPS}


def _administers(member: Membership) -> bool:
    """From 16 on who makes a role gets this membership and can not give it up: it neither inherits
    nor may become the role. None of our own roles makes another.
    """
    ours = {role.role for role in ROLES}
    without_effect = member.admin and not (member.inherit or member.set_role)
    return without_effect and member.member not in ours


def privileges(conn: Connection) -> list[Difference]:
    """Privileges as sets, both ways."""
    superusers = read_values(conn, str, "doctor_superusers")
    connect = {Grant(role, "database", "", "", "CONNECT") for role in CONNECTING}
    let_in = adopted(conn)
    held = read_held(conn, _OURS if let_in else NAMES)
    if any(entry.grant == Grant("PUBLIC", "database", "", "", "CONNECT") for entry in held):
        connect.clear()  # everybody may, which is a note; nobody lacks it
        held = [
            entry
            for entry in held
            if entry.grant.kind != "database"
            or entry.grant.privilege != "CONNECT"
            or entry.grant.role == "PUBLIC"
        ]
    wanted = core_grants() if let_in else expected_grants()
    return compare_grants(wanted | connect, held, superusers)


def vocabulary(conn: Connection) -> Iterator[Difference]:
    """The words of the controlled vocabularies."""
    if adopted(conn) or "public.iu_vocabulary" not in _readable(conn):
        return  # that it is missing, or may not be read, is said elsewhere
    words: dict[str, list[str]] = {"unit_kind": [], "section_type": [], "publication_type": []}
    for word in read_all(conn, _Word, "doctor_words"):
        words.setdefault(word.axis, []).append(word.code)
    for axis, needed in (
        ("unit_kind", UNIT_KINDS),
        ("section_type", SECTION_TYPES),
        ("publication_type", PUBLICATION_TYPES),
    ):
        yield from compare_words(axis, needed, words[axis])


def keys(conn: Connection) -> Iterator[Difference]:
    """A registered signing key for each principal."""
    if "cutter.principal_key" not in _readable(conn):
        return
    there = read_values(conn, str, "doctor_keys")
    for principal in (EXEC, VERIFY):
        if principal not in there:
            yield _fails(
                "key",
                principal,
                f"No public key that counts is registered for {principal}, so it can not sign.",
            )


@contextmanager
def all_asked(conn: Connection) -> Iterator[None]:
    """Ask in two turns for what the checks of the block read; inside a snapshot that began with
    `ASKED_FIRST`.

    Raises the driver's error if something may not be read.
    """
    there = _readable(conn)
    asked = [(name, None) for table, name in _OF_A_TABLE.items() if table in there]
    # As of a base of our own, so that there the second turn is the last but for what is none.
    own = ("doctor_objects", NAMES), ("doctor_grants", NAMES)
    with asked_ahead(conn, *asked, *own, ("doctor_outside", {"schemas": list(SCHEMAS)})):
        of_a_site = ("doctor_objects", CORE_NAMES), ("doctor_grants", _OURS)
        with asked_ahead(conn, *(of_a_site if adopted(conn) else ())):
            yield


def adopted(conn: Connection) -> bool:
    """Whether this is a knowledge base that cutter was let into: the units are not its own."""
    return (
        "cutter.adoption" in _readable(conn) and read_value(conn, int, "adopt_adopted") is not None
    )


def readable(conn: Connection, table: str) -> bool:
    """Whether one of our tables is there and this session may read it."""
    return table in _readable(conn)


def _installed(conn: Connection) -> _Installed | None:
    return (
        read_one(conn, _Installed, "doctor_schema")
        if "cutter.cutter_schema" in _readable(conn)
        else None
    )


def _readable(conn: Connection) -> list[str]:
    """Those of our tables that this session may read."""
    return read_values(conn, str, "doctor_readable", NAMES)


def _on(value: object) -> str:
    return "on" if value else "off"


def _fails(subject: str, name: str, message: str) -> Difference:
    return Difference(Severity.FAILS, subject, name, message)


def _note(subject: str, name: str, message: str) -> Difference:
    return Difference(Severity.NOTE, subject, name, message)
