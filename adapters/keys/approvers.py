"""Approvers' keys: OpenSSH Ed25519 key files, encrypted or not, and PEM."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from adapters.files import keep_bytes
from adapters.keys.agent import AgentKey, agent_key
from adapters.keys.public_file import read_key_file
from domain.approval.approvals import ApprovalStatement, SignedApproval
from domain.approval.declines import DeclineStatement, SignedDecline
from domain.approval.dsse import Envelope, canonical_json, signed_bytes
from domain.errors import BadInput, PassphraseNeeded
from domain.release.approval import ReleaseStatement, SignedRelease

OPENSSH = (
    b"-----BEGIN %s-----" % b"OPENSSH PRIVATE KEY"
)  # in two parts: whole, it reads like a key to scanners


class ApproverSigner:
    """An approver's private key, in this process or in an SSH agent."""

    def __init__(self, key: Ed25519PrivateKey | AgentKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw()
        self.key_id = hashlib.sha256(self.public_key).hexdigest()

    def sign(self, statement: ApprovalStatement) -> SignedApproval:
        """The statement's exact bytes with the signature over them.

        Raises `BadInput` if an agent does not sign.
        """
        payload = statement.canonical_bytes()
        unsigned = SignedApproval(payload, self.key_id, b"")
        return SignedApproval(payload, self.key_id, self._key.sign(unsigned.signed_bytes))

    def sign_release(self, statement: ReleaseStatement) -> SignedRelease:
        """The same for a release. Raises `BadInput` if an agent does not sign."""
        payload = statement.canonical_bytes()
        unsigned = SignedRelease(payload, self.key_id, b"")
        return SignedRelease(payload, self.key_id, self._key.sign(unsigned.signed_bytes))

    def decline(self, statement: DeclineStatement) -> SignedDecline:
        """The same for a no. Raises `BadInput` if an agent does not sign."""
        payload = statement.canonical_bytes()
        unsigned = SignedDecline(payload, self.key_id, b"")
        return SignedDecline(payload, self.key_id, self._key.sign(unsigned.signed_bytes))

    def envelope(self, payload_type: str, statement: Mapping[str, object]) -> Envelope:
        """A statement of another kind in its one spelling, with the signature over it.

        Raises `BadInput` if an agent does not sign.
        """
        payload = canonical_json(statement)
        signature = self._key.sign(signed_bytes(payload_type, payload))
        return Envelope(payload_type, payload, self.key_id, signature)


def signer_of(pem: bytes) -> ApproverSigner:
    """The signer of an unencrypted key in PEM, for keys that never are files.

    Raises `BadInput` for any other key.
    """
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput("An approver's key is not an Ed25519 key.")
    return ApproverSigner(key)


def load_private_key(path: Path, passphrase: SecretStr | None = None) -> ApproverSigner:
    """The key in a file.

    Raises `PassphraseNeeded`, or `BadInput` that quotes nothing of the file.
    """
    content = read_key_file(path)
    password = passphrase.get_secret_value().encode() if passphrase is not None else None
    load = (
        serialization.load_ssh_private_key
        if OPENSSH in content
        else serialization.load_pem_private_key
    )
    try:
        key = load(content, password)
    except TypeError:
        if password is not None:
            return load_private_key(path)  # a passphrase was given and the file is not encrypted
        raise PassphraseNeeded(f"The key {path} is encrypted; its passphrase is needed.") from None
    except (ValueError, UnsupportedAlgorithm):
        if password is None and _is_encrypted(content):
            raise PassphraseNeeded(
                f"The key {path} is encrypted; its passphrase is needed."
            ) from None
        raise BadInput(_not_a_key(path, content)) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInput(f"{path} is not an Ed25519 key; make one with `ssh-keygen -t ed25519`.")
    return ApproverSigner(key)


def load_signer(path: Path, agent: str | None) -> ApproverSigner:
    """What signs with a key: of a public key's file the agent, else the private key in the file.

    `agent` is the path of an SSH agent's socket. Raises `PassphraseNeeded` or `BadInput`.
    """
    if read_key_file(path).lstrip().startswith((b"ssh-", b"sk-", b"ecdsa-")):
        return ApproverSigner(agent_key(path, agent))
    return load_private_key(path)


def save_private_key(path: Path) -> None:
    """Make a key and keep it in a file for its owner only, in OpenSSH's format, not encrypted.

    Raises `BadInput`.
    """
    key = Ed25519PrivateKey.generate()
    content = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    keep_bytes(path, content)


def new_nonce() -> str:
    """A number used once: 128 random bits, hexadecimal."""
    return secrets.token_hex(16)


def _not_a_key(path: Path, content: bytes) -> str:
    body = b"".join(line for line in content.splitlines() if not line.startswith(b"-"))
    with contextlib.suppress(ValueError):
        if OPENSSH in content and b"sk-" in base64.b64decode(body)[:128]:
            return (
                f"{path} is the handle of a key on a security token, whose signatures can not be "
                f"judged here; make another with `ssh-keygen -t ed25519`."
            )
    return f"{path} is not an Ed25519 private key, or the passphrase is wrong."


def _is_encrypted(content: bytes) -> bool:
    """Of an OpenSSH key the library says so itself; a PEM says so in its header."""
    return b"ENCRYPTED" in content
