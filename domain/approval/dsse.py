"""DSSE envelopes (https://github.com/secure-systems-lab/dsse, protocol 1.0.0) and the strict JSON
that they are read with.

What can be written in two ways can be signed in one and shown in the other, so each value has one
spelling only.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed document: its type, its exact bytes, and one signature over both."""

    payload_type: str
    payload: bytes
    key_id: str
    signature: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the signed document, hexadecimal."""
        return hashlib.sha256(self.payload).hexdigest()

    def text(self) -> str:
        """The envelope as one line of JSON."""
        content = {
            "payloadType": self.payload_type,
            "payload": base64.b64encode(self.payload).decode(),
            "signatures": [
                {"keyid": self.key_id, "sig": base64.b64encode(self.signature).decode()}
            ],
        }
        return json.dumps(content, separators=(",", ":"))


def canonical_json(content: Mapping[str, object]) -> bytes:
    """An object in its one spelling: keys sorted, no white space, UTF-8.

    >>> canonical_json({"b": 1, "a": "ä"}).decode()
    '{"a":"ä","b":1}'
    """
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signed_bytes(payload_type: str, payload: bytes) -> bytes:
    """DSSE pre-authentication encoding: what is signed says what kind of thing it is, so it can not
    pass for another.

    >>> signed_bytes("text/plain", b"x")
    b'DSSEv1 10 text/plain 1 x'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def parse_envelope(text: str) -> Envelope:
    """The envelope in a text.

    Raises ValueError unless it has exactly one signature and nothing else.
    """
    try:
        content = strict_json(text)
        (signature,) = content.pop("signatures")
        kind, payload = str(content.pop("payloadType")), one_base64(content.pop("payload"))
        found = Envelope(
            kind, payload, str(signature.pop("keyid")), one_base64(signature.pop("sig"))
        )
        leftover = bool(content or signature)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("not an envelope") from error
    if leftover:
        raise ValueError("the envelope holds something else too")
    return found


def strict_json(text: str) -> dict[str, Any]:
    """A JSON object without a key twice and without NaN. Raises ValueError or TypeError.

    >>> strict_json('{"a":1,"a":2}')
    Traceback (most recent call last):
    ...
    ValueError: a key stands twice
    """
    try:
        content = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constants)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(content, dict):
        raise TypeError("not an object")
    return content


def one_base64(text: str) -> bytes:
    """Base64 in its one spelling: canonical padding and bits, no white space. Raises ValueError."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not the one spelling of these bytes")
    return raw


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constants(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
