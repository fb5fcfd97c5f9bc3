"""A revision as the database has it: its plan is rebuilt of what stands, what waits and the
manifest.

The approved digest pins base, text, comparison, dates and the amending act's claims. Base and text
are computed from the tables. The other digests were put on record with the decision: people have
judged what they are of, no table holds it, and no others give the digest that was approved. What is
written is compared by its effect, which is signed too: every step with its text, place, day and
lineage.
"""

from __future__ import annotations

import re
import uuid
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final, NamedTuple

from adapters.postgres.apart.plan_record import (
    PlanHead,
    cut_plan_of,
    plan_head,
    require_approved,
)
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.rows import read_all
from adapters.postgres.permits.permit import check_permit
from adapters.postgres.record.documents import standing_text
from adapters.postgres.revising.verify import Derived, RevisionVerifier
from adapters.postgres.verify.steps import verification_failed
from domain.approval.approvals import Effect
from domain.approval.request import revision_effect
from domain.change_set import CutContext
from domain.errors import BadInput
from domain.plan.cut_plan import CutplanRow
from domain.ports import Signer
from domain.revision.plan import ACTIONS, Act, RevisionPlan, RevisionStep
from domain.revision.units import version_of
from domain.revision.verdicts import Comparison

_REASON: Final = re.compile(
    r"(?:, file (?P<file>[0-9a-f]{64}))?, beside (?P<beside>[0-9a-f]{64}(?: [0-9a-f]{64}){1,3})$"
)
"""How the decision on a revision's manifest ends (`revising.adapter`)."""
_ACTS: Final = {action: act for act, action in ACTIONS.items()}


@dataclass(frozen=True)
class RecordedRevision(RevisionPlan):
    """A revision's plan without what made it: no verdicts, dates and doubts, but its steps and the
    digests of the rest.
    """

    recorded: tuple[RevisionStep, ...] = ()
    digests: tuple[str, ...] = ()

    @cached_property
    def steps(self) -> tuple[RevisionStep, ...]:
        """What is written, as it is stored."""
        return self.recorded

    @property
    def beside(self) -> tuple[str, ...]:
        """See `RevisionPlan.beside`; as they were put on record."""
        return self.digests


class SignedRevision(RevisionVerifier):
    """The verifier of a revision whose doubts are those that were signed."""

    def __init__(self, signer: Signer, signed: Effect) -> None:
        super().__init__(signer)
        self._signed = signed

    def _judge(self, conn: Connection, ctx: CutContext, plan: RevisionPlan) -> None:
        effect = replace(revision_effect(ctx, plan), doubts=self._signed.doubts)
        if not plan.steps:  # the day of the text between the units is in no table
            effect = replace(effect, dates=self._signed.dates)
        check_permit(conn, ctx, effect)


class _Step(NamedTuple):
    """What a change set says that it did at one address; `place` is the unit's in the new text."""

    seq: int
    action: str
    address: str
    title: str
    in_force_from: date | None
    place: int | None


class Beside(NamedTuple):
    """What a revision's decision says of its plan: the file that the text is from, and the digests
    of what its approvers have judged.
    """

    file: str
    digests: tuple[str, ...]


def beside_of(ctx: CutContext, head: PlanHead) -> Beside:
    """Raises `StopInvariantFailed` for a revision of a version that put no digests on record."""
    reason = _REASON.search(head.reason)
    if reason is None:
        raise verification_failed(
            f"change set {ctx.change_set_id} is not on record with the digests of what its "
            f"approvers have judged; plan and approve it again with this version"
        )
    return Beside(reason["file"] or "", tuple(reason["beside"].split()))


def recorded_revision(conn: Connection, ctx: CutContext) -> RecordedRevision:
    """The plan of a revision, from what is stored; it is the approved one.

    Raises `StopInvariantFailed` naming what is missing, or if it is another.
    """
    head = plan_head(conn, ctx.change_set_id)
    beside = beside_of(ctx, head)
    keys = {"change_set_id": ctx.change_set_id, "envelope_id": head.envelope_id}
    rows = read_all(conn, CutplanRow, "verifier_revised", keys)
    plan = cut_plan_of(conn, ctx, head, rows, beside.file)
    try:
        base, new = standing_text(conn, ctx.document_code), version_of(plan)
        revision = RecordedRevision(
            plan,
            Comparison(base, new, ()),
            recorded=_steps(conn, keys, {row.seq: row for row in rows}),
            digests=beside.digests,
        )
    except (BadInput, KeyError) as fault:
        raise verification_failed(f"what is stored is no revision ({fault})") from None
    require_approved(ctx, revision.plan_digest)
    return revision


def _steps(
    conn: Connection, keys: dict[str, uuid.UUID], rows: dict[int, CutplanRow]
) -> tuple[RevisionStep, ...]:
    """The steps on record. Raises KeyError for an action that is none of a revision's."""
    origins: dict[int, list[str]] = defaultdict(list)
    for one in read_all(conn, Derived, "revise_lineage", keys):
        origins[one.seq].append(one.address)
    return tuple(
        RevisionStep(
            _ACTS[one.action],
            one.address,
            None if _ACTS[one.action] is Act.REPEAL else rows[one.place or 0],
            one.in_force_from,
            tuple(origins[one.seq]),
            title=one.title,
            seq=one.seq,
        )
        for one in read_all(conn, _Step, "verifier_steps", keys)
    )
