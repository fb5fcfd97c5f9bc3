"""A policy can only ask for more, says what is missing, and counts by its signature alone."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.home.approvals import keep_approval, kept_approvals
from adapters.keys.signing import signature_is_valid
from domain.approval.approvals import GATES_OF, Effect, Gate
from domain.approval.gates import gate_left, those_that_count
from domain.approval.policy import parse_policy, require_met
from domain.approval.signed_policy import (
    PAYLOAD_TYPE,
    SignedPolicy,
    policy_from_envelope,
    policy_statement,
)
from domain.errors import ApprovalRefused, BadInput
from domain.phases import Kind
from tests.support.approvers import Approvers
from tests.support.policies import BOARD

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
POLICY = parse_policy(BOARD)
CUT = Kind.CUT


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[rules]\ndefault = {any = 1}", "asks for 1; it has to ask for 2 to 16"),
        ("[rules]\ndefault = {any = 17}", "asks for 17"),
        ("[rules]\nlaw = {any = 2}", "has a rule default"),
        ("[rules]\ndefault = {any = 2}\nlaws = {any = 2}", "'laws' can have no rule"),
        ("[rules]\ndefault = {board = 2}", "asks for 2 of board, which has 0"),
        ("[rules]\ndefault = {any = 3, any = 1}", "no TOML"),
        ("[rules]\ndefault = {any = -2}", "says of each group how many"),
        ("[rules]\ndefault = {any = true}", "says of each group how many"),
        ("[rules]\ndefault = 2", "says of each group how many"),
        ('[groups]\na = ["Ann"]\n[rules]\ndefault = {a = 2}', "asks for 2 of a, which has 1"),
        ('[groups]\na = ["Ann", "ANN "]\n[rules]\ndefault = {a = 2}', "one person twice"),
        ('[groups]\nany = ["Ann"]\n[rules]\ndefault = {any = 2}', "can not be called 'any'"),
        ("[groups]\na = []\n[rules]\ndefault = {any = 2}", "is a list of people's names"),
        (
            '[groups]\na = ["Ann"]\nb = ["ann"]\n[rules]\ndefault = {a = 1, b = 1}',
            "in two groups of the rule default",
        ),
        ("[rules]\ndefault = {any = 2}\n[more]", "and nothing else"),
    ],
)
def test_what_can_be_no_policy_is_named(text: str, fault: str) -> None:
    with pytest.raises(BadInput, match=fault.replace("[", r"\[")):
        parse_policy(text)


@pytest.mark.parametrize(
    ("people", "missing"),
    [
        ([], ("1 more of board", "2 more of legal")),
        (["Ann", "Ben"], ("1 more of board",)),
        (["Ann", "Cara"], ("1 more of legal",)),
        (["Ann", "ANN", "Cara"], ("1 more of legal",)),
        (["Ann", "Cara", "Dan"], ("1 more of legal",)),
        (["Ann", "Ben", "Dan"], ()),
        (["Ann", "Ben", "Dan", "Eve"], ()),
    ],
)
def test_what_is_missing_is_said(people: list[str], missing: tuple[str, ...]) -> None:
    assert POLICY.missing(CUT, "law", people) == missing
    if missing:
        with pytest.raises(ApprovalRefused, match=" and ".join(missing)):
            require_met(POLICY, CUT, "law", people)
    else:
        require_met(POLICY, CUT, "law", people)


def test_what_has_no_rule_goes_by_the_default_and_a_revert_by_its_own() -> None:
    assert POLICY.missing(CUT, "decree", ["Eve"]) == ("1 more of any group",)
    assert POLICY.missing(Kind.REVERT, "", ["Eve", "Fay"]) == ()
    own = parse_policy(BOARD + "revert = { board = 2 }")
    assert own.missing(Kind.REVERT, "", ["Ann", "Dan"]) == ("1 more of board",)
    assert own.missing(Kind.REVISION, "law", ["Ann", "Ben", "Dan"]) == ()


def test_approvals_that_name_no_publication_type_count_under_no_policy() -> None:
    require_met(None, CUT, "", ["Ann", "Ben"])
    with pytest.raises(ApprovalRefused, match="do not say the publication type"):
        require_met(POLICY, CUT, "", ["Ann", "Ben", "Cara"])


@pytest.mark.parametrize("people", [["Ann"], ["Ann", "Ben", "Cara"]])
def test_without_a_policy_two_people_approve(people: list[str]) -> None:
    with pytest.raises(ApprovalRefused, match="2 people approve"):
        require_met(None, CUT, "law", people)


def test_rules_that_nobody_could_meet_are_named() -> None:
    assert POLICY.unmet(["Ann", "Ben"]) == ["law would wait for 1 more of board"]
    assert POLICY.unmet(["Ann", "Ben", "Cara"]) == []


def signed(approvers: Approvers, gate: Gate = Gate.SG_3, person: str = "Ann") -> SignedPolicy:
    said = policy_statement("here", person, NOW, POLICY)
    envelope = approvers.keys[gate].envelope(PAYLOAD_TYPE, said)
    return SignedPolicy(envelope.payload, envelope.key_id, envelope.signature)


def test_only_what_sg_3_has_signed_for_this_database_counts() -> None:
    approvers = Approvers()
    keys, one = approvers.registry(NOW), signed(approvers)
    assert policy_from_envelope(one.envelope()) == one
    assert one.judge("here", keys, signature_is_valid) == POLICY
    by_ben = signed(approvers, Gate.SG_2, "Ben")
    ann = keys[one.key_id]
    for wrong, target, registry, why in (
        (one, "elsewhere", keys, "for another database"),
        (one, "here", {}, "not signed by a registered key"),
        (replace(one, signature=bytes(64)), "here", keys, "not signed by a registered key"),
        (replace(one, payload=one.payload + b" "), "here", keys, "can not be read"),
        (replace(one, payload=b"{}"), "here", keys, "can not be read"),
        (by_ben, "here", keys, "may not sign for SG_3"),
        (signed(approvers, person="Ben"), "here", keys, "may not sign for SG_3"),
        (one, "here", {ann.key_id: replace(ann, retired_at=NOW)}, "may not sign for SG_3"),
    ):
        with pytest.raises(ApprovalRefused, match=why):
            wrong.judge(target, registry, signature_is_valid)
    later = {ann.key_id: replace(ann, retired_at=NOW + timedelta(seconds=1))}
    assert one.judge("here", later, signature_is_valid) == POLICY


class Standing:
    """An approval as far as the choice of a gate looks at it."""

    def __init__(self, person: str, gate: Gate) -> None:
        self.approver, self.gate, self.key_id = person, gate, person
        self.submitter, self.nonce, self.approve_by, self.execute_by = "x", "0", NOW, NOW


def test_a_gate_is_left_as_long_as_the_policy_asks_for_the_person() -> None:
    approvers = Approvers()
    keys = approvers.registry(NOW)
    cara = replace(
        keys[approvers.keys[Gate.SG_2].key_id], key_id="Cara", person="Cara", gates=GATES_OF[CUT]
    )
    both = [Standing("Ann", Gate.SG_1), Standing("Ben", Gate.SG_2)]
    runs = [(CUT, "law")]
    assert gate_left(cara, GATES_OF[CUT], both[1:], None, runs) is Gate.SG_1
    assert gate_left(cara, GATES_OF[CUT], both, POLICY, runs) is Gate.SG_1
    with pytest.raises(BadInput, match="may sign for SG_1, SG_2"):
        gate_left(cara, GATES_OF[CUT], [], POLICY, runs)
    for policy, who in ((None, cara), (POLICY, replace(cara, person="Eve"))):
        with pytest.raises(ApprovalRefused, match="Nothing is left"):
            gate_left(who, GATES_OF[CUT], both, policy, runs)
    with pytest.raises(ApprovalRefused, match="Nothing is left"):
        gate_left(cara, GATES_OF[CUT], both, POLICY, [(CUT, "decree")])


def test_of_each_key_the_last_approval_stands_beside_those_of_others(tmp_path: Path) -> None:
    approvers, effect = Approvers(), Effect(CUT, uuid.UUID(int=7), "law", *3 * ("a" * 64,), 1, 1)
    ann, ben = approvers.sign(effect, NOW)
    keep_approval(tmp_path, ann)  # before there was a policy
    keep_approval(tmp_path, ben, beside=True)
    again = approvers.sign_one(effect, Gate.SG_1, NOW)
    keep_approval(tmp_path, again, beside=True)
    other_gate = replace(ben.statement, gate=Gate.SG_1)
    last = approvers.keys[Gate.SG_2].sign(other_gate)
    keep_approval(tmp_path, last, beside=True)
    kept = kept_approvals(tmp_path, effect.change_set_id)
    assert sorted(one.payload for one in kept) == sorted([again.payload, last.payload])


def test_what_ran_out_or_whose_key_was_retired_holds_the_others_not_up() -> None:
    approvers, effect = Approvers(), Effect(CUT, uuid.UUID(int=7), "law", *3 * ("a" * 64,), 1, 1)
    keys, pair = approvers.registry(NOW), approvers.sign(effect, NOW)
    ann = pair[0].key_id
    assert those_that_count(pair, keys, NOW) == pair
    assert those_that_count(pair, keys, NOW + timedelta(hours=1)) == []
    assert those_that_count(pair, keys | {ann: replace(keys[ann], retired_at=NOW)}, NOW) == pair[1:]
    assert those_that_count(pair, {}, NOW) == []
