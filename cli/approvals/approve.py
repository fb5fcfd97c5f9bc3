"""`cutter approve`: show an approver what is to happen, ask, and sign; or have it signed elsewhere
and take that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from adapters.home.approvals import kept_approvals, read_approvals, take_back_decline
from adapters.keys.approvers import ApproverSigner
from adapters.request_file import keep_request
from cli.approvals.signing import Unlocking, require_agreed, show_statement
from cli.services import the_app, without_prefect
from cli.terminal import words
from domain.approval.approvals import GATES_OF, ApprovalStatement, Gate, SignedApproval
from domain.approval.signing_request import SigningRequest
from domain.errors import BadInput
from domain.reading.options import ReadingOptions
from domain.reports.proposal import Proposal, meant_by, require_one, waits_for

if TYPE_CHECKING:
    from tasks.records.requests import Request


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be approved: a document's cut, or the revert of a change set."""

    document: str | None
    revert: str | None
    attempt: int
    reading: ReadingOptions
    proposal: Proposal | None = None
    accepted: tuple[str, ...] = ()  # codes of doubts

    def request(self) -> Request:
        """Plan it, and gather what is known of it. Within `services`.

        Raises `Refused` for a proposal whose run would be refused whatever is signed.
        """
        from tasks.records.proposals import change_set_named, require_use
        from tasks.records.requests import request_for_cut, request_for_revert

        app = the_app()
        if self.revert is not None:
            return request_for_revert(
                app, str(change_set_named(app, self.revert)), attempt=self.attempt
            )
        if self.proposal is not None:
            require_use(app, self.proposal)
        return request_for_cut(
            app,
            str(self.document),
            self.reading,
            attempt=self.attempt,
            accepted=self.accepted,
        )


