"""What a passkey has approved, as it is proved later: in a sealed bundle and in a citation, by the
program that has no cutter.
"""

from __future__ import annotations

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.keys.signing import signature_is_valid
from domain.evidence.bundle import Outcome
from domain.evidence.rules import examine
from tests.support.evidence import Keys, made_bundle, new_keys
from tests.support.passkeys import PasskeySigner, SoftPasskey
from tests.unit.test_citation_proof import Case, holds, written

SPOILED = {
    "another origin": PasskeySigner(client={"origin": "https://evil.example"}),
    "something else": PasskeySigner(client={"challenge": "A" * 43}),
    "a registration": PasskeySigner(client={"kind": "webauthn.create"}),
    "in a frame": PasskeySigner(client={"crossOrigin": True}),
    "a frame's top": PasskeySigner(client={"topOrigin": "https://evil.example"}),
    "not verified": PasskeySigner(flags=0x01),
    "nobody there": PasskeySigner(flags=0x04),
    "with extensions": PasskeySigner(flags=0x85),
}


def keys_with(signer: PasskeySigner) -> Keys:
    keys: Keys = dataclasses.replace(new_keys(), releaser=signer)  # type: ignore[arg-type]
    return keys


@pytest.mark.parametrize(
    "signer",
    [PasskeySigner(), PasskeySigner(SoftPasskey(Ed25519PrivateKey.generate()))],
    ids=["ES256", "EdDSA"],
)
def test_a_passkey_is_on_record_as_any_other_key(signer: PasskeySigner) -> None:
    case = Case(keys_with(signer))
    checks = examine(made_bundle(case.keys), signature_is_valid)
    assert {check.outcome for check in checks} == {Outcome.HOLDS}
    assert holds(written(case.proof()), case.known)


@pytest.mark.parametrize("name", SPOILED)
def test_what_a_passkey_said_otherwise_proves_nothing(name: str) -> None:
    case = Case(keys_with(SPOILED[name]))
    failed = [
        check.name
        for check in examine(made_bundle(case.keys), signature_is_valid)
        if check.outcome is not Outcome.HOLDS
    ]
    assert failed == ["approvals"]
    assert not holds(written(case.proof()), case.known)
