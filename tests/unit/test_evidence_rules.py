"""A bundle that its own executor has re-sealed after a change: what is inside still has to fit,
rule by rule.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from adapters.evidence.verify import verify
from adapters.keys.signing import signature_is_valid
from domain.approval.approvals import Gate
from domain.change_set import CutContext, fingerprint_from
from domain.evidence.bundle import Bundle, Outcome, Verdict
from domain.evidence.case import Case, Fault
from domain.evidence.ledger_rules import history, rows
from domain.evidence.rules import RULES, examine
from domain.ledger.signed import HistoryRow
from domain.phases import Kind, Mode, Phase
from domain.plan.cut_plan import CutPlan, Gap
from tests.support.evidence import (
    BEGIN,
    TARGET,
    made_bundle,
    made_permit,
    new_keys,
    rechained,
    sealed,
    signed_approval,
    signed_halves,
)
from tests.support.plans import context

KEYS = new_keys()
GOOD = made_bundle(KEYS)
Tamper = Callable[[Bundle], Bundle]


def fails(bundle: Bundle) -> set[str]:
    """The rules that do not hold."""
    return {
        check.name
        for check in examine(bundle, signature_is_valid)
        if check.outcome is Outcome.FAILS
    }


def cut_plan(bundle: Bundle) -> CutPlan:
    """The plan of a bundle that is a cut's."""
    assert isinstance(bundle.plan, CutPlan)
    return bundle.plan


def ctx(bundle: Bundle = GOOD) -> CutContext:
    return context(cut_plan(bundle), Mode.LIVE, TARGET)


def run(**changed: Any) -> Tamper:
    return lambda b: replace(b, run=replace(b.run, **changed))


def digests(**changed: Any) -> Tamper:
    return lambda b: replace(b, digests=replace(b.digests, **changed))


def verification(**changed: Any) -> Tamper:
    return lambda b: replace(b, verification=b.verification and replace(b.verification, **changed))


def result(phase: Phase, **changed: Any) -> Tamper:
    """Change what the journal says a phase has answered."""

    def change(b: Bundle) -> Bundle:
        found = tuple(
            replace(row, result={**row.result, **changed}) if row.phase == phase else row
            for row in b.results
        )
        return replace(b, results=found)

    return change


def phase_row(phase: Phase, **changed: Any) -> Tamper:
    return lambda b: replace(
        b, results=tuple(replace(r, **changed) if r.phase == phase else r for r in b.results)
    )


def half(name: str, **changed: Any) -> Tamper:
    return lambda b: replace(
        b, halves=tuple(replace(h, **changed) if h.half == name else h for h in b.halves)
    )


def key(whose: str, **changed: Any) -> Tamper:
    return lambda b: replace(
        b, keys=tuple(replace(k, **changed) if k.principal == whose else k for k in b.keys)
    )


def permit(**changed: Any) -> Tamper:
    return lambda b: replace(b, permits=(replace(b.permits[0], **changed),))


def statements(**changed: Any) -> Tamper:
    """Both approvals say something else, and are signed by their approvers all the same."""
    return lambda b: replace(b, permits=(made_permit(ctx(b), cut_plan(b), KEYS, **changed),))


def approvals(*which: tuple[Gate, str, str]) -> Tamper:
    """These approvals instead: gate, person, and whose key."""

    def change(b: Bundle) -> Bundle:
        signed = tuple(
            signed_approval(
                ctx(b),
                cut_plan(b),
                gate,
                person,
                getattr(KEYS, owner),
                nonce=hashlib.sha256(person.encode()).hexdigest()[:32],
            )
            for gate, person, owner in which
        )
        return permit(approvals=signed)(b)

    return change


def approver_key(**changed: Any) -> Tamper:
    """The first approver's key as registered."""

    def change(b: Bundle) -> Bundle:
        first, second = b.permits[0].approvals
        return permit(approvals=(replace(first, **changed), second))(b)

    return change


