"""Approvals of a release: what two people sign once for many change sets, and the judgement of it.

The statement names the root over the release's leaves and how many they are. A leaf says of one
change set all that an approval of it alone would say, its accepted doubts included
(`release.manifest`), so who holds the statement, a leaf and its path knows that this change set,
and nothing else of its document, was approved. It is signed as a document of its own kind: it can
not pass for the approval of a change set, nor that for one of a release.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.approval import dsse
from domain.approval.approvals import (
    ApproverKey,
    Effect,
    Gate,
    SignatureCheck,
    require_counting,
    require_different_people,
    require_gates,
    signing_key,
)
from domain.approval.dsse import Envelope
from domain.approval.people import folded, hidden_characters, same_person
from domain.approval.policy import Policy, require_met
from domain.approval.stated import NONCE, SHA256, refuse, time_from, time_text
from domain.fields import fields_from
from domain.phases import Kind
from domain.release.manifest import Release, belongs, release_id_of

PAYLOAD_TYPE: Final = "application/vnd.iu-cutter.release-approval+json"
FORMAT: Final = "iu-cutter release approval 1"
GATES: Final = frozenset({Gate.SG_1, Gate.SG_2})
"""A release writes texts, so it needs the gates of a cut and of a revision."""
KINDS: Final = frozenset({Kind.CUT, Kind.REVISION})


@dataclass(frozen=True, slots=True)
class ReleaseRoot:
    """Which change sets are approved: exactly those below a root, for one database."""

    release_id: uuid.UUID
    root: str
    documents: int
    target: str

    @classmethod
    def of(cls, release: Release) -> ReleaseRoot:
        """That of a release."""
        return cls(release.release_id, release.root, release.count, release.target)


@dataclass(frozen=True, slots=True)
class ReleaseStatement(ReleaseRoot):
    """What an approver signs: a release, and who approves it until when."""

    gate: Gate
    backup_key: str
    submitter: str
    approver: str
    key_id: str
    nonce: str
    approve_by: datetime
    execute_by: datetime

    @property
    def release(self) -> ReleaseRoot:
        """What is approved."""
        return ReleaseRoot(**fields_from(self, ReleaseRoot))

    def canonical_bytes(self) -> bytes:
        """The bytes that are signed: JSON, keys sorted, no white space, UTF-8."""
        content = {
            **fields_from(self, ReleaseStatement),
            "format": FORMAT,
            "release_id": str(self.release_id),
        }
        for name in ("approve_by", "execute_by"):
            content[name] = time_text(getattr(self, name))
        return dsse.canonical_json(content)


@dataclass(frozen=True, slots=True)
class SignedRelease:
    """An approval of a release as it travels: the statement's exact bytes and the signature."""

    payload: bytes
    key_id: str
    signature: bytes

    @property
    def statement(self) -> ReleaseStatement:
        """What the bytes say. Raises `ApprovalRefused` if they are not exactly such an approval."""
        return parse_release_statement(self.payload)

    def envelope(self) -> str:
        """The DSSE envelope, one line of JSON."""
        return Envelope(PAYLOAD_TYPE, self.payload, self.key_id, self.signature).text()

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return dsse.signed_bytes(PAYLOAD_TYPE, self.payload)


@dataclass(frozen=True, slots=True)
class Place:
    """That a change set is the one at a place of a release: the path from its leaf to the root."""

    release: ReleaseRoot
    place: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AtPlace:
    """What opens the permit of one change set of a release that is approved: its place, and under
    which key the approval is on record.
    """

    release_permit_id: uuid.UUID
    place: Place


def release_statement(
    release: ReleaseRoot,
    gate: Gate,
    *,
    submitter: str,
    approver: str,
    key_id: str,
    nonce: str,
    backup_key: str,
    now: datetime,
    approve_within: timedelta,
    execute_within: timedelta,
) -> ReleaseStatement:
    """A statement for one approver to sign; times as in `approval.request.statement_for`."""
    moment = now.astimezone(UTC).replace(microsecond=0)
    return ReleaseStatement(
        **fields_from(release, ReleaseRoot),
        gate=gate,
        backup_key=backup_key,
        submitter=submitter,
        approver=approver,
        key_id=key_id,
        nonce=nonce,
        approve_by=moment + approve_within,
        execute_by=moment + max(approve_within, execute_within),
    )


