"""A request to an approver elsewhere, as one file: one line of JSON in its one spelling, with a
digest over all of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from adapters.evidence.files import decode_plan, encode_plan, one_line
from adapters.files import keep_bytes
from domain.approval.approvals import parse_statement
from domain.approval.dsse import strict_json
from domain.approval.signing_request import AGAIN, Known, SigningRequest
from domain.errors import ApprovalRefused, BadInput

FORMAT: Final = "iu-cutter approval request 1"
_KNOWN: Final = TypeAdapter(Known)


def keep_request(path: Path, request: SigningRequest) -> str:
    """Write a request; its digest, which the two people can tell each other by another way.

    Raises `BadInput`.
    """
    content = encode_request(request)
    keep_bytes(path, content)
    return digest_of(request)


def read_request(path: Path) -> SigningRequest:
    """The request in a file.

    Raises `BadInput` if it is none, and `ApprovalRefused` if it was edited.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"The request {path} can not be read: {error.strerror}.") from None
    try:
        found = strict_json(content.decode())
        untouched = found.pop("digest") == hashlib.sha256(one_line(found)).hexdigest()
        request = _decode(found) if untouched else None
    except (ValueError, TypeError, KeyError, AttributeError, ValidationError):
        raise BadInput(f"{path} is not a request of this version of cutter; {AGAIN}.") from None
    if request is None or encode_request(request) != content:
        raise ApprovalRefused(
            f"Not signed: the request {path} was edited after it was made; {AGAIN}."
        )
    return request


def encode_request(request: SigningRequest) -> bytes:
    """The bytes of a request's file."""
    return one_line(_content(request) | {"digest": digest_of(request)})


def digest_of(request: SigningRequest) -> str:
    """SHA-256 over everything in a request, hexadecimal."""
    return hashlib.sha256(one_line(_content(request))).hexdigest()


def _content(request: SigningRequest) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "statement": request.statement.canonical_bytes().decode(),
        "plan": {name: content.decode() for name, content in encode_plan(request.plan).items()},
        "known": _KNOWN.dump_python(request.known, mode="json"),
    }


def _decode(found: Mapping[str, Any]) -> SigningRequest:
    if found["format"] != FORMAT:
        raise ValueError(FORMAT)
    statement = parse_statement(found["statement"].encode())
    plan = decode_plan(
        statement.kind, {name: text.encode() for name, text in found["plan"].items()}
    )
    return SigningRequest(statement, plan, _KNOWN.validate_python(found["known"]))