def own_step(number: int, **changed: Any) -> Tamper:
    """One step of the history is another, and the whole chain and its head are made anew."""

    def change(b: Bundle) -> Bundle:
        chain = list(b.history)
        chain[number - 1] = replace(chain[number - 1], **changed)
        made = rechained(chain)
        assert b.chain_head is not None
        head = replace(b.chain_head, chain_no=made[-1].chain_no, row_sha256=made[-1].row_sha256)
        return replace(b, history=made, chain_head=head)

    return change


def signed_anew(**changed: Any) -> Tamper:
    """The record says something else, and both principals have signed it: what two stolen keys
    could do.
    """

    def change(b: Bundle) -> Bundle:
        assert b.change_set is not None
        assert b.change_set.record is not None
        record = replace(b.change_set.record, **changed)
        halves = signed_halves(record, cut_plan(b).text_sha256, KEYS)
        b = replace(b, change_set=replace(b.change_set, record=record), halves=halves)
        b = own_step(3, payload_sha256=hashlib.sha256(record.canonical_bytes()).hexdigest())(b)
        for signed, phase, field in zip(
            halves,
            (Phase.LEG_B_RECORD, Phase.WRITE_VERIFY),
            ("executor_signature", "verifier_signature"),
            strict=True,
        ):
            b = result(phase, **{field: in_base64(signed.signature)})(b)
        return b

    return change


def bodies_swapped(b: Bundle) -> Bundle:
    first, second, *rest = cut_plan(b).rows
    return replace(
        b, plan=replace(cut_plan(b), rows=(first._replace(body=first.body[::-1]), second, *rest))
    )


def two_sources(b: Bundle) -> Bundle:
    """A gap's text is another."""
    gap = cut_plan(b).gaps[0]
    return replace(b, plan=replace(cut_plan(b), gaps=(Gap(gap.start, gap.end, gap.text[::-1]),)))


def verifier_for_both(b: Bundle) -> Bundle:
    """The executor's half too is signed with a key that is registered, but for the verifier."""
    assert b.change_set is not None
    assert b.change_set.record is not None
    other = KEYS.authoriser
    first, second = signed_halves(
        b.change_set.record, cut_plan(b).text_sha256, replace(KEYS, executor=other)
    )
    halves = (replace(first, principal="cutter_verify"), second)
    also = replace(b.keys[1], key_id=other.key_id, public_key=other.public_key)
    b = replace(b, halves=halves, keys=(*b.keys, also))
    b = result(Phase.LEG_B_RECORD, executor_signature=in_base64(first.signature))(b)
    return result(Phase.WRITE_VERIFY, verifier_signature=in_base64(second.signature))(b)


def under_another_id(b: Bundle) -> Bundle:
    """An approver's key under an id that is not its own, such as one that somebody has pinned; else
    all is consistent.
    """
    first, second = b.permits[0].approvals

    class Renamed:
        key_id = OTHER
        public_key = KEYS.authoriser.public_key
        sign = KEYS.authoriser.sign

    renamed = signed_approval(
        ctx(b), cut_plan(b), Gate.SG_1, first.person, cast("Any", Renamed), key_id=OTHER
    )
    return permit(approvals=(renamed, second))(b)


def reordered(b: Bundle) -> Bundle:
    """Two phases have changed places, and their times with them."""
    first, second, *rest = b.results
    times = (first.recorded_at, second.recorded_at)
    return replace(
        b,
        results=(
            replace(second, recorded_at=times[0]),
            replace(first, recorded_at=times[1]),
            *rest,
        ),
    )


def without_result(phase: Phase) -> Tamper:
    return lambda b: replace(b, results=tuple(row for row in b.results if row.phase != phase))


def one_key_for_both(b: Bundle) -> Bundle:
    """The executor signs the verifier's half too, with a key that was registered for both."""
    first, second = b.halves
    forged = replace(
        second,
        key_id=first.key_id,
        public_key=first.public_key,
        signature=KEYS.executor.sign(second.payload),
    )
    also = replace(b.keys[0], principal="cutter_verify")
    b = replace(b, halves=(first, forged), keys=(*b.keys, also))
    return result(Phase.WRITE_VERIFY, verifier_signature=in_base64(forged.signature))(b)


