"""What is put before an approver of a release: each of its change sets, made again from the plan
that is kept.

Plain functions, no Prefect run.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from adapters.files import sha256_if_there
from adapters.home.plans import find_plan
from adapters.home.target import require_target
from adapters.keys.approvers import new_nonce
from adapters.keys.signing import signature_is_valid
from adapters.postgres.permits.permit import clock, registry
from adapters.releases import PAGE, folder_of_release, kept_release_approvals
from domain.approval.approvals import ApproverKey, Effect, Gate
from domain.approval.gates import gate_left
from domain.approval.people import require_visible
from domain.approval.policy import Policy
from domain.approval.request import document_effect
from domain.change_set import TargetFingerprint, run_context
from domain.errors import ApprovalRefused, Refused
from domain.phases import Mode
from domain.release.approval import (
    GATES,
    ReleaseRoot,
    ReleaseStatement,
    judge_one_release,
    release_statement,
)
from domain.release.manifest import Release
from domain.release.outcome import Step
from domain.runs.run_plan import DocumentPlan
from tasks.app import App
from tasks.corpus.standing import release_standing
from tasks.policies import policy_now
from tasks.reading import verifier_connection

_LEFT: frozenset[Step] = frozenset({Step.DECLINED, Step.WITHDRAWN, Step.REPLACED, Step.REVERTED})


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """A release that is to be approved, and what is known of it."""

    release: Release
    done: int
    review_sha256: str | None
    submitter: str
    backup_key: str
    state: Path
    policy: Policy | None = None
    """Who must approve, as it was when this was gathered."""

    @property
    def root(self) -> ReleaseRoot:
        """What is signed."""
        return ReleaseRoot.of(self.release)


def request_for_release(app: App, release_id: UUID) -> ReleaseRequest:
    """A release as it stands, once every change set of it is what its kept plan makes.

    Raises `Refused` where one of them can not be run any more or nothing is left to do,
    `PlanRefused` for a plan that is gone, and what `release_standing` raises.
    """
    release, standings = release_standing(app, release_id)
    target = require_target(app.settings.state)
    if release.target != str(target):
        raise Refused(f"The release is for {release.target}, and this home's target is {target}.")
    for one in standings:
        if one.step in _LEFT:
            raise Refused(
                f"{one.effect.document_code} of this release is {one.step}. {one.next_step} "
                f"Plan the corpus again: that makes a release without it. Nothing is signed."
            )
    done = sum(one.step is Step.DONE for one in standings)
    if done == release.count:
        raise Refused("There is nothing to approve: every document of the release is done.")
    for effect in release.effects:
        kept_plan_of(app.settings.state, effect, target)
    return ReleaseRequest(
        release,
        done,
        sha256_if_there(folder_of_release(app.settings.state, release_id) / PAGE),
        getpass.getuser(),
        (app.settings.backup_gpg_fpr or "").strip(),
        app.settings.state,
        policy_now(app),
    )


def kept_plan_of(state: Path, effect: Effect, target: TargetFingerprint) -> DocumentPlan:
    """The plan of a change set of a release, if it makes exactly what the release says.

    Raises `Refused` if it does not, and what `find_plan` raises.
    """
    plan = find_plan(state, effect.document_code, effect.plan_digest)
    ctx = run_context(
        plan.document_code, plan.plan_digest, Mode.LIVE, target, "release", effect.attempt
    )
    if document_effect(ctx, plan) != effect:
        raise Refused(
            f"The plan that is kept of {effect.document_code} does not make what the release says; "
            f"plan the corpus again."
        )
    return plan


def release_statement_of(
    app: App,
    request: ReleaseRequest,
    gate: Gate | None,
    key_id: str,
    submitter: str | None,
    approve_within: timedelta,
    execute_within: timedelta,
) -> ReleaseStatement:
    """The statement that the holder of a key would sign. Without a gate it is the one that the key
    may sign for and that nobody else has signed yet.

    Times count from the database's clock. Raises `ApprovalRefused` and `BadInput`.
    """
    who = submitter or request.submitter
    require_visible(who)
    with verifier_connection(app) as conn:
        keys, now = registry(conn), clock(conn)
    key = keys.get(key_id)
    if key is None:
        raise ApprovalRefused(
            f"The key {key_id[:12]} is not an approver's; an administrator registers it: `cutter "
            f"approver add`."
        )
    return release_statement(
        request.root,
        _gate_for(request, key, gate, keys, now),
        submitter=who,
        approver=key.person,
        key_id=key_id,
        nonce=new_nonce(),
        backup_key=request.backup_key,
        now=now,
        approve_within=approve_within,
        execute_within=execute_within,
    )


def _gate_for(
    request: ReleaseRequest,
    key: ApproverKey,
    gate: Gate | None,
    keys: Mapping[str, ApproverKey],
    now: datetime,
) -> Gate:
    if gate is None:
        runs = {(one.kind, one.publication_type) for one in request.release.effects}
        return gate_left(key, GATES, _standing(request, keys, now), request.policy, runs)
    if gate not in key.gates & GATES:
        raise ApprovalRefused(f"{key.person} may not sign for {gate} of a release.")
    return gate


def _standing(
    request: ReleaseRequest, keys: Mapping[str, ApproverKey], now: datetime
) -> Iterator[ReleaseStatement]:
    """The approvals that are kept and count."""
    for one in kept_release_approvals(request.state, request.release.release_id):
        try:
            yield judge_one_release(one, request.root, keys, now, signature_is_valid)
        except ApprovalRefused:
            continue
