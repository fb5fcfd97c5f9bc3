"""Permit, fence and halt: what stands between an approval and a COMMIT.

The database decides; this asks it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg

from adapters.keys.signing import signature_is_valid
from adapters.postgres.connection.driver import Connection
from adapters.postgres.connection.errors import translated
from adapters.postgres.connection.rows import (
    Question,
    asked_ahead,
    read_all,
    read_one,
    read_value,
    read_values,
    unasked,
)
from adapters.postgres.connection.statements import statement
from adapters.postgres.permits.policies import POLICY_NOW, policy_judged, policy_now
from adapters.postgres.permits.releases import ANOTHER_PERMIT, judge_place, place_judged
from domain.approval.approvals import (
    ApproverKey,
    Effect,
    Gate,
    SignedApproval,
    judge,
)
from domain.approval.stated import refuse
from domain.change_set import CutContext
from domain.errors import (
    ApprovalRefused,
    BadInput,
    Lock,
    PhaseStop,
    ProductionExecutionNotAuthorized,
    StopInvariantFailed,
)
from domain.phases import Phase

GRACE: Final = "300ms"
FOR_EVER: Final = "0"
"""How long a halt waits for phases in flight before their sessions are ended; where the server does
not let it end them, for ever.
"""
NO_PERMIT: Final = "permit:"
"""How a unit's function begins the status of a call without an open permit."""
OPEN: Final = "open"
RECORDED: Final = "recorded"
OPENED: Final = "opened"
CONFIRMED: Final = "confirmed"
NO_ANSWER: Final = "the database did not answer"
KEYS: Final[Question] = ("approver_keys", None)
"""Asks for the register of approvers, as `registry` reads it."""


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit that is not revoked.

    `used_at` says that its change set is finished, `expired` that it is over, `confirmed`
    that the verifier has judged it: before, it allows nothing.
    """

    permit_id: uuid.UUID
    change_set_id: uuid.UUID
    kind: str
    document_code: str
    plan_digest: str
    effect_digest: str
    submitter: str
    opened_at: datetime
    execute_by: datetime
    used_at: datetime | None
    expired: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Halt:
    """A halt in force."""

    halt_no: int
    halted_by: str
    reason: str
    halted_at: datetime

    def __str__(self) -> str:
        return (
            f"Everything is halted since {self.halted_at:%Y-%m-%d %H:%M} UTC by {self.halted_by}: "
            f"{self.reason}. Nothing can be committed until `cutter lift --reason WHY`"
        )


def fence(conn: Connection, ctx: CutContext, phase: Phase, *, closing: bool = False) -> bool:
    """First and last in a live transaction: lock the permit and check it.

    False if the phase is on record already.

    Raises `ProductionExecutionNotAuthorized` if the phase may not commit.
    """
    keys = fence_keys(ctx, phase, closing=closing)
    standing = read_value(conn, str, "permit_fence", keys) or NO_ANSWER
    if standing not in (OPEN, RECORDED):
        raise ProductionExecutionNotAuthorized(
            Lock.PERMIT, f"{phase} of change set {ctx.change_set_id} may not run: {standing}"
        )
    return standing == OPEN


def fence_keys(ctx: CutContext, phase: Phase, *, closing: bool = False) -> dict[str, object]:
    """What the fence is asked."""
    return {
        "change_set_id": ctx.change_set_id,
        "phase": phase.value,
        "plan_digest": ctx.plan_digest,
        "closing": closing,
    }


def require_permitted(ctx: CutContext, status: str) -> None:
    """Raises `ProductionExecutionNotAuthorized` if a unit's function answers that no permit is open
    any more: a halt, or the permit's end, came in mid-phase.
    """
    if status.startswith(NO_PERMIT):
        raise ProductionExecutionNotAuthorized(
            Lock.PERMIT, f"change set {ctx.change_set_id} may not go on: {status}"
        )


@translated("Asking for the permit", PhaseStop)
def find_permit(conn: Connection, change_set_id: uuid.UUID) -> Permit | None:
    """The change set's permit that is not revoked, or None."""
    return read_one(conn, Permit, *permit_question(change_set_id))


def permit_question(change_set_id: uuid.UUID) -> Question:
    """What `find_permit` asks."""
    return "permit_of_change_set", {"change_set_id": change_set_id}