def in_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


OTHER = "1" * 64
SOMEBODY = uuid.UUID(int=7)
LATE, EARLY = BEGIN + timedelta(days=400), BEGIN - timedelta(days=400)

TAMPERS: dict[str, tuple[Tamper, set[str]]] = {
    "a run that was no live run": (run(mode="REHEARSE"), {"outcome"}),
    "the run's plan digest": (run(plan_digest=OTHER), {"plan digest"}),
    "the digest in digests.json": (digests(plan=OTHER), {"plan digest"}),
    "a phase's plan digest": (phase_row(Phase.MARK, plan_digest=OTHER), {"plan digest"}),
    "the source text in digests.json": (digests(source_text=OTHER), {"source text"}),
    "the run's change set": (
        run(change_set_id=SOMEBODY),
        {"change set id", "approvals", "change set"},
    ),
    "the run's document": (
        run(document_code="x.law"),
        {"plan digest", "change set id", "approvals", "change set", "history", "chain head"},
    ),
    "the run's attempt": (run(attempt=2), {"change set id", "approvals", "change set"}),
    "the run's target": (
        run(target="knowledge:16400@8"),
        {"change set id", "approvals", "change set"},
    ),
    "a target that is none": (
        run(target="here"),
        {"change set id", "approvals", "change set"},
    ),
    "no permit for a finished run": (
        lambda b: digests(effect_approved=None)(replace(b, permits=())),
        {"approvals"},
    ),
    "the permit was revoked": (permit(revoked_at=BEGIN, used_at=None), {"approvals"}),
    "the permit was never used": (permit(used_at=None), {"approvals"}),
    "the permit is for a revert": (permit(kind=Kind.REVERT), {"approvals"}),
    "the permit ran for longer": (permit(execute_by=BEGIN + timedelta(hours=2)), {"approvals"}),
    "another submitter": (permit(submitter="somebody"), {"approvals"}),
    "one approval only": (lambda b: permit(approvals=b.permits[0].approvals[:1])(b), {"approvals"}),
    "the same approval twice": (
        lambda b: permit(approvals=b.permits[0].approvals[:1] * 2)(b),
        {"approvals"},
    ),
    "two approvals of one person": (
        approvals((Gate.SG_1, "Ann Lee", "authoriser"), (Gate.SG_2, "ann lee", "releaser")),
        {"approvals"},
    ),
    "two approvals with one key": (
        approvals((Gate.SG_1, "Ann Lee", "authoriser"), (Gate.SG_2, "Ben Oak", "authoriser")),
        {"approvals"},
    ),
    "the submitter approves": (
        approvals((Gate.SG_1, "operator", "authoriser"), (Gate.SG_2, "Ben Oak", "releaser")),
        {"approvals"},
    ),
    "the gate of a revert": (
        approvals((Gate.SG_3, "Ann Lee", "authoriser"), (Gate.SG_2, "Ben Oak", "releaser")),
        {"approvals"},
    ),
    "approvals of another change set": (statements(change_set_id=SOMEBODY), {"approvals"}),
    "approvals of another plan": (statements(plan_digest=OTHER), {"approvals"}),
    "approvals of another effect": (statements(effect_digest=OTHER), {"approvals"}),
    "approvals of another target": (statements(target="x:1@2"), {"approvals"}),
    "approvals of another attempt": (statements(attempt=2), {"approvals"}),
    "approvals of fewer units": (statements(units=1), {"approvals"}),
    "approvals that had expired": (
        statements(approve_by=BEGIN - timedelta(hours=1)),
        {"approvals"},
    ),
    "an approver's key that is another": (
        approver_key(public_key=KEYS.verifier.public_key),
        {"approvals"},
    ),
    "an approver's key under another id": (under_another_id, {"approvals"}),
    "an approver's key for other gates": (approver_key(gates=(Gate.SG_3,)), {"approvals"}),
    "an approver's key of somebody else": (approver_key(person="Cat Elm"), {"approvals"}),
    "an approver's key not valid yet": (approver_key(valid_from=LATE), {"approvals"}),
    "an approver's key retired before": (approver_key(retired_at=EARLY), {"approvals"}),
    "a phase outside the permit's time": (
        phase_row(Phase.LIFECYCLE_ENACT, recorded_at=LATE),
        {"approvals"},
    ),
    "a phase run by somebody else": (phase_row(Phase.MARK, actor="somebody"), {"approvals"}),
    "another approved effect": (permit(effect_digest=OTHER), {"effect digest"}),
    "another planned effect in digests.json": (digests(effect_planned=OTHER), {"effect digest"}),
    "another approved effect in digests.json": (digests(effect_approved=OTHER), {"effect digest"}),
    "another enacted effect in digests.json": (digests(effect_enacted=OTHER), {"effect digest"}),
    "another enacted effect": (
        lambda b: digests(effect_enacted=OTHER)(
            result(Phase.LIFECYCLE_ENACT, effect_digest=OTHER)(b)
        ),
        {"effect digest"},
    ),
    "a phase is missing": (without_result(Phase.PRE_WRITE_BACKUP), {"journal"}),
    "a later phase is missing": (without_result(Phase.WRITE_VERIFY), {"journal"}),
    "the last phase is missing": (
        lambda b: digests(effect_enacted=None)(without_result(Phase.LIFECYCLE_ENACT)(b)),
        {"journal"},
    ),
    "phases in another order, at ascending times": (reordered, {"journal"}),
    "phases in another order": (
        lambda b: replace(b, results=(b.results[1], b.results[0], *b.results[2:])),
        {"journal"},
    ),
    "a phase at an earlier time": (phase_row(Phase.REVIEW, recorded_at=BEGIN), {"journal"}),
    "a phase by the other principal": (
        phase_row(Phase.WRITE_VERIFY, principal="cutter_exec"),
        {"journal"},
    ),
    "no change set on record": (
        lambda b: replace(b, change_set=b.change_set and replace(b.change_set, record=None)),
        {"change set", "rows", "executor's signature", "verifier's signature"},
    ),
    "a record of another change set": (signed_anew(change_set_id=SOMEBODY), {"change set"}),
    "a record of another document": (signed_anew(document_code="x.law"), {"change set"}),
    "a record of another plan": (signed_anew(plan_digest=OTHER), {"change set"}),
    "a record of another target": (signed_anew(target="x:1@2"), {"change set"}),
    "a record of another attempt": (signed_anew(attempt=2), {"change set"}),
    "a record of another number of units": (signed_anew(unit_count=9), {"change set"}),
    "a record of another entry": (signed_anew(entry_id=SOMEBODY), {"change set"}),
    "a record by somebody else": (signed_anew(actor="somebody"), {"change set"}),
    "a record of another manifest": (signed_anew(envelope_id=SOMEBODY), {"results"}),
    "a record of another decision": (signed_anew(decision_id=SOMEBODY), {"results"}),
    "a record of other rows": (signed_anew(rows_sha256=OTHER), {"rows"}),
    "the rows' digest in digests.json": (digests(rows=OTHER), {"rows"}),
    "a row less": (lambda b: replace(b, rows=b.rows[:-1]), {"rows", "results"}),
    "rows in another order": (
        lambda b: replace(b, rows=(b.rows[1], b.rows[0], *b.rows[2:])),
        {"rows", "results"},
    ),
    "a row with another hash": (
        lambda b: replace(b, rows=(replace(b.rows[0], body_sha256=OTHER), *b.rows[1:])),
        {"rows"},
    ),
    "a row of another unit": (
        lambda b: replace(b, rows=(replace(b.rows[0], unit_id=SOMEBODY), *b.rows[1:])),
        {"rows", "results"},
    ),
    "a row that was withdrawn": (
        lambda b: replace(b, rows=(replace(b.rows[0], action="withdrawn"), *b.rows[1:])),
        {"rows"},
    ),
    "the executor has not signed": (
        lambda b: replace(b, halves=b.halves[1:]),
        {"executor's signature", "verifier's signature"},
    ),
    "the verifier has not signed": (
        lambda b: replace(b, halves=b.halves[:1]),
        {"verifier's signature"},
    ),
    "the executor has signed twice": (
        lambda b: replace(b, halves=(b.halves[0], *b.halves)),
        {"executor's signature", "verifier's signature"},
    ),
    "the executor's half is the verifier's": (
        half("executor", principal="cutter_verify"),
        {"executor's signature"},
    ),
    "the executor's signature": (
        lambda b: result(Phase.LEG_B_RECORD, executor_signature=in_base64(bytes(64)))(
            half("executor", signature=bytes(64))(b)
        ),
        {"executor's signature", "verifier's signature"},
    ),
    "the verifier's signature": (
        lambda b: result(Phase.WRITE_VERIFY, verifier_signature=in_base64(bytes(64)))(
            half("verifier", signature=bytes(64))(b)
        ),
        {"verifier's signature"},
    ),
    "the bytes that the executor signed": (
        half("executor", payload=b"x"),
        {"executor's signature"},
    ),
    "the bytes that the verifier signed": (
        half("verifier", payload=b"x"),
        {"verifier's signature"},
    ),
    "the hash of what was signed": (
        half("verifier", payload_sha256=OTHER),
        {"verifier's signature"},
    ),
    "a key that is not registered": (
        lambda b: replace(b, keys=b.keys[:1]),
        {"verifier's signature"},
    ),
    "a key registered for the other": (
        key("cutter_verify", principal="cutter_exec"),
        {"verifier's signature"},
    ),
    "a key registered later": (key("cutter_exec", registered_at=LATE), {"executor's signature"}),
    "a key retired before": (key("cutter_exec", retired_at=EARLY), {"executor's signature"}),
    "both halves by keys of the verifier": (verifier_for_both, {"executor's signature"}),
    "one key for both halves": (one_key_for_both, {"verifier's signature"}),
    "no verification": (
        lambda b: replace(b, verification=None),
        {"verification", "verifier's signature"},
    ),
    "another verdict": (verification(verdict="failed"), {"verification"}),
    "fewer units expected": (verification(expected_units=1), {"verification"}),
    "fewer units found": (verification(found_units=1), {"verification"}),
    "another source text verified": (
        verification(source_sha256=OTHER),
        {"verification", "verifier's signature", "history"},
    ),
    "verified by the executor": (verification(verified_by="cutter_exec"), {"verification"}),
    "another entry marked": (result(Phase.MARK, entry_id=str(SOMEBODY)), {"results"}),
    "another number of blocks": (result(Phase.REVIEW, unit_blocks=1), {"results"}),
    "another number of gaps": (result(Phase.REVIEW, gap_blocks=0), {"results"}),
    "other units created": (result(Phase.CUT_LEG_A, units_sha256=OTHER), {"results"}),
    "another executor's signature answered": (
        result(Phase.LEG_B_RECORD, executor_signature=""),
        {"results"},
    ),
    "another verifier's signature answered": (
        result(Phase.WRITE_VERIFY, verifier_signature=""),
        {"results"},
    ),
    "another number enacted": (result(Phase.LIFECYCLE_ENACT, enacted=1), {"results"}),
    "another lifecycle": (result(Phase.LIFECYCLE_ENACT, lifecycle="draft"), {"results"}),
    "a step by somebody else": (
        lambda b: replace(
            b, history=(b.history[0], replace(b.history[1], actor="somebody"), *b.history[2:])
        ),
        {"history"},
    ),
    "no history": (lambda b: replace(b, history=(), chain_head=None), {"history"}),
    "a step less at the end": (
        lambda b: replace(b, history=b.history[:-1]),
        {"history", "chain head"},
    ),
    "a step less in the middle": (
        lambda b: replace(b, history=(*b.history[:2], *b.history[3:])),
        {"history"},
    ),
    "steps in another order": (
        lambda b: replace(b, history=(b.history[1], b.history[0], *b.history[2:])),
        {"history"},
    ),
    "a history of another document": (
        own_step(1, document_code="x.law"),
        {"history"},
    ),
    "a history without the entry": (
        lambda b: [b := own_step(n, entry_id=SOMEBODY)(b) for n in range(1, 6)][-1],
        {"history"},
    ),
    "a step to somewhere else": (own_step(2, to_status="superseded"), {"history"}),
    "a step by the other principal": (own_step(4, principal="cutter_exec"), {"history"}),
    "a step about another plan": (own_step(1, payload_sha256=OTHER), {"history"}),
    "a step about another change set": (own_step(3, payload_sha256=OTHER), {"history"}),
    "a step about another source text": (own_step(4, payload_sha256=OTHER), {"history"}),
    "no chain head": (lambda b: replace(b, chain_head=None), {"chain head"}),
    "another chain head": (
        lambda b: replace(b, chain_head=b.chain_head and replace(b.chain_head, row_sha256=OTHER)),
        {"chain head"},
    ),
    "a chain head further on": (
        lambda b: replace(b, chain_head=b.chain_head and replace(b.chain_head, chain_no=6)),
        {"chain head"},
    ),
}


