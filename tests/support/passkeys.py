"""An authenticator in software: what a browser and a passkey give back, right unless a test says
otherwise.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.approval.approvals import ApprovalStatement, SignedApproval
from domain.approval.passkeys import Algorithm, Assertion, Passkey, challenge_for

ORIGIN = "https://approvals.example"
SITE = "approvals.example"
THERE = 0x05  # present and verified
HAS_KEY = 0x40


def es256_key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


@dataclass
class SoftPasskey:
    """A passkey whose private half lies here."""

    key: EllipticCurvePrivateKey | Ed25519PrivateKey = field(default_factory=es256_key)
    origin: str = ORIGIN
    rp_id: str = SITE
    credential_id: bytes = b"credential of a test"
    counter: int = 0

    @property
    def passkey(self) -> Passkey:
        ed25519 = isinstance(self.key, Ed25519PrivateKey)
        der = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        algorithm = Algorithm.EDDSA if ed25519 else Algorithm.ES256
        return Passkey(algorithm, der, self.credential_id, self.origin, self.rp_id)

    @property
    def public_key(self) -> bytes:
        return self.passkey.record()

    @property
    def key_id(self) -> str:
        return hashlib.sha256(self.public_key).hexdigest()

    def client_data(self, challenge: str, kind: str = "webauthn.get", **other: Any) -> bytes:
        """What a browser says, with a field that it may say some day (section 5.8.1)."""
        content = {
            "type": kind,
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": False,
            "other_keys_can_be_added_here": "do not compare clientDataJSON against a template",
        }
        content |= other
        return json.dumps({k: v for k, v in content.items() if v is not None}).encode()

    def authenticator_data(self, flags: int = THERE, rp_id: str | None = None) -> bytes:
        site = hashlib.sha256((rp_id or self.rp_id).encode()).digest()
        return site + bytes([flags]) + self.counter.to_bytes(4, "big")

    def assertion(
        self,
        message: bytes,
        *,
        client_data: bytes | None = None,
        authenticator_data: bytes | None = None,
    ) -> Assertion:
        """An assertion for a message; what is given takes the place of what is right."""
        client = client_data or self.client_data(challenge_for(message))
        authenticator = authenticator_data or self.authenticator_data()
        signed = authenticator + hashlib.sha256(client).digest()
        if isinstance(self.key, Ed25519PrivateKey):
            return Assertion(authenticator, client, self.key.sign(signed))
        return Assertion(authenticator, client, self.key.sign(signed, ECDSA(SHA256())))

    def sign(self, statement: ApprovalStatement, **instead: Any) -> SignedApproval:
        """As `ApproverSigner` signs. A client data part `instead` is made of its changed fields."""
        payload = statement.canonical_bytes()
        message = SignedApproval(payload, self.key_id, b"").signed_bytes
        changed = instead.pop("client", None)
        if changed is not None:
            challenge = changed.pop("challenge", challenge_for(message))
            instead["client_data"] = self.client_data(challenge, **changed)
        return SignedApproval(payload, self.key_id, self.assertion(message, **instead).packed())


@dataclass
class PasskeySigner:
    """A passkey where a test has something sign bytes; `client`, `flags`, `rp_id` and `more` spoil what it
    says."""

    soft: SoftPasskey = field(default_factory=SoftPasskey)
    client: dict[str, Any] = field(default_factory=dict)
    flags: int = THERE
    rp_id: str | None = None
    more: bytes = b""

    @property
    def public_key(self) -> bytes:
        return self.soft.public_key

    @property
    def key_id(self) -> str:
        return self.soft.key_id

    def sign(self, message: bytes) -> bytes:
        said = {"challenge": challenge_for(message)} | self.client
        return self.soft.assertion(
            message,
            client_data=self.soft.client_data(**said),
            authenticator_data=self.soft.authenticator_data(self.flags, self.rp_id) + self.more,
        ).packed()
