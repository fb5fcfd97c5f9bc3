"""No change of a valid pair of approvals is accepted: thousands of them, and every rule of the
judgement by itself.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.keys.approvers import ApproverSigner, new_nonce
from adapters.keys.signing import signature_is_valid
from domain.approval import dsse
from domain.approval.approvals import (
    LONGEST_VALIDITY,
    PAYLOAD_TYPE,
    ApprovalStatement,
    ApproverKey,
    Effect,
    Gate,
    SignedApproval,
    judge,
    parse_envelope,
)
from domain.errors import ApprovalRefused
from domain.phases import Kind
from tests.support.approvers import Approvers

NOW: Final = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
SEED: Final = 20260301
EFFECT: Final = Effect(
    Kind.CUT,
    uuid.UUID(int=7),
    "test.law",
    "a" * 64,
    "b" * 64,
    "kb:5@77",
    1,
    3,
    units_root="e" * 64,
    publication_type="law",
)
REVERT: Final = dataclasses.replace(EFFECT, kind=Kind.REVERT)
REVISION: Final = dataclasses.replace(
    EFFECT,
    kind=Kind.REVISION,
    base_digest="e" * 64,
    changes=("create 1", "revise 2"),
    dates=("2027-01-01 2", "unknown 1"),
)

Envelopes = Sequence[str]


@dataclass
class Case:
    """A pair that is accepted, and everything that it is judged by."""

    approvers: Approvers = field(default_factory=Approvers)
    effect: Effect = EFFECT

    def __post_init__(self) -> None:
        self.registry = self.approvers.registry(NOW)
        self.pair = tuple(signed.envelope() for signed in self.approvers.sign(self.effect, NOW))
        self.one, self.other = map(parse_envelope, self.pair)

    def judged(
        self,
        envelopes: Envelopes,
        *,
        wanted: Effect | None = None,
        registry: Mapping[str, ApproverKey] | None = None,
        actor: str = "operator",
        now: datetime = NOW,
    ) -> tuple[ApprovalStatement, ...]:
        """The judgement of what arrived as text."""
        known = self.registry if registry is None else registry
        return judge(
            [parse_envelope(text) for text in envelopes],
            wanted or self.effect,
            known,
            actor,
            now,
            signature_is_valid,
        )

    def refused(self, envelopes: Envelopes, **judged_by: Any) -> str:
        """The sentence that it is refused with."""
        with pytest.raises(ApprovalRefused, match="Nothing was written") as refusal:
            self.judged(envelopes, **judged_by)
        return str(refusal.value)

    def signed_again(
        self, number: int, signer: ApproverSigner | None = None, **changes: Any
    ) -> list[str]:
        """The pair with one statement changed and signed again, with the same key or another: a
        signature that is valid.
        """
        statement = (self.one, self.other)[number].statement
        by = signer or self.approvers.keys[statement.gate]
        changed = dataclasses.replace(statement, **{"key_id": by.key_id, **changes})
        envelopes = list(self.pair)
        envelopes[number] = by.sign(changed).envelope()
        return envelopes

    def key(self, gate: Gate, **changes: Any) -> dict[str, ApproverKey]:
        """The registry with one key registered otherwise."""
        key_id = self.approvers.keys[gate].key_id
        return {**self.registry, key_id: dataclasses.replace(self.registry[key_id], **changes)}


@pytest.fixture(scope="module")
def case() -> Case:
    return Case()


def is_accepted(case: Case, envelopes: Envelopes) -> bool:
    """Whether the judgement passes. Anything but a clean refusal is an error of the test."""
    try:
        case.judged(envelopes)
    except ApprovalRefused:
        return False
    return True


def test_the_pair_itself_is_accepted_in_either_order(case: Case) -> None:
    assert [statement.gate for statement in case.judged(case.pair)] == [Gate.SG_1, Gate.SG_2]
    assert len(case.judged(case.pair[::-1])) == 2
    assert len(case.judged(case.pair, actor=" OPERATOR ")) == 2, (
        "the same person in another spelling"
    )


def test_a_revert_needs_its_own_two_gates(case: Case) -> None:
    pair = [signed.envelope() for signed in case.approvers.sign(REVERT, NOW)]
    assert {statement.gate for statement in case.judged(pair, wanted=REVERT)} == {
        Gate.SG_2,
        Gate.SG_3,
    }
    assert "approves another kind" in case.refused(pair)
    assert "approves another kind" in case.refused(case.pair, wanted=REVERT)


# --- ten thousand mutations
# -------------------------------------------------------------------------------------------


def rewrapped(approval: SignedApproval, **changes: Any) -> SignedApproval:
    """The approval with parts of it exchanged, in an envelope that is well made."""
    return dataclasses.replace(approval, **changes)


def flipped_texts(case: Case) -> Iterator[list[str]]:
    """One bit of each byte of both envelopes, as far as a text comes of it."""
    for number, text in enumerate(case.pair):
        raw = text.encode()
        for at in range(len(raw)):
            changed = raw[:at] + bytes([raw[at] ^ (1 << at % 7)]) + raw[at + 1 :]
            yield replaced(case, number, changed.decode())


def flipped_bytes(case: Case) -> Iterator[list[str]]:
    """Every bit of both signatures and three bits of each byte of both payloads, wrapped up again
    in a proper envelope.
    """
    for number, approval in enumerate((case.one, case.other)):
        for name in ("payload", "signature"):
            raw: bytes = getattr(approval, name)
            for bit in range(8 * len(raw)):
                if name == "payload" and bit % 8 not in {0, 5, bit // 8 % 8}:
                    continue
                changed = bytearray(raw)
                changed[bit // 8] ^= 1 << bit % 8
                yield replaced(
                    case, number, rewrapped(approval, **{name: bytes(changed)}).envelope()
                )


def cut_and_grown(case: Case) -> Iterator[list[str]]:
    """Each envelope cut short at each place, and the signature and payload longer or shorter."""
    for number, (text, approval) in enumerate(zip(case.pair, (case.one, case.other), strict=True)):
        for at in range(0, len(text), 5):
            yield replaced(case, number, text[:at])
            yield replaced(case, number, text[:at] + " " + text[at:] if at else "\x00" + text)
        for name in ("payload", "signature"):
            raw: bytes = getattr(approval, name)
            for changed in (
                b"",
                raw[:-1],
                raw[1:],
                raw + b"\0",
                raw + raw,
                raw[::-1],
                bytes(len(raw)),
            ):
                yield replaced(case, number, rewrapped(approval, **{name: changed}).envelope())


def swapped_fields(case: Case) -> Iterator[list[str]]:
    """What belongs to one of the two, given to the other: parts of the envelope, and every field of
    the statement.
    """
    one, other = case.one, case.other
    for name in ("payload", "signature", "key_id"):
        yield [dataclasses.replace(one, **{name: getattr(other, name)}).envelope(), case.pair[1]]
        yield [case.pair[0], dataclasses.replace(other, **{name: getattr(one, name)}).envelope()]
    yield [
        dataclasses.replace(one, signature=other.signature).envelope(),
        dataclasses.replace(other, signature=one.signature).envelope(),
    ]
    for number, (mine, yours) in enumerate(((one, other), (other, one))):
        for part in dataclasses.fields(ApprovalStatement):
            theirs = getattr(yours.statement, part.name)
            if theirs != getattr(mine.statement, part.name):
                edited = dataclasses.replace(
                    mine.statement, **{part.name: theirs}
                ).canonical_bytes()
                yield replaced(case, number, dataclasses.replace(mine, payload=edited).envelope())


def random_edits(case: Case, seed: int, times: int) -> Iterator[list[str]]:
    """Several bytes of a payload, signature or envelope at once: replaced, left out, doubled or
    moved.
    """
    chance = random.Random(seed)  # noqa: S311  # the same mutations in every run
    for _ in range(times):
        number = chance.randrange(2)
        approval = (case.one, case.other)[number]
        where = chance.choice(("payload", "signature", "envelope"))
        raw = bytearray(
            case.pair[number].encode() if where == "envelope" else getattr(approval, where)
        )
        before = bytes(raw)
        for _ in range(chance.randint(1, 4)):
            at, to = chance.randrange(len(raw)), chance.randrange(len(raw))
            match chance.randrange(4):
                case 0:
                    raw[at] = chance.randrange(128)
                case 1:
                    del raw[at]
                case 2:
                    raw.insert(at, raw[to])
                case _:
                    raw[at], raw[to] = raw[to], raw[at]
        if bytes(raw) == before:
            continue
        if where == "envelope":
            yield replaced(case, number, raw.decode("utf-8", "replace"))
        else:
            yield replaced(case, number, rewrapped(approval, **{where: bytes(raw)}).envelope())


def replaced(case: Case, number: int, text: str) -> list[str]:
    """The pair with one envelope in another's place, that one first: the order is free, and it is
    judged first.
    """
    return [text, case.pair[1 - number]]


@pytest.mark.slow
def test_ten_thousand_mutations_and_none_is_accepted(case: Case) -> None:
    mutations = [
        *flipped_bytes(case),
        *flipped_texts(case),
        *cut_and_grown(case),
        *swapped_fields(case),
    ]
    mutations += random_edits(case, SEED, 3000)
    mutations = [
        changed for changed in mutations if {text.strip() for text in changed} != set(case.pair)
    ]
    assert len(mutations) >= 10_000
    accepted = [changed for changed in mutations if is_accepted(case, changed)]
    assert accepted == []
    assert is_accepted(case, case.pair), "and the pair is still as good as before"


TEXTS = st.text(st.characters(codec="utf-8"), max_size=80)
VALUES: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "gate": st.sampled_from(Gate),
    "kind": st.sampled_from(Kind),
    "change_set_id": st.uuids(),
    "document_code": TEXTS,
    "plan_digest": st.binary(min_size=32, max_size=32).map(bytes.hex),
    "effect_digest": st.binary(min_size=32, max_size=32).map(bytes.hex),
    "target": TEXTS,
    "attempt": st.integers(-2, 2**70),
    "units": st.integers(-2, 2**70),
    "units_root": st.binary(min_size=32, max_size=32).map(bytes.hex),
    "submitter": TEXTS,
    "approver": TEXTS,
    "key_id": st.binary(min_size=32, max_size=32).map(bytes.hex),
    "nonce": TEXTS,
    "approve_by": st.datetimes(max_value=NOW.replace(tzinfo=None)).map(
        lambda moment: moment.replace(tzinfo=UTC)
    ),
    "execute_by": st.datetimes(max_value=NOW.replace(tzinfo=None)).map(
        lambda moment: moment.replace(tzinfo=UTC)
    ),
}
"""Other values for every field but `backup_key`, which is for the approver to see and binds
nothing.
"""


@settings(max_examples=400, deadline=None)
@given(st.data(), st.integers(0, 1), st.sampled_from(sorted(VALUES)))
def test_no_other_value_of_a_field_is_accepted_however_well_it_is_signed(
    data: st.DataObject, number: int, name: str
) -> None:
    """The approver himself signs something else: a valid signature over a statement that must not
    open this run.
    """
    made = CASE
    old = getattr((made.one, made.other)[number].statement, name)
    new = data.draw(VALUES[name].filter(lambda value: value != old))
    if (
        name in ("submitter", "approver")
        and str(new).casefold().split() == str(old).casefold().split()
    ):
        return
    if name == "nonce" and len(new) == 32 and set(new) <= set("0123456789abcdef"):
        return
    assert not is_accepted(made, made.signed_again(number, **{name: new}))


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode())
)
def test_no_text_at_all_is_taken_for_an_approval(text: str) -> None:
    assert not is_accepted(CASE, [text, CASE.pair[1]])


CASE: Final = Case()
"""For Hypothesis, which calls many times in one test."""


# --- each rule by itself: everything else is as it should be, signatures too
# -------------------------------------------


EFFECT_CHANGES: Final[Mapping[str, Any]] = {
    "change_set_id": uuid.UUID(int=8),
    "document_code": "other.law",
    "plan_digest": "c" * 64,
    "effect_digest": "c" * 64,
    "target": "kb:6@77",
    "attempt": 2,
    "units": 4,
    "doubts": (f"large-gap 1 {'d' * 64}",),
    "units_root": "c" * 64,
    "publication_type": "decree",
}


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("name", EFFECT_CHANGES)
def test_an_approval_of_anything_else_is_refused(case: Case, name: str, number: int) -> None:
    said = case.refused(case.signed_again(number, **{name: EFFECT_CHANGES[name]}))
    assert f"approves another {name.replace('_', ' ')}" in said


@pytest.mark.parametrize("name", EFFECT_CHANGES)
def test_a_plan_or_target_that_was_changed_after_it_was_approved_is_refused(
    case: Case, name: str
) -> None:
    edited = dataclasses.replace(EFFECT, **{name: EFFECT_CHANGES[name]})
    assert f"approves another {name.replace('_', ' ')}" in case.refused(case.pair, wanted=edited)


REVISION_CHANGES: Final[Mapping[str, Any]] = {
    "base_digest": "f" * 64,
    "changes": ("create 2", "revise 1"),
    "dates": ("2027-01-01 3",),
}


@pytest.fixture(scope="module")
def revision() -> Case:
    return Case(effect=REVISION)


def test_the_pair_of_a_revision_is_accepted(revision: Case) -> None:
    assert is_accepted(revision, revision.pair)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("name", REVISION_CHANGES)
def test_an_approval_of_another_revision_is_refused(revision: Case, name: str, number: int) -> None:
    changed = REVISION_CHANGES[name]
    said = revision.refused(revision.signed_again(number, **{name: changed}))
    assert f"approves another {name.replace('_', ' ')}" in said
    edited = dataclasses.replace(REVISION, **{name: changed})
    assert "approves another" in revision.refused(revision.pair, wanted=edited)


@pytest.mark.parametrize("name", REVISION_CHANGES)
def test_what_is_signed_of_a_revision_is_all_there_and_of_no_other_kind(
    case: Case, revision: Case, name: str
) -> None:
    without: dict[str, Any] = {name: "" if name == "base_digest" else ()}
    assert "canonical form" in revision.refused(revision.signed_again(0, **without))
    assert "canonical form" in case.refused(case.signed_again(0, **{name: REVISION_CHANGES[name]}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_digest", "E" * 64),
        ("changes", ("drop 3",)),
        ("changes", ("create 0",)),
        ("dates", ("soon 3",)),
        ("dates", ("2027-1-1 3",)),
    ],
)
def test_a_statement_in_other_words_is_none(revision: Case, name: str, value: Any) -> None:
    assert "canonical form" in revision.refused(revision.signed_again(0, **{name: value}))


def test_every_part_of_an_effect_has_been_tried() -> None:
    assert {*EFFECT_CHANGES, *REVISION_CHANGES, "kind"} == {
        part.name for part in dataclasses.fields(Effect)
    }


@pytest.mark.parametrize(
    "gates", [(Gate.SG_1, Gate.SG_1), (Gate.SG_2, Gate.SG_2), (Gate.SG_2, Gate.SG_3)]
)
def test_other_gates_than_the_two_are_refused(case: Case, gates: tuple[Gate, Gate]) -> None:
    every = frozenset(Gate)
    registry = {
        key_id: dataclasses.replace(key, gates=every) for key_id, key in case.registry.items()
    }
    ann, ben = case.approvers.keys[Gate.SG_1], case.approvers.keys[Gate.SG_2]
    pair = [
        ann.sign(dataclasses.replace(case.one.statement, gate=gates[0])).envelope(),
        ben.sign(dataclasses.replace(case.other.statement, gate=gates[1])).envelope(),
    ]
    assert "needs one approval each for SG_1 and SG_2" in case.refused(pair, registry=registry)


def test_one_or_three_are_not_two(case: Case) -> None:
    carl = ApproverSigner(Ed25519PrivateKey.generate())
    key = ApproverKey(
        carl.key_id,
        "Carl",
        carl.public_key,
        frozenset({Gate.SG_2}),
        NOW - timedelta(days=1),
        NOW + timedelta(days=1),
    )
    third = carl.sign(
        dataclasses.replace(
            case.other.statement, approver="Carl", key_id=carl.key_id, nonce=new_nonce()
        )
    )
    registry = {**case.registry, carl.key_id: key}
    assert len(case.judged([case.pair[0], third.envelope()], registry=registry)) == 2, (
        "the third by itself is good"
    )
    for wrong in (
        [],
        case.pair[:1],
        case.pair[1:],
        [*case.pair, third.envelope()],
        [*case.pair, case.pair[0]],
    ):
        assert "needs one approval each" in case.refused(wrong, registry=registry)


def test_a_gate_that_the_key_may_not_sign_for_is_refused(case: Case) -> None:
    registry = case.key(Gate.SG_2, gates=frozenset({Gate.SG_1, Gate.SG_3}))
    assert "belongs to Ben, for SG_1, SG_3 only" in case.refused(case.pair, registry=registry)


def test_another_persons_key_is_refused(case: Case) -> None:
    assert "belongs to Ben" in case.refused(case.signed_again(1, approver="Carl"))


@pytest.mark.parametrize("spelling", ["Ann", "ANN", " ann ", "Ａｎｎ"])
def test_the_same_person_with_two_keys_is_refused_in_any_spelling(
    case: Case, spelling: str
) -> None:
    second = ApproverSigner(Ed25519PrivateKey.generate())
    key = ApproverKey(
        second.key_id,
        spelling,
        second.public_key,
        frozenset(Gate),
        NOW - timedelta(days=1),
        NOW + timedelta(days=1),
    )
    pair = case.signed_again(1, second, approver=spelling)
    assert "can not approve twice" in case.refused(
        pair, registry={**case.registry, second.key_id: key}
    )


def test_the_same_key_twice_is_refused(case: Case) -> None:
    ann = case.approvers.keys[Gate.SG_1]
    registry = case.key(Gate.SG_1, gates=frozenset(Gate))
    assert "can not approve twice" in case.refused(
        case.signed_again(1, ann, approver="Ann"), registry=registry
    )


def test_the_same_nonce_twice_is_refused(case: Case) -> None:
    assert "can not approve twice" in case.refused(
        case.signed_again(1, nonce=case.one.statement.nonce)
    )


@pytest.mark.parametrize("spelling", ["Ann", "ann ", "Ben", "BEN"])
def test_who_submits_can_not_approve(case: Case, spelling: str) -> None:
    pair = [signed.envelope() for signed in case.approvers.sign(EFFECT, NOW, submitter=spelling)]
    assert "has submitted this run and so can not approve it" in case.refused(pair, actor=spelling)


def test_who_starts_the_run_is_who_submitted_it(case: Case) -> None:
    assert "this one was started by somebody" in case.refused(case.pair, actor="somebody")
    assert "approves a run by somebody" in case.refused(case.signed_again(1, submitter="somebody"))


@pytest.mark.parametrize("number", [0, 1])
def test_times_are_kept_to_the_second(case: Case, number: int) -> None:
    def signed(approve_by: datetime, execute_by: datetime) -> list[str]:
        return case.signed_again(number, approve_by=approve_by, execute_by=execute_by)

    hour, longest = NOW + timedelta(hours=1), NOW + LONGEST_VALIDITY
    for good in ((NOW + SECOND, hour), (hour, hour), (hour, longest), (longest, longest)):
        assert len(case.judged(signed(*good))) == 2
    for wrong in (
        (NOW, hour),
        (NOW - SECOND, hour),
        (hour, hour - SECOND),
        (hour, longest + SECOND),
    ):
        assert "has expired or is valid for too long" in case.refused(signed(*wrong))


def test_a_pair_expires_by_the_clock_that_it_is_judged_by(case: Case) -> None:
    until = case.one.statement.approve_by
    assert len(case.judged(case.pair, now=until - timedelta(microseconds=1))) == 2
    assert "has expired" in case.refused(case.pair, now=until)


def test_a_key_counts_from_its_first_to_its_last_moment(case: Case) -> None:
    good = [
        {"valid_from": NOW},
        {"valid_until": NOW + timedelta(microseconds=1)},
        {"retired_at": NOW + SECOND},
    ]
    for changes in good:
        assert len(case.judged(case.pair, registry=case.key(Gate.SG_1, **changes))) == 2
    wrong = [
        {"valid_from": NOW + timedelta(microseconds=1)},
        {"valid_until": NOW},
        {"retired_at": NOW},
        {"retired_at": NOW - timedelta(days=400)},
    ]
    for changes in wrong:
        assert "does not count any more, or not yet" in case.refused(
            case.pair, registry=case.key(Gate.SG_1, **changes)
        )


def test_a_key_that_nobody_registered_is_refused(case: Case) -> None:
    unknown = ApproverSigner(Ed25519PrivateKey.generate())
    for wrong in (case.signed_again(0, unknown), case.signed_again(1, unknown)):
        assert "is not an approver's" in case.refused(wrong)
    assert "is not an approver's" in case.refused(case.pair, registry={})


def test_a_statement_that_names_another_key_than_signed_it_is_refused(case: Case) -> None:
    """Else the database, which reads the statement, would put the approval down to a key that never
    signed it.
    """
    named = dataclasses.replace(case.other.statement, key_id=case.approvers.keys[Gate.SG_1].key_id)
    assert "is not an approver's" in case.refused(
        [case.pair[0], case.approvers.keys[Gate.SG_2].sign(named).envelope()]
    )


def test_a_signature_by_another_registered_key_is_refused(case: Case) -> None:
    other = case.approvers.keys[Gate.SG_1].sign(case.other.statement)
    forged = dataclasses.replace(case.other, signature=other.signature)
    assert "does not cover what it is attached to" in case.refused(
        [case.pair[0], forged.envelope()]
    )


class RawSigner:
    """Signs whatever bytes it is given, as a confused or tricked signer would."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.public_key = self.key.public_key().public_bytes_raw()
        self.key_id = hashlib.sha256(self.public_key).hexdigest()