def test_every_rule_holds_for_a_good_bundle() -> None:
    assert [check.name for check in examine(GOOD, signature_is_valid)] == list(RULES)
    assert fails(GOOD) == set()


def test_one_is_said_as_one() -> None:
    """A plan of one article below its chapter has a gap in front."""
    said = {one.name: one.evidence for one in examine(made_bundle(KEYS, 1), signature_is_valid)}
    assert said["plan digest"].endswith(" over 2 rows and 1 gap")
    assert said["change set"].startswith("2 units for ")


def test_a_bundle_from_a_database_that_came_back_proves_the_run_and_says_where_it_was_read() -> (
    None
):
    head = GOOD.chain_head
    assert head is not None
    elsewhere = replace(GOOD, chain_head=replace(head, target="restored:1@2"))
    report = verify(sealed(elsewhere, KEYS))
    assert report.verdict is Verdict.PROVED
    (said,) = (check.evidence for check in report.checks if check.name == "chain head")
    assert "read in restored:1@2, which is not the run's database" in said
    (said,) = (
        check.evidence for check in verify(sealed(GOOD, KEYS)).checks if check.name == "chain head"
    )
    assert "read in" not in said


@pytest.mark.parametrize("name", TAMPERS)
def test_a_change_is_found_by_its_rule(name: str) -> None:
    tamper, expected = TAMPERS[name]
    changed = tamper(GOOD)
    assert changed != GOOD
    assert fails(changed) == expected
    assert verify(sealed(changed, KEYS)).verdict is Verdict.BROKEN, "the seal itself is right"