@contextmanager
def permit_asked_ahead(conn: Connection, change_set_id: uuid.UUID) -> Iterator[None]:
    """Ask in one turn for what `find_permit` and then `open_permit` read first."""
    with ExitStack() as stack:
        with translated("Asking for the permit", PhaseStop):
            questions = permit_question(change_set_id), KEYS, POLICY_NOW
            stack.enter_context(asked_ahead(conn, *questions, once=True))
        yield


@translated("Opening the permit", PhaseStop)
def open_permit(
    conn: Connection, approvals: Sequence[SignedApproval], wanted: Effect, actor: str
) -> Permit:
    """Judge approvals, signatures and all, by the policy in force, and open the permit with them.

    `conn` is the executor's, in autocommit.

    Raises `ApprovalRefused` naming the first fault; the database judges again what it can see.
    """
    with asked_ahead(conn, *unasked(conn, KEYS, POLICY_NOW), once=True):
        keys = registry(conn)
        now, policy = policy_now(conn, wanted.target, keys)
    judge(approvals, wanted, keys, actor, now, signature_is_valid, policy)
    answer, permit = _open(conn, approvals, wanted.change_set_id)
    if answer != OPENED:
        raise ApprovalRefused(f"Not approved: {answer}. Nothing was written.")
    if permit is None:
        raise ApprovalRefused("Not approved: the permit was revoked at once. Nothing was written.")
    return permit


def _open(
    conn: Connection, approvals: Sequence[SignedApproval], change_set_id: uuid.UUID
) -> tuple[str, Permit | None]:
    """What the database answers, and the permit that there is then, in one turn."""
    values = {
        "permit_id": uuid.uuid4(),
        "payloads": [approval.payload for approval in approvals],
        "signatures": [approval.signature for approval in approvals],
    }
    try:
        with asked_ahead(conn, ("permit_open", values), permit_question(change_set_id)):
            answer = read_value(conn, str, "permit_open", values) or NO_ANSWER
            return answer, find_permit(conn, change_set_id)
    except psycopg.errors.UniqueViolation:
        return "another run has just used these approvals", None


@translated("Confirming the permit", PhaseStop)
def confirm_permit(conn: Connection, ctx: CutContext, wanted: Effect) -> None:
    """Judge the signed bytes of the change set's permit as the verifier, and confirm it.

    `conn` is the verifier's, in autocommit. Confirming it again changes nothing. Raises
    `ApprovalRefused` naming the fault.
    """
    try:
        check_permit(conn, ctx, wanted)
    except StopInvariantFailed as fault:
        why = str(fault).removeprefix("Verification failed: ").removesuffix(" Nothing was enacted.")
        raise ApprovalRefused(
            f"Not approved: the verifier does not confirm it: {why} Nothing was written."
        ) from None
    answer = read_value(conn, str, "permit_confirm", {"change_set_id": ctx.change_set_id})
    if answer != CONFIRMED:
        raise ApprovalRefused(
            f"Not approved: the verifier could not confirm the permit: {answer or NO_ANSWER}. "
            "Nothing was written."
        )


def check_permit(conn: Connection, ctx: CutContext, wanted: Effect) -> None:
    """The verifier's own judgement of the permit that a change set ran under, from the signed bytes
    that the database keeps.

    Keys and times are judged as of the moment the permit was opened. Raises `StopInvariantFailed`.
    """
    with asked_ahead(conn, *unasked(conn, *judgement_questions(ctx.change_set_id))):
        _check_permit(conn, ctx, wanted)


def judgement_questions(change_set_id: uuid.UUID) -> tuple[Question, ...]:
    """What `check_permit` asks, in this order: a permit that the first and the last of these are of
    was the change set's all the while, since one that is taken back stays so.
    """
    key = {"change_set_id": change_set_id}
    return (
        permit_question(change_set_id),
        KEYS,
        ("judgement_place", key),
        ("judgement_policy", key),
        ("judgement_approvals", key),
    )


def _check_permit(conn: Connection, ctx: CutContext, wanted: Effect) -> None:
    permit = find_permit(conn, ctx.change_set_id)
    if permit is None:
        raise _unapproved(ctx, "it has no permit")
    if (permit.kind, permit.plan_digest, permit.effect_digest) != (
        wanted.kind,
        wanted.plan_digest,
        wanted.effect_digest,
    ):
        raise _unapproved(ctx, "its permit is for another plan or effect")
    try:
        until = _judged(conn, permit, wanted)
    except ApprovalRefused as refusal:
        why = str(refusal).removeprefix("Not approved: ").removesuffix(" Nothing was written.")
        raise _unapproved(ctx, why.rstrip(".")) from None
    if permit.execute_by != until:
        raise _unapproved(ctx, "its permit is open for longer than was approved")


