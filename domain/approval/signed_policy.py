"""A policy as it is signed: by somebody with SG_3, for one database (`domain.approval.policy`).

The statement has one spelling, as approvals have. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from domain.approval.approvals import ApproverKey, Gate, SignatureCheck
from domain.approval.dsse import (
    Envelope,
    canonical_json,
    parse_envelope,
    signed_bytes,
    strict_json,
)
from domain.approval.people import same_person
from domain.approval.policy import Policy, policy_from
from domain.approval.stated import refuse
from domain.errors import BadInput

PAYLOAD_TYPE: Final = "application/vnd.iu-cutter.policy+json"
FORMAT: Final = "iu-cutter policy 1"


@dataclass(frozen=True)
class SignedPolicy:
    """A policy as it was signed: the exact bytes, and by whom."""

    payload: bytes
    key_id: str
    signature: bytes

    @cached_property
    def digest(self) -> str:
        """Names the policy: SHA-256 of the signed bytes."""
        return hashlib.sha256(self.payload).hexdigest()

    @cached_property
    def policy(self) -> Policy:
        """What is asked for. Raises `ApprovalRefused` for bytes that are no policy."""
        return self._read[0]

    @property
    def signed_by(self) -> str:
        """Who has signed it. Raises what `policy` raises."""
        return str(self._read[1]["signed_by"])

    @property
    def signed_at(self) -> datetime:
        """When. Raises what `policy` raises."""
        return datetime.fromisoformat(self._read[1]["signed_at"])

    def envelope(self) -> str:
        """The DSSE envelope, one line of JSON."""
        return self._envelope.text()

    def judge(
        self, target: str, keys: Mapping[str, ApproverKey], is_valid: SignatureCheck
    ) -> Policy:
        """The policy, if somebody who could sign for SG_3 then has signed it for this database.

        Raises `ApprovalRefused`.
        """
        key, said = keys.get(self.key_id), self._read[1]
        if key is None or not is_valid(
            key.public_key, signed_bytes(PAYLOAD_TYPE, self.payload), self.signature
        ):
            refuse("the policy on record is not signed by a registered key")
        if (
            Gate.SG_3 not in key.gates
            or not key.counts_at(self.signed_at)
            or not same_person(key.person, self.signed_by)
        ):
            refuse("the policy on record is signed by somebody who may not sign for SG_3")
        if said["target"] != target:
            refuse("the policy on record is for another database")
        return self.policy

    @property
    def _envelope(self) -> Envelope:
        return Envelope(PAYLOAD_TYPE, self.payload, self.key_id, self.signature)

    @cached_property
    def _read(self) -> tuple[Policy, dict[str, Any]]:
        try:
            said = strict_json(self.payload.decode())
            policy = policy_from(said)
            at = datetime.fromisoformat(said["signed_at"])
            exact = canonical_json(policy_statement(said["target"], said["signed_by"], at, policy))
        except (ValueError, TypeError, KeyError, AttributeError, BadInput):
            exact = b""
        if exact != self.payload:
            refuse("the policy on record can not be read")
        return policy, said


def policy_from_envelope(text: str) -> SignedPolicy:
    """The policy in a DSSE envelope. Raises `ApprovalRefused` if it is none."""
    try:
        envelope = parse_envelope(text.strip())
    except ValueError:
        refuse("what is on record as a policy is none")
    if envelope.payload_type != PAYLOAD_TYPE:
        refuse("what is on record as a policy is another document")
    return SignedPolicy(envelope.payload, envelope.key_id, envelope.signature)


def policy_statement(target: str, person: str, at: datetime, policy: Policy) -> dict[str, object]:
    """What is signed: who must approve in one database, from when on."""
    return {
        "format": FORMAT,
        "target": target,
        "signed_by": person,
        "signed_at": at.isoformat(),
        "groups": {name: list(people) for name, people in policy.groups.items()},
        "rules": {name: dict(rule) for name, rule in policy.rules.items()},
    }
