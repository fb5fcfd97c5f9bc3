"""Approvals: what two people sign before a live run, and the one judgement of whether they may.

An approval is a statement, signed with Ed25519 over its exact bytes by way of DSSE
pre-authentication encoding (https://github.com/secure-systems-lab/dsse, protocol 1.0.0). The bytes
are canonical JSON: parsed and written again they are the same, so no two byte strings mean the same
approval. The executor judges before it opens the permit, and the verifier judges again from what
the database holds; the database itself holds gates, people, keys, times and nonces against its own
clock.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NoReturn

from domain.approval import dsse
from domain.approval.dsse import Envelope
from domain.approval.people import folded, hidden_characters, same_person
from domain.errors import ApprovalRefused
from domain.fields import fields_from
from domain.phases import Kind
from domain.reading.doubts import doubt_in_words

PAYLOAD_TYPE: Final = "application/vnd.iu-cutter.approval+json"
FORMAT: Final = "iu-cutter approval 1"
LONGEST_VALIDITY: Final = timedelta(days=7)
"""An approval is for a run that is about to happen; an older one would approve a world that has
moved on.
"""

SignatureCheck = Callable[[bytes, bytes, bytes], bool]
"""Whether (raw public key, signed bytes, signature) belong together."""


class Gate(StrEnum):
    """A sovereign gate: what one approval is for."""

    SG_1 = "SG_1"
    SG_2 = "SG_2"
    SG_3 = "SG_3"


GATES_OF: Final[Mapping[Kind, frozenset[Gate]]] = {
    Kind.CUT: frozenset({Gate.SG_1, Gate.SG_2}),
    Kind.REVERT: frozenset({Gate.SG_3, Gate.SG_2}),
}
"""Each change set needs both of its gates: one authorises what is to happen, the other releases it
for this run.
"""

MEANING: Final[Mapping[Gate, str]] = {
    Gate.SG_1: "authorise the plan",
    Gate.SG_2: "release it for this run",
    Gate.SG_3: "authorise the revert",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What exactly is approved: one change set, one plan, one effect, one database."""

    kind: Kind
    change_set_id: uuid.UUID
    document_code: str
    plan_digest: str
    effect_digest: str
    target: str
    attempt: int
    units: int
    doubts: tuple[str, ...] = field(default=(), kw_only=True)  # `reading.doubts.signed_doubts`


@dataclass(frozen=True, slots=True)
class ApprovalStatement(Effect):
    """What an approver signs: an effect, and who approves it.

    Times are UTC, whole seconds, judged by the database's clock.

    `approve_by` is until when the approval may open a permit, `execute_by` until when the run may
    commit.
    """

    gate: Gate
    backup_key: str
    submitter: str
    approver: str
    key_id: str
    nonce: str
    approve_by: datetime
    execute_by: datetime

    @property
    def effect(self) -> Effect:
        """What exactly is approved."""
        return Effect(**fields_from(self, Effect))

    def canonical_bytes(self) -> bytes:
        """The bytes that are signed: JSON, keys sorted, no white space, UTF-8."""
        content = {
            **fields_from(self, ApprovalStatement),
            "format": FORMAT,
            "change_set_id": str(self.change_set_id),
        }
        if not self.doubts:  # as it was signed before there were doubts
            del content["doubts"]
        for name in ("approve_by", "execute_by"):
            content[name] = _time_text(getattr(self, name))
        return dsse.canonical_json(content)


@dataclass(frozen=True, slots=True)
class SignedApproval:
    """An approval as it travels: the statement's exact bytes and the signature over them."""

    payload: bytes
    key_id: str
    signature: bytes

    @property
    def statement(self) -> ApprovalStatement:
        """What the bytes say. Raises `ApprovalRefused` if they are not exactly an approval."""
        return parse_statement(self.payload)

    def envelope(self) -> str:
        """The DSSE envelope, one line of JSON."""
        return Envelope(PAYLOAD_TYPE, self.payload, self.key_id, self.signature).text()

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return dsse.signed_bytes(PAYLOAD_TYPE, self.payload)


