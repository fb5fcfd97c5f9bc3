"""What a rule about a bundle gets, and how it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from domain.approval.approvals import SignatureCheck
from domain.evidence.bundle import Bundle, Half, KeyOnRecord


class Fault(Exception):
    """Something in the bundle does not fit; the message says what."""


class Absent(Exception):
    """The run has not come to what the rule is about."""


@dataclass(frozen=True, slots=True)
class Case:
    """A bundle, and the way to check a signature in it."""

    bundle: Bundle
    signature_is_valid: SignatureCheck


Rule = Callable[[Case], str]
"""Answers with what was compared. Raises `Fault` or `Absent`."""


def require(holds: bool, fault: str) -> None:
    """Raises `Fault` unless it holds."""
    if not holds:
        raise Fault(fault)


def names_itself(key_id: str, public_key: bytes) -> bool:
    """Whether a key id is that of the key: SHA-256 of the raw public key.

    >>> names_itself("e3b0", b"")
    False
    """
    return hashlib.sha256(public_key).hexdigest() == key_id


def registered(keys: Iterable[KeyOnRecord], half: Half) -> bool:
    """Whether the key of a half was its principal's when it signed."""
    return any(
        (key.key_id, key.principal, key.public_key)
        == (half.key_id, half.principal, half.public_key)
        and names_itself(key.key_id, key.public_key)
        and key.registered_at <= half.signed_at
        and (key.retired_at is None or half.signed_at <= key.retired_at)
        for key in keys
    )
