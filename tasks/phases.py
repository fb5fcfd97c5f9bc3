"""The phases as Prefect tasks: one task for each row of `domain.phases.PHASES`, all of one shape.

A task is a shell over `tasks.run.Run.phase`. Prefect adds nothing to it: no cache, no stored result
and no retry, for each of them could run a phase twice or not at all without a word (docs/adr/0003).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from prefect import Task, task
from prefect.cache_policies import NO_CACHE

from domain.phases import PHASES, Phase, PhaseSpec
from domain.reports.run import PhaseReport
from tasks.run import Run


def _task_of(spec: PhaseSpec) -> Task[[Run], PhaseReport]:
    def run_phase(run: Run) -> PhaseReport:
        return run.phase(spec.phase)

    return task(
        name=spec.phase.value,
        task_run_name=f"{spec.phase} {{run.ctx.document_code}} {{run.ctx.change_set_id!s:.8}}",
        description=spec.doing,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=0,
    )(run_phase)


TASKS: Final = MappingProxyType({spec.phase: _task_of(spec) for spec in PHASES})
"""pre_write_backup, mark, review, cut_leg_a, leg_b_record, write_verify, lifecycle_enact: nothing
is written before there is a backup.
"""


def as_task(run: Run, phase: Phase) -> PhaseReport:
    """Run a phase as its Prefect task. Raises what `Run.phase` raises."""
    return TASKS[phase](run)
