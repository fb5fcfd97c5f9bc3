"""Who may approve: public keys of people, registered and retired by an administrator and by nobody
else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from adapters.keys.public_file import require_sound
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.statements import statement
from adapters.postgres.permits.permit import registry
from domain.approval.approvals import Gate
from domain.approval.people import require_name, same_person
from domain.errors import BadInput


@translated("Registering an approver")
def register_approver(
    conn: Connection,
    person: str,
    public_key: bytes,
    gates: Iterable[Gate],
    validity: timedelta,
    registered_by: str,
) -> str:
    """Register a person's raw public Ed25519 key, or passkey, for some gates; returns its key id.

    `conn` is an administrator's.

    The same again is no change. Raises `BadInput` for a key that is registered for somebody else or
    for other gates, that can not be a person's key, and for a name that does not show.
    """
    person = require_name(person)
    require_sound(public_key, f"The key of {person}")
    wanted = frozenset(gates)
    known = registry(conn).get(hashlib.sha256(public_key).hexdigest())
    if known is not None:
        if (
            not same_person(known.person, person)
            or known.gates != wanted
            or known.retired_at is not None
        ):
            raise BadInput(
                f"The key {known.key_id[:12]} is on record for {known.person} otherwise; "
                f"register a new key."
            )
        return known.key_id
    values = {
        "person": person,
        "public_key": public_key,
        "gates": sorted(wanted),
        "validity": validity,
        "registered_by": registered_by,
    }
    conn.execute(statement("approver_register"), values)
    return hashlib.sha256(public_key).hexdigest()


@translated("Retiring an approver's key")
def retire_approver(conn: Connection, key_id: str) -> bool:
    """Retire a key: from now on it counts no more.

    False if there was none to retire. `conn` is an administrator's.
    """
    return conn.execute(statement("approver_retire"), {"key_id": key_id}).rowcount == 1
