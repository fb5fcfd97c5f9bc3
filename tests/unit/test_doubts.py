"""A plan with doubts goes no further than a dry run until each of their codes is accepted by name,
and what is signed names the doubts.
"""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.evidence.files import decode_plan, encode_plan
from adapters.home.plans import forget_plans, load_plan, save_plan
from adapters.keys.signing import signature_is_valid
from adapters.review_page.render import render_review
from domain.approval.approvals import Effect, judge, parse_statement
from domain.approval.request import cut_effect
from domain.digests import text_sha256
from domain.errors import ApprovalRefused, BadInput, DoubtsNotAccepted
from domain.phases import Kind, Mode
from domain.plan.accepting import left_out_of_shape, refuse_others, require_accepted
from domain.plan.cut_plan import CutPlan, Gap
from domain.plan.shape import shape_doubts
from domain.reading.doubts import (
    DOUBTS,
    NO_ACCOUNT,
    AccountedPart,
    Doubt,
    LineAccount,
    UnexplainedLine,
    signed_doubts,
)
from tests.support.approvers import Approvers
from tests.support.plans import context, made_plan
from tests.support.review import review_of

HOLE = Doubt("number-holes", 4, "Article 4 follows Article 2; numbers in between are missing.")
GAP = Doubt("large-gap", 9, "900 characters from here on belong to no unit.")
ACCOUNT = LineAccount(
    (AccountedPart(0, "unit", 6), AccountedPart(60, "list item", 3)),
    (UnexplainedLine(4, "--- Article 3. Fees"),),
)
PLAN = replace(made_plan(6), doubts=(HOLE, GAP), account=ACCOUNT)
CODES = ("large-gap", "number-holes")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_plan_without_doubts_needs_nothing() -> None:
    require_accepted(made_plan(6), ())


@pytest.mark.parametrize("accepted", [(), ("large-gap",), ("number-holes",)])
def test_each_code_has_to_be_accepted(accepted: tuple[str, ...]) -> None:
    with pytest.raises(DoubtsNotAccepted, match="Nothing was written") as refusal:
        require_accepted(PLAN, accepted)
    assert set(refusal.value.codes) == set(CODES) - set(accepted)
    for code in refusal.value.codes:
        assert f"--accept-doubt {code}" in str(refusal.value)
    assert refusal.value.exit_status == 3


def test_all_of_them_accepted_it_goes_on() -> None:
    require_accepted(PLAN, CODES)


@pytest.mark.parametrize("check", [require_accepted, refuse_others])
def test_a_code_that_the_plan_has_no_doubt_for_is_refused(check: object) -> None:
    assert callable(check)
    with pytest.raises(BadInput, match="has no doubt contents-cut: its doubts are large-gap"):
        check(PLAN, (*CODES, "contents-cut"))
    with pytest.raises(BadInput, match="it has no doubts; leave --accept-doubt large-gap out"):
        check(made_plan(6), ("large-gap",))
    with pytest.raises(BadInput, match="is no code of a doubt"):
        check(PLAN, (*CODES, "whatever"))


def effect(plan: CutPlan = PLAN) -> Effect:
    return cut_effect(context(plan, Mode.LIVE), plan)


def test_what_is_signed_names_every_code_with_the_places() -> None:
    assert [doubt.split()[0] for doubt in effect().doubts] == list(CODES)
    elsewhere = replace(PLAN, doubts=(replace(HOLE, line=5), GAP))
    assert effect(elsewhere).doubts != effect().doubts
    assert effect(elsewhere).plan_digest == effect().plan_digest
    assert signed_doubts((GAP, HOLE)) == signed_doubts((HOLE, GAP))


def test_an_approval_of_the_plan_without_its_doubts_authorises_nothing() -> None:
    approvers = Approvers()
    plain = effect(replace(PLAN, doubts=()))
    for signed, wanted in ((plain, effect()), (effect(), plain)):
        pair = approvers.sign(signed, NOW)
        with pytest.raises(ApprovalRefused, match="approves another doubts"):
            judge(pair, wanted, approvers.registry(NOW), "operator", NOW, signature_is_valid)
    pair = approvers.sign(effect(), NOW)
    statements = judge(pair, effect(), approvers.registry(NOW), "operator", NOW, signature_is_valid)
    assert {statement.doubts for statement in statements} == {effect().doubts}


