"""Propose a cut: everything that comes before people, without a Prefect run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.home.plans import save_plan
from adapters.home.proposals import keep_proposal
from adapters.home.target import require_target
from adapters.planning import plan_document
from domain.phases import Mode
from domain.plan.accepting import require_accepted
from domain.plan.cut_plan import CutPlan
from domain.reading.options import ReadingOptions
from domain.reports.proposal import Proposal
from domain.reports.run import PhaseReport
from tasks.app import App
from tasks.change_sets import ChangeSet, cut_of
from tasks.records.dry_runs import keep_dry_run, outcome_of
from tasks.records.knowledge_base import document_store, standing_version
from tasks.records.proposals import Obstacle, next_attempt, obstacles
from tasks.records.review_page import with_knowledge_base, write_review
from tasks.run import simulate, within


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal as it was made: kept unless somebody has still to confirm it.

    `new_document` is whether the knowledge base has never seen this code. `obstacles` are what a
    live run would be refused for now.
    """

    proposal: Proposal
    plan: CutPlan
    change_set: ChangeSet[CutPlan]
    new_document: bool
    obstacles: tuple[Obstacle, ...]


def prepare(
    app: App, document: str, reading: ReadingOptions, actor: str, accepted: Sequence[str] = ()
) -> Proposed:
    """Plan a document and look for all that would be refused later. Keeps nothing.

    Raises `DoubtsNotAccepted` for a plan with doubts whose codes are not `accepted`,
    `ConfigMissing` without a registered target, what reading and planning raise, and a connection's
    refusal.
    """
    require_target(app.settings.state)
    plan = plan_document(document, reading, database=document_store(app))
    require_accepted(plan, accepted)
    attempt = next_attempt(app, plan)
    change_set = cut_of(app, plan, Mode.DRYRUN, actor, attempt)
    ctx = change_set.ctx
    proposal = Proposal(
        code=plan.document_code,
        title=plan.document.title,
        document=document,
        reading=reading,
        attempt=attempt,
        change_set_id=ctx.change_set_id,
        plan_digest=ctx.plan_digest,
        target=str(ctx.target),
        units=len(plan.rows),
        warnings=len(plan.warnings),
        proposed_by=actor,
        proposed_at=app.clock(),
        accepted=tuple(accepted),
    )
    new = not standing_version(app, plan.document_code).units
    found = obstacles(app, ctx.change_set_id, plan.document_code)
    return Proposed(proposal, plan, change_set, new, tuple(found))


def keep(app: App, proposed: Proposed) -> None:
    """Let the simulator answer, and keep that and the proposal.

    Raises `BadInput` if the home can not be written, and what the phases raise.
    """
    proposal, change_set, done = proposed.proposal, proposed.change_set, list[PhaseReport]()
    handle = save_plan(proposed.plan, app.settings.state)
    simulate(app, change_set, within, done)
    outcome = outcome_of(proposal.document, change_set, handle.path, done)
    keep_dry_run(app, outcome, proposal.proposed_by)
    keep_proposal(app.settings.state, proposal)


def write_page(app: App, proposed: Proposed) -> Path:
    """Write the page that approvers read, with what is on record of the run so far; its path.

    Raises what `tasks.records.review_page.write_review` raises.
    """
    compare = with_knowledge_base(app)
    return write_review(app, proposed.plan, proposed.change_set.ctx, compare=compare).path
