"""The effect digest as the server computes it from its tables; `domain.plan.effect` plans it."""

from __future__ import annotations

from uuid import UUID

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_value
from domain.phases import PHASES


def effect_digest(conn: Connection, change_set_id: UUID) -> str:
    """What the tables hold of a change set at this moment, as one SHA-256, hexadecimal."""
    recorded = [spec.phase.value for spec in PHASES[:-1]]  # the last one's row holds the digest
    values = {"change_set_id": change_set_id, "phases": recorded}
    return read_value(conn, str, "effect_digest", values) or ""
