"""`cutter status` reads where a change set stands from the ledger and the journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.postgres.record.status import change_sets
from domain.phases import Phase, Principal
from tests.support.live import live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Database


@pytest.mark.parametrize(
    ("until", "torn", "says"),
    [
        (Phase.MARK, False, "review comes next"),
        (Phase.REVIEW, False, "cut_leg_a comes next"),
        (Phase.CUT_LEG_A, True, "leg_b_record is missing"),
        (Phase.LEG_B_RECORD, True, "write_verify is missing"),
        (Phase.WRITE_VERIFY, True, "lifecycle_enact is missing"),
        (Phase.LIFECYCLE_ENACT, False, "verified and enacted"),
    ],
)
def test_a_run_that_ended_early_is_found(
    database: Database, tmp_path: Path, until: Phase, torn: bool, says: str
) -> None:
    bench, plan = live_bench(database, tmp_path), made_plan(3)
    ctx = bench.context(plan)
    run_phases(bench.adapter, ctx, plan, until=until)
    conn = bench.connections.connect(Principal.VERIFY)
    try:
        (found,) = change_sets(conn, ctx.change_set_id)
    finally:
        conn.close()
    assert (found.change_set_id, found.torn) == (ctx.change_set_id, torn)
    assert says in found.next_step


def test_a_superseded_decision_is_told_apart(database: Database, tmp_path: Path) -> None:
    bench, first, second = live_bench(database, tmp_path), made_plan(2), made_plan(3)
    run_phases(bench.adapter, bench.context(first), first, until=Phase.REVIEW)
    run_phases(bench.adapter, bench.context(second), second)
    conn = bench.connections.connect(Principal.VERIFY)
    try:
        old, new = change_sets(conn)
    finally:
        conn.close()
    assert (old.status, new.status) == ("superseded", "enacted")
    assert "took its place" in old.next_step
