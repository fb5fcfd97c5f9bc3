"""A plan is lossless and well formed, or refused with the address or the place that is wrong."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from domain.errors import PlanRefused
from domain.plan.cut_plan import CutPlan, Gap, TargetDocument, build_plan, check_plan
from domain.reading.marks import Granularity, Level, Mark, ReadDocument
from tests.support.plans import made_plan


def with_row(plan: CutPlan, at: int, **changes: Any) -> CutPlan:
    """The plan with one row changed."""
    rows = list(plan.rows)
    rows[at] = rows[at]._replace(**changes)
    return dataclasses.replace(plan, rows=tuple(rows))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"canonical_address": "test.law~chp_1"}, "given twice"),
        ({"canonical_address": ""}, "empty or overlong"),
        ({"canonical_address": "a" * 300}, "empty or overlong"),
        ({"title": " "}, "empty title"),
        ({"unit_kind": "stanza"}, "unknown unit kind 'stanza'"),
        ({"section_type": "verse"}, "unknown section type 'verse'"),
        ({"parent_ref": "test.law~art_9"}, "does not come before it"),
    ],
)
def test_a_row_that_may_not_be_written(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(PlanRefused, match=says):
        check_plan(with_row(made_plan(3), 2, **changes))


@pytest.mark.parametrize("at", [0, 2, 3])
def test_a_body_that_is_not_the_source(at: int) -> None:
    plan = made_plan(3)
    body = plan.rows[at].body
    with pytest.raises(PlanRefused, match="do not rebuild the source text"):
        check_plan(with_row(plan, at, body="X" + body[1:]))
    with pytest.raises(PlanRefused, match="do not touch"):
        check_plan(with_row(plan, at, body=body[1:]))


def test_a_gap_that_is_forgotten_or_changed() -> None:
    plan = made_plan(3)
    with pytest.raises(PlanRefused, match="do not touch"):
        check_plan(dataclasses.replace(plan, gaps=()))
    gap = plan.gaps[0]
    with pytest.raises(PlanRefused, match="do not rebuild"):
        check_plan(dataclasses.replace(plan, gaps=(Gap(gap.start, gap.end, gap.text.upper()),)))


def test_the_digest_pins_everything_that_is_written() -> None:
    plan = made_plan(3)
    changed = [
        with_row(plan, 2, **{field: value})
        for field, value in {
            "canonical_address": "test.law~art_x",
            "title": "Another",
            "body": "Another",
            "unit_kind": "rule",
            "section_type": "annex",
            "publication_type": "decree",
            "owner_ref": "another",
            "parent_ref": None,
            "start": 1,
            "end": 2,
            "seq": 9,
        }.items()
    ]
    changed.append(dataclasses.replace(plan, gaps=(Gap(0, 1, "x"),)))
    changed.append(dataclasses.replace(plan, text_sha256="0" * 64))
    digests = {plan.plan_digest, *(other.plan_digest for other in changed)}
    assert len(digests) == len(changed) + 1
    assert dataclasses.replace(plan, source_name="renamed.txt").plan_digest == plan.plan_digest


def test_a_document_without_units() -> None:
    with pytest.raises(PlanRefused, match="has no units"):
        build_plan(
            ReadDocument("text", (), "made", "en"),
            TargetDocument("x1"),
            source_name="x.txt",
            granularity=Granularity.BASIC,
        )


def test_text_that_postgresql_can_not_store() -> None:
    text = "Article 1\nnul \x00 here"
    read = ReadDocument(
        text, (Mark(0, len(text), Level.BASIC, "article", "Article 1", "1", ""),), "made", "en"
    )
    with pytest.raises(PlanRefused, match="NUL"):
        build_plan(read, TargetDocument("x1"), source_name="x.txt", granularity=Granularity.BASIC)


@pytest.mark.parametrize("code", ["", "x", "No", "a b", "-a", "a-", "a~b", "a!b", "a" * 90])
def test_a_code_that_can_not_begin_an_address(code: str) -> None:
    with pytest.raises(PlanRefused, match="can not be used"):
        TargetDocument(code)


def test_an_owner_and_a_type_are_needed() -> None:
    with pytest.raises(PlanRefused, match="owner"):
        TargetDocument("x1", owner_ref=" ")
    with pytest.raises(PlanRefused, match="choose one of"):
        TargetDocument("x1", publication_type="novel")
