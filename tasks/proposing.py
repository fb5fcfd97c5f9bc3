"""Propose a cut or a revision: everything that comes before people, without a Prefect run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.home.plans import save_plan
from adapters.home.proposals import keep_proposal, kept_proposal
from adapters.home.target import require_target
from domain.phases import Kind, Mode
from domain.plan.accepting import require_accepted
from domain.reading.options import ReadingOptions
from domain.reports.proposal import Proposal, ProposalStanding, Stage
from domain.reports.run import PhaseReport
from domain.runs.run_plan import DocumentPlan, changes_of, cut_plan_of
from tasks.app import App
from tasks.change_sets import ChangeSet, change_of
from tasks.policies import never_met
from tasks.records.dry_runs import keep_dry_run, outcome_of
from tasks.records.knowledge_base import others_alike, standing_version
from tasks.records.proposals import Obstacle, next_attempt, obstacles, standings
from tasks.records.review_page import with_knowledge_base, write_review
from tasks.records.revisions import planned
from tasks.run import simulate, within


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a proposal: document, options, who, and the doubts' codes."""

    document: str
    reading: ReadingOptions
    actor: str
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal as it was made: kept unless somebody has still to confirm it.

    `new_document` is whether the knowledge base has never seen this code, and `alike` are those
    documents that one which is new may be a version of. `obstacles` are what a live run would be
    refused for now.
    """

    proposal: Proposal
    plan: DocumentPlan
    change_set: ChangeSet[DocumentPlan]
    new_document: bool
    obstacles: tuple[Obstacle, ...]
    alike: tuple[str, ...] = ()
    replaces: ProposalStanding | None = None
    """The proposal of the same code whose place it takes, if that one waits or is approved."""


def prepare(
    app: App, document: str, reading: ReadingOptions, actor: str, accepted: Sequence[str] = ()
) -> Proposed:
    """Plan a document and look for all that would be refused later. Keeps nothing.

    Raises `DoubtsNotAccepted` for a plan with doubts whose codes are not `accepted`,
    `ConfigMissing` without a registered target, what reading and planning raise, and a connection's
    refusal.
    """
    plan, attempt = planned_next(app, document, reading)
    proposed = proposed_as(app, Said(document, reading, actor, tuple(accepted)), plan, attempt)
    require_accepted(plan, accepted)
    return replace(proposed, replaces=_replaced(app, proposed.proposal))


def _replaced(app: App, proposal: Proposal) -> ProposalStanding | None:
    """See `Proposed.replaces`."""
    kept = kept_proposal(app.settings.state, proposal.code)
    if kept is None or kept.change_set_id == proposal.change_set_id:
        return None
    (standing,) = standings(app, [kept])
    return standing if standing.stage in (Stage.WAITING, Stage.APPROVED) else None


def planned_next(app: App, document: str, reading: ReadingOptions) -> tuple[DocumentPlan, int]:
    """A document's plan, and the attempt that a run of it would be.

    Raises `ConfigMissing` without a registered target, what reading and planning raise, and a
    connection's refusal.
    """
    require_target(app.settings.state)
    plan = planned(app, document, reading)
    if (attempt := next_attempt(app, plan)) > 1:
        plan = planned(app, document, reading, attempt=attempt)
    return plan, attempt


def proposed_as(
    app: App, said: Said, plan: DocumentPlan, attempt: int, *, home: bool = True
) -> Proposed:
    """The proposal of a plan, and what is in its way; `home` is whether that of the home is asked
    for too.

    Raises `Refused` for a revision that would change nothing, and a connection's refusal.
    """
    change_set = change_of(app, plan, Mode.DRYRUN, said.actor, attempt)
    ctx, cut = change_set.ctx, cut_plan_of(plan)
    proposal = Proposal(
        code=plan.document_code,
        title=cut.document.title,
        document=said.document,
        reading=said.reading,
        attempt=attempt,
        change_set_id=ctx.change_set_id,
        plan_digest=ctx.plan_digest,
        target=str(ctx.target),
        units=change_set.units,
        warnings=len(cut.warnings),
        proposed_by=said.actor,
        proposed_at=app.clock(),
        accepted=said.accepted,
        kind=change_set.kind,
        changes=changes_of(plan),
        publication_type=change_set.effect.publication_type,
    )
    new = change_set.kind is Kind.CUT and not standing_version(app, plan.document_code).units
    found = obstacles(app, ctx.change_set_id, plan.document_code, change_set.kind, home=home)
    effect = change_set.effect
    if (
        home
        and not found
        and (why := never_met(app, effect.kind, effect.publication_type, said.actor))
    ):
        found = [Obstacle(why)]
    alike = others_alike(app, cut) if new and home else ()
    return Proposed(proposal, plan, change_set, new, tuple(found), alike)


def keep(app: App, proposed: Proposed) -> None:
    """Let the simulator answer, and keep that and the proposal.

    Raises `BadInput` if the home can not be written, and what the phases raise.
    """
    keep_plan(app, proposed)
    keep_proposal(app.settings.state, proposed.proposal)


def keep_plan(app: App, proposed: Proposed) -> None:
    """Let the simulator answer, and keep that and the plan. Raises what `keep` raises."""
    proposal, change_set, done = proposed.proposal, proposed.change_set, list[PhaseReport]()
    handle = save_plan(proposed.plan, app.settings.state)
    simulate(app, change_set, within, done)
    outcome = outcome_of(proposal.document, change_set, handle.path, done)
    keep_dry_run(app, outcome, proposal.proposed_by)


def write_page(app: App, proposed: Proposed) -> Path:
    """Write the page that approvers read, with what is on record of the run so far; its path.

    Raises what `tasks.records.review_page.write_review` raises.
    """
    compare = with_knowledge_base(app)
    return write_review(app, proposed.plan, proposed.change_set.ctx, compare=compare).path