@dataclass(frozen=True, slots=True)
class ApproverKey:
    """A registered approver's key: whose it is, which gates it may sign, and when it counts."""

    key_id: str
    person: str
    public_key: bytes
    gates: frozenset[Gate]
    valid_from: datetime
    valid_until: datetime
    retired_at: datetime | None = None

    def counts_at(self, now: datetime) -> bool:
        """Whether what it signs counts at this moment."""
        return self.valid_from <= now < self.valid_until and (
            self.retired_at is None or now < self.retired_at
        )


def parse_envelope(text: str) -> SignedApproval:
    """The approval in a DSSE envelope.

    Raises `ApprovalRefused` unless it is, letter for letter, what signing it gives.
    """
    try:
        envelope = dsse.parse_envelope(text.strip())
        exact = envelope.text() == text.strip()
    except ValueError:
        _refuse(
            "what was given is not an approval; paste the whole text that `cutter approve` printed"
        )
    if envelope.payload_type != PAYLOAD_TYPE:
        _refuse("what was given is a signed document of another kind, not an approval")
    if not exact:
        _refuse(
            "the approval's envelope was written again by something else; paste the text that "
            "`cutter approve` printed"
        )
    found = SignedApproval(envelope.payload, envelope.key_id, envelope.signature)
    _ = found.statement
    return found


def parse_statement(payload: bytes) -> ApprovalStatement:
    """What an approval's bytes say.

    Raises `ApprovalRefused` unless writing it again gives the same bytes.
    """
    try:
        content = dsse.strict_json(payload.decode())
        if content.pop("format") != FORMAT:
            _refuse(
                "the approval is of another format; sign it with this version of `cutter approve`"
            )
        content["gate"], content["kind"] = Gate(content["gate"]), Kind(content["kind"])
        content["change_set_id"] = uuid.UUID(content["change_set_id"])
        for name in ("approve_by", "execute_by"):
            content[name] = datetime.strptime(content[name], "%Y-%m-%dT%H:%M:%SZ").replace(
                tzinfo=UTC
            )
        if "doubts" in content:
            content["doubts"] = tuple(content["doubts"])
        statement = ApprovalStatement(**content)
        unseen = hidden_characters(f"{statement.approver}{statement.submitter}")
        exact = _is_typed(statement) and statement.canonical_bytes() == payload
    except (ValueError, TypeError, KeyError, AttributeError):
        _refuse("the approval can not be read; sign it again with `cutter approve`")
    if unseen:
        _refuse(
            f"a name in the approval holds {unseen}, which does not show; register and name "
            f"people without, and sign it again"
        )
    if not exact:
        _refuse("the approval is not in canonical form, so it was changed after it was signed")
    return statement


def judge(
    approvals: Sequence[SignedApproval],
    wanted: Effect,
    registry: Mapping[str, ApproverKey],
    actor: str,
    now: datetime,
    signature_is_valid: SignatureCheck,
) -> tuple[ApprovalStatement, ...]:
    """The statements, if together they authorise exactly this effect now.

    Raises `ApprovalRefused` naming the first fault.

    `now` is the database's clock. `actor` is who starts the run: the submitter, who may not be an
    approver.
    """
    statements = tuple(
        judge_one(approval, wanted, registry, now, signature_is_valid) for approval in approvals
    )
    needed = GATES_OF[wanted.kind]
    if len(statements) != len(needed) or {statement.gate for statement in statements} != needed:
        _refuse(f"a {wanted.kind} needs one approval each for {' and '.join(sorted(needed))}")
    require_two_people(*statements)
    for statement in statements:
        if not same_person(statement.submitter, actor):
            _refuse(
                f"{statement.gate} approves a run by {statement.submitter}, and this one was "
                f"started by {actor}"
            )
    return statements


def require_two_people(one: ApprovalStatement, other: ApprovalStatement) -> None:
    """Raises `ApprovalRefused` unless these are two people with a key each, and neither has
    submitted the run.
    """
    if (
        one.key_id == other.key_id
        or one.nonce == other.nonce
        or same_person(one.approver, other.approver)
    ):
        _refuse(
            f"{one.approver} can not approve twice; two people have to sign, each with a key "
            f"of their own"
        )
    for statement in (one, other):
        require_not_submitter(statement)


