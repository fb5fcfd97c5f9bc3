"""The review page beside a real knowledge base: what it holds before and after a cut."""

from __future__ import annotations

from pathlib import Path

from adapters.postgres.schema.doctor import catalog_digest
from domain.phases import Principal
from domain.plan.cut_plan import CutPlan
from domain.reports.review_page import Comparison
from domain.revision.verdicts import Change
from tasks.records.review_page import compared_over
from tests.support.live import LiveBench, live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Database
from tests.support.review import page_of, review_of


def compared(bench: LiveBench, plan: CutPlan) -> Comparison:
    """Compare as the verifying principal does."""
    conn = bench.connections.connect(Principal.VERIFY)
    try:
        conn.read_only = True
        return compared_over(conn, plan)
    finally:
        conn.close()


def test_the_page_says_what_a_cut_would_change(database: Database, tmp_path: Path) -> None:
    bench, plan = live_bench(database, tmp_path), made_plan(12)
    before = compared(bench, plan)
    assert before.on_record == 0
    assert before.diff is not None
    assert before.diff.counts[Change.ADDED] == (0, len(plan.rows))
    with database.connect() as admin:
        assert before.catalog_digest == catalog_digest(admin)
    assert (
        "holds no unit" in page_of(review_of(plan, comparison=before)).section("differences").text
    )

    run_phases(bench.adapter, bench.context(plan), plan)
    after = compared(bench, plan)
    assert after.diff is not None
    assert after.diff.counts[Change.SAME] == (after.on_record, len(plan.rows))

    shorter = made_plan(11, body="Other words of article {n}.\n")
    review = review_of(shorter, comparison=compared(bench, shorter))
    section = page_of(review).section("differences")
    assert "changed: 11" in section.text
    assert "repealed: 1" in section.text
    assert "art_12" in section.text
