"""What the pages show and take, without a word of HTTP."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from adapters.home.proposals import kept_proposals
from adapters.home.runs import folder_of
from adapters.postgres.permits.permit import clock, registry
from adapters.request_file import encode_request
from domain.approval.approvals import ApproverKey, SignedApproval, parse_envelope
from domain.approval.declines import PAYLOAD_TYPE as DECLINE
from domain.approval.declines import parse_decline
from domain.approval.dsse import parse_envelope as parse_dsse
from domain.approval.passkeys import is_passkey
from domain.approval.short_code import short_code
from domain.approval.signing_request import SigningRequest
from domain.errors import ApprovalRefused, BadInput
from domain.reports.proposal import OPEN, Proposal, ProposalStanding
from tasks.app import App
from tasks.reading import verifier_connection
from tasks.records.proposals import require_use, standings, take_decline
from tasks.records.requests import (
    Request,
    gate_for,
    request_for_cut,
    statement_of,
    take_approval,
)
from tasks.records.review_page import NAME as REVIEW_PAGE

APPROVE_WITHIN: Final = timedelta(hours=24)
EXECUTE_WITHIN: Final = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class Desk:
    """A home's proposals, for approvers. One request is planned at a time: each costs a second."""

    app: App
    _planning: threading.Lock = field(default_factory=threading.Lock)

    def holder(self, key_id: str) -> ApproverKey | None:
        """Whose key it is, if what it signs counts now. Raises a connection's refusal."""
        with verifier_connection(self.app) as conn:
            key, now = registry(conn).get(key_id), clock(conn)
        return key if key is not None and key.counts_at(now) else None

    def has_passkey(self, key_id: str) -> bool:
        """Whether the key signs in the browser. Raises a connection's refusal."""
        key = self.holder(key_id)
        return key is not None and is_passkey(key.public_key)

    def waiting(self) -> list[ProposalStanding]:
        """What is proposed and not done. Raises a connection's refusal."""
        return [one for one in standings(self.app) if one.stage in OPEN]

    def standing(self, change_set: str) -> ProposalStanding:
        """One of them, by its change set's whole id. Raises `BadInput` if there is none."""
        for proposal in kept_proposals(self.app.settings.state):
            if str(proposal.change_set_id) == change_set:
                (found,) = standings(self.app, [proposal])
                return found
        raise BadInput("Nothing is proposed under this address any more.")

    def review_page(self, change_set: UUID) -> Path | None:
        """The review page that is kept with the run, if there is one."""
        page = folder_of(self.app.settings.runs, change_set) / REVIEW_PAGE
        return page if page.is_file() else None

    def code_of(self, proposal: Proposal) -> str:
        """The short code of what would be signed. Raises what planning raises."""
        return short_code(self.request(proposal).effect)

    def request_file(self, proposal: Proposal, key_id: str) -> bytes:
        """What `cutter approval sign` takes, for the holder of a key.

        Raises `ApprovalRefused` if the key may sign for nothing that is left, and `Refused` where
        it is no use to sign.
        """
        request = self.request(proposal)
        gate = gate_for(self.app, request, key_id)
        statement = statement_of(
            self.app, request, gate, key_id, None, APPROVE_WITHIN, EXECUTE_WITHIN
        )
        return encode_request(SigningRequest(statement, request.plan, request.known))

    def take(self, proposal: Proposal, key_id: str, text: str) -> str:
        """Keep what the holder of this key has signed, a yes or a no; what was done, in words.

        It is judged as a live run judges it. Raises `ApprovalRefused` for what another key has
        signed, or what does not count for exactly this.
        """
        try:
            declined = parse_dsse(text.strip()).payload_type == DECLINE
        except ValueError:
            declined = False
        if declined:
            no = parse_decline(text)
            _require_own(no.key_id, key_id)
            take_decline(self.app, proposal, no)
            return f"{proposal.code} is declined."
        approval = parse_envelope(text)
        _require_own(approval.key_id, key_id)
        self._take_approval(proposal, approval)
        return f"{approval.statement.gate} of {proposal.code} is signed."

    def _take_approval(self, proposal: Proposal, approval: SignedApproval) -> None:
        take_approval(self.app, self.request(proposal), approval)

    def request(self, proposal: Proposal) -> Request:
        """Its request, planned anew. Raises `Refused` where it is no use to sign."""
        with self._planning:
            require_use(self.app, proposal)
            return request_for_cut(
                self.app,
                proposal.document,
                proposal.reading,
                attempt=proposal.attempt,
                accepted=proposal.accepted,
            )


def _require_own(signed_by: str, key_id: str) -> None:
    if signed_by != key_id:
        raise ApprovalRefused(
            "Not approved: what was pasted was signed with another key than the one that this "
            "login is for. Nothing was written."
        )