@pytest.mark.parametrize(
    "text", ["", "kb", "kb:1", "kb@2", "kb:01@2", "kb:1@02", "kb:-1@2", "kb:1@2 ", ":1@2", "kb:1@x"]
)
def test_a_target_has_one_spelling(text: str) -> None:
    assert str(fingerprint_from(str(TARGET))) == str(TARGET)
    with pytest.raises(ValueError, match="target"):
        fingerprint_from(text)


def test_every_rule_alone_finds_something() -> None:
    """A rule that never was the only one to object could go and nobody would notice."""
    alone = {name for _, found in TAMPERS.values() if len(found) == 1 for name in found}
    assert alone == set(RULES) - {"change set id"}


def test_a_change_set_id_that_is_made_of_something_else_is_found_by_its_rule_alone() -> None:
    """Approved, recorded and signed by everybody, but not the id of this cut: it could not be found
    again by planning.
    """
    made = made_bundle(KEYS)
    other = replace(ctx(made), change_set_id=SOMEBODY)
    changed = replace(
        run(change_set_id=SOMEBODY)(signed_anew(change_set_id=SOMEBODY)(made)),
        permits=(made_permit(other, cut_plan(made), KEYS),),
    )
    assert fails(changed) == {"change set id"}


@pytest.mark.parametrize("tamper", [bodies_swapped, two_sources])
def test_a_plan_with_another_text_is_found(tamper: Tamper) -> None:
    assert {"source text", "plan digest"} <= fails(tamper(GOOD))


