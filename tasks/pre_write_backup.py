"""Back up the knowledge base before anything is written."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from domain.phases import CutContext, Phase
from domain.reports.run import PhaseReport, PlanHandle
from tasks.dispatch import run_phase


@task(
    name="pre_write_backup",
    task_run_name="pre_write_backup {ctx.document_code} {ctx.change_set_id!s:.8}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=0,
)
def pre_write_backup(ctx: CutContext, plan: PlanHandle) -> PhaseReport:
    """Back up the knowledge base before anything is written. See `tasks.dispatch.run_phase`."""
    return run_phase(Phase.PRE_WRITE_BACKUP, ctx, plan)
