"""The database of the run: made on the isolated server, with dry-run logins of random passwords and
the exact privileges.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from psycopg import sql

from adapters.acceptance.approvals import PEOPLE, ThrowawayApprovers
from adapters.acceptance.secrecy import Secrets, key_material
from adapters.acceptance.server import IsolatedServer
from adapters.keys.gpg import create_backup_key
from adapters.keys.signing import Ed25519Signer, new_private_key
from adapters.postgres.backups.manifest import manifest_path
from adapters.postgres.backups.restore import restore_backup
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.connection.rows import read_value, read_values
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema.install import (
    ADMINISTRATOR,
    create_schema,
    restrict_database,
    schema_sources,
)
from adapters.postgres.schema.provision import Provisioned, provision
from domain.change_set import TargetFingerprint
from domain.phases import Principal
from domain.ports import Credentials, Endpoint
from domain.reports.acceptance import AcceptanceOptions, require_not_production

Inventory = frozenset[tuple[str, str, str]]

CANARY: Final = "canary"


@dataclass(frozen=True)
class AcceptanceTarget:
    """One database on the isolated server, and everything that the scenarios need to run on it."""

    server: IsolatedServer
    endpoint: Endpoint
    fingerprint: TargetFingerprint
    source: str
    logins: Mapping[Principal, Credentials]
    signers: Mapping[Principal, Ed25519Signer]
    backup_key: str
    approvers: ThrowawayApprovers
    reference: Inventory
    secrets: Secrets
    canary: str = field(repr=False)

    def credentials(self, principal: Principal) -> Credentials:
        """A principal's login: this method is a `CredentialsSource`."""
        return self.logins[principal]

    def admin(self) -> Connection:
        """An autocommit connection of the administrator. The caller closes it."""
        return self.server.connect(self.endpoint.database)

    @property
    def backups(self) -> Path:
        """Where the scenarios' encrypted backups go."""
        return self.server.work / f"backups-{self.endpoint.database}"


@contextlib.contextmanager
def prepared_target(
    server: IsolatedServer, options: AcceptanceOptions
) -> Iterator[AcceptanceTarget]:
    """Make database, roles and keys; dropped after the block unless they are kept.

    Raises `ProductionExecutionNotAuthorized`, `RestoreFailed`, or `DatabaseUnsuitable` where the
    schema can not be made.
    """
    name = f"cutter_accept_{secrets.token_hex(4)}"
    endpoint = replace(server.endpoint, database=name)
    with server.connect() as maintenance:
        try:
            yield _made(maintenance, server, endpoint, options)
        finally:
            if not options.keep:
                _drop_all(maintenance, name)


def inventory(conn: Connection) -> Inventory:
    """What a database's schema consists of."""
    return frozenset(
        (str(kind), str(name), str(what))
        for kind, name, what in conn.execute(statement("acceptance_inventory"))
    )


@translated("Preparing the isolated database", hint=ADMINISTRATOR)
def _made(
    maintenance: Connection, server: IsolatedServer, endpoint: Endpoint, options: AcceptanceOptions
) -> AcceptanceTarget:
    _create_database(maintenance, endpoint.database)
    oid = read_value(maintenance, int, "server_database", {"name": endpoint.database})
    made = TargetFingerprint(endpoint.database, oid or 0, server.allowed.system_identifier)
    with server.connect(endpoint.database) as inside:
        require_not_production(read_fingerprint(inside), {made}, options.forbidden)
    if options.backup is not None:
        _restore(server, endpoint, options.backup, options.gnupg_home)
    provisioned = provision(endpoint, server.administrator)
    canary, backup_key = secrets.token_urlsafe(24), create_backup_key(server.gnupg_home)
    approvers = ThrowawayApprovers({gate: new_private_key() for gate in PEOPLE}, backup_key)
    with server.connect(endpoint.database) as inside:
        approvers.register(inside)
    return AcceptanceTarget(
        server=server,
        endpoint=endpoint,
        fingerprint=provisioned.target,
        source=f"backup {options.backup.name}" if options.backup else "reference schema",
        logins=provisioned.logins,
        signers={
            principal: Ed25519Signer(key.get_secret_value())
            for principal, key in provisioned.signing_keys.items()
        },
        backup_key=backup_key,
        approvers=approvers,
        reference=_reference(maintenance, server, endpoint.database),
        secrets=_secrets_of(provisioned, approvers, server, canary),
        canary=canary,
    )


def _restore(
    server: IsolatedServer, endpoint: Endpoint, backup: Path, gnupg_home: Path | None
) -> None:
    """Bring the backup back. What it holds is granted to roles, so these come first."""
    with server.connect(endpoint.database) as inside:
        for file, text in schema_sources():
            if "roles" in file:
                inside.execute(text.encode())
    manifest = manifest_path(backup)
    sha256 = str(json.loads(manifest.read_text())["sha256"]) if manifest.exists() else None
    restore_backup(backup, endpoint, server.administrator, gnupg_home=gnupg_home, sha256=sha256)
    with server.connect(endpoint.database) as inside:
        restrict_database(
            inside, endpoint.database
        )  # who may enter a database is not part of its backup


def _reference(maintenance: Connection, server: IsolatedServer, beside: str) -> Inventory:
    """The inventory of a database with the reference schema and nothing else, made for this
    purpose.
    """
    name = f"{beside}_reference"
    _create_database(maintenance, name)
    try:
        with server.connect(name) as conn:
            create_schema(conn)
            return inventory(conn)
    finally:
        _execute(maintenance, "DROP DATABASE {} WITH (FORCE)", name)


def _secrets_of(
    provisioned: Provisioned, approvers: ThrowawayApprovers, server: IsolatedServer, canary: str
) -> Secrets:
    roles = (*provisioned.logins.values(), provisioned.rehearsal)
    logins = {f"the password of {login.user}": login.password.get_secret_value() for login in roles}
    keys = {
        f"the key of {who}": key_material(key.get_secret_value())
        for who, key in provisioned.signing_keys.items()
    }
    keys |= {
        f"the key of {PEOPLE[gate]}": key_material(pem) for gate, pem in approvers.keys.items()
    }
    administrator = {
        "the administrator's password": server.administrator.password.get_secret_value()
    }
    return Secrets({**logins, **keys, **administrator, CANARY: canary})


def _drop_all(maintenance: Connection, name: str) -> None:
    """The database, and the roles of ours: there were none before, or the server would have been
    refused.
    """
    _execute(maintenance, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    for role in read_values(maintenance, str, "acceptance_roles_present"):
        _execute(maintenance, "DROP ROLE {}", role)


def _create_database(maintenance: Connection, name: str) -> None:
    _execute(maintenance, "CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0", name)


def _execute(conn: Connection, words: str, name: str) -> None:
    conn.execute(
        sql.SQL(words).format(sql.Identifier(name))
    )  # words of our own; the name is quoted