def test_a_plan_that_loses_text_is_found_though_everything_else_was_made_from_it() -> None:
    """A forger who controls everything makes a plan that does not rebuild its own text."""
    made = made_bundle(KEYS)
    lossy = replace(cut_plan(made), text_sha256=OTHER)
    assert "source text" in fails(replace(made, plan=lossy))


@pytest.mark.parametrize("units", [150, pytest.param(1000, marks=pytest.mark.slow)])
def test_any_record_of_a_large_bundle_is_found_by_what_is_inside(units: int) -> None:
    """The index would be sealed anew, so only the digests and links within can tell.

    Each row and each link in turn.
    """
    large = made_bundle(KEYS, units)
    assert len(large.rows) > units
    for at, row in enumerate(large.rows):
        before, after = large.rows[:at], large.rows[at + 1 :]
        edited = (
            (*before, *after),
            (*before, row, row, *after),
            before,
            (*before, *after[:1], row, *after[1:]),
            (*before, replace(row, version_id=SOMEBODY), *after),
        )[at % 5]
        if edited != large.rows:
            with pytest.raises(Fault):
                rows(Case(replace(large, rows=edited), signature_is_valid))


@pytest.mark.parametrize("links", [150, pytest.param(1000, marks=pytest.mark.slow)])
def test_any_link_of_a_long_history_is_found(links: int) -> None:
    first = GOOD.history[0]
    others = [
        replace(
            first, entry_id=SOMEBODY, chain_no=number, recorded_at=BEGIN + timedelta(seconds=number)
        )
        for number in range(1, links + 1)
    ]
    own = [replace(row, chain_no=row.chain_no + links) for row in GOOD.history]
    chain: tuple[HistoryRow, ...] = rechained([*others, *own])
    long = replace(GOOD, history=chain)
    history(Case(long, signature_is_valid))
    for at, row in enumerate(chain):
        before, after = chain[:at], chain[at + 1 :]
        edited = (
            (*before, *after),
            (*before, row, row, *after),
            (*before, *after[:1], row, *after[1:]),
            (*before, replace(row, actor="somebody"), *after),
            before,
        )[at % 5]
        if edited != chain:
            with pytest.raises(Fault):
                history(Case(replace(long, history=edited), signature_is_valid))


