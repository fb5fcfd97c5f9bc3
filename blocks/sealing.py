"""The values of Secret blocks, sealed: who reads them through Prefect's API has ciphertext.

AES-256-GCM (NIST SP 800-38D) of `cryptography`, under a key of 32 random bytes that lies in a file
of the home (`credentials/cutter-exec-sealing-key` and so on, 0600) and never in Prefect. A fresh
nonce of 96 bits for each value; the block's name is bound to it, so that no value counts in another
block.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any, Final

from domain.errors import ConfigMismatch, ConfigMissing

FORMAT: Final = "iu-cutter sealed 1"
KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_OTHERS: Final = 0o137
"""What systemd gives a service (0440) is taken too."""


class Seal:
    """The key of one login's blocks."""

    def __init__(self, key: bytes) -> None:
        """Raises ValueError unless the key has 32 bytes."""
        if len(key) != KEY_BYTES:
            raise ValueError("a sealing key has 32 bytes")
        self._key = key

    def __repr__(self) -> str:
        return f"Seal({self.key_id})"

    @property
    def key_id(self) -> str:
        """How a sealed value names the key that opens it."""
        return hashlib.sha256(b"iu-cutter sealing key" + self._key).hexdigest()[:16]

    def seal(self, block: str, value: dict[str, str]) -> dict[str, str]:
        """What a block of this name holds in place of a value."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE_BYTES)
        box = AESGCM(self._key).encrypt(nonce, json.dumps(value).encode(), _bound_to(block))
        text = base64.b64encode(nonce + box).decode()
        return {"sealed": FORMAT, "key_id": self.key_id, "box": text}

    def open(self, block: str, found: dict[str, Any]) -> Any:
        """The value of a block. Raises `ConfigMismatch` if this is not what was sealed for it."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            box = base64.b64decode(found["box"], validate=True)
            text = AESGCM(self._key).decrypt(
                box[:_NONCE_BYTES], box[_NONCE_BYTES:], _bound_to(block)
            )
            return json.loads(text)
        except (InvalidTag, KeyError, TypeError, ValueError):
            raise ConfigMismatch(
                f"What the Secret block {block} holds was changed, or sealed for another block; "
                f"store it again."
            ) from None


def is_sealed(found: Any) -> bool:
    """Whether a block's value is sealed."""
    return isinstance(found, dict) and "sealed" in found


def opened(block: str, found: Any, key_file: Path) -> Any:
    """The value of a block, sealed or in plain text.

    Raises `ConfigMissing` or `ConfigMismatch` naming the key file that is missing or not the one.
    """
    if not is_sealed(found):
        return found
    if found["sealed"] != FORMAT:
        raise ConfigMismatch(
            f"The Secret block {block} is sealed in another format; use the version of cutter that "
            f"sealed it, or store it again."
        )
    seal = kept_seal(key_file)
    if seal is None:
        raise ConfigMissing(
            f"The key that opens the Secret block {block}",
            f"It lies in {key_file} of the home that sealed it; copy it here (chmod 600), or store "
            f"the secret again with `cutter secrets set` or `cutter key make`.",
        )
    if seal.key_id != found.get("key_id"):
        raise ConfigMismatch(
            f"The key in {key_file} is not the one that the Secret block {block} was sealed with; "
            f"bring that back, or store the secret again."
        )
    return seal.open(block, found)


def kept_seal(key_file: Path) -> Seal | None:
    """The seal whose key lies in a file; None if there is no such file.

    Raises `ConfigMismatch` for a file that others can read or that holds no key.
    """
    try:
        descriptor = os.open(key_file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigMismatch(f"{key_file} can not be read: {error.strerror}.") from None
    with open(descriptor, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & _OTHERS:
            raise ConfigMismatch(
                f"The sealing key {key_file} has the mode {mode:04o}; others could read it. Run: "
                f"chmod 600 {key_file}"
            )
        text = file.read(4096)
    try:
        return Seal(base64.b64decode(text.strip(), validate=True))
    except ValueError:
        raise ConfigMismatch(
            f"{key_file} holds no sealing key; bring the right one back."
        ) from None


def new_key() -> bytes:
    """A new key, as its file holds it."""
    return base64.b64encode(os.urandom(KEY_BYTES)) + b"\n"


def _bound_to(block: str) -> bytes:
    return f"{FORMAT}\n{block}".encode()
