"""Ed25519 signatures (RFC 8032) of principals and approvers, by the `cryptography` library."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from adapters.keys.passkeys import assertion_is_valid
from adapters.keys.points import fault_of
from domain.approval.passkeys import is_passkey
from domain.errors import ConfigMismatch


class Ed25519Signer:
    """Signs with a private key in PEM (PKCS 8, not encrypted). Fulfils `domain.ports.Signer`."""

    def __init__(self, pem: bytes) -> None:
        """Raises `ConfigMismatch` if the bytes are not such a key. The error never quotes them."""
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError):
            raise ConfigMismatch(
                "A signing key is not an unencrypted PEM private key; make one with "
                "`cutter key make`."
            ) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigMismatch(
                "A signing key is not an Ed25519 key; make one with `cutter key make`."
            )
        self._key = key
        self.public_key = key.public_key().public_bytes_raw()
        self.key_id = hashlib.sha256(self.public_key).hexdigest()

    def sign(self, payload: bytes) -> bytes:
        """The 64-byte signature of a payload."""
        return self._key.sign(payload)


def new_private_key() -> bytes:
    """A fresh private key in PEM (PKCS 8)."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def openssh_public_key(raw: bytes, comment: str) -> bytes:
    """A raw public key as a line of OpenSSH's format (RFC 8709)."""
    key = Ed25519PublicKey.from_public_bytes(raw)
    line = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return line + f" {comment}\n".encode()


def signature_is_valid(public_key: bytes, payload: bytes, signature: bytes) -> bool:
    """True if the signature is this key's over this payload, and only the key's owner can have made
    it.

    A key of 32 bytes is Ed25519; an approver's may be a passkey's record (`assertion_is_valid`).
    """
    if is_passkey(public_key):
        return assertion_is_valid(public_key, payload, signature)
    if fault_of(public_key) is not None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, payload)
    except (InvalidSignature, ValueError):
        return False
    return True
