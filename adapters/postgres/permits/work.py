"""The documents of a release as its workers share them, and the one backup of it.

A claim keeps two workers from taking one document; that one change set is written once is held by
permit, writers lock and journal, whatever is claimed.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all, read_one, read_value
from adapters.postgres.connection.statements import statement
from domain.errors import PhaseStop
from domain.release.manifest import Release
from domain.results import BackupResult

_BACKUP: TypeAdapter[BackupResult] = TypeAdapter(BackupResult)


class WorkState(StrEnum):
    """How far a document of a release is, as its workers say."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Claim:
    """A document that was claimed; `claims` is how often it was by now."""

    place: int
    document_code: str
    change_set_id: uuid.UUID
    claims: int


@dataclass(frozen=True, slots=True)
class Work:
    """One document of a release that is run.

    `silent` says that its worker's claim has run out, `seconds` for how long the row is as it is.
    """

    place: int
    document_code: str
    change_set_id: uuid.UUID
    state: str
    holder: str | None
    claims: int
    reason: str
    changed_at: datetime
    silent: bool
    seconds: float


@translated("Naming the documents of a release", PhaseStop)
def add_work(conn: Connection, release_permit_id: uuid.UUID, release: Release) -> None:
    """Let the documents of a release be claimed; those that are known already stay as they are."""
    values = {
        "release_permit_id": release_permit_id,
        "codes": [one.document_code for one in release.effects],
        "change_sets": [one.change_set_id for one in release.effects],
    }
    conn.execute(statement("release_work_add"), values)


@translated("Claiming a document of a release", PhaseStop)
def claim_next(
    conn: Connection, release_permit_id: uuid.UUID, holder: str, seconds: float
) -> Claim | None:
    """The next document that nobody works at, claimed for so long; None if there is none.

    `conn` is in autocommit.
    """
    keys = {"release_permit_id": release_permit_id, "holder": holder, "seconds": seconds}
    return read_one(conn, Claim, "release_work_claim", keys)


@translated("Looking what is left of a release", PhaseStop)
def unended(conn: Connection, release_permit_id: uuid.UUID) -> int:
    """How many documents of a release wait, or are claimed by somebody."""
    keys = {"release_permit_id": release_permit_id}
    return read_value(conn, int, "release_work_unended", keys) or 0


@translated("Holding a claim", PhaseStop)
def hold(
    conn: Connection, release_permit_id: uuid.UUID, place: int, holder: str, seconds: float
) -> bool:
    """Say that a claim goes on; False if it is another's by now."""
    keys = {
        "release_permit_id": release_permit_id,
        "place": place,
        "holder": holder,
        "seconds": seconds,
    }
    return read_value(conn, int, "release_work_hold", keys) is not None


@translated("Ending a claim", PhaseStop)
def end_claim(
    conn: Connection,
    release_permit_id: uuid.UUID,
    place: int,
    holder: str,
    state: WorkState,
    reason: str = "",
) -> bool:
    """Say how a document has ended; False if the claim is another's by now, who will say it."""
    keys = {
        "release_permit_id": release_permit_id,
        "place": place,
        "holder": holder,
        "state": state.value,
        "reason": reason,
    }
    return read_value(conn, int, "release_work_end", keys) is not None


@translated("Letting what failed be tried again", PhaseStop)
def work_again(conn: Connection, release_permit_id: uuid.UUID) -> list[Claim]:
    """Let every document that failed or was refused wait again; which ones."""
    return read_all(conn, Claim, "release_work_again", {"release_permit_id": release_permit_id})


@translated("Reading how far a release is", PhaseStop)
def work_of(conn: Connection, release_id: uuid.UUID) -> list[Work]:
    """Every document of the newest run of a release, in its order; none if it was never run."""
    return read_all(conn, Work, "release_work_all", {"release_id": release_id})


@translated("Reading since when a release is run", PhaseStop)
def elapsed_of(conn: Connection, release_id: uuid.UUID) -> float | None:
    """For how many seconds the newest run of a release is under way; None if it was never run."""
    return read_value(conn, float, "release_elapsed", {"release_id": release_id})


@translated("Waiting for the backup of a release", PhaseStop)
def lock_backup(conn: Connection, release_permit_id: uuid.UUID) -> None:
    """Wait until no other session makes the backup of this release; until the session ends."""
    conn.execute(statement("release_backup_lock"), {"release_permit_id": release_permit_id})


@translated("Reading the backup of a release", PhaseStop)
def backup_of(conn: Connection, release_permit_id: uuid.UUID) -> BackupResult | None:
    """The backup that a release is run under, if there is one."""
    found = read_value(conn, dict, "release_backup", {"release_permit_id": release_permit_id})
    return None if found is None else _BACKUP.validate_python(found)


@translated("Recording the backup of a release", PhaseStop)
def record_backup(conn: Connection, release_permit_id: uuid.UUID, made: BackupResult) -> None:
    """Put the backup of a release on record."""
    content: dict[str, Any] = _BACKUP.dump_python(made, mode="json")
    keys = {"release_permit_id": release_permit_id, "result": Jsonb(content)}
    conn.execute(statement("release_backup_record"), keys)
