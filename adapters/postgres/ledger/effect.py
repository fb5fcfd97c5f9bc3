"""The effect digest as the server computes it from its tables; `domain.plan.effect` plans it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from adapters.postgres.connection.statements import statement
from domain.phases import PHASES


def effect_digest(conn: psycopg.Connection[Any], change_set_id: UUID) -> str:
    """What the tables hold of a change set at this moment, as one SHA-256, hexadecimal."""
    recorded = [spec.phase.value for spec in PHASES[:-1]]  # the last one's row holds the digest
    values = {"change_set_id": change_set_id, "phases": recorded}
    row = conn.execute(statement("effect_digest"), values).fetchone()
    return str(row[0]) if row else ""
