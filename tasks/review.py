"""Record the manifest and the decision on it."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from domain.phases import CutContext, Phase
from domain.reports.run import PhaseReport, PlanHandle
from tasks.dispatch import run_phase


@task(
    name="review",
    task_run_name="review {ctx.document_code} {ctx.change_set_id!s:.8}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=0,
)
def review(ctx: CutContext, plan: PlanHandle) -> PhaseReport:
    """Record the manifest and the decision on it. See `tasks.dispatch.run_phase`."""
    return run_phase(Phase.REVIEW, ctx, plan)
