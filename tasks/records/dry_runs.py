"""What a run of a cut answers, and a dry run's answer as it is kept for the approvers."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.home.runs import DRY_RUN, keep_json
from domain.reports.run import CutOutcome, PhaseReport, run_answer
from domain.runs.run_plan import DocumentPlan, changes_of, cut_plan_of
from tasks.app import App
from tasks.change_sets import ChangeSet


def outcome_of(
    document: str, change_set: ChangeSet[DocumentPlan], plan_path: str, done: Sequence[PhaseReport]
) -> CutOutcome:
    """A run of a cut as far as it has come. `plan_path` is where its plan is kept."""
    ctx, plan = change_set.ctx, cut_plan_of(change_set.plan)
    return CutOutcome(
        document=document,
        document_code=ctx.document_code,
        title=plan.document.title,
        mode=ctx.mode,
        change_set_id=ctx.change_set_id,
        plan_digest=ctx.plan_digest,
        target=str(ctx.target),
        units=change_set.units,
        gaps=len(plan.gaps),
        warnings=len(plan.warnings),
        plan_path=plan_path,
        phases=tuple(done),
        kind=change_set.kind,
        changes=changes_of(change_set.plan),
    )


def keep_dry_run(app: App, outcome: CutOutcome, actor: str) -> None:
    """Keep what the simulator answered. Raises `BadInput` if the home can not be written."""
    answer = {**run_answer(outcome), "actor": actor, "finished_at": app.clock()}
    keep_json(app.settings.runs, outcome.change_set_id, DRY_RUN, answer)
