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
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Any, Final

from domain.approval import dsse
from domain.approval.dsse import Envelope
from domain.approval.people import folded, hidden_characters, same_person
from domain.approval.policy import Policy, require_met
from domain.approval.stated import NONCE, SHA256, Signed, Stated, refuse, time_from, time_text
from domain.errors import ApprovalRefused
from domain.fields import fields_from
from domain.phases import Kind
from domain.reading.doubts import doubt_in_words
from domain.reading.vocabulary import PUBLICATION_TYPES

PAYLOAD_TYPE: Final = "application/vnd.iu-cutter.approval+json"
FORMAT: Final = "iu-cutter approval 1"
FORMAT_WITH_ROOT: Final = "iu-cutter approval 2"
"""Of a statement that names the root of the units' tree. One without it still has the first format,
so what was signed before is read, and counts, as it was signed.
"""
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
    Kind.REVISION: frozenset({Gate.SG_1, Gate.SG_2}),
    Kind.REVERT: frozenset({Gate.SG_3, Gate.SG_2}),
}
"""Each change set needs both of its gates: one authorises what is to happen, the other releases it
for this run.
"""

LATER: Final = ("doubts", "units_root", "base_digest", "changes", "dates", "publication_type")
"""What statements got later: it is left out of their bytes where there is nothing of it."""

