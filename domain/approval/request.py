"""From a plan to what is put before an approver."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.approval.approvals import ApprovalStatement, Effect, Gate
from domain.change_set import CutContext
from domain.fields import fields_from
from domain.phases import Kind
from domain.plan.cut_plan import CutPlan
from domain.plan.effect import planned_effect
from domain.plan.revert import RevertPlan, planned_revert_effect
from domain.reading.doubts import signed_doubts


def cut_effect(ctx: CutContext, plan: CutPlan) -> Effect:
    """What a cut is to be approved for: exactly this plan, with exactly this effect and these
    doubts, on exactly this database.
    """
    doubts = signed_doubts(plan.doubts)
    return run_effect(ctx, Kind.CUT, planned_effect(plan), len(plan.rows), doubts)


def run_effect(
    ctx: CutContext, kind: Kind, effect_digest: str, units: int, doubts: tuple[str, ...] = ()
) -> Effect:
    """What a run of one kind is to be approved for."""
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
