"""The SQL that lets cutter into a database, and the SQL that takes it out again: two texts for an
administrator to read, of which nothing is run here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, LiteralString

from psycopg import sql

from adapters.postgres.adopting.examine import Site
from adapters.postgres.adopting.port_sql import baseline_sql, port_sql, schemas_of
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.names import relation
from adapters.postgres.connection.rows import read_all, read_values
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema.catalog import SCHEMA_VERSION
from adapters.postgres.schema.install import schema_sources, sources_sha256
from adapters.postgres.schema.let_in import core_privileges, everybody_enters
from domain.ledger.mapping import SiteMapping, render
from domain.ledger.privileges import (
    CONNECTING,
    EXEC,
    OURS,
    OWNER,
    READ,
    READER,
    REHEARSE,
    VERIFY,
)

ROLES_FILE: Final = "schema_10_roles.sql"
REFERENCE_FILES: Final = (
    "schema_12_schema.sql",
    "schema_20_units.sql",
    "schema_50_lifecycle.sql",
    "schema_80_port.sql",
    "schema_82_batch.sql",
    "schema_85_revising.sql",
)
"""What a site has of its own, or gets from the mapping."""
MADE_ROLES: Final = (REHEARSE, VERIFY, EXEC, READER, READ, OWNER)
READING_FILES: Final = "schema_9"
"""What the names of those files begin with that stand on the port, and come after it."""
PRINCIPALS: Final = (EXEC, VERIFY)
AGAIN: Final[tuple[LiteralString, LiteralString]] = (
    "GRANT {} ON {} TO {}",
    "GRANT {} ON {} TO {} WITH GRANT OPTION",
)
INHERIT_OPTION: Final = 160_000
"""The version of the server from which on a membership says whether it is inherited."""


OUT_AGAIN: Final = """-- Takes iu-cutter out again, as it was let in by the mapping {digest}.
-- Units that were cut stay, and all that is on record about them goes. Make a backup first.
"""


@dataclass(frozen=True, slots=True)
class RoleThere:
    """A role with a name of ours that was there before, and whether it inherits."""

    role: str
    inherit: bool


@dataclass(frozen=True, slots=True)
class _Written:
    name: str
    role: str
    privilege: str
    grantable: bool


@dataclass(frozen=True, slots=True)
class Adoption:
    """What is put before an administrator: the mapping's file and its SHA-256, the SQL that adopts
    and the SQL that takes it back.
    """

    mapping: str
    digest: str
    adopt: str
    revert: str


def adoption(conn: Connection, site: Site, mapping: SiteMapping, text: str = "") -> Adoption:
    """The two texts for a mapping; `text` is its file, if a person has written it."""
    written = text or render(mapping)
    digest = hashlib.sha256(written.encode()).hexdigest()
    there = {one.role: one.inherit for one in read_all(conn, RoleThere, "adopt_roles")}
    grants = list(_site_grants(conn, site, mapping))
    direct = read_all(conn, _Written, "adopt_written", {"tables": _unit_tables(mapping)})
    members = read_values(conn, str, "adopt_members")
    to_join = [role for role in PRINCIPALS if role not in members]
    inheriting = [role for role in PRINCIPALS if there.get(role)]
    adopt = [
        f"-- Lets iu-cutter into this database, by the mapping with the SHA-256 {digest}.\n",
        dict(schema_sources())[ROLES_FILE],
        *(_line("ALTER ROLE {} NOINHERIT", role) for role in inheriting),
        *(_line(_member_words(conn), role, REHEARSE) for role in to_join if role in there),
        _line("CREATE SCHEMA {} AUTHORIZATION {}", OURS, OWNER),
        *(_grant(one, "GRANT {} ON {} TO {}") for one in grants),
        _line("SET LOCAL ROLE {}", OWNER),
        *_own_sources(after_port=False),
        port_sql(mapping),
        *_own_sources(after_port=True),
        "RESET ROLE;\n",
        *map(_text, core_privileges(conn)),
        *(_grant(one, "REVOKE {} ON {} FROM {}") for one in map(_as_grant, direct)),
        _version(),
        baseline_sql(digest),
    ]
    revert = [
        OUT_AGAIN.format(digest=digest),
        *(_grant(_as_grant(one), AGAIN[one.grantable]) for one in direct),
        *(_grant(one, "REVOKE {} ON {} FROM {}") for one in grants),
        _line("DROP SCHEMA {} CASCADE", OURS),
        *(_line("REVOKE {} FROM {}", role, REHEARSE) for role in to_join),
        *(_line("ALTER ROLE {} INHERIT", role) for role in inheriting),
        *_shut_out(conn, there),
        *(_line("DROP ROLE {}", role) for role in MADE_ROLES if role not in there),
    ]
    return Adoption(written, digest, "\n".join(adopt), "\n".join(revert))


def _own_sources(*, after_port: bool) -> Iterator[str]:
    """The schema's files that are the same whoever implements the units."""
    for name, text in schema_sources():
        own = name not in (ROLES_FILE, *REFERENCE_FILES)
        if own and name.startswith(READING_FILES) is after_port:
            yield text


