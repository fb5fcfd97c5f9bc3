"""What a run of a change set begins with: its context, and the approvals that it was given or that
are kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from adapters.home.approvals import kept_approvals
from adapters.home.target import registered_target, require_target
from adapters.postgres.reverting.plan import RevertRequest, revert_request
from blocks.settings import load_settings
from domain.approval.approvals import SignedApproval
from domain.phases import SIMULATED_TARGET, CutContext, Mode, run_context
from domain.plan.cut_plan import CutPlan
from tasks.records.knowledge_base import verifier_connection


def approvals_for(ctx: CutContext, given: Sequence[SignedApproval]) -> list[SignedApproval]:
    """What was given with the run, else what `cutter approve` has kept in this home for the change
    set.
    """
    return list(given) or kept_approvals(load_settings().state, ctx.change_set_id)


def context_of(plan: CutPlan, mode: Mode, attempt: int, actor: str) -> CutContext:
    """The context of one run of a plan against the registered target, so that no connection is
    needed to know its id.

    Raises `ConfigMissing` if there is none; a dry run does without.
    """
    state = load_settings().state
    target = (
        registered_target(state) or SIMULATED_TARGET
        if mode is Mode.DRYRUN
        else require_target(state)
    )
    return run_context(plan.document_code, plan.plan_digest, mode, target, actor, attempt)


def request_for(reverts: uuid.UUID, mode: Mode, actor: str, attempt: int = 1) -> RevertRequest:
    """The revert of a change set, planned against the registered target.

    Raises what `revert_request` raises.
    """
    target = require_target(load_settings().state)
    with verifier_connection() as conn, conn.transaction():
        return revert_request(conn, reverts, target=target, actor=actor, mode=mode, attempt=attempt)