@pytest.mark.parametrize("units", [150, pytest.param(1000, marks=pytest.mark.slow)])
def test_any_row_of_a_large_plan_is_in_its_digest(units: int) -> None:
    plan = cut_plan(made_bundle(KEYS, units))
    digest = plan.plan_digest
    for at, row in enumerate(plan.rows):
        changed = replace(
            plan, rows=(*plan.rows[:at], row._replace(title=row.title + "."), *plan.rows[at + 1 :])
        )
        assert changed.plan_digest != digest, at


PARTS: dict[str, Tamper] = {
    "stopped after leg A": lambda b: replace(
        b,
        results=b.results[:4],
        rows=(),
        halves=(),
        verification=None,
        change_set=b.change_set and replace(b.change_set, status="reviewed", record=None),
        history=b.history[:2],
        chain_head=b.chain_head
        and replace(b.chain_head, chain_no=2, row_sha256=b.history[1].row_sha256),
        digests=replace(b.digests, rows=None, effect_enacted=None),
        permits=(replace(b.permits[0], used_at=None),),
        run=replace(b.run, stopped="The connection was lost."),
    ),
    "the database was not asked": lambda b: replace(
        b,
        permits=(),
        results=(),
        rows=(),
        halves=(),
        verification=None,
        change_set=None,
        keys=(),
        history=(),
        chain_head=None,
        digests=replace(b.digests, rows=None, effect_approved=None, effect_enacted=None),
        run=replace(b.run, database_asked=False, stopped="The database does not answer."),
    ),
}


