"""Passkeys as approvers' keys (WebAuthn, https://www.w3.org/TR/webauthn-3/): what is registered of
one, and what an assertion of it has to say so that it signs exactly one message.

A passkey signs other bytes than an SSH key: the authenticator's data, and the hash of what the
browser says it was asked. So what stands for the public key is a record that also names the site it
is for, what stands for the signature is all three parts, and each field is judged here, by executor
and verifier alike. Only the arithmetic of the signature is left to a library.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final
from urllib.parse import urlsplit

from domain.approval import dsse

FORMAT: Final = "iu-cutter passkey 1"
ASSERTION_FORMAT: Final = "iu-cutter assertion 1"
REGISTRATION: Final = b"iu-cutter passkey registration 1\n"
LONGEST_RECORD: Final = 2048
LONGEST_ASSERTION: Final = 4096
_BEGINS: Final = b"{"

_PRESENT: Final = 0x01  # flags of the authenticator's data, section 6.1
_VERIFIED: Final = 0x04
_MAY_BE_BACKED_UP: Final = 0x08
_BACKED_UP: Final = 0x10
_HAS_KEY: Final = 0x40
_HAS_EXTENSIONS: Final = 0x80
_HEAD: Final = 37  # bytes: hash of the site, flags, counter


class Algorithm(IntEnum):
    """How a passkey signs, by its number in COSE (RFC 9053)."""

    ES256 = -7
    EDDSA = -8


@dataclass(frozen=True, slots=True)
class Passkey:
    """What is registered of a passkey. `public_key` is a SubjectPublicKeyInfo in DER."""

    algorithm: Algorithm
    public_key: bytes
    credential_id: bytes
    origin: str
    rp_id: str

    def record(self) -> bytes:
        """What stands where another approver's raw public key does, in its one spelling."""
        return dsse.canonical_json(
            {
                "format": FORMAT,
                "algorithm": int(self.algorithm),
                "public_key": base64.b64encode(self.public_key).decode(),
                "credential_id": base64.b64encode(self.credential_id).decode(),
                "origin": self.origin,
                "rp_id": self.rp_id,
            }
        )


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an authenticator and a browser give back when they are asked to sign."""

    authenticator_data: bytes
    client_data: bytes
    signature: bytes

    def packed(self) -> bytes:
        """What stands where another approver's 64 bytes do, in its one spelling."""
        return dsse.canonical_json(
            {
                "format": ASSERTION_FORMAT,
                "authenticator_data": base64.b64encode(self.authenticator_data).decode(),
                "client_data": base64.b64encode(self.client_data).decode(),
                "signature": base64.b64encode(self.signature).decode(),
            }
        )

    @property
    def counter(self) -> int:
        """How often the authenticator has signed, as it says; 0 of one that does not count."""
        return int.from_bytes(self.authenticator_data[33:_HEAD], "big")

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is over (section 7.2, step 20)."""
        return self.authenticator_data + hashlib.sha256(self.client_data).digest()


class PasskeyFault(ValueError):
    """What is wrong with a passkey or its assertion, in words."""


def is_passkey(public_key: bytes) -> bool:
    """Whether what is registered is a passkey's record and no raw key, which has 32 bytes."""
    return len(public_key) != 32 and public_key.startswith(_BEGINS)


def challenge_for(message: bytes) -> str:
    """What a browser is asked to have signed for a message: its SHA-256, as URLs spell it."""
    return url_base64(hashlib.sha256(message).digest())


def registration_challenge(token: str) -> str:
    """The same for the making of a passkey on the page that a one-time link opens."""
    return challenge_for(REGISTRATION + token.encode())


