"""Which releases of this home wait for people, beside the proposals that they are made of.

Plain functions, no Prefect run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from adapters.releases import count_said, kept_release, kept_release_approvals, kept_releases
from domain.approval.policy import Policy
from domain.errors import ApprovalRefused, BadInput, ConfigMismatch
from domain.release.approval import GATES, SignedRelease
from domain.release.manifest import Release
from domain.release.waiting import WaitingRelease
from domain.reports.proposal import Given, ProposalStanding, Stage
from tasks.app import App
from tasks.policies import policy_now

_NOT_BEGUN = (Stage.WAITING, Stage.APPROVED)


def waiting_releases(app: App, proposals: Iterable[ProposalStanding]) -> list[WaitingRelease]:
    """The releases whose change sets are all proposed and not begun.

    One that was begun is told by `cutter corpus status`, and one of which a document was declined,
    withdrawn or planned anew is signed by nobody. What can not be read waits for nobody either:
    `cutter corpus plan` makes it again.
    """
    open_ones = {one.proposal.change_set_id for one in proposals if one.stage in _NOT_BEGUN}
    found = [
        release
        for release in _readable(app, most=len(open_ones))
        if {one.change_set_id for one in release.effects} <= open_ones
    ]
    policy = policy_now(app) if found else None
    return [_waiting(app, release, policy) for release in found]


def _readable(app: App, most: int) -> Iterator[Release]:
    """The releases of no more than so many documents: reading all of a large one takes time."""
    state = app.settings.state
    for release_id in kept_releases(state):
        if not 0 < count_said(state, release_id) <= most:
            continue
        try:
            yield kept_release(state, release_id)
        except (BadInput, ConfigMismatch):
            continue


def _waiting(app: App, release: Release, policy: Policy | None) -> WaitingRelease:
    now = app.clock()
    given = tuple(
        Given(one.gate.value, one.approver, one.approve_by)
        for approval in _approvals(app, release)
        if (one := approval.statement).approve_by > now
    )
    gates = sorted({gate.value for gate in GATES} - {one.gate for one in given})
    people = [one.approver for one in given]
    kinds = {(one.kind, one.publication_type) for one in release.effects} if policy else set()
    asked = {
        what for kind, of in sorted(kinds) if policy for what in policy.missing(kind, of, people)
    }
    return WaitingRelease(
        release.release_id,
        release.count,
        sum(one.units for one in release.effects),
        given,
        (*gates, *sorted(asked)),
    )


def _approvals(app: App, release: Release) -> list[SignedRelease]:
    """Those on file. A file that can not be read is named by the run, and counts for nothing."""
    try:
        return kept_release_approvals(app.settings.state, release.release_id)
    except (BadInput, ApprovalRefused):
        return []
