"""What a revision starts from: the text that stands, and the change set that brought it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_one, read_value
from adapters.postgres.record.documents import standing_digest, standing_text
from domain.errors import PlanRefused
from domain.revision.plan import RevisionPlan, require_base
from domain.revision.units import Version


@dataclass(frozen=True, slots=True)
class Standing:
    """The cut or revision that a document stands at."""

    entry_id: uuid.UUID
    change_set_id: uuid.UUID


def standing_change_set(conn: Connection, code: str) -> Standing | None:
    """The last cut or revision of a document that is enacted and not taken back."""
    return read_one(conn, Standing, "revise_standing", {"document_code": code})


@translated("Looking for what stands")
def require_standing(conn: Connection, code: str) -> Standing:
    """What a document stands at.

    Raises `PlanRefused` if it does not, or if this knowledge base's port can not revise.
    """
    if not read_value(conn, bool, "revise_offered"):
        raise PlanRefused(
            f"This knowledge base has units of its own, and its port has no cutter.fn_iu_revise, "
            f"so {code} can not be revised here; docs/contract.md says what that function does. "
            f"Nothing was written."
        )
    found = standing_change_set(conn, code)
    if found is None:
        raise PlanRefused(
            f"No cut of {code} stands in this knowledge base, so there is nothing to revise; cut "
            f"it first. Nothing was written."
        )
    return found


@translated("Reading what a revision starts from")
def read_base(conn: Connection, plan: RevisionPlan) -> Version:
    """What stands, if it is what the revision starts from. Raises `PlanRefused` if it has moved."""
    standing = standing_text(conn, plan.document_code)
    require_base(plan, standing.base_digest)
    return standing


@translated("Asking whether the base of a revision stands")
def require_base_stands(conn: Connection, plan: RevisionPlan) -> None:
    """Raises `PlanRefused` unless what stands is what the revision starts from.

    Asked while the writers lock is held: only then nothing can move between answer and write. The
    server hashes, and no text is read; the verifier reads all of it and hashes by itself.
    """
    require_base(plan, standing_digest(conn, plan.document_code))
