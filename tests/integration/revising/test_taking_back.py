"""Taking a revision back: exactly what stood stands again, and the history of both is kept."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from adapters.postgres.record.audit import audit_database
from domain.errors import RevertRefused
from domain.phases import Phase, Principal
from domain.plan.revert import planned_revert_effect
from domain.runs.run_plan import RevertHead
from tests.support.live import LiveBench, answers_of, scalar
from tests.support.postgres import Database
from tests.support.reverts import revert_adapter, revert_of, revert_plan, reverted
from tests.support.revising import (
    bodies,
    harbour,
    living,
    revised,
    revision_adapter,
    what_stands,
)
from tests.support.revisions import CODE, FIRST, FRESH, OLD, harbour_plan, new_texts


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> LiveBench:
    """A database in which the harbour's rules stand."""
    return harbour(database, tmp_path)


def found_by_audit(bench: LiveBench, folder: Path) -> list[str]:
    """What an audit finds, but for the heads that only a run by command keeps."""
    conn = bench.connections.connect(Principal.VERIFY)
    try:
        report = audit_database(conn, bench.target, folder / "heads.jsonl")
    finally:
        conn.close()
    return [one.message for one in report.findings if one.rule != "head"]


def test_exactly_what_stood_stands_again(bench: LiveBench, tmp_path: Path) -> None:
    before, texts = living(bench), bodies(what_stands(bench, CODE))
    ctx, _, _ = revised(bench, harbour_plan(new_texts()))
    assert found_by_audit(bench, tmp_path) == []
    assert living(bench) != before
    plan = revert_plan(bench, ctx.change_set_id)
    answers = reverted(bench, ctx.change_set_id)
    assert answers[Phase.LIFECYCLE_ENACT].effect_digest == planned_revert_effect(plan)
    assert living(bench) == before
    assert bodies(what_stands(bench, CODE)) == texts
    with bench.database.connect() as admin:
        kept = "SELECT count(*) FROM unit_version WHERE version_no = 2"
        assert scalar(admin, kept) > 0, "its versions stay"
    assert found_by_audit(bench, tmp_path) == []
    assert RevertHead.of(plan).plan(plan.units, ()) == plan


@pytest.mark.slow
def test_it_is_revised_taken_back_revised_and_taken_back(bench: LiveBench, tmp_path: Path) -> None:
    before, new = living(bench), harbour_plan(new_texts())
    for attempt in (1, 2):
        ctx, plan, _ = revised(bench, new, attempt=attempt)
        assert bodies(what_stands(bench, CODE)) == [
            (row.canonical_address, row.body) for row in plan.rows
        ]
        reverted(bench, ctx.change_set_id)
        assert living(bench) == before
    assert found_by_audit(bench, tmp_path) == []


@pytest.mark.slow
def test_revisions_are_taken_back_one_by_one_and_then_the_cut(
    bench: LiveBench, tmp_path: Path
) -> None:
    states, done = [living(bench)], []
    for texts in (new_texts(), [*new_texts()[:5]], [("1", OLD["1"]), ("6", FRESH)]):
        ctx, _, _ = revised(bench, harbour_plan(texts))
        done.append(ctx)
        states.append(living(bench))
    with pytest.raises(RevertRefused, match=r"is what the revision .* rests on; take that back"):
        reverted(bench, done[0].change_set_id)
    for ctx in reversed(done):
        states.pop()
        reverted(bench, ctx.change_set_id)
        assert living(bench) == states[-1]
    assert found_by_audit(bench, tmp_path) == []
    with bench.database.connect() as admin:
        cut = scalar(
            admin, "SELECT change_set_id FROM cutter.decision_backlog_entry WHERE kind = 'cut'"
        )
    reverted(bench, cut)
    assert what_stands(bench, CODE).units == ()


def test_the_cut_is_not_taken_back_under_a_revision(bench: LiveBench) -> None:
    revised(bench, harbour_plan(new_texts()))
    with bench.database.connect() as admin:
        cut = scalar(
            admin, "SELECT change_set_id FROM cutter.decision_backlog_entry WHERE kind = 'cut'"
        )
    with pytest.raises(RevertRefused, match="is what the revision"):
        reverted(bench, cut)