UNSIGNED = {
    "outcome",
    "effect digest",
    "change set",
    "rows",
    "executor's signature",
    "verifier's signature",
    "verification",
}
ABSENT = {
    "stopped after leg A": UNSIGNED | {"journal"},
    "the database was not asked": UNSIGNED
    | {"index", "approvals", "journal", "results", "history", "chain head"},
}


@pytest.mark.parametrize("name", PARTS)
def test_an_unfinished_run_is_marked_and_what_is_there_is_verified(name: str) -> None:
    torn = PARTS[name](GOOD)
    report = verify(sealed(torn, KEYS))
    assert report.verdict is Verdict.UNFINISHED
    assert report.verdict.exit_status == 4
    assert {check.name for check in report.checks if check.outcome is Outcome.ABSENT} == ABSENT[
        name
    ]
    (outcome,) = (check for check in report.checks if check.name == "outcome")
    assert outcome.evidence.startswith("UNFINISHED")
    assert torn.run.stopped is not None
    assert torn.run.stopped in outcome.evidence
    assert verify(sealed(run(plan_digest=OTHER)(torn), KEYS)).verdict is Verdict.BROKEN


def test_a_run_whose_permit_was_revoked_is_not_shown_as_approved() -> None:
    halted = replace(
        PARTS["stopped after leg A"](GOOD),
        permits=(replace(GOOD.permits[0], used_at=None, revoked_at=BEGIN),),
    )
    (found,) = (check for check in examine(halted, signature_is_valid) if check.name == "approvals")
    assert (found.outcome, found.evidence) == (
        Outcome.ABSENT,
        "every permit of this change set was revoked",
    )


def test_an_unfinished_run_can_not_be_passed_off_as_finished() -> None:
    torn = PARTS["stopped after leg A"](GOOD)
    assert torn.change_set is not None
    posing = replace(torn, change_set=replace(torn.change_set, status="enacted"))
    assert len(fails(posing)) > 5


def test_a_bundle_that_somebody_made_up_whole_is_found_by_pinned_keys_only() -> None:
    forged = new_keys()
    contents = sealed(made_bundle(forged), forged)
    report = verify(contents)
    assert report.verdict is Verdict.PROVED, "in itself it is right"
    assert len(report.unpinned) == 5, "and says that nobody has vouched for any key"
    pins = {KEYS.executor.key_id, KEYS.verifier.key_id}
    assert verify(contents, pins).verdict is Verdict.BROKEN
    pinned = verify(sealed(GOOD, KEYS), pins)
    assert pinned.verdict is Verdict.PROVED
    assert [check.outcome for check in pinned.checks if check.name == "pinned keys"] == [
        Outcome.HOLDS
    ]
    assert [key.split()[0] for key in pinned.unpinned] == ["approver", "approver"]


@pytest.mark.parametrize("left_out", ["executor", "verifier"])
def test_both_principals_keys_have_to_be_among_the_pinned(left_out: str) -> None:
    pins = {KEYS.executor.key_id, KEYS.verifier.key_id} - {getattr(KEYS, left_out).key_id}
    report = verify(sealed(GOOD, KEYS), pins)
    assert [check.name for check in report.checks if check.outcome is Outcome.FAILS] == [
        "pinned keys"
    ]


def test_a_seal_with_a_stranger_key_is_found_by_pins_even_if_both_halves_are_right() -> None:
    """The forger registers a key of their own in the bundle and seals with it."""
    stranger = new_keys()
    registered = replace(
        GOOD,
        keys=(
            *GOOD.keys,
            replace(
                GOOD.keys[0],
                key_id=stranger.executor.key_id,
                public_key=stranger.executor.public_key,
            ),
        ),
    )
    contents = sealed(registered, stranger)
    assert verify(contents).verdict is Verdict.PROVED
    assert verify(contents, {KEYS.executor.key_id, KEYS.verifier.key_id}).verdict is Verdict.BROKEN
