"""What the knowledge base has on record about its backups: who may sign them, what the journal
pins, what drills showed.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all, read_one, read_values
from adapters.postgres.connection.statements import statement
from domain.change_set import TargetFingerprint
from domain.errors import DatabaseUnavailable, RestoreNotProven
from domain.ledger.backups import OnRecord, RestoreReport


@dataclass(frozen=True, slots=True)
class _Key:
    key_id: str
    public_key: bytes


@dataclass(frozen=True, slots=True)
class _Journaled:
    sha256: str | None
    manifest_sha256: str | None


@dataclass(frozen=True, slots=True)
class _Proof:
    backup: str
    recorded_at: datetime


@translated("Reading who may vouch for a backup", DatabaseUnavailable)
def signing_keys(conn: Connection) -> dict[str, bytes]:
    """The raw public keys by key id that a manifest may be signed with."""
    return {key.key_id: key.public_key for key in read_all(conn, _Key, "restore_proof_keys")}


@translated("Reading what the journal says of a backup", DatabaseUnavailable)
def journaled_hashes(conn: Connection, change_set_id: uuid.UUID) -> tuple[str, str] | None:
    """SHA-256 of file and manifest of the backup that a cut has journaled; None if it has not, or
    pinned no manifest yet.
    """
    key = {"change_set_id": change_set_id}
    found = read_one(conn, _Journaled, "restore_proof_journaled", key)
    if found is None or not found.sha256 or not found.manifest_sha256:
        return None
    return found.sha256, found.manifest_sha256


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
    keys = {"target": str(target), "hours": hours}
    proof = read_one(conn, _Proof, "restore_proof_recent", keys)
    if proof is None:
        raise RestoreNotProven(
            f"No backup of {target} that was made in the last {hours} hours is proven to come "
            f"back. Make one with "
            "`cutter backup make` and prove it with `cutter backup verify`, then start again. "
            "Nothing was written."
        )
    return proof.recorded_at


@translated("Reading what is on record about backups", DatabaseUnavailable)
def backups_on_record(conn: Connection, target: TargetFingerprint) -> OnRecord:
    """Which backups of this target are proven, and which are still needed by a change set that is
    not finished.
    """
    proven = read_values(conn, str, "restore_proof_proven", {"target": str(target)})
    needed = read_values(conn, str, "restore_proof_needed")
    return OnRecord(tuple(proven), frozenset(needed))
