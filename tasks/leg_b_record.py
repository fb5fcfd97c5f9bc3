"""Record the change set in the ledger."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from domain.phases import CutContext, Phase
from domain.reports.run import PhaseReport, PlanHandle
from tasks.dispatch import run_phase


@task(
    name="leg_b_record",
    task_run_name="leg_b_record {ctx.document_code} {ctx.change_set_id!s:.8}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=0,
)
def leg_b_record(ctx: CutContext, plan: PlanHandle) -> PhaseReport:
    """Record the change set in the ledger. See `tasks.dispatch.run_phase`."""
    return run_phase(Phase.LEG_B_RECORD, ctx, plan)
