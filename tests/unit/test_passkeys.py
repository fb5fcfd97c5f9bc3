"""Passkeys: every field of an assertion that makes it one signature over one message."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.keys.kept_passkeys import count_signature, keep_passkey
from adapters.keys.public_file import load_approver_key, load_public_key
from adapters.keys.signing import signature_is_valid
from domain.approval.passkeys import (
    Algorithm,
    Passkey,
    PasskeyFault,
    check_assertion,
    is_passkey,
    made_passkey,
    parse_assertion,
    registration_challenge,
    site_of,
)
from domain.errors import ApprovalRefused, BadInput
from tests.support.passkeys import HAS_KEY, ORIGIN, SITE, THERE, SoftPasskey

MESSAGE = b"DSSEv1 what is signed"
OTHER = base64.urlsafe_b64encode(hashlib.sha256(b"other").digest()).decode().rstrip("=")


@pytest.fixture(params=["ES256", "EdDSA"])
def soft(request: pytest.FixtureRequest) -> SoftPasskey:
    return SoftPasskey() if request.param == "ES256" else SoftPasskey(Ed25519PrivateKey.generate())


def test_a_passkey_signs_exactly_one_message(soft: SoftPasskey) -> None:
    packed = soft.assertion(MESSAGE).packed()
    assert signature_is_valid(soft.public_key, MESSAGE, packed)
    assert not signature_is_valid(soft.public_key, MESSAGE + b"!", packed)
    assert not signature_is_valid(SoftPasskey().public_key, MESSAGE, packed)
    broken = dataclasses.replace(parse_assertion(packed), signature=b"\0" * 70)
    assert not signature_is_valid(soft.public_key, MESSAGE, broken.packed())
    altered = dataclasses.replace(soft.assertion(MESSAGE), client_data=b"{}")
    assert not signature_is_valid(soft.public_key, MESSAGE, altered.packed())


CLIENT: dict[str, tuple[dict[str, Any], str]] = {
    "another challenge": ({"challenge": OTHER}, "signs something else"),
    "no challenge": ({"challenge": None}, "signs something else"),
    "another origin": ({"origin": "https://approvals.example.evil"}, "on another site"),
    "another port": ({"origin": f"{ORIGIN}:8443"}, "on another site"),
    "plain http": ({"origin": "http://approvals.example"}, "on another site"),
    "a registration": ({"kind": "webauthn.create"}, "not made to sign"),
    "a payment": ({"kind": "payment.get"}, "not made to sign"),
    "in a frame": ({"crossOrigin": True}, "inside a page"),
    "a frame's top": ({"topOrigin": "https://evil.example"}, "inside a page"),
    "a word for false": ({"crossOrigin": "false"}, "inside a page"),
}


@pytest.mark.parametrize("name", CLIENT)
def test_what_the_browser_says_has_to_be_right(soft: SoftPasskey, name: str) -> None:
    changed, why = CLIENT[name]
    given = {"challenge": _challenge(MESSAGE)} | changed
    signed = soft.assertion(MESSAGE, client_data=soft.client_data(**given))
    with pytest.raises(PasskeyFault, match=why):
        check_assertion(soft.passkey, signed, MESSAGE)
    assert not signature_is_valid(soft.public_key, MESSAGE, signed.packed())


AUTHENTICATOR: dict[str, tuple[dict[str, Any], bytes, str]] = {
    "another site": ({"rp_id": "evil.example"}, b"", "another site"),
    "nobody there": ({"flags": 0x04}, b"", "nobody was there"),
    "not verified": ({"flags": 0x01}, b"", "did not verify"),
    "backed up and never": ({"flags": THERE | 0x10}, b"", "contradicts itself"),
    "with a key": ({"flags": THERE | HAS_KEY}, b"", "more than was asked"),
    "with extensions": ({"flags": THERE | 0x80}, b"", "more than was asked"),
    "with a tail": ({}, b"tail", "more than was asked"),
}


@pytest.mark.parametrize("name", AUTHENTICATOR)
def test_what_the_authenticator_says_has_to_be_right(soft: SoftPasskey, name: str) -> None:
    changed, tail, why = AUTHENTICATOR[name]
    data = soft.authenticator_data(**changed) + tail
    signed = soft.assertion(MESSAGE, authenticator_data=data)
    with pytest.raises(PasskeyFault, match=why):
        check_assertion(soft.passkey, signed, MESSAGE)
    assert not signature_is_valid(soft.public_key, MESSAGE, signed.packed())


def test_a_part_that_is_cut_off_or_twice_there_is_refused(soft: SoftPasskey) -> None:
    short = soft.assertion(MESSAGE, authenticator_data=soft.authenticator_data()[:36])
    with pytest.raises(PasskeyFault, match="cut off"):
        check_assertion(soft.passkey, short, MESSAGE)
    right = soft.client_data(_challenge(MESSAGE)).decode()
    twice = right.replace("{", '{"challenge": "other", ', 1).encode()
    for client in (twice, b"not JSON", b"\xff", b"[]"):
        signed = soft.assertion(MESSAGE, client_data=client)
        with pytest.raises(PasskeyFault, match="can not be read"):
            check_assertion(soft.passkey, signed, MESSAGE)


def test_a_passkey_that_is_backed_up_counts(soft: SoftPasskey) -> None:
    data = soft.authenticator_data(flags=THERE | 0x18)
    signed = soft.assertion(MESSAGE, authenticator_data=data)
    assert signature_is_valid(soft.public_key, MESSAGE, signed.packed())


def test_record_and_assertion_have_one_spelling(soft: SoftPasskey) -> None:
    record, packed = soft.public_key, soft.assertion(MESSAGE).packed()
    for spoiled in (
        record + b" ",
        record.replace(b'"format"', b'"format" '),
        record.replace(b"passkey 1", b"passkey 2"),
        record.replace(b"{", b'{"also":1,', 1),
    ):
        assert not signature_is_valid(spoiled, MESSAGE, packed)
    for other in (
        packed + b" ",
        packed.replace(b"{", b'{"also":"MQ==",', 1),
        packed.replace(b"assertion 1", b"assertion 2"),
        b"x" * 64,
        b"{" * 5000,
    ):
        assert not signature_is_valid(record, MESSAGE, other)


def test_the_kind_of_a_key_is_in_its_bytes() -> None:
    key = Ed25519PrivateKey.generate()
    raw, soft = key.public_key().public_bytes_raw(), SoftPasskey(key)
    assert is_passkey(soft.public_key)
    assert not is_passkey(raw)
    assert not is_passkey(b"{" * 32), "32 bytes are a raw key, whatever they look like"
    assert not signature_is_valid(raw, MESSAGE, soft.assertion(MESSAGE).packed())
    assert not signature_is_valid(soft.public_key, MESSAGE, key.sign(MESSAGE))


def test_only_keys_that_their_owner_alone_can_sign_with_are_registered(tmp_path: Path) -> None:
    good = SoftPasskey()
    _, path = keep_passkey(tmp_path, good.passkey)
    assert load_approver_key(path) == good.public_key
    with pytest.raises(BadInput):
        load_public_key(path)
    small = Ed25519PrivateKey.generate().public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )[:-32] + (1).to_bytes(32, "little")
    p384 = generate_private_key(SECP384R1()).public_key()
    rsa = generate_rsa(65537, 2048).public_key()
    spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for algorithm, der in (
        (Algorithm.EDDSA, small),
        (Algorithm.ES256, p384.public_bytes(*spki)),
        (Algorithm.ES256, rsa.public_bytes(*spki)),
        (Algorithm.EDDSA, good.passkey.public_key),
        (Algorithm.ES256, b"nothing"),
    ):
        bad = dataclasses.replace(good.passkey, algorithm=algorithm, public_key=der)
        file = tmp_path / "bad.json"
        file.write_bytes(bad.record())
        with pytest.raises(BadInput, match="refused"):
            load_approver_key(file)
        assert not signature_is_valid(bad.record(), MESSAGE, good.assertion(MESSAGE).packed())
    elsewhere: list[dict[str, Any]] = [
        {"rp_id": "example"},
        {"origin": "http://approvals.example"},
    ]
    for changes in elsewhere:
        file.write_bytes(dataclasses.replace(good.passkey, **changes).record())
        with pytest.raises(BadInput, match="refused"):
            load_approver_key(file)


def test_a_passkey_is_made_on_our_page_for_our_link_alone(soft: SoftPasskey) -> None:
    assert _made(soft) == soft.passkey
    challenge = registration_challenge("token")
    for changed, why in (
        ({"client_data": soft.client_data(challenge)}, "not made to be registered"),
        ({"client_data": _created(soft, registration_challenge("x"))}, "another link"),
        ({"client_data": _created(soft, challenge, origin="https://evil")}, "another site"),
        ({"authenticator_data": _attested(soft, rp_id="evil")}, "another site"),
        ({"authenticator_data": _attested(soft, flags=HAS_KEY | 1)}, "did not verify"),
        ({"authenticator_data": soft.authenticator_data()}, "holds no key"),
        ({"credential_id": b"another"}, "names another key"),
        ({"algorithm": -257}, "neither with ES256 nor"),
    ):
        with pytest.raises(PasskeyFault, match=why):
            _made(soft, **changed)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:4201", "https://[::1]", "http://approvals.example", "https://"]
)
def test_browsers_make_no_passkeys_under(url: str) -> None:
    with pytest.raises(PasskeyFault):
        site_of(url)


def test_sites() -> None:
    assert site_of("http://localhost:4201") == ("http://localhost:4201", "localhost")
    assert site_of("https://approvals.example") == (ORIGIN, SITE)


def test_a_counter_that_has_not_risen_is_refused(tmp_path: Path) -> None:
    soft = SoftPasskey()

    def counted(counter: int) -> None:
        soft.counter = counter
        count_signature(tmp_path, soft.public_key, soft.assertion(MESSAGE).packed())

    counted(0)
    counted(0)
    counted(3)
    counted(4)
    for stale in (4, 2, 0):
        with pytest.raises(ApprovalRefused, match="may be a copy"):
            counted(stale)
    counted(5)
    count_signature(tmp_path, b"k" * 32, b"s" * 64)  # another key has no counter


def _challenge(message: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(message).digest()).decode().rstrip("=")


def _created(soft: SoftPasskey, challenge: str, **other: Any) -> bytes:
    return soft.client_data(challenge, "webauthn.create", **other)


def _attested(soft: SoftPasskey, flags: int = THERE | HAS_KEY, rp_id: str | None = None) -> bytes:
    head = soft.authenticator_data(flags, rp_id)
    named = len(soft.credential_id).to_bytes(2, "big") + soft.credential_id
    return head + bytes(16) + named + b"a key in COSE"


def _made(soft: SoftPasskey, **changed: Any) -> Passkey:
    given: dict[str, Any] = {
        "algorithm": int(soft.passkey.algorithm),
        "public_key": soft.passkey.public_key,
        "credential_id": soft.credential_id,
        "client_data": _created(soft, registration_challenge("token")),
        "authenticator_data": _attested(soft),
    }
    return made_passkey(ORIGIN, registration_challenge("token"), **given | changed)


def test_the_record_says_what_it_is(soft: SoftPasskey) -> None:
    content = json.loads(soft.public_key)
    assert content["origin"] == ORIGIN
    assert content["format"] == "iu-cutter passkey 1"
