"""The same contract for a revision: what every phase promises, asked of the simulator and of the
live adapter.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.likeness import RapidLikeness
from adapters.simulated_revision import RevisionSimulator
from domain.change_set import CutContext
from domain.errors import PhaseStop, StopInvariantFailed
from domain.phases import Phase
from domain.plan.cut_plan import CutPlan
from domain.ports import PhaseExecutor
from domain.results import EnactBatchResult, LegBResult, MarkResult, ReviewResult, VerifyResult
from domain.revision.compare import compare
from domain.revision.plan import RevisionPlan
from domain.revision.units import version_of
from domain.runs.revision_effect import planned_revision_effect
from tests.support.live import answers_of, live_bench
from tests.support.plans import context
from tests.support.postgres import Database
from tests.support.revising import cut_first, revision_adapter, revision_context, revision_plan
from tests.support.revisions import CODE, OLD, harbour_plan, new_texts, standing

FIRST = harbour_plan(sorted(OLD.items()))
NEW = harbour_plan([*new_texts()[:4], ("7", "A rule that is new.")], "new.md")
LAST = Phase.LIFECYCLE_ENACT


@dataclass
class Subject:
    """One executor under test, over a base at which the harbour's rules stand."""

    executor: PhaseExecutor[RevisionPlan]
    planned: Callable[[CutPlan], RevisionPlan]
    context: Callable[[RevisionPlan], CutContext]

    def begin(self, new: CutPlan) -> tuple[CutContext, RevisionPlan]:
        """A revision that may begin."""
        plan = self.planned(new)
        return self.context(plan), plan


@pytest.fixture(params=["simulator", "live"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
    """The simulator, then the live adapter on a database of its own."""
    if request.param == "simulator":
        old = standing(FIRST)
        return Subject(
            RevisionSimulator(),
            lambda new: RevisionPlan(new, compare(old, version_of(new), RapidLikeness())),
            context,
        )
    database: Database = request.getfixturevalue("database")
    bench = live_bench(database, tmp_path)
    cut_first(bench, FIRST)
    return Subject(
        revision_adapter(bench),
        lambda new: revision_plan(bench, new),
        lambda plan: revision_context(bench, plan),
    )


def test_a_whole_run_answers_with_the_same_types_and_counts(subject: Subject) -> None:
    ctx, plan = subject.begin(NEW)
    answers = answers_of(subject.executor, ctx, plan, LAST)
    mark, review, written = answers[Phase.MARK], answers[Phase.REVIEW], answers[Phase.CUT_LEG_A]
    steps, units = len(plan.steps), len(plan.rows)
    assert steps > 3, "it does of everything"
    assert isinstance(mark, MarkResult)
    assert (mark.units, mark.warnings) == (units, 1)
    assert isinstance(review, ReviewResult)
    assert (review.unit_blocks, review.gap_blocks) == (units, 1)
    assert [(one.canonical_address, one.status) for one in written] == [
        (step.address, step.action) for step in plan.steps
    ]
    assert len({one.version_id for one in written}) == steps
    leg_b, verified, enacted = (
        answers[Phase.LEG_B_RECORD],
        answers[Phase.WRITE_VERIFY],
        answers[Phase.LIFECYCLE_ENACT],
    )
    assert isinstance(leg_b, LegBResult)
    assert (leg_b.affected_rows, leg_b.status) == (steps, "cut_applied")
    assert isinstance(verified, VerifyResult)
    assert (verified.expected_units, verified.found_units) == (steps, steps)
    assert verified.source_sha256 == NEW.text_sha256
    assert enacted == EnactBatchResult(
        ctx.change_set_id, steps, "enacted", planned_revision_effect(plan)
    )


def test_running_again_answers_the_same_from_the_record(subject: Subject) -> None:
    ctx, plan = subject.begin(NEW)
    first = answers_of(subject.executor, ctx, plan, LAST)
    assert answers_of(subject.executor, ctx, plan, LAST) == first


@pytest.mark.one_quick
@pytest.mark.parametrize("phase", list(Phase)[1:])
def test_no_phase_runs_before_the_one_before_it(subject: Subject, phase: Phase) -> None:
    ctx, plan = subject.begin(NEW)
    before = list(Phase)[list(Phase).index(phase) - 1]
    if before is not Phase.PRE_WRITE_BACKUP:
        answers_of(subject.executor, ctx, plan, list(Phase)[list(Phase).index(before) - 1])
    with pytest.raises(StopInvariantFailed, match="is not on record"):
        getattr(subject.executor, phase.value)(ctx, plan)


def test_another_plan_under_the_same_change_set_is_refused(subject: Subject) -> None:
    ctx, plan = subject.begin(NEW)
    other = subject.planned(harbour_plan(new_texts(), "other.md"))
    answers_of(subject.executor, ctx, plan, Phase.MARK)
    with pytest.raises(StopInvariantFailed, match="another plan"):
        subject.executor.mark(dataclasses.replace(ctx, plan_digest=other.plan_digest), other)
    with pytest.raises(StopInvariantFailed, match="not the plan of this change set"):
        subject.executor.review(ctx, other)


@pytest.mark.one_quick
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"title": "  "}, "title: empty"),
        ({"unit_kind": "stanza"}, "unit_kind: unknown stanza"),
        ({"section_type": "verse"}, "section_type: unknown verse"),
        ({"parent_ref": f"{CODE}~chp_99"}, f"parent_ref: unknown {CODE}~chp_99"),
    ],
)
@pytest.mark.parametrize("article", ["2", "7"])
def test_one_refused_unit_undoes_the_whole_batch(
    subject: Subject, article: str, changes: dict[str, object], status: str
) -> None:
    """Of a unit that is revised, and of one that is added."""
    at = next(
        n for n, row in enumerate(NEW.rows) if row.canonical_address == f"{CODE}~art_{article}"
    )
    rows = list(NEW.rows)
    rows[at] = rows[at]._replace(**changes)  # type: ignore[arg-type]  # the parameters above are typed by hand
    ctx, plan = subject.begin(dataclasses.replace(NEW, rows=tuple(rows)))
    answers_of(subject.executor, ctx, plan, Phase.REVIEW)
    with pytest.raises(PhaseStop) as stop:
        subject.executor.cut_leg_a(ctx, plan)
    assert status in str(stop.value)
    assert stop.value.exit_status == 4
    again, good = subject.begin(NEW)
    written = answers_of(subject.executor, again, good, Phase.CUT_LEG_A)[Phase.CUT_LEG_A]
    assert len(written) == len(good.steps), "nothing of the refused batch may have stayed"


def test_verify_results_are_counted(subject: Subject) -> None:
    ctx, plan = subject.begin(NEW)
    answers_of(subject.executor, ctx, plan, Phase.LEG_B_RECORD)
    assert subject.executor.verify_result_count_for(ctx.change_set_id) == 0
    subject.executor.write_verify(ctx, plan)
    assert subject.executor.verify_result_count_for(ctx.change_set_id) == 1
