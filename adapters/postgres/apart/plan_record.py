"""How a text was cut, as it was put on record: rebuilt from the manifest, the sweep log, and the
units that are handed in.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_one
from adapters.postgres.verify.steps import verification_failed
from adapters.postgres.verify.verifier import stored_gaps
from domain.change_set import CutContext
from domain.errors import PlanRefused
from domain.plan.cut_plan import CutPlan, CutplanRow, TargetDocument

_FILE: Final = re.compile(r", file ([0-9a-f]{64})$")
"""How the decision on a manifest ends whose text was taken out of a file (`ledger.writer`)."""


@dataclass(frozen=True, slots=True)
class PlanHead:
    """What a plan says beside its units and gaps; `reason` is that of the decision on it."""

    title: str
    source_name: str
    reader: str
    profile: str
    granularity: str
    text_sha256: str
    text_chars: int
    units: int
    envelope_id: uuid.UUID
    reason: str

    @property
    def file_sha256(self) -> str:
        """SHA-256 of the file that the text of a cut was taken out of; "" if it was plain text."""
        file = _FILE.search(self.reason)
        return file[1] if file else ""


def plan_head(conn: Connection, change_set_id: uuid.UUID) -> PlanHead:
    """What is on record of a change set's plan. Raises `StopInvariantFailed` if nothing is."""
    head = read_one(conn, PlanHead, "verifier_plan", {"change_set_id": change_set_id})
    if head is None:
        raise verification_failed(f"change set {change_set_id} is not on record with a text")
    return head


def cut_plan_of(
    conn: Connection, ctx: CutContext, head: PlanHead, rows: Iterable[CutplanRow], file_sha256: str
) -> CutPlan:
    """The plan of a text whose units are these. Raises `StopInvariantFailed` for what is none."""
    try:
        return CutPlan(
            document=TargetDocument(ctx.document_code, title=head.title),
            source_name=head.source_name,
            reader=head.reader,
            profile=head.profile,
            granularity=head.granularity,
            text_sha256=head.text_sha256,
            text_chars=head.text_chars,
            rows=tuple(rows),
            gaps=tuple(stored_gaps(conn, head.envelope_id)),
            file_sha256=file_sha256,
        )
    except PlanRefused as refused:
        raise verification_failed(str(refused).rstrip(".")) from None


def require_approved(ctx: CutContext, plan_digest: str) -> None:
    """Raises `StopInvariantFailed` unless what was rebuilt is the plan that was approved."""
    if plan_digest != ctx.plan_digest:
        raise verification_failed(
            f"what is stored of change set {ctx.change_set_id} is the plan {plan_digest[:12]}, and "
            f"{ctx.plan_digest[:12]} was approved"
        )
