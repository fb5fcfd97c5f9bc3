"""What a knowledge base must hold after any sequence of cuts, revisions, deaths, resumes, halts and
reverts: a model in memory.
"""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from domain.change_set import CutContext
from domain.phases import Phase
from domain.plan.cut_plan import CutPlan
from domain.revision.plan import Act, RevisionPlan

STATUS_AFTER: Final = {
    Phase.MARK: "marked",
    Phase.REVIEW: "reviewed",
    Phase.CUT_LEG_A: "reviewed",
    Phase.LEG_B_RECORD: "cut_applied",
    Phase.WRITE_VERIFY: "verified_complete",
    Phase.LIFECYCLE_ENACT: "enacted",
}
"""Where a change set's entry stands after a phase."""


@dataclass
class Job:
    """One change set: a cut, a revision or, if it names one that it reverts, a revert."""

    ctx: CutContext
    plan: Any
    cut_plan: CutPlan
    reverts: Job | None = None
    revision: bool = False
    done: set[Phase] = field(default_factory=set)
    ended_as: str | None = (
        None  # superseded or reverted, by another change set; refused before it was marked
    )

    @property
    def finished(self) -> bool:
        """Whether nothing can be resumed."""
        return self.ended_as is not None or Phase.LIFECYCLE_ENACT in self.done

    @property
    def torn(self) -> bool:
        """Whether it has moved units and is not at its end."""
        return Phase.CUT_LEG_A in self.done and not self.finished

    @property
    def created(self) -> int:
        """How many units it adds."""
        return self.plan.counts[Act.CREATE] if self.revision else len(self.cut_plan.rows)

    @property
    def status(self) -> str | None:
        """Where its entry must stand; None if it must have none."""
        reached = [
            STATUS_AFTER[phase] for phase in Phase if phase in self.done and phase in STATUS_AFTER
        ]
        return (self.ended_as or reached[-1]) if reached else None


@dataclass
class Document:
    """One document and its change sets, in the order begun."""

    code: str
    jobs: list[Job] = field(default_factory=list)

    @property
    def open(self) -> Job | None:
        """The change set that can be resumed: the last one, if it is not finished."""
        return self.jobs[-1] if self.jobs and not self.jobs[-1].finished else None

    @property
    def torn(self) -> bool:
        """Whether a change set has moved units and is not at its end, be it the last one or one
        that a revert was begun of.
        """
        return any(job.torn for job in self.jobs)

    @property
    def _there(self) -> list[Job]:
        """What has written and is not taken back, in order."""
        gone = [job.reverts for job in self.jobs if job.reverts and Phase.CUT_LEG_A in job.done]
        written = [job for job in self.jobs if not job.reverts and Phase.CUT_LEG_A in job.done]
        return [job for job in written if not any(job is other for other in gone)]

    @property
    def living(self) -> Job | None:
        """The cut whose units live."""
        return next((job for job in self._there if not job.revision), None)

    @property
    def standing(self) -> Job | None:
        """The cut or revision that the document stands at: the last one that is enacted."""
        enacted = [job for job in self._there if Phase.LIFECYCLE_ENACT in job.done]
        return enacted[-1] if enacted else None

    @property
    def revertible(self) -> Job | None:
        """What may be taken back: what is torn, else what stands and nothing rests on."""
        now = self.open
        if now is None or now.torn:
            return None if now and now.reverts else (now or self.standing)
        rests = now.reverts or (now.revision and Phase.MARK in now.done)
        return None if rests else self.standing

    def units(self) -> Counter[str]:
        """How many units live, by lifecycle; a unit that is repealed is there too."""
        counts: Counter[str] = Counter()
        for job in self._there:
            lifecycle = "enacted" if Phase.LIFECYCLE_ENACT in job.done else "draft"
            counts[lifecycle] += job.created
        return +counts

    def attempt(self, plan: CutPlan | RevisionPlan) -> int:
        """The number of the next run of this plan."""
        return 1 + sum(
            1 for job in self.jobs if not job.reverts and job.ctx.plan_digest == plan.plan_digest
        )

    def committed(self, job: Job, phases: set[Phase]) -> None:
        """These phases of a job are on record now; what that means for the others."""
        new, job.done = phases - job.done, job.done | phases
        if Phase.MARK in new:
            for other in self.jobs:
                if (
                    other is not job
                    and other.status
                    and not other.finished
                    and Phase.CUT_LEG_A not in other.done
                ):
                    other.ended_as = "superseded"
        if Phase.LIFECYCLE_ENACT in new and job.reverts:
            job.reverts.ended_as = "reverted"


def journal_of(documents: list[Document]) -> set[tuple[uuid.UUID, str]]:
    """Every journal row that there must be."""
    return {
        (job.ctx.change_set_id, phase.value)
        for doc in documents
        for job in doc.jobs
        for phase in job.done
    }


def statuses_of(documents: list[Document]) -> dict[uuid.UUID, str]:
    """Where every entry must stand."""
    return {
        job.ctx.change_set_id: job.status for doc in documents for job in doc.jobs if job.status
    }


def torn_of(documents: list[Document]) -> set[uuid.UUID]:
    """Every change set that must be called torn."""
    return {job.ctx.change_set_id for doc in documents for job in doc.jobs if job.torn}
