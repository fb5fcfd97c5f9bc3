"""A request to an approver who sits elsewhere: the statement to sign, the plan that it is about,
and what is known of it.

The signer has neither home nor database. So the whole plan is in the request, and each digest in
the statement is computed from it once more before anybody is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.approval.approvals import (
    ApprovalStatement,
    Effect,
    approves,
    difference,
    require_gate,
    require_not_submitter,
)
from domain.approval.request import document_effect, revert_effect
from domain.change_set import fingerprint_from, run_context
from domain.errors import ApprovalRefused
from domain.phases import Mode
from domain.plan.accepting import left_out_of_shape
from domain.plan.cut_plan import check_plan
from domain.plan.revert import RevertPlan
from domain.reading.doubts import Doubt
from domain.reading.marks import PlanWarning
from domain.runs.run_plan import DocumentPlan, RunPlan, blocks_of, cut_plan_of

AGAIN = "have it made again with `cutter approve --request`"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a change set besides its plan, in words.

    `review_sha256` is of the file of its review page.
    """

    dry_run: str
    rehearsal: str
    alerts: tuple[str, ...] = ()
    review_sha256: str | None = None

    def texts(self) -> Iterator[str]:
        """Everything in it that a person is shown."""
        yield from (self.dry_run, self.rehearsal, *self.alerts, self.review_sha256 or "")


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """What one approver is asked to sign."""

    statement: ApprovalStatement
    plan: RunPlan
    known: Known


def title_of(plan: RunPlan) -> str:
    """What the plan is of."""
    return (
        f"revert of change set {plan.reverts}"
        if isinstance(plan, RevertPlan)
        else cut_plan_of(plan).document.title
    )


def addresses_of(plan: RunPlan) -> Sequence[str]:
    """The addresses that it writes or withdraws, in its order."""
    return [block.canonical_address for block in blocks_of(plan)]


def warnings_of(plan: RunPlan) -> Sequence[str]:
    """What the reader of the document was in doubt about."""
    return (
        ()
        if isinstance(plan, RevertPlan)
        else [f"line {w.line}: {w.reason} ({w.code})" for w in _to_look_at(plan)]
    )


def _to_look_at(plan: DocumentPlan) -> Iterator[PlanWarning | Doubt]:
    """The warnings about the text, and of a revision what nobody has settled about it."""
    cut = cut_plan_of(plan)
    yield from cut.warnings
    yield from plan.doubts[len(cut.doubts) :]


def check_request(request: SigningRequest, now: datetime) -> None:
    """Raises `ApprovalRefused` unless the statement is what the plan gives, is not expired, and may
    be signed at all.

    What can not be computed here, such as whose key it is, is judged where the approval is used.
    """
    statement = request.statement
    require_gate(statement.gate, statement.kind)
    require_not_submitter(statement)
    if not all(text.isprintable() for text in request.known.texts()):
        raise ApprovalRefused(
            f"Not signed: the request holds characters that do not print; {AGAIN}."
        )
    if not now < statement.approve_by:
        when = f"{statement.approve_by.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        raise ApprovalRefused(f"Not signed: the request was good until {when}; {AGAIN}.")
    made = _effect_of(request)
    if not approves(statement, made):
        why = difference(statement.effect, made, "the plan in it")
        raise ApprovalRefused(
            f"Not signed: the request does not hold together: it says {why}; {AGAIN}."
        )


def _effect_of(request: SigningRequest) -> Effect:
    """The effect of the request's plan, computed anew down to the text of every unit."""
    statement, plan = request.statement, request.plan
    try:
        target = fingerprint_from(statement.target)
    except ValueError:
        raise ApprovalRefused(f"Not signed: the request names no database; {AGAIN}.") from None
    ctx = run_context(
        plan.document_code,
        plan.plan_digest,
        Mode.LIVE,
        target,
        statement.submitter,
        statement.attempt,
    )
    if isinstance(plan, RevertPlan):
        return revert_effect(ctx, plan)
    cut = cut_plan_of(plan)
    check_plan(cut)
    if fault := left_out_of_shape(cut):
        raise ApprovalRefused(f"Not signed: {fault.rstrip('.')}; {AGAIN}.")
    return document_effect(ctx, plan)