def require_not_submitter(statement: ApprovalStatement) -> None:
    """Raises `ApprovalRefused` if the approver has submitted the run."""
    if same_person(statement.approver, statement.submitter):
        _refuse(f"{statement.approver} has submitted this run and so can not approve it")


def require_gate(gate: Gate, kind: Kind) -> None:
    """Raises `ApprovalRefused` for a gate that this kind of run does not pass."""
    if gate not in GATES_OF[kind]:
        _refuse(f"a {kind} needs {' and '.join(sorted(GATES_OF[kind]))}, not {gate}")


def judge_one(
    approval: SignedApproval,
    wanted: Effect,
    registry: Mapping[str, ApproverKey],
    now: datetime,
    signature_is_valid: SignatureCheck,
) -> ApprovalStatement:
    """One statement, if it counts for exactly this effect now.

    Raises `ApprovalRefused`. `judge` looks at both together.
    """
    statement = approval.statement
    key = registry.get(approval.key_id)
    if key is None or statement.key_id != approval.key_id:
        _refuse(
            f"the key {approval.key_id[:12]} is not an approver's; register it with `cutter "
            f"approver add`"
        )
    if not signature_is_valid(key.public_key, approval.signed_bytes, approval.signature):
        _refuse(f"the signature of {statement.gate} does not cover what it is attached to")
    if statement.effect != wanted:
        _refuse(
            f"{statement.gate} approves another {difference(statement.effect, wanted, 'this run')}"
        )
    if not same_person(key.person, statement.approver) or statement.gate not in key.gates:
        _refuse(
            f"the key {key.key_id[:12]} belongs to {key.person}, for "
            f"{', '.join(sorted(key.gates))} only"
        )
    if not key.counts_at(now):
        _refuse(f"the key {key.key_id[:12]} of {key.person} does not count any more, or not yet")
    if not now < statement.approve_by <= statement.execute_by <= now + LONGEST_VALIDITY:
        _refuse(
            f"{statement.gate} of {statement.approver} has expired or is valid for too long; "
            f"have it signed again"
        )
    return statement


def difference(one: Effect, other: Effect, whose: str) -> str:
    """The first thing that two effects do not share, in words; `whose` names the other."""
    name = next(
        own.name for own in fields(Effect) if getattr(one, own.name) != getattr(other, own.name)
    )
    if name == "doubts":
        return f"doubts: {_codes(one.doubts)}, and {whose} has {_codes(other.doubts)}"
    return f"{name.replace('_', ' ')}: {getattr(one, name)}, and {whose} has {getattr(other, name)}"


def _codes(doubts: Sequence[str]) -> str:
    return ", ".join(map(doubt_in_words, doubts)) or "none"


def _refuse(why: str) -> NoReturn:
    raise ApprovalRefused(f"Not approved: {why}. Nothing was written.") from None


def _time_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_DOUBT: Final = re.compile(r"[a-z][a-z\-]{0,60} [1-9][0-9]{0,8} [0-9a-f]{64}")
_NONCE: Final = re.compile(r"[0-9a-f]{32}")


def _is_typed(statement: ApprovalStatement) -> bool:
    """JSON's types are wider than ours: a number where a text should be is not an approval."""
    digests = (statement.plan_digest, statement.effect_digest, statement.key_id)
    texts = (
        statement.document_code,
        statement.target,
        statement.submitter,
        statement.approver,
        statement.backup_key,
    )
    return (
        all(type(number) is int and number > 0 for number in (statement.attempt, statement.units))
        and all(isinstance(doubt, str) and _DOUBT.fullmatch(doubt) for doubt in statement.doubts)
        and all(isinstance(digest, str) and _SHA256.fullmatch(digest) for digest in digests)
        and all(isinstance(text, str) and text.isprintable() for text in texts)
        and all(
            (
                statement.document_code,
                statement.target,
                folded(statement.submitter),
                folded(statement.approver),
            )
        )
        and isinstance(statement.nonce, str)
        and _NONCE.fullmatch(statement.nonce) is not None
    )
