"""Signatures of passkeys: ES256 and EdDSA, by the `cryptography` library.

What an assertion has to say is in `domain.approval.passkeys`.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from adapters.keys.points import fault_of
from domain.approval.passkeys import (
    Algorithm,
    Passkey,
    PasskeyFault,
    check_assertion,
    parse_assertion,
    parse_passkey,
)


def passkey_in(record: bytes) -> Passkey:
    """The passkey that a record is of, if its key is one that only its owner can sign with.

    Raises `PasskeyFault`.
    """
    passkey = parse_passkey(record)
    _key_of(passkey)
    return passkey


def assertion_is_valid(record: bytes, message: bytes, packed: bytes) -> bool:
    """True if the packed assertion is of this passkey, for exactly this message."""
    try:
        passkey, assertion = parse_passkey(record), parse_assertion(packed)
        check_assertion(passkey, assertion, message)
        key = _key_of(passkey)
        if isinstance(key, Ed25519PublicKey):
            key.verify(assertion.signature, assertion.signed_bytes)
        else:
            key.verify(assertion.signature, assertion.signed_bytes, ECDSA(SHA256()))
    except (PasskeyFault, InvalidSignature):
        return False
    return True


def _key_of(passkey: Passkey) -> EllipticCurvePublicKey | Ed25519PublicKey:
    """The key of the kind that the passkey says, in its one spelling. Raises `PasskeyFault`."""
    try:
        key = load_der_public_key(passkey.public_key)
    except (ValueError, UnsupportedAlgorithm):
        raise PasskeyFault("its public key can not be read") from None
    if not isinstance(key, EllipticCurvePublicKey | Ed25519PublicKey) or passkey.public_key != (
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ):
        raise PasskeyFault("its public key is not of the kind that it says")
    if isinstance(key, Ed25519PublicKey):
        sound = passkey.algorithm is Algorithm.EDDSA and fault_of(key.public_bytes_raw()) is None
    else:
        sound = passkey.algorithm is Algorithm.ES256 and isinstance(key.curve, SECP256R1)
    if not sound:
        raise PasskeyFault("its public key is not of the kind that it says")
    return key
