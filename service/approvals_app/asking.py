"""What a passkey is asked to sign, and what comes back made into what everybody else signs.

The server asks and carries: what the browser has sent back is judged like any other approval.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.approval import declines, dsse
from domain.approval.approvals import MEANING, PAYLOAD_TYPE, ApproverKey
from domain.approval.in_words import covered
from domain.approval.passkeys import (
    Assertion,
    Passkey,
    challenge_for,
    from_url_base64,
    is_passkey,
    parse_passkey,
)
from domain.errors import ApprovalRefused, BadInput
from domain.reports.proposal import Proposal
from service.approvals_app.desk import APPROVE_WITHIN, EXECUTE_WITHIN, Desk
from tasks.records.proposals import decline_statement
from tasks.records.requests import gate_for, statement_of

SHOWN_ALERTS: Final = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to sign, and how it is shown."""

    heading: str
    covered: list[tuple[str, str]]
    alerts: tuple[str, ...]
    payload_type: str
    payload: bytes
    passkey: Passkey

    @property
    def challenge(self) -> str:
        """What the browser has signed for it."""
        return challenge_for(dsse.signed_bytes(self.payload_type, self.payload))


def asked_to_approve(desk: Desk, proposal: Proposal, key_id: str) -> Asked:
    """What the holder of a passkey signs to approve. Raises what a request for it raises."""
    passkey = _passkey(desk.holder(key_id))
    request = desk.request(proposal)
    gate = gate_for(desk.app, request, key_id)
    statement = statement_of(desk.app, request, gate, key_id, None, APPROVE_WITHIN, EXECUTE_WITHIN)
    return Asked(
        f"{gate}: {MEANING[gate]}",
        covered(statement, request.plan, request.known),
        request.known.alerts[:SHOWN_ALERTS],
        PAYLOAD_TYPE,
        statement.canonical_bytes(),
        passkey,
    )


def asked_to_decline(desk: Desk, proposal: Proposal, key_id: str, reason: str) -> Asked:
    """What the holder of a passkey signs to decline. Raises `BadInput` without a reason."""
    if not reason.strip():
        raise BadInput("Declining needs a reason.")
    passkey = _passkey(desk.holder(key_id))
    statement = decline_statement(desk.app, proposal, key_id, reason)
    return Asked(
        "Decline",
        [
            ("approver", statement.approver),
            ("document", statement.document_code),
            ("reason", statement.reason),
            ("change set", str(statement.change_set_id)),
            ("plan digest", statement.plan_digest),
            ("target", statement.target),
        ],
        (),
        declines.PAYLOAD_TYPE,
        statement.canonical_bytes(),
        passkey,
    )


def answered(key_id: str, sent: dict[str, str]) -> str:
    """The envelope of what a passkey has signed. Raises `ApprovalRefused` for a broken answer."""
    try:
        assertion = Assertion(
            from_url_base64(sent["authenticator_data"]),
            from_url_base64(sent["client_data"]),
            from_url_base64(sent["signature"]),
        )
        payload = from_url_base64(sent["payload"])
    except (KeyError, ValueError):
        raise ApprovalRefused(
            "Not approved: the browser's answer is not whole. Nothing was written."
        ) from None
    return dsse.Envelope(sent.get("kind", ""), payload, key_id, assertion.packed()).text()


def _passkey(key: ApproverKey | None) -> Passkey:
    if key is None or not is_passkey(key.public_key):
        raise BadInput("This login is for a key that signs elsewhere; use the request.")
    return parse_passkey(key.public_key)