def subject_of(
    state: Path,
    document: str | None,
    revert: str | None,
    attempt: int,
    reading: ReadingOptions,
    accepted: tuple[str, ...] = (),
) -> Subject:
    """What is meant: a document, or what was proposed under its code, as it was read then and with
    the doubts that were accepted then.

    Raises `BadInput` for a code that could mean more than one proposal.
    """
    from adapters.home.proposals import kept_proposals

    if document is None or document.startswith("db:") or "://" in document:
        return Subject(document, revert, attempt, reading, accepted=accepted)
    proposals = [] if Path(document).exists() else kept_proposals(state)
    if not meant_by(document, proposals):
        return Subject(document, revert, attempt, reading, accepted=accepted)
    proposal = require_one(document, proposals)
    return Subject(
        proposal.document,
        None,
        proposal.attempt,
        proposal.reading,
        proposal,
        accepted or proposal.accepted,
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """Until when it counts, and for whose run. `submitter` None: who did the dry run."""

    approve_within: timedelta
    execute_within: timedelta
    submitter: str | None


@dataclass(frozen=True, slots=True)
class Means:
    """What the command line says of how to approve: with a key here, by a request to somebody, or
    by what was signed there.
    """

    key: Path | None
    request: Path | None
    approver: str | None
    signed: Path | None


def approve_command(
    console: Console,
    subject: Subject,
    means: Means,
    gate: Gate | None,
    terms: Terms,
    unlocking: Unlocking,
) -> None:
    """Approve by the one means that was asked for.

    Raises `BadInput` if it is not one, and what planning, signing and judging raise.
    """
    if (subject.document is None) == (subject.revert is None):
        raise BadInput("Name what is to be approved: a document, or --revert and a change set.")
    if sum(one is not None for one in (means.key, means.request, means.signed)) != 1:
        raise BadInput(
            "Say how: --key signs here, --request asks an approver elsewhere, --signed takes "
            "what was signed there."
        )
    if (means.approver is None) != (means.request is None):
        raise BadInput(
            "A request is for one person: --request FILE and --approver NAME go together."
        )
    if means.signed is not None:
        _take(console, subject, means.signed, gate)
    elif means.key is not None:
        _sign_here(console, subject, gate, means.key, terms, unlocking)
    elif gate is None:
        raise BadInput("Name the gate to sign for with --gate.")
    elif means.request is not None and means.approver is not None:
        _ask_elsewhere(console, subject, gate, means.approver, terms, means.request)


def _sign_here(
    console: Console,
    subject: Subject,
    gate: Gate | None,
    key: Path,
    terms: Terms,
    unlocking: Unlocking,
) -> None:
    """Plan, show, ask, sign, keep. The signed approval is the one line on standard output.

    Without a gate it is the one that the key may sign for and that nobody else has signed yet.
    """
    signer = unlocking.signer(key)
    with without_prefect():
        request = subject.request()
        wanted = gate or _gate_for(request, signer.key_id)
        statement = _statement(request, wanted, signer.key_id, terms)
        show_statement(console, statement, request.plan, request.known)
        require_agreed(console, statement.gate, "change set", statement.change_set_id, unlocking)
        approval = signer.sign(statement)
        path = _keep(request, approval)
        take_back_decline(request.state, statement.change_set_id, signer.key_id)
        next_step = _next_step(subject, request)
    print(approval.envelope())
    console.print(
        f"Signed and kept in {path}. For the form in Prefect's UI, paste the line above.",
        highlight=False,
    )
    if next_step:
        console.print(f"{words(next_step)}", highlight=False)


def _ask_elsewhere(
    console: Console, subject: Subject, gate: Gate, approver: str, terms: Terms, file: Path
) -> None:
    """Write the request for an approver who signs elsewhere.

    Its digest is the one line on standard output.
    """
    with without_prefect():
        request = subject.request()
        statement = _statement(request, gate, approver, terms)
    digest = keep_request(file, SigningRequest(statement, request.plan, request.known))
    show_statement(console, statement, request.plan, request.known)
    print(digest)
    console.print(
        f"Kept in {file}: {statement.approver} runs `cutter approval sign {file.name} --key "
        f"KEY --out SIGNED`. The line "
        "above is the digest that is shown there too; tell it by another way than the file.",
        highlight=False,
    )


def _take(console: Console, subject: Subject, signed: Path, gate: Gate | None) -> None:
    """Keep an approval that was signed elsewhere, judged as if it had been signed here."""
    [approval] = read_approvals([signed])
    statement = approval.statement
    if gate not in (None, statement.gate):
        raise BadInput(f"{signed} is an approval for {statement.gate}, not for {gate}.")
    with without_prefect():
        from tasks.records.requests import take_approval

        path = take_approval(the_app(), subject.request(), approval)
    console.print(f"{statement.gate} by {statement.approver} is kept in {path}.", highlight=False)


def _keep(request: Request, approval: SignedApproval) -> Path:
    from tasks.records.requests import keep_signed_approval

    return keep_signed_approval(request, approval)


def _gate_for(request: Request, key_id: str) -> Gate:
    from tasks.records.requests import gate_for

    return gate_for(the_app(), request, key_id)


def _next_step(subject: Subject, request: Request) -> str | None:
    """What comes next for a proposal or a revert, now that one more has signed. Within
    `services`.
    """
    from tasks.records.proposals import standings

    if subject.revert is not None:
        now, effect = the_app().clock(), request.effect
        kept = [one.statement for one in kept_approvals(request.state, effect.change_set_id)]
        given = {one.gate for one in kept if one.approve_by > now}
        if missing := sorted(GATES_OF[effect.kind] - given):
            return waits_for(missing, f"cutter approve --revert {subject.revert} --key KEY")
        return f"Approved: `cutter revert {subject.revert} --live --arm`."
    if subject.proposal is None:
        return None
    (standing,) = standings(the_app(), [subject.proposal])
    return standing.next_step


def _statement(request: Request, gate: Gate, approver: str, terms: Terms) -> ApprovalStatement:
    from tasks.records.requests import statement_of

    return statement_of(
        the_app(),
        request,
        gate,
        approver,
        terms.submitter,
        terms.approve_within,
        terms.execute_within,
    )


def sign_quietly(
    request: Request, gate: Gate, signer: ApproverSigner, submitter: str, within: timedelta
) -> SignedApproval:
    """Sign without showing or asking, for the demonstration, which plays both approvers.

    Keeps the approval.
    """
    approval = signer.sign(
        _statement(request, gate, signer.key_id, Terms(within, within, submitter))
    )
    _keep(request, approval)
    return approval