def parse_release_envelope(text: str) -> SignedRelease:
    """The approval in a DSSE envelope.

    Raises `ApprovalRefused` unless it is, letter for letter, what signing it gives.
    """
    try:
        envelope = dsse.parse_envelope(text.strip())
        exact = envelope.text() == text.strip()
    except ValueError:
        exact = False
    if not exact or envelope.payload_type != PAYLOAD_TYPE:
        refuse("what was given is not an approval of a release")
    found = SignedRelease(envelope.payload, envelope.key_id, envelope.signature)
    _ = found.statement
    return found


def parse_release_statement(payload: bytes) -> ReleaseStatement:
    """What a release's approval says.

    Raises `ApprovalRefused` unless writing it again gives the same bytes.
    """
    try:
        content = dsse.strict_json(payload.decode())
        form = content.pop("format")
        content["gate"] = Gate(content["gate"])
        content["release_id"] = uuid.UUID(content["release_id"])
        for name in ("approve_by", "execute_by"):
            content[name] = time_from(content[name])
        statement = ReleaseStatement(**content)
        exact = _is_typed(statement) and statement.canonical_bytes() == payload
    except (ValueError, TypeError, KeyError, AttributeError):
        refuse("the approval of a release can not be read; sign it again with `cutter approve`")
    if form != FORMAT or not exact:
        refuse("the approval of a release is not in canonical form; have it signed again")
    return statement


def judge_release(
    approvals: Sequence[SignedRelease],
    wanted: ReleaseRoot,
    registry: Mapping[str, ApproverKey],
    actor: str,
    now: datetime,
    signature_is_valid: SignatureCheck,
    policy: Policy | None = None,
    runs: Iterable[tuple[Kind, str]] = (),
) -> tuple[ReleaseStatement, ...]:
    """The statements, if together they authorise exactly this release now, or those of its `runs`
    that are to be opened.

    Raises `ApprovalRefused` naming the first fault; `actor`, `now` and `policy` as in
    `approvals.judge`.
    """
    statements = tuple(
        judge_one_release(one, wanted, registry, now, signature_is_valid) for one in approvals
    )
    require_gates(statements, GATES, "a release", policy)
    require_different_people(*statements)
    for one in statements:
        if not same_person(one.submitter, actor):
            refuse(
                f"{one.gate} approves a run by {one.submitter}, and this one was started by {actor}"
            )
    for kind, publication_type in sorted(set(runs)):
        require_met(policy, kind, publication_type, [one.approver for one in statements])
    return statements


def judge_one_release(
    approval: SignedRelease,
    wanted: ReleaseRoot,
    registry: Mapping[str, ApproverKey],
    now: datetime,
    signature_is_valid: SignatureCheck,
) -> ReleaseStatement:
    """One statement, if it counts for exactly this release now. Raises `ApprovalRefused`."""
    statement = approval.statement
    key = signing_key(approval, statement, registry, signature_is_valid)
    for own in fields(ReleaseRoot):
        said, meant = getattr(statement, own.name), getattr(wanted, own.name)
        if said != meant:
            name = own.name.replace("_", " ")
            refuse(f"{statement.gate} approves another {name}: {said}, and this run has {meant}")
    if statement.release_id != release_id_of(statement.target, statement.documents, statement.root):
        refuse(f"{statement.gate} names a release that its root does not make")
    require_counting(statement, key, now)
    return statement


def require_place(effect: Effect, place: Place) -> None:
    """Raises `ApprovalRefused` unless a change set is the one at its place of the release."""
    release = place.release
    if effect.kind not in KINDS:
        refuse(f"a release has no {effect.kind}")
    if effect.target != release.target or not belongs(
        effect, place.place, release.documents, place.path, release.root
    ):
        refuse(
            f"change set {effect.change_set_id} of {effect.document_code} is not the one at place "
            f"{place.place} of release {release.release_id}"
        )


def _is_typed(statement: ReleaseStatement) -> bool:
    """JSON's types are wider than ours: a number where a text should be is not an approval."""
    digests = (statement.root, statement.key_id)
    people = (statement.submitter, statement.approver)
    texts = (statement.target, statement.backup_key, *people)
    return (
        type(statement.documents) is int
        and statement.documents > 0
        and all(isinstance(one, str) and SHA256.fullmatch(one) for one in digests)
        and all(isinstance(one, str) and one.isprintable() for one in texts)
        and bool(statement.target)
        and all(folded(one) and not hidden_characters(one) for one in people)
        and isinstance(statement.nonce, str)
        and NONCE.fullmatch(statement.nonce) is not None
    )
