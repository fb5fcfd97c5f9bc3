"""As the second principal, recompute and sign."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from domain.phases import CutContext, Phase
from domain.reports.run import PhaseReport, PlanHandle
from tasks.dispatch import run_phase


@task(
    name="write_verify",
    task_run_name="write_verify {ctx.document_code} {ctx.change_set_id!s:.8}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=0,
)
def write_verify(ctx: CutContext, plan: PlanHandle) -> PhaseReport:
    """As the second principal, recompute and sign. See `tasks.dispatch.run_phase`."""
    return run_phase(Phase.WRITE_VERIFY, ctx, plan)