def _judged(conn: Connection, permit: Permit, wanted: Effect) -> datetime:
    """Until when the run was approved, by approvals of its own or by its place in a release.

    Raises `ApprovalRefused`.
    """
    keys, of = registry(conn), permit.change_set_id
    place = place_judged(conn, of, permit.permit_id)
    policy = policy_judged(conn, of, wanted.target, keys)
    approvals = _approvals_judged(conn, permit)
    if place is not None:
        if permit.submitter != place.submitter or permit.opened_at < place.opened_at:
            raise ApprovalRefused("Not approved: its permit is not the one of its release.")
        return judge_place(conn, place, wanted, keys, policy)
    statements = judge(
        approvals, wanted, keys, permit.submitter, permit.opened_at, signature_is_valid, policy
    )
    return min(signed.execute_by for signed in statements)


def _approvals_judged(conn: Connection, permit: Permit) -> list[SignedApproval]:
    """The approvals that opened the permit, found by its change set."""

    def of_this(*, permit_id: uuid.UUID, **columns: Any) -> SignedApproval:
        if permit_id != permit.permit_id:
            refuse(ANOTHER_PERMIT)
        return SignedApproval(**columns)

    key = {"change_set_id": permit.change_set_id}
    return read_all(conn, of_this, "judgement_approvals", key)


def _unapproved(ctx: CutContext, why: str) -> StopInvariantFailed:
    return StopInvariantFailed(
        f"Verification failed: change set {ctx.change_set_id} was not approved as it stands: "
        f"{why}. Nothing was enacted.",
        phase=Phase.WRITE_VERIFY,
    )


def approvals_of(conn: Connection, permit_id: uuid.UUID) -> list[SignedApproval]:
    """The signed approvals that opened a permit, in the order of their gates."""
    return read_all(conn, SignedApproval, "permit_approvals", {"permit_id": permit_id})


@translated("Reading the approvals that were used")
def used_nonces(conn: Connection) -> list[str]:
    """The nonces of every approval that has opened a permit here."""
    return read_values(conn, str, "approvals_used")


@translated("Reading the register of approvers")
def registry(conn: Connection) -> dict[str, ApproverKey]:
    """Every registered approver's key, by key id."""
    return {key.key_id: key for key in read_all(conn, _approver_key, *KEYS)}


def _approver_key(*, gates: list[str], **columns: Any) -> ApproverKey:
    return ApproverKey(gates=frozenset(map(Gate, gates)), **columns)


@translated("Asking the database for the time")
def clock(conn: Connection) -> datetime:
    """The database's clock: the only one that approvals are judged by."""
    now = read_value(conn, datetime, "clock")
    if now is None:
        raise ApprovalRefused(
            "Not approved: the database does not tell the time. Nothing was written."
        )
    return now


@translated("The halt", PhaseStop)
def halt(conn: Connection, by: str, reason: str) -> int:
    """Halt everything: from the first COMMIT on nothing passes a fence, and after the second
    nothing in flight is left.

    A phase in flight has `GRACE` to end by itself; then its session is ended, and what it wrote is
    rolled back. Returns how many permits were taken back. `conn` is either principal's, in
    autocommit. Raises `BadInput` without a name and a reason.
    """
    if not (by.strip() and reason.strip()):
        raise BadInput("A halt has a name and a reason; give both.")
    conn.execute(statement("halt"), {"by": by, "reason": reason})
    keys = {"by": by, "reason": f"halted: {reason}"}
    for patience in (GRACE, GRACE, FOR_EVER):
        conn.execute(statement("halt_waits"), {"lock_timeout": patience})
        try:
            return read_value(conn, int, "permits_revoke", keys) or 0
        except psycopg.errors.LockNotAvailable:
            conn.execute(statement("halt_clear"))
    return 0


@translated("Lifting the halt", PhaseStop)
def lift_halt(conn: Connection, by: str, reason: str) -> int:
    """Lift every halt in force; how many. Permits from before stay void.

    `conn` is an administrator's: no principal can. Raises `BadInput` without a name and a reason.
    """
    if not (by.strip() and reason.strip()):
        raise BadInput("A halt is lifted by a named person for a reason; give both.")
    return read_value(conn, int, "halt_lift", {"by": by, "reason": reason}) or 0


@translated("Reading the halts in force")
def halts_in_force(conn: Connection) -> list[Halt]:
    """The halts that nobody has lifted, oldest first."""
    return read_all(conn, Halt, "halts_in_force")
