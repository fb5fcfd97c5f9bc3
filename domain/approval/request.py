"""From a plan to what is put before an approver."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.approval.approvals import ApprovalStatement, Effect, Gate
from domain.change_set import CutContext
from domain.fields import fields_from
from domain.phases import Kind
from domain.plan.cut_plan import CutPlan
from domain.plan.effect import planned_effect
from domain.plan.revert import RevertPlan, planned_revert_effect
from domain.plan.unit_tree import units_root
from domain.reading.doubts import signed_doubts
from domain.revision.plan import RevisionPlan
from domain.runs.revision_effect import planned_revision_effect
from domain.runs.run_plan import DocumentPlan, publication_type_of, revision_fields
from domain.runs.unit_leaves import root_of


def cut_effect(ctx: CutContext, plan: CutPlan) -> Effect:
    """What a cut is to be approved for: exactly this plan, with exactly this effect and these
    doubts, on exactly this database.
    """
    doubts = signed_doubts(plan.doubts)
    effect = run_effect(ctx, Kind.CUT, planned_effect(plan), len(plan.rows), doubts)
    return replace(effect, units_root=units_root(plan), publication_type=publication_type_of(plan))


def document_effect(ctx: CutContext, plan: DocumentPlan) -> Effect:
    """What a run that writes a document's text is to be approved for."""
    return revision_effect(ctx, plan) if isinstance(plan, RevisionPlan) else cut_effect(ctx, plan)


def revision_effect(ctx: CutContext, plan: RevisionPlan) -> Effect:
    """What a revision is to be approved for: exactly this plan over exactly this base."""
    doubts = signed_doubts(plan.doubts)
    effect = run_effect(ctx, Kind.REVISION, planned_revision_effect(plan), len(plan.steps), doubts)
    return replace(
        effect,
        units_root=root_of(plan),
        publication_type=publication_type_of(plan),
        **revision_fields(plan),
    )


def run_effect(
    ctx: CutContext,
    kind: Kind,
    effect_digest: str,
    units: int,
    doubts: tuple[str, ...] = (),
) -> Effect:
    """What a run of one kind is to be approved for. A revert leaves no unit to cite, and so has no
    root; nor does it name a publication type: a policy has a rule for reverts.
    """
    return Effect(
        kind=kind,
        change_set_id=ctx.change_set_id,
        document_code=ctx.document_code,
        plan_digest=ctx.plan_digest,
        effect_digest=effect_digest,
        target=str(ctx.target),
        attempt=ctx.attempt,
        units=units,
        doubts=doubts,
    )


def statement_for(
    effect: Effect,
    gate: Gate,
    *,
    submitter: str,
    approver: str,
    key_id: str,
    nonce: str,
    backup_key: str,
    now: datetime,
    approve_within: timedelta,
    execute_within: timedelta,
) -> ApprovalStatement:
    """A statement for one approver to sign; both times are counted from `now` and cut to whole
    seconds.
    """
    moment = now.astimezone(UTC).replace(microsecond=0)
    return ApprovalStatement(
        **fields_from(effect, Effect),
        gate=gate,
        backup_key=backup_key,
        submitter=submitter,
        approver=approver,
        key_id=key_id,
        nonce=nonce,
        approve_by=moment + approve_within,
        execute_by=moment + max(approve_within, execute_within),
    )


def revert_effect(ctx: CutContext, plan: RevertPlan) -> Effect:
    """What a revert is to be approved for: exactly this plan, with exactly this effect, on exactly
    this database.
    """
    return run_effect(ctx, Kind.REVERT, planned_revert_effect(plan), len(plan.units))
