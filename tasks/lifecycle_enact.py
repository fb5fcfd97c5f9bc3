"""Move every unit from draft to enacted."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from domain.phases import CutContext, Phase
from domain.reports.run import PhaseReport, PlanHandle
from tasks.dispatch import run_phase


@task(
    name="lifecycle_enact",
    task_run_name="lifecycle_enact {ctx.document_code} {ctx.change_set_id!s:.8}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=0,
)
def lifecycle_enact(ctx: CutContext, plan: PlanHandle) -> PhaseReport:
    """Move every unit from draft to enacted. See `tasks.dispatch.run_phase`."""
    return run_phase(Phase.LIFECYCLE_ENACT, ctx, plan)
