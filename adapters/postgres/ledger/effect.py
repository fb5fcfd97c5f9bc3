"""The effect digest as the server computes it from its tables; `domain.plan.effect` plans it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import Question, answered, ask, read_value
from adapters.postgres.connection.writing import Row, writing
from domain.phases import PHASES


def effect_digest(conn: Connection, change_set_id: UUID) -> str:
    """What the tables hold of a change set at this moment, as one SHA-256, hexadecimal."""
    return read_value(conn, str, *_question(change_set_id)) or ""


def effect_digest_after(conn: Connection, change_set_id: UUID, rows: Sequence[Row]) -> str:
    """The effect digest once these rows are written, asked in one turn with them.

    Raises what `writing` raises.
    """
    with writing(conn, rows):
        asked = ask(conn, _question(change_set_id))
    with answered(conn, asked):
        return effect_digest(conn, change_set_id)


def _question(change_set_id: UUID) -> Question:
    recorded = [spec.phase.value for spec in PHASES[:-1]]  # the last one's row holds the digest
    return "effect_digest", {"change_set_id": change_set_id, "phases": recorded}
