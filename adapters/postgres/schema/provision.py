"""Prepare a knowledge base of our own: database, reference schema, the principals' passwords and
public keys.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from psycopg import sql
from pydantic import SecretBytes, SecretStr

from adapters.keys.signing import Ed25519Signer, new_private_key
from adapters.postgres.connection.identity import read_fingerprint
from adapters.postgres.connection.rows import read_value
from adapters.postgres.connection.session import administrator
from adapters.postgres.schema.install import ADMINISTRATOR, create_schema, register_key
from adapters.postgres.server.passwords import set_password
from domain.change_set import TargetFingerprint
from domain.errors import DatabaseUnavailable
from domain.ledger.privileges import REHEARSE
from domain.phases import Principal
from domain.ports import Credentials, Endpoint


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What came of it.

    Logins and keys are new if the schema was made now; they go into Secret blocks and nowhere else.
    """

    target: TargetFingerprint
    created: bool
    logins: Mapping[Principal, Credentials]
    rehearsal: Credentials
    signing_keys: Mapping[Principal, SecretBytes]


def provision(endpoint: Endpoint, login: Credentials) -> Provisioned:
    """Make the database if it is missing, then schema, passwords and keys.

    `login` is an administrator's. Run again, it gives new passwords and keys.

    Raises `DatabaseUnavailable`, `PrincipalCapabilityError` for a login that may not, or
    `DatabaseUnsuitable` for a database that is not ours.
    """
    _create_database(endpoint, login)
    logins = {
        principal: Credentials(principal.value, SecretStr(secrets.token_urlsafe(24)))
        for principal in Principal
    }
    rehearsal = Credentials(REHEARSE, SecretStr(secrets.token_urlsafe(24)))
    keys = {principal: SecretBytes(new_private_key()) for principal in Principal}
    with administrator(
        endpoint, login, "Preparing the knowledge base", DatabaseUnavailable, hint=ADMINISTRATOR
    ) as admin:
        created = create_schema(admin)
        with admin.transaction():
            set_password(admin, rehearsal.user, rehearsal.password)
            for principal in Principal:
                set_password(admin, principal.value, logins[principal].password)
                signer = Ed25519Signer(keys[principal].get_secret_value())
                register_key(admin, principal.value, signer.public_key)
        target = read_fingerprint(admin)
    return Provisioned(target, created, logins, rehearsal, keys)


def _create_database(endpoint: Endpoint, login: Credentials) -> None:
    maintenance = replace(endpoint, database="postgres")
    with administrator(
        maintenance, login, "Making the database", DatabaseUnavailable, hint=ADMINISTRATOR
    ) as admin:
        if read_value(admin, int, "server_database", {"name": endpoint.database}) is None:
            admin.execute(
                sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(endpoint.database)
                )
            )
