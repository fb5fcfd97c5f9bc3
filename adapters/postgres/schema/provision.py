"""Prepare a knowledge base of our own: database, reference schema, the principals' passwords and
public keys.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from psycopg import sql
from pydantic import SecretBytes, SecretStr

from adapters.keys.signing import Ed25519Signer, new_private_key
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.connection.rows import read_value, read_values
from adapters.postgres.connection.session import administrator
from adapters.postgres.schema.install import (
    ADMINISTRATOR,
    create_schema,
    register_key,
    retire_other_keys,
)
from adapters.postgres.schema.let_in import SITE_TABLES
from adapters.postgres.schema.owner import owner_lent
from adapters.postgres.server.passwords import set_password
from domain.change_set import TargetFingerprint
from domain.errors import DatabaseUnavailable, RolesInUse
from domain.ledger.privileges import READER, REHEARSE, ROLES
from domain.phases import Principal
from domain.ports import Credentials, Endpoint

ROLE_NAMES: Final = tuple(role.role for role in ROLES)
LOGINS: Final = (*(principal.value for principal in Principal), REHEARSE, READER)
"""Who gets a new password."""


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What came of it.

    Logins and keys are new each time; they go into Secret blocks and nowhere else, but for the
    reader's, which sees what anybody may see who reads out units.
    """

    target: TargetFingerprint
    created: bool
    logins: Mapping[Principal, Credentials]
    rehearsal: Credentials
    reader: Credentials
    signing_keys: Mapping[Principal, SecretBytes]


def provision(endpoint: Endpoint, login: Credentials, *, adopt_roles: bool = False) -> Provisioned:
    """Make the database if it is missing, then schema, passwords and keys.

    `login` is an administrator's. Run again on the same database, it gives new passwords and keys
    and retires the keys that were there. Roles of our names that this database does not account for
    are somebody's logins, and so may be all of them where cutter was let in: only `adopt_roles`
    gives them new passwords.

    Raises `RolesInUse` for such roles, `DatabaseUnavailable`, `PrincipalCapabilityError` for a
    login that may not, or `DatabaseUnsuitable` for a database that is not ours. A database that was
    made here does not stay then.
    """
    with _database(endpoint, login, adopt_roles=adopt_roles):
        return _provisioned(endpoint, login)


def _provisioned(endpoint: Endpoint, login: Credentials) -> Provisioned:
    logins = {
        principal: Credentials(principal.value, SecretStr(secrets.token_urlsafe(24)))
        for principal in Principal
    }
    rehearsal = Credentials(REHEARSE, SecretStr(secrets.token_urlsafe(24)))
    reader = Credentials(READER, SecretStr(secrets.token_urlsafe(24)))
    keys = {principal: SecretBytes(new_private_key()) for principal in Principal}
    with administrator(
        endpoint, login, "Preparing the knowledge base", DatabaseUnavailable, hint=ADMINISTRATOR
    ) as admin:
        created = create_schema(admin)
        with admin.transaction(), owner_lent(admin):
            for login_role in (rehearsal, reader):
                set_password(admin, login_role.user, login_role.password)
            for principal in Principal:
                set_password(admin, principal.value, logins[principal].password)
                signer = Ed25519Signer(keys[principal].get_secret_value())
                key_id = register_key(admin, principal.value, signer.public_key)
                retire_other_keys(admin, principal.value, key_id)
        target = read_fingerprint(admin)
    return Provisioned(target, created, logins, rehearsal, reader, keys)


@contextmanager
def _database(endpoint: Endpoint, login: Credentials, *, adopt_roles: bool) -> Iterator[None]:
    """The database, there while the block runs and afterwards; made here, it goes if that fails."""
    maintenance = replace(endpoint, database="postgres")
    name = sql.Identifier(endpoint.database)
    with administrator(
        maintenance, login, "Making the database", DatabaseUnavailable, hint=ADMINISTRATOR
    ) as admin:
        oid = read_value(admin, int, "server_database", {"name": endpoint.database})
        if not adopt_roles:
            if oid is not None:
                _refuse_logins_of_a_site(endpoint, login)
            _refuse_roles_of_others(admin, oid)
        if oid is None:
            admin.execute(
                sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(name)
            )
        try:
            yield
        except BaseException:
            if oid is None:
                admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            raise


def _refuse_roles_of_others(admin: Connection, oid: int | None) -> None:
    """Raises `RolesInUse` for roles of our names that are of use to anything but this database."""
    names = {"roles": list(ROLE_NAMES), "database_oid": oid or 0}
    found = read_values(admin, str, "server_roles_of_others", names)
    if found:
        raise RolesInUse(
            f"The server already has {_listed(found)}, and another database or application may log "
            f"in with them: new passwords would lock it out. Name another server; or, if they are "
            f"yours to take over, add --adopt-roles. Nothing was changed."
        )


def _refuse_logins_of_a_site(endpoint: Endpoint, login: Credentials) -> None:
    """Raises `RolesInUse` where cutter was let in: who was there before may log in as a principal,
    and a role that has a grant in this very database tells nobody whose it is.
    """
    with administrator(
        endpoint, login, "Looking whose logins these are", DatabaseUnavailable, hint=ADMINISTRATOR
    ) as admin:
        let_in = read_value(admin, bool, "server_let_in", {"tables": list(SITE_TABLES)})
    if let_in:
        raise RolesInUse(
            f"Cutter was let into this database, and other applications may log in with "
            f"{_listed(LOGINS)}: new passwords would lock them out. Where these keep the "
            f"passwords that they have, use `cutter secrets set` and `cutter key make`; or, if "
            f"they are yours to take over, add --adopt-roles. Nothing was changed."
        )


def _listed(roles: Sequence[str]) -> str:
    """Roles for a sentence.

    >>> _listed(["a"]), _listed(["a", "b", "c"])
    ('the role a', 'the roles a, b and c')
    """
    if len(roles) == 1:
        return f"the role {roles[0]}"
    return f"the roles {', '.join(roles[:-1])} and {roles[-1]}"
