"""A revision whose verifier is elsewhere is judged from the database alone: what the worker says of
it counts for nothing, and whatever it writes beside what two people have signed is not verified.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.approval.request import revert_effect, revision_effect
from domain.change_set import CutContext
from domain.errors import ApprovalRefused, PhaseStop, StopInvariantFailed
from domain.phases import Mode, Phase
from domain.plan.revert import revert_context
from domain.revision.dates import Dates, UnitDate
from domain.revision.plan import RevisionPlan, RevisionStep
from tests.support.apart import Worker, serving
from tests.support.live import LiveBench, answers_of, scalar
from tests.support.postgres import Database
from tests.support.reverts import revert_plan
from tests.support.revising import (
    bodies,
    harbour,
    revision_context,
    revision_plan,
    what_stands,
)
from tests.support.revisions import CODE, PREAMBLE, harbour_plan, laid_out, new_texts

DATES = Dates(date(2027, 1, 1), {f"{CODE}~art_4": UnitDate(None, "left to an order")})


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> LiveBench:
    """A database in which the harbour's rules stand."""
    return harbour(database, tmp_path)


@pytest.fixture
def worker(bench: LiveBench) -> Worker:
    return Worker(bench)


@pytest.fixture
def plan(bench: LiveBench) -> RevisionPlan:
    """A revision that changes, adds, renumbers and repeals; read from a file, with dates."""
    new = dataclasses.replace(harbour_plan([*new_texts()[:5]]), file_sha256="c" * 64)
    return revision_plan(bench, new, DATES)


def released(worker: Worker, plan: RevisionPlan, used: Path) -> CutContext:
    """The context of an approved revision whose permit the verifier has confirmed."""
    ctx = revision_context(worker.bench, plan, approved=False)
    effect = revision_effect(ctx, plan)
    return worker.release(ctx, effect, worker.sign(effect), used)


def test_a_revision_that_was_approved_is_confirmed_verified_and_enacted(
    bench: LiveBench, worker: Worker, plan: RevisionPlan, tmp_path: Path
) -> None:
    assert {step.action for step in plan.steps} == {"revised", "repealed"}
    with serving(bench) as said:
        ctx = released(worker, plan, tmp_path / "used")
        answers = answers_of(worker.revision_adapter(), ctx, plan, Phase.LIFECYCLE_ENACT)
    assert bodies(what_stands(bench, CODE)) == [(r.canonical_address, r.body) for r in plan.rows]
    assert answers[Phase.WRITE_VERIFY].source_sha256 == plan.text_sha256
    assert [line.split()[2] for line in said] == ["permit", "writes"]
    with bench.database.connect() as admin:
        by = "SELECT principal FROM cut_phase_journal WHERE change_set_id = %s AND phase = %s"
        assert scalar(admin, by, ctx.change_set_id, Phase.WRITE_VERIFY.value) == "cutter_verify"


def test_a_revision_of_the_text_between_the_units_is_verified_apart_with_its_day(
    bench: LiveBench, worker: Worker, tmp_path: Path
) -> None:
    new = laid_out("signed.md", PREAMBLE, *"123456", "Signed by the harbour master.\n")
    plan = revision_plan(bench, new, Dates(date(2027, 1, 1)))
    assert plan.steps == ()
    with serving(bench):
        ctx = released(worker, plan, tmp_path / "used")
        answers_of(worker.revision_adapter(), ctx, plan, Phase.LIFECYCLE_ENACT)
    assert what_stands(bench, CODE).gaps == (PREAMBLE, "Signed by the harbour master.\n")


@pytest.mark.slow
def test_revision_upon_revision_and_its_revert_are_verified_apart_too(
    bench: LiveBench, worker: Worker, plan: RevisionPlan, tmp_path: Path
) -> None:
    used = tmp_path / "used"
    with serving(bench):
        first = released(worker, plan, used)
        answers_of(worker.revision_adapter(), first, plan, Phase.LIFECYCLE_ENACT)
        stood = bodies(what_stands(bench, CODE))
        more = revision_plan(bench, harbour_plan([*new_texts(), ("7", "Dogs stay ashore.")]))
        assert {step.action for step in more.steps} >= {"revised", "created"}
        second = released(worker, more, used)
        answers_of(worker.revision_adapter(), second, more, Phase.LIFECYCLE_ENACT)
        assert bodies(what_stands(bench, CODE)) == [
            (r.canonical_address, r.body) for r in more.rows
        ]
        back = revert_plan(bench, second.change_set_id)
        ctx = revert_context(back, Mode.LIVE, bench.target, second.actor)
        bench.switch.change_set_id = ctx.change_set_id
        effect = revert_effect(ctx, back)
        approved = worker.release(ctx, effect, worker.sign(effect), used)
        answers_of(worker.revert_adapter(), approved, back, Phase.LIFECYCLE_ENACT)
    assert bodies(what_stands(bench, CODE)) == stood


