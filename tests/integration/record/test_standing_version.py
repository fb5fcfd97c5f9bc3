"""What stands in a real knowledge base, as `cutter compare db:CODE FILE` reads it."""

from __future__ import annotations

from pathlib import Path

from adapters.likeness import RapidLikeness
from adapters.postgres.record.documents import standing_gaps, standing_units
from domain.phases import Principal
from domain.revision.compare import compare
from domain.revision.units import Version, version_of
from domain.revision.verdicts import Change
from tests.support.live import LiveBench, live_bench, run_phases
from tests.support.plans import made_plan
from tests.support.postgres import Database


def standing(bench: LiveBench, code: str) -> Version:
    """Read as the verifying principal does."""
    conn = bench.connections.connect(Principal.VERIFY)
    try:
        conn.read_only = True
        return Version(code, "what stands", standing_units(conn, code), standing_gaps(conn, code))
    finally:
        conn.close()


def test_what_stands_is_the_version_that_was_cut(database: Database, tmp_path: Path) -> None:
    bench, plan = live_bench(database, tmp_path), made_plan(24)
    assert standing(bench, plan.document_code).units == ()
    run_phases(bench.adapter, bench.context(plan), plan)
    before = standing(bench, plan.document_code)
    cut = version_of(plan)
    assert [u.address for u in before.units] == [u.address for u in cut.units], "in document order"
    assert before.gaps == cut.gaps != ()
    assert before.digest == cut.digest
    same = compare(before, cut, RapidLikeness())
    assert same.counts[Change.SAME] == (len(cut.units), len(cut.units))


def test_a_new_version_is_compared_with_what_stands(database: Database, tmp_path: Path) -> None:
    bench, plan = live_bench(database, tmp_path), made_plan(6)
    run_phases(bench.adapter, bench.context(plan), plan)
    new = version_of(made_plan(5, body="The text of article {n}, as amended and printed anew.\n"))
    found = compare(standing(bench, plan.document_code), new, RapidLikeness())
    assert found.counts[Change.CHANGED] == (5, 5)
    assert found.counts[Change.REPEALED] == (1, 0)
