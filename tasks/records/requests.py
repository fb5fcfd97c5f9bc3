"""What is put before an approver: the request of a change set, gathered without writing anything.

Plain functions.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.files import sha256_if_there
from adapters.home.approvals import (
    keep_approval,
    kept_approvals,
    require_standing,
    take_back_decline,
)
from adapters.home.runs import DRY_RUN, REHEARSAL, find_json, folder_of
from adapters.keys.approvers import new_nonce
from adapters.keys.kept_passkeys import count_signature
from adapters.keys.signing import signature_is_valid
from adapters.postgres.connection.driver import Connection
from adapters.postgres.permits.permit import clock, registry
from adapters.postgres.record.status import change_sets
from domain.approval.approvals import (
    GATES_OF,
    ApprovalStatement,
    ApproverKey,
    Effect,
    Gate,
    SignedApproval,
    judge_one,
    require_different_people,
    require_gate,
    require_not_submitter,
)
from domain.approval.gates import gate_left
from domain.approval.people import require_visible, same_person
from domain.approval.policy import Policy
from domain.approval.request import statement_for
from domain.approval.signing_request import Known
from domain.change_set import change_set_from
from domain.errors import ApprovalRefused, BadInput
from domain.phases import Mode
from domain.reading.options import AS_IT_IS, ReadingOptions
from domain.runs.run_plan import RunPlan
from tasks.app import App
from tasks.change_sets import ChangeSet, change_of, revert_of
from tasks.policies import policy_now
from tasks.reading import verifier_connection
from tasks.records.review_page import NAME as REVIEW_PAGE
from tasks.records.revisions import planned


@dataclass(frozen=True, slots=True)
class Request:
    """One change set that is to be approved, and what is known of it."""

    effect: Effect
    plan: RunPlan
    known: Known
    state: Path
    submitter: str
    backup_key: str
    policy: Policy | None = None
    """Who must approve, as it was when this was gathered."""


def request_for_cut(
    app: App,
    document: str,
    reading: ReadingOptions = AS_IT_IS,
    *,
    attempt: int = 1,
    accepted: Sequence[str] = (),
) -> Request:
    """Plan a document's cut or revision as its live run would, and gather what is known of the run.

    `accepted` are the codes of its doubts.

    Raises what planning and the target raise.
    """
    plan = planned(app, document, reading, attempt=attempt)
    return _request(app, change_of(app, plan, Mode.LIVE, getpass.getuser(), attempt, accepted))


def request_for_revert(app: App, change_set: str, *, attempt: int = 1) -> Request:
    """What reverting a change set would do, read from the database.

    Raises what planning a revert raises.
    """
    reverts = change_set_from(change_set)
    return _request(app, revert_of(app, reverts, Mode.LIVE, getpass.getuser(), attempt))


def _request(app: App, change_set: ChangeSet[Any]) -> Request:
    settings, effect = app.settings, change_set.effect
    shown = {
        name: find_json(settings.runs, effect.change_set_id, name) for name in (DRY_RUN, REHEARSAL)
    }
    others = [
        f"the {name} had another effect than this plan"
        for name, run in shown.items()
        if run and not _same(run, effect)
    ]
    return Request(
        effect=effect,
        plan=change_set.plan,
        known=Known(
            dry_run=_in_words(shown[DRY_RUN], effect),
            rehearsal=_in_words(shown[REHEARSAL], effect),
            alerts=tuple(others),
            review_sha256=sha256_if_there(
                folder_of(settings.runs, effect.change_set_id) / REVIEW_PAGE
            ),
        ),
        state=settings.state,
        submitter=str((shown[DRY_RUN] or {}).get("actor") or getpass.getuser()),
        backup_key=(settings.backup_gpg_fpr or "").strip(),
        policy=policy_now(app),
    )


def statement_of(
    app: App,
    request: Request,
    gate: Gate,
    approver: str,
    submitter: str | None,
    approve_within: timedelta,
    execute_within: timedelta,
) -> ApprovalStatement:
    """The statement that an approver would sign: the holder of a key by its id, or a person by
    name.

    Times count from the database's clock, which is the one that judges them. Raises
    `ApprovalRefused` if the key is not registered for the gate or nothing is left to do, and
    `BadInput` for a name that is not one key's or does not show.
    """
    require_visible(submitter or request.submitter)
    with verifier_connection(app) as conn:
        _require_something_to_do(conn, request)
        keys, now = registry(conn), clock(conn)
    key = keys.get(approver) or _key_of(approver, gate, keys, now)
    if gate not in key.gates:
        raise ApprovalRefused(
            f"{key.person} may sign for {', '.join(sorted(key.gates))}, not for {gate}."
        )
    require_gate(gate, request.effect.kind)
    return statement_for(
        request.effect,
        gate,
        submitter=submitter or request.submitter,
        approver=key.person,
        key_id=key.key_id,
        nonce=new_nonce(),
        backup_key=request.backup_key,
        now=now,
        approve_within=approve_within,
        execute_within=execute_within,
    )


def gate_for(app: App, request: Request, key_id: str) -> Gate:
    """The one gate that a key may sign for and that nobody else has signed yet.

    Raises `ApprovalRefused` if there is none, and `BadInput` if there is more than one.
    """
    with verifier_connection(app) as conn:
        keys, now = registry(conn), clock(conn)
    key = keys.get(key_id)
    if key is None:
        raise ApprovalRefused(
            f"The key {key_id[:12]} is not an approver's; an administrator registers it: `cutter "
            f"approver add`."
        )
    effect, standing = request.effect, _standing(request, keys, now)
    runs = [(effect.kind, effect.publication_type)]
    return gate_left(key, GATES_OF[effect.kind], standing, request.policy, runs)


def take_approval(app: App, request: Request, approval: SignedApproval) -> Path:
    """Keep an approval that was signed elsewhere, if it counts for exactly this change set; the
    file's path.

    It is judged as a live run will judge it, as far as that can be done before the second one is
    there. Raises `ApprovalRefused` or `BadInput`.
    """
    statement = approval.statement
    require_gate(statement.gate, request.effect.kind)
    with verifier_connection(app) as conn:
        _require_something_to_do(conn, request)
        keys, now = registry(conn), clock(conn)
    judge_one(approval, request.effect, keys, now, signature_is_valid)
    require_standing(request.state, [approval])
    require_not_submitter(statement)
    for other in _standing(request, keys, now):
        replaced = other.key_id == statement.key_id or request.policy is None
        if other.gate is not statement.gate or not replaced:
            require_different_people(statement, other)
    count_signature(request.state, keys[approval.key_id].public_key, approval.signature)
    path = keep_signed_approval(request, approval)
    take_back_decline(request.state, statement.change_set_id, statement.key_id)
    return path


def keep_signed_approval(request: Request, approval: SignedApproval) -> Path:
    """Keep what was signed for a request, beside others where a policy asks for more; the file's
    path. Raises `BadInput`.
    """
    return keep_approval(request.state, approval, beside=request.policy is not None)


def _require_something_to_do(conn: Connection, request: Request) -> None:
    """Raises `ApprovalRefused` for a change set that is at its end: what was kept for it stays."""
    for one in change_sets(conn, request.effect.change_set_id):
        if one.ended:
            raise ApprovalRefused(
                f"There is nothing to approve: change set {one.change_set_id} is {one.status}. "
                f"{one.next_step}"
            )


def _standing(
    request: Request, keys: Mapping[str, ApproverKey], now: datetime
) -> Iterator[ApprovalStatement]:
    """What is kept for the change set already and still counts."""
    for approval in kept_approvals(request.state, request.effect.change_set_id):
        try:
            yield judge_one(approval, request.effect, keys, now, signature_is_valid)
        except ApprovalRefused:
            continue


def _key_of(
    approver: str, gate: Gate, keys: Mapping[str, ApproverKey], now: datetime
) -> ApproverKey:
    """The one key that a person may sign with now, by the person's name or the beginning of the
    key's id.
    """
    found = [
        key
        for key in keys.values()
        if (
            same_person(key.person, approver)
            or (len(approver) >= 8 and key.key_id.startswith(approver))
        )
        and key.counts_at(now)
    ]
    able = [key for key in found if gate in key.gates] or found
    if not able:
        name = approver[:12] if len(approver) == 64 else approver
        raise ApprovalRefused(
            f"The key {name} is not an approver's; an administrator registers it: `cutter "
            f"approver add`."
        )
    if len(able) > 1:
        ids = ", ".join(sorted(key.key_id[:12] for key in able))
        raise BadInput(
            f"{approver} has more than one key; name the beginning of one instead: {ids}."
        )
    return able[0]


def _same(run: Mapping[str, object], effect: Effect) -> bool:
    return (run.get("plan_digest"), run.get("effect_digest")) == (
        effect.plan_digest,
        effect.effect_digest,
    )


def _in_words(run: Mapping[str, object] | None, effect: Effect) -> str:
    if run is None:
        return "none on record here"
    agrees = "the same plan and effect" if _same(run, effect) else "ANOTHER plan or effect"
    return f"{run.get('finished_at', '')}, {run.get('units', '?')} units, {agrees}"
