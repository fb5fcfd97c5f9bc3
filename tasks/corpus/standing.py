"""How far a release is: each of its change sets, from the ledger and the files of this home.

Plain functions, no Prefect run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from adapters.home.proposals import kept_proposal
from adapters.postgres.permits.work import Work, WorkState, elapsed_of, work_of
from adapters.releases import kept_release
from domain.approval.approvals import Effect
from domain.phases import EntryStatus
from domain.release.manifest import Release
from domain.release.outcome import DocumentOutcome, ReleaseOutcome, Step, seconds_left
from domain.reports.standing import ChangeSetStatus
from tasks.app import App
from tasks.reading import verifier_connection
from tasks.records.knowledge_base import status
from tasks.records.proposals import standings


@dataclass(frozen=True, slots=True)
class Standing:
    """One change set of a release, how far it is, and what comes next, in one sentence."""

    effect: Effect
    step: Step
    next_step: str
    torn: bool = False


def release_standing(app: App, release_id: UUID) -> tuple[Release, list[Standing]]:
    """A release, and how far each of its change sets is, in its order.

    Raises what `kept_release` raises, and a connection's refusal.
    """
    state = app.settings.state
    release = kept_release(state, release_id)
    on_record = {one.change_set_id: one for one in status(app)}
    proposals = [
        proposal
        for one in release.effects
        if one.change_set_id not in on_record
        and (proposal := kept_proposal(state, one.document_code))
        and proposal.change_set_id == one.change_set_id
    ]
    proposed = {one.proposal.change_set_id: one for one in standings(app, proposals)}
    work = {one.change_set_id: one for one in _work(app, release_id)}
    return release, [
        _of_the_work(
            _on_record(one, found)
            if (found := on_record.get(one.change_set_id))
            else Standing(one, Step(there.stage), there.next_step)
            if (there := proposed.get(one.change_set_id))
            else _replaced(one),
            work.get(one.change_set_id),
        )
        for one in release.effects
    ]


def release_outcome(app: App, release_id: UUID) -> ReleaseOutcome:
    """The same with how long the rest will take. Raises what `release_standing` raises."""
    release, every = release_standing(app, release_id)
    with verifier_connection(app) as conn:
        elapsed = elapsed_of(conn, release_id)
    units = [one.effect.units for one in every]
    left = seconds_left(units, [one.step for one in every], elapsed)
    return ReleaseOutcome(
        release.release_id,
        release.root,
        release.target,
        tuple(
            DocumentOutcome(
                one.effect.document_code,
                one.effect.change_set_id,
                one.effect.units,
                one.step,
                one.next_step,
                one.torn,
                seconds,
            )
            for one, seconds in zip(every, left, strict=True)
        ),
    )


def _work(app: App, release_id: UUID) -> list[Work]:
    with verifier_connection(app) as conn:
        return work_of(conn, release_id)


def _of_the_work(standing: Standing, work: Work | None) -> Standing:
    """The same with what the workers of the release say, where the ledger does not say that it is
    at its end.
    """
    if work is None or standing.step in (Step.DONE, Step.REVERTED):
        return standing
    if work.state == WorkState.RUNNING and not work.silent:
        # Half written is what a document is while somebody writes it.
        said = f"{work.holder} works at it."
        return replace(standing, step=Step.RUNNING, next_step=said, torn=False)
    if work.state in (WorkState.FAILED, WorkState.REFUSED):
        return replace(standing, step=Step(work.state), next_step=work.reason)
    if standing.step in (Step.WAITING, Step.APPROVED):
        why = f" It was stopped: {work.reason}" if work.reason else ""
        return replace(standing, step=Step.WAITING, next_step=f"Its turn comes.{why}")
    return standing


def _on_record(effect: Effect, found: ChangeSetStatus) -> Standing:
    ends = {EntryStatus.ENACTED: Step.DONE, EntryStatus.REVERTED: Step.REVERTED}
    step = ends.get(EntryStatus(found.status), Step.BEGUN)
    if found.ended and step is Step.BEGUN:
        step = Step.REPLACED
    return Standing(effect, step, found.next_step, found.torn)


def _replaced(effect: Effect) -> Standing:
    return Standing(
        effect,
        Step.REPLACED,
        f"Another plan of {effect.document_code} is proposed since: `cutter corpus plan` makes a "
        f"release with it.",
    )
