"""The register of the principals' public keys, which an administrator keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all
from adapters.postgres.connection.statements import statement
from adapters.postgres.schema.install import ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A principal's key. `key_id` is the SHA-256 of the raw public key, hexadecimal."""

    key_id: str
    principal: str
    registered_at: datetime
    retired_at: datetime | None


@translated("Reading the register of keys")
def registered_keys(conn: Connection) -> list[RegisteredKey]:
    """Every key that was ever registered, the oldest first."""
    return read_all(conn, RegisteredKey, "principal_keys")


@translated("Retiring a principal's key", hint=ADMINISTRATOR)
def retire_key(conn: Connection, key_id: str) -> bool:
    """Retire a key for good; what it signed stays valid as of then. False if it did not count."""
    return conn.execute(statement("principal_key_retire"), {"key_id": key_id}).rowcount == 1
