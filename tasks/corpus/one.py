"""Look at one document of a corpus: plan it, keep the plan, and say whether it can be released.

What is wrong with a document is an answer here and ends nothing, so that the others are looked at;
what is wrong with the database or the home ends the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from adapters.home.proposals import kept_proposal
from domain.errors import BadInput, Refused
from domain.phases import Mode
from domain.plan.accepting import require_accepted
from domain.reading.options import ReadingOptions, RevisingOptions
from domain.release.looked import Found, Looked, shape_of
from domain.reports.proposal import Proposal
from domain.revision.plan import RevisionPlan
from domain.runs.run_plan import DocumentPlan
from tasks.app import App
from tasks.change_sets import context_of
from tasks.proposing import Proposed, Said, keep_plan, planned_next, proposed_as, write_page
from tasks.records.review_page import with_knowledge_base, write_review


@dataclass(frozen=True, slots=True)
class Job:
    """One document to look at: where it is, how it is read, who asks, and from which day it is in
    force if it is a new version of what stands: a date or `unknown`, None where nothing is said.
    """

    source: str
    reading: ReadingOptions
    actor: str
    in_force_from: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found of a document, and its proposal, which is not kept yet: another document may
    claim its code.
    """

    looked: Looked
    proposal: Proposal | None = None


def look_at(app: App, job: Job) -> Answer:
    """Plan one document and keep plan and page. Raises what stands in the way of all of them."""
    try:
        plan, attempt = planned_next(app, job.source, job.reading)
        if job.in_force_from and isinstance(plan, RevisionPlan) and plan.changes_text:
            job = _dated(job)
            plan, attempt = planned_next(app, job.source, job.reading)
    except (BadInput, Refused) as error:
        return Answer(Looked(job.source, Found.REFUSED, str(error)))
    looked = Looked(job.source, Found.REFUSED, shape=shape_of(plan))
    try:
        return _answer(app, job, plan, attempt, looked)
    except (BadInput, Refused) as error:
        return Answer(replace(looked, why=str(error)))


def _dated(job: Job) -> Job:
    """The same for a new version: only what stands has a day from which it changes."""
    revising = RevisingOptions(job.in_force_from)
    return replace(job, reading=replace(job.reading, revising=revising))


def _answer(app: App, job: Job, plan: DocumentPlan, attempt: int, looked: Looked) -> Answer:
    if isinstance(plan, RevisionPlan) and not plan.changes_text:
        return Answer(replace(looked, found=Found.STANDS, why="Every unit stands as it is."))
    kept = kept_proposal(app.settings.state, plan.document_code)
    accepted = _accepted(kept, job)
    try:
        require_accepted(plan, accepted)
    except (BadInput, Refused) as error:
        page = _doubtful_page(app, job, plan, attempt)
        return Answer(replace(looked, found=Found.DOUBTFUL, why=str(error), page=page))
    said = Said(job.source, job.reading, job.actor, accepted)
    proposed = proposed_as(app, said, plan, attempt, home=False)
    found, why = _standing(proposed, kept)
    if found is not Found.READY:
        return Answer(replace(looked, found=found, why=why))
    keep_plan(app, proposed)
    page = str(write_page(app, proposed))
    ready = replace(looked, found=found, effect=proposed.change_set.effect, page=page)
    return Answer(ready, proposed.proposal)


def _accepted(kept: Proposal | None, job: Job) -> tuple[str, ...]:
    """The doubts that were accepted when this very document was proposed by itself."""
    if kept is None or (kept.document, kept.reading) != (job.source, job.reading):
        return ()
    return kept.accepted


def _doubtful_page(app: App, job: Job, plan: DocumentPlan, attempt: int) -> str:
    """The page on which its doubts can be looked at."""
    ctx = context_of(app, plan, Mode.DRYRUN, attempt, job.actor)
    return str(write_review(app, plan, ctx, compare=with_knowledge_base(app)).path)


def _standing(proposed: Proposed, kept: Proposal | None) -> tuple[Found, str]:
    """Whether a plan without open doubts can be released, and why not."""
    same = kept is not None and kept.change_set_id == proposed.proposal.change_set_id
    if kept is not None and same and kept.withdrawn is not None:
        return Found.WITHDRAWN, f"It was withdrawn: {kept.withdrawn}."
    for one in proposed.obstacles:
        return (Found.STANDS if one.final else Found.REFUSED), one.why
    return Found.READY, ""
