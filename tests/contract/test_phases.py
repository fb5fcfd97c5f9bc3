"""One contract, two executors: what every phase promises, asked of the simulator and of the live
adapter.
"""

from __future__ import annotations

import dataclasses

import pytest

from domain.errors import PhaseStop, PlanRefused, StopInvariantFailed
from domain.phases import Phase
from domain.plan.cut_plan import CutPlan
from domain.plan.effect import planned_effect
from domain.reading.vocabulary import SECTION_TYPES
from domain.results import EnactBatchResult, LegBResult, MarkResult, ReviewResult, VerifyResult
from tests.contract.conftest import Subject
from tests.support.live import run_phases
from tests.support.plans import made_plan


def test_a_whole_run_answers_with_the_same_types_and_counts(subject: Subject) -> None:
    plan = made_plan(12)
    ctx = subject.context(plan)
    answers = run_phases(subject.executor, ctx, plan)
    mark, review, created = answers[Phase.MARK], answers[Phase.REVIEW], answers[Phase.CUT_LEG_A]
    assert isinstance(mark, MarkResult)
    assert (mark.units, mark.warnings) == (14, 0)
    assert isinstance(review, ReviewResult)
    assert (review.unit_blocks, review.gap_blocks) == (14, 1)
    assert [unit.canonical_address for unit in created] == [
        row.canonical_address for row in plan.rows
    ]
    assert {unit.status for unit in created} == {"created"}
    assert len({unit.unit_id for unit in created}) == 14
    leg_b, verified, enacted = (
        answers[Phase.LEG_B_RECORD],
        answers[Phase.WRITE_VERIFY],
        answers[Phase.LIFECYCLE_ENACT],
    )
    assert isinstance(leg_b, LegBResult)
    assert (leg_b.change_set_id, leg_b.affected_rows, leg_b.status) == (
        ctx.change_set_id,
        14,
        "cut_applied",
    )
    assert isinstance(verified, VerifyResult)
    assert (verified.expected_units, verified.found_units, verified.status) == (
        14,
        14,
        "verified_complete",
    )
    assert verified.source_sha256 == plan.text_sha256
    assert enacted == EnactBatchResult(ctx.change_set_id, 14, "enacted", planned_effect(plan))


def test_running_again_answers_the_same_from_the_record(subject: Subject) -> None:
    plan = made_plan(3)
    ctx = subject.context(plan)
    first = run_phases(subject.executor, ctx, plan)
    assert run_phases(subject.executor, ctx, plan) == first


@pytest.mark.parametrize("phase", list(Phase)[1:])
def test_no_phase_runs_before_the_one_before_it(subject: Subject, phase: Phase) -> None:
    plan = made_plan(2)
    ctx = subject.context(plan)
    before = list(Phase)[list(Phase).index(phase) - 1]
    if before is not Phase.PRE_WRITE_BACKUP:
        run_phases(subject.executor, ctx, plan, until=list(Phase)[list(Phase).index(before) - 1])
    with pytest.raises(StopInvariantFailed, match="is not on record"):
        getattr(subject.executor, phase.value)(ctx, plan)


def test_another_plan_under_the_same_change_set_is_refused(subject: Subject) -> None:
    plan = made_plan(2)
    ctx = subject.context(plan)
    run_phases(subject.executor, ctx, plan, until=Phase.MARK)
    with pytest.raises(StopInvariantFailed, match="another plan"):
        subject.executor.mark(
            dataclasses.replace(ctx, plan_digest=made_plan(3).plan_digest), made_plan(3)
        )
    with pytest.raises(StopInvariantFailed, match="not the plan of this change set"):
        subject.executor.review(ctx, made_plan(3))


def _with_row(plan: CutPlan, at: int, **changes: object) -> CutPlan:
    rows = list(plan.rows)
    rows[at] = rows[at]._replace(**changes)  # type: ignore[arg-type]  # the parameters below are typed by hand
    return dataclasses.replace(plan, rows=tuple(rows))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"canonical_address": ""}, "canonical_address: empty"),
        ({"title": "  "}, "title: empty"),
        ({"owner_ref": ""}, "owner_ref: empty"),
        ({"unit_kind": "stanza"}, "unit_kind: unknown stanza"),
        (
            {"section_type": ""},
            "section_type: Multiple, choose: " + ", ".join(sorted(SECTION_TYPES)),
        ),
        ({"section_type": "verse"}, "section_type: unknown verse"),
        ({"publication_type": "novel"}, "publication_type: unknown novel"),
        ({"parent_ref": "test.law~chp_99"}, "parent_ref: unknown test.law~chp_99"),
    ],
)
def test_one_refused_unit_undoes_the_whole_batch(
    subject: Subject, changes: dict[str, object], status: str
) -> None:
    good = made_plan(4)
    plan = _with_row(good, 3, **changes)
    ctx = subject.context(plan)
    run_phases(subject.executor, ctx, plan, until=Phase.REVIEW)
    with pytest.raises(PhaseStop) as stop:
        subject.executor.cut_leg_a(ctx, plan)
    assert status in str(stop.value)
    assert stop.value.exit_status == 4
    again = subject.context(good)
    assert len(run_phases(subject.executor, again, good)[Phase.CUT_LEG_A]) == 5, (
        "nothing of the refused batch may have stayed"
    )


def test_another_version_of_a_document_that_is_cut_is_refused_before_anything(
    subject: Subject,
) -> None:
    plan, longer = made_plan(2), made_plan(5)
    run_phases(subject.executor, subject.context(plan), plan)
    ctx = subject.context(longer)
    subject.executor.pre_write_backup(ctx)
    with pytest.raises(PlanRefused, match="is cut already: the knowledge base holds 3 units"):
        subject.executor.mark(ctx, longer)


def test_an_address_that_is_taken_is_refused(subject: Subject) -> None:
    good = made_plan(4)
    plan = _with_row(good, 3, canonical_address=good.rows[2].canonical_address)
    ctx = subject.context(plan)
    with pytest.raises(PhaseStop):
        run_phases(subject.executor, ctx, plan, until=Phase.CUT_LEG_A)


def test_verify_results_are_counted(subject: Subject) -> None:
    plan = made_plan(2)
    ctx = subject.context(plan)
    run_phases(subject.executor, ctx, plan, until=Phase.LEG_B_RECORD)
    assert subject.executor.verify_result_count_for(ctx.change_set_id) == 0
    subject.executor.write_verify(ctx, plan)
    assert subject.executor.verify_result_count_for(ctx.change_set_id) == 1
