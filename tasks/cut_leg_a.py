"""Create every unit, all or nothing."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from domain.phases import CutContext, Phase
from domain.reports.run import PhaseReport, PlanHandle
from tasks.dispatch import run_phase


@task(
    name="cut_leg_a",
    task_run_name="cut_leg_a {ctx.document_code} {ctx.change_set_id!s:.8}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=0,
)
def cut_leg_a(ctx: CutContext, plan: PlanHandle) -> PhaseReport:
    """Create every unit, all or nothing. See `tasks.dispatch.run_phase`."""
    return run_phase(Phase.CUT_LEG_A, ctx, plan)
