"""Proposals: what stands in the way of one, how far it is, and which is meant by a name.

Plain functions, no Prefect run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from adapters.home.approvals import keep_decline, kept_approvals
from adapters.home.proposals import kept_proposals
from adapters.home.target import require_target
from adapters.keys.kept_passkeys import count_signature
from adapters.keys.signing import signature_is_valid
from adapters.postgres.backups.proof import require_restore_proof
from adapters.postgres.permits.permit import clock, registry
from domain.approval.approvals import GATES_OF
from domain.approval.declines import DeclineStatement, SignedDecline, counts
from domain.approval.people import same_person
from domain.approval.policy import Policy
from domain.errors import ApprovalRefused, BadInput, CutterError, Refused
from domain.ledger.drift import Severity
from domain.phases import EntryStatus, Kind, Mode
from domain.reading.options import ReadingOptions
from domain.reports.proposal import Given, Proposal, ProposalStanding, Stage, require_one
from domain.reports.standing import ChangeSetStatus
from domain.runs.run_plan import DocumentPlan
from tasks.app import App
from tasks.change_sets import context_of, declines_of
from tasks.policies import policy_now
from tasks.reading import verifier_connection
from tasks.records.knowledge_base import diagnose, status
from tasks.records.revisions import planned, why_no_revisions


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something for which the run would be refused, in one sentence.

    `final` says that nobody can mend it: it is no use to sign.
    """

    why: str
    final: bool = False

    def __str__(self) -> str:
        return self.why


def obstacles(
    app: App, change_set_id: UUID, code: str, kind: Kind = Kind.CUT, *, home: bool = True
) -> list[Obstacle]:
    """Everything for which a live run of this change set would be refused now, as it is known here;
    without `home` only what is the document's own.

    Approvals and the switch, which come later, are none. Raises a connection's refusal.
    """
    on_record = status(app, change_set_id)
    ended = [one for one in on_record if one.ended]
    if ended:
        return [Obstacle(f"The change set is {ended[0].status}. {ended[0].next_step}", True)]
    of_the_document = [] if on_record else _of_the_document(app, code, kind)
    return [*of_the_document, *(of_the_home(app) if home else ())]


def _of_the_document(app: App, code: str, kind: Kind) -> Iterator[Obstacle]:
    """That another change set of the document is under way; that this base takes no revisions."""
    for one in status(app, code=code):
        if not one.ended:
            yield Obstacle(
                f"Another change set of {code} is under way: {one.change_set_id} is {one.status}. "
                f"{one.next_step}"
            )
    if kind is Kind.REVISION and (why := why_no_revisions(app)):
        yield Obstacle(why, True)


def of_the_home(app: App) -> Iterator[Obstacle]:
    """A halt, a database that has drifted, a setting that is missing, no proven backup.

    Raises a connection's refusal.
    """
    for found in diagnose(app, register=False)[1]:
        if found.severity is Severity.FAILS:
            yield Obstacle(found.message)
    try:
        app.settings.require_live()
        hours = app.settings.restore_proof_within()
        if hours is not None:
            with verifier_connection(app) as conn:
                require_restore_proof(conn, require_target(app.settings.state), hours)
    except CutterError as error:
        yield Obstacle(str(error))


def next_attempt(app: App, plan: DocumentPlan) -> int:
    """One more than the last run of exactly this plan that was taken back; 1 if none was."""
    taken_back = [
        one.attempt
        for one in status(app, code=plan.document_code)
        if one.plan_digest == plan.plan_digest
        and one.reverts is None
        and one.status == EntryStatus.REVERTED
    ]
    return max(taken_back, default=0) + 1


def require_the_same(app: App, proposal: Proposal) -> DocumentPlan:
    """The document's plan, if it is the one that was proposed.

    Raises `Refused` if it has changed since, and what reading and planning raise.
    """
    plan = planned(app, proposal.document, proposal.reading, attempt=proposal.attempt)
    ctx = context_of(app, plan, Mode.LIVE, proposal.attempt, proposal.proposed_by)
    if ctx.change_set_id != proposal.change_set_id:
        raise Refused(
            f"{proposal.document} is not what was proposed as {proposal.code}: the document, what "
            f"stands of it, or the target has changed. Propose it again: `cutter propose "
            f"{proposal.document}`."
        )
    return plan