TORN = [Phase.CUT_LEG_A, Phase.LEG_B_RECORD, Phase.WRITE_VERIFY]
SHORTER = [*new_texts()[:4], ("7", "A rule that is new.")]


@pytest.mark.one_quick
@pytest.mark.parametrize("until", TORN)
def test_a_torn_revision_is_taken_back(bench: LiveBench, tmp_path: Path, until: Phase) -> None:
    """Without being finished first: what stood stands, and it can be revised again."""
    before = living(bench)
    ctx, _, _ = revised(bench, harbour_plan(SHORTER), until=until)
    plan = revert_plan(bench, ctx.change_set_id)
    assert {unit.lifecycle for unit in plan.units} == {"draft"}
    assert {unit.action for unit in plan.units} == {"withdrawn", "restored"}
    answers = reverted(bench, ctx.change_set_id)
    assert answers[Phase.LIFECYCLE_ENACT].effect_digest == planned_revert_effect(plan)
    assert living(bench) == before
    assert revert_plan(bench, ctx.change_set_id) == plan, "the plan of a revert stays what it was"
    assert found_by_audit(bench, tmp_path) == []
    again, _, _ = revised(bench, harbour_plan(SHORTER), attempt=2)
    assert found_by_audit(bench, tmp_path) == []
    assert revert_plan(bench, ctx.change_set_id) == plan
    reverted(bench, again.change_set_id)
    assert living(bench) == before


@pytest.mark.one_quick
@pytest.mark.parametrize("until", TORN)
@pytest.mark.parametrize("died", list(Phase)[2:-1])
def test_the_revert_of_a_torn_revision_can_die_and_be_finished(
    bench: LiveBench, until: Phase, died: Phase
) -> None:
    before = living(bench)
    ctx, _, _ = revised(bench, harbour_plan(SHORTER), until=until)
    plan = revert_plan(bench, ctx.change_set_id)
    answers_of(revert_adapter(bench), revert_of(bench, plan), plan, died)
    assert revert_plan(bench, ctx.change_set_id) == plan
    reverted(bench, ctx.change_set_id)
    assert living(bench) == before


@pytest.mark.slow
def test_what_earlier_runs_left_waiting_is_not_taken_for_its_own(bench: LiveBench) -> None:
    """Versions of a torn revision that was taken back stay in the table, with nobody at them."""
    before = living(bench)
    first, _, _ = revised(bench, harbour_plan(new_texts()), until=Phase.CUT_LEG_A)
    reverted(bench, first.change_set_id)
    other = [*FIRST[:4], ("5", "Lamps burn by night."), FIRST[5]]
    second, step, _ = revised(bench, harbour_plan(other, "o.md"), until=Phase.CUT_LEG_A)
    plan = revert_plan(bench, second.change_set_id)
    assert [unit.canonical_address for unit in plan.units] == [one.address for one in step.steps]
    reverted(bench, second.change_set_id)
    assert living(bench) == before


def test_a_version_that_was_planted_keeps_a_torn_revision_from_being_taken_back(
    bench: LiveBench,
) -> None:
    """What it wrote is known by its journal's digest; with more there, it can be finished only."""
    ctx, plan, _ = revised(bench, harbour_plan(new_texts()), until=Phase.CUT_LEG_A)
    with closing(bench.connections.connect(Principal.EXEC)) as thief:
        thief.execute(
            "SELECT cutter.fn_iu_revise(canonical_address, version_id, 't', 'planted', 'mallory',"
            " 'article', 'body', NULL, NULL) FROM cutter.iu_unit WHERE canonical_address = %s",
            (f"{CODE}~art_1",),
        )
        thief.commit()
    with pytest.raises(RevertRefused, match="are not those that it wrote"):
        revert_plan(bench, ctx.change_set_id)
    answers_of(revision_adapter(bench), ctx, plan, Phase.LIFECYCLE_ENACT)
    reverted(bench, ctx.change_set_id)