@pytest.mark.parametrize("how", ["payload alone", "another type", "hashed", "without lengths"])
def test_bytes_that_were_signed_as_something_else_are_no_approval(case: Case, how: str) -> None:
    ben = RawSigner()
    key = ApproverKey(
        ben.key_id,
        "Ben",
        ben.public_key,
        frozenset({Gate.SG_2}),
        NOW - timedelta(days=1),
        NOW + timedelta(days=1),
    )
    registry = {**case.registry, ben.key_id: key}
    payload = dataclasses.replace(case.other.statement, key_id=ben.key_id).canonical_bytes()
    good = SignedApproval(
        payload, ben.key_id, ben.key.sign(dsse.signed_bytes(PAYLOAD_TYPE, payload))
    )
    assert len(case.judged([case.pair[0], good.envelope()], registry=registry)) == 2
    confused = {
        "payload alone": payload,
        "another type": dsse.signed_bytes("application/vnd.in-toto+json", payload),
        "hashed": hashlib.sha256(dsse.signed_bytes(PAYLOAD_TYPE, payload)).digest(),
        "without lengths": f"DSSEv1 {PAYLOAD_TYPE} ".encode() + payload,
    }[how]
    forged = SignedApproval(payload, ben.key_id, ben.key.sign(confused))
    assert "does not cover" in case.refused([case.pair[0], forged.envelope()], registry=registry)


def test_a_document_of_another_type_is_no_approval_even_with_a_good_signature(case: Case) -> None:
    content = json.loads(case.pair[1])
    content["payloadType"] = "text/plain"
    signature = Ed25519PrivateKey.generate().sign(
        dsse.signed_bytes("text/plain", case.other.payload)
    )
    content["signatures"][0]["sig"] = base64.b64encode(signature).decode()
    assert "another kind" in case.refused(
        [case.pair[0], json.dumps(content, separators=(",", ":"))]
    )
