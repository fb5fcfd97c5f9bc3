"""A decline: an approver's signed no to one change set, with the reason.

Signed as an approval is, over another payload type, so that neither can pass for the other.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.approval import dsse
from domain.approval.approvals import ApproverKey, SignatureCheck
from domain.approval.dsse import Envelope
from domain.approval.people import same_person
from domain.approval.stated import time_from, time_text
from domain.errors import ApprovalRefused
from domain.fields import fields_from

PAYLOAD_TYPE: Final = "application/vnd.iu-cutter.decline+json"
FORMAT: Final = "iu-cutter decline 1"


@dataclass(frozen=True, slots=True)
class DeclineStatement:
    """What an approver signs who says no: to which change set, and why. Times are UTC."""

    change_set_id: uuid.UUID
    document_code: str
    plan_digest: str
    target: str
    approver: str
    key_id: str
    reason: str
    declined_at: datetime

    def canonical_bytes(self) -> bytes:
        """The bytes that are signed: JSON, keys sorted, no white space, UTF-8."""
        content = {
            **fields_from(self, DeclineStatement),
            "format": FORMAT,
            "change_set_id": str(self.change_set_id),
            "declined_at": time_text(self.declined_at),
        }
        return dsse.canonical_json(content)


@dataclass(frozen=True, slots=True)
class SignedDecline:
    """A decline as it is kept: the statement's exact bytes and the signature over them."""

    payload: bytes
    key_id: str
    signature: bytes

    @property
    def statement(self) -> DeclineStatement:
        """What the bytes say. Raises `ApprovalRefused` if they are not exactly a decline."""
        return _statement(self.payload)

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return dsse.signed_bytes(PAYLOAD_TYPE, self.payload)

    def envelope(self) -> str:
        """The DSSE envelope, one line of JSON."""
        return Envelope(PAYLOAD_TYPE, self.payload, self.key_id, self.signature).text()


def parse_decline(text: str) -> SignedDecline:
    """The decline in a DSSE envelope.

    Raises `ApprovalRefused` if it is none: who said no there is not known, and nothing is written.
    """
    try:
        envelope = dsse.parse_envelope(text.strip())
    except ValueError:
        raise _unreadable() from None
    if envelope.payload_type != PAYLOAD_TYPE:
        raise _unreadable()
    found = SignedDecline(envelope.payload, envelope.key_id, envelope.signature)
    _ = found.statement
    return found


def counts(
    decline: SignedDecline, registry: Mapping[str, ApproverKey], signature_is_valid: SignatureCheck
) -> bool:
    """Whether it was signed by a person who is, or was, registered as an approver.

    A no stays a no when the key has expired or was retired since.
    """
    statement, key = decline.statement, registry.get(decline.key_id)
    return (
        key is not None
        and statement.key_id == decline.key_id
        and same_person(key.person, statement.approver)
        and signature_is_valid(key.public_key, decline.signed_bytes, decline.signature)
    )


def _statement(payload: bytes) -> DeclineStatement:
    try:
        content = dsse.strict_json(payload.decode())
        if content.pop("format") != FORMAT:
            raise _unreadable()
        content["change_set_id"] = uuid.UUID(content["change_set_id"])
        content["declined_at"] = time_from(content["declined_at"])
        statement = DeclineStatement(**content)
        exact = statement.canonical_bytes() == payload
    except (ValueError, TypeError, KeyError, AttributeError):
        raise _unreadable() from None
    if not exact:
        raise _unreadable()
    return statement


def _unreadable() -> ApprovalRefused:
    return ApprovalRefused(
        "Not approved: a decline is kept for this change set and can not be read, so it counts. "
        "Ask the approvers; who declined can decline again, and then approve. Nothing was written."
    )