def site_of(url: str) -> tuple[str, str]:
    """Origin and relying party of the pages under an address.

    Raises `PasskeyFault` where browsers make no passkeys: over plain HTTP elsewhere than on
    `localhost`, and for an IP address.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _is_address(host) or not host:
        raise PasskeyFault(
            f"a passkey is for a name and not for the address {host}; set CUTTER_APPROVALS_URL, "
            f"for instance to http://localhost:{parts.port or 4201}"
        )
    if parts.scheme != "https" and host != "localhost":
        raise PasskeyFault("browsers make passkeys over https only, or on localhost")
    return f"{parts.scheme}://{parts.netloc}", host


def parse_passkey(record: bytes) -> Passkey:
    """The passkey that a record is of.

    Raises `PasskeyFault` unless it is one that could be registered, in its one spelling.
    """
    try:
        content = _content(record, FORMAT, LONGEST_RECORD)
        content["algorithm"] = Algorithm(content["algorithm"])
        for name in ("public_key", "credential_id"):
            content[name] = dsse.one_base64(content[name])
        found = Passkey(**content)
        sound = found.record() == record and (found.origin, found.rp_id) == site_of(found.origin)
    except (ValueError, TypeError, KeyError, AttributeError):
        sound = False
    if not sound:
        raise PasskeyFault("it is no passkey that a registration page has made")
    return found


def parse_assertion(packed: bytes) -> Assertion:
    """The assertion in its bytes. Raises `PasskeyFault` unless they are its one spelling."""
    try:
        content = _content(packed, ASSERTION_FORMAT, LONGEST_ASSERTION)
        found = Assertion(**{name: dsse.one_base64(value) for name, value in content.items()})
        exact = found.packed() == packed
    except (ValueError, TypeError, KeyError, AttributeError):
        exact = False
    if not exact:
        raise PasskeyFault("it is no passkey's signature in its one spelling")
    return found


def check_assertion(passkey: Passkey, assertion: Assertion, message: bytes) -> None:
    """Raises `PasskeyFault` unless the assertion is for exactly this message, made on the passkey's
    own site by a person whom the authenticator has verified.

    Section 7.2, steps 10 to 19; no extension was asked for, so none is taken.
    """
    client = _client_data(assertion.client_data)
    _require(client.get("type") == "webauthn.get", "it was not made to sign something")
    _require(client.get("challenge") == challenge_for(message), "it signs something else")
    _require_site(client, passkey.origin)
    flags = _flags(assertion.authenticator_data, passkey.rp_id)
    _require(not flags & (_HAS_KEY | _HAS_EXTENSIONS), "it says more than was asked for")
    _require(len(assertion.authenticator_data) == _HEAD, "it says more than was asked for")


def made_passkey(
    url: str,
    challenge: str,
    *,
    algorithm: int,
    public_key: bytes,
    credential_id: bytes,
    client_data: bytes,
    authenticator_data: bytes,
) -> Passkey:
    """The passkey that a browser has just made on the pages under `url`.

    Whose it is an administrator decides, who registers it; its attestation is not asked for
    (section 7.1, steps 7 to 22). Raises `PasskeyFault`.
    """
    origin, rp_id = site_of(url)
    client = _client_data(client_data)
    _require(client.get("type") == "webauthn.create", "it was not made to be registered")
    _require(client.get("challenge") == challenge, "it was made for another link")
    _require_site(client, origin)
    flags = _flags(authenticator_data, rp_id)
    _require(bool(flags & _HAS_KEY), "it holds no key")
    length = int.from_bytes(authenticator_data[53:55], "big")
    named = authenticator_data[55 : 55 + length]
    _require(bool(named) and named == credential_id, "it names another key")
    try:
        made = Passkey(Algorithm(algorithm), public_key, credential_id, origin, rp_id)
    except ValueError:
        raise PasskeyFault("it signs neither with ES256 nor with EdDSA") from None
    return parse_passkey(made.record())


def _content(text: bytes, wanted: str, longest: int) -> dict[str, Any]:
    if len(text) > longest:
        raise ValueError("too long")
    content = dsse.strict_json(text.decode())
    if content.pop("format") != wanted:
        raise ValueError("another format")
    return content


def _client_data(text: bytes) -> dict[str, Any]:
    """What the browser says it was asked (section 5.8.1). Raises `PasskeyFault`."""
    try:
        return dsse.strict_json(text.decode())
    except (ValueError, TypeError):
        raise PasskeyFault("the browser's part can not be read") from None


def _require_site(client: dict[str, Any], origin: str) -> None:
    _require(client.get("origin") == origin, "it was made on another site")
    framed = client.get("crossOrigin", False) is not False or "topOrigin" in client
    _require(not framed, "it was made inside a page of another site")


def _flags(authenticator_data: bytes, rp_id: str) -> int:
    """The flags, if the site is ours and a person was there and was verified."""
    _require(len(authenticator_data) >= _HEAD, "the authenticator's part is cut off")
    ours = hashlib.sha256(rp_id.encode()).digest()
    _require(authenticator_data[:32] == ours, "it is for another site")
    flags = authenticator_data[32]
    _require(bool(flags & _PRESENT), "nobody was there")
    _require(bool(flags & _VERIFIED), "the authenticator did not verify who was there")
    backed_up = bool(flags & _BACKED_UP) and not flags & _MAY_BE_BACKED_UP
    _require(not backed_up, "it contradicts itself about being backed up")
    return flags


def _require(holds: bool, why_not: str) -> None:
    if not holds:
        raise PasskeyFault(why_not)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def url_base64(content: bytes) -> str:
    """Bytes as browsers write them: base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def from_url_base64(text: str) -> bytes:
    """The bytes in such a text. Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