def standings(app: App, proposals: Sequence[Proposal] | None = None) -> list[ProposalStanding]:
    """How far proposals are, all of the home if none are given.

    By the files of this home and the ledger; a live run judges the signatures. Raises a
    connection's refusal.
    """
    chosen = kept_proposals(app.settings.state) if proposals is None else proposals
    on_record = {one.change_set_id: one for one in status(app)} if chosen else {}
    policy = policy_now(app) if any(one.change_set_id not in on_record for one in chosen) else None
    return [_standing(app, one, on_record.get(one.change_set_id), policy) for one in chosen]


def _standing(
    app: App, proposal: Proposal, found: ChangeSetStatus | None, policy: Policy | None
) -> ProposalStanding:
    if found is not None:
        return ProposalStanding(proposal, Stage.DONE if found.ended else Stage.BEGUN)
    if proposal.withdrawn is not None:
        return ProposalStanding(proposal, Stage.WITHDRAWN)
    if (no := _declined(app, proposal)) is not None:
        return ProposalStanding(proposal, Stage.DECLINED, declined=no)
    now, wanted = app.clock(), GATES_OF[proposal.kind]
    given = tuple(
        Given(one.gate.value, one.approver, one.approve_by)
        for approval in kept_approvals(app.settings.state, proposal.change_set_id)
        if (one := approval.statement).approve_by > now and one.gate in wanted
    )
    gates = sorted({gate.value for gate in wanted} - {one.gate for one in given})
    people = [one.approver for one in given]
    asked = policy.missing(proposal.kind, proposal.publication_type, people) if policy else ()
    missing = (*gates, *asked)
    return ProposalStanding(proposal, Stage.WAITING if missing else Stage.APPROVED, given, missing)


def _declined(app: App, proposal: Proposal) -> str | None:
    """Who has declined a proposal, and why; one that can not be read counts too."""
    try:
        declines = declines_of(app, proposal.change_set_id)
    except ApprovalRefused:
        return "somebody: the decline on file can not be read"
    return f"{declines[0].approver}: {declines[0].reason}" if declines else None


def require_use(app: App, proposal: Proposal) -> None:
    """Raises `Refused` where it is no use to sign for a proposal.

    Its document has changed, it was withdrawn, or its run would be refused whoever signs.
    """
    require_the_same(app, proposal)
    if proposal.withdrawn is not None:
        raise Refused(f"{proposal.code} was withdrawn: {proposal.withdrawn}. Nothing is signed.")
    for one in obstacles(app, proposal.change_set_id, proposal.code, proposal.kind):
        if one.final:
            raise Refused(f"There is nothing to approve for {proposal.code}. {one}")


def require_submitter(app: App, proposal: Proposal, who: str) -> None:
    """Raises `Refused` if an approval on file is for somebody else's run."""
    for approval in kept_approvals(app.settings.state, proposal.change_set_id):
        submitter = approval.statement.submitter
        if not same_person(submitter, who):
            raise Refused(
                f"{proposal.code} was approved for a run by {submitter}, and this would be one by "
                f"{who}; {submitter} has to start it. Nothing was written."
            )


def as_proposed(
    app: App, document: str, reading: ReadingOptions, accepted: Sequence[str]
) -> tuple[ReadingOptions, Sequence[str]]:
    """The options and accepted doubts of a run, with what was said of a new version, and which
    doubts were accepted, when this very document was proposed to be read like this.
    """
    whole = str(Path(document).absolute())
    for one in kept_proposals(app.settings.state):
        same = (
            one.document in (document, whole)
            and replace(one.reading, revising=reading.revising) == reading
        )
        if same and one.withdrawn is None:
            return one.reading, accepted or one.accepted
    return reading, accepted


def require_proposal(state: Path, name: str) -> Proposal:
    """The proposal that a name means. Raises `BadInput`, listing what it could mean."""
    return require_one(name, kept_proposals(state))


