"""What a cut leaves behind, without ids, times and what is made from them: two runs of one plan
must leave the same.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from psycopg import sql

from adapters.postgres.connection.names import relation
from tests.support.live import MUTATION_SURFACE
from tests.support.postgres import Database

VOLATILE = frozenset(
    (
        "id",
        "entry_id",
        "envelope_id",
        "decision_id",
        "signature_id",
        "unit_id",
        "version_id",
        "current_version_id",
        "parent_id",
        "replaces",
        "from_version_id",
        "change_set_id",
        "target",
        "executor_signature_id",
        "verifier_signature_id",
        "row_sha256",
        "previous_sha256",
        "rows_sha256",
        "signature",
        "key_id",
        "result",
        "created_at",
        "enacted_at",
        "opened_at",
        "recorded_at",
        "swept_at",
        "sealed_at",
        "decided_at",
        "signed_at",
        "applied_at",
        "verified_at",
    )
)
OF_IDS = {
    ("cutter.dot_pair_signature", "payload_sha256"),
    ("cutter.decision_backlog_history", "payload_sha256"),
}


def end_state(database: Database) -> dict[str, Counter[str]]:
    """Every row of every table that a cut may change, less what differs from run to run; parents by
    address.
    """
    state: dict[str, Counter[str]] = {}
    with database.connect() as admin:
        for table in MUTATION_SURFACE:
            query = sql.SQL("SELECT to_jsonb(t) FROM {} t").format(relation(table))
            state[table] = Counter(_kept(table, row) for (row,) in admin.execute(query))
        parents = admin.execute(
            "SELECT u.canonical_address, p.canonical_address FROM information_unit u"
            " LEFT JOIN information_unit p ON p.id = u.parent_id"
        )
        state["parents"] = Counter(f"{child} < {parent}" for child, parent in parents)
    return state


def _kept(table: str, row: dict[str, Any]) -> str:
    if table == "cutter.decision_backlog_dependency" and row["kind"] == "revises":
        row = row | {"reference": ""}  # the entry's id
    return str(
        sorted(
            (k, str(v)) for k, v in row.items() if k not in VOLATILE and (table, k) not in OF_IDS
        )
    )


def row_counts(database: Database) -> dict[str, int]:
    """How many rows each table holds."""
    return {table: sum(rows.values()) for table, rows in end_state(database).items()}
