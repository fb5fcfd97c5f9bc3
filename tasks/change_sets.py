"""What a kind of change set supplies to the pipeline: its plan, its effect, and how it is finished.

The plan of a cut or a revision is read from a document, a revert's from the database. A further
kind adds a function like `change_of` and `revert_of` here, an adapter in `tasks.app`, and nothing
to the pipeline.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from adapters.home.approvals import kept_approvals, kept_declines, require_standing
from adapters.home.target import registered_target, require_target
from adapters.keys.signing import signature_is_valid
from adapters.postgres.permits.permit import clock, registry
from adapters.postgres.permits.policies import policy_on_record
from adapters.postgres.record.status import change_sets
from adapters.postgres.reverting.plan import revert_request
from domain.approval.approvals import Effect, SignedApproval
from domain.approval.declines import DeclineStatement, counts
from domain.approval.gates import those_that_count
from domain.approval.policy import LEAST
from domain.approval.request import document_effect
from domain.change_set import SIMULATED_TARGET, CutContext, run_context
from domain.errors import ApprovalRefused
from domain.phases import Kind, Mode
from domain.plan.accepting import refuse_others, require_accepted
from domain.plan.revert import RevertPlan, escalation, how_to_finish
from domain.revision.plan import RevisionPlan, require_something_to_revise
from domain.runs.run_plan import DocumentPlan, RunPlan
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


def change_of(
    app: App,
    plan: DocumentPlan,
    mode: Mode,
    actor: str,
    attempt: int = 1,
    accepted: Sequence[str] = (),
) -> ChangeSet[DocumentPlan]:
    """The cut or revision of a plan in the registered target; `accepted` are codes of doubts.

    Raises `ConfigMissing` if there is no target, and `DoubtsNotAccepted` for a plan with doubts
    whose codes were not accepted; a dry run does without both. Raises `BadInput` for a code that
    the plan has no doubt for, and `Refused` for a revision that would change nothing.
    """
    if isinstance(plan, RevisionPlan):
        require_something_to_revise(plan)
    if mode is Mode.DRYRUN:
        refuse_others(plan, accepted)
    else:
        require_accepted(plan, accepted)
    return cut_as(context_of(app, plan, mode, attempt, actor), plan)


def cut_as(ctx: CutContext, plan: DocumentPlan) -> ChangeSet[DocumentPlan]:
    """The cut or revision of a plan in a context that is made already."""
    return ChangeSet(ctx, plan, document_effect(ctx, plan), escalation(ctx.change_set_id))


def started_by(change_set: ChangeSet[P], who: str) -> ChangeSet[P]:
    """The same as a run that this person starts."""
    return replace(change_set, ctx=replace(change_set.ctx, actor=who))


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


def context_of(app: App, plan: DocumentPlan, mode: Mode, attempt: int, actor: str) -> CutContext:
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
    """What was given with the run, and what this home keeps for the change set where that is less
    than it takes: two, or as many as a policy asks for.

    Raises `ApprovalRefused` where an approver has declined it, or withdrawn what was given.
    """
    refuse_declined(app, ctx.change_set_id)
    require_standing(app.settings.state, given)
    keys = {one.key_id for one in given}
    kept = kept_approvals(app.settings.state, ctx.change_set_id)
    besides = [one for one in kept if one.key_id not in keys]
    if not besides or len(given) + len(besides) <= LEAST:
        return [*given, *besides]
    with verifier_connection(app) as conn:
        now = clock(conn)
        count = those_that_count(besides, registry(conn), now)
        if given and policy_on_record(conn, now) is None:
            gates = {one.statement.gate for one in given}
            return [*given, *(one for one in count if one.statement.gate not in gates)]
        return [*given, *count]


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