MEANING: Final[Mapping[Gate, str]] = {
    Gate.SG_1: "authorise the plan",
    Gate.SG_2: "release it for this run",
    Gate.SG_3: "authorise the revert",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What exactly is approved: one change set, one plan, one effect, one database.

    Of a revision also what it starts from, how many addresses each act concerns (`create 3`), and
    from when they are in force (`2027-01-01 4`, `unknown 1`).
    """

    kind: Kind
    change_set_id: uuid.UUID
    document_code: str
    plan_digest: str
    effect_digest: str
    target: str
    attempt: int
    units: int
    doubts: tuple[str, ...] = field(default=(), kw_only=True)  # `reading.doubts.signed_doubts`
    units_root: str = field(default="", kw_only=True)  # `plan.unit_tree.units_root`
    base_digest: str = field(default="", kw_only=True)
    changes: tuple[str, ...] = field(default=(), kw_only=True)
    dates: tuple[str, ...] = field(default=(), kw_only=True)
    publication_type: str = field(default="", kw_only=True)  # by which a policy goes


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
            "format": FORMAT_WITH_ROOT if self.units_root else FORMAT,
            "change_set_id": str(self.change_set_id),
        }
        for name in LATER:  # as it was signed before there were any
            if not content[name]:
                del content[name]
        for name in ("approve_by", "execute_by"):
            content[name] = time_text(getattr(self, name))
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


def require_sg_3(keys: Mapping[str, ApproverKey], key_id: str, now: datetime) -> ApproverKey:
    """The key, if it may accept what only SG_3 may. Raises `ApprovalRefused`."""
    known = keys.get(key_id)
    if known is None or Gate.SG_3 not in known.gates or not known.counts_at(now):
        raise ApprovalRefused(
            f"Not accepted: the key {key_id[:12]} may not sign for SG_3; `cutter approver list` "
            f"shows whose may."
        )
    return known


@dataclass(frozen=True, slots=True)
class SaidBySG3:
    """A statement that somebody with SG_3 has signed, whose time is the one that it names."""

    fields: Mapping[str, Any]
    person: str
    at: datetime


def said_by_sg_3(
    envelope: Envelope,
    payload_type: str,
    time: str,
    keys: Mapping[str, ApproverKey],
    is_valid: SignatureCheck,
) -> SaidBySG3 | None:
    """What an envelope of this type says, if it counts: signed with a registered key that could
    sign for SG_3 when its field `time` says that it was. None for what does not count.
    """
    key = keys.get(envelope.key_id)
    if key is None or Gate.SG_3 not in key.gates or envelope.payload_type != payload_type:
        return None
    signed = dsse.signed_bytes(envelope.payload_type, envelope.payload)
    if not is_valid(key.public_key, signed, envelope.signature):
        return None
    said = dsse.strict_json(envelope.payload.decode())
    at = datetime.fromisoformat(said[time])
    return SaidBySG3(said, key.person, at) if key.counts_at(at) else None


def parse_envelope(text: str) -> SignedApproval:
    """The approval in a DSSE envelope.

    Raises `ApprovalRefused` unless it is, letter for letter, what signing it gives.
    """
    try:
        envelope = dsse.parse_envelope(text.strip())
        exact = envelope.text() == text.strip()
    except ValueError:
        refuse(
            "what was given is not an approval; paste the whole text that `cutter approve` printed"
        )
    if envelope.payload_type != PAYLOAD_TYPE:
        refuse("what was given is a signed document of another kind, not an approval")
    if not exact:
        refuse(
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
        if content.pop("format") != (FORMAT_WITH_ROOT if "units_root" in content else FORMAT):
            refuse(
                "the approval is of another format; sign it with this version of `cutter approve`"
            )
        content["gate"], content["kind"] = Gate(content["gate"]), Kind(content["kind"])
        content["change_set_id"] = uuid.UUID(content["change_set_id"])
        for name in ("approve_by", "execute_by"):
            content[name] = time_from(content[name])
        for name in ("doubts", "changes", "dates"):
            if name in content:
                content[name] = tuple(content[name])
        statement = ApprovalStatement(**content)
        unseen = hidden_characters(f"{statement.approver}{statement.submitter}")
        exact = _is_typed(statement) and statement.canonical_bytes() == payload
    except (ValueError, TypeError, KeyError, AttributeError):
        refuse("the approval can not be read; sign it again with `cutter approve`")
    if unseen:
        refuse(
            f"a name in the approval holds {unseen}, which does not show; register and name "
            f"people without, and sign it again"
        )
    if not exact:
        refuse("the approval is not in canonical form, so it was changed after it was signed")
    return statement


def judge(
    approvals: Sequence[SignedApproval],
    wanted: Effect,
    registry: Mapping[str, ApproverKey],
    actor: str,
    now: datetime,
    signature_is_valid: SignatureCheck,
    policy: Policy | None = None,
) -> tuple[ApprovalStatement, ...]:
    """The statements, if together they authorise exactly this effect now.

    Raises `ApprovalRefused` naming the first fault.

    `now` is the database's clock. `actor` is who starts the run: the submitter, who may not be an
    approver. `policy` is the one in force; without one, two people approve.
    """
    statements = tuple(
        judge_one(approval, wanted, registry, now, signature_is_valid) for approval in approvals
    )
    require_gates(statements, GATES_OF[wanted.kind], f"a {wanted.kind}", policy)
    require_different_people(*statements)
    for statement in statements:
        if not same_person(statement.submitter, actor):
            refuse(
                f"{statement.gate} approves a run by {statement.submitter}, and this one was "
                f"started by {actor}"
            )
    # One that was signed before statements named it says no type, and under a policy counts not.
    named = {one.publication_type for one in statements}
    kind = named.pop() if len(named) == 1 else ""
    require_met(policy, wanted.kind, kind, [one.approver for one in statements])
    return statements


def require_gates(
    statements: Sequence[Stated], needed: frozenset[Gate], what: str, policy: Policy | None
) -> None:
    """Raises `ApprovalRefused` unless there is an approval for each gate: without a policy one, and
    with one as many as it asks for.
    """
    short = policy is None and len(statements) != len(needed)
    if short or {one.gate for one in statements} != needed:
        refuse(f"{what} needs one approval each for {' and '.join(sorted(needed))}")


def require_different_people(*statements: Stated) -> None:
    """Raises `ApprovalRefused` unless these are different people with a key each, and none of them
    has submitted the run.
    """
    for one, other in combinations(statements, 2):
        if (
            one.key_id == other.key_id
            or one.nonce == other.nonce
            or same_person(one.approver, other.approver)
        ):
            refuse(
                f"{one.approver} can not approve twice; two people have to sign, each with a key "
                f"of their own"
            )
    for statement in statements:
        require_not_submitter(statement)


def require_not_submitter(statement: Stated) -> None:
    """Raises `ApprovalRefused` if the approver has submitted the run."""
    if same_person(statement.approver, statement.submitter):
        refuse(f"{statement.approver} has submitted this run and so can not approve it")


def require_gate(gate: Gate, kind: Kind) -> None:
    """Raises `ApprovalRefused` for a gate that this kind of run does not pass."""
    if gate not in GATES_OF[kind]:
        refuse(f"a {kind} needs {' and '.join(sorted(GATES_OF[kind]))}, not {gate}")


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
    key = signing_key(approval, statement, registry, signature_is_valid)
    if not approves(statement, wanted):
        refuse(
            f"{statement.gate} approves another {difference(statement.effect, wanted, 'this run')}"
        )
    require_counting(statement, key, now)
    return statement


def signing_key(
    approval: Signed,
    statement: Stated,
    registry: Mapping[str, ApproverKey],
    signature_is_valid: SignatureCheck,
) -> ApproverKey:
    """The registered key that a statement names and that has signed it. Raises `ApprovalRefused`.

    Whether the key counts is not judged here.
    """
    key = registry.get(approval.key_id)
    if key is None or statement.key_id != approval.key_id:
        refuse(
            f"the key {approval.key_id[:12]} is not an approver's; register it with `cutter "
            f"approver add`"
        )
    if not signature_is_valid(key.public_key, approval.signed_bytes, approval.signature):
        refuse(f"the signature of {statement.gate} does not cover what it is attached to")
    return key


def require_counting(statement: Stated, key: ApproverKey, now: datetime) -> None:
    """Raises `ApprovalRefused` unless the key is the approver's, for this gate, and both the key
    and the statement count at this moment.
    """
    if not same_person(key.person, statement.approver) or statement.gate not in key.gates:
        refuse(
            f"the key {key.key_id[:12]} belongs to {key.person}, for "
            f"{', '.join(sorted(key.gates))} only"
        )
    if not key.counts_at(now):
        refuse(f"the key {key.key_id[:12]} of {key.person} does not count any more, or not yet")
    if not now < statement.approve_by <= statement.execute_by <= now + LONGEST_VALIDITY:
        refuse(
            f"{statement.gate} of {statement.approver} has expired or is valid for too long; "
            f"have it signed again"
        )


def approves(statement: ApprovalStatement, wanted: Effect) -> bool:
    """Whether a statement is for exactly this effect.

    One that was signed before there was a tree names no root, and one from before there were
    policies no publication type. Its plan digest pins both, so it says no less.
    """
    if not statement.units_root:
        wanted = replace(wanted, units_root="")
    if not statement.publication_type:
        wanted = replace(wanted, publication_type="")
    return statement.effect == wanted


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


_DOUBT: Final = re.compile(r"[a-z][a-z\-]{0,60} [1-9][0-9]{0,8} [0-9a-f]{64}")
_CHANGE: Final = re.compile(r"(?:create|revise|repeal) [1-9][0-9]{0,8}")
_DATE: Final = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|unknown) (?:0|[1-9][0-9]{0,8})")


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
        all(type(number) is int for number in (statement.attempt, statement.units))
        and statement.attempt > 0
        # A revision of the text between the units touches none, and neither does its revert.
        and statement.units >= (1 if statement.kind is Kind.CUT else 0)
        and all(isinstance(doubt, str) and _DOUBT.fullmatch(doubt) for doubt in statement.doubts)
        and _is_revision_typed(statement)
        and statement.publication_type in ("", *PUBLICATION_TYPES)
        and all(isinstance(digest, str) and SHA256.fullmatch(digest) for digest in digests)
        and isinstance(statement.units_root, str)
        and (not statement.units_root or SHA256.fullmatch(statement.units_root) is not None)
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
        and NONCE.fullmatch(statement.nonce) is not None
    )


def _is_revision_typed(statement: ApprovalStatement) -> bool:
    """What a revision's statement has besides: all of it, and no other kind's any of it."""
    besides = (statement.base_digest, statement.changes, statement.dates)
    if statement.kind is not Kind.REVISION:
        return not any(besides)
    return (
        isinstance(statement.base_digest, str)
        and SHA256.fullmatch(statement.base_digest) is not None
        and bool(statement.changes) == bool(statement.units)  # none: the text between the units
        and bool(statement.dates)
        and all(isinstance(one, str) and _CHANGE.fullmatch(one) for one in statement.changes)
        and all(isinstance(one, str) and _DATE.fullmatch(one) for one in statement.dates)
    )