Forge = Callable[[RevisionPlan], None]
"""Has the worker's own plan do another thing than what it says of itself."""


def _steps(change: Callable[[list[RevisionStep]], list[RevisionStep]]) -> Forge:
    def forge(plan: RevisionPlan) -> None:
        steps = change(list(plan.steps))
        plan.__dict__["steps"] = tuple(
            dataclasses.replace(step, seq=seq) for seq, step in enumerate(steps, 1)
        )

    return forge


def _other_text(steps: list[RevisionStep]) -> list[RevisionStep]:
    row = steps[0].row
    assert row is not None
    ours = row._replace(body=row.body.replace("fourteen", "forty"))
    return [dataclasses.replace(steps[0], row=ours), *steps[1:]]


def _said_of_it(field: str, value: Any) -> Forge:
    """The same text, and another word beside it."""

    def change(steps: list[RevisionStep]) -> list[RevisionStep]:
        row = steps[0].row
        assert row is not None
        assert getattr(row, field) != value
        return [dataclasses.replace(steps[0], row=row._replace(**{field: value})), *steps[1:]]

    return _steps(change)


def _other_day(steps: list[RevisionStep]) -> list[RevisionStep]:
    return [dataclasses.replace(steps[0], in_force_from=date(2026, 1, 1)), *steps[1:]]


def _no_lineage(steps: list[RevisionStep]) -> list[RevisionStep]:
    assert any(step.derived_from for step in steps)
    return [dataclasses.replace(step, derived_from=()) for step in steps]


def _no_repeal(steps: list[RevisionStep]) -> list[RevisionStep]:
    return [step for step in steps if step.row is not None]


def _one_more_repeal(steps: list[RevisionStep]) -> list[RevisionStep]:
    gone = next(step for step in steps if step.row is None)
    return [*steps, dataclasses.replace(gone, address=f"{CODE}~art_1", title="Article 1.")]


@pytest.mark.one_quick
@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(_steps(_other_text), id="another text"),
        pytest.param(_said_of_it("section_type", "annex"), id="another section type"),
        pytest.param(_said_of_it("publication_type", "decree"), id="another publication type"),
        pytest.param(_said_of_it("owner_ref", "mallory"), id="another owner"),
        pytest.param(_steps(_other_day), id="another day"),
        pytest.param(_steps(_no_lineage), id="no lineage"),
        pytest.param(_steps(_no_repeal), id="a repeal left out"),
        pytest.param(_steps(_one_more_repeal), id="one more repeal"),
    ],
)
def test_another_revision_than_the_approved_one_is_not_verified(
    bench: LiveBench, worker: Worker, plan: RevisionPlan, tmp_path: Path, forge: Forge
) -> None:
    """The worker has a true permit, the executor's login and its key, and writes something else,
    with a ledger and a signature that fit what it writes.
    """
    stood = bodies(what_stands(bench, CODE))
    with serving(bench) as said:
        ctx = released(worker, plan, tmp_path / "used")
        forged = worker.revision_adapter()
        digest = plan.plan_digest
        forge(plan)
        assert plan.plan_digest == digest, "what it says of itself"
        answers_of(forged, ctx, plan, Phase.LEG_B_RECORD)
        with pytest.raises(PhaseStop, match=r"the verifier refuses: Verification failed"):
            forged.write_verify(ctx, plan)
        with pytest.raises(StopInvariantFailed, match="is not on record"):
            forged.lifecycle_enact(ctx, plan)
    assert bodies(what_stands(bench, CODE)) == stood
    assert any("Refused the writes" in line for line in said)


def test_digests_that_do_not_give_the_approved_one_are_refused(
    bench: LiveBench, worker: Worker, plan: RevisionPlan, tmp_path: Path
) -> None:
    """Whoever judged the comparison and the dates has judged these and no others."""
    with serving(bench):
        ctx = released(worker, plan, tmp_path / "used")
        plan.comparison.__dict__["digest"] = "0" * 64
        answers_of(worker.revision_adapter(), ctx, plan, Phase.LEG_B_RECORD)
        with pytest.raises(PhaseStop, match=r"was approved"):
            worker.revision_adapter().write_verify(ctx, plan)


def test_forged_approvals_of_a_revision_are_not_confirmed(
    bench: LiveBench, worker: Worker, plan: RevisionPlan, tmp_path: Path
) -> None:
    """What was signed over another base opens nothing, though the worker itself finds it right."""
    ctx = revision_context(bench, plan, approved=False)
    effect = dataclasses.replace(revision_effect(ctx, plan), base_digest="0" * 64)
    with serving(bench), pytest.raises(ApprovalRefused):
        worker.release(ctx, revision_effect(ctx, plan), worker.sign(effect), tmp_path / "used")
