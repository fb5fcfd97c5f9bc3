"""A revert that dies or is raced is finished once; and it can be rehearsed: cut, revert, cut in one
rollback.
"""

# statements are put together from this file's own words
from __future__ import annotations

import threading
from typing import Any

import pytest
from psycopg import IsolationLevel

from adapters.postgres.rehearsal.transactions import RehearsalTransactions
from adapters.postgres.reverting.plan import read_revert_plan
from domain.change_set import CutContext
from domain.errors import CutterError
from domain.phases import Mode, Phase
from domain.plan.cut_plan import CutPlan
from domain.plan.revert import planned_revert_effect
from domain.switch import SwitchState
from tests.support.approved import stands
from tests.support.live import LiveBench, row_hashes, run_phases, scalar
from tests.support.plans import context
from tests.support.rehearsals import connector, rehearsing_adapter
from tests.support.reverts import (
    rehearsing_revert_adapter,
    revert_adapter,
    revert_of,
    revert_plan,
    reverted,
    run_revert,
)


@pytest.mark.one_quick
@pytest.mark.parametrize("died_after", list(Phase))
def test_a_revert_that_died_is_finished_by_running_it_again(
    bench: LiveBench, cut: CutContext, died_after: Phase
) -> None:
    reverted(bench, cut.change_set_id, until=died_after)
    planned = revert_plan(bench, cut.change_set_id)
    again = revert_adapter(bench)
    answers = run_revert(again, revert_of(bench, planned), planned)
    done = list(Phase)[: list(Phase).index(died_after) + 1]
    assert again.replayed == frozenset(done)
    assert answers[Phase.LIFECYCLE_ENACT].effect_digest == planned_revert_effect(planned)
    assert [one.status for one in stands(bench)] == ["reverted", "enacted"]


def test_a_finished_revert_run_again_changes_nothing(bench: LiveBench, cut: CutContext) -> None:
    reverted(bench, cut.change_set_id)
    before = row_hashes(bench.database)
    planned = revert_plan(bench, cut.change_set_id)
    again = revert_adapter(bench)
    run_revert(again, revert_of(bench, planned), planned)
    assert again.replayed == frozenset(Phase)
    assert row_hashes(bench.database) == before


def test_two_executors_racing_have_one_effect(
    bench: LiveBench, cut: CutContext, plan: CutPlan
) -> None:
    planned = revert_plan(bench, cut.change_set_id)
    ctx = revert_of(bench, planned)
    failed: list[BaseException] = []

    def run() -> None:
        try:
            run_revert(revert_adapter(bench), ctx, planned)
        except CutterError as error:
            failed.append(error)

    racing = [threading.Thread(target=run) for _ in range(3)]
    for one in racing:
        one.start()
    for one in racing:
        one.join()
    assert not failed
    with bench.database.connect() as admin:
        assert scalar(
            admin, "SELECT count(*) FROM information_unit WHERE lifecycle = 'withdrawn'"
        ) == len(plan.rows)
        rows = "SELECT count(*) FROM cut_change_set_affected_row WHERE action = 'withdrawn'"
        assert scalar(admin, rows) == len(plan.rows)


@pytest.mark.one_quick
@pytest.mark.parametrize(
    "until", [Phase.MARK, Phase.CUT_LEG_A, Phase.WRITE_VERIFY, Phase.LIFECYCLE_ENACT]
)
def test_status_says_how_to_finish_a_revert(
    bench: LiveBench, cut: CutContext, until: Phase
) -> None:
    reverted(bench, cut.change_set_id, until=until)
    old, new = stands(bench)
    assert (old.torn, new.reverts) == (False, cut.change_set_id)
    assert new.torn is (until in (Phase.CUT_LEG_A, Phase.WRITE_VERIFY))
    if until is Phase.LIFECYCLE_ENACT:
        assert "units of what it reverts are withdrawn" in new.next_step
        assert "--attempt 2" in old.next_step
    else:
        assert f"`cutter revert {cut.change_set_id} --live`" in new.next_step


@pytest.mark.parametrize("until", [Phase.CUT_LEG_A, Phase.LEG_B_RECORD, Phase.WRITE_VERIFY])
def test_status_of_a_torn_cut_names_sg_3_and_the_commands(
    bench: LiveBench, plan: CutPlan, until: Phase
) -> None:
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=until)
    (torn,) = stands(bench)
    assert torn.torn
    for words in (
        "SG_3",
        f"`cutter revert {ctx.change_set_id}`",
        f"`cutter approve --revert {ctx.change_set_id} --gate SG_3`",
    ):
        assert words in torn.next_step
    reverted(bench, ctx.change_set_id)
    assert not any(one.torn for one in stands(bench))


class OneAfterAnother(RehearsalTransactions):
    """Several change sets in one rehearsal: cut, revert, cut."""

    def run(self, ctx: CutContext, *rest: Any) -> Any:
        """As the rehearsal's, whichever change set it is for."""
        self._ctx = ctx
        return super().run(ctx, *rest)


def armed(bench: LiveBench, ctx: CutContext) -> CutContext:
    bench.switch.state, bench.switch.change_set_id = SwitchState.REHEARSE, ctx.change_set_id
    return ctx


def test_cut_revert_cut_inside_one_rollback(bench: LiveBench, plan: CutPlan) -> None:
    before = row_hashes(bench.database)
    with OneAfterAnother(connector(bench), watch_every=0.05) as transactions:
        first = armed(bench, context(plan, Mode.REHEARSE, bench.target))
        one = run_phases(rehearsing_adapter(bench, transactions), first, plan)
        read = IsolationLevel.READ_COMMITTED
        planned = transactions.run(
            first,
            Phase.WRITE_VERIFY,
            read,
            lambda conn: read_revert_plan(conn, first.change_set_id),
        )
        revert = armed(bench, revert_of(bench, planned, Mode.REHEARSE))
        undone = run_revert(rehearsing_revert_adapter(bench, transactions), revert, planned)
        second = armed(bench, context(plan, Mode.REHEARSE, bench.target, attempt=2))
        two = run_phases(rehearsing_adapter(bench, transactions), second, plan)
        assert transactions.roll_back().commit_refused
    assert undone[Phase.LIFECYCLE_ENACT].effect_digest == planned_revert_effect(planned)
    assert one[Phase.LIFECYCLE_ENACT].effect_digest == two[Phase.LIFECYCLE_ENACT].effect_digest
    assert row_hashes(bench.database) == before


def test_a_rehearsal_and_the_live_run_have_one_effect(bench: LiveBench, cut: CutContext) -> None:
    planned = revert_plan(bench, cut.change_set_id)
    before = row_hashes(bench.database)
    with RehearsalTransactions(connector(bench), watch_every=0.05) as transactions:
        adapter = rehearsing_revert_adapter(bench, transactions)
        rehearsed = run_revert(adapter, revert_of(bench, planned, Mode.REHEARSE), planned)
        transactions.roll_back()
    assert row_hashes(bench.database) == before
    live = reverted(bench, cut.change_set_id)
    assert (
        live[Phase.LIFECYCLE_ENACT].effect_digest == rehearsed[Phase.LIFECYCLE_ENACT].effect_digest
    )
