"""A backup brought back onto a server where nothing of it is: roles first, then data with owners
and grants, then who may enter; and compared with its manifest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from psycopg import sql
from pydantic import SecretStr

from adapters.postgres.backups.contents import contents_like
from adapters.postgres.backups.manifest import BackupManifest, read_manifest
from adapters.postgres.backups.restore import restore_backup
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.connection.rows import read_value, read_values
from adapters.postgres.connection.session import administrator
from adapters.postgres.schema.install import (
    ADMINISTRATOR,
    ADMINISTRATORS_FILES,
    restrict_database,
    schema_sources,
)
from adapters.postgres.server.passwords import set_password
from domain.change_set import TargetFingerprint
from domain.errors import DatabaseUnavailable, RestoreFailed
from domain.ledger.backups import compare_contents
from domain.ledger.privileges import ROLES
from domain.ports import Credentials, Endpoint

OUR_LOGINS = tuple(role.role for role in ROLES if role.login)


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """What is in the database now. `made` are the roles that were not there, `silent` those of our
    logins that still have no password.
    """

    target: TargetFingerprint
    tables: int
    rows: int
    made: tuple[str, ...]
    silent: tuple[str, ...]


def bring_back(
    backup: Path,
    endpoint: Endpoint,
    login: Credentials,
    *,
    gnupg_home: Path | None,
    passwords: Mapping[str, SecretStr],
) -> BroughtBack:
    """Restore a backup into the database that `endpoint` names, made if it is missing.

    `login` is an administrator's. Roles that are there stay as they are; one of our logins that is
    made here gets its password from `passwords`. Raises `RestoreFailed` for a database that is not
    empty, a file that is not the one described, or what came back otherwise than it was; a database
    that was made here does not stay then. Raises `DatabaseUnavailable` and what a login may not.
    """
    manifest, _ = read_manifest(backup)
    with _database(endpoint, login):
        made = _make_roles(endpoint, login, manifest, passwords)
        restore_backup(backup, endpoint, login, gnupg_home=gnupg_home, sha256=manifest.sha256)
        with administrator(
            endpoint, login, "Reading what came back", RestoreFailed, hint=ADMINISTRATOR
        ) as conn:
            restrict_database(conn, endpoint.database)
            found = contents_like(conn, manifest.contents)
            target = read_fingerprint(conn)
        if findings := compare_contents(manifest.contents, found):
            raise RestoreFailed(
                f"What came back is not what was backed up: {findings[0]} In all, {len(findings)} "
                f"differences."
            )
    rows = sum(table.rows for table in found.tables.values())
    silent = tuple(role for role in OUR_LOGINS if role in made and role not in passwords)
    return BroughtBack(target, len(found.tables), rows, made, silent)


@contextmanager
def _database(endpoint: Endpoint, login: Credentials) -> Iterator[None]:
    """The database, there while the block runs; made here, it goes if that fails."""
    maintenance, name = replace(endpoint, database="postgres"), sql.Identifier(endpoint.database)
    with administrator(
        maintenance, login, "Making the database", DatabaseUnavailable, hint=ADMINISTRATOR
    ) as admin:
        there = read_value(admin, int, "server_database", {"name": endpoint.database})
        if there is None:
            words = "CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0"
            admin.execute(sql.SQL(words).format(name))
        try:
            yield
        except BaseException:
            if there is None:
                admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            raise


def _make_roles(
    endpoint: Endpoint,
    login: Credentials,
    manifest: BackupManifest,
    passwords: Mapping[str, SecretStr],
) -> tuple[str, ...]:
    """Our roles as the schema makes them, then those that the backup's objects are granted to."""
    with administrator(
        endpoint, login, "Making the roles", RestoreFailed, hint=ADMINISTRATOR
    ) as admin:
        before = set(read_values(admin, str, "server_roles"))
        with admin.transaction():
            for file, text in schema_sources():
                if file == ADMINISTRATORS_FILES[0]:
                    admin.execute(text.encode())
            for role, may_log_in in manifest.roles.items():
                if role not in {*before, *(ours.role for ours in ROLES)}:
                    _make_role(admin, role, may_log_in=may_log_in)
            made = tuple(sorted(set(read_values(admin, str, "server_roles")) - before))
            for role in OUR_LOGINS:
                if role in made and role in passwords:
                    set_password(admin, role, passwords[role])
    return made


def _make_role(admin: Connection, role: str, *, may_log_in: bool) -> None:
    words = "CREATE ROLE {} LOGIN" if may_log_in else "CREATE ROLE {} NOLOGIN"
    admin.execute(sql.SQL(words).format(sql.Identifier(role)))
