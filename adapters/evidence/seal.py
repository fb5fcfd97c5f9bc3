"""The seal of a bundle: an index of every file, in order, and the executor's signature over the
index's exact bytes.

The signature is over the DSSE pre-authentication encoding
(https://github.com/secure-systems-lab/dsse, protocol 1.0.0), and its envelope holds the same bytes
again, so that any tool that knows DSSE can check it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from pydantic import TypeAdapter, ValidationError

from adapters.evidence.files import NAMES, one_line
from adapters.keys.signing import signature_is_valid
from domain.approval import dsse
from domain.evidence.bundle import FORMAT, PAYLOAD_TYPE, Base64
from domain.ports import Signer

INDEX: Final = "manifest.json"
ENVELOPE: Final = "manifest.dsse.json"


class SealingKey(Signer, Protocol):
    """A signer that also tells its public key, which the bundle has to hold."""

    @property
    def public_key(self) -> bytes:
        """The raw 32 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a bundle. Size in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Index:
    """What is sealed: every file in order, what the bundle is of, and whose key seals it."""

    format: str
    change_set_id: str
    finished: bool
    key_id: str
    public_key: Base64
    files: tuple[Entry, ...]


_CODEC: Final = TypeAdapter(Index)


class SealBroken(ValueError):
    """The files are not what was sealed; the message says where."""


def seal(
    contents: Mapping[str, bytes], change_set_id: str, finished: bool, signer: SealingKey
) -> dict[str, bytes]:
    """The two files that seal these contents, the signed one last."""
    files = tuple(
        Entry(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in contents.items()
    )
    index = Index(FORMAT, change_set_id, finished, signer.key_id, signer.public_key, files)
    payload = one_line(_CODEC.dump_python(index, mode="json"))
    signature = signer.sign(dsse.signed_bytes(PAYLOAD_TYPE, payload))
    envelope = dsse.Envelope(PAYLOAD_TYPE, payload, signer.key_id, signature)
    return {INDEX: payload, ENVELOPE: envelope.text().encode() + b"\n"}


def check_signature(payload: bytes, envelope: bytes) -> Index:
    """The index, if it is signed by the key that it names. Raises `SealBroken`."""
    try:
        signed = dsse.parse_envelope(envelope.decode())
        exact = signed.text().encode() + b"\n" == envelope
    except ValueError:
        raise SealBroken(f"{ENVELOPE} can not be read") from None
    if not exact or signed.payload_type != PAYLOAD_TYPE:
        raise SealBroken(f"{ENVELOPE} is not in the one form that it is written in")
    if signed.payload != payload:
        raise SealBroken(f"{INDEX} is not what was signed")
    index = _read_index(payload)
    if not hashlib.sha256(index.public_key).hexdigest() == index.key_id == signed.key_id:
        raise SealBroken("the key in the index is not the one that its id names")
    if not signature_is_valid(
        index.public_key, dsse.signed_bytes(PAYLOAD_TYPE, payload), signed.signature
    ):
        raise SealBroken(f"the signature does not cover {INDEX}")
    return index


def _read_index(payload: bytes) -> Index:
    try:
        index = _CODEC.validate_python(dsse.strict_json(payload.decode()))
        exact = one_line(_CODEC.dump_python(index, mode="json")) == payload
    except (ValueError, TypeError, ValidationError, RecursionError):
        raise SealBroken(f"{INDEX} can not be read") from None
    if not exact or index.format != FORMAT:
        raise SealBroken(f"{INDEX} is not in the one form that it is written in")
    return index


def check_files(index: Index, contents: Mapping[str, bytes]) -> int:
    """How many files there are, if all are as they were sealed.

    Raises `SealBroken` naming the first file that is missing, too many, out of order or changed.
    """
    if [entry.name for entry in index.files] != list(NAMES):
        raise SealBroken("the index does not name the files of a bundle, in their order")
    for name in contents:
        if name not in (*NAMES, INDEX, ENVELOPE):
            raise SealBroken(f"{name[:80]} does not belong to the bundle")
    for entry in index.files:
        found = contents.get(entry.name)
        if found is None:
            raise SealBroken(f"{entry.name} is missing")
        if len(found) != entry.size:
            raise SealBroken(
                f"{entry.name} has {len(found):,} bytes, and {entry.size:,} were sealed"
            )
    for entry in index.files:
        if hashlib.sha256(contents[entry.name]).hexdigest() != entry.sha256:
            raise SealBroken(f"{entry.name} was changed after it was sealed")
    return len(index.files)
