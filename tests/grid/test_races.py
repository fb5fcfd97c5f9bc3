"""Two executors on one change set, each on connections of its own: exactly one effect each time,
and both learn of it.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from domain.change_set import CutContext
from domain.phases import Phase
from tests.support.live import LiveBench, answers_of, live_bench
from tests.support.plans import made_plan
from tests.support.postgres import Database
from tests.support.revising import cut_first, revision_adapter, revision_context, revision_plan
from tests.support.revisions import OLD, harbour_plan

LATEST_START = 0.03
"""Seconds that the second may start later: about as long as a phase takes, so that every pair of
statements can meet.
"""

EFFECT = """
SELECT (SELECT count(*) FROM information_unit WHERE document_code = %(code)s AND lifecycle = 'enacted'),
       (SELECT count(*) FROM unit_version v JOIN information_unit u ON u.id = v.unit_id WHERE u.document_code = %(code)s),
       (SELECT array_agg(phase ORDER BY recorded_at) FROM cut_phase_journal WHERE change_set_id = %(id)s),
       (SELECT count(*) FROM decision_backlog_entry WHERE document_code = %(code)s AND status = 'enacted'),
       (SELECT count(*) FROM cut_change_set WHERE document_code = %(code)s),
       (SELECT count(*) FROM cut_change_set_affected_row WHERE change_set_id = %(id)s),
       (SELECT count(*) FROM dot_pair_signature WHERE change_set_id = %(id)s),
       (SELECT count(*) FROM verify_result WHERE change_set_id = %(id)s),
       (SELECT count(*) FROM decision_backlog_history WHERE document_code = %(code)s)
"""


def racing(
    adapters: Sequence[object], ctx: CutContext, plan: object, late: float
) -> list[dict[Phase, Any]]:
    """Both at the same moment, but for the second's delay; what each was answered."""
    start = threading.Barrier(2, timeout=60)

    def one(adapter: object, delay: float) -> Callable[[], dict[Phase, Any]]:
        def run() -> dict[Phase, Any]:
            start.wait()
            time.sleep(delay)
            return answers_of(adapter, ctx, plan, Phase.LIFECYCLE_ENACT)

        return run

    with ThreadPoolExecutor(2) as pool:
        return [
            future.result(timeout=60)
            for future in [pool.submit(one(adapters[0], 0)), pool.submit(one(adapters[1], late))]
        ]


def race(bench: LiveBench, code: str, late: float) -> None:
    """One race, and its one effect."""
    plan = made_plan(2, code=code)
    ctx = bench.context(plan)
    adapters = [bench.new_adapter(), bench.new_adapter()]
    answers = racing(adapters, ctx, plan, late)
    assert answers[0] == answers[1], f"{code}: both see the one result"
    assert adapters[0].replayed ^ adapters[1].replayed == set(Phase), (
        f"{code}: each phase was done by exactly one of them"
    )
    units = len(plan.rows)
    with bench.database.connect() as admin:
        found = admin.execute(EFFECT, {"code": code, "id": ctx.change_set_id}).fetchone()
    assert found == (units, units, [phase.value for phase in Phase], 1, 1, units, 2, 1, 5), code


@pytest.mark.parametrize(
    "races", [10, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])]
)
def test_two_executors_have_exactly_one_effect(
    database: Database, tmp_path: Path, races: int
) -> None:
    bench, chance = live_bench(database, tmp_path), random.Random(races)  # noqa: S311  # delays that come again, no secret
    for turn in range(races):
        race(bench, f"race.{turn}", chance.uniform(0, LATEST_START))


REVISED = """
SELECT (SELECT count(*) FROM cutter.iu_unit WHERE document_code = %(code)s AND lifecycle = 'enacted' AND state = 'text'),
       (SELECT count(*) FROM unit_version v JOIN information_unit u ON u.id = v.unit_id WHERE u.document_code = %(code)s),
       (SELECT array_agg(phase ORDER BY recorded_at) FROM cut_phase_journal WHERE change_set_id = %(id)s),
       (SELECT count(*) FROM cut_change_set_affected_row WHERE change_set_id = %(id)s),
       (SELECT count(*) FROM verify_result WHERE change_set_id = %(id)s)
"""


@pytest.mark.parametrize(
    "races", [3, pytest.param(60, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])]
)
def test_two_executors_of_one_revision_have_exactly_one_effect(
    database: Database, tmp_path: Path, races: int
) -> None:
    bench, chance = live_bench(database, tmp_path), random.Random(races)  # noqa: S311  # delays that come again, no secret
    cut_first(bench, harbour_plan(sorted(OLD.items())))
    versions = len(OLD)
    for turn in range(races):
        new = harbour_plan([(n, f"{text} Reading {turn}.") for n, text in OLD.items()], "new.md")
        plan = revision_plan(bench, new)
        ctx = revision_context(bench, plan)
        adapters = [revision_adapter(bench), revision_adapter(bench)]
        answers = racing(adapters, ctx, plan, chance.uniform(0, LATEST_START))
        assert answers[0] == answers[1], "both see the one result"
        assert adapters[0].replayed ^ adapters[1].replayed == set(Phase)
        steps, versions = len(plan.steps), versions + len(plan.steps)
        with bench.database.connect() as admin:
            keys = {"code": ctx.document_code, "id": ctx.change_set_id}
            found = admin.execute(REVISED, keys).fetchone()
        assert found == (len(new.rows), versions, [phase.value for phase in Phase], steps, 1)
