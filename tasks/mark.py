"""Open the backlog entry of the change set."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from domain.phases import CutContext, Phase
from domain.reports.run import PhaseReport, PlanHandle
from tasks.dispatch import run_phase


@task(
    name="mark",
    task_run_name="mark {ctx.document_code} {ctx.change_set_id!s:.8}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=0,
)
def mark(ctx: CutContext, plan: PlanHandle) -> PhaseReport:
    """Open the backlog entry of the change set. See `tasks.dispatch.run_phase`."""
    return run_phase(Phase.MARK, ctx, plan)
