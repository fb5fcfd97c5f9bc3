"""A revert withdraws exactly what its change set wrote, and afterwards the document can be cut
again.
"""

from __future__ import annotations

import pytest

from domain.phases import Phase
from domain.plan.revert import planned_revert_effect
from tests.support.live import LiveBench, run_phases
from tests.support.plans import made_plan
from tests.support.reverts import revert_plan, reverted

TORN = (Phase.CUT_LEG_A, Phase.LEG_B_RECORD, Phase.WRITE_VERIFY)


def lifecycles(bench: LiveBench) -> dict[str, int]:
    with bench.database.connect() as admin:
        return dict(
            admin.execute("SELECT lifecycle, count(*) FROM information_unit GROUP BY 1").fetchall()
        )


def statuses(bench: LiveBench) -> list[tuple[str, str]]:
    with bench.database.connect() as admin:
        return admin.execute(
            "SELECT kind, status FROM decision_backlog_entry ORDER BY opened_at"
        ).fetchall()


def test_cut_revert_cut(bench: LiveBench) -> None:
    plan = made_plan(12)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan)
    answers = reverted(bench, ctx.change_set_id)
    assert answers[Phase.CUT_LEG_A].withdrawn == len(plan.rows)
    assert lifecycles(bench) == {"withdrawn": len(plan.rows)}
    assert statuses(bench) == [("cut", "reverted"), ("revert", "enacted")]
    again = bench.context(plan, attempt=2)
    run_phases(bench.adapter, again, plan)
    assert lifecycles(bench) == {"withdrawn": len(plan.rows), "enacted": len(plan.rows)}
    assert statuses(bench) == [("cut", "reverted"), ("revert", "enacted"), ("cut", "enacted")]
    second = reverted(bench, again.change_set_id)
    assert second[Phase.WRITE_VERIFY].source_sha256 == plan.text_sha256
    run_phases(bench.adapter, bench.context(plan, attempt=3), plan)
    assert lifecycles(bench) == {"withdrawn": 2 * len(plan.rows), "enacted": len(plan.rows)}


@pytest.mark.parametrize("until", TORN)
def test_a_torn_cut_is_reverted_and_cut_again(bench: LiveBench, until: Phase) -> None:
    plan = made_plan(5)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until)
    reverted(bench, ctx.change_set_id)
    assert lifecycles(bench) == {"withdrawn": len(plan.rows)}
    assert statuses(bench) == [("cut", "reverted"), ("revert", "enacted")]
    run_phases(bench.adapter, bench.context(plan, attempt=2), plan)
    assert lifecycles(bench) == {"withdrawn": len(plan.rows), "enacted": len(plan.rows)}


def test_the_effect_is_the_one_that_was_planned(bench: LiveBench) -> None:
    plan = made_plan(4)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan)
    planned = planned_revert_effect(revert_plan(bench, ctx.change_set_id))
    assert reverted(bench, ctx.change_set_id)[Phase.LIFECYCLE_ENACT].effect_digest == planned