def test_a_statement_without_doubts_is_signed_as_it_always_was() -> None:
    [one, _] = Approvers().sign(effect(made_plan(6)), NOW)
    assert b"doubts" not in one.payload
    [one, _] = Approvers().sign(effect(), NOW)
    assert parse_statement(one.payload).doubts == effect().doubts
    assert parse_statement(one.payload).canonical_bytes() == one.payload


@pytest.mark.parametrize(
    "doubts", ['["large-gap"]', '"large-gap"', "[7]", "[]", '["large-gap 0 ' + "a" * 64 + '"]']
)
def test_doubts_of_another_form_are_not_an_approval(doubts: str) -> None:
    [one, _] = Approvers().sign(effect(made_plan(6)), NOW)
    payload = one.payload.replace(b'"effect_digest"', f'"doubts":{doubts},"effect_digest"'.encode())
    with pytest.raises(ApprovalRefused):
        parse_statement(payload)


def test_doubts_and_account_are_kept_with_the_plan(tmp_path: Path) -> None:
    handle = save_plan(PLAN, tmp_path)
    forget_plans()
    assert load_plan(handle) == PLAN
    assert decode_plan(Kind.CUT, encode_plan(PLAN)) == PLAN


def test_a_plan_without_either_is_written_as_before() -> None:
    head = encode_plan(made_plan(6))["plan.json"]
    assert b"doubts" not in head
    assert b"account" not in head


def doubtful_shape() -> CutPlan:
    """A plan most of whose text is one article."""
    plan = made_plan(6)
    rows = list(plan.rows)
    more = "More text. " * 900
    last = rows[-1]
    rows[-1] = last._replace(body=last.body + more, end=last.end + len(more))
    parts = sorted([(g.start, g.text) for g in plan.gaps] + [(r.start, r.body) for r in rows])
    text = "".join(part for _, part in parts)
    return replace(plan, rows=tuple(rows), text_sha256=text_sha256(text), text_chars=len(text))


def test_a_plan_that_lost_the_doubts_of_its_shape_is_found_out() -> None:
    plan = doubtful_shape()
    assert "leaves out" in left_out_of_shape(plan)
    found = tuple(shape_doubts(plan.rows, plan.gaps, plan.text_chars, plan.account))
    assert [doubt.code for doubt in found] == ["oversized-unit"]
    assert left_out_of_shape(replace(plan, doubts=found)) == ""


def test_the_review_page_begins_with_the_doubts_and_shows_the_account() -> None:
    page = render_review(review_of(PLAN))
    top = page[: page.index("</header>")]
    for code in CODES:
        assert f"--accept-doubt {code}" in top
        assert DOUBTS[code] in top
    assert "1 x large-gap" in page
    assert "6 unit, 3 list item" in page
    assert "Lines that look like units: 3 list item" in page


def test_every_part_of_a_doubt_is_in_what_is_signed() -> None:
    for change in ({"line": 7}, {"reason": "Another."}, {"code": "contents-cut"}):
        other = dataclasses.replace(HOLE, **change)
        assert signed_doubts((other,)) != signed_doubts((HOLE,))
    assert len(signed_doubts((HOLE, HOLE))) == 1
    assert signed_doubts((HOLE, HOLE)) != signed_doubts((HOLE,))


def test_notes_that_are_printed_apart_are_no_large_gap() -> None:
    plan = made_plan(6)
    end = plan.text_chars
    gap = Gap(end, end + 2000, "[1] A note.\n" * 166 + "[1] Note")
    gaps, chars = (*plan.gaps, gap), end + 2000
    [found] = shape_doubts(plan.rows, gaps, chars, NO_ACCOUNT)
    assert found.code == "large-gap"
    notes = LineAccount((AccountedPart(end, "footnote", 167),))
    assert not list(shape_doubts(plan.rows, gaps, chars, notes))
