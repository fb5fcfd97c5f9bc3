"""A revert over a test's own database: planned, approved by SG_3 and SG_2, and carried out by the
live adapter.
"""

from __future__ import annotations

import uuid
from contextlib import closing
from typing import Any, Final

from adapters.postgres.phases.transactions import LiveTransactions
from adapters.postgres.rehearsal.transactions import RehearsalBackup, RehearsalTransactions
from adapters.postgres.reverting.adapter import LiveRevertAdapter
from adapters.postgres.reverting.plan import read_revert_plan
from domain.approval.request import revert_effect
from domain.change_set import CutContext
from domain.phases import Mode, Phase, Principal
from domain.plan.revert import RevertPlan, revert_context
from domain.switch import SwitchState
from tests.support.live import LiveBench, answers_of

ONE: Final = "(SELECT id FROM information_unit WHERE canonical_address = 'test.law~art_1')"
"""The first article of a made plan, in a statement."""


def revert_adapter(
    bench: LiveBench, transactions: LiveTransactions | None = None
) -> LiveRevertAdapter:
    """The live adapter of a revert, as another process would build it."""
    return LiveRevertAdapter(
        executor=bench.executor,
        verifier=bench.verifier,
        switch=bench.switch,
        connections=bench.connections,
        backup=bench.backup,
        transactions=transactions or LiveTransactions(bench.connections, longest_wait=0.05),
    )


def rehearsing_revert_adapter(
    bench: LiveBench, transactions: RehearsalTransactions
) -> LiveRevertAdapter:
    """The same over a rehearsal's transactions."""
    return LiveRevertAdapter(
        executor=bench.executor,
        verifier=bench.verifier,
        switch=bench.switch,
        backup=RehearsalBackup(),
        transactions=transactions,
    )


def revert_plan(bench: LiveBench, reverts: uuid.UUID) -> RevertPlan:
    """The plan, read as the verifier."""
    with closing(bench.connections.connect(Principal.VERIFY)) as conn:
        return read_revert_plan(conn, reverts)


def revert_of(
    bench: LiveBench,
    plan: RevertPlan,
    mode: Mode = Mode.LIVE,
    *,
    approved: bool = True,
    actor: str = "operator",
    attempt: int = 1,
) -> CutContext:
    """The context of a revert, with the switch armed for it and, if live, a permit that two
    approvers have opened.
    """
    ctx = revert_context(plan, mode, bench.target, actor, attempt)
    bench.switch.change_set_id = ctx.change_set_id
    bench.switch.state = SwitchState.LIVE if mode is Mode.LIVE else SwitchState.REHEARSE
    if approved and mode is Mode.LIVE:
        bench.approvers.permit(bench.connections, ctx, revert_effect(ctx, plan))
    return ctx


def run_revert(
    adapter: LiveRevertAdapter,
    ctx: CutContext,
    plan: RevertPlan,
    until: Phase = Phase.LIFECYCLE_ENACT,
) -> dict[Phase, Any]:
    """Run the phases in order, up to and with `until`; what each answered."""
    return answers_of(adapter, ctx, plan, until)


def reverted(
    bench: LiveBench, reverts: uuid.UUID, until: Phase = Phase.LIFECYCLE_ENACT
) -> dict[Phase, Any]:
    """Plan, approve and carry out the revert of a change set; what each phase answered."""
    plan = revert_plan(bench, reverts)
    return run_revert(revert_adapter(bench), revert_of(bench, plan), plan, until)
