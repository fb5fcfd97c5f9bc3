"""Passkeys in the home: `state/passkeys/KEY.json`, the record that a registration page has made and
that an administrator registers, and `KEY.count`, how far its counter was.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from adapters.files import keep_bytes
from domain.approval.passkeys import Passkey, is_passkey, parse_assertion
from domain.errors import ApprovalRefused

FOLDER: Final = "passkeys"


def keep_passkey(state: Path, passkey: Passkey) -> tuple[str, Path]:
    """Keep a passkey's record for an administrator; its key id and the file. Raises `BadInput`."""
    record = passkey.record()
    key_id = hashlib.sha256(record).hexdigest()
    path = state / FOLDER / f"{key_id[:16]}.json"
    keep_bytes(path, record + b"\n")
    return key_id, path


def count_signature(state: Path, public_key: bytes, signature: bytes) -> None:
    """Remember how far a passkey's counter is, for a signature of it that was found to be valid.

    Other keys have none, and a passkey that is the same on many devices says 0 always. Raises
    `ApprovalRefused` where it has not risen: what signs may be a copy (WebAuthn, section 7.2, step
    22).
    """
    if not is_passkey(public_key):
        return
    counter = parse_assertion(signature).counter
    path = state / FOLDER / f"{hashlib.sha256(public_key).hexdigest()[:16]}.count"
    try:
        last = int(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        last = 0
    except (OSError, ValueError):
        raise ApprovalRefused(
            f"Not approved: {path}, how far the passkey's counter was, can not be read. Remove it "
            f"if you know why. Nothing was written."
        ) from None
    if (counter or last) and counter <= last:
        raise ApprovalRefused(
            "Not approved: the passkey's counter has not risen, so that what signed may be a copy "
            "of it; an administrator retires the key with `cutter approver retire`. Nothing was "
            "written."
        )
    keep_bytes(path, str(counter).encode())
