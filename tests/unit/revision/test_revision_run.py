"""A revision as a run: its doubts, its dry run, and its plan as it is kept in the home and in a
bundle.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.evidence.files import NotInForm, decode_plan, encode_plan
from adapters.home.plans import find_plan, forget_plans, save_plan
from adapters.simulated_revision import RevisionSimulator
from adapters.simulator import Simulator
from domain.approval.request import document_effect
from domain.change_set import CutContext
from domain.errors import PhaseStop, PlanRefused, ProductionExecutionNotAuthorized
from domain.phases import PHASES, Kind, Mode
from domain.results import EnactBatchResult
from domain.revision.plan import RevisionPlan
from domain.revision.units import Version
from domain.runs.run_plan import actions_of, blocks_of, effect_of, kind_of, manifest_of
from tasks.dispatch import dispatch, require_executor
from tests.support.plans import context
from tests.support.revisions import CODE, harbour_plan, made_revision, new_texts, standing

REVISION = made_revision()


def ran(plan: RevisionPlan, ctx: CutContext) -> tuple[RevisionSimulator, EnactBatchResult]:
    """The simulator after all phases, and its last answer."""
    simulator = RevisionSimulator()
    answers = [dispatch(spec.phase, simulator, ctx, plan) for spec in PHASES]
    last = answers[-1]
    assert isinstance(last, EnactBatchResult)
    return simulator, last


def test_it_is_a_kind_of_its_own() -> None:
    assert kind_of(REVISION) is Kind.REVISION
    assert list(actions_of(REVISION)) == ["revised"] * 4
    assert len(manifest_of(REVISION)) == 6
    assert [block.seq for block in blocks_of(REVISION)] == [1, 2, 3, 4]


def test_what_is_signed_names_base_acts_dates_and_doubts() -> None:
    signed = document_effect(context(REVISION), REVISION)
    assert signed.kind is Kind.REVISION
    assert signed.plan_digest == REVISION.revision_digest
    assert signed.base_digest == REVISION.base_digest
    assert signed.changes == ("revise 4",)
    assert signed.dates == ("2027-01-01 2", "2027-07-01 1", "unknown 1")
    assert [one.split()[0] for one in signed.doubts] == ["act-disagrees"]


def test_what_nobody_has_settled_is_a_doubt_at_its_line() -> None:
    doubts = REVISION.doubts
    assert {one.code for one in doubts} == {"act-disagrees"}
    assert {one.line for one in doubts} == {1, 7}
    assert any("art_5 to art_6" in one.reason for one in doubts)
    assert made_revision(act=False).doubts == ()


def test_the_act_is_a_part_of_the_digest() -> None:
    assert made_revision(act=False).revision_digest != REVISION.revision_digest


def test_a_dry_run_has_the_effect_that_was_planned_and_holds_the_new_text() -> None:
    simulator, last = ran(REVISION, context(REVISION))
    assert last.effect_digest == effect_of(REVISION)
    assert last.enacted == len(REVISION.steps)
    assert simulator.standing == {row.canonical_address: row.body for row in REVISION.rows}


def test_an_address_that_stands_as_repealed_is_revised_and_in_the_base() -> None:
    old = REVISION.comparison.old
    without = replace(old, units=old.units[:-1], taken=((f"{CODE}~art_6", 3),))
    again = _over(without)
    assert {step.address: step.action for step in again.steps}[f"{CODE}~art_6"] == "revised"
    assert again.base_digest != _over(replace(without, taken=((f"{CODE}~art_6", 4),))).base_digest


def _over(old: Version) -> RevisionPlan:
    from adapters.likeness import RapidLikeness
    from domain.revision.compare import compare
    from domain.revision.units import version_of

    plan = harbour_plan(new_texts())
    return RevisionPlan(plan, compare(old, version_of(plan), RapidLikeness()))


def test_nothing_to_do_is_no_revision() -> None:
    plan = harbour_plan(new_texts())
    idle = _over(standing(plan))
    assert idle.steps == ()
    with pytest.raises(PhaseStop, match=r"Nothing of made\.harbour would change"):
        ran(idle, context(idle))


def test_the_simulator_of_a_revision_runs_in_dry_runs_only() -> None:
    assert require_executor(RevisionSimulator(), Mode.DRYRUN)
    for mode in (Mode.LIVE, Mode.REHEARSE):
        with pytest.raises(ProductionExecutionNotAuthorized):
            require_executor(RevisionSimulator(), mode)
    assert not isinstance(RevisionSimulator(), Simulator)


def test_a_kept_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    save_plan(REVISION, tmp_path)
    forget_plans()
    found = find_plan(tmp_path, CODE, REVISION.plan_digest)
    assert found == REVISION
    assert isinstance(found, RevisionPlan)
    assert found.doubts == REVISION.doubts


@pytest.mark.parametrize(
    "change",
    [
        lambda head: head["base"][1].__setitem__(2, "Another text stood."),
        lambda head: head["verdicts"][1].__setitem__("change", "same"),
        lambda head: head["dates"][0].__setitem__("in_force_from", "2027-07-02"),
        lambda head: head.__setitem__("in_force_from", "unknown"),
        lambda head: head["act"]["claims"].pop(),
        lambda head: head["taken"].append(["made.harbour~art_9", 1]),
    ],
)
def test_a_kept_plan_that_was_changed_is_never_used(
    tmp_path: Path, change: Callable[[dict[str, object]], object]
) -> None:
    path = Path(save_plan(REVISION, tmp_path).path)
    first, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    head = json.loads(first)
    change(head["head"])
    path.write_text(json.dumps(head, ensure_ascii=False) + "\n" + "".join(rest), encoding="utf-8")
    forget_plans()
    with pytest.raises(PlanRefused, match=r"was changed after it was made|can not be read back"):
        find_plan(tmp_path, CODE, REVISION.plan_digest)


def test_a_bundle_holds_the_whole_plan() -> None:
    files = encode_plan(REVISION)
    assert decode_plan(Kind.REVISION, files) == REVISION
    assert encode_plan(decode_plan(Kind.REVISION, files)) == files
    torn = dict(files, **{"plan.json": files["plan.json"].replace(b"art_3", b"art_8", 1)})
    with pytest.raises(NotInForm, match="do not fit each other"):
        decode_plan(Kind.REVISION, torn)