def cut_that_stands(app: App, name: str) -> ChangeSetStatus:
    """The cut or revision of a document that can be taken back: the last one, on which none rests.

    Raises `BadInput` if there is none, or if the name could mean more than one document.
    """
    cuts = [one for one in status(app) if one.reverts is None]
    codes = sorted({one.document_code for one in cuts if name == one.document_code}) or sorted(
        {one.document_code for one in cuts if name in one.document_code}
    )
    standing = [
        one
        for one in cuts
        if one.document_code in codes
        and (one.status == EntryStatus.ENACTED or (one.torn and not one.ended))
    ]
    if not standing:
        raise BadInput(f"No cut of {name} stands in this knowledge base; `cutter status` lists.")
    if len({one.document_code for one in standing}) > 1:
        could_be = ", ".join(f"{one.document_code} ({one.change_set_id})" for one in standing)
        raise BadInput(f"{name} could mean {could_be}; name one of them whole.")
    return max(standing, key=lambda one: one.opened_at)


def change_set_named(app: App, name: str) -> UUID:
    """The change set of an id, or the last cut or revision of a document.

    Raises what `cut_that_stands` raises.
    """
    try:
        return UUID(name)
    except ValueError:
        return cut_that_stands(app, name).change_set_id


def last_change_set(app: App, name: str) -> UUID:
    """The change set of an id, or the last one of a document, which may be a revert.

    Raises `BadInput` if no document has the name, or more than one could be meant.
    """
    try:
        return UUID(name)
    except ValueError:
        found = status(app)
    codes = {one.document_code for one in found}
    meant = sorted({name} & codes) or sorted(code for code in codes if name in code)
    if not meant:
        raise BadInput(f"No change set of {name} is on record here; `cutter status` lists them.")
    if len(meant) > 1:
        raise BadInput(f"{name} could mean {', '.join(meant)}; name one of them whole.")
    own = [one for one in found if one.document_code == meant[0]]
    return max(own, key=lambda one: one.opened_at).change_set_id


def decline_statement(app: App, proposal: Proposal, key_id: str, reason: str) -> DeclineStatement:
    """What the holder of a key signs to decline a proposal, at the database's time.

    Raises `ApprovalRefused` if the key is no approver's, and a connection's refusal.
    """
    with verifier_connection(app) as conn:
        keys, now = registry(conn), clock(conn)
    key = keys.get(key_id)
    if key is None or not key.counts_at(now):
        raise ApprovalRefused(f"The key {key_id[:12]} is not an approver's, so its no counts not.")
    return DeclineStatement(
        change_set_id=proposal.change_set_id,
        document_code=proposal.code,
        plan_digest=proposal.plan_digest,
        target=proposal.target,
        approver=key.person,
        key_id=key_id,
        reason=reason.strip(),
        declined_at=now.replace(microsecond=0),
    )


def take_decline(app: App, proposal: Proposal, decline: SignedDecline) -> Path:
    """Keep a no that was signed elsewhere, if it is to exactly this proposal; the file's path.

    Raises `ApprovalRefused` if it is not, or its key is no approver's, `BadInput` for what is
    begun, and a connection's refusal.
    """
    said = decline.statement
    (standing,) = standings(app, [proposal])
    if standing.stage not in (Stage.WAITING, Stage.APPROVED, Stage.DECLINED):
        raise BadInput(f"{proposal.code} can not be declined. {standing.next_step}")
    wanted = (proposal.change_set_id, proposal.code, proposal.plan_digest, proposal.target)
    if (said.change_set_id, said.document_code, said.plan_digest, said.target) != wanted:
        raise ApprovalRefused("This decline is of something else. Nothing was kept.")
    with verifier_connection(app) as conn:
        keys, now = registry(conn), clock(conn)
    key = keys.get(decline.key_id)
    if key is None or not key.counts_at(now) or not counts(decline, keys, signature_is_valid):
        raise ApprovalRefused("This decline is not signed by an approver's key. Nothing was kept.")
    count_signature(app.settings.state, key.public_key, decline.signature)
    return keep_decline(app.settings.state, decline)
