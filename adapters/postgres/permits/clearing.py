"""What stands in a document's way and is no law, taken out of it by an administrator.

Whoever holds the executor's login while a permit is open writes as the executor does. What he
leaves behind is no law, and a run can neither finish nor revert it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_all
from adapters.postgres.permits.permit import halts_in_force
from domain.errors import BadInput, PhaseStop


@dataclass(frozen=True, slots=True)
class Cleared:
    """One thing that was in the way.

    `kind` is change_set, unit or version; `was` a change set's status, a unit's lifecycle, or the
    number of a version: also of one at which a unit stood that was put back.
    """

    kind: str
    subject: uuid.UUID
    canonical_address: str | None
    was: str


@translated("Clearing a document", PhaseStop)
def clear_document(
    conn: Connection,
    document_code: str,
    by: str,
    reason: str,
    *,
    apply: bool,
    put_back: bool = False,
) -> Sequence[Cleared]:
    """End what is unfinished of a document, withdraw its drafts, and keep on record what was done.

    With `put_back` an unfinished revert is ended too that has taken enacted units back; they stand
    again. Without `apply` all is rolled back: what is answered is what would be done. `conn` is an
    administrator's. Raises `BadInput` without a name and a reason or while nothing is halted, and
    `PhaseStop` for what the database refuses.
    """
    if not (by.strip() and reason.strip()):
        raise BadInput("A document is cleared by a named person for a reason; give both.")
    if not halts_in_force(conn):
        raise BadInput(
            "A document is cleared while everything is halted, so that no run is at work: first "
            '`cutter halt --reason "..."`, and afterwards `cutter lift`.'
        )
    keys = {
        "document_code": document_code,
        "by": by,
        "reason": reason,
        "put_back": put_back,
    }
    with conn.transaction(force_rollback=not apply):
        return read_all(conn, Cleared, "document_clear", keys)