_Grant = tuple[str, sql.Composable, str]
"""A privilege, the object in SQL's words, and the role."""


def _as_grant(one: _Written) -> _Grant:
    return one.privilege, sql.SQL("TABLE {}").format(relation(one.name)), one.role


def _unit_tables(mapping: SiteMapping) -> list[str]:
    return list(dict.fromkeys((mapping.units.table, mapping.versions.table)))


def _site_grants(conn: Connection, site: Site, mapping: SiteMapping) -> Iterator[_Grant]:
    """What cutter's owner needs of the site, and what the principals read for backups; only what
    they do not have already, so that taking it back leaves the privileges as they were.
    """
    for schema in schemas_of(mapping):
        for role in (OWNER, *PRINCIPALS):
            if not _has(conn, role, "schema", schema, "USAGE"):
                yield "USAGE", sql.SQL("SCHEMA {}").format(sql.Identifier(schema)), role
    tables = _unit_tables(mapping)
    wanted = [(table, "SELECT", role) for table in tables for role in (OWNER, *PRINCIPALS)]
    wanted += [(table, "SELECT", OWNER) for table in mapping.reads]
    wanted += [(mapping.units.table, "UPDATE", OWNER)]
    if not _all_definers(site, mapping):
        wanted += [(table, one, OWNER) for table in tables for one in ("INSERT", "UPDATE")]
    for table, privilege, role in dict.fromkeys(wanted):
        if not _has(conn, role, "table", table, privilege):
            yield privilege, sql.SQL("TABLE {}").format(relation(table)), role


def _all_definers(site: Site, mapping: SiteMapping) -> bool:
    names = (mapping.create.function, mapping.enact.function)
    return all((found := site.function(name)) is not None and found.definer for name in names)


def _has(conn: Connection, role: str, kind: str, name: str, privilege: str) -> bool:
    """Whether a role has it, by itself or because everybody has; one that is not there yet has what
    everybody has.
    """
    keys = {"role": role, "name": name, "privilege": privilege}
    row = conn.execute(statement(f"adopt_has_{kind}"), keys).fetchone()
    return bool(row and row[0])


def _shut_out(conn: Connection, there: dict[str, bool]) -> Iterator[str]:
    """Who may not come in any more: not said where everybody may."""
    if everybody_enters(conn, conn.info.dbname):
        return
    for role in CONNECTING:
        if role not in there:
            yield _line("REVOKE CONNECT ON DATABASE {} FROM {}", conn.info.dbname, role)


def _member_words(conn: Connection) -> LiteralString:
    """That the rehearsal's login may become a principal: said, because a role that was there before
    is made nobody's otherwise.
    """
    if conn.info.server_version < INHERIT_OPTION:
        return "GRANT {} TO {}"
    return "GRANT {} TO {} WITH INHERIT FALSE, SET TRUE"


def _version() -> str:
    record = sql.SQL(
        "INSERT INTO cutter.cutter_schema (version, sources_sha256) VALUES ({}, {})"
    ).format(sql.Literal(SCHEMA_VERSION), sql.Literal(sources_sha256()))
    return _text(record)


def _grant(one: _Grant, words: LiteralString) -> str:
    privilege, target, role = one
    parts = (sql.SQL(privilege), target, sql.Identifier(role))
    return _text(sql.SQL(words).format(*parts))


def _line(words: LiteralString, *names: str) -> str:
    return _text(sql.SQL(words).format(*map(sql.Identifier, names)))


def _text(words: sql.Composable) -> str:
    return f"{words.as_string(None)};\n"
