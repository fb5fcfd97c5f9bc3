"""A decline is signed as an approval is, and neither can pass for the other."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from uuid import UUID

import pytest

from adapters.keys.approvers import ApproverSigner
from adapters.keys.signing import signature_is_valid
from domain.approval.approvals import Gate, parse_envelope
from domain.approval.declines import (
    PAYLOAD_TYPE,
    DeclineStatement,
    SignedDecline,
    counts,
    parse_decline,
)
from domain.approval.dsse import Envelope
from domain.errors import ApprovalRefused
from tests.support.approvers import Approvers, new_signer

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def statement(signer: ApproverSigner, **changes: object) -> DeclineStatement:
    made = DeclineStatement(
        UUID(int=1), "a-law", "0" * 64, "kb:1@2", "Ann", signer.key_id, "Article 5 is wrong", NOW
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def test_a_decline_comes_back_as_it_was_signed_and_counts() -> None:
    approvers = Approvers()
    ann = approvers.keys[Gate.SG_1]
    decline = parse_decline(ann.decline(statement(ann)).envelope())
    assert decline.statement == statement(ann)
    assert counts(decline, approvers.registry(NOW), signature_is_valid)


def test_a_no_of_somebody_else_does_not_count() -> None:
    approvers, mallory = Approvers(), new_signer()
    ann, registry = approvers.keys[Gate.SG_1], approvers.registry(NOW)
    assert not counts(mallory.decline(statement(mallory)), registry, signature_is_valid)
    of_another = ann.decline(statement(ann, approver="Ben"))
    assert not counts(of_another, registry, signature_is_valid)
    forged = SignedDecline(statement(ann).canonical_bytes(), ann.key_id, b"0" * 64)
    assert not counts(forged, registry, signature_is_valid)


def test_what_can_not_be_read_is_refused_and_no_approval_passes_for_one() -> None:
    ann = new_signer()
    payload = statement(ann).canonical_bytes()
    loose = Envelope(PAYLOAD_TYPE, payload.replace(b":", b": ", 1), ann.key_id, b"0" * 64).text()
    other = Envelope("application/vnd.iu-cutter.approval+json", payload, ann.key_id, b"0").text()
    for text in ("", "{}", loose, other):
        with pytest.raises(ApprovalRefused):
            parse_decline(text)
    with pytest.raises(ApprovalRefused, match="another kind"):
        parse_envelope(ann.decline(statement(ann)).envelope())
