"""Files with an approver's public key: exactly one plain Ed25519 key, and each other kind refused
by its name.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NoReturn

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import SSHCertificate, load_ssh_public_identity

from adapters.keys.passkeys import passkey_in
from adapters.keys.points import fault_of
from domain.approval.passkeys import PasskeyFault, is_passkey
from domain.errors import BadInput

_MAKE_ONE: Final = "make one with `ssh-keygen -t ed25519`"
_FOR_EVER: Final = 2**64 - 1  # how OpenSSH writes that a certificate does not expire


def load_public_key(path: Path) -> bytes:
    """The raw 32 bytes of a public key file (`id_ed25519.pub`).

    Raises `BadInput` for anything but one key that can sign approvals.
    """
    content = read_key_file(path)
    lines = [line for line in map(bytes.strip, content.splitlines()) if line]
    lines = [line for line in lines if not line.startswith(b"#")]
    pem = b"-----BEGIN" in content
    keys = content.count(b"-----BEGIN") if pem else len(lines)
    if keys > 1:
        raise BadInput(f"{path} holds {keys} keys; give a file with the one that is meant.")
    if pem and b"CERTIFICATE-----" in content:
        _refuse_certificate(path, None)
    if not pem:
        _require_plain_kind(path, lines[0] if lines else b"")
    load = serialization.load_pem_public_key if pem else serialization.load_ssh_public_key
    try:
        key = load(content if pem else b"".join(lines))
    except (ValueError, UnsupportedAlgorithm):
        raise BadInput(f"{path} is not a public key; name the file that ends in .pub.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise BadInput(f"{path} is not an Ed25519 key; {_MAKE_ONE}.")
    return require_sound(key.public_bytes_raw(), f"The key in {path}")


def load_approver_key(path: Path) -> bytes:
    """What is registered of an approver: a raw public key, or the record of a passkey that a
    registration page has written.

    Raises `BadInput` as `load_public_key` does.
    """
    content = read_key_file(path).strip()
    if is_passkey(content):
        return require_sound(content, f"The passkey in {path}")
    return load_public_key(path)


def require_sound(public_key: bytes, what: str) -> bytes:
    """The key, if only its owner can sign for it. Raises `BadInput` naming `what`."""
    if is_passkey(public_key):
        try:
            passkey_in(public_key)
        except PasskeyFault as why:
            raise BadInput(
                f"{what} is refused: {why}; make one with the link of `cutter approver passkey`."
            ) from None
        return public_key
    if fault := fault_of(public_key):
        raise BadInput(f"{what} is refused: {fault}; {_MAKE_ONE}.")
    return public_key


def read_key_file(path: Path) -> bytes:
    """The content of a key's file. Raises `BadInput`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"The key {path} can not be read: {error.strerror}.") from None


def _require_plain_kind(path: Path, line: bytes) -> None:
    """Raises `BadInput` for the kinds of OpenSSH that can not sign an approval, saying why."""
    kind = line.split(b" ")[0].decode("ascii", "replace")
    if "-cert-v01@" in kind:
        _refuse_certificate(path, line)
    if kind.startswith("sk-"):
        raise BadInput(
            f"{path} is a key of a security token ({kind}): a token signs other bytes than the "
            f"approval's own, with a counter of its own, so its signatures can not be judged "
            f"here. Register a key of `ssh-keygen -t ed25519`; an SSH agent can hold it."
        )


def _refuse_certificate(path: Path, line: bytes | None) -> NoReturn:
    until = _certified_until(line) if line else ""
    raise BadInput(
        f"{path} is a certificate{until}: how long an approver's key counts is set when it is "
        f"registered, with --days. Give the plain public key."
    )


def _certified_until(line: bytes) -> str:
    try:
        found = load_ssh_public_identity(line)
    except (ValueError, UnsupportedAlgorithm, struct.error):
        return ""
    if not isinstance(found, SSHCertificate) or found.valid_before >= _FOR_EVER:
        return ""
    try:
        return f" that expires on {datetime.fromtimestamp(found.valid_before, UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):
        return ""
