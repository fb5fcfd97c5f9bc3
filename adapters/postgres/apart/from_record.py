"""VERIFY by a service of its own: what is to be judged is taken from the database alone.

The signed bytes of both approvals say which plan, effect and database were approved. The plan is
rebuilt of what is stored (units, gaps, what was put on record about the source), and counts only if
it has the digest that was approved. Nothing comes from the process that has written it.

How a revision's is rebuilt, is in `revision_record`.

Doubts are taken as they were signed: what made them is the reader's, and is not in the database.
"""

from __future__ import annotations

import uuid
from contextlib import closing
from dataclasses import replace
from typing import NoReturn

from adapters.postgres.apart.enacted import cut_as_enacted, revision_as_enacted
from adapters.postgres.apart.plan_record import cut_plan_of, plan_head, require_approved
from adapters.postgres.apart.revision_record import SignedRevision, recorded_revision
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import read_value
from adapters.postgres.connection.writing import Unwritten
from adapters.postgres.permits.permit import approvals_of, check_permit, find_permit
from adapters.postgres.permits.releases import place_of
from adapters.postgres.reverting.plan import read_revert_plan
from adapters.postgres.reverting.verify import RevertVerifier
from adapters.postgres.verify.steps import verification_failed
from adapters.postgres.verify.verifier import Stored, Verifier, stored_units
from domain.approval.approvals import Effect
from domain.approval.request import cut_effect
from domain.change_set import CutContext, TargetFingerprint, run_context
from domain.errors import ApprovalRefused, BadInput, PhaseStop, RevertRefused
from domain.phases import Kind, Mode
from domain.plan.cut_plan import CutPlan, CutplanRow
from domain.ports import Signer
from domain.results import VerifyResult
from domain.revision.plan import RevisionPlan


@translated("Reading what was approved", PhaseStop)
def approved_run(
    conn: Connection, change_set_id: uuid.UUID, target: TargetFingerprint
) -> tuple[CutContext, Effect]:
    """The run that a change set's permit is for, as its approvals say, and what they approve.

    Whether the approvals count is not judged here. Raises `ApprovalRefused` if there is no permit,
    or one that is not for this change set of this database.
    """
    permit = find_permit(conn, change_set_id)
    if permit is None:
        _refuse(f"change set {change_set_id} has no permit any more")
    effect = _signed_effect(conn, permit.permit_id)
    ctx = run_context(
        effect.document_code,
        effect.plan_digest,
        Mode.LIVE,
        target,
        permit.submitter,
        effect.attempt,
    )
    if (effect.target, permit.document_code) != (str(target), effect.document_code):
        _refuse(f"what is signed is for {effect.target}, and this is {target}")
    if {effect.change_set_id, ctx.change_set_id} != {change_set_id}:
        _refuse(f"what is signed is for another change set than {change_set_id}")
    return ctx, effect


def _signed_effect(conn: Connection, permit_id: uuid.UUID) -> Effect:
    """What the approvals of a permit are of, or the leaf of its place in a release."""
    if (place := place_of(conn, permit_id)) is not None:
        return place.effect
    approvals = approvals_of(conn, permit_id)
    if not approvals:
        _refuse("the permit has no approvals")
    return approvals[0].statement.effect


def verify_from_record(
    conn: Connection, ctx: CutContext, effect: Effect, signer: Signer
) -> Unwritten[VerifyResult]:
    """Rebuild the plan of a change set from what is stored, and verify it, inside a transaction of
    the verifier's.

    Raises `StopInvariantFailed` naming the first fault; a plan with another digest than the
    approved one is a fault.
    """
    if effect.kind is Kind.CUT:
        return _SignedDoubts(signer, effect).verify(conn, ctx, _cut_plan(conn, ctx))
    if effect.kind is Kind.REVISION:
        revision = recorded_revision(conn, ctx)
        return SignedRevision(signer, effect).verify(conn, ctx, revision)
    if effect.kind is Kind.REVERT:
        reverts = read_value(
            conn, uuid.UUID, "verifier_reverts", {"change_set_id": ctx.change_set_id}
        )
        if reverts is None:
            raise verification_failed(f"change set {ctx.change_set_id} reverts nothing")
        try:
            plan = read_revert_plan(conn, reverts)
        except (RevertRefused, BadInput) as refused:
            raise verification_failed(str(refused).rstrip(".")) from None
        require_approved(ctx, plan.plan_digest)
        return RevertVerifier(signer).verify(conn, ctx, plan)
    raise verification_failed(f"this verifier does not know what a {effect.kind} is; upgrade it")


@translated("Rebuilding a plan from the record")
def plan_on_record(conn: Connection, ctx: CutContext) -> CutPlan | RevisionPlan:
    """The plan of a cut or a revision, rebuilt of what is stored, whatever was enacted since; it is
    the one that was approved.

    What only its reader knew, is not in it: warnings, doubts, the account of lines. Raises
    `StopInvariantFailed` if it is another, or naming what of a revision is in no table.
    """
    keys = {"change_set_id": ctx.change_set_id}
    if read_value(conn, uuid.UUID, "enacted_revises", keys) is None:
        return cut_as_enacted(conn, ctx)
    return revision_as_enacted(conn, ctx)


class _SignedDoubts(Verifier):
    """The verifier of a cut whose doubts are those that were signed."""

    def __init__(self, signer: Signer, signed: Effect) -> None:
        super().__init__(signer)
        self._signed = signed

    def _judge(self, conn: Connection, ctx: CutContext, plan: CutPlan) -> None:
        check_permit(conn, ctx, replace(cut_effect(ctx, plan), doubts=self._signed.doubts))


def _cut_plan(conn: Connection, ctx: CutContext) -> CutPlan:
    head = plan_head(conn, ctx.change_set_id)
    keys = {
        "change_set_id": ctx.change_set_id,
        "envelope_id": head.envelope_id,
        "document_code": ctx.document_code,
    }
    with closing(stored_units(conn, keys, head.units)) as units:
        rows = map(_planned, units)
        plan = cut_plan_of(conn, ctx, head, rows, head.file_sha256)
    require_approved(ctx, plan.plan_digest)
    return plan


def _planned(unit: Stored) -> CutplanRow:
    return CutplanRow(
        unit.manifest_seq,
        unit.canonical_address,
        unit.title,
        unit.body,
        unit.unit_kind,
        unit.section_type,
        unit.publication_type,
        unit.owner_ref,
        unit.parent_ref,
        "",
        "",
        unit.start_char,
        unit.end_char,
    )


def _refuse(why: str) -> NoReturn:
    raise ApprovalRefused(f"Not approved: {why}. Nothing was written.")
