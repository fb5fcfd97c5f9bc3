"""What a kind of change set supplies to the pipeline: its plan, its effect, and how it is finished.

A cut's plan is read from a document, a revert's from the database. A further kind adds a function
like `cut_of` and `revert_of` here, an adapter in `tasks.app`, and nothing to the pipeline.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from adapters.home.approvals import kept_approvals, kept_declines
from adapters.home.target import registered_target, require_target
from adapters.keys.signing import signature_is_valid
from adapters.postgres.permits.permit import registry
from adapters.postgres.record.status import change_sets
from adapters.postgres.reverting.plan import revert_request
from domain.approval.approvals import Effect, SignedApproval
from domain.approval.declines import DeclineStatement, counts
from domain.approval.request import cut_effect
from domain.change_set import SIMULATED_TARGET, CutContext, run_context
from domain.errors import ApprovalRefused
from domain.phases import Kind, Mode
from domain.plan.accepting import refuse_others, require_accepted
from domain.plan.cut_plan import CutPlan
from domain.plan.revert import RevertPlan, escalation, how_to_finish
from domain.plan.run_plan import RunPlan
from tasks.app import App
from tasks.reading import verifier_connection

P = TypeVar("P", bound=RunPlan)


@dataclass(frozen=True, slots=True)
class ChangeSet(Generic[P]):
    """One change set, ready to be simulated, rehearsed, or approved and carried out.

    `how_to_finish` is what to do if it stops half way, in one sentence. `begun` is whether it is
    known to be on the way already.
    """

    ctx: CutContext
    plan: P
    effect: Effect
    how_to_finish: str
    begun: bool = False

    @property
    def kind(self) -> Kind:
        """What it does to the knowledge base."""
        return self.effect.kind

    @property
    def units(self) -> int:
        """How many units it writes or withdraws."""
        return self.effect.units


def cut_of(
    app: App,
    plan: CutPlan,
    mode: Mode,
    actor: str,
    attempt: int = 1,
    accepted: Sequence[str] = (),
) -> ChangeSet[CutPlan]:
    """The cut of a plan into the registered target; `accepted` are codes of doubts.

    Raises `ConfigMissing` if there is no target, and `DoubtsNotAccepted` for a plan with doubts
    whose codes were not accepted; a dry run does without both. Raises `BadInput` for a code that
    the plan has no doubt for.
    """
    if mode is Mode.DRYRUN:
        refuse_others(plan, accepted)
    else:
        require_accepted(plan, accepted)
    return cut_as(context_of(app, plan, mode, attempt, actor), plan)


def cut_as(ctx: CutContext, plan: CutPlan) -> ChangeSet[CutPlan]:
    """The cut of a plan in a context that is made already."""
    return ChangeSet(ctx, plan, cut_effect(ctx, plan), escalation(ctx.change_set_id))


def revert_of(
    app: App, reverts: uuid.UUID, mode: Mode, actor: str, attempt: int = 1
) -> ChangeSet[RevertPlan]:
    """The revert of a change set, planned against the registered target.

    Raises what `adapters.postgres.reverting.plan.revert_request` raises.
    """
    target = require_target(app.settings.state)
    with verifier_connection(app) as conn, conn.transaction():
        found = revert_request(
            conn, reverts, target=target, actor=actor, mode=mode, attempt=attempt
        )
    finish = how_to_finish(found.plan.reverts, found.ctx.change_set_id)
    return ChangeSet(found.ctx, found.plan, found.effect, finish, found.begun)


def context_of(app: App, plan: CutPlan, mode: Mode, attempt: int, actor: str) -> CutContext:
    """The context of one run of a plan against the registered target, so that no connection is
    needed to know its id.

    Raises `ConfigMissing` if there is none; a dry run does without.
    """
    state = app.settings.state
    target = (
        registered_target(state) or SIMULATED_TARGET
        if mode is Mode.DRYRUN
        else require_target(state)
    )
    return run_context(plan.document_code, plan.plan_digest, mode, target, actor, attempt)


def approvals_for(
    app: App, ctx: CutContext, given: Sequence[SignedApproval]
) -> list[SignedApproval]:
    """What was given with the run, else what `cutter approve` has kept in this home for the change
    set.

    Raises `ApprovalRefused` where an approver has declined it.
    """
    refuse_declined(app, ctx.change_set_id)
    return list(given) or kept_approvals(app.settings.state, ctx.change_set_id)


def declines_of(app: App, change_set_id: uuid.UUID) -> list[DeclineStatement]:
    """What registered approvers have declined of a change set, in this home.

    None once it has begun: what is half done has to be finished, or taken back by a revert.
    Raises `ApprovalRefused` for a decline that can not be read, and a connection's refusal.
    """
    kept = kept_declines(app.settings.state, change_set_id)
    if not kept:
        return []
    with verifier_connection(app) as conn:
        if change_sets(conn, change_set_id):
            return []
        keys = registry(conn)
    return [one.statement for one in kept if counts(one, keys, signature_is_valid)]


def refuse_declined(app: App, change_set_id: uuid.UUID) -> None:
    """Raises `ApprovalRefused` if a registered approver has declined the change set."""
    for one in declines_of(app, change_set_id):
        raise ApprovalRefused(
            f"Not approved: {one.approver} has declined this change set: {one.reason}. It counts "
            f"until {one.approver} approves. Nothing was written."
        )
