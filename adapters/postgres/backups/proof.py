"""What the knowledge base has on record about its backups: who may sign them, what the journal
pins, what drills showed.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.statements import statement
from domain.change_set import TargetFingerprint
from domain.errors import DatabaseUnavailable, RestoreNotProven
from domain.ledger.backups import OnRecord, RestoreReport


@translated("Reading who may vouch for a backup", DatabaseUnavailable)
def signing_keys(conn: Connection) -> dict[str, bytes]:
    """The raw public keys by key id that a manifest may be signed with."""
    return {
        str(key_id): bytes(key)
        for key_id, key in conn.execute(statement("restore_proof_keys")).fetchall()
    }


@translated("Reading what the journal says of a backup", DatabaseUnavailable)
def journaled_hashes(conn: Connection, change_set_id: uuid.UUID) -> tuple[str, str] | None:
    """SHA-256 of file and manifest of the backup that a cut has journaled; None if it has not, or
    pinned no manifest yet.
    """
    row = conn.execute(
        statement("restore_proof_journaled"), {"change_set_id": change_set_id}
    ).fetchone()
    return (str(row[0]), str(row[1])) if row and row[0] and row[1] else None


@translated("Recording a restore drill", DatabaseUnavailable)
def record_proof(conn: Connection, report: RestoreReport, actor: str) -> None:
    """Put a drill's result on record, as the verifier."""
    conn.execute(
        statement("restore_proof_record"),
        {
            "proof_id": uuid.uuid4(),
            "target": report.target,
            "backup": report.backup,
            "backup_sha256": report.backup_sha256,
            "manifest_sha256": report.manifest_sha256,
            "snapshot_at": report.snapshot_at,
            "verdict": "proven" if report.proven else "refuted",
            "findings": list(report.findings),
            "table_count": report.tables,
            "row_count": report.rows,
            "actor": actor,
        },
    )


@translated("Asking for a proven backup")
def require_restore_proof(conn: Connection, target: TargetFingerprint, hours: int) -> datetime:
    """When the newest backup of this target was proven that counts: made and proven in the last
    `hours`, not refuted since.

    All by the database's clock. Raises `RestoreNotProven`, which names the command, if there is
    none.
    """
    row = conn.execute(
        statement("restore_proof_recent"), {"target": str(target), "hours": hours}
    ).fetchone()
    if row is None:
        raise RestoreNotProven(
            f"No backup of {target} that was made in the last {hours} hours is proven to come "
            f"back. Make one with "
            "`cutter backup make` and prove it with `cutter backup verify`, then start again. "
            "Nothing was written."
        )
    proven_at: datetime = row[1]
    return proven_at


@translated("Reading what is on record about backups", DatabaseUnavailable)
def backups_on_record(conn: Connection, target: TargetFingerprint) -> OnRecord:
    """Which backups of this target are proven, and which are still needed by a change set that is
    not finished.
    """
    proven = conn.execute(statement("restore_proof_proven"), {"target": str(target)}).fetchall()
    needed = conn.execute(statement("restore_proof_needed")).fetchall()
    return OnRecord(tuple(str(row[0]) for row in proven), frozenset(str(row[0]) for row in needed))


@translated("Asking the database for the time", DatabaseUnavailable)
def clock_of(conn: Connection) -> datetime:
    """The knowledge base's clock."""
    row = conn.execute(statement("restore_proof_clock")).fetchone()
    assert row is not None  # noqa: S101  # a SELECT of one function
    now: datetime = row[0]
    return now
